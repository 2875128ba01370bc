package handlers

import (
	"context"
	"errors"
	"net/netip"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/phone"
)

// loginRoutes are the routes of logging in and of sessions.
func (s *Server) loginRoutes() []route {
	return []route{
		{id: "getHealth", method: "GET", path: "/healthz", who: everybody, summary: "Whether money can be taken",
			endpoint: handle(s, 200, s.health)},
		{id: "getSigningKeys", method: "GET", path: "/.well-known/jwks.json", who: everybody,
			summary: "The keys that tokens are signed with", endpoint: handle(s, 200, s.publicKeys)},
		{id: "logInStaff", method: "POST", path: "/v1/members/sessions", who: everybody, summary: "Log in as staff",
			perMinute: 30, records: recording{done: audit.StaffLoggedIn, refused: audit.StaffRefused},
			problems: []fault.Code{fault.Unauthenticated, fault.Forbidden}, endpoint: handle(s, 200, s.staffLogin)},
		{id: "sendLoginCode", method: "POST", path: "/v1/residents/codes", who: everybody,
			summary: "Send a one-time code to a phone", perMinute: 20, problems: []fault.Code{fault.Unsupported},
			endpoint: handle(s, 200, s.sendCode)},
		{id: "logInResident", method: "POST", path: "/v1/residents/sessions", who: everybody,
			summary: "Log in as resident with the code", perMinute: 30,
			records:  recording{done: audit.ResidentLoggedIn, refused: audit.ResidentRefused},
			problems: []fault.Code{fault.Unauthenticated}, endpoint: handle(s, 200, s.residentLogin)},
		{id: "refreshToken", method: "POST", path: "/v1/tokens/renewal", who: everybody,
			summary: "Exchange a refresh token, once", perMinute: 120,
			problems: []fault.Code{fault.Unauthenticated, fault.Forbidden}, endpoint: handle(s, 200, s.refresh)},
		{id: "revokeToken", method: "POST", path: "/v1/tokens/revocation", who: everybody, summary: "End a session",
			perMinute: 120, records: recording{done: audit.SessionEnded}, problems: []fault.Code{fault.Forbidden},
			endpoint: handle(s, 204, s.revoke)},
		{id: "getMe", method: "GET", path: "/v1/me", who: signedIn, summary: "Who the token speaks for",
			unfinished: true, problems: []fault.Code{fault.Invalid}, endpoint: handle(s, 200, s.me)},
	}
}

// tokensView is what a log-in answers.
type tokensView struct {
	// a browser with the header Linli-Session has both in cookies
	AccessToken  string        `json:"access_token,omitempty"`
	ExpiresIn    int           `json:"expires_in"` // seconds
	RefreshToken string        `json:"refresh_token,omitempty"`
	Staff        *staffView    `json:"staff,omitempty"`
	Resident     *residentView `json:"resident,omitempty"`
	Terminal     *terminalView `json:"terminal,omitempty"`
}

type staffView struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Company     string        `json:"company"`
	CompanyName string        `json:"company_name"`
	Roles       []access.Role `json:"roles"`
	Communities []string      `json:"communities"` // within their rights today; see whole_company
	Regions     []string      `json:"regions"`
	Whole       bool          `json:"whole_company"`
	// has a one-time password, and may do nothing before choosing another
	MustChange bool `json:"must_change"`
}

type residentView struct {
	ID    string `json:"id"`
	Phone string `json:"phone"`
}

type loginInput struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

func (s *Server) staffLogin(ctx context.Context, c *call, in loginInput) (tokensView, error) {
	m, err := s.Access.Login(ctx, in.Login, in.Password, c.IP)
	if err != nil {
		return tokensView{}, errors.Join(s.triedAs(ctx, c, in.Login), err)
	}
	c.event = audit.Event{Actor: m.Caller().Actor(), Company: m.Company}
	who, err := s.Access.Reaching(ctx, m)
	if err != nil {
		return tokensView{}, err
	}
	return s.open(ctx, c, who)
}

// open starts the session of who has just shown who they are.
func (s *Server) open(ctx context.Context, c *call, who access.Caller) (tokensView, error) {
	if c.Browser != "" && c.Browser != who.Kind {
		return tokensView{}, malformed(sessionHeader+" 与登录方式不符。", sessionHeader+" names another kind of session.")
	}
	t, err := s.Access.Open(ctx, who, access.Origin{Address: c.IP, Agent: c.Agent})
	if err != nil {
		return tokensView{}, err
	}
	return s.loggedIn(ctx, c, t, who)
}

// triedAs says whose login was refused: the member of staff's, or nobody's.
func (s *Server) triedAs(ctx context.Context, c *call, login string) error {
	who, company, err := s.Access.WhoseLogin(ctx, login)
	c.event = audit.Event{Actor: who, Company: company}
	if who != "" {
		return err
	}
	digest, failed := s.Audit.Digest(ctx, audit.OfLogin, login)
	c.event.Actor, c.event.After = audit.Unknown, audit.State{"login": digest}
	return errors.Join(err, failed)
}

// loggedIn is the answer to any log-in or renewal.
func (s *Server) loggedIn(ctx context.Context, call *call, t access.Tokens, c access.Caller) (tokensView, error) {
	v := tokensView{AccessToken: t.Access, ExpiresIn: t.ExpiresIn, RefreshToken: t.Refresh}
	call.keep(&v)
	if c.Kind == access.ResidentKind {
		r, err := s.Property.Resident(ctx, c.ID)
		if err != nil {
			return v, err
		}
		v.Resident = &residentView{r.ID, r.Phone}
		return v, nil
	}
	company, err := s.Property.Company(ctx, c.Company)
	if err != nil {
		return v, err
	}
	v.Staff = &staffView{c.ID, c.Name, c.Company, company.Name, c.Roles, append([]string{}, c.Named()...),
		append([]string{}, c.Regions...), c.WholeCompany(), c.MustChange}
	return v, nil
}

