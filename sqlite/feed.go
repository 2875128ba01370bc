package sqlite

import (
	"context"
	"database/sql"
	"sync"

	"linlipay/store"
)

// feedKeep is how many changes the feed reaches back to.
const feedKeep = 200_000

// feed wakes the watchers after a commit. Its tokens are the numbers of linlipay_changes in an epoch (epoch.go).
type feed struct {
	readers *sql.DB
	epoch   string
	mu      sync.Mutex
	changed chan struct{} // closed and renewed at every commit
	done    chan struct{}
}

func newFeed() *feed { return &feed{changed: make(chan struct{}), done: make(chan struct{})} }

func (f *feed) wake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *feed) close() { close(f.done) }

// next is closed when something is committed from now on.
func (f *feed) next() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

// Watch calls each for every change after the token. A database that does not answer is Unavailable.
func (s *Store) Watch(ctx context.Context, after store.Token, each func(store.Change) error) error {
	seq, err := s.feed.start(ctx, after)
	if err != nil {
		return unlessDone(ctx, err)
	}
	for {
		committed := s.feed.next()
		changes, err := s.feed.since(ctx, seq)
		if err != nil {
			return unlessDone(ctx, err)
		}
		for _, c := range changes {
			if err := each(c.Change); err != nil {
				return unlessDone(ctx, err)
			}
			seq = c.seq
		}
		if len(changes) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.feed.done:
			return unavailable(nil)
		case <-committed:
		}
	}
}

// Now is the place where the feed stands: see store.Starter.
func (s *Store) Now(ctx context.Context) (store.Token, error) {
	seq, err := s.feed.start(ctx, "")
	return s.feed.token(seq), err
}

// numbered is a change with its number.
type numbered struct {
	store.Change
	seq int64
}

func (f *feed) since(ctx context.Context, seq int64) ([]numbered, error) {
	rows, err := f.readers.QueryContext(ctx, "SELECT seq, collection, id, version FROM linlipay_changes WHERE seq > "+
		"? ORDER BY seq LIMIT 500", seq)
	if err != nil {
		return nil, unavailable(err)
	}
	defer rows.Close()
	var numbereds []numbered
	for rows.Next() {
		var c numbered
		if err := rows.Scan(&c.seq, &c.Collection, &c.ID, &c.Version); err != nil {
			return nil, unavailable(err)
		}
		c.Token = f.token(c.seq)
		numbereds = append(numbereds, c)
	}
	if err := rows.Err(); err != nil {
		return nil, unavailable(err)
	}
	return numbereds, nil
}

// unlessDone hides the error that ending a watch causes.
func unlessDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
