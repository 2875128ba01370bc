package payment_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

const wechatCode, alipayCode = "134567890123456789", "281234567890123456"

func (w *world) code(id, code string) (*payment.Order, error) {
	wallet, err := gateway.WalletOf(code)
	if err != nil {
		return nil, err
	}
	o, _, _, err := w.pay.Attempt(w.t.Context(), id, payment.NewAttempt{Wallet: wallet, Method: gateway.CodePresented,
		AuthCode: code, By: "staff:till"})
	return o, err
}

func TestWalletOf(t *testing.T) {
	for code, want := range map[string]gateway.Wallet{
		"100000000000000000": gateway.WalletWeChat, "159999999999999999": gateway.WalletWeChat,
		"2500000000000000": gateway.WalletAlipay, "309999999999999999999999": gateway.WalletAlipay,
		"62" + strings.Repeat("0", 17): gateway.WalletUnionPay,
		"16" + strings.Repeat("0", 16): "", "10" + strings.Repeat("0", 15): "", "10" + strings.Repeat("0", 17): "",
		"25" + strings.Repeat("0", 13): "",
		"25" + strings.Repeat("0", 23): "", "31" + strings.Repeat("0", 16): "", "24" + strings.Repeat("0", 16): "",
		"": "", "1": "", "62" + strings.Repeat("0", 16): "", "62" + strings.Repeat("0", 18): "",
		"10000000000000000x": "", " 10000000000000000": "", "１00000000000000000": "",
	} {
		got, err := gateway.WalletOf(code)
		if got != want || (err == nil) != (want != "") || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %q, %v", code, got, err)
		}
		if err != nil && len(code) > 1 && strings.Contains(err.Error(), code) {
			t.Errorf("the fault repeats the code %q", code)
		}
	}
}

func TestPaymentCodeIsPaidAtOnce(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	o, err := w.code(o.ID, alipayCode)
	if err != nil || o.Status != payment.Paid || w.settled["b1"] != o.ID || o.Attempt(1).By != "staff:till" {
		t.Fatal(o, err)
	}
}

// The payer is asked for a password: the institution is asked every few seconds, and the order is paid as soon as it
// says so.
func TestPaymentCodeIsPolledUntilPaid(t *testing.T) {
	w := newWorld(t)
	w.wechat.askCode = true
	o := w.create("b1")
	o, err := w.code(o.ID, wechatCode)
	if err != nil || o.Status != payment.Pending || o.Attempt(1).State != payment.AttemptOpen {
		t.Fatal(o, err)
	}
	if _, err := w.code(o.ID, alipayCode); !fault.Is(err, fault.WrongState) {
		t.Errorf("a second code was charged while the first may still be paid: %v", err)
	}
	w.sweep(w.pay, 20*time.Second)
	if a := w.get(o.ID).Attempt(1); a.Checks < 3 || a.Checks > 7 {
		t.Errorf("asked %d times in 20 seconds", a.Checks)
	}
	w.wechat.pay(o.ID + "01") // no notification
	w.sweep(w.pay, 10*time.Second)
	w.want(o.ID, payment.Paid)
}

// Nobody enters the password: after 45 seconds and one last query the charge is reversed, by any process; then another
// code may be tried.
func TestPaymentCodeIsReversed(t *testing.T) {
	w := newWorld(t)
	w.wechat.askCode = true
	o := w.create("b1")
	if _, err := w.code(o.ID, wechatCode); err != nil {
		t.Fatal(err)
	}
	other := w.service(w.store) // the process that read the code has died
	w.sweep(other, 40*time.Second)
	if a := w.get(o.ID).Attempt(1); a.State != payment.AttemptOpen || a.Reversing {
		t.Fatalf("given up too early: %+v", a)
	}
	w.sweep(other, 10*time.Second)
	o = w.want(o.ID, payment.Pending)
	if a := o.Attempt(1); a.State != payment.AttemptEnded || w.wechat.trades[o.ID+"01"].state != gateway.TradeClosed {
		t.Fatalf("%+v", a)
	}
	if !slices.ContainsFunc(o.Timeline, func(e payment.Event) bool { return e.What == payment.CodeReversing }) {
		t.Error("the timeline does not tell of the reversal")
	}
	w.wechat.askCode = false
	if o, err := w.code(o.ID, wechatCode); err != nil || o.Status != payment.Paid || o.PaidBy != 2 {
		t.Errorf("%+v, %v", o, err)
	}
}

