package handlers

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"linlipay/payment"
)

// Bank cards on a terminal: its signed word of payments and voids, and finance's list of those that nobody has confirmed.

// reportedView is what a terminal said, without the fields that it handed over.
type reportedView struct {
	Terminal string    `json:"terminal"`
	At       time.Time `json:"at"`
	Done     bool      `json:"done"`
	Message  string    `json:"message,omitempty"`
}

func reported(w *payment.DeviceWord) *reportedView {
	if w == nil {
		return nil
	}
	return &reportedView{w.Terminal, w.At, w.Done, w.Message}
}

type deviceInput struct {
	ID        string            `path:"id" json:"-"`
	No        int               `path:"no" json:"-"`
	Fields    map[string]string `json:"fields"`    // as the acquirer's application handed them back
	Timestamp int64             `json:"timestamp"` // of the device, seconds
	Signature string            `json:"signature"` // Ed25519 over terminal.ResultText, base64
}

// word verifies a terminal's signature over what it says of an attempt or of its void, which number names. A refusal is noted on the order's timeline.
func (s *Server) word(ctx context.Context, c *call, o *payment.Order, attempt int, number string, in deviceInput) (payment.DeviceWord, error) {
	signature, err := base64.StdEncoding.DecodeString(in.Signature)
	if err != nil {
		err = malformed("设备签名不是 Base64。", "The device's signature is not base64.")
	} else {
		err = s.Terminals.VerifyResult(ctx, c.ID, number, in.Timestamp, in.Fields, signature)
	}
	if err != nil {
		return payment.DeviceWord{}, s.Payments.RefuseWord(ctx, o.ID, attempt, c.ID, err)
	}
	return payment.DeviceWord{Terminal: c.ID, Fields: in.Fields, Signature: signature, SignedAt: time.Unix(in.Timestamp, 0).UTC()}, nil
}

func (s *Server) reportCard(ctx context.Context, c *call, in deviceInput) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		a := o.Attempt(in.No)
		if a == nil {
			return nil, outOfReach()
		}
		word, err := s.word(ctx, c, o, a.No, a.OutTradeNo, in)
		if err != nil {
			return nil, err
		}
		return s.Payments.ReportCard(ctx, o.ID, in.No, word)
	})
}

func (s *Server) reportVoid(ctx context.Context, c *call, in deviceInput) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		r := o.Refund(in.No)
		if r == nil {
			return nil, outOfReach()
		}
		word, err := s.word(ctx, c, o, r.Attempt, r.OutRefundNo, in)
		if err != nil {
			return nil, err
		}
		return s.Payments.ReportVoid(ctx, o.ID, in.No, word)
	})
}

func (s *Server) callVoid(ctx context.Context, c *call, in refundRef) (payment.DeviceCall, error) {
	o, err := s.order(ctx, c, in.ID)
	if err != nil {
		return payment.DeviceCall{}, err
	}
	return s.Payments.CallVoid(ctx, o.ID, in.No, c.ID)
}

// findVoids lists the orders with a void that waits for this terminal.
func (s *Server) findVoids(ctx context.Context, c *call, in workQuery) (list[orderView], error) {
	some, next, err := s.Payments.Find(ctx, payment.Filter{
		Company: c.Company, Terminal: c.ID, Work: payment.RefundWork(payment.RefundPending), Cursor: in.Cursor, Limit: min(in.Limit, pageMost),
	})
	if err != nil {
		return list[orderView]{}, err
	}
	views := []orderView{}
	for i := range some {
		if slices.ContainsFunc(some[i].Refunds, func(r payment.Refund) bool { return r.Void && r.Status == payment.RefundPending && r.Word == nil }) {
			views = append(views, s.orderView(c.Caller, &some[i]))
		}
	}
	return list[orderView]{views, next}, nil
}

func (s *Server) findUnconfirmed(ctx context.Context, c *call, in workQuery) (list[orderView], error) {
	return s.worklist(ctx, c, in, payment.Unconfirmed, payment.Unconfirmed)
}

type denialInput struct {
	ID   string `path:"id" json:"-"`
	No   int    `path:"no" json:"-"`
	Note string `json:"note"` // how it was found out
}

func (s *Server) denyCard(ctx context.Context, c *call, in denialInput) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.DenyCard(ctx, o.ID, in.No, c.Actor(), in.Note)
	})
}
