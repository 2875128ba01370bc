package mongotest

import (
	"bufio"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Played is a server that plays the part of MongoDB 6.0 which package mongo uses, in memory and on loopback: the one
// member of a replica set, or (Sharded) the router of a cluster. It is written from MongoDB's documentation and is no
// judge of MongoDB itself; it is for what FerretDB lacks (partial unique indexes over many values, change streams) and
// for failures on demand (Fail, Forget, KillCursors, Drop, StepDown).
type Played struct {
	listener net.Listener
	name     string // of the database that URI names
	all      sync.WaitGroup

	mu          sync.Mutex
	sharded     map[string]string // by collection, the path of its shard key; nil is a replica set
	collections map[string]*collection
	events      []event
	place       int64         // the place of the newest event or look
	oldest      int64         // the place that streams can still resume from
	changed     chan struct{} // closed and renewed at every event
	cursors     map[int64]*cursor
	lastCursor  int64
	retried     map[string]bson.D // what a retryable write was answered
	faults      []Fault
	received    map[string][]bson.D
	conns       map[net.Conn]bool
	electing    time.Time
	deltas      bool
	over        bool
	told        []bson.D
}

// Play starts a server that ends with the test.
func Play(t testing.TB) *Played {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Played{
		listener: l, name: databaseName(), collections: map[string]*collection{}, cursors: map[int64]*cursor{},
		retried:  map[string]bson.D{},
		received: map[string][]bson.D{}, conns: map[net.Conn]bool{}, changed: make(chan struct{}), place: 1, oldest: 1,
	}
	p.all.Go(p.accept)
	t.Cleanup(p.end)
	return p
}

// end takes no more connections, closes those that there are, and waits until nobody is served any more.
func (p *Played) end() {
	p.listener.Close()
	p.mu.Lock()
	p.over = true
	p.mu.Unlock()
	p.Drop()
	p.all.Wait()
}

// Sharded makes the server a cluster's router: of the named collections each is sharded by a path, so that an _id is
// unique for each value of that path only. It is called before the server is used.
func (p *Played) Sharded(by map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sharded = by
}

// Deltas makes change streams tell of replacements as updates, which a server may do as it likes.
func (p *Played) Deltas() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deltas = true
}

// URI is the address of an empty database of it, with further options such as "timeoutMS=500".
func (p *Played) URI(options ...string) string {
	return "mongodb://" + p.listener.Addr().String() + "/" + p.name + "?" + strings.Join(options, "&")
}

func (p *Played) accept() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.conns[conn] = true
		p.mu.Unlock()
		p.all.Go(func() { p.handle(conn) })
	}
}

// handle serves a connection until it ends.
func (p *Played) handle(conn net.Conn) {
	p.serve(conn)
	conn.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, conn)
}

func (p *Played) serve(conn net.Conn) {
	r := bufio.NewReader(conn)
	for {
		m, err := readMessage(r)
		if err != nil || len(m.body) == 0 {
			return
		}
		answer, closed := p.answer(m.body)
		if closed {
			return
		}
		if m.mute {
			continue
		}
		if err := writeMessage(conn, m, answer); err != nil {
			return
		}
	}
}

// answer carries a command out, with what was told to go wrong.
func (p *Played) answer(body bson.D) (answer bson.D, closed bool) {
	name := body[0].Key
	if strings.EqualFold(name, "isMaster") {
		name = "hello"
	}
	f := p.receive(name, body)
	if f == nil {
		return p.carryOut(name, body), false
	}
	time.Sleep(f.Delay)
	failing := f.Code != 0 || f.Close
	if !failing || f.Done {
		answer = p.carryOut(name, body)
	}
	if f.Code != 0 {
		answer = refused(&failure{code: f.Code, text: "told to fail", labels: f.Labels})
	}
	if f.WriteConcern != 0 {
		answer = append(answer, writeConcernError(f.WriteConcern))
	}
	return answer, f.Close
}

// receive notes that a command arrived, and takes the fault that it meets.
func (p *Played) receive(name string, body bson.D) *Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.received[name] = append(p.received[name], body)
	return p.fault(name, body)
}

func writeConcernError(code int32) bson.E {
	return bson.E{Key: "writeConcernError", Value: bson.D{{Key: "code", Value: code},
		{Key: "errmsg", Value: "waiting for replication timed out"}}}
}

func refused(err error) bson.D {
	f := &failure{code: 8, text: err.Error()}
	errors.As(err, &f)
	answer := bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: f.text}, {Key: "code", Value: f.code}}
	if len(f.labels) > 0 {
		answer = append(answer, bson.E{Key: "errorLabels", Value: f.labels})
	}
	return answer
}

// carryOut answers a command; a retryable write that was answered before is answered so again.
// https://www.mongodb.com/docs/manual/core/retryable-writes/
func (p *Played) carryOut(name string, body bson.D) bson.D {
	p.mu.Lock()
	number, retryable := get(body, "txnNumber").(int64)
	key := canonical(get(body, "lsid"), number)
	if answer, again := p.retried[key]; retryable && again {
		p.mu.Unlock()
		return append(answer, bson.E{Key: "ok", Value: 1.0})
	}
	wait, answer, err := p.command(name, body)
	if err == nil && retryable {
		p.retried[key] = slices.Clip(answer)
	}
	p.mu.Unlock()
	if err != nil {
		return refused(err)
	}
	if wait != nil {
		if answer, err = p.await(wait, body); err != nil {
			return refused(err)
		}
	}
	return append(answer, bson.E{Key: "ok", Value: 1.0})
}
