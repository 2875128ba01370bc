package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/fault"
	"linlipay/store"
)

// clientRoutes are the routes of API clients (ERP, 财务软件, a mini-program) and their keys.
func (s *Server) clientRoutes() []route {
	readers, askers := staffWith(access.Finance, access.Operations), asks(access.ClientMatter())
	return []route{
		{id: "listApiClients", method: "GET", path: "/v1/api-clients", who: readers,
			summary:  "Programs that call the API, with their rights and keys, and what waits for another person",
			endpoint: listed(s, store.SortsBy("name", "created_at"), s.listClients)},
		{id: "createApiClient", method: "POST", path: "/v1/api-clients", who: askers,
			summary:  "Ask for an API client, which can have keys once another person approves",
			problems: []fault.Code{fault.NotFound, fault.WrongState}, endpoint: handle(s, 201, s.addClient)},
		{id: "getApiClient", method: "GET", path: "/v1/api-clients/:id", who: readers, summary: "An API client",
			endpoint: handle(s, 200, s.getClient)},
		{id: "updateApiClient", method: "PATCH", path: "/v1/api-clients/:id", who: askers,
			summary:  "Change an API client: less at once, more once another person approves",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.changeClient)},
		{id: "revokeApiClient", method: "DELETE", path: "/v1/api-clients/:id", who: askers,
			summary:  "Revoke an API client for ever: none of its keys counts any more, on any server",
			endpoint: handle(s, 204, s.revokeClient)},
		{id: "decideApiClient", method: "POST", path: "/v1/api-clients/:id/decision",
			who: decides(access.ClientMatter()), summary: "Approve or refuse what waits, as another person",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.decideClient)},
		{id: "withdrawApiClient", method: "POST", path: "/v1/api-clients/:id/withdrawal", who: askers,
			summary: "Take back what one asked for", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.withdrawClient)},
		{id: "createApiKey", method: "POST", path: "/v1/api-clients/:id/keys", who: askers,
			summary:  "Make a key, which is shown this once; the one before it counts until a chosen time (rotation)",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 201, s.makeKey)},
		{id: "endApiKey", method: "DELETE", path: "/v1/api-clients/:id/keys/:key", who: askers,
			summary: "End a key at once, on every server", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 204, s.endKey)},
	}
}

