package payment

import (
	"context"
	"slices"

	"linlipay/fault"
	"linlipay/payment/gateway"
)

// What is asked and written of voids; void.go has the rules.

// endVoids gives up voids whose time is over: one that no terminal has told of becomes a refund through the
// institution, which is asked first where it can be: the terminal may have done it and not told. One that nobody
// confirms waits for a person.
func (s *Service) endVoids(ctx context.Context, o *Order) (*Order, error) {
	if !slices.ContainsFunc(o.Refunds, func(r Refund) bool { return r.Void && r.Status == RefundPending }) {
		return o, nil
	}
	for _, r := range o.Refunds {
		if o.askBeforeMissed(&r) && !s.now().Before(r.voidUntil()) && !s.now().Before(r.nextQuestion()) {
			latest, err := s.pollRefund(ctx, o, r.No)
			if err != nil {
				return o, err
			}
			o = latest
		}
	}
	latest, err := s.change(ctx, o, func(o *Order) bool {
		moved, now := false, s.now()
		for i := range o.Refunds {
			r := &o.Refunds[i]
			if !r.Void || r.Status != RefundPending || now.Before(r.voidUntil()) || o.askBeforeMissed(r) {
				continue
			}
			if moved = true; r.Word == nil {
				o.voidMissed(r, now)
			} else {
				o.refundStuck(r.No, "no statement shows the void", "", now)
			}
		}
		return moved
	})
	if err != nil {
		return o, err
	}
	return latest, nil
}

// CallVoid is what a terminal hands to the acquirer's application in order to undo the payment of a refund. A refund
// that is not there, or of another terminal, is NotFound, and one that waits for no void WrongState; a payment that the
// acquirer cannot void is Upstream.
func (s *Service) CallVoid(ctx context.Context, id string, no int, terminal string) (gateway.DeviceCall, error) {
	o, r, err := s.voidOf(ctx, id, no, terminal)
	if err != nil {
		return gateway.DeviceCall{}, err
	}
	a := o.Attempt(r.Attempt)
	cards, account, err := s.cardTaker(ctx, a)
	if err != nil {
		return gateway.DeviceCall{}, err
	}
	call, err := cards.VoidCall(account, a.trade())
	if err != nil {
		return gateway.DeviceCall{}, forPerson(err)
	}
	return call, nil
}

// voidOf returns the refund if it waits for a void on that terminal.
func (s *Service) voidOf(ctx context.Context, id string, no int, terminal string) (*Order, *Refund, error) {
	o, err := s.refundOf(ctx, id, no)
	if err != nil {
		return nil, nil, err
	}
	r := o.Refund(no)
	if o.Origin.Terminal != terminal {
		return nil, nil, noRefund()
	}
	if !r.Void || r.Status != RefundPending {
		return nil, nil, refundNotNow(r)
	}
	return o, r, nil
}

// ReportVoid takes a terminal's signed word of a void; the caller has verified the signature. Done, it is confirmed by
// the institution as the payment was; not done, the money goes back through the institution. When the error is nil we
// have it for good, as in ReportCard. A refund of another terminal is NotFound.
func (s *Service) ReportVoid(ctx context.Context, id string, no int, word DeviceReport) (Delivered, error) {
	o, err := s.refundOf(ctx, id, no)
	if err != nil {
		return Delivered{}, err
	}
	if o.Origin.Terminal != word.Terminal {
		return Delivered{}, noRefund()
	}
	a := o.Attempt(o.Refund(no).Attempt)
	result, account, why, err := s.readDeviceReport(ctx, a, &word)
	if err != nil {
		return Delivered{}, err
	}
	if why != "" {
		return s.keepUntaken(ctx, o, a.No, no, word, why)
	}
	trusted, full := a.Confirmation == gateway.ByStatement && account.Settings[trustDevice] == "yes", false
	o, err = s.change(ctx, o, func(o *Order) (moved bool) {
		moved, full = o.voidTold(no, word, result, trusted, s.now())
		return moved
	})
	if err != nil {
		return Delivered{}, err
	}
	if full {
		return s.surely(o, a.No, no, word)
	}
	if o, err = s.drive(ctx, o, true); err != nil {
		return Delivered{}, err
	}
	return delivered(o, a.No, no, word), nil
}

// showVoid takes a statement's word that a card payment was undone, by a void or by the acquirer's own reversal (冲正).
// It is about what we hold of that payment: in its order or, where that does not have it as the statement shows it, in
// one of its own. What neither takes is noted for people.
func (s *Service) showVoid(ctx context.Context, account gateway.Account, o *Order, no int, r gateway.Report) error {
	taken, err := s.takeVoid(ctx, o, no, r)
	if err == nil && !taken {
		taken, err = s.showVoidOfStray(ctx, account, r)
	}
	if err == nil && !taken {
		_, err = s.change(ctx, o, func(o *Order) bool {
			return o.noteOnce(s.now(), CardMismatched, no, "", "对账单有撤销 "+r.Told())
		})
	}
	return err
}

// showVoidOfStray takes a statement's word that a payment was undone which an order of its own holds; taken is false
// where there is none.
func (s *Service) showVoidOfStray(ctx context.Context, account gateway.Account, r gateway.Report) (taken bool,
	err error) {
	o, err := s.orders.Get(ctx, unmatchedID(account, r.TransactionID))
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return s.takeVoid(ctx, o, 1, r)
}

func (s *Service) takeVoid(ctx context.Context, o *Order, no int, r gateway.Report) (taken bool, err error) {
	if o.enqueued(SettleItems) {
		return false, gateway.TryAgain(nil) // what it pays for is not settled yet
	}
	o, err = s.change(ctx, o, func(o *Order) (moved bool) {
		taken, moved = o.voidShown(no, r, s.now())
		return moved
	})
	if err == nil {
		_, err = s.deliverOutbox(ctx, o)
	}
	return taken, err
}
