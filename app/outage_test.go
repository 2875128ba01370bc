package app

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/mongo/mongotest"
	"linlipay/payment"
)

// The database is gone for LINLIPAY_TEST_OUTAGE seconds under load, a few in everyday tests, and comes back with its
// data. Meanwhile every request is answered with 503 and a problem document within its deadline, and the server says
// that it is not ready; afterwards the same process goes on, a live stream misses nothing, all settles, and all that
// was acknowledged is in the books.
func TestOutageOfTheDatabase(t *testing.T) {
	outage := time.Duration(times(t, "LINLIPAY_TEST_OUTAGE", 3)) * time.Second
	database := mongotest.NewServer(t)
	b := newBusiness(t, database.URI(), port(t), 20)
	b.patient = outage + time.Minute
	var asked replies
	b.heard = asked.add
	server := b.serve()
	ready(t, b.base)
	b.signIn(t.Context(), "cashier")
	screen := b.follow(t.Context())
	payers := b.aboutToPay(t)
	load, stop := context.WithCancel(t.Context())
	desks := b.work(load, 6)
	b.busyUntil(t, 12)

	database.Kill()
	down := time.Now()
	for _, p := range payers {
		b.confirm(t.Context(), p.Attempt.Prepared.CodeURL, p.wallet)
	}
	for time.Since(down) < outage {
		r := b.once(t.Context(), "", "GET", "/healthz", "", nil, nil)
		if r.status != http.StatusServiceUnavailable {
			t.Errorf("without its database the server says of itself: %d %s", r.status, r.body)
		}
		b.pause(t.Context(), 100*time.Millisecond)
	}
	up := time.Now()
	database.Start()
	ready(t, b.base)
	t.Logf("the database was gone for %s; %s after it was back the server was ready",
		up.Sub(down).Round(time.Millisecond), time.Since(up).Round(time.Millisecond))
	b.busyUntil(t, 12)
	stop()
	desks.Wait()
	asked.judge(t, down, up)
	b.refusedMeanwhile(t, payers, down, up)
	b.screenIsRight(t, screen)

	server.Process.Kill()
	server.Wait()
	b.end(t.Context(), 90*time.Second)
}

// payer is somebody whose wallet shows what to confirm.
type payer struct {
	opened
	wallet string
}

// aboutToPay has a payer at each institution.
func (b *business) aboutToPay(t *testing.T) (payers []payer) {
	t.Helper()
	for i, wallet := range wallets {
		v := visit{ctx: t.Context(), n: 1_000_000 + i}
		o, _, ok := b.order(v)
		if !ok {
			t.Fatal("no order could be made")
		}
		a, ok := b.native(v, o.ID, wallet, "native")
		if !ok {
			t.Fatal("no attempt could be opened")
		}
		payers = append(payers, payer{a, wallet})
	}
	return payers
}

// refusedMeanwhile holds what the institutions were answered during the outage against the promise that only what is
// booked is acknowledged.
func (b *business) refusedMeanwhile(t *testing.T, payers []payer, down, up time.Time) {
	t.Helper()
	refused := map[string]bool{}
	var sent []notice
	b.bank.must("GET", "/notifications", nil, &sent)
	for _, d := range sent {
		if d.At.Before(down) || d.At.After(up) || d.Accepted && d.At.After(up.Add(-3*time.Second)) {
			// its answer may be of the time after
			continue
		}
		if d.Accepted {
			t.Errorf("a notification of %s was acknowledged %s into the outage", d.OutTradeNo, d.At.Sub(down))
		}
		refused[d.OutTradeNo] = true
	}
	for _, p := range payers {
		if !refused[p.Attempt.OutTradeNo] {
			t.Errorf("%s: payment %s, made during the outage, was not notified then", p.wallet, p.Attempt.OutTradeNo)
		}
	}
}

// busyUntil waits until the desks have served some more residents.
func (b *business) busyUntil(t *testing.T, more int64) {
	t.Helper()
	want := b.done.Load() + more
	for start := time.Now(); b.done.Load() < want; time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > 90*time.Second {
			t.Fatalf("the desks served %d residents in %s", more-want+b.done.Load(), time.Since(start))
		}
	}
}

