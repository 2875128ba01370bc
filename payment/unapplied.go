package payment

import (
	"slices"
	"time"

	"linlipay/money"
)

// Unapplied funds (异常款) is money that arrived and that its order cannot keep. It is booked like any other; then it
// goes back, is kept as the payer's prepayment, or waits for a person, by the company's policy.

// UnappliedReason says why money cannot be kept.
type UnappliedReason string

// The reasons.
const (
	UnappliedOrderPaid UnappliedReason = "order_paid" // another attempt of the order was paid first
	// the order had been closed, and another one holds or has paid its items
	UnappliedItemsHeld UnappliedReason = "items_held"
	UnappliedItemsPaid UnappliedReason = "items_paid"      // what the order pays for had been settled by something else
	UnappliedAmount    UnappliedReason = "amount_mismatch" // the institution took another amount or currency than asked
	// the institution took it under a number that no order of ours has
	UnappliedUnmatched UnappliedReason = "unknown_order"
)

// UnappliedState says what becomes of unapplied funds.
type UnappliedState string

// The states of unapplied funds.
const (
	UnappliedOpen      UnappliedState = "open"      // 待处理: a person decides
	UnappliedRefunding UnappliedState = "refunding" // 退款中: its refund is on its way, or waits for approval
	UnappliedRefunded  UnappliedState = "refunded"  // 已退回: final
	UnappliedPrepaying UnappliedState = "prepaying" // 转预存中: the owner of the items is being told
	UnappliedPrepaid   UnappliedState = "prepaid"   // 已转预存: the unit's prepayment; final
	// 已核销: a person explained why it stays; only its going back at the institution changes that
	UnappliedDismissed UnappliedState = "dismissed"
)

// UnappliedStates lists all states of unapplied funds.
func UnappliedStates() []UnappliedState {
	return []UnappliedState{UnappliedOpen, UnappliedRefunding, UnappliedRefunded, UnappliedPrepaying, UnappliedPrepaid,
		UnappliedDismissed}
}

// UnappliedTransitions is the one table of allowed changes; docs/state-machine.md draws the same.
func UnappliedTransitions() map[UnappliedState][]UnappliedState {
	return map[UnappliedState][]UnappliedState{
		UnappliedOpen:      {UnappliedRefunding, UnappliedPrepaying, UnappliedDismissed},
		UnappliedRefunding: {UnappliedRefunded, UnappliedOpen},
		UnappliedPrepaying: {UnappliedPrepaid},
		UnappliedRefunded:  {},
		UnappliedPrepaid:   {},
		UnappliedDismissed: {UnappliedRefunding},
	}
}

// UnappliedFunds is a piece of unapplied funds within an order.
type UnappliedFunds struct {
	No int `json:"no"` // 1, 2, … within the order
	// number of those that these were a part of, until some went back; 0 is money that came
	PartOf  int             `json:"part_of,omitempty"`
	Attempt int             `json:"attempt"`
	Amount  money.Fen       `json:"amount"`
	Reason  UnappliedReason `json:"reason"`
	State   UnappliedState  `json:"state"`
	// who works on it; "" is the system, or nobody yet when it is open
	Owner   string    `json:"owner,omitempty"`
	Refund  int       `json:"refund,omitempty"` // number of the refund that gives it back
	Note    string    `json:"note,omitempty"`   // why it was dismissed
	At      time.Time `json:"at"`
	EndedAt time.Time `json:"ended_at,omitzero"`
}

func (e *UnappliedFunds) become(to UnappliedState) bool {
	if !slices.Contains(UnappliedTransitions()[e.State], to) {
		return false
	}
	e.State = to
	return true
}

// UnappliedPolicy is a company's policy for unapplied funds.
type UnappliedPolicy string

// The policies.
const (
	RefundUnapplied UnappliedPolicy = "refund" // give it back by itself
	PrepayUnapplied UnappliedPolicy = "prepay" // keep it as the unit's prepayment
	HoldUnapplied   UnappliedPolicy = "person" // wait for a person
)

// UnappliedFunds returns the unapplied funds with the number, or nil.
func (o *Order) UnappliedFunds(no int) *UnappliedFunds {
	for i := range o.Unapplied {
		if o.Unapplied[i].No == no {
			return &o.Unapplied[i]
		}
	}
	return nil
}

// unapplied sums the unapplied funds of an attempt, in fen.
func (o *Order) unapplied(attempt int) money.Fen {
	var sum money.Fen
	for _, e := range o.Unapplied {
		if e.Attempt == attempt {
			sum += e.Amount // bounded by what was received
		}
	}
	return sum
}

// unapply lists money of an attempt as unapplied and does with it what the policy says; with what only a device's
// word tells of, once a statement agrees.
func (o *Order) unapply(a *Attempt, amount money.Fen, reason UnappliedReason, policy UnappliedPolicy, now time.Time) {
	if amount == a.Received {
		a.Application = NotApplied
	}
	no := len(o.Unapplied) + 1
	o.Unapplied = append(o.Unapplied, UnappliedFunds{No: no, Attempt: a.No, Amount: amount, Reason: reason,
		State: UnappliedOpen, At: now})
	o.note(now, MoneyUnapplied, a.No, "", string(reason)+" "+amount.Yuan())
	o.bookReturns(a.No, now) // what has gone back at the institution need not go back again
	o.applyPolicyToOpen(a.No, policy, now)
}

// applyPolicyToOpen does with an attempt's unapplied funds that nobody works on what the policy says.
func (o *Order) applyPolicyToOpen(attempt int, policy UnappliedPolicy, now time.Time) {
	for _, e := range o.Unapplied {
		if e.Attempt == attempt && e.State == UnappliedOpen && e.Owner == "" {
			o.applyPolicy(e.No, policy, now)
		}
	}
}

