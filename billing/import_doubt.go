package billing

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"linlipay/money"
	"linlipay/property"
	"linlipay/workbook"
)

// doubt is why a new bill waits for a person's word, with the cell that it is about.
type doubt struct {
	take                   Take
	zh, en                 string
	column, heading, value string
}

// about names the cell that a doubt is about.
func (r *RowReport) about(d *doubt) { r.Column, r.Heading, r.Value = d.column, d.heading, d.value }

// doubtful is the doubt about a row that holds an amount in a column of which nothing is known, nil for none: books
// have more words for what changes an amount than any list, so that what looks like money is money until a person
// says that it is not.
func (c cells) doubtful() *doubt {
	for at := range c.row.Cells {
		unknown := c.names[at] == "" || slices.Contains(c.unknown, at) && !slices.Contains(c.counts, at)
		if !unknown || !looksLikeMoney(c.row.Cell(at)) {
			continue
		}
		var r RowReport
		r.at(c.layout, at, c.row)
		said := fmt.Sprintf("不认识的列 %s 中有数字 %s", c.name(at), r.Value)
		en := fmt.Sprintf("the column %s, which is not known, holds the number %s", c.name(at), r.Value)
		return &doubt{TakeColumns, said, en, r.Column, r.Heading, r.Value}
	}
	return nil
}

// looksLikeMoney reports whether a cell may be an amount: not nothing, no date, and no longer than a bill may be.
func looksLikeMoney(v workbook.Cell) bool {
	if v.Kind != workbook.Number && v.Kind != workbook.Text || v.Percent() {
		return false
	}
	text := strings.Trim(property.Fold(v.Value), "-−+() ")
	if artefact.MatchString(text) {
		text = rounded(text)
	}
	f, err := money.ParseTyped(text)
	return f > 0 && f <= mostOwed && err == nil ||
		v.Kind == workbook.Number && strings.Contains(text, ".") // of more decimals than two
}

// unsure says of a new bill that it waits for a person's word, or that the word was given. It reports whether the bill
// may go on.
func (in *intake) unsure(b *readBill, d *doubt) bool {
	b.row.about(d)
	if in.how.takes(d.take) {
		b.warn(d.zh+"，已确认", d.en+", as confirmed")
		return true
	}
	ask, askEN := "；确认与应收无关，勾选「忽略不认识的数字列」再导入", "; say that it does not change the amount and import again"
	if d.take == TakeFees {
		ask, askEN = "；确认不是同一笔，勾选「收取相似的费用」再导入", "; say that it is another bill and import again"
	}
	b.warn(d.zh+ask, d.en+askEN)
	b.row.done(Pending, Pending, b)
	b.row.Take = d.take
	return false
}

// likeFee is a bill of a unit and a period, for those whose fee goes by another name.
type likeFee struct {
	fee    string
	amount money.Fen
	spells string // the bill
	row    int    // of the workbook, 0 for a stored bill
	ended  bool   // it was cancelled for good
}

var (
	ofPeriod  = regexp.MustCompile(`(20\d\d年?)?[-/.]?\d{0,2}(月份?|季度?|年度?)|20\d\d[-/.]?\d{0,2}|[本当][月期年季]|^\d+\.`)
	ofMoney   = regexp.MustCompile(`\((人民币)?元(/.*)?\)|\((住宅|普通住宅|商业|商铺)?\)`)
	asManaged = regexp.MustCompile(`管理|服务`)
	generic   = regexp.MustCompile(`管理|服务|运行|维护|维修|清运|处理|处置|使用|综合|收缴|[应代][收缴]|小区|住宅|生活|每月|金额|费用?|款|` +
		`fees?$|charges?$|management`)
)

// synonyms are the names of one fee, without the words that every fee has; the first stands for all.
var synonyms = [][]string{
	{"物业", "物管", "物", ""},
	{"停车", "车位", "泊车", "车辆停放", "停车位", "车辆", "车库", "机动车停放", "停车场", "停车泊位"},
	{"供暖", "采暖", "暖气", "取暖", "供热", "热力", "暖"},
	{"燃气", "天然气", "煤气", "气"},
	{"水", "自来水", "用水"},
	{"电", "用电", "电力"},
	{"垃圾", "卫生", "保洁", "清洁", "环卫"},
	{"公摊", "公共能耗", "能耗", "公共能源", "公共水电", "公摊水电", "水电公摊"},
	{"电梯", "电梯用电"},
	{"装修押金", "装修保证金"},
	{"parking", "carpark", "parkingspace"},
}

// likeness is a fee by what it is for: 物业管理费, 2026年11月物业费 and 物业服务费（元） are 物业费 under other names.
func likeness(fee string) string {
	name := strings.ToLower(strings.ReplaceAll(property.Fold(fee), " ", ""))
	for _, noise := range []*regexp.Regexp{ofMoney, ofPeriod, generic} {
		name = noise.ReplaceAllString(name, "")
	}
	name = strings.Trim(name, "-_/.:")
	if name == "" && !asManaged.MatchString(fee) {
		return fee
	}
	for _, names := range synonyms {
		if slices.Contains(names, name) {
			return names[0]
		}
	}
	return name
}

// likeBill is a bill by its unit, its period and what its fee is for.
func likeBill(b *Bill) string { return b.Unit + " " + b.Period + " " + likeness(b.Fee) }

// noteFee remembers a bill for those that are like it.
func (h *have) noteFee(b *Bill, row int) {
	if key := likeBill(b); h.fees[key] == nil {
		h.fees[key] = &likeFee{b.Fee, cmp.Or(b.Billed(), b.Amount), spelledBill(b), row, b.CancelledForGood()}
	}
}

// likeOther is the doubt about a new bill beside which the unit has one of the same period whose fee goes by another
// name, nil for none.
func (h *have) likeOther(b *readBill) *doubt {
	other := h.fees[likeBill(&b.bill)]
	if other == nil || other.spells == spelledBill(&b.bill) {
		return nil
	}
	where, whereEN := "系统中", "on record"
	if other.row > 0 {
		where, whereEN = fmt.Sprintf("表中第 %d 行", other.row), fmt.Sprintf("in row %d", other.row)
	}
	ended, endedEN := "", ""
	if other.ended {
		ended, endedEN = "（已作废且不再出账）", ", cancelled for good"
	}
	d := &doubt{take: TakeFees,
		zh: fmt.Sprintf("该户 %s %s已有「%s」%s%s，与「%s」%s 像是同一笔费用",
			b.bill.Period, where, other.fee, other.amount, ended, b.bill.Fee, b.bill.Amount),
		en: fmt.Sprintf("the unit has %s of %s for %s %s%s, which %s of %s seems to repeat",
			other.fee, other.amount, b.bill.Period, whereEN, endedEN, b.bill.Fee, b.bill.Amount)}
	d.column, d.heading, d.value = b.cellOf(colFee)
	return d
}

// sure reports whether a row may go on: it is no new bill, nothing is doubtful about it, or a person gave their word.
func (in *intake) sure(h *have, b *readBill, before *Bill) bool {
	if before != nil {
		if d := b.doubt; d != nil {
			b.row.about(d)
			b.warn(d.zh+"，没有导入", d.en+"; it was left out")
		}
		return true
	}
	for _, d := range []*doubt{b.doubt, h.likeOther(b)} {
		if d != nil && !in.unsure(b, d) {
			return false
		}
	}
	return true
}
