package handlers

import (
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// The way of a refund of cash over HTTP: taken, asked back by the cashier, approved by finance, handed out; the bill is
// owed again by exactly that.
func TestARefundOverHTTP(t *testing.T) {
	f := serve(t)
	cashier, finance, order := f.a.staff[access.Cashier], f.a.staff[access.Finance], "/v1/orders/"+f.a.order.ID
	o := f.inCash(cashier, f.a.order.ID, 2000, "c1")
	if o.Status != payment.Paid || o.Attempts[0].Tendered != 2000 || o.Attempts[0].Received != 1000 {
		t.Fatalf("%+v", o)
	}
	if h := f.json("POST", order+"/attempts", cashier, attemptInput{Method: gateway.Notes, Tendered: 2000},
		&openedView{}, "Idempotency-Key", "c1"); h.Get("Idempotency-Hit") != "true" {
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
		"the cashier decides": {order + "/refunds/1/decision", cashier, refundDecision{Approve: true}, 403,
			"forbidden"},
		"another company decides": {order + "/refunds/1/decision", f.b.staff[access.Finance],
			refundDecision{Approve: true}, 404, "not_found"},
		"an unknown refund": {order + "/refunds/9/decision", finance, refundDecision{Approve: true}, 404,
			"not_found"},
		"too early":    {order + "/refunds/1/payout", cashier, none{}, 409, "wrong_state"},
		"not abnormal": {order + "/refunds/1/submissions", finance, none{}, 409, "wrong_state"},
		"no unapplied funds": {order + "/unapplied-funds/1/decision", finance,
			unappliedRequest{Decision: payment.Claim}, 404,
			"not_found"},
		"no such decision": {order + "/unapplied-funds/1/decision", finance, unappliedRequest{Decision: "burn"}, 400,
			"invalid_request"},
		"cash by a terminal": {order + "/attempts", f.a.terminal, attemptInput{Method: gateway.Notes, Tendered: 1},
			403, "forbidden"},
	} {
		status, _, body := f.ask("POST", c.path, c.token, c.body)
		if status != c.status || !strings.Contains(body, c.has) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	f.json("POST", order+"/refunds/1/decision", finance, refundDecision{Approve: true}, &o)
	f.json("POST", order+"/refunds/1/payout", cashier, none{}, &o)
	if o.Refunds[0].Status != payment.RefundSucceeded || o.Refunded != 400 || o.Refunds[0].DoneBy == "" {
		t.Fatalf("%+v", o.Refunds)
	}
	if left := o.Items[0].Refundable; left != 600 {
		t.Errorf("%v can still be asked back", left)
	}
	var bills billsView
	f.json("GET", "/v1/units/"+f.a.unit.ID+"/bills", cashier, nil, &bills)
	if bills.Items[0].Owed != 400 || bills.Items[0].Amount != 1000 || bills.Prepaid != 0 {
		t.Errorf("%+v", bills)
	}
	if _, _, body := f.ask("GET", order, f.a.resident, nil); !strings.Contains(body, `"refunded":400`) ||
		strings.Contains(body, "requested_by") || strings.Contains(body, "staff:") ||
		strings.Contains(body, "refundable") {
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

// A refund that the payer's account does not take is abnormal: it is sent again under its number, and then given by
// other means, with a word on how, once.
func TestAnAbnormalRefundOverHTTP(t *testing.T) {
	f := serve(t)
	finance, order := f.a.staff[access.Finance], f.paidAnd(f.a, "", 0)
	var asked requestedView
	f.json("POST", order+"/refunds", f.a.staff[access.Cashier], refundInput{Items: []payment.RefundItem{
		{Ref: f.a.order.Items[0].Ref, Amount: 250}}, Reason: closedAccount}, &asked)
	var o orderView
	f.json("POST", order+"/refunds/1/decision", finance, refundDecision{Approve: true}, &o)
	abnormal := func(what string) {
		t.Helper()
		for range 50 { // it is sent after the answer
			if f.json("GET", order, finance, nil, &o); o.Refunds[0].Status == payment.RefundAbnormal {
				return
			}
			if _, err := f.s.Payments.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Millisecond)
		}
		t.Fatalf("%s: %+v", what, o.Refunds[0])
	}
	abnormal("at first")
	f.json("POST", order+"/refunds/1/submissions", finance, none{}, &o)
	abnormal("sent again")
	given := refundSettling{ByHand: true, Note: "银行转账"}
	f.json("POST", order+"/refunds/1/resolution", finance, given, &o, "Idempotency-Key", "given")
	if r := o.Refunds[0]; r.Status != payment.RefundSucceeded || o.Refunded != 250 {
		t.Fatalf("given by other means: %+v", r)
	}
	if h := f.json("POST", order+"/refunds/1/resolution", finance, given, &o, "Idempotency-Key",
		"given"); h.Get("Idempotency-Hit") != "true" || o.Refunded != 250 {
		t.Errorf("a repeat was not told: %+v", o.Refunds[0])
	}
}

func TestACodeThatIsNone(t *testing.T) {
	f := serve(t)
	for _, code := range []string{"", "1", "163456789012345678", "6200000000000000", "10000000000000000a"} {
		status, _, body := f.ask("POST", "/v1/orders/"+f.a.order.ID+"/attempts", f.a.staff[access.Cashier],
			attemptInput{Method: gateway.CodePresented, AuthCode: code}, "Idempotency-Key", "k"+code)
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
	f.json("GET", "/v1/notifications?state=rejected", f.a.staff[access.Finance], nil, &list)
	if len(list.Items) != 1 || list.Items[0].Seen != 1 {
		t.Fatalf("%+v", list)
	}
	if status, _, _ := f.ask("POST", "/v1/notifications/"+list.Items[0].ID+"/replays", f.b.staff[access.Finance],
		none{}); status != 404 {
		t.Errorf("another company replayed it: %d", status)
	}
	var m messageView
	replays, finance := "/v1/notifications/"+list.Items[0].ID+"/replays", f.a.staff[access.Finance]
	f.json("POST", replays, finance, none{}, &m, "Idempotency-Key", "once")
	again, before := m, len(f.events(f.a.id))
	if h := f.json("POST", replays, finance, none{}, &again, "Idempotency-Key", "once"); h.Get(hit) != "true" ||
		again != m {
		t.Errorf("the same key again: %v, %+v and not %+v", h, again, m)
	}
	if n := len(f.events(f.a.id)); n != before {
		t.Errorf("the same key again is recorded as %d more", n-before)
	}
	if m.Outcome != payment.OutcomeRejected {
		t.Errorf("%+v", m)
	}
}

// The pages count down what the server waits for: no longer than the order can be paid, and of payment codes alone.
func TestHowLongACodeIsWaitedFor(t *testing.T) {
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		method  gateway.Method
		expires time.Duration
		want    time.Duration // 0 is not at all
	}{
		"a code":                       {gateway.CodePresented, time.Hour, 45 * time.Second},
		"a code of an order that ends": {gateway.CodePresented, 20 * time.Second, 20 * time.Second},
		"a QR":                         {gateway.Native, time.Hour, 0},
	} {
		a := payment.Attempt{Method: c.method, CreatedAt: at, ExpiresAt: at.Add(c.expires)}
		until := attempt(access.Caller{}, &payment.Order{}, &a).WaitsUntil
		if c.want == 0 && until != nil || c.want > 0 && (until == nil || !until.Equal(at.Add(c.want))) {
			t.Errorf("%s is waited for until %v", name, until)
		}
	}
}

// A receipt that is printed again is counted, at whatever desk, and its paper can say so; a repeat of the request is
// the same print, and nothing that there is not can be printed.
func TestReprintsAreCounted(t *testing.T) {
	f := serve(t)
	cashier, path := f.a.staff[access.Cashier], "/v1/orders/"+f.a.order.ID+"/receipt-prints"
	if status, _, body := f.ask("POST", path, cashier, printInput{}); status != 404 {
		t.Errorf("of an order that is not paid: %d %s", status, body)
	}
	f.inCash(cashier, f.a.order.ID, 1000, "c1")
	var asked requestedView
	f.json("POST", "/v1/orders/"+f.a.order.ID+"/refunds", cashier, refundInput{Items: []payment.RefundItem{
		{Ref: f.a.bills[0].ID, Amount: 400}}, Reason: "多收"}, &asked, "Idempotency-Key", "r1")
	print := func(token, key string, refund int) (count int, hit bool) {
		var v orderView
		h := f.json("POST", path, token, printInput{Refund: refund}, &v, "Idempotency-Key", key)
		for _, p := range v.Prints {
			if p.Refund == refund {
				count = p.Count
			}
		}
		return count, h.Get("Idempotency-Hit") == "true"
	}
	for i, c := range []struct {
		token, key    string
		refund, count int
		hit           bool
	}{
		{cashier, "p1", 0, 1, false},
		{cashier, "p1", 0, 1, true},
		{f.a.staff[access.Finance], "p2", 0, 2, false},
		{f.a.staff[access.Operations], "p3", 0, 3, false},
		{cashier, "p4", 1, 1, false},
	} {
		if count, hit := print(c.token, c.key, c.refund); count != c.count || hit != c.hit {
			t.Errorf("%d: print %d (%t), want %d (%t)", i, count, hit, c.count, c.hit)
		}
	}
	for token, want := range map[string]int{f.a.staff[access.Auditor]: 403, f.a.resident: 403} {
		if status, _, body := f.ask("POST", path, token, printInput{}); status != want {
			t.Errorf("%d %s", status, body)
		}
	}
	if status, _, body := f.ask("POST", path, cashier, printInput{Refund: 2}); status != 404 {
		t.Errorf("a refund that there is not: %d %s", status, body)
	}
	var mine orderView
	f.json("GET", "/v1/orders/"+f.a.order.ID, f.a.resident, nil, &mine)
	if len(mine.Prints) > 0 {
		t.Errorf("a resident is told %+v", mine.Prints)
	}
}
