// Package shengpay is the gateway to Shengpay 盛付通, the mchapi of its aggregate payments (聚合支付).
//
// Settings describes an account's settings. What the institution publishes of this API is the order, the reversal, the
// notification and the signature; the rest is third-party knowledge or assumption, and therefore a setting with a
// default: docs/institutions/shengpay.md says which is which.
//
// Three things are offered only where the settings declare how the institution does them (a declared profile), since it
// publishes nothing of them:
//
//   - Payment codes (付款码): code_path, code_field and a code_trade_type of at least one wallet.
//   - Closing an order (关单): close_path. Without it an order ends by its timeExpire alone. Close then asks what
//     became of the order: CLOSED is closed, and an order that can still be paid is TryLater, so that whoever asked
//     comes back and nobody believes it closed. Orders therefore carry a short timeExpire, order_minutes after their
//     attempt at most. The reversal (撤单) is no close: it gives back what the payer has just paid, and may have been
//     booked.
//   - Cards (刷卡): card_application, and card_bill_path for the statement that confirms them.
//
// A notification carries no time. That one is old cannot be seen: a repeat books nothing twice, and another amount than
// asked books nothing.
package shengpay

import (
	"context"
	"crypto/rsa"
	"net/http"
	"time"

	"linlipay/payment/gateway"
)

// Gateway speaks to Shengpay for any number of merchant accounts. Its methods fail as gateway.Gateway and the
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
	_ gateway.CardTaker   = (*Gateway)(nil)
	_ gateway.CardLister  = (*Gateway)(nil)
	_ gateway.Described   = (*Gateway)(nil)
)

// New makes the gateway. transport carries the requests; nil is one that reaches this machine too, for trials. now
// tells when a payment was made of which the institution does not say it.
func New(transport http.RoundTripper, timeout time.Duration, now func() time.Time) *Gateway {
	wire := gateway.NewWire(transport, timeout)
	return &Gateway{WechatPayers: gateway.NewWechatPayers(wire, gateway.WechatAppIn), wire: wire, now: now}
}

// Institution is Shengpay.
func (g *Gateway) Institution() gateway.Institution { return gateway.Shengpay }

// client is one account's.
type client struct {
	settings settings
	own      *rsa.PrivateKey
	keys     []gateway.KeyInfo // the institution's
	http     *http.Client      // verifies
	now      func() time.Time
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
	c := &client{settings: s, now: g.now}
	if c.own, err = gateway.SigningKeyIn(a.Settings, "private_key_pem"); err != nil {
		return nil, err
	}
	if c.keys, err = gateway.PublicKeysIn(a.Settings, "platform_public_key_pem"); err != nil {
		return nil, err
	}
	c.http = g.wire.Verifying(func(_ http.Header, body []byte) error { return c.verify(body) })
	return c, nil
}

// Offers lists the ways to pay.
func (g *Gateway) Offers(a gateway.Account) []gateway.PaymentMethod {
	c, err := g.client(a)
	if err != nil {
		return nil
	}
	var ways []gateway.PaymentMethod
	for _, p := range products {
		if p.way.Method != gateway.JSAPI || c.settings.wechat.AppID != "" {
			ways = append(ways, p.way)
		}
	}
	ways = append(ways, c.settings.codeOffers()...)
	if c.settings.takesCards() {
		ways = append(ways, gateway.PaymentMethod{Wallet: gateway.WalletCard, Method: gateway.CardPresent})
	}
	return ways
}

// codeOffers are the wallets whose payment codes the account takes.
func (s settings) codeOffers() (ways []gateway.PaymentMethod) {
	for _, wallet := range []gateway.Wallet{gateway.WalletWeChat, gateway.WalletAlipay, gateway.WalletUnionPay} {
		if s.takesCodes(wallet) {
			ways = append(ways, gateway.PaymentMethod{Wallet: wallet, Method: gateway.CodePresented})
		}
	}
	return ways
}

// Open asks for a charge. The institution answers a repeat with the same terms alike, as far as third parties know.
func (g *Gateway) Open(ctx context.Context, a gateway.Account, ch gateway.Charge) (gateway.Prepared, error) {
	c, err := g.client(a)
	if err != nil {
		return gateway.Prepared{}, gateway.BadAccount(err)
	}
	way := gateway.PaymentMethod{Wallet: ch.Wallet, Method: ch.Method}
	if way.Method == gateway.CardPresent && way.Wallet == gateway.WalletCard && c.settings.takesCards() {
		return c.swipe(ch), nil
	}
	for _, p := range products {
		if p.way == way {
			return c.order(ctx, p, ch)
		}
	}
	return gateway.Prepared{}, gateway.NotOffered(gateway.Shengpay, way)
}
