package lakala

import (
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"linlipay/payment"
)

// settings are an account's, with the defaults filled in.
type settings struct {
	appid, serialNo                       string
	privateKey                            *rsa.PrivateKey
	platformKeys                          []*rsa.PublicKey
	merchantNo, termNo, vposID, channelID string
	baseURL, requestIP                    string
	tradeBizTp, shopName, refundType      string
	repeatPayAutoRefund                   string
	scanBusiTypeParam, cardBusiTypeParam  string
	wechatAppid, wechatAppSecret          string
	wechatAuthorizeBase, wechatTokenBase  string
	codeKinds                             map[string]meaning
	device                                device
}

func readSettings(m map[string]string) (settings, error) {
	s := settings{
		appid: m["appid"], serialNo: m["serial_no"], merchantNo: m["merchant_no"], termNo: m["term_no"], vposID: m["vpos_id"], channelID: m["channel_id"],
		baseURL:    strings.TrimSuffix(cmp.Or(m["base_url"], "https://s2.lakala.com"), "/"),
		requestIP:  cmp.Or(m["request_ip"], "127.0.0.1"),
		tradeBizTp: cmp.Or(m["trade_biz_tp"], "110A17"), shopName: m["shop_name"], refundType: m["refund_type"],
		repeatPayAutoRefund: cmp.Or(m["repeat_pay_auto_refund"], "1"),
		scanBusiTypeParam:   cmp.Or(m["scan_busi_type_param"], scanOnly), cardBusiTypeParam: cmp.Or(m["card_busi_type_param"], cardOnly),
		wechatAppid: m["wechat_appid"], wechatAppSecret: m["wechat_app_secret"],
		wechatAuthorizeBase: cmp.Or(m["wechat_oauth_base_url"], "https://open.weixin.qq.com"),
		wechatTokenBase:     cmp.Or(m["wechat_token_base_url"], m["wechat_oauth_base_url"], "https://api.weixin.qq.com"),
	}
	for _, name := range []string{"appid", "serial_no", "private_key_pem", "platform_cert_pem", "merchant_no", "term_no"} {
		if m[name] == "" {
			return s, fmt.Errorf("lakala: the account lacks %s", name)
		}
	}
	if err := s.check(); err != nil {
		return s, err
	}
	var err error
	if s.privateKey, err = privateKey(m["private_key_pem"]); err != nil {
		return s, fmt.Errorf("lakala: private_key_pem: %w", err)
	}
	if s.platformKeys, err = publicKeys(m["platform_cert_pem"]); err != nil {
		return s, fmt.Errorf("lakala: platform_cert_pem: %w", err)
	}
	if s.codeKinds, err = readCodeKinds(m["code_kinds"]); err != nil {
		return s, fmt.Errorf("lakala: code_kinds: %w", err)
	}
	s.device, err = readDevice(m)
	return s, err
}

// check refuses what cannot be sent as it stands.
func (s settings) check() error {
	for _, base := range []struct{ name, url string }{
		{"base_url", s.baseURL}, {"wechat_oauth_base_url", s.wechatAuthorizeBase}, {"wechat_token_base_url", s.wechatTokenBase},
	} {
		if err := payment.CheckBaseURL(base.url); err != nil {
			return fmt.Errorf("lakala: %s: %w", base.name, err)
		}
	}
	if u, err := url.Parse(s.baseURL); err != nil || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("lakala: base_url %q has more than a host and a path", s.baseURL)
	}
	if strings.ContainsAny(s.appid+s.serialNo, "\"\r\n") {
		return errors.New("lakala: appid or serial_no holds a character that no header can carry")
	}
	if net.ParseIP(s.requestIP) == nil {
		return fmt.Errorf("lakala: request_ip %q is not an IP address", s.requestIP)
	}
	if s.repeatPayAutoRefund != "0" && s.repeatPayAutoRefund != "1" {
		return fmt.Errorf("lakala: repeat_pay_auto_refund is %q, not 0 or 1", s.repeatPayAutoRefund)
	}
	if (s.wechatAppid == "") != (s.wechatAppSecret == "") {
		return errors.New("lakala: wechat_appid and wechat_app_secret go together")
	}
	return nil
}

// privateKey reads a key in PKCS#8 or PKCS#1. Errors never hold a part of it.
func privateKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("not a PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := key.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("not an RSA private key in PKCS#8 or PKCS#1")
	}
	return private, nil
}

// publicKeys reads every certificate or public key of a text: while the institution rotates its key, the old and the new one are valid.
func publicKeys(text string) ([]*rsa.PublicKey, error) {
	var keys []*rsa.PublicKey
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		key, err := publicKey(block)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("not a PEM")
	}
	return keys, nil
}

func publicKey(block *pem.Block) (*rsa.PublicKey, error) {
	var key any
	var err error
	switch block.Type {
	case "CERTIFICATE":
		var cert *x509.Certificate
		if cert, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = cert.PublicKey
		}
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	default:
		return nil, fmt.Errorf("a %s is neither a certificate nor a public key", block.Type)
	}
	public, ok := key.(*rsa.PublicKey)
	if err != nil || !ok {
		return nil, fmt.Errorf("no RSA key in a %s: %w", block.Type, err)
	}
	return public, nil
}
