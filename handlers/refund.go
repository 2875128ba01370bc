package handlers

import (
	"context"
	"errors"
	"time"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// refundRoutes are the routes of refunds.
func (s *Server) refundRoutes() []route {
	return []route{
		{id: "createRefund", method: "POST", path: "/v1/orders/:id/refunds", who: asks(payment.RefundMatter()),
			summary: "Ask for a refund (退款申请)", keyed: true,
			problems: []fault.Code{fault.WrongState, fault.Unsupported}, endpoint: handle(s, 201, s.requestRefund)},
		{id: "decideRefund", method: "POST", path: "/v1/orders/:id/refunds/:no/decision",
			who: decidesByAuthority,
			summary: "Approve or reject a refund, as another person than the maker, and one whom the table of " +
				"authority lets decide it", keyed: true,
			problems: []fault.Code{fault.WrongState, fault.UpstreamUnknown}, endpoint: handle(s, 200, s.decideRefund)},
		{id: "retryRefund", method: "POST", path: "/v1/orders/:id/refunds/:no/submissions",
			who:     staffWith(access.Finance),
			summary: "Send an abnormal refund on its way again", keyed: true,
			problems: []fault.Code{fault.WrongState, fault.UpstreamUnknown}, endpoint: handle(s, 200, s.retryRefund)},
		{id: "settleRefund", method: "POST", path: "/v1/orders/:id/refunds/:no/resolution",
			who:     staffWith(access.Finance),
			summary: "End an abnormal refund by hand", keyed: true, problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.settleRefund)},
		{id: "handOutRefund", method: "POST", path: "/v1/orders/:id/refunds/:no/payout",
			who: staffWith(access.Cashier), summary: "Hand out an approved refund in cash", keyed: true,
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.handOut)},
		{id: "listRefunds", method: "GET", path: "/v1/refunds", who: anyStaff,
			summary: "Orders with refunds, by the refund's status", problems: []fault.Code{fault.NotFound},
			endpoint: listed(s, payment.RefundSorts(), s.findRefunds)},
	}
}

type refundView struct {
	No          int                  `json:"no"`
	OutRefundNo string               `json:"out_refund_no"`
	Attempt     int                  `json:"attempt"`
	Amount      money.Fen            `json:"amount"` // fen
	Items       []payment.RefundItem `json:"items,omitempty"`
	Unapplied   int                  `json:"unapplied_funds,omitempty"`
	Reason      string               `json:"reason"`
	Status      payment.RefundStatus `json:"status"`
	RequestedAt time.Time            `json:"requested_at"`
	SucceededAt *time.Time           `json:"succeeded_at,omitempty"`
	RefundID    string               `json:"refund_id,omitempty"`
	// of its receipt: in the legal entity's series of refunds without a gap, from the moment at which it is booked
	Receipt  string        `json:"receipt_number,omitempty"`
	ByHand   bool          `json:"out_of_band,omitempty"`
	Void     bool          `json:"void,omitempty"`          // 撤销: undone on the terminal within the day
	Reported *reportedView `json:"device_report,omitempty"` // 撤销: what the terminal said
	// what it waits for before the institution is asked
	Waits payment.RefundWait `json:"waiting_for,omitempty"`
	// 撤销: booked on the terminal's word; the statement has not agreed yet
	Provisional bool `json:"provisional,omitempty"`
	Foreign     bool `json:"external,omitempty"` // 渠道退款: made at the institution; nothing is sent to it

	// For staff alone.
	RequestedBy string                `json:"requested_by,omitempty"`
	DecidedBy   string                `json:"decided_by,omitempty"`
	DecidedFor  string                `json:"decided_for,omitempty"` // 代理: whose deputy they were
	DecidedAt   *time.Time            `json:"decided_at,omitempty"`
	DoneBy      string                `json:"done_by,omitempty"`
	Note        string                `json:"note,omitempty"`
	Failure     string                `json:"failure,omitempty"`
	Doubt       string                `json:"mismatch,omitempty"` // 撤销: what the statement says instead
	Why         gateway.DeclineReason `json:"decline_reason,omitempty"`
	Heard       gateway.RefundState   `json:"institution_status,omitempty"`
	AskedAt     *time.Time            `json:"last_queried_at,omitempty"`
	Checks      int                   `json:"query_count,omitempty"`
	// 渠道退款: the number that the institution knows it by, where it told one
	UpstreamNo string          `json:"upstream_no,omitempty"`
	Noticed    payment.Noticed `json:"detected_by,omitempty"`     // 渠道退款: how it came to be known
	SeenBy     string          `json:"acknowledged_by,omitempty"` // 渠道退款: who in finance has seen it

	// the caller may approve or reject it; of what they asked for, or is beyond their authority, not
	MayDecide  bool   `json:"may_decide,omitempty"`
	DecidesFor string `json:"decides_for,omitempty"` // 代理: whose deputy they would be in that

	// nobody here gave a reason, since it was made at the institution: reason says just that, in Chinese
	MadeThere bool `json:"reason_unknown,omitempty"`
	// of a 渠道退款 that waits for approval: what becomes owed again by that, as things stand
	WouldReopen []payment.RefundItem `json:"would_reopen,omitempty"`
}

