package alipay_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/alipay"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/sandbox"
)

func run(t *testing.T) (*sandbox.Sandbox, gateway.Account, chan gateway.RawNotification, string) {
	t.Helper()
	s := gatewaytest.Play(t, sandbox.Config{Second: time.Microsecond})
	messages := make(chan gateway.RawNotification, 100)
	inbox := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		messages <- gateway.RawNotification{Header: r.Header, Body: body}
		io.WriteString(w, "success")
	}))
	t.Cleanup(inbox.Close)
	return s, account(s), messages, inbox.URL + "/callbacks/alipay/a"
}

func account(s *sandbox.Sandbox) gateway.Account {
	c := s.Credentials().Alipay
	return gateway.Account{ID: "a", Version: 1, Institution: gateway.Alipay, Settings: map[string]string{
		"app_id": c.AppID, "seller_id": c.SellerID, "private_key_pem": c.PrivateKeyPEM,
		"alipay_public_key_pem": c.AlipayPublicKeyPEM, "base_url": c.BaseURL,
	}}
}

func newGateway() *alipay.Gateway { return alipay.New(nil, 5*time.Second) }

func charge(number string, m gateway.Method, notify string) gateway.Charge {
	return gateway.Charge{
		OutTradeNo: number, Method: m, Amount: 12340, Title: "物业费 2026年11月 & <备注>", NotifyURL: notify,
		ReturnURL: "http://127.0.0.1:1/back?x=1",
		CreatedAt: time.Now(), ExpiresAt: time.Now().Add(10 * time.Minute),
	}
}

func wantKind(t *testing.T, err error, kind gateway.ErrorKind, signed bool) {
	t.Helper()
	var e *gateway.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Signed != signed {
		t.Fatalf("got %v, want kind %s, signed %t", err, kind, signed)
	}
}

func control(t *testing.T, s *sandbox.Sandbox, path, body string) string {
	t.Helper()
	resp, err := http.Post(s.Credentials().ControlURL+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s: %d %s %v", path, resp.StatusCode, raw, err)
	}
	return string(raw)
}

// read asks the control API.
func read(t *testing.T, s *sandbox.Sandbox, path string) string {
	t.Helper()
	resp, err := http.Get(s.Credentials().ControlURL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%s: %d %s %v", path, resp.StatusCode, raw, err)
	}
	return string(raw)
}

// sums are what the institution's ledger says it took and gave back, in fen.
func sums(t *testing.T, s *sandbox.Sandbox) (taken, back money.Fen) {
	t.Helper()
	var lines []sandbox.Line
	if err := json.Unmarshal([]byte(read(t, s, "/ledger")), &lines); err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		taken += l.TakenFen
		back += l.GivenBackFen
	}
	return taken, back
}

func scan(t *testing.T, s *sandbox.Sandbox, content string) (id string) {
	t.Helper()
	return strings.Split(control(t, s, "/scan", `{"wallet":"alipay","content":"`+content+`"}`), `"`)[3]
}

func TestNativeInEveryState(t *testing.T) {
	s, a, messages, notify := run(t)
	g, ctx := newGateway(), t.Context()
	if err := g.Check(a); err != nil {
		t.Fatal(err)
	}
	p, err := g.Open(ctx, a, charge("A1234567", gateway.Native, notify))
	if err != nil || !strings.HasPrefix(p.CodeURL, "https://qr.alipay.com/") {
		t.Fatalf("open: %+v, %v", p, err)
	}
	_, err = g.Query(ctx, a, gateway.Trade{OutTradeNo: "A1234567"}) // nobody has scanned it
	wantKind(t, err, gateway.NotFound, true)
	wantKind(t, g.Close(ctx, a, gateway.Trade{OutTradeNo: "A1234567"}), gateway.NotFound, true)
	id := scan(t, s, p.CodeURL)
	if r, err := g.Query(ctx, a, gateway.Trade{OutTradeNo: "A1234567"}); err != nil || r.State != gateway.TradeUnpaid {
		t.Fatalf("query: %+v, %v", r, err)
	}
	control(t, s, "/payments/"+id+"/confirm", "")
	r, err := g.Query(ctx, a, gateway.Trade{OutTradeNo: "A1234567"})
	if err != nil || r.State != gateway.TradePaid || r.Amount != 12340 || r.TransactionID == "" {
		t.Fatalf("query: %+v, %v", r, err)
	}
	wantKind(t, g.Close(ctx, a, gateway.Trade{OutTradeNo: "A1234567"}), gateway.AlreadyClosedUpstream, true)
	n, err := g.Verify(ctx, a, <-messages, time.Now())
	if err != nil || n.Kind != gateway.NotifyTrade || n.Report.TransactionID != r.TransactionID ||
		n.Report.Amount != 12340 || !n.Report.PaidAt.Equal(r.PaidAt) {
		t.Fatalf("notification: %+v, %v", n, err)
	}
	_, err = g.Open(ctx, a, charge("A1234567", gateway.Native, notify))
	wantKind(t, err, gateway.AlreadyPaidUpstream, true)
}

