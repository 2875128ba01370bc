package sandbox

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sort"
	"strings"
	"testing"
	"time"
)

// shengClient speaks Shengpay's protocol as its pages describe it, written here on its own as a second opinion.
type shengClient struct {
	c        ShengpayCredentials
	key      *rsa.PrivateKey
	public   *rsa.PublicKey
	signType string
}

func newShengClient(t *testing.T, s *Sandbox) shengClient {
	t.Helper()
	c := s.Credentials().Shengpay
	return shengClient{c, readPrivate(t, c.PrivateKeyPEM), readPublic(t, c.PlatformPublicKeyPEM), c.SignType}
}

func readPrivate(t *testing.T, text string) *rsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

func readPublic(t *testing.T, text string) *rsa.PublicKey {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PublicKey)
}

// shengLines is what is signed, and its digest.
func shengLines(fields map[string]string, signType string) (crypto.Hash, []byte) {
	keys := make([]string, 0, len(fields))
	for k := range fields {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	text := ""
	for _, k := range keys {
		if k != "sign" && fields[k] != "" {
			text += "&" + k + "=" + fields[k]
		}
	}
	text = strings.TrimPrefix(text, "&")
	if signType == "RSA2" {
		sum := sha256.Sum256([]byte(text))
		return crypto.SHA256, sum[:]
	}
	sum := sha1.Sum([]byte(text))
	return crypto.SHA1, sum[:]
}

// flat reads an object as texts; numbers as they are written.
func flat(t *testing.T, raw []byte) map[string]string {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		t.Fatalf("%s", raw)
	}
	fields := map[string]string{}
	for k, v := range members {
		text := string(v)
		if strings.HasPrefix(text, `"`) {
			if err := json.Unmarshal(v, &text); err != nil {
				t.Fatal(err)
			}
		}
		fields[k] = text
	}
	return fields
}

func (c shengClient) verifies(fields map[string]string) bool {
	raw, err := base64.StdEncoding.DecodeString(fields["sign"])
	hash, digest := shengLines(fields, c.signType)
	return err == nil && fields["signType"] == c.signType && rsa.VerifyPKCS1v15(c.public, hash, digest, raw) == nil
}

// call posts the fields and returns the answer and whether its signature verifies.
func (c shengClient) call(t *testing.T, path string, fields map[string]string) (answer map[string]string, signed bool,
	err error) {
	t.Helper()
	all := map[string]string{"mchId": c.c.MchID, "nonceStr": randomHex(16), "signType": c.signType}
	for k, v := range fields {
		all[k] = v
	}
	hash, digest := shengLines(all, c.signType)
	sign, err := rsa.SignPKCS1v15(rand.Reader, c.key, hash, digest)
	if err != nil {
		t.Fatal(err)
	}
	all["sign"] = base64.StdEncoding.EncodeToString(sign)
	body, _ := json.Marshal(all)
	resp, err := http.Post(c.c.BaseURL+path, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, false, err
	}
	if !json.Valid(raw) {
		return nil, false, fmt.Errorf("not JSON: %.40s", raw)
	}
	answer = flat(t, raw)
	return answer, c.verifies(answer), nil
}

// must calls and wants a signed answer with the given code: "" is success.
func (c shengClient) must(t *testing.T, path string, fields map[string]string, want string) map[string]string {
	t.Helper()
	answer, signed, err := c.call(t, path, fields)
	result := map[bool]string{true: "SUCCESS", false: "FAIL"}[want == ""]
	if err != nil || !signed || answer["returnCode"] != "SUCCESS" || answer["resultCode"] != result ||
		answer["errorCode"] != want {
		t.Fatalf("%s: %v, signed %t, %v; want %q", path, answer, signed, err, want)
	}
	return answer
}

func shengOrder(tradeType, fee, notify string) map[string]string {
	return map[string]string{
		"outTradeNo": "S" + randomHex(8), "totalFee": fee, "currency": "CNY", "body": "物业费 & <测试>",
		"tradeType": tradeType, "notifyUrl": notify,
		"timeExpire": time.Now().Add(time.Hour).In(time.FixedZone("", 8*3600)).Format("20060102150405"),
		"clientIp":   "127.0.0.1",
	}
}

