package payment_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// returns has an institution say that money went back of everything.
func (b *institution) returns(how gateway.Returned, amount money.Fen) {
	b.says = func(r *gateway.Report) {
		if r.State == gateway.TradePaid {
			r.Returned, r.ReturnedAmount, r.Raw = how, amount, "REFUND"
		}
	}
}

// refundHere is a refund that a person made on the institution's page, and its notification.
func (b *institution) refundHere(out, number string, amount money.Fen) gateway.RawNotification {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gave++
	r := &refund{state: gateway.RefundDone, id: "50-" + number}
	r.request = gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: out}, OutRefundNo: number, Amount: amount}
	b.refunds[number] = r
	return refundMessage(r.report())
}

func refundMessage(r gateway.RefundReport) gateway.RawNotification {
	body, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return gateway.RawNotification{Header: http.Header{"Wechatpay-Signature": {"genuine"}, "Kind": {"refund"}},
		Body: body}
}

// verified checks that the books agree, and returns what they say went back.
func (w *world) verified() payment.Verification {
	w.t.Helper()
	if _, err := w.pay.Post(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	a, err := w.pay.Verify(w.t.Context(), "c", noBills)
	if err != nil || a.Finding != "" {
		w.t.Fatalf("the books: %q, %v", a.Finding, err)
	}
	return a
}

// What an institution says of money that went back for an order over three items of 1 yuan, and what is booked by it.
func TestWhatWentBackAtTheInstitutionIsARefundThatHappened(t *testing.T) {
	type said struct {
		how    gateway.Returned
		amount money.Fen
	}
	for name, c := range map[string]struct {
		ours    money.Fen // given back by us of b1 before
		said    []said    // one answer after the other
		named   []money.Fen
		booked  money.Fen            // by refunds that are not ours
		owed    map[string]money.Fen // of each item
		unknown bool
	}{
		"nothing": {said: []said{{gateway.ReturnedNothing, 0}}},
		"all": {said: []said{{gateway.ReturnedAll, 0}}, booked: 300,
			owed: map[string]money.Fen{"b1": 100, "b2": 100, "b3": 100}},
		"a part, the last item first": {said: []said{{gateway.ReturnedSome, 130}}, booked: 130,
			owed: map[string]money.Fen{"b2": 30, "b3": 100}},
		"more and more": {said: []said{{gateway.ReturnedSome, 30}, {gateway.ReturnedSome, 130}},
			booked: 130, owed: map[string]money.Fen{"b2": 30, "b3": 100}},
		"the same again": {said: []said{{gateway.ReturnedSome, 30}, {gateway.ReturnedSome, 30}},
			booked: 30, owed: map[string]money.Fen{"b3": 30}},
		"an older answer later": {said: []said{{gateway.ReturnedSome, 130}, {gateway.ReturnedSome, 30}},
			booked: 130, owed: map[string]money.Fen{"b2": 30, "b3": 100}},
		"some, not how much": {said: []said{{gateway.ReturnedSome, 0}}, unknown: true},
		"first not how much": {said: []said{{gateway.ReturnedSome, 0}, {gateway.ReturnedSome, 30}},
			booked: 30, owed: map[string]money.Fen{"b3": 30}},
		"ours alone": {ours: 40, said: []said{{gateway.ReturnedSome, 40}},
			owed: map[string]money.Fen{"b1": 40}},
		"ours, and not how much": {ours: 40, said: []said{{gateway.ReturnedSome, 0}},
			owed: map[string]money.Fen{"b1": 40}},
		"ours and more": {ours: 40, said: []said{{gateway.ReturnedSome, 60}}, booked: 20,
			owed: map[string]money.Fen{"b1": 40, "b3": 20}},
		"ours and all the rest": {ours: 40, said: []said{{gateway.ReturnedAll, 0}}, booked: 260,
			owed: map[string]money.Fen{"b1": 100, "b2": 100, "b3": 100}},
		"named": {named: []money.Fen{30}, booked: 30, owed: map[string]money.Fen{"b3": 30}},
		"named, and then the sum": {named: []money.Fen{30}, said: []said{{gateway.ReturnedSome, 30}}, booked: 30,
			owed: map[string]money.Fen{"b3": 30}},
		"two named, and a greater sum": {named: []money.Fen{30, 30}, said: []said{{gateway.ReturnedSome, 70}},
			booked: 70, owed: map[string]money.Fen{"b3": 70}},
		"named, and not how much": {named: []money.Fen{30}, said: []said{{gateway.ReturnedSome, 0}}, booked: 30,
			owed: map[string]money.Fen{"b3": 30}},
		"more than there was": {said: []said{{gateway.ReturnedSome, 999}}, booked: 300,
			owed: map[string]money.Fen{"b1": 100, "b2": 100, "b3": 100}},
		"ours, named, and then the sum": {ours: 40, named: []money.Fen{100, 50},
			said: []said{{gateway.ReturnedSome, 190}}, booked: 150,
			owed: map[string]money.Fen{"b1": 40, "b2": 50, "b3": 100}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.limit = 100
			w.pay = w.service(w.store)
			o := w.paid(gateway.WeChat, w.wechat, "b1", "b2", "b3")
			out := o.Attempt(1).OutTradeNo
			if c.ours > 0 {
				w.ask(o, "", item("b1", c.ours))
			}
			for i, amount := range c.named {
				m := w.wechat.refundHere(out, "P"+string(rune('0'+i)), amount)
				for range 2 { // it comes again
					if got := w.notify(gateway.WeChat, m); got != 200 {
						t.Fatalf("answered %d", got)
					}
				}
			}
			for _, s := range c.said {
				w.pass(time.Minute)
				w.wechat.returns(s.how, s.amount)
				if _, err := w.pay.Check(t.Context(), o.ID); err != nil {
					t.Fatal(err)
				}
			}
			o = w.get(o.ID)
			var booked money.Fen
			for _, r := range o.Refunds {
				if r.Foreign && r.Status == payment.RefundSucceeded {
					booked += r.Amount
				}
			}
			if booked != c.booked || o.ReturnedUnknown(1) != c.unknown {
				t.Errorf("booked %d, want %d; unknown %t: %+v", booked, c.booked, o.ReturnedUnknown(1), o.Refunds)
			}
			for _, ref := range []string{"b1", "b2", "b3"} {
				if got := o.ItemGivenBack(ref); got != c.owed[ref] {
					t.Errorf("%s owes %d again, want %d", ref, got, c.owed[ref])
				}
				if holder, err := w.holder(ref); err != nil ||
					(holder == "") != (c.owed[ref] > 0) {
					t.Errorf("%s is held by %q, %v", ref, holder, err)
				}
			}
			list, _, err := w.pay.Find(t.Context(), payment.Filter{Company: "c", Work: payment.QueueReturned})
			if err != nil || (len(list) == 1) != (c.booked > 0 || c.unknown) {
				t.Errorf("finance's list has %d, %v", len(list), err)
			}
			a := w.verified()
			if a.GivenBack != c.ours+c.booked || (a.Unknown == 1) != c.unknown {
				t.Errorf("the ledger says that %d went back, %d unknown", a.GivenBack, a.Unknown)
			}
		})
	}
}