// applyPolicy does with unapplied funds what the policy says.
func (o *Order) applyPolicy(no int, policy UnappliedPolicy, now time.Time) {
	if o.explainFirst(o.UnappliedFunds(no).Attempt) != nil {
		return // it waits for a person: some of it went back already, and nobody knows how much
	}
	switch policy {
	case RefundUnapplied:
		o.refundUnapplied(no, "", true, now)
	case PrepayUnapplied:
		o.prepayUnapplied(no, "", now)
	}
}

// unproven reports whether nobody but a device says that the money came: it can be neither given back nor kept as a
// prepayment.
func (o *Order) unproven(e *UnappliedFunds) bool { return o.Attempt(e.Attempt).Provisional }

// refundUnapplied sends unapplied funds back, after approval or at once.
func (o *Order) refundUnapplied(no int, by string, approved bool, now time.Time) bool {
	e := o.UnappliedFunds(no)
	if o.unproven(e) || len(o.Refunds) >= refundsMost || !e.become(UnappliedRefunding) {
		return false
	}
	r := o.giveBack(Refund{Attempt: e.Attempt, Amount: e.Amount, Unapplied: no, Reason: payersReason(e.Reason),
		Signatures: askedBy(by)}, approved, now)
	e.Refund, e.Owner = r.No, by
	return true
}

// payersReason is what the payer reads in the wallet.
func payersReason(r UnappliedReason) string {
	switch r {
	case UnappliedAmount:
		return "金额不符，原路退回"
	case UnappliedUnmatched:
		return "无对应订单，原路退回"
	}
	return "重复缴费，原路退回"
}

// prepayUnapplied keeps unapplied funds as the unit's prepayment; there must be a unit.
func (o *Order) prepayUnapplied(no int, by string, now time.Time) bool {
	e := o.UnappliedFunds(no)
	if o.unproven(e) || o.Payer.Unit == "" || !e.become(UnappliedPrepaying) {
		return false
	}
	e.Owner = by
	o.note(now, UnappliedKept, e.Attempt, by, e.Amount.Yuan())
	o.enqueue(KeepPrepayment, no)
	o.schedule(now)
	return true
}

// claimUnapplied names who works on unapplied funds that waits for a person.
func (o *Order) claimUnapplied(no int, by string, now time.Time) bool {
	e := o.UnappliedFunds(no)
	if e.State != UnappliedOpen || e.Owner == by {
		return false
	}
	e.Owner = by
	o.note(now, UnappliedClaimed, e.Attempt, by, "")
	return true
}

// dismissUnapplied records why unapplied funds stay where it is.
func (o *Order) dismissUnapplied(no int, by, note string, now time.Time) bool {
	e := o.UnappliedFunds(no)
	if !e.become(UnappliedDismissed) {
		return false
	}
	e.Owner, e.Note, e.EndedAt = by, note, now
	o.note(now, UnappliedEnded, e.Attempt, by, note)
	return true
}

// unappliedRefunded and reopenUnapplied follow the refund of unapplied funds: it went back, or it did not and a person
// must decide anew.
func (o *Order) unappliedRefunded(no int, now time.Time) {
	if e := o.UnappliedFunds(no); e != nil && e.become(UnappliedRefunded) {
		e.EndedAt = now
	}
}

func (o *Order) reopenUnapplied(no int, now time.Time) {
	if e := o.UnappliedFunds(no); e != nil && e.become(UnappliedOpen) {
		e.Refund, e.Owner = 0, ""
		o.reclaim(e.Attempt, now)
	}
}

// queues is what the order still means to people, for finance's lists: the states of its unapplied funds and refunds,
// each with a prefix.
func (o *Order) queues() []any {
	var list []any
	add := func(w Queue) {
		if !slices.Contains(list, any(string(w))) {
			list = append(list, string(w))
		}
	}
	for _, e := range o.Unapplied {
		add(QueueUnapplied)
		add(UnappliedQueue(e.State))
	}
	for i := range o.Attempts {
		if o.Attempts[i].Unconfirmed() {
			add(QueueUnconfirmed)
		}
	}
	for i := range o.RejectedReports {
		if o.RejectedReports[i].Open() {
			add(QueueUnconfirmed)
		}
	}
	for _, r := range o.Refunds {
		add(QueueRefunds)
		add(RefundQueue(r.Status))
		if r.Provisional {
			add(QueueUnconfirmed)
		}
		if r.unseen() {
			add(QueueReturned)
		}
	}
	for _, a := range o.Attempts {
		if o.ReturnedUnknown(a.No) {
			add(QueueReturned)
		}
	}
	return list
}

// Queue names one of finance's lists: orders with unapplied funds or refunds, all or in a state.
type Queue string

// The lists that take any state.
const (
	QueueUnapplied Queue = "exception"
	QueueRefunds   Queue = "refund"

	// QueueUnconfirmed are card payments and voids that a terminal reports and nobody has confirmed yet: the
	// provisional ones among them, and results that were not taken.
	QueueUnconfirmed Queue = "unconfirmed"

	// QueueReturned is money that went back at the institution without us: to be seen by a person, or to be
	// explained.
	QueueReturned Queue = "returned"
)

// UnappliedQueue is the list of orders with unapplied funds in a state.
func UnappliedQueue(s UnappliedState) Queue { return QueueUnapplied + ":" + Queue(s) }

// RefundQueue is the list of orders with a refund in a status.
func RefundQueue(s RefundStatus) Queue { return QueueRefunds + ":" + Queue(s) }
