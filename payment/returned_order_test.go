package payment_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// foreignSum is what the order has as given back at the institution without us.
func foreignSum(o *payment.Order) (sum money.Fen) {
	for _, r := range o.Refunds {
		if r.Foreign && r.Status == payment.RefundSucceeded {
			sum += r.Amount
		}
	}
	return sum
}

// paidBoth is a world in which refunds up to 1 yuan need nobody's approval, and an order of two items of 1 yuan.
func paidBoth(t *testing.T) (*world, *payment.Order) {
	w := newWorld(t)
	w.limit = 100
	w.pay = w.service(w.store)
	return w, w.paid(gateway.WeChat, w.wechat, "b1", "b2")
}

// A refund that was settled by other means, and that the institution makes after all, is one more that went back.
func TestARefundMadeAfterItWasSettledByHand(t *testing.T) {
	w, o := paidBoth(t)
	w.wechat.refundSays = func(r *refund) error { r.state = gateway.RefundAbnormal; return nil }
	o, no := w.ask(o, "", item("b1", 40))
	if _, err := w.pay.SettleRefund(t.Context(), o.ID, no, true, "staff:f", "现金"); err != nil {
		t.Fatal(err)
	}
	r := w.wechat.refunds[o.Refund(no).OutRefundNo]
	r.state = gateway.RefundDone
	for range 2 {
		if got := w.notify(gateway.WeChat, refundMessage(r.report())); got != 200 {
			t.Fatalf("answered %d", got)
		}
	}
	if got := foreignSum(w.get(o.ID)); got != 40 {
		t.Errorf("%d of it is booked, want 40", got)
	}
	if a := w.verified(); a.GivenBack != 80 {
		t.Errorf("%d went back, want 80", a.GivenBack)
	}
}

// The institution's amount of a refund counts for more than a person's, and finance sees it again.
func TestTheInstitutionsAmountCountsForMoreThanAPersons(t *testing.T) {
	for told, booked := range map[money.Fen]money.Fen{120: 120, 20: 20, 10: 20} {
		w, o := paidBoth(t)
		w.wechat.returns(gateway.ReturnedSome, 0)
		w.pass(time.Minute)
		if _, err := w.pay.Check(t.Context(), o.ID); err != nil {
			t.Fatal(err)
		}
		say := payment.DeclaredReturn{Number: "P1", Amount: 20, Note: "平台", By: "staff:f"}
		o, no, _, err := w.pay.ExplainReturn(t.Context(), o.ID, 1, say)
		if err == nil {
			_, err = w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:g", "")
		}
		if err != nil {
			t.Fatal(err)
		}
		w.notify(gateway.WeChat, w.wechat.refundHere(o.Attempt(1).OutTradeNo, "P1", told))
		if got := foreignSum(w.get(o.ID)); got != booked {
			t.Errorf("declared as 20 and told as %d: %d is booked, want %d", told, got, booked)
		}
		list, _, err := w.pay.Find(t.Context(), payment.Filter{Company: "c", Work: payment.QueueReturned})
		if err != nil || (len(list) == 1) != (told != 20) {
			t.Errorf("told as %d: finance's list has %d, %v", told, len(list), err)
		}
		w.verified()
	}
}

