package payment

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

const (
	leaseTime  = 15 * time.Second       // a dead holder is replaced after this
	sweepPause = 500 * time.Millisecond // how often the loop looks for due orders
	sweepBatch = 200
	// orders of one company advanced at the same time, and accounts whose statements are read
	sweepers  = 16
	sweepWait = 2 * time.Second // how long the loop waits for what it set to work before it looks for others
)

// Run advances due orders until ctx is done: it closes expired ones, asks about attempts that were not reported, and
// finishes what a crash left. Every process runs it; the lease lets one of them work. It always returns nil: what fails
// is logged, and the loop goes on.
func (s *Service) Run(ctx context.Context) error {
	holder := s.newToken()
	var statements reading
	defer s.lanes.all.Wait()
	defer statements.all.Wait()
	for ctx.Err() == nil {
		pause := sweepPause
		n, mine, err := s.sweepUnderLease(ctx, holder)
		if mine && s.now().Sub(statements.last) >= statementPause {
			s.readBeside(ctx, &statements)
		}
		if err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("the order loop failed and goes on", "err", err)
			pause = 4 * sweepPause
		} else if n >= sweepBatch {
			pause = 0
		}
		if err := s.cfg.Wait(ctx, pause); err != nil {
			break
		}
	}
	return nil
}

// reading is the reading of statements beside the order loop.
type reading struct {
	last time.Time // when it began
	busy atomic.Bool
	all  sync.WaitGroup
}

// readBeside reads statements beside the loop, which must not wait for the institutions; in a simulation within it.
func (s *Service) readBeside(ctx context.Context, r *reading) {
	r.last = s.now()
	read := func() {
		if err := s.sound(func() error { return s.ReadStatements(ctx) }); err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("statements could not be read and are asked for again", "err", err)
		}
	}
	if s.cfg.OneByOne {
		read()
		return
	}
	if r.busy.CompareAndSwap(false, true) {
		r.all.Go(func() {
			defer r.busy.Store(false)
			read()
		})
	}
}

// sweepUnderLease does what is due if this holder has the lease, and reports how much that was and whether it has.
func (s *Service) sweepUnderLease(ctx context.Context, holder string) (n int, mine bool, err error) {
	mine, err = s.lease.Hold(ctx, holder)
	if err != nil || !mine {
		return 0, false, err
	}
	n, done, err := s.sweep(ctx)
	select {
	case <-done:
	case <-time.After(sweepWait):
	}
	recorded, recordErr := s.Post(ctx)
	return max(n, recorded), true, errors.Join(err, recordErr)
}
