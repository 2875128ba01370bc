package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/property"
)

// billRoutes are the routes of bills.
func (s *Server) billRoutes() []route {
	return []route{
		{method: "GET", path: "/v1/units/:id/bills", who: signedIn,
			summary:  "A unit's bills: unpaid ones oldest first, then paid ones newest first",
			endpoint: handle(s, 200, s.unitBills)},
	}
}

type billView struct {
	ID     string    `json:"id"`
	Unit   string    `json:"unit"`
	Fee    string    `json:"fee"`
	Period string    `json:"period"` // yyyy-MM
	Title  string    `json:"title"`
	Amount money.Fen `json:"amount"` // fen
	// fen still to be paid: less than the amount when part of a payment went back
	Owed      money.Fen          `json:"owed"`
	DueDate   string             `json:"due_date"` // yyyy-MM-dd, Asia/Shanghai
	Status    billing.BillStatus `json:"status"`
	Overdue   bool               `json:"overdue"`
	Order     string             `json:"order,omitempty"`      // that paid it, where the caller may see it
	OpenOrder string             `json:"open_order,omitempty"` // that is open for it
	PaidAt    *time.Time         `json:"paid_at,omitempty"`
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
	h, err := s.home(ctx, c, in.ID)
	if err != nil {
		return billsView{}, err
	}
	wanted := map[string][]billing.BillStatus{
		"": {billing.Unpaid}, "unpaid": {billing.Unpaid}, "paid": {billing.PaidBill},
		"all": {billing.Unpaid, billing.PaidBill},
	}[in.Status]
	if wanted == nil {
		return billsView{}, malformed("status 须为 unpaid、paid 或 all。", "status is unpaid, paid or all.")
	}
	bills, next, err := s.billPage(ctx, h, wanted, in)
	if err != nil {
		return billsView{}, err
	}
	views := make([]billView, 0, len(bills))
	for i := range bills {
		v, err := s.billView(ctx, &bills[i])
		if err != nil {
			return billsView{}, err
		}
		if c.Kind == access.ResidentKind && !billing.SeesPayment(h, &bills[i]) {
			v.Order = ""
		}
		views = append(views, v)
	}
	v := billsView{Items: views, Next: next, AtMost: billing.OrderBills}
	if h.As != property.FormerOwner {
		v.Prepaid, err = s.Billing.Prepaid(ctx, h.ID)
	}
	return v, err
}

// billPage is a page of a unit's bills; a former owner has those that they still owe, and no others.
func (s *Server) billPage(
	ctx context.Context, h *property.Home, of []billing.BillStatus, in billsQuery,
) ([]billing.Bill, string, error) {
	limit := min(in.Limit, pageMost)
	switch {
	case h.As != property.FormerOwner:
		return s.Billing.BillPage(ctx, h.ID, of, in.Cursor, limit)
	case slices.Contains(of, billing.Unpaid):
		return s.Billing.OwedPage(ctx, h, in.Cursor, limit)
	}
	return nil, "", nil
}

func (s *Server) billView(ctx context.Context, b *billing.Bill) (billView, error) {
	open, err := s.Billing.OpenOrder(ctx, b)
	return billView{
		ID: b.ID, Unit: b.Unit, Fee: b.Fee, Period: b.Period, Title: b.Title(), Amount: b.Amount, Owed: b.Owed(),
		DueDate: b.DueDate, Status: b.Status,
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
