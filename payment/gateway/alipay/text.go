package alipay

import (
	"strings"

	"linlipay/payment/gateway"
)

// textLimit is what subject and refund_reason may hold. The reference says 256 characters (String 256); an older one
// says 128 Chinese characters, so that a character beyond ASCII is counted as two.
const textLimit = 256

// forbidden is what a subject must not hold: the reference names / = & and says "and the like" (等特殊字符), which are taken
// to be those that mean something in an address or in markup.
const forbidden = `/=&%+#?<>'"\`

// fit fits a text that the payer sees into what the institution takes: forbidden characters are written at full width.
func fit(text string) string { return gateway.FitText(text, textLimit, cost, allowed) }

func cost(c rune) int {
	if c < 0x80 {
		return 1
	}
	return 2
}

func allowed(c rune) rune {
	if strings.ContainsRune(forbidden, c) {
		return c + ('／' - '/')
	}
	return gateway.Basic(c)
}
