package sandbox

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Whatever the protocol, an answer can be garbage, slow or oversized, and carry fields that are new.
func TestAnswersAreSpoiltEverywhere(t *testing.T) {
	s := start(t, Config{})
	a, l, c := newAliClient(t, s), newLklClient(t, s), s.Credentials().Wechat
	askWechat := func() (*http.Response, error) {
		h := http.Header{}
		m := s.keys.place("wechat", 0)
		path := "/v3/pay/transactions/out-trade-no/T12345?mchid=" + c.Mchid
		signWechatRequest(t, h, m, path)
		req, err := http.NewRequestWithContext(t.Context(), "GET", c.BaseURL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = h
		return http.DefaultClient.Do(req)
	}
	askAlipay := func() (*http.Response, error) {
		return http.PostForm(a.c.BaseURL+"?charset=utf-8",
			a.params("alipay.trade.query", map[string]string{"out_trade_no": "T12345"}, nil))
	}
	for name, ask := range map[string]func() (*http.Response, error){"wechat": askWechat, "alipay": askAlipay} {
		for fault, check := range map[Fault]func(body string, took time.Duration) bool{
			Garbage: func(body string, _ time.Duration) bool { return strings.HasPrefix(body, "<html>") },
			SlowBody: func(body string, took time.Duration) bool {
				return took > 50*time.Millisecond && strings.HasSuffix(body, "}")
			},
			OversizedBody: func(body string, _ time.Duration) bool { return len(body) > 32<<20 },
			UnknownFields: func(body string, _ time.Duration) bool {
				return strings.Contains(body, "field_of_tomorrow")
			},
		} {
			if err := s.faults.add(Script{Institution: name, Fault: fault, DelayMS: 60}); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			resp, err := ask()
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || !check(string(body), time.Since(begun)) {
				t.Errorf("%s, %s: %.300s %v", name, fault, body, err)
			}
		}
	}
	if err := s.faults.add(Script{Institution: "alipay", Fault: UnknownFields}); err != nil {
		t.Fatal(err)
	}
	if node, signed, err := a.call(t, "alipay.trade.query", map[string]string{"out_trade_no": "T1"}, nil); err != nil ||
		!signed || node["field_of_tomorrow"] == "" {
		t.Errorf("the new fields are not signed: %v, %t, %v", node, signed, err)
	}
	l.must(t, tradequery, "BBS11114", map[string]any{"out_trade_no": "T1"}) // the faults of others do not strike here
}

// A slow answer ends with its client's patience.
func TestASlowAnswerEndsWithItsClient(t *testing.T) {
	s := start(t, Config{})
	a := newAliClient(t, s)
	if err := s.faults.add(Script{Fault: SlowBody}); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Timeout: 100 * time.Millisecond}
	body := a.params("alipay.trade.query", map[string]string{"out_trade_no": "T1"}, nil).Encode()
	resp, err := client.Post(a.c.BaseURL+"?charset=utf-8", "application/x-www-form-urlencoded", strings.NewReader(body))
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if e, ok := err.(interface{ Timeout() bool }); !ok || !e.Timeout() {
		t.Errorf("the client read to the end: %v", err)
	}
}

func TestUnknownFieldsKeepTheKnownOnes(t *testing.T) {
	for _, text := range []string{`{}`, `{"a":1}`, ` {"a":{"b":[]}} `} {
		var was, is map[string]any
		if json.Unmarshal([]byte(text), &was) != nil || json.Unmarshal(withUnknown([]byte(text)), &is) != nil ||
			len(is) <= len(was) {
			t.Errorf("%s became %s", text, withUnknown([]byte(text)))
		}
	}
	if got := withUnknown(nil); got != nil {
		t.Errorf("nothing became %s", got)
	}
}

// signWechatRequest sets the Authorization of a GET. What is tested here is the answer; the signature's own tests are
// with the official library.
func signWechatRequest(t *testing.T, h http.Header, m *merchant, path string) {
	t.Helper()
	seconds := fmt.Sprint(time.Now().Unix())
	signature := signLines(m.Key, Script{}, "GET", path, seconds, "n", "")
	h.Set("Authorization",
		fmt.Sprintf(`WECHATPAY2-SHA256-RSA2048 mchid="%s",nonce_str="n",timestamp="%s",serial_no="%s",signature="%s"`,
			m.ID, seconds, m.Serial, signature))
}
