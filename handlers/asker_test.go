package handlers

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
)

// waitingRequest is what somebody asked for: where it is decided, and what approves it.
type waitingRequest struct {
	path string
	yes  any
}

// askedFor is a kind of request: who asks, the route that decides it, and how it is asked for by the holder of a token.
type askedFor struct {
	name, decides string
	role          access.Role
	ask           func(f *fixture, token string) waitingRequest
	wherever      bool // it is about the asker themselves, wherever they are: no community that they lose changes it
}

// askedForKinds are all kinds of requests. Every route that decides what people ask for has a line, and each kind of
// thing that it decides.
var askedForKinds = []askedFor{
	{"refund", "decideRefund", access.Cashier, func(f *fixture, token string) waitingRequest {
		order := "/v1/orders/" + f.a.order.ID
		f.inCash(f.a.staff[access.Cashier], f.a.order.ID, f.a.order.Amount, "cash")
		f.json("POST", order+"/refunds", token, refundInput{Items: []payment.RefundItem{
			{Ref: f.a.order.Items[0].Ref, Amount: f.a.order.Amount}}, Reason: "多收"}, &struct{}{})
		return waitingRequest{order + "/refunds/1/decision", refundDecision{Approve: true}}
	}, false},
	{"declared return", "decideRefund", access.Finance, func(f *fixture, token string) waitingRequest {
		order := f.paidAndReturned(f.a, 0)
		f.json("POST", order+"/attempts/1/returns", token, explanationInput{Amount: 250, Note: "截图"}, &struct{}{})
		return waitingRequest{order + "/refunds/1/decision", refundDecision{Approve: true}}
	}, false},
	{"merchant account", "decideMerchantAccount", access.Operations, func(f *fixture, token string) waitingRequest {
		var v accountView
		f.json("POST", "/v1/merchant-accounts", token, newAccountInput{Institution: gateway.WeChat, Name: "停车费",
			Communities: []string{f.a.community}, Settings: map[string]string{"mchid": "1"}}, &v)
		return waitingRequest{"/v1/merchant-accounts/" + v.ID + "/decision",
			decisionInput{Request: v.Request.ID, Approve: true}}
	}, false},
	{"routes", "decideRoutes", access.Operations, func(f *fixture, token string) waitingRequest {
		var v routesView
		f.json("PUT", "/v1/routes?community="+f.a.community, token, routesInput{Routes: []merchant.Route{{
			PaymentMethod: gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.Native},
			Accounts:      []string{"aaawechat"}}}}, &v)
		return waitingRequest{"/v1/routes/decision?community=" + f.a.community,
			routesDecision{Request: v.Request.ID, Approve: true}}
	}, false},
	{"webhook endpoint", "decideWebhookEndpoint", access.Operations, func(f *fixture, token string) waitingRequest {
		var v madeEndpointView
		f.json("POST", "/v1/webhook-endpoints", token, newEndpointInput{URL: "https://erp.example.com/hooks"}, &v)
		return waitingRequest{"/v1/webhook-endpoints/" + v.Endpoint.ID + "/decision",
			decisionInput{Request: v.Endpoint.Request.ID, Approve: true}}
	}, false},
	{"API client", "decideApiClient", access.Operations, func(f *fixture, token string) waitingRequest {
		var v apiClientView
		f.json("POST", "/v1/api-clients", token, newAPIClientInput{Name: "ERP",
			Rights: []access.Right{access.ReadOrders}, Communities: []string{f.a.community}}, &v)
		return waitingRequest{"/v1/api-clients/" + v.ID + "/decision",
			decisionInput{Request: v.Request.ID, Approve: true}}
	}, false},
	{"new member", "decideMember", access.Operations, func(f *fixture, token string) waitingRequest {
		var v codeForView
		f.json("POST", "/v1/members", token, newMemberInput{Login: "zhao", Name: "赵",
			Roles: []access.Role{access.Cashier}, Communities: []string{f.a.community}}, &v)
		return waitingRequest{"/v1/members/" + v.Member.ID + "/decision",
			decisionInput{Request: v.Member.Request.ID, Approve: true}}
	}, false},
	{"member's rights", "decideMember", access.Operations, func(f *fixture, token string) waitingRequest {
		var v memberView
		f.json("PUT", "/v1/members/"+f.neighbour()+"/rights", token, rightsInput{Roles: []access.Role{access.Finance},
			Communities: []string{f.a.community}, Regions: []string{}}, &v)
		return waitingRequest{"/v1/members/" + v.ID + "/decision",
			decisionInput{Request: v.Request.ID, Approve: true}}
	}, false},
	{"member's password", "decideMember", access.Operations, func(f *fixture, token string) waitingRequest {
		var v codeForView
		f.json("POST", "/v1/members/"+f.neighbour()+"/one-time-passwords", token, nil, &v)
		return waitingRequest{"/v1/members/" + v.Member.ID + "/decision",
			decisionInput{Request: v.Member.Request.ID, Approve: true}}
	}, false},
	{"correction of a bill", "decideCorrection", access.Cashier, func(f *fixture, token string) waitingRequest {
		bill := "/v1/bills/" + f.a.bills[1].ID
		var v billRecordView
		f.json("POST", bill+"/corrections", token,
			correctionInput{Kind: billing.Reduction, Amount: 1, Reason: "漏水"}, &v)
		return waitingRequest{bill + "/corrections/decision",
			decisionInput{Request: v.Requests[0].ID, Approve: true}}
	}, false},
	{"payout of a prepayment", "decidePayout", access.Cashier, func(f *fixture, token string) waitingRequest {
		payouts := "/v1/prepayments/" + f.topUp(f.a, 500) + "/payouts"
		var v prepaymentRecordView
		f.json("POST", payouts, token, inCashTo("甲业主"), &v)
		return waitingRequest{payouts + "/decision", decisionInput{Request: v.Payouts[0].ID, Approve: true}}
	}, false},
	{"lock of an open balance", "decideCutover", access.Operations, func(f *fixture, token string) waitingRequest {
		cutover := "/v1/communities/" + f.a.community + "/cutover"
		var v cutOverView
		f.json("PUT", cutover, token, totalsInput{FirstPeriod: "2000-01",
			Totals: []controlTotalInput{{Fee: "物业费"}}}, &v)
		f.json("POST", cutover+"/requests", token, lockInput{Revision: v.Revision}, &v)
		return waitingRequest{cutover + "/decision", decisionInput{Request: v.Request.ID, Approve: true}}
	}, false},
	{"legal entity", "decideOrganisationChange", access.Operations, func(f *fixture, token string) waitingRequest {
		return f.organisationAsked("POST", "/v1/organisation/entities", token, entityInput{Name: "分公司",
			Accounts: []bankAccountView{}, Kind: access.Branch, TaxNumber: "91350100M000100Y43"})
	}, false},
	{"move", "decideOrganisationChange", access.Operations, func(f *fixture, token string) waitingRequest {
		var v organisationView
		f.json("POST", "/v1/organisation/regions", f.a.staff[access.Operations], regionInput{Name: "某区域"}, &v)
		return f.organisationAsked("POST", "/v1/organisation/moves", token, moveInput{
			Communities: []string{f.a.community}, Region: v.Regions[0].ID,
			From: access.DayOf(time.Now().Add(24 * time.Hour))})
	}, false},
	{"settings", "decideOrganisationChange", access.Operations, func(f *fixture, token string) waitingRequest {
		var v companySettingsView
		f.json("PUT", "/v1/settings", token, settingsInput{Unapplied: "person", DeskMinutes: 5, PhoneMinutes: 15,
			PartPayments: "desk", Prepayments: "on_request"}, &v)
		return waitingRequest{"/v1/organisation/decision",
			organisationDecision{Request: v.Change.Request.ID, Approve: true}}
	}, false},
	{"the table", "decideOrganisationChange", access.Operations, func(f *fixture, token string) waitingRequest {
		var v authorityView
		f.json("PUT", "/v1/authority", token, authorityInput{Lines: tableLines()}, &v)
		return waitingRequest{"/v1/organisation/decision",
			organisationDecision{Request: v.Change.Request.ID, Approve: true}}
	}, false},
	{"another's deputy", "decideOrganisationChange", access.Operations, func(f *fixture, token string) waitingRequest {
		return f.deputyAsked(token, actorOf(f.a, access.Finance))
	}, false},
	{"one's own deputy", "decideOrganisationChange", access.Finance, func(f *fixture, token string) waitingRequest {
		return f.deputyAsked(token, "")
	}, true},
}

