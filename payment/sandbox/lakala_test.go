package sandbox

import (
	"bytes"
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
	"regexp"
	"strings"
	"testing"
	"time"
)

// lklClient speaks laop v3 as its public rules describe it, written here on its own as a second opinion.
type lklClient struct {
	c      LakalaCredentials
	key    *rsa.PrivateKey
	public *rsa.PublicKey
}

func newLklClient(t *testing.T, s *Sandbox) lklClient {
	t.Helper()
	c := s.Credentials().Lakala
	block, _ := pem.Decode([]byte(c.PrivateKeyPEM))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	block, _ = pem.Decode([]byte(c.PlatformCertPEM))
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return lklClient{c, key.(*rsa.PrivateKey), cert.PublicKey.(*rsa.PublicKey)}
}

func (l lklClient) verifies(text, signature string) bool {
	raw, err := base64.StdEncoding.DecodeString(signature)
	digest := sha256.Sum256([]byte(text))
	return err == nil && rsa.VerifyPKCS1v15(l.public, crypto.SHA256, digest[:], raw) == nil
}

// post sends req_data to an endpoint and returns the raw answer and whether its signature verifies.
func (l lklClient) post(path string, data map[string]any, at time.Time) (raw []byte, signed bool, err error) {
	all := map[string]any{"merchant_no": l.c.MerchantNo, "term_no": l.c.TermNo}
	for k, v := range data {
		all[k] = v
	}
	body, _ := json.Marshal(map[string]any{"req_time": at.Format("20060102150405"), "version": "3.0",
		"out_org_code": l.c.Appid, "req_data": all})
	seconds, nonce := fmt.Sprint(at.Unix()), "abcDEF012345"
	digest := sha256.Sum256([]byte(l.c.Appid + "\n" + l.c.SerialNo + "\n" + seconds + "\n" + nonce + "\n" +
		string(body) + "\n"))
	signature, _ := rsa.SignPKCS1v15(rand.Reader, l.key, crypto.SHA256, digest[:])
	req, _ := http.NewRequest("POST", l.c.BaseURL+path, bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization",
		fmt.Sprintf(`LKLAPI-SHA256withRSA appid="%s",serial_no="%s",timestamp="%s",nonce_str="%s",signature="%s"`,
			l.c.Appid, l.c.SerialNo, seconds, nonce, base64.StdEncoding.EncodeToString(signature)))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, false, err
	}
	defer resp.Body.Close()
	if raw, err = io.ReadAll(resp.Body); err != nil {
		return raw, false, err
	}
	h := resp.Header
	text := strings.Join([]string{h.Get("Lklapi-Appid"), h.Get("Lklapi-Serial"), h.Get("Lklapi-Timestamp"),
		h.Get("Lklapi-Nonce"), string(raw), ""}, "\n")
	return raw, l.verifies(text, h.Get("Lklapi-Signature")), nil
}

// must posts, wants a signed answer with a code, and returns resp_data with every value as a text.
func (l lklClient) must(t *testing.T, path, want string, data map[string]any) map[string]any {
	t.Helper()
	raw, signed, err := l.post(path, data, time.Now())
	var reply struct {
		Code     string         `json:"code"`
		Msg      string         `json:"msg"`
		RespTime string         `json:"resp_time"`
		RespData map[string]any `json:"resp_data"`
	}
	if err != nil || !signed || json.Unmarshal(raw, &reply) != nil || reply.Code != want || len(reply.RespTime) != 14 {
		t.Fatalf("%s: %s, signed %t, %v; want %s", path, raw, signed, err, want)
	}
	return reply.RespData
}

// The endpoints.
const (
	preorder      = "/api/v3/labs/trans/preorder"
	micropay      = "/api/v3/labs/trans/micropay"
	tradequery    = "/api/v3/labs/query/tradequery"
	scanClose     = "/api/v3/labs/relation/close"
	scanRevoke    = "/api/v3/labs/relation/revoked"
	scanRefund    = "/api/v3/labs/relation/refund"
	anyRefund     = "/api/v3/lams/trade/trade_refund"
	anyRefunds    = "/api/v3/lams/trade/trade_refund_query"
	counterCreate = "/api/v3/ccss/counter/order/special_create"
	counterQuery  = "/api/v3/ccss/counter/order/query"
	counterClose  = "/api/v3/ccss/counter/order/close"
)

