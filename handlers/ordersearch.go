package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/property"
)

// homesMost is how many homes a search for orders looks into.
const homesMost = 100

// The parts of a search for orders: each cursor begins with the one it belongs to.
const (
	byItself = "itself" // orders that have what is searched as a number, phone or name
	byHome   = "home"   // the other orders of homes that it finds
)

// searchOrders finds orders by what a person types, which may be all that finds a home: first the orders that have it
// by themselves, then the others of the homes, each newest first; of one community, or of all within reach. In any
// other order both parts stand together.
func (s *Server) searchOrders(ctx context.Context, c *call, f payment.Filter, typed, community string) (
	foundOrders, error) {
	if f.Sort != payment.OrderSorts()[0] {
		return s.sortedSearch(ctx, c, f, typed, community)
	}
	text := payment.SearchTerm(property.Typed(typed))
	limit, found := f.Limit, foundOrders{list: list[orderView]{Items: []orderView{}}}
	part, place, _ := strings.Cut(f.Cursor, ".")
	if part != "" && part != byItself && part != byHome {
		return found, badCursor()
	}
	if part != byHome {
		f.Search, f.Cursor = text, place
		page, err := s.orderList(ctx, c, f)
		if err != nil || page.Next != "" {
			return foundOrders{list: list[orderView]{page.Items, byItself + "." + page.Next}}, err
		}
		found.Items, place = page.Items, ""
	}
	if limit -= len(found.Items); limit < 1 {
		found.Next = byHome + "."
		return found, nil
	}
	units, cut, err := s.homesFound(ctx, c, typed, community)
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

// sortedSearch is a search whose two parts stand together in the order asked for.
func (s *Server) sortedSearch(ctx context.Context, c *call, f payment.Filter, typed, community string) (foundOrders,
	error) {
	page, text := pageQuery{f.Cursor, f.Limit, f.Sort}, payment.SearchTerm(property.Typed(typed))
	units, cut, err := s.homesFound(ctx, c, typed, community)
	if err != nil {
		return foundOrders{}, err
	}
	f.Search = text
	all, err := s.foundAtMost(ctx, f)
	if err != nil {
		return foundOrders{}, err
	}
	if len(units) > 0 {
		f.Search, f.Units = "", units
		of, err := s.foundAtMost(ctx, f)
		if err != nil {
			return foundOrders{}, err
		}
		all = append(all, slices.DeleteFunc(of, func(o payment.Order) bool { return o.Answers(text) })...)
	}
	found, err := sortedPage(page, all, func(o *payment.Order) string { return o.ID }, sortKeys[payment.Order]{
		"created_at": func(o *payment.Order) string { return inTime(o.CreatedAt) },
		"updated_at": func(o *payment.Order) string { return inTime(o.UpdatedAt) },
		"amount":     func(o *payment.Order) string { return inSize(int64(o.Amount)) },
	})
	if err != nil {
		return foundOrders{}, err
	}
	views, err := shown(found, func(o *payment.Order) (orderView, error) { return s.orderView(ctx, c.Caller, o), nil })
	return foundOrders{views, len(units), cut}, err
}

// searchMost is how many orders a search may find that is not in its usual order: all are read for each page.
const searchMost = 1000

// foundAtMost are all orders that a filter selects; more than searchMost are refused.
func (s *Server) foundAtMost(ctx context.Context, f payment.Filter) (all []payment.Order, err error) {
	f.Sort, f.Cursor, f.Limit = "", "", pageMost
	for {
		orders, next, err := s.Payments.Find(ctx, f)
		if err != nil {
			return nil, err
		}
		if all = append(all, orders...); len(all) > searchMost {
			return nil, fault.New(fault.Invalid,
				fmt.Sprintf("找到的订单超过 %d 条，无法按此排序，请缩小搜索范围。", searchMost),
				fmt.Sprintf("More than %d orders are found, too many for this order; search for less.",
					searchMost)).With("field", "sort")
		}
		if next == "" {
			return all, nil
		}
		f.Cursor = next
	}
}

// homesFound are the units that a search for homes finds, and whether there are more.
func (s *Server) homesFound(ctx context.Context, c *call, typed, community string) (units []string, cut bool,
	err error) {
	where, err := s.searched(ctx, c, community)
	if err != nil {
		return nil, false, err
	}
	found, next, err := s.Property.FindUnits(ctx, where, typed, "", homesMost)
	for _, u := range found {
		units = append(units, u.ID)
	}
	return units, next != "", err
}
