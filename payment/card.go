package payment

import (
	"fmt"
	"slices"
	"time"

	"linlipay/calendar"
	"linlipay/payment/gateway"
)

// Bank cards (刷卡): the terminal hands our call to the acquirer's application, and signs what that hands back. A
// device's word alone is not money: the attempt is Reported until the institution confirms it by a notification, a
// query or its statement. Where it has nothing but a statement, the company may choose to trust its devices; such an
// order is paid provisionally until the statement agrees.

// trustDevice is the setting of a merchant account that is "yes" where a device's word is booked, although only a
// statement confirms it.
const trustDevice = "trust_device"

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

// reportOfDevice is a card payment as the device tells it, for booking provisionally.
func reportOfDevice(a *Attempt) gateway.Report {
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
// RejectedReport; full reports that there was no room for it.
func (o *Order) reported(no int, word DeviceReport, result gateway.DeviceResult, now time.Time) (moved, full bool) {
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

// rejectReport notes why a terminal's word was refused. One that comes again with the same flaw is not noted again.
func (o *Order) rejectReport(no int, terminal, why string, now time.Time) bool {
	return o.Origin.Terminal == terminal && o.noteOnce(now, CardRejected, no, "terminal:"+terminal, why)
}

// confirmed records that the statement agrees with what was booked on a device's word, or why it does not. From then on
// the payment goes by the institution's number, though the ledger keeps the device's, and what was to be given back
// goes. What else the statement shows under the attempt's number explains what the device told of that.
func (o *Order) confirmed(no int, r gateway.Report, policy UnappliedPolicy, now time.Time) bool {
	a := o.Attempt(no)
	if !a.Provisional {
		return o.explainedElsewhere(no, r.Card, now)
	}
	if r.Amount != a.Received {
		return o.markMismatched(no, fmt.Sprintf("对账单金额 %s", r.Amount.Yuan()), now)
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
	o.applyPolicyToOpen(no, policy, now)
	o.schedule(now)
	return true
}

// markMismatched notes that the statement does not agree with a device's word.
func (o *Order) markMismatched(no int, why string, now time.Time) bool {
	a := o.Attempt(no)
	if a.Doubt == why {
		return false
	}
	a.Doubt = why
	o.note(now, CardMismatched, no, "", why)
	return true
}

// Unconfirmed reports whether people must look at the attempt: a device's word that nobody has confirmed yet.
func (a *Attempt) Unconfirmed() bool {
	over := a.State == AttemptEnded || a.State == AttemptFailed
	late := over && a.Confirmation == gateway.ByStatement && a.Word != nil && a.Word.Done && a.DeniedBy == ""
	return a.State == AttemptReported || a.Provisional || late
}

// markNotReceived records that a person found that the money of a card payment never came. What was booked goes out of
// the books again, the bills are owed again, and refunds that waited for the statement end.
func (o *Order) markNotReceived(no int, by, note string, now time.Time) bool {
	a := o.Attempt(no)
	if !a.Unconfirmed() {
		return false
	}
	a.DeniedBy = by
	o.note(now, CardNotReceived, no, by, note)
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
	for _, e := range o.Unapplied {
		if e.Attempt == no && e.State == UnappliedOpen {
			o.dismissUnapplied(e.No, by, note, now)
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

// toldOf is the number of the attempt of an account that a statement's line identifies by its card, 0 when there is
// none.
func (o *Order) toldOf(account gateway.Account, r gateway.Report, key string) int {
	if o.CloseReason == ByUnmatched {
		return 0
	}
	for _, a := range o.Attempts {
		near := a.CreatedAt.Sub(r.PaidAt).Abs() < 2*24*time.Hour // batches and traces begin anew
		told := a.Card.Key() == key || a.Provisional && a.TransactionID == key
		if a.Account == account.ID && told && near {
			return a.No
		}
	}
	return 0
}

// missed notes what a day's statement of an account, which shows these payments, does not confirm. A void stands on the
// statement of its payment's day.
func (o *Order) missed(account string, day time.Time, shown map[string]bool, now time.Time) (moved bool) {
	date := calendar.Day(day)
	for i := range o.Attempts {
		a := &o.Attempts[i]
		if a.Account == account && a.Unconfirmed() && a.Word != nil && calendar.StartOfDay(a.Word.At).Equal(day) &&
			!shown[a.OutTradeNo] {
			moved = o.markMismatched(a.No, date+" 对账单无此笔", now) || moved
		}
	}
	moved = o.doubtUntaken(account, day, shown, date+" 对账单无此笔") || moved
	for _, r := range o.Refunds {
		if a := o.Attempt(r.Attempt); a.Account == account && shown[a.OutTradeNo] && !a.Provisional {
			moved = o.voidDoubted(r.No, date+" 对账单有此笔刷卡，无此撤销", now) || moved
		}
	}
	return moved
}
