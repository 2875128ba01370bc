package ruiyinxin

import (
	"slices"

	"linlipay/payment"
)

// What the notes of the table name. The institution documents nothing: what third parties agree on is byClients, the bank's
// older interface of the same name byBank, and else it is assumed.
const (
	byClients = "third parties"
	byBank    = "the bank's interface"
	noAge     = "how old it is is not known; " + byClients
	lookedUp  = "the trade is asked about (006)"
	ifTold    = "what was asked; one that is told must be it"
)

// FieldRules are the fields that the gateway reads or compares, by the names that settings do not change. merchantCode,
// reqMsgId, cooperator and payWay are compared where what is signed tells them, respMsg and oriRespMsg are read of failures. Of
// the envelope nothing may be missing but tranCode and reqMsgId of a notification: what is not signed is not believed.
func (g *Gateway) FieldRules() []payment.FieldRule {
	return slices.Concat(
		answerRules("create", payment.Unbelieved, byClients), createRules(), answerRules("query", payment.Unbelieved, byClients),
		queryRules(), undoRules("close"), codeRules(), undoRules("reverse"), refundRules(),
		answerRules("refund_query", payment.Unbelieved, byClients), refundQueryRules(), noticeRules(),
	)
}

// answerRules are the rules of what says how a question went.
func answerRules(in string, nothing payment.Meaning, note string) []payment.FieldRule {
	return []payment.FieldRule{
		{In: in, Name: "respType", Promise: payment.Always, Nothing: nothing, Note: note},
		{In: in, Name: "respCode", Promise: payment.Always, Nothing: nothing, Note: note},
		{In: in, Name: "respDate", Promise: payment.Optional, Nothing: payment.Implied, Note: noAge},
	}
}

func createRules() []payment.FieldRule {
	const in = "create"
	return []payment.FieldRule{
		{In: in, Name: "smzfMsgId", Promise: payment.Optional, Nothing: payment.Unsaid, Note: "nothing stands for oriReqMsgId later; " + byClients},
		{In: in, Name: "data", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byClients},
		{In: in, Name: "data.qrCode", Promise: payment.Always, Nothing: payment.Unbelieved, Note: "or wxjsapiStr; " + byClients},
	}
}

func queryRules() []payment.FieldRule {
	const in = "query"
	return []payment.FieldRule{
		{In: in, Name: "smzfMsgId", Promise: payment.WhenPaid, Nothing: payment.Unbelieved, Note: "transaction_field; a mock server"},
		{In: in, Name: "data", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byClients},
		{
			In: in, Name: "data.oriReqMsgId", Promise: payment.Optional, Nothing: payment.Implied,
			Note: "smzfMsgId, if it is that of the charge's answer, with respDate and the amount",
		},
		{In: in, Name: "data.oriRespType", Promise: payment.Always, Nothing: payment.Unbelieved, Note: byClients},
		{In: in, Name: "data.oriRespCode", Promise: payment.Optional, Nothing: payment.Implied, Note: "000000, of oriRespType S; assumed"},
		{In: in, Name: "data.totalAmount", Promise: payment.WhenPaid, Nothing: payment.Unbelieved, Zero: payment.Unbelieved, Note: "or beside data; " + byClients},
		{In: in, Name: "data.isClearOrCancel", Promise: payment.Optional, Nothing: payment.Implied, Note: "0, not cancelled; " + byBank},
		{In: in, Name: "data.payTime", Promise: payment.Optional, Nothing: payment.Unsaid, Note: byBank},
		{In: in, Name: "data.buyerId", Promise: payment.Optional, Nothing: payment.Unsaid, Note: byClients},
	}
}

// undoRules are the rules of an answer to a cancellation (005), whatever it is for.
func undoRules(in string) []payment.FieldRule {
	return append(answerRules(in, payment.Implied, lookedUp), payment.FieldRule{
		In: in, Name: "data.oriReqMsgId", Promise: payment.Optional, Nothing: payment.Implied, Note: lookedUp,
	})
}

func codeRules() []payment.FieldRule {
	return append(answerRules("code", payment.Implied, lookedUp), payment.FieldRule{
		In: "code", Name: "smzfMsgId", Promise: payment.Optional, Nothing: payment.Implied, Note: lookedUp,
	})
}

func refundRules() []payment.FieldRule {
	const in, about = "refund", "the refund is asked about (006)"
	return []payment.FieldRule{
		{In: in, Name: "respType", Promise: payment.Always, Nothing: payment.Implied, Note: about},
		{In: in, Name: "respCode", Promise: payment.Always, Nothing: payment.Implied, Note: about},
		{In: in, Name: "respDate", Promise: payment.Optional, Nothing: payment.Unsaid, Note: "when it was done; " + byClients},
		{In: in, Name: "smzfMsgId", Promise: payment.Optional, Nothing: payment.Unsaid, Note: byClients},
		{In: in, Name: "data.oriReqMsgId", Promise: payment.Optional, Nothing: payment.Implied, Note: ifTold},
		{In: in, Name: "data.refundAmount", Promise: payment.Optional, Nothing: payment.Implied, Zero: payment.Unbelieved, Note: ifTold},
	}
}

func refundQueryRules() []payment.FieldRule {
	const in = "refund_query"
	return []payment.FieldRule{
		{In: in, Name: "smzfMsgId", Promise: payment.Optional, Nothing: payment.Unsaid, Note: "assumed"},
		{In: in, Name: "data", Promise: payment.Always, Nothing: payment.Unbelieved, Note: "assumed"},
		{In: in, Name: "data.oriReqMsgId", Promise: payment.Always, Nothing: payment.Unbelieved, Note: "assumed"},
		{In: in, Name: "data.oriRespType", Promise: payment.Always, Nothing: payment.Unbelieved, Note: "assumed"},
		{In: in, Name: "data.oriRespCode", Promise: payment.Optional, Nothing: payment.Implied, Note: "000000, of oriRespType S; assumed"},
		{In: in, Name: "data.refundAmount", Promise: payment.Optional, Nothing: payment.Implied, Zero: payment.Unbelieved, Note: ifTold},
		{In: in, Name: "data.totalAmount", Promise: payment.Optional, Nothing: payment.Implied, Zero: payment.Unbelieved, Note: "the refund's or the payment's; assumed"},
		{In: in, Name: "data.payTime", Promise: payment.Optional, Nothing: payment.Unsaid, Note: "assumed"},
	}
}

// noticeRules are the rules of a notification (008), which is no more than a reason to ask.
func noticeRules() []payment.FieldRule {
	const in = "pay"
	return []payment.FieldRule{
		{In: in, Name: "respType", Promise: payment.Always, Nothing: payment.Implied, Note: lookedUp},
		{In: in, Name: "respCode", Promise: payment.Optional, Nothing: payment.Implied, Note: lookedUp},
		{In: in, Name: "respDate", Promise: payment.Optional, Nothing: payment.Implied, Note: noAge},
		{In: in, Name: "smzfMsgId", Promise: payment.Optional, Nothing: payment.Implied, Note: "its id is our number then; a mock server"},
		{In: in, Name: "data", Promise: payment.Optional, Nothing: payment.Implied, Note: lookedUp},
		{In: in, Name: "data.reqMsgId", Promise: payment.Optional, Nothing: payment.Implied, Note: "the envelope's, which is looked up"},
		{In: in, Name: "data.totalAmount", Promise: payment.Optional, Nothing: payment.Implied, Zero: payment.Unbelieved, Note: "that of 006; " + byClients},
		{In: in, Name: "data.payTime", Promise: payment.Optional, Nothing: payment.Implied, Note: "that of 006; assumed"},
	}
}
