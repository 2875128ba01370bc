package simulate

import (
	"fmt"
	"maps"
	"slices"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/approval"
	"linlipay/billing"
	"linlipay/money"
)

// journalAgrees walks each company's journal as it is stored, and holds it against the bills: each was published once,
// with its amount, what is paid elsewhere is told so, and each correction, and nothing else.
func (w *world) journalAgrees() {
	told := map[string]map[billing.EntryKind]money.Fen{}
	out := map[string]map[billing.EntryKind]money.Fen{} // what left prepayments and deposits
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
				of, in := e.Bill, told
				if e.Prepayment != "" {
					of, in = e.Prepayment, out
				}
				if in[of] == nil {
					in[of] = map[billing.EntryKind]money.Fen{}
				}
				in[of][e.Kind] += e.Amount
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.ahead)) {
		w.paidOutAgrees(id, out[id])
		delete(out, id)
	}
	for _, id := range slices.Sorted(maps.Keys(out)) {
		w.violate("journal", "", fmt.Sprintf("the journal says %v of %s, and there is none", out[id], id))
	}
	bills := w.memory.kinds["bills"].docs
	for _, id := range slices.Sorted(maps.Keys(bills)) {
		want, of := briefOf(bills[id].doc).moves(), told[id]
		if undone := of[billing.PaidElsewhereUndone]; undone != 0 {
			of[billing.PaidElsewhere] -= undone
			delete(of, billing.PaidElsewhereUndone)
		}
		if of[billing.PaidElsewhere] == 0 {
			delete(of, billing.PaidElsewhere)
		}
		if !maps.Equal(of, want) {
			w.violate("journal", "", fmt.Sprintf("of bill %s the journal says %v, and it has %v", id, of, want))
		}
	}
}

// entryOf is what the journal calls a correction.
var entryOf = map[billing.CorrectionKind]billing.EntryKind{
	billing.Increase: "increased", billing.Decrease: "decreased", billing.Reduction: "reduced",
	billing.WriteOff: "written_off", billing.Cancellation: "reversed",
}

// moves is what the journal must say of a bill, by kind.
func (b *briefBill) moves() map[billing.EntryKind]money.Fen {
	moves := map[billing.EntryKind]money.Fen{billing.Published: b.Amount}
	if b.PaidBy == billing.Imported {
		moves[billing.PaidElsewhere] = b.billed()
	}
	for _, s := range b.Settlements {
		if s.Draw == "" || s.Tentative || s.Amount == 0 {
			continue
		}
		moves[billing.PrepaymentUsed] += s.Amount
		for _, g := range s.GivenBack {
			moves[billing.PrepaymentReturned] += g.Amount
		}
	}
	for i := range b.Corrections {
		if c := &b.Corrections[i]; c.State == approval.Approved {
			moves[entryOf[c.Kind]] += c.Amount
		}
	}
	return moves
}
