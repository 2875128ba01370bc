package payment

import (
	"time"

	"linlipay/calendar"
	"linlipay/payment/gateway"
)

// The rechecks: when a paid attempt's institution is asked whether its money is still there.

const (
	recheckFirst = time.Hour // after the payment
	// of the next day in Asia/Shanghai: by then the institutions have closed the day before: believed, as WeChat Pay
	// has a day's bill ready at ten and Alipay at nine
	recheckHour   = 10
	recheckGiveUp = 7 * 24 * time.Hour // without an answer
	recheckAgain  = 30 * time.Second   // a person who opens the order again within this learns nothing new
)

// rechecks reports whether the institution can be asked whether the attempt's money is still there.
func (o *Order) rechecks(a *Attempt) bool {
	return a.State == AttemptSucceeded && a.Institution != gateway.Cash && !a.Provisional && a.DeniedBy == "" &&
		a.Confirmation != gateway.ByStatement &&
		o.BackUpstream(a.No) < a.Received
}

// nextRecheck is when the institution is asked by itself; zero is never again.
func (a *Attempt) nextRecheck(now time.Time) time.Time {
	morning := calendar.AddDays(a.PaidAt, 1).Add(recheckHour * time.Hour)
	for _, at := range []time.Time{a.PaidAt.Add(recheckFirst), morning} {
		if now.Before(at) {
			return at.UTC()
		}
	}
	return time.Time{}
}

// rechecked records a question about a paid attempt: what the institution said, or that it did not answer.
func (o *Order) rechecked(no int, r gateway.Report, failed bool, now time.Time) bool {
	a := o.Attempt(no)
	if a.State != AttemptSucceeded {
		return false
	}
	if failed {
		a.RecheckFails++
		a.RecheckAt = now.Add(min(time.Minute<<min(a.RecheckFails, 8), 6*time.Hour))
		if now.Sub(a.PaidAt) > recheckGiveUp {
			a.RecheckAt = time.Time{}
		}
		o.schedule(now)
		return true
	}
	a.RecheckedAt, a.RecheckFails, a.RecheckAt = now, 0, a.nextRecheck(now)
	if a.isOf(r) {
		o.bookReturned(no, r, now)
	}
	o.schedule(now)
	return true
}

// recheckNow has the institution asked about the order's paid attempts as soon as somebody advances it.
func (o *Order) recheckNow(now time.Time) (moved bool) {
	for i := range o.Attempts {
		if a := &o.Attempts[i]; o.rechecks(a) && now.Sub(a.RecheckedAt) > recheckAgain &&
			(a.RecheckAt.IsZero() || now.Before(a.RecheckAt)) {
			a.RecheckAt, moved = now, true
		}
	}
	if moved {
		o.schedule(now)
	}
	return moved
}
