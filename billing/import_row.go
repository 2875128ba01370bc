package billing

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"linlipay/calendar"
	"linlipay/payment/card"
	"linlipay/property"
	"linlipay/workbook"
)

// row takes one row: its unit, then its bill. A row that breaks a rule is refused whole.
func (in *intake) row(sheet string, l *layout, row *workbook.Row) {
	c := cells{l, row}
	r := in.report.begin(sheet, row.Number)
	switch {
	case c.holdCard(): // before any reason repeats what stands there
		r.set(Refused, "含完整银行卡号，请只保留前六位与后四位", "holds a full card number; leave only its first six and last four digits")
		return
	case row.Hidden:
		r.set(Skipped, "该行被隐藏或被筛选掉，没有导入", "the row is hidden, by hand or by a filter, and was left out")
		return
	}
	if at, ok := c.total(); ok {
		r.at(l, at, row)
		r.set(Skipped, "合计行，没有导入", "a row of totals was left out")
		return
	}
	if l.held {
		in.heldRow(c, r)
		return
	}
	if c.holdsNoBill() {
		r.set(Skipped, "没有房号、费用、账期和金额，不是账单，没有导入", "has neither room, fee, period nor amount, is no bill and was "+
			"left out")
		return
	}
	l.noteNameless(row)
	b, bad := in.take(c, r)
	if bad != nil {
		r.at(l, bad.at, row)
		r.set(Refused, bad.zh, bad.en)
		return
	}
	in.bills = append(in.bills, b)
}

// take reads a row into the intake.
func (in *intake) take(c cells, r *RowReport) (*readBill, *problem) {
	if bad := cmp.Or(c.twice(), c.across()); bad != nil {
		return nil, bad
	}
	unit, bad := in.unit(c)
	if bad != nil {
		return nil, bad
	}
	b := &readBill{row: r, layout: c.layout}
	number, left, bad := c.phone()
	if bad != nil {
		return nil, bad
	}
	unit.Phone = number
	said := []*problem{left, c.buildingInName()}
	for _, of := range []column{colBuilding, colEntrance, colRoom} {
		said = append(said, c.lostZeros(of), c.maybeDate(of))
	}
	for _, p := range said {
		if p != nil {
			r.at(c.layout, p.at, c.row)
			b.warn(p.zh, p.en)
		}
	}
	if bad := in.bill(c, &unit, b); bad != nil {
		return nil, bad
	}
	if bad := in.placed(c, b); bad != nil {
		return nil, bad
	}
	if before := in.billed[spelledBill(&b.bill)]; before != nil {
		return nil, before.repeatedBy(b)
	}
	if i, ok := in.known[unit.ID]; ok && unit.Phone != "" && in.units[i].Phone != "" &&
		in.units[i].Phone != unit.Phone {
		_, at := c.cell(colPhone)
		r.at(c.layout, at, c.row)
		b.warn("与前面同一房屋的手机号不同，未录入："+unit.Phone, "another phone than in an earlier row of the unit, left out: "+
			unit.Phone)
	}
	in.admit(unit)
	in.billed[spelledBill(&b.bill)], in.alike[likeBill(&b.bill)] = b, true
	b.doubt = c.doubtful()
	return b, nil
}

// bill reads the bill of a row.
func (in *intake) bill(c cells, u *property.Unit, into *readBill) (bad *problem) {
	b := Bill{Company: in.how.Company, Community: u.Community, Unit: u.ID, Status: Unpaid}
	if b.Fee, bad = c.text(colFee); bad != nil {
		return bad
	}
	if b.Fee == "" {
		_, at := c.cell(colFee)
		return no(at, "缺少费用项目", "the fee is missing")
	}
	if b.Period, bad = c.period(); bad != nil {
		return bad
	}
	if v, _ := c.cell(colAmount); isNone(v) {
		into.none = true
	} else if b.Amount, bad = c.amount(); bad != nil {
		return bad
	}
	due, bad := c.day(colDue)
	if bad != nil {
		return bad
	}
	b.DueDate = b.Period + "-28"
	if due != nil {
		b.DueDate, into.due = calendar.Day(*due), true
	}
	b.ID = property.IDOf(u.ID, property.Fold(b.Fee), b.Period)
	into.bill = b
	into.keep(c)
	if p := c.zeroLost(b.Period); p != nil {
		into.row.at(c.layout, p.at, c.row)
		into.warn(p.zh, p.en)
	}
	if bad := c.settled(into); bad != nil {
		return bad
	}
	return in.future(c, into)
}

// holdCard reports whether a cell that is taken in holds a full card number.
func (c cells) holdCard() bool {
	holds := func(at int) bool { return card.HasCardNumber(c.row.Cell(at).Value) }
	for _, numbers := range c.of {
		if slices.ContainsFunc(numbers, holds) {
			return true
		}
	}
	return slices.ContainsFunc(c.extras, func(e extra) bool { return holds(e.at) })
}

// totals are the words of a row that sums others, or counts them: 合计, 本页小计, 锦绣花园合计, SUM, and Excel's own 1栋 汇总.
var totals = regexp.MustCompile(`((合|小|总|共|页|總)[计計]|累[计計]|总[额数和]|总(金额|价款?)|合共|[汇匯彙][总總]|加总|计数|` +
	`平均值?|均值|(sub|grand)?-?totals?)(金额|应收|户数|大写|人民币|[数额])*(\(.*\)|[:：=].*|\d.*)?$|` +
	`^(总|计|全部|全体|所有|均值|[∑σ]|sum|all|average|avg|count|最[大小]值)([:：=].*)?$|` +
	`^(共|全部|总共|一共|合共)\d+(户|条|笔|行|间|套)`)

// around are signs that stand around a word of totals: 【合计】, —小计—.
const around = "*-—=_#.、【】[]<>《》「」"

// total is the cell by which a row is one of totals.
func (c cells) total() (at int, ok bool) {
	first := true
	for at := range c.row.Cells {
		v := c.row.Cell(at)
		text := strings.Trim(strings.ToLower(strings.ReplaceAll(property.Fold(v.Value), " ", "")), around)
		if v.Kind != workbook.Text || text == "" {
			continue
		}
		if len(text) > longestHeading {
			first = false
			continue
		}
		named := first
		for _, of := range []column{colCommunity, colBuilding, colEntrance, colRoom, colOwner, colFee, colPeriod,
			colHeld, colHolder} {
			named = named || slices.Contains(c.of[of], at)
		}
		if named && totals.MatchString(text) {
			return at, true
		}
		first = false
	}
	return 0, false
}

// holdsNoBill reports whether a row has nothing of what makes a bill, such as a line of who made the table.
func (c cells) holdsNoBill() bool {
	for _, of := range []column{colRoom, colFee, colPeriod, colAmount} {
		if v, _ := c.cell(of); v.Kind != workbook.Empty && !v.Merged() {
			return false
		}
	}
	return true
}
