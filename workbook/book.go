package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/htmlindex"
)

// Book is a workbook that was opened for reading.
type Book struct {
	Sheets []*Sheet

	parts     map[string]*zip.File // by their names in lower case, as programs disagree about them
	texts     []string
	formats   []format // by style
	since1904 bool
	board     *excelize.File // see shown
	pinned    map[format]int // the board's style of each format
}

// Sheet is one sheet of a workbook.
type Sheet struct {
	Name   string
	Hidden bool
	Chart  bool // a sheet of a chart, or of an old macro: it has no rows

	// What Rows found beside the rows.
	HiddenColumns []int
	Beyond        bool // something stands further right than columns are read

	book *Book
	part string
}

// Open opens a workbook that is within its bounds: one that is not is a TooLarge fault that says which, and a file that
// is no workbook an Invalid one that says what it is instead.
func Open(r io.Reader) (*Book, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxWorkbook+1))
	if err != nil {
		return nil, broken(err)
	}
	if len(raw) > maxWorkbook {
		return nil, tooLarge("文件不得超过 %d MB", "the file may have at most %d MB", maxWorkbook>>20)
	}
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, otherFile(raw, err)
	}
	if err := measure(archive); err != nil {
		return nil, err
	}
	b := &Book{parts: map[string]*zip.File{}}
	for _, part := range archive.File {
		b.parts[tidyName(part.Name)] = part
	}
	if err := b.read(); err != nil {
		return nil, err
	}
	return b, nil
}

func tidyName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

// read reads everything but the sheets' rows.
func (b *Book) read() error {
	main := "xl/workbook.xml"
	if of, err := b.relations(""); err != nil {
		return err
	} else if target := of.first("officedocument"); target != "" {
		main = target
	}
	if b.parts[main] == nil || strings.HasSuffix(main, ".bin") {
		return otherArchive(b.parts)
	}
	of, err := b.relations(main)
	if err != nil {
		return err
	}
	return errors.Join(b.readSheets(main, of), b.readTexts(of.first("sharedstrings")), b.readStyles(of.first("styles")))
}

// part is a part's bytes; a part that is not there has none.
func (b *Book) part(name string) ([]byte, error) {
	file := b.parts[name]
	if file == nil {
		return nil, nil
	}
	content, err := file.Open()
	if err != nil {
		return nil, broken(err)
	}
	raw, err := io.ReadAll(content) // measure has read it through
	if err := errors.Join(err, content.Close()); err != nil {
		return nil, broken(err)
	}
	return raw, nil
}

// each hands a part's tags and texts to visit, whatever their namespaces and prefixes are: strict and transitional
// workbooks differ in nothing else that matters here.
func (b *Book) each(name string, visit func(xml.Token) error) error {
	raw, err := b.part(name)
	if err != nil || raw == nil {
		return err
	}
	if err := tokens(raw, visit); err != nil && !errors.Is(err, errEnough) {
		return broken(err)
	}
	return nil
}

// errEnough ends the reading of a part early.
var errEnough = errors.New("workbook: enough was read")

// tokens hands over a part's tags and texts. One that ends within an element was cut: what is missing is no end.
func tokens(raw []byte, visit func(xml.Token) error) error {
	decoder := xml.NewDecoder(bytes.NewReader(raw))
	decoder.Strict = false
	decoder.CharsetReader = func(label string, input io.Reader) (io.Reader, error) {
		encoding, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return encoding.NewDecoder().Reader(input), nil
	}
	for depth := 0; ; {
		token, err := decoder.RawToken()
		switch {
		case errors.Is(err, io.EOF) && depth > 0:
			return io.ErrUnexpectedEOF
		case errors.Is(err, io.EOF):
			return nil
		case err == nil:
			switch token.(type) {
			case xml.StartElement:
				depth++
			case xml.EndElement:
				depth--
			}
			err = visit(token)
		}
		if err != nil {
			return err
		}
	}
}

// attribute is an element's attribute by its local name.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space != "xmlns" {
			return a.Value
		}
	}
	return ""
}

func yes(s string) bool { return s == "1" || s == "true" || s == "on" }

// relation is where a part leads to.
type relation struct{ id, kind, target string }

type relations []relation

// first is the target of the first relation of a kind, "" for none.
func (list relations) first(kind string) string {
	for _, r := range list {
		if r.kind == kind {
			return r.target
		}
	}
	return ""
}

func (b *Book) relations(of string) (list relations, err error) {
	dir, base := path.Split(of)
	err = b.each(tidyName(dir+"_rels/"+base+".rels"), func(t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok || e.Name.Local != "Relationship" || attribute(e, "TargetMode") == "External" {
			return nil
		}
		target := strings.ReplaceAll(attribute(e, "Target"), `\`, "/")
		if !strings.HasPrefix(target, "/") {
			target = dir + target
		}
		list = append(list, relation{attribute(e, "Id"), strings.ToLower(path.Base(attribute(e, "Type"))),
			tidyName(target)})
		return nil
	})
	return list, err
}

func (b *Book) readSheets(main string, of relations) error {
	return b.each(main, func(t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch e.Name.Local {
		case "workbookPr":
			b.since1904 = yes(attribute(e, "date1904"))
		case "sheet":
			name := []rune(attribute(e, "name"))
			s := &Sheet{Name: string(name[:min(len(name), maxName)]),
				Hidden: strings.HasSuffix(strings.ToLower(attribute(e, "state")), "hidden"), book: b}
			id := attribute(e, "id")
			for _, r := range of {
				if r.id == id && id != "" {
					s.part, s.Chart = r.target, r.kind != "worksheet"
				}
			}
			b.Sheets = append(b.Sheets, s)
		}
		return nil
	})
}

// readTexts reads the table of texts: of a text in several fonts all runs, and not how it is pronounced.
func (b *Book) readTexts(part string) error {
	var text strings.Builder
	inText, phonetic := false, 0
	return b.each(part, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "si":
				text.Reset()
			case "rPh":
				phonetic++
			case "t":
				inText = phonetic == 0
			}
		case xml.CharData:
			if inText {
				text.Write(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "si":
				b.texts = append(b.texts, unescape(text.String()))
			case "rPh":
				phonetic--
			case "t":
				inText = false
			}
		}
		return nil
	})
}

// unescape turns _x000D_ and its like into the characters that XML cannot hold.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if i+7 <= len(s) && s[i:i+2] == "_x" && s[i+6] == '_' {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				out.WriteRune(rune(n))
				i += 7
				continue
			}
		}
		out.WriteByte(s[i])
		i++
	}
	return out.String()
}

func (b *Book) readStyles(part string) error {
	codes, known := map[int]string{}, map[int]format{}
	inCells := false
	return b.each(part, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "numFmt":
				id, err := strconv.Atoi(attribute(t, "numFmtId"))
				if code := attribute(t, "formatCode"); err == nil && len([]rune(code)) <= maxFormat && codes[id] == "" {
					codes[id] = code
				}
			case "cellXfs":
				inCells = true
			case "xf":
				if inCells {
					id, _ := strconv.Atoi(attribute(t, "numFmtId")) // none is General
					if _, ok := known[id]; !ok {
						known[id] = format{id, codes[id], isDate(id, codes[id])}
					}
					b.formats = append(b.formats, known[id])
				}
			}
		case xml.EndElement:
			if t.Name.Local == "cellXfs" {
				return errEnough
			}
		}
		return nil
	})
}
