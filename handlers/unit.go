package handlers

import (
	"context"
	"slices"
	"strings"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/property"
	"linlipay/store"
)

// unitRoutes are the routes of communities and units.
func (s *Server) unitRoutes() []route {
	return []route{
		{id: "listCommunities", method: "GET", path: "/v1/communities", who: signedIn,
			summary:  "Communities within reach; a resident finds those of a name, to bind a unit",
			endpoint: listed(s, store.SortsBy("name", "company_name"), s.communities)},
		{id: "listUnits", method: "GET", path: "/v1/units", who: signedIn,
			summary: "Find units; a resident gets their own", records: recording{done: audit.PhonesSeen},
			problems: []fault.Code{fault.NotFound},
			endpoint: listed(s, withUsual("label"), s.findUnits)},
		{id: "getUnit", method: "GET", path: "/v1/units/:id", who: anyStaff,
			summary: "A unit, with its owner on record", records: recording{done: audit.PhonesSeen},
			endpoint: handle(s, 200, s.getUnit)},
		{id: "updateUnitOwner", method: "PUT", path: "/v1/units/:id/owner",
			who:      staffWith(access.Cashier, access.Operations),
			summary:  "Put another owner or phone on a unit's record; bindings end",
			problems: []fault.Code{fault.WrongState}, endpoint: handle(s, 200, s.setOwner)},
	}
}

type communityView struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	CompanyName string `json:"company_name,omitempty"` // for a resident, who finds communities of several companies
}

// scope is what a caller at a desk may see.
func scope(c *call) property.Scope {
	return property.Scope{Company: c.Company, Communities: c.Communities}
}

// community returns a community within the caller's scope; any other does not exist.
func (s *Server) community(ctx context.Context, c *call, id string) (*property.Community, error) {
	community, err := s.Property.Community(ctx, id)
	if err != nil {
		return nil, err
	}
	if !c.Reaches(community.Company, community.ID) {
		return nil, outOfReach()
	}
	return community, nil
}

// outOfReach is what everything beyond the caller's scope is.
func outOfReach() error {
	return fault.New(fault.NotFound, "记录不存在。", "There is no such record.")
}

type communitiesQuery struct {
	Name string `query:"name" json:"-"` // a part of it; a resident must give it whole
	pageQuery
}

// communities lists the communities within reach, by a part of the name if that is given.
func (s *Server) communities(ctx context.Context, c *call, in communitiesQuery) (list[communityView], error) {
	if c.Kind == access.ResidentKind {
		return s.communitiesNamed(ctx, c, in)
	}
	all, err := s.Property.Communities(ctx, scope(c))
	if err != nil {
		return list[communityView]{}, err
	}
	part := property.Fold(in.Name)
	all = slices.DeleteFunc(all, func(m property.Community) bool {
		return !strings.Contains(property.Fold(m.Name), part)
	})
	page, err := s.communitiesPage(ctx, in.pageQuery, all)
	if err != nil {
		return list[communityView]{}, err
	}
	return shown(page, func(m *property.Community) (communityView, error) {
		return communityView{ID: m.ID, Name: m.Name}, nil
	})
}

// communitiesPage is a page of communities in the order asked for.
func (s *Server) communitiesPage(ctx context.Context, p pageQuery, all []property.Community) (list[property.Community],
	error) {
	name := inName()
	return sortedPage(p, all, func(m *property.Community) string { return m.ID }, sortKeys[property.Community]{
		"name":         func(m *property.Community) string { return name(m.Name) },
		"company_name": func(m *property.Community) string { return name(s.Property.CompanyName(ctx, m.Company)) },
	})
}

// namesAMinute is how many names of communities a resident may try a minute.
const namesAMinute = 60

