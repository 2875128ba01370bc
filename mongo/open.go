package mongo

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"linlipay/fault"
	"linlipay/store"
)

// Time-outs of one operation and of finding a primary, for an address that sets neither timeoutMS nor
// serverSelectionTimeoutMS. An election takes up to 12 seconds with MongoDB's own settings
// (https://www.mongodb.com/docs/manual/core/replica-set-elections/): an operation that begins in one waits for its
// end. Requests of people have a deadline of their own.
const (
	operationTimeout = 30 * time.Second
	selectionTimeout = 20 * time.Second
	defaultDatabase  = "linlipay"
)

// Open connects to the server that a mongodb:// address names; the address's path is the database's name, linlipay when
// there is none. Whatever the address says, writes are acknowledged by a majority, and reads are of the primary and see
// only what a majority has. Open fails, with a sentence that says why, when the server does not answer or cannot say
// now what it can do; what it can do goes to the log. A malformed address is Invalid. What the server does not answer
// is Unavailable.
func Open(ctx context.Context, uri string, log *slog.Logger) (*Store, error) {
	cs, err := connstring.ParseAndValidate(uri)
	if err != nil {
		return nil, fault.New(fault.Invalid, "MongoDB 地址不正确。", "The MongoDB address is malformed.").Because(err)
	}
	client, err := driver.Connect(clientOptions(uri, cs))
	if err != nil {
		return nil, unavailable(err)
	}
	name := cmp.Or(cs.Database, defaultDatabase)
	s := &Store{client: client, db: client.Database(name), log: log, schemas: map[string]store.Schema{}}
	s.feed = newFeed(s, cs.Timeout)
	if err := s.probe(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.log.Info("the store is on MongoDB", "database", name, "sharded", s.sharded, "change_streams", s.streams,
		"unique_indexes", s.native)
	return s, nil
}

func clientOptions(uri string, cs *connstring.ConnString) *options.ClientOptions {
	o := options.Client().ApplyURI(uri).SetWriteConcern(writeconcern.Majority()).SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()).
		SetRetryWrites(true).SetRetryReads(true)
	if !cs.TimeoutSet {
		o.SetTimeout(operationTimeout)
	}
	if !cs.ServerSelectionTimeoutSet {
		o.SetServerSelectionTimeout(selectionTimeout)
	}
	return o
}

// probe finds out what the server can do. Only an answer that means "cannot" counts as incapacity; any other failure
// keeps the store from opening, since the process would live with the wrong finding until it ends.
func (s *Store) probe(ctx context.Context) (err error) {
	if err := s.client.Ping(ctx, readpref.Primary()); err != nil {
		return unavailable(err)
	}
	if s.sharded, err = s.isRouter(ctx); err != nil {
		return undecided(err, "分片", "whether it is a sharded cluster")
	}
	if s.streams, err = s.hasStreams(ctx); err != nil {
		return undecided(err, "变更流", "whether it has change streams")
	}
	if s.native, err = s.uniqueIndexes(ctx); err != nil {
		return undecided(err, "唯一索引", "whether it has partial unique indexes")
	}
	return nil
}

func undecided(err error, zh, en string) error {
	if hasCode(err, unauthorized) {
		return fault.New(fault.Unavailable, "MongoDB 用户的权限不足（"+zh+"），请在该数据库上授予 readWrite 和 dbAdmin 角色。",
			"MongoDB does not allow its user to find out "+en+
				": give the user the roles readWrite and dbAdmin on the database.").Because(err)
	}
	return fault.New(fault.Unavailable, "MongoDB 现在无法确认其能力（"+zh+"），请稍后重新启动。", "MongoDB cannot say now "+en+
		": start again in a while.").Because(err)
}

// isRouter reports whether this is mongos, the router of a sharded cluster, as its hello says.
func (s *Store) isRouter(ctx context.Context) (bool, error) {
	var hello struct {
		Msg string `bson:"msg"`
	}
	err := s.client.Database("admin").RunCommand(ctx, bson.D{{Key: "hello", Value: 1}}).Decode(&hello)
	if hasCode(err, commandNotFound) { // a server older than the command, and so older than what this store is for
		return false, nil
	}
	return hello.Msg == "isdbgrid", err
}

func (s *Store) hasStreams(ctx context.Context) (bool, error) {
	stream, err := s.db.Watch(ctx, driver.Pipeline{})
	if hasCode(err, withoutStreams()...) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, stream.Close(ctx)
}

// uniqueIndexes reports whether a partial unique index binds each value of a field with many: it makes one and looks.
func (s *Store) uniqueIndexes(ctx context.Context) (bool, error) {
	probe := s.db.Collection("linlipay_probe_" + bson.NewObjectID().Hex())
	defer probe.Drop(context.WithoutCancel(ctx)) // a probe left behind is harmless
	_, err := probe.Indexes().CreateOne(ctx, driver.IndexModel{
		Keys:    bson.D{{Key: "a", Value: 1}, {Key: "b", Value: 1}},
		Options: options.Index().SetUnique(true).SetPartialFilterExpression(bson.M{"b": bson.M{"$exists": true}}),
	})
	if hasCode(err, withoutIndexes()...) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return bindsEachValue(ctx, probe)
}

// bindsEachValue reports whether the partial unique index on a and b of a collection lets documents without b be alike,
// and refuses two whose b have a value in common.
func bindsEachValue(ctx context.Context, probe *driver.Collection) (bool, error) {
	alike := bson.D{{Key: "a", Value: 1}}
	for _, d := range []bson.D{alike, alike, {{Key: "a", Value: 1}, {Key: "b", Value: bson.A{1, 2}}}} {
		if _, err := probe.InsertOne(ctx, d); duplicate(err) {
			return false, nil
		} else if err != nil {
			return false, err
		}
	}
	_, err := probe.InsertOne(ctx, bson.D{{Key: "a", Value: 1}, {Key: "b", Value: bson.A{2, 3}}})
	if duplicate(err) {
		return true, nil
	}
	return false, err
}
