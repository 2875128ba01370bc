package simulate

import (
	"fmt"
	"slices"

	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
)

// holding holds a stored order against the others: only one at a time is open or paid for a part of an item, until
// money goes back for it.
func (w *world) holding(o *brief) {
	for _, it := range o.Items {
		if !o.holds(it) {
			delete(w.held[it.Ref], o.ID)
			continue
		}
		for other, held := range w.held[it.Ref] {
			if other != o.ID && held.Part == it.Part {
				w.violate("holds", o.ID, fmt.Sprintf("it is %s for part %d of item %s, which order %s holds", o.Status,
					it.Part, it.Ref, other))
			}
		}
		if w.held[it.Ref] == nil {
			w.held[it.Ref] = map[string]payment.Item{}
		}
		w.held[it.Ref][o.ID] = it
	}
}

// fits holds an order that a person was told of against all others that people were told of and that can be paid: what
// they hold of a bill is together no more than the bill.
func (w *world) fits(o *payment.Order) {
	w.offered[o.ID] = true
	for _, it := range o.Items {
		if it.PaysAhead {
			continue
		}
		var sum money.Fen
		for id, held := range w.held[it.Ref] {
			if w.offered[id] && w.seen[id].Status == payment.Pending {
				sum += held.Amount
			}
		}
		b := w.storedBill(it.Ref)
		if billed := b.billed(); sum > billed && !slices.Contains(b.Outbox, string(billing.CloseHolders)) {
			w.violate("parts", o.ID, fmt.Sprintf("open orders hold %s of bill %s of %s", sum, it.Ref, billed))
		}
	}
}

// lawful holds a stored version against the one before it and the tables of allowed changes, and new money against who
// moved it.
func (w *world) lawful(old, o *brief) {
	if o.Status != old.Status && !old.Status.CanBecome(o.Status) {
		w.violate("transition", o.ID, fmt.Sprintf("the order went from %s to %s", old.Status, o.Status))
	}
	if len(o.Attempts) < len(old.Attempts) || len(o.Refunds) < len(old.Refunds) ||
		len(o.Unapplied) < len(old.Unapplied) {
		w.violate("transition", o.ID, "something that was written is gone")
		return
	}
	for i := range o.Attempts {
		w.lawfulAttempt(old, o, i)
	}
	for i := range o.Refunds {
		w.lawfulRefund(old, o, i)
	}
	for i, e := range o.Unapplied {
		was := payment.UnappliedOpen
		if i < len(old.Unapplied) {
			was = old.Unapplied[i].State
		} else {
			w.figures.Unapplied[string(e.Reason)]++
		}
		w.moved(o, "unapplied funds", e.No, was, e.State)
	}
	if o.Status == payment.Paid && old.Status != payment.Paid {
		w.toldPaid(o)
	}
}

// lawfulAttempt holds the attempt at a place of an order against how it was before.
func (w *world) lawfulAttempt(old, o *brief, i int) {
	a, was := o.Attempts[i], briefAttempt{State: payment.AttemptStarting}
	if i < len(old.Attempts) {
		was = old.Attempts[i]
		w.stays(o, &was, &a)
	} else {
		w.chosen(o, &a)
	}
	switch moved := w.moved(o, "attempt", a.No, was.State, a.State); {
	case moved && a.State == payment.AttemptSucceeded && a.Provisional:
		w.believed(o, &a)
	case moved && a.State == payment.AttemptSucceeded, was.Provisional && !a.Provisional && a.DeniedBy == "":
		w.booked(o, &a)
	case moved && a.State == payment.AttemptFailed:
		w.refusedFor(o, &a)
	}
	if was.DeniedBy == "" && a.DeniedBy != "" {
		w.denied(o, &a)
	}
}

// lawfulRefund holds the refund at a place of an order against how it was before.
func (w *world) lawfulRefund(old, o *brief, i int) {
	r, was := &o.Refunds[i], briefRefund{Status: payment.RefundRequested}
	if i < len(old.Refunds) {
		was = old.Refunds[i]
		r.alone = was.alone
	} else {
		came := o.attempt(r.Attempt).DeniedBy == "" // of a payment that never came, nothing leaves
		r.alone = r.Status != payment.RefundRequested && r.RequestedBy != "" && !r.Foreign && came
		w.withinLimit(o, r)
	}
	switch moved := w.moved(o, "refund", r.No, was.Status, r.Status); {
	case moved && r.Status == payment.RefundSucceeded && r.Provisional:
		w.believedVoid(o, r)
	case moved && r.Status == payment.RefundSucceeded, was.Provisional && !r.Provisional &&
		o.attempt(r.Attempt).DeniedBy == "":
		w.returned(o, r)
	}
}

// withinLimit holds what people had given back of an order without a second person, piece by piece, against the limit.
func (w *world) withinLimit(o *brief, r *briefRefund) {
	var sum money.Fen
	for _, other := range o.Refunds {
		if other.alone && other.Status != payment.RefundRejected && other.Status != payment.RefundFailed {
			sum += other.Amount
		}
	}
	if r.alone && sum > w.limit {
		w.violate("second person", o.ID, fmt.Sprintf("refund %d by %s makes %s without one, more than %s",
			r.No, r.RequestedBy, sum, w.limit))
	}
}
