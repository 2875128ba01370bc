package property

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
)

// openHomes makes the service over a real store, with the company one.
func openHomes(t testing.TB) *Service {
	t.Helper()
	st := sqlitetest.Open(t, Schemas()...)
	s := NewService(st, time.Now)
	stores.Store(s, st)
	if err := s.AddCompany(t.Context(), "one", "第一物业"); err != nil {
		t.Fatal(err)
	}
	return s
}

// stores are the stores of the services that openHomes made.
var stores sync.Map

func storeOf(t testing.TB, s *Service) store.Store {
	t.Helper()
	st, _ := stores.Load(s)
	return st.(store.Store)
}

// sunshine is the community 阳光里 of company one.
var sunshine = CommunityID("one", "阳光里")

// put takes units into 阳光里, each written as building/entrance/room/owner/phone.
func put(t testing.TB, s *Service, written ...string) []Unit {
	t.Helper()
	err := s.AddCommunities(t.Context(), []Community{{ID: sunshine, Company: "one", Name: "阳光里"}})
	if err != nil {
		t.Fatal(err)
	}
	var units []Unit
	for _, w := range written {
		p := strings.Split(w, "/")
		units = append(units, Unit{
			ID: UnitID(sunshine, p[0], p[1], p[2]), Company: "one", Community: sunshine, Building: p[0],
			Entrance: p[1], Room: p[2], Label: strings.Join(strings.Fields(p[0]+" "+p[1]+" "+p[2]), " "),
			Owner: p[3], Phone: p[4],
		})
	}
	if there, err := s.AddUnits(t.Context(), units); err != nil || len(there) > 0 {
		t.Fatal(there, err)
	}
	return units
}

// owesAll says that every former owner owes something.
func owesAll(context.Context, *Home) (bool, error) { return true, nil }

// owesNothing says that none does.
func owesNothing(context.Context, *Home) (bool, error) { return false, nil }

func FuzzLabel(f *testing.F) {
	f.Add("1栋 1单元 101")
	f.Fuzz(func(t *testing.T, s string) {
		if c := Compact(s); Compact(c) != c {
			t.Errorf("Compact(%q) = %q, and again %q", s, c, Compact(c))
		}
	})
}
