package payment

import (
	"time"

	"linlipay/webhook"
)

// What others hear of an order by webhook: each is written into the order's outbox by the write that decides it. All
// writes of orders but an order's first go through update, updateFrom and replace, which see to it.

// stage is what events are told from: how an order stood before a write.
type stage struct {
	status    Status
	refunds   []RefundStatus
	unapplied int
}

func (o *Order) stage() stage { return stage{o.Status, statuses(o.Refunds), len(o.Unapplied)} }

// changed notes that an order was changed, and owes the events that tell of it; before is how it stood.
func (o *Order) changed(before stage, now time.Time) {
	o.UpdatedAt = now
	o.oweEvents(before, now)
}

// oweEvents owes an event for everything that others hear of and that is not as it was before.
func (o *Order) oweEvents(before stage, now time.Time) {
	for _, u := range o.Unapplied[before.unapplied:] {
		if u.PartOf == 0 { // else no money came
			o.owe(webhook.FundsUnapplied, u.No, now)
		}
	}
	if o.Status != before.status {
		switch {
		case o.Status == Paid:
			o.owe(webhook.OrderPaid, 0, now)
		case o.Status == Closed && o.CloseReason != ByUnmatched: // that one was never open
			o.owe(webhook.OrderClosed, 0, now)
		}
	}
	for i := range o.Refunds {
		r := &o.Refunds[i]
		if i < len(before.refunds) && before.refunds[i] == r.Status {
			continue
		}
		switch r.Status {
		case RefundSucceeded:
			o.owe(webhook.OrderRefunded, r.No, now)
		case RefundFailed:
			o.owe(webhook.RefundFailed, r.No, now)
		}
	}
}

func (o *Order) owe(t webhook.EventType, part int, now time.Time) {
	o.OwesEvents.Owe(webhook.Event{
		Type: t, At: now, Company: o.Company, Community: o.Community, Object: "order:" + o.ID, Part: part,
	})
}
