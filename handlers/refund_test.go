package handlers

import (
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/payment"
)

// The way of a refund of cash over HTTP: taken, asked back by the cashier, approved by finance, handed out; the bill is
// owed again by exactly that.
func TestARefundOverHTTP(t *testing.T) {
	f := serve(t)
	cashier, finance, order := f.a.staff[access.Cashier], f.a.staff[access.Finance], "/v1/orders/"+f.a.order.ID
	var o orderView
	f.json("POST", order+"/cash", cashier, cashInput{Tendered: 2000}, &o, "Idempotency-Key", "c1")
	if o.Status != payment.Paid || o.Attempts[0].Tendered != 2000 || o.Attempts[0].Received != 1000 {
		t.Fatalf("%+v", o)
	}
	if h := f.json("POST", order+"/cash", cashier, cashInput{Tendered: 2000}, &o, "Idempotency-Key",
		"c1"); h.Get("Idempotency-Hit") != "true" {
		t.Error("a repeat was not told")
	}
	ask := refundInput{Items: []payment.RefundItem{{Ref: f.a.bills[0].ID, Amount: 400}}, Reason: "多收"}
	var asked requestedView
	f.json("POST", order+"/refunds", cashier, ask, &asked, "Idempotency-Key", "r1")
	if asked.Refund.Status != payment.RefundRequested {
		t.Fatalf("%+v", asked.Refund)
	}
	var repeated requestedView
	if h := f.json("POST", order+"/refunds", cashier, ask, &repeated, "Idempotency-Key",
		"r1"); h.Get("Idempotency-Hit") != "true" || repeated.Refund.No != asked.Refund.No {
		t.Errorf("a repeat was not told: %+v", repeated.Refund)
	}
	ask.Items[0].Amount = 500
	if status, _, body := f.ask("POST", order+"/refunds", cashier, ask, "Idempotency-Key", "r1"); status != 422 ||
		!strings.Contains(body, "idempotency_mismatch") {
		t.Errorf("another refund under the same key: %d %s", status, body)
	}
	for name, c := range map[string]struct {
		path, token string
		body        any
		status      int
		has         string
	}{
		"without a key": {order + "/refunds", cashier, ask, 400, "Idempotency-Key"},
		"the cashier decides": {order + "/refunds/1/decision", cashier, refundDecision{Approve: true}, 403,
			"forbidden"},
		"another company decides": {order + "/refunds/1/decision", f.b.staff[access.Finance],
			refundDecision{Approve: true}, 404, "not_found"},
		"an unknown refund": {order + "/refunds/9/decision", finance, refundDecision{Approve: true}, 404,
			"not_found"},
		"too early":    {order + "/refunds/1/handout", cashier, none{}, 409, "wrong_state"},
		"not abnormal": {order + "/refunds/1/retry", finance, none{}, 409, "wrong_state"},
		"no unapplied funds": {order + "/exceptions/1", finance, exceptionDecision{Decision: payment.Claim}, 404,
			"not_found"},
		"no such decision": {order + "/exceptions/1", finance, exceptionDecision{Decision: "burn"}, 400,
			"invalid_request"},
		"cash by a terminal": {order + "/cash", f.a.terminal, cashInput{Tendered: 1}, 403, "forbidden"},
	} {
		status, _, body := f.ask("POST", c.path, c.token, c.body)
		if status != c.status || !strings.Contains(body, c.has) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	f.json("POST", order+"/refunds/1/decision", finance, refundDecision{Approve: true}, &o)
	f.json("POST", order+"/refunds/1/handout", cashier, none{}, &o)
	if o.Refunds[0].Status != payment.RefundSucceeded || o.Refunded != 400 || o.Refunds[0].DoneBy == "" {
		t.Fatalf("%+v", o.Refunds)
	}
	var bills billsView
	f.json("GET", "/v1/units/"+f.a.unit.ID+"/bills", cashier, nil, &bills)
	if bills.Items[0].Owed != 400 || bills.Items[0].Amount != 1000 || bills.Prepaid != 0 {
		t.Errorf("%+v", bills)
	}
	if _, _, body := f.ask("GET", order, f.a.resident, nil); !strings.Contains(body, `"refunded":400`) ||
		strings.Contains(body, "requested_by") || strings.Contains(body, "staff:") {
		t.Errorf("what the resident sees: %s", body)
	}
	var list list[orderView]
	if f.json("GET", "/v1/refunds?state=succeeded", finance, nil, &list); len(list.Items) != 1 {
		t.Errorf("%+v", list)
	}
	if f.json("GET", "/v1/refunds", f.b.staff[access.Finance], nil, &list); len(list.Items) != 0 {
		t.Errorf("another company's refunds: %+v", list)
	}
	var again orderView
	f.json("POST", "/v1/orders", cashier, orderInput{Unit: f.a.unit.ID, Bills: []string{f.a.bills[0].ID}}, &again)
	if again.Amount != 400 {
		t.Errorf("the bill is collected again with %v", again.Amount)
	}
}

func TestACodeThatIsNone(t *testing.T) {
	f := serve(t)
	for _, code := range []string{"", "1", "163456789012345678", "6200000000000000", "10000000000000000a"} {
		status, _, body := f.ask("POST", "/v1/orders/"+f.a.order.ID+"/code", f.a.staff[access.Cashier],
			authCodeInput{Code: code}, "Idempotency-Key", "k"+code)
		if status != 400 || !strings.Contains(body, "code_invalid") || code != "" && len(code) > 1 &&
			strings.Contains(body, code) {
			t.Errorf("%q: %d %s", code, status, body)
		}
	}
}

// A forged message is kept and listed for its company, and replaying it does not make it believed.
func TestMessagesAreListedAndReplayed(t *testing.T) {
	f := serve(t)
	if status, _, _ := f.ask("POST", "/callbacks/wechat/aaawechat", "", "{}"); status != 401 {
		t.Fatal(status)
	}
	var list list[messageView]
	f.json("GET", "/v1/messages?state=rejected", f.a.staff[access.Finance], nil, &list)
	if len(list.Items) != 1 || list.Items[0].Seen != 1 {
		t.Fatalf("%+v", list)
	}
	if status, _, _ := f.ask("POST", "/v1/messages/"+list.Items[0].ID+"/replay", f.b.staff[access.Finance],
		none{}); status != 404 {
		t.Errorf("another company replayed it: %d", status)
	}
	var m messageView
	f.json("POST", "/v1/messages/"+list.Items[0].ID+"/replay", f.a.staff[access.Finance], none{}, &m)
	if m.Outcome != payment.OutcomeRejected {
		t.Errorf("%+v", m)
	}
}
