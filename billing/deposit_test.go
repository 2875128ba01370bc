package billing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
)

// deposited has a home pay a deposit, and returns it and its order.
func deposited(t *testing.T, s *books, pay *payment.Service, unit, name string, amount money.Fen) (*Prepayment,
	*payment.Order) {
	t.Helper()
	o, _, err := s.TopUp(t.Context(), Collect{Unit: unit, Amount: amount, Deposit: &Deposit{Name: name},
		By: "staff:till", Origin: payment.Origin{Kind: payment.Counter}})
	if err == nil {
		o, _, err = pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: amount, By: "staff:till"})
	}
	if err != nil {
		t.Fatal(err)
	}
	id, _ := TopUpOf(o.Items[0].Ref)
	return balance(t, s, id), o
}

// staying asks for so much of a deposit to stay with the company.
func staying(amount money.Fen, m PayoutMethod, fee string) NewPayout {
	return NewPayout{Amount: amount, Method: m, Fee: fee, Consent: "确认单 8", Reason: "墙面破损", Key: string(m),
		KeyHash: "1", By: till}
}

// Each deposit is a document of its own and pays no bills, whatever is owed and due.
func TestADepositPaysNoBills(t *testing.T) {
	s, pay := open(t)
	unit, bills := threeBills(t, s)
	d, o := deposited(t, s, pay, unit, "装修押金", 3000)
	deposited(t, s, pay, unit, "门禁卡押金", 100)
	p, _ := paidAhead(t, s, pay, unit, 500)
	if d.Deposit.Name != "装修押金" || o.Items[0].Title != "装修押金" || sums(d) != [3]money.Fen{3000, 0, 3000} {
		t.Errorf("%+v %+v", d, o.Items)
	}
	held, err := s.Deposits(t.Context(), unit)
	ahead, failed := s.Prepayments(t.Context(), unit)
	if err != nil || failed != nil || len(held) != 2 || held[0].Deposit.Name != "门禁卡押金" || len(ahead) != 1 ||
		ahead[0].ID != p.ID {
		t.Errorf("%+v %+v %v %v", held, ahead, err, failed)
	}
	if sum, err := s.Prepaid(t.Context(), unitOf(t, s, unit)); sum != 500 || err != nil {
		t.Error(sum, err)
	}
	_, _, _, err = s.PrepaymentDraw(t.Context(), d.ID, NewDraw{Bill: bills["停车费"], By: "staff:till"})
	if !fault.Is(err, fault.WrongState) {
		t.Errorf("it paid a bill: %v", err)
	}
	if _, err := s.LimitPrepayment(t.Context(), d.ID, []string{"水费"}); !fault.Is(err, fault.WrongState) {
		t.Errorf("it was limited: %v", err)
	}
	if prepaid.Keys(d)["search"] != nil {
		t.Error("bills that are due are looked for")
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
	for _, name := range []string{" ", strings.Repeat("押", 41), payment.AheadTitle} {
		_, _, err := s.TopUp(t.Context(), Collect{Unit: unit, Amount: 1, Deposit: &Deposit{Name: name}})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A repeat of the request makes no second deposit, and another request makes one.
func TestADepositIsTakenOnce(t *testing.T) {
	s, _ := open(t)
	unit, _ := threeBills(t, s)
	var refs []string
	for _, key := range []string{"a", "a", "b", "", ""} {
		o, _, err := s.TopUp(t.Context(), Collect{Unit: unit, Amount: 100, Deposit: &Deposit{Name: "装修押金"}, Key: key,
			KeyHash: "1", By: "staff:till", Origin: payment.Origin{Kind: payment.Counter}})
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, o.Items[0].Ref)
	}
	if refs[0] != refs[1] || len(slices.Compact(refs)) != 4 {
		t.Error(refs)
	}
}

// With the payer's consent and another person's approval some of a deposit stays with the company, and some becomes a
// prepayment; the rest goes back to a payee. Books, journal and orders agree at every step.
func TestADepositIsSettled(t *testing.T) {
	s, pay := openBy(t, time.Now, time.Now)
	unit, bills := threeBills(t, s)
	d, o := deposited(t, s, pay, unit, "装修押金", 3000)
	is := func(what string, want [3]money.Fen) {
		t.Helper()
		if got := sums(balance(t, s, d.ID)); got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
		if why := agrees(t, s, pay); why != "" {
			t.Errorf("%s: %s", what, why)
		}
	}
	_, request := askedOut(t, s, d.ID, staying(800, Deduction, "装修损坏赔偿"))
	is("asked for", [3]money.Fen{3000, 800, 2200})
	yes := approval.Decision{Request: request, Approve: true}
	if _, err := s.DecidePayout(t.Context(), d.ID, yes, till); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the asker decided: %v", err)
	}
	if _, err := s.DecidePayout(t.Context(), d.ID, yes, finance); err != nil {
		t.Fatal(err)
	}
	is("deducted", [3]money.Fen{2200, 0, 2200})
	if _, err := s.PayPayout(t.Context(), d.ID, request, "单 1", "staff:till"); !fault.Is(err, fault.WrongState) {
		t.Errorf("it was paid: %v", err)
	}
	if _, err := s.CancelPayout(t.Context(), d.ID, request, "x", "staff:finance"); !fault.Is(err, fault.WrongState) {
		t.Errorf("it was cancelled: %v", err)
	}
	toBePaid(t, s, d.ID, staying(1200, AsPrepayment, ""))
	is("moved", [3]money.Fen{1000, 0, 1000})
	ahead, err := s.Prepayments(t.Context(), unit)
	if err != nil || len(ahead) != 1 || sums(&ahead[0]) != [3]money.Fen{1200, 0, 1200} {
		t.Fatalf("%+v: %v", ahead, err)
	}
	if _, _, _, err := s.PrepaymentDraw(t.Context(), ahead[0].ID, NewDraw{Bill: bills["物业费"],
		By: "staff:till"}); err != nil {
		t.Error(err)
	}
	is("it pays a bill", [3]money.Fen{1000, 0, 1000})
	last := toBePaid(t, s, d.ID, handed(1000, "z"))
	if _, err := s.PayPayout(t.Context(), d.ID, last, "", "staff:till"); err != nil {
		t.Error(err)
	}
	is("paid out", [3]money.Fen{0, 0, 0})
	items := []payment.RefundItem{{Ref: o.Items[0].Ref, Amount: 1}}
	if _, _, _, err := pay.RequestRefund(t.Context(), o.ID, payment.NewRefund{Items: items, Reason: "退",
		By: "staff:till"}); !fault.Is(err, fault.WrongState) {
		t.Errorf("what is gone went back too: %v", err)
	}
	said := strings.Join(told(t, s), "|")
	for _, want := range []string{"deposit_deducted 800 装修损坏赔偿 ", "deposit_moved 1200  ",
		"deposit_paid_out 1000  "} {
		if strings.Count(said, want) != 1 {
			t.Errorf("%q is not said once in %q", want, said)
		}
	}
	var moves []string
	for _, m := range slices.Concat(balance(t, s, d.ID).Moves(), balance(t, s, ahead[0].ID).Moves()) {
		moves = append(moves, fmt.Sprintf("%s %d %d", m.Kind, m.Amount, m.Balance))
	}
	want := []string{"paid_in 3000 3000", "deducted -800 2200", "moved -1200 1000", "paid_out -1000 0",
		"moved 1200 1200", "used -1000 200"}
	if !slices.Equal(moves, want) {
		t.Errorf("%q", moves)
	}
}

// A process that dies between the approval and the prepayment leaves it to the sweep, which does it once.
func TestWhatMovesArrivesOnce(t *testing.T) {
	s, pay := open(t)
	unit, _ := threeBills(t, s)
	d, _ := deposited(t, s, pay, unit, "装修押金", 3000)
	_, request := askedOut(t, s, d.ID, staying(1200, AsPrepayment, ""))
	_, err := s.prepaid.Update(t.Context(), d.ID, func(p *Prepayment) error {
		o := p.Payout(request)
		o.State = approval.Approved
		p.paid(o, "", "staff:finance", s.now())
		return nil
	})
	if why := agrees(t, s, pay); err != nil || why != "" {
		t.Fatalf("%s: %v", why, err)
	}
	for range 2 {
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		ahead, err := s.Prepayments(t.Context(), unit)
		if err != nil || len(ahead) != 1 || ahead[0].Balance() != 1200 {
			t.Fatalf("%+v: %v", ahead, err)
		}
		if why := agrees(t, s, pay); why != "" {
			t.Error(why)
		}
	}
	if d = balance(t, s, d.ID); d.Payout(request).Moving || !d.openSince().IsZero() {
		t.Errorf("%+v", d)
	}
}

// A process that dies before the prepayment has what a deposit became, or what went back of it, leaves it owed.
func TestWhatMovesIsNotLost(t *testing.T) {
	st := &losing{Store: sqlitetest.Open(t, slices.Concat(Schemas(), property.Schemas(), payment.Schemas())...)}
	s, pay := openOn(t, st, time.Now, time.Now)
	unit, _ := threeBills(t, s)
	d, o := deposited(t, s, pay, unit, "装修押金", 3000)
	_, request := askedOut(t, s, d.ID, staying(1200, AsPrepayment, ""))
	st.lost = d.prepaid()
	yes := approval.Decision{Request: request, Approve: true}
	if _, err := s.DecidePayout(t.Context(), d.ID, yes, finance); err != nil {
		t.Fatal(err)
	}
	arrives := func(want money.Fen) {
		t.Helper()
		if !balance(t, s, d.ID).Payout(request).Moving {
			t.Fatal("nothing is owed")
		}
		st.lost = ""
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := balance(t, s, d.prepaid()).Balance(); got != want || balance(t, s, d.ID).Payout(request).Moving {
			t.Errorf("%s arrived", got)
		}
	}
	arrives(1200)
	st.lost = d.prepaid()
	back := &payment.Refund{OutRefundNo: "P", Amount: 2000, Foreign: true, SucceededAt: time.Now(),
		Items: []payment.RefundItem{{Ref: o.Items[0].Ref, Amount: 2000}}}
	if err := s.Reopen(t.Context(), o, back); err == nil {
		t.Error("the order owes it no more")
	}
	arrives(1000)
	if err := s.Reopen(t.Context(), o, back); err != nil {
		t.Error(err)
	}
}

// losing is a store that loses every write of one document.
type losing struct {
	store.Store
	lost string
}

func (l *losing) Insert(ctx context.Context, collection string, d store.Doc) error {
	if d.ID == l.lost {
		return errors.New("the process died")
	}
	return l.Store.Insert(ctx, collection, d)
}

func (l *losing) Replace(ctx context.Context, collection string, d store.Doc) error {
	if d.ID == l.lost {
		return errors.New("the process died")
	}
	return l.Store.Replace(ctx, collection, d)
}

// What stays with the company is of a deposit, and says what for and how the payer agreed.
func TestWhatADeductionNeeds(t *testing.T) {
	s, pay := open(t)
	unit, _ := threeBills(t, s)
	p, _ := paidAhead(t, s, pay, unit, 1000)
	d, _ := deposited(t, s, pay, unit, "装修押金", 1000)
	for name, c := range map[string]struct {
		of    *Prepayment
		n     NewPayout
		field string
	}{
		"of a prepayment":       {p, staying(1, Deduction, "赔偿"), "method"},
		"a prepayment of one":   {p, staying(1, AsPrepayment, ""), "method"},
		"for nothing":           {d, staying(1, Deduction, " "), "fee"},
		"moved for something":   {d, staying(1, AsPrepayment, "赔偿"), "fee"},
		"more than there is":    {d, staying(1001, Deduction, "赔偿"), "amount"},
		"without consent":       {d, NewPayout{Amount: 1, Method: Deduction, Fee: "赔偿", Reason: "x"}, "consent"},
		"moved without consent": {d, NewPayout{Amount: 1, Method: AsPrepayment, Reason: "x"}, "consent"},
		"consent to what goes out": {d, NewPayout{Amount: 1, Method: CashInHand, Payee: "王", Consent: "y", Reason: "x"},
			"consent"},
		"paid out for something": {d, NewPayout{Amount: 1, Method: CashInHand, Payee: "王", Fee: "y", Reason: "x"},
			"fee"},
		"to a payee": {d, NewPayout{Amount: 1, Method: Deduction, Payee: "王", Fee: "赔偿", Consent: "y", Reason: "x"},
			"payee"},
	} {
		_, _, err := s.AskPayout(t.Context(), c.of.ID, c.n)
		if f, _ := err.(*fault.Error); !fault.Is(err, fault.Invalid) || fmt.Sprint(f.Detail["field"]) != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The books name what became a prepayment that does not have it, or has what no deposit gave.
func TestVerifyNamesWhatDidNotMove(t *testing.T) {
	for name, c := range map[string]struct {
		of     string // "deposit" or "prepayment"
		tamper func(*Prepayment)
	}{
		"the prepayment has more":   {"prepayment", func(p *Prepayment) { p.Credits[0].Amount++ }},
		"the prepayment has none":   {"prepayment", func(p *Prepayment) { p.Credits = nil }},
		"it has what nobody gave":   {"prepayment", func(p *Prepayment) { p.Credits[0].Payout += "x" }},
		"the deposit forgot":        {"deposit", func(p *Prepayment) { p.Payouts = nil }},
		"the deposit has deducted":  {"deposit", func(p *Prepayment) { p.Payouts[0].Method = Deduction }},
		"deducted for another fee":  {"deposit", func(p *Prepayment) { p.Payouts[1].Fee = "清运" }},
		"the deposit is another's":  {"deposit", func(p *Prepayment) { p.Tenure++ }},
		"a deduction was forgotten": {"deposit", func(p *Prepayment) { p.Payouts = p.Payouts[:1] }},
		"it became a prepayment":    {"deposit", func(p *Prepayment) { p.Deposit = nil }},
		"it is called otherwise":    {"deposit", func(p *Prepayment) { p.Deposit = &Deposit{Name: "清运押金"} }},
		"it is of another home":     {"deposit", func(p *Prepayment) { p.Unit = "x" }},
		"it paid a bill":            {"deposit", func(p *Prepayment) { p.Draws = []Draw{{State: DrawReserved}} }},
		"a prepayment is held":      {"prepayment", func(p *Prepayment) { p.Deposit = &Deposit{Name: "押金"} }},
		"a prepayment is another's": {"prepayment", func(p *Prepayment) { p.Tenure++ }},
	} {
		t.Run(name, func(t *testing.T) {
			s, pay := open(t)
			unit, _ := threeBills(t, s)
			d, _ := deposited(t, s, pay, unit, "装修押金", 3000)
			toBePaid(t, s, d.ID, staying(1200, AsPrepayment, ""))
			toBePaid(t, s, d.ID, staying(100, Deduction, "赔偿"))
			if why := agrees(t, s, pay); why != "" {
				t.Fatal(why)
			}
			id := d.ID
			if c.of == "prepayment" {
				id = d.prepaid()
			}
			if _, err := s.prepaid.Update(t.Context(), id, func(p *Prepayment) error {
				c.tamper(p)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if why := agrees(t, s, pay); why == "" {
				t.Error("nothing was found")
			}
		})
	}
}

// What an institution gives back by itself comes out of what the deposit became too, used or not, whether the
// prepayment had it yet; books, journal and orders agree.
func TestWhatGoesBackComesOutOfWhatADepositBecame(t *testing.T) {
	for name, c := range map[string]struct {
		moved, deducted, back money.Fen
		deposit, prepayment   money.Fen // what is left
	}{
		"all of it":             {3000, 0, 3000, 0, 0},
		"some that was left":    {1000, 0, 2000, 0, 1000},
		"some that had moved":   {2000, 0, 1500, 0, 1500},
		"beside a deduction":    {1000, 2000, 3000, -2000, 0},
		"twice, after it moved": {1000, 1000, 2500, -500, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, pay := openBy(t, time.Now, time.Now)
			unit, _ := threeBills(t, s)
			d, o := deposited(t, s, pay, unit, "装修押金", 3000)
			toBePaid(t, s, d.ID, staying(c.moved, AsPrepayment, ""))
			if c.deducted > 0 {
				toBePaid(t, s, d.ID, staying(c.deducted, Deduction, "赔偿"))
			}
			for range 2 { // and its repeat
				for no, part := range []money.Fen{c.back - 500, 500} {
					err := s.Reopen(t.Context(), o, &payment.Refund{OutRefundNo: fmt.Sprint("P", no), Amount: part,
						Foreign: true, SucceededAt: time.Now(),
						Items: []payment.RefundItem{{Ref: o.Items[0].Ref, Amount: part}}})
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			got, to := balance(t, s, d.ID), balance(t, s, d.prepaid())
			if got.Balance() != c.deposit || to.Balance() != c.prepayment || got.Payout(got.Payouts[0].ID).Moving {
				t.Errorf("%s and %s", got.Balance(), to.Balance())
			}
			if _, err := s.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
			back := c.moved - c.prepayment
			if n := strings.Count(strings.Join(told(t, s), "|"), "deposit_moved_back"); (n > 0) != (back > 0) {
				t.Errorf("%q", told(t, s))
			}
			moves := to.Moves()
			if last := moves[len(moves)-1]; last.Balance != c.prepayment || back > 0 && (last.Kind != AheadMoved ||
				last.Deposit != d.ID) {
				t.Errorf("%+v", moves)
			}
			known := func(_ context.Context, id string) (*payment.Order, error) { return wentBack(t, pay, id, c.back) }
			if why, err := s.VerifyBills(t.Context(), "one", known); why != "" || err != nil {
				t.Errorf("%s: %v", why, err)
			}
		})
	}
}

// wentBack is an order of which so much went back by itself.
func wentBack(t *testing.T, pay *payment.Service, id string, amount money.Fen) (*payment.Order, error) {
	t.Helper()
	o, err := pay.Get(t.Context(), id)
	if err == nil {
		o.Refunds = append(o.Refunds, payment.Refund{OutRefundNo: "P", Amount: amount, Status: payment.RefundSucceeded,
			Items: []payment.RefundItem{{Ref: o.Items[0].Ref, Amount: amount}}})
	}
	return o, err
}

// What a deposit became is as doubtful as the deposit, and what went back of it is not given away before it is told.
func TestWhatADepositBecameIsAsDoubtful(t *testing.T) {
	for name, doubt := range map[string]func(*payment.Order){
		"some went back": func(o *payment.Order) {
			o.Attempt(o.PaidBy).Returns = payment.Returns{At: today(), Unknown: true}
		},
		"it is not told yet": func(o *payment.Order) {
			o.Refunds = append(o.Refunds, payment.Refund{OutRefundNo: "P", Amount: 3000,
				Status: payment.RefundSucceeded, Items: []payment.RefundItem{{Ref: o.Items[0].Ref, Amount: 3000}}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, pay := open(t)
			unit, _ := threeBills(t, s)
			d, o := deposited(t, s, pay, unit, "装修押金", 3000)
			toBePaid(t, s, d.ID, staying(1000, AsPrepayment, ""))
			_, waiting := askedOut(t, s, d.ID, staying(2000, Deduction, "赔偿"))
			s.payments = unsure{s.payments, o.ID, doubt}
			if _, _, err := s.AskPayout(t.Context(), d.prepaid(), handed(1000, "q")); !fault.Is(err, fault.WrongState) {
				t.Errorf("it was asked for: %v", err)
			}
			yes := approval.Decision{Request: waiting, Approve: true}
			if _, err := s.DecidePayout(t.Context(), d.ID, yes, finance); !fault.Is(err, fault.WrongState) {
				t.Errorf("it was approved: %v", err)
			}
		})
	}
}

// unsure has one order as doubt makes it.
type unsure struct {
	Payments
	order string
	doubt func(*payment.Order)
}

func (u unsure) Get(ctx context.Context, order string) (*payment.Order, error) {
	o, err := u.Payments.Get(ctx, order)
	if err == nil && order == u.order {
		u.doubt(o)
	}
	return o, err
}

// Money that a deposit's order cannot keep is held as that deposit, and not as what pays bills.
func TestWhatADepositsOrderCannotKeepIsADeposit(t *testing.T) {
	s, pay := open(t)
	unit, _ := threeBills(t, s)
	d, o := deposited(t, s, pay, unit, "装修押金", 3000)
	for range 2 {
		if err := s.KeepPrepayment(t.Context(), o, &payment.UnappliedFunds{No: 1, Amount: 3000}); err != nil {
			t.Fatal(err)
		}
	}
	ahead, err := s.Prepayments(t.Context(), unit)
	if got := balance(t, s, d.ID); err != nil || got.Balance() != 6000 || len(ahead) != 0 {
		t.Errorf("%+v %+v: %v", got, ahead, err)
	}
	r := &payment.Refund{OutRefundNo: "P", Kept: 1, Amount: 3000, SucceededAt: time.Now()}
	if err := s.Reopen(t.Context(), o, r); err != nil || balance(t, s, d.ID).Balance() != 3000 {
		t.Errorf("%+v: %v", balance(t, s, d.ID), err)
	}
}
