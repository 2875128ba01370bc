package workbook

import (
	"encoding/xml"
	"strconv"
)

func (b *Book) readStyles(part string) error {
	r := styleReader{book: b, codes: map[int]string{}, known: map[int]format{}}
	return b.each(part, r.token)
}

// styleReader reads the formats of numbers, and which of them each style of cells has.
type styleReader struct {
	book    *Book
	codes   map[int]string // by the format's id
	known   map[int]format
	inCells bool
}

func (r *styleReader) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		r.begin(t)
	case xml.EndElement:
		if t.Name.Local == "cellXfs" {
			return errEnough
		}
	}
	return nil
}

func (r *styleReader) begin(e xml.StartElement) {
	switch e.Name.Local {
	case "numFmt":
		r.addCode(e)
	case "cellXfs":
		r.inCells = true
	case "xf":
		if r.inCells {
			r.addStyle(e)
		}
	}
}

// addCode takes in a format that the workbook has of its own; the first of an id counts.
func (r *styleReader) addCode(e xml.StartElement) {
	id, err := strconv.Atoi(attribute(e, "numFmtId"))
	if code := attribute(e, "formatCode"); err == nil && len([]rune(code)) <= maxFormat && r.codes[id] == "" {
		r.codes[id] = code
	}
}

func (r *styleReader) addStyle(e xml.StartElement) {
	id, _ := strconv.Atoi(attribute(e, "numFmtId")) // none is General
	if _, ok := r.known[id]; !ok {
		r.known[id] = format{id, r.codes[id], isDate(id, r.codes[id])}
	}
	r.book.formats = append(r.book.formats, r.known[id])
}
