package sandbox

import (
	"encoding/json"
	"fmt"
	"path/filepath"
)

// Credentials let any client library be pointed at the sandbox. Private keys are PKCS#8.
type Credentials struct {
	ControlURL string               `json:"control_url"`
	Wechat     WechatCredentials    `json:"wechat"`
	Alipay     AlipayCredentials    `json:"alipay"`
	Lakala     LakalaCredentials    `json:"lakala"`
	Shengpay   ShengpayCredentials  `json:"shengpay"`
	Ruiyinxin  RuiyinxinCredentials `json:"ruiyinxin"`

	AlipayCertificates AlipayCertificates `json:"alipay_certificates"`
}

// WechatCredentials are one merchant's at WeChat Pay.
type WechatCredentials struct {
	BaseURL          string `json:"base_url"`
	OAuthBaseURL     string `json:"oauth_base_url"` // of open.weixin.qq.com and api.weixin.qq.com
	Mchid            string `json:"mchid"`
	Appid            string `json:"appid"`
	AppSecret        string `json:"app_secret"`
	SerialNo         string `json:"serial_no"`
	PrivateKeyPEM    string `json:"private_key_pem"`
	APIv3Key         string `json:"apiv3_key"`
	PublicKeyID      string `json:"public_key_id"`
	PublicKeyPEM     string `json:"public_key_pem"`
	PlatformSerialNo string `json:"platform_serial_no"`
	PlatformCertPEM  string `json:"platform_cert_pem"`
}

// AlipayCredentials are one merchant's at Alipay.
type AlipayCredentials struct {
	BaseURL            string `json:"base_url"` // ends in /gateway.do
	AppID              string `json:"app_id"`
	SellerID           string `json:"seller_id"`
	PrivateKeyPEM      string `json:"private_key_pem"`
	AlipayPublicKeyPEM string `json:"alipay_public_key_pem"`
}

// AlipayCertificates are what the same merchant has in certificate mode (证书模式) in the place of Alipay's public key.
type AlipayCertificates struct {
	AppCertPEM        string `json:"app_cert_pem"`
	AlipayCertPEM     string `json:"alipay_cert_pem"`
	AlipayRootCertPEM string `json:"alipay_root_cert_pem"` // several, as in the real file: one of them not of RSA
}

// WechatApp is the app in which an acquirer's merchant asks the WeChat app who the payer is: that of the WeChat
// merchant of the same place.
type WechatApp struct {
	WechatAppid     string `json:"wechat_appid"`
	WechatAppSecret string `json:"wechat_app_secret"`
	OAuthBaseURL    string `json:"wechat_oauth_base_url"` // of open.weixin.qq.com
	TokenBaseURL    string `json:"wechat_token_base_url"` // of api.weixin.qq.com
}

// wechatApp is the app of an acquirer's merchant.
func (s *Sandbox) wechatApp(m *merchant) WechatApp {
	return WechatApp{m.wechat.App, m.wechat.Secret, s.url("wechat"), s.url("wechat")}
}

// Credentials are the first merchant's at each institution.
func (s *Sandbox) Credentials() Credentials { return s.credentialsOf(0) }

// AddMerchant makes another merchant at each institution and returns its credentials.
func (s *Sandbox) AddMerchant() (Credentials, error) {
	s.enrolling.Lock()
	defer s.enrolling.Unlock()
	next := 0
	for s.keys.place("wechat", next) != nil {
		next++
	}
	return s.Merchant(next)
}

// Merchant returns the credentials of the n-th merchant, from 0, at each institution, making those that are missing.
func (s *Sandbox) Merchant(n int) (Credentials, error) {
	if n < 0 {
		return Credentials{}, fmt.Errorf("sandbox: there is no merchant %d", n)
	}
	if s.keys.place("wechat", n) == nil {
		if err := s.keys.enrol(n + 1); err != nil {
			return Credentials{}, err
		}
	}
	return s.credentialsOf(n), nil
}

func (s *Sandbox) credentialsOf(n int) Credentials {
	c := Credentials{ControlURL: s.url("control")}
	for _, i := range s.institutions() {
		i.credentials(s.keys.place(i.traits().name, n), &c)
	}
	return c
}

// writeCredentials puts the first merchant's credentials where any client finds them.
func (s *Sandbox) writeCredentials() error {
	if s.cfg.Dir == "" {
		return nil
	}
	raw, err := json.MarshalIndent(s.Credentials(), "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(s.cfg.Dir, "credentials.json"), raw)
}
