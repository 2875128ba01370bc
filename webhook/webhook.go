// Package webhook tells a company's own systems (ERP, 财务软件, a mini-program) what happened: an order was paid, a refund
// went through, a terminal fell silent. Requests are signed and numbered as Standard Webhooks 1.0 says.
//
//   - Whoever decides something writes an event into the outbox of the document that decides it (Owed); Run publishes
//     it from there. An event has a deterministic id, so that however often it is published it exists once, and each
//     endpoint that wants it gets one Delivery.
//   - Run sends what is due, each endpoint in a lane of its own: one that is slow keeps no other waiting. A delivery is
//     claimed by compare-and-set before it is sent; when the process dies in between, the claim lapses and it is sent
//     again. So an event may come twice, under the same webhook-id, and never not at all.
//   - The order of arrival is not promised. Event.Sequence counts the events of one object, so that a receiver knows
//     which of two is newer, and what it has not seen.
//   - What fails is tried again with growing pauses over three days (Pauses). An endpoint that took nothing for that
//     long is switched off, and a person is told; whoever switches it on again can have sent what it missed.
//
// An event holds ids, states and amounts in fen. It never holds a name or a telephone number: who may see those asks
// the API for them.
package webhook

import (
	"context"
	cryptorand "crypto/rand"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"linlipay/audit"
	"linlipay/host"
	"linlipay/seal"
	"linlipay/store"
)

// Config is what the service is made of.
type Config struct {
	Store store.Store // on which Ensure was called with Schemas
	Box   seal.Box    // seals the secrets
	Now   func() time.Time
	Log   *slog.Logger
	// hosts of private networks that whoever runs the machine lets endpoints stand on, each as it stands in a URL, with
	// its port where it has one
	PrivateHosts []string
	Loopback     bool // endpoints may stand on this machine: the demo and tests

	Simulated *Simulated // for the simulator; nil is the world as it is
}

// Simulated is a world in which one thing happens after the other, and nothing by chance.
type Simulated struct {
	Do     func(*http.Request) (*http.Response, error) // in place of HTTP
	Jitter func(most time.Duration) time.Duration      // how much longer than planned a pause is
}

// sender sends a request, as an http.Client does.
type sender interface {
	Do(*http.Request) (*http.Response, error)
}

type senderFunc func(*http.Request) (*http.Response, error)

// Do calls f.
func (f senderFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// Service keeps endpoints, events and deliveries, and sends. Any number of processes may run it on one store.
type Service struct {
	cfg        Config
	endpoints  store.Collection[Endpoint]
	events     store.Collection[Event]
	deliveries store.Collection[Delivery]
	senders    map[host.Reach]sender
	outboxes   []Outbox
	publishing store.Lease
	lanes      lanes
}

// NewService makes the service.
func NewService(cfg Config) *Service {
	s := &Service{
		cfg: cfg, endpoints: endpoints.In(cfg.Store), events: events.In(cfg.Store),
		deliveries: deliveries.In(cfg.Store), senders: map[host.Reach]sender{},
	}
	s.publishing = store.NewLease(cfg.Store, "webhooks", publishLease, s.now)
	for _, reach := range []host.Reach{host.OnlyPublic, host.PublicOrLoopback, host.Anywhere} {
		if cfg.Simulated != nil {
			s.senders[reach] = senderFunc(cfg.Simulated.Do)
			continue
		}
		transport := host.NewTransport(reach)
		transport.ResponseHeaderTimeout = answerTime
		s.senders[reach] = &http.Client{
			Transport: transport, Timeout: answerTime,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return s
}

// Schemas are the collections of this package.
func Schemas() []store.Schema {
	return []store.Schema{endpoints.Schema, events.Schema, deliveries.Schema, store.LeaseSchema()}
}

// Outboxes are the collections whose documents owe events to the audit log.
func (s *Service) Outboxes() []audit.Outbox {
	return []audit.Outbox{audit.From(s.endpoints, func(e *Endpoint) *audit.Owed { return &e.OwesAudit })}
}

// Forget deletes events and deliveries that are older than they are kept, some thousands at a time, and returns how
// many documents that were.
func (s *Service) Forget(ctx context.Context) (n int, err error) {
	old := store.Query{Index: byAge, From: int64(0), To: s.now().Add(-keptFor).UnixMilli()}
	deliveries, err := s.deliveries.DeleteSelected(ctx, old, store.ForgetMost)
	events, failed := s.events.DeleteSelected(ctx, old, store.ForgetMost)
	return deliveries + events, errors.Join(err, failed)
}

// jitter is how much longer than planned a pause is, so that what failed together does not come back together.
func (s *Service) jitter(pause time.Duration) time.Duration {
	if s.cfg.Simulated != nil {
		return s.cfg.Simulated.Jitter(pause / 10)
	}
	return rand.N(pause/10 + 1)
}

func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Millisecond) }

// newID is a fresh id with what it is of before it, such as "we_" for an endpoint.
func newID(prefix string) string { return prefix + strings.ToLower(cryptorand.Text()) }

// lanes are the endpoints that something is being sent to by this process.
type lanes struct {
	mu   sync.Mutex
	open map[string]bool
}

// enter takes an endpoint's lane, unless it is taken.
func (l *lanes) enter(endpoint string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[endpoint] {
		return false
	}
	if l.open == nil {
		l.open = map[string]bool{}
	}
	l.open[endpoint] = true
	return true
}

func (l *lanes) leave(endpoint string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, endpoint)
}