// The payment's message was lost, and the first that is heard of it is that it was refunded: it was paid, and it went
// back.
func TestAPaymentHeardOfOnlyAfterItWentBack(t *testing.T) {
	for name, told := range map[string]func(w *world, out string) int{
		"by a query": func(w *world, out string) int {
			if _, err := w.pay.Check(w.t.Context(), out[:24]); err != nil {
				w.t.Fatal(err)
			}
			return 200
		},
		"by the notification": func(w *world, out string) int { return w.notify(gateway.WeChat, w.wechat.pay(out)) },
		"by the refund's notification": func(w *world, out string) int {
			return w.notify(gateway.WeChat, w.wechat.refundHere(out, "P1", 200))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			o := w.create("b1", "b2")
			out := w.attempt(o.ID, gateway.WeChat)
			w.wechat.returns(gateway.ReturnedAll, 0)
			w.wechat.pay(out) // its message is lost
			if got := told(w, out); got != 200 {
				t.Fatalf("answered %d", got)
			}
			o = w.want(o.ID, payment.Paid)
			if len(o.Refunds) != 1 || o.Refunds[0].Amount != 200 || w.settled["b1"]+w.settled["b2"] != "" {
				t.Errorf("refunds %+v, settled %v", o.Refunds, w.settled)
			}
			if w.wechat.gave > 1 {
				t.Error("it was given back once more")
			}
			again := w.create("b1", "b2")
			if again.ID == o.ID {
				t.Error("the bills cannot be paid again")
			}
			if a := w.verified(); a.Taken != 200 || a.GivenBack != 200 {
				t.Errorf("%+v", a)
			}
		})
	}
}

