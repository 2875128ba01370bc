package lakala

import (
	"slices"

	"linlipay/payment/gateway"
)

var _ gateway.FieldReader = (*Gateway)(nil)

// FieldRules are the fields of scanned payments (labs). What is promised stands in the institution's documents of
// each question (M is always, C optional) and in its own clients; what it means where nothing is said is ours.
func (g *Gateway) FieldRules() []gateway.FieldRule {
	rules := slices.Concat(scanRules(), codeRules(), scanRefundRules(), scanNoticeRules())
	return gateway.Identities(append(rules, ofScan("refund"), ofScan("refund_query")), identities()...)
}

// CounterFieldRules are those of the counter's orders, however scanned; what is given back of them is asked for at
// labs.
func (g *Gateway) CounterFieldRules() []gateway.FieldRule {
	return gateway.Identities(slices.Concat(counterRules(), scanRefundRules(), counterNoticeRules()),
		identities()...)
}

// CardFieldRules are those of a counter order that a card paid, beside CounterFieldRules, and of the refunds of cards
// (lams).
func (g *Gateway) CardFieldRules() []gateway.FieldRule {
	return gateway.Identities(slices.Concat(cardRules("query", "resp_data.", "resp_data.order_trade_info_list."),
		cardRules("pay", "", "order_trade_info."), cardRefundRules()), identities()...)
}

// FrontFieldRules are those of the newer refund front, where an account gives back through it.
func (g *Gateway) FrontFieldRules() []gateway.FieldRule {
	return gateway.Identities(frontRules(), identities()...)
}

// identities are the fields that say what a message is about, in whatever product. In a notification the numbers and
// the amount are what it tells: which order they are of is looked up, and the amount compared there.
func identities() []string {
	const data = " resp_data."
	return []string{
		"create" + data + "merchant_no", "create" + data + "out_trade_no", "create" + data + "out_order_no",
		"create" + data + "total_amount", "create jsapi" + data + "acc_resp_fields.app_id",
		"query" + data + "merchant_no", "query" + data + "out_trade_no", "query" + data + "out_order_no",
		"query" + data + "pay_order_no",
		"close" + data + "origin_out_trade_no", "close" + data + "out_order_no",
		"code" + data + "merchant_no", "code" + data + "out_trade_no", "reverse" + data + "origin_out_trade_no",
		"refund" + data + "out_trade_no", "refund" + data + "refund_amount", "refund" + data + "origin_trade_no",
		"refund" + data + "origin_log_no", "refund" + data + "origin_out_trade_no",
		"refund_query" + data + "merchant_no", "refund_query" + data + "out_trade_no",
		"refund_query" + data + "refund_amount", "refund_query" + data + "origin_trade_no",
		"refund_query" + data + "origin_log_no", "refund_query" + data + "origin_out_trade_no",
		"refund_query" + data + "refund_list.out_trade_no", "refund_query" + data + "refund_list.refund_amount",
		"pay merchant_no", "refund_pay merchant_no",
	}
}

// rule is a line of a table.
func rule(in, name string, promise gateway.Promise, nothing, zero gateway.Meaning, note string) gateway.FieldRule {
	return gateway.FieldRule{In: in, Name: name, Promise: promise, Nothing: nothing, Zero: zero, Note: note}
}

// ofRules are those of what names the payment of a refund.
func ofRules(in string) []gateway.FieldRule {
	const data = "resp_data."
	return []gateway.FieldRule{
		rule(in, data+"origin_trade_no", gateway.Optional, gateway.Implied, "", byQuestion),
		rule(in, data+"origin_log_no", gateway.Optional, gateway.Implied, "", byQuestion),
	}
}

// ofScan is that of our number of a refund's payment. Under which number of the merchant's a counter order's trade goes
// at labs is not documented, so that it is not compared there.
func ofScan(in string) gateway.FieldRule {
	return rule(in, "resp_data.origin_out_trade_no", gateway.Optional, gateway.Implied, "", byQuestion)
}

// envelope are the rules of what every answer begins with.
func envelope(in string) []gateway.FieldRule {
	return []gateway.FieldRule{
		rule(in, "code", gateway.Always, gateway.Unbelieved, "", "公共响应参数"),
		rule(in, "resp_data", gateway.Always, gateway.Unbelieved, "", "公共响应参数"),
	}
}

