package mongo

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"linlipay/fault"
	"linlipay/store"
)

// Claims make keys unique on servers whose indexes cannot: a claim is a document whose _id is the key, so that the server's one unique index, on _id, decides. A claim is made
// before its document is written and dropped after the document let go of the key. What a crash leaves is found by whoever wants the key next: a claim older than claimGrace whose owner does
// not hold the key is nobody's.

// claimGrace is how long a claim may stand without its document.
const claimGrace = 5 * time.Second

type claim struct {
	Key   string `bson:"_id"`
	Owner string `bson:"owner"`
	At    int64  `bson:"at"` // milliseconds
}

// keys are a document's unique keys, each with its index.
func keys(schema store.Schema, d store.Doc) []string {
	var some []string
	for _, x := range schema.Indexes {
		if !x.Unique {
			continue
		}
		rows := [][]any{{x.Name}}
		for _, f := range x.Fields {
			var longer [][]any
			for _, row := range rows {
				for _, v := range d.Keys[f] {
					longer = append(longer, append(slices.Clone(row), v))
				}
			}
			rows = longer
		}
		for _, row := range rows {
			raw, err := json.Marshal(row)
			if err != nil {
				panic("mongo: a key of strings and integers does not encode: " + err.Error())
			}
			if !slices.Contains(some, string(raw)) {
				some = append(some, string(raw))
			}
		}
	}
	return some
}

// claimed runs a write with the keys of d claimed; before is the document that it replaces. On a server with unique indexes it is just the write.
func (s *Store) claimed(ctx context.Context, schema store.Schema, d store.Doc, before *store.Doc, write func() error) error {
	if s.native {
		return write()
	}
	wanted, had := keys(schema, d), []string{}
	if before != nil {
		had = keys(schema, *before)
	}
	var made []string
	for _, k := range wanted {
		if slices.Contains(had, k) {
			continue
		}
		if err := s.claim(ctx, schema, k, d.ID); err != nil {
			return errors.Join(err, s.release(ctx, schema, made))
		}
		made = append(made, k)
	}
	if err := write(); err != nil {
		if fault.Is(err, fault.Unavailable) { // it may have happened: whoever wants the keys next finds out
			return err
		}
		return errors.Join(err, s.release(ctx, schema, made))
	}
	return s.release(ctx, schema, slices.DeleteFunc(had, func(k string) bool { return slices.Contains(wanted, k) }))
}

func (s *Store) claims(schema store.Schema) *driver.Collection {
	return s.db.Collection(schema.Name + "__claims")
}

// claim takes a key for an owner, or returns AlreadyExists.
func (s *Store) claim(ctx context.Context, schema store.Schema, key, owner string) error {
	for range 3 {
		_, err := s.claims(schema).InsertOne(ctx, claim{key, owner, time.Now().UnixMilli()})
		if !duplicate(err) {
			return asFault(err)
		}
		abandoned, err := s.dropAbandoned(ctx, schema, key)
		if err != nil {
			return err
		}
		if !abandoned {
			return taken()
		}
	}
	return taken()
}

// dropAbandoned drops a claim whose owner does not hold the key, and reports whether it did.
func (s *Store) dropAbandoned(ctx context.Context, schema store.Schema, key string) (bool, error) {
	var c claim
	err := s.claims(schema).FindOne(ctx, bson.M{"_id": key}).Decode(&c)
	if errors.Is(err, driver.ErrNoDocuments) {
		return true, nil
	}
	if err != nil {
		return false, unavailable(err)
	}
	if time.Since(time.UnixMilli(c.At)) < claimGrace {
		return false, nil
	}
	owner, err := s.keysOf(ctx, schema, c.Owner)
	if err != nil || owner != nil && slices.Contains(keys(schema, *owner), key) {
		return false, err
	}
	_, err = s.claims(schema).DeleteOne(ctx, bson.M{"_id": key, "owner": c.Owner, "at": c.At})
	return true, asFault(err)
}

func (s *Store) release(ctx context.Context, schema store.Schema, some []string) error {
	if len(some) == 0 {
		return nil
	}
	_, err := s.claims(schema).DeleteMany(context.WithoutCancel(ctx), bson.M{"_id": bson.M{"$in": some}})
	return asFault(err)
}

// keysOf reads a document's keys, of fields with many values too; nil when there is no such document.
func (s *Store) keysOf(ctx context.Context, schema store.Schema, id string) (*store.Doc, error) {
	var d document
	err := s.db.Collection(schema.Name).FindOne(ctx, bson.M{"_id": id}).Decode(&d)
	if errors.Is(err, driver.ErrNoDocuments) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable(err)
	}
	out := &store.Doc{ID: id, Keys: store.Keys{}}
	for name, v := range d.Fields {
		if many, ok := v.(bson.A); ok {
			out.Keys[name] = many
		} else {
			out.Keys[name] = []any{v}
		}
	}
	return out, nil
}
