package shengpay

import (
	"strings"

	"linlipay/payment/gateway"
)

// operation is what was asked of the institution: the same code means different things to different questions.
type operation int

const (
	ordering  operation = iota // 下单
	asking                     // 查单, 退款查询, 对账单: nothing changes
	closing                    // 关单
	charging                   // 付款码
	reversing                  // 撤单
	refunding                  // 退款
)

// meaning is what an error code comes to.
type meaning struct {
	kind gateway.GatewayKind
	why  gateway.Why
}

// meanings are the codes' (errorCode). The institution publishes the first group, for its H5 payments, and refers to a
// list for this API that is not public. The others follow the same words, or are those of the wallets behind it: an
// assumption, which the setting error_kinds corrects.
var meanings = map[string]meaning{
	"LACK_PARAMS": {kind: gateway.Refused}, "PARAMS_ERROR": {kind: gateway.Refused},
	"SIGN_ERROR":    {kind: gateway.Refused},
	"MCH_NOT_FOUND": {kind: gateway.Refused}, "MEMBER_NOT_EXIST": {kind: gateway.Refused},
	"SERVICE_PROVIDER_NO_AUTH": {kind: gateway.Refused},
	"ORDER_NOT_EXIST":          {kind: gateway.Absent}, "BIZERR_NEED_RETRY": {kind: gateway.Busy},
	"REFUND_AMOUNT_ERROR": {kind: gateway.Refused}, "ORDER_NOT_REFUNDABLE": {kind: gateway.Refused},

	"PARAM_ERROR": {kind: gateway.Refused}, "NO_AUTH": {kind: gateway.Refused},
	"MCH_NOT_EXIST":    {kind: gateway.Refused},
	"REFUND_NOT_EXIST": {kind: gateway.Absent}, "ORDER_PAID": {kind: gateway.AlreadyPaidUpstream},
	"ORDER_CLOSED":   {kind: gateway.AlreadyClosedUpstream},
	"ORDER_REVERSED": {kind: gateway.AlreadyClosedUpstream}, "OUT_TRADE_NO_USED": {kind: gateway.Unknown},
	"USERPAYING":   {kind: gateway.Busy},
	"SYSTEM_ERROR": {kind: gateway.Busy}, "SYSTEM_BUSY": {kind: gateway.Busy},
	"FREQUENCY_LIMITED": {kind: gateway.Busy},
	"BILL_CREATING":     {kind: gateway.Busy}, "BILL_NOT_EXIST": {kind: gateway.Absent},
	"REFUND_FEE_EXCEED": {kind: gateway.Refused}, "OUT_REFUND_NO_USED": {kind: gateway.Refused},
	"ORDER_STATUS_ERROR": {kind: gateway.Refused},

	"AUTH_CODE_INVALID": {gateway.Refused, gateway.CodeInvalid},
	"AUTH_CODE_EXPIRE":  {gateway.Refused, gateway.CodeExpired},
	"AUTH_CODE_EXPIRED": {gateway.Refused, gateway.CodeExpired}, "AUTH_CODE_ERROR": {gateway.Refused, gateway.CodeUsed},
	"BALANCE_NOT_ENOUGH": {gateway.Refused, gateway.BalanceLow}, "NOT_ENOUGH": {gateway.Refused, gateway.BalanceLow},
	"RULE_LIMIT":             {gateway.Refused, gateway.LimitReached},
	"USER_ACCOUNT_ABNORMAL":  {gateway.Refused, gateway.PayerRefused},
	"NOT_SUPPORT_CARD":       {gateway.Refused, gateway.PayerRefused},
	"MCH_BALANCE_NOT_ENOUGH": {gateway.Refused, gateway.MerchantBalance},
}

// meaning sorts a code. decided says that the institution signed that it did not do what was asked; only then is a code
// that nobody knows a refusal, and only of an order, which nobody can pay without the answer, and of a refund, which is
// asked about before the refusal counts.
func (s settings) meaning(op operation, code string, decided bool) meaning {
	m, known := s.errorKinds[code]
	if !known {
		m, known = meanings[code]
	}
	switch {
	case !known && decided && (op == ordering || op == refunding):
		return meaning{kind: gateway.Refused}
	case !known:
		return meaning{kind: gateway.Unknown}
	case m.kind == gateway.Refused && op == asking:
		m.kind = gateway.Unknown // a question that was refused says nothing of the trade
	case m.why == gateway.BalanceLow && (op == reversing || op == refunding):
		m.why = gateway.MerchantBalance
	}
	if m.kind != gateway.Refused {
		m.why = ""
	}
	return m
}

// readErrorKinds reads the setting error_kinds: CODE=kind or CODE=kind:why, parted by commas.
func readErrorKinds(text string) (map[string]meaning, bool) {
	kinds := map[string]gateway.GatewayKind{}
	for _, k := range []gateway.GatewayKind{
		gateway.Refused, gateway.AlreadyPaidUpstream, gateway.AlreadyClosedUpstream, gateway.Absent, gateway.Busy,
		gateway.Unknown,
	} {
		kinds[string(k)] = k
	}
	whys := map[string]gateway.Why{"": ""}
	for _, w := range []gateway.Why{
		gateway.CodeInvalid, gateway.CodeExpired, gateway.CodeUsed, gateway.BalanceLow, gateway.LimitReached,
		gateway.PayerRefused, gateway.MerchantBalance,
	} {
		whys[string(w)] = w
	}
	some := map[string]meaning{}
	for part := range strings.SplitSeq(text, ",") {
		code, means, both := strings.Cut(strings.TrimSpace(part), "=")
		if code == "" && !both {
			continue
		}
		kind, why, _ := strings.Cut(means, ":")
		k, knowsKind := kinds[kind]
		w, knowsWhy := whys[why]
		if code == "" || !knowsKind || !knowsWhy || w != "" && k != gateway.Refused {
			return nil, false
		}
		some[code] = meaning{k, w}
	}
	return some, true
}
