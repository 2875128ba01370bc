package handlers

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"linlipay/access"
	"linlipay/payment/gateway"
)

// cases are requests as data: what is answered, what the answer holds, and what it must not.
func TestAnswers(t *testing.T) {
	f := serve(t)
	cashier, order := f.a.staff[access.Cashier], f.a.order.ID
	for name, c := range map[string]struct {
		method, path, token string
		body                any
		status              int
		has, hasNot         string
	}{
		"health":                   {"GET", "/healthz", "", nil, 200, `"ok"`, ""},
		"the start page":           {"GET", "/", "", nil, 200, "start", ""},
		"an asset":                 {"GET", "/assets/a.js", "", nil, 200, "1", ""},
		"a path out of the assets": {"GET", "/assets/..%2findex.html", "", nil, 404, "not_found", "start"},
		"nothing":                  {"GET", "/v2", "", nil, 404, `"not_found"`, ""},
		"another method":           {"DELETE", "/v1/orders", "", nil, 405, `"method_not_allowed"`, ""},
		"no token":                 {"GET", "/v1/orders", "", nil, 401, `"unauthenticated"`, ""},
		"a wrong password": {"POST", "/v1/members/sessions", "", loginInput{"aaacashier", "wrong"}, 401, "登录名或密码",
			"argon"},
		"an unknown login": {"POST", "/v1/members/sessions", "", loginInput{"nobody", "wrong"}, 401,
			"登录名或密码", ""},
		"the wrong role":            {"GET", "/v1/unapplied-funds", cashier, nil, 403, `"forbidden"`, ""},
		"a resident at the console": {"GET", "/v1/events", f.a.resident, nil, 403, `"forbidden"`, ""},
		"an order, as staff":        {"GET", "/v1/orders/" + order, cashier, nil, 200, "138****0001", "13800000001"},
		"an order, as resident": {"GET", "/v1/orders/" + order, f.a.resident, nil, 200, `"payer":{"name":"业*a"}`,
			"0001\""},
		"another's order": {"GET", "/v1/orders/" + order, f.a.terminal, nil, 404, "not_found", order + `"`},
		"by phone":        {"GET", "/v1/orders?q=13800000001", cashier, nil, 200, order, f.b.order.ID},
		"by unit": {"GET", "/v1/orders?q=" + strings.ReplaceAll("1栋 1单元 101", " ", "%20"), cashier,
			nil, 200, order, f.b.order.ID},
		"a status that is none": {"GET", "/v1/orders?status=lost", cashier, nil, 400, "invalid_request", ""},
		"a garbled cursor":      {"GET", "/v1/orders?cursor=zzz", cashier, nil, 400, "invalid_request", ""},
		"an unknown field": {"POST", "/v1/orders", cashier, `{"unit":"x","bills":["y"],"price":1}`, 400,
			"invalid_request", ""},
		"a body that goes on": {"POST", "/v1/orders", cashier, `{"unit":"x","bills":["y"]} {}`, 400,
			"invalid_request", ""},
		"control characters": {"POST", "/v1/orders", cashier, `{"unit":"a\u0000b","bills":["y"]}`, 400, "控制字符",
			""},
		"too large a body": {"POST", "/v1/orders", cashier, strings.Repeat(" ", bodyLimit+1), 413, "too_large",
			""},
		"a unit as terminal":        {"GET", "/v1/units?q=101", f.a.terminal, nil, 200, `"owner":"业*a"`, "0001\""},
		"a terminal without a word": {"GET", "/v1/units", f.a.terminal, nil, 400, "invalid_request", ""},
		"the QR's picture":          {"GET", "/q/" + f.a.order.Token + "/qr.svg", "", nil, 200, "<svg", ""},
		"a QR too large": {"GET", "/q/" + f.a.order.Token + "/qr.png?size=100000", "", nil, 400,
			"invalid_request", ""},
		"the page behind the QR": {"GET", "/q/" + f.a.order.Token, "", nil, 200, "微信支付", "13800000001"},
		"an unknown QR":          {"GET", "/q/zzz", "", nil, 404, "二维码无效", ""},
		"an unknown institution": {"POST", "/callbacks/bank/x", "", "{}", 404, "unknown", ""},
		"a forged notification":  {"POST", "/callbacks/wechat/aaawechat", "", "{}", 401, "FAIL", "does not"},
	} {
		status, h, body := f.ask(c.method, c.path, c.token, c.body)
		if status != c.status || !strings.Contains(body, c.has) || c.hasNot != "" && strings.Contains(body, c.hasNot) {
			t.Errorf("%s: %d %s, want %d with %q and without %q", name, status, body, c.status, c.has, c.hasNot)
		}
		if status >= 400 && !strings.HasPrefix(c.path, "/callbacks/") && !strings.HasPrefix(c.path, "/q/zzz") &&
			!strings.HasPrefix(h.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: answered as %s", name, h.Get("Content-Type"))
		}
		if h.Get("X-Request-Id") == "" {
			t.Errorf("%s: no request id", name)
		}
	}
	if status, _, body := f.ask("POST", "/v1/members/sessions", "", "\x1f\x8b", "Content-Encoding",
		"gzip"); status != 415 {
		t.Errorf("a packed body: %d %s", status, body)
	}
	if _, _, body := f.ask("GET", "/v1/orders", "", nil, "Accept-Language", "en"); !strings.Contains(body,
		"Please log in") {
		t.Errorf("in English: %s", body)
	}
}

