package payment_test

import (
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// policy makes the world's service anew with a policy for unapplied funds.
func (w *world) policy(h payment.UnappliedPolicy) {
	w.unappliedPolicy = h
	w.pay = w.service(w.store)
}

// bothPaid is an order that was paid with WeChat although Alipay, opened after it, pays it too.
func (w *world) bothPaid() *payment.Order {
	w.t.Helper()
	o := w.create("b1")
	first := w.attempt(o.ID, gateway.WeChat)
	second := w.attempt(o.ID, gateway.Alipay)
	if w.notify(gateway.WeChat, w.wechat.pay(first)) != 200 || w.notify(gateway.Alipay, w.alipay.pay(second)) != 200 {
		w.t.Fatal("one of the two payments was not booked")
	}
	return w.want(o.ID, payment.Paid)
}

func TestBothWalletsPaidOneGoesBackByItself(t *testing.T) {
	w := newWorld(t)
	w.policy(payment.RefundUnapplied)
	o := w.bothPaid()
	w.sweep(w.pay, 10*time.Second)
	o = w.get(o.ID)
	if len(o.Unapplied) != 1 || o.Unapplied[0].State != payment.UnappliedRefunded ||
		o.Unapplied[0].Reason != payment.UnappliedOrderPaid {
		t.Fatalf("%+v", o.Unapplied)
	}
	if w.wechat.gave+w.alipay.gave != 1 || o.GivenBack(3-o.PaidBy) != 100 || o.GivenBack(o.PaidBy) != 0 ||
		w.settled["b1"] != o.ID || o.Refunded() != 0 {
		t.Errorf("gave back %d and %d; %+v", w.wechat.gave, w.alipay.gave, o.Refunds)
	}
}

func TestUnappliedFundsAsPrepayment(t *testing.T) {
	w := newWorld(t)
	w.policy(payment.PrepayUnapplied)
	o := w.bothPaid()
	o = w.get(o.ID)
	if e := o.Unapplied[0]; e.State != payment.UnappliedPrepaid || w.prepaid[o.ID+"-1"] != 100 || e.EndedAt.IsZero() {
		t.Errorf("%+v, prepaid %v", e, w.prepaid)
	}
	w.sweep(w.pay, time.Minute)
	if w.wechat.gave+w.alipay.gave != 0 {
		t.Error("it went back as well")
	}
}

func TestAPersonWorksUnappliedFundsOff(t *testing.T) {
	w := newWorld(t)
	o := w.bothPaid()
	decide := func(d payment.Decision, by, note string) (*payment.Order, error) {
		return w.pay.DecideUnapplied(t.Context(), o.ID, 1, d, by, note)
	}
	o2, err := decide(payment.Claim, "staff:fin", "")
	if err != nil || o2.Unapplied[0].Owner != "staff:fin" || o2.Unapplied[0].State != payment.UnappliedOpen {
		t.Fatal(o2, err)
	}
	if _, err := decide(payment.Dismiss, "staff:fin", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("dismissed without saying why: %v", err)
	}
	o2, err = decide(payment.Return, "staff:fin", "")
	if err != nil || o2.Unapplied[0].State != payment.UnappliedRefunding ||
		o2.Refund(1).Status != payment.RefundRequested {
		t.Fatal(o2, err)
	}
	if o2, err = w.pay.DecideRefund(t.Context(), o.ID, 1, false, "staff:boss", "不退"); err != nil ||
		o2.Unapplied[0].State != payment.UnappliedOpen {
		t.Fatalf("after the refund was rejected: %+v, %v", o2.Unapplied, err)
	}
	if o2, err = decide(payment.Return, "staff:fin", ""); err != nil || o2.Refund(2).Status != payment.RefundRequested {
		t.Fatal(o2, err)
	}
	if o2, err = w.pay.DecideRefund(t.Context(), o.ID, 2, true, "staff:boss", ""); err != nil ||
		o2.Unapplied[0].State != payment.UnappliedRefunded {
		t.Fatalf("%+v, %v", o2.Unapplied, err)
	}
	if _, err := decide(payment.Dismiss, "staff:fin", "x"); !fault.Is(err, fault.WrongState) {
		t.Errorf("dismissed after it went back: %v", err)
	}
	if w.wechat.gave+w.alipay.gave != 1 {
		t.Errorf("gave back %d times", w.wechat.gave+w.alipay.gave)
	}
}

// Money under a number that no order has is booked once, by the institution's own word, and waits for a person.
func TestMoneyForAnUnknownOrderIsBooked(t *testing.T) {
	w := newWorld(t)
	w.policy(payment.RefundUnapplied)
	out := strings.Repeat("7", 26)
	w.wechat.trades[out] = &trade{charge: gateway.Charge{OutTradeNo: out, Amount: 123}, state: gateway.TradeUnpaid}
	m := w.wechat.pay(out)
	for range 2 {
		if w.notify(gateway.WeChat, m) != 200 {
			t.Fatal("not accepted")
		}
	}
	found, _, err := w.pay.Find(t.Context(),
		payment.Filter{Company: "c", Work: payment.UnappliedQueue(payment.UnappliedOpen)})
	if err != nil || len(found) != 1 || found[0].Unapplied[0].Reason != payment.UnappliedUnmatched ||
		found[0].Unapplied[0].Amount != 123 {
		t.Fatalf("%+v, %v", found, err)
	}
	o, err := w.pay.DecideUnapplied(t.Context(), found[0].ID, 1, payment.Return, "staff:fin", "")
	if err != nil {
		t.Fatal(err)
	}
	if o, err = w.pay.DecideRefund(t.Context(), o.ID, 1, true, "staff:boss", ""); err != nil ||
		o.Unapplied[0].State != payment.UnappliedRefunded || w.wechat.gave != 1 {
		t.Errorf("%+v, %v", o, err)
	}
	if m.Body = message(gateway.Report{OutTradeNo: "T1", State: gateway.TradePaid, TransactionID: "x", Amount: 1,
		Currency: "CNY"}).Body; w.notify(gateway.WeChat, m) == 200 {
		t.Error("money that the institution itself does not know of was acknowledged")
	}
}

// A success that is older than the end of its attempt is not money: the institution's word of now counts.
func TestAnOldSuccessAfterAReversalIsNotBooked(t *testing.T) {
	w := newWorld(t)
	w.wechat.askCode = true
	o := w.create("b1")
	if _, _, _, err := w.pay.Attempt(t.Context(), o.ID,
		payment.NewAttempt{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented,
			AuthCode: "134567890123456789"}); err != nil {
		t.Fatal(err)
	}
	out := o.ID + "01"
	old := w.wechat.pay(out)                         // the payer pays at the last moment; the notification is late
	w.wechat.trades[out].state = gateway.TradeUnpaid // … and the institution's query does not know it yet
	w.sweep(w.pay, time.Minute)
	if a := w.get(o.ID).Attempt(1); a.State != payment.AttemptEnded {
		t.Fatalf("%+v", a)
	}
	if w.notify(gateway.WeChat, old) != 200 {
		t.Error("not accepted")
	}
	if o = w.get(o.ID); o.Status == payment.Paid || o.Attempt(1).State != payment.AttemptEnded {
		t.Errorf("booked though it was given back: %s", o.Status)
	}
}

func TestReplayOfAMessageThatFailed(t *testing.T) {
	w := newWorld(t)
	out := strings.Repeat("7", 26)
	w.wechat.trades[out] = &trade{charge: gateway.Charge{OutTradeNo: out, Amount: 123}, state: gateway.TradeUnpaid}
	m := w.wechat.pay(out)
	w.wechat.silent = true
	if w.notify(gateway.WeChat, m) == 200 {
		t.Fatal("acknowledged what could not be booked")
	}
	failed, _, err := w.pay.Notifications(t.Context(),
		payment.NotificationFilter{Company: "c", Outcome: payment.OutcomeFailed})
	if err != nil || len(failed) != 1 {
		t.Fatal(failed, err)
	}
	w.wechat.silent = false
	w.pass(24 * time.Hour)
	if _, err := w.pay.Replay(t.Context(), "d", nil, failed[0].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("another company replayed it: %v", err)
	}
	c, err := w.pay.Replay(t.Context(), "c", nil, failed[0].ID)
	if err != nil || c.Outcome != payment.OutcomeBooked || c.Order == "" || c.Note != "" {
		t.Errorf("%+v, %v", c, err)
	}
}

// Two merchant accounts of a company took money under the same unknown number: each has its own order and its own line.
func TestTheSameUnknownNumberAtTwoInstitutions(t *testing.T) {
	w := newWorld(t)
	out := strings.Repeat("7", 26)
	for i, b := range map[gateway.Institution]*institution{gateway.WeChat: w.wechat, gateway.Alipay: w.alipay} {
		b.trades[out] = &trade{charge: gateway.Charge{OutTradeNo: out, Amount: 100}, state: gateway.TradeUnpaid}
		if w.notify(i, b.pay(out)) != 200 {
			t.Fatal("not accepted")
		}
	}
	w.sweep(w.pay, 10*time.Second)
	if a := w.verify(); a.Finding != "" || a.Lines != 2 || a.Taken != 200 {
		t.Errorf("%+v", a)
	}
}