// refund shows a refund, and to staff whether they may decide it.
func (s *Server) refund(ctx context.Context, c access.Caller, o *payment.Order, r *payment.Refund) refundView {
	v := refund(c, o, r)
	if r.Status == payment.RefundRequested {
		v.DecidesFor, v.MayDecide = s.Access.WouldDecide(ctx, o.RefundCase(r), c)
	}
	return v
}

// refund shows a refund; only staff see who did what and what the institution said.
func refund(c access.Caller, o *payment.Order, r *payment.Refund) refundView {
	v := refundView{
		No: r.No, OutRefundNo: r.OutRefundNo, Attempt: r.Attempt, Amount: r.Amount, Items: r.Items,
		Unapplied: r.Unapplied, Reason: r.Reason, Status: r.Status,
		RequestedAt: r.RequestedAt, SucceededAt: given(r.SucceededAt), RefundID: r.RefundID,
		Receipt: r.Receipt, ByHand: r.ByHand,
		Void: r.Void, Reported: reported(r.Word), Provisional: r.Provisional, Waits: o.RefundWaits(r),
		Foreign: r.Foreign, MadeThere: r.MadeThere(),
	}
	if c.Kind == access.StaffKind {
		v.RequestedBy, v.DecidedBy, v.DecidedAt, v.DoneBy, v.Note = r.RequestedBy, r.DecidedBy, given(r.DecidedAt),
			r.DoneBy, r.Note
		v.DecidedFor = r.DecidedFor
		v.Doubt, v.Failure, v.Why, v.Heard, v.AskedAt, v.Checks = r.Doubt, r.Failure, r.Why, r.Heard, given(r.AskedAt),
			r.Checks
		v.UpstreamNo, v.Noticed, v.SeenBy = r.UpstreamNo, r.Noticed, r.SeenBy
		if declared(r) && r.Status == payment.RefundRequested {
			v.WouldReopen = o.WouldReopen(r)
		}
	}
	return v
}

type refundInput struct {
	ID     string               `path:"id" json:"-"`
	Items  []payment.RefundItem `json:"items"`
	Reason string               `json:"reason" most:"26"`
}

type requestedView struct {
	Order  orderView  `json:"order"`
	Refund refundView `json:"refund"`
}

func (s *Server) requestRefund(ctx context.Context, c *call, in refundInput) (requestedView, error) {
	o, err := s.order(ctx, c, in.ID)
	if err != nil {
		return requestedView{}, err
	}
	o, no, hit, err := s.Payments.RequestRefund(ctx, o.ID,
		payment.NewRefund{Items: in.Items, Reason: in.Reason, IdempotencyKey: c.Key, By: c.Actor()})
	if err != nil {
		return requestedView{}, err
	}
	c.hit(hit)
	return requestedView{s.orderView(ctx, c.Caller, o), s.refund(ctx, c.Caller, o, o.Refund(no))}, nil
}

type refundDecision struct {
	ID      string `path:"id" json:"-"`
	No      int    `path:"no" json:"-"`
	Approve bool   `json:"approve"`
	Note    string `json:"note,omitempty"`
}

