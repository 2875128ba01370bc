package handlers

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"mime/multipart"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/access"
)

// bomb is a form of 60 MB of zeros, in parts and packed: some 60 KB.
func bomb(t *testing.T) (body, contentType string) {
	t.Helper()
	var out bytes.Buffer
	packer := gzip.NewWriter(&out)
	form := multipart.NewWriter(packer)
	field, err := form.CreateFormField("wallet")
	zeros := make([]byte, 1<<20)
	for i := 0; i < 60 && err == nil; i++ {
		_, err = field.Write(zeros)
	}
	for _, close := range []func() error{form.Close, packer.Close} {
		if err == nil {
			err = close()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if out.Len() > bodyLimit {
		t.Fatalf("the body is %d bytes", out.Len())
	}
	return out.String(), form.FormDataContentType()
}

// Every route is sent what it does not take: packed, in parts, or of another media type. None unpacks it, none goes on.
// A line of kinds or encodings is one more way to send a body.
func TestNoRouteTakesABodyThatItDoesNotNeed(t *testing.T) {
	f := serve(t)
	packed, inParts := bomb(t)
	path := strings.NewReplacer(":id", f.a.order.ID, ":no", "1", ":token", f.a.order.Token, ":institution", "wechat",
		":account", "aaawechat", ":name", "a.js")
	kinds := []string{inParts, "application/json", "application/x-www-form-urlencoded", "text/plain",
		"application/octet-stream", "text/xml", takesWorkbook[0], ""}
	encodings := []string{"gzip", "GZIP", "br", "deflate", "zstd", "identity, gzip", "x", ""}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	tried := 0
	for _, r := range f.s.routes() {
		for _, kind := range kinds {
			for _, encoding := range encodings {
				if encoding == "" && slices.Contains(r.takes, kind) {
					continue
				}
				tried++
				header := []string{"Content-Type", kind, "X-Forwarded-For",
					fmt.Sprintf("198.51.%d.%d", tried>>8, tried&255)}
				if encoding != "" {
					header = append(header, "Content-Encoding", encoding)
				}
				status, _, body := f.ask(r.method, path.Replace(r.path), f.a.staff[access.Operations], packed,
					header...)
				if status != http.StatusUnsupportedMediaType {
					t.Errorf("%s %s takes %q as %q: %d %.200s", r.method, r.path, kind, encoding, status, body)
				}
			}
		}
	}
	runtime.ReadMemStats(&after)
	if used := (after.TotalAlloc - before.TotalAlloc) / uint64(tried) >> 10; used > 1024 {
		t.Errorf("each of %d requests took %d KB of memory", tried, used)
	}
}

// A body is read as it came: no handler calls what unpacks it, or what reads forms in parts.
func TestNoHandlerUnpacksABody(t *testing.T) {
	unpacks := []string{"Body", "BodyParser", "FormValue", "FormFile", "MultipartForm", "SaveFile", "BodyGunzip",
		"BodyUnbrotli", "BodyInflate", "BodyUncompressed", "SwapBody"}
	each(t, func(set *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			method, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains(unpacks, method.Sel.Name) {
				return true
			}
			if of, raw := method.X.(*ast.CallExpr); raw && method.Sel.Name == "Body" {
				if side, ok := of.Fun.(*ast.SelectorExpr); ok &&
					slices.Contains([]string{"Request", "Response"}, side.Sel.Name) {
					return true // the bytes themselves
				}
			}
			t.Errorf("%s calls %s", set.Position(call.Pos()), method.Sel.Name)
			return true
		})
	})
}

// each parses the package's files but for its tests.
func each(t *testing.T, visit func(*token.FileSet, *ast.File)) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range files {
		if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			visit(set, file)
		}
	}
}

// One who has a QR opens attempts as fast as the server answers, by turns in two wallets: the payer, from another
// address, and the cashier can pay all the same.
func TestNobodyMakesAnOrderUnpayable(t *testing.T) {
	f := serve(t)
	pay := func(from, wallet string) int {
		status, h, _ := f.ask("POST", "/q/"+f.a.order.Token+"/pay", "", "wallet="+wallet,
			"Content-Type", "application/x-www-form-urlencoded", "User-Agent", phoneAgent, "X-Forwarded-For", from)
		if status == http.StatusTooManyRequests && h.Get("Retry-After") == "" {
			t.Errorf("too fast, and not told when to come again")
		}
		return status
	}
	for i := range 250 {
		pay("203.0.113.9", []string{"wechat", "alipay"}[i%2])
	}
	if o, err := f.s.Payments.Get(t.Context(), f.a.order.ID); err != nil || len(o.Attempts) > attemptBurst+1 {
		t.Errorf("one address opened %d attempts within seconds, %v", len(o.Attempts), err)
	}
	for i, wallet := range []string{"wechat", "alipay", "wechat", "alipay", "wechat"} {
		if status := pay("203.0.113.10", wallet); status != 303 {
			t.Errorf("the payer's try %d: %d", i+1, status)
		}
	}
	for i := range 120 { // from many addresses
		pay(fmt.Sprintf("198.51.100.%d", i+1), []string{"wechat", "alipay"}[i%2])
	}
	status, _, body := f.ask("POST", "/v1/orders/"+f.a.order.ID+"/attempts", f.a.staff[access.Cashier],
		attemptInput{Wallet: "wechat", Method: "native"}, "Idempotency-Key", "desk")
	if status != 201 {
		t.Errorf("the desk: %d %s", status, body)
	}
}

