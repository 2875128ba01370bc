package billing

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"linlipay/calendar"
	"linlipay/property"
	"linlipay/workbook"
)

var (
	yearMonth = regexp.MustCompile(`^(20\d\d)[-/.年]?(0?[1-9]|1[0-2])月?(?:份|账单|费用)?$`)
	// oneMonth is from a day to another, of which the year or the month may be left out: 2026年11月1日至30日.
	oneMonth = regexp.MustCompile(`^(20\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:至|到|~|-|—|–)` +
		`(?:(?:(20\d\d)[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?|(\d{1,2})日)$`)
	dotted = regexp.MustCompile(`^20\d\d\.\d{1,2}$`)
)

// period is the month of a row: a month, or a day within it.
func (c cells) period() (string, *problem) {
	if c.spans() {
		return c.span()
	}
	v, at := c.cell(colPeriod)
	if bad := readable(v, at); bad != nil {
		return "", bad
	}
	switch {
	case v.Kind == workbook.Empty:
		return "", no(at, "缺少账期", "the period is missing")
	case v.Kind == workbook.Number && dotted.MatchString(v.Value) && strings.HasSuffix(v.Value, ".1"):
		return "", no(at, "数字 "+v.Value+" 可能是 1 月，也可能是丢了 0 的 10 月，请写成 "+v.Value[:4]+"-01 或 "+v.Value[:4]+"-10",
			"the number "+v.Value+" may be January, or October without its zero; write "+v.Value[:4]+"-01 or "+
				v.Value[:4]+"-10")
	}
	if month, ok := monthOf(v.Value); ok && v.Kind != workbook.Date {
		return month, nil
	}
	if day, ok := dayOf(v); ok {
		return calendar.Month(day), nil
	}
	zh, en := noPeriod(v)
	return "", no(at, zh+"："+v.Seen()+"（请写成 2026-11）", en+" such as 2026-11")
}

// span is the month of a row that names the first and the last day of what it is for.
func (c cells) span() (string, *problem) {
	from, bad := c.day(colFrom)
	if bad != nil {
		return "", bad
	}
	to, bad := c.day(colTo)
	if bad != nil {
		return "", bad
	}
	first, at := c.cell(colFrom)
	last, _ := c.cell(colTo)
	switch {
	case from == nil || to == nil:
		return "", no(at, "缺少计费开始或结束日期，不知道是哪个账期", "the first or the last day of what it is for is missing")
	case calendar.Month(*from) != calendar.Month(*to) || to.Before(*from):
		return "", no(at, "计费日期 "+first.Seen()+" 至 "+last.Seen()+" 不在同一个月，请按月份各列一行",
			"from "+first.Seen()+" to "+last.Seen()+" is not within one month; give each month a row")
	}
	return calendar.Month(*from), nil
}

var (
	yearless   = regexp.MustCompile(`^(\d{1,2}|[一二三四五六七八九十]{1,2})月份?$`)
	shortYear  = regexp.MustCompile(`^\d\d[-/.年]\d{1,2}月?份?$`)
	manyMonths = regexp.MustCompile(`季|年度|全年|半年|月.*[-~至到—–].*月|^20\d\d年?$|^20\d\d[-/.年]\d.*[-~至到—–].*\d`)
)

// noPeriod says why a cell is no month.
func noPeriod(v workbook.Cell) (zh, en string) {
	switch text := strings.ReplaceAll(property.Fold(v.Value), " ", ""); {
	case yearless.MatchString(text):
		return "账期没有年份", "the period has no year; write a month"
	case shortYear.MatchString(text):
		return "账期的年份请写成四位", "the year of the period has two figures; write a month"
	case manyMonths.MatchString(text):
		return "账期不是一个月，请按月份各列一行", "the period is not one month; give each month a row"
	}
	return "账期无法识别", "the period is not a month"
}

// maybeOctober is a month that may have lost a zero on its way through a number: 2026.1, or 20261.
var maybeOctober = regexp.MustCompile(`^(20\d\d)\.?1$`)

// zeroLost names a period that is taken for January and was typed, or was October before a program made a number of it.
func (c cells) zeroLost(period string) *problem {
	v, at := c.cell(colPeriod)
	m := maybeOctober.FindStringSubmatch(strings.ReplaceAll(property.Fold(v.Value), " ", ""))
	if m == nil {
		return nil
	}
	return no(at, fmt.Sprintf("账期写成 %s，按 %s 导入；如果是 10 月，请写成 %s-10", v.Seen(), period, m[1]),
		fmt.Sprintf("the period %s is taken for %s; if October is meant, write %s-10", v.Seen(), period, m[1]))
}

// monthOf reads a month, such as 2026-11, 2026/11, 202611, 2026年11月, or from the first to the last day of one. A day is
// none: what day a number stands for is the workbook's to say.
func monthOf(s string) (string, bool) {
	s = strings.ReplaceAll(property.Fold(s), " ", "")
	if m := wholeText.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	if m := yearMonth.FindStringSubmatch(s); m != nil {
		month, err := strconv.Atoi(m[2])
		return fmt.Sprintf("%s-%02d", m[1], month), err == nil
	}
	if m := oneMonth.FindStringSubmatch(s); m != nil {
		from, ok := dateOf(m[1] + "-" + m[2] + "-" + m[3])
		to, ok2 := dateOf(cmp.Or(m[4], m[1]) + "-" + cmp.Or(m[5], m[2]) + "-" + cmp.Or(m[6], m[7]))
		return calendar.Month(from), ok && ok2 && calendar.Month(from) == calendar.Month(to) && !to.Before(from)
	}
	return "", false
}
