package property

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
)

// likeRooms are homes of which the owner's name, or the end of the phone, is a text that is a room's too.
var likeRooms = []string{
	"1栋//1201/张伟/13800000000", "2栋//301/李静/13900001201", "3栋//1201/王芳/13700001201",
	"4栋//302/十二/13600000302", "5栋//十二/陈杰/", "6栋/2单元/0302/6-2/13500006202",
}

// A keyed digest tells which texts are one. What a room's term is, its label tells everybody who has the file: so no
// term of a person may be that of any room.
func TestNoTermOfAPersonIsARooms(t *testing.T) {
	s := openHomes(t)
	homes := put(t, s, likeRooms...)
	var rooms []any
	for i := range homes {
		rooms = append(rooms, homes[i].rooms()...)
	}
	for _, u := range homes {
		if len(u.people()) == 0 {
			t.Errorf("%s is of nobody", u.Label)
		}
		for _, term := range units.Keys(&u)["term"][len(u.rooms()):] {
			if slices.Contains(rooms, term) {
				t.Errorf("%q, by which people find %s, is a room's too", term, u.Label)
			}
		}
	}
}

// All the same each is found by all of it, once, on pages of any length, also where it was stored when a person's terms
// were as a room's; and a terminal, which asks for rooms, learns of no person.
func TestHomesAreFoundByRoomAndByPerson(t *testing.T) {
	for name, s := range map[string]*Service{"now": storedWith(t, units), "before": storedWith(t, bareTerms())} {
		for typed, want := range map[string]struct{ staff, terminal string }{
			"1201": {"1栋 2栋 3栋", "1栋 3栋"}, "张伟": {"1栋", ""}, "13900001201": {"2栋", ""},
			"302": {"4栋 6栋", "4栋 6栋"}, "0302": {"4栋 6栋", "4栋 6栋"}, "6-2": {"6栋", "6栋"},
			"6202": {"6栋", ""}, "王": {"", ""},
			"十二": {"1栋 3栋 4栋 5栋", "1栋 3栋 5栋"},
		} {
			for limit := 1; limit < 4; limit++ {
				if got := buildings(t, s.FindUnits, typed, limit); got != want.staff {
					t.Errorf("%s, %s, pages of %d: staff find %q, want %q", typed, name, limit, got, want.staff)
				}
				if got := buildings(t, s.FindRooms, typed, limit); got != want.terminal {
					t.Errorf("%s, %s, pages of %d: terminals find %q, want %q", typed, name, limit, got, want.terminal)
				}
			}
		}
	}
}

// A store that was sealed when a person's terms were as a room's is found to be behind, and Rekey puts them apart.
func TestRekeyPutsTermsOfPeopleApart(t *testing.T) {
	plain := sqlitetest.Open(t)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	before := bareTerms()
	before.Schema.Fields = slices.Clone(units.Schema.Fields)
	for i := range before.Schema.Fields {
		before.Schema.Fields[i].Form = ""
	}
	u := Unit{ID: "u", Company: "one", Community: sunshine, Room: "301", Label: "301", Phone: "13900001201"}
	if err := before.In(sealed(t, plain, box, before.Schema)).Insert(t.Context(), &u); err != nil {
		t.Fatal(err)
	}
	now := sealed(t, plain, box, Schemas()...)
	NewService(now, time.Now)
	found := func() int64 {
		n, err := plain.Count(t.Context(), "units", store.Query{Index: "by_word",
			Equal: []any{sunshine, box.Digest("units.term", "1201")}})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if behind, err := now.Behind(t.Context()); err != nil || !behind || found() != 1 {
		t.Fatalf("behind is %v, %v; %d are found as a room", behind, err, found())
	}
	if err := now.Rekey(t.Context(), false, func(store.RekeyProgress) {}); err != nil || found() != 0 {
		t.Errorf("%v; %d are found as a room still", err, found())
	}
}

func sealed(t *testing.T, st store.Store, box seal.Box, schemas ...store.Schema) *store.Sealed {
	t.Helper()
	s := store.Seal(st, box, time.Now, slog.New(slog.DiscardHandler))
	if err := s.Ensure(t.Context(), schemas...); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// storedWith makes a service whose homes are stored as a kind says.
func storedWith(t *testing.T, kind store.Kind[Unit]) *Service {
	t.Helper()
	s := openHomes(t)
	for _, u := range put(t, s, likeRooms...) {
		if _, err := kind.In(storeOf(t, s)).Update(t.Context(), u.ID, func(*Unit) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// bareTerms are units as they were stored when a person's terms were as a room's.
func bareTerms() store.Kind[Unit] {
	kind := units
	kind.Keys = func(u *Unit) store.Keys {
		keys, terms := units.Keys(u), u.rooms()
		for _, p := range u.people() {
			if !slices.Contains(terms, p) {
				terms = append(terms, p)
			}
		}
		keys["term"] = terms
		return keys
	}
	return kind
}

// buildings are those of the units that are found, page by page, in order.
func buildings(t *testing.T, find func(context.Context, []string, string, string, int) ([]Unit, string, error),
	typed string, limit int) string {
	t.Helper()
	var all []string
	for cursor := ""; ; {
		found, next, err := find(t.Context(), []string{sunshine}, typed, cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range found {
			all = append(all, u.Building)
		}
		if cursor = next; next == "" {
			slices.Sort(all)
			return strings.Join(all, " ")
		}
	}
}
