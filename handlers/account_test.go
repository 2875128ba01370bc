package handlers

import (
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/approval"
)

// Who may do what with merchant accounts, and that no answer holds a secret.
func TestMerchantAccounts(t *testing.T) {
	f := serve(t)
	operations, finance, cashier, other := f.a.staff[access.Operations], f.a.staff[access.Finance],
		f.a.staff[access.Cashier], f.b.staff[access.Operations]
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.s.Access.AddStaff(t.Context(), access.Staff{Login: "part", Name: "一区", Company: f.a.id,
		Communities: []string{f.a.community}, Roles: []access.Role{access.Operations}}, "password-part"))
	var tokens tokensView
	f.json("POST", "/v1/members/sessions", "", loginInput{"part", "password-part"}, &tokens)

	body := `{"institution":"wechat","name":"物业费","communities":["` + f.a.community +
		`"],"settings":{"mchid":"1900000001","private_key_pem":"SECRET-entered"}}`
	var made accountView
	f.json("POST", "/v1/merchant-accounts", operations, body, &made)
	if made.Name != "物业费" || len(made.Set) != 0 || made.CreatedBy == "" || made.Approved || made.Request == nil ||
		!made.Request.Mine || made.Request.MayDecide || len(made.Request.Deciders) != 1 {
		t.Errorf("made %+v", made)
	}
	at := "/v1/merchant-accounts/" + made.ID
	yes := decisionInput{Request: made.Request.ID, Approve: true}
	for name, token := range map[string]string{"maker": operations, "cashier": cashier, "part": tokens.AccessToken} {
		if status, _, answer := f.ask("POST", at+"/decision", token, yes); status != 403 {
			t.Errorf("decided by the %s: %d %s", name, status, answer)
		}
	}
	if status, _, _ := f.ask("POST", at+"/decision", f.b.staff[access.Finance], yes); status != 404 {
		t.Errorf("decided by another company: %d", status)
	}
	if status, _, answer := f.ask("POST", at+"/tests", finance, testInput{Request: made.Request.ID}); status != 200 ||
		!strings.Contains(answer, `"settings"`) {
		t.Errorf("what waits, tested: %d %s", status, answer)
	}
	var waiting list[approvalView]
	f.json("GET", "/v1/approvals", finance, nil, &waiting)
	if len(waiting.Items) != 1 || waiting.Items[0].Account.ID != made.ID ||
		!waiting.Items[0].Account.Request.MayDecide {
		t.Errorf("waiting: %+v", waiting)
	}
	f.json("POST", at+"/decision", finance, yes, &made)
	if strings.Join(made.Set, " ") != "mchid private_key_pem" || !made.Approved || made.Request.DecidedBy == "" ||
		made.Request.State != approval.Approved {
		t.Errorf("approved %+v", made)
	}
	var first, again accountView
	f.json("POST", "/v1/merchant-accounts", operations, body, &first, "Idempotency-Key", "k1")
	if h := f.json("POST", "/v1/merchant-accounts", operations, body, &again, "Idempotency-Key",
		"k1"); again.ID != first.ID ||
		first.ID == made.ID || h.Get("Idempotency-Hit") != "true" {
		t.Errorf("one key made %s and %s, hit %q", first.ID, again.ID, h.Get("Idempotency-Hit"))
	}
	if status, _, answer := f.ask("POST", "/v1/merchant-accounts", operations, strings.Replace(body, "物业费", "停车费", 1),
		"Idempotency-Key", "k1"); status != 422 || !strings.Contains(answer, "idempotency_mismatch") {
		t.Errorf("the key with another body: %d %s", status, answer)
	}
	for name, c := range map[string]struct {
		method, path, token string
		body                any
		status              int
		has                 string
	}{
		"list":                {"GET", "/v1/merchant-accounts", operations, nil, 200, made.ID},
		"list, as finance":    {"GET", "/v1/merchant-accounts", finance, nil, 200, made.ID},
		"list, as cashier":    {"GET", "/v1/merchant-accounts", cashier, nil, 403, "forbidden"},
		"list, as a terminal": {"GET", "/v1/merchant-accounts", f.a.terminal, nil, 403, "forbidden"},
		"list, as a resident": {"GET", "/v1/merchant-accounts", f.a.resident, nil, 403, "forbidden"},
		"list, as nobody":     {"GET", "/v1/merchant-accounts", "", nil, 401, "unauthenticated"},
		"list, of a part":     {"GET", "/v1/merchant-accounts", tokens.AccessToken, nil, 403, "全公司"},
		"the form":            {"GET", "/v1/institutions", operations, nil, 200, `"label":"商户号"`},
		"add, as finance":     {"POST", "/v1/merchant-accounts", finance, body, 403, "forbidden"},
		"add, of a part":      {"POST", "/v1/merchant-accounts", tokens.AccessToken, body, 403, "全公司"},
		"add, for another's":  {"POST", "/v1/merchant-accounts", other, body, 404, "not_found"},
		"add, at no institution": {"POST", "/v1/merchant-accounts", operations,
			strings.Replace(body, "wechat", "bank", 1), 422, "unsupported"},
		"add, without a name": {"POST", "/v1/merchant-accounts", operations, strings.Replace(body, "物业费", "", 1), 400,
			"name"},
		"add, with an unknown one": {"POST", "/v1/merchant-accounts", operations,
			strings.Replace(body, "mchid", "SECRET-name", 1), 400, "invalid_request"},
		"add, over lines": {"POST", "/v1/merchant-accounts", operations,
			strings.Replace(body, "SECRET-entered", `SECRET-\nentered`, 1), 400, "private_key_pem"},
		"change": {"PATCH", at, operations,
			`{"name":"停车费","settings":{"private_key_pem":"SECRET-changed"},"revision":1}`, 200, `"after":"停车费"`},
		"change, of what was": {"PATCH", at, operations, `{"name":"停车费","revision":0}`, 409, "stale"},
		"decide, as nobody":   {"POST", at + "/decision", "", yes, 401, "unauthenticated"},
		"withdraw, as finance": {"POST", at + "/withdrawal", finance, withdrawalInput{Request: "x"}, 403,
			"forbidden"},
		"approvals, as cashier": {"GET", "/v1/approvals", cashier, nil, 403, "forbidden"},
		"approvals, of another": {"GET", "/v1/approvals", other, nil, 200, `"items":[]`},
		"change, as finance":    {"PATCH", at, finance, `{"name":"x"}`, 403, "forbidden"},
		"change, as another":    {"PATCH", at, other, `{"name":"x","revision":0}`, 404, "not_found"},
		"test": {"POST", at + "/tests", operations, nil, 200,
			`{"name":"callback","state":"ok"`},
		// the fixture's gateway knows every number
		"test, as finance":              {"POST", at + "/tests", finance, nil, 200, `{"name":"query","state":"fail"`},
		"test, as another":              {"POST", at + "/tests", other, nil, 404, "not_found"},
		"test, as cashier":              {"POST", at + "/tests", cashier, nil, 403, "forbidden"},
		"disable, as finance":           {"POST", at + "/deactivation", finance, nil, 403, "forbidden"},
		"disable, as another":           {"POST", at + "/deactivation", other, nil, 404, "not_found"},
		"enable, as cashier":            {"POST", at + "/activation", cashier, nil, 403, "forbidden"},
		"a health that tells who it is": {"GET", "/healthz", "", nil, 200, f.s.Accounts.Instance()},
	} {
		status, _, answer := f.ask(c.method, c.path, c.token, c.body)
		if status != c.status || !strings.Contains(answer, c.has) {
			t.Errorf("%s: %d %s, want %d with %q", name, status, answer, c.status, c.has)
		}
		told(t, answer)
	}
	var changed accountView
	approve := func() {
		t.Helper()
		f.json("POST", at+"/decision", finance, decisionInput{Request: changed.Request.ID, Approve: true}, &changed)
	}
	changed.Request = made.Request
	f.json("GET", "/v1/approvals", finance, nil, &waiting)
	for _, w := range waiting.Items {
		if w.Account.ID == made.ID {
			changed = *w.Account
		}
	}
	approve()
	if f.json("POST", at+"/deactivation", operations, nil, &changed); !changed.Disabled {
		t.Errorf("disabled: %+v", changed)
	}
	if f.json("POST", at+"/activation", operations, askedInput{Revision: changed.Revision},
		&changed); !changed.Disabled ||
		!changed.Request.Enables {
		t.Errorf("enabling asked for: %+v", changed)
	}
	if f.json("POST", at+"/withdrawal", operations, withdrawalInput{Request: changed.Request.ID},
		&changed); !changed.Disabled || changed.Request.State != approval.Withdrawn {
		t.Errorf("withdrawn: %+v", changed)
	}
	f.json("POST", at+"/activation", operations, askedInput{Revision: changed.Revision}, &changed)
	if approve(); changed.Disabled {
		t.Errorf("enabled: %+v", changed)
	}
	acc, err := f.s.Accounts.Get(t.Context(), made.ID)
	must(err)
	if acc.Settings["private_key_pem"] != "SECRET-changed" || acc.Settings["mchid"] != "1900000001" {
		t.Errorf("stored %v", acc.Settings)
	}
	if _, _, answer := f.ask("POST", at+"/tests", finance, nil, "Accept-Language", "en"); !strings.Contains(answer,
		"This machine's own address answers") {
		t.Errorf("in English: %s", answer)
	}
}
