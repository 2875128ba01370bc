package sandbox

import (
	"crypto/md5"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// What other people's clients send for an order, and whether Alipay takes it.
func TestWhatStrangersSendToAlipay(t *testing.T) {
	s := start(t, Config{})
	a := newAliClient(t, s)
	for content, fen := range map[string]int64{
		`"total_amount":"1","subject":"物业费"`:                              100,
		`"total_amount":"0.1","subject":"物业费"`:                            10,
		`"total_amount":"88.88","subject":"物业费"`:                          8888,
		`"total_amount":88.88,"subject":"物业费"`:                            8888,
		`"total_amount":1,"subject":"物业费"`:                                100,
		`"total_amount":0.01,"subject":"物业费"`:                             1,
		`"total_amount":0.1,"subject":"物业费"`:                              10,
		`"total_amount":100000000,"subject":"物业费"`:                        10000000000,
		`"total_amount":"100000000.00","subject":"物"`:                     10000000000,
		`"total_amount":"100000000.01","subject":"物"`:                     0,
		`"total_amount":"0","subject":"物业费"`:                              0,
		`"total_amount":0,"subject":"物业费"`:                                0,
		`"total_amount":"0.001","subject":"物业费"`:                          0,
		`"total_amount":"1.000","subject":"物业费"`:                          0,
		`"total_amount":"-1","subject":"物业费"`:                             0,
		`"total_amount":"1,000","subject":"物业费"`:                          0,
		`"total_amount":1e2,"subject":"物业费"`:                              0,
		`"total_amount":".5","subject":"物业费"`:                             0,
		`"total_amount":"1.","subject":"物业费"`:                             0,
		`"total_amount":" 1","subject":"物业费"`:                             0,
		`"total_amount":"","subject":"物业费"`:                               0,
		`"total_amount":null,"subject":"物业费"`:                             0,
		`"subject":"物业费"`:                                                 0,
		`"total_amount":"1","subject":"物业/车位"`:                            0,
		`"total_amount":"1","subject":"a=b"`:                              0,
		`"total_amount":"1","subject":"水费&电费"`:                            0,
		`"total_amount":"1","subject":""`:                                 0,
		`"total_amount":"1","subject":" "`:                                0,
		`"total_amount":"1"`:                                              0,
		`"total_amount":"1","subject":"物业费（3＃楼） <A>"`:                     100,
		`"total_amount":"1","subject":"` + strings.Repeat("费", 256) + `"`: 100,
		`"total_amount":"1","subject":"` + strings.Repeat("费", 257) + `"`: 0,
	} {
		number := "T" + randomHex(8)
		p := a.signed("alipay.trade.precreate", `{"out_trade_no":"`+number+`",`+content+`}`, nil)
		node, _, signed, err := a.post(t, "alipay.trade.precreate", p)
		if err != nil || !signed {
			t.Fatalf("%s: %v, %v", content, node, err)
		}
		if fen == 0 {
			if node["code"]+node["sub_code"] != "40004ACQ.INVALID_PARAMETER" {
				t.Errorf("%s: %v; want it refused", content, node)
			}
			continue
		}
		var shown Payment
		if node["code"] != "10000" ||
			call(t, s, "POST", "/scan", map[string]string{"content": node["qr_code"], "wallet": "alipay"},
				&shown) != http.StatusOK ||
			int64(shown.AmountFen) != fen {
			t.Errorf("%s: %v, the wallet shows %d fen; want %d", content, node, shown.AmountFen, fen)
		}
	}
}

// An order's end by timeout_express: 1m to 15d without decimals, or 1c, the end of the day in China.
func TestAlipayTimeoutExpress(t *testing.T) {
	now := time.Date(2026, 11, 24, 15, 30, 0, 0, time.UTC) // half past eleven in the evening
	for text, want := range map[string]time.Duration{
		"1m": time.Minute, "90m": 90 * time.Minute, "21600m": 15 * 24 * time.Hour, "2h": 2 * time.Hour,
		"1d": 24 * time.Hour, "15d": 15 * 24 * time.Hour,
		"360h": 15 * 24 * time.Hour, "1c": 30 * time.Minute,
		"0m": 0, "21601m": 0, "361h": 0, "16d": 0, "1.5h": 0, "2c": 0, "m": 0, "15": 0, "-1m": 0, "1s": 0, "1h30m": 0,
		"60000d": 0, "1C": 0, "天": 0,
	} {
		end, err := alipayTimeout(text, now)
		if got := end.Sub(now); err == nil && got != want || (err == nil) != (want > 0) {
			t.Errorf("%s ends in %v, %v; want %v", text, got, err, want)
		}
	}
	s := start(t, Config{})
	a := newAliClient(t, s)
	for timeout, want := range map[string]string{"1c": "10000", "1d": "10000", "1.5h": "40004ACQ.INVALID_PARAMETER"} {
		a.must(t, "alipay.trade.precreate", map[string]string{
			"out_trade_no": "T" + randomHex(8), "total_amount": "1", "subject": "物业费", "timeout_express": timeout,
		}, want)
	}
}

// snOf computes a certificate's number from its text by the institution's rule, as its library for PHP does: the
// issuer's names from the last to the first.
func snOf(t *testing.T, text string) (sn string, rsa bool) {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return "", false // of a kind that is not RSA
	}
	short := map[string]string{"2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.10": "O", "2.5.4.11": "OU"}
	var issuer []string
	for _, n := range c.Issuer.Names {
		issuer = append([]string{short[n.Type.String()] + "=" + fmt.Sprint(n.Value)}, issuer...)
	}
	sum := md5.Sum([]byte(strings.Join(issuer, ",") + c.SerialNumber.String()))
	return hex.EncodeToString(sum[:]), true
}