// communitiesNamed finds communities by their whole name: a resident who wants to bind a unit knows it. Several
// companies may have one of that name.
func (s *Server) communitiesNamed(ctx context.Context, c *call, in communitiesQuery) (list[communityView], error) {
	if wait := s.paces.take("communities "+c.Actor(), perMinute(namesAMinute)); wait > 0 {
		return list[communityView]{}, tooFast(wait)
	}
	if err := needed(map[string]string{"name": in.Name}); err != nil {
		return list[communityView]{}, err
	}
	all, err := everything(func(cursor string, limit int) ([]property.Community, string, error) {
		return s.Property.CommunitiesNamed(ctx, in.Name, cursor, limit)
	})
	if err != nil {
		return list[communityView]{}, err
	}
	page, err := s.communitiesPage(ctx, in.pageQuery, all)
	if err != nil {
		return list[communityView]{}, err
	}
	return shown(page, func(m *property.Community) (communityView, error) {
		company, err := s.Property.Company(ctx, m.Company)
		if err != nil {
			return communityView{}, err
		}
		return communityView{m.ID, m.Name, company.Name}, nil
	})
}

type unitView struct {
	ID            string `json:"id"`
	Community     string `json:"community"`
	CommunityName string `json:"community_name"`
	Label         string `json:"label"`
	Owner         string `json:"owner"`           // masked but for staff
	Phone         string `json:"phone,omitempty"` // on record; for staff alone

	// For residents alone.
	// owner, bound, or former: whose phone was on record and owes bills
	As   property.Standing `json:"relation,omitempty"`
	News int64             `json:"unread_count,omitempty"` // what happened to the home's bindings and was not read yet
}

func (s *Server) unitViews(ctx context.Context, c *call, units []property.Unit, next string) (list[unitView], error) {
	views, names := make([]unitView, 0, len(units)), map[string]string{}
	for i := range units {
		v, err := s.unitView(ctx, c, &units[i], names)
		if err != nil {
			return list[unitView]{}, err
		}
		views = append(views, v)
	}
	return list[unitView]{views, next}, nil
}

// unitView shows a unit to a caller; names are the communities' that are known already, by id.
func (s *Server) unitView(ctx context.Context, c *call, u *property.Unit, names map[string]string) (unitView, error) {
	if names[u.Community] == "" {
		community, err := s.Property.Community(ctx, u.Community)
		if err != nil {
			return unitView{}, err
		}
		names[u.Community] = community.Name
	}
	v := unitView{ID: u.ID, Community: u.Community, CommunityName: names[u.Community], Label: u.Label,
		Owner: maskName(u.Owner)}
	if c.Kind == access.StaffKind {
		v.Owner, v.Phone = u.Owner, u.Phone
	}
	return v, nil
}

// ownUnits are a resident's homes: usually their own before those bound to them.
func (s *Server) ownUnits(ctx context.Context, c *call, in unitQuery) (list[unitView], error) {
	names := map[string]string{}
	view := func(h *property.Home) (unitView, error) { return s.ownUnit(ctx, c, h, names) }
	if in.Sort == "" {
		mine, next, err := s.Billing.UnitsOf(ctx, c.ID, in.Cursor, in.Limit)
		if err != nil {
			return list[unitView]{}, err
		}
		return shown(list[property.Home]{mine, next}, view)
	}
	all, err := everything(func(cursor string, limit int) ([]property.Home, string, error) {
		return s.Billing.UnitsOf(ctx, c.ID, cursor, limit)
	})
	if err != nil {
		return list[unitView]{}, err
	}
	name := inName()
	page, err := sortedPage(in.pageQuery, all, func(h *property.Home) string { return h.ID },
		sortKeys[property.Home]{"label": func(h *property.Home) string {
			return name(s.Property.CommunityName(ctx, h.Community)) + " " + property.Place(h.Label)
		}})
	if err != nil {
		return list[unitView]{}, err
	}
	return shown(page, view)
}

// ownUnit shows a resident one of their homes. A former owner does not hear who is the owner now.
func (s *Server) ownUnit(ctx context.Context, c *call, h *property.Home, names map[string]string) (unitView, error) {
	v, err := s.unitView(ctx, c, &h.Unit, names)
	if err != nil {
		return unitView{}, err
	}
	if v.As = h.As; v.As == property.FormerOwner {
		v.Owner = ""
	}
	v.News, err = s.Property.News(ctx, h)
	return v, err
}

type unitQuery struct {
	Q         string `query:"q" json:"-"`         // a room, and for staff also a name, a phone or its end
	Community string `query:"community" json:"-"` // "" is all within reach
	pageQuery
}

// phonesSeen is the look of a member of staff at a list with whole telephone numbers; others see none.
func (c *call) phonesSeen(community string) {
	if c.Kind != access.StaffKind {
		c.event.Verb = nothing
		return
	}
	c.event = audit.Event{Communities: c.Communities}
	if community != "" {
		c.event.Communities = []string{community}
	}
}

