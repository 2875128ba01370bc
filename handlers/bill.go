package handlers

import (
	"context"
	"time"

	"linlipay/money"
	"linlipay/property"
)

type billView struct {
	ID        string              `json:"id"`
	Unit      string              `json:"unit"`
	Fee       string              `json:"fee"`
	Period    string              `json:"period"` // yyyy-MM
	Title     string              `json:"title"`
	Amount    money.Fen           `json:"amount"`   // fen
	Owed      money.Fen           `json:"owed"`     // fen still to be paid: less than the amount when part of a payment went back
	DueDate   string              `json:"due_date"` // yyyy-MM-dd, Asia/Shanghai
	Status    property.BillStatus `json:"status"`
	Overdue   bool                `json:"overdue"`
	Order     string              `json:"order,omitempty"`      // that paid it
	OpenOrder string              `json:"open_order,omitempty"` // that is open for it
	PaidAt    *time.Time          `json:"paid_at,omitempty"`
}

type billsQuery struct {
	ID     string `path:"id" json:"-"`
	Status string `query:"status" json:"-"`
	Cursor string `query:"cursor" json:"-"`
	Limit  int    `query:"limit" json:"-"` // 0 is 50
}

type billsView struct {
	Items   []billView `json:"items"`
	Next    string     `json:"next,omitempty"` // cursor of the next page
	Prepaid money.Fen  `json:"prepaid"`        // fen that the unit has in prepayments
	AtMost  int        `json:"at_most"`        // so many bills one order can pay for
}

func (s *Server) unitBills(ctx context.Context, c *call, in billsQuery) (billsView, error) {
	u, err := s.unit(ctx, c, in.ID)
	if err != nil {
		return billsView{}, err
	}
	wanted := map[string][]property.BillStatus{
		"": {property.Unpaid}, "unpaid": {property.Unpaid}, "paid": {property.PaidBill}, "all": {property.Unpaid, property.PaidBill},
	}[in.Status]
	if wanted == nil {
		return billsView{}, malformed("status 须为 unpaid、paid 或 all。", "status is unpaid, paid or all.")
	}
	some, next, err := s.Property.BillPage(ctx, u.ID, wanted, in.Cursor, min(in.Limit, pageMost))
	if err != nil {
		return billsView{}, err
	}
	views := make([]billView, 0, len(some))
	for i := range some {
		v, err := s.billView(ctx, &some[i])
		if err != nil {
			return billsView{}, err
		}
		views = append(views, v)
	}
	prepaid, err := s.Property.Prepaid(ctx, u.ID)
	return billsView{views, next, prepaid, property.OrderBills}, err
}

func (s *Server) billView(ctx context.Context, b *property.Bill) (billView, error) {
	open, err := s.Property.OpenOrder(ctx, b)
	return billView{
		ID: b.ID, Unit: b.Unit, Fee: b.Fee, Period: b.Period, Title: b.Title(), Amount: b.Amount, Owed: b.Owed(), DueDate: b.DueDate, Status: b.Status,
		Overdue: b.Overdue(s.Now()), Order: b.PaidBy, OpenOrder: open, PaidAt: given(b.PaidAt),
	}, err
}

// given is nil for an instant that has not come.
func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
