package access

import (
	"container/list"
	"fmt"
	"slices"
	"sync"
	"time"

	"linlipay/fault"
)

// The back-off of an account: after some wrong passwords in a row each further try waits twice as long as the one
// before. It is there beside the limit per address, which whoever has many addresses does not meet. So that nobody
// locks a person out by guessing, addresses from which the account has logged in count for themselves.
const (
	freeFailures  = 5
	longestWait   = 5 * time.Minute
	failuresLife  = 24 * time.Hour
	knownMost     = 8      // addresses of one account
	backoffsMost  = 20_000 // accounts and their known addresses, in this process; those used last are kept
	firstExponent = 1      // 2 s
)

// tries are the wrong passwords in a row for an account, or for an account from an address that it knows.
type tries struct {
	key      string
	failures int
	next     time.Time // no try is taken before
	last     time.Time
	known    []string // an account's: where it logged in from, the latest last
}

// backoff counts the tries of each account, in this process.
type backoff struct {
	now   func() time.Time
	mu    sync.Mutex
	byKey map[string]*list.Element
	used  *list.List // of *tries, the one used last in front
}

func newBackoff(now func() time.Time) *backoff {
	return &backoff{now: now, byKey: map[string]*list.Element{}, used: list.New()}
}

// begin counts a try as wrong until succeeded says otherwise, so that tries at the same time count too. It returns the
// fault of one that comes too soon.
func (b *backoff) begin(account, from string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, now := b.tries(account, from), b.now()
	if now.Sub(t.last) > failuresLife {
		t.failures = 0
	}
	if wait := t.next.Sub(now); t.failures >= freeFailures && wait > 0 {
		return tooSoon(wait)
	}
	t.failures, t.last = t.failures+1, now
	if over := t.failures - freeFailures; over >= 0 {
		t.next = now.Add(min(longestWait, time.Second<<min(over+firstExponent, 16)))
	}
	return nil
}

// succeeded forgets the tries and remembers the address.
func (b *backoff) succeeded(account, from string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tries(account, from).failures = 0
	a := b.of(account)
	a.known = append(slices.DeleteFunc(a.known, func(k string) bool { return k == from }), from)
	a.known = a.known[max(0, len(a.known)-knownMost):]
}

// tries are those that a try from an address counts among.
func (b *backoff) tries(account, from string) *tries {
	a := b.of(account)
	if !slices.Contains(a.known, from) {
		return a
	}
	return b.of(account + " " + from)
}

func (b *backoff) of(key string) *tries {
	if e := b.byKey[key]; e != nil {
		b.used.MoveToFront(e)
		return e.Value.(*tries)
	}
	if len(b.byKey) >= backoffsMost {
		delete(b.byKey, b.used.Remove(b.used.Back()).(*tries).key)
	}
	t := &tries{key: key}
	b.byKey[key] = b.used.PushFront(t)
	return t
}

func tooSoon(wait time.Duration) error {
	seconds := int64((wait + time.Second - 1) / time.Second)
	return fault.New(fault.TooMany, fmt.Sprintf("该账号密码错误次数过多，请 %d 秒后再试。", seconds),
		fmt.Sprintf("Too many wrong passwords for this login; please wait %d s.", seconds)).With("retry_after", seconds)
}
