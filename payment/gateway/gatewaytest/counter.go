package gatewaytest

import (
	"testing"

	"linlipay/money"
	"linlipay/payment"
)

// counter is how a desk takes the money of a payer who stands there, and gives it back.
type counter interface {
	// take takes what is owed for an order from a payer who has so much; the same key is the same request.
	take(t *testing.T, d *desk, id string, has money.Fen, key string) (o *payment.Order, hit bool, err error)
	// handBack carries an approved refund out, as far as that is for the desk to do.
	handBack(t *testing.T, d *desk, o *payment.Order, no int)
}

// counter is the subject's.
func (s *suite) counter() counter {
	if s.Cash {
		return inCash{}
	}
	return byCodeShown{}
}

// byCodeShown is an institution, which charges the wallet whose payment code is read, and gives back by itself.
type byCodeShown struct{}

func (byCodeShown) take(t *testing.T, d *desk, id string, has money.Fen, key string) (*payment.Order, bool, error) {
	t.Helper()
	w, ok := byFirstCode(d.suite)
	if !ok {
		t.Fatal("no payment code is taken")
	}
	code := d.Institutions.code(t, shown{Wallet: wallets(w)[0], BalanceFen: &has})
	o, _, hit, err := d.pay.Attempt(t.Context(), id,
		payment.NewAttempt{Wallet: w.Wallet, Method: w.Method, AuthCode: code, ClientIP: "127.0.0.1",
			IdempotencyKey: key})
	return o, hit, err
}

func (byCodeShown) handBack(*testing.T, *desk, *payment.Order, int) {}

// inCash is a cashier, who takes notes and coins and hands them out.
type inCash struct{}

func (inCash) take(t *testing.T, d *desk, id string, has money.Fen, key string) (*payment.Order, bool, error) {
	t.Helper()
	o, hit, err := d.pay.TakeCash(t.Context(), id,
		payment.NewCash{Tendered: has, IdempotencyKey: key, By: "staff:counter"})
	if err == nil && !hit {
		a := o.Attempt(o.PaidBy)
		// the rest is change; what is refused or was taken before is pushed back whole
		d.drawer.taken += has - (a.Tendered - a.Received)
	}
	return o, hit, err
}

func (inCash) handBack(t *testing.T, d *desk, o *payment.Order, no int) {
	t.Helper()
	if o.Refund(no).Status == payment.RefundPending {
		d.drawer.back += o.Refund(no).Amount
	}
	if _, err := d.pay.HandOut(t.Context(), o.ID, no, "staff:counter"); err != nil {
		t.Fatal(err)
	}
}
