package payment

import (
	"time"

	"linlipay/calendar"
	"linlipay/payment/gateway"
)

// Pauses and graces. All are measured on our own clock.
const (
	absentPause = time.Second     // two answers "no such trade" count as two only this far apart
	absentTries = 2               // so many signed ones in a row let us leave an attempt
	watchGrace  = 2 * time.Minute // how long past its expiry an attempt that was left is still asked about
	reuseFor    = 2 * time.Minute // how long an open attempt may be handed out again
	effectPause = 2 * time.Second // first pause before a failed effect is tried again; doubles up to effectMost
	effectMost  = 5 * time.Minute

	codePatience = 45 * time.Second // the payer of a code has this long to enter the password
	codeGrace    = 15 * time.Second // WeChat Pay documents that it takes no reversal of a code's charge sooner

	// how long the institution may say "not paid" of what a device reports before it is asked to close
	reportGrace   = 10 * time.Minute
	statementWait = 3 * 24 * time.Hour // by then the statements of the day and of the next have come
)

// queryPause is how long to wait before the next question about an attempt, growing with the questions asked.
// Notifications usually come first; the questions are for those that do not.
func queryPause(checks int) time.Duration {
	pauses := []time.Duration{5, 5, 10, 15, 30, 60}
	return pauses[min(checks, len(pauses)-1)] * time.Second
}

// schedule sets when Advance must look at the order again: the earliest of its deadline, its effects and its attempts'
// next questions. It is called by every move, so that DueAt is always right in the stored document.
func (o *Order) schedule(now time.Time) {
	o.DueAt = time.Time{}
	if o.Status == Pending {
		o.dueBy(o.ExpiresAt)
	}
	if o.Status == Closing && o.payable() == nil {
		o.dueBy(now)
	}
	for _, e := range o.Outbox {
		if !e.Kind.ledgers() {
			o.dueBy(now.Add(e.pause()))
			break // the ones after it wait for it
		}
	}
	for i := range o.Refunds {
		switch r := &o.Refunds[i]; {
		case o.asksFor(r):
			o.dueBy(r.nextQuestion())
		case r.Void && r.Status == RefundPending:
			o.dueBy(later(r.voidUntil(), r.nextQuestion()))
		}
	}
	for i := range o.Attempts {
		switch a := &o.Attempts[i]; {
		case a.pollable():
			o.dueBy(o.nextQuestion(a))
		case !a.RecheckAt.IsZero() && o.rechecks(a):
			o.dueBy(a.RecheckAt)
		case a.State == AttemptLeaving: // a statement may still show it
			o.dueBy(a.WatchUntil)
		case a.watched() && a.State != AttemptReported && o.Status != Pending:
			o.dueBy(now)
		}
	}
}

// grace is how long past its expiry an attempt that was left may still turn out to be paid.
func (a *Attempt) grace() time.Duration {
	if a.Confirmation == gateway.ByStatement {
		return statementWait
	}
	return watchGrace
}

// nextQuestion is when the institution must be asked about an attempt.
func (o *Order) nextQuestion(a *Attempt) time.Time {
	last := a.CheckedAt
	if last.IsZero() {
		last = a.CreatedAt
	}
	switch {
	case a.Method == gateway.CodePresented && a.payable():
		return o.nextCodeQuestion(a, last)
	case a.State == AttemptLeaving && last.Before(a.WatchUntil):
		return earlier(last.Add(queryPause(a.Checks)), a.WatchUntil)
	case o.Status != Pending && a.Checks == 0, o.Status != Pending && a.Absent > 0 && a.Absent < absentTries:
		return last.Add(absentPause)
	}
	return last.Add(queryPause(a.Checks))
}

// nextCodeQuestion is when the institution must be asked about a payment code: every few seconds while the payer may
// enter the password, at the end of that time, and then, while it does not confirm the reversal, with growing pauses.
func (o *Order) nextCodeQuestion(a *Attempt, last time.Time) time.Time {
	pauses := []time.Duration{3, 3, 4, 5}
	next := last.Add(pauses[min(a.Checks, len(pauses)-1)] * time.Second)
	switch {
	case next.Before(a.CodeEnds()) && o.Status == Pending:
		return next
	case last.Before(a.CodeEnds()) && o.Status == Pending:
		return a.CodeEnds()
	case !a.mayEnd(last):
		return a.CreatedAt.Add(codeGrace)
	}
	return last.Add(queryPause(max(0, a.Checks-10)))
}

// RefundWait is what a refund waits for before an institution is asked about it.
type RefundWait string

// The waits.
const (
	ForCashier  RefundWait = "cashier"  // cash: to hand it out
	ForTerminal RefundWait = "terminal" // a void: to carry it out
	// a card payment, or its void, of which only a device has told: for the acquirer's statement
	ForStatement RefundWait = "statement"
)

// RefundWaits says what the refund waits for; "" is nothing.
func (o *Order) RefundWaits(r *Refund) RefundWait {
	a := o.Attempt(r.Attempt)
	switch {
	case !r.pollable():
	case a.Institution == gateway.Cash:
		return ForCashier
	case r.Void && r.Word == nil:
		return ForTerminal
	case a.Provisional, r.Void && a.Confirmation == gateway.ByStatement:
		return ForStatement
	}
	return ""
}

// asksFor reports whether an institution must be asked about the refund.
func (o *Order) asksFor(r *Refund) bool { return r.pollable() && o.RefundWaits(r) == "" }

func (o *Order) dueBy(t time.Time) {
	if o.DueAt.IsZero() || t.Before(o.DueAt) {
		o.DueAt = t
	}
}

func (e OutboxEntry) pause() time.Duration {
	if e.Tries == 0 {
		return effectPause
	}
	return min(effectPause<<min(e.Tries, 10), effectMost)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// CodeEnds is when the order loop stops waiting for the payer of a payment code.
func (a *Attempt) CodeEnds() time.Time { return earlier(a.CreatedAt.Add(codePatience), a.ExpiresAt) }

// mayEnd reports whether the institution takes a request to end it yet.
func (a *Attempt) mayEnd(now time.Time) bool {
	switch {
	case a.State == AttemptReported:
		return !now.Before(a.Word.At.Add(reportGrace))
	case a.Method == gateway.CodePresented:
		return a.Reversing || !now.Before(a.CreatedAt.Add(codeGrace))
	}
	return true
}

// voidUntil is when a void that nobody has confirmed is given up: without a terminal's word at the end of the day, when
// batches are settled; with it, when the statements of that day and the next have come.
func (r *Refund) voidUntil() time.Time {
	if r.Word != nil {
		return r.Word.At.Add(statementWait)
	}
	return calendar.AddDays(r.DecidedAt, 1)
}
