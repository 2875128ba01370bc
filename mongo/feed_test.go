package mongo

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"linlipay/fault"
	"linlipay/mongo/mongotest"
	"linlipay/store"
)

// short is a client's time-out that a test can wait for, and that a busy machine does not meet otherwise; longer is
// longer.
const (
	short  = "timeoutMS=1500"
	longer = 2 * time.Second
)

// Two processes; the one that watches has heard nothing for longer than its client waits for an answer. What the other
// writes then is heard, and by the stream that was open.
func TestAnIdleStreamHearsWhatAnotherProcessWrites(t *testing.T) {
	p := mongotest.Play(t)
	one, other := open(t, p.URI(short)), open(t, p.URI(short))
	w := listenNow(t, one)
	before := streams(p)
	time.Sleep(longer)
	insert(t, other, "a")
	w.hears(t, "a1")
	if n := streams(p) - before; n != 0 {
		t.Errorf("idle, the stream was opened %d times anew", n)
	}
}

// breaks are the ways in which a stream breaks. A line more is a case more.
func breaks() map[string]func(*mongotest.Played) {
	again := func(faults ...mongotest.Fault) func(*mongotest.Played) {
		return func(p *mongotest.Played) { p.Fail(faults...) }
	}
	resumable := []string{"ResumableChangeStreamError"}
	more := func(f mongotest.Fault) mongotest.Fault { f.Command = "getMore"; return f }
	opening := func(f mongotest.Fault) mongotest.Fault { f.Command, f.Stage = "aggregate", "$changeStream"; return f }
	return map[string]func(*mongotest.Played){
		"a look's connection is closed":           again(more(mongotest.Fault{Close: true})),
		"a look's answer is lost":                 again(more(mongotest.Fault{Close: true, Done: true})),
		"a look's answer fails after it was made": again(more(mongotest.Fault{Code: 50, Done: true})),
		"a look takes longer than the client":     again(more(mongotest.Fault{Delay: longer})),
		"the primary steps down":                  again(more(mongotest.Fault{Code: 189, Labels: resumable})),
		"the primary steps down, without a label": again(more(mongotest.Fault{Code: 189})),
		"a look is interrupted":                   again(more(mongotest.Fault{Code: 11601})),
		"a look runs out of time":                 again(more(mongotest.Fault{Code: 50})),
		"rights are gone for a while": again(more(mongotest.Fault{Code: 13}),
			opening(mongotest.Fault{Code: 13, Times: 2})),
		"it cannot be opened anew at once": again(more(mongotest.Fault{Close: true}),
			opening(mongotest.Fault{Code: 11600, Times: 3})),
		"opening it anew loses the connection": again(more(mongotest.Fault{Code: 43}),
			opening(mongotest.Fault{Close: true, Times: 3})),
		"opening it anew loses the answer": again(more(mongotest.Fault{Code: 43}),
			opening(mongotest.Fault{Close: true, Done: true, Times: 2})),
		"opening it anew takes too long": again(more(mongotest.Fault{Code: 43}),
			opening(mongotest.Fault{Delay: longer})),
		"the server kills the idle cursor": (*mongotest.Played).KillCursors,
		"all connections are closed":       (*mongotest.Played).Drop,
		"there is no primary for a while":  func(p *mongotest.Played) { p.StepDown(700 * time.Millisecond) },
		"an event is the last that it answers for": again(more(mongotest.Fault{Skip: 1, Close: true}),
			more(mongotest.Fault{Skip: 1, Close: true})),
	}
}

// Whatever breaks the stream, before a change, with one and after one: all changes are told once and in order, and no
// watch ends.
func TestABrokenStreamLosesNothing(t *testing.T) {
	for name, broken := range breaks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := mongotest.Play(t)
			one, other := open(t, p.URI(short)), open(t, p.URI("timeoutMS=8000"))
			w := listenNow(t, one)
			insert(t, other, "a")
			w.hears(t, "a1")
			broken(p) // while it is idle
			insert(t, other, "b", "c")
			w.hears(t, "a1 b1 c1")
			broken(p)
			insert(t, other, "d")
			must(t, other.Replace(t.Context(), "orders", order("a", 1)))
			w.hears(t, "a1 b1 c1 d1 a2")
		})
	}
}