// scanOrder is what preorder and micropay have in common.
func scanOrder(number, amount string, more map[string]any) map[string]any {
	v := map[string]any{"out_trade_no": number, "total_amount": amount, "subject": "物业费",
		"location_info": map[string]string{"request_ip": "127.0.0.1"}}
	for k, value := range more {
		v[k] = value
	}
	return v
}

// origin names a payment by our number, for close, revoke and refund.
func origin(number string, more map[string]any) map[string]any {
	v := map[string]any{"origin_out_trade_no": number, "location_info": map[string]string{"request_ip": "127.0.0.1"}}
	for k, value := range more {
		v[k] = value
	}
	return v
}

// lklInbox is a merchant's endpoint that accepts at the n-th delivery.
func lklInbox(t *testing.T, accepts int) *inbox {
	return newInbox(t, func(w http.ResponseWriter, n int) {
		io.WriteString(w, map[bool]string{true: `{"code":"SUCCESS","message":"执行成功"}`,
			false: `{"code":"FAIL"}`}[n >= accepts])
	})
}

var lklNotice = regexp.MustCompile(`^LKLAPI-SHA256withRSA timestamp="([0-9]+)",nonce_str="([0-9A-Za-z]{12})",` +
	`signature="([^"]+)"$`)

// notice verifies a delivery over its three lines and decodes it.
func (l lklClient) notice(t *testing.T, in *inbox, i int) map[string]any {
	t.Helper()
	r, body := in.message(i)
	p := lklNotice.FindStringSubmatch(r.Header.Get("Authorization"))
	if p == nil || !l.verifies(p[1]+"\n"+p[2]+"\n"+string(body)+"\n", p[3]) {
		t.Fatalf("delivery %d does not verify: %s %s", i, r.Header.Get("Authorization"), body)
	}
	var v map[string]any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// wants compares some fields.
func wants(t *testing.T, got map[string]any, want map[string]string) {
	t.Helper()
	for k, v := range want {
		if fmt.Sprint(got[k]) != v {
			t.Errorf("%s is %v, want %s, in %v", k, got[k], v, got)
		}
	}
}

func TestLakalaScanIsPaidQueriedAndTold(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	l, in := newLklClient(t, s), lklInbox(t, 3)
	for account, wallet := range map[string]string{"ALIPAY": "alipay", "UQRCODEPAY": "unionpay"} {
		number := "T" + randomHex(8)
		made := l.must(t, preorder, "BBS00000",
			scanOrder(number, "12345", map[string]any{"account_type": account, "trans_type": "41",
				"notify_url": in.URL}))
		code := made["acc_resp_fields"].(map[string]any)["code"].(string)
		tradeNo := made["trade_no"].(string)
		if !strings.HasPrefix(code, "https://qr.") || !strings.HasSuffix(tradeNo, made["log_no"].(string)) ||
			!strings.HasPrefix(made["log_no"].(string), "66") {
			t.Fatalf("preorder: %v", made)
		}
		wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": number}),
			map[string]string{"trade_state": "CREATE", "total_amount": "12345"})
		if status := call(t, s, "POST", "/scan", map[string]string{"content": code, "wallet": "wechat"},
			nil); status != 400 {
			t.Errorf("WeChat scanned a QR of %s: %d", account, status)
		}
		seen := len(in.bodies)
		if p := pay(t, s, code, wallet); p.AmountFen != 12345 || string(p.Wallet) != wallet ||
			p.Institution != "lakala" {
			t.Errorf("the wallet showed %+v", p)
		}
		wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"trade_no": tradeNo}), map[string]string{
			"trade_state": "SUCCESS", "payer_amount": "12345", "account_type": account, "out_trade_no": number,
			"trade_no": tradeNo, "trade_main_type": "PREORDER"})
		l.must(t, scanClose, lakalaPaid, origin(number, nil))
		in.wait(t, map[bool]int{true: 3, false: 1}[seen == 0])
		wants(t, l.notice(t, in, seen), map[string]string{"trade_status": "SUCCESS", "out_trade_no": number,
			"total_amount": "12345", "merchant_no": l.c.MerchantNo})
	}
	lines := s.bank.ledger.all()
	if len(lines) != 2 || lines[0].Institution != "lakala" || lines[0].Wallet == lines[1].Wallet ||
		lines[0].TakenFen != 12345 {
		t.Errorf("the ledger holds %+v", lines)
	}
}

