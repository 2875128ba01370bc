package payment

import (
	"cmp"
	"time"
)

// ReceiptPrint says that a receipt was put on paper. Whoever has a paper in hand sees whether it is the first of its
// kind: a second one is marked as a reprint (补打), so that nobody is paid twice on two papers of one payment.
type ReceiptPrint struct {
	Refund int       `json:"refund,omitempty"` // number of the refund whose receipt it is; 0 is the payment's
	At     time.Time `json:"at"`
}

// receiptPrints is the most that an order's receipts are printed. Ours: the order stays one small document.
const receiptPrints = 50

// receipt is what a paper has for a number: of the payment (0) or of a refund. "" is that there is no such paper.
func (o *Order) receipt(refund int) string {
	if r := o.Refund(refund); r != nil {
		return cmp.Or(r.Receipt, r.OutRefundNo)
	}
	if a := o.Attempt(o.PaidBy); refund == 0 && a != nil && o.Status == Paid {
		return cmp.Or(a.Receipt, o.ID)
	}
	return ""
}

// Printed is how often the receipt of the payment (0) or of a refund was printed.
func (o *Order) Printed(refund int) (n int) {
	for _, p := range o.Prints {
		if p.Refund == refund {
			n++
		}
	}
	return n
}
