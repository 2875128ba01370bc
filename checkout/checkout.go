// Package checkout is the pages behind a QR, for wallets' browsers and any other.
package checkout

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/skip2/go-qrcode"

	"linlipay/billing"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/property"
)

// Pages are the pages behind a QR. They are rendered here, not by a script: one opens at once in a wallet's browser on
// a bad line. What goes wrong is shown on the page with its status, so that an error comes only where the page itself
// could not be made or sent.
type Pages struct {
	Payments *payment.Service
	Property *property.Service
	Billing  *billing.Service
	BaseURL  string // where payers reach us; no trailing slash
	Trial    string // a trial's: address of the sandbox, whose wallet opens an institution's QR
	Loopback bool   // institutions may be on this machine, without https
	Now      func() time.Time
	Log      *slog.Logger
	Host     Host
}

// Host is what the pages ask of the server that they are a part of.
type Host interface {
	// Context is the request's, with its deadline.
	Context(*fiber.Ctx) (context.Context, context.CancelFunc)
	// English reports whether the person prefers English, who says so by the cookie LanguageCookie.
	English(*fiber.Ctx) bool
	// LanguageCookie is the name of the cookie in which the language stands.
	LanguageCookie() string
	// Remember sets a cookie, as the server sets its others.
	Remember(c *fiber.Ctx, name, value, path string, life time.Duration)
	// Address is whom the request comes from.
	Address(*fiber.Ctx) string
	// Fault finds the fault in an error; one that is none is Internal.
	Fault(error) *fault.Error
	// Status is a fault's status in HTTP; it sets the headers that go with it.
	Status(*fiber.Ctx, *fault.Error) int
	// Permit lets whoever asks open a fresh attempt for the order, at a pace.
	Permit(*fiber.Ctx, *payment.Order) func() error
}

//go:embed checkout.html
var checkoutFiles embed.FS

var checkoutPage = template.Must(template.New("checkout.html").Funcs(template.FuncMap{
	"yuan":  money.Fen.Grouped,
	"whole": func(f money.Fen) string { yuan, _, _ := strings.Cut(f.Grouped(), "."); return yuan },
	"cents": func(f money.Fen) string { _, cents, _ := strings.Cut(f.Grouped(), "."); return cents },
}).ParseFS(checkoutFiles, "checkout.html"))

func (s *Pages) render(c *fiber.Ctx, status int, v view) error {
	v.English, v.Nonce, v.Now = s.Host.English(c), rand.Text(), s.Now()
	if v.Order != nil {
		v.Self = "/q/" + v.Order.Token
		v.Seconds = max(0, int64(v.Order.ExpiresAt.Sub(v.Now).Seconds()))
		if err := s.surround(c, &v); err != nil {
			return err
		}
	}
	var page bytes.Buffer
	if err := checkoutPage.Execute(&page, v); err != nil {
		return err
	}
	c.Set("Content-Security-Policy",
		fmt.Sprintf("default-src 'none'; style-src 'nonce-%s'; script-src 'nonce-%s'; connect-src 'self'; img-src "+
			"'self' data:; "+
			"form-action %s; frame-ancestors 'none'; base-uri 'none'", v.Nonce, v.Nonce, s.formTargets()))
	c.Set("Cache-Control", "no-store")
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	return c.Status(status).Send(page.Bytes())
}

// surround fills in what the order itself does not tell: its community's name, and what is owed again.
func (s *Pages) surround(c *fiber.Ctx, v *view) error {
	ctx, cancel := s.Host.Context(c)
	defer cancel()
	community, err := s.Property.Community(ctx, v.Order.Community)
	if err != nil && !fault.Is(err, fault.NotFound) { // a payment of nothing known has none
		return err
	}
	if err == nil {
		v.Community = community.Name
	}
	v.Owed, err = s.owedAgain(ctx, v.Order)
	return err
}

// formTargets are where the page's form may lead: to us, and on from there to the institution's page, which browsers
// hold against the policy too. Institutions have https; in a trial they are on this machine without.
func (s *Pages) formTargets() string {
	if s.Loopback {
		return "'self' https: http://127.0.0.1:* http://localhost:*"
	}
	return "'self' https:"
}

// with answers with a page of the order behind the token: what goes wrong is shown to the payer on the page itself.
func (s *Pages) with(c *fiber.Ctx, do func(ctx context.Context, o *payment.Order) error) error {
	ctx, cancel := s.Host.Context(c)
	defer cancel()
	o, err := s.Payments.ByToken(ctx, c.Params("token"))
	if fault.Is(err, fault.NotFound) {
		return s.render(c, fiber.StatusNotFound, view{State: "unknown"})
	}
	if err == nil {
		err = do(ctx, o)
	}
	if err == nil {
		return nil
	}
	return s.renderError(c, o, err)
}

