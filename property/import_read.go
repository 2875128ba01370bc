package property

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
)

// column is what a column of a workbook holds.
type column string

const (
	colCommunity column = "小区"
	colBuilding  column = "楼栋"
	colEntrance  column = "单元"
	colRoom      column = "房号"
	colOwner     column = "业主"
	colPhone     column = "手机"
	colFee       column = "费用项目"
	colPeriod    column = "账期"
	colAmount    column = "金额"
	colDue       column = "截止日期"
	colStatus    column = "状态"
	colPaidAt    column = "缴费日期"
)

// headings are the words people use for each column; the longest that a heading contains wins.
func headings() map[string]column {
	return map[string]column{
		"小区": colCommunity, "项目名称": colCommunity, "小区名称": colCommunity, "楼盘": colCommunity,
		"楼栋": colBuilding, "楼号": colBuilding, "栋": colBuilding, "栋号": colBuilding, "单元": colEntrance, "单元号": colEntrance,
		"房号": colRoom, "室": colRoom, "房间号": colRoom, "房屋": colRoom, "业主": colOwner, "姓名": colOwner, "业主姓名": colOwner, "户主": colOwner,
		"手机": colPhone, "电话": colPhone, "手机号": colPhone, "联系电话": colPhone, "手机号码": colPhone,
		"费用": colFee, "收费项目": colFee, "费用项目": colFee, "费项": colFee, "账期": colPeriod, "月份": colPeriod, "所属期": colPeriod, "费用月份": colPeriod,
		"金额": colAmount, "应收金额": colAmount, "应收": colAmount, "金额(元)": colAmount, "应收金额(元)": colAmount,
		"截止日期": colDue, "缴费截止": colDue, "到期日": colDue, "最后缴费日": colDue, "状态": colStatus, "缴费状态": colStatus, "是否已缴": colStatus,
		"缴费日期": colPaidAt, "缴费时间": colPaidAt, "已缴日期": colPaidAt,
	}
}

// required are the columns without which a sheet holds no bills.
func required() []column { return []column{colCommunity, colRoom, colFee, colPeriod, colAmount} }

// readBill is a bill with the row that it came from, and a warning if there is one.
type readBill struct {
	bill   Bill
	sheet  string
	row    int
	zh, en string

	changed string // what changed on the unit's record, in Chinese
}

// intake is what a workbook holds, checked but not yet stored.
type intake struct {
	company     string
	communities []Community
	units       []Unit
	bills       []readBill
	known       map[string]int // unit id → index in units
	billed      map[string]int // bill id → row
	headed      bool
	rows, cells int
	report      *ImportReport
}

func newIntake(company string) *intake {
	return &intake{company: company, known: map[string]int{}, billed: map[string]int{}, report: &ImportReport{Totals: map[Outcome]int{}}}
}

// sheet reads one sheet: it looks for the header, which may span two rows and stand below a title, and then takes row after row.
func (in *intake) sheet(book *excelize.File, sheet string) error {
	if payment.HasCardNumber(sheet) { // the report names it
		return fault.New(fault.Invalid, "有工作表的名称是完整银行卡号，请改名后再导入。", "A sheet is named by a full card number; rename it first.")
	}
	rows, err := book.Rows(sheet)
	if err != nil {
		return fault.New(fault.Invalid, "无法读取工作表 "+sheet, "Sheet "+sheet+" cannot be read.").Because(err)
	}
	defer rows.Close()
	var columns map[column]int
	var above []string
	for n := 1; rows.Next(); n++ {
		if in.rows++; in.rows > maxRows {
			return tooLarge("不得超过 %d 行", "it may have at most %d rows", maxRows)
		}
		cells, err := rows.Columns()
		if err != nil {
			return fault.New(fault.Invalid, fmt.Sprintf("工作表 %s 第 %d 行无法读取。", sheet, n), "A row cannot be read.").Because(err)
		}
		if in.cells += len(cells); in.cells > maxCells {
			return tooLarge("单元格不得超过 %d 个", "it may have at most %d cells", maxCells)
		}
		cells = cells[:min(len(cells), maxColumns)]
		switch found := header(above, cells); {
		case empty(cells):
		case columns == nil && found == nil:
			above = cells
		case found != nil:
			columns, in.headed = found, true
		default:
			in.row(sheet, n, columns, cells)
		}
	}
	return rows.Error()
}

// header returns which column stands where if a row, completed by the row above it, is a header.
func header(above, cells []string) map[column]int {
	words, found := headings(), map[column]int{}
	for i := range max(len(above), len(cells)) {
		for _, row := range [][]string{cells, above} {
			if i >= len(row) {
				continue
			}
			if c, ok := words[strings.ReplaceAll(fold(row[i]), " ", "")]; ok {
				if _, twice := found[c]; !twice {
					found[c] = i
				}
				break
			}
		}
	}
	for _, c := range required() {
		if _, ok := found[c]; !ok {
			return nil
		}
	}
	return found
}

