package handlers

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/payment"
)

// The page behind the QR is rendered here, not by a script: it opens at once in a wallet's browser on a bad line.

//go:embed checkout.html
var checkoutFiles embed.FS

var checkoutPage = template.Must(template.New("checkout.html").Funcs(template.FuncMap{
	"yuan": func(f interface{ Yuan() string }) string { return f.Yuan() },
}).ParseFS(checkoutFiles, "checkout.html"))

// checkoutView is what the page shows.
type checkoutView struct {
	English bool
	Nonce   string
	Order   *payment.Order // nil when there is none
	State   string         // "pay", "jsapi", "result" or an order's status
	Ways    []payment.Way
	JSAPI   map[string]string
	Error   string
	Self    string // the page's own address
	Seconds int64  // until the order expires
}

// T is a text in the page's language.
func (v checkoutView) T(zh, en string) string {
	if v.English {
		return en
	}
	return zh
}

// Paid is when the order was paid, in Asia/Shanghai.
func (v checkoutView) Paid() string {
	return v.Order.PaidAt.In(payment.Shanghai()).Format(time.DateTime)
}

// Transaction is the institution's number of the payment that the order keeps.
func (v checkoutView) Transaction() string {
	if a := v.Order.Attempt(v.Order.PaidBy); a != nil {
		return a.TransactionID
	}
	return ""
}

// surplus is money of the order that it cannot keep, in words for the payer.
type surplus struct{ Text, State string }

// Surplus tells the payer of money that was paid twice or too late, and what becomes of it.
func (v checkoutView) Surplus() []surplus {
	why := map[payment.ExceptionReason]string{
		payment.BecausePaid:    v.T("订单已由另一笔付款支付", "the order had been paid by another payment"),
		payment.BecauseHeld:    v.T("订单已关闭", "the order had been closed"),
		payment.BecauseGone:    v.T("账单已缴清", "the bills had been settled"),
		payment.BecauseAmount:  v.T("金额不符", "the amount was not the one asked for"),
		payment.BecauseUnknown: v.T("订单未知", "the order is unknown"),
	}
	state := map[payment.ExceptionState]string{
		payment.ExceptionOpen:      v.T("物业正在处理", "the office is looking after it"),
		payment.ExceptionRefunding: v.T("正在自动原路退回", "it is being returned automatically, the way it came"),
		payment.ExceptionRefunded:  v.T("已原路退回", "it has been returned the way it came"),
		payment.ExceptionPrepaying: v.T("正在转为预存", "it becomes a prepayment"),
		payment.ExceptionPrepaid:   v.T("已转为预存", "it is kept as a prepayment"),
		payment.ExceptionDismissed: v.T("物业已核实处理", "the office has settled it"),
	}
	var told []surplus
	for _, e := range v.Order.Exceptions {
		wallet := v.wallet(v.Order.Attempt(e.Attempt))
		told = append(told, surplus{fmt.Sprintf(v.T("%s的 ¥%s 未用于本订单（%s），%s。", "%s: ¥%s was not needed (%s); %s."), wallet, e.Amount.Yuan(), why[e.Reason], state[e.State]), string(e.State)})
	}
	return told
}

// wallet is what an attempt was paid with.
func (v checkoutView) wallet(a *payment.Attempt) string {
	switch a.Wallet {
	case payment.WalletWeChat:
		return v.T("微信支付", "WeChat Pay")
	case payment.WalletAlipay:
		return v.T("支付宝", "Alipay")
	case payment.WalletUnionPay:
		return v.T("云闪付", "UnionPay")
	case payment.WalletCard:
		return v.T("银行卡", "Bank card")
	case payment.WalletCash:
		return v.T("现金", "Cash")
	}
	return v.T("扫码支付", "QR payment")
}

// Channel is how the money came that the order keeps.
func (v checkoutView) Channel() string {
	if a := v.Order.Attempt(v.Order.PaidBy); a != nil {
		return v.wallet(a)
	}
	return ""
}

// Refunded is what went back of the money that the order keeps, "" when nothing did.
func (v checkoutView) Refunded() string {
	if back := v.Order.Refunded(); back > 0 {
		return back.Yuan()
	}
	return ""
}

// Moving reports whether money may still come or go, so that a page that shows the end looks again.
func (v checkoutView) Moving() bool {
	return slices.ContainsFunc(v.Order.Exceptions, func(e payment.Exception) bool { return e.State == payment.ExceptionRefunding }) ||
		slices.ContainsFunc(v.Order.Attempts, func(a payment.Attempt) bool {
			return a.State == payment.AttemptStarting || a.State == payment.AttemptOpen
		})
}

func (s *Server) render(c *fiber.Ctx, status int, v checkoutView) error {
	v.English, v.Nonce = english(c), rand.Text()
	if v.Order != nil {
		v.Self = "/q/" + v.Order.Token
		v.Seconds = max(0, int64(v.Order.ExpiresAt.Sub(s.Now()).Seconds()))
	}
	var page bytes.Buffer
	if err := checkoutPage.Execute(&page, v); err != nil {
		return err
	}
	c.Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; style-src 'nonce-%s'; script-src 'nonce-%s'; connect-src 'self'; img-src 'self' data:; "+
		"frame-ancestors 'none'; base-uri 'none'", v.Nonce, v.Nonce))
	c.Set("Cache-Control", "no-store")
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	return c.Status(status).Send(page.Bytes())
}

