package sandbox

import (
	"fmt"
	"strings"
	"time"
)

// lakala is Lakala 拉卡拉, open platform (laop) v3: scanned payments (labs), the unified refund (lams) and the counter's
// orders (ccss).
type lakala struct{ *Sandbox }

// lakalaKey is the platform certificate's.
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
	CodeKinds       string `json:"code_kinds"` // what the codes mean that the institution does not publish
	WechatApp
}

func (l *lakala) traits() traits {
	return traits{
		name: "lakala", addr: l.cfg.LakalaAddr, keys: []string{lakalaKey}, certified: lakalaKey,
		wallets:       append(wallets(), BankCard),
		transactionID: lakalaTradeNo, refundID: lakalaTradeNo,
		alias: func(tradeNo string) string {
			return lakalaLogKey(logNo(tradeNo))
		}, refundEnds: []refundState{refundDone, refundClosed}, schedule: lakalaSchedule(),
	}
}

// lakalaTradeNo is a number whose last fourteen digits, the log_no, begin with 66, as documented for scanned payments.
func lakalaTradeNo(now time.Time, serial int) string {
	return fmt.Sprintf("%s66%012d", now.In(shanghai).Format("20060102"), serial)
}

// logNo is the 对账单流水号 of a trade_no: its last fourteen digits.
func logNo(tradeNo string) string { return tradeNo[max(0, len(tradeNo)-14):] }

// lakalaLogKey is how a payment is found by its 对账单流水号 alone.
func lakalaLogKey(no string) string { return "log:" + no }

func (l *lakala) enrol(m *merchant, n int) {
	m.ID, m.App = fmt.Sprintf("82229007392%03dA", n), fmt.Sprintf("OP%08d", n)
	m.Serial, m.Terminal = randomHex(9), fmt.Sprintf("D9%06d", n)
}

// cert is the platform certificate and its key.
func (l *lakala) cert() *ownKey { return l.keys.Own[lakalaKey] }

func (l *lakala) credentials(m *merchant, into *Credentials) {
	into.Lakala = LakalaCredentials{
		BaseURL: l.url("lakala"), Appid: m.App, SerialNo: m.Serial, MerchantNo: m.ID, TermNo: m.Terminal,
		PrivateKeyPEM:   m.KeyPEM,
		PlatformCertPEM: l.cert().CertPEM, CodeKinds: lakalaCodeKinds(), WechatApp: l.wechatApp(m),
	}
}

// lakalaCodeKinds says what its codes mean, as an account's setting code_kinds does.
func lakalaCodeKinds() string {
	var kinds []string
	for _, c := range lakalaCodes() {
		kinds = append(kinds, c.code+"="+c.kind)
	}
	return strings.Join(kinds, ",")
}
