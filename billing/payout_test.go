package billing

import (
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

// An institution that gave money back by itself may leave less than is set aside: then nothing is paid out.
func TestNoMoreIsPaidOutThanIsThere(t *testing.T) {
	s, pay := open(t)
	unit, _ := threeBills(t, s)
	p, o := paidAhead(t, s, pay, unit, 1000)
	request := toBePaid(t, s, p.ID, handed(600, "a"))
	item := payment.RefundItem{Ref: o.Items[0].Ref, Amount: 500}
	if err := s.Reopen(t.Context(), o, &payment.Refund{OutRefundNo: "P1", Amount: 500, Foreign: true,
		Items: []payment.RefundItem{item}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PayPayout(t.Context(), p.ID, request, "", "staff:till"); !fault.Is(err, fault.WrongState) ||
		!strings.Contains(err.Error(), "5.00") {
		t.Errorf("%v", err)
	}
	if _, err := s.CancelPayout(t.Context(), p.ID, request, "渠道已退", "staff:finance"); err != nil {
		t.Error(err)
	}
	if got := sums(balance(t, s, p.ID)); got != [3]money.Fen{500, 0, 500} {
		t.Error(got)
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
			if why := agrees(t, s, pay); !strings.Contains(why, "the journal says") {
				t.Errorf("%q", why)
			}
		})
	}
}
