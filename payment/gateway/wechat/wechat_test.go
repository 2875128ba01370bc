package wechat_test

import (
	"context"
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
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/gateway/wechat"
	"linlipay/payment/sandbox"
)

// run starts the institution and an endpoint for its notifications.
func run(t *testing.T) (*sandbox.Sandbox, chan gateway.RawNotification, string) {
	t.Helper()
	return runWith(t, sandbox.Config{Second: time.Microsecond})
}

func runWith(t *testing.T, cfg sandbox.Config) (*sandbox.Sandbox, chan gateway.RawNotification, string) {
	t.Helper()
	s := gatewaytest.Play(t, cfg)
	messages := make(chan gateway.RawNotification, 100)
	inbox := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		messages <- gateway.RawNotification{Header: r.Header, Body: body}
	}))
	t.Cleanup(inbox.Close)
	return s, messages, inbox.URL + "/callbacks/wechat/a"
}

func settings(c sandbox.WechatCredentials) map[string]string {
	return map[string]string{
		"mchid": c.Mchid, "appid": c.Appid, "app_secret": c.AppSecret, "serial_no": c.SerialNo,
		"private_key_pem": c.PrivateKeyPEM,
		"apiv3_key":       c.APIv3Key, "public_key_id": c.PublicKeyID, "public_key_pem": c.PublicKeyPEM,
		"platform_serial_no": c.PlatformSerialNo,
		"platform_cert_pem":  c.PlatformCertPEM, "base_url": c.BaseURL, "oauth_base_url": c.BaseURL,
	}
}

// accounts are the same merchant in each key mode.
func accounts(s *sandbox.Sandbox) map[string]gateway.Account {
	all := map[string]gateway.Account{}
	for mode, drop := range map[string][]string{
		"public key": {"platform_serial_no", "platform_cert_pem"}, "certificate": {"public_key_id", "public_key_pem"},
		"both": nil,
	} {
		m := settings(s.Credentials().Wechat)
		for _, name := range drop {
			delete(m, name)
		}
		all[mode] = gateway.Account{ID: mode, Version: 1, Institution: gateway.WeChat, Settings: m}
	}
	return all
}

func newGateway() *wechat.Gateway { return wechat.New(nil, 5*time.Second, time.Now) }

