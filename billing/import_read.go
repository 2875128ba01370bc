package billing

import (
	"cmp"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/payment/card"
	"linlipay/property"
	"linlipay/workbook"
)

// readBill is a bill with the row that it came from, and what of the row was not taken.
type readBill struct {
	bill     Bill
	row      *RowReport
	due      bool // the row names the due date
	layout   *layout
	amount   workbook.Cell
	status   workbook.Cell
	warnings []string
	english  []string
	owner    bool // the owner on record was changed because of the row
}

// about names the column that what is said of the row is about, and what stands there.
func (b *readBill) about(of column, value string) {
	if numbers := b.layout.of[of]; len(numbers) > 0 {
		b.row.Column, b.row.Heading, b.row.Value = workbook.Letters(numbers[0]),
			withoutCards(property.Fold(b.layout.names[numbers[0]])), value
	}
}

// warn adds to what is said of the row.
func (b *readBill) warn(zh, en string) {
	b.warnings, b.english = append(b.warnings, zh), append(b.english, en)
}

// intake is what a workbook holds, checked but not yet stored.
type intake struct {
	how         ImportRequest
	now         time.Time
	communities []property.Community
	units       []property.Unit
	bills       []*readBill
	known       map[string]int        // unit id → index in units
	billed      map[string]*RowReport // by how the bill is spelled
	headed      bool
	closest     []column // what the sheet lacks whose head comes closest
	report      *ImportReport
}

func newIntake(how ImportRequest, now time.Time) *intake {
	return &intake{
		how: how, now: now, known: map[string]int{}, billed: map[string]*RowReport{},
		report: &ImportReport{Trial: how.Trial, Totals: map[Outcome]int{}},
	}
}

// readWorkbook reads and checks a whole workbook.
func readWorkbook(how ImportRequest, r io.Reader, now time.Time) (*intake, error) {
	book, err := workbook.Open(r)
	if err != nil {
		return nil, err
	}
	in := newIntake(how, now)
	var last *sheetReader
	end := func() {
		if last != nil {
			last.end()
		}
	}
	err = book.Read(func(sheet *workbook.Sheet) (func(*workbook.Row) error, error) {
		end()
		last = nil
		switch {
		case card.HasCardNumber(sheet.Name): // the report names it
			return nil, fault.New(fault.Invalid, "有工作表的名称是完整银行卡号，请改名后再导入。",
				"A sheet is named by a full card number; rename it first.")
		case sheet.Hidden:
			in.report.note(sheet.Name, "工作表被隐藏，没有导入", "the sheet is hidden and was left out")
			return nil, nil
		case sheet.Chart:
			in.report.note(sheet.Name, "是图表，没有导入", "is a chart and was left out")
			return nil, nil
		}
		last = &sheetReader{in: in, sheet: sheet}
		return last.row, nil
	})
	if err != nil {
		return nil, err
	}
	end()
	if !in.headed {
		return nil, in.noHead()
	}
	return in, nil
}

// noHead is the fault of a workbook in which no sheet has a head.
func (in *intake) noHead() error {
	zh, en := "工作簿中没有找到表头（小区、房号、金额……）。", "No sheet has a header with community, room and amount."
	if in.closest != nil {
		lackZH, lackEN := lacks(in.closest)
		zh, en = "表头不完整，"+lackZH+"。可在「导入」页下载模板对照。", "The header is not whole: "+lackEN+". The template has all columns."
	}
	return fault.New(fault.Invalid, zh, en)
}

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
	if bad := c.twice(); bad != nil {
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
	for _, p := range []*problem{left, c.lostZeros(colBuilding), c.lostZeros(colEntrance), c.lostZeros(colRoom)} {
		if p != nil {
			r.at(c.layout, p.at, c.row)
			b.warn(p.zh, p.en)
		}
	}
	if bad := in.bill(c, &unit, b); bad != nil {
		return nil, bad
	}
	if before := in.billed[spelledBill(&b.bill)]; before != nil {
		return nil, no(-1, fmt.Sprintf("与第 %d 行重复", before.Row)+elsewhere(before, r),
			fmt.Sprintf("repeats row %d", before.Row)+elsewhere(before, r))
	}
	if i, ok := in.known[unit.ID]; ok && unit.Phone != "" && in.units[i].Phone != "" &&
		in.units[i].Phone != unit.Phone {
		_, at := c.cell(colPhone)
		r.at(c.layout, at, c.row)
		b.warn("与前面同一房屋的手机号不同，未录入："+unit.Phone, "another phone than in an earlier row of the unit, left out: "+
			unit.Phone)
	}
	in.admit(unit)
	in.billed[spelledBill(&b.bill)] = r
	return b, nil
}

