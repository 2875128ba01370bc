package wechat

import (
	"cmp"
	"fmt"
	"time"

	"linlipay/payment/gateway"
)

// states are the institution's words for a payment (trade_state). REFUND (转入退款) is said from the moment that a refund
// is on its way, of whatever amount, and whoever asked for it. REVOKED (已撤销) is a payment code that was reversed: what
// was paid went back. ACCEPT (已接收，等待扣款) is not paid yet.
func states() map[string]gateway.TradeState {
	return map[string]gateway.TradeState{
		"SUCCESS": gateway.TradePaid, "REFUND": gateway.TradePaid,
		"NOTPAY": gateway.TradeUnpaid, "USERPAYING": gateway.TradeUnpaid, "ACCEPT": gateway.TradeUnpaid,
		"CLOSED": gateway.TradeClosed, "REVOKED": gateway.TradeClosed, "PAYERROR": gateway.TradeFailed,
	}
}

// transaction translates a payment as an answer or a decrypted notification tells it. See FieldRules for what may be
// left out.
func (c *client) transaction(f gateway.Fields) (gateway.Report, error) {
	amount := f.Object("amount")
	total, told := amount.Fen("total")
	r := gateway.Report{
		OutTradeNo: f.Required("out_trade_no"), State: states()[f.Required("trade_state")], Raw: f.Text("trade_state"),
		TransactionID: f.Text("transaction_id"), PayerID: f.Object("payer").Text("openid"),
		Amount: total, Currency: cmp.Or(amount.Text("currency"), gateway.CNY), Merchant: c.mchid(f), App: c.appid(f),
	}
	paid := r.State == gateway.TradePaid
	switch {
	case f.Err() != nil:
		return gateway.Report{}, gateway.AsIndeterminate(f.Err())
	case r.State == "":
		return gateway.Report{}, gateway.AsIndeterminate(fmt.Errorf("wechat: unknown trade_state %q", r.Raw))
	case paid && (r.TransactionID == "" || !told || total <= 0):
		err := fmt.Errorf("wechat: a paid trade with transaction %q and %d fen", r.TransactionID, total)
		return gateway.Report{}, gateway.AsIndeterminate(err)
	}
	if paid {
		r.PaidAt = moment(f.Text("success_time"))
	}
	if r.Raw == "REFUND" {
		r.Returned = gateway.ReturnedSome
	}
	return r, nil
}

// mchid is the merchant that a message names. One that names none is the account's own: an answer is to its question,
// and a notification was encrypted with its key.
func (c *client) mchid(f gateway.Fields) string { return cmp.Or(f.Text("mchid"), c.settings.mchid) }

// appid is the app that a message names, likewise.
func (c *client) appid(f gateway.Fields) string { return cmp.Or(f.Text("appid"), c.settings.appid) }

// moment reads a time; zero is none, since money that came or went is not doubted for lack of its time.
func moment(text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// booked is a query's report in the light of what is known: a payment that was booked and is reversed or closed now
// went back whole. The institution may leave out what is known of it.
func booked(r gateway.Report, t gateway.Trade) gateway.Report {
	if r.State != gateway.TradeClosed || t.PaidAt.IsZero() {
		return r
	}
	r.State, r.Returned, r.PaidAt = gateway.TradePaid, gateway.ReturnedAll, t.PaidAt
	r.TransactionID, r.Amount = cmp.Or(r.TransactionID, t.TransactionID), cmp.Or(r.Amount, t.Amount)
	return r
}
