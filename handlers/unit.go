package handlers

import (
	"context"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/property"
)

// unitRoutes are the routes of communities and units.
func (s *Server) unitRoutes() []route {
	return []route{
		{method: "GET", path: "/v1/communities", who: desks, summary: "Communities within reach",
			endpoint: handle(s, 200, s.communities)},
		{method: "GET", path: "/v1/communities/all", who: residents, summary: "Communities by name, for binding a unit",
			perMinute: 60, endpoint: handle(s, 200, s.findCommunity)},
		{method: "GET", path: "/v1/units", who: signedIn, summary: "Find units; a resident gets their own",
			records: recording{done: audit.PhonesSeen}, endpoint: handle(s, 200, s.findUnits)},
		{method: "GET", path: "/v1/units/:id", who: anyStaff, summary: "A unit, with its owner on record",
			records: recording{done: audit.PhonesSeen}, endpoint: handle(s, 200, s.getUnit)},
		{method: "PUT", path: "/v1/units/:id/owner", who: staffWith(access.Cashier, access.Operations),
			summary:  "Put another owner or phone on a unit's record; bindings end",
			endpoint: handle(s, 200, s.setOwner)},
	}
}

// list is a page of things.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // cursor of the next page
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

// pageQuery asks for one page of a list.
type pageQuery struct {
	Cursor string `query:"cursor" json:"-"`
	Limit  int    `query:"limit" json:"-"` // 0 is 50
}

// pageUsual is how long a page is where nobody says it.
const pageUsual = 50

// pageMost is the longest page that a list gives, whatever is asked for.
const pageMost = 200

func (s *Server) communities(ctx context.Context, c *call, in pageQuery) (list[communityView], error) {
	all, next, err := s.Property.CommunityPage(ctx, scope(c), in.Cursor, min(in.Limit, pageMost))
	views := make([]communityView, 0, len(all))
	for _, c := range all {
		views = append(views, communityView{ID: c.ID, Name: c.Name})
	}
	return list[communityView]{views, next}, err
}

type nameQuery struct {
	Name   string `query:"name" json:"-"`
	Cursor string `query:"cursor" json:"-"`
	Limit  int    `query:"limit" json:"-"` // 0 is 50
}

// findCommunity finds communities by their whole name: a resident who wants to bind a unit knows it. Several companies
// may have one of that name.
func (s *Server) findCommunity(ctx context.Context, _ *call, in nameQuery) (list[communityView], error) {
	if err := needed(map[string]string{"name": in.Name}); err != nil {
		return list[communityView]{}, err
	}
	communities, next, err := s.Property.CommunitiesNamed(ctx, in.Name, in.Cursor, min(in.Limit, pageMost))
	if err != nil {
		return list[communityView]{}, err
	}
	views := make([]communityView, 0, len(communities))
	for _, c := range communities {
		company, err := s.Property.Company(ctx, c.Company)
		if err != nil {
			return list[communityView]{}, err
		}
		views = append(views, communityView{c.ID, c.Name, company.Name})
	}
	return list[communityView]{views, next}, nil
}

type unitView struct {
	ID            string `json:"id"`
	Community     string `json:"community"`
	CommunityName string `json:"community_name"`
	Label         string `json:"label"`
	Owner         string `json:"owner"`           // masked but for staff
	Phone         string `json:"phone,omitempty"` // on record; for staff alone

	// For residents alone.
	As   property.Standing `json:"as,omitempty"`   // owner, bound, or former: whose phone was on record and owes bills
	News int64             `json:"news,omitempty"` // what happened to the home's bindings and was not read yet
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

// ownUnits are a resident's homes. A former owner does not hear who is the owner now.
func (s *Server) ownUnits(ctx context.Context, c *call, in unitQuery) (list[unitView], error) {
	mine, next, err := s.Billing.UnitsOf(ctx, c.ID, in.Cursor, min(in.Limit, pageMost))
	if err != nil {
		return list[unitView]{}, err
	}
	views, names := make([]unitView, 0, len(mine)), map[string]string{}
	for i := range mine {
		v, err := s.unitView(ctx, c, &mine[i].Unit, names)
		if err != nil {
			return list[unitView]{}, err
		}
		if v.As = mine[i].As; v.As == property.FormerOwner {
			v.Owner = ""
		}
		if v.News, err = s.Property.News(ctx, &mine[i]); err != nil {
			return list[unitView]{}, err
		}
		views = append(views, v)
	}
	return list[unitView]{views, next}, nil
}

type unitQuery struct {
	Q         string `query:"q" json:"-"`
	Community string `query:"community" json:"-"`
	Cursor    string `query:"cursor" json:"-"`
	Limit     int    `query:"limit" json:"-"` // 0 is 50
}

// phonesSeen is the look of a member of staff at a list with whole telephone numbers; others see none.
func (s *Server) phonesSeen(c *call, in unitQuery) {
	if c.Kind != access.StaffKind {
		c.event.Verb = nothing
		return
	}
	c.event = audit.Event{Communities: c.Communities}
	if in.Community != "" {
		c.event.Communities = []string{in.Community}
	}
	if in.Q != "" {
		c.event.After = audit.State{"search": s.Audit.Digest("search", in.Q)}
	}
}

func (s *Server) findUnits(ctx context.Context, c *call, in unitQuery) (list[unitView], error) {
	s.phonesSeen(c, in)
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
	find := s.Property.FindUnits
	if c.Kind == access.TerminalKind { // which anybody may use: a name or a phone must not give away the room
		find = s.Property.FindRooms
	}
	found, next, err := find(ctx, where, in.Q, in.Cursor, min(in.Limit, pageMost))
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
	s.phonesSeen(c, unitQuery{Community: h.Community})
	c.event.Object = "unit:" + h.ID
	return s.unitView(ctx, c, &h.Unit, map[string]string{})
}

type ownerInput struct {
	ID    string `path:"id" json:"-"`
	Owner string `json:"owner"`
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
