package billing

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"linlipay/property"
	"linlipay/workbook"
)

// column is what a column of a workbook holds.
type column string

const (
	colCommunity column = "小区"
	colEntity    column = "公司主体"
	colRegion    column = "区域"
	colBuilding  column = "楼栋"
	colEntrance  column = "单元"
	colRoom      column = "房号"
	colOwner     column = "业主"
	colPhone     column = "手机"
	colFee       column = "费用项目"
	colPeriod    column = "账期"
	colFrom      column = "计费开始日期"
	colTo        column = "计费结束日期"
	colAmount    column = "金额"
	colDue       column = "截止日期"
	colStatus    column = "状态"
	colPaidAt    column = "缴费日期"

	// of what the system before held
	colHeld    column = "款项" // 预存款, or a deposit's name
	colHolder  column = "业主姓名"
	colPayer   column = "缴款人"
	colMethod  column = "缴款方式"
	colReceipt column = "收据号"
	colLimit   column = "限用费用"
)

// required are the columns without which a sheet holds no bills, or, with true, nothing that is held.
func required(held bool) []column {
	if held {
		return []column{colCommunity, colRoom, colHeld, colAmount}
	}
	return []column{colCommunity, colRoom, colFee, colPeriod, colAmount}
}

// extra is a column of money beside the amount.
type extra struct {
	at      int
	heading string
	is      charge
}

// layout is which column of a sheet holds what.
type layout struct {
	of      map[column][]int // several where several headings mean the same
	names   map[int]string   // headings as they stand there
	extras  []extra
	unknown []int
	counts  []int  // of the unknown ones, those that hold numbers by nature
	units   string // a unit of money other than the yuan, of the amounts; "" is the yuan
	held    bool   // its rows are of what the system before held, and not bills

	nameless map[int]bool // columns without a heading in which a row holds something; see noteNameless
}

// name is a column as the person sees it, such as I「应收金额」.
func (l *layout) name(at int) string {
	if l.names[at] == "" {
		return workbook.Letters(at)
	}
	return workbook.Letters(at) + "「" + l.names[at] + "」"
}

// listed are some columns as the person sees them, in Chinese and in English.
func (l *layout) listed(columns []int) (zh, en string) {
	var names []string
	for _, at := range columns {
		names = append(names, l.name(at))
	}
	return inBoth(names)
}

var (
	annotated = regexp.MustCompile(`^(.+?)[(\[【〔](.+?)[)\]】〕]$`)
	perUnit   = regexp.MustCompile(`^(.+?)[/,:](元|万元|千元|百元|角|分|美元|港元|港币)$`)
	bareUnit  = regexp.MustCompile(`^(.*(?:金额|应收|应缴|应交))(元|¥)$`)
	numbering = regexp.MustCompile(`^(\d{1,2}[.、､)]|[①-⑳])|[①-⑳]$`) // of the columns of a form
	unitSaid  = regexp.MustCompile(`(?:单位|金额单位|币种|计量单位)[:/ ]*\(?((?:人民币)?[万千百十]?元|角|分|美元|港元|港币|欧元|usd|hkd|eur)`)
	otherUnit = regexp.MustCompile(`[万千百十][元圆]?$|[角分]$|美元|港元|港币|欧元|日元|(?i)usd|hkd|eur|jpy|\$`)
	harmless  = regexp.MustCompile(`^(人民币)?[元圆]$|(?i)^(rmb|cny)$|^¥$|必填|选填|可选|格式|^如|单位:元|人民币:元|^含税$|小写|数字|文本|两位小数`)
)

// heading parts a heading as it stands in a cell into its name and what stands behind it in brackets, such as a unit.
func heading(text string) (name, note string) {
	s := strings.Trim(strings.ReplaceAll(property.Fold(text), " ", ""), "*:.")
	s = numbering.ReplaceAllString(s, "")
	for _, form := range []*regexp.Regexp{annotated, perUnit, bareUnit} {
		if m := form.FindStringSubmatch(s); m != nil {
			return strings.Trim(m[1], "*:"), strings.Trim(m[2], "*")
		}
	}
	return s, ""
}