const (
	byQuestion = "the question names it"
	byNumber   = "the last 14 digits of trade_no (D)"
	byClock    = "the core's own time stands for it"
	byDecision = "the query that follows decides"
	pageOnly   = "shown to people only"
)

// scanRules are create, query and close.
func scanRules() []gateway.FieldRule {
	const data = "resp_data."
	return slices.Concat(envelope("create"), []gateway.FieldRule{
		rule("create", data+"merchant_no", gateway.Always, gateway.Implied, "", byQuestion),
		rule("create", data+"out_trade_no", gateway.Always, gateway.Unbelieved, "",
			"another order's QR must not be shown"),
		rule("create", data+"acc_resp_fields", gateway.Always, gateway.Unbelieved, "", "nothing to show the payer"),
		rule("create", data+"acc_resp_fields.code", gateway.Always, gateway.Unbelieved, "",
			"the QR"),
		rule("create jsapi", data+"acc_resp_fields.app_id", gateway.Always, gateway.Unbelieved, "",
			"the account's wechat_appid"),
		rule("create jsapi", data+"acc_resp_fields.package", gateway.Always, gateway.Unbelieved, "",
			"nobody can pay without it"),
		rule("create jsapi", data+"acc_resp_fields.pay_sign", gateway.Always, gateway.Unbelieved, "",
			"nobody can pay without it"),
	}, envelope("query"), []gateway.FieldRule{
		rule("query", data+"merchant_no", gateway.Always, gateway.Implied, "", byQuestion),
		rule("query", data+"out_trade_no", gateway.Always, gateway.Unbelieved, "",
			"another trade must not be believed"),
		rule("query", data+"trade_state", gateway.Always, gateway.Unbelieved, "",
			"BBS00000 says only that the trade was found"),
		rule("query", data+"trade_no", gateway.Always, gateway.Unbelieved, "", "of a paid trade; else unsaid"),
		rule("query", data+"log_no", gateway.Always, gateway.Implied, "", byNumber),
		rule("query", data+"trade_main_type", gateway.Optional, gateway.Implied, "",
			"a payment; 无 is documented for other kinds"),
		rule("query", data+"total_amount", gateway.Always, gateway.Unbelieved, gateway.Unbelieved,
			"of a paid trade; no trade is of nothing"),
		rule("query", data+"payer_amount", gateway.Optional, gateway.Unsaid, gateway.Unsaid,
			"compared with nothing; in REFUND it says that the trade was paid before"),
		rule("query", data+"trade_time", gateway.Optional, gateway.Unsaid, "", byClock),
		rule("query", data+"account_type", gateway.Always, gateway.Unsaid, "", "the wallet is as asked"),
		rule("query", data+"user_id1", gateway.Optional, gateway.Unsaid, "", "WeChat's payer"),
		rule("query", data+"user_id2", gateway.Optional, gateway.Unsaid, "", "the payer at other wallets"),
	}, envelope("close")[:1], []gateway.FieldRule{
		rule("close", data+"origin_out_trade_no", gateway.Always, gateway.Implied, "", byDecision),
	})
}

