package shengpay

import (
	"strings"

	"linlipay/payment"
)

// standing is what the institution's word for an order comes to.
type standing struct {
	state    payment.TradeState
	returned payment.Returned
}

// standings are the words for an order (status). Those of third parties agree; REVOKED is published for the
// institution's H5 payments, for a payment code that was reversed: of it nothing was kept. The words of refunds are in
// standing.
var standings = map[string]standing{
	"PAY_INIT": {payment.TradeUnpaid, ""}, "PAY_ING": {payment.TradeUnpaid, ""}, "PAY_SUCCESS": {payment.TradePaid, ""},
	"PAY_FAIL": {payment.TradeFailed, ""}, "CLOSED": {payment.TradeClosed, ""}, "REVOKED": {payment.TradeClosed, ""},
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
	if state, known := s.refundStates[word]; known && state != payment.RefundDone {
		return standing{payment.TradePaid, payment.ReturnedNothing}, true
	}
	return standing{payment.TradePaid, payment.ReturnedSome}, true
}

// wasPaid is a report of a trade that we know to have been paid: that it is closed means that all of it went back.
func wasPaid(r payment.Report, t payment.Trade) payment.Report {
	if r.State != payment.TradeClosed || t.PaidAt.IsZero() || t.TransactionID == "" {
		return r
	}
	r.State, r.Returned = payment.TradePaid, payment.ReturnedAll
	r.TransactionID, r.Amount, r.PaidAt = t.TransactionID, t.Amount, t.PaidAt
	return r
}