func TestARouteWithoutAnAudienceLetsNobodyIn(t *testing.T) {
	for _, kind := range []access.Kind{access.StaffKind, access.ResidentKind, access.TerminalKind} {
		if (audience{}).admits(access.Caller{Kind: kind, Roles: []access.Role{access.Operations}}) {
			t.Errorf("%s may call a route that says nothing", kind)
		}
	}
	for _, r := range New(Config{Now: time.Now}).routes() {
		if !r.who.public && len(r.who.kinds) == 0 {
			t.Errorf("%s %s says nothing of who may call it", r.method, r.path)
		}
	}
}

// The document and what fiber really serves are compared both ways, each read on its own.
func TestOpenAPIIsTheRoutes(t *testing.T) {
	f := serve(t)
	var doc struct {
		OpenAPI string                               `json:"openapi"`
		Paths   map[string]map[string]map[string]any `json:"paths"`
	}
	f.json("GET", "/openapi.json", "", nil, &doc)
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("openapi %s", doc.OpenAPI)
	}
	served := map[string]bool{}
	for _, routes := range f.s.App().Stack() {
		for _, r := range routes {
			if r.Method == "HEAD" || r.Path == "/" && r.Method != "GET" {
				continue
			}
			parts := strings.Split(r.Path, "/")
			for i := range parts {
				if strings.HasPrefix(parts[i], ":") {
					parts[i] = "{" + parts[i][1:] + "}"
				}
			}
			key := strings.ToLower(r.Method) + " " + strings.Join(parts, "/")
			if doc.Paths[strings.Join(parts, "/")][strings.ToLower(r.Method)] == nil && r.Path != "/" {
				t.Errorf("%s is served and not described", key)
			}
			served[key] = true
		}
	}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if !served[method+" "+path] {
				t.Errorf("%s %s is described and not served", method, path)
			}
			if op["summary"] == "" || op["x-who"] == nil {
				t.Errorf("%s %s lacks its summary or its audience", method, path)
			}
		}
	}
}

func (f *fixture) version(id string) int64 {
	o, err := f.s.Payments.Get(f.t.Context(), id)
	if err != nil {
		f.t.Fatal(err)
	}
	return o.Version
}

