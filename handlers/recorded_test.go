package handlers

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/payment"
	"linlipay/property"
)

// deeds is what people do and the event that it leaves. A line is an action; what it needs beforehand happens in
// before, whose events are not looked at. In actor and object "…" stands for an id.
var deeds = []struct {
	name   string
	before func(*reach)
	do     func(*reach)
	want   []string // verb actor object, in the company's chain
}{
	{
		name: "a log-in",
		do: func(w *reach) {
			w.json("POST", "/v1/members/sessions", "", loginInput{"bbbfinance", "password-bbb"}, &tokensView{})
		},
		want: []string{"staff.logged_in staff:…"},
	},
	{
		name: "a wrong password, twice",
		do: func(w *reach) {
			w.refused(401, "POST", "/v1/members/sessions", "", loginInput{"bbbfinance", "wrong"})
			w.refused(401, "POST", "/v1/members/sessions", "", loginInput{"bbbfinance", "wrong"})
		},
		want: []string{"staff.refused staff:…"},
	},
	{
		name: "a log-out",
		do: func(w *reach) {
			var v tokensView
			w.json("POST", "/v1/members/sessions", "", loginInput{"bbbfinance", "password-bbb"}, &v)
			for range 2 { // a session ends once
				if status, _,
					body := w.ask("POST", "/v1/tokens/revocation", "", refreshInput{v.RefreshToken}); status != 204 {
					w.t.Fatal(body)
				}
			}
		},
		want: []string{"staff.logged_in staff:…", "session.ended staff:…"},
	},
	{
		name: "a new member, asked for, refused and asked for again",
		do: func(w *reach) {
			in := newMemberInput{Login: "wang", Name: "新人", Roles: []access.Role{access.Cashier}}
			var asked codeForView
			w.json("POST", "/v1/members", w.b.staff[access.Operations], in, &asked)
			no := decisionInput{Request: asked.Member.Request.ID, Note: "不认识"}
			w.json("POST", "/v1/members/"+asked.Member.ID+"/decision", w.b.staff[access.Finance], no, &codeForView{})
			w.json("POST", "/v1/members", w.b.staff[access.Operations], in, &asked)
			yes := decisionInput{Request: asked.Member.Request.ID, Approve: true}
			w.json("POST", "/v1/members/"+asked.Member.ID+"/decision", w.b.staff[access.Finance], yes, &codeForView{})
		},
		want: []string{"staff.requested staff:… staff:…", "staff.denied staff:… staff:…",
			"staff.requested staff:… staff:…",
			"staff.approved staff:… staff:…"},
	},
	{
		name: "a workbook, tried and taken in",
		do: func(w *reach) {
			raw, err := io.ReadAll(threeBills(w.t, "乙小区", "业主", "13900000009"))
			if err != nil {
				w.t.Fatal(err)
			}
			for _, how := range []string{"?dry_run=1", ""} {
				w.json("POST", "/v1/imports"+how, w.b.staff[access.Operations], string(raw), &billing.ImportReport{},
					"Content-Type", takesWorkbook[0])
			}
		},
		want: []string{"workbook.tried staff:…", "workbook.imported staff:…"},
	},
	{
		name: "a member who leaves",
		do: func(w *reach) {
			path, operations := "/v1/members/"+w.ids["member"], w.b.staff[access.Operations]
			w.json("POST", path+"/one-time-passwords", operations, nil, &codeForView{})
			for range 2 { // the second changes nothing
				w.json("POST", path+"/deactivation", operations, nil, &memberView{})
			}
		},
		want: []string{"staff.requested staff:… staff:…", "staff.disabled staff:… staff:…"},
	},
	{
		name: "a password of one's own, and a log-out elsewhere",
		do: func(w *reach) {
			in := passwordInput{"password-bbb", "a password of their own"}
			if status, _, body := w.ask("PUT", "/v1/me/password", w.b.staff[access.Finance], in); status != 204 {
				w.t.Fatal(body)
			}
			if status, _, body := w.ask("DELETE", "/v1/me/sessions", w.b.staff[access.Finance], nil); status != 204 {
				w.t.Fatal(body)
			}
		},
		want: []string{"password.changed staff:… staff:…", "sessions.ended staff:… staff:…"},
	},
	{
		name: "a terminal that is unpaired",
		do: func(w *reach) {
			w.json("DELETE", "/v1/terminals/"+w.ids["terminal"], w.b.staff[access.Operations], nil,
				&terminalView{})
		},
		want: []string{"terminal.unpaired staff:… terminal:…"},
	},
	{
		name: "a list with whole telephone numbers",
		do:   func(w *reach) { w.json("GET", "/v1/units?q=101", w.b.staff[access.Cashier], nil, &list[unitView]{}) },
		want: []string{"phones.viewed staff:…"},
	},
	{
		name: "a resident's own units",
		do:   func(w *reach) { w.json("GET", "/v1/units", w.b.resident, nil, &list[unitView]{}) },
	},
	{
		name: "a pairing",
		do:   func(w *reach) { w.device(w.b) },
		want: []string{"pairing.made staff:…", "terminal.paired terminal:… terminal:…"},
	},
	{
		name: "a refund asked for",
		do: func(w *reach) {
			w.askRefund("again")
			w.askRefund("again")
		},
		want: []string{"refund.requested staff:… refund:…"},
	},
	{
		name:   "a refund approved",
		before: func(w *reach) { w.askRefund("approve") },
		do: func(w *reach) {
			w.json("POST", w.refundAsked("decision"), w.b.staff[access.Finance], refundDecision{Approve: true},
				&struct{}{})
		},
		want: []string{"refund.approved staff:… refund:…"},
	},
	{
		name:   "a refund rejected",
		before: func(w *reach) { w.askRefund("reject") },
		do: func(w *reach) {
			w.json("POST", w.refundAsked("decision"), w.b.staff[access.Finance], refundDecision{Note: "不对 13900000002"},
				&struct{}{})
		},
		want: []string{"refund.rejected staff:… refund:…"},
	},
	{
		name: "a refund made at the institution, seen",
		do: func(w *reach) {
			w.json("POST", w.paid()+"/refunds/1/acknowledgement", w.b.staff[access.Finance], sightInput{Note: "核实"},
				&struct{}{})
		},
		want: []string{"return.acknowledged staff:… refund:…"},
	},
	{
		name: "unapplied funds claimed, then written off",
		do: func(w *reach) {
			for _, d := range []payment.Decision{payment.Claim, payment.Dismiss} {
				w.json("POST", "/v1/orders/"+w.ids["stray"]+"/unapplied-funds/1/decision", w.b.staff[access.Finance],
					map[string]any{"decision": d, "note": "业主李四"}, &struct{}{})
			}
		},
		want: []string{"exception.claimed staff:… exception:…", "exception.dismissed staff:… exception:…"},
	},
	{
		name: "a terminal's result settled",
		do: func(w *reach) {
			w.json("POST", "/v1/orders/"+w.ids["doubtful"]+"/rejected-reports/1/resolution", w.b.staff[access.Finance],
				sightInput{Note: "核实"}, &struct{}{})
		},
		want: []string{"result.ended staff:… attempt:…"},
	},
	{
		name: "a message worked again",
		do: func(w *reach) {
			w.json("POST", "/v1/notifications/"+w.ids["message"]+"/replays", w.b.staff[access.Finance], nil,
				&messageView{})
		},
		want: []string{"message.replayed staff:… message:…"},
	},
	{
		name: "another company's message worked again",
		do: func(w *reach) {
			w.refused(404, "POST", "/v1/notifications/"+w.ids["message"]+"/replays", w.a.staff[access.Finance], nil)
		},
	},
	{
		name: "a change of an account approved, then the account disabled",
		do: func(w *reach) {
			at := "/v1/merchant-accounts/" + w.ids["account"]
			w.json("POST", at+"/decision", w.b.staff[access.Finance],
				decisionInput{Request: w.ids["request"], Approve: true}, &struct{}{})
			w.json("POST", at+"/deactivation", w.b.staff[access.Operations], nil, &struct{}{})
		},
		want: []string{"account.approved staff:… account:…", "account.disabled staff:… account:…"},
	},
	{
		name: "a choice of routes withdrawn",
		do: func(w *reach) {
			w.json("POST", "/v1/routes/withdrawal?community="+w.b.community, w.b.staff[access.Operations],
				routesWithdrawal{Request: w.ids["routes"]}, &struct{}{})
		},
		want: []string{"routes.withdrawn staff:… routes:…"},
	},
	{
		name: "a code to bind, wrong and right",
		do: func(w *reach) {
			path, asker := "/v1/bindings/"+w.ids["binding"]+"/confirmation", w.rightful[access.ResidentKind][1]
			w.refused(410, "POST", path, asker, bindCodeInput{Code: "not it"})
			w.json("POST", path, asker, bindCodeInput{Code: w.ids["code"]}, &bindingView{})
		},
		want: []string{"binding.denied resident:… binding:…", "binding.made resident:… binding:…"},
	},
	{
		name: "a request to bind, approved, and the binding ended",
		before: func(w *reach) {
			w.askToBind(w.rightful[access.ResidentKind][1],
				bindInput{w.b.community, "1-1-101", property.ByOffice, "租户"})
		},
		do: func(w *reach) {
			path, front := "/v1/bindings/"+w.ids["binding"], w.b.staff[access.Cashier]
			w.bindings("/v1/bindings", front)
			w.json("POST", path+"/decision", front, bindingDecision{Approve: true}, &bindingView{})
			w.json("POST", path+"/termination", front, endInput{Reason: "退租"}, &bindingView{})
			w.bindings("/v1/units/"+w.b.unit.ID+"/bindings", w.b.resident) // who sees no whole number
		},
		want: []string{"phones.viewed staff:…", "binding.approved staff:… binding:…",
			"binding.ended staff:… binding:…"},
	},
	{
		name: "a request to bind, refused",
		before: func(w *reach) {
			w.askToBind(w.rightful[access.ResidentKind][1], bindInput{w.b.community, "1-1-101", property.ByOffice, ""})
		},
		do: func(w *reach) {
			in := bindingDecision{Reason: "不认识"}
			w.json("POST", "/v1/bindings/"+w.ids["binding"]+"/decision", w.b.staff[access.Operations], in,
				&bindingView{})
		},
		want: []string{"binding.refused staff:… binding:…"},
	},
	{
		name: "another owner",
		do: func(w *reach) {
			in := ownerInput{Owner: "新业主", Phone: "13700000055"}
			for range 2 { // the second changes nothing
				w.json("PUT", "/v1/units/"+w.b.unit.ID+"/owner", w.b.staff[access.Operations], in, &unitView{})
			}
		},
		want: []string{"unit.owner_changed staff:… unit:…"},
	},
	{
		name: "a look at the audit log",
		do:   func(w *reach) { w.json("GET", "/v1/audit-events", w.b.staff[access.Auditor], nil, &list[eventView]{}) },
	},
	{
		name: "the audit log taken out",
		do: func(w *reach) {
			if status, _, body := w.ask("GET", "/v1/audit-events/export?object=13900000002", w.b.staff[access.Auditor],
				nil); status != 200 {
				w.t.Fatal(body)
			}
		},
		want: []string{"audit.exported staff:…"},
	},
}

