package lakala

import (
	"slices"

	"linlipay/payment"
)

// counterRules are create, query and close of the counter's orders.
func counterRules() []payment.FieldRule {
	const data, trades = "resp_data.", "resp_data.order_trade_info_list"
	return slices.Concat(envelope("create"), []payment.FieldRule{
		rule("create", data+"merchant_no", payment.Always, payment.Implied, "", byQuestion),
		rule("create", data+"out_order_no", payment.Always, payment.Unbelieved, "",
			"another order's QR must not be shown"),
		rule("create", data+"pay_order_no", payment.Always, payment.Unbelieved, "", "later questions need it"),
		rule("create", data+"total_amount", payment.Always, payment.Implied, payment.Implied,
			"as asked: the document's own sample lacks it, a genuine answer has a text"),
		rule("create", data+"counter_url", payment.Always, payment.Unbelieved, "", "the QR"),
	}, envelope("query"), []payment.FieldRule{
		rule("query", data+"merchant_no", payment.Always, payment.Implied, "", byQuestion),
		rule("query", data+"out_order_no", payment.Always, payment.Unbelieved, "",
			"another order must not be believed"),
		rule("query", data+"pay_order_no", payment.Always, payment.Implied, "", byQuestion),
		rule("query", data+"order_status", payment.Always, payment.Implied, "",
			"a payment among the trades; without one the answer is not believed"),
		rule("query", data+"total_amount", payment.Always, payment.Implied, payment.Implied,
			"the trade's own amount counts"),
		rule("query", trades, payment.WhenPaid, payment.Unbelieved, "", "order_status 2 without a payment"),
	}, counterTradeRules("query", trades+".", "log_No"), envelope("close")[:1], []payment.FieldRule{
		rule("close", data+"out_order_no", payment.Always, payment.Implied, "", byDecision),
	})
}

// counterNoticeRules are those of the notification of a counter order.
func counterNoticeRules() []payment.FieldRule {
	return slices.Concat([]payment.FieldRule{
		rule("pay", "merchant_no", payment.Always, payment.Unbelieved, "", "the three signed lines name no merchant"),
		rule("pay", "out_order_no", payment.Always, payment.Unbelieved, "", "nothing else names the order"),
		rule("pay", "order_status", payment.Always, payment.Implied, "", "the trade says it"),
		rule("pay", "total_amount", payment.Always, payment.Implied, payment.Implied, "the trade's own amount counts"),
		rule("pay", "order_trade_info", payment.Always, payment.Unbelieved, "", "it tells of nothing"),
	}, counterTradeRules("pay", "order_trade_info.", "log_no"))
}

// counterTradeRules are those of a trade of an order.
func counterTradeRules(in, at, logNo string) []payment.FieldRule {
	return []payment.FieldRule{
		rule(in, at+"trade_type", payment.Always, payment.Unbelieved, "", "a payment cannot be told from a refund"),
		rule(in, at+"trade_status", payment.Always, payment.Unbelieved, "", "it may have failed"),
		rule(in, at+"trade_no", payment.Always, payment.Unbelieved, "", "of a payment"),
		rule(in, at+logNo, payment.Always, payment.Implied, "", byNumber),
		rule(in, at+"trade_amount", payment.Always, payment.Unbelieved, payment.Unbelieved,
			"of a payment; none is of nothing"),
		rule(in, at+"trade_time", payment.Always, payment.Unsaid, "",
			"the core's own time stands for it; the sample has 13 digits"),
		rule(in, at+"busi_type", payment.Always, payment.Unsaid, "", "wallet and method are as asked"),
		rule(in, at+"pay_mode", payment.Optional, payment.Unsaid, "", "the wallet is as asked"),
		rule(in, at+"user_id1", payment.Optional, payment.Unsaid, "", "WeChat's payer; a masked login at Alipay"),
		rule(in, at+"user_id2", payment.Optional, payment.Unsaid, "", "the payer at other wallets"),
	}
}

