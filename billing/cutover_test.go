package billing

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/property"
)

var manager = approval.Person{ID: "staff:manager", Roles: []string{"operations"}}

// moving is a community that moves in, and what its steps came to.
type moving struct {
	*books
	in property.Community
}

func movesIn(t *testing.T) (*moving, func(t *testing.T) string) {
	s, pay := open(t)
	return &moving{s, property.Community{ID: property.CommunityID("one", "阳光里"), Company: "one", Name: "阳光里"}},
		func(t *testing.T) string { return agrees(t, s, pay) }
}

func (m *moving) import1(t *testing.T, home, fee, period, amount, status string) *RowReport {
	t.Helper()
	how := all
	how.Take = Takes()
	r, err := m.Import(t.Context(), how, sheetOf(t, head,
		[]any{"阳光里", "1栋", "1", home, "王小明", "13800000001", fee, period, amount, period + "-28", status}))
	if err != nil {
		t.Fatal(err)
	}
	return r.Rows[0]
}

func (m *moving) revision(t *testing.T) int64 {
	t.Helper()
	c, err := m.CutOver(t.Context(), m.in.ID)
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		return 0
	}
	return c.Revision
}

// step carries out one step: "in HOME FEE PERIOD YUAN STATUS", "first PERIOD FEE FEN BILLS …", "ask REASON", "approve",
// "reject", "withdraw", "alone" (the asker approves).
func (m *moving) step(t *testing.T, step string) error {
	t.Helper()
	f := strings.Fields(step)
	ctx, revision := t.Context(), m.revision(t)
	c, err := m.CutOver(ctx, m.in.ID)
	if err != nil {
		t.Fatal(err)
	}
	request := "none"
	if c != nil && c.Request != nil {
		request = c.Request.ID
	}
	switch f[0] {
	case "in":
		if row := m.import1(t, f[1], f[2], f[3], f[4], f[5]); row.Outcome == Refused {
			return fault.New(fault.Code("row"), row.ZH, row.EN)
		}
	case "first":
		var totals []ControlTotal
		for i := 2; i+2 < len(f); i += 3 {
			var total ControlTotal
			if _, err := fmt.Sscan(strings.Join(f[i:i+3], " "), &total.Fee, &total.Amount, &total.Bills); err != nil {
				t.Fatal(err)
			}
			totals = append(totals, total)
		}
		_, err = m.EnterTotals(ctx, m.in, f[1], totals, revision)
	case "ask":
		_, err = m.AskLock(ctx, m.in, strings.Join(f[1:], ""), revision, manager)
	case "approve", "reject", "alone":
		by := checker
		if f[0] == "alone" {
			by = approval.Person{ID: manager.ID, Roles: []string{"finance"}}
		}
		_, err = m.DecideLock(ctx, m.in, approval.Decision{Request: request, Approve: f[0] != "reject", Note: "不对"}, by)
	case "withdraw":
		_, err = m.WithdrawLock(ctx, m.in, request, manager)
	default:
		t.Fatalf("there is no step %q", step)
	}
	return err
}

