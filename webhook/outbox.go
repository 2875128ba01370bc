package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"linlipay/store"
)

// Owed are the events of a document that are not published yet: they are written in the same compare-and-set as the
// change that they tell of, and struck off once they are published (Outbox). A document keeps them in a field with the
// tag `json:"owes_events,omitzero"`, gives its schema to Declare and its keys to Owed.Key.
type Owed struct {
	Sequence int64   `json:"sequence,omitempty"` // events of the document so far
	Events   []Event `json:"events,omitempty"`
}

// Owe adds an event of a document that is about to be written, numbers it, and gives it the id that follows from its
// object and its number, so that however often it is published there is one. Everything else but the data must be
// given.
func (o *Owed) Owe(e Event) {
	o.Sequence++
	e.Sequence, e.At = o.Sequence, e.At.UTC().Truncate(time.Millisecond)
	e.ID = fmt.Sprintf("evt_%s_%d", strings.ReplaceAll(e.Object, ":", "-"), e.Sequence)
	o.Events = append(o.Events[:len(o.Events):len(o.Events)], e)
}

// The field and the index that a collection with an outbox declares.
const (
	owesField = "owes_events"
	owesIndex = "by_owes_events"
)

// Declare adds an outbox to a schema.
func Declare(s store.Schema) store.Schema {
	s.Fields = append(s.Fields[:len(s.Fields):len(s.Fields)], store.Field{Name: owesField, Type: store.Int})
	s.Indexes = append(s.Indexes[:len(s.Indexes):len(s.Indexes)],
		store.Index{Name: owesIndex, Fields: []string{owesField}})
	return s
}

// Key adds to a document's keys that it owes events.
func (o Owed) Key(keys store.Keys) store.Keys {
	if len(o.Events) > 0 {
		keys[owesField] = []any{o.Events[0].At.UnixMilli()}
	}
	return keys
}

// Outbox is a collection whose documents owe events.
type Outbox interface {
	// settle publishes what the documents owe, strikes it off, and returns how many events that was. One document that
	// fails keeps no other waiting.
	settle(ctx context.Context, s *Service) (int, error)
}

// Data is what an event tells of the document that owes it, as the API shows it: what becomes Event.Data.
type Data[T any] func(ctx context.Context, v *T, e Event) (any, error)

type outbox[T any] struct {
	docs store.Collection[T]
	owed func(*T) *Owed
	data Data[T]
}

// From makes an Outbox of a collection whose schema was given to Declare.
func From[T any](docs store.Collection[T], owed func(*T) *Owed, data Data[T]) Outbox {
	return outbox[T]{docs, owed, data}
}

func (o outbox[T]) settle(ctx context.Context, s *Service) (int, error) {
	owed := func(v *T) *[]Event { return &o.owed(v).Events }
	id := func(e Event) string { return e.ID }
	return store.NewOutbox(o.docs, owesIndex, owed, id, func(ctx context.Context, v *T, e Event) error {
		return s.publish(ctx, e, func() (any, error) { return o.data(ctx, v, e) })
	}).Sweep(ctx)
}

// Attach names the collections whose documents owe events; it must be called before Run.
func (s *Service) Attach(outboxes ...Outbox) { s.outboxes = append(s.outboxes, outboxes...) }

// Settle publishes what all documents owe, and returns how many events that was. It may run in any number of processes.
func (s *Service) Settle(ctx context.Context) (int, error) {
	published, failed := 0, error(nil)
	for _, o := range s.outboxes {
		n, err := o.settle(ctx, s)
		published, failed = published+n, errors.Join(failed, err)
	}
	return published, failed
}

// publish is Publish of an event whose data is asked for only where somebody wants it.
func (s *Service) publish(ctx context.Context, e Event, data func() (any, error)) error {
	covering, err := s.covering(ctx, &e)
	if err != nil || len(covering) == 0 {
		return err
	}
	v, err := data()
	if err != nil {
		return err
	}
	if e.Data, err = json.Marshal(v); err != nil {
		return err
	}
	return s.keep(ctx, e, covering)
}
