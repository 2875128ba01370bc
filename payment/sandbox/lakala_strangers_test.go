package sandbox

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// stranger writes requests as somebody else's client does.
type stranger struct {
	nonce       string
	header      string // of {appid}, {serial}, {time}, {nonce} and {signature}
	contentType string
}

// strangers are the institution's own clients and those of others, by what they send.
func strangers() map[string]stranger {
	const plain = `LKLAPI-SHA256withRSA appid="{appid}",serial_no="{serial}",timestamp="{time}",nonce_str="{nonce}",` +
		`signature="{signature}"`
	return map[string]stranger{
		"the institution's Java client": {
			"0aZ9bY8cX7dW6eV5fU4gT3hS2iR1jQ0k",
			`LKLAPI-SHA256withRSA appid="{appid}",nonce_str="{nonce}",timestamp="{time}",serial_no="{serial}",` +
				`signature="{signature}"`, "application/json;charset=UTF-8",
		},
		"the institution's PHP client": {"aB3dE6gH9jK2", plain, "application/json"},
		"two clients in Go":            {"XVlBzgbaiCMR", plain, "application/json"},
		"a captured request":           {"~!@#%&*()_+-", plain, "application/json"},
	}
}

// ask sends a body and returns the code and the data of the answer, which must be signed.
func (c stranger) ask(t *testing.T, l lklClient, path, body string) (code string, data map[string]any) {
	t.Helper()
	seconds := fmt.Sprint(time.Now().Unix())
	digest := sha256.Sum256([]byte(l.c.Appid + "\n" + l.c.SerialNo + "\n" + seconds + "\n" + c.nonce + "\n" + body +
		"\n"))
	signature, err := rsa.SignPKCS1v15(rand.Reader, l.key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, l.c.BaseURL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", c.contentType)
	req.Header.Set("Authorization", strings.NewReplacer("{appid}", l.c.Appid, "{serial}", l.c.SerialNo, "{time}",
		seconds, "{nonce}", c.nonce,
		"{signature}", base64.StdEncoding.EncodeToString(signature)).Replace(c.header))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	h := resp.Header
	signed := strings.Join([]string{h.Get("Lklapi-Appid"), h.Get("Lklapi-Serial"), h.Get("Lklapi-Timestamp"),
		h.Get("Lklapi-Nonce"), string(raw), ""}, "\n")
	var answer struct {
		Code     string         `json:"code"`
		RespData map[string]any `json:"resp_data"`
	}
	if err != nil || !l.verifies(signed, h.Get("Lklapi-Signature")) || json.Unmarshal(raw, &answer) != nil {
		t.Fatalf("%s: %s %v", path, raw, err)
	}
	if h.Get("Lklapi-Traceid") == "" || strings.HasPrefix(h.Get("Lklapi-Serial"), "0") ||
		h.Get("Lklapi-Serial") != strings.ToLower(h.Get("Lklapi-Serial")) {
		t.Errorf("the headers are not those of a genuine answer: %v", h)
	}
	return answer.Code, answer.RespData
}

// The bodies are as the clients write them: the order of the members, amounts as texts or numbers, members that are
// null, escapes, and either version at the counter.
func TestLakalaTakesWhatStrangersSend(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	l := newLklClient(t, s)
	now := time.Now().In(time.FixedZone("", 8*3600))
	fill := func(body string) string {
		return strings.NewReplacer("{now}", now.Format("20060102150405"), "{later}",
			now.Add(time.Hour).Format("20060102150405"), "{merchant}", l.c.MerchantNo,
			"{term}", l.c.TermNo, "{appid}", l.c.Appid, "{number}", "S"+randomHex(8), "{code}",
			show(t, s, map[string]any{"wallet": "alipay"})).Replace(body)
	}
	for name, c := range map[string]struct{ path, body, want string }{
		"preorder of the Java client": {preorder,
			`{"req_data":{"merchant_no":"{merchant}","term_no":"{term}","out_trade_no":"{number}",` +
				`"account_type":"ALIPAY",` +
				`"trans_type":"41","total_amount":"1","location_info":{"request_ip":"10.176.1.192",` +
				`"location":"+37.123456789,-121.123456789"},"busi_mode":"ACQ",` +
				`"subject":"交易测试","pay_order_no":null,"notify_url":"https://example.com/notify","settle_type":"0",` +
				`"remark":null,"acc_busi_fields":null},` +
				`"version":"3.0","req_time":"{now}"}`, lakalaDone},
		"preorder of the PHP client": {preorder,
			`{"req_time":"{now}","version":"3.0","out_org_code":"{appid}","req_data":{"merchant_no":"{merchant}",` +
				`"term_no":"{term}",` +
				`"out_trade_no":"{number}","account_type":"UQRCODEPAY","trans_type":"41","total_amount":"123",` +
				`"location_info":{"request_ip":"127.0.0.1"},` +
				`"subject":"\u7269\u4e1a\u8d39","notify_url":"https:\/\/example.com\/notify",` +
				`"acc_busi_fields":{"timeout_express":"15"}}}`, lakalaDone},
		"micropay of the Java client": {micropay,
			`{"req_data":{"merchant_no":"{merchant}","term_no":"{term}","out_trade_no":"{number}",` +
				`"auth_code":"{code}","total_amount":"1",` +
				`"location_info":{"request_ip":"10.176.1.192"},"busi_mode":"ACQ","subject":"测试",` +
				`"scan_type":"0"},"version":"3.0","req_time":"{now}"}`, lakalaDone},
		"a counter order in Go": {counterCreate,
			`{"req_time":"{now}","version":"3.0","req_data":{"out_order_no":"{number}","merchant_no":"{merchant}",` +
				`"vpos_id":"587305941625155584",` +
				`"channel_id":"15","total_amount":200,"order_efficient_time":"{later}",` +
				`"notify_url":"https://example.com/n","support_cancel":0,"support_refund":1,` +
				`"support_repeat_pay":1,"order_info":"测试订单","counter_param":"{\"pay_mode\":\"ALIPAY\"}"}}`,
			lakalaCounterOK},
		"a counter order of version 1.0, all texts": {counterCreate,
			`{"req_time":"{now}","version":"1.0","req_data":{"merchant_no":"{merchant}","out_order_no":"{number}",` +
				`"total_amount":"200","order_efficient_time":"{later}","support_cancel":"0","support_refund":"1",` +
				`"support_repeat_pay":"1","order_info":"测试"}}`, lakalaCounterOK},
		"the counter's sample": {counterCreate,
			`{"req_time":"{now}","version":"3.0","req_data":{"out_order_no":"{number}","merchant_no":"{merchant}",` +
				`"total_amount":"200",` +
				`"order_efficient_time":"{later}","order_info":"订单","counter_param":"{\"pay_mode\":\"ALIPAY\"}",` +
				`"busi_type_param":` +
				`"[{\"busi_type\":\"UPCARD\",\"params\":{\"crd_flg\":\"CRDFLG_D|CRDFLG_C|CRDFLG_OTH\"}},` +
				`{\"busi_type\":\"SCPAY\",\"params\":{\"pay_mode\":\"WECHAT\",\"crd_flg\":\"CRDFLG_D\"}}]"}}`,
			lakalaCounterOK},
		"the older path of the counter": {"/api/v3/ccss/counter/order/create",
			`{"req_time":"{now}","version":"3.0","req_data":{"out_order_no":"{number}",` +
				`"merchant_no":"{merchant}","total_amount":1,"order_efficient_time":"{later}","order_info":"订单"}}`,
			lakalaCounterOK},
		"scans know no version 1.0": {preorder,
			`{"req_time":"{now}","version":"1.0","req_data":{"merchant_no":"{merchant}","term_no":"{term}"}}`,
			lakalaParam},
	} {
		for who, client := range strangers() {
			code, data := client.ask(t, l, c.path, fill(c.body))
			if code != c.want {
				t.Errorf("%s, sent by %s: %s %v; want %s", name, who, code, data, c.want)
			}
			if amount, ok := data["total_amount"]; c.path == counterCreate && ok {
				if _, text := amount.(string); !text {
					t.Errorf("%s: total_amount is %v, which is no text", name, amount)
				}
			}
		}
	}
}

// What the wallets do not take of a text is refused here already.
func TestLakalaRefusesTexts(t *testing.T) {
	s := start(t, Config{})
	l := newLklClient(t, s)
	for subject, want := range map[string]string{
		strings.Repeat("费", 42): lakalaDone, strings.Repeat("费", 43): lakalaParam, "水费 1/2": lakalaParam,
		"a=b": lakalaParam, "a&b": lakalaParam, "物业费🏠": lakalaParam,
		"物业\x00费": lakalaParam, "": lakalaDone,
	} {
		order := scanOrder("T"+randomHex(8), "1", map[string]any{"account_type": "ALIPAY", "trans_type": "41",
			"subject": subject})
		l.must(t, preorder, want, order)
		order = scanOrder("T"+randomHex(8), "1", map[string]any{"auth_code": show(t, s,
			map[string]any{"wallet": "alipay"}), "subject": subject})
		l.must(t, micropay, want, order)
	}
	wechat := scanOrder("T"+randomHex(8), "1", map[string]any{"auth_code": show(t, s,
		map[string]any{"wallet": "wechat"}), "subject": ""})
	l.must(t, micropay, lakalaParam, wechat) // 微信支付必送
	for info, want := range map[string]string{strings.Repeat("费", 64): lakalaCounterOK,
		strings.Repeat("费", 65): lakalaParam, "费🏠": lakalaParam, "1/2": lakalaCounterOK} {
		l.must(t, counterCreate, want, counterOrder("C"+randomHex(8), 1, map[string]any{"order_info": info}))
	}
}

// An order for WeChat does not end with its prepay_id: it is open until it is closed.
func TestLakalaClosesWeChatsOrdersByCallAlone(t *testing.T) {
	var later time.Duration
	s := start(t, Config{Now: func() time.Time { return time.Now().Add(later) }})
	l := newLklClient(t, s)
	for account, state := range map[string]string{"WECHAT": "CREATE", "ALIPAY": "CLOSE"} {
		later = 0
		number := "T" + randomHex(8)
		order := scanOrder(number, "1", map[string]any{"account_type": account,
			"trans_type": map[string]string{"WECHAT": "51", "ALIPAY": "41"}[account],
			"acc_busi_fields": map[string]string{"sub_appid": l.c.WechatAppid,
				"user_id": "oABCDEFGHIJKLMNOPQRSTUVWXYZ01", "timeout_express": "3"}})
		l.must(t, preorder, lakalaDone, order)
		later = 4 * time.Minute
		wants(t, l.at(t, s, tradequery, map[string]any{"out_trade_no": number}),
			map[string]string{"trade_state": state})
		l.at(t, s, scanClose, origin(number, nil))
		wants(t, l.at(t, s, tradequery, map[string]any{"out_trade_no": number}),
			map[string]string{"trade_state": "CLOSE"})
	}
}

// at asks by the sandbox's own clock, for a success of labs.
func (l lklClient) at(t *testing.T, s *Sandbox, path string, data map[string]any) map[string]any {
	t.Helper()
	raw, signed, err := l.post(path, data, s.cfg.Now())
	var reply struct {
		Code     string         `json:"code"`
		RespData map[string]any `json:"resp_data"`
	}
	if err != nil || !signed || json.Unmarshal(raw, &reply) != nil || reply.Code != lakalaDone {
		t.Fatalf("%s: %s, %v", path, bytes.TrimSpace(raw), err)
	}
	return reply.RespData
}

func TestLakalaRefundFront(t *testing.T) {
	const refundFront, queryFront = "/api/v3/rfd/refund_front/refund", "/api/v3/rfd/refund_front/refund_query"
	s := start(t, Config{Second: time.Microsecond})
	l, in, number := newLklClient(t, s), lklInbox(t, 1), "T"+randomHex(8)
	made := l.paidScan(t, s, number, "1000", "")
	ask := origin("", map[string]any{"origin_trade_no": made["trade_no"], "out_trade_no": "R1",
		"refund_amount": "400", "notify_url": in.URL, "refund_acc_mode": "00"})
	wants(t, l.must(t, refundFront, "000000", ask), map[string]string{
		"trade_state": "PROCESSING", "refund_amount": "400", "total_amount": "1000",
		"origin_trade_no": fmt.Sprint(made["trade_no"]), "origin_out_trade_no": "<nil>"})
	in.wait(t, 1)
	wants(t, l.notice(t, in, 0), map[string]string{"out_trade_no": "R1", "trade_state": "SUCCESS",
		"refund_amount": "400", "origin_out_trade_no": number})
	wants(t, l.must(t, queryFront, "000000", map[string]any{"out_trade_no": "R1"}), map[string]string{
		"trade_state": "SUCCESS", "refund_amount": "400", "origin_total_amount": "1000",
		"channel_ret_desc": "RFD00000#成功"})
	ask["refund_acc_mode"] = "07"
	l.must(t, refundFront, lakalaParam, ask)
	l.must(t, refundFront, lakalaNoRefund, origin(number, map[string]any{"out_trade_no": "R2", "refund_amount": "601"}))
	l.must(t, queryFront, lakalaAbsent, map[string]any{"out_trade_no": "R2"})
	l.must(t, scanRefund, "BBS00000", origin(number, map[string]any{"out_trade_no": "R3", "refund_amount": "1"}))
	l.must(t, queryFront, lakalaAbsent, map[string]any{"out_trade_no": "R3"}) // asked for elsewhere
}
