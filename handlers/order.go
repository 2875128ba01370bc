package handlers

import (
	"cmp"
	"context"
	"slices"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
)

// orderRoutes are the routes of orders.
func (s *Server) orderRoutes() []route {
	return []route{
		{id: "createOrder", method: "POST", path: "/v1/orders", who: signedIn,
			summary: "Make an order for bills of one unit, or one that pays ahead", keyed: true,
			problems: []fault.Code{
				fault.NotFound, fault.WrongState, fault.OrderOpen,
				fault.AlreadyPaid, fault.UpstreamUnknown,
			},
			endpoint: handle(s, 201, s.createOrder)},
		{id: "listOrders", method: "GET", path: "/v1/orders", who: signedIn,
			summary: "Orders within reach, newest first", problems: []fault.Code{fault.NotFound},
			endpoint: listed(s, payment.OrderSorts(), s.findOrders)},
		{id: "getOrder", method: "GET", path: "/v1/orders/:id", who: signedIn, summary: "An order",
			endpoint: handle(s, 200, s.getOrder)},
		{id: "createAttempt", method: "POST", path: "/v1/orders/:id/attempts", who: signedIn,
			summary: "Open a try: at an institution by its QR, page or a payment code, on a card terminal, or in cash",
			keyed:   true,
			problems: []fault.Code{
				fault.WrongState, fault.AlreadyPaid, fault.Expired,
				fault.Unsupported, fault.Upstream, fault.UpstreamUnknown,
			},
			endpoint: handle(s, 201, s.openAttempt)},
		{id: "closeOrder", method: "POST", path: "/v1/orders/:id/closure", who: signedIn,
			summary:  "Close an order, upstream first",
			problems: []fault.Code{fault.WrongState, fault.AlreadyPaid, fault.UpstreamUnknown},
			endpoint: handle(s, 200, s.closeOrder)},
		{id: "printReceipt", method: "POST", path: "/v1/orders/:id/receipt-prints", who: printers, keyed: true,
			summary:  "Record that a receipt is printed; a paper that is not the first says so (补打)",
			problems: []fault.Code{fault.TooMany}, endpoint: handle(s, 201, s.printReceipt)},
		{id: "queryOrder", method: "POST", path: "/v1/orders/:id/queries", who: signedIn,
			summary: "Ask the institutions now (查单)", perMinute: 60, problems: []fault.Code{fault.UpstreamUnknown},
			endpoint: handle(s, 200, s.checkOrder)},
	}
}

// reaches reports whether an order is within the caller's reach.
func (s *Server) reaches(ctx context.Context, c access.Caller, o *payment.Order) (bool, error) {
	switch c.Kind {
	case access.StaffKind, access.ClientKind:
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
	Unit  string   `json:"unit"`
	Bills []string `json:"bills,omitempty" most:"200"`
	// fen to be paid towards the bills, what was due first first; without it all that is owed of them
	Amount money.Fen      `json:"amount,omitempty" least:"0"`
	OnOpen payment.OnOpen `json:"on_open,omitempty"`
	// fen that the unit's owner pays ahead (预存), in place of bills
	Prepay money.Fen `json:"prepay,omitempty" least:"0"`
	// with prepay, for staff and API clients: it is a deposit (押金) with this name, such as 装修押金, and pays no bills
	Deposit string `json:"deposit,omitempty" most:"40"`
}

func (s *Server) createOrder(ctx context.Context, c *call, in orderInput) (orderView, error) {
	if err := needed(map[string]string{"unit": in.Unit}); err != nil {
		return orderView{}, err
	}
	if !slices.Contains([]payment.OnOpen{"", payment.Refuse, payment.TakeOver}, in.OnOpen) {
		return orderView{}, malformed("on_open 须为 refuse 或 supersede。", "on_open is refuse or supersede.")
	}
	h, err := s.home(ctx, c, in.Unit)
	if err != nil {
		return orderView{}, err
	}
	collect := billing.Collect{
		Unit: h.ID, Former: h.Tenures, Bills: in.Bills, Amount: in.Amount, OnOpen: in.OnOpen, By: c.Actor(), Key: c.Key,
		KeyHash: c.KeyHash, Origin: origin(c),
	}
	if in.Prepay != 0 || in.Deposit != "" {
		return s.topUp(ctx, c, h, in, collect)
	}
	if in.Amount != 0 {
		if may, err := s.mayPayParts(ctx, c, h.Company); err != nil || !may {
			return orderView{}, cmp.Or(err, noParts())
		}
	}
	o, hit, err := s.Billing.Collect(ctx, collect)
	if err != nil {
		return orderView{}, err
	}
	c.hit(hit)
	return s.orderView(ctx, c.Caller, o), nil
}

// topUp makes an order that pays ahead. Who owned the home before, and owes bills still, pays nothing ahead.
func (s *Server) topUp(ctx context.Context, c *call, h *property.Home, in orderInput,
	collect billing.Collect) (orderView, error) {
	if len(in.Bills) > 0 || in.Amount != 0 {
		return orderView{}, malformed("预存款与账单请分开下单。", "An order pays ahead or pays bills, not both.")
	}
	if h.As == property.FormerOwner {
		return orderView{}, outOfReach()
	}
	if in.Deposit != "" {
		if c.Kind == access.ResidentKind || c.Kind == access.TerminalKind {
			return orderView{}, fault.New(fault.Forbidden, "押金请到服务台办理。", "A deposit is taken at the office.").With(
				"field", "deposit")
		}
		collect.Deposit = &billing.Deposit{Name: in.Deposit}
	}
	collect.Amount = in.Prepay
	o, hit, err := s.Billing.TopUp(ctx, collect)
	if err != nil {
		return orderView{}, err
	}
	c.hit(hit)
	return s.orderView(ctx, c.Caller, o), nil
}

// mayPayParts reports whether the company lets the caller pay a part of a bill.
func (s *Server) mayPayParts(ctx context.Context, c *call, company string) (bool, error) {
	settled, err := s.Access.SettingsOf(ctx, company)
	return err == nil && settled.MayPayParts(c.Caller), err
}

func noParts() error {
	return fault.New(fault.Forbidden, "请付清所选账单；部分缴费请到服务台办理。",
		"Pay the chosen bills in full; the office takes part of a bill where the company allows it.").With("field",
		"amount")
}

// origin is the desk that a caller sits at.
func origin(c *call) payment.Origin {
	switch c.Kind {
	case access.TerminalKind:
		return payment.Origin{Kind: payment.Terminal, Terminal: c.ID}
	case access.ResidentKind:
		return payment.Origin{Kind: payment.Phone, Resident: c.ID}
	case access.ClientKind:
		return payment.Origin{Kind: payment.API, Client: c.ID}
	}
	return payment.Origin{Kind: payment.Counter, Staff: c.ID}
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

type printInput struct {
	ID     string `path:"id" json:"-"`
	Refund int    `json:"refund,omitempty"` // number of the refund whose receipt it is; left out is the payment's
}

func (s *Server) printReceipt(ctx context.Context, c *call, in printInput) (orderView, error) {
	return s.withOrder(ctx, c, in.ID, func(o *payment.Order) (*payment.Order, error) {
		return s.Payments.PrintReceipt(ctx, o.ID, in.Refund, c.Actor())
	})
}
