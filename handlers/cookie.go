package handlers

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/fault"
)

// A browser's session is in cookies that no script can read. A request uses them when it says so in the header
// Linli-Session, which names whose: staff's or a resident's, since one browser may have both. The header is also the
// guard against forged requests: no form can send it, and a script of another site only if we allowed that, which we
// never do. Programs carry the token in Authorization instead and need none of this.
const sessionHeader = "Linli-Session"

// The paths that the cookies are sent to.
const (
	accessPath  = "/v1"
	refreshPath = "/v1/tokens"
)

func accessCookie(kind access.Kind) string  { return "linlipay-" + string(kind) }
func refreshCookie(kind access.Kind) string { return "linlipay-" + string(kind) + "-refresh" }

// browserKind is whose cookies a request uses, "" for none. One that comes from another site is Forbidden.
func (s *Server) browserKind(c *fiber.Ctx) (access.Kind, error) {
	kind := access.Kind(c.Get(sessionHeader))
	switch {
	case kind == "":
		return "", nil
	case kind != access.StaffKind && kind != access.ResidentKind:
		return "", malformed(sessionHeader+" 须为 staff 或 resident。", sessionHeader+" is staff or resident.")
	case !s.sameOrigin(c):
		return "", fault.New(fault.Forbidden, "请求来自其他网站，已拒绝。", "The request comes from another site and was refused.")
	}
	return kind, nil
}

// sameOrigin reports whether a browser's request comes from a page of ours: by Sec-Fetch-Site, and by Origin where a
// browser does not send that (as net/http's CrossOriginProtection does). Ours are the address that was asked and the
// one that is configured: a proxy may leave the port out of the former.
func (s *Server) sameOrigin(c *fiber.Ctx) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	from, err := url.Parse(origin)
	if err != nil || from.Host == "" {
		return false
	}
	return strings.EqualFold(from.Host, string(c.Request().Host())) || strings.EqualFold(origin, s.BaseURL)
}

// keep gives a browser its tokens as cookies and takes them out of the answer; a program has them in the answer.
func (c *call) keep(v *tokensView) {
	if c.Browser == "" {
		return
	}
	c.setCookie(accessCookie(c.Browser), v.AccessToken, accessPath, time.Duration(v.ExpiresIn)*time.Second)
	c.setCookie(refreshCookie(c.Browser), v.RefreshToken, refreshPath, access.SessionLife)
	v.AccessToken, v.RefreshToken = "", ""
}

// drop takes a browser's cookies away.
func (c *call) drop() {
	if c.Browser == "" {
		return
	}
	c.setCookie(accessCookie(c.Browser), "", accessPath, -time.Second)
	c.setCookie(refreshCookie(c.Browser), "", refreshPath, -time.Second)
}

// bearer is the access token of a request: the header's, or of a browser the cookie's. "" is none. The scheme may be
// written in any case, with blanks behind it (RFC 9110, 11.4).
func (s *Server) bearer(c *fiber.Ctx) (token string, browser access.Kind, err error) {
	scheme, token, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimLeft(token, " "), "", nil
	}
	browser, err = s.browserKind(c)
	if err != nil || browser == "" {
		return "", "", err
	}
	return c.Cookies(accessCookie(browser)), browser, nil
}
