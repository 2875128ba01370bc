package lakala_test

import (
	"testing"
	"time"

	"linlipay/payment"
	"linlipay/payment/gatewaytest"
	"linlipay/payment/lakala"
	"linlipay/payment/sandbox"
)

func TestContract(t *testing.T) {
	bank := gatewaytest.OpenBank(t)
	second, err := bank.Merchant(1)
	if err != nil {
		t.Fatal(err)
	}
	gatewaytest.Run(t, gatewaytest.Subject{
		Gateway: lakala.New(nil, 30*time.Second, time.Now), Bank: bank,
		Account: merchantAt("first", bank.Credentials().Lakala), Other: merchantAt("second", second.Lakala),
		Codes: []string{
			"BBS10000", "BBS00001", "BBS00100", "BBS00101", "000100", "000101", "BBS11105", "BBS11112", "BPS10034", "BBS11000", "BBS11106", "BBS11200", "GW0004",
			"710032", "710033", "710034", "710035", "710036", "710037", "710038", "710039", "710046", "710047", "710048", "710049", "710050", "710051", "710052",
			"710053", "999999",
		},
		Failing: func(t *testing.T, code string, signed bool) (payment.Gateway, payment.Account) {
			replies := map[string]reply{}
			for _, path := range []string{preorder, micropay, tradequery, revoked, closeScan, refundScan, create, counter, closeOrder, refundCard, refundQuery} {
				replies[path] = reply{body: fail(code), unsigned: !signed}
			}
			return gateway(), script(t, replies).account
		},
		Unsupported: map[string]string{
			"a refund is notified": "a scan's refund is told by its answer and by a query; no notification of it is documented",
		},
	})
}

func merchantAt(id string, c sandbox.LakalaCredentials) payment.Account {
	return payment.Account{ID: id, Version: 1, Institution: payment.Lakala, Settings: map[string]string{
		"base_url": c.BaseURL, "appid": c.Appid, "serial_no": c.SerialNo, "merchant_no": c.MerchantNo, "term_no": c.TermNo, "private_key_pem": c.PrivateKeyPEM,
		"platform_cert_pem": c.PlatformCertPEM, "code_kinds": c.CodeKinds, "wechat_appid": c.WechatAppid, "wechat_app_secret": c.WechatAppSecret,
		"wechat_oauth_base_url": c.OAuthBaseURL, "wechat_token_base_url": c.OAuthBaseURL,
	}}
}
