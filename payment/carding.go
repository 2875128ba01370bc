package payment

import (
	"context"
	"errors"

	"linlipay/fault"
	"linlipay/payment/gateway"
)

// What is asked and written of card payments; card.go has the rules.

// cardTaker returns the gateway of a card payment.
func (s *Service) cardTaker(ctx context.Context, a *Attempt) (gateway.CardTaker, gateway.Account, error) {
	g, err := s.merchants.Gateway(a.Institution)
	if err != nil {
		return nil, gateway.Account{}, err
	}
	cards, ok := g.(gateway.CardTaker)
	if !ok || a.Method != gateway.CardPresent {
		return nil, gateway.Account{},
			fault.New(fault.WrongState, "该笔支付不是终端刷卡。", "This is not a card payment on a terminal.")
	}
	account, err := s.merchants.Get(ctx, a.Account)
	return cards, account, err
}

// ReportCard takes a terminal's signed word of a card payment; the caller has verified the signature. When the error is
// nil we have it for good: it is taken, or kept as RejectedReport where its fields do not belong to the payment, hold a
// full card number, a track or a PIN (which are kept nowhere), or come when the payment had ended. With an error the
// terminal brings it again. The same word again changes nothing. A payment that the order does not have is NotFound.
func (s *Service) ReportCard(ctx context.Context, id string, no int, word DeviceReport) (Delivered, error) {
	o, err := s.orders.Get(ctx, id)
	if err != nil {
		return Delivered{}, err
	}
	a := o.Attempt(no)
	if a == nil || o.Origin.Terminal != word.Terminal {
		return Delivered{}, fault.New(fault.NotFound, "刷卡记录不存在。", "There is no such card payment.")
	}
	result, account, why, err := s.readDeviceReport(ctx, a, &word)
	if err != nil {
		return Delivered{}, err
	}
	if why != "" {
		return s.keepUntaken(ctx, o, no, 0, word, why)
	}
	full := false
	o, err = s.change(ctx, o, func(o *Order) (moved bool) {
		moved, full = o.reported(no, word, result, s.now())
		return moved
	})
	if err != nil {
		return Delivered{}, err
	}
	if o, err = s.applyDeviceReport(ctx, o, no, result, account); err != nil {
		return Delivered{}, err
	}
	if full {
		return s.surely(o, no, 0, word)
	}
	return delivered(o, no, 0, word), nil
}

// applyDeviceReport asks the institution about a card payment of which a terminal told, or books it on the terminal's
// word where a company trusts its devices.
func (s *Service) applyDeviceReport(ctx context.Context, o *Order, no int, result gateway.DeviceResult,
	account gateway.Account) (*Order, error) {
	a := o.Attempt(no)
	if a.Confirmation == gateway.ByQuery {
		return s.poll(ctx, o, no, !result.Done)
	}
	if a.Unconfirmed() && a.State != AttemptSucceeded && account.Settings[trustDevice] == "yes" {
		return s.book(ctx, o, no, 0, reportOfDevice(a))
	}
	return o, nil
}

// RejectDeviceReport notes on the timeline that a terminal's signature over a word of an attempt, or of its void, does
// not verify, and returns the refusal. Any other refusal may pass: the terminal brings its word again. Where it cannot
// be noted the store's fault comes instead.
func (s *Service) RejectDeviceReport(ctx context.Context, id string, no int, terminal string, refusal error) error {
	var f *fault.Error
	if !errors.As(refusal, &f) || f.Code != fault.Forbidden {
		return refusal
	}
	o, err := s.orders.Get(ctx, id)
	if err == nil {
		_, err = s.change(ctx, o, func(o *Order) bool { return o.rejectReport(no, terminal, f.ZH, s.now()) })
	}
	if err != nil {
		return err // the terminal keeps its word until it is noted
	}
	return refusal
}

// MarkNotReceived ends a card payment that a terminal reported and that finance found not to have arrived: whatever was
// booked of it goes out again, and the bills are owed again. A statement that shows it later is money that arrives
// late. Without a note it is Invalid; a payment that the order does not have is NotFound, one in another state or with
// a refund under way WrongState.
func (s *Service) MarkNotReceived(ctx context.Context, id string, no int, by, note string) (*Order, error) {
	if note == "" {
		return nil, fault.New(fault.Invalid, "请填写核实说明。", "Say how it was found out.")
	}
	o, err := s.update(ctx, id, func(o *Order) error {
		a := o.Attempt(no)
		switch {
		case a == nil || a.Method != gateway.CardPresent:
			return fault.New(fault.NotFound, "刷卡记录不存在。", "There is no such card payment.")
		case o.pendingRefund(no):
			return fault.New(fault.WrongState, "该笔刷卡有退款在途，请先处理退款。",
				"A refund of this card payment is under way; end it first.")
		case !o.markNotReceived(no, by, note, s.now()):
			return fault.New(fault.WrongState, "该笔刷卡已有定论，不能再作未到账处理。", "This card payment has its end already.")
		}
		o.answer(ctx)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.Advance(ctx, o.ID)
}
