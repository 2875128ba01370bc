package payment_test

import (
	"testing"

	"linlipay/approval"
	"linlipay/money"
	"linlipay/payment"
)

// What is asked back in pieces is decided over as a whole, but for what is undecided or came to nothing, what nobody
// here asked for, and what went back at the institution.
func TestARefundInPiecesIsOneCase(t *testing.T) {
	by := approval.Signatures{RequestedBy: "staff:maker"}
	other := func(r payment.Refund) payment.Refund { r.No, r.Amount = 2, 700; return r }
	for name, c := range map[string]struct {
		other payment.Refund
		want  money.Fen
	}{
		"before it":     {other(payment.Refund{Status: payment.RefundSucceeded, Signatures: by}), 1000},
		"on its way":    {other(payment.Refund{Status: payment.RefundPending, Signatures: by}), 1000},
		"undecided":     {other(payment.Refund{Status: payment.RefundRequested, Signatures: by}), 300},
		"rejected":      {other(payment.Refund{Status: payment.RefundRejected, Signatures: by}), 300},
		"by the system": {other(payment.Refund{Status: payment.RefundSucceeded}), 300},
		"at the institution": {other(payment.Refund{Status: payment.RefundSucceeded, Signatures: by,
			Foreign: true}), 300},
	} {
		o := &payment.Order{Refunds: []payment.Refund{{No: 1, Amount: 300, Signatures: by}, c.other}}
		if got := o.RefundCase(o.Refund(1)).Amount; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