type phoneInput struct {
	Phone string `json:"phone"`
}

type codeView struct {
	ExpiresIn int    `json:"expires_in"` // seconds
	DemoCode  string `json:"demo_code,omitempty"`
}

// sendCode sends a code, or in a trial shows it: to those on this machine and its network, whoever else reaches us.
func (s *Server) sendCode(ctx context.Context, c *call, in phoneInput) (codeView, error) {
	shows := s.ShowCodes && nearby(c.IP)
	if s.SendCode == nil && !shows {
		return codeView{},
			fault.New(fault.Unsupported, "短信验证码尚未开通，请联系物业。",
				"One-time codes are not set up; please ask your property office.")
	}
	in.Phone = asStored(in.Phone)
	code, err := s.Access.NewCode(ctx, in.Phone)
	if err != nil {
		return codeView{}, err
	}
	v := codeView{ExpiresIn: int(access.CodeLife.Seconds())}
	if shows {
		v.DemoCode = code
		return v, nil
	}
	return v, s.SendCode(ctx, CodeMessage{Phone: in.Phone, Code: code})
}

// asStored is a phone as it is stored, however it is typed or filled in; what is none stays as it is, and is refused.
func asStored(typed string) string {
	if number, ok := phone.Parse(typed); ok {
		return number
	}
	return typed
}

// nearby reports whether an address is this machine's or of a private network. It is not host.PlaceOf, whose doubts
// fall the other way: what that calls near, such as a carriers' NAT with strangers behind it, we must not ask; here
// whoever is near is shown a code.
func nearby(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && (a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast())
}

type codeInput struct {
	Phone string `json:"phone"`
	Code  string `json:"code"`
}

func (s *Server) residentLogin(ctx context.Context, c *call, in codeInput) (tokensView, error) {
	in.Phone = asStored(in.Phone)
	digest, err := s.Audit.Digest(ctx, audit.OfPhone, in.Phone)
	if err != nil {
		return tokensView{}, err
	}
	c.event = audit.Event{Actor: audit.Unknown, After: audit.State{"phone": digest}}
	if err := s.Access.UseCode(ctx, in.Phone, in.Code); err != nil {
		return tokensView{}, err
	}
	r, err := s.Property.ResidentByPhone(ctx, in.Phone)
	if err != nil {
		return tokensView{}, err
	}
	caller := access.Caller{Kind: access.ResidentKind, ID: r.ID}
	c.event.Actor = caller.Actor()
	return s.open(ctx, c, caller)
}

type refreshInput struct {
	RefreshToken string `json:"refresh_token,omitempty"` // a browser's is in its cookie
}

func (s *Server) refresh(ctx context.Context, c *call, in refreshInput) (tokensView, error) {
	token := in.RefreshToken
	if c.Browser != "" {
		token = c.Refresh
	}
	t, who, err := s.Access.Refresh(ctx, token)
	if err == nil && c.Browser != "" && c.Browser != who.Kind {
		err = fault.New(fault.Unauthenticated, "登录已失效，请重新登录。", "The session has ended; please log in again.")
	}
	if fault.Is(err, fault.Unauthenticated) {
		c.drop()
	}
	if err != nil {
		return tokensView{}, err
	}
	return s.loggedIn(ctx, c, t, who)
}

func (s *Server) revoke(ctx context.Context, c *call, in refreshInput) (none, error) {
	token := in.RefreshToken
	if c.Browser != "" {
		token = c.Refresh
		c.drop()
	} else if err := needed(map[string]string{"refresh_token": token}); err != nil {
		return none{}, err
	}
	whose, open, err := s.Access.WhoseSession(ctx, token)
	if err != nil {
		return none{}, err
	}
	if c.event = (audit.Event{Actor: whose.Actor(), Company: whose.Company}); !open {
		c.event.Verb = nothing
	}
	return none{}, s.Access.Revoke(ctx, token)
}

func (s *Server) publicKeys(ctx context.Context, _ *call, _ none) (map[string]any, error) {
	return s.Access.PublicKeys(ctx)
}

type meView struct {
	Kind        access.Kind   `json:"kind"`
	ID          string        `json:"id"`
	Name        string        `json:"name,omitempty"`
	Company     string        `json:"company,omitempty"`
	Communities []string      `json:"communities,omitempty"`
	Regions     []string      `json:"regions,omitempty"`
	Roles       []access.Role `json:"roles,omitempty"`
	// of API clients: what they may do, and how many calls a minute they may make
	Rights []access.Right `json:"rights,omitempty"`
	// calls
	PerMinute  int  `json:"per_minute,omitempty"`
	MustChange bool `json:"must_change,omitempty"`
}

func (s *Server) me(_ context.Context, c *call, _ none) (meView, error) {
	return meView{c.Kind, c.ID, c.Name, c.Company, c.Named(), c.Regions, c.Roles, c.Rights, c.PerMinute,
		c.MustChange}, nil
}

type healthView struct {
	Status   string `json:"status"`
	Instance string `json:"instance"` // the same for every process that shares our secret key
}

func (s *Server) health(ctx context.Context, _ *call, _ none) (healthView, error) {
	if err := s.Ready(ctx); err != nil {
		return healthView{}, fault.New(fault.Unavailable, "暂不能收款。", "Money cannot be taken now.").Because(err)
	}
	return healthView{"ok", s.Accounts.Instance()}, nil
}