// headed is the layout that a row gives, completed by the rows above it; missing are the columns that it lacks. Without
// any heading that is known it is nil.
func headed(above []workbook.Row, row *workbook.Row) (l *layout, missing []column) {
	bills, lacking := headedBy(headings(), false, above, row)
	if bills != nil && len(bills.of[colFee]) > 0 {
		return bills, lacking
	}
	held, missing := headedBy(heldHeadings(), true, above, row)
	if held != nil && len(held.of[colHeld]) > 0 {
		return held, missing
	}
	return bills, lacking
}

// headedBy is headed by what columns are called on sheets of bills, or of what is held.
func headedBy(words *vocabulary, held bool, above []workbook.Row, row *workbook.Row) (l *layout, missing []column) {
	l = &layout{held: held, of: map[column][]int{}, names: map[int]string{}}
	width := len(row.Cells)
	for _, r := range above {
		width = max(width, len(r.Cells))
	}
	own := 0
	for at := range width {
		for _, r := range append([]workbook.Row{*row}, above...) {
			text := said(r.Cell(at))
			c, unit, ok := words.known(text)
			if l.names[at] == "" {
				l.names[at] = text
			}
			if !ok {
				continue
			}
			l.of[c], l.names[at] = append(l.of[c], at), text
			if unit != "" {
				l.units = unit
			}
			if r.Number == row.Number && r.Cell(at).FromRow == 0 || r.Cell(at).FromRow == row.Number {
				own++
			}
			break
		}
	}
	own += l.otherwise(row, width)
	for _, c := range required(held) {
		if len(l.of[c]) == 0 && (c != colPeriod || !l.spans()) {
			missing = append(missing, c)
		}
	}
	switch {
	case own == 0:
		return nil, required(held)
	case len(missing) == 0:
		l.finish(above)
	}
	return l, missing
}

// finish looks at what else a head says: the columns that are none of ours, and a unit of money above it.
func (l *layout) finish(above []workbook.Row) {
	for _, at := range slices.Sorted(maps.Keys(l.names)) {
		if l.names[at] != "" && !l.has(at) {
			l.other(at)
		}
	}
	for _, r := range above {
		for _, c := range r.Cells {
			if m := unitSaid.FindStringSubmatch(strings.ToLower(property.Fold(said(c)))); m != nil &&
				otherUnit.MatchString(m[1]) {
				l.units = m[1]
			}
		}
	}
}

func (l *layout) has(at int) bool {
	for _, numbers := range l.of {
		if slices.Contains(numbers, at) {
			return true
		}
	}
	return false
}

// other notes a column that is none of ours.
func (l *layout) other(at int) {
	switch is := chargeOf(l.names[at]); is {
	case noMoney:
		l.unknown = append(l.unknown, at)
	case counted:
		l.unknown, l.counts = append(l.unknown, at), append(l.counts, at)
	default:
		l.extras = append(l.extras, extra{at, l.names[at], is})
	}
}

// noteNameless remembers in which columns without a heading a row holds something.
func (l *layout) noteNameless(row *workbook.Row) {
	for at := range row.Cells {
		v := row.Cell(at)
		if l.names[at] == "" && !blank(v) {
			l.nameless[at] = true
		}
	}
}

// longestHeading is the most bytes of a heading: what is longer is some other text.
const longestHeading = 400

// said is the text of a cell of a head, in one line.
func said(c workbook.Cell) string {
	if c.Kind != workbook.Text || len(c.Value) > longestHeading {
		return ""
	}
	return workbook.Line(c.Value)
}

// wide are the headings that are fees themselves: 物业费, 停车费.
func (l *layout) wide() (fees []string) {
	for _, at := range slices.Sorted(maps.Keys(l.names)) {
		if name, _ := heading(l.names[at]); strings.HasSuffix(name, "费") && !l.has(at) && chargeOf(name) == unclear {
			fees = append(fees, name)
		}
	}
	return fees
}

// lacks says which columns are missing, with the words that would be understood.
func lacks(missing []column) (zh, en string) {
	var values []string
	for _, c := range missing {
		values = append(values, string(c))
	}
	zh, en = inBoth(values)
	return "缺少列：" + zh, "columns are missing: " + en
}
