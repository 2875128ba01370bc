package handlers

import (
	"context"
	"time"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
)

// returnRoutes are the routes of what went back at an institution.
func (s *Server) returnRoutes() []route {
	return []route{
		{id: "acknowledgeReturn", method: "POST", path: "/v1/orders/:id/refunds/:no/acknowledgement",
			who: staffWith(access.Finance), summary: "Say that a refund made at the institution (渠道退款) was seen",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.seeReturn)},
		{id: "explainReturn", method: "POST", path: "/v1/orders/:id/attempts/:no/returns",
			who: staffWith(access.Finance),
			summary: "Explain money that the institution says went back: by its number of the refund, or by an " +
				"amount that another person must approve", keyed: true,
			problems: []fault.Code{fault.WrongState, fault.AlreadyExists, fault.Upstream, fault.UpstreamUnknown},
			endpoint: handle(s, 200, s.explainReturn)},
		{id: "decideReturn", method: "POST", path: "/v1/orders/:id/attempts/:no/returns/decision",
			who: staffWith(access.Finance),
			summary: "Dismiss what the institution says went back, as nothing but our own refunds did; " +
				"or reopen it again, with a note that says why",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.decideReturn)},
		{id: "listReturns", method: "GET", path: "/v1/returns", who: staffWith(access.Finance),
			summary:  "Orders with refunds made at the institution (渠道退款) that nobody has seen or explained yet",
			problems: []fault.Code{fault.NotFound}, endpoint: listed(s, payment.QueueSorts(), s.findReturns)},
	}
}

// Money that went back at the institution without us (渠道退款): what it says, and what finance does about it.

// returnsView is what an institution says went back of an attempt's money.
type returnsView struct {
	Unknown bool      `json:"amount_unknown,omitempty"`       // it says that some went back, and not how much
	Waits   bool      `json:"explanation_required,omitempty"` // a person must explain that
	Raw     string    `json:"raw,omitempty"`                  // its own word, or its number of a refund
	At      time.Time `json:"at"`                             // when it first said so
	// fen of the payment that are there still, as far as we know
	Left money.Fen `json:"remaining"`

	DismissedBy string `json:"dismissed_by,omitempty"` // who found that nothing but our own refunds went back
	Note        string `json:"note,omitempty"`         // how that was found out
}

// returns shows what the institution says; nil is nothing.
func returns(o *payment.Order, a *payment.Attempt) *returnsView {
	said := a.Returns
	if said.At.IsZero() {
		return nil
	}
	unknown := said.Unknown || len(said.Unpriced) > 0
	return &returnsView{unknown, o.ReturnedUnknown(a.No), said.Word(), said.At, o.LeftUpstream(a.No),
		said.DismissedBy, said.Note}
}

// declared reports whether a refund is a person's word of what went back at the institution, which is not booked: an
// affair of the staff's alone.
func declared(r *payment.Refund) bool { return r.Foreign && r.Status != payment.RefundSucceeded }

// findReturns lists the orders with a refund that nobody has seen, or with one of an amount that was not told.
func (s *Server) findReturns(ctx context.Context, c *call, in moneyQuery) (list[orderView], error) {
	return s.worklist(ctx, c, in, payment.QueueReturned)
}

type sightInput struct {
	ID   string `path:"id" json:"-"`
	No   int    `path:"no" json:"-"`
	Note string `json:"note,omitempty"` // may be empty
}

func (s *Server) seeReturn(ctx context.Context, c *call, in sightInput) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.SeeReturn(ctx, o.ID, in.No, c.Actor(), in.Note)
	})
}

type explanationInput struct {
	ID     string    `path:"id" json:"-"`
	No     int       `path:"no" json:"-"`
	Number string    `json:"number,omitempty" digits:"any" most:"64"` // the refund's, as its institution shows it
	Amount money.Fen `json:"amount,omitempty" least:"0"`              // fen; 0 asks the institution by the number
	Note   string    `json:"note,omitempty"`                          // how the amount is known
}

func (s *Server) explainReturn(ctx context.Context, c *call, in explanationInput) (orderView, error) {
	if !printable(in.Number) {
		return orderView{},
			malformed("退款单号不含空格与汉字。", "A refund's number has printable ASCII characters alone.")
	}
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		n := payment.DeclaredReturn{Number: in.Number, Amount: in.Amount, Note: in.Note, Key: c.Key, By: c.Actor()}
		o, _, hit, err := s.Payments.ExplainReturn(ctx, o.ID, in.No, n)
		c.hit(hit)
		return o, err
	})
}

// returnVerdict is what finance decides about what an institution says went back.
type returnVerdict string

const (
	dismissReturn returnVerdict = "dismiss" // nothing but our own refunds went back
	reopenReturn  returnVerdict = "reopen"  // takes a dismissal back
)

type returnDecision struct {
	ID       string        `path:"id" json:"-"`
	No       int           `path:"no" json:"-"`
	Decision returnVerdict `json:"decision"`
	Note     string        `json:"note"`
}

func (s *Server) decideReturn(ctx context.Context, c *call, in returnDecision) (orderView, error) {
	decide := map[returnVerdict]func(context.Context, string, int, string, string) (*payment.Order, error){
		dismissReturn: s.Payments.DismissReturn, reopenReturn: s.Payments.ReopenReturn,
	}[in.Decision]
	if decide == nil {
		return orderView{}, malformed("decision 须为 dismiss 或 reopen。", "decision is dismiss or reopen.")
	}
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return decide(ctx, o.ID, in.No, c.Actor(), in.Note)
	})
}
