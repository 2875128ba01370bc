// Package mongo is the store port on MongoDB 6.0 or newer: any number of processes on one replica set or sharded
// cluster.
//
// A document is kept as {_id, v, f, b, u}: its version, its fields, its body, and when it was written (milliseconds,
// by the writer's clock). Writes are acknowledged by a majority; compare-and-set is a replace filtered by _id and v; a
// taken key is known by its code, 11000. No upsert and no transaction is used.
//
// Servers that speak the protocol but lack partial unique indexes over many values (FerretDB) get unique keys from
// claims.go, and servers without change streams are polled (poll.go). Open finds out which (open.go).
package mongo

import (
	"context"
	"log/slog"
	"sync"
	"time"

	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"

	"linlipay/fault"
	"linlipay/store"
)

// Store is a store in one database. Its methods return the faults that store.Store names; a document of more than 16
// MB, which MongoDB does not take, is TooLarge.
type Store struct {
	client  *driver.Client
	db      *driver.Database
	log     *slog.Logger
	native  bool  // unique keys by partial unique indexes
	streams bool  // change streams
	sharded bool  // a cluster whose router we talk to
	feed    *feed // the one change stream

	mu      sync.RWMutex
	schemas map[string]store.Schema
}

var (
	_ store.Store  = (*Store)(nil)
	_ store.Walker = (*Store)(nil)
)

func (s *Store) schema(name string) (store.Schema, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	schema, ok := s.schemas[name]
	if !ok {
		return schema, fault.New(fault.Internal, "系统错误。", "Collection "+name+" was not declared with Ensure.")
	}
	return schema, nil
}

// pingTimeout is short: whoever asks wants to know how it is now, not after the next election.
const pingTimeout = 2 * time.Second

// Ping returns nil when the primary answers. Otherwise it is Unavailable.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := s.client.Ping(ctx, readpref.Primary()); err != nil {
		return unavailable(err)
	}
	return nil
}

// Close disconnects.
func (s *Store) Close() error {
	s.feed.close()
	ctx, cancel := context.WithTimeout(context.Background(), operationTimeout)
	defer cancel()
	return s.client.Disconnect(ctx)
}

// field is the path of a field.
func field(name string) string { return "f." + name }
