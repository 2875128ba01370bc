// Package storetest is the suite that every adapter of the store port passes.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// note is the suite's document.
type note struct {
	ID      string   `json:"id"`
	Version int64    `json:"-"`
	Owner   string   `json:"owner"`
	Tags    []string `json:"tags"`
	At      int64    `json:"at"`
	Code    string   `json:"code"`
	Count   int64    `json:"count"`
	Text    string   `json:"text"`
}

var notes = store.Kind[note]{
	Schema: store.Schema{
		Name: "notes",
		Fields: []store.Field{
			{Name: "owner", Type: store.String}, {Name: "tag", Type: store.String, Many: true},
			{Name: "at", Type: store.Int},
			{Name: "code", Type: store.String}, {Name: "count", Type: store.Int},
			{Name: "hold", Type: store.String, Many: true},
		},
		Indexes: []store.Index{
			{Name: "by_at", Fields: []string{"owner", "at"}},
			{Name: "by_code", Fields: []string{"owner", "code"}, Unique: true},
			{Name: "by_tag", Fields: []string{"owner", "tag", "at"}},
			{Name: "by_hold", Fields: []string{"owner", "hold"}, Unique: true},
		},
		Feed: true, Shard: "owner",
	},
	ID:      func(n *note) string { return n.ID },
	Version: func(n *note) *int64 { return &n.Version },
	Keys: func(n *note) store.Keys {
		k := store.Keys{"owner": {n.Owner}, "at": {n.At}, "count": {n.Count}}
		if n.Code != "" {
			k["code"] = []any{n.Code}
		}
		for _, t := range n.Tags {
			k["tag"] = append(k["tag"], t)
			if t[0] == '!' {
				k["hold"] = append(k["hold"], t)
			}
		}
		return k
	},
	Copy: func(n *note) *note { c := *n; return &c },
}

// Run runs the suite; open gives an empty store that the test closes. All of it must hold also of a store that is
// sealed, which has cases of its own beside.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	run(t, notes.Schema, open)
	t.Run("sealed", func(t *testing.T) { runSealed(t, open) })
}

func run(t *testing.T, schema store.Schema, open func(t *testing.T) store.Store) {
	for name, test := range map[string]func(*testing.T, store.Store){
		"a document comes back as it was stored":               roundTrip,
		"an id and a unique key are taken once":                unique,
		"a key with many values is unique in each":             uniqueMany,
		"a failed replace changes nothing":                     failedReplace,
		"compare-and-set loses nothing under 64 writers":       contended,
		"one of many simultaneous inserts of a key wins":       contendedInsert,
		"a delete needs the version":                           deleteVersion,
		"only declared indexes answer":                         declaredOnly,
		"find selects and orders":                              findOrders,
		"a page tells the keys that the query leaves open":     openKeys,
		"a bare page is the same without bodies":               bare,
		"a cursor neither skips nor repeats":                   cursors,
		"a garbled cursor is invalid":                          badCursors,
		"sums group and add up":                                sums,
		"bulk insert takes what is free and can be repeated":   bulk,
		"the feed tells every change and replays from a token": feed,
		"sums take a missing field for nothing":                missingSums,
		"from where the feed stood nothing is missed":          stood,
		"a cancelled context is unavailable":                   cancelled,
		"update retries and passes errors on":                  updates,
		"an update of what was read before loses nothing":      updatesFrom,
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			if err := s.Ensure(t.Context(), schema); err != nil {
				t.Fatal(err)
			}
			test(t, s)
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Fatalf("got %v, want a %s fault", err, code)
	}
}

func roundTrip(t *testing.T, s store.Store) {
	c := notes.In(s)
	n := note{ID: "a", Owner: "o", Tags: []string{"x", "y"}, At: 1 << 53,
		Text: "中文 \"quoted\" \u0000 $where {\"$gt\":1} 𝄞"}
	must(t, c.Insert(t.Context(), &n))
	got, err := c.Get(t.Context(), "a")
	must(t, err)
	if !reflect.DeepEqual(*got, n) || got.Version != 1 {
		t.Fatalf("got %+v, want %+v", *got, n)
	}
	n.At = 1<<62 + 1 // beyond what a floating-point number holds
	must(t, c.Replace(t.Context(), &n))
	if got, err = c.Get(t.Context(), "a"); err != nil || !reflect.DeepEqual(*got, n) || got.Version != 2 {
		t.Fatalf("got %+v, %v, want %+v", got, err, n)
	}
	_, err = c.Get(t.Context(), "b")
	want(t, err, fault.NotFound)
}

