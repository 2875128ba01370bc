package payment

import (
	"time"

	"linlipay/payment/gateway"
)

// How a refund that was approved is carried out and asked about until it has ended.

// begin lets an approved refund go through the institution from now on.
func (r *Refund) begin(now time.Time) {
	r.DecidedAt, r.AskedAt, r.Checks = now, time.Time{}, 0
}

// sendRefund claims the one request to give back that may be under way at a time, so that whoever says that nothing
// went back is right.
func (o *Order) sendRefund(no int, most time.Duration, now time.Time) (claim int) {
	r := o.Refund(no)
	if r.Status != RefundPending {
		return 0
	}
	return r.Sending.claim(most, now)
}

// refundUnanswered is how long a refund may go without any signed answer, and refundSlow how long an institution may be
// at it, before a person is told.
const (
	refundUnanswered = time.Hour
	refundSlow       = 7 * 24 * time.Hour
)

// refundChecked records a question that decided nothing, and what the institution said with its signature ("" is
// nothing). Too long without an end makes the refund abnormal.
func (o *Order) refundChecked(no int, heard gateway.RefundState, why string, now time.Time) {
	r := o.Refund(no)
	if !r.pollable() {
		return
	}
	r.AskedAt = now
	r.Checks++
	if heard != "" {
		r.HeardAt, r.Heard = now, heard
	}
	since := r.HeardAt
	if since.IsZero() {
		since = r.DecidedAt
	}
	if r.Void && r.Word != nil && r.Word.At.After(since) {
		since = r.Word.At
	}
	switch {
	case r.Status != RefundPending:
	case now.Sub(since) > refundUnanswered:
		o.refundStuck(no, why, "", now)
	case now.Sub(r.DecidedAt) > refundSlow:
		o.refundStuck(no, why, "", now)
	}
	o.schedule(now)
}

// refundNone records that the institution, with its signature, made no refund under the number: a person must act,
// unless one was made there instead.
func (o *Order) refundNone(no int, why string, reason gateway.DeclineReason, now time.Time) {
	o.refundChecked(no, gateway.RefundNotFound, why, now)
	o.refundStuck(no, why, reason, now)
	o.bookReturns(o.Refund(no).Attempt, now)
	o.askAgain(o.Refund(no).Attempt, now)
}

// pause is how long to wait before the next question about a refund.
func (r *Refund) pause() time.Duration {
	pauses := []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute,
		30 * time.Minute, time.Hour}
	if r.Status == RefundAbnormal {
		return 6 * time.Hour
	}
	return pauses[min(r.Checks, len(pauses)-1)]
}

// nextQuestion is when the institution must be asked about the refund: at once when it never was.
func (r *Refund) nextQuestion() time.Time {
	if r.AskedAt.IsZero() {
		return r.DecidedAt
	}
	return r.AskedAt.Add(r.pause())
}
