package handlers

import (
	"cmp"
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
	"linlipay/property"
)

// orderRoutes are the routes of orders.
func (s *Server) orderRoutes() []route {
	return []route{
		{method: "POST", path: "/v1/orders", who: signedIn, summary: "Make an order for bills of one unit", keyed: true,
			endpoint: handle(s, 201, s.createOrder)},
		{method: "GET", path: "/v1/orders", who: signedIn, summary: "Orders within reach, newest first",
			endpoint: handle(s, 200, s.findOrders)},
		{method: "GET", path: "/v1/orders/:id", who: signedIn, summary: "An order",
			endpoint: handle(s, 200, s.getOrder)},
		{method: "POST", path: "/v1/orders/:id/attempts", who: signedIn, summary: "Open a try at an institution",
			keyed: true, endpoint: handle(s, 201, s.openAttempt)},
		{method: "POST", path: "/v1/orders/:id/close", who: signedIn, summary: "Close an order, upstream first",
			endpoint: handle(s, 200, s.closeOrder)},
		{method: "POST", path: "/v1/orders/:id/check", who: signedIn, summary: "Ask the institutions now (查单)",
			perMinute: 60, endpoint: handle(s, 200, s.checkOrder)},
	}
}

type orderView struct {
	ID          string              `json:"id"`
	Version     int64               `json:"version"`
	Status      payment.Status      `json:"status"`
	CloseReason payment.CloseReason `json:"close_reason,omitempty"`
	Company     string              `json:"company"`
	CompanyName string              `json:"company_name,omitempty"` // as receipts name it
	Entity      string              `json:"entity,omitempty"`       // the legal entity whose money it is; for staff
	Community   string              `json:"community"`
	// and the label: what people call the home, since two communities may have a 10栋 101
	Place      string          `json:"community_name"`
	Label      string          `json:"unit_label"` // of money of no unit the title
	Unit       unitRef         `json:"unit"`
	Payer      payerView       `json:"payer"`
	Origin     payment.Origin  `json:"origin"`
	Title      string          `json:"title"`
	Amount     money.Fen       `json:"amount"` // fen
	Items      []payment.Item  `json:"items"`
	Attempts   []attemptView   `json:"attempts"`
	Refunds    []refundView    `json:"refunds,omitempty"`
	Exceptions []exceptionView `json:"exceptions,omitempty"`
	Untaken    []untakenView   `json:"untaken,omitempty"`  // 刷卡: results that were not taken; not for residents
	Refunded   money.Fen       `json:"refunded,omitempty"` // fen that went back of what the order kept
	PaidBy     int             `json:"paid_by,omitempty"`  // number of the attempt whose money the order keeps
	Timeline   []payment.Event `json:"timeline,omitempty"`
	CreatedAt  time.Time       `json:"created_at"`
	ExpiresAt  time.Time       `json:"expires_at"`
	PaidAt     *time.Time      `json:"paid_at,omitempty"`
	ClosedAt   *time.Time      `json:"closed_at,omitempty"`
	QR         qrView          `json:"qr"`
	Now        time.Time       `json:"now"` // the server's clock, for countdowns
}

type unitRef struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

type payerView struct {
	Name string `json:"name"`
	// for staff alone, and masked: whole ones stand with the homes, where looking is on record
	Phone string `json:"phone,omitempty"`
}

type attemptView struct {
	No            int                   `json:"no"`
	OutTradeNo    string                `json:"out_trade_no"`
	Institution   gateway.Institution   `json:"institution"`
	Wallet        gateway.Wallet        `json:"wallet,omitempty"`
	Method        gateway.Method        `json:"method"`
	State         payment.AttemptState  `json:"state"`
	Amount        money.Fen             `json:"amount"` // fen
	TransactionID string                `json:"transaction_id,omitempty"`
	Received      money.Fen             `json:"received,omitempty"` // fen
	Disposition   payment.Application   `json:"disposition,omitempty"`
	Checks        int                   `json:"checks,omitempty"`    // questions asked so far
	Reversing     bool                  `json:"reversing,omitempty"` // payment code: being reversed
	Why           gateway.DeclineReason `json:"why,omitempty"`       // of a refusal
	Tendered      money.Fen             `json:"tendered,omitempty"`  // cash, fen
	CreatedAt     time.Time             `json:"created_at"`
	PaidAt        *time.Time            `json:"paid_at,omitempty"`
	// 刷卡: as the device reported it, then as the institution told
	Card *card.Card `json:"card,omitempty"`
	// 刷卡: paid on the terminal's word; the statement has not agreed yet
	Provisional bool              `json:"provisional,omitempty"`
	Reported    *reportedView     `json:"reported,omitempty"`    // 刷卡: what the terminal said
	Doubt       string            `json:"doubt,omitempty"`       // 刷卡: what the statement says instead
	Unconfirmed bool              `json:"unconfirmed,omitempty"` // 刷卡: a terminal's word that nobody has confirmed yet
	Failure     string            `json:"failure,omitempty"`
	Prepared    *gateway.Prepared `json:"prepared,omitempty"` // only in the answer that opened it

	// For staff alone.
	Account string       `json:"account,omitempty"` // merchant account
	Returns *returnsView `json:"returns,omitempty"` // 渠道退款: what the institution says went back
}

