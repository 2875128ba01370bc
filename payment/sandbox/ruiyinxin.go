package sandbox

import (
	"fmt"
	"time"
)

// ruiyinxin is Ruiyinxin 瑞银信 with the SMZF envelope. Nothing of it is published: see ruiyinxin_profile.go.
type ruiyinxin struct{ *Sandbox }

const ruiyinxinKey = "ruiyinxin"

// RuiyinxinCredentials are one merchant's at Ruiyinxin.
type RuiyinxinCredentials struct {
	BaseURL              string `json:"base_url"`
	Cooperator           string `json:"cooperator"`
	MerchantCode         string `json:"merchant_code"`
	PrivateKeyPEM        string `json:"private_key_pem"`
	PlatformPublicKeyPEM string `json:"platform_public_key_pem"`
	WechatApp

	// What is not public, as it is played here.
	PayWayUnionPay  string `json:"pay_way_unionpay"`
	CodeKinds       string `json:"code_kinds"`
	CardApplication string `json:"card_application"`
}

func (r *ruiyinxin) traits() traits {
	return traits{
		name: "ruiyinxin", addr: r.cfg.RuiyinxinAddr, keys: []string{ruiyinxinKey}, wallets: wallets(),
		transactionID: func(now time.Time, serial int) string {
			return fmt.Sprintf("%s42%012d", now.In(shanghai).Format("20060102"), serial)
		},
		refundID: func(now time.Time, serial int) string {
			return fmt.Sprintf("%s43%012d", now.In(shanghai).Format("20060102"), serial)
		},
		refundEnds: []refundState{refundDone, refundClosed}, schedule: ruiyinxinSchedule(),
	}
}

func (r *ruiyinxin) enrol(m *merchant, n int) {
	m.ID, m.App = fmt.Sprintf("M%014d", n), fmt.Sprintf("SMZF%08d", n)
}

func (r *ruiyinxin) credentials(m *merchant, into *Credentials) {
	into.Ruiyinxin = RuiyinxinCredentials{
		BaseURL: r.url("ruiyinxin"), Cooperator: m.App, MerchantCode: m.ID, PrivateKeyPEM: m.KeyPEM,
		PlatformPublicKeyPEM: r.keys.Own[ruiyinxinKey].public(),
		WechatApp:            r.wechatApp(m), PayWayUnionPay: smzfPayWays()[UnionPay], CodeKinds: smzfKinds,
		CardApplication: "generic",
	}
}
