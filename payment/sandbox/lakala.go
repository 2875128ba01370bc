package sandbox

import (
	"fmt"
	"net/http"
	"time"
)

// lakala is Lakala 拉卡拉, open platform (laop) v3.
type lakala struct{ *Sandbox }

const lakalaKey = "lakala_certificate"

// LakalaCredentials are one merchant's at Lakala.
type LakalaCredentials struct {
	BaseURL         string `json:"base_url"`
	Appid           string `json:"appid"`
	SerialNo        string `json:"serial_no"` // of the merchant's certificate
	MerchantNo      string `json:"merchant_no"`
	TermNo          string `json:"term_no"`
	PrivateKeyPEM   string `json:"private_key_pem"`
	PlatformCertPEM string `json:"platform_cert_pem"`
	WechatApp
}

func (l *lakala) traits() traits {
	return traits{
		name: "lakala", addr: l.cfg.LakalaAddr, keys: []string{lakalaKey}, certified: lakalaKey, wallets: wallets(),
		transactionID: func(now time.Time, serial int) string {
			return fmt.Sprintf("%s66%012d", now.In(shanghai).Format("20060102"), serial)
		},
		refundID: func(now time.Time, serial int) string {
			return fmt.Sprintf("%s67%012d", now.In(shanghai).Format("20060102"), serial)
		},
		refundEnds: []refundState{refundDone, refundClosed},
	}
}

func (l *lakala) enrol(m *merchant, n int) {
	m.ID, m.App = fmt.Sprintf("82229007392%03dA", n), fmt.Sprintf("OP%08d", n)
	m.Serial, m.Terminal = randomHex(9), fmt.Sprintf("D9%06d", n)
}

func (l *lakala) credentials(m *merchant, into *Credentials) {
	into.Lakala = LakalaCredentials{
		BaseURL: l.url("lakala"), Appid: m.App, SerialNo: m.Serial, MerchantNo: m.ID, TermNo: m.Terminal, PrivateKeyPEM: m.KeyPEM,
		PlatformCertPEM: l.keys.Own[lakalaKey].CertPEM, WechatApp: l.wechatApp(m),
	}
}

func (l *lakala) ServeHTTP(rw http.ResponseWriter, req *http.Request) { http.NotFound(rw, req) }

func (l *lakala) notifyPaid(trade) {}

func (l *lakala) notifyRefund(trade, refund) {}
