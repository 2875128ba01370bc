package lakala

import (
	"net/http"

	"linlipay/payment/gateway"
)

// Success and the one state in between. labs writes BBS, the counter and lams write six digits.
const (
	labsDone   = "BBS00000"
	labsPaying = "BBS10000"
	done       = "000000"
)

// codes are the result codes that are public. The institution documents the successes and BBS10000; the others are
// known from clients of third parties. What stands in no table is Unknown: whoever asked queries. A network failure of
// the institution's own (…100, …101) leaves the effect open.
var codes = map[string]gateway.CodeMeaning{
	labsPaying: {Kind: gateway.TryLater},

	"BBS00001": {Kind: gateway.TryLater}, // 系统异常
	"BBS00100": {Kind: gateway.TryLater}, // 网络请求失败
	"BBS00101": {Kind: gateway.TryLater}, // 网络请求超时
	"000100":   {Kind: gateway.TryLater}, // 网络请求失败
	"000101":   {Kind: gateway.TryLater}, // 网络请求超时
	"BBS11105": {Kind: gateway.TryLater}, // 处理中
	"BBS11112": {Kind: gateway.TryLater}, // 处理中
	"BPS10034": {Kind: gateway.TryLater}, // 退款处理中
	"RFD11105": {Kind: gateway.TryLater}, // 交易未知
	"RFD11112": {Kind: gateway.TryLater}, // 网络请求超时
	"BBS11000": {Kind: gateway.Declined}, // 参数校验失败
	"BBS11106": {Kind: gateway.Declined}, // 未查到交易码参数
	"BBS11200": {Kind: gateway.Declined}, // 验签失败
	"GW0004":   {Kind: gateway.Declined}, // our address is not on the institution's list (IP白名单)

	"710032": {Kind: gateway.TryLater}, // POSP退款请求失败
	"710033": {Kind: gateway.Declined}, // POSP退款失败
	"710034": {Kind: gateway.TryLater}, // LABS退款请求失败
	"710035": {Kind: gateway.Declined}, // LABS退款失败
	"710036": {Kind: gateway.Declined}, // 银行卡不能为空
	"710037": {Kind: gateway.Declined}, // 该交易暂不支持线上退款
	"710038": {Kind: gateway.TryLater}, // POSP退款中
	"710039": {Kind: gateway.TryLater}, // LABS退款中
	"710046": {Kind: gateway.TryLater}, // SAAS系统请求异常
	"710047": {Kind: gateway.Declined}, // SAAS退款失败
	"710048": {Kind: gateway.TryLater}, // 数币系统请求异常
	"710049": {Kind: gateway.Declined}, // 数币退款失败
	"710050": {Kind: gateway.Declined}, // 原交易拉卡拉交易订单号错误
	"710051": {Kind: gateway.Declined}, // 原交易平台交易参考号错误
	"710052": {Kind: gateway.Declined}, // 原交易拉卡拉交易订单号不能为空
	"710053": {Kind: gateway.Declined}, // 系统参考号不能为空
}

// refunding are the codes of a refund that is on its way.
var refunding = []string{labsPaying, "BBS11105", "BBS11112", "BPS10034", "RFD11105", "RFD11112", "710038", "710039"}

// failure is an answer that says no. unsigned is nil when the institution's signature on it verified.
func (s settings) failure(status int, a answer, unsigned error) error {
	m, ok := s.codeKinds[a.code]
	if !ok {
		m, ok = codes[a.code]
	}
	if !ok {
		m.Kind = gateway.Indeterminate
		if a.code == "" && (status == http.StatusTooManyRequests || status >= 500) {
			m.Kind = gateway.TryLater
		}
	}
	return &gateway.Error{Kind: m.Kind, Signed: unsigned == nil, Reason: m.Reason, Code: a.code, Message: a.msg,
		Cause: unsigned}
}
