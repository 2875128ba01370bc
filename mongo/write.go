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
	return s.claimed(ctx, schema, d.ID, s.claimKeys(schema, d), nil, func() error {
		_, err := s.db.Collection(collection).InsertOne(ctx, raw)
		return asFault(err)
	})
}

// maxDocument is the server's maxBsonObjectSize, in bytes.
// https://www.mongodb.com/docs/manual/reference/limits/
const maxDocument = 16 << 20

func (s *Store) prepare(collection string, d store.Doc, version int64) (store.Schema, bson.Raw, error) {
	schema, err := s.schema(collection)
	if err != nil {
		return schema, nil, err
	}
	if err := schema.Check(d); err != nil {
		return schema, nil, err
	}
	whole, err := encode(schema, d, version)
	if err != nil {
		return schema, nil, err
	}
	raw, err := bson.Marshal(whole)
	if err == nil && len(raw) > maxDocument {
		err = fault.New(fault.TooLarge, "记录超过 16 MB，无法保存。", "The record is larger than the 16 MB that MongoDB takes.").
			With("bytes", len(raw))
	}
	return schema, raw, err
}

// InsertMany stores the documents whose id and keys are free and returns the ids of the others.
func (s *Store) InsertMany(ctx context.Context, collection string, docs []store.Doc) (takenIDs []string, err error) {
	schema, err := s.schema(collection)
	if err != nil {
		return nil, err
	}
	if s.claims(schema) {
		return s.insertEach(ctx, collection, docs)
	}
	for part := range slices.Chunk(docs, 1000) {
		values, err := s.insertPart(ctx, collection, part)
		if err != nil {
			return nil, err
		}
		takenIDs = append(takenIDs, values...)
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
	raws := make([]bson.Raw, len(docs))
	for i, d := range docs {
		if _, raws[i], err = s.prepare(collection, d, 1); err != nil {
			return nil, err
		}
	}
	_, err = s.db.Collection(collection).InsertMany(ctx, raws, options.InsertMany().SetOrdered(false))
	var bulk driver.BulkWriteException
	if err == nil || !errors.As(err, &bulk) || unconfirmed(err) {
		return nil, asFault(err)
	}
	for _, e := range bulk.WriteErrors {
		if e.Code != duplicateKey {
			return nil, unavailable(err)
		}
		takenIDs = append(takenIDs, docs[e.Index].ID)
	}
	return takenIDs, nil
}

// Replace stores d as the next version if the stored version is d.Version. Otherwise it is Stale.
func (s *Store) Replace(ctx context.Context, collection string, d store.Doc) error {
	schema, raw, err := s.prepare(collection, d, d.Version+1)
	if err != nil {
		return err
	}
	had, err := s.claimsOf(ctx, schema, d.ID)
	if err != nil {
		return err
	}
	return s.claimed(ctx, schema, d.ID, s.claimKeys(schema, d), had, func() error {
		r, err := s.db.Collection(collection).ReplaceOne(ctx, versioned(d.ID, d.Version), raw)
		if err == nil && r.MatchedCount == 0 {
			return stale()
		}
		return asFault(err)
	})
}

// Delete removes the document if the stored version is the one given. Otherwise it is Stale.
func (s *Store) Delete(ctx context.Context, collection, id string, version int64) error {
	schema, err := s.schema(collection)
	if err != nil {
		return err
	}
	had, err := s.claimsOf(ctx, schema, id)
	if err != nil {
		return err
	}
	return s.claimed(ctx, schema, id, nil, had, func() error {
		r, err := s.db.Collection(collection).DeleteOne(ctx, versioned(id, version))
		if err == nil && r.DeletedCount == 0 {
			return stale()
		}
		return asFault(err)
	})
}

// versioned selects the document as long as its stored version is the one given.
func versioned(id string, version int64) bson.D {
	return bson.D{{Key: "_id", Value: id}, {Key: "v", Value: version}}
}
