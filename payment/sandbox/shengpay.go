package sandbox

import (
	"fmt"
	"net/http"
	"time"
)

// shengpay is Shengpay 盛付通.
type shengpay struct{ *Sandbox }

const shengpayKey = "shengpay"

// ShengpayCredentials are one merchant's at Shengpay.
type ShengpayCredentials struct {
	BaseURL              string `json:"base_url"`
	MchID                string `json:"mch_id"`
	SignType             string `json:"sign_type"` // RSA or RSA2
	PrivateKeyPEM        string `json:"private_key_pem"`
	PlatformPublicKeyPEM string `json:"platform_public_key_pem"`
	WechatApp
}

func (s *shengpay) traits() traits {
	return traits{
		name: "shengpay", addr: s.cfg.ShengpayAddr, keys: []string{shengpayKey}, wallets: wallets(),
		transactionID: func(now time.Time, serial int) string {
			return fmt.Sprintf("%s31%012d", now.In(shanghai).Format("20060102"), serial)
		},
		refundID: func(now time.Time, serial int) string {
			return fmt.Sprintf("%s32%012d", now.In(shanghai).Format("20060102"), serial)
		},
		refundEnds: []refundState{refundDone, refundClosed},
	}
}

func (s *shengpay) enrol(m *merchant, n int) {
	m.ID = fmt.Sprintf("300%07d", n)
}

func (s *shengpay) credentials(m *merchant, into *Credentials) {
	into.Shengpay = ShengpayCredentials{
		BaseURL: s.url("shengpay"), MchID: m.ID, SignType: "RSA", PrivateKeyPEM: m.KeyPEM, PlatformPublicKeyPEM: s.keys.Own[shengpayKey].public(),
		WechatApp: s.wechatApp(m),
	}
}

func (s *shengpay) ServeHTTP(rw http.ResponseWriter, req *http.Request) { http.NotFound(rw, req) }

func (s *shengpay) notifyPaid(trade) {}

func (s *shengpay) notifyRefund(trade, refund) {}
