package workbook

import (
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"
)

// format is how numbers of a style are shown: by the number of a built-in format, or by a code.
type format struct {
	id   int
	code string
	date bool
}

// quoted is what a format's code shows as it stands, or that means no digit: texts, single characters, colours and
// conditions, the width of a character, and one that fills the cell. [h], [m] and [s] are elapsed time.
var quoted = regexp.MustCompile(`"[^"]*"|\\.|\[[^\]]*\]|_.|\*.`)

var elapsed = regexp.MustCompile(`(?i)^\[(h+|m+|s+)\]$`)

// bare is a format's code without what it shows as it stands.
func bare(code string) string {
	return quoted.ReplaceAllStringFunc(code, func(part string) string {
		if elapsed.MatchString(part) {
			return "h"
		}
		return ""
	})
}

// isDate reports whether a format shows dates or times.
func isDate(id int, code string) bool {
	if code == "" {
		return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
	}
	code = bare(code)
	for _, general := range []string{"General", "GENERAL", "general", "G/通用格式", "@"} {
		code = strings.ReplaceAll(code, general, "")
	}
	first, _, _ := strings.Cut(code, ";")
	return strings.ContainsAny(first, "yYmMdDhHsS年月日")
}

func (b *Book) formatOf(style int) format {
	if b == nil || style < 0 || style >= len(b.formats) {
		return format{}
	}
	return b.formats[style]
}

// shown is a number as its format shows it: on the one cell of a sheet of our own, which serves for all of them.
func (b *Book) shown(c Cell) string {
	f := b.formatOf(c.style)
	if f.id == 0 && f.code == "" || strings.Contains(c.Value, "T") {
		return c.Value
	}
	if b.board == nil && b.makeBoard() != nil {
		return c.Value
	}
	text, err := b.onBoard(f, c.Value)
	if text = strings.TrimSpace(text); err != nil || text == "" {
		return c.Value
	}
	return text
}

func (b *Book) makeBoard() error {
	b.pinned = map[format]int{}
	b.board = excelize.NewFile(excelize.Options{CultureInfo: excelize.CultureNameZhCN, ShortDatePattern: "yyyy/m/d"})
	return b.board.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &b.since1904})
}

// mostPinned is how many formats the board has: it looks through all of them for each that is new.
const mostPinned = 500

func (b *Book) onBoard(f format, value string) (string, error) {
	const sheet, cell = "Sheet1", "A1"
	id, known := b.pinned[f]
	if !known && len(b.pinned) >= mostPinned {
		return value, nil
	}
	if !known {
		var err error
		if id, err = b.pin(f); err != nil {
			return "", err
		}
	}
	if err := b.board.SetCellStyle(sheet, cell, cell, id); err != nil {
		return "", err
	}
	if err := b.board.SetCellDefault(sheet, cell, value); err != nil {
		return "", err
	}
	return b.board.GetCellValue(sheet, cell)
}

// pin makes the board's style of a format.
func (b *Book) pin(f format) (int, error) {
	as := &excelize.Style{NumFmt: f.id}
	if f.code != "" {
		as = &excelize.Style{CustomNumFmt: &f.code}
	}
	id, err := b.board.NewStyle(as)
	if err == nil {
		b.pinned[f] = id
	}
	return id, err
}
