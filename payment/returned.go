package payment

import (
	"slices"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// Money that went back at the institution without us (渠道退款): a person gave it back on the institution's own page, or
// the institution did. It is a refund that happened. What the institution says of it is gathered in the attempt; what
// that makes more than the order knows of is booked as a foreign refund, opens the bills again, and stands in finance's
// list until a person has seen it. All of it only grows, so that messages may come repeatedly and in any order.

// Returns is what an institution says went back of an attempt's money.
type Returns struct {
	// the most that it ever said has gone back in all, ours included, in fen
	Total   money.Fen       `json:"total,omitempty"`
	Named   []ForeignRefund `json:"named,omitempty"`   // the refunds that are not ours and that it named, each once
	Unknown bool            `json:"unknown,omitempty"` // it says that some went back, and not how much
	// the refunds that are not ours and that it named without their amount, each once
	Unpriced []Unpriced `json:"unpriced,omitempty"`
	// it said so while a refund of ours was under way: ask once that has ended
	Again bool      `json:"again,omitempty"`
	Raw   string    `json:"raw,omitempty"` // its own word for that, for staff
	At    time.Time `json:"at,omitzero"`   // when it first said anything of the kind

	DismissedBy string `json:"dismissed_by,omitempty"` // Unknown: who found that nothing but our own refunds went back
	Note        string `json:"note,omitempty"`         // how that was found out
}

// ForeignRefund is a refund that was made at the institution, under a number of its own.
type ForeignRefund struct {
	Number string    `json:"number"`       // the number that it knows the refund by
	ID     string    `json:"id,omitempty"` // its 退款单号, where that is another one
	Amount money.Fen `json:"amount"`       // more than 0
	At     time.Time `json:"at,omitzero"`  // when it went back; zero where it does not tell

	Noticed Noticed `json:"noticed,omitempty"` // how we came to know of it
}

// ownRefund reports whether what an institution tells of is a refund of ours, by our number or by its own of it.
func (o *Order) ownRefund(told gateway.RefundReport) bool {
	return slices.ContainsFunc(o.Refunds, func(r Refund) bool {
		if r.settledOtherwise() {
			return false
		}
		byID := r.RefundID != "" && (r.RefundID == told.OutRefundNo || r.RefundID == told.RefundID)
		return !r.Foreign && (r.OutRefundNo == told.OutRefundNo || byID)
	})
}

// same reports whether two are one: a person may have named either of its numbers.
func (f ForeignRefund) same(x ForeignRefund) bool {
	return f.Number == x.Number || f.ID != "" && f.ID == x.Number || x.ID != "" && x.ID == f.Number
}

// Noticed says how we came to know of a refund that was made at the institution.
type Noticed string

// The ways.
const (
	NoticedTold     Noticed = "notification" // the institution's notification named it
	NoticedAsked    Noticed = "query"        // the institution, asked about the payment, said how much went back in all
	NoticedByPerson Noticed = "staff"        // a person named its number or its amount
)

// toldReturns reports whether the institution itself says how much went back of an attempt's money.
func (a *Attempt) toldReturns() bool { return a.Returns.Total > 0 || len(a.Returns.Named) > 0 }

// ReturnedUnknown reports whether the institution says that money of the attempt went back, which nothing that we know
// of explains, and does not say how much.
func (o *Order) ReturnedUnknown(attempt int) bool {
	a := o.Attempt(attempt)
	switch {
	case a.State != AttemptSucceeded:
		return false
	case a.Returns.unpriced():
		return !o.declared(attempt)
	case !a.Returns.Unknown || a.Returns.DismissedBy != "":
		return false
	}
	return !slices.ContainsFunc(o.Refunds, func(r Refund) bool {
		asked := (r.Sending.No > 0 && r.Heard != gateway.RefundNotFound || r.Void) && !r.DecidedAt.After(a.Returns.At)
		return r.Attempt == attempt && r.alive() && (r.Foreign || asked)
	})
}

// unseen reports whether the refund was made at the institution and no person has seen it yet.
func (r *Refund) unseen() bool { return r.Foreign && r.Status == RefundSucceeded && r.SeenBy == "" }

// upstream reports whether the refund went, or is to go, out of the merchant's account at the institution.
func (r *Refund) upstream() bool { return !r.ByHand }

// BackUpstream is what went back of an attempt's money at its institution as far as the order knows, in fen.
func (o *Order) BackUpstream(attempt int) money.Fen {
	return o.sumRefunds(func(r *Refund) bool {
		return r.Attempt == attempt && r.Status == RefundSucceeded && r.upstream()
	})
}

// mayBe reports whether a refund that an institution names may be one of ours that is under way: it knows it by a
// number that we have not heard of yet.
func (o *Order) mayBe(attempt int, amount money.Fen) bool {
	return slices.ContainsFunc(o.Refunds, func(r Refund) bool {
		return r.Attempt == attempt && r.Amount == amount && r.mayHaveGone()
	})
}

// mayHaveGone reports whether a request of ours to give this money back may have been carried out, or not.
func (r *Refund) mayHaveGone() bool {
	sent := r.Sending.No > 0 && r.Heard != gateway.RefundNotFound || r.Void
	return sent && (r.Status == RefundPending || r.Status == RefundAbnormal)
}

// LeftUpstream is what is left of an attempt's money in the merchant's account as far as the order knows, in fen.
func (o *Order) LeftUpstream(attempt int) money.Fen {
	return o.Attempt(attempt).Received - o.BackUpstream(attempt)
}

// underWay reports whether a request of ours to give money of an attempt back may have been carried out, or not: then
// what went back in all proves nothing.
func (o *Order) underWay(attempt int) bool {
	return slices.ContainsFunc(o.Refunds, func(r Refund) bool { return r.Attempt == attempt && r.mayHaveGone() })
}

// unbooked is how much more has gone back at the institution than the order knows of, in fen: by the refunds that it
// named, and by all that it says went back less our own.
func (o *Order) unbooked(a *Attempt) money.Fen {
	var named money.Fen
	for _, f := range a.Returns.Named {
		named += f.Amount // bounded by told
	}
	foreign := o.sumRefunds(func(r *Refund) bool {
		return r.Attempt == a.No && r.Status == RefundSucceeded && r.Foreign
	})
	back := named
	if ours := o.BackUpstream(a.No) - foreign; !o.underWay(a.No) {
		back = max(back, a.Returns.Total-ours)
	}
	return max(0, min(back-foreign, o.LeftUpstream(a.No)))
}

// newsOf is what a report says went back beyond what was heard of it: how much in all, in fen, or that it is unknown
// how much; ok reports whether there is any.
func (o *Order) newsOf(no int, r gateway.Report) (total money.Fen, unknown, ok bool) {
	a := o.Attempt(no)
	total = r.ReturnedAmount
	switch r.Returned {
	case gateway.ReturnedNothing:
		return 0, false, false
	case gateway.ReturnedAll:
		total = a.Received
	case gateway.ReturnedSome:
		unknown = total == 0 && a.Returns.Total == 0
	}
	return total, unknown, total > a.Returns.Total || unknown && !a.Returns.Unknown
}

// observeReturned takes in what a report says went back.
func (o *Order) observeReturned(no int, r gateway.Report, now time.Time) bool {
	a := o.Attempt(no)
	total, unknown, news := o.newsOf(no, r)
	if !news {
		return false
	}
	if o.underWay(no) { // it may count ours, or not
		again := a.Returns.Again
		a.Returns.Again = true
		return !again
	}
	return o.returnsAre(a, total, unknown, r.Raw, now)
}

// returnsAre notes how much went back in all, as the institution says.
func (o *Order) returnsAre(a *Attempt, total money.Fen, unknown bool, raw string, now time.Time) bool {
	a.Returns.Total, a.Returns.Unknown = max(total, a.Returns.Total), a.Returns.Unknown || unknown
	if a.Returns.Total > 0 {
		a.Returns.priced(PricedByItself)
	}
	o.saidReturned(a, raw, now)
	return true
}

// observeRefundTotal takes in what was said beside a refund of all that has gone back of its payment.
func (o *Order) observeRefundTotal(no int, r gateway.RefundReport, now time.Time) bool {
	a := o.Attempt(no)
	return r.Total > a.Returns.Total && o.returnsAre(a, r.Total, false, r.Raw, now)
}

// bookReturned takes in what a report says went back, and books what the order did not know of.
func (o *Order) bookReturned(no int, r gateway.Report, now time.Time) bool {
	heard := o.observeReturned(no, r, now)
	return o.bookReturns(no, now) || heard
}

// toldForeign takes in one refund that is not ours, once.
func (o *Order) toldForeign(no int, f ForeignRefund, now time.Time) bool {
	a := o.Attempt(no)
	if i := slices.IndexFunc(a.Returns.Named, f.same); i >= 0 {
		return o.corrected(a, i, f, now) || o.bookReturns(no, now)
	}
	f.Amount = min(f.Amount, a.Received)
	a.Returns.Named = append(slices.Clip(a.Returns.Named), f)
	a.Returns.priced(PricedByItself, f.Number, f.ID)
	o.saidReturned(a, f.Number, now)
	o.bookReturns(no, now)
	o.otherThanDeclared(no, f, now)
	return true
}

// corrected puts the institution's amount of a refund in the place of a person's. Where that is more the rest is
// booked; either way finance sees it again.
func (o *Order) corrected(a *Attempt, named int, f ForeignRefund, now time.Time) bool {
	said := a.Returns.Named[named]
	if said.Noticed != NoticedByPerson || f.Noticed == NoticedByPerson || said.Amount == f.Amount {
		return false
	}
	a.Returns.Named = slices.Clone(a.Returns.Named)
	a.Returns.Named[named] = f
	for i := range o.Refunds {
		if r := &o.Refunds[i]; r.Attempt == a.No && r.Foreign && r.UpstreamNo == said.Number {
			r.SeenBy = ""
			o.note(now, ReturnUnknown, a.No, "", r.OutRefundNo+" "+f.Amount.Yuan())
		}
	}
	o.bookReturns(a.No, now)
	return true
}

// saidReturned notes when the institution first said that money went back, and in which word.
func (o *Order) saidReturned(a *Attempt, raw string, now time.Time) {
	if a.Returns.At.IsZero() {
		a.Returns.At = now
	}
	a.Returns.Raw = raw
	if o.ReturnedUnknown(a.No) {
		o.noteOnce(now, ReturnUnknown, a.No, "", raw)
	}
	o.schedule(now)
}

// bookReturns books what has gone back at the institution beyond what the order knows of. It waits until the items are
// settled: they say what can be owed again.
func (o *Order) bookReturns(no int, now time.Time) bool {
	a := o.Attempt(no)
	if a.State != AttemptSucceeded || a.Provisional || a.DeniedBy != "" || o.PaidBy == no && o.enqueued(SettleItems) {
		return false
	}
	missing := o.unbooked(a)
	if missing == 0 {
		return false
	}
	o.withdrawRequests(no, now)
	a = o.Attempt(no)
	for _, f := range a.Returns.Named {
		if !o.hasForeign(no, f) {
			missing -= o.bookParts(no, f, min(missing, f.Amount), now)
		}
	}
	o.bookParts(no, ForeignRefund{Noticed: NoticedAsked}, missing, now)
	o.schedule(now)
	return true
}

// withdrawRequests rejects refunds of money that the order could not keep and that wait for approval: it went back at
// the institution.
func (o *Order) withdrawRequests(attempt int, now time.Time) {
	for i := range o.Refunds {
		r := &o.Refunds[i]
		if r.Attempt == attempt && r.Status == RefundRequested && r.Unapplied > 0 && r.become(RefundRejected) {
			r.DecidedAt, r.Note = now, "已在支付渠道退回"
			o.note(now, RefundDeclined, attempt, "", r.OutRefundNo)
			o.reopenUnapplied(r.Unapplied, now)
		}
	}
}

// askAgain has the institution asked what went back in all, now that a refund of ours has ended during which it said
// something of it.
func (o *Order) askAgain(attempt int, now time.Time) {
	if a := o.Attempt(attempt); a.Returns.Again && !o.underWay(attempt) {
		a.Returns.Again, a.RecheckAt = false, now
		o.schedule(now)
	}
}

// bookParts books an amount that went back at the institution, as one refund or, where it is of several kinds of money,
// as several; it returns the amount.
func (o *Order) bookParts(no int, f ForeignRefund, amount money.Fen, now time.Time) money.Fen {
	for left := amount; left > 0; {
		left -= o.bookForeign(Refund{
			Attempt: no, UpstreamNo: f.Number, RefundID: f.ID, SucceededAt: f.At, Reason: foreignReason,
			Noticed: f.Noticed,
		}, left, now)
	}
	return amount
}

// hasForeign reports whether a refund that the institution named stands in the order: as one of that number, or as one
// whose number it had not told yet, which it is given then.
func (o *Order) hasForeign(attempt int, f ForeignRefund) bool {
	for i := range o.Refunds {
		r := &o.Refunds[i]
		if r.Attempt != attempt || !r.Foreign || r.Status != RefundSucceeded {
			continue
		}
		if r.UpstreamNo == "" && r.Amount == f.Amount {
			r.UpstreamNo = f.Number
		}
		if r.UpstreamNo == f.Number || f.ID != "" && r.UpstreamNo == f.ID {
			return true
		}
	}
	return false
}

// foreignReason is what a refund that was made at the institution says of itself.
const foreignReason = "支付渠道退款"

// MadeThere reports whether the refund was made at the institution and nobody here gave a reason for it. One of ours
// that was made there instead keeps the reason that a person gave.
func (r *Refund) MadeThere() bool { return r.Foreign && r.Reason == foreignReason }

// bookForeign books a refund that happened at the institution, of at most that much, and returns how much it was. One
// that is not in the order yet takes the place of one of ours that the institution would not make, where there is one
// of that very amount.
func (o *Order) bookForeign(r Refund, most money.Fen, now time.Time) money.Fen {
	if old := o.replaced(r.Attempt, most); old != nil && r.No == 0 {
		old.UpstreamNo, old.Noticed = r.UpstreamNo, r.Noticed
		return o.foreignDone(old, r.RefundID, r.SucceededAt, now)
	}
	o.allocate(&r, most)
	if r.No == 0 {
		r.No, r.RequestedAt, r.Status = len(o.Refunds)+1, now, RefundPending
		r.OutRefundNo = gateway.OutRefundNo(o.ID, r.No)
		o.Refunds = append(o.Refunds, r)
	}
	*o.Refund(r.No) = r
	if e := o.UnappliedFunds(r.Unapplied); e != nil {
		o.takeUnapplied(e, r.Amount, r.No)
	}
	return o.foreignDone(o.Refund(r.No), r.RefundID, r.SucceededAt, now)
}

// foreignDone ends a refund as one that was made at the institution, and returns how much it is.
func (o *Order) foreignDone(r *Refund, id string, at, now time.Time) money.Fen {
	r.Foreign, r.Void = true, false
	o.note(now, ReturnBooked, r.Attempt, "", r.OutRefundNo+" "+r.UpstreamNo)
	amount := r.Amount
	o.refundDone(r.No, id, at, now)
	return amount
}

// replaced is a refund of ours, of that very amount, that the institution would not make: a person made it on its page
// instead.
func (o *Order) replaced(attempt int, amount money.Fen) *Refund {
	for i := range o.Refunds {
		r := &o.Refunds[i]
		if r.Attempt == attempt && r.Status == RefundAbnormal && r.Heard == gateway.RefundNotFound &&
			r.Amount == amount {
			return r
		}
	}
	return nil
}
