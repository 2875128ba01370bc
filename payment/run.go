package payment

import (
	"context"
	"errors"
	"sync"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// lease says which process runs the loop, so that not all of them ask the institutions the same questions. It is only a courtesy: two
// loops at once do no harm.
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
	sweepers   = 16 // orders advanced at the same time
)

// Run advances due orders until ctx is done: it closes expired ones, asks about attempts that were not reported, and finishes what a crash
// left. Every process runs it; the lease lets one of them work.
func (s *Service) Run(ctx context.Context) error {
	holder := s.newToken()
	var statements time.Time // when they were last looked for
	for ctx.Err() == nil {
		pause := sweepPause
		n, mine, err := s.sweepUnderLease(ctx, holder)
		if mine && s.now().Sub(statements) >= statementPause {
			statements, err = s.now(), errors.Join(err, s.ReadStatements(ctx))
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

// sweepUnderLease does what is due if this holder has the lease, and reports how much that was and whether it has.
func (s *Service) sweepUnderLease(ctx context.Context, holder string) (n int, mine bool, err error) {
	mine, err = s.lead(ctx, holder)
	if err != nil || !mine {
		return 0, false, err
	}
	n, err = s.Sweep(ctx)
	recorded, recordErr := s.Record(ctx)
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

// Sweep advances the orders that are due now, at most one batch, and returns how many there were. An order that fails is put off, so that it
// cannot keep others waiting.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	due, err := s.orders.IDs(ctx, store.Query{Index: byDue, To: s.now().UnixMilli() + 1, Limit: sweepBatch})
	if err != nil {
		return 0, err
	}
	var all sync.WaitGroup
	slots := make(chan struct{}, sweepers)
	for _, id := range due {
		if s.cfg.OneByOne {
			s.advanceOrPutOff(ctx, id)
			continue
		}
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			s.advanceOrPutOff(ctx, id)
		})
	}
	all.Wait()
	return len(due), nil
}

const putOff = 15 * time.Second

func (s *Service) advanceOrPutOff(ctx context.Context, id string) {
	o, err := s.Advance(ctx, id)
	if err == nil && (o.DueAt.IsZero() || o.DueAt.After(s.now())) {
		return
	}
	if err != nil {
		s.cfg.Log.Error("an order could not be advanced and is put off", "order", id, "err", err)
	}
	_, err = s.orders.Update(ctx, id, func(o *Order) error {
		if o.DueAt.IsZero() || o.DueAt.After(s.now()) {
			return store.ErrUnchanged
		}
		o.DueAt = s.now().Add(putOff)
		return nil
	})
	if err != nil {
		s.cfg.Log.Error("an order could not be put off", "order", id, "err", err)
	}
}
