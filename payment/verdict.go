package payment

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// Verdict is what the verifier found of the one answer that a call got: Err is nil when the institution's signature on it verified.
type Verdict struct{ Err error }

type verdictKey struct{}

// WithVerdict gives a call's context a place for the verdict on its answer.
func WithVerdict(ctx context.Context) (context.Context, *Verdict) {
	v := &Verdict{errors.New("payment: no answer was verified")}
	return context.WithValue(ctx, verdictKey{}, v), v
}

// Verifier verifies every answer that passes on its raw bytes, errors and empty ones too, before a client library sees it, and leaves its verdict in the
// request's context.
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
		found.Err = v.Verify(resp.Header, body)
	}
	return resp, nil
}
