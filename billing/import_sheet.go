package billing

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"linlipay/workbook"
)

// sheetReader reads one sheet: it looks for the head, which may span several rows and stand below a title, and then
// takes row after row. A head that comes again begins anew.
type sheetReader struct {
	in      *intake
	sheet   *workbook.Sheet
	layout  *layout
	above   []workbook.Row // before the head: the last ones
	rows    int
	closest []column
	wide    []string // headings there that are fees, of which each has a column

	nameless map[int]bool // columns without a heading that hold something, under any head of the sheet
}

// headRows is of how many rows a head may be.
const headRows = 3

func (s *sheetReader) row(r *workbook.Row) error {
	s.rows++
	found, missing := headed(s.above, r)
	switch {
	case found != nil && len(missing) == 0:
		s.begin(r.Number, found)
		s.above = nil
	case s.layout != nil:
		s.in.row(s.sheet.Name, s.layout, r)
	default:
		if found != nil && len(found.of) > 1 && (s.closest == nil || len(missing) < len(s.closest)) {
			s.closest, s.wide = missing, found.wide()
		}
		s.above = append([]workbook.Row{{Number: r.Number, Cells: slices.Clone(r.Cells)}}, s.above...)
		s.above = s.above[:min(len(s.above), headRows-1)]
	}
	return nil
}

// begin takes a head and says what of its columns is not read.
func (s *sheetReader) begin(row int, l *layout) {
	first := s.layout == nil
	if first {
		s.nameless = map[int]bool{}
	}
	l.nameless = s.nameless
	s.layout, s.in.headed = l, true
	if first {
		s.noteColumns(l)
	}
}

// noteColumns says of a head which columns are not read, mean the same, or are only held against the amounts.
func (s *sheetReader) noteColumns(l *layout) {
	if zh, en := l.listed(l.unknown); zh != "" {
		s.in.report.note(s.sheet.Name, "不认识的列没有导入："+zh, "columns that are not known were left out: "+en)
	}
	for of, numbers := range l.of {
		if zh, en := l.listed(numbers); len(numbers) > 1 {
			s.in.report.note(s.sheet.Name, fmt.Sprintf("有多列都是%s：%s；内容不一致的行会被拒绝", of, zh),
				"several columns mean the same: "+en+"; rows in which they differ are refused")
		}
	}
	var money []int
	for _, e := range l.extras {
		money = append(money, e.at)
	}
	if zh, en := l.listed(money); zh != "" {
		s.in.report.note(s.sheet.Name, "逐行核对的金额列："+zh, "columns of money that each row is checked against: "+en)
	}
}

// end says what of the sheet was not read.
func (s *sheetReader) end() {
	switch report := s.in.report; {
	case s.rows == 0:
	case s.layout == nil:
		zh, en := "没有表头，没有导入", "has no header and was left out"
		if s.closest != nil {
			lackZH, lackEN := lacks(s.closest)
			zh, en = zh+"（"+lackZH+"）", en+" ("+lackEN+")"
			if s.in.closest == nil || len(s.closest) < len(s.in.closest) {
				s.in.closest, s.in.wide = s.closest, s.wide
			}
		}
		report.note(s.sheet.Name, zh, en)
	case s.sheet.Beyond:
		report.note(s.sheet.Name, "第 256 列之后的内容没有读取", "what stands beyond column 256 was not read")
	}
	if s.layout == nil {
		return
	}
	if len(s.nameless) > 0 {
		var list []string
		for _, at := range slices.Sorted(maps.Keys(s.nameless)) {
			list = append(list, workbook.Letters(at))
		}
		s.in.report.note(s.sheet.Name, "没有列名的列有内容，没有导入："+strings.Join(list, "、"),
			"columns without a heading hold something and were left out: "+strings.Join(list, ", "))
	}
	hidden := slices.DeleteFunc(slices.Clone(s.sheet.HiddenColumns), func(at int) bool { return !s.layout.has(at) })
	if zh, en := s.layout.listed(hidden); zh != "" {
		s.in.report.note(s.sheet.Name, "隐藏的列也已读取："+zh, "hidden columns were read too: "+en)
	}
}
