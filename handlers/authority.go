package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/store"
)

// authorityRoutes are the routes of who decides refunds and corrections, and of deputies.
func (s *Server) authorityRoutes() []route {
	const deputies = "/v1/authority/deputies"
	return []route{
		{id: "getAuthority", method: "GET", path: "/v1/authority", who: decidesByAuthority,
			summary:  "Who decides refunds and corrections of bills, by role, amount and community (授权表)",
			endpoint: handle(s, 200, s.getAuthority)},
		{id: "updateAuthority", method: "PUT", path: "/v1/authority", who: asks(access.OrganisationMatter()),
			summary:  "Ask for another table of authority; another person approves",
			problems: []fault.Code{fault.NotFound, fault.WrongState, fault.Stale},
			endpoint: handle(s, 200, s.askAuthority)},
		{id: "listDeputies", method: "GET", path: deputies, who: decidesByAuthority,
			summary:  "Who decides in whose place, and from which day to which (代理); those that ended too",
			endpoint: listed(s, store.SortsBy("from"), s.listDeputies)},
		{id: "createDeputy", method: "POST", path: deputies, who: decidesByAuthority,
			summary: "Name a deputy for oneself, or for a colleague; where the deputy gets something to decide by it " +
				"that is no role's of theirs, or it is for a colleague, another person approves",
			problems: []fault.Code{fault.NotFound, fault.WrongState, fault.TooMany},
			endpoint: handle(s, 201, s.nameDeputy)},
		{id: "endDeputy", method: "POST", path: deputies + "/:id/termination", who: decidesByAuthority,
			summary: "End a deputy before the last day", problems: []fault.Code{fault.WrongState},
			endpoint: handle(s, 200, s.endDeputy)},
	}
}

// decidesByAuthority are the staff whom a table of authority may let decide.
var decidesByAuthority = staffWith(access.DecidingRoles()...)

// authorityLineView lets a role decide a matter.
type authorityLineView struct {
	Matter access.AuthorityMatter `json:"matter"`
	Role   access.Role            `json:"role"` // finance or operations
	// fen, this much too; none is any amount
	UpTo        *money.Fen `json:"up_to,omitempty" least:"1" most:"10000000000"`
	Communities []string   `json:"communities" most:"200"` // none are all
}

// authorityView is a company's table, and what waits for another person of it.
type authorityView struct {
	// who may decide; one line that covers it is enough. None: finance decides everything
	Lines    []authorityLineView `json:"lines"`
	Revision int64               `json:"revision"`
	// the change of the table that waits for another person, or the last that did; for those of the whole company
	Change *organisationChangeView `json:"change,omitempty"`
	// the deputies that wait for another person; for those of the whole company, and for whoever asked
	Deputies []organisationChangeView `json:"deputy_requests"`
}

func authorityLines(t access.AuthorityTable) []authorityLineView {
	views := []authorityLineView{}
	for _, l := range t.Lines {
		v := authorityLineView{Matter: l.Matter, Role: l.Role, Communities: append([]string{}, l.Communities...)}
		if l.UpTo > 0 {
			v.UpTo = &l.UpTo
		}
		views = append(views, v)
	}
	return views
}

func (s *Server) getAuthority(ctx context.Context, c *call, _ none) (authorityView, error) {
	o, err := s.organisation(ctx, c)
	if err != nil {
		return authorityView{}, err
	}
	return s.authorityView(ctx, c, o)
}

func (s *Server) authorityView(ctx context.Context, c *call, o *access.Organisation) (authorityView, error) {
	v := authorityView{Lines: authorityLines(o.Authority), Revision: o.Authority.Revision,
		Deputies: []organisationChangeView{}}
	views, err := s.organisationRequests(ctx, c, o)
	for i := range views {
		seen := c.WholeCompany() || views[i].Request.Mine
		switch {
		case views[i].Authority != nil && seen && v.Change == nil:
			v.Change = &views[i]
		case views[i].Deputy != nil && seen && views[i].Request.State != approval.Approved:
			v.Deputies = append(v.Deputies, views[i])
		}
	}
	return v, err
}

type authorityInput struct {
	Lines []authorityLineView `json:"lines" most:"100"` // the whole table; none: finance decides everything
	askedInput
}

func (s *Server) askAuthority(ctx context.Context, c *call, in authorityInput) (authorityView, error) {
	if _, err := s.organisation(ctx, c); err != nil {
		return authorityView{}, err
	}
	var lines []access.AuthorityLine
	for _, l := range in.Lines {
		line := access.AuthorityLine{Matter: l.Matter, Role: l.Role, Communities: l.Communities}
		if l.UpTo != nil && *l.UpTo <= 0 {
			return authorityView{}, fault.New(fault.Invalid, "限额须大于 0；不填为不限金额。",
				"A limit is more than 0; leave it out for any amount.").With("field", "up_to")
		}
		if l.UpTo != nil {
			line.UpTo = *l.UpTo
		}
		if err := s.checkCommunities(ctx, c, l.Communities); err != nil {
			return authorityView{}, err
		}
		lines = append(lines, line)
	}
	o, err := s.Access.AskAuthority(ctx, c.Caller, lines, in.asked())
	if err != nil {
		return authorityView{}, err
	}
	return s.authorityView(ctx, c, o)
}

