package workbook

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// readTexts reads the table of texts: of a text in several fonts all runs, and not how it is pronounced.
func (b *Book) readTexts(part string) error {
	r := textReader{book: b}
	return b.each(part, r.token)
}

// textReader reads the table of texts.
type textReader struct {
	book     *Book
	text     strings.Builder
	inText   bool
	phonetic int // how deep it is in what says how a text is pronounced
}

func (r *textReader) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		r.begin(t.Name.Local)
	case xml.CharData:
		if r.inText {
			r.text.Write(t)
		}
	case xml.EndElement:
		r.end(t.Name.Local)
	}
	return nil
}

func (r *textReader) begin(name string) {
	switch name {
	case "si":
		r.text.Reset()
	case "rPh":
		r.phonetic++
	case "t":
		r.inText = r.phonetic == 0
	}
}

func (r *textReader) end(name string) {
	switch name {
	case "si":
		r.book.texts = append(r.book.texts, unescape(r.text.String()))
	case "rPh":
		r.phonetic--
	case "t":
		r.inText = false
	}
}

// textAt is the text that a cell names by its place in the table. A place that the table does not have is what is left
// of a damaged workbook: the text is lost, and is not taken for none.
func (b *Book) textAt(place string) (string, error) {
	if place == "" {
		return "", nil
	}
	i, err := strconv.Atoi(place)
	if err != nil || i < 0 || i >= len(b.texts) {
		return "", broken(err)
	}
	return b.texts[i], nil
}

// unescape turns _x000D_ and its like into the characters that XML cannot hold.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if r, ok := escaped(s[i:]); ok {
			out.WriteRune(r)
			i += len("_x000D_")
			continue
		}
		out.WriteByte(s[i])
		i++
	}
	return out.String()
}

// escaped is the character that a text begins with when it is written as _x000D_ is.
func escaped(s string) (rune, bool) {
	if len(s) < len("_x000D_") || s[:2] != "_x" || s[6] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
