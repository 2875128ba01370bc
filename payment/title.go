package payment

import (
	"fmt"
	"regexp"
	"strings"

	"linlipay/calendar"
)

// month is the period at the end of an item's title; old orders have it as yyyy-MM.
var month = regexp.MustCompile(` (\d{4})(?:年(\d{1,2})月|-(\d{2}))$`)

// AheadTitle is the title of an item that pays ahead.
const AheadTitle = "预存款"

// ItemTitle is an item's title as a person reads it: "物业费 2026年11月", or "物业费 Nov 2026" for who reads English. The
// fee's name stays as it was typed.
func ItemTitle(title string, english bool) string {
	if title == AheadTitle && english {
		return "Prepayment"
	}
	m := month.FindStringSubmatch(title)
	if m == nil {
		return title
	}
	period := m[1] + "-" + m[3]
	if m[3] == "" {
		period = m[1] + "-" + fmt.Sprintf("%02s", m[2])
	}
	if said := calendar.InWords(period, english); said != period {
		return strings.TrimSuffix(title, m[0]) + " " + said
	}
	return title
}
