package handlers

import (
	"strings"
	"testing"

	"linlipay/access"
)

// Who may do what with merchant accounts, and that no answer holds a secret.
func TestMerchantAccounts(t *testing.T) {
	f := serve(t)
	operations, finance, cashier, other := f.a.staff[access.Operations], f.a.staff[access.Finance], f.a.staff[access.Cashier], f.b.staff[access.Operations]
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.s.Access.AddStaff(t.Context(), access.Staff{Login: "part", Name: "一区", Company: f.a.id, Communities: []string{f.a.community}, Roles: []access.Role{access.Operations}}, "password-part"))
	var tokens tokensView
	f.json("POST", "/v1/staff/login", "", loginInput{"part", "password-part"}, &tokens)

	body := `{"institution":"wechat","name":"物业费","communities":["` + f.a.community + `"],"settings":{"mchid":"1900000001","private_key_pem":"SECRET-entered"}}`
	var made accountView
	f.json("POST", "/v1/accounts", operations, body, &made)
	if made.Name != "物业费" || strings.Join(made.Set, " ") != "mchid private_key_pem" || made.CreatedBy == "" || made.Disabled {
		t.Errorf("made %+v", made)
	}
	at := "/v1/accounts/" + made.ID
	var first, again accountView
	f.json("POST", "/v1/accounts", operations, body, &first, "Idempotency-Key", "k1")
	if h := f.json("POST", "/v1/accounts", operations, body, &again, "Idempotency-Key", "k1"); again.ID != first.ID || first.ID == made.ID || h.Get("Idempotency-Hit") != "true" {
		t.Errorf("one key made %s and %s, hit %q", first.ID, again.ID, h.Get("Idempotency-Hit"))
	}
	if status, _, answer := f.ask("POST", "/v1/accounts", operations, strings.Replace(body, "物业费", "停车费", 1), "Idempotency-Key", "k1"); status != 422 || !strings.Contains(answer, "idempotency_mismatch") {
		t.Errorf("the key with another body: %d %s", status, answer)
	}
	for name, c := range map[string]struct {
		method, path, token string
		body                any
		status              int
		has                 string
	}{
		"list":                          {"GET", "/v1/accounts", operations, nil, 200, made.ID},
		"list, as finance":              {"GET", "/v1/accounts", finance, nil, 200, made.ID},
		"list, as cashier":              {"GET", "/v1/accounts", cashier, nil, 403, "forbidden"},
		"list, as a terminal":           {"GET", "/v1/accounts", f.a.terminal, nil, 403, "forbidden"},
		"list, as a resident":           {"GET", "/v1/accounts", f.a.resident, nil, 403, "forbidden"},
		"list, as nobody":               {"GET", "/v1/accounts", "", nil, 401, "unauthenticated"},
		"list, of a part":               {"GET", "/v1/accounts", tokens.AccessToken, nil, 403, "全公司"},
		"the form":                      {"GET", "/v1/institutions", operations, nil, 200, `"label":"商户号"`},
		"add, as finance":               {"POST", "/v1/accounts", finance, body, 403, "forbidden"},
		"add, of a part":                {"POST", "/v1/accounts", tokens.AccessToken, body, 403, "全公司"},
		"add, for another's":            {"POST", "/v1/accounts", other, body, 404, "not_found"},
		"add, at no institution":        {"POST", "/v1/accounts", operations, strings.Replace(body, "wechat", "bank", 1), 422, "unsupported"},
		"add, without a name":           {"POST", "/v1/accounts", operations, strings.Replace(body, "物业费", "", 1), 400, "name"},
		"add, with an unknown one":      {"POST", "/v1/accounts", operations, strings.Replace(body, "mchid", "SECRET-name", 1), 400, "invalid_request"},
		"add, over lines":               {"POST", "/v1/accounts", operations, strings.Replace(body, "SECRET-entered", `SECRET-\nentered`, 1), 400, "private_key_pem"},
		"change":                        {"PUT", at, operations, `{"name":"停车费","settings":{"private_key_pem":"SECRET-changed"}}`, 200, `"name":"停车费"`},
		"change, as finance":            {"PUT", at, finance, `{"name":"x"}`, 403, "forbidden"},
		"change, as another":            {"PUT", at, other, `{"name":"x"}`, 404, "not_found"},
		"test":                          {"POST", at + "/test", operations, nil, 200, `{"name":"callback","state":"ok"`},
		"test, as finance":              {"POST", at + "/test", finance, nil, 200, `{"name":"query","state":"fail"`}, // the fixture's gateway knows every number
		"test, as another":              {"POST", at + "/test", other, nil, 404, "not_found"},
		"test, as cashier":              {"POST", at + "/test", cashier, nil, 403, "forbidden"},
		"disable, as finance":           {"POST", at + "/disable", finance, nil, 403, "forbidden"},
		"disable, as another":           {"POST", at + "/disable", other, nil, 404, "not_found"},
		"enable, as cashier":            {"POST", at + "/enable", cashier, nil, 403, "forbidden"},
		"a health that tells who it is": {"GET", "/healthz", "", nil, 200, f.s.Accounts.Instance()},
	} {
		status, _, answer := f.ask(c.method, c.path, c.token, c.body)
		if status != c.status || !strings.Contains(answer, c.has) {
			t.Errorf("%s: %d %s, want %d with %q", name, status, answer, c.status, c.has)
		}
		told(t, answer)
	}
	var changed accountView
	for path, disabled := range map[string]bool{"/disable": true, "/enable": false} {
		if f.json("POST", at+path, operations, nil, &changed); changed.Disabled != disabled {
			t.Errorf("%s: %+v", path, changed)
		}
	}
	acc, err := f.s.Accounts.Get(t.Context(), made.ID)
	must(err)
	if acc.Settings["private_key_pem"] != "SECRET-changed" || acc.Settings["mchid"] != "1900000001" {
		t.Errorf("stored %v", acc.Settings)
	}
	if _, _, answer := f.ask("POST", at+"/test", finance, nil, "Accept-Language", "en"); !strings.Contains(answer, "This machine's own address answers") {
		t.Errorf("in English: %s", answer)
	}
}