type qrView struct {
	URL string `json:"url"`
	PNG string `json:"png"`
	SVG string `json:"svg"`
}

// orderView shows an order to a caller. Only staff see the payer's name whole, some of the phone, by whom it was made,
// and the timeline.
func (s *Server) orderView(ctx context.Context, c access.Caller, o *payment.Order) orderView {
	v := orderView{
		ID: o.ID, Version: o.Version, Status: o.Status, CloseReason: o.CloseReason, Company: o.Company,
		CompanyName: s.Property.CompanyName(ctx, o.Company), Community: o.Community,
		Place: s.Property.CommunityName(ctx, o.Community), Label: cmp.Or(o.Payer.Label, o.Title),
		Unit: unitRef{o.Payer.Unit, o.Payer.Label}, Payer: payerView{Name: maskName(o.Payer.Name)},
		Origin: payment.Origin{Kind: o.Origin.Kind}, Title: o.Title,
		Amount: o.Amount, Items: o.Items, Attempts: []attemptView{}, PaidBy: o.PaidBy, CreatedAt: o.CreatedAt,
		ExpiresAt: o.ExpiresAt,
		PaidAt:    given(o.PaidAt), ClosedAt: given(o.ClosedAt), QR: s.qrView(o), Now: s.Now().UTC(),
	}
	for i := range o.Attempts {
		v.Attempts = append(v.Attempts, attempt(c, o, &o.Attempts[i]))
	}
	for i := range o.Refunds {
		if c.Kind == access.StaffKind || !declared(&o.Refunds[i]) {
			v.Refunds = append(v.Refunds, refund(c, o, &o.Refunds[i]))
		}
	}
	for i := range o.Unapplied {
		v.Exceptions = append(v.Exceptions, exception(c, &o.Unapplied[i]))
	}
	for i := range o.RejectedReports {
		if c.Kind != access.ResidentKind {
			v.Untaken = append(v.Untaken, untaken(c, &o.RejectedReports[i]))
		}
	}
	v.Refunded = o.Refunded()
	if c.Kind == access.StaffKind {
		v.Entity = o.EntityID()
		v.Payer, v.Origin, v.Timeline = payerView{o.Payer.Name, maskPhone(o.Payer.Phone)}, o.Origin, o.Timeline
	}
	return v
}

func attempt(c access.Caller, o *payment.Order, a *payment.Attempt) attemptView {
	v := attemptView{
		No: a.No, OutTradeNo: a.OutTradeNo, Institution: a.Institution, Wallet: a.Wallet, Method: a.Method,
		State: a.State, Amount: a.Amount, TransactionID: a.TransactionID,
		Received: a.Received, Disposition: a.Application, Checks: a.Checks, Reversing: a.Reversing, Why: a.Why,
		Tendered: a.Tendered, CreatedAt: a.CreatedAt, PaidAt: given(a.PaidAt), Failure: a.Failure,
		Provisional: a.Provisional, Doubt: a.Doubt, Unconfirmed: a.Unconfirmed(), Reported: reported(a.Word),
	}
	if a.Card != (card.Card{}) {
		v.Card = &a.Card
	}
	if c.Kind == access.StaffKind {
		v.Account, v.Returns = a.Account, returns(o, a)
	}
	return v
}

// reaches reports whether an order is within the caller's reach.
func (s *Server) reaches(ctx context.Context, c access.Caller, o *payment.Order) (bool, error) {
	switch c.Kind {
	case access.StaffKind:
		return c.Reaches(o.Company, o.Community), nil
	case access.TerminalKind:
		return o.Company == c.Company && o.Origin.Terminal == c.ID, nil
	case access.ResidentKind:
		h, err := s.Property.Home(ctx, c.ID, o.Payer.Unit)
		if fault.Is(err, fault.NotFound) {
			return false, nil
		}
		return err == nil && billing.SeesOrder(h, o, c.ID), err
	}
	return false, nil
}

