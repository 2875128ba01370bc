package sandbox

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"
)

// aliClient speaks gateway.do as the institution's public rules describe it, written here on its own as a second
// opinion.
type aliClient struct {
	c      AlipayCredentials
	key    *rsa.PrivateKey
	public *rsa.PublicKey
}

func newAliClient(t *testing.T, s *Sandbox) aliClient {
	t.Helper()
	c := s.Credentials().Alipay
	block, _ := pem.Decode([]byte(c.PrivateKeyPEM))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	block, _ = pem.Decode([]byte(c.AlipayPublicKeyPEM))
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return aliClient{c, key.(*rsa.PrivateKey), public.(*rsa.PublicKey)}
}

func (a aliClient) params(method string, biz map[string]string, extra map[string]string) url.Values {
	content, _ := json.Marshal(biz)
	return a.signed(method, string(content), extra)
}

// signed are the parameters of a request with that content.
func (a aliClient) signed(method, content string, extra map[string]string) url.Values {
	p := map[string]string{
		"app_id": a.c.AppID, "method": method, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2",
		"version":   "1.0",
		"timestamp": time.Now().In(time.FixedZone("", 8*3600)).Format("2006-01-02 15:04:05"), "biz_content": content,
	}
	for k, v := range extra {
		p[k] = v
	}
	var lines []string
	for k, v := range p {
		lines = append(lines, k+"="+v)
	}
	sort.Strings(lines)
	digest := sha256.Sum256([]byte(strings.Join(lines, "&")))
	sign, _ := rsa.SignPKCS1v15(rand.Reader, a.key, crypto.SHA256, digest[:])
	v := url.Values{"sign": {base64.StdEncoding.EncodeToString(sign)}}
	for k, s := range p {
		v.Set(k, s)
	}
	return v
}

// call posts and returns the node and whether its signature, over the raw text, verifies.
func (a aliClient) call(t *testing.T, method string, biz, extra map[string]string) (node map[string]string, signed bool,
	err error) {
	t.Helper()
	node, _, signed, err = a.post(t, method, a.params(method, biz, extra))
	return node, signed, err
}

// post sends parameters and returns the node, what stands beside it, and whether the node's signature verifies.
func (a aliClient) post(t *testing.T, method string, p url.Values) (node, beside map[string]string, signed bool,
	err error) {
	t.Helper()
	resp, err := http.PostForm(a.c.BaseURL+"?charset=utf-8", p)
	if err != nil {
		return nil, nil, false, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, nil, false, err
	}
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(raw, &whole); err != nil {
		t.Fatalf("%s", raw)
	}
	text := whole[strings.ReplaceAll(method, ".", "_")+"_response"]
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	node = map[string]string{}
	for k, v := range fields {
		node[k] = fmt.Sprint(v)
	}
	beside = map[string]string{}
	for _, name := range []string{"sign", "alipay_cert_sn"} {
		beside[name] = strings.Trim(string(whole[name]), `"`)
	}
	return node, beside, a.verifies(string(text), beside["sign"]), nil
}

func (a aliClient) verifies(text, sign string) bool {
	raw, err := base64.StdEncoding.DecodeString(sign)
	digest := sha256.Sum256([]byte(text))
	return err == nil && rsa.VerifyPKCS1v15(a.public, crypto.SHA256, digest[:], raw) == nil
}

func (a aliClient) must(t *testing.T, method string, biz map[string]string, want string) map[string]string {
	t.Helper()
	node, signed, err := a.call(t, method, biz, nil)
	if err != nil || !signed || node["code"]+node["sub_code"] != want {
		t.Fatalf("%s: %v, signed %t, %v; want %s", method, node, signed, err, want)
	}
	return node
}

func TestAlipayPrecreateQueryCloseNotify(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	a := newAliClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, n int) {
		fmt.Fprint(w, map[bool]string{true: "success", false: "fail"}[n == 3])
	})
	number := map[string]string{"out_trade_no": "T" + randomHex(8)}
	node, signed, err := a.call(t, "alipay.trade.precreate",
		map[string]string{"out_trade_no": number["out_trade_no"], "total_amount": "123.45", "subject": "物业费 <测试>"},
		map[string]string{"notify_url": in.URL})
	if err != nil || !signed || node["code"] != "10000" ||
		!strings.HasPrefix(node["qr_code"], "https://qr.alipay.com/") {
		t.Fatalf("precreate: %v %v %v", node, signed, err)
	}
	a.must(t, "alipay.trade.query", number, "40004ACQ.TRADE_NOT_EXIST") // nobody has scanned it yet
	a.must(t, "alipay.trade.close", number, "40004ACQ.TRADE_NOT_EXIST")
	p := pay(t, s, node["qr_code"], "alipay")
	if p.AmountFen != 12345 || p.Title != "物业费 <测试>" {
		t.Errorf("the wallet showed %+v", p)
	}
	got := a.must(t, "alipay.trade.query", number, "10000")
	if got["trade_status"] != "TRADE_SUCCESS" || got["total_amount"] != "123.45" {
		t.Errorf("query: %v", got)
	}
	a.must(t, "alipay.trade.close", number, "40004ACQ.TRADE_STATUS_ERROR")
	in.wait(t, 3)
	a.checkNotifications(t, in, number["out_trade_no"])
}

