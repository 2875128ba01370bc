package handlers

import (
	"context"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/property"
)

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
	if !scope(c).Covers(community.Company, community.ID) {
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

// pageMost is the longest page that a list gives, whatever is asked for.
const pageMost = 200

func (s *Server) communities(ctx context.Context, c *call, in pageQuery) (list[communityView], error) {
	some, next, err := s.Property.CommunityPage(ctx, scope(c), in.Cursor, min(in.Limit, pageMost))
	views := make([]communityView, 0, len(some))
	for _, c := range some {
		views = append(views, communityView{ID: c.ID, Name: c.Name})
	}
	return list[communityView]{views, next}, err
}

type nameQuery struct {
	Name   string `query:"name" json:"-"`
	Cursor string `query:"cursor" json:"-"`
	Limit  int    `query:"limit" json:"-"` // 0 is 50
}

// findCommunity finds communities by their whole name: a resident who wants to bind a unit knows it. Several companies may have one of that name.
func (s *Server) findCommunity(ctx context.Context, _ *call, in nameQuery) (list[communityView], error) {
	if err := needed(map[string]string{"name": in.Name}); err != nil {
		return list[communityView]{}, err
	}
	some, next, err := s.Property.CommunitiesNamed(ctx, in.Name, in.Cursor, min(in.Limit, pageMost))
	if err != nil {
		return list[communityView]{}, err
	}
	views := make([]communityView, 0, len(some))
	for _, c := range some {
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
	Owner         string `json:"owner"` // masked but for staff
	Phone         string `json:"phone"` // masked but for staff
}

func (s *Server) unitViews(ctx context.Context, c *call, some []property.Unit, next string) (list[unitView], error) {
	views, names := make([]unitView, 0, len(some)), map[string]string{}
	for _, u := range some {
		if names[u.Community] == "" {
			community, err := s.Property.Community(ctx, u.Community)
			if err != nil {
				return list[unitView]{}, err
			}
			names[u.Community] = community.Name
		}
		v := unitView{u.ID, u.Community, names[u.Community], u.Label, u.Owner, u.Phone}
		if c.Kind != access.StaffKind {
			v.Owner, v.Phone = maskName(u.Owner), maskPhone(u.Phone)
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
		mine, next, err := s.Property.UnitsOf(ctx, c.ID, in.Cursor, min(in.Limit, pageMost))
		if err != nil {
			return list[unitView]{}, err
		}
		return s.unitViews(ctx, c, mine, next)
	}
	if c.Kind == access.TerminalKind && in.Q == "" {
		return list[unitView]{}, malformed("请输入房号。", "Please enter a room.")
	}
	where, err := s.searched(ctx, c, in.Community)
	if err != nil {
		return list[unitView]{}, err
	}
	found, next, err := s.Property.FindUnits(ctx, where, in.Q, in.Cursor, min(in.Limit, pageMost))
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
	some, err := s.Property.Communities(ctx, scope(c))
	ids := make([]string, len(some))
	for i := range some {
		ids[i] = some[i].ID
	}
	return ids, err
}

type bindInput struct {
	Community string `json:"community"`
	Label     string `json:"label"`
	Owner     string `json:"owner"`
	PhoneTail string `json:"phone_tail"`
}

func (s *Server) bindUnit(ctx context.Context, c *call, in bindInput) (list[unitView], error) {
	if err := needed(map[string]string{"community": in.Community, "label": in.Label, "owner": in.Owner, "phone_tail": in.PhoneTail}); err != nil {
		return list[unitView]{}, err
	}
	if _, err := s.Property.Bind(ctx, c.ID, property.BindRequest(in)); err != nil {
		return list[unitView]{}, err
	}
	return s.findUnits(ctx, c, unitQuery{})
}

// unit returns a unit within the caller's reach; any other does not exist.
func (s *Server) unit(ctx context.Context, c *call, id string) (*property.Unit, error) {
	u, err := s.Property.Unit(ctx, id)
	if err != nil {
		return nil, err
	}
	if c.Kind != access.ResidentKind {
		if !scope(c).Covers(u.Company, u.Community) {
			return nil, outOfReach()
		}
		return u, nil
	}
	mine, err := s.Property.Owns(ctx, c.ID, u.ID)
	if err != nil {
		return nil, err
	}
	if !mine {
		return nil, outOfReach()
	}
	return u, nil
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
