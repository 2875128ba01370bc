package handlers

import (
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
)

// tableLines are lines with which finance decides any amount of every matter, and more.
func tableLines(more ...authorityLineView) []authorityLineView {
	for _, m := range access.AuthorityMatters() {
		more = append(more, authorityLineView{Matter: m, Role: access.Finance, Communities: []string{}})
	}
	return more
}

// upTo lets operations decide a matter up to so many fen.
func upTo(m access.AuthorityMatter, fen money.Fen) authorityLineView {
	return authorityLineView{Matter: m, Role: access.Operations, UpTo: &fen, Communities: []string{}}
}

// The matters of a table are refunds, payouts and every kind of correction, by their own names.
func TestTheTableKnowsEveryMatter(t *testing.T) {
	want := []string{payment.RefundKind, billing.OverPayout}
	for _, k := range billing.CorrectionKinds() {
		want = append(want, string(k))
	}
	have := inTexts(access.AuthorityMatters())
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(want, have) {
		t.Errorf("%v, and there are %v", have, want)
	}
	for _, m := range [][]string{payment.RefundMatter().Decides, billing.CorrectionMatter().Decides,
		billing.PayoutMatter().Decides} {
		for _, r := range m {
			if !slices.Contains(access.DecidingRoles(), access.Role(r)) {
				t.Errorf("%s decides without a table, and no table may name it", r)
			}
		}
	}
}

// refundAsked has a cashier ask for a refund of so many fen of what was paid in cash.
func (f *fixture) refundAsked(fen money.Fen) string {
	f.t.Helper()
	order := "/v1/orders/" + f.a.order.ID
	f.json("POST", order+"/refunds", f.a.staff[access.Cashier], refundInput{Items: []payment.RefundItem{
		{Ref: f.a.order.Items[0].Ref, Amount: fen}}, Reason: "多收"}, &struct{}{})
	return order
}

// A table over HTTP: without one finance decides alone; with one operations decide up to their limit, and more in the
// place of whoever named them, which stays on record; and pages offer what the server would take.
func TestATableOfAuthorityOverHTTP(t *testing.T) {
	f := serve(t)
	operations, finance, cashier := f.a.staff[access.Operations], f.a.staff[access.Finance], f.a.staff[access.Cashier]
	f.inCash(cashier, f.a.order.ID, f.a.order.Amount, "cash")
	order := f.refundAsked(100)
	yes := refundDecision{Approve: true}
	offered := func(token string) *refundView {
		t.Helper()
		var o orderView
		f.json("GET", order, token, nil, &o)
		return &o.Refunds[len(o.Refunds)-1]
	}
	if offered(operations).MayDecide || !offered(finance).MayDecide || offered(cashier).MayDecide {
		t.Error("without a table another than finance is offered to decide")
	}
	if status, _, body := f.ask("POST", order+"/refunds/1/decision", operations, yes); status != 403 {
		t.Errorf("operations decide without a table: %d %s", status, body)
	}
	var v authorityView
	f.json("GET", "/v1/authority", finance, nil, &v)
	if len(v.Lines) != 0 || v.Revision != 0 || v.Change != nil {
		t.Errorf("%+v", v)
	}
	asks := authorityInput{Lines: tableLines(upTo(access.OverRefund, 100), upTo(access.OverReduction, 200))}
	bad := authorityInput{Lines: tableLines(upTo(access.OverRefund, 0))}
	if status, _, body := f.ask("PUT", "/v1/authority", operations, bad); status != 400 ||
		!strings.Contains(body, "up_to") {
		t.Errorf("a limit of nothing: %d %s", status, body)
	}
	if status, _, body := f.ask("PUT", "/v1/authority", operations,
		authorityInput{Lines: tableLines()[1:]}); status != 400 || !strings.Contains(body, "退款") {
		t.Errorf("nobody decides refunds: %d %s", status, body)
	}
	f.json("PUT", "/v1/authority", operations, asks, &v)
	if len(v.Lines) != 0 || v.Change == nil || !v.Change.Request.Mine || len(v.Change.Authority.Lines) != 9 {
		t.Fatalf("%+v", v)
	}
	var waiting list[approvalView]
	f.json("GET", "/v1/approvals?kind=organisation", finance, nil, &waiting)
	if d := waiting.Items[0].Organisation.Request.Differences; len(d) != 2 || d[0].Field != "over_refund" ||
		d[0].Before != "财务 不限金额" || d[0].After != "运营 ≤ ¥1.00；财务 不限金额" {
		t.Errorf("%+v", d)
	}
	f.json("POST", "/v1/organisation/decision", finance, organisationDecision{Request: v.Change.Request.ID,
		Approve: true}, &struct{}{})
	if v = (authorityView{}); true {
		f.json("GET", "/v1/authority", operations, nil, &v)
	}
	if len(v.Lines) != 9 || v.Revision != 1 || *v.Lines[0].UpTo != 100 || v.Lines[1].UpTo != nil {
		t.Errorf("%+v", v)
	}
	if !offered(operations).MayDecide {
		t.Error("operations are not offered what is theirs")
	}
	f.json("POST", order+"/refunds/1/decision", operations, yes, &struct{}{}, "Idempotency-Key", "d1")
	f.refundAsked(101)
	if r := offered(operations); r.MayDecide || r.DecidesFor != "" {
		t.Errorf("%+v", r)
	}
	if status, _, body := f.ask("POST", order+"/refunds/2/decision", operations, yes, "Idempotency-Key",
		"d2"); status != 403 || !strings.Contains(body, "须由负责该小区的财务审批") {
		t.Errorf("above the limit: %d %s", status, body)
	}
	today := access.DayOf(time.Now())
	var named namedDeputyView
	f.json("POST", "/v1/authority/deputies", finance, deputyInput{Deputy: actorOf(f.a, access.Operations), From: today,
		To: today}, &named)
	if named.Deputy == nil || named.Request != nil || named.Deputy.State != access.DeputyActive ||
		!named.Deputy.MayEnd {
		t.Fatalf("%+v", named)
	}
	if r := offered(operations); !r.MayDecide || r.DecidesFor != actorOf(f.a, access.Finance) {
		t.Errorf("%+v", r)
	}
	f.json("POST", order+"/refunds/2/decision", operations, yes, &struct{}{}, "Idempotency-Key", "d3")
	if r := offered(finance); r.DecidedBy != actorOf(f.a, access.Operations) ||
		r.DecidedFor != actorOf(f.a, access.Finance) {
		t.Errorf("%+v", r)
	}
	var d deputyView
	f.json("POST", "/v1/authority/deputies/"+named.Deputy.ID+"/termination", finance, nil, &d)
	var all list[deputyView]
	f.json("GET", "/v1/authority/deputies?state=ended", operations, nil, &all)
	if d.State != access.DeputyEnded || d.EndedBy == "" || d.MayEnd || len(all.Items) != 1 {
		t.Errorf("%+v, listed %+v", d, all.Items)
	}
	f.json("GET", "/v1/authority/deputies?state=active", operations, nil, &all)
	if len(all.Items) != 0 {
		t.Errorf("%+v", all.Items)
	}
}

