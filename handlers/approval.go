package handlers

import (
	"context"
	"slices"
	"strings"
	"time"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/payment/merchant"
)

// approvalRoutes are the routes of what waits for another person.
func (s *Server) approvalRoutes() []route {
	return []route{
		{method: "GET", path: "/v1/approvals", who: staffWith(access.Finance, access.Operations),
			summary:  "Changes of merchant accounts and routes that wait for another person (待审批)",
			endpoint: handle(s, 200, s.listApprovals)},
	}
}

// What one person asks and another decides (审批): changes of merchant accounts and of routes.

// askedInput is what goes with every change that another person must approve.
type askedInput struct {
	Revision int64  `json:"revision"` // as the answer that was looked at had it; another since is 409
	Replaces string `json:"replaces"` // the id of a request that this one takes the place of
	Reason   string `json:"reason"`   // for whoever decides; may be empty
}

func (a askedInput) asker(c *call) merchant.Asker {
	return merchant.Asker{By: c.Person(), Revision: a.Revision, Replaces: a.Replaces, Reason: a.Reason}
}

type decisionInput struct {
	ID      string `path:"id" json:"-"`
	Request string `json:"request"` // the id of what was seen
	Approve bool   `json:"approve"`
	Note    string `json:"note"` // required for a refusal
}

func (d decisionInput) decision() approval.Decision {
	return approval.Decision{Request: d.Request, Approve: d.Approve, Note: d.Note}
}

type withdrawalInput struct {
	ID      string `path:"id" json:"-"`
	Request string `json:"request"`
}

// differenceView is one thing that a request changes.
type differenceView struct {
	// name, communities, disabled, a setting's name, or a way as "alipay native"
	Field  string `json:"field"`
	Before string `json:"before,omitempty"` // none is nothing
	After  string `json:"after,omitempty"`
	Secret bool   `json:"secret"` // before and after are fingerprints, or say that something is there
}

// requestView is a request for a change. What it changes is told while it waits.
type requestView struct {
	ID    string         `json:"id"`
	State approval.State `json:"state"`
	// what it would change has changed since: it cannot be approved
	Outdated    bool             `json:"outdated"`
	Enables     bool             `json:"enables,omitempty"` // a disabled account is to take charges again
	By          string           `json:"by"`
	At          time.Time        `json:"at"`
	Reason      string           `json:"reason,omitempty"`
	ExpiresAt   *time.Time       `json:"expires_at,omitempty"`
	DecidedBy   string           `json:"decided_by,omitempty"`
	DecidedAt   *time.Time       `json:"decided_at,omitempty"`
	Note        string           `json:"note,omitempty"`
	Changed     []string         `json:"changed"`
	Differences []differenceView `json:"differences"`
	Keys        []accountKeyView `json:"keys"`
	Trouble     string           `json:"trouble,omitempty"` // why it could not be used
	Routes      []merchant.Route `json:"routes,omitempty"`  // as they would be

	Mine      bool `json:"mine"`       // the caller asked
	MayDecide bool `json:"may_decide"` // the caller may approve or refuse it
	// the other people who may, as in timelines; none: the company needs a second person
	Deciders []string `json:"deciders"`
}

// deciders are the people of a company who may decide a matter.
type deciders []access.Caller

// deciders finds who may decide a matter of a community; "" is one of the whole company.
func (s *Server) deciders(ctx context.Context, c *call, m approval.Matter, community string) (deciders, error) {
	all, err := s.Access.Everybody(ctx, c.Company)
	if err != nil {
		return nil, err
	}
	var many deciders
	for i := range all {
		who, err := s.Access.Reaching(ctx, &all[i])
		if err != nil {
			return nil, err
		}
		if !all[i].Disabled && who.Reaches(c.Company, community) && who.Person().Has(m.Decides) {
			many = append(many, who)
		}
	}
	return many, nil
}

