package handlers

import (
	"context"
	"fmt"
	"math"
	"slices"

	"linlipay/access"
	"linlipay/property"
)

// household lists who is and was bound to a unit under its owner.
func (s *Server) household(ctx context.Context, c *call, in unitPage) (list[bindingView], error) {
	h, err := s.householdOf(ctx, c, in.ID)
	if err != nil {
		return list[bindingView]{}, err
	}
	if c.phonesSeen(h.Community); c.Kind == access.StaffKind {
		c.event.Object = "unit:" + h.ID
	}
	all, err := everything(func(cursor string, limit int) ([]property.Binding, string, error) {
		return s.Property.HouseholdPage(ctx, &h.Unit, cursor, limit)
	})
	if err != nil {
		return list[bindingView]{}, err
	}
	all = slices.DeleteFunc(all, func(b property.Binding) bool { return in.State != "" && b.State != in.State })
	page, err := sortedPage(in.pageQuery, all, func(b *property.Binding) string { return b.ID },
		sortKeys[property.Binding]{
			"bound_at": func(b *property.Binding) string { return inTime(b.BoundAt) },
			"": func(b *property.Binding) string { // those in force first, of each the newest
				return fmt.Sprint(b.State != property.BoundState) + inSize(math.MaxInt64-b.Changed().UnixMilli())
			},
		})
	return s.bindingViews(ctx, c, page.Items, page.Next, h, err)
}

type unitPage struct {
	ID    string                `path:"id" json:"-"`
	State property.BindingState `query:"state" json:"-"` // bound or ended; "" is both
	pageQuery
}

// householdOf is a unit for its household and its staff; for a former owner it does not exist.
func (s *Server) householdOf(ctx context.Context, c *call, id string) (*property.Home, error) {
	h, err := s.home(ctx, c, id)
	if err == nil && c.Kind == access.ResidentKind && !h.Household() {
		return nil, outOfReach()
	}
	return h, err
}

// readHousehold marks what happened at a home as read.
func (s *Server) readHousehold(ctx context.Context, c *call, in idInput) (none, error) {
	h, err := s.householdOf(ctx, c, in.ID)
	if err != nil {
		return none{}, err
	}
	return none{}, s.Property.Saw(ctx, c.ID, h.ID)
}
