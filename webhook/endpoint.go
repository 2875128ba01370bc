package webhook

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/host"
	"linlipay/store"
)

// EndpointState says whether an endpoint is sent to.
type EndpointState string

// The states of an endpoint.
const (
	Proposed EndpointState = "proposed" // 待审批: nobody has approved it, and nothing is sent to it
	Enabled  EndpointState = "enabled"
	Disabled EndpointState = "disabled" // 已停用, by a person; what happens meanwhile can be replayed
	Failing  EndpointState = "failing"  // 已自动停用: it took nothing for three days; a person switches it on again
	Removed  EndpointState = "removed"  // 已删除: it stands in no list, and has no secret any more
)

// EndpointChange is what a person asks of an endpoint.
type EndpointChange struct {
	URL         string      `json:"url"`
	Note        string      `json:"note,omitempty"`        // which system it is, in the company's words
	Types       []EventType `json:"types,omitempty"`       // none is all
	Communities []string    `json:"communities,omitempty"` // none is all of the company
}

// Endpoint is an address of a company's own system.
type Endpoint struct {
	ID             string `json:"id"`
	Version        int64  `json:"-"`
	Company        string `json:"company"`
	EndpointChange        // what is in force; nothing before it was approved
	Revision       int64  `json:"revision"` // of what is in force
	// what waits for another person, or the last that did
	Request   *EndpointRequest `json:"request,omitempty"`
	State     EndpointState    `json:"state"`
	CreatedAt time.Time        `json:"created_at"`
	Tests     int64            `json:"tests,omitempty"` // test events so far
	// since when nothing that was sent has been taken; zero while it works
	FailingSince time.Time `json:"failing_since,omitzero"`
	Secret       string    `json:"secret"` // sealed, as the next
	// the secret before it signs too, until then
	OldSecret string    `json:"old_secret,omitempty"`
	OldUntil  time.Time `json:"old_until,omitzero"`

	OwesAudit audit.Owed `json:"owes_audit,omitempty"`
}

var endpoints = store.Kind[Endpoint]{
	Schema: audit.Declare(store.Schema{
		Name:     "webhook_endpoints",
		Fields:   []store.Field{{Name: "company", Type: store.String}},
		Indexes:  []store.Index{{Name: byCompany, Fields: []string{"company"}}},
		Personal: []string{"note", "request.reason", "request.note", "request.change.note"},
		Secrets: []store.Secret{
			{Path: "secret", Context: "webhook-secret/{id}"}, {Path: "old_secret", Context: "webhook-secret/{id}"},
		},
	}),
	ID:      func(e *Endpoint) string { return e.ID },
	Version: func(e *Endpoint) *int64 { return &e.Version },
	Keys: func(e *Endpoint) store.Keys {
		if e.State == Removed {
			return e.OwesAudit.Key(nil)
		}
		return e.OwesAudit.Key(store.Keys{"company": {e.Company}})
	},
}

// covers reports whether an event is of what the endpoint asked for, wants also whether it is sent to now.
func (e *Endpoint) covers(of *Event) bool {
	return e.Company == of.Company && e.State != Proposed && of.Type != EndpointTest &&
		(len(e.Types) == 0 || slices.Contains(e.Types, of.Type)) &&
		(len(e.Communities) == 0 || slices.Contains(e.Communities, of.Community))
}

func (e *Endpoint) wants(of *Event) bool { return e.State == Enabled && e.covers(of) }

