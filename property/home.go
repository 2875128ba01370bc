package property

import (
	"cmp"
	"context"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// Standing is what a resident is to a home.
type Standing string

// The standings.
const (
	Owner       Standing = "owner"  // their phone is on record
	Bound       Standing = "bound"  // a binding of theirs is in force
	FormerOwner Standing = "former" // their phone was on record, and owes bills of that time
)

// Home is a unit as one resident may see it.
type Home struct {
	Unit
	As      Standing
	Binding string    // id of their binding, where they are bound
	Tenures []int     // a former owner's: whose bills they may see and pay
	Since   time.Time // news from before are none to them
}

// Household reports whether they are of those who live there now, and not a former owner.
func (h *Home) Household() bool { return h.As == Owner || h.As == Bound }

// Home returns a unit as a resident may see it, or NotFound where they may not at all.
func (s *Service) Home(ctx context.Context, resident, unit string) (*Home, error) {
	r, err := s.Resident(ctx, resident)
	if err != nil {
		return nil, err
	}
	u, err := s.units.Get(ctx, unit)
	if err != nil {
		return nil, err
	}
	h, err := s.home(ctx, r, u)
	if err == nil && h == nil {
		return nil, notFound("记录不存在。", "There is no such record.")
	}
	return h, err
}

// home is a unit as a resident may see it, nil where they may not.
func (s *Service) home(ctx context.Context, r *Resident, u *Unit) (*Home, error) {
	h := &Home{Unit: *u, Since: r.SeenAt[u.ID]}
	if u.Phone != "" && u.Phone == r.Phone {
		h.As = Owner
		return h, nil
	}
	b, err := s.open(ctx, u.Community, pairOf(u.ID, u.Tenure, r.ID))
	if err != nil {
		return nil, err
	}
	if b != nil && b.State == BoundState {
		h.As, h.Binding = Bound, b.ID
		if b.BoundAt.After(h.Since) {
			h.Since = b.BoundAt
		}
		return h, nil
	}
	if h.Tenures = u.TenuresOf(r.Phone); len(h.Tenures) > 0 {
		h.As = FormerOwner
		return h, nil
	}
	return nil, nil
}

// Owing reports whether a former owner owes anything of their time.
type Owing func(ctx context.Context, former *Home) (bool, error)

// UnitsOf is a page of a resident's homes, and the cursor of the next, "" on the last: those registered to the phone,
// then those bound, then those that the phone was registered for and that it owes something of, which owes says. A
// resident who is not known is Unauthenticated; an error of owes is returned.
func (s *Service) UnitsOf(ctx context.Context, resident string, owes Owing, cursor string, limit int) (mine []Home,
	next string, err error) {
	r, err := s.Resident(ctx, resident)
	if err != nil {
		return nil, "", err
	}
	parts := []string{string(Owner), string(Bound), string(FormerOwner)}
	return Pages(parts, cursor, limit, func(part, place string, most int) ([]Home, string, error) {
		units, next, err := s.listed(ctx, r, Standing(part), place, most)
		if err != nil {
			return nil, "", err
		}
		var homes []Home
		for i := range units {
			h, err := s.home(ctx, r, &units[i])
			if err != nil {
				return nil, "", err
			}
			if h == nil || h.As != Standing(part) {
				continue // it stands in another part, or is theirs no more
			}
			if h.As == FormerOwner {
				if owed, err := owes(ctx, h); err != nil {
					return nil, "", err
				} else if !owed {
					continue
				}
			}
			homes = append(homes, *h)
		}
		return homes, next, nil
	})
}

// listed is a page of the units that an index has of a resident.
func (s *Service) listed(ctx context.Context, r *Resident, as Standing, cursor string, limit int) ([]Unit, string,
	error) {
	if as != Bound {
		index := map[Standing]string{Owner: "of_phone", FormerOwner: "of_former"}[as]
		return s.units.Find(ctx, store.Query{Index: index, Equal: []any{r.Phone}, Cursor: cursor, Limit: limit})
	}
	q := store.Query{Index: "by_member", Equal: []any{r.ID}, Cursor: cursor, Limit: limit}
	bound, next, err := s.bindings.Find(ctx, q)
	if err != nil {
		return nil, "", err
	}
	var units []Unit
	for _, b := range bound {
		u, err := s.units.Get(ctx, b.Unit)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		if u.Tenure == b.Tenure { // one of an earlier tenure may stand beside a new one
			units = append(units, *u)
		}
	}
	slices.SortStableFunc(units, func(a, b Unit) int {
		return cmp.Or(cmp.Compare(a.Community, b.Community), cmp.Compare(a.place(), b.place()))
	})
	return units, next, nil
}
