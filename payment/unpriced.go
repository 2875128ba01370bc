package payment

import (
	"slices"
	"strings"
	"time"
)

// Refunds that were made at the institution and that it named without saying how much each was. Unlike "some went
// back", which a refund of ours explains, each is known to be none of ours: it waits until the institution tells its
// amount, or a person finds out.

// Unpriced is a refund that is not ours, of which the institution told the number and not the amount.
type Unpriced struct {
	Number string    `json:"number"`          // that the institution knows it by
	At     time.Time `json:"at"`              // when it was told
	Ended  Priced    `json:"ended,omitempty"` // how it was explained; "" is not yet
}

// Priced says how the amount of an Unpriced refund became known.
type Priced string

// The ways.
const (
	PricedByItself Priced = "told"      // the institution told it after all, or that it is a refund of ours
	PricedByPerson Priced = "declared"  // another person approved what one had declared
	PricedAsNone   Priced = "dismissed" // a person found that nothing but our own refunds went back
)

// unpriced reports whether a refund waits for its amount.
func (r *Returns) unpriced() bool {
	return slices.ContainsFunc(r.Unpriced, func(u Unpriced) bool { return u.Ended == "" })
}

// Word is the institution's own for what waits to be explained: the numbers that it named without an amount, parted by
// spaces, or what it said.
func (r *Returns) Word() string {
	var open []string
	for _, u := range r.Unpriced {
		if u.Ended == "" {
			open = append(open, u.Number)
		}
	}
	if len(open) == 0 {
		return r.Raw
	}
	return strings.Join(open, " ")
}

// priced ends those that wait: of some numbers, or all where none is given.
func (r *Returns) priced(how Priced, numbers ...string) {
	r.reprice("", how, numbers...)
}

// reprice moves refunds from one end to another.
func (r *Returns) reprice(from, to Priced, numbers ...string) {
	r.Unpriced = slices.Clone(r.Unpriced)
	for i := range r.Unpriced {
		u := &r.Unpriced[i]
		if u.Ended == from && (len(numbers) == 0 || slices.Contains(numbers, u.Number)) {
			u.Ended = to
		}
	}
}

// declared ends those that a person's approved word is about: the one that it names, else all that had been told when
// that was given.
func (r *Returns) declared(by Refund) {
	var about []string
	for _, u := range r.Unpriced {
		if u.Number == by.UpstreamNo {
			about = []string{u.Number}
			break
		}
		if !u.At.After(by.RequestedAt) {
			about = append(about, u.Number)
		}
	}
	if len(about) > 0 {
		r.priced(PricedByPerson, about...)
	}
}

// toldUnpriced takes in the number of a refund that is not ours, once. Where the institution says how much went back in
// all, that counts it.
func (o *Order) toldUnpriced(no int, f ForeignRefund, now time.Time) bool {
	a := o.Attempt(no)
	known := slices.ContainsFunc(a.Returns.Named, f.same) ||
		slices.ContainsFunc(a.Returns.Unpriced, func(u Unpriced) bool {
			return u.Number == f.Number || f.ID != "" && u.Number == f.ID
		})
	if known || a.Returns.Total > 0 {
		return false
	}
	a.Returns.Unpriced = append(slices.Clip(a.Returns.Unpriced), Unpriced{Number: f.Number, At: now})
	o.saidReturned(a, f.Number, now)
	return true
}

// otherThanDeclared has finance see again what a person declared without a number, where the institution names a refund
// that it was taken for and that is of another amount: it may be another one.
func (o *Order) otherThanDeclared(no int, f ForeignRefund, now time.Time) {
	if o.Attempt(no).State != AttemptSucceeded || o.hasForeign(no, f) {
		return
	}
	for i := range o.Refunds {
		r := &o.Refunds[i]
		declared := r.Foreign && r.Noticed == NoticedByPerson && r.UpstreamNo == "" && r.Status == RefundSucceeded
		if r.Attempt == no && declared {
			r.SeenBy = ""
			o.note(now, ReturnUnknown, no, "", f.Number+" "+f.Amount.Yuan())
		}
	}
}

// toldSince reports whether the institution has told by itself what a person declared, so that it can only be rejected.
func (o *Order) toldSince(r *Refund) bool {
	returns := &o.Attempt(r.Attempt).Returns
	if !returns.unpriced() {
		return o.Attempt(r.Attempt).toldReturns()
	}
	return slices.ContainsFunc(o.Refunds, func(x Refund) bool {
		return x.No > r.No && x.Attempt == r.Attempt && x.Foreign && x.Status == RefundSucceeded
	})
}
