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

// Claims make keys unique where the server's indexes cannot: a claim is a document whose _id is the key, so that the
// server's one unique index, on _id, decides. A claim is made before its document is written and dropped after the
// document let go of the key. What a crash leaves is found by whoever wants the key next: a claim older than
// claimGrace whose owner does not hold the key is nobody's.
//
// Two things are claimed: unique keys, on a server whose indexes do not bind each value of a field; and ids, on a
// sharded cluster, in a collection that is not sharded by _id: there an _id is unique on its shard only. The
// collection of the claims itself is to stay unsharded, or to be sharded by _id.
// https://www.mongodb.com/docs/manual/core/sharding-shard-key-indexes/

// claimGrace is how long a claim may stand without its document.
const claimGrace = 5 * time.Second

type claim struct {
	Key   string `bson:"_id"`
	Owner string `bson:"owner"`
	At    int64  `bson:"at"` // milliseconds
}

// claimsIDs reports whether the ids of a collection are claimed.
func (s *Store) claimsIDs(schema store.Schema) bool { return s.sharded && schema.Shard != "" }

// claims reports whether documents of a collection have anything to claim.
func (s *Store) claims(schema store.Schema) bool {
	return s.claimsIDs(schema) || !s.native && slices.ContainsFunc(schema.Indexes, func(x store.Index) bool {
		return x.Unique
	})
}

// claimKeys are what a document claims.
func (s *Store) claimKeys(schema store.Schema, d store.Doc) []string {
	values := []string{}
	if s.claimsIDs(schema) {
		values = append(values, claimText([]any{d.ID})) // an index's keys are longer
	}
	if s.native {
		return values
	}
	for _, x := range schema.Indexes {
		if x.Unique {
			values = append(values, indexKeys(x, d)...)
		}
	}
	return values
}

// indexKeys are the keys that a document has in an index, each once.
func indexKeys(x store.Index, d store.Doc) (list []string) {
	for _, row := range rows(x, d) {
		if k := claimText(row); !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	return list
}

// rows are a document's keys in an index, each with the index's name before it.
func rows(x store.Index, d store.Doc) [][]any {
	list := [][]any{{x.Name}}
	for _, f := range x.Fields {
		var longer [][]any
		for _, row := range list {
			for _, v := range d.Keys[f] {
				longer = append(longer, append(slices.Clone(row), v))
			}
		}
		list = longer
	}
	return list
}

func claimText(row []any) string {
	raw, err := json.Marshal(row)
	if err != nil {
		panic("mongo: a key of strings and integers does not encode: " + err.Error())
	}
	return string(raw)
}

// claimsOf are what the stored document has claimed, nil when nothing is claimed in its collection. Stale is for one
// that is not there, where something is.
func (s *Store) claimsOf(ctx context.Context, schema store.Schema, id string) ([]string, error) {
	if !s.claims(schema) {
		return nil, nil
	}
	d, err := s.keysOf(ctx, schema, id)
	if err != nil {
		return nil, err
	}
	if d == nil {
		return nil, stale()
	}
	return s.claimKeys(schema, *d), nil
}

// claimed runs a write of a document with the wanted keys claimed, and lets go of those that it had and no longer
// wants.
func (s *Store) claimed(ctx context.Context, schema store.Schema, owner string, wanted, had []string,
	write func() error) error {
	leaving, err := s.standing(ctx, schema, owner, except(had, wanted))
	if err != nil {
		return err
	}
	made, err := s.claimAll(ctx, schema, except(wanted, had), owner, had != nil)
	if err != nil {
		return errors.Join(err, s.release(ctx, schema, made))
	}
	if err := write(); err != nil {
		if fault.Is(err, fault.Unavailable) { // it may have happened: whoever wants the keys next finds out
			return err
		}
		return errors.Join(err, s.release(ctx, schema, made))
	}
	return s.release(ctx, schema, leaving)
}

// except are the keys that are not among others.
func except(keys, others []string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return slices.Contains(others, k) })
}

// claimAll takes keys for an owner, and returns also what it took before an error.
func (s *Store) claimAll(ctx context.Context, schema store.Schema, keys []string, owner string,
	replaces bool) (made []claim, err error) {
	for _, k := range keys {
		c, err := s.claim(ctx, schema, k, owner, replaces)
		if err != nil {
			return made, err
		}
		made = append(made, c)
	}
	return made, nil
}

func (s *Store) claimsFor(schema store.Schema) *driver.Collection {
	return s.db.Collection(schema.Name + "__claims")
}

// claim takes a key for an owner, or returns AlreadyExists; Stale where the owner has it already and does not hold it
// yet: another change of the same document is being written, after which this one must be looked at again.
func (s *Store) claim(ctx context.Context, schema store.Schema, key, owner string, replaces bool) (claim, error) {
	for range 3 {
		c := claim{key, owner, time.Now().UnixMilli()}
		_, err := s.claimsFor(schema).InsertOne(ctx, c)
		if !duplicate(err) {
			return c, asFault(err)
		}
		holder, err := s.dropAbandoned(ctx, schema, key)
		switch {
		case err != nil:
			return claim{}, err
		case holder == owner && replaces:
			return claim{}, stale()
		case holder != "":
			return claim{}, taken()
		}
	}
	return claim{}, taken()
}

// dropAbandoned drops a claim whose owner does not hold the key, or returns the owner of one that it did not drop.
func (s *Store) dropAbandoned(ctx context.Context, schema store.Schema, key string) (owner string, err error) {
	var c claim
	err = s.claimsFor(schema).FindOne(ctx, bson.M{"_id": key}).Decode(&c)
	if errors.Is(err, driver.ErrNoDocuments) {
		return "", nil
	}
	if err != nil {
		return "", unavailable(err)
	}
	if time.Since(time.UnixMilli(c.At)) < claimGrace {
		return c.Owner, nil
	}
	holder, err := s.keysOf(ctx, schema, c.Owner)
	if err != nil || holder != nil && slices.Contains(s.claimKeys(schema, *holder), key) {
		return c.Owner, err
	}
	_, err = s.claimsFor(schema).DeleteOne(ctx, bson.M{"_id": key, "owner": c.Owner, "at": c.At})
	return "", asFault(err)
}

// standing are the claims that an owner holds of some keys.
func (s *Store) standing(ctx context.Context, schema store.Schema, owner string, values []string) ([]claim, error) {
	if len(values) == 0 {
		return nil, nil
	}
	cursor, err := s.claimsFor(schema).Find(ctx, bson.M{"_id": bson.M{"$in": values}, "owner": owner})
	return all[claim](ctx, cursor, err)
}

// release drops these very claims: not those of the same keys that somebody has made since, who found that the
// document had let go.
func (s *Store) release(ctx context.Context, schema store.Schema, claims []claim) error {
	ctx = context.WithoutCancel(ctx)
	for _, c := range claims {
		if _, err := s.claimsFor(schema).DeleteOne(ctx,
			bson.M{"_id": c.Key, "owner": c.Owner, "at": c.At}); err != nil {
			return asFault(err)
		}
	}
	return nil
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
		out.Keys[name] = valuesOf(v)
	}
	return out, nil
}

// valuesOf are the values of a field, of one or of many.
func valuesOf(v any) []any {
	if many, ok := v.(bson.A); ok {
		return many
	}
	return []any{v}
}
