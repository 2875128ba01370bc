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
		{id: "listUnitBills", method: "GET", path: "/v1/units/:id/bills", who: signedIn,
			summary: "A unit's bills: unpaid ones oldest first, then paid ones newest first, then those that were " +
				"cancelled",
			endpoint: listed(s, withUsual("period", "due_date", "amount"), s.unitBills)},
	}
}

type billView struct {
	ID     string    `json:"id"`
	Unit   string    `json:"unit"`
	Fee    string    `json:"fee"`
	Period string    `json:"period"` // yyyy-MM
	Title  string    `json:"title"`
	Amount money.Fen `json:"amount"` // fen; as it was published
	// fen that the bill is of: the amount, and what corrections made of it
	Billed money.Fen `json:"billed"`
	// fen still to be paid: less than the amount where a part was paid, or part of a payment went back
	Owed money.Fen `json:"owed"`
	// fen of what is owed that open orders are collecting; the rest is free
	Held      money.Fen          `json:"held,omitempty"`
	DueDate   string             `json:"due_date"` // yyyy-MM-dd, Asia/Shanghai
	Status    billing.BillStatus `json:"status"`
	Entity    string             `json:"entity"` // the legal entity to which it is owed: one order is of one
	Payee     string             `json:"payee"`  // its name
	Overdue   bool               `json:"overdue"`
	Order     string             `json:"order,omitempty"`      // that paid it, where the caller may see it
	Prepaid   money.Fen          `json:"prepaid,omitempty"`    // fen that prepayments pay of it
	OpenOrder string             `json:"open_order,omitempty"` // that is open for it; the first of several
	PaidAt    *time.Time         `json:"paid_at,omitempty"`
	// what changed it, each approved by a second person
	Corrections []correctionView `json:"corrections,omitempty"`
	// a correction waits for a second person; staff and API clients are told
	Waits bool `json:"correction_requested,omitempty"`
}

// BillFilter says which of a unit's bills are asked for.
type BillFilter string

// The filters.
const (
	OwedBills      BillFilter = "unpaid" // owed, wholly or in part: where nothing is said
	PaidBills      BillFilter = "paid"
	CancelledBills BillFilter = "cancelled"
	AllBills       BillFilter = "all"
)

// statuses are those of the bills that are asked for.
func (f BillFilter) statuses() []billing.BillStatus {
	switch f {
	case PaidBills:
		return []billing.BillStatus{billing.PaidBill}
	case CancelledBills:
		return []billing.BillStatus{billing.Cancelled}
	case AllBills:
		return billing.BillStatuses()
	}
	return []billing.BillStatus{billing.Unpaid}
}

type billsQuery struct {
	ID     string     `path:"id" json:"-"`
	Status BillFilter `query:"status" json:"-"` // "" is unpaid
	pageQuery
}

type billsView struct {
	list[billView]
	Prepaid money.Fen `json:"prepayment_balance"` // fen that the owner may use of what was paid ahead
	AtMost  int       `json:"max_per_order"`      // how many items, each a bill, one order takes
	// whether the caller may make an order for an amount: a part of what is owed
	InPart bool `json:"part_payment"`
}

func (s *Server) unitBills(ctx context.Context, c *call, in billsQuery) (billsView, error) {
	h, err := s.home(ctx, c, in.ID)
	if err != nil {
		return billsView{}, err
	}
	page, err := s.billPage(ctx, h, in)
	if err != nil {
		return billsView{}, err
	}
	views, err := shown(page, func(b *billing.Bill) (billView, error) {
		v, err := s.billView(ctx, b)
		if c.Kind == access.ResidentKind && !billing.SeesPayment(h, b) {
			v.Order = ""
		}
		if c.Kind != access.StaffKind && c.Kind != access.ClientKind { // it may come to nothing
			v.Waits = false
		}
		return v, err
	})
	if err != nil {
		return billsView{}, err
	}
	v := billsView{list: views, AtMost: billing.OrderBills}
	if v.InPart, err = s.mayPayParts(ctx, c, h.Company); err != nil {
		return billsView{}, err
	}
	if h.As != property.FormerOwner {
		v.Prepaid, err = s.Billing.Prepaid(ctx, &h.Unit)
	}
	return v, err
}

// billPage is a page of a unit's bills in the order asked for.
func (s *Server) billPage(ctx context.Context, h *property.Home, in billsQuery) (list[billing.Bill], error) {
	of := in.Status.statuses()
	if in.Sort == "" {
		bills, next, err := s.billsOf(ctx, h, of, in.Cursor, in.Limit)
		return list[billing.Bill]{bills, next}, err
	}
	all, err := everything(func(cursor string, limit int) ([]billing.Bill, string, error) {
		return s.billsOf(ctx, h, of, cursor, limit)
	})
	if err != nil {
		return list[billing.Bill]{}, err
	}
	return sortedPage(in.pageQuery, all, func(b *billing.Bill) string { return b.ID }, sortKeys[billing.Bill]{
		"period":   func(b *billing.Bill) string { return b.Period },
		"due_date": func(b *billing.Bill) string { return b.DueDate },
		"amount":   func(b *billing.Bill) string { return inSize(int64(b.Amount)) },
	})
}

// billsOf is a page of a unit's bills in their usual order; a former owner has those that they still owe, and no
// others.
func (s *Server) billsOf(ctx context.Context, h *property.Home, of []billing.BillStatus, cursor string,
	limit int) ([]billing.Bill, string, error) {
	switch {
	case h.As != property.FormerOwner:
		return s.Billing.BillPage(ctx, h.ID, of, cursor, limit)
	case slices.Contains(of, billing.Unpaid):
		return s.Billing.OwedPage(ctx, h, cursor, limit)
	}
	return nil, "", nil
}

func (s *Server) billView(ctx context.Context, b *billing.Bill) (billView, error) {
	orders, held, err := s.Billing.OpenOrders(ctx, b)
	if err != nil {
		return billView{}, err
	}
	open := ""
	if len(orders) > 0 {
		open = orders[0]
	}
	payee, err := s.Access.EntityName(ctx, b.Company, b.EntityID())
	return billView{
		ID: b.ID, Unit: b.Unit, Fee: b.Fee, Period: b.Period, Title: b.Title(), Amount: b.Amount, Billed: b.Billed(),
		Owed: b.Owed(), Corrections: corrections(b), Waits: b.Waits(s.Now()),
		DueDate: b.DueDate, Status: b.Status, Entity: b.EntityID(), Payee: payee,
		Overdue: b.Overdue(s.Now()), Order: paidBy(b), Prepaid: b.Drawn(),
		OpenOrder: open, Held: held, PaidAt: given(b.PaidAt),
	}, err
}

// paidBy is the order that paid a bill last, "" where none did.
func paidBy(b *billing.Bill) string {
	if b.PaidBy == billing.ByPrepayment {
		return ""
	}
	return b.PaidBy
}

// given is nil for an instant that has not come.
func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
