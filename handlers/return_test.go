package handlers

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// paidAndReturned has the company's order paid by WeChat, which then says that so much of it went back; 0 is not told.
func (f *fixture) paidAndReturned(c *company, back money.Fen) (path string) {
	f.t.Helper()
	return f.paidAnd(c, gateway.ReturnedSome, back)
}

// paidAnd has an institution tell that a company's order was paid, and what went back.
func (f *fixture) paidAnd(c *company, returned gateway.Returned, back money.Fen) (path string) {
	f.t.Helper()
	path = "/v1/orders/" + c.order.ID
	var opened openedView
	f.json("POST", path+"/attempts", c.staff[access.Cashier], attemptInput{Wallet: "wechat", Method: "native"}, &opened,
		"Idempotency-Key", "w")
	said := gateway.Report{
		OutTradeNo: opened.Attempt.OutTradeNo, State: gateway.TradePaid, TransactionID: "tx" + c.id,
		Amount: c.order.Amount, Currency: "CNY", PaidAt: time.Now(),
		Returned: returned, ReturnedAmount: back, Raw: "REFUND",
	}
	body, err := json.Marshal(said)
	if err != nil {
		f.t.Fatal(err)
	}
	if status, _, answer := f.ask("POST", "/callbacks/wechat/"+c.id+"wechat", "", string(body), "Wechatpay-Signature",
		"genuine"); status != 204 {
		f.t.Fatalf("callback: %d %s", status, answer)
	}
	return path
}

// finance2 is a second person in company A's finance, of some communities; none is all.
func (f *fixture) finance2(communities ...string) string {
	f.t.Helper()
	login := "aaafinance2" + strings.Join(communities, "")
	s := access.Staff{Login: login, Name: "另一位财务", Company: "aaa", Communities: communities,
		Roles: []access.Role{access.Finance}}
	if err := f.s.Access.AddStaff(f.t.Context(), s, "password-aaa"); err != nil {
		f.t.Fatal(err)
	}
	var v tokensView
	f.json("POST", "/v1/members/sessions", "", loginInput{login, "password-aaa"}, &v)
	return v.AccessToken
}

func (f *fixture) returnsListed(token string) int {
	f.t.Helper()
	var all list[orderView]
	f.json("GET", "/v1/returns", token, nil, &all)
	return len(all.Items)
}

// What went back at the institution is listed for finance until one of them has seen it; the resident sees it as any
// refund, and nothing of the office's.
func TestARefundMadeAtTheInstitutionOverHTTP(t *testing.T) {
	f := serve(t)
	order, finance := f.paidAndReturned(f.a, 400), f.a.staff[access.Finance]
	var o orderView
	f.json("GET", order, finance, nil, &o)
	r := o.Refunds[0]
	if !r.Foreign || r.Amount != 400 || r.Status != payment.RefundSucceeded || r.Noticed != payment.NoticedAsked ||
		r.SeenBy != "" || o.Refunded != 400 {
		t.Fatalf("%+v", r)
	}
	if a := o.Attempts[0]; a.Account != "aaawechat" || a.Returns == nil || a.Returns.Raw != "REFUND" ||
		a.Returns.Waits || a.Returns.At.IsZero() {
		t.Errorf("%+v %+v", a, a.Returns)
	}
	if here, there, elsewhere := f.returnsListed(finance), f.returnsListed(f.b.staff[access.Finance]),
		f.returnsListed(f.finance2("elsewhere")); here != 1 || there+elsewhere != 0 {
		t.Errorf("listed for the company %d, for another %d, for another community's finance %d", here, there,
			elsewhere)
	}
	var bills billsView
	if f.json("GET", "/v1/units/"+f.a.unit.ID+"/bills", f.a.resident, nil, &bills); bills.Items[0].Owed != 400 {
		t.Errorf("owed again: %+v", bills.Items[0])
	}
	f.json("POST", order+"/refunds/1/acknowledgement", finance, sightInput{Note: "平台截图"}, &o)
	if r = o.Refunds[0]; r.SeenBy == "" || r.Note != "平台截图" || f.returnsListed(finance) != 0 {
		t.Errorf("%+v", r)
	}
	_, _, body := f.ask("GET", order, f.a.resident, nil)
	for _, inner := range []string{"staff:", "平台截图", "acknowledged_by", "detected_by", "upstream_no", "returns",
		"aaawechat"} {
		if strings.Contains(body, inner) {
			t.Errorf("the resident is told %q: %s", inner, body)
		}
	}
	if !strings.Contains(body, `"external":true`) || !strings.Contains(body, `"refunded":400`) {
		t.Errorf("what the resident sees: %s", body)
	}
}

