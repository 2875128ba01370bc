package payment

import (
	"context"
	"errors"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// keepFor is how long a message is kept, by what became of it. What moved money, or may still have to, is kept longer
// than a year, in which institutions let a payment be disputed; a copy of what it said stands in its order.
func keepFor(outcome Outcome) time.Duration {
	const day = 24 * time.Hour
	switch outcome {
	case OutcomeRejected:
		return 30 * day
	case OutcomeNoted:
		return 90 * day
	}
	return 400 * day
}

const (
	forgetPause = time.Hour
	forgetPage  = 200
	forgetMost  = 10_000 // messages at a time, so that nothing else waits long
)

// Forget deletes the messages that are older than they are kept, some thousands at a time, and returns how many.
func (s *Service) Forget(ctx context.Context) (n int, err error) {
	for _, outcome := range Outcomes() {
		q := store.Query{
			Index: "by_age", Equal: []any{string(outcome)}, From: int64(0),
			To: s.now().Add(-keepFor(outcome)).UnixMilli(), Limit: forgetPage,
		}
		for n < forgetMost {
			notifications, next, err := s.messages.Find(ctx, q)
			if err != nil {
				return n, err
			}
			for i := range notifications {
				if err := s.messages.Delete(ctx, &notifications[i]); err != nil && !fault.Is(err, fault.Stale) &&
					!fault.Is(err, fault.NotFound) {
					return n, err
				}
				n++
			}
			if next == "" {
				break
			}
			q.Cursor = next
		}
	}
	return n, nil
}

// forgetHourly is Forget once an hour, beginning when the process has run for one.
func (s *Service) forgetHourly(ctx context.Context, last *time.Time) {
	now := s.now()
	if last.IsZero() {
		*last = now
	}
	if now.Sub(*last) < forgetPause {
		return
	}
	*last = now
	n, err := s.Forget(ctx)
	if err != nil && !errors.Is(err, context.Canceled) {
		s.cfg.Log.Error("old messages could not be deleted and will be later", "err", err)
	}
	if n > 0 {
		s.cfg.Log.Info("old messages were deleted", "messages", n)
	}
}
