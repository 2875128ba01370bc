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
	r.settle(strings.TrimSpace(r.value.String()))
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

// settle gives the cell its kind and value.
func (r *rowReader) settle(value string) {
	c, formula := &r.cell, r.cell.Value
	c.Value = ""
	switch r.kind {
	case "s":
		c.set(Text, r.sheet.book.textAt(value))
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
	if c.Kind == Empty && r.formula && !r.valued {
		c.Kind, c.Value = Uncounted, formula
	}
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
