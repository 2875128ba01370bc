package handlers

import (
	"net/url"
	"strings"
	"testing"

	"linlipay/access"
)

// Whatever stands where a QR's token should be, the page answers that there is none, and nothing of the inside shows.
func FuzzQRToken(f *testing.F) {
	fix := serve(f)
	for _, seed := range []string{"zzz", "", "..", "%00", "a/b", fix.a.order.Token + "x", strings.Repeat("A", 22),
		"U0123456789abcdef0123456", "\xff\xfe", "{{.}}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		fix.t = t
		if token == fix.a.order.Token || token == fix.b.order.Token {
			return
		}
		for _, path := range []string{"", "/state", "/result", "/qr.svg", "/wechat?code=x&state=y"} {
			status, _, body := fix.ask("GET", "/q/"+url.PathEscape(token)+path, "", nil)
			if status >= 500 || status == 200 && !strings.Contains(body, "<html") {
				t.Errorf("/q/%q%s: %d %.200s", token, path, status, body)
			}
			told(t, body)
		}
	})
}

// Whatever the body of an order is, the answer is the caller's mistake or an order, never ours.
func FuzzOrderBody(f *testing.F) {
	fix := serve(f)
	for _, seed := range []string{
		`{"unit":"u","bills":["b"]}`, `{"unit":"` + fix.a.unit.ID + `","bills":[]}`, `{"unit":"` + fix.a.unit.ID +
			`","bills":["x"],"on_open":"supersede"}`, `[]`, `null`, `{"unit":1}`,
		`{"unit":"a","bills":["b"]}{`, "\xff", strings.Repeat("[", 2000), `{"unit":"` + fix.a.unit.ID + `","bills":["` +
			fix.a.bills[0].ID + `","` + fix.a.bills[0].ID + `"]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		fix.t = t
		for _, path := range []string{"/v1/orders", "/v1/orders/" + fix.a.order.ID + "/refunds",
			"/v1/orders/" + fix.a.order.ID + "/attempts"} {
			status, _, answer := fix.ask("POST", path, fix.a.staff[access.Cashier], body, "Idempotency-Key", "k")
			if status >= 500 {
				t.Errorf("%s with %q: %d %s", path, body, status, answer)
			}
			told(t, answer)
		}
	})
}

// told looks for what an answer must never tell.
func told(t *testing.T, answer string) {
	t.Helper()
	for _, inside := range []string{"panic", "goroutine", "sqlite", "SECRET-", "linlipay/"} {
		if strings.Contains(answer, inside) {
			t.Errorf("the answer tells %q: %.300s", inside, answer)
		}
	}
}