// deputyAsked asks for operations as a person's deputy.
func (f *fixture) deputyAsked(token, person string) waitingRequest {
	f.t.Helper()
	today := access.DayOf(time.Now())
	var v namedDeputyView
	f.json("POST", "/v1/authority/deputies", token, deputyInput{Person: person, Deputy: actorOf(f.a, access.Operations),
		From: today, To: today}, &v)
	return waitingRequest{"/v1/organisation/decision",
		organisationDecision{Request: v.Request.Request.ID, Approve: true}}
}

// decidedOtherwise are routes of decisions that nobody of the staff asked for.
var decidedOtherwise = map[string]string{
	"decideReturn":         "finance alone dismisses what an institution says",
	"decideBinding":        "a resident asks; what they may is the home's, not a role's",
	"decideUnappliedFunds": "nobody asked: an institution's money came",
}

// organisationAsked asks for a change of the organisation.
func (f *fixture) organisationAsked(method, path, token string, in any) waitingRequest {
	f.t.Helper()
	var v organisationView
	f.json(method, path, token, in, &v)
	return waitingRequest{"/v1/organisation/decision",
		organisationDecision{Request: v.Requests[0].Request.ID, Approve: true}}
}

// neighbour is a cashier of company A's community.
func (f *fixture) neighbour() string {
	f.t.Helper()
	m := access.Staff{Login: "neighbour", Name: "钱", Company: "aaa", Communities: []string{f.a.community},
		Roles: []access.Role{access.Cashier}}
	if err := f.s.Access.AddStaff(f.t.Context(), m, "password-aaa"); err != nil {
		f.t.Fatal(err)
	}
	return access.StaffID(m.Login)
}

