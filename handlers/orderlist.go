package handlers

import (
	"context"
	"time"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/payment"
	"linlipay/property"
)

type ordersQuery struct {
	Q         string         `query:"q" json:"-"`         // for staff: a number, a phone, a room or a name
	Status    payment.Status `query:"status" json:"-"`    // "" is any
	Community string         `query:"community" json:"-"` // of staff and API clients; "" is all within reach
	Unit      string         `query:"unit" json:"-"`      // id of the home; "" is any
	Entity    string         `query:"entity" json:"-"`    // of staff and API clients: a legal entity's alone
	// those of which something became since, inclusive: sorted by updated_at, what another system has not seen
	UpdatedFrom time.Time `query:"updated_from" json:"-"`
	pageQuery
}

// foundOrders is a page of orders.
type foundOrders struct {
	list[orderView]
	Homes int  `json:"unit_count,omitempty"` // of a search: how many homes match
	Cut   bool `json:"truncated,omitempty"`  // more homes match than are looked into
}

func (s *Server) findOrders(ctx context.Context, c *call, in ordersQuery) (foundOrders, error) {
	f := payment.Filter{Status: in.Status, Unit: in.Unit, UpdatedFrom: in.UpdatedFrom, Sort: in.Sort,
		Cursor: in.Cursor, Limit: in.Limit}
	if in.Q != "" && c.Kind != access.StaffKind { // whoever searches could try whose a phone is
		return foundOrders{}, fault.New(fault.Invalid, "q 仅供员工使用。", "q is for staff alone.").With("field", "q")
	}
	switch c.Kind {
	case access.StaffKind, access.ClientKind:
		return s.staffOrders(ctx, c, f, in)
	case access.TerminalKind:
		f.Company, f.Terminal = c.Company, c.ID
	case access.ResidentKind:
		return s.ownOrders(ctx, c, f)
	}
	page, err := s.orderList(ctx, c, f)
	return foundOrders{list: page}, err
}

// staffOrders are the orders within a person's reach, or of one community of it.
func (s *Server) staffOrders(ctx context.Context, c *call, f payment.Filter, in ordersQuery) (foundOrders, error) {
	var err error
	f.Company, f.Entity = c.Company, in.Entity
	if f.Communities, err = s.among(ctx, c, in.Community); err != nil {
		return foundOrders{}, err
	}
	if property.Typed(in.Q) != "" {
		return s.searchOrders(ctx, c, f, in.Q, in.Community)
	}
	page, err := s.orderList(ctx, c, f)
	return foundOrders{list: page}, err
}

// among narrows what the caller reaches to one community; "" is all of it.
func (s *Server) among(ctx context.Context, c *call, one string) ([]string, error) {
	if one == "" {
		return c.Communities, nil
	}
	return s.searched(ctx, c, one)
}

// ownOrders are those orders of a home that a resident may see. A page may be short.
func (s *Server) ownOrders(ctx context.Context, c *call, f payment.Filter) (foundOrders, error) {
	h, err := s.home(ctx, c, f.Unit)
	if err != nil {
		return foundOrders{}, err
	}
	f.Company = h.Company
	views := []orderView{}
	for {
		orders, next, err := s.Payments.Find(ctx, f)
		if err != nil {
			return foundOrders{}, err
		}
		for i := range orders {
			if billing.SeesOrder(h, &orders[i], c.ID) {
				views = append(views, s.orderView(ctx, c.Caller, &orders[i]))
			}
		}
		if len(views) > 0 || next == "" {
			return foundOrders{list: list[orderView]{views, next}}, nil
		}
		f.Cursor = next
	}
}

func (s *Server) orderList(ctx context.Context, c *call, f payment.Filter) (list[orderView], error) {
	orders, next, err := s.Payments.Find(ctx, f)
	if err != nil {
		return list[orderView]{}, err
	}
	views := make([]orderView, 0, len(orders))
	for i := range orders {
		views = append(views, s.orderView(ctx, c.Caller, &orders[i]))
	}
	return list[orderView]{views, next}, nil
}