// Corrections go by the same table: what waits is offered to whom the server would let decide, and the record says for
// whom it was decided.
func TestCorrectionsGoByTheTable(t *testing.T) {
	f := serve(t)
	operations, finance := f.a.staff[access.Operations], f.a.staff[access.Finance]
	var v authorityView
	f.json("PUT", "/v1/authority", operations, authorityInput{Lines: tableLines(upTo(access.OverReduction, 200))}, &v)
	f.json("POST", "/v1/organisation/decision", finance, organisationDecision{Request: v.Change.Request.ID,
		Approve: true}, &struct{}{})
	bill := "/v1/bills/" + f.a.bills[1].ID
	ask := func(kind billing.CorrectionKind, fen money.Fen) decisionInput {
		var b billRecordView
		f.json("POST", bill+"/corrections", f.a.staff[access.Cashier], correctionInput{Kind: kind, Amount: fen,
			Reason: "漏水减免"}, &b)
		return decisionInput{Request: b.waits().ID, Approve: true}
	}
	mayDecide := func(token string) *requestView {
		t.Helper()
		var waiting list[approvalView]
		f.json("GET", "/v1/approvals?kind=correction", token, nil, &waiting)
		return waiting.Items[0].request()
	}
	decide := func(token string, in decisionInput, want int) string {
		t.Helper()
		status, _, body := f.ask("POST", bill+"/corrections/decision", token, in)
		if status != want {
			t.Errorf("%d, want %d: %s", status, want, body)
		}
		return body
	}
	within := ask(billing.Reduction, 200)
	if r := mayDecide(operations); !r.MayDecide || len(r.Deciders) != 2 {
		t.Errorf("%+v", r)
	}
	decide(operations, within, 200)
	above := ask(billing.Reduction, 201)
	if r := mayDecide(operations); r.MayDecide || len(r.Deciders) != 1 {
		t.Errorf("%+v", r)
	}
	decide(operations, above, 403)
	today := access.DayOf(time.Now())
	f.json("POST", "/v1/authority/deputies", finance, deputyInput{Deputy: actorOf(f.a, access.Operations), From: today,
		To: today}, &struct{}{})
	if r := mayDecide(operations); !r.MayDecide || r.DecidesFor != actorOf(f.a, access.Finance) {
		t.Errorf("%+v", r)
	}
	if body := decide(operations, above, 200); !strings.Contains(body,
		`"decided_for":"`+actorOf(f.a, access.Finance)+`"`) {
		t.Error(body)
	}
	b, err := f.s.Billing.Bill(t.Context(), f.a.bills[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	if told := b.OwesAudit; len(told) > 0 && told[len(told)-1].After["decided_for"] != actorOf(f.a, access.Finance) {
		t.Errorf("the audit log is told %+v", told[len(told)-1])
	}
	// What is no line's of theirs stays with finance: a cancellation is of the whole bill, whatever is asked.
	decide(operations, ask(billing.WriteOff, 1), 200) // the deputy of finance still
}
