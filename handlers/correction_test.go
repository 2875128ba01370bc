package handlers

import (
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/webhook"
)

// A correction over HTTP: the cashier asks, another of finance approves, the household sees what became of the bill and
// not why, and whoever listens hears of it.
func TestACorrectionOverHTTP(t *testing.T) {
	f := serve(t)
	cashier, finance := f.a.staff[access.Cashier], f.a.staff[access.Finance]
	bill := "/v1/bills/" + f.a.bills[1].ID
	was := f.a.bills[1].Amount
	ask := correctionInput{Kind: billing.Reduction, Amount: 300, Reason: "漏水减免"}
	var v, again billRecordView
	f.json("POST", bill+"/corrections", cashier, ask, &v, "Idempotency-Key", "c1")
	if len(v.Requests) != 1 || !v.Requests[0].Mine || v.Requests[0].MayDecide || v.Bill.Owed != was ||
		!v.Bill.Waits {
		t.Fatalf("%+v", v)
	}
	if h := f.json("POST", bill+"/corrections", cashier, ask, &again, "Idempotency-Key",
		"c1"); h.Get("Idempotency-Hit") != "true" || len(again.Requests) != 1 {
		t.Errorf("a repeat was not told: %+v", again)
	}
	asks, withdraw, decide := bill+"/corrections", bill+"/corrections/withdrawal", bill+"/corrections/decision"
	of := func(kind billing.CorrectionKind, fen money.Fen, reason string) correctionInput {
		return correctionInput{Kind: kind, Amount: fen, Reason: reason}
	}
	yes := decisionInput{Request: v.Requests[0].ID, Approve: true}
	for name, c := range map[string]struct {
		path, token string
		body        any
		status      int
		has         string
	}{
		"the cashier decides":  {decide, cashier, yes, 403, "forbidden"},
		"a second request":     {asks, finance, ask, 409, "wrong_state"},
		"no kind":              {asks, cashier, of("gift", 1, "x"), 400, "kind"},
		"no reason":            {asks, cashier, of(billing.Reduction, 1, ""), 400, "reason"},
		"no amount":            {asks, cashier, of(billing.WriteOff, 0, "x"), 400, "amount"},
		"more than is owed":    {asks, cashier, of(billing.Decrease, was+1, "x"), 400, "amount"},
		"somebody withdraws":   {withdraw, finance, withdrawalInput{Request: yes.Request}, 403, "forbidden"},
		"no such bill":         {"/v1/bills/nothing/corrections", cashier, ask, 404, "not_found"},
		"rejected without why": {decide, finance, decisionInput{Request: yes.Request}, 400, "note"},
	} {
		if status, _, body := f.ask("POST", c.path, c.token, c.body); status != c.status ||
			!strings.Contains(body, c.has) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	units := "/v1/units/" + f.a.unit.ID + "/bills"
	for who, told := range map[string]bool{finance: true, f.a.resident: false, f.a.terminal: false} {
		if _, _, body := f.ask("GET", units, who, nil); strings.Contains(body, `"correction_requested":true`) != told {
			t.Errorf("told that a correction waits, which is to be %v: %s", told, body)
		}
	}
	var waiting list[approvalView]
	f.json("GET", "/v1/approvals?kind=correction", finance, nil, &waiting)
	if len(waiting.Items) != 1 || !waiting.Items[0].request().MayDecide || waiting.Items[0].Bill.Label == "" ||
		len(waiting.Items[0].request().Differences) != 2 || waiting.Items[0].request().Reason != "漏水减免" {
		t.Fatalf("%+v", waiting)
	}
	v = billRecordView{}
	f.json("POST", bill+"/corrections/decision", finance, yes, &v)
	if v.Bill.Billed != was-300 || v.Bill.Owed != was-300 || v.Bill.Amount != was || v.Bill.Waits {
		t.Errorf("%+v", v.Bill)
	}
	var bills billsView
	status, _, body := f.ask("GET", "/v1/units/"+f.a.unit.ID+"/bills", f.a.resident, nil)
	f.json("GET", "/v1/units/"+f.a.unit.ID+"/bills", f.a.resident, nil, &bills)
	if status != 200 || strings.Contains(body, "漏水") || !strings.Contains(body, `"kind":"reduction","amount":300`) {
		t.Errorf("a resident is told %d %s", status, body)
	}
	cancel := correctionInput{Kind: billing.Cancellation, Rebill: true, Reason: "重复"}
	f.json("POST", asks, cashier, cancel, &v)
	f.json("POST", withdraw, cashier, withdrawalInput{Request: v.Requests[1].ID}, &v)
	f.json("POST", asks, cashier, cancel, &v)
	f.json("POST", decide, finance, decisionInput{Request: v.Requests[2].ID, Approve: true}, &v)
	if v.Bill.Status != billing.Cancelled || v.Bill.Billed != 0 {
		t.Errorf("%+v", v.Bill)
	}
	f.json("GET", "/v1/units/"+f.a.unit.ID+"/bills?status=cancelled", cashier, nil, &bills)
	if len(bills.Items) != 1 || bills.Items[0].ID != f.a.bills[1].ID {
		t.Errorf("%+v", bills)
	}
	f.json("GET", bill, finance, nil, &v)
	if len(v.Requests) != 3 || v.PublishedAt == nil {
		t.Errorf("%+v", v)
	}
	b, err := f.s.Billing.Bill(t.Context(), f.a.bills[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, e := range b.OwesEvents.Events {
		if e.Type == webhook.BillCorrected {
			told++
		}
	}
	if told != 2 {
		t.Errorf("%d of two corrections are told of: %+v", told, b.OwesEvents)
	}
}
