package handlers

import (
	"context"

	"linlipay/access"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// deskRoutes are the routes of a cashier's desk.
func (s *Server) deskRoutes() []route {
	return []route{
		{method: "POST", path: "/v1/orders/:id/code", who: desks, summary: "Charge a payment code (付款码)", keyed: true,
			endpoint: handle(s, 201, s.payCode)},
		{method: "POST", path: "/v1/orders/:id/cash", who: staffWith(access.Cashier), summary: "Take cash for an order",
			keyed: true, endpoint: handle(s, 201, s.takeCash)},
	}
}

// What only a desk can do: charge a payment code that the resident shows, and take cash.

type authCodeInput struct {
	ID   string `path:"id" json:"-"`
	Code string `json:"code" digits:"any"` // 付款码: handed to the institution and nowhere kept
}

func (s *Server) payCode(ctx context.Context, c *call, in authCodeInput) (openedView, error) {
	if err := c.mustBeKeyed(); err != nil {
		return openedView{}, err
	}
	wallet, err := gateway.WalletOf(in.Code)
	if err != nil {
		return openedView{}, err
	}
	o, err := s.order(ctx, c, in.ID)
	if err != nil {
		return openedView{}, err
	}
	o, no, hit, err := s.Payments.Attempt(ctx, o.ID, payment.NewAttempt{
		Wallet: wallet, Method: gateway.CodePresented, AuthCode: in.Code, ClientIP: c.IP, IdempotencyKey: c.Key,
		By: c.Actor(),
	})
	if err != nil {
		return openedView{}, err
	}
	c.hit(hit)
	return openedView{s.orderView(ctx, c.Caller, o), attempt(c.Caller, o, o.Attempt(no))}, nil
}

type cashInput struct {
	ID       string    `path:"id" json:"-"`
	Tendered money.Fen `json:"tendered"` // what the resident handed over, in fen
}

func (s *Server) takeCash(ctx context.Context, c *call, in cashInput) (orderView, error) {
	if err := c.mustBeKeyed(); err != nil {
		return orderView{}, err
	}
	o, err := s.order(ctx, c, in.ID)
	if err != nil {
		return orderView{}, err
	}
	o, hit, err := s.Payments.TakeCash(ctx, o.ID, payment.NewCash{Tendered: in.Tendered, IdempotencyKey: c.Key,
		By: c.Actor()})
	if err != nil {
		return orderView{}, err
	}
	c.hit(hit)
	return s.orderView(ctx, c.Caller, o), nil
}
