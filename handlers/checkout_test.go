package handlers

import (
	"strings"
	"testing"
)

const (
	phoneAgent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
		"Version/18.0 Mobile/15E148 Safari/604.1"
	pcAgent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
		"Chrome/138.0.0.0 Safari/537.36"
	wechatAgent = phoneAgent + " MicroMessenger/8.0.50 NetType/WIFI Language/zh_CN"
	alipayAgent = phoneAgent + " AliApp(AP/10.5.96) AlipayClient/10.5.96"
	unionAgent  = phoneAgent + " (com.unionpay.chsp) UnionPay/1.0 CloudPay"
)

// A phone goes on to the institution, a computer gets its QR; neither gets what is not offered, nor a QR that is not
// there.
func TestPayingInAnOrdinaryBrowser(t *testing.T) {
	f := serve(t)
	at, order := "/q/"+f.a.order.Token, f.a.order.ID
	pay := func(agent, wallet string) (int, string) {
		status, h, _ := f.ask("POST", at+"/pay", "", "wallet="+wallet, "Content-Type",
			"application/x-www-form-urlencoded", "User-Agent", agent)
		return status, h.Get("Location")
	}
	if status, h, _ := f.ask("GET", at+"/code", "", nil); status != 303 || h.Get("Location") != at {
		t.Errorf("a QR before the payer chose: %d %s", status, h.Get("Location"))
	}
	for _, wallet := range []string{"unionpay", "any", "card", ""} {
		if status, to := pay(phoneAgent, wallet); status != 422 || to != "" {
			t.Errorf("%q, which nobody takes: %d %s", wallet, status, to)
		}
	}
	if status, to := pay(phoneAgent, "wechat"); status != 303 || to != "https://institution.example/"+order+"01" {
		t.Errorf("a phone: %d %s", status, to)
	}
	_, _, page := f.ask("GET", at, "", nil, "User-Agent", pcAgent)
	if !strings.Contains(page, `value="wechat"`) || !strings.Contains(page, `value="alipay"`) ||
		strings.Contains(page, `value="unionpay"`) || strings.Contains(page, `value="any"`) {
		t.Errorf("a computer is offered %s", page)
	}
	status, _, page := f.ask("GET", at, "", nil, "User-Agent", unionAgent)
	if status != 422 || !strings.Contains(page, "请改用支付宝扫描同一个二维码") {
		t.Errorf("UnionPay's app, by which nobody takes money: %d %s", status, page)
	}
}
