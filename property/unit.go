package property

import (
	"context"
	"slices"
	"strings"

	"linlipay/audit"
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
			{Name: "term", Type: store.String, Many: true, Digest: true, Form: "people apart"},
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

// ofPerson begins each term that is of a person. No room is spelled so, since Compact leaves no spaces: the digest of a
// room, which the label beside it tells everybody, would tell the end of a phone too where both were one text.
const ofPerson = "of "

// terms are what a person of the staff may type to find the unit: what rooms and people give.
func (u *Unit) terms() []any {
	list := u.rooms()
	for _, t := range u.people() {
		list = append(list, ofPerson+t.(string))
	}
	return list
}

// people are what the owner is found by: the name, the phone and its last four digits.
func (u *Unit) people() []any {
	list := listed(Compact(u.Owner), u.Phone)
	if len(u.Phone) > 4 {
		list = append(list, u.Phone[len(u.Phone)-4:])
	}
	return list
}

// listed are texts as keys, each once and none empty.
func listed(texts ...string) (list []any) {
	for _, t := range texts {
		if t != "" && !slices.Contains(list, any(t)) {
			list = append(list, t)
		}
	}
	return list
}

// rooms are what anybody may type to find the unit: the compact label from any of its parts on, and every beginning of
// the room.
func (u *Unit) rooms() []any {
	building, entrance, room := Compact(u.Building), Compact(u.Entrance), Compact(u.Room)
	var texts []string
	for i := range []rune(room) {
		texts = append(texts, string([]rune(room)[:i+1]))
	}
	texts = append(texts, building, building+"-"+room)
	if entrance != "" {
		texts = append(texts, building+"-"+entrance, building+"-"+entrance+"-"+room, entrance+"-"+room)
	}
	return listed(texts...)
}

// named reports whether a compact label is the unit's whole one; the entrance may be left out.
func (u *Unit) named(label string) bool {
	building, entrance, room := Compact(u.Building), Compact(u.Entrance), Compact(u.Room)
	for _, parts := range [][]string{{building, entrance, room}, {building, room}} {
		whole := strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "-")
		if label == whole {
			return true
		}
	}
	return false
}

// Unit returns a unit, or NotFound.
func (s *Service) Unit(ctx context.Context, id string) (*Unit, error) { return s.units.Get(ctx, id) }

