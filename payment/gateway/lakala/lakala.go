// Package lakala is the gateway to Lakala (拉卡拉), open platform laop v3: scanned payments (labs), the counter order
// (ccss, 聚合收银台) that also takes bank cards on its POS terminals, and the unified refund for cards (lams).
//
// An account's settings, by the institution's own names: appid, serial_no and private_key_pem (the merchant's
// certificate), platform_cert_pem (the institution's certificates or public keys; several blocks are allowed while it
// rotates them), merchant_no and term_no. base_url is for another host than https://s2.lakala.com and may have a path,
// such as the test environment's /sit. wechat_appid and wechat_app_secret are those of the company's own official
// account, for JSAPI; wechat_oauth_base_url and wechat_token_base_url are for other hosts than WeChat's.
//
// What the institution does not document, or what only third parties do, is a setting with a default:
//   - code_kinds: what further result codes mean, such as "BBS12345=absent,BBS12346=refused/balance_low". Only a few
//     codes are public (kind.go);
//   - request_ip: sent as location_info where no payer is at hand, default 127.0.0.1;
//   - trade_biz_tp: default 110A17 (物业缴费); vpos_id, channel_id, shop_name and refund_type: sent only when set;
//   - refund_front: default 0; with 1 money goes back through the newer refund front (refund_front.go);
//   - repeat_pay_auto_refund: default 1, so that what is paid a second time for one counter order goes back by
//     itself;
//   - scan_busi_type_param and card_busi_type_param: what a counter order may be paid by (counter.go);
//   - device_package, device_activity, device_appid, device_pay_extras, device_void_extras and device_result_fields:
//     the application on the terminal (card.go).
package lakala

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"linlipay/payment/gateway"
)

// Gateway speaks to Lakala for any number of merchant accounts. Its methods fail as gateway.Gateway and the interfaces
// beside it say, with an *Error; Check with the Invalid fault of the setting that is wrong.
type Gateway struct {
	gateway.WechatPayers
	wire    gateway.Wire
	now     func() time.Time
	clients gateway.Clients[*client]

	// Log is told why a report lacks what is asked for beside it; nil is nobody. It is set before the first call.
	Log *slog.Logger
}

var (
	_ gateway.Gateway     = (*Gateway)(nil)
	_ gateway.PayerFinder = (*Gateway)(nil)
	_ gateway.Refunder    = (*Gateway)(nil)
	_ gateway.CodePayer   = (*Gateway)(nil)
	_ gateway.CardTaker   = (*Gateway)(nil)
	_ gateway.Described   = (*Gateway)(nil)
)

// New makes the gateway. transport carries the requests; nil is one that reaches this machine too, for trials. now is
// the clock of signatures and of their window.
func New(transport http.RoundTripper, timeout time.Duration, now func() time.Time) *Gateway {
	wire := gateway.NewWire(transport, timeout)
	return &Gateway{WechatPayers: gateway.NewWechatPayers(wire, gateway.WechatAppIn), wire: wire, now: now}
}

// Institution is Lakala.
func (g *Gateway) Institution() gateway.Institution { return gateway.Lakala }

// Offers lists the ways to pay. WeChat takes no QR of its own here (WECHAT暂不支持 NATIVE): its payers use JSAPI, which
// needs the company's official account, or the aggregate QR.
func (g *Gateway) Offers(a gateway.Account) []gateway.PaymentMethod {
	methods := []gateway.PaymentMethod{
		{Wallet: gateway.WalletAlipay, Method: gateway.Native},
		{Wallet: gateway.WalletUnionPay, Method: gateway.Native},
		{Wallet: gateway.WalletAny, Method: gateway.Native},
		{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented},
		{Wallet: gateway.WalletAlipay, Method: gateway.CodePresented},
		{Wallet: gateway.WalletUnionPay, Method: gateway.CodePresented},
		{Wallet: gateway.WalletCard, Method: gateway.CardPresent},
	}
	if a.Settings["wechat_appid"] != "" && a.Settings["wechat_app_secret"] != "" {
		methods = append(methods, gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI})
	}
	return methods
}