// What becomes of a community that moves in; each line is one: its steps, and what the last of them comes to, a
// fault's code or where the cut-over stands.
func TestCutOver(t *testing.T) {
	const two = "in 101 物业费 2026-09 10 未缴; in 102 物业费 2026-09 20 未缴; in 101 水费 2026-10 5 未缴"
	const right = two + "; first 2026-11 物业费 3000 2 水费 500 0"
	for _, c := range []struct{ steps, want string }{
		{two, "none"},
		{right, "open"},
		{right + "; ask", "requested"},
		{right + "; ask; approve", "locked"},
		{two + "; ask", "wrong_state"},                           // nothing was entered
		{two + "; first 2026-11; ask", "wrong_state"},            // nor here
		{two + "; first 2026-11 物业费 3000 2; ask", "wrong_state"}, // 水费 is owed too
		{two + "; first 2026-11 物业费 3001 2 水费 500 0; ask", "wrong_state"}, // another amount
		{two + "; first 2026-11 物业费 3000 3 水费 500 1; ask", "wrong_state"}, // another count
		{right + "; in 103 电费 2026-08 1 未缴; ask", "wrong_state"},          // one fee more
		{two + "; first 2026-10 物业费 3000 0; ask", "requested"},            // 水费 is of the first period
		{two + "; first 2026-13 物业费 3000 0", "invalid_request"},           // no month
		{two + "; first 2026-11 物业费 -1 0", "invalid_request"},             // less than nothing
		{two + "; first 2026-11 物业费 1 0 物业费 2 0", "invalid_request"},      // twice
		{right + "; in 103 物业费 2026-10 7 已缴; ask", "requested"},           // paid before: nothing is owed of it
		{right + "; ask; alone", "forbidden"},                             // by whoever asked
		{right + "; ask; first 2026-11 物业费 1 0", "wrong_state"},           // while it waits
		{right + "; ask; in 103 物业费 2026-10 7 未缴", "row"},                 // a bill while it waits
		{right + "; ask; in 103 物业费 2026-11 7 未缴; approve", "locked"},     // one of the first period is no matter
		{right + "; ask; withdraw; in 103 物业费 2026-10 7 未缴; ask", "wrong_state"},
		{right + "; ask; reject; first 2026-11 物业费 1 0", "open"},
		{right + "; ask; ask", "wrong_state"},
		{right + "; approve", "wrong_state"},
		{right + "; withdraw", "wrong_state"},
		{right + "; ask; in 101 水费 2026-10 5 已缴; approve", "wrong_state"}, // it owes less since
		{right + "; ask; approve; in 103 物业费 2026-10 7 未缴", "row"},
		{right + "; ask; approve; in 103 物业费 2026-10 7 已缴", "row"},     // paid ones are history too
		{right + "; ask; approve; in 101 物业费 2026-09 10 未缴", "locked"}, // it is there
		{right + "; ask; approve; in 101 物业费 2026-09 10 已缴", "locked"}, // paid in the system before
		{right + "; ask; approve; in 103 物业费 2026-11 7 未缴", "locked"},
		{right + "; first 2026-12 物业费 1 0", "open"},
		// the next month's bills could not come in
		{right + "; first 2027-01 物业费 1 0", "invalid_request"},
		// one fee in two spellings
		{two + "; in 103 物业费(元) 2026-09 1 未缴; first 2026-11 物业费(元) 3100 3 水费 500 0; ask", "requested"},
		{right + "; ask; approve; first 2026-11 物业费 1 0", "wrong_state"},
		{right + "; ask; approve; ask", "invalid_request"}, // to open it without a reason
		{right + "; ask; approve; ask 漏了一户; approve", "open"},
		{right + "; ask; approve; ask 漏了一户; in 103 物业费 2026-10 7 未缴", "row"}, // not before another approved
		{right + "; ask; approve; ask 漏了一户; approve; in 103 水费 2026-10 7 未缴; first 2026-11 物业费 3000 2 水费 1200 2; " +
			"ask; approve", "locked"},
	} {
		t.Run(c.steps, func(t *testing.T) {
			m, agrees := movesIn(t)
			got := ""
			for step := range strings.SplitSeq(c.steps, "; ") {
				got = ""
				if err := m.step(t, step); err != nil {
					got = string(codeOf(t, err))
				}
			}
			if got == "" {
				now, err := m.CutOver(t.Context(), m.in.ID)
				if err != nil {
					t.Fatal(err)
				}
				got = string(now.State())
			}
			if got != c.want {
				t.Errorf("it comes to %s, want %s", got, c.want)
			}
			if why := agrees(t); why != "" {
				t.Error(why)
			}
		})
	}
}

func codeOf(t *testing.T, err error) fault.Code {
	t.Helper()
	var bad *fault.Error
	if !errors.As(err, &bad) {
		t.Fatal(err)
	}
	return bad.Code
}

