package access

import (
	"context"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// quota counts what is done of something within a span of time, such as the codes tried for one unit. It is in the
// store, so that it holds for all processes and over their restarts.
type quota struct {
	ID      string    `json:"id"` // digest of what is counted, which may be what a person typed
	Version int64     `json:"-"`
	Count   int       `json:"count"`
	Callers []string  `json:"callers,omitempty"` // counted already, where each counts once
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until"` // when its span is over
}

var quotas = store.Kind[quota]{
	Schema:  expiring(store.Schema{Name: "quotas"}),
	ID:      func(q *quota) string { return q.ID },
	Version: func(q *quota) *int64 { return &q.Version },
	Keys:    func(q *quota) store.Keys { return store.Keys{"expires": {q.Until.UnixMilli()}} },
}

// Spend counts one more of what a name stands for, or returns a TooMany fault where there were as many as may be within
// the span that began with the first of them. It is called before what it bounds, so that tries at the same time count
// too.
func (s *Service) Spend(ctx context.Context, of string, most int, span time.Duration) error {
	return s.spend(ctx, of, nil, most, span)
}

// SpendAs is Spend where each caller counts once within the span, however often they come. Its fault is TooMany, as
// there.
func (s *Service) SpendAs(ctx context.Context, caller, of string, most int, span time.Duration) error {
	return s.spend(ctx, of, []string{caller}, most, span)
}

// spend counts one more; callers is the one who counts once, nil where everything counts.
func (s *Service) spend(ctx context.Context, of string, callers []string, most int, span time.Duration) error {
	now, id := s.now().UTC(), s.box.Digest("quota of", of) // under another key its span begins anew
	err := s.quotas.Insert(ctx, &quota{ID: id, Count: 1, Callers: callers, Since: now, Until: now.Add(span)})
	if !fault.Is(err, fault.AlreadyExists) {
		return err
	}
	_, err = s.quotas.Update(ctx, id, func(q *quota) error {
		if now.Sub(q.Since) >= span {
			q.Count, q.Callers, q.Since = 0, nil, now
		}
		if len(callers) > 0 && slices.Contains(q.Callers, callers[0]) {
			return store.ErrUnchanged
		}
		if q.Count >= most {
			wait := q.Since.Add(span).Sub(now)
			return fault.New(fault.TooMany, "今天的次数已用完，请改天再试，或到物业办理。",
				"This was tried too often; try another day, or ask at the property office.").With("retry_after",
				int64(wait/time.Second)+1)
		}
		q.Count, q.Until = q.Count+1, q.Since.Add(span)
		q.Callers = append(q.Callers, callers...)
		return nil
	})
	return err
}
