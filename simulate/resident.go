package simulate

import (
	"context"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/payment"
	"linlipay/property"
)

// resident pays from a phone, or at a terminal whose QR the phone reads: with either wallet, with both, late, or not at
// all.
func (w *world) resident(u *property.Unit, origin payment.Origin) {
	o := w.collect(u, origin, one(w.sched, payment.Refuse, payment.Refuse, payment.TakeOver))
	if o == nil {
		return
	}
	var outs []string
	for range 1 + w.sched.dice.IntN(3) {
		w.think()
		out, _, err := w.attempt(o.ID, w.wallet(origin.Kind))
		if err != nil && out == "" {
			continue
		}
		outs = append(outs, out)
		if w.sched.odds(650) {
			break
		}
	}
	if len(outs) == 0 {
		return
	}
	last := len(outs) - 1
	w.think()
	switch n := w.sched.dice.IntN(100); {
	case n < 62:
		w.confirm(outs[last])
	case n < 72: // everything that was ever shown, in the same second
		for i := range outs {
			w.person(w.sched.between(0, time.Second), func() { w.confirm(outs[i]) })
		}
	case n < 78: // an old QR, near its end or after it
		w.sched.sleep(w.sched.between(time.Minute, 17*time.Minute))
		w.confirm(outs[0])
	case n < 88:
		w.confirm(outs[last])
		w.cancel(o.ID) // and at the same time somebody closes the order
	case n < 94:
		w.cancel(o.ID)
		w.confirm(outs[last])
	}
	w.follow(o.ID)
}

// follow looks at an order a few times, as a page does.
func (w *world) follow(id string) {
	for range 3 {
		w.sched.sleep(w.sched.between(time.Second, 5*time.Second))
		if o, err := w.look(id); err == nil && o.Status == payment.Paid {
			return
		}
	}
}

// cancel closes an order without waiting for the answer.
func (w *world) cancel(id string) {
	w.person(w.sched.between(0, 2*time.Second), func() {
		_, _ = w.ask(func(ctx context.Context, p *process) (*payment.Order, error) {
			return p.pay.Close(ctx, id, payment.ByCancel, "person")
		})
	})
}

// importPaid marks a bill as paid elsewhere, if nothing was paid towards it, and reports whether it did.
func (w *world) importPaid(id string) bool {
	ctx := context.Background()
	d, err := w.memory.Get(ctx, "bills", id)
	if err != nil {
		return false
	}
	var b billing.Bill
	if json.Unmarshal(d.Body, &b) != nil || b.Status != billing.Unpaid || len(b.Settlements) > 0 {
		return false
	}
	b.Status, b.PaidBy, b.PaidAt = billing.PaidBill, billing.Imported, w.instant()
	b.Move(billing.PaidElsewhere, b.Billed(), w.instant())
	if d.Body, err = json.Marshal(b); err != nil {
		panic(err)
	}
	d.Keys = b.OwesAudit.Key(b.OwesEvents.Key(billKeys(&b)))
	d.Keys["outbox"] = []any{w.instant().UnixMilli()}
	if w.imported[id] = w.memory.Replace(ctx, "bills", d) == nil; w.imported[id] {
		w.bills[id] = briefOf(d) // nobody is told of it: no service wrote it
	}
	return w.imported[id]
}
