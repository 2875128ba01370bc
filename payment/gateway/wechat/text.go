package wechat

import (
	"linlipay/payment/gateway"
)

// The most that the institution takes of a text, in bytes of UTF-8: it refuses a description with 字节数 130，大于最大值 127,
// and documents 80 bytes of a refund's reason.
const (
	descriptionBytes = 127 // description
	reasonBytes      = 80  // reason
	deskBytes        = 32  // scene_info.device_id, scene_info.store_info.out_id
)

// fit is a text as the institution takes it, of at most limit bytes. Characters outside the Basic Multilingual Plane,
// such as emoji, are not supported.
func fit(text string, limit int) string {
	return gateway.FitText(text, limit, gateway.Bytes, plain)
}

// plain is gateway.Basic without the joiner, which has nothing to join where there are no emoji.
func plain(c rune) rune {
	if c == '\u200d' {
		return -1
	}
	return gateway.Basic(c)
}
