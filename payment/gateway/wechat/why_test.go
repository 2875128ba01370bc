package wechat_test

import (
	"errors"
	"testing"

	"linlipay/payment/gateway"
)

// published is a code of the institution's public tables for 付款码支付 and 申请退款.
type published struct {
	call, code string
	status     int
	kind       gateway.ErrorKind
	why        gateway.DeclineReason
}

func publishedCodes() []published {
	const none = gateway.DeclineReason("")
	charge, refund := codePay, refundCall
	return []published{
		{charge, "AUTH_CODE_INVALID", 400, gateway.Declined, gateway.CodeInvalid},
		{charge, "AUTH_CODE_EXPIRE", 403, gateway.Declined, gateway.CodeExpired},
		{charge, "AUTH_CODE_EXPIRED", 403, gateway.Declined, gateway.CodeExpired},
		{charge, "AUTHCODEEXPIRE", 403, gateway.Declined, gateway.CodeExpired},
		{charge, "AUTH_CODE_ERROR", 400, gateway.Declined, gateway.CodeUsed},
		{charge, "NOT_ENOUGH", 403, gateway.Declined, gateway.BalanceLow},
		{charge, "NOTENOUGH", 403, gateway.Declined, gateway.BalanceLow},
		{charge, "RULE_LIMIT", 403, gateway.Declined, gateway.LimitReached},
		{charge, "RULELIMIT", 403, gateway.Declined, gateway.LimitReached},
		{charge, "TRADE_ERROR", 403, gateway.Declined, gateway.PayerDeclined},
		{charge, "ACCOUNT_ERROR", 403, gateway.Declined, gateway.PayerDeclined},
		{charge, "USER_ACCOUNT_ABNORMAL", 403, gateway.Declined, gateway.PayerDeclined},
		{charge, "USER_NOT_EXIST", 404, gateway.Declined, gateway.PayerDeclined},
		{charge, "BUYER_MISMATCH", 400, gateway.Declined, gateway.PayerDeclined},
		{charge, "NOTSUPORTCARD", 403, gateway.Declined, gateway.PayerDeclined},
		{charge, "PARAM_ERROR", 400, gateway.Declined, none},
		{charge, "SIGN_ERROR", 401, gateway.Declined, none},
		{charge, "NO_AUTH", 403, gateway.Declined, none},
		{charge, "NOAUTH", 403, gateway.Declined, none},
		{charge, "MCH_NOT_EXISTS", 404, gateway.Declined, none},
		{charge, "APPID_MCHID_NOT_MATCH", 400, gateway.Declined, none},
		{charge, "INVALID_REQUEST", 400, gateway.Indeterminate, none},   // also what a repeat is told
		{charge, "OUT_TRADE_NO_USED", 403, gateway.Indeterminate, none}, // likewise
		{charge, "ORDERPAID", 400, gateway.AlreadyPaidUpstream, none},
		{charge, "ORDER_PAID", 400, gateway.AlreadyPaidUpstream, none},
		{charge, "ORDER_CLOSED", 400, gateway.AlreadyClosedUpstream, none},
		{charge, "ORDERCLOSED", 400, gateway.AlreadyClosedUpstream, none},
		{charge, "ORDERREVERSED", 400, gateway.AlreadyClosedUpstream, none},
		{charge, "BANK_ERROR", 500, gateway.TryLater, none},
		{charge, "BANKERROR", 500, gateway.TryLater, none},
		{charge, "SYSTEM_ERROR", 500, gateway.TryLater, none},
		{charge, "SYSTEMERROR", 500, gateway.TryLater, none},
		{charge, "FREQUENCY_LIMITED", 429, gateway.TryLater, none},
		{charge, "RATELIMIT_EXCEEDED", 429, gateway.TryLater, none},
		{charge, "SERVICE_UNAVAILABLE", 503, gateway.TryLater, none},
		{charge, "", 403, gateway.Indeterminate, none},

		{refund, "NOT_ENOUGH", 403, gateway.Declined, gateway.MerchantBalance},
		{refund, "NOTENOUGH", 403, gateway.Declined, gateway.MerchantBalance},
		{refund, "USER_ACCOUNT_ABNORMAL", 403, gateway.Declined, gateway.PayerDeclined},
		{refund, "PARAM_ERROR", 400, gateway.Declined, none},
		{refund, "INVALID_REQUEST", 400, gateway.Declined, none},
		{refund, "REQUEST_BLOCKED", 403, gateway.Declined, none},
		{refund, "TRADE_OVERDUE", 403, gateway.Declined, none},
		{refund, "NO_AUTH", 403, gateway.Declined, none},
		{refund, "MCH_NOT_EXISTS", 404, gateway.Declined, none},
		{refund, "SIGN_ERROR", 401, gateway.Declined, none},
		{refund, "RESOURCE_NOT_EXISTS", 404, gateway.NotFound, none},
		{refund, "BIZ_ERR_NEED_RETRY", 500, gateway.TryLater, none},
		{refund, "SYSTEM_ERROR", 500, gateway.TryLater, none},
		{refund, "FREQUENCY_LIMITED", 429, gateway.TryLater, none},
	}
}

// Every published code, as a signed answer and as an unsigned one.
func TestEveryPublishedCode(t *testing.T) {
	for _, c := range publishedCodes() {
		for _, unsigned := range []bool{false, true} {
			s := script(t, map[string]reply{
				c.call:      {c.status, `{"code":"` + c.code + `","message":"文字"}`, unsigned},
				refundQuery: {status: 404, body: noRefund},
			})
			var err error
			if c.call == codePay {
				_, err = newGateway().PayCode(t.Context(), s.account, codeCharge("C1234567", authCode))
			} else {
				_, err = newGateway().Refund(t.Context(), s.account, refundRequest(""))
			}
			var e *gateway.Error
			if !errors.As(err, &e) || e.Kind != c.kind || e.Reason != c.why || e.Signed == unsigned ||
				e.Code != c.code {
				t.Errorf("%s %s, unsigned %t: got %#v", c.call, c.code, unsigned, err)
			}
		}
	}
}
