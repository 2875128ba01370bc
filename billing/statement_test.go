package billing

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/ledger"
	"linlipay/property"
)

// noon is midday of a day in Asia/Shanghai.
func noon(t testing.TB, day string) time.Time {
	t.Helper()
	at, err := dayIn("", day)
	if err != nil {
		t.Fatal(err)
	}
	return at.Add(12 * time.Hour)
}

// The moves of one bill, in their order, as day, kind and fen; * is a day that nobody kept.
func TestTheHistoryOfABill(t *testing.T) {
	on := func(day string) time.Time { return noon(t, "2026-"+day) }
	approved := func(kind CorrectionKind, fen money.Fen, day string) Correction {
		return Correction{Kind: kind, Amount: fen, Request: approval.Request{State: approval.Approved,
			Signatures: approval.Signatures{DecidedAt: on(day)}}}
	}
	refused := approved(Reduction, 1, "10-02")
	refused.State = approval.Refused
	mark := func(kind EntryKind, day string) Entry { return Entry{Kind: kind, Amount: 1000, At: on(day)} }
	orders := map[string]orderTold{"o": {refunds: map[string]refundTold{"oR1": {at: on("10-09")},
		"oR2": {at: on("10-01")}}}}
	paid := func(fen money.Fen, day string, back ...Reopening) []Settlement {
		return []Settlement{{Order: "none", At: on("10-01")}, {Order: "o", Amount: fen, At: on(day), GivenBack: back}}
	}
	for name, c := range map[string]struct {
		bill  Bill
		marks []Entry
		want  string
	}{
		"published": {Bill{PublishedAt: on("10-01")}, nil, "1001 published 1000"},
		"corrected": {Bill{PublishedAt: on("10-01"), Corrections: []Correction{refused,
			approved(Increase, 50, "10-03"), approved(WriteOff, 30, "10-04"), approved(Decrease, 20, "10-05"),
			approved(Cancellation, 1000, "10-06")}}, nil,
			"1001 published 1000, 1003 increased 50, 1004 written_off -30, 1005 decreased -20, 1006 reversed -1000"},
		"paid and given back": {Bill{PublishedAt: on("10-01"),
			Settlements: paid(600, "10-05", Reopening{Refund: "oR1", Amount: 200},
				Reopening{Refund: "oR2", Amount: 100})}, nil,
			"1001 published 1000, 1005 received -600, 1005 refunded 100, 1009 refunded 200"},
		"at once": {Bill{PublishedAt: on("10-01"), Settlements: paid(900, "10-01"),
			Corrections: []Correction{approved(Reduction, 100, "10-01")}}, nil,
			"1001 published 1000, 1001 reduced -100, 1001 received -900"},
		"came in as paid": {Bill{PublishedAt: on("10-01"), PaidBy: Imported,
			Moves: Moves{Last: 1, BornPaid: true}}, nil,
			"1001 published 1000, 1001 paid_elsewhere -1000"},
		"marked, unmarked and marked": {Bill{PublishedAt: on("10-01"), PaidBy: Imported}, []Entry{
			mark(PaidElsewhere, "10-02"), mark(PaidElsewhereUndone, "10-02"), mark(PaidElsewhere, "10-07")},
			"1001 published 1000, 1002 paid_elsewhere -1000, 1002 paid_elsewhere_undone 1000, " +
				"1007 paid_elsewhere -1000"},
		"from before the journal": {Bill{}, nil, "1101* published 1000"},
		"from before, paid before its period": {Bill{Settlements: paid(400, "10-20")}, nil,
			"1020* published 1000, 1020 received -400"},
		"from before, paid elsewhere on a day": {Bill{PaidBy: Imported, PaidAt: on("11-09")}, nil,
			"1101* published 1000, 1109 paid_elsewhere -1000"},
		"from before, paid elsewhere early": {Bill{PaidBy: Imported, PaidAt: on("10-09")}, nil,
			"1009* published 1000, 1009 paid_elsewhere -1000"},
		"from before, paid elsewhere some time": {Bill{PaidBy: Imported}, nil,
			"1101* published 1000, 1101* paid_elsewhere -1000"},
		"from before, marked since": {Bill{PaidBy: Imported, PaidAt: on("10-09")},
			[]Entry{mark(PaidElsewhere, "12-01")}, "1101* published 1000, 1201 paid_elsewhere -1000"},
		"from before, a mark that was taken back since": {Bill{}, []Entry{mark(PaidElsewhereUndone, "12-01")},
			"1101* published 1000, 1101* paid_elsewhere -1000, 1201 paid_elsewhere_undone 1000"},
		"a mark that the journal lacks": {Bill{PublishedAt: on("10-01"), PaidBy: Imported}, nil, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			c.bill.Amount, c.bill.Period = 1000, "2026-11"
			lines, err := c.bill.history(c.marks, orders)
			var got []string
			for _, l := range lines {
				day := calendar.Format(l.At, "0102")
				if l.Undated {
					day += "*"
				}
				got = append(got, fmt.Sprint(day, " ", l.Kind, " ", int64(l.Amount)))
			}
			if err != nil {
				got = []string{string(fault.CodeOf(err))}
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("it is %s\nwant  %s", s, c.want)
			}
		})
	}
}

