package lakala

import (
	"slices"

	"linlipay/payment/gateway"
)

// counterRules are create, query and close of the counter's orders.
func counterRules() []gateway.FieldRule {
	const data, trades = "resp_data.", "resp_data.order_trade_info_list"
	return slices.Concat(envelope("create"), []gateway.FieldRule{
		rule("create", data+"merchant_no", gateway.Always, gateway.Implied, "", byQuestion),
		rule("create", data+"out_order_no", gateway.Always, gateway.Unbelieved, "",
			"another order's QR must not be shown"),
		rule("create", data+"pay_order_no", gateway.Always, gateway.Unbelieved, "", "later questions need it"),
		rule("create", data+"total_amount", gateway.Always, gateway.Implied, gateway.Implied,
			"as asked: the document's own sample lacks it, a genuine answer has a text"),
		rule("create", data+"counter_url", gateway.Always, gateway.Unbelieved, "", "the QR"),
	}, envelope("query"), []gateway.FieldRule{
		rule("query", data+"merchant_no", gateway.Always, gateway.Implied, "", byQuestion),
		rule("query", data+"out_order_no", gateway.Always, gateway.Unbelieved, "",
			"another order must not be believed"),
		rule("query", data+"pay_order_no", gateway.Always, gateway.Implied, "", byQuestion),
		rule("query", data+"order_status", gateway.Always, gateway.Implied, "",
			"a payment among the trades; without one the answer is not believed"),
		rule("query", data+"total_amount", gateway.Always, gateway.Implied, gateway.Implied,
			"the trade's own amount counts"),
		rule("query", trades, gateway.WhenPaid, gateway.Unbelieved, "", "order_status 2 without a payment"),
	}, counterTradeRules("query", trades+".", "log_No"), envelope("close")[:1], []gateway.FieldRule{
		rule("close", data+"out_order_no", gateway.Always, gateway.Implied, "", byDecision),
	})
}

// counterNoticeRules are those of the notification of a counter order.
func counterNoticeRules() []gateway.FieldRule {
	return slices.Concat([]gateway.FieldRule{
		rule("pay", "merchant_no", gateway.Always, gateway.Unbelieved, "", "the three signed lines name no merchant"),
		rule("pay", "out_order_no", gateway.Always, gateway.Unbelieved, "", "nothing else names the order"),
		rule("pay", "order_status", gateway.Always, gateway.Implied, "", "the trade says it"),
		rule("pay", "total_amount", gateway.Always, gateway.Implied, gateway.Implied, "the trade's own amount counts"),
		rule("pay", "order_trade_info", gateway.Always, gateway.Unbelieved, "", "it tells of nothing"),
	}, counterTradeRules("pay", "order_trade_info.", "log_no"))
}

// counterTradeRules are those of a trade of an order.
func counterTradeRules(in, at, logNo string) []gateway.FieldRule {
	return []gateway.FieldRule{
		rule(in, at+"trade_type", gateway.Always, gateway.Unbelieved, "", "a payment cannot be told from a refund"),
		rule(in, at+"trade_status", gateway.Always, gateway.Unbelieved, "", "it may have failed"),
		rule(in, at+"trade_no", gateway.Always, gateway.Unbelieved, "", "of a payment"),
		rule(in, at+logNo, gateway.Always, gateway.Implied, "", byNumber),
		rule(in, at+"trade_amount", gateway.Always, gateway.Unbelieved, gateway.Unbelieved,
			"of a payment; none is of nothing"),
		rule(in, at+"trade_time", gateway.Always, gateway.Unsaid, "",
			"the core's own time stands for it; the sample has 13 digits"),
		rule(in, at+"busi_type", gateway.Always, gateway.Unsaid, "", "wallet and method are as asked"),
		rule(in, at+"pay_mode", gateway.Optional, gateway.Unsaid, "", "the wallet is as asked"),
		rule(in, at+"user_id1", gateway.Optional, gateway.Unsaid, "", "WeChat's payer; a masked login at Alipay"),
		rule(in, at+"user_id2", gateway.Optional, gateway.Unsaid, "", "the payer at other wallets"),
	}
}

