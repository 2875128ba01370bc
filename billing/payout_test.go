package billing

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
)

var (
	till    = approval.Person{ID: "staff:till", Roles: []string{"cashier"}}
	finance = approval.Person{ID: "staff:finance", Roles: []string{"finance"}}
)

// handed asks for so much in cash.
func handed(amount money.Fen, key string) NewPayout {
	return NewPayout{Amount: amount, Method: CashInHand, Payee: "王小明", Reason: "搬离", Key: key, KeyHash: "1", By: till}
}

// askedOut has the till ask for a payout, and returns the prepayment and the request.
func askedOut(t *testing.T, s *books, id string, n NewPayout) (*Prepayment, string) {
	t.Helper()
	p, _, err := s.AskPayout(t.Context(), id, n)
	if err != nil {
		t.Fatal(err)
	}
	return p, p.asked().ID
}

// toBePaid is askedOut, and finance approves it.
func toBePaid(t *testing.T, s *books, id string, n NewPayout) string {
	t.Helper()
	_, request := askedOut(t, s, id, n)
	yes := approval.Decision{Request: request, Approve: true}
	if _, err := s.DecidePayout(t.Context(), id, yes, finance); err != nil {
		t.Fatal(err)
	}
	return request
}

// Money is set aside for a payout from the request on, and leaves once, when it is paid; journal and books agree
// at every step. What is refused, withdrawn or cancelled is available again.
func TestMoneyIsPaidOut(t *testing.T) {
	s, pay := open(t)
	unit, _ := threeBills(t, s)
	p, o := paidAhead(t, s, pay, unit, 1000)
	is := func(what string, want [3]money.Fen) {
		t.Helper()
		if got := sums(balance(t, s, p.ID)); got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
		if why := agrees(t, s, pay); why != "" {
			t.Errorf("%s: %s", what, why)
		}
	}
	_, first := askedOut(t, s, p.ID, handed(300, "a"))
	is("asked for", [3]money.Fen{1000, 300, 700})
	if _, hit, err := s.AskPayout(t.Context(), p.ID, handed(300, "a")); !hit || err != nil {
		t.Errorf("a repeat: %v %v", hit, err)
	}
	other := handed(300, "a")
	other.KeyHash = "2"
	if _, _, err := s.AskPayout(t.Context(), p.ID, other); !fault.Is(err, fault.KeyReused) {
		t.Errorf("another under its key: %v", err)
	}
	if _, _, err := s.AskPayout(t.Context(), p.ID, handed(100, "b")); !fault.Is(err, fault.WrongState) {
		t.Errorf("another beside it: %v", err)
	}
	all := handed(1000, "c")
	all.Replaces = first // what was set aside for the one before is there
	_, second := askedOut(t, s, p.ID, all)
	is("in its place", [3]money.Fen{1000, 1000, 0})
	if _, err := s.DecidePayout(t.Context(), p.ID, approval.Decision{Request: second, Approve: true}, till); !fault.Is(
		err, fault.Forbidden) {
		t.Errorf("the asker decided: %v", err)
	}
	no := approval.Decision{Request: second, Note: "身份不符"}
	if _, err := s.DecidePayout(t.Context(), p.ID, no, finance); err != nil {
		t.Error(err)
	}
	is("refused", [3]money.Fen{1000, 0, 1000})
	_, third := askedOut(t, s, p.ID, handed(10, "d"))
	if _, err := s.PayPayout(t.Context(), p.ID, third, "", "staff:till"); !fault.Is(err, fault.WrongState) {
		t.Errorf("paid before it was approved: %v", err)
	}
	if _, err := s.WithdrawPayout(t.Context(), p.ID, third, till); err != nil {
		t.Error(err)
	}
	is("withdrawn", [3]money.Fen{1000, 0, 1000})
	fourth := toBePaid(t, s, p.ID, handed(400, "e"))
	if _, err := s.CancelPayout(t.Context(), p.ID, fourth, "未来领取", "staff:finance"); err != nil {
		t.Error(err)
	}
	is("cancelled", [3]money.Fen{1000, 0, 1000})
	last := toBePaid(t, s, p.ID, handed(600, "f"))
	for range 2 {
		if _, err := s.PayPayout(t.Context(), p.ID, last, "单 7", "staff:till"); err != nil {
			t.Error(err)
		}
	}
	is("paid", [3]money.Fen{400, 0, 400})
	if _, err := s.PayPayout(t.Context(), p.ID, last, "单 7", "staff:other"); !fault.Is(err, fault.WrongState) {
		t.Errorf("another paid it again: %v", err)
	}
	if lines := told(t, s); lines[len(lines)-1] != "prepayment_paid_out 600  " || len(lines) != 4 {
		t.Errorf("%q", lines)
	}
	if _, err := s.CancelPayout(t.Context(), p.ID, last, "x", "staff:finance"); !fault.Is(err, fault.WrongState) {
		t.Errorf("cancelled after it was paid: %v", err)
	}
	items := []payment.RefundItem{{Ref: o.Items[0].Ref, Amount: 1000}}
	if _, _, _, err := pay.RequestRefund(t.Context(), o.ID, payment.NewRefund{Items: items, Reason: "退",
		By: "staff:till"}); !fault.Is(err, fault.WrongState) {
		t.Errorf("what was paid out went back too: %v", err)
	}
	is("in the end", [3]money.Fen{400, 0, 400})
}

