package property

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"linlipay/store"
)

// Unit is a flat, a shop or a parking space: what bills are for. Its building and entrance are part of its label.
type Unit struct {
	ID        string `json:"id"`
	Version   int64  `json:"-"`
	Company   string `json:"company"`
	Community string `json:"community"`
	Building  string `json:"building"` // 楼栋, such as "3栋"
	Entrance  string `json:"entrance"` // 单元, such as "2单元"; may be empty
	Room      string `json:"room"`     // 房号, such as "1201"
	Label     string `json:"label"`    // such as "3栋 2单元 1201"
	Owner     string `json:"owner"`
	Phone     string `json:"phone"`
}

var units = store.Kind[Unit]{
	Schema: store.Schema{
		Name: "units",
		Fields: []store.Field{
			{Name: "community", Type: store.String}, {Name: "company", Type: store.String}, {Name: "label", Type: store.String},
			{Name: "phone", Type: store.String}, {Name: "term", Type: store.String, Many: true},
		},
		Indexes: []store.Index{
			{Name: "by_label", Fields: []string{"community", "label"}},
			{Name: "by_term", Fields: []string{"community", "term", "label"}},
			{Name: "by_phone", Fields: []string{"phone"}},
		},
		Shard: "community",
	},
	ID:      func(u *Unit) string { return u.ID },
	Version: func(u *Unit) *int64 { return &u.Version },
	Keys: func(u *Unit) store.Keys {
		keys := store.Keys{"community": {u.Community}, "company": {u.Company}, "label": {u.Label}, "term": u.terms()}
		if u.Phone != "" {
			keys["phone"] = []any{u.Phone}
		}
		return keys
	},
}

// terms are what a person may type to find the unit: the compact label from any of its parts on, every beginning of the room, the owner's name, the
// phone and its last four digits.
func (u *Unit) terms() []any {
	var terms []string
	add := func(t string) {
		if t != "" && !slices.Contains(terms, t) {
			terms = append(terms, t)
		}
	}
	building, entrance, room := compact(u.Building), compact(u.Entrance), compact(u.Room)
	for i := range []rune(room) {
		add(string([]rune(room)[:i+1]))
	}
	add(building)
	add(building + "-" + room)
	if entrance != "" {
		add(building + "-" + entrance)
		add(building + "-" + entrance + "-" + room)
		add(entrance + "-" + room)
	}
	add(compact(u.Owner))
	add(u.Phone)
	if len(u.Phone) > 4 {
		add(u.Phone[len(u.Phone)-4:])
	}
	some := make([]any, len(terms))
	for i, t := range terms {
		some[i] = t
	}
	return some
}

// compact folds what people write in different ways into one: full width to half, no spaces, no 栋/幢/号楼/单元/室, one dash between parts.
func compact(s string) string {
	s = fold(s)
	for _, word := range []string{"号楼", "楼栋", "单元", "栋", "幢", "座", "室", "房", "#", "/", "_", "—", "－"} {
		s = strings.ReplaceAll(s, word, "-")
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || unicode.IsSpace(r) })
	return strings.ToLower(strings.Join(parts, "-"))
}

// fold turns full-width characters into their usual width and removes what cannot be seen.
func fold(s string) string {
	s = width.Narrow.String(s)
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u200b', r == '\ufeff', r == '\u200c', r == '\u200d', unicode.IsControl(r) && !unicode.IsSpace(r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Unit returns a unit, or NotFound.
func (s *Service) Unit(ctx context.Context, id string) (*Unit, error) { return s.units.Get(ctx, id) }

// FindUnits finds units of the given communities by part of the label, the owner's name, or the phone or its last four digits; an empty text finds
// all. It answers a page in the order of the communities and labels, and the cursor of the next, "" on the last.
func (s *Service) FindUnits(ctx context.Context, communities []string, text, cursor string, limit int) (found []Unit, next string, err error) {
	return pages(communities, cursor, limit, func(community, place string, most int) ([]Unit, string, error) {
		q := store.Query{Index: "by_term", Equal: []any{community, compact(text)}, Cursor: place, Limit: most}
		if compact(text) == "" {
			q.Index, q.Equal = "by_label", []any{community}
		}
		return s.units.Find(ctx, q)
	})
}
