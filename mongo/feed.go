package mongo

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"linlipay/fault"
	"linlipay/store"
)

// Watch calls each for every change after the token: by change streams, or by polling where the server has none. Polling does not see deletes.
func (s *Store) Watch(ctx context.Context, after store.Token, each func(store.Change) error) error {
	err := s.watch(ctx, after, each)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (s *Store) watch(ctx context.Context, after store.Token, each func(store.Change) error) error {
	if s.streams {
		return s.stream(ctx, after, each)
	}
	return s.poll(ctx, after, each)
}

// feeds are the collections whose changes are told.
func (s *Store) feeds() bson.A {
	s.mu.RLock()
	defer s.mu.RUnlock()
	some := bson.A{}
	for name, schema := range s.schemas {
		if schema.Feed {
			some = append(some, name)
		}
	}
	return some
}

func expired(err error) error {
	return fault.New(fault.Expired, "事件已过期，请刷新。", "The feed no longer reaches back that far.").Because(err)
}

// streamEvent is what a change stream tells.
type streamEvent struct {
	Token bson.Raw `bson:"_id"`
	NS    struct {
		Coll string `bson:"coll"`
	} `bson:"ns"`
	Key struct {
		ID string `bson:"_id"`
	} `bson:"documentKey"`
	Full *struct {
		Version int64 `bson:"v"`
	} `bson:"fullDocument"`
}

// stream follows a change stream; the token is its resume token. A token that the oplog no longer reaches is Expired.
func (s *Store) stream(ctx context.Context, after store.Token, each func(store.Change) error) error {
	opts := options.ChangeStream()
	if after != "" {
		raw, err := base64.RawURLEncoding.DecodeString(string(after))
		if err != nil || bson.Raw(raw).Validate() != nil {
			return expired(err)
		}
		opts.SetResumeAfter(bson.Raw(raw))
	}
	match := bson.D{{Key: "$match", Value: bson.M{"ns.coll": bson.M{"$in": s.feeds()}, "operationType": bson.M{"$in": bson.A{"insert", "replace", "delete"}}}}}
	cs, err := s.db.Watch(ctx, driver.Pipeline{match}, opts)
	if err != nil {
		if after != "" && isServer(err) {
			return expired(err)
		}
		return unavailable(err)
	}
	defer cs.Close(context.WithoutCancel(ctx))
	for cs.Next(ctx) {
		var e streamEvent
		if err := cs.Decode(&e); err != nil {
			return unavailable(err)
		}
		c := store.Change{Token: store.Token(base64.RawURLEncoding.EncodeToString(e.Token)), Collection: e.NS.Coll, ID: e.Key.ID}
		if e.Full != nil {
			c.Version = e.Full.Version
		}
		if err := each(c); err != nil {
			return err
		}
	}
	return unavailable(cs.Err())
}

// Polling asks for what was written since a little before the last time, so that a writer whose clock is behind, or whose write took long, is not missed; what was told already
// is not told again.
const (
	pollPause   = 120 * time.Millisecond
	pollOverlap = 3 * time.Second
	pollReach   = 24 * time.Hour
)

func (s *Store) poll(ctx context.Context, after store.Token, each func(store.Change) error) error {
	since := time.Now().UnixMilli()
	if after != "" {
		n, err := strconv.ParseInt(string(after), 10, 64)
		if err != nil || time.Since(time.UnixMilli(n)).Abs() > pollReach {
			return expired(err)
		}
		since = n
	}
	told, err := s.tell(ctx, since, map[string]seen{}, after == "", each)
	for err == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pollPause):
		}
		newest := since
		for _, v := range told {
			newest = max(newest, v.at)
		}
		since = newest
		told, err = s.tell(ctx, since, told, false, each)
	}
	return err
}

// seen is the version of a document that was told, and when it was written.
type seen struct{ version, at int64 }

// tell tells what was written since, and returns what is within the overlap. silent only looks.
func (s *Store) tell(ctx context.Context, since int64, told map[string]seen, silent bool, each func(store.Change) error) (map[string]seen, error) {
	now := map[string]seen{}
	for _, name := range s.feeds() {
		collection := name.(string)
		some, err := s.writtenSince(ctx, collection, since-pollOverlap.Milliseconds())
		if err != nil {
			return nil, err
		}
		for _, d := range some {
			key := collection + "/" + d.ID
			now[key] = seen{d.Version, d.Written}
			if silent || told[key].version >= d.Version {
				continue
			}
			if err := each(store.Change{Token: store.Token(strconv.FormatInt(d.Written, 10)), Collection: collection, ID: d.ID, Version: d.Version}); err != nil {
				return nil, err
			}
		}
	}
	return now, nil
}

func (s *Store) writtenSince(ctx context.Context, collection string, since int64) ([]document, error) {
	cursor, err := s.db.Collection(collection).Find(ctx, bson.M{"u": bson.M{"$gte": since}}, options.Find().SetProjection(bson.M{"v": 1, "u": 1}))
	if err != nil {
		return nil, unavailable(err)
	}
	var some []document
	if err := cursor.All(ctx, &some); err != nil {
		return nil, errors.Join(unavailable(err))
	}
	slices.SortFunc(some, func(a, b document) int { return int(a.Written - b.Written) })
	return some, nil
}
