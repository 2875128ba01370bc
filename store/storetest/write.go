package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"linlipay/fault"
	"linlipay/store"
)

func unique(t *testing.T, s store.Store) {
	b := bookOf(t, s)
	b.put(note{ID: "a", Owner: "o", Code: "1"})
	b.taken(note{ID: "a", Owner: "o"})
	b.taken(note{ID: "b", Owner: "o", Code: "1"})
	b.put(note{ID: "c", Owner: "other", Code: "1"})
	b.put(note{ID: "d", Owner: "o"}) // without a value the index does not bind
	b.put(note{ID: "e", Owner: "o"})
	_, err := b.Get(t.Context(), "b") // a refused document is not there
	want(t, err, fault.NotFound)
}

func uniqueMany(t *testing.T, s store.Store) {
	b, first := bookOf(t, s), note{ID: "a", Owner: "o", Tags: []string{"!1", "!2", "free"}}
	must(t, b.Insert(t.Context(), &first))
	b.taken(note{ID: "b", Owner: "o", Tags: []string{"!3", "!2"}})
	b.put(note{ID: "c", Owner: "o", Tags: []string{"!3", "free"}}) // b left nothing behind
	b.put(note{ID: "d", Owner: "p", Tags: []string{"!1"}})
	first.Tags = []string{"!2"}
	must(t, b.Replace(t.Context(), &first))
	b.put(note{ID: "e", Owner: "o", Tags: []string{"!1"}}) // released by the replace
	b.taken(note{ID: "f", Owner: "o", Tags: []string{"!2"}})
}

func failedReplace(t *testing.T, s store.Store) {
	b, kept := bookOf(t, s), note{ID: "b", Owner: "o", Tags: []string{"!2", "t"}, Text: "old"}
	b.put(note{ID: "a", Owner: "o", Tags: []string{"!1"}})
	must(t, b.Insert(t.Context(), &kept))
	b.refusesToReplace(kept)
	b.same(kept, 1)
	for tag, id := range map[string]string{"!1": "a", "!2": "b", "t": "b"} {
		if found := b.finds(store.Query{Index: "by_tag", Equal: []any{"o", tag}}); found != id {
			t.Errorf("tag %s finds %s, want only %s", tag, found, id)
		}
	}
}

// refusesToReplace has a note replaced by one whose tag another has, by a stale one, and one that is not there.
func (b book) refusesToReplace(kept note) {
	b.t.Helper()
	ctx, changed, stale := b.t.Context(), kept, kept
	changed.Tags, changed.Text = []string{"!1"}, "new"
	want(b.t, b.Replace(ctx, &changed), fault.AlreadyExists)
	stale.Version, stale.Tags = 7, nil
	want(b.t, b.Replace(ctx, &stale), fault.Stale)
	want(b.t, b.Replace(ctx, &note{ID: "nobody", Version: 1, Owner: "o"}), fault.Stale)
}

func contended(t *testing.T, s store.Store) {
	const writers, each = 64, 2
	b := bookOf(t, s)
	b.put(note{ID: "n", Owner: "o"})
	var all sync.WaitGroup
	for range writers {
		all.Go(func() { b.countUp("n", each) })
	}
	all.Wait()
	if n := b.read("n"); n.Count != writers*each || n.Version != writers*each+1 {
		t.Fatalf("%d increments by %d writers left count %d at version %d", each, writers, n.Count, n.Version)
	}
}

// countUp counts a note up so many times, as one of many writers.
func (b book) countUp(id string, times int) {
	for range times {
		if _, err := b.Update(b.t.Context(), id, counted); err != nil {
			b.t.Error(err)
		}
	}
}

