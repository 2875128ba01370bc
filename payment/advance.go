package payment

import (
	"context"
	"errors"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// Advance moves an order on as far as it goes now: it closes it when its deadline has passed, asks the institutions
// about attempts whose next question is due, and carries out the effects owed. It may be called at any time, any number
// of times, by any process.
func (s *Service) Advance(ctx context.Context, id string) (*Order, error) {
	o, err := s.orders.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	late := o.Status == Pending && !s.now().Before(o.ExpiresAt)
	if late {
		if o, err = s.change(ctx, o, func(o *Order) bool { return o.askClose(ByDeadline, "", s.now()) }); err != nil {
			return nil, err
		}
	}
	return s.drive(ctx, o, late)
}

// Check asks the institutions about an order's open attempts now, and whether what was paid is still there (查单).
func (s *Service) Check(ctx context.Context, id string) (*Order, error) {
	o, err := s.orders.Get(ctx, id)
	if err == nil {
		o, err = s.change(ctx, o, func(o *Order) bool { return o.recheckNow(s.now()) })
	}
	if err != nil {
		return nil, err
	}
	return s.drive(ctx, s.askUntaken(ctx, o), true)
}

// Close asks the institutions to take no more money for an order and closes it. It returns the order as it then is:
// Closed, or Paid when the payer was faster, or Closing when an institution has not answered yet; then Run finishes it.
func (s *Service) Close(ctx context.Context, id string, reason CloseReason, by string) (*Order, error) {
	o, err := s.orders.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if o, err = s.change(ctx, o, func(o *Order) bool { return o.askClose(reason, by, s.now()) }); err != nil {
		return nil, err
	}
	for range absentTries + 1 {
		if o, err = s.drive(ctx, o, true); err != nil || o.Status != Closing {
			return o, err
		}
		if err := s.cfg.Wait(ctx, absentPause); err != nil {
			return o, nil
		}
	}
	return o, nil
}

// drive asks about the watched attempts (all of them now, or only those that are due), finishes a close, carries out
// effects and gives money back.
func (s *Service) drive(ctx context.Context, o *Order, now bool) (*Order, error) {
	o, failed := s.leaveToStatements(ctx, o)
	for _, a := range o.Attempts {
		if !a.RecheckAt.IsZero() && o.rechecks(&a) && !s.now().Before(a.RecheckAt) {
			latest, err := s.recheck(ctx, o, a.No)
			if err != nil {
				failed = errors.Join(failed, err)
				continue
			}
			o = latest
		}
		if !a.pollable() || !now && s.now().Before(o.nextQuestion(&a)) {
			continue
		}
		latest, err := s.poll(ctx, o, a.No, o.Status != Pending || a.mustEnd(s.now()))
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		o = latest
	}
	if o.Status == Closing {
		latest, err := s.change(ctx, o, func(o *Order) bool { return o.finishClose(s.now()) })
		if err != nil {
			return o, errors.Join(failed, err)
		}
		o = latest
	}
	latest, err := s.deliverOutbox(ctx, o)
	if err != nil {
		return o, errors.Join(failed, err)
	}
	latest, err = s.driveRefunds(ctx, latest, now)
	return latest, errors.Join(failed, err)
}

// leaveToStatements gives up waiting for the terminal in card payments that only a statement can tell of: with their
// order, and for good when no statement shows them.
func (s *Service) leaveToStatements(ctx context.Context, o *Order) (*Order, error) {
	if !slices.ContainsFunc(o.Attempts, func(a Attempt) bool {
		return a.Confirmation == gateway.ByStatement && a.watched()
	}) {
		return o, nil
	}
	latest, err := s.change(ctx, o, func(o *Order) bool {
		moved, now := false, s.now()
		for _, a := range o.Attempts {
			switch {
			case a.Confirmation != gateway.ByStatement || !a.watched() || a.State == AttemptReported:
			case a.State == AttemptLeaving && now.After(a.WatchUntil):
				moved = o.ended(a.No, "no statement shows it", now) || moved
			case a.State != AttemptLeaving && o.Status != Pending:
				moved = o.left(a.No, now) || moved
			}
		}
		return moved
	})
	if err != nil {
		return o, err
	}
	return latest, nil
}

// poll puts one question about an attempt to its institution and writes down the answer; with end it first asks it to
// take no more money.
func (s *Service) poll(ctx context.Context, o *Order, no int, end bool) (*Order, error) {
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
	if end = end && a.mayEnd(s.now()); !end {
		return s.recordAnswer(ctx, o, no, end, 0, r, err)
	}
	if _, undoes := g.(gateway.CloseReverser); undoes || a.Method == gateway.CodePresented {
		return s.reverse(upstream, g, account, o, a, r, err)
	}
	if err == nil && r.State == gateway.TradeUnpaid {
		r, err = endTrade(upstream, g, account, a.trade())
	}
	return s.recordAnswer(ctx, o, no, end, 0, r, err)
}

// flight is how long a request of ours may be under way to an institution.
func (s *Service) flight() time.Duration { return s.cfg.GatewayTimeout + time.Second }

// upstream is the context of a question to an institution: it outlives the caller, so that an answer that is on its way
// is not lost.
func (s *Service) upstream(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), s.cfg.GatewayTimeout)
}

