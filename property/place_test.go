package property

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"linlipay/store"
)

// Each line is units (building/entrance/room) or names in the order in which people count them.
var counting = [][]string{
	{"1栋/1单元/101", "1栋/1单元/102", "1栋/1单元/1001", "1栋/2单元/101", "2栋/1单元/101", "10栋/1单元/101", "11栋/1单元/101"},
	{"//1-1-302", "//1-2-101", "//1-10-101", "//2-1-101", "//10-1-101"},
	{"A座//9", "A座//10", "B座//1", "B座//A1", "C座//1"},
	{"//商铺1", "//商铺2", "//商铺10", "//商铺11"},
	{"１栋//101", "2栋//101", "１０栋//101"},
	{"1栋//101", "1栋//101A", "1栋//101B", "1栋//102", "1栋//a1"},
	{"3栋//101", "3栋/1单元/101", "3附栋//101"},
	{"一栋//101", "二栋//101", "三栋//101", "九栋//101", "十栋//101", "十一栋//101", "二十栋//101", "二十一栋//101", "一百零三栋//101"},
	{"1栋/一单元/101", "1栋/二单元/101", "1栋/三单元/101", "1栋/十单元/101"},
	{"甲栋//1", "乙栋//1", "丙栋//1", "丁栋//1"},
	{"一栋//1", "2栋//1", "三栋//1"},
	{"//B1-9", "//B1-10", "//B2-1", "//B10-1"},
	{"//007", "//8", "//009", "//010"},
	{"锦绣花园一期", "锦绣花园二期", "锦绣花园三期", "锦绣花园十期"},
	{"锦绣花园1期", "锦绣花园2期", "锦绣花园10期"},
	{"//①", "//2", "//⑩"},
}

// In whatever order they come, they stand as people count.
func TestUnitsStandAsPeopleCount(t *testing.T) {
	for _, want := range counting {
		got := slices.Clone(want)
		rand.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		slices.SortFunc(got, func(a, b string) int {
			return strings.Compare(place(strings.Split(a, "/")...), place(strings.Split(b, "/")...))
		})
		if !slices.Equal(got, want) {
			t.Errorf("%v\nwant %v", got, want)
		}
	}
}

// Characters that count in one place are a name in another.
func TestNamesAreNoNumbers(t *testing.T) {
	for _, name := range []string{"三元里小区", "百合苑", "九龙仓", "万科城"} {
		if p := placeOf(name); !strings.HasPrefix(p, string([]rune(name)[:1])) {
			t.Errorf("%s stands as %q", name, p)
		}
	}
}

func labels(units []Unit) (got []string) {
	for _, u := range units {
		got = append(got, u.Label)
	}
	return got
}

// Lists and searches come so page by page, also of units that were written before there were places.
func TestListsStandAsPeopleCount(t *testing.T) {
	s := openHomes(t)
	var written []string
	want := []string{"1栋 1单元 101", "2栋 1单元 101", "2栋 10单元 101", "10栋 1单元 101", "A座 101", "B座 101"}
	parts := []string{"2栋/10单元", "10栋/1单元", "B座/", "1栋/1单元", "A座/", "2栋/1单元"}
	for _, p := range parts {
		written = append(written, p+"/101/王小明/"+ownersPhone)
	}
	put(t, s, written...)
	forgetPlaces(t, s)
	if units, _, _ := s.FindUnits(t.Context(), []string{sunshine}, "", "", 0); len(units) != 0 {
		t.Fatal("the units have places still", labels(units))
	}
	for _, want := range []int64{int64(len(want)), 0} {
		var begun int64
		if err := s.PutInOrder(t.Context(), func(_ Community, units int64) { begun += units }); err != nil ||
			begun != want {
			t.Fatalf("%d units were put in order, not %d; %v", begun, want, err)
		}
	}
	r, err := s.ResidentByPhone(t.Context(), ownersPhone)
	if err != nil {
		t.Fatal(err)
	}
	lists := map[string]func(cursor string) ([]Unit, string, error){
		"all": func(cursor string) ([]Unit, string, error) {
			return s.FindUnits(t.Context(), []string{sunshine}, "", cursor, 2)
		},
		"search": func(cursor string) ([]Unit, string, error) {
			return s.FindUnits(t.Context(), []string{sunshine}, "101", cursor, 2)
		},
		"rooms": func(cursor string) ([]Unit, string, error) {
			return s.FindRooms(t.Context(), []string{sunshine}, "101", cursor, 2)
		},
		"a resident's": func(cursor string) (units []Unit, next string, err error) {
			homes, next, err := s.UnitsOf(t.Context(), r.ID, owesAll, cursor, 2)
			for _, h := range homes {
				units = append(units, h.Unit)
			}
			return units, next, err
		},
	}
	for name, list := range lists {
		var got []string
		for cursor := ""; ; {
			units, next, err := list(cursor)
			if err != nil {
				t.Fatal(name, err)
			}
			if got = append(got, labels(units)...); next == "" {
				break
			}
			cursor = next
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v\nwant %v", name, got, want)
		}
	}
}

// forgetPlaces writes the units and communities as a version did that knew no places.
func forgetPlaces(t *testing.T, s *Service) {
	t.Helper()
	old := units
	old.Keys = func(u *Unit) store.Keys {
		keys := units.Keys(u)
		delete(keys, "place")
		return keys
	}
	before := communities
	before.Keys = func(c *Community) store.Keys { return store.Keys{"company": {c.Company}, "name": {c.Name}} }
	all, _, err := s.FindUnits(t.Context(), []string{sunshine}, "", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if err := old.In(storeOf(t, s)).Replace(t.Context(), &all[i]); err != nil {
			t.Fatal(err)
		}
	}
	c, err := s.Community(t.Context(), sunshine)
	if err != nil {
		t.Fatal(err)
	}
	if err := before.In(storeOf(t, s)).Replace(t.Context(), c); err != nil {
		t.Fatal(fmt.Errorf("the community: %w", err))
	}
}
