package payment_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
)

// paid makes an order for the items, 1 yuan each, and pays it.
func (w *world) paid(i gateway.Institution, b *institution, refs ...string) *payment.Order {
	w.t.Helper()
	o := w.create(refs...)
	if w.notify(i, b.pay(w.attempt(o.ID, i))) != 200 {
		w.t.Fatal("the payment was not booked")
	}
	return w.want(o.ID, payment.Paid)
}

func (w *world) ask(o *payment.Order, key string, items ...payment.RefundItem) (*payment.Order, int) {
	w.t.Helper()
	o, no, _, err := w.pay.RequestRefund(w.t.Context(), o.ID,
		payment.NewRefund{Items: items, Reason: "多收", IdempotencyKey: key,
			By: "staff:maker"})
	if err != nil {
		w.t.Fatal(err)
	}
	return o, no
}

func item(ref string, amount money.Fen) payment.RefundItem {
	return payment.RefundItem{Ref: ref, Amount: amount}
}

func TestARefundNeedsTwoPeople(t *testing.T) {
	w := newWorld(t)
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	o, no := w.ask(o, "k", item("b1", 30))
	if r := o.Refund(no); r.Status != payment.RefundRequested || w.wechat.gave != 0 {
		t.Fatalf("given back before anybody approved: %+v", r)
	}
	if _, err := w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:maker", ""); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the maker approved: %v", err)
	}
	again, same, hit,
		err := w.pay.RequestRefund(t.Context(), o.ID, payment.NewRefund{Items: []payment.RefundItem{item("b1", 30)},
		Reason: "多收", IdempotencyKey: "k", By: "staff:maker"})
	if err != nil || !hit || same != no || len(again.Refunds) != 1 {
		t.Errorf("the same request made another refund: %v %v", hit, err)
	}
	for name, other := range map[string]payment.NewRefund{
		"another amount":  {Items: []payment.RefundItem{item("b1", 31)}, Reason: "多收"},
		"another item":    {Items: []payment.RefundItem{item("b2", 30)}, Reason: "多收"},
		"an item more":    {Items: []payment.RefundItem{item("b1", 30), item("b2", 30)}, Reason: "多收"},
		"another reason":  {Items: []payment.RefundItem{item("b1", 30)}, Reason: "重复"},
		"too much of all": {Items: []payment.RefundItem{item("b1", 1000)}, Reason: "多收"},
	} {
		other.IdempotencyKey, other.By = "k", "staff:maker"
		if _, _, _, err := w.pay.RequestRefund(t.Context(), o.ID, other); !fault.Is(err, fault.KeyReused) {
			t.Errorf("%s under the same key: %v", name, err)
		}
	}
	if n := len(w.get(o.ID).Refunds); n != 1 {
		t.Errorf("%d refunds under one key", n)
	}
	o, err = w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:checker", "")
	if err != nil {
		t.Fatal(err)
	}
	if r := o.Refund(no); r.Status != payment.RefundSucceeded || r.DecidedBy != "staff:checker" ||
		r.RefundID != "R-"+o.ID+"R01" || w.wechat.gave != 1 {
		t.Errorf("%+v", r)
	}
	if w.reopened[o.ID+"R01 b1"] != 30 || len(w.reopened) != 1 || o.Refunded() != 30 {
		t.Errorf("reopened %v, refunded %v", w.reopened, o.Refunded())
	}
	if holder, err := w.holder("b1"); err != nil || holder != "" {
		t.Errorf("a bill that is owed again is held by %q, %v", holder, err)
	}
	if holder, err := w.holder("b2"); err != nil || holder != o.ID {
		t.Errorf("a bill that stays paid is free: %q, %v", holder, err)
	}
	if _, err := w.pay.DecideRefund(t.Context(), o.ID, no, false, "staff:checker", "late"); !fault.Is(err,
		fault.WrongState) {
		t.Errorf("a refund that succeeded was rejected: %v", err)
	}
}

