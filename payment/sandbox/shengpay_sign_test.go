package sandbox

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// vector is a file of testdata/openssl. They were made with the openssl program: a key of their own, `dgst
// -sha1|-sha256 -sign` for signatures, `enc -aes-128-ecb` and `pkeyutl -encrypt -pkeyopt rsa_padding_mode:pkcs1` for
// SMZF's envelope.
func vector(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "openssl", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func vectorKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode(vector(t, "key.pem"))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

// shengpayVector is the order whose text openssl signed; totalFee is written as a number, as some clients do, and
// subMchId is empty.
const shengpayVector = `{"totalFee":12345,"subMchId":"","detail":null,"mchId":"10000001","signType":"RSA",
"nonceStr":"5K8264ILTKCH16CQ","body":"物业费 & 停车费",
	"currency":"CNY","extra":"{\"openId\":\"oX-1234567890\",\"appId\":\"wxabcdef123456\"}",
	"notifyUrl":"http://127.0.0.1:8080/v1/notify",
	"outTradeNo":"A20261125000001","tradeType":"wx_jsapi","sign":"is not part of what is signed"}`

func TestShengpaySignsAsOpensslDoes(t *testing.T) {
	key := vectorKey(t)
	p, _, err := shengpayFields([]byte(shengpayVector))
	if err != nil || shengpayText(p, nil) != string(vector(t, "shengpay.txt")) {
		t.Fatalf("the text is %q, %v", shengpayText(p, nil), err)
	}
	raw, err := shengpaySigned(key, p["signType"], p)
	var said map[string]string
	if err != nil || json.Unmarshal(raw, &said) != nil || said["sign"] != string(vector(t, "shengpay.rsa")) ||
		said["body"] != "物业费 & 停车费" {
		t.Errorf("signed: %s, %v", raw, err)
	}
	if !shengpayVerifies(&key.PublicKey, said, nil) {
		t.Error("openssl's signature does not verify")
	}
	for name, spoil := range map[string]func(map[string]string){
		"one fen more":     func(p map[string]string) { p["totalFee"] = "12346" },
		"another field":    func(p map[string]string) { p["attach"] = "x" },
		"a field less":     func(p map[string]string) { delete(p, "currency") },
		"another signType": func(p map[string]string) { p["signType"] = "RSA2" },
		"MD5":              func(p map[string]string) { p["signType"] = "MD5" },
		"no base64":        func(p map[string]string) { p["sign"] += "!" },
	} {
		spoiled := maps.Clone(said)
		spoil(spoiled)
		if shengpayVerifies(&key.PublicKey, spoiled, nil) {
			t.Errorf("%s verifies", name)
		}
	}
}

// The vector shengpay.rsa2 is openssl's over mchId=10000001&signType=RSA2.
func TestShengpayRSA2IsSHA256(t *testing.T) {
	key := vectorKey(t)
	p := map[string]string{"mchId": "10000001", "signType": "RSA2"}
	if _, err := shengpaySigned(key, p["signType"], p); err != nil || !shengpayVerifies(&key.PublicKey, p, nil) ||
		p["sign"] != string(vector(t, "shengpay.rsa2")) {
		t.Errorf("RSA2 signs %v, %v", p, err)
	}
	if _, err := shengpaySigned(key, "MD5", map[string]string{"signType": "MD5"}); err == nil {
		t.Error("MD5 signs")
	}
}

func TestShengpayTakesOnlyFlatObjects(t *testing.T) {
	for _, body := range []string{``, `[]`, `"x"`, `{"a":"1","a":"2"}`, `{"a":{"b":"c"}}`, `{"a":["b"]}`,
		`{"a":"1"} {}`, `{"a":"1"`, `{"a" "1"}`, `{"a":}`} {
		if p, _, err := shengpayFields([]byte(body)); err == nil {
			t.Errorf("%s was taken as %v", body, p)
		}
	}
}

func FuzzShengpayFields(f *testing.F) {
	f.Add(shengpayVector)
	f.Add(`{"a":1e400,"b":true,"":"\ud800"}`)
	f.Fuzz(func(t *testing.T, body string) {
		p, _, err := shengpayFields([]byte(body))
		if err != nil {
			return
		}
		var other map[string]any
		if err := json.Unmarshal([]byte(body), &other); err != nil {
			if _, isNumber := err.(*json.UnmarshalTypeError); !isNumber {
				// a number that fits nowhere is only text here
				t.Fatalf("%q was taken as %v: %v", body, p, err)
			}
			return
		}
		for k, v := range other {
			if text, isText := v.(string); isText && p[k] != text {
				t.Errorf("%q says %q for %q", body, p[k], k)
			}
		}
		if len(other) != len(p) {
			t.Errorf("%q has %d members, %d were read", body, len(other), len(p))
		}
	})
}
