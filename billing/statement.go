package billing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/property"
)

// A statement (对账单) tells of one home and one debtor how what is owed came about, move by move, and what was owed
// after each. The moves are told from the bills themselves, each of which says what it was published with, what
// corrected it and what orders paid; when a bill was marked as paid elsewhere is told by the journal, and when money
// went back by its order. Of each bill the moves add up to what is owed of it, or there is no statement.

// StatementKind says what a line of a statement is.
type StatementKind string

// The kinds of lines, as the journal and the orders tell of them.
const (
	LinePublished           StatementKind = "published"             // 出账
	LineIncreased           StatementKind = "increased"             // 调增
	LineDecreased           StatementKind = "decreased"             // 调减
	LineReduced             StatementKind = "reduced"               // 减免
	LineWrittenOff          StatementKind = "written_off"           // 核销
	LineReversed            StatementKind = "reversed"              // 冲红: the bill was cancelled
	LinePaidElsewhere       StatementKind = "paid_elsewhere"        // 他处已缴
	LinePaidElsewhereUndone StatementKind = "paid_elsewhere_undone" // 撤销他处已缴: the mark did not stand
	LineReceived            StatementKind = "received"              // 收款: an order paid
	LinePrepaymentUsed      StatementKind = "prepayment_used"       // 预存抵扣
	LinePrepaymentReturned  StatementKind = "prepayment_returned"   // 撤销预存抵扣: owed again
	LineRefunded            StatementKind = "refunded"              // 退款: money went back, and is owed again
)

// StatementKinds lists all of them, in the order in which lines of one bill and one instant stand.
func StatementKinds() []StatementKind {
	return []StatementKind{LinePublished, LineIncreased, LineDecreased, LineReduced, LineWrittenOff, LineReversed,
		LinePaidElsewhere, LinePaidElsewhereUndone, LineReceived, LinePrepaymentUsed, LinePrepaymentReturned,
		LineRefunded}
}

// StatementLines is the most lines of one statement. Ours: a home with four moves a month has forty years on it.
const StatementLines = 2000

// StatementLine is one move of what a debtor owes.
type StatementLine struct {
	At time.Time
	// nobody kept when it was, since that was before there was a journal; At is by the bill's period or first payment
	Undated bool
	Kind    StatementKind
	Bill    *Bill
	Order   string    // whose money moved, "" where none did
	Receipt string    // number of its receipt, "" where it has none
	Amount  money.Fen // in fen, by how much more is owed than before; less than 0 where less is
	Balance money.Fen // in fen, owed after it
	nth     int       // which of its bill's
}

// StatementTotal is what the lines of one kind come to.
type StatementTotal struct {
	Kind   StatementKind
	Amount money.Fen // in fen, as in the lines
	Count  int
}

// Statement is what became of a debtor's bills in some days.
type Statement struct {
	Days    Days
	At      time.Time // when it was made: what is told later of these days is not in it
	Opening money.Fen // in fen, owed before the first day
	Lines   []StatementLine
	Totals  []StatementTotal // of the kinds that there are, in their order
	Closing money.Fen        // in fen, owed at the end of the last day
	// the legal entities to which what is on it was or is owed, in the order of their ids
	Entities []string
	// by tenure: what is owed now, in fen, of every bill that the reader may see
	Owed map[int]money.Fen

	of          property.Ownership
	from, until time.Time
}

// Days are from a day to a day in Asia/Shanghai, yyyy-MM-dd, both within; "" is no bound.
type Days struct{ From, To string }

// bounds are when the days begin and when they are over, zero where they are open.
func (d Days) bounds() (from, until time.Time, err error) {
	if from, err = dayIn("from", d.From); err != nil {
		return from, until, err
	}
	if until, err = dayIn("to", d.To); err != nil {
		return from, until, err
	}
	if d.From != "" && d.To != "" && d.From > d.To {
		return from, until, wrong("from", "起始日期不能晚于截止日期。", "The first day is after the last.")
	}
	if !until.IsZero() {
		until = calendar.AddDays(until, 1)
	}
	return from, until, nil
}