// renderError shows a fault on the page; a race that the order has decided meanwhile shows the order instead.
func (s *Pages) renderError(c *fiber.Ctx, o *payment.Order, err error) error {
	f := s.Host.Fault(err)
	s.Log.Warn("the page behind the QR could not go on", "request", c.Locals("request_id"), "err", err)
	if o != nil && (f.Code == fault.AlreadyPaid || f.Code == fault.Expired) {
		return c.Redirect("/q/"+o.Token+"/result", fiber.StatusSeeOther)
	}
	v := view{Order: o, State: "error", Error: f.ZH}
	if s.Host.English(c) {
		v.Error = f.EN
	}
	return s.render(c, s.Host.Status(c, f), v)
}

func notOffered() *fault.Error {
	return fault.New(fault.Unsupported, "该小区尚未开通此支付方式，请换一种方式或到物业前台缴费。",
		"This community does not take payments this way yet; choose another or pay at the office.")
}

// Start sends a payer on who scanned with a wallet's app, by the best way there is in it; any other browser is given
// the choice. Where the community takes nothing that the app can pay by, the page is of the fault Unsupported.
func (s *Pages) Start(c *fiber.Ctx) error {
	return s.with(c, func(ctx context.Context, o *payment.Order) error {
		if lang := c.Query("lang"); lang == "en" || lang == "zh" {
			s.Host.Remember(c, s.Host.LanguageCookie(), lang, "/", 365*24*time.Hour)
			return c.Redirect("/q/"+o.Token, fiber.StatusSeeOther)
		}
		if o.Status != payment.Pending || !s.Now().Before(o.ExpiresAt) {
			return s.render(c, fiber.StatusOK, view{Order: o, State: ShownStatus(o, s.Now())})
		}
		ways, err := s.Payments.Merchants().PaymentMethods(ctx, o.Company, o.Community, o.EntityID())
		if err != nil {
			return err
		}
		b := browserOf(c)
		choices := b.choices(ways)
		switch {
		case b.place != inApp:
			return s.render(c, fiber.StatusOK, view{Order: o, State: "pay", Ways: choices})
		case len(choices) == 0:
			return s.render(c, s.Host.Status(c, notOffered()),
				view{Order: o, State: "elsewhere", Scanners: Scanners(ways)})
		}
		return s.payBy(ctx, c, o, choices[0])
	})
}

// ShownStatus is an order's status, but a pending one whose time is over is shown as closed.
func ShownStatus(o *payment.Order, now time.Time) string {
	if o.Status == payment.Pending && !now.Before(o.ExpiresAt) {
		return string(payment.Closed)
	}
	return string(o.Status)
}

// oauthCookie ties the way back from OAuth to the browser that set out, and to the merchant account that the payer's id
// will hold for.
const oauthCookie = "wx_state"

func (s *Pages) toWechat(ctx context.Context, c *fiber.Ctx, o *payment.Order) error {
	state := rand.Text()
	address, account, err := s.Payments.AuthorizeURL(ctx, o, s.BaseURL+"/q/"+o.Token+"/wechat", state)
	if err != nil {
		return err
	}
	s.Host.Remember(c, oauthCookie, state+"."+account, "/q/"+o.Token, 10*time.Minute)
	return c.Redirect(address, fiber.StatusSeeOther)
}

// FromWechat is where OAuth sends the browser back to: it opens a JSAPI attempt for the payer and shows the page
// that calls WeChat. A browser that comes back without its cookie is told so and may try again; sent round by itself it
// would go on for ever.
func (s *Pages) FromWechat(c *fiber.Ctx) error {
	return s.with(c, func(ctx context.Context, o *payment.Order) error {
		if ShownStatus(o, s.Now()) != string(payment.Pending) {
			return c.Redirect("/q/"+o.Token, fiber.StatusSeeOther)
		}
		state, account, _ := strings.Cut(c.Cookies(oauthCookie), ".")
		if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(c.Query("state"))) != 1 {
			return s.render(c, fiber.StatusBadRequest, view{Order: o, State: "again"})
		}
		openid, err := s.Payments.Payer(ctx, o, account, c.Query("code"))
		if err != nil {
			return err
		}
		o, no, _, err := s.Payments.Attempt(ctx, o.ID, payment.NewAttempt{
			Wallet: gateway.WalletWeChat, Method: gateway.JSAPI, Account: account, PayerID: openid,
			ClientIP: s.Host.Address(c), By: payment.ByPayer, Permit: s.Host.Permit(c, o),
		})
		if err != nil {
			return err
		}
		return s.render(c, fiber.StatusOK, view{Order: o, State: "jsapi", JSAPI: o.Attempt(no).Prepared.JSAPI})
	})
}

