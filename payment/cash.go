package payment

import (
	"context"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment/gateway"
)

// NewCash says that a cashier took notes and coins for an order.
type NewCash struct {
	Tendered       money.Fen // what the payer handed over, in fen; what is over the amount was given as change
	IdempotencyKey string    // Idempotency-Key; "" is none
	By             string    // the cashier
}

// TakeCash books cash over the counter (现金) for the whole of an order: in one change the order gets its attempt and is
// Paid. Whatever the payer may still pay elsewhere is ended first, as Attempt does; when it was paid meanwhile,
// AlreadyPaid says that the notes are to be handed back. Less than is owed is Invalid.
func (s *Service) TakeCash(ctx context.Context, id string, n NewCash) (o *Order, hit bool, err error) {
	if o, err = s.orders.Get(ctx, id); err != nil {
		return nil, false, err
	}
	settled, err := s.settings(ctx, o.Company)
	if err != nil {
		return nil, false, err
	}
	for range payTries {
		try := NewAttempt{Wallet: gateway.WalletCash, Method: gateway.Notes, IdempotencyKey: n.IdempotencyKey, By: n.By,
			tendered: n.Tendered}
		if a, err := o.attemptByKey(try); err != nil {
			return nil, false, err
		} else if a != nil {
			return o, true, nil
		}
		if err := o.takesAttempts(n.By, s.now()); err != nil {
			return nil, false, err
		}
		if n.Tendered < o.Amount {
			return nil, false, fault.New(fault.Invalid, "实收金额小于应收金额。", "Less was handed over than is owed.").With(
				"amount", o.Amount)
		}
		if n.Tendered > money.MostTyped {
			tooMuch := fault.New(fault.Invalid, "实收金额过大。", "That is more than anybody hands over.")
			return nil, false, tooMuch.With("maximum", money.MostTyped)
		}
		if old := o.payable(); old != nil {
			if o, err = s.settleOpenAttempt(ctx, o, old); err != nil {
				return nil, false, err
			}
			continue
		}
		now, before := s.now(), o.stage()
		a := o.start(try, gateway.Account{Institution: gateway.Cash}, "", now)
		o.arrived(a.No, gateway.Report{TransactionID: a.OutTradeNo, Amount: o.Amount, Currency: gateway.CNY,
			PaidAt: now}, true,
			settled.UnappliedPolicy, now)
		if err := s.replace(ctx, o, before); fault.Is(err, fault.Stale) {
			if o, err = s.orders.Get(ctx, id); err != nil {
				return nil, false, err
			}
			continue
		} else if err != nil {
			return nil, false, err
		}
		o, err = s.deliverOutbox(ctx, o)
		return o, false, err
	}
	return nil, false, gateway.TryAgain(nil)
}

// HandOut records that a cashier handed out the notes of an approved refund of cash. A refund that goes back through
// the institution is WrongState.
func (s *Service) HandOut(ctx context.Context, id string, no int, by string) (*Order, error) {
	o, err := s.refundOf(ctx, id, no)
	if err != nil {
		return nil, err
	}
	r := o.Refund(no)
	if o.Attempt(r.Attempt).Institution != gateway.Cash {
		return nil, fault.New(fault.WrongState, "该退款由支付渠道原路退回，不付现金。",
			"This refund goes back through the institution, not in cash.")
	}
	if r.Status == RefundSucceeded {
		return o, nil
	}
	if r.Withholding {
		if o, err = s.deliverOutbox(ctx, o); err != nil {
			return nil, err
		}
		r = o.Refund(no)
	}
	if r.Status != RefundPending || r.Withholding {
		return nil, refundNotNow(r)
	}
	o, err = s.change(ctx, o, func(o *Order) bool {
		now := s.now()
		if r := o.Refund(no); r.Status == RefundPending { // once set aside, it stays so
			r.DoneBy = by
			o.answer(ctx)
		}
		return o.refundDone(no, o.Refund(no).OutRefundNo, now, now)
	})
	if err != nil {
		return nil, err
	}
	return s.deliverOutbox(ctx, o)
}
