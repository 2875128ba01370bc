package payment_test

import (
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// What a refund of ours claimed may have gone back at the institution before it was approved: no item goes back by more
// than it was paid with, and the rest is taken from others.
func TestNoItemGoesBackTwice(t *testing.T) {
	w := newWorld(t)
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	o, _ = w.ask(o, "", item("b1", 100))
	o, no := w.ask(o, "", item("b2", 60))
	w.notify(gateway.WeChat, w.wechat.refundHere(o.Attempt(1).OutTradeNo, "P1", 100))
	if _, err := w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:checker", ""); err != nil {
		t.Fatal(err)
	}
	o = w.get(o.ID)
	b1, b2 := o.ItemGivenBack("b1"), o.ItemGivenBack("b2")
	if b1 > 100 || b2 > 100 || b1+b2 != 160 {
		t.Errorf("%d of b1 and %d of b2 went back, and 160 in all", b1, b2)
	}
	w.verified()
}

// A refund of ours is not booked again under any of its numbers, and a refund of another payment not at all.
func TestOurOwnRefundIsNoForeignOne(t *testing.T) {
	w := newWorld(t)
	w.limit = 100
	w.pay = w.service(w.store)
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	o, no := w.ask(o, "", item("b1", 40))
	own := w.wechat.refunds[o.Refund(no).OutRefundNo].report()
	byID := own
	byID.OutRefundNo, byID.OutTradeNo = own.RefundID, o.Attempt(1).OutTradeNo
	if got := w.notify(gateway.WeChat, refundMessage(byID)); got != 200 {
		t.Errorf("answered %d", got)
	}
	say := payment.DeclaredReturn{Number: own.OutRefundNo, By: "staff:f"}
	if _, _, _, err := w.pay.ExplainReturn(t.Context(), o.ID, 1, say); !fault.Is(err, fault.Invalid) {
		t.Errorf("named by a person: %v", err)
	}
	w.wechat.refundHere("another payment", "P7", 30)
	say.Number = "P7"
	if _, _, _, err := w.pay.ExplainReturn(t.Context(), o.ID, 1, say); !fault.Is(err, fault.NotFound) {
		t.Errorf("of another payment: %v", err)
	}
	if got := w.notify(gateway.WeChat,
		refundMessage(gateway.RefundReport{OutRefundNo: "P8", State: gateway.RefundDone})); got == 200 {
		t.Error("a refund of no payment was acknowledged")
	}
	if back := w.get(o.ID).BackUpstream(1); back != money.Fen(40) {
		t.Errorf("%d went back, want 40", back)
	}
	w.verified()
}

// A refund of ours that is made later does not explain what the institution had said before.
func TestALaterRefundExplainsNothing(t *testing.T) {
	w := newWorld(t)
	w.limit = 100
	w.pay = w.service(w.store)
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	w.wechat.returns(gateway.ReturnedSome, 0)
	w.pass(time.Minute)
	if _, err := w.pay.Check(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Hour)
	if err := dismisses(w, o); err != nil { // else nobody may ask for one
		t.Fatal(err)
	}
	w.ask(w.get(o.ID), "", item("b1", 40))
	if _, err := w.pay.ReopenReturn(t.Context(), o.ID, 1, "staff:g", "看错了"); err != nil {
		t.Fatal(err)
	}
	if !w.get(o.ID).ReturnedUnknown(1) {
		t.Error("finance does not see it any more")
	}
}
