package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"linlipay/fault"
)

// Outbox is a collection whose documents owe something to others: what each owes is written with the change that
// decided it, carried out as often as needed under ids that make it count once, and struck off. Whoever changes a
// document may settle it at once; a sweeper finishes what a crash left.
type Outbox[T any] struct {
	Docs Collection[T]
	// Index is over a field that a document has only as long as it owes something.
	Index string
	// Settle carries out what v owes, strikes it off, and returns how much that was. It may be called for the same
	// document any number of times, also by two processes at once.
	Settle func(ctx context.Context, v *T) (int, error)
}

// NewOutbox is an outbox of documents that keep what they owe in a list, each entry with an id of its own: do carries
// one out for the document that owes it.
func NewOutbox[T, E any](docs Collection[T], index string, owed func(*T) *[]E, id func(E) string,
	do func(context.Context, *T, E) error) Outbox[T] {
	settle := func(ctx context.Context, v *T) (int, error) {
		due := slices.Clone(*owed(v))
		for _, e := range due {
			if err := do(ctx, v, e); err != nil {
				return 0, err
			}
		}
		return len(due), docs.strike(ctx, docs.kind.ID(v), func(v *T) bool {
			left := slices.DeleteFunc(*owed(v), func(e E) bool {
				return slices.ContainsFunc(due, func(done E) bool { return id(done) == id(e) })
			})
			struck := len(left) < len(*owed(v))
			*owed(v) = left
			return struck
		})
	}
	return Outbox[T]{docs, index, settle}
}

// strike takes off a document what was carried out, if off finds it there still. One that was deleted owes nothing.
func (c Collection[T]) strike(ctx context.Context, id string, off func(*T) bool) error {
	_, err := c.Update(ctx, id, func(v *T) error {
		if !off(v) {
			return ErrUnchanged
		}
		return nil
	})
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// Sweep settles every document that owes something, and returns how much they owed. One that fails, or cannot be read,
// keeps no other waiting; a store that does not answer ends it. Any number of processes may sweep at once.
func (o Outbox[T]) Sweep(ctx context.Context) (n int, err error) {
	q := Query{Index: o.Index, Limit: sweepPage}
	for {
		docs, next, unfound := o.Docs.Docs(ctx, q)
		if unfound != nil {
			return n, errors.Join(err, unfound)
		}
		for _, d := range docs {
			settled, failed := o.settle(ctx, d)
			n += settled
			if failed != nil {
				err = errors.Join(err, fmt.Errorf("%s %s: %w", o.Docs.Name(), d.ID, failed))
			}
			if fault.Is(failed, fault.Unavailable) || ctx.Err() != nil {
				return n, err
			}
		}
		if q.Cursor = next; next == "" {
			return n, err
		}
	}
}

// sweepPage is how many documents a sweep reads at a time.
const sweepPage = 200

func (o Outbox[T]) settle(ctx context.Context, d Doc) (int, error) {
	v, err := o.Docs.Read(d)
	if err != nil {
		return 0, err
	}
	return o.Settle(ctx, v)
}

// Repeat calls step until ctx is done, with a pause in between that doubles, up to longest, for as long as step fails;
// failed hears of each failure but those of the end.
func Repeat(ctx context.Context, pause, longest time.Duration, step func(context.Context) error, failed func(error)) {
	for wait := pause; ctx.Err() == nil; {
		if err := step(ctx); err != nil && ctx.Err() == nil {
			failed(err)
			wait = min(2*wait, longest)
		} else {
			wait = pause
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}
