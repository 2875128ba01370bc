package simulate

import (
	"fmt"
	"slices"

	"linlipay/audit"
	"linlipay/money"
	"linlipay/payment"
)

// decisionsTold holds the refunds of an order against its events: each that was asked for here is told of once, and so
// is its decision.
func (w *world) decisionsTold(o *brief) {
	told := map[briefTold]int{}
	for _, e := range o.Told {
		told[e]++
	}
	for _, r := range o.Refunds {
		about := fmt.Sprintf("refund:%s/%d", o.ID, r.No)
		asked := told[briefTold{audit.RefundAsked, about}]
		decided := told[briefTold{audit.RefundApproved, about}] + told[briefTold{audit.RefundRejected, about}]
		if r.Foreign {
			continue // made at the institution, or declared: only some of them were asked for
		}
		if want := map[bool]int{true: 0, false: 1}[r.Status == payment.RefundRequested]; asked != 1 || decided != want {
			w.violate("verify", o.ID,
				fmt.Sprintf("refund %d is %s and was told of as asked for %d times and as decided %d times", r.No,
					r.Status, asked, decided))
		}
	}
}

// ordersAgree holds each order against itself: its end, what pays it, and that all unapplied funds have an end.
func (w *world) ordersAgree() {
	for _, id := range w.ids {
		o := w.seen[id]
		w.decisionsTold(o)
		kept, sum := 0, money.Fen(0)
		for _, it := range o.Items {
			sum += it.Amount
		}
		for _, a := range o.Attempts {
			if a.State == payment.AttemptSucceeded && a.Application == payment.Applied {
				kept++
			}
			if !slices.Contains([]payment.AttemptState{payment.AttemptSucceeded, payment.AttemptFailed,
				payment.AttemptEnded}, a.State) {
				w.violate("unfinished", id, fmt.Sprintf("attempt %d is %s in the end", a.No, a.State))
			}
		}
		gone := 0
		for _, e := range o.Unapplied {
			if e.Reason == payment.UnappliedItemsPaid && e.Attempt == o.PaidBy {
				gone++
			}
			w.anotherAmount(o, e)
			if e.State == payment.UnappliedPrepaid {
				w.figures.PrepaidFen += int64(e.Amount)
			}
		}
		switch {
		case o.Status == payment.Paid && kept != 1 && (kept != 0 || gone == 0), o.Status != payment.Paid && kept != 0:
			w.violate("order", id, fmt.Sprintf("it is %s and keeps %d attempts", o.Status, kept))
		case sum != o.Amount:
			w.violate("order", id, "its items do not make its amount")
		}
		w.figures.ended(o)
	}
}
