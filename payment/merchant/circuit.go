package merchant

import (
	"sync"
	"time"

	"linlipay/payment/gateway"
)

// Circuits (熔断): an account whose institution does not answer takes no new attempts for a while, so that they go to the
// one behind it. Attempts that it has are not touched: they are asked about until they end. Each process goes by what
// it has seen itself.

const (
	circuitFailures = 3                // so many questions in a row without a signed answer open the circuit
	circuitOpen     = 30 * time.Second // then one new attempt at a time is let through after this long
)

type circuits struct {
	mu       sync.Mutex
	accounts map[string]*circuit
}

type circuit struct {
	failures int
	retryAt  time.Time // zero is closed
}

// allows reports whether an account may take a new attempt. When its circuit has been open for long enough, the one who
// asks is the trial.
func (c *circuits) allows(account string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.accounts[account]
	if k == nil || k.retryAt.IsZero() {
		return true
	}
	if now.Before(k.retryAt) {
		return false
	}
	k.retryAt = now.Add(circuitOpen)
	return true
}

// open reports whether an account takes no new attempts now.
func (c *circuits) open(account string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.accounts[account]
	return k != nil && now.Before(k.retryAt)
}

// observe counts how an institution answered: a signed word closes the circuit whatever it says; silence, garbage and
// "busy" add up.
func (c *circuits) observe(account string, err error, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil || gateway.Signed(err) && gateway.KindOf(err) != gateway.TryLater {
		delete(c.accounts, account)
		return
	}
	if c.accounts == nil {
		c.accounts = map[string]*circuit{}
	}
	k := c.accounts[account]
	if k == nil {
		k = &circuit{}
		c.accounts[account] = k
	}
	if k.failures++; k.failures >= circuitFailures || gateway.KindOf(err) == gateway.Unreachable {
		k.retryAt = now.Add(circuitOpen)
	}
}
