package lakala

import (
	"context"
	"fmt"

	"linlipay/money"
	"linlipay/payment"
)

// queryVoid looks for the void of a card payment (撤销) among the trades of its order. An order in which the payment stands by itself says that there was none.
func (c *client) queryVoid(ctx context.Context, r payment.RefundRequest) (payment.RefundReport, error) {
	told, err := c.askCounter(ctx, r.Trade)
	if err != nil {
		return payment.RefundReport{}, err
	}
	for _, t := range told.Trades {
		state, ok := t.voids(r.Trade.TransactionID)
		if !ok {
			continue
		}
		if money.Fen(t.TradeAmount) != r.Amount {
			return payment.RefundReport{}, unknown(fmt.Errorf("lakala: void %s is of %d fen, not of %d", r.OutRefundNo, t.TradeAmount, r.Amount))
		}
		report := onItsWay(r, t.TradeNo, t.TradeType+" "+t.TradeStatus)
		report.State = state
		if at, err := moment(t.TradeTime); err == nil && state == payment.RefundDone {
			report.DoneAt = at
		}
		return report, nil
	}
	return payment.RefundReport{}, &payment.GatewayError{Kind: payment.Absent, Signed: true, Code: done, Message: "订单中没有该笔刷卡的撤销"}
}

// voids tells what a trade says of the void of a payment: that it was done, or that it is under way. A payment that the bank reversed (冲正) is undone as well.
func (t counterTrade) voids(paid string) (payment.RefundState, bool) {
	switch {
	case t.TradeType == "PAY" && t.TradeStatus == "C" && t.TradeNo == paid:
		return payment.RefundDone, true
	case t.TradeType != "CANCEL" || t.OriginTradeNo != "" && t.OriginTradeNo != paid:
		return "", false
	case t.TradeStatus == "S":
		return payment.RefundDone, true
	}
	return payment.RefundProcessing, t.open()
}
