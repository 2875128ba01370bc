package ruiyinxin

import (
	"context"

	"linlipay/payment"
)

// barcode is the scene of a payment code that is read from a screen; 2 is one that is heard.
const barcode = "1"

// PayCode charges the wallet behind a payment code (003). What the answer calls done is looked up (006) before it is believed. It must be asked once for a
// number: whoever got no answer queries and reverses.
func (g *Gateway) PayCode(ctx context.Context, a payment.Account, c payment.Charge) (payment.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.Report{}, refused("商户号配置有误", err)
	}
	r, err := cl.payCode(ctx, c)
	if err != nil {
		return payment.Report{}, payment.Conceal(err, c.AuthCode)
	}
	return r, nil
}

func (c *client) payCode(ctx context.Context, ch payment.Charge) (payment.Report, error) {
	way := c.settings.payWays[ch.Wallet]
	if way == "" {
		return payment.Report{}, notOffered("payment codes of " + string(ch.Wallet) + " are not offered")
	}
	data := c.charge(ch, way)
	data["scene"], data["authCode"] = barcode, ch.AuthCode
	if ch.Device != "" {
		data["terminalId"] = cut(ch.Device)
	}
	t, underWay, err := c.ask(ctx, question{chargeCode, ch.OutTradeNo, ch.NotifyURL, data})
	switch {
	case err != nil:
		return payment.Report{}, c.settle(ctx, ch.OutTradeNo, false, err)
	case underWay:
		return payment.Report{
			OutTradeNo: ch.OutTradeNo, State: payment.TradeUnpaid, Merchant: c.settings.merchantCode, Currency: payment.CNY, Amount: ch.Amount,
			Raw: t.head["respType"] + " " + t.head["respCode"],
		}, nil
	}
	return c.query(ctx, ch.OutTradeNo)
}