// account is a home to which everything happened that happens to bills: two owners, of whom the second changed their
// phone, bills that were corrected, paid in parts, paid elsewhere, cancelled and given back, and one from before the
// journal.
type account struct {
	t    *testing.T
	s    *books
	pay  *payment.Service
	now  time.Time
	unit *property.Unit
}

func lived(t *testing.T) *account {
	a := &account{t: t, now: noon(t, "2026-09-01")}
	clock := func() time.Time { return a.now }
	a.s, a.pay = openBy(t, clock, clock)
	first := a.bill("王小明", ownerPhone, "物业费", "2026-09", "10.00", "")
	part := a.bill("王小明", ownerPhone, "停车费", "2026-09", "20.00", "")
	old := *a.get(first)
	old.ID, old.Fee, old.PublishedAt, old.Moves = "old", "水费", time.Time{}, Moves{}
	a.must(a.s.bills.Insert(t.Context(), &old))
	a.on("2026-09-05")
	a.pays(part, 500)
	a.on("2026-09-09")
	a.pays(part, 700)
	a.corrects(part, Reduction, 300)
	a.pays("old", 400)
	a.on("2026-09-20")
	givenBack(t, a.s, a.pay, part, 200)
	a.changes("李四", newPhone)
	a.on("2026-10-01")
	whole := a.bill("李四", newPhone, "物业费", "2026-10", "10.00", "")
	a.bill("李四", newPhone, "停车费", "2026-10", "20.00", "已缴")
	marked := a.bill("李四", newPhone, "水费", "2026-10", "30.00", "")
	gone := a.bill("李四", newPhone, "电费", "2026-10", "40.00", "")
	a.changes("李四", guestPhone)
	a.on("2026-10-03")
	a.pays(whole, 0)
	givenBack(t, a.s, a.pay, whole, 1000)
	a.corrects(whole, Increase, 150)
	a.on("2026-10-31")
	a.marks(marked)
	a.corrects(gone, Cancellation, 0)
	a.on("2026-11-02")
	a.pays(whole, 0)
	a.corrects(a.bill("李四", guestPhone, "物业费", "2026-11", "10.00", ""), WriteOff, 999)
	undone := a.bill("李四", guestPhone, "水费", "2026-11", "7.00", "")
	o, err := pays(t, a.s, a.unit.ID, undone, 300, "")
	a.must(err)
	a.marks(undone) // which the order takes back
	_, _, err = a.pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: o.Amount, By: "staff:c"})
	a.must(err)
	_, err = a.pay.Post(t.Context())
	a.must(err)
	return a
}

func (a *account) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

func (a *account) on(day string) { a.now = noon(a.t, day) }

func (a *account) get(id string) *Bill {
	a.now = a.now.Add(time.Minute)
	return mustBill(a.t, a.s, id)
}

// bill takes in a bill and returns its id.
func (a *account) bill(owner, phone, fee, period, amount, status string) string {
	a.t.Helper()
	a.now = a.now.Add(time.Minute)
	_, err := a.s.Import(a.t.Context(), all, sheetOf(a.t, head, []any{"阳光里", "1栋", "1单元", "101", owner, phone, fee,
		period, amount, period + "-28", status}))
	a.must(err)
	found, _, err := a.s.FindUnits(a.t.Context(), []string{property.CommunityID("one", "阳光里")}, "101", "", 1)
	a.must(err)
	a.unit = &found[0]
	for _, b := range a.bills() {
		if b.Fee == fee && b.Period == period {
			return b.ID
		}
	}
	a.t.Fatal("no bill", fee, period)
	return ""
}