// A sum that was told while a refund of ours was under way proves nothing; the institution is asked once that has
// ended.
func TestASumIsAskedForAgainOnceOurRefundHasEnded(t *testing.T) {
	for name, c := range map[string]struct {
		said, then money.Fen // by the institution, before and after ours of 40 ended
		ends       gateway.RefundState
		booked     money.Fen
	}{
		"it did not count ours":             {50, 90, gateway.RefundDone, 50},
		"it counted ours":                   {90, 90, gateway.RefundDone, 50},
		"it counted ours, which was closed": {40, 0, gateway.RefundClosed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w, o := paidBoth(t)
			w.sweep(w.pay, 17*time.Hour+10*time.Minute) // it asks no more by itself
			w.wechat.slowRefund = true
			o, no := w.ask(w.get(o.ID), "", item("b1", 40))
			w.wechat.returns(gateway.ReturnedSome, c.said)
			w.pass(time.Minute)
			if _, err := w.pay.Check(t.Context(), o.ID); err != nil {
				t.Fatal(err)
			}
			w.wechat.returns(gateway.ReturnedSome, c.then)
			if c.then == 0 {
				w.wechat.says = nil
			}
			w.wechat.refunds[o.Refund(no).OutRefundNo].state = c.ends
			w.sweep(w.pay, time.Hour)
			if got := foreignSum(w.get(o.ID)); got != c.booked {
				t.Errorf("%d is booked, want %d", got, c.booked)
			}
			w.verified()
		})
	}
}

// Money that the order could not keep, whose refund waits for approval, is what a person gave back on the page.
func TestARequestIsWithdrawnWhenItsMoneyWentBack(t *testing.T) {
	w := newWorld(t)
	w.gone = []string{"b2"}
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	if _, err := w.pay.DecideUnapplied(t.Context(), o.ID, 1, payment.Return, "staff:a", ""); err != nil {
		t.Fatal(err)
	}
	w.notify(gateway.WeChat, w.wechat.refundHere(o.Attempt(1).OutTradeNo, "P1", 100))
	o = w.get(o.ID)
	if o.Refund(1).Status != payment.RefundRejected || o.UnappliedFunds(1).State != payment.UnappliedRefunded ||
		o.ItemGivenBack("b1") != 0 {
		t.Errorf("%+v, %+v", o.Refunds, o.Unapplied)
	}
	w.verified()
}

