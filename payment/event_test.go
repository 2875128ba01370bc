package payment_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"linlipay/payment"
	"linlipay/webhook"
)

// tells are the events of an order, as "type part".
func tells(o *payment.Order) (list []string) {
	for _, e := range o.OwesEvents.Events {
		list = append(list, fmt.Sprintf("%s %d", e.Type, e.Part))
	}
	slices.Sort(list)
	return list
}

// happened is what others must have heard of an order, from how it stands.
func happened(o *payment.Order) (list []string) {
	add := func(t webhook.EventType, part int) { list = append(list, fmt.Sprintf("%s %d", t, part)) }
	if o.Status == payment.Paid {
		add(webhook.OrderPaid, 0)
	}
	if !o.ClosedAt.IsZero() && o.CloseReason != payment.ByUnmatched {
		add(webhook.OrderClosed, 0)
	}
	for _, u := range o.Unapplied {
		if u.PartOf == 0 {
			add(webhook.FundsUnapplied, u.No)
		}
	}
	for _, r := range o.Refunds {
		switch r.Status {
		case payment.RefundSucceeded:
			add(webhook.OrderRefunded, r.No)
		case payment.RefundFailed:
			add(webhook.RefundFailed, r.No)
		}
	}
	slices.Sort(list)
	return list
}

// eventsAgree holds what the orders of a test's world tell others against how they stand, whatever the test did with
// them: nothing publishes there, so that each keeps all that it told.
func (w *world) eventsAgree(ctx context.Context) {
	for _, company := range []string{"c", "d"} {
		for cursor := ""; ; {
			page, next, err := w.pay.Find(ctx, payment.Filter{Company: company, Cursor: cursor, Limit: 100})
			if err != nil {
				return // the test broke the store
			}
			for i := range page {
				o := &page[i]
				if got, want := tells(o), happened(o); !slices.Equal(got, want) {
					w.t.Errorf("order %s tells %v, and what happened is %v", o.ID, got, want)
				}
				for n, e := range o.OwesEvents.Events {
					id := fmt.Sprintf("evt_order-%s_%d", o.ID, n+1)
					if e.Sequence != int64(n+1) || e.ID != id || e.Company != o.Company || e.At.IsZero() {
						w.t.Errorf("order %s: event %d is %+v", o.ID, n+1, e)
					}
				}
			}
			if cursor = next; next == "" {
				break
			}
		}
	}
}

// Every way that others hear of stands in the order's outbox, in the order in which it happened.
func TestAnOrderTellsWhatHappened(t *testing.T) {
	w := newWorld(t)
	w.policy(payment.RefundUnapplied)
	o := w.bothPaid()
	o, no := w.ask(o, "k", item("b1", 30))
	if _, err := w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:checker", ""); err != nil {
		t.Fatal(err)
	}
	var types []webhook.EventType
	for _, e := range w.get(o.ID).OwesEvents.Events {
		types = append(types, e.Type)
	}
	want := []webhook.EventType{webhook.OrderPaid, webhook.FundsUnapplied, webhook.OrderRefunded, webhook.OrderRefunded}
	if !slices.Equal(types, want) {
		t.Errorf("told are %v, not %v", types, want)
	}
	closed := w.create("b2")
	if _, err := w.pay.Close(t.Context(), closed.ID, payment.ByCancel, "staff:a"); err != nil {
		t.Fatal(err)
	}
	if got := tells(w.get(closed.ID)); !slices.Equal(got, []string{"order.closed 0"}) {
		t.Errorf("a cancelled order tells %v", got)
	}
}
