// Package mongo is the store port on MongoDB 6.0 or newer: any number of processes on one replica set or sharded cluster.
//
// A document is kept as {_id, v, f, b, u}: its version, its fields, its body, and when it was written (milliseconds, by the writer's clock). Writes
// are acknowledged by a majority; compare-and-set is a replace filtered by _id and v; a taken key is known by its code, 11000. No upsert and no transaction is used.
//
// Servers that speak the protocol but lack partial unique indexes over many values (FerretDB) get unique keys from claims.go, and servers without
// change streams are polled (feed.go). Open finds out which.
package mongo

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"linlipay/fault"
	"linlipay/store"
)

// Store is a store in one database.
type Store struct {
	client  *driver.Client
	db      *driver.Database
	native  bool // unique keys by partial unique indexes
	streams bool // change streams

	mu      sync.RWMutex
	schemas map[string]store.Schema
}

var _ store.Store = (*Store)(nil)

// Time-outs of one operation and of finding a server.
const (
	operationTimeout = 10 * time.Second
	selectionTimeout = 2 * time.Second
	defaultDatabase  = "linlipay"
)

// Open connects to the server that a mongodb:// address names; the address's path is the database's name, linlipay when there is none. A server that does not
// answer is an Unavailable fault within seconds.
func Open(ctx context.Context, uri string) (*Store, error) {
	cs, err := connstring.ParseAndValidate(uri)
	if err != nil {
		return nil, fault.New(fault.Invalid, "MongoDB 地址不正确。", "The MongoDB address is malformed.").Because(err)
	}
	name := cs.Database
	if name == "" {
		name = defaultDatabase
	}
	client, err := driver.Connect(options.Client().ApplyURI(uri).SetTimeout(operationTimeout).SetServerSelectionTimeout(selectionTimeout).
		SetWriteConcern(writeconcern.Majority()).SetRetryWrites(true))
	if err != nil {
		return nil, unavailable(err)
	}
	s := &Store{client: client, db: client.Database(name), schemas: map[string]store.Schema{}}
	if err := s.probe(ctx); err != nil {
		return nil, errors.Join(unavailable(err), s.Close())
	}
	return s, nil
}

// probe finds out what the server can do.
func (s *Store) probe(ctx context.Context) error {
	if err := s.client.Ping(ctx, nil); err != nil {
		return err
	}
	stream, err := s.db.Watch(ctx, driver.Pipeline{})
	if s.streams = err == nil; s.streams {
		if err := stream.Close(ctx); err != nil {
			return err
		}
	}
	if s.native, err = s.uniqueIndexes(ctx); err != nil {
		return err
	}
	return nil
}

// uniqueIndexes reports whether a partial unique index binds each value of a field with many: it makes one and looks.
func (s *Store) uniqueIndexes(ctx context.Context) (bool, error) {
	probe := s.db.Collection("linlipay_probe_" + bson.NewObjectID().Hex())
	defer probe.Drop(context.WithoutCancel(ctx)) // a probe left behind is harmless
	_, err := probe.Indexes().CreateOne(ctx, driver.IndexModel{
		Keys: bson.D{{Key: "a", Value: 1}, {Key: "b", Value: 1}}, Options: options.Index().SetUnique(true).SetPartialFilterExpression(bson.M{"b": bson.M{"$exists": true}}),
	})
	if isServer(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, d := range []bson.D{{{Key: "a", Value: 1}}, {{Key: "a", Value: 1}}, {{Key: "a", Value: 1}, {Key: "b", Value: bson.A{1, 2}}}} {
		if _, err := probe.InsertOne(ctx, d); duplicate(err) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	_, err = probe.InsertOne(ctx, bson.D{{Key: "a", Value: 1}, {Key: "b", Value: bson.A{2, 3}}})
	return duplicate(err), nil
}

// isServer reports whether the server itself refused, rather than not answered.
func isServer(err error) bool {
	var e driver.ServerError
	return errors.As(err, &e)
}

// Ensure creates the indexes that are missing; on a sharded cluster, shard each collection by its schema's Shard field (docs/architecture.md).
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
	var (
		models []driver.IndexModel
		names  []string
	)
	add := func(name string, keys bson.D, opts *options.IndexOptionsBuilder) {
		models, names = append(models, driver.IndexModel{Keys: keys, Options: opts.SetName(name)}), append(names, name)
	}
	for _, x := range schema.Indexes {
		keys, present := bson.D{}, bson.M{}
		for _, f := range x.Fields {
			keys = append(keys, bson.E{Key: field(f), Value: 1})
			present[field(f)] = bson.M{"$exists": true}
		}
		if s.native && x.Unique {
			add(x.Name+"_unique", keys, options.Index().SetUnique(true).SetPartialFilterExpression(present))
		}
		add(x.Name, append(slices.Clone(keys), bson.E{Key: "_id", Value: 1}), options.Index())
	}
	if schema.Feed && !s.streams {
		add("feed", bson.D{{Key: "u", Value: 1}}, options.Index())
	}
	return s.createMissing(ctx, s.db.Collection(schema.Name).Indexes(), models, names)
}

// createMissing creates the indexes whose names are not there yet. FerretDB breaks off when it is asked for one that is.
func (s *Store) createMissing(ctx context.Context, indexes driver.IndexView, models []driver.IndexModel, names []string) error {
	have, err := indexes.ListSpecifications(ctx)
	if err != nil && !isServer(err) { // the server's own error is that there is no such collection yet
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
	_, err = indexes.CreateMany(ctx, missing)
	return err
}

func (s *Store) schema(name string) (store.Schema, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	schema, ok := s.schemas[name]
	if !ok {
		return schema, fault.New(fault.Internal, "系统错误。", "Collection "+name+" was not declared with Ensure.")
	}
	return schema, nil
}

// Ping returns nil when the server answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.client.Ping(ctx, nil); err != nil {
		return unavailable(err)
	}
	return nil
}

// Close disconnects.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), operationTimeout)
	defer cancel()
	return s.client.Disconnect(ctx)
}

// duplicate reports whether a write met a taken key: by its code alone.
func duplicate(err error) bool {
	var e driver.ServerError
	return errors.As(err, &e) && e.HasErrorCode(11000)
}

func unavailable(err error) error {
	return fault.New(fault.Unavailable, "数据库暂不可用，请稍后重试。", "The database cannot answer now; please try again.").Because(err)
}

func taken() error {
	return fault.New(fault.AlreadyExists, "记录已存在。", "The id or a unique key is taken.")
}

func stale() error {
	return fault.New(fault.Stale, "记录已被他人修改。", "The stored version is another one.")
}

// field is the path of a field.
func field(name string) string { return "f." + name }
