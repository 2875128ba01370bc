package billing

import (
	"regexp"
	"strconv"
	"strings"

	"linlipay/property"
)

// A spreadsheet makes a date of a room such as 1-2, and whoever saves the sheet as CSV, or has a program copy it as
// text, is left with the date's picture: 1月2日, 2-Jan, 1/2/2026, Fri Jan 02 00:00:00 CST 2026. No room is called so, and
// what it was called cannot be told from it.

const (
	aMonth = `(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|` +
		`oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`
	aWeekday = `(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?[ -]?)?`
	aCount   = `[\d〇零一二三四五六七八九十]`
	aTime    = `(?:上午|下午|凌晨|中午|晚上)? ?\d{1,2}[:时]\d\d(?:[:分]\d\d(?:\.\d+)?)?[秒分]?z? ?(?:[ap]m)?`
)

// pictures are how spreadsheets and programs show dates with their day, and times, in lower case.
var pictures = compiled(
	`^(?:`+aCount+`{2,4}年)?`+aCount+`{1,3}月`+aCount+`{1,3}[日号]?(?: ?(?:星期|周).)?(?: `+aTime+`)?$`,
	`^`+aWeekday+`\d{1,2}(?:st|nd|rd|th)?[-/., ]{0,2}`+aMonth+`(?:[-/., ]{1,2}\d{1,4})?(?: .*)?$`,
	`^`+aWeekday+aMonth+`[-/., ]{0,2}\d{1,4}(?:st|nd|rd|th)?(?:[-/., ]{1,2}\d{2,4})?(?: .*)?$`,
	`^(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?:[t ].*)?$`,
	`^`+aTime+`$`,
)

func compiled(forms ...string) (list []*regexp.Regexp) {
	for _, form := range forms {
		list = append(list, regexp.MustCompile(form))
	}
	return list
}

// months are those that have no day, as a spreadsheet shows 1-2026.
var months = regexp.MustCompile(`^(?:` + aCount + `{2,4}年)?` + aCount + `{1,3}月$|^(?:19|20)\d\d[-/ ]` + aMonth + `$`)

// threeNumbers are a date of a day, a month and a year, or a building, an entrance and a room.
var threeNumbers = regexp.MustCompile(`^(\d{1,2})([-/.])(\d{1,2})([-/.])((?:19|20)?\d\d)(?: .*)?$`)

// picture reports whether a text is a date or a time as spreadsheets show them.
func picture(text string) bool {
	text = strings.ToLower(text)
	for _, p := range pictures {
		if p.MatchString(text) || p.MatchString(strings.ReplaceAll(text, " ", "")) {
			return true
		}
	}
	return dayAndMonth(text, "/")
}

// dayAndMonth reports whether a text is a day, a month and a year with a sign between them, in whichever order.
func dayAndMonth(text, sign string) bool {
	m := threeNumbers.FindStringSubmatch(text)
	if m == nil || m[2] != m[4] || !strings.Contains(sign, m[2]) {
		return false
	}
	one, err := strconv.Atoi(m[1])
	two, err2 := strconv.Atoi(m[3])
	return err == nil && err2 == nil && min(one, two) >= 1 && min(one, two) <= 12 && max(one, two) <= 31
}

// becameDate is why a cell is refused that a spreadsheet made a date of, as it is shown.
func becameDate(at int, shown string) *problem {
	return no(at, "表格软件把这里的内容变成了日期（显示为 "+shown+"），请把该列设为文本格式后重新填写，如 1-2",
		"the spreadsheet made a date of it, shown as "+shown+
			"; format the column as text and type it again, such as 1-2")
}

// counted since 1899-12-30, the days of 2024 to 2031: what a spreadsheet makes of 1-2 in these years.
const firstDay, lastDay = 45292, 48213

// maybeDate names a place that may have been a date before, and may be what somebody typed.
func (c cells) maybeDate(of column) *problem {
	v, at := c.cell(of)
	text, bad := c.text(of)
	if bad != nil {
		return nil
	}
	text = property.Fold(text)
	if n, err := strconv.Atoi(text); err == nil && n >= firstDay && n <= lastDay {
		day, _ := dateOf(text)
		return no(at, "可能是日期 "+day.Format("2006-01-02")+" 变成的数字，请核对"+string(of)+" "+v.Seen(),
			"may be the number of the day "+day.Format("2006-01-02")+"; look at "+v.Seen())
	}
	if dayAndMonth(text, "-.") {
		return no(at, "可能是表格软件变成的日期，请核对"+string(of)+" "+v.Seen(),
			"may be a date that the spreadsheet made of it; look at "+v.Seen())
	}
	return nil
}
