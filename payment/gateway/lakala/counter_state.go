package lakala

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"linlipay/money"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// counterState is a counter order as an answer or a notification tells it. total_amount is what was ordered: what was
// paid stands in each trade.
type counterState struct {
	outOrderNo, merchantNo, termNo string
	transMerchantNo, transTermNo   string
	status                         string
	total                          money.Fen
	trades                         []counterTrade // of an answer, the latest first
}

// readCounter reads an order without its trades.
func readCounter(f gateway.Fields) counterState {
	return counterState{
		outOrderNo: f.Text("out_order_no"), merchantNo: f.Text("merchant_no"), termNo: f.Text("term_no"),
		transMerchantNo: f.Text("trans_merchant_no"),
		transTermNo:     f.Text("trans_term_no"), status: f.Text("order_status"), total: cents(f, "total_amount"),
	}
}

// report translates a counter order: the first successful payment that was not undone, whatever was ordered. A second
// payment of the same order cannot be booked for it: the institution is told to give it back by itself, and the
// report's own word names it. Where every payment was voided on the terminal, the first is reported, with all of it
// gone back.
func (o counterState) report(s settings, young bool) (gateway.Report, error) {
	live, voided := o.live()
	if len(live) > 0 {
		return o.paidFirst(live, s)
	}
	r := o.named(s)
	state, known := counterStates[o.status]
	switch {
	case young && slices.ContainsFunc(o.trades, counterTrade.underWay):
		r.State = gateway.TradeUnpaid
	case len(voided) > 0:
		r, err := o.paidBy(voided[0], s)
		r.Returned = gateway.ReturnedAll
		return r, err
	case known:
		r.State = state
	case (o.status == "2" || o.status == "6") && slices.ContainsFunc(o.trades, counterTrade.reversed):
		r.State = gateway.TradeClosed
	default:
		return gateway.Report{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: order_status %q of a counter order without a payment",
				o.status),
		)
	}
	return r, nil
}

// paidFirst reports the first of the payments; the word names the others.
func (o counterState) paidFirst(live []counterTrade, s settings) (gateway.Report, error) {
	r, err := o.paidBy(live[0], s)
	for _, t := range live[1:] {
		r.Raw += fmt.Sprintf(" 重复支付 %s %s", t.tradeNo, t.amount.Yuan())
	}
	r.Returned, r.ReturnedAmount = o.returned(live)
	return r, err
}

// counterStates are the words for the state of an order that nothing was paid for; 2 is paid, 6 given back.
var counterStates = map[string]gateway.TradeState{
	"0": gateway.TradeUnpaid, "1": gateway.TradeUnpaid, // 待支付, 支付中
	"3": gateway.TradeFailed,                                                     // 支付失败
	"4": gateway.TradeClosed, "5": gateway.TradeClosed, "7": gateway.TradeClosed, // 已过期, 已取消, 订单已关闭
}

// cancelled reports whether an order that has ended says that its payment was undone: cancelled (5), or reversed by the
// bank. That it expired or was closed says nothing of a payment.
func (o counterState) cancelled() bool {
	return o.status == "5" || slices.ContainsFunc(o.trades, counterTrade.reversed)
}

// returned is what went back of the first of an order's payments, by the refunds among the trades. An order of which a
// part or all was given back (6) without any of them says only that something did.
func (o counterState) returned(live []counterTrade) (gateway.Returned, money.Fen) {
	paid := live[0]
	sum := o.shares(live)[paid.tradeNo]
	refunds := slices.ContainsFunc(o.trades, func(t counterTrade) bool {
		return t.tradeType == "REFUND" && t.of(paid)
	})
	switch {
	case sum >= paid.amount && sum > 0:
		return gateway.ReturnedAll, 0
	case sum > 0 || o.status == "6" && !refunds:
		return gateway.ReturnedSome, sum
	}
	return gateway.ReturnedNothing, 0
}

// shares is how much went back of each payment, every refund counted once. One that names no payment is of the latest
// that has so much left: what is paid a second time for one order the institution gives back by itself. Where none has,
// it is of the first, so that it is not lost.
func (o counterState) shares(live []counterTrade) map[string]money.Fen {
	back := map[string]money.Fen{}
	for _, named := range []bool{true, false} {
		for _, t := range o.trades {
			if !t.gaveBack() || (t.originNo != "") != named {
				continue
			}
			no := t.originNo
			if !named {
				no = t.roomIn(live, back)
			}
			back[no] += min(t.amount, live[0].amount) // so that no sum of a list overflows
		}
	}
	return back
}