func charge(number string, m gateway.Method, notify string) gateway.Charge {
	return gateway.Charge{
		OutTradeNo: number, Method: m, Amount: 12345, Title: "物业费 2026年11月", PayerID: "oABCDEFGHIJKLMNOPQRSTUVWXYZ01",
		ClientIP:  "127.0.0.1",
		NotifyURL: notify, ReturnURL: "http://127.0.0.1:1/back?x=1", CreatedAt: time.Now(),
		ExpiresAt: time.Now().Add(10 * time.Minute),
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

func pay(t *testing.T, s *sandbox.Sandbox, content string) {
	t.Helper()
	scanned := control(t, s, "/scan", `{"wallet":"wechat","content":"`+content+`"}`)
	control(t, s, "/payments/"+strings.Split(scanned, `"`)[3]+"/confirm", "")
}

func TestEveryStateInEveryKeyMode(t *testing.T) {
	s, messages, notify := run(t)
	g := newGateway()
	for mode, a := range accounts(s) {
		t.Run(mode, func(t *testing.T) {
			ctx, number := t.Context(), "W"+strings.ReplaceAll(mode, " ", "")+"1"
			if err := g.Check(a); err != nil {
				t.Fatal(err)
			}
			_, err := g.Query(ctx, a, gateway.Trade{OutTradeNo: number})
			wantKind(t, err, gateway.NotFound, true)
			p, err := g.Open(ctx, a, charge(number, gateway.Native, notify))
			if err != nil || !strings.HasPrefix(p.CodeURL, "weixin://wxpay/") {
				t.Fatalf("open: %+v, %v", p, err)
			}
			if again, err := g.Open(ctx, a, charge(number, gateway.Native, notify)); err != nil ||
				again.CodeURL != p.CodeURL {
				t.Fatalf("open again: %+v, %v", again, err)
			}
			if r, err := g.Query(ctx, a, gateway.Trade{OutTradeNo: number}); err != nil ||
				r.State != gateway.TradeUnpaid {
				t.Fatalf("query: %+v, %v", r, err)
			}
			pay(t, s, p.CodeURL)
			r, err := g.Query(ctx, a, gateway.Trade{OutTradeNo: number})
			if err != nil || r.State != gateway.TradePaid || r.Amount != 12345 || r.Currency != "CNY" ||
				r.OutTradeNo != number || r.TransactionID == "" {
				t.Fatalf("query: %+v, %v", r, err)
			}
			wantKind(t, g.Close(ctx, a, gateway.Trade{OutTradeNo: number}), gateway.AlreadyPaidUpstream, true)
			n, err := g.Verify(ctx, a, <-messages, time.Now())
			if err != nil || n.Kind != gateway.NotifyTrade || n.Report.TransactionID != r.TransactionID ||
				n.Report.Amount != 12345 || !n.Report.PaidAt.Equal(r.PaidAt) {
				t.Fatalf("notification: %+v, %v", n, err)
			}
			closing := number + "c"
			if _, err := g.Open(ctx, a, charge(closing, gateway.Native, notify)); err != nil {
				t.Fatal(err)
			}
			if err := g.Close(ctx, a, gateway.Trade{OutTradeNo: closing}); err != nil {
				t.Fatal(err)
			}
			if r, err := g.Query(ctx, a, gateway.Trade{OutTradeNo: closing}); err != nil ||
				r.State != gateway.TradeClosed {
				t.Fatalf("query: %+v, %v", r, err)
			}
			_, err = g.Open(ctx, a, charge(closing, gateway.Native, notify))
			wantKind(t, err, gateway.AlreadyClosedUpstream, true)
		})
	}
}

func TestJSAPIThroughOAuthAndH5(t *testing.T) {
	s, _, notify := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	address, err := g.AuthorizeURL(a, "http://127.0.0.1:1/back", "st")
	if err != nil || !strings.HasSuffix(address, "#wechat_redirect") {
		t.Fatal(address, err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	back, err := resp.Location()
	if err != nil || back.Query().Get("state") != "st" {
		t.Fatal(back, err)
	}
	openid, err := g.Payer(t.Context(), a, back.Query().Get("code"))
	if err != nil || !strings.HasPrefix(openid, "o") {
		t.Fatal(openid, err)
	}
	if _, err = g.Payer(t.Context(), a, back.Query().Get("code")); err == nil ||
		strings.Contains(err.Error(), a.Settings["app_secret"]) {
		t.Fatalf("a code was taken twice, or the error holds the secret: %v", err)
	}
	c := charge("J1234567", gateway.JSAPI, notify)
	c.PayerID = openid
	p, err := g.Open(t.Context(), a, c)
	if err != nil || !strings.HasPrefix(p.JSAPI["package"], "prepay_id=") || p.JSAPI["signType"] != "RSA" ||
		p.JSAPI["paySign"] == "" {
		t.Fatalf("jsapi: %+v, %v", p, err)
	}
	p, err = g.Open(t.Context(), a, charge("H1234567", gateway.H5, notify))
	if err != nil {
		t.Fatal(err)
	}
	if u, err := url.Parse(p.RedirectURL); err != nil ||
		u.Query().Get("redirect_url") != "http://127.0.0.1:1/back?x=1" {
		t.Fatalf("h5: %+v, %v", p, err)
	}
}

// The traps of protocols: an unsigned "not found", a signature that does not verify, a probe, a broken connection.
func TestWhatIsNotSignedProvesNothing(t *testing.T) {
	s, _, notify := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	if _, err := g.Open(t.Context(), a, charge("F1234567", gateway.Native, notify)); err != nil {
		t.Fatal(err)
	}
	for fault, kind := range map[string]gateway.ErrorKind{
		"unsigned_error": gateway.NotFound, "bad_signature": gateway.Indeterminate,
		"probe_signature":       gateway.Indeterminate,
		"timeout_after_success": gateway.Indeterminate,
	} {
		control(t, s, "/faults", `{"fault":"`+fault+`","operation":"query"}`)
		_, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "F1234567"})
		wantKind(t, err, kind, false)
		control(t, s, "/faults", `{"fault":"`+fault+`","operation":"close"}`)
		err = g.Close(t.Context(), a, gateway.Trade{OutTradeNo: "F1234567"})
		wantKind(t, err, kind, false)
	}
}

func TestNotificationsThatMustNotBeBelieved(t *testing.T) {
	s, messages, notify := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	for i, fault := range []string{"forged", "stale", "probe_notice", "wrong_merchant"} {
		number := "N123456" + string(rune('0'+i))
		p, err := g.Open(t.Context(), a, charge(number, gateway.Native, notify))
		if err != nil {
			t.Fatal(err)
		}
		control(t, s, "/faults", `{"fault":"`+fault+`","out_trade_no":"`+number+`"}`)
		pay(t, s, p.CodeURL)
		_, err = g.Verify(t.Context(), a, <-messages, time.Now())
		wantKind(t, err, gateway.Unauthentic, false)
		if answer := g.Acknowledge(err); answer.Status != 401 || !strings.Contains(string(answer.Body), "FAIL") {
			t.Errorf("%s: answered %+v", fault, answer)
		}
	}
	p, err := g.Open(t.Context(), a, charge("N1234569", gateway.Native, notify))
	if err != nil {
		t.Fatal(err)
	}
	pay(t, s, p.CodeURL)
	m := <-messages
	if _, err := g.Verify(t.Context(), a, m, time.Now()); err != nil {
		t.Fatal(err)
	}
	_, err = g.Verify(t.Context(), a, m, time.Now().Add(6*time.Minute))
	wantKind(t, err, gateway.Unauthentic, false)
	m.Body = append(m.Body, ' ')
	_, err = g.Verify(t.Context(), a, m, time.Now())
	wantKind(t, err, gateway.Unauthentic, false)
	if answer := g.Acknowledge(nil); answer.Status != 204 || len(answer.Body) != 0 {
		t.Errorf("success is answered %+v", answer)
	}
}

func TestTLSIsVerifiedAndAnswersAreBounded(t *testing.T) {
	s, _, _ := run(t)
	a := accounts(s)["public key"]
	server := httptest.NewTLSServer(http.NotFoundHandler()) // a certificate that nobody vouches for
	defer server.Close()
	a.ID, a.Settings["base_url"] = "tls", server.URL
	_, err := newGateway().Query(t.Context(), a, gateway.Trade{OutTradeNo: "T1234567"})
	wantKind(t, err, gateway.Indeterminate, false)
	if !strings.Contains(err.Error(), "certificate") {
		t.Errorf("the certificate is not the reason: %v", err)
	}
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 40 {
			io.WriteString(w, strings.Repeat(" ", 1<<16))
		}
	}))
	defer endless.Close()
	a.ID, a.Settings["base_url"] = "endless", endless.URL
	_, err = newGateway().Query(t.Context(), a, gateway.Trade{OutTradeNo: "T1234567"})
	wantKind(t, err, gateway.Indeterminate, false)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = newGateway().Query(ctx, a, gateway.Trade{OutTradeNo: "T1234567"})
	wantKind(t, err, gateway.Indeterminate, false)
}

