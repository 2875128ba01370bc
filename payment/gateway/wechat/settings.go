package wechat

import (
	"crypto/rsa"
	"strings"

	"linlipay/payment/gateway"
)

// settings are an account's, with the defaults filled in.
type settings struct {
	mchid, appid                    string
	serialNo, privateKeyPEM         string
	apiv3Keys                       []string // the one in force, then the one before it while it is being replaced
	publicKeyIDs, platformSerialNos []string // the newest first
	baseURL                         string
}

// apiHost is the institution's own address.
const apiHost = "https://api.mch.weixin.qq.com"

// hosts are the institution's, both in production: it has none for tests.
func hosts() []string { return []string{"api.mch.weixin.qq.com", "api2.mch.weixin.qq.com"} }

// Settings describes an account's settings, by the names of the merchant platform.
func (g *Gateway) Settings() []gateway.Setting {
	return []gateway.Setting{
		{Name: "mchid", ZH: "商户号", EN: "Merchant number", Required: true},
		{Name: "appid", ZH: "公众号或小程序 AppID", EN: "AppID", Required: true},
		{Name: "app_secret", ZH: "AppSecret（微信内支付用）", EN: "AppSecret (to pay inside WeChat)", Secret: true},
		{Name: "serial_no", ZH: "商户 API 证书序列号", EN: "Serial number of the merchant's API certificate", Required: true},
		{Name: "private_key_pem", ZH: "商户 API 私钥 apiclient_key.pem", EN: "Merchant's private key apiclient_key.pem",
			Secret: true, PEM: true, Required: true},
		{Name: "cert_pem", ZH: "商户 API 证书 apiclient_cert.pem（用于提醒到期）",
			EN: "Merchant's certificate apiclient_cert.pem (to know when it expires)", PEM: true},
		{Name: "apiv3_key", ZH: "APIv3 密钥（32 位）", EN: "APIv3 key (32 characters)", Secret: true, Required: true,
			Previous: "previous_apiv3_key"},
		{Name: "previous_apiv3_key", ZH: "原 APIv3 密钥", EN: "Previous APIv3 key", Secret: true},
		{Name: "public_key_id", ZH: "微信支付公钥 ID（公钥模式）", EN: "WeChat Pay public key id (public-key mode)", Several: true},
		{Name: "public_key_pem", ZH: "微信支付公钥（公钥模式）", EN: "WeChat Pay public key (public-key mode)", PEM: true,
			Several: true},
		{Name: "platform_serial_no", ZH: "平台证书序列号（证书模式）", EN: "Platform certificate serial (certificate mode)",
			Several: true},
		{Name: "platform_cert_pem", ZH: "平台证书（证书模式）", EN: "Platform certificate (certificate mode)", PEM: true,
			Several: true},
		{Name: "base_url", ZH: "接口地址", EN: "API address", Default: apiHost, Hosts: hosts()},
		{Name: "oauth_base_url", ZH: "网页授权地址", EN: "OAuth address", Default: gateway.WeChatAuthorizeHost,
			Hosts: gateway.WeChatAppHosts()},
	}
}

func readSettings(m map[string]string) (settings, error) {
	s := settings{
		mchid: m["mchid"], appid: m["appid"], serialNo: m["serial_no"],
		privateKeyPEM: m["private_key_pem"],
		apiv3Keys:     []string{m["apiv3_key"]}, publicKeyIDs: strings.Fields(m["public_key_id"]),
		platformSerialNos: strings.Fields(m["platform_serial_no"]),
	}
	if err := gateway.NeedSettings(m, "mchid", "appid", "serial_no", "private_key_pem", "apiv3_key"); err != nil {
		return s, err
	}
	if previous := m["previous_apiv3_key"]; previous != "" {
		s.apiv3Keys = append(s.apiv3Keys, previous)
	}
	if err := checkAPIv3Keys(s.apiv3Keys); err != nil {
		return s, err
	}
	if err := checkOwnKey(m); err != nil {
		return s, err
	}
	var err error
	if s.baseURL, err = gateway.AddressIn(m, "base_url", apiHost); err != nil {
		return s, err
	}
	_, err = appIn(m)
	return s, err
}

// checkAPIv3Keys checks the key in force and the one before it.
func checkAPIv3Keys(keys []string) error {
	for i, key := range keys {
		if len(key) != 32 {
			return gateway.BadSetting([]string{"apiv3_key", "previous_apiv3_key"}[i], "须为 32 个字节。",
				"must have 32 bytes.")
		}
	}
	return nil
}

// appIn is the company's official account, which JSAPI needs. One address stands for both of WeChat's.
func appIn(m map[string]string) (w gateway.WechatApp, err error) {
	w = gateway.WechatApp{AppID: m["appid"], Secret: m["app_secret"]}
	if w.AuthorizeBase, err = gateway.AddressIn(m, "oauth_base_url", gateway.WeChatAuthorizeHost); err != nil {
		return w, err
	}
	w.TokenBase, err = gateway.AddressIn(m, "oauth_base_url", gateway.WeChatTokenHost)
	return w, err
}

// checkOwnKey compares the merchant's key with its certificate, where that is given: a new key with the old serial
// number signs what nobody accepts.
func checkOwnKey(m map[string]string) error {
	key, err := gateway.PrivateKeyIn(m, "private_key_pem")
	if err != nil || m["cert_pem"] == "" {
		return err
	}
	infos, err := gateway.PublicKeysIn(m, "cert_pem")
	switch {
	case err != nil:
		return err
	case !infos[0].Public.Equal(key.Public):
		return gateway.BadSetting("cert_pem", "与商户私钥不是一对。", "does not belong to the private key.")
	case infos[0].Serial != strings.ToUpper(m["serial_no"]):
		return gateway.BadSetting("serial_no", "与商户 API 证书的序列号不一致。", "is not the certificate's serial number.")
	}
	return nil
}

// wechatSerial names the key that the institution is asked to sign with: the newest public key where there is one.
func (s settings) wechatSerial() string {
	return append(s.publicKeyIDs, s.platformSerialNos...)[0]
}

// keys are the institution's public keys by serial. Both modes may be active together, and old keys beside new ones.
type keys map[string][]*rsa.PublicKey

func readKeys(m map[string]string, s settings) (keys, error) {
	k := keys{}
	for _, part := range []struct {
		name, idName string
		ids          []string
	}{{"public_key_pem", "public_key_id", s.publicKeyIDs},
		{"platform_cert_pem", "platform_serial_no", s.platformSerialNos}} {
		if len(part.ids) == 0 {
			continue
		}
		infos, err := gateway.PublicKeysIn(m, part.name)
		if err != nil {
			return nil, err
		}
		if len(part.ids) > len(infos) {
			return nil, gateway.BadSetting(part.idName, "多于密钥个数。", "names more keys than there are.")
		}
		k.add(part.ids, infos)
	}
	if len(k) == 0 {
		return nil, gateway.BadSetting("public_key_id", "与 public_key_pem，或 platform_serial_no 与 platform_cert_pem，"+
			"须填写一组。",
			"with public_key_pem, or platform_serial_no with platform_cert_pem, is needed.")
	}
	return k, nil
}

// add gives each key its id, the last id to those that are left over. A certificate answers to its own serial number
// besides.
func (k keys) add(ids []string, infos []gateway.KeyInfo) {
	for i, key := range infos {
		id := ids[min(i, len(ids)-1)]
		k[id] = append(k[id], key.Public)
		if key.Serial != "" && key.Serial != id {
			k[key.Serial] = append(k[key.Serial], key.Public)
		}
	}
}
