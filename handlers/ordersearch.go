package handlers

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"linlipay/payment"
)

// homesMost is how many homes a search for orders looks into.
const homesMost = 100

// The parts of a search for orders: each cursor begins with the one it belongs to.
const (
	byItself = "itself" // orders that have what is searched as a number, phone or name
	byHome   = "home"   // the other orders of homes that it finds
)

// searchOrders finds orders by what a person types, which may be all that finds a home: first the orders that have it
// by themselves, then the others of the homes, each newest first; of one community, or of all within reach.
func (s *Server) searchOrders(ctx context.Context, c *call, f payment.Filter, text, community string) (
	foundOrders, error) {
	limit, found := cmp.Or(f.Limit, pageUsual), foundOrders{Items: []orderView{}}
	part, place, _ := strings.Cut(f.Cursor, ".")
	if part != "" && part != byItself && part != byHome {
		return found, malformed("分页参数无效。", "The cursor is not one of ours.")
	}
	if part != byHome {
		f.Search, f.Cursor = text, place
		page, err := s.orderList(ctx, c, f)
		if err != nil || page.Next != "" {
			return foundOrders{Items: page.Items, Next: byItself + "." + page.Next}, err
		}
		found.Items, place = page.Items, ""
	}
	if limit -= len(found.Items); limit < 1 {
		found.Next = byHome + "."
		return found, nil
	}
	units, cut, err := s.homesFound(ctx, c, text, community)
	if err != nil || len(units) == 0 {
		return found, err
	}
	found.Homes, found.Cut = len(units), cut
	f.Search, f.Units, f.Cursor, f.Limit = "", units, place, limit
	orders, next, err := s.Payments.Find(ctx, f)
	if err != nil {
		return found, err
	}
	orders = slices.DeleteFunc(orders, func(o payment.Order) bool { return o.Answers(text) })
	for i := range orders {
		found.Items = append(found.Items, s.orderView(ctx, c.Caller, &orders[i]))
	}
	if next != "" {
		found.Next = byHome + "." + next
	}
	return found, nil
}

// homesFound are the units that a search for homes finds, and whether there are more.
func (s *Server) homesFound(ctx context.Context, c *call, text, community string) (units []string, cut bool,
	err error) {
	where, err := s.searched(ctx, c, community)
	if err != nil {
		return nil, false, err
	}
	found, next, err := s.Property.FindUnits(ctx, where, text, "", homesMost)
	for _, u := range found {
		units = append(units, u.ID)
	}
	return units, next != "", err
}
