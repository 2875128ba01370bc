package handlers

import (
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
)

// topUp has a home pay so much ahead at the counter, and returns its prepayment.
func (f *fixture) topUp(c *company, amount money.Fen) string {
	f.t.Helper()
	cashier := c.staff[access.Cashier]
	var o orderView
	f.json("POST", "/v1/orders", cashier, orderInput{Unit: c.unit.ID, Prepay: amount}, &o, "Idempotency-Key", "ahead")
	f.inCash(cashier, o.ID, amount, "notes")
	var of list[prepaymentView]
	f.json("GET", "/v1/units/"+c.unit.ID+"/prepayments", cashier, nil, &of)
	return of.Items[0].ID
}

// sums are a prepayment's balance, what of it is set aside, and what is available.
func sums(p *billing.Prepayment) [3]money.Fen {
	return [3]money.Fen{p.Balance(), p.Reserved(), p.Available()}
}

// A home pays ahead over HTTP, and a bill is paid of it by the counter and by the resident; finance undoes one. Who is
// told what, and what is refused.
func TestAPrepaymentOverHTTP(t *testing.T) {
	f := serve(t)
	cashier, finance, resident := f.a.staff[access.Cashier], f.a.staff[access.Finance], f.a.resident
	one := "/v1/prepayments/" + f.topUp(f.a, 1500)
	draws := one + "/draws"
	bill := f.a.bills[1].ID
	var v, again prepaymentRecordView
	f.json("POST", draws, cashier, drawInput{Bill: bill, Amount: 300}, &v, "Idempotency-Key", "d1")
	if h := f.json("POST", draws, cashier, drawInput{Bill: bill, Amount: 300}, &again, "Idempotency-Key",
		"d1"); h.Get("Idempotency-Hit") != "true" || again.Prepayment.Available != 1200 {
		t.Errorf("a repeat was not told: %+v", again)
	}
	v = prepaymentRecordView{} // members that are left out keep nothing of before
	f.json("POST", draws, resident, drawInput{Bill: bill}, &v, "Idempotency-Key", "d2")
	if v.Prepayment.Available != 500 || v.Moves[0].By != "" || v.Moves[0].Draw != 2 || !v.Moves[0].Stands {
		t.Errorf("%+v", v)
	}
	var record billRecordView
	f.json("GET", "/v1/bills/"+bill, cashier, nil, &record)
	if b := record.Bill; b.Status != billing.PaidBill || b.Prepaid != 1000 || b.Order != "" ||
		len(record.Settlements) != 2 || record.Settlements[1].Prepayment != v.Prepayment.ID {
		t.Errorf("%+v", record)
	}
	fees, back, orders := one+"/fees", draws+"/1/return", "/v1/orders"
	ofHome, ofBill := orderInput{Unit: f.a.unit.ID, Prepay: 1}, drawInput{Bill: bill}
	both, theirs, much := ofHome, ofHome, ofHome
	both.Bills, theirs.Unit, much.Prepay = []string{bill}, f.b.unit.ID, 10_000_000_001
	reason, spaces := drawReturnInput{Reason: "x"}, prepaymentFeesInput{Fees: []string{" "}}
	for name, c := range map[string]struct {
		method, path, token string
		body                any
		status              int
		has                 string
	}{
		"a terminal draws":           {"POST", draws, f.a.terminal, ofBill, 403, "forbidden"},
		"operations draw":            {"POST", draws, f.a.staff[access.Operations], ofBill, 403, "forbidden"},
		"the bill is paid":           {"POST", draws, cashier, ofBill, 409, "already_paid"},
		"a bill that is collected":   {"POST", draws, cashier, drawInput{Bill: f.a.bills[0].ID}, 409, "order_open"},
		"no bill":                    {"POST", draws, cashier, drawInput{}, 400, "bill"},
		"another company's bill":     {"POST", draws, cashier, drawInput{Bill: f.b.bills[1].ID}, 400, "bill"},
		"the cashier undoes":         {"POST", back, cashier, reason, 403, "forbidden"},
		"undone without why":         {"POST", back, finance, drawReturnInput{}, 400, "reason"},
		"no such draw":               {"POST", draws + "/9/return", finance, reason, 404, "not_found"},
		"the cashier limits it":      {"PUT", fees, cashier, prepaymentFeesInput{Fees: []string{}}, 403, "forbidden"},
		"nothing for a fee":          {"PUT", fees, finance, spaces, 400, "fees"},
		"ahead and bills":            {"POST", orders, cashier, both, 400, "invalid"},
		"ahead for another's home":   {"POST", orders, resident, theirs, 404, "not_found"},
		"more than anybody has":      {"POST", orders, cashier, much, 400, "prepay"},
		"read by another's resident": {"GET", one, f.b.resident, nil, 404, "not_found"},
	} {
		if status, _, body := f.ask(c.method, c.path, c.token, c.body); status != c.status ||
			!strings.Contains(body, c.has) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	v = prepaymentRecordView{}
	f.json("POST", draws+"/1/return", finance, drawReturnInput{Reason: "抵错房"}, &v)
	if v.Prepayment.Available != 800 || v.Moves[0].Kind != billing.AheadReturned || v.Moves[0].Reason != "抵错房" {
		t.Errorf("%+v", v)
	}
	f.json("PUT", one+"/fees", finance, prepaymentFeesInput{Fees: []string{"水费"}}, &v)
	if status, _, body := f.ask("POST", draws, cashier, drawInput{Bill: bill}); status != 400 ||
		!strings.Contains(body, "水费") {
		t.Errorf("limited to another fee: %d %s", status, body)
	}
	var told prepaymentRecordView
	f.json("GET", one, resident, nil, &told)
	for _, m := range told.Moves {
		if m.By != "" || m.Reason != "" {
			t.Errorf("the resident is told who and why: %+v", m)
		}
	}
	if told.Prepayment.Debtor == f.a.unit.Owner {
		t.Error("the resident is told the whole name")
	}
}

// What was paid ahead goes back as far as it was not used.
func TestAPrepaymentIsRefundedOverHTTP(t *testing.T) {
	f := serve(t)
	cashier := f.a.staff[access.Cashier]
	one := "/v1/prepayments/" + f.topUp(f.a, 1500)
	f.json("POST", one+"/draws", cashier, drawInput{Bill: f.a.bills[1].ID}, &struct{}{}, "Idempotency-Key", "d1")
	var v prepaymentRecordView
	f.json("GET", one, cashier, nil, &v)
	order := v.Moves[len(v.Moves)-1].Order
	var o orderView
	f.json("GET", "/v1/orders/"+order, cashier, nil, &o)
	if !o.Items[0].PaysAhead {
		t.Errorf("%+v", o.Items)
	}
	ask := func(amount money.Fen) refundInput {
		return refundInput{Reason: "搬走", Items: []payment.RefundItem{{Ref: o.Items[0].Ref, Amount: amount}}}
	}
	if status, _, body := f.ask("POST", "/v1/orders/"+order+"/refunds", cashier, ask(501), "Idempotency-Key",
		"r1"); status != 409 || !strings.Contains(body, "wrong_state") {
		t.Errorf("what is used goes back: %d %s", status, body)
	}
	f.json("POST", "/v1/orders/"+order+"/refunds", cashier, ask(500), &struct{}{}, "Idempotency-Key", "r2")
	if f.json("GET", one, cashier, nil, &v); v.Prepayment.Available != 0 || v.Prepayment.Reserved != 500 {
		t.Errorf("%+v", v.Prepayment)
	}
}
