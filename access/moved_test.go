package access

import (
	"cmp"
	"slices"
	"testing"
)

// Whoever approves a move is told of every day on which it makes something else of what was decided before.
func TestAMoveTellsWhatItUndoes(t *testing.T) {
	const today = Day("2026-11-28")
	entity, region := Stay{"first", ""}, Stay{"north", "2026-01-01"}
	tests := map[string]struct {
		entities, regions []Stay
		move              Move
		want              []Moved
	}{
		"nothing was decided": {nil, nil, Move{Entity: "branch", From: "2026-12-05"},
			[]Moved{{"c", false, "2026-12-05", "first", "branch"}}},
		"a later move to another entity": {[]Stay{entity, {"branch", "2027-01-01"}}, nil,
			Move{Entity: "first", From: "2026-12-05"},
			[]Moved{{"c", false, "2026-12-05", "first", "first"}, {"c", false, "2027-01-01", "branch", "first"}}},
		"a later move to the same": {[]Stay{entity, {"branch", "2027-01-01"}}, nil,
			Move{Entity: "branch", From: "2026-12-05"}, []Moved{{"c", false, "2026-12-05", "first", "branch"}}},
		"two later ones": {[]Stay{entity, {"branch", "2027-01-01"}, {"third", "2027-03-01"}}, nil,
			Move{Entity: "first", From: "2026-12-05"},
			[]Moved{{"c", false, "2026-12-05", "first", "first"}, {"c", false, "2027-01-01", "branch", "first"},
				{"c", false, "2027-03-01", "third", "first"}}},
		"an earlier one stays": {[]Stay{entity, {"branch", "2026-12-01"}}, nil,
			Move{Entity: "third", From: "2026-12-05"}, []Moved{{"c", false, "2026-12-05", "branch", "third"}}},
		"out of a region and back": {nil, []Stay{region, {"", "2026-12-01"}, {"north", "2027-02-01"}},
			Move{Region: "south", From: "2026-11-30"},
			[]Moved{{"c", true, "2026-11-30", "north", "south"}, {"c", true, "2026-12-01", "", "south"},
				{"c", true, "2027-02-01", "north", "south"}}},
		"into none": {nil, []Stay{region, {"south", "2027-02-01"}}, Move{NoRegion: true, From: "2026-12-05"},
			[]Moved{{"c", true, "2026-12-05", "north", ""}, {"c", true, "2027-02-01", "south", ""}}},
	}
	for name, at := range tests {
		at.move.Communities = []string{"c"}
		o := newOrganisation("first", "公司", DefaultSettings())
		o.Places = []Place{{Community: "c", Entities: at.entities, Regions: at.regions}}
		got := o.Moved(at.move)
		if !slices.Equal(got, at.want) {
			t.Errorf("%s: %v, want %v", name, got, at.want)
		}
		after := o.clone()
		if err := after.move(at.move, today); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, stay := range slices.Concat(at.entities, at.regions) { // nothing else is changed of what was decided
			kept := slices.Contains(slices.Concat(after.Place("c").Entities, after.Place("c").Regions), stay)
			told := slices.ContainsFunc(got, func(m Moved) bool { return m.From == stay.From && m.Before == stay.Of })
			same := stay.Of == cmp.Or(at.move.Entity, at.move.Region)
			if !kept && !told && !same {
				t.Errorf("%s: that %v is undone is not told", name, stay)
			}
		}
	}
}
