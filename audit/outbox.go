package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// Outbox is a collection whose documents owe events.
type Outbox interface {
	// settle chains what the documents owe, strikes it off, and returns how many events that was. One document that
	// fails keeps no other waiting.
	settle(ctx context.Context, s *Service) (int, error)
}

type outbox[T any] struct {
	docs store.Collection[T]
	owed func(*T) *Owed
}

// From makes an Outbox of a collection whose schema was given to Declare.
func From[T any](docs store.Collection[T], owed func(*T) *Owed) Outbox { return outbox[T]{docs, owed} }

func (o outbox[T]) settle(ctx context.Context, s *Service) (int, error) {
	written, failed := 0, error(nil)
	for q := (store.Query{Index: OwesIndex, Limit: 200}); ; {
		docs, next, err := o.docs.Docs(ctx, q)
		if err != nil {
			return written, errors.Join(failed, err)
		}
		for _, d := range docs {
			n, err := o.settleOne(ctx, s, d)
			written += n
			if err != nil {
				failed = errors.Join(failed, fmt.Errorf("%s %s: %w", o.docs.Name(), d.ID, err))
			}
			if fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
				return written, failed
			}
		}
		if q.Cursor = next; next == "" {
			return written, failed
		}
	}
}

// settleOne chains what one document owes, then strikes it off. A crash in between makes it be chained again, under the
// same ids: once.
func (o outbox[T]) settleOne(ctx context.Context, s *Service, d store.Doc) (int, error) {
	v, err := o.docs.Read(d)
	if err != nil {
		return 0, err
	}
	owed := slices.Clone(*o.owed(v))
	for _, e := range owed {
		if err := s.append(ctx, e); err != nil {
			return 0, err
		}
	}
	_, err = o.docs.Update(ctx, d.ID, func(v *T) error {
		have := o.owed(v)
		before := len(*have)
		*have = slices.DeleteFunc(*have, func(e Event) bool {
			return slices.ContainsFunc(owed, func(done Event) bool { return done.ID == e.ID })
		})
		if len(*have) == before {
			return store.ErrUnchanged
		}
		return nil
	})
	if fault.Is(err, fault.NotFound) { // it was deleted meanwhile; its events stand
		err = nil
	}
	return len(owed), err
}

// Attach names the collections whose documents owe events; it must be called before Run.
func (s *Service) Attach(outboxes ...Outbox) { s.outboxes = append(s.outboxes, outboxes...) }

// Settle chains what all documents owe, and returns how many events that was. It may run in any number of processes.
func (s *Service) Settle(ctx context.Context) (int, error) {
	written, failed := 0, error(nil)
	for _, o := range s.outboxes {
		n, err := o.settle(ctx, s)
		written, failed = written+n, errors.Join(failed, err)
	}
	return written, failed
}

const (
	settlePause = time.Second     // how often the loop looks for what is owed
	longestRest = time.Minute     // the most that it waits after failures
	lastWords   = 3 * time.Second // for what was counted, when the process ends
)

// Run chains what documents owe and writes what was counted, until ctx is done.
func (s *Service) Run(ctx context.Context) {
	pause := settlePause
	for ctx.Err() == nil {
		n, err := s.Settle(ctx)
		if err = errors.Join(err, s.writeCounts(ctx, false)); err != nil && ctx.Err() == nil {
			pause = min(2*pause, longestRest)
			s.log.Error("events of the audit log could not be chained and are owed still", "err", err, "chained", n)
		} else {
			pause = settlePause
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if err := s.writeCounts(last, true); err != nil {
		s.log.Error("what was refused last could not be written into the audit log", "err", err)
	}
}
