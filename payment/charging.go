package payment

import (
	"context"
	"errors"

	"linlipay/payment/gateway"
)

// A payment code at the institution: its charge, and the reversal of one that must end.

// bookCharge books what a payment code paid at once, unless somebody has it reversed meanwhile: then the order loop
// finds out how it ends.
func (s *Service) bookCharge(ctx context.Context, seen *Order, no int, paid gateway.Report) (*Order, error) {
	o, err := s.book(ctx, seen, no, 0, paid)
	if !errors.Is(err, errReversing) {
		return o, err
	}
	if _, failed := s.change(ctx, seen, func(o *Order) bool { return o.numbered(no, paid.UpstreamNo) }); failed != nil {
		return nil, failed
	}
	return nil, gateway.TryAgain(err)
}

// charge asks the institution for a charge: to prepare it for the payer, or, by a payment code, to take the money now.
func (s *Service) charge(ctx context.Context, g gateway.Gateway, account gateway.Account,
	c gateway.Charge) (gateway.Prepared, gateway.Report, error) {
	if c.Method != gateway.CodePresented {
		prepared, err := g.Open(ctx, account, c)
		return prepared, gateway.Report{}, err
	}
	payer, ok := g.(gateway.CodePayer)
	if !ok {
		return gateway.Prepared{}, gateway.Report{}, &gateway.Error{Kind: gateway.Declined, Signed: true,
			Message: "该渠道不支持付款码"}
	}
	r, err := payer.PayCode(ctx, account, c)
	return gateway.Prepared{}, r, err
}

// reverse ends a payment code's charge, or one at an CloseReverser, after the last query (r or err), unless that says
// how it ended. A confirmed reversal is an end also where the institution knows nothing of the charge. Once a reversal
// was asked for, also a charge that is paid is reversed; it is kept only when the institution refuses that.
func (s *Service) reverse(ctx context.Context, g gateway.Gateway, account gateway.Account, o *Order, a *Attempt,
	r gateway.Report, err error) (*Order, error) {
	payer, ok := g.(gateway.CodePayer)
	absent := gateway.UnknownThere(err)
	reversible := err == nil && (r.State == gateway.TradeUnpaid || r.State == gateway.TradePaid && a.Reversing &&
		!r.WentBack())
	if !ok || !absent && !reversible {
		return s.recordAnswer(ctx, o, a.No, true, 0, r, err)
	}
	claim := 0
	o, err = s.change(ctx, o, func(o *Order) bool {
		claim = o.reversing(a.No, s.flight(), s.now())
		return claim > 0
	})
	if err != nil || claim == 0 { // it has ended meanwhile, or somebody else is at it
		return o, err
	}
	undone := payer.Reverse(ctx, account, a.trade())
	switch gateway.KindOf(undone) {
	case "", gateway.AlreadyPaidUpstream, gateway.AlreadyClosedUpstream, gateway.NotFound:
	case gateway.Declined:
		if !gateway.Signed(undone) {
			return s.recordAnswer(ctx, o, a.No, true, 0, gateway.Report{}, undone)
		}
	default:
		return s.recordAnswer(ctx, o, a.No, true, 0, gateway.Report{}, undone)
	}
	r, err = g.Query(ctx, account, a.trade())
	confirmed := undone == nil || gateway.KindOf(undone) == gateway.AlreadyClosedUpstream
	switch {
	case undone == nil && gateway.UnknownThere(err):
		r, err = gateway.Report{State: gateway.TradeClosed, Raw: "reversed"}, nil
	case confirmed && err == nil && r.State == gateway.TradePaid && r.Returned != gateway.ReturnedNothing:
		r.State = gateway.TradeClosed // it went back by the reversal, however much of that the institution tells
	}
	return s.recordAnswer(ctx, o, a.No, true, claim, r, err)
}
