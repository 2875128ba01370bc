package shengpay

import (
	"strings"

	"linlipay/payment"
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
	kind payment.GatewayKind
	why  payment.Why
}

// meanings are the codes' (errorCode). The institution publishes the first group, for its H5 payments, and refers to a
// list for this API that is not public. The others follow the same words, or are those of the wallets behind it: an
// assumption, which the setting error_kinds corrects.
var meanings = map[string]meaning{
	"LACK_PARAMS": {kind: payment.Refused}, "PARAMS_ERROR": {kind: payment.Refused},
	"SIGN_ERROR":    {kind: payment.Refused},
	"MCH_NOT_FOUND": {kind: payment.Refused}, "MEMBER_NOT_EXIST": {kind: payment.Refused},
	"SERVICE_PROVIDER_NO_AUTH": {kind: payment.Refused},
	"ORDER_NOT_EXIST":          {kind: payment.Absent}, "BIZERR_NEED_RETRY": {kind: payment.Busy},
	"REFUND_AMOUNT_ERROR": {kind: payment.Refused}, "ORDER_NOT_REFUNDABLE": {kind: payment.Refused},

	"PARAM_ERROR": {kind: payment.Refused}, "NO_AUTH": {kind: payment.Refused},
	"MCH_NOT_EXIST":    {kind: payment.Refused},
	"REFUND_NOT_EXIST": {kind: payment.Absent}, "ORDER_PAID": {kind: payment.AlreadyPaidUpstream},
	"ORDER_CLOSED":   {kind: payment.AlreadyClosedUpstream},
	"ORDER_REVERSED": {kind: payment.AlreadyClosedUpstream}, "OUT_TRADE_NO_USED": {kind: payment.Unknown},
	"USERPAYING":   {kind: payment.Busy},
	"SYSTEM_ERROR": {kind: payment.Busy}, "SYSTEM_BUSY": {kind: payment.Busy},
	"FREQUENCY_LIMITED": {kind: payment.Busy},
	"BILL_CREATING":     {kind: payment.Busy}, "BILL_NOT_EXIST": {kind: payment.Absent},
	"REFUND_FEE_EXCEED": {kind: payment.Refused}, "OUT_REFUND_NO_USED": {kind: payment.Refused},
	"ORDER_STATUS_ERROR": {kind: payment.Refused},

	"AUTH_CODE_INVALID": {payment.Refused, payment.CodeInvalid},
	"AUTH_CODE_EXPIRE":  {payment.Refused, payment.CodeExpired},
	"AUTH_CODE_EXPIRED": {payment.Refused, payment.CodeExpired}, "AUTH_CODE_ERROR": {payment.Refused, payment.CodeUsed},
	"BALANCE_NOT_ENOUGH": {payment.Refused, payment.BalanceLow}, "NOT_ENOUGH": {payment.Refused, payment.BalanceLow},
	"RULE_LIMIT":             {payment.Refused, payment.LimitReached},
	"USER_ACCOUNT_ABNORMAL":  {payment.Refused, payment.PayerRefused},
	"NOT_SUPPORT_CARD":       {payment.Refused, payment.PayerRefused},
	"MCH_BALANCE_NOT_ENOUGH": {payment.Refused, payment.MerchantBalance},
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
		return meaning{kind: payment.Refused}
	case !known:
		return meaning{kind: payment.Unknown}
	case m.kind == payment.Refused && op == asking:
		m.kind = payment.Unknown // a question that was refused says nothing of the trade
	case m.why == payment.BalanceLow && (op == reversing || op == refunding):
		m.why = payment.MerchantBalance
	}
	if m.kind != payment.Refused {
		m.why = ""
	}
	return m
}

// readErrorKinds reads the setting error_kinds: CODE=kind or CODE=kind:why, parted by commas.
func readErrorKinds(text string) (map[string]meaning, bool) {
	kinds := map[string]payment.GatewayKind{}
	for _, k := range []payment.GatewayKind{
		payment.Refused, payment.AlreadyPaidUpstream, payment.AlreadyClosedUpstream, payment.Absent, payment.Busy,
		payment.Unknown,
	} {
		kinds[string(k)] = k
	}
	whys := map[string]payment.Why{"": ""}
	for _, w := range []payment.Why{
		payment.CodeInvalid, payment.CodeExpired, payment.CodeUsed, payment.BalanceLow, payment.LimitReached,
		payment.PayerRefused, payment.MerchantBalance,
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
		if code == "" || !knowsKind || !knowsWhy || w != "" && k != payment.Refused {
			return nil, false
		}
		some[code] = meaning{k, w}
	}
	return some, true
}
