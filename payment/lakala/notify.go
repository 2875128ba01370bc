package lakala

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"linlipay/money"
	"linlipay/payment"
)

// Parse verifies a notification of either kind, of a scanned payment (labs) or of a counter order, on its raw bytes and compares the merchant. The institution
// signs each repeat anew.
func (g *Gateway) Parse(_ context.Context, a payment.Account, m payment.Message, now time.Time) (payment.Notification, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.Notification{}, unknown(err)
	}
	if err := cl.settings.verifyNotice(m.Header, m.Body, now); err != nil {
		return payment.Notification{}, forged(err)
	}
	var kind struct {
		OutOrderNo string `json:"out_order_no"`
		OutTradeNo string `json:"out_trade_no"`
		MerchantNo string `json:"merchant_no"`
	}
	if err := json.Unmarshal(m.Body, &kind); err != nil {
		return payment.Notification{}, forged(fmt.Errorf("lakala: the message cannot be read: %w", err))
	}
	if kind.MerchantNo != cl.settings.merchantNo {
		return payment.Notification{}, forged(fmt.Errorf("lakala: for merchant %s", kind.MerchantNo))
	}
	switch {
	case kind.OutTradeNo != "" && kind.OutOrderNo == "":
		return cl.scanNotice(m.Body)
	case kind.OutOrderNo != "" && kind.OutTradeNo == "":
		return cl.counterNotice(m.Body)
	}
	return payment.Notification{}, forged(errors.New("lakala: the message is neither of a trade nor of a counter order"))
}

func (c *client) scanNotice(body []byte) (payment.Notification, error) {
	var told scanTrade
	if err := json.Unmarshal(body, &told); err != nil {
		return payment.Notification{}, forged(fmt.Errorf("lakala: the message cannot be read: %w", err))
	}
	n := payment.Notification{ID: told.TradeNo + "/" + told.TradeStatus, Kind: payment.NotifyTrade, Event: told.TradeStatus}
	if told.TradeMainType == "REFUND" && told.Origin != "" {
		n.Kind, n.Refund = payment.NotifyRefund, told.refunded()
		return n, nil
	}
	if told.TradeMainType == "REFUND" || told.TradeMainType == "CANCEL" { // its query decides
		n.Kind = payment.NotifyOther
		return n, nil
	}
	var err error
	n.Report, err = told.report(c.settings)
	if err != nil {
		return payment.Notification{}, err
	}
	return n, nil
}

// refunded is a refund as a notification tells it; the institution documents none, so that it is a hint at most.
func (t scanTrade) refunded() payment.RefundReport {
	r := payment.RefundReport{
		OutTradeNo: t.Origin, OutRefundNo: t.OutTradeNo, RefundID: t.TradeNo, State: cmp.Or(refundStateOf(t.TradeStatus), payment.RefundProcessing),
		Amount: money.Fen(cmp.Or(t.RefundAmount, t.TotalAmount)), Raw: t.TradeStatus,
	}
	if at, err := moment(t.TradeTime); err == nil && r.State == payment.RefundDone {
		r.DoneAt = at
	}
	return r
}

// counterNotice translates a notification of a counter order. It tells of one trade only: another payment of the order is told by the query, and a refund by its own.
func (c *client) counterNotice(body []byte) (payment.Notification, error) {
	var told counterState
	if err := json.Unmarshal(body, &told); err != nil {
		return payment.Notification{}, forged(fmt.Errorf("lakala: the message cannot be read: %w", err))
	}
	if told.Trade == nil {
		return payment.Notification{}, forged(errors.New("lakala: the message tells of no trade"))
	}
	t := *told.Trade
	n := payment.Notification{ID: t.TradeNo + "/" + t.TradeType + "/" + t.TradeStatus, Kind: payment.NotifyTrade, Event: t.TradeType + " " + t.TradeStatus}
	var err error
	switch {
	case t.paid():
		n.Report, err = told.paidBy(t, c.settings)
	case t.undoes():
		n.Report = told.named(c.settings)
		n.Report.State, n.Report.Raw = payment.TradeClosed, n.Event
	default:
		n.Kind = payment.NotifyOther
	}
	if err != nil {
		return payment.Notification{}, err
	}
	return n, nil
}

// Answer is SUCCESS with a status of 200; anything else makes the institution send again.
func (g *Gateway) Answer(err error) payment.Answer {
	if err == nil {
		return payment.Answer{Status: http.StatusOK, ContentType: "application/json", Body: []byte(`{"code":"SUCCESS","message":"执行成功"}`)}
	}
	status := http.StatusInternalServerError
	var failed *payment.GatewayError
	if errors.As(err, &failed) && failed.Kind == payment.Forged {
		status = http.StatusUnauthorized
	}
	return payment.Answer{Status: status, ContentType: "application/json", Body: []byte(`{"code":"FAIL","message":"执行失败"}`)}
}

func forged(err error) error {
	return &payment.GatewayError{Kind: payment.Forged, Cause: err}
}
