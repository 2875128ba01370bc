package payment_test

import (
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// unknownPayment is money that an institution took under a number that no order has, and its notification.
func (w *world) unknownPayment(b *institution, amount money.Fen) (out string, told gateway.RawNotification) {
	out = strings.Repeat("7", 26)
	b.trades[out] = &trade{charge: gateway.Charge{OutTradeNo: out, Amount: amount}, state: gateway.TradeUnpaid}
	return out, b.pay(out)
}

// unmatchedOrder is the one order that holds money of an unknown number.
func (w *world) strayOrder() *payment.Order {
	w.t.Helper()
	all, _, err := w.pay.Find(w.t.Context(), payment.Filter{Company: "c"})
	if err != nil || len(all) != 1 {
		w.t.Fatalf("%d orders hold it, %v", len(all), err)
	}
	return &all[0]
}

// The messages of a payment that no order knows and of a refund of it come in any order: the payment is held, less what
// went back.
func TestARefundIsToldBeforeItsUnknownPayment(t *testing.T) {
	for name, first := range map[string]bool{"the refund first": true, "the payment first": false,
		"the payment's is lost": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			out, paid := w.unknownPayment(w.wechat, 300)
			messages := []gateway.RawNotification{paid, w.wechat.refundHere(out, "P1", 130),
				w.wechat.refundHere(out, "P2", 30)}
			if first {
				messages = append(messages[1:], paid)
			}
			if strings.Contains(name, "lost") {
				messages = messages[:2]
			}
			for _, m := range messages {
				if got := w.notify(gateway.WeChat, m); got != 200 {
					t.Fatalf("answered %d", got)
				}
			}
			w.sweep(w.pay, 10*time.Second)
			if o := w.strayOrder(); o.BackUpstream(1) != 160 || o.UnappliedFunds(1) == nil {
				t.Errorf("%s went back: %+v", o.BackUpstream(1), o.Unapplied)
			}
			if a := w.verified(); a.Taken != 300 || a.GivenBack != 160 {
				t.Errorf("the ledger has %s less %s", a.Taken, a.GivenBack)
			}
		})
	}
}

// A refund of a payment that the institution did not take from a payer of ours, or knows nothing of, is none of ours.
func TestARefundOfNoPaymentOfThisAccount(t *testing.T) {
	w := newWorld(t)
	if got := w.notify(gateway.WeChat, w.wechat.refundHere(strings.Repeat("6", 26), "P1", 130)); got != 200 {
		t.Errorf("answered %d", got)
	}
	out, _ := w.unknownPayment(w.wechat, 300)
	w.wechat.trades[out].state = gateway.TradeClosed
	if got := w.notify(gateway.WeChat, w.wechat.refundHere(out, "P2", 130)); got != 200 {
		t.Errorf("answered %d", got)
	}
	w.wechat.silent = true
	if got := w.notify(gateway.WeChat, w.wechat.refundHere(out, "P3", 130)); got == 200 {
		t.Error("acknowledged though the institution could not be asked")
	}
	if all, _, err := w.pay.Find(t.Context(), payment.Filter{Company: "c"}); err != nil || len(all) != 0 {
		t.Errorf("%d orders were made, %v", len(all), err)
	}
}

// A sum that is told of an unknown payment while a refund of ours is under way is not acknowledged until that has
// ended: it proves nothing yet, and an institution that tells it in messages alone tells it once more.
func TestASumToldOfAnUnknownPaymentWaitsForOurRefund(t *testing.T) {
	w := newWorld(t)
	out, paid := w.unknownPayment(w.alipay, 300)
	if got := w.notify(gateway.Alipay, paid); got != 200 {
		t.Fatalf("answered %d", got)
	}
	o := w.strayOrder()
	w.alipay.slowRefund = true
	o, err := w.pay.DecideUnapplied(t.Context(), o.ID, 1, payment.Return, "staff:f", "")
	if err != nil {
		t.Fatal(err)
	}
	if o, err = w.pay.DecideRefund(t.Context(), o.ID, 1, true, "staff:g", ""); err != nil {
		t.Fatal(err)
	}
	w.alipay.says = func(r *gateway.Report) { r.Returned, r.ReturnedAmount = gateway.ReturnedSome, 130 }
	sum := message(w.alipay.report(w.alipay.trades[out]))
	w.alipay.says = nil
	if got := w.notify(gateway.Alipay, sum); got == 200 {
		t.Error("the sum was acknowledged while our refund was under way")
	}
	w.alipay.refunds[o.Refund(1).OutRefundNo].state = gateway.RefundClosed
	w.pass(time.Hour)
	w.sweep(w.pay, 10*time.Second)
	if got := w.notify(gateway.Alipay, sum); got != 200 {
		t.Errorf("answered %d once our refund had ended", got)
	}
	if o = w.get(o.ID); o.BackUpstream(1) != 130 {
		t.Errorf("%s went back: %+v", o.BackUpstream(1), o.Refunds)
	}
	w.verified()
}

// A refund of ours that begins between the reading of an order and the writing of what an institution tells of it makes
// the message wait, as one that had begun before.
func TestASumThatOurRefundOvertakesWaits(t *testing.T) {
	w := newWorld(t)
	o := w.paid(gateway.Alipay, w.alipay, "b1", "b2")
	out := o.Attempt(1).OutTradeNo
	w.alipay.slowRefund = true
	o, no, _, err := w.pay.RequestRefund(t.Context(), o.ID, payment.NewRefund{
		Items: []payment.RefundItem{item("b1", 100)}, Reason: "住户申请", By: "staff:f", IdempotencyKey: "k",
	})
	if err != nil {
		t.Fatal(err)
	}
	overtakes := true
	s := w.service(&troubled{Store: w.store, reads: reads, writes: func(collection string, d store.Doc) error {
		if collection == "orders" && d.ID == o.ID && overtakes {
			overtakes = false
			_, err := w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:g", "")
			return err
		}
		return nil
	}})
	w.alipay.says = func(r *gateway.Report) { r.Returned, r.ReturnedAmount = gateway.ReturnedSome, 60 }
	sum := message(w.alipay.report(w.alipay.trades[out]))
	w.alipay.says = nil
	if got := s.Receive(t.Context(), gateway.Alipay, w.account(gateway.Alipay), sum); got.Status == 200 || overtakes {
		t.Errorf("answered %d; overtaken: %t", got.Status, !overtakes)
	}
	w.alipay.refunds[w.get(o.ID).Refund(no).OutRefundNo].state = gateway.RefundClosed
	w.pass(time.Hour)
	w.sweep(w.pay, 10*time.Second)
	if got := w.notify(gateway.Alipay, sum); got != 200 {
		t.Errorf("answered %d once our refund had ended", got)
	}
	if o = w.get(o.ID); o.BackUpstream(1) != 60 {
		t.Errorf("%s went back: %+v", o.BackUpstream(1), o.Refunds)
	}
	w.verified()
}
