package alipay

import (
	"crypto/rsa"
	"strings"

	"linlipay/payment"
)

// settings are an account's, with the defaults filled in.
type settings struct {
	appID, sellerID, privateKeyPEM string
	publicKeys                     []*rsa.PublicKey // the institution's: the newest first, old ones while they are being replaced
	baseURL                        string
}

// gatewayURL is the institution's own address.
const gatewayURL = "https://openapi.alipay.com/gateway.do"

// Settings describes an account's settings, by the names of the open platform.
func (g *Gateway) Settings() []payment.Setting {
	return []payment.Setting{
		{Name: "app_id", ZH: "应用 APPID", EN: "APPID", Required: true},
		{Name: "seller_id", ZH: "商户账号 PID（2088 开头）", EN: "Merchant's PID (begins 2088)", Required: true},
		{Name: "private_key_pem", ZH: "应用私钥", EN: "The application's private key", Secret: true, PEM: true, Required: true},
		{Name: "alipay_public_key_pem", ZH: "支付宝公钥", EN: "Alipay's public key", PEM: true, Required: true, Several: true},
		{Name: "base_url", ZH: "网关地址", EN: "Gateway address", Default: gatewayURL},
	}
}

func readSettings(m map[string]string) (settings, error) {
	s := settings{appID: m["app_id"], sellerID: m["seller_id"], privateKeyPEM: bare(m["private_key_pem"])}
	err := payment.NeedSettings(m, "app_id", "seller_id", "private_key_pem", "alipay_public_key_pem")
	if err != nil {
		return s, err
	}
	if s.baseURL, err = payment.AddressIn(m, "base_url", gatewayURL); err != nil {
		return s, err
	}
	if _, err := payment.PrivateKeyIn(m, "private_key_pem"); err != nil {
		return s, err
	}
	some, err := payment.PublicKeysIn(m, "alipay_public_key_pem")
	for _, k := range some {
		s.publicKeys = append(s.publicKeys, k.Public)
	}
	return s, err
}

// bare is a PEM's base64 on one line: gopay frames it itself.
func bare(pem string) string {
	var b strings.Builder
	for line := range strings.Lines(pem) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
			b.WriteString(line)
		}
	}
	return b.String()
}
