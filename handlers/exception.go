package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/money"
	"linlipay/payment"
)

// exceptionRoutes are the routes of unapplied funds.
func (s *Server) exceptionRoutes() []route {
	return []route{
		{method: "POST", path: "/v1/orders/:id/exceptions/:no", who: staffWith(access.Finance),
			summary: "Decide what becomes of unapplied funds", endpoint: handle(s, 200, s.decideException)},
		{method: "GET", path: "/v1/exceptions", who: staffWith(access.Finance),
			summary: "Orders with unapplied funds, by its state", endpoint: handle(s, 200, s.findExceptions)},
	}
}

type exceptionView struct {
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

func exception(c access.Caller, e *payment.UnappliedFunds) exceptionView {
	v := exceptionView{No: e.No, Attempt: e.Attempt, Amount: e.Amount, Reason: e.Reason, State: e.State,
		Refund: e.Refund, At: e.At, EndedAt: given(e.EndedAt)}
	if c.Kind == access.StaffKind {
		v.Owner, v.Note = e.Owner, e.Note
	}
	return v
}

// findExceptions lists orders by the state of their unapplied funds; without one, all that have some.
func (s *Server) findExceptions(ctx context.Context, c *call, in moneyQuery) (list[orderView], error) {
	state := payment.UnappliedState(in.State)
	if state != "" && !slices.Contains(payment.UnappliedStates(), state) {
		return list[orderView]{}, malformed("state 不正确。", "There is no such state.")
	}
	return s.worklist(ctx, c, in, payment.QueueUnapplied, payment.UnappliedQueue(state))
}

type exceptionDecision struct {
	ID       string           `path:"id" json:"-"`
	No       int              `path:"no" json:"-"`
	Decision payment.Decision `json:"decision"` // claim, refund, prepay or dismiss
	Note     string           `json:"note"`
}

func (s *Server) decideException(ctx context.Context, c *call, in exceptionDecision) (orderView, error) {
	if !slices.Contains([]payment.Decision{payment.Claim, payment.Return, payment.Prepay, payment.Dismiss},
		in.Decision) {
		return orderView{}, malformed("decision 须为 claim、refund、prepay 或 dismiss。",
			"decision is claim, refund, prepay or dismiss.")
	}
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.DecideUnapplied(ctx, o.ID, in.No, in.Decision, c.Actor(), in.Note)
	})
}
