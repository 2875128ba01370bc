package payment

import (
	"slices"
	"time"

	"linlipay/money"
)

// Exceptional money (异常款) is money that arrived and that its order cannot keep. It is booked like any other; then it
// goes back, is kept as the payer's prepayment, or waits for a person, by the company's policy.

// ExceptionReason says why money cannot be kept.
type ExceptionReason string

// The reasons.
const (
	BecausePaid ExceptionReason = "order_paid" // another attempt of the order was paid first
	// the order had been closed, and another one holds or has paid its items
	BecauseHeld    ExceptionReason = "items_held"
	BecauseGone    ExceptionReason = "items_paid"    // what the order pays for had been settled by something else
	BecauseAmount  ExceptionReason = "amount"        // the institution took another amount or currency than asked
	BecauseUnknown ExceptionReason = "unknown_order" // the institution took it under a number that no order of ours has
)

// ExceptionState says what becomes of exceptional money.
type ExceptionState string

// The states of exceptional money.
const (
	ExceptionOpen      ExceptionState = "open"      // 待处理: a person decides
	ExceptionRefunding ExceptionState = "refunding" // 退款中: its refund is on its way, or waits for approval
	ExceptionRefunded  ExceptionState = "refunded"  // 已退回: final
	ExceptionPrepaying ExceptionState = "prepaying" // 转预存中: the owner of the items is being told
	ExceptionPrepaid   ExceptionState = "prepaid"   // 已转预存: the unit's prepayment; final
	// 已核销: a person explained why it stays; only its going back at the institution changes that
	ExceptionDismissed ExceptionState = "dismissed"
)

// ExceptionStates lists all states of exceptional money.
func ExceptionStates() []ExceptionState {
	return []ExceptionState{ExceptionOpen, ExceptionRefunding, ExceptionRefunded, ExceptionPrepaying, ExceptionPrepaid,
		ExceptionDismissed}
}

// ExceptionTransitions is the one table of allowed changes; docs/state-machine.md draws the same.
func ExceptionTransitions() map[ExceptionState][]ExceptionState {
	return map[ExceptionState][]ExceptionState{
		ExceptionOpen:      {ExceptionRefunding, ExceptionPrepaying, ExceptionDismissed},
		ExceptionRefunding: {ExceptionRefunded, ExceptionOpen},
		ExceptionPrepaying: {ExceptionPrepaid},
		ExceptionRefunded:  {},
		ExceptionPrepaid:   {},
		ExceptionDismissed: {ExceptionRefunding},
	}
}

// Exception is a piece of exceptional money within an order.
type Exception struct {
	No      int             `json:"no"` // 1, 2, … within the order
	Attempt int             `json:"attempt"`
	Amount  money.Fen       `json:"amount"`
	Reason  ExceptionReason `json:"reason"`
	State   ExceptionState  `json:"state"`
	// who works on it; "" is the system, or nobody yet when it is open
	Owner   string    `json:"owner,omitempty"`
	Refund  int       `json:"refund,omitempty"` // number of the refund that gives it back
	Note    string    `json:"note,omitempty"`   // why it was dismissed
	At      time.Time `json:"at"`
	EndedAt time.Time `json:"ended_at,omitzero"`
}

func (e *Exception) become(to ExceptionState) bool {
	if !slices.Contains(ExceptionTransitions()[e.State], to) {
		return false
	}
	e.State = to
	return true
}

// Handling is a company's policy for exceptional money.
type Handling string

// The policies.
const (
	HandleRefund Handling = "refund" // give it back by itself
	HandlePrepay Handling = "prepay" // keep it as the unit's prepayment
	HandlePerson Handling = "person" // wait for a person
)

// Exception returns the exceptional money with the number, or nil.
func (o *Order) Exception(no int) *Exception {
	for i := range o.Exceptions {
		if o.Exceptions[i].No == no {
			return &o.Exceptions[i]
		}
	}
	return nil
}

// exceptional sums the exceptional money of an attempt, in fen.
func (o *Order) exceptional(attempt int) money.Fen {
	var sum money.Fen
	for _, e := range o.Exceptions {
		if e.Attempt == attempt {
			sum += e.Amount // bounded by what was received
		}
	}
	return sum
}

// except lists money of an attempt as exceptional and does with it what the policy says; with what only a device's word
// tells of, once a statement agrees.
func (o *Order) except(a *Attempt, amount money.Fen, reason ExceptionReason, policy Handling, now time.Time) {
	if amount == a.Received {
		a.Disposition = Exceptional
	}
	no := len(o.Exceptions) + 1
	o.Exceptions = append(o.Exceptions, Exception{No: no, Attempt: a.No, Amount: amount, Reason: reason,
		State: ExceptionOpen, At: now})
	o.note(now, MoneySurplus, a.No, "", string(reason)+" "+amount.Yuan())
	o.bookReturns(a.No, now) // what has gone back at the institution need not go back again
	o.handleOpen(a.No, policy, now)
}

// handleOpen does with an attempt's exceptional money that nobody works on what the policy says.
func (o *Order) handleOpen(attempt int, policy Handling, now time.Time) {
	for _, e := range o.Exceptions {
		if e.Attempt == attempt && e.State == ExceptionOpen && e.Owner == "" {
			o.handle(e.No, policy, now)
		}
	}
}

