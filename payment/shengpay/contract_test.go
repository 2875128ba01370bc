package shengpay_test

import (
	"testing"
	"time"

	"linlipay/payment"
	"linlipay/payment/gatewaytest"
	"linlipay/payment/sandbox"
	"linlipay/payment/shengpay"
)

// at are the settings of a merchant of the sandbox, whose own assumptions are declared as the profiles.
func at(c sandbox.ShengpayCredentials) map[string]string {
	return map[string]string{
		"mch_id": c.MchID, "sign_type": c.SignType, "private_key_pem": c.PrivateKeyPEM, "platform_public_key_pem": c.PlatformPublicKeyPEM, "base_url": c.BaseURL,
		"wechat_appid": c.WechatAppid, "wechat_app_secret": c.WechatAppSecret, "wechat_oauth_base_url": c.OAuthBaseURL,
		"close_path": "/pay/closeOrder", "code_path": "/pay/authPay", "code_field": "authCode",
		"code_trade_type_wechat": "wx_scan", "code_trade_type_alipay": "alipay_scan", "code_trade_type_unionpay": "upacp_scan", "card_application": "generic",
	}
}

func TestContract(t *testing.T) {
	for _, signType := range []string{"RSA", "RSA2"} {
		t.Run(signType, func(t *testing.T) {
			bank := gatewaytest.OpenBank(t)
			second, err := bank.Merchant(1)
			if err != nil {
				t.Fatal(err)
			}
			account := func(id string, c sandbox.ShengpayCredentials) payment.Account {
				c.SignType = signType
				return payment.Account{ID: id, Version: 1, Institution: payment.Shengpay, Settings: at(c)}
			}
			var codes []string
			for _, c := range publishedCodes() {
				codes = append(codes, c.code)
			}
			gatewaytest.Run(t, gatewaytest.Subject{
				Gateway: shengpay.New(nil, 30*time.Second, time.Now), Bank: bank,
				Account: account("first", bank.Credentials().Shengpay), Other: account("second", second.Shengpay),
				Codes: append(codes, "UNPUBLISHED"),
				Failing: func(t *testing.T, code string, signed bool) (payment.Gateway, payment.Account) {
					return gateway(), script(t, map[string]reply{"": no(code, !signed)}).account
				},
				Unsupported: map[string]string{
					"a stale notification is not believed": "a notification carries no time; see the package comment",
				},
			})
		})
	}
}