// endTrade closes upstream, then asks again: a payer may have been faster than the close.
func endTrade(ctx context.Context, g gateway.Gateway, account gateway.Account, t gateway.Trade) (gateway.Report,
	error) {
	err := g.Close(ctx, account, t)
	switch gateway.KindOf(err) {
	case "", gateway.AlreadyPaidUpstream, gateway.AlreadyClosedUpstream:
		return g.Query(ctx, account, t)
	}
	return gateway.Report{}, err
}

// recordAnswer writes down what an institution said of an attempt. An error of the institution changes nothing but the
// time of the next question, except that signed answers "no such trade", repeated, let us leave an attempt whose time
// is over or that is to end. answered says that it is what the institution says after it answered that request to
// reverse; 0 is none.
func (s *Service) recordAnswer(ctx context.Context, o *Order, no int, end bool, answered int, r gateway.Report,
	err error) (*Order, error) {
	r = o.Attempt(no).read(r)
	switch {
	case err == nil && r.State == gateway.TradePaid:
		latest, err := s.book(ctx, o, no, answered, r)
		if !errors.Is(err, errReversing) {
			return latest, err
		}
	case err == nil && (r.State == gateway.TradeClosed || r.State == gateway.TradeFailed):
		return s.change(ctx, o, func(o *Order) bool {
			if a := o.Attempt(no); a.State == AttemptReported && !a.mayEnd(s.now()) {
				o.checked(no, false, s.now()) // it may not have heard of the card yet
				return true
			}
			if answered > 0 && o.Attempt(no).watched() {
				o.Attempt(no).Reversed = true
			}
			return o.ended(no, r.Raw, s.now())
		})
	case err != nil:
		s.cfg.Log.Info("an institution did not tell what became of a trade", "order", o.ID, "attempt", no, "err", err)
	}
	absent := gateway.UnknownThere(err)
	return s.change(ctx, o, func(o *Order) bool {
		now := s.now()
		o.Attempt(no).Reversal.answered(answered)
		o.checked(no, absent, now)
		if a := o.Attempt(no); absent && a.Absent >= absentTries {
			switch {
			case now.After(a.ExpiresAt.Add(watchGrace)):
				o.ended(no, "absent", now)
			case end:
				o.left(no, now)
			}
		}
		return true
	})
}

// afterEnd stands for the number of a request to reverse: the institution was asked after the attempt was seen to have
// ended.
const afterEnd = -1

// errReversing says that a report of a payment may be older than the reversal of it.
var errReversing = errors.New("payment: the charge is being reversed")

