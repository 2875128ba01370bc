package handlers

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"linlipay/access"
)

// The headers and cookies of answers where browsers reach us by https, and where they do not.
func TestAnswersAreForHTTPSWhereThatIsHowWeAreReached(t *testing.T) {
	f := serve(t)
	at := "/q/" + f.a.order.Token
	for _, base := range []string{"https://pay.example.com", f.base} {
		f.s.BaseURL = base
		over := strings.HasPrefix(base, "https:")
		for _, path := range []string{"/", "/console", "/v1/orders", "/nowhere", at, at + "?lang=en", at + "/result",
			"/healthz", "/openapi.json", "/assets/a.js", "/q/none"} {
			_, h, _ := f.ask("GET", path, "", nil, "User-Agent", wechatAgent)
			if got := h.Get("Strict-Transport-Security"); over != strings.HasPrefix(got, "max-age=") {
				t.Errorf("%s at %s: HSTS %q", path, base, got)
			}
			if policy := h.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self'") ||
				!strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("%s: policy %q", path, policy)
			}
			for _, c := range (&http.Response{Header: h}).Cookies() {
				if c.Secure != over || c.SameSite != http.SameSiteLaxMode || c.HttpOnly == (c.Name == languageCookie) {
					t.Errorf("%s at %s sets %s", path, base, c)
				}
			}
		}
	}
}

// Cookies are set in one place, which knows when they are secure.
func TestCookiesAreSetInOnePlace(t *testing.T) {
	places := 0
	each(t, func(set *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			stands, ok := n.(*ast.ExprStmt) // setting a cookie gives nothing back, reading one does
			if !ok {
				return true
			}
			if call, ok := stands.X.(*ast.CallExpr); ok {
				if m, ok := call.Fun.(*ast.SelectorExpr); ok && (m.Sel.Name == "Cookie" || m.Sel.Name == "SetCookie") {
					places++
				}
			}
			return true
		})
	})
	if places != 1 {
		t.Errorf("cookies are set in %d places", places)
	}
}

// A WeChat browser that keeps no cookies goes to OAuth once; when it comes back it is told, and goes nowhere by itself.
// One with a cookie of another round is told too.
func TestABrowserWithoutCookiesGoesRoundOnce(t *testing.T) {
	f := serve(t)
	at := "/q/" + f.a.order.Token
	for name, header := range map[string][]string{
		"no cookie": nil, "an old cookie": {"Cookie", oauthCookie + "=OLD.aaawechat"},
		"an empty cookie": {"Cookie", oauthCookie + "="}, "half a cookie": {"Cookie", oauthCookie + "=.aaawechat"},
	} {
		for _, query := range []string{"?code=c&state=NEW", "?state=NEW", "?code=c", ""} {
			status, h, page := f.ask("GET", at+"/wechat"+query, "", nil,
				append([]string{"User-Agent", wechatAgent}, header...)...)
			if status != http.StatusBadRequest || h.Get("Location") != "" || !strings.Contains(page, "Cookie") ||
				!strings.Contains(page, `id="again"`) || strings.Contains(page, "http-equiv") {
				t.Errorf("%s, %q: %d to %q: %.100s", name, query, status, h.Get("Location"), page)
			}
		}
	}
}

// The log says of each request what was answered, of refused ones too.
func TestTheLogHasTheStatusThatWasAnswered(t *testing.T) {
	f := serve(t)
	var out bytes.Buffer
	f.s.Log = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, c := range []struct {
		method, path, token string
		body                any
		status              int
	}{
		{"GET", "/healthz", "", nil, 200}, {"GET", "/v1/orders", "", nil, 401},
		{"GET", "/v1/orders", "x.y.z", nil, 401}, {"GET", "/v1/unapplied-funds", f.a.staff[access.Cashier], nil, 403},
		{"GET", "/nowhere", "", nil, 404}, {"GET", "/v1/orders/none", f.a.staff[access.Cashier], nil, 404},
		{"DELETE", "/v1/orders", "", nil, 405}, {"GET", "/q/none", "", nil, 404},
		{"POST", "/v1/members/sessions", "", `{`, 400}, {"POST", "/callbacks/wechat/none", "", "{}", 404},
		{"POST", "/callbacks/wechat/aaawechat", "", "{}", 401},
	} {
		out.Reset()
		_, h, _ := f.ask(c.method, c.path, c.token, c.body)
		want := fmt.Sprintf("status=%d ", c.status)
		id := h.Get("X-Request-Id")
		found := false
		for _, line := range strings.Split(out.String(), "\n") {
			found = found || strings.Contains(line, "msg=request ") && strings.Contains(line, id) &&
				strings.Contains(line+" ", want)
		}
		if !found {
			t.Errorf("%s %s was answered %d; the log says %s", c.method, c.path, c.status, out.String())
		}
	}
}

// In a trial the one-time code is shown to whoever is on this machine or its network, and to nobody beyond.
func TestCodesAreShownNearby(t *testing.T) {
	f := serve(t)
	for i, c := range []struct {
		from  string
		shown bool
	}{{"127.0.0.1", true}, {"192.168.1.20", true}, {"10.1.2.3", true}, {"fd00::1", true}, {"203.0.113.7", false},
		{"2001:db8::1", false}, {"100.64.0.1", false}} {
		status, _, body := f.ask("POST", "/v1/residents/codes", "", phoneInput{fmt.Sprint("1380013800", i)},
			"X-Forwarded-For", c.from)
		if shown := strings.Contains(body, "demo_code"); shown != c.shown || shown != (status == 200) {
			t.Errorf("%s: %d %s", c.from, status, body)
		}
	}
}

// oauthCookie is that of package checkout.
const oauthCookie = "wx_state"
