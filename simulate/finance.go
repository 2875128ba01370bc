package simulate

import (
	"context"
	"fmt"
	"time"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// finance works off its lists: it asks for refunds, and another approves or rejects them; it hands out cash, sends
// stuck refunds again or settles them by hand, and decides about unapplied funds.
func (w *world) finance() {
	for round := 0; ; round++ {
		w.sched.sleep(w.sched.between(time.Minute, 4*time.Minute))
		if w.calm {
			w.sched.sleep(w.sched.between(10*time.Minute, 90*time.Minute))
		} else {
			for range 2 + w.plan.orders/200 {
				w.wishRefund()
			}
		}
		if !w.work(payment.RefundQueue(payment.RefundRequested), payment.RefundQueue(payment.RefundPending),
			payment.RefundQueue(payment.RefundAbnormal),
			payment.UnappliedQueue(payment.UnappliedOpen), payment.QueueUnconfirmed, payment.QueueReturned) {
			continue
		}
		for _, company := range w.companies {
			w.list(company, payment.RefundQueue(payment.RefundRequested), w.decideRefunds)
			w.list(company, payment.RefundQueue(payment.RefundPending), w.handOut)
			w.list(company, payment.RefundQueue(payment.RefundAbnormal), w.mendRefunds)
			w.list(company, payment.UnappliedQueue(payment.UnappliedOpen), w.decideUnapplied)
			w.list(company, payment.QueueUnconfirmed, w.denyCards)
			w.list(company, payment.QueueReturned, w.explainReturns)
		}
	}
}

// list does something for each order on one of a company's lists.
func (w *world) list(company string, work payment.Queue, do func(*payment.Order)) {
	var orders []payment.Order
	_, err := w.ask(func(ctx context.Context, p *process) (_ *payment.Order, err error) {
		orders, _, err = p.pay.Find(ctx, payment.Filter{Company: company, Work: work, Limit: 100})
		return nil, err
	})
	if err != nil {
		return
	}
	for i := range orders {
		w.told(&orders[i])
		do(&orders[i])
	}
}

// staff asks one of finance's requests, and sometimes two people do at once.
func (w *world) staff(call func(ctx context.Context, s *payment.Service) (*payment.Order, error)) {
	_, _ = w.askTwice(func(ctx context.Context, p *process) (*payment.Order, error) { return call(ctx, p.pay) })
}

// wishRefund asks for a refund of a paid order, whole or in part.
func (w *world) wishRefund() {
	b := w.anyOrder()
	if b == nil || b.Status != payment.Paid || w.sched.odds(500) {
		return
	}
	o, err := w.look(b.ID)
	if err == nil {
		w.askBack(o, false)
	}
}

// askBack asks for a refund of what an order keeps.
func (w *world) askBack(o *payment.Order, whole bool) {
	if !whole && w.limit > 0 && w.sched.odds(200) {
		w.inPieces(o)
		return
	}
	var items []payment.RefundItem
	for _, it := range o.Items {
		if left := o.Refundable(it.Ref); left > 0 && (whole || w.sched.odds(700)) {
			if !whole && w.sched.odds(400) {
				left = w.upTo(left)
			}
			items = append(items, payment.RefundItem{Ref: it.Ref, Amount: left})
		}
	}
	w.request(o, items)
}

// inPieces asks for one item back in pieces, each of which needs no second person by itself.
func (w *world) inPieces(o *payment.Order) {
	it := o.Items[0]
	for left := o.Refundable(it.Ref); left > 0 && w.sched.odds(800); {
		piece := w.upTo(min(left, w.limit))
		w.request(o, []payment.RefundItem{{Ref: it.Ref, Amount: piece}})
		left -= piece
	}
}

// upTo is any sum from one fen to that many.
func (w *world) upTo(most money.Fen) money.Fen {
	return 1 + money.Fen(w.sched.dice.Int64N(int64(most)))
}

func (w *world) request(o *payment.Order, items []payment.RefundItem) {
	n := payment.NewRefund{Items: items, Reason: "住户申请", IdempotencyKey: w.key(), By: "staff:maker"}
	w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
		o, _, _, err := s.RequestRefund(ctx, o.ID, n)
		return o, err
	})
}

func (w *world) decideRefunds(o *payment.Order) {
	for _, r := range o.Refunds {
		if r.Status == payment.RefundRequested {
			approve := w.sched.odds(850)
			w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
				return s.DecideRefund(ctx, o.ID, r.No, approve, "staff:checker", "审核")
			})
		}
	}
}

// handOut hands out cash, and sends somebody to the terminal where a card payment is to be undone.
func (w *world) handOut(o *payment.Order) {
	for _, r := range o.Refunds {
		if r.Status == payment.RefundPending && o.Attempt(r.Attempt).Institution == gateway.Cash {
			w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
				return s.HandOut(ctx, o.ID, r.No, "staff:cashier")
			})
		}
		if r.Status == payment.RefundPending && r.Void && r.Word == nil {
			w.undoOn(o, r)
		}
	}
}

// mendRefunds deals with refunds that are stuck: one that the payer's card does not take goes to another card, at the
// institution, or is handed out; one that was refused is sent again, or stays.
func (w *world) mendRefunds(o *payment.Order) {
	for _, r := range o.Refunds {
		if r.Status != payment.RefundAbnormal {
			continue
		}
		a := o.Attempt(r.Attempt)
		back := w.bank(a.Institution).refunds[r.OutRefundNo]
		stuck := back != nil && back.state == gateway.RefundAbnormal
		switch n := w.sched.dice.IntN(3); {
		case back != nil && back.void:
			// undone on the terminal already, as the acquirer says on the telephone: we shall hear of it
		case stuck && len(r.OutRefundNo)%2 == 1 && r.No%2 == 1:
			back.another()
			w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
				return s.RetryRefund(ctx, o.ID, r.No, "staff:finance")
			})
		case stuck:
			w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
				return s.SettleRefund(ctx, o.ID, r.No, true, "staff:finance", "现金退还")
			})
		case n == 0:
			w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
				return s.SettleRefund(ctx, o.ID, r.No, false, "staff:finance", "不退")
			})
		default:
			w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
				return s.RetryRefund(ctx, o.ID, r.No, "staff:finance")
			})
		}
	}
}

func (w *world) decideUnapplied(o *payment.Order) {
	for _, e := range o.Unapplied {
		if e.State != payment.UnappliedOpen {
			continue
		}
		d := one(w.sched, payment.Claim, payment.Return, payment.Return, payment.Prepay, payment.Dismiss)
		w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
			return s.DecideUnapplied(ctx, o.ID, e.No, d, fmt.Sprintf("staff:finance-%d", w.sched.dice.IntN(2)), "核对")
		})
	}
}
