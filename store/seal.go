package store

import (
	"cmp"
	"context"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"linlipay/fault"
)

// Sealer seals texts and makes digests of them under the first of its keys, and knows others under which something may
// still be sealed. seal.Box is one.
type Sealer interface {
	// Names are the public names of the keys, the one that seals first.
	Names() []string
	// Seal encrypts; the same context must be given to Open.
	Seal(plain []byte, context string) string
	// Open decrypts what Seal made under any of the keys, or returns an error: another key, changed or moved.
	Open(sealed, context string) ([]byte, error)
	// Of seals and opens several texts of one context, each at a place of its own.
	Of(context string) (seal func(plain []byte, place string) string, open func(sealed, place string) ([]byte, error))
	// KeyOf is the name of the key that a sealed text names, "" for any other text.
	KeyOf(text string) string
	// Digests stand for a text, one for each of the keys; the purpose tells equal texts in different places apart.
	Digests(purpose, text string) []string
}

// Sealed is a store whose documents are sealed: what schemas declare as Personal is encrypted in the body, each member
// for itself, bound to its collection, document and place; fields that are declared as Digest hold keyed digests, and
// queries for them are asked by digest. Whoever has the store's files or a dump of it, and not the key, finds no
// person's data there.
//
// While a key is being replaced (Rekey), or a store of a version that did not seal is being sealed, documents under
// another key, or plain, are read and found as any others; each is sealed under the first key when it is next written.
// Its methods return the faults of the store beneath, and Unavailable where the configured keys are not those that its
// documents are sealed under.
type Sealed struct {
	Store
	sealer Sealer
	now    func() time.Time
	log    *slog.Logger

	mu      sync.RWMutex
	schemas map[string]*sealable
	kinds   map[string]boundKind

	// the digests by which documents may be kept beside the first key's: numbers of Sealer.Names, or asPlain
	others atomic.Pointer[[]int]
}

// asPlain stands for values that are no digests, as they were stored by a version that did not seal.
const asPlain = -1

// boundKind is how the documents of a collection are read.
type boundKind struct {
	of     reflect.Type
	keysOf func(Doc) (Keys, error)
}

// Seal makes a sealed store of a store. After Ensure, Check must be called before it is used.
func Seal(st Store, sealer Sealer, now func() time.Time, log *slog.Logger) *Sealed {
	s := &Sealed{Store: st, sealer: sealer, now: now, log: log, schemas: map[string]*sealable{},
		kinds: map[string]boundKind{}}
	s.others.Store(&[]int{})
	return s
}

// bind says how the documents of a collection are read.
func (s *Sealed) bind(collection string, k boundKind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kinds[collection] = k
}

// Kinds calls each for every collection that a kind was bound to, with its schema and the type of its values: for those
// who look at what is declared.
func (s *Sealed) Kinds(each func(schema Schema, of reflect.Type)) {
	for _, v := range s.all() {
		if k := s.kindOf(v.Name); k.of != nil {
			each(v.Schema, k.of)
		}
	}
}

func (s *Sealed) kindOf(collection string) boundKind {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.kinds[collection]
}

// Ensure creates the collections and indexes that are missing.
func (s *Sealed) Ensure(ctx context.Context, schemas ...Schema) error {
	s.mu.Lock()
	for _, schema := range schemas {
		s.schemas[schema.Name] = newSealable(schema)
	}
	s.mu.Unlock()
	return s.Store.Ensure(ctx, append(slices.Clone(schemas), sealKeys.Schema)...)
}

// of is how a collection is sealed, nil where nothing in it is.
func (s *Sealed) of(collection string) *sealable {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if v := s.schemas[collection]; v != nil && v.holds() {
		return v
	}
	return nil
}

// Now is the place where the feed stands: see Starter.
func (s *Sealed) Now(ctx context.Context) (Token, error) { return Now(ctx, s.Store) }

// Pause is Pauser.
func (s *Sealed) Pause(ctx context.Context, try int) error {
	if p, ok := s.Store.(Pauser); ok {
		return p.Pause(ctx, try)
	}
	return pause(ctx, try)
}

// sealed is a document as it is stored.
func (s *Sealed) sealed(v *sealable, d Doc) (Doc, error) {
	body, err := v.seal(s.sealer, d.ID, d.Body)
	return Doc{ID: d.ID, Version: d.Version, Keys: s.sealedKeys(v, d.Keys), Body: body}, err
}