func shengNumber(order map[string]string) map[string]string {
	return map[string]string{"outTradeNo": order["outTradeNo"]}
}

func (c shengClient) mustStatus(t *testing.T, order map[string]string, want string) map[string]string {
	t.Helper()
	got := c.must(t, "/pay/queryOrder", shengNumber(order), "")
	if got["status"] != want {
		t.Errorf("the order is %v; want %s", got, want)
	}
	return got
}

// notice verifies a delivery and returns its fields.
func (c shengClient) notice(t *testing.T, in *inbox, i int) map[string]string {
	t.Helper()
	_, body := in.message(i)
	fields := flat(t, body)
	if !c.verifies(fields) {
		t.Errorf("delivery %d does not verify: %s", i, body)
	}
	return fields
}

func TestShengpayAggregateQRTakesEveryWallet(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	c := newShengClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, n int) {
		fmt.Fprint(w, map[int]string{1: "FAIL", 2: "success"}[n]+map[bool]string{true: "SUCCESS\n"}[n > 2])
	})
	for i, wallet := range wallets() {
		order := shengOrder("shengpay_aggre", "12345", in.URL)
		made := c.must(t, "/pay/unifiedorderOffline", order, "")
		again := c.must(t, "/pay/unifiedorderOffline", order, "")
		if made["payInfo"] != again["payInfo"] || made["transactionId"] != again["transactionId"] ||
			made["transactionId"] == "" {
			t.Errorf("a repeat is answered with %v after %v", again, made)
		}
		if got := c.mustStatus(t, order, "PAY_INIT"); got["timeEnd"] != "" {
			t.Errorf("an unpaid order: %v", got)
		}
		p := pay(t, s, made["payInfo"], string(wallet))
		if p.AmountFen != 12345 || p.Title != "物业费 & <测试>" || p.Wallet != wallet || p.Institution != "shengpay" {
			t.Errorf("the wallet showed %+v", p)
		}
		got := c.mustStatus(t, order, "PAY_SUCCESS")
		if got["totalFee"] != "12345" || got["transactionId"] != made["transactionId"] || len(got["timeEnd"]) != 14 ||
			got["tradeType"] != "shengpay_aggre" {
			t.Errorf("query: %v", got)
		}
		c.must(t, "/pay/unifiedorderOffline", order, "ORDER_PAID")
		in.wait(t, map[bool]int{true: 3, false: 1}[i == 0]) // the first is refused twice
		for n := range map[bool]int{true: 3, false: 1}[i == 0] {
			told := c.notice(t, in, i+n+map[bool]int{true: 2}[i > 0])
			if told["status"] != "PAY_SUCCESS" || told["outTradeNo"] != order["outTradeNo"] ||
				told["totalFee"] != "12345" || told["mchId"] != c.c.MchID ||
				told["transactionId"] != made["transactionId"] || told["returnCode"] != "SUCCESS" ||
				told["resultCode"] != "SUCCESS" {
				t.Errorf("the notification: %v", told)
			}
			payer := flat(t, []byte(told["payerInfo"]))
			if payer["officOrderNum"] == "" || (payer["openid"] != "") != (wallet == WechatWallet) ||
				(payer["userid"] != "") != (wallet == AlipayWallet) {
				t.Errorf("payerInfo of %s: %v", wallet, payer)
			}
		}
	}
	lines := s.bank.ledger.all()
	if len(lines) != 3 || lines[1].Wallet != AlipayWallet || lines[1].TakenFen != 12345 ||
		lines[1].Institution != "shengpay" {
		t.Errorf("the ledger: %+v", lines)
	}
}

