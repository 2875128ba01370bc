package app

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"linlipay/store"
)

const (
	forgetPause = time.Hour       // how often what has passed is deleted
	forgetLease = 2 * forgetPause // after how long another process takes over from one that is gone
)

// forgetful are the kinds of documents that count for nothing after a time, by what the log calls them, and who deletes
// those.
func (a *App) forgetful() map[string]func(context.Context) (int, error) {
	return map[string]func(context.Context) (int, error){
		"sessions, codes, quotas and keys": a.Access.Forget,
		"pairing codes":                    a.Terminals.Forget,
		"messages of institutions":         a.Payments.Forget,
		"events and their deliveries":      a.Webhooks.Forget,
	}
}

// forget deletes hourly what has passed, in one of the processes, until ctx is done.
func (a *App) forget(ctx context.Context) {
	lease, holder := store.NewLease(a.Store, "forgetting", forgetLease, time.Now), rand.Text()
	store.Repeat(ctx, forgetPause, forgetPause, func(ctx context.Context) error {
		if mine, err := lease.Hold(ctx, holder); err != nil || !mine {
			return err
		}
		return a.forgetOnce(ctx)
	}, func(err error) { a.log.Error("what has passed could not be deleted and will be later", "err", err) })
}

// forgetOnce deletes what has passed. A kind that fails keeps no other waiting.
func (a *App) forgetOnce(ctx context.Context) (err error) {
	for what, forget := range a.forgetful() {
		n, failed := forget(ctx)
		if err = errors.Join(err, failed); n > 0 {
			a.log.Info("what has passed was deleted", "what", what, "documents", n)
		}
	}
	return err
}
