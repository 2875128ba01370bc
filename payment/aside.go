package payment

import (
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// What is put aside (搁置): companies and orders that the background loop failed at. Each waits for a time of its own,
// which grows with its failures, and nobody waits for it. Each process goes by what it has seen itself.

// asideMost is the longest time that anything is put aside.
const asideMost = 5 * time.Minute

type asides struct {
	mu sync.Mutex
	of map[string]aside
}

type aside struct {
	failures int
	until    time.Time
}

// put puts aside what has just failed: for the first pause, or twice as long as the last time. It returns until when.
func (a *asides) put(what string, first time.Duration, now time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of == nil {
		a.of = map[string]aside{}
	}
	had := a.of[what]
	until := now.Add(min(first<<min(had.failures, 10), asideMost))
	a.of[what] = aside{had.failures + 1, until}
	return until
}

// holds reports whether something is still put aside.
func (a *asides) holds(what string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return now.Before(a.of[what].until)
}

// release lets something go on at once, and remembers how often it failed.
func (a *asides) release(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if had, ok := a.of[what]; ok {
		a.of[what] = aside{failures: had.failures}
	}
}

// forget strikes off what went well.
func (a *asides) forget(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.of, what)
}

// sideBySide works 0 to n-1, so many at a time that a slow one keeps few waiting; in a simulation one after the other.
func (s *Service) sideBySide(n int, work func(i int)) {
	if s.cfg.OneByOne {
		for i := range n {
			work(i)
		}
		return
	}
	var all sync.WaitGroup
	slots := make(chan struct{}, sweepers)
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			work(i)
		})
	}
	all.Wait()
}

// sound makes an error of a panic, so that one order with impossible data does not end the process for everybody. In a
// simulation panics are the scheduler's.
func (s *Service) sound(work func() error) (err error) {
	if !s.cfg.OneByOne {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("payment: panic: %v\n%s", r, debug.Stack())
			}
		}()
	}
	return work()
}
