package handlers

import (
	"fmt"
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/property"
)

// deeds is what people do and the event that it leaves. A line is an action; what it needs beforehand happens in before, whose events are not looked at. In
// actor and object "…" stands for an id.
var deeds = []struct {
	name   string
	before func(*reach)
	do     func(*reach)
	want   []string // verb actor object, in the company's chain
}{
	{
		name: "a log-in",
		do: func(w *reach) {
			w.json("POST", "/v1/staff/login", "", loginInput{"bbbfinance", "password-bbb"}, &tokensView{})
		},
		want: []string{"staff.logged_in staff:…"},
	},
	{
		name: "a wrong password, twice",
		do: func(w *reach) {
			w.refused(401, "POST", "/v1/staff/login", "", loginInput{"bbbfinance", "wrong"})
			w.refused(401, "POST", "/v1/staff/login", "", loginInput{"bbbfinance", "wrong"})
		},
		want: []string{"staff.refused staff:…"},
	},
	{
		name: "a log-out",
		do: func(w *reach) {
			var v tokensView
			w.json("POST", "/v1/staff/login", "", loginInput{"bbbfinance", "password-bbb"}, &v)
			for range 2 { // a session ends once
				if status, _, body := w.ask("POST", "/v1/token/revoke", "", refreshInput{v.RefreshToken}); status != 204 {
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
			no := memberDecision{Request: asked.Member.Request.ID, Note: "不认识"}
			w.json("POST", "/v1/members/"+asked.Member.ID+"/decision", w.b.staff[access.Finance], no, &codeForView{})
			w.json("POST", "/v1/members", w.b.staff[access.Operations], in, &asked)
			yes := memberDecision{Request: asked.Member.Request.ID, Approve: true}
			w.json("POST", "/v1/members/"+asked.Member.ID+"/decision", w.b.staff[access.Finance], yes, &codeForView{})
		},
		want: []string{"staff.asked staff:… staff:…", "staff.denied staff:… staff:…", "staff.asked staff:… staff:…", "staff.approved staff:… staff:…"},
	},
	{
		name: "a member who leaves",
		do: func(w *reach) {
			path, operations := "/v1/members/"+w.ids["member"], w.b.staff[access.Operations]
			w.json("POST", path+"/reset", operations, nil, &codeForView{})
			for range 2 { // the second changes nothing
				w.json("POST", path+"/disable", operations, nil, &memberView{})
			}
		},
		want: []string{"staff.asked staff:… staff:…", "staff.disabled staff:… staff:…"},
	},
	{
		name: "a password of one's own, and a log-out elsewhere",
		do: func(w *reach) {
			in := passwordInput{"password-bbb", "a password of their own"}
			if status, _, body := w.ask("PUT", "/v1/me/password", w.b.staff[access.Finance], in); status != 204 {
				w.t.Fatal(body)
			}
			if status, _, body := w.ask("POST", "/v1/me/sessions/end", w.b.staff[access.Finance], endMineInput{}); status != 204 {
				w.t.Fatal(body)
			}
		},
		want: []string{"password.changed staff:… staff:…", "sessions.ended staff:… staff:…"},
	},
	{
		name: "a terminal that is unpaired",
		do: func(w *reach) {
			w.json("POST", "/v1/terminals/"+w.ids["terminal"]+"/unpair", w.b.staff[access.Operations], nil, &terminalView{})
		},
		want: []string{"terminal.unpaired staff:… terminal:…"},
	},
	{
		name: "a list with whole telephone numbers",
		do:   func(w *reach) { w.json("GET", "/v1/units?q=101", w.b.staff[access.Cashier], nil, &list[unitView]{}) },
		want: []string{"phones.seen staff:…"},
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
			w.json("POST", w.paid()+"/refunds", w.b.staff[access.Cashier], refundInput{Items: w.item(), Reason: "住户申请"}, &struct{}{}, "Idempotency-Key", "again")
			w.json("POST", w.paid()+"/refunds", w.b.staff[access.Cashier], refundInput{Items: w.item(), Reason: "住户申请"}, &struct{}{}, "Idempotency-Key", "again")
		},
		want: []string{"refund.asked staff:… refund:…"},
	},
	{
		name: "a code to bind, wrong and right",
		do: func(w *reach) {
			path, asker := "/v1/bindings/"+w.ids["binding"]+"/code", w.rightful[access.ResidentKind][1]
			w.refused(410, "POST", path, asker, bindCodeInput{Code: "not it"})
			w.json("POST", path, asker, bindCodeInput{Code: w.ids["code"]}, &bindingView{})
		},
		want: []string{"binding.denied resident:… binding:…", "binding.made resident:… binding:…"},
	},
	{
		name: "a request to bind, approved, and the binding ended",
		before: func(w *reach) {
			w.askToBind(w.rightful[access.ResidentKind][1], bindInput{w.b.community, "1-1-101", property.ByOffice, "租户"})
		},
		do: func(w *reach) {
			path, front := "/v1/bindings/"+w.ids["binding"], w.b.staff[access.Cashier]
			w.bindings("/v1/bindings", front)
			w.json("POST", path+"/decision", front, bindingDecision{Approve: true}, &bindingView{})
			w.json("POST", path+"/end", front, endInput{Reason: "退租"}, &bindingView{})
			w.bindings("/v1/units/"+w.b.unit.ID+"/bindings", w.b.resident) // who sees no whole number
		},
		want: []string{"phones.seen staff:…", "binding.approved staff:… binding:…", "binding.ended staff:… binding:…"},
	},
	{
		name: "a request to bind, refused",
		before: func(w *reach) {
			w.askToBind(w.rightful[access.ResidentKind][1], bindInput{w.b.community, "1-1-101", property.ByOffice, ""})
		},
		do: func(w *reach) {
			in := bindingDecision{Reason: "不认识"}
			w.json("POST", "/v1/bindings/"+w.ids["binding"]+"/decision", w.b.staff[access.Operations], in, &bindingView{})
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
		some, next, err := f.s.Audit.Find(f.t.Context(), q)
		if err != nil {
			f.t.Fatal(err)
		}
		for _, e := range some {
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
			d.do(w)
			var got []string
			for _, e := range w.events("bbb")[before:] {
				got = append(got, strings.TrimSpace(fmt.Sprint(e.Verb, " ", kindOnly(e.Actor), " ", kindOnly(e.Object))))
				w.impersonal(e)
				if e.From != "127.0.0.1" || e.Request == "" || e.Company != "bbb" || e.Hash == "" {
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
		for _, secret := range []string{c.unit.Owner, c.unit.Phone, c.name, "password-", "of their own", "SECRET", "wrong", "bbbfinance"} {
			if strings.Contains(text, secret) {
				w.t.Errorf("%q is in an event: %s", secret, text)
			}
		}
	}
}