// checkNotifications verifies three deliveries of one notification: sign and sign_type are left out, notify_id stays.
func (a aliClient) checkNotifications(t *testing.T, in *inbox, number string) {
	t.Helper()
	var id string
	for i := range 3 {
		_, body := in.message(i)
		p, err := url.ParseQuery(string(body))
		if err != nil {
			t.Fatal(err)
		}
		if !a.verifies(noticeText(t, p), p.Get("sign")) {
			t.Errorf("delivery %d does not verify", i)
		}
		if i > 0 && p.Get("notify_id") != id || p.Get("out_trade_no") != number || p.Get("total_amount") != "123.45" ||
			p.Get("seller_id") != a.c.SellerID {
			t.Errorf("delivery %d says %v", i, p)
		}
		id = p.Get("notify_id")
	}
}

// noticeText is what the signature of a notification is over.
func noticeText(t *testing.T, p url.Values) string {
	t.Helper()
	var lines []string
	for k := range p {
		if p.Get(k) == "" {
			t.Errorf("empty parameter %s", k)
		}
		if k != "sign" && k != "sign_type" {
			lines = append(lines, k+"="+p.Get(k))
		}
	}
	sort.Strings(lines)
	return strings.Join(lines, "&")
}

func TestAlipayWapOpensTheWallet(t *testing.T) {
	s := start(t, Config{})
	a := newAliClient(t, s)
	number := map[string]string{"out_trade_no": "T" + randomHex(8)}
	biz := map[string]string{"out_trade_no": number["out_trade_no"], "total_amount": "0.01", "subject": "停车费",
		"product_code": "QUICK_WAP_WAY"}
	page := a.c.BaseURL + "?" + a.params("alipay.trade.wap.pay", biz,
		map[string]string{"return_url": "http://127.0.0.1:1/back"}).Encode()
	a.must(t, "alipay.trade.query", number, "40004ACQ.TRADE_NOT_EXIST")
	var p Payment
	if status := call(t, s, "POST", "/scan", map[string]string{"content": page, "wallet": "alipay"},
		&p); status != 200 || p.AmountFen != 1 || p.ReturnURL != "http://127.0.0.1:1/back" {
		t.Fatalf("scan: %d %+v", status, p)
	}
	if got := a.must(t, "alipay.trade.query", number, "10000"); got["trade_status"] != "WAIT_BUYER_PAY" {
		t.Errorf("query: %v", got)
	}
	a.must(t, "alipay.trade.close", number, "10000")
	if status := call(t, s, "POST", "/payments/"+p.ID+"/confirm", nil, nil); status != http.StatusConflict {
		t.Errorf("a closed trade was paid: %d", status)
	}
}

func TestAlipayRefusesBadSignaturesUnsigned(t *testing.T) {
	s := start(t, Config{})
	a := newAliClient(t, s)
	biz := map[string]string{"out_trade_no": "T1"}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	forged := a
	forged.key = other
	node, signed, err := forged.call(t, "alipay.trade.query", biz, nil)
	if err != nil || signed || node["code"] != "40002" || node["sub_code"] != "isv.invalid-signature" {
		t.Errorf("a forged request got %v, signed %t, %v", node, signed, err)
	}
	for fault, check := range map[Fault]func(node map[string]string, signed bool, err error) bool{
		UnsignedError: func(n map[string]string, signed bool, _ error) bool {
			return !signed && n["sub_code"] == "ACQ.TRADE_NOT_EXIST"
		},
		BadSignature:        func(_ map[string]string, signed bool, _ error) bool { return !signed },
		ProbeSignature:      func(_ map[string]string, signed bool, _ error) bool { return !signed },
		TimeoutAfterSuccess: func(_ map[string]string, _ bool, err error) bool { return err != nil },
	} {
		if err := s.faults.add(Script{Institution: "alipay", Fault: fault}); err != nil {
			t.Fatal(err)
		}
		if node, signed, err := a.call(t, "alipay.trade.query", biz, nil); !check(node, signed, err) {
			t.Errorf("%s: %v, signed %t, %v", fault, node, signed, err)
		}
	}
}

func FuzzGatewayForm(f *testing.F) {
	f.Add("charset=utf-8&method=alipay.trade.query", "biz_content=%7B%7D")
	f.Add("charset=gbk", "")
	f.Add("%zz", ";;;")
	f.Fuzz(func(t *testing.T, query, form string) {
		r := &http.Request{Method: "POST", URL: &url.URL{RawQuery: query},
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
			Body:   io.NopCloser(strings.NewReader(form))}
		if p, err := gatewayParams(r); err == nil && !strings.EqualFold(p.Get("charset"), "utf-8") {
			t.Errorf("charset %q was taken", p.Get("charset"))
		}
	})
}