// order returns an order within the caller's reach; any other does not exist.
func (s *Server) order(ctx context.Context, c *call, id string) (*payment.Order, error) {
	o, err := s.Payments.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	mine, err := s.reaches(ctx, c.Caller, o)
	if err != nil {
		return nil, err
	}
	if !mine {
		return nil, outOfReach()
	}
	return o, nil
}

type orderInput struct {
	Unit   string         `json:"unit"`
	Bills  []string       `json:"bills"`
	OnOpen payment.OnOpen `json:"on_open"`
}

func (s *Server) createOrder(ctx context.Context, c *call, in orderInput) (orderView, error) {
	if err := needed(map[string]string{"unit": in.Unit}); err != nil {
		return orderView{}, err
	}
	if !slices.Contains([]payment.OnOpen{"", payment.Refuse, payment.TakeOver}, in.OnOpen) {
		return orderView{}, malformed("on_open 须为 refuse 或 take_over。", "on_open is refuse or take_over.")
	}
	h, err := s.home(ctx, c, in.Unit)
	if err != nil {
		return orderView{}, err
	}
	o, hit, err := s.Billing.Collect(ctx, billing.Collect{
		Unit: h.ID, Former: h.Tenures, Bills: in.Bills, OnOpen: in.OnOpen, By: c.Actor(), Key: c.Key,
		KeyHash: c.KeyHash, Origin: origin(c),
	})
	if err != nil {
		return orderView{}, err
	}
	c.hit(hit)
	return s.orderView(ctx, c.Caller, o), nil
}

// origin is the desk that a caller sits at.
func origin(c *call) payment.Origin {
	switch c.Kind {
	case access.TerminalKind:
		return payment.Origin{Kind: payment.Terminal, Terminal: c.ID}
	case access.ResidentKind:
		return payment.Origin{Kind: payment.Phone, Resident: c.ID}
	}
	return payment.Origin{Kind: payment.Counter, Staff: c.ID}
}

type ordersQuery struct {
	Q         string `query:"q" json:"-"`
	Status    string `query:"status" json:"-"`
	Community string `query:"community" json:"-"` // staff; "" is all within reach
	Unit      string `query:"unit" json:"-"`
	Entity    string `query:"entity" json:"-"` // a legal entity's alone; for staff
	Cursor    string `query:"cursor" json:"-"`
	Limit     int    `query:"limit" json:"-"`
}

// foundOrders is a page of orders. Homes is of so many homes, and cut says that more homes match than are looked into.
type foundOrders struct {
	Items []orderView `json:"items"`
	Next  string      `json:"next,omitempty"` // cursor of the next page
	Homes int         `json:"homes,omitempty"`
	Cut   bool        `json:"cut,omitempty"`
}

func (s *Server) findOrders(ctx context.Context, c *call, in ordersQuery) (foundOrders, error) {
	f := payment.Filter{Status: payment.Status(in.Status), Unit: in.Unit, Cursor: in.Cursor,
		Limit: min(in.Limit, pageMost)}
	if f.Status != "" && !slices.Contains(payment.Statuses(), f.Status) {
		return foundOrders{}, malformed("status 不正确。", "There is no such status.")
	}
	switch c.Kind {
	case access.StaffKind:
		return s.staffOrders(ctx, c, f, in)
	case access.TerminalKind: // no search: it would tell whose a phone is
		f.Company, f.Terminal = c.Company, c.ID
	case access.ResidentKind:
		return s.ownOrders(ctx, c, f)
	}
	page, err := s.orderList(ctx, c, f)
	return foundOrders{Items: page.Items, Next: page.Next}, err
}

// staffOrders are the orders within a person's reach, or of one community of it.
func (s *Server) staffOrders(ctx context.Context, c *call, f payment.Filter, in ordersQuery) (foundOrders, error) {
	var err error
	f.Company, f.Entity = c.Company, in.Entity
	if f.Communities, err = s.among(ctx, c, in.Community); err != nil {
		return foundOrders{}, err
	}
	if text := property.Typed(in.Q); text != "" {
		return s.searchOrders(ctx, c, f, text, in.Community)
	}
	page, err := s.orderList(ctx, c, f)
	return foundOrders{Items: page.Items, Next: page.Next}, err
}

// among narrows what the caller reaches to one community; "" is all of it.
func (s *Server) among(ctx context.Context, c *call, one string) ([]string, error) {
	if one == "" {
		return c.Communities, nil
	}
	return s.searched(ctx, c, one)
}

