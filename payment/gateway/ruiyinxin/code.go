package ruiyinxin

import (
	"context"
	"errors"
	"strings"

	"linlipay/payment/gateway"
)

// barcode is the scene of a payment code that is read from a screen; 2 is one that is heard.
const barcode = "1"

// PayCode charges the wallet behind a payment code (003). What the answer calls done is looked up (006) before it is
// believed. It must be asked once for a number: whoever got no answer queries and reverses. smzfMsgId of the answer is
// reported however the matter stands: a server that names no payment is asked by it later.
func (g *Gateway) PayCode(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Report{}, gateway.BadAccount(err)
	}
	r, err := cl.payCode(ctx, c)
	if err != nil {
		return gateway.Report{UpstreamNo: r.UpstreamNo}, gateway.Conceal(err, c.AuthCode)
	}
	return r, nil
}

func (c *client) payCode(ctx context.Context, ch gateway.Charge) (gateway.Report, error) {
	way := c.settings.payWays[ch.Wallet]
	if way == "" {
		return gateway.Report{}, notOffered("payment codes of " + string(ch.Wallet) + " are not offered")
	}
	data := c.charge(ch, way)
	data["scene"], data["authCode"] = barcode, ch.AuthCode
	if ch.Device != "" {
		data["terminalId"] = gateway.Cut(ch.Device)
	}
	trade := gateway.Trade{OutTradeNo: ch.OutTradeNo, Wallet: ch.Wallet, Method: ch.Method, Amount: ch.Amount}
	t, underWay, err := c.ask(ctx, question{chargeCode, ch.OutTradeNo, ch.NotifyURL, data})
	if err != nil {
		return c.chargedAnyway(ctx, trade, err)
	}
	if told := c.upstream(t, ch.OutTradeNo); !strings.Contains(told, ch.AuthCode) { // a number is kept, a code never
		trade.UpstreamNo = told
	}
	if underWay {
		return c.waiting(t, trade), nil
	}
	r, err := c.query(ctx, trade)
	r.UpstreamNo = trade.UpstreamNo
	return r, err
}

// waiting is the report of a charge whose payer is being asked for a password.
func (c *client) waiting(t text, trade gateway.Trade) gateway.Report {
	return gateway.Report{
		OutTradeNo: trade.OutTradeNo, State: gateway.TradeUnpaid, Merchant: c.settings.merchantCode,
		Currency: gateway.CNY, Amount: trade.Amount, UpstreamNo: trade.UpstreamNo,
		Raw: t.head["respType"] + " " + t.head["respCode"],
	}
}

// chargedAnyway tells what a failure of a charge came to: one whose answer means nothing to us may have been made.
func (c *client) chargedAnyway(ctx context.Context, trade gateway.Trade, err error) (gateway.Report, error) {
	_, unclear := gateway.Unmapped(err)
	err = c.settle(ctx, trade, false, err)
	var found *gateway.Error
	if unclear && errors.As(err, &found) && found.Kind == gateway.AlreadyPaidUpstream {
		return c.query(ctx, trade)
	}
	return gateway.Report{}, err
}
