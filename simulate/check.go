package simulate

import (
	"fmt"
	"slices"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/payment"
)

// What the books must say when nothing is pending any more.

// unfinished names an order that is still open, due, or has work for somebody; "" is none.
func (w *world) unfinished() string {
	for _, id := range w.ids {
		r := w.memory.kinds["orders"].docs[id]
		if r == nil {
			continue
		}
		keys := r.doc.Keys
		status := keys["status"][0].(string)
		if keys["due"] != nil || keys["unrecorded"] != nil || status == string(payment.Pending) ||
			status == string(payment.Closing) {
			return id
		}
		for _, work := range keys["work"] {
			for _, open := range openWork {
				if work == open {
					return id
				}
			}
		}
	}
	return ""
}

// openWork are finance's lists that must be empty in the end.
var openWork = []any{
	string(payment.RefundQueue(payment.RefundRequested)), string(payment.RefundQueue(payment.RefundPending)),
	string(payment.RefundQueue(payment.RefundAbnormal)),
	string(payment.UnappliedQueue(payment.UnappliedOpen)), string(payment.UnappliedQueue(payment.UnappliedRefunding)),
	string(payment.UnappliedQueue(payment.UnappliedPrepaying)),
	string(payment.QueueUnconfirmed), string(payment.QueueReturned),
}

// work reports whether one of the lists has an order.
func (w *world) work(lists ...payment.Queue) bool {
	c := w.memory.kinds["orders"]
	i := slices.IndexFunc(c.indexes, func(x index) bool { return x.Name == "by_work" })
	x := &c.indexes[i]
	for _, company := range w.companies {
		for _, l := range lists {
			for range x.starting(encoded(company) + encoded(string(l))) {
				return true
			}
		}
	}
	return false
}

// state is an order in a few words.
func (w *world) state(id string) string {
	o := w.seen[id]
	if o == nil {
		return "notifications"
	}
	raw, err := json.Marshal(o)
	return fmt.Sprint(string(raw), err)
}

// verify holds the institutions' books, ours, the orders and the bills against each other.
func (w *world) verify() {
	w.institutionsAgree()
	w.cardsAgree()
	w.resultsAgree()
	w.ordersAgree()
	w.drawerAgrees()
	w.entitiesAgree()
	w.ledgersAgree()
	w.billsAgree()
	w.prepaymentsAgree()
	w.marksLookedAt()
	w.journalAgrees()
	w.everythingTold()
	w.ownVerify()
}
