package terminal

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"linlipay/store"
	"linlipay/webhook"
)

// What others hear of a terminal by webhook: that it fell silent, and that it is heard of again. Each is written into
// the terminal's outbox by the write that decides it.

const (
	byHeard     = "by_heard"
	watchPause  = 10 * time.Second // how often Run looks for terminals that fell silent
	watchLease  = 30 * time.Second // after how long another process looks in place of one that is gone
	longestRest = time.Minute      // the most that it waits after failures
)

// heard notes when a terminal was last heard of; one that was silent is back.
func (t *Terminal) heard(at time.Time) {
	t.LastSeenAt = at
	if !t.SilentSince.IsZero() {
		t.SilentSince = time.Time{}
		t.owe(webhook.TerminalOnline, at)
	}
}

func (t *Terminal) owe(what webhook.EventType, at time.Time) {
	t.OwesEvents.Owe(webhook.Event{
		Type: what, At: at, Company: t.Company, Community: t.Community, Object: "terminal:" + t.ID,
	})
}

// Run looks for terminals that fell silent until ctx is done, in one of the processes, and tells of what failed and is
// tried again. It begins only after Silence: what was not heard while no server ran says nothing of a terminal.
func (s *Service) Run(ctx context.Context, failed func(error)) {
	began, holder := s.now(), rand.Text()
	store.Repeat(ctx, watchPause, longestRest, func(ctx context.Context) error {
		if s.now().Sub(began) < Silence {
			return nil
		}
		mine, err := s.watching.Hold(ctx, holder)
		if err == nil && mine {
			_, err = s.Silent(ctx)
		}
		return err
	}, failed)
}

// Silent notes of every terminal that was not heard of for Silence that it is silent, and returns how many those are. A
// terminal that cannot be written keeps no other waiting; the errors come joined.
func (s *Service) Silent(ctx context.Context) (n int, err error) {
	since := s.now().UTC().Add(-Silence)
	var silent []Terminal // read whole before anything moves
	q := store.Query{Index: byHeard, From: int64(0), To: since.UnixMilli(), Limit: store.MaxLimit}
	err = s.terminals.All(ctx, q, func(t Terminal) error {
		if s.LastSeen(&t).Before(since) {
			silent = append(silent, t)
		}
		return nil
	})
	for _, t := range silent {
		fell := false
		_, failed := s.terminals.Update(ctx, t.ID, func(t *Terminal) error {
			fell = false
			if !t.UnpairedAt.IsZero() || !t.SilentSince.IsZero() || !t.LastSeenAt.Before(since) {
				return store.ErrUnchanged
			}
			t.SilentSince = t.LastSeenAt
			t.owe(webhook.TerminalOffline, s.now())
			fell = true
			return nil
		})
		if fell && failed == nil {
			n++
		}
		err = errors.Join(err, failed)
	}
	return n, err
}

// Events is the outbox of the terminals; data shows a terminal as an event tells of it.
func (s *Service) Events(data webhook.Data[Terminal]) webhook.Outbox {
	return webhook.From(s.terminals, func(t *Terminal) *webhook.Owed { return &t.OwesEvents }, data)
}