func (a *account) bills() (bills []Bill) {
	a.t.Helper()
	for _, status := range BillStatuses() {
		some, err := a.s.Bills(a.t.Context(), a.unit.ID, status)
		a.must(err)
		bills = append(bills, some...)
	}
	return bills
}

func (a *account) pays(bill string, fen money.Fen) {
	a.t.Helper()
	a.get(bill)
	paidOrder(a.t, a.s, a.pay, a.unit, bill, fen)
}

func (a *account) corrects(bill string, kind CorrectionKind, fen money.Fen) {
	a.t.Helper()
	a.get(bill)
	_, err := corrected(a.t, a.s, bill, NewCorrection{Kind: kind, Amount: fen})
	a.must(err)
}

func (a *account) marks(bill string) {
	a.t.Helper()
	_, err := a.s.MarkPaid(a.t.Context(), bill, a.get(bill).Billed(), time.Time{})
	a.must(err)
}

func (a *account) changes(owner, phone string) {
	a.t.Helper()
	u, err := a.s.SetOwner(a.t.Context(), a.unit.ID, owner, phone, "staff:1")
	a.must(err)
	a.unit = u
}

func (a *account) state(of property.Ownership, from, to string) *Statement {
	a.t.Helper()
	st, err := a.s.Statement(a.t.Context(), &property.Home{Unit: *a.unit}, of, Days{from, to})
	a.must(err)
	return st
}

// What is owed at the end of a statement without a last day is what is owed of the debtor's bills; whoever changed
// their phone is one debtor; a statement goes on where the one before it ended.
func TestAStatementClosesWithWhatIsOwed(t *testing.T) {
	a := lived(t)
	owners := a.unit.Ownerships()
	if len(owners) != 2 || owners[0].First != 1 || owners[0].Last != 2 || owners[1].Owner != "王小明" {
		t.Fatalf("%+v", owners)
	}
	for _, of := range owners {
		var owed money.Fen
		for _, b := range a.bills() {
			if of.Has(b.Tenure) {
				owed += b.Owed()
			}
		}
		whole := a.state(of, "", "")
		if owed == 0 || whole.Closing != owed || whole.Opening != 0 {
			t.Errorf("%s: it begins with %s and closes with %s; owed is %s", of.Owner, whole.Opening, whole.Closing,
				owed)
		}
		if st := whole.Owed[of.First] + whole.Owed[of.Last]; of.First != of.Last && st != owed {
			t.Errorf("%s owes %s by tenures, want %s", of.Owner, st, owed)
		}
		balance := money.Fen(0)
		for i, l := range whole.Lines {
			if balance += l.Amount; l.Balance != balance || i > 0 && l.At.Before(whole.Lines[i-1].At) {
				t.Errorf("line %d: %+v after %s", i, l, balance)
			}
		}
		for _, day := range []string{"2026-08-31", "2026-09-05", "2026-09-20", "2026-10-03", "2026-10-31",
			"2026-12-31"} {
			next := calendar.Day(calendar.AddDays(noon(t, day), 1))
			before, after := a.state(of, "", day), a.state(of, next, "")
			if before.Closing != after.Opening || after.Closing != owed || len(before.Lines)+len(after.Lines) !=
				len(whole.Lines) {
				t.Errorf("%s until %s: %s with %d lines, then %s with %d, to %s", of.Owner, day, before.Closing,
					len(before.Lines), after.Opening, len(after.Lines), after.Closing)
			}
		}
	}
}

