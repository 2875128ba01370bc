package simulate

import (
	"context"
	"fmt"
	"time"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// Money that goes back at the institutions without us, what each institution says of that, and what it leaves out.

// office is somebody of the property company's who gives money back on the institutions' own pages.
func (w *world) office() {
	for !w.calm {
		w.sched.sleep(w.sched.between(20*time.Second, 2*time.Minute))
		b := one(w.sched, w.institutions...)
		if !w.likely(RefundHere) || len(b.order) == 0 {
			continue
		}
		if t := one(w.sched, b.order...); b.refundHere(t) {
			w.figures.Faults[RefundHere]++
		}
	}
}

// refundHere gives money of a payment back on the institution's own page, whole or in part; it reports whether there
// was any. What nobody would tell us of but a statement of scans, which the product does not read, is left out: refunds
// at Ruiyinxin, and of cards that only the statement tells of.
func (b *institution) refundHere(t *trade) bool {
	left := t.amount - t.promised()
	if t.state != gateway.TradePaid || left <= 0 || t.byStatement() || b.name == gateway.Ruiyinxin {
		return false
	}
	if b.w.sched.odds(600) {
		left = 1 + money.Fen(b.w.sched.dice.Int64N(int64(left)))
	}
	r := &refund{
		trade: t, no: b.number("P"), id: b.number("R"), amount: left, here: true,
		state: gateway.RefundProcessing, ends: gateway.RefundDone,
	}
	b.refunds[r.no] = r
	t.refunds = append(t.refunds, r)
	b.w.sched.after(b.w.sched.between(time.Second, 10*time.Second), r.finish)
	return true
}

// tellReturned is what an answer says of money that went back, in each institution's manner. Lakala has one word for
// given back and for reversed.
func (t *trade) tellReturned(r *gateway.Report) {
	name := t.at.name
	all := t.state == gateway.TradePaid && t.gave >= t.amount
	switch {
	case name == gateway.Lakala && t.revoked:
		r.State, r.Returned = gateway.TradePaid, gateway.ReturnedAll
	case t.state != gateway.TradePaid || t.gave == 0:
	case name == gateway.WeChat, name == gateway.Shengpay:
		r.Returned = gateway.ReturnedSome
	case name == gateway.Ruiyinxin:
	case all:
		r.Returned = gateway.ReturnedAll
	case name == gateway.Lakala:
		r.Returned, r.ReturnedAmount = gateway.ReturnedSome, t.gave
	}
}

// tellRefundHere reports a refund that was made on the institution's page: WeChat Pay and Shengpay by its number,
// Alipay by the sum of all; the others do not.
func (b *institution) tellRefundHere(r *refund) {
	switch b.name {
	case gateway.WeChat, gateway.Shengpay:
		b.tellRefund(r)
	case gateway.Alipay:
		t := r.trade
		says := t.report()
		says.State, says.Returned, says.ReturnedAmount = gateway.TradePaid, gateway.ReturnedSome, t.gave
		b.deliver(t, wire{ID: b.number("E"), Merchant: t.account, Trade: &says}, nil)
	}
}

// read is an answer or a notification as the institution's gateway reads it, when the institution leaves out what it
// calls optional.
func (b *institution) read(r gateway.Report) gateway.Report {
	if r.State == gateway.TradePaid && b.w.strikes(Sparse) {
		r.PaidAt, r.Currency, r.Merchant, r.App, r.Raw = time.Time{}, "", "", "", ""
	}
	if r.Currency == "" && !b.w.mutation.Literal {
		r.Currency = gateway.CNY
	}
	return r
}

// explainReturns works finance's list of money that went back at the institutions: what is told is seen; of what is
// not, the institution's page shows the number, by which it is asked, or the amount, which another approves.
func (w *world) explainReturns(o *payment.Order) {
	for _, r := range o.Refunds {
		if r.Foreign && r.Status == payment.RefundSucceeded && r.SeenBy == "" {
			w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
				return s.SeeReturn(ctx, o.ID, r.No, "staff:finance", "")
			})
		}
	}
	for _, a := range o.Attempts {
		if o.ReturnedUnknown(a.No) {
			w.explain(o, a)
		}
	}
}

func (w *world) explain(o *payment.Order, a payment.Attempt) {
	n := payment.DeclaredReturn{By: "staff:finance", Key: w.key()}
	if t := w.bank(a.Institution).known(a.OutTradeNo, a.TransactionID); t != nil {
		for _, r := range t.refunds {
			if r.here && r.state == gateway.RefundDone {
				n.Number = r.no
				if w.sched.odds(500) {
					n.Amount, n.Note = r.amount, "商户平台"
				}
			}
		}
	}
	w.staff(func(ctx context.Context, s *payment.Service) (o2 *payment.Order, err error) {
		if n.Number == "" {
			return s.DismissReturn(ctx, o.ID, a.No, "staff:finance", "平台无其他退款")
		}
		o2, _, _, err = s.ExplainReturn(ctx, o.ID, a.No, n)
		return o2, err
	})
}

// backHere is what went back of a trade on the institution's page.
func (t *trade) backHere() (sum money.Fen) {
	for _, r := range t.refunds {
		if r.here && r.state == gateway.RefundDone {
			sum += r.amount
		}
	}
	return sum
}

// foreignOf is what the books say went back of an attempt's money at its institution without us.
func (o *brief) foreignOf(attempt int) (sum money.Fen) {
	for _, r := range o.Refunds {
		if r.Attempt == attempt && r.Foreign && r.Status == payment.RefundSucceeded {
			sum += r.Amount
		}
	}
	return sum
}

// returnedHere holds a refund that is booked as made at the institution against its books at that moment.
func (w *world) returnedHere(o *brief, r *briefRefund) {
	a := o.attempt(r.Attempt)
	t := w.bank(a.Institution).known(a.Out, a.Tx)
	if t == nil || o.foreignOf(a.No) > t.backHere() {
		w.violate("told refunded", o.ID, fmt.Sprintf(
			"%s are booked as given back by %s of itself, which did not give that back", o.foreignOf(a.No),
			a.Institution))
	}
}

// returnsAgree holds what went back on an institution's page against the books. Of a charge that we had reversed, and
// that was given back there instead, they know nothing: neither that it was paid nor that it went back.
func (w *world) returnsAgree(t *trade, at *place) {
	switch {
	case at == nil && t.took == t.gave:
	case at == nil && t.backHere() > 0, at != nil && w.seen[at.id].foreignOf(at.no) != t.backHere():
		w.violate("money", orderOf(t.out), fmt.Sprintf(
			"%s gave %s of %s back of itself, and the books say something else", t.at.name, t.backHere(), t.out))
	}
}

// anotherAmount holds money that is unapplied for its amount against what the institution took.
func (w *world) anotherAmount(o *brief, e briefUnapplied) {
	a := o.attempt(e.Attempt)
	if e.Reason != payment.UnappliedAmount || a.Institution == gateway.Cash {
		return
	}
	if t := w.bank(a.Institution).known(a.Out, a.Tx); t != nil && t.amount == t.asked {
		w.violate("amount", o.ID, fmt.Sprintf(
			"attempt %d counts as paid with another amount, and %s took what was asked", a.No, a.Institution))
	}
}
