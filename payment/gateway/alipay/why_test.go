package alipay_test

import (
	"errors"
	"testing"

	"linlipay/payment/gateway"
)

// meaning is what a sub code comes to.
type meaning struct {
	kind gateway.ErrorKind
	why  gateway.DeclineReason
}

// publishedCodes are the sub codes of the institution's public tables for alipay.trade.pay and alipay.trade.refund that
// concern this merchant's kind of trade, by call.
func publishedCodes() map[string]map[string]meaning {
	refusal := func(why gateway.DeclineReason) meaning { return meaning{gateway.Declined, why} }
	return map[string]map[string]meaning{
		tradePay: {
			"ACQ.PAYMENT_AUTH_CODE_INVALID":              refusal(gateway.CodeInvalid),
			"ACQ.AUTH_TOKEN_IS_NOT_EXIST":                refusal(gateway.CodeInvalid),
			"ACQ.BUYER_BALANCE_NOT_ENOUGH":               refusal(gateway.BalanceLow),
			"ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH":      refusal(gateway.BalanceLow),
			"ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR":   refusal(gateway.LimitReached),
			"ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR": refusal(gateway.LimitReached),
			"ACQ.TOTAL_FEE_EXCEED":                       refusal(gateway.LimitReached),
			"ACQ.BEYOND_PAY_RESTRICTION":                 refusal(gateway.LimitReached),
			"ACQ.BEYOND_PER_RECEIPT_RESTRICTION":         refusal(gateway.LimitReached),
			"ACQ.BEYOND_PER_RECEIPT_DAY_RESTRICTION":     refusal(gateway.LimitReached),
			"ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION":  refusal(gateway.LimitReached),
			"ACQ.MERCHANT_PERM_RECEIPT_DAY_LIMIT":        refusal(gateway.LimitReached),
			"ACQ.MERCHANT_PERM_RECEIPT_SINGLE_LIMIT":     refusal(gateway.LimitReached),
			"ACQ.PRODUCT_AMOUNT_LIMIT_ERROR":             refusal(gateway.LimitReached),
			"ACQ.REQUEST_AMOUNT_EXCEED":                  refusal(gateway.LimitReached),
			"ACQ.RESTRICTED_MERCHANT_INDUSTRY":           refusal(gateway.LimitReached),
			"ACQ.BUYER_ENABLE_STATUS_FORBID":             refusal(gateway.PayerDeclined),
			"ACQ.BUYER_NOT_EXIST":                        refusal(gateway.PayerDeclined),
			"ACQ.BUYER_NOT_MAINLAND_CERT":                refusal(gateway.PayerDeclined),
			"ACQ.BUYER_SELLER_EQUAL":                     refusal(gateway.PayerDeclined),
			"ACQ.ERROR_BALANCE_PAYMENT_DISABLE":          refusal(gateway.PayerDeclined),
			"ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT":        refusal(gateway.PayerDeclined),
			"ACQ.MOBILE_PAYMENT_SWITCH_OFF":              refusal(gateway.PayerDeclined),
			"ACQ.NOT_CERTIFIED_USER":                     refusal(gateway.PayerDeclined),
			"ACQ.NOT_SUPPORT_PAYMENT_INST":               refusal(gateway.PayerDeclined),
			"ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE":       refusal(gateway.PayerDeclined),
			"ACQ.PAYER_UNMATCHED":                        refusal(gateway.PayerDeclined),
			"ACQ.PAYMENT_FAIL":                           refusal(gateway.PayerDeclined),
			"ACQ.PAYMENT_REQUEST_HAS_RISK":               refusal(gateway.PayerDeclined),
			"ACQ.PULL_MOBILE_CASHIER_FAIL":               refusal(gateway.PayerDeclined),
			"ACQ.USER_FACE_PAYMENT_SWITCH_OFF":           refusal(gateway.PayerDeclined),
			"ACQ.USER_LOGONID_DUP":                       refusal(gateway.PayerDeclined),
			"ACQ.ACCESS_FORBIDDEN":                       refusal(""),
			"ACQ.INVALID_PARAMETER":                      refusal(""),
			"ACQ.EXIST_FORBIDDEN_WORD":                   refusal(""),
			"ACQ.PARTNER_ERROR":                          refusal(""),
			"ACQ.SELLER_BEEN_BLOCKED":                    refusal(""),
			"ACQ.MERCHANT_STATUS_NOT_NORMAL":             refusal(""),
			"ACQ.MERCHANT_AGREEMENT_INVALID":             refusal(""),
			"ACQ.INVALID_STORE_ID":                       refusal(""),
			"ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR":       refusal(""),
			"ACQ.A_CODE_OF_TOMORROW":                     refusal(""),
			// the number has a trade, which may have been paid
			"ACQ.CONTEXT_INCONSISTENT":  {gateway.Indeterminate, ""},
			"ACQ.TRADE_BUYER_NOT_MATCH": {gateway.Indeterminate, ""}, // likewise
			"ACQ.TRADE_HAS_SUCCESS":     {gateway.AlreadyPaidUpstream, ""},
			"ACQ.TRADE_HAS_CLOSE":       {gateway.AlreadyClosedUpstream, ""},
			"ACQ.TRADE_STATUS_ERROR":    {gateway.AlreadyClosedUpstream, ""},
			"ACQ.SYSTEM_ERROR":          {gateway.TryLater, ""},
			"aop.ACQ.SYSTEM_ERROR":      {gateway.TryLater, ""},
		},
		tradeRefund: {
			"ACQ.SELLER_BALANCE_NOT_ENOUGH":   refusal(gateway.MerchantBalance),
			"ACQ.INVALID_PARAMETER":           refusal(""),
			"ACQ.REFUND_AMT_NOT_EQUAL_TOTAL":  refusal(""),
			"ACQ.REASON_TRADE_BEEN_FREEZEN":   refusal(""),
			"ACQ.TRADE_HAS_FINISHED":          refusal(""),
			"ACQ.TRADE_STATUS_ERROR":          refusal(""),
			"ACQ.DISCORDANT_REPEAT_REQUEST":   refusal(""),
			"ACQ.REASON_TRADE_REFUND_FEE_ERR": refusal(""),
			"ACQ.REFUND_FEE_ERROR":            refusal(""),
			"ACQ.TRADE_NOT_ALLOW_REFUND":      refusal(""),
			"ACQ.TRADE_HAS_CLOSE":             refusal(""),
			"ACQ.TRADE_NOT_EXIST":             {gateway.NotFound, ""},
			"ACQ.SYSTEM_ERROR":                {gateway.TryLater, ""},
			"AQC.SYSTEM_ERROR":                {gateway.TryLater, ""},
		},
	}
}

// Every published sub code, as a signed answer and as an unsigned one.
func TestEveryPublishedCode(t *testing.T) {
	for call, codes := range publishedCodes() {
		for code, want := range codes {
			for _, unsigned := range []bool{false, true} {
				s := script(t, map[string]reply{
					call: {node: `{"code":"40004","msg":"Business Failed","sub_code":"` + code + `","sub_msg":"文字"}`,
						unsigned: unsigned}, refundQuery: {node: noRefund},
				})
				var err error
				if call == tradePay {
					_, err = newGateway().PayCode(t.Context(), s.account, codeCharge("C1234567", authCode))
				} else {
					_, err = newGateway().Refund(t.Context(), s.account, refundRequest())
				}
				var e *gateway.Error
				if !errors.As(err, &e) || e.Kind != want.kind || e.Reason != want.why || e.Signed == unsigned ||
					e.Code != code || e.Message != "文字" {
					t.Errorf("%s %s, unsigned %t: got %#v", call, code, unsigned, err)
				}
			}
		}
	}
}
