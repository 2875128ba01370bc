package simulate

import (
	"context"
	"slices"
	"strings"
	"testing"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// Each part of the check of entities finds what is wrong there alone: a day runs clean, then one thing is booked under
// another entity.
func TestWhatIsBookedUnderAnotherEntityIsFound(t *testing.T) {
	for name, of := range map[string]struct {
		found string
		spoil func(*world)
	}{
		"a bill": {"bill c0-m1", func(w *world) {
			w.force("c0-m1-u0-b0", func(b *billing.Bill) { b.Entity = "c0" })
		}},
		"a bill from before there were entities": {"bill c0-m0", func(w *world) {
			w.force("c0-m0-u0-b0", func(b *billing.Bill) { b.Entity = second("c0") })
		}},
		"a merchant account": {"collects for", func(w *world) {
			w.tamper("merchant_accounts", func(body map[string]json.RawMessage) bool {
				_, has := body["entity"]
				delete(body, "entity")
				return has
			})
		}},
		"a line of the ledger": {"is booked under", func(w *world) {
			w.tamper("ledger", func(body map[string]json.RawMessage) bool {
				lines := string(body["lines"])
				body["lines"] = json.RawMessage(strings.Replace(lines, `"entity":"c0-e1"`, `"entity":"c0"`, 1))
				return string(body["lines"]) != lines
			})
		}},
		"a fen in an entity's own account": {"the institutions have", func(w *world) {
			for t := range w.holder {
				if t != nil && w.entities.accounts[t.account] != "" {
					t.took++
					return
				}
			}
		}},
		"an order": {"the order is of", func(w *world) {
			w.rightEntity(w.orderOf(func(o *brief) bool { o.Entity += "x"; return true }))
		}},
		"an item of an order": {"stands in an order of", func(w *world) {
			w.rightEntity(w.orderOf(func(o *brief) bool {
				if len(o.Items) > 0 {
					o.Items = append(o.Items[:1], o.Items[0])
					o.Items[1].Ref = "c0-m1-u0-b0"
				}
				return w.entityOf(o) == "c0" && len(o.Items) > 1
			}))
		}},
		"an attempt of an order": {"does not collect for", func(w *world) {
			w.rightEntity(w.orderOf(func(o *brief) bool {
				for i := range o.Attempts {
					o.Attempts[i].Account = second("c9") + "-lakala"
				}
				return len(o.Items) > 0 && len(o.Attempts) > 0 && o.Attempts[0].Institution != gateway.Cash
			}))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(plan{seed: 1, index: 1, orders: 60})
			w.live()
			if w.violation != nil {
				t.Fatal(w.violation)
			}
			of.spoil(w)
			w.entitiesAgree()
			if w.violation == nil || w.violation.Check != "entity" ||
				!strings.Contains(w.violation.What, of.found) {
				t.Errorf("it is found by %v", w.violation)
			}
		})
	}
}

// tamper changes the first document of a collection that change says it changed.
func (w *world) tamper(collection string, change func(map[string]json.RawMessage) bool) {
	docs, err := w.memory.Walk(context.Background(), collection, "", store.MaxLimit)
	if err != nil {
		panic(err)
	}
	for _, d := range docs {
		var body map[string]json.RawMessage
		if err := json.Unmarshal(d.Body, &body); err != nil {
			panic(err)
		}
		if change(body) {
			w.memory.kinds[collection].docs[d.ID].doc.Body = encode(body)
			return
		}
	}
	panic("there is nothing to change in " + collection)
}

// orderOf is a copy of the first order that change makes what is wanted.
func (w *world) orderOf(change func(*brief) bool) *brief {
	for _, id := range w.ids {
		o := *w.seen[id]
		o.Items, o.Attempts = slices.Clone(o.Items), slices.Clone(o.Attempts)
		if change(&o) {
			return &o
		}
	}
	panic("there is no such order")
}