// request shows a request.
func (c *call) request(r approval.Request, many deciders) *requestView {
	v := &requestView{
		ID: r.ID, State: r.State, By: r.RequestedBy, At: r.RequestedAt, Reason: r.Reason, ExpiresAt: given(r.ExpiresAt),
		DecidedBy: r.DecidedBy,
		DecidedAt: given(r.DecidedAt), Note: r.Note, Changed: []string{}, Differences: []differenceView{},
		Keys: []accountKeyView{}, Deciders: []string{},
		Mine: r.RequestedBy == c.Actor(),
	}
	if r.State != approval.Requested {
		return v
	}
	for _, who := range many {
		if who.Actor() != r.RequestedBy {
			v.Deciders = append(v.Deciders, who.Actor())
		}
	}
	v.MayDecide = slices.Contains(v.Deciders, c.Actor())
	return v
}

func (v *requestView) differ(differences []merchant.Difference) {
	for _, d := range differences {
		v.Differences = append(v.Differences, differenceView{Field: d.Field, Before: d.Before, After: d.After,
			Secret: d.Secret})
	}
}

func (c *call) accountRequest(r *merchant.AccountChange, many deciders) *requestView {
	if r == nil {
		return nil
	}
	v := c.request(r.Request, many)
	v.Outdated, v.Enables, v.Keys = r.Outdated, r.Enables, accountKeys(r.Keys)
	v.Changed = append(v.Changed, r.Changed...)
	v.differ(r.Differences)
	if r.Trouble != nil {
		v.Trouble = c.says(r.Trouble.ZH, r.Trouble.EN)
	}
	return v
}

func (c *call) routesRequest(r *merchant.RoutesChange, many deciders) *requestView {
	if r == nil {
		return nil
	}
	v := c.request(r.Request, many)
	v.Outdated, v.Routes = r.Outdated, r.Ways
	v.differ(r.Differences)
	return v
}

// approvalView is one thing that waits for a decision.
type approvalView struct {
	Kind    string       `json:"kind"`              // organisation, account or routes
	Account *accountView `json:"account,omitempty"` // kind account
	Routes  *routesView  `json:"routes,omitempty"`  // kind routes

	Organisation *organisationChangeView `json:"organisation,omitempty"` // kind organisation
}

// listApprovals lists what waits for a decision within the caller's reach: the organisation, accounts, then routes.
func (s *Server) listApprovals(ctx context.Context, c *call, in pageQuery) (list[approvalView], error) {
	kind, cursor, _ := strings.Cut(in.Cursor, ":")
	out := list[approvalView]{Items: []approvalView{}}
	if in.Cursor == "" {
		views, err := s.waitingOrganisation(ctx, c)
		if err != nil {
			return out, err
		}
		for i := range views {
			out.Items = append(out.Items, approvalView{Kind: "organisation", Organisation: &views[i]})
		}
	}
	if kind != "routes" && c.wholeCompany() == nil {
		infos, next, err := s.Payments.Merchants().WaitingAccounts(ctx, c.Company, cursor, min(in.Limit, pageMost))
		if err != nil {
			return out, err
		}
		many, err := s.deciders(ctx, c, merchant.AccountMatter(), "")
		if err != nil {
			return out, err
		}
		for _, a := range infos {
			v := c.account(a, many)
			out.Items = append(out.Items, approvalView{Kind: "account", Account: &v})
		}
		if out.Next = "account:" + next; next != "" {
			return out, nil
		}
		out.Next, cursor = "", ""
	}
	routes, next, err := s.Payments.Merchants().WaitingRoutes(ctx, c.Company, cursor, min(in.Limit, pageMost))
	if err != nil {
		return out, err
	}
	for i := range routes {
		if s.withinReach(ctx, c, routes[i].Community) != nil {
			continue // another's to decide
		}
		v, err := s.routesView(ctx, c, &routes[i])
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, approvalView{Kind: "routes", Routes: &v})
	}
	if next != "" {
		out.Next = "routes:" + next
	}
	return out, nil
}