func TestARejectedRefundFreesItsAmount(t *testing.T) {
	w := newWorld(t)
	o := w.paid(gateway.WeChat, w.wechat, "b1")
	o, no := w.ask(o, "", item("b1", 100))
	if _, _, _, err := w.pay.RequestRefund(t.Context(), o.ID,
		payment.NewRefund{Items: []payment.RefundItem{item("b1", 1)}, Reason: "x"}); !fault.Is(err, fault.Invalid) ||
		!strings.Contains(err.Error(), "¥0.00 at most can go back, of ¥1.00 paid ¥1.00 went back") {
		t.Errorf("more was asked back than is left: %v", err)
	}
	if _, err := w.pay.DecideRefund(t.Context(), o.ID, no, false, "staff:checker", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("rejected without a reason: %v", err)
	}
	o, err := w.pay.DecideRefund(t.Context(), o.ID, no, false, "staff:checker", "查无此事")
	if err != nil || o.Refund(no).Status != payment.RefundRejected || o.Refundable("b1") != 100 || w.wechat.gave != 0 {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestWhatCannotBeAskedBack(t *testing.T) {
	w := newWorld(t)
	o := w.paid(gateway.WeChat, w.wechat, "b1")
	open := w.create("b9")
	for name, c := range map[string]struct {
		order  string
		items  []payment.RefundItem
		reason string
		code   fault.Code
	}{
		"nothing":          {o.ID, nil, "x", fault.Invalid},
		"no reason":        {o.ID, []payment.RefundItem{item("b1", 1)}, "", fault.Invalid},
		"one fen too much": {o.ID, []payment.RefundItem{item("b1", 101)}, "x", fault.Invalid},
		"less than a fen":  {o.ID, []payment.RefundItem{item("b1", 0)}, "x", fault.Invalid},
		"a negative":       {o.ID, []payment.RefundItem{item("b1", -1)}, "x", fault.Invalid},
		"twice the same":   {o.ID, []payment.RefundItem{item("b1", 50), item("b1", 50)}, "x", fault.Invalid},
		"another's bill":   {o.ID, []payment.RefundItem{item("b2", 1)}, "x", fault.Invalid},
		"an unpaid order":  {open.ID, []payment.RefundItem{item("b9", 1)}, "x", fault.WrongState},
		"no order":         {"nope", []payment.RefundItem{item("b9", 1)}, "x", fault.NotFound},
	} {
		if _, _, _, err := w.pay.RequestRefund(t.Context(), c.order,
			payment.NewRefund{Items: c.items, Reason: c.reason}); !fault.Is(err, c.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.get(o.ID).Refunds) != 0 {
		t.Error("a refused request left a refund")
	}
}

func TestSmallRefundsNeedOnePerson(t *testing.T) {
	w := newWorld(t)
	w.limit = 50
	w.pay = w.service(w.store)
	o := w.paid(gateway.Alipay, w.alipay, "b1")
	o, no := w.ask(o, "", item("b1", 50))
	if o.Refund(no).Status != payment.RefundSucceeded {
		t.Errorf("within the limit: %+v", o.Refund(no))
	}
	o, no = w.ask(o, "", item("b1", 1))
	if o.Refund(no).Status != payment.RefundRequested || o.Refunded() != 50 || w.alipay.gave != 1 {
		t.Errorf("in pieces over the limit: %+v", o.Refund(no))
	}
	if o, err := w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:checker", ""); err != nil ||
		o.Refunded() != 51 {
		t.Errorf("approved: %+v, %v", o, err)
	}
	o = w.paid(gateway.Alipay, w.alipay, "b3")
	for range 2 { // a person's approval takes nothing of the limit, and what was rejected neither
		if o, no = w.ask(o, "", item("b3", 20)); o.Refund(no).Status != payment.RefundSucceeded {
			t.Errorf("together within the limit: %+v", o.Refund(no))
		}
		o, no = w.ask(o, "", item("b3", 31))
		o, err := w.pay.DecideRefund(t.Context(), o.ID, no, false, "staff:checker", "不对")
		if err != nil || o.Refund(no).Status != payment.RefundRejected {
			t.Errorf("%+v, %v", o.Refund(no), err)
		}
	}
	o = w.paid(gateway.Alipay, w.alipay, "b2")
	if o, no = w.ask(o, "", item("b2", 51)); o.Refund(no).Status != payment.RefundRequested {
		t.Errorf("over the limit: %+v", o.Refund(no))
	}
}

// approved is a full refund of b1 that was approved.
func (w *world) approved() (*payment.Order, int) {
	w.t.Helper()
	o, no := w.ask(w.paid(gateway.WeChat, w.wechat, "b1"), "", item("b1", 100))
	o, err := w.pay.DecideRefund(w.t.Context(), o.ID, no, true, "staff:checker", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return o, no
}

func timeout() error {
	return &gateway.Error{Kind: gateway.Indeterminate, Cause: errors.New("time-out")}
}

func TestARefundWhoseAnswerIsLostGoesBackOnce(t *testing.T) {
	for name, before := range map[string]bool{"time-out before": true, "time-out after": false} {
		w := newWorld(t)
		w.wechat.refundSays = func(r *refund) error {
			if !before {
				w.wechat.refunds[r.request.OutRefundNo] = r
				w.wechat.gave++
			}
			w.wechat.refundSays = nil
			return timeout()
		}
		o, no := w.approved()
		if o.Refund(no).Status != payment.RefundPending {
			t.Fatalf("%s: %+v", name, o.Refund(no))
		}
		if !before {
			for _, r := range w.wechat.refunds {
				r.state = gateway.RefundDone
			}
		}
		w.sweep(w.pay, time.Minute)
		if r := w.get(o.ID).Refund(no); r.Status != payment.RefundSucceeded || w.wechat.gave != 1 {
			t.Errorf("%s: %s, given back %d times", name, r.Status, w.wechat.gave)
		}
	}
}

func TestARefundThatNobodyAnswersEndsInAPersonsList(t *testing.T) {
	w := newWorld(t)
	w.wechat.refundSays = func(*refund) error { return timeout() }
	o, no := w.approved()
	w.wechat.silent = true
	w.sweep(w.pay, 3*time.Hour)
	o = w.get(o.ID)
	if o.Refund(no).Status != payment.RefundAbnormal {
		t.Fatalf("still %s after three silent hours", o.Refund(no).Status)
	}
	found, _, err := w.pay.Find(t.Context(),
		payment.Filter{Company: "c", Work: payment.RefundQueue(payment.RefundAbnormal)})
	if err != nil || len(found) != 1 {
		t.Errorf("the person's list: %v, %v", found, err)
	}
	if _, err := w.pay.SettleRefund(t.Context(), o.ID, no, true, "staff:checker", "现金"); !fault.Is(err,
		fault.UpstreamUnknown) {
		t.Errorf("settled by hand though it may still go back: %v", err)
	}
	w.wechat.silent, w.wechat.refundSays = false, nil
	o, err = w.pay.RetryRefund(t.Context(), o.ID, no, "staff:checker")
	if err != nil || o.Refund(no).Status != payment.RefundSucceeded || w.wechat.gave != 1 {
		t.Errorf("retried: %+v, %v", o.Refund(no), err)
	}
}

func TestARefusedRefundIsAbnormalUntilAPersonActs(t *testing.T) {
	w := newWorld(t)
	w.wechat.refundSays = func(*refund) error {
		return &gateway.Error{Kind: gateway.Declined, Signed: true, Reason: gateway.MerchantBalance,
			Code: "NOT_ENOUGH", Message: "余额不足"}
	}
	o, no := w.approved()
	if r := o.Refund(no); r.Status != payment.RefundAbnormal || r.Why != gateway.MerchantBalance ||
		r.Heard != gateway.RefundNotFound {
		t.Fatalf("%+v", r)
	}
	w.wechat.refundSays = nil
	w.sweep(w.pay, time.Hour)
	if w.wechat.gave != 0 {
		t.Error("an abnormal refund was sent again by itself")
	}
	o, err := w.pay.SettleRefund(t.Context(), o.ID, no, true, "staff:checker", "已转账")
	if err != nil || o.Refund(no).Status != payment.RefundSucceeded || !o.Refund(no).ByHand ||
		w.reopened[o.ID+"R01 b1"] != 100 {
		t.Errorf("%+v, %v", o.Refund(no), err)
	}
	w.sweep(w.pay, time.Minute)
	err = w.pay.Ledger().Lines(t.Context(), "c", func(l ledger.Line) error {
		if l.Kind == ledger.Refund && (l.Institution != string(gateway.Cash) || l.Cashier != "staff:checker") {
			t.Errorf("the ledger says %+v", l)
		}
		return nil
	})
	if err != nil || w.wechat.gave != 0 {
		t.Error(err, w.wechat.gave)
	}
}

// An unsigned refusal proves nothing: the refund is asked about again.
func TestAnUnsignedRefusalOfARefundProvesNothing(t *testing.T) {
	w := newWorld(t)
	w.wechat.refundSays = func(*refund) error {
		return &gateway.Error{Kind: gateway.Declined, Code: "PARAM_ERROR"}
	}
	o, no := w.approved()
	if o.Refund(no).Status != payment.RefundPending {
		t.Fatalf("%+v", o.Refund(no))
	}
	w.wechat.refundSays = nil
	w.sweep(w.pay, time.Minute)
	if w.get(o.ID).Refund(no).Status != payment.RefundSucceeded {
		t.Error("it was not asked again")
	}
}

func TestTheInstitutionsEndsOfARefund(t *testing.T) {
	for state, want := range map[gateway.RefundState]payment.RefundStatus{
		gateway.RefundDone: payment.RefundSucceeded, gateway.RefundClosed: payment.RefundFailed,
		gateway.RefundAbnormal: payment.RefundAbnormal,
	} {
		w := newWorld(t)
		w.wechat.slowRefund = true
		o, no := w.approved()
		w.wechat.refunds[o.Refund(no).OutRefundNo].state = state
		m := message(gateway.Report{})
		m.Header.Set("Kind", "refund")
		// what it says is a hint: a query decides
		m.Body = []byte(`{"OutRefundNo":"` + o.Refund(no).OutRefundNo + `","State":"done","Amount":999999}`)
		if w.notify(gateway.WeChat, m) != 200 {
			t.Errorf("%s: the notification was not accepted", state)
		}
		if got := w.get(o.ID).Refund(no).Status; got != want {
			t.Errorf("%s: %s, want %s", state, got, want)
		}
		if owed := w.reopened[o.ID+"R01 b1"]; (owed == 100) != (state == gateway.RefundDone) {
			t.Errorf("%s: the bill owes %v again", state, owed)
		}
	}
}

func TestARefundNoticeIsNotAcknowledgedBeforeItsEnd(t *testing.T) {
	w := newWorld(t)
	w.wechat.slowRefund = true
	o, no := w.approved()
	m := message(gateway.Report{})
	m.Header.Set("Kind", "refund")
	m.Body = []byte(`{"OutRefundNo":"` + o.Refund(no).OutRefundNo + `","State":"done"}`)
	if w.notify(gateway.WeChat, m) == 200 {
		t.Error("acknowledged while the institution's own answer is that it is under way")
	}
	if w.get(o.ID).Refund(no).Status != payment.RefundPending {
		t.Error("a notification alone ended a refund")
	}
}

func TestAFailedReopeningStaysOwed(t *testing.T) {
	w := newWorld(t)
	o, no := w.ask(w.paid(gateway.WeChat, w.wechat, "b1"), "", item("b1", 100))
	w.failing = true
	o, err := w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:checker", "")
	if err != nil || o.Refund(no).Status != payment.RefundSucceeded || len(w.reopened) != 0 {
		t.Fatal(o.Refund(no), err)
	}
	w.failing = false
	w.sweep(w.pay, time.Minute)
	if w.reopened[o.ID+"R01 b1"] != 100 || len(w.get(o.ID).Outbox) != 0 {
		t.Errorf("reopened %v, still owed %v", w.reopened, w.get(o.ID).Outbox)
	}
}

// A no to a question that was put before another process sent the request says nothing of that request.
func TestAnOlderNoDoesNotEndARefund(t *testing.T) {
	for name, start := range map[string]func(w *world) (id string, b *institution){
		"a void becomes a refund": func(w *world) (string, *institution) {
			id := w.paidByCard()
			w.giveBack(id, 100)
			w.pass(16 * time.Hour)
			return id, w.lakala
		},
		"an abnormal one is sent again": func(w *world) (string, *institution) {
			o := w.paid(gateway.WeChat, w.wechat, "b1")
			w.wechat.refundSays = func(*refund) error { return &gateway.Error{Kind: gateway.Indeterminate} }
			w.giveBack(o.ID, 100)
			w.sweep(w.pay, 2*time.Hour)
			w.pass(20 * time.Minute) // nothing sent before can still arrive
			w.wechat.refundSays = nil
			return o.ID, w.wechat
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id, b := start(w)
			b.slowRefund = true
			b.meanwhile = func() {
				if w.get(id).Refund(1).Status == payment.RefundAbnormal {
					if _, err := w.pay.RetryRefund(t.Context(), id, 1, "staff:f"); err != nil {
						t.Fatal(err)
					}
					return
				}
				if _, err := w.service(w.store).Advance(t.Context(), id); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := w.pay.SettleRefund(t.Context(), id, 1, false, "staff:g", "x"); err == nil && b.gave > 0 {
				t.Error("it was given up, and the institution is making it")
			}
			if _, err := w.pay.Advance(t.Context(), id); err != nil {
				t.Fatal(err)
			}
			if r := w.get(id).Refund(1); b.gave != 1 || r.Status != payment.RefundPending {
				t.Errorf("given back %d times, and the refund is %+v", b.gave, r)
			}
		})
	}
}
