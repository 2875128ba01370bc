package simulate

import (
	"bytes"
	"context"
	"slices"
	"strconv"
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

// Replace stores the next version.
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

// Delete removes a version.
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

// Get returns a document.
func (m *memory) Get(ctx context.Context, name, id string) (store.Doc, error) {
	c, err := m.open(ctx, name)
	if err != nil {
		return store.Doc{}, err
	}
	defer m.mu.Unlock()
	r := c.docs[id]
	if r == nil {
		return store.Doc{}, fault.New(fault.NotFound, "记录不存在。", "There is no such document.")
	}
	return r.doc, nil
}

// Find returns a page.
func (m *memory) Find(ctx context.Context, name string, q store.Query) (store.Page, error) {
	var p store.Page
	c, err := m.open(ctx, name)
	if err != nil {
		return p, err
	}
	defer m.mu.Unlock()
	plan, err := c.schema.Plan(q)
	if err != nil {
		return p, err
	}
	for _, r := range c.walk(plan) {
		if len(p.Docs) == plan.Limit {
			p.Next = plan.Cursor(p.Docs[len(p.Docs)-1])
			break
		}
		p.Docs = append(p.Docs, r.doc)
	}
	return p, nil
}

// Count counts.
func (m *memory) Count(ctx context.Context, name string, q store.Query) (n int64, err error) {
	c, err := m.open(ctx, name)
	if err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	q.Cursor, q.Limit = "", 0
	plan, err := c.schema.Plan(q)
	if err != nil {
		return 0, err
	}
	for range c.walk(plan) {
		n++
	}
	return n, nil
}

// Sum groups and adds up.
func (m *memory) Sum(ctx context.Context, name string, q store.Query, by, sums []string) ([]store.Group, error) {
	c, err := m.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	q.Cursor, q.Limit = "", 0
	plan, err := c.schema.Plan(q)
	if err != nil {
		return nil, err
	}
	for i, field := range slices.Concat(by, sums) {
		f, ok := c.schema.Field(field)
		if !ok || f.Many || i >= len(by) && f.Type != store.Int {
			return nil, fault.New(fault.Invalid, "查询参数无效。", "Field "+field+" cannot be grouped or summed.")
		}
	}
	groups := map[string]*store.Group{}
	var order []string
	for _, r := range c.walk(plan) {
		values, key := make([]any, len(by)), ""
		for i, field := range by {
			if v := r.doc.Keys[field]; len(v) > 0 {
				values[i] = v[0]
				key += encoded(v[0])
			}
		}
		g := groups[key]
		if g == nil {
			g = &store.Group{By: values, Sums: make([]int64, len(sums))}
			groups[key], order = g, append(order, key)
		}
		g.Count++
		for i, field := range sums {
			if v := r.doc.Keys[field]; len(v) > 0 {
				g.Sums[i] += v[0].(int64)
			}
		}
	}
	slices.Sort(order)
	list := make([]store.Group, 0, len(order))
	for _, key := range order {
		list = append(list, *groups[key])
	}
	return list, nil
}

func (c *collection) fill(list []string, prefix []byte, d store.Doc, fields []string) []string {
	if len(fields) == 0 {
		return append(list, string(appendValue(prefix, d.ID)))
	}
	values := d.Keys[fields[0]]
	for i, v := range values {
		if len(values) > 1 && slices.Contains(values[:i], v) {
			continue
		}
		list = c.fill(list, appendValue(prefix, v), d, fields[1:])
	}
	return list
}

// change removes and adds what differs.
func (x *index) change(before, after []string, r *record) {
	if slices.Equal(before, after) {
		return
	}
	for _, key := range before {
		if !slices.Contains(after, key) {
			x.remove([]string{key})
		}
	}
	for _, key := range after {
		if !slices.Contains(before, key) {
			x.add([]string{key}, r)
		}
	}
}

// tell adds a change to the feed.
func (m *memory) tell(c *collection, id string, version int64) {
	if !c.schema.Feed || m.waiter == nil {
		return
	}
	token := store.Token(strconv.Itoa(len(m.feed) + 1))
	m.feed = append(m.feed, store.Change{Token: token, Collection: c.schema.Name, ID: id, Version: version})
	close(m.waiter)
	m.waiter = make(chan struct{})
}

// Now is where the feed stands, which is kept from then on: see store.Starter.
func (m *memory) Now(context.Context) (store.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waiter == nil {
		m.waiter = make(chan struct{})
	}
	return store.Token(strconv.Itoa(len(m.feed))), nil
}

// Watch replays and follows the changes, of which it keeps those since the first Watch.
func (m *memory) Watch(ctx context.Context, after store.Token, each func(store.Change) error) error {
	m.mu.Lock()
	if m.waiter == nil {
		m.waiter = make(chan struct{})
	}
	at := len(m.feed)
	m.mu.Unlock()
	if after != "" {
		n, err := strconv.Atoi(string(after))
		if err != nil || n < 0 || n > at {
			return fault.New(fault.Expired, "续传位置已失效。", "The token does not reach back.")
		}
		at = n
	}
	for ctx.Err() == nil {
		m.mu.Lock()
		changes, more := m.feed[at:len(m.feed):len(m.feed)], m.waiter
		m.mu.Unlock()
		for _, c := range changes {
			if err := each(c); err != nil {
				return err
			}
		}
		at += len(changes)
		if len(changes) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-more:
		}
	}
	return nil
}