// codeRules are those of payment codes.
func codeRules() []gateway.FieldRule {
	const data = "resp_data."
	return slices.Concat(envelope("code"), []gateway.FieldRule{
		rule("code", data+"merchant_no", gateway.Always, gateway.Implied, "", byQuestion),
		rule("code", data+"out_trade_no", gateway.Always, gateway.Unbelieved, "",
			"of BBS00000; BBS10000 need not say it"),
		rule("code", data+"trade_no", gateway.Always, gateway.Unbelieved, "", "of a paid charge; else unsaid"),
		rule("code", data+"log_no", gateway.Always, gateway.Implied, "", byNumber),
		rule("code", data+"total_amount", gateway.Always, gateway.Unbelieved, gateway.Unbelieved,
			"of a paid charge; no charge is of nothing"),
		rule("code", data+"need_query", gateway.Always, gateway.Implied, "", "BBS00000 is paid; 1 is under way"),
		rule("code", data+"trade_time", gateway.Optional, gateway.Unsaid, "", byClock),
		rule("code", data+"account_type", gateway.Always, gateway.Unsaid, "", "the wallet is as asked"),
		rule("code", data+"user_id1", gateway.Optional, gateway.Unsaid, "", "acc_resp_fields.open_id stands for it"),
		rule("code", data+"user_id2", gateway.Optional, gateway.Unsaid, "", "acc_resp_fields.user_id stands for it"),
		rule("code", data+"acc_resp_fields", gateway.Optional, gateway.Unsaid, "", "the payer"),
	}, envelope("reverse"), []gateway.FieldRule{
		rule("reverse", data+"out_trade_no", gateway.Always, gateway.Implied, "",
			"origin_out_trade_no names the charge"),
		rule("reverse", data+"origin_out_trade_no", gateway.Optional, gateway.Implied, "",
			"out_trade_no, the number that the request had"),
	})
}

// scanRefundRules are labs' refund and the query for it by its own number.
func scanRefundRules() []gateway.FieldRule {
	const data = "resp_data."
	return slices.Concat(envelope("refund")[:1], []gateway.FieldRule{
		rule("refund", data+"out_trade_no", gateway.Always, gateway.Implied, "", byDecision),
		rule("refund", data+"refund_amount", gateway.Always, gateway.Implied, gateway.Implied, byDecision),
		rule("refund", data+"trade_no", gateway.Always, gateway.Implied, "", byDecision),
	}, ofRules("refund"), ofRules("refund_query"), envelope("refund_query"), []gateway.FieldRule{
		rule("refund_query", data+"merchant_no", gateway.Always, gateway.Implied, "", byQuestion),
		rule("refund_query", data+"out_trade_no", gateway.Always, gateway.Unbelieved, "",
			"another refund must not be believed"),
		rule("refund_query", data+"trade_state", gateway.Always, gateway.Unbelieved, "",
			"nothing else says that the money went back"),
		rule("refund_query", data+"trade_main_type", gateway.Optional, gateway.Implied, "", "the number is a refund's"),
		rule("refund_query", data+"refund_amount", gateway.Optional, gateway.Implied, gateway.Implied,
			"total_amount, which is the refund's (assumed)"),
		rule("refund_query", data+"total_amount", gateway.Always, gateway.Implied, gateway.Implied,
			"refund_amount, where it is told"),
		rule("refund_query", data+"trade_no", gateway.Always, gateway.Unsaid, "", pageOnly),
		rule("refund_query", data+"trade_time", gateway.Optional, gateway.Unsaid, "", byClock),
	})
}

// scanNoticeRules are those of the notification of a scanned payment.
func scanNoticeRules() []gateway.FieldRule {
	return []gateway.FieldRule{
		rule("pay", "merchant_no", gateway.Always, gateway.Unbelieved, "", "the three signed lines name no merchant"),
		rule("pay", "out_trade_no", gateway.Always, gateway.Unbelieved, "", "nothing else names the order"),
		rule("pay", "trade_status", gateway.Always, gateway.Unbelieved, "", "trade_state, where it has that instead"),
		rule("pay", "trade_no", gateway.Always, gateway.Unbelieved, "", "of a paid trade; else unsaid"),
		rule("pay", "log_no", gateway.Always, gateway.Implied, "", byNumber),
		rule("pay", "total_amount", gateway.Always, gateway.Unbelieved, gateway.Unbelieved,
			"of a paid trade; no trade is of nothing"),
		rule("pay", "payer_amount", gateway.Optional, gateway.Unsaid, gateway.Unsaid,
			"compared with nothing; in REFUND it says that the trade was paid before"),
		rule("pay", "trade_time", gateway.Optional, gateway.Unsaid, "", byClock),
		rule("pay", "account_type", gateway.Always, gateway.Unsaid, "", "the wallet is as asked"),
		rule("pay", "user_id1", gateway.Optional, gateway.Unsaid, "", "WeChat's payer"),
		rule("pay", "user_id2", gateway.Optional, gateway.Unsaid, "", "the payer at other wallets"),
	}
}
