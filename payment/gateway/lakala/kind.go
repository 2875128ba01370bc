package lakala

import (
	"net/http"
	"slices"
	"strings"

	"linlipay/payment/gateway"
)

// Success and the one state in between. labs writes BBS, the counter and lams write six digits.
const (
	labsDone   = "BBS00000"
	labsPaying = "BBS10000"
	done       = "000000"
)

// meaning is what a code means to us.
type meaning struct {
	kind gateway.ErrorKind
	why  gateway.DeclineReason
}

// codes are the result codes that are public. The institution documents the successes and BBS10000; the others are
// known from clients of third parties. What stands in no table is Unknown: whoever asked queries. A network failure of
// the institution's own (…100, …101) leaves the effect open.
var codes = map[string]meaning{
	labsPaying: {gateway.TryLater, ""},

	"BBS00001": {gateway.TryLater, ""}, // 系统异常
	"BBS00100": {gateway.TryLater, ""}, // 网络请求失败
	"BBS00101": {gateway.TryLater, ""}, // 网络请求超时
	"000100":   {gateway.TryLater, ""}, // 网络请求失败
	"000101":   {gateway.TryLater, ""}, // 网络请求超时
	"BBS11105": {gateway.TryLater, ""}, // 处理中
	"BBS11112": {gateway.TryLater, ""}, // 处理中
	"BPS10034": {gateway.TryLater, ""}, // 退款处理中
	"RFD11105": {gateway.TryLater, ""}, // 交易未知
	"RFD11112": {gateway.TryLater, ""}, // 网络请求超时
	"BBS11000": {gateway.Declined, ""}, // 参数校验失败
	"BBS11106": {gateway.Declined, ""}, // 未查到交易码参数
	"BBS11200": {gateway.Declined, ""}, // 验签失败
	"GW0004":   {gateway.Declined, ""}, // our address is not on the institution's list (IP白名单)

	"710032": {gateway.TryLater, ""}, // POSP退款请求失败
	"710033": {gateway.Declined, ""}, // POSP退款失败
	"710034": {gateway.TryLater, ""}, // LABS退款请求失败
	"710035": {gateway.Declined, ""}, // LABS退款失败
	"710036": {gateway.Declined, ""}, // 银行卡不能为空
	"710037": {gateway.Declined, ""}, // 该交易暂不支持线上退款
	"710038": {gateway.TryLater, ""}, // POSP退款中
	"710039": {gateway.TryLater, ""}, // LABS退款中
	"710046": {gateway.TryLater, ""}, // SAAS系统请求异常
	"710047": {gateway.Declined, ""}, // SAAS退款失败
	"710048": {gateway.TryLater, ""}, // 数币系统请求异常
	"710049": {gateway.Declined, ""}, // 数币退款失败
	"710050": {gateway.Declined, ""}, // 原交易拉卡拉交易订单号错误
	"710051": {gateway.Declined, ""}, // 原交易平台交易参考号错误
	"710052": {gateway.Declined, ""}, // 原交易拉卡拉交易订单号不能为空
	"710053": {gateway.Declined, ""}, // 系统参考号不能为空
}

// refunding are the codes of a refund that is on its way.
var refunding = []string{labsPaying, "BBS11105", "BBS11112", "BPS10034", "RFD11105", "RFD11112", "710038", "710039"}

// readCodeKinds reads what further codes mean: "CODE=kind" or "CODE=refused/why", separated by commas. It may also
// correct the table.
func readCodeKinds(text string) (map[string]meaning, error) {
	kinds := []gateway.ErrorKind{gateway.Declined, gateway.AlreadyPaidUpstream, gateway.AlreadyClosedUpstream,
		gateway.NotFound, gateway.TryLater, gateway.Indeterminate}
	whys := []gateway.DeclineReason{
		"", gateway.CodeInvalid, gateway.CodeExpired, gateway.CodeUsed, gateway.BalanceLow, gateway.LimitReached,
		gateway.PayerDeclined, gateway.MerchantBalance,
	}
	more := map[string]meaning{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		code, means, _ := strings.Cut(part, "=")
		kind, why, _ := strings.Cut(means, "/")
		m := meaning{gateway.ErrorKind(kind), gateway.DeclineReason(why)}
		known := slices.Contains(kinds, m.kind) && slices.Contains(whys, m.why) &&
			(m.why == "" || m.kind == gateway.Declined)
		if !known || code == "" || code == labsDone || code == done {
			return nil, gateway.BadSetting("code_kinds", "格式应为 返回码=含义，以逗号分隔。",
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
		m.kind = gateway.Indeterminate
		if a.code == "" && (status == http.StatusTooManyRequests || status >= 500) {
			m.kind = gateway.TryLater
		}
	}
	return &gateway.Error{Kind: m.kind, Signed: unsigned == nil, Reason: m.why, Code: a.code, Message: a.msg,
		Cause: unsigned}
}
