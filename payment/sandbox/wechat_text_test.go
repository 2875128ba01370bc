package sandbox

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"
)

// The institution counts bytes, as its error says: 字节数 145，大于最大值 127.
func TestWechatRefusesTextsByTheirBytes(t *testing.T) {
	s := start(t, Config{})
	o := officialClients(t, s)["public key"]
	svc := native.NativeApiService{Client: o.client}
	for _, c := range []struct{ description, attach, says string }{
		{strings.Repeat("费", 42), "", ""},
		{strings.Repeat("费", 42) + "a", strings.Repeat("费", 42) + "ab", ""},
		{strings.Repeat("费", 42) + "ab", "", "商品描述”字符串规则校验失败，字节数 128，大于最大值 127"},
		{strings.Repeat("é", 64), "", "字节数 128，大于最大值 127"},
		{"", "", "字节数 0，小于最小值 1"},
		{"水费😀", "", "不支持的字符 U+1F600"},
		{"水费\x00", "", "不支持的字符 U+0000"},
		{"水费", strings.Repeat("费", 43), "附加数据”字符串规则校验失败，字节数 129，大于最大值 128"},
	} {
		_, _, err := svc.Prepay(t.Context(), native.PrepayRequest{
			Appid: &o.c.Appid, Mchid: &o.c.Mchid, Description: &c.description, Attach: &c.attach,
			OutTradeNo: core.String("T" + randomHex(10)), NotifyUrl: core.String("https://pay.example.com/notify"),
			Amount: &native.Amount{Total: core.Int64(1)},
		})
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%q %q: got %v, want %q", c.description, c.attach, err, c.says)
		}
		if c.says != "" {
			wantCode(t, err, 400, "PARAM_ERROR")
		}
	}
}

func TestWechatRefusesTextsOfCodesAndRefunds(t *testing.T) {
	s := start(t, Config{})
	o := officialClients(t, s)["public key"]
	for name, spoil := range map[string]func(map[string]any){
		"description": func(body map[string]any) { body["description"] = strings.Repeat("费", 43) },
		"attach":      func(body map[string]any) { body["attach"] = strings.Repeat("费", 43) },
		"device_id": func(body map[string]any) {
			body["scene_info"].(map[string]any)["device_id"] = strings.Repeat("台", 11)
		},
		"out_id": func(body map[string]any) {
			body["scene_info"].(map[string]any)["store_info"] = map[string]string{"out_id": strings.Repeat("台", 11)}
		},
	} {
		body := o.codeOrder("T"+randomHex(10), show(t, s, map[string]any{"wallet": "wechat"}), 300)
		spoil(body)
		if _, _, err := o.charge(t, body); err == nil || !strings.Contains(err.Error(), "大于最大值") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	number := o.paidNative(t, s, 300)
	for reason, status := range map[string]int{
		strings.Repeat("多", 27): http.StatusBadRequest, strings.Repeat("多", 26) + "ab": http.StatusOK,
	} {
		body := map[string]any{
			"out_trade_no": number, "out_refund_no": "R" + randomHex(5), "reason": reason,
			"amount": map[string]any{"refund": 1, "total": 300, "currency": "CNY"},
		}
		_, err := o.client.Post(t.Context(), "https://api.mch.weixin.qq.com"+wechatRefunds, body)
		if status == http.StatusOK && err != nil {
			t.Errorf("%q: %v", reason, err)
		}
		if status != http.StatusOK {
			wantCode(t, err, status, "PARAM_ERROR")
		}
	}
}

// While the payer is asked, the answer may hold the state alone, and a reversal may be refused; then it is taken.
func TestWechatCodeIsAskedAloneAndReversedLater(t *testing.T) {
	s := start(t, Config{Second: time.Nanosecond})
	o := officialClients(t, s)["public key"]
	for _, f := range []Fault{UserPayingBare, ReverseUserPaying} {
		if err := s.faults.add(Script{Fault: f, Institution: "wechat"}); err != nil {
			t.Fatal(err)
		}
	}
	number := "T" + randomHex(10)
	status, tx, err := o.charge(t, o.codeOrder(number, show(t, s, map[string]any{"wallet": "wechat"}), 1))
	if err != nil || status != http.StatusAccepted || len(tx) != 1 || tx["trade_state"] != "USERPAYING" {
		t.Fatalf("%d %v, %v", status, tx, err)
	}
	wantCode(t, o.reverse(t, number), 403, "USERPAYING")
	o.checkTrade(t, number, "USERPAYING")
	if err := o.reverse(t, number); err != nil {
		t.Fatal(err)
	}
	o.checkTrade(t, number, "REVOKED")
}
