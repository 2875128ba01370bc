package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"linlipay/fault"
	"linlipay/store"
)

// undeclared are queries that no index answers.
var undeclared = map[string]store.Query{
	"no index":              {Equal: []any{"o"}},
	"unknown index":         {Index: "by_text", Equal: []any{"x"}},
	"too many values":       {Index: "by_at", Equal: []any{"o", int64(1), "x"}},
	"wrong type":            {Index: "by_at", Equal: []any{"o", "1"}},
	"range past the end":    {Index: "by_at", Equal: []any{"o", int64(1)}, From: int64(1)},
	"in and range":          {Index: "by_at", Equal: []any{"o"}, In: []any{int64(1)}, From: int64(1)},
	"a range over many":     {Index: "by_tag", Equal: []any{"o"}, From: "a"},
	"a limit out of bounds": {Index: "by_at", Equal: []any{"o"}, Limit: store.MaxLimit + 1},
}

func declaredOnly(t *testing.T, s store.Store) {
	for name, q := range undeclared {
		if _, err := s.Find(t.Context(), "notes", q); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want an invalid fault", name, err)
		}
	}
	of := store.Query{Index: "by_at", Equal: []any{"o"}}
	_, err := s.Sum(t.Context(), "notes", of, []string{"tag"}, nil)
	want(t, err, fault.Invalid)
	_, err = s.Sum(t.Context(), "notes", of, nil, []string{"code"})
	want(t, err, fault.Invalid)
	want(t, s.Insert(t.Context(), "notes", store.Doc{ID: "x", Keys: store.Keys{"nope": {"1"}}, Body: []byte("{}")}),
		fault.Invalid)
}

// ordered are notes to be found, and what each query finds of them, in which order.
var (
	ordered = []note{
		{ID: "a", Owner: "o", At: 30, Tags: []string{"x", "y"}}, {ID: "b", Owner: "o", At: 10, Tags: []string{"x"}},
		{ID: "c", Owner: "o", At: 20}, {ID: "d", Owner: "o", At: 20, Tags: []string{"y"}},
		{ID: "e", Owner: "p", At: 15, Tags: []string{"x"}},
		{ID: "f", Owner: "q", At: -5},
	}
	orders = map[string]struct {
		q    store.Query
		want string
	}{
		"equal, by time":    {store.Query{Index: "by_at", Equal: []any{"o"}}, "bcda"},
		"descending":        {store.Query{Index: "by_at", Equal: []any{"o"}, Desc: true}, "adcb"},
		"from is inclusive": {store.Query{Index: "by_at", Equal: []any{"o"}, From: int64(20)}, "cda"},
		"to is exclusive":   {store.Query{Index: "by_at", Equal: []any{"o"}, From: int64(10), To: int64(20)}, "b"},
		"several owners":    {store.Query{Index: "by_at", In: []any{"o", "p"}}, "becda"},
		"the whole index":   {store.Query{Index: "by_at"}, "bcdaef"},
		"range of strings":  {store.Query{Index: "by_at", From: "p", To: "q"}, "e"},
		"a tag":             {store.Query{Index: "by_tag", Equal: []any{"o", "x"}}, "ba"},
		"a tag, descending": {store.Query{Index: "by_tag", Equal: []any{"o", "y"}, Desc: true}, "ad"},
		"nothing":           {store.Query{Index: "by_tag", Equal: []any{"o", "z"}}, ""},
		"limited":           {store.Query{Index: "by_at", Equal: []any{"o"}, Limit: 2}, "bc"},
		"exact":             {store.Query{Index: "by_at", Equal: []any{"o", int64(20)}}, "cd"},
	}
)

func findOrders(t *testing.T, s store.Store) {
	b := bookOf(t, s)
	for i, n := range ordered {
		n.Count = int64(i)
		b.put(n)
	}
	for name, test := range orders {
		if ids := b.finds(test.q); ids != test.want {
			t.Errorf("%s: found %q, want %q", name, ids, test.want)
		}
		n, err := b.Count(t.Context(), test.q)
		if test.q.Limit == 0 && (err != nil || n != int64(len(test.want))) {
			t.Errorf("%s: counted %d, %v, want %d", name, n, err, len(test.want))
		}
	}
}