func (s *Server) decideRefund(ctx context.Context, c *call, in refundDecision) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		if r := o.Refund(in.No); r != nil {
			if err := s.Access.NotTheirClients(ctx, c.Caller, r.RequestedBy); err != nil {
				return nil, err
			}
			if err := s.refundersRight(ctx, c, o, r, in.Approve); err != nil {
				return nil, err
			}
		}
		return s.Payments.DecideRefund(ctx, o.ID, in.No, in.Approve, c.Actor(), in.Note)
	})
}

// refundersRight is the WrongState fault of approving a refund whose asker could not ask for it any more. What went
// back at the institution is finance's alone to declare.
func (s *Server) refundersRight(ctx context.Context, c *call, o *payment.Order, r *payment.Refund, approve bool) error {
	m := payment.RefundMatter()
	if declared(r) {
		m.Asks, m.Clients = []string{string(access.Finance)}, nil
	}
	if !approve {
		return nil
	}
	return s.mayStillAsk(ctx, c, m, r.Signatures, o.Community)
}

type refundRef struct {
	ID string `path:"id" json:"-"`
	No int    `path:"no" json:"-"`
}

func (s *Server) retryRefund(ctx context.Context, c *call, in refundRef) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.RetryRefund(ctx, o.ID, in.No, c.Actor())
	})
}

type refundSettling struct {
	ID     string `path:"id" json:"-"`
	No     int    `path:"no" json:"-"`
	ByHand bool   `json:"out_of_band"` // the money was given to the payer by other means; else it stays
	Note   string `json:"note"`
}

func (s *Server) settleRefund(ctx context.Context, c *call, in refundSettling) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.SettleRefund(ctx, o.ID, in.No, in.ByHand, c.Actor(), in.Note)
	})
}

func (s *Server) handOut(ctx context.Context, c *call, in refundRef) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.HandOut(ctx, o.ID, in.No, c.Actor())
	})
}

// withOrder does something with an order within reach and shows it as it then is.
func (s *Server) withOrder(ctx context.Context, c *call, id string, do func(*payment.Order) (*payment.Order,
	error)) (orderView, error) {
	o, err := s.order(ctx, c, id)
	if err != nil {
		return orderView{}, err
	}
	hit, err := o.HasAnswered(c.Key, c.KeyHash)
	if err != nil {
		return orderView{}, err
	}
	if hit {
		c.hit(true)
		return s.orderView(ctx, c.Caller, o), nil
	}
	changed, err := do(o)
	if err != nil { // perhaps because the same request was under way
		now, failed := s.order(ctx, c, id)
		if failed != nil {
			return orderView{}, errors.Join(err, failed)
		}
		if hit, _ := now.HasAnswered(c.Key, c.KeyHash); !hit {
			return orderView{}, err
		}
		c.hit(true)
		changed = now
	}
	return s.orderView(ctx, c.Caller, changed), nil
}

// moneyQuery asks for one of finance's lists.
type moneyQuery struct {
	Community string `query:"community" json:"-"` // "" is all within reach
	pageQuery
}

type refundsQuery struct {
	State payment.RefundStatus `query:"state" json:"-"` // "" is any
	moneyQuery
}

// findRefunds lists orders by a refund's status; without one, all that have refunds.
func (s *Server) findRefunds(ctx context.Context, c *call, in refundsQuery) (list[orderView], error) {
	if in.State == "" {
		return s.worklist(ctx, c, in.moneyQuery, payment.QueueRefunds)
	}
	return s.worklist(ctx, c, in.moneyQuery, payment.RefundQueue(in.State))
}

// worklist lists the orders of one of finance's lists.
func (s *Server) worklist(ctx context.Context, c *call, in moneyQuery, work payment.Queue) (list[orderView], error) {
	where, err := s.among(ctx, c, in.Community)
	if err != nil {
		return list[orderView]{}, err
	}
	return s.orderList(ctx, c, payment.Filter{Company: c.Company, Communities: where, Work: work, Sort: in.Sort,
		Cursor: in.Cursor, Limit: in.Limit})
}
