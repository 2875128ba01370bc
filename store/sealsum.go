package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Count returns how many documents the query selects. While Rekey is at work, one that it moves at this moment may be
// counted twice.
func (s *Sealed) Count(ctx context.Context, collection string, q Query) (n int64, err error) {
	v := s.of(collection)
	if v == nil {
		return s.Store.Count(ctx, collection, q)
	}
	for _, q := range s.under(v, q) {
		list, err := s.Store.Count(ctx, collection, q)
		if err != nil {
			return 0, err
		}
		n += list
	}
	return n, nil
}

// Sum groups the selected documents and adds up fields, as Count does. What is kept as a digest groups nothing. To
// group by such a field is Invalid.
func (s *Sealed) Sum(ctx context.Context, collection string, q Query, by, sums []string) ([]Group, error) {
	v := s.of(collection)
	if v == nil {
		return s.Store.Sum(ctx, collection, q, by, sums)
	}
	if slices.ContainsFunc(by, func(f string) bool { return v.digests[f] }) {
		return nil, invalid("a report of %s cannot be grouped by a digest", collection)
	}
	var all []Group
	under := s.under(v, q)
	for _, q := range under {
		groups, err := s.Store.Sum(ctx, collection, q, by, sums)
		if err != nil {
			return nil, err
		}
		all = append(all, groups...)
	}
	if len(under) == 1 {
		return all, nil
	}
	return together(all), nil
}

// together adds up the groups that are of the same values, and orders them by these.
func together(groups []Group) (all []Group) {
	at := map[string]int{}
	for _, g := range groups {
		of := fmt.Sprintf("%#v", g.By)
		i, seen := at[of]
		if !seen {
			at[of] = len(all)
			all = append(all, Group{By: g.By, Count: g.Count, Sums: slices.Clone(g.Sums)})
			continue
		}
		all[i].Count += g.Count
		for j := range g.Sums {
			all[i].Sums[j] += g.Sums[j]
		}
	}
	slices.SortFunc(all, func(a, b Group) int {
		return slices.CompareFunc(a.By, b.By, func(x, y any) int {
			if x == nil || y == nil { // a field without a value comes first, as the stores have it
				return cmp.Compare(boolInt(x != nil), boolInt(y != nil))
			}
			return compareKeys(x, y)
		})
	})
	return all
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