func empty(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return fold(c) != "" })
}

// cells gives a row's text by column.
type cells struct {
	columns map[column]int
	row     []string
}

// text is the text of a cell, folded.
func (c cells) text(of column) string { return fold(c.raw(of)) }

// raw is the text of a cell as it stands there.
func (c cells) raw(of column) string {
	i, ok := c.columns[of]
	if !ok || i >= len(c.row) {
		return ""
	}
	return c.row[i]
}

// holdCard reports whether a cell that is taken in holds a full card number.
func (c cells) holdCard() bool {
	for of := range c.columns {
		if payment.HasCardNumber(c.raw(of)) {
			return true
		}
	}
	return false
}

// row takes one row: its unit, then its bill. A row that breaks a rule is refused whole.
func (in *intake) row(sheet string, n int, columns map[column]int, row []string) {
	c := cells{columns, row}
	if c.holdCard() { // before any reason repeats what stands there
		in.report.add(sheet, n, Refused, "含完整银行卡号，请只保留前六位与后四位", "holds a full card number; leave only its first six and last four digits")
		return
	}
	unit, why := in.unit(c)
	var bill Bill
	if why == nil {
		bill, why = in.bill(c, unit)
	}
	if why == nil && in.billed[bill.ID] != 0 {
		why = no(fmt.Sprintf("与第 %d 行重复", in.billed[bill.ID]), "repeats an earlier row")
	}
	if why != nil {
		in.report.add(sheet, n, Refused, why.zh, why.en)
		return
	}
	in.admit(unit)
	in.billed[bill.ID] = n
	b := readBill{bill: bill, sheet: sheet, row: n}
	if phone := c.text(colPhone); phone != "" && unit.Phone == "" {
		b.zh, b.en = "手机号不正确，已忽略："+phone, "the phone is not a mobile number and was left out"
	}
	in.bills = append(in.bills, b)
}

// reason is why a row is refused.
type reason struct{ zh, en string }

func no(zh, en string) *reason { return &reason{zh, en} }

var phoneText = regexp.MustCompile(`^1[3-9]\d{9}$`)

// unit reads the unit of a row. The same label with another owner is somebody's mistake, and nobody here can tell whose.
func (in *intake) unit(c cells) (Unit, *reason) {
	u := Unit{
		Company: in.company, Building: c.text(colBuilding), Entrance: c.text(colEntrance), Room: c.text(colRoom), Owner: c.text(colOwner),
	}
	name := c.text(colCommunity)
	if name == "" || u.Room == "" {
		return u, no("缺少小区或房号", "community or room is missing")
	}
	u.Community = idOf(in.company, compact(name))
	u.Label = strings.Join(slices.DeleteFunc([]string{suffixed(u.Building, "栋"), suffixed(u.Entrance, "单元"), u.Room}, func(s string) bool { return s == "" }), " ")
	u.ID = idOf(u.Community, compact(u.Building), compact(u.Entrance), compact(u.Room))
	if phone := plainPhone(c.text(colPhone)); phoneText.MatchString(phone) {
		u.Phone = phone
	}
	if i, ok := in.known[u.ID]; ok && in.units[i].Owner != u.Owner && u.Owner != "" {
		return u, no(fmt.Sprintf("房号重复：%s 已登记业主 %s", u.Label, in.units[i].Owner), "the unit is listed with another owner")
	}
	if !slices.ContainsFunc(in.communities, func(x Community) bool { return x.ID == u.Community }) {
		in.communities = append(in.communities, Community{ID: u.Community, Company: in.company, Name: name})
	}
	return u, nil
}

func suffixed(s, suffix string) string {
	if s == "" || !strings.ContainsAny(s[len(s)-1:], "0123456789") {
		return s
	}
	return s + suffix
}

// admit keeps the unit of an accepted row, once; a later row may add the phone that an earlier one lacked.
func (in *intake) admit(u Unit) {
	i, ok := in.known[u.ID]
	if !ok {
		in.known[u.ID] = len(in.units)
		in.units = append(in.units, u)
		return
	}
	if in.units[i].Phone == "" {
		in.units[i].Phone = u.Phone
	}
}

func (in *intake) bill(c cells, u Unit) (Bill, *reason) {
	b := Bill{Company: in.company, Community: u.Community, Unit: u.ID, Fee: c.text(colFee), Status: Unpaid}
	var ok bool
	if b.Fee == "" {
		return b, no("缺少费用项目", "the fee is missing")
	}
	if b.Period, ok = period(c.text(colPeriod)); !ok {
		return b, no("账期无法识别："+c.text(colPeriod), "the period is not a month")
	}
	var why *reason
	if b.Amount, why = amount(c.raw(colAmount)); why != nil {
		return b, why
	}
	b.DueDate = b.Period + "-28"
	if text := c.text(colDue); text != "" {
		day, ok := date(text)
		if !ok {
			return b, no("截止日期无法识别："+text, "the due date is not a date")
		}
		b.DueDate = day.Format(time.DateOnly)
	}
	b.ID = idOf(u.ID, b.Fee, b.Period)
	return in.settled(c, b)
}

