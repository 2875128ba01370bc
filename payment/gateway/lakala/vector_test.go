package lakala_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

func vector(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// What OpenSSL signed as the institution is believed, and nothing else is: one byte more, another time or another key.
func TestAnswersThatOpenSSLSigned(t *testing.T) {
	body, signature := vector(t, "answer.json"), vector(t, "answer.sig")
	for name, c := range map[string]struct {
		body, signature, nonce string
		believed               bool
	}{
		"as signed":          {body, signature, "ABCDEFGHIJ34", true},
		"a byte more":        {body + " ", signature, "ABCDEFGHIJ34", false},
		"another amount":     {strings.Replace(body, `"12345"`, `"12346"`, 1), signature, "ABCDEFGHIJ34", false},
		"another nonce":      {body, signature, "ABCDEFGHIJ35", false},
		"without signature":  {body, "", "ABCDEFGHIJ34", false},
		"a notice's instead": {body, vector(t, "notice.sig"), "ABCDEFGHIJ34", false},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for n, v := range map[string]string{"Appid": appid, "Serial": "018b08cfddbd", "Timestamp": "1795593600",
					"Nonce": c.nonce, "Signature": c.signature} {
					w.Header().Set("Lklapi-"+n, v)
				}
				w.Write([]byte(c.body))
			}))
			defer server.Close()
			r, err := newGateway().Query(t.Context(), account(server.URL), trade(gateway.WalletAlipay, gateway.JSAPI))
			if !c.believed {
				wantKind(t, err, gateway.Indeterminate, false)
				return
			}
			want := gateway.Report{
				OutTradeNo: number, State: gateway.TradePaid, TransactionID: "2026112566210002570007", Amount: 12345,
				Currency: "CNY", Merchant: merchant, App: appid,
				PayerID: "2088312273770657", PaidAt: time.Date(2026, 11, 25, 7, 59, 58, 0, time.UTC),
				Wallet: gateway.WalletAlipay, StatementNo: "66210002570007", Raw: "SUCCESS",
			}
			if err != nil || r != want {
				t.Errorf("got %+v, %v\nwant %+v", r, err, want)
			}
		})
	}
}

func notice(body, timestamp, nonce, signature string) gateway.RawNotification {
	h := http.Header{}
	h.Set("Authorization", `LKLAPI-SHA256withRSA timestamp="`+timestamp+`",nonce_str="`+nonce+`",signature="`+signature+
		`"`)
	return gateway.RawNotification{Header: h, Body: []byte(body)}
}

func TestNoticesThatOpenSSLSigned(t *testing.T) {
	body, signature, g := vector(t, "notice.json"), vector(t, "notice.sig"), newGateway()
	n, err := g.Verify(t.Context(), account("https://example.com"),
		notice(body, "1795593600", "nonce1234567", signature), now().Add(5*time.Minute))
	if err != nil || n.Kind != gateway.NotifyTrade || n.Event != "SUCCESS" ||
		n.ID != "2026112566210002570007/SUCCESS" || n.Report.Amount != 12345 ||
		n.Report.State != gateway.TradePaid || n.Report.OutTradeNo != number ||
		n.Report.TransactionID != "2026112566210002570007" {
		t.Fatalf("got %+v, %v", n, err)
	}
	for name, c := range map[string]struct {
		m   gateway.RawNotification
		now time.Time
	}{
		"too old": {notice(body, "1795593600", "nonce1234567", signature),
			now().Add(5*time.Minute + time.Second)},
		"too early": {notice(body, "1795593600", "nonce1234567", signature),
			now().Add(-5*time.Minute - time.Second)},
		"another time":     {notice(body, "1795593601", "nonce1234567", signature), now()},
		"another nonce":    {notice(body, "1795593600", "nonce1234568", signature), now()},
		"a byte more":      {notice(body+"\n", "1795593600", "nonce1234567", signature), now()},
		"an answer's":      {notice(body, "1795593600", "nonce1234567", vector(t, "answer.sig")), now()},
		"not base64":       {notice(body, "1795593600", "nonce1234567", signature+"!"), now()},
		"given twice":      {notice(body, "1795593600", "nonce1234567", signature+`",signature="`+signature), now()},
		"without a header": {gateway.RawNotification{Header: http.Header{}, Body: []byte(body)}, now()},
	} {
		_, err := g.Verify(t.Context(), account("https://example.com"), c.m, c.now)
		t.Run(name, func(t *testing.T) { wantKind(t, err, gateway.Unauthentic, false) })
	}
}

// While the institution rotates its key either one verifies, as a certificate or as a public key.
func TestTwoPlatformKeysAtOnce(t *testing.T) {
	m := notice(vector(t, "notice.json"), "1795593600", "nonce1234567", vector(t, "notice.sig"))
	other := strings.Replace(vector(t, "merchant.pub.pem"), "\n", "\r\n", -1)
	for name, c := range map[string]struct {
		pems     string
		believed bool
	}{
		"old and new": {other + "\n" + platformCert, true}, "new and old": {platformCert + other, true},
		"the key itself": {vector(t, "platform.pub.pem"), true},
		"another key":    {other, false},
	} {
		a := account("https://example.com")
		a.Settings["platform_cert_pem"] = c.pems
		if err := newGateway().Check(a); err != nil {
			t.Fatal(name, err)
		}
		if _, err := newGateway().Verify(t.Context(), a, m, now()); (err == nil) != c.believed {
			t.Errorf("%s: %v", name, err)
		}
	}
}
