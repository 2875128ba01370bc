package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/payment/gateway"
)

// Bank cards (刷卡): the terminal hands our call to the acquirer's application, and signs what that hands back. A
// device's word alone is not money: the attempt is Reported until the institution confirms it by a notification, a
// query or its statement. Where it has nothing but a statement, the company may choose to trust its devices; such an
// order is paid provisionally until the statement agrees.

const (
	// how long the institution may say "not paid" of what a device reports before it is asked to close
	reportGrace   = 10 * time.Minute
	statementWait = 3 * 24 * time.Hour // by then the statements of the day and of the next have come
	// setting of a merchant account: "yes" books on a device's word where only a statement confirms
	trustDevice = "trust_device"
)

// cardTaker returns the gateway of a card payment.
func (s *Service) cardTaker(ctx context.Context, a *Attempt) (gateway.CardTaker, gateway.Account, error) {
	g, err := s.merchants.Gateway(a.Institution)
	if err != nil {
		return nil, gateway.Account{}, err
	}
	cards, ok := g.(gateway.CardTaker)
	if !ok || a.Method != gateway.Swipe {
		return nil, gateway.Account{},
			fault.New(fault.WrongState, "该笔支付不是终端刷卡。", "This is not a card payment on a terminal.")
	}
	account, err := s.merchants.Get(ctx, a.Account)
	return cards, account, err
}

// ReportCard takes a terminal's signed word of a card payment; the caller has verified the signature. When the error
// is nil we have it for good: it is taken, or kept as Untaken where its fields do not belong to the payment, hold a
// full card number, a track or a PIN (which are kept nowhere), or come when the payment had ended. With an error the
// terminal brings it again. The same word again changes nothing.
func (s *Service) ReportCard(ctx context.Context, id string, no int, word DeviceWord) (Delivered, error) {
	o, err := s.orders.Get(ctx, id)
	if err != nil {
		return Delivered{}, err
	}
	a := o.Attempt(no)
	if a == nil || o.Origin.Terminal != word.Terminal {
		return Delivered{}, fault.New(fault.NotFound, "刷卡记录不存在。", "There is no such card payment.")
	}
	result, account, why, err := s.readWord(ctx, a, &word)
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
	if o, err = s.followWord(ctx, o, no, result, account); err != nil {
		return Delivered{}, err
	}
	if full {
		return s.surely(o, no, 0, word)
	}
	return delivered(o, no, 0, word), nil
}

// followWord asks the institution about a card payment of which a terminal told, or books it on the terminal's word
// where a company trusts its devices.
func (s *Service) followWord(ctx context.Context, o *Order, no int, result gateway.DeviceResult,
	account gateway.Account) (*Order, error) {
	a := o.Attempt(no)
	if a.Confirmation == gateway.ByQuery {
		return s.ask(ctx, o, no, !result.Done)
	}
	if a.Unconfirmed() && a.State != AttemptSucceeded && account.Settings[trustDevice] == "yes" {
		return s.book(ctx, o, no, 0, deviceReport(a))
	}
	return o, nil
}

// RefuseWord notes on the timeline that a terminal's signature over a word of an attempt, or of its void, does not
// verify, and returns the refusal. Any other refusal may pass: the terminal brings its word again.
func (s *Service) RefuseWord(ctx context.Context, id string, no int, terminal string, refusal error) error {
	var f *fault.Error
	if !errors.As(refusal, &f) || f.Code != fault.Forbidden {
		return refusal
	}
	o, err := s.orders.Get(ctx, id)
	if err == nil {
		_, err = s.change(ctx, o, func(o *Order) bool { return o.disbelieved(no, terminal, f.ZH, s.now()) })
	}
	if err != nil {
		return err // the terminal keeps its word until it is noted
	}
	return refusal
}

