package billing

import (
	"context"

	"linlipay/money"
	"linlipay/store"
)

// Collected is how much of a period's bills is paid: a bill counts once it is paid in full.
type Collected struct {
	Period           string
	Billed, Paid     money.Fen
	Bills, PaidBills int64
}

// Collected adds up the bills of some communities for a period, such as 2026-11.
func (s *Service) Collected(ctx context.Context, communities []string, period string) (Collected, error) {
	sum := Collected{Period: period}
	for _, community := range communities {
		for _, status := range []BillStatus{Unpaid, PaidBill} {
			q := store.Query{Index: "by_community", Equal: []any{community, string(status), period}}
			groups, err := s.bills.Sum(ctx, q, []string{"status"}, []string{"amount"})
			if err != nil {
				return Collected{}, err
			}
			for _, g := range groups {
				sum.Billed, sum.Bills = sum.Billed+money.Fen(g.Sums[0]), sum.Bills+g.Count
				if status == PaidBill {
					sum.Paid, sum.PaidBills = sum.Paid+money.Fen(g.Sums[0]), sum.PaidBills+g.Count
				}
			}
		}
	}
	return sum, nil
}