// cardRules are those of a trade that a card paid; order is where the order's own fields stand.
func cardRules(in, order, at string) []payment.FieldRule {
	return []payment.FieldRule{
		rule(in, order+"trans_merchant_no", payment.Optional, payment.Implied, "", "the merchant of the account"),
		rule(in, order+"trans_term_no", payment.Optional, payment.Implied, "", "term_no"),
		rule(in, at+"trade_ref_no", payment.WhenPaid, payment.Unsaid, "", "参考号, which the device told"),
		rule(in, at+"client_batch_no", payment.WhenPaid, payment.Unsaid, "", "批次号, which the device told"),
		rule(in, at+"client_seq_no", payment.WhenPaid, payment.Unsaid, "", "流水号, which the device told"),
		rule(in, at+"payer_account_no", payment.Optional, payment.Unsaid, "",
			"the masked card number, which the device told"),
		rule(in, at+"payer_account_bank", payment.Optional, payment.Unsaid, "", "发卡行"),
		rule(in, at+"acc_type", payment.Optional, payment.Unsaid, "", "the kind of card"),
	}
}

// cardRefundRules are those of lams.
func cardRefundRules() []payment.FieldRule {
	const data, list = "resp_data.", "resp_data.refund_list."
	return slices.Concat(envelope("refund")[:1], []payment.FieldRule{
		rule("refund", data+"out_trade_no", payment.Optional, payment.Implied, "", byDecision),
		rule("refund", data+"refund_amount", payment.Optional, payment.Implied, payment.Implied, byDecision),
		rule("refund", data+"log_no", payment.Always, payment.Implied, "", byDecision),
	}, ofRules("refund"), envelope("refund_query")[:1], []payment.FieldRule{
		rule("refund_query", list+"out_trade_no", payment.Optional, payment.Implied, "",
			"the only refund listed is the one asked about; of several none is believed"),
		rule("refund_query", list+"trade_state", payment.Always, payment.Unbelieved, "",
			"nothing else says that the money went back"),
		rule("refund_query", list+"refund_amount", payment.Optional, payment.Unbelieved, payment.Unbelieved,
			"payer_amount, where it has that (scans)"),
		rule("refund_query", list+"trade_no", payment.Optional, payment.Unsaid, "", "log_no"),
		rule("refund_query", list+"log_no", payment.Always, payment.Unsaid, "", pageOnly),
		rule("refund_query", list+"trade_time", payment.Optional, payment.Unsaid, "", byClock),
	})
}

// frontRules are those of the newer refund front.
func frontRules() []payment.FieldRule {
	const data = "resp_data."
	return slices.Concat(envelope("refund")[:1], []payment.FieldRule{
		rule("refund", data+"out_trade_no", payment.Always, payment.Implied, "", byDecision),
		rule("refund", data+"refund_amount", payment.Always, payment.Implied, payment.Implied, byDecision),
		rule("refund", data+"trade_no", payment.Always, payment.Implied, "", byDecision),
	}, ofRules("refund"), ofRules("refund_query"), []payment.FieldRule{ofScan("refund_query")},
		envelope("refund_query"), []payment.FieldRule{
			rule("refund_query", data+"out_trade_no", payment.Always, payment.Unbelieved, "",
				"another refund must not be believed; of a card origin_trade_no stands for it"),
			rule("refund_query", data+"trade_state", payment.Always, payment.Unbelieved, "",
				"nothing else says that the money went back"),
			rule("refund_query", data+"refund_amount", payment.Always, payment.Implied, payment.Implied,
				"payer_amount, what went back (scans)"),
			rule("refund_query", data+"payer_amount", payment.Optional, payment.Implied, payment.Implied,
				"refund_amount"),
			rule("refund_query", data+"trade_no", payment.Always, payment.Unsaid, "", "log_no"),
			rule("refund_query", data+"log_no", payment.Always, payment.Unsaid, "", pageOnly),
			rule("refund_query", data+"trade_time", payment.Always, payment.Unsaid, "", byClock),
		}, []payment.FieldRule{
			rule("refund_pay", "merchant_no", payment.Always, payment.Unbelieved, "",
				"the three signed lines name no merchant"),
			rule("refund_pay", "out_trade_no", payment.Always, payment.Unbelieved, "", "nothing else names the refund"),
			rule("refund_pay", "trade_state", payment.Always, payment.Implied, "",
				"the query that it makes us ask decides"),
			rule("refund_pay", "refund_amount", payment.Always, payment.Implied, payment.Implied, "payer_amount"),
			rule("refund_pay", "payer_amount", payment.Optional, payment.Implied, payment.Implied, "refund_amount"),
			rule("refund_pay", "origin_out_trade_no", payment.Optional, payment.Implied, "",
				"the refund's own number names the order"),
			rule("refund_pay", "trade_no", payment.Always, payment.Unsaid, "", pageOnly),
			rule("refund_pay", "trade_time", payment.Optional, payment.Unsaid, "", byClock),
		})
}
