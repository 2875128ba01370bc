package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/payment/merchant"
	"linlipay/store"
	"linlipay/webhook"
)

// approvalRoutes are the routes of what waits for another person.
func (s *Server) approvalRoutes() []route {
	return []route{
		{id: "listApprovals", method: "GET", path: "/v1/approvals", who: staffWith(access.Finance, access.Operations),
			summary: "Changes of the organisation, settings, authority, merchant accounts, routes, webhook " +
				"endpoints, API clients and staff, corrections of bills, payouts and locks of open balances, " +
				"that wait for another person (待审批)",
			endpoint: listed(s, store.SortsBy("requested_at"), s.listApprovals)},
	}
}

// What one person asks and another decides (审批).

// askedInput is what goes with every change that another person must approve.
type askedInput struct {
	// as the answer that was looked at had it, 0 of what there is not yet; another since is 409
	Revision int64  `json:"revision" said:"always" least:"0"`
	Replaces string `json:"replaces,omitempty"` // the id of a request that this one takes the place of
	Reason   string `json:"reason,omitempty"`   // for whoever decides; may be empty
}

func (a askedInput) asker(c *call) merchant.Asker {
	return merchant.Asker{By: c.Person(), Revision: a.Revision, Replaces: a.Replaces, Reason: a.Reason}
}

type decisionInput struct {
	ID      string `path:"id" json:"-"`
	Request string `json:"request"` // the id of what was seen
	Approve bool   `json:"approve"`
	Note    string `json:"note,omitempty"` // required for a refusal
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
	// name, communities (of an API client and of staff regions too; none are all), rights, roles, disabled, password, a
	// setting's name, or a way as "alipay native"
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
	By          string           `json:"requested_by"`
	At          time.Time        `json:"requested_at"`
	Reason      string           `json:"reason,omitempty"`
	ExpiresAt   *time.Time       `json:"expires_at,omitempty"`
	DecidedBy   string           `json:"decided_by,omitempty"`
	DecidedAt   *time.Time       `json:"decided_at,omitempty"`
	Note        string           `json:"note,omitempty"`
	Changed     []string         `json:"changed"`
	Differences []differenceView `json:"differences"`
	Keys        []accountKeyView `json:"keys"`
	Trouble     string           `json:"error,omitempty"`  // why it could not be used
	Routes      []merchant.Route `json:"routes,omitempty"` // as they would be

	DecidedFor string `json:"decided_for,omitempty"` // 代理: whose deputy decided_by was

	Mine       bool   `json:"mine"`                  // the caller asked
	MayDecide  bool   `json:"may_decide"`            // the caller may approve or refuse it
	DecidesFor string `json:"decides_for,omitempty"` // 代理: whose deputy they would be in that
	// the other people who may, as in timelines; none: the company needs a second person
	Deciders []string `json:"deciders"`
}

// mayStillAsk is the WrongState fault of approving what somebody asked for who could not ask for it any more; "" is a
// thing of the whole company.
func (s *Server) mayStillAsk(ctx context.Context, c *call, m approval.Matter, by approval.Signatures,
	community string) error {
	return s.Access.MayStillAsk(ctx, m, by.RequestedBy, c.Company, access.ScopeOf(community))
}

// deciders are the people of a company who may decide a matter.
type deciders []access.Caller

// deciders finds who may decide a matter of a community; "" is one of the whole company.
func (s *Server) deciders(ctx context.Context, c *call, m approval.Matter, community string) (deciders, error) {
	return s.decidersWhere(ctx, c, m, func(who access.Caller) bool { return who.Reaches(c.Company, community) })
}

// decidersWhere finds who may decide a matter by their roles, of those within a place.
func (s *Server) decidersWhere(ctx context.Context, c *call, m approval.Matter, there func(access.Caller) bool) (
	deciders, error) {
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
		if !all[i].Disabled && there(who) && who.Person().Has(m.Decides) {
			many = append(many, who)
		}
	}
	return many, nil
}