// locked is a community whose balance is locked, and one of its bills, of 10.00.
func locked(t *testing.T) (m *moving, agrees func(*testing.T) string, bill *Bill) {
	m, agrees = movesIn(t)
	for _, step := range []string{"in 101 物业费 2026-09 10 未缴", "first 2026-11 物业费 1000 1", "ask", "approve"} {
		if err := m.step(t, step); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	units, _, err := m.FindUnits(t.Context(), []string{m.in.ID}, "101", "", 0)
	if err != nil || len(units) != 1 {
		t.Fatal(units, err)
	}
	bills, err := m.Bills(t.Context(), units[0].ID, Unpaid)
	if err != nil || len(bills) != 1 {
		t.Fatal(bills, err)
	}
	return m, agrees, &bills[0]
}

// A balance that is locked stays what it was locked with, whatever is corrected of it since; what is owed still is
// beside it. A bill that takes the place of a cancelled one comes in no more than any other.
func TestALockedBalanceStays(t *testing.T) {
	m, agrees, bill := locked(t)
	for _, n := range []NewCorrection{{Kind: Reduction, Amount: 300}, {Kind: Increase, Amount: 100}} {
		if _, err := corrected(t, m.books, bill.ID, n); err != nil {
			t.Fatal(err)
		}
	}
	c, err := m.CutOver(t.Context(), m.in.ID)
	if err != nil {
		t.Fatal(err)
	}
	all, err := m.Reconciled(t.Context(), m.in.ID, c, "2000-01")
	if err != nil || len(all) != 1 || all[0].Owed != 1000 || all[0].Left != 800 || !all[0].Agrees() {
		t.Errorf("%+v %v", all, err)
	}
	if _, err := corrected(t, m.books, bill.ID, NewCorrection{Kind: Cancellation, Rebill: true}); err != nil {
		t.Fatal(err)
	}
	if row := m.import1(t, "101", "物业费", "2026-09", "9000", "未缴"); row.Outcome != Refused {
		t.Errorf("it comes again for more: %+v", row)
	}
	if why := agrees(t); why != "" {
		t.Error(why)
	}
}

// A bill of a locked balance that comes all the same, or goes, is found.
func TestVerifyFindsAChangedBalance(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, m *moving, b Bill) error{
		"a bill more": func(t *testing.T, m *moving, b Bill) error {
			b.ID, b.Version, b.Amount, b.PublishedAt = "another", 0, 1, time.Time{}
			return m.bills.Insert(t.Context(), &b)
		},
		"another fee": func(t *testing.T, m *moving, b Bill) error {
			b.ID, b.Version, b.Fee, b.PublishedAt = "another", 0, "水费", time.Time{}
			return m.bills.Insert(t.Context(), &b)
		},
		"a bill of a former period": func(t *testing.T, m *moving, b Bill) error {
			b.ID, b.Version, b.Period, b.PublishedAt = "another", 0, "2020-01", time.Time{}
			return m.bills.Insert(t.Context(), &b)
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, agrees, bill := locked(t)
			if err := change(t, m, *bill); err != nil {
				t.Fatal(err)
			}
			if why := agrees(t); !strings.Contains(why, "was locked with") {
				t.Errorf("found %q", why)
			}
		})
	}
}

// Whoever read that a balance is open, and writes bills of it after somebody asked to lock it, gives way; and it is not
// locked while somebody may be writing.
func TestNobodyWritesWhatIsBeingLocked(t *testing.T) {
	m, agrees := movesIn(t)
	for _, step := range []string{"in 101 物业费 2026-09 10 未缴", "first 2026-11 物业费 1000 1", "ask"} {
		if err := m.step(t, step); err != nil {
			t.Fatal(err)
		}
	}
	late := Bill{ID: "late", Company: "one", Community: m.in.ID, Unit: "u", Fee: "物业费", Period: "2026-10", Amount: 1,
		Status: Unpaid, DueDate: "2026-10-28"}
	if _, err := m.publish(t.Context(), []Bill{late}); !fault.Is(err, fault.WrongState) {
		t.Errorf("a late bill: %v", err)
	}
	if _, err := m.Bill(t.Context(), "late"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the late bill is there: %v", err)
	}
	writing := &publication{ID: "p", Company: "one", Communities: []string{m.in.ID}, Bills: []string{"x"}, At: today()}
	if err := m.publications.Insert(t.Context(), writing); err != nil {
		t.Fatal(err)
	}
	if err := m.step(t, "approve"); !fault.Is(err, fault.WrongState) {
		t.Errorf("locked while somebody writes: %v", err)
	}
	if err := m.publications.Delete(t.Context(), writing); err != nil {
		t.Fatal(err)
	}
	writing = &publication{ID: "dead", Company: "one", Communities: []string{m.in.ID}, Bills: []string{"x"},
		At: today().Add(-publicationWrites)}
	if err := m.publications.Insert(t.Context(), writing); err != nil {
		t.Fatal(err)
	}
	if err := m.step(t, "approve"); err != nil {
		t.Errorf("a writer that died: %v", err)
	}
	if why := agrees(t); why != "" {
		t.Error(why)
	}
}

