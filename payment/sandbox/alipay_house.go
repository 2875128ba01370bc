package sandbox

import (
	"fmt"
	"time"
)

// alipay is Alipay's gateway.do, version 1.0 with RSA2, in key mode and in certificate mode.
type alipay struct{ *Sandbox }

const alipayKey = "alipay"

func (a *alipay) traits() traits {
	return traits{
		name: "alipay", addr: a.cfg.AlipayAddr, keys: []string{alipayKey, alipayRootKey},
		wallets: []Wallet{AlipayWallet},
		transactionID: func(now time.Time, serial int) string {
			return fmt.Sprintf("%s2200%016d", now.In(shanghai).Format("20060102"), serial)
		},
		refundID: func(now time.Time, serial int) string {
			return fmt.Sprintf("503%s%015d", now.In(shanghai).Format("20060102"), serial)
		},
		refundsPerTrade: true, refundEnds: []refundState{refundDone}, schedule: alipaySchedule(),
	}
}

func (a *alipay) enrol(m *merchant, n int) {
	m.ID, m.App = fmt.Sprintf("20880000%08d", n), fmt.Sprintf("20210000%08d", n)
}

// key is the institution's own.
func (a *alipay) key() *ownKey { return a.keys.Own[alipayKey] }

func (a *alipay) credentials(m *merchant, into *Credentials) {
	into.Alipay = AlipayCredentials{
		BaseURL: a.url("alipay") + "/gateway.do", AppID: m.App, SellerID: m.ID, PrivateKeyPEM: m.KeyPEM,
		AlipayPublicKeyPEM: a.key().public(),
	}
	into.AlipayCertificates = a.certificates(m)
}
