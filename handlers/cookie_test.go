package handlers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
)

// keeper is a browser that keeps cookies, and says in the header whose session a request is for.
type keeper struct {
	f    *fixture
	jar  map[string]*http.Cookie
	kind access.Kind
}

// ask sends a request with the cookies whose path fits.
func (b *keeper) ask(method, path string, body any, header ...string) (int, string) {
	b.f.t.Helper()
	var values []string
	for _, c := range b.jar {
		if strings.HasPrefix(path, c.Path) {
			values = append(values, c.Name+"="+c.Value)
		}
	}
	header = append([]string{"Cookie", strings.Join(values, "; "), sessionHeader, string(b.kind)}, header...)
	status, h, text := b.f.ask(method, path, "", body, header...)
	for _, c := range (&http.Response{Header: h}).Cookies() {
		if b.jar[c.Name] = c; c.Value == "" {
			delete(b.jar, c.Name)
		}
	}
	return status, text
}

func (f *fixture) keeper(kind access.Kind) *keeper {
	return &keeper{f, map[string]*http.Cookie{}, kind}
}

// A browser's tokens are in cookies that no script reads and no other site uses, and in no answer.
func TestABrowsersTokensAreInCookies(t *testing.T) {
	f := serve(t)
	b := f.keeper(access.StaffKind)
	status, body := b.ask("POST", "/v1/members/sessions", loginInput{"aaacashier", "password-aaa"})
	if status != 200 || strings.Contains(body, "_token") {
		t.Fatalf("%d %s", status, body)
	}
	for name, path := range map[string]string{"linlipay-staff": "/v1", "linlipay-staff-refresh": "/v1/tokens"} {
		c := b.jar[name]
		if c == nil || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != path || c.MaxAge <= 0 ||
			strings.Contains(body, c.Value) {
			t.Fatalf("%s: %v", name, c)
		}
	}
	if len(b.jar["linlipay-staff"].Value) > 1024 {
		t.Errorf("the access token has %d bytes", len(b.jar["linlipay-staff"].Value))
	}
	ours := strings.TrimPrefix(f.base, "http://")
	for _, c := range []struct {
		name   string
		header []string
		status int
	}{
		{"our page", []string{"Sec-Fetch-Site", "same-origin", "Origin", f.base}, 200},
		{"our page in an older browser", []string{"Origin", f.base}, 200},
		{"a form of another site", []string{sessionHeader, ""}, 401},
		{"a script of another site", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a script of a neighbour", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"an older browser at another site", []string{"Origin", "https://evil.example"}, 403},
		{"a page of none", []string{"Origin", "null"}, 403},
		{"a name that begins as ours", []string{"Origin", "http://" + ours + ".evil.example"}, 403},
		{"the resident's cookie", []string{sessionHeader, "resident"}, 401},
		{"nobody's cookie", []string{sessionHeader, "terminal"}, 400},
		{"the other kind's cookie",
			[]string{sessionHeader, "resident", "Cookie", "linlipay-resident=" + b.jar["linlipay-staff"].Value}, 403},
	} {
		for method, path := range map[string]string{"GET": "/v1/me", "DELETE": "/v1/me/sessions"} {
			status, _ := b.ask(method, path, nil, c.header...)
			if want := c.status; status != want && !(want == 200 && status == 204) {
				t.Errorf("%s, %s: %d, want %d", c.name, method, status, want)
			}
		}
	}
	// a log-in, a renewal and a log-out cannot be forged either
	for _, path := range []string{"/v1/members/sessions", "/v1/tokens/renewal", "/v1/tokens/revocation"} {
		if status, _ := b.ask("POST", path, nil, "Sec-Fetch-Site", "cross-site"); status != 403 {
			t.Errorf("%s from another site: %d", path, status)
		}
	}
	before := b.jar["linlipay-staff-refresh"].Value
	if status, body := b.ask("POST", "/v1/tokens/renewal", nil); status != 200 || strings.Contains(body, "_token") ||
		b.jar["linlipay-staff-refresh"].Value == before {
		t.Errorf("renewed: %d %s", status, body)
	}
	access := b.jar["linlipay-staff"].Value
	if status, _ := b.ask("POST", "/v1/tokens/revocation", nil); status != 204 || len(b.jar) != 0 {
		t.Errorf("logged out: %d, %v left", status, b.jar)
	}
	if status, _, _ := f.ask("GET", "/v1/me", access, nil); status != 401 {
		t.Errorf("the access token goes on after the log-out: %d", status)
	}
	if status, _ := b.ask("POST", "/v1/tokens/renewal", nil, "Cookie",
		"linlipay-staff-refresh="+before); status != 401 {
		t.Errorf("the session goes on after the log-out: %d", status)
	}
}

// One browser may be a resident's and a member of staff's at once.
func TestResidentsAndStaffHaveCookiesOfTheirOwn(t *testing.T) {
	f := serve(t)
	b := f.keeper(access.StaffKind)
	b.ask("POST", "/v1/members/sessions", loginInput{"aaacashier", "password-aaa"})
	b.kind = access.ResidentKind
	var code codeView
	f.json("POST", "/v1/residents/codes", "", phoneInput{"13800000001"}, &code)
	if status, body := b.ask("POST", "/v1/residents/sessions", codeInput{"13800000001", code.DemoCode}); status != 200 {
		t.Fatal(status, body)
	}
	for _, kind := range []access.Kind{access.ResidentKind, access.StaffKind} {
		b.kind = kind
		if status, body := b.ask("GET", "/v1/me", nil); status != 200 ||
			!strings.Contains(body, `"kind":"`+string(kind)+`"`) {
			t.Errorf("%s: %d %s", kind, status, body)
		}
	}
	b.kind = access.ResidentKind
	if status, _ := b.ask("POST", "/v1/members/sessions", loginInput{"aaacashier", "password-aaa"}); status != 400 {
		t.Errorf("a log-in as staff for a resident's cookies: %d", status)
	}
}

// Where browsers reach us by https the session's cookies go over nothing else.
func TestSessionCookiesAreSecure(t *testing.T) {
	f := serve(t)
	f.s.BaseURL = "https://pay.example.com"
	b := f.keeper(access.StaffKind)
	b.ask("POST", "/v1/members/sessions", loginInput{"aaacashier", "password-aaa"})
	if len(b.jar) != 2 {
		t.Fatal(b.jar)
	}
	for _, c := range b.jar {
		if !c.Secure {
			t.Errorf("%v", c)
		}
	}
}

// unwritten is a store on which no event can be written.
type unwritten struct{ store.Store }

func (u unwritten) Insert(ctx context.Context, collection string, d store.Doc) error {
	if collection == "audit" {
		return errors.New("the disk is full")
	}
	return u.Store.Insert(ctx, collection, d)
}

// A log-in that cannot be recorded fails, and hands out nothing to log in by.
func TestALogInThatIsNotRecordedGivesNoCookies(t *testing.T) {
	f := serve(t)
	st := sqlitetest.Open(t, audit.Schemas()...)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	f.s.Audit = audit.NewService(unwritten{st}, box, time.Now, f.s.Log)
	b := f.keeper(access.StaffKind)
	if status, body := b.ask("POST", "/v1/members/sessions", loginInput{"aaacashier", "password-aaa"}); status < 500 ||
		len(b.jar) != 0 {
		t.Errorf("%d %s, with %d cookies", status, body, len(b.jar))
	}
}
