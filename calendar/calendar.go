// Package calendar is the time that people go by. Instants are stored in UTC; a business day, a month, a due date and
// every printed time are in Asia/Shanghai whatever the server's zone. That stands here and nowhere else.
package calendar

import (
	"sync"
	"time"
	_ "time/tzdata" // any machine knows Asia/Shanghai
)

// The forms of a day and a month as they are stored and compared: their order as text is their order in time.
const (
	dayForm   = time.DateOnly // 2026-11-28
	monthForm = "2006-01"
)

// Zone is Asia/Shanghai.
func Zone() *time.Location { return zone() }

var zone = sync.OnceValue(func() *time.Location {
	z, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic("calendar: the embedded time zones lack Asia/Shanghai: " + err.Error())
	}
	return z
})

// Format writes an instant in a form of package time.
func Format(t time.Time, form string) string { return t.In(zone()).Format(form) }

// Parse reads a time that names no zone, in a form of package time. Its error is package time's.
func Parse(form, text string) (time.Time, error) { return time.ParseInLocation(form, text, zone()) }

// DateTime is how a time is printed: 2026-11-28 16:03:05.
func DateTime(t time.Time) string { return Format(t, time.DateTime) }

// Day is the business day of an instant: 2026-11-28.
func Day(t time.Time) string { return Format(t, dayForm) }

// Month is the month of an instant, which is how a period (账期) is written: 2026-11.
func Month(t time.Time) string { return Format(t, monthForm) }

// Date is the beginning of a day. A day beyond its month's end is one of the next month, as in package time.
func Date(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, zone())
}

// StartOfDay is when the business day of an instant begins.
func StartOfDay(t time.Time) time.Time { return AddDays(t, 0) }

// AddDays is when the business day begins that is so many days after that of an instant.
func AddDays(t time.Time, days int) time.Time {
	year, month, day := t.In(zone()).Date()
	return Date(year, month, day+days)
}

// ParseDay is when a day such as 2026-11-28 begins. A day that is in no calendar, such as 2026-02-29, is an error.
func ParseDay(day string) (time.Time, error) { return Parse(dayForm, day) }

// LastDay is the last day of a month: 2026-11-30 of 2026-11. What is no month is an error.
func LastDay(month string) (string, error) {
	first, err := Parse(monthForm, month)
	if err != nil {
		return "", err
	}
	return Day(Date(first.Year(), first.Month()+1, 0)), nil
}

// InWords is a month, 2026-11, as people write it: 2026年11月, or Nov 2026 in English. What is no month stays.
func InWords(month string, english bool) string {
	first, err := Parse(monthForm, month)
	if err != nil {
		return month
	}
	if english {
		return first.Format("Jan 2006")
	}
	return first.Format("2006年1月")
}