// The lines are those of the journal and of the ledger, read from their chains: each of the journal's moves at its day
// once, and each order's and refund's money with the number of its receipt.
func TestAStatementSaysWhatTheBooksSay(t *testing.T) {
	a := lived(t)
	for range 2 { // the second time nothing is owed to the journal any more
		var books, stated []string
		told := map[string]bool{}
		tell := func(e Entry) error {
			if !told[e.ID] {
				books = append(books, fmt.Sprint(e.Day, " ", e.Kind, " ", int64(e.Amount), " ", e.Fee, " ", e.Period))
			}
			told[e.ID] = true
			return nil
		}
		a.must(a.s.Journal().Lines(t.Context(), "one", tell))
		for _, b := range a.bills() {
			for _, e := range b.Moves.Owed {
				a.must(tell(e))
			}
		}
		a.must(a.pay.Ledger().Lines(t.Context(), "one", func(l ledger.Line) error {
			kind := map[ledger.LineKind]StatementKind{ledger.Charge: LineReceived, ledger.Refund: LineRefunded}[l.Kind]
			books = append(books, fmt.Sprint(l.BusinessDay, " ", kind, " ", int64(l.Amount), " ", l.Order, " ",
				l.ReceiptNumber()))
			return nil
		}))
		for _, of := range a.unit.Ownerships() {
			for _, l := range a.state(of, "", "").Lines {
				if l.Undated { // of the one bill from before the journal
					continue
				}
				day, fen := calendar.Day(l.At), max(l.Amount, -l.Amount)
				what := l.Bill.Fee + " " + l.Bill.Period
				if l.Order != "" {
					what = l.Order + " " + l.Receipt
				}
				stated = append(stated, fmt.Sprint(day, " ", l.Kind, " ", int64(fen), " ", what))
			}
		}
		slices.Sort(books)
		slices.Sort(stated)
		if len(stated) < 24 || !slices.Equal(books, stated) {
			t.Errorf("the books say\n%s\nand the statements\n%s", strings.Join(books, "\n"), strings.Join(stated, "\n"))
		}
		_, err := a.s.Sweep(t.Context())
		a.must(err)
	}
}

// Lines of one instant stand as people expect them: period by period, each bill with what is paid of it below.
func TestLinesOfOneInstantHaveAnOrder(t *testing.T) {
	at := today()
	b := func(id, period string) *Bill {
		return &Bill{ID: id, Period: period, Fee: "物业费", Amount: 100, PublishedAt: at, PaidBy: Imported,
			Moves: Moves{Last: 1, BornPaid: true}}
	}
	for range 20 {
		st := &Statement{}
		for _, b := range []*Bill{b("c", "2026-10"), b("a", "2026-11"), b("b", "2026-10")} {
			lines, err := b.history(nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := st.take(lines); err != nil {
				t.Fatal(err)
			}
		}
		if err := st.balance(); err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, l := range st.Lines {
			got += fmt.Sprint(l.Bill.ID, int64(l.Balance), " ")
		}
		if want := "b100 b0 c100 c0 a100 a0 "; got != want {
			t.Fatalf("the order is %s, want %s", got, want)
		}
	}
}

// Days that are none, and more lines than a statement takes, are said by their field.
func TestWhatAStatementRefuses(t *testing.T) {
	for days, field := range map[Days]string{
		{"2026-02-29", ""}: "from", {"", "2026-2-1"}: "to", {"昨天", ""}: "from", {"", "2026-11-01T00:00:00Z"}: "to",
		{"2026-11-02", "2026-11-01"}: "from", {"2026-11-01", "2026-11-01"}: "", {}: "",
	} {
		_, _, err := days.bounds()
		if got, _ := detail(err, "field").(string); got != field || fault.Is(err, fault.Invalid) != (field != "") {
			t.Errorf("%+v: %v", days, err)
		}
	}
	b := &Bill{ID: "b", Amount: 1, PublishedAt: today()}
	st := &Statement{Lines: make([]StatementLine, StatementLines-1)}
	for _, want := range []bool{false, true} {
		lines, err := b.history(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.take(lines); fault.Is(err, fault.Invalid) != want || want && detail(err, "field") != "from" {
			t.Errorf("with %d lines before: %v", len(st.Lines), err)
		}
	}
}

// A former owner has the bills that they still owe on their statement, and no others.
func TestAFormerOwnersStatement(t *testing.T) {
	a := lived(t)
	h, err := a.s.Home(t.Context(), loggedIn(t, a.s, ownerPhone).ID, a.unit.ID)
	a.must(err)
	if h.As != property.FormerOwner {
		t.Fatal(h.As)
	}
	a.pays(a.bills()[0].ID, 0) // one of theirs is paid whole
	var want money.Fen
	for _, b := range a.bills() {
		if Owes(h, &b) {
			want += b.Owed()
		}
	}
	st, err := a.s.Statement(t.Context(), h, a.unit.Ownerships()[1], Days{})
	a.must(err)
	if st.Closing != want || want == 0 {
		t.Errorf("it closes with %s, want %s", st.Closing, want)
	}
	for _, l := range st.Lines {
		if !Owes(h, l.Bill) {
			t.Errorf("they see %+v", l)
		}
	}
}
