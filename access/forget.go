package access

import (
	"context"
	"errors"
	"time"

	"linlipay/store"
)

// byExpiry is the index by which documents are found that count for nothing any more.
const byExpiry = "by_expires"

// expiring declares the index of documents whose key "expires" says when they count for nothing.
func expiring(s store.Schema) store.Schema {
	s.Fields = append(s.Fields, store.Field{Name: "expires", Type: store.Int})
	s.Indexes = append(s.Indexes, store.Index{Name: byExpiry, Fields: []string{"expires"}})
	return s
}

// Forget deletes what counts for nothing any more, some thousands at a time, and returns how many documents that were:
// sessions that cannot be renewed, one-time codes and quotas whose time is over, and keys that verify no token. What is
// gone is answered as what is over was, so nobody notices, and no event of the audit log is of it.
func (s *Service) Forget(ctx context.Context) (n int, err error) {
	until := func(index string, t time.Time) store.Query {
		return store.Query{Index: index, From: int64(0), To: t.UnixMilli()}
	}
	now := s.now()
	for _, forget := range []func() (int, error){
		func() (int, error) { return s.sessions.DeleteSelected(ctx, until(byExpiry, now), store.ForgetMost) },
		func() (int, error) { return s.codes.DeleteSelected(ctx, until(byExpiry, now), store.ForgetMost) },
		func() (int, error) { return s.quotas.DeleteSelected(ctx, until(byExpiry, now), store.ForgetMost) },
		func() (int, error) {
			return s.keys.DeleteSelected(ctx, until("by_created", now.Add(-keyVerifies)), store.ForgetMost)
		},
	} {
		deleted, failed := forget()
		n, err = n+deleted, errors.Join(err, failed)
	}
	return n, err
}
