// Package alipay is the gateway to Alipay's gateway.do, version 1.0 with RSA2 keys, through gopay.
//
// An account's settings, by the names of the open platform: app_id, seller_id, private_key_pem (the application's), alipay_public_key_pem (several, the
// newest first, while they are being replaced). base_url is for another host than the real one and ends in /gateway.do.
//
// gopay signs and encodes, but its addresses are constants and it believes business errors without a signature: a transport (verify.go) sends
// each request to base_url and verifies each answer on the raw text of its node.
package alipay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/go-pay/gopay"
	gp "github.com/go-pay/gopay/alipay"
	"github.com/go-pay/gopay/pkg/xhttp"

	"linlipay/money"
	"linlipay/payment"
)

// Gateway speaks to Alipay for any number of merchant accounts.
type Gateway struct {
	transport http.RoundTripper
	timeout   time.Duration
	clients   payment.Clients[*client]
}

var (
	_ payment.Gateway   = (*Gateway)(nil)
	_ payment.Refunder  = (*Gateway)(nil)
	_ payment.CodePayer = (*Gateway)(nil)
	_ payment.Described = (*Gateway)(nil)
)

// New makes the gateway. transport carries the requests; nil is payment.NewTransport.
func New(transport http.RoundTripper, timeout time.Duration) *Gateway {
	if transport == nil {
		transport = payment.NewTransport()
	}
	return &Gateway{transport: transport, timeout: timeout}
}

// Institution is Alipay.
func (g *Gateway) Institution() payment.Institution { return payment.Alipay }

// Offers lists the ways to pay.
func (g *Gateway) Offers(payment.Account) []payment.Way {
	return []payment.Way{
		{Wallet: payment.WalletAlipay, Method: payment.Native}, {Wallet: payment.WalletAlipay, Method: payment.Wap}, {Wallet: payment.WalletAlipay, Method: payment.Code},
	}
}

// client is one account's.
type client struct {
	settings settings
	base     *url.URL
	api      *gp.Client
}

// Check says whether the account's settings are complete and well-formed.
func (g *Gateway) Check(a payment.Account) error {
	_, err := g.dial(a)
	return err
}

func (g *Gateway) client(a payment.Account) (*client, error) { return g.clients.Get(a, g.dial) }

func (g *Gateway) dial(a payment.Account) (*client, error) {
	s, err := readSettings(a.Settings)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(s.baseURL)
	if err != nil {
		return nil, fmt.Errorf("alipay: base_url: %w", err)
	}
	api, err := gp.NewClient(s.appID, s.privateKeyPEM, true)
	if err != nil { // its text holds the key
		return nil, payment.BadSetting("private_key_pem", "无法用于签名。", "cannot be signed with.")
	}
	api.SetLocation("Asia/Shanghai")
	transport := &rewriter{base, &payment.Verifier{Next: g.transport, Verify: func(_ http.Header, body []byte) error { return verifyAnswer(s.publicKeys, body) }}}
	over := xhttp.NewClient().SetTransport(transport).SetTimeout(g.timeout)
	over.HttpClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the institution sends none
	api.SetHttpClient(over)
	return &client{s, base, api}, nil
}

// Open asks for a charge by its method. The institution answers a repeat with the same terms alike.
func (g *Gateway) Open(ctx context.Context, a payment.Account, c payment.Charge) (payment.Prepared, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.Prepared{}, refused("应用配置有误", err)
	}
	if c.Wallet != "" && c.Wallet != payment.WalletAlipay {
		return payment.Prepared{}, refused("不支持的支付方式", fmt.Errorf("alipay: wallet %s is not offered", c.Wallet))
	}
	bm := charge(c)
	switch c.Method {
	case payment.Native:
		return cl.precreate(ctx, bm)
	case payment.Wap:
		return cl.wap(ctx, bm, c.ReturnURL)
	}
	return payment.Prepared{}, refused("不支持的支付方式", fmt.Errorf("alipay: method %s is not offered", c.Method))
}

// charge is what every way of charging names.
func charge(ch payment.Charge) gopay.BodyMap {
	bm := gopay.BodyMap{}
	return bm.Set("out_trade_no", ch.OutTradeNo).Set("total_amount", ch.Amount.Yuan()).Set("subject", ch.Title).Set("notify_url", ch.NotifyURL).
		Set("time_expire", ch.ExpiresAt.In(payment.Shanghai()).Format(time.DateTime))
}

