package payment

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"linlipay/audit"
)

// Deeds are what people decide in an order, for the audit log: each is a line of the timeline, and becomes an event in
// the order's outbox by the same write.

// deed says which event a line of the timeline is.
type deed struct {
	verb   audit.Verb
	about  string // kind of the object
	system bool   // also when nobody stands behind it: it decides over money by itself
}

var deeds = map[EventKind]deed{
	RefundAsked:        {audit.RefundAsked, "refund", true},
	RefundApproved:     {audit.RefundApproved, "refund", true},
	RefundDeclined:     {audit.RefundRejected, "refund", true},
	RefundRetried:      {audit.RefundRetried, "refund", false},
	RefundArrived:      {audit.RefundByHand, "refund", false},
	RefundUnsuccessful: {audit.RefundEnded, "refund", false},
	ReturnSeen:         {audit.ReturnSeen, "refund", false},
	ReturnDismissed:    {audit.ReturnDismissed, "attempt", false},
	ReturnReopened:     {audit.ReturnReopened, "attempt", false},
	UnappliedClaimed:   {audit.UnappliedClaimed, "exception", false},
	UnappliedKept:      {audit.UnappliedKept, "exception", true},
	UnappliedEnded:     {audit.UnappliedEnded, "exception", false},
	CardNotReceived:    {audit.CardDenied, "attempt", false},
	ResultEnded:        {audit.ResultEnded, "attempt", false},
}

func withDeeds(ctx context.Context, change func(*Order) error) func(*Order) error {
	return func(o *Order) error {
		lines, refunds, unapplied := len(o.Timeline), statuses(o.Refunds), slices.Clone(o.Unapplied)
		if err := change(o); err != nil {
			return err
		}
		o.oweDeeds(ctx, o.Timeline[lines:], refunds, unapplied)
		return nil
	}
}

func statuses(refunds []Refund) []RefundStatus {
	var s []RefundStatus
	for i := range refunds {
		s = append(s, refunds[i].Status)
	}
	return s
}

// oweDeeds owes an event for each new line of the timeline that is a deed; refunds and unapplied are as they were
// before.
func (o *Order) oweDeeds(ctx context.Context, lines []Event, refunds []RefundStatus, unapplied []UnappliedFunds) {
	unapplied = append(unapplied, make([]UnappliedFunds, len(o.Unapplied)-len(unapplied))...)
	for _, l := range lines {
		d, known := deeds[l.What]
		person := strings.HasPrefix(l.By, "staff:")
		if l.What == ReturnBooked && o.named(l, lines) {
			d, known, person = deed{audit.ReturnNamed, "refund", false}, true, true
		}
		if !known || !person && !(d.system && l.By == "") {
			continue
		}
		e := audit.Event{At: l.At, Actor: l.By, Verb: d.verb, Of: "order:" + o.ID, Company: o.Company}
		if e.Actor == "" && l.What != ReturnBooked {
			e.Actor = audit.System
		}
		if o.Community != "" {
			e.Communities = []string{o.Community}
		}
		switch d.about {
		case "refund":
			o.aboutRefund(&e, l, refunds)
		case "exception":
			o.aboutUnapplied(&e, l, unapplied)
		default:
			e.Object = fmt.Sprintf("attempt:%s/%d", o.ID, l.Attempt)
		}
		o.OwesAudit.Owe(ctx, "orders/"+o.ID, o.Version, e)
	}
}

// named reports whether a booked refund was found by the number that a person gave; the approval of a declared one is
// an event of its own.
func (o *Order) named(l Event, lines []Event) bool {
	r := o.refundIn(l)
	return r != nil && r.Noticed == NoticedByPerson && !slices.ContainsFunc(lines, func(l Event) bool {
		return l.What == RefundApproved
	})
}

// refundIn is the refund whose number a line of the timeline begins with.
func (o *Order) refundIn(l Event) *Refund {
	number, _, _ := strings.Cut(l.Note, " ")
	i := slices.IndexFunc(o.Refunds, func(r Refund) bool { return r.OutRefundNo == number })
	if i < 0 {
		return nil
	}
	return &o.Refunds[i]
}

func (o *Order) aboutRefund(e *audit.Event, l Event, before []RefundStatus) {
	r := o.refundIn(l)
	if r == nil {
		e.Object = fmt.Sprintf("attempt:%s/%d", o.ID, l.Attempt)
		return
	}
	e.Object = fmt.Sprintf("refund:%s/%d", o.ID, r.No)
	e.After = audit.State{"status": string(r.Status), "amount": strconv.FormatInt(int64(r.Amount), 10)}
	if r.No <= len(before) {
		e.Before = audit.State{"status": string(before[r.No-1])}
	}
	if r.DecidedFor != "" && (l.What == RefundApproved || l.What == RefundDeclined) {
		e.After["decided_for"] = r.DecidedFor
	}
	if r.Unapplied != 0 {
		e.After["exception"] = strconv.Itoa(r.Unapplied)
	}
}

// aboutUnapplied names the unapplied funds of the line's attempt that is not as it was, each once: it brings before
// up to date.
func (o *Order) aboutUnapplied(e *audit.Event, l Event, before []UnappliedFunds) {
	for i, x := range o.Unapplied {
		if x.Attempt != l.Attempt || before[i].State == x.State && before[i].Owner == x.Owner {
			continue
		}
		e.Object = fmt.Sprintf("exception:%s/%d", o.ID, x.No)
		e.After = audit.State{"state": string(x.State), "amount": strconv.FormatInt(int64(x.Amount), 10)}
		if before[i].No != 0 {
			e.Before = audit.State{"state": string(before[i].State)}
		}
		before[i] = x
		return
	}
}
