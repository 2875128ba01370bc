package billing

import (
	"context"
	"errors"
	"testing"
	"time"

	"linlipay/payment"
)

// late plays an order that takes hold of a bill between the look and the mark.
type late struct {
	Payments
	looks int
}

func (l *late) Holdings(context.Context, string, string, int) ([]payment.Holding, error) {
	if l.looks++; l.looks == 1 {
		return nil, nil
	}
	return []payment.Holding{{Order: "another", Status: payment.Pending, Amount: 1000}}, nil
}

func TestAnOrderThatComesBetweenKeepsItsBill(t *testing.T) {
	s, _ := open(t)
	_, bill := one(t, s)
	s.payments = &late{Payments: s.payments}
	how := all
	how.Take = Takes()
	r, err := s.Import(t.Context(), how,
		sheetOf(t, head, []any{"阳光里", "1栋", "1", "101", "王小明", "13800000001", "物业费", "2026-11", "10.00", "", "已缴"}))
	if err != nil || r.Totals[Differs] != 1 {
		t.Fatal(r, err)
	}
	if b, err := s.Bill(t.Context(), bill.ID); err != nil || b.Status != Unpaid || b.PaidBy != "" || b.Owed() != 1000 {
		t.Error(b, err)
	}
}

// dying plays a process that dies between the mark and the look for an order that holds the bill.
type dying struct{ Payments }

var errDied = errors.New("died")

// Holdings dies.
func (dying) Holdings(context.Context, string, string, int) ([]payment.Holding, error) {
	return nil, errDied
}

// A bill whose mark a crash cut short owes the look still. Whoever sweeps next carries it out, once: the mark stands,
// or an order that held the bill before takes it back and is paid as if nothing had been.
func TestAMarkThatACrashCutShort(t *testing.T) {
	for name, held := range map[string]bool{"nobody collects it": false, "an order held it": true} {
		t.Run(name, func(t *testing.T) {
			s, pay := open(t)
			unit, bill := one(t, s)
			s.payments = dying{pay}
			if held { // which begins after the import has looked, and before it marks
				n := payment.NewOrder{Company: "one", Community: bill.Community,
					Origin: payment.Origin{Kind: payment.Counter}, Payer: payment.Payer{Unit: unit.ID},
					Items: []payment.Item{{Ref: bill.ID, Title: "x", Amount: bill.Amount}}}
				if _, _, err := pay.Create(t.Context(), n); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := s.MarkPaid(t.Context(), bill.ID, bill.Amount, today()); !errors.Is(err, errDied) {
				t.Fatal(err)
			}
			if n, err := s.Sweep(t.Context()); n != 0 || !errors.Is(err, errDied) {
				t.Errorf("%d are swept, %v", n, err)
			}
			s.payments = pay
			moves := map[bool]int{false: 1, true: 2}[held] // that the journal is told of beside
			for _, want := range []int{1 + moves, 0} {
				if n, err := s.Sweep(t.Context()); err != nil || n != want {
					t.Errorf("%d are swept, not %d; %v", n, want, err)
				}
			}
			b, err := s.Bill(t.Context(), bill.ID)
			if err != nil || (b.PaidBy == Imported) == held || (b.Status == Unpaid) != held || len(b.Outbox) > 0 ||
				!b.MarkedAt.IsZero() {
				t.Errorf("%+v, %v", b, err)
			}
		})
	}
}

// An import carries out first what one before it did not get to the end of, and so tells of the bill what holds.
func TestAnImportSweepsFirst(t *testing.T) {
	s, pay := open(t)
	_, bill := one(t, s)
	s.payments = dying{pay}
	if _, err := s.MarkPaid(t.Context(), bill.ID, bill.Amount, time.Time{}); !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	s.payments = pay
	if _, err := s.Import(t.Context(), all, sheetOf(t, head)); err != nil {
		t.Fatal(err)
	}
	if b, err := s.Bill(t.Context(), bill.ID); err != nil || b.PaidBy != Imported || len(b.Outbox) > 0 {
		t.Errorf("%+v, %v", b, err)
	}
}

// What is collected here in part, or is of another amount, is not marked.
func TestWhatCannotBeMarked(t *testing.T) {
	s, _ := open(t)
	_, bill := one(t, s)
	if marked, err := s.MarkPaid(t.Context(), bill.ID, bill.Amount+1, today()); err != nil || marked {
		t.Error(marked, err)
	}
	o := &payment.Order{ID: "o", Items: []payment.Item{{Ref: bill.ID, Amount: 1}}}
	if _, err := s.Settle(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if marked, err := s.MarkPaid(t.Context(), bill.ID, bill.Amount, today()); err != nil || marked {
		t.Error(marked, err)
	}
}
