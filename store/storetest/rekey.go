package storetest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/seal"
	"linlipay/store"
)

// underThree is a store whose documents are under an old key, a new one, and under none.
func underThree(t *testing.T, st store.Store, old, fresh string, n int) *store.Sealed {
	add(t, plainly(t, st), 0, n/3)
	add(t, mustSealed(t, st, old), n/3, 2*n/3)
	s := mustSealed(t, st, fresh, old)
	add(t, s, 2*n/3, n)
	return s
}

var errCrash = fault.New(fault.Unavailable, "进程已结束。", "The process ended.")

// crashing is a store that ends its process at a step: before it is taken, or after it was and nobody heard.
type crashing struct {
	store.Store
	steps *atomic.Int64
	after bool
}

func (c crashing) step(do func() error) error {
	left := c.steps.Add(-1)
	if left == 0 && !c.after || left < 0 {
		return errCrash
	}
	if err := do(); err != nil || left > 0 {
		return err
	}
	return errCrash
}

// Insert is a step.
func (c crashing) Insert(ctx context.Context, collection string, d store.Doc) error {
	return c.step(func() error { return c.Store.Insert(ctx, collection, d) })
}

// Replace is a step.
func (c crashing) Replace(ctx context.Context, collection string, d store.Doc) error {
	return c.step(func() error { return c.Store.Replace(ctx, collection, d) })
}

// Delete is a step.
func (c crashing) Delete(ctx context.Context, collection, id string, version int64) error {
	return c.step(func() error { return c.Store.Delete(ctx, collection, id, version) })
}

// Walk is a step, three documents at a time.
func (c crashing) Walk(ctx context.Context, collection, after string, limit int) (docs []store.Doc, err error) {
	err = c.step(func() error {
		docs, err = c.Store.(store.Walker).Walk(ctx, collection, after, min(limit, 3))
		return err
	})
	return docs, err
}

// interrupted crashes at the first step, then at the second, and so on, until nothing is left to do.
func interrupted(t *testing.T, st store.Store) {
	r := rotation{t, st, seal.NewKey(), seal.NewKey(), 12}
	s := underThree(t, st, r.old, r.fresh, r.people)
	ticket := r.keepSecrets(s)
	for steps := 1; !r.ends(steps); steps++ {
		findAll(t, mustSealed(t, st, r.fresh, r.old), r.people)
		if steps > 500 {
			t.Fatal("it never ends")
		}
	}
	s = mustSealed(t, st, r.fresh)
	findAll(t, s, r.people)
	r.nothingOld(s)
	_, err := tickets.In(s).Get(t.Context(), ticket)
	want(t, err, fault.NotFound)
}

// rotation is a store of people whose key is replaced.
type rotation struct {
	t          *testing.T
	st         store.Store
	old, fresh string
	people     int
}

const merchantsKey = "a merchant's key"

// keepSecrets seals a secret of a person's under the old key, and makes a ticket that is of that key.
func (r rotation) keepSecrets(s *store.Sealed) (ticket string) {
	r.t.Helper()
	_, err := people.In(s).Update(r.t.Context(), "p001", func(p *person) error {
		p.Secret = box(r.t, r.old).Seal([]byte(merchantsKey), "secret/"+p.ID)
		return nil
	})
	must(r.t, err)
	n := note{ID: box(r.t, r.old).Name() + "/1"}
	must(r.t, tickets.In(s).Insert(r.t.Context(), &n))
	return n.ID
}

// ends rekeys in a process that ends at a step, and reports whether it got to the end.
func (r rotation) ends(steps int) bool {
	r.t.Helper()
	var left atomic.Int64
	left.Store(int64(steps+1) / 2)
	s := store.Seal(crashing{r.st, &left, steps%2 == 0}, box(r.t, r.fresh, r.old), time.Now, quiet())
	must(r.t, s.Ensure(r.t.Context(), people.Schema, tickets.Schema))
	people.In(s)
	err := s.Check(r.t.Context())
	if err == nil {
		err = rekey(r.t, s)
	}
	if err != nil && !errors.Is(err, errCrash) {
		r.t.Fatalf("at step %d: %v", steps, err)
	}
	return err == nil
}

