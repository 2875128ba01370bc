package payment

import (
	"fmt"
	"slices"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment/gateway"
)

// RefundStatus is the state of one giving back (退款).
type RefundStatus string

// The statuses of a refund.
const (
	RefundRequested RefundStatus = "requested" // 待审批: another person must approve or reject it
	RefundRejected  RefundStatus = "rejected"  // 已驳回: final, nothing went back
	// 退款中: the institution is asked until it says how it ended; for cash, the cashier hands it out
	RefundPending   RefundStatus = "pending"
	RefundSucceeded RefundStatus = "succeeded" // 已退款: the money went back; final
	RefundFailed    RefundStatus = "failed"    // 退款失败: nothing went back and nothing will; final
	RefundAbnormal  RefundStatus = "abnormal"  // 退款异常: a person must act; the institution is still asked now and then
)

// RefundStatuses lists all statuses of a refund.
func RefundStatuses() []RefundStatus {
	return []RefundStatus{RefundRequested, RefundRejected, RefundPending, RefundSucceeded, RefundFailed, RefundAbnormal}
}

// RefundMatter is who asks for a refund (退款申请) and who decides it.
func RefundMatter() approval.Matter {
	return approval.Matter{ZH: "退款", EN: "refund", Asks: []string{"cashier", "finance"},
		Clients: []string{"refunds.write"}, Decides: []string{"finance"}}
}

// RefundTransitions is the one table of allowed changes of a refund's status; docs/state-machine.md draws the same.
func RefundTransitions() map[RefundStatus][]RefundStatus {
	return map[RefundStatus][]RefundStatus{
		RefundRequested: {RefundPending, RefundRejected},
		RefundPending:   {RefundSucceeded, RefundFailed, RefundAbnormal},
		RefundAbnormal:  {RefundPending, RefundSucceeded, RefundFailed},
		RefundRejected:  {},
		RefundSucceeded: {},
		RefundFailed:    {},
	}
}

// Refund is money of one attempt on its way back to the payer.
type Refund struct {
	No          int       `json:"no"`                // 1, 2, … within the order
	OutRefundNo string    `json:"out_refund_no"`     // the number an institution knows it by
	Receipt     string    `json:"receipt,omitempty"` // the receipt's number, from the ledger's line
	Attempt     int       `json:"attempt"`           // whose money
	Amount      money.Fen `json:"amount"`
	// what becomes owed again; empty when the money had paid for nothing
	Items     []RefundItem `json:"items,omitempty"`
	Unapplied int          `json:"exception,omitempty"` // number of the unapplied funds that it gives back
	// Foreign: number of the unapplied funds that were kept as a prepayment, and of which it took this back
	Kept   int          `json:"kept,omitempty"`
	Reason string       `json:"reason"` // for the payer
	Status RefundStatus `json:"status"`
	// what it gives back was paid ahead, and is not set aside yet: it goes nowhere before
	Withholding bool `json:"withholding,omitempty"`

	// who asked, and who approved or rejected it; DecidedAt is also when it was last sent on its way again
	approval.Signatures
	DoneBy string `json:"done_by,omitempty"` // who handed out cash, or settled an abnormal one by other means
	ByHand bool   `json:"by_hand,omitempty"` // it did not go back through the institution
	Note   string `json:"note,omitempty"`    // why it was rejected, or how it was settled by hand

	Foreign bool `json:"foreign,omitempty"` // 渠道退款: it was made at the institution; nobody here asked for it
	// Foreign: the number that the institution knows it by, where it told one
	UpstreamNo string `json:"upstream_no,omitempty"`
	SeenBy     string `json:"seen_by,omitempty"` // Foreign: who in finance has seen it

	// Foreign: what a person named as its amount, by which a repeat is known
	Declared money.Fen `json:"declared,omitempty"`

	Noticed Noticed `json:"noticed,omitempty"` // Foreign: how we came to know of it

	// card: undone on the terminal within its batch (撤销), not by the institution's refund
	Void bool          `json:"void,omitempty"`
	Word *DeviceReport `json:"word,omitempty"` // card: what the terminal reported of that

	// card: booked on the terminal's word of a void; the statement has not agreed yet
	Provisional bool   `json:"provisional,omitempty"`
	Doubt       string `json:"doubt,omitempty"` // card: what the statement says instead

	RefundID    string                `json:"refund_id,omitempty"` // the institution's 退款单号
	SucceededAt time.Time             `json:"succeeded_at,omitzero"`
	Failure     string                `json:"failure,omitempty"` // the institution's code and text, for staff
	Why         gateway.DeclineReason `json:"why,omitempty"`     // of a refusal
	AskedAt     time.Time             `json:"asked_at,omitzero"` // when the institution was last asked
	Sending     Submission            `json:"sending,omitzero"`  // the requests to give back
	HeardAt     time.Time             `json:"heard_at,omitzero"` // when it last answered with its signature
	Checks      int                   `json:"checks,omitempty"`  // questions so far, for the growing pauses
	Heard       gateway.RefundState   `json:"heard,omitempty"`   // what it said then

	Key string `json:"key,omitempty"` // Idempotency-Key of the request that made it
}

