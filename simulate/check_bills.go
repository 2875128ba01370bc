package simulate

import (
	"fmt"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
)

// billsAgree holds every bill's settlements against the orders: each bill is paid at most once over, by what orders
// kept less what went back.
func (w *world) billsAgree() {
	paid := map[string]money.Fen{} // bill and order → what the order still pays of it
	for _, id := range w.ids {
		o := w.seen[id]
		if o.Status != payment.Paid {
			continue
		}
		for _, it := range o.Items {
			if !it.Unsettled && !it.PaysAhead {
				paid[it.Ref+" "+id] += it.Amount
			}
		}
		for _, r := range o.Refunds {
			if r.Status == payment.RefundSucceeded {
				for _, it := range r.Items {
					if _, ahead := billing.TopUpOf(it.Ref); !ahead {
						paid[it.Ref+" "+id] -= it.Amount
					}
				}
			}
		}
	}
	seen := 0
	for _, u := range w.units {
		for i := range unitBills {
			var b billing.Bill
			if err := json.Unmarshal(w.memory.kinds["bills"].docs[fmt.Sprintf("%s-b%d", u.ID, i)].doc.Body,
				&b); err != nil {
				panic(err)
			}
			seen += w.billAgrees(&b, paid)
		}
	}
	if seen != len(paid) {
		w.violate("bills", "", fmt.Sprintf("orders paid bills %d times, bills know of %d", len(paid), seen))
	}
}

func (w *world) billAgrees(b *billing.Bill, paid map[string]money.Fen) (settlements int) {
	var sum money.Fen
	for i := range b.Settlements {
		s := &b.Settlements[i]
		if s.Amount == 0 {
			continue
		}
		sum += s.Net()
		if s.Draw != "" {
			w.drawAgrees(b, s)
			continue
		}
		settlements++
		if want, ok := paid[b.ID+" "+s.Order]; !ok || want != s.Net() {
			w.violate("bills", s.Order, fmt.Sprintf("bill %s says that it pays %s of it, the order says %s", b.ID,
				s.Net(), want))
		}
	}
	billed := w.storedBill(b.ID).billed()
	switch {
	case w.imported[b.ID] && b.PaidBy != billing.Imported:
		w.violate("bills", b.PaidBy, fmt.Sprintf("bill %s was paid elsewhere, and an order settled it all the same",
			b.ID))
	case b.PaidBy == billing.Imported && sum != 0, sum > billed, sum < 0:
		w.violate("bills", b.PaidBy, fmt.Sprintf("bill %s of %s is paid with %s: %+v", b.ID, billed, sum,
			b.Settlements))
	case b.PaidBy != billing.Imported && (sum == billed) == (b.Status == billing.Unpaid):
		w.violate("bills", b.PaidBy, fmt.Sprintf("bill %s is %s with %s of %s paid", b.ID, b.Status, sum, billed))
	}
	return settlements
}
