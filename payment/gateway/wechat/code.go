package wechat

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/go-pay/gopay"
	gp "github.com/go-pay/gopay/wechat/v3"

	"linlipay/payment/gateway"
)

// PayCode charges the wallet behind a payment code (付款码支付). The institution sends no notification of it. It must be
// asked once for a number: whoever got no answer queries, and reverses no sooner than 15 seconds later.
func (g *Gateway) PayCode(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Report{}, gateway.BadAccount(err)
	}
	r, err := cl.payCode(ctx, c)
	return r, gateway.Conceal(err, c.AuthCode)
}

func (c *client) payCode(ctx context.Context, ch gateway.Charge) (gateway.Report, error) {
	bm := c.codeOrder(ch)
	a, err := ask(ctx, func(ctx context.Context) (int, error) {
		rsp, err := c.api.V3TransactionCodePay(ctx, bm)
		if err != nil {
			return 0, err
		}
		return rsp.Code, nil
	})
	switch {
	case err != nil:
		return gateway.Report{}, err
	case a.unsigned == nil && a.asking():
		return c.waiting(ch, a.Fields)
	}
	if err := a.judge(charging); err != nil {
		return gateway.Report{}, err
	}
	if a.unread != nil {
		return gateway.Report{}, gateway.AsIndeterminate(a.unread)
	}
	return c.transactionOf(ch.OutTradeNo, a.Fields)
}

// codeOrder is what 付款码支付 is asked with. A store is required.
func (c *client) codeOrder(ch gateway.Charge) gopay.BodyMap {
	desk := fit(cmp.Or(ch.Device, c.settings.mchid), deskBytes)
	bm := gopay.BodyMap{}
	return bm.Set("appid", c.settings.appid).Set("mchid", c.settings.mchid).
		Set("description", fit(ch.Title, descriptionBytes)).Set("out_trade_no", ch.OutTradeNo).
		SetBodyMap("payer", func(b gopay.BodyMap) { b.Set("auth_code", ch.AuthCode) }).
		SetBodyMap("amount", func(b gopay.BodyMap) { b.Set("total", int64(ch.Amount)).Set("currency", gateway.CNY) }).
		SetBodyMap("scene_info", func(b gopay.BodyMap) {
			b.Set("device_id", desk).Set("device_ip", ch.ClientIP).
				SetBodyMap("store_info", func(b gopay.BodyMap) { b.Set("out_id", desk) })
		})
}

// asking reports whether an answer says that the payer is being asked for a password: a trade_state in a 200 or a 202,
// or an error code in a 202 or another status.
func (a answer) asking() bool {
	code, said := a.Text("code"), a.Text("trade_state")
	if code == "USERPAYING" || code == "USER_PAYING" {
		return true
	}
	return said == "USERPAYING" && (a.status == gp.Success || a.status == http.StatusAccepted)
}

// waiting is the report of a charge whose payer is being asked. The answer need not say anything but that.
func (c *client) waiting(ch gateway.Charge, f gateway.Fields) (gateway.Report, error) {
	out := cmp.Or(f.Text("out_trade_no"), ch.OutTradeNo)
	r := gateway.Report{
		OutTradeNo: out, State: gateway.TradeUnpaid, Merchant: c.mchid(f), App: c.appid(f), Raw: "USERPAYING",
	}
	if f.Err() != nil || out != ch.OutTradeNo || r.Merchant != c.settings.mchid {
		return gateway.Report{}, gateway.AsIndeterminate(
			fmt.Errorf("wechat: charged for %s, answered for %s of %s: %w", ch.OutTradeNo, out, r.Merchant, f.Err()))
	}
	return r, nil
}

// Reverse undoes a charge by payment code (撤销), for seven days: nil only for a signed 200 about this number.
func (g *Gateway) Reverse(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return gateway.AsIndeterminate(err)
	}
	f, err := read(ctx, reversing, func(ctx context.Context) (int, error) {
		bm := gopay.BodyMap{"appid": cl.settings.appid, "mchid": cl.settings.mchid}
		rsp, err := cl.api.V3TransactionCodePayReverse(ctx, url.PathEscape(t.OutTradeNo), bm)
		if err != nil {
			return 0, err
		}
		return rsp.Code, nil
	})
	if err != nil {
		return err
	}
	out, mchid := f.Required("out_trade_no"), cl.mchid(f)
	if f.Err() != nil || out != t.OutTradeNo || mchid != cl.settings.mchid {
		return gateway.AsIndeterminate(
			fmt.Errorf("wechat: reversed %s, answered for %s of %s: %w", t.OutTradeNo, out, mchid, f.Err()),
		)
	}
	return nil
}
