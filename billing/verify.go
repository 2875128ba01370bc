package billing

import (
	"context"
	"fmt"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/store"
)

// VerifyOrder says what does not agree between a paid order and the bills it settled, "" for nothing. What the order
// still owes its bills is not held against them. What does not agree is no error.
func (s *Service) VerifyOrder(ctx context.Context, o *payment.Order) (string, error) {
	if o.Status != payment.Paid {
		return "", nil
	}
	for _, e := range o.Outbox {
		if e.Kind == payment.SettleItems || e.Kind == payment.ReopenItems {
			return "", nil
		}
	}
	for _, it := range o.Items {
		b, err := s.bills.Get(ctx, it.Ref)
		if fault.Is(err, fault.NotFound) {
			return fmt.Sprintf("there is no bill %s", it.Ref), nil
		}
		if err != nil {
			return "", err
		}
		if finding := b.disagrees(o, it); finding != "" {
			return finding, nil
		}
	}
	return "", nil
}

// disagrees says what does not agree between a bill and the item of a paid order that is of it, "" for nothing.
func (b *Bill) disagrees(o *payment.Order, it payment.Item) string {
	paid := b.Settlement(o.ID)
	switch {
	case b.EntityID() != o.EntityID():
		return fmt.Sprintf("bill %s is owed to %s, the order is of %s", b.ID, b.EntityID(), o.EntityID())
	case it.Unsettled && paid != nil && paid.Amount > 0:
		return fmt.Sprintf("bill %s says that it was settled by it, the order does not", b.ID)
	case it.Unsettled:
	case paid == nil || paid.Amount != it.Amount:
		return fmt.Sprintf("bill %s does not say that %s was paid by it", b.ID, it.Amount.Yuan())
	case it.Amount-paid.Net() != o.ItemGivenBack(it.Ref):
		return fmt.Sprintf("bill %s says that %s went back, the order says %s", b.ID,
			(it.Amount - paid.Net()).Yuan(), o.ItemGivenBack(it.Ref).Yuan())
	}
	return ""
}

// VerifyBills says which bill of a company is wrong in itself or settled by an order that does not know of it, "" for
// none. What is wrong is no error; what order returns is returned.
func (s *Service) VerifyBills(ctx context.Context, company string,
	order func(context.Context, string) (*payment.Order, error)) (why string, err error) {
	communities, err := s.property.Communities(ctx, property.Scope{Company: company})
	if err != nil {
		return "", err
	}
	for _, c := range communities {
		err := s.bills.All(ctx, store.Query{Index: "by_community", Equal: []any{c.ID}}, func(b Bill) error {
			if why == "" {
				var err error
				why, err = verifyBill(ctx, &b, order)
				return err
			}
			return nil
		})
		if err != nil || why != "" {
			return why, err
		}
	}
	return "", nil
}

func verifyBill(ctx context.Context, b *Bill, order func(context.Context, string) (*payment.Order, error)) (string,
	error) {
	if owed := b.Owed(); owed < 0 || (owed == 0) != (b.Status == PaidBill) {
		return fmt.Sprintf("bill %s is %s and owes %s of %s", b.ID, b.Status, owed.Yuan(), b.Amount.Yuan()), nil
	}
	for _, paid := range b.Settlements {
		if paid.Amount == 0 {
			continue
		}
		o, err := order(ctx, paid.Order)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return "", err
		}
		if err != nil || o.Status != payment.Paid || !o.PaysFor(b.ID) {
			return fmt.Sprintf("bill %s says that order %s paid it, the order does not", b.ID, paid.Order), nil
		}
	}
	return "", nil
}
