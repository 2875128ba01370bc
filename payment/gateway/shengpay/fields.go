package shengpay

import (
	"slices"

	"linlipay/payment/gateway"
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
func (g *Gateway) FieldRules() []gateway.FieldRule {
	rules := slices.Concat(
		answerRules("create"), createRules(), answerRules("query"), tradeRules("query"), answerRules("close"),
		answerRules("code"), codeRules(), answerRules("reverse"), answerRules("refund"), refundRules("refund"),
		answerRules("refund_query"), refundRules("refund_query"), noticeRules("pay"), tradeRules("pay"),
		noticeRules("refund_pay"), refundNoticeRules(),
	)
	return gateway.Identities(rules, identities()...)
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
func answerRules(in string) []gateway.FieldRule {
	return []gateway.FieldRule{
		rule(in, "returnCode", gateway.Always, gateway.Unbelieved, byH5),
		rule(in, "resultCode", gateway.Always, gateway.Unbelieved, byH5),
		rule(in, "sign", gateway.Always, gateway.Unbelieved, byH5),
		rule(in, "signType", gateway.Optional, gateway.Implied, "the account's own; assumed"),
		rule(in, "mchId", gateway.Optional, gateway.Implied, "who asked; one that is told must be ours"),
	}
}

func createRules() []gateway.FieldRule {
	const in = "create"
	return []gateway.FieldRule{
		rule(in, "outTradeNo", gateway.Optional, gateway.Implied, ifTold),
		amountRule(in, "totalFee", gateway.Optional, gateway.Implied, ifTold),
		rule(in, "payInfo", gateway.Always, gateway.Unbelieved, byClients),
	}
}

// tradeRules are the rules of what says how an order stands.
func tradeRules(in string) []gateway.FieldRule {
	return []gateway.FieldRule{
		rule(in, "outTradeNo", gateway.Always, gateway.Unbelieved, byClients),
		rule(in, "status", gateway.Always, gateway.Unbelieved, byClients),
		rule(in, "transactionId", gateway.WhenPaid, gateway.Unbelieved, byClients),
		amountRule(in, "totalFee", gateway.WhenPaid, gateway.Unbelieved, byClients),
		rule(in, "currency", gateway.Optional, gateway.Implied, "CNY; assumed"),
		rule(in, "tradeType", gateway.Optional, gateway.Unsaid, "with which wallet it was paid; "+byH5),
		rule(in, "payerInfo", gateway.Optional, gateway.Unsaid, "openid; "+byClients),
		rule(in, "timeEnd", gateway.Optional, gateway.Unsaid, "or payTime; "+byH5),
	}
}

// codeRules are tradeRules, but that a charge that was taken may not say yet how it stands.
func codeRules() []gateway.FieldRule {
	rules := tradeRules("code")
	for i := range rules {
		if rules[i].Name == "status" {
			rules[i] = rule("code", "status", gateway.Optional, gateway.Implied, "the order is asked about; assumed")
		}
	}
	return rules
}

// refundRules are the rules of what says how a refund that we ask about stands.
func refundRules(in string) []gateway.FieldRule {
	rules := []gateway.FieldRule{
		rule(in, "outTradeNo", gateway.Optional, gateway.Implied, ifTold),
		rule(in, "transactionId", gateway.Optional, gateway.Implied, "the payment's; one that is told must be it"),
		rule(in, "outRefundNo", gateway.Optional, gateway.Implied, "refundOrderNo"),
		rule(in, "refundOrderNo", gateway.Optional, gateway.Implied, "outRefundNo"),
		rule(in, "refundId", gateway.Optional, gateway.Unsaid, byClients),
		amountRule(in, "refundFee", gateway.Optional, gateway.Implied, ifTold),
		rule(in, "refundStatus", gateway.Optional, gateway.Implied, "REFUND_INIT: taken; assumed"),
	}
	if in == "refund_query" {
		at := rule(in, "timeEnd", gateway.Optional, gateway.Unsaid, "or refundSuccessTime, refundTime; assumed")
		rules = append(rules, at)
	}
	return rules
}

// noticeRules are the rules of what every notification has.
func noticeRules(in string) []gateway.FieldRule {
	return []gateway.FieldRule{
		rule(in, "returnCode", gateway.Optional, gateway.Implied, "the state says it; "+byH5),
		rule(in, "resultCode", gateway.Optional, gateway.Implied, "the state says it; "+byH5),
		rule(in, "sign", gateway.Always, gateway.Unbelieved, byH5),
		rule(in, "signType", gateway.Optional, gateway.Implied, "the account's own; assumed"),
		rule(in, "mchId", gateway.Always, gateway.Unbelieved, byH5),
	}
}

func refundNoticeRules() []gateway.FieldRule {
	const in = "refund_pay"
	return []gateway.FieldRule{
		rule(in, "outTradeNo", gateway.Optional, gateway.Unsaid, byH5),
		rule(in, "outRefundNo", gateway.Optional, gateway.Implied, "refundOrderNo, then refundId"),
		rule(in, "refundOrderNo", gateway.Optional, gateway.Implied, "outRefundNo, then refundId"),
		rule(in, "refundId", gateway.Always, gateway.Unsaid, byClients),
		amountRule(in, "refundFee", gateway.Optional, gateway.Implied, "the refund is asked about; "+byH5),
		rule(in, "refundStatus", gateway.Always, gateway.Unbelieved, byClients),
		rule(in, "timeEnd", gateway.Optional, gateway.Unsaid, "or refundSuccessTime, refundTime; assumed"),
	}
}

func rule(in, name string, promise gateway.Promise, nothing gateway.Meaning, note string) gateway.FieldRule {
	return gateway.FieldRule{In: in, Name: name, Promise: promise, Nothing: nothing, Note: note}
}

// amountRule is the rule of an amount: one of 0 is not believed.
func amountRule(in, name string, promise gateway.Promise, nothing gateway.Meaning, note string) gateway.FieldRule {
	r := rule(in, name, promise, nothing, note)
	r.Zero = gateway.Unbelieved
	return r
}
