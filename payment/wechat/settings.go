package wechat

import (
	"crypto/rsa"
	"fmt"

	"github.com/go-pay/crypto/xpem"

	"linlipay/payment"
)

// settings are an account's, with the defaults filled in.
type settings struct {
	mchid, appid, appSecret           string
	serialNo, privateKeyPEM, apiv3Key string
	publicKeyID, publicKeyPEM         string
	platformSerialNo, platformCertPEM string
	baseURL, authorizeBase, tokenBase string
}

func readSettings(m map[string]string) (settings, error) {
	s := settings{
		mchid: m["mchid"], appid: m["appid"], appSecret: m["app_secret"], serialNo: m["serial_no"], privateKeyPEM: m["private_key_pem"],
		apiv3Key: m["apiv3_key"], publicKeyID: m["public_key_id"], publicKeyPEM: m["public_key_pem"],
		platformSerialNo: m["platform_serial_no"], platformCertPEM: m["platform_cert_pem"],
		baseURL: m["base_url"], authorizeBase: m["oauth_base_url"], tokenBase: m["oauth_base_url"],
	}
	for name, value := range map[string]string{
		"mchid": s.mchid, "appid": s.appid, "serial_no": s.serialNo, "private_key_pem": s.privateKeyPEM, "apiv3_key": s.apiv3Key,
	} {
		if value == "" {
			return s, fmt.Errorf("wechat: the account lacks %s", name)
		}
	}
	if len(s.apiv3Key) != 32 {
		return s, fmt.Errorf("wechat: apiv3_key has %d bytes, not 32", len(s.apiv3Key))
	}
	orDefault(&s.baseURL, "https://api.mch.weixin.qq.com")
	orDefault(&s.authorizeBase, "https://open.weixin.qq.com")
	orDefault(&s.tokenBase, "https://api.weixin.qq.com")
	for _, base := range []string{s.baseURL, s.authorizeBase, s.tokenBase} {
		if err := payment.CheckBaseURL(base); err != nil {
			return s, err
		}
	}
	return s, nil
}

func orDefault(s *string, otherwise string) {
	if *s == "" {
		*s = otherwise
	}
}

// wechatSerial names the key that the institution is asked to sign with: the public key where there is one.
func (s settings) wechatSerial() string {
	if s.publicKeyID != "" {
		return s.publicKeyID
	}
	return s.platformSerialNo
}

// keys are the institution's public keys by serial. Both modes may be active together.
type keys map[string]*rsa.PublicKey

func (s settings) keys() (keys, error) {
	k := keys{}
	for _, key := range []struct{ name, id, pem string }{
		{"public_key_pem", s.publicKeyID, s.publicKeyPEM}, {"platform_cert_pem", s.platformSerialNo, s.platformCertPEM},
	} {
		if key.id == "" {
			continue
		}
		public, err := xpem.DecodePublicKey([]byte(key.pem))
		if err != nil || public == nil {
			return nil, fmt.Errorf("wechat: %s does not hold a key: %w", key.name, err)
		}
		k[key.id] = public
	}
	if len(k) == 0 {
		return nil, fmt.Errorf("wechat: the account lacks public_key_id with public_key_pem, or platform_serial_no with platform_cert_pem")
	}
	return k, nil
}
