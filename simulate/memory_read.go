package simulate

import (
	"context"
	"maps"
	"slices"

	"linlipay/fault"
	"linlipay/store"
)

// Get returns a document. One that is not there is NotFound.
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

// Sum groups and adds up. A field of several values is Invalid, and so is one to be added up that is no integer.
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

// Walk returns documents in the order of their ids: see store.Walker.
func (m *memory) Walk(ctx context.Context, name, after string, limit int) ([]store.Doc, error) {
	c, err := m.open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var docs []store.Doc
	for _, id := range slices.Sorted(maps.Keys(c.docs)) {
		if id > after && len(docs) < limit {
			d := c.docs[id].doc
			docs = append(docs, store.Doc{ID: d.ID, Version: d.Version, Body: d.Body})
		}
	}
	return docs, nil
}
