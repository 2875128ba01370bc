package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/payment"
	"linlipay/webhook"
)

// erp is a company's own system: it keeps what it was told, by event, and now and then fails, but not twice at the same
// event, since the try after that comes half a minute later (TestAnEndpointThatFailsLong has those).
type erp struct {
	t      *testing.T
	mu     sync.Mutex
	failed map[string]bool          // by webhook-id
	events map[string]webhook.Event // by webhook-id
	bodies map[string]string
	url    string
}

func newERP(t *testing.T) *erp {
	e := &erp{t: t, failed: map[string]bool{}, events: map[string]webhook.Event{}, bodies: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		id := r.Header.Get("webhook-id")
		if err != nil || e.fails(id) {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		e.hear(id, body)
	}))
	t.Cleanup(server.Close)
	e.url = server.URL + "/hooks"
	return e
}

// fails says whether a try fails: one in ten of the first ones.
func (e *erp) fails(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	fails := !e.failed[id] && rand.IntN(10) == 0
	e.failed[id] = e.failed[id] || fails
	return fails
}

func (e *erp) hear(id string, body []byte) {
	var of webhook.Event
	if err := json.Unmarshal(body, &of); err != nil || of.ID != id {
		e.t.Errorf("%q: %v: %s", id, err, body)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if before, again := e.bodies[id]; again && before != string(body) {
		e.t.Errorf("%s came as\n%s\nand as\n%s", id, before, body)
	}
	e.events[id], e.bodies[id] = of, string(body)
}

// heard is what was told of each object, as "type part" in the order of the numbers, which have no hole.
func (e *erp) heard() (of map[string][]string, hole string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	by := map[string][]webhook.Event{}
	for _, one := range e.events {
		by[one.Object] = append(by[one.Object], one)
	}
	of = map[string][]string{}
	for object, events := range by {
		slices.SortFunc(events, func(a, b webhook.Event) int { return int(a.Sequence - b.Sequence) })
		for i, one := range events {
			if one.Sequence != int64(i+1) {
				hole = fmt.Sprintf("%s has event %d in place of %d", object, one.Sequence, i+1)
			}
			of[object] = append(of[object], fmt.Sprintf("%s %d", one.Type, one.Part))
		}
	}
	return of, hole
}

// happened is what the company's systems must hear of an order.
func happened(o *payment.Order) (list []string) {
	add := func(t webhook.EventType, part int) { list = append(list, fmt.Sprintf("%s %d", t, part)) }
	if o.Status == payment.Paid {
		add(webhook.OrderPaid, 0)
	}
	if !o.ClosedAt.IsZero() && o.CloseReason != payment.ByUnmatched {
		add(webhook.OrderClosed, 0)
	}
	for _, u := range o.Unapplied {
		if u.PartOf == 0 {
			add(webhook.FundsUnapplied, u.No)
		}
	}
	for _, r := range o.Refunds {
		switch r.Status {
		case payment.RefundSucceeded:
			add(webhook.OrderRefunded, r.No)
		case payment.RefundFailed:
			add(webhook.RefundFailed, r.No)
		}
	}
	slices.Sort(list)
	return list
}

// untold is what the company's systems have not heard yet; "" is nothing.
func (e *erp) untold(orders []payment.Order) string {
	of, hole := e.heard()
	if hole != "" {
		return hole
	}
	for i := range orders {
		told := slices.Sorted(slices.Values(of["order:"+orders[i].ID]))
		if want := happened(&orders[i]); !slices.Equal(told, want) {
			return fmt.Sprintf("of order %s %v was told, and %v happened", orders[i].ID, told, want)
		}
	}
	return ""
}

// subscribe makes an endpoint by operations and has finance approve it.
func (b *business) subscribe(ctx context.Context, url string) {
	b.t.Helper()
	var made struct {
		Endpoint struct {
			ID      string
			Request struct{ ID string }
		}
	}
	ok := b.call(ctx, "operations", "POST", "/v1/webhook-endpoints", "", map[string]any{"url": url}, &made) &&
		b.call(ctx, "finance", "POST", "/v1/webhook-endpoints/"+made.Endpoint.ID+"/decision", "",
			map[string]any{"request": made.Endpoint.Request.ID, "approve": true}, nil)
	if !ok {
		b.t.Fatal("the endpoint was not made")
	}
}

// A real server is killed with -9 at random moments while desks work: a company's own system hears of everything that
// happened to every order, each under one id, and nothing else, though it fails now and then itself.
func TestKill9LosesNoEvent(t *testing.T) {
	t.Parallel() // most of the time it waits for the next try
	b, kills := newBusiness(t, "sqlite:"+t.TempDir(), port(t), 60), 3
	b.must("load-password-of-ours\n", "staff", "add", "--company", "c", "--roles", "operations", "operations")
	erp, server := newERP(t), b.serve()
	ready(t, b.base)
	b.subscribe(t.Context(), erp.url)
	load, stop := context.WithCancel(t.Context())
	desks := b.work(load, 6)
	for range kills {
		b.busyUntil(t, 6)
		time.Sleep(rand.N(lifeMost)) // a moment to die at, not a condition
		server.Process.Kill()
		server.Wait()
		server = b.serve()
		ready(t, b.base)
	}
	stop()
	desks.Wait()
	server.Process.Kill()
	server.Wait()
	a := b.open(t.Context(), strings.TrimPrefix(b.base, "http://"))
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	untold := "nothing yet"
	for start := time.Now(); untold != "" && time.Since(start) < 3*time.Minute; time.Sleep(200 * time.Millisecond) {
		untold = erp.untold(b.orders(t.Context(), a))
	}
	if untold != "" {
		t.Error(untold)
	}
	of, _ := erp.heard()
	if len(of) < 2*kills {
		t.Errorf("%d objects were told of", len(of))
	}
	end()
	if err := errors.Join(<-ended, a.Close()); err != nil {
		t.Error(err)
	}
}
