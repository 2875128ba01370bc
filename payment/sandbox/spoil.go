package sandbox

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

// begin has the faults strike that spoil an answer whatever its protocol, before anything is done. The handler answers
// through the writer that it returns.
func (s *Sandbox) begin(rw http.ResponseWriter, r *http.Request, at occasion) http.ResponseWriter {
	if _, broken := s.faults.strike(at, TimeoutBeforeEffect); broken {
		breakOff(rw)
	}
	how, spoilt := s.faults.strike(at, Garbage, SlowBody, OversizedBody)
	if !spoilt {
		return rw
	}
	if how.DelayMS == 0 {
		how.DelayMS = 30_000
	}
	return &spoiler{ResponseWriter: rw, how: how, ctx: r.Context()}
}

// spoiler writes an answer in a way that no client should have to read.
type spoiler struct {
	http.ResponseWriter
	how  Script
	ctx  context.Context // the request's
	done bool
}

// Unwrap lets http.ResponseController find the connection.
func (s *spoiler) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// WriteHeader passes the status on, unless the answer is garbage.
func (s *spoiler) WriteHeader(status int) {
	if s.how.Fault == Garbage {
		s.garbage()
		return
	}
	s.ResponseWriter.WriteHeader(status)
}

// Write spoils the first piece, which is all of an answer here.
func (s *spoiler) Write(body []byte) (int, error) {
	switch {
	case s.how.Fault == Garbage:
		s.garbage()
	case s.done:
		return s.ResponseWriter.Write(body)
	case s.how.Fault == SlowBody:
		s.slowly(body)
	default:
		s.ResponseWriter.Write(body) // as everywhere here: a client that went away is its own concern
		s.blanks()
	}
	s.done = true
	return len(body), nil
}

// garbage is what a gateway in front of the institution shows: status 200, without the institution's headers.
func (s *spoiler) garbage() {
	if s.done {
		return
	}
	s.done = true
	clear(s.Header())
	s.Header().Set("Content-Type", "text/html")
	io.WriteString(s.ResponseWriter, "<html>\r\n<head><title>系统维护中</title></head>\r\n<body><center><h1>系统维护中，"+
		"请稍后再试</h1></center></body>\r\n</html>\r\n")
}

func (s *spoiler) slowly(body []byte) {
	s.ResponseWriter.Write(body[:len(body)/2])
	http.NewResponseController(s.ResponseWriter).Flush()
	wait := time.NewTimer(s.how.delay())
	defer wait.Stop()
	select {
	case <-wait.C:
		s.ResponseWriter.Write(body[len(body)/2:])
	case <-s.ctx.Done():
	}
}

func (s *spoiler) blanks() {
	blanks := bytes.Repeat([]byte{' '}, 1<<20)
	for range 32 {
		if _, err := s.ResponseWriter.Write(blanks); err != nil {
			return
		}
	}
}

// withUnknown puts fields into a JSON object that no documentation names.
func withUnknown(object []byte) []byte {
	rest, isObject := bytes.CutPrefix(bytes.TrimSpace(object), []byte("{"))
	if !isObject {
		return object
	}
	more := `{"field_of_tomorrow":{"list":[1,"二",null],"amount":"1"},"ext_info_v2":"~"`
	if !bytes.HasPrefix(bytes.TrimSpace(rest), []byte("}")) {
		more += ","
	}
	return append([]byte(more), rest...)
}

// breakOff begins an answer and breaks the connection. An answer that has begun is not asked for again by the client's
// transport.
func breakOff(rw http.ResponseWriter) {
	rw.Header().Set("Content-Length", "100")
	rw.WriteHeader(http.StatusOK)
	http.NewResponseController(rw).Flush()
	panic(http.ErrAbortHandler)
}
