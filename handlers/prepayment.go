package handlers

import (
	"context"
	"slices"
	"strings"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/property"
)

// prepaymentRoutes are the routes of what was paid ahead: prepayments (预存款) and deposits (押金). It comes in by an
// order with prepay.
func (s *Server) prepaymentRoutes() []route {
	const one = "/v1/prepayments/:id"
	payers := audience{
		kinds: []access.Kind{access.StaffKind, access.ResidentKind},
		roles: []access.Role{access.Cashier, access.Finance},
	}
	return []route{
		{id: "listUnitPrepayments", method: "GET", path: "/v1/units/:id/prepayments", who: signedIn,
			summary:  "What a unit's owners have paid ahead (预存款), the present owner's first",
			endpoint: handle(s, 200, s.unitPrepayments)},
		{id: "listUnitDeposits", method: "GET", path: "/v1/units/:id/deposits", who: signedIn,
			summary:  "The deposits (押金) of a unit's owners, the present owner's first",
			endpoint: handle(s, 200, s.unitDeposits)},
		{id: "getPrepayment", method: "GET", path: one, who: signedIn,
			summary:  "A prepayment or a deposit with all that moved its balance",
			endpoint: handle(s, 200, s.getPrepayment)},
		{id: "createPrepaymentDraw", method: "POST", path: one + "/draws", who: payers, keyed: true,
			summary:  "Pay a bill, or a part of one, of a prepayment",
			problems: []fault.Code{fault.NotFound, fault.WrongState, fault.OrderOpen, fault.AlreadyPaid},
			endpoint: handle(s, 201, s.drawPrepayment)},
		{id: "returnPrepaymentDraw", method: "POST", path: one + "/draws/:no/return", who: staffWith(access.Finance),
			summary:  "Undo a draw: its bill is owed again, and the prepayment has the money again",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.returnDraw)},
		{id: "updatePrepaymentFees", method: "PUT", path: one + "/fees", who: staffWith(access.Finance),
			summary:  "Let a prepayment pay for some fees alone, or for all",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.limitPrepayment)},
	}
}

type prepaymentView struct {
	ID        string    `json:"id"`
	Unit      string    `json:"unit"`
	Label     string    `json:"unit_label"`
	Place     string    `json:"community_name"`
	Debtor    string    `json:"debtor"`            // the owner whose it is; masked but for staff
	Former    bool      `json:"former"`            // another owner is on record since
	Entity    string    `json:"entity"`            // the legal entity that has the money
	Payee     string    `json:"payee"`             // its name
	Deposit   string    `json:"deposit,omitempty"` // a deposit's name: it pays no bills
	Balance   money.Fen `json:"balance"`           // fen; less than 0 where an institution gave back what was used
	Reserved  money.Fen `json:"reserved"`
	Available money.Fen `json:"available"` // fen that may pay bills or go back
	Fees      []string  `json:"fees"`      // it pays for these alone; none is for all
}

// prepaymentMoveView is one move of a prepayment's balance.
type prepaymentMoveView struct {
	At      time.Time                  `json:"at"`
	Kind    billing.PrepaymentMoveKind `json:"kind"`
	Amount  money.Fen                  `json:"amount"`           // fen; less than 0 where it leaves
	Balance money.Fen                  `json:"balance"`          // fen, after it
	Order   string                     `json:"order,omitempty"`  // by which money came or went
	Draw    int                        `json:"draw,omitempty"`   // number of the draw that paid a bill
	Payout  string                     `json:"payout,omitempty"` // id of the payout by which money left
	Source  string                     `json:"source,omitempty"` // id of the deposit by which it came
	Fee     string                     `json:"fee,omitempty"`    // of a deduction: what it was for
	Bill    string                     `json:"bill,omitempty"`
	Title   string                     `json:"title,omitempty"` // the bill's
	// what the system before said of money that it held
	Opening *openingView `json:"opening,omitempty"`
	// a draw that pays its bill still, and can be undone
	Stands bool   `json:"stands,omitempty"`
	By     string `json:"by,omitempty"`     // who did it; staff are told
	Reason string `json:"reason,omitempty"` // why a draw was undone; staff are told
}