// dayIn is when a day that a field holds begins, zero where it holds none.
func dayIn(field, day string) (time.Time, error) {
	if day == "" {
		return time.Time{}, nil
	}
	at, err := calendar.ParseDay(day)
	if err != nil || calendar.Day(at) != day {
		return at, wrong(field, "日期须为 年-月-日，如 2026-11-28。", "A day is yyyy-MM-dd, such as 2026-11-28.")
	}
	return at, nil
}

// orderTold is what a statement tells from an order: the receipt of its payment, and by their numbers when refunds went
// back, and their receipts.
type orderTold struct {
	receipt string
	refunds map[string]refundTold
}

type refundTold struct {
	at      time.Time
	receipt string
}

// history are the moves of a bill in their order, without balances. marks are what the journal has of its being paid
// elsewhere, orders what is known of those that paid it. Moves that do not add up to what is owed are Internal.
func (b *Bill) history(marks []Entry, orders map[string]orderTold) ([]StatementLine, error) {
	lines := slices.Concat(b.correctionLines(), b.paymentLines(orders), markLines(marks))
	first := time.Time{}
	for i := range lines {
		if first.IsZero() || lines[i].At.Before(first) {
			first = lines[i].At
		}
	}
	lines = append(b.firstLines(first, marks), lines...)
	slices.SortStableFunc(lines, func(a, b StatementLine) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.rank(), b.rank()))
	})
	var owed money.Fen
	for i := range lines {
		lines[i].Bill, lines[i].nth = b, i
		owed += lines[i].Amount // bounded: see fits, and Reopen
	}
	if owed != b.Owed() {
		return nil, fault.New(fault.Internal, "系统错误，请联系管理员。", fmt.Sprintf(
			"The moves of bill %s come to %s, and %s is owed of it.", b.ID, owed.Yuan(), b.Owed().Yuan()))
	}
	return lines, nil
}

// firstLines are that the bill was published, and that it came in as paid. Of a bill from before the journal nobody
// kept when it was published: that is told by the first day of its period, or by its first other move where that was
// before.
func (b *Bill) firstLines(first time.Time, marks []Entry) []StatementLine {
	published := StatementLine{At: b.PublishedAt, Kind: LinePublished, Amount: b.Amount}
	born := StatementLine{At: b.PublishedAt, Kind: LinePaidElsewhere, Amount: -b.Amount}
	if !b.PublishedAt.IsZero() {
		if b.Moves.BornPaid {
			return []StatementLine{published, born}
		}
		return []StatementLine{published}
	}
	before := b.markedBefore(marks)
	if published.At, _ = calendar.ParseDay(b.Period + "-01"); !first.IsZero() && first.Before(published.At) {
		published.At = first
	}
	published.Undated = true
	if before == 0 {
		return []StatementLine{published}
	}
	born.Amount, born.At, born.Undated = -before, b.PaidAt, b.PaidAt.IsZero() || len(marks) > 0
	if born.Undated {
		born.At = published.At
	} else if born.At.Before(published.At) {
		published.At = born.At
	}
	return []StatementLine{published, born}
}

// markedBefore is how much, in fen, was marked as paid elsewhere before there was a journal: what its marks do not
// explain of the bill as it is.
func (b *Bill) markedBefore(marks []Entry) (before money.Fen) {
	if b.PaidBy == Imported {
		before = b.Billed()
	}
	for _, line := range markLines(marks) {
		before += line.Amount
	}
	return before
}

// marksTold is how many moves of the bill the journal alone tells of.
func (b *Bill) marksTold() int64 {
	told := b.Moves.Last - b.Revision() - b.drawMoves()
	if b.Moves.BornPaid {
		told--
	}
	return told
}

func markLines(marks []Entry) (lines []StatementLine) {
	for _, e := range marks {
		switch e.Kind {
		case PaidElsewhere:
			lines = append(lines, StatementLine{At: e.At, Kind: LinePaidElsewhere, Amount: -e.Amount})
		case PaidElsewhereUndone:
			lines = append(lines, StatementLine{At: e.At, Kind: LinePaidElsewhereUndone, Amount: e.Amount})
		}
	}
	return lines
}

