package alipay

import (
	"linlipay/payment/gateway"
)

// operation is what was asked of the institution: the same code means different things to different questions.
type operation int

const (
	ordering  operation = iota // 预创建, 查询, 关闭
	charging                   // alipay.trade.pay
	reversing                  // alipay.trade.cancel
	refunding                  // alipay.trade.refund, alipay.trade.fastpay.refund.query
)

// kindOf sorts the institution's codes and sub codes, from its public tables for these calls.
func kindOf(op operation, code, sub string) gateway.ErrorKind {
	switch sub {
	case "ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST":
		return gateway.NotFound
	case "ACQ.SYSTEM_ERROR", "AQC.SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR", "isp.unknow-error", "isp.unknown-error",
		"aop.unknow-error":
		return gateway.TryLater
	}
	if op != refunding {
		if kind := stateOf(sub); kind != "" {
			return kind
		}
	}
	if op == charging && (sub == "ACQ.CONTEXT_INCONSISTENT" || sub == "ACQ.TRADE_BUYER_NOT_MATCH") {
		return gateway.Indeterminate // the number has a trade already, which may have been paid
	}
	switch code {
	case "40004", "40002", "40001", "40006", "20001":
		return gateway.Declined
	case "20000", "40005": // unavailable; too many calls
		return gateway.TryLater
	}
	return gateway.Indeterminate
}

// stateOf sorts the sub codes that tell a trade's state; "" is any other. For a refund they are refusals.
func stateOf(sub string) gateway.ErrorKind {
	switch sub {
	case "ACQ.TRADE_HAS_SUCCESS", "ACQ.TRADE_HAS_FINISHED":
		return gateway.AlreadyPaidUpstream
	case "ACQ.TRADE_HAS_CLOSE", "ACQ.REASON_TRADE_STATUS_INVALID", "ACQ.TRADE_STATUS_ERROR",
		"ACQ.REASON_ILLEGAL_STATUS":
		return gateway.AlreadyClosedUpstream // closed or paid: a query tells which
	}
	return ""
}

// why sorts the refusals that a person at the desk can act on, from the institution's public tables for
// alipay.trade.pay, .cancel and .refund. It has one sub code for payment codes that are wrong, too old or used: the
// payer refreshes the code in each case.
func why(sub string) gateway.DeclineReason {
	switch sub {
	case "ACQ.PAYMENT_AUTH_CODE_INVALID", "ACQ.AUTH_TOKEN_IS_NOT_EXIST":
		return gateway.CodeInvalid
	case "ACQ.BUYER_BALANCE_NOT_ENOUGH", "ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH":
		return gateway.BalanceLow
	case "ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", "ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR",
		"ACQ.TOTAL_FEE_EXCEED",
		"ACQ.BEYOND_PAY_RESTRICTION", "ACQ.BEYOND_PER_RECEIPT_RESTRICTION", "ACQ.BEYOND_PER_RECEIPT_DAY_RESTRICTION",
		"ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION", "ACQ.MERCHANT_PERM_RECEIPT_DAY_LIMIT",
		"ACQ.MERCHANT_PERM_RECEIPT_SINGLE_LIMIT",
		"ACQ.PRODUCT_AMOUNT_LIMIT_ERROR", "ACQ.REQUEST_AMOUNT_EXCEED", "ACQ.RESTRICTED_MERCHANT_INDUSTRY":
		return gateway.LimitReached
	case "ACQ.BUYER_ENABLE_STATUS_FORBID", "ACQ.BUYER_NOT_EXIST", "ACQ.BUYER_NOT_MAINLAND_CERT",
		"ACQ.BUYER_SELLER_EQUAL",
		"ACQ.ERROR_BALANCE_PAYMENT_DISABLE", "ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT", "ACQ.MOBILE_PAYMENT_SWITCH_OFF",
		"ACQ.NOT_CERTIFIED_USER", "ACQ.NOT_SUPPORT_PAYMENT_INST", "ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE",
		"ACQ.PAYER_UNMATCHED",
		"ACQ.PAYMENT_FAIL", "ACQ.PAYMENT_REQUEST_HAS_RISK", "ACQ.PULL_MOBILE_CASHIER_FAIL",
		"ACQ.USER_FACE_PAYMENT_SWITCH_OFF",
		"ACQ.USER_LOGONID_DUP":
		return gateway.PayerDeclined
	case "ACQ.SELLER_BALANCE_NOT_ENOUGH":
		return gateway.MerchantBalance
	}
	return ""
}
