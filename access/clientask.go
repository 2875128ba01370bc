package access

import (
	"context"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
)

// What changes an API client. As with people, taking takes effect at once, and giving (a new client, more rights, more
// communities or regions, a later end) waits in its document until another person decides.

// ClientMatter is who asks for API clients and who decides.
func ClientMatter() approval.Matter {
	return approval.Matter{
		ZH: "API 客户端变更", EN: "change of an API client", Asks: []string{string(Operations)},
		Decides: []string{string(Finance), string(Operations)}, Lasts: 7 * 24 * time.Hour,
	}
}

// ClientRequest is what was asked for a client: all that it would be given, and not only what is new.
type ClientRequest struct {
	approval.Request
	Grant Grant `json:"grant"`
}

func (r *ClientRequest) standing() *approval.Request {
	if r == nil {
		return nil
	}
	return &r.Request
}

// ClientChange is what a person wants of a client; nil stays as it is.
type ClientChange struct {
	Name        *string
	PerMinute   *int
	Rights      *[]Right
	Communities *[]string
	Regions     *[]string
	ExpiresAt   *time.Time
}

// tidy is a grant as it is kept, so that two of the same compare as the same.
func (g Grant) tidy() Grant {
	g.Rights = slices.Compact(slices.Sorted(slices.Values(g.Rights)))
	g.Communities = slices.Compact(slices.Sorted(slices.Values(g.Communities)))
	g.Regions = slices.Compact(slices.Sorted(slices.Values(g.Regions)))
	g.ExpiresAt = g.ExpiresAt.UTC()
	return g
}

// AddClient asks for a client, which can have keys once another person has approved it; perMinute 0 is perMinuteUsual.
// More communities than the caller's own are Forbidden.
func (s *Service) AddClient(ctx context.Context, by Caller, name string, perMinute int, g Grant) (*Client, error) {
	if perMinute == 0 {
		perMinute = perMinuteUsual
	}
	now := s.now().UTC()
	if err := checkClient(name, perMinute); err != nil {
		return nil, err
	}
	if err := g.check(now); err != nil {
		return nil, err
	}
	if !by.Scope().covers(g.scope()) {
		return nil, beyond()
	}
	if err := s.roomForClient(ctx, by.Company); err != nil {
		return nil, err
	}
	c := &Client{ID: newID(), Company: by.Company, Name: strings.TrimSpace(name), PerMinute: perMinute,
		Grant: Grant{Rights: []Right{}}, CreatedAt: now, CreatedBy: by.Actor()}
	if err := c.ask(g.tidy(), by, now); err != nil {
		return nil, err
	}
	verb := audit.ClientAsked
	if by.Kind == ShellKind {
		verb = audit.ClientAdded
	}
	c.owe(ctx, verb, nil, now)
	return c, s.clients.Insert(ctx, c)
}

// roomForClient is the WrongState fault of a company that has as many clients as may be.
func (s *Service) roomForClient(ctx context.Context, company string) error {
	all, err := s.EveryClient(ctx, company)
	all = slices.DeleteFunc(all, func(c Client) bool { return !c.RevokedAt.IsZero() })
	if err == nil && len(all) >= clientsMost {
		return fault.New(fault.WrongState, "API 客户端已达上限，请先吊销不用的。",
			"There are as many API clients as may be; revoke one first.")
	}
	return err
}

// ask puts a request into a client; what the same person asked before, and nobody has decided, gives way to it. The
// shell's takes effect at once.
func (c *Client) ask(g Grant, by Caller, now time.Time) error {
	if by.Kind == ShellKind {
		c.grant(g)
		c.Request = nil
		return nil
	}
	asking := approval.Asking{Standing: c.Request.standing(), Base: c.Revision}
	if asking.Standing.At(now) == approval.Requested && c.Request.RequestedBy == by.Actor() {
		asking.Replaces = c.Request.ID
	}
	asked, err := ClientMatter().Ask(asking, by.Person(), now)
	if err != nil {
		return err
	}
	c.Request = &ClientRequest{*asked, g}
	return nil
}

func (c *Client) grant(g Grant) {
	c.Grant, c.Admitted = g, true
	c.Revision++
}

// changeClient changes a client within the caller's reach that is not revoked, and has it recorded.
func (s *Service) changeClient(ctx context.Context, by Caller, id string, verb audit.Verb, change func(*Client) error) (
	*Client, error) {
	return s.clients.Update(ctx, id, func(c *Client) error {
		if err := c.within(by); err != nil {
			return err
		}
		if !c.RevokedAt.IsZero() {
			return fault.New(fault.WrongState, "该客户端已被吊销。", "This client was revoked.")
		}
		before := c.told()
		if err := change(c); err != nil {
			return err
		}
		done := verb
		if now := c.told(); verb == audit.ClientChanged && now["request"] != before["request"] {
			done = audit.ClientAsked
		}
		c.owe(ctx, done, before, s.now())
		return nil
	})
}

