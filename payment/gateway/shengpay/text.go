package shengpay

import (
	"linlipay/payment/gateway"
)

// Most that the institution takes, in bytes. That of notifyUrl and pageUrl is published; of body one client knows 127,
// which is also what the wallet behind it takes; that of refundDesc is assumed to be that wallet's.
const (
	bodyMost    = 127
	addressMost = 128
	reasonMost  = 80
	merchantMax = 16 // mchId
)

// fit fits a text into a field of so many bytes. What the institution does with characters beyond the Basic
// Multilingual Plane, such as emoji, is not published: they are replaced.
func fit(text string, most int) string {
	return gateway.FitText(text, most, gateway.Bytes, gateway.Basic)
}
