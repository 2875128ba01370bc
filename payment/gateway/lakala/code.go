package lakala

import (
	"context"
	"errors"
	"fmt"

	"linlipay/payment/gateway"
)

// Payment codes (付款码, 被扫).

const (
	micropayPath = "/api/v3/labs/trans/micropay"
	revokedPath  = "/api/v3/labs/relation/revoked"
)

// micropay is what charges a payment code. The institution tells the wallet by the code.
type micropay struct {
	MerchantNo   string   `json:"merchant_no"`
	TermNo       string   `json:"term_no"`
	OutTradeNo   string   `json:"out_trade_no"`
	AuthCode     string   `json:"auth_code"`
	TotalAmount  string   `json:"total_amount"`
	LocationInfo location `json:"location_info"`
	NotifyURL    string   `json:"notify_url,omitempty"`
	Subject      string   `json:"subject"`
}

// PayCode charges the wallet behind a payment code. The institution notifies only of a charge that it did not answer at
// once. It must be asked once for a number: whoever got no answer queries and reverses.
func (g *Gateway) PayCode(ctx context.Context, a gateway.Account, ch gateway.Charge) (gateway.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Report{}, gateway.BadAccount(err)
	}
	r, err := cl.payCode(ctx, ch)
	return r, gateway.Conceal(err, ch.AuthCode)
}

func (c *client) payCode(ctx context.Context, ch gateway.Charge) (gateway.Report, error) {
	f, err := c.call(ctx, micropayPath, labsDone, c.micropay(ch))
	number := f.Text("out_trade_no")
	if paying(err) && (number == "" || number == ch.OutTradeNo) { // it need not say anything else
		return c.asking(ch, f.Text("trade_no"), labsPaying), nil
	}
	if err != nil {
		return gateway.Report{}, err
	}
	if err := c.about(f, "out_trade_no", ch.OutTradeNo); err != nil {
		return gateway.Report{}, err
	}
	told := readScan(f)
	if err := f.Err(); err != nil {
		return gateway.Report{}, gateway.AsIndeterminate(err)
	}
	if f.Text("need_query") == "1" {
		return c.asking(ch, told.tradeNo, "need_query 1"), nil
	}
	if told.state == "" {
		told.state = "SUCCESS" // what BBS00000 means here
	}
	return told.report(c.settings, gateway.Trade{})
}

// micropay is what a charge by payment code is asked with.
func (c *client) micropay(ch gateway.Charge) micropay {
	return micropay{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OutTradeNo: ch.OutTradeNo, AuthCode: ch.AuthCode,
		TotalAmount:  fen(ch.Amount),
		LocationInfo: c.from(ch.ClientIP), NotifyURL: ch.NotifyURL, Subject: title(ch.Title),
	}
}

// asking is a charge that is under way: its payer is being asked for a password, or it is to be queried (need_query).
func (c *client) asking(ch gateway.Charge, tradeNo, raw string) gateway.Report {
	return gateway.Report{
		OutTradeNo: ch.OutTradeNo, State: gateway.TradeUnpaid, TransactionID: tradeNo, Currency: gateway.CNY,
		Merchant: c.settings.merchantNo,
		App:      c.settings.appid, Raw: raw,
	}
}

// paying reports whether the institution says, with its signature, that the payer is being asked for a password.
func paying(err error) bool {
	var failed *gateway.Error
	return errors.As(err, &failed) && failed.Code == labsPaying && failed.Signed
}

// Reverse undoes a charge by payment code (撤销): nil for a signed success about this number, and where the institution
// refuses but says that the charge is undone already. Each request has a number of its own: one that failed must not
// stand in the way of the next.
func (g *Gateway) Reverse(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return gateway.AsIndeterminate(err)
	}
	asked := cl.reversal(t)
	told, err := cl.call(ctx, revokedPath, labsDone, asked)
	if err == nil {
		return ofReversal(told, t, asked.OutTradeNo)
	}
	if no, ok := gateway.Unmapped(err); ok {
		if cl.undone(ctx, t) {
			return nil
		}
		return no
	}
	return err
}

// reversal is what the reversal of a charge is asked with, under a number that is made of the charge's and the time.
func (c *client) reversal(t gateway.Trade) related {
	number := fmt.Sprintf("%sR%05d", t.OutTradeNo[max(0, len(t.OutTradeNo)-26):], c.now().Unix()%100_000)
	return related{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OutTradeNo: number,
		OriginOutTradeNo: t.OutTradeNo, OriginTradeNo: t.TransactionID, LocationInfo: c.from(""),
	}
}

// undone reports whether the institution says that a charge has ended, or that all of it went back.
func (c *client) undone(ctx context.Context, t gateway.Trade) bool {
	r, err := c.queryScan(ctx, t)
	return err == nil && (r.State == gateway.TradeClosed || r.Returned == gateway.ReturnedAll)
}

// ofReversal checks that an answer is about a reversal: it must name the charge, or the request by the number that it
// had.
func ofReversal(told gateway.Fields, t gateway.Trade, number string) error {
	charge, request := told.Text("origin_out_trade_no"), told.Text("out_trade_no")
	if err := told.Err(); err != nil {
		return gateway.AsIndeterminate(err)
	}
	if charge != t.OutTradeNo && (charge != "" || request != number) {
		return gateway.AsIndeterminate(fmt.Errorf("lakala: reversed %s, answered for %s", t.OutTradeNo, charge))
	}
	return nil
}