// A client in certificate mode names the application's certificate and the institution's roots, and is told by which
// certificate an answer is signed.
func TestAlipayCertificateMode(t *testing.T) {
	s := start(t, Config{})
	a := newAliClient(t, s)
	given := s.Credentials().AlipayCertificates
	if again := s.Credentials().AlipayCertificates; again != given {
		t.Error("the certificates change by themselves")
	}
	app, _ := snOf(t, given.AppCertPEM)
	ours, _ := snOf(t, given.AlipayCertPEM)
	var roots []string
	for _, c := range strings.Split(strings.TrimSuffix(given.AlipayRootCertPEM, "-----END CERTIFICATE-----\n"),
		"-----END CERTIFICATE-----\n") {
		if sn, rsa := snOf(t, c+"-----END CERTIFICATE-----\n"); rsa {
			roots = append(roots, sn)
		}
	}
	if len(roots) != 1 || strings.Count(given.AlipayRootCertPEM, "BEGIN") != 2 {
		t.Fatalf("the roots are %d of %s", len(roots), given.AlipayRootCertPEM)
	}
	for _, c := range []struct{ app, root, want, sn string }{
		{app, roots[0], "40004ACQ.TRADE_NOT_EXIST", ours},
		{"", "", "40004ACQ.TRADE_NOT_EXIST", ""},
		{app, "", "40001isv.missing-alipay-root-cert-sn", ""},
		{"", roots[0], "40001isv.missing-app-cert-sn", ""},
		{ours, roots[0], "40002isv.app-cert-not-exist", ""},
		{app, app, "40002isv.invalid-alipay-root-cert-sn", ""},
	} {
		extra := map[string]string{}
		if c.app != "" {
			extra["app_cert_sn"] = c.app
		}
		if c.root != "" {
			extra["alipay_root_cert_sn"] = c.root
		}
		p := a.signed("alipay.trade.query", `{"out_trade_no":"T1"}`, extra)
		node, beside, signed, err := a.post(t, "alipay.trade.query", p)
		if err != nil || node["code"]+node["sub_code"] != c.want || beside["alipay_cert_sn"] != c.sn ||
			signed != (node["code"] == "40004") {
			t.Errorf("%+v: %v beside %v, signed %t, %v", c, node, beside, signed, err)
		}
	}
}

// In an answer amounts may be numbers, as the institution's samples have them.
func TestAlipayAmountsWithoutQuotes(t *testing.T) {
	got := unquotedAmounts([]byte(`{"code":"10000","total_amount":"88.88","refund_fee":"0.00","trade_no":"20.24",` +
		`"msg":"1_amount"}`))
	if want := `{"code":"10000","total_amount":88.88,"refund_fee":0.00,"trade_no":"20.24","msg":"1_amount"}`; string(
		got) != want {
		t.Errorf("got %s", got)
	}
}
