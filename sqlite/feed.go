package sqlite

import (
	"context"
	"database/sql"
	"strconv"
	"sync"

	"linlipay/fault"
	"linlipay/store"
)

// feedKeep is how many changes the feed reaches back to.
const feedKeep = 200_000

// feed wakes the watchers after a commit. Its tokens are the sequence numbers of linlipay_changes.
type feed struct {
	readers *sql.DB
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

// Watch calls each for every change after the token.
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
			if err := each(c); err != nil {
				return unlessDone(ctx, err)
			}
			if seq, err = strconv.ParseInt(string(c.Token), 10, 64); err != nil {
				return err
			}
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
	return store.Token(strconv.FormatInt(seq, 10)), err
}

// start turns a token into the sequence number after which to read.
func (f *feed) start(ctx context.Context, after store.Token) (int64, error) {
	var oldest, newest int64
	row := f.readers.QueryRowContext(ctx, "SELECT COALESCE((SELECT MIN(seq) FROM linlipay_changes), 1), COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'linlipay_changes'), 0)")
	if err := row.Scan(&oldest, &newest); err != nil {
		return 0, unavailable(err)
	}
	if after == "" {
		return newest, nil
	}
	seq, err := strconv.ParseInt(string(after), 10, 64)
	if err != nil || seq > newest || seq < oldest-1 {
		return 0, fault.New(fault.Expired, "事件已过期，请刷新。", "The feed no longer reaches back that far.")
	}
	return seq, nil
}

func (f *feed) since(ctx context.Context, seq int64) ([]store.Change, error) {
	rows, err := f.readers.QueryContext(ctx, "SELECT seq, collection, id, version FROM linlipay_changes WHERE seq > ? ORDER BY seq LIMIT 500", seq)
	if err != nil {
		return nil, unavailable(err)
	}
	defer rows.Close()
	var some []store.Change
	for rows.Next() {
		var (
			c  store.Change
			at int64
		)
		if err := rows.Scan(&at, &c.Collection, &c.ID, &c.Version); err != nil {
			return nil, unavailable(err)
		}
		c.Token = store.Token(strconv.FormatInt(at, 10))
		some = append(some, c)
	}
	if err := rows.Err(); err != nil {
		return nil, unavailable(err)
	}
	return some, nil
}

// unlessDone hides the error that ending a watch causes.
func unlessDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
