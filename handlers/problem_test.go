package handlers

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/access"
)

// Whatever the server refuses by itself, it answers with a problem document and the id of the request, and says by
// header what HTTP demands of the status.
func TestEveryRefusalIsAProblem(t *testing.T) {
	f := serve(t)
	cashier, order := f.a.staff[access.Cashier], "/v1/orders/"+f.a.order.ID
	_, slow := f.apiClientWith(f.a, newAPIClientInput{Name: "慢", Rights: []access.Right{access.ReadOrders},
		PerMinute: 1})
	f.ask("GET", "/v1/me", slow, nil)
	f.s.Ready = func(context.Context) error { return context.DeadlineExceeded }
	for _, c := range []struct {
		method, path, token string
		body                any
		status              int
		header              string // that HTTP demands, or that says what to do
		more                []string
	}{
		{"POST", "/v1/orders", cashier, `{"unit":`, 400, "", nil},
		{"GET", "/v1/orders?limit=0", cashier, nil, 400, "", nil},
		{"GET", "/v1/orders", "", nil, 401, "WWW-Authenticate", nil},
		{"GET", "/v1/orders", "x.y.z", nil, 401, "WWW-Authenticate", nil},
		{"GET", "/v1/orders", "llp_live_x", nil, 401, "WWW-Authenticate", nil},
		{"POST", "/v1/members/sessions", "", loginInput{"nobody", "password-x"}, 401, "WWW-Authenticate", nil},
		{"GET", "/v1/api-clients", cashier, nil, 403, "", nil},
		{"GET", "/v1/nowhere", cashier, nil, 404, "", nil},
		{"GET", "/nowhere", "", nil, 404, "", nil},
		{"GET", "/v1/orders/none", cashier, nil, 404, "", nil},
		{"DELETE", "/v1/orders", cashier, nil, 405, "Allow", nil},
		{"POST", order + "/closure", f.b.staff[access.Cashier], "{}", 404, "", nil},
		{"POST", "/v1/orders", cashier, strings.Repeat(" ", bodyLimit+1), 413, "", nil},
		{"POST", "/v1/orders", cashier, "<x/>", 415, "", []string{"Content-Type", "text/xml"}},
		{"POST", "/v1/orders", cashier, "{}", 415, "", []string{"Content-Encoding", "gzip"}},
		{"GET", "/v1/me", slow, nil, 429, "Retry-After", nil},
		{"GET", "/v1/me", cashier, nil, 431, "", []string{"X-Large", strings.Repeat("x", 17<<10)}},
		{"GET", "/healthz", "", nil, 503, "Retry-After", nil},
	} {
		status, h, text := f.ask(c.method, c.path, c.token, c.body, c.more...)
		var p problem
		err := json.Unmarshal([]byte(text), &p)
		if status != c.status || err != nil || p.Status != c.status || p.Title == "" || p.Detail == "" ||
			p.RequestID == "" || p.RequestID != h.Get("X-Request-Id") ||
			!strings.HasPrefix(h.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s %s: %d, not %d; %v %v %s", c.method, c.path, status, c.status, err, h, text)
		}
		if c.header != "" && h.Get(c.header) == "" {
			t.Errorf("%s %s: %d without %s", c.method, c.path, status, c.header)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s %s: %d without what every answer says", c.method, c.path, status)
		}
	}
	_, told, _ := f.ask("POST", "/callbacks/wechat/aaawechat", "", "{}") // in the institution's own words
	if told.Get("WWW-Authenticate") == "" {
		t.Errorf("a notification that is not the institution's: %v", told)
	}
	f.s.Access = nil // a handler that fails of itself
	status, h, text := f.ask("GET", "/v1/me", cashier, nil)
	if status != http.StatusInternalServerError || h.Get("X-Request-Id") == "" || !strings.Contains(text, `"internal`) {
		t.Errorf("a defect: %d %v %s", status, h, text)
	}
}

// What no route has seen, since it could not be read, is answered with one of the problems that the document names for
// any route.
func TestWhatCannotBeReadIsADocumentedProblem(t *testing.T) {
	s := New(Config{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	s.app.Server().ReadTimeout = 100 * time.Millisecond
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.app.Listener(l)
	t.Cleanup(func() { s.app.Shutdown() })
	f := &fixture{t: t, base: "http://" + l.Addr().String()}
	for request, status := range map[string]int{
		"GET\r\n\r\n": 400, "GET / HTTP/1.1\r\nHost": 408,
		"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{":       408,
		"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n{":       400,
		"POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n": 413,
		"GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 17<<10) + "\r\n\r\n":        431,
	} {
		answer, _ := http.ReadResponse(bufio.NewReader(strings.NewReader(f.raw(request))), nil)
		if answer == nil {
			t.Errorf("%.60q: no answer", request)
			continue
		}
		var p problem
		err := json.NewDecoder(answer.Body).Decode(&p)
		answer.Body.Close()
		if err != nil || answer.StatusCode != status || p.Status != status || !slices.Contains(anywhere, p.Code) ||
			status != 431 && statusOf(p.Code) != status {
			t.Errorf("%.60q: %v %+v", request, err, p)
		}
	}
}

// An update that does not say what it was looked at is refused by that name, and not as one that came too late.
func TestAnUpdateNamesItsRevision(t *testing.T) {
	w := newReach(t)
	tried, revision := []string{}, func(f jsonField) bool { return f.name == "revision" }
	for _, r := range w.s.routes() {
		if r.in == nil || !slices.ContainsFunc(jsonFields(r.in), revision) {
			continue
		}
		body := map[string]any{}
		if text, err := json.Marshal(w.inputs()[r.method+" "+r.path]); err != nil || exactly(text, &body) != nil {
			t.Fatal(r.id, string(text), err)
		}
		if body == nil { // it takes none
			body = map[string]any{}
		}
		tried = append(tried, r.id)
		for _, without := range []any{nil, "null", "{}", "-1"} {
			delete(body, "revision")
			sent := any(body)
			switch without {
			case nil:
				sent = nil
			case "null":
				body["revision"] = nil
			case "-1":
				body["revision"] = -1
			}
			status, _, answer := w.ask(r.method, w.path(t, r)+w.query(r), w.b.staff[access.Operations], sent)
			if status != http.StatusBadRequest || !strings.Contains(answer, `"field":"revision"`) {
				t.Errorf("%s with %v as its revision: %d %s", r.id, without, status, answer)
			}
		}
	}
	if len(tried) < 6 {
		t.Errorf("only %q name a revision", tried)
	}
}
