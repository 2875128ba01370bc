package storetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/fault"
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

// runSealed runs the whole suite over a sealed store, and the cases of sealing.
func runSealed(t *testing.T, open func(t *testing.T) store.Store) {
	schema := notes.Schema
	schema.Personal = []string{"owner", "text", "tags.*"}
	schema.Fields = slices.Clone(schema.Fields)
	for i, f := range schema.Fields {
		schema.Fields[i].Digest = f.Many
	}
	run(t, schema, func(t *testing.T) store.Store {
		return store.Seal(open(t), box(t, seal.NewKey()), time.Now, quiet())
	})
	for name, test := range map[string]func(*testing.T, store.Store){
		"what is declared is sealed and comes back":       sealsDeclared,
		"digests find, and order nothing":                 digestsFind,
		"a sealed text opens nowhere else":                refusesMoved,
		"pages of documents under several keys are one":   mergesPages,
		"a unique key is taken under every key":           uniqueAcrossKeys,
		"keys that are not the store's are refused":       refusesKeys,
		"what is declared anew is sealed":                 declaredLater,
		"rekey ends however often it is interrupted":      interrupted,
		"no write is lost while rekey runs":               rekeyContended,
		"a document that cannot be opened stops no other": rekeyUnreadable,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// stored is all that is kept of people, as the store has it.
func stored(t *testing.T, st store.Store) string {
	t.Helper()
	docs, err := st.(store.Walker).Walk(t.Context(), people.Name, "", store.MaxLimit)
	must(t, err)
	var all strings.Builder
	for _, d := range docs {
		all.Write(d.Body)
	}
	return all.String()
}

func sealsDeclared(t *testing.T, st store.Store) {
	s := mustSealed(t, st, seal.NewKey())
	p := somebody(7)
	p.Name = "sealed:0123456789abcdef:张\"三" // whatever somebody types is a text
	must(t, people.In(s).Insert(t.Context(), &p))
	got, err := people.In(s).Get(t.Context(), p.ID)
	must(t, err)
	if !reflect.DeepEqual(*got, p) {
		t.Errorf("got %+v, want %+v", *got, p)
	}
	raw := stored(t, st)
	for _, text := range []string{"张", "李四", p.Phone, "0007"} {
		if strings.Contains(raw, text) {
			t.Errorf("%q stands in %s", text, raw)
		}
	}
	if !strings.Contains(raw, p.Town) {
		t.Errorf("what is not declared is sealed too: %s", raw)
	}
	for _, q := range []store.Query{{Index: "by_phone", Equal: []any{p.Phone}},
		{Index: "by_term", Equal: []any{p.Town, p.Name}}} {
		if page, err := st.Find(t.Context(), people.Name, q); err != nil || len(page.Docs) > 0 {
			t.Errorf("an index holds %v: %v", q.Equal, err)
		}
	}
}

func ids(persons []person) (all []string) {
	for _, p := range persons {
		all = append(all, p.ID)
	}
	return all
}

func digestsFind(t *testing.T, st store.Store) {
	s := mustSealed(t, st, seal.NewKey())
	add(t, s, 0, 12)
	c, p := people.In(s), somebody(5)
	for _, q := range []store.Query{
		{Index: "by_phone", Equal: []any{p.Phone}}, {Index: "by_phone", In: []any{p.Phone, "13900000000"}},
		{Index: "by_term", Equal: []any{p.Town, p.Phone[7:]}},
		{Index: "by_term", Equal: []any{p.Town, p.Phone}, From: p.Place, To: p.Place + 1},
	} {
		persons, _, err := c.Find(t.Context(), q)
		if n, err := c.Count(t.Context(), q); err != nil || n != 1 {
			t.Errorf("%+v counts %d, %v", q, n, err)
		}
		if err != nil || !slices.Equal(ids(persons), []string{p.ID}) || persons[0].Name != p.Name {
			t.Errorf("%+v finds %+v, %v", q, persons, err)
		}
	}
	open := store.Query{Index: "by_term", Equal: []any{p.Town, "#" + p.ID}}
	for _, over := range []store.Store{s, st} {
		if page, err := over.Find(t.Context(), people.Name, open); err != nil || len(page.Docs) != 1 {
			t.Errorf("what is of no person finds %v, %v", page, err)
		}
	}
	persons, _, err := c.Find(t.Context(), store.Query{Index: "by_term", Equal: []any{p.Town, p.Name}, Desc: true})
	if err != nil || !slices.Equal(ids(persons), []string{"p011", "p005"}) {
		t.Errorf("a name finds %v, %v", ids(persons), err)
	}
	for _, q := range []store.Query{
		{Index: "by_phone"}, {Index: "by_phone", From: "138", To: "139"}, {Index: "by_term", Equal: []any{p.Town}},
		{Index: "by_phone", Equal: []any{int64(1)}},
	} {
		for _, over := range []store.Store{s, st} {
			_, err := over.Find(t.Context(), people.Name, q)
			want(t, err, fault.Invalid)
		}
	}
	_, err = s.Sum(t.Context(), people.Name, store.Query{Index: "in_order"}, []string{"phone"}, nil)
	want(t, err, fault.Invalid)
}

func refusesMoved(t *testing.T, st store.Store) {
	s := mustSealed(t, st, seal.NewKey())
	add(t, s, 0, 4)
	raw, err := st.Get(t.Context(), people.Name, "p000")
	must(t, err)
	other, err := st.Get(t.Context(), people.Name, "p002")
	must(t, err)
	moved := func(body string) {
		t.Helper()
		now, err := st.Get(t.Context(), people.Name, "p002")
		must(t, err)
		must(t, st.Replace(t.Context(), people.Name, store.Doc{ID: "p002", Version: now.Version, Body: []byte(body),
			Keys: store.Keys{"town": {"杭州"}, "place": {int64(0)}}}))
		_, err = s.Get(t.Context(), people.Name, "p002")
		want(t, err, fault.Internal)
		page, err := s.Find(t.Context(), people.Name, store.Query{Index: "in_order", Equal: []any{"杭州"}})
		if err != nil || len(page.Docs) != 2 || len(page.Docs[0].Body) == 0 || len(page.Docs[1].Body) != 0 {
			t.Errorf("a page with a moved text is %v, %v", page, err)
		}
	}
	field := func(d store.Doc, name string) string {
		_, rest, _ := strings.Cut(string(d.Body), `"`+name+`":"`)
		text, _, _ := strings.Cut(rest, `"`)
		return text
	}
	body := string(other.Body)
	moved(strings.Replace(body, field(other, "phone"), field(raw, "phone"), 1))
	moved(strings.Replace(body, field(other, "phone"), field(other, "name"), 1))
	flipped := []byte(field(other, "name"))
	flipped[len(flipped)-8] ^= 1
	moved(strings.Replace(body, field(other, "name"), string(flipped), 1))
}

// underThree is a store whose documents are under an old key, a new one, and under none.
func underThree(t *testing.T, st store.Store, old, fresh string, n int) *store.Sealed {
	add(t, plainly(t, st), 0, n/3)
	add(t, mustSealed(t, st, old), n/3, 2*n/3)
	s := mustSealed(t, st, fresh, old)
	add(t, s, 2*n/3, n)
	return s
}

func mergesPages(t *testing.T, st store.Store) {
	const n = 60
	s := underThree(t, st, seal.NewKey(), seal.NewKey(), n)
	for _, desc := range []bool{false, true} {
		var want []string
		for i := range n {
			if p := somebody(i); p.Town == "杭州" && p.Name == "张三1" {
				want = append(want, p.ID)
			}
		}
		if desc {
			slices.Reverse(want)
		}
		for _, limit := range []int{1, 3, 50} {
			q := store.Query{Index: "by_term", Equal: []any{"杭州", "张三1"}, Desc: desc, Limit: limit}
			var got []string
			must(t, people.In(s).All(t.Context(), q, func(p person) error { got = append(got, p.ID); return nil }))
			if !slices.Equal(got, want) {
				t.Errorf("pages of %d are %v, want %v", limit, got, want)
			}
		}
		q := store.Query{Index: "by_term", Equal: []any{"杭州", "张三1"}}
		groups, err := s.Sum(t.Context(), people.Name, q, []string{"town"}, []string{"place"})
		count, failed := s.Count(t.Context(), people.Name, q)
		if err != nil || failed != nil || len(groups) != 1 || groups[0].Count != int64(len(want)) ||
			count != int64(len(want)) {
			t.Errorf("groups are %+v, count %d, want %d", groups, count, len(want))
		}
	}
}

func uniqueAcrossKeys(t *testing.T, st store.Store) {
	s := underThree(t, st, seal.NewKey(), seal.NewKey(), 6)
	for n := range 6 {
		p := somebody(n)
		p.ID = "another"
		want(t, people.In(s).Insert(t.Context(), &p), fault.AlreadyExists)
		taken, err := people.In(s).InsertMany(t.Context(), []person{p})
		if err != nil || !slices.Equal(taken, []string{p.ID}) {
			t.Errorf("bulk insert took %v, %v", taken, err)
		}
		p.ID = somebody(n).ID
		_, err = people.In(s).Update(t.Context(), p.ID, func(p *person) error { p.Count++; return nil })
		must(t, err) // its own is not another's
		_, err = people.In(s).Update(t.Context(), p.ID, func(p *person) error {
			p.Phone = somebody((n + 1) % 6).Phone
			return nil
		})
		want(t, err, fault.AlreadyExists)
	}
}

func refusesKeys(t *testing.T, st store.Store) {
	old, fresh, wrong := seal.NewKey(), seal.NewKey(), seal.NewKey()
	add(t, mustSealed(t, st, old), 0, 3)
	for name, keys := range map[string][]string{"another": {wrong}, "new without the old": {fresh}} {
		if _, err := sealedUnder(t, st, keys...); !fault.Is(err, fault.Unavailable) ||
			!strings.Contains(err.Error(), "LINLIPAY_OTHER_SECRET_KEYS") {
			t.Errorf("%s: %v", name, err)
		}
	}
	mustSealed(t, st, old, fresh) // every process is told of the new key first
	s := mustSealed(t, st, fresh, old)
	_, err := sealedUnder(t, st, fresh)
	want(t, err, fault.Unavailable) // before rekey is done
	mustSealed(t, st, old, fresh)   // and the way back is open until then
	must(t, s.Rekey(t.Context(), false, func(store.RekeyProgress) {}))
	mustSealed(t, st, fresh, old)
	mustSealed(t, st, fresh)
	_, err = sealedUnder(t, st, old, fresh)
	want(t, err, fault.Unavailable)
}

func declaredLater(t *testing.T, st store.Store) {
	key := seal.NewKey()
	earlier := people.Schema
	earlier.Personal, earlier.Fields = []string{"phone"}, slices.Clone(earlier.Fields)
	for i := range earlier.Fields {
		earlier.Fields[i].Digest = false
	}
	s := store.Seal(st, box(t, key), time.Now, quiet())
	must(t, s.Ensure(t.Context(), earlier))
	must(t, s.Check(t.Context()))
	add(t, s, 0, 5)
	s = mustSealed(t, st, key)
	q := store.Query{Index: "by_phone", Equal: []any{somebody(3).Phone}}
	if n, err := s.Count(t.Context(), people.Name, q); err != nil || n != 1 {
		t.Errorf("before rekey a phone finds %d, %v", n, err)
	}
	must(t, s.Rekey(t.Context(), false, func(store.RekeyProgress) {}))
	if raw := stored(t, st); strings.Contains(raw, "张三") {
		t.Errorf("a name stands in %s", raw)
	}
	if n, err := s.Count(t.Context(), people.Name, q); err != nil || n != 1 {
		t.Errorf("a phone finds %d, %v", n, err)
	}
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
	old, fresh := seal.NewKey(), seal.NewKey()
	const n = 12
	s := underThree(t, st, old, fresh, n)
	secret, ticket := box(t, old), note{ID: box(t, old).Name() + "/1"}
	_, err := people.In(s).Update(t.Context(), "p001", func(p *person) error {
		p.Secret = secret.Seal([]byte("a merchant's key"), "secret/"+p.ID)
		return nil
	})
	must(t, err)
	must(t, tickets.In(s).Insert(t.Context(), &ticket))
	for steps, done := 1, false; !done; steps++ {
		var left atomic.Int64
		left.Store(int64(steps+1) / 2)
		s := store.Seal(crashing{st, &left, steps%2 == 0}, box(t, fresh, old), time.Now, quiet())
		must(t, s.Ensure(t.Context(), people.Schema, tickets.Schema))
		people.In(s)
		err := s.Check(t.Context())
		if err == nil {
			err = s.Rekey(t.Context(), false, func(store.RekeyProgress) {})
		}
		if err != nil && !errors.Is(err, errCrash) {
			t.Fatalf("at step %d: %v", steps, err)
		}
		done = err == nil
		findAll(t, mustSealed(t, st, fresh, old), n)
		if steps > 500 {
			t.Fatal("it never ends")
		}
	}
	s = mustSealed(t, st, fresh)
	findAll(t, s, n)
	if raw := stored(t, st); strings.Contains(raw, secret.Name()) || strings.Contains(raw, "张三") {
		t.Errorf("not all is under the new key: %s", raw)
	}
	p, err := people.In(s).Get(t.Context(), "p001")
	must(t, err)
	if plain, err := box(t, fresh).Open(p.Secret, "secret/p001"); err != nil || string(plain) != "a merchant's key" {
		t.Errorf("the secret opens as %q, %v", plain, err)
	}
	_, err = tickets.In(s).Get(t.Context(), ticket.ID)
	want(t, err, fault.NotFound)
	behind, err := s.Behind(t.Context())
	if behind || err != nil {
		t.Errorf("behind is %t, %v", behind, err)
	}
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
		writers.Go(func() {
			for i := range n * each {
				_, err := people.In(s).Update(t.Context(), somebody((i+w)%n).ID, func(p *person) error {
					p.Count++
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
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

func rekeyUnreadable(t *testing.T, st store.Store) {
	old, fresh := seal.NewKey(), seal.NewKey()
	s := underThree(t, st, old, fresh, 9)
	raw, err := st.Get(t.Context(), people.Name, "p004")
	must(t, err)
	whole := raw.Body
	other := box(t, old).Name()[:15] + "g" // somebody has changed it by hand
	raw.Body = []byte(strings.Replace(string(whole), "sealed:"+box(t, old).Name(), "sealed:"+other, 1))
	raw.Keys = store.Keys{"town": {"杭州"}}
	must(t, st.Replace(t.Context(), people.Name, raw))
	for range 2 {
		err := s.Rekey(t.Context(), false, func(store.RekeyProgress) {})
		want(t, err, fault.Internal)
		if !strings.Contains(err.Error(), "p004") {
			t.Errorf("it does not say which: %v", err)
		}
	}
	_, err = sealedUnder(t, st, fresh)
	want(t, err, fault.Unavailable) // the old key is needed still
	raw.Version, raw.Body = raw.Version+1, whole
	must(t, st.Replace(t.Context(), people.Name, raw))
	must(t, s.Rekey(t.Context(), false, func(store.RekeyProgress) {}))
	findAll(t, mustSealed(t, st, fresh), 9)
}
