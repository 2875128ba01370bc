package wechat

import (
	"net/http"

	"linlipay/payment/gateway"
)

// operation is what was asked of the institution: the same code means different things to different questions.
type operation int

const (
	ordering  operation = iota // 下单, 查单, 关单
	charging                   // 付款码支付
	reversing                  // 撤销
	refunding                  // 退款, 查询退款
)

// kind sorts the institution's error codes, from its public tables for API v3. The names without underscores are those
// of its older tables, which still occur.
func kind(op operation, status int, code string) gateway.ErrorKind {
	if op == reversing && tooSoon(code) {
		return gateway.TryLater
	}
	if status/100 == 2 {
		// a success of another form than the documented one, such as 202: neither done nor refused
		return gateway.Indeterminate
	}
	if op == charging && (code == "OUT_TRADE_NO_USED" || code == "INVALID_REQUEST") {
		return gateway.Indeterminate // also what a repeat is told; the trade that has the number may have been paid
	}
	switch sorted := kindOf(code); {
	case sorted != "":
		return sorted
	case why(op, code) != "":
		return gateway.Declined
	case status == http.StatusTooManyRequests || status >= 500:
		return gateway.TryLater
	}
	return gateway.Indeterminate
}

// tooSoon reports whether a charge cannot be reversed yet: too soon after it, or while the payer types the password.
func tooSoon(code string) bool {
	switch code {
	case "INVALID_REQUEST", "TRADE_ERROR", "RULE_LIMIT", "RULELIMIT", "USERPAYING", "USER_PAYING":
		return true
	}
	return false
}

// kindOf sorts the codes that mean one thing whatever was asked; "" is any other.
func kindOf(code string) gateway.ErrorKind {
	switch code {
	case "ORDERPAID", "ORDER_PAID":
		return gateway.AlreadyPaidUpstream
	case "ORDER_CLOSED", "ORDERCLOSED", "ORDER_REVERSED", "ORDERREVERSED":
		return gateway.AlreadyClosedUpstream
	case "ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "REFUND_NOT_EXISTS", "REFUNDNOTEXIST":
		return gateway.NotFound
	case "PARAM_ERROR", "INVALID_REQUEST", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "NO_AUTH", "NOAUTH",
		"OUT_TRADE_NO_USED", "SIGN_ERROR",
		"OPENID_MISMATCH", "INVALID_TRANSACTIONID", "REQUEST_BLOCKED", "TRADE_OVERDUE", "REFUND_FEE_MISMATCH",
		"REVERSE_EXPIRE":
		return gateway.Declined
	case "FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED", "RATE_LIMITED", "SYSTEM_ERROR",
		"SYSTEMERROR", "BANK_ERROR",
		"BANKERROR", "BIZ_ERR_NEED_RETRY", "BIZERR_NEED_RETRY", "ORDER_NOT_READY", "USERPAYING", "USER_PAYING":
		return gateway.TryLater
	}
	return ""
}

// why sorts the refusals that a person at the desk can act on, from the institution's public tables for 付款码支付 and 申请退款.
// Its solution for AUTH_CODE_ERROR is that each code may be used only once. NOT_ENOUGH is the payer's money in a
// payment and the merchant's in a refund.
func why(op operation, code string) gateway.DeclineReason {
	switch code {
	case "AUTH_CODE_INVALID", "AUTHCODEINVALID":
		return gateway.CodeInvalid
	case "AUTH_CODE_EXPIRE", "AUTH_CODE_EXPIRED", "AUTHCODEEXPIRE":
		return gateway.CodeExpired
	case "AUTH_CODE_ERROR", "AUTHCODEERROR":
		return gateway.CodeUsed
	case "RULE_LIMIT", "RULELIMIT":
		return gateway.LimitReached
	case "TRADE_ERROR", "ACCOUNT_ERROR", "ACCOUNTERROR", "USER_ACCOUNT_ABNORMAL", "USER_NOT_EXIST", "USER_NOT_EXISTS",
		"BUYER_MISMATCH",
		"NOT_SUPPORT_CARD", "NOTSUPORTCARD":
		return gateway.PayerDeclined
	case "NOT_ENOUGH", "NOTENOUGH":
		if op == refunding || op == reversing {
			return gateway.MerchantBalance
		}
		return gateway.BalanceLow
	}
	return ""
}
