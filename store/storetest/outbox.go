package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"linlipay/store"
)

// debt is a document that owes somebody words.
type debt struct {
	ID      string   `json:"id"`
	Version int64    `json:"-"`
	Owes    []string `json:"owes"`
}

var debts = store.Kind[debt]{
	Schema: store.Schema{
		Name: "debts", Fields: []store.Field{{Name: "owes", Type: store.Int}},
		Indexes: []store.Index{{Name: "by_owes", Fields: []string{"owes"}}},
	},
	ID:      func(d *debt) string { return d.ID },
	Version: func(d *debt) *int64 { return &d.Version },
	Keys: func(d *debt) store.Keys {
		if len(d.Owes) == 0 {
			return nil
		}
		return store.Keys{"owes": {int64(len(d.Owes))}}
	},
}

// outboxSettles has a document that fails and one that cannot be read keep no other waiting, what a crash cut short be
// carried out again, and what came meanwhile stay owed.
func outboxSettles(t *testing.T, s store.Store) {
	p := &postman{debtors: debtors(t, s), refuses: "b1"}
	box := store.NewOutbox(p.debtors, "by_owes", func(d *debt) *[]string { return &d.Owes },
		func(word string) string { return word }, p.tell)
	if n, err := box.Sweep(t.Context()); n != 3 || !errors.Is(err, errNobodyHome) {
		t.Errorf("%d are settled, %v", n, err)
	}
	p.refuses = ""
	if n, err := box.Sweep(t.Context()); n != 2 || err == nil { // what cannot be read fails still
		t.Errorf("%d are settled, %v", n, err)
	}
	if want := []string{"a1", "a2", "b1", "d1", "d2"}; !slices.Equal(slices.Sorted(slices.Values(p.told)), want) {
		t.Errorf("told are %v, not %v", p.told, want)
	}
	if n, err := box.Sweep(t.Context()); n != 0 || err == nil {
		t.Errorf("%d are owed still, and what cannot be read is no error (%v)", n, err)
	}
}

// debtors are four documents that owe words, and one that cannot be read.
func debtors(t *testing.T, s store.Store) store.Collection[debt] {
	t.Helper()
	must(t, s.Ensure(t.Context(), debts.Schema))
	c := debts.In(s)
	for id, owes := range map[string][]string{"a": {"a1", "a2"}, "b": {"b1"}, "c": nil, "d": {"d1"}} {
		must(t, c.Insert(t.Context(), &debt{ID: id, Owes: owes}))
	}
	must(t, s.Insert(t.Context(), "debts", store.Doc{ID: "x", Keys: store.Keys{"owes": {int64(1)}},
		Body: []byte(`{"owes":7}`)}))
	return c
}

var errNobodyHome = errors.New("nobody is at home")

// postman brings words to whom they are owed, but for one that is refused.
type postman struct {
	debtors store.Collection[debt]
	told    []string
	refuses string
}

// tell brings a word; the document of d1 comes to owe more while what it owed is carried out.
func (p *postman) tell(ctx context.Context, _ *debt, word string) error {
	if word == p.refuses {
		return errNobodyHome
	}
	p.told = append(p.told, word)
	if word != "d1" {
		return nil
	}
	_, err := p.debtors.Update(ctx, "d", func(d *debt) error { d.Owes = append(d.Owes, "d2"); return nil })
	return err
}

// oneHolds has a holder keep a lease as long as they renew it, and another follow when they do not.
func oneHolds(t *testing.T, s store.Store) {
	must(t, s.Ensure(t.Context(), store.LeaseSchema()))
	now := time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC)
	l := store.NewLease(s, "sweep", time.Minute, func() time.Time { return now })
	other := store.NewLease(s, "other", time.Minute, func() time.Time { return now })
	for i, step := range []struct {
		pass   time.Duration
		lease  store.Lease
		holder string
		want   bool
	}{
		{0, l, "a", true}, {0, l, "b", false}, {0, other, "b", true},
		{50 * time.Second, l, "a", true},  // it is renewed
		{50 * time.Second, l, "b", false}, // and so good still
		{11 * time.Second, l, "b", true}, {0, l, "a", false},
	} {
		now = now.Add(step.pass)
		if mine, err := step.lease.Hold(t.Context(), step.holder); err != nil || mine != step.want {
			t.Errorf("step %d: %s holds it: %v, %v", i, step.holder, mine, err)
		}
	}
}

// deleteSelected deletes what a query selects and nothing else, not more than it was told to, and what was changed
// meanwhile not at all.
func deleteSelected(t *testing.T, s store.Store) {
	b := bookOf(t, s)
	for at := range 9 {
		b.put(note{ID: string(rune('a' + at)), Owner: "o", At: int64(at)})
	}
	b.put(note{ID: "z", Owner: "p", At: 1})
	past := store.Query{Index: "by_at", Equal: []any{"o"}, From: int64(0), To: int64(6)}
	for i, n := range []int{4, 2, 0} {
		deletes(t, fmt.Sprint("time ", i), b.Collection, past, 4, n)
	}
	if left := b.finds(store.Query{Index: "by_at"}); left != "ghiz" {
		t.Errorf("left are %s", left)
	}
	past.To = int64(100)
	deletes(t, "changed meanwhile", notes.In(changedAtDelete{s}), past, 100, 0)
}

// deletes has so many of what a query selects be deleted.
func deletes(t *testing.T, what string, c store.Collection[note], q store.Query, most, want int) {
	t.Helper()
	if n, err := c.DeleteSelected(t.Context(), q, most); err != nil || n != want {
		t.Errorf("%s: %d are deleted, not %d; %v", what, n, want, err)
	}
}

// changedAtDelete is a store in which somebody changes each document right before it is deleted.
type changedAtDelete struct{ store.Store }

// Delete is preceded by somebody's change.
func (s changedAtDelete) Delete(ctx context.Context, collection, id string, version int64) error {
	d, err := s.Get(ctx, collection, id)
	if err != nil {
		return err
	}
	if err := s.Replace(ctx, collection, d); err != nil {
		return err
	}
	return s.Store.Delete(ctx, collection, id, version)
}
