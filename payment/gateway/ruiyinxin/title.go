package ruiyinxin

import (
	"linlipay/payment/gateway"
)

// fit fits a title into subject. Its limit is not public: by default it is the least of the wallets' behind it,
// WeChat Pay's 127 bytes, in UTF-8, which is what is signed and has no fewer bytes than the GBK of older clients.
// Characters beyond the Basic Multilingual Plane, such as emoji, are replaced: whether they pass is not public
// either.
func (s settings) fit(title string) string {
	return gateway.FitText(title, s.subjectBytes, gateway.Bytes, gateway.Basic)
}
