// Package wechat is the gateway to WeChat Pay, API v3, for direct merchants, through gopay.
//
// An account's settings, by the names of the merchant platform: mchid, appid, app_secret (for JSAPI), serial_no and
// private_key_pem (the merchant's API certificate), cert_pem (that certificate, to know when it expires), apiv3_key,
// and the institution's key: public_key_id and public_key_pem (public-key mode), platform_serial_no and
// platform_cert_pem (certificate mode), or both while migrating. While keys are being replaced, previous_apiv3_key
// still decrypts, and the institution's key settings may hold several keys and as many ids, the newest first. base_url
// and oauth_base_url are for other hosts than the real ones.
//
// gopay signs and encodes; every answer is verified here on its raw bytes (verify.go), since gopay believes errors
// without a signature, and read from them (answer.go), since gopay's structs do not tell what was left out.
// docs/institutions/wechat.md says what the institution documents and what is third-party knowledge.
package wechat

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-pay/gopay"
	"github.com/go-pay/gopay/pkg/xhttp"
	gp "github.com/go-pay/gopay/wechat/v3"

	"linlipay/calendar"
	"linlipay/payment/gateway"
)

// Gateway speaks to WeChat Pay for any number of merchant accounts. Its methods fail as gateway.Gateway and the
// interfaces beside it say, with an *Error; Check with the Invalid fault of the setting that is wrong.
type Gateway struct {
	gateway.WechatPayers
	wire    gateway.Wire
	now     func() time.Time
	clients gateway.Clients[*client]
}

var (
	_ gateway.Gateway     = (*Gateway)(nil)
	_ gateway.PayerFinder = (*Gateway)(nil)
	_ gateway.Refunder    = (*Gateway)(nil)
	_ gateway.CodePayer   = (*Gateway)(nil)
	_ gateway.Described   = (*Gateway)(nil)
)

// New makes the gateway. transport carries the requests; nil is one that reaches this machine too, for trials. now is
// the clock of the signature window.
func New(transport http.RoundTripper, timeout time.Duration, now func() time.Time) *Gateway {
	wire := gateway.NewWire(transport, timeout)
	return &Gateway{WechatPayers: gateway.NewWechatPayers(wire, appIn), wire: wire, now: now}
}

// Institution is WeChat.
func (g *Gateway) Institution() gateway.Institution { return gateway.WeChat }

// Offers lists the ways to pay.
func (g *Gateway) Offers(gateway.Account) []gateway.PaymentMethod {
	return []gateway.PaymentMethod{
		{Wallet: gateway.WalletWeChat, Method: gateway.Native}, {Wallet: gateway.WalletWeChat, Method: gateway.JSAPI},
		{Wallet: gateway.WalletWeChat, Method: gateway.H5},
		{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented},
	}
}

// client is one account's.
type client struct {
	settings settings
	keys     keys
	api      *gp.ClientV3
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
	keys, err := readKeys(a.Settings, s)
	if err != nil {
		return nil, err
	}
	api, err := gp.NewClientV3(s.mchid, s.serialNo, s.apiv3Keys[0], s.privateKeyPEM)
	if err != nil { // its text holds the key
		return nil, gateway.BadSetting("private_key_pem", "无法用于签名。", "cannot be signed with.")
	}
	api.SetProxyHost(s.baseURL)
	api.WxSerialNo = s.wechatSerial() // which key the institution is to answer with
	over := xhttp.NewClient()
	over.HttpClient = g.wire.Verifying(func(h http.Header, body []byte) error { return keys.verify(h, body, g.now()) })
	api.SetHttpClient(over)
	return &client{s, keys, api}, nil
}

// Open asks for a charge by its method. The institution answers a repeat with the same terms alike.
func (g *Gateway) Open(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Prepared, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Prepared{}, gateway.BadAccount(err)
	}
	way := gateway.PaymentMethod{Wallet: c.Wallet, Method: c.Method}
	if c.Wallet != "" && c.Wallet != gateway.WalletWeChat {
		return gateway.Prepared{}, gateway.NotOffered(gateway.WeChat, way)
	}
	bm := cl.order(c)
	switch c.Method {
	case gateway.Native:
		return cl.native(ctx, bm)
	case gateway.JSAPI:
		return cl.jsapi(ctx, bm, c.PayerID)
	case gateway.H5:
		return cl.h5(ctx, bm, c.ClientIP, c.ReturnURL)
	}
	return gateway.Prepared{}, gateway.NotOffered(gateway.WeChat, way)
}

// order is what every method of 下单 is asked with; amounts are in fen.
func (c *client) order(ch gateway.Charge) gopay.BodyMap {
	bm := gopay.BodyMap{}
	return bm.Set("appid", c.settings.appid).Set("mchid", c.settings.mchid).
		Set("description", fit(ch.Title, descriptionBytes)).Set("out_trade_no", ch.OutTradeNo).
		Set("time_expire", calendar.Format(ch.ExpiresAt, time.RFC3339)).Set("notify_url", ch.NotifyURL).
		SetBodyMap("amount", func(b gopay.BodyMap) { b.Set("total", int64(ch.Amount)).Set("currency", gateway.CNY) })
}

