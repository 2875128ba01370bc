package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/host"
	"linlipay/store"
)

const (
	answerTime   = 15 * time.Second // within which an endpoint must have answered
	claimTime    = time.Minute      // how long a delivery is one process's to send: longer than answerTime
	sendPause    = time.Second      // how often Run looks for what is owed and what is due
	publishLease = 15 * time.Second // after how long another process publishes in place of one that is gone
	longRest     = time.Minute      // the most that it waits after failures
	laneBatch    = 100              // how many deliveries a lane takes before it looks for others
	laneWidth    = 4                // requests at a time to one endpoint
	failingFor   = 72 * time.Hour   // how long an endpoint may take nothing before it is switched off
)

// Run publishes what documents owe, in one of the processes, and sends what is due until ctx is done.
func (s *Service) Run(ctx context.Context) {
	var lanes sync.WaitGroup
	defer lanes.Wait()
	holder := newID("")
	lanes.Go(func() {
		store.Repeat(ctx, sendPause, longRest, func(ctx context.Context) error {
			if mine, err := s.publishing.Hold(ctx, holder); err != nil || !mine {
				return err
			}
			_, err := s.Settle(ctx)
			return err
		}, func(err error) { s.cfg.Log.Error("events could not be published and are owed still", "err", err) })
	})
	store.Repeat(ctx, sendPause, longRest, func(ctx context.Context) error { return s.send(ctx, &lanes) },
		func(err error) { s.cfg.Log.Error("webhooks could not be sent and are owed still", "err", err) })
}

// Send sends what is due now, once, and waits for it: for tests, and whoever drives the loop by hand.
func (s *Service) Send(ctx context.Context) error {
	var lanes sync.WaitGroup
	err := s.send(ctx, &lanes)
	lanes.Wait()
	return err
}

// send sets to work on each endpoint that something is due to, in its own lane.
func (s *Service) send(ctx context.Context, all *sync.WaitGroup) error {
	working := map[string]bool{}
	q := store.Query{Index: byDue, To: s.now().UnixMilli() + 1, Limit: store.MaxLimit}
	return s.deliveries.All(ctx, q, func(d Delivery) error {
		if working[d.Endpoint] {
			return nil
		}
		at, err := s.Endpoint(ctx, d.Company, d.Endpoint)
		if working[d.Endpoint] = err == nil && at.State == Enabled; working[d.Endpoint] {
			s.enter(ctx, at, all)
			return nil
		}
		if err := s.hold(ctx, &d, err); err != nil { // it keeps no other waiting
			s.cfg.Log.Error("a webhook could not be put off and is owed still", "delivery", d.ID, "err", err)
		}
		return nil
	})
}

// enter sets to work on an endpoint, unless this process works on it still.
func (s *Service) enter(ctx context.Context, at *Endpoint, all *sync.WaitGroup) {
	if !s.lanes.enter(at.ID) {
		return
	}
	s.begin(all, func() {
		defer s.lanes.leave(at.ID)
		s.lane(ctx, at)
	})
}

// begin does something beside what is done already; in a simulation at once.
func (s *Service) begin(all *sync.WaitGroup, do func()) {
	if s.cfg.Simulated != nil {
		do()
		return
	}
	all.Go(do)
}

// heldFor is how long a delivery waits whose endpoint is not sent to; switching it on ends that.
const heldFor = 24 * time.Hour

// hold puts off a delivery whose endpoint is off, or ends one whose endpoint is gone.
func (s *Service) hold(ctx context.Context, d *Delivery, why error) error {
	if why != nil && !fault.Is(why, fault.NotFound) {
		return why
	}
	_, err := s.deliveries.Update(ctx, d.ID, func(d *Delivery) error {
		d.Due = s.now().Add(heldFor)
		if why != nil {
			d.State = GivenUp
		}
		return nil
	})
	return err
}

// wake makes what is owed to an endpoint due now.
func (s *Service) wake(ctx context.Context, endpoint string) error {
	_, err := s.hurry(ctx, store.Query{Index: byPlace, Equal: []any{endpoint}, From: s.now().UnixMilli() + 1})
	return err
}

// hurry makes those deliveries of a query due now that were not taken and are not due yet, with all their tries before
// them, and returns how many these were.
func (s *Service) hurry(ctx context.Context, q store.Query) (n int, err error) {
	now := s.now()
	later := func(d *Delivery) bool { return d.State == GivenUp || d.State == Pending && d.Due.After(now) }
	var found []string // read whole before anything moves
	q.Limit = store.MaxLimit
	err = s.deliveries.All(ctx, q, func(d Delivery) error {
		if later(&d) {
			found = append(found, d.ID)
		}
		return nil
	})
	for _, id := range found {
		moved := false
		_, failed := s.deliveries.Update(ctx, id, func(d *Delivery) error {
			if moved = later(d); !moved {
				return store.ErrUnchanged // it was sent meanwhile
			}
			d.State, d.Due, d.Failed = Pending, now, 0
			return nil
		})
		if err = errors.Join(err, failed); failed == nil && moved {
			n++
		}
	}
	return n, err
}

