package simulate

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

// watch is what the checks know while the world lives: the newest stored version of every order, and what people did
// with notes and coins.
type watch struct {
	seen   map[string]*brief
	ids    []string          // of orders, in the order in which they were stored
	holder map[*trade]*place // the attempt that holds a trade's money
	codes  map[string]*trade // payment code → what it was charged for
	keys   map[string]string // Idempotency-Key → order that a client was told
	// item → the orders that may be paid, or were paid, for a part of it, with that part
	held    map[string]map[string]payment.Item
	offered map[string]bool // orders that a person was told of when they asked for them
	drawer  map[string]money.Fen

	imported map[string]bool // bills that were paid elsewhere
	// bill that is marked as paid elsewhere and owes a look → the open order that held it then
	marks     map[string][]string
	lowerings lowering
	ahead     map[string]*briefPrepayment // the newest stored version of every prepayment

	bills    map[string]*briefBill // the newest stored version of every bill that was written
	happened map[string]*happening // by the id of its event
}

func newWatch() watch {
	return watch{
		seen: map[string]*brief{}, holder: map[*trade]*place{}, codes: map[string]*trade{}, keys: map[string]string{},
		held: map[string]map[string]payment.Item{}, offered: map[string]bool{},
		drawer: map[string]money.Fen{}, imported: map[string]bool{}, marks: map[string][]string{},
		lowerings: lowering{}, ahead: map[string]*briefPrepayment{},
		bills: map[string]*briefBill{}, happened: map[string]*happening{},
	}
}

// write sees a write that the store was asked for, whose outcome is err: it is what every listener to the change feed
// may have been told from then on.
func (w *world) write(collection string, d store.Doc, err error) error {
	if err == nil && collection == "leases" {
		w.leader = w.sched.task.process
	}
	if err == nil && collection == "bills" {
		w.marking(d)
	}
	if err == nil && collection == "prepaid" {
		w.usedOnce(d)
	}
	if err == nil && collection == "webhook_events" {
		w.published(d)
	}
	if err != nil || collection != "orders" {
		return err
	}
	w.mix(d.ID, string(d.Body[:min(len(d.Body), 8)]))
	o := &brief{}
	if bad := json.Unmarshal(d.Body, o, jsontext.AllowDuplicateNames(true)); bad != nil {
		// whether names are repeated costs the most to know
		w.violate("document", d.ID, bad.Error())
		return nil
	}
	old := w.seen[d.ID]
	if old == nil {
		w.ids = append(w.ids, d.ID)
		if d.ID[0] != 'U' {
			w.made++
		}
		old = &brief{Status: payment.Pending}
		if d.ID[0] == 'U' {
			old.Status = o.Status
		}
	}
	w.seen[d.ID] = o
	w.rightEntity(o)
	w.lawful(old, o)
	w.holding(o)
	w.orderTells(old, o)
	w.mix(string(o.Status), fmt.Sprint(len(o.Attempts), len(o.Refunds), w.sched.now))
	if w.trace == d.ID {
		w.sayVersion(d)
	}
	w.written(d)
	return nil
}

// mix adds texts to the run's hash.
func (w *world) mix(texts ...string) {
	for _, t := range texts {
		for i := range len(t) {
			w.hash = (w.hash ^ uint64(t[i])) * 1099511628211
		}
	}
}

// told holds what a client was shown against what is stored.
func (w *world) told(o *payment.Order) {
	if o != nil && o.Status == payment.Paid && (w.seen[o.ID] == nil || w.seen[o.ID].Status != payment.Paid) {
		w.violate("told paid", o.ID, "a client was shown a paid order that is not stored as paid")
	}
}

// toldOnce holds the order that a key gave against the one that it gave before.
func (w *world) toldOnce(key string, o *payment.Order) {
	if before := w.keys[key]; before != "" && before != o.ID {
		w.violate("idempotency", o.ID, "the same Idempotency-Key gave order "+before+" before")
	}
	w.keys[key] = o.ID
	w.fits(o)
}

// anyOrder draws an order.
func (w *world) anyOrder() *brief {
	if len(w.ids) == 0 {
		return nil
	}
	return w.seen[one(w.sched, w.ids...)]
}
