package payment

import (
	"context"
	"time"

	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
)

// What is asked and written of attempts; pay.go has the rules.

// Attempt opens a try at an institution and returns the order with the attempt's number; Attempt(no).Prepared is what
// the payer needs. Older attempts are settled first: one that was paid makes the order Paid and is answered with
// AlreadyPaid; one that the institution will not close yet is answered with UpstreamUnknown. An attempt like the one
// asked for that is open already is handed out again. hit says that Key had asked before. An order that is closed or
// over is Expired, too many attempts are TooMany, another request under the key is KeyReused, a way that nobody takes
// is Unsupported, a card or a code that is under way is WrongState, and what the institution declines is Upstream.
func (s *Service) Attempt(ctx context.Context, id string, n NewAttempt) (o *Order, no int, hit bool, err error) {
	var tried []string // accounts that could not be reached: nothing was sent to them
	if o, err = s.orders.Get(ctx, id); err != nil {
		return nil, 0, false, err
	}
	for range payTries {
		a, hit, err := s.reuse(o, n)
		if err != nil {
			return o, 0, false, err
		}
		if a != nil && (a.State != AttemptStarting || a.Method == gateway.CodePresented) {
			if hit || n.IdempotencyKey == "" {
				return o, a.No, hit, nil
			}
			no, before := a.No, o.stage()
			o.handed(n, no)
			latest, done, err := s.written(ctx, o, before)
			if done || err != nil {
				return latest, no, false, err
			}
			o = latest
			continue
		}
		if err := n.permitted(); err != nil {
			return o, 0, false, err
		}
		n.Permit = nil
		if old := o.payable(); old != nil {
			latest, err := s.settleOpenAttempt(ctx, o, old)
			if err != nil {
				return o, 0, false, err
			}
			o = latest
			continue
		}
		t, err := s.merchants.Candidate(ctx, merchant.Wanted{Company: o.Company, Community: o.Community,
			Entity: o.EntityID(), Way: n.paymentMethod(),
			Account: n.Account, Tried: tried})
		if err != nil {
			return o, 0, false, err
		}
		before := o.stage()
		fresh := o.start(n, t.Account, t.Confirms(n.Method), s.now())
		latest, done, err := s.written(ctx, o, before)
		if err != nil {
			return nil, 0, false, err
		}
		if !done {
			o = latest
			continue
		}
		o, err = s.open(ctx, t, o, *fresh, n)
		if gateway.KindOf(err) == gateway.Unreachable {
			tried = append(tried, t.Account.ID)
			continue
		}
		return o, fresh.No, false, err
	}
	return o, 0, false, gateway.TryAgain(nil)
}

// written replaces an order, or reads it anew where another writer was faster: then it is not done.
func (s *Service) written(ctx context.Context, o *Order, before stage) (latest *Order, done bool, err error) {
	if err = s.replace(ctx, o, before); fault.Is(err, fault.Stale) {
		latest, err = s.orders.Get(ctx, o.ID)
		return latest, false, err
	}
	return o, err == nil, err
}

// reuse returns the attempt that answers n without a new one, and whether n's key had asked for it; an order that takes
// no more attempts is a fault.
func (s *Service) reuse(o *Order, n NewAttempt) (*Attempt, bool, error) {
	if a, err := o.attemptByKey(n); a != nil || err != nil {
		return a, err == nil, err
	}
	if err := o.takesAttempts(n.By, s.now()); err != nil {
		return nil, false, err
	}
	a := o.payable()
	if a != nil && n.same(a) && a.Method != gateway.CodePresented &&
		(a.State == AttemptStarting || s.now().Sub(a.CreatedAt) < reuseFor) {
		return a, false, nil
	}
	return nil, false, nil
}

// settleOpenAttempt settles an older attempt so that another may be opened: one that is just being asked for is waited
// for, any other is ended upstream. It returns the order as it then is; when the attempt can still be paid,
// UpstreamUnknown says so.
func (s *Service) settleOpenAttempt(ctx context.Context, o *Order, old *Attempt) (*Order, error) {
	if old.State == AttemptReported {
		return nil, fault.New(fault.WrongState, "终端已报告刷卡成功，正在等待收单机构确认，请勿重复收款。",
			"The terminal reports that the card was charged; wait for the acquirer's confirmation.")
	}
	if old.Confirmation == gateway.ByStatement {
		return nil, fault.New(fault.WrongState, "终端刷卡尚未返回结果，请先在终端完成或取消刷卡。",
			"The card payment on the terminal has not ended; finish or cancel it there first.")
	}
	if old.Method == gateway.CodePresented && !old.mustEnd(s.now()) {
		return nil, fault.New(fault.WrongState, "正在等待住户确认付款码支付，请稍候。",
			"The resident's payment code is still being paid; please wait.")
	}
	age := s.now().Sub(old.CreatedAt)
	if old.State == AttemptStarting && old.Failure == "" && age < s.cfg.GatewayTimeout+absentPause {
		if err := s.waitOr(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
		return s.orders.Get(ctx, o.ID)
	}
	for range absentTries + 1 {
		latest, err := s.poll(ctx, o, old.No, true)
		if err != nil {
			return nil, err
		}
		o = latest
		a := o.Attempt(old.No)
		if !a.payable() {
			return o, nil
		}
		if a.Absent == 0 {
			break // the institution did not answer, or will not close
		}
		if err := s.waitOr(ctx, absentPause); err != nil {
			return nil, err
		}
	}
	return nil, gateway.TryAgain(nil)
}

func (s *Service) waitOr(ctx context.Context, d time.Duration) error {
	if err := s.cfg.Wait(ctx, d); err != nil {
		return gateway.TryAgain(err)
	}
	return nil
}

// open asks the institution for an attempt that is already written down, and writes down the answer.
// One that could not be reached is a gateway.Error of kind Unreachable.
func (s *Service) open(ctx context.Context, t merchant.Candidate, o *Order, a Attempt, n NewAttempt) (*Order, error) {
	upstream, cancel := s.upstream(ctx)
	defer cancel()
	prepared, paid, failure := s.charge(upstream, t.Gateway, t.Account, gateway.Charge{
		OutTradeNo: a.OutTradeNo, Wallet: a.Wallet, Method: a.Method, Amount: a.Amount, Title: o.Title,
		PayerID: a.PayerID, AuthCode: n.AuthCode, ClientIP: n.ClientIP, Device: device(o),
		NotifyURL: s.notifyURL(a.Institution, t.Account.ID), ReturnURL: a.ReturnURL, CreatedAt: a.CreatedAt,
		ExpiresAt: a.ExpiresAt,
	})
	s.merchants.Observe(t.Account.ID, failure)
	if failure == nil && paid.State == gateway.TradePaid {
		return s.bookCharge(upstream, o, a.No, paid)
	}
	o, err := s.change(upstream, o, func(o *Order) bool {
		moved := o.answered(a.No, prepared, failure, s.now())
		return o.numbered(a.No, paid.UpstreamNo) || moved
	})
	if err != nil {
		return nil, err
	}
	if failure != nil {
		s.cfg.Log.Warn("an institution did not open a charge", "order", o.ID, "attempt", a.No, "err", failure)
		if gateway.KindOf(failure) == gateway.Unreachable {
			return o, failure
		}
		return o, forPerson(failure)
	}
	return o, nil
}