// ownOrders are those orders of a home that a resident may see. A page may be short.
func (s *Server) ownOrders(ctx context.Context, c *call, f payment.Filter) (foundOrders, error) {
	h, err := s.home(ctx, c, f.Unit)
	if err != nil {
		return foundOrders{}, err
	}
	f.Company = h.Company
	views := []orderView{}
	for {
		orders, next, err := s.Payments.Find(ctx, f)
		if err != nil {
			return foundOrders{}, err
		}
		for i := range orders {
			if billing.SeesOrder(h, &orders[i], c.ID) {
				views = append(views, s.orderView(ctx, c.Caller, &orders[i]))
			}
		}
		if len(views) > 0 || next == "" {
			return foundOrders{Items: views, Next: next}, nil
		}
		f.Cursor = next
	}
}

func (s *Server) orderList(ctx context.Context, c *call, f payment.Filter) (list[orderView], error) {
	orders, next, err := s.Payments.Find(ctx, f)
	if err != nil {
		return list[orderView]{}, err
	}
	views := make([]orderView, 0, len(orders))
	for i := range orders {
		views = append(views, s.orderView(ctx, c.Caller, &orders[i]))
	}
	return list[orderView]{views, next}, nil
}

type idInput struct {
	ID string `path:"id" json:"-"`
}

// getOrder shows an order. A person of the staff who opens one has the institutions asked whether its money is still
// there; that may fail.
func (s *Server) getOrder(ctx context.Context, c *call, in idInput) (orderView, error) {
	o, err := s.order(ctx, c, in.ID)
	if err != nil {
		return orderView{}, err
	}
	if c.Kind == access.StaffKind && !c.Audits() { // asking may book something
		if err := s.Payments.Revisit(ctx, o); err != nil {
			s.Log.Warn("an order that was opened will not be asked about", "order", o.ID, "err", err)
		}
	}
	return s.orderView(ctx, c.Caller, o), nil
}

type attemptInput struct {
	ID        string         `path:"id" json:"-"`
	Wallet    gateway.Wallet `json:"wallet"`
	Method    gateway.Method `json:"method"`
	ReturnURL string         `json:"return_url"`
}

type openedView struct {
	Order   orderView   `json:"order"`
	Attempt attemptView `json:"attempt"`
}

// openAttempt opens a try without the page behind the QR: an institution's own QR, or a page to send a browser to.
func (s *Server) openAttempt(ctx context.Context, c *call, in attemptInput) (openedView, error) {
	if err := c.mustBeKeyed(); err != nil {
		return openedView{}, err
	}
	if !slices.Contains([]gateway.Method{gateway.Native, gateway.H5, gateway.Wap, gateway.CardPresent}, in.Method) {
		return openedView{}, fault.New(fault.Unsupported, "method 须为 native、h5、wap 或 swipe。",
			"method is native, h5, wap or swipe.")
	}
	if in.Method == gateway.CardPresent && c.Kind != access.TerminalKind {
		return openedView{}, fault.New(fault.Forbidden, "刷卡须在终端上操作。", "A card is taken on a terminal.")
	}
	o, err := s.order(ctx, c, in.ID)
	if err != nil {
		return openedView{}, err
	}
	if in.ReturnURL != "" && !s.ours(in.ReturnURL) {
		return openedView{}, malformed("return_url 须为本站地址。", "return_url must be an address of ours.")
	}
	o, no, hit, err := s.Payments.Attempt(ctx, o.ID, payment.NewAttempt{
		Wallet: in.Wallet, Method: in.Method, ClientIP: c.IP, ReturnURL: in.ReturnURL, IdempotencyKey: c.Key,
		By: c.Actor(),
	})
	if err != nil {
		return openedView{}, err
	}
	c.hit(hit)
	a := attempt(c.Caller, o, o.Attempt(no))
	a.Prepared = &o.Attempt(no).Prepared
	return openedView{s.orderView(ctx, c.Caller, o), a}, nil
}

func (s *Server) closeOrder(ctx context.Context, c *call, in idInput) (orderView, error) {
	o, err := s.order(ctx, c, in.ID)
	if err != nil {
		return orderView{}, err
	}
	if o, err = s.Payments.Close(ctx, o.ID, payment.ByCancel, c.Actor()); err != nil {
		return orderView{}, err
	}
	return s.orderView(ctx, c.Caller, o), nil
}

func (s *Server) checkOrder(ctx context.Context, c *call, in idInput) (orderView, error) {
	o, err := s.order(ctx, c, in.ID)
	if err != nil {
		return orderView{}, err
	}
	if o, err = s.Payments.Check(ctx, o.ID); err != nil {
		return orderView{}, err
	}
	return s.orderView(ctx, c.Caller, o), nil
}