// replies gathers how requests went.
type replies struct {
	mu   sync.Mutex
	some []reply
}

func (rs *replies) add(r reply) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.some = append(rs.some, r)
}

// mostWait is a request's deadline and what a busy machine adds.
const mostWait = 12 * time.Second

// judge holds the replies against what is promised of an outage.
func (rs *replies) judge(t *testing.T, down, up time.Time) {
	t.Helper()
	during, longest := 0, time.Duration(0)
	for _, r := range rs.some {
		end := r.at.Add(r.took)
		switch {
		case r.err != nil:
			t.Errorf("%s, %s after the outage began, was not answered: %v", r.what, r.at.Sub(down), r.err)
		case r.status >= 500 && r.status != http.StatusServiceUnavailable:
			t.Errorf("%s, %s after the outage began: %d %s", r.what, r.at.Sub(down), r.status, r.body)
		case r.took > mostWait:
			t.Errorf("%s, %s after the outage began, took %s", r.what, r.at.Sub(down), r.took)
		}
		if r.at.Before(down) || end.After(up) {
			continue
		}
		during++
		longest = max(longest, r.took)
		if r.status != http.StatusServiceUnavailable || r.code != string(fault.Unavailable) ||
			!strings.HasPrefix(r.kind, "application/problem+json") {
			t.Errorf("%s, %s into the outage: %d %s %s", r.what, r.at.Sub(down), r.status, r.kind, r.body)
		}
	}
	if during == 0 {
		t.Error("nobody asked for anything during the outage")
	}
	t.Logf("%d requests, %d of them within the outage, where the longest took %s", len(rs.some), during,
		longest.Round(time.Millisecond))
}

// screen is what a live stream has told: the status of each order.
type screen struct {
	mu     sync.Mutex
	orders map[string]string
	came   int // how often the stream was opened
}

// follow keeps a staff's live stream open as a browser does: when it breaks, it is opened again with the last event's
// id.
func (b *business) follow(ctx context.Context) *screen {
	s := &screen{orders: map[string]string{}}
	go func() {
		last := ""
		for ctx.Err() == nil {
			last = b.listen(ctx, s, last)
			b.pause(ctx, 200*time.Millisecond)
		}
	}()
	return s
}

// listen reads one stream to its end and returns the id to go on from.
func (b *business) listen(ctx context.Context, s *screen, last string) string {
	req, err := http.NewRequestWithContext(ctx, "GET", b.base+"/v1/events", nil)
	if err != nil {
		panic(err)
	}
	token, _ := b.tokens.Load("cashier")
	req.Header.Set("Authorization", fmt.Sprint("Bearer ", token))
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return last
	}
	defer resp.Body.Close()
	s.mu.Lock()
	s.came++
	s.mu.Unlock()
	lines := bufio.NewScanner(resp.Body)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		if id, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
			last = id
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			s.show([]byte(data))
		}
	}
	return last
}

func (s *screen) show(data []byte) {
	var told struct {
		ID, Status string
		Orders     []order
	}
	if json.Unmarshal(data, &told) != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range append(told.Orders, order{ID: told.ID, Status: told.Status}) {
		s.orders[o.ID] = o.Status
	}
}

// screenIsRight waits until the stream has told of each paid order that it is paid.
func (b *business) screenIsRight(t *testing.T, s *screen) {
	t.Helper()
	missing := ""
	for start := time.Now(); time.Since(start) < 20*time.Second; time.Sleep(50 * time.Millisecond) {
		if missing = b.unseen(s); missing == "" {
			s.mu.Lock()
			defer s.mu.Unlock()
			t.Logf("the live stream, opened %d times, told of all %d orders", s.came, len(s.orders)-1)
			return
		}
	}
	t.Errorf("the live stream never told that order %s is paid", missing)
}

// unseen is an order that was acknowledged as paid and is not on the screen as such, "" for none.
func (b *business) unseen(s *screen) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	for what := range b.promised {
		if id, ok := strings.CutPrefix(what, "paid "); ok && s.orders[id] != string(payment.Paid) {
			return id
		}
	}
	return ""
}
