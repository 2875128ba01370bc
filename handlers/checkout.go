package handlers

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/checkout"
	"linlipay/fault"
	"linlipay/payment"
)

// checkoutRoutes are the routes of the pages behind a QR.
func (s *Server) checkoutRoutes() []route {
	qr := s.checkoutPages()
	return []route{
		{id: "showCheckout", method: "GET", path: "/q/:token", who: everybody, summary: "The page behind the QR",
			perOrder: 120, endpoint: page(qr.Start)},
		{id: "returnFromWechat", method: "GET", path: "/q/:token/wechat", who: everybody,
			summary: "Back from WeChat's OAuth", perOrder: 20, endpoint: page(qr.FromWechat)},
		{id: "payCheckout", method: "POST", path: "/q/:token/pay", who: everybody,
			summary: "Pay with the wallet chosen", perOrder: 60, endpoint: page(qr.Pay, takesForm...)},
		{id: "showCheckoutCode", method: "GET", path: "/q/:token/code", who: everybody,
			summary: "The institution's QR that the payer chose", perOrder: 120, endpoint: page(qr.Code)},
		{id: "showCheckoutResult", method: "GET", path: "/q/:token/result", who: everybody,
			summary: "How the payment went", perOrder: 120, endpoint: page(qr.Result)},
		{id: "getCheckoutState", method: "GET", path: "/q/:token/state", who: everybody,
			summary: "The order's status, for that page", perOrder: 240, endpoint: handle(s, 200, s.checkoutState)},
		{id: "getQrPng", method: "GET", path: "/q/:token/qr.png", who: everybody, summary: "The QR as PNG",
			perOrder: 60, problems: []fault.Code{fault.Invalid}, endpoint: s.qrPNG()},
		{id: "getQrSvg", method: "GET", path: "/q/:token/qr.svg", who: everybody, summary: "The QR as SVG",
			perOrder: 60, endpoint: s.qrSVG()},
	}
}

// host is the server as the pages behind a QR see it.
type host struct{ *Server }

func (s *Server) checkoutPages() *checkout.Pages {
	return &checkout.Pages{
		Payments: s.Payments, Property: s.Property, Billing: s.Billing, BaseURL: s.BaseURL, Trial: s.Trial,
		Loopback: s.Trial != "" || s.ShowCodes, Now: s.Now, Log: s.Log, Host: host{s},
	}
}

// Context has the deadline of a request.
func (h host) Context(c *fiber.Ctx) (context.Context, context.CancelFunc) { return h.context(c) }

// English is the person's choice, else their browser's.
func (host) English(c *fiber.Ctx) bool { return english(c) }

// LanguageCookie is the name of the cookie of the person's choice.
func (host) LanguageCookie() string { return languageCookie }

// Remember sets a cookie as the server's others.
func (h host) Remember(c *fiber.Ctx, name, value, path string, life time.Duration) {
	h.setCookie(c, name, value, path, life)
}

// Address is whom the request comes from, behind proxies too.
func (host) Address(c *fiber.Ctx) string { return addressOf(c).String() }

// Fault is the fault in an error.
func (host) Fault(err error) *fault.Error { return asFault(err) }

// Status is a fault's in HTTP, with when to come again.
func (host) Status(c *fiber.Ctx, f *fault.Error) int {
	status := statusOf(f.Code)
	setRetryAfter(c, status, f)
	return status
}

// Permit is the pace of fresh attempts.
func (h host) Permit(c *fiber.Ctx, o *payment.Order) func() error { return h.attemptPermit(c, o) }

// page is an endpoint that answers with a page behind a QR.
func page(do func(*fiber.Ctx) error, takes ...string) endpoint {
	return endpoint{status: 200, kind: fiber.MIMETextHTML, takes: takes,
		also: map[string]string{"303": "Where the payer goes next, as Location says"},
		do:   func(c *fiber.Ctx, _ access.Caller) error { return do(c) }}
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
	return stateView{checkout.ShownStatus(o, s.Now())}, nil
}

// ours reports whether an address is one of this server's.
func (s *Server) ours(address string) bool { return strings.HasPrefix(address, s.BaseURL+"/") }
