package workbook

import (
	"encoding/xml"
	"strconv"
	"strings"
)

func (r *rowReader) beginCell(e xml.StartElement) {
	r.column++
	r.kind, r.formula, r.valued, r.in, r.phonetic = "", false, false, "", 0
	r.cell = Cell{book: r.sheet.book}
	r.value.Reset()
	r.text.Reset()
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "r":
			if column, ok := columnOf(a.Value); ok {
				r.column = column
			}
		case "s":
			r.cell.style, _ = strconv.Atoi(a.Value) // none is the first
		case "t":
			r.kind = a.Value
		}
	}
}

func (r *rowReader) endCell() error {
	if err := r.settle(strings.TrimSpace(r.value.String())); err != nil {
		return err
	}
	if r.cell.Kind == Empty {
		return nil
	}
	if r.column >= maxColumns {
		r.sheet.Beyond = true
		return nil
	}
	if err := r.count.cell(r.cell); err != nil {
		return err
	}
	r.row.put(r.column, r.cell)
	return nil
}

// settle gives the cell its kind and value. Invalid is a workbook that lacks the cell's text.
func (r *rowReader) settle(value string) error {
	c, formula := &r.cell, r.cell.Value
	c.Value = ""
	switch r.kind {
	case "s":
		text, err := r.sheet.book.textAt(value)
		if err != nil {
			return err
		}
		c.set(Text, text)
	case "inlineStr":
		c.set(Text, unescape(r.text.String()))
	case "str":
		c.set(Text, unescape(r.value.String()))
	case "b":
		if value != "" {
			c.set(Boolean, map[bool]string{true: "TRUE", false: "FALSE"}[yes(strings.ToLower(value))])
		}
	case "e":
		c.set(Failure, value)
	case "d":
		c.set(Date, value)
	default:
		r.settleNumber(value)
	}
	// A formula's text may be none; a number that is none was not counted, whether its <v> is missing or empty.
	if c.Kind == Empty && r.formula && (!r.valued || r.kind == "" || r.kind == "n") {
		c.Kind, c.Value = Uncounted, formula
	}
	return nil
}

func (r *rowReader) settleNumber(value string) {
	c := &r.cell
	plain, ok := plainNumber(value)
	switch {
	case value == "" && r.text.Len() > 0: // a text without its t, as some programs leave it
		c.set(Text, unescape(r.text.String()))
	case value == "":
	case !ok:
		c.set(Text, value)
	case r.sheet.book.formatOf(c.style).date:
		c.set(Date, plain)
	default:
		c.set(Number, plain)
	}
}

func (c *Cell) set(kind Kind, value string) {
	if value != "" {
		c.Kind, c.Value = kind, value
	}
}