// The answer to the charge is lost: it may have been taken, so it is asked about, and found.
func TestPaymentCodeWhoseAnswerIsLost(t *testing.T) {
	w := newWorld(t)
	w.wechat.lateCode = true
	o := w.create("b1")
	if _, err := w.code(o.ID, wechatCode); !fault.Is(err, fault.UpstreamUnknown) {
		t.Fatalf("%v", err)
	}
	w.sweep(w.pay, 5*time.Second)
	w.want(o.ID, payment.Paid)
}

func TestPaymentCodeIsFasterThanItsReversal(t *testing.T) {
	w := newWorld(t)
	w.wechat.askCode = true
	o := w.create("b1")
	if _, err := w.code(o.ID, wechatCode); err != nil {
		t.Fatal(err)
	}
	w.wechat.payBefore = func(string) bool { return true }
	w.sweep(w.pay, time.Minute) // the institution gives back what it took while it reversed
	if o = w.want(o.ID, payment.Pending); o.Attempt(1).State != payment.AttemptEnded || w.wechat.took != 1 ||
		w.wechat.gave != 1 {
		t.Errorf("%+v: took %d, gave back %d", o.Attempt(1), w.wechat.took, w.wechat.gave)
	}
}

func TestARefusedCodeSaysWhy(t *testing.T) {
	w := newWorld(t)
	w.wechat.refuseCode = &gateway.Error{Kind: gateway.Declined, Signed: true, Reason: gateway.CodeExpired,
		Code: "AUTH_CODE_EXPIRE", Message: "付款码已过期"}
	o := w.create("b1")
	_, err := w.code(o.ID, wechatCode)
	if !fault.Is(err, fault.Upstream) || !strings.Contains(err.Error(), "付款码已过期") {
		t.Errorf("%v", err)
	}
	o = w.want(o.ID, payment.Pending)
	if a := o.Attempt(1); a.State != payment.AttemptFailed || a.Why != gateway.CodeExpired {
		t.Errorf("%+v", a)
	}
	w.wechat.refuseCode.Signed = false // who says so? it may have been charged
	if _, err := w.code(o.ID, wechatCode); err == nil {
		t.Fatal("no error")
	}
	if a := w.get(o.ID).Attempt(2); a.State != payment.AttemptStarting {
		t.Errorf("an unsigned refusal ended a charge: %+v", a)
	}
}

// The code is a secret of one minute: it is in no stored document.
func TestThePaymentCodeIsNowhereKept(t *testing.T) {
	w := newWorld(t)
	w.wechat.askCode = true
	o := w.create("b1")
	if _, err := w.code(o.ID, wechatCode); err != nil {
		t.Fatal(err)
	}
	doc, err := w.store.Get(t.Context(), "orders", o.ID)
	if err != nil || strings.Contains(string(doc.Body), wechatCode) {
		t.Errorf("kept: %v", err)
	}
}

func TestCancellingWhileACodeIsPaid(t *testing.T) {
	w := newWorld(t)
	w.wechat.askCode = true
	o := w.create("b1")
	if _, err := w.code(o.ID, wechatCode); err != nil {
		t.Fatal(err)
	}
	o, err := w.pay.Close(t.Context(), o.ID, payment.ByCancel, "staff:till")
	if err != nil || o.Status != payment.Closing {
		t.Fatal(o, err) // the institution takes no reversal within 15 seconds of the charge
	}
	w.sweep(w.pay, 20*time.Second)
	o = w.want(o.ID, payment.Closed)
	if o.Attempt(1).State != payment.AttemptEnded {
		t.Errorf("%+v", o.Attempt(1))
	}
}

