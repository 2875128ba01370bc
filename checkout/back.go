package checkout

import (
	"context"
	"strings"

	"linlipay/billing"
	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
)

// returned is money of the order that went back, in words for the payer.
type returned struct{ Amount, At, Bills string }

// Returned tells what went back of what the order paid for: how much, when, and of which bills.
func (v view) Returned() []returned {
	var told []returned
	for _, r := range v.Order.Refunds {
		if r.Status == payment.RefundSucceeded && len(r.Items) > 0 {
			at := calendar.DateTime(r.SucceededAt)
			told = append(told, returned{r.Amount.Grouped(), at, strings.Join(v.titles(r.Items), v.T("、", ", "))})
		}
	}
	return told
}

// titles names the bills of a refund as the order does.
func (v view) titles(items []payment.RefundItem) []string {
	var titles []string
	for _, back := range items {
		for _, it := range v.Order.Items {
			if it.Ref == back.Ref {
				titles = append(titles, v.ItemTitle(it))
			}
		}
	}
	return titles
}

// Whole reports whether all that the order kept went back.
func (v view) Whole() bool { return v.Order.Refunded() >= v.Order.Amount }

// owedAgain is what the bills owe now that money of the order went back of, in fen.
func (s *Pages) owedAgain(ctx context.Context, o *payment.Order) (money.Fen, error) {
	var sum money.Fen
	seen := map[string]bool{}
	for _, r := range o.Refunds {
		for _, it := range r.Items {
			if r.Status != payment.RefundSucceeded || seen[it.Ref] {
				continue
			}
			seen[it.Ref] = true
			b, err := s.Billing.Bill(ctx, it.Ref)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return 0, err
			}
			if err == nil && b.Status == billing.Unpaid {
				sum += b.Owed() // bounded: a bill's by its corrections, and an order has few
			}
		}
	}
	return sum, nil
}
