package payment

import (
	"slices"
	"time"

	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/payment/gateway"
)

// Voids (撤销): a card payment that goes back whole on its own day is undone on the terminal while its batch is open,
// which the cardholder sees at once. Once the batch is settled, or when only a part goes back, the institution refunds
// by the reference number (隔日退货).

// voidable reports whether a refund that is decided now is a void on the terminal: the whole of a card payment, on its
// day, nothing of it given back yet.
func (o *Order) voidable(r *Refund, now time.Time) bool {
	a := o.Attempt(r.Attempt)
	others := slices.ContainsFunc(o.Refunds, func(x Refund) bool {
		return x.No != r.No && x.Attempt == r.Attempt && x.alive()
	})
	return a.Method == gateway.CardPresent && o.Origin.Terminal != "" && r.Amount == a.Received && !others &&
		!r.ByHand && !o.paidAhead(r.Items) &&
		calendar.StartOfDay(a.PaidAt).Equal(calendar.StartOfDay(now))
}

// askBeforeMissed reports whether the institution must say whether a void was done of which no terminal has told.
func (o *Order) askBeforeMissed(r *Refund) bool {
	return r.Void && r.Status == RefundPending && r.Word == nil && o.Attempt(r.Attempt).Confirmation == gateway.ByQuery
}

// voidMissed makes a refund through the institution of a void that did not happen.
func (o *Order) voidMissed(r *Refund, now time.Time) {
	r.Void = false
	r.begin(now)
	o.schedule(now)
}

// voidTold takes a terminal's word of a void, whatever became of the refund meanwhile. A void that the terminal says
// was done, of a refund that no longer waits for one, may be a second giving back: it is kept as RejectedReport; full
// reports that there was no room for it.
func (o *Order) voidTold(no int, word DeviceReport, result gateway.DeviceResult, trusted bool, now time.Time) (moved,
	full bool) {
	r, by := o.Refund(no), "terminal:"+word.Terminal
	switch {
	case r.Word.says(&word):
		return false, false
	case r.Void && r.Status == RefundPending && r.Word == nil:
		return o.voidReported(no, word, result, trusted, now), false
	case !result.Done:
		return o.noteOnce(now, CardDeclined, r.Attempt, by, r.OutRefundNo+" "+word.Message), false
	case r.Void && r.Status == RefundSucceeded: // the institution was faster
		return o.noteOnce(now, CardVoided, r.Attempt, by, r.OutRefundNo+" "+result.Card.Key()), false
	case o.untaken(r.Attempt, no, word) != nil:
		return false, false
	}
	moved = o.keepUntaken(r.Attempt, no, word, VoidOver, now)
	return moved, !moved
}

func noRefund() error {
	return fault.New(fault.NotFound, "退款不存在。", "There is no such refund.")
}

// voidConfirmed ends the wait for the statement's word of a void that was booked on a terminal's: it shows the void
// (CardConfirmed), or somebody had the institution give the money back after all (RefundArrived).
func (o *Order) voidConfirmed(no int, how EventKind, by, note string, now time.Time) bool {
	r := o.Refund(no)
	if !r.Provisional {
		return false
	}
	r.Provisional, r.Doubt = false, ""
	o.note(now, how, r.Attempt, by, r.OutRefundNo+" "+note)
	return true
}

// voidDoubted notes that a statement shows a card payment and not the void of it that was booked on a terminal's word:
// the institution has kept the money.
func (o *Order) voidDoubted(no int, why string, now time.Time) bool {
	r := o.Refund(no)
	if !r.Provisional || r.Doubt == why {
		return false
	}
	r.Doubt = why
	o.note(now, CardMismatched, r.Attempt, "", r.OutRefundNo+" "+why)
	return true
}

// voidReported writes down a terminal's word of a void that waits for it.
func (o *Order) voidReported(no int, word DeviceReport, result gateway.DeviceResult, trusted bool, now time.Time) bool {
	r := o.Refund(no)
	word.At = now
	if !result.Done {
		o.note(now, CardDeclined, r.Attempt, "terminal:"+word.Terminal, r.OutRefundNo+" "+word.Message)
		o.voidMissed(r, now)
		return true
	}
	r.Word = &word
	o.note(now, CardVoided, r.Attempt, "terminal:"+word.Terminal, r.OutRefundNo+" "+result.Card.Key())
	if trusted {
		r.Provisional = o.refundDone(no, result.Card.Key(), now, now)
	}
	o.schedule(now)
	return true
}

// voidShown takes a statement's word of a void: it ends the refund that waits for it, whether the terminal told of it
// or not. Where nobody asked for one, all of the attempt's money goes back by it. taken is false where there is nothing
// that it can be about.
func (o *Order) voidShown(no int, r gateway.Report, now time.Time) (taken, moved bool) {
	given := false
	for i := range o.Refunds {
		back := &o.Refunds[i]
		if back.Attempt != no || !back.alive() {
			continue
		}
		switch {
		case back.Amount == r.Amount && (back.Status == RefundPending || back.Status == RefundAbnormal):
			back.Void = true
			return true, o.refundDone(back.No, r.Number(), r.PaidAt, now)
		case back.Amount == r.Amount && back.Void: // as the terminal told, or shown before
			return true, o.voidConfirmed(back.No, CardConfirmed, "", r.Number(), now)
		}
		given = true
	}
	a := o.Attempt(no)
	if a.State != AttemptSucceeded || a.Provisional || a.Received != r.Amount || given ||
		len(o.Refunds)+len(o.Unapplied) >= refundsMost {
		return false, false
	}
	left := a.Received
	for _, e := range o.Unapplied {
		if e.Attempt == no && o.refundUnapplied(e.No, "", true, now) {
			left -= e.Amount
		}
	}
	if left > 0 {
		o.giveBack(Refund{Attempt: no, Amount: left, Items: o.keeps(no), Reason: "终端撤销或冲正"}, true, now)
	}
	for i := range o.Refunds {
		if back := &o.Refunds[i]; back.Attempt == no && back.Status == RefundPending {
			back.Void = true
			o.refundDone(back.No, r.Number(), r.PaidAt, now)
		}
	}
	return true, true
}
