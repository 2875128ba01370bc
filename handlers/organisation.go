package handlers

import (
	"context"
	"slices"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/fault"
	"linlipay/property"
)

// organisationRoutes are the routes of legal entities and regions.
func (s *Server) organisationRoutes() []route {
	return []route{
		{id: "getOrganisation", method: "GET", path: "/v1/organisation",
			who:      staffWith(access.Finance, access.Operations),
			summary:  "The company's legal entities and regions, and what communities belong to them (组织)",
			endpoint: handle(s, 200, s.getOrganisation)},
		{id: "createEntity", method: "POST", path: "/v1/organisation/entities", who: asks(access.OrganisationMatter()),
			summary:  "Ask for a legal entity (法人, 分公司); another person approves",
			problems: []fault.Code{fault.NotFound, fault.WrongState, fault.AlreadyExists, fault.Stale},
			endpoint: handle(s, 201, s.askEntity)},
		{id: "updateEntity", method: "PUT", path: "/v1/organisation/entities/:id",
			who:      asks(access.OrganisationMatter()),
			summary:  "Ask for a change of a legal entity, or for its last day; another person approves",
			problems: []fault.Code{fault.WrongState, fault.AlreadyExists, fault.Stale},
			endpoint: handle(s, 200, s.askEntity)},
		{id: "createRegion", method: "POST", path: "/v1/organisation/regions", who: staffWith(access.Operations),
			summary: "Make a region (区域)", problems: []fault.Code{fault.AlreadyExists},
			endpoint: handle(s, 201, s.putRegion)},
		{id: "updateRegion", method: "PUT", path: "/v1/organisation/regions/:id", who: staffWith(access.Operations),
			summary: "Change a region's name or days", problems: []fault.Code{fault.Stale},
			endpoint: handle(s, 200, s.putRegion)},
		{id: "moveCommunities", method: "POST", path: "/v1/organisation/moves", who: asks(access.OrganisationMatter()),
			summary:  "Ask that communities belong to an entity or a region from a day on; another person approves",
			problems: []fault.Code{fault.NotFound, fault.WrongState, fault.Stale}, endpoint: handle(s, 200, s.askMove)},
		{id: "decideOrganisationChange", method: "POST", path: "/v1/organisation/decision",
			who: decides(access.OrganisationMatter()),
			summary: "Approve or refuse a change of the organisation, the settings or the table of authority, or a " +
				"deputy, as another person",
			problems: []fault.Code{fault.NotFound, fault.WrongState, fault.Stale},
			endpoint: handle(s, 200, s.decideOrganisation)},
		{id: "withdrawOrganisationChange", method: "POST", path: "/v1/organisation/withdrawal",
			who: decides(access.OrganisationMatter()), summary: "Take back one's own change",
			problems: []fault.Code{fault.NotFound, fault.WrongState}, endpoint: handle(s, 200, s.withdrawOrganisation)},
	}
}

// How a company is made up (组织): its legal entities, its regions, and which community belongs to which from when.

// bankAccountView is a legal entity's account at a bank; its number is shown to those of the whole company.
type bankAccountView struct {
	Bank   string `json:"bank"`
	Number string `json:"number"`
}

type entityView struct {
	ID        string            `json:"id"`
	Kind      access.EntityKind `json:"kind"`
	Name      string            `json:"name"`
	TaxNumber string            `json:"tax_number"` // 统一社会信用代码
	Seal      string            `json:"seal"`       // what the seal on its papers says; "" is its name
	Series    string            `json:"series"`     // what its receipt numbers begin with
	Books     string            `json:"books"`      // its set of books
	Accounts  []bankAccountView `json:"accounts"`
	From      access.Day        `json:"from"` // yyyy-MM-dd in Asia/Shanghai; "" is ever
	To        access.Day        `json:"to"`   // the last day; "" is open
	Revision  int64             `json:"revision"`
	First     bool              `json:"first"` // has the communities that nobody has placed, and cannot close
}