// A server ends the stream of a database that is dropped: the stream goes on behind the event that ended it.
func TestAStreamThatTheServerEndedGoesOn(t *testing.T) {
	p := mongotest.Play(t)
	one, other := open(t, p.URI(short)), open(t, p.URI())
	w := listenNow(t, one)
	insert(t, other, "a")
	must(t, other.db.Drop(t.Context()))
	insert(t, other, "b")
	w.hears(t, "a1 b1")
}

// Codes that say that a place is lost are Expired, and no others, when the stream is looked at and when it is opened.
func TestOnlyALostPlaceIsExpired(t *testing.T) {
	for code, want := range map[int32]fault.Code{
		260: fault.Expired, 280: fault.Expired, 286: fault.Expired,
		13: fault.Unavailable, 50: fault.Unavailable, 43: fault.Unavailable, 136: fault.Unavailable,
		237: fault.Unavailable, 11601: fault.Unavailable, 40573: fault.Unavailable,
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			p := mongotest.Play(t)
			before, now := open(t, p.URI(short)), open(t, p.URI(short))
			old, err := store.Now(t.Context(), before)
			must(t, err)
			insert(t, before, "a")
			must(t, before.Close()) // its stream would meet what is meant for the other's
			writer, w := open(t, p.URI(short)), listenNow(t, now)
			// on a busy machine a fault of one time may be met by a look that the client has given up already
			p.Fail(mongotest.Fault{Command: "aggregate", Stage: "$changeStream", Code: code, Times: -1})
			wantCode(t, now.Watch(t.Context(), old, func(store.Change) error { return nil }), want)
			p.Heal()

			if want != fault.Expired {
				p.Fail(mongotest.Fault{Command: "getMore", Code: code})
				insert(t, writer, "b")
				w.hears(t, "b1")
				return
			}
			p.Fail(mongotest.Fault{Command: "getMore", Code: code, Times: -1})
			wantCode(t, <-w.ended, want)
			p.Heal()
		})
	}
}

// A place that the history no longer reaches is Expired, and whoever then asks where the feed stands, reads, and
// watches from there misses nothing.
func TestAfterAGapNothingIsLost(t *testing.T) {
	p := mongotest.Play(t)
	one, other := open(t, p.URI(short)), open(t, p.URI())
	old, err := store.Now(t.Context(), one)
	must(t, err)
	w := listen(t, one, old)
	insert(t, other, "a")
	w.hears(t, "a1")
	p.Forget()
	wantCode(t, <-w.ended, fault.Expired)
	wantCode(t, one.Watch(t.Context(), old, func(store.Change) error { return nil }), fault.Expired)
	now, err := store.Now(t.Context(), one)
	must(t, err)
	insert(t, other, "b") // between expired and watching again
	time.Sleep(50 * time.Millisecond)
	insert(t, other, "c")
	listen(t, one, now).hears(t, "b1 c1")
}

