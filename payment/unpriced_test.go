package payment_test

import (
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// returnsListed is how many orders stand in finance's list of what went back.
func (w *world) returnsListed() int {
	w.t.Helper()
	list, _, err := w.pay.Find(w.t.Context(), payment.Filter{Company: "c", Work: payment.QueueReturned})
	if err != nil {
		w.t.Fatal(err)
	}
	return len(list)
}

// toldWithoutAmount has the institution tell of a refund that is not ours, and not how much it was.
func toldWithoutAmount(number string) finding {
	return func(w *world, o *payment.Order) error {
		told := gateway.RefundReport{
			OutTradeNo: o.Attempt(1).OutTradeNo, OutRefundNo: number, State: gateway.RefundDone, Raw: "X",
		}
		if got := w.notify(gateway.WeChat, refundMessage(told)); got != 200 {
			w.t.Errorf("answered %d", got)
		}
		return nil
	}
}

func toldWith(number string, amount money.Fen) finding {
	return func(w *world, o *payment.Order) error {
		w.notify(gateway.WeChat, w.wechat.refundHere(o.Attempt(1).OutTradeNo, number, amount))
		return nil
	}
}

// ours has 40 fen of b1 given back by us.
func ours(w *world, o *payment.Order) error {
	w.ask(w.get(o.ID), "", item("b1", 40))
	return nil
}

// oursEnds ends what we had asked for.
func oursEnds(w *world, _ *payment.Order) error {
	for _, r := range w.wechat.refunds {
		r.state = gateway.RefundDone
	}
	w.sweep(w.pay, 30*time.Minute)
	return nil
}

// saysSome has every answer about the payment say that some went back, and not how much.
func saysSome(w *world, _ *payment.Order) error {
	w.wechat.returns(gateway.ReturnedSome, 0)
	return nil
}

// seen has finance see all that is booked.
func seen(w *world, o *payment.Order) error {
	for _, r := range w.get(o.ID).Refunds {
		if r.Foreign && r.SeenBy == "" {
			if _, err := w.pay.SeeReturn(w.t.Context(), o.ID, r.No, "staff:f", ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// A refund that the institution named, and that is not ours, stands in finance's list until its amount is known,
// whatever else went back. Add a line for another order of things.
func TestARefundNamedWithoutItsAmountIsExplained(t *testing.T) {
	slow := func(w *world, _ *payment.Order) error { w.wechat.slowRefund = true; return nil }
	for name, c := range map[string]struct {
		steps   []finding
		listed  int
		foreign money.Fen
	}{
		"by itself":              {[]finding{toldWithoutAmount("P1")}, 1, 0},
		"after a refund of ours": {[]finding{ours, toldWithoutAmount("P1")}, 1, 0},
		"while one of ours is under way": {
			[]finding{slow, ours, saysSome, toldWithoutAmount("P1"), oursEnds, toldWithoutAmount("P1")}, 1, 0},
		"after another one there": {[]finding{toldWith("P1", 30), seen, toldWithoutAmount("P2")}, 1, 30},
		"and it is declared and approved, and told again": {
			[]finding{toldWithoutAmount("P1"), declares(30).then(true), toldWithoutAmount("P1")}, 0, 30},
		"after another one there, and it is declared": {
			[]finding{toldWith("P1", 30), seen, toldWithoutAmount("P2"), declares(50).then(true)}, 0, 80},
		"and it is declared, and another told before that is approved": {
			[]finding{toldWithoutAmount("P1"), declares(30), toldWithoutAmount("P2"), approves}, 1, 30},
		"and one of two is declared by its number": {
			[]finding{toldWithoutAmount("P1"), toldWithoutAmount("P2"), declaresNumber("P1", 30), approves}, 1, 30},
		"and it is declared":               {[]finding{toldWithoutAmount("P1"), declares(30)}, 0, 0},
		"and it is declared, and rejected": {[]finding{toldWithoutAmount("P1"), declares(30).then(false)}, 1, 0},
		"and told with it":                 {[]finding{toldWithoutAmount("P1"), toldWith("P1", 30), seen}, 0, 30},
		"and dismissed, and again": {[]finding{toldWithoutAmount("P1"), dismisses, toldWithoutAmount("P1")}, 0,
			0},
		"and another after that":    {[]finding{toldWithoutAmount("P1"), dismisses, toldWithoutAmount("P2")}, 1, 0},
		"and dismissed by mistake":  {[]finding{ours, toldWithoutAmount("P1"), dismissesAndReopens}, 1, 0},
		"of what a sum had counted": {[]finding{toldSum(30), seen, toldWithoutAmount("P1")}, 0, 30},
		"and then a sum is told":    {[]finding{toldWithoutAmount("P1"), toldSum(30), seen}, 0, 30},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.limit = 100
			w.pay = w.service(w.store)
			o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
			for _, step := range c.steps {
				w.pass(time.Minute)
				if err := step(w, o); err != nil {
					t.Fatal(err)
				}
			}
			if o = w.get(o.ID); w.returnsListed() != c.listed || foreignSum(o) != c.foreign {
				t.Errorf("%d listed, %d went back there, want %d and %d: %+v",
					w.returnsListed(), foreignSum(o), c.listed, c.foreign, o.Attempt(1).Returns)
			}
			w.verified()
		})
	}
}

func declaresNumber(number string, amount money.Fen) finding {
	return func(w *world, o *payment.Order) error {
		n := payment.DeclaredReturn{Number: number, Amount: amount, Note: "商户平台截图", By: "staff:f"}
		_, _, _, err := w.pay.ExplainReturn(w.t.Context(), o.ID, 1, n)
		return err
	}
}

// approves has another person approve the first thing that was declared.
func approves(w *world, o *payment.Order) error {
	_, err := w.pay.DecideRefund(w.t.Context(), o.ID, 1, true, "staff:g", "")
	return err
}

// What waits for approval is not declared again.
func TestARefundIsDeclaredOnce(t *testing.T) {
	w := newWorld(t)
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	for _, step := range []finding{toldWithoutAmount("P1"), declares(30)} {
		if err := step(w, o); err != nil {
			t.Fatal(err)
		}
	}
	if err := declares(30)(w, o); !fault.Is(err, fault.WrongState) {
		t.Errorf("declared twice: %v", err)
	}
}

// toldSum has the institution say, when it is asked, how much went back in all.
func toldSum(amount money.Fen) finding {
	return func(w *world, o *payment.Order) error {
		w.wechat.returns(gateway.ReturnedSome, amount)
		_, err := w.pay.Check(w.t.Context(), o.ID)
		return err
	}
}

// Where a person declared an amount without a number, and the institution names a refund of another, finance sees it.
func TestARefundOfAnotherAmountThanWasDeclaredIsSeen(t *testing.T) {
	w := newWorld(t)
	o := w.untold()
	if err := declares(50).then(true)(w, o); err != nil || w.returnsListed() != 0 {
		t.Fatal(err)
	}
	for range 2 {
		if err := toldWith("P3", 40)(w, o); err != nil || w.returnsListed() != 1 {
			t.Errorf("finance does not see it: %v", err)
		}
	}
	if err := seen(w, o); err != nil || w.returnsListed() != 0 || foreignSum(w.get(o.ID)) != 50 {
		t.Errorf("%v", err)
	}
	w.verified()
}

// Money of which some went back, and nobody knows how much, becomes no prepayment: neither by itself nor by a person.
func TestNoPrepaymentBeforeWhatWentBackIsExplained(t *testing.T) {
	w := newWorld(t)
	w.policy(payment.PrepayUnapplied)
	o := w.create("b1")
	late := w.attempt(o.ID, gateway.WeChat)
	if _, err := w.pay.Close(t.Context(), o.ID, payment.ByCancel, ""); err != nil {
		t.Fatal(err)
	}
	w.paid(gateway.Alipay, w.alipay, "b1")
	w.wechat.returns(gateway.ReturnedSome, 0)
	w.notify(gateway.WeChat, w.wechat.pay(late))
	w.sweep(w.pay, time.Minute)
	prepay := func() error {
		_, err := w.pay.DecideUnapplied(t.Context(), o.ID, 1, payment.Prepay, "staff:f", "")
		return err
	}
	if err := prepay(); !fault.Is(err, fault.WrongState) || len(w.prepaid) != 0 {
		t.Errorf("%v; kept %v", err, w.prepaid)
	}
	if err := dismisses(w, o); err != nil {
		t.Fatal(err)
	}
	if err := prepay(); err != nil || len(w.prepaid) != 1 {
		t.Errorf("once it is explained: %v; kept %v", err, w.prepaid)
	}
	w.verified()
}

// What is in the books already, a refund of ours among it, cannot be declared.
func TestWhatIsInTheBooksIsNotDeclared(t *testing.T) {
	w := newWorld(t)
	w.limit = 100
	w.pay = w.service(w.store)
	o := w.paid(gateway.WeChat, w.wechat, "b1", "b2")
	o, no := w.ask(o, "", item("b1", 40))
	for _, step := range []finding{toldWith("P1", 30), toldWithoutAmount("P2")} {
		if err := step(w, o); err != nil {
			t.Fatal(err)
		}
	}
	for _, number := range []string{o.Refund(no).OutRefundNo, o.Refund(no).RefundID, "P1", "50-P1"} {
		n := payment.DeclaredReturn{Number: number, Amount: 10, Note: "平台", By: "staff:f"}
		if _, _, _, err := w.pay.ExplainReturn(t.Context(), o.ID, 1, n); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", number, err)
		}
	}
}
