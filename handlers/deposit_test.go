package handlers

import (
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/billing"
)

// A deposit is taken at the counter; some of it stays with the company, and some becomes a prepayment, once another
// person approved. The household sees it all, and who decided nothing of it.
func TestADepositOverHTTP(t *testing.T) {
	f := serve(t)
	cashier, finance, resident := f.a.staff[access.Cashier], f.a.staff[access.Finance], f.a.resident
	ask := orderInput{Unit: f.a.unit.ID, Prepay: 3000, Deposit: "装修押金"}
	var o orderView
	f.json("POST", "/v1/orders", cashier, ask, &o, "Idempotency-Key", "deposit")
	if len(o.Items) != 1 || o.Items[0].Title != "装修押金" || !o.Items[0].PaysAhead || o.Amount != 3000 {
		t.Errorf("%+v", o)
	}
	f.inCash(cashier, o.ID, 3000, "notes")
	var of, ahead list[prepaymentView]
	f.json("GET", "/v1/units/"+f.a.unit.ID+"/deposits", resident, nil, &of)
	f.json("GET", "/v1/units/"+f.a.unit.ID+"/prepayments", resident, nil, &ahead)
	if len(of.Items) != 1 || len(ahead.Items) != 0 || of.Items[0].Deposit != "装修押金" || of.Items[0].Available != 3000 {
		t.Fatalf("%+v %+v", of, ahead)
	}
	one := "/v1/prepayments/" + of.Items[0].ID
	deduct := payoutInput{Amount: 800, Method: billing.Deduction, Fee: "装修损坏赔偿", Consent: "确认单 8", Reason: "墙面破损"}
	unsaid, unasked, nameless, spare := deduct, deduct, ask, ask
	unsaid.Fee, unasked.Consent, nameless.Deposit, spare.Prepay = "", " ", "预存款", 0
	prepaid := "/v1/prepayments/" + f.topUp(f.a, 100) + "/payouts"
	for name, c := range map[string]struct {
		path, token string
		in          any
		status      int
		says        string
	}{
		"deducted for nothing":      {one + "/payouts", cashier, unsaid, 400, `"fee"`},
		"deducted without consent":  {one + "/payouts", cashier, unasked, 400, `"consent"`},
		"deducted of a prepayment":  {prepaid, cashier, deduct, 400, `"method"`},
		"it pays a bill":            {one + "/draws", cashier, drawInput{Bill: f.a.bills[0].ID}, 409, "转为预存款"},
		"named like a prepayment":   {"/v1/orders", cashier, nameless, 400, `"deposit"`},
		"of nothing":                {"/v1/orders", cashier, spare, 400, `"prepay"`},
		"taken by the household":    {"/v1/orders", resident, ask, 403, "服务台"},
		"deducted by the household": {one + "/payouts", resident, deduct, 403, ""},
	} {
		status, _, body := f.ask("POST", c.path, c.token, c.in)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, _, body := f.ask("PUT", one+"/fees", finance, prepaymentFeesInput{Fees: []string{"水费"}}); status != 409 {
		t.Errorf("a deposit was limited: %d %s", status, body)
	}
	var v prepaymentRecordView
	f.json("POST", one+"/payouts", cashier, deduct, &v)
	if o := v.Payouts[0]; o.Deposit != "装修押金" || o.Fee != "装修损坏赔偿" || o.Consent != "确认单 8" || o.Payee != "" {
		t.Errorf("%+v", o)
	}
	f.json("POST", one+"/payouts/decision", finance, decisionInput{Request: v.Payouts[0].ID, Approve: true}, &v)
	if o := v.Payouts[0]; o.Status != billing.PayoutPaid || o.PaidAt == nil || v.Prepayment.Available != 2200 ||
		v.Moves[0].Kind != billing.AheadDeducted {
		t.Errorf("%+v", v)
	}
	var toPay list[payoutView]
	if f.json("GET", "/v1/payouts", finance, nil, &toPay); len(toPay.Items) != 0 {
		t.Errorf("a deduction is to be paid: %+v", toPay)
	}
	f.json("POST", one+"/payouts", cashier, payoutInput{Amount: 2200, Method: billing.AsPrepayment, Consent: "确认单 9",
		Reason: "住户申请"}, &v)
	f.json("POST", one+"/payouts/decision", finance, decisionInput{Request: v.Payouts[0].ID, Approve: true}, &v)
	f.json("GET", "/v1/units/"+f.a.unit.ID+"/prepayments", resident, nil, &ahead)
	if v.Prepayment.Balance != 0 || len(ahead.Items) != 1 || ahead.Items[0].Available != 2300 {
		t.Errorf("%+v %+v", v, ahead)
	}
	var record prepaymentRecordView
	f.json("GET", "/v1/prepayments/"+ahead.Items[0].ID, resident, nil, &record)
	if m := record.Moves[0]; m.Kind != billing.AheadMoved || m.Source != of.Items[0].ID || m.Order != "" ||
		m.Amount != 2200 {
		t.Errorf("%+v", record.Moves)
	}
	record = prepaymentRecordView{}
	if f.json("GET", one, resident, nil, &record); len(record.Payouts) != 0 || len(record.Moves) != 3 ||
		record.Moves[1].By != "" || record.Moves[1].Fee != "装修损坏赔偿" {
		t.Errorf("the household is told %+v", record)
	}
}