type regionView struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"`
	From     access.Day `json:"from"`
	To       access.Day `json:"to"`
	Revision int64      `json:"revision"`
}

// stayView is where a community belongs from a day on, until the next one begins.
type stayView struct {
	Of   string     `json:"id"` // "" is no region
	From access.Day `json:"from"`
}

type placeView struct {
	Community string     `json:"community"`
	Name      string     `json:"name"`
	Entity    string     `json:"entity"` // today
	Region    string     `json:"region"` // today; "" is none
	Entities  []stayView `json:"entities"`
	Regions   []stayView `json:"regions"`
	Revision  int64      `json:"revision"`
}

type organisationView struct {
	Entities []entityView             `json:"entities"`
	Regions  []regionView             `json:"regions"`
	Places   []placeView              `json:"places"` // the communities within the caller's reach
	Requests []organisationChangeView `json:"requests"`
}

// organisationChangeView is a request for one of Entity, Move, Settings, Authority and Deputy, as it would be.
type organisationChangeView struct {
	Entity    *entityView         `json:"entity,omitempty"`
	New       bool                `json:"new"` // an entity that is not there yet
	Move      *moveView           `json:"move,omitempty"`
	Settings  *settingsView       `json:"settings,omitempty"`
	Authority *authorityTableView `json:"authority,omitempty"`
	Deputy    *deputyNamingView   `json:"deputy,omitempty"`
	Request   *requestView        `json:"request"`
}

// authorityTableView is a table of authority as it would be.
type authorityTableView struct {
	Lines []authorityLineView `json:"lines"` // none: finance decides everything
}

// moveView says where communities would belong from a day on.
type moveView struct {
	Communities []string   `json:"communities"`
	Entity      string     `json:"entity"` // "" stays as it is
	Region      string     `json:"region"` // "" stays as it is
	NoRegion    bool       `json:"no_region"`
	From        access.Day `json:"from"`
}

// organisation is the caller's company's. It is founded where nobody has yet: a company may be younger than the start
// of this process.
func (s *Server) organisation(ctx context.Context, c *call) (*access.Organisation, error) {
	o, err := s.Access.Organisation(ctx, c.Company)
	if !fault.Is(err, fault.NotFound) {
		return o, err
	}
	company, err := s.Property.Company(ctx, c.Company)
	if err != nil {
		return nil, err
	}
	if err := s.Access.Found(ctx, c.Company, company.Name, s.Settings); err != nil {
		return nil, err
	}
	return s.Access.Organisation(ctx, c.Company)
}

func (s *Server) getOrganisation(ctx context.Context, c *call, _ none) (organisationView, error) {
	o, err := s.organisation(ctx, c)
	if err != nil {
		return organisationView{}, err
	}
	return s.organisationView(ctx, c, o)
}

// organisationView shows what of an organisation is within the caller's reach: bank accounts and what waits are for
// those of the whole company.
func (s *Server) organisationView(ctx context.Context, c *call, o *access.Organisation) (organisationView, error) {
	v := organisationView{Entities: []entityView{}, Regions: []regionView{}, Places: []placeView{},
		Requests: []organisationChangeView{}}
	for i, e := range o.Entities {
		shown := entityOf(e)
		shown.First = i == 0
		if !c.WholeCompany() {
			shown.Accounts = []bankAccountView{}
		}
		v.Entities = append(v.Entities, shown)
	}
	for _, r := range o.Regions {
		v.Regions = append(v.Regions, regionView{r.ID, r.Name, r.From, r.To, r.Revision})
	}
	communities, err := s.Property.Communities(ctx, scope(c))
	if err != nil {
		return v, err
	}
	today := access.DayOf(s.Now())
	for _, community := range communities {
		v.Places = append(v.Places, placeOf(o, community, today))
	}
	if c.WholeCompany() {
		v.Requests, err = s.organisationRequests(ctx, c, o)
	}
	return v, err
}