func TestLakalaClosesWhatIsNotPaid(t *testing.T) {
	s := start(t, Config{})
	l, number := newLklClient(t, s), "T"+randomHex(8)
	l.must(t, tradequery, "BBS11114", map[string]any{"out_trade_no": number})
	l.must(t, scanClose, "BBS11114", origin(number, nil))
	order := scanOrder(number, "1", map[string]any{"account_type": "ALIPAY", "trans_type": "41"})
	code := l.must(t, preorder, "BBS00000", order)["acc_resp_fields"].(map[string]any)["code"].(string)
	if again := l.must(t, preorder, "BBS00000", order)["acc_resp_fields"].(map[string]any)["code"]; again != code {
		t.Errorf("the same order a second time has another QR: %v", again)
	}
	order["total_amount"] = "2"
	l.must(t, preorder, lakalaNumberUsed, order)
	order["total_amount"] = "1"
	for range 2 {
		wants(t, l.must(t, scanClose, "BBS00000", origin(number, nil)),
			map[string]string{"origin_out_trade_no": number})
	}
	wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": number}),
		map[string]string{"trade_state": "CLOSE"})
	l.must(t, preorder, lakalaClosed, order)
	if status := call(t, s, "POST", "/scan", map[string]string{"content": code, "wallet": "alipay"},
		nil); status != 400 {
		t.Errorf("a closed order was scanned: %d", status)
	}
}

// A page that got its parameters through Lakala is believed by the WeChat app, and one that changed them is not.
func TestLakalaInTheWechatApp(t *testing.T) {
	s := start(t, Config{})
	l := newLklClient(t, s)
	order := scanOrder("T"+randomHex(8), "7", map[string]any{"account_type": "WECHAT", "trans_type": "51",
		"acc_busi_fields": map[string]string{"sub_appid": l.c.WechatAppid, "user_id": "oABCDEFGHIJKLMNOPQRSTUVWXYZ01"}})
	p := l.must(t, preorder, "BBS00000", order)["acc_resp_fields"].(map[string]any)
	wants(t, p, map[string]string{"package": fmt.Sprintf("prepay_id=%v", p["prepay_id"]), "app_id": l.c.WechatAppid,
		"sign_type": "RSA"})
	nonce := fmt.Sprint(p["nonce_str"])
	page := newInbox(t, func(w http.ResponseWriter, _ int) {
		fmt.Fprintf(w, `<script id="wcpay" type="application/json">{"appId":%q,"timeStamp":%q,"nonceStr":%q,`+
			`"package":%q,"signType":%q,"paySign":%q}</script>`,
			p["app_id"], p["time_stamp"], nonce, p["package"], p["sign_type"], p["pay_sign"])
	})
	pay(t, s, page.URL, "wechat")
	nonce = "another"
	if status := call(t, s, "POST", "/scan", map[string]string{"content": page.URL, "wallet": "wechat"},
		nil); status != 400 {
		t.Errorf("changed parameters were believed: %d", status)
	}
	order["trans_type"] = "41"
	l.must(t, preorder, lakalaParam, order)
	order["trans_type"], order["acc_busi_fields"] = "51",
		map[string]string{"sub_appid": "wx0000000000000000", "user_id": "o1"}
	l.must(t, preorder, "BBS16111", order)
}