// Pay opens the attempt that the payer chose. A way that the order cannot be paid by is Unsupported.
func (s *Pages) Pay(c *fiber.Ctx) error {
	return s.with(c, func(ctx context.Context, o *payment.Order) error {
		ways, err := s.Payments.Merchants().PaymentMethods(ctx, o.Company, o.Community, o.EntityID())
		if err != nil {
			return err
		}
		choices, wallet := browserOf(c).choices(ways), gateway.Wallet(c.Request().PostArgs().Peek("wallet"))
		i := slices.IndexFunc(choices, func(w gateway.PaymentMethod) bool { return w.Wallet == wallet })
		if i < 0 {
			return notOffered()
		}
		return s.payBy(ctx, c, o, choices[i])
	})
}

// payBy sends the browser to where the payer pays by a way: the institution's page, or its QR, whose address a wallet's
// app opens and any other browser shows.
func (s *Pages) payBy(ctx context.Context, c *fiber.Ctx, o *payment.Order, way gateway.PaymentMethod) error {
	if way.Method == gateway.JSAPI {
		return s.toWechat(ctx, c, o)
	}
	o, no, _, err := s.Payments.Attempt(ctx, o.ID, payment.NewAttempt{
		Wallet: way.Wallet, Method: way.Method, ClientIP: s.Host.Address(c), ReturnURL: s.BaseURL + "/q/" +
			o.Token + "/result", By: payment.ByPayer, Permit: s.Host.Permit(c, o),
	})
	if err != nil {
		return err
	}
	to := o.Attempt(no).Prepared
	if to.RedirectURL == "" && browserOf(c).place != inApp {
		return c.Redirect("/q/"+o.Token+"/code", fiber.StatusSeeOther)
	}
	return c.Redirect(cmp.Or(to.RedirectURL, to.CodeURL), fiber.StatusSeeOther)
}

// codePixels is the size of the institution's QR; medium correction survives a smudged screen.
const codePixels = 480

// Code shows the institution's QR that the payer chose: to be scanned from another phone, and to be opened by
// the wallet on this one where its text is an address.
func (s *Pages) Code(c *fiber.Ctx) error {
	return s.with(c, func(_ context.Context, o *payment.Order) error {
		i := slices.IndexFunc(o.Attempts, func(a payment.Attempt) bool {
			return a.State == payment.AttemptOpen && a.Prepared.CodeURL != ""
		})
		// A wallet's own app pays by itself: the link was sent there.
		if i < 0 || ShownStatus(o, s.Now()) != string(payment.Pending) || browserOf(c).place == inApp {
			return c.Redirect("/q/"+o.Token, fiber.StatusSeeOther)
		}
		a := o.Attempts[i]
		picture, err := qrcode.Encode(a.Prepared.CodeURL, qrcode.Medium, codePixels)
		if err != nil {
			return err
		}
		v := view{Order: o, State: "code", Wallet: a.Wallet,
			Code: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(picture))}
		v.OnPhone = browserOf(c).place == onPhone
		if v.OnPhone && strings.HasPrefix(a.Prepared.CodeURL, "http") {
			v.Opens = s.opens(o, &a)
		}
		return s.render(c, fiber.StatusOK, v)
	})
}

// opens is the address at which the wallet on the payer's phone takes up an institution's QR; in a trial, the sandbox's
// wallet.
func (s *Pages) opens(o *payment.Order, a *payment.Attempt) string {
	if s.Trial == "" {
		return a.Prepared.CodeURL
	}
	return s.Trial + "/?" + url.Values{"content": {a.Prepared.CodeURL}, "wallet": {string(a.Wallet)},
		"redirect_url": {s.BaseURL + "/q/" + o.Token + "/result"}}.Encode()
}

// Result shows how it went. The institution's notification decides, not the way the browser came.
func (s *Pages) Result(c *fiber.Ctx) error {
	return s.with(c, func(_ context.Context, o *payment.Order) error {
		state := ShownStatus(o, s.Now())
		if state == string(payment.Pending) {
			state = "waiting"
		}
		return s.render(c, fiber.StatusOK, view{Order: o, State: state})
	})
}
