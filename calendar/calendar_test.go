package calendar

import (
	"testing"
	"time"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A business day begins at 16:00 UTC and lasts until the next does.
func TestBusinessDays(t *testing.T) {
	for _, c := range []struct{ instant, day, month, begins, ends string }{
		{"2026-11-28T15:59:59.999Z", "2026-11-28", "2026-11", "2026-11-27T16:00:00Z", "2026-11-28T16:00:00Z"},
		{"2026-11-28T16:00:00Z", "2026-11-29", "2026-11", "2026-11-28T16:00:00Z", "2026-11-29T16:00:00Z"},
		{"2026-11-30T16:00:00Z", "2026-12-01", "2026-12", "2026-11-30T16:00:00Z", "2026-12-01T16:00:00Z"},
		{"2026-12-31T15:59:59Z", "2026-12-31", "2026-12", "2026-12-30T16:00:00Z", "2026-12-31T16:00:00Z"},
		{"2026-12-31T16:00:00Z", "2027-01-01", "2027-01", "2026-12-31T16:00:00Z", "2027-01-01T16:00:00Z"},
		{"2028-02-28T16:00:00Z", "2028-02-29", "2028-02", "2028-02-28T16:00:00Z", "2028-02-29T16:00:00Z"},
		{"2027-02-28T16:00:00Z", "2027-03-01", "2027-03", "2027-02-28T16:00:00Z", "2027-03-01T16:00:00Z"},
		{"2026-06-01T12:00:00-07:00", "2026-06-02", "2026-06", "2026-06-01T16:00:00Z", "2026-06-02T16:00:00Z"},
	} {
		instant, begins, ends := at(t, c.instant), at(t, c.begins), at(t, c.ends)
		if Day(instant) != c.day || Month(instant) != c.month {
			t.Errorf("%s is on %s of %s, not on %s of %s", c.instant, Day(instant), Month(instant), c.day, c.month)
		}
		if !StartOfDay(instant).Equal(begins) || !AddDays(instant, 1).Equal(ends) {
			t.Errorf("the day of %s is %v to %v", c.instant, StartOfDay(instant).UTC(), AddDays(instant, 1).UTC())
		}
		if back, err := ParseDay(c.day); err != nil || !back.Equal(begins) {
			t.Errorf("%s begins %v, %v", c.day, back, err)
		}
	}
}

func TestMonthsEnd(t *testing.T) {
	for month, last := range map[string]string{
		"2026-01": "2026-01-31", "2026-02": "2026-02-28", "2028-02": "2028-02-29", "2100-02": "2100-02-28",
		"2000-02": "2000-02-29", "2026-04": "2026-04-30", "2026-12": "2026-12-31",
		"2026-13": "", "2026-1": "", "2026-11-01": "", "": "",
	} {
		if got, err := LastDay(month); got != last || (err == nil) != (last != "") {
			t.Errorf("the last day of %q is %q, %v; want %q", month, got, err, last)
		}
	}
	for _, day := range []string{"2026-02-29", "2026-11-31", "2026-11-00", "2026-1-1", "20261101", ""} {
		if got, err := ParseDay(day); err == nil {
			t.Errorf("%q is the day %v", day, got)
		}
	}
	if got := Day(AddDays(at(t, "2026-01-30T16:00:00Z"), 29)); got != "2026-03-01" {
		t.Errorf("29 days after 2026-01-31 is %s", got)
	}
}

// What is printed does not depend on where the server stands.
func TestPrintedTimesAreOfOneZone(t *testing.T) {
	instant := at(t, "2026-11-28T08:03:05Z")
	for _, zone := range []string{"UTC", "America/Los_Angeles", "Asia/Tokyo"} {
		where, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := DateTime(instant.In(where)); got != "2026-11-28 16:03:05" {
			t.Errorf("in %s it is printed as %s", zone, got)
		}
	}
	if back, err := Parse(time.DateTime, "2026-11-28 16:03:05"); err != nil || !back.Equal(instant) {
		t.Errorf("it is read as %v, %v", back, err)
	}
}

func TestMonthsInWords(t *testing.T) {
	for _, c := range []struct{ month, zh, en string }{
		{"2026-11", "2026年11月", "Nov 2026"},
		{"2026-01", "2026年1月", "Jan 2026"},
		{"2026-13", "2026-13", "2026-13"},
		{"2026-1", "2026-1", "2026-1"},
		{"", "", ""},
	} {
		if zh, en := InWords(c.month, false), InWords(c.month, true); zh != c.zh || en != c.en {
			t.Errorf("%q is %q and %q", c.month, zh, en)
		}
	}
}
