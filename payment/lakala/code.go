package lakala

import (
	"context"
	"errors"
	"fmt"

	"linlipay/payment"
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

// PayCode charges the wallet behind a payment code. The institution notifies only of a charge that it did not answer at once. It must be asked once for a number:
// whoever got no answer queries and reverses.
func (g *Gateway) PayCode(ctx context.Context, a payment.Account, ch payment.Charge) (payment.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.Report{}, refused(err)
	}
	r, err := cl.payCode(ctx, ch)
	if err != nil {
		return payment.Report{}, payment.Conceal(err, ch.AuthCode)
	}
	return r, nil
}

func (c *client) payCode(ctx context.Context, ch payment.Charge) (payment.Report, error) {
	var told scanTrade
	err := c.call(ctx, micropayPath, labsDone, micropay{
		MerchantNo: c.settings.merchantNo, TermNo: c.settings.termNo, OutTradeNo: ch.OutTradeNo, AuthCode: ch.AuthCode, TotalAmount: fen(ch.Amount),
		LocationInfo: c.from(ch.ClientIP), NotifyURL: ch.NotifyURL, Subject: ch.Title,
	}, &told)
	if paying(err) && (told.OutTradeNo == "" || told.OutTradeNo == ch.OutTradeNo) { // it need not say anything else
		return payment.Report{
			OutTradeNo: ch.OutTradeNo, State: payment.TradeUnpaid, TransactionID: told.TradeNo, Currency: payment.CNY, Merchant: c.settings.merchantNo,
			App: c.settings.appid, Raw: labsPaying,
		}, nil
	}
	if err != nil {
		return payment.Report{}, err
	}
	if told.OutTradeNo != ch.OutTradeNo || told.MerchantNo != c.settings.merchantNo {
		return payment.Report{}, unknown(fmt.Errorf("lakala: charged for %s, answered for %s of %s", ch.OutTradeNo, told.OutTradeNo, told.MerchantNo))
	}
	if told.TradeState == "" {
		told.TradeState = "SUCCESS" // what BBS00000 means here
	}
	return told.report(c.settings)
}

// paying reports whether the institution says, with its signature, that the payer is being asked for a password.
func paying(err error) bool {
	var failed *payment.GatewayError
	return errors.As(err, &failed) && failed.Code == labsPaying && failed.Signed
}

// Reverse undoes a charge by payment code (撤销): nil for a signed success about this number, and where the institution refuses but says that the charge is
// undone already. Each request has a number of its own: one that failed must not stand in the way of the next.
func (g *Gateway) Reverse(ctx context.Context, a payment.Account, t payment.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return unknown(err)
	}
	number := fmt.Sprintf("%sR%05d", t.OutTradeNo[max(0, len(t.OutTradeNo)-26):], cl.now().Unix()%100_000)
	var told origin
	err = cl.call(ctx, revokedPath, labsDone, related{
		MerchantNo: cl.settings.merchantNo, TermNo: cl.settings.termNo, OutTradeNo: number, OriginOutTradeNo: t.OutTradeNo, OriginTradeNo: t.TransactionID,
		LocationInfo: cl.from(""),
	}, &told)
	if err == nil && told.OriginOutTradeNo != t.OutTradeNo && (told.OriginOutTradeNo != "" || told.OutTradeNo != number) {
		return unknown(fmt.Errorf("lakala: reversed %s, answered for %s", t.OutTradeNo, told.OriginOutTradeNo))
	}
	if no, ok := unmapped(err); ok {
		if r, failed := cl.queryScan(ctx, t); failed == nil && r.State == payment.TradeClosed {
			return nil
		}
		return no
	}
	return err
}