func openKeys(t *testing.T, s store.Store) {
	b := bookOf(t, s)
	b.put(note{ID: "a", Owner: "o", At: 7})
	b.put(note{ID: "b", Owner: "p", At: 8})
	for _, q := range []store.Query{{Index: "by_at"}, {Index: "by_at", From: "p"},
		{Index: "by_at", Equal: []any{"p"}, From: int64(8)}} {
		b.tellsKeys(q)
	}
}

// tellsKeys holds the last document of a page against the note b, whose keys it tells where the query leaves them open.
func (b book) tellsKeys(q store.Query) {
	b.t.Helper()
	docs, _, err := b.Docs(b.t.Context(), q)
	must(b.t, err)
	last := docs[len(docs)-1]
	if fmt.Sprint(last.Keys["at"]) != "[8]" || len(q.Equal) == 0 && fmt.Sprint(last.Keys["owner"]) != "[p]" {
		b.t.Errorf("%+v tells the keys %v", q, last.Keys)
	}
	if n, err := b.Read(last); err != nil || n.ID != "b" || n.Owner != "p" {
		b.t.Errorf("%+v reads %+v, %v", q, n, err)
	}
}

func bare(t *testing.T, s store.Store) {
	b := bookOf(t, s)
	for i := range 5 {
		b.put(note{ID: fmt.Sprint("n", i), Owner: "o", At: int64(i), Tags: []string{"t"}})
	}
	for _, q := range []store.Query{{Index: "by_at"}, {Index: "by_tag", Equal: []any{"o", "t"}, Desc: true}} {
		q.Limit = 2
		for q.Cursor = barePage(t, s, q); q.Cursor != ""; {
			q.Cursor = barePage(t, s, q)
		}
	}
}

// barePage holds a page without bodies against the whole one, and gives the cursor of the next.
func barePage(t *testing.T, s store.Store, q store.Query) (next string) {
	t.Helper()
	whole, err := s.Find(t.Context(), "notes", q)
	must(t, err)
	q.Bare = true
	page, err := s.Find(t.Context(), "notes", q)
	must(t, err)
	for i, d := range page.Docs {
		if len(d.Body) == 0 {
			whole.Docs[i].Body = d.Body
		}
	}
	if len(page.Docs) == 0 || !reflect.DeepEqual(page, whole) {
		t.Errorf("got %+v, want %+v", page, whole)
	}
	return page.Next
}

// paged is how many notes are there before the pages are read.
const paged = 120

func cursors(t *testing.T, s store.Store) {
	b := bookOf(t, s)
	for i := range paged {
		b.put(note{ID: fmt.Sprintf("n%03d", i), Owner: "o", At: int64(i / 7), Tags: []string{"t"}})
	}
	ctx, stop := context.WithCancel(t.Context())
	var inserting sync.WaitGroup
	inserting.Go(func() { b.insertMeanwhile(ctx) })
	for _, q := range []store.Query{
		{Index: "by_at", Equal: []any{"o"}}, {Index: "by_at", Equal: []any{"o"}, Desc: true},
		{Index: "by_tag", Equal: []any{"o", "t"}}, {Index: "by_tag", Equal: []any{"o", "t"}, Desc: true},
		{Index: "by_at", In: []any{"o", "p"}},
	} {
		b.pagesHoldAll(q)
	}
	stop()
	inserting.Wait()
}

// insertMeanwhile inserts while pages are read, but not for ever: a store that inserts faster than it finds must not
// keep the reader from the end.
func (b book) insertMeanwhile(ctx context.Context) {
	for i := 0; i < 2000 && ctx.Err() == nil; i++ {
		n := note{ID: fmt.Sprintf("m%05d", i), Owner: "o", At: int64(rand.IntN(paged / 7)), Tags: []string{"t"}}
		if err := b.Insert(ctx, &n); err != nil && ctx.Err() == nil {
			b.t.Error(err)
		}
	}
}

