package payment_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
)

// addedUp adds up the whole ledger anew, line by line, by another way than the one under test.
func addedUp(t *testing.T, s *payment.Service, company, since string) map[string][4]int64 {
	t.Helper()
	sums := map[string][4]int64{}
	err := s.Ledger().Lines(t.Context(), company, func(l ledger.Line) error {
		if l.BusinessDay < since {
			return nil
		}
		k := fmt.Sprint(l.BusinessDay, "/", l.Community, "/", l.Institution, "/", l.Method, "/", l.Cashier)
		v := sums[k]
		if l.Kind == ledger.Charge {
			v[0], v[1] = v[0]+int64(l.Amount), v[1]+1
		} else {
			v[2], v[3] = v[2]+int64(l.Amount), v[3]+1
		}
		sums[k] = v
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

func told(t *testing.T, s *payment.Service, company string, since time.Time) map[string][4]int64 {
	t.Helper()
	moveds, err := s.Ledger().Takings(t.Context(), company, since)
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string][4]int64{}
	for _, m := range moveds {
		k := fmt.Sprint(m.Day, "/", m.Community, "/", m.Institution, "/", m.Method, "/", m.Cashier)
		sums[k] = [4]int64{int64(m.Taken), m.TakenCount, int64(m.Refunded), m.RefundedCount}
	}
	if len(sums) != len(moveds) {
		t.Errorf("a key stands twice: %v", moveds)
	}
	return sums
}

// Takings are the ledger's sums by day whatever was asked before: days that begin in Shanghai, lines that are written
// long after the money moved or a little before, another company's, and a process that has read nothing yet.
func TestTakingsAreTheLedgersSums(t *testing.T) {
	w := newWorld(t)
	random := rand.New(rand.NewPCG(13, 7))
	pick := func(values ...string) string { return values[random.IntN(len(values))] }
	n := 0
	for round := range 30 {
		w.pass(time.Duration(random.IntN(6*60)) * time.Minute)
		var lines []ledger.Line
		for range random.IntN(8) {
			n++
			moved := w.now().Add(time.Duration(random.IntN(3)) * 10 * time.Minute).Add(
				-time.Duration(random.IntN(5)/4*30) * time.Hour)
			lines = append(lines, ledger.Line{
				ID: fmt.Sprint("x", n), Company: "c", Kind: ledger.LineKind(pick("taken", "taken", "given_back")),
				Amount:    money.Fen(1 + random.IntN(1_000_000)),
				Community: pick("", "east", "west"), Institution: pick("wechat", "cash"),
				Method:  pick("native", "cash"),
				Cashier: pick("", "staff:a", "staff:b"), Order: fmt.Sprint("o", n), MovedAt: moved,
				BusinessDay: calendar.Day(moved),
			})
		}
		if _, err := w.pay.Ledger().Append(t.Context(), "c", lines); err != nil {
			t.Fatal(err)
		}
		if _, err := w.pay.Ledger().Append(t.Context(), "d",
			[]ledger.Line{{ID: fmt.Sprint("d", round), Company: "d", Kind: ledger.Charge, Amount: 7,
				BusinessDay: "2026-11-24"}}); err != nil {
			t.Fatal(err)
		}
		since := w.now().AddDate(0, 0, -random.IntN(4))
		want := addedUp(t, w.pay, "c", calendar.Day(since))
		for who, s := range map[string]*payment.Service{"one that asked before": w.pay,
			"another process": w.service(w.store)} {
			if got := told(t, s, "c", since); !maps.Equal(got, want) {
				t.Fatalf("round %d, %s, since %s:\n%v\nthe ledger has\n%v", round, who, since, got, want)
			}
		}
	}
	if n < 60 {
		t.Fatalf("only %d lines were tried", n)
	}
}

// books is a day whose sums are known.
func TestTakingsOfADay(t *testing.T) {
	w := books(t)
	moveds, err := w.pay.Ledger().Takings(t.Context(), "c", w.now())
	if err != nil {
		t.Fatal(err)
	}
	var taken, back money.Fen
	var cash ledger.Moved
	for _, m := range moveds {
		taken, back = taken+m.Taken, back+m.Refunded
		if m.Cashier == "staff:till" {
			cash = m
		}
	}
	if taken != 600 || back != 130 || cash.Taken != 100 || cash.TakenCount != 1 ||
		cash.Institution != string(gateway.Cash) {
		t.Errorf("%d taken, %d given back, the till %+v", taken, back, cash)
	}
	if !slices.IsSortedFunc(moveds, func(a, b ledger.Moved) int {
		return slices.Compare([]string{a.Day, a.Community}, []string{b.Day, b.Community})
	}) {
		t.Errorf("not in order: %v", moveds)
	}
}
