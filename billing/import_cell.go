package billing

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"linlipay/calendar"
	"linlipay/money"
	"linlipay/phone"
	"linlipay/property"
	"linlipay/workbook"
)

// problem is why a row is refused, or what of it was not taken: of a cell, where at is its column; -1 is the whole row.
type problem struct {
	at     int
	zh, en string
}

func no(at int, zh, en string) *problem { return &problem{at, zh, en} }

// cells gives a row's cells by what they hold.
type cells struct {
	*layout
	row *workbook.Row
}

// cell is the first cell of a meaning that holds something, and its column; -1 is none.
func (c cells) cell(of column) (workbook.Cell, int) {
	numbers := c.of[of]
	for _, at := range numbers {
		if v := c.row.Cell(at); !blank(v) && (of == colAmount || !isNone(v)) {
			return v, at
		}
	}
	if len(numbers) > 0 {
		return workbook.Cell{}, numbers[0]
	}
	return workbook.Cell{}, -1
}

// blank reports whether nothing can be seen in a cell.
func blank(v workbook.Cell) bool {
	return v.Kind == workbook.Empty || v.Kind == workbook.Text && property.Fold(v.Value) == ""
}

// isNone reports whether a cell says that there is nothing, as people write it: —, -, /, 无.
func isNone(v workbook.Cell) bool {
	return v.Kind == workbook.Text && strings.Trim(property.Fold(v.Value), "-‐–—―─−_/\\无 ") == ""
}

// readable refuses what no column takes: an error, a formula that nobody has counted.
func readable(v workbook.Cell, at int) *problem {
	switch v.Kind {
	case workbook.Failure:
		return no(at, "单元格是错误值 "+v.Value+"，请改正公式", "the cell is the error "+v.Value+"; mend its formula")
	case workbook.Uncounted:
		return no(at, "公式还没有计算结果，请用 Excel 或 WPS 打开并保存后再导入",
			"the formula has no result yet; open and save the file in Excel or WPS")
	}
	return nil
}

// text is the text of a cell, or a number by its value.
func (c cells) text(of column) (string, *problem) {
	v, at := c.cell(of)
	if bad := readable(v, at); bad != nil {
		return "", bad
	}
	switch v.Kind {
	case workbook.Date:
		return "", becameDate(at, v.Seen())
	case workbook.Boolean:
		return "", no(at, "单元格是逻辑值 "+v.Value+"，请填写文字", "the cell is "+v.Value+"; type a text")
	}
	text := property.Clean(v.Value)
	if of != colPhone && len([]rune(text)) > longestText {
		return "", no(at, fmt.Sprintf("内容过长，最多 %d 字", longestText),
			fmt.Sprintf("too long: at most %d characters", longestText))
	}
	if ditto.MatchString(text) {
		return "", no(at, "写着「"+text+"」，请写全；每一行单独导入", "says "+text+", as above; write it out, each row stands alone")
	}
	if of != colPhone && picture(property.Fold(text)) {
		return "", becameDate(at, workbook.Line(v.Value))
	}
	return text, nil
}

// ditto says that a cell is as the one above it.
var ditto = regexp.MustCompile(`^(?i:(同|如)(上|前|左|右)(行|栏|格|户)?|〃|″|"|''|ditto|do\.)$`)

// longestText is the most characters of a name, a room or a fee: every beginning of a room is a word to find it by.
const longestText = 60

var (
	wholeText = regexp.MustCompile(`^(\d+)\.0+$`)
	fraction  = regexp.MustCompile(`^-?\d+\.\d+$`)
)

// place is the text of a building, an entrance or a room.
func (c cells) place(of column) (string, *problem) {
	s, bad := c.text(of)
	if bad != nil {
		return "", bad
	}
	s = property.CleanPlace(s)
	v, at := c.cell(of)
	if m := wholeText.FindStringSubmatch(s); m != nil { // a number that another program made a text
		s = m[1]
	}
	switch {
	case v.Kind == workbook.Number && fraction.MatchString(s):
		return "", no(at, "是小数 "+s+"，看不出是不是丢了末尾的 0，请把该列设为文本格式后重新填写",
			"is the fraction "+s+", which may have lost a zero; format the column as text and type it again")
	case months.MatchString(strings.ToLower(strings.ReplaceAll(property.Fold(s), " ", ""))):
		return "", becameDate(at, v.Seen())
	case strings.HasPrefix(s, "-") || strings.HasPrefix(s, "−"):
		return "", no(at, "不能以负号开头，地下请写成 B1、负一 等", "begins with a minus; write what is below ground as B1")
	}
	return s, nil
}