func entityOf(e access.LegalEntity) entityView {
	v := entityView{ID: e.ID, Kind: e.Kind, Name: e.Name, TaxNumber: e.TaxNumber, Seal: e.Seal, Series: e.Series,
		Books: e.Books, Accounts: []bankAccountView{}, From: e.From, To: e.To, Revision: e.Revision}
	for _, a := range e.Accounts {
		v.Accounts = append(v.Accounts, bankAccountView(a))
	}
	return v
}

func placeOf(o *access.Organisation, community property.Community, today access.Day) placeView {
	p := o.Place(community.ID)
	return placeView{
		Community: community.ID, Name: community.Name, Entity: o.EntityOn(community.ID, today),
		Region: p.RegionOn(today), Entities: staysOf(p.Entities), Regions: staysOf(p.Regions), Revision: p.Revision,
	}
}

func staysOf(stays []access.Stay) []stayView {
	views := []stayView{}
	for _, s := range stays {
		views = append(views, stayView(s))
	}
	return views
}

// organisationRequests are what waits, and of each thing what was decided last, the newest first.
func (s *Server) organisationRequests(ctx context.Context, c *call, o *access.Organisation) (
	[]organisationChangeView, error) {
	views := []organisationChangeView{}
	many, err := s.deciders(ctx, c, access.OrganisationMatter(), "")
	for i := range o.Requests {
		views = append(views, s.organisationChange(ctx, c, o, &o.Requests[i], many))
	}
	slices.Reverse(views)
	return views, err
}

func (s *Server) organisationChange(ctx context.Context, c *call, o *access.Organisation,
	r *access.OrganisationRequest, many deciders) organisationChangeView {
	shown := r.Request
	shown.State = r.At(s.Now())
	if r.Deputy != nil { // who would be the deputy does not decide it
		many = slices.DeleteFunc(slices.Clone(many), func(who access.Caller) bool {
			return who.Actor() == r.Deputy.Deputy
		})
	}
	v := organisationChangeView{Request: c.request(shown, many)}
	if shown.State == approval.Requested {
		v.Request.Outdated = r.Base != o.RevisionOf(r)
		v.Request.Differences = append(v.Request.Differences, s.organisationDifferences(ctx, c, o, r)...)
	}
	switch {
	case r.Entity != nil:
		e := entityOf(*r.Entity)
		v.Entity, v.New = &e, o.Entity(r.Entity.ID) == nil
	case r.Move != nil:
		m := r.Move
		v.Move = &moveView{m.Communities, m.Entity, m.Region, m.NoRegion, m.From}
	case r.Authority != nil:
		v.Authority = &authorityTableView{authorityLines(*r.Authority)}
	case r.Deputy != nil:
		v.Deputy = &deputyNamingView{r.Deputy.Person, r.Deputy.Deputy, r.Deputy.From, r.Deputy.To}
	default:
		v.Settings = settingsOf(*r.Settings)
	}
	return v
}

// waitingOrganisation are the changes of the organisation that wait for another person, for those of the whole company.
func (s *Server) waitingOrganisation(ctx context.Context, c *call) ([]organisationChangeView, error) {
	if !c.WholeCompany() {
		return nil, nil
	}
	o, err := s.organisation(ctx, c)
	if err != nil {
		return nil, err
	}
	views, err := s.organisationRequests(ctx, c, o)
	return slices.DeleteFunc(views, func(v organisationChangeView) bool {
		return v.Request.State != approval.Requested
	}), err
}

// asked is what goes with every change of the organisation that another person must approve.
func (a askedInput) asked() access.Asked {
	return access.Asked{Revision: a.Revision, Replaces: a.Replaces, Reason: a.Reason}
}

type entityInput struct {
	ID        string            `path:"id" json:"-"`
	Kind      access.EntityKind `json:"kind"`
	Name      string            `json:"name" most:"60"`
	TaxNumber string            `json:"tax_number" most:"18"`
	Seal      string            `json:"seal" most:"60"`
	Series    string            `json:"series" most:"6"`
	Books     string            `json:"books" most:"20"`
	Accounts  []bankAccountView `json:"accounts" most:"20"`
	From      access.Day        `json:"from"`
	To        access.Day        `json:"to"` // the last day: it closes then
	askedInput
}