// openingView is what the system before said of money that it held; staff are told who paid.
type openingView struct {
	Payer   string `json:"payer,omitempty"`
	PaidOn  string `json:"paid_on,omitempty"` // yyyy-MM-dd
	Method  string `json:"method,omitempty"`  // in its words
	Receipt string `json:"receipt,omitempty"` // number of its receipt
}

type prepaymentRecordView struct {
	Prepayment prepaymentView       `json:"prepayment"`
	Moves      []prepaymentMoveView `json:"moves"` // the newest first
	// what was asked to be paid out to a payee, the newest first; staff are told
	Payouts []payoutView `json:"payouts"`
}

// sees reports whether a caller who reaches a home may see a prepayment of it: a household its own, a former owner
// theirs.
func (s *Server) sees(c *call, h *property.Home, p *billing.Prepayment) bool {
	switch {
	case c.Kind != access.ResidentKind && c.Kind != access.TerminalKind:
		return true
	case h.Ownerships()[0].Has(p.Tenure): // also when they had another phone: what they had then is theirs alone
		return h.As != property.FormerOwner
	}
	return h.As == property.FormerOwner && slices.Contains(h.Tenures, p.Tenure)
}

// prepayment is one within the caller's reach, and its home.
func (s *Server) prepayment(ctx context.Context, c *call, id string) (*billing.Prepayment, *property.Home, error) {
	p, err := s.Billing.Prepayment(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	h, err := s.home(ctx, c, p.Unit)
	if err != nil {
		return nil, nil, err
	}
	if !s.sees(c, h, p) {
		return nil, nil, outOfReach()
	}
	return p, h, nil
}

func (s *Server) prepaymentView(ctx context.Context, c *call, h *property.Home, p *billing.Prepayment) (prepaymentView,
	error) {
	payee, err := s.Access.EntityName(ctx, p.Company, p.Entity)
	debtor := h.OwnerIn(p.Tenure)
	if c.Kind != access.StaffKind {
		debtor = maskName(debtor)
	}
	fees := p.Fees
	if fees == nil {
		fees = []string{}
	}
	return prepaymentView{ID: p.ID, Unit: p.Unit, Label: h.Label, Place: s.Property.CommunityName(ctx, p.Community),
		Debtor: debtor, Former: !h.Ownerships()[0].Has(p.Tenure),
		Entity: p.Entity, Payee: payee, Deposit: depositName(p), Balance: p.Balance(), Reserved: p.Reserved(),
		Available: p.Available(), Fees: fees}, err
}

// depositName is the name of a deposit, "" of a prepayment.
func depositName(p *billing.Prepayment) string {
	if p.Deposit == nil {
		return ""
	}
	return p.Deposit.Name
}

func (s *Server) prepaymentRecord(ctx context.Context, c *call, h *property.Home,
	p *billing.Prepayment) (prepaymentRecordView, error) {
	of, err := s.prepaymentView(ctx, c, h, p)
	if err != nil {
		return prepaymentRecordView{}, err
	}
	v := prepaymentRecordView{Prepayment: of, Moves: []prepaymentMoveView{}}
	if v.Payouts, err = s.payoutsOf(ctx, c, p); err != nil {
		return prepaymentRecordView{}, err
	}
	for _, m := range slices.Backward(p.Moves()) {
		move := prepaymentMoveView{At: m.At, Kind: m.Kind, Amount: m.Amount, Balance: m.Balance, Order: m.Order,
			Source: m.Deposit}
		if o := m.Opening; o != nil {
			move.Opening = &openingView{PaidOn: o.PaidOn, Method: o.Method, Receipt: o.Receipt}
			if c.Kind == access.StaffKind {
				move.Opening.Payer = o.Payer
			}
		}
		if d := m.Draw; d != nil {
			move.Draw, move.Bill, move.Title = d.No, d.Bill, d.Title
			move.Stands = d.State == billing.DrawUsed
			if c.Kind == access.StaffKind {
				move.By = d.By
			}
			if c.Kind == access.StaffKind && m.Kind == billing.AheadReturned {
				move.By, move.Reason = d.ReturnedBy, d.Reason
			}
		}
		if o := m.Payout; o != nil {
			move.Payout, move.Fee = o.ID, o.Fee
			if c.Kind == access.StaffKind {
				move.By, move.Reason = o.PaidBy, o.Reason
			}
		}
		v.Moves = append(v.Moves, move)
	}
	return v, nil
}

// withPrepayment does something with a prepayment within the caller's reach, and shows what became of it.
func (s *Server) withPrepayment(ctx context.Context, c *call, id string,
	do func(*billing.Prepayment) (*billing.Prepayment, error)) (prepaymentRecordView, error) {
	p, h, err := s.prepayment(ctx, c, id)
	if err != nil {
		return prepaymentRecordView{}, err
	}
	if p, err = do(p); err != nil {
		return prepaymentRecordView{}, err
	}
	return s.prepaymentRecord(ctx, c, h, p)
}

func (s *Server) unitPrepayments(ctx context.Context, c *call, in idInput) (list[prepaymentView], error) {
	return s.paidAhead(ctx, c, in.ID, s.Billing.Prepayments)
}

func (s *Server) unitDeposits(ctx context.Context, c *call, in idInput) (list[prepaymentView], error) {
	return s.paidAhead(ctx, c, in.ID, s.Billing.Deposits)
}

// paidAhead shows what a unit's owners have paid ahead, as far as the caller may see it.
func (s *Server) paidAhead(ctx context.Context, c *call, unit string,
	read func(context.Context, string) ([]billing.Prepayment, error)) (list[prepaymentView], error) {
	h, err := s.home(ctx, c, unit)
	if err != nil {
		return list[prepaymentView]{}, err
	}
	all, err := read(ctx, h.ID)
	if err != nil {
		return list[prepaymentView]{}, err
	}
	all = slices.DeleteFunc(all, func(p billing.Prepayment) bool { return !s.sees(c, h, &p) })
	return shown(list[billing.Prepayment]{Items: all}, func(p *billing.Prepayment) (prepaymentView, error) {
		return s.prepaymentView(ctx, c, h, p)
	})
}

func (s *Server) getPrepayment(ctx context.Context, c *call, in idInput) (prepaymentRecordView, error) {
	p, h, err := s.prepayment(ctx, c, in.ID)
	if err != nil {
		return prepaymentRecordView{}, err
	}
	return s.prepaymentRecord(ctx, c, h, p)
}

type drawInput struct {
	ID   string `path:"id" json:"-"`
	Bill string `json:"bill"`
	// fen; without it as much as is owed and available. Less than that is a part: see part_payments of the settings
	Amount money.Fen `json:"amount,omitempty" least:"0"`
}

func (s *Server) drawPrepayment(ctx context.Context, c *call, in drawInput) (prepaymentRecordView, error) {
	if err := needed(map[string]string{"bill": in.Bill}); err != nil {
		return prepaymentRecordView{}, err
	}
	_, h, err := s.prepayment(ctx, c, in.ID)
	if err != nil {
		return prepaymentRecordView{}, err
	}
	inPart, err := s.mayPayParts(ctx, c, h.Company)
	if err != nil {
		return prepaymentRecordView{}, err
	}
	p, _, hit, err := s.Billing.PrepaymentDraw(ctx, in.ID, billing.NewDraw{Bill: in.Bill, Amount: in.Amount,
		InPart: inPart, By: c.Actor(), Key: c.Key, KeyHash: c.KeyHash})
	if err != nil {
		return prepaymentRecordView{}, err
	}
	c.hit(hit)
	return s.prepaymentRecord(ctx, c, h, p)
}

type drawReturnInput struct {
	ID     string `path:"id" json:"-"`
	No     int    `path:"no" json:"-"`
	Reason string `json:"reason" most:"200"` // for the record
}

func (s *Server) returnDraw(ctx context.Context, c *call, in drawReturnInput) (prepaymentRecordView, error) {
	return s.withPrepayment(ctx, c, in.ID, func(*billing.Prepayment) (*billing.Prepayment, error) {
		return s.Billing.ReturnDraw(ctx, in.ID, in.No, c.Actor(), strings.TrimSpace(in.Reason))
	})
}

type prepaymentFeesInput struct {
	ID   string   `path:"id" json:"-"`
	Fees []string `json:"fees" most:"20"` // it pays for these alone; none is for all
}

func (s *Server) limitPrepayment(ctx context.Context, c *call, in prepaymentFeesInput) (prepaymentRecordView, error) {
	return s.withPrepayment(ctx, c, in.ID, func(*billing.Prepayment) (*billing.Prepayment, error) {
		return s.Billing.LimitPrepayment(ctx, in.ID, in.Fees)
	})
}
