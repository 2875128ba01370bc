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

// FieldRules are the fields that the gateway reads or compares. errorCode, errorCodeDes and returnMsg are read of
// failures only: one without a code is a refusal of an order or a refund, and else leaves the matter unknown.
// subMchId of a notification is compared where it is told.
func (g *Gateway) FieldRules() []payment.FieldRule {
	rules := slices.Concat(
		answerRules("create"), createRules(), answerRules("query"), tradeRules("query"), answerRules("close"),
		answerRules("code"), codeRules(), answerRules("reverse"), answerRules("refund"), refundRules("refund"),
		answerRules("refund_query"), refundRules("refund_query"), noticeRules("pay"), tradeRules("pay"),
		noticeRules("refund_pay"), refundNoticeRules(),
	)
	return payment.Identities(rules, identities()...)
}

// identities are the fields that say what a message is about. In a notification the numbers and the amount are what it
// tells: which order they are of is looked up, and the amount compared there.
func identities() []string {
	return []string{
		"create mchId", "create outTradeNo", "create totalFee", "query mchId", "query outTradeNo", "close mchId",
		"code mchId", "code outTradeNo", "reverse mchId",
		"refund mchId", "refund outTradeNo", "refund transactionId", "refund outRefundNo", "refund refundOrderNo",
		"refund refundFee",
		"refund_query mchId", "refund_query outTradeNo", "refund_query transactionId", "refund_query outRefundNo",
		"refund_query refundOrderNo", "refund_query refundFee",
		"pay mchId", "refund_pay mchId",
	}
}

// answerRules are the rules of what every answer has.
func answerRules(in string) []payment.FieldRule {
	return []payment.FieldRule{
		rule(in, "returnCode", payment.Always, payment.Unbelieved, byH5),
		rule(in, "resultCode", payment.Always, payment.Unbelieved, byH5),
		rule(in, "sign", payment.Always, payment.Unbelieved, byH5),
		rule(in, "signType", payment.Optional, payment.Implied, "the account's own; assumed"),
		rule(in, "mchId", payment.Optional, payment.Implied, "who asked; one that is told must be ours"),
	}
}

func createRules() []payment.FieldRule {
	const in = "create"
	return []payment.FieldRule{
		rule(in, "outTradeNo", payment.Optional, payment.Implied, ifTold),
		amountRule(in, "totalFee", payment.Optional, payment.Implied, ifTold),
		rule(in, "payInfo", payment.Always, payment.Unbelieved, byClients),
	}
}

// tradeRules are the rules of what says how an order stands.
func tradeRules(in string) []payment.FieldRule {
	return []payment.FieldRule{
		rule(in, "outTradeNo", payment.Always, payment.Unbelieved, byClients),
		rule(in, "status", payment.Always, payment.Unbelieved, byClients),
		rule(in, "transactionId", payment.WhenPaid, payment.Unbelieved, byClients),
		amountRule(in, "totalFee", payment.WhenPaid, payment.Unbelieved, byClients),
		rule(in, "currency", payment.Optional, payment.Implied, "CNY; assumed"),
		rule(in, "tradeType", payment.Optional, payment.Unsaid, "with which wallet it was paid; "+byH5),
		rule(in, "payerInfo", payment.Optional, payment.Unsaid, "openid; "+byClients),
		rule(in, "timeEnd", payment.Optional, payment.Unsaid, "or payTime; "+byH5),
	}
}

// codeRules are tradeRules, but that a charge that was taken may not say yet how it stands.
func codeRules() []payment.FieldRule {
	rules := tradeRules("code")
	for i := range rules {
		if rules[i].Name == "status" {
			rules[i] = rule("code", "status", payment.Optional, payment.Implied, "the order is asked about; assumed")
		}
	}
	return rules
}

// refundRules are the rules of what says how a refund that we ask about stands.
func refundRules(in string) []payment.FieldRule {
	rules := []payment.FieldRule{
		rule(in, "outTradeNo", payment.Optional, payment.Implied, ifTold),
		rule(in, "transactionId", payment.Optional, payment.Implied, "the payment's; one that is told must be it"),
		rule(in, "outRefundNo", payment.Optional, payment.Implied, "refundOrderNo"),
		rule(in, "refundOrderNo", payment.Optional, payment.Implied, "outRefundNo"),
		rule(in, "refundId", payment.Optional, payment.Unsaid, byClients),
		amountRule(in, "refundFee", payment.Optional, payment.Implied, ifTold),
		rule(in, "refundStatus", payment.Optional, payment.Implied, "REFUND_INIT: taken; assumed"),
	}
	if in == "refund_query" {
		at := rule(in, "timeEnd", payment.Optional, payment.Unsaid, "or refundSuccessTime, refundTime; assumed")
		rules = append(rules, at)
	}
	return rules
}

// noticeRules are the rules of what every notification has.
func noticeRules(in string) []payment.FieldRule {
	return []payment.FieldRule{
		rule(in, "returnCode", payment.Optional, payment.Implied, "the state says it; "+byH5),
		rule(in, "resultCode", payment.Optional, payment.Implied, "the state says it; "+byH5),
		rule(in, "sign", payment.Always, payment.Unbelieved, byH5),
		rule(in, "signType", payment.Optional, payment.Implied, "the account's own; assumed"),
		rule(in, "mchId", payment.Always, payment.Unbelieved, byH5),
	}
}

func refundNoticeRules() []payment.FieldRule {
	const in = "refund_pay"
	return []payment.FieldRule{
		rule(in, "outTradeNo", payment.Optional, payment.Unsaid, byH5),
		rule(in, "outRefundNo", payment.Optional, payment.Implied, "refundOrderNo, then refundId"),
		rule(in, "refundOrderNo", payment.Optional, payment.Implied, "outRefundNo, then refundId"),
		rule(in, "refundId", payment.Always, payment.Unsaid, byClients),
		amountRule(in, "refundFee", payment.Optional, payment.Implied, "the refund is asked about; "+byH5),
		rule(in, "refundStatus", payment.Always, payment.Unbelieved, byClients),
		rule(in, "timeEnd", payment.Optional, payment.Unsaid, "or refundSuccessTime, refundTime; assumed"),
	}
}

func rule(in, name string, promise payment.Promise, nothing payment.Meaning, note string) payment.FieldRule {
	return payment.FieldRule{In: in, Name: name, Promise: promise, Nothing: nothing, Note: note}
}

// amountRule is the rule of an amount: one of 0 is not believed.
func amountRule(in, name string, promise payment.Promise, nothing payment.Meaning, note string) payment.FieldRule {
	r := rule(in, name, promise, nothing, note)
	r.Zero = payment.Unbelieved
	return r
}
