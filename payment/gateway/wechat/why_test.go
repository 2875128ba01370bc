package wechat_test

import (
	"errors"
	"testing"

	"linlipay/payment"
)

// published is a code of the institution's public tables for 付款码支付 and 申请退款.
type published struct {
	call, code string
	status     int
	kind       payment.GatewayKind
	why        payment.Why
}

func publishedCodes() []published {
	const none = payment.Why("")
	charge, refund := codePay, refundCall
	return []published{
		{charge, "AUTH_CODE_INVALID", 400, payment.Refused, payment.CodeInvalid},
		{charge, "AUTH_CODE_EXPIRE", 403, payment.Refused, payment.CodeExpired},
		{charge, "AUTH_CODE_EXPIRED", 403, payment.Refused, payment.CodeExpired},
		{charge, "AUTHCODEEXPIRE", 403, payment.Refused, payment.CodeExpired},
		{charge, "AUTH_CODE_ERROR", 400, payment.Refused, payment.CodeUsed},
		{charge, "NOT_ENOUGH", 403, payment.Refused, payment.BalanceLow},
		{charge, "NOTENOUGH", 403, payment.Refused, payment.BalanceLow},
		{charge, "RULE_LIMIT", 403, payment.Refused, payment.LimitReached},
		{charge, "RULELIMIT", 403, payment.Refused, payment.LimitReached},
		{charge, "TRADE_ERROR", 403, payment.Refused, payment.PayerRefused},
		{charge, "ACCOUNT_ERROR", 403, payment.Refused, payment.PayerRefused},
		{charge, "USER_ACCOUNT_ABNORMAL", 403, payment.Refused, payment.PayerRefused},
		{charge, "USER_NOT_EXIST", 404, payment.Refused, payment.PayerRefused},
		{charge, "BUYER_MISMATCH", 400, payment.Refused, payment.PayerRefused},
		{charge, "NOTSUPORTCARD", 403, payment.Refused, payment.PayerRefused},
		{charge, "PARAM_ERROR", 400, payment.Refused, none},
		{charge, "SIGN_ERROR", 401, payment.Refused, none},
		{charge, "NO_AUTH", 403, payment.Refused, none},
		{charge, "NOAUTH", 403, payment.Refused, none},
		{charge, "MCH_NOT_EXISTS", 404, payment.Refused, none},
		{charge, "APPID_MCHID_NOT_MATCH", 400, payment.Refused, none},
		{charge, "INVALID_REQUEST", 400, payment.Unknown, none},   // also what a repeat is told
		{charge, "OUT_TRADE_NO_USED", 403, payment.Unknown, none}, // likewise
		{charge, "ORDERPAID", 400, payment.AlreadyPaidUpstream, none},
		{charge, "ORDER_PAID", 400, payment.AlreadyPaidUpstream, none},
		{charge, "ORDER_CLOSED", 400, payment.AlreadyClosedUpstream, none},
		{charge, "ORDERCLOSED", 400, payment.AlreadyClosedUpstream, none},
		{charge, "ORDERREVERSED", 400, payment.AlreadyClosedUpstream, none},
		{charge, "BANK_ERROR", 500, payment.Busy, none},
		{charge, "BANKERROR", 500, payment.Busy, none},
		{charge, "SYSTEM_ERROR", 500, payment.Busy, none},
		{charge, "SYSTEMERROR", 500, payment.Busy, none},
		{charge, "FREQUENCY_LIMITED", 429, payment.Busy, none},
		{charge, "RATELIMIT_EXCEEDED", 429, payment.Busy, none},
		{charge, "SERVICE_UNAVAILABLE", 503, payment.Busy, none},
		{charge, "", 403, payment.Unknown, none},

		{refund, "NOT_ENOUGH", 403, payment.Refused, payment.MerchantBalance},
		{refund, "NOTENOUGH", 403, payment.Refused, payment.MerchantBalance},
		{refund, "USER_ACCOUNT_ABNORMAL", 403, payment.Refused, payment.PayerRefused},
		{refund, "PARAM_ERROR", 400, payment.Refused, none},
		{refund, "INVALID_REQUEST", 400, payment.Refused, none},
		{refund, "REQUEST_BLOCKED", 403, payment.Refused, none},
		{refund, "TRADE_OVERDUE", 403, payment.Refused, none},
		{refund, "NO_AUTH", 403, payment.Refused, none},
		{refund, "MCH_NOT_EXISTS", 404, payment.Refused, none},
		{refund, "SIGN_ERROR", 401, payment.Refused, none},
		{refund, "RESOURCE_NOT_EXISTS", 404, payment.Absent, none},
		{refund, "BIZ_ERR_NEED_RETRY", 500, payment.Busy, none},
		{refund, "SYSTEM_ERROR", 500, payment.Busy, none},
		{refund, "FREQUENCY_LIMITED", 429, payment.Busy, none},
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
				_, err = gateway().PayCode(t.Context(), s.account, codeCharge("C1234567", authCode))
			} else {
				_, err = gateway().Refund(t.Context(), s.account, refundRequest(""))
			}
			var e *payment.GatewayError
			if !errors.As(err, &e) || e.Kind != c.kind || e.Why != c.why || e.Signed == unsigned || e.Code != c.code {
				t.Errorf("%s %s, unsigned %t: got %#v", c.call, c.code, unsigned, err)
			}
		}
	}
}