// apiKeyView is a key as people know it: its secret was shown once.
type apiKeyView struct {
	ID        string     `json:"id"`
	End       string     `json:"last4"` // its last four characters
	Good      bool       `json:"active"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	Until     *time.Time `json:"expires_at,omitempty"`   // it counts until then
	UsedAt    *time.Time `json:"last_used_at,omitempty"` // to the minute
}

// apiClientRequestView is what waits for another person, or was decided last: all that the client would be given.
type apiClientRequestView struct {
	requestView
	Rights      []access.Right `json:"rights"`
	Communities []string       `json:"communities"` // without regions, empty is all of the company
	Regions     []string       `json:"regions"`
	ClientUntil *time.Time     `json:"client_expires_at,omitempty"` // of the client; none is never
}

type apiClientView struct {
	ID          string                `json:"id"`
	Actor       string                `json:"actor"` // as in timelines
	Name        string                `json:"name"`
	State       access.ClientState    `json:"state"`
	Rights      []access.Right        `json:"rights"`      // none until a second person approves
	Communities []string              `json:"communities"` // without regions, empty is all of the company
	Regions     []string              `json:"regions"`
	PerMinute   int                   `json:"per_minute"` // calls, counted by each server for itself
	ExpiresAt   *time.Time            `json:"expires_at,omitempty"`
	CreatedAt   time.Time             `json:"created_at"`
	CreatedBy   string                `json:"created_by"`
	RevokedAt   *time.Time            `json:"revoked_at,omitempty"`
	Keys        []apiKeyView          `json:"keys"` // the newest first
	Request     *apiClientRequestView `json:"request,omitempty"`
}

func (s *Server) client(c *call, of *access.Client, many deciders) apiClientView {
	v := apiClientView{
		ID: of.ID, Actor: of.Actor(), Name: of.Name, State: of.State(s.Now()),
		Rights: append([]access.Right{}, of.Rights...), Communities: append([]string{}, of.Communities...),
		Regions:   append([]string{}, of.Regions...),
		PerMinute: of.PerMinute, ExpiresAt: given(of.ExpiresAt), CreatedAt: of.CreatedAt, CreatedBy: of.CreatedBy,
		RevokedAt: given(of.RevokedAt), Keys: []apiKeyView{},
	}
	for i := len(of.Keys) - 1; i >= 0; i-- {
		v.Keys = append(v.Keys, s.key(of, &of.Keys[i]))
	}
	if of.Request != nil {
		v.Request = s.clientRequest(c, of, many)
	}
	return v
}

// clientRequest shows what was asked for a client; of many, those may decide it whose communities are the client's too.
func (s *Server) clientRequest(c *call, of *access.Client, many deciders) *apiClientRequestView {
	r := of.Request.Request
	r.State = r.At(s.Now())
	grant := of.Request.Grant
	many = slices.DeleteFunc(slices.Clone(many), func(who access.Caller) bool { return !of.DecidedBy(who) })
	v := &apiClientRequestView{
		requestView: *c.request(r, many), Rights: grant.Rights, Communities: append([]string{}, grant.Communities...),
		Regions: append([]string{}, grant.Regions...), ClientUntil: given(grant.ExpiresAt),
	}
	if r.State == approval.Requested {
		v.Outdated = r.Base != of.Revision
		v.Differences = clientDifferences(of, grant)
	}
	return v
}

// clientDifferences are what a request changes of a client; its communities and regions are one thing, of which none is
// all of the company. For one that has nothing yet, and so nowhere, the request itself tells where.
func clientDifferences(of *access.Client, after access.Grant) []differenceView {
	before, list := of.Grant, []differenceView{}
	all := []differenceView{
		{Field: "rights", Before: joined(before.Rights), After: joined(after.Rights)},
		{Field: "expires_at", Before: instantText(before.ExpiresAt), After: instantText(after.ExpiresAt)},
	}
	if of.Admitted {
		where := func(g access.Grant) string { return joined(slices.Concat(g.Communities, g.Regions)) }
		all = append(all, differenceView{Field: "communities", Before: where(before), After: where(after)})
	}
	for _, d := range all {
		if d.Before != d.After {
			list = append(list, d)
		}
	}
	return list
}

// instantText is an instant in a difference; "" is none.
func instantText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.RFC3339)
}

// clientDeciders are the company's people who may decide over clients, wherever.
func (s *Server) clientDeciders(ctx context.Context, c *call) (deciders, error) {
	return s.decidersWhere(ctx, c, access.ClientMatter(), func(access.Caller) bool { return true })
}

func (s *Server) key(of *access.Client, k *access.ClientKey) apiKeyView {
	v := apiKeyView{
		ID: k.ID, End: k.End, Good: k.Good(s.Now()) && of.State(s.Now()) == access.ClientActive,
		CreatedAt: k.CreatedAt, CreatedBy: k.CreatedBy, Until: given(k.Until), UsedAt: given(k.UsedAt),
	}
	if !k.EndedAt.IsZero() {
		v.Until = &k.EndedAt
	}
	return v
}

type apiClientsQuery struct {
	Waiting string             `query:"waiting" json:"-"` // 1: those alone for which something waits
	State   access.ClientState `query:"state" json:"-"`   // "" is any
	pageQuery
}

func (s *Server) listClients(ctx context.Context, c *call, in apiClientsQuery) (list[apiClientView], error) {
	all, err := everything(func(cursor string, limit int) ([]access.Client, string, error) {
		return s.Access.Clients(ctx, c.Caller, in.Waiting != "", cursor, limit)
	})
	if err != nil {
		return list[apiClientView]{}, err
	}
	all = slices.DeleteFunc(all, func(of access.Client) bool {
		return in.State != "" && of.State(s.Now()) != in.State
	})
	name := inName()
	page, err := sortedPage(in.pageQuery, all, func(of *access.Client) string { return of.ID }, sortKeys[access.Client]{
		"name":       func(of *access.Client) string { return name(of.Name) },
		"created_at": func(of *access.Client) string { return inTime(of.CreatedAt) },
	})
	if err != nil {
		return list[apiClientView]{}, err
	}
	many, err := s.clientDeciders(ctx, c)
	if err != nil {
		return list[apiClientView]{}, err
	}
	return shown(page, func(of *access.Client) (apiClientView, error) { return s.client(c, of, many), nil })
}

// clientAnswer shows a client that something was done with.
func (s *Server) clientAnswer(ctx context.Context, c *call, of *access.Client, err error) (apiClientView, error) {
	if err != nil {
		return apiClientView{}, err
	}
	many, err := s.clientDeciders(ctx, c)
	return s.client(c, of, many), err
}

func (s *Server) getClient(ctx context.Context, c *call, in idInput) (apiClientView, error) {
	of, err := s.Access.Client(ctx, c.Caller, in.ID)
	return s.clientAnswer(ctx, c, of, err)
}

type newAPIClientInput struct {
	Name        string         `json:"name" most:"40"`
	Rights      []access.Right `json:"rights" most:"20"`
	Communities []string       `json:"communities,omitempty"` // without regions, empty is all of the company
	Regions     []string       `json:"regions,omitempty"`
	PerMinute   int            `json:"per_minute,omitempty" most:"6000"` // calls; 0 is 120
	ExpiresAt   *time.Time     `json:"expires_at,omitempty"`             // none is never
}

func (s *Server) addClient(ctx context.Context, c *call, in newAPIClientInput) (apiClientView, error) {
	where := access.Rights{Communities: in.Communities, Regions: in.Regions}
	if err := s.checkScope(ctx, c, where); err != nil {
		return apiClientView{}, err
	}
	g := access.Grant{Rights: in.Rights, Communities: in.Communities, Regions: in.Regions}
	if in.ExpiresAt != nil {
		g.ExpiresAt = *in.ExpiresAt
	}
	of, err := s.Access.AddClient(ctx, c.Caller, in.Name, in.PerMinute, g)
	return s.clientAnswer(ctx, c, of, err)
}

type apiClientInput struct {
	ID          string          `path:"id" json:"-"`
	Name        *string         `json:"name,omitempty" most:"40"`
	Rights      *[]access.Right `json:"rights,omitempty" most:"20"`
	Communities *[]string       `json:"communities,omitempty"` // without regions, empty is all of the company
	Regions     *[]string       `json:"regions,omitempty"`
	PerMinute   *int            `json:"per_minute,omitempty" least:"1" most:"6000"`
	// the zero time, 0001-01-01T00:00:00Z, is never
	ExpiresAt *time.Time `json:"expires_at,omitempty"`
}

func (s *Server) changeClient(ctx context.Context, c *call, in apiClientInput) (apiClientView, error) {
	if _, err := s.Access.Client(ctx, c.Caller, in.ID); err != nil {
		return apiClientView{}, err
	}
	var where access.Rights
	put(&where.Communities, in.Communities)
	put(&where.Regions, in.Regions)
	if err := s.checkScope(ctx, c, where); err != nil {
		return apiClientView{}, err
	}
	of, err := s.Access.ChangeClient(ctx, c.Caller, in.ID, access.ClientChange{Name: in.Name, PerMinute: in.PerMinute,
		Rights: in.Rights, Communities: in.Communities, Regions: in.Regions, ExpiresAt: in.ExpiresAt})
	return s.clientAnswer(ctx, c, of, err)
}

func (s *Server) revokeClient(ctx context.Context, c *call, in idInput) (none, error) {
	_, err := s.Access.RevokeClient(ctx, c.Caller, in.ID)
	return none{}, err
}

func (s *Server) decideClient(ctx context.Context, c *call, in decisionInput) (apiClientView, error) {
	of, err := s.Access.DecideClient(ctx, c.Caller, in.ID, in.decision())
	return s.clientAnswer(ctx, c, of, err)
}

func (s *Server) withdrawClient(ctx context.Context, c *call, in withdrawalInput) (apiClientView, error) {
	of, err := s.Access.WithdrawClient(ctx, c.Caller, in.ID, in.Request)
	return s.clientAnswer(ctx, c, of, err)
}

type newKeyInput struct {
	ID       string     `path:"id" json:"-"`
	OldUntil *time.Time `json:"previous_expires_at,omitempty"` // until when the key before counts, where there is one
}

// newKeyView is a client and its new key, which nobody is shown again.
type newKeyView struct {
	Client apiClientView `json:"client"`
	Key    string        `json:"key"`
}

func (s *Server) makeKey(ctx context.Context, c *call, in newKeyInput) (newKeyView, error) {
	var until time.Time
	if in.OldUntil != nil {
		until = *in.OldUntil
	}
	of, key, err := s.Access.MakeKey(ctx, c.Caller, in.ID, until)
	v, err := s.clientAnswer(ctx, c, of, err)
	return newKeyView{v, key}, err
}

type keyInput struct {
	ID  string `path:"id" json:"-"`
	Key string `path:"key" json:"-"`
}

func (s *Server) endKey(ctx context.Context, c *call, in keyInput) (none, error) {
	_, err := s.Access.EndKey(ctx, c.Caller, in.ID, in.Key)
	return none{}, err
}