func TestCheckNamesWhatIsMissing(t *testing.T) {
	s, _, _ := run(t)
	for name, want := range map[string]string{
		"mchid": "mchid", "apiv3_key": "apiv3_key", "private_key_pem": "private_key_pem", "serial_no": "serial_no",
		"appid": "appid",
	} {
		a := accounts(s)["both"]
		delete(a.Settings, name)
		if err := newGateway().Check(a); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	a := accounts(s)["both"]
	a.Settings["base_url"] = "http://pay.example.com"
	if err := newGateway().Check(a); err == nil {
		t.Error("an http address away from this machine was accepted")
	}
}

func FuzzParse(f *testing.F) {
	s := gatewaytest.Play(f, sandbox.Config{})
	a := gateway.Account{ID: "a", Settings: settings(s.Credentials().Wechat)}
	g := newGateway()
	f.Add("1", "n", "c2ln", []byte(`{"id":"1","event_type":"TRANSACTION.SUCCESS","resource":{"nonce":"short"}}`))
	f.Add("", "", "WECHATPAY/SIGNTEST/x", []byte(``))
	f.Fuzz(func(t *testing.T, timestamp, nonce, signature string, body []byte) {
		h := http.Header{}
		h.Set("Wechatpay-Serial", a.Settings["public_key_id"])
		h.Set("Wechatpay-Timestamp", timestamp)
		h.Set("Wechatpay-Nonce", nonce)
		h.Set("Wechatpay-Signature", signature)
		if n, err := g.Verify(t.Context(), a, gateway.RawNotification{Header: h, Body: body}, time.Now()); err == nil {
			t.Errorf("an unsigned message was believed: %+v", n)
		}
	})
}
