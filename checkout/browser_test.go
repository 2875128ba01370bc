package checkout

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"linlipay/payment/gateway"
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

// What each browser offers, best first, of whatever institutions take.
func TestChoicesByBrowser(t *testing.T) {
	acquirer := "unionpay native, any native, alipay native"
	for _, c := range []struct{ agent, offered, want string }{
		{phoneAgent, "wechat native, wechat jsapi, wechat h5, alipay native, alipay wap, " + acquirer,
			"wechat h5, alipay wap, unionpay native, any native"},
		{phoneAgent, acquirer + ", wechat jsapi, wechat code, card swipe",
			"alipay native, unionpay native, any native"},
		{phoneAgent, "wechat native", "wechat native"},
		{phoneAgent, "wechat code, card swipe", ""},
		{pcAgent, "wechat native, wechat h5, alipay native, alipay wap, " + acquirer,
			"wechat native, alipay native, unionpay native, any native"},
		{pcAgent, "wechat h5, alipay wap", "alipay wap"},
		{wechatAgent, "wechat native, wechat jsapi, " + acquirer, "wechat jsapi, any native"},
		{wechatAgent, "wechat native, wechat h5", ""},
		{alipayAgent, "alipay wap, " + acquirer, "alipay wap, any native"},
		{unionAgent, "wechat h5, alipay wap, " + acquirer, "unionpay native, any native"},
		{unionAgent, "wechat h5, alipay wap, any native", "any native"},
	} {
		var offered []gateway.PaymentMethod
		for _, text := range strings.Split(c.offered, ", ") {
			wallet, method, _ := strings.Cut(text, " ")
			offered = append(offered,
				gateway.PaymentMethod{Wallet: gateway.Wallet(wallet), Method: gateway.Method(method)})
		}
		i := slices.IndexFunc(browsers, func(b browser) bool { return strings.Contains(c.agent, b.agent) })
		var got []string
		for _, w := range browsers[i].choices(offered) {
			got = append(got, fmt.Sprint(w.Wallet, " ", w.Method))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s\nof %s has %q, want %q", c.agent, c.offered, got, c.want)
		}
	}
}