// deputyNamingView is who is to decide in whose place.
type deputyNamingView struct {
	Person string     `json:"person"` // whose authority it is, as in timelines
	Deputy string     `json:"deputy"` // who decides in their place
	From   access.Day `json:"from"`   // the first day, yyyy-MM-dd in Asia/Shanghai
	To     access.Day `json:"to"`     // the last day
}

// deputyView is who decides, or decided, in a person's place.
type deputyView struct {
	ID string `json:"id"`
	deputyNamingView
	State   access.DeputyState `json:"state"`
	NamedBy string             `json:"named_by"`
	NamedAt time.Time          `json:"named_at"`
	EndedBy string             `json:"ended_by,omitempty"` // who ended it before its last day
	EndedAt *time.Time         `json:"ended_at,omitempty"`
	MayEnd  bool               `json:"may_end"` // the caller may end it
}

func (s *Server) deputyView(c *call, d access.Deputy) deputyView {
	state := d.State(access.DayOf(s.Now()))
	return deputyView{d.ID, deputyNamingView{d.Person, d.Deputy, d.From, d.To}, state, d.NamedBy, d.NamedAt, d.EndedBy,
		given(d.EndedAt), d.MayEnd(c.Caller) && (state == access.DeputyPlanned || state == access.DeputyActive)}
}

type deputiesQuery struct {
	State access.DeputyState `query:"state" json:"-"` // "" is any
	pageQuery
}

func (s *Server) listDeputies(ctx context.Context, c *call, in deputiesQuery) (list[deputyView], error) {
	o, err := s.organisation(ctx, c)
	if err != nil {
		return list[deputyView]{}, err
	}
	var all []deputyView
	for _, d := range o.Deputies {
		if v := s.deputyView(c, d); in.State == "" || v.State == in.State {
			all = append(all, v)
		}
	}
	return sortedPage(in.pageQuery, all, func(v *deputyView) string { return v.ID },
		sortKeys[deputyView]{"from": func(v *deputyView) string { return string(v.From) }})
}

type deputyInput struct {
	Person string     `json:"person,omitempty"` // whose authority it is, as in timelines; none is the caller
	Deputy string     `json:"deputy"`           // who decides in their place, as in timelines
	From   access.Day `json:"from"`             // the first day
	To     access.Day `json:"to"`               // the last day
	Reason string     `json:"reason,omitempty"` // for whoever approves; may be empty
	// the id of a request for the same person's deputy that this one takes the place of
	Replaces string `json:"replaces,omitempty"`
}

// namedDeputyView says whether a deputy was named at once, or waits for another person.
type namedDeputyView struct {
	Deputy  *deputyView             `json:"deputy,omitempty"`  // named
	Request *organisationChangeView `json:"request,omitempty"` // waits
}

func (s *Server) nameDeputy(ctx context.Context, c *call, in deputyInput) (namedDeputyView, error) {
	before, err := s.organisation(ctx, c)
	if err != nil {
		return namedDeputyView{}, err
	}
	o, err := s.Access.NameDeputy(ctx, c.Caller,
		access.Deputy{Person: in.Person, Deputy: in.Deputy, From: in.From, To: in.To},
		access.Asked{Reason: in.Reason, Replaces: in.Replaces})
	if err != nil {
		return namedDeputyView{}, err
	}
	known := func(d access.Deputy) bool {
		return slices.ContainsFunc(before.Deputies, func(b access.Deputy) bool { return b.ID == d.ID })
	}
	for _, d := range slices.Backward(o.Deputies) {
		if d.NamedBy == c.Actor() && d.Deputy == in.Deputy && !known(d) {
			v := s.deputyView(c, d)
			return namedDeputyView{Deputy: &v}, nil
		}
	}
	views, err := s.organisationRequests(ctx, c, o)
	i := slices.IndexFunc(views, func(v organisationChangeView) bool { return v.Deputy != nil && v.Request.Mine })
	if err != nil || i < 0 {
		return namedDeputyView{}, err
	}
	return namedDeputyView{Request: &views[i]}, nil
}

func (s *Server) endDeputy(ctx context.Context, c *call, in idInput) (deputyView, error) {
	o, err := s.Access.EndDeputy(ctx, c.Caller, in.ID)
	if err != nil {
		return deputyView{}, err
	}
	i := slices.IndexFunc(o.Deputies, func(d access.Deputy) bool { return d.ID == in.ID })
	return s.deputyView(c, o.Deputies[i]), nil
}
