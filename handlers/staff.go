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

func (s *Server) listStaff(ctx context.Context, c *call, _ none) (list[colleagueView], error) {
	some, err := s.Access.List(ctx, c.Company)
	views := make([]colleagueView, 0, len(some))
	for i := range some {
		views = append(views, colleagueView{some[i].Caller().Actor(), some[i].Name, some[i].Roles})
	}
	return list[colleagueView]{Items: views}, err
}
