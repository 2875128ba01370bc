package payment

import (
	"context"
	"math/bits"
	"net/http"
	"sync"
	"time"

	"linlipay/payment/gateway"
)

// Messages that do not verify may be anybody's, and as many as anybody likes. They are counted, and a few of each hour
// and account are kept as samples, for whoever looks for a wrong key.
const (
	samplesHourly = 5
	sampleBody    = 16 << 10 // bytes of a sample's body that are kept
	headerMost    = 2 << 10  // bytes of each header that are kept
)

// samples counts, in this process, what did not verify.
type samples struct {
	mu sync.Mutex
	by map[string]*sampled // by merchant account
}

// sampled is an account's hour.
type sampled struct {
	from time.Time
	kept int
	more int    // not kept
	last string // the sample that was kept last
}

// admit counts a message that did not verify and reports whether it is to be kept as a sample.
func (s *samples) admit(account, id string, now time.Time) (keep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	this := s.by[account]
	if this == nil || now.Sub(this.from) >= time.Hour {
		this = &sampled{from: now}
		if s.by == nil {
			s.by = map[string]*sampled{}
		}
		s.by[account] = this
	}
	if this.kept < samplesHourly {
		this.kept, this.last = this.kept+1, id
		return true
	}
	this.more++
	return false
}

// tally returns an account's latest sample and how many came after it that were not kept.
func (s *samples) tally(account string) (id string, more int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	this := s.by[account]
	return this.last, this.more
}

// rejectUnauthentic takes a message that does not verify: it is answered so that the institution, if it is its own,
// sends it again. What is not kept is counted with the latest sample whenever the count has doubled, so that any number
// costs few writes.
func (s *Service) rejectUnauthentic(ctx context.Context, g gateway.Gateway, account gateway.Account,
	m gateway.RawNotification,
	b outcome, why error) gateway.Acknowledgement {
	if s.samples.admit(account.ID, notificationID(g.Institution(), account.ID, m), s.now()) {
		s.sample(ctx, g, account, m, b, why)
		return g.Acknowledge(why)
	}
	id, more := s.samples.tally(account.ID)
	if bits.OnesCount(uint(more)) != 1 {
		return g.Acknowledge(why)
	}
	s.cfg.Log.Warn("notifications that do not verify are no longer kept this hour", "institution", account.Institution,
		"account", account.ID, "more", more)
	_, err := s.messages.Update(ctx, id, func(c *Notification) error { c.Unkept = more; return nil })
	if err != nil {
		s.cfg.Log.Error("the count of notifications that do not verify could not be recorded", "callback", id, "err",
			err)
	}
	return g.Acknowledge(why)
}

// sample keeps a message that does not verify.
func (s *Service) sample(ctx context.Context, g gateway.Gateway, account gateway.Account, m gateway.RawNotification,
	b outcome,
	why error) {
	short := gateway.RawNotification{Header: m.Header, Body: m.Body[:min(len(m.Body), sampleBody)]}
	c, err := s.keep(ctx, g.Institution(), account.ID, notificationID(g.Institution(), account.ID, m), short)
	if err != nil {
		s.cfg.Log.Error("a notification that does not verify could not be kept", "account", account.ID, "err", err)
		return
	}
	s.cfg.Log.Warn("a notification was not accepted", "institution", c.Institution, "callback", c.ID, "err", why)
	s.record(ctx, c, b, why)
}

// keptHeaders are the headers worth keeping, as far as they are of a length that institutions use.
func keptHeaders(from http.Header) http.Header {
	kept := http.Header{}
	for _, name := range notificationHeaders {
		if v := from.Get(name); v != "" {
			kept.Set(name, v[:min(len(v), headerMost)])
		}
	}
	return kept
}
