package billing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/audit"
	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
)

// paidAhead has a home pay so much ahead, in cash, and returns the prepayment and the order.
func paidAhead(t *testing.T, s *books, pay *payment.Service, unit string, amount money.Fen) (*Prepayment,
	*payment.Order) {
	t.Helper()
	o, _, err := s.TopUp(t.Context(), Collect{Unit: unit, Amount: amount, By: "staff:till",
		Origin: payment.Origin{Kind: payment.Counter}})
	if err == nil {
		o, _, err = pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: amount, By: "staff:till"})
	}
	if err != nil {
		t.Fatal(err)
	}
	id, _ := TopUpOf(o.Items[0].Ref)
	return balance(t, s, id), o
}

func balance(t *testing.T, s *books, id string) *Prepayment {
	t.Helper()
	p, err := s.Prepayment(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sums are a prepayment's balance, what of it is set aside, and what is available.
func sums(p *Prepayment) [3]money.Fen { return [3]money.Fen{p.Balance(), p.Reserved(), p.Available()} }

// A bill is paid of a prepayment, in part and in whole; the journal and the audit log tell of it; undone, it is owed
// again.
func TestABillIsPaidOfAPrepayment(t *testing.T) {
	s, pay := open(t)
	unit, bills := threeBills(t, s)
	paidAhead(t, s, pay, unit, 2500)
	p, _ := paidAhead(t, s, pay, unit, 100) // into the same one
	if sums(p) != [3]money.Fen{2600, 0, 2600} {
		t.Fatal(sums(p))
	}
	for _, c := range []struct{ fee, want string }{{"停车费", "600 paid 0"}, {"物业费", "0 unpaid 400"}} {
		p, _, _, err := s.PrepaymentDraw(t.Context(), p.ID, NewDraw{Bill: bills[c.fee], By: "staff:till"})
		if err != nil {
			t.Fatal(err)
		}
		b, err := s.Bill(t.Context(), bills[c.fee])
		if got := fmt.Sprint(int64(p.Available()), " ", b.Status, " ", int64(b.Owed())); err != nil || got != c.want {
			t.Errorf("%s: %s, want %s: %v", c.fee, got, c.want, err)
		}
	}
	_, _, _, err := s.PrepaymentDraw(t.Context(), p.ID, NewDraw{Bill: bills["水费"], By: "staff:till"})
	if !fault.Is(err, fault.WrongState) {
		t.Errorf("an empty one paid: %v", err)
	}
	p, err = s.ReturnDraw(t.Context(), p.ID, 1, "staff:finance", "抵错了")
	if err != nil || sums(p) != [3]money.Fen{2000, 0, 2000} {
		t.Fatal(p, err)
	}
	if b, err := s.Bill(t.Context(), bills["停车费"]); err != nil || b.Owed() != 2000 || b.Status != Unpaid ||
		b.PaidBy != "" {
		t.Errorf("%+v: %v", b, err)
	}
	if got := strings.Join(told(t, s)[3:], "\n"); got != "prepayment_used 2000 停车费 2026-10\n"+
		"prepayment_used 600 物业费 2026-11\nprepayment_returned 2000 停车费 2026-10" {
		t.Errorf("the journal tells\n%s", got)
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
	var verbs []string
	for _, e := range p.OwesAudit {
		verbs = append(verbs, string(e.Verb)+" "+e.Actor)
	}
	if want := []string{"prepayment.used staff:till", "prepayment.used staff:till",
		"prepayment.returned staff:finance"}; !slices.Equal(verbs, want) {
		t.Errorf("%v, not %v", verbs, want)
	}
	var moved []string
	for _, m := range p.Moves() {
		moved = append(moved, fmt.Sprint(m.Kind, " ", int64(m.Amount), " ", int64(m.Balance)))
	}
	slices.Sort(moved) // the clocks of payments and bills differ here
	if want := "paid_in 100"; !strings.Contains(strings.Join(moved, ", "), want) || len(moved) != 5 {
		t.Errorf("%v", moved)
	}
}

// What a prepayment does not pay for, and with which fault.
func TestWhatAPrepaymentDoesNotPay(t *testing.T) {
	s, pay := open(t)
	unit, bills := threeBills(t, s)
	p, _ := paidAhead(t, s, pay, unit, 900)
	held, _, err := s.Collect(t.Context(), Collect{Unit: unit, Bills: []string{bills["水费"]},
		Origin: payment.Origin{Kind: payment.Counter}})
	if err != nil {
		t.Fatal(err)
	}
	row := []any{"阳光里", "1栋", "1", "102", "李四", "13800000002", "物业费", "2026-11", "10.00", "2026-11-30"}
	if _, err := s.Import(t.Context(), all, sheetOf(t, head, row)); err != nil {
		t.Fatal(err)
	}
	others, _, err := s.FindUnits(t.Context(), []string{p.Community}, "102", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := s.Bills(t.Context(), others[0].ID, Unpaid)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		n     NewDraw
		code  fault.Code
		field string
	}{
		"another home's":         {NewDraw{Bill: theirs[0].ID}, fault.Invalid, "bill"},
		"more than is available": {NewDraw{Bill: bills["停车费"], Amount: 901}, fault.Invalid, "amount"},
		"more than is owed":      {NewDraw{Bill: bills["物业费"], Amount: 1001}, fault.Invalid, "amount"},
		"less than nothing":      {NewDraw{Bill: bills["物业费"], Amount: -1}, fault.Invalid, "amount"},
		"one that is collected":  {NewDraw{Bill: bills["水费"]}, fault.OrderOpen, ""},
		"no bill":                {NewDraw{Bill: "none"}, fault.NotFound, ""},
		"a part, by who may not": {NewDraw{Bill: bills["物业费"], Amount: 1}, fault.Forbidden, "amount"},
	} {
		_, _, _, err := s.PrepaymentDraw(t.Context(), p.ID, c.n)
		var f *fault.Error
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		} else if f, _ = err.(*fault.Error); c.field != "" && fmt.Sprint(f.Detail["field"]) != c.field {
			t.Errorf("%s: at %v", name, f.Detail)
		}
	}
	if got := balance(t, s, p.ID); sums(got) != [3]money.Fen{900, 0, 900} || len(got.Draws) != 0 {
		t.Errorf("%v, %+v; %s holds", sums(got), got.Draws, held.ID)
	}
	if _, err := s.LimitPrepayment(t.Context(), p.ID, []string{"物业费"}); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := s.PrepaymentDraw(t.Context(), p.ID, NewDraw{Bill: bills["停车费"]}); !fault.Is(err, fault.Invalid) {
		t.Errorf("limited to another fee, it paid: %v", err)
	}
	n := NewDraw{Bill: bills["物业费"], Amount: 300, InPart: true, Key: "k", KeyHash: "1"}
	for i := range 2 {
		if _, _, hit, err := s.PrepaymentDraw(t.Context(), p.ID, n); err != nil || hit != (i > 0) {
			t.Fatal(hit, err)
		}
	}
	n.KeyHash = "2"
	if _, _, _, err := s.PrepaymentDraw(t.Context(), p.ID, n); !fault.Is(err, fault.KeyReused) {
		t.Errorf("the key of another draw: %v", err)
	}
	if got := balance(t, s, p.ID); sums(got) != [3]money.Fen{600, 0, 600} {
		t.Error(sums(got))
	}
}

// Twenty who pay two bills of one prepayment at once, while others collect them: the money is used once, and each bill
// is paid by no more than it is of.
func TestDrawsAtOnceUseTheMoneyOnce(t *testing.T) {
	for range 5 {
		s, pay := open(t)
		unit, bills := threeBills(t, s)
		p, _ := paidAhead(t, s, pay, unit, 2500)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				bill := bills[[]string{"停车费", "物业费"}[i%2]]
				if i%5 == 4 {
					o, _, err := s.Collect(t.Context(), Collect{Unit: unit, Bills: []string{bill},
						Origin: payment.Origin{Kind: payment.Counter}})
					if err == nil {
						notes := payment.NewCash{Tendered: o.Amount, By: "staff:till"}
						_, _, err = pay.TakeCash(t.Context(), o.ID, notes)
					}
					unexpected(t, err)
					return
				}
				_, _, _, err := s.PrepaymentDraw(t.Context(), p.ID, NewDraw{Bill: bill, Amount: 700, InPart: true,
					By: "staff:till"})
				unexpected(t, err)
			})
		}
		all.Wait()
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		p = balance(t, s, p.ID)
		var drawn money.Fen
		for _, id := range bills {
			b, err := s.Bill(t.Context(), id)
			if err != nil || b.Owed() < 0 {
				t.Fatal(b, err)
			}
			drawn += b.Drawn()
		}
		if p.Balance() != 2500-drawn || p.Available() != p.Balance() || p.Balance() < 0 {
			t.Errorf("the balance is %v, and bills are paid %d of it", sums(p), drawn)
		}
		if why := agrees(t, s, pay); why != "" {
			t.Error(why)
		}
	}
}

