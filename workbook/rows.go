package workbook

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"linlipay/fault"
)

// Row is one row of a sheet that holds something. It and its cells are good until the next one is read.
type Row struct {
	Number int  // as Excel numbers it
	Hidden bool // by hand, or by a filter
	Cells  []Cell
}

// Cell is the cell of a column, counted from 0; further right all are empty.
func (r *Row) Cell(column int) Cell {
	if column < 0 || column >= len(r.Cells) {
		return Cell{}
	}
	return r.Cells[column]
}

// put puts a cell into a column.
func (r *Row) put(column int, c Cell) {
	for len(r.Cells) <= column {
		r.Cells = append(r.Cells, Cell{})
	}
	r.Cells[column] = c
}

// blank reports whether nothing can be seen in the row.
func (r *Row) blank() bool {
	return !slices.ContainsFunc(r.Cells, func(c Cell) bool {
		return c.Kind != Empty && (c.Kind != Text || strings.TrimSpace(c.Value) != "")
	})
}

// area is a merged area; its value stands in its first cell.
type area struct{ column, last, from, to int }

// rowReader reads the rows of a sheet, one after the other.
type rowReader struct {
	sheet  *Sheet
	visit  func(*Row) error
	merged map[int][]area // by their first column
	tops   map[area]Cell

	row         Row
	ended       func() error // whether nobody waits any longer
	count       *counts
	hidden      [maxColumns]bool
	cell        Cell
	column      int
	kind        string // the cell's t
	formula     bool
	value, text strings.Builder
	in          string // the element whose text is read: v, t or f
	phonetic    int
	valued      bool // the cell has a v
}

// counts are the rows and cells of a workbook that hold something, and the bytes of what they hold: a text of the table
// of texts, or of a merged area, counts in each cell that has it. read are all rows, the empty ones too.
type counts struct{ read, rows, cells, bytes int }

func (n *counts) cell(c Cell) error {
	n.cells, n.bytes = n.cells+1, n.bytes+len(c.Value)
	switch {
	case n.cells > maxCells:
		return tooLarge("单元格不得超过 %d 个", "it may have at most %d cells", maxCells)
	case n.bytes > maxTexts:
		return tooLarge("所有单元格的内容合计不得超过 %d MB", "its cells may hold at most %d MB together", maxTexts>>20)
	}
	return nil
}

// Read hands each row that holds something to visit, sheet after sheet as begin lets it: begin says whether a sheet is
// to be read. Rows that are merged with others above them have those others' values. A sheet that is damaged is Invalid
// and says near which row, more than a workbook may hold TooLarge; what begin and visit return ends it and is returned,
// and so does the end of the context.
func (b *Book) Read(ctx context.Context, begin func(*Sheet) (visit func(*Row) error, err error)) error {
	var count counts
	for _, s := range b.Sheets {
		visit, err := begin(s)
		if err != nil {
			return err
		}
		if visit == nil || s.Chart {
			continue
		}
		if err := s.rows(ctx, &count, visit); err != nil {
			return err
		}
	}
	return nil
}

func (s *Sheet) rows(ctx context.Context, count *counts, visit func(*Row) error) error {
	raw, err := s.book.part(s.part)
	if err != nil {
		return err
	}
	if raw == nil {
		return broken(fmt.Errorf("workbook: sheet %q has no part", s.Name))
	}
	r := &rowReader{sheet: s, visit: visit, ended: ctx.Err, count: count, merged: mergedIn(raw), tops: map[area]Cell{}}
	err = tokens(raw, r.token)
	var known *fault.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil, errors.Is(err, errEnough):
		return nil
	case errors.As(err, &known):
		return err
	}
	return s.unreadable(r.row.Number, err)
}

func (s *Sheet) unreadable(row int, cause error) error {
	return refuse(fmt.Sprintf("工作表「%s」第 %d 行附近无法读取，请在 Excel 或 WPS 中打开并另存为 .xlsx。", s.Name, row),
		fmt.Sprintf("Sheet %q cannot be read near row %d; open and save it as .xlsx in Excel or WPS.", s.Name, row),
		cause)
}

var address = regexp.MustCompile(`^\$?([A-Z]+)\$?(\d+)(?::\$?([A-Z]+)\$?(\d+))?$`)

// mergedIn reads which cells are merged, which stands behind all rows.
func mergedIn(raw []byte) map[int][]area {
	merged := map[int][]area{}
	at := bytes.LastIndex(raw, []byte("sheetData>"))
	if at < 0 {
		return merged
	}
	_ = tokens(raw[at+len("sheetData>"):], func(t xml.Token) error { // what is wrong there is no matter of the rows
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local != "mergeCell" {
			return nil
		}
		if a, ok := areaOf(attribute(e, "ref")); ok {
			merged[a.column] = append(merged[a.column], a)
		}
		return nil
	})
	for _, areas := range merged {
		slices.SortFunc(areas, func(a, b area) int { return a.from - b.from })
	}
	return merged
}