// Money that the order cannot keep need not be sent back once more when it went back at the institution.
func TestUnappliedFundsThatWentBackAtTheInstitution(t *testing.T) {
	for name, back := range map[string]money.Fen{"whole": 100, "in part": 30} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.unappliedPolicy = payment.RefundUnapplied
			w.pay = w.service(w.store)
			o := w.create("b1")
			late := w.attempt(o.ID, gateway.WeChat)
			if _, err := w.pay.Close(t.Context(), o.ID, payment.ByCancel, ""); err != nil {
				t.Fatal(err)
			}
			w.paid(gateway.Alipay, w.alipay, "b1")
			w.wechat.returns(gateway.ReturnedSome, back)
			w.notify(gateway.WeChat, w.wechat.pay(late))
			w.sweep(w.pay, time.Minute)
			o = w.get(o.ID)
			var foreign, ours money.Fen
			for _, r := range o.Refunds {
				if r.Foreign {
					foreign += r.Amount
				} else {
					ours += r.Amount
				}
			}
			if foreign != back || ours != 100-back {
				t.Errorf("%d went back there, and we gave back %d: %+v", foreign, ours, o.Refunds)
			}
			for _, e := range o.Unapplied {
				if e.State != payment.UnappliedRefunded {
					t.Errorf("unapplied funds: %+v", e)
				}
			}
			w.verified()
		})
	}
}

// A refund that the institution would not make, and that a person made on its page instead, is that refund.
func TestAnAbnormalRefundThatAPersonMadeOnThePage(t *testing.T) {
	w := newWorld(t)
	w.limit = 100
	w.pay = w.service(w.store)
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	w.wechat.refundSays = func(*refund) error {
		return &gateway.Error{Kind: gateway.Declined, Signed: true, Code: "NOT_ENOUGH",
			Reason: gateway.MerchantBalance}
	}
	o, no := w.ask(o, "", item("b1", 40))
	if o.Refund(no).Status != payment.RefundAbnormal {
		t.Fatalf("%+v", o.Refund(no))
	}
	if got := w.notify(gateway.WeChat, w.wechat.refundHere(o.Attempt(1).OutTradeNo, "P1", 40)); got != 200 {
		t.Fatalf("answered %d", got)
	}
	o = w.get(o.ID)
	if r := o.Refund(no); len(o.Refunds) != 1 || r.Status != payment.RefundSucceeded || !r.Foreign ||
		r.UpstreamNo != "P1" || o.ItemGivenBack("b1") != 40 {
		t.Errorf("%+v", o.Refunds)
	}
	w.verified()
}

