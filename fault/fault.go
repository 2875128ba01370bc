// Package fault holds the error every layer shares: a stable code, a sentence for the person in Chinese and in English,
// and a cause for the log. The person's text never contains the cause. Only package handlers turns codes into HTTP.
package fault

import (
	"errors"
	"fmt"
)

// Code is a stable, machine-readable kind of failure.
type Code string

// The codes, one line each; package handlers gives each one HTTP status.
const (
	Invalid         Code = "invalid_request"    // the request breaks a rule that the caller can mend
	Unauthenticated Code = "unauthenticated"    // no token, or one that does not verify
	Forbidden       Code = "forbidden"          // a good token, but not for this
	NotFound        Code = "not_found"          // no such thing within the caller's reach
	NotAllowed      Code = "method_not_allowed" // the address has other methods
	AlreadyExists   Code = "already_exists"     // the id or a unique key is taken
	Stale           Code = "stale"              // the version asked for is not the stored one: read again
	WrongState      Code = "wrong_state"        // the thing exists but cannot do this now
	// a bill or a terminal already has an open order; detail "order" names it
	OrderOpen Code = "order_open"
	// what is to be paid has been paid; detail "order" names the order when known
	AlreadyPaid Code = "already_paid"
	KeyMissing  Code = "idempotency_key_missing" // the route takes no request without an Idempotency-Key
	KeyReused   Code = "idempotency_mismatch"    // an Idempotency-Key came back with another request
	Expired     Code = "expired"                 // a code, a pairing or an order's deadline has passed
	TooLarge    Code = "too_large"               // the body or a field is larger than allowed
	MediaType   Code = "unsupported_media_type"  // the body is of a kind that is not taken, or packed
	TimedOut    Code = "request_timeout"         // the request did not arrive whole in time
	TooMany     Code = "too_many_requests"       // slow down
	Upstream    Code = "upstream_refused"        // the institution said no, and said why
	// the institution did not answer, or not believably: the outcome is open
	UpstreamUnknown Code = "upstream_unknown"
	Unavailable     Code = "unavailable" // our own store cannot answer now
	Unsupported     Code = "unsupported" // the institution or method does not offer this
	Internal        Code = "internal"    // a defect of ours
)

// Error is a failure with a code, a sentence for the person and a cause for the log.
type Error struct {
	Code   Code
	ZH, EN string         // the person's sentence; never holds the cause or a secret
	Detail map[string]any // safe facts for the client, such as the id of the order in the way
	Cause  error          // for the log only
}

// New makes an Error with its sentence in both languages.
func New(code Code, zh, en string) *Error { return &Error{Code: code, ZH: zh, EN: en} }

// Because returns a copy of e that carries the cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

// With returns a copy of e that carries one more detail for the client.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.Detail = make(map[string]any, len(e.Detail)+1)
	for k, v := range e.Detail {
		c.Detail[k] = v
	}
	c.Detail[key] = value
	return &c
}

// Error is the text for the log: code, English sentence and cause.
func (e *Error) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("%s: %s", e.Code, e.EN)
	}
	return fmt.Sprintf("%s: %s: %v", e.Code, e.EN, e.Cause)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the code of the first Error in err's chain, Internal for any other error and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// Is reports whether the first Error in err's chain has the code.
func Is(err error, code Code) bool { return CodeOf(err) == code }
