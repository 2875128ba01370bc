package payment_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/store"
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// The drawing and the tables must be the same, pair for pair.
func TestDocumentDrawsTheTables(t *testing.T) {
	raw, err := os.ReadFile("../docs/state-machine.md")
	if err != nil {
		t.Fatal(err)
	}
	diagrams := strings.Split(string(raw), "```mermaid")[1:]
	compare := func(name, diagram string, all []string, allowed func(from, to string) bool) {
		drawn := map[string]bool{}
		for _, m := range regexp.MustCompile(`(?m)^\s+(\w+) --> (\w+)$`).FindAllStringSubmatch(
			strings.Split(diagram, "```")[0], -1) {
			drawn[m[1]+">"+m[2]] = true
		}
		for _, from := range all {
			for _, to := range all {
				if allowed(from, to) != drawn[from+">"+to] {
					t.Errorf("%s: %s to %s is allowed %t and drawn %t", name, from, to, allowed(from, to),
						drawn[from+">"+to])
				}
			}
		}
	}
	var statuses, states []string
	for _, s := range payment.Statuses() {
		statuses = append(statuses, string(s))
	}
	for _, s := range payment.AttemptStates() {
		states = append(states, string(s))
	}
	compareOther := func(name, diagram string, statuses []string, table map[string][]string) {
		compare(name, diagram, statuses, func(from, to string) bool { return slices.Contains(table[from], to) })
	}
	compareOther("refund", diagrams[2], texts(payment.RefundStatuses()), table(payment.RefundTransitions()))
	compareOther("unapplied funds", diagrams[3], texts(payment.UnappliedStates()),
		table(payment.UnappliedTransitions()))
	compare("order", diagrams[0], statuses, func(from, to string) bool {
		return payment.Status(from).CanBecome(payment.Status(to))
	})
	compare("attempt", diagrams[1], states, func(from, to string) bool {
		return slices.Contains(payment.AttemptTransitions()[payment.AttemptState(from)], payment.AttemptState(to))
	})
}

// texts and table are states as plain text.
func texts[S ~string](list []S) []string {
	var out []string
	for _, s := range list {
		out = append(out, string(s))
	}
	return out
}

func table[S ~string](t map[S][]S) map[string][]string {
	out := map[string][]string{}
	for from, to := range t {
		out[string(from)] = texts(to)
	}
	return out
}

func TestPaidByNotification(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1", "b2")
	out := w.attempt(o.ID, gateway.WeChat)
	if got := w.notify(gateway.WeChat, w.wechat.pay(out)); got != 200 {
		t.Fatalf("answered %d", got)
	}
	o = w.want(o.ID, payment.Paid)
	if a := o.Attempt(o.PaidBy); a.Application != payment.Applied || a.TransactionID != "wechat-1" ||
		a.Received != 200 ||
		len(o.Outbox) != 1 || o.Outbox[0].Kind != payment.PostCharge || !o.DueAt.Equal(a.PaidAt.Add(time.Hour)) {
		t.Errorf("paid by %+v, effects %v, due %v", a, o.Outbox, o.DueAt)
	}
	if w.settled["b1"] != o.ID || w.settled["b2"] != o.ID {
		t.Errorf("settled %v", w.settled)
	}
	found, _, err := w.pay.Find(t.Context(), payment.Filter{Company: "c", Search: "wechat-1"})
	if err != nil || len(found) != 1 || found[0].ID != o.ID {
		t.Errorf("by transaction id: %v, %v", found, err)
	}
	if found, _, err = w.pay.Find(t.Context(), payment.Filter{Company: "d", Search: "wechat-1"}); err != nil ||
		len(found) != 0 {
		t.Errorf("another company finds %v, %v", found, err)
	}
}

