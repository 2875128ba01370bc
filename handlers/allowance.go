package handlers

import (
	used "container/list"
	"sync"
	"time"
)

// pace is how often something may be done: burst times at once, and once more every time that every has passed.
type pace struct {
	burst int
	every time.Duration
}

// perMinute is the pace of so many a minute, all of which may come at once.
func perMinute(n int) pace { return pace{n, time.Minute / time.Duration(n)} }

// allowance is what is left to one key: until is when everything that was taken will have come back.
type allowance struct {
	key   string
	until time.Time
}

// allowances counts what is taken per key, in this process. It keeps the keys that were used last, so that nobody can
// fill the memory with names.
type allowances struct {
	now    func() time.Time
	most   int // keys
	mu     sync.Mutex
	byKey  map[string]*used.Element
	latest *used.List // of *allowance, the one used last in front
}

// mostAllowances bounds the memory to some tens of megabytes.
const mostAllowances = 100_000

func newAllowances(now func() time.Time) *allowances {
	return &allowances{now: now, most: mostAllowances, byKey: map[string]*used.Element{}, latest: used.New()}
}

// take takes one from a key's allowance. It returns how long the key must wait where nothing is left, and then takes
// nothing; 0 is taken.
func (a *allowances) take(key string, p pace) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	this, now := a.of(key), a.now()
	if this.until.Before(now) {
		this.until = now
	}
	if wait := this.until.Add(p.every).Sub(now) - time.Duration(p.burst)*p.every; wait > 0 {
		return wait
	}
	this.until = this.until.Add(p.every)
	return 0
}

// left is how many a key may still take at once, and how long until there is one more than that.
func (a *allowances) left(key string, p pace) (n int, more time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	taken := max(a.of(key).until.Sub(a.now()), 0)
	n = int((time.Duration(p.burst)*p.every - taken) / p.every)
	return n, taken % p.every
}

// of is a key's allowance, as the one used last.
func (a *allowances) of(key string) *allowance {
	if e := a.byKey[key]; e != nil {
		a.latest.MoveToFront(e)
		return e.Value.(*allowance)
	}
	if len(a.byKey) >= a.most {
		oldest := a.latest.Back()
		delete(a.byKey, a.latest.Remove(oldest).(*allowance).key)
	}
	this := &allowance{key: key}
	a.byKey[key] = a.latest.PushFront(this)
	return this
}