func TestShengpayTradeTypes(t *testing.T) {
	s := start(t, Config{})
	c := newShengClient(t, s)
	for tradeType, want := range map[string]struct {
		wallet Wallet
		prefix string
	}{
		"wx_native":  {WechatWallet, "weixin://wxpay/bizpayurl?pr="},
		"alipay_qr":  {AlipayWallet, "https://qr.alipay.com/"},
		"upacp_qr":   {UnionPay, "https://qr.95516.com/00010000/"},
		"wx_wap":     {WechatWallet, "http://127.0.0.1:"},
		"alipay_wap": {AlipayWallet, "http://127.0.0.1:"},
	} {
		t.Run(tradeType, func(t *testing.T) {
			order := shengOrder(tradeType, "1", "http://127.0.0.1:1/n")
			order["pageUrl"] = "http://127.0.0.1:1/back"
			delete(order, "timeExpire") // only an offline order needs it
			made := c.must(t, "/pay/unifiedorder", order, "")
			if !strings.HasPrefix(made["payInfo"], want.prefix) {
				t.Errorf("payInfo is %s", made["payInfo"])
			}
			for _, other := range wallets() {
				if status := call(t, s, "POST", "/scan",
					map[string]string{"content": made["payInfo"], "wallet": string(other)},
					nil); (status == 200) != (other == want.wallet) {
					t.Errorf("%s scans: %d", other, status)
				}
			}
			if p := pay(t, s, made["payInfo"], string(want.wallet)); p.ReturnURL != "http://127.0.0.1:1/back" {
				t.Errorf("the wallet showed %+v", p)
			}
			c.mustStatus(t, order, "PAY_SUCCESS")
		})
	}
}

// The WeChat app finds the parameters on the merchant's page and verifies them.
func TestShengpayJSAPI(t *testing.T) {
	s := start(t, Config{})
	c := newShengClient(t, s)
	order := shengOrder("wx_jsapi", "250", "http://127.0.0.1:1/n")
	order["extra"] = `{"openId":"o0123456789sandboxpayer0001","appId":"wx0000000000000000"}`
	c.must(t, "/pay/unifiedorder", order, "PARAM_ERROR") // not the merchant's app
	order["extra"] = `{"openId":"o0123456789sandboxpayer0001","appId":"` + c.c.WechatAppid + `"}`
	made := c.must(t, "/pay/unifiedorder", order, "")
	var params map[string]string
	if err := json.Unmarshal([]byte(made["payInfo"]), &params); err != nil || params["appId"] != c.c.WechatAppid ||
		params["signType"] != "RSA" {
		t.Fatalf("payInfo is %s, %v", made["payInfo"], err)
	}
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		info := made["payInfo"]
		if r.URL.Path == "/spoiled" {
			info = strings.Replace(info, "prepay_id=wx", "prepay_id=wy", 1)
		}
		fmt.Fprintf(w, `<script type="application/json" id="wcpay">%s</script>`, info)
	}))
	t.Cleanup(page.Close)
	if status := call(t, s, "POST", "/scan", map[string]string{"content": page.URL + "/spoiled", "wallet": "wechat"},
		nil); status != http.StatusBadRequest {
		t.Errorf("spoiled parameters: %d", status)
	}
	if p := pay(t, s, page.URL, "wechat"); p.AmountFen != 250 {
		t.Errorf("the wallet showed %+v", p)
	}
	if got := c.mustStatus(t, order, "PAY_SUCCESS"); !strings.Contains(got["payerInfo"],
		`"openid":"o0123456789sandboxpayer0001"`) {
		t.Errorf("query: %v", got)
	}
}

