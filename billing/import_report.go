package billing

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment/card"
	"linlipay/property"
	"linlipay/workbook"
)

// Outcome is what became of a row.
type Outcome string

// The outcomes of a row.
const (
	Taken    Outcome = "imported"  // new, and stored
	Repeated Outcome = "unchanged" // was there already, unchanged
	Warned   Outcome = "warning"   // stored, with what is named left out or changed
	Skipped  Outcome = "skipped"   // no bill: a row of totals, a hidden one
	Pending  Outcome = "pending"   // not stored: a known unit has another owner, which waits for a person's word
	Differs  Outcome = "differs"   // was there already and says something else: nothing was changed
	Refused  Outcome = "refused"   // not stored, for the reason named
)

// Outcomes lists all of them with their words, those first that a person must look at.
func Outcomes() [][3]string {
	return [][3]string{
		{string(Refused), "拒绝", "refused"}, {string(Differs), "不一致", "differs"}, {string(Pending), "待确认", "pending"},
		{string(Warned), "有提示", "taken with a warning"}, {string(Skipped), "跳过", "skipped"},
		{string(Repeated), "重复", "there already"},
		{string(Taken), "导入", "imported"},
	}
}

// RowReport is what became of one row, and the cell because of which.
type RowReport struct {
	Sheet   string  `json:"sheet"`
	Row     int     `json:"row"` // as Excel numbers it
	Outcome Outcome `json:"outcome"`
	Column  string  `json:"column,omitempty"`  // its letters
	Heading string  `json:"heading,omitempty"` // as it stands above the column
	Value   string  `json:"value,omitempty"`   // as the person sees it
	ZH      string  `json:"reason_zh,omitempty"`
	EN      string  `json:"reason_en,omitempty"`
	Take    Take    `json:"overwrite,omitempty"` // what would be taken of it on demand
}

// NoteReport is what is to be said of a sheet as a whole.
type NoteReport struct {
	Sheet string `json:"sheet,omitempty"`
	ZH    string `json:"zh"`
	EN    string `json:"en"`
}

// ImportReport is what became of a workbook, row by row. Every row that is not empty is in it once, but for heads and
// what stands above the first.
type ImportReport struct {
	Trial  bool            `json:"dry_run"`
	Rows   []*RowReport    `json:"rows"`
	Notes  []NoteReport    `json:"sheet_notes"`
	Totals map[Outcome]int `json:"totals"`
	Amount money.Fen       `json:"amount"` // of the bills taken, in fen
	Held   money.Fen       `json:"held"`   // of the prepayments and deposits taken, in fen
}

// Clean reports whether every row is as stored as it should be: none was refused, differs or waits.
func (r *ImportReport) Clean() bool {
	return r.Totals[Refused]+r.Totals[Differs]+r.Totals[Pending] == 0
}

func (r *ImportReport) begin(sheet string, row int) *RowReport {
	one := &RowReport{Sheet: sheet, Row: row}
	r.Rows = append(r.Rows, one)
	return one
}

// englishMarks are the marks of English for those around what people typed in Chinese.
var englishMarks = strings.NewReplacer("「", ` "`, "」", `"`)

// inBoth are some things, one after the other, in Chinese and in English.
func inBoth(all []string) (zh, en string) { return strings.Join(all, "、"), strings.Join(all, ", ") }

func (r *ImportReport) note(sheet, zh, en string) {
	r.Notes = append(r.Notes, NoteReport{sheet, withoutCards(zh), withoutCards(englishMarks.Replace(en))})
}

// finish counts.
func (r *ImportReport) finish() {
	for _, row := range r.Rows {
		r.Totals[row.Outcome]++
	}
	if r.Notes == nil {
		r.Notes = []NoteReport{}
	}
	if r.Rows == nil {
		r.Rows = []*RowReport{}
	}
}

// at names the cell because of which a row is as it is.
func (r *RowReport) at(l *layout, at int, row *workbook.Row) {
	if at < 0 {
		return
	}
	r.Column, r.Heading, r.Value = workbook.Letters(at), withoutCards(l.names[at]), seen(row.Cell(at))
}

// seen is what a report says of a cell: what the person sees there, in its own width.
func seen(v workbook.Cell) string { return withoutCards(shortened(workbook.Line(v.Seen()))) }

func (r *RowReport) set(o Outcome, zh, en string) {
	r.Outcome, r.ZH, r.EN = o, withoutCards(zh), withoutCards(englishMarks.Replace(en))
}

// done sets what became of a row: plain where there is nothing to say of it.
func (r *RowReport) done(plain, said Outcome, b *readBill) {
	if len(b.warnings) > 0 {
		plain = said
	}
	r.set(plain, strings.Join(b.warnings, "；"), strings.Join(b.english, "; "))
}

// pending and differs say so, with whatever else is to be said of the row.
func (b *readBill) pending(zh, en string) {
	b.warn(zh, en)
	b.row.done(Pending, Pending, b)
	b.row.Take = TakeOwners
}

func (b *readBill) differs(zh, en string) {
	b.warn(zh, en)
	b.row.done(Differs, Differs, b)
}

