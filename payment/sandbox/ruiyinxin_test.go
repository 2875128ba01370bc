package sandbox

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// smzfClient speaks SMZF as third parties describe it, written here on its own as a second opinion.
type smzfClient struct {
	c      RuiyinxinCredentials
	key    *rsa.PrivateKey
	public *rsa.PublicKey
}

func newSMZFClient(t *testing.T, s *Sandbox) smzfClient {
	t.Helper()
	c := s.Credentials().Ruiyinxin
	return smzfClient{c, readPrivate(t, c.PrivateKeyPEM), readPublic(t, c.PlatformPublicKeyPEM)}
}

// ecb runs a cipher block by block.
func ecb(t *testing.T, key, data []byte, decrypt bool) []byte {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil || len(data)%16 != 0 {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	out := make([]byte, len(data))
	for i := 0; i < len(data); i += 16 {
		if decrypt {
			block.Decrypt(out[i:i+16], data[i:i+16])
		} else {
			block.Encrypt(out[i:i+16], data[i:i+16])
		}
	}
	return out
}

func (c smzfClient) form(t *testing.T, tranCode, number, callBack string, data map[string]any) url.Values {
	t.Helper()
	plain, _ := json.Marshal(map[string]any{"version": "1.0.0", "msgType": "01",
		"reqDate": time.Now().Format("20060102150405"), "data": data})
	key := []byte(randomHex(8))
	pad := 16 - len(plain)%16
	padded := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	wrapped, err := rsa.EncryptPKCS1v15(rand.Reader, c.public, key) //lint:ignore SA1019 as the protocol does
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum(plain)
	sign, err := rsa.SignPKCS1v15(rand.Reader, c.key, crypto.SHA1, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	base := base64.StdEncoding.EncodeToString
	return url.Values{
		"cooperator": {c.c.Cooperator}, "tranCode": {tranCode}, "callBack": {callBack}, "reqMsgId": {number},
		"ext":        {""},
		"encryptKey": {base(wrapped)}, "encryptData": {base(ecb(t, key, padded, false))}, "signData": {base(sign)},
	}
}

// read opens an envelope and returns its message and whether the institution signed it.
func (c smzfClient) read(t *testing.T, encryptKey, encryptData, signData string) (message map[string]any, signed bool) {
	t.Helper()
	raw := func(text string) []byte {
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	key, err := rsa.DecryptPKCS1v15(nil, c.key, raw(encryptKey)) //lint:ignore SA1019 as the protocol does
	if err != nil || len(key) != 16 {
		t.Fatalf("the key: %v", err)
	}
	plain := ecb(t, key, raw(encryptData), true)
	plain = plain[:len(plain)-int(plain[len(plain)-1])]
	if err := json.Unmarshal(plain, &message); err != nil {
		t.Fatalf("%s", plain)
	}
	sum := sha1.Sum(plain)
	return message, signData != "" && rsa.VerifyPKCS1v15(c.public, crypto.SHA1, sum[:], raw(signData)) == nil
}

// reply is an answer, taken apart.
type smzfReply struct {
	kind, code, id string
	data           map[string]any
	signed         bool
	envelope       map[string]string
}

func (c smzfClient) post(t *testing.T, form url.Values) (smzfReply, error) {
	t.Helper()
	resp, err := http.PostForm(c.c.BaseURL+"/ydzf/ydzf-smzf", form)
	if err != nil {
		return smzfReply{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return smzfReply{}, err
	}
	var got smzfReply
	if err := json.Unmarshal(raw, &got.envelope); err != nil {
		return smzfReply{}, fmt.Errorf("not JSON: %.40s", raw)
	}
	if got.envelope["encryptData"] == "" {
		got.kind, got.code = got.envelope["respType"], got.envelope["respCode"]
		return got, nil
	}
	message, signed := c.read(t, got.envelope["encryptKey"], got.envelope["encryptData"], got.envelope["signData"])
	got.signed, got.kind, got.code, got.id = signed, message["respType"].(string), message["respCode"].(string),
		message["smzfMsgId"].(string)
	got.data, _ = message["data"].(map[string]any)
	if message["msgType"] != "02" || len(message["respDate"].(string)) != 14 {
		t.Errorf("the message: %v", message)
	}
	return got, nil
}

func (c smzfClient) must(t *testing.T, tranCode, number, callBack string, data map[string]any, want string) smzfReply {
	t.Helper()
	got, err := c.post(t, c.form(t, tranCode, number, callBack, data))
	if err != nil || !got.signed || got.kind+got.code != want || got.envelope["tranCode"] != tranCode ||
		got.envelope["reqMsgId"] != number {
		t.Fatalf("%s %v: %+v, %v; want %s", tranCode, data, got, err, want)
	}
	return got
}

func (c smzfClient) charge(payWay, yuan string) map[string]any {
	return map[string]any{"merchantCode": c.c.MerchantCode, "payWay": payWay, "totalAmount": yuan,
		"subject": "物业费 & <测试>"}
}

func (c smzfClient) mustState(t *testing.T, number, want string) map[string]any {
	t.Helper()
	got := c.must(t, "SMZF006", "Q"+randomHex(8), "", map[string]any{"oriReqMsgId": number}, "S000000")
	if fmt.Sprint(got.data["oriRespType"], got.data["oriRespCode"], " ", got.data["isClearOrCancel"]) != want ||
		got.data["oriReqMsgId"] != number {
		t.Errorf("%s is %v; want %s", number, got.data, want)
	}
	got.data["smzfMsgId"] = got.id
	return got.data
}

// notice opens a delivery, which must be the institution's.
func (c smzfClient) notice(t *testing.T, in *inbox, i int) (url.Values, map[string]any, bool) {
	t.Helper()
	_, body := in.message(i)
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Fatal(err)
	}
	message, signed := c.read(t, form.Get("encryptKey"), form.Get("encryptData"), form.Get("signData"))
	return form, message, signed
}

func TestRuiyinxinQRs(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	c := newSMZFClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, n int) {
		fmt.Fprint(w, map[bool]string{true: "success", false: "000000"}[n == 1])
	})
	arrived := 0
	for payWay, want := range map[string]struct {
		wallet Wallet
		prefix string
	}{"WXZF": {WechatWallet, "weixin://"}, "ZFBZF": {AlipayWallet, "https://qr.alipay.com/"},
		c.c.PayWayUnionPay: {UnionPay, "https://qr.95516.com/"}} {
		number := "A" + randomHex(8)
		made := c.must(t, "SMZF002", number, in.URL, c.charge(payWay, "123.45"), "S000000")
		again := c.must(t, "SMZF002", number, in.URL, c.charge(payWay, "123.45"), "S000000")
		qr := fmt.Sprint(made.data["qrCode"])
		if !strings.HasPrefix(qr, want.prefix) || again.data["qrCode"] != qr || again.id != made.id {
			t.Errorf("%s: %v and then %v", payWay, made, again)
		}
		c.must(t, "SMZF002", number, in.URL, c.charge(payWay, "123.46"), "E200023")
		c.mustState(t, number, "R200002 0")
		if p := pay(t, s, qr, string(want.wallet)); p.AmountFen != 12345 || p.Title != "物业费 & <测试>" {
			t.Errorf("the wallet showed %+v", p)
		}
		got := c.mustState(t, number, "S000000 0")
		if got["totalAmount"] != "123.45" || got["payTime"] == "" || got["smzfMsgId"] != made.id {
			t.Errorf("query: %v", got)
		}
		c.must(t, "SMZF002", number, in.URL, c.charge(payWay, "123.45"), "E200021")
		deliveries := map[bool]int{true: 2, false: 1}[arrived == 0] // the first is not accepted
		in.wait(t, deliveries)
		for range deliveries {
			form, message, signed := c.notice(t, in, arrived)
			says := message["data"].(map[string]any)
			if !signed || form.Get("tranCode") != "SMZF008" || form.Get("reqMsgId") != number ||
				message["respType"] != "S" || message["smzfMsgId"] != made.id ||
				says["totalAmount"] != "123.45" || says["reqMsgId"] != number {
				t.Errorf("the notification: %v %v %t", form, message, signed)
			}
			arrived++
		}
	}
}

func TestRuiyinxinJSAPI(t *testing.T) {
	s := start(t, Config{})
	c := newSMZFClient(t, s)
	number, data := "A"+randomHex(8), c.charge("WXZF", "2.50")
	data["userId"], data["subAppid"] = "o0123456789sandboxpayer0001", "wx0000000000000000"
	c.must(t, "SMZF010", number, "", data, "E200010") // not the merchant's app
	data["subAppid"] = c.c.WechatAppid
	made := c.must(t, "SMZF010", number, "", data, "S000000")
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `<script type="application/json" id="wcpay">%s</script>`, made.data["wxjsapiStr"])
	}))
	t.Cleanup(page.Close)
	if p := pay(t, s, page.URL, "wechat"); p.AmountFen != 250 {
		t.Errorf("the wallet showed %+v", p)
	}
	if got := c.mustState(t, number, "S000000 0"); got["buyerId"] != "o0123456789sandboxpayer0001" {
		t.Errorf("query: %v", got)
	}
}