// lostZeros warns of a number that is shown with zeros before it, which are no part of its value.
func (c cells) lostZeros(of column) *problem {
	v, at := c.cell(of)
	if v.Kind != workbook.Number || v.Seen() == v.Value || strings.TrimLeft(v.Seen(), "0") != v.Value {
		return nil
	}
	return no(at, "显示为 "+v.Seen()+"，按数值 "+v.Value+" 导入；要保留开头的 0 请设为文本格式",
		"shown as "+v.Seen()+", taken by its value "+v.Value+"; format it as text to keep the zeros")
}

// amount is the amount of a row, more than zero.
func (c cells) amount() (money.Fen, *problem) {
	v, at := c.cell(colAmount)
	if bad := readable(v, at); bad != nil {
		return 0, bad
	}
	switch {
	case v.Merged():
		return 0, no(at, fmt.Sprintf("金额单元格合并了第 %d 至 %d 行，分不清每行是多少，请取消合并并逐行填写", v.FromRow, v.ToRow),
			fmt.Sprintf("the amount is merged over rows %d to %d; part the cells and fill in each", v.FromRow, v.ToRow))
	case v.Kind == workbook.Date:
		return 0, no(at, "金额是日期（显示为 "+v.Seen()+"），请改为数字", "the amount is a date, shown as "+v.Seen())
	case v.Kind == workbook.Boolean:
		return 0, no(at, "金额是逻辑值 "+v.Value, "the amount is "+v.Value)
	case v.Percent():
		return 0, no(at, "金额是百分比（显示为 "+v.Seen()+"）", "the amount is a percentage, shown as "+v.Seen())
	case c.units != "":
		return 0, no(at, "金额单位是「"+c.units+"」，请换算成元后再导入", "the amounts are in "+c.units+"; write them in yuan")
	}
	f, zh, en := amountOf(v.Value)
	if zh != "" && v.Kind == workbook.Number && v.Seen() != v.Value {
		zh, en = fmt.Sprintf("%s；单元格显示 %s，实际是 %s", zh, v.Seen(), v.Value),
			fmt.Sprintf("%s; shown as %s, it is %s", en, v.Seen(), v.Value)
	}
	if zh != "" {
		return 0, no(at, zh, en)
	}
	return f, nil
}

// artefact is how a spreadsheet writes a number that binary floating point cannot hold, such as 123.10000000000001 or
// 4.0999999999999996.
var artefact = regexp.MustCompile(`^\d+\.\d{10,}$`)

// mostOwed is the most that a bill may be: what Alipay documents of total_amount (docs/institutions/alipay.md). It
// keeps the sum of a workbook within range.
const mostOwed money.Fen = 100_000_000_00

// amountOf reads an amount in yuan: a number in plain notation, or a text as people type amounts. It must be more than
// zero; zh and en say why there is none.
func amountOf(text string) (f money.Fen, zh, en string) {
	shown := workbook.Line(text)
	if artefact.MatchString(text) {
		text = rounded(text)
	}
	f, err := money.ParseTyped(text)
	var refusal money.Refusal
	switch {
	case errors.As(err, &refusal):
		zh, en = noAmount(refusal, shown)
		return 0, zh, en
	case err != nil:
		return 0, "金额无法识别：" + shown, "the amount cannot be read"
	case f == 0:
		return 0, "金额必须大于零：" + shown, "the amount is not more than zero"
	case f > mostOwed:
		return 0, "金额过大：" + shown, "the amount is too large for one bill"
	}
	return f, "", ""
}

// noAmount says why a cell is no amount. One with hidden characters is not shown: they could turn the report's line
// round too.
func noAmount(refusal money.Refusal, shown string) (zh, en string) {
	zh, en = refusal.Sentence()
	switch refusal {
	case money.NothingTyped:
		return "缺少金额", "the amount is missing"
	case money.HiddenTyped:
		return "金额无法识别：" + zh, "the amount cannot be read: " + en
	}
	if inBrackets.MatchString(property.Fold(shown)) {
		return "金额是负数：" + shown + "（括号表示负数），账单不能为负；要减少应收，请直接写减后的金额",
			"the amount is in brackets, which make it negative, and no bill is; write what is owed after it"
	}
	return "金额无法识别：" + shown + "（" + zh + "）", "the amount cannot be read: " + en
}