// RefundItem is how much of one item of the order goes back.
type RefundItem struct {
	Ref    string    `json:"ref"`
	Amount money.Fen `json:"amount" least:"1"`
}

// refundsMost bounds the refunds of one order: WeChat Pay documents 50 of one payment (最多支持 50 次部分退款).
const refundsMost = 50

// alive reports whether the refund gives its money back or still may.
func (r *Refund) alive() bool { return r.Status != RefundRejected && r.Status != RefundFailed }

// settledOtherwise reports whether the refund had its end without the institution's giving that money back under its
// number: what goes back under it after all is another refund.
func (r *Refund) settledOtherwise() bool {
	return r.Status == RefundFailed || r.Status == RefundRejected || r.Status == RefundSucceeded &&
		(r.ByHand || r.Foreign)
}

// pollable reports whether an institution must be asked about the refund.
func (r *Refund) pollable() bool {
	return r.Status == RefundPending && !r.Withholding ||
		r.Status == RefundAbnormal && r.Heard != gateway.RefundNotFound
}

func (r *Refund) become(to RefundStatus) bool {
	if !slices.Contains(RefundTransitions()[r.Status], to) {
		return false
	}
	r.Status = to
	return true
}

// Refund returns the refund with the number, or nil.
func (o *Order) Refund(no int) *Refund {
	for i := range o.Refunds {
		if o.Refunds[i].No == no {
			return &o.Refunds[i]
		}
	}
	return nil
}

// Refund is what went back of an attempt's money, in fen.
func (o *Order) GivenBack(attempt int) money.Fen {
	return o.sumRefunds(func(r *Refund) bool { return r.Attempt == attempt && r.Status == RefundSucceeded })
}

// Refunded is what went back of the money that the order keeps, in fen.
func (o *Order) Refunded() money.Fen {
	return o.sumRefunds(func(r *Refund) bool { return len(r.Items) > 0 && r.Status == RefundSucceeded })
}

func (o *Order) sumRefunds(which func(*Refund) bool) money.Fen {
	var sum money.Fen
	for i := range o.Refunds {
		if which(&o.Refunds[i]) {
			sum += o.Refunds[i].Amount // bounded by what was received
		}
	}
	return sum
}

// Refundable is how much of an item may still be asked back, in fen: what it was paid with, less what has gone back or
// may still go.
func (o *Order) Refundable(ref string) money.Fen {
	if o.Status != Paid {
		return 0
	}
	var left money.Fen
	for _, it := range o.Items {
		if it.Ref == ref && !it.Unsettled {
			left = it.Amount
		}
	}
	for i := range o.Refunds {
		for _, it := range o.Refunds[i].Items {
			if it.Ref == ref && o.Refunds[i].alive() {
				left -= it.Amount
			}
		}
	}
	return max(0, left) // what went back at the institution may have been on its way here too
}

// ItemGivenBack is what went back of an item, in fen.
func (o *Order) ItemGivenBack(ref string) money.Fen {
	var sum money.Fen
	for i := range o.Refunds {
		for _, it := range o.Refunds[i].Items {
			if it.Ref == ref && o.Refunds[i].Status == RefundSucceeded {
				sum += it.Amount // bounded by the item's amount
			}
		}
	}
	return sum
}

// PaysFor reports whether the order, once paid, pays for an item.
func (o *Order) PaysFor(ref string) bool {
	return slices.ContainsFunc(o.Items, func(it Item) bool { return it.Ref == ref && !it.Unsettled })
}

