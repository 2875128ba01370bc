package store

import (
	"context"
	"time"

	"linlipay/fault"
)

// lease says which process does what only one of them need do at a time.
type lease struct {
	ID      string    `json:"id"` // what is done
	Version int64     `json:"-"`
	Holder  string    `json:"holder"`
	Until   time.Time `json:"until"`
}

var leases = Kind[lease]{
	Schema:  Schema{Name: "leases"},
	ID:      func(l *lease) string { return l.ID },
	Version: func(l *lease) *int64 { return &l.Version },
	Keys:    func(*lease) Keys { return nil },
}

// LeaseSchema is the collection of leases: whoever holds one lists it among their schemas.
func LeaseSchema() Schema { return leases.Schema }

// Lease is for something that only one process need do at a time, such as a sweep. It saves the others the work and no
// more: it rests on clocks, so that two may hold it for a moment, and what is done under it must do no harm when two do
// it.
type Lease struct {
	docs Collection[lease]
	name string
	life time.Duration
	now  func() time.Time
}

// NewLease names what is done, and says after how long a holder who is not heard of is followed by another. The store
// has LeaseSchema.
func NewLease(st Store, name string, life time.Duration, now func() time.Time) Lease {
	return Lease{leases.In(st), name, life, now}
}

// Hold takes or renews the lease for a holder, whose name no other process has, and reports whether they have it. That
// another process has it, or was faster, is no error; the store's faults are.
func (l Lease) Hold(ctx context.Context, holder string) (bool, error) {
	now := l.now()
	have, err := l.docs.Get(ctx, l.name)
	switch {
	case fault.Is(err, fault.NotFound):
		err = l.docs.Insert(ctx, &lease{ID: l.name, Holder: holder, Until: now.Add(l.life)})
	case err != nil:
		return false, err
	case have.Holder == holder && have.Until.Sub(now) > l.life/2:
		return true, nil
	case have.Holder != holder && now.Before(have.Until):
		return false, nil
	default:
		have.Holder, have.Until = holder, now.Add(l.life)
		err = l.docs.Replace(ctx, have)
	}
	if fault.Is(err, fault.Stale) || fault.Is(err, fault.AlreadyExists) { // another process was faster
		return false, nil
	}
	return err == nil, err
}