// nothingOld holds when all is under the new key.
func (r rotation) nothingOld(s *store.Sealed) {
	r.t.Helper()
	if raw := stored(r.t, r.st); strings.Contains(raw, box(r.t, r.old).Name()) || strings.Contains(raw, "张三") {
		r.t.Errorf("not all is under the new key: %s", raw)
	}
	p, err := people.In(s).Get(r.t.Context(), "p001")
	must(r.t, err)
	if plain, err := box(r.t, r.fresh).Open(p.Secret, "secret/p001"); err != nil || string(plain) != merchantsKey {
		r.t.Errorf("the secret opens as %q, %v", plain, err)
	}
	if behind, err := s.Behind(r.t.Context()); behind || err != nil {
		r.t.Errorf("behind is %t, %v", behind, err)
	}
}

func rekey(t *testing.T, s *store.Sealed) error {
	return s.Rekey(t.Context(), false, func(store.RekeyProgress) {})
}

// findAll finds each of the people by phone.
func findAll(t *testing.T, s *store.Sealed, n int) {
	t.Helper()
	for i := range n {
		p := somebody(i)
		persons, _, err := people.In(s).Find(t.Context(), store.Query{Index: "by_phone", Equal: []any{p.Phone}})
		if err != nil || len(persons) != 1 || persons[0].ID != p.ID || persons[0].Name != p.Name {
			t.Fatalf("%s is found as %+v, %v", p.Phone, persons, err)
		}
	}
}

func rekeyContended(t *testing.T, st store.Store) {
	old, fresh := seal.NewKey(), seal.NewKey()
	const n, each = 12, 10
	s := underThree(t, st, old, fresh, n)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() { countPeople(t, s, w, n, each) })
	}
	defer writers.Wait()
	for range 3 {
		must(t, s.Rekey(t.Context(), true, func(store.RekeyProgress) {}))
	}
	writers.Wait()
	s = mustSealed(t, st, fresh)
	findAll(t, s, n)
	for i := range n {
		if p, err := people.In(s).Get(t.Context(), somebody(i).ID); err != nil || p.Count != 4*each {
			t.Errorf("%d of %d changes were kept, %v", p.Count, 4*each, err)
		}
	}
}

// countPeople counts each of n people up so many times, beginning with one of them, as one of many writers.
func countPeople(t *testing.T, s *store.Sealed, first, n, each int) {
	for i := range n * each {
		count := func(p *person) error { p.Count++; return nil }
		if _, err := people.In(s).Update(t.Context(), somebody((i+first)%n).ID, count); err != nil {
			t.Error(err)
			return
		}
	}
}

func rekeyUnreadable(t *testing.T, st store.Store) {
	old, fresh := seal.NewKey(), seal.NewKey()
	s := underThree(t, st, old, fresh, 9)
	mend := spoil(t, st, "p004", "sealed:"+box(t, old).Name())
	for range 2 {
		err := rekey(t, s)
		want(t, err, fault.Internal)
		if !strings.Contains(err.Error(), "p004") {
			t.Errorf("it does not say which: %v", err)
		}
	}
	_, err := sealedUnder(t, st, fresh)
	want(t, err, fault.Unavailable) // the old key is needed still
	mend()
	must(t, rekey(t, s))
	findAll(t, mustSealed(t, st, fresh), 9)
}

// spoil changes a person's document by hand, so that no key opens it, and returns what makes it whole again.
func spoil(t *testing.T, st store.Store, id, mark string) (mend func()) {
	t.Helper()
	raw, err := st.Get(t.Context(), people.Name, id)
	must(t, err)
	whole := raw.Body
	raw.Body = []byte(strings.Replace(string(whole), mark, mark[:len(mark)-1]+"g", 1))
	raw.Keys = store.Keys{"town": {"杭州"}}
	must(t, st.Replace(t.Context(), people.Name, raw))
	return func() {
		raw.Version, raw.Body = raw.Version+1, whole
		must(t, st.Replace(t.Context(), people.Name, raw))
	}
}
