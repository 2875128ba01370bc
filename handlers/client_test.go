package handlers

import (
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// apiClient makes a client of a company with every right, in some communities or all, and its key: asked for by
// operations, approved by finance.
func (f *fixture) apiClient(of *company, communities ...string) (apiClientView, string) {
	f.t.Helper()
	return f.apiClientWith(of, newAPIClientInput{Name: "ERP", Rights: access.ClientRights(), Communities: communities,
		PerMinute: 6000})
}

func (f *fixture) apiClientWith(of *company, in newAPIClientInput) (apiClientView, string) {
	f.t.Helper()
	var asked, approved apiClientView
	var made newKeyView
	f.json("POST", "/v1/api-clients", of.staff[access.Operations], in, &asked)
	path := "/v1/api-clients/" + asked.ID
	f.json("POST", path+"/decision", of.staff[access.Finance], decisionInput{Request: asked.Request.ID, Approve: true},
		&approved)
	f.json("POST", path+"/keys", of.staff[access.Operations], newKeyInput{}, &made)
	return made.Client, made.Key
}

// A program's life over HTTP: asked for, approved by another, a key, what it may and may not do, rotated, revoked.
func TestAnAPIClientOverHTTP(t *testing.T) {
	f := serve(t)
	operations, finance := f.a.staff[access.Operations], f.a.staff[access.Finance]
	in := newAPIClientInput{Name: "ERP", Rights: []access.Right{access.ReadOrders}}
	var asked, seen apiClientView
	f.json("POST", "/v1/api-clients", operations, in, &asked)
	path, yes := "/v1/api-clients/"+asked.ID, decisionInput{Request: asked.Request.ID, Approve: true}
	if asked.State != access.ClientWaiting || asked.PerMinute != 120 || !asked.Request.Mine || len(asked.Rights) != 0 {
		t.Fatalf("%+v", asked)
	}
	if status, _, body := f.ask("POST", path+"/keys", operations, newKeyInput{}); status != 409 {
		t.Errorf("a key before it was approved: %d %s", status, body)
	}
	if status, _, body := f.ask("POST", path+"/decision", operations, yes); status != 403 {
		t.Errorf("who asked approves: %d %s", status, body)
	}
	f.json("POST", path+"/decision", finance, yes, &seen)
	var made, second newKeyView
	f.json("POST", path+"/keys", operations, newKeyInput{}, &made)
	if status, h, body := f.ask("GET", "/v1/orders/"+f.a.order.ID, made.Key, nil); status != 200 ||
		strings.Contains(body, f.a.unit.Phone[7:]) || strings.Contains(body, f.a.unit.Owner) ||
		h.Get("RateLimit-Policy") != `"client";q=120;w=60` || h.Get("RateLimit") != `"client";r=119;t=1` {
		t.Errorf("%d %v %s", status, h, body)
	}
	for path, method := range map[string]string{"/v1/orders": "POST", "/v1/units?q=101": "GET",
		"/v1/audit-events": "GET", "/v1/api-clients": "GET",
		"/v1/events": "GET", "/v1/orders/" + f.a.order.ID + "/attempts": "POST"} {
		if status, _, body := f.ask(method, path, made.Key, nil); status != 403 {
			t.Errorf("%s %s without its right: %d %s", method, path, status, body)
		}
	}
	until := time.Now().Add(time.Hour)
	f.json("POST", path+"/keys", operations, newKeyInput{OldUntil: &until}, &second)
	for _, key := range []string{made.Key, second.Key} {
		var me meView
		if f.json("GET", "/v1/me", key, nil, &me); me.Kind != access.ClientKind || me.Name != "ERP" ||
			!slices.Equal(me.Rights, in.Rights) {
			t.Errorf("%+v", me)
		}
	}
	if status, _, _ := f.ask("DELETE", path+"/keys/"+made.Client.Keys[0].ID, operations, nil); status != 204 {
		t.Error(status)
	}
	if status, _, body := f.ask("GET", "/v1/me", made.Key, nil); status != 401 || !strings.Contains(body, "吊销") {
		t.Errorf("an ended key: %d %s", status, body)
	}
	if status, _, _ := f.ask("DELETE", path, operations, nil); status != 204 {
		t.Error(status)
	}
	if status, _, _ := f.ask("GET", "/v1/me", second.Key, nil); status != 401 {
		t.Errorf("of a revoked client: %d", status)
	}
	f.json("GET", path, finance, nil, &seen)
	if seen.State != access.ClientRevoked || seen.Keys[0].UsedAt == nil || seen.Keys[0].Good {
		t.Errorf("%+v", seen)
	}
	f.recordsOf(asked.Actor, audit.ClientAsked, audit.ClientApproved, audit.ClientKeyMade, audit.ClientKeyMade,
		audit.ClientKeyEnded, audit.ClientDenied, audit.ClientRevoked) // the second denial within a minute is counted
}

// A client that waits for another person stands in the list of what waits, for those who may decide it, with what it
// would be given.
func TestAClientWaitsAmongTheApprovals(t *testing.T) {
	w := newReach(t)
	operations, finance := w.b.staff[access.Operations], w.b.staff[access.Finance]
	var asked apiClientView
	w.json("POST", "/v1/api-clients", operations, newAPIClientInput{Name: "ERP",
		Rights: []access.Right{access.ReadOrders}, Communities: []string{w.b.community}}, &asked)
	path := "/v1/api-clients/" + asked.ID
	waiting := func(token string) []approvalView {
		var some list[approvalView]
		w.json("GET", "/v1/approvals?kind=client", token, nil, &some)
		return slices.DeleteFunc(some.Items, func(v approvalView) bool { return v.Client.ID != asked.ID })
	}
	some := waiting(finance)
	if len(some) != 1 || some[0].request().ID != asked.Request.ID || !some[0].request().MayDecide ||
		some[0].request().Differences[0].After != "orders.read" {
		t.Fatalf("waiting: %+v", some)
	}
	if some := waiting(operations); len(some) != 1 || some[0].request().MayDecide ||
		len(some[0].request().Deciders) == 0 {
		t.Errorf("for the maker: %+v", some)
	}
	for _, token := range []string{w.a.staff[access.Finance], w.strangers["another community's finance"]} {
		if some := waiting(token); len(some) != 0 {
			t.Errorf("for others: %+v", some)
		}
	}
	var approved apiClientView
	w.json("POST", path+"/decision", finance, decisionInput{Request: asked.Request.ID, Approve: true}, &approved)
	if some := waiting(finance); len(some) != 0 {
		t.Errorf("still waiting: %+v", some)
	}
	more := []string{}
	w.json("PATCH", path, operations, apiClientInput{Communities: &more}, &asked)
	if some = waiting(finance); len(some) != 1 || len(some[0].request().Differences) != 1 ||
		some[0].request().Differences[0].Before != w.b.community {
		t.Errorf("everywhere: %+v", some)
	}
}

// A community or a region that there is not, or that is another company's, is named as the field that is wrong.
func TestAClientsUnknownPlaceIsNamed(t *testing.T) {
	w := newReach(t)
	operations, rights := w.b.staff[access.Operations], []access.Right{access.ReadOrders}
	of, _ := w.apiClient(w.b)
	for name, c := range map[string]struct {
		in    newAPIClientInput
		field string
	}{
		"no community":              {newAPIClientInput{Communities: []string{"none"}}, "communities"},
		"another company's":         {newAPIClientInput{Communities: []string{w.a.community}}, "communities"},
		"no region":                 {newAPIClientInput{Regions: []string{"none"}}, "regions"},
		"one community that is not": {newAPIClientInput{Communities: []string{w.b.community, "x"}}, "communities"},
	} {
		c.in.Name, c.in.Rights = "ERP", rights
		status, _, made := w.ask("POST", "/v1/api-clients", operations, c.in)
		changed, _, answer := w.ask("PATCH", "/v1/api-clients/"+of.ID, operations,
			apiClientInput{Communities: &c.in.Communities, Regions: &c.in.Regions})
		for _, told := range []string{made, answer} {
			if status != 404 || changed != 404 || !strings.Contains(told, `"field":"`+c.field+`"`) {
				t.Errorf("%s: %d and %d: %s", name, status, changed, told)
			}
		}
	}
}

// A span of which nothing can be replayed is named by the end of it that is wrong.
func TestAReplaysSpanIsNamed(t *testing.T) {
	w := newReach(t)
	now := time.Now()
	for _, c := range []struct {
		in    spanInput
		field string
	}{
		{spanInput{}, "from"}, {spanInput{From: now.Add(time.Hour)}, "from"},
		{spanInput{From: now, To: now.Add(-time.Hour)}, "to"}, {spanInput{From: now, To: now}, "to"},
	} {
		status, _, answer := w.ask("POST", "/v1/webhook-endpoints/"+w.ids["endpoint"]+"/replays",
			w.b.staff[access.Operations], c.in)
		if status != 400 || !strings.Contains(answer, `"field":"`+c.field+`"`) {
			t.Errorf("%v: %d %s", c.in, status, answer)
		}
	}
}

// recordsOf holds what the audit log has of an object against what should have been written, in any order.
func (f *fixture) recordsOf(object string, want ...audit.Verb) {
	f.t.Helper()
	if _, err := f.s.Audit.Settle(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
	var found list[eventView]
	f.json("GET", "/v1/audit-events?object="+object, f.a.staff[access.Auditor], nil, &found)
	var verbs []audit.Verb
	for _, e := range found.Items {
		verbs = append(verbs, e.Verb)
	}
	slices.Sort(verbs)
	slices.Sort(want)
	if !slices.Equal(verbs, want) {
		f.t.Errorf("recorded %v, want %v", verbs, want)
	}
}

// A program makes an order and asks for a refund under its own name, within what the company lets go without a second
// person; whoever held its key does not approve.
func TestAProgramIsNamedOnWhatItMakes(t *testing.T) {
	f := serve(t)
	c, key := f.apiClient(f.a)
	var o orderView
	f.json("POST", "/v1/orders", key, orderInput{Unit: f.a.unit.ID, Bills: []string{f.a.bills[1].ID}}, &o,
		"Idempotency-Key", "erp-1")
	if o.Origin.Kind != payment.API || o.Origin.Client != c.ID || o.Payer.Phone != "" || len(o.Timeline) != 0 {
		t.Errorf("%+v", o)
	}
	kept, err := f.s.Payments.Get(t.Context(), o.ID)
	if err != nil {
		t.Fatal(err)
	}
	if kept.Timeline[0].By != c.Actor {
		t.Errorf("made by %+v", kept.Timeline[0])
	}
	for method, in := range map[string]attemptInput{"cash": {Method: gateway.Notes, Tendered: 1000},
		"a payment code": {Method: gateway.CodePresented, AuthCode: "134567890123456789"}} {
		status, _, body := f.ask("POST", "/v1/orders/"+o.ID+"/attempts", key, in,
			"Idempotency-Key", "by-"+string(in.Method))
		if status != 403 {
			t.Errorf("a program takes %s: %d %s", method, status, body)
		}
	}
	var actors list[colleagueView]
	f.json("GET", "/v1/actors", f.a.staff[access.Cashier], nil, &actors)
	if !slices.ContainsFunc(actors.Items, func(v colleagueView) bool {
		return v.Actor == c.Actor && v.Name == c.Name
	}) {
		t.Errorf("%+v", actors)
	}
}

// A client's calls are counted for itself alone, and told in the header; above its pace they are 429 with Retry-After.
func TestAClientHasItsOwnPace(t *testing.T) {
	f := serve(t)
	slow := newAPIClientInput{Name: "慢", Rights: []access.Right{access.ReadOrders}, PerMinute: 3}
	_, key := f.apiClientWith(f.a, slow)
	_, other := f.apiClientWith(f.a, slow)
	for i := range 3 {
		if status, h, _ := f.ask("GET", "/v1/me", key, nil); status != 200 ||
			!strings.HasPrefix(h.Get("RateLimit"), `"client";r=`+string(rune('2'-i))+`;t=`) {
			t.Errorf("%d %v", status, h)
		}
	}
	status, h, body := f.ask("GET", "/v1/me", key, nil)
	if status != 429 || h.Get("Retry-After") == "" || h.Get("RateLimit-Policy") != `"client";q=3;w=60` ||
		!strings.HasPrefix(h.Get("RateLimit"), `"client";r=0;t=`) ||
		!strings.Contains(body, `"code":"too_many_requests"`) {
		t.Errorf("%d %v %s", status, h, body)
	}
	if status, _, _ := f.ask("GET", "/v1/me", other, nil); status != 200 {
		t.Errorf("another client: %d", status)
	}
}

// Every right lets a client call routes that there are, and no route is let in by two.
func TestEveryRightNamesRoutes(t *testing.T) {
	s := New(Config{Now: time.Now})
	seen := map[string]bool{}
	for _, right := range append(access.ClientRights(), anyClient) {
		if len(clientOperations[right]) == 0 {
			t.Errorf("%s lets nobody call anything", right)
		}
		for _, id := range clientOperations[right] {
			i := slices.IndexFunc(s.routes(), func(r route) bool { return r.id == id })
			if i < 0 || seen[id] || s.routes()[i].who.public {
				t.Errorf("%s: %s is no route, a public one, or stands twice", right, id)
			}
			seen[id] = true
		}
	}
}

// Who made a key of a client could have asked in its name, and so another person decides.
func TestWhoHeldAKeyDoesNotApproveItsRefund(t *testing.T) {
	f := serve(t)
	c, key := f.apiClient(f.a)
	both := access.Staff{Login: "both", Name: "兼", Company: f.a.id,
		Roles: []access.Role{access.Operations, access.Finance}}
	if err := f.s.Access.AddStaff(t.Context(), both, "password-aaa"); err != nil {
		t.Fatal(err)
	}
	var in tokensView
	f.json("POST", "/v1/members/sessions", "", loginInput{"both", "password-aaa"}, &in)
	var made newKeyView
	until := time.Now().Add(time.Hour)
	f.json("POST", "/v1/api-clients/"+c.ID+"/keys", in.AccessToken, newKeyInput{OldUntil: &until}, &made)
	f.paidAnd(f.a, "", 0)
	var asked requestedView
	f.json("POST", "/v1/orders/"+f.a.order.ID+"/refunds", key,
		refundInput{Items: []payment.RefundItem{{Ref: f.a.order.Items[0].Ref, Amount: 1}}, Reason: "系统退款"}, &asked,
		"Idempotency-Key", "r")
	if asked.Refund.Status != payment.RefundRequested {
		t.Fatalf("%+v", asked.Refund)
	}
	path := "/v1/orders/" + f.a.order.ID + "/refunds/1/decision"
	if status, _, body := f.ask("POST", path, in.AccessToken, refundDecision{Approve: true}); status != 403 {
		t.Errorf("who held the key approves: %d %s", status, body)
	}
	f.json("POST", path, f.a.staff[access.Finance], refundDecision{Approve: true}, &struct{}{})
}
