package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Verdict is what the verifier found of the one answer that a call got.
type Verdict struct {
	Err error // nil when the institution's signature on it verified
	// the institution's clock by the answer's Date header, in whole seconds, signed or not; zero when it told none
	Date time.Time
	Body []byte // the answer's raw bytes, which Err speaks of: read from here what a client library cannot

	outer *Verdict
}

type verdictKey struct{}

// WithVerdict gives a call's context a place for the verdict on its answer. A place that the context has already learns
// of the answer too.
func WithVerdict(ctx context.Context) (context.Context, *Verdict) {
	outer, _ := ctx.Value(verdictKey{}).(*Verdict)
	v := &Verdict{Err: errors.New("payment: no answer was verified"), outer: outer}
	return context.WithValue(ctx, verdictKey{}, v), v
}

// tell is called with each answer.
func (v *Verdict) tell(err error, date time.Time, body []byte) {
	for ; v != nil; v = v.outer {
		v.Err, v.Date, v.Body = err, date, body
	}
}

// Verifier verifies every answer that passes on its raw bytes, errors and empty ones too, before a client library sees
// it, and leaves its verdict in the request's context.
type Verifier struct {
	Next   http.RoundTripper
	Verify func(header http.Header, body []byte) error
}

// RoundTrip passes the request on and verifies the answer.
func (v *Verifier) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := v.Next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := ReadAnswer(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if found, ok := r.Context().Value(verdictKey{}).(*Verdict); ok {
		date, _ := http.ParseTime(resp.Header.Get("Date")) // zero when there is none
		found.tell(v.Verify(resp.Header, body), date, body)
	}
	return resp, nil
}