func unexpected(t *testing.T, err error) {
	t.Helper()
	if err != nil && !fault.Is(err, fault.OrderOpen) && !fault.Is(err, fault.AlreadyPaid) &&
		!fault.Is(err, fault.WrongState) && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Expired) {
		t.Error(err)
	}
}

// A process that ends after any write leaves a draw half way; the sweep carries it to its end, once.
func TestADrawIsCarriedOnAfterACrash(t *testing.T) {
	s, pay := open(t)
	unit, bills := threeBills(t, s)
	p, _ := paidAhead(t, s, pay, unit, 3000)
	half := func(fee string, amount money.Fen) *Prepayment {
		t.Helper()
		b, err := s.Bill(t.Context(), bills[fee])
		if err == nil {
			p, _, err = s.reserve(t.Context(), p.ID, b, NewDraw{Bill: b.ID, Amount: amount, By: "staff:till"})
		}
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	half("停车费", 2000)    // set aside, and no more
	p = half("物业费", 400) // the bill says so, and nobody looked for orders
	id := p.drawID(p.LastDraw)
	if _, err := s.update(t.Context(), bills["物业费"], func(b *Bill) error {
		b.Settlements = append(b.Settlements, Settlement{Draw: id, Amount: 400, At: today(), Tentative: true})
		b.owe(CheckDraws, today())
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if sums(p) != [3]money.Fen{3000, 2400, 600} {
		t.Fatal(sums(p))
	}
	for range 2 {
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p = balance(t, s, p.ID); sums(p) != [3]money.Fen{600, 0, 600} {
			t.Fatal(sums(p))
		}
	}
	if _, err := s.prepaid.Update(t.Context(), p.ID, func(p *Prepayment) error { // to be undone, and no more
		d := p.Draw(1)
		d.State, d.ReturnedAt, d.ReturnedBy, d.Reason = DrawReturning, today(), "staff:finance", "x"
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p = balance(t, s, p.ID); sums(p) != [3]money.Fen{2600, 0, 2600} {
		t.Fatal(sums(p))
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
}

// An order that held the bill before the draw takes the draw back.
func TestAnOrderThatWasThereBeforeTakesADrawBack(t *testing.T) {
	s, pay := open(t)
	unit, bills := threeBills(t, s)
	p, _ := paidAhead(t, s, pay, unit, 3000)
	b, err := s.Bill(t.Context(), bills["停车费"])
	if err == nil {
		p, _, err = s.reserve(t.Context(), p.ID, b, NewDraw{Bill: b.ID, Amount: 1500, By: "staff:till"})
	}
	if err != nil {
		t.Fatal(err)
	}
	o, _, err := s.Collect(t.Context(), Collect{Unit: unit, Bills: []string{b.ID},
		Origin: payment.Origin{Kind: payment.Counter}}) // between the look and the draw
	if err != nil {
		t.Fatal(err)
	}
	if p, err = s.resumeDraw(t.Context(), p, 1); err != nil || p.Draw(1) != nil || p.Available() != 3000 {
		t.Fatalf("%+v: %v", p, err)
	}
	if _, _, err = pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: 2000, By: "staff:till"}); err != nil {
		t.Fatal(err)
	}
	if b, err = s.Bill(t.Context(), b.ID); err != nil || b.Status != PaidBill || b.PaidBy != o.ID {
		t.Fatalf("%+v: %v", b, err)
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
}

// A refund of what was paid ahead is limited by what is not used, set aside while it waits, and gone once it is done.
func TestAPrepaymentGoesBack(t *testing.T) {
	s, pay := open(t)
	unit, bills := threeBills(t, s)
	p, o := paidAhead(t, s, pay, unit, 2500)
	if _, _, _, err := s.PrepaymentDraw(t.Context(), p.ID, NewDraw{Bill: bills["停车费"], By: "staff:till"}); err != nil {
		t.Fatal(err)
	}
	ask := func(amount money.Fen) (*payment.Order, int, error) {
		o, no, _, err := pay.RequestRefund(t.Context(), o.ID, payment.NewRefund{Reason: "搬走", By: "staff:maker",
			Items: []payment.RefundItem{{Ref: o.Items[0].Ref, Amount: amount}}})
		return o, no, err
	}
	if _, _, err := ask(501); !fault.Is(err, fault.WrongState) {
		t.Fatalf("what is used goes back: %v", err)
	}
	_, no, err := ask(400)
	if err != nil {
		t.Fatal(err)
	}
	if p = balance(t, s, p.ID); sums(p) != [3]money.Fen{500, 400, 100} {
		t.Fatal(sums(p))
	}
	if _, _, _, err := s.PrepaymentDraw(t.Context(), p.ID, NewDraw{Bill: bills["物业费"], Amount: 101}); !fault.Is(err,
		fault.Invalid) {
		t.Errorf("what is set aside paid a bill: %v", err)
	}
	if _, err = pay.DecideRefund(t.Context(), o.ID, no, true, "staff:checker", ""); err == nil {
		_, err = pay.HandOut(t.Context(), o.ID, no, "staff:till")
	}
	if p = balance(t, s, p.ID); err != nil || sums(p) != [3]money.Fen{100, 0, 100} {
		t.Fatal(sums(p), err)
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
	got, err := pay.Get(t.Context(), o.ID)
	if err != nil {
		t.Fatal(err)
	}
	if why, err := s.VerifyOrder(t.Context(), got); why != "" || err != nil {
		t.Error(why, err)
	}
}

// Where the company has it so, bills are paid from the day on which they are due, the oldest first, once a day and when
// money comes in; not those of another fee than it is limited to.
func TestWhatIsDueIsPaidByItself(t *testing.T) {
	now := today()
	clock := func() time.Time { return now }
	s, pay := openBy(t, clock, clock)
	chart := &chartOf{entityOn: func(company, _, _ string) string { return company }}
	s.organisation = chart
	unit, bills := threeBills(t, s) // due on 2026-09-30, 11-30 and 12-31
	paidAhead(t, s, pay, unit, 2500)
	owed := func() string {
		t.Helper()
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, fee := range []string{"停车费", "物业费", "水费"} {
			b, err := s.Bill(t.Context(), bills[fee])
			if err != nil {
				t.Fatal(err)
			}
			left = append(left, fmt.Sprint(int64(b.Owed())))
		}
		return strings.Join(left, " ")
	}
	day := func(text string) { now = noon(t, text) }
	if got := owed(); got != "2000 1000 3000" {
		t.Errorf("the company does not have it so: %s", got)
	}
	chart.payDue = true
	if got := owed(); got != "2000 1000 3000" {
		t.Errorf("it looked twice a day: %s", got)
	}
	day("2026-11-29")
	if got := owed(); got != "0 1000 3000" {
		t.Errorf("a day before: %s", got)
	}
	day("2026-11-30")
	if got := owed(); got != "0 500 3000" {
		t.Errorf("on the day: %s", got)
	}
	p, _ := paidAhead(t, s, pay, unit, 1000)
	if got := owed(); got != "0 0 3000" {
		t.Errorf("more came in: %s", got)
	}
	if _, err := s.LimitPrepayment(t.Context(), p.ID, []string{"物业费"}); err != nil {
		t.Fatal(err)
	}
	day("2027-01-02")
	if got := owed(); got != "0 0 3000" {
		t.Errorf("it is for another fee: %s", got)
	}
	if _, err := s.LimitPrepayment(t.Context(), p.ID, nil); err != nil {
		t.Fatal(err)
	}
	if got := owed(); got != "0 0 2500" {
		t.Errorf("it is for all fees again: %s", got)
	}
	if by := balance(t, s, p.ID).Draws[0].By; by != audit.System {
		t.Errorf("by %s", by)
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
}

// verify names what was tampered with.
func TestVerifyNamesAWrongPrepayment(t *testing.T) {
	for name, c := range map[string]struct {
		tamper func(context.Context, *books, *Prepayment, string) error
		want   string
	}{
		"more came than was paid": {func(ctx context.Context, s *books, p *Prepayment, _ string) error {
			_, err := s.prepaid.Update(ctx, p.ID, func(p *Prepayment) error { p.Credits[0].Amount++; return nil })
			return err
		}, "the order does not"},
		"a draw that no bill knows": {func(ctx context.Context, s *books, p *Prepayment, _ string) error {
			_, err := s.prepaid.Update(ctx, p.ID, func(p *Prepayment) error { p.Draws[0].Amount--; return nil })
			return err
		}, "the prepayment does not"},
		"a bill that was paid of nothing": {func(ctx context.Context, s *books, _ *Prepayment, bill string) error {
			_, err := s.bills.Update(ctx, bill, func(b *Bill) error { b.Settlements[0].Draw = "none/1"; return nil })
			return err
		}, "the prepayment does not"},
		"a bill that forgot its draw": {func(ctx context.Context, s *books, _ *Prepayment, bill string) error {
			_, err := s.bills.Update(ctx, bill, func(b *Bill) error {
				b.Settlements, b.Status, b.PaidBy = nil, Unpaid, ""
				return nil
			})
			return err
		}, "the journal says"},
	} {
		t.Run(name, func(t *testing.T) {
			s, pay := open(t)
			unit, bills := threeBills(t, s)
			p, _ := paidAhead(t, s, pay, unit, 2500)
			if _, _, _, err := s.PrepaymentDraw(t.Context(), p.ID, NewDraw{Bill: bills["停车费"]}); err != nil {
				t.Fatal(err)
			}
			if why := agrees(t, s, pay); why != "" {
				t.Fatal(why)
			}
			if err := c.tamper(t.Context(), s, p, bills["停车费"]); err != nil {
				t.Fatal(err)
			}
			if why := agrees(t, s, pay); !strings.Contains(why, c.want) {
				t.Errorf("%q does not say %q", why, c.want)
			}
		})
	}
}

// What was kept before prepayments could be used is adopted, once.
func TestOldPrepaymentsAreAdopted(t *testing.T) {
	s, pay := open(t)
	unit, _ := threeBills(t, s)
	p, o := paidAhead(t, s, pay, unit, 100)
	for range 2 {
		err := s.old.Insert(t.Context(), &oldPrepayment{ID: o.ID + "-1", Community: o.Community, Unit: unit,
			Order: o.ID, Amount: 77, At: today()})
		if err == nil {
			_, err = s.Sweep(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		if p = balance(t, s, p.ID); p.Available() != 177 || len(p.Credits) != 2 {
			t.Fatalf("%+v", p)
		}
	}
	if sum, err := s.Prepaid(t.Context(), unitOf(t, s, unit)); err != nil || sum != 177 {
		t.Error(sum, err)
	}
}

func unitOf(t *testing.T, s *books, id string) *property.Unit {
	t.Helper()
	u, err := s.Unit(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A draw is undone beside an order that paid the rest: what is owed again is collected as any bill.
func TestWhatADrawUndoneLeavesIsCollected(t *testing.T) {
	s, pay := open(t)
	unit, bills := threeBills(t, s)
	p, _ := paidAhead(t, s, pay, unit, 800)
	bill := bills["停车费"]
	if _, _, _, err := s.PrepaymentDraw(t.Context(), p.ID, NewDraw{Bill: bill}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []money.Fen{1200, 800} {
		o, _, err := s.Collect(t.Context(), Collect{Unit: unit, Bills: []string{bill},
			Origin: payment.Origin{Kind: payment.Counter}})
		if err != nil || o.Amount != want {
			t.Fatal(o, err)
		}
		if _, _, err = pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: want, By: "staff:till"}); err != nil {
			t.Fatal(err)
		}
		if want == 1200 {
			if _, err := s.ReturnDraw(t.Context(), p.ID, 1, "staff:finance", "x"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if b, err := s.Bill(t.Context(), bill); err != nil || b.Status != PaidBill {
		t.Errorf("%+v: %v", b, err)
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
}

// A draw that came after another looked for orders is looked at anew.
func TestEachDrawIsLookedAt(t *testing.T) {
	s, pay := open(t)
	unit, bills := threeBills(t, s)
	p, _ := paidAhead(t, s, pay, unit, 3000)
	id := bills["停车费"]
	tentative := func(draw string, amount money.Fen) *Bill {
		b, err := s.update(t.Context(), id, func(b *Bill) error {
			b.Settlements = append(b.Settlements, Settlement{Draw: draw, Amount: amount, At: today(), Tentative: true})
			b.owe(CheckDraws, today())
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	first := tentative(p.drawID(1), 800)
	if _, _, err := s.Collect(t.Context(), Collect{Unit: unit, Bills: []string{id},
		Origin: payment.Origin{Kind: payment.Counter}}); err != nil {
		t.Fatal(err)
	}
	tentative(p.drawID(2), 1200)
	s.payments = nobody{s.payments} // the first looked before the order was made
	b, err := s.checkDraws(t.Context(), first)
	if err != nil || b.drawn(p.drawID(1)).Tentative || !b.drawn(p.drawID(2)).Tentative || !b.owes(CheckDraws) {
		t.Fatalf("%+v: %v", b, err)
	}
	s.payments = s.payments.(nobody).Payments
	if b, err = s.checkDraws(t.Context(), b); err != nil || b.drawn(p.drawID(2)).Amount != 0 || b.owes(CheckDraws) {
		t.Fatalf("%+v: %v", b, err)
	}
}

// nobody holds anything.
type nobody struct{ Payments }

func (nobody) Holdings(context.Context, string, string, int) ([]payment.Holding, error) {
	return nil, nil
}

// Who has another phone now is the same person, and uses what they paid ahead; another owner does not.
func TestAPrepaymentStaysWithItsOwner(t *testing.T) {
	for name, c := range map[string]struct {
		owner string
		code  fault.Code
		sum   money.Fen
	}{"another phone": {"王小明", "", 3000}, "another owner": {"李四", fault.Invalid, 0}} {
		t.Run(name, func(t *testing.T) {
			s, pay := open(t)
			unit, _ := threeBills(t, s)
			p, _ := paidAhead(t, s, pay, unit, 3000)
			how := all
			how.Take = Takes()
			row := []any{"阳光里", "1栋", "1", "101", c.owner, "13800000077", "清洁费", "2026-11", "5.00", "2026-11-30"}
			if _, err := s.Import(t.Context(), how, sheetOf(t, head, row)); err != nil {
				t.Fatal(err)
			}
			u := unitOf(t, s, unit)
			if u.Tenure != 1 {
				t.Fatalf("%+v", u)
			}
			if sum, err := s.Prepaid(t.Context(), u); err != nil || sum != c.sum {
				t.Error(sum, err)
			}
			owed, err := s.Bills(t.Context(), unit, Unpaid)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(owed, func(b Bill) bool { return b.Fee == "清洁费" })
			_, _, _, err = s.PrepaymentDraw(t.Context(), p.ID, NewDraw{Bill: owed[i].ID})
			if fault.CodeOf(err) != c.code {
				t.Error(err)
			}
		})
	}
}

// Setting aside for a refund that gave nothing back comes to nothing, however late it comes.
func TestNothingIsSetAsideForWhatIsOver(t *testing.T) {
	s, pay := open(t)
	unit, _ := threeBills(t, s)
	p, o := paidAhead(t, s, pay, unit, 1000)
	r := &payment.Refund{OutRefundNo: "R1", Items: []payment.RefundItem{{Ref: o.Items[0].Ref, Amount: 400}}}
	for _, step := range []func() error{
		func() error { return s.Withhold(t.Context(), o, r) }, func() error { return s.Release(t.Context(), o, r) },
		func() error { return s.Withhold(t.Context(), o, r) }, func() error { return s.Release(t.Context(), o, r) },
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	if p = balance(t, s, p.ID); sums(p) != [3]money.Fen{1000, 0, 1000} {
		t.Error(sums(p))
	}
}

// Money that was kept as a prepayment and went back at the institution is gone, also where it was used, once.
func TestWhatWasKeptIsTakenBack(t *testing.T) {
	s, pay := open(t)
	unit, bills := threeBills(t, s)
	p, o := paidAhead(t, s, pay, unit, 300)
	if err := s.KeepPrepayment(t.Context(), o, &payment.UnappliedFunds{No: 1, Amount: 700}); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := s.PrepaymentDraw(t.Context(), p.ID, NewDraw{Bill: bills["物业费"], By: "staff:till"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err := s.Reopen(t.Context(), o, &payment.Refund{OutRefundNo: "P1", Kept: 1, Amount: 700, Foreign: true})
		if p = balance(t, s, p.ID); err != nil || sums(p) != [3]money.Fen{-700, 0, 0} {
			t.Fatal(sums(p), err)
		}
	}
}

// The next day begins at midnight in Asia/Shanghai.
func TestTheNextDay(t *testing.T) {
	for at, want := range map[string]string{
		"2026-11-28T15:59:59Z": "2026-11-28T16:00:00Z", "2026-11-28T16:00:00Z": "2026-11-29T16:00:00Z",
	} {
		now, err := time.Parse(time.RFC3339, at)
		if got := nextDay(now).Format(time.RFC3339); err != nil || got != want {
			t.Errorf("%s: %s, want %s (%s): %v", at, got, want, calendar.Day(now), err)
		}
	}
}
