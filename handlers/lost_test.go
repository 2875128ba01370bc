package handlers

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"linlipay/access"
)

// HEAD answers as GET does, without the body: the same status and headers. What never ends has none.
func TestHeadIsGetWithoutItsBody(t *testing.T) {
	f := serve(t)
	f.s.Pages = fstest.MapFS{
		"index.html": {Data: []byte("a")}, "console.html": {Data: []byte("bb")}, "resident.html": {Data: []byte("c")},
		"terminal.html": {Data: []byte("d")},
		"favicon.svg":   {Data: []byte("<svg/>")}, "rescue.js": {Data: []byte("1")},
		"assets/a.js": {Data: []byte("22")},
	}
	at := "/q/" + f.a.order.Token
	cashier, auditor := f.a.staff[access.Cashier], f.a.staff[access.Auditor]
	for _, c := range []struct{ path, token string }{
		{"/", ""}, {"/console", ""}, {"/resident", ""}, {"/terminal", ""}, {"/favicon.svg", ""}, {"/rescue.js", ""},
		{"/assets/a.js", ""},
		{"/assets/none.js", ""}, {"/openapi.json", ""}, {"/healthz", ""}, {"/.well-known/jwks.json", ""},
		{at, ""}, {at + "/result", ""}, {at + "/state", ""}, {at + "/qr.png", ""}, {at + "/qr.svg", ""},
		{"/q/none", ""}, {"/nowhere", ""},
		{"/v1/orders", ""}, {"/v1/orders", cashier}, {"/v1/orders/" + f.a.order.ID, cashier}, {"/v1/me", cashier},
		{"/v1/audit-events/export", auditor},
	} {
		for _, accept := range []string{"*/*", "text/html,*/*"} {
			status, get, _ := f.ask("GET", c.path, c.token, nil, "Accept", accept)
			same, head, none := f.ask("HEAD", c.path, c.token, nil, "Accept", accept)
			if same != status || none != "" {
				t.Errorf("HEAD %s: %d with %d bytes, GET %d", c.path, same, len(none), status)
			}
			for _, h := range []http.Header{get, head} { // what differs between any two answers
				for _, name := range []string{"Date", "X-Request-Id", "Content-Security-Policy", "Set-Cookie",
					"Transfer-Encoding"} {
					h.Del(name)
				}
				if c.token != "" { // the time is in it, and the audit log grows by each export
					h.Del("Content-Length")
				}
			}
			if !maps.EqualFunc(get, head, slices.Equal) {
				t.Errorf("HEAD %s: %v, GET %v", c.path, head, get)
			}
		}
	}
}

// A method that a path does not have is told which it has.
func TestMethodsThatAre(t *testing.T) {
	f := serve(t)
	for _, c := range []struct{ method, path, allow string }{
		{"OPTIONS", "/console", "GET, HEAD"}, {"POST", "/", "GET, HEAD"}, {"DELETE", "/openapi.json", "GET, HEAD"},
		{"PUT", "/healthz", "GET, HEAD"},
		{"DELETE", "/v1/orders", "GET, HEAD, POST"}, {"OPTIONS", "/v1/orders", "GET, HEAD, POST"},
		{"PATCH", "/v1/routes", "GET, HEAD, PUT"},
		{"HEAD", "/v1/events", "GET"}, {"HEAD", "/v1/members/sessions", "POST"}, {"GET", "/v1/members/sessions",
			"POST"},
		{"POST", "/q/x/qr.png", "GET, HEAD"},
	} {
		status, h, _ := f.ask(c.method, c.path, "", nil)
		allowed := strings.Split(h.Get("Allow"), ", ")
		slices.Sort(allowed)
		if status != http.StatusMethodNotAllowed || strings.Join(allowed, ", ") != c.allow {
			t.Errorf("%s %s: %d, Allow %q, want %q", c.method, c.path, status, h.Get("Allow"), c.allow)
		}
	}
}

// An address without a page is a page to a person, in their language, that leads on; programs get a problem document.
func TestNowhereIsAPage(t *testing.T) {
	f := serve(t)
	browser := "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, c := range []struct {
		method, path, accept, language string
		status                         int
		page                           bool
		has                            string
	}{
		{"GET", "/nope", browser, "zh-CN", 404, true, "没有这个页面"},
		{"GET", "/nope", browser, "en", 404, true, "There is no such page"},
		{"GET", "/console/nope", browser, "en", 404, true, "/console"},
		{"GET", "/assets/none.js", browser, "en", 404, true, "There is no such page"},
		{"GET", `/%3Cscript%3Ealert(1)%3C/script%3E`, browser, "en", 404, true, "&lt;script"},
		{"GET", "/nope", "*/*", "en", 404, false, "not_found"},
		{"GET", "/nope", "", "en", 404, false, "not_found"},
		{"GET", "/nope", "application/json", "en", 404, false, "not_found"},
		{"GET", "/v1/nope", browser, "en", 404, false, "not_found"},
		{"GET", "/v1/orders", browser, "en", 401, false, "unauthenticated"},
		{"POST", "/nope", browser, "en", 404, false, "not_found"},
		{"GET", "/q/none", browser, "en", 404, true, "This QR is not valid"},
	} {
		status, h, body := f.ask(c.method, c.path, "", nil, "Accept", c.accept, "Accept-Language", c.language)
		kind := "application/problem+json; charset=utf-8"
		if c.page {
			kind = "text/html; charset=utf-8"
		}
		if status != c.status || h.Get("Content-Type") != kind || !strings.Contains(body, c.has) ||
			strings.Contains(body, "<script>alert") {
			t.Errorf("%s %s for %s in %s: %d %s %.300s", c.method, c.path, c.accept, c.language, status,
				h.Get("Content-Type"), body)
		}
		if c.page && h.Get("Content-Security-Policy") == "" {
			t.Errorf("%s: a page without a policy", c.path)
		}
	}
}
