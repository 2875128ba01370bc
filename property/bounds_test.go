package property

import (
	"fmt"
	"testing"
)

// A room whose label begins like more than a page of others, all of them older in the list, is bound like any other.
func TestBindFindsTheUnitAmongAll(t *testing.T) {
	s := openHomes(t)
	var written []string
	for i := range 80 {
		written = append(written, fmt.Sprintf("1栋//1%02d/住户/", i))
	}
	written = append(written, "9栋//1/王小明/13800000001")
	put(t, s, written...)
	r, err := s.ResidentByPhone(t.Context(), "13911111111")
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.AskToBind(t.Context(), r.ID, BindRequest{Community: sunshine, Label: "9-1", Way: ByCode})
	if err != nil || b.Unit == "" {
		t.Fatal(b, err)
	}
	if _, err := s.BindByCode(t.Context(), b.ID); err != nil {
		t.Fatal(err)
	}
	if h, err := s.Home(t.Context(), r.ID, b.Unit); err != nil || h.As != Bound {
		t.Errorf("%+v, %v", h, err)
	}
	if mine, next, err := s.UnitsOf(t.Context(), r.ID, owesAll, "", 0); err != nil || len(mine) != 1 || next != "" {
		t.Errorf("%v, %q, %v", mine, next, err)
	}
}

// Pages of a list of several parts are the parts one after the other, whatever the length of the page, and the last
// page says that it is the last.
func TestPagesOfSeveralParts(t *testing.T) {
	lengths := map[string]int{"a": 3, "b": 0, "c": 2, "d.e": 4, "f": 0}
	parts := []string{"a", "b", "c", "d.e", "f"}
	read := func(part, cursor string, limit int) (values []string, next string, err error) {
		from := 0
		if cursor != "" {
			if _, err := fmt.Sscan(cursor, &from); err != nil {
				return nil, "", err
			}
		}
		to := min(from+limit, lengths[part])
		for i := from; i < to; i++ {
			values = append(values, fmt.Sprint(part, i))
		}
		if to < lengths[part] {
			next = fmt.Sprint(to)
		}
		return values, next, nil
	}
	const want = "[a0 a1 a2 c0 c1 d.e0 d.e1 d.e2 d.e3]"
	for limit := range 12 {
		var all []string
		for cursor, turn := "", 0; ; turn++ {
			page, next, err := Pages(parts, cursor, limit, read)
			if err != nil {
				t.Fatal(err)
			}
			if all = append(all, page...); next == "" {
				if len(page) == 0 {
					t.Errorf("pages of %d: the last is empty", limit)
				}
				break
			}
			if len(page) != limit {
				t.Errorf("a page of %d has %d lines and is not the last", limit, len(page))
			}
			cursor = next
		}
		if got := fmt.Sprint(all); got != want {
			t.Errorf("pages of %d: %s, want %s", limit, got, want)
		}
	}
}