// htmlPage is an endpoint of the page: what goes wrong is shown to the payer on the page itself.
func (s *Server) htmlPage(do func(ctx context.Context, c *fiber.Ctx, o *payment.Order) error) endpoint {
	return endpoint{status: 200, kind: "text/html", do: func(c *fiber.Ctx, _ access.Caller) error {
		ctx, cancel := s.context(c)
		defer cancel()
		o, err := s.Payments.ByToken(ctx, c.Params("token"))
		if fault.Is(err, fault.NotFound) {
			return s.render(c, fiber.StatusNotFound, checkoutView{State: "unknown"})
		}
		if err == nil {
			err = do(ctx, c, o)
		}
		if err == nil {
			return nil
		}
		return s.renderError(c, o, err)
	}}
}

// renderError shows a fault on the page; a race that the order has decided meanwhile shows the order instead.
func (s *Server) renderError(c *fiber.Ctx, o *payment.Order, err error) error {
	f := asFault(err)
	s.Log.Warn("the page behind the QR could not go on", "request", c.Locals("request_id"), "err", err)
	if o != nil && (f.Code == fault.AlreadyPaid || f.Code == fault.Expired) {
		return c.Redirect("/q/"+o.Token+"/result", fiber.StatusSeeOther)
	}
	v := checkoutView{Order: o, State: "error", Error: f.ZH}
	if english(c) {
		v.Error = f.EN
	}
	return s.render(c, statusOf(f.Code), v)
}

// scanners are the apps that a payer scans with, by what their browsers call themselves, and the ways that each can pay by, best first. An aggregate QR's page
// opens in any of them.
var scanners = []struct {
	agent string
	ways  []payment.Way
}{
	{"MicroMessenger", []payment.Way{{Wallet: payment.WalletWeChat, Method: payment.JSAPI}, {Wallet: payment.WalletAny, Method: payment.Native}}},
	{"AlipayClient", []payment.Way{
		{Wallet: payment.WalletAlipay, Method: payment.Wap}, {Wallet: payment.WalletAlipay, Method: payment.Native}, {Wallet: payment.WalletAny, Method: payment.Native},
	}},
	{"UnionPay/", []payment.Way{{Wallet: payment.WalletUnionPay, Method: payment.Native}, {Wallet: payment.WalletAny, Method: payment.Native}}},
}

// browserWays are the ways by which an ordinary browser pays with a wallet, best first.
var browserWays = map[payment.Wallet][]payment.Way{
	payment.WalletWeChat: {{Wallet: payment.WalletWeChat, Method: payment.H5}},
	payment.WalletAlipay: {{Wallet: payment.WalletAlipay, Method: payment.Wap}, {Wallet: payment.WalletAlipay, Method: payment.Native}},
}

// best is the first of the wanted ways that is on offer.
func best(wanted, offered []payment.Way) (payment.Way, bool) {
	for _, w := range wanted {
		if slices.Contains(offered, w) {
			return w, true
		}
	}
	return payment.Way{}, false
}

func notOffered() error {
	return fault.New(fault.Unsupported, "该小区尚未开通此支付方式，请换一种方式或到物业前台缴费。", "This community does not take payments this way yet; choose another or pay at the office.")
}

// checkout sends each payer on by the app that they scanned with: WeChat by JSAPI, Alipay by wap, any other browser by choice.
func (s *Server) checkout() endpoint {
	return s.htmlPage(func(ctx context.Context, c *fiber.Ctx, o *payment.Order) error {
		if lang := c.Query("lang"); lang == "en" || lang == "zh" {
			c.Cookie(&fiber.Cookie{Name: "lang", Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: "Lax"})
			return c.Redirect("/q/"+o.Token, fiber.StatusSeeOther)
		}
		if o.Status != payment.Pending || !s.Now().Before(o.ExpiresAt) {
			return s.render(c, fiber.StatusOK, checkoutView{Order: o, State: s.shownStatus(o)})
		}
		ways, err := s.Payments.Ways(ctx, o)
		if err != nil {
			return err
		}
		for _, scanner := range scanners {
			if strings.Contains(c.Get("User-Agent"), scanner.agent) {
				return s.payInApp(ctx, c, o, scanner.ways, ways)
			}
		}
		return s.render(c, fiber.StatusOK, checkoutView{Order: o, State: "pay", Ways: ways})
	})
}

// payInApp goes on in the app that scanned.
func (s *Server) payInApp(ctx context.Context, c *fiber.Ctx, o *payment.Order, wanted, offered []payment.Way) error {
	way, ok := best(wanted, offered)
	switch {
	case !ok:
		return notOffered()
	case way.Method == payment.JSAPI:
		return s.toWechat(ctx, c, o)
	}
	return s.redirectToPay(ctx, c, o, way)
}

