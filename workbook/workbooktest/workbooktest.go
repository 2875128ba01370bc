// Package workbooktest writes workbooks as other programs do, from lines that a person can write: by hand-written XML,
// apart from whatever the product writes workbooks with, so that neither can hide the other's mistake.
package workbooktest

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
)

// Sheet is one sheet. A cell is a text, or begins with what else it is; see styles and write.
type Sheet struct {
	Name          string
	State         string // hidden or veryHidden
	Rows          [][]string
	HiddenRows    []int    // from 1
	HiddenColumns []int    // from 1
	Merged        []string // such as A2:A5
}

// Options are how a program writes workbooks.
type Options struct {
	Since1904 bool
	Strict    bool   // ISO/IEC 29500 Strict: other namespaces
	Prefix    string // of every element, such as "x:"
	NoAddress bool   // neither rows nor cells say where they are
	Absolute  bool   // relations lead to /xl/… rather than to what stands beside
}

// styles are what a number's cell may begin with, and its format: d:46356 is a number that is shown as a date.
var styles = []struct{ mark, code string }{
	{"n", "General"}, {"d", "yyyy-mm-dd"}, {"dt", "yyyy/m/d h:mm"}, {"cn", `yyyy"年"m"月"d"日"`}, {"md", `m"月"d"日"`},
	{"my", "mmm-yy"}, {"h", "[h]:mm"}, {"p", "0%"}, {"y", `"¥"#,##0.00;[Red]\-"¥"#,##0.00`}, {"k", "#,##0"},
	{"two", "0.00"},
	{"z", "0000"}, {"dong", `0"栋"`}, {"wan", `0!.0,"万"`}, {"text", "@"},
	{"acc", `_ * #,##0.00_ ;_ * \-#,##0.00_ ;_ * "-"??_ ;_ @_ `},
}

const (
	usual  = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	strict = "http://purl.oclc.org/ooxml/spreadsheetml/main"
)

