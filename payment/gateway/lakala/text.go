package lakala

import (
	"linlipay/payment/gateway"
)

// The longest texts, in characters: the document says String(42) of a subject and explains it as 42 characters
// (账户端控制，实际最多42个字符). It hands the subject and the counter's order_info (String(64)) on to the wallet, so that both
// are held to what a wallet takes. A reason is String(32).
const (
	titleLength  = 42
	reasonLength = 32
)

// title fits a text that the payer's wallet shows.
func title(text string) string {
	return gateway.FitText(text, titleLength, gateway.Characters, handedOn)
}

// reason fits the reason of a refund, which is required.
func reason(text string) string {
	if text == "" {
		return "退款"
	}
	return gateway.FitText(text, reasonLength, gateway.Characters, gateway.Basic)
}

// handedOn is what every wallet takes: Alipay none of / = & in a title; WeChat counts bytes, of which no character of
// the Basic Multilingual Plane has more than three, so that 42 characters are within its 127; and what lies outside
// that plane is documented nowhere.
func handedOn(c rune) rune {
	switch c {
	case '/':
		return '／'
	case '=':
		return '＝'
	case '&':
		return '＆'
	}
	return gateway.Basic(c)
}