// roomIn is the number of the latest payment of which a refund's amount has not gone back yet, else the first one's.
func (t counterTrade) roomIn(live []counterTrade, back map[string]money.Fen) string {
	for _, p := range slices.Backward(live) {
		if t.amount <= p.amount-back[p.tradeNo] {
			return p.tradeNo
		}
	}
	return live[0].tradeNo
}

// live lists the successful payments that were not voided, and those that were, each the earliest first, in whatever
// order the trades stand.
func (o counterState) live() (live, voided []counterTrade) {
	var named, unnamed []counterTrade
	for _, t := range slices.Backward(o.trades) {
		switch {
		case t.paid():
			live = append(live, t)
		case !t.voids():
		case t.originNo != "":
			named = append(named, t)
		default:
			unnamed = append(unnamed, t)
		}
	}
	slices.SortStableFunc(live, earlier)
	for _, v := range slices.Concat(named, unnamed) {
		if i := v.voided(live); i >= 0 {
			voided = append(voided, live[i])
			live = slices.Delete(live, i, i+1)
		}
	}
	slices.SortStableFunc(voided, earlier)
	return live, voided
}

// voided is the place of the payment that a void undoes: the one that it names, else the latest before it, for a
// terminal voids what it took; -1 is none.
func (t counterTrade) voided(live []counterTrade) int {
	for i, p := range slices.Backward(live) {
		if p.tradeNo == t.originNo || t.originNo == "" && earlier(p, t) <= 0 {
			return i
		}
	}
	return -1
}

// named is what a report of the order says in each state.
func (o counterState) named(s settings) gateway.Report {
	return gateway.Report{
		OutTradeNo: o.outOrderNo, Amount: o.total, Currency: gateway.CNY, Merchant: s.merchantNo, App: s.appid,
		Raw: o.status,
	}
}

// paidBy reports the payment of an order by one of its trades.
func (o counterState) paidBy(t counterTrade, s settings) (gateway.Report, error) {
	r := o.named(s)
	r.State, r.Amount, r.TransactionID, r.StatementNo = gateway.TradePaid, t.amount, t.tradeNo, t.logNo
	r.Wallet, r.Method, r.PayerID = t.way()
	if r.Method == gateway.CardPresent {
		r.Card = o.cardOf(t, s)
	}
	if r.PaidAt = momentIfTold(t.tradeTime); t.tradeNo == "" || t.amount == 0 {
		return gateway.Report{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: a payment without number or amount: %q of %d fen",
				t.tradeNo, t.amount),
		)
	}
	return r, nil
}

// cardOf is the card of a payment on a terminal.
func (o counterState) cardOf(t counterTrade, s settings) card.Card {
	return card.Card{
		ReferenceNo: t.tradeRefNo, BatchNo: t.clientBatchNo, TraceNo: t.clientSeqNo, Masked: mask(t.accountNo),
		Type:   card.UnionPayCardType(t.accType),
		Issuer: t.accountBank, Merchant: cmp.Or(o.transMerchantNo, s.merchantNo),
		Terminal: cmp.Or(o.transTermNo, o.termNo),
	}
}

// queryCounterRefund finds a refund that a person made at the institution among the trades of its order, where it has
// the institution's number only.
func (c *client) queryCounterRefund(ctx context.Context, r gateway.RefundRequest) (gateway.RefundReport, error) {
	told, err := c.askCounter(ctx, r.Trade)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	for _, t := range told.trades {
		if t.tradeType == "REFUND" && t.tradeNo == r.OutRefundNo {
			return refundTold{t.tradeNo, t.tradeNo, refundStatus[t.tradeStatus], t.tradeTime, t.amount}.report(r)
		}
	}
	return gateway.RefundReport{}, &gateway.Error{Kind: gateway.NotFound, Signed: true, Code: done,
		Message: "订单中没有该笔退款"}
}

// refundStatus is labs' word for a refund, by the counter's: 成功, 失败, 处理中, 发送超时, 预记状态.
var refundStatus = map[string]string{"S": "SUCCESS", "F": "FAIL", "P": "DEAL", "T": "TIMEOUT", "U": "DEAL"}