func TestIdempotencyOverHTTP(t *testing.T) {
	f := serve(t)
	in := orderInput{Unit: f.a.unit.ID, Bills: []string{f.a.bills[1].ID}}
	ids, hits := map[string]int{}, 0
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			var o orderView
			h := f.json("POST", "/v1/orders", f.a.staff[access.Cashier], in, &o, "Idempotency-Key", "k1")
			mu.Lock()
			defer mu.Unlock()
			ids[o.ID]++
			if h.Get("Idempotency-Hit") == "true" {
				hits++
			}
		})
	}
	all.Wait()
	if len(ids) != 1 || hits != 199 {
		t.Errorf("200 with one key made %d orders with %d hits", len(ids), hits)
	}
	in.Bills = []string{f.a.bills[2].ID}
	if status, _, body := f.ask("POST", "/v1/orders", f.a.staff[access.Cashier], in, "Idempotency-Key",
		"k1"); status != 422 || !strings.Contains(body, "idempotency_mismatch") {
		t.Errorf("the key with another body: %d %s", status, body)
	}
	turned := fmt.Sprintf(`{"bills":[%q],"unit":%q}`, f.a.bills[1].ID, f.a.unit.ID)
	if status, _, body := f.ask("POST", "/v1/orders", f.a.staff[access.Cashier], turned, "Idempotency-Key",
		"k1"); status != 422 {
		t.Errorf("the key with the same members in another order, which the document calls another request: %d %s",
			status, body)
	}
	made := 0
	for range 200 {
		all.Go(func() {
			status, _, _ := f.ask("POST", "/v1/orders", f.a.staff[access.Cashier], in)
			mu.Lock()
			defer mu.Unlock()
			if status == 201 {
				made++
			} else if status != 409 {
				t.Errorf("under a key of its own: %d", status)
			}
		})
	}
	all.Wait()
	if made != 1 {
		t.Errorf("200 under keys of their own made %d orders", made)
	}
	path := "/v1/orders/" + f.a.order.ID + "/attempts"
	var first, second openedView
	f.json("POST", path, f.a.staff[access.Cashier], attemptInput{Wallet: "wechat", Method: "native"}, &first,
		"Idempotency-Key", "a1")
	h := f.json("POST", path, f.a.staff[access.Cashier], attemptInput{Wallet: "wechat", Method: "native"}, &second,
		"Idempotency-Key", "a1")
	if first.Attempt.No != second.Attempt.No || h.Get("Idempotency-Hit") != "true" {
		t.Errorf("an attempt's key: %d and %d, hit %q", first.Attempt.No, second.Attempt.No, h.Get("Idempotency-Hit"))
	}
}

func TestTokensThatMustNotBeBelieved(t *testing.T) {
	f := serve(t)
	good := f.a.staff[access.Cashier]
	header, payload, _ := strings.Cut(good, ".")
	payload, _, _ = strings.Cut(payload, ".")
	var keys struct{ Keys []struct{ X, Kid string } }
	f.json("GET", "/.well-known/jwks.json", "", nil, &keys)
	public, err := base64.RawURLEncoding.DecodeString(keys.Keys[0].X)
	if err != nil {
		t.Fatal(err)
	}
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(m jwt.SigningMethod, key any, claims jwt.MapClaims) string {
		tok := jwt.NewWithClaims(m, claims)
		tok.Header["kid"] = keys.Keys[0].Kid
		s, err := tok.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	claims := jwt.MapClaims{"sub": "x", "aud": "linlipay", "kind": "staff", "company": "aaa",
		"roles": []string{"cashier"}, "exp": time.Now().Add(time.Hour).Unix()}
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"` + keys.Keys[0].Kid + `"}`))
	for name, token := range map[string]string{
		"no algorithm": none + "." + payload + ".", "HMAC with the public key": sign(jwt.SigningMethodHS256, public,
			claims),
		"a stranger's key": sign(jwt.SigningMethodEdDSA, stranger, claims), "no signature": header + "." + payload +
			".", "garbage": "x.y.z", "empty": "",
		"changed": header + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"x"}`)) +
			good[strings.LastIndexByte(good, '.'):],
	} {
		if status, _, body := f.ask("GET", "/v1/me", token, nil); status != 401 {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
}

func TestRefreshReuseEndsTheSession(t *testing.T) {
	f := serve(t)
	var first, second, again, third tokensView
	f.json("POST", "/v1/members/sessions", "", loginInput{"aaacashier", "password-aaa"}, &first)
	f.json("POST", "/v1/tokens/renewal", "", refreshInput{first.RefreshToken}, &second)
	f.json("POST", "/v1/tokens/renewal", "", refreshInput{first.RefreshToken}, &again) // the answer was lost
	if again.RefreshToken != second.RefreshToken {
		t.Error("a token whose answer was lost was exchanged for another successor")
	}
	f.json("POST", "/v1/tokens/renewal", "", refreshInput{second.RefreshToken}, &third)
	if status, _, _ := f.ask("POST", "/v1/tokens/renewal", "", refreshInput{first.RefreshToken}); status != 401 {
		t.Errorf("a used refresh token: %d", status)
	}
	if status, _, _ := f.ask("POST", "/v1/tokens/renewal", "", refreshInput{third.RefreshToken}); status != 401 {
		t.Errorf("the session goes on after its token was reused: %d", status)
	}
	if status, _, _ := f.ask("GET", "/v1/me", third.AccessToken, nil); status != 401 {
		t.Errorf("its access token goes on: %d", status)
	}
}

// sse reads a stream's events until want says that it is enough.
func (f *fixture) sse(ctx context.Context, path, token, after string, want func(id, name, data string) bool) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second) // guards a hang
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", f.base+path, nil)
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != 200 {
		f.t.Fatal(resp, err)
	}
	defer resp.Body.Close()
	var id, name string
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), ": ")
		switch key {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			if want(id, name, value) {
				return
			}
		}
	}
	f.t.Fatal("the stream ended early")
}

