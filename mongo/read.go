package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"linlipay/fault"
	"linlipay/store"
)

// Get returns the document, or NotFound. A server that does not answer is Unavailable.
func (s *Store) Get(ctx context.Context, collection, id string) (store.Doc, error) {
	schema, err := s.schema(collection)
	if err != nil {
		return store.Doc{}, err
	}
	var d document
	err = s.db.Collection(collection).FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&d)
	if errors.Is(err, driver.ErrNoDocuments) {
		return store.Doc{}, fault.New(fault.NotFound, "记录不存在。", "There is no such record.")
	}
	if err != nil {
		return store.Doc{}, unavailable(err)
	}
	return decode(schema, d)
}

// Walk returns documents in the order of their ids: see store.Walker.
func (s *Store) Walk(ctx context.Context, collection, after string, limit int) ([]store.Doc, error) {
	schema, err := s.schema(collection)
	if err != nil {
		return nil, err
	}
	opts := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit))
	cursor, err := s.db.Collection(collection).Find(ctx, bson.D{{Key: "_id", Value: bson.M{"$gt": after}}}, opts)
	documents, err := all[document](ctx, cursor, err)
	if err != nil {
		return nil, err
	}
	docs := decodeAll(schema, documents)
	for i := range docs {
		docs[i].Keys = nil
	}
	return docs, nil
}

// all are what a cursor finds, of a query that failed with err unless that is nil.
func all[T any](ctx context.Context, cursor *driver.Cursor, err error) (found []T, _ error) {
	if err != nil {
		return nil, unavailable(err)
	}
	if err := cursor.All(ctx, &found); err != nil {
		return nil, unavailable(err)
	}
	return found, nil
}

// decodeAll decodes documents. One whose body cannot be read has none, which its reader finds out: the others are
// whole.
func decodeAll(schema store.Schema, documents []document) []store.Doc {
	docs := make([]store.Doc, len(documents))
	for i, d := range documents {
		docs[i], _ = decode(schema, d)
	}
	return docs
}

// Find returns one page.
func (s *Store) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	schema, p, err := s.plan(collection, q)
	if err != nil {
		return store.Page{}, err
	}
	cursor, err := s.db.Collection(collection).Find(ctx, after(p), pageOptions(p))
	documents, err := all[document](ctx, cursor, err)
	if err != nil {
		return store.Page{}, err
	}
	page := store.Page{Docs: decodeAll(schema, documents[:min(len(documents), p.Limit)])}
	if len(documents) > p.Limit {
		page.Next = p.Cursor(page.Docs[p.Limit-1])
	}
	return page, nil
}

// pageOptions ask for a page in its order, and one document more, by which it is seen that there is a next page.
func pageOptions(p store.Plan) *options.FindOptionsBuilder {
	opts := options.Find().SetSort(sorting(p)).SetLimit(int64(p.Limit) + 1)
	if p.Bare {
		opts.SetProjection(bson.D{{Key: "b", Value: 0}})
	}
	return opts
}

func sorting(p store.Plan) bson.D {
	direction := 1
	if p.Desc {
		direction = -1
	}
	order := bson.D{}
	for _, path := range paths(p) {
		order = append(order, bson.E{Key: path, Value: direction})
	}
	return order
}

// paths are the fields that a plan orders by, and last the id.
func paths(p store.Plan) []string {
	list := []string{}
	for _, f := range p.Order {
		list = append(list, field(f))
	}
	return append(list, "_id")
}

func (s *Store) plan(collection string, q store.Query) (store.Schema, store.Plan, error) {
	schema, err := s.schema(collection)
	if err != nil {
		return schema, store.Plan{}, err
	}
	p, err := schema.Plan(q)
	return schema, p, err
}

// filter selects what a plan selects; the fields that it leaves open must be there, as in the index.
func filter(p store.Plan) bson.D {
	d := bson.D{}
	for i, v := range p.Equal {
		d = append(d, bson.E{Key: field(p.Index.Fields[i]), Value: v})
	}
	if len(p.In) > 0 {
		d = append(d, bson.E{Key: field(p.Next), Value: bson.M{"$in": bson.A(p.In)}})
	}
	for _, f := range p.Order {
		d = append(d, bson.E{Key: field(f), Value: bounds(p, f)})
	}
	return d
}

// bounds are what a plan asks of a field that it orders by.
func bounds(p store.Plan, f string) bson.D {
	d := bson.D{{Key: "$exists", Value: true}}
	if f == p.Next && p.From != nil {
		d = append(d, bson.E{Key: "$gte", Value: p.From})
	}
	if f == p.Next && p.To != nil {
		d = append(d, bson.E{Key: "$lt", Value: p.To})
	}
	return d
}

// after adds to the filter what skips the pages before: beyond the last document in the first field, or alike there
// and beyond in the next, and so on to the id.
func after(p store.Plan) bson.D {
	d := filter(p)
	if p.After == nil {
		return d
	}
	var ways bson.A
	for i := range paths(p) {
		ways = append(ways, beyond(p, i))
	}
	return bson.D{{Key: "$and", Value: bson.A{d, bson.D{{Key: "$or", Value: ways}}}}}
}

// beyond are the documents that are alike in the first n fields of the order, and beyond in the one after them.
func beyond(p store.Plan, n int) bson.D {
	further, fields, alike := "$gt", paths(p), bson.D{}
	if p.Desc {
		further = "$lt"
	}
	for i := range n {
		alike = append(alike, bson.E{Key: fields[i], Value: p.After[i]})
	}
	return append(alike, bson.E{Key: fields[n], Value: bson.M{further: p.After[n]}})
}

// Count returns how many documents the query selects. A server that does not answer is Unavailable.
func (s *Store) Count(ctx context.Context, collection string, q store.Query) (int64, error) {
	q.Cursor, q.Limit = "", 0
	_, p, err := s.plan(collection, q)
	if err != nil {
		return 0, err
	}
	n, err := s.db.Collection(collection).CountDocuments(ctx, filter(p))
	if err != nil {
		return 0, unavailable(err)
	}
	return n, nil
}
