package billing

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/payment"
	"linlipay/property"
)

// told is what the journal of the tests' company says, one entry a line.
func told(t *testing.T, s *books) (lines []string) {
	t.Helper()
	if err := s.Journal().Lines(t.Context(), "one", func(e Entry) error {
		lines = append(lines, fmt.Sprint(e.Kind, " ", int64(e.Amount), " ", e.Fee, " ", e.Period))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return lines
}

// agrees verifies the company's bills and journal.
func agrees(t *testing.T, s *books, pay *payment.Service) string {
	t.Helper()
	why, err := s.VerifyBills(t.Context(), "one", pay.Get)
	if err != nil {
		t.Fatal(err)
	}
	return why
}

// The journal tells of what the ledger does not know, each once: bills that are published, some of them as paid, those
// that are paid elsewhere later, and a mark that did not stand.
func TestTheJournalTellsEachMoveOnce(t *testing.T) {
	s, pay := open(t)
	row := func(fee, amount, status string) []any {
		return []any{"阳光里", "1栋", "1", "101", "王小明", "13800000001", fee, "2026-11", amount, "2026-11-30", status}
	}
	for range 2 { // the second time every bill is there
		if _, err := s.Import(t.Context(), all, sheetOf(t, head, row("物业费", "10", "未缴"), row("停车费", "20", "已缴"),
			row("水费", "30", "未缴"))); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"published 1000 物业费 2026-11", "published 2000 停车费 2026-11",
		"paid_elsewhere 2000 停车费 2026-11", "published 3000 水费 2026-11"}
	if got := told(t, s); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the journal tells\n%s", strings.Join(got, "\n"))
	}
	how := all
	how.Take = Takes()
	if _, err := s.Import(t.Context(), how, sheetOf(t, head, row("水费", "30", "已缴"))); err != nil {
		t.Fatal(err)
	}
	if why := agrees(t, s, pay); why != "" {
		t.Errorf("while the journal is owed a move: %s", why)
	}
	for range 2 {
		if _, err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want = append(want, "paid_elsewhere 3000 水费 2026-11")
	if got := told(t, s); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the journal tells\n%s", strings.Join(got, "\n"))
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
}

// A mark that an order takes back is told both ways.
func TestTheJournalTellsOfAMarkThatDidNotStand(t *testing.T) {
	s, pay := open(t)
	unit, bill := one(t, s)
	if _, err := pays(t, s, unit.ID, bill.ID, 300, ""); err != nil {
		t.Fatal(err)
	}
	if marked, err := s.MarkPaid(t.Context(), bill.ID, bill.Amount, time.Time{}); err != nil || marked {
		t.Fatal(marked, err)
	}
	if _, err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "published 1000 物业费 2026-11\npaid_elsewhere 1000 物业费 2026-11\npaid_elsewhere_undone 1000 物业费 2026-11"
	if got := strings.Join(told(t, s), "\n"); got != want {
		t.Errorf("the journal tells\n%s", got)
	}
	if why := agrees(t, s, pay); why != "" {
		t.Error(why)
	}
}

// A crash between publishing bills and telling the journal, at either place, is made good by whoever sweeps next, once.
func TestAPublicationThatACrashCutShort(t *testing.T) {
	for name, c := range map[string]struct {
		there, age time.Duration
		tells      int
		waits      bool
	}{
		"the bills are there":          {there: 1, tells: 1},
		"the bills are not there yet":  {waits: true},
		"the bills will never be":      {age: publicationLife + time.Minute},
		"the bills are there for long": {there: 1, age: publicationLife + time.Minute, tells: 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, pay := open(t)
			m := property.Community{ID: "m", Company: "one", Name: "阳光里"}
			if err := s.AddCommunities(t.Context(), []property.Community{m}); err != nil {
				t.Fatal(err)
			}
			at := today().Add(-c.age)
			b := Bill{ID: "b", Company: "one", Community: "m", Unit: "u", Fee: "物业费", Period: "2026-11", Amount: 1000,
				Status: Unpaid, PublishedAt: at}
			p := &publication{ID: "p", Company: "one", Bills: []string{"b"}, At: at}
			if err := s.publications.Insert(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if c.there > 0 {
				if err := s.bills.Insert(t.Context(), &b); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				if _, err := s.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if got := told(t, s); len(got) != c.tells {
				t.Errorf("the journal tells %v", got)
			}
			_, err := s.publications.Get(t.Context(), "p")
			if fault.Is(err, fault.NotFound) == c.waits {
				t.Errorf("the publication waits: %v, %v", c.waits, err)
			}
			if why := agrees(t, s, pay); why != "" {
				t.Error(why)
			}
		})
	}
}

// Verifying names the first bill that the journal says something else of, and a journal that was changed.
func TestVerifyHoldsBillsToTheJournal(t *testing.T) {
	bill := func(change func(*Bill)) func(context.Context, *books, string) error {
		return func(ctx context.Context, s *books, id string) error {
			_, err := s.bills.Update(ctx, id, func(b *Bill) error { change(b); return nil })
			return err
		}
	}
	entry := func(e Entry) func(context.Context, *books, string) error {
		return func(ctx context.Context, s *books, id string) error {
			if e.Bill == "" {
				e.Bill = id
			}
			_, err := s.journal.Append(ctx, "one", []Entry{e})
			return err
		}
	}
	for name, c := range map[string]struct {
		do   func(context.Context, *books, string) error
		want string
	}{
		"another amount": {bill(func(b *Bill) { b.Amount = 900 }),
			"has 9.00 published; the journal says 10.00 published"},
		"paid by nobody's word": {bill(func(b *Bill) { b.Status, b.PaidBy = PaidBill, Imported }),
			"10.00 published, 10.00 paid elsewhere; the journal says 10.00 published"},
		"a reduction by nobody's word": {bill(func(b *Bill) {
			b.Corrections = []Correction{{Kind: Reduction, Amount: 1,
				Request: approval.Request{State: approval.Approved}}}
		}), "10.00 published, 0.01 reduced; the journal says 10.00 published"},
		"a move that never was": {entry(Entry{ID: "x", Kind: PaidElsewhere, Amount: 5, Company: "one"}),
			"the journal has 2 entries"},
		"a bill that never was": {entry(Entry{ID: "y/0", Kind: Published, Amount: 5, Bill: "y", Company: "one"}),
			"the journal has moves of y, and there is no such bill or prepayment"},
		"from before": {bill(func(b *Bill) { b.Amount, b.PublishedAt = 900, time.Time{} }), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, pay := open(t)
			_, b := one(t, s)
			if why := agrees(t, s, pay); why != "" {
				t.Fatal(why)
			}
			if err := c.do(t.Context(), s, b.ID); err != nil {
				t.Fatal(err)
			}
			if why := agrees(t, s, pay); !strings.Contains(why, c.want) || (why == "") != (c.want == "") {
				t.Errorf("%q, want %q", why, c.want)
			}
		})
	}
}
