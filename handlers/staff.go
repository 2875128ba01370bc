package handlers

import (
	"context"

	"linlipay/access"
)

type colleagueView struct {
	Actor string        `json:"actor"` // as in timelines
	Name  string        `json:"name"`
	Roles []access.Role `json:"roles"`
}

func (s *Server) listStaff(ctx context.Context, c *call, in pageQuery) (list[colleagueView], error) {
	some, next, err := s.Access.List(ctx, c.Company, in.Cursor, min(in.Limit, pageMost))
	views := make([]colleagueView, 0, len(some))
	for i := range some {
		views = append(views, colleagueView{some[i].Caller().Actor(), some[i].Name, some[i].Roles})
	}
	return list[colleagueView]{views, next}, err
}
