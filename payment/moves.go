package payment

import (
	"slices"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// The moves of an order, as pure functions: no clock, no store, no institution. The Service calls them inside
// compare-and-set updates, so each must be right on whatever order it meets, and say so when there is nothing to do.

// start adds an attempt that an institution is about to be asked for.
func (o *Order) start(n NewAttempt, account gateway.Account, confirms gateway.Confirmation, now time.Time) *Attempt {
	no := len(o.Attempts) + 1
	o.Attempts = append(o.Attempts, Attempt{
		No: no, OutTradeNo: gateway.OutTradeNo(o.ID, no), Institution: account.Institution,
		Wallet: n.Wallet, Method: n.Method,
		Account: account.ID,
		State:   AttemptStarting, Amount: o.Amount, PayerID: n.PayerID, ReturnURL: n.ReturnURL,
		IdempotencyKey: n.IdempotencyKey,
		KeyHash:        n.hash(), By: n.By,
		Tendered: n.tendered, Confirmation: confirms, CreatedAt: now, ExpiresAt: o.ExpiresAt,
	})
	o.note(now, AttemptCreating, no, n.By, string(account.Institution)+" "+string(n.Wallet)+" "+string(n.Method))
	o.schedule(now)
	return &o.Attempts[no-1]
}

// opened records that the payer can pay. An attempt that moved on meanwhile stays as it is.
func (o *Order) opened(no int, p gateway.Prepared, now time.Time) bool {
	a := o.Attempt(no)
	if !a.become(AttemptOpen) {
		return false
	}
	a.Prepared, a.UpstreamNo = p, p.UpstreamNo
	o.note(now, AttemptOpened, no, "", "")
	o.schedule(now)
	return true
}

// numbered keeps the institution's number of the order, which later questions need. The first that it told stays.
func (o *Order) numbered(no int, upstream string) bool {
	a := o.Attempt(no)
	if upstream == "" || a.UpstreamNo != "" {
		return false
	}
	a.UpstreamNo = upstream
	return true
}

// refused records that the institution said no for good.
func (o *Order) refused(no int, why string, reason gateway.DeclineReason, now time.Time) bool {
	a := o.Attempt(no)
	if !a.become(AttemptFailed) {
		return false
	}
	a.Failure, a.Why = why, reason
	o.note(now, AttemptRefused, no, "", why)
	o.schedule(now)
	return true
}

// unreached records that nothing was sent to the institution. The request's key is free for the attempt that takes its
// place.
func (o *Order) unreached(no int, why string, now time.Time) bool {
	if !o.refused(no, why, "", now) {
		return false
	}
	o.Attempt(no).IdempotencyKey = ""
	return true
}

// doubtful records that the institution's answer did not come: a query will tell.
func (o *Order) doubtful(no int, why string, now time.Time) bool {
	a := o.Attempt(no)
	if a.State != AttemptStarting || a.Failure != "" {
		return false
	}
	a.Failure = why
	o.note(now, AttemptUnknown, no, "", why)
	o.schedule(now)
	return true
}

// checked records a query that decided nothing.
func (o *Order) checked(no int, absent bool, now time.Time) {
	a := o.Attempt(no)
	if !a.watched() {
		return
	}
	if absent && now.Sub(a.CheckedAt) >= absentPause {
		a.Absent++
	} else if !absent {
		a.Absent = 0
	}
	a.Checks++
	a.CheckedAt = now
	o.schedule(now)
}

// ended records that the institution, with its signature, takes no more money for the attempt, or that its time is
// over.
func (o *Order) ended(no int, note string, now time.Time) bool {
	a := o.Attempt(no)
	if !a.become(AttemptEnded) {
		return false
	}
	a.Prepared = gateway.Prepared{}
	o.note(now, AttemptClosed, no, "", note)
	o.schedule(now)
	return true
}

// left records that the institution repeatedly knew nothing of the attempt. Its address may still be opened, so it
// stays watched.
func (o *Order) left(no int, now time.Time) bool {
	a := o.Attempt(no)
	if !a.become(AttemptLeaving) {
		return false
	}
	a.WatchUntil = a.ExpiresAt.Add(a.grace())
	a.Prepared = gateway.Prepared{}
	o.note(now, AttemptLeft, no, "", "")
	o.schedule(now)
	return true
}

// arrived books money that an institution reports, once per attempt. keep is false when the store said that another
// order holds the items. What the order cannot keep is unapplied and handled by the policy. It reports whether
// anything changed; a repeat changes nothing.
func (o *Order) arrived(no int, r gateway.Report, keep bool, policy UnappliedPolicy, now time.Time) bool {
	a := o.Attempt(no)
	if !a.become(AttemptSucceeded) {
		return false
	}
	if r.PaidAt.IsZero() {
		r.PaidAt = now // it does not tell
	}
	o.numbered(no, r.UpstreamNo)
	a.TransactionID, a.Received, a.PaidAt = r.TransactionID, r.Amount, r.PaidAt
	a.Prepared, a.Application = gateway.Prepared{}, Applied
	if r.PayerID != "" {
		a.PayerID = r.PayerID
	}
	if r.Wallet != "" {
		a.Wallet = r.Wallet
	}
	a.StatementNo, a.Card, a.Provisional, a.DeniedBy = r.StatementNo, a.Card.With(r.Card), r.Provisional, ""
	o.note(now, MoneyArrived, no, "", r.Told())
	if !r.Provisional {
		a.RecheckAt = a.nextRecheck(now)
		o.explained(no, now)
	}
	o.enqueue(PostCharge, no)
	o.observeReturned(no, r, now)
	switch {
	case r.Amount != a.Amount || r.Currency != gateway.CNY:
		o.note(now, MoneyMismatch, no, "", r.Amount.Yuan()+" "+r.Currency)
		o.unapply(a, r.Amount, UnappliedAmount, policy, now)
	case o.Status == Paid:
		o.unapply(a, r.Amount, UnappliedOrderPaid, policy, now)
	case !keep:
		o.unapply(a, r.Amount, UnappliedItemsHeld, policy, now)
	default:
		o.become(Paid)
		o.PaidBy, o.PaidAt, o.CloseReason = no, r.PaidAt, ""
		o.enqueue(SettleItems, no)
		o.note(now, OrderPaid, no, "", "")
	}
	o.schedule(now)
	return true
}

// repeated notes, once, that an attempt whose money is booked was paid again, as the institution says.
func (o *Order) repeated(no int, r gateway.Report, now time.Time) bool {
	return o.noteOnce(now, MoneyRepeated, no, "", r.Amount.Yuan()+" "+r.Told())
}

// unsettled records which items something else had settled: their money is unapplied, and the order holds them no
// longer.
func (o *Order) unsettled(refs []string, policy UnappliedPolicy, now time.Time) {
	var sum money.Fen
	for i := range o.Items {
		if it := &o.Items[i]; slices.Contains(refs, it.Ref) {
			it.Unsettled = true
			sum += it.Amount // bounded by the order's amount
		}
	}
	if sum > 0 {
		o.unapply(o.Attempt(o.PaidBy), sum, UnappliedItemsPaid, policy, now)
	}
}

// askClose ends the time in which new attempts may be opened.
func (o *Order) askClose(reason CloseReason, by string, now time.Time) bool {
	if o.Status != Pending {
		return false
	}
	o.become(Closing)
	o.CloseReason = reason
	o.note(now, CloseAsked, 0, by, string(reason))
	o.schedule(now)
	return true
}

// finishClose closes the order once no attempt can be paid as far as the institutions know.
func (o *Order) finishClose(now time.Time) bool {
	if o.Status != Closing || o.payable() != nil {
		return false
	}
	o.become(Closed)
	o.ClosedAt = now
	o.note(now, OrderClosed, 0, "", string(o.CloseReason))
	o.schedule(now)
	return true
}

// payable returns the attempt that the payer may still pay, or nil. There is one at most.
func (o *Order) payable() *Attempt {
	for i := range o.Attempts {
		if o.Attempts[i].payable() {
			return &o.Attempts[i]
		}
	}
	return nil
}

// delivered strikes off an effect.
func (o *Order) delivered(done OutboxEntry, now time.Time) bool {
	for i, e := range o.Outbox {
		if e.Kind == done.Kind && e.No == done.No {
			o.Outbox = append(o.Outbox[:i:i], o.Outbox[i+1:]...)
			o.note(now, OutboxDelivered, 0, "", string(e.Kind))
			if x := o.UnappliedFunds(e.No); e.Kind == KeepPrepayment && x.become(UnappliedPrepaid) {
				x.EndedAt = now
			}
			o.schedule(now)
			return true
		}
	}
	return false
}

// deliveryFailed counts a try; the next one comes later.
func (o *Order) deliveryFailed(failed OutboxEntry, now time.Time) bool {
	for i := range o.Outbox {
		if e := &o.Outbox[i]; e.Kind == failed.Kind && e.No == failed.No {
			if e.Tries++; e.Tries == 1 {
				o.note(now, OutboxFailed, 0, "", string(e.Kind))
			}
			o.schedule(now)
			return true
		}
	}
	return false
}
