package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/property"
)

// statementRoutes are the routes of statements.
func (s *Server) statementRoutes() []route {
	return []route{
		{id: "getUnitStatement", method: "GET", path: "/v1/units/:id/statement", who: signedIn,
			summary: "A unit's statement (对账单): what became of the bills of one of its owners, move by move, with " +
				"what was owed after each",
			problems: []fault.Code{fault.NotFound}, endpoint: handle(s, 200, s.statement)},
	}
}

type statementQuery struct {
	ID string `path:"id" json:"-"`
	// the first day, yyyy-MM-dd in Asia/Shanghai; from the beginning where nothing is said
	From string `query:"from" json:"-"`
	// the last day, which is within; until now where nothing is said
	To string `query:"to" json:"-"`
	// whose bills: a tenure of one of the debtors; the owner on record where nothing is said
	Tenure *int `query:"tenure" json:"-"`
}

// debtorView is one of a unit's owners, as far as the caller may see them.
type debtorView struct {
	// their first, which counts from 0: what a statement of theirs is asked by
	Tenure int        `json:"tenure"`
	Name   string     `json:"name"`                 // masked but for staff
	Since  *time.Time `json:"started_at,omitempty"` // when they came on record; none: from the beginning
	Until  *time.Time `json:"ended_at,omitempty"`   // none: they are on record
	Owed   money.Fen  `json:"owed"`                 // fen that they owe now, whatever days are asked for
}

// statementLineView is one move of what is owed.
type statementLineView struct {
	At time.Time `json:"at"`
	// nobody kept when it was: at is the first day of the bill's period, or the day of its first payment
	Undated bool                  `json:"undated,omitempty"`
	Kind    billing.StatementKind `json:"kind"`
	Bill    string                `json:"bill"`
	Title   string                `json:"title"` // of the bill
	Fee     string                `json:"fee"`
	Period  string                `json:"period"` // yyyy-MM
	// the order whose money moved; a former owner does not see it
	Order   string    `json:"order,omitempty"`
	Receipt string    `json:"receipt_number,omitempty"`
	Amount  money.Fen `json:"amount"`  // fen by which more is owed than before, less than 0 where less is
	Balance money.Fen `json:"balance"` // fen owed after it
}

// statementTotalView is what the lines of one kind come to.
type statementTotalView struct {
	Kind   billing.StatementKind `json:"kind"`
	Amount money.Fen             `json:"amount"` // fen, as in the lines
	Count  int                   `json:"count"`
}

type statementView struct {
	Unit      string       `json:"unit"`
	Community string       `json:"community"`
	Place     string       `json:"community_name"`
	Label     string       `json:"unit_label"`
	Company   string       `json:"company_name"`
	Payees    []string     `json:"payees"`          // names of the legal entities to which it was or is owed
	Debtor    debtorView   `json:"debtor"`          // whose it is
	Debtors   []debtorView `json:"debtors"`         // whom one may ask for, the owner on record first
	From      string       `json:"from,omitempty"`  // the first day, yyyy-MM-dd
	To        string       `json:"to,omitempty"`    // the last day
	At        time.Time    `json:"created_at"`      // when it was made
	Opening   money.Fen    `json:"opening_balance"` // fen owed before the first day
	// fen owed at the end of the last day; without one what is owed now
	Closing money.Fen            `json:"closing_balance"`
	Totals  []statementTotalView `json:"totals"` // of the kinds that there are
	Lines   []statementLineView  `json:"lines"`  // the oldest first: 2000 at most, or it is refused
}

func (s *Server) statement(ctx context.Context, c *call, in statementQuery) (statementView, error) {
	h, err := s.home(ctx, c, in.ID)
	if err != nil {
		return statementView{}, err
	}
	debtors := c.debtors(h)
	i := 0
	if in.Tenure != nil {
		i = slices.IndexFunc(debtors, func(o property.Ownership) bool { return o.Has(*in.Tenure) })
	}
	if i < 0 || len(debtors) == 0 {
		return statementView{}, outOfReach()
	}
	st, err := s.Billing.Statement(ctx, h, debtors[i], billing.Days{From: in.From, To: in.To})
	if err != nil {
		return statementView{}, err
	}
	return s.statementView(ctx, c, h, st, debtors, i)
}

// debtors are the owners whose bills the caller may see as such: staff and API clients all, who lives there and a
// terminal the one on record, a former owner themselves.
func (c *call) debtors(h *property.Home) []property.Ownership {
	all := h.Ownerships()
	switch {
	case h.As == property.FormerOwner:
		return slices.DeleteFunc(all, func(o property.Ownership) bool { return !slices.ContainsFunc(h.Tenures, o.Has) })
	case c.Kind != access.StaffKind && c.Kind != access.ClientKind:
		return all[:1]
	}
	return all
}

// statementView shows a statement of one of some debtors.
func (s *Server) statementView(ctx context.Context, c *call, h *property.Home, st *billing.Statement,
	debtors []property.Ownership, of int) (statementView, error) {
	v := statementView{
		Unit: h.ID, Community: h.Community, Place: s.Property.CommunityName(ctx, h.Community), Label: h.Label,
		Company: s.Property.CompanyName(ctx, h.Company), From: st.Days.From, To: st.Days.To, At: st.At,
		Opening: st.Opening, Closing: st.Closing, Payees: []string{}, Totals: []statementTotalView{},
		Lines: make([]statementLineView, 0, len(st.Lines)),
	}
	for _, o := range debtors {
		d, err := c.debtor(o, st)
		if err != nil {
			return v, err
		}
		v.Debtors = append(v.Debtors, d)
	}
	v.Debtor = v.Debtors[of]
	for _, id := range st.Entities {
		name, err := s.Access.EntityName(ctx, h.Company, id)
		if err != nil {
			return v, err
		}
		v.Payees = append(v.Payees, name)
	}
	for _, total := range st.Totals {
		v.Totals = append(v.Totals, statementTotalView(total))
	}
	for i := range st.Lines {
		v.Lines = append(v.Lines, statementLine(h, &st.Lines[i]))
	}
	return v, nil
}

// debtor shows one of a unit's owners, with what they owe now.
func (c *call) debtor(o property.Ownership, st *billing.Statement) (debtorView, error) {
	d := debtorView{Tenure: o.First, Name: maskName(o.Owner), Since: given(o.Since), Until: given(o.Until)}
	if c.Kind == access.StaffKind {
		d.Name = o.Owner
	}
	for tenure := o.First; tenure <= o.Last; tenure++ {
		sum, err := d.Owed.Add(st.Owed[tenure])
		if err != nil {
			return d, err
		}
		d.Owed = sum
	}
	return d, nil
}

func statementLine(h *property.Home, l *billing.StatementLine) statementLineView {
	v := statementLineView{At: l.At, Undated: l.Undated, Kind: l.Kind, Bill: l.Bill.ID, Title: l.Bill.Title(),
		Fee: l.Bill.Fee, Period: l.Bill.Period, Amount: l.Amount, Balance: l.Balance}
	if h.As != property.FormerOwner {
		v.Order, v.Receipt = l.Order, l.Receipt
	}
	return v
}
