package sandbox

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// strange posts a body whose text to be signed is given, as a client of a third party writes both.
func (c shengClient) strange(t *testing.T, path, text string, members map[string]any) map[string]string {
	t.Helper()
	digest := sha1.Sum([]byte(text))
	sign, err := rsa.SignPKCS1v15(rand.Reader, c.key, crypto.SHA1, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	members["sign"] = base64.StdEncoding.EncodeToString(sign)
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(c.c.BaseURL+path, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var raw bytes.Buffer
	if _, err := raw.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return flat(t, raw.Bytes())
}

// What clients of third parties send is taken: a number, null, no timeExpire; and null may be signed as k=.
func TestShengpayTakesWhatStrangersSend(t *testing.T) {
	s := start(t, Config{})
	c := newShengClient(t, s)
	for name, signs := range map[string]string{"null is left out": "", "null is signed as k=": "extra=&"} {
		no := "S" + randomHex(8)
		text := "body=a&currency=CNY&" + signs + "mchId=" + c.c.MchID +
			"&nonceStr=n&notifyUrl=http://127.0.0.1:1/n&outTradeNo=" + no +
			"&signType=RSA&totalFee=100&tradeType=wx_native"
		members := func() map[string]any {
			return map[string]any{
				"body": "a", "currency": "CNY", "extra": nil, "mchId": c.c.MchID, "nonceStr": "n",
				"notifyUrl":  "http://127.0.0.1:1/n",
				"outTradeNo": no, "signType": "RSA", "totalFee": 100, "tradeType": "wx_native",
			}
		}
		for _, path := range []string{"/pay/unifiedorderOffline", "/pay/unifiedorder"} {
			if got := c.strange(t, path, text, members()); got["resultCode"] != "SUCCESS" || got["payInfo"] == "" {
				t.Errorf("%s, %s: %v", name, path, got)
			}
		}
		if got := c.strange(t, "/pay/unifiedorder", strings.Replace(text, "totalFee=100", "totalFee=1&note=", 1),
			members()); got["returnCode"] != "FAIL" {
			t.Errorf("%s: another text verifies: %v", name, got)
		}
	}
}

// The longest that fits, and what does not.
func TestShengpayCountsBytes(t *testing.T) {
	s := start(t, Config{})
	c := newShengClient(t, s)
	for _, row := range []struct{ field, value, want string }{
		{"body", strings.Repeat("费", 42) + "a", ""}, {"body", strings.Repeat("费", 43), "PARAM_ERROR"}, {"body", "😀",
			"PARAM_ERROR"},
		{"body", "a\tb", "PARAM_ERROR"}, {"body", "a/b=c&d", ""}, {"pageUrl", "https://a/" + strings.Repeat("p", 119),
			"PARAM_ERROR"},
		{"notifyUrl", "https://a/" + strings.Repeat("p", 119), "PARAM_ERROR"}, {"notifyUrl",
			"https://a/" + strings.Repeat("p", 118), ""},
	} {
		order := shengOrder("wx_native", "100", "http://127.0.0.1:1/n")
		order[row.field] = row.value
		c.must(t, "/pay/unifiedorderOffline", order, row.want)
	}
}
