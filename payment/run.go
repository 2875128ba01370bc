package payment

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// lease says which process runs the loop, so that not all of them ask the institutions the same questions. It is only a
// courtesy: two loops at once do no harm.
type lease struct {
	ID      string    `json:"id"`
	Version int64     `json:"-"`
	Holder  string    `json:"holder"`
	Until   time.Time `json:"until"`
}

var leases = store.Kind[lease]{
	Schema:  store.Schema{Name: "leases"},
	ID:      func(l *lease) string { return l.ID },
	Version: func(l *lease) *int64 { return &l.Version },
	Keys:    func(*lease) store.Keys { return nil },
}

const (
	leaseTime  = 15 * time.Second       // a dead holder is replaced after this
	sweepPause = 500 * time.Millisecond // how often the loop looks for due orders
	sweepBatch = 200
	// orders of one company advanced at the same time, and accounts whose statements are read
	sweepers  = 16
	sweepWait = 2 * time.Second // how long the loop waits for what it set to work before it looks for others
)

// Run advances due orders until ctx is done: it closes expired ones, asks about attempts that were not reported, and
// finishes what a crash left. Every process runs it; the lease lets one of them work.
func (s *Service) Run(ctx context.Context) error {
	holder := s.newToken()
	var statements reading
	var forgot time.Time
	defer s.lanes.all.Wait()
	defer statements.all.Wait()
	for ctx.Err() == nil {
		pause := sweepPause
		n, mine, err := s.sweepUnderLease(ctx, holder)
		if mine && s.now().Sub(statements.last) >= statementPause {
			s.readBeside(ctx, &statements)
		}
		if mine {
			s.forgetHourly(ctx, &forgot)
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
	mine, err = s.lead(ctx, holder)
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

// lead takes or renews the lease and reports whether this holder has it.
func (s *Service) lead(ctx context.Context, holder string) (bool, error) {
	now := s.now()
	l, err := s.leases.Get(ctx, "orders")
	switch {
	case fault.Is(err, fault.NotFound):
		err = s.leases.Insert(ctx, &lease{ID: "orders", Holder: holder, Until: now.Add(leaseTime)})
	case err != nil:
		return false, err
	case l.Holder == holder && l.Until.Sub(now) > leaseTime/2:
		return true, nil
	case l.Holder != holder && now.Before(l.Until):
		return false, nil
	default:
		l.Holder, l.Until = holder, now.Add(leaseTime)
		err = s.leases.Replace(ctx, l)
	}
	if fault.Is(err, fault.Stale) || fault.Is(err, fault.AlreadyExists) {
		return false, nil
	}
	return err == nil, err
}
