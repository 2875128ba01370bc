package payment

import (
	"context"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// Filter selects orders for Find. Company is required; the first of Search, Unit, Units, Work and Terminal that is set
// chooses the index, the others and Status narrow the result.
type Filter struct {
	Company     string
	Communities []string // empty is all of the company
	Entity      string   // a legal entity's alone; "" is all of them
	// whole: a number of the order or of its payments and refunds, phone, unit label or payer's name
	Search   string
	Unit     string
	Units    []string // orders of any of these
	Terminal string
	Status   Status
	// inclusive; fastest where it is sorted by updated_at too
	UpdatedFrom time.Time
	Work        Queue // one of finance's lists
	// one that the list has (OrderSorts, RefundSorts, UnappliedSorts); "" is the newest order first
	Sort   store.Sort
	Cursor string
	Limit  int
}

// OrderSorts are the orders in which Find lists what no Queue names, the usual one first.
func OrderSorts() []store.Sort { return store.SortsBy("-created_at", "amount", "updated_at") }

// QueueSorts are the orders of any of finance's lists.
func QueueSorts() []store.Sort { return store.SortsBy("-created_at") }

// RefundSorts are the orders of the lists of refunds: by the order, by when its last refund was asked for, and by what
// its refunds come to.
func RefundSorts() []store.Sort { return store.SortsBy("-created_at", "requested_at", "refund_amount") }

// UnappliedSorts are the orders of the lists of unapplied funds: by the order, by when the last came, and by what they
// come to.
func UnappliedSorts() []store.Sort {
	return store.SortsBy("-created_at", "arrived_at", "unapplied_amount")
}

// sorted is the index of the same orders by another field than when they were made.
func sorted(index string, by store.Sort) string {
	if field := by.Field(); field != "" && field != "created_at" {
		return index + "_by_" + field
	}
	return index
}

// query is the store's query for a filter.
func (f Filter) query() store.Query {
	q := store.Query{Index: byCreated, Equal: []any{f.Company}, Desc: f.Sort == "" || f.Sort.Desc(), Limit: f.Limit,
		Cursor: f.Cursor}
	byUpdate := f.Sort.Field() == "updated_at" // which a home's and a terminal's orders have no index for
	switch {
	case f.Search != "":
		q.Index, q.Equal = bySearch, []any{f.Company, f.Search}
	case f.Unit != "" && !byUpdate:
		q.Index, q.Equal = byUnit, []any{f.Unit}
	case len(f.Units) > 0:
		q.Index, q.Equal = byUnit, nil
		for _, u := range f.Units {
			q.In = append(q.In, u)
		}
	case f.Work != "": // fewer orders wait for somebody than a terminal has made
		q.Index, q.Equal = byWork, []any{f.Company, string(f.Work)}
	case f.Terminal != "" && !byUpdate:
		q.Index, q.Equal = byTerminal, []any{f.Terminal}
	case len(f.Communities) == 1:
		q.Index, q.Equal = byCommunity, []any{f.Communities[0]}
	case len(f.Communities) > 1 && f.UpdatedFrom.IsZero(): // a query has either several values or a range
		q.Index, q.Equal = byCommunity, nil
		for _, c := range f.Communities {
			q.In = append(q.In, c)
		}
	}
	q.Index = sorted(q.Index, f.Sort)
	if byUpdate && !f.UpdatedFrom.IsZero() {
		q.From = f.UpdatedFrom.UnixMilli()
	}
	return q
}

// admits reports whether an order that the index gave passes the rest of the filter.
func (f Filter) admits(o *Order) bool {
	return o.Company == f.Company && (len(f.Communities) == 0 || slices.Contains(f.Communities, o.Community)) &&
		!o.UpdatedAt.Before(f.UpdatedFrom) && (f.Entity == "" || o.EntityID() == f.Entity) &&
		(f.Status == "" || o.Status == f.Status) && (f.Unit == "" || o.Payer.Unit == f.Unit) &&
		(len(f.Units) == 0 || slices.Contains(f.Units, o.Payer.Unit)) &&
		(f.Terminal == "" || o.Origin.Terminal == f.Terminal) &&
		(f.Work == "" || slices.Contains(o.queues(), any(string(f.Work))))
}

// findPages bounds how many pages Find reads to fill one page of orders that pass the filter; then it answers a short
// page with a cursor.
const findPages = 20

// Find returns orders in the filter's order, and the cursor of the next page. A page may be short of Limit and still
// have a next one. A filter without a company is Invalid.
func (s *Service) Find(ctx context.Context, f Filter) (orders []Order, next string, err error) {
	if f.Company == "" && f.Unit == "" && len(f.Units) == 0 && f.Terminal == "" {
		return nil, "", fault.New(fault.Invalid, "缺少公司。", "A company is required.")
	}
	q := f.query()
	for range findPages {
		page, cursor, err := s.orders.Find(ctx, q)
		if err != nil {
			return nil, "", err
		}
		for i := range page {
			if f.admits(&page[i]) {
				orders = append(orders, page[i])
			}
		}
		if len(orders) > 0 || cursor == "" {
			return orders, cursor, nil
		}
		q.Cursor = cursor
	}
	return orders, q.Cursor, nil
}
