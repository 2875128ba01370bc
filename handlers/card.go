package handlers

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/terminal"
)

// cardRoutes are the routes of cards.
func (s *Server) cardRoutes() []route {
	return []route{
		{id: "reportCardPayment", method: "POST", path: "/v1/orders/:id/attempts/:no/device-reports", who: terminals,
			summary:  "A terminal's signed word of a card payment (刷卡结果)",
			problems: []fault.Code{fault.WrongState, fault.Unsupported}, endpoint: handle(s, 200, s.reportCard)},
		{id: "settleDeviceReport", method: "POST", path: "/v1/orders/:id/rejected-reports/:no/resolution",
			who:      staffWith(access.Finance),
			summary:  "End a terminal's result that was not taken, once it is known what became of the money",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.settleResult)},
		{id: "denyCardPayment", method: "POST", path: "/v1/orders/:id/attempts/:no/resolution",
			who: staffWith(access.Finance), summary: "A card payment that never arrived (未到账)", keyed: true,
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.denyCard)},
		{id: "getVoidCall", method: "GET", path: "/v1/orders/:id/refunds/:no/device-call", who: terminals,
			summary:  "What the terminal hands to the acquirer's application for a void",
			problems: []fault.Code{fault.WrongState, fault.Unsupported}, endpoint: handle(s, 200, s.callVoid)},
		{id: "reportVoid", method: "POST", path: "/v1/orders/:id/refunds/:no/device-reports", who: terminals,
			summary: "A terminal's signed word of a void", problems: []fault.Code{fault.WrongState, fault.Unsupported},
			endpoint: handle(s, 200, s.reportVoid)},
		{id: "listVoids", method: "GET", path: "/v1/terminals/:id/voids", who: terminals,
			summary:  "Orders whose card payments this terminal is to undo (撤销)",
			endpoint: listed(s, payment.QueueSorts(), s.findVoids)},
		{id: "listUnconfirmedPayments", method: "GET", path: "/v1/unconfirmed-payments",
			who:      staffWith(access.Cashier, access.Finance),
			summary:  "Orders with card payments and terminals' results that nobody has confirmed yet",
			problems: []fault.Code{fault.NotFound}, endpoint: listed(s, payment.QueueSorts(), s.findUnconfirmed)},
	}
}

// Bank cards on a terminal: its signed word of payments and voids, and finance's list of those that nobody has
// confirmed.

// reportedView is what a terminal said, without the fields that it handed over.
type reportedView struct {
	Terminal string    `json:"terminal"`
	At       time.Time `json:"at"`
	Done     bool      `json:"succeeded"`
	Message  string    `json:"message,omitempty"`
}

func reported(w *payment.DeviceReport) *reportedView {
	if w == nil {
		return nil
	}
	return &reportedView{w.Terminal, w.At, w.Done, w.Message}
}

type deviceInput struct {
	ID string `path:"id" json:"-"`
	No int    `path:"no" json:"-"`
	// whose key signs, where the device was paired anew since; else the caller
	Terminal  string            `json:"terminal,omitempty"`
	Fields    map[string]string `json:"fields" clean:"payment"` // as the acquirer's application handed them back
	ReadAt    int64             `json:"read_at"`                // when it did, by the device's own clock, seconds
	Timestamp int64             `json:"timestamp"`              // of the signature: now by our clock, seconds
	Signature string            `json:"signature" digits:"any"` // over terminal.Result.Text by the device's key, base64
}

// deliveredView is what a terminal may forget its result upon: that Acknowledged names it, in a successful answer,
// and nothing else.
type deliveredView struct {
	Acknowledged string    `json:"acknowledged"`     // the number that was signed: we have the result for good
	Taken        bool      `json:"accepted"`         // false: it could not be taken, and finance finds out
	Why          string    `json:"reason,omitempty"` // why it was not taken, for the person at the terminal
	Order        orderView `json:"order"`
}

func (s *Server) deliveredView(ctx context.Context, c *call, number string, d payment.Delivered) deliveredView {
	v := deliveredView{Acknowledged: number, Taken: d.Why == nil, Order: s.orderView(ctx, c.Caller, d.Order)}
	if d.Why != nil {
		if v.Why = d.Why.ZH; c.English {
			v.Why = d.Why.EN
		}
	}
	return v
}

// untakenView is a result that was not taken, for staff and for the terminal.
type untakenView struct {
	No      int       `json:"no"`
	Attempt int       `json:"attempt"`
	Refund  int       `json:"refund,omitempty"` // of a void; else a payment's
	Why     string    `json:"reason"`           // in Chinese
	WhyEN   string    `json:"reason_en"`        // the same in English
	At      time.Time `json:"at"`
	Open    bool      `json:"open"` // nobody has found out yet what became of the money

	// For staff alone.
	ReadAt  *time.Time        `json:"read_at,omitempty"`  // when the card was read, by the device's own clock
	Fields  map[string]string `json:"fields,omitempty"`   // without secrets
	Doubt   string            `json:"mismatch,omitempty"` // what the statement says of the payment
	EndedAt *time.Time        `json:"ended_at,omitempty"`
	EndedBy string            `json:"ended_by,omitempty"`
	Note    string            `json:"note,omitempty"`
}

func untaken(c access.Caller, u *payment.RejectedReport) untakenView {
	v := untakenView{No: u.No, Attempt: u.Attempt, Refund: u.Refund, Why: u.Why, WhyEN: payment.WhyInEnglish(u.Why),
		At: u.Word.At, Open: u.Open()}
	if c.Kind == access.StaffKind {
		v.ReadAt, v.Fields, v.Doubt = given(u.Word.ReadAt), u.Word.Fields, u.Doubt
		v.EndedAt, v.EndedBy, v.Note = given(u.EndedAt), u.EndedBy, u.Note
	}
	return v
}