// opened has the balance open, whatever became of it.
func (m *moving) opened(t *testing.T) {
	t.Helper()
	c, err := m.CutOver(t.Context(), m.in.ID)
	if err != nil {
		t.Fatal(err)
	}
	steps := map[CutOverState][]string{CutOverRequested: {"withdraw"}, CutOverLocked: {"ask 再核对", "approve"}}
	for _, step := range steps[c.State()] {
		if err := m.step(t, step); err != nil {
			t.Fatal(err)
		}
	}
}

// An import and a lock that meet, in whichever order: a balance that is locked has all that came in, and no more.
func TestALockMeetsAnImport(t *testing.T) {
	m, agrees := movesIn(t)
	for _, step := range []string{"in 101 物业费 2026-09 10 未缴", "first 2026-11 物业费 1000 1"} {
		if err := m.step(t, step); err != nil {
			t.Fatal(err)
		}
	}
	locks := 0
	for round := range 30 {
		done := make(chan error, 1)
		comesIn := func() {
			_, err := m.publish(t.Context(), []Bill{{ID: fmt.Sprint("late", round), Company: "one",
				Community: m.in.ID, Unit: "u", Fee: "物业费", Period: "2026-10", Amount: 1, Status: Unpaid}})
			done <- err
		}
		// In every second round the import begins after the request, which therefore can be granted at its end.
		asksFirst := round%2 == 1
		if !asksFirst {
			go comesIn()
		}
		requested := m.step(t, "ask") == nil
		if asksFirst {
			go comesIn()
		}
		locked := requested && m.step(t, "approve") == nil
		if err := <-done; err != nil && !fault.Is(err, fault.WrongState) {
			t.Fatal(err)
		}
		if requested && !locked {
			locked = m.step(t, "approve") == nil
		}
		if locked {
			locks++
		} else if asksFirst {
			t.Error("not locked, though the import came after the request")
		}
		if why := agrees(t); why != "" {
			t.Fatal(why)
		}
		m.opened(t)
		all, err := m.Reconciled(t.Context(), m.in.ID, nil, "2026-11")
		if err != nil {
			t.Fatal(err)
		}
		if err := m.step(t, fmt.Sprintf("first 2026-11 物业费 %d %d", all[0].Owed, all[0].Bills)); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of 30 locked", locks)
}

// What the fees of a balance come to, against a sum by hand: part of a bill paid, one reduced, one cancelled, one paid
// before.
func TestTheOpenBalanceByHand(t *testing.T) {
	bill := func(amount money.Fen, change func(*Bill)) *Bill {
		b := &Bill{Fee: "物业费", Amount: amount, Status: Unpaid}
		if change != nil {
			change(b)
		}
		return b
	}
	approved := func(k CorrectionKind, amount money.Fen) []Correction {
		return []Correction{{Kind: k, Amount: amount, Request: approval.Request{State: approval.Approved}}}
	}
	var sum FeeSum
	for _, b := range []*Bill{
		bill(1000, nil),
		bill(2000, func(b *Bill) { b.Settlements = []Settlement{{Order: "1", Amount: 500}} }),
		bill(3000, func(b *Bill) { b.Corrections = approved(Reduction, 1000) }),
		bill(4000, func(b *Bill) { b.Corrections, b.Status = approved(Cancellation, 4000), Cancelled }),
		bill(5000, func(b *Bill) { b.Status, b.PaidBy = PaidBill, Imported }),
		bill(700, func(b *Bill) { b.Reissue = 1 }),
		bill(300, func(b *Bill) { b.Corrections, b.Status = approved(WriteOff, 300), PaidBill }),
		bill(300, func(b *Bill) { b.Corrections = approved(Decrease, 50) }),
	} {
		if err := sum.count(b); err != nil {
			t.Fatal(err)
		}
	}
	want := FeeSum{Bills: 6, Owed: 1000 + 2000 + 3000 + 700 + 300 + 250, Published: 16300,
		Left: 1000 + 1500 + 2000 + 700 + 250}
	if sum != want {
		t.Errorf("%+v, want %+v", sum, want)
	}
}
