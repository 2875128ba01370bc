package shengpay_test

import (
	"errors"
	"testing"

	"linlipay/payment"
)

// coded is what an error code comes to, by what was asked.
type coded struct {
	code                 string
	order, query, refund payment.GatewayKind
	refundWhy            payment.Why
}

// publishedCodes are the codes that the institution publishes for its H5 payments, then those that are assumed, as
// docs/institutions/shengpay.md lists them.
func publishedCodes() []coded {
	const no, lost, busy, unknown = payment.Refused, payment.Absent, payment.Busy, payment.Unknown
	return []coded{
		{code: "LACK_PARAMS", order: no, query: unknown, refund: no},
		{code: "PARAMS_ERROR", order: no, query: unknown, refund: no},
		{code: "SIGN_ERROR", order: no, query: unknown, refund: no},
		{code: "MCH_NOT_FOUND", order: no, query: unknown, refund: no},
		{code: "MEMBER_NOT_EXIST", order: no, query: unknown, refund: no},
		{code: "SERVICE_PROVIDER_NO_AUTH", order: no, query: unknown, refund: no},
		{code: "ORDER_NOT_EXIST", order: lost, query: lost, refund: lost},
		{code: "BIZERR_NEED_RETRY", order: busy, query: busy, refund: busy},
		{code: "REFUND_AMOUNT_ERROR", order: no, query: unknown, refund: no},
		{code: "ORDER_NOT_REFUNDABLE", order: no, query: unknown, refund: no},

		{code: "PARAM_ERROR", order: no, query: unknown, refund: no},
		{code: "NO_AUTH", order: no, query: unknown, refund: no},
		{code: "MCH_NOT_EXIST", order: no, query: unknown, refund: no},
		{code: "REFUND_NOT_EXIST", order: lost, query: lost, refund: lost},
		{code: "ORDER_PAID", order: payment.AlreadyPaidUpstream, query: payment.AlreadyPaidUpstream,
			refund: payment.AlreadyPaidUpstream},
		{code: "ORDER_CLOSED", order: payment.AlreadyClosedUpstream, query: payment.AlreadyClosedUpstream,
			refund: payment.AlreadyClosedUpstream},
		{code: "ORDER_REVERSED", order: payment.AlreadyClosedUpstream, query: payment.AlreadyClosedUpstream,
			refund: payment.AlreadyClosedUpstream},
		{code: "OUT_TRADE_NO_USED", order: unknown, query: unknown, refund: unknown},
		{code: "USERPAYING", order: busy, query: busy, refund: busy},
		{code: "SYSTEM_ERROR", order: busy, query: busy, refund: busy},
		{code: "SYSTEM_BUSY", order: busy, query: busy, refund: busy},
		{code: "FREQUENCY_LIMITED", order: busy, query: busy, refund: busy},
		{code: "BILL_CREATING", order: busy, query: busy, refund: busy},
		{code: "BILL_NOT_EXIST", order: lost, query: lost, refund: lost},
		{code: "REFUND_FEE_EXCEED", order: no, query: unknown, refund: no},
		{code: "OUT_REFUND_NO_USED", order: no, query: unknown, refund: no},
		{code: "ORDER_STATUS_ERROR", order: no, query: unknown, refund: no},
		{code: "AUTH_CODE_INVALID", order: no, query: unknown, refund: no, refundWhy: payment.CodeInvalid},
		{code: "AUTH_CODE_EXPIRE", order: no, query: unknown, refund: no, refundWhy: payment.CodeExpired},
		{code: "AUTH_CODE_EXPIRED", order: no, query: unknown, refund: no, refundWhy: payment.CodeExpired},
		{code: "AUTH_CODE_ERROR", order: no, query: unknown, refund: no, refundWhy: payment.CodeUsed},
		{code: "BALANCE_NOT_ENOUGH", order: no, query: unknown, refund: no, refundWhy: payment.MerchantBalance},
		{code: "NOT_ENOUGH", order: no, query: unknown, refund: no, refundWhy: payment.MerchantBalance},
		{code: "RULE_LIMIT", order: no, query: unknown, refund: no, refundWhy: payment.LimitReached},
		{code: "USER_ACCOUNT_ABNORMAL", order: no, query: unknown, refund: no, refundWhy: payment.PayerRefused},
		{code: "NOT_SUPPORT_CARD", order: no, query: unknown, refund: no, refundWhy: payment.PayerRefused},
		{code: "MCH_BALANCE_NOT_ENOUGH", order: no, query: unknown, refund: no, refundWhy: payment.MerchantBalance},
	}
}

// failure checks what an error is.
func failure(t *testing.T, what string, err error, kind payment.GatewayKind, signed bool) *payment.GatewayError {
	t.Helper()
	var e *payment.GatewayError
	if !errors.As(err, &e) {
		t.Fatalf("%s: %v is no GatewayError", what, err)
	}
	if e.Kind != kind || e.Signed != signed {
		t.Errorf("%s: %v; want %s, signed %t", what, e, kind, signed)
	}
	return e
}
