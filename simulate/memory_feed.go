package simulate

import (
	"context"
	"strconv"

	"linlipay/fault"
	"linlipay/store"
)

// tell adds a change to the feed.
func (m *memory) tell(c *collection, id string, version int64) {
	if !c.schema.Feed || m.waiter == nil {
		return
	}
	token := store.Token(strconv.Itoa(len(m.feed) + 1))
	m.feed = append(m.feed, store.Change{Token: token, Collection: c.schema.Name, ID: id, Version: version})
	close(m.waiter)
	m.waiter = make(chan struct{})
}

// Now is where the feed stands, which is kept from then on: see store.Starter.
func (m *memory) Now(context.Context) (store.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waiter == nil {
		m.waiter = make(chan struct{})
	}
	return store.Token(strconv.Itoa(len(m.feed))), nil
}

// Watch replays and follows the changes, of which it keeps those since the first Watch. A token before that is Expired.
func (m *memory) Watch(ctx context.Context, after store.Token, each func(store.Change) error) error {
	m.mu.Lock()
	if m.waiter == nil {
		m.waiter = make(chan struct{})
	}
	at := len(m.feed)
	m.mu.Unlock()
	if after != "" {
		n, err := strconv.Atoi(string(after))
		if err != nil || n < 0 || n > at {
			return fault.New(fault.Expired, "续传位置已失效。", "The token does not reach back.")
		}
		at = n
	}
	for ctx.Err() == nil {
		m.mu.Lock()
		changes, more := m.feed[at:len(m.feed):len(m.feed)], m.waiter
		m.mu.Unlock()
		for _, c := range changes {
			if err := each(c); err != nil {
				return err
			}
		}
		at += len(changes)
		if len(changes) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
		case <-more:
		}
	}
	return nil
}