// Write writes a workbook.
func Write(t testing.TB, o Options, sheets ...Sheet) []byte {
	t.Helper()
	w := &writer{Options: o, known: map[string]int{}}
	parts := [][2]string{}
	list, relations := "", ""
	for i, s := range sheets {
		if s.Name == "" {
			s.Name = fmt.Sprintf("Sheet%d", i+1)
		}
		target := fmt.Sprintf("worksheets/sheet%d.xml", i+1)
		parts = append(parts, [2]string{"xl/" + target, w.sheet(s)})
		list += fmt.Sprintf(`<P:sheet name="%s" sheetId="%d" state="%s" r:id="rId%d"/>`, escape(s.Name), i+1,
			or(s.State, "visible"), i+1)
		relations += w.relation(fmt.Sprintf("rId%d", i+1), "worksheet", target)
	}
	relations += w.relation("rIdT", "sharedStrings", "sharedStrings.xml") + w.relation("rIdS", "styles", "styles.xml")
	dated := map[bool]string{true: "1", false: "0"}[o.Since1904]
	parts = append(parts,
		[2]string{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types` +
			`"><Default Extension="xml" ContentType="application/xml"/></Types>`},
		[2]string{"_rels/.rels",
			wrapRelations(w.relation("r", "officeDocument", map[bool]string{true: "", false: "xl/"}[o.Absolute]+
				"workbook.xml"))},
		[2]string{"xl/workbook.xml",
			w.part("workbook", fmt.Sprintf(`<P:workbookPr date1904="%s"/><P:sheets>%s</P:sheets>`, dated, list))},
		[2]string{"xl/_rels/workbook.xml.rels", wrapRelations(relations)},
		[2]string{"xl/sharedStrings.xml", w.part("sst", w.texts.String())},
		[2]string{"xl/styles.xml", w.part("styleSheet", w.styles())},
	)
	return Pack(t, parts...)
}

// Pack makes an archive of parts: name and content.
func Pack(t testing.TB, parts ...[2]string) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, p := range parts {
		part, err := archive.Create(p[0])
		if err == nil {
			_, err = part.Write([]byte(p[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type writer struct {
	Options
	texts strings.Builder
	known map[string]int
}

func (w *writer) relation(id, kind, target string) string {
	space := "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	if w.Strict {
		space = "http://purl.oclc.org/ooxml/officeDocument/relationships/"
	}
	if w.Absolute {
		target = "/xl/" + target
	}
	return fmt.Sprintf(`<Relationship Id="%s" Type="%s%s" Target="%s"/>`, id, space, kind, target)
}

func wrapRelations(list string) string {
	return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + list +
		`</Relationships>`
}

// part is a part's document; P: stands for the prefix.
func (w *writer) part(root, content string) string {
	space := map[bool]string{true: strict, false: usual}[w.Strict]
	declared := fmt.Sprintf(`xmlns="%s"`, space)
	if w.Prefix != "" {
		declared = fmt.Sprintf(`xmlns:%s="%s"`, strings.TrimSuffix(w.Prefix, ":"), space)
	}
	return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + strings.NewReplacer("<P:", "<"+w.Prefix, "</P:",
		"</"+w.Prefix).Replace(
		fmt.Sprintf(`<P:%s %s xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">%s</P:%s>`,
			root, declared, content, root))
}

func (w *writer) styles() string {
	formats, cells := "", ""
	for i, s := range styles {
		formats += fmt.Sprintf(`<P:numFmt numFmtId="%d" formatCode="%s"/>`, 164+i, escape(s.code))
		cells += fmt.Sprintf(`<P:xf numFmtId="%d"/>`, 164+i)
	}
	return `<P:numFmts>` + formats + `</P:numFmts><P:cellStyleXfs><P:xf numFmtId="14"/></P:cellStyleXfs><P:cellXfs>` +
		cells + `</P:cellXfs>`
}

func (w *writer) sheet(s Sheet) string {
	var out strings.Builder
	out.WriteString(`<P:sheetViews><P:sheetView workbookViewId="0"/></P:sheetViews><P:cols>`)
	for _, n := range s.HiddenColumns {
		fmt.Fprintf(&out, `<P:col min="%d" max="%d" hidden="1"/>`, n, n)
	}
	out.WriteString(`</P:cols><P:sheetData>`)
	for i, row := range s.Rows {
		if w.NoAddress {
			out.WriteString(`<P:row>`)
		} else {
			fmt.Fprintf(&out, `<P:row r="%d"%s>`, i+1, hiddenIf(s.HiddenRows, i+1))
		}
		for j, cell := range row {
			out.WriteString(w.cell(cell, fmt.Sprintf("%c%d", 'A'+j, i+1)))
		}
		out.WriteString(`</P:row>`)
	}
	out.WriteString(`</P:sheetData>`)
	if len(s.Merged) > 0 {
		out.WriteString(`<P:mergeCells>`)
		for _, ref := range s.Merged {
			fmt.Fprintf(&out, `<P:mergeCell ref="%s"/>`, ref)
		}
		out.WriteString(`</P:mergeCells>`)
	}
	return w.part("worksheet", out.String())
}

func hiddenIf(rows []int, n int) string {
	for _, r := range rows {
		if r == n {
			return ` hidden="1"`
		}
	}
	return ""
}

// cell writes a cell. Beside the styles, which come before a number:
//
//	i: an inline text      r: a text in two fonts with its pronunciation     s: a text as a formula's result
//	b: 0 or 1              e: an error such as #N/A                          iso: a date in ISO 8601
//	f: a formula without a result, fn: one whose result is a number          x: the cell's XML itself
//
// Anything else is a text of the table of texts; t: is one too, whatever follows.
func (w *writer) cell(cell, address string) string {
	at := ` r="` + address + `"`
	if w.NoAddress {
		at = ""
	}
	mark, value, found := strings.Cut(cell, ":")
	if !found {
		mark = ""
	}
	text := escape(value)
	switch mark {
	case "r":
		return w.shared(at, "rich "+value, richRuns([]rune(value)))
	case "x":
		return value
	case "t":
		return w.shared(at, value, `<P:t xml:space="preserve">`+text+`</P:t>`)
	}
	for i, s := range styles {
		if found && s.mark == mark {
			return fmt.Sprintf(`<P:c%s s="%d"><P:v>%s</P:v></P:c>`, at, i, text)
		}
	}
	if own := ownCell(mark, at, text); own != "" || cell == "" {
		return own
	}
	return w.shared(at, cell, `<P:t xml:space="preserve">`+escape(cell)+`</P:t>`)
}

// ownCell is a cell of a mark whose value stands in the cell itself, "" for another mark.
func ownCell(mark, at, text string) string {
	switch mark {
	case "i":
		return fmt.Sprintf(`<P:c%s t="inlineStr"><P:is><P:t xml:space="preserve">%s</P:t></P:is></P:c>`, at, text)
	case "s":
		return fmt.Sprintf(`<P:c%s t="str"><P:f>T(1)</P:f><P:v>%s</P:v></P:c>`, at, text)
	case "b", "e":
		return fmt.Sprintf(`<P:c%s t="%s"><P:v>%s</P:v></P:c>`, at, mark, text)
	case "iso":
		return fmt.Sprintf(`<P:c%s t="d"><P:v>%s</P:v></P:c>`, at, text)
	case "f":
		return fmt.Sprintf(`<P:c%s><P:f>%s</P:f></P:c>`, at, text)
	case "fn":
		return fmt.Sprintf(`<P:c%s><P:f>SUM(1)</P:f><P:v>%s</P:v></P:c>`, at, text)
	}
	return ""
}

// richRuns is a text in two fonts with its pronunciation.
func richRuns(text []rune) string {
	half := len(text) / 2
	return fmt.Sprintf(`<P:r><P:t>%s</P:t></P:r><P:r><P:rPr><P:b/></P:rPr><P:t>%s</P:t></P:r><P:rPh sb="0" `+
		`eb="1"><P:t>PINYIN</P:t></P:rPh>`, escape(string(text[:half])), escape(string(text[half:])))
}

// shared is a cell whose text stands in the table of texts.
func (w *writer) shared(at, key, content string) string {
	i, ok := w.known[key]
	if !ok {
		i = len(w.known)
		w.known[key] = i
		w.texts.WriteString(`<P:si>` + content + `</P:si>`)
	}
	return fmt.Sprintf(`<P:c%s t="s"><P:v>%d</P:v></P:c>`, at, i)
}

func escape(s string) string {
	var out bytes.Buffer
	if err := xml.EscapeText(&out, []byte(s)); err != nil {
		return ""
	}
	return out.String()
}

func or(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