func TestLiveEventsAndReplay(t *testing.T) {
	f := serve(t)
	token := f.a.staff[access.Cashier]
	next := make(chan string, 1)
	var last string
	go func() {
		<-next
		f.json("POST", "/v1/orders/"+f.a.order.ID+"/attempts", token, attemptInput{Wallet: "wechat", Method: "native"},
			new(openedView), "Idempotency-Key", "k")
	}()
	f.sse(t.Context(), "/v1/events", token, "", func(id, name, data string) bool {
		if strings.Contains(data, f.b.order.ID) {
			t.Error("a stream tells of another company's order")
		}
		if name == "snapshot" {
			if !strings.Contains(data, f.a.order.ID) {
				t.Errorf("the snapshot lacks the order: %s", data)
			}
			next <- "go"
			return false
		}
		last = id
		return strings.Contains(data, `"state":"open"`)
	})
	m := gateway.Report{OutTradeNo: f.a.order.ID + "01", State: gateway.TradePaid, TransactionID: "tx",
		Amount: f.a.order.Amount, Currency: "CNY", PaidAt: time.Now()}
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if status, _, answer := f.ask("POST", "/callbacks/wechat/aaawechat", "", string(body), "Wechatpay-Signature",
		"genuine"); status != 204 {
		t.Fatalf("callback: %d %s", status, answer)
	}
	f.sse(t.Context(), "/v1/events", token, last, func(_, name, data string) bool { // what came while nobody listened
		if name == "snapshot" {
			t.Error("a replay began with a snapshot")
		}
		return strings.Contains(data, `"status":"paid"`)
	})
	f.sse(t.Context(), "/v1/orders/"+f.a.order.ID+"/events", f.a.resident, "99999999", func(_, name, data string) bool {
		// a place that never was
		return name == "snapshot" && strings.Contains(data, `"status":"paid"`)
	})
}

// Ten thousand bad requests over real connections: always a 4xx, never a stack or a secret.
func TestTenThousandBadRequests(t *testing.T) {
	f := serve(t)
	routes := f.s.routes()
	var all sync.WaitGroup
	for worker := range 8 {
		all.Go(func() {
			random := mrand.New(mrand.NewPCG(2026, uint64(worker)))
			for range 1250 {
				f.bad(random, routes)
			}
		})
	}
	all.Wait()
}