func (s *Sealed) sealedKeys(v *sealable, plain Keys) Keys {
	keys := make(Keys, len(plain))
	for name, values := range plain {
		if keys[name] = values; v.digests[name] {
			keys[name] = s.digestsOf(v, name, values, 0)
		}
	}
	return keys
}

// digestsOf are values as they are kept under a key, each as digest has it.
func (s *Sealed) digestsOf(v *sealable, field string, values []any, key int) []any {
	out := make([]any, len(values))
	for i, value := range values {
		out[i] = s.digest(v, field, value, key)
	}
	return out
}

// digest is a value as it is kept under a key; one that is no text is left for the store to refuse.
func (s *Sealed) digest(v *sealable, field string, value any, key int) any {
	text, ok := value.(string)
	if public := v.public[field]; key == asPlain || !ok || public != nil && public(text) {
		return value
	}
	return s.sealer.Digests(v.Name+"."+field, text)[key]
}

// opened is a stored document as its owner knows it, or a fault.
func (s *Sealed) opened(v *sealable, d Doc) (Doc, error) {
	body, err := v.open(s.sealer, d.ID, d.Body)
	if err != nil {
		return Doc{}, fault.New(fault.Internal, "个人信息无法解密，请联系管理员。",
			"Personal data of this record cannot be opened; please tell the administrator.").Because(err)
	}
	d.Body = body
	return d, nil
}

// Insert stores a new document, sealed. AlreadyExists is an id or a unique key that is taken.
func (s *Sealed) Insert(ctx context.Context, collection string, d Doc) error {
	d, err := s.admitted(ctx, collection, d)
	if err != nil {
		return err
	}
	return s.Store.Insert(ctx, collection, d)
}

// admitted is a document as it is written: sealed where its collection is, and with unique keys that are free.
func (s *Sealed) admitted(ctx context.Context, collection string, d Doc) (Doc, error) {
	v := s.of(collection)
	if v == nil {
		return d, nil
	}
	sealed, err := s.sealed(v, d)
	if err != nil {
		return Doc{}, err
	}
	return sealed, s.free(ctx, v, d)
}

// InsertMany stores the documents whose id and unique keys are free, sealed, and returns the ids of the others.
func (s *Sealed) InsertMany(ctx context.Context, collection string, docs []Doc) ([]string, error) {
	v := s.of(collection)
	if v == nil {
		return s.Store.InsertMany(ctx, collection, docs)
	}
	var taken []string
	sealed := make([]Doc, 0, len(docs))
	for _, d := range docs {
		if err := s.free(ctx, v, d); fault.Is(err, fault.AlreadyExists) {
			taken = append(taken, d.ID)
			continue
		} else if err != nil {
			return nil, err
		}
		one, err := s.sealed(v, d)
		if err != nil {
			return nil, err
		}
		sealed = append(sealed, one)
	}
	more, err := s.Store.InsertMany(ctx, collection, sealed)
	return append(taken, more...), err
}

// Replace stores d, sealed, as the next version if the stored version is d.Version. Stale is another version,
// AlreadyExists a unique key that is taken.
func (s *Sealed) Replace(ctx context.Context, collection string, d Doc) error {
	d, err := s.admitted(ctx, collection, d)
	if err != nil {
		return err
	}
	return s.Store.Replace(ctx, collection, d)
}

// free is the AlreadyExists fault of a document whose unique key another document has under another key of the sealer:
// their digests differ, so no index sees it. Digests only move to the first key, which the index does see.
func (s *Sealed) free(ctx context.Context, v *sealable, d Doc) error {
	for _, key := range *s.others.Load() {
		for _, x := range v.Indexes {
			values, bound := s.uniqueUnder(v, x, d, key)
			if !bound {
				continue
			}
			page, err := s.Store.Find(ctx, v.Name, Query{Index: x.Name, Equal: values, Bare: true, Limit: 2})
			if err != nil {
				return err
			}
			if slices.ContainsFunc(page.Docs, func(o Doc) bool { return o.ID != d.ID }) {
				return fault.New(fault.AlreadyExists, "记录已存在。", "The id or a unique key is taken.")
			}
		}
	}
	return nil
}