// Whatever must not be believed changes nothing and is not answered with success; what is genuine and repeated changes
// nothing and is.
func TestNotificationsThatChangeNothing(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	out := w.attempt(o.ID, gateway.WeChat)
	genuine := gateway.Report{OutTradeNo: out, State: gateway.TradePaid, TransactionID: "x", Amount: 100,
		Currency: "CNY", PaidAt: w.now()}
	for name, spoil := range map[string]func(r *gateway.Report, m *gateway.RawNotification, account *string){
		"forged": func(_ *gateway.Report, m *gateway.RawNotification, _ *string) {
			m.Header.Set("Wechatpay-Signature", "forged")
		},
		"one fen more": func(r *gateway.Report, _ *gateway.RawNotification, _ *string) { r.Amount++ },
		"dollars":      func(r *gateway.Report, _ *gateway.RawNotification, _ *string) { r.Currency = "USD" },
		"unknown order": func(r *gateway.Report, _ *gateway.RawNotification, _ *string) {
			r.OutTradeNo = strings.Repeat("9", 26)
		},
		"not our number": func(r *gateway.Report, _ *gateway.RawNotification, _ *string) { r.OutTradeNo = "T1" },
		"unknown attempt": func(r *gateway.Report, _ *gateway.RawNotification, _ *string) {
			r.OutTradeNo = out[:24] + "77"
		},
		"other merchant": func(_ *gateway.Report, _ *gateway.RawNotification, account *string) { *account = "w2" },
		"unknown merchant": func(_ *gateway.Report, _ *gateway.RawNotification, account *string) {
			*account = "nobody"
		},
		"other kind": func(_ *gateway.Report, _ *gateway.RawNotification, account *string) { *account = "a" },
	} {
		r, account := genuine, "w"
		m := message(r)
		spoil(&r, &m, &account)
		m.Body = message(r).Body
		if answer := w.pay.Receive(t.Context(), gateway.WeChat, account, m); answer.Status == 200 {
			t.Errorf("%s: answered with success", name)
		}
		w.want(o.ID, payment.Pending)
	}
	m := w.wechat.pay(out)
	for range 3 {
		if w.notify(gateway.WeChat, m) != 200 {
			t.Error("a genuine notification was not accepted")
		}
	}
	paid := w.want(o.ID, payment.Paid)
	if n := len(paid.Timeline); n != 6 { // created, asked, opened, arrived, paid, settled
		t.Errorf("a repeat left %d lines: %+v", n, paid.Timeline)
	}
	again := genuine
	again.TransactionID, again.Raw = "another", "SUCCESS 重复支付"
	for range 2 {
		if w.notify(gateway.WeChat, message(again)) == 200 {
			t.Error("another transaction for a paid attempt was acknowledged")
		}
	}
	lines := w.get(o.ID).Timeline
	if last := lines[len(lines)-1]; len(lines) != 7 || last.What != payment.MoneyRepeated ||
		last.Note != "1.00 another SUCCESS 重复支付" {
		t.Errorf("paid again: %+v", lines)
	}
}

// What the institution says of a payment that the order cannot keep stands on the timeline, in its own words.
func TestTheInstitutionsWordOfUnappliedFunds(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	first, second := w.attempt(o.ID, gateway.WeChat), w.attempt(o.ID, gateway.Alipay)
	w.notify(gateway.WeChat, w.wechat.pay(first))
	w.alipay.raw = "2 重复支付 A2 1.00"
	w.notify(gateway.Alipay, w.alipay.pay(second))
	var arrived, surplus int
	for i, e := range w.get(o.ID).Timeline {
		if e.What == payment.MoneyArrived && e.Note == "alipay-1 2 重复支付 A2 1.00" {
			arrived = i
		}
		if e.What == payment.MoneyUnapplied {
			surplus = i
		}
	}
	if arrived == 0 || surplus != arrived+1 {
		t.Errorf("%+v", w.get(o.ID).Timeline)
	}
}

