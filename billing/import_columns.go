package billing

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

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
	colAmount    column = "金额"
	colDue       column = "截止日期"
	colStatus    column = "状态"
	colPaidAt    column = "缴费日期"
)

// headings are the words people use for each column.
var headings = sync.OnceValue(func() map[string]column {
	words := map[string]column{}
	for of, list := range map[column]string{
		colCommunity: "小区 项目名称 小区名称 楼盘 楼盘名称 社区 社区名称 所属小区",
		colEntity:    "公司主体 主体 主体名称 法人主体 收费主体 收款主体 开票主体 所属主体 所属公司 分公司",
		colRegion:    "区域 区域名称 所属区域 管理区域 大区 所属大区 片区 所属片区",
		colBuilding:  "楼栋 楼号 栋 栋号 楼栋号 幢 幢号 座 座号 号楼",
		colEntrance:  "单元 单元号 所属单元",
		colRoom:      "房号 室 室号 房间号 房间 房屋 房屋编号 房屋号 门牌号 门牌",
		colOwner:     "业主 姓名 业主姓名 户主 户主姓名 业主名称 客户名称 住户 住户姓名",
		colPhone:     "手机 电话 手机号 联系电话 手机号码 电话号码 联系方式 业主电话 业主手机 移动电话",
		colFee:       "费用 收费项目 费用项目 费项 费用名称 费用类型 收费科目 收费名称",
		colPeriod:    "账期 月份 所属期 费用月份 计费月份 所属月份 账单月份 费用所属期 计费周期 费用账期",
		colAmount: "金额 应收金额 应收 应缴金额 应缴 应交金额 应交 本期应收 本期应缴 账单金额 费用金额 应收款 应付金额 应收费用 " +
			"应缴费用",
		colDue:    "截止日期 缴费截止 到期日 最后缴费日 缴费截止日 缴费截止日期 到期日期 缴费期限 最晚缴费日",
		colStatus: "状态 缴费状态 是否已缴 是否缴费 收费状态 支付状态 账单状态 是否缴清 缴费情况 收缴状态",
		colPaidAt: "缴费日期 缴费时间 已缴日期 收款日期 收费日期 支付时间 支付日期 付款日期 付款时间 收款时间 实收日期",
	} {
		for _, word := range strings.Fields(list) {
			words[word] = of
		}
	}
	return words
})

// settlings are headings that say of a bill whether or when it was paid, in more words than a list holds: an unknown
// one would leave the bill owed, and have it collected twice. 是否欠费 asks the other way round, and is none.
var settlings = []struct {
	heading *regexp.Regexp
	is      column
}{
	{regexp.MustCompile(`^是否(已|已经)?(缴|交|付|收|支付)(费|款|讫|清|纳|齐)?$`), colStatus},
	{regexp.MustCompile(`^(缴费?|交费?|付费?|缴纳|缴款|交款|付款|支付|收费|收款|结清|收讫)(状态|状况|情况|标志|标识|标记|与否)$`), colStatus},
	{regexp.MustCompile(`^(实际|实|已|最近)?(缴费?|交费?|付费?|缴纳|缴款|交款|付款|支付|收费?|收款|到账|入账|结清)(日期|时间)$`), colPaidAt},
}

// meant is the column that the name of a heading means.
func meant(words map[string]column, name string) (c column, ok bool) {
	if c, ok = words[name]; ok {
		return c, true
	}
	for _, s := range settlings {
		if s.heading.MatchString(name) {
			return s.is, true
		}
	}
	return "", false
}

// required are the columns without which a sheet holds no bills.
func required() []column { return []column{colCommunity, colRoom, colFee, colPeriod, colAmount} }

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

	nameless map[int]bool // columns without a heading in which a row holds something; see noteNameless
}

// name is a column as the person sees it, such as I「应收金额」.
func (l *layout) name(at int) string {
	if l.names[at] == "" {
		return workbook.Letters(at)
	}
	return workbook.Letters(at) + "「" + l.names[at] + "」"
}

var (
	annotated = regexp.MustCompile(`^(.+?)[(\[【〔](.+?)[)\]】〕]$`)
	perUnit   = regexp.MustCompile(`^(.+?)[/,:](元|万元|千元|百元|角|分|美元|港元|港币)$`)
	unitSaid  = regexp.MustCompile(`(?:单位|金额单位|币种|计量单位)[:/ ]*\(?((?:人民币)?[万千百十]?元|角|分|美元|港元|港币|欧元|usd|hkd|eur)`)
	otherUnit = regexp.MustCompile(`[万千百十][元圆]?$|[角分]$|美元|港元|港币|欧元|日元|(?i)usd|hkd|eur|jpy|\$`)
	harmless  = regexp.MustCompile(`^(人民币)?[元圆]$|(?i)^(rmb|cny)$|^¥$|必填|选填|可选|格式|^如|单位:元|小写|数字|文本|两位小数`)
)

// heading parts a heading as it stands in a cell into its name and what stands behind it in brackets, such as a unit.
func heading(text string) (name, note string) {
	s := strings.Trim(strings.ReplaceAll(property.Fold(text), " ", ""), "*:.")
	for _, form := range []*regexp.Regexp{annotated, perUnit} {
		if m := form.FindStringSubmatch(s); m != nil {
			return strings.Trim(m[1], "*:"), strings.Trim(m[2], "*")
		}
	}
	return s, ""
}

// known is the column that a heading means, and the unit of its money where that is not the yuan.
func known(words map[string]column, text string) (c column, unit string, ok bool) {
	name, note := heading(text)
	if c, ok = meant(words, name); !ok {
		return "", "", false
	}
	switch {
	case c != colAmount || note == "" || harmless.MatchString(note):
	case otherUnit.MatchString(note):
		unit = note
	default:
		return "", "", false // 金额(已收) is no amount that is owed
	}
	return c, unit, true
}

// headed is the layout that a row gives, completed by the rows above it; missing are the columns that it lacks. Without
// any heading that is known it is nil.
func headed(above []workbook.Row, row *workbook.Row) (l *layout, missing []column) {
	words := headings()
	l = &layout{of: map[column][]int{}, names: map[int]string{}}
	width := len(row.Cells)
	for _, r := range above {
		width = max(width, len(r.Cells))
	}
	own := 0
	for at := range width {
		for _, r := range append([]workbook.Row{*row}, above...) {
			text := said(r.Cell(at))
			c, unit, ok := known(words, text)
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
	for _, c := range required() {
		if len(l.of[c]) == 0 {
			missing = append(missing, c)
		}
	}
	switch {
	case own == 0:
		return nil, required()
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
		if l.names[at] == "" && v.Kind != workbook.Empty && (v.Kind != workbook.Text || property.Fold(v.Value) != "") {
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

// lacks says which columns are missing, with the words that would be understood.
func lacks(missing []column) (zh, en string) {
	var values []string
	for _, c := range missing {
		values = append(values, string(c))
	}
	list := strings.Join(values, "、")
	return "缺少列：" + list, fmt.Sprintf("columns are missing: %s", list)
}