func TestLakalaPaymentCodes(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	l, in := newLklClient(t, s), lklInbox(t, 1)
	for _, wallet := range []string{"wechat", "alipay", "unionpay"} {
		code, number := show(t, s, map[string]any{"wallet": wallet}), "T"+randomHex(8)
		order := scanOrder(number, "100", map[string]any{"auth_code": code, "notify_url": in.URL})
		paid := l.must(t, micropay, "BBS00000", order)
		wants(t, paid,
			map[string]string{"payer_amount": "100",
				"account_type": map[string]string{"wechat": "WECHAT", "alipay": "ALIPAY",
					"unionpay": "UQRCODEPAY"}[wallet]})
		wants(t, paid, map[string]string{"need_query": "0"})
		if payer := paid["acc_resp_fields"].(map[string]any)[map[bool]string{true: "open_id",
			false: "user_id"}[wallet == "wechat"]]; wallet != "unionpay" && payer == "" {
			t.Errorf("%s: acc_resp_fields is %v", wallet, paid["acc_resp_fields"])
		}
		l.must(t, micropay, lakalaPaid, order)
		order["out_trade_no"] = "T" + randomHex(8)
		l.must(t, micropay, lakalaCodeSpent, order)
		for range 2 {
			own := "R" + randomHex(8)
			l.must(t, scanRevoke, "BBS00000", origin(number, map[string]any{"out_trade_no": own}))
			wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": own}), map[string]string{
				"trade_main_type": "CANCEL", "trade_state": "SUCCESS", "out_trade_no": own, "total_amount": "100"})
		}
		wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": number}),
			map[string]string{"trade_state": "REFUND", "trade_main_type": "MICROPAY"})
	}
	if deliveries := s.sender.list(); len(deliveries) != 0 {
		t.Errorf("charges that were answered at once are notified: %+v", deliveries)
	}
	number := "T" + randomHex(8)
	asked := l.must(t, micropay, "BBS10000", scanOrder(number, "100", map[string]any{
		"auth_code": show(t, s, map[string]any{"wallet": "alipay", "ask_password": true}), "notify_url": in.URL}))
	wants(t, asked, map[string]string{"out_trade_no": number, "need_query": "1"})
	wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": number}),
		map[string]string{"trade_state": "DEAL"})
	var waiting []Payment
	call(t, s, "GET", "/payments?waiting=1", nil, &waiting)
	call(t, s, "POST", "/payments/"+waiting[0].ID+"/confirm", nil, nil)
	wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": number}),
		map[string]string{"trade_state": "SUCCESS", "user_id1": "san***@example.com"})
	in.wait(t, 1)
	wants(t, l.notice(t, in, 0), map[string]string{"trade_status": "SUCCESS", "out_trade_no": number,
		"acc_discount_amount": ""})
	number = "T" + randomHex(8)
	l.must(t, micropay, lakalaBalanceLow,
		scanOrder(number, "100",
			map[string]any{"auth_code": show(t, s, map[string]any{"wallet": "unionpay", "balance_fen": 99})}))
	wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": number}),
		map[string]string{"trade_state": "FAIL"})
	l.must(t, micropay, lakalaCodeExpired,
		scanOrder("T"+randomHex(8), "100",
			map[string]any{"auth_code": show(t, s, map[string]any{"wallet": "wechat", "valid_seconds": 0})}))
	l.must(t, micropay, lakalaCodeInvalid,
		scanOrder("T"+randomHex(8), "100", map[string]any{"auth_code": "621234567890123456"}))
	l.must(t, scanRevoke, "BBS11114", origin("none", map[string]any{"out_trade_no": "R1"}))
}

// paidScan is a preorder that was paid.
func (l lklClient) paidScan(t *testing.T, s *Sandbox, number, amount, notify string) map[string]any {
	t.Helper()
	made := l.must(t, preorder, "BBS00000",
		scanOrder(number, amount, map[string]any{"account_type": "ALIPAY", "trans_type": "41", "notify_url": notify}))
	pay(t, s, made["acc_resp_fields"].(map[string]any)["code"].(string), "alipay")
	return made
}

