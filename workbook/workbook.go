// Package workbook reads and writes spreadsheets (.xlsx). It is the one place that knows how Excel, WPS, LibreOffice,
// Google Sheets and the libraries of other programs write them: whoever reads gets typed cells, each with its value and
// with what the person sees, and decides what they mean. A file is measured before it is read (measure.go), read part
// by part without building a tree (book.go, rows.go), and written by Write.
package workbook

import (
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Kind is what a cell holds, whoever wrote it.
type Kind int

// The kinds of cells.
const (
	Empty     Kind = iota
	Text           // whatever was typed as text, or came out of a formula as one
	Number         // Value is its plain decimal notation: 101 for 101.0, 13800000000 for 1.38E10
	Date           // a number that is shown as a date or a time, or an ISO 8601 text that is one
	Boolean        // Value is TRUE or FALSE
	Failure        // an error such as #N/A; Value is its name
	Uncounted      // a formula whose result is not in the file; Value is the formula
)

// Cell is one cell. Its zero value is an empty one.
type Cell struct {
	Kind  Kind
	Value string // the text, or the value in plain notation

	// FromRow and ToRow are the rows of the merged area that the cell belongs to; 0 where it is in none of several
	// rows. Every row of the area has the area's value.
	FromRow, ToRow int

	// ToColumn is the last column of the merged area that begins with the cell; 0 where none of several columns does.
	// The others are empty: what a program left in them nobody sees.
	ToColumn int

	style int
	book  *Book
}

// Merged reports whether the value stands for several rows.
func (c Cell) Merged() bool { return c.ToRow > c.FromRow }

// Seen is the cell as the person sees it.
func (c Cell) Seen() string {
	switch c.Kind {
	case Number, Date:
		return c.book.shown(c)
	case Uncounted:
		return "=" + c.Value
	}
	return c.Value
}

// Line is a text as the person sees it, in one line and without what cannot be seen, which could turn the line round.
func Line(text string) string { return strings.Trim(strings.Map(visible, text), " \u3000") }

// visible is a character as it is seen in a line, -1 for none.
func visible(r rune) rune {
	switch {
	case IsBlank(r) && r != '\u3000':
		return ' '
	case Unseen(r):
		return -1
	}
	return r
}

// IsBlank reports whether a character is seen as a gap: a space of any kind, or the pattern of braille without dots.
func IsBlank(r rune) bool { return unicode.IsSpace(r) || r == '\u2800' }

// Unseen reports whether nothing is seen of a character, so that two texts look the same with and without it: what
// controls or formats others, and what Unicode says is not to be drawn (Default_Ignorable_Code_Point).
func Unseen(r rune) bool {
	return unicode.IsControl(r) && !unicode.IsSpace(r) ||
		unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Percent reports whether the cell is a number that is shown as a percentage: 0.5 as 50%.
func (c Cell) Percent() bool {
	return c.Kind == Number && strings.Contains(bare(c.book.formatOf(c.style).code), "%")
}

// lastHalfSecond is the part of a day from which on a moment is the next second's, of which there is no more: half a
// second before midnight, as programs write midnight that count in binary fractions.
const lastHalfSecond = "999994212963"

// Day is the day that a date or a number stands for by the workbook's own calendar, in 1904's too, at midnight UTC: a
// spreadsheet knows no zone. The time of day is left out. A text is no date here.
func (c Cell) Day() (time.Time, bool) {
	if c.Kind != Date && c.Kind != Number {
		return time.Time{}, false
	}
	if day, err := time.Parse(time.DateOnly, c.Value[:min(len(c.Value), 10)]); err == nil && c.Kind == Date {
		return day, true
	}
	return dayNumbered(c.Value, c.book != nil && c.book.since1904)
}

// dayNumbered is the day of a spreadsheet's number: days since 1899-12-30, or since 1904-01-01.
func dayNumbered(value string, since1904 bool) (time.Time, bool) {
	whole, part, _ := strings.Cut(value, ".")
	n, err := strconv.Atoi(whole)
	if err != nil {
		return time.Time{}, false
	}
	if part >= lastHalfSecond {
		n++
	}
	if since1904 {
		n += 1462
	}
	if n < 61 || n > 2958465 { // before 1900-03-01 spreadsheets count a day that never was; after 9999 they count none
		return time.Time{}, false
	}
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n), true
}

// Letters is the name of a column, counted from 0, as it stands above it: A, B, …, AA.
func Letters(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}

// columnOf is the column of a cell's address such as AB12, counted from 0.
func columnOf(address string) (column int, ok bool) {
	n := 0
	for _, r := range address {
		if r < 'A' || r > 'Z' || n > 1<<16 {
			break
		}
		n = n*26 + int(r-'A') + 1
	}
	return n - 1, n > 0
}
