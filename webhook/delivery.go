package webhook

import (
	"context"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/store"
)

// DeliveryState says where the delivery of an event to an endpoint stands.
type DeliveryState string

// The states of a delivery.
const (
	Pending   DeliveryState = "pending"   // 待投递: it is sent when it is due
	Delivered DeliveryState = "delivered" // 已送达: the endpoint answered 2xx; a person may send it again
	GivenUp   DeliveryState = "failed"    // 已放弃: three days of tries failed; a person may send it again
)

// Delivery is one event's way to one endpoint.
type Delivery struct {
	ID       string        `json:"id"` // the event's id, a slash, and the endpoint's
	Version  int64         `json:"-"`
	Company  string        `json:"company"`
	Endpoint string        `json:"endpoint"`
	Event    string        `json:"event"`
	Type     EventType     `json:"type"`
	Object   string        `json:"object"`
	At       time.Time     `json:"at"` // when it happened
	State    DeliveryState `json:"state"`
	Due      time.Time     `json:"due"`             // when it is sent next, or how long it is claimed; while Pending
	Failed   int           `json:"failed"`          // tries in a row that failed, from which the next pause follows
	Tries    []Try         `json:"tries,omitempty"` // the last of them, oldest first
}

// Try is one request to an endpoint and what became of it. Of the answer nothing but its status is kept.
type Try struct {
	At      time.Time `json:"at"`
	Took    int64     `json:"took_ms"`
	Status  int       `json:"status,omitempty"`  // HTTP, where it answered
	Problem Problem   `json:"problem,omitempty"` // why it does not count; none is a success
}

// Problem says why a try failed.
type Problem string

// The problems.
const (
	BadStatus   Problem = "status"            // it answered, and not with 2xx
	TimedOut    Problem = "timeout"           // no answer within the time
	Unreachable Problem = "unreachable"       // no connection, or it broke off
	Untrusted   Problem = "certificate"       // its certificate does not verify
	OutOfReach  Problem = "address_forbidden" // its name resolves to an address that may not be asked
	NotSent     Problem = "not_sent"          // a defect of ours, which the log tells: the endpoint was not asked
)

// triesKept is how many tries of a delivery are kept.
const triesKept = 20

var deliveries = store.Kind[Delivery]{
	Schema: store.Schema{
		Name: "webhook_deliveries",
		Fields: []store.Field{
			{Name: "endpoint", Type: store.String}, {Name: "at", Type: store.Int}, {Name: "due", Type: store.Int},
			{Name: "state", Type: store.String}, {Name: "type", Type: store.String},
		},
		Indexes: []store.Index{
			{Name: byDue, Fields: []string{"due"}},
			{Name: byPlace, Fields: []string{"endpoint", "due"}},
			{Name: byTime, Fields: []string{"endpoint", "at"}},
			{Name: byState, Fields: []string{"endpoint", "state", "at"}},
			{Name: byType, Fields: []string{"endpoint", "type", "at"}},
			{Name: byTypeState, Fields: []string{"endpoint", "type", "state", "at"}},
			{Name: byAge, Fields: []string{"at"}},
		},
	},
	ID:      func(d *Delivery) string { return d.ID },
	Version: func(d *Delivery) *int64 { return &d.Version },
	Keys: func(d *Delivery) store.Keys {
		keys := store.Keys{"endpoint": {d.Endpoint}, "at": {d.At.UnixMilli()}, "state": {string(d.State)},
			"type": {string(d.Type)}}
		if d.State == Pending {
			keys["due"] = []any{d.Due.UnixMilli()}
		}
		return keys
	},
}

// Pauses are those between the tries of a delivery: 11 tries within 71 hours and 43 minutes, which is three days.
func Pauses() []time.Duration {
	return []time.Duration{
		5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute, time.Hour,
		4 * time.Hour, 12 * time.Hour, 24 * time.Hour, 30 * time.Hour,
	}
}

// over records a try, and what follows from it.
func (d *Delivery) over(t Try, now time.Time, retryAfter time.Duration, jitter func(time.Duration) time.Duration) {
	d.Tries = append(d.Tries, t)
	if extra := len(d.Tries) - triesKept; extra > 0 {
		d.Tries = slices.Delete(d.Tries, 0, extra)
	}
	if t.Problem == "" {
		d.State, d.Failed = Delivered, 0
		return
	}
	if d.Failed++; d.Failed > len(Pauses()) {
		d.State = GivenUp
		return
	}
	pause := Pauses()[d.Failed-1]
	pause += jitter(pause)
	d.Due = now.Add(max(pause, min(retryAfter, retryAfterMost)))
}

// retryAfterMost bounds the pause that an endpoint may ask for (Retry-After).
const retryAfterMost = time.Hour

// DeliveryFilter chooses among the deliveries to an endpoint; what is zero chooses all.
type DeliveryFilter struct {
	State    DeliveryState
	Type     EventType
	From, To time.Time // when it happened: From inclusive, To exclusive
}

func (f DeliveryFilter) query(endpoint string) store.Query {
	q := store.Query{Index: byTime, Equal: []any{endpoint}}
	switch {
	case f.Type != "" && f.State != "":
		q.Index, q.Equal = byTypeState, append(q.Equal, string(f.Type), string(f.State))
	case f.Type != "":
		q.Index, q.Equal = byType, append(q.Equal, string(f.Type))
	case f.State != "":
		q.Index, q.Equal = byState, append(q.Equal, string(f.State))
	}
	if !f.From.IsZero() {
		q.From = f.From.UnixMilli()
	}
	if !f.To.IsZero() {
		q.To = f.To.UnixMilli()
	}
	return q
}

// Deliveries is a page of those to an endpoint that a filter chooses, the newest or the oldest event first; next is the
// cursor of the page that follows.
func (s *Service) Deliveries(
	ctx context.Context, company, endpoint string, of DeliveryFilter, oldest bool, cursor string, limit int,
) (page []Delivery, next string, err error) {
	if _, err := s.Endpoint(ctx, company, endpoint); err != nil {
		return nil, "", err
	}
	q := of.query(endpoint)
	q.Desc, q.Limit, q.Cursor = !oldest, limit, cursor
	return s.deliveries.Find(ctx, q)
}

// Resend owes a delivery once more, whatever became of it. One that is not the company's is NotFound.
func (s *Service) Resend(ctx context.Context, company, id string) (*Delivery, error) {
	d, err := s.deliveries.Get(ctx, id)
	if err == nil && d.Company != company {
		return nil, fault.New(fault.NotFound, "没有这次投递。", "There is no such delivery.")
	}
	if err != nil {
		return nil, err
	}
	return s.deliveries.Update(ctx, id, func(d *Delivery) error {
		d.State, d.Due, d.Failed = Pending, s.now(), 0
		return nil
	})
}
