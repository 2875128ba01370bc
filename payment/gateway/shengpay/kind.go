package shengpay

import (
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

// meanings are the codes' (errorCode). The institution publishes the first group, for its H5 payments, and refers to a
// list for this API that is not public. The others follow the same words, or are those of the wallets behind it: an
// assumption, which the setting error_kinds corrects.
var meanings = map[string]gateway.CodeMeaning{
	"LACK_PARAMS": {Kind: gateway.Declined}, "PARAMS_ERROR": {Kind: gateway.Declined},
	"SIGN_ERROR":    {Kind: gateway.Declined},
	"MCH_NOT_FOUND": {Kind: gateway.Declined}, "MEMBER_NOT_EXIST": {Kind: gateway.Declined},
	"SERVICE_PROVIDER_NO_AUTH": {Kind: gateway.Declined},
	"ORDER_NOT_EXIST":          {Kind: gateway.NotFound}, "BIZERR_NEED_RETRY": {Kind: gateway.TryLater},
	"REFUND_AMOUNT_ERROR": {Kind: gateway.Declined}, "ORDER_NOT_REFUNDABLE": {Kind: gateway.Declined},

	"PARAM_ERROR": {Kind: gateway.Declined}, "NO_AUTH": {Kind: gateway.Declined},
	"MCH_NOT_EXIST":    {Kind: gateway.Declined},
	"REFUND_NOT_EXIST": {Kind: gateway.NotFound}, "ORDER_PAID": {Kind: gateway.AlreadyPaidUpstream},
	"ORDER_CLOSED":   {Kind: gateway.AlreadyClosedUpstream},
	"ORDER_REVERSED": {Kind: gateway.AlreadyClosedUpstream}, "OUT_TRADE_NO_USED": {Kind: gateway.Indeterminate},
	"USERPAYING":   {Kind: gateway.TryLater},
	"SYSTEM_ERROR": {Kind: gateway.TryLater}, "SYSTEM_BUSY": {Kind: gateway.TryLater},
	"FREQUENCY_LIMITED": {Kind: gateway.TryLater},
	"BILL_CREATING":     {Kind: gateway.TryLater}, "BILL_NOT_EXIST": {Kind: gateway.NotFound},
	"REFUND_FEE_EXCEED": {Kind: gateway.Declined}, "OUT_REFUND_NO_USED": {Kind: gateway.Declined},
	"ORDER_STATUS_ERROR": {Kind: gateway.Declined},

	"AUTH_CODE_INVALID":      {Kind: gateway.Declined, Reason: gateway.CodeInvalid},
	"AUTH_CODE_EXPIRE":       {Kind: gateway.Declined, Reason: gateway.CodeExpired},
	"AUTH_CODE_EXPIRED":      {Kind: gateway.Declined, Reason: gateway.CodeExpired},
	"AUTH_CODE_ERROR":        {Kind: gateway.Declined, Reason: gateway.CodeUsed},
	"BALANCE_NOT_ENOUGH":     {Kind: gateway.Declined, Reason: gateway.BalanceLow},
	"NOT_ENOUGH":             {Kind: gateway.Declined, Reason: gateway.BalanceLow},
	"RULE_LIMIT":             {Kind: gateway.Declined, Reason: gateway.LimitReached},
	"USER_ACCOUNT_ABNORMAL":  {Kind: gateway.Declined, Reason: gateway.PayerDeclined},
	"NOT_SUPPORT_CARD":       {Kind: gateway.Declined, Reason: gateway.PayerDeclined},
	"MCH_BALANCE_NOT_ENOUGH": {Kind: gateway.Declined, Reason: gateway.MerchantBalance},
}

// meaning sorts a code. decided says that the institution signed that it did not do what was asked; only then is a code
// that nobody knows a refusal, and only of an order, which nobody can pay without the answer, and of a refund, which is
// asked about before the refusal counts.
func (s settings) meaning(op operation, code string, decided bool) gateway.CodeMeaning {
	m, known := s.errorKinds[code]
	if !known {
		m, known = meanings[code]
	}
	switch {
	case !known && decided && (op == ordering || op == refunding):
		return gateway.CodeMeaning{Kind: gateway.Declined}
	case !known:
		return gateway.CodeMeaning{Kind: gateway.Indeterminate}
	case m.Kind == gateway.Declined && op == asking:
		m.Kind = gateway.Indeterminate // a question that was refused says nothing of the trade
	case m.Reason == gateway.BalanceLow && (op == reversing || op == refunding):
		m.Reason = gateway.MerchantBalance
	}
	if m.Kind != gateway.Declined {
		m.Reason = ""
	}
	return m
}
