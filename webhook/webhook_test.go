package webhook

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/approval"
	"linlipay/fault"
	"linlipay/host"
	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
)

// clock is the time of a test.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// open is two processes on one store.
func open(t *testing.T, private ...string) (first, second *Service, c *clock) {
	t.Helper()
	st := sqlitetest.Open(t, Schemas()...)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	c = &clock{at: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
	cfg := Config{Store: st, Box: box, Now: c.now, Log: slog.New(slog.DiscardHandler), PrivateHosts: private,
		Loopback: true}
	return NewService(cfg), NewService(cfg), c
}

// receiver is a company's system: it keeps what it was sent, and answers as it is told.
type receiver struct {
	mu     sync.Mutex
	status int
	header http.Header
	got    []http.Header
	bodies [][]byte
	url    string
}

func receive(t *testing.T) *receiver {
	r := &receiver{status: 204}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got, r.bodies = append(r.got, req.Header), append(r.bodies, body)
		for k, v := range r.header {
			w.Header()[k] = v
		}
		w.WriteHeader(r.status)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL + "/hooks"
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func add(t *testing.T, s *Service, url string, types ...EventType) (*Endpoint, string) {
	t.Helper()
	asks := Asker{By: approval.Person{ID: "staff:asks", Roles: []string{"operations"}}}
	e, secret, err := s.AskEndpoint(t.Context(), "c", EndpointChange{URL: url, Types: types}, asks)
	if err != nil {
		t.Fatal(err)
	}
	approve := approval.Decision{Request: e.Request.ID, Approve: true}
	by := approval.Person{ID: "staff:decides", Roles: []string{"finance"}}
	return must[*Endpoint](t)(s.Decide(t.Context(), "c", e.ID, approve, by)), secret
}

func paid(n int, at time.Time) Event {
	no := strconv.Itoa(n)
	return Event{ID: "evt_order-" + no + "_1", Type: OrderPaid, At: at, Company: "c", Community: "m",
		Object: "order:" + no, Sequence: 1, Data: json.RawMessage(`{"amount":12345}`)}
}

func publish(t *testing.T, s *Service, e Event) {
	t.Helper()
	if err := s.publish(t.Context(), e, func() (any, error) { return e.Data, nil }); err != nil {
		t.Fatal(err)
	}
}

func send(t *testing.T, s *Service) {
	t.Helper()
	if err := s.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// An event is sent once to each endpoint that wants it, however often and by whomever it is published, and is signed
// under the secret that was shown.
func TestAnEventIsSentOnceToWhoWantsIt(t *testing.T) {
	s, other, c := open(t)
	all, bills := receive(t), receive(t)
	_, secret := add(t, s, all.url)
	add(t, s, bills.url, BillSettled)
	for range 3 {
		publish(t, s, paid(1, c.now()))
		publish(t, other, paid(1, c.now()))
	}
	var both sync.WaitGroup
	for _, p := range []*Service{s, other, s, other} {
		both.Go(func() {
			if err := p.Send(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	send(t, s)
	if all.count() != 1 || bills.count() != 0 {
		t.Fatalf("sent %d and %d times", all.count(), bills.count())
	}
	h := all.got[0]
	key := must[[]byte](t)(base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_")))
	seconds := must[int64](t)(strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64))
	want := sign(key, h.Get("webhook-id"), time.Unix(seconds, 0), all.bodies[0])
	if h.Get("webhook-signature") != want || h.Get("webhook-id") != "evt_order-1_1" {
		t.Errorf("%v", h)
	}
	var body map[string]any
	if err := json.Unmarshal(all.bodies[0], &body); err != nil || body["type"] != "order.paid" ||
		body["timestamp"] != "2026-11-24T09:00:00Z" || body["sequence"] != 1.0 || body["object"] != "order:1" {
		t.Errorf("%s", all.bodies[0])
	}
}

// What fails is tried again over three days; then it is given up and the endpoint is off. Whoever switches it on has
// what was owed sent, and may have replayed what happened meanwhile: everything once more, nothing not at all.
func TestAnEndpointThatFailsLong(t *testing.T) {
	s, _, c := open(t)
	r := receive(t)
	r.answer(500)
	e, _ := add(t, s, r.url)
	began := c.now()
	publish(t, s, paid(1, began))
	for range 85 { // hours, in steps that miss no pause
		for range 60 {
			send(t, s)
			c.pass(time.Minute)
		}
	}
	page, _, err := s.Deliveries(t.Context(), "c", e.ID, DeliveryFilter{}, false, "", 10)
	if err != nil || len(page) != 1 {
		t.Fatal(page, err)
	}
	d := page[0]
	last := d.Tries[len(d.Tries)-1].At.Sub(began)
	if d.State != GivenUp || len(d.Tries) != len(Pauses())+1 || last < 70*time.Hour || last > 84*time.Hour ||
		d.Tries[0].Status != 500 || d.Tries[0].Problem != BadStatus {
		t.Errorf("after %v: %+v", last, d)
	}
	if e = must[*Endpoint](t)(s.Endpoint(t.Context(), "c", e.ID)); e.State != Failing || e.FailingSince.IsZero() {
		t.Errorf("%+v", e)
	}
	missed := c.now()
	publish(t, s, paid(2, missed)) // nobody is owed it now
	r.answer(200)
	sent := r.count()
	must[*Endpoint](t)(s.EnableEndpoint(t.Context(), "c", e.ID))
	if n := must[int](t)(s.Replay(t.Context(), "c", e.ID, began, c.now().Add(time.Millisecond))); n != 2 {
		t.Errorf("replayed %d, not what was given up and what the company's only endpoint missed", n)
	}
	send(t, s)
	if r.count() != sent+2 {
		t.Errorf("sent %d times, not twice more", r.count()-sent)
	}
	if e = must[*Endpoint](t)(s.Endpoint(t.Context(), "c", e.ID)); e.State != Enabled || !e.FailingSince.IsZero() {
		t.Errorf("%+v", e)
	}
}

// An endpoint that a person switched off keeps what is owed to it, and what happens meanwhile can be replayed.
func TestWhatAnEndpointMissed(t *testing.T) {
	s, _, c := open(t)
	off, on := receive(t), receive(t)
	e, _ := add(t, s, off.url)
	add(t, s, on.url)
	publish(t, s, paid(1, c.now()))
	must[*Endpoint](t)(s.DisableEndpoint(t.Context(), "c", e.ID))
	send(t, s)
	from := c.now()
	c.pass(time.Minute)
	publish(t, s, paid(2, c.now()))
	send(t, s)
	if off.count() != 0 || on.count() != 2 {
		t.Fatalf("sent %d and %d", off.count(), on.count())
	}
	must[*Endpoint](t)(s.EnableEndpoint(t.Context(), "c", e.ID))
	send(t, s)
	if off.count() != 1 {
		t.Errorf("what was owed before was sent %d times", off.count())
	}
	c.pass(time.Minute)
	for want := range 2 { // the second finds nothing
		if n := must[int](t)(s.Replay(t.Context(), "c", e.ID, from, c.now())); n != 1-want {
			t.Errorf("replayed %d", n)
		}
	}
	send(t, s)
	if off.count() != 2 || on.count() != 2 {
		t.Errorf("sent %d and %d", off.count(), on.count())
	}
}

// A receiver that was away has what waits for its next try sent at once by a replay of the span, once each, with all
// its tries before it again; what it took already does not come again.
func TestAReplaySendsWhatWaits(t *testing.T) {
	s, _, c := open(t)
	r := receive(t)
	e, _ := add(t, s, r.url)
	from := c.now()
	publish(t, s, paid(1, c.now()))
	send(t, s)
	c.pass(time.Minute)
	away := c.now()
	r.answer(503)
	publish(t, s, paid(2, c.now()))
	publish(t, s, paid(3, c.now()))
	for range 60 { // an hour, after which the next try is an hour away
		send(t, s)
		c.pass(time.Minute)
	}
	r.answer(204)
	sent := r.count()
	send(t, s)
	if r.count() != sent {
		t.Fatalf("%d were due without a replay", r.count()-sent)
	}
	for want := range 2 { // the second finds nothing to hurry
		if n := must[int](t)(s.Replay(t.Context(), "c", e.ID, from, c.now())); n != 2-2*want {
			t.Errorf("replayed %d", n)
		}
	}
	page, _, err := s.Deliveries(t.Context(), "c", e.ID, DeliveryFilter{From: away}, false, "", 10)
	if err != nil || len(page) != 2 || page[0].Failed != 0 {
		t.Errorf("%+v %v", page, err)
	}
	send(t, s)
	if r.count() != sent+2 {
		t.Errorf("sent %d times, not twice", r.count()-sent)
	}
	for _, to := range []time.Time{from, from.Add(-time.Hour)} {
		if _, err := s.Replay(t.Context(), "c", e.ID, from, to); !fault.Is(err, fault.Invalid) {
			t.Errorf("a span that ends at %v before it begins: %v", to, err)
		}
	}
}

// A process that dies between the claim and the answer leaves a delivery that is sent again once the claim lapses.
func TestAClaimLapses(t *testing.T) {
	s, other, c := open(t)
	r := receive(t)
	e, _ := add(t, s, r.url)
	publish(t, s, paid(1, c.now()))
	hung := make(chan struct{})
	ctx, kill := context.WithCancel(t.Context())
	s.senders[host.PublicOrLoopback] = senderFunc(func(req *http.Request) (*http.Response, error) {
		close(hung)
		<-req.Context().Done()
		return nil, req.Context().Err()
	})
	done := make(chan error)
	go func() { done <- s.Send(ctx) }()
	<-hung
	kill()
	<-done
	send(t, other)
	if r.count() != 0 {
		t.Error("it was sent while it was another's")
	}
	c.pass(claimTime + time.Second)
	send(t, other)
	page, _, err := other.Deliveries(t.Context(), "c", e.ID, DeliveryFilter{State: Delivered}, false, "", 10)
	if err != nil || r.count() != 1 || len(page) != 1 || page[0].Failed != 0 {
		t.Errorf("sent %d times: %+v, %v", r.count(), page, err)
	}
}

// An endpoint that hangs keeps no other waiting: the other's events arrive while it hangs.
func TestASlowEndpointSlowsNobodyElse(t *testing.T) {
	s, _, c := open(t)
	release := make(chan struct{})
	var timedOut atomic.Int64
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		io.Copy(io.Discard, req.Body) // whoever has read it all hears when the caller leaves
		select {
		case <-release:
		case <-req.Context().Done():
			timedOut.Add(1)
		}
	}))
	t.Cleanup(slow.Close)
	quick := receive(t)
	add(t, s, slow.URL)
	add(t, s, quick.url)
	for n := range 50 {
		publish(t, s, paid(n, c.now()))
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	for quick.count() < 50 {
		time.Sleep(10 * time.Millisecond)
	}
	publish(t, s, paid(50, c.now()))
	for quick.count() < 51 { // the loop goes on while the slow lane is taken
		time.Sleep(10 * time.Millisecond)
	}
	if timedOut.Load() > 0 {
		t.Error("the quick one waited until the slow one was given up")
	}
	close(release)
	stop()
	<-ended
}

// Each line is an address, and what becomes of an endpoint there.
func TestWhichAddressesMayBeEndpoints(t *testing.T) {
	s, _, _ := open(t, "erp.lan:8443", "10.0.0.5")
	s.cfg.Loopback = false
	for address, want := range map[string]bool{
		"https://erp.example.com/hooks": true, "https://erp.example.com:8443": true,
		"https://erp.lan:8443/hooks": true, "http://10.0.0.5/hooks": true,
		"http://erp.example.com/hooks": false, "http://10.0.0.6/hooks": false, "https://10.0.0.5:444/": false,
		"https://erp.lan/hooks": false, "http://127.0.0.1/": false, "http://localhost/": false,
		"http://169.254.169.254/latest/meta-data": false, "https://user@erp.example.com/": false,
		"https://2130706433/": false, "https://[::ffff:10.0.0.6]/": false, "ftp://erp.example.com/": false, "": false,
	} {
		_, err := s.reach(address)
		if (err == nil) != want || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// A redirect is not followed, a pause that is asked for is kept, and 410 switches the endpoint off.
func TestWhatAnEndpointAnswers(t *testing.T) {
	s, _, c := open(t)
	elsewhere, r := receive(t), receive(t)
	e, _ := add(t, s, r.url)
	publish(t, s, paid(1, c.now()))
	r.status, r.header = 307, http.Header{"Location": {elsewhere.url}, "Retry-After": {"900"}}
	send(t, s)
	d := must[*Delivery](t)(s.deliveries.Get(t.Context(), "evt_order-1_1/"+e.ID))
	if elsewhere.count() != 0 || d.State != Pending || d.Due.Sub(c.now()) != 15*time.Minute ||
		d.Tries[0].Status != 307 {
		t.Errorf("%+v", d)
	}
	c.pass(15 * time.Minute)
	r.answer(410)
	send(t, s)
	if e = must[*Endpoint](t)(s.Endpoint(t.Context(), "c", e.ID)); e.State != Failing {
		t.Errorf("%+v", e)
	}
}

// For a day after a rotation messages are signed under both secrets, then under the new one alone.
func TestASecretIsRotated(t *testing.T) {
	s, _, c := open(t)
	r := receive(t)
	e, old := add(t, s, r.url)
	fresh := must[string](t)(s.RotateSecret(t.Context(), "c", e.ID))
	if fresh == old {
		t.Fatal("the same secret")
	}
	for n, want := range []int{2, 1} {
		publish(t, s, paid(n, c.now()))
		send(t, s)
		if got := strings.Fields(r.got[n].Get("webhook-signature")); len(got) != want {
			t.Errorf("%d signatures, want %d", len(got), want)
		}
		c.pass(bothFor)
	}
}

// Of another company's endpoints and deliveries nobody learns that they are there.
func TestAnotherCompanysEndpoint(t *testing.T) {
	s, _, c := open(t)
	r := receive(t)
	e, _ := add(t, s, r.url)
	publish(t, s, paid(1, c.now()))
	ctx := t.Context()
	for name, err := range map[string]error{
		"endpoint":   second(s.Endpoint(ctx, "d", e.ID)),
		"change":     second(s.AskChange(ctx, "d", e.ID, EndpointChange{URL: r.url}, Asker{})),
		"decide":     second(s.Decide(ctx, "d", e.ID, approval.Decision{}, approval.Person{})),
		"withdraw":   second(s.Withdraw(ctx, "d", e.ID, "", approval.Person{})),
		"remove":     s.RemoveEndpoint(ctx, "d", e.ID),
		"test":       second(s.Test(ctx, "d", e.ID, nil)),
		"enable":     second(s.EnableEndpoint(ctx, "d", e.ID)),
		"disable":    second(s.DisableEndpoint(ctx, "d", e.ID)),
		"rotate":     second(s.RotateSecret(ctx, "d", e.ID)),
		"resend":     second(s.Resend(ctx, "d", "evt_order-1_1/"+e.ID)),
		"replay":     second(s.Replay(ctx, "d", e.ID, c.now(), c.now())),
		"deliveries": third(s.Deliveries(ctx, "d", e.ID, DeliveryFilter{}, false, "", 10)),
	} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := paid(1, c.now())
	other.ID, other.Company = "evt_other", "d"
	publish(t, s, other)
	n := must[int64](t)(s.deliveries.Count(ctx, store.Query{Index: byDue}))
	if n != 1 {
		t.Errorf("%d deliveries are owed, not one", n)
	}
}

func second[T any](_ T, err error) error { return err }

func third[A, B any](_ A, _ B, err error) error { return err }

// What is older than it is kept is deleted, and nothing else.
func TestOldEventsAreForgotten(t *testing.T) {
	s, _, c := open(t)
	r := receive(t)
	e, _ := add(t, s, r.url)
	publish(t, s, paid(1, c.now()))
	c.pass(time.Hour)
	publish(t, s, paid(2, c.now()))
	send(t, s)
	c.pass(keptFor - time.Minute)
	if n := must[int](t)(s.Forget(t.Context())); n != 2 { // an event and its delivery
		t.Errorf("%d are forgotten", n)
	}
	page, _, err := s.Deliveries(t.Context(), "c", e.ID, DeliveryFilter{}, false, "", 10)
	if err != nil || len(page) != 1 || page[0].Object != "order:2" {
		t.Errorf("%+v, %v", page, err)
	}
}

// A delivery whose event is gone is given up, and one that we cannot sign waits longer each time; the endpoint is
// blamed for neither.
func TestWhatWeCannotSend(t *testing.T) {
	s, _, c := open(t)
	r := receive(t)
	e, _ := add(t, s, r.url)
	publish(t, s, paid(1, c.now()))
	publish(t, s, paid(2, c.now()))
	gone := must[*Event](t)(s.events.Get(t.Context(), "evt_order-1_1"))
	if err := s.events.Delete(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	must[*Endpoint](t)(s.endpoints.Update(t.Context(), e.ID, func(e *Endpoint) error {
		e.Secret = "none"
		return nil
	}))
	send(t, s)
	first := must[*Delivery](t)(s.deliveries.Get(t.Context(), "evt_order-1_1/"+e.ID))
	second := must[*Delivery](t)(s.deliveries.Get(t.Context(), "evt_order-2_1/"+e.ID))
	if first.State != GivenUp || second.State != Pending || second.Failed != 1 || second.Tries[0].Problem != NotSent {
		t.Errorf("%+v, %+v", first, second)
	}
	if e = must[*Endpoint](t)(s.Endpoint(t.Context(), "c", e.ID)); !e.FailingSince.IsZero() || r.count() != 0 {
		t.Errorf("%+v", e)
	}
}

// Where events go takes two: nothing is sent to an endpoint, nor to its new address, before another person approved.
func TestAnotherPersonApprovesWhereEventsGo(t *testing.T) {
	s, _, c := open(t)
	first, next := receive(t), receive(t)
	asks := approval.Person{ID: "staff:asks", Roles: []string{"operations", "finance"}}
	decides := approval.Person{ID: "staff:decides", Roles: []string{"finance"}}
	e, _, err := s.AskEndpoint(t.Context(), "c", EndpointChange{URL: first.url}, Asker{By: asks})
	if err != nil {
		t.Fatal(err)
	}
	publish(t, s, paid(1, c.now()))
	send(t, s)
	approve := approval.Decision{Request: e.Request.ID, Approve: true}
	if _, err := s.Decide(t.Context(), "c", e.ID, approve, asks); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the asker decided: %v", err)
	}
	for name, err := range map[string]error{
		"enable": second(s.EnableEndpoint(t.Context(), "c", e.ID)), "test": second(s.Test(t.Context(), "c", e.ID, nil)),
	} {
		if !fault.Is(err, fault.WrongState) {
			t.Errorf("%s before anybody approved: %v", name, err)
		}
	}
	e = must[*Endpoint](t)(s.Decide(t.Context(), "c", e.ID, approve, decides))
	publish(t, s, paid(2, c.now()))
	send(t, s)
	change := EndpointChange{URL: next.url, Types: []EventType{OrderPaid}}
	e = must[*Endpoint](t)(s.AskChange(t.Context(), "c", e.ID, change, Asker{By: asks, Revision: e.Revision}))
	publish(t, s, paid(3, c.now()))
	send(t, s)
	if first.count() != 2 || next.count() != 0 {
		t.Errorf("sent %d and %d, and the change waits", first.count(), next.count())
	}
	approve.Request = e.Request.ID
	must[*Endpoint](t)(s.Decide(t.Context(), "c", e.ID, approve, decides))
	publish(t, s, paid(4, c.now()))
	must[*Delivery](t)(s.Test(t.Context(), "c", e.ID, map[string]string{"endpoint": e.ID}))
	send(t, s)
	if first.count() != 2 || next.count() != 2 {
		t.Errorf("sent %d and %d after the change", first.count(), next.count())
	}
	publish(t, s, paid(5, c.now()))
	if err := s.RemoveEndpoint(t.Context(), "c", e.ID); err != nil {
		t.Fatal(err)
	}
	send(t, s)
	d := must[*Delivery](t)(s.deliveries.Get(t.Context(), "evt_order-5_1/"+e.ID))
	if _, err := s.Endpoint(t.Context(), "c", e.ID); !fault.Is(err, fault.NotFound) || d.State != GivenUp {
		t.Errorf("%v, %+v", err, d)
	}
	if list := must[[]Endpoint](t)(s.Endpoints(t.Context(), "c")); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}

// Deliveries are chosen by state, type and time, and by all of them.
func TestDeliveriesAreChosen(t *testing.T) {
	s, _, c := open(t)
	r := receive(t)
	e, _ := add(t, s, r.url)
	began := c.now()
	for n := range 4 {
		event := paid(n, c.now())
		if n%2 == 1 {
			event.Type = OrderClosed
		}
		if r.answer(204); n > 1 {
			r.answer(500)
		}
		publish(t, s, event)
		send(t, s)
		c.pass(time.Hour)
	}
	for of, want := range map[DeliveryFilter]string{
		{}:                                  "0123",
		{State: Delivered}:                  "01",
		{Type: OrderClosed}:                 "13",
		{Type: OrderClosed, State: Pending}: "3",
		{From: began.Add(time.Hour)}:        "123",
		{To: began.Add(time.Hour)}:          "0",
		{Type: OrderPaid, From: began.Add(time.Minute)}: "2",
		{State: Delivered, To: began.Add(time.Minute)}:  "0",
		{State: GivenUp, Type: OrderPaid}:               "",
		{Type: BillSettled, From: began}:                "",
	} {
		page, _, err := s.Deliveries(t.Context(), "c", e.ID, of, true, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, d := range page {
			got += strings.TrimPrefix(d.Object, "order:")
		}
		if got != want {
			t.Errorf("%+v: %q, not %q", of, got, want)
		}
	}
}
