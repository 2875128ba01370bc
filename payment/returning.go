package payment

import (
	"context"
	"errors"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// Revisit is called when a person opens an order: the order loop asks the institutions whether what was paid is still
// there.
func (s *Service) Revisit(ctx context.Context, o *Order) error {
	if !o.copy().recheckNow(s.now()) {
		return nil
	}
	_, err := s.change(ctx, o, func(o *Order) bool { return o.recheckNow(s.now()) })
	return err
}

// recheck asks the institution whether a paid attempt's money is still there, and writes down the answer.
func (s *Service) recheck(ctx context.Context, o *Order, no int) (*Order, error) {
	a := o.Attempt(no)
	g, err := s.merchants.Gateway(a.Institution)
	if err != nil {
		return o, err
	}
	account, err := s.merchants.Get(ctx, a.Account)
	if err != nil {
		return o, err
	}
	upstream, cancel := s.upstream(ctx)
	defer cancel()
	r, err := g.Query(upstream, account, a.trade())
	s.merchants.Observe(account.ID, err)
	if err != nil {
		s.cfg.Log.Info("an institution did not tell whether a payment is still there", "order", o.ID, "attempt", no,
			"err", err)
	}
	o, err = s.change(upstream, o, func(o *Order) bool { return o.rechecked(no, r, err != nil, s.now()) })
	if err != nil {
		return nil, err
	}
	return s.deliverOutbox(upstream, o)
}

// foreignRefund takes a verified message about a refund under a number that is not ours. The institution is asked about
// it; where it answers no such question, its signed message says that some went back, and finance finds out how much.
func (s *Service) foreignRefund(ctx context.Context, g gateway.Gateway, account gateway.Account,
	told gateway.RefundReport) (Outcome, string, error) {
	if told.OutTradeNo == "" {
		return OutcomeFailed, "", fault.New(fault.UpstreamUnknown, "退款通知未说明是哪笔支付。",
			"The notification of a refund does not say of which payment it is.")
	}
	o, no, err := s.holding(ctx, account, told.OutTradeNo)
	if fault.Is(err, fault.NotFound) { // its payment's message was lost, or comes later
		no = 1
		o, _, err = s.unmatchedPaid(ctx, g, account, gateway.Trade{OutTradeNo: told.OutTradeNo})
		if gateway.UnknownThere(err) || err == nil && o == nil {
			return OutcomeNoted, "", nil // of a payment that is none of ours
		}
	}
	if err != nil {
		return OutcomeFailed, "", err
	}
	if o.Attempt(no).State != AttemptSucceeded { // its payment's message was lost, or comes later
		id := o.ID
		if o, err = s.poll(ctx, o, no, false); err != nil {
			return OutcomeFailed, id, err
		}
		switch a := o.Attempt(no); {
		case a.State == AttemptEnded && a.Reversing:
			return OutcomeNoted, id, nil // the charge was reversed, and is called refunded
		case a.State != AttemptSucceeded:
			return OutcomeFailed, id, gateway.TryAgain(nil)
		}
	}
	if o.ownRefund(told) {
		return OutcomeNoted, o.ID, nil // under the institution's own number of it
	}
	done, err := s.confirmForeign(ctx, g, account, o.Attempt(no), told)
	if err != nil {
		return OutcomeFailed, o.ID, err
	}
	if id := o.ID; o.mayBe(no, done.Amount) || done.Amount == 0 && o.underWay(no) {
		if o, err = s.driveRefunds(ctx, o, true); err != nil {
			return OutcomeFailed, id, err
		}
	}
	switch {
	case o.ownRefund(done):
		return OutcomeNoted, o.ID, nil
	case o.mayBe(no, done.Amount):
		return OutcomeFailed, o.ID, gateway.TryAgain(nil)
	}
	switch done.State {
	case gateway.RefundProcessing:
		return OutcomeFailed, o.ID, gateway.TryAgain(nil)
	case gateway.RefundDone:
	default: // nothing went back
		return OutcomeNoted, o.ID, nil
	}
	if err := s.bookForeign(ctx, o, no, done, NoticedTold); err != nil {
		return OutcomeFailed, o.ID, err
	}
	return OutcomeBooked, o.ID, nil
}

// bookForeign books a refund that the institution says it has made under a number of its own.
func (s *Service) bookForeign(ctx context.Context, o *Order, no int, done gateway.RefundReport, how Noticed) error {
	if done.Amount == 0 && done.Total == 0 && o.rechecks(o.Attempt(no)) { // it may say how much went back in all
		var err error
		if o, err = s.recheck(ctx, o, no); err != nil {
			return err
		}
	}
	waits := false // ours may have been sent, or be known by this number, since the order was read
	o, err := s.change(ctx, o, func(o *Order) bool {
		if waits = how == NoticedTold && (o.mayBe(no, done.Amount) || o.ownRefund(done)); waits {
			return false
		}
		heard := o.observeRefundTotal(no, done, s.now())
		if done.Amount == 0 && done.Total > 0 {
			return o.bookReturns(no, s.now()) || heard
		}
		f := ForeignRefund{Number: done.OutRefundNo, ID: done.RefundID, Amount: done.Amount, At: done.DoneAt,
			Noticed: how}
		if f.Amount == 0 {
			return o.toldUnpriced(no, f, s.now()) || heard
		}
		told := o.toldForeign(no, f, s.now())
		if told {
			o.answer(ctx)
		}
		return told
	})
	if err == nil {
		_, err = s.deliverOutbox(ctx, o)
	}
	if err == nil && waits {
		return gateway.TryAgain(nil)
	}
	return err
}

// confirmForeign asks the institution what became of a refund that is not ours. Where it knows of none, or has no such
// question, what it told with its signature stands, but for the amount: that may be of more than this refund.
func (s *Service) confirmForeign(ctx context.Context, g gateway.Gateway, account gateway.Account, a *Attempt,
	told gateway.RefundReport) (gateway.RefundReport, error) {
	told.Amount = 0
	refunder, ok := g.(gateway.Refunder)
	if !ok {
		return told, nil
	}
	upstream, cancel := s.upstream(ctx)
	defer cancel()
	r, err := refunder.QueryRefund(upstream, account, gateway.RefundRequest{
		Trade: a.trade(), OutRefundNo: told.OutRefundNo, Total: a.Received, RequestedAt: a.PaidAt, Foreign: true,
	})
	switch {
	case err == nil && r.OutTradeNo != "" && r.OutTradeNo != a.OutTradeNo:
		return told, nil // it is of another payment
	case err == nil:
		r.OutRefundNo, r.Total = told.OutRefundNo, max(r.Total, told.Total)
		return r, nil
	case gateway.Signed(err) && (gateway.KindOf(err) == gateway.NotFound || gateway.KindOf(err) == gateway.Declined):
		return told, nil
	}
	return r, gateway.TryAgain(err)
}

// holding finds the order and the attempt that have the money of an institution's number: ours, or that of money under
// an unknown number.
func (s *Service) holding(ctx context.Context, account gateway.Account, number string) (*Order, int, error) {
	o, no, err := s.match(ctx, account, number)
	if !fault.Is(err, fault.NotFound) || number == "" {
		return o, no, err
	}
	q := store.Query{Index: bySearch, Equal: []any{account.Company, number}, Desc: true}
	findErr := s.orders.All(ctx, q, func(found Order) error {
		for _, a := range found.Attempts {
			if a.OutTradeNo == number && a.Account == account.ID {
				o, no = &found, a.No
				return errMatched
			}
		}
		return nil
	})
	switch {
	case errors.Is(findErr, errMatched):
		return o, no, nil
	case findErr != nil:
		return nil, 0, findErr
	}
	return nil, 0, err
}

// SeeReturn records that a person in finance has seen a refund that was made at the institution; the note may be empty.
// A refund that is not there is NotFound, and one that is none of the institution's, or was seen, WrongState.
func (s *Service) SeeReturn(ctx context.Context, id string, no int, by, note string) (*Order, error) {
	if _, err := s.refundOf(ctx, id, no); err != nil {
		return nil, err
	}
	return s.moveRefund(ctx, id, no, func(o *Order) bool { return o.seen(no, by, note, s.now()) })
}

// DeclaredReturn is what a person says of money that the institution gave back without telling how much.
type DeclaredReturn struct {
	Number string    // that the institution's page shows of the refund; "" is none
	Amount money.Fen // in fen; 0 asks the institution by the number
	Note   string    // how the amount is known
	Key    string    // Idempotency-Key; "" is none
	By     string
}

// ExplainReturn takes a person's word of money that the institution gave back without telling how much. With the number
// of the refund the institution is asked, and its answer books it. With an amount and a note another person must
// approve (DecideRefund); no is then the number of the refund that waits for that. The same amount and number under the
// same key again give the first one and hit; others under it are KeyReused. An amount without a note is Invalid.
func (s *Service) ExplainReturn(ctx context.Context, id string, attempt int, n DeclaredReturn) (o *Order, no int,
	hit bool, err error) {
	if n.Amount == 0 {
		o, err = s.askReturn(ctx, id, attempt, n.Number)
		return o, 0, false, err
	}
	if n.Note == "" {
		return nil, 0, false, fault.New(fault.Invalid, "请填写金额的依据。", "Say how the amount is known.")
	}
	o, err = s.update(ctx, id, func(o *Order) error {
		if r := o.refundBy(n.Key); r != nil {
			if r.Declared != n.Amount || r.UpstreamNo != n.Number {
				return keyReused()
			}
			no, hit = r.No, true
			return store.ErrUnchanged
		}
		hit = false
		if no, err = o.declareReturn(attempt, n, s.now()); err == nil {
			o.answer(ctx)
		}
		return err
	})
	return o, no, hit, err
}

// askReturn asks the institution about a refund by the number that its page shows.
func (s *Service) askReturn(ctx context.Context, id string, attempt int, number string) (*Order, error) {
	o, err := s.orders.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	a := o.Attempt(attempt)
	if a == nil || a.State != AttemptSucceeded || number == "" {
		return nil, fault.New(fault.Invalid, "请填写渠道退款单号或退款金额。",
			"Name the refund's number at the institution, or the amount.")
	}
	g, err := s.merchants.Gateway(a.Institution)
	if err != nil {
		return nil, err
	}
	account, err := s.merchants.Get(ctx, a.Account)
	if err != nil {
		return nil, err
	}
	done, err := s.confirmForeign(ctx, g, account, a,
		gateway.RefundReport{OutRefundNo: number, State: gateway.RefundNotFound})
	if err != nil {
		return nil, err
	}
	if o.ownRefund(done) {
		return nil, fault.New(fault.Invalid, "该单号是本系统发起的退款，无需登记。", "This is a refund of ours; it is in the books.")
	}
	if done.State != gateway.RefundDone || done.Amount <= 0 {
		return nil, fault.New(fault.NotFound, "支付渠道查无此退款单号，或该退款未成功。",
			"The institution knows of no such refund that was made.")
	}
	if err := s.bookForeign(ctx, o, attempt, done, NoticedByPerson); err != nil {
		return nil, err
	}
	return s.orders.Get(ctx, id)
}

// DismissReturn ends a line of finance's list: a person found that nothing but our own refunds went back, as the note
// says. A payment of which nothing waits to be explained is WrongState; without a note it is Invalid.
func (s *Service) DismissReturn(ctx context.Context, id string, attempt int, by, note string) (*Order, error) {
	if note == "" {
		return nil, fault.New(fault.Invalid, "请填写核实说明。", "Say how it was found out.")
	}
	return s.update(ctx, id, func(o *Order) error {
		if o.Attempt(attempt) == nil || !o.dismissReturn(attempt, by, note, s.now()) {
			return fault.New(fault.WrongState, "该笔支付没有待核实的渠道退款。",
				"No refund at the institution waits to be explained here.")
		}
		return nil
	})
}

// ReopenReturn takes back what DismissReturn ended, for the reason that the note gives: the payment is in finance's
// list again. A payment that nobody dismissed is WrongState; without a note it is Invalid.
func (s *Service) ReopenReturn(ctx context.Context, id string, attempt int, by, note string) (*Order, error) {
	if note == "" {
		return nil, fault.New(fault.Invalid, "请填写重新打开的原因。", "Say why it is opened again.")
	}
	return s.update(ctx, id, func(o *Order) error {
		if o.Attempt(attempt) == nil || !o.reopenReturn(attempt, by, note, s.now()) {
			return fault.New(fault.WrongState, "该笔支付的渠道退款未被核实为无，不能重新打开。",
				"Nobody has found that nothing else went back of this payment: there is nothing to open again.")
		}
		return nil
	})
}
