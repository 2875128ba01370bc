// Package ruiyinxin is the gateway to Ruiyinxin 瑞银信, by the messages that are called SMZF (扫码支付).
//
// The institution publishes no document. Everything here is modelled on what third parties know (two clients, a mock
// server, clients of a bank's older interface of the same name), and on assumptions where they know nothing;
// docs/institutions/ruiyinxin.md says which is which.
//
// An account's settings: cooperator, merchant_code, private_key_pem (and previous_private_key_pem, which still opens
// what was sealed for it), platform_public_key_pem (several while the institution rotates it: the first is sealed
// for, any may have signed); wechat_appid and wechat_app_secret for JSAPI. What is not public is a setting: base_url,
// tran_code_prefix, protocol_version, field_names, extra_fields, code_kinds, window_minutes, pay_way_wechat,
// pay_way_alipay, pay_way_unionpay, unnamed_answers, subject_bytes, card_application (cards are off until it is
// generic), card_package and card_activity, trust_device, statement_separator, statement_columns, transaction_field.
// No setting makes the signature optional: third parties have seen messages without one, and who accepts those
// accepts anybody's, since everybody who has our public key can seal for us.
//
// Two rules follow from how little the protocol signs. That a payment was made is believed from an answer to 006 only:
// neither an answer to 003 nor a notification must name, within what is signed, whose payment it is about. And a
// failure to open an envelope is always the same one (envelope.go).
package ruiyinxin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"linlipay/payment/gateway"
)

// Gateway speaks to Ruiyinxin for any number of merchant accounts. Its methods fail as gateway.Gateway and the
// interfaces beside it say, with an *Error; Check with the Invalid fault of the setting that is wrong.
type Gateway struct {
	gateway.WechatPayers
	wire    gateway.Wire
	now     func() time.Time
	clients gateway.Clients[*client]
}

var (
	_ gateway.Gateway       = (*Gateway)(nil)
	_ gateway.Described     = (*Gateway)(nil)
	_ gateway.PayerFinder   = (*Gateway)(nil)
	_ gateway.Refunder      = (*Gateway)(nil)
	_ gateway.CodePayer     = (*Gateway)(nil)
	_ gateway.CloseReverser = (*Gateway)(nil)
	_ gateway.CardTaker     = (*Gateway)(nil)
	_ gateway.CardLister    = (*Gateway)(nil)
)

// New makes the gateway. transport carries the requests; nil is one that reaches this machine too, for trials. now is
// the clock of what is signed.
func New(transport http.RoundTripper, timeout time.Duration, now func() time.Time) *Gateway {
	wire := gateway.NewWire(transport, timeout)
	return &Gateway{WechatPayers: gateway.NewWechatPayers(wire, gateway.WechatAppIn), wire: wire, now: now}
}

// Institution is Ruiyinxin.
func (g *Gateway) Institution() gateway.Institution { return gateway.Ruiyinxin }

// Offers lists the ways to pay: JSAPI and cards only with the settings that they need.
func (g *Gateway) Offers(a gateway.Account) []gateway.PaymentMethod {
	cl, err := g.client(a)
	if err != nil {
		return nil
	}
	methods := cl.settings.walletOffers()
	if cl.settings.wechat.AppID != "" && cl.settings.payWays[gateway.WalletWeChat] != "" {
		methods = append(methods, gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI})
	}
	if cl.settings.cardApplication != "" {
		methods = append(methods, gateway.PaymentMethod{Wallet: gateway.WalletCard, Method: gateway.CardPresent})
	}
	return methods
}

// walletOffers are QRs and payment codes of the wallets that the account takes.
func (s settings) walletOffers() (methods []gateway.PaymentMethod) {
	for _, wallet := range []gateway.Wallet{gateway.WalletWeChat, gateway.WalletAlipay, gateway.WalletUnionPay} {
		if s.payWays[wallet] != "" {
			methods = append(methods, gateway.PaymentMethod{Wallet: wallet, Method: gateway.Native},
				gateway.PaymentMethod{Wallet: wallet, Method: gateway.CodePresented})
		}
	}
	return methods
}

