package audit

import (
	"context"
	"errors"
	"sync"
	"time"

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
	owed := func(v *T) *[]Event { return (*[]Event)(o.owed(v)) }
	chain := func(ctx context.Context, _ *T, e Event) error { return s.append(ctx, e) }
	return store.NewOutbox(o.docs, OwesIndex, owed, func(e Event) string { return e.ID }, chain).Sweep(ctx)
}

// Attach names the collections whose documents owe events; it must be called before Run.
func (s *Service) Attach(outboxes ...Outbox) { s.outboxes = append(s.outboxes, outboxes...) }

// Settle chains what all documents owe, and returns how many events that was. It may run in any number of processes. A
// document whose events cannot be chained keeps no other waiting; the errors come joined.
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

// Run chains what documents owe, writes what was counted and verifies the chains, until ctx is done.
func (s *Service) Run(ctx context.Context) {
	var checking sync.WaitGroup
	checking.Go(func() {
		store.Repeat(ctx, checkPause, wholePause, s.CheckAll, func(err error) {
			s.log.Error("a chain could not be verified", "err", err)
		})
	})
	defer checking.Wait()
	store.Repeat(ctx, settlePause, longestRest, func(ctx context.Context) error {
		_, err := s.Settle(ctx)
		return errors.Join(err, s.writeCounts(ctx, false))
	}, func(err error) {
		s.log.Error("events of the audit log could not be chained and are owed still", "err", err)
	})
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	if err := s.writeCounts(last, true); err != nil {
		s.log.Error("what was refused last could not be written into the audit log", "err", err)
	}
}
