package handlers

import (
	"context"

	"linlipay/access"
)

// staffRoutes are the routes of the list of staff.
func (s *Server) staffRoutes() []route {
	return []route{
		{method: "GET", path: "/v1/staff", who: anyStaff,
			summary: "The company's staff, to name the actors of timelines", endpoint: handle(s, 200, s.listStaff)},
	}
}

type colleagueView struct {
	Actor string        `json:"actor"` // as in timelines
	Name  string        `json:"name"`
	Roles []access.Role `json:"roles"`
}

func (s *Server) listStaff(ctx context.Context, c *call, in pageQuery) (list[colleagueView], error) {
	members, next, err := s.Access.List(ctx, c.Company, in.Cursor, min(in.Limit, pageMost))
	views := make([]colleagueView, 0, len(members))
	for i := range members {
		views = append(views, colleagueView{members[i].Caller().Actor(), members[i].Name, members[i].Roles})
	}
	return list[colleagueView]{views, next}, err
}
