package simulate

import (
	"fmt"
	"maps"
	"slices"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/money"
)

// journalAgrees walks each company's journal as it is stored, and holds it against the bills: each was published once,
// with its amount, and what is paid elsewhere is told so, and nothing else.
func (w *world) journalAgrees() {
	published, elsewhere := map[string]money.Fen{}, map[string]money.Fen{}
	seen := map[string]bool{}
	for _, company := range w.companies {
		for _, raw := range w.bodies("receivables", "by_no", company) {
			var b struct {
				Lines []billing.Entry `json:"lines"`
			}
			if err := json.Unmarshal(raw, &b); err != nil {
				w.violate("journal", "", err.Error())
				return
			}
			for _, e := range b.Lines {
				if seen[e.ID] {
					w.violate("journal", "", "entry "+e.ID+" is written twice")
				}
				seen[e.ID] = true
				switch e.Kind {
				case billing.Published:
					published[e.Bill] += e.Amount
				case billing.PaidElsewhere:
					elsewhere[e.Bill] += e.Amount
				case billing.PaidElsewhereUndone:
					elsewhere[e.Bill] -= e.Amount
				}
			}
		}
	}
	bills := w.memory.kinds["bills"].docs
	for _, id := range slices.Sorted(maps.Keys(bills)) {
		b := briefOf(bills[id].doc)
		var paid money.Fen
		if b.PaidBy == billing.Imported {
			paid = b.Amount
		}
		if published[id] != b.Amount || elsewhere[id] != paid {
			w.violate("journal", "", fmt.Sprintf("bill %s is of %s, %s of it paid elsewhere; the journal says %s "+
				"and %s", id, b.Amount, paid, published[id], elsewhere[id]))
		}
	}
}