func TestLakalaRefundsOfScans(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	l, in, number := newLklClient(t, s), lklInbox(t, 1), "T"+randomHex(8)
	made := l.paidScan(t, s, number, "1000", in.URL)
	in.wait(t, 1)
	ask := origin("", map[string]any{"origin_trade_no": made["trade_no"], "origin_log_no": made["log_no"],
		"out_trade_no": "R1", "refund_amount": "400", "notify_url": in.URL})
	for range 2 { // a repeat is the same refund
		wants(t, l.must(t, scanRefund, "BBS00000", ask),
			map[string]string{"refund_amount": "400", "origin_out_trade_no": number, "out_trade_no": "R1"})
	}
	wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": "R1"}),
		map[string]string{"trade_main_type": "REFUND", "trade_state": "SUCCESS", "total_amount": "400"})
	wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": number}),
		map[string]string{"trade_state": "PART_REFUND"})
	ask["refund_amount"] = "401"
	l.must(t, scanRefund, lakalaNoRefund, ask)
	l.must(t, scanRefund, lakalaNoRefund, origin(number, map[string]any{"out_trade_no": "R2", "refund_amount": "601"}))
	l.must(t, scanRefund, lakalaNumberUsed,
		origin(number, map[string]any{"out_trade_no": number, "refund_amount": "1"}))
	if err := s.faults.add(Script{Fault: MerchantBalanceLow, OutTradeNo: number}); err != nil {
		t.Fatal(err)
	}
	rest := map[string]any{"out_trade_no": "R3", "refund_amount": "600", "origin_biz_type": "3",
		"origin_trade_date": made["trade_no"].(string)[:8], "origin_log_no": made["log_no"]}
	l.must(t, anyRefund, lakalaMerchantLow, rest)
	wants(t, l.must(t, anyRefund, "000000", rest),
		map[string]string{"refund_amount": "600", "origin_log_no": made["log_no"].(string)})
	wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": number}),
		map[string]string{"trade_state": "REFUND"})
	list := l.must(t, anyRefunds, "000000", map[string]any{"out_trade_no": "Q1", "origin_biz_type": "3",
		"origin_trade_date": rest["origin_trade_date"],
		"origin_trade_no":   made["trade_no"]})["refund_list"].([]any)
	if len(list) != 2 {
		t.Fatalf("refund_list: %v", list)
	}
	if deliveries := s.sender.list(); len(deliveries) != 1 {
		t.Errorf("labs tells of refunds, which nobody documents: %+v", deliveries)
	}
	wants(t, list[1].(map[string]any), map[string]string{"out_trade_no": "R3", "trade_state": "SUCCESS",
		"refund_amount": "600", "account_type": "ALIPAY"})
}

func TestLakalaRefundsThatWait(t *testing.T) {
	s := start(t, Config{})
	l, number := newLklClient(t, s), "T"+randomHex(8)
	l.paidScan(t, s, number, "1000", "")
	for i, fault := range []Fault{RefundSlow, RefundClosed} {
		if err := s.faults.add(Script{Institution: "lakala", Fault: fault}); err != nil {
			t.Fatal(err)
		}
		out := fmt.Sprintf("R%d", i)
		l.must(t, scanRefund, "BBS11112", origin(number, map[string]any{"out_trade_no": out, "refund_amount": "500"}))
	}
	r, _ := s.bank.refundAsked(refund{Institution: "lakala", Merchant: l.c.MerchantNo, OutRefundNo: "R0"})
	wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": "R0"}),
		map[string]string{"trade_state": "DEAL"})
	call(t, s, "POST", "/refunds/"+r.ID+"/settle", nil, nil)
	wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": "R0"}),
		map[string]string{"trade_state": "SUCCESS"})
	if status := call(t, s, "POST", "/refunds/"+r.ID+"/settle", map[string]string{"state": "abnormal"},
		nil); status != 400 {
		t.Errorf("a refund here became abnormal: %d", status)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": "R1"})["trade_state"] == "FAIL" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the refund does not end")
		}
	}
	wants(t, l.must(t, tradequery, "BBS00000", map[string]any{"out_trade_no": number}),
		map[string]string{"trade_state": "PART_REFUND"})
}