func unique(t *testing.T, s store.Store) {
	c := notes.In(s)
	must(t, c.Insert(t.Context(), &note{ID: "a", Owner: "o", Code: "1"}))
	want(t, c.Insert(t.Context(), &note{ID: "a", Owner: "o"}), fault.AlreadyExists)
	want(t, c.Insert(t.Context(), &note{ID: "b", Owner: "o", Code: "1"}), fault.AlreadyExists)
	must(t, c.Insert(t.Context(), &note{ID: "c", Owner: "other", Code: "1"}))
	must(t, c.Insert(t.Context(), &note{ID: "d", Owner: "o"})) // without a value the index does not bind
	must(t, c.Insert(t.Context(), &note{ID: "e", Owner: "o"}))
	if _, err := c.Get(t.Context(), "b"); !fault.Is(err, fault.NotFound) {
		t.Fatalf("a refused document is there: %v", err)
	}
}

func uniqueMany(t *testing.T, s store.Store) {
	c := notes.In(s)
	first := note{ID: "a", Owner: "o", Tags: []string{"!1", "!2", "free"}}
	must(t, c.Insert(t.Context(), &first))
	want(t, c.Insert(t.Context(), &note{ID: "b", Owner: "o", Tags: []string{"!3", "!2"}}), fault.AlreadyExists)
	must(t, c.Insert(t.Context(), &note{ID: "c", Owner: "o", Tags: []string{"!3", "free"}})) // b left nothing behind
	must(t, c.Insert(t.Context(), &note{ID: "d", Owner: "p", Tags: []string{"!1"}}))
	first.Tags = []string{"!2"}
	must(t, c.Replace(t.Context(), &first))
	must(t, c.Insert(t.Context(), &note{ID: "e", Owner: "o", Tags: []string{"!1"}})) // released by the replace
	want(t, c.Insert(t.Context(), &note{ID: "f", Owner: "o", Tags: []string{"!2"}}), fault.AlreadyExists)
}

func failedReplace(t *testing.T, s store.Store) {
	c := notes.In(s)
	a, b := note{ID: "a", Owner: "o", Tags: []string{"!1"}},
		note{ID: "b", Owner: "o", Tags: []string{"!2", "t"}, Text: "old"}
	must(t, c.Insert(t.Context(), &a))
	must(t, c.Insert(t.Context(), &b))
	changed := b
	changed.Tags, changed.Text = []string{"!1"}, "new"
	want(t, c.Replace(t.Context(), &changed), fault.AlreadyExists)
	stale := b
	stale.Version, stale.Tags = 7, nil
	want(t, c.Replace(t.Context(), &stale), fault.Stale)
	want(t, c.Replace(t.Context(), &note{ID: "nobody", Version: 1, Owner: "o"}), fault.Stale)
	got, err := c.Get(t.Context(), "b")
	must(t, err)
	if got.Text != "old" || got.Version != 1 {
		t.Fatalf("a failed replace left %+v", got)
	}
	for tag, id := range map[string]string{"!1": "a", "!2": "b", "t": "b"} {
		found, _, err := c.Find(t.Context(), store.Query{Index: "by_tag", Equal: []any{"o", tag}})
		must(t, err)
		if len(found) != 1 || found[0].ID != id {
			t.Errorf("tag %s finds %v, want only %s", tag, found, id)
		}
	}
}