// client is one account's. bulk is for statements.
type client struct {
	settings   settings
	http, bulk *http.Client
	now        func() time.Time
	numbers    pairs
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
	cl := &client{settings: s, now: g.now}
	cl.http = g.wire.Verifying(func(_ http.Header, body []byte) error {
		_, err := cl.open(body, "", "")
		return err
	})
	cl.bulk = g.wire.Client()
	return cl, nil
}

// Open asks for a charge by its method. The protocol has no field for when it ends: whoever wants it to end closes it.
func (g *Gateway) Open(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Prepared, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Prepared{}, gateway.BadAccount(err)
	}
	way := cl.settings.payWays[c.Wallet]
	switch {
	case c.Method == gateway.CardPresent && c.Wallet == gateway.WalletCard && cl.settings.cardApplication != "":
		return cl.swipe(c)
	case c.Method == gateway.JSAPI && c.Wallet == gateway.WalletWeChat && cl.settings.wechat.AppID != "" && way != "":
		return cl.jsapi(ctx, c, way)
	case c.Method == gateway.Native && way != "":
		return cl.native(ctx, c, way)
	}
	return gateway.Prepared{}, gateway.NotOffered(
		gateway.Ruiyinxin,
		gateway.PaymentMethod{Wallet: c.Wallet, Method: c.Method},
	)
}

// charge is what every way of charging names.
func (c *client) charge(ch gateway.Charge, way string) map[string]string {
	data := map[string]string{
		"merchantCode": c.settings.merchantCode, "payWay": way, "totalAmount": ch.Amount.Yuan(),
		"subject": c.settings.fit(ch.Title),
	}
	for name, value := range c.settings.extra {
		data[name] = value
	}
	return data
}

// native asks for a dynamic QR (002).
func (c *client) native(ctx context.Context, ch gateway.Charge, way string) (gateway.Prepared, error) {
	t, _, err := c.ask(ctx, question{orderQR, ch.OutTradeNo, ch.NotifyURL, c.charge(ch, way)})
	if err != nil {
		return gateway.Prepared{}, c.settle(ctx, gateway.Trade{OutTradeNo: ch.OutTradeNo, Amount: ch.Amount}, true, err)
	}
	if t.get("qrCode") == "" {
		return gateway.Prepared{}, gateway.AsIndeterminate(errors.New("ruiyinxin: the answer holds no qrCode"))
	}
	return gateway.Prepared{CodeURL: t.get("qrCode"), UpstreamNo: c.upstream(t, ch.OutTradeNo)}, nil
}

// jsapi asks for what the page inside WeChat needs (010): a JSON object, mostly written as a text.
func (c *client) jsapi(ctx context.Context, ch gateway.Charge, way string) (gateway.Prepared, error) {
	data := c.charge(ch, way)
	data["subAppid"], data["userId"] = c.settings.wechat.AppID, ch.PayerID
	t, _, err := c.ask(ctx, question{orderJSAPI, ch.OutTradeNo, ch.NotifyURL, data})
	if err != nil {
		return gateway.Prepared{}, c.settle(ctx, gateway.Trade{OutTradeNo: ch.OutTradeNo, Amount: ch.Amount}, true, err)
	}
	signed, err := c.jsapiFields(t.get("wxjsapiStr"))
	if err != nil {
		return gateway.Prepared{}, gateway.AsIndeterminate(err)
	}
	return gateway.Prepared{JSAPI: signed, UpstreamNo: c.upstream(t, ch.OutTradeNo)}, nil
}

// jsapiFields reads the parameters that WeChat signed for our official account.
func (c *client) jsapiFields(words string) (map[string]string, error) {
	var told map[string]jsontext.Value
	if json.Unmarshal([]byte(words), &told) != nil {
		return nil, errors.New("ruiyinxin: wxjsapiStr is not a JSON object")
	}
	fields := map[string]string{}
	for _, name := range []string{"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"} {
		if fields[name] = plainText(told[name]); fields[name] == "" {
			return nil, errors.New("ruiyinxin: wxjsapiStr lacks " + name)
		}
	}
	if fields["appId"] != c.settings.wechat.AppID {
		return nil, errors.New("ruiyinxin: wxjsapiStr is for another official account")
	}
	return fields, nil
}