// handle does with exceptional money what the policy says.
func (o *Order) handle(no int, policy Handling, now time.Time) {
	if o.explainFirst(o.Exception(no).Attempt) != nil {
		return // it waits for a person: some of it went back already, and nobody knows how much
	}
	switch policy {
	case HandleRefund:
		o.refundException(no, "", true, now)
	case HandlePrepay:
		o.prepayException(no, "", now)
	}
}

// unproven reports whether nobody but a device says that the money came: it can be neither given back nor kept as a
// prepayment.
func (o *Order) unproven(e *Exception) bool { return o.Attempt(e.Attempt).Provisional }

// refundException sends exceptional money back, after approval or at once.
func (o *Order) refundException(no int, by string, approved bool, now time.Time) bool {
	e := o.Exception(no)
	if o.unproven(e) || len(o.Refunds) >= refundsMost || !e.become(ExceptionRefunding) {
		return false
	}
	r := o.giveBack(Refund{Attempt: e.Attempt, Amount: e.Amount, Exception: no, Reason: payersReason(e.Reason),
		Signatures: askedBy(by)}, approved, now)
	e.Refund, e.Owner = r.No, by
	return true
}

// payersReason is what the payer reads in the wallet.
func payersReason(r ExceptionReason) string {
	switch r {
	case BecauseAmount:
		return "金额不符，原路退回"
	case BecauseUnknown:
		return "无对应订单，原路退回"
	}
	return "重复缴费，原路退回"
}

// prepayException keeps exceptional money as the unit's prepayment; there must be a unit.
func (o *Order) prepayException(no int, by string, now time.Time) bool {
	e := o.Exception(no)
	if o.unproven(e) || o.Payer.Unit == "" || !e.become(ExceptionPrepaying) {
		return false
	}
	e.Owner = by
	o.note(now, ExceptionKept, e.Attempt, by, e.Amount.Yuan())
	o.owe(KeepPrepayment, no)
	o.schedule(now)
	return true
}

// claimException names who works on exceptional money that waits for a person.
func (o *Order) claimException(no int, by string, now time.Time) bool {
	e := o.Exception(no)
	if e.State != ExceptionOpen || e.Owner == by {
		return false
	}
	e.Owner = by
	o.note(now, ExceptionClaimed, e.Attempt, by, "")
	return true
}

// dismissException records why exceptional money stays where it is.
func (o *Order) dismissException(no int, by, note string, now time.Time) bool {
	e := o.Exception(no)
	if !e.become(ExceptionDismissed) {
		return false
	}
	e.Owner, e.Note, e.EndedAt = by, note, now
	o.note(now, ExceptionEnded, e.Attempt, by, note)
	return true
}

// exceptionRefunded and exceptionBack follow the refund of exceptional money: it went back, or it did not and a person
// must decide anew.
func (o *Order) exceptionRefunded(no int, now time.Time) {
	if e := o.Exception(no); e != nil && e.become(ExceptionRefunded) {
		e.EndedAt = now
	}
}

func (o *Order) exceptionBack(no int, now time.Time) {
	if e := o.Exception(no); e != nil && e.become(ExceptionOpen) {
		e.Refund, e.Owner = 0, ""
		o.reclaim(e.Attempt, now)
	}
}

// work is what the order still means to people, for finance's lists: the states of its exceptional money and refunds,
// each with a prefix.
func (o *Order) work() []any {
	var some []any
	add := func(w Work) {
		if !slices.Contains(some, any(string(w))) {
			some = append(some, string(w))
		}
	}
	for _, e := range o.Exceptions {
		add(AnyException)
		add(ExceptionWork(e.State))
	}
	for i := range o.Attempts {
		if o.Attempts[i].Unconfirmed() {
			add(Unconfirmed)
		}
	}
	for i := range o.Untaken {
		if o.Untaken[i].Open() {
			add(Unconfirmed)
		}
	}
	for _, r := range o.Refunds {
		add(AnyRefund)
		add(RefundWork(r.Status))
		if r.Provisional {
			add(Unconfirmed)
		}
		if r.unseen() {
			add(ReturnedUpstream)
		}
	}
	for _, a := range o.Attempts {
		if o.ReturnedUnknown(a.No) {
			add(ReturnedUpstream)
		}
	}
	return some
}

// Work names one of finance's lists: orders with exceptional money or refunds, all or in a state.
type Work string

// The lists that take any state.
const (
	AnyException Work = "exception"
	AnyRefund    Work = "refund"

	// Unconfirmed are card payments and voids that a terminal reports and nobody has confirmed yet: the provisional
	// ones among them, and results that were not taken.
	Unconfirmed Work = "unconfirmed"

	// ReturnedUpstream is money that went back at the institution without us: to be seen by a person, or to be
	// explained.
	ReturnedUpstream Work = "returned"
)

// ExceptionWork is the list of orders with exceptional money in a state.
func ExceptionWork(s ExceptionState) Work { return AnyException + ":" + Work(s) }

// RefundWork is the list of orders with a refund in a status.
func RefundWork(s RefundStatus) Work { return AnyRefund + ":" + Work(s) }
