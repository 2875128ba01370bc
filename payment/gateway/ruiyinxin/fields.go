package ruiyinxin

import (
	"slices"

	"linlipay/payment/gateway"
)

// What the notes of the table name. The institution documents nothing: what third parties agree on is byClients, the
// bank's older interface of the same name byBank, and else it is assumed.
const (
	byClients = "third parties"
	byBank    = "the bank's interface"
	noAge     = "how old it is is not known; " + byClients
	lookedUp  = "the trade is asked about (006)"
	ifTold    = "what was asked; one that is told must be it"
)

// FieldRules are the fields that the gateway reads or compares, by the names that settings do not change.
// merchantCode, reqMsgId, cooperator and payWay are compared where what is signed tells them, respMsg and oriRespMsg
// are read of failures. Of the envelope nothing may be missing but tranCode and reqMsgId of a notification: what is
// not signed is not believed.
func (g *Gateway) FieldRules() []gateway.FieldRule {
	rules := slices.Concat(
		answerRules("create", gateway.Unbelieved, byClients), createRules(),
		answerRules("query", gateway.Unbelieved, byClients), queryRules(),
		undoRules("close"), codeRules(), undoRules("reverse"), refundRules(),
		answerRules("refund_query", gateway.Unbelieved, byClients), refundQueryRules(), noticeRules(),
	)
	return gateway.Identities(rules, identities()...)
}

// identities are the fields that say what a message is about. What a notification names is only asked about.
func identities() []string {
	return []string{
		"query data.oriReqMsgId", "close data.oriReqMsgId", "reverse data.oriReqMsgId",
		"refund data.oriReqMsgId", "refund data.refundAmount",
		"refund_query data.oriReqMsgId", "refund_query data.refundAmount", "refund_query data.totalAmount",
	}
}

// answerRules are the rules of what says how a question went.
func answerRules(in string, nothing gateway.Meaning, note string) []gateway.FieldRule {
	return []gateway.FieldRule{
		{In: in, Name: "respType", Promise: gateway.Always, Nothing: nothing, Note: note},
		{In: in, Name: "respCode", Promise: gateway.Always, Nothing: nothing, Note: note},
		rule(in, "respDate", gateway.Optional, gateway.Implied, noAge),
	}
}

func createRules() []gateway.FieldRule {
	const in = "create"
	return []gateway.FieldRule{
		rule(in, "smzfMsgId", gateway.Optional, gateway.Unsaid, "nothing stands for oriReqMsgId later; "+byClients),
		rule(in, "data", gateway.Always, gateway.Unbelieved, byClients),
		rule(in, "data.qrCode", gateway.Always, gateway.Unbelieved, "or wxjsapiStr; "+byClients),
	}
}

func queryRules() []gateway.FieldRule {
	const in = "query"
	return []gateway.FieldRule{
		rule(in, "smzfMsgId", gateway.WhenPaid, gateway.Unbelieved, "transaction_field; a mock server"),
		rule(in, "data", gateway.Always, gateway.Unbelieved, byClients),
		rule(in, "data.oriReqMsgId", gateway.Optional, gateway.Implied,
			"smzfMsgId, if it is that of the charge's answer, with respDate and the amount"),
		rule(in, "data.oriRespType", gateway.Always, gateway.Unbelieved, byClients),
		rule(in, "data.oriRespCode", gateway.Optional, gateway.Implied, "000000, of oriRespType S; assumed"),
		amountRule(in, "data.totalAmount", gateway.WhenPaid, gateway.Unbelieved, "or beside data; "+byClients),
		rule(in, "data.isClearOrCancel", gateway.Optional, gateway.Implied, "0, not cancelled; "+byBank),
		rule(in, "data.payTime", gateway.Optional, gateway.Unsaid, byBank),
		rule(in, "data.buyerId", gateway.Optional, gateway.Unsaid, byClients),
	}
}

// undoRules are the rules of an answer to a cancellation (005), whatever it is for.
func undoRules(in string) []gateway.FieldRule {
	about := rule(in, "data.oriReqMsgId", gateway.Optional, gateway.Implied, lookedUp)
	return append(answerRules(in, gateway.Implied, lookedUp), about)
}

func codeRules() []gateway.FieldRule {
	theirs := rule("code", "smzfMsgId", gateway.Optional, gateway.Implied, lookedUp)
	return append(answerRules("code", gateway.Implied, lookedUp), theirs)
}

func refundRules() []gateway.FieldRule {
	const in, about = "refund", "the refund is asked about (006)"
	return []gateway.FieldRule{
		rule(in, "respType", gateway.Always, gateway.Implied, about),
		rule(in, "respCode", gateway.Always, gateway.Implied, about),
		rule(in, "respDate", gateway.Optional, gateway.Unsaid, "when it was done; "+byClients),
		rule(in, "smzfMsgId", gateway.Optional, gateway.Unsaid, byClients),
		rule(in, "data.oriReqMsgId", gateway.Optional, gateway.Implied, ifTold),
		amountRule(in, "data.refundAmount", gateway.Optional, gateway.Implied, ifTold),
	}
}

func refundQueryRules() []gateway.FieldRule {
	const in = "refund_query"
	return []gateway.FieldRule{
		rule(in, "smzfMsgId", gateway.Optional, gateway.Unsaid, "assumed"),
		rule(in, "data", gateway.Always, gateway.Unbelieved, "assumed"),
		rule(in, "data.oriReqMsgId", gateway.Always, gateway.Unbelieved, "assumed"),
		rule(in, "data.oriRespType", gateway.Always, gateway.Unbelieved, "assumed"),
		rule(in, "data.oriRespCode", gateway.Optional, gateway.Implied, "000000, of oriRespType S; assumed"),
		amountRule(in, "data.refundAmount", gateway.Optional, gateway.Implied, ifTold),
		amountRule(in, "data.totalAmount", gateway.Optional, gateway.Implied, "the refund's or the payment's; assumed"),
		rule(in, "data.payTime", gateway.Optional, gateway.Unsaid, "assumed"),
	}
}

// noticeRules are the rules of a notification (008), which is no more than a reason to ask.
func noticeRules() []gateway.FieldRule {
	const in = "pay"
	return []gateway.FieldRule{
		rule(in, "respType", gateway.Always, gateway.Implied, lookedUp),
		rule(in, "respCode", gateway.Optional, gateway.Implied, lookedUp),
		rule(in, "respDate", gateway.Optional, gateway.Implied, noAge),
		rule(in, "smzfMsgId", gateway.Optional, gateway.Implied, "its id is our number then; a mock server"),
		rule(in, "data", gateway.Optional, gateway.Implied, lookedUp),
		rule(in, "data.reqMsgId", gateway.Optional, gateway.Implied, "the envelope's, which is looked up"),
		amountRule(in, "data.totalAmount", gateway.Optional, gateway.Implied, "that of 006; "+byClients),
		rule(in, "data.payTime", gateway.Optional, gateway.Implied, "that of 006; assumed"),
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
