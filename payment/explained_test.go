package payment_test

import (
	"slices"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// untold has an order over two items of 1 yuan paid, of which the institution then says that some went back, and not
// how much.
func (w *world) untold() *payment.Order {
	w.t.Helper()
	return w.saysUntold(w.paid(gateway.WeChat, w.wechat, "b1", "b2"))
}

func (w *world) saysUntold(o *payment.Order) *payment.Order {
	w.t.Helper()
	w.wechat.returns(gateway.ReturnedSome, 0)
	w.pass(time.Minute)
	o, err := w.pay.Check(w.t.Context(), o.ID)
	if err != nil || !o.ReturnedUnknown(1) {
		w.t.Fatalf("%v: %+v", err, o)
	}
	return o
}

// events are what an order's timeline says of some kinds: who, and the note.
func events(o *payment.Order, kinds ...payment.EventKind) (said []string) {
	for _, e := range o.Timeline {
		if slices.Contains(kinds, e.What) {
			said = append(said, string(e.What)+" "+e.By+" "+e.Note)
		}
	}
	return said
}

func TestADismissalIsTakenBack(t *testing.T) {
	w := newWorld(t)
	o := w.untold()
	listed := func() int {
		list, _, err := w.pay.Find(t.Context(), payment.Filter{Company: "c", Work: payment.QueueReturned})
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if _, err := w.pay.ReopenReturn(t.Context(), o.ID, 1, "staff:g", "x"); !fault.Is(err, fault.WrongState) {
		t.Errorf("opened again what nobody had ended: %v", err)
	}
	if _, err := w.pay.DismissReturn(t.Context(), o.ID, 1, "staff:f", "平台查无退款"); err != nil || listed() != 0 {
		t.Fatal(err)
	}
	if _, err := w.pay.ReopenReturn(t.Context(), o.ID, 1, "staff:g", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := w.pay.ReopenReturn(t.Context(), o.ID, 9, "staff:g", "x"); !fault.Is(err, fault.WrongState) {
		t.Errorf("of an attempt that is not there: %v", err)
	}
	o, err := w.pay.ReopenReturn(t.Context(), o.ID, 1, "staff:g", "看错了一笔")
	if err != nil || !o.ReturnedUnknown(1) || listed() != 1 || o.Attempt(1).Returns.DismissedBy != "" {
		t.Errorf("%v: %+v", err, o.Attempt(1).Returns)
	}
	if _, err := w.pay.ReopenReturn(t.Context(), o.ID, 1, "staff:g", "x"); !fault.Is(err, fault.WrongState) {
		t.Errorf("opened again twice: %v", err)
	}
	want := []string{"return_dismissed staff:f 平台查无退款", "return_reopened staff:g 看错了一笔"}
	got := events(o, payment.ReturnSeen, payment.ReturnDismissed, payment.ReturnReopened)
	if !slices.Equal(got, want) {
		t.Errorf("the history says %q", got)
	}
	if a := w.verified(); a.Unknown != 1 {
		t.Errorf("the verification counts %d", a.Unknown)
	}
}

// What people find out of money that the institution did not tell the amount of.
type finding func(w *world, o *payment.Order) error

func nothingFound(*world, *payment.Order) error { return nil }

func declares(amount money.Fen) finding {
	return func(w *world, o *payment.Order) error {
		n := payment.DeclaredReturn{Amount: amount, Note: "商户平台截图", By: "staff:f"}
		_, _, _, err := w.pay.ExplainReturn(w.t.Context(), o.ID, 1, n)
		return err
	}
}

// then has another person decide what was declared.
func (f finding) then(approve bool) finding {
	return func(w *world, o *payment.Order) error {
		if err := f(w, o); err != nil {
			return err
		}
		o = w.get(o.ID)
		no := o.Refunds[len(o.Refunds)-1].No
		_, err := w.pay.DecideRefund(w.t.Context(), o.ID, no, approve, "staff:g", "核对")
		return err
	}
}

func dismisses(w *world, o *payment.Order) error {
	_, err := w.pay.DismissReturn(w.t.Context(), o.ID, 1, "staff:f", "平台查无退款")
	return err
}

func dismissesAndReopens(w *world, o *payment.Order) error {
	if err := dismisses(w, o); err != nil {
		return err
	}
	_, err := w.pay.ReopenReturn(w.t.Context(), o.ID, 1, "staff:g", "看错了")
	return err
}

// While nobody knows how much went back of a payment, no refund of it is asked for, approved, tried again or made up
// for by other means: the money might go out twice. Add a line for another thing that people find out.
func TestNoRefundBeforeWhatWentBackIsExplained(t *testing.T) {
	for name, c := range map[string]struct {
		find finding
		free bool
	}{
		"nothing":                      {nothingFound, false},
		"an amount, not approved yet":  {declares(30), false},
		"an amount that was approved":  {declares(30).then(true), true},
		"an amount that was rejected":  {declares(30).then(false), false},
		"that nothing went back":       {dismisses, true},
		"that it was wrong about that": {dismissesAndReopens, false},
	} {
		t.Run(name, func(t *testing.T) {
			for way, do := range refundsAfter {
				w := newWorld(t)
				o, ask := do(w)
				if err := c.find(w, o); err != nil {
					t.Fatalf("%s: %v", way, err)
				}
				gave := w.wechat.gave
				err := ask(o.ID)
				if c.free && err != nil || !c.free && !fault.Is(err, fault.WrongState) {
					t.Errorf("%s: %v", way, err)
				}
				if !c.free && w.wechat.gave != gave {
					t.Errorf("%s: money went out", way)
				}
			}
		})
	}
}

// refundsAfter are the ways in which a person sends money back, each up to where the institution does not tell how much
// went back, and from there.
var refundsAfter = map[string]func(w *world) (o *payment.Order, ask func(id string) error){
	"asked for": func(w *world) (*payment.Order, func(string) error) {
		return w.untold(), func(id string) error {
			n := payment.NewRefund{Items: []payment.RefundItem{item("b1", 50)}, Reason: "退", By: "staff:c"}
			_, _, _, err := w.pay.RequestRefund(w.t.Context(), id, n)
			return err
		}
	},
	"approved": func(w *world) (*payment.Order, func(string) error) {
		o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
		o, no := w.ask(o, "", item("b1", 50))
		return w.saysUntold(o), func(id string) error {
			_, err := w.pay.DecideRefund(w.t.Context(), id, no, true, "staff:g", "")
			return err
		}
	},
	"tried again": func(w *world) (*payment.Order, func(string) error) {
		o, no := w.refused()
		return w.saysUntold(o), func(id string) error {
			_, err := w.pay.RetryRefund(w.t.Context(), id, no, "staff:g")
			return err
		}
	},
	"by other means": func(w *world) (*payment.Order, func(string) error) {
		o, no := w.refused()
		return w.saysUntold(o), func(id string) error {
			_, err := w.pay.SettleRefund(w.t.Context(), id, no, true, "staff:g", "现金退还")
			return err
		}
	},
}

// refused has a refund of 50 fen of an order's 2 yuan that the institution would not make.
func (w *world) refused() (*payment.Order, int) {
	w.t.Helper()
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	o, no := w.ask(o, "", item("b1", 50))
	w.wechat.refundSays = func(*refund) error {
		return &gateway.Error{Kind: gateway.Declined, Signed: true, Code: "NOT_ENOUGH",
			Reason: gateway.MerchantBalance}
	}
	o, err := w.pay.DecideRefund(w.t.Context(), o.ID, no, true, "staff:g", "")
	w.wechat.refundSays = nil
	if err != nil || o.Refund(no).Status != payment.RefundAbnormal {
		w.t.Fatalf("%v: %+v", err, o.Refunds)
	}
	return o, no
}

// What the approval of a declared amount would open again is what it then opens.
func TestWhatAnApprovalWouldReopen(t *testing.T) {
	for name, c := range map[string]struct {
		amount money.Fen
		want   []payment.RefundItem
	}{
		"a part of the last bill":          {30, []payment.RefundItem{item("b2", 30)}},
		"all of it, and some of the first": {130, []payment.RefundItem{item("b2", 100), item("b1", 30)}},
		"everything":                       {200, []payment.RefundItem{item("b2", 100), item("b1", 100)}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			o := w.untold()
			if err := declares(c.amount)(w, o); err != nil {
				t.Fatal(err)
			}
			o = w.get(o.ID)
			before := o.Version
			if got := o.WouldReopen(o.Refund(1)); !slices.Equal(got, c.want) || len(o.Refund(1).Items) != 0 {
				t.Errorf("would open %v again", got)
			}
			o, err := w.pay.DecideRefund(t.Context(), o.ID, 1, true, "staff:g", "")
			if err != nil || o.Version == before || !slices.Equal(o.Refund(1).Items, c.want) {
				t.Errorf("opened %v again, %v", o.Refund(1).Items, err)
			}
			if got := o.WouldReopen(o.Refund(1)); !slices.Equal(got, c.want) {
				t.Errorf("says afterwards that it opened %v again", got)
			}
		})
	}
}

// Unapplied funds of which some went back is sent back neither by itself nor by a person, until that is explained.
func TestUnappliedFundsAreExplainedFirst(t *testing.T) {
	w := newWorld(t)
	w.policy(payment.RefundUnapplied)
	o := w.create("b1")
	late := w.attempt(o.ID, gateway.WeChat)
	if _, err := w.pay.Close(t.Context(), o.ID, payment.ByCancel, ""); err != nil {
		t.Fatal(err)
	}
	w.paid(gateway.Alipay, w.alipay, "b1")
	w.wechat.returns(gateway.ReturnedSome, 0)
	w.notify(gateway.WeChat, w.wechat.pay(late))
	w.sweep(w.pay, time.Minute)
	giveBack := func() error {
		_, err := w.pay.DecideUnapplied(t.Context(), o.ID, 1, payment.Return, "staff:f", "")
		return err
	}
	if err := giveBack(); !fault.Is(err, fault.WrongState) || w.wechat.gave != 0 {
		t.Errorf("%v; gave back %d times", err, w.wechat.gave)
	}
	if err := declares(40).then(true)(w, o); err != nil {
		t.Fatal(err)
	}
	o = w.get(o.ID)
	if len(o.Unapplied) != 2 || o.Unapplied[0].Amount != 40 || o.Unapplied[1].State != payment.UnappliedOpen {
		t.Fatalf("%+v", o.Unapplied)
	}
	if _, err := w.pay.DecideUnapplied(t.Context(), o.ID, 2, payment.Return, "staff:f", ""); err != nil {
		t.Errorf("the rest, once it is explained: %v", err)
	}
	w.verified()
}
