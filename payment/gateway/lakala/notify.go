package lakala

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// Verify verifies a notification of either kind, of a scanned payment (labs) or of a counter order, on its raw bytes
// and compares the merchant. The institution signs each repeat anew.
func (g *Gateway) Verify(_ context.Context, a gateway.Account, m gateway.RawNotification,
	now time.Time) (gateway.Notification, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Notification{}, gateway.AsIndeterminate(err)
	}
	if err := cl.settings.verifyNotice(m.Header, m.Body, now); err != nil {
		return gateway.Notification{}, gateway.AsUnauthentic(err)
	}
	f, err := gateway.ReadFields(m.Body)
	if err != nil {
		return gateway.Notification{}, illegible(err)
	}
	trade, order, merchant := f.Text("out_trade_no"), f.Text("out_order_no"), f.Required("merchant_no")
	switch {
	case f.Err() != nil:
		return gateway.Notification{}, gateway.AsUnauthentic(f.Err())
	case merchant != cl.settings.merchantNo:
		return gateway.Notification{}, gateway.AsUnauthentic(fmt.Errorf("lakala: for merchant %s", merchant))
	case trade != "" && order == "":
		return cl.scanNotice(f)
	case order != "" && trade == "":
		return cl.counterNotice(f)
	}
	return gateway.Notification{},
		gateway.AsUnauthentic(errors.New("lakala: the message is neither of a trade nor of a counter order"))
}

func illegible(err error) error {
	return gateway.AsUnauthentic(fmt.Errorf("lakala: the message cannot be read: %w", err))
}

// scanNotice translates a notification of a trade: a payment, or a refund, which names the trade that it goes back
// to.
func (c *client) scanNotice(f gateway.Fields) (gateway.Notification, error) {
	told := readScan(f)
	if err := f.Err(); err != nil {
		return gateway.Notification{}, illegible(err)
	}
	word := cmp.Or(told.status, told.state)
	n := gateway.Notification{ID: told.tradeNo + "/" + word, Kind: gateway.NotifyTrade, Event: word}
	switch {
	case told.mainType == "CANCEL": // a revocation under its own number: the charge's query decides
		n.Kind = gateway.NotifyOther
		return n, nil
	case told.mainType == "REFUND" || told.ofRefund:
		return c.refundNotice(f, told, n)
	}
	var err error
	n.Report, err = told.report(c.settings, gateway.Trade{})
	if err != nil {
		return gateway.Notification{}, err
	}
	return n, nil
}

// refundNotice translates a notification of a refund. Its form is not public, so that it is a hint: what the query
// says counts.
func (c *client) refundNotice(f gateway.Fields, told scanTrade, n gateway.Notification) (gateway.Notification, error) {
	n.Kind, n.Refund = gateway.NotifyRefund, gateway.RefundReport{
		OutTradeNo: told.origin, OutRefundNo: told.outTradeNo, RefundID: told.tradeNo,
		State:  cmp.Or(refundStateOf(n.Event), gateway.RefundProcessing),
		Amount: told.refundAmount(), Raw: n.Event,
	}
	if n.Refund.Amount == 0 {
		return gateway.Notification{}, gateway.AsIndeterminate(
			fmt.Errorf("lakala: refund %s of no amount", told.outTradeNo),
		)
	}
	if n.Refund.State == gateway.RefundDone {
		n.Refund.DoneAt = momentIfTold(told.tradeTime)
	}
	return n, nil
}

// refundAmount is how much a refund's notification says went back; 0 is not told. Where it is one of the refund alone,
// labs' own word for it is total_amount.
func (t scanTrade) refundAmount() money.Fen {
	amount := cmp.Or(t.refund, t.payer)
	if amount == 0 && t.mainType == "REFUND" {
		return t.total
	}
	return amount
}

// counterNotice translates a notification of a counter order. It tells of one trade only: another payment of the
// order is told by the query.
func (c *client) counterNotice(f gateway.Fields) (gateway.Notification, error) {
	order, about := readCounter(f), f.Object("order_trade_info")
	about.Required("trade_type")
	about.Required("trade_status")
	t := readCounterTrade(about)
	if err := f.Err(); err != nil {
		return gateway.Notification{}, illegible(err)
	}
	n := gateway.Notification{ID: t.tradeNo + "/" + t.tradeType + "/" + t.tradeStatus, Kind: gateway.NotifyTrade,
		Event: t.tradeType + " " + t.tradeStatus}
	var err error
	switch {
	case t.paid():
		n.Report, err = order.paidBy(t, c.settings)
	case t.voids(), t.gaveBack(), t.reversed():
		n.Report = order.tookBack(t, c.settings)
	default:
		n.Kind = gateway.NotifyOther
	}
	if err != nil {
		return gateway.Notification{}, err
	}
	return n, nil
}

// tookBack reports what a notification of a void, a refund or a reversal by the bank says of the order's payment. A
// refund has the institution's number there and not ours, so that one that we asked for cannot be told from one that
// we did not; the notification says that some of the payment went back, and the query how much in all. Where the
// payment is not named, or was never kept, the order is only said to have ended.
func (o counterState) tookBack(t counterTrade, s settings) gateway.Report {
	r := o.named(s)
	r.State, r.Raw = gateway.TradeClosed, t.tradeType+" "+t.tradeStatus
	if t.originNo == "" || t.amount == 0 || o.total == 0 || t.reversed() {
		return r
	}
	r.State, r.TransactionID, r.StatementNo = gateway.TradePaid, t.originNo, logNo("", t.originNo)
	r.Wallet, r.Method, _ = t.way()
	switch {
	case t.voids():
		r.Returned, r.Amount = gateway.ReturnedAll, t.amount // a void is of all that was paid
	case t.amount == o.total:
		r.Returned = gateway.ReturnedAll
	default:
		r.Returned = gateway.ReturnedSome
	}
	return r
}

// Acknowledge is SUCCESS with a status of 200; anything else makes the institution send again.
func (g *Gateway) Acknowledge(err error) gateway.Acknowledgement {
	if err == nil {
		return gateway.Acknowledgement{Status: http.StatusOK, ContentType: "application/json",
			Body: []byte(`{"code":"SUCCESS","message":"执行成功"}`)}
	}
	return gateway.Acknowledgement{Status: gateway.RefusalStatus(err), ContentType: "application/json",
		Body: []byte(`{"code":"FAIL","message":"执行失败"}`)}
}