// areaOf is the merged area of an address such as A2:B5. False is none, or beyond the columns that are read.
func areaOf(ref string) (area, bool) {
	m := address.FindStringSubmatch(ref)
	if m == nil || m[3] == "" {
		return area{}, false
	}
	column, _ := columnOf(m[1])
	last, _ := columnOf(m[3])
	from, err := strconv.Atoi(m[2])
	to, err2 := strconv.Atoi(m[4])
	last = min(last, maxColumns-1)
	return area{column, last, from, to}, err == nil && err2 == nil && to >= from && last >= column &&
		(to > from || last > column)
}

func (r *rowReader) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return r.begin(t)
	case xml.CharData:
		r.chars(t)
	case xml.EndElement:
		return r.end(t.Name.Local)
	}
	return nil
}

func (r *rowReader) begin(e xml.StartElement) error {
	switch e.Name.Local {
	case "col":
		r.hideColumns(e)
	case "row":
		return r.beginRow(e)
	case "c":
		r.beginCell(e)
	case "f":
		r.formula, r.in = true, "f"
	case "v":
		r.valued, r.in = true, "v"
	case "t":
		if r.phonetic == 0 {
			r.in = "t"
		}
	case "rPh":
		r.phonetic++
	}
	return nil
}

// beginRow begins a row, which is the next one unless it says its number.
func (r *rowReader) beginRow(e xml.StartElement) error {
	if r.count.read++; r.count.read > maxRowsRead {
		return tooLarge("连同空行不得超过 %d 行", "it may have at most %d rows, empty ones included", maxRowsRead)
	}
	number := r.row.Number + 1
	if n, err := strconv.Atoi(attribute(e, "r")); err == nil && n > 0 {
		number = n
	}
	r.row = Row{Number: number, Hidden: yes(attribute(e, "hidden")), Cells: r.row.Cells[:0]}
	r.column = -1
	return r.ended()
}

// hideColumns notes which columns are hidden, each once, however often they are named.
func (r *rowReader) hideColumns(e xml.StartElement) {
	from, err := strconv.Atoi(attribute(e, "min"))
	to, err2 := strconv.Atoi(attribute(e, "max"))
	if err != nil || err2 != nil || !yes(attribute(e, "hidden")) {
		return
	}
	for n := max(1, from); n <= min(to, maxColumns); n++ {
		if !r.hidden[n-1] {
			r.hidden[n-1], r.sheet.HiddenColumns = true, append(r.sheet.HiddenColumns, n-1)
		}
	}
}

func (r *rowReader) chars(text []byte) {
	switch r.in {
	case "v":
		r.value.Write(text)
	case "t", "f":
		r.text.Write(text)
	}
}

func (r *rowReader) end(name string) error {
	switch name {
	case "c":
		return r.endCell()
	case "row":
		return r.endRow()
	case "sheetData":
		return errEnough
	case "rPh":
		r.phonetic--
	case "v", "t":
		r.in = ""
	case "f":
		r.in = ""
		if !r.valued { // kept for a formula without a result
			r.cell.Value = r.text.String()
		}
		r.text.Reset()
	}
	return nil
}

func (r *rowReader) endRow() error {
	if r.row.blank() {
		return nil
	}
	if r.count.rows++; r.count.rows > maxRows {
		return tooLarge("不得超过 %d 行", "it may have at most %d rows", maxRows)
	}
	for column := range r.merged {
		if err := r.fill(column); err != nil {
			return err
		}
	}
	return r.visit(&r.row)
}

// areaAt is the merged area of a column that the row is in.
func (r *rowReader) areaAt(column int) (area, bool) {
	areas := r.merged[column]
	i, found := slices.BinarySearchFunc(areas, r.row.Number, func(a area, row int) int { return a.from - row })
	if !found {
		i--
	}
	if i < 0 || r.row.Number > areas[i].to {
		return area{}, false
	}
	return areas[i], true
}

// fill gives a row the value of the merged area that it is in.
func (r *rowReader) fill(column int) error {
	a, ok := r.areaAt(column)
	if !ok {
		return nil
	}
	if a.from == r.row.Number {
		r.tops[a] = r.row.Cell(column)
	}
	r.row.hide(a)
	top := r.tops[a].within(a)
	if top.Kind == Empty {
		return nil
	}
	r.row.put(column, top)
	if a.from == r.row.Number {
		return nil // counted when it was read
	}
	return r.count.cell(top)
}

// hide empties the cells of a row that a merged area lies over.
func (r *Row) hide(a area) {
	for other := a.column + 1; other <= a.last && other < len(r.Cells); other++ {
		r.Cells[other] = Cell{}
	}
}

// within is a cell with the area that it is merged into.
func (c Cell) within(a area) Cell {
	if a.to > a.from {
		c.FromRow, c.ToRow = a.from, a.to
	}
	if a.last > a.column {
		c.ToColumn = a.last
	}
	return c
}