func TestRuiyinxinRefusesCharges(t *testing.T) {
	s := start(t, Config{})
	c := newSMZFClient(t, s)
	for name, change := range map[string]map[string]any{
		"no merchant": {"merchantCode": ""}, "another's merchant": {"merchantCode": "M00000000000009"},
		"nothing": {"totalAmount": "0.00"}, "fen": {"totalAmount": "12345"},
		"one decimal": {"totalAmount": "1.5"}, "a number": {"totalAmount": 1}, "no title": {"subject": ""},
		"no wallet": {"payWay": "QQZF"},
	} {
		t.Run(name, func(t *testing.T) {
			data := c.charge("WXZF", "1.00")
			for k, v := range change {
				data[k] = v
			}
			c.must(t, "SMZF002", "A"+randomHex(8), "", data, "E200010")
		})
	}
	c.must(t, "SMZF002", "A b", "", c.charge("WXZF", "1.00"), "E200010")
	c.must(t, "SMZF002", "A1", "/half/an/address", c.charge("WXZF", "1.00"), "E200010")
	c.must(t, "SMZF099", "A1", "", c.charge("WXZF", "1.00"), "E200010")
	c.must(t, "SMZF006", "Q1", "", map[string]any{"oriReqMsgId": "A-none"}, "E200020")
}

