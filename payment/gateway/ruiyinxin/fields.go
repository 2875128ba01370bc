package ruiyinxin

import (
	"slices"

	"linlipay/payment"
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
func (g *Gateway) FieldRules() []payment.FieldRule {
	rules := slices.Concat(
		answerRules("create", payment.Unbelieved, byClients), createRules(),
		answerRules("query", payment.Unbelieved, byClients), queryRules(),
		undoRules("close"), codeRules(), undoRules("reverse"), refundRules(),
		answerRules("refund_query", payment.Unbelieved, byClients), refundQueryRules(), noticeRules(),
	)
	return payment.Identities(rules, identities()...)
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
func answerRules(in string, nothing payment.Meaning, note string) []payment.FieldRule {
	return []payment.FieldRule{
		{In: in, Name: "respType", Promise: payment.Always, Nothing: nothing, Note: note},
		{In: in, Name: "respCode", Promise: payment.Always, Nothing: nothing, Note: note},
		rule(in, "respDate", payment.Optional, payment.Implied, noAge),
	}
}

func createRules() []payment.FieldRule {
	const in = "create"
	return []payment.FieldRule{
		rule(in, "smzfMsgId", payment.Optional, payment.Unsaid, "nothing stands for oriReqMsgId later; "+byClients),
		rule(in, "data", payment.Always, payment.Unbelieved, byClients),
		rule(in, "data.qrCode", payment.Always, payment.Unbelieved, "or wxjsapiStr; "+byClients),
	}
}

func queryRules() []payment.FieldRule {
	const in = "query"
	return []payment.FieldRule{
		rule(in, "smzfMsgId", payment.WhenPaid, payment.Unbelieved, "transaction_field; a mock server"),
		rule(in, "data", payment.Always, payment.Unbelieved, byClients),
		rule(in, "data.oriReqMsgId", payment.Optional, payment.Implied,
			"smzfMsgId, if it is that of the charge's answer, with respDate and the amount"),
		rule(in, "data.oriRespType", payment.Always, payment.Unbelieved, byClients),
		rule(in, "data.oriRespCode", payment.Optional, payment.Implied, "000000, of oriRespType S; assumed"),
		amountRule(in, "data.totalAmount", payment.WhenPaid, payment.Unbelieved, "or beside data; "+byClients),
		rule(in, "data.isClearOrCancel", payment.Optional, payment.Implied, "0, not cancelled; "+byBank),
		rule(in, "data.payTime", payment.Optional, payment.Unsaid, byBank),
		rule(in, "data.buyerId", payment.Optional, payment.Unsaid, byClients),
	}
}

// undoRules are the rules of an answer to a cancellation (005), whatever it is for.
func undoRules(in string) []payment.FieldRule {
	about := rule(in, "data.oriReqMsgId", payment.Optional, payment.Implied, lookedUp)
	return append(answerRules(in, payment.Implied, lookedUp), about)
}

func codeRules() []payment.FieldRule {
	theirs := rule("code", "smzfMsgId", payment.Optional, payment.Implied, lookedUp)
	return append(answerRules("code", payment.Implied, lookedUp), theirs)
}

func refundRules() []payment.FieldRule {
	const in, about = "refund", "the refund is asked about (006)"
	return []payment.FieldRule{
		rule(in, "respType", payment.Always, payment.Implied, about),
		rule(in, "respCode", payment.Always, payment.Implied, about),
		rule(in, "respDate", payment.Optional, payment.Unsaid, "when it was done; "+byClients),
		rule(in, "smzfMsgId", payment.Optional, payment.Unsaid, byClients),
		rule(in, "data.oriReqMsgId", payment.Optional, payment.Implied, ifTold),
		amountRule(in, "data.refundAmount", payment.Optional, payment.Implied, ifTold),
	}
}

func refundQueryRules() []payment.FieldRule {
	const in = "refund_query"
	return []payment.FieldRule{
		rule(in, "smzfMsgId", payment.Optional, payment.Unsaid, "assumed"),
		rule(in, "data", payment.Always, payment.Unbelieved, "assumed"),
		rule(in, "data.oriReqMsgId", payment.Always, payment.Unbelieved, "assumed"),
		rule(in, "data.oriRespType", payment.Always, payment.Unbelieved, "assumed"),
		rule(in, "data.oriRespCode", payment.Optional, payment.Implied, "000000, of oriRespType S; assumed"),
		amountRule(in, "data.refundAmount", payment.Optional, payment.Implied, ifTold),
		amountRule(in, "data.totalAmount", payment.Optional, payment.Implied, "the refund's or the payment's; assumed"),
		rule(in, "data.payTime", payment.Optional, payment.Unsaid, "assumed"),
	}
}

// noticeRules are the rules of a notification (008), which is no more than a reason to ask.
func noticeRules() []payment.FieldRule {
	const in = "pay"
	return []payment.FieldRule{
		rule(in, "respType", payment.Always, payment.Implied, lookedUp),
		rule(in, "respCode", payment.Optional, payment.Implied, lookedUp),
		rule(in, "respDate", payment.Optional, payment.Implied, noAge),
		rule(in, "smzfMsgId", payment.Optional, payment.Implied, "its id is our number then; a mock server"),
		rule(in, "data", payment.Optional, payment.Implied, lookedUp),
		rule(in, "data.reqMsgId", payment.Optional, payment.Implied, "the envelope's, which is looked up"),
		amountRule(in, "data.totalAmount", payment.Optional, payment.Implied, "that of 006; "+byClients),
		rule(in, "data.payTime", payment.Optional, payment.Implied, "that of 006; assumed"),
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