func elsewhere(before, now *RowReport) string {
	if before.Sheet == now.Sheet {
		return ""
	}
	return "（" + before.Sheet + "）"
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

// totals are the words of a row that sums others: 合计, 本页小计, 锦绣花园合计.
var totals = regexp.MustCompile(`(合计|小计|总计|共计|累计|总额|汇总|(?i:grandtotal|subtotal|total))` +
	`(金额|应收|户数|大写|人民币)*(\(.*\)|[:：].*)?$|^共\d+(户|条|笔|行)$`)

// total is the cell by which a row is one of totals.
func (c cells) total() (at int, ok bool) {
	first := true
	for at := range c.row.Cells {
		v := c.row.Cell(at)
		text := strings.ReplaceAll(property.Fold(v.Value), " ", "")
		if v.Kind != workbook.Text || text == "" {
			continue
		}
		if len(text) > longestHeading {
			first = false
			continue
		}
		named := first
		for _, of := range []column{colCommunity, colBuilding, colEntrance, colRoom, colOwner, colFee, colPeriod} {
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

// twice refuses a row in which two columns of one meaning differ.
func (c cells) twice() *problem {
	for of, numbers := range c.of {
		var first string
		from := -1
		for _, at := range numbers {
			value := property.Fold(c.row.Cell(at).Value)
			switch {
			case value == "" || of == colPhone: // phones are read from all of them
			case from < 0:
				first, from = value, at
			case value != first:
				return no(at, fmt.Sprintf("与 %s 不一致，分不清以哪一列为准，请只保留一列", c.name(from)),
					"differs from "+c.name(from)+", which means the same; keep one of the columns")
			}
		}
	}
	return nil
}

// unit reads the unit of a row. The same label with another owner is somebody's mistake, and nobody here can tell
// whose.
func (in *intake) unit(c cells) (property.Unit, *problem) {
	u := property.Unit{Company: in.how.Company}
	var name string
	for _, f := range []struct {
		to   *string
		from func(column) (string, *problem)
		of   column
	}{
		{&name, c.text, colCommunity}, {&u.Building, c.place, colBuilding}, {&u.Entrance, c.place, colEntrance},
		{&u.Room, c.place, colRoom}, {&u.Owner, c.text, colOwner},
	} {
		var bad *problem
		if *f.to, bad = f.from(f.of); bad != nil {
			return u, bad
		}
	}
	if property.Compact(name) == "" || property.Compact(u.Room) == "" { // a stroke says that there is none
		_, at := c.cell(map[bool]column{true: colCommunity, false: colRoom}[property.Compact(name) == ""])
		return u, no(at, "缺少小区或房号", "community or room is missing")
	}
	u.Community = property.CommunityID(in.how.Company, name)
	if len(in.how.Communities) > 0 && !slices.Contains(in.how.Communities, u.Community) {
		_, at := c.cell(colCommunity)
		return u, no(at, "小区不在您的管理范围内", "the community is not within your reach")
	}
	u.Label = strings.Join(slices.DeleteFunc([]string{suffixed(u.Building, "栋"), suffixed(u.Entrance, "单元"), u.Room},
		func(s string) bool {
			return s == ""
		}), " ")
	u.ID = property.UnitID(u.Community, u.Building, u.Entrance, u.Room)
	if i, ok := in.known[u.ID]; ok && in.units[i].Owner != u.Owner && u.Owner != "" && in.units[i].Owner != "" {
		_, at := c.cell(colOwner)
		return u, no(at, fmt.Sprintf("房号重复：%s 已登记业主 %s", u.Label, in.units[i].Owner),
			"the unit is listed with another owner")
	}
	if in.community(u.Community).ID == "" {
		if len(in.communities) >= mostCommunities {
			_, at := c.cell(colCommunity)
			return u, no(at, fmt.Sprintf("一个工作簿最多 %d 个小区，请检查这一列", mostCommunities),
				fmt.Sprintf("a workbook has at most %d communities; look at this column", mostCommunities))
		}
		in.communities = append(in.communities, property.Community{ID: u.Community, Company: in.how.Company,
			Name: name})
	}
	return u, nil
}

// mostCommunities is how many communities a workbook may name: with more of them it is another column.
const mostCommunities = 500

// community is one of those that the workbook names.
func (in *intake) community(id string) property.Community {
	i := slices.IndexFunc(in.communities, func(c property.Community) bool { return c.ID == id })
	if i < 0 {
		return property.Community{}
	}
	return in.communities[i]
}

func suffixed(s, suffix string) string {
	if s == "" || !strings.ContainsAny(s[len(s)-1:], "0123456789") {
		return s
	}
	return s + suffix
}

// admit keeps the unit of an accepted row, once; a later row may add what an earlier one lacked.
func (in *intake) admit(u property.Unit) {
	i, ok := in.known[u.ID]
	if !ok {
		in.known[u.ID] = len(in.units)
		in.units = append(in.units, u)
		return
	}
	in.units[i].Owner, in.units[i].Phone = cmp.Or(in.units[i].Owner, u.Owner), cmp.Or(in.units[i].Phone, u.Phone)
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
	if b.Amount, bad = c.amount(); bad != nil {
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
	b.ID = property.IDOf(u.ID, b.Fee, b.Period)
	into.bill = b
	into.amount, _ = c.cell(colAmount)
	into.status, _ = c.cell(colStatus)
	if bad := c.settled(into); bad != nil {
		return bad
	}
	return in.future(c, into)
}
