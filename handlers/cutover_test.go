package handlers

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/calendar"
	"linlipay/money"
	"linlipay/workbook"
)

// A community moves in over HTTP: operations enters control totals and asks to lock, another of finance approves; what
// does not agree, is not theirs or has changed is refused; in the end a workbook brings no bill of before any more.
func TestACutOverOverHTTP(t *testing.T) {
	f := serve(t)
	operations, finance, auditor := f.a.staff[access.Operations], f.a.staff[access.Finance], f.a.staff[access.Auditor]
	one := "/v1/communities/" + f.a.community + "/cutover"
	year, month, _ := time.Now().In(calendar.Zone()).Date()
	next := calendar.Month(calendar.Date(year, month+1, 1))
	var v cutOverView
	f.json("GET", one+"?first_period="+next, auditor, nil, &v)
	if v.State != billing.CutOverNone || v.Agrees || len(v.Fees) == 0 || v.Fees[0].Control != nil || v.Request != nil {
		t.Fatalf("before anything is entered: %+v", v)
	}
	var before cutOverView
	f.json("GET", one+"?first_period=2000-01", auditor, nil, &before)
	if len(before.Fees) != 0 {
		t.Errorf("before anybody lived there: %+v", before)
	}
	fee, amount, bills := v.Fees[0].Fee, v.Fees[0].Amount, v.Fees[0].Bills
	enter := func(amount money.Fen, revision int64) totalsInput {
		return totalsInput{FirstPeriod: next, Revision: revision,
			Totals: []controlTotalInput{{Fee: fee, Amount: amount, Bills: bills}}}
	}
	f.json("PUT", one, operations, enter(amount-1, 0), &v)
	if v.State != billing.CutOverOpen || v.Agrees || v.Fees[0].Difference != 1 || *v.Fees[0].Control != amount-1 {
		t.Fatalf("%+v", v)
	}
	wrong := v.Revision
	asks, decide, withdraw := one+"/requests", one+"/decision", one+"/withdrawal"
	refused := func(name, method, path, token string, body any, status int, has string) {
		t.Helper()
		if got, _, said := f.ask(method, path, token, body); got != status || !strings.Contains(said, has) {
			t.Errorf("%s: %d %s, want %d %q", name, got, said, status, has)
		}
	}
	refused("it does not agree", "POST", asks, operations, lockInput{Revision: wrong}, 409, fee)
	refused("an old revision", "PUT", one, operations, enter(amount, wrong-1), 409, "stale")
	refused("no month", "PUT", one, operations, totalsInput{FirstPeriod: "2026-13", Revision: wrong,
		Totals: []controlTotalInput{}}, 400, "first_period")
	refused("no month to look at", "GET", one+"?first_period=x", auditor, nil, 400, "first_period")
	refused("an auditor enters", "PUT", one, auditor, enter(amount, wrong), 403, "forbidden")
	refused("a cashier reads", "GET", one, f.a.staff[access.Cashier], nil, 403, "forbidden")
	f.json("PUT", one, operations, enter(amount, wrong), &v)
	refused("an old revision", "POST", asks, operations, lockInput{Revision: wrong}, 409, "stale")

	f.json("POST", asks, operations, lockInput{Revision: v.Revision, Reason: "已核对"}, &v)
	if v.State != billing.CutOverRequested || !v.Request.Mine || v.Request.MayDecide {
		t.Fatalf("%+v", v)
	}
	refused("entered while it waits", "PUT", one, operations, enter(amount, v.Revision), 409, "wrong_state")
	f.json("POST", withdraw, operations, withdrawalInput{Request: v.Request.ID}, &v)
	f.json("POST", asks, operations, lockInput{Revision: v.Revision}, &v)
	var waiting list[approvalView]
	f.json("GET", "/v1/approvals?kind=cutover", finance, nil, &waiting)
	if len(waiting.Items) != 1 || waiting.Items[0].CutOver.Place == "" || !waiting.Items[0].request().MayDecide {
		t.Fatalf("%+v", waiting)
	}
	f.json("POST", decide, finance, decisionInput{Request: v.Request.ID, Approve: true}, &v)
	if v.State != billing.CutOverLocked || v.LockedAt == nil || v.Owed != amount {
		t.Fatalf("%+v", v)
	}
	var all list[cutOverSummaryView]
	f.json("GET", "/v1/cutovers?state=locked", auditor, nil, &all)
	if len(all.Items) != 1 || all.Items[0].Community != f.a.community {
		t.Errorf("%+v", all)
	}

	var late bytes.Buffer
	if err := workbook.Write(&late, workbook.Table{Rows: [][]any{{"小区", "房号", "业主", "费用项目", "账期", "金额"},
		{v.Place, "999", "张三", "物业费", "2026-01", "10.00"}}}); err != nil {
		t.Fatal(err)
	}
	var report billing.ImportReport
	f.json("POST", "/v1/imports", operations, late.String(), &report, "Content-Type", takesWorkbook[0])
	if len(report.Rows) != 1 || !strings.Contains(report.Rows[0].ZH, "期初余额已锁定") {
		t.Errorf("a bill of before: %s", &report)
	}
	f.json("POST", asks, operations, lockInput{Revision: v.Revision, Reason: "漏了一户"}, &v)
	if v.State != billing.CutOverLocked || !v.Waits {
		t.Errorf("%+v", v)
	}
	var opened cutOverView
	f.json("POST", decide, finance, decisionInput{Request: v.Request.ID, Approve: true}, &opened)
	if opened.State != billing.CutOverOpen || opened.LockedAt != nil {
		t.Errorf("%+v", opened)
	}
}
