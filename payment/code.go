package payment

import (
	"time"

	"linlipay/payment/gateway"
)

// Payment codes (付款码): the payer shows a code, the desk reads it. The institution charges at once, or asks the payer
// for a password; then it is asked every few seconds, at most codePatience, once more, and then the charge is reversed.
// Each step is a change of the attempt, and the order loop takes the next one, so that the end is paid or reversed also
// when the process that began dies.

// mustEnd reports whether the attempt is to be ended whatever its order wants: a payment code that was not paid in
// time, or a card payment that a terminal reports but the institution does not know as paid.
func (a *Attempt) mustEnd(now time.Time) bool {
	return a.Reversing || a.Method == gateway.CodePresented && !now.Before(a.CodeEnds()) || a.State == AttemptReported
}

// reversing claims the one reversal of a payment code's charge that may be under way at a time. From here on the charge
// is not booked as paid before a reversal was refused: an answer that it is paid may be older than a reversal that
// gives the money back.
func (o *Order) reversing(no int, most time.Duration, now time.Time) (claim int) {
	a := o.Attempt(no)
	if !a.watched() {
		return 0
	}
	if claim = a.Reversal.claim(most, now); claim == 0 {
		return 0
	}
	if !a.Reversing {
		o.note(now, CodeReversing, no, "", "")
	}
	a.Reversing = true
	o.schedule(now)
	return claim
}