// A crash between the payout and the journal leaves the journal to be told; the sweep does it, once.
func TestThePayoutIsTold(t *testing.T) {
	s, pay := open(t)
	unit, _ := threeBills(t, s)
	p, _ := paidAhead(t, s, pay, unit, 1000)
	request := toBePaid(t, s, p.ID, handed(600, "a"))
	_, err := s.prepaid.Update(t.Context(), p.ID, func(p *Prepayment) error {
		o := p.Payout(request)
		o.PaidAt, o.PaidBy = s.now().UTC(), "staff:till"
		p.Owed = append(p.Owed, p.payoutEntry(o))
		return nil
	})
	if why := agrees(t, s, pay); err != nil || why != "" {
		t.Fatalf("%s: %v", why, err)
	}
	for range 2 {
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if lines := told(t, s); len(lines) != 4 || len(balance(t, s, p.ID).Owed) != 0 {
		t.Errorf("%q", lines)
	}
}

// An institution that gave money back by itself may leave less than is set aside: then no more is approved.
func TestNoMoreIsApprovedThanIsThere(t *testing.T) {
	s, pay := open(t)
	unit, _ := threeBills(t, s)
	p, o := paidAhead(t, s, pay, unit, 1000)
	paid := toBePaid(t, s, p.ID, handed(600, "a"))
	_, waiting := askedOut(t, s, p.ID, handed(300, "b"))
	item := payment.RefundItem{Ref: o.Items[0].Ref, Amount: 500}
	if err := s.Reopen(t.Context(), o, &payment.Refund{OutRefundNo: "P1", Amount: 500, Foreign: true,
		Items: []payment.RefundItem{item}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PayPayout(t.Context(), p.ID, paid, "", "staff:till"); err != nil { // the money has left: it is said
		t.Error(err)
	}
	if got := sums(balance(t, s, p.ID)); got != [3]money.Fen{-100, 300, 0} {
		t.Error(got)
	}
	yes := approval.Decision{Request: waiting, Approve: true}
	if _, err := s.DecidePayout(t.Context(), p.ID, yes, finance); !fault.Is(err, fault.WrongState) {
		t.Errorf("more was approved than is there: %v", err)
	}
}

// What a payout needs, by the field that is wrong.
func TestWhatAPayoutNeeds(t *testing.T) {
	transfer := NewPayout{Amount: 1, Method: BankTransfer, Payee: "王", Bank: "招商银行", Account: "6214 8301-2345 6789",
		Reason: "x"}
	if o, err := transfer.checked(); err != nil || o.Account != "6214830123456789" {
		t.Fatal(o, err)
	}
	for field, change := range map[string]func(*NewPayout){
		"amount": func(n *NewPayout) { n.Amount = 0 }, "method": func(n *NewPayout) { n.Method = "alipay" },
		"payee": func(n *NewPayout) { n.Payee = strings.Repeat("王", 41) }, "bank": func(n *NewPayout) { n.Bank = " " },
		"account": func(n *NewPayout) { n.Account = "1234567" }, "reason": func(n *NewPayout) { n.Reason = "\u3000" },
	} {
		n := transfer
		change(&n)
		_, err := n.checked()
		if f, _ := err.(*fault.Error); !fault.Is(err, fault.Invalid) || fmt.Sprint(f.Detail["field"]) != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// The books and the journal name a payout on which they disagree.
func TestVerifyNamesAWrongPayout(t *testing.T) {
	for name, tamper := range map[string]func(*Prepayment){
		"one that is gone":         func(p *Prepayment) { p.Payouts = p.Payouts[1:] },
		"one that was forgotten":   func(p *Prepayment) { p.Payouts[0].PaidAt = p.Payouts[1].PaidAt },
		"one of another amount":    func(p *Prepayment) { p.Payouts[0].Amount++ },
		"one that nobody was told": func(p *Prepayment) { p.Payouts[1].PaidAt = p.Payouts[0].PaidAt },
	} {
		t.Run(name, func(t *testing.T) {
			s, pay := open(t)
			unit, _ := threeBills(t, s)
			p, _ := paidAhead(t, s, pay, unit, 1000)
			paid := toBePaid(t, s, p.ID, handed(600, "a"))
			if _, err := s.PayPayout(t.Context(), p.ID, paid, "", "staff:till"); err != nil {
				t.Fatal(err)
			}
			toBePaid(t, s, p.ID, handed(100, "b"))
			if why := agrees(t, s, pay); why != "" {
				t.Fatal(why)
			}
			if _, err := s.prepaid.Update(t.Context(), p.ID, func(p *Prepayment) error {
				tamper(p)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if why := agrees(t, s, pay); !strings.Contains(why, "the journal says otherwise") {
				t.Errorf("%q", why)
			}
		})
	}
}

// Money that nobody but a terminal says came, or of which the institution says that some went back and not how much, is
// not paid out; the rest of the prepayment is.
func TestWhatIsDoubtfulIsNotPaidOut(t *testing.T) {
	for name, doubt := range map[string]func(*payment.Attempt){
		"a terminal's word": func(a *payment.Attempt) { a.Provisional = true },
		"some went back": func(a *payment.Attempt) {
			a.Returns = payment.Returns{At: today(), Unknown: true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, pay := open(t)
			unit, _ := threeBills(t, s)
			p, _ := paidAhead(t, s, pay, unit, 1000)
			_, o := paidAhead(t, s, pay, unit, 500)
			_, before := askedOut(t, s, p.ID, handed(1100, "a"))
			s.payments = doubting{s.payments, o.ID, doubt}
			yes := approval.Decision{Request: before, Approve: true}
			if _, err := s.DecidePayout(t.Context(), p.ID, yes, finance); !fault.Is(err, fault.WrongState) {
				t.Errorf("it was approved: %v", err)
			}
			no := approval.Decision{Request: before, Note: "待查"}
			if _, err := s.DecidePayout(t.Context(), p.ID, no, finance); err != nil {
				t.Error(err)
			}
			if _, _, err := s.AskPayout(t.Context(), p.ID, handed(1001, "b")); !fault.Is(err, fault.WrongState) {
				t.Errorf("it was asked for: %v", err)
			}
			toBePaid(t, s, p.ID, handed(1000, "c"))
		})
	}
}

// doubting has the payment of one order in doubt.
type doubting struct {
	Payments
	order string
	doubt func(*payment.Attempt)
}

func (d doubting) Get(ctx context.Context, order string) (*payment.Order, error) {
	o, err := d.Payments.Get(ctx, order)
	if err == nil && order == d.order {
		d.doubt(o.Attempt(o.PaidBy))
	}
	return o, err
}
