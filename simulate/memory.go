package simulate

import (
	"bytes"
	"context"
	"sync"

	"linlipay/fault"
	"linlipay/store"
)

// memory is the store port in memory: documents by id, and every index as a tree of texts whose order is that of the
// values.
type memory struct {
	mu     sync.Mutex
	kinds  map[string]*collection
	feed   []store.Change
	waiter chan struct{} // closed at the next change, when somebody watches
}

type collection struct {
	schema  store.Schema
	docs    map[string]*record
	indexes []index
}

// record is a stored document with its entries, one list per index.
type record struct {
	doc     store.Doc
	entries [][]string
}

func newMemory() *memory { return &memory{kinds: map[string]*collection{}} }

// Ensure creates what is missing.
func (m *memory) Ensure(_ context.Context, schemas ...store.Schema) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range schemas {
		if m.kinds[s.Name] != nil {
			continue
		}
		c := &collection{schema: s, docs: map[string]*record{}}
		for _, x := range s.Indexes {
			c.indexes = append(c.indexes, index{Index: x})
		}
		m.kinds[s.Name] = c
	}
	return nil
}

// Ping always succeeds.
func (m *memory) Ping(context.Context) error { return nil }

// Close does nothing.
func (m *memory) Close() error { return nil }

func gone(err error) error {
	return fault.New(fault.Unavailable, "系统繁忙，请稍后重试。", "The store did not answer.").Because(err)
}

// open returns the collection, locked, or the fault that keeps it from being used.
func (m *memory) open(ctx context.Context, name string) (*collection, error) {
	if err := ctx.Err(); err != nil {
		return nil, gone(err)
	}
	c := m.kinds[name]
	if c == nil {
		return nil, fault.New(fault.Invalid, "查询参数无效。", "There is no collection "+name+".")
	}
	m.mu.Lock()
	return c, nil
}

// Insert stores a new document.
func (m *memory) Insert(ctx context.Context, name string, d store.Doc) error {
	c, err := m.open(ctx, name)
	if err != nil {
		return err
	}
	defer m.mu.Unlock()
	return m.insert(c, d)
}

func (m *memory) insert(c *collection, d store.Doc) error {
	if err := c.schema.Check(d); err != nil {
		return err
	}
	d.Version = 1
	r := &record{doc: kept(d), entries: c.entries(d, &record{})}
	if c.docs[d.ID] != nil || c.taken(r) {
		return fault.New(fault.AlreadyExists, "记录已存在。", "The id or a unique key is taken.")
	}
	c.docs[d.ID] = r
	for i := range c.indexes {
		c.indexes[i].add(r.entries[i], r)
	}
	m.tell(c, d.ID, 1)
	return nil
}

// InsertMany stores those that are free.
func (m *memory) InsertMany(ctx context.Context, name string, docs []store.Doc) (taken []string, err error) {
	c, err := m.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	for _, d := range docs {
		err := m.insert(c, d)
		if fault.Is(err, fault.AlreadyExists) {
			taken = append(taken, d.ID)
		} else if err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// Replace stores the next version. A unique key that is taken is AlreadyExists. Another version than the stored one is
// Stale.
func (m *memory) Replace(ctx context.Context, name string, d store.Doc) error {
	c, err := m.open(ctx, name)
	if err != nil {
		return err
	}
	defer m.mu.Unlock()
	if err := c.schema.Check(d); err != nil {
		return err
	}
	old := c.docs[d.ID]
	if old == nil || old.doc.Version != d.Version {
		return stale()
	}
	d.Version++
	next := &record{doc: kept(d), entries: c.entries(d, old)}
	if c.taken(next) {
		return fault.New(fault.AlreadyExists, "记录已存在。", "A unique key is taken.")
	}
	for i := range c.indexes {
		c.indexes[i].change(old.entries[i], next.entries[i], old)
	}
	*old = *next
	m.tell(c, d.ID, d.Version)
	return nil
}

// Delete removes a version. Another version than the stored one is Stale.
func (m *memory) Delete(ctx context.Context, name, id string, version int64) error {
	c, err := m.open(ctx, name)
	if err != nil {
		return err
	}
	defer m.mu.Unlock()
	r := c.docs[id]
	if r == nil || r.doc.Version != version {
		return stale()
	}
	for i := range c.indexes {
		c.indexes[i].remove(r.entries[i])
	}
	delete(c.docs, id)
	m.tell(c, id, 0)
	return nil
}

func stale() error {
	return fault.New(fault.Stale, "数据已被修改，请刷新。", "The version asked for is not the stored one.")
}

// kept is a document that nobody else can change.
func kept(d store.Doc) store.Doc {
	d.Body = bytes.Clone(d.Body)
	return d
}
