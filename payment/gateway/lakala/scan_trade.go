package lakala

import (
	"cmp"
	"context"
	"fmt"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// scanTrade is a trade as labs tells it, in an answer (trade_state) or a notification (trade_status).
type scanTrade struct {
	outTradeNo, tradeNo, logNo string
	mainType                   string
	state, status              string
	accountType                string
	total, payer, refund       money.Fen // refund is of a refund
	tradeTime                  string
	user1, user2               string
	origin                     string // of a refund: our number of the payment
	ofRefund                   bool   // it names the trade that it goes back to
}

// readScan reads a trade. The merchant's number is not read: an answer is to our question, and a notification's was
// compared before.
func readScan(f gateway.Fields) scanTrade {
	wallet := f.Object("acc_resp_fields")
	t := scanTrade{
		outTradeNo: f.Text("out_trade_no"), tradeNo: f.Text("trade_no"), mainType: f.Text("trade_main_type"),
		state:  f.Text("trade_state"),
		status: f.Text("trade_status"), accountType: f.Text("account_type"), total: cents(f, "total_amount"),
		payer:  cents(f, "payer_amount"),
		refund: cents(f, "refund_amount"), tradeTime: f.Text("trade_time"),
		user1: cmp.Or(f.Text("user_id1"), wallet.Text("open_id")),
		user2: cmp.Or(f.Text("user_id2"), wallet.Text("user_id")), origin: f.Text("origin_out_trade_no"),
	}
	t.logNo = logNo(f.Text("log_no"), t.tradeNo)
	t.ofRefund = t.origin != "" || f.Has("origin_trade_no") || f.Has("origin_log_no")
	return t
}

// scanStates are the institution's words for the state of a payment. REFUND is 全部退款(或订单被撤销): also that of a payment
// code which was revoked, paid before or not. REVOKED is in none of its lists; third parties name it.
var scanStates = map[string]gateway.TradeState{
	"INIT": gateway.TradeUnpaid, "CREATE": gateway.TradeUnpaid, "DEAL": gateway.TradeUnpaid,
	"UNKNOWN": gateway.TradeUnpaid,
	"SUCCESS": gateway.TradePaid, "PART_REFUND": gateway.TradePaid, "REFUND": gateway.TradePaid,
	"CLOSE": gateway.TradeClosed, "REVOKED": gateway.TradeClosed,
	"FAIL": gateway.TradeFailed,
}

// scanReturned are the words that say of money that it went back.
var scanReturned = map[string]gateway.Returned{"PART_REFUND": gateway.ReturnedSome, "REFUND": gateway.ReturnedAll}

// walletsOf are the wallets by account_type and pay_mode.
var walletsOf = map[string]gateway.Wallet{
	"WECHAT": gateway.WalletWeChat, "ALIPAY": gateway.WalletAlipay, "UQRCODEPAY": gateway.WalletUnionPay,
	"UNION": gateway.WalletUnionPay,
}

// queryScan asks about a payment. Of a part that went back the answer does not tell the amount: the list of its
// refunds does, where the institution answers that.
func (c *client) queryScan(ctx context.Context, t gateway.Trade) (gateway.Report, error) {
	f, err := c.tradequery(ctx, t.OutTradeNo)
	if err != nil {
		return gateway.Report{}, err
	}
	told := readScan(f)
	if err := f.Err(); err != nil {
		return gateway.Report{}, gateway.AsIndeterminate(err)
	}
	r, err := told.report(c.settings, t)
	if err == nil && r.Returned == gateway.ReturnedSome {
		r.ReturnedAmount = c.returnedSome(ctx, r)
	}
	if booked(t) && r.State == gateway.TradeClosed {
		r = gone(r, t)
	}
	return r, err
}

// tradequery asks labs about a payment or a refund by our number for it.
func (c *client) tradequery(ctx context.Context, number string) (gateway.Fields, error) {
	f, err := c.call(ctx, scanQuery, labsDone, scanAsked{c.settings.merchantNo, c.settings.termNo, number})
	if err == nil {
		err = c.about(f, "out_trade_no", number)
	}
	return f, err
}

// about checks that an answer is about what was asked: it must name that number, and no other merchant than ours.
func (c *client) about(f gateway.Fields, field, number string) error {
	got, merchant := f.Required(field), f.Text("merchant_no")
	if err := f.Err(); err != nil {
		return gateway.AsIndeterminate(err)
	}
	if got != number || merchant != "" && merchant != c.settings.merchantNo {
		return gateway.AsIndeterminate(fmt.Errorf("lakala: asked for %s, answered for %s of %s", number, got, merchant))
	}
	return nil
}

// payerID is the payer's id under the company's own app at WeChat (user_id1), and the account at other wallets
// (user_id2): user_id1 is a masked login there.
func (t scanTrade) payerID(w gateway.Wallet) string {
	if w == gateway.WalletWeChat {
		return t.user1
	}
	return t.user2
}

// report translates a payment; known is what is known of it already.
func (t scanTrade) report(s settings, known gateway.Trade) (gateway.Report, error) {
	raw := cmp.Or(t.state, t.status)
	r := gateway.Report{
		OutTradeNo: t.outTradeNo, TransactionID: t.tradeNo, Amount: t.total, Currency: gateway.CNY,
		Merchant: s.merchantNo, App: s.appid, Wallet: walletsOf[t.accountType], StatementNo: t.logNo, Raw: raw,
	}
	r.PayerID = t.payerID(r.Wallet)
	var word bool
	if r.State, word = scanStates[raw]; !word || t.status != "" && t.state != "" && t.status != t.state {
		return gateway.Report{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: state %q, status %q of a trade", t.state, t.status),
		)
	}
	if t.reverses() {
		return gateway.Report{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: %s is a %s, not a payment", t.outTradeNo, t.mainType),
		)
	}
	if r.Returned = scanReturned[raw]; r.Returned == gateway.ReturnedAll && !t.everPaid(known) {
		r.State, r.Returned = gateway.TradeClosed, gateway.ReturnedNothing
	}
	if r.State != gateway.TradePaid {
		return r, nil
	}
	if r.PaidAt = momentIfTold(t.tradeTime); t.tradeNo == "" || t.total == 0 {
		return gateway.Report{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: a paid trade without number or amount: %q of %d fen",
				t.tradeNo, t.total),
		)
	}
	return r, nil
}