// lane sends what is due to one endpoint, some at a time.
func (s *Service) lane(ctx context.Context, at *Endpoint) {
	q := store.Query{Index: byPlace, Equal: []any{at.ID}, To: s.now().UnixMilli() + 1, Limit: laneBatch}
	due, _, err := s.deliveries.Find(ctx, q)
	if err != nil {
		s.cfg.Log.Error("what is due to an endpoint could not be read", "endpoint", at.ID, "err", err)
		return
	}
	places := make(chan struct{}, laneWidth)
	var all sync.WaitGroup
	for i := range due {
		places <- struct{}{}
		s.begin(&all, func() {
			defer func() { <-places }()
			if err := s.deliver(ctx, at, &due[i]); err != nil && ctx.Err() == nil {
				s.cfg.Log.Error("a webhook could not be sent and is owed still", "delivery", due[i].ID, "err", err)
			}
		})
	}
	all.Wait()
}

// deliver claims a delivery, sends it, and records what became of it.
func (s *Service) deliver(ctx context.Context, at *Endpoint, d *Delivery) error {
	claimed := *d
	claimed.Due = s.now().Add(claimTime)
	if err := s.deliveries.Replace(ctx, &claimed); fault.Is(err, fault.Stale) {
		return nil // another process was faster
	} else if err != nil {
		return err
	}
	e, err := s.events.Get(ctx, d.Event)
	if fault.Is(err, fault.NotFound) { // it happened so long ago that it was deleted
		_, err = s.deliveries.Update(ctx, d.ID, func(d *Delivery) error { d.State = GivenUp; return nil })
		return err
	} else if err != nil {
		return err
	}
	t, retryAfter, ours := s.post(ctx, at, e)
	if ours != nil && ctx.Err() != nil {
		return ours // it ended with the process, and says nothing of the endpoint
	}
	// what was sent is recorded even when the process is asked to end meanwhile
	ctx = context.WithoutCancel(ctx)
	if ours != nil {
		t.Problem = NotSent
	}
	_, err = s.deliveries.Update(ctx, d.ID, func(d *Delivery) error {
		d.over(t, s.now(), retryAfter, s.jitter)
		return nil
	})
	if ours == nil {
		ours = s.judge(ctx, at.ID, t)
	}
	return errors.Join(ours, err)
}

// post sends one message. An error is ours; whatever the endpoint did wrong stands in the try.
func (s *Service) post(ctx context.Context, at *Endpoint, e *Event) (t Try, retryAfter time.Duration, err error) {
	t.At = s.now()
	reach, err := s.reach(at.URL)
	if err != nil { // the configuration lets it in no more
		t.Problem = OutOfReach
		return t, 0, nil
	}
	keys, err := s.keys(at, t.At)
	if err != nil {
		return t, 0, err
	}
	body, err := json.Marshal(e)
	if err != nil {
		return t, 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, at.URL, bytes.NewReader(body))
	if err != nil {
		return t, 0, err
	}
	req.Header = headers(keys, e.ID, t.At, body)
	began := time.Now()
	answer, err := s.senders[reach].Do(req)
	if ctx.Err() != nil && err != nil {
		return t, 0, ctx.Err()
	}
	t.Took = time.Since(began).Milliseconds()
	if err != nil {
		t.Problem = problemOf(err)
		return t, 0, nil
	}
	io.CopyN(io.Discard, answer.Body, answerMost) // so that the connection can be used again
	answer.Body.Close()
	t.Status = answer.StatusCode
	if t.Status < 200 || t.Status > 299 {
		t.Problem = BadStatus
	}
	return t, retryAfterOf(answer.Header), nil
}

// answerMost is how much of an answer is read, in bytes.
const answerMost = 4 << 10

func problemOf(err error) Problem {
	var timeout net.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, host.ErrReach):
		return OutOfReach
	case errors.As(err, &certificate):
		return Untrusted
	case errors.As(err, &timeout) && timeout.Timeout():
		return TimedOut
	}
	return Unreachable
}

// retryAfterOf is the pause that an endpoint asks for, in seconds (RFC 9110, 10.2.3); a date is not read.
func retryAfterOf(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n), retryAfterMost/time.Second) * time.Second
}

// judge keeps of an endpoint since when it takes nothing, and switches it off when that is too long, or when it says
// that it is gone (410).
func (s *Service) judge(ctx context.Context, id string, t Try) error {
	_, err := s.endpoints.Update(ctx, id, func(e *Endpoint) error {
		switch {
		case e.State != Enabled, (t.Problem == "") == e.FailingSince.IsZero() && !e.spent(t):
			return store.ErrUnchanged
		case t.Problem == "":
			e.FailingSince = time.Time{}
			return nil
		case e.FailingSince.IsZero():
			e.FailingSince = t.At
		}
		if e.spent(t) {
			before := e.audited()
			e.State = Failing
			e.owe(ctx, s.now(), audit.EndpointFailed, before)
		}
		return nil
	})
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// spent reports whether an endpoint failed for too long.
func (e *Endpoint) spent(t Try) bool {
	return t.Problem != "" &&
		(t.Status == http.StatusGone || !e.FailingSince.IsZero() && t.At.Sub(e.FailingSince) >= failingFor)
}
