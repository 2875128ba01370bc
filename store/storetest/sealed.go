package storetest

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/seal"
	"linlipay/store"
)

// sealedCases are what a sealed store must do beside.
var sealedCases = map[string]func(*testing.T, store.Store){
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
}

// runSealed runs the whole suite over a sealed store, and the cases of sealing.
func runSealed(t *testing.T, open func(t *testing.T) store.Store) {
	run(t, personalNotes(), func(t *testing.T) store.Store {
		return store.Seal(open(t), box(t, seal.NewKey()), time.Now, quiet())
	})
	for name, test := range sealedCases {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// personalNotes are notes of which most is of a person.
func personalNotes() store.Schema {
	schema := notes.Schema
	schema.Personal = []string{"owner", "text", "tags.*"}
	schema.Fields = slices.Clone(schema.Fields)
	for i, f := range schema.Fields {
		schema.Fields[i].Digest = f.Many
	}
	return schema
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
	s, p := mustSealed(t, st, seal.NewKey()), somebody(7)
	p.Name = "sealed:0123456789abcdef:张\"三" // whatever somebody types is a text
	must(t, people.In(s).Insert(t.Context(), &p))
	got, err := people.In(s).Get(t.Context(), p.ID)
	must(t, err)
	if !reflect.DeepEqual(*got, p) {
		t.Errorf("got %+v, want %+v", *got, p)
	}
	tellsNothing(t, st, p)
	for _, q := range []store.Query{{Index: "by_phone", Equal: []any{p.Phone}},
		{Index: "by_term", Equal: []any{p.Town, p.Name}}} {
		if page, err := st.Find(t.Context(), people.Name, q); err != nil || len(page.Docs) > 0 {
			t.Errorf("an index holds %v: %v", q.Equal, err)
		}
	}
}

// tellsNothing holds when what is stored says nothing of a person but what is not declared.
func tellsNothing(t *testing.T, st store.Store, p person) {
	t.Helper()
	raw := stored(t, st)
	for _, text := range []string{"张", "李四", p.Phone, "0007"} {
		if strings.Contains(raw, text) {
			t.Errorf("%q stands in %s", text, raw)
		}
	}
	if !strings.Contains(raw, p.Town) {
		t.Errorf("what is not declared is sealed too: %s", raw)
	}
}

func ids(persons []person) (all []string) {
	for _, p := range persons {
		all = append(all, p.ID)
	}
	return all
}

func digestsFind(t *testing.T, st store.Store) {
	s, p := mustSealed(t, st, seal.NewKey()), somebody(5)
	add(t, s, 0, 12)
	for _, q := range []store.Query{
		{Index: "by_phone", Equal: []any{p.Phone}}, {Index: "by_phone", In: []any{p.Phone, "13900000000"}},
		{Index: "by_term", Equal: []any{p.Town, p.Phone[7:]}},
		{Index: "by_term", Equal: []any{p.Town, p.Phone}, From: p.Place, To: p.Place + 1},
	} {
		findsPeople(t, s, q, p.Name, p.ID)
	}
	findsPeople(t, s, store.Query{Index: "by_term", Equal: []any{p.Town, p.Name}, Desc: true}, p.Name,
		"p011", "p005")
	open := store.Query{Index: "by_term", Equal: []any{p.Town, "#" + p.ID}}
	for _, over := range []store.Store{s, st} {
		if page, err := over.Find(t.Context(), people.Name, open); err != nil || len(page.Docs) != 1 {
			t.Errorf("what is of no person finds %v, %v", page, err)
		}
	}
	digestsOrderNothing(t, s, st, p)
}

// findsPeople finds and counts people of one name, in an order, with the name opened.
func findsPeople(t *testing.T, s *store.Sealed, q store.Query, name string, want ...string) {
	t.Helper()
	persons, _, err := people.In(s).Find(t.Context(), q)
	if err != nil || !slices.Equal(ids(persons), want) || persons[0].Name != name {
		t.Errorf("%+v finds %+v, %v", q, persons, err)
	}
	if n, err := s.Count(t.Context(), people.Name, q); err != nil || n != int64(len(want)) {
		t.Errorf("%+v counts %d, %v", q, n, err)
	}
}

// digestsOrderNothing holds when no range and no order over digests is answered.
func digestsOrderNothing(t *testing.T, s *store.Sealed, st store.Store, p person) {
	t.Helper()
	for _, q := range []store.Query{
		{Index: "by_phone"}, {Index: "by_phone", From: "138", To: "139"}, {Index: "by_term", Equal: []any{p.Town}},
		{Index: "by_phone", Equal: []any{int64(1)}},
	} {
		for _, over := range []store.Store{s, st} {
			_, err := over.Find(t.Context(), people.Name, q)
			want(t, err, fault.Invalid)
		}
	}
	_, err := s.Sum(t.Context(), people.Name, store.Query{Index: "in_order"}, []string{"phone"}, nil)
	want(t, err, fault.Invalid)
}

func refusesMoved(t *testing.T, st store.Store) {
	s := mustSealed(t, st, seal.NewKey())
	add(t, s, 0, 4)
	from, to := rawPerson(t, st, "p000"), rawPerson(t, st, "p002")
	movedText(t, s, st, strings.Replace(to, member(to, "phone"), member(from, "phone"), 1))
	movedText(t, s, st, strings.Replace(to, member(to, "phone"), member(to, "name"), 1))
	flipped := []byte(member(to, "name"))
	flipped[len(flipped)-8] ^= 1
	movedText(t, s, st, strings.Replace(to, member(to, "name"), string(flipped), 1))
}

// rawPerson is a person's body as it is stored.
func rawPerson(t *testing.T, st store.Store, id string) string {
	t.Helper()
	d, err := st.Get(t.Context(), people.Name, id)
	must(t, err)
	return string(d.Body)
}

// member is the text of one of a body's members.
func member(body, name string) string {
	_, rest, _ := strings.Cut(body, `"`+name+`":"`)
	text, _, _ := strings.Cut(rest, `"`)
	return text
}

// movedText stores a body by hand as that of p002, which opens neither by itself nor in a page, and stops no other.
func movedText(t *testing.T, s *store.Sealed, st store.Store, body string) {
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

func mergesPages(t *testing.T, st store.Store) {
	const n = 60
	s := underThree(t, st, seal.NewKey(), seal.NewKey(), n)
	want := namesakes(n)
	for _, limit := range []int{1, 3, 50} {
		pagesAre(t, s, store.Query{Limit: limit}, want)
	}
	slices.Reverse(want)
	for _, limit := range []int{1, 3, 50} {
		pagesAre(t, s, store.Query{Limit: limit, Desc: true}, want)
	}
	q := store.Query{Index: "by_term", Equal: []any{"杭州", "张三1"}}
	groups, err := s.Sum(t.Context(), people.Name, q, []string{"town"}, []string{"place"})
	count, failed := s.Count(t.Context(), people.Name, q)
	if err != nil || failed != nil || len(groups) != 1 || groups[0].Count != int64(len(want)) ||
		count != int64(len(want)) {
		t.Errorf("groups are %+v, count %d, want %d", groups, count, len(want))
	}
}

// namesakes are those of the first n people who are 张三1 of 杭州.
func namesakes(n int) (want []string) {
	for i := range n {
		if p := somebody(i); p.Town == "杭州" && p.Name == "张三1" {
			want = append(want, p.ID)
		}
	}
	return want
}

// pagesAre reads the namesakes page by page.
func pagesAre(t *testing.T, s *store.Sealed, q store.Query, want []string) {
	t.Helper()
	q.Index, q.Equal = "by_term", []any{"杭州", "张三1"}
	var got []string
	must(t, people.In(s).All(t.Context(), q, func(p person) error { got = append(got, p.ID); return nil }))
	if !slices.Equal(got, want) {
		t.Errorf("pages of %d are %v, want %v", q.Limit, got, want)
	}
}

func uniqueAcrossKeys(t *testing.T, st store.Store) {
	s := underThree(t, st, seal.NewKey(), seal.NewKey(), 6)
	for n := range 6 {
		phoneIsTaken(t, people.In(s), n)
	}
}

// phoneIsTaken has nobody else get a person's phone, whatever it was sealed under; its own is not another's.
func phoneIsTaken(t *testing.T, c store.Collection[person], n int) {
	t.Helper()
	p := somebody(n)
	p.ID = "another"
	want(t, c.Insert(t.Context(), &p), fault.AlreadyExists)
	taken, err := c.InsertMany(t.Context(), []person{p})
	if err != nil || !slices.Equal(taken, []string{p.ID}) {
		t.Errorf("bulk insert took %v, %v", taken, err)
	}
	_, err = c.Update(t.Context(), somebody(n).ID, func(p *person) error { p.Count++; return nil })
	must(t, err)
	_, err = c.Update(t.Context(), somebody(n).ID, func(p *person) error {
		p.Phone = somebody((n + 1) % 6).Phone
		return nil
	})
	want(t, err, fault.AlreadyExists)
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
	must(t, rekey(t, s))
	mustSealed(t, st, fresh, old)
	mustSealed(t, st, fresh)
	_, err = sealedUnder(t, st, old, fresh)
	want(t, err, fault.Unavailable)
}

func declaredLater(t *testing.T, st store.Store) {
	key := seal.NewKey()
	s := store.Seal(st, box(t, key), time.Now, quiet())
	must(t, s.Ensure(t.Context(), earlierPeople()))
	must(t, s.Check(t.Context()))
	add(t, s, 0, 5)
	s = mustSealed(t, st, key)
	countsOne(t, s, "before rekey")
	must(t, rekey(t, s))
	if raw := stored(t, st); strings.Contains(raw, "张三") {
		t.Errorf("a name stands in %s", raw)
	}
	countsOne(t, s, "after rekey")
}

// earlierPeople are people as a version declared them that sealed less and found by no digest.
func earlierPeople() store.Schema {
	earlier := people.Schema
	earlier.Personal, earlier.Fields = []string{"phone"}, slices.Clone(earlier.Fields)
	for i := range earlier.Fields {
		earlier.Fields[i].Digest = false
	}
	return earlier
}

// countsOne holds when a phone finds one person.
func countsOne(t *testing.T, s *store.Sealed, when string) {
	t.Helper()
	q := store.Query{Index: "by_phone", Equal: []any{somebody(3).Phone}}
	if n, err := s.Count(t.Context(), people.Name, q); err != nil || n != 1 {
		t.Errorf("%s a phone finds %d, %v", when, n, err)
	}
}
