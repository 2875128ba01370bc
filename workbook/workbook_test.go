package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/workbook/workbooktest"
)

// read reads the first sheet of a workbook.
func read(t testing.TB, raw []byte) [][]Cell {
	t.Helper()
	b, err := Open(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]Cell
	err = b.Read(t.Context(), func(s *Sheet) (func(*Row) error, error) {
		if s != b.Sheets[0] {
			return nil, nil
		}
		return func(r *Row) error { rows = append(rows, slices.Clone(r.Cells)); return nil }, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// A line is a cell as a program writes it: what it is, its value, and what the person sees. How cells are written here
// stands at workbooktest's cell.
func TestCells(t *testing.T) {
	for _, c := range []struct {
		cell string
		kind Kind
		want string
		seen string
	}{
		{"文字", Text, "文字", "文字"},
		{"i:  inline ", Text, "  inline ", "  inline "},
		{"r:王小明", Text, "王小明", "王小明"},
		{"s:公式的文字", Text, "公式的文字", "公式的文字"},
		{"t:_x000D_x", Text, "\rx", "\rx"},
		{"n:101", Number, "101", "101"},
		{"n:101.0", Number, "101", "101"},
		{"n:1.01E2", Number, "101", "101"},
		{"n:1.38E10", Number, "13800000000", "13800000000"},
		{"n:1.38e+10", Number, "13800000000", "13800000000"},
		{"n:.5", Number, "0.5", "0.5"},
		{"n:5.", Number, "5", "5"},
		{"n:-0.0", Number, "0", "0"},
		{"n:00101", Number, "101", "101"},
		{"n:0.30000000000000004", Number, "0.3", "0.3"},
		{"n:4.0999999999999996", Number, "4.1", "4.1"},
		{"n:9.9999999999999999", Number, "10", "10"},
		{"n:6222020200000000006", Number, "6222020200000000006", "6.2220202E+18"},
		{"n:NaN", Text, "NaN", "NaN"},
		{"n:1e9999", Text, "1e9999", "1e9999"},
		{"fn:123.10000000000001", Number, "123.1", "123.1"},
		{"y:1234.5", Number, "1234.5", "¥1,234.50"},
		{"k:1234.5", Number, "1234.5", "1,235"},
		{"two:98.285", Number, "98.285", "98.29"},
		{"z:101", Number, "101", "0101"},
		{"dong:3", Number, "3", "3栋"},
		{"p:0.5", Number, "0.5", "50%"},
		{"text:202611", Number, "202611", "202611"},
		{"d:46356", Date, "46356", "2026-11-30"},
		{"dt:46356.5", Date, "46356.5", "2026/11/30 12:00"},
		{"cn:46356", Date, "46356", "2026年11月30日"},
		{"md:46024", Date, "46024", "1月2日"},
		{"my:46327", Date, "46327", "Nov-26"},
		{"h:1.5", Date, "1.5", "36:00"},
		{"acc:1234.5", Number, "1234.5", "1,234.50"},
		{"iso:2026-11-30T00:00:00", Date, "2026-11-30T00:00:00", "2026-11-30T00:00:00"},
		{"b:1", Boolean, "TRUE", "TRUE"},
		{"b:0", Boolean, "FALSE", "FALSE"},
		{"e:#N/A", Failure, "#N/A", "#N/A"},
		{"f:B2*C2", Uncounted, "B2*C2", "=B2*C2"},
		{`x:<c t="str"><f>IF(1,"","x")</f><v></v></c>`, Empty, "", ""},
		{`x:<c s="1"/>`, Empty, "", ""},
		{`x:<c t="s"><v></v></c>`, Empty, "", ""},
		{`x:<c><f>B2*C2</f><v></v></c>`, Uncounted, "B2*C2", "=B2*C2"}, // as openpyxl writes it
		{`x:<c t="n"><f>B2*C2</f><v/></c>`, Uncounted, "B2*C2", "=B2*C2"},
		{`x:<c t="inlineStr"><is><r><t>王</t></r><r><t>明</t></r></is></c>`, Text, "王明", "王明"},
		{`x:<c><is><t>没有类型</t></is></c>`, Text, "没有类型", "没有类型"},
	} {
		rows := read(t,
			workbooktest.Write(t, workbooktest.Options{}, workbooktest.Sheet{Rows: [][]string{{c.cell, "end"}}}))
		got := rows[0][0]
		if got.Kind != c.kind || got.Value != c.want || got.Seen() != c.seen {
			t.Errorf("%s: kind %d, %q, seen %q; want %d, %q, %q", c.cell, got.Kind, got.Value, got.Seen(), c.kind,
				c.want, c.seen)
		}
	}
}

// Days are those of the workbook's own calendar. A line is a cell, and its day where the count begins in 1900 and in
// 1904.
func TestDays(t *testing.T) {
	for _, c := range []struct{ cell, since1900, since1904 string }{
		{"d:46356", "2026-11-30", "2030-12-01"}, {"n:46356", "2026-11-30", "2030-12-01"},
		{"dt:46356.5", "2026-11-30", "2030-12-01"},
		{"d:46355.999999999", "2026-11-30", "2030-12-01"}, {"d:46355.99999", "2026-11-29", "2030-11-30"},
		{"d:44894", "2022-11-29", "2026-11-30"},
		{"iso:2026-11-30", "2026-11-30", "2026-11-30"}, {"iso:2026-11-30T23:59:59", "2026-11-30", "2026-11-30"},
		{"h:0.5", "", "1904-01-01"}, {"文字", "", ""}, {"n:99999999", "", ""},
	} {
		for since1904, want := range map[bool]string{false: c.since1900, true: c.since1904} {
			raw := workbooktest.Write(t, workbooktest.Options{Since1904: since1904},
				workbooktest.Sheet{Rows: [][]string{{c.cell}}})
			day, ok := read(t, raw)[0][0].Day()
			if got := day.Format(time.DateOnly); ok != (want != "") || ok && got != want {
				t.Errorf("%s, since 1904: %v: %s, %v; want %s", c.cell, since1904, got, ok, want)
			}
		}
	}
}

// However a program writes a workbook, it is the same workbook.
func TestProgramsWriteTheSameInOtherWays(t *testing.T) {
	rows := [][]string{{"房号", "金额"}, {"n:101", "n:10.5"}, {"", "i:x"}, {"d:46356", "b:1"}}
	want := fmt.Sprint(seen(read(t, workbooktest.Write(t, workbooktest.Options{}, workbooktest.Sheet{Rows: rows}))))
	if !strings.Contains(want, "101") || !strings.Contains(want, "2026-11-30") {
		t.Fatal(want)
	}
	for _, o := range []workbooktest.Options{{Strict: true}, {Prefix: "x:"}, {Absolute: true},
		{Strict: true, Prefix: "ss:", Absolute: true}} {
		if got := fmt.Sprint(seen(read(t, workbooktest.Write(t, o, workbooktest.Sheet{Rows: rows})))); got != want {
			t.Errorf("%+v: %s, want %s", o, got, want)
		}
	}
	bare := read(t, workbooktest.Write(t, workbooktest.Options{NoAddress: true}, workbooktest.Sheet{Rows: rows[:2]}))
	if got := fmt.Sprint(seen(bare)); !strings.HasPrefix(want, strings.TrimSuffix(got, "]")) {
		t.Errorf("without addresses: %s, want %s", got, want)
	}
}

func seen(rows [][]Cell) (list [][]string) {
	for _, row := range rows {
		var texts []string
		for _, c := range row {
			texts = append(texts, c.Seen())
		}
		list = append(list, texts)
	}
	return list
}

// Rows of a merged area have its value; rows and columns that are hidden, and what stands too far right, are told.
func TestMergedAndHidden(t *testing.T) {
	raw := workbooktest.Write(t, workbooktest.Options{}, workbooktest.Sheet{
		Rows:   [][]string{{"小区", "n:1"}, {"", "n:2"}, {"", "n:3"}, {"", ""}, {"", "n:5"}, {"别处", "n:6"}},
		Merged: []string{"A1:A5", "C1:D1"}, HiddenRows: []int{2}, HiddenColumns: []int{2},
	})
	b, err := Open(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	err = b.Read(t.Context(), func(*Sheet) (func(*Row) error, error) {
		return func(r *Row) error {
			got = append(got, fmt.Sprint(r.Number, r.Hidden, r.Cell(0).Value, r.Cell(0).FromRow, r.Cell(0).ToRow,
				r.Cell(1).Value))
			return nil
		}, nil
	})
	want := "[1 false小区1 51 2 true小区1 52 3 false小区1 53 5 false小区1 55 6 false别处0 06]"
	if err != nil || fmt.Sprint(got) != want {
		t.Errorf("%v, want %s; %v", got, want, err)
	}
	if s := b.Sheets[0]; fmt.Sprint(s.HiddenColumns) != "[1]" || s.Beyond {
		t.Errorf("%+v", s)
	}
}

// A file that is no workbook is told by what it is. A line is a kind of file.
func TestOtherFiles(t *testing.T) {
	old := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)
	good := workbooktest.Write(t, workbooktest.Options{}, workbooktest.Sheet{Rows: [][]string{{"x"}}})
	for name, c := range map[string]struct{ file, zh string }{
		"nothing":                  {"", "空"},
		"an .xls":                  {old, ".xls"},
		"one with a lock":          {old + string(wide("EncryptedPackage")), "密码"},
		"CSV":                      {"小区,房号,金额\n阳光里,101,10", "CSV"},
		"CSV in GBK":               {"\xd0\xa1\xc7\xf8,\xb7\xbf\xba\xc5\n", "CSV"},
		"tabs":                     {"\xff\xfea\tb\n", "CSV"},
		"CSV in UTF-16":            {"\xff\xfe" + string(wide("a,小区,b\n")), "CSV"},
		"UTF-16 unmarked":          {string(wide("id\tname\n")), "CSV"},
		"UTF-16, big end":          {"\xfe\xff\x00a\x00,\x00b\x00\n", "CSV"},
		"a page in UTF-16":         {"\xff\xfe" + string(wide("\r\n<html>小区")), "网页"},
		"a page in GBK":            {"\r\n <table><tr><td>\xd0\xa1\xc7\xf8</td></tr></table>", "网页"},
		"a saved page":             {"MIME-Version: 1.0\r\nContent-Type: multipart/related; x", "网页"},
		"a PDF":                    {"%PDF-1.7\n", "PDF"},
		"a .rar":                   {"Rar!\x1a\x07\x00", "解压"},
		"a workbook in an archive": {string(workbooktest.Pack(t, [2]string{"台账/11月.xlsx", "x"})), "解压"},
		"a web page":               {"<html><table><tr><td>小区</td></tr></table></html>", "网页"},
		"XML of 2003":              {"\ufeff<?xml version=\"1.0\"?><Workbook/>", "网页"},
		"a cut download":           {string(good[:len(good)/2]), "不完整"},
		"an .ods": {string(workbooktest.Pack(t, [2]string{"mimetype", "x"}, [2]string{"content.xml", "<x/>"})),
			".ods"},
		"an .xlsb":         {string(workbooktest.Pack(t, [2]string{"xl/workbook.bin", "x"})), ".xlsb"},
		"a letter":         {string(workbooktest.Pack(t, [2]string{"word/document.xml", "<x/>"})), "Word"},
		"an archive":       {string(workbooktest.Pack(t, [2]string{"a.txt", "x"})), ".xlsx"},
		"a picture":        {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "图片"},
		"damaged workbook": {string(workbooktest.Pack(t, [2]string{"xl/workbook.xml", "<workbook><sheets"})), "损坏"},
	} {
		_, err := Open(strings.NewReader(c.file))
		var f *fault.Error
		if !errors.As(err, &f) || f.Code != fault.Invalid || !strings.Contains(f.ZH, c.zh) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A sheet that breaks off between two rows is not taken for a shorter one.
func TestASheetThatBreaksOff(t *testing.T) {
	for end, whole := range map[string]bool{"</sheetData></worksheet>": true, "</sheetData>": true, "": false,
		"<row r=\"2\">": false} {
		raw := workbooktest.Pack(t,
			[2]string{"xl/workbook.xml", `<workbook><sheets><sheet name="x" r:id="a"/></sheets></workbook>`},
			[2]string{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="a" Type="worksheet" ` +
				`Target="sheet.xml"/></Relationships>`},
			[2]string{"xl/sheet.xml", `<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>` + end})
		b, err := Open(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		err = b.Read(t.Context(), func(*Sheet) (func(*Row) error, error) {
			return func(*Row) error { rows++; return nil }, nil
		})
		if rows != 1 || (err == nil) != whole {
			t.Errorf("%q: %d rows, %v", end, rows, err)
		}
	}
}

// A text that the table of texts lacks is lost, and the workbook is damaged: it is not taken for an empty cell.
func TestALostText(t *testing.T) {
	for _, place := range []string{"99", "-1", "1.5", "x"} {
		b, err := Open(bytes.NewReader(workbooktest.Write(t, workbooktest.Options{},
			workbooktest.Sheet{Rows: [][]string{{"房号", `x:<c t="s"><v>` + place + `</v></c>`}}})))
		if err != nil {
			t.Fatal(err)
		}
		err = b.Read(t.Context(), func(*Sheet) (func(*Row) error, error) {
			return func(*Row) error { return nil }, nil
		})
		var f *fault.Error
		if !errors.As(err, &f) || !strings.Contains(f.ZH, "损坏") {
			t.Errorf("%s: %v", place, err)
		}
	}
}

// What is written is read again, as text where it is text.
func TestWrittenIsRead(t *testing.T) {
	var out bytes.Buffer
	err := Write(&out, Table{
		Name: "账单", Rows: [][]any{{"房号", "金额"}, {"1-2", "10.50"}, {"0101", 7}}, Head: 1,
		Columns: []Column{{Text: true, Hint: "如 1-2"}, {Wide: true, Choices: []string{"未缴", "已缴"}}},
	}, Table{Rows: [][]any{{"说明"}}})
	if err != nil {
		t.Fatal(err)
	}
	rows := read(t, out.Bytes())
	if got := fmt.Sprint(seen(rows)); got != "[[房号 金额] [1-2 10.50] [0101 7]]" || rows[1][0].Kind != Text ||
		rows[2][1].Kind != Number {
		t.Errorf("%s, %+v", got, rows)
	}
}