// inBrackets is an amount less than nothing as accountants write it.
var inBrackets = regexp.MustCompile(`^\((¥ ?)?[\d,.]+\)$`)

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

// usualSigns are those that phone.Find, which folds what it reads, gives in half their width.
var usualSigns = strings.NewReplacer("､", "、", "｡", "。", "｢", "「", "｣", "」", "･", "·")

// phone is the mobile number of a row, "" for none, and what else stands in its cells, which is not taken.
func (c cells) phone() (number string, left *problem, bad *problem) {
	for _, at := range c.of[colPhone] {
		v := c.row.Cell(at)
		one := cells{&layout{of: map[column][]int{colPhone: {at}}}, c.row}
		text, bad := one.text(colPhone)
		if bad != nil {
			return "", nil, bad
		}
		found, rest := phone.Find(text)
		if len(found) > 0 && number == "" {
			number, found = found[0], found[1:]
		}
		other, otherEN := inBoth(found)
		switch {
		case len(found) > 0 && found[0] != number:
			left = no(at, "另一个号码未录入："+other, "another number was left out: "+otherEN)
		case rest != "" && number == "":
			left = no(at, "手机号不正确，已忽略："+v.Seen(), "the phone is not a mobile number and was left out")
		case rest != "" && strings.ContainsAny(rest, "0123456789"):
			left = no(at, "未录入："+usualSigns.Replace(rest), "left out: "+usualSigns.Replace(rest))
		}
	}
	return number, left, nil
}

// day is the day of a row in a column, nil where there is none.
func (c cells) day(of column) (*time.Time, *problem) {
	v, at := c.cell(of)
	if bad := readable(v, at); bad != nil || v.Kind == workbook.Empty {
		return nil, bad
	}
	day, ok := dayOf(v)
	if !ok {
		return nil, no(at, string(of)+"无法识别："+v.Seen()+"（请写成 2026-11-30）", "is not a date such as 2026-11-30: "+
			v.Seen())
	}
	return &day, nil
}

// dayOf reads a cell's day in Asia/Shanghai.
func dayOf(v workbook.Cell) (time.Time, bool) {
	if v.Kind == workbook.Text || v.Kind == workbook.Number && len(v.Value) == 8 {
		return dateOf(v.Value)
	}
	day, ok := v.Day()
	if !ok || v.Kind != workbook.Date && v.Kind != workbook.Number || day.Year() < 2000 || day.Year() > 2099 {
		return time.Time{}, false
	}
	return calendar.Date(day.Year(), day.Month(), day.Day()), true
}

var (
	instant = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$`)
	daytime = regexp.MustCompile(`^(20\d\d) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2})(|[^\d].*)$`)
	// clock is what may stand behind a day: the day of the week and the time, which say nothing here.
	clock = regexp.MustCompile(`^ ?日?(?: ?\(?(?:星期|周)[一二三四五六日天]\)?)?` +
		`(?:[ T]?(?:上午|下午|凌晨|晚上)? ?\d{1,2}[:时] ?\d{1,2}(?:[:分] ?\d{0,2}(?:\.\d+)?秒?)?(?: ?[APap][Mm])?)?$`)
	compactDay = regexp.MustCompile(`^20\d{6}$`)
)

// dateOf reads a day in Asia/Shanghai: 2026-11-30, 2026/11/30 0:00, 2026年11月30日, 20261130, an instant with its zone, or
// the count of days since 1899-12-30 as a text.
func dateOf(s string) (time.Time, bool) {
	s = strings.TrimSpace(property.Fold(s))
	if instant.MatchString(s) {
		for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00"} {
			if at, err := time.Parse(layout, s); err == nil {
				return calendar.StartOfDay(at), true
			}
		}
		return time.Time{}, false
	}
	if m := daytime.FindStringSubmatch(s); m != nil && clock.MatchString(m[4]) {
		day, err := calendar.Parse("2006-1-2", m[1]+"-"+m[2]+"-"+m[3])
		return day, err == nil
	}
	if compactDay.MatchString(s) {
		day, err := calendar.Parse("20060102", s)
		return day, err == nil
	}
	whole, _, _ := strings.Cut(s, ".")
	if n, err := strconv.Atoi(whole); err == nil && n > 36526 && n < 73050 { // the years 2000 to 2099
		return calendar.Date(1899, 12, 30+n), true
	}
	return time.Time{}, false
}