// within is where a text is looked for: in the community whose name it begins with, as pages write a home, what follows
// the name; else in all of them the whole text.
func (s *Service) within(ctx context.Context, communities []string, text string) ([]string, string) {
	text = Fold(text)
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

// UnitFilter selects units for UnitPage.
type UnitFilter struct {
	Communities []string
	// part of the label, which the community's name may precede, the owner's name, or the phone or its last four
	// digits; "" is all. A number alone is a building or a room: an entrance is one when it says so (1单元)
	Text string
	// by the room alone, which tells nothing of who has which name or phone: an empty text then finds none
	Rooms  bool
	Desc   bool // in the opposite order
	Cursor string
	Limit  int // units of a page, as store.Query has it
}

// UnitPage is a page of units in the order of the communities and as people count, and the cursor of the next, "" on
// the last.
func (s *Service) UnitPage(ctx context.Context, f UnitFilter) (found []Unit, next string, err error) {
	f.Communities, f.Text = s.within(ctx, f.Communities, f.Text)
	switch {
	case f.Rooms && f.Text == "": // a community's name alone: nobody reads through all its homes
		return nil, "", nil
	case isEntrance(f.Text):
		return s.ofEntrance(ctx, f)
	case f.Rooms || Compact(f.Text) != "":
		return s.spelled(ctx, f)
	}
	parts := f.inTurn(f.Communities)
	return Pages(parts, f.Cursor, f.Limit, func(community, place string, most int) ([]Unit, string, error) {
		return s.units.Find(ctx, store.Query{Index: "in_order", Equal: []any{community}, Desc: f.Desc, Cursor: place,
			Limit: most})
	})
}

// ofEntrance finds the units of an entrance that was typed alone, whatever building it is of.
func (s *Service) ofEntrance(ctx context.Context, f UnitFilter) (found []Unit, next string, err error) {
	parts := f.inTurn(f.Communities)
	return Pages(parts, f.Cursor, f.Limit, func(community, place string, most int) ([]Unit, string, error) {
		q := store.Query{Index: "in_order", Equal: []any{community}, Desc: f.Desc, Cursor: place, Limit: most}
		return s.only(ctx, q, func(u Unit) bool { return u.inEntrance(f.Text) })
	})
}

// only is a page of the units that a query finds and keep keeps.
func (s *Service) only(ctx context.Context, q store.Query, keep func(Unit) bool) (units []Unit, next string,
	err error) {
	for most := q.Limit; ; q.Cursor, q.Limit = next, most-len(units) {
		var page []Unit
		if page, next, err = s.units.Find(ctx, q); err != nil {
			return nil, "", err
		}
		page = slices.DeleteFunc(page, func(u Unit) bool { return !keep(u) })
		if units = append(units, page...); len(units) >= most || next == "" {
			return units, next, nil
		}
	}
}

// inTurn are the parts of a list in the order in which they are gone through.
func (f UnitFilter) inTurn(parts []string) []string {
	parts = slices.Clone(parts)
	if f.Desc {
		slices.Reverse(parts)
	}
	return parts
}

// FindUnits is UnitPage by any text, in the usual order.
func (s *Service) FindUnits(ctx context.Context, communities []string, text, cursor string, limit int) (found []Unit,
	next string, err error) {
	return s.UnitPage(ctx, UnitFilter{Communities: communities, Text: text, Cursor: cursor, Limit: limit})
}

// FindRooms is UnitPage by the room alone, in the usual order.
func (s *Service) FindRooms(ctx context.Context, communities []string, text, cursor string, limit int) (found []Unit,
	next string, err error) {
	f := UnitFilter{Communities: communities, Text: text, Rooms: true, Cursor: cursor, Limit: limit}
	return s.UnitPage(ctx, f)
}

// spelled finds the units that have a text, in any of its spellings, as a room, and those of people that are found by
// it: community by community, of each the spelling that was typed first, and people last. A unit comes once, under the
// first that it has.
func (s *Service) spelled(ctx context.Context, f UnitFilter) (found []Unit, next string, err error) {
	ways, where := spellings(Typed(f.Text)), said(f.Text)
	for _, way := range spellings(f.Text) { // 1 1 302, which Typed takes for a number that came in groups
		if !slices.Contains(ways, way) {
			ways = append(ways, way)
		}
	}
	asked := slices.Clone(ways)
	if !f.Rooms {
		asked = append(asked, ofPerson+ways[0])
	}
	var parts []string
	for _, community := range f.Communities {
		for _, way := range asked {
			parts = append(parts, community+" "+way)
		}
	}
	return Pages(f.inTurn(parts), f.Cursor, f.Limit, func(part, place string, most int) (units []Unit, next string,
		err error) {
		community, way, _ := strings.Cut(part, " ")
		q := store.Query{Index: "by_word", Equal: []any{community, way}, Desc: f.Desc, Cursor: place, Limit: most}
		return s.only(ctx, q, func(u Unit) bool { return u.comesUnder(way, ways, where, !f.Rooms) })
	})
}

// comesUnder reports whether a unit that was found by one way to spell a text belongs there: under the first that is a
// room's, else, with people, under what is a person's. Terms of people were stored without ofPerson once.
func (u *Unit) comesUnder(way string, ways []string, where saidPlace, people bool) bool {
	var rooms []any
	if where.admits(u) {
		rooms = u.rooms()
	}
	if i := slices.IndexFunc(ways, func(w string) bool { return slices.Contains(rooms, any(w)) }); i >= 0 {
		return ways[i] == way
	}
	return people && slices.Contains(u.people(), any(strings.TrimPrefix(way, ofPerson)))
}

// named is the one unit of a community with a label as somebody types it, nil where there is none or more than one. As
// it was typed it comes before other spellings.
func (s *Service) named(ctx context.Context, community, label string) (*Unit, error) {
	for _, way := range spellings(label) {
		var found []Unit
		q := store.Query{Index: "by_word", Equal: []any{community, way}}
		err := s.units.All(ctx, q, func(u Unit) error {
			if u.named(way) {
				found = append(found, u)
			}
			return nil
		})
		switch {
		case err != nil || len(found) > 1:
			return nil, err
		case len(found) == 1:
			return &found[0], nil
		}
	}
	return nil, nil
}
