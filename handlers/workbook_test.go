package handlers

import (
	"bytes"
	"crypto/rand"
	"io"
	"slices"
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
	status, _, body := f.ask("POST", "/v1/imports"+how, token, string(raw), "Content-Type", takesWorkbook[0])
	return status, body
}

// A program takes in what is new. What waits for a person's word it cannot take, nor is it told whose a home is.
func TestAProgramTakesNoPersonsWord(t *testing.T) {
	f := serve(t)
	_, key := f.apiClient(f.a)
	raw, err := io.ReadAll(threeBills(t, "甲小区", "别人", "13900000009"))
	if err != nil {
		t.Fatal(err)
	}
	for how, want := range map[string]int{"": 200, "?dry_run=1": 200, "?overwrite=owners": 403, "?overwrite=paid": 403,
		"?dry_run=1&overwrite=owners,paid": 403} {
		status, body := f.bring(key, how, raw)
		if status != want {
			t.Errorf("%s: %d %s", how, status, body)
		}
		if strings.Contains(body, f.a.unit.Owner) || strings.Contains(body, f.a.unit.Phone[7:]) {
			t.Errorf("%s tells whose the home is: %s", how, body)
		}
	}
	if u, err := f.s.Property.Unit(t.Context(), f.a.unit.ID); err != nil || u.Owner != f.a.unit.Owner {
		t.Errorf("the owner is %+v, %v", u, err)
	}
	status, body := f.bring(f.a.staff[access.Operations], "?dry_run=1", raw)
	if !strings.Contains(body, f.a.unit.Owner) {
		t.Errorf("a person is not told: %d %s", status, body)
	}
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
		w.json("POST", "/v1/imports"+how, token, string(raw), &r, "Content-Type", takesWorkbook[0])
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
	if r := imported(operations, "?dry_run=1"); !r.Trial || r.Totals[billing.Taken] != 3 || r.Amount != 3000 ||
		communities() != before {
		t.Errorf("a trial: %+v", r)
	}
	if r := imported(operations, "?overwrite=owners,paid"); r.Totals[billing.Taken] != 3 || communities() != before+1 {
		t.Errorf("taken: %+v", r)
	}
	if r := imported(operations, ""); r.Totals[billing.Repeated] != 3 {
		t.Errorf("again: %+v", r)
	}
	for how, want := range map[string]int{"?overwrite=everything": 400, "?dry_run=yes": 400} {
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
	status, head, body := f.ask("GET", "/v1/imports/template", f.a.staff[access.Operations], nil)
	if status != 200 || head.Get("Content-Type") != takesWorkbook[0] ||
		!strings.Contains(head.Get("Content-Disposition"), "bills.xlsx") {
		t.Fatal(status, head)
	}
	var r billing.ImportReport
	f.json("POST", "/v1/imports?dry_run=1", f.a.staff[access.Operations], body, &r, "Content-Type", takesWorkbook[0])
	if len(r.Rows) != 0 || len(r.Notes) != 3 { // the examples and the notes
		t.Errorf("%+v", r)
	}
}

// A report becomes a workbook with sheet, row, column and value as the person sees it, in the reader's language. A line
// is what is sent, the status, and what its cells hold.
func TestAReportBecomesAWorkbook(t *testing.T) {
	f := serve(t)
	row := billing.RowReport{Sheet: "账单", Row: 4, Outcome: billing.Refused, Column: "L", Heading: "已收",
		Value: "=1+1", ZH: "已收部分", EN: "paid in part"}
	mine := billing.ImportReport{Rows: []*billing.RowReport{&row}, Notes: []billing.NoteReport{},
		Totals: map[billing.Outcome]int{}}
	for _, c := range []struct {
		name, token, tongue string
		body                any
		want                int
		holds               []string
	}{
		{"in Chinese", f.a.staff[access.Operations], "zh-CN", mine, 200,
			[]string{"拒绝", "账单", "4", "L", "已收", "=1+1", "已收部分"}},
		{"in English", f.a.staff[access.Operations], "en", mine, 200,
			[]string{"refused", "账单", "4", "L", "已收", "=1+1", "paid in part"}},
		{"a cashier's", f.a.staff[access.Cashier], "zh-CN", mine, 403, nil},
		{"no report", f.a.staff[access.Operations], "zh-CN", map[string]any{"rows": "all"}, 400, nil},
		{"no row", f.a.staff[access.Operations], "zh-CN", map[string]any{"rows": []any{nil}}, 400, nil},
		{"another outcome", f.a.staff[access.Operations], "zh-CN",
			billing.ImportReport{Rows: []*billing.RowReport{{Outcome: "lost"}}}, 400, nil},
		{"too many rows", f.a.staff[access.Operations], "zh-CN",
			`{"rows":[` + strings.Repeat("{},", reportRows) + `{}]}`, 413, nil},
	} {
		status, head, body := f.ask("POST", "/v1/imports/report", c.token, c.body, "Accept-Language", c.tongue)
		if status != c.want {
			t.Errorf("%s: %d, want %d: %.200s", c.name, status, c.want, body)
		}
		if c.holds == nil || status != c.want {
			continue
		}
		if kind := head.Get("Content-Type"); kind != takesWorkbook[0] {
			t.Errorf("%s: %s", c.name, kind)
		}
		if got := rowsOf(t, body)[1]; !slices.Equal(got[:len(c.holds)], c.holds) {
			t.Errorf("%s: %q, want %q", c.name, got, c.holds)
		}
	}
}

// rowsOf are the texts of a workbook's second sheet.
func rowsOf(t *testing.T, raw string) (texts [][]string) {
	t.Helper()
	book, err := workbook.Open(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var sheets int
	read := book.Read(t.Context(), func(*workbook.Sheet) (func(*workbook.Row) error, error) {
		sheets++
		second := sheets == 2
		return func(r *workbook.Row) error {
			if second {
				var row []string
				for i := range 7 {
					row = append(row, r.Cell(i).Seen())
				}
				texts = append(texts, row)
			}
			return nil
		}, nil
	})
	if read != nil || len(texts) < 2 {
		t.Fatal(read, texts)
	}
	return texts
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
		{"operations", "/v1/imports?dry_run=1", f.a.staff[access.Operations], large.Bytes(), 200},
		{"operations, too large", "/v1/imports?dry_run=1", f.a.staff[access.Operations], make([]byte, workbookLimit+1),
			413},
		{"operations elsewhere", "/v1/orders", f.a.staff[access.Operations], large.Bytes(), 413},
		{"operations beside it", "/v1/imports/", f.a.staff[access.Operations], large.Bytes(), 413},
		{"a cashier", "/v1/imports", f.a.staff[access.Cashier], large.Bytes(), 413},
		{"a resident", "/v1/imports", f.a.resident, large.Bytes(), 413},
		{"somebody", "/v1/imports", "nonsense", large.Bytes(), 413},
		{"nobody", "/v1/imports", "", large.Bytes(), 413},
		{"a cashier with a small one", "/v1/imports", f.a.staff[access.Cashier], []byte("x"), 403},
		{"nobody with a small one", "/v1/imports", "", []byte("x"), 401},
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

// A workbook brings a new community of a branch: it is asked for in the name of whoever brings it, its rows wait until
// another person has approved, and then its bills are the branch's.
func TestAWorkbookPlacesACommunity(t *testing.T) {
	w := newReach(t)
	operations := w.b.staff[access.Operations]
	o, err := w.s.Access.AskEntity(t.Context(), access.Shell("bbb"), access.LegalEntity{Name: "乙物业上海分公司",
		Kind: access.Branch, TaxNumber: "91110000802100433B"}, access.Asked{})
	if err != nil {
		t.Fatal(err)
	}
	branch := o.Entities[len(o.Entities)-1]
	var file bytes.Buffer
	if err := workbook.Write(&file, workbook.Table{Rows: [][]any{
		{"小区", "公司主体", "房号", "费用项目", "账期", "金额"}, {"新里", branch.Name, "1", "物业费", "2026-11", "10"},
		{"新里", "", "2", "物业费", "2026-11", "10"},
	}}); err != nil {
		t.Fatal(err)
	}
	imported := func(want billing.Outcome) {
		t.Helper()
		var r billing.ImportReport
		w.json("POST", "/v1/imports", operations, file.String(), &r, "Content-Type", takesWorkbook[0])
		if r.Totals[want] != 2 && want != billing.Refused || r.Totals[want] == 0 {
			t.Errorf("not %s: %s", want, &r)
		}
	}
	imported(billing.Pending)
	var seen organisationView
	w.json("GET", "/v1/organisation", operations, nil, &seen)
	w.json("POST", "/v1/organisation/decision", w.b.staff[access.Finance],
		organisationDecision{Request: seen.Requests[0].Request.ID, Approve: true}, &seen)
	imported(billing.Taken)
	id := property.CommunityID("bbb", "新里")
	units, _, err := w.s.Property.FindUnits(t.Context(), []string{id}, "1", "", 0)
	if err != nil || len(units) != 1 {
		t.Fatal(units, err)
	}
	bills, err := w.s.Billing.Bills(t.Context(), units[0].ID, billing.Unpaid)
	if err != nil || len(bills) != 1 || bills[0].EntityID() != branch.ID {
		t.Errorf("%+v, %v", bills, err)
	}
}
