package simulate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
	"linlipay/webhook"
)

// What others hear by webhook is held against what happened: each change of a stored order or bill owes exactly its
// events from the very write that made it, numbered without a hole; what is struck off was published; what is published
// and what is sent is what happened, with its amounts; and in the end everybody has heard all of it.

// briefOwed are the events that a stored document owes.
type briefOwed struct {
	Sequence int64       `json:"sequence"`
	Events   []briefTale `json:"events"`
}

// briefTale is an event as its document owes it.
type briefTale struct {
	ID       string            `json:"id"`
	Type     webhook.EventType `json:"type"`
	Company  string            `json:"company"`
	Object   string            `json:"object"`
	Sequence int64             `json:"sequence"`
	Part     int               `json:"part"`
}

// happening is something that a write made happen, and of which others hear.
type happening struct {
	tale briefTale
	data eventData
	sent string // what its company's system took, "" before it has
}

// orderTells holds the events that a stored order owes against what became of it since the version before.
func (w *world) orderTells(old, o *brief) {
	var list []happening
	add := func(t webhook.EventType, part int, fen money.Fen) {
		list = append(list, happening{tale: briefTale{Type: t, Part: part}, data: eventData{o.Amount, fen}})
	}
	came := map[int]bool{} // attempts whose money is told of by this write
	for _, u := range o.Unapplied[len(old.Unapplied):] {
		if !came[u.Attempt] && o.unapplied(u.Attempt) > old.unapplied(u.Attempt) { // else it is a part of what came
			add(webhook.FundsUnapplied, u.No, o.attempt(u.Attempt).Received)
		}
		came[u.Attempt] = true
	}
	switch {
	case o.Status == old.Status:
	case o.Status == payment.Paid:
		add(webhook.OrderPaid, 0, 0)
	case o.Status == payment.Closed:
		add(webhook.OrderClosed, 0, 0)
	}
	for i, r := range o.Refunds {
		switch {
		case i < len(old.Refunds) && old.Refunds[i].Status == r.Status:
		case r.Status == payment.RefundSucceeded:
			add(webhook.OrderRefunded, r.No, r.Amount)
		case r.Status == payment.RefundFailed:
			add(webhook.RefundFailed, r.No, r.Amount)
		}
	}
	w.owesExactly(o.ID, o.Company, "order:"+o.ID, old.Owes, o.Owes, list)
}

// billTells holds the events that a stored bill owes against what became of it since the version before.
func (w *world) billTells(id string, b *briefBill) {
	old := w.bills[id]
	if old == nil {
		old = &briefBill{Status: billing.Unpaid, Amount: b.Amount}
	}
	w.bills[id] = b
	var list []happening
	data := eventData{Amount: b.Amount}
	if b.approved() > old.approved() {
		list = append(list, happening{tale: briefTale{Type: webhook.BillCorrected}, data: data})
	}
	switch {
	case b.Status == billing.PaidBill && old.Status != billing.PaidBill:
		list = append(list, happening{tale: briefTale{Type: webhook.BillSettled}, data: data})
	case b.due() > old.due(), b.Status == billing.Unpaid && old.Status == billing.PaidBill:
		list = append(list, happening{tale: briefTale{Type: webhook.BillReopened}, data: data})
	}
	w.owesExactly("", b.Company, "bill:"+id, old.Owes, b.Owes, list)
}

// owesExactly holds what a document owes since the version before against what happened, and keeps that for the end.
func (w *world) owesExactly(order, company, object string, old, now briefOwed, list []happening) {
	fresh := slices.DeleteFunc(slices.Clone(now.Events), func(e briefTale) bool { return e.Sequence <= old.Sequence })
	for i := range list {
		t := &list[i].tale
		t.Sequence, t.Company, t.Object = old.Sequence+int64(i)+1, company, object
		t.ID = fmt.Sprintf("evt_%s_%d", strings.ReplaceAll(object, ":", "-"), t.Sequence)
		w.happened[t.ID] = &list[i]
		if i >= len(fresh) || fresh[i] != *t {
			w.violate("events", order, fmt.Sprintf("%s owes %+v, and what happened is %+v", object, fresh, *t))
			return
		}
	}
	if len(fresh) > len(list) || now.Sequence != old.Sequence+int64(len(list)) {
		w.violate("events", order, fmt.Sprintf("%s owes %+v up to %d, more than happened", object, fresh, now.Sequence))
	}
	for _, e := range old.Events {
		if !slices.Contains(now.Events, e) && w.memory.kinds["webhook_events"].docs[e.ID] == nil {
			w.violate("events", order, fmt.Sprintf("%s does not owe %s any more, which was never published", object,
				e.ID))
		}
	}
}

// published holds an event that is stored for those who listen against what happened.
func (w *world) published(d store.Doc) {
	e, of := w.decoded(d.Body)
	w.isTrue(e, of, "published")
}

// heard is what a company's own system does with what it took.
func (w *world) heard(address, id string, body []byte) {
	e, of := w.decoded(body)
	h := w.isTrue(e, of, "sent")
	switch {
	case h == nil:
	case id != e.ID || address != listenerAddress+e.Company:
		w.violate("events", "", fmt.Sprintf("%s of %s went to %s as %s", e.ID, e.Company, address, id))
	case h.sent == "":
		h.sent = string(body)
		w.figures.Events[string(e.Type)]++
	case h.sent != string(body):
		w.violate("events", "", fmt.Sprintf("%s was sent as %s, and now as %s", e.ID, h.sent, body))
	}
}

// isTrue holds an event against what happened; nil is that nothing did.
func (w *world) isTrue(e webhook.Event, of eventData, what string) *happening {
	h := w.happened[e.ID]
	told := briefTale{ID: e.ID, Type: e.Type, Company: e.Company, Object: e.Object, Sequence: e.Sequence, Part: e.Part}
	switch {
	case h == nil:
		w.violate("events", "", fmt.Sprintf("%s is %s, and never happened", e.ID, what))
	case h.tale != told:
		w.violate("events", "", fmt.Sprintf("%s is %s as %+v, and is %+v", e.ID, what, told, h.tale))
	case h.data != of:
		w.violate("events", "", fmt.Sprintf("%s (%s %d) is %s with %+v, and is of %+v", e.ID, e.Type, e.Part, what, of,
			h.data))
	}
	return h
}

// everythingTold holds that in the end everybody has heard all that happened.
func (w *world) everythingTold() {
	for _, id := range slices.Sorted(maps.Keys(w.happened)) {
		if w.happened[id].sent == "" {
			w.violate("events", "", fmt.Sprintf("%s happened, and its company was never told", id))
		}
	}
}
