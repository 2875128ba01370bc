package sandbox

import (
	"fmt"
	"strings"
	"time"
)

// wechat is WeChat Pay, API v3, for direct merchants. Every answer is signed, errors and empty ones too.
type wechat struct{ *Sandbox }

// WeChat's own keys: the platform certificate's, and the one of the public-key mode.
const (
	wechatCertKey   = "wechat_certificate"
	wechatPublicKey = "wechat_public"
)

func (w *wechat) traits() traits {
	return traits{
		name: "wechat", addr: w.cfg.WechatAddr, keys: []string{wechatCertKey, wechatPublicKey},
		certified: wechatCertKey, wallets: []Wallet{WechatWallet},
		transactionID: func(now time.Time, serial int) string {
			return fmt.Sprintf("42000%s%015d", now.In(shanghai).Format("20060102"), serial)
		},
		refundID: func(now time.Time, serial int) string {
			return fmt.Sprintf("503%s%015d", now.In(shanghai).Format("20060102"), serial)
		},
		refundsLater: true, refundEnds: []refundState{refundDone, refundAbnormal, refundClosed},
		schedule: wechatSchedule(),
	}
}

func (w *wechat) enrol(m *merchant, n int) {
	m.ID, m.App = fmt.Sprintf("19%08d", n), "wx"+randomHex(8)
	m.Serial, m.APIv3Key = strings.ToUpper(randomHex(20)), randomHex(16)
}

// cert is the platform certificate and its key.
func (w *wechat) cert() *ownKey { return w.keys.Own[wechatCertKey] }

// publicID names the public key of the public-key mode.
func (w *wechat) publicID() string { return "PUB_KEY_ID_" + digits(w.cert().serial, 28) }

func (w *wechat) credentials(m *merchant, into *Credentials) {
	into.Wechat = WechatCredentials{
		BaseURL: w.url("wechat"), OAuthBaseURL: w.url("wechat"), Mchid: m.ID, Appid: m.App, AppSecret: m.Secret,
		SerialNo: m.Serial, PrivateKeyPEM: m.KeyPEM,
		APIv3Key: m.APIv3Key, PublicKeyID: w.publicID(), PublicKeyPEM: w.keys.Own[wechatPublicKey].public(),
		PlatformSerialNo: w.cert().serial,
		PlatformCertPEM:  w.cert().CertPEM,
	}
}