func (w *reach) askRefund(key string) {
	w.t.Helper()
	var v requestedView
	w.json("POST", w.paid()+"/refunds", w.b.staff[access.Cashier], refundInput{Items: w.item(), Reason: "住户申请"}, &v,
		"Idempotency-Key", key)
	w.ids["refund"] = fmt.Sprint(v.Refund.No)
}

// refundAsked is the path of what is done with the refund that was asked for last.
func (w *reach) refundAsked(what string) string {
	return w.paid() + "/refunds/" + w.ids["refund"] + "/" + what
}

func (w *reach) paid() string { return "/v1/orders/" + w.ids["paid"] }

func (w *reach) refused(want int, method, path, token string, in any) {
	w.t.Helper()
	if status, _, body := w.ask(method, path, token, in); status != want {
		w.t.Fatalf("%s %s: %d %s", method, path, status, body)
	}
}

// events are those of a company, the oldest first.
func (f *fixture) events(company string) []audit.Event {
	f.t.Helper()
	if _, err := f.s.Audit.Settle(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
	var all []audit.Event
	for q := (audit.Filter{Company: company}); ; {
		events, next, err := f.s.Audit.Find(f.t.Context(), q)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, e := range events {
			all = append([]audit.Event{e}, all...)
		}
		if q.Cursor = next; next == "" {
			return all
		}
	}
}

func TestWhatPeopleDoIsRecorded(t *testing.T) {
	for _, d := range deeds {
		t.Run(d.name, func(t *testing.T) {
			w := newReach(t)
			if d.before != nil {
				d.before(w)
			}
			before := len(w.events("bbb"))
			from, err := w.s.Audit.DigestOfAddress(t.Context(), netip.MustParseAddr("127.0.0.1"))
			if err != nil {
				t.Fatal(err)
			}
			d.do(w)
			var got []string
			for _, e := range w.events("bbb")[before:] {
				got = append(got,
					strings.TrimSpace(fmt.Sprint(e.Verb, " ", kindOnly(e.Actor), " ", kindOnly(e.Object))))
				w.impersonal(e)
				if e.From != from || e.Request == "" || e.Company != "bbb" || e.Hash == "" {
					t.Errorf("%+v", e)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(d.want) {
				t.Errorf("%q, want %q", got, d.want)
			}
		})
	}
}

// kindOnly is the kind of an actor or object.
func kindOnly(id string) string {
	kind, _, has := strings.Cut(id, ":")
	if !has {
		return id
	}
	return kind + ":…"
}

// impersonal sees to it that an event holds nothing personal and no secret.
func (w *reach) impersonal(e audit.Event) {
	w.t.Helper()
	text := fmt.Sprintf("%+v", e)
	for _, c := range []*company{w.a, w.b} {
		for _, secret := range []string{c.unit.Owner, c.unit.Phone, c.name, "password-", "of their own", "SECRET",
			"wrong", "bbbfinance"} {
			if strings.Contains(text, secret) {
				w.t.Errorf("%q is in an event: %s", secret, text)
			}
		}
	}
}

// An auditor may read what any staff may, each route of it, and change nothing.
func TestAnAuditorSeesAllAndChangesNothing(t *testing.T) {
	w := newReach(t)
	before, reads := w.versions(), 0
	for _, r := range w.s.routes() {
		if r.who.public || strings.HasSuffix(r.path, "/events") {
			continue
		}
		header := []string{"Idempotency-Key", "k"}
		if len(r.takes) > 0 {
			header = append(header, "Content-Type", r.takes[0])
		}
		body := w.inputs()[r.method+" "+r.path]
		status, _, answer := w.ask(r.method, w.path(t, r)+w.query(r), w.b.staff[access.Auditor], body,
			header...)
		may := r.method == "GET" && slices.Contains(r.who.kinds, access.StaffKind)
		if may {
			reads++
		}
		if may != (status == 200) || !may && status != 403 {
			t.Errorf("%s %s: %d %.200s", r.method, r.path, status, answer)
		}
	}
	if after := w.versions(); after != before || reads < 20 {
		t.Errorf("something changed: %s, before %s; %d routes were read", after, before, reads)
	}
	err := w.s.Access.AddStaff(t.Context(),
		access.Staff{Login: "both", Company: "bbb", Roles: []access.Role{access.Auditor, access.Finance}},
		"password-bbb")
	if !fault.Is(err, fault.Invalid) {
		t.Errorf("an auditor who is finance too: %v", err)
	}
}

// What orders show of telephone numbers is masked, in lists and by themselves.
func TestAListOfOrdersIsNoListOfNumbers(t *testing.T) {
	w := newReach(t)
	for _, path := range []string{"/v1/orders", "/v1/refunds", "/v1/unapplied-funds", "/v1/unconfirmed-payments",
		"/v1/returns"} {
		_, _, body := w.ask("GET", path, w.b.staff[access.Finance], nil)
		if strings.Contains(body, w.b.unit.Phone) {
			t.Errorf("%s shows a whole number", path)
		}
		if path != "/v1/unapplied-funds" && !strings.Contains(body, maskPhone(w.b.unit.Phone)) {
			// there the money is of no unit
			t.Errorf("%s shows no order with a number: %.200s", path, body)
		}
	}
	_, _, body := w.ask("GET", w.paid(), w.b.staff[access.Finance], nil)
	if strings.Contains(body, w.b.unit.Phone) || !strings.Contains(body, maskPhone(w.b.unit.Phone)) {
		t.Errorf("an order shows the payer's number whole or not at all: %.200s", body)
	}
}

// The audit log is found by each of its filters, page by page, and its export holds the same.
func TestTheAuditLogIsFoundAndTakenOut(t *testing.T) {
	w := newReach(t)
	w.askRefund("1")
	all := len(w.events("bbb"))
	auditor := w.b.staff[access.Auditor]
	get := func(query string) (n int) {
		for cursor := ""; ; {
			var page list[eventView]
			w.json("GET", "/v1/audit-events?limit=3&cursor="+cursor+"&"+query, auditor, nil, &page)
			for _, e := range page.Items {
				if e.Words == "" || e.Hash == "" || e.Words == string(e.Verb) {
					t.Errorf("%+v", e)
				}
			}
			n += len(page.Items)
			if cursor = page.Next; cursor == "" {
				return n
			}
		}
	}
	if n := get(""); n != all {
		t.Errorf("%d events, want %d", n, all)
	}
	asked := "object=order:" + w.ids["paid"] + "&verb=refund.requested"
	if n := get(asked); n != 1 {
		t.Errorf("%d refunds were asked for", n)
	}
	if n := get("to=2026-01-01T00:00:00Z"); n != 0 {
		t.Errorf("%d events of long ago", n)
	}
	if n := get("from=2099-01-01T00:00:00Z&to=2099-01-01T00:00:00Z"); n != 0 {
		t.Errorf("%d events of a time that is none", n)
	}
	for _, bad := range []string{"verb=x", "from=yesterday", "cursor=x"} {
		w.refused(400, "GET", "/v1/audit-events?"+bad, auditor, nil)
	}
	_, h, body := w.ask("GET", "/v1/audit-events/export?"+asked, auditor, nil, "Accept-Language", "en")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\uFEFF"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][3] != "asked for a refund" || rows[1][1] != "乙物业cashier" ||
		!strings.HasPrefix(h.Get("Content-Type"), "text/csv") {
		t.Errorf("%v, %q", err, body)
	}
	if got := harmless("=1+1"); got != "'=1+1" {
		t.Error(got)
	}
	var heads audit.Heads
	w.json("GET", "/v1/audit-events/heads", auditor, nil, &heads)
	if findings, err := w.s.Audit.Against(t.Context(), heads); len(heads.Heads) != 1 || len(findings) != 0 ||
		err != nil {
		t.Errorf("%+v %v %v", heads, findings, err)
	}
	w.refused(403, "GET", "/v1/audit-events", w.b.staff[access.Cashier], nil)
	w.refused(403, "GET", "/v1/audit-events", w.scopedTo("part", access.Finance, w.b.community), nil)
}
