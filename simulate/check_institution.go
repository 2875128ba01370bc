package simulate

import (
	"fmt"
	"slices"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// institutionsAgree holds every trade and refund of the institutions against the orders: no money is missing, none went
// back that no order knows of.
func (w *world) institutionsAgree() {
	for _, b := range w.institutions {
		for _, t := range b.order {
			kept := t.took - t.gave
			a := w.holder[t]
			var ours money.Fen
			if a != nil {
				ours = w.keptOf(w.seen[a.id], a.no)
			}
			if kept != ours {
				w.violate("money", orderOf(t.out),
					fmt.Sprintf("%s took %s and gave back %s for %s, our books say that %s is left", b.name, t.took,
						t.gave, t.out, ours))
			}
			w.returnsAgree(t, a)
			for _, r := range t.refunds {
				if r.state == gateway.RefundDone && !r.here && !w.knowsRefund(a, r) {
					w.violate("money", orderOf(t.out),
						fmt.Sprintf("%s gave %s back under %s, which no refund of ours is", b.name, r.amount, r.no))
				}
			}
			w.figures.tally(t)
		}
	}
}

// place is an attempt of an order.
type place struct {
	id string
	no int
}

// keptOf is what the books say is left of an attempt's money at its institution.
func (w *world) keptOf(o *brief, attempt int) money.Fen {
	left := o.attempt(attempt).Received
	for _, r := range o.Refunds {
		if r.Attempt == attempt && r.Status == payment.RefundSucceeded && !r.ByHand {
			left -= r.Amount
		}
	}
	return left
}

func (w *world) knowsRefund(a *place, r *refund) bool {
	return a != nil && slices.ContainsFunc(w.seen[a.id].Refunds, func(x briefRefund) bool {
		return x.Out == r.no && x.Status == payment.RefundSucceeded && x.Amount == r.amount && !x.ByHand
	})
}

// cardsAgree holds what was booked on a device's word against its end: confirmed, or denied and out of the books.
func (w *world) cardsAgree() {
	held := map[place]bool{}
	for _, at := range w.holder {
		held[*at] = true
	}
	for _, id := range w.ids {
		for _, a := range w.seen[id].Attempts {
			if a.State != payment.AttemptSucceeded || a.Institution == gateway.Cash || held[place{id, a.No}] {
				continue
			}
			if left := w.leftOf(w.seen[id], a.No); a.DeniedBy == "" || a.Provisional || left != 0 {
				w.violate("provisional", id,
					fmt.Sprintf("%s has no money of attempt %d, of which the books still hold %s (denied by %q)",
						a.Institution, a.No, left, a.DeniedBy))
			}
		}
	}
}

// leftOf is what the books say is left of an attempt's money, wherever it went: nothing, prepayments included, when
// none ever came.
func (w *world) leftOf(o *brief, attempt int) money.Fen {
	left := o.attempt(attempt).Received
	for _, r := range o.Refunds {
		if r.Attempt == attempt && r.Status == payment.RefundSucceeded {
			left -= r.Amount
		}
	}
	for _, e := range o.Unapplied {
		if e.Attempt == attempt && e.State == payment.UnappliedPrepaid {
			left += e.Amount
		}
	}
	return left
}
