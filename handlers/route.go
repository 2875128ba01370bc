package handlers

import (
	"context"
	"time"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/checkout"
	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
)

// routingRoutes are the routes of which institution takes what.
func (s *Server) routingRoutes() []route {
	return []route{
		{id: "listPaymentMethods", method: "GET", path: "/v1/orders/:id/payment-methods", who: signedIn,
			summary: "The ways in which an order can be paid", endpoint: handle(s, 200, s.orderWays)},
		{id: "getRoutes", method: "GET", path: "/v1/routes", who: staffWith(access.Finance, access.Operations),
			summary:  "Which institution takes each way to pay (支付路由), and which could",
			problems: []fault.Code{fault.NotFound}, endpoint: handle(s, 200, s.getRoutes)},
		{id: "updateRoutes", method: "PUT", path: "/v1/routes", who: asks(merchant.RouteMatter()),
			summary:  "Ask that other institutions take ways to pay; another person decides",
			problems: []fault.Code{fault.NotFound, fault.WrongState, fault.Stale},
			endpoint: handle(s, 200, s.askRoutes)},
		{id: "decideRoutes", method: "POST", path: "/v1/routes/decision", who: decides(merchant.RouteMatter()),
			summary:  "Approve or refuse a change of routes, as another person than the maker",
			problems: []fault.Code{fault.NotFound, fault.WrongState, fault.Stale},
			endpoint: handle(s, 200, s.decideRoutes)},
		{id: "withdrawRoutes", method: "POST", path: "/v1/routes/withdrawal", who: asks(merchant.RouteMatter()),
			summary: "Take back one's own change of routes", problems: []fault.Code{fault.NotFound, fault.WrongState},
			endpoint: handle(s, 200, s.withdrawRoutes)},
	}
}

// Which institution takes each way to pay in a community (支付路由).

type routesQuery struct {
	Community string `query:"community" json:"-"` // "" is the whole company
}

type routesView struct {
	Community string            `json:"community"`
	Routes    []merchant.Route  `json:"routes"`  // what was chosen
	Choices   []merchant.Option `json:"choices"` // what could be
	ChangedBy string            `json:"changed_by,omitempty"`
	ChangedAt *time.Time        `json:"changed_at,omitempty"`
	Revision  int64             `json:"revision"` // of what was chosen; a request names it
	// the choice that waits for another person, or the last that did
	Request *requestView `json:"request,omitempty"`
}

func (s *Server) getRoutes(ctx context.Context, c *call, in routesQuery) (routesView, error) {
	if err := s.withinReach(ctx, c, in.Community); err != nil {
		return routesView{}, err
	}
	r, err := s.Payments.Merchants().RoutesOf(ctx, c.Company, in.Community)
	if err != nil {
		return routesView{}, err
	}
	return s.routesView(ctx, c, r)
}

func (s *Server) routesView(ctx context.Context, c *call, r *merchant.Routes) (routesView, error) {
	choices, err := s.Payments.Merchants().Options(ctx, r.Company, r.Community)
	if err != nil {
		return routesView{}, err
	}
	many, err := s.deciders(ctx, c, merchant.RouteMatter(), r.Community)
	routes := r.PaymentMethods
	if routes == nil {
		routes = []merchant.Route{}
	}
	return routesView{r.Community, routes, choices, r.ChangedBy, given(r.ChangedAt), r.Revision,
		c.routesRequest(s.Payments.Merchants().Change(r), many)}, err
}

// withinReach is the fault of a community that the caller does not look after; the whole company needs a scope of the
// whole company.
func (s *Server) withinReach(ctx context.Context, c *call, community string) error {
	if community == "" && c.WholeCompany() {
		return nil
	}
	_, err := s.community(ctx, c, community)
	return err
}

type routesInput struct {
	Community string           `query:"community" json:"-"` // "" is the whole company
	Routes    []merchant.Route `json:"routes"`
	askedInput
}

func (s *Server) askRoutes(ctx context.Context, c *call, in routesInput) (routesView, error) {
	if err := s.withinReach(ctx, c, in.Community); err != nil {
		return routesView{}, err
	}
	r, err := s.Payments.Merchants().AskRoutes(ctx, merchant.Routes{Company: c.Company, Community: in.Community,
		PaymentMethods: in.Routes},
		in.asker(c))
	if err != nil {
		return routesView{}, err
	}
	return s.routesView(ctx, c, r)
}

type routesDecision struct {
	Community string `query:"community" json:"-"` // "" is the whole company
	Request   string `json:"request"`             // the id of what was seen
	Approve   bool   `json:"approve"`
	Note      string `json:"note,omitempty"` // why not
}

func (s *Server) decideRoutes(ctx context.Context, c *call, in routesDecision) (routesView, error) {
	if err := s.withinReach(ctx, c, in.Community); err != nil {
		return routesView{}, err
	}
	before, err := s.Payments.Merchants().RoutesOf(ctx, c.Company, in.Community)
	if err != nil {
		return routesView{}, err
	}
	if change := s.Payments.Merchants().Change(before); change != nil && in.Approve {
		if err := s.mayStillAsk(ctx, c, merchant.RouteMatter(), change.Signatures, in.Community); err != nil {
			return routesView{}, err
		}
	}
	d := approval.Decision{Request: in.Request, Approve: in.Approve, Note: in.Note}
	r, err := s.Payments.Merchants().DecideRoutes(ctx, c.Company, in.Community, d, c.Person())
	if err != nil {
		return routesView{}, err
	}
	return s.routesView(ctx, c, r)
}

type routesWithdrawal struct {
	Community string `query:"community" json:"-"` // "" is the whole company
	Request   string `json:"request"`
}

func (s *Server) withdrawRoutes(ctx context.Context, c *call, in routesWithdrawal) (routesView, error) {
	if err := s.withinReach(ctx, c, in.Community); err != nil {
		return routesView{}, err
	}
	r, err := s.Payments.Merchants().WithdrawRoutes(ctx, c.Company, in.Community, in.Request, c.Person())
	if err != nil {
		return routesView{}, err
	}
	return s.routesView(ctx, c, r)
}

type paymentMethodsView struct {
	PaymentMethods []gateway.PaymentMethod `json:"payment_methods"`
	QRWallets      []gateway.Wallet        `json:"qr_wallets"` // the wallets whose apps can pay by the order's QR
}

func (s *Server) orderWays(ctx context.Context, c *call, in idInput) (paymentMethodsView, error) {
	o, err := s.order(ctx, c, in.ID)
	if err != nil {
		return paymentMethodsView{}, err
	}
	ways, err := s.Payments.Merchants().PaymentMethods(ctx, o.Company, o.Community, o.EntityID())
	return paymentMethodsView{ways, checkout.Scanners(ways)}, err
}
