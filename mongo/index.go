package mongo

import (
	"context"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"linlipay/store"
)

// indexTimeout is how long one collection's missing indexes may take to build: a big collection takes hours, and
// nothing is served before.
const indexTimeout = 6 * time.Hour

// Ensure creates the indexes that are missing; on a sharded cluster, shard each collection by its schema's Shard field
// (docs/architecture.md). A server that does not answer is Unavailable.
func (s *Store) Ensure(ctx context.Context, schemas ...store.Schema) error {
	for _, schema := range schemas {
		if err := s.indexes(ctx, schema); err != nil {
			return unavailable(err)
		}
		s.mu.Lock()
		s.schemas[schema.Name] = schema
		s.mu.Unlock()
	}
	return nil
}

func (s *Store) indexes(ctx context.Context, schema store.Schema) error {
	var models []driver.IndexModel
	var names []string
	add := func(name string, keys bson.D, opts *options.IndexOptionsBuilder) {
		models, names = append(models, driver.IndexModel{Keys: keys, Options: opts.SetName(name)}), append(names, name)
	}
	for _, x := range schema.Indexes {
		keys, present := indexed(x)
		if s.native && x.Unique {
			add(x.Name+"_unique", keys, options.Index().SetUnique(true).SetPartialFilterExpression(present))
		}
		add(x.Name, append(slices.Clone(keys), bson.E{Key: "_id", Value: 1}), options.Index())
	}
	if schema.Feed && !s.streams {
		add("feed", bson.D{{Key: "u", Value: 1}}, options.Index())
	}
	return s.createMissing(ctx, s.db.Collection(schema.Name).Indexes(), schema.Name, models, names)
}

// indexed are the fields of an index, and the condition that a document has all of them.
func indexed(x store.Index) (keys bson.D, present bson.M) {
	present = bson.M{}
	for _, f := range x.Fields {
		keys = append(keys, bson.E{Key: field(f), Value: 1})
		present[field(f)] = bson.M{"$exists": true}
	}
	return keys, present
}

// createMissing creates the indexes whose names are not there yet. FerretDB breaks off when it is asked for one that
// is.
func (s *Store) createMissing(ctx context.Context, indexes driver.IndexView, collection string,
	models []driver.IndexModel, names []string) error {
	have, err := indexes.ListSpecifications(ctx)
	if err != nil && !hasCode(err, namespaceNotFound) {
		return err
	}
	var missing []driver.IndexModel
	for i, m := range models {
		if !slices.ContainsFunc(have, func(x driver.IndexSpecification) bool { return x.Name == names[i] }) {
			missing = append(missing, m)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return s.createIndexes(ctx, indexes, collection, missing)
}

// createIndexes builds indexes, and tells the log how long that took.
func (s *Store) createIndexes(ctx context.Context, indexes driver.IndexView, collection string,
	missing []driver.IndexModel) error {
	ctx, cancel := context.WithTimeout(ctx, indexTimeout)
	defer cancel()
	began := time.Now()
	s.log.Debug("indexes are being built", "collection", collection, "indexes", len(missing))
	_, err := indexes.CreateMany(ctx, missing)
	if err == nil {
		s.log.Debug("indexes were built", "collection", collection, "indexes", len(missing), "took", time.Since(began))
	}
	return err
}
