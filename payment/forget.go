package payment

import (
	"context"
	"errors"
	"time"

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

// Forget deletes the messages that are older than they are kept, some thousands at a time, and returns how many. One
// outcome's failure keeps no other waiting; the errors come joined.
func (s *Service) Forget(ctx context.Context) (n int, err error) {
	for _, outcome := range Outcomes() {
		deleted, failed := s.messages.DeleteSelected(ctx, store.Query{
			Index: "by_age", Equal: []any{string(outcome)}, From: int64(0),
			To: s.now().Add(-keepFor(outcome)).UnixMilli(),
		}, store.ForgetMost)
		n, err = n+deleted, errors.Join(err, failed)
	}
	return n, err
}