// cardRules are those of a trade that a card paid; order is where the order's own fields stand.
func cardRules(in, order, at string) []gateway.FieldRule {
	return []gateway.FieldRule{
		rule(in, order+"trans_merchant_no", gateway.Optional, gateway.Implied, "", "the merchant of the account"),
		rule(in, order+"trans_term_no", gateway.Optional, gateway.Implied, "", "term_no"),
		rule(in, at+"trade_ref_no", gateway.WhenPaid, gateway.Unsaid, "", "参考号, which the device told"),
		rule(in, at+"client_batch_no", gateway.WhenPaid, gateway.Unsaid, "", "批次号, which the device told"),
		rule(in, at+"client_seq_no", gateway.WhenPaid, gateway.Unsaid, "", "流水号, which the device told"),
		rule(in, at+"payer_account_no", gateway.Optional, gateway.Unsaid, "",
			"the masked card number, which the device told"),
		rule(in, at+"payer_account_bank", gateway.Optional, gateway.Unsaid, "", "发卡行"),
		rule(in, at+"acc_type", gateway.Optional, gateway.Unsaid, "", "the kind of card"),
	}
}

// cardRefundRules are those of lams.
func cardRefundRules() []gateway.FieldRule {
	const data, list = "resp_data.", "resp_data.refund_list."
	return slices.Concat(envelope("refund")[:1], []gateway.FieldRule{
		rule("refund", data+"out_trade_no", gateway.Optional, gateway.Implied, "", byDecision),
		rule("refund", data+"refund_amount", gateway.Optional, gateway.Implied, gateway.Implied, byDecision),
		rule("refund", data+"log_no", gateway.Always, gateway.Implied, "", byDecision),
	}, ofRules("refund"), envelope("refund_query")[:1], []gateway.FieldRule{
		rule("refund_query", list+"out_trade_no", gateway.Optional, gateway.Implied, "",
			"the only refund listed is the one asked about; of several none is believed"),
		rule("refund_query", list+"trade_state", gateway.Always, gateway.Unbelieved, "",
			"nothing else says that the money went back"),
		rule("refund_query", list+"refund_amount", gateway.Optional, gateway.Unbelieved, gateway.Unbelieved,
			"payer_amount, where it has that (scans)"),
		rule("refund_query", list+"trade_no", gateway.Optional, gateway.Unsaid, "", "log_no"),
		rule("refund_query", list+"log_no", gateway.Always, gateway.Unsaid, "", pageOnly),
		rule("refund_query", list+"trade_time", gateway.Optional, gateway.Unsaid, "", byClock),
	})
}

// frontRules are those of the newer refund front.
func frontRules() []gateway.FieldRule {
	const data = "resp_data."
	return slices.Concat(envelope("refund")[:1], []gateway.FieldRule{
		rule("refund", data+"out_trade_no", gateway.Always, gateway.Implied, "", byDecision),
		rule("refund", data+"refund_amount", gateway.Always, gateway.Implied, gateway.Implied, byDecision),
		rule("refund", data+"trade_no", gateway.Always, gateway.Implied, "", byDecision),
	}, ofRules("refund"), ofRules("refund_query"), []gateway.FieldRule{ofScan("refund_query")},
		envelope("refund_query"), []gateway.FieldRule{
			rule("refund_query", data+"out_trade_no", gateway.Always, gateway.Unbelieved, "",
				"another refund must not be believed; of a card origin_trade_no stands for it"),
			rule("refund_query", data+"trade_state", gateway.Always, gateway.Unbelieved, "",
				"nothing else says that the money went back"),
			rule("refund_query", data+"refund_amount", gateway.Always, gateway.Implied, gateway.Implied,
				"payer_amount, what went back (scans)"),
			rule("refund_query", data+"payer_amount", gateway.Optional, gateway.Implied, gateway.Implied,
				"refund_amount"),
			rule("refund_query", data+"trade_no", gateway.Always, gateway.Unsaid, "", "log_no"),
			rule("refund_query", data+"log_no", gateway.Always, gateway.Unsaid, "", pageOnly),
			rule("refund_query", data+"trade_time", gateway.Always, gateway.Unsaid, "", byClock),
		}, []gateway.FieldRule{
			rule("refund_pay", "merchant_no", gateway.Always, gateway.Unbelieved, "",
				"the three signed lines name no merchant"),
			rule("refund_pay", "out_trade_no", gateway.Always, gateway.Unbelieved, "", "nothing else names the refund"),
			rule("refund_pay", "trade_state", gateway.Always, gateway.Implied, "",
				"the query that it makes us ask decides"),
			rule("refund_pay", "refund_amount", gateway.Always, gateway.Implied, gateway.Implied, "payer_amount"),
			rule("refund_pay", "payer_amount", gateway.Optional, gateway.Implied, gateway.Implied, "refund_amount"),
			rule("refund_pay", "origin_out_trade_no", gateway.Optional, gateway.Implied, "",
				"the refund's own number names the order"),
			rule("refund_pay", "trade_no", gateway.Always, gateway.Unsaid, "", pageOnly),
			rule("refund_pay", "trade_time", gateway.Optional, gateway.Unsaid, "", byClock),
		})
}
