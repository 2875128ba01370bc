package handlers

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/fault"
)

// identify gives each request an id, which the person sees with an error and the log has beside its cause. It answers
// an error itself, so that the log has the status that was answered.
func (s *Server) identify(c *fiber.Ctx) error {
	id := requestID(c)
	c.Locals("address", s.locate(c))
	start := s.Now()
	if err := c.Next(); err != nil {
		if err := s.fail(c, err); err != nil {
			return err
		}
	}
	if c.Response().StatusCode() == http.StatusUnauthorized {
		c.Set(fiber.HeaderWWWAuthenticate, "Bearer") // which a 401 must say (RFC 9110, 15.5.2)
	}
	s.Log.Debug("request", "id", id, "method", c.Method(), "route", c.Route().Path, "status", c.Response().StatusCode(),
		"took", s.Now().Sub(start))
	return nil
}

// requestID is a request's id, which it is given when it is first asked for. A request that cannot be read, such as one
// that is too large, is answered before any middleware has seen it.
func requestID(c *fiber.Ctx) string {
	id, known := c.Locals("request_id").(string)
	if !known {
		id = rand.Text()[:16]
		c.Locals("request_id", id)
		c.Set("X-Request-ID", id)
	}
	return id
}

// recoverPanic turns a panic into a 500; its stack goes to the log alone.
func (s *Server) recoverPanic(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			s.Log.Error("a handler panicked", "request", c.Locals("request_id"), "panic", p, "stack",
				string(debug.Stack()))
			err = fault.New(fault.Internal, "系统错误，请稍后重试。", "Something went wrong; please try again.")
		}
	}()
	return c.Next()
}

// secure sets the headers every answer has. Pages that need more set their own policy.
func (s *Server) secure(c *fiber.Ctx) error {
	s.setSecure(c)
	return c.Next()
}

