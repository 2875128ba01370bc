package payment

import (
	"slices"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/payment/gateway"
)

// What people in finance say of money that went back at the institution: the moves, pure as those in moves.go.

// declaredBack books a declared refund that another person approved. It is none any more once the institution has told
// by itself what went back.
func (o *Order) declaredBack(no int, now time.Time) bool {
	r := *o.Refund(no)
	returns := &o.Attempt(r.Attempt).Returns
	left := r.Amount
	if o.toldSince(&r) || left > o.LeftUpstream(r.Attempt) {
		return false
	}
	if r.UpstreamNo != "" {
		f := ForeignRefund{Number: r.UpstreamNo, Amount: r.Amount, Noticed: r.Noticed}
		returns.Named = append(slices.Clip(returns.Named), f)
	}
	returns.declared(r)
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
	a.Returns.priced(PricedAsNone)
	o.note(now, ReturnDismissed, attempt, by, note)
	o.schedule(now)
	return true
}

// reopenReturn takes a dismissal back, so that the payment waits to be explained again. Who had dismissed it, and who
// took that back and why, stay in the timeline.
func (o *Order) reopenReturn(attempt int, by, note string, now time.Time) bool {
	a := o.Attempt(attempt)
	if a.Returns.DismissedBy == "" {
		return false
	}
	a.Returns.DismissedBy, a.Returns.Note = "", ""
	a.Returns.reprice(PricedAsNone, "")
	o.note(now, ReturnReopened, attempt, by, note)
	o.schedule(now)
	return true
}

// declared reports whether a person's word of what went back waits for another's approval.
func (o *Order) declared(attempt int) bool {
	return slices.ContainsFunc(o.Refunds, func(r Refund) bool {
		return r.Attempt == attempt && r.Foreign && r.Status == RefundRequested
	})
}

// explainFirst is the fault of a refund that might give money back twice: the institution says that some of the payment
// went back, and nobody has found out how much. nil where nothing is in the way.
func (o *Order) explainFirst(attempt int) error {
	switch {
	case o.declared(attempt):
		return fault.New(fault.WrongState, "该笔支付登记的渠道退款尚待审批，再退款可能重复退出。请先审批或驳回该登记。",
			"What was declared to have gone back of this payment waits for approval, and a refund might give it "+
				"back twice. "+
				"Approve or reject it first.").With("explain_first", attempt)
	case o.ReturnedUnknown(attempt):
		return fault.New(fault.WrongState,
			"支付渠道表示该笔支付已有款项退回，但未告知金额，再退款可能重复退出。请财务先在“渠道退款”中查明。",
			"The institution says that some of this payment went back, and not how much: a refund might give it "+
				"back twice. "+
				"Finance must first find out how much, under Channel refunds.").With("explain_first", attempt)
	}
	return nil
}

// MayLeave is the WrongState fault of paying an attempt's money out by other means than a refund: nobody but a device
// says that it came, or the institution says that some of it went back and nobody has found out how much. nil where it
// may leave.
func (o *Order) MayLeave(attempt int) error {
	if o.Attempt(attempt).Provisional {
		return fault.New(fault.WrongState, "该笔刷卡仅有终端回报，对账单尚未确认到账，暂不能付出。",
			"Nobody but a terminal says that this card payment came: it cannot be paid out until the statement has it.")
	}
	return o.explainFirst(attempt)
}

// WouldReopen are the items that a refund gives back: of one that a person declared and nobody has approved, those that
// its approval would take as things stand.
func (o *Order) WouldReopen(r *Refund) []RefundItem {
	if !r.Foreign || r.Status != RefundRequested {
		return r.Items
	}
	then := o.copy()
	if !then.decided(r.No, true, "", "", "", r.RequestedAt) {
		return nil
	}
	var items []RefundItem
	for i := range then.Refunds {
		was := o.Refund(then.Refunds[i].No)
		if then.Refunds[i].Status != RefundSucceeded || was != nil && was.Status == RefundSucceeded {
			continue
		}
		for _, it := range then.Refunds[i].Items {
			items = addItem(items, it.Ref, it.Amount)
		}
	}
	return items
}

// inBooks reports whether a refund is in the order by that number: one of ours, or one that the institution named.
func (o *Order) inBooks(a *Attempt, number string) bool {
	return o.ownRefund(gateway.RefundReport{OutRefundNo: number}) ||
		slices.ContainsFunc(a.Returns.Named, ForeignRefund{Number: number}.same)
}

// declareReturn asks that an amount be booked which went back at the institution without its telling how much; another
// person decides.
func (o *Order) declareReturn(attempt int, n DeclaredReturn, now time.Time) (no int, err error) {
	a := o.Attempt(attempt)
	switch {
	case a == nil:
		return 0, fault.New(fault.NotFound, "支付记录不存在。", "There is no such payment.")
	case !o.ReturnedUnknown(attempt):
		return 0, fault.New(fault.WrongState, "该笔支付没有待核实的渠道退款。",
			"No refund at the institution waits to be explained here.")
	case n.Number != "" && o.inBooks(a, n.Number):
		return 0, fault.New(fault.Invalid, "该单号的退款已入账，无需登记。", "The refund of that number is in the books.")
	case n.Amount <= 0 || n.Amount > o.LeftUpstream(attempt):
		return 0, fault.New(fault.Invalid, "退款金额超出该笔支付的余额。",
			"More is said to have gone back than is left of the payment.")
	}
	r := Refund{
		No: len(o.Refunds) + 1, Attempt: attempt, Amount: n.Amount, Foreign: true, UpstreamNo: n.Number,
		Reason: foreignReason, Status: RefundRequested,
		Signatures: approval.Signatures{RequestedBy: n.By, RequestedAt: now}, Note: n.Note, Key: n.Key,
		Declared: n.Amount, Noticed: NoticedByPerson,
	}
	r.OutRefundNo = gateway.OutRefundNo(o.ID, r.No)
	o.Refunds = append(o.Refunds, r)
	o.note(now, RefundAsked, attempt, n.By, r.OutRefundNo+" "+r.Amount.Yuan()+" "+n.Note)
	o.schedule(now)
	return r.No, nil
}
