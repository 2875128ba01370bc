package simulate

import (
	"cmp"
	"fmt"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
	"linlipay/payment/merchant"
)

// No money is ever booked under another legal entity than the one to which it is owed.

// rightEntity holds a stored version of an order against the entity of its bills, and of the accounts that take its
// money.
func (w *world) rightEntity(o *brief) {
	want := w.entityOf(o)
	if have := cmp.Or(o.Entity, o.Company); have != want {
		w.violate("entity", o.ID, fmt.Sprintf("the order is of %s, its money is %s's", have, want))
	}
	for _, it := range o.Items {
		if of := w.entities.owed[it.Ref]; of != want && !it.PaysAhead {
			w.violate("entity", o.ID, fmt.Sprintf("bill %s is owed to %s, and stands in an order of %s", it.Ref, of,
				want))
		}
	}
	for _, a := range o.Attempts {
		if a.Institution != gateway.Cash && !w.collectsFor(a.Account, want) {
			w.violate("entity", o.ID, fmt.Sprintf("attempt %d is at %s, which does not collect for %s", a.No, a.Account,
				want))
		}
	}
}

// entitiesAgree holds bills, merchant accounts, the institutions' books and the ledger against the entities as the
// world was founded.
func (w *world) entitiesAgree() {
	for _, r := range w.memory.kinds["bills"].docs {
		b := stored[billing.Bill](r)
		if have, want := cmp.Or(b.Entity, b.Company), w.entities.owed[b.ID]; have != want {
			w.violate("entity", b.PaidBy, fmt.Sprintf("bill %s is owed to %s, and says %s", b.ID, want, have))
		}
	}
	for _, r := range w.memory.kinds["merchant_accounts"].docs {
		if a := stored[merchant.AccountRecord](r); a.Entity != w.entities.accounts[a.ID] {
			w.violate("entity", "", fmt.Sprintf("account %s collects for %q, and says %q", a.ID,
				w.entities.accounts[a.ID], a.Entity))
		}
	}
	w.entityLinesAgree()
}

// entityLinesAgree holds the ledger's lines against the entities: each line by its order, and the sums of all lines at
// an entity's own accounts against what the institutions have there.
func (w *world) entityLinesAgree() {
	books, has := map[string]money.Fen{}, map[string]money.Fen{}
	for _, company := range w.companies {
		for _, raw := range w.bodies("ledger", "by_no", company) {
			var b struct {
				Lines []ledger.Line `json:"lines"`
			}
			if err := json.Unmarshal(raw, &b); err != nil {
				panic(err)
			}
			for _, l := range b.Lines {
				w.lineAgrees(l)
				books[w.entities.accounts[l.Account]] += signed(l)
			}
		}
	}
	for _, b := range w.institutions {
		for _, t := range b.order {
			if w.holder[t] != nil {
				has[w.entities.accounts[t.account]] += t.took - t.gave
			}
		}
	}
	for _, e := range w.entityIDs() {
		if books[e] != has[e] {
			w.violate("entity", "", fmt.Sprintf("the institutions have %s in %s's accounts, the ledger says %s", has[e],
				e, books[e]))
		}
	}
}

func (w *world) lineAgrees(l ledger.Line) {
	o := w.seen[l.Order]
	if o == nil {
		return // which is for the check of the ledger
	}
	if have, want := cmp.Or(l.Entity, l.Company), w.entityOf(o); have != want {
		w.violate("entity", l.Order, fmt.Sprintf("line %s is booked under %s, its money is %s's", l.ID, have, want))
	}
}

// signed is a line's amount, below zero where money went back.
func signed(l ledger.Line) money.Fen {
	if l.Kind == ledger.Refund {
		return -l.Amount
	}
	return l.Amount
}

// entityIDs are all legal entities of the world.
func (w *world) entityIDs() (ids []string) {
	for _, company := range w.companies {
		ids = append(ids, company, second(company))
	}
	return ids
}

// stored reads a document as it lies in the store.
func stored[T any](r *record) (v T) {
	if err := json.Unmarshal(r.doc.Body, &v); err != nil {
		panic(err)
	}
	return v
}
