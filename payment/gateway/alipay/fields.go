package alipay

import (
	"slices"

	"linlipay/payment/gateway"
)

// FieldRules is what this gateway reads of Alipay's answers and notifications, by the public reference of each call
// (opendocs.alipay.com) and of the notifications (异步通知参数, opendocs.alipay.com/open/203/105286). Amounts are in yuan,
// with or without quotes, and above zero or nothing; times are China's. The frame (sign, sign_type, alipay_cert_sn) is
// verify.go's.
func (g *Gateway) FieldRules() (rules []gateway.FieldRule) {
	for _, r := range slices.Concat(answerRules(), refundRules(), noticeRules("pay"), noticeRules("refund_pay")) {
		rules = append(rules, gateway.FieldRule{
			In: r.in, Name: r.name, Promise: r.promise, Nothing: r.nothing, Zero: r.zero, Note: r.note,
		})
	}
	return gateway.Identities(rules, identities()...)
}

// identities are the fields that say what a message is about. In a notification the numbers and the amount are what it
// tells: which order they are of is looked up, and the amount compared there.
func identities() []string {
	return []string{
		"create out_trade_no", "query out_trade_no", "close out_trade_no", "code out_trade_no", "reverse out_trade_no",
		"refund out_trade_no", "refund trade_no",
		"refund_query out_trade_no", "refund_query trade_no", "refund_query out_request_no",
		"refund_query refund_amount",
		"pay app_id", "pay seller_id", "refund_pay app_id", "refund_pay seller_id",
	}
}

// row is a rule, its columns in their order.
type row struct {
	in, name      string
	promise       gateway.Promise
	nothing, zero gateway.Meaning
	note          string
}

const (
	always, whenPaid, optional  = gateway.Always, gateway.WhenPaid, gateway.Optional
	unbelieved, implied, unsaid = gateway.Unbelieved, gateway.Implied, gateway.Unsaid

	oneTrade  = "must be the one that was asked for"
	codeNote  = "10000 is a success; anything else is an error with sub_code"
	buyerNote = "newer applications are told buyer_open_id instead"
	paidNote  = "the time of hearing of it stands for it"
)

// answerRules are those of answers about a trade.
func answerRules() []row {
	return []row{
		{"create", "code", always, unbelieved, "", codeNote},
		{"create", "out_trade_no", always, unbelieved, "", oneTrade},
		{"create", "qr_code", always, unbelieved, "", "alipay.trade.precreate"},
		{"query", "code", always, unbelieved, "", codeNote},
		{"query", "out_trade_no", always, unbelieved, "", oneTrade},
		{"query", "trade_status", always, unbelieved, "", "TRADE_CLOSED after a payment: given back whole"},
		{"query", "total_amount", always, unbelieved, unbelieved, "at least 0.01 yuan; no other currency is asked for"},
		{"query", "trade_no", whenPaid, unbelieved, "", "an unpaid trade may lack it"},
		{"query", "send_pay_date", whenPaid, unsaid, "", paidNote},
		{"query", "buyer_user_id", optional, unsaid, "", buyerNote},
		{"close", "code", always, unbelieved, "", codeNote},
		{"close", "out_trade_no", optional, implied, "", oneTrade},
		{"code", "code", always, unbelieved, "", "10003: a password is asked for; no more need be told"},
		{"code", "out_trade_no", always, unbelieved, "", oneTrade},
		{"code", "total_amount", always, unbelieved, unbelieved, "at least 0.01"},
		{"code", "trade_no", always, unbelieved, "", "the payment's number"},
		{"code", "gmt_payment", always, unsaid, "", paidNote},
		{"code", "buyer_user_id", optional, unsaid, "", buyerNote},
		{"reverse", "code", always, unbelieved, "", codeNote},
		{"reverse", "out_trade_no", always, unbelieved, "", oneTrade},
		{"reverse", "retry_flag", always, unbelieved, "", "N is done, Y asks for it again"},
	}
}

// refundRules are those of answers about a refund.
func refundRules() []row {
	return []row{
		{"refund", "code", always, unbelieved, "", codeNote},
		{"refund", "out_trade_no", always, unbelieved, "", oneTrade},
		{"refund", "trade_no", always, implied, "", "out_trade_no names the payment"},
		{"refund", "fund_change", always, implied, "", "Y is given back now; N, or nothing: a query tells"},
		{"refund", "refund_fee", always, implied, implied, "all that went back so far; without it a query tells"},
		{"refund", "gmt_refund_pay", optional, unsaid, "", "the time of hearing of it stands for it"},
		{"refund_query", "code", always, unbelieved, "", codeNote},
		{"refund_query", "refund_status", always, unbelieved, "", "missing with the amount: no such refund was made"},
		{"refund_query", "trade_no", optional, implied, "", "out_request_no names the refund, which is of one payment"},
		{"refund_query", "refund_amount", always, unbelieved, unbelieved, "what this refund gave back"},
		{"refund_query", "out_request_no", always, unbelieved, "", oneTrade},
		{"refund_query", "out_trade_no", optional, implied, "", "the refund's number tells whose it is"},
		{"refund_query", "gmt_refund_pay", optional, unsaid, "", "asked for by query_options"},
	}
}

// noticeRules are those of trade_status_sync, which tells of a payment ("pay") as of a refund ("refund_pay").
func noticeRules(in string) []row {
	rules := []row{
		{in, "notify_type", always, implied, "", "trade_status_sync; any other is passed over"},
		{in, "notify_id", always, unsaid, "", "constant while a notification is repeated"},
		{in, "app_id", always, unbelieved, "", "must be the account's"},
		{in, "seller_id", optional, implied, "", "must be the account's where it is told; app_id stands for it"},
		{in, "trade_status", always, unbelieved, "", "TRADE_CLOSED after a payment: given back whole"},
		{in, "out_trade_no", always, unbelieved, "", "the attempt's number"},
		{in, "trade_no", always, unbelieved, "", "the payment's number"},
		{in, "total_amount", always, unbelieved, unbelieved, "compared with the order's"},
		{in, "gmt_payment", whenPaid, unsaid, "", paidNote},
	}
	if in == "pay" {
		return append(rules,
			row{in, "buyer_id", optional, unsaid, "", buyerNote},
			row{in, "refund_fee", optional, implied, implied, "nothing went back; a published payment has 0.00"},
		)
	}
	return append(rules,
		row{in, "refund_fee", always, unsaid, unsaid, "all that went back so far; gmt_refund alone: untold"},
		row{in, "out_biz_no", optional, implied, "", "the refund's number; without one it is the trade's"},
		row{in, "gmt_refund", optional, unsaid, "", "the time of hearing of it stands for it"},
	)
}