// reverses reports whether the trade is no payment but gives one back.
func (t scanTrade) reverses() bool { return t.mainType == "REFUND" || t.mainType == "CANCEL" }

// everPaid reports whether a trade in the state REFUND was paid before. Only a charge by payment code can be revoked
// (撤销) before it is paid: there something must say that it was, when (实际支付时间) or how much (付款人实付金额), or nothing
// was ever kept. Anything else is closed while it is unpaid, so that REFUND alone says that the money came and went.
func (t scanTrade) everPaid(known gateway.Trade) bool {
	revocable := known.Method == "" || known.Method == gateway.CodePresented
	return !revocable || t.tradeTime != "" || t.payer > 0 || !known.PaidAt.IsZero()
}

// booked reports whether we know that a trade was paid.
func booked(t gateway.Trade) bool { return !t.PaidAt.IsZero() && t.TransactionID != "" }

// gone is what "closed" means of a trade that we have booked: the money went back.
func gone(r gateway.Report, known gateway.Trade) gateway.Report {
	r.State, r.Returned, r.TransactionID = gateway.TradePaid, gateway.ReturnedAll, known.TransactionID
	r.PaidAt, r.StatementNo = known.PaidAt, cmp.Or(r.StatementNo, known.StatementNo)
	r.Amount = cmp.Or(r.Amount, known.Amount)
	return r
}
