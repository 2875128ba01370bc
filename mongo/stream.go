package mongo

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"linlipay/fault"
	"linlipay/store"
)

// run keeps the one stream open until the store is closed. It goes on behind the last token after whatever breaks it;
// where the server says that it cannot, the stream begins anew, and whoever watches is told that the feed has a gap.
func (f *feed) run(ctx context.Context) {
	defer close(f.ended)
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		err := f.read(ctx)
		if ctx.Err() != nil {
			return
		}
		if hasCode(err, lostPlace()...) {
			f.store.log.Warn("the change stream lost its place and begins anew", "err", err)
			f.lose()
			continue
		}
		if time.Since(began) > longestWait {
			pause = firstPause
		}
		f.broken(err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longestWait)
	}
}

// lose begins a new era: all that was kept is before the gap.
func (f *feed) lose() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.era, f.first, f.start, f.at, f.recent = f.era+1, f.first+int64(len(f.recent)), nil, nil, nil
	f.wake()
}

func (f *feed) broken(err error) {
	if errors.Is(err, errSchemas) {
		return
	}
	f.store.log.Warn("the change stream broke and is taken up again", "err", err)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failure = err
	f.wake()
}

// read follows the stream from where it stands, until it breaks.
func (f *feed) read(ctx context.Context) error {
	f.mu.Lock()
	at := f.at
	f.mu.Unlock()
	names := f.store.feeds()
	s, err := f.store.openStream(ctx, names, at, f.await)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	if s.at() == nil {
		return errTokens
	}
	f.looked(s.at(), nil)
	for {
		c, err := s.next(ctx)
		if err != nil {
			return err
		}
		f.looked(s.at(), c)
		if len(f.store.feeds()) != len(names) {
			return errSchemas
		}
	}
}

// errTokens is a server that does not say where a stream stands before it told anything, as MongoDB does since 4.0.7.
var errTokens = fault.New(fault.Unsupported, "数据库不提供变更流位置。",
	"The server gives no postBatchResumeToken; MongoDB 6.0 or newer is needed.")

// errSchemas breaks a stream that does not know a collection which has come since.
var errSchemas = fault.New(fault.Unavailable, "集合已变更。", "There are more collections to watch.")

// looked notes how far the stream has looked, and what it found.
func (f *feed) looked(at bson.Raw, c *change) {
	f.mu.Lock()
	defer f.mu.Unlock()
	opened := f.start == nil
	if f.at = at; opened {
		f.start = at
	}
	if c != nil {
		f.keep(*c)
	}
	if opened || c != nil {
		f.wake()
	}
}

// keep keeps a change, and drops the oldest beyond feedKeep; mu is held.
func (f *feed) keep(c change) {
	f.recent = append(f.recent, c)
	if n := len(f.recent) - feedKeep; n > 0 {
		f.start, f.first = f.recent[n-1].at, f.first+int64(n)
		f.recent = slices.Clone(f.recent[n:])
	}
}

// catchUp tells the changes after a token by a stream of its own, until the one stream keeps what comes next.
func (f *feed) catchUp(ctx context.Context, at bson.Raw, each func(store.Change) error) (bson.Raw, place, error) {
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return at, place{}, unavailable(ctx.Err())
	}
	s, err := f.store.openStream(ctx, f.store.feeds(), at, f.await)
	if err != nil {
		return at, place{}, gone(err)
	}
	defer s.close(ctx)
	for {
		if at, err = s.tellNext(ctx, at, each); err != nil {
			return at, place{}, err
		}
		if p, reached := f.place(at); reached {
			return at, p, nil
		}
	}
}

// tellNext waits for a change for a while, tells it, and returns how far the stream has come; at until it fails.
func (s stream) tellNext(ctx context.Context, at bson.Raw, each func(store.Change) error) (bson.Raw, error) {
	c, err := s.next(ctx)
	switch {
	case err != nil:
		return at, gone(err)
	case c == nil:
		return s.at(), nil
	}
	if err := each(c.Change); err != nil {
		return at, err
	}
	return c.at, nil
}

// gone is Expired for the codes that mean it, and Unavailable for all that passes.
func gone(err error) error {
	if hasCode(err, lostPlace()...) {
		return expired(err)
	}
	return unavailable(err)
}

// stream is an open change stream.
type stream struct{ *driver.ChangeStream }

// openStream opens a stream of the named collections, after a token or from now. It asks for the version alone of each
// document. It starts after a token rather than resume after it: that also holds for the token of the event by which a
// server ended a stream.
func (s *Store) openStream(ctx context.Context, names bson.A, after bson.Raw, await time.Duration) (stream, error) {
	opts := options.ChangeStream().SetMaxAwaitTime(await)
	if after != nil {
		opts.SetStartAfter(after)
	}
	cs, err := s.db.Watch(ctx, changesOf(names), opts)
	return stream{cs}, err
}

// changesOf selects the changes of the named collections. Whether a replacement is told as replace or as update is the
// server's affair.
func changesOf(names bson.A) driver.Pipeline {
	kinds := bson.A{"insert", "replace", "update", "delete"}
	match := bson.D{{Key: "ns.coll", Value: bson.M{"$in": names}}, {Key: "operationType", Value: bson.M{"$in": kinds}}}
	fields := bson.D{
		{Key: "operationType", Value: 1}, {Key: "ns", Value: 1}, {Key: "documentKey._id", Value: 1},
		{Key: "fullDocument.v", Value: 1},
		{Key: "updateDescription.updatedFields.v", Value: 1},
	}
	return driver.Pipeline{{{Key: "$match", Value: match}}, {{Key: "$project", Value: fields}}}
}

func (s stream) at() bson.Raw { return s.ResumeToken() }

func (s stream) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pingTimeout)
	defer cancel()
	s.Close(ctx) // the server ends by itself what it cannot be told to end
}

// next waits for a change for a while; it is nil when there was none.
func (s stream) next(ctx context.Context) (*change, error) {
	if !s.TryNext(ctx) {
		if err := s.Err(); err != nil {
			return nil, err
		}
		if s.ID() == 0 {
			return nil, errEnded
		}
		return nil, nil
	}
	var e streamEvent
	if err := s.Decode(&e); err != nil {
		return nil, err
	}
	return e.change(), nil
}

// streamEvent is what a change stream tells.
type streamEvent struct {
	Token bson.Raw `bson:"_id"`
	Kind  string   `bson:"operationType"`
	NS    struct {
		Coll string `bson:"coll"`
	} `bson:"ns"`
	Key struct {
		ID string `bson:"_id"`
	} `bson:"documentKey"`
	Full struct {
		Version int64 `bson:"v"`
	} `bson:"fullDocument"`
	Update struct {
		Fields struct {
			Version int64 `bson:"v"`
		} `bson:"updatedFields"`
	} `bson:"updateDescription"`
}

// change is the event as the port tells it, where version 0 is a deleted document and nothing else. What is no write
// of the port is nil: an event that ends the stream, and a change that somebody made by hand and left the version as
// it was.
func (e streamEvent) change() *change {
	version := max(e.Full.Version, e.Update.Fields.Version)
	if e.NS.Coll == "" || e.Kind != "delete" && version == 0 {
		return nil
	}
	c := store.Change{Token: token(e.Token), Collection: e.NS.Coll, ID: e.Key.ID, Version: version}
	return &change{at: slices.Clone(e.Token), Change: c}
}

// feeds are the collections whose changes are told.
func (s *Store) feeds() bson.A {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := bson.A{}
	for name, schema := range s.schemas {
		if schema.Feed {
			list = append(list, name)
		}
	}
	return list
}
