package shengpay

import (
	"slices"

	"linlipay/payment"
)

// What the notes of the table name as sources: the document of the order, the one of the institution's H5 payments, and
// clients of third parties. Where nobody says, it is assumed.
const (
	byClients = "third parties"
	byH5      = "published for H5"
	ifTold    = "what was asked; one that is told must be it"
)

// FieldRules are the fields that the gateway reads or compares. errorCode, errorCodeDes and returnMsg are read of failures
// only: one without a code is a refusal of an order or a refund, and else leaves the matter unknown. subMchId of a notification is
// compared where it is told.
func (g *Gateway) FieldRules() []payment.FieldRule {
	return slices.Concat(
		answerRules("create"), createRules(), answerRules("query"), tradeRules("query"), answerRules("close"),
		answerRules("code"), codeRules(), answerRules("reverse"), answerRules("refund"), refundRules("refund"),
		answerRules("refund_query"), refundRules("refund_query"), noticeRules("pay"), tradeRules("pay"),
		noticeRules("refund_pay"), refundNoticeRules(),
	)
}

// answerRules are the rules of what every answer has.
func answerRules(in string) []payment.FieldRule {
	return []payment.FieldRule{
		{In: in, Name: "returnCode", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byH5},
		{In: in, Name: "resultCode", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byH5},
		{In: in, Name: "sign", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byH5},
		{In: in, Name: "signType", Promise: payment.Optional, Nothing: payment.Implied, Note: "the account's own; assumed"},
		{In: in, Name: "mchId", Promise: payment.Optional, Nothing: payment.Implied, Note: "who asked; one that is told must be ours"},
	}
}

func createRules() []payment.FieldRule {
	const in = "create"
	return []payment.FieldRule{
		{In: in, Name: "outTradeNo", Promise: payment.Optional, Nothing: payment.Implied, Note: ifTold},
		{In: in, Name: "totalFee", Promise: payment.Optional, Nothing: payment.Implied, Zero: payment.Unbelieved, Note: ifTold},
		{In: in, Name: "payInfo", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byClients},
	}
}

// tradeRules are the rules of what says how an order stands.
func tradeRules(in string) []payment.FieldRule {
	return []payment.FieldRule{
		{In: in, Name: "outTradeNo", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byClients},
		{In: in, Name: "status", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byClients},
		{In: in, Name: "transactionId", Promise: payment.WhenPaid, Nothing: payment.Unbelieved, Note: byClients},
		{In: in, Name: "totalFee", Promise: payment.WhenPaid, Nothing: payment.Unbelieved, Zero: payment.Unbelieved, Note: byClients},
		{In: in, Name: "currency", Promise: payment.Optional, Nothing: payment.Implied, Note: "CNY; assumed"},
		{In: in, Name: "tradeType", Promise: payment.Optional, Nothing: payment.Unsaid, Note: "with which wallet it was paid; " + byH5},
		{In: in, Name: "payerInfo", Promise: payment.Optional, Nothing: payment.Unsaid, Note: "openid; " + byClients},
		{In: in, Name: "timeEnd", Promise: payment.Optional, Nothing: payment.Unsaid, Note: "or payTime; " + byH5},
	}
}

// codeRules are tradeRules, but that a charge that was taken may not say yet how it stands.
func codeRules() []payment.FieldRule {
	rules := tradeRules("code")
	for i := range rules {
		if rules[i].Name == "status" {
			rules[i] = payment.FieldRule{
				In: "code", Name: "status", Promise: payment.Optional, Nothing: payment.Implied, Note: "the order is asked about; assumed",
			}
		}
	}
	return rules
}

// refundRules are the rules of what says how a refund that we ask about stands.
func refundRules(in string) []payment.FieldRule {
	rules := []payment.FieldRule{
		{In: in, Name: "outTradeNo", Promise: payment.Optional, Nothing: payment.Implied, Note: ifTold},
		{In: in, Name: "outRefundNo", Promise: payment.Optional, Nothing: payment.Implied, Note: "refundOrderNo"},
		{In: in, Name: "refundOrderNo", Promise: payment.Optional, Nothing: payment.Implied, Note: "outRefundNo"},
		{In: in, Name: "refundId", Promise: payment.Optional, Nothing: payment.Unsaid, Note: byClients},
		{In: in, Name: "refundFee", Promise: payment.Optional, Nothing: payment.Implied, Zero: payment.Unbelieved, Note: ifTold},
		{In: in, Name: "refundStatus", Promise: payment.Optional, Nothing: payment.Implied, Note: "REFUND_INIT: taken; assumed"},
	}
	if in == "refund_query" {
		rules = append(rules, payment.FieldRule{
			In: in, Name: "timeEnd", Promise: payment.Optional, Nothing: payment.Unsaid, Note: "or refundSuccessTime, refundTime; assumed",
		})
	}
	return rules
}

// noticeRules are the rules of what every notification has.
func noticeRules(in string) []payment.FieldRule {
	return []payment.FieldRule{
		{In: in, Name: "returnCode", Promise: payment.Optional, Nothing: payment.Implied, Note: "the state says it; " + byH5},
		{In: in, Name: "resultCode", Promise: payment.Optional, Nothing: payment.Implied, Note: "the state says it; " + byH5},
		{In: in, Name: "sign", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byH5},
		{In: in, Name: "signType", Promise: payment.Optional, Nothing: payment.Implied, Note: "the account's own; assumed"},
		{In: in, Name: "mchId", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byH5},
	}
}

func refundNoticeRules() []payment.FieldRule {
	const in = "refund_pay"
	return []payment.FieldRule{
		{In: in, Name: "outTradeNo", Promise: payment.Optional, Nothing: payment.Unsaid, Note: byH5},
		{In: in, Name: "outRefundNo", Promise: payment.Optional, Nothing: payment.Implied, Note: "refundOrderNo, then refundId"},
		{In: in, Name: "refundOrderNo", Promise: payment.Optional, Nothing: payment.Implied, Note: "outRefundNo, then refundId"},
		{In: in, Name: "refundId", Promise: payment.Always, Nothing: payment.Unsaid, Note: byClients},
		{In: in, Name: "refundFee", Promise: payment.Optional, Nothing: payment.Implied, Zero: payment.Unbelieved, Note: "the refund is asked about; " + byH5},
		{In: in, Name: "refundStatus", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byClients},
		{In: in, Name: "timeEnd", Promise: payment.Optional, Nothing: payment.Unsaid, Note: "or refundSuccessTime, refundTime; assumed"},
	}
}
