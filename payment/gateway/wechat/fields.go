package wechat

import (
	"linlipay/payment/gateway"
)

var _ gateway.FieldReader = (*Gateway)(nil)

// row is a line of the table, of any message.
type row struct {
	name          string
	promise       gateway.Promise
	nothing, zero gateway.Meaning
	note          string
}

// Short names for the table.
const (
	always, whenPaid, optional  = gateway.Always, gateway.WhenPaid, gateway.Optional
	unbelieved, implied, unsaid = gateway.Unbelieved, gateway.Implied, gateway.Unsaid
)

// FieldRules are the fields that are read or compared. The institution's pages for 查询订单, 支付成功回调通知, 付款码支付,
// 撤销, 申请退款, 查询单笔退款 and 退款结果回调通知 say what is promised; its own client for Go marks every field of a payment
// as optional.
func (g *Gateway) FieldRules() (rules []gateway.FieldRule) {
	for _, message := range []struct {
		in   string
		rows []row
	}{
		{"create", []row{{"code_url", always, unbelieved, "", "nobody can pay without it"}}},
		{"create jsapi", []row{{"prepay_id", always, unbelieved, "", "nobody can pay without it"}}},
		{"create h5", []row{{"h5_url", always, unbelieved, "", "nobody can pay without it; it must be an address"}}},
		{"query", transactionRows("the merchant that asked")},
		{"code", transactionRows("the merchant that asked")},
		{"reverse", []row{
			{"out_trade_no", always, unbelieved, "", "which charge was reversed"},
			{"mchid", always, implied, "", "the merchant that asked"},
		}},
		{"refund", refundRows()},
		{"refund_query", append(refundRows(), backAt())},
		{"pay", transactionRows("the merchant whose key decrypts it")},
		{"refund_pay", append(refundOfRows(), backAt(),
			row{"mchid", always, implied, "", "the merchant whose key decrypts it"},
			row{"refund_status", always, implied, "", "`event_type` says the same"},
		)},
	} {
		for _, r := range message.rows {
			rules = append(rules, gateway.FieldRule{
				In: message.in, Name: r.name, Promise: r.promise, Nothing: r.nothing, Zero: r.zero, Note: r.note,
			})
		}
	}
	return gateway.Identities(rules, identities()...)
}

// identities are the fields that say what a message is about. In a notification the numbers and the amount are what it
// tells: which order they are of is looked up, and the amount compared there.
func identities() []string {
	return []string{
		"query out_trade_no", "query mchid", "code out_trade_no", "code mchid", "reverse out_trade_no", "reverse mchid",
		"refund out_trade_no", "refund out_refund_no", "refund transaction_id", "refund amount.refund",
		"refund amount.total", "refund amount.currency",
		"refund_query out_trade_no", "refund_query out_refund_no", "refund_query transaction_id",
		"refund_query amount.refund", "refund_query amount.total", "refund_query amount.currency",
		"pay mchid", "pay appid", "refund_pay mchid",
	}
}

// transactionRows are those of a payment; merchant is whose it is where it names none.
func transactionRows(merchant string) []row {
	return []row{
		{"out_trade_no", always, unbelieved, "", "which payment it is about"},
		{"mchid", always, implied, "", merchant},
		{"appid", always, implied, "", "the account's app"},
		{"trade_state", always, unbelieved, "", "whether it is paid"},
		{"transaction_id", whenPaid, unbelieved, "", "a payment has a number"},
		{"success_time", whenPaid, unsaid, "", "paid when we heard of it; likewise where it is no time"},
		{"payer", whenPaid, unsaid, "", "who paid is not known"},
		{"payer.openid", whenPaid, unsaid, "", "who paid is not known"},
		{"amount", whenPaid, unbelieved, "", "how much was ordered"},
		{"amount.total", whenPaid, unbelieved, unbelieved, "what was ordered, coupons included"},
		{"amount.currency", optional, implied, "", "CNY, the one currency of merchants in China"},
	}
}

// refundOfRows are those of any refund.
func refundOfRows() []row {
	return []row{
		{"out_trade_no", always, unbelieved, "", "which payment goes back"},
		{"out_refund_no", always, unbelieved, "", "which refund it is about"},
		{"refund_id", always, unsaid, "", "the institution's own number"},
		{"amount", always, unbelieved, "", "how much goes back"},
		{"amount.refund", always, unbelieved, unbelieved, "how much goes back"},
	}
}

// refundRows are those of a refund in an answer.
func refundRows() []row {
	return append(refundOfRows(),
		row{"status", always, unbelieved, "", "whether it went back"},
		row{"transaction_id", always, implied, "", "`out_trade_no` names the payment"},
		row{"amount.total", always, implied, unbelieved, "what the payment was, which we know"},
		row{"amount.currency", always, implied, "", "CNY, the one currency of merchants in China"},
	)
}

// backAt is when a refund went back. An answer to a request for one has it only where the refund was made before.
func backAt() row {
	return row{"success_time", optional, unsaid, "", "back when we heard of it; likewise where it is no time"}
}
