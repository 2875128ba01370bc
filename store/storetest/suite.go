// Package storetest is the suite that every adapter of the store port passes.
package storetest

import (
	"context"
	"reflect"
	"testing"

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

// cases are what every store must do.
var cases = map[string]func(*testing.T, store.Store){
	"a document comes back as it was stored":               roundTrip,
	"an id and a unique key are taken once":                unique,
	"a key with many values is unique in each":             uniqueMany,
	"a failed replace changes nothing":                     failedReplace,
	"compare-and-set loses nothing under 64 writers":       contended,
	"one of many simultaneous inserts of a key wins":       contendedInsert,
	"a delete needs the version":                           deleteVersion,
	"what a query selects is deleted":                      deleteSelected,
	"one process at a time holds a lease":                  oneHolds,
	"what documents owe is settled, one after another":     outboxSettles,
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
}

func run(t *testing.T, schema store.Schema, open func(t *testing.T) store.Store) {
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			must(t, s.Ensure(t.Context(), schema))
			test(t, s)
		})
	}
}

// book is the notes of a store, as a test works with them.
type book struct {
	store.Collection[note]
	t *testing.T
}

func bookOf(t *testing.T, s store.Store) book { return book{notes.In(s), t} }

// put stores a note that nothing is in the way of.
func (b book) put(n note) {
	b.t.Helper()
	must(b.t, b.Insert(b.t.Context(), &n))
}

// taken stores a note whose id or key another has.
func (b book) taken(n note) {
	b.t.Helper()
	want(b.t, b.Insert(b.t.Context(), &n), fault.AlreadyExists)
}

func (b book) read(id string) *note {
	b.t.Helper()
	n, err := b.Get(b.t.Context(), id)
	must(b.t, err)
	return n
}

// finds is the ids that a query finds, one after another.
func (b book) finds(q store.Query) (ids string) {
	b.t.Helper()
	found, _, err := b.Find(b.t.Context(), q)
	must(b.t, err)
	for _, n := range found {
		ids += n.ID
	}
	return ids
}

// counted counts a note up.
func counted(n *note) error { n.Count++; return nil }

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
	b := bookOf(t, s)
	n := note{ID: "a", Owner: "o", Tags: []string{"x", "y"}, At: 1 << 53,
		Text: "中文 \"quoted\" \u0000 $where {\"$gt\":1} 𝄞"}
	must(t, b.Insert(t.Context(), &n))
	b.same(n, 1)
	n.At = 1<<62 + 1 // beyond what a floating-point number holds
	must(t, b.Replace(t.Context(), &n))
	b.same(n, 2)
	_, err := b.Get(t.Context(), "b")
	want(t, err, fault.NotFound)
}

// same holds a note as it is stored against what was written, and its version.
func (b book) same(n note, version int64) {
	b.t.Helper()
	if got := b.read(n.ID); !reflect.DeepEqual(*got, n) || got.Version != version {
		b.t.Fatalf("got %+v, want %+v at version %d", *got, n, version)
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