// bad sends one request that nobody should send, as raw bytes, and checks the answer.
func (f *fixture) bad(random *mrand.Rand, routes []route) {
	pick := func(values ...string) string { return values[random.IntN(len(values))] }
	r := routes[random.IntN(len(routes))]
	for r.who.public && r.method == "GET" { // a good request needs no more than the path there
		r = routes[random.IntN(len(routes))]
	}
	path := strings.NewReplacer(":id", pick("nope", "%00", "..%2f..%2fetc", strings.Repeat("9", 24), "💥", f.b.order.ID),
		":token", "zzz", ":institution", pick("wechat", "alipay", "x"), ":account", "zzz").Replace(r.path)
	body := pick(``, `{`, `[]`, `null`, `{"unit":1}`, `{"unit":{"$gt":""}}`, `{"bills":"x"}`,
		`{"login":null,"password":[]}`, `{"phone":"\u0000"}`, `{"code":9}`, "\xff\xfe",
		`{"a":`+strings.Repeat(`[`, 5000), strings.Repeat("A", random.IntN(9000)),
		`{"timestamp":1e999}`, `{"timestamp":"x"}`, `{"refresh_token":"`+strings.Repeat("x", 5000)+`"}`,
		`{"unit":"x","bills":[]}`, `{"community":"x","name":"y"}`)
	token := pick("", "x.y.z", strings.Repeat("a", 3000), "Bearer", "null", "\t")
	headers := "Host: x\r\nContent-Type: " + pick("application/json", "text/plain", "application/x-www-form-urlencoded",
		"", "multipart/form-data") +
		"\r\nIdempotency-Key: " + pick("k", strings.Repeat("k", 80), "k\tk") + "\r\nAuthorization: Bearer " + token +
		"\r\nConnection: close\r\n"
	method := r.method
	if random.IntN(10) == 0 {
		method = pick("PUT", "PATCH", "DELETE", "TRACE", "BREW")
	}
	raw := fmt.Sprintf("%s %s%s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n%s", method, path,
		pick("", "?limit=-1", "?limit=x", "?cursor=%ff", "?q="+strings.Repeat("q", 600)), headers, len(body), body)
	answer := f.raw(raw)
	status, _, _ := strings.Cut(strings.TrimPrefix(answer, "HTTP/1.1 "), " ")
	if !strings.HasPrefix(status, "4") {
		f.t.Errorf("answered %q to %.300q", firstLine(answer), raw)
	}
	for _, leak := range []string{"goroutine", ".go:", "SECRET-", "panic", "sqlite", "json: ", "argon2",
		f.b.unit.Phone} {
		if strings.Contains(answer, leak) {
			f.t.Errorf("%q leaked in answer to %.300q: %s", leak, raw, answer)
		}
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\r\n")
	return line
}

func (f *fixture) raw(request string) string {
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.base, "http://"))
	if err != nil {
		f.t.Error(err)
		return ""
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(30 * time.Second)) // guards a hang; it fails below
	if _, err := conn.Write([]byte(request)); err != nil {
		f.t.Error(err)
	}
	var answer bytes.Buffer
	answer.ReadFrom(conn) // a reset after the answer is what a refused body gets
	return answer.String()
}

// A picture of the QR must be what the QR's library says, cell by cell.
func TestSVGDrawsTheBitmap(t *testing.T) {
	bitmap := [][]bool{{true, true, false}, {false, true, false}, {true, false, true}}
	drawn := make([][]bool, 3)
	for i := range drawn {
		drawn[i] = make([]bool, 3)
	}
	_, path, _ := strings.Cut(svg(bitmap), `<path d="`)
	for _, part := range strings.Split(strings.TrimSuffix(path, `"/></svg>`), "M")[1:] {
		var x, y, w, back int
		if _, err := fmt.Sscanf(part, "%d %dh%dv1h-%dz", &x, &y, &w, &back); err != nil || w != back {
			t.Fatal(part, err)
		}
		for i := range w {
			drawn[y][x+i] = true
		}
	}
	if !slices.EqualFunc(bitmap, drawn, func(a, b []bool) bool { return slices.Equal(a, b) }) {
		t.Errorf("drawn %v", drawn)
	}
}

func TestMasksFailClosed(t *testing.T) {
	for in, want := range map[string]string{"": "*", "王": "*", "王明": "王*", "王小明": "王*明", "欧阳子涵": "欧*涵"} {
		if got := maskName(in); got != want {
			t.Errorf("maskName(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"": "", "13800001234": "138****1234", "1234": "****", "1234567": "****"} {
		if got := maskPhone(in); got != want {
			t.Errorf("maskPhone(%q) = %q, want %q", in, got, want)
		}
	}
}