// asker is somebody of company A with a role everywhere.
func (f *fixture) asker(role access.Role) (id, token string) {
	f.t.Helper()
	m := access.Staff{Login: "asker", Name: "孙", Company: "aaa", Roles: []access.Role{role}}
	if err := f.s.Access.AddStaff(f.t.Context(), m, "password-aaa"); err != nil {
		f.t.Fatal(err)
	}
	var v tokensView
	f.json("POST", "/v1/members/sessions", "", loginInput{m.Login, "password-aaa"}, &v)
	return access.StaffID(m.Login), v.AccessToken
}

// losses are the ways in which somebody who asked can lose what they asked with.
func (f *fixture) losses(role access.Role, id string) map[string]func() error {
	other := access.Cashier
	if role == access.Cashier {
		other = access.Operations
	}
	as := func(role access.Role, communities ...string) error {
		_, err := f.s.Access.ChangeRights(f.t.Context(), access.Shell("aaa"), id,
			access.Rights{Roles: []access.Role{role}, Communities: communities})
		return err
	}
	return map[string]func() error{
		"the role":      func() error { return as(other) },
		"the community": func() error { return as(role, "elsewhere") },
		"everything": func() error {
			_, err := f.s.Access.Disable(f.t.Context(), access.Shell("aaa"), id)
			return err
		},
		"nothing": func() error {
			if err := as(role); err != nil {
				return err
			}
			_, err := f.s.Access.Enable(f.t.Context(), access.Shell("aaa"), id)
			if fault.Is(err, fault.WrongState) {
				return nil
			}
			return err
		},
	}
}

