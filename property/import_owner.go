package property

import (
	"context"

	"linlipay/fault"
	"linlipay/store"
)

// owners brings the records of units that were there already up to the workbook, and gives each bill the tenure in which
// it is taken in. Only a unit with a new bill is brought up to date: a workbook that was taken in before, and comes again
// after the owner has changed, changes nobody. A cell without a phone says nothing, and the name alone changes no owner.
func (s *Service) owners(ctx context.Context, in *intake, had []string) error {
	stored, err := s.storedUnits(ctx, in, had)
	if err != nil {
		return err
	}
	for i := range in.bills {
		b := &in.bills[i]
		u := stored[b.bill.Unit]
		if u == nil {
			continue // new, in its first tenure
		}
		row := &in.units[in.known[u.ID]]
		if differs(u, row) {
			fresh, err := s.fresh(ctx, b.bill.ID)
			if err != nil {
				return err
			}
			if fresh {
				before := *u
				if u, err = s.ownerOf(ctx, row); err != nil {
					return err
				}
				stored[u.ID] = u
				if u.Tenure != before.Tenure {
					b.changed = "业主已变更：" + before.Owner + " → " + u.Owner
				}
			}
		}
		b.bill.Tenure = u.Tenure
	}
	return nil
}

// differs reports whether a row says more, or other, of the owner than the record.
func differs(u, row *Unit) bool {
	return row.Phone != "" && (row.Phone != u.Phone || row.Owner != "" && row.Owner != u.Owner)
}

// ownerOf puts a row's owner on the record.
func (s *Service) ownerOf(ctx context.Context, row *Unit) (*Unit, error) {
	return s.units.Update(ctx, row.ID, func(u *Unit) error {
		if !differs(u, row) {
			return store.ErrUnchanged
		}
		owner := row.Owner
		if owner == "" {
			owner = u.Owner
		}
		u.setOwner(ctx, owner, row.Phone, Imported, s.now().UTC())
		return nil
	})
}

// fresh reports whether a bill is not there yet.
func (s *Service) fresh(ctx context.Context, bill string) (bool, error) {
	_, err := s.bills.Get(ctx, bill)
	if fault.Is(err, fault.NotFound) {
		return true, nil
	}
	return false, err
}

// storedUnits are the units of a workbook that were there before, as they are stored: their communities are read through,
// which is less than to ask for each.
func (s *Service) storedUnits(ctx context.Context, in *intake, had []string) (map[string]*Unit, error) {
	wanted, of := map[string]bool{}, map[string]bool{}
	for _, id := range had {
		wanted[id], of[in.units[in.known[id]].Community] = true, true
	}
	stored := make(map[string]*Unit, len(had))
	for community := range of {
		q := store.Query{Index: "by_label", Equal: []any{community}, Limit: store.MaxLimit}
		err := s.units.All(ctx, q, func(u Unit) error {
			if wanted[u.ID] {
				stored[u.ID] = &u
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return stored, nil
}
