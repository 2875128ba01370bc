package storetest

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"linlipay/seal"
	"linlipay/store"
)

// person is a document of the suite of which most is of a person.
type person struct {
	ID      string   `json:"id"`
	Version int64    `json:"-"`
	Town    string   `json:"town"`
	Place   int64    `json:"place"`
	Name    string   `json:"name"`
	Phone   string   `json:"phone"`
	Before  []before `json:"before,omitempty"`
	Secret  string   `json:"secret,omitempty"` // sealed by its owner
	Count   int64    `json:"count"`
}

type before struct {
	Name string `json:"name"`
}

var people = store.Kind[person]{
	Schema: store.Schema{
		Name: "people",
		Fields: []store.Field{
			{Name: "town", Type: store.String}, {Name: "place", Type: store.Int},
			{Name: "phone", Type: store.String, Digest: true},
			{Name: "term", Type: store.String, Many: true, Digest: true, Open: isNumber},
		},
		Indexes: []store.Index{
			{Name: "in_order", Fields: []string{"town", "place"}},
			{Name: "by_phone", Fields: []string{"phone"}, Unique: true},
			{Name: "by_term", Fields: []string{"town", "term", "place"}},
		},
		Personal: []string{"name", "phone", "before.*.name"},
		Secrets:  []store.Secret{{Path: "secret", Context: "secret/{id}"}},
	},
	ID:      func(p *person) string { return p.ID },
	Version: func(p *person) *int64 { return &p.Version },
	Keys: func(p *person) store.Keys {
		return store.Keys{"town": {p.Town}, "place": {p.Place}, "phone": {p.Phone},
			"term": {p.Name, p.Phone, p.Phone[7:], "#" + p.ID}}
	},
}

func isNumber(term string) bool { return strings.HasPrefix(term, "#") }

// tickets are documents whose ids are of one key.
var tickets = store.Kind[note]{
	Schema: store.Schema{Name: "tickets", Passing: true},
	ID:     func(n *note) string { return n.ID }, Version: func(n *note) *int64 { return &n.Version },
	Keys: func(*note) store.Keys { return nil },
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func box(t *testing.T, keys ...string) seal.Box {
	t.Helper()
	b, err := seal.New(keys[0], keys[1:]...)
	must(t, err)
	return b
}

// sealedUnder opens a store for people under keys, as a process does at its start.
func sealedUnder(t *testing.T, st store.Store, keys ...string) (*store.Sealed, error) {
	s := store.Seal(st, box(t, keys...), time.Now, quiet())
	must(t, s.Ensure(t.Context(), people.Schema, tickets.Schema))
	people.In(s)
	tickets.In(s)
	return s, s.Check(t.Context())
}

func mustSealed(t *testing.T, st store.Store, keys ...string) *store.Sealed {
	t.Helper()
	s, err := sealedUnder(t, st, keys...)
	must(t, err)
	return s
}

// plainly is a store of a version that did not seal.
func plainly(t *testing.T, st store.Store) store.Store {
	must(t, st.Ensure(t.Context(), people.Schema, tickets.Schema))
	return st
}

// somebody is the n-th person.
func somebody(n int) person {
	return person{ID: fmt.Sprintf("p%03d", n), Town: []string{"杭州", "苏州"}[n%2], Place: int64(n / 4),
		Name: fmt.Sprintf("张三%d", n%3), Phone: fmt.Sprintf("1380013%04d", n), Before: []before{{"李四"}, {""}}}
}

func add(t *testing.T, st store.Store, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		p := somebody(n)
		must(t, people.In(st).Insert(t.Context(), &p))
	}
}
