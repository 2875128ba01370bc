package billing

import (
	"context"
	"slices"

	"linlipay/payment"
	"linlipay/property"
)

// Owes reports whether a former owner may see and pay a bill: one of their time that is owed.
func Owes(h *property.Home, b *Bill) bool {
	return b.Unit == h.ID && b.Status == Unpaid && slices.Contains(h.Tenures, b.Tenure)
}

// SeesOrder reports whether a resident may see an order of the unit: the household those since the person on record
// came, a former owner those that they made for their own bills.
func SeesOrder(h *property.Home, o *payment.Order, resident string) bool {
	if o.Payer.Unit != h.ID {
		return false
	}
	if h.Household() {
		first, _ := h.Began()
		return o.Payer.Tenure >= first
	}
	return o.Origin.Resident == resident && slices.Contains(h.Tenures, o.Payer.Tenure)
}

// SeesPayment reports whether they may follow a paid bill to its order. A correction may have settled the bill long
// after that was paid.
func SeesPayment(h *property.Home, b *Bill) bool {
	paidAt := b.PaidAt
	if paid := b.Settlement(b.PaidBy); paid != nil {
		paidAt = paid.At
	}
	_, since := h.Began()
	return h.Household() && !paidAt.Before(since)
}

// UnitsOf is a page of a resident's homes, and the cursor of the next, "" on the last: property.Service.UnitsOf, with
// those of a former owner that bills of their time are owed of. A resident who is not known is Unauthenticated.
func (s *Service) UnitsOf(ctx context.Context, resident, cursor string, limit int) ([]property.Home, string, error) {
	return s.property.UnitsOf(ctx, resident, s.owes, cursor, limit)
}

// owes reports whether a former owner still owes a bill.
func (s *Service) owes(ctx context.Context, h *property.Home) (bool, error) {
	bills, _, err := s.OwedPage(ctx, h, "", 1)
	return len(bills) > 0, err
}

// OwedPage is a page of the bills that a former owner still owes, oldest first, and the cursor of the next, "" on the
// last. A page may be short.
func (s *Service) OwedPage(ctx context.Context, h *property.Home, cursor string, limit int) (bills []Bill, next string,
	err error) {
	q := billsOf(h.ID, Unpaid)
	q.Cursor, q.Limit = cursor, limit
	for {
		page, next, err := s.bills.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		page = slices.DeleteFunc(page, func(b Bill) bool { return !Owes(h, &b) })
		if len(page) > 0 || next == "" {
			return page, next, nil
		}
		q.Cursor = next
	}
}
