package shengpay

import (
	"strings"

	"linlipay/payment/gateway"
)

// standing is what the institution's word for an order comes to.
type standing struct {
	state    gateway.TradeState
	returned gateway.Returned
}

// standings are the words for an order (status). Those of third parties agree; REVOKED is published for the
// institution's H5 payments, for a payment code that was reversed: of it nothing was kept. The words of refunds are in
// standing.
var standings = map[string]standing{
	"PAY_INIT": {gateway.TradeUnpaid, ""}, "PAY_ING": {gateway.TradeUnpaid, ""}, "PAY_SUCCESS": {gateway.TradePaid, ""},
	"PAY_FAIL": {gateway.TradeFailed, ""}, "CLOSED": {gateway.TradeClosed, ""}, "REVOKED": {gateway.TradeClosed, ""},
}

// standing sorts a word. Once money goes back the word for the order is that of its latest refund, however much it
// was and whoever asked for it (published for H5 payments: REFUND after any refund): it was paid, and some of it went
// back, unless the word is one of a refund that is under way or failed.
func (s settings) standing(word string) (standing, bool) {
	if found, known := standings[word]; known {
		return found, true
	}
	if !strings.HasPrefix(word, "REFUND") {
		return standing{}, false
	}
	if state, known := s.refundStates[word]; known && state != gateway.RefundDone {
		return standing{gateway.TradePaid, gateway.ReturnedNothing}, true
	}
	return standing{gateway.TradePaid, gateway.ReturnedSome}, true
}

// wasPaid is a report of a trade that we know to have been paid: that it is closed means that all of it went back.
func wasPaid(r gateway.Report, t gateway.Trade) gateway.Report {
	if r.State != gateway.TradeClosed || t.PaidAt.IsZero() || t.TransactionID == "" {
		return r
	}
	r.State, r.Returned = gateway.TradePaid, gateway.ReturnedAll
	r.TransactionID, r.Amount, r.PaidAt = t.TransactionID, t.Amount, t.PaidAt
	return r
}
