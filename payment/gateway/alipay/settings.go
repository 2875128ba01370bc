package alipay

import (
	"slices"
	"strings"

	"linlipay/payment/gateway"
)

// settings are an account's, with the defaults filled in.
type settings struct {
	appID, sellerID, privateKeyPEM string
	appCertSN, rootCertSN          string // certificate mode, else ""
	keys                           []key  // the institution's: the newest first, old ones while they are being replaced
	baseURL                        string
}

// gatewayURL is the institution's own address.
const gatewayURL = "https://openapi.alipay.com/gateway.do"

// hosts are the institution's: production, then its sandbox, now and before.
func hosts() []string {
	return []string{"openapi.alipay.com", "openapi-sandbox.dl.alipaydev.com", "openapi.alipaydev.com"}
}

// Settings describes an account's settings, by the names of the open platform.
func (g *Gateway) Settings() []gateway.Setting {
	return []gateway.Setting{
		{Name: "app_id", ZH: "应用 APPID", EN: "APPID", Required: true},
		{Name: "seller_id", ZH: "商户账号 PID（2088 开头）", EN: "Merchant's PID (begins 2088)", Required: true},
		{Name: "private_key_pem", ZH: "应用私钥", EN: "The application's private key", Secret: true, PEM: true,
			Required: true},
		{
			Name: "alipay_public_key_pem", ZH: "支付宝公钥（密钥模式）", EN: "Alipay's public key (key mode)",
			PEM: true, Several: true,
		},
		{
			Name: "app_cert_pem", ZH: "应用公钥证书（证书模式）", EN: "The application's certificate (certificate mode)",
			PEM: true,
		},
		{
			Name: "alipay_cert_pem", ZH: "支付宝公钥证书（证书模式）", EN: "Alipay's certificate (certificate mode)",
			PEM: true, Several: true,
		},
		{
			Name: "alipay_root_cert_pem", ZH: "支付宝根证书（证书模式）",
			EN: "Alipay's root certificates (certificate mode)", PEM: true, Roots: true,
		},
		{Name: "base_url", ZH: "网关地址", EN: "Gateway address", Default: gatewayURL, Hosts: hosts()},
	}
}

func readSettings(m map[string]string) (settings, error) {
	s := settings{appID: m["app_id"], sellerID: m["seller_id"], privateKeyPEM: bare(m["private_key_pem"])}
	err := gateway.NeedSettings(m, "app_id", "seller_id", "private_key_pem")
	if err != nil {
		return s, err
	}
	if s.baseURL, err = gateway.AddressIn(m, "base_url", gatewayURL); err != nil {
		return s, err
	}
	own, err := gateway.PrivateKeyIn(m, "private_key_pem")
	if err != nil {
		return s, err
	}
	certified := m["app_cert_pem"]+m["alipay_cert_pem"]+m["alipay_root_cert_pem"] != ""
	if certified {
		if err := s.readCertificates(m, own); err != nil {
			return s, err
		}
	}
	if certified && m["alipay_public_key_pem"] == "" {
		return s, nil
	}
	return s, s.readPublicKeys(m)
}

// readPublicKeys reads what key mode needs.
func (s *settings) readPublicKeys(m map[string]string) error {
	if err := gateway.NeedSettings(m, "alipay_public_key_pem"); err != nil {
		return err
	}
	infos, err := gateway.PublicKeysIn(m, "alipay_public_key_pem")
	for _, k := range infos {
		s.keys = append(s.keys, key{public: k.Public})
	}
	return err
}

// readCertificates reads what certificate mode needs: all three, that of the application for its own key.
func (s *settings) readCertificates(m map[string]string, own gateway.KeyInfo) error {
	if err := gateway.NeedSettings(m, "app_cert_pem", "alipay_cert_pem", "alipay_root_cert_pem"); err != nil {
		return err
	}
	app, err := certificatesIn(m["app_cert_pem"])
	if err != nil || len(app) == 0 || !app[0].public.Equal(own.Public) {
		return gateway.BadSetting("app_cert_pem", "须为应用私钥所对应的证书（PEM）。",
			"must be the certificate of the application's private key (PEM).")
	}
	s.appCertSN = app[0].sn
	if s.keys, err = certificatesIn(m["alipay_cert_pem"]); err != nil || len(s.keys) == 0 {
		return gateway.BadSetting("alipay_cert_pem", "须为支付宝公钥证书（PEM），可有多个，新的在前。",
			"must be Alipay's certificates (PEM), the newest first.")
	}
	if s.rootCertSN, err = rootSN(m["alipay_root_cert_pem"]); err != nil {
		return gateway.BadSetting("alipay_root_cert_pem", "须为支付宝根证书（PEM），原样上传。",
			"must be Alipay's root certificates (PEM), as downloaded.")
	}
	return nil
}

// certified reports whether the account has certificates of the institution's, by which its signatures are told apart.
func (s settings) certified() bool {
	return slices.ContainsFunc(s.keys, func(k key) bool { return k.sn != "" })
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