// reopened reports whether part of an item has gone back, so that the item is owed again and the order no longer holds
// it.
func (o *Order) reopened(ref string) bool {
	return o.ItemGivenBack(ref) > 0
}

// The moves of refunds, pure as those in moves.go.

// giveBack adds a refund of an attempt's money, on its way (approved) or waiting for approval.
func (o *Order) giveBack(r Refund, approved bool, now time.Time) *Refund {
	r.No = len(o.Refunds) + 1
	r.OutRefundNo, r.RequestedAt, r.Status = gateway.OutRefundNo(o.ID, r.No), now, RefundRequested
	o.note(now, RefundAsked, r.Attempt, r.RequestedBy, r.OutRefundNo+" "+r.Amount.Yuan()+" "+r.Reason)
	if approved {
		r.become(RefundPending)
		r.DecidedAt, r.Void = now, o.voidable(&r, now)
		o.note(now, RefundApproved, r.Attempt, "", r.OutRefundNo)
	}
	o.Refunds = append(o.Refunds, r)
	o.schedule(now)
	return &o.Refunds[len(o.Refunds)-1]
}

// needsNobody reports whether a refund of that amount needs no second person: what people had given back of the order
// without one, and it, are together within the limit. What the system gives back by its own rules is nobody's request.
func (o *Order) needsNobody(amount, limit money.Fen) bool {
	for _, r := range o.Refunds {
		ended := r.Status == RefundRejected || r.Status == RefundFailed
		if r.RequestedBy != "" && r.DecidedBy == "" && !r.Foreign && r.Status != RefundRequested && !ended {
			amount += r.Amount
		}
	}
	return amount <= limit
}

// decided approves or rejects a requested refund, by a person who does it for another or for themselves ("").
func (o *Order) decided(no int, approve bool, by, decidedFor, note string, now time.Time) bool {
	r := o.Refund(no)
	to, what := RefundRejected, RefundDeclined
	if approve {
		to, what = RefundPending, RefundApproved
	}
	if r.Status != RefundRequested || !r.become(to) {
		return false
	}
	r.DecidedBy, r.DecidedFor, r.DecidedAt, r.Void = by, decidedFor, now, approve && o.voidable(r, now)
	if !r.Foreign || !approve {
		r.Note = note
	}
	o.note(now, what, r.Attempt, by, r.OutRefundNo)
	if r.Foreign && approve {
		return o.declaredBack(no, now)
	}
	if !approve {
		o.reopenUnapplied(r.Unapplied, now)
		o.release(r)
	}
	o.schedule(now)
	return true
}

// refundDone records that the money went back, once: it stops holding what becomes owed again, and owes the ledger its
// line.
func (o *Order) refundDone(no int, refundID string, at, now time.Time) bool {
	r := o.Refund(no)
	if !r.become(RefundSucceeded) {
		return false
	}
	if at.IsZero() {
		at = now
	}
	r.RefundID, r.SucceededAt, r.Failure, r.Why = refundID, at, "", ""
	r.Items = o.fitItems(r)
	o.note(now, RefundArrived, r.Attempt, r.DoneBy, r.OutRefundNo+" "+r.Amount.Yuan())
	o.enqueue(PostRefund, no)
	if len(r.Items) > 0 || r.Kept > 0 {
		o.enqueue(ReopenItems, no)
	} else {
		o.release(r)
	}
	o.unappliedRefunded(r.Unapplied, now)
	o.schedule(now)
	if !r.Foreign { // what the institution says went back in all is explained by it, or not
		o.Attempt(r.Attempt).Returns.priced(PricedByItself, r.OutRefundNo, refundID)
		o.bookReturns(r.Attempt, now)
		o.askAgain(o.Refund(no).Attempt, now)
	}
	return true
}

// refundFailed records that nothing went back and nothing will.
func (o *Order) refundFailed(no int, by, why string, now time.Time) bool {
	r := o.Refund(no)
	if !r.become(RefundFailed) {
		return false
	}
	r.Failure, r.DoneBy = why, by
	o.release(r)
	o.note(now, RefundUnsuccessful, r.Attempt, by, r.OutRefundNo+" "+why)
	o.reopenUnapplied(r.Unapplied, now)
	o.schedule(now)
	o.bookReturns(r.Attempt, now)
	o.askAgain(o.Refund(no).Attempt, now)
	return true
}