// undoer is an institution whose close gives a paid charge back.
type undoer struct{ *institution }

func (undoer) CloseReverses() {}

func (u undoer) Close(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	return u.Reverse(ctx, a, t)
}

// The payer pays in the moment of the close, which gives the money back: the order does not believe the notification
// that comes on its heels.
func TestACloseThatGivesBack(t *testing.T) {
	w := newWorld(t)
	s := payment.NewService(w.store, payment.Config{
		Items:    w,
		Gateways: []gateway.Gateway{undoer{w.wechat}}, Accounts: w.accounts, BaseURL: "http://127.0.0.1", Now: w.now,
		Log: quiet(), UnappliedPolicy: w.unappliedPolicy,
		Wait: func(ctx context.Context, d time.Duration) error { w.pass(d); return ctx.Err() },
	})
	w.pay = s
	o := w.create("b1")
	out := w.attempt(o.ID, gateway.WeChat)
	var told gateway.RawNotification
	w.wechat.payBefore = func(string) bool {
		w.wechat.take(w.wechat.trades[out])
		told = message(w.wechat.report(w.wechat.trades[out]))
		return false
	}
	o, err := s.Close(t.Context(), o.ID, payment.ByCancel, "staff:x")
	if err != nil || o.Status != payment.Closed || w.wechat.gave != 1 {
		t.Fatalf("%s, %v, gave back %d", o.Status, err, w.wechat.gave)
	}
	if a := s.Receive(t.Context(), gateway.WeChat, "w", told); a.Status != 200 {
		t.Errorf("the notification of money that went back: %d", a.Status)
	}
	if o = w.get(o.ID); o.Status != payment.Closed || o.Attempt(1).Received != 0 || w.settled["b1"] != "" {
		t.Errorf("money that went back is booked: %s, %+v", o.Status, o.Attempt(1))
	}
}

// numbering is an institution that knows a charge by a number of its own, which only its answer to the charge tells.
type numbering struct {
	*institution
	fails bool // what it says of the charge besides cannot be told
}

func (n numbering) PayCode(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Report, error) {
	r, err := n.institution.PayCode(ctx, a, c)
	r.UpstreamNo = "U1"
	if err == nil && n.fails {
		return gateway.Report{UpstreamNo: "U1"}, &gateway.Error{Kind: gateway.Indeterminate}
	}
	return r, err
}

func (n numbering) Query(ctx context.Context, a gateway.Account, of gateway.Trade) (gateway.Report, error) {
	if of.UpstreamNo != "U1" {
		return gateway.Report{}, &gateway.Error{Kind: gateway.Indeterminate}
	}
	return n.institution.Query(ctx, a, of)
}

// The institution's number of a payment code's charge is kept with the attempt, so that any process can ask by it.
func TestThePaymentCodesNumberIsKept(t *testing.T) {
	for name, c := range map[string]struct{ asks, fails bool }{
		"paid at once": {}, "the payer is asked": {asks: true}, "paid, and not to be told": {fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.wechat.askCode = c.asks
			id := w.create("b1").ID
			_, _, _, err := w.serviceOf(numbering{w.wechat, c.fails}).Attempt(t.Context(), id, payment.NewAttempt{
				Wallet: gateway.WalletWeChat, Method: gateway.CodePresented, AuthCode: wechatCode,
			})
			if (err != nil) != c.fails {
				t.Fatal(err)
			}
			a := w.get(id).Attempt(1)
			if a.UpstreamNo != "U1" {
				t.Errorf("the attempt keeps %q", a.UpstreamNo)
			}
			w.wechat.pay(a.OutTradeNo)
			w.sweep(w.serviceOf(numbering{w.wechat, false}), time.Minute)
			w.want(id, payment.Paid)
		})
	}
}
