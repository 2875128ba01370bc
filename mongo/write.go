package mongo

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"linlipay/fault"
	"linlipay/store"
)

// Insert stores a new document.
func (s *Store) Insert(ctx context.Context, collection string, d store.Doc) error {
	schema, raw, err := s.prepare(collection, d, 1)
	if err != nil {
		return err
	}
	return s.claimed(ctx, schema, d, nil, func() error {
		_, err := s.db.Collection(collection).InsertOne(ctx, raw)
		return asFault(err)
	})
}

func (s *Store) prepare(collection string, d store.Doc, version int64) (store.Schema, bson.D, error) {
	schema, err := s.schema(collection)
	if err != nil {
		return schema, nil, err
	}
	if err := schema.Check(d); err != nil {
		return schema, nil, err
	}
	raw, err := encode(schema, d, version)
	return schema, raw, err
}

func asFault(err error) error {
	switch {
	case err == nil:
		return nil
	case duplicate(err):
		return taken()
	}
	return unavailable(err)
}

// InsertMany stores the documents whose id and keys are free and returns the ids of the others.
func (s *Store) InsertMany(ctx context.Context, collection string, docs []store.Doc) (takenIDs []string, err error) {
	schema, err := s.schema(collection)
	if err != nil {
		return nil, err
	}
	if !s.native && slices.ContainsFunc(schema.Indexes, func(x store.Index) bool { return x.Unique }) {
		return s.insertEach(ctx, collection, docs)
	}
	for part := range slices.Chunk(docs, 1000) {
		some, err := s.insertPart(ctx, collection, part)
		if err != nil {
			return nil, err
		}
		takenIDs = append(takenIDs, some...)
	}
	return takenIDs, nil
}

func (s *Store) insertEach(ctx context.Context, collection string, docs []store.Doc) (takenIDs []string, err error) {
	for _, d := range docs {
		if err := s.Insert(ctx, collection, d); fault.Is(err, fault.AlreadyExists) {
			takenIDs = append(takenIDs, d.ID)
		} else if err != nil {
			return nil, err
		}
	}
	return takenIDs, nil
}

func (s *Store) insertPart(ctx context.Context, collection string, docs []store.Doc) (takenIDs []string, err error) {
	raws := make([]bson.D, len(docs))
	for i, d := range docs {
		if _, raws[i], err = s.prepare(collection, d, 1); err != nil {
			return nil, err
		}
	}
	_, err = s.db.Collection(collection).InsertMany(ctx, raws, options.InsertMany().SetOrdered(false))
	var bulk driver.BulkWriteException
	if err == nil || !errors.As(err, &bulk) || bulk.WriteConcernError != nil {
		return nil, asFault(err)
	}
	for _, e := range bulk.WriteErrors {
		if e.Code != 11000 {
			return nil, unavailable(err)
		}
		takenIDs = append(takenIDs, docs[e.Index].ID)
	}
	return takenIDs, nil
}

// Replace stores d as the next version if the stored version is d.Version.
func (s *Store) Replace(ctx context.Context, collection string, d store.Doc) error {
	schema, raw, err := s.prepare(collection, d, d.Version+1)
	if err != nil {
		return err
	}
	var before *store.Doc
	if !s.native {
		if before, err = s.keysOf(ctx, schema, d.ID); err != nil {
			return err
		}
	}
	return s.claimed(ctx, schema, d, before, func() error {
		r, err := s.db.Collection(collection).ReplaceOne(ctx, bson.D{{Key: "_id", Value: d.ID}, {Key: "v", Value: d.Version}}, raw)
		if err == nil && r.MatchedCount == 0 {
			return stale()
		}
		return asFault(err)
	})
}

// Delete removes the document if the stored version is the one given.
func (s *Store) Delete(ctx context.Context, collection, id string, version int64) error {
	schema, err := s.schema(collection)
	if err != nil {
		return err
	}
	var before *store.Doc
	if !s.native {
		if before, err = s.keysOf(ctx, schema, id); err != nil {
			return err
		}
	}
	return s.claimed(ctx, schema, store.Doc{ID: id}, before, func() error {
		r, err := s.db.Collection(collection).DeleteOne(ctx, bson.D{{Key: "_id", Value: id}, {Key: "v", Value: version}})
		if err == nil && r.DeletedCount == 0 {
			return stale()
		}
		return asFault(err)
	})
}
