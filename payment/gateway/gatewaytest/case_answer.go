package gatewaytest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

func answerTests() []test {
	need := []ability{orders}
	return []test{
		{"whatever breaks on the line, nothing is believed and nothing happens twice", need, broken},
		{"an answer that is not signed, or not by the institution, proves nothing", need, unproved},
		{"an answer of which a byte was changed says nothing else", need, tampered},
		{"an answer about another order is not believed", need, another},
		{"fields that nobody documents are passed over", need, moreFields},
		{"an institution that nobody can reach got nothing", need, unreached},
		{"a certificate that does not verify ends the call", need, untrusted},
	}
}

// each runs a case for each question of the gateway.
func (s *suite) each(t *testing.T, run func(*testing.T, question)) {
	for _, q := range s.questions() {
		t.Run(q.name, func(t *testing.T) { run(t, q) })
	}
}

// breakages are what may become of a question and its answer on the way.
func breakages() map[string]line {
	page := []byte("<html><body><h1>502 Bad Gateway</h1></body></html>")
	return map[string]line{
		"before the effect": func(http.ResponseWriter, *http.Request, func() reply) { panic(http.ErrAbortHandler) },
		"after the effect": func(_ http.ResponseWriter, _ *http.Request, pass func() reply) {
			pass()
			panic(http.ErrAbortHandler)
		},
		"garbage": func(w http.ResponseWriter, _ *http.Request, pass func() reply) { pass(); w.Write(page) },
		"nothing": func(w http.ResponseWriter, _ *http.Request, pass func() reply) { pass() },
		"null":    func(w http.ResponseWriter, _ *http.Request, pass func() reply) { pass(); w.Write([]byte("null")) },
		"echo": func(w http.ResponseWriter, r *http.Request, _ func() reply) {
			w.WriteHeader(http.StatusForbidden)
			io.Copy(w, r.Body) // a proxy that repeats what it refuses
		},
		"cut short": func(w http.ResponseWriter, _ *http.Request, pass func() reply) {
			a := pass()
			a.body = a.body[:len(a.body)/2]
			a.header.Del("Content-Length")
			if a.status == http.StatusNoContent {
				panic(http.ErrAbortHandler)
			}
			a.send(w)
		},
		"slow": func(w http.ResponseWriter, r *http.Request, pass func() reply) {
			a := pass()
			w.Header().Set("Content-Length", "1000")
			w.Write(a.body[:min(1, len(a.body))])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"oversized": func(w http.ResponseWriter, _ *http.Request, pass func() reply) {
			a := pass()
			a.header.Del("Content-Length")
			if a.status == http.StatusNoContent {
				a.status = http.StatusOK
			}
			a.body = append(a.body, bytes.Repeat([]byte(" "), 8<<20)...)
			a.send(w)
		},
	}
}

// patience is how long a case waits for what never ends; the gateway's own time-out is far longer.
const patience = 500 * time.Millisecond

func broken(t *testing.T, s *suite) {
	for name, how := range breakages() {
		t.Run(name, func(t *testing.T) {
			s.each(t, func(t *testing.T, q question) {
				o := q.prepare(t, s)
				ctx := context.Context(t.Context())
				if name == "slow" {
					ctx = within(t, patience)
				}
				began := time.Now()
				_, err := q.ask(ctx, s, s.through(t, s.Account, how), o)
				if took := time.Since(began); took > 5*time.Second {
					t.Errorf("it ended after %v", took)
				}
				wantUnproved(t, err, gateway.Indeterminate)
				if code := o.charge.AuthCode; code != "" && strings.Contains(err.Error(), code) {
					t.Errorf("the error tells the payment code: %v", err)
				}
				q.after(t, s, o)
			})
		})
	}
	t.Run("redirect", func(t *testing.T) { s.each(t, s.redirected) })
}

// redirected: what was signed for the institution is not sent on to whoever an answer names.
func (s *suite) redirected(t *testing.T, q question) {
	var asked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer elsewhere.Close()
	o := q.prepare(t, s)
	_, err := q.ask(t.Context(), s,
		s.through(t, s.Account, func(w http.ResponseWriter, r *http.Request, _ func() reply) {
			http.Redirect(w, r, elsewhere.URL+r.URL.RequestURI(), http.StatusTemporaryRedirect)
		}), o)
	wantUnproved(t, err, gateway.Indeterminate)
	if asked.Load() > 0 {
		t.Error("the redirect was followed")
	}
}

func unproved(t *testing.T, s *suite) {
	for _, f := range []sandbox.Fault{sandbox.UnsignedError, sandbox.BadSignature, sandbox.ProbeSignature} {
		t.Run(string(f), func(t *testing.T) {
			s.each(t, func(t *testing.T, q question) {
				o := q.prepare(t, s)
				struck := s.Institutions.strike(t, sandbox.Script{Fault: f,
					Institution: string(s.Gateway.Institution())})
				_, err := q.ask(t.Context(), s, s.Account, o)
				struck()
				wantUnproved(t, err)
				if f != sandbox.UnsignedError {
					wantUnproved(t, err, gateway.Indeterminate)
				}
				q.after(t, s, o)
			})
		})
	}
}

// tampered changes the lowest bit of bytes all over an answer. Whatever the change makes of it, it is refused or says
// the same.
func tampered(t *testing.T, s *suite) {
	o := s.paid(t, 12345)
	honest, err := s.Gateway.Query(t.Context(), s.Account, o.trade())
	if err != nil {
		t.Fatal(err)
	}
	const places = 40
	for i := range places {
		got, err := s.Gateway.Query(t.Context(),
			s.through(t, s.Account, func(w http.ResponseWriter, _ *http.Request, pass func() reply) {
				a := pass()
				if len(a.body) == 0 {
					panic(http.ErrAbortHandler)
				}
				a.body[len(a.body)*i/places] ^= 1
				a.send(w)
			}), o.trade())
		if err == nil && !reflect.DeepEqual(got, honest) {
			t.Errorf("a changed answer was believed: %+v", got)
		}
		if err != nil {
			wantUnproved(t, err)
		}
	}
}

// another answers a question with the institution's own, signed answer to the same question about another order.
func another(t *testing.T, s *suite) {
	for _, q := range s.questions() {
		if !q.names {
			continue // its answer says nothing of an order, so another's cannot be told from it
		}
		t.Run(q.name, func(t *testing.T) { s.another(t, q) })
	}
}

// another answers one question so.
func (s *suite) another(t *testing.T, q question) {
	var (
		mu   sync.Mutex
		kept []reply
	)
	first, second := q.prepare(t, s), q.prepare(t, s)
	_, err := q.ask(t.Context(), s,
		s.through(t, s.Account, func(w http.ResponseWriter, _ *http.Request, pass func() reply) {
			a := pass()
			mu.Lock()
			defer mu.Unlock()
			kept = append(kept, a)
			a.send(w)
		}), first)
	if err != nil {
		t.Fatal(err)
	}
	said, err := q.ask(t.Context(), s,
		s.through(t, s.Account, func(w http.ResponseWriter, _ *http.Request, _ func() reply) {
			mu.Lock()
			defer mu.Unlock()
			kept[0].send(w)
			kept = append(kept[1:], kept[0])
		}), second)
	if err == nil {
		t.Fatalf("the answer about %s was believed of %s: %+v", first.charge.OutTradeNo, second.charge.OutTradeNo, said)
	}
	wantUnproved(t, err)
}

func moreFields(t *testing.T, s *suite) {
	s.each(t, func(t *testing.T, q question) {
		o := q.prepare(t, s)
		const some = 9 // a notification that is under way may be struck, too
		struck := s.Institutions.strike(t,
			sandbox.Script{Fault: sandbox.UnknownFields, Institution: string(s.Gateway.Institution()), Count: some})
		if _, err := q.ask(t.Context(), s, s.Account, o); err != nil {
			t.Fatal(err)
		}
		struck()
		q.after(t, s, o)
	})
}

func unreached(t *testing.T, s *suite) {
	account := moved(t, s.Account, nobody(t))
	s.each(t, func(t *testing.T, q question) {
		_, err := q.ask(t.Context(), s, account, q.about(s))
		wantUnproved(t, err, gateway.Unreachable)
	})
}

func untrusted(t *testing.T, s *suite) {
	var asked atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	t.Cleanup(server.Close)
	account := moved(t, s.Account, server.URL)
	s.each(t, func(t *testing.T, q question) {
		_, err := q.ask(t.Context(), s, account, q.about(s))
		wantUnproved(t, err, gateway.Indeterminate)
		if asked.Load() > 0 {
			t.Error("the request was sent all the same")
		}
	})
	if asked.Load() > 0 {
		t.Error(fmt.Sprint(asked.Load(), " requests were sent to a server that nobody vouches for"))
	}
}
