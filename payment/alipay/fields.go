package alipay

import (
	"slices"

	"linlipay/payment"
)

// FieldRules is what this gateway reads of Alipay's answers and notifications, by the public reference of each call (opendocs.alipay.com) and of the
// notifications (异步通知参数, opendocs.alipay.com/open/203/105286). Amounts are in yuan, with or without quotes, and above zero or nothing; times are China's.
// The frame (sign, sign_type, alipay_cert_sn) is verify.go's.
func (g *Gateway) FieldRules() (rules []payment.FieldRule) {
	for _, r := range slices.Concat(answerRules(), refundRules(), noticeRules("pay"), noticeRules("refund_pay")) {
		rules = append(rules, payment.FieldRule(r))
	}
	return rules
}

// row is a rule, its columns in their order.
type row payment.FieldRule

const (
	oneTrade  = "must be the one that was asked for"
	codeNote  = "10000 is a success; anything else is an error with sub_code"
	buyerNote = "newer applications are told buyer_open_id instead"
	paidNote  = "the time of hearing of it stands for it"
)

// answerRules are those of answers about a trade.
func answerRules() []row {
	return []row{
		{"create", "code", payment.Always, payment.Unbelieved, "", codeNote},
		{"create", "out_trade_no", payment.Always, payment.Unbelieved, "", oneTrade},
		{"create", "qr_code", payment.Always, payment.Unbelieved, "", "alipay.trade.precreate"},
		{"query", "code", payment.Always, payment.Unbelieved, "", codeNote},
		{"query", "out_trade_no", payment.Always, payment.Unbelieved, "", oneTrade},
		{"query", "trade_status", payment.Always, payment.Unbelieved, "", "TRADE_CLOSED of a trade that was paid is one given back whole"},
		{"query", "total_amount", payment.Always, payment.Unbelieved, payment.Unbelieved, "at least 0.01; CNY, since no other currency is asked for"},
		{"query", "trade_no", payment.WhenPaid, payment.Unbelieved, "", "an unpaid trade may lack it"},
		{"query", "send_pay_date", payment.WhenPaid, payment.Unsaid, "", paidNote},
		{"query", "buyer_user_id", payment.Optional, payment.Unsaid, "", buyerNote},
		{"close", "code", payment.Always, payment.Unbelieved, "", codeNote},
		{"close", "out_trade_no", payment.Optional, payment.Implied, "", oneTrade},
		{"code", "code", payment.Always, payment.Unbelieved, "", "10003: the payer is asked for a password, and nothing else need be told"},
		{"code", "out_trade_no", payment.Always, payment.Unbelieved, "", oneTrade},
		{"code", "total_amount", payment.Always, payment.Unbelieved, payment.Unbelieved, "at least 0.01"},
		{"code", "trade_no", payment.Always, payment.Unbelieved, "", "the payment's number"},
		{"code", "gmt_payment", payment.Always, payment.Unsaid, "", paidNote},
		{"code", "buyer_user_id", payment.Optional, payment.Unsaid, "", buyerNote},
		{"reverse", "code", payment.Always, payment.Unbelieved, "", codeNote},
		{"reverse", "out_trade_no", payment.Always, payment.Unbelieved, "", oneTrade},
		{"reverse", "retry_flag", payment.Always, payment.Unbelieved, "", "N is done, Y asks for it again"},
	}
}

// refundRules are those of answers about a refund.
func refundRules() []row {
	return []row{
		{"refund", "code", payment.Always, payment.Unbelieved, "", codeNote},
		{"refund", "out_trade_no", payment.Always, payment.Unbelieved, "", oneTrade},
		{"refund", "fund_change", payment.Always, payment.Implied, "", "Y is given back now; N, or nothing: a query tells"},
		{"refund", "refund_fee", payment.Always, payment.Implied, payment.Implied, "all that has gone back of the trade; without it a query tells"},
		{"refund", "gmt_refund_pay", payment.Optional, payment.Unsaid, "", "the time of hearing of it stands for it"},
		{"refund_query", "code", payment.Always, payment.Unbelieved, "", codeNote},
		{"refund_query", "refund_status", payment.Always, payment.Unbelieved, "", "without an amount beside it: no such refund was made"},
		{"refund_query", "refund_amount", payment.Always, payment.Unbelieved, payment.Unbelieved, "what this refund gave back; without a status beside it: no such refund"},
		{"refund_query", "out_request_no", payment.Always, payment.Unbelieved, "", oneTrade},
		{"refund_query", "out_trade_no", payment.Optional, payment.Implied, "", "the refund's number tells whose it is"},
		{"refund_query", "gmt_refund_pay", payment.Optional, payment.Unsaid, "", "asked for by query_options"},
	}
}

// noticeRules are those of trade_status_sync, which tells of a payment ("pay") as of a refund ("refund_pay").
func noticeRules(in string) []row {
	rules := []row{
		{in, "notify_type", payment.Always, payment.Implied, "", "trade_status_sync; any other is passed over"},
		{in, "notify_id", payment.Always, payment.Unsaid, "", "constant while a notification is repeated"},
		{in, "app_id", payment.Always, payment.Unbelieved, "", "must be the account's"},
		{in, "seller_id", payment.Optional, payment.Implied, "", "must be the account's where it is told; app_id stands for it"},
		{in, "trade_status", payment.Always, payment.Unbelieved, "", "TRADE_CLOSED of a trade that was paid is one given back whole"},
		{in, "out_trade_no", payment.Always, payment.Unbelieved, "", "the attempt's number"},
		{in, "trade_no", payment.Always, payment.Unbelieved, "", "the payment's number"},
		{in, "total_amount", payment.Always, payment.Unbelieved, payment.Unbelieved, "compared with the order's"},
		{in, "gmt_payment", payment.WhenPaid, payment.Unsaid, "", paidNote},
	}
	if in == "pay" {
		return append(rules,
			row{in, "buyer_id", payment.Optional, payment.Unsaid, "", buyerNote},
			row{in, "refund_fee", payment.Optional, payment.Implied, payment.Implied, "nothing went back; the institution's own sample of a payment has 0.00"},
		)
	}
	return append(rules,
		row{in, "refund_fee", payment.Always, payment.Unsaid, payment.Unsaid, "all that has gone back of the trade; where gmt_refund stands alone, how much is not told"},
		row{in, "out_biz_no", payment.Optional, payment.Implied, "", "the refund's number; without one of its own the trade is told to have had so much given back"},
		row{in, "gmt_refund", payment.Optional, payment.Unsaid, "", "the time of hearing of it stands for it"},
	)
}
