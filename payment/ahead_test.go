package payment_test

import (
	"fmt"
	"testing"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// paidAhead makes an order that paid one yuan ahead, in cash; so much of what is there is not used.
func (w *world) paidAhead(left money.Fen) *payment.Order {
	w.t.Helper()
	n := newOrder("ahead")
	n.Items[0].PaysAhead = true
	o, _, err := w.pay.Create(w.t.Context(), n)
	if err == nil {
		_, _, err = w.pay.TakeCash(w.t.Context(), o.ID, payment.NewCash{Tendered: 100, By: "staff:till"})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.ahead = left
	return w.want(o.ID, payment.Paid)
}

// What was paid ahead is set aside before a refund of it goes anywhere, and freed where nothing goes back.
func TestWhatWasPaidAheadIsSetAsideFirst(t *testing.T) {
	w := newWorld(t)
	o := w.paidAhead(70)
	ask := payment.NewRefund{Items: []payment.RefundItem{item("ahead", 71)}, Reason: "退预存", By: "staff:maker",
		IdempotencyKey: "much"}
	if _, _, _, err := w.pay.RequestRefund(t.Context(), o.ID, ask); !fault.Is(err, fault.WrongState) {
		t.Fatalf("more than is left was promised: %v", err)
	}
	if r := w.get(o.ID).Refund(1); r.Status != payment.RefundRejected || len(w.withheld) != 0 {
		t.Fatalf("%s, set aside %v", r.Status, w.withheld)
	}
	o, no := w.ask(o, "little", item("ahead", 70))
	if w.withheld[o.Refund(no).OutRefundNo] != 70 || o.Refund(no).Withholding {
		t.Fatalf("set aside %v", w.withheld)
	}
	if _, err := w.pay.DecideRefund(t.Context(), o.ID, no, false, "staff:checker", "不退"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pay.Advance(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	if len(w.withheld) != 0 {
		t.Errorf("nothing goes back, and %v stays set aside", w.withheld)
	}
}

// A refund of what was paid ahead goes nowhere while it cannot be set aside, however far its approval is.
func TestARefundWaitsUntilItIsSetAside(t *testing.T) {
	w := newWorld(t)
	o := w.paidAhead(100)
	w.failing = true
	if _, no, _, err := w.pay.RequestRefund(t.Context(), o.ID, payment.NewRefund{Reason: "退预存", By: "staff:maker",
		Items: []payment.RefundItem{item("ahead", 40)}}); err != nil || !w.get(o.ID).Refund(no).Withholding {
		t.Fatal(no, err)
	}
	if _, err := w.pay.DecideRefund(t.Context(), o.ID, 1, true, "staff:checker", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pay.HandOut(t.Context(), o.ID, 1, "staff:till"); !fault.Is(err, fault.WrongState) {
		t.Fatalf("handed out before it was set aside: %v", err)
	}
	w.failing = false
	if got, err := w.pay.HandOut(t.Context(), o.ID, 1, "staff:till"); err != nil ||
		got.Refund(1).Status != payment.RefundSucceeded {
		t.Fatalf("%+v: %v", got, err)
	}
}

// Where it turns out to be used once it is approved, nothing goes back.
func TestAnApprovedRefundOfWhatIsUsedFails(t *testing.T) {
	w := newWorld(t)
	o := w.paidAhead(10)
	w.failing = true
	if _, _, _, err := w.pay.RequestRefund(t.Context(), o.ID, payment.NewRefund{Reason: "退预存", By: "staff:maker",
		Items: []payment.RefundItem{item("ahead", 40)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pay.DecideRefund(t.Context(), o.ID, 1, true, "staff:checker", ""); err != nil {
		t.Fatal(err)
	}
	w.failing = false
	if _, err := w.pay.HandOut(t.Context(), o.ID, 1, "staff:till"); !fault.Is(err, fault.WrongState) {
		t.Fatalf("handed out although it is used: %v", err)
	}
	if r := w.get(o.ID).Refund(1); r.Status != payment.RefundFailed || r.Withholding {
		t.Errorf("%+v", r)
	}
}

// Money that was kept as a prepayment and went back at the institution leaves the prepayment, as far as it had it.
func TestWhatWasKeptGoesBackAtTheInstitution(t *testing.T) {
	w := newWorld(t)
	w.policy(payment.PrepayUnapplied)
	o := w.get(w.bothPaid().ID)
	e := o.Unapplied[0]
	a := o.Attempt(e.Attempt)
	there := w.wechat
	if a.Institution == gateway.Alipay {
		there = w.alipay
	}
	for i, amount := range []money.Fen{60, 40} {
		for range 2 { // it comes again
			if got := w.notify(a.Institution, there.refundHere(a.OutTradeNo, fmt.Sprint("P", i), amount)); got != 200 {
				t.Fatalf("answered %d", got)
			}
		}
		o = w.get(o.ID)
		if r := o.Refund(i + 1); !r.Foreign || r.Amount != amount || r.Kept != e.No || len(r.Items) > 0 ||
			w.takenBack[r.OutRefundNo] != amount {
			t.Errorf("%+v; taken back %v", r, w.takenBack)
		}
	}
	w.verified()
}