// keys are the signing keys that count at a moment, the newest first.
func (s *Service) keys(e *Endpoint, at time.Time) ([][]byte, error) {
	sealed := []string{e.Secret}
	if at.Before(e.OldUntil) {
		sealed = append(sealed, e.OldSecret)
	}
	keys := make([][]byte, len(sealed))
	for i, text := range sealed {
		var err error
		if keys[i], err = s.cfg.Box.Open(text, secretContext(e.ID)); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

func secretContext(endpoint string) string { return "webhook-secret/" + endpoint }

// reach is from where an endpoint's host may be: an Invalid fault names what is wrong with its address.
func (s *Service) reach(address string) (host.Reach, error) {
	u, place, err := host.ParseAddress(address)
	if err != nil {
		return 0, badAddress("网址不正确：须如 https://erp.example.com/hooks，不带用户名、参数或锚点。",
			"The address is not valid: "+err.Error()+".")
	}
	switch {
	case place == host.Public && u.Scheme == "https":
		return host.OnlyPublic, nil
	case place != host.Nowhere && slices.Contains(s.cfg.PrivateHosts, strings.ToLower(u.Host)):
		return host.Anywhere, nil
	case place == host.Loopback && s.cfg.Loopback:
		return host.PublicOrLoopback, nil
	case place == host.Public:
		return 0, badAddress("公网地址须使用 https。", "A public address must be https.")
	}
	return 0, badAddress("内网地址须先由系统管理员写入服务器配置 LINLIPAY_WEBHOOK_HOSTS。",
		"Whoever runs the server must name a host of a private network in LINLIPAY_WEBHOOK_HOSTS first.")
}

func badAddress(zh, en string) error { return fault.New(fault.Invalid, zh, en).With("field", "url") }

// noteMost is the longest note, in characters.
const noteMost = 200

func (s *Service) check(c EndpointChange) error {
	if _, err := s.reach(c.URL); err != nil {
		return err
	}
	for _, t := range c.Types {
		if !slices.Contains(EventTypes(), t) || t == EndpointTest { // a test comes whatever was chosen
			return fault.New(fault.Invalid, "没有这种事件："+string(t), "There is no such event: "+string(t)+".").
				With("field", "types")
		}
	}
	if utf8.RuneCountInString(c.Note) > noteMost {
		return fault.New(fault.Invalid, "备注过长。", "The note is too long.").With("field", "note")
	}
	return nil
}

// owe adds to what an endpoint owes to the audit log: what it was, and what it became.
func (e *Endpoint) owe(ctx context.Context, now time.Time, verb audit.Verb, before audit.State) {
	e.OwesAudit.Owe(ctx, e.ID, e.Version, audit.Event{
		At: now, Verb: verb, Object: "endpoint:" + e.ID, Company: e.Company, Communities: e.Communities,
		Before: before, After: e.audited(),
	})
}

// audited is what the audit log keeps of an endpoint.
func (e *Endpoint) audited() audit.State {
	state := e.EndpointChange.audited()
	state["state"] = string(e.State)
	e.Request.asked(state)
	return state
}

// audited is what the audit log keeps of what an endpoint is: the host that events go to, and which. A path may hold a
// secret, and stays out.
func (c EndpointChange) audited() audit.State {
	u, _, err := host.ParseAddress(c.URL)
	if err != nil { // nothing was approved yet: what is entered is looked at
		return audit.State{}
	}
	return audit.State{"host": u.Host, "types": typesText(c.Types)}
}

// Endpoints are a company's.
func (s *Service) Endpoints(ctx context.Context, company string) ([]Endpoint, error) {
	list := []Endpoint{}
	q := store.Query{Index: byCompany, Equal: []any{company}, Limit: store.MaxLimit}
	err := s.endpoints.All(ctx, q, func(e Endpoint) error {
		list = append(list, e)
		return nil
	})
	return list, err
}

// Endpoint is one of a company's, or a NotFound fault.
func (s *Service) Endpoint(ctx context.Context, company, id string) (*Endpoint, error) {
	e, err := s.endpoints.Get(ctx, id)
	if err == nil && (e.Company != company || e.State == Removed) {
		return nil, fault.New(fault.NotFound, "没有这个回调地址。", "There is no such endpoint.")
	}
	return e, err
}

// change alters an endpoint of a company and owes the audit log why.
func (s *Service) change(ctx context.Context, company, id string, verb audit.Verb, change func(*Endpoint) error) (
	*Endpoint, error) {
	if _, err := s.Endpoint(ctx, company, id); err != nil {
		return nil, err
	}
	return s.endpoints.Update(ctx, id, func(e *Endpoint) error {
		before := e.audited()
		if err := change(e); err != nil {
			return err
		}
		e.owe(ctx, s.now(), verb, before)
		return nil
	})
}

// EnableEndpoint sends to an endpoint again, what was owed to it before first. One that nobody has approved is
// WrongState.
func (s *Service) EnableEndpoint(ctx context.Context, company, id string) (*Endpoint, error) {
	e, err := s.change(ctx, company, id, audit.EndpointEnabled, func(e *Endpoint) error {
		switch e.State {
		case Enabled:
			return store.ErrUnchanged
		case Proposed:
			return notApproved()
		}
		e.State, e.FailingSince = Enabled, time.Time{}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return e, s.wake(ctx, id)
}

// DisableEndpoint stops sending to an endpoint. What is owed to it stays owed. One that nobody has approved is
// WrongState.
func (s *Service) DisableEndpoint(ctx context.Context, company, id string) (*Endpoint, error) {
	return s.change(ctx, company, id, audit.EndpointDisabled, func(e *Endpoint) error {
		switch e.State {
		case Disabled:
			return store.ErrUnchanged
		case Proposed:
			return notApproved()
		}
		e.State = Disabled
		return nil
	})
}

// bothFor is how long the secret before the newest signs too.
const bothFor = 24 * time.Hour

// RotateSecret gives an endpoint a new secret, returned this once. For a day messages are signed under both.
func (s *Service) RotateSecret(ctx context.Context, company, id string) (secret string, err error) {
	key := newSecret()
	_, err = s.change(ctx, company, id, audit.EndpointRotated, func(e *Endpoint) error {
		e.OldSecret, e.OldUntil = e.Secret, s.now().Add(bothFor) // one older still ends now
		e.Secret = s.cfg.Box.Seal(key, secretContext(e.ID))
		return nil
	})
	return secretText(key), err
}

func notApproved() error {
	return fault.New(fault.WrongState, "该回调地址尚未审批通过。", "Nobody has approved that endpoint yet.")
}

// RemoveEndpoint ends an endpoint for good. What was owed to it is given up.
func (s *Service) RemoveEndpoint(ctx context.Context, company, id string) error {
	_, err := s.change(ctx, company, id, audit.EndpointRemoved, func(e *Endpoint) error {
		e.State, e.Request, e.Secret, e.OldSecret = Removed, nil, "", ""
		return nil
	})
	return err
}