// shownStatus is an order's status, but a pending one whose time is over is shown as closed.
func (s *Server) shownStatus(o *payment.Order) string {
	if o.Status == payment.Pending && !s.Now().Before(o.ExpiresAt) {
		return string(payment.Closed)
	}
	return string(o.Status)
}

// oauthCookie ties the way back from OAuth to the browser that set out, and to the merchant account that the payer's id will hold for.
const oauthCookie = "wx_state"

func (s *Server) toWechat(ctx context.Context, c *fiber.Ctx, o *payment.Order) error {
	state := rand.Text()
	address, account, err := s.Payments.AuthorizeURL(ctx, o, s.BaseURL+"/q/"+o.Token+"/wechat", state)
	if err != nil {
		return err
	}
	c.Cookie(&fiber.Cookie{
		Name: oauthCookie, Value: state + "." + account, Path: "/q/" + o.Token, MaxAge: 600, HTTPOnly: true, SameSite: "Lax", Secure: strings.HasPrefix(s.BaseURL, "https:"),
	})
	return c.Redirect(address, fiber.StatusSeeOther)
}

// checkoutWechat is where OAuth sends the browser back to: it opens a JSAPI attempt for the payer and shows the page that calls WeChat.
func (s *Server) checkoutWechat() endpoint {
	return s.htmlPage(func(ctx context.Context, c *fiber.Ctx, o *payment.Order) error {
		state, account, _ := strings.Cut(c.Cookies(oauthCookie), ".")
		if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(c.Query("state"))) != 1 {
			return c.Redirect("/q/"+o.Token, fiber.StatusSeeOther)
		}
		openid, err := s.Payments.Payer(ctx, o, account, c.Query("code"))
		if err != nil {
			return err
		}
		o, no, _, err := s.Payments.Attempt(ctx, o.ID, payment.NewAttempt{
			Wallet: payment.WalletWeChat, Method: payment.JSAPI, Account: account, PayerID: openid, ClientIP: c.IP(), By: "payer",
		})
		if err != nil {
			return err
		}
		return s.render(c, fiber.StatusOK, checkoutView{Order: o, State: "jsapi", JSAPI: o.Attempt(no).Prepared.JSAPI})
	})
}

// checkoutPay opens the attempt that the payer chose in an ordinary browser.
func (s *Server) checkoutPay() endpoint {
	return s.htmlPage(func(ctx context.Context, c *fiber.Ctx, o *payment.Order) error {
		wanted, ok := browserWays[payment.Wallet(c.FormValue("wallet"))]
		if !ok {
			return malformed("请选择支付方式。", "Please choose how to pay.")
		}
		ways, err := s.Payments.Ways(ctx, o)
		if err != nil {
			return err
		}
		way, ok := best(wanted, ways)
		if !ok {
			return notOffered()
		}
		return s.redirectToPay(ctx, c, o, way)
	})
}

// redirectToPay sends the browser to the institution's page, or to its QR's address, which opens the wallet.
func (s *Server) redirectToPay(ctx context.Context, c *fiber.Ctx, o *payment.Order, way payment.Way) error {
	o, no, _, err := s.Payments.Attempt(ctx, o.ID, payment.NewAttempt{
		Wallet: way.Wallet, Method: way.Method, ClientIP: c.IP(), ReturnURL: s.BaseURL + "/q/" + o.Token + "/result", By: "payer",
	})
	if err != nil {
		return err
	}
	to := o.Attempt(no).Prepared
	return c.Redirect(cmp.Or(to.RedirectURL, to.CodeURL), fiber.StatusSeeOther)
}

// checkoutResult shows how it went. The institution's notification decides, not the way the browser came.
func (s *Server) checkoutResult() endpoint {
	return s.htmlPage(func(_ context.Context, c *fiber.Ctx, o *payment.Order) error {
		state := s.shownStatus(o)
		if state == string(payment.Pending) {
			state = "waiting"
		}
		return s.render(c, fiber.StatusOK, checkoutView{Order: o, State: state})
	})
}

type tokenInput struct {
	Token string `path:"token" json:"-"`
}

type stateView struct {
	Status string `json:"status"`
}

func (s *Server) checkoutState(ctx context.Context, _ *call, in tokenInput) (stateView, error) {
	o, err := s.Payments.ByToken(ctx, in.Token)
	if err != nil {
		return stateView{}, err
	}
	return stateView{s.shownStatus(o)}, nil
}

// ours reports whether an address is one of this server's.
func (s *Server) ours(address string) bool { return strings.HasPrefix(address, s.BaseURL+"/") }

// Has reports whether an ordinary browser can pay the order with a wallet.
func (v checkoutView) Has(wallet string) bool {
	_, ok := best(browserWays[payment.Wallet(wallet)], v.Ways)
	return ok
}

// HasNone reports whether an ordinary browser cannot pay the order at all.
func (v checkoutView) HasNone() bool {
	return !v.Has(string(payment.WalletWeChat)) && !v.Has(string(payment.WalletAlipay))
}