// settled reads whether a bill came in as paid.
func (in *intake) settled(c cells, b Bill) (Bill, *reason) {
	switch c.text(colStatus) {
	case "", "未缴", "未缴费", "未付", "欠费", "否":
		return b, nil
	case "已缴", "已缴费", "已付", "已收", "是":
	default:
		return b, no("状态无法识别："+c.text(colStatus), "the status is neither paid nor unpaid")
	}
	b.Status, b.PaidBy = PaidBill, Imported
	if text := c.text(colPaidAt); text != "" {
		day, ok := date(text)
		if !ok {
			return b, no("缴费日期无法识别："+text, "the date of payment is not a date")
		}
		b.PaidAt = day.UTC()
	}
	return b, nil
}

var yearMonth = regexp.MustCompile(`^(20\d\d)[-/.年]?(0?[1-9]|1[0-2])月?$`)

// period reads a month, such as 2026-11, 2026/11, 202611, 2026年11月, or a date within it.
func period(s string) (string, bool) {
	if m := yearMonth.FindStringSubmatch(strings.ReplaceAll(s, " ", "")); m != nil {
		month, err := strconv.Atoi(m[2])
		return fmt.Sprintf("%s-%02d", m[1], month), err == nil
	}
	day, ok := date(s)
	return day.Format("2006-01"), ok
}

// date reads a day in Asia/Shanghai: 2026-11-30, 2026/11/30, 2026年11月30日, or Excel's count of days since 1899-12-30.
func date(s string) (time.Time, bool) {
	s = strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(strings.ReplaceAll(s, " ", ""))
	if day, err := time.ParseInLocation("2006-1-2", s, payment.Shanghai()); err == nil {
		return day, true
	}
	whole, _, _ := strings.Cut(strings.ReplaceAll(s, "-", "."), ".")
	if n, err := strconv.Atoi(whole); err == nil && n > 36526 && n < 73050 { // the years 2000 to 2099
		return time.Date(1899, 12, 30, 0, 0, 0, 0, payment.Shanghai()).AddDate(0, 0, n), true
	}
	return time.Time{}, false
}

// artefact is how a spreadsheet writes a number that binary floating point cannot hold, such as 123.10000000000001 or
// 4.0999999999999996.
var artefact = regexp.MustCompile(`^\d+\.\d{10,}$`)

// mostOwed is the most that a bill may be: what Alipay takes at once. It keeps the sum of a workbook within range.
const mostOwed money.Fen = 100_000_000_00

// amount reads the cell of an amount in yuan: a number by its value, a text as people type amounts. It must be more
// than zero.
func amount(cell string) (money.Fen, *reason) {
	text, shown := cell, fold(cell)
	if artefact.MatchString(text) {
		text = rounded(text)
	}
	f, err := money.ParseTyped(text)
	var refusal money.Refusal
	switch {
	case errors.As(err, &refusal):
		return 0, noAmount(refusal, shown)
	case err != nil:
		return 0, no("金额无法识别："+shown, "the amount cannot be read")
	case f == 0:
		return 0, no("金额必须大于零："+shown, "the amount is not more than zero")
	case f > mostOwed:
		return 0, no("金额过大："+shown, "the amount is too large for one bill")
	}
	return f, nil
}

// noAmount says why a cell is no amount. One with hidden characters is not shown: they could turn the report's line
// round too.
func noAmount(refusal money.Refusal, shown string) *reason {
	zh, en := refusal.Sentence()
	switch refusal {
	case money.NothingTyped:
		return no("缺少金额", "the amount is missing")
	case money.HiddenTyped:
		return no("金额无法识别："+zh, "the amount cannot be read: "+en)
	}
	return no("金额无法识别："+shown+"（"+zh+"）", "the amount cannot be read: "+en)
}

// rounded takes a spreadsheet's long number back to the two decimals that were typed, digit by digit. One that was
// not typed with two decimals stays as it is and will be refused.
func rounded(text string) string {
	whole, decimals, _ := strings.Cut(text, ".")
	head, tail := decimals[:2], decimals[2:10]
	switch {
	case strings.Trim(tail, "0") == "":
		return whole + "." + head
	case strings.Trim(tail, "9") == "":
		n, err := strconv.ParseInt(whole+head, 10, 64)
		if err != nil || n == math.MaxInt64 {
			return text
		}
		return money.Fen(n + 1).Yuan()
	}
	return text
}
