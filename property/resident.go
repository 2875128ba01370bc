package property

import (
	"context"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// Resident is a person who pays, known by the phone that a one-time code went to.
type Resident struct {
	ID        string    `json:"id"`
	Version   int64     `json:"-"`
	Phone     string    `json:"phone"`
	Units     []string  `json:"units"` // bound by hand; units registered to the phone are theirs as well
	CreatedAt time.Time `json:"created_at"`
}

var residents = store.Kind[Resident]{
	Schema:  store.Schema{Name: "residents"},
	ID:      func(r *Resident) string { return r.ID },
	Version: func(r *Resident) *int64 { return &r.Version },
	Keys:    func(*Resident) store.Keys { return nil },
}

// ResidentByPhone returns the resident with the phone, making one at the first log-in.
func (s *Service) ResidentByPhone(ctx context.Context, phone string) (*Resident, error) {
	r := &Resident{ID: idOf("resident", phone), Phone: phone, CreatedAt: s.now().UTC()}
	err := s.residents.Insert(ctx, r)
	if fault.Is(err, fault.AlreadyExists) {
		return s.residents.Get(ctx, r.ID)
	}
	return r, err
}

// Resident returns a resident, or NotFound.
func (s *Service) Resident(ctx context.Context, id string) (*Resident, error) {
	return s.residents.Get(ctx, id)
}

// UnitsOf is a page of a resident's units, and the cursor of the next, "" on the last: those registered to the phone, then those bound by hand.
func (s *Service) UnitsOf(ctx context.Context, resident, cursor string, limit int) (mine []Unit, next string, err error) {
	r, err := s.residents.Get(ctx, resident)
	if err != nil {
		return nil, "", err
	}
	mine, next, err = s.units.Find(ctx, store.Query{Index: "by_phone", Equal: []any{r.Phone}, Cursor: cursor, Limit: limit})
	if err != nil || next != "" {
		return mine, next, err
	}
	for _, id := range r.Units {
		u, err := s.units.Get(ctx, id)
		if err != nil {
			return nil, "", err
		}
		if u.Phone != r.Phone {
			mine = append(mine, *u)
		}
	}
	return mine, "", nil
}

// Owns reports whether a unit is one of the resident's, however many these are.
func (s *Service) Owns(ctx context.Context, resident, unit string) (bool, error) {
	r, err := s.residents.Get(ctx, resident)
	if err != nil || slices.Contains(r.Units, unit) {
		return err == nil, err
	}
	u, err := s.units.Get(ctx, unit)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil && u.Phone != "" && u.Phone == r.Phone, err
}

// BindRequest proves that a resident has to do with a unit: the registered owner's name and the last four digits of the registered phone.
type BindRequest struct {
	Community string
	Label     string
	Owner     string
	PhoneTail string
}

// Bind adds a unit to a resident's. Whatever does not match is one NotFound that does not tell which part was wrong.
func (s *Service) Bind(ctx context.Context, resident string, in BindRequest) (*Unit, error) {
	var found []Unit
	q := store.Query{Index: "by_term", Equal: []any{in.Community, compact(in.Label)}}
	err := s.units.All(ctx, q, func(u Unit) error {
		if compact(u.Owner) == compact(in.Owner) && len(u.Phone) >= 4 && u.Phone[len(u.Phone)-4:] == in.PhoneTail {
			found = append(found, u)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, notFound("房号、业主姓名或手机尾号不匹配。", "Unit, owner's name and last digits of the phone do not match.")
	}
	unit := found[0]
	_, err = s.residents.Update(ctx, resident, func(r *Resident) error {
		if slices.Contains(r.Units, unit.ID) {
			return store.ErrUnchanged
		}
		r.Units = append(r.Units, unit.ID)
		return nil
	})
	return &unit, err
}
