package payment_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
	"linlipay/store"
)

// What went wrong in production at neighbours, each a test of its own.

// raced is a store in which, before an order is replaced, somebody else may be faster.
type raced struct {
	store.Store
	before func()
}

func (r *raced) Replace(ctx context.Context, collection string, d store.Doc) error {
	if collection == "orders" && r.before != nil {
		r.before()
	}
	return r.Store.Replace(ctx, collection, d)
}

// once lets somebody be faster a single time.
func (r *raced) once(do func()) {
	r.before = func() {
		r.before = nil
		do()
	}
}

// moved counts the ledger's lines of money taken and given back for company c.
func (w *world) moved() (taken, back int) {
	w.t.Helper()
	if _, err := w.pay.Post(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	err := w.pay.Ledger().Lines(w.t.Context(), "c", func(l ledger.Line) error {
		if l.Kind == ledger.Refund {
			back++
		} else {
			taken++
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return taken, back
}

// agrees verifies the books of company c.
func (w *world) agrees() {
	w.t.Helper()
	if found := w.verify(); found.Finding != "" {
		w.t.Errorf("verifying found %q", found.Finding)
	}
}

// A conditional update that changed no row was read as "somebody else has booked it", and the institution was told
// success for money that nobody booked. Here the order is read again, and what stands there is the answer.
func TestAConditionalUpdateOfZeroRowsIsNotReadAsBooked(t *testing.T) {
	silently := func(w *world, id string) { // a change of the order that books nothing
		w.wechat.silent = true
		defer func() { w.wechat.silent = false }()
		if _, err := w.pay.Check(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	for name, c := range map[string]struct {
		faster func(w *world, m gateway.RawNotification, id string)
		answer int
		by     string // the transaction that the order is paid by
	}{
		"only the next question was written": {func(w *world, _ gateway.RawNotification, id string) {
			silently(w, id)
		}, 200, "wechat-1"},
		"the same money was booked": {func(w *world, m gateway.RawNotification, _ string) {
			if w.notify(gateway.WeChat, m) != 200 {
				t.Error("the faster one was refused")
			}
		}, 200, "wechat-1"},
		"other money was booked": {func(w *world, _ gateway.RawNotification, id string) {
			w.notify(gateway.WeChat,
				message(gateway.Report{OutTradeNo: id + "01", State: gateway.TradePaid, TransactionID: "other",
					Amount: 100, Currency: "CNY", PaidAt: w.now()}))
		}, 500, "other"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			st := &raced{Store: w.store}
			o := w.create("b1")
			m := w.wechat.pay(w.attempt(o.ID, gateway.WeChat))
			st.once(func() { c.faster(w, m, o.ID) })
			if got := w.service(st).Receive(t.Context(), gateway.WeChat, "w", m).Status; got != c.answer {
				t.Errorf("answered %d, want %d", got, c.answer)
			}
			if st.before != nil {
				t.Fatal("nobody was faster")
			}
			o = w.want(o.ID, payment.Paid)
			if got := o.Attempt(1).TransactionID; got != c.by || w.settled["b1"] != o.ID {
				t.Errorf("paid by %s, want %s; settled %v", got, c.by, w.settled)
			}
			if taken, _ := w.moved(); taken != 1 {
				t.Errorf("%d lines of one payment", taken)
			}
		})
	}
	t.Run("somebody is always faster", func(t *testing.T) {
		w := newWorld(t)
		o := w.create("b1")
		m := w.wechat.pay(w.attempt(o.ID, gateway.WeChat))
		ctx, giveUp := context.WithCancel(t.Context())
		tries := 0
		st := &raced{Store: w.store, before: func() {
			silently(w, o.ID)
			if tries++; tries == 4 {
				giveUp()
			}
		}}
		if got := w.service(st).Receive(ctx, gateway.WeChat, "w", m).Status; got == 200 {
			t.Error("success was answered for what is not booked")
		}
		w.want(o.ID, payment.Pending)
		if w.notify(gateway.WeChat, m) != 200 {
			t.Error("the repeat was refused")
		}
		w.want(o.ID, payment.Paid)
	})
}

// A callback comes without a login, and the query that looked for its order was narrowed to the company of nobody. Here
// the company is the order's own.
func TestACallbackWithoutACompanyContextBooks(t *testing.T) {
	w := newWorld(t)
	other := newOrder("b1")
	other.Company, other.Community, other.Payer.Unit = "d", "n", "v"
	theirs, _, err := w.pay.Create(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	ours := w.create("b2")
	for id, account := range map[string]string{ours.ID: "w", theirs.ID: "w2"} {
		m := w.wechat.pay(w.attempt(id, gateway.WeChat))
		m.Header.Set("X-Company", "nobody")
		if got := w.pay.Receive(context.Background(), gateway.WeChat, account, m).Status; got != 200 {
			t.Errorf("account %s: answered %d", account, got)
		}
	}
	if _, err := w.pay.Post(t.Context()); err != nil {
		t.Fatal(err)
	}
	for company, o := range map[string]*payment.Order{"c": ours, "d": theirs} {
		w.want(o.ID, payment.Paid)
		kept, _, err := w.pay.Notifications(t.Context(),
			payment.NotificationFilter{Company: company, Outcome: payment.OutcomeBooked, Limit: 10})
		if err != nil || len(kept) != 1 || kept[0].Order != o.ID {
			t.Errorf("the messages of company %s: %+v, %v", company, kept, err)
		}
		var lines []ledger.Line
		if err := w.pay.Ledger().Lines(t.Context(), company, func(l ledger.Line) error {
			lines = append(lines, l)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if len(lines) != 1 || lines[0].Order != o.ID || lines[0].Company != company {
			t.Errorf("the ledger of company %s: %+v", company, lines)
		}
	}
}

// A key was spent, or removed, before what it stood for was booked: after a crash between the two the repeat was
// answered "done already", or done twice. Here each request that moves money dies at each of its writes in turn; its
// repeat, on another process, is booked, and once.
func TestAnIdempotencyKeyIsNotSpentBeforeBooking(t *testing.T) {
	refunding := payment.NewRefund{Items: []payment.RefundItem{item("b1", 100)}, Reason: "多收", IdempotencyKey: "k",
		By: "staff:maker"}
	for name, c := range map[string]struct {
		before func(w *world) string // what is there already: an order
		do     func(w *world, s *payment.Service, id string) error
		booked func(w *world, id string) bool // once
	}{
		"a notification": {
			func(w *world) string { o := w.create("b1"); w.wechat.pay(w.attempt(o.ID, gateway.WeChat)); return o.ID },
			func(w *world, s *payment.Service, id string) error {
				if a := s.Receive(t.Context(), gateway.WeChat, "w", w.wechat.pay(id+"01")); a.Status != 200 {
					return fmt.Errorf("answered %d", a.Status)
				}
				return nil
			},
			func(w *world, id string) bool { return w.get(id).Status == payment.Paid },
		},
		"an order": {
			func(*world) string { return "" },
			func(w *world, s *payment.Service, _ string) error {
				n := newOrder("b1")
				n.IdempotencyKey, n.KeyHash = "k", "h"
				_, _, err := s.Create(t.Context(), n)
				return err
			},
			func(w *world, _ string) bool {
				orders, _, err := w.pay.Find(t.Context(), payment.Filter{Company: "c"})
				return err == nil && len(orders) == 1 && orders[0].Status == payment.Pending
			},
		},
		"cash": {
			func(w *world) string { return w.create("b1").ID },
			func(w *world, s *payment.Service, id string) error {
				_, _, err := s.TakeCash(t.Context(), id,
					payment.NewCash{Tendered: 100, IdempotencyKey: "k", By: "staff:cashier"})
				return err
			},
			func(w *world, id string) bool {
				o := w.get(id)
				return o.Status == payment.Paid && len(o.Attempts) == 1
			},
		},
		"a payment code": {
			func(w *world) string { return w.create("b1").ID },
			func(w *world, s *payment.Service, id string) error {
				_, _, _, err := s.Attempt(t.Context(), id,
					payment.NewAttempt{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented,
						AuthCode: "130000000000000000", IdempotencyKey: "k"})
				return err
			},
			func(w *world, id string) bool {
				// a process that died before it charged leaves a reversal, never a second charge
				w.sweep(w.pay, 3*time.Minute)
				o := w.get(id)
				return len(o.Attempts) == 1 && w.wechat.took <= 1 && (o.Status == payment.Paid) == (w.wechat.took == 1)
			},
		},
		"a refund": {
			func(w *world) string { return w.paid(gateway.WeChat, w.wechat, "b1").ID },
			func(w *world, s *payment.Service, id string) error {
				_, _, _, err := s.RequestRefund(t.Context(), id, refunding)
				return err
			},
			func(w *world, id string) bool {
				w.sweep(w.pay, 3*time.Minute)
				o := w.get(id)
				return len(o.Refunds) == 1 && o.Refunds[0].Status == payment.RefundSucceeded && w.wechat.gave == 1
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for n := int64(0); ; n++ {
				w := newWorld(t)
				w.limit = 100
				w.pay = w.service(w.store)
				id := c.before(w)
				dying := &crashing{Store: w.store}
				dying.left.Store(n)
				first := c.do(w, w.service(dying), id)
				if err := c.do(w, w.pay, id); err != nil {
					t.Errorf("dead after %d writes: the repeat ended with %v (the first with %v)", n, err, first)
				}
				if !c.booked(w, id) {
					t.Errorf("dead after %d writes: the repeat was not booked, or twice: %+v", n, w.orders())
				}
				w.moved()
				w.agrees()
				if dying.left.Load() >= 0 {
					return
				}
			}
		})
	}
}

func (w *world) orders() []payment.Order {
	w.t.Helper()
	list, _, err := w.pay.Find(w.t.Context(), payment.Filter{Company: "c"})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

// Expiry closed the order with us and left it open at the institution; the money that came later was lost. Here it is
// closed there first, and what comes all the same is booked: for the bill while it is owed, otherwise it goes back.
func TestExpiryClosesUpstreamAndLateMoneyIsBooked(t *testing.T) {
	w := newWorld(t)
	w.policy(payment.RefundUnapplied)
	expired := func(ref string) (id, out string) {
		id = w.create(ref).ID
		out = w.attempt(id, gateway.WeChat)
		// the institution would take money for a day
		w.wechat.trades[out].charge.ExpiresAt = w.now().Add(24 * time.Hour)
		w.sweep(w.pay, 6*time.Minute)
		if o := w.want(id, payment.Closed); o.CloseReason != payment.ByDeadline ||
			w.wechat.trades[out].state != gateway.TradeClosed {
			t.Fatalf("closed because %s with us, %s at the institution", o.CloseReason, w.wechat.trades[out].state)
		}
		return id, out
	}
	id, out := expired("b1")
	if w.notify(gateway.WeChat, w.wechat.pay(out)) != 200 {
		t.Error("late money was refused")
	}
	if w.want(id, payment.Paid); w.settled["b1"] != id {
		t.Errorf("late money did not settle the bill, which still owed it: %v", w.settled)
	}
	id, out = expired("b2")
	second := w.paid(gateway.Alipay, w.alipay, "b2")
	if w.notify(gateway.WeChat, w.wechat.pay(out)) != 200 {
		t.Error("late money was refused")
	}
	w.sweep(w.pay, time.Minute)
	o := w.want(id, payment.Closed)
	if a := o.Attempt(1); a.State != payment.AttemptSucceeded || a.Received != 100 || o.GivenBack(1) != 100 ||
		w.wechat.gave != 1 {
		t.Errorf("late money for a bill that another order paid: %+v, given back %s", a, o.GivenBack(1))
	}
	if w.settled["b2"] != second.ID {
		t.Error("the bill changed hands")
	}
	if taken, back := w.moved(); taken != 3 || back != 1 {
		t.Errorf("the ledger has %d payments and %d refunds", taken, back)
	}
	w.agrees()
}

// The payer paid in both wallets: the second callback failed for ever, since the order was paid. Here both are booked
// and answered, whichever comes first, and one goes back by itself.
func TestBothWalletsPaidAreBothBookedAndOneGoesBack(t *testing.T) {
	for _, first := range []gateway.Institution{gateway.WeChat, gateway.Alipay} {
		t.Run(string(first)+" first", func(t *testing.T) {
			w := newWorld(t)
			w.policy(payment.RefundUnapplied)
			o := w.create("b1")
			told := map[gateway.Institution]gateway.RawNotification{}
			wechat, alipay := w.attempt(o.ID, gateway.WeChat), w.attempt(o.ID, gateway.Alipay)
			told[gateway.WeChat], told[gateway.Alipay] = w.wechat.pay(wechat), w.alipay.pay(alipay)
			order := []gateway.Institution{gateway.WeChat, gateway.Alipay}
			if first == gateway.Alipay {
				slices.Reverse(order)
			}
			for range 2 { // each comes twice
				for _, i := range order {
					if got := w.notify(i, told[i]); got != 200 {
						t.Errorf("%s: answered %d", i, got)
					}
				}
			}
			w.sweep(w.pay, time.Minute)
			o = w.want(o.ID, payment.Paid)
			if o.Attempt(o.PaidBy).Institution != first || w.settled["b1"] != o.ID {
				t.Errorf("paid by attempt %d, settled %v", o.PaidBy, w.settled)
			}
			if len(o.Unapplied) != 1 || o.Unapplied[0].State != payment.UnappliedRefunded || len(o.Refunds) != 1 ||
				o.Refunds[0].Attempt == o.PaidBy {
				t.Errorf("unapplied %+v, refunds %+v", o.Unapplied, o.Refunds)
			}
			if w.wechat.gave+w.alipay.gave != 1 {
				t.Errorf("WeChat Pay gave back %d, Alipay %d", w.wechat.gave, w.alipay.gave)
			}
			if taken, back := w.moved(); taken != 2 || back != 1 {
				t.Errorf("the ledger has %d payments and %d refunds", taken, back)
			}
			w.agrees()
		})
	}
}

// A refund whose one call to the institution failed stayed "in progress" for ever. Here the loop of another process
// finishes it, and the money goes back once, whether that call had reached the institution or not.
func TestARefundWhoseFirstCallFailedIsNotLeftWaiting(t *testing.T) {
	for _, reached := range []bool{false, true} {
		t.Run(fmt.Sprintf("reached the institution %t", reached), func(t *testing.T) {
			w := newWorld(t)
			o, no := w.ask(w.paid(gateway.WeChat, w.wechat, "b1"), "", item("b1", 100))
			calls := 0
			w.wechat.refundSays = func(r *refund) error {
				if calls++; calls > 1 {
					return nil
				}
				if reached {
					w.wechat.refunds[r.request.OutRefundNo], r.state = r, gateway.RefundDone
					w.wechat.gave++
				}
				return timeout()
			}
			dying := &crashing{Store: w.store}
			dying.left.Store(2) // the approval is written, and that a request is under way; the answer no more
			if _, err := w.service(dying).DecideRefund(t.Context(), o.ID, no, true, "staff:checker", ""); !fault.Is(err,
				fault.Unavailable) || calls != 1 {
				t.Fatalf("the process did not die after its one call: %v, %d calls", err, calls)
			}
			w.sweep(w.pay, 10*time.Minute)
			o = w.get(o.ID)
			if r := o.Refund(no); r.Status != payment.RefundSucceeded || w.wechat.gave != 1 ||
				w.reopened[r.OutRefundNo+" b1"] != 100 {
				t.Errorf("%+v; the institution gave back %d times; reopened %v", r, w.wechat.gave, w.reopened)
			}
			if taken, back := w.moved(); taken != 1 || back != 1 {
				t.Errorf("the ledger has %d payments and %d refunds", taken, back)
			}
			w.agrees()
		})
	}
}

// One "no such order" made an order failed while the payer was paying it. Here an answer without the institution's
// signature says nothing, however often it comes, of a payment and of a refund.
func TestAnOrderIsNeverFailedOnOneUnsignedNotFound(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	out := w.attempt(o.ID, gateway.WeChat)
	w.wechat.unsigned = true
	for range 5 {
		w.pass(2 * time.Second)
		if _, err := w.pay.Check(t.Context(), o.ID); err != nil {
			t.Fatal(err)
		}
		if a := w.want(o.ID, payment.Pending).Attempt(1); a.State != payment.AttemptOpen || a.Absent != 0 {
			t.Fatalf("an unsigned answer was believed: %+v", a)
		}
	}
	if closing, err := w.pay.Close(t.Context(), o.ID, payment.ByCancel, "t"); err != nil ||
		closing.Status != payment.Closing || closing.Attempt(1).State != payment.AttemptOpen {
		t.Fatalf("closed on an unsigned answer: %+v, %v", closing, err)
	}
	w.wechat.pay(out) // its notification is lost
	w.wechat.unsigned = false
	w.sweep(w.pay, time.Minute)
	if o = w.want(o.ID, payment.Paid); w.settled["b1"] != o.ID {
		t.Errorf("settled %v", w.settled)
	}
	o, no := w.ask(o, "", item("b1", 100))
	calls := 0
	w.wechat.refundSays = func(*refund) error { calls++; return timeout() }
	w.wechat.unsigned = true
	if _, err := w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:checker", ""); err != nil {
		t.Fatal(err)
	}
	w.sweep(w.pay, 2*time.Minute)
	if r := w.get(o.ID).Refund(no); r.Status != payment.RefundPending || calls != 1 {
		t.Errorf("an unsigned answer was believed of a refund: %+v, asked for %d times", r, calls)
	}
}
