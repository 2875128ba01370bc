package sandbox

// orderView is an order without its trades. A genuine message has neither settle_type nor split_mark where the order
// had none.
func (l *lakala) orderView(t trade) map[string]any {
	return map[string]any{
		"pay_order_no": t.OrderNo, "out_order_no": t.OutTradeNo, "channel_id": lakalaChannel,
		"trans_merchant_no": t.Merchant.ID, "trans_term_no": t.Merchant.Terminal,
		"merchant_no": t.Merchant.ID, "term_no": t.Merchant.Terminal, "order_status": counterState(t, l.cfg.Now()),
		"order_info":   t.Title,
		"total_amount": t.Amount, "order_create_time": at14(t.CreatedAt),
		"order_efficient_time": at14(latest(t.CreatedAt, t.ExpiresAt)),
	}
}

// orderTrades are the payment of an order, its refunds and its undoing.
func (l *lakala) orderTrades(t trade) (rows []map[string]any) {
	if t.PaidAt.IsZero() {
		return nil
	}
	rows = append(rows, l.orderTrade(t))
	for _, r := range l.bank.refundsOf(t) {
		rows = append(rows, l.orderRefund(t, r))
	}
	if t.Void != nil {
		rows = append(rows, l.orderVoid(t))
	}
	return rows
}

// orderTrade is the payment of an order.
func (l *lakala) orderTrade(t trade) map[string]any {
	v := map[string]any{
		"trade_no": t.TransactionID, "log_no": logNo(t.TransactionID), "trade_type": "PAY", "trade_status": "S",
		"trade_amount": t.Amount, "payer_amount": t.Amount,
		"user_id1": login(t), "user_id2": t.Payer, "trade_remark": "", "trade_time": at14(t.PaidAt),
		"settle_merchant_no": t.Merchant.ID, "settle_term_no": t.Merchant.Terminal,
	}
	if t.Card == nil {
		v["busi_type"], v["pay_mode"], v["acc_trade_no"] = "SCPAY", accountType(t.Wallet), walletNo(t)
		v["acc_type"] = map[Wallet]string{WechatWallet: "02", AlipayWallet: "04", UnionPay: "99"}[t.Wallet]
		v["acc_settle_amount"], v["acc_discount_amount"], v["acc_mdiscount_amount"],
			v["acc_other_discount_amount"] = fenText(t.Amount), "", "", ""
		return v
	}
	v["busi_type"], v["pay_mode"] = "UPCARD", "CARD"
	v["payer_account_no"], v["payer_account_bank"], v["acc_type"] = t.Card.Masked, t.Card.Issuer, t.Card.Type
	slipFields(v, *t.Card)
	return v
}

func slipFields(v map[string]any, s Slip) {
	v["trade_ref_no"], v["client_batch_no"], v["client_seq_no"], v["trans_term_no"] = s.ReferenceNo, s.BatchNo,
		s.TraceNo, s.Terminal
}

// orderRefund is a refund among an order's trades.
func (l *lakala) orderRefund(t trade, r refund) map[string]any {
	v := l.orderTrade(t)
	for _, ofCard := range []string{"trade_ref_no", "client_batch_no", "client_seq_no"} {
		delete(v, ofCard)
	}
	v["trade_type"], v["trade_no"], v["log_no"], v["origin_trade_no"] = "REFUND", r.ID, logNo(r.ID), t.TransactionID
	v["trade_amount"], v["payer_amount"], v["trade_time"] = r.Amount, r.Amount, at14(latest(r.CreatedAt, r.DoneAt))
	v["trade_status"] = map[refundState]string{refunding: "P", refundDone: "S", refundClosed: "F"}[r.State]
	return v
}

// orderVoid is the undoing of a card payment on the terminal. Its number follows from the payment's.
func (l *lakala) orderVoid(t trade) map[string]any {
	v := l.orderTrade(t)
	number := undoingNo(t)
	v["trade_type"], v["trade_no"], v["log_no"], v["origin_trade_no"], v["trade_time"] = "CANCEL", number,
		logNo(number), t.TransactionID, at14(t.BackAt)
	slipFields(v, *t.Void)
	return v
}