// signedOrder is the order that a result is about. Another pairing of the same device may bring it: the signature
// tells whose it is.
func (s *Server) signedOrder(ctx context.Context, c *call, in *deviceInput) (*payment.Order, error) {
	in.Terminal = cmp.Or(in.Terminal, c.ID)
	o, err := s.Payments.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if o.Company != c.Company || o.Origin.Terminal != in.Terminal {
		return nil, outOfReach()
	}
	return o, nil
}

// word verifies a terminal's signature over what it says of an attempt or of its void, which number names. A
// signature that does not verify is noted on the order's timeline.
func (s *Server) word(ctx context.Context, c *call, o *payment.Order, attempt int, number string,
	in deviceInput) (payment.DeviceReport, error) {
	signature, err := base64.StdEncoding.DecodeString(in.Signature)
	if err != nil {
		err = fault.New(fault.Forbidden, "设备签名不是 Base64。", "The device's signature is not base64.")
	} else {
		result := terminal.Result{Number: number, SignedAt: in.Timestamp, ReadAt: in.ReadAt, Fields: in.Fields}
		err = s.Terminals.VerifyResult(ctx, in.Terminal, result, signature)
	}
	if err != nil {
		return payment.DeviceReport{}, s.Payments.RejectDeviceReport(ctx, o.ID, attempt, c.ID, err)
	}
	return payment.DeviceReport{
		Terminal: in.Terminal, Fields: in.Fields, Signature: signature,
		ReadAt: deviceTime(in.ReadAt), SignedAt: time.Unix(in.Timestamp, 0).UTC(),
	}, nil
}

// deviceTime is what a device's own clock said, zero where that is no time that can be written down.
func deviceTime(seconds int64) time.Time {
	if at := time.Unix(seconds, 0).UTC(); seconds > 0 && at.Year() < 10000 {
		return at
	}
	return time.Time{}
}

func (s *Server) reportCard(ctx context.Context, c *call, in deviceInput) (deliveredView, error) {
	o, err := s.signedOrder(ctx, c, &in)
	if err != nil {
		return deliveredView{}, err
	}
	a := o.Attempt(in.No)
	if a == nil {
		return deliveredView{}, outOfReach()
	}
	word, err := s.word(ctx, c, o, a.No, a.OutTradeNo, in)
	if err != nil {
		return deliveredView{}, err
	}
	told, err := s.Payments.ReportCard(ctx, o.ID, in.No, word)
	if err != nil {
		return deliveredView{}, err
	}
	return s.deliveredView(ctx, c, a.OutTradeNo, told), nil
}

func (s *Server) reportVoid(ctx context.Context, c *call, in deviceInput) (deliveredView, error) {
	o, err := s.signedOrder(ctx, c, &in)
	if err != nil {
		return deliveredView{}, err
	}
	r := o.Refund(in.No)
	if r == nil {
		return deliveredView{}, outOfReach()
	}
	word, err := s.word(ctx, c, o, r.Attempt, r.OutRefundNo, in)
	if err != nil {
		return deliveredView{}, err
	}
	told, err := s.Payments.ReportVoid(ctx, o.ID, in.No, word)
	if err != nil {
		return deliveredView{}, err
	}
	return s.deliveredView(ctx, c, r.OutRefundNo, told), nil
}

func (s *Server) callVoid(ctx context.Context, c *call, in refundRef) (gateway.DeviceCall, error) {
	o, err := s.order(ctx, c, in.ID)
	if err != nil {
		return gateway.DeviceCall{}, err
	}
	return s.Payments.CallVoid(ctx, o.ID, in.No, c.ID)
}

type voidsQuery struct {
	ID string `path:"id" json:"-"`
	pageQuery
}

// findVoids lists the orders with a void that waits for this terminal.
func (s *Server) findVoids(ctx context.Context, c *call, in voidsQuery) (list[orderView], error) {
	if in.ID != c.ID {
		return list[orderView]{}, outOfReach()
	}
	orders, next, err := s.Payments.Find(ctx, payment.Filter{
		Company: c.Company, Terminal: c.ID, Work: payment.RefundQueue(payment.RefundPending), Sort: in.Sort,
		Cursor: in.Cursor, Limit: in.Limit,
	})
	if err != nil {
		return list[orderView]{}, err
	}
	views := []orderView{}
	for i := range orders {
		if slices.ContainsFunc(orders[i].Refunds, func(r payment.Refund) bool {
			return r.Void && r.Status == payment.RefundPending && r.Word == nil
		}) {
			views = append(views, s.orderView(ctx, c.Caller, &orders[i]))
		}
	}
	return list[orderView]{views, next}, nil
}

func (s *Server) findUnconfirmed(ctx context.Context, c *call, in moneyQuery) (list[orderView], error) {
	return s.worklist(ctx, c, in, payment.QueueUnconfirmed)
}

type denialInput struct {
	ID   string `path:"id" json:"-"`
	No   int    `path:"no" json:"-"`
	Note string `json:"note"` // how it was found out
}

func (s *Server) denyCard(ctx context.Context, c *call, in denialInput) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.MarkNotReceived(ctx, o.ID, in.No, c.Actor(), in.Note)
	})
}

// settleResult ends a result that was not taken, of which finance has found out.
func (s *Server) settleResult(ctx context.Context, c *call, in denialInput) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.SettleResult(ctx, o.ID, in.No, c.Actor(), in.Note)
	})
}