// DenyCard ends a card payment that a terminal reported and that finance found not to have arrived: whatever was booked
// of it goes out again, and the bills are owed again. A statement that shows it later is money that arrives late.
func (s *Service) DenyCard(ctx context.Context, id string, no int, by, note string) (*Order, error) {
	if note == "" {
		return nil, fault.New(fault.Invalid, "请填写核实说明。", "Say how it was found out.")
	}
	o, err := s.update(ctx, id, func(o *Order) error {
		a := o.Attempt(no)
		switch {
		case a == nil || a.Method != gateway.Swipe:
			return fault.New(fault.NotFound, "刷卡记录不存在。", "There is no such card payment.")
		case o.pendingRefund(no):
			return fault.New(fault.WrongState, "该笔刷卡有退款在途，请先处理退款。",
				"A refund of this card payment is under way; end it first.")
		case !o.denied(no, by, note, s.now()):
			return fault.New(fault.WrongState, "该笔刷卡已有定论，不能再作未到账处理。", "This card payment has its end already.")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.Advance(ctx, o.ID)
}

// pendingRefund reports whether money of an attempt may be on its way back.
func (o *Order) pendingRefund(no int) bool {
	return slices.ContainsFunc(o.Refunds, func(r Refund) bool {
		underWay := r.Status == RefundRequested || r.Status == RefundPending || r.Status == RefundAbnormal
		return r.Attempt == no && underWay && !o.awaitsStatement(&r)
	})
}

// awaitsStatement reports whether the institution was not asked for a refund yet, since only a device's word tells of
// the payment: it may have taken another amount, or nothing, and would then give back what the books do not have.
func (o *Order) awaitsStatement(r *Refund) bool {
	return o.Attempt(r.Attempt).Provisional && r.Status == RefundPending && !r.Void
}

// deviceReport is a card payment as the device tells it, for booking provisionally.
func deviceReport(a *Attempt) gateway.Report {
	return gateway.Report{
		OutTradeNo: a.OutTradeNo, State: gateway.TradePaid, TransactionID: a.Card.Key(), Amount: a.Amount,
		Currency: gateway.CNY,
		PaidAt:   a.Word.At, Card: a.Card,
		Wallet: gateway.WalletCard, Provisional: true,
	}
}

// The moves of card payments, pure as those in moves.go.

// reported writes down a device's word: that the card was charged, or that it was not. Where nothing but a statement
// could say more, "not" ends the attempt; a charge that the statement shows all the same is booked then. What the
// institution has told of a payment no device changes. A charge that nobody would look for any more is kept as
// Untaken; full reports that there was no room for it.
func (o *Order) reported(no int, word DeviceWord, result gateway.DeviceResult, now time.Time) (moved, full bool) {
	a := o.Attempt(no)
	if a.Word.says(&word) || o.untaken(no, 0, word) != nil {
		return false, false
	}
	if why := o.overBy(a, result); why != "" {
		if kept := o.keepUntaken(no, 0, word, why, now); !kept || why == OtherCharge {
			return kept, !kept
		}
	}
	if was := a.Word; was != nil && was.Done {
		switch {
		case !result.Done: // that the card was charged stands until the institution says otherwise
			return o.noteOnce(now, CardDeclined, no, "terminal:"+word.Terminal, word.Message), false
		case a.Card.Same(result.Card) && was.Card.Same(result.Card):
		case o.untaken(no, 0, *was) != nil: // people know of it
		case !o.keepUntaken(no, 0, *was, AnotherCard, now):
			return false, true
		}
	}
	word.At = now
	a.Word = &word
	if !result.Done {
		a.Failure = word.Message
		o.note(now, CardDeclined, no, "terminal:"+word.Terminal, word.Message)
		if a.Confirmation == gateway.ByStatement && a.payable() {
			o.ended(no, "", now)
		}
		return true, false
	}
	if a.State != AttemptSucceeded || a.Provisional {
		a.Card = a.Card.With(result.Card)
	}
	o.note(now, CardReported, no, "terminal:"+word.Terminal, result.Card.Key())
	a.become(AttemptReported)
	o.schedule(now)
	return true, false
}

// overBy says why a charge that a device tells of comes too late to be looked for: the institution was asked for the
// last time, or it has told of another one, or a person has found that nothing was charged.
func (o *Order) overBy(a *Attempt, result gateway.DeviceResult) (why string) {
	switch {
	case !result.Done:
	case a.DeniedBy != "":
		return AttemptOver
	case a.State == AttemptSucceeded && !a.Provisional && !o.chargedCard(a, result.Card).Same(result.Card):
		return OtherCharge
	case a.State != AttemptSucceeded && !a.watched() && a.Confirmation != gateway.ByStatement:
		return AttemptOver
	}
	return ""
}

// disbelieved notes why a terminal's word was refused. One that comes again with the same flaw is not noted again.
func (o *Order) disbelieved(no int, terminal, why string, now time.Time) bool {
	return o.Origin.Terminal == terminal && o.noteOnce(now, CardDisbelieved, no, "terminal:"+terminal, why)
}

// confirmed records that the statement agrees with what was booked on a device's word, or why it does not. From then on
// the payment goes by the institution's number, though the ledger keeps the device's, and what was to be given back
// goes. What else the statement shows under the attempt's number explains what the device told of that.
func (o *Order) confirmed(no int, r gateway.Report, policy Handling, now time.Time) bool {
	a := o.Attempt(no)
	if !a.Provisional {
		return o.explainedElsewhere(no, r.Card, now)
	}
	if r.Amount != a.Received {
		return o.doubted(no, fmt.Sprintf("对账单金额 %s", r.Amount.Yuan()), now)
	}
	for i := range o.Refunds {
		if back := &o.Refunds[i]; back.Attempt == no && o.awaitsStatement(back) {
			back.begin(now)
		}
	}
	a.Provisional, a.Doubt, a.StatementNo, a.Card = false, "", r.StatementNo, a.Card.With(r.Card)
	if r.TransactionID != a.TransactionID {
		a.BookedAs, a.TransactionID = a.TransactionID, r.TransactionID
	}
	o.note(now, CardConfirmed, no, "", r.StatementNo)
	a.RecheckAt = a.nextRecheck(now)
	o.bookReturns(no, now) // what was told of it while only the device's word stood
	o.explained(no, now)
	o.handleOpen(no, policy, now)
	o.schedule(now)
	return true
}

// doubted notes that the statement does not agree with a device's word.
func (o *Order) doubted(no int, why string, now time.Time) bool {
	a := o.Attempt(no)
	if a.Doubt == why {
		return false
	}
	a.Doubt = why
	o.note(now, CardDoubted, no, "", why)
	return true
}

// Unconfirmed reports whether people must look at the attempt: a device's word that nobody has confirmed yet.
func (a *Attempt) Unconfirmed() bool {
	over := a.State == AttemptEnded || a.State == AttemptFailed
	late := over && a.Confirmation == gateway.ByStatement && a.Word != nil && a.Word.Done && a.DeniedBy == ""
	return a.State == AttemptReported || a.Provisional || late
}

// denied records that a person found that the money of a card payment never came. What was booked goes out of the books
// again, the bills are owed again, and refunds that waited for the statement end.
func (o *Order) denied(no int, by, note string, now time.Time) bool {
	a := o.Attempt(no)
	if !a.Unconfirmed() {
		return false
	}
	a.DeniedBy = by
	o.note(now, CardDenied, no, by, note)
	if !a.Provisional {
		o.ended(no, "denied", now)
		o.schedule(now)
		return true
	}
	for i := range o.Refunds {
		switch r := &o.Refunds[i]; {
		case r.Attempt != no:
		case o.awaitsStatement(r):
			o.refundFailed(r.No, by, note, now)
		default:
			r.Provisional, r.Doubt = false, "" // what never came need not go back
		}
	}
	a.Provisional = false
	for _, e := range o.Exceptions {
		if e.Attempt == no && e.State == ExceptionOpen {
			o.dismissException(e.No, by, note, now)
		}
	}
	left := a.Received - o.GivenBack(no)
	if left <= 0 || len(o.Refunds) >= refundsMost {
		return true
	}
	r := Refund{Attempt: no, Amount: left, Items: o.keeps(no), Reason: "刷卡款项未到账", Signatures: askedBy(by), ByHand: true,
		DoneBy: by, Note: note}
	o.refundDone(o.giveBack(r, true, now).No, "", now, now)
	return true
}

// keeps are the items that an attempt's money still pays for.
func (o *Order) keeps(no int) []RefundItem {
	var items []RefundItem
	for _, it := range o.Items {
		if left := o.Refundable(it.Ref); o.PaidBy == no && left > 0 {
			items = append(items, RefundItem{Ref: it.Ref, Amount: left})
		}
	}
	return items
}