func (b *Bill) correctionLines() (lines []StatementLine) {
	for i := range b.Corrections {
		if c := &b.Corrections[i]; c.State == approval.Approved {
			lines = append(lines, StatementLine{At: c.DecidedAt, Kind: StatementKind(c.Kind.entry()),
				Amount: c.effect()})
		}
	}
	return lines
}

// paymentLines are what orders paid, and what of that went back.
func (b *Bill) paymentLines(orders map[string]orderTold) (lines []StatementLine) {
	for _, paid := range b.Settlements {
		if paid.Amount == 0 {
			continue
		}
		if paid.Draw != "" {
			lines = append(lines, StatementLine{At: paid.At, Kind: LinePrepaymentUsed, Amount: -paid.Amount})
			for _, back := range paid.GivenBack {
				lines = append(lines, StatementLine{At: later(back.At, paid.At), Kind: LinePrepaymentReturned,
					Amount: back.Amount})
			}
			continue
		}
		told := orders[paid.Order]
		lines = append(lines, StatementLine{At: paid.At, Kind: LineReceived, Order: paid.Order, Receipt: told.receipt,
			Amount: -paid.Amount})
		for _, back := range paid.GivenBack {
			went := told.refunds[back.Refund]
			at := went.at
			if at.Before(paid.At) { // clocks of two institutions differ
				at = paid.At
			}
			lines = append(lines, StatementLine{At: at, Kind: LineRefunded, Order: paid.Order, Receipt: went.receipt,
				Amount: back.Amount})
		}
	}
	return lines
}

// rank orders lines of one instant: what is published before what is paid of it.
func (l *StatementLine) rank() int { return slices.Index(StatementKinds(), l.Kind) }

// before orders the lines of a statement: by time, and of one instant bill by bill, the earliest period first, so that
// what came in as paid is paid in the line below.
func (l StatementLine) before(m StatementLine) int {
	return cmp.Or(l.At.Compare(m.At), strings.Compare(l.Bill.Period, m.Bill.Period),
		strings.Compare(l.Bill.Fee, m.Bill.Fee), strings.Compare(l.Bill.ID, m.Bill.ID), cmp.Compare(l.nth, m.nth))
}

// take adds the moves of a bill: to what was owed before the first day, or to the lines. More lines than a statement
// takes are Invalid.
func (st *Statement) take(lines []StatementLine) (err error) {
	for _, l := range lines {
		switch {
		case !st.until.IsZero() && !l.At.Before(st.until):
			continue
		case l.At.Before(st.from):
			if st.Opening, err = st.Opening.Add(l.Amount); err != nil {
				return err
			}
		case len(st.Lines) == StatementLines:
			return wrong("from", fmt.Sprintf("这段时间超过 %d 笔，请缩短日期范围分段查看。", StatementLines),
				fmt.Sprintf("There are more than %d lines in these days; ask for fewer days at a time.",
					StatementLines))
		default:
			st.Lines = append(st.Lines, l)
		}
		if entity := l.Bill.EntityID(); !slices.Contains(st.Entities, entity) {
			st.Entities = append(st.Entities, entity)
		}
	}
	return nil
}

// balance puts the lines in their order, and says after each what is owed, and what they come to.
func (st *Statement) balance() (err error) {
	slices.SortFunc(st.Lines, StatementLine.before)
	slices.Sort(st.Entities)
	st.Closing = st.Opening
	sums := map[StatementKind]StatementTotal{}
	for i := range st.Lines {
		l := &st.Lines[i]
		if st.Closing, err = st.Closing.Add(l.Amount); err != nil {
			return err
		}
		l.Balance = st.Closing
		sum := sums[l.Kind]
		sum.Kind, sum.Count = l.Kind, sum.Count+1
		if sum.Amount, err = sum.Amount.Add(l.Amount); err != nil {
			return err
		}
		sums[l.Kind] = sum
	}
	for _, kind := range StatementKinds() {
		if sum, there := sums[kind]; there {
			st.Totals = append(st.Totals, sum)
		}
	}
	return nil
}