// request shows a request.
func (c *call) request(r approval.Request, many deciders) *requestView {
	v := &requestView{
		ID: r.ID, State: r.State, By: r.RequestedBy, At: r.RequestedAt, Reason: r.Reason, ExpiresAt: given(r.ExpiresAt),
		DecidedBy: r.DecidedBy, DecidedFor: r.DecidedFor,
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

// ApprovalKind is what a request is about.
type ApprovalKind string

// The kinds.
const (
	OrganisationApproval ApprovalKind = "organisation"
	AccountApproval      ApprovalKind = "account" // a merchant account
	RoutesApproval       ApprovalKind = "routes"
	EndpointApproval     ApprovalKind = "endpoint" // a webhook endpoint
	ClientApproval       ApprovalKind = "client"   // an API client
	MemberApproval       ApprovalKind = "member"   // a member of staff
	CorrectionApproval   ApprovalKind = "correction"
	CutOverApproval      ApprovalKind = "cutover" // the lock of an open balance
	PayoutApproval       ApprovalKind = "payout"  // of a prepayment or a deposit
)

var approvalKinds = []ApprovalKind{OrganisationApproval, AccountApproval, RoutesApproval, EndpointApproval,
	ClientApproval, MemberApproval, CorrectionApproval, CutOverApproval, PayoutApproval}

// approvalView is one thing that waits for a decision.
type approvalView struct {
	Kind     ApprovalKind   `json:"kind"`
	Account  *accountView   `json:"account,omitempty"`  // kind account
	Routes   *routesView    `json:"routes,omitempty"`   // kind routes
	Endpoint *endpointView  `json:"endpoint,omitempty"` // kind endpoint
	Client   *apiClientView `json:"client,omitempty"`   // kind client
	Member   *memberView    `json:"member,omitempty"`   // kind member

	Organisation *organisationChangeView `json:"organisation,omitempty"` // kind organisation
	Bill         *billRecordView         `json:"bill,omitempty"`         // kind correction
	CutOver      *cutOverView            `json:"cutover,omitempty"`      // kind cutover
	Payout       *payoutView             `json:"payout,omitempty"`       // kind payout
}

// request is what waits.
func (v *approvalView) request() *requestView {
	switch v.Kind {
	case OrganisationApproval:
		return v.Organisation.Request
	case AccountApproval:
		return v.Account.Request
	case EndpointApproval:
		return v.Endpoint.Request
	case ClientApproval:
		return &v.Client.Request.requestView
	case MemberApproval:
		return &v.Member.Request.requestView
	case CorrectionApproval:
		return v.Bill.waits()
	case CutOverApproval:
		return v.CutOver.Request
	case PayoutApproval:
		return &v.Payout.requestView
	}
	return v.Routes.Request
}

type approvalsQuery struct {
	Kind ApprovalKind `query:"kind" json:"-"` // "" is any
	pageQuery
}

// listApprovals lists what waits for a decision within the caller's reach.
func (s *Server) listApprovals(ctx context.Context, c *call, in approvalsQuery) (list[approvalView], error) {
	var all []approvalView
	for kind, waiting := range map[ApprovalKind]func(context.Context, *call) ([]approvalView, error){
		OrganisationApproval: s.organisationApprovals, AccountApproval: s.accountApprovals,
		RoutesApproval: s.routeApprovals, EndpointApproval: s.endpointApprovals,
		ClientApproval: s.clientApprovals, MemberApproval: s.memberApprovals,
		CorrectionApproval: s.correctionApprovals, CutOverApproval: s.cutOverApprovals,
		PayoutApproval: s.payoutApprovals,
	} {
		if in.Kind != "" && in.Kind != kind {
			continue
		}
		some, err := waiting(ctx, c)
		if err != nil {
			return list[approvalView]{}, err
		}
		all = append(all, some...)
	}
	return sortedPage(in.pageQuery, all, func(v *approvalView) string { return v.request().ID },
		sortKeys[approvalView]{"requested_at": func(v *approvalView) string { return inTime(v.request().At) }})
}

func (s *Server) organisationApprovals(ctx context.Context, c *call) (all []approvalView, err error) {
	views, err := s.waitingOrganisation(ctx, c)
	for i := range views {
		all = append(all, approvalView{Kind: OrganisationApproval, Organisation: &views[i]})
	}
	return all, err
}

func (s *Server) accountApprovals(ctx context.Context, c *call) (all []approvalView, err error) {
	if c.wholeCompany() != nil {
		return nil, nil // another's to decide
	}
	many, err := s.deciders(ctx, c, merchant.AccountMatter(), "")
	if err != nil {
		return nil, err
	}
	infos, err := everything(func(cursor string, limit int) ([]merchant.AccountInfo, string, error) {
		return s.Payments.Merchants().WaitingAccounts(ctx, c.Company, cursor, limit)
	})
	for _, a := range infos {
		v := c.account(a, many)
		all = append(all, approvalView{Kind: AccountApproval, Account: &v})
	}
	return all, err
}

func (s *Server) routeApprovals(ctx context.Context, c *call) (all []approvalView, err error) {
	routes, err := everything(func(cursor string, limit int) ([]merchant.Routes, string, error) {
		return s.Payments.Merchants().WaitingRoutes(ctx, c.Company, cursor, limit)
	})
	if err != nil {
		return nil, err
	}
	for i := range routes {
		if s.withinReach(ctx, c, routes[i].Community) != nil {
			continue // another's to decide
		}
		v, err := s.routesView(ctx, c, &routes[i])
		if err != nil {
			return nil, err
		}
		all = append(all, approvalView{Kind: RoutesApproval, Routes: &v})
	}
	return all, nil
}

func (s *Server) endpointApprovals(ctx context.Context, c *call) (all []approvalView, err error) {
	if !c.WholeCompany() {
		return nil, nil // another's to decide
	}
	many, err := s.deciders(ctx, c, webhook.EndpointMatter(), "")
	if err != nil {
		return nil, err
	}
	endpoints, err := s.Webhooks.Endpoints(ctx, c.Company)
	for i := range endpoints {
		if endpoints[i].Waits(s.Now()) {
			v := s.endpointView(c, &endpoints[i], many)
			all = append(all, approvalView{Kind: EndpointApproval, Endpoint: &v})
		}
	}
	return all, err
}

func (s *Server) clientApprovals(ctx context.Context, c *call) (all []approvalView, err error) {
	many, err := s.clientDeciders(ctx, c)
	if err != nil {
		return nil, err
	}
	clients, err := everything(func(cursor string, limit int) ([]access.Client, string, error) {
		return s.Access.Clients(ctx, c.Caller, true, cursor, limit)
	})
	for i := range clients {
		if v := s.client(c, &clients[i], many); v.Request.State == approval.Requested {
			all = append(all, approvalView{Kind: ClientApproval, Client: &v})
		}
	}
	return all, err
}

func (s *Server) memberApprovals(ctx context.Context, c *call) (all []approvalView, err error) {
	many, err := s.memberDeciders(ctx, c)
	if err != nil {
		return nil, err
	}
	members, err := everything(func(cursor string, limit int) ([]access.Staff, string, error) {
		return s.Access.Members(ctx, c.Caller, true, cursor, limit)
	})
	for i := range members {
		if v := s.member(c, &members[i], many); v.Request.State == approval.Requested {
			all = append(all, approvalView{Kind: MemberApproval, Member: &v})
		}
	}
	return all, err
}
