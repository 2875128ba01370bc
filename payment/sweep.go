package payment

import (
	"context"
	"sync"
	"time"

	"linlipay/store"
)

// lanes are the companies whose due orders are being advanced. Each has its own, so that one whose institutions do not
// answer keeps no other waiting.
type lanes struct {
	mu   sync.Mutex
	open map[string]bool
	all  sync.WaitGroup
}

func (l *lanes) busy(company string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open[company]
}

// enter takes a company's lane, unless it is taken.
func (l *lanes) enter(company string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[company] {
		return false
	}
	if l.open == nil {
		l.open = map[string]bool{}
	}
	l.open[company] = true
	return true
}

func (l *lanes) leave(company string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, company)
}

// Sweep advances orders that are due now, at most one batch, and returns how many there were. An order that fails is
// put off, so that it cannot keep others waiting. It is for tests and for whoever drives the loop by hand: Run does not
// wait for what it has set to work.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	n, done, err := s.sweep(ctx)
	<-done
	return n, err
}

// sweep sets to work on orders that are due now: each company's in its own lane. done is closed when all of them were
// worked.
func (s *Service) sweep(ctx context.Context) (n int, done <-chan struct{}, err error) {
	ended := make(chan struct{})
	due, err := s.due(ctx)
	if err != nil || len(due) == 0 {
		close(ended)
		return 0, ended, err
	}
	if s.cfg.OneByOne {
		defer close(ended)
		for _, o := range due {
			s.advanceOrPutOff(ctx, o.id)
		}
		return len(due), ended, nil
	}
	var turn sync.WaitGroup
	for company, ids := range lanesOf(due) {
		if !s.lanes.enter(company) {
			continue
		}
		turn.Add(1)
		s.lanes.all.Go(func() {
			defer turn.Done()
			defer s.lanes.leave(company)
			s.sideBySide(len(ids), func(i int) { s.advanceOrPutOff(ctx, ids[i]) })
		})
	}
	go func() {
		turn.Wait()
		close(ended)
	}()
	return len(due), ended, nil
}

// dueOrder is an order that is due, unread.
type dueOrder struct{ id, company string }

func lanesOf(due []dueOrder) map[string][]string {
	entries := map[string][]string{}
	for _, o := range due {
		entries[o.company] = append(entries[o.company], o.id)
	}
	return entries
}

// due are the orders that are due longest, at most one batch. It passes over those of companies that are still being
// worked and those that could not even be put off, reading no order's body; without such it is one query.
func (s *Service) due(ctx context.Context) ([]dueOrder, error) {
	var orders []dueOrder
	q := store.Query{Index: byDue, To: s.now().UnixMilli() + 1, Limit: sweepBatch, Bare: true}
	for {
		docs, next, err := s.orders.Docs(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, d := range docs {
			o := dueOrder{d.ID, d.Keys["company"][0].(string)}
			if len(orders) < sweepBatch && !s.lanes.busy(o.company) && !s.aside.holds(o.id, s.now()) {
				orders = append(orders, o)
			}
		}
		if len(orders) >= sweepBatch || next == "" {
			return orders, nil
		}
		q.Cursor, q.Limit = next, store.MaxLimit
	}
}

// putOff is the first pause of an order that could not be advanced.
const putOff = 15 * time.Second

// advanceOrPutOff advances an order. One that fails, or stays due, is put off for a growing time; if even that cannot
// be written, in this process alone.
func (s *Service) advanceOrPutOff(ctx context.Context, id string) {
	stays := func(o *Order) bool { return !o.DueAt.IsZero() && !o.DueAt.After(s.now()) }
	still := true
	err := s.sound(func() error {
		o, err := s.Advance(ctx, id)
		still = err != nil || stays(o)
		return err
	})
	if err == nil && !still {
		s.aside.forget(id)
		return
	}
	if err != nil {
		s.cfg.Log.Error("an order could not be advanced and is put off", "order", id, "err", err)
	}
	until := s.aside.put(id, putOff, s.now())
	err = s.sound(func() error {
		_, err := s.update(ctx, id, func(o *Order) error {
			if !stays(o) {
				return store.ErrUnchanged
			}
			o.DueAt = until
			return nil
		})
		return err
	})
	if err != nil {
		s.cfg.Log.Error("an order could not be put off and is put aside", "order", id, "until", until, "err", err)
		return
	}
	s.aside.release(id)
}
