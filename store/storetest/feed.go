package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

const feedWriters, feedEach = 8, 20

var errFinished = errors.New("errFinished")

func feed(t *testing.T, s store.Store) {
	b := bookOf(t, s)
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second) // guards a hang, no measure
	defer stop()
	b.put(note{ID: "first", Owner: "o"})
	w := &watcher{newest: map[string]int64{}, started: make(chan struct{}), ended: make(chan error, 1)}
	go func() { w.ended <- s.Watch(ctx, "", w.hear) }()
	b.probe(ctx, w)
	b.writeAll(ctx)
	if err := <-w.ended; !errors.Is(err, errFinished) {
		t.Fatalf("the watch ended with %v", err)
	}
	replay(t, ctx, s, w.tokens[0])
	want(t, s.Watch(ctx, "not-a-token", func(store.Change) error { return nil }), fault.Expired)
}

// watcher hears of changes until every writer's last was told.
type watcher struct {
	newest  map[string]int64 // version by id
	tokens  []store.Token
	begun   sync.Once
	started chan struct{} // closed when it has heard of a probe
	ended   chan error
}

func (w *watcher) hear(ch store.Change) error {
	if ch.ID == "probe" {
		w.begun.Do(func() { close(w.started) })
		return nil
	}
	if ch.Collection != "notes" || ch.Version < w.newest[ch.ID] {
		return fmt.Errorf("change %+v after version %d", ch, w.newest[ch.ID])
	}
	w.newest[ch.ID] = ch.Version
	w.tokens = append(w.tokens, ch.Token)
	return w.complete()
}

// complete is errFinished once every writer's last change was told.
func (w *watcher) complete() error {
	for i := range feedWriters {
		if w.newest[fmt.Sprintf("w%d", i)] < feedEach {
			return nil
		}
	}
	return errFinished
}

// writeAll has the writers write, each into a note of its own.
func (b book) writeAll(ctx context.Context) {
	var all sync.WaitGroup
	for w := range feedWriters {
		all.Go(func() {
			n := note{ID: fmt.Sprintf("w%d", w), Owner: "o"}
			err := b.Insert(ctx, &n)
			for n.Version < feedEach && err == nil {
				err = b.Replace(ctx, &n)
			}
			if err != nil {
				b.t.Error(err)
			}
		})
	}
	all.Wait()
}

// probe writes until the watcher has seen one of its writes, so that the test's own writes come after the watch began.
func (b book) probe(ctx context.Context, w *watcher) {
	b.t.Helper()
	b.put(note{ID: "probe", Owner: "o"})
	for {
		if _, err := b.Update(ctx, "probe", counted); err != nil {
			b.t.Fatal(err)
		}
		select {
		case <-w.started:
			return
		case err := <-w.ended:
			b.t.Fatalf("the watch ended before it saw a change: %v", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// replay watches again from a token in the middle: all documents reach their last version again.
func replay(t *testing.T, ctx context.Context, s store.Store, from store.Token) {
	t.Helper()
	reached := map[string]bool{}
	err := s.Watch(ctx, from, func(ch store.Change) error {
		if ch.ID[0] == 'w' && ch.Version == feedEach {
			reached[ch.ID] = true
		}
		if len(reached) == feedWriters {
			return errFinished
		}
		return nil
	})
	if !errors.Is(err, errFinished) {
		t.Fatalf("the replay ended with %v after %v", err, reached)
	}
}

// stood holds for a feed that says where it stands.
func stood(t *testing.T, s store.Store) {
	b := bookOf(t, s)
	b.put(note{ID: "before", Owner: "o"})
	at, err := store.Now(t.Context(), s)
	must(t, err)
	if _, ok := s.(store.Starter); ok != (at != "") {
		t.Fatalf("a feed that says where it stands %t says %q", ok, at)
	} else if ok {
		b.put(note{ID: "after", Owner: "o"}) // nobody watches yet
		hears(t, s, at, "after")
	}
}

// hears watches from a token until a change of a document is told.
func hears(t *testing.T, s store.Store, from store.Token, id string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second) // guards a hang, no measure
	defer stop()
	err := s.Watch(ctx, from, func(ch store.Change) error {
		if ch.ID == id {
			return errFinished
		}
		return nil
	})
	if !errors.Is(err, errFinished) {
		t.Fatalf("the watch ended with %v", err)
	}
}
