package handlers

import (
	"context"
	"time"

	"linlipay/access"
	"linlipay/money"
	"linlipay/payment"
)

// returnRoutes are the routes of what went back at an institution.
func (s *Server) returnRoutes() []route {
	return []route{
		{method: "POST", path: "/v1/orders/:id/refunds/:no/seen", who: staffWith(access.Finance),
			summary:  "Say that a refund made at the institution (渠道退款) was seen",
			endpoint: handle(s, 200, s.seeReturn)},
		{method: "POST", path: "/v1/orders/:id/attempts/:no/returns", who: staffWith(access.Finance),
			summary: "Explain money that the institution says went back: by its number of the refund, or by an " +
				"amount that another person must approve", keyed: true, endpoint: handle(s, 200, s.explainReturn)},
		{method: "POST", path: "/v1/orders/:id/attempts/:no/returns/dismiss", who: staffWith(access.Finance),
			summary: "Say that nothing but our own refunds went back", endpoint: handle(s, 200, s.dismissReturn)},
		{
			method: "POST", path: "/v1/orders/:id/attempts/:no/returns/reopen", who: staffWith(access.Finance),
			summary:  "Take back that nothing but our own refunds went back; the note says why",
			endpoint: handle(s, 200, s.reopenReturn),
		},
		{method: "GET", path: "/v1/returns", who: staffWith(access.Finance),
			summary:  "Orders with refunds made at the institution (渠道退款) that nobody has seen or explained yet",
			endpoint: handle(s, 200, s.findReturns)},
	}
}

// Money that went back at the institution without us (渠道退款): what it says, and what finance does about it.

// returnsView is what an institution says went back of an attempt's money.
type returnsView struct {
	Unknown bool      `json:"unknown,omitempty"` // it says that some went back, and not how much
	Waits   bool      `json:"waits,omitempty"`   // a person must explain that
	Raw     string    `json:"raw,omitempty"`     // its own word, or its number of a refund
	At      time.Time `json:"at"`                // when it first said so

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
	return &returnsView{unknown, o.ReturnedUnknown(a.No), said.Word(), said.At, said.DismissedBy, said.Note}
}

// declared reports whether a refund is a person's word of what went back at the institution, which is not booked: an
// affair of the staff's alone.
func declared(r *payment.Refund) bool { return r.Foreign && r.Status != payment.RefundSucceeded }

// findReturns lists the orders with a refund that nobody has seen, or with one of an amount that was not told.
func (s *Server) findReturns(ctx context.Context, c *call, in moneyQuery) (list[orderView], error) {
	return s.worklist(ctx, c, in, payment.QueueReturned, payment.QueueReturned)
}

type sightInput struct {
	ID   string `path:"id" json:"-"`
	No   int    `path:"no" json:"-"`
	Note string `json:"note"` // may be empty
}

func (s *Server) seeReturn(ctx context.Context, c *call, in sightInput) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.SeeReturn(ctx, o.ID, in.No, c.Actor(), in.Note)
	})
}

type explanationInput struct {
	ID     string    `path:"id" json:"-"`
	No     int       `path:"no" json:"-"`
	Number string    `json:"number" digits:"any"` // the refund's, as the institution's page shows it
	Amount money.Fen `json:"amount"`              // fen; 0 asks the institution by the number
	Note   string    `json:"note"`                // how the amount is known
}

// numberMost is how long an institution's number of a refund can be, in characters.
const numberMost = 64

func (s *Server) explainReturn(ctx context.Context, c *call, in explanationInput) (orderView, error) {
	if len(in.Number) > numberMost || !printable(in.Number) {
		return orderView{},
			malformed("退款单号最多 64 位，不含空格与汉字。", "A refund's number has at most 64 printable ASCII characters.")
	}
	if in.Amount != 0 {
		if err := c.mustBeKeyed(); err != nil {
			return orderView{}, err
		}
	}
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		n := payment.DeclaredReturn{Number: in.Number, Amount: in.Amount, Note: in.Note, Key: c.Key, By: c.Actor()}
		o, _, hit, err := s.Payments.ExplainReturn(ctx, o.ID, in.No, n)
		c.hit(hit)
		return o, err
	})
}

func (s *Server) dismissReturn(ctx context.Context, c *call, in sightInput) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.DismissReturn(ctx, o.ID, in.No, c.Actor(), in.Note)
	})
}

func (s *Server) reopenReturn(ctx context.Context, c *call, in sightInput) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.ReopenReturn(ctx, o.ID, in.No, c.Actor(), in.Note)
	})
}