func TestWapPageIsOursToSend(t *testing.T) {
	s, a, _, notify := run(t)
	g, ctx := newGateway(), t.Context()
	p, err := g.Open(ctx, a, charge("P1234567", gateway.Wap, notify))
	if err != nil || !strings.HasPrefix(p.RedirectURL, a.Settings["base_url"]+"?") ||
		!strings.Contains(p.RedirectURL, "QUICK_WAP_WAY") {
		t.Fatalf("open: %+v, %v", p, err)
	}
	_, err = g.Query(ctx, a, gateway.Trade{OutTradeNo: "P1234567"})
	wantKind(t, err, gateway.NotFound, true)
	scan(t, s, p.RedirectURL)
	if err := g.Close(ctx, a, gateway.Trade{OutTradeNo: "P1234567"}); err != nil {
		t.Fatal(err)
	}
	if r, err := g.Query(ctx, a, gateway.Trade{OutTradeNo: "P1234567"}); err != nil || r.State != gateway.TradeClosed {
		t.Fatalf("query: %+v, %v", r, err)
	}
}

func TestWhatIsNotSignedProvesNothing(t *testing.T) {
	s, a, _, notify := run(t)
	g := newGateway()
	p, err := g.Open(t.Context(), a, charge("F1234567", gateway.Native, notify))
	if err != nil {
		t.Fatal(err)
	}
	scan(t, s, p.CodeURL)
	for fault, kind := range map[string]gateway.ErrorKind{
		"unsigned_error": gateway.NotFound, "bad_signature": gateway.Indeterminate,
		"probe_signature":       gateway.Indeterminate,
		"timeout_after_success": gateway.Indeterminate,
	} {
		control(t, s, "/faults", `{"fault":"`+fault+`","operation":"query"}`)
		_, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "F1234567"})
		wantKind(t, err, kind, false)
	}
	forger := account(s)
	forger.ID, forger.Settings["app_id"] = "b", "2021999999999999"
	_, err = g.Query(t.Context(), forger, gateway.Trade{OutTradeNo: "F1234567"})
	wantKind(t, err, gateway.Declined, false)
}

func TestNotificationsThatMustNotBeBelieved(t *testing.T) {
	s, a, messages, notify := run(t)
	g := newGateway()
	for i, fault := range []string{"forged", "wrong_merchant", "probe_notice"} {
		number := "N123456" + string(rune('0'+i))
		p, err := g.Open(t.Context(), a, charge(number, gateway.Native, notify))
		if err != nil {
			t.Fatal(err)
		}
		control(t, s, "/faults", `{"fault":"`+fault+`","out_trade_no":"`+number+`"}`)
		control(t, s, "/payments/"+scan(t, s, p.CodeURL)+"/confirm", "")
		_, err = g.Verify(t.Context(), a, <-messages, time.Now())
		wantKind(t, err, gateway.Unauthentic, false)
		if answer := g.Acknowledge(err); answer.Status < 400 || string(answer.Body) == "success" {
			t.Errorf("%s: answered %+v", fault, answer)
		}
	}
	p, err := g.Open(t.Context(), a, charge("N1234569", gateway.Native, notify))
	if err != nil {
		t.Fatal(err)
	}
	control(t, s, "/payments/"+scan(t, s, p.CodeURL)+"/confirm", "")
	m := <-messages
	if _, err := g.Verify(t.Context(), a, m, time.Now()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(url.Values){
		"amount":    func(v url.Values) { v.Set("total_amount", "0.01") },
		"added":     func(v url.Values) { v.Set("extra", "1") },
		"twice":     func(v url.Values) { v.Add("out_trade_no", "x") },
		"sign type": func(v url.Values) { v.Set("sign_type", "RSA") },
		"no sign":   func(v url.Values) { v.Del("sign") },
	} {
		form, err := url.ParseQuery(string(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		spoil(form)
		_, err = g.Verify(t.Context(), a, gateway.RawNotification{Header: m.Header, Body: []byte(form.Encode())},
			time.Now())
		if err == nil {
			t.Errorf("%s: a changed message was believed", name)
		}
	}
	if answer := g.Acknowledge(nil); answer.Status != 200 || string(answer.Body) != "success" {
		t.Errorf("success is answered %+v", answer)
	}
}

func TestTLSIsVerified(t *testing.T) {
	_, a, _, _ := run(t)
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	a.ID, a.Settings["base_url"] = "tls", server.URL+"/gateway.do"
	_, err := newGateway().Query(t.Context(), a, gateway.Trade{OutTradeNo: "T1234567"})
	wantKind(t, err, gateway.Indeterminate, false)
	if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("the certificate is not the reason: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	s := gatewaytest.Play(f, sandbox.Config{})
	a := account(s)
	g := newGateway()
	f.Add("sign=x&sign_type=RSA2&app_id=1")
	f.Add("%zz")
	f.Add("a=1&a=2;b")
	f.Fuzz(func(t *testing.T, body string) {
		if n, err := g.Verify(t.Context(), a, gateway.RawNotification{Body: []byte(body)}, time.Now()); err == nil {
			t.Errorf("an unsigned message was believed: %+v", n)
		}
	})
}
