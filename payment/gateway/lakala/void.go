package lakala

import (
	"context"
	"fmt"

	"linlipay/payment/gateway"
)

// queryVoid looks for the void of a card payment (撤销) among the trades of its order. An order in which the payment
// stands by itself says that there was none.
func (c *client) queryVoid(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	told, err := c.askCounter(ctx, r.Trade)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	for _, t := range told.trades {
		state, ok := t.voidOf(r.Trade.TransactionID)
		if !ok {
			continue
		}
		if t.amount != r.Amount {
			return gateway.RefundReport{}, gateway.AsIndeterminate(fmt.Errorf("lakala: void %s is of %d fen, not of %d",
				r.OutRefundNo, t.amount, r.Amount))
		}
		report := onItsWay(r, t.tradeNo, t.tradeType+" "+t.tradeStatus)
		if report.State = state; state == gateway.RefundDone {
			report.DoneAt = momentIfTold(t.tradeTime)
		}
		return report, nil
	}
	return gateway.RefundReport{}, &gateway.Error{Kind: gateway.NotFound, Signed: true, Code: done,
		Message: "订单中没有该笔刷卡的撤销"}
}

// voidOf tells what a trade says of the void of a payment: that it was done, or that it is under way. A payment that
// the bank reversed (冲正) is undone as well.
func (t counterTrade) voidOf(paid string) (gateway.RefundState, bool) {
	switch {
	case t.reversed() && t.tradeNo == paid:
		return gateway.RefundDone, true
	case t.tradeType != "CANCEL" || t.originNo != "" && t.originNo != paid:
		return "", false
	case t.voids():
		return gateway.RefundDone, true
	}
	return gateway.RefundProcessing, t.open()
}
