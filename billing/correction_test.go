package billing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/store"
)

var (
	maker   = approval.Person{ID: "staff:maker", Roles: []string{"cashier"}}
	checker = approval.Person{ID: "staff:checker", Roles: []string{"finance"}}
)

// asked asks for a correction of a bill.
func asked(t *testing.T, s *books, bill string, n NewCorrection) (*Bill, error) {
	t.Helper()
	n.By, n.KeyHash = maker, "x"
	n.Key = fmt.Sprint(bill, n.Kind, n.Amount, n.Rebill, len(mustBill(t, s, bill).Corrections))
	if n.Reason == "" {
		n.Reason = "物业服务减免"
	}
	b, _, err := s.AskCorrection(t.Context(), bill, n)
	return b, err
}

// corrected asks for a correction, and has another person approve it.
func corrected(t *testing.T, s *books, bill string, n NewCorrection) (*Bill, error) {
	t.Helper()
	b, err := asked(t, s, bill, n)
	if err != nil {
		return nil, err
	}
	return s.DecideCorrection(t.Context(), bill, approval.Decision{Request: b.Correction().ID, Approve: true}, checker)
}

func mustBill(t *testing.T, s *books, id string) *Bill {
	t.Helper()
	b, err := s.Bill(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What corrections make of a bill of 10.00 of which some was paid; each line is one. A step is a correction's kind and
// fen, "pay" or "refund"; what comes of it is the status, what is billed and owed, and what the journal is told.
func TestCorrections(t *testing.T) {
	for steps, want := range map[string]string{
		"reduction 300":                          "unpaid 700 700; published 1000, reduced 300",
		"reduction 1000":                         "paid 0 0; published 1000, reduced 1000",
		"reduction 1001":                         "invalid_request",
		"reduction 0":                            "invalid_request",
		"increase 500":                           "unpaid 1500 1500; published 1000, increased 500",
		"decrease 1":                             "unpaid 999 999; published 1000, decreased 1",
		"write_off 1000":                         "paid 0 0; published 1000, written_off 1000",
		"cancellation 0":                         "cancelled 0 0; published 1000, reversed 1000",
		"cancellation 1000":                      "invalid_request",
		"increase 200, cancellation 0":           "cancelled 0 0; published 1000, increased 200, reversed 1200",
		"cancellation 0, reduction 1":            "wrong_state",
		"cancellation 0, increase 1":             "wrong_state",
		"pay 400, reduction 600":                 "paid 400 0; published 1000, reduced 600",
		"pay 400, reduction 601":                 "invalid_request",
		"pay 400, cancellation 0":                "wrong_state",
		"pay 1000, reduction 1":                  "wrong_state",
		"pay 1000, increase 250":                 "unpaid 1250 250; published 1000, increased 250",
		"pay 1000, increase 250, pay 250":        "paid 1250 0; published 1000, increased 250",
		"pay 1000, refund 100, decrease 100":     "paid 900 0; published 1000, decreased 100",
		"pay 1000, refund 1000, cancellation 0":  "cancelled 0 0; published 1000, reversed 1000",
		"reduction 300, pay 700, refund 700":     "unpaid 700 700; published 1000, reduced 300",
		"refund_all 100":                         "invalid_request",
		"increase 99999999999":                   "invalid_request",
		"reduction 30, decrease 970, increase 5": "unpaid 5 5; published 1000, reduced 30, decreased 970, increased 5",
	} {
		t.Run(steps, func(t *testing.T) {
			s, pay := open(t)
			unit, bill := one(t, s)
			var bad *fault.Error
			for step := range strings.SplitSeq(steps, ", ") {
				var what string
				var fen money.Fen
				if _, err := fmt.Sscan(step, &what, &fen); err != nil {
					t.Fatal(err)
				}
				var err error
				switch what {
				case "pay":
					paidOrder(t, s, pay, unit, bill.ID, fen)
				case "refund":
					givenBack(t, s, pay, bill.ID, fen)
				default:
					_, err = corrected(t, s, bill.ID, NewCorrection{Kind: CorrectionKind(what), Amount: fen})
				}
				if err != nil && !errors.As(err, &bad) {
					t.Fatal(err)
				}
			}
			if bad != nil {
				if string(bad.Code) != want {
					t.Errorf("it is %s, want %s", bad.Code, want)
				}
				return
			}
			for range 2 {
				if why := agrees(t, s, pay); why != "" {
					t.Error(why)
				}
				if _, err := s.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			b := mustBill(t, s, bill.ID)
			var entries []string
			for _, line := range told(t, s) {
				entries = append(entries, strings.TrimSuffix(line, " 物业费 2026-11"))
			}
			got := fmt.Sprintf("%s %d %d; %s", b.Status, b.Billed(), b.Owed(), strings.Join(entries, ", "))
			if got != want {
				t.Errorf("it is %s\nwant  %s", got, want)
			}
		})
	}
}

// paidOrder has an amount of a bill collected and paid in cash.
func paidOrder(t *testing.T, s *books, pay *payment.Service, unit *property.Unit, bill string, fen money.Fen) {
	t.Helper()
	o, _, err := s.Collect(t.Context(), Collect{Unit: unit.ID, Bills: []string{bill}, Amount: fen,
		Origin: payment.Origin{Kind: payment.Counter}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: o.Amount, By: "staff:c"}); err != nil {
		t.Fatal(err)
	}
}

// givenBack has an amount that the bill's last order paid handed out again.
func givenBack(t *testing.T, s *books, pay *payment.Service, bill string, fen money.Fen) {
	t.Helper()
	paid := mustBill(t, s, bill).Settlements
	o, no, _, err := pay.RequestRefund(t.Context(), paid[len(paid)-1].Order, payment.NewRefund{
		Items: []payment.RefundItem{{Ref: bill, Amount: fen}}, Reason: "x", IdempotencyKey: "k", By: "staff:a"})
	if err == nil {
		_, err = pay.DecideRefund(t.Context(), o.ID, no, true, "staff:b", "")
	}
	if err == nil {
		_, err = pay.HandOut(t.Context(), o.ID, no, "staff:c")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Whoever asked never decides; what a person asked for stands in the bill whatever becomes of it.
func TestACorrectionNeedsASecondPerson(t *testing.T) {
	s, _ := open(t)
	_, bill := one(t, s)
	b, err := asked(t, s, bill.ID, NewCorrection{Kind: Reduction, Amount: 100})
	if err != nil || b.Owed() != 1000 {
		t.Fatal(b, err)
	}
	yes := approval.Decision{Request: b.Correction().ID, Approve: true}
	both := approval.Person{ID: maker.ID, Roles: []string{"cashier", "finance"}}
	for _, by := range []approval.Person{maker, both, {ID: "staff:other", Roles: []string{"cashier"}}} {
		if _, err := s.DecideCorrection(t.Context(), bill.ID, yes, by); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%+v decides: %v", by, err)
		}
	}
	_, err = asked(t, s, bill.ID, NewCorrection{Kind: Reduction, Amount: 200})
	if !fault.Is(err, fault.WrongState) {
		t.Error("a second request beside the first:", err)
	}
	waiting, _, err := s.WaitingCorrections(t.Context(), "one", "", 0)
	if err != nil || len(waiting) != 1 {
		t.Fatal(waiting, err)
	}
	s.Books.now = func() time.Time { return today().Add(CorrectionMatter().Lasts) }
	if waiting, _, err = s.WaitingCorrections(t.Context(), "one", "", 0); err != nil || len(waiting) != 0 {
		t.Error("what nobody decided in time still waits:", waiting, err)
	}
	s.Books.now = today
	if _, err := s.WithdrawCorrection(t.Context(), bill.ID, yes.Request, maker); err != nil {
		t.Fatal(err)
	}
	if waiting, _, _ = s.WaitingCorrections(t.Context(), "one", "", 0); len(waiting) != 0 {
		t.Error(waiting)
	}
	if b = mustBill(t, s, bill.ID); b.Owed() != 1000 || len(b.Corrections) != 1 || len(b.OwesAudit) != 2 {
		t.Errorf("%+v", b)
	}
}

// An Idempotency-Key asks once; for something else it is refused.
func TestACorrectionIsAskedForOnce(t *testing.T) {
	s, _ := open(t)
	_, bill := one(t, s)
	n := NewCorrection{Kind: Reduction, Amount: 100, Reason: "x", Key: "k", KeyHash: "1", By: maker}
	for i := range 3 {
		b, hit, err := s.AskCorrection(t.Context(), bill.ID, n)
		if err != nil || hit != (i > 0) || len(b.Corrections) != 1 {
			t.Fatal(i, hit, err)
		}
	}
	n.KeyHash = "2"
	if _, _, err := s.AskCorrection(t.Context(), bill.ID, n); !fault.Is(err, fault.KeyReused) {
		t.Error(err)
	}
}

// What an order collects is not taken from under it, and one that comes just then is closed.
func TestACorrectionMeetsAnOpenOrder(t *testing.T) {
	s, pay := open(t)
	unit, bill := one(t, s)
	collect := func(amount money.Fen) *payment.Order {
		o, _, err := s.Collect(t.Context(), Collect{Unit: unit.ID, Bills: []string{bill.ID}, Amount: amount,
			Origin: payment.Origin{Kind: payment.Counter}})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	part := collect(400)
	_, err := corrected(t, s, bill.ID, NewCorrection{Kind: Reduction, Amount: 601})
	if !fault.Is(err, fault.OrderOpen) {
		t.Error("it takes what an order holds:", err)
	}
	_, err = s.DecideCorrection(t.Context(), bill.ID, approval.Decision{
		Request: mustBill(t, s, bill.ID).Correction().ID, Note: "等收完"}, checker)
	if err != nil {
		t.Fatal(err)
	}
	b, err := corrected(t, s, bill.ID, NewCorrection{Kind: Reduction, Amount: 600})
	if err != nil || b.Owed() != 400 {
		t.Fatal(b, err)
	}
	if o, err := pay.Get(t.Context(), part.ID); err != nil || o.Status != payment.Pending {
		t.Fatal("an order that fits was closed:", o, err)
	}
	s.payments = &late{Payments: pay} // nobody holds it at the first look
	if _, err = corrected(t, s, bill.ID, NewCorrection{Kind: Reduction, Amount: 1}); err != nil {
		t.Fatal("the decision stands, whether the order can be closed or not:", err) // there is none named another
	}
	if b = mustBill(t, s, bill.ID); !b.owes(CloseHolders) || b.Owed() != 399 {
		t.Errorf("%+v", b)
	}
	s.payments = pay
	if _, err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if o, err := pay.Get(t.Context(), part.ID); err != nil || o.Status != payment.Closed ||
		o.CloseReason != payment.ByItemsChanged {
		t.Error("an order that holds more than is owed goes on:", o, err)
	}
	if b = mustBill(t, s, bill.ID); len(b.Outbox) > 0 || b.Owed() != 399 {
		t.Errorf("%+v", b)
	}
	if o := collect(0); o.Amount != 399 || o.Items[0].Of != 0 {
		t.Errorf("%+v", o)
	}
}

// busy plays orders of which some are paid just then, and others cannot be closed; it writes down those that were.
type busy struct {
	Payments
	paid, stuck string
	closed      []string
}

func (b *busy) Holdings(context.Context, string, string, int) ([]payment.Holding, error) {
	return []payment.Holding{{Order: "a", Amount: 400}, {Order: "b", Part: 1, Amount: 400}, {Order: "c", Part: 2,
		Amount: 200}}, nil
}

func (b *busy) Release(_ context.Context, order string, _ payment.CloseReason, _ string) error {
	switch order {
	case b.paid:
		return fault.New(fault.AlreadyPaid, "已支付。", "Paid.")
	case b.stuck:
		return heldBy(order)
	}
	b.closed = append(b.closed, order)
	return nil
}

// An order that is paid while it is to be closed keeps what it holds, so that the next one is closed; one that cannot
// be closed keeps neither others open, nor the journal waiting, nor anybody from importing.
func TestOrdersThatACorrectionCannotClose(t *testing.T) {
	for name, c := range map[string]struct {
		orders busy
		closed string
		owes   bool
	}{
		"all can be closed": {busy{}, "a", false},
		"one is paid":       {busy{paid: "a"}, "b", false},
		"one cannot be":     {busy{stuck: "a"}, "b", false},
		"two cannot be":     {busy{paid: "b", stuck: "a"}, "c", true},
	} {
		t.Run(name, func(t *testing.T) {
			s, pay := open(t)
			_, bill := one(t, s)
			s.payments = pay
			if _, err := asked(t, s, bill.ID, NewCorrection{Kind: Reduction, Amount: 300}); err != nil {
				t.Fatal(err)
			}
			s.payments = &late{Payments: pay} // whose order cannot be closed: there is none
			yes := approval.Decision{Request: mustBill(t, s, bill.ID).Correction().ID, Approve: true}
			if _, err := s.DecideCorrection(t.Context(), bill.ID, yes, checker); err != nil {
				t.Fatal(err)
			}
			s.payments = &c.orders
			if _, err := s.Sweep(t.Context()); (err != nil) != c.owes {
				t.Error(err)
			}
			if got := strings.Join(c.orders.closed, " "); got != c.closed {
				t.Errorf("%s are closed, not %s", got, c.closed)
			}
			b := mustBill(t, s, bill.ID)
			if b.owes(CloseHolders) != c.owes || len(b.Moves.Owed) > 0 {
				t.Errorf("%+v", b)
			}
			if _, err := s.Import(t.Context(), all, sheetOf(t, head)); err != nil {
				t.Error("nobody can import:", err)
			}
		})
	}
}

// Whoever would collect what was reduced to nothing is not told that somebody paid it.
func TestNothingIsCollectedOfABillReducedToNothing(t *testing.T) {
	s, _ := open(t)
	unit, bill := one(t, s)
	if _, err := corrected(t, s, bill.ID, NewCorrection{Kind: WriteOff, Amount: 1000}); err != nil {
		t.Fatal(err)
	}
	for _, amount := range []money.Fen{0, 1, 1000} {
		_, _, err := s.Collect(t.Context(), Collect{Unit: unit.ID, Bills: []string{bill.ID}, Amount: amount,
			Origin: payment.Origin{Kind: payment.Counter}})
		if !fault.Is(err, fault.WrongState) {
			t.Error(amount, err)
		}
	}
}

// A bill that was paid in all its parts, and is of more since, can be paid still.
func TestABillOfAllPartsIsIncreased(t *testing.T) {
	s, pay := open(t)
	unit, bill := one(t, s)
	for range BillParts - 1 {
		paidOrder(t, s, pay, unit, bill.ID, 1)
	}
	paidOrder(t, s, pay, unit, bill.ID, 1000-(BillParts-1))
	for range 2 {
		if _, err := corrected(t, s, bill.ID, NewCorrection{Kind: Increase, Amount: 500}); err != nil {
			t.Fatal(err)
		}
		paidOrder(t, s, pay, unit, bill.ID, 500)
	}
	if b := mustBill(t, s, bill.ID); b.Status != PaidBill || b.Billed() != 2000 {
		t.Errorf("%+v", b)
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
}

// What was cancelled for good does not come again under another name of its fee, unless a person says that it is
// another.
func TestACancelledBillDoesNotComeUnderAnotherName(t *testing.T) {
	row := []any{"阳光里", "1栋", "1", "101", "王小明", "13800000001", "物业服务费", "2026-11", "10.00", "2026-11-30"}
	for rebill, want := range map[bool]Outcome{true: Taken, false: Pending} {
		s, _ := open(t)
		_, bill := one(t, s)
		if _, err := corrected(t, s, bill.ID, NewCorrection{Kind: Cancellation, Rebill: rebill}); err != nil {
			t.Fatal(err)
		}
		r, err := s.Import(t.Context(), all, sheetOf(t, head, row))
		if err != nil || r.Totals[want] != 1 {
			t.Errorf("billed again %v: %+v, %v", rebill, r, err)
		}
		if said := r.Rows[0].ZH; !rebill && !strings.Contains(said, "10.00（已作废且不再出账）") {
			t.Errorf("%+v", r.Rows)
		}
	}
}

// A bill that was cancelled comes again with the next workbook where that was wished, once, and never else.
func TestACancelledBillComesAgainOnlyWhereWished(t *testing.T) {
	row := []any{"阳光里", "1栋", "1", "101", "王小明", "13800000001", "物业费", "2026-11", "8.00", "2026-11-30"}
	for rebill, want := range map[bool]int{true: 2, false: 1} {
		s, pay := open(t)
		unit, bill := one(t, s)
		if _, err := corrected(t, s, bill.ID, NewCorrection{Kind: Cancellation, Rebill: rebill}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := s.Import(t.Context(), all, sheetOf(t, head, row)); err != nil {
				t.Fatal(err)
			}
		}
		n, err := s.bills.Count(t.Context(), store.Query{Index: "by_unit", Equal: []any{unit.ID}})
		if err != nil || int(n) != want {
			t.Errorf("billed again %v: there are %d, %v", rebill, n, err)
		}
		owed, err := s.Bills(t.Context(), unit.ID, Unpaid)
		if err != nil || len(owed) != want-1 {
			t.Fatal(owed, err)
		}
		if why := agrees(t, s, pay); why != "" {
			t.Error(why)
		}
		if !rebill {
			continue
		}
		if _, err := corrected(t, s, owed[0].ID, NewCorrection{Kind: Cancellation, Rebill: true}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Import(t.Context(), all, sheetOf(t, head, row)); err != nil {
			t.Fatal(err)
		}
		again, err := s.Bills(t.Context(), unit.ID, Unpaid)
		if err != nil || len(again) != 1 || again[0].ID == owed[0].ID || again[0].ID == bill.ID {
			t.Error(again, err)
		}
	}
}

// What is reduced in pieces is decided over as a whole; another kind, and what was rejected, are not part of it.
func TestACorrectionInPiecesIsOneCase(t *testing.T) {
	of := func(id string, kind CorrectionKind, amount money.Fen, state approval.State) Correction {
		return Correction{Kind: kind, Amount: amount, Request: approval.Request{ID: id, State: state}}
	}
	b := &Bill{Amount: 10_000, Corrections: []Correction{of("1", Reduction, 100, approval.Approved),
		of("2", Reduction, 200, approval.Refused), of("3", Decrease, 400, approval.Approved),
		of("4", Reduction, 800, approval.Requested)}}
	if got := b.Case(&b.Corrections[3]).Amount; got != 900 {
		t.Errorf("%d, want 900", got)
	}
	b.Corrections[3] = of("4", Cancellation, 1, approval.Requested)
	if got := b.Case(&b.Corrections[3]).Amount; got != 9_500 {
		t.Errorf("a cancellation: %d, want 9500", got)
	}
}