// pagesHoldAll reads a query page by page: no note comes twice, and none that was there before is missing.
func (b book) pagesHoldAll(q store.Query) {
	b.t.Helper()
	seen := map[string]bool{}
	q.Limit = 7
	for q.Cursor = b.pageOf(q, seen); q.Cursor != ""; {
		q.Cursor = b.pageOf(q, seen)
	}
	for i := range paged {
		if id := fmt.Sprintf("n%03d", i); !seen[id] {
			b.t.Errorf("%+v skipped %s", q, id)
		}
	}
}

func (b book) pageOf(q store.Query, seen map[string]bool) (next string) {
	b.t.Helper()
	page, next, err := b.Find(b.t.Context(), q)
	must(b.t, err)
	for _, n := range page {
		if seen[n.ID] {
			b.t.Fatalf("%+v gave %s twice", q, n.ID)
		}
		seen[n.ID] = true
	}
	return next
}

func badCursors(t *testing.T, s store.Store) {
	for _, cursor := range []string{"x", "bnVsbA", "WzFd", "WyJhIiwiYiIsImMiXQ", "W3t9LHt9XQ"} {
		_, err := s.Find(t.Context(), "notes", store.Query{Index: "by_at", Equal: []any{"o"}, Cursor: cursor})
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("cursor %q: got %v, want an invalid fault", cursor, err)
		}
	}
}

func sums(t *testing.T, s store.Store) {
	b := bookOf(t, s)
	for i := range 60 {
		b.put(note{ID: fmt.Sprint(i), Owner: string(rune('a' + i%4)), At: int64(i), Count: int64(i) << 40})
	}
	groups, err := b.Sum(t.Context(), store.Query{Index: "by_at"}, []string{"owner"}, []string{"count"})
	must(t, err)
	if !reflect.DeepEqual(groups, fourOwners()) {
		t.Errorf("groups %+v, want %+v", groups, fourOwners())
	}
	q := store.Query{Index: "by_at", Equal: []any{"a"}, From: int64(8), To: int64(17)}
	groups, err = b.Sum(t.Context(), q, nil, []string{"count", "at"})
	must(t, err)
	if len(groups) != 1 || groups[0].Count != 3 || groups[0].Sums[1] != 8+12+16 {
		t.Errorf("a bounded sum is %+v", groups)
	}
}

// fourOwners are what the sixty notes of sums add up to.
func fourOwners() (groups []store.Group) {
	for i := range int64(4) {
		sum := int64(0)
		for at := i; at < 60; at += 4 {
			sum += at << 40
		}
		groups = append(groups, store.Group{By: []any{string(rune('a' + i))}, Count: 15, Sums: []int64{sum}})
	}
	return groups
}

func missingSums(t *testing.T, s store.Store) {
	for i, k := range []store.Keys{
		{"code": {"x"}}, {"code": {"y"}, "count": {int64(4)}}, {"count": {int64(7)}}, {},
	} {
		k["owner"], k["at"] = []any{"o"}, []any{int64(i)}
		must(t, s.Insert(t.Context(), "notes", store.Doc{ID: fmt.Sprint(i), Keys: k, Body: []byte("{}")}))
	}
	groups, err := s.Sum(t.Context(), "notes", store.Query{Index: "by_at"}, []string{"code"}, []string{"count"})
	must(t, err)
	if want := []store.Group{{By: []any{nil}, Count: 2, Sums: []int64{7}}, {By: []any{"x"}, Count: 1, Sums: []int64{0}},
		{By: []any{"y"}, Count: 1, Sums: []int64{4}}}; !reflect.DeepEqual(groups, want) {
		t.Errorf("got %+v, want %+v", groups, want)
	}
}