// ChangeClient changes name and pace, and takes what a client was given, at once, and asks for what it does not have.
// More communities than the caller's own are Forbidden.
func (s *Service) ChangeClient(ctx context.Context, by Caller, id string, to ClientChange) (*Client, error) {
	now := s.now().UTC()
	return s.changeClient(ctx, by, id, audit.ClientChanged, func(c *Client) error {
		if to.Name != nil {
			c.Name = strings.TrimSpace(*to.Name)
		}
		if to.PerMinute != nil {
			c.PerMinute = *to.PerMinute
		}
		if err := checkClient(c.Name, c.PerMinute); err != nil {
			return err
		}
		if to.Rights == nil && to.Communities == nil && to.Regions == nil && to.ExpiresAt == nil {
			return nil
		}
		g := to.applied(c.wanted(now)).tidy()
		if err := g.check(now); err != nil {
			return err
		}
		if !by.Scope().covers(g.scope()) {
			return beyond()
		}
		return s.become(ctx, c, g, by)
	})
}

// wanted is what a client is to have: what waits for another person, or what it has.
func (c *Client) wanted(now time.Time) Grant {
	if c.Request.standing().At(now) == approval.Requested {
		return c.Request.Grant
	}
	return c.Grant
}

// applied is a grant with what a person wants otherwise.
func (to ClientChange) applied(g Grant) Grant {
	if to.Rights != nil {
		g.Rights = *to.Rights
	}
	if to.Communities != nil {
		g.Communities = *to.Communities
	}
	if to.Regions != nil {
		g.Regions = *to.Regions
	}
	if to.ExpiresAt != nil {
		g.ExpiresAt = *to.ExpiresAt
	}
	return g
}

// become takes from a client what a grant does not hold, and asks for what it does not have.
func (s *Service) become(ctx context.Context, c *Client, g Grant, by Caller) error {
	has, err := s.written(ctx, c.Company, c.scope())
	if err != nil {
		return err
	}
	asked, err := s.written(ctx, c.Company, g.scope())
	if err != nil {
		return err
	}
	now, gives := s.now().UTC(), !c.Admitted || !g.within(c.Grant, has)
	if c.Admitted {
		c.Grant = c.Grant.less(g, has, asked)
		c.Revision++ // what was asked for on what it had is to be asked for anew
	}
	if gives {
		return c.ask(g, by, now)
	}
	if c.Request.standing().At(now) == approval.Requested {
		c.Request = nil // whoever asked for more is told by what the client has now
	}
	return nil
}

// less is what is left of a grant without what another does not hold; has and asked are where the two hold, written
// out. Whoever would be left with no right or nowhere keeps those until it is decided.
func (g Grant) less(other Grant, has, asked Scope) Grant {
	if rights := slices.DeleteFunc(slices.Clone(g.Rights), func(r Right) bool {
		return !slices.Contains(other.Rights, r)
	}); len(rights) > 0 {
		g.Rights = rights
	}
	left := g.scope().less(has, other.scope(), asked)
	g.Communities, g.Regions = left.Communities, left.Regions
	if !other.ExpiresAt.IsZero() && (g.ExpiresAt.IsZero() || other.ExpiresAt.Before(g.ExpiresAt)) {
		g.ExpiresAt = other.ExpiresAt
	}
	return g
}

// DecidedBy reports whether what waits for a client is within a person's reach, and so theirs to decide if they have
// the role.
func (c *Client) DecidedBy(who Caller) bool {
	return c.within(who) == nil && who.Scope().covers(c.Request.Grant.scope())
}

// DecideClient approves or refuses the request that the caller saw, as another person than who asked. See
// approval.Request for the faults. More communities than the decider's own are Forbidden.
func (s *Service) DecideClient(ctx context.Context, by Caller, id string, d approval.Decision) (*Client, error) {
	verb := audit.ClientRejected
	if d.Approve {
		verb = audit.ClientApproved
		seen, err := s.Client(ctx, by, id)
		if err != nil {
			return nil, err
		}
		if r := seen.Request; r != nil {
			if err := s.MayStillAsk(ctx, ClientMatter(), r.RequestedBy, by.Company, r.Grant.scope()); err != nil {
				return nil, err
			}
		}
	}
	now := s.now().UTC()
	return s.changeClient(ctx, by, id, verb, func(c *Client) error {
		if c.Request != nil && !by.Scope().covers(c.Request.Grant.scope()) {
			return beyond()
		}
		if err := c.Request.standing().Decide(ClientMatter(), d, c.Revision, by.Person(), now); err != nil {
			return err
		}
		if !d.Approve {
			return nil
		}
		if err := c.Request.Grant.check(now); err != nil {
			return err
		}
		c.grant(c.Request.Grant)
		return nil
	})
}

// WithdrawClient takes back what the caller asked for.
func (s *Service) WithdrawClient(ctx context.Context, by Caller, id, request string) (*Client, error) {
	return s.changeClient(ctx, by, id, audit.ClientWithdrawn, func(c *Client) error {
		return c.Request.standing().Withdraw(request, by.Person(), s.now().UTC())
	})
}

// RevokeClient ends a client for ever, at once and everywhere. One that is revoked already stays as it is.
func (s *Service) RevokeClient(ctx context.Context, by Caller, id string) (*Client, error) {
	c, err := s.Client(ctx, by, id)
	if err != nil || !c.RevokedAt.IsZero() {
		return c, err
	}
	c, err = s.changeClient(ctx, by, id, audit.ClientRevoked, func(c *Client) error {
		c.RevokedAt = s.now().UTC()
		c.Revision++
		if c.Request.standing().At(c.RevokedAt) == approval.Requested {
			c.Request = nil
		}
		return nil
	})
	return c, err
}