// A token that cannot be the server's is Expired without asking it.
func TestATokenOfNobodyIsExpired(t *testing.T) {
	p := mongotest.Play(t)
	s := open(t, p.URI())
	_, err := store.Now(t.Context(), s)
	must(t, err)
	before := streams(p)
	encoded := func(d bson.D) store.Token {
		raw, err := bson.Marshal(d)
		must(t, err)
		return token(raw)
	}
	for name, at := range map[string]store.Token{
		"no base64": "=", "no document": store.Token(base64.RawURLEncoding.EncodeToString([]byte("x"))),
		"an empty document": encoded(bson.D{}), "another store's": "1700000000000",
		"a number":    encoded(bson.D{{Key: "_data", Value: 1}}),
		"an operator": encoded(bson.D{{Key: "_data", Value: bson.D{{Key: "$gt", Value: ""}}}}),
	} {
		if err := s.Watch(t.Context(), at, func(store.Change) error { return nil }); !fault.Is(err, fault.Expired) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := streams(p) - before; n != 0 {
		t.Errorf("the server was asked %d times", n)
	}
}

// Browsers that come back with a place that the process remembers need no change stream; those that come from further
// back have one until they have caught up.
func TestWatchersShareOneStream(t *testing.T) {
	p := mongotest.Play(t)
	writer := open(t, p.URI())
	first := listenNow(t, writer)
	insert(t, writer, "a", "b", "c")
	first.hears(t, "a1 b1 c1")
	at := first.changes()[0].Token

	before := streams(p)
	back := []*watcher{listen(t, writer, at), listen(t, writer, at)}
	for _, w := range back {
		w.hears(t, "b1 c1")
	}
	if n := streams(p) - before; n != 0 {
		t.Errorf("those who came back opened %d streams", n)
	}

	later := open(t, p.URI()) // a process that was not there when the place was told
	_, err := store.Now(t.Context(), later)
	must(t, err)
	before = p.OpenStreams()
	for range 12 { // more than may catch up at once
		back = append(back, listen(t, later, at))
	}
	for _, w := range back[2:] {
		w.hears(t, "b1 c1")
	}
	for end := time.Now().Add(5 * time.Second); p.OpenStreams() > before && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := p.OpenStreams() - before; n != 0 {
		t.Errorf("%d streams stay open for those who have caught up", n)
	}
	insert(t, writer, "d")
	must(t, writer.Replace(t.Context(), "orders", order("d", 1)))
	for _, w := range back {
		w.hears(t, "b1 c1 d1 d2")
	}
}

// A watcher that is slower than the feed keeps changes catches up, and misses none.
func TestASlowWatcherMissesNothing(t *testing.T) {
	p := mongotest.Play(t)
	s := open(t, p.URI())
	at, err := store.Now(t.Context(), s)
	must(t, err)
	const many = feedKeep + 500
	fast, slow, goOn := 0, 0, make(chan struct{})
	ended := make(chan error, 2)
	done := fmt.Errorf("done")
	go func() {
		ended <- s.Watch(t.Context(), at, func(store.Change) error {
			if fast++; fast == many {
				close(goOn)
				return done
			}
			return nil
		})
	}()
	go func() {
		ended <- s.Watch(t.Context(), at, func(c store.Change) error {
			if slow == 0 {
				<-goOn
			}
			if want := fmt.Sprintf("%06d", slow); c.ID != want {
				return fmt.Errorf("told %s, want %s", c.ID, want)
			}
			if slow++; slow == many {
				return done
			}
			return nil
		})
	}()
	for from := 0; from < many; from += 1000 {
		var docs []store.Doc
		for i := from; i < min(from+1000, many); i++ {
			docs = append(docs, order(fmt.Sprintf("%06d", i), 0))
		}
		_, err := s.InsertMany(t.Context(), "orders", docs)
		must(t, err)
	}
	for range 2 {
		if err := <-ended; err != done {
			t.Error(err)
		}
	}
}

// An event tells which document in which version, however the server tells of a replacement, and 0 for a deleted
// document only. It does not hold the document.
func TestAnEventIsAVersionAndNoDocument(t *testing.T) {
	for _, deltas := range []bool{false, true} {
		t.Run(fmt.Sprint("as updates ", deltas), func(t *testing.T) {
			p := mongotest.Play(t)
			if deltas {
				p.Deltas()
			}
			s := open(t, p.URI())
			w := listenNow(t, s)
			big := order("a", 0)
			big.Body = []byte(`{"text":"` + strings.Repeat("x", 1<<20) + `"}`)
			must(t, s.Insert(t.Context(), "orders", big))
			big.Version = 1
			must(t, s.Replace(t.Context(), "orders", big))
			_, err := s.db.Collection("orders").UpdateOne(t.Context(), bson.M{"_id": "a"},
				bson.M{"$set": bson.M{"b.by": "hand"}})
			must(t, err)
			must(t, s.Delete(t.Context(), "orders", "a", 2))
			insert(t, s, "b")
			w.hears(t, "a1 a2 a0 b1")
			for _, e := range p.Told() {
				if raw, err := bson.Marshal(e); err != nil || len(raw) > 500 {
					t.Errorf("an event of %d bytes, %v", len(raw), err)
				}
			}
		})
	}
}

// A collection that is declared while the stream is open is told of too.
func TestACollectionThatComesLaterIsWatched(t *testing.T) {
	p := mongotest.Play(t)
	s := open(t, p.URI(short))
	w := listenNow(t, s)
	more := orders()
	more.Name = "terminals"
	must(t, s.Ensure(t.Context(), more))
	time.Sleep(longer) // a look of half the client's time-out, and opening anew
	must(t, s.Insert(t.Context(), "terminals", order("t", 0)))
	w.hears(t, "t1")
}