// client is one account's.
type client struct {
	settings settings
	api      *http.Client // verifies what the institution answers
	now      func() time.Time
	log      *slog.Logger
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
	log := g.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	verify := func(h http.Header, body []byte) error { return s.verifyAnswer(h, body, g.now()) }
	return &client{s, g.wire.Verifying(verify), g.now, log}, nil
}

// Open asks for a charge by its wallet and method. The institution refuses a repeat; then what it says of the trade
// itself decides.
func (g *Gateway) Open(ctx context.Context, a gateway.Account, ch gateway.Charge) (gateway.Prepared, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Prepared{}, gateway.BadAccount(err)
	}
	p, err := cl.open(ctx, ch)
	if err != nil {
		return gateway.Prepared{}, cl.settleOpen(ctx, tradeOf(ch), err)
	}
	return p, nil
}

func (c *client) open(ctx context.Context, ch gateway.Charge) (gateway.Prepared, error) {
	switch (gateway.PaymentMethod{Wallet: ch.Wallet, Method: ch.Method}) {
	case gateway.PaymentMethod{Wallet: gateway.WalletWeChat, Method: gateway.JSAPI}:
		return c.jsapi(ctx, ch)
	case gateway.PaymentMethod{Wallet: gateway.WalletAlipay, Method: gateway.Native}:
		return c.native(ctx, ch, "ALIPAY")
	case gateway.PaymentMethod{Wallet: gateway.WalletUnionPay, Method: gateway.Native}:
		return c.native(ctx, ch, "UQRCODEPAY")
	case gateway.PaymentMethod{Wallet: gateway.WalletAny, Method: gateway.Native}:
		return c.counter(ctx, ch)
	case gateway.PaymentMethod{Wallet: gateway.WalletCard, Method: gateway.CardPresent}:
		return c.swipe(ctx, ch)
	}
	return gateway.Prepared{}, gateway.NotOffered(
		gateway.Lakala,
		gateway.PaymentMethod{Wallet: ch.Wallet, Method: ch.Method},
	)
}

func tradeOf(ch gateway.Charge) gateway.Trade {
	return gateway.Trade{OutTradeNo: ch.OutTradeNo, Wallet: ch.Wallet, Method: ch.Method, Amount: ch.Amount,
		CreatedAt: ch.CreatedAt}
}

// Query asks by our number, at the counter for what was ordered there.
func (g *Gateway) Query(ctx context.Context, a gateway.Account, t gateway.Trade) (gateway.Report, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Report{}, gateway.AsIndeterminate(err)
	}
	return cl.query(ctx, t)
}

func (c *client) query(ctx context.Context, t gateway.Trade) (gateway.Report, error) {
	if atCounter(t) {
		return c.queryCounter(ctx, t)
	}
	r, err := c.queryScan(ctx, t)
	if t.Method != gateway.Native || !gateway.Signed(err) {
		return r, err
	}
	if other, failed := c.queryCounter(ctx, t); failed == nil {
		// an aggregate QR, of which only the wallet that paid it is known
		return other, nil
	}
	return r, err
}

// atCounter reports whether a trade surely is a counter order. The QR of Alipay or UnionPay without an order number of
// the institution's may be either: a counter order's wallet is the one that it was paid by.
func atCounter(t gateway.Trade) bool {
	return t.UpstreamNo != "" || t.Wallet == gateway.WalletAny || t.Wallet == gateway.WalletCard ||
		t.Method == gateway.CardPresent ||
		t.Wallet == gateway.WalletWeChat && t.Method == gateway.Native
}

// Close asks to take no more money: nil only for a signed success. The codes of a trade that is paid or closed are not
// public, so that a refusal is settled by a query.
func (g *Gateway) Close(ctx context.Context, a gateway.Account, t gateway.Trade) error {
	cl, err := g.client(a)
	if err != nil {
		return gateway.AsIndeterminate(err)
	}
	if atCounter(t) {
		err = cl.closeCounter(ctx, t)
	} else {
		err = cl.closeScan(ctx, t)
	}
	return cl.settleClose(ctx, t, err)
}
