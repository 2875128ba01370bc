package alipay

import (
	"time"

	"linlipay/calendar"
	"linlipay/payment/gateway"
)

// told is how a message tells of a trade: its status, the names of the fields for the time of payment and the payer,
// and whether the message or our books know that it was paid.
type told struct {
	status, at, buyer string
	paid              bool
}

// report translates what a query, a charge or a notification says of a trade. A paid one has a number and an amount, or
// it is not believed; the time of payment and the payer are details.
func (s settings) report(f gateway.Fields, t told) (gateway.Report, error) {
	amount, _ := f.Yuan("total_amount")
	r := gateway.Report{
		OutTradeNo: f.Required("out_trade_no"), TransactionID: f.Text("trade_no"), Amount: amount,
		Currency: gateway.CNY, Merchant: s.sellerID, App: s.appID, PayerID: f.Text(t.buyer), Raw: t.status,
	}
	r.State, r.Returned = stateOfTrade(t.status, t.paid)
	paid := r.State == gateway.TradePaid
	if paid {
		r.PaidAt = moment(f.Text(t.at))
	}
	switch {
	case r.State == "":
		f.Fail("trade_status", "none that the institution documents")
	case amount <= 0:
		f.Fail("total_amount", "not what a trade can be about")
	case paid && r.TransactionID == "":
		f.Fail("trade_no", "missing though the trade is paid")
	}
	if err := f.Err(); err != nil {
		return gateway.Report{}, gateway.AsIndeterminate(err)
	}
	return r, nil
}

// stateOfTrade reads the institution's word. TRADE_CLOSED is a trade that was never paid as well as one of which all
// went back (未付款交易超时关闭，或支付完成后全额退款), on request, on the institution's page or by a reversal: whether it was paid tells
// them apart.
func stateOfTrade(status string, paid bool) (gateway.TradeState, gateway.Returned) {
	switch status {
	case "WAIT_BUYER_PAY":
		return gateway.TradeUnpaid, gateway.ReturnedNothing
	case "TRADE_SUCCESS", "TRADE_FINISHED":
		return gateway.TradePaid, gateway.ReturnedNothing
	case "TRADE_CLOSED":
		if paid {
			return gateway.TradePaid, gateway.ReturnedAll
		}
		return gateway.TradeClosed, gateway.ReturnedNothing
	}
	return "", gateway.ReturnedNothing
}

// moment reads a time of the institution's, in Shanghai; zero for none or another form.
func moment(s string) time.Time {
	at, err := calendar.Parse(time.DateTime, s)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
