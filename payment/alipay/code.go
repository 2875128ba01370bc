package alipay

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/go-pay/gopay"

	"linlipay/payment"
)

// PayCode charges the wallet behind a payment code (alipay.trade.pay, scene bar_code). It must be asked once for a number: whoever got no answer
// queries and reverses.
func (g *Gateway) PayCode(ctx context.Context, a payment.Account, c payment.Charge) (payment.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.Report{}, refused("应用配置有误", err)
	}
	r, err := cl.payCode(ctx, c)
	if err != nil {
		return payment.Report{}, payment.Conceal(err, c.AuthCode)
	}
	return r, nil
}

func (c *client) payCode(ctx context.Context, ch payment.Charge) (payment.Report, error) {
	bm := charge(ch)
	bm.Set("scene", "bar_code").Set("product_code", "FACE_TO_FACE_PAYMENT").Set("auth_code", ch.AuthCode)
	if ch.Device != "" {
		bm.Set("terminal_id", ch.Device)
	}
	ctx, v := payment.WithVerdict(ctx)
	rsp, err := c.api.TradePay(ctx, bm)
	if err := judge(charging, v, err); err != nil {
		return payment.Report{}, err
	}
	t := rsp.Response
	asked := t.Code == "10003" // the payer is being asked for a password; the trade need not have a number yet
	if t.OutTradeNo != ch.OutTradeNo && !(asked && t.OutTradeNo == "") {
		return payment.Report{}, unknown(fmt.Errorf("alipay: charged for %s, answered for %s", ch.OutTradeNo, t.OutTradeNo))
	}
	if asked {
		return payment.Report{
			OutTradeNo: ch.OutTradeNo, State: payment.TradeUnpaid, TransactionID: t.TradeNo, Merchant: c.settings.sellerID, App: c.settings.appID, Raw: t.Code,
		}, nil
	}
	var node struct {
		Paid string `json:"gmt_payment"` // which gopay leaves out
	}
	if err := json.Unmarshal([]byte(rsp.SignData), &node); err != nil {
		return payment.Report{}, unknown(fmt.Errorf("alipay: a charge without time: %w", err))
	}
	return report("TRADE_SUCCESS", t.OutTradeNo, t.TradeNo, t.TotalAmount, node.Paid, c.settings, t.BuyerUserId)
}

// Reverse undoes a charge (alipay.trade.cancel): nil only for a signed success that needs no repetition. The institution also answers so for a
// number that it does not know.
func (g *Gateway) Reverse(ctx context.Context, a payment.Account, t payment.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return unknown(err)
	}
	ctx, v := payment.WithVerdict(ctx)
	rsp, err := cl.api.TradeCancel(ctx, gopay.BodyMap{"out_trade_no": t.OutTradeNo})
	if rsp != nil && rsp.Response != nil && rsp.Response.RetryFlag == "Y" {
		return &payment.GatewayError{Kind: payment.Busy, Signed: v.Err == nil, Code: rsp.Response.SubCode, Message: rsp.Response.SubMsg, Cause: v.Err}
	}
	if err := judge(reversing, v, err); err != nil {
		return err
	}
	if r := rsp.Response; r.OutTradeNo != t.OutTradeNo || r.RetryFlag != "N" {
		return unknown(fmt.Errorf("alipay: reversed %s, answered for %s with retry_flag %q", t.OutTradeNo, r.OutTradeNo, r.RetryFlag))
	}
	return nil
}
