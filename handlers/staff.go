package handlers

import (
	"context"
	"fmt"
	"slices"

	"linlipay/access"
	"linlipay/store"
)

// staffRoutes are the routes of the list of staff.
func (s *Server) staffRoutes() []route {
	return []route{
		{id: "listActors", method: "GET", path: "/v1/actors", who: anyStaff,
			summary:  "The company's staff, API clients and terminals, to name the actors of timelines",
			endpoint: listed(s, store.SortsBy("name"), s.listStaff)},
	}
}

type colleagueView struct {
	Actor string        `json:"actor"` // as in timelines
	Name  string        `json:"name"`
	Roles []access.Role `json:"roles"`
}

type staffQuery struct {
	Role access.Role `query:"role" json:"-"` // the people who have it; "" is everybody, the programs and the terminals
	pageQuery
}

// listStaff lists people and, beside them, the company's API clients and terminals, by the names that timelines give
// them.
func (s *Server) listStaff(ctx context.Context, c *call, in staffQuery) (list[colleagueView], error) {
	people, err := s.Access.Everybody(ctx, c.Company)
	if err != nil {
		return list[colleagueView]{}, err
	}
	var all []colleagueView
	for _, m := range withRole(people, in.Role) {
		all = append(all, colleagueView{m.Caller().Actor(), m.Name, m.Roles})
	}
	if in.Role == "" {
		machines, err := s.machines(ctx, c)
		if err != nil {
			return list[colleagueView]{}, err
		}
		all = append(all, machines...)
	}
	name := inName()
	return sortedPage(in.pageQuery, all, func(v *colleagueView) string { return v.Actor },
		sortKeys[colleagueView]{"name": func(v *colleagueView) string { return name(v.Name) }})
}

// machines are the programs that have keys of their own, and the terminals within the caller's reach.
func (s *Server) machines(ctx context.Context, c *call) (all []colleagueView, err error) {
	programs, err := s.Access.EveryClient(ctx, c.Company)
	if err != nil {
		return nil, err
	}
	for i := range programs {
		all = append(all, colleagueView{programs[i].Actor(), programs[i].Name, []access.Role{}})
	}
	where, err := s.among(ctx, c, "")
	if err != nil {
		return nil, err
	}
	screens, err := s.everyTerminal(ctx, c.Company, where)
	for i := range screens {
		all = append(all, colleagueView{"terminal:" + screens[i].ID, screens[i].Name, []access.Role{}})
	}
	return all, err
}

// withRole are those members who have a role; "" is any.
func withRole(all []access.Staff, role access.Role) []access.Staff {
	return slices.DeleteFunc(all, func(m access.Staff) bool { return role != "" && !slices.Contains(m.Roles, role) })
}

// membersPage is a page of members of staff in the order asked for.
func membersPage(p pageQuery, all []access.Staff) (list[access.Staff], error) {
	name := inName()
	return sortedPage(p, all, func(m *access.Staff) string { return m.ID }, sortKeys[access.Staff]{
		"name":       func(m *access.Staff) string { return name(m.Name) },
		"created_at": func(m *access.Staff) string { return inTime(m.CreatedAt) },
		"disabled":   func(m *access.Staff) string { return fmt.Sprint(m.Disabled) + name(m.Name) },
		"requested_at": func(m *access.Staff) string {
			if m.Request == nil {
				return ""
			}
			return inTime(m.Request.RequestedAt)
		},
	})
}
