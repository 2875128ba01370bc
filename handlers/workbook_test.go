package handlers

import (
	"bytes"
	"crypto/rand"
	"io"
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/property"
	"linlipay/workbook"
)

// bring sends a workbook.
func (f *fixture) bring(token, how string, raw []byte) (int, string) {
	f.t.Helper()
	status, _, body := f.ask("POST", "/v1/workbooks"+how, token, string(raw), "Content-Type", takesWorkbook[0])
	return status, body
}

// Operations try a workbook, take it in, and reach their own communities alone.
func TestWorkbooksOverHTTP(t *testing.T) {
	w := newReach(t)
	raw, err := io.ReadAll(threeBills(t, "新小区", "新业主", "13900000009"))
	if err != nil {
		t.Fatal(err)
	}
	operations := w.b.staff[access.Operations]
	imported := func(token, how string) (r billing.ImportReport) {
		t.Helper()
		w.json("POST", "/v1/workbooks"+how, token, string(raw), &r, "Content-Type", takesWorkbook[0])
		return r
	}
	communities := func() int {
		t.Helper()
		communities, err := w.s.Property.Communities(t.Context(), property.Scope{Company: "bbb"})
		if err != nil {
			t.Fatal(err)
		}
		return len(communities)
	}
	before := communities()
	scoped := w.scopedTo("importer", access.Operations, w.b.community)
	if r := imported(scoped, ""); r.Totals[billing.Refused] != 3 || communities() != before {
		t.Errorf("staff of one community: %+v", r.Totals)
	}
	if r := imported(operations, "?trial=1"); !r.Trial || r.Totals[billing.Taken] != 3 || r.Amount != 3000 ||
		communities() != before {
		t.Errorf("a trial: %+v", r)
	}
	if r := imported(operations, "?take=owners,paid"); r.Totals[billing.Taken] != 3 || communities() != before+1 {
		t.Errorf("taken: %+v", r)
	}
	if r := imported(operations, ""); r.Totals[billing.Repeated] != 3 {
		t.Errorf("again: %+v", r)
	}
	for how, want := range map[string]int{"?take=everything": 400, "?trial=yes": 400} {
		if status, body := w.bring(operations, how, raw); status != want {
			t.Errorf("%s: %d %s", how, status, body)
		}
	}
	for name, file := range map[string]string{"空": "", "CSV": "小区,房号\n", ".xls": "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"} {
		if status, body := w.bring(operations, "", []byte(file)); status != 400 || file != "" &&
			!strings.Contains(body, name) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

// The template is a workbook that import reads, with nothing in it.
func TestTheTemplateIsAWorkbook(t *testing.T) {
	f := serve(t)
	status, head, body := f.ask("GET", "/v1/workbooks/template", f.a.staff[access.Operations], nil)
	if status != 200 || head.Get("Content-Type") != takesWorkbook[0] ||
		!strings.Contains(head.Get("Content-Disposition"), "bills.xlsx") {
		t.Fatal(status, head)
	}
	var r billing.ImportReport
	f.json("POST", "/v1/workbooks?trial=1", f.a.staff[access.Operations], body, &r, "Content-Type", takesWorkbook[0])
	if len(r.Rows) != 0 || len(r.Notes) != 2 { // the example and the notes
		t.Errorf("%+v", r)
	}
}

// A body may be large where a workbook is brought by those who may bring one, and nowhere else. A line is who and how
// large, and the status.
func TestLargeBodiesAreForWorkbooksAlone(t *testing.T) {
	f := serve(t)
	rows := [][]any{{"小区", "房号", "费用项目", "账期", "金额", "备注"}}
	for i := range 200 { // texts that do not pack
		rows = append(rows, []any{"甲小区", "9-" + strings.Repeat("1", 1+i%5), "费用", "2026-11", "1.00", noise()})
	}
	var large bytes.Buffer
	if err := workbook.Write(&large, workbook.Table{Rows: rows}); err != nil {
		t.Fatal(err)
	}
	if large.Len() < 2*bodyLimit {
		t.Fatalf("%d bytes are not large", large.Len())
	}
	for _, c := range []struct {
		who, path, token string
		raw              []byte
		want             int
	}{
		{"operations", "/v1/workbooks?trial=1", f.a.staff[access.Operations], large.Bytes(), 200},
		{"operations, too large", "/v1/workbooks?trial=1", f.a.staff[access.Operations], make([]byte, workbookLimit+1),
			413},
		{"operations elsewhere", "/v1/orders", f.a.staff[access.Operations], large.Bytes(), 413},
		{"operations beside it", "/v1/workbooks/", f.a.staff[access.Operations], large.Bytes(), 413},
		{"a cashier", "/v1/workbooks", f.a.staff[access.Cashier], large.Bytes(), 413},
		{"a resident", "/v1/workbooks", f.a.resident, large.Bytes(), 413},
		{"somebody", "/v1/workbooks", "nonsense", large.Bytes(), 413},
		{"nobody", "/v1/workbooks", "", large.Bytes(), 413},
		{"a cashier with a small one", "/v1/workbooks", f.a.staff[access.Cashier], []byte("x"), 403},
		{"nobody with a small one", "/v1/workbooks", "", []byte("x"), 401},
	} {
		status, _, body := f.ask("POST", c.path, c.token, string(c.raw), "Content-Type", takesWorkbook[0])
		if status != c.want {
			t.Errorf("%s: %d, want %d: %.200s", c.who, status, c.want, body)
		}
	}
}

// noise is a text that does not pack.
func noise() string {
	var s strings.Builder
	for range 60 {
		s.WriteString(rand.Text())
	}
	return s.String()
}
