package property

import (
	"context"

	"linlipay/store"
)

// MyBindings is a page of what a resident has asked for, newest first with desc, and the cursor of the next, "" on the
// last.
func (s *Service) MyBindings(ctx context.Context, resident string, desc bool, cursor string, limit int) ([]Binding,
	string, error) {
	q := store.Query{Index: "by_resident", Equal: []any{resident}, Desc: desc, Cursor: cursor, Limit: limit}
	return s.bindings.Find(ctx, q)
}

// BindingPage is a page of the bindings of some communities in a state, one community after the other, and the cursor
// of the next, "" on the last. What waits comes oldest first, all else newest first.
func (s *Service) BindingPage(
	ctx context.Context, communities []string, state BindingState, cursor string, limit int,
) ([]Binding, string, error) {
	return Pages(communities, cursor, limit, func(community, place string, most int) ([]Binding, string, error) {
		q := store.Query{Index: "by_state", Equal: []any{community, string(state)}, Cursor: place, Limit: most}
		q.Desc = state != Requested
		return s.bindings.Find(ctx, q)
	})
}

// BindingsAsked is a page of the bindings of some communities in a state by when they were asked for, the newest first
// with desc, and the cursor of the next, "" on the last.
func (s *Service) BindingsAsked(ctx context.Context, communities []string, state BindingState, desc bool, cursor string,
	limit int) ([]Binding, string, error) {
	q := store.Query{Index: "by_asked", Equal: []any{string(state)}, Desc: desc, Cursor: cursor, Limit: limit}
	for _, c := range communities {
		q.In = append(q.In, c)
	}
	if len(q.In) == 0 {
		return nil, "", nil
	}
	return s.bindings.Find(ctx, q)
}

// Waiting counts the requests of some communities that wait for the office.
func (s *Service) Waiting(ctx context.Context, communities []string) (n int64, err error) {
	for _, community := range communities {
		more, err := s.bindings.Count(ctx, store.Query{Index: "by_state", Equal: []any{community, string(Requested)}})
		if err != nil {
			return 0, err
		}
		n += more
	}
	return n, nil
}

// happened are the states of bindings that are or were in force.
var happened = []string{string(BoundState), string(EndedBinding)}

// HouseholdPage is a page of who is and who was bound to a unit under the owner on record, and the cursor of the next,
// "" on the last: those in force first, newest first.
func (s *Service) HouseholdPage(ctx context.Context, u *Unit, cursor string, limit int) ([]Binding, string, error) {
	return Pages(happened, cursor, limit, func(state, place string, most int) ([]Binding, string, error) {
		q := ofUnit(u, state)
		q.Desc, q.Cursor, q.Limit = true, place, most
		return s.bindings.Find(ctx, q)
	})
}

func ofUnit(u *Unit, state string) store.Query {
	return store.Query{Index: "by_unit", Equal: []any{u.ID, int64(u.Tenure), state}}
}

// News counts what happened to the bindings of a home that one of the household has not read yet. A former owner has
// none.
func (s *Service) News(ctx context.Context, h *Home) (n int64, err error) {
	if !h.Household() {
		return 0, nil
	}
	for _, state := range happened {
		q := ofUnit(&h.Unit, state)
		q.From = h.Since.UnixMilli() + 1
		more, err := s.bindings.Count(ctx, q)
		if err != nil {
			return 0, err
		}
		n += more
	}
	return n, nil
}
