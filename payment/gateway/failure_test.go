package gateway_test

import (
	"errors"
	"net"
	"net/http"
	"testing"

	"linlipay/payment/gateway"
)

// What gateways answer of their own says what it proves: that nothing was sent is as sure as a signed no, that no
// answer came proves nothing, and only a connection that was never made has no effect.
func TestFailuresOfOurOwn(t *testing.T) {
	cause := errors.New("x")
	dial, broken := &net.OpError{Op: "dial", Err: cause}, &net.OpError{Op: "read", Err: cause}
	for name, c := range map[string]struct {
		err    error
		kind   gateway.ErrorKind
		signed bool
		status int
	}{
		"no connection":       {gateway.NoAnswer(dial), gateway.Unreachable, false, 500},
		"a broken connection": {gateway.NoAnswer(broken), gateway.Indeterminate, false, 500},
		"an unreadable one":   {gateway.AsIndeterminate(cause), gateway.Indeterminate, false, 500},
		"a forged message":    {gateway.AsUnauthentic(cause), gateway.Unauthentic, false, 401},
		"bad settings":        {gateway.BadAccount(cause), gateway.Declined, true, 500},
		"another way": {gateway.NotOffered(gateway.Lakala, gateway.PaymentMethod{}), gateway.Declined, true,
			500},
		"a fault of the store": {cause, gateway.Indeterminate, false, 500},
	} {
		t.Run(name, func(t *testing.T) {
			if gateway.KindOf(c.err) != c.kind || gateway.Signed(c.err) != c.signed {
				t.Errorf("%v, want %s signed %t", c.err, c.kind, c.signed)
			}
			if got := gateway.RefusalStatus(c.err); got != c.status || http.StatusText(got) == "" {
				t.Errorf("status %d, want %d", got, c.status)
			}
		})
	}
}

// A refund that was declined was declined only if the institution knows no such refund.
func TestAfterDecline(t *testing.T) {
	no := &gateway.Error{Kind: gateway.Declined, Signed: true}
	unsigned := &gateway.Error{Kind: gateway.NotFound}
	absent := &gateway.Error{Kind: gateway.NotFound, Signed: true}
	done := gateway.RefundReport{State: gateway.RefundDone}
	for name, c := range map[string]struct {
		query error
		kind  gateway.ErrorKind
	}{
		"one": {nil, ""}, "none": {absent, gateway.Declined},
		"none, unsigned": {unsigned, gateway.Indeterminate},
		"busy":           {&gateway.Error{Kind: gateway.TryLater, Signed: true}, gateway.Indeterminate},
	} {
		got, err := gateway.AfterDecline(no, done, c.query)
		if gateway.KindOf(err) != c.kind || (err == nil) != (got == done) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