func TestShengpayRefusesOrders(t *testing.T) {
	s := start(t, Config{})
	c := newShengClient(t, s)
	for name, change := range map[string]map[string]string{
		"no number":             {"outTradeNo": ""},
		"a number with a space": {"outTradeNo": "a b"},
		"65 characters":         {"outTradeNo": strings.Repeat("x", 65)},
		"nothing":               {"totalFee": "0"},
		"less than nothing":     {"totalFee": "-1"},
		"yuan":                  {"totalFee": "1.00"},
		"dollars":               {"currency": "USD"},
		"no title":              {"body": ""},
		"no address":            {"notifyUrl": ""},
		"half an address":       {"notifyUrl": "/notify"},
		"an end in the past":    {"timeExpire": "20200101000000"},
		"no such tradeType":     {"tradeType": "wx_lite_2"},
		"JSAPI without a payer": {"tradeType": "wx_jsapi"},
	} {
		t.Run(name, func(t *testing.T) {
			order := shengOrder("shengpay_aggre", "1", "http://127.0.0.1:1/n")
			for k, v := range change {
				order[k] = v
			}
			c.must(t, "/pay/unifiedorderOffline", order, "PARAM_ERROR")
		})
	}
	order := shengOrder("shengpay_aggre", "1", "http://127.0.0.1:1/n")
	c.must(t, "/pay/unifiedorderOffline", order, "")
	order["totalFee"] = "2"
	c.must(t, "/pay/unifiedorderOffline", order, "OUT_TRADE_NO_USED")
	c.must(t, "/pay/queryOrder", map[string]string{"outTradeNo": "S-none"}, "ORDER_NOT_EXIST")
	if got, signed, err := c.call(t, "/pay/nothing", order); err != nil || !signed || got["returnCode"] != "FAIL" ||
		got["resultCode"] != "" {
		t.Errorf("no such path: %v %t %v", got, signed, err)
	}
}

func TestShengpayClose(t *testing.T) {
	s := start(t, Config{})
	c := newShengClient(t, s)
	order := shengOrder("shengpay_aggre", "100", "http://127.0.0.1:1/n")
	made := c.must(t, "/pay/unifiedorderOffline", order, "")
	for range 2 { // a repeat is answered alike
		c.must(t, "/pay/closeOrder", shengNumber(order), "")
	}
	c.mustStatus(t, order, "CLOSED")
	c.must(t, "/pay/unifiedorderOffline", order, "ORDER_CLOSED")
	if status := call(t, s, "POST", "/scan", map[string]string{"content": made["payInfo"], "wallet": "alipay"},
		nil); status != http.StatusBadRequest {
		t.Errorf("a closed QR scans: %d", status)
	}
	late := shengOrder("wx_native", "100", "http://127.0.0.1:1/n")
	made = c.must(t, "/pay/unifiedorderOffline", late, "")
	var p Payment
	call(t, s, "POST", "/scan", map[string]string{"content": made["payInfo"], "wallet": "wechat"}, &p)
	c.must(t, "/pay/closeOrder", shengNumber(late), "")
	if err := s.faults.add(Script{Fault: PaidAfterClose, Institution: "shengpay"}); err != nil {
		t.Fatal(err)
	}
	if status := call(t, s, "POST", "/payments/"+p.ID+"/confirm", nil, nil); status != http.StatusOK {
		t.Errorf("paid after close: %d", status)
	}
	c.mustStatus(t, late, "PAY_SUCCESS")
	c.must(t, "/pay/closeOrder", shengNumber(late), "ORDER_PAID")
	c.must(t, "/pay/closeOrder", map[string]string{"outTradeNo": "S-none"}, "ORDER_NOT_EXIST")
}