// uniqueUnder are the values of a unique index with digests, as a document under another key has them.
func (s *Sealed) uniqueUnder(v *sealable, x Index, d Doc, key int) (values []any, bound bool) {
	if !x.Unique || !v.digested(x) {
		return nil, false
	}
	for _, name := range x.Fields {
		if len(d.Keys[name]) != 1 {
			return nil, false
		}
		value := d.Keys[name][0]
		if v.digests[name] {
			value = s.digest(v, name, value, key)
		}
		values = append(values, value)
	}
	return values, true
}

// Get returns the document, or a NotFound fault.
func (s *Sealed) Get(ctx context.Context, collection, id string) (Doc, error) {
	d, err := s.Store.Get(ctx, collection, id)
	if v := s.of(collection); v != nil && err == nil {
		return s.opened(v, d)
	}
	return d, err
}

// Find returns one page.
func (s *Sealed) Find(ctx context.Context, collection string, q Query) (Page, error) {
	v := s.of(collection)
	if v == nil {
		return s.Store.Find(ctx, collection, q)
	}
	page, err := s.find(ctx, v, q)
	for i := range page.Docs {
		if d := &page.Docs[i]; len(d.Body) > 0 {
			d.Body = s.openedBody(v, *d)
		}
	}
	return page, err
}

// openedBody is a document's body, none where it cannot be opened: its reader finds that out, and the other documents
// of the page are whole.
func (s *Sealed) openedBody(v *sealable, d Doc) []byte {
	opened, err := s.opened(v, d)
	if err != nil {
		s.log.Error("a document cannot be opened", "collection", v.Name, "id", d.ID, "err", err)
	}
	return opened.Body
}

// find asks under each key that documents may be kept under, and puts the pages together.
func (s *Sealed) find(ctx context.Context, v *sealable, q Query) (Page, error) {
	under := s.under(v, q)
	if len(under) == 1 {
		return s.Store.Find(ctx, v.Name, under[0])
	}
	p, err := v.Plan(q)
	if err != nil {
		return Page{}, err
	}
	var found []Doc
	more := false
	for _, q := range under {
		page, err := s.Store.Find(ctx, v.Name, q)
		if err != nil {
			return Page{}, err
		}
		found, more = append(found, page.Docs...), more || page.Next != ""
	}
	found = inOrder(p, found)
	if len(found) <= p.Limit && !more {
		return Page{Docs: found}, nil
	}
	found = found[:min(len(found), p.Limit)]
	return Page{Docs: found, Next: p.Cursor(found[len(found)-1])}, nil
}

// under is a query as it is asked of what is kept under each key, the first key last: a document that moves to it
// meanwhile is found twice rather than not at all.
func (s *Sealed) under(v *sealable, q Query) []Query {
	i := slices.IndexFunc(v.Indexes, func(x Index) bool { return x.Name == q.Index })
	if i < 0 || !v.digested(v.Indexes[i]) {
		return []Query{q}
	}
	var all []Query
	for _, key := range append(slices.Clone(*s.others.Load()), 0) {
		all = append(all, s.asked(v, v.Indexes[i], q, key))
	}
	return all
}

// asked is a query with digests under a key.
func (s *Sealed) asked(v *sealable, x Index, q Query, key int) Query {
	if n := len(q.Equal); n < len(x.Fields) && v.digests[x.Fields[n]] {
		q.In = s.digestsOf(v, x.Fields[n], q.In, key)
	}
	q.Equal = slices.Clone(q.Equal)
	for i := range min(len(q.Equal), len(x.Fields)) {
		if v.digests[x.Fields[i]] {
			q.Equal[i] = s.digest(v, x.Fields[i], q.Equal[i], key)
		}
	}
	return q
}

// inOrder sorts documents as a plan orders them, each once: in its newest version.
func inOrder(p Plan, docs []Doc) []Doc {
	slices.SortFunc(docs, func(a, b Doc) int { return cmp.Or(p.compare(a, b), cmp.Compare(b.Version, a.Version)) })
	return slices.CompactFunc(docs, func(a, b Doc) bool { return a.ID == b.ID })
}

// compare orders two documents as the plan does.
func (p Plan) compare(a, b Doc) int {
	order := 0
	for _, f := range p.Order {
		order = cmp.Or(order, compareKeys(a.Keys[f][0], b.Keys[f][0]))
	}
	if order = cmp.Or(order, cmp.Compare(a.ID, b.ID)); p.Desc {
		return -order
	}
	return order
}

func compareKeys(a, b any) int {
	if n, ok := a.(int64); ok {
		return cmp.Compare(n, b.(int64))
	}
	return cmp.Compare(a.(string), b.(string))
}
