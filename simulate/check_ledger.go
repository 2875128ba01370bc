package simulate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/ledger"
	"linlipay/property"
)

// written is what a line of a ledger says: how much moved, less than 0 where it went back, and the receipt's number.
type written struct {
	amount  money.Fen
	receipt string
}

// ledgersAgree walks the chain of each company's ledger, and holds its lines against the orders' movements, and the
// numbers of the receipts against those before them.
func (w *world) ledgersAgree() {
	lines := map[string]written{}
	for _, company := range w.companies {
		prev, no, last := "", int64(0), map[string]int64{}
		for _, raw := range w.bodies("ledger", "by_no", company) {
			var b struct {
				No    int64         `json:"no"`
				Prev  string        `json:"prev"`
				Lines []ledger.Line `json:"lines"`
			}
			if err := json.Unmarshal(raw, &b); err != nil || b.No != no+1 || b.Prev != prev || len(b.Lines) == 0 {
				w.violate("ledger", "", fmt.Sprintf("block %d of %s does not follow block %d: %v", b.No, company, no,
					err))
				return
			}
			for _, l := range b.Lines {
				if _, twice := lines[l.ID]; twice {
					w.violate("ledger", l.Order, "line "+l.ID+" is written twice")
				}
				series, sign, mark := cmp.Or(l.Entity, company), money.Fen(1), ""
				if l.Kind == ledger.Refund {
					series, sign, mark = series+" back", -1, "T"
				}
				if last[series]++; l.Receipt != last[series] {
					w.violate("receipts", l.Order, fmt.Sprintf("line %s has receipt %d where %d comes next", l.ID,
						l.Receipt, last[series]))
				}
				lines[l.ID] = written{sign * l.Amount, fmt.Sprintf("%s-%s%08d", prefixOf(cmp.Or(l.Entity, company)),
					mark, l.Receipt)}
				prev = l.Hash
			}
			no = b.No
		}
	}
	for _, id := range w.ids {
		o := w.seen[id]
		for _, a := range o.Attempts {
			if a.State == payment.AttemptSucceeded {
				w.hasLine(lines, id, fmt.Sprintf("%s%02d", id, a.No), a.Received, a.Receipt)
			}
		}
		for _, r := range o.Refunds {
			if r.Status == payment.RefundSucceeded {
				w.hasLine(lines, id, r.Out, -r.Amount, r.Receipt)
			}
		}
	}
	for id := range lines {
		w.violate("ledger", "", "line "+id+" stands for nothing that moved")
	}
}

// prefixOf is what the numbers of an entity's receipts begin with.
func prefixOf(entity string) string { return strings.ToUpper(entity) }

func (w *world) hasLine(lines map[string]written, order, id string, amount money.Fen, receipt string) {
	if have, ok := lines[id]; !ok || have != (written{amount, receipt}) {
		w.violate("ledger", order, fmt.Sprintf("line %s must say %s with receipt %s, and says %+v (written %t)", id,
			amount, receipt, have, ok))
	}
	delete(lines, id)
}

// bodies are the documents of an index that begins with a value, in its order.
func (w *world) bodies(collection, name, first string) (list [][]byte) {
	c := w.memory.kinds[collection]
	i := slices.IndexFunc(c.indexes, func(x index) bool { return x.Name == name })
	for _, r := range c.indexes[i].starting(encoded(first)) {
		list = append(list, r.doc.Body)
	}
	return list
}

// ownVerify lets the product verify its own books, which must agree.
func (w *world) ownVerify() {
	ctx, p := context.Background(), &process{w: w, name: "auditor"}
	st := w.sealed(w.memory, w.instant)
	p.pay = payment.NewService(st, payment.Config{Now: w.instant})
	p.bills = billing.NewService(st, property.NewService(st, w.instant), nil, nil, p.pay, w.instant)
	for _, company := range w.companies {
		a, err := p.pay.Verify(ctx, company, p.bills.VerifyOrder)
		if err == nil && a.Finding == "" {
			a.Finding, err = p.bills.VerifyBills(ctx, company, p.pay.Get)
		}
		if err != nil || a.Finding != "" {
			w.violate("verify", "", fmt.Sprint(a.Finding, err))
		}
	}
	w.statementsClose(ctx, p.bills)
}