func TestLakalaBelievesNobodyElse(t *testing.T) {
	s := start(t, Config{})
	l := newLklClient(t, s)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, c lklClient, data map[string]any, at time.Time) {
		raw, signed, err := c.post(tradequery, data, at)
		if err != nil || !signed || bytes.Contains(raw, []byte("BBS11114")) {
			t.Errorf("%s: %s, signed %t, %v", what, raw, signed, err)
		}
	}
	forged, serial := l, l
	forged.key, serial.c.SerialNo = other, "00"
	check("another key", forged, map[string]any{"out_trade_no": "T1"}, time.Now())
	check("another serial number", serial, map[string]any{"out_trade_no": "T1"}, time.Now())
	check("an old request", l, map[string]any{"out_trade_no": "T1"}, time.Now().Add(-6*time.Minute))
	check("another merchant", l, map[string]any{"out_trade_no": "T1", "merchant_no": "822000000000000"}, time.Now())
	order := scanOrder("T1", "1", map[string]any{"account_type": "ALIPAY", "trans_type": "41"})
	for field, bad := range map[string]any{"total_amount": 1, "term_no": "0", "location_info": nil,
		"account_type": "CASH", "notify_url": "http://192.168.0.1/", "out_trade_no": strings.Repeat("1", 33)} {
		spoilt := map[string]any{}
		for k, v := range order {
			spoilt[k] = v
		}
		spoilt[field] = bad
		l.must(t, preorder, lakalaParam, spoilt)
	}
}

func TestLakalaFaultsOfAnswers(t *testing.T) {
	s := start(t, Config{})
	l := newLklClient(t, s)
	for fault, check := range map[Fault]func(raw []byte, signed bool, err error) bool{
		UnsignedError: func(raw []byte, signed bool, _ error) bool {
			return !signed && bytes.Contains(raw, []byte("BBS11114"))
		},
		BadSignature:        func(_ []byte, signed bool, err error) bool { return err == nil && !signed },
		ProbeSignature:      func(_ []byte, signed bool, err error) bool { return err == nil && !signed },
		TimeoutAfterSuccess: func(_ []byte, _ bool, err error) bool { return err != nil },
		TimeoutBeforeEffect: func(_ []byte, _ bool, err error) bool { return err != nil },
		Garbage: func(raw []byte, signed bool, _ error) bool {
			return !signed && bytes.HasPrefix(raw, []byte("<html>"))
		},
		OversizedBody: func(raw []byte, _ bool, _ error) bool { return len(raw) > 32<<20 },
		UnknownFields: func(raw []byte, signed bool, _ error) bool {
			return signed && bytes.Contains(raw, []byte("field_of_tomorrow"))
		},
	} {
		if err := s.faults.add(Script{Institution: "lakala", Fault: fault, Operation: "query"}); err != nil {
			t.Fatal(err)
		}
		if raw, signed, err := l.post(tradequery, map[string]any{"out_trade_no": "T1"}, time.Now()); !check(raw, signed,
			err) {
			t.Errorf("%s: %.200s, signed %t, %v", fault, raw, signed, err)
		}
	}
}