// shortened keeps a report readable.
func shortened(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

func withoutCards(s string) string {
	if card.HasCardNumber(s) {
		return "（含银行卡号）"
	}
	return s
}

// noteNew names what a workbook brings that was not there: a slip in a name would make a second community.
func (in *intake) noteNew(h *have, units []property.Unit) {
	for _, c := range in.communities {
		n := 0
		for _, u := range units {
			if u.Community == c.ID {
				n++
			}
		}
		switch {
		case n > 0 && !h.communities[c.ID]:
			in.report.note("", fmt.Sprintf("新小区「%s」，房屋 %d 户", c.Name, n),
				fmt.Sprintf("a new community %q with %d units", c.Name, n))
		case n > 0:
			in.report.note("", fmt.Sprintf("「%s」新增房屋 %d 户", c.Name, n), fmt.Sprintf("%d new units in %q", n, c.Name))
		}
	}
}

// String is the report for a printer: the totals, what is to be said of sheets, and each row of which something is.
func (r *ImportReport) String() string {
	var b strings.Builder
	if r.Trial {
		b.WriteString("试导入，没有写入任何内容。 A trial: nothing was written.\n")
	}
	var zh, en []string
	outcomes := Outcomes()
	slices.Reverse(outcomes)
	for _, o := range outcomes {
		n := r.Totals[Outcome(o[0])]
		if n > 0 || Outcome(o[0]) == Taken || Outcome(o[0]) == Refused {
			zh, en = append(zh, fmt.Sprintf("%s %d 行", o[1], n)), append(en, fmt.Sprintf("%d %s", n, o[2]))
		}
	}
	fmt.Fprintf(&b, "%s；新账单金额 %s\nRows: %s\n", strings.Join(zh, "，"), r.Amount, strings.Join(en, ", "))
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "%s (%s)\n", strings.TrimPrefix(n.Sheet+"："+n.ZH, "："), n.EN)
	}
	for _, row := range r.Rows {
		if row.ZH != "" {
			fmt.Fprintf(&b, "%s %s%s：%s (%s)\n", row.place(), outcomeWord(row.Outcome), row.shown(), row.ZH, row.EN)
		}
	}
	return b.String()
}

func (o Outcome) known() bool {
	return slices.ContainsFunc(Outcomes(), func(words [3]string) bool { return words[0] == string(o) })
}

func outcomeWord(of Outcome) string {
	for _, o := range Outcomes() {
		if o[0] == string(of) {
			return o[1]
		}
	}
	return string(of)
}

func (r *RowReport) place() string { return fmt.Sprintf("%s 第 %d 行", r.Sheet, r.Row) }

// shown is the cell that a row's reason is about.
func (r *RowReport) shown() string {
	if r.Column == "" {
		return ""
	}
	return fmt.Sprintf(" %s「%s」=「%s」", r.Column, r.Heading, r.Value)
}

// Write writes the report as a workbook, in Chinese or in English: what must be looked at first. A report that was not
// made here, with an outcome that there is not, is Invalid.
func (r *ImportReport) Write(w io.Writer, english bool) error {
	for _, row := range r.Rows {
		if row == nil || !row.Outcome.known() {
			return fault.New(fault.Invalid, "这不是导入报告。", "This is no report of an import.")
		}
	}
	pick := func(zh, en string) any {
		if english {
			return en
		}
		return zh
	}
	return workbook.Write(w, r.totals(pick), r.rows(pick))
}

// totals is the sheet of sums; pick picks the language.
func (r *ImportReport) totals(pick func(zh, en string) any) workbook.Table {
	t := workbook.Table{Name: fmt.Sprint(pick("汇总", "Summary")), Head: 1,
		Columns: []workbook.Column{{}, {}, {Wide: true}}}
	t.Rows = append(t.Rows, []any{pick("结果", "Outcome"), pick("行数", "Rows"), pick("说明", "What")})
	for _, o := range Outcomes() {
		t.Rows = append(t.Rows, []any{pick(o[1], o[2]), r.Totals[Outcome(o[0])]})
	}
	t.Rows = append(t.Rows, []any{pick("新账单金额", "Amount of new bills"), r.Amount.Yuan()})
	for _, n := range r.Notes {
		t.Rows = append(t.Rows, []any{pick("提示", "Note"), n.Sheet, pick(n.ZH, n.EN)})
	}
	return t
}

// rows is the sheet of what became of each row.
func (r *ImportReport) rows(pick func(zh, en string) any) workbook.Table {
	t := workbook.Table{
		Name: fmt.Sprint(pick("明细", "Rows")), Head: 1,
		Columns: []workbook.Column{{}, {}, {}, {}, {}, {Wide: true}, {Wide: true}},
	}
	t.Rows = append(t.Rows, []any{
		pick("结果", "Outcome"), pick("工作表", "Sheet"), pick("行", "Row"), pick("列", "Column"), pick("列名", "Heading"),
		pick("内容", "Value"), pick("原因", "Reason"),
	})
	rank := map[Outcome]int{}
	for i, o := range Outcomes() {
		rank[Outcome(o[0])] = i
	}
	sorted := slices.Clone(r.Rows)
	slices.SortStableFunc(sorted, func(a, b *RowReport) int { return cmp.Compare(rank[a.Outcome], rank[b.Outcome]) })
	for _, row := range sorted {
		o := Outcomes()[rank[row.Outcome]]
		t.Rows = append(t.Rows, []any{pick(o[1], o[2]), row.Sheet, row.Row, row.Column, row.Heading, row.Value,
			pick(row.ZH, row.EN)})
	}
	return t
}
