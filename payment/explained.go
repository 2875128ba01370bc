package payment

import (
	"time"

	"linlipay/fault"
)

// What people in finance say of money that went back at the institution: the moves, pure as those in moves.go.

// declaredBack books a declared refund that another person approved. It is none any more once the institution has told
// by itself what went back.
func (o *Order) declaredBack(no int, now time.Time) bool {
	r := *o.Refund(no)
	returns := &o.Attempt(r.Attempt).Returns
	left := r.Amount
	if o.Attempt(r.Attempt).toldReturns() || left > o.leftUpstream(r.Attempt) {
		return false
	}
	if r.UpstreamNo != "" {
		returns.Named = []ForeignRefund{{Number: r.UpstreamNo, Amount: r.Amount, Noticed: r.Noticed}}
	}
	for r.SeenBy = r.DecidedBy; left > 0; { // whoever approves it has seen it
		left -= o.bookForeign(r, left, now)
		r.No, r.Key, r.Declared = 0, "", 0
	}
	return true
}

// seen records that a person has seen a refund that was made at the institution.
func (o *Order) seen(no int, by, note string, now time.Time) bool {
	r := o.Refund(no)
	if !r.unseen() {
		return false
	}
	r.SeenBy = by
	if note != "" {
		r.Note = note
	}
	o.note(now, ReturnSeen, r.Attempt, by, r.OutRefundNo+" "+note)
	return true
}

// dismissReturn records how a person found that nothing but our own refunds went back.
func (o *Order) dismissReturn(attempt int, by, note string, now time.Time) bool {
	if !o.ReturnedUnknown(attempt) {
		return false
	}
	a := o.Attempt(attempt)
	a.Returns.DismissedBy, a.Returns.Note = by, note
	o.note(now, ReturnSeen, attempt, by, note)
	return true
}

// declareReturn asks that an amount be booked which went back at the institution without its telling how much; another
// person decides.
func (o *Order) declareReturn(attempt int, n DeclaredReturn, now time.Time) (no int, err error) {
	a := o.Attempt(attempt)
	switch {
	case a == nil:
		return 0, fault.New(fault.NotFound, "支付记录不存在。", "There is no such payment.")
	case !o.ReturnedUnknown(attempt):
		return 0, fault.New(fault.WrongState, "该笔支付没有待核实的渠道退款。", "No refund at the institution waits to be explained here.")
	case n.Amount <= 0 || n.Amount > o.leftUpstream(attempt):
		return 0, fault.New(fault.Invalid, "退款金额超出该笔支付的余额。", "More is said to have gone back than is left of the payment.")
	}
	r := Refund{
		No: len(o.Refunds) + 1, Attempt: attempt, Amount: n.Amount, Foreign: true, UpstreamNo: n.Number, Reason: foreignReason, Status: RefundRequested,
		RequestedBy: n.By, RequestedAt: now, Note: n.Note, Key: n.Key, Declared: n.Amount, Noticed: NoticedByPerson,
	}
	r.OutRefundNo = outRefundNo(o.ID, r.No)
	o.Refunds = append(o.Refunds, r)
	o.note(now, RefundAsked, attempt, n.By, r.OutRefundNo+" "+r.Amount.Yuan()+" "+n.Note)
	o.schedule(now)
	return r.No, nil
}