func TestShengpayVerifiesRequestsAndSpoilsAnswers(t *testing.T) {
	s := start(t, Config{})
	c := newShengClient(t, s)
	number := map[string]string{"outTradeNo": "S-none"}
	forged, strange, silent := c, c, map[string]string{"outTradeNo": "S-none", "nonceStr": ""}
	forged.key, strange.c.MchID = newRSAKey(t), "3000000999"
	for name, ask := range map[string]func() (map[string]string, bool, error){
		"a forged signature": func() (map[string]string, bool, error) {
			return forged.call(t, "/pay/queryOrder", number)
		},
		"a stranger": func() (map[string]string, bool, error) { return strange.call(t, "/pay/queryOrder", number) },
		"no nonce":   func() (map[string]string, bool, error) { return c.call(t, "/pay/queryOrder", silent) },
	} {
		if got, signed, err := ask(); err != nil || !signed || got["returnCode"] != "FAIL" || got["returnMsg"] == "" {
			t.Errorf("%s: %v, signed %t, %v", name, got, signed, err)
		}
	}
	if resp, err := http.Post(c.c.BaseURL+"/pay/queryOrder", "application/json", strings.NewReader("[]")); err != nil ||
		resp.Body.Close() != nil || resp.StatusCode != 200 {
		t.Errorf("a body that is no object: %v", err)
	}
	for fault, check := range map[Fault]func(n map[string]string, signed bool, err error) bool{
		UnsignedError: func(n map[string]string, signed bool, _ error) bool {
			return !signed && n["errorCode"] == "ORDER_NOT_EXIST"
		},
		BadSignature:        func(_ map[string]string, signed bool, err error) bool { return err == nil && !signed },
		ProbeSignature:      func(_ map[string]string, signed bool, err error) bool { return err == nil && !signed },
		TimeoutAfterSuccess: func(_ map[string]string, _ bool, err error) bool { return err != nil },
		TimeoutBeforeEffect: func(_ map[string]string, _ bool, err error) bool { return err != nil },
		Garbage: func(_ map[string]string, _ bool, err error) bool {
			return err != nil && strings.Contains(err.Error(), "<html>")
		},
		UnknownFields: func(n map[string]string, signed bool, _ error) bool {
			return signed && n["countOfTomorrow"] == "2"
		},
	} {
		if err := s.faults.add(Script{Institution: "shengpay", Operation: "query", OutTradeNo: "S-none",
			Fault: fault}); err != nil {
			t.Fatal(err)
		}
		if n, signed, err := c.call(t, "/pay/queryOrder", number); !check(n, signed, err) {
			t.Errorf("%s: %v, signed %t, %v", fault, n, signed, err)
		}
	}
}

func TestShengpayRSA2(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	c := newShengClient(t, s)
	c.signType = "RSA2"
	in := newInbox(t, func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "SUCCESS") })
	order := shengOrder("alipay_qr", "100", in.URL)
	pay(t, s, c.must(t, "/pay/unifiedorderOffline", order, "")["payInfo"], "alipay")
	in.wait(t, 1)
	if told := c.notice(t, in, 0); told["signType"] != "RSA2" || told["status"] != "PAY_SUCCESS" {
		t.Errorf("the notification: %v", told)
	}
}

func TestShengpaySpoilsNotifications(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	c := newShengClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "SUCCESS") })
	seen := 0
	for fault, check := range map[Fault]func(told map[string]string) bool{
		Forged:        func(told map[string]string) bool { return !c.verifies(told) },
		ProbeNotice:   func(told map[string]string) bool { return !c.verifies(told) },
		WrongAmount:   func(told map[string]string) bool { return c.verifies(told) && told["totalFee"] == "101" },
		WrongMerchant: func(told map[string]string) bool { return c.verifies(told) && told["mchId"] != c.c.MchID },
		UnknownFields: func(told map[string]string) bool { return c.verifies(told) && told["fieldOfTomorrow"] != "" },
		Stale:         func(told map[string]string) bool { return c.verifies(told) },
	} {
		order := shengOrder("wx_native", "100", in.URL)
		if err := s.faults.add(Script{Fault: fault, OutTradeNo: order["outTradeNo"], Operation: "pay"}); err != nil {
			t.Fatal(err)
		}
		pay(t, s, c.must(t, "/pay/unifiedorderOffline", order, "")["payInfo"], "wechat")
		in.wait(t, 1)
		_, body := in.message(seen)
		if told := flat(t, body); !check(told) {
			t.Errorf("%s: %v", fault, told)
		}
		if fault == UnknownFields && !bytes.Contains(body, []byte(`"totalFee":100`)) {
			t.Errorf("no number in %s", body)
		}
		seen++
	}
}

// Ten deliveries in all are documented; the pauses grow.
func TestShengpaySchedule(t *testing.T) {
	pauses := shengpaySchedule()
	if len(pauses) != 9 || !sort.SliceIsSorted(pauses, func(i, j int) bool { return pauses[i] < pauses[j] }) ||
		pauses[8] > 24*time.Hour {
		t.Errorf("the pauses are %v", pauses)
	}
}