// askEntity asks for a legal entity, or for a change of the one that the path names.
func (s *Server) askEntity(ctx context.Context, c *call, in entityInput) (organisationView, error) {
	e := access.LegalEntity{ID: in.ID, Kind: in.Kind, Name: in.Name, TaxNumber: in.TaxNumber, Seal: in.Seal,
		Series: in.Series, Books: in.Books, From: in.From, To: in.To}
	for _, a := range in.Accounts {
		e.Accounts = append(e.Accounts, access.BankAccount(a))
	}
	return s.changeOrganisation(ctx, c, func() (*access.Organisation, error) {
		return s.Access.AskEntity(ctx, c.Caller, e, in.asked())
	})
}

// changeOrganisation answers with the organisation after something was done with it.
func (s *Server) changeOrganisation(ctx context.Context, c *call, do func() (*access.Organisation, error)) (
	organisationView, error) {
	if _, err := s.organisation(ctx, c); err != nil {
		return organisationView{}, err
	}
	o, err := do()
	if err != nil {
		return organisationView{}, err
	}
	return s.organisationView(ctx, c, o)
}

type regionInput struct {
	ID   string     `path:"id" json:"-"`
	Name string     `json:"name" most:"60"`
	From access.Day `json:"from"`
	To   access.Day `json:"to"` // the last day: it closes then
	// as the answer that was looked at had it, 0 of what there is not yet; another since is 409
	Revision int64 `json:"revision" said:"always" least:"0"`
}

func (s *Server) putRegion(ctx context.Context, c *call, in regionInput) (organisationView, error) {
	r := access.Region{ID: in.ID, Name: in.Name, From: in.From, To: in.To, Revision: in.Revision}
	return s.changeOrganisation(ctx, c, func() (*access.Organisation, error) {
		return s.Access.PutRegion(ctx, c.Caller, r)
	})
}

type moveInput struct {
	Communities []string   `json:"communities"`
	Entity      string     `json:"entity,omitempty"`    // "" stays as it is
	Region      string     `json:"region,omitempty"`    // "" stays as it is
	NoRegion    bool       `json:"no_region,omitempty"` // into no region
	From        access.Day `json:"from"`
	askedInput             // its revision is the sum of the communities'
}

func (s *Server) askMove(ctx context.Context, c *call, in moveInput) (organisationView, error) {
	if err := s.checkCommunities(ctx, c, in.Communities); err != nil {
		return organisationView{}, err
	}
	m := access.Move{Communities: in.Communities, Entity: in.Entity, Region: in.Region, NoRegion: in.NoRegion,
		From: in.From}
	return s.changeOrganisation(ctx, c, func() (*access.Organisation, error) {
		return s.Access.AskMove(ctx, c.Caller, m, in.asked())
	})
}

// organisationDecision is about a change of the organisation or of the company's settings.
type organisationDecision struct {
	Request string `json:"request"` // the id of what was seen
	Approve bool   `json:"approve"`
	Note    string `json:"note,omitempty"` // required for a refusal
}

func (s *Server) decideOrganisation(ctx context.Context, c *call, in organisationDecision) (organisationView, error) {
	d := approval.Decision{Request: in.Request, Approve: in.Approve, Note: in.Note}
	return s.changeOrganisation(ctx, c, func() (*access.Organisation, error) {
		return s.Access.DecideOrganisation(ctx, c.Caller, d)
	})
}

type organisationWithdrawal struct {
	Request string `json:"request"`
}

func (s *Server) withdrawOrganisation(ctx context.Context, c *call, in organisationWithdrawal) (organisationView,
	error) {
	return s.changeOrganisation(ctx, c, func() (*access.Organisation, error) {
		return s.Access.WithdrawOrganisation(ctx, c.Caller, in.Request)
	})
}