// searchedFor is what such a look was for.
func (s *Server) searchedFor(ctx context.Context, c *call, text string) error {
	if text == "" || c.event.Verb == nothing {
		return nil
	}
	digest, err := s.Audit.Digest(ctx, audit.OfSearch, text)
	c.event.After = audit.State{"search": digest}
	return err
}

func (s *Server) findUnits(ctx context.Context, c *call, in unitQuery) (list[unitView], error) {
	c.phonesSeen(in.Community)
	if err := s.searchedFor(ctx, c, in.Q); err != nil {
		return list[unitView]{}, err
	}
	if c.Kind == access.ResidentKind {
		return s.ownUnits(ctx, c, in)
	}
	if c.Kind == access.TerminalKind && in.Q == "" {
		return list[unitView]{}, malformed("请输入房号。", "Please enter a room.")
	}
	where, err := s.searched(ctx, c, in.Community)
	if err != nil {
		return list[unitView]{}, err
	}
	found, next, err := s.Property.UnitPage(ctx, property.UnitFilter{
		Communities: where, Text: in.Q, Desc: in.Sort.Desc(), Cursor: in.Cursor, Limit: in.Limit,
		// a terminal or a program: a name or a phone must not give away the room
		Rooms: c.Kind != access.StaffKind && in.Q != "",
	})
	if err != nil {
		return list[unitView]{}, err
	}
	return s.unitViews(ctx, c, found, next)
}

// searched are the communities that a search goes through: the one named, or all within reach.
func (s *Server) searched(ctx context.Context, c *call, one string) ([]string, error) {
	if one != "" {
		community, err := s.community(ctx, c, one)
		if err != nil {
			return nil, err
		}
		return []string{community.ID}, nil
	}
	communities, err := s.Property.Communities(ctx, scope(c))
	ids := make([]string, len(communities))
	for i := range communities {
		ids[i] = communities[i].ID
	}
	return ids, err
}

// home returns a unit within the caller's reach, as they may see it; any other does not exist.
func (s *Server) home(ctx context.Context, c *call, id string) (*property.Home, error) {
	if c.Kind == access.ResidentKind {
		return s.Property.Home(ctx, c.ID, id)
	}
	u, err := s.Property.Unit(ctx, id)
	if err != nil {
		return nil, err
	}
	if !c.Reaches(u.Company, u.Community) {
		return nil, outOfReach()
	}
	return &property.Home{Unit: *u}, nil
}

// getUnit shows a unit to staff, as the list of units does.
func (s *Server) getUnit(ctx context.Context, c *call, in idInput) (unitView, error) {
	h, err := s.home(ctx, c, in.ID)
	if err != nil {
		return unitView{}, err
	}
	c.phonesSeen(h.Community)
	c.event.Object = "unit:" + h.ID
	return s.unitView(ctx, c, &h.Unit, map[string]string{})
}

type ownerInput struct {
	ID    string `path:"id" json:"-"`
	Owner string `json:"owner" most:"60"`
	Phone string `json:"phone"` // "" is none
}

// setOwner puts another owner on a unit's record.
func (s *Server) setOwner(ctx context.Context, c *call, in ownerInput) (unitView, error) {
	h, err := s.home(ctx, c, in.ID)
	if err != nil {
		return unitView{}, err
	}
	u, err := s.Property.SetOwner(ctx, h.ID, in.Owner, in.Phone, c.Actor())
	if err != nil {
		return unitView{}, err
	}
	return s.unitView(ctx, c, u, map[string]string{})
}

// maskName keeps the first character; a single one is hidden whole.
func maskName(name string) string {
	r := []rune(name)
	if len(r) < 2 {
		return "*"
	}
	masked := string(r[0]) + "*"
	if len(r) > 2 {
		masked += string(r[len(r)-1])
	}
	return masked
}

// maskPhone keeps three digits at the front and four at the end; what is too short to mask is hidden whole.
func maskPhone(phone string) string {
	if phone == "" {
		return ""
	}
	if len(phone) < 11 {
		return "****"
	}
	return phone[:3] + "****" + phone[len(phone)-4:]
}
