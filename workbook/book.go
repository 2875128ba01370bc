package workbook

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/htmlindex"

	"linlipay/fault"
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
	archive, err := unpack(r)
	if err != nil {
		return nil, err
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

// unpack reads the file, which may have at most maxWorkbook bytes, as an archive.
func unpack(r io.Reader) (*zip.Reader, error) {
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
	return archive, nil
}

func tidyName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

// read reads everything but the sheets' rows.
func (b *Book) read() error {
	root, err := b.relations("")
	if err != nil {
		return err
	}
	main := cmp.Or(root.first("officedocument"), "xl/workbook.xml")
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
	err = tokens(raw, visit)
	var known *fault.Error
	switch {
	case err == nil, errors.Is(err, errEnough):
		return nil
	case errors.As(err, &known):
		return err
	}
	return broken(err)
}

// errEnough ends the reading of a part early.
var errEnough = errors.New("workbook: enough was read")

// tokens hands over a part's tags and texts. One that ends within an element was cut: what is missing is no end.
func tokens(raw []byte, visit func(xml.Token) error) error {
	decoder := newDecoder(raw)
	for depth := 0; ; {
		token, err := decoder.RawToken()
		switch {
		case errors.Is(err, io.EOF) && depth > 0:
			return io.ErrUnexpectedEOF
		case errors.Is(err, io.EOF):
			return nil
		case err == nil:
			depth += deeper(token)
			err = visit(token)
		}
		if err != nil {
			return err
		}
	}
}

// deeper is by how much a tag leads deeper into the elements.
func deeper(t xml.Token) int {
	switch t.(type) {
	case xml.StartElement:
		return 1
	case xml.EndElement:
		return -1
	}
	return 0
}

// newDecoder reads XML in whatever encoding it says that it has.
func newDecoder(raw []byte) *xml.Decoder {
	decoder := xml.NewDecoder(bytes.NewReader(raw))
	decoder.Strict, decoder.CharsetReader = false, func(label string, input io.Reader) (io.Reader, error) {
		encoding, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return encoding.NewDecoder().Reader(input), nil
	}
	return decoder
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
		list = append(list, relationOf(dir, e))
		return nil
	})
	return list, err
}

// relationOf is the relation of an element, for a part in dir.
func relationOf(dir string, e xml.StartElement) relation {
	target := strings.ReplaceAll(attribute(e, "Target"), `\`, "/")
	if !strings.HasPrefix(target, "/") {
		target = dir + target
	}
	return relation{attribute(e, "Id"), strings.ToLower(path.Base(attribute(e, "Type"))), tidyName(target)}
}

// of is the relation with an id; none has an empty one.
func (list relations) of(id string) (found relation) {
	for _, r := range list {
		if r.id == id && id != "" {
			found = r
		}
	}
	return found
}

// readSheets reads which sheets there are. A part that several of them lead to would be read for each of them: no
// program writes that.
func (b *Book) readSheets(main string, of relations) error {
	known := map[string]bool{}
	return b.each(main, func(t xml.Token) error {
		e, ok := t.(xml.StartElement)
		if !ok {
			return nil
		}
		switch e.Name.Local {
		case "workbookPr":
			b.since1904 = yes(attribute(e, "date1904"))
		case "sheet":
			s := b.sheet(e, of.of(attribute(e, "id")))
			if len(b.Sheets) == maxSheets {
				return tooLarge("工作表不得超过 %d 个", "it may have at most %d sheets", maxSheets)
			}
			if s.part != "" && known[s.part] {
				return refuse("工作簿中有两个工作表指向同一份内容，请在 Excel 或 WPS 中打开并另存为 .xlsx。",
					"Two sheets lead to the same content; open and save the file as .xlsx in Excel or WPS.", nil)
			}
			known[s.part], b.Sheets = true, append(b.Sheets, s)
		}
		return nil
	})
}

// sheet is the sheet of an element, whose rows stand where in leads to.
func (b *Book) sheet(e xml.StartElement, in relation) *Sheet {
	name := []rune(attribute(e, "name"))
	return &Sheet{
		Name:   string(name[:min(len(name), maxName)]),
		Hidden: strings.HasSuffix(strings.ToLower(attribute(e, "state")), "hidden"),
		Chart:  in.id != "" && in.kind != "worksheet",
		book:   b, part: in.target,
	}
}
