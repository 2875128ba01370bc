package wechat

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/go-pay/gopay"
	gp "github.com/go-pay/gopay/wechat/v3"

	"linlipay/payment"
)

// deskLength is the longest scene_info.device_id and store_info.out_id, in bytes.
const deskLength = 32

// PayCode charges the wallet behind a payment code (付款码支付). The institution sends no notification of it. It must be asked once for a
// number: whoever got no answer queries, and reverses no sooner than 15 seconds later.
func (g *Gateway) PayCode(ctx context.Context, a payment.Account, c payment.Charge) (payment.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.Report{}, refused(err)
	}
	r, err := cl.payCode(ctx, c)
	if err != nil {
		return payment.Report{}, payment.Conceal(err, c.AuthCode)
	}
	return r, nil
}

func (c *client) payCode(ctx context.Context, ch payment.Charge) (payment.Report, error) {
	desk := cut(ch.Device, deskLength)
	orDefault(&desk, c.settings.mchid) // a store is required
	bm := gopay.BodyMap{}
	bm.Set("appid", c.settings.appid).Set("mchid", c.settings.mchid).Set("description", ch.Title).Set("out_trade_no", ch.OutTradeNo).
		SetBodyMap("payer", func(b gopay.BodyMap) { b.Set("auth_code", ch.AuthCode) }).
		SetBodyMap("amount", func(b gopay.BodyMap) { b.Set("total", int64(ch.Amount)).Set("currency", payment.CNY) }).
		SetBodyMap("scene_info", func(b gopay.BodyMap) {
			b.Set("device_id", desk).Set("device_ip", ch.ClientIP).
				SetBodyMap("store_info", func(b gopay.BodyMap) { b.Set("out_id", desk) })
		})
	ctx, v := payment.WithVerdict(ctx)
	rsp, err := c.api.V3TransactionCodePay(ctx, bm)
	if err != nil {
		return payment.Report{}, unanswered(err)
	}
	t := rsp.Response
	if v.Err == nil && asking(rsp) {
		rsp.Code, t.TradeState = gp.Success, "USERPAYING"
		orDefault(&t.OutTradeNo, ch.OutTradeNo) // it need not say anything else
		orDefault(&t.Mchid, c.settings.mchid)
		orDefault(&t.Appid, c.settings.appid)
	}
	if err := judge(charging, v, rsp.Code, rsp.ErrResponse); err != nil {
		return payment.Report{}, err
	}
	if t.OutTradeNo != ch.OutTradeNo || t.Mchid != c.settings.mchid {
		return payment.Report{}, unknown(fmt.Errorf("wechat: charged for %s, answered for %s of %s", ch.OutTradeNo, t.OutTradeNo, t.Mchid))
	}
	return report(t.TradeState, t.OutTradeNo, t.TransactionId, t.SuccessTime, t.Mchid, t.Appid, t.Amount, t.Payer)
}

// asking reports whether an answer says that the payer is being asked for a password: a trade_state in a 200 or a 202, or an error code in a 202 or
// another status. gopay takes all but a 200 for errors and leaves the body unread.
func asking(rsp *gp.CodePayRsp) bool {
	if rsp.Code == http.StatusAccepted && json.Unmarshal([]byte(rsp.Error), rsp.Response) != nil {
		return false
	}
	code := rsp.ErrResponse.Code
	return rsp.Response.TradeState == "USERPAYING" || code == "USERPAYING" || code == "USER_PAYING"
}

// Reverse undoes a charge by payment code (撤销), for seven days: nil only for a signed 200 about this number.
func (g *Gateway) Reverse(ctx context.Context, a payment.Account, t payment.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return unknown(err)
	}
	ctx, v := payment.WithVerdict(ctx)
	rsp, err := cl.api.V3TransactionCodePayReverse(ctx, t.OutTradeNo, gopay.BodyMap{"appid": cl.settings.appid, "mchid": cl.settings.mchid})
	if err != nil {
		return unanswered(err)
	}
	if err := judge(reversing, v, rsp.Code, rsp.ErrResponse); err != nil {
		return err
	}
	if r := rsp.Response; r.OutTradeNo != t.OutTradeNo || r.Mchid != cl.settings.mchid {
		return unknown(fmt.Errorf("wechat: reversed %s, answered for %s of %s", t.OutTradeNo, r.OutTradeNo, r.Mchid))
	}
	return nil
}
