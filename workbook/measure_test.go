package workbook

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
)

// packed is a workbook of one sheet whose parts are written by hand; each part is a text that is repeated.
type packed map[string]struct {
	head, again, tail string
	times             int
}

func (p packed) bytes(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	write := func(w io.Writer, text string, times int) {
		block := strings.Repeat(text, max(1, min(times, 1000)))
		for n := times; n > 0; n -= 1000 {
			if n < 1000 {
				block = strings.Repeat(text, n)
			}
			if _, err := io.WriteString(w, block); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, part := range p {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		write(w, part.head, 1)
		write(w, part.again, part.times)
		write(w, part.tail, 1)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const (
	sheetPart = "xl/worksheets/sheet1.xml"
	textsPart = "xl/sharedStrings.xml"
	namespace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
)

// oneSheet is a workbook whose sheet repeats a row, without row numbers where it names none.
func oneSheet(row string, times int) packed {
	relations := `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	office := `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	return packed{
		"[Content_Types].xml": {head: `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><` +
			`Default Extension="xml" ContentType="application/xml"/></Types>`},
		"_rels/.rels": {head: relations + `<Relationship Id="r1" Type="` + office +
			`/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		"xl/workbook.xml": {head: `<workbook ` + namespace + ` xmlns:r="` + office +
			`"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`},
		"xl/_rels/workbook.xml.rels": {head: relations + `<Relationship Id="r1" Type="` + office +
			`/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="r2" Type="` + office + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`},
		sheetPart: {head: `<worksheet ` + namespace + `><sheetData>`, again: row, times: times,
			tail: `</sheetData></worksheet>`},
	}
}

// with adds a part.
func (p packed) with(name, head, again string, times int, tail string) packed {
	p[name] = struct {
		head, again, tail string
		times             int
	}{head, again, tail, times}
	return p
}

// A workbook that is small as a file and large inside is refused with the bound that it exceeds, in both languages,
// in little memory. A line is a way to be large.
func TestAWorkbookIsBounded(t *testing.T) {
	cell := `<c t="inlineStr"><is><t>x</t></is></c>`
	for name, c := range map[string]struct {
		book   packed
		zh, en string
	}{
		"rows": {oneSheet(`<row><c><v>1</v></c></row>`, 300_000), "100000 行", "100000 rows"},
		"cells": {oneSheet(`<row>`+strings.Repeat(cell, 200)+`</row>`, 20_000), "1500000 个",
			"1500000 cells"},
		"one row of cells": {oneSheet(cell, 4_000_000), "1500000 个", "1500000 cells"},
		"one long text":    {oneSheet(strings.Repeat("x", 1000), 400_000), "1 MB", "1 MB"},
		"one long tag": {oneSheet(``, 0).with(sheetPart, `<worksheet `+namespace+`><sheetData><row `, `a `,
			30_000_000, `/></sheetData></worksheet>`), "1 MB", "1 MB"},
		"one text in all cells": {oneSheet(`<row><c t="s"><v>0</v></c></row>`, 90_000).with(textsPart,
			`<sst `+namespace+`><si><t>`, `x`, 30_000, `</t></si></sst>`),
			"64 MB", "64 MB"},
		"one text in a merged column": {
			oneSheet(``, 0).with(sheetPart, `<worksheet `+namespace+`><sheetData><row><c t="str"><v>`+
				strings.Repeat("x", 30_000)+`</v></c></row>`,
				`<row><c r="B1"><v>1</v></c></row>`, 90_000,
				`</sheetData><mergeCells><mergeCell ref="A1:A99999"/></mergeCells></worksheet>`), "64 MB", "64 MB"},
		"a table of texts": {oneSheet(``, 0).with(textsPart, `<sst `+namespace+`>`, `<si><t>`+strings.Repeat("x", 500)+
			`</t></si>`, 600_000, `</sst>`), "96 MB", "96 MB"},
		"texts": {oneSheet(``, 0).with(textsPart, `<sst `+namespace+`>`, `<si><t/></si>`, 5_000_000, `</sst>`),
			"1500000 个", "1500000 cells"},
		"styles": {oneSheet(``, 0).with("xl/styles.xml", `<styleSheet `+namespace+`><cellXfs>`, `<xf/>`,
			3_000_000, `</cellXfs></styleSheet>`), "8 MB", "8 MB"},
		"sheets": {oneSheet(``, 0).with("xl/workbook.xml", `<workbook `+namespace+`><sheets>`,
			`<sheet name="S" sheetId="1"/>`, 1_000_000, `</sheets></workbook>`), "8 MB", "8 MB"},
		"sheets without parts": {oneSheet(``, 0).with("xl/workbook.xml", `<workbook `+namespace+`><sheets>`,
			`<sheet name="S" sheetId="1"/>`, 301, `</sheets></workbook>`), "300 个", "300 sheets"},
		"empty rows":    {oneSheet(`<row/>`, 4_000_000), "3145728 行", "3145728 rows"},
		"a picture":     {oneSheet(``, 0).with("xl/media/image1.png", "", "x", 10<<20, ""), "8 MB", "8 MB"},
		"a file beside": {oneSheet(``, 0).with("y", "", strings.Repeat("y", 1000), 900_000, ""), "8 MB", "8 MB"},
	} {
		raw := c.book.bytes(t)
		peak := watchHeap(t)
		_, err := readAll(t.Context(), raw)
		used := peak()
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.TooLarge || !strings.Contains(f.ZH, c.zh) ||
			!strings.Contains(f.EN, c.en) {
			t.Errorf("%s, %d KB: %v", name, len(raw)>>10, err)
		}
		if used > 400 {
			t.Errorf("%s, %d KB: %d MB of memory", name, len(raw)>>10, used)
		}
	}
}

// watchHeap looks at the heap until it is asked by how many MB it had grown at most.
func watchHeap(t *testing.T) (peak func() uint64) {
	t.Helper()
	runtime.GC()
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, stop, most := heap(), make(chan struct{}), make(chan uint64)
	go func() {
		top := before
		for {
			select {
			case <-stop:
				most <- max(top, heap())
				return
			case <-time.After(10 * time.Millisecond):
				top = max(top, heap())
			}
		}
	}()
	return func() uint64 {
		close(stop)
		return (<-most - before) >> 20
	}
}

func readAll(ctx context.Context, raw []byte) (rows int, err error) {
	b, err := Open(bytes.NewReader(raw))
	if err != nil {
		return 0, err
	}
	err = b.Read(ctx, func(*Sheet) (func(*Row) error, error) { return func(*Row) error { rows++; return nil }, nil })
	return rows, err
}

// farAreas are merged areas of two rows, one beside the other, beyond the columns that are read.
func farAreas(n int) string {
	var out strings.Builder
	for i := range n {
		letters := Letters(maxColumns + i)
		fmt.Fprintf(&out, `<mergeCell ref="%s1:%s90000"/>`, letters, letters)
	}
	return out.String()
}

// What is large without holding much is read: rows that are formatted down to the last, a cell far down or far right.
func TestEmptyRowsAndFarCellsAreNothing(t *testing.T) {
	for name, c := range map[string]struct {
		book packed
		rows int
	}{
		"rows without cells": {oneSheet(`<row/>`, 1_000_000), 0},
		"formatted rows":     {oneSheet(`<row><c s="1"/><c s="1"/></row>`, 300_000), 0},
		"one row far down":   {oneSheet(`<row r="1048576"><c r="A1048576"><v>1</v></c></row>`, 1), 1},
		"areas far to the right": {oneSheet(``, 0).with(sheetPart, `<worksheet `+namespace+`><sheetData>`,
			`<row><c><v>1</v></c></row>`, 80_000,
			`</sheetData><mergeCells>`+farAreas(20_000)+`</mergeCells></worksheet>`), 80_000},
		"rows with one cell far to the right": {oneSheet(`<row><c><v>1</v></c><c r="XFD1"><v>1</v></c></row>`, 90_000),
			90_000},
	} {
		raw := c.book.bytes(t)
		peak := watchHeap(t)
		rows, err := readAll(t.Context(), raw)
		if used := peak(); err != nil || rows != c.rows || used > 400 {
			t.Errorf("%s: %d rows, %d MB, %v", name, rows, used, err)
		}
	}
}

// A part that several sheets lead to would be read once for each of them, so that a file of some KB took minutes.
func TestNoPartIsReadTwice(t *testing.T) {
	p := oneSheet(`<row/>`, 100_000)
	part := p["xl/workbook.xml"]
	sheet := `<sheet name="S" sheetId="1" r:id="r1"/>`
	part.head = strings.Replace(part.head, sheet, strings.Repeat(sheet, 250), 1)
	p["xl/workbook.xml"] = part
	_, err := readAll(t.Context(), p.bytes(t))
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid || !strings.Contains(f.ZH, "指向同一份内容") {
		t.Error(err)
	}
}

// Whoever gave up waits for no rows that are left.
func TestReadingEndsWithItsContext(t *testing.T) {
	for name, row := range map[string]string{"rows": `<row><c><v>1</v></c></row>`, "empty rows": `<row/>`} {
		ctx, cancel := context.WithCancel(t.Context())
		b, err := Open(bytes.NewReader(oneSheet(row, 1000).bytes(t)))
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		err = b.Read(ctx, func(*Sheet) (func(*Row) error, error) {
			if name == "empty rows" {
				cancel()
			}
			return func(*Row) error { rows++; cancel(); return nil }, nil
		})
		if cancel(); !errors.Is(err, context.Canceled) || rows > 1 {
			t.Errorf("%s: %d were read, %v", name, rows, err)
		}
	}
}

// A column that is said to be hidden many times is hidden once.
func TestHiddenColumnsAreBounded(t *testing.T) {
	p := oneSheet(``, 0).with(sheetPart, `<worksheet `+namespace+`><cols>`, `<col min="1" max="16384" hidden="1"/>`,
		300_000, `</cols><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>`)
	b, err := Open(bytes.NewReader(p.bytes(t)))
	if err != nil {
		t.Fatal(err)
	}
	peak := watchHeap(t)
	err = b.Read(t.Context(), func(*Sheet) (func(*Row) error, error) {
		return func(*Row) error { return nil }, nil
	})
	if used, n := peak(), len(b.Sheets[0].HiddenColumns); err != nil || n != maxColumns || used > 200 {
		t.Errorf("%d columns, %d MB, %v", n, used, err)
	}
}

// The report has the sheet's name in each row.
func TestASheetsNameIsBounded(t *testing.T) {
	p := oneSheet(`<row><c><v>1</v></c></row>`, 1)
	part := p["xl/workbook.xml"]
	part.head = strings.Replace(part.head, `name="S"`, `name="`+strings.Repeat("长", 1_000_000)+`"`, 1)
	p["xl/workbook.xml"] = part
	b, err := Open(bytes.NewReader(p.bytes(t)))
	if err != nil || len([]rune(b.Sheets[0].Name)) != maxName {
		t.Error(len(b.Sheets[0].Name), err)
	}
}

// A number's format is looked up among all that were shown before: thousands of them cost no more than some hundred.
func TestManyFormatsAreShown(t *testing.T) {
	const n = 30_000
	var rows, codes, styles strings.Builder
	for i := range n {
		fmt.Fprintf(&rows, `<row><c s="%d"><v>7</v></c></row>`, i)
		fmt.Fprintf(&codes, `<numFmt numFmtId="%d" formatCode="0&quot;%d&quot;"/>`, 200+i, i)
		fmt.Fprintf(&styles, `<xf numFmtId="%d"/>`, 200+i)
	}
	p := oneSheet(rows.String(), 1).with("xl/styles.xml", `<styleSheet `+namespace+`><numFmts>`, codes.String(), 1,
		`</numFmts><cellXfs>`+styles.String()+`</cellXfs></styleSheet>`)
	relations := p["xl/_rels/workbook.xml.rels"]
	relations.head += `<Relationship Id="r3" Type="x/styles" Target="styles.xml"/>`
	p["xl/_rels/workbook.xml.rels"] = relations
	seen := ""
	b, err := Open(bytes.NewReader(p.bytes(t)))
	if err == nil {
		err = b.Read(t.Context(), func(*Sheet) (func(*Row) error, error) {
			return func(r *Row) error {
				if s := r.Cell(0).Seen(); r.Number <= 2 {
					seen += s + " "
				}
				return nil
			}, nil
		})
	}
	if err != nil || seen != "70 71 " {
		t.Errorf("%q: %v", seen, err)
	}
}
