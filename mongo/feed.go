package mongo

import (
	"context"
	"encoding/base64"
	"strconv"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"linlipay/fault"
	"linlipay/store"
)

// Watch calls each for every change after the token: by change streams, or by polling where the server has none.
// Polling does not see deletes.
func (s *Store) Watch(ctx context.Context, after store.Token, each func(store.Change) error) error {
	watch := s.poll
	if s.streams {
		watch = s.feed.watch
	}
	err := watch(ctx, after, each)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Now is the place in the feed where it stands: see store.Starter.
func (s *Store) Now(ctx context.Context) (store.Token, error) {
	if !s.streams {
		return store.Token(strconv.FormatInt(time.Now().UnixMilli(), 10)), nil
	}
	at, err := s.feed.join(ctx)
	return token(at), err
}

// A process has one change stream. It keeps the newest changes, so that a watcher who comes with a token of them, such
// as a browser that comes back, needs none of its own; one who comes from further back catches up by a stream for
// itself, and then joins. Places are resume tokens. Their _data is hexadecimal since MongoDB 4.2, and its order is
// that of the changes (https://www.mongodb.com/docs/manual/changeStreams/#resume-tokens-from-change-events).
type feed struct {
	store *Store
	await time.Duration // how long one look at the stream waits for a change
	slots chan struct{} // of those that catch up

	mu      sync.Mutex
	changed chan struct{} // closed and renewed with every change of what is below
	stop    context.CancelFunc
	ended   chan struct{}
	closed  bool
	era     int      // counts how often the stream lost its place
	start   bson.Raw // the changes after it are all in recent; nil while the stream was never opened
	at      bson.Raw // how far the stream has looked
	recent  []change
	first   int64 // the number of recent[0]
	failure error // why the stream could not be opened, while it was not
}

// change is one change at its place.
type change struct {
	at bson.Raw
	store.Change
}

// Bounds of a feed.
const (
	feedKeep    = 8192 // changes
	feedAwait   = time.Second
	catchingUp  = 8 // streams at once of watchers that catch up
	firstPause  = 100 * time.Millisecond
	longestWait = 5 * time.Second
)

func newFeed(s *Store, timeout time.Duration) *feed {
	f := &feed{store: s, await: feedAwait, slots: make(chan struct{}, catchingUp), changed: make(chan struct{})}
	if timeout > 0 { // a look must end before the client's time-out ends it
		f.await = min(f.await, timeout/2)
	}
	return f
}

// wake tells those who wait; mu is held.
func (f *feed) wake() {
	close(f.changed)
	f.changed = make(chan struct{})
}

func (f *feed) close() {
	f.mu.Lock()
	f.closed = true
	stop, ended := f.stop, f.ended
	f.wake()
	f.mu.Unlock()
	if stop != nil {
		stop()
		<-ended
	}
}

// join starts the stream if nobody did, waits until it is open, and returns how far it has looked. What is written
// from now on comes after that.
func (f *feed) join(ctx context.Context) (bson.Raw, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begin()
	for f.failure = nil; f.start == nil; {
		if f.closed || f.failure != nil {
			return nil, unavailable(f.failure)
		}
		if err := f.wait(ctx); err != nil {
			return nil, err
		}
	}
	return f.at, nil
}

// begin starts the stream unless it runs or the feed is closed; mu is held.
func (f *feed) begin() {
	if f.stop != nil || f.closed {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	f.stop, f.ended = stop, make(chan struct{})
	go f.run(ctx)
}

// wait waits for a change of the feed; mu is held, but not meanwhile.
func (f *feed) wait(ctx context.Context) error {
	changed := f.changed
	f.mu.Unlock()
	defer f.mu.Lock()
	select {
	case <-ctx.Done():
		return unavailable(ctx.Err())
	case <-changed:
		return nil
	}
}

// place is where a watcher reads on.
type place struct {
	era  int
	next int64 // the number of the change that it reads next
}

func (f *feed) watch(ctx context.Context, after store.Token, each func(store.Change) error) error {
	at, err := f.enter(ctx, after)
	if err != nil {
		return err
	}
	for {
		p, reached := f.place(at)
		if !reached {
			if at, p, err = f.catchUp(ctx, at, each); err != nil {
				return err
			}
		}
		if at, err = f.follow(ctx, p, at, each); err != nil {
			return err
		}
	}
}

// enter joins the feed, and returns where a watcher with a token reads on; with an empty one that is now.
func (f *feed) enter(ctx context.Context, after store.Token) (bson.Raw, error) {
	at, err := placeOf(after)
	if err != nil {
		return nil, err
	}
	now, err := f.join(ctx)
	if after == "" {
		at = now
	}
	return at, err
}

// place finds the first change after a token; it is not reached when the stream's newest changes do not begin there.
func (f *feed) place(at bson.Raw) (place, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.start == nil || before(at, f.start) {
		return place{}, false
	}
	i := len(f.recent)
	for i > 0 && before(at, f.recent[i-1].at) {
		i--
	}
	return place{f.era, f.first + int64(i)}, true
}

// follow tells the changes from a place on. It returns without an error when the feed no longer keeps what comes next:
// the watcher was slower than 8192 changes and must catch up.
func (f *feed) follow(ctx context.Context, p place, at bson.Raw, each func(store.Change) error) (bson.Raw, error) {
	for {
		changes, reached, err := f.after(ctx, p)
		if err != nil || !reached {
			return at, err
		}
		for _, c := range changes {
			if err := each(c.Change); err != nil {
				return at, err
			}
			p.next, at = p.next+1, c.at
		}
	}
}

// after waits until there are changes from a place on.
func (f *feed) after(ctx context.Context, p place) (changes []change, reached bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		switch {
		case f.closed:
			return nil, false, unavailable(nil)
		case f.era != p.era:
			return nil, false, expired(nil)
		case p.next < f.first:
			return nil, false, nil
		case p.next < f.first+int64(len(f.recent)):
			return append([]change(nil), f.recent[p.next-f.first:]...), true, nil
		}
		if err := f.wait(ctx); err != nil {
			return nil, false, err
		}
	}
}

// token and placeOf turn a resume token into the port's and back. A token that cannot be one of ours is Expired, and
// never reaches the server.
func token(at bson.Raw) store.Token {
	return store.Token(base64.RawURLEncoding.EncodeToString(at))
}

func placeOf(t store.Token) (bson.Raw, error) {
	if t == "" {
		return nil, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(string(t))
	if err != nil || bson.Raw(raw).Validate() != nil || data(raw) == "" {
		return nil, expired(err)
	}
	return raw, nil
}

// data is what orders resume tokens.
func data(at bson.Raw) string {
	s, _ := at.Lookup("_data").StringValueOK()
	return s
}

func before(a, b bson.Raw) bool { return data(a) < data(b) }

var errEnded = fault.New(fault.Unavailable, "变更流已结束。", "The server ended the change stream.")
