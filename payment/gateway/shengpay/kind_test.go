package shengpay_test

import (
	"errors"
	"testing"

	"linlipay/payment/gateway"
)

// coded is what an error code comes to, by what was asked.
type coded struct {
	code                 string
	order, query, refund gateway.ErrorKind
	refundWhy            gateway.DeclineReason
}

// publishedCodes are the codes that the institution publishes for its H5 payments, then those that are assumed, as
// docs/institutions/shengpay.md lists them.
func publishedCodes() []coded {
	const no, lost, busy, unknown = gateway.Declined, gateway.NotFound, gateway.TryLater, gateway.Indeterminate
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
		{code: "ORDER_PAID", order: gateway.AlreadyPaidUpstream, query: gateway.AlreadyPaidUpstream,
			refund: gateway.AlreadyPaidUpstream},
		{code: "ORDER_CLOSED", order: gateway.AlreadyClosedUpstream, query: gateway.AlreadyClosedUpstream,
			refund: gateway.AlreadyClosedUpstream},
		{code: "ORDER_REVERSED", order: gateway.AlreadyClosedUpstream, query: gateway.AlreadyClosedUpstream,
			refund: gateway.AlreadyClosedUpstream},
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
		{code: "AUTH_CODE_INVALID", order: no, query: unknown, refund: no, refundWhy: gateway.CodeInvalid},
		{code: "AUTH_CODE_EXPIRE", order: no, query: unknown, refund: no, refundWhy: gateway.CodeExpired},
		{code: "AUTH_CODE_EXPIRED", order: no, query: unknown, refund: no, refundWhy: gateway.CodeExpired},
		{code: "AUTH_CODE_ERROR", order: no, query: unknown, refund: no, refundWhy: gateway.CodeUsed},
		{code: "BALANCE_NOT_ENOUGH", order: no, query: unknown, refund: no, refundWhy: gateway.MerchantBalance},
		{code: "NOT_ENOUGH", order: no, query: unknown, refund: no, refundWhy: gateway.MerchantBalance},
		{code: "RULE_LIMIT", order: no, query: unknown, refund: no, refundWhy: gateway.LimitReached},
		{code: "USER_ACCOUNT_ABNORMAL", order: no, query: unknown, refund: no, refundWhy: gateway.PayerDeclined},
		{code: "NOT_SUPPORT_CARD", order: no, query: unknown, refund: no, refundWhy: gateway.PayerDeclined},
		{code: "MCH_BALANCE_NOT_ENOUGH", order: no, query: unknown, refund: no, refundWhy: gateway.MerchantBalance},
	}
}

// failure checks what an error is.
func failure(t *testing.T, what string, err error, kind gateway.ErrorKind, signed bool) *gateway.Error {
	t.Helper()
	var e *gateway.Error
	if !errors.As(err, &e) {
		t.Fatalf("%s: %v is no GatewayError", what, err)
	}
	if e.Kind != kind || e.Signed != signed {
		t.Errorf("%s: %v; want %s, signed %t", what, e, kind, signed)
	}
	return e
}