// A charge that we had reversed, and that a notification calls refunded, is no payment.
func TestARefundToldOfAReversedChargeIsNoted(t *testing.T) {
	w := newWorld(t)
	w.wechat.askCode = true
	o := w.create("b1")
	o, no, _, err := w.pay.Attempt(t.Context(), o.ID, payment.NewAttempt{
		Wallet: gateway.WalletWeChat, Method: gateway.CodePresented, AuthCode: "134567890123456789",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.sweep(w.pay, 2*time.Minute)
	if got := w.notify(gateway.WeChat, w.wechat.refundHere(o.Attempt(no).OutTradeNo, "P1", 100)); got != 200 {
		t.Errorf("answered %d", got)
	}
	if o = w.get(o.ID); o.Status == payment.Paid || len(o.Refunds) != 0 {
		t.Errorf("%s: %+v", o.Status, o.Refunds)
	}
}

// The same declaration under its key is a repeat, also once it was booked as several refunds.
func TestADeclarationThatWasPartedIsStillARepeat(t *testing.T) {
	w := newWorld(t)
	w.gone = []string{"b2"}
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	w.wechat.returns(gateway.ReturnedSome, 0)
	w.pass(time.Minute)
	if _, err := w.pay.Check(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	say := payment.DeclaredReturn{Amount: 150, Note: "平台", By: "staff:f", Key: "k"}
	o, no, _, err := w.pay.ExplainReturn(t.Context(), o.ID, 1, say)
	if err == nil {
		o, err = w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:g", "")
	}
	if err != nil || foreignSum(o) != 150 {
		t.Fatalf("%v, %+v", err, o)
	}
	if _, again, hit, err := w.pay.ExplainReturn(t.Context(), o.ID, 1, say); err != nil || !hit || again != no {
		t.Errorf("a repeat: refund %d, hit %t, %v", again, hit, err)
	}
	say.Amount = 140
	if _, _, _, err := w.pay.ExplainReturn(t.Context(), o.ID, 1, say); !fault.Is(err, fault.KeyReused) {
		t.Errorf("another amount under the key: %v", err)
	}
	w.verified()
}

// Whatever is asked, refused, closed and made on the page, in any order and told late or twice, what is booked in the
// end is what went back, and never more than that on the way.
func TestReturnsInAnyOrderAreBookedOnce(t *testing.T) {
	for seed := range histories(t) {
		dice := rand.New(rand.NewPCG(seed, 0))
		w, o := paidBoth(t)
		w.wechat.slowRefund = true
		w.pay = w.service(w.store)
		back := func(under bool) (sum money.Fen) {
			for _, r := range w.wechat.refunds {
				if r.state == gateway.RefundDone || under && r.state == gateway.RefundProcessing {
					sum += r.request.Amount
				}
			}
			return sum
		}
		w.wechat.says = func(r *gateway.Report) {
			if r.ReturnedAmount = back(false); r.ReturnedAmount > 0 {
				r.Returned = gateway.ReturnedSome
			}
		}
		w.wechat.refundSays = func(r *refund) error {
			if w.wechat.refunds[r.request.OutRefundNo] == nil && back(true)+r.request.Amount > 200 {
				return &gateway.Error{Kind: gateway.Declined, Signed: true, Code: "NOT_ENOUGH"}
			}
			return nil
		}
		var told []gateway.RawNotification
		ends := func(to gateway.RefundState) {
			for _, no := range slices.Sorted(maps.Keys(w.wechat.refunds)) {
				if r := w.wechat.refunds[no]; r.state == gateway.RefundProcessing {
					r.state, told = to, append(told, refundMessage(r.report()))
				}
			}
		}
		for n := range 12 {
			w.pass(time.Minute)
			amount := money.Fen(10 * (1 + dice.IntN(8)))
			switch dice.IntN(6) {
			case 0, 1:
				items := []payment.RefundItem{item([]string{"b1", "b2"}[dice.IntN(2)], amount)}
				_, _, _, err := w.pay.RequestRefund(t.Context(), o.ID,
					payment.NewRefund{Items: items, Reason: "x", By: "staff:m"})
				if err != nil && !fault.Is(err, fault.Invalid) {
					t.Fatal(err)
				}
			case 2:
				if back(true)+amount <= 200 {
					told = append(told, w.wechat.refundHere(o.Attempt(1).OutTradeNo, "P"+string(rune('a'+n)), amount))
				}
			case 3:
				ends([]gateway.RefundState{gateway.RefundDone, gateway.RefundClosed}[dice.IntN(2)])
			case 4:
				if _, err := w.pay.Check(t.Context(), o.ID); err != nil {
					t.Fatal(err)
				}
			default:
				if len(told) > 0 {
					w.notify(gateway.WeChat, told[dice.IntN(len(told))])
				}
			}
			if got := w.get(o.ID).BackUpstream(1); got > back(false) {
				t.Fatalf("seed %d: %d is booked, and %d went back: %+v", seed, got, back(false), w.get(o.ID).Refunds)
			}
		}
		ends(gateway.RefundDone)
		for range 4 {
			for _, m := range told {
				w.notify(gateway.WeChat, m)
			}
			w.pass(7 * time.Hour)
			w.sweep(w.pay, time.Minute)
		}
		o = w.get(o.ID)
		if got := o.BackUpstream(1); got != back(false) {
			t.Errorf("seed %d: %d is booked, and %d went back: %+v", seed, got, back(false), o.Refunds)
		}
		for _, it := range o.Items {
			if o.ItemGivenBack(it.Ref) > it.Amount {
				t.Errorf("seed %d: %s gave back %d of %d", seed, it.Ref, o.ItemGivenBack(it.Ref), it.Amount)
			}
		}
		w.verified()
	}
}

// histories is how many histories are tried: LINLIPAY_TEST_HISTORIES, a few in everyday tests.
func histories(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("LINLIPAY_TEST_HISTORIES")
	if text == "" {
		return 12
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n == 0 {
		t.Fatalf("LINLIPAY_TEST_HISTORIES is %q", text)
	}
	return n
}
