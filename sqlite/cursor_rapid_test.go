package sqlite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linlipay/store"
)

// leaf is a document as the model knows it.
type leaf struct {
	id, title string
	at        int64
	tags      []string
}

// leaves are kept apart by book: each run of a property has one of its own.
var leaves = store.Schema{
	Name: "leaves",
	Fields: []store.Field{
		{Name: "book", Type: store.String}, {Name: "at", Type: store.Int}, {Name: "title", Type: store.String},
		{Name: "tag", Type: store.String, Many: true},
	},
	Indexes: []store.Index{
		{Name: "by_book", Fields: []string{"book"}},
		{Name: "by_at", Fields: []string{"book", "at"}},
		{Name: "by_title", Fields: []string{"book", "title", "at"}},
		{Name: "by_tag", Fields: []string{"tag", "at"}},
	},
}

// compare orders leaves as an index does: by the fields, then by id.
type compare func(a, b leaf) int

func byID(a, b leaf) int { return strings.Compare(a.id, b.id) }

func byAt(a, b leaf) int { return cmp.Or(cmp.Compare(a.at, b.at), byID(a, b)) }

func byTitle(a, b leaf) int { return cmp.Or(strings.Compare(a.title, b.title), byAt(a, b)) }

// paging is a query of one book, which leaves it selects, and in which order.
type paging struct {
	query   store.Query
	selects func(leaf) bool
	order   compare
}

func pagings(t *rapid.T, book string) paging {
	from, to := rapid.Int64Range(-3, 3).Draw(t, "from"), rapid.Int64Range(-3, 4).Draw(t, "to")
	tag := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "tag")
	titles := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"", "a", "b", "标题"}), 1, 3, rapid.ID).Draw(t, "titles")
	in := make([]any, len(titles))
	for i := range titles {
		in[i] = titles[i]
	}
	all := func(leaf) bool { return true }
	within := func(l leaf) bool { return l.at >= from && l.at < to }
	return rapid.SampledFrom([]paging{
		{store.Query{Index: "by_book", Equal: []any{book}}, all, byID},
		{store.Query{Index: "by_at", Equal: []any{book}}, all, byAt},
		{store.Query{Index: "by_at", Equal: []any{book}, From: from, To: to}, within, byAt},
		{store.Query{Index: "by_title", Equal: []any{book}}, all, byTitle},
		{store.Query{Index: "by_title", Equal: []any{book}, In: in}, func(l leaf) bool {
			return slices.Contains(titles, l.title)
		}, byAt},
		{store.Query{Index: "by_title", Equal: []any{book}, From: "a", To: "b"}, func(l leaf) bool {
			return l.title >= "a" && l.title < "b"
		}, byTitle},
		{store.Query{Index: "by_tag", Equal: []any{book + tag}}, func(l leaf) bool {
			return slices.Contains(l.tags, tag)
		}, byAt},
	}).Draw(t, "query")
}

// some draws leaves with few different values, so that many are alike in all but their id.
func some(t *rapid.T, label string) []leaf {
	one := rapid.Custom(func(t *rapid.T) leaf {
		return leaf{
			id:    rapid.StringMatching(`[a-d]{1,3}|[é-ü]|[0-9]|'"%_`).Draw(t, "id"),
			title: rapid.SampledFrom([]string{"", "a", "a\x00", "ab", "b", "标题", "\U0001F600"}).Draw(t, "title"),
			at: rapid.OneOf(rapid.Int64Range(-3, 3), rapid.SampledFrom([]int64{-1 << 63, 1<<63 - 1, 1<<53 + 1})).
				Draw(t, "at"),
			tags: rapid.SampledFrom([][]string{nil, {"x"}, {"y"}, {"x", "y"}}).Draw(t, "tags"),
		}
	})
	return rapid.SliceOfNDistinct(one, 0, 12, func(l leaf) string { return l.id }).Draw(t, label)
}

// put stores the leaves that are new to the book and returns them.
func put(t *rapid.T, s *Store, book string, in []leaf, have map[string]bool) []leaf {
	var fresh []leaf
	var docs []store.Doc
	for _, l := range in {
		if have[l.id] {
			continue
		}
		have[l.id] = true
		keys := store.Keys{"book": {book}, "at": {l.at}, "title": {l.title}}
		for _, tag := range l.tags {
			keys["tag"] = append(keys["tag"], book+tag)
		}
		fresh, docs = append(fresh, l), append(docs, store.Doc{ID: book + l.id, Keys: keys, Body: []byte("{}")})
	}
	if taken, err := s.InsertMany(t.Context(), leaves.Name, docs); err != nil || len(taken) > 0 {
		t.Fatal(taken, err)
	}
	return fresh
}

// The pages of a query, read one after the other while documents are inserted between them, hold exactly: what was
// there and is selected, and of what came between, what lies beyond the page before it; in the order of the index,
// nothing twice.
func TestPagesNeitherSkipNorRepeatWhateverIsInserted(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.Ensure(t.Context(), leaves); err != nil {
		t.Fatal(err)
	}
	runs := 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		book, have := fmt.Sprintf("%08d/", runs), map[string]bool{}
		p := pagings(t, book)
		p.query.Desc, p.query.Limit = rapid.Bool().Draw(t, "desc"), rapid.IntRange(1, 5).Draw(t, "limit")
		order := p.order
		if p.query.Desc {
			order = func(a, b leaf) int { return -p.order(a, b) }
		}
		ahead := slices.DeleteFunc(put(t, s, book, some(t, "before"), have), func(l leaf) bool { return !p.selects(l) })
		for {
			slices.SortFunc(ahead, order)
			page, err := s.Find(t.Context(), leaves.Name, p.query)
			if err != nil {
				t.Fatal(err)
			}
			n := min(p.query.Limit, len(ahead))
			if len(page.Docs) != n || (page.Next == "") != (n == len(ahead)) {
				t.Fatalf("a page of %d with next %q, where %d are ahead", len(page.Docs), page.Next, len(ahead))
			}
			for i, d := range page.Docs {
				if d.ID != book+ahead[i].id {
					t.Fatalf("document %d of the page is %q, want %q", i, d.ID, ahead[i].id)
				}
			}
			if page.Next == "" {
				return
			}
			last := ahead[n-1]
			for _, l := range put(t, s, book, some(t, "between"), have) {
				if p.selects(l) && order(l, last) > 0 {
					ahead = append(ahead, l)
				}
			}
			ahead, p.query.Cursor = ahead[n:], page.Next
		}
	})
}
