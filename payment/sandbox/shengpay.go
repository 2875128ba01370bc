package sandbox

import (
	"fmt"
	"time"
)

// shengpay is Shengpay 盛付通: its aggregate payments, and its application for cards on a terminal. See
// shengpay_profile.go for what of it is public.
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

	// What is not public, as it is played here.
	ErrorKinds            string `json:"error_kinds"`
	RefundStates          string `json:"refund_states"`
	ClosePath             string `json:"close_path"`
	CodePath              string `json:"code_path"`
	CodeField             string `json:"code_field"`
	CodeTradeTypeWechat   string `json:"code_trade_type_wechat"`
	CodeTradeTypeAlipay   string `json:"code_trade_type_alipay"`
	CodeTradeTypeUnionPay string `json:"code_trade_type_unionpay"`
	CardApplication       string `json:"card_application"`
	CardBillPath          string `json:"card_bill_path"`
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
		refundsLater: true, refundEnds: []refundState{refundDone, refundClosed}, schedule: shengpaySchedule(),
	}
}

func (s *shengpay) enrol(m *merchant, n int) {
	m.ID = fmt.Sprintf("300%07d", n)
}

func (s *shengpay) credentials(m *merchant, into *Credentials) {
	scans := shengpayScans()
	into.Shengpay = ShengpayCredentials{
		BaseURL: s.url("shengpay"), MchID: m.ID, SignType: "RSA", PrivateKeyPEM: m.KeyPEM,
		PlatformPublicKeyPEM: s.keys.Own[shengpayKey].public(),
		WechatApp:            s.wechatApp(m), ErrorKinds: shengpayKinds, RefundStates: "REFUND_FAIL=shut",
		ClosePath: shengpayClose, CodePath: shengpayAuthPay, CodeField: "authCode",
		CodeTradeTypeWechat: scans[WechatWallet], CodeTradeTypeAlipay: scans[AlipayWallet],
		CodeTradeTypeUnionPay: scans[UnionPay],
		CardApplication:       "generic", CardBillPath: shengpayBill,
	}
}
