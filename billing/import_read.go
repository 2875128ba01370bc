package billing

import (
	"context"
	"io"
	"slices"
	"time"

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
	none     bool // the amount says that nothing is owed: —
	layout   *layout
	cells    [len(reported)]reportedCell
	warnings []string
	english  []string
	owner    bool   // the owner on record was changed because of the row
	doubt    *doubt // why it waits for a person's word, where it is new
	entity   *Named // to which the row says that the bill is owed
	region   *Named // in which it says that the community is
	clashed  bool   // another row of the workbook says something else of the bill
}

// reported are the columns that may be spoken of when the whole workbook was read.
var reported = [...]column{colFee, colPeriod, colAmount, colDue, colStatus, colPaidAt, colOwner, colPhone, colEntity,
	colRegion}

// reportedCell is a cell of a row and its column, -1 for none.
type reportedCell struct {
	workbook.Cell
	at int
}

// keep keeps the cells of the row that may be spoken of later.
func (b *readBill) keep(c cells) {
	for i, of := range reported {
		b.cells[i].Cell, b.cells[i].at = c.cell(of)
	}
}

// cellOf is a column of the row as the report names it: its letters, its heading, and what the person sees there.
func (b *readBill) cellOf(of column) (letters, heading, value string) {
	c := b.cells[slices.Index(reported[:], of)]
	if c.at < 0 {
		return "", "", ""
	}
	return workbook.Letters(c.at), withoutCards(b.layout.names[c.at]), seen(c.Cell)
}

// about names the column that what is said of the row is about, and what stands there.
func (b *readBill) about(of column) {
	if letters, heading, value := b.cellOf(of); letters != "" {
		b.row.Column, b.row.Heading, b.row.Value = letters, heading, value
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
	chart       Chart
	communities []property.Community
	units       []property.Unit
	bills       []*readBill
	openings    []*readOpening
	opened      map[string]*readOpening // by their ids
	holding     map[string]bool         // ids of units that openings are of
	known       map[string]int          // unit id → index in units
	billed      map[string]*readBill    // by how the bill is spelled
	alike       map[string]bool         // by what the bill is for; see likeBill
	headed      bool
	closest     []column // what the sheet lacks whose head comes closest
	wide        []string // fees that have a column each there
	report      *ImportReport
}

func newIntake(how ImportRequest, chart Chart, now time.Time) *intake {
	return &intake{
		how: how, chart: chart, now: now, known: map[string]int{}, billed: map[string]*readBill{},
		alike: map[string]bool{}, opened: map[string]*readOpening{}, holding: map[string]bool{},
		report: &ImportReport{Trial: how.Trial, Totals: map[Outcome]int{}},
	}
}

// readWorkbook reads and checks a whole workbook.
func readWorkbook(ctx context.Context, how ImportRequest, chart Chart, r io.Reader, now time.Time) (*intake, error) {
	book, err := workbook.Open(r)
	if err != nil {
		return nil, err
	}
	in := newIntake(how, chart, now)
	var last *sheetReader
	end := func() {
		if last != nil {
			last.end()
		}
	}
	err = book.Read(ctx, func(sheet *workbook.Sheet) (func(*workbook.Row) error, error) {
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
	in.bills = slices.DeleteFunc(in.bills, func(b *readBill) bool { return b.clashed })
	in.openings = slices.DeleteFunc(in.openings, func(o *readOpening) bool { return o.clashed })
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
	if len(in.wide) > 0 && slices.Contains(in.closest, colFee) {
		list, listEN := inBoth(in.wide)
		zh += "「" + list + "」各占一列：请每种费用各列一行，写明费用项目、账期和金额。"
		en += " " + listEN + " have a column each: give each fee a row with its name, its period and its amount."
	}
	return fault.New(fault.Invalid, zh, en)
}
