package shengpay

import (
	"context"
	"encoding/json"
	"fmt"

	"linlipay/payment/gateway"
)

// PayCode charges the wallet behind a payment code (付款码), as the account's settings declare. It must be asked once for
// a number: whoever got no answer queries and reverses.
func (g *Gateway) PayCode(ctx context.Context, a gateway.Account, ch gateway.Charge) (gateway.Report, error) {
	c, err := g.client(a)
	if err != nil {
		return gateway.Report{}, gateway.BadAccount(err)
	}
	if !c.settings.takesCodes(ch.Wallet) {
		return gateway.Report{}, gateway.NotOffered(
			gateway.Shengpay,
			gateway.PaymentMethod{Wallet: ch.Wallet, Method: gateway.CodePresented},
		)
	}
	r, err := c.payCode(ctx, ch)
	return r, gateway.Conceal(err, ch.AuthCode)
}

func (c *client) payCode(ctx context.Context, ch gateway.Charge) (gateway.Report, error) {
	f, err := c.codeTerms(ch)
	if err != nil {
		return gateway.Report{}, gateway.NotSent("付款码无效", err)
	}
	told, err := c.call(ctx, charging, c.settings.codePath, f)
	if err != nil {
		return gateway.Report{}, err
	}
	if told["outTradeNo"] != ch.OutTradeNo {
		return gateway.Report{},
			gateway.AsIndeterminate(
				fmt.Errorf("shengpay: charged for %s, answered for %.64q", ch.OutTradeNo, told["outTradeNo"]),
			)
	}
	if told[c.settings.statusField] == "" {
		return c.taken(ctx, ch), nil
	}
	return c.report(told)
}

// codeTerms are the terms with the payment code, where the account's settings say that it stands.
func (c *client) codeTerms(ch gateway.Charge) (fields, error) {
	f := c.terms(ch)
	f["tradeType"] = c.settings.codeTradeTypes[ch.Wallet]
	if !c.settings.codeInExtra {
		f[c.settings.codeField] = ch.AuthCode
		return f, nil
	}
	raw, err := json.Marshal(map[string]string{c.settings.codeField: ch.AuthCode})
	f["extra"] = string(raw)
	return f, err
}

// taken is a charge that the institution took without saying how it stands: a query tells, now or later.
func (c *client) taken(ctx context.Context, ch gateway.Charge) gateway.Report {
	t := gateway.Trade{OutTradeNo: ch.OutTradeNo, Wallet: ch.Wallet, Method: ch.Method, Amount: ch.Amount}
	if r, err := c.query(ctx, t); err == nil {
		return r
	}
	return gateway.Report{
		OutTradeNo: ch.OutTradeNo, State: gateway.TradeUnpaid, Merchant: c.settings.mchID, Wallet: ch.Wallet,
	}
}

// Reverse undoes a charge by payment code (撤单), one that was paid today at the latest. The institution's answer does
// not repeat the number, so that a query must agree: nil only when the institution then says, with its signature,
// that the charge is closed or that money went back: a reversal is taken of what no refund was made of, and gives all
// of it back.
func (g *Gateway) Reverse(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	c, err := g.client(a)
	if err != nil {
		return gateway.AsIndeterminate(err)
	}
	return c.end(ctx, reversing, c.settings.reversePath, t)
}
