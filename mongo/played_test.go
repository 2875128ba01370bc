package mongo

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"linlipay/fault"
	"linlipay/mongo/mongotest"
	"linlipay/store"
)

// orders is a collection with what a domain's has: a unique key of many values, a feed, a shard.
func orders() store.Schema {
	return store.Schema{
		Name: "orders",
		Fields: []store.Field{
			{Name: "community", Type: store.String}, {Name: "amount", Type: store.Int},
			{Name: "status", Type: store.String}, {Name: "hold", Type: store.String, Many: true},
		},
		Indexes: []store.Index{
			{Name: "by_community", Fields: []string{"community"}},
			{Name: "by_amount", Fields: []string{"community", "amount"}},
			{Name: "by_hold", Fields: []string{"community", "hold"}, Unique: true},
		},
		Feed: true, Shard: "community",
	}
}

// order is a document of orders.
func order(id string, version int64, holds ...any) store.Doc {
	return store.Doc{ID: id, Version: version, Keys: store.Keys{"community": {"c"}, "amount": {int64(1)},
		"hold": holds}, Body: []byte(`{}`)}
}

// open opens a store on an address, with its indexes.
func open(t *testing.T, uri string) *Store {
	t.Helper()
	s, err := Open(t.Context(), uri, quiet())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) // a test may have taken the server away
	if err := s.Ensure(t.Context(), orders()); err != nil {
		t.Fatal(err)
	}
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func insert(t *testing.T, s *Store, ids ...string) {
	t.Helper()
	for _, id := range ids {
		must(t, s.Insert(t.Context(), "orders", order(id, 0)))
	}
}

// watcher notes what a watch tells.
type watcher struct {
	mu    sync.Mutex
	heard []store.Change
	ended chan error
	stop  context.CancelFunc
}

// listen watches from a token until the test ends.
func listen(t *testing.T, s *Store, after store.Token) *watcher {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	w := &watcher{ended: make(chan error, 1), stop: stop}
	go func() {
		w.ended <- s.Watch(ctx, after, func(c store.Change) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.heard = append(w.heard, c)
			return nil
		})
	}()
	return w
}

// listenNow watches from now on: what is written after it returned is told.
func listenNow(t *testing.T, s *Store) *watcher {
	t.Helper()
	at, err := store.Now(t.Context(), s)
	must(t, err)
	return listen(t, s, at)
}

func (w *watcher) changes() []store.Change {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.heard)
}

func (w *watcher) text() string {
	text := ""
	for _, c := range w.changes() {
		text += fmt.Sprintf("%s%d ", c.ID, c.Version)
	}
	return text
}

// hears waits until exactly these changes were told, in this order.
func (w *watcher) hears(t *testing.T, want string) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); w.text() != want+" "; time.Sleep(5 * time.Millisecond) {
		select {
		case err := <-w.ended:
			t.Fatalf("the watch ended with %v after %q, want %q", err, w.text(), want)
		default:
		}
		if time.Now().After(end) { // guards a hang
			t.Fatalf("heard %q, want %q", w.text(), want)
		}
	}
}

// streams is how often a change stream was opened, by the probe too.
func streams(p *mongotest.Played) int {
	n := 0
	for _, c := range p.Received("aggregate") {
		if first, _ := pipeline(c)[0].(bson.D); first[0].Key == "$changeStream" {
			n++
		}
	}
	return n
}

func pipeline(command bson.D) bson.A {
	for _, e := range command {
		if e.Key == "pipeline" {
			return e.Value.(bson.A)
		}
	}
	return nil
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("got %v, want %q", err, code)
	}
}