// What one payer's browser does never meets a limit: it looks every 1.5 s how the payment is, for a quarter of an hour,
// and reloads the page now and then.
func TestOnePayersBrowserNeverMeetsALimit(t *testing.T) {
	f := serve(t)
	now := f.s.Now()
	f.s.paces.now = func() time.Time { return now }
	at := "/q/" + f.a.order.Token
	for i := range 600 {
		now = now.Add(1500 * time.Millisecond)
		if status, _, _ := f.ask("GET", at+"/state", "", nil); status != 200 {
			t.Fatalf("look %d: %d", i, status)
		}
		if i%5 > 0 {
			continue
		}
		for _, path := range []string{"", "/qr.png", "/qr.svg"} {
			if status, _, _ := f.ask("GET", at+path, "", nil, "User-Agent", pcAgent); status != 200 {
				t.Fatalf("page %d, %s: %d", i, path, status)
			}
		}
	}
}

// A caller's streams are bounded, and those that end make room.
func TestACallersStreamsAreBounded(t *testing.T) {
	f := serve(t)
	path := "/v1/orders/" + f.a.order.ID + "/events"
	stream := func(token string) *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), "GET", f.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	var open []*http.Response
	for range 400 {
		resp := stream(f.a.resident)
		if resp.StatusCode == http.StatusTooManyRequests {
			if resp.Header.Get("Retry-After") == "" {
				t.Errorf("too many streams, and not told when to come again")
			}
			resp.Body.Close()
			continue
		}
		open = append(open, resp)
	}
	if len(open) != streamsMost {
		t.Errorf("one resident has %d streams", len(open))
	}
	other := stream(f.a.staff[access.Cashier])
	if other.StatusCode != 200 {
		t.Errorf("a cashier beside: %d", other.StatusCode)
	}
	for _, resp := range append(open, other) {
		resp.Body.Close()
	}
	f.s.live.dropAll() // what a heartbeat would find out
	for range 200 {
		resp := stream(f.a.resident)
		resp.Body.Close()
		if resp.StatusCode == 200 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("ended streams still count")
}

// A body that is not as the document says is refused by the name of the field that is to blame, in the caller's
// language. A line is one more mistake.
func TestABodysMistakeIsNamed(t *testing.T) {
	f := serve(t)
	for _, c := range []struct{ path, body, field string }{
		{"/v1/orders", `{"unit":"u","bill":["b"]}`, "bill"},
		{"/v1/orders", `{"unit":1,"bills":["b"]}`, "unit"},
		{"/v1/orders", `{"unit":"u","bills":"b"}`, "bills"},
		{"/v1/orders", `{"unit":"u","bills":[1]}`, "bills"},
		{"/v1/orders/" + f.a.order.ID + "/refunds", `{"items":[{"ref":"b","amount":1,"note":"x"}],"reason":"y"}`,
			"items.note"},
		{"/v1/orders/" + f.a.order.ID + "/refunds", `{"items":[{"ref":7,"amount":1}],"reason":"y"}`, "items.ref"},
		{"/v1/orders", `{"unit":"u"`, ""},
		{"/v1/orders", `[]`, ""},
		{"/v1/orders", `"x"`, ""},
	} {
		status, _, body := f.ask("POST", c.path, f.a.staff[access.Cashier], c.body, "Idempotency-Key", "k",
			"Accept-Language", "en")
		named := strings.Contains(body, `"field":"`+c.field+`"`) && strings.Contains(body, c.field+" has") ||
			strings.Contains(body, "no such field: "+c.field+".")
		if c.field == "" {
			named = strings.Contains(body, "not the JSON expected")
		}
		if status != http.StatusBadRequest || !named {
			t.Errorf("%s: %d %s", c.body, status, body)
		}
	}
}

// A body in which two readers could see two requests is refused, and whatever is wrong with a member says which.
func TestABodyIsReadInOneWay(t *testing.T) {
	f := serve(t)
	operations := f.a.staff[access.Operations]
	for body, field := range map[string]string{
		`{"name":"a","name":"b","rights":["orders.read"]}`:                   "name",
		`{"name":"a","Name":"b","rights":["orders.read"]}`:                   "Name",
		`{"NAME":"a","rights":["orders.read"]}`:                              "NAME",
		`{"name":"a","rights":["orders.read"],"colour":1}`:                   "colour",
		`{"name":"a","rights":["orders.read"],"expires_at":"yesterday"}`:     "expires_at",
		`{"name":"a","rights":["orders.read"],"expires_at":5}`:               "expires_at",
		`{"name":"a\u0007","rights":["orders.read"]}`:                        "name",
		`{"name":5,"rights":["orders.read"]}`:                                "name",
		`{"name":"a","rights":["orders.read"]}{}`:                            "",
		`{"name":"a","rights":` + strings.Repeat("[", 20_000):                "",
		`{"name":"a","rights":["orders.read"],"x":` + strings.Repeat("[", 9): "",
	} {
		status, _, answer := f.ask("POST", "/v1/api-clients", operations, body)
		if status != http.StatusBadRequest || field != "" && !strings.Contains(answer, `"field":"`+field+`"`) {
			t.Errorf("%.80s: %d %s", body, status, answer)
		}
	}
	within := `{"items":[{"ref":"x","amount":1,"amount":2}],"reason":"x"}`
	status, _, answer := f.ask("POST", "/v1/orders/"+f.a.order.ID+"/refunds", f.a.staff[access.Finance], within,
		"Idempotency-Key", "twice")
	if status != http.StatusBadRequest || !strings.Contains(answer, `"field":"items.amount"`) {
		t.Errorf("within a list: %d %s", status, answer)
	}
	for _, header := range []string{"bearer ", "BEARER  "} {
		if status, _, answer := f.ask("GET", "/v1/me", "", nil, "Authorization", header+operations); status != 200 {
			t.Errorf("%s: %d %s", header, status, answer)
		}
	}
}
