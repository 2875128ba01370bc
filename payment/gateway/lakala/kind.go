package lakala

import (
	"net/http"
	"slices"
	"strings"

	"linlipay/payment"
)

// Success and the one state in between. labs writes BBS, the counter and lams write six digits.
const (
	labsDone   = "BBS00000"
	labsPaying = "BBS10000"
	done       = "000000"
)

// meaning is what a code means to us.
type meaning struct {
	kind payment.GatewayKind
	why  payment.Why
}

// codes are the result codes that are public. The institution documents the successes and BBS10000; the others are
// known from clients of third parties. What stands in no table is Unknown: whoever asked queries. A network failure of
// the institution's own (…100, …101) leaves the effect open.
var codes = map[string]meaning{
	labsPaying: {payment.Busy, ""},

	"BBS00001": {payment.Busy, ""},    // 系统异常
	"BBS00100": {payment.Busy, ""},    // 网络请求失败
	"BBS00101": {payment.Busy, ""},    // 网络请求超时
	"000100":   {payment.Busy, ""},    // 网络请求失败
	"000101":   {payment.Busy, ""},    // 网络请求超时
	"BBS11105": {payment.Busy, ""},    // 处理中
	"BBS11112": {payment.Busy, ""},    // 处理中
	"BPS10034": {payment.Busy, ""},    // 退款处理中
	"RFD11105": {payment.Busy, ""},    // 交易未知
	"RFD11112": {payment.Busy, ""},    // 网络请求超时
	"BBS11000": {payment.Refused, ""}, // 参数校验失败
	"BBS11106": {payment.Refused, ""}, // 未查到交易码参数
	"BBS11200": {payment.Refused, ""}, // 验签失败
	"GW0004":   {payment.Refused, ""}, // our address is not on the institution's list (IP白名单)

	"710032": {payment.Busy, ""},    // POSP退款请求失败
	"710033": {payment.Refused, ""}, // POSP退款失败
	"710034": {payment.Busy, ""},    // LABS退款请求失败
	"710035": {payment.Refused, ""}, // LABS退款失败
	"710036": {payment.Refused, ""}, // 银行卡不能为空
	"710037": {payment.Refused, ""}, // 该交易暂不支持线上退款
	"710038": {payment.Busy, ""},    // POSP退款中
	"710039": {payment.Busy, ""},    // LABS退款中
	"710046": {payment.Busy, ""},    // SAAS系统请求异常
	"710047": {payment.Refused, ""}, // SAAS退款失败
	"710048": {payment.Busy, ""},    // 数币系统请求异常
	"710049": {payment.Refused, ""}, // 数币退款失败
	"710050": {payment.Refused, ""}, // 原交易拉卡拉交易订单号错误
	"710051": {payment.Refused, ""}, // 原交易平台交易参考号错误
	"710052": {payment.Refused, ""}, // 原交易拉卡拉交易订单号不能为空
	"710053": {payment.Refused, ""}, // 系统参考号不能为空
}

// refunding are the codes of a refund that is on its way.
var refunding = []string{labsPaying, "BBS11105", "BBS11112", "BPS10034", "RFD11105", "RFD11112", "710038", "710039"}

// readCodeKinds reads what further codes mean: "CODE=kind" or "CODE=refused/why", separated by commas. It may also
// correct the table.
func readCodeKinds(text string) (map[string]meaning, error) {
	kinds := []payment.GatewayKind{payment.Refused, payment.AlreadyPaidUpstream, payment.AlreadyClosedUpstream,
		payment.Absent, payment.Busy, payment.Unknown}
	whys := []payment.Why{
		"", payment.CodeInvalid, payment.CodeExpired, payment.CodeUsed, payment.BalanceLow, payment.LimitReached,
		payment.PayerRefused, payment.MerchantBalance,
	}
	more := map[string]meaning{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		code, means, _ := strings.Cut(part, "=")
		kind, why, _ := strings.Cut(means, "/")
		m := meaning{payment.GatewayKind(kind), payment.Why(why)}
		known := slices.Contains(kinds, m.kind) && slices.Contains(whys, m.why) &&
			(m.why == "" || m.kind == payment.Refused)
		if !known || code == "" || code == labsDone || code == done {
			return nil, payment.BadSetting("code_kinds", "格式应为 返回码=含义，以逗号分隔。",
				"must be CODE=kind, separated by commas.")
		}
		more[code] = m
	}
	return more, nil
}

// failure is an answer that says no. unsigned is nil when the institution's signature on it verified.
func (s settings) failure(status int, a answer, unsigned error) error {
	m, ok := s.codeKinds[a.code]
	if !ok {
		m, ok = codes[a.code]
	}
	if !ok {
		m.kind = payment.Unknown
		if a.code == "" && (status == http.StatusTooManyRequests || status >= 500) {
			m.kind = payment.Busy
		}
	}
	return &payment.GatewayError{Kind: m.kind, Signed: unsigned == nil, Why: m.why, Code: a.code, Message: a.msg,
		Cause: unsigned}
}
