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
	kind gateway.ErrorKind
	why  gateway.DeclineReason
}

// meanings are the codes' (errorCode). The institution publishes the first group, for its H5 payments, and refers to a
// list for this API that is not public. The others follow the same words, or are those of the wallets behind it: an
// assumption, which the setting error_kinds corrects.
var meanings = map[string]meaning{
	"LACK_PARAMS": {kind: gateway.Declined}, "PARAMS_ERROR": {kind: gateway.Declined},
	"SIGN_ERROR":    {kind: gateway.Declined},
	"MCH_NOT_FOUND": {kind: gateway.Declined}, "MEMBER_NOT_EXIST": {kind: gateway.Declined},
	"SERVICE_PROVIDER_NO_AUTH": {kind: gateway.Declined},
	"ORDER_NOT_EXIST":          {kind: gateway.NotFound}, "BIZERR_NEED_RETRY": {kind: gateway.TryLater},
	"REFUND_AMOUNT_ERROR": {kind: gateway.Declined}, "ORDER_NOT_REFUNDABLE": {kind: gateway.Declined},

	"PARAM_ERROR": {kind: gateway.Declined}, "NO_AUTH": {kind: gateway.Declined},
	"MCH_NOT_EXIST":    {kind: gateway.Declined},
	"REFUND_NOT_EXIST": {kind: gateway.NotFound}, "ORDER_PAID": {kind: gateway.AlreadyPaidUpstream},
	"ORDER_CLOSED":   {kind: gateway.AlreadyClosedUpstream},
	"ORDER_REVERSED": {kind: gateway.AlreadyClosedUpstream}, "OUT_TRADE_NO_USED": {kind: gateway.Indeterminate},
	"USERPAYING":   {kind: gateway.TryLater},
	"SYSTEM_ERROR": {kind: gateway.TryLater}, "SYSTEM_BUSY": {kind: gateway.TryLater},
	"FREQUENCY_LIMITED": {kind: gateway.TryLater},
	"BILL_CREATING":     {kind: gateway.TryLater}, "BILL_NOT_EXIST": {kind: gateway.NotFound},
	"REFUND_FEE_EXCEED": {kind: gateway.Declined}, "OUT_REFUND_NO_USED": {kind: gateway.Declined},
	"ORDER_STATUS_ERROR": {kind: gateway.Declined},

	"AUTH_CODE_INVALID":  {gateway.Declined, gateway.CodeInvalid},
	"AUTH_CODE_EXPIRE":   {gateway.Declined, gateway.CodeExpired},
	"AUTH_CODE_EXPIRED":  {gateway.Declined, gateway.CodeExpired},
	"AUTH_CODE_ERROR":    {gateway.Declined, gateway.CodeUsed},
	"BALANCE_NOT_ENOUGH": {gateway.Declined, gateway.BalanceLow}, "NOT_ENOUGH": {gateway.Declined, gateway.BalanceLow},
	"RULE_LIMIT":             {gateway.Declined, gateway.LimitReached},
	"USER_ACCOUNT_ABNORMAL":  {gateway.Declined, gateway.PayerDeclined},
	"NOT_SUPPORT_CARD":       {gateway.Declined, gateway.PayerDeclined},
	"MCH_BALANCE_NOT_ENOUGH": {gateway.Declined, gateway.MerchantBalance},
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
		return meaning{kind: gateway.Declined}
	case !known:
		return meaning{kind: gateway.Indeterminate}
	case m.kind == gateway.Declined && op == asking:
		m.kind = gateway.Indeterminate // a question that was refused says nothing of the trade
	case m.why == gateway.BalanceLow && (op == reversing || op == refunding):
		m.why = gateway.MerchantBalance
	}
	if m.kind != gateway.Declined {
		m.why = ""
	}
	return m
}

// readErrorKinds reads the setting error_kinds: CODE=kind or CODE=kind:why, parted by commas.
func readErrorKinds(text string) (map[string]meaning, bool) {
	kinds := map[string]gateway.ErrorKind{}
	for _, k := range []gateway.ErrorKind{
		gateway.Declined, gateway.AlreadyPaidUpstream, gateway.AlreadyClosedUpstream, gateway.NotFound,
		gateway.TryLater,
		gateway.Indeterminate,
	} {
		kinds[string(k)] = k
	}
	whys := map[string]gateway.DeclineReason{"": ""}
	for _, w := range []gateway.DeclineReason{
		gateway.CodeInvalid, gateway.CodeExpired, gateway.CodeUsed, gateway.BalanceLow, gateway.LimitReached,
		gateway.PayerDeclined, gateway.MerchantBalance,
	} {
		whys[string(w)] = w
	}
	entries := map[string]meaning{}
	for part := range strings.SplitSeq(text, ",") {
		code, means, both := strings.Cut(strings.TrimSpace(part), "=")
		if code == "" && !both {
			continue
		}
		kind, why, _ := strings.Cut(means, ":")
		k, knowsKind := kinds[kind]
		w, knowsWhy := whys[why]
		if code == "" || !knowsKind || !knowsWhy || w != "" && k != gateway.Declined {
			return nil, false
		}
		entries[code] = meaning{k, w}
	}
	return entries, true
}