// What the institution does not tell the amount of is explained by its number of the refund.
func TestAReturnIsExplainedByItsNumber(t *testing.T) {
	f := serve(t)
	order, finance := f.paidAndReturned(f.a, 0), f.a.staff[access.Finance]
	var o orderView
	f.json("GET", order, finance, nil, &o)
	if a := o.Attempts[0]; a.Returns == nil || a.Returns.Left != a.Received || !a.Returns.Unknown ||
		!a.Returns.Waits || len(o.Refunds) != 0 || f.returnsListed(finance) != 1 {
		t.Fatalf("%+v", a.Returns)
	}
	o = orderView{}
	f.json("POST", order+"/attempts/1/returns", finance, explanationInput{Number: "P300"}, &o)
	if r := o.Refunds[0]; r.Amount != 300 || r.UpstreamNo != "P300" || r.RefundID != "50300" ||
		r.Noticed != payment.NoticedByPerson || o.Attempts[0].Returns.Waits {
		t.Errorf("%+v", r)
	}
}

// An amount that a person declares is booked when another one approves it, and until then the resident is not told of
// it.
func TestAReturnIsDeclaredAndApproved(t *testing.T) {
	f := serve(t)
	order, finance := f.paidAndReturned(f.a, 0), f.a.staff[access.Finance]
	say := explanationInput{Amount: 250, Note: "商户平台截图"}
	var o orderView
	f.json("POST", order+"/attempts/1/returns", finance, say, &o, "Idempotency-Key", "e1")
	if r := o.Refunds[0]; r.Status != payment.RefundRequested || !r.Foreign || r.Note != say.Note || o.Refunded != 0 {
		t.Fatalf("%+v", r)
	}
	if h := f.json("POST", order+"/attempts/1/returns", finance, say, &o, "Idempotency-Key",
		"e1"); h.Get("Idempotency-Hit") != "true" || len(o.Refunds) != 1 {
		t.Errorf("a repeat was not told: %+v", o.Refunds)
	}
	if _, _, body := f.ask("GET", order, f.a.resident, nil); strings.Contains(body, "refunds") {
		t.Errorf("the resident is told of what nobody has approved: %s", body)
	}
	other := f.finance2()
	say.Amount = 260
	for name, c := range map[string]struct {
		path, token string
		body        any
		key         string
		status      int
		has         string
	}{
		"another amount under the key": {"/attempts/1/returns", finance, say, "e1", 422, "idempotency_mismatch"},
		"the maker approves": {"/refunds/1/decision", finance, refundDecision{Approve: true}, "m1", 403,
			"forbidden"},
		"a cashier approves": {"/refunds/1/decision", f.a.staff[access.Cashier], refundDecision{Approve: true},
			"", 403, "forbidden"},
		"it is not there to be seen": {"/refunds/1/acknowledgement", finance, sightInput{}, "", 409, "wrong_state"},
		"nothing waits any more": {"/attempts/1/returns/decision", finance,
			returnDecision{Decision: dismissReturn, Note: "x"}, "", 409,
			"wrong_state"},
	} {
		if status, _, body := f.ask("POST", order+c.path, c.token, c.body, "Idempotency-Key",
			c.key); status != c.status || !strings.Contains(body, c.has) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	f.json("POST", order+"/refunds/1/decision", other, refundDecision{Approve: true}, &o)
	if r := o.Refunds[0]; r.Status != payment.RefundSucceeded || r.SeenBy == "" || o.Refunded != 250 ||
		f.returnsListed(finance) != 0 {
		t.Errorf("%+v", r)
	}
}

// Who may not, what does not belong to whom, and what is not said as it must be: nothing changes.
func TestReturnsThatAreRefused(t *testing.T) {
	f := serve(t)
	order, finance := f.paidAndReturned(f.a, 0), f.a.staff[access.Finance]
	before := f.version(f.a.order.ID)
	explain, dismiss, seen := "/attempts/1/returns", "/attempts/1/returns/decision", "/refunds/1/acknowledgement"
	elsewhere, other, cashier := f.finance2("elsewhere"), f.b.staff[access.Finance], f.a.staff[access.Cashier]
	full, note := explanationInput{Number: "P300", Amount: 100, Note: "x"}, sightInput{Note: "x"}
	no := returnDecision{Decision: dismissReturn, Note: "x"}
	for name, c := range map[string]struct {
		path, token string
		body        any
		status      int
		has         string
	}{
		"a cashier explains":            {explain, cashier, full, 403, "forbidden"},
		"a cashier dismisses":           {dismiss, cashier, no, 403, "forbidden"},
		"a cashier has seen it":         {seen, cashier, note, 403, "forbidden"},
		"operations explain":            {explain, f.a.staff[access.Operations], full, 403, "forbidden"},
		"a resident explains":           {explain, f.a.resident, full, 403, "forbidden"},
		"a terminal explains":           {explain, f.a.terminal, full, 403, "forbidden"},
		"another company explains":      {explain, other, full, 404, "not_found"},
		"another company dismisses":     {dismiss, other, no, 404, "not_found"},
		"another company has seen it":   {seen, other, note, 404, "not_found"},
		"another community explains":    {explain, elsewhere, full, 404, "not_found"},
		"another community dismisses":   {dismiss, elsewhere, no, 404, "not_found"},
		"another community has seen it": {seen, elsewhere, note, 404, "not_found"},
		"a number that nobody knows":    {explain, finance, explanationInput{Number: "P9"}, 404, "查无此退款单号"},
		"neither number nor amount":     {explain, finance, explanationInput{}, 400, "退款单号或退款金额"},
		"an amount without a note":      {explain, finance, explanationInput{Amount: 100}, 400, "依据"},
		"more than was paid":            {explain, finance, explanationInput{Amount: 100_000, Note: "x"}, 400, "超出"},
		"less than nothing":             {explain, finance, explanationInput{Amount: -1, Note: "x"}, 400, "超出"},
		"too long a number": {explain, finance, explanationInput{Number: strings.Repeat("9", 65)}, 400,
			"64"},
		"a number with words": {explain, finance, explanationInput{Number: "退款 1"}, 400, "空格"},
		"a full card number in the note": {explain, finance,
			explanationInput{Amount: 100, Note: "卡 6222021234567890128"}, 400, "银行卡号"},
		"an attempt that is not there": {"/attempts/9/returns", finance, full, 404, "not_found"},
		"dismissed without a word":     {dismiss, finance, returnDecision{Decision: dismissReturn}, 400, "核实说明"},
		"a refund that is not there":   {"/refunds/9/acknowledgement", finance, note, 404, "not_found"},
	} {
		if status, _, body := f.ask("POST", order+c.path, c.token, c.body, "Idempotency-Key",
			"k"+strings.ReplaceAll(name, " ", "-")); status != c.status || !strings.Contains(body, c.has) {
			t.Errorf("%s: %d %s, want %d with %q", name, status, body, c.status, c.has)
		}
	}
	if status, _, _ := f.ask("GET", "/v1/returns", cashier, nil); status != 403 {
		t.Errorf("a cashier reads finance's list: %d", status)
	}
	if f.version(f.a.order.ID) != before {
		t.Error("what was refused changed the order")
	}
	var o orderView
	f.json("POST", order+dismiss, finance, returnDecision{Decision: dismissReturn, Note: "平台查无退款"}, &o)
	if said := o.Attempts[0].Returns; said.Waits || said.DismissedBy == "" || said.Note != "平台查无退款" ||
		f.returnsListed(finance) != 0 {
		t.Errorf("%+v", said)
	}
}

// A person of the staff who opens a paid order has its institution asked; a resident or a list does not.
func TestOpeningAnOrderHasItAskedAbout(t *testing.T) {
	f := serve(t)
	order := f.paidAndReturned(f.a, 0)
	planned := func() time.Time {
		o, err := f.s.Payments.Get(t.Context(), f.a.order.ID)
		if err != nil {
			t.Fatal(err)
		}
		return o.Attempt(1).RecheckAt
	}
	before := planned()
	f.ask("GET", order, f.a.resident, nil)
	f.ask("GET", "/v1/returns", f.a.staff[access.Finance], nil)
	if !planned().Equal(before) || before.Before(time.Now()) {
		t.Errorf("the question is planned at %v, and was at %v", planned(), before)
	}
	if status, _, _ := f.ask("GET", order, f.a.staff[access.Cashier], nil); status != 200 ||
		!planned().Before(time.Now()) {
		t.Errorf("answered %d, the question is planned at %v", status, planned())
	}
}

// The page behind the QR shows no tick over money that went back: it says how much, when and of which bill, and leads
// to what is owed again.
func TestThePayerReadsWhatWentBack(t *testing.T) {
	f := serve(t)
	f.paidAndReturned(f.a, 400)
	at := "/q/" + f.a.order.Token + "/result"
	_, _, page := f.ask("GET", at, "", nil)
	for _, want := range []string{
		"甲小区", "部分退款 ¥4.00", f.a.order.Items[0].Title, "账单需重新缴纳 ¥4.00",
		`data-test="pay-again" href="/resident#/orders/` + f.a.order.ID + `"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "mark ok") || strings.Contains(page, "✓") {
		t.Error("a tick stands over an order whose money went back")
	}
	_, _, page = f.ask("GET", at, "", nil, "Accept-Language", "en", "Cookie", "lang=en")
	if !strings.Contains(page, "Owed again: ¥4.00") {
		t.Errorf("the English page says %s", page)
	}
}

// A dismissal is taken back with a reason, by finance alone, and both stand in the history. Until it is explained
// nobody asks for a refund of the payment.
func TestADismissalIsTakenBackOverHTTP(t *testing.T) {
	f := serve(t)
	order, finance := f.paidAndReturned(f.a, 0), f.a.staff[access.Finance]
	var o orderView
	refund := refundInput{Items: []payment.RefundItem{{Ref: f.a.order.Items[0].Ref, Amount: 1}}, Reason: "住户申请"}
	for lang, want := range map[string]string{"zh-CN": "渠道退款", "en": "Channel refunds"} {
		status, _, body := f.ask("POST", order+"/refunds", finance, refund, "Idempotency-Key", "r"+lang,
			"Accept-Language", lang)
		if status != 409 || !strings.Contains(body, want) || !strings.Contains(body, `"explain_first":1`) {
			t.Errorf("a refund before it is explained: %d %s", status, body)
		}
	}
	f.json("POST", order+"/attempts/1/returns/decision", finance,
		returnDecision{Decision: dismissReturn, Note: "平台查无退款"}, &o)
	reopen, note := order+"/attempts/1/returns/decision", returnDecision{Decision: reopenReturn, Note: "看错了一笔"}
	for name, c := range map[string]struct {
		token  string
		body   any
		status int
	}{
		"a cashier":         {f.a.staff[access.Cashier], note, 403},
		"another company":   {f.b.staff[access.Finance], note, 404},
		"another community": {f.finance2("elsewhere"), note, 404},
		"without a reason":  {finance, returnDecision{Decision: reopenReturn}, 400},
	} {
		if status, _, body := f.ask("POST", reopen, c.token, c.body); status != c.status {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	o = orderView{}
	f.json("POST", reopen, f.finance2(), note, &o)
	if said := o.Attempts[0].Returns; !said.Waits || said.DismissedBy != "" || said.Note != "" ||
		f.returnsListed(finance) != 1 {
		t.Errorf("%+v", said)
	}
	var history []string
	for _, e := range o.Timeline {
		if strings.HasPrefix(string(e.What), "return_") && e.By != "" {
			history = append(history, string(e.What)+" "+e.Note)
		}
	}
	if want := []string{"return_dismissed 平台查无退款", "return_reopened 看错了一笔"}; !slices.Equal(history, want) {
		t.Errorf("the history says %q", history)
	}
	if status, _, body := f.ask("POST", reopen, finance, note); status != 409 {
		t.Errorf("opened again twice: %d %s", status, body)
	}
}

// Whoever approves a declared amount is told which bills it opens again; the resident is not.
func TestTheApproverIsToldWhatItReopens(t *testing.T) {
	f := serve(t)
	order, finance := f.paidAndReturned(f.a, 0), f.a.staff[access.Finance]
	var o orderView
	say := explanationInput{Amount: 250, Number: "P250", Note: "商户平台截图"}
	f.json("POST", order+"/attempts/1/returns", finance, say, &o, "Idempotency-Key", "e1")
	r, want := o.Refunds[0], []payment.RefundItem{{Ref: o.Items[len(o.Items)-1].Ref, Amount: 250}}
	if !slices.Equal(r.WouldReopen, want) || !r.MadeThere || r.UpstreamNo != "P250" {
		t.Errorf("%+v", r)
	}
	o = orderView{}
	f.json("POST", order+"/refunds/1/decision", f.finance2(), refundDecision{Approve: true}, &o)
	if r = o.Refunds[0]; r.WouldReopen != nil || !slices.Equal(r.Items, want) {
		t.Errorf("%+v", r)
	}
	if _, _, body := f.ask("GET", order, f.a.resident, nil); strings.Contains(body, "would_reopen") {
		t.Errorf("the resident: %s", body)
	}
}
