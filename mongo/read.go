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

// Get returns the document, or NotFound.
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
	if err != nil {
		return nil, unavailable(err)
	}
	var documents []document
	if err := cursor.All(ctx, &documents); err != nil {
		return nil, unavailable(err)
	}
	docs := make([]store.Doc, 0, len(documents))
	for _, d := range documents {
		doc, err := decode(schema, d)
		if err != nil {
			doc.Body = nil // its reader finds that out
		}
		docs = append(docs, store.Doc{ID: doc.ID, Version: doc.Version, Body: doc.Body})
	}
	return docs, nil
}

// Find returns one page.
func (s *Store) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	schema, p, err := s.plan(collection, q)
	if err != nil {
		return store.Page{}, err
	}
	direction := 1
	if p.Desc {
		direction = -1
	}
	order := bson.D{}
	for _, f := range p.Order {
		order = append(order, bson.E{Key: field(f), Value: direction})
	}
	opts := options.Find().SetSort(append(order, bson.E{Key: "_id", Value: direction})).SetLimit(int64(p.Limit) + 1)
	if p.Bare {
		opts.SetProjection(bson.D{{Key: "b", Value: 0}})
	}
	cursor, err := s.db.Collection(collection).Find(ctx, after(p), opts)
	if err != nil {
		return store.Page{}, unavailable(err)
	}
	var documents []document
	if err := cursor.All(ctx, &documents); err != nil {
		return store.Page{}, unavailable(err)
	}
	page := store.Page{}
	for _, d := range documents[:min(len(documents), p.Limit)] {
		doc, err := decode(schema, d)
		if err != nil {
			doc.Body = nil // its reader finds that out; the other documents of the page are whole
		}
		page.Docs = append(page.Docs, doc)
	}
	if len(documents) > p.Limit {
		page.Next = p.Cursor(page.Docs[p.Limit-1])
	}
	return page, nil
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
		bounds := bson.D{{Key: "$exists", Value: true}}
		if f == p.Next && p.From != nil {
			bounds = append(bounds, bson.E{Key: "$gte", Value: p.From})
		}
		if f == p.Next && p.To != nil {
			bounds = append(bounds, bson.E{Key: "$lt", Value: p.To})
		}
		d = append(d, bson.E{Key: field(f), Value: bounds})
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
	beyond := "$gt"
	if p.Desc {
		beyond = "$lt"
	}
	paths := []string{}
	for _, f := range p.Order {
		paths = append(paths, field(f))
	}
	paths = append(paths, "_id")
	var ways bson.A
	for i := range paths {
		way := bson.D{}
		for j := range i {
			way = append(way, bson.E{Key: paths[j], Value: p.After[j]})
		}
		ways = append(ways, append(way, bson.E{Key: paths[i], Value: bson.M{beyond: p.After[i]}}))
	}
	return bson.D{{Key: "$and", Value: bson.A{d, bson.D{{Key: "$or", Value: ways}}}}}
}

// Count returns how many documents the query selects.
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
