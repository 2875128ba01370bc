package bench

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"linlipay/payment"
	"linlipay/seal"
	"linlipay/sqlite"
	"linlipay/store"
)

// The cost of sealing is measured in turns, so that whatever else this machine does meets both stores alike.
const (
	sealingTurns   = 4
	sealingTurn    = time.Second
	sealingClients = 64
)

// sealing measures what it costs that personal data is sealed: the same orders, made and read by the service, in a
// sealed store and in a plain one.
func (b *bench) sealing(dir string) func(context.Context) error {
	return func(ctx context.Context) (err error) {
		b.say("a sealed store beside a plain one")
		box, err := seal.New(seal.NewKey())
		if err != nil {
			return err
		}
		var sides [2]*side
		for i, name := range []string{"plain", "sealed"} {
			st, err := sqlite.Open(ctx, filepath.Join(dir, name))
			if err != nil {
				return err
			}
			defer st.Close() // its directory goes with the benchmark's
			var over store.Store = st
			if name == "sealed" {
				over = store.Seal(st, box, time.Now, slog.New(slog.DiscardHandler))
			}
			if err := over.Ensure(ctx, payment.Schemas()...); err != nil {
				return err
			}
			service := payment.NewService(over, payment.Config{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
			sides[i] = &side{name: name, service: service}
		}
		return errors.Join(b.inTurns(ctx, "orders created", sides, (*side).create),
			b.inTurns(ctx, "orders read", sides, (*side).read))
	}
}

// side is a store that is measured beside another.
type side struct {
	name    string
	service *payment.Service
	made    atomic.Int64
	last    atomic.Pointer[string]
}

func (s *side) create(ctx context.Context) error {
	o, _, err := s.service.Create(ctx, syntheticOrder(s.made.Add(1)))
	if err == nil {
		s.last.Store(&o.ID)
	}
	return err
}

func (s *side) read(ctx context.Context) error {
	_, err := s.service.Get(ctx, *s.last.Load())
	return err
}

// inTurns measures one store and the other in turns, and says how much of the plain one's rate the sealed one has.
func (b *bench) inTurns(ctx context.Context, what string, sides [2]*side,
	do func(*side, context.Context) error) error {
	var done [2]int64
	var failed [2]error
	for range sealingTurns {
		for i, s := range sides {
			n, err := busy(func() error { return do(s, ctx) })
			done[i], failed[i] = done[i]+n, errors.Join(failed[i], err)
		}
	}
	for i, s := range sides {
		f := figure{What: what + " in a " + s.name + " store", Rate: rate(int(done[i]), sealingTurns*sealingTurn)}
		if i == 1 {
			f.Value = share(done[1], done[0]) + " of plain"
		}
		b.add(f)
	}
	return errors.Join(failed[:]...)
}

// busy runs do with some clients for a turn and returns how often, or the first error.
func busy(do func() error) (int64, error) {
	var all sync.WaitGroup
	var n atomic.Int64
	var failed atomic.Pointer[error]
	end := time.Now().Add(sealingTurn)
	for range sealingClients {
		all.Go(func() {
			for time.Now().Before(end) && failed.Load() == nil {
				if err := do(); err != nil {
					failed.CompareAndSwap(nil, &err)
					return
				}
				n.Add(1)
			}
		})
	}
	all.Wait()
	return n.Load(), errorIn(&failed)
}