// What somebody asked for is approved only while they could still ask for it: whoever has lost the role, the place or
// their login since has nothing done in their name, and once they have it again it is approved.
func TestNobodyApprovesWhatTheAskerMayNotAskAnyMore(t *testing.T) {
	for _, kind := range askedForKinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			f := serve(t)
			id, token := f.asker(kind.role)
			asked, second := kind.ask(f, token), f.finance2()
			losses := f.losses(kind.role, id)
			for _, lost := range []string{"the role", "the community", "everything"} {
				if kind.wherever && lost == "the community" {
					continue
				}
				if err := losses[lost](); err != nil {
					t.Fatal(err)
				}
				status, _, body := f.ask("POST", asked.path, second, asked.yes)
				if status != 409 || !strings.Contains(body, "申请人") {
					t.Errorf("approved after the asker lost %s: %d %s", lost, status, body)
				}
				if err := losses["nothing"](); err != nil {
					t.Fatal(err)
				}
			}
			if status, _, body := f.ask("POST", asked.path, second, asked.yes); status != 200 {
				t.Errorf("once they may again: %d %s", status, body)
			}
		})
	}
}

// Every route that decides stands in the table above, or says why it does not.
func TestEveryDecisionLooksAtTheAsker(t *testing.T) {
	known := map[string]bool{}
	for _, kind := range askedForKinds {
		known[kind.decides] = true
	}
	for _, r := range serve(t).s.routes() {
		if strings.HasPrefix(r.id, "decide") && !known[r.id] && decidedOtherwise[r.id] == "" {
			t.Errorf("%s decides: it needs a line in askedForKinds", r.id)
		}
	}
}

// A program's refund waits for a person, who cannot approve it once the program may ask for none there any more.
func TestNobodyApprovesWhatAProgramMayNotAskAnyMore(t *testing.T) {
	for name, lose := range map[string]func(f *fixture, id string) error{
		"the right": func(f *fixture, id string) error {
			_, err := f.s.Access.ChangeClient(f.t.Context(), access.Shell("aaa"), id,
				access.ClientChange{Rights: &[]access.Right{access.ReadOrders}})
			return err
		},
		"the community": func(f *fixture, id string) error {
			_, err := f.s.Access.ChangeClient(f.t.Context(), access.Shell("aaa"), id,
				access.ClientChange{Communities: &[]string{"elsewhere"}})
			return err
		},
		"everything": func(f *fixture, id string) error {
			_, err := f.s.Access.RevokeClient(f.t.Context(), access.Shell("aaa"), id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := serve(t)
			client, key := f.apiClient(f.a)
			asked := askedForKinds[0].ask(f, key)
			if err := lose(f, client.ID); err != nil {
				t.Fatal(err)
			}
			status, _, body := f.ask("POST", asked.path, f.finance2(), asked.yes)
			if status != 409 || !strings.Contains(body, "申请人") {
				t.Errorf("approved: %d %s", status, body)
			}
		})
	}
}

// The rights with which a program may ask are those that its routes name.
func TestProgramsAskWithTheRightOfTheRoute(t *testing.T) {
	f := serve(t)
	for _, r := range f.s.routes() {
		if r.id == "createRefund" && (len(payment.RefundMatter().Clients) != 1 ||
			payment.RefundMatter().Clients[0] != string(r.right)) {
			t.Errorf("asked for with %q, approved with %q", r.right, payment.RefundMatter().Clients)
		}
	}
}

// Whoever asked takes it back; then nobody approves it any more. A kind that is known here is known to withdrawn.
func TestWhatWasAskedForIsTakenBack(t *testing.T) {
	withdrawn := map[string]string{"webhook endpoint": "", "API client": "", "new member": "", "legal entity": "",
		"merchant account": "", "the table": "", "one's own deputy": ""}
	for _, kind := range askedForKinds {
		if _, can := withdrawn[kind.name]; !can {
			continue
		}
		t.Run(kind.name, func(t *testing.T) {
			f := serve(t)
			own, finance := f.a.staff[kind.role], f.a.staff[access.Finance]
			waits := kind.ask(f, own)
			var in struct {
				Request string `json:"request"`
			}
			raw, err := json.Marshal(waits.yes)
			if err != nil || json.Unmarshal(raw, &in) != nil {
				t.Fatal(waits.yes, err)
			}
			back := strings.TrimSuffix(waits.path, "/decision") + "/withdrawal"
			f.json("POST", back, own, in, &struct{}{})
			if status, _, body := f.ask("POST", waits.path, finance, waits.yes); status < 400 {
				t.Errorf("approved after it was taken back: %d %s", status, body)
			}
		})
	}
}
