package shengpay

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linlipay/payment/gateway"
)

// openssl reads a file that was made with the openssl program; see testdata/openssl/README.md.
func openssl(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "openssl", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func vectorClient(t *testing.T, signType string) *client {
	t.Helper()
	m := map[string]string{
		"mch_id": "93751497", "sign_type": signType, "private_key_pem": openssl(t, "merchant.pem"),
		"platform_public_key_pem": openssl(t, "merchant_public.pem") + openssl(t, "platform_public.pem"),
	}
	c, err := New(nil, 0, nil).client(gateway.Account{ID: signType, Settings: m})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRequestsAreSignedAsOpensslSigns(t *testing.T) {
	for _, signType := range []string{"RSA", "RSA2"} {
		f := fields{
			"tradeType": "wx_jsapi", "totalFee": "12345", "outTradeNo": "20261125120000000000000101",
			"timeExpire": "20261125120500", "mchId": "93751497",
			"notifyUrl": "https://pay.example.com/n/1", "nonceStr": "JtxlJ6aV06gaPbOojRuiN4L3vmqOs9dB",
			"extra":    payerExtra("oPayer", "wx0123456789abcdef"),
			"currency": "CNY", "clientIp": "10.0.0.1", "body": "物业费 & 停车费=1", "pageUrl": "", "sign": "old",
		}
		if err := vectorClient(t, signType).sign(f); err != nil {
			t.Fatal(err)
		}
		if text := openssl(t, "request_"+signType+".txt"); f.signText(nil) != text {
			t.Errorf("%s: signed\n%s\nnot\n%s", signType, f.signText(nil), text)
		}
		if f["sign"] != openssl(t, "request_"+signType+".sign") {
			t.Errorf("%s: another signature than openssl's", signType)
		}
	}
}

func TestMessagesThatOpensslSignedVerify(t *testing.T) {
	for _, signType := range []string{"RSA", "RSA2"} {
		c, body := vectorClient(t, "RSA"), openssl(t, "notice_"+signType+".json")
		if err := c.verify([]byte(body)); err != nil {
			t.Errorf("%s: %v", signType, err)
		}
		f, err := readFields([]byte(body))
		if text := openssl(t, "notice_"+signType+".txt"); err != nil || f.signText(nil) != text {
			t.Errorf("%s: read\n%s\nnot\n%s, %v", signType, f.signText(nil), text, err)
		}
		for _, change := range [][2]string{
			{`"totalFee":12345`, `"totalFee":12346`}, {`1.50`, `1.5`}, {`0.1`, `1e-1`}, {`"paid":true`, `"paid":false`},
			{`"attach":null`, `"attach":"x"`},
			{`"mchId"`, `"mchid"`}, {`"signType":"` + signType + `"`, `"signType":"MD5"`}, {`"sign":"`, `"sign":"A`},
			{`"sign":"`, `"sign":"","sing":"`},
			{`"status":"PAY_SUCCESS"`, `"status":"PAY_SUCCESS","status":"PAY_SUCCESS"`},
			{`"timeEnd"`, `"more":"1","timeEnd"`},
		} {
			changed := strings.Replace(body, change[0], change[1], 1)
			if changed == body {
				t.Fatalf("%s is not in the message", change[0])
			}
			if c.verify([]byte(changed)) == nil {
				t.Errorf("%s: verifies with %s in the place of %s", signType, change[1], change[0])
			}
		}
		if vectorClient(t, "RSA2").verify([]byte(body)) != nil { // by what the message says, not by how we sign
			t.Errorf("%s does not verify for an account that signs with RSA2", signType)
		}
	}
}

// What is not signed is not read, and whatever stands beside the object makes it none.
func TestFieldsAreReadStrictly(t *testing.T) {
	f, err := readFields([]byte(` {"a":"1","b":{"c":"2"},"d":["3"],"e":null,"f":007e,"g":""} `))
	if err == nil {
		t.Errorf("bad JSON was read: %v", f)
	}
	f, err = readFields([]byte(` {"a":"\u0031","b":{"c":"2"},"d":["3"],"e":null,"f":1E400,"g":""} `))
	if err != nil || len(f) != 4 || f["a"] != "1" || f["f"] != "1E400" || f.signText(nil) != "a=1&f=1E400" {
		t.Errorf("%v, %v", f, err)
	}
	for _, body := range []string{"", "null", "[]", "1", `{"a":"1"`, `{"a":"1"}x`, `{"a":"1"}{"a":"1"}`,
		`{"a":"1","a":"1"}`, `{"a":{},"a":"1"}`, `{"a":"1","a":null}`} {
		if f, err := readFields([]byte(body)); err == nil {
			t.Errorf("%s was read: %v", body, f)
		}
	}
}

func FuzzReadFields(f *testing.F) {
	for _, s := range []string{`{"a":"1","b":2.50,"sign":"x"}`, `{"a":{"b":[1]},"c":null}`, `{"a":"1","a":"2"}`,
		`{"\ud800":"\udfff"}`, "[]", "{} {}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := readFields([]byte(s))
		if err != nil {
			if got != nil {
				t.Fatalf("%q failed with fields", s)
			}
			return
		}
		text := got.signText(nil)
		for name, value := range got {
			if name != "sign" && value != "" && !strings.Contains("&"+text+"&", "&"+name+"="+value+"&") {
				t.Fatalf("%q: %q is read as %q, and not signed in %q", s, name, value, text)
			}
		}
	})
}