// book books money that an institution reports for an attempt. When it returns nil the order durably says what became
// of that money. A payment code that is being reversed is booked only by a report that is surely newer than every
// reversal; otherwise the error is errReversing.
func (s *Service) book(ctx context.Context, seen *Order, no int, answered int, r gateway.Report) (*Order, error) {
	settled, err := s.settings(ctx, seen.Company)
	if err != nil {
		return nil, err
	}
	arrive := func(keep bool) (*Order, error) {
		return s.updateFrom(ctx, seen, func(o *Order) error {
			a := o.Attempt(no)
			a.Reversal.answered(answered)
			newer := answered == afterEnd
			if a.watched() {
				newer = answered > 0 && a.Reversal.settled(s.flight(), s.now())
			}
			if a.Reversing && a.State != AttemptSucceeded && (!newer || r.WentBack()) {
				return errReversing
			}
			if !o.arrived(no, r, keep, settled.UnappliedPolicy, s.now()) &&
				!(a.isOf(r) && o.bookReturned(no, r, s.now())) {
				return store.ErrUnchanged
			}
			return nil
		})
	}
	o, err := arrive(true)
	if fault.Is(err, fault.AlreadyExists) { // the order was closed, and another one holds its items
		o, err = arrive(false)
	}
	if err != nil {
		return nil, err
	}
	if a := o.Attempt(no); a.TransactionID != r.TransactionID && !r.Provisional {
		if _, err := s.change(ctx, o, func(o *Order) bool { return o.repeated(no, r, s.now()) }); err != nil {
			return nil, err
		}
		return nil, fault.New(fault.WrongState, "该笔支付已由另一交易入账。", "Another transaction was booked for this attempt.").
			With("order", o.ID)
	}
	return s.deliverOutbox(ctx, o)
}

// deliverOutbox carries out the effects that an order owes, one after the other, with those that they make it owe, and
// strikes them off; the ledger's are left to Record. One that fails stays owed with those after it; that is no error
// here.
func (s *Service) deliverOutbox(ctx context.Context, o *Order) (*Order, error) {
	for done := true; done; {
		var moves []func(*Order, time.Time) bool
		for _, e := range o.Outbox {
			if e.Kind.ledgers() {
				continue
			}
			var move func(*Order, time.Time) bool
			move, done = s.deliver(ctx, o, e)
			moves = append(moves, move)
			if !done {
				break
			}
		}
		if len(moves) == 0 {
			return o, nil
		}
		latest, err := s.change(ctx, o, func(o *Order) bool {
			moved := false
			for _, move := range moves {
				moved = move(o, s.now()) || moved
			}
			return moved
		})
		if err != nil {
			return o, err
		}
		o = latest
	}
	return o, nil
}

// deliver carries out one effect and returns the move that records how it went.
func (s *Service) deliver(ctx context.Context, o *Order, e OutboxEntry) (move func(*Order, time.Time) bool, done bool) {
	var unsettled []string
	short := false // less is left than a refund is to give back
	settled, err := s.settings(ctx, o.Company)
	switch {
	case err != nil:
	case e.Kind == SettleItems:
		unsettled, err = s.cfg.Items.Settle(ctx, o)
	case e.Kind == WithholdItems:
		if err = s.cfg.Items.Withhold(ctx, o, o.Refund(e.No)); fault.Is(err, fault.WrongState) {
			short, err = true, nil
		}
	case e.Kind == ReleaseItems:
		err = s.cfg.Items.Release(ctx, o, o.Refund(e.No))
	case e.Kind == ReopenItems:
		err = s.cfg.Items.Reopen(ctx, o, o.Refund(e.No))
	case e.Kind == KeepPrepayment:
		err = s.cfg.Items.KeepPrepayment(ctx, o, o.UnappliedFunds(e.No))
	}
	if err != nil {
		s.cfg.Log.Error("an effect failed and will be tried again", "order", o.ID, "effect", e.Kind, "err", err)
		return func(o *Order, now time.Time) bool { return o.deliveryFailed(e, now) }, false
	}
	return func(o *Order, now time.Time) bool {
		if !o.delivered(e, now) {
			return false
		}
		if e.Kind == WithholdItems {
			o.withheld(e.No, short, now)
		}
		o.unsettled(unsettled, settled.UnappliedPolicy, now)
		if e.Kind == SettleItems {
			o.bookReturns(o.PaidBy, now)
		}
		return true
	}, true
}

// change applies a move to an order as it was seen or, when somebody has changed it since, as it then is, by
// compare-and-set, and returns it as it then is. A move that reports false, of the order as it is now, writes nothing.
func (s *Service) change(ctx context.Context, seen *Order, move func(*Order) bool) (*Order, error) {
	return s.updateFrom(ctx, seen, func(o *Order) error {
		if !move(o) {
			return store.ErrUnchanged
		}
		return nil
	})
}
