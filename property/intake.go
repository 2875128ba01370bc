package property

import (
	"context"

	"linlipay/store"
)

// What is taken in from elsewhere, such as a workbook, has ids that follow from what it is, so that a repeat takes
// nothing twice.

// CommunityID is the id of a company's community with a name.
func CommunityID(company, name string) string { return IDOf(company, Compact(name)) }

// UnitID is the id of a community's unit; its entrance may be "".
func UnitID(community, building, entrance, room string) string {
	return IDOf(community, Compact(building), Compact(entrance), Compact(room))
}

// EachUnit calls do with every unit of a community, and ends with its first error.
func (s *Service) EachUnit(ctx context.Context, community string, do func(Unit) error) error {
	return s.units.All(ctx, store.Query{Index: "by_label", Equal: []any{community}, Limit: store.MaxLimit}, do)
}

// AddCommunities takes in communities; those that are there already stay as they are.
func (s *Service) AddCommunities(ctx context.Context, communities []Community) error {
	_, err := s.communities.InsertMany(ctx, communities)
	return err
}

// AddUnits takes in units. It returns the ids of those that are there already, which stay as they are.
func (s *Service) AddUnits(ctx context.Context, units []Unit) (there []string, err error) {
	return s.units.InsertMany(ctx, units)
}

// ChangeOwner changes a unit's record by compare-and-set: put is called with the record as it is, calls Unit.PutOwner
// and may be called again; store.ErrUnchanged leaves it as it is.
func (s *Service) ChangeOwner(ctx context.Context, unit string, put func(*Unit) error) (*Unit, error) {
	return s.units.Update(ctx, unit, put)
}
