package alipay_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"maps"
	"math/big"
	"strings"
	"testing"
	"time"

	gp "github.com/go-pay/gopay/alipay"

	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

// certified is the account of a sandbox in certificate mode.
func certified(s *sandbox.Sandbox) gateway.Account {
	a, c := account(s), s.Credentials().AlipayCertificates
	a.ID = "certified"
	delete(a.Settings, "alipay_public_key_pem")
	a.Settings["app_cert_pem"], a.Settings["alipay_cert_pem"], a.Settings["alipay_root_cert_pem"] = c.AppCertPEM,
		c.AlipayCertPEM, c.AlipayRootCertPEM
	return a
}

func TestCertificateMode(t *testing.T) {
	s, _, messages, notify := run(t)
	g, a := newGateway(), certified(s)
	if err := g.Check(a); err != nil {
		t.Fatal(err)
	}
	p, err := g.Open(t.Context(), a, charge("CERT0001", gateway.Native, notify))
	if err != nil {
		t.Fatal(err)
	}
	control(t, s, "/payments/"+scan(t, s, p.CodeURL)+"/confirm", "")
	if n, err := g.Verify(t.Context(), a, <-messages, time.Now()); err != nil || n.Report.State != gateway.TradePaid {
		t.Errorf("the notification: %+v, %v", n, err)
	}
	if r, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "CERT0001"}); err != nil ||
		r.State != gateway.TradePaid {
		t.Errorf("query: %+v, %v", r, err)
	}
	request := gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: "CERT0001"}, OutRefundNo: "CERT0001R01",
		Amount: 12340, Total: 12340}
	if r, err := g.Refund(t.Context(), a, request); err != nil || r.State != gateway.RefundDone {
		t.Errorf("refund: %+v, %v", r, err)
	}
	_, err = g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "NOBODY"})
	wantKind(t, err, gateway.NotFound, true)
	if p, err = g.Open(t.Context(), a, charge("CERT0002", gateway.Wap, notify)); err != nil ||
		!strings.Contains(p.RedirectURL, "alipay_root_cert_sn=") {
		t.Fatalf("wap: %+v, %v", p, err)
	}
	scan(t, s, p.RedirectURL)
}

// Certificate mode needs all three, and the application's own.
func TestSettingsOfCertificateMode(t *testing.T) {
	s, plain, _, _ := run(t)
	whole := certified(s)
	for name, value := range map[string]string{
		"app_cert_pem": "", "alipay_cert_pem": "", "alipay_root_cert_pem": "", "private_key_pem": "",
	} {
		a := whole
		a.Settings = maps.Clone(whole.Settings)
		for _, value := range []string{value, "no certificate", whole.Settings[name][:100]} {
			a.ID, a.Settings[name] = name+value, value
			if err := newGateway().Check(a); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s of %q: %v", name, value, err)
			}
		}
	}
	swapped := whole
	swapped.ID, swapped.Settings = "swapped", maps.Clone(whole.Settings)
	swapped.Settings["app_cert_pem"] = whole.Settings["alipay_cert_pem"]
	if err := newGateway().Check(swapped); err == nil || !strings.Contains(err.Error(), "app_cert_pem") {
		t.Errorf("with a certificate of another key: %v", err)
	}
	delete(plain.Settings, "alipay_public_key_pem")
	if err := newGateway().Check(plain); err == nil || !strings.Contains(err.Error(), "alipay_public_key_pem") {
		t.Errorf("in neither mode: %v", err)
	}
	both := whole
	both.ID, both.Settings = "both", maps.Clone(whole.Settings)
	both.Settings["alipay_public_key_pem"] = account(s).Settings["alipay_public_key_pem"]
	if err := newGateway().Check(both); err != nil {
		t.Errorf("with a key beside them, while the mode is changed: %v", err)
	}
}

// issued is a certificate of the scripted institution's key, or of a merchant's, and its number by gopay.
func issued(t *testing.T, public *rsa.PublicKey, serial int64) (text, sn string) {
	t.Helper()
	authority, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "x"}, NotBefore: time.Now(),
		NotAfter: time.Now().AddDate(5, 0, 0),
	}
	parent := &x509.Certificate{Subject: pkix.Name{Country: []string{"CN"}, Organization: []string{"Test, Inc. + Co"},
		CommonName: "Test CA"}}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, authority)
	if err != nil {
		t.Fatal(err)
	}
	text = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	if sn, err = gp.GetCertSN([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return text, sn
}

// An answer or a notification counts by the certificate that it names, and by none when that is not the account's,
// whatever its signature; one that names none counts by any. While a certificate is replaced, both stand in the
// account.
func TestTheCertificateThatIsNamedCounts(t *testing.T) {
	const node = `{"code":"10000","out_trade_no":"C1234567","trade_no":"42","total_amount":"1.00",` +
		`"trade_status":"TRADE_SUCCESS"}`
	ours := &scriptKeys().institution.PublicKey
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	old, oldSN := issued(t, ours, 1)
	fresh, freshSN := issued(t, ours, 2)
	others, othersSN := issued(t, &other.PublicKey, 3)
	own, _ := pem.Decode([]byte(scriptKeys().merchantPEM))
	private, err := x509.ParsePKCS8PrivateKey(own.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	app, appSN := issued(t, &private.(*rsa.PrivateKey).PublicKey, 4)
	for name, c := range map[string]struct {
		has, sn string
		good    bool
	}{
		"the one that we have":           {old, oldSN, true},
		"one that we do not have":        {old, freshSN, false},
		"a new one beside the old":       {fresh + old, freshSN, true},
		"the old one beside a new":       {fresh + old, oldSN, true},
		"none":                           {old, "", true},
		"none, of several":               {others + old, "", true},
		"another's that we have":         {others + old, othersSN, false},
		"the application's own":          {old, appSN, false},
		"a certificate's number of 1 MB": {old, strings.Repeat("0", 1<<20), false},
	} {
		beside := ""
		form := sample(t)
		if c.sn != "" {
			beside = `"alipay_cert_sn":"` + c.sn + `",`
			form.Set("alipay_cert_sn", c.sn)
		}
		s := script(t, map[string]reply{tradeQuery: {node: node,
			whole: `{"alipay_trade_query_response":NODE,` + beside + `"sign":"SIGN"}`}})
		delete(s.account.Settings, "alipay_public_key_pem")
		s.account.Settings["app_cert_pem"], s.account.Settings["alipay_cert_pem"],
			s.account.Settings["alipay_root_cert_pem"] = app, c.has, old
		r, err := newGateway().Query(t.Context(), s.account, gateway.Trade{OutTradeNo: "C1234567"})
		if c.good != (err == nil && r.State == gateway.TradePaid) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if sent := s.sent(t, tradeQuery); sent.Get("app_cert_sn") != appSN || sent.Get("alipay_root_cert_sn") != oldSN {
			t.Errorf("%s: sent %v", name, sent)
		}
		n, err := newGateway().Verify(t.Context(), s.account, signedForm(t, form, everything), time.Now())
		if c.good != (err == nil && n.Report.State == gateway.TradePaid) {
			t.Errorf("%s, notified: %+v, %v", name, n, err)
		}
	}
}