// What the institution tells of the wallet and the payer is not what was asked for: the request that was paid is known
// again all the same.
func TestARequestIsKnownAgainOnceItIsPaid(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	ask := payment.NewAttempt{Wallet: gateway.WalletWeChat, Method: gateway.Native, IdempotencyKey: "k"}
	_, no, _, err := w.pay.Attempt(t.Context(), o.ID, ask)
	if err != nil {
		t.Fatal(err)
	}
	told := gateway.Report{
		OutTradeNo: w.get(o.ID).Attempt(no).OutTradeNo, State: gateway.TradePaid, TransactionID: "x", Amount: 100,
		Currency: gateway.CNY, PaidAt: w.now(),
		Wallet: gateway.WalletUnionPay, PayerID: "payer",
	}
	if w.notify(gateway.WeChat, message(told)) != 200 {
		t.Fatal("the payment was not booked")
	}
	if _, again, hit, err := w.pay.Attempt(t.Context(), o.ID, ask); err != nil || !hit || again != no {
		t.Errorf("the same request again is attempt %d, %t, %v", again, hit, err)
	}
	other := ask
	other.Wallet = gateway.WalletUnionPay
	if _, _, _, err := w.pay.Attempt(t.Context(), o.ID, other); !fault.Is(err, fault.KeyReused) {
		t.Errorf("the key came back with another request: %v", err)
	}
}

// A notification of an earlier state that comes late changes nothing.
func TestReorderedNotification(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	out := w.attempt(o.ID, gateway.Alipay)
	w.notify(gateway.Alipay, w.alipay.pay(out))
	before := w.want(o.ID, payment.Paid)
	for _, state := range []gateway.TradeState{gateway.TradeUnpaid, gateway.TradeClosed} {
		if w.notify(gateway.Alipay,
			message(gateway.Report{OutTradeNo: out, State: state, Amount: 100, Currency: "CNY"})) != 200 {
			t.Errorf("%s: not accepted", state)
		}
	}
	if after := w.want(o.ID, payment.Paid); after.Version != before.Version {
		t.Error("a stale notification wrote the order")
	}
}

func TestQueryLoopFindsALostPayment(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	w.wechat.pay(w.attempt(o.ID, gateway.WeChat)) // the notification is lost
	w.sweep(w.pay, 15*time.Second)
	w.want(o.ID, payment.Paid)
}

// The institution itself says that it took another amount: the money is booked, not dropped, and does not pay the
// order.
func TestAnotherAmountByTheInstitutionsOwnWord(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	out := w.attempt(o.ID, gateway.WeChat)
	w.wechat.trades[out].charge.Amount = 99
	w.notify(gateway.WeChat, w.wechat.pay(out))
	o = w.want(o.ID, payment.Pending)
	if a := o.Attempt(1); a.State != payment.AttemptSucceeded || a.Application != payment.NotApplied ||
		o.Unapplied[0].Reason != payment.UnappliedAmount || a.Received != 99 {
		t.Errorf("attempt %+v", a)
	}
	found, _, err := w.pay.Find(t.Context(),
		payment.Filter{Company: "c", Work: payment.UnappliedQueue(payment.UnappliedOpen)})
	if err != nil || len(found) != 1 {
		t.Errorf("unapplied funds: %v, %v", found, err)
	}
}

func TestExpiryClosesUpstreamFirst(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	out := w.attempt(o.ID, gateway.WeChat)
	w.wechat.silent = true
	w.sweep(w.pay, 10*time.Minute)
	w.want(o.ID, payment.Closing) // the institution does not answer: it is not closed
	if holder, err := w.holder("b1"); err != nil || holder != o.ID {
		t.Errorf("the bill is free while its order may still be paid: %q, %v", holder, err)
	}
	w.wechat.silent = false
	w.sweep(w.pay, 2*time.Minute)
	o = w.want(o.ID, payment.Closed)
	if o.CloseReason != payment.ByDeadline || w.wechat.trades[out].state != gateway.TradeClosed {
		t.Errorf("closed because %s, upstream %s", o.CloseReason, w.wechat.trades[out].state)
	}
	if holder, err := w.holder("b1"); err != nil || holder != "" {
		t.Errorf("the bill is still held by %q, %v", holder, err)
	}
}

func TestUnsignedNotFoundNeverCloses(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	w.attempt(o.ID, gateway.WeChat)
	w.wechat.unsigned = true
	w.sweep(w.pay, 30*time.Minute)
	w.want(o.ID, payment.Closing)
	if _, err := w.pay.Close(t.Context(), o.ID, payment.ByCancel, "t"); err != nil {
		t.Fatal(err)
	}
	w.want(o.ID, payment.Closing)
}