// While a request of ours may have been carried out, the sum of what went back proves nothing.
func TestASumWaitsForOurOwnRefund(t *testing.T) {
	w := newWorld(t)
	w.limit = 100
	w.wechat.slowRefund = true
	w.pay = w.service(w.store)
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	o, no := w.ask(o, "", item("b1", 40))
	w.pass(time.Minute)
	w.wechat.returns(gateway.ReturnedSome, 50)
	if _, err := w.pay.Check(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	if o = w.get(o.ID); len(o.Refunds) != 1 || o.Refund(no).Status != payment.RefundPending {
		t.Fatalf("%+v", o.Refunds)
	}
	w.wechat.refunds[o.Refund(no).OutRefundNo].state = gateway.RefundDone
	w.sweep(w.pay, 10*time.Minute)
	if o = w.get(o.ID); len(o.Refunds) != 2 || o.Refunds[1].Amount != 10 || !o.Refunds[1].Foreign ||
		o.ItemGivenBack("b2") != 10 {
		t.Errorf("%+v", o.Refunds)
	}
	w.verified()
}

// An institution that calls a reversed charge refunded: what we asked for tells it from a payment that went back.
func TestAReversedChargeThatIsCalledRefunded(t *testing.T) {
	w := newWorld(t)
	w.wechat.askCode = true
	o := w.create("b1")
	o, no, _, err := w.pay.Attempt(t.Context(), o.ID,
		payment.NewAttempt{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented, AuthCode: "134567890123456789"})
	if err != nil {
		t.Fatal(err)
	}
	out := o.Attempt(no).OutTradeNo
	w.wechat.says = func(r *gateway.Report) {
		if r.State == gateway.TradeClosed { // it was reversed
			r.State, r.Returned, r.TransactionID, r.Raw = gateway.TradePaid, gateway.ReturnedAll, "wechat-1", "REFUND"
		}
	}
	w.sweep(w.pay, 2*time.Minute)
	o = w.get(o.ID)
	if a := o.Attempt(no); a.State != payment.AttemptEnded || o.Status == payment.Paid || len(o.Refunds) != 0 {
		t.Errorf("%s: %+v", o.Status, a)
	}
	body, err := json.Marshal(gateway.Report{
		OutTradeNo: out, State: gateway.TradePaid, TransactionID: "wechat-1", Amount: 100, Currency: "CNY",
		Returned: gateway.ReturnedAll, PaidAt: w.now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	m := gateway.RawNotification{Header: http.Header{"Wechatpay-Signature": {"genuine"}}, Body: body}
	if got := w.notify(gateway.WeChat, m); got != 200 || w.get(o.ID).Status == payment.Paid {
		t.Errorf("answered %d, order %s", got, w.get(o.ID).Status)
	}
	if a := w.verified(); a.Taken != 0 || a.GivenBack != 0 {
		t.Errorf("%+v", a)
	}
}

// Each paid order is asked about after an hour and the next morning, and when a person opens it.
func TestAPaidOrderIsAskedAboutAgain(t *testing.T) {
	asked := func(w *world, before time.Duration) bool {
		w.t.Helper()
		o := w.paid(gateway.WeChat, w.wechat, "b1") // at 17:00 in Asia/Shanghai
		w.pass(before - 2*time.Minute)
		w.sweep(w.pay, 2*time.Minute)
		w.wechat.returns(gateway.ReturnedAll, 0)
		w.sweep(w.pay, time.Minute)
		return len(w.get(o.ID).Refunds) > 0
	}
	for when, want := range map[time.Duration]bool{
		50 * time.Minute: false, time.Hour - 30*time.Second: true, 61 * time.Minute: false,
		17*time.Hour - 30*time.Second: true, 18 * time.Hour: false,
	} {
		if got := asked(newWorld(t), when); got != want {
			t.Errorf("asked %v after the payment: %t", when, got)
		}
	}
	w := newWorld(t)
	o := w.paid(gateway.WeChat, w.wechat, "b1")
	w.pass(20 * time.Hour)
	w.sweep(w.pay, 2*time.Minute)
	w.wechat.returns(gateway.ReturnedAll, 0)
	if err := w.pay.Revisit(t.Context(), w.get(o.ID)); err != nil {
		t.Fatal(err)
	}
	w.sweep(w.pay, 10*time.Second)
	if len(w.get(o.ID).Refunds) != 1 {
		t.Error("a person opened it, and it was not asked about")
	}
}

// An institution that does not answer is asked again, with growing pauses, and no longer than a week.
func TestAnUnansweredRecheckIsAskedAgain(t *testing.T) {
	w := newWorld(t)
	o := w.paid(gateway.WeChat, w.wechat, "b1")
	w.wechat.silent = true
	w.sweep(w.pay, 3*time.Hour)
	w.wechat.silent = false
	w.wechat.returns(gateway.ReturnedAll, 0)
	w.sweep(w.pay, 3*time.Hour)
	if len(w.get(o.ID).Refunds) != 1 {
		t.Errorf("not asked again: %+v", w.get(o.ID).Attempt(1))
	}
}

// What an institution does not tell the amount of, finance explains: by the refund's number, by an amount that another
// approves, or as nothing of the kind.
func TestFinanceExplainsWhatTheInstitutionDoesNotTell(t *testing.T) {
	start := func(t *testing.T) (*world, *payment.Order) {
		w := newWorld(t)
		o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
		w.wechat.returns(gateway.ReturnedSome, 0)
		w.pass(time.Minute)
		o, err := w.pay.Check(t.Context(), o.ID)
		if err != nil || !o.ReturnedUnknown(1) {
			t.Fatalf("%v: %+v", err, o)
		}
		return w, o
	}
	t.Run("by number", func(t *testing.T) {
		w, o := start(t)
		w.wechat.refundHere(o.Attempt(1).OutTradeNo, "P1", 120)
		if _, _, _, err := w.pay.ExplainReturn(t.Context(), o.ID, 1,
			payment.DeclaredReturn{Number: "P9", By: "staff:f"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("a number that nobody knows: %v", err)
		}
		o, _, _, err := w.pay.ExplainReturn(t.Context(), o.ID, 1, payment.DeclaredReturn{Number: "P1", By: "staff:f"})
		if err != nil || o.ReturnedUnknown(1) || o.ItemGivenBack("b2") != 100 || o.ItemGivenBack("b1") != 20 {
			t.Errorf("%v: %+v", err, o)
		}
		o, err = w.pay.SeeReturn(t.Context(), o.ID, 1, "staff:f", "")
		if err != nil || o.Refund(1).SeenBy != "staff:f" {
			t.Errorf("%v", err)
		}
		if list, _, err := w.pay.Find(t.Context(),
			payment.Filter{Company: "c", Work: payment.QueueReturned}); err != nil || len(list) != 0 {
			t.Errorf("still in finance's list: %v", err)
		}
		w.verified()
	})
	t.Run("by an amount", func(t *testing.T) {
		w, o := start(t)
		say := payment.DeclaredReturn{Amount: 120, Note: "商户平台截图", By: "staff:f", Key: "k"}
		o, no, _, err := w.pay.ExplainReturn(t.Context(), o.ID, 1, say)
		if err != nil || o.Refund(no).Status != payment.RefundRequested {
			t.Fatalf("%v: %+v", err, o)
		}
		if _, again, hit, err := w.pay.ExplainReturn(t.Context(), o.ID, 1, say); err != nil || again != no || !hit {
			t.Errorf("a repeat made refund %d, %v", again, err)
		}
		if _, err := w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:f", ""); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the maker approved: %v", err)
		}
		gave := w.wechat.gave
		o, err = w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:g", "")
		if err != nil || o.Refund(no).Status != payment.RefundSucceeded || o.ItemGivenBack("b2") != 100 ||
			o.ItemGivenBack("b1") != 20 || w.wechat.gave != gave {
			t.Errorf("%v: %+v", err, o.Refunds)
		}
		if r := o.Refund(no); r.SeenBy != "staff:g" || r.Note != "商户平台截图" || r.Noticed != payment.NoticedByPerson {
			t.Errorf("whoever approves it has seen it: %+v", r)
		}
		w.notify(gateway.WeChat, w.wechat.refundHere(o.Attempt(1).OutTradeNo, "P1", 120))
		if a := w.verified(); a.GivenBack != 120 {
			t.Errorf("what a person declared and the institution then named was booked twice: %d", a.GivenBack)
		}
	})
	t.Run("by an amount, and the institution names another before it is approved", func(t *testing.T) {
		w, o := start(t)
		o, no, _, err := w.pay.ExplainReturn(t.Context(), o.ID, 1,
			payment.DeclaredReturn{Amount: 120, Note: "商户平台截图", By: "staff:f"})
		if err != nil {
			t.Fatal(err)
		}
		w.notify(gateway.WeChat, w.wechat.refundHere(o.Attempt(1).OutTradeNo, "P1", 70))
		if _, err := w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:g", ""); !fault.Is(err, fault.WrongState) ||
			!strings.Contains(err.Error(), "reject") {
			t.Errorf("approved beside what the institution told: %v", err)
		}
		o, err = w.pay.DecideRefund(t.Context(), o.ID, no, false, "staff:g", "渠道已告知")
		if r := o.Refund(no + 1); err != nil || o.Refund(no).Status != payment.RefundRejected || r.Amount != 70 ||
			r.Noticed != payment.NoticedTold || r.SeenBy != "" {
			t.Errorf("%v: %+v", err, o.Refunds)
		}
		if a := w.verified(); a.GivenBack != 70 {
			t.Errorf("%d went back", a.GivenBack)
		}
	})
	t.Run("as nothing", func(t *testing.T) {
		w, o := start(t)
		if _, err := w.pay.DismissReturn(t.Context(), o.ID, 1, "staff:f", ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a note: %v", err)
		}
		o, err := w.pay.DismissReturn(t.Context(), o.ID, 1, "staff:f", "平台查无退款")
		if err != nil || o.ReturnedUnknown(1) {
			t.Errorf("%v", err)
		}
	})
}

// A message that money went back, and not how much, has the institution asked, which says how much.
func TestAMessageWithoutTheAmountHasTheInstitutionAsked(t *testing.T) {
	w := newWorld(t)
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	r := w.wechat.report(w.wechat.trades[o.Attempt(1).OutTradeNo])
	r.Returned = gateway.ReturnedSome
	w.wechat.returns(gateway.ReturnedSome, 130)
	if got := w.notify(gateway.WeChat, message(r)); got != 200 {
		t.Fatalf("answered %d", got)
	}
	if o = w.get(o.ID); len(o.Refunds) != 1 || o.Refunds[0].Amount != 130 || o.ReturnedUnknown(1) {
		t.Errorf("%+v, unknown %t", o.Refunds, o.ReturnedUnknown(1))
	}
	w.verified()
}

// Money under a number that no order has, part of which the institution then tells to have gone back without us.
func TestMoneyOfAnUnknownNumberThatWentBack(t *testing.T) {
	w := newWorld(t)
	w.wechat.trades["X1"] = &trade{charge: gateway.Charge{OutTradeNo: "X1", Amount: 100}}
	paid := w.wechat.pay("X1")
	report := w.wechat.report(w.wechat.trades["X1"])
	report.Returned, report.ReturnedAmount = gateway.ReturnedSome, 30
	for _, told := range []gateway.RawNotification{paid, message(report), message(report)} {
		if got := w.notify(gateway.WeChat, told); got != 200 {
			t.Errorf("answered %d", got)
		}
	}
	if a := w.verified(); a.Taken != 100 || a.GivenBack != 30 {
		t.Errorf("%+v", a)
	}
	list, _, err := w.pay.Find(t.Context(), payment.Filter{Company: "c", Work: payment.QueueReturned})
	if err != nil || len(list) != 1 {
		t.Errorf("finance's list has %d, %v", len(list), err)
	}
}