func TestRuiyinxinVerifiesRequestsAndSpoilsAnswers(t *testing.T) {
	s := start(t, Config{})
	c := newSMZFClient(t, s)
	ask := map[string]any{"oriReqMsgId": "Anone"}
	forged := c
	forged.key = newRSAKey(t)
	for name, change := range map[string]func() url.Values{
		"a forged signature": func() url.Values { f := forged.form(t, "SMZF006", "Q1", "", ask); return f },
		"no signature": func() url.Values {
			f := c.form(t, "SMZF006", "Q1", "", ask)
			f.Del("signData")
			return f
		},
		"no key": func() url.Values { f := c.form(t, "SMZF006", "Q1", "", ask); f.Del("encryptKey"); return f },
		"spoiled data": func() url.Values {
			f := c.form(t, "SMZF006", "Q1", "", ask)
			f.Set("encryptData", "QUJD")
			return f
		},
	} {
		if got, err := c.post(t, change()); err != nil || !got.signed || got.kind+got.code != "E200001" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	strange := c.form(t, "SMZF006", "Q1", "", ask)
	strange.Set("cooperator", "SMZF99999999")
	if got, err := c.post(t, strange); err != nil || got.signed || got.kind != "E" {
		t.Errorf("a stranger: %+v, %v", got, err)
	}
	for fault, check := range map[Fault]func(got smzfReply, err error) bool{
		UnsignedError: func(got smzfReply, err error) bool {
			return err == nil && !got.signed && got.envelope["signData"] == "" && got.code == "200020"
		},
		BadSignature:        func(got smzfReply, err error) bool { return err == nil && !got.signed },
		ProbeSignature:      func(got smzfReply, err error) bool { return err == nil && !got.signed },
		TimeoutAfterSuccess: func(_ smzfReply, err error) bool { return err != nil },
		TimeoutBeforeEffect: func(_ smzfReply, err error) bool { return err != nil },
		Garbage: func(_ smzfReply, err error) bool {
			return err != nil && strings.Contains(err.Error(), "<html>")
		},
		UnknownFields: func(got smzfReply, err error) bool { return err == nil && got.signed && got.code == "200020" },
	} {
		if err := s.faults.add(Script{Institution: "ruiyinxin", Operation: "query", OutTradeNo: "Anone",
			Fault: fault}); err != nil {
			t.Fatal(err)
		}
		if got, err := c.post(t, c.form(t, "SMZF006", "Q1", "", ask)); !check(got, err) {
			t.Errorf("%s: %+v, %v", fault, got, err)
		}
	}
}

func TestRuiyinxinSpoilsNotifications(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	c := newSMZFClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "000000") })
	seen := 0
	for fault, check := range map[Fault]func(message map[string]any, signed bool) bool{
		Forged:      func(_ map[string]any, signed bool) bool { return !signed },
		ProbeNotice: func(_ map[string]any, signed bool) bool { return !signed },
		WrongAmount: func(m map[string]any, signed bool) bool {
			return signed && m["data"].(map[string]any)["totalAmount"] == "1.01"
		},
		WrongMerchant: func(m map[string]any, signed bool) bool {
			return signed && m["data"].(map[string]any)["merchantCode"] != c.c.MerchantCode
		},
		Stale: func(m map[string]any, signed bool) bool {
			at, err := time.ParseInLocation("20060102150405", m["respDate"].(string), shanghai)
			return signed && err == nil && time.Since(at) > 9*time.Minute
		},
		UnknownFields: func(m map[string]any, signed bool) bool { return signed && m["field_of_tomorrow"] != nil },
	} {
		number := "A" + randomHex(8)
		if err := s.faults.add(Script{Fault: fault, OutTradeNo: number, Operation: "pay"}); err != nil {
			t.Fatal(err)
		}
		made := c.must(t, "SMZF002", number, in.URL, c.charge("WXZF", "1.00"), "S000000")
		pay(t, s, fmt.Sprint(made.data["qrCode"]), "wechat")
		in.wait(t, 1)
		if _, message, signed := c.notice(t, in, seen); !check(message, signed) {
			t.Errorf("%s: %v, signed %t", fault, message, signed)
		}
		seen++
	}
}
