package handlers

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/payment/gateway"
	"linlipay/workbook"
)

// flats makes n flats of one owner and phone, with a bill each.
func flats(t testing.TB, community, phone string, n int) io.Reader {
	t.Helper()
	rows := [][]any{{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额"}}
	for i := range n {
		rows = append(rows, []any{community, "9栋", "", fmt.Sprint(900 + i), "房东", phone, "物业费", "2026-11", "10.00"})
	}
	return written(t, rows)
}

// manyBills gives the fixture's unit n more bills.
func manyBills(t testing.TB, community, owner, phone string, n int) io.Reader {
	t.Helper()
	rows := [][]any{{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额"}}
	for i := range n {
		rows = append(rows, []any{community, "1栋", "1单元", "101", owner, phone, fmt.Sprintf("费用%d", i), "2026-01",
			"10.00"})
	}
	return written(t, rows)
}

func written(t testing.TB, rows [][]any) io.Reader {
	t.Helper()
	var out bytes.Buffer
	if err := workbook.Write(&out, workbook.Table{Rows: rows}); err != nil {
		t.Fatal(err)
	}
	return &out
}

// walk reads a list to its end and returns what its lines are known by, and how long its longest page was.
func (f *fixture) walk(path, token, known string) (all map[string]bool, longest int) {
	f.t.Helper()
	all = map[string]bool{}
	join := "?"
	if strings.Contains(path, "?") {
		join = "&"
	}
	for cursor := ""; ; {
		var page struct {
			Items []map[string]any `json:"items"`
			Next  string           `json:"next"`
		}
		f.json("GET", path+join+"cursor="+cursor, token, nil, &page)
		longest = max(longest, len(page.Items))
		for _, line := range page.Items {
			id := fmt.Sprint(line[known])
			if all[id] {
				f.t.Errorf("%s: %s stands twice", path, id)
			}
			all[id] = true
		}
		if page.Next == "" {
			return all, longest
		}
		cursor = page.Next
	}
}

// Every list that can be longer than a page comes in pages, and the pages together are the whole.
func TestListsComeInPages(t *testing.T) {
	f := serve(t)
	c, ctx := f.a, t.Context()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.s.Billing.Import(ctx, of(c.id), flats(t, "甲小区", "13800000001", 55)))
	must(f.s.Billing.Import(ctx, of(c.id), manyBills(t, "甲小区", "业主aaa", "13800000001", 501)))
	for i := range 60 {
		must(f.s.Billing.Import(ctx, of(c.id), flats(t, fmt.Sprintf("小区%d", i), "13700000000", 1)))
		company := fmt.Sprintf("ccc%d", i)
		must(nil, f.s.Property.AddCompany(ctx, company, "物业"+company))
		must(f.s.Billing.Import(ctx, of(company), flats(t, "同名花园", "13700000000", 1)))
		must(nil, f.s.Access.AddStaff(ctx, access.Staff{Login: fmt.Sprint("s", i), Name: "员工", Company: c.id,
			Roles: []access.Role{access.Cashier}}, "password-aaa"))
		code, _, err := f.s.Terminals.NewPairing(ctx, c.id, c.community, fmt.Sprint("终端", i%7), "test")
		must(nil, err)
		must(f.s.Terminals.Pair(ctx, code, make([]byte, 32)))
		must(nil, f.s.Accounts.Add(ctx, gateway.Account{ID: fmt.Sprint("acc", i), Company: c.id,
			Institution: gateway.WeChat}, time.Now()))
	}
	for _, list := range []struct {
		path, token, known string
		want               int
	}{
		{"/v1/actors", c.staff[access.Cashier], "actor", 64 + 61},
		{"/v1/terminals", c.staff[access.Operations], "id", 61},
		{"/v1/merchant-accounts", c.staff[access.Operations], "id", 62},
		{"/v1/communities", c.staff[access.Cashier], "id", 61},
		{"/v1/communities?name=同名花园", c.resident, "id", 60},
		{"/v1/units?q=9", c.staff[access.Cashier], "id", 55 + 60},
		{"/v1/units?q=9&community=" + c.community, c.terminal, "id", 55},
		{"/v1/units", c.staff[access.Cashier], "id", 1 + 55 + 60},
		{"/v1/units", c.resident, "id", 56},
		{"/v1/units/" + c.unit.ID + "/bills", c.resident, "id", 504},
		{"/v1/units/" + c.unit.ID + "/bills?status=all", c.terminal, "id", 504},
	} {
		got, longest := f.walk(list.path, list.token, list.known)
		if len(got) != list.want || longest > 50 {
			t.Errorf("%s: %d lines, want %d, in pages of at most %d", list.path, len(got), list.want, longest)
		}
	}
	for _, path := range []string{"/v1/units?q=9&cursor=nothing.ours", "/v1/units?q=9&cursor=x", "/v1/actors?cursor=x",
		"/v1/terminals?cursor=x"} {
		if status, _, body := f.ask("GET", path, c.staff[access.Cashier], nil); status != 400 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// Whether a flat is a resident's never depends on how many they have.
func TestTheLastFlatIsOwnedToo(t *testing.T) {
	f := serve(t)
	if _, err := f.s.Billing.Import(t.Context(), of(f.a.id), flats(t, "甲小区", "13800000001", 120)); err != nil {
		t.Fatal(err)
	}
	mine, _ := f.walk("/v1/units", f.a.resident, "id")
	if len(mine) != 121 {
		t.Errorf("%d flats of 121", len(mine))
	}
	all, _, err := f.s.Property.FindUnits(t.Context(), []string{f.a.community}, "", "", 200)
	if err != nil || len(all) != 121 {
		t.Fatal(len(all), err)
	}
	for _, u := range all {
		if status, _, body := f.ask("GET", "/v1/units/"+u.ID+"/bills", f.a.resident, nil); status != 200 {
			t.Errorf("%s: %d %s", u.Label, status, body)
		}
		if status, _, _ := f.ask("GET", "/v1/units/"+u.ID+"/bills", f.b.resident, nil); status != 404 {
			t.Errorf("%s is shown to a stranger: %d", u.Label, status)
		}
	}
}

// An order takes so many bills and says so; paying it in parts leaves nothing out.
func TestMoreBillsThanAnOrderTakes(t *testing.T) {
	f := serve(t)
	if _, err := f.s.Billing.Import(t.Context(), of(f.a.id),
		manyBills(t, "甲小区", "业主aaa", "13800000001", 501)); err != nil {
		t.Fatal(err)
	}
	var page billsView
	f.json("GET", "/v1/units/"+f.a.unit.ID+"/bills?limit=200", f.a.resident, nil, &page)
	if page.AtMost != billing.OrderBills || page.Next == "" || len(page.Items) != 200 {
		t.Fatalf("at most %d, next %q, %d bills", page.AtMost, page.Next, len(page.Items))
	}
	owed, err := f.s.Billing.Bills(t.Context(), f.a.unit.ID, billing.Unpaid)
	if err != nil || len(owed) != 504 {
		t.Fatalf("%d bills are owed, want 504: %v", len(owed), err)
	}
	var free []string // one is in the fixture's open order
	for _, b := range owed {
		if b.ID != f.a.bills[0].ID {
			free = append(free, b.ID)
		}
	}
	status, _, body := f.ask("POST", "/v1/orders", f.a.staff[access.Cashier],
		orderInput{Unit: f.a.unit.ID, Bills: free[:201]})
	if status != 400 || !strings.Contains(body, `"field":"bills"`) ||
		!strings.Contains(body, strconv.Itoa(billing.OrderBills)) {
		t.Errorf("201 bills: %d %s", status, body)
	}
	var o orderView
	f.json("POST", "/v1/orders", f.a.staff[access.Cashier], orderInput{Unit: f.a.unit.ID, Bills: free[:200]}, &o)
	if len(o.Items) != 200 {
		t.Errorf("%d items", len(o.Items))
	}
}