func contendedInsert(t *testing.T, s store.Store) {
	var won atomic.Int64
	var all sync.WaitGroup
	c := notes.In(s)
	for i := range 64 {
		all.Go(func() {
			switch err := c.Insert(t.Context(), &note{ID: fmt.Sprint(i), Owner: "o", Tags: []string{"!bill"}}); {
			case err == nil:
				won.Add(1)
			case !fault.Is(err, fault.AlreadyExists):
				t.Error(err)
			}
		})
	}
	if all.Wait(); won.Load() != 1 {
		t.Fatalf("%d of 64 won, want 1", won.Load())
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

func bulk(t *testing.T, s store.Store) {
	b, list := bookOf(t, s), manyNotes(1300)
	b.put(note{ID: "other", Owner: "o", Code: "1000"})
	taken, err := b.InsertMany(t.Context(), list)
	if err != nil || !slices.Equal(taken, []string{"n1000"}) {
		t.Fatalf("taken %v, %v, want the one whose code is taken", taken, err)
	}
	if taken, err = b.InsertMany(t.Context(), list); err != nil || len(taken) != len(list) {
		t.Fatalf("repeated: %d taken, %v, want all %d", len(taken), err, len(list))
	}
	if n, err := b.Count(t.Context(), store.Query{Index: "by_at", Equal: []any{"o"}}); err != nil || n != 1300 {
		t.Fatalf("%d documents, %v, want 1300", n, err)
	}
}

func manyNotes(n int) (list []note) {
	for i := range n {
		list = append(list, note{ID: fmt.Sprintf("n%04d", i), Owner: "o", Code: fmt.Sprint(i), At: int64(i)})
	}
	return list
}

func updates(t *testing.T, s store.Store) {
	b := bookOf(t, s)
	b.put(note{ID: "a", Owner: "o"})
	tries := 0
	n, err := b.Update(t.Context(), "a", func(n *note) error {
		if tries++; tries == 1 {
			b.overtake(*n)
		}
		return counted(n)
	})
	if err != nil || tries != 2 || n.Text != "other" || n.Count != 1 || n.Version != 3 {
		t.Fatalf("after %d tries: %+v, %v", tries, n, err)
	}
	b.updatesNothing(n)
}

// overtake is another writer who is faster.
func (b book) overtake(n note) {
	n.Text = "other"
	must(b.t, b.Replace(b.t.Context(), &n))
}

// updatesNothing has a change that has nothing to do, and one that fails, leave a note as it is.
func (b book) updatesNothing(as *note) {
	b.t.Helper()
	n, err := b.Update(b.t.Context(), as.ID, func(*note) error { return store.ErrUnchanged })
	if err != nil || n.Version != as.Version {
		b.t.Fatalf("an unchanged update wrote: %+v, %v", n, err)
	}
	no := errors.New("no")
	if _, err := b.Update(b.t.Context(), as.ID, func(*note) error { return no }); !errors.Is(err, no) {
		b.t.Fatalf("got %v, want the error of change", err)
	}
}

func updatesFrom(t *testing.T, s store.Store) {
	b := bookOf(t, s)
	b.put(note{ID: "a", Owner: "o"})
	seen := b.read("a")
	b.from("what was read", seen, counted, 1)
	if seen.Count != 0 || seen.Version != 1 {
		t.Fatalf("what was read has become %+v", seen)
	}
	b.from("what was overtaken", seen, counted, 2)
	b.from("what was refused of what was read before", seen, func(n *note) error {
		if n.Count == 0 {
			return errors.New("too few")
		}
		return counted(n)
	}, 3)
	b.from("nothing to do", seen, func(*note) error { return store.ErrUnchanged }, 3)
	b.fromFails()
}

// from changes a note from what was read of it, and says how often it has been counted up by then.
func (b book) from(what string, seen *note, change func(*note) error, count int64) {
	b.t.Helper()
	n, err := b.UpdateFrom(b.t.Context(), seen, change)
	if err != nil || n.Count != count || n.Version != count+1 {
		b.t.Fatalf("%s: %+v, %v", what, n, err)
	}
}

// fromFails has a change fail, which leaves what was read as it was.
func (b book) fromFails() {
	b.t.Helper()
	n, no := b.read("a"), errors.New("no")
	was := n.Count
	_, err := b.UpdateFrom(b.t.Context(), n, func(n *note) error { n.Count = 9; return no })
	if !errors.Is(err, no) || n.Count != was {
		b.t.Fatalf("got %v and %+v, want the error of change and what was read as it was", err, n)
	}
}
