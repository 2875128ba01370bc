package simulate

import (
	"context"
	"slices"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/store"
)

// entityMutations are defects of whose money it is.
func entityMutations() []Mutation {
	return []Mutation{
		misread("wrong-entity", "an account of another legal entity is taken for an order", "merchant_accounts"),
		misread("bills-of-two-entities", "bills that are owed to two legal entities come into one order", "bills"),
		spoil("line-of-first-entity", "a line of the ledger is written under the company's first legal entity", func(
			_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			if c == "ledger" {
				d.Body = rewriteEach(d.Body, "lines", func(line map[string]json.RawMessage) { delete(line, "entity") })
			}
			return write(d)
		}),
	}
}

// misread makes a mutation by which documents of a collection are read as if they named no legal entity.
func misread(name, why, collection string) Mutation {
	return Mutation{Name: name, Why: why, Store: func(_ *world, _ *process, st port) store.Store {
		return forgetful{st, collection}
	}}
}

// forgetful is a store that reads documents of a collection without their legal entity.
type forgetful struct {
	port
	collection string
}

// Get forgets the entity.
func (f forgetful) Get(ctx context.Context, c, id string) (store.Doc, error) {
	d, err := f.port.Get(ctx, c, id)
	return f.forget(c, d), err
}

// Find forgets the entities.
func (f forgetful) Find(ctx context.Context, c string, q store.Query) (store.Page, error) {
	p, err := f.port.Find(ctx, c, q)
	p.Docs = slices.Clone(p.Docs)
	for i, d := range p.Docs {
		p.Docs[i] = f.forget(c, d)
	}
	return p, err
}

func (f forgetful) forget(c string, d store.Doc) store.Doc {
	var body map[string]json.RawMessage
	if c == f.collection && json.Unmarshal(d.Body, &body) == nil {
		delete(body, "entity")
		d.Body = encode(body)
	}
	return d
}