func (s *Server) setSecure(c *fiber.Ctx) {
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("Referrer-Policy", "no-referrer")
	c.Set("Content-Security-Policy", pagePolicy("'self'"))
	if s.overTLS() {
		c.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// overTLS reports whether browsers reach us by https, whatever ends it before us.
func (s *Server) overTLS() bool { return strings.HasPrefix(s.BaseURL, "https:") }

// pagePolicy is what the built pages may load, and whom their scripts may ask.
func pagePolicy(connect string) string {
	return "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
		"font-src 'self' data:; " +
		"connect-src " + connect + "; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
}

// setCookie sets a cookie: for https alone where that is how browsers reach us, and not for scripts, but for the
// language, which the built pages set too. Those of a session are sent by our own pages alone; the others also where a
// wallet's browser comes back to us. A life below zero takes the cookie away.
func (s *Server) setCookie(c *fiber.Ctx, name, value, path string, life time.Duration) {
	from := fiber.CookieSameSiteLaxMode
	if strings.HasPrefix(path, accessPath) {
		from = fiber.CookieSameSiteStrictMode
	}
	cookie := &fiber.Cookie{
		Name: name, Value: value, Path: path, MaxAge: int(life.Seconds()), SameSite: from,
		HTTPOnly: name != languageCookie, Secure: s.overTLS(),
	}
	if life < 0 {
		cookie.MaxAge, cookie.Expires = 0, time.Unix(1, 0)
	}
	c.Cookie(cookie)
}

// audience says who may call a route. Its zero value lets nobody in.
type audience struct {
	public bool
	kinds  []access.Kind
	roles  []access.Role // staff need one of them; empty is any role
}

var (
	everybody = audience{public: true}
	signedIn  = audience{kinds: []access.Kind{access.StaffKind, access.ResidentKind, access.TerminalKind}}
	desks     = audience{kinds: []access.Kind{access.StaffKind, access.TerminalKind}}
	anyStaff  = audience{kinds: []access.Kind{access.StaffKind}}
	residents = audience{kinds: []access.Kind{access.ResidentKind}}
	terminals = audience{kinds: []access.Kind{access.TerminalKind}}

	// printers are whoever puts receipts on paper.
	printers = audience{
		kinds: []access.Kind{access.StaffKind, access.TerminalKind},
		roles: []access.Role{access.Cashier, access.Finance, access.Operations},
	}

	// residentsAndFront are residents and those of the staff who look after them.
	residentsAndFront = audience{
		kinds: []access.Kind{access.ResidentKind, access.StaffKind},
		roles: []access.Role{access.Cashier, access.Operations},
	}
)

func staffWith(roles ...access.Role) audience {
	return audience{kinds: []access.Kind{access.StaffKind}, roles: roles}
}

// asks and decides are the staff whom a matter names.
func asks(m approval.Matter) audience    { return staffOf(m.Asks) }
func decides(m approval.Matter) audience { return staffOf(m.Decides) }

func staffOf(roles []string) audience {
	if len(roles) == 0 {
		return audience{} // nobody: staffWith() would be everybody
	}
	a := staffWith()
	for _, r := range roles {
		a.roles = append(a.roles, access.Role(r))
	}
	return a
}

// admits reports whether a caller may call the route.
func (a audience) admits(c access.Caller) bool {
	if !slices.Contains(a.kinds, c.Kind) {
		return false
	}
	return c.Kind != access.StaffKind || len(a.roles) == 0 ||
		slices.ContainsFunc(a.roles, func(r access.Role) bool { return slices.Contains(c.Roles, r) })
}

// admits reports whether a caller may call the route. An auditor may read whatever any staff may, and change nothing;
// an API client has the right that the route names.
func (r route) admits(c access.Caller) bool {
	if c.Kind == access.ClientKind {
		return r.right == anyClient || r.right != "" && slices.Contains(c.Rights, r.right)
	}
	if c.Audits() {
		return r.method == fiber.MethodGet && slices.Contains(r.who.kinds, access.StaffKind)
	}
	return r.who.admits(c)
}

// guarded is a route's chain: its limits, the bodies that it takes, then who may call it, then what it does.
func (s *Server) guarded(r route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if err := s.slow(c, r); err != nil {
			return err
		}
		if err := admitBody(c, r.takes); err != nil {
			return err
		}
		caller, err := s.caller(c, r)
		if err != nil {
			return err
		}
		if r.keyed && c.Get("Idempotency-Key") == "" {
			return fault.New(fault.KeyMissing, "缺少 Idempotency-Key。", "An Idempotency-Key is required.")
		}
		c.Locals(recordsKey, r.records)
		return r.do(c, caller)
	}
}

// slow refuses a call that comes too fast for its route.
func (s *Server) slow(c *fiber.Ctx, r route) error {
	from := r.path + " " + household(addressOf(c))
	var wait time.Duration
	if r.perMinute > 0 {
		wait = s.paces.take(from, perMinute(r.perMinute))
	}
	if r.perOrder > 0 {
		wait = max(wait, s.paces.take(from+" "+c.Params("token"), perMinute(r.perOrder)))
	}
	if wait > 0 {
		return tooFast(wait)
	}
	return nil
}

// tooFast is the fault of what may be tried again after a while; fail tells the while as Retry-After.
func tooFast(wait time.Duration) error {
	seconds := wholeSeconds(wait)
	return fault.New(fault.TooMany, fmt.Sprintf("操作过于频繁，请 %d 秒后再试。", seconds),
		fmt.Sprintf("Too many requests; please wait %d s.", seconds)).With("retry_after", seconds)
}

// caller verifies the token and the route's rule.
func (s *Server) caller(c *fiber.Ctx, r route) (access.Caller, error) {
	if r.who.public {
		return access.Caller{}, nil
	}
	token, browser, err := s.bearer(c)
	if err != nil {
		return access.Caller{}, err
	}
	if token == "" {
		return access.Caller{}, fault.New(fault.Unauthenticated, "请先登录。", "Please log in.")
	}
	ctx, cancel := s.context(c)
	defer cancel()
	caller, err := s.Access.Verify(ctx, token)
	if access.IsClientKey(token) {
		err = s.clientCalls(ctx, c, caller, err)
	}
	if err != nil {
		return access.Caller{}, err
	}
	switch {
	case browser != "" && caller.Kind != browser, !r.admits(caller):
		return access.Caller{}, fault.New(fault.Forbidden, "您没有此操作的权限。", "You may not do this.")
	case caller.MustChange && !r.unfinished:
		return access.Caller{}, fault.New(fault.Forbidden, "请先设置新密码。", "Choose a password of your own first.").With(
			"must_change", true)
	}
	if caller.Kind == access.TerminalKind {
		s.heard(ctx, caller.ID)
	}
	return caller, nil
}

// heard notes that a terminal is there. Its request goes on where that cannot be written down.
func (s *Server) heard(ctx context.Context, id string) {
	if err := s.Terminals.Seen(ctx, id); err != nil {
		s.Log.Warn("when a terminal was last seen was not written down", "terminal", id, "err", err)
	}
}
