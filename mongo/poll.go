package mongo

import (
	"context"
	"slices"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"linlipay/store"
)

// Polling asks for what was written since a little before the last time, so that a writer whose clock is behind, or
// whose write took long, is not missed; what was told already is not told again.
const (
	pollPause   = 120 * time.Millisecond
	pollOverlap = 3 * time.Second
	pollReach   = 24 * time.Hour
)

func (s *Store) poll(ctx context.Context, after store.Token, each func(store.Change) error) error {
	since, err := pollSince(after)
	if err != nil {
		return err
	}
	told, err := s.tell(ctx, since, map[string]seen{}, after == "", each)
	for err == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pollPause):
		}
		for _, v := range told {
			since = max(since, v.at)
		}
		told, err = s.tell(ctx, since, told, false, each)
	}
	return err
}

// pollSince is the millisecond that a token stands for; an empty one is now.
func pollSince(after store.Token) (int64, error) {
	if after == "" {
		return time.Now().UnixMilli(), nil
	}
	n, err := strconv.ParseInt(string(after), 10, 64)
	if err != nil || time.Since(time.UnixMilli(n)).Abs() > pollReach {
		return 0, expired(err)
	}
	return n, nil
}

// seen is the version of a document that was told, and when it was written.
type seen struct{ version, at int64 }

// tell tells what was written since, and returns what is within the overlap. silent only looks.
func (s *Store) tell(ctx context.Context, since int64, told map[string]seen, silent bool,
	each func(store.Change) error) (map[string]seen, error) {
	now := map[string]seen{}
	for _, name := range s.feeds() {
		collection := name.(string)
		documents, err := s.writtenSince(ctx, collection, since-pollOverlap.Milliseconds())
		if err != nil {
			return nil, err
		}
		for _, d := range documents {
			key := collection + "/" + d.ID
			now[key] = seen{d.Version, d.Written}
			if silent || told[key].version >= d.Version {
				continue
			}
			if err := each(d.change(collection)); err != nil {
				return nil, err
			}
		}
	}
	return now, nil
}

// change is that a document was written.
func (d document) change(collection string) store.Change {
	return store.Change{Token: store.Token(strconv.FormatInt(d.Written, 10)), Collection: collection, ID: d.ID,
		Version: d.Version}
}

func (s *Store) writtenSince(ctx context.Context, collection string, since int64) ([]document, error) {
	cursor, err := s.db.Collection(collection).Find(ctx, bson.M{"u": bson.M{"$gte": since}},
		options.Find().SetProjection(bson.M{"v": 1, "u": 1}))
	documents, err := all[document](ctx, cursor, err)
	slices.SortFunc(documents, func(a, b document) int { return int(a.Written - b.Written) })
	return documents, err
}
