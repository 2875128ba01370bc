// Package audit is the audit log (操作日志): who did what, when, from where, and what changed by it. It is only ever added
// to, one chain for each company and one for things of no company (package chain), so that a line that was changed,
// taken out or moved is seen; its heads are signed and can be kept elsewhere.
//
// Who writes an event, and when:
//
//   - What changes a document writes its event into that document's outbox, by the same compare-and-set: the document
//     has a field Owed, its schema is given to Declare, its keys to Owed.Key, and whoever changes it calls Owed.Owe.
//     The owner offers the collection as an Outbox, and Run chains what is owed. A document that owes is written once
//     more when its events are struck off, so its version is no revision to ask for changes on.
//   - What changes no document of ours that could owe it (a log-in, a look at a list) is written by Record before the
//     answer: when it cannot be written the action fails. For a route of the HTTP face a line in its table does that
//     (handlers/recorded.go).
//   - What is refused is given to Count: the first is written at once, and those that follow within a minute become
//     one line that says how many.
//   - A command that may not open the store leaves its event beside it (Leave).
//
// Who acts stands in the context (As), set by the HTTP face and by the shell: nobody need pass it on.
//
// An event holds ids, states, amounts and keyed digests (Service.Digest), of the address too that a request came from.
// It never holds a name, a telephone number, an address, a password, a key, a token, or free text.
package audit

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"linlipay/chain"
	"linlipay/seal"
	"linlipay/store"
)

// events is how events are kept: one in a block, so that a page of them can be found by time.
var events = chain.Kind[Event]{
	Name: "audit", Most: 1,
	Fields: []store.Field{
		{Name: "at", Type: store.Int}, {Name: "actor", Type: store.String}, {Name: "verb", Type: store.String},
		{Name: "object", Type: store.String, Many: true},
	},
	Indexes: []store.Index{
		{Name: byTime, Fields: []string{"company", "at"}},
		{Name: byActor, Fields: []string{"company", "actor", "at"}},
		{Name: byVerb, Fields: []string{"company", "verb", "at"}},
		{Name: byObject, Fields: []string{"company", "object", "at"}},
	},
}

// Index names.
const (
	byTime   = "by_time"
	byActor  = "by_actor"
	byVerb   = "by_verb"
	byObject = "by_object"
)

// Nobodys is the chain of things of no company.
const Nobodys = "-"

func chainOf(company string) string {
	if company == "" {
		return Nobodys
	}
	return company
}

// Schemas are the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{events.Schema(), headKeys.Schema, digestKeys.Schema, checks.Schema}
}

// Service keeps the audit log. Any number of processes may run it on one store. Beside the faults that a method names
// it returns the store's (see package store).
type Service struct {
	events   chain.Chain[Event]
	box      seal.Box
	now      func() time.Time
	log      *slog.Logger
	refused  tallies
	turns    turns
	outboxes []Outbox

	keys       store.Collection[headKey]
	digestKeys store.Collection[digestKey]
	checks     store.Collection[Check]
	digests    atomic.Pointer[seal.Box] // as this process has read it
	sequences  []Sequence
}

// NewService makes the service over a store on which Ensure was called with Schemas. box seals the keys of digests and
// of heads.
func NewService(st store.Store, box seal.Box, now func() time.Time, log *slog.Logger) *Service {
	s := &Service{keys: headKeys.In(st), digestKeys: digestKeys.In(st), checks: checks.In(st), box: box,
		log: log}
	s.now = func() time.Time { return now().UTC().Truncate(time.Millisecond) }
	s.events = events.In(st, s.now)
	return s
}

// Record writes an event; when it returns nil the event is durable. Who did it is taken from ctx where the event does
// not say. It is for what must be written before the answer; what changes a document stands in the document's outbox.
func (s *Service) Record(ctx context.Context, e Event) error {
	e.At = s.now()
	e = e.by(WhoIn(ctx))
	if e.ID == "" {
		e.ID = rand.Text()
	}
	leave, err := s.turns.enter(ctx, chainOf(e.Company))
	if err != nil {
		return err
	}
	defer leave()
	return s.append(ctx, e)
}

// append chains an event, once.
func (s *Service) append(ctx context.Context, e Event) error {
	_, err := s.events.Append(ctx, chainOf(e.Company), []Event{e})
	return err
}

// turns lets one writer of this process at a time go for a chain's next number. It is only for speed: those of other
// processes go for it too.
type turns struct {
	mu   sync.Mutex
	open map[string]chan struct{}
}

func (t *turns) enter(ctx context.Context, chain string) (leave func(), err error) {
	t.mu.Lock()
	if t.open == nil {
		t.open = map[string]chan struct{}{}
	}
	turn := t.open[chain]
	if turn == nil {
		turn = make(chan struct{}, 1)
		t.open[chain] = turn
	}
	t.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, busy(ctx.Err())
	}
}