func contended(t *testing.T, s store.Store) {
	const writers, each = 64, 5
	c := notes.In(s)
	must(t, c.Insert(t.Context(), &note{ID: "n", Owner: "o"}))
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range each {
				if _, err := c.Update(t.Context(), "n", func(n *note) error { n.Count++; return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	n, err := c.Get(t.Context(), "n")
	must(t, err)
	if n.Count != writers*each || n.Version != writers*each+1 {
		t.Fatalf("%d increments by %d writers left count %d at version %d", each, writers, n.Count, n.Version)
	}
}

func contendedInsert(t *testing.T, s store.Store) {
	c := notes.In(s)
	var won, lost int
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			err := c.Insert(t.Context(), &note{ID: fmt.Sprint(i), Owner: "o", Tags: []string{"!bill"}})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case fault.Is(err, fault.AlreadyExists):
				lost++
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won != 1 || lost != 63 {
		t.Fatalf("%d won and %d lost, want 1 and 63", won, lost)
	}
}

func deleteVersion(t *testing.T, s store.Store) {
	c := notes.In(s)
	n := note{ID: "a", Owner: "o", Tags: []string{"!1"}}
	must(t, c.Insert(t.Context(), &n))
	n.Version = 9
	want(t, c.Delete(t.Context(), &n), fault.Stale)
	n.Version = 1
	must(t, c.Delete(t.Context(), &n))
	want(t, c.Delete(t.Context(), &n), fault.Stale)
	must(t, c.Insert(t.Context(), &note{ID: "b", Owner: "o", Tags: []string{"!1"}}))
}

func declaredOnly(t *testing.T, s store.Store) {
	for name, q := range map[string]store.Query{
		"no index":              {Equal: []any{"o"}},
		"unknown index":         {Index: "by_text", Equal: []any{"x"}},
		"too many values":       {Index: "by_at", Equal: []any{"o", int64(1), "x"}},
		"wrong type":            {Index: "by_at", Equal: []any{"o", "1"}},
		"range past the end":    {Index: "by_at", Equal: []any{"o", int64(1)}, From: int64(1)},
		"in and range":          {Index: "by_at", Equal: []any{"o"}, In: []any{int64(1)}, From: int64(1)},
		"a range over many":     {Index: "by_tag", Equal: []any{"o"}, From: "a"},
		"a limit out of bounds": {Index: "by_at", Equal: []any{"o"}, Limit: store.MaxLimit + 1},
	} {
		_, err := s.Find(t.Context(), "notes", q)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, want an invalid fault", name, err)
		}
	}
	_, err := s.Sum(t.Context(), "notes", store.Query{Index: "by_at", Equal: []any{"o"}}, []string{"tag"}, nil)
	want(t, err, fault.Invalid)
	_, err = s.Sum(t.Context(), "notes", store.Query{Index: "by_at", Equal: []any{"o"}}, nil, []string{"code"})
	want(t, err, fault.Invalid)
	if err := s.Insert(t.Context(), "notes",
		store.Doc{ID: "x", Keys: store.Keys{"nope": {"1"}}, Body: []byte("{}")}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an undeclared key was taken: %v", err)
	}
}

func findOrders(t *testing.T, s store.Store) {
	c := notes.In(s)
	for i, n := range []note{
		{ID: "a", Owner: "o", At: 30, Tags: []string{"x", "y"}}, {ID: "b", Owner: "o", At: 10, Tags: []string{"x"}},
		{ID: "c", Owner: "o", At: 20}, {ID: "d", Owner: "o", At: 20, Tags: []string{"y"}},
		{ID: "e", Owner: "p", At: 15, Tags: []string{"x"}},
		{ID: "f", Owner: "q", At: -5},
	} {
		n.Count = int64(i)
		must(t, c.Insert(t.Context(), &n))
	}
	for name, test := range map[string]struct {
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
	} {
		found, _, err := c.Find(t.Context(), test.q)
		must(t, err)
		var ids string
		for _, n := range found {
			ids += n.ID
		}
		if ids != test.want {
			t.Errorf("%s: found %q, want %q", name, ids, test.want)
		}
		if test.q.Limit > 0 {
			continue
		}
		if n, err := c.Count(t.Context(), test.q); err != nil || n != int64(len(test.want)) {
			t.Errorf("%s: counted %d, %v, want %d", name, n, err, len(test.want))
		}
	}
}

func openKeys(t *testing.T, s store.Store) {
	c := notes.In(s)
	must(t, c.Insert(t.Context(), &note{ID: "a", Owner: "o", At: 7}))
	must(t, c.Insert(t.Context(), &note{ID: "b", Owner: "p", At: 8}))
	for _, q := range []store.Query{{Index: "by_at"}, {Index: "by_at", From: "p"},
		{Index: "by_at", Equal: []any{"p"}, From: int64(8)}} {
		docs, _, err := c.Docs(t.Context(), q)
		must(t, err)
		last := docs[len(docs)-1]
		if fmt.Sprint(last.Keys["at"]) != "[8]" || len(q.Equal) == 0 && fmt.Sprint(last.Keys["owner"]) != "[p]" {
			t.Errorf("%+v tells the keys %v", q, last.Keys)
		}
		if n, err := c.Read(last); err != nil || n.ID != "b" || n.Owner != "p" {
			t.Errorf("%+v reads %+v, %v", q, n, err)
		}
	}
}

func bare(t *testing.T, s store.Store) {
	c := notes.In(s)
	for i := range 5 {
		must(t, c.Insert(t.Context(), &note{ID: fmt.Sprint("n", i), Owner: "o", At: int64(i), Tags: []string{"t"}}))
	}
	for _, q := range []store.Query{{Index: "by_at"}, {Index: "by_tag", Equal: []any{"o", "t"}, Desc: true}} {
		for q.Limit = 2; ; {
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
			if q.Bare, q.Cursor = false, page.Next; page.Next == "" {
				break
			}
		}
	}
}

func cursors(t *testing.T, s store.Store) {
	c := notes.In(s)
	const before = 120
	for i := range before {
		must(t, c.Insert(t.Context(), &note{ID: fmt.Sprintf("n%03d", i), Owner: "o", At: int64(i / 7),
			Tags: []string{"t"}}))
	}
	ctx, stop := context.WithCancel(t.Context())
	var inserting sync.WaitGroup
	inserting.Go(func() {
		for i := 0; i < 2000 && ctx.Err() == nil; i++ {
			// a store that inserts faster than it finds must not keep the reader from the end
			n := note{ID: fmt.Sprintf("m%05d", i), Owner: "o", At: int64(rand.IntN(before / 7)), Tags: []string{"t"}}
			if err := c.Insert(ctx, &n); err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	for _, q := range []store.Query{
		{Index: "by_at", Equal: []any{"o"}}, {Index: "by_at", Equal: []any{"o"}, Desc: true},
		{Index: "by_tag", Equal: []any{"o", "t"}}, {Index: "by_tag", Equal: []any{"o", "t"}, Desc: true},
		{Index: "by_at", In: []any{"o", "p"}},
	} {
		seen := map[string]bool{}
		for q.Limit = 7; ; {
			page, next, err := c.Find(t.Context(), q)
			must(t, err)
			for _, n := range page {
				if seen[n.ID] {
					t.Fatalf("%+v gave %s twice", q, n.ID)
				}
				seen[n.ID] = true
			}
			if q.Cursor = next; next == "" {
				break
			}
		}
		for i := range before {
			if id := fmt.Sprintf("n%03d", i); !seen[id] {
				t.Errorf("%+v skipped %s", q, id)
			}
		}
	}
	stop()
	inserting.Wait()
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
	c := notes.In(s)
	totals, counts := map[string]int64{}, map[string]int64{}
	for i := range 60 {
		n := note{ID: fmt.Sprint(i), Owner: string(rune('a' + i%4)), At: int64(i), Count: int64(i) << 40}
		totals[n.Owner] += n.Count
		counts[n.Owner]++
		must(t, c.Insert(t.Context(), &n))
	}
	groups, err := c.Sum(t.Context(), store.Query{Index: "by_at"}, []string{"owner"}, []string{"count"})
	must(t, err)
	if len(groups) != 4 {
		t.Fatalf("%d groups, want 4", len(groups))
	}
	for i, g := range groups {
		owner := string(rune('a' + i))
		if !reflect.DeepEqual(g, store.Group{By: []any{owner}, Count: counts[owner], Sums: []int64{totals[owner]}}) {
			t.Errorf("group %+v, want %s %d %d", g, owner, counts[owner], totals[owner])
		}
	}
	groups, err = c.Sum(t.Context(), store.Query{Index: "by_at", Equal: []any{"a"}, From: int64(8), To: int64(17)}, nil,
		[]string{"count", "at"})
	must(t, err)
	if len(groups) != 1 || groups[0].Count != 3 || groups[0].Sums[1] != 8+12+16 {
		t.Errorf("a bounded sum is %+v", groups)
	}
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

func bulk(t *testing.T, s store.Store) {
	c := notes.In(s)
	var list []note
	for i := range 1300 {
		list = append(list, note{ID: fmt.Sprintf("n%04d", i), Owner: "o", Code: fmt.Sprint(i), At: int64(i)})
	}
	must(t, c.Insert(t.Context(), &note{ID: "other", Owner: "o", Code: "1000"}))
	taken, err := c.InsertMany(t.Context(), list)
	must(t, err)
	if !reflect.DeepEqual(taken, []string{"n1000"}) {
		t.Fatalf("taken %v, want the one whose code is taken", taken)
	}
	if taken, err = c.InsertMany(t.Context(), list); err != nil || len(taken) != len(list) {
		t.Fatalf("repeated: %d taken, %v, want all %d", len(taken), err, len(list))
	}
	if n, err := c.Count(t.Context(), store.Query{Index: "by_at", Equal: []any{"o"}}); err != nil || n != 1300 {
		t.Fatalf("%d documents, %v, want 1300", n, err)
	}
}

func feed(t *testing.T, s store.Store) {
	c := notes.In(s)
	const writers, each = 8, 20
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second) // guards a hang, no measure
	defer stop()
	must(t, c.Insert(t.Context(), &note{ID: "first", Owner: "o"}))
	newest, tokens := map[string]int64{}, []store.Token{}
	started, done := make(chan struct{}), make(chan error, 1)
	var once sync.Once
	finished := errors.New("finished")
	complete := func() bool {
		for w := range writers {
			if newest[fmt.Sprintf("w%d", w)] < each {
				return false
			}
		}
		return true
	}
	go func() {
		done <- s.Watch(ctx, "", func(ch store.Change) error {
			if ch.ID == "probe" {
				once.Do(func() { close(started) })
				return nil
			}
			if ch.Collection != "notes" || ch.Version < newest[ch.ID] {
				return fmt.Errorf("change %+v after version %d", ch, newest[ch.ID])
			}
			newest[ch.ID] = ch.Version
			tokens = append(tokens, ch.Token)
			if complete() {
				return finished
			}
			return nil
		})
	}()
	probe(t, ctx, c, started, done)
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			n := note{ID: fmt.Sprintf("w%d", w), Owner: "o"}
			err := c.Insert(ctx, &n)
			for n.Version < each && err == nil {
				err = c.Replace(ctx, &n)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := <-done; !errors.Is(err, finished) {
		t.Fatalf("the watch ended with %v", err)
	}
	replay(t, ctx, s, tokens[0], writers, each)
	want(t, s.Watch(ctx, "not-a-token", func(store.Change) error { return nil }), fault.Expired)
}

// probe writes until the watcher has seen one of its writes, so that the test's own writes come after the watch began.
func probe(t *testing.T, ctx context.Context, c store.Collection[note], started <-chan struct{}, ended <-chan error) {
	t.Helper()
	must(t, c.Insert(ctx, &note{ID: "probe", Owner: "o"}))
	for {
		if _, err := c.Update(ctx, "probe", func(n *note) error { n.Count++; return nil }); err != nil {
			t.Fatal(err)
		}
		select {
		case <-started:
			return
		case err := <-ended:
			t.Fatalf("the watch ended before it saw a change: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// replay watches again from a token in the middle: all documents reach their last version again.
func replay(t *testing.T, ctx context.Context, s store.Store, from store.Token, writers int, last int64) {
	t.Helper()
	finished := errors.New("finished")
	reached := map[string]bool{}
	err := s.Watch(ctx, from, func(ch store.Change) error {
		if ch.ID[0] == 'w' && ch.Version == last {
			reached[ch.ID] = true
		}
		if len(reached) == writers {
			return finished
		}
		return nil
	})
	if !errors.Is(err, finished) {
		t.Fatalf("the replay ended with %v after %v", err, reached)
	}
}

// stood holds for a feed that says where it stands.
func stood(t *testing.T, s store.Store) {
	c := notes.In(s)
	must(t, c.Insert(t.Context(), &note{ID: "before", Owner: "o"}))
	at, err := store.Now(t.Context(), s)
	must(t, err)
	if _, ok := s.(store.Starter); ok != (at != "") {
		t.Fatalf("a feed that says where it stands %t says %q", ok, at)
	} else if !ok {
		return
	}
	must(t, c.Insert(t.Context(), &note{ID: "after", Owner: "o"})) // nobody watches yet
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)  // guards a hang, no measure
	defer stop()
	finished := errors.New("finished")
	err = s.Watch(ctx, at, func(ch store.Change) error {
		if ch.ID == "after" {
			return finished
		}
		return nil
	})
	if !errors.Is(err, finished) {
		t.Fatalf("the watch ended with %v", err)
	}
}

func cancelled(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := notes.In(s)
	want(t, c.Insert(ctx, &note{ID: "a", Owner: "o"}), fault.Unavailable)
	_, err := c.Get(ctx, "a")
	want(t, err, fault.Unavailable)
	_, _, err = c.Find(ctx, store.Query{Index: "by_at", Equal: []any{"o"}})
	want(t, err, fault.Unavailable)
	must(t, s.Watch(ctx, "", func(store.Change) error { return nil }))
	must(t, s.Ping(t.Context()))
}

func updates(t *testing.T, s store.Store) {
	c := notes.In(s)
	must(t, c.Insert(t.Context(), &note{ID: "a", Owner: "o"}))
	tries := 0
	n, err := c.Update(t.Context(), "a", func(n *note) error {
		if tries++; tries == 1 { // another writer is faster
			other := *n
			other.Text = "other"
			must(t, c.Replace(t.Context(), &other))
		}
		n.Count++
		return nil
	})
	if err != nil || tries != 2 || n.Text != "other" || n.Count != 1 || n.Version != 3 {
		t.Fatalf("after %d tries: %+v, %v", tries, n, err)
	}
	if n, err = c.Update(t.Context(), "a", func(*note) error { return store.ErrUnchanged }); err != nil ||
		n.Version != 3 {
		t.Fatalf("an unchanged update wrote: %+v, %v", n, err)
	}
	no := errors.New("no")
	if _, err := c.Update(t.Context(), "a", func(*note) error { return no }); !errors.Is(err, no) {
		t.Fatalf("got %v, want the error of change", err)
	}
}

func updatesFrom(t *testing.T, s store.Store) {
	c := notes.In(s)
	must(t, c.Insert(t.Context(), &note{ID: "a", Owner: "o"}))
	seen, err := c.Get(t.Context(), "a")
	must(t, err)
	add := func(n *note) error { n.Count++; return nil }
	n, err := c.UpdateFrom(t.Context(), seen, add)
	if err != nil || n.Count != 1 || n.Version != 2 || seen.Count != 0 || seen.Version != 1 {
		t.Fatalf("%+v from %+v, %v", n, seen, err)
	}
	if n, err = c.UpdateFrom(t.Context(), seen, add); err != nil || n.Count != 2 || n.Version != 3 {
		t.Fatalf("what was read before was overtaken: %+v, %v", n, err)
	}
	once := func(n *note) error { // refuses what was read before, not what is stored
		if n.Count == 0 {
			return errors.New("too few")
		}
		return add(n)
	}
	if n, err = c.UpdateFrom(t.Context(), seen, once); err != nil || n.Count != 3 || n.Version != 4 {
		t.Fatalf("a refusal of what was read before counted: %+v, %v", n, err)
	}
	if n, err = c.UpdateFrom(t.Context(), seen, func(*note) error { return store.ErrUnchanged }); err != nil ||
		n.Count != 3 || n.Version != 4 {
		t.Fatalf("nothing to do, and it returned %+v, %v; want what is stored", n, err)
	}
	no := errors.New("no")
	if _, err := c.UpdateFrom(t.Context(), n, func(n *note) error { n.Count = 9; return no }); !errors.Is(err, no) ||
		n.Count != 3 {
		t.Fatalf("got %v and %+v, want the error of change and what was read as it was", err, n)
	}
}