func (c *client) native(ctx context.Context, bm gopay.BodyMap) (gateway.Prepared, error) {
	code, err := c.created(ctx, "code_url", func(ctx context.Context) (int, error) {
		rsp, err := c.api.V3TransactionNative(ctx, bm)
		if err != nil {
			return 0, err
		}
		return rsp.Code, nil
	})
	return gateway.Prepared{CodeURL: code}, err
}

func (c *client) jsapi(ctx context.Context, bm gopay.BodyMap, openid string) (gateway.Prepared, error) {
	bm.SetBodyMap("payer", func(b gopay.BodyMap) { b.Set("openid", openid) })
	id, err := c.created(ctx, "prepay_id", func(ctx context.Context) (int, error) {
		rsp, err := c.api.V3TransactionJsapi(ctx, bm)
		if err != nil {
			return 0, err
		}
		return rsp.Code, nil
	})
	if err != nil {
		return gateway.Prepared{}, err
	}
	return c.signJSAPI(id)
}

// signJSAPI are the parameters with which a page inside WeChat calls the payment (JSAPI 调起支付).
func (c *client) signJSAPI(prepayID string) (gateway.Prepared, error) {
	p, err := c.api.PaySignOfJSAPI(c.settings.appid, prepayID)
	if err != nil {
		return gateway.Prepared{}, gateway.AsIndeterminate(err)
	}
	return gateway.Prepared{JSAPI: map[string]string{
		"appId": p.AppId, "timeStamp": p.TimeStamp, "nonceStr": p.NonceStr, "package": p.Package,
		"signType": p.SignType, "paySign": p.PaySign,
	}}, nil
}

func (c *client) h5(ctx context.Context, bm gopay.BodyMap, clientIP, returnURL string) (gateway.Prepared, error) {
	bm.SetBodyMap("scene_info", func(b gopay.BodyMap) {
		b.Set("payer_client_ip", clientIP).SetBodyMap("h5_info", func(b gopay.BodyMap) { b.Set("type", "Wap") })
	})
	address, err := c.created(ctx, "h5_url", func(ctx context.Context) (int, error) {
		rsp, err := c.api.V3TransactionH5(ctx, bm)
		if err != nil {
			return 0, err
		}
		return rsp.Code, nil
	})
	if err != nil {
		return gateway.Prepared{}, err
	}
	page, err := url.Parse(address)
	if err != nil || page.Host == "" {
		return gateway.Prepared{}, gateway.AsIndeterminate(
			fmt.Errorf("wechat: h5_url %q is no address: %w", address, err),
		)
	}
	leadBack(page, returnURL)
	return gateway.Prepared{RedirectURL: page.String()}, nil
}

// leadBack has the payment page lead to an address when it is done with; "" is none.
func leadBack(page *url.URL, returnURL string) {
	if returnURL == "" {
		return
	}
	q := page.Query()
	q.Set("redirect_url", returnURL)
	page.RawQuery = q.Encode()
}

// created is the one field that the answer to an order holds; without it nobody can pay.
func (c *client) created(ctx context.Context, name string, q question) (string, error) {
	f, err := read(ctx, ordering, q)
	if err != nil {
		return "", err
	}
	value := f.Required(name)
	if f.Err() != nil {
		return "", gateway.AsIndeterminate(f.Err())
	}
	return value, nil
}

// Query asks by out-trade number.
func (g *Gateway) Query(ctx context.Context, a gateway.Account, t gateway.Trade) (gateway.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Report{}, gateway.AsIndeterminate(err)
	}
	f, err := read(ctx, ordering, func(ctx context.Context) (int, error) {
		rsp, err := cl.api.V3TransactionQueryOrder(ctx, gp.OutTradeNo, url.PathEscape(t.OutTradeNo))
		if err != nil {
			return 0, err
		}
		return rsp.Code, nil
	})
	if err != nil {
		return gateway.Report{}, err
	}
	r, err := cl.transactionOf(t.OutTradeNo, f)
	if err != nil {
		return gateway.Report{}, err
	}
	return booked(r, t), nil
}

// transactionOf translates the answer to a question about one number, of this merchant.
func (c *client) transactionOf(out string, f gateway.Fields) (gateway.Report, error) {
	r, err := c.transaction(f)
	if err != nil || r.OutTradeNo == out && r.Merchant == c.settings.mchid {
		return r, err
	}
	return gateway.Report{}, gateway.AsIndeterminate(
		fmt.Errorf("wechat: asked for %s, answered for %s of %s", out, r.OutTradeNo, r.Merchant))
}

// Close closes an unpaid order: nil only for a signed 204.
func (g *Gateway) Close(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return gateway.AsIndeterminate(err)
	}
	closed, err := ask(ctx, func(ctx context.Context) (int, error) {
		rsp, err := cl.api.V3TransactionCloseOrder(ctx, url.PathEscape(t.OutTradeNo))
		if err != nil {
			return 0, err
		}
		return rsp.Code, nil
	})
	if err != nil {
		return err
	}
	return closed.judge(ordering)
}
