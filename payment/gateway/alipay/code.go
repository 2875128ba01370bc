package alipay

import (
	"context"
	"errors"

	"github.com/go-pay/gopay"

	"linlipay/payment/gateway"
)

// PayCode charges the wallet behind a payment code (alipay.trade.pay, scene bar_code). It must be asked once for a
// number: whoever got no answer queries and reverses.
func (g *Gateway) PayCode(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Report{}, gateway.BadAccount(err)
	}
	r, err := cl.payCode(ctx, c)
	return r, gateway.Conceal(err, c.AuthCode)
}

func (c *client) payCode(ctx context.Context, ch gateway.Charge) (gateway.Report, error) {
	bm := charge(ch)
	bm.Set("scene", "bar_code").Set("product_code", "FACE_TO_FACE_PAYMENT").Set("auth_code", ch.AuthCode)
	if ch.Device != "" && len(ch.Device) <= terminalLimit {
		bm.Set("terminal_id", ch.Device)
	}
	f, err := c.ask(ctx, charging, "alipay.trade.pay", bm)
	if err != nil {
		return gateway.Report{}, err
	}
	asked := f.Text("code") == "10003" // the payer is being asked for a password; the trade need not have a number yet
	if !asked || f.Has("out_trade_no") {
		named(f, ch.OutTradeNo)
	}
	if !asked {
		return c.settings.report(f, told{"TRADE_SUCCESS", "gmt_payment", "buyer_user_id", true})
	}
	return c.waiting(ch, f)
}

// waiting is the report of a charge whose payer is being asked for a password.
func (c *client) waiting(ch gateway.Charge, f gateway.Fields) (gateway.Report, error) {
	r := gateway.Report{
		OutTradeNo: ch.OutTradeNo, State: gateway.TradeUnpaid, TransactionID: f.Text("trade_no"),
		Merchant: c.settings.sellerID, App: c.settings.appID, Raw: "10003",
	}
	if err := f.Err(); err != nil {
		return gateway.Report{}, gateway.AsIndeterminate(err)
	}
	return r, nil
}

// terminalLimit is how many characters a terminal_id may have; a longer one is left out, since it is optional.
const terminalLimit = 32

// Reverse undoes a charge (alipay.trade.cancel): nil only for a signed success that needs no repetition. The
// institution also answers so for a number that it does not know.
func (g *Gateway) Reverse(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return gateway.AsIndeterminate(err)
	}
	f, err := cl.ask(ctx, reversing, "alipay.trade.cancel", gopay.BodyMap{"out_trade_no": t.OutTradeNo})
	if f.Text("retry_flag") == "Y" {
		return again(f, err)
	}
	if err != nil {
		return err
	}
	return reversed(f, t.OutTradeNo)
}

// reversed is nil when an answer says that the charge of a number is undone.
func reversed(f gateway.Fields, out string) error {
	named(f, out)
	if f.Required("retry_flag") != "N" {
		f.Fail("retry_flag", "neither Y nor N")
	}
	if err := f.Err(); err != nil {
		return gateway.AsIndeterminate(err)
	}
	return nil
}

// again is an answer that asks for the same request again, whatever else it says.
func again(f gateway.Fields, err error) error {
	busy := &gateway.Error{
		Kind: gateway.TryLater, Signed: true, Code: f.Text("sub_code"), Message: f.Text("sub_msg"),
	}
	var failed *gateway.Error
	if errors.As(err, &failed) {
		busy.Signed, busy.Cause = failed.Signed, failed.Cause
	}
	return busy
}
