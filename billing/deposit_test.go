package billing

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
)

// deposited has a home pay a deposit, and returns it and its order.
func deposited(t *testing.T, s *books, pay *payment.Service, unit, name string, amount money.Fen) (*Prepayment,
	*payment.Order) {
	t.Helper()
	o, _, err := s.TopUp(t.Context(), Collect{Unit: unit, Amount: amount, Deposit: &Deposit{Name: name}, By: "staff:till",
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

// staying asks for so much of a deposit to stay with the company.
func staying(amount money.Fen, m PayoutMethod, fee string) NewPayout {
	return NewPayout{Amount: amount, Method: m, Fee: fee, Consent: "确认单 8", Reason: "墙面破损", Key: string(m), KeyHash: "1",
		By: till}
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
	for _, want := range []string{"deposit_deducted 800 装修损坏赔偿 ", "deposit_moved 1200  ", "deposit_paid_out 1000  "} {
		if strings.Count(said, want) != 1 {
			t.Errorf("%q is not said once in %q", want, said)
		}
	}
	var moves []string
	for _, m := range slices.Concat(balance(t, s, d.ID).Moves(), balance(t, s, ahead[0].ID).Moves()) {
		moves = append(moves, fmt.Sprintf("%s %d %d", m.Kind, m.Amount, m.Balance))
	}
	want := []string{"paid_in 3000 3000", "deducted -800 2200", "moved -1200 1000", "paid_out -1000 0", "moved 1200 1200",
		"used -1000 200"}
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
		"of a prepayment":          {p, staying(1, Deduction, "赔偿"), "method"},
		"a prepayment of one":      {p, staying(1, AsPrepayment, ""), "method"},
		"for nothing":              {d, staying(1, Deduction, " "), "fee"},
		"moved for something":      {d, staying(1, AsPrepayment, "赔偿"), "fee"},
		"more than there is":       {d, staying(1001, Deduction, "赔偿"), "amount"},
		"without consent":          {d, NewPayout{Amount: 1, Method: Deduction, Fee: "赔偿", Reason: "x", By: till}, "consent"},
		"moved without consent":    {d, NewPayout{Amount: 1, Method: AsPrepayment, Reason: "x", By: till}, "consent"},
		"consent to what goes out": {d, NewPayout{Amount: 1, Method: CashInHand, Payee: "王", Consent: "y", Reason: "x"}, "consent"},
		"paid out for something":   {d, NewPayout{Amount: 1, Method: CashInHand, Payee: "王", Fee: "y", Reason: "x"}, "fee"},
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
