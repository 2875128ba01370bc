package payment

import (
	"slices"
	"time"

	"linlipay/fault"
)

// Money that was paid ahead (预存) may be used before it goes back. Whoever keeps it sets aside what a refund is to give
// back before the refund goes anywhere, and frees it where nothing goes back. What an institution gave back by itself
// is gone, whether it was used or not. A terminal's void asks nobody first: what was paid ahead by card goes back
// through the institution.

// paidAhead reports whether any of some items was paid ahead.
func (o *Order) paidAhead(items []RefundItem) bool {
	return slices.ContainsFunc(items, func(back RefundItem) bool {
		return slices.ContainsFunc(o.Items, func(it Item) bool { return it.Ref == back.Ref && it.PaysAhead })
	})
}

// withhold has what a refund is to give back set aside, where it was paid ahead.
func (o *Order) withhold(no int, now time.Time) {
	if r := o.Refund(no); o.paidAhead(r.Items) {
		r.Withholding = true
		o.enqueue(WithholdItems, no)
		o.schedule(now)
	}
}

// withheld records that what a refund is to give back is set aside, or that less is left: then nothing goes back.
func (o *Order) withheld(no int, short bool, now time.Time) {
	r := o.Refund(no)
	if !r.Withholding {
		return
	}
	r.Withholding = false
	switch why := usedAhead(); {
	case !short:
		o.schedule(now)
	case r.Status == RefundRequested:
		o.decided(no, false, "", "", why.ZH, now)
	default:
		o.refundFailed(no, "", why.ZH, now)
	}
}

// release has what was set aside for a refund freed; for one that gives back nothing of what was paid ahead that is
// nothing.
func (o *Order) release(r *Refund) {
	if r.Unapplied == 0 && slices.ContainsFunc(o.Items, func(it Item) bool { return it.PaysAhead }) {
		o.enqueue(ReleaseItems, r.No)
	}
}

func usedAhead() *fault.Error {
	return fault.New(fault.WrongState, "该款项已使用、扣款或退付，可用余额不足本次退款。",
		"What was paid has been used or paid out: less is left than this refund.")
}
