package lakala_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/gateway/lakala"
)

// genuine is a file of the institution's own messages; testdata/genuine/README.md says where they were published.
func genuine(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile("testdata/genuine/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// genuineAccount is the merchant that a message is for, at an institution whose certificate is the published one of
// its test platform.
func genuineAccount(t *testing.T, base, merchant string) gateway.Account {
	a := account(base)
	a.Settings["merchant_no"], a.Settings["platform_cert_pem"] = merchant, genuine(t, "apigw.cer")
	return a
}

// What the institution's test platform signed on 2025-03-11 is believed, and nothing that differs in a byte or by
// more than the window.
func TestTheGenuineNotification(t *testing.T) {
	at, a := time.Unix(1741694218, 0), genuineAccount(t, "https://example.com", "82229007392000A")
	header := http.Header{"Authorization": {genuine(t, "notice.authorization")}}
	body := genuine(t, "notice.json")
	n, err := newGateway().Verify(t.Context(), a, gateway.RawNotification{Header: header, Body: []byte(body)}, at)
	want := gateway.Notification{
		ID: "2025031166200819100678/PAY/S", Kind: gateway.NotifyTrade, Event: "PAY S",
		Report: gateway.Report{
			OutTradeNo: "202020202028", State: gateway.TradePaid, TransactionID: "2025031166200819100678", Amount: 1,
			Currency: gateway.CNY,
			Merchant: "82229007392000A", App: appid, PayerID: "2088002264868521",
			PaidAt: time.Date(2025, 3, 11, 11, 56, 12, 0, time.UTC),
			Wallet: gateway.WalletAlipay, Method: gateway.Native, StatementNo: "66200819100678", Raw: "2",
		},
	}
	if err != nil || n != want {
		t.Errorf("got %+v, %v\nwant %+v", n, err, want)
	}
	for name, changed := range map[string]string{
		"amount": strings.Replace(body, `"trade_amount":1`, `"trade_amount":2`, 1), "a blank": body + " ",
		"order": strings.Replace(body, "2028", "2029", 1),
	} {
		_, err := newGateway().Verify(t.Context(), a, gateway.RawNotification{Header: header, Body: []byte(changed)},
			at)
		t.Run(name, func(t *testing.T) { wantKind(t, err, gateway.Unauthentic, false) })
	}
	_, err = newGateway().Verify(t.Context(), a, gateway.RawNotification{Header: header, Body: []byte(body)},
		at.Add(6*time.Minute))
	wantKind(t, err, gateway.Unauthentic, false)
}

// The answer of 2024-07-11 names its certificate without the leading zero that the certificate has, in lower case,
// and has its amount as a text.
func TestTheGenuineAnswer(t *testing.T) {
	headers := map[string]string{}
	for line := range strings.Lines(genuine(t, "answer.headers")) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		headers[name] = value
	}
	for name, c := range map[string]struct {
		serial, body string
		believed     bool
	}{
		"as it came":                   {headers["serial"], genuine(t, "answer.json"), true},
		"the certificate's own serial": {"01745381c327", genuine(t, "answer.json"), false},
		"the serial in upper case":     {strings.ToUpper(headers["serial"]), genuine(t, "answer.json"), false},
		"another amount, as a text too": {headers["serial"], strings.Replace(genuine(t, "answer.json"),
			`"total_amount":"1"`, `"total_amount":"2"`, 1), false},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				for n, v := range map[string]string{
					"Appid": headers["appid"], "Serial": c.serial, "Timestamp": headers["timestamp"],
					"Nonce":     headers["nonce"],
					"Signature": strings.TrimSpace(genuine(t, "answer.signature")), "Traceid": "20240711141715",
				} {
					w.Header().Set("Lklapi-"+n, v)
				}
				w.Write([]byte(c.body))
			}))
			defer server.Close()
			at := time.Unix(1720678638, 0)
			ch := charge(gateway.WalletAny, gateway.Native)
			ch.OutTradeNo, ch.Amount, ch.ExpiresAt = "0234456789", 1, at.Add(5*time.Minute)
			g := lakala.New(nil, 5*time.Second, func() time.Time { return at })
			p, err := g.Open(t.Context(), genuineAccount(t, server.URL, "822290059430BCY"), ch)
			if !c.believed {
				wantKind(t, err, gateway.Indeterminate, false)
				return
			}
			if err != nil || p.UpstreamNo != "24071111012001101011001304914" ||
				!strings.HasPrefix(p.CodeURL, "https://pay.wsmsd.cn/r/0000?pageStyle") {
				t.Errorf("got %+v, %v", p, err)
			}
		})
	}
}
