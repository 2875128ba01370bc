package handlers

import (
	"context"

	"linlipay/payment"
	"linlipay/payment/gateway"
)

// What only a desk can do: charge a payment code (付款码) that the resident shows, and take cash.

func (s *Server) chargeCode(ctx context.Context, c *call, o *payment.Order, in attemptInput) (openedView, error) {
	wallet, err := gateway.WalletOf(in.AuthCode)
	if err != nil {
		return openedView{}, err
	}
	o, no, hit, err := s.Payments.Attempt(ctx, o.ID, payment.NewAttempt{
		Wallet: wallet, Method: gateway.CodePresented, AuthCode: in.AuthCode, ClientIP: c.IP, IdempotencyKey: c.Key,
		By: c.Actor(),
	})
	if err != nil {
		return openedView{}, err
	}
	c.hit(hit)
	return openedView{s.orderView(ctx, c.Caller, o), attempt(c.Caller, o, o.Attempt(no))}, nil
}

func (s *Server) takeCash(ctx context.Context, c *call, o *payment.Order, in attemptInput) (openedView, error) {
	o, hit, err := s.Payments.TakeCash(ctx, o.ID, payment.NewCash{Tendered: in.Tendered, IdempotencyKey: c.Key,
		By: c.Actor()})
	if err != nil {
		return openedView{}, err
	}
	c.hit(hit)
	cash := o.Attempt(o.PaidBy)
	return openedView{s.orderView(ctx, c.Caller, o), attempt(c.Caller, o, cash)}, nil
}