// refundStuck records that a person must act.
func (o *Order) refundStuck(no int, why string, reason gateway.DeclineReason, now time.Time) bool {
	r := o.Refund(no)
	if !r.become(RefundAbnormal) {
		return false
	}
	r.Failure, r.Why = why, reason
	o.note(now, RefundNeedsPerson, r.Attempt, "", r.OutRefundNo+" "+why)
	o.schedule(now)
	return true
}

// refundAgain sends an abnormal refund on its way again, under the same number.
func (o *Order) refundAgain(no int, by string, now time.Time) bool {
	r := o.Refund(no)
	if r.Status != RefundAbnormal || !r.become(RefundPending) {
		return false
	}
	r.Void = false
	r.Checks, r.AskedAt, r.HeardAt, r.Heard, r.Failure, r.Why, r.DecidedAt = 0, time.Time{}, time.Time{}, "", "", "",
		now
	o.note(now, RefundRetried, r.Attempt, by, r.OutRefundNo)
	o.schedule(now)
	return true
}

// checkRefund says whether items may be given back, and how much that is.
func (o *Order) checkRefund(items []RefundItem) (money.Fen, error) {
	if o.Status != Paid {
		return 0, fault.New(fault.WrongState, "订单未支付，无可退款项。", "The order is not paid: there is nothing to give back.")
	}
	if o.enqueued(SettleItems) {
		return 0, fault.New(fault.WrongState, "订单正在入账，请稍后再申请退款。",
			"The order is being settled; please try again in a moment.")
	}
	if err := o.explainFirst(o.PaidBy); err != nil {
		return 0, err
	}
	if len(o.Refunds) >= refundsMost {
		return 0, fault.New(fault.WrongState, "该订单退款次数已达上限。",
			"This order has had as many refunds as the institutions allow.")
	}
	if len(items) == 0 {
		return 0, fault.New(fault.Invalid, "请选择要退款的账单。", "Choose what to give back.")
	}
	var sum money.Fen
	for i, it := range items {
		twice := slices.ContainsFunc(items[:i], func(x RefundItem) bool { return x.Ref == it.Ref })
		if it.Amount <= 0 || twice || it.Amount > o.Refundable(it.Ref) {
			return 0, o.notRefundable(it, twice).With("ref", it.Ref).With("refundable", o.Refundable(it.Ref))
		}
		sum += it.Amount // bounded by the order's amount
	}
	return sum, nil
}

// notRefundable says in words why an item cannot be given back as asked, and how much of it can at most.
func (o *Order) notRefundable(asked RefundItem, twice bool) *fault.Error {
	i := slices.IndexFunc(o.Items, func(it Item) bool { return it.Ref == asked.Ref })
	if i < 0 {
		return fault.New(fault.Invalid, "该订单没有这笔账单。", "The order has no such bill.")
	}
	it, most := o.Items[i], o.Refundable(asked.Ref)
	name, named := ItemTitle(it.Title, false), ItemTitle(it.Title, true)
	switch {
	case twice:
		return fault.New(fault.Invalid, "「"+name+"」选了两次。", named+" is chosen twice.")
	case it.Unsettled:
		return fault.New(fault.Invalid, "「"+name+"」已由其他方式缴清，这里收到的款项请在“异常款”中退回。",
			named+" had been settled otherwise: its money goes back from the unapplied funds.")
	case asked.Amount <= 0:
		return fault.New(fault.Invalid, "「"+name+"」的退款金额须大于 0。", "Give back more than nothing of "+named+".")
	}
	gone := it.Amount - most
	zh := fmt.Sprintf("「%s」最多可退 ¥%s：实缴 ¥%s", name, most.Yuan(), it.Amount.Yuan())
	en := fmt.Sprintf("%s: ¥%s at most can go back, of ¥%s paid", named, most.Yuan(), it.Amount.Yuan())
	if gone > 0 {
		zh, en = zh+fmt.Sprintf("，已退或正在退 ¥%s", gone.Yuan()),
			en+fmt.Sprintf(" ¥%s went back or is on its way", gone.Yuan())
	}
	return fault.New(fault.Invalid, zh+"。", en+".")
}

// nothingWent reports whether the institution's word is that nothing went back, or there is none to be had: no question
// reaches the void of a card payment that only statements tell of.
func (o *Order) nothingWent(r *Refund) bool {
	return r.Heard == gateway.RefundNotFound || r.Void && o.Attempt(r.Attempt).Confirmation == gateway.ByStatement
}