func TestLakalaFaultsOfNotifications(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	l, in := newLklClient(t, s), lklInbox(t, 1)
	for i, fault := range []Fault{Forged, Stale, WrongAmount, WrongMerchant, UnknownFields} {
		number := "T" + randomHex(8)
		if err := s.faults.add(Script{Fault: fault, OutTradeNo: number, Operation: "pay"}); err != nil {
			t.Fatal(err)
		}
		l.paidScan(t, s, number, "100", in.URL)
		in.wait(t, 1)
		r, body := in.message(i)
		p := lklNotice.FindStringSubmatch(r.Header.Get("Authorization"))
		signed := l.verifies(p[1]+"\n"+p[2]+"\n"+string(body)+"\n", p[3])
		var seconds int64
		fmt.Sscan(p[1], &seconds)
		old := time.Since(time.Unix(seconds, 0)) > 9*time.Minute
		text := string(body)
		if signed == (fault == Forged) || old != (fault == Stale) ||
			strings.Contains(text, `"total_amount":"101"`) != (fault == WrongAmount) ||
			strings.Contains(text, l.c.MerchantNo+`","out_trade_no`) == (fault == WrongMerchant) ||
			strings.Contains(text, "field_of_tomorrow") != (fault == UnknownFields) {
			t.Errorf("%s: signed %t, old %t, %s", fault, signed, old, text)
		}
	}
}

// The figure is the institution's documentation of the counter.
func TestLakalaSchedule(t *testing.T) {
	var sum time.Duration
	for _, pause := range lakalaSchedule() {
		sum += pause
	}
	if sum != 4*time.Hour+3*time.Minute+21*time.Second || len(lakalaSchedule()) != 10 {
		t.Errorf("the schedule takes %v in %d tries", sum, len(lakalaSchedule()))
	}
}

func TestLakalaLatePayment(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	l, in, number := newLklClient(t, s), lklInbox(t, 1), "T"+randomHex(8)
	made := l.must(t, preorder, "BBS00000",
		scanOrder(number, "100", map[string]any{"account_type": "ALIPAY", "trans_type": "41", "notify_url": in.URL}))
	var p Payment
	call(t, s, "POST", "/scan", map[string]any{"content": made["acc_resp_fields"].(map[string]any)["code"],
		"wallet": "alipay"}, &p)
	l.must(t, scanClose, "BBS00000", origin(number, nil))
	if status := call(t, s, "POST", "/payments/"+p.ID+"/confirm", nil, nil); status != http.StatusConflict {
		t.Errorf("a closed order was paid: %d", status)
	}
	if err := s.faults.add(Script{Fault: PaidAfterClose, OutTradeNo: number}); err != nil {
		t.Fatal(err)
	}
	if status := call(t, s, "POST", "/payments/"+p.ID+"/confirm", nil, nil); status != 200 {
		t.Errorf("the late payment was refused: %d", status)
	}
	in.wait(t, 1)
	wants(t, l.notice(t, in, 0), map[string]string{"trade_status": "SUCCESS", "out_trade_no": number})
}

func FuzzLakalaAuthorization(f *testing.F) {
	f.Add(`LKLAPI-SHA256withRSA appid="OP1",serial_no="1",timestamp="1",nonce_str="abcdefghijkl",signature="x"`)
	f.Add(`LKLAPI-SHA256withRSA timestamp="1",nonce_str="abcdefghijkl",signature="x"`)
	f.Add(`Basic x`)
	f.Fuzz(func(t *testing.T, header string) {
		if p, ok := lakalaAuthorization(header); ok &&
			(p["appid"] == "" || p["signature"] == "" || !strings.HasPrefix(header, "LKLAPI-SHA256withRSA ")) {
			t.Errorf("%q was taken as %v", header, p)
		}
	})
}

func FuzzLakalaAmount(f *testing.F) {
	for _, text := range []string{`"1"`, `12345`, `"0"`, `-1`, `"1.00"`, `null`, `""`, `"999999999999"`, `1e6`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var in struct {
			Amount lakalaAmount `json:"amount"`
		}
		if json.Unmarshal([]byte(`{"amount":`+text+`}`), &in) == nil && in.Amount.fen != 0 &&
			strings.Trim(strings.TrimSpace(text), `"`) != fmt.Sprint(int64(in.Amount.fen)) {
			t.Errorf("%s was taken as %d", text, in.Amount.fen)
		}
	})
}
