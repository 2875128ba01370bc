package store_test

import (
	"encoding/base64"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"linlipay/fault"
	"linlipay/store"
)

// notes is a collection with every kind of field that an order of pages may go by.
var notes = store.Schema{
	Name: "notes",
	Fields: []store.Field{
		{Name: "owner", Type: store.String}, {Name: "at", Type: store.Int}, {Name: "title", Type: store.String},
		{Name: "tag", Type: store.String, Many: true},
	},
	Indexes: []store.Index{
		{Name: "by_owner", Fields: []string{"owner"}},
		{Name: "by_at", Fields: []string{"owner", "at"}},
		{Name: "by_title", Fields: []string{"owner", "title", "at"}},
		{Name: "by_tag", Fields: []string{"tag", "at"}},
	},
}

// pages are queries by the number of values that their cursor holds beside the id, and whether each is a number.
func pages() []struct {
	query   store.Query
	numbers []bool
} {
	return []struct {
		query   store.Query
		numbers []bool
	}{
		{store.Query{Index: "by_owner", Equal: []any{"o"}}, nil},
		{store.Query{Index: "by_at", Equal: []any{"o"}}, []bool{true}},
		{store.Query{Index: "by_title", Equal: []any{"o"}}, []bool{false, true}},
		{store.Query{Index: "by_title", Equal: []any{"o"}, In: []any{"a", "b"}}, []bool{true}},
		{store.Query{Index: "by_tag", Equal: []any{"t"}, From: int64(1), To: int64(9), Desc: true}, []bool{true}},
		{store.Query{Index: "by_title"}, []bool{false, false, true}},
	}
}

// An arbitrary cursor is refused as the caller's mistake, or gives exactly as many values as the order needs, each of
// its field's type.
func FuzzPlanResume(f *testing.F) {
	for _, text := range []string{
		`["id"]`, `[1,"id"]`, `["t",1,"id"]`, `["o","t",1,"id"]`, `[]`, `null`, `[null,"id"]`, `[1,null]`, `[1.5,"id"]`,
		`[1e3,"id"]`, `[9223372036854775808,"id"]`,
		`["1","id"]`, `[1,"id","more"]`, `[[1],{}]`, `[1,"id"]x`, `{"0":1}`, "[1,\"\xff\"]", `[1,"\ud800"]`,
		`[-9223372036854775808,"\u0000"]`, strings.Repeat("[", 20000),
	} {
		for i := range pages() {
			f.Add(uint8(i), base64.RawURLEncoding.EncodeToString([]byte(text)))
		}
	}
	for _, text := range []string{"", "=", "zzz", "W10=", "W10\n", "\x00", "WzEsImlkIl0", "WzEsImlkIl1"} {
		f.Add(uint8(1), text)
	}
	f.Fuzz(func(t *testing.T, which uint8, cursor string) {
		page := pages()[int(which)%len(pages())]
		page.query.Cursor = cursor
		p, err := notes.Plan(page.query)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("%q: %v", cursor, err)
			}
			return
		}
		if cursor == "" {
			if p.After != nil {
				t.Fatalf("no cursor resumes at %v", p.After)
			}
			return
		}
		if len(p.After) != len(page.numbers)+1 {
			t.Fatalf("%q resumes at %v", cursor, p.After)
		}
		for i, v := range p.After {
			_, number := v.(int64)
			_, text := v.(string)
			if wantNumber := i < len(page.numbers) && page.numbers[i]; number != wantNumber || text == wantNumber {
				t.Fatalf("%q resumes at %#v", cursor, p.After)
			}
		}
		raw, err := base64.RawURLEncoding.DecodeString(cursor)
		var values []any
		if err != nil || json.Unmarshal(raw, &values) != nil || len(values) != len(p.After) {
			t.Fatalf("%q is no cursor and resumes at %v", cursor, p.After)
		}
		for i, v := range values {
			if v == nil {
				t.Fatalf("value %d of %s is none, and resumes at %#v", i, raw, p.After[i])
			}
		}
	})
}

// A cursor made where a page ended resumes exactly there.
func FuzzPlanCursor(f *testing.F) {
	f.Add("id", "title", int64(1))
	f.Add("", "", int64(0))
	f.Add("标题\u2028<&>", "\u0000\U0010FFFF", int64(-9223372036854775808))
	f.Add("\"]", "\\u0041", int64(9007199254740993))
	f.Fuzz(func(t *testing.T, id, title string, at int64) {
		id, title = strings.ToValidUTF8(id, "?"), strings.ToValidUTF8(title, "?") // what a store holds is UTF-8
		doc := store.Doc{ID: id, Keys: store.Keys{"owner": {"o"}, "title": {title}, "at": {at}, "tag": {"t", "u"}}}
		for _, page := range pages() {
			p, err := notes.Plan(page.query)
			if err != nil {
				t.Fatal(err)
			}
			page.query.Cursor = p.Cursor(doc)
			if p, err = notes.Plan(page.query); err != nil {
				t.Fatalf("%+v: %v", page.query, err)
			}
			var want []any
			for _, name := range p.Order {
				want = append(want, doc.Keys[name][0])
			}
			if want = append(want, id); !reflect.DeepEqual(p.After, want) {
				t.Fatalf("%+v resumes at %#v, want %#v", page.query, p.After, want)
			}
		}
	})
}
