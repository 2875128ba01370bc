// Package alipay is the gateway to Alipay's gateway.do, version 1.0 with RSA2 keys, through gopay.
//
// An account's settings, by the names of the open platform: app_id, seller_id, private_key_pem (the application's), and
// what the institution's signatures are verified by. In key mode (密钥) that is alipay_public_key_pem; in certificate
// mode (证书) app_cert_pem, alipay_cert_pem and alipay_root_cert_pem. Several keys or certificates of the institution's
// may stand there, the newest first, while they are being replaced. base_url is for another host than the real one and
// ends in /gateway.do.
//
// gopay signs and encodes, but its addresses are constants, it believes business errors without a signature and reads
// no amounts without quotes, which the institution's own samples have: a transport (verify.go) sends each request to
// base_url and verifies each answer on the raw text of its node, and the node is read by the names on the wire (ask.go,
// fields.go).
package alipay

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-pay/gopay"
	gp "github.com/go-pay/gopay/alipay"
	"github.com/go-pay/gopay/pkg/xhttp"

	"linlipay/calendar"
	"linlipay/payment/gateway"
)

// Gateway speaks to Alipay for any number of merchant accounts. Its methods fail as gateway.Gateway and the interfaces
// beside it say, with an *Error; Check with the Invalid fault of the setting that is wrong.
type Gateway struct {
	wire    gateway.Wire
	clients gateway.Clients[*client]
}

var (
	_ gateway.Gateway   = (*Gateway)(nil)
	_ gateway.Refunder  = (*Gateway)(nil)
	_ gateway.CodePayer = (*Gateway)(nil)
	_ gateway.Described = (*Gateway)(nil)

	_ gateway.FieldReader = (*Gateway)(nil)
)

// New makes the gateway. transport carries the requests; nil is one that reaches this machine too, for trials.
func New(transport http.RoundTripper, timeout time.Duration) *Gateway {
	return &Gateway{wire: gateway.NewWire(transport, timeout)}
}

// Institution is Alipay.
func (g *Gateway) Institution() gateway.Institution { return gateway.Alipay }

// Offers lists the ways to pay.
func (g *Gateway) Offers(gateway.Account) []gateway.PaymentMethod {
	return []gateway.PaymentMethod{
		{Wallet: gateway.WalletAlipay, Method: gateway.Native}, {Wallet: gateway.WalletAlipay, Method: gateway.Wap},
		{Wallet: gateway.WalletAlipay, Method: gateway.CodePresented},
	}
}

// client is one account's.
type client struct {
	settings settings
	base     *url.URL
	api      *gp.Client
}

// Check says whether the account's settings are complete and well-formed.
func (g *Gateway) Check(a gateway.Account) error {
	_, err := g.dial(a)
	return err
}

func (g *Gateway) client(a gateway.Account) (*client, error) { return g.clients.Get(a, g.dial) }

func (g *Gateway) dial(a gateway.Account) (*client, error) {
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
		return nil, gateway.BadSetting("private_key_pem", "无法用于签名。", "cannot be signed with.")
	}
	api.SetLocation("Asia/Shanghai")
	api.AppCertSN, api.AliPayRootCertSN = s.appCertSN, s.rootCertSN
	over := xhttp.NewClient()
	over.HttpClient = g.wire.Verifying(func(_ http.Header, body []byte) error { return s.verifyAnswer(body) })
	over.HttpClient.Transport = &rewriter{base, over.HttpClient.Transport}
	api.SetHttpClient(over)
	return &client{s, base, api}, nil
}

// Open asks for a charge by its method. The institution answers a repeat with the same terms alike.
func (g *Gateway) Open(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Prepared, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Prepared{}, gateway.BadAccount(err)
	}
	way := gateway.PaymentMethod{Wallet: c.Wallet, Method: c.Method}
	if c.Wallet != "" && c.Wallet != gateway.WalletAlipay {
		return gateway.Prepared{}, gateway.NotOffered(gateway.Alipay, way)
	}
	bm := charge(c)
	switch c.Method {
	case gateway.Native:
		return cl.precreate(ctx, bm)
	case gateway.Wap:
		return cl.wap(ctx, bm, c.ReturnURL)
	}
	return gateway.Prepared{}, gateway.NotOffered(gateway.Alipay, way)
}

// charge is what every way of charging names.
func charge(ch gateway.Charge) gopay.BodyMap {
	bm := gopay.BodyMap{}
	return bm.Set("out_trade_no", ch.OutTradeNo).Set("total_amount", ch.Amount.Yuan()).Set("subject", fit(ch.Title)).
		Set("notify_url", ch.NotifyURL).Set("time_expire", calendar.DateTime(ch.ExpiresAt))
}

func (c *client) precreate(ctx context.Context, bm gopay.BodyMap) (gateway.Prepared, error) {
	f, err := c.ask(ctx, ordering, "alipay.trade.precreate", bm)
	if err != nil {
		return gateway.Prepared{}, err
	}
	named(f, bm.GetString("out_trade_no"))
	prepared := gateway.Prepared{CodeURL: f.Required("qr_code")}
	if err := f.Err(); err != nil {
		return gateway.Prepared{}, gateway.AsIndeterminate(err)
	}
	return prepared, nil
}

// named makes it a failure that an answer is about another trade than was asked for.
func named(f gateway.Fields, out string) {
	if f.Required("out_trade_no") != out {
		f.Fail("out_trade_no", "another than was asked for")
	}
}

// wap signs the address of the payment page; nobody is asked, and the trade does not exist before the payer opens it.
func (c *client) wap(ctx context.Context, bm gopay.BodyMap, returnURL string) (gateway.Prepared, error) {
	if returnURL != "" {
		bm.Set("return_url", returnURL).Set("quit_url", returnURL)
	}
	page, err := c.api.TradeWapPay(ctx, bm)
	if err != nil {
		return gateway.Prepared{}, gateway.AsIndeterminate(err)
	}
	u, err := url.Parse(page)
	if err != nil {
		return gateway.Prepared{}, gateway.AsIndeterminate(err)
	}
	u.Scheme, u.Host, u.Path = c.base.Scheme, c.base.Host, c.base.Path
	return gateway.Prepared{RedirectURL: u.String()}, nil
}

// Query asks by out-trade number.
func (g *Gateway) Query(ctx context.Context, a gateway.Account, t gateway.Trade) (gateway.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Report{}, gateway.AsIndeterminate(err)
	}
	f, err := cl.ask(ctx, ordering, "alipay.trade.query", gopay.BodyMap{"out_trade_no": t.OutTradeNo})
	if err != nil {
		return gateway.Report{}, err
	}
	named(f, t.OutTradeNo)
	paid := !t.PaidAt.IsZero() || f.Has("send_pay_date")
	return cl.settings.report(f, told{f.Text("trade_status"), "send_pay_date", "buyer_user_id", paid})
}

// Close closes an unpaid trade: nil only for a signed success.
func (g *Gateway) Close(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return gateway.AsIndeterminate(err)
	}
	f, err := cl.ask(ctx, ordering, "alipay.trade.close", gopay.BodyMap{"out_trade_no": t.OutTradeNo})
	if err == nil && f.Has("out_trade_no") {
		named(f, t.OutTradeNo)
	}
	if err == nil && f.Err() != nil {
		err = gateway.AsIndeterminate(f.Err())
	}
	return err
}