func (c *client) precreate(ctx context.Context, bm gopay.BodyMap) (payment.Prepared, error) {
	ctx, v := payment.WithVerdict(ctx)
	rsp, err := c.api.TradePrecreate(ctx, bm)
	if err := judge(ordering, v, err); err != nil {
		return payment.Prepared{}, err
	}
	if rsp.Response.QrCode == "" {
		return payment.Prepared{}, unknown(errors.New("alipay: the answer holds no qr_code"))
	}
	return payment.Prepared{CodeURL: rsp.Response.QrCode}, nil
}

// wap signs the address of the payment page; nobody is asked, and the trade does not exist before the payer opens it.
func (c *client) wap(ctx context.Context, bm gopay.BodyMap, returnURL string) (payment.Prepared, error) {
	if returnURL != "" {
		bm.Set("return_url", returnURL).Set("quit_url", returnURL)
	}
	page, err := c.api.TradeWapPay(ctx, bm)
	if err != nil {
		return payment.Prepared{}, unknown(err)
	}
	u, err := url.Parse(page)
	if err != nil {
		return payment.Prepared{}, unknown(err)
	}
	u.Scheme, u.Host, u.Path = c.base.Scheme, c.base.Host, c.base.Path
	return payment.Prepared{RedirectURL: u.String()}, nil
}

// Query asks by out-trade number.
func (g *Gateway) Query(ctx context.Context, a payment.Account, t payment.Trade) (payment.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.Report{}, unknown(err)
	}
	ctx, v := payment.WithVerdict(ctx)
	rsp, err := cl.api.TradeQuery(ctx, gopay.BodyMap{"out_trade_no": t.OutTradeNo})
	if err := judge(ordering, v, err); err != nil {
		return payment.Report{}, err
	}
	r := rsp.Response
	if r.OutTradeNo != t.OutTradeNo {
		return payment.Report{}, unknown(fmt.Errorf("alipay: asked for %s, answered for %s", t.OutTradeNo, r.OutTradeNo))
	}
	return report(r.TradeStatus, r.OutTradeNo, r.TradeNo, r.TotalAmount, r.SendPayDate, cl.settings, r.BuyerUserId)
}

// Close closes an unpaid trade: nil only for a signed success.
func (g *Gateway) Close(ctx context.Context, a payment.Account, t payment.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return unknown(err)
	}
	ctx, v := payment.WithVerdict(ctx)
	_, err = cl.api.TradeClose(ctx, gopay.BodyMap{"out_trade_no": t.OutTradeNo})
	return judge(ordering, v, err)
}

// report translates a trade as a query or a notification tells it. TRADE_CLOSED is also what a trade becomes that was paid and given back whole:
// it leaves us no money, so that there is nothing to book for it.
func report(status, out, trade, amount, paidAt string, s settings, buyer string) (payment.Report, error) {
	r := payment.Report{OutTradeNo: out, TransactionID: trade, Currency: payment.CNY, Merchant: s.sellerID, App: s.appID, PayerID: buyer, Raw: status}
	switch status {
	case "WAIT_BUYER_PAY":
		r.State = payment.TradeUnpaid
	case "TRADE_SUCCESS", "TRADE_FINISHED":
		r.State = payment.TradePaid
	case "TRADE_CLOSED":
		r.State = payment.TradeClosed
	default:
		return r, unknown(fmt.Errorf("alipay: unknown trade_status %q", status))
	}
	var err error
	if r.Amount, err = money.ParseYuan(amount); err != nil {
		return r, unknown(err)
	}
	if r.State != payment.TradePaid {
		return r, nil
	}
	at, err := time.ParseInLocation(time.DateTime, paidAt, payment.Shanghai())
	if err != nil || trade == "" {
		return r, unknown(fmt.Errorf("alipay: a paid trade without number or time: %w", err))
	}
	r.PaidAt = at.UTC()
	return r, nil
}

func unknown(err error) error {
	return &payment.GatewayError{Kind: payment.Unknown, Cause: err}
}

// unanswered is a call that got no answer. Where no connection was made, nothing was sent.
func unanswered(err error) error {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return &payment.GatewayError{Kind: payment.Unreached, Cause: err}
	}
	return unknown(err)
}

func refused(message string, err error) error {
	return &payment.GatewayError{Kind: payment.Refused, Message: message, Cause: err}
}

// bizError finds the institution's own error in what gopay returned.
func bizError(err error) (*gp.BizErr, bool) {
	if e, ok := gp.IsBizError(err); ok {
		return e, true
	}
	var e gp.BizErr // some of gopay's errors are the same JSON as text
	if json.Unmarshal([]byte(err.Error()), &e) == nil && e.SubCode != "" {
		return &e, true
	}
	return nil, false
}