// A page that nobody opened is unknown to the institution. Two signed answers let us go on, but it stays watched: money
// for it is not lost.
func TestUnopenedPageIsLeftAndWatched(t *testing.T) {
	w := newWorld(t)
	w.alipay.hidden = true
	o := w.create("b1")
	out := w.attempt(o.ID, gateway.Alipay)
	o, err := w.pay.Close(t.Context(), o.ID, payment.ByCancel, "t")
	if err != nil || o.Status != payment.Closed || o.Attempt(1).State != payment.AttemptLeaving {
		t.Fatalf("%+v, %v", o, err)
	}
	w.alipay.pay(out) // the page was still open; its notification is lost
	w.sweep(w.pay, time.Minute)
	o = w.want(o.ID, payment.Paid)
	if w.settled["b1"] != o.ID {
		t.Error("late money was not kept for the bill that still owed it")
	}
}

func TestSingleNegativeAnswerIsNotEnough(t *testing.T) {
	w := newWorld(t)
	w.alipay.hidden = true
	o := w.create("b1")
	w.attempt(o.ID, gateway.Alipay)
	if _, err := w.pay.Check(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	if a := w.want(o.ID, payment.Pending).Attempt(1); a.State != payment.AttemptOpen {
		t.Errorf("attempt %s after one signed answer", a.State)
	}
}

func TestSuccessForAClosedOrder(t *testing.T) {
	w := newWorld(t)
	first := w.create("b1")
	out := w.attempt(first.ID, gateway.WeChat)
	if o, err := w.pay.Close(t.Context(), first.ID, payment.ByCancel, "t"); err != nil || o.Status != payment.Closed {
		t.Fatal(o, err)
	}
	second := w.create("b1")
	if w.notify(gateway.WeChat, w.wechat.pay(out)) != 200 { // paid after close
		t.Fatal("late money was not booked")
	}
	first = w.want(first.ID, payment.Closed)
	if a := first.Attempt(1); a.State != payment.AttemptSucceeded || a.Application != payment.NotApplied ||
		first.Unapplied[0].Reason != payment.UnappliedItemsHeld {
		t.Errorf("late money for a bill that another order holds: %+v", a)
	}
	w.want(second.ID, payment.Pending)
	third := w.create("b3")
	out = w.attempt(third.ID, gateway.WeChat)
	if _, err := w.pay.Close(t.Context(), third.ID, payment.ByCancel, "t"); err != nil {
		t.Fatal(err)
	}
	w.notify(gateway.WeChat, w.wechat.pay(out))
	if w.want(third.ID, payment.Paid); w.settled["b3"] != third.ID {
		t.Error("late money for a bill that still owes it was not kept")
	}
}

func TestPayerIsFasterThanTheClose(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	out := w.attempt(o.ID, gateway.WeChat)
	w.wechat.payBefore = func(o string) bool { return o == out }
	o, err := w.pay.Close(t.Context(), o.ID, payment.ByCancel, "t")
	if err != nil || o.Status != payment.Paid || w.settled["b1"] != o.ID {
		t.Fatalf("%+v, %v", o, err)
	}
}

func TestSwitchingWalletsClosesTheFirst(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	first := w.attempt(o.ID, gateway.WeChat)
	if again := w.attempt(o.ID, gateway.WeChat); again != first {
		t.Errorf("the same tap made another attempt: %s, %s", first, again)
	}
	second := w.attempt(o.ID, gateway.Alipay)
	if w.wechat.trades[first].state != gateway.TradeClosed {
		t.Error("the first wallet can still be paid")
	}
	w.notify(gateway.Alipay, w.alipay.pay(second))
	w.notify(gateway.WeChat, w.wechat.pay(first)) // it was, all the same
	o = w.want(o.ID, payment.Paid)
	if o.PaidBy != 2 || o.Attempt(1).Application != payment.NotApplied ||
		o.Unapplied[0].Reason != payment.UnappliedOrderPaid {
		t.Errorf("paid by %d, first attempt %+v", o.PaidBy, o.Attempt(1))
	}
	third := w.create("b2")
	out := w.attempt(third.ID, gateway.WeChat)
	w.wechat.pay(out)
	if _, _, _, err := w.pay.Attempt(t.Context(), third.ID,
		payment.NewAttempt{Wallet: gateway.WalletAlipay, Method: gateway.Native}); !fault.Is(err, fault.AlreadyPaid) {
		t.Errorf("a paid order took another attempt: %v", err)
	}
	w.want(third.ID, payment.Paid)
}

func TestAnInstitutionThatDoesNotAnswerBlocksTheSwitch(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	w.attempt(o.ID, gateway.WeChat)
	w.wechat.silent = true
	if _, _, _, err := w.pay.Attempt(t.Context(), o.ID,
		payment.NewAttempt{Wallet: gateway.WalletAlipay, Method: gateway.Native}); !fault.Is(err,
		fault.UpstreamUnknown) {
		t.Fatalf("%v", err)
	}
	if o = w.want(o.ID, payment.Pending); len(o.Attempts) != 1 {
		t.Error("two wallets can be paid at once")
	}
}

func TestOpenWhoseAnswerIsLostIsFoundByTheLoop(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	w.wechat.lateOpen = true
	if _, _, _, err := w.pay.Attempt(t.Context(), o.ID,
		payment.NewAttempt{Wallet: gateway.WalletWeChat, Method: gateway.Native}); !fault.Is(err,
		fault.UpstreamUnknown) {
		t.Fatalf("%v", err)
	}
	w.wechat.pay(o.ID + "01")
	w.sweep(w.pay, 10*time.Second)
	w.want(o.ID, payment.Paid)
}

func TestEffectsAreOwedUntilDone(t *testing.T) {
	w := newWorld(t)
	w.failing = true
	o := w.create("b1")
	if w.notify(gateway.WeChat, w.wechat.pay(w.attempt(o.ID, gateway.WeChat))) != 200 {
		t.Error("a booked payment was not acknowledged")
	}
	if o = w.want(o.ID, payment.Paid); len(o.Outbox) != 2 { // settle the items, and the ledger's line
		t.Fatalf("effects %v", o.Outbox)
	}
	w.failing = false
	w.sweep(w.pay, time.Minute)
	if o = w.want(o.ID, payment.Paid); len(o.Outbox) != 0 || w.settled["b1"] != o.ID {
		t.Errorf("effects %v, settled %v", o.Outbox, w.settled)
	}
	w.gone = []string{"b2"}
	o = w.create("b2", "b3")
	w.notify(gateway.WeChat, w.wechat.pay(w.attempt(o.ID, gateway.WeChat)))
	o = w.want(o.ID, payment.Paid)
	if e := o.Unapplied; len(e) != 1 || e[0].Reason != payment.UnappliedItemsPaid || e[0].Amount != 100 ||
		o.Attempt(1).Application != payment.Applied || w.settled["b3"] != o.ID {
		t.Errorf("money for one bill of two that was paid elsewhere: %+v", e)
	}
	if holder, err := w.holder("b2"); err != nil || holder != "" {
		t.Errorf("the order still holds what it did not settle: %q, %v", holder, err)
	}
}

func TestOneOpenOrderPerBillAndTerminal(t *testing.T) {
	w := newWorld(t)
	first := w.create("b1", "b2")
	_, _, err := w.pay.Create(t.Context(), newOrder("b2", "b3"))
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.OrderOpen || f.Detail["order"] != first.ID {
		t.Fatalf("%v", err)
	}
	out := w.attempt(first.ID, gateway.WeChat)
	over := newOrder("b2", "b3")
	over.OnOpen = payment.TakeOver
	second, _, err := w.pay.Create(t.Context(), over)
	if err != nil {
		t.Fatal(err)
	}
	if first = w.want(first.ID, payment.Closed); first.CloseReason != payment.ByTakeOver ||
		w.wechat.trades[out].state != gateway.TradeClosed {
		t.Errorf("taken over: %s, upstream %s", first.CloseReason, w.wechat.trades[out].state)
	}
	w.wechat.payBefore = func(string) bool { return true }
	w.attempt(second.ID, gateway.WeChat)
	if _, _, err = w.pay.Create(t.Context(), over); !fault.Is(err, fault.AlreadyPaid) {
		t.Errorf("an order whose payer was faster was taken over: %v", err)
	}
	atTerminal := newOrder("b7")
	atTerminal.Origin = payment.Origin{Kind: payment.Terminal, Terminal: "t1"}
	if _, _, err := w.pay.Create(t.Context(), atTerminal); err != nil {
		t.Fatal(err)
	}
	atTerminal.Items[0].Ref = "b8"
	if _, _, err := w.pay.Create(t.Context(), atTerminal); !fault.Is(err, fault.OrderOpen) {
		t.Errorf("a terminal has two checkouts: %v", err)
	}
}

func TestSimultaneousOrders(t *testing.T) {
	w := newWorld(t)
	n := newOrder("b1")
	n.IdempotencyKey, n.KeyHash = "k", "h"
	ids, hits := sync.Map{}, atomic.Int64{}
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			o, hit, err := w.pay.Create(t.Context(), n)
			if err != nil {
				t.Error(err)
				return
			}
			ids.Store(o.ID, true)
			if hit {
				hits.Add(1)
			}
		})
	}
	all.Wait()
	made := 0
	ids.Range(func(any, any) bool { made++; return true })
	if made != 1 || hits.Load() != 199 {
		t.Errorf("one key made %d orders with %d hits", made, hits.Load())
	}
	n.KeyHash = "other"
	if _, _, err := w.pay.Create(t.Context(), n); !fault.Is(err, fault.KeyReused) {
		t.Errorf("the key came back with another request: %v", err)
	}
	made64, refused := atomic.Int64{}, atomic.Int64{}
	for range 200 {
		all.Go(func() {
			_, _, err := w.pay.Create(t.Context(), newOrder("b2"))
			switch {
			case err == nil:
				made64.Add(1)
			case fault.Is(err, fault.OrderOpen):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if made64.Load() != 1 || refused.Load() != 199 {
		t.Errorf("without a key %d were made and %d refused", made64.Load(), refused.Load())
	}
}

// crashing is a store whose process dies at the n-th write: that write and all later ones never happen.
type crashing struct {
	store.Store
	left atomic.Int64
}

var errDead = fault.New(fault.Unavailable, "", "the process is dead")

func (c *crashing) Insert(ctx context.Context, collection string, d store.Doc) error {
	if c.left.Add(-1) < 0 {
		return errDead
	}
	return c.Store.Insert(ctx, collection, d)
}

func (c *crashing) Replace(ctx context.Context, collection string, d store.Doc) error {
	if c.left.Add(-1) < 0 {
		return errDead
	}
	return c.Store.Replace(ctx, collection, d)
}

// A payment, with its process dying between any two of its writes. Whatever the institution took is booked in the end,
// once, and acknowledged only when it was.
func TestADeathBetweenAnyTwoWritesOfAPayment(t *testing.T) {
	for _, i := range []gateway.Institution{gateway.WeChat, gateway.Alipay} {
		for n := int64(0); ; n++ {
			w := newWorld(t)
			dying := &crashing{Store: w.store}
			dying.left.Store(n)
			out, acknowledged := onePayment(t, w, w.service(dying), i)
			w.sweep(w.pay, 20*time.Minute) // another process takes over
			checkBooked(t, w, fmt.Sprintf("%s, %d writes", i, n), out, acknowledged)
			if dying.left.Load() >= 0 {
				t.Logf("%s: a payment has %d writes", i, n-dying.left.Load())
				break
			}
		}
	}
}

// onePayment runs a payment as far as its process lives; the payer pays whatever can be paid.
func onePayment(t *testing.T, w *world, s *payment.Service, i gateway.Institution) (out string, acknowledged bool) {
	t.Helper()
	o, _, err := s.Create(t.Context(), newOrder("b1"))
	if err != nil {
		return "", false
	}
	if _, _, _, err = s.Attempt(t.Context(), o.ID,
		payment.NewAttempt{Wallet: gateway.Wallet(i), Method: gateway.Native}); err != nil {
		t.Log(err)
	}
	b := map[gateway.Institution]*institution{gateway.WeChat: w.wechat, gateway.Alipay: w.alipay}[i]
	out = o.ID + "01"
	if b.trades[out] == nil {
		return "", false
	}
	return out, s.Receive(t.Context(), i, w.account(i), b.pay(out)).Status == 200
}

func checkBooked(t *testing.T, w *world, when, out string, acknowledged bool) {
	t.Helper()
	if out == "" {
		found, _, err := w.pay.Find(t.Context(), payment.Filter{Company: "c"})
		if err != nil || len(found) > 0 && found[0].Status != payment.Closed {
			t.Errorf("%s: an order that nobody could pay is %v, %v", when, found, err)
		}
		return
	}
	o := w.get(out[:24])
	if o.Status != payment.Paid || w.settled["b1"] != o.ID || len(o.Outbox) != 0 ||
		!o.DueAt.Equal(o.PaidAt.Add(time.Hour)) {
		t.Errorf("%s (acknowledged %t): order %s, settled %v, effects %v, due %v", when, acknowledged, o.Status,
			w.settled, o.Outbox, o.DueAt)
	}
}

func TestLeaseLetsOneProcessLead(t *testing.T) {
	w := newWorld(t)
	other := w.service(w.store)
	ctx, stop := context.WithCancel(t.Context())
	var loops sync.WaitGroup
	loops.Go(func() { w.pay.Run(ctx) })
	loops.Go(func() { other.Run(ctx) })
	o := w.create("b1")
	w.wechat.pay(w.attempt(o.ID, gateway.WeChat))
	for w.get(o.ID).Status != payment.Paid && t.Context().Err() == nil {
		time.Sleep(time.Millisecond) // real time for the loops; the clock is theirs
	}
	stop()
	loops.Wait()
}

func TestWatchTellsOrders(t *testing.T) {
	w := newWorld(t)
	done := errors.New("done")
	seen := make(chan error, 1)
	after := w.place()
	first := w.create("b0")
	token := ""
	go func() {
		seen <- w.pay.Watch(t.Context(), after, func(at string, o *payment.Order) error {
			token = at
			if o.Status == payment.Paid {
				return done
			}
			return nil
		})
	}()
	w.notify(gateway.WeChat, w.wechat.pay(w.attempt(first.ID, gateway.WeChat)))
	if err := <-seen; !errors.Is(err, done) || token == "" {
		t.Errorf("%v at %q", err, token)
	}
}

// place is where the feed of orders stands.
func (w *world) place() string {
	w.t.Helper()
	token, err := w.pay.Place(w.t.Context())
	if err != nil || token == "" {
		w.t.Fatal(token, err)
	}
	return token
}

// A community's own account comes before the company's, and no company ever gets another's.
func TestAccountsAreChosenByCommunity(t *testing.T) {
	w := newWorld(t)
	own := gateway.Account{ID: "own", Company: "c", Communities: []string{"m2"}, Institution: gateway.WeChat,
		Settings: map[string]string{"private_key_pem": "hidden"}}
	if err := w.accounts.Add(t.Context(), own, w.now()); err != nil {
		t.Fatal(err)
	}
	for place, want := range map[[2]string]string{{"c", "m"}: "w", {"c", "m2"}: "own", {"d", "m2"}: "w2",
		{"d", "m"}: "w2"} {
		if got := w.takenBy(place[0], place[1], gateway.WalletWeChat); got != want {
			t.Errorf("%v: %s; want %s", place, got, want)
		}
	}
	if got := w.takenBy("d", "m", gateway.WalletAlipay); got != string(fault.Unsupported) {
		t.Errorf("an institution without an account: %s", got)
	}
	raw, err := w.store.Get(t.Context(), "merchant_accounts", "own")
	if err != nil || strings.Contains(string(raw.Body), "hidden") {
		t.Errorf("a secret stands open in the store: %s, %v", raw.Body, err)
	}
}
