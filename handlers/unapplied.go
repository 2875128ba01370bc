package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
)

// unappliedRoutes are the routes of unapplied funds.
func (s *Server) unappliedRoutes() []route {
	return []route{
		{id: "decideUnappliedFunds", method: "POST", path: "/v1/orders/:id/unapplied-funds/:no/decision",
			who: staffWith(access.Finance), summary: "Decide what becomes of unapplied funds", keyed: true,
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.decideUnapplied)},
		{id: "listUnappliedFunds", method: "GET", path: "/v1/unapplied-funds", who: staffWith(access.Finance),
			summary: "Orders with unapplied funds, by its state", problems: []fault.Code{fault.NotFound},
			endpoint: listed(s, payment.UnappliedSorts(), s.findUnapplied)},
	}
}

type unappliedView struct {
	No      int                     `json:"no"`
	Attempt int                     `json:"attempt"`
	Amount  money.Fen               `json:"amount"` // fen
	Reason  payment.UnappliedReason `json:"reason"`
	State   payment.UnappliedState  `json:"state"`
	Refund  int                     `json:"refund,omitempty"` // number of the refund that gives it back
	At      time.Time               `json:"at"`
	EndedAt *time.Time              `json:"ended_at,omitempty"`
	Owner   string                  `json:"owner,omitempty"` // for staff alone
	Note    string                  `json:"note,omitempty"`  // for staff alone
}

func unapplied(c access.Caller, e *payment.UnappliedFunds) unappliedView {
	v := unappliedView{No: e.No, Attempt: e.Attempt, Amount: e.Amount, Reason: e.Reason, State: e.State,
		Refund: e.Refund, At: e.At, EndedAt: given(e.EndedAt)}
	if c.Kind == access.StaffKind {
		v.Owner, v.Note = e.Owner, e.Note
	}
	return v
}

type unappliedQuery struct {
	State payment.UnappliedState `query:"state" json:"-"` // "" is any
	moneyQuery
}

// findUnapplied lists orders by the state of their unapplied funds; without one, all that have some.
func (s *Server) findUnapplied(ctx context.Context, c *call, in unappliedQuery) (list[orderView], error) {
	if in.State == "" {
		return s.worklist(ctx, c, in.moneyQuery, payment.QueueUnapplied)
	}
	return s.worklist(ctx, c, in.moneyQuery, payment.UnappliedQueue(in.State))
}

type unappliedRequest struct {
	ID       string           `path:"id" json:"-"`
	No       int              `path:"no" json:"-"`
	Decision payment.Decision `json:"decision"` // claim, refund, prepay or dismiss
	Note     string           `json:"note,omitempty"`
}

func (s *Server) decideUnapplied(ctx context.Context, c *call, in unappliedRequest) (orderView, error) {
	if !slices.Contains([]payment.Decision{payment.Claim, payment.Return, payment.Prepay, payment.Dismiss},
		in.Decision) {
		return orderView{}, malformed("decision 须为 claim、refund、prepay 或 dismiss。",
			"decision is claim, refund, prepay or dismiss.")
	}
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.DecideUnapplied(ctx, o.ID, in.No, in.Decision, c.Actor(), in.Note)
	})
}
