package payment

import (
	"cmp"
	"time"

	"linlipay/money"
)

// What a refund that happened gives back: money that the order could not keep, or items that it paid for.

// allocate says what a refund that happened gives back, of at most that much: money that the order could not keep, else
// what it paid for, the last items first, else money that was kept as a prepayment. What is left is of nothing that can
// be owed again: a person sees to it.
func (o *Order) allocate(r *Refund, most money.Fen) {
	r.Amount = most
	for _, state := range []UnappliedState{UnappliedOpen, UnappliedDismissed} {
		if e := o.unappliedOf(r.Attempt, state); e != nil {
			r.Amount, r.Unapplied = min(most, e.Amount), e.No
			return
		}
	}
	if r.Items = o.lastItems(r.Attempt, most); len(r.Items) > 0 {
		r.Amount = 0
		for _, it := range r.Items {
			r.Amount += it.Amount // bounded by most
		}
		return
	}
	for _, e := range o.Unapplied {
		kept := e.State == UnappliedPrepaid || e.State == UnappliedPrepaying
		if left := e.Amount - o.KeptBack(e.No); kept && e.Attempt == r.Attempt && left > 0 {
			r.Amount, r.Kept = min(most, left), e.No
			return
		}
	}
}

// KeptBack is what went back of unapplied funds that were kept as a prepayment, in fen.
func (o *Order) KeptBack(no int) money.Fen {
	return o.sumRefunds(func(r *Refund) bool { return r.Kept == no && r.Status == RefundSucceeded })
}

// reclaim takes out of unapplied funds that wait for a person again what went back at the institution meanwhile:
// while a refund of ours had it, nothing could be said of it.
func (o *Order) reclaim(attempt int, now time.Time) {
	for i := range o.Refunds {
		r, e := &o.Refunds[i], o.unappliedOf(attempt, UnappliedOpen)
		of := r.Foreign && r.Status == RefundSucceeded && r.Attempt == attempt && r.Unapplied == 0 && r.Kept == 0 &&
			len(r.Items) == 0
		if !of || e == nil {
			continue
		}
		r.Unapplied = e.No
		o.takeUnapplied(e, min(r.Amount, e.Amount), r.No)
		o.unappliedRefunded(r.Unapplied, now)
	}
}

// unappliedOf is the first unapplied funds of an attempt in a state, or nil.
func (o *Order) unappliedOf(attempt int, state UnappliedState) *UnappliedFunds {
	for i := range o.Unapplied {
		if e := &o.Unapplied[i]; e.Attempt == attempt && e.State == state {
			return e
		}
	}
	return nil
}

// lastItems are the items that an amount of an attempt's money is taken from: the last ones first, and first what no
// refund of ours claims.
func (o *Order) lastItems(attempt int, amount money.Fen) []RefundItem {
	if o.PaidBy != attempt {
		return nil
	}
	var taken []RefundItem
	for _, left := range []func(Item) money.Fen{
		func(it Item) money.Fen { return o.Refundable(it.Ref) },
		func(it Item) money.Fen { return it.Amount - o.ItemGivenBack(it.Ref) - sumOf(taken, it.Ref) },
	} {
		for i := len(o.Items) - 1; i >= 0; i-- {
			it := o.Items[i]
			if part := min(amount, left(it)); part > 0 && !it.Unsettled {
				taken, amount = addItem(taken, it.Ref, part), amount-part
			}
		}
	}
	return taken
}

// fitItems are the items that a refund gives back now that it is done, each by no more than is left of it: what went
// back at the institution meanwhile may have been taken from them. What they lack is taken from others, the last ones
// first.
func (o *Order) fitItems(r *Refund) []RefundItem {
	var fit []RefundItem
	var lacking money.Fen
	for _, it := range r.Items {
		part := min(it.Amount, o.leftOfItem(it.Ref, r.No))
		if part > 0 {
			fit = append(fit, RefundItem{Ref: it.Ref, Amount: part})
		}
		lacking += it.Amount - part
	}
	for i := len(o.Items) - 1; i >= 0 && lacking > 0; i-- {
		it := o.Items[i]
		part := min(lacking, o.leftOfItem(it.Ref, r.No)-sumOf(fit, it.Ref))
		if part > 0 && !it.Unsettled {
			fit, lacking = addItem(fit, it.Ref, part), lacking-part
		}
	}
	return fit
}

// leftOfItem is what an item was paid with less what went back of it by other refunds than one, in fen.
func (o *Order) leftOfItem(ref string, but int) money.Fen {
	var left money.Fen
	for _, it := range o.Items {
		if it.Ref == ref {
			left = it.Amount
		}
	}
	for i := range o.Refunds {
		r := &o.Refunds[i]
		if r.No != but && r.Status == RefundSucceeded {
			left -= sumOf(r.Items, ref)
		}
	}
	return max(0, left)
}

// sumOf is how much of an item is among some.
func sumOf(items []RefundItem, ref string) money.Fen {
	for _, it := range items {
		if it.Ref == ref {
			return it.Amount
		}
	}
	return 0
}

// addItem adds an amount of an item to some.
func addItem(items []RefundItem, ref string, amount money.Fen) []RefundItem {
	for i := range items {
		if items[i].Ref == ref {
			items[i].Amount += amount // bounded by the item's amount
			return items
		}
	}
	return append(items, RefundItem{Ref: ref, Amount: amount})
}

// takeUnapplied takes an amount out of unapplied funds for a refund that happened; what is left of them stays as it is.
func (o *Order) takeUnapplied(e *UnappliedFunds, amount money.Fen, refund int) {
	if rest := e.Amount - amount; rest > 0 {
		left := *e
		left.No, left.Amount, left.PartOf = len(o.Unapplied)+1, rest, cmp.Or(e.PartOf, e.No)
		e.Amount = amount
		no := e.No
		o.Unapplied = append(o.Unapplied, left)
		e = o.UnappliedFunds(no)
	}
	e.become(UnappliedRefunding)
	e.Refund = refund
}
