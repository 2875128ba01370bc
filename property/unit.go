package property

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"linlipay/audit"
	"linlipay/phone"
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
	Phone     string `json:"phone"` // on record: who has it is the owner (owner.go)

	Tenure int      `json:"tenure,omitempty"` // of the owner; 0 is the first
	Former []Former `json:"former,omitempty"` // owners before, the first one first

	OwesAudit audit.Owed `json:"owes_audit,omitempty"` // changes of the owner, not yet in the audit log
}

var units = store.Kind[Unit]{
	Schema: audit.Declare(store.Schema{
		Name: "units",
		Fields: []store.Field{
			{Name: "community", Type: store.String}, {Name: "company", Type: store.String},
			{Name: "label", Type: store.String},
			{Name: "place", Type: store.String},
			{Name: "phone", Type: store.String, Digest: true},
			{Name: "term", Type: store.String, Many: true, Digest: true},
			{Name: "former", Type: store.String, Many: true, Digest: true},
		},
		Indexes: []store.Index{
			{Name: "by_label", Fields: []string{"community", "label"}},
			{Name: "in_order", Fields: []string{"community", "place"}},
			{Name: "by_word", Fields: []string{"community", "term", "place"}},
			{Name: "of_phone", Fields: []string{"phone", "community", "place"}},
			{Name: "of_former", Fields: []string{"former", "community", "place"}},
		},
		Shard:    "community",
		Personal: []string{"owner", "phone", "former.*.owner", "former.*.phone"},
	}),
	ID:      func(u *Unit) string { return u.ID },
	Version: func(u *Unit) *int64 { return &u.Version },
	Keys: func(u *Unit) store.Keys {
		keys := store.Keys{"community": {u.Community}, "company": {u.Company}, "label": {u.Label}, "place": {u.place()},
			"term": u.terms()}
		if u.Phone != "" {
			keys["phone"] = []any{u.Phone}
		}
		for _, f := range u.Former {
			if f.Phone != "" && !slices.Contains(keys["former"], any(f.Phone)) {
				keys["former"] = append(keys["former"], f.Phone)
			}
		}
		return u.OwesAudit.Key(keys)
	},
}

// terms are what a person of the staff may type to find the unit: what rooms gives, the owner's name, the phone and its
// last four digits.
func (u *Unit) terms() []any {
	terms := append(u.rooms(), Compact(u.Owner), u.Phone)
	if len(u.Phone) > 4 {
		terms = append(terms, u.Phone[len(u.Phone)-4:])
	}
	var list []any
	for _, t := range terms {
		if t != "" && !slices.Contains(list, any(t)) {
			list = append(list, t)
		}
	}
	return list
}

// rooms are what anybody may type to find the unit: the compact label from any of its parts on, and every beginning of
// the room.
func (u *Unit) rooms() (values []string) {
	building, entrance, room := Compact(u.Building), Compact(u.Entrance), Compact(u.Room)
	for i := range []rune(room) {
		values = append(values, string([]rune(room)[:i+1]))
	}
	values = append(values, building, building+"-"+room)
	if entrance != "" {
		values = append(values, building+"-"+entrance, building+"-"+entrance+"-"+room, entrance+"-"+room)
	}
	return values
}

// named reports whether a label as somebody types it is the unit's whole one; the entrance may be left out.
func (u *Unit) named(label string) bool {
	building, entrance, room := Compact(u.Building), Compact(u.Entrance), Compact(u.Room)
	for _, parts := range [][]string{{building, entrance, room}, {building, room}} {
		whole := strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "-")
		if Compact(label) == whole {
			return true
		}
	}
	return false
}

// Compact folds what people write in different ways into one: full width to half, no spaces, no 栋/幢/号楼/单元/室, one dash
// between parts.
func Compact(s string) string {
	s = Fold(s)
	for _, word := range []string{"号楼", "楼栋", "单元", "栋", "幢", "座", "室", "房", "#", "/", "_", "—", "－"} {
		s = strings.ReplaceAll(s, word, "-")
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || unicode.IsSpace(r) })
	return strings.ToLower(strings.Join(parts, "-"))
}

// plain reports whether a text is as it is folded: nothing but ASCII that can be seen, as most are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// Fold turns full-width characters into their usual width and removes what cannot be seen.
func Fold(s string) string {
	if plain(s) {
		return s
	}
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

// Typed is what somebody types into a search as it is looked for: folded, a phone as it is stored, and a number that
// came in groups in one piece.
func Typed(text string) string {
	if number, ok := phone.Parse(text); ok {
		return number
	}
	text = Fold(text)
	whole := strings.ReplaceAll(text, " ", "")
	if strings.Trim(whole, "0123456789") == "" {
		return whole
	}
	return text
}

// within is where a text is looked for: in the community whose name it begins with, as pages write a home, what follows
// the name; else in all of them the whole text.
func (s *Service) within(ctx context.Context, communities []string, text string) ([]string, string) {
	text = Typed(text)
	longest, where := "", communities
	for _, id := range communities {
		name := Fold(s.CommunityName(ctx, id))
		switch {
		case name == "" || !strings.HasPrefix(text, name) || len(name) < len(longest):
		case name == longest:
			where = append(where, id)
		default:
			longest, where = name, []string{id}
		}
	}
	return where, strings.Trim(text[len(longest):], " ·・,，")
}

// FindUnits finds units of the given communities by part of the label, which the community's name may precede, the
// owner's name, or the phone or its last four digits; an empty text finds all. It answers a page in the order of the
// communities and as people count, and the cursor of the next, "" on the last.
func (s *Service) FindUnits(ctx context.Context, communities []string, text, cursor string, limit int) (found []Unit,
	next string, err error) {
	communities, text = s.within(ctx, communities, text)
	return Pages(communities, cursor, limit, func(community, place string, most int) ([]Unit, string, error) {
		q := store.Query{Index: "by_word", Equal: []any{community, Compact(text)}, Cursor: place, Limit: most}
		if Compact(text) == "" {
			q.Index, q.Equal = "in_order", []any{community}
		}
		return s.units.Find(ctx, q)
	})
}

// FindRooms is FindUnits by the room alone: it tells nothing of who has which name or phone. The text must not be
// empty.
func (s *Service) FindRooms(
	ctx context.Context, communities []string, text, cursor string, limit int,
) (found []Unit, next string, err error) {
	communities, text = s.within(ctx, communities, text)
	if text == "" { // a community's name alone: nobody reads through all its homes
		return nil, "", nil
	}
	return Pages(communities, cursor, limit, func(community, place string, most int) (units []Unit, next string,
		err error) {
		q := store.Query{Index: "by_word", Equal: []any{community, Compact(text)}, Cursor: place, Limit: most}
		for {
			page, next, err := s.units.Find(ctx, q)
			if err != nil {
				return nil, "", err
			}
			page = slices.DeleteFunc(page, func(u Unit) bool { return !slices.Contains(u.rooms(), Compact(text)) })
			if units = append(units, page...); len(units) >= most || next == "" {
				return units, next, nil
			}
			q.Cursor, q.Limit = next, most-len(units)
		}
	})
}

// named is the one unit of a community with a label as somebody types it, nil where there is none or more than one.
func (s *Service) named(ctx context.Context, community, label string) (*Unit, error) {
	var found []Unit
	q := store.Query{Index: "by_word", Equal: []any{community, Compact(label)}}
	err := s.units.All(ctx, q, func(u Unit) error {
		if u.named(label) {
			found = append(found, u)
		}
		return nil
	})
	if err != nil || len(found) != 1 {
		return nil, err
	}
	return &found[0], nil
}
