package handlers

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/payment"
)

// liveRoutes are the routes of live events.
func (s *Server) liveRoutes() []route {
	return []route{
		{id: "streamOrder", method: "GET", path: "/v1/orders/:id/events", who: signedIn,
			summary: "An order's changes as they happen", endpoint: s.orderEvents()},
		{id: "streamOrders", method: "GET", path: "/v1/events", who: anyStaff,
			summary: "All orders' changes within reach", endpoint: s.staffEvents()},
		{id: "streamTerminal", method: "GET", path: "/v1/terminals/:id/events", who: terminals,
			summary: "What the terminal shows, for itself alone", endpoint: s.terminalEvents()},
	}
}

// event is one change of an order, with its place in the feed.
type event struct {
	token string
	order *payment.Order
}

// live hands the changes of orders, made by any process, to the streams of this one.
type live struct {
	payments *payment.Service
	log      *slog.Logger
	mu       sync.Mutex
	streams  map[chan event]bool
	open     map[string]int // streams by caller
	done     chan struct{}
}

func newLive(p *payment.Service, log *slog.Logger) *live {
	return &live{payments: p, log: log, streams: map[chan event]bool{}, open: map[string]int{},
		done: make(chan struct{})}
}

// run follows the feed until ctx is done; streams end with it. A gap in the feed ends the streams too: each client
// comes back and reads a snapshot.
func (l *live) run(ctx context.Context) {
	defer close(l.done)
	after := ""
	for ctx.Err() == nil {
		err := l.follow(ctx, &after)
		if err == nil {
			continue
		}
		l.log.Error("the change feed broke and is taken up again", "err", err)
		if fault.Is(err, fault.Expired) {
			after = ""
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// follow publishes the changes after a place, which moves with them. Without one it begins where the feed stands; the
// streams end after that was found out, so that the snapshots they come back for miss nothing of what follows.
func (l *live) follow(ctx context.Context, after *string) (err error) {
	if *after == "" {
		if *after, err = l.payments.Place(ctx); err != nil {
			return err
		}
		l.dropAll()
	}
	return l.payments.Watch(ctx, *after, func(token string, o *payment.Order) error {
		*after = token
		l.publish(event{token, o})
		return nil
	})
}

// publish hands an event to all streams; one that is too slow is ended rather than waited for, and its client comes
// back.
func (l *live) publish(e event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ch := range l.streams {
		select {
		case ch <- e:
		default:
			delete(l.streams, ch)
			close(ch)
		}
	}
}

func (l *live) dropAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ch := range l.streams {
		delete(l.streams, ch)
		close(ch)
	}
}

// streamsMost is how many streams one caller may have open in a process: some windows on some devices, and those that
// broke and are not known yet to have ended. More are refused rather than the oldest ended, since every browser whose
// stream ends comes back.
const streamsMost = 16

// admit counts a stream of a caller's. It reports false where the caller has as many as may be.
func (l *live) admit(caller string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[caller] >= streamsMost {
		return false
	}
	l.open[caller]++
	return true
}

func (l *live) leave(caller string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[caller]--; l.open[caller] <= 0 {
		delete(l.open, caller)
	}
}

// streamBuffer is how many events a client may be behind.
const streamBuffer = 256

func (l *live) subscribe() chan event {
	ch := make(chan event, streamBuffer)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.streams[ch] = true
	return ch
}

func (l *live) unsubscribe(ch chan event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.streams[ch] {
		delete(l.streams, ch)
		close(ch)
	}
}

// stream is one client's: what it begins with and which changes it sees.
type stream struct {
	caller   access.Caller
	snapshot func(context.Context) ([]payment.Order, error)
	wants    func(context.Context, *payment.Order) (bool, error)
	after    string // Last-Event-ID; "" begins with the snapshot
}

// heartbeat is how often a stream shows that it lives. A page that misses two calls the server lost
// (web/src/stream.ts): within 10 s.
const heartbeat = 4 * time.Second

// rightsBeats is how many heartbeats pass until a stream looks whether its caller's rights still stand.
const rightsBeats = 4

const eventStreamKind = "text/event-stream"

func eventStream(do func(*fiber.Ctx, access.Caller) error) endpoint {
	return endpoint{do: do, status: 200, kind: eventStreamKind}
}

// staffEvents streams the orders within a member of staff's reach.
func (s *Server) staffEvents() endpoint {
	return eventStream(func(c *fiber.Ctx, caller access.Caller) error {
		return s.stream(c, stream{
			caller: caller,
			snapshot: func(ctx context.Context) ([]payment.Order, error) {
				orders, _, err := s.Payments.Find(ctx,
					payment.Filter{Company: caller.Company, Communities: caller.Communities, Limit: 50})
				return orders, err
			},
			wants: func(ctx context.Context, o *payment.Order) (bool, error) { return s.reaches(ctx, caller, o) },
		})
	})
}

// terminalEvents streams what a terminal shows: it begins with its active order, or none.
func (s *Server) terminalEvents() endpoint {
	return eventStream(func(c *fiber.Ctx, caller access.Caller) error {
		if c.Params("id") != caller.ID {
			return outOfReach()
		}
		return s.stream(c, stream{
			caller: caller,
			snapshot: func(ctx context.Context) ([]payment.Order, error) {
				orders, _, err := s.Payments.Find(ctx, payment.Filter{Company: caller.Company, Terminal: caller.ID,
					Limit: 1})
				if len(orders) == 1 && orders[0].Status != payment.Pending && orders[0].Status != payment.Closing {
					orders = nil
				}
				return orders, err
			},
			wants: func(ctx context.Context, o *payment.Order) (bool, error) { return s.reaches(ctx, caller, o) },
		})
	})
}

// orderEvents streams one order.
func (s *Server) orderEvents() endpoint {
	return eventStream(func(c *fiber.Ctx, caller access.Caller) error {
		ctx, cancel := s.context(c)
		defer cancel()
		o, err := s.order(ctx, &call{Caller: caller}, c.Params("id"))
		if err != nil {
			return err
		}
		return s.stream(c, stream{
			caller: caller,
			snapshot: func(ctx context.Context) ([]payment.Order, error) {
				now, err := s.Payments.Get(ctx, o.ID)
				if err != nil {
					return nil, err
				}
				return []payment.Order{*now}, nil
			},
			wants: func(ctx context.Context, changed *payment.Order) (bool, error) {
				if changed.ID != o.ID {
					return false, nil
				}
				mine, err := s.reaches(ctx, caller, changed)
				if err == nil && !mine { // a binding has ended since, and the stream ends with it
					err = outOfReach()
				}
				return mine, err
			},
		})
	})
}

// stream answers with server-sent events until the client goes, its token expires, its caller has other rights, or the
// server ends.
func (s *Server) stream(c *fiber.Ctx, st stream) error {
	caller := st.caller.Actor()
	if !s.live.admit(caller) {
		return fault.New(fault.TooMany, "打开的页面过多，请关闭其他页面后重试。",
			"Too many pages are open; close some and try again.").With("retry_after", int64(heartbeat/time.Second))
	}
	st.after = c.Get("Last-Event-ID", c.Query("last_event_id"))
	c.Set(fiber.HeaderContentType, eventStreamKind)
	c.Set("Cache-Control", "no-store")
	c.Set("X-Accel-Buffering", "no")
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer s.live.leave(caller)
		ctx, cancel := context.WithDeadline(context.Background(), st.caller.Expires)
		defer cancel()
		if err := s.play(ctx, st, w); err != nil {
			s.Log.Debug("a stream ended", "err", err)
		}
	})
	return nil
}

// play writes the stream. A client that says where it was gets what it missed from the feed itself, which every process
// can read; one whose place the feed has forgotten, or that says none, gets a snapshot and then what changes.
func (s *Server) play(ctx context.Context, st stream, w *bufio.Writer) error {
	out := &eventWriter{w: w, s: s, st: st}
	if st.after != "" {
		err := s.replay(ctx, st, out)
		if !fault.Is(err, fault.Expired) {
			return err
		}
	}
	ch := s.live.subscribe()
	defer s.live.unsubscribe(ch)
	if err := out.snapshot(ctx); err != nil {
		return err
	}
	return s.follow(ctx, ch, out)
}

func (s *Server) replay(ctx context.Context, st stream, out *eventWriter) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ch := make(chan event)
	ended := make(chan error, 1)
	go func() {
		defer close(ch)
		ended <- s.Payments.Watch(ctx, st.after, func(token string, o *payment.Order) error {
			select {
			case ch <- event{token, o}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	err := s.follow(ctx, ch, out)
	stop()
	for range ch { // let the watcher end
	}
	if watch := <-ended; fault.Is(watch, fault.Expired) {
		return watch
	}
	return err
}

// stands reports whether a stream's caller may still do what they could do when it began. Where they may not, the
// stream ends; who still may do something comes back, and gets what they now may see.
func (s *Server) stands(ctx context.Context, c access.Caller) error {
	now, err := s.Access.Standing(ctx, c)
	if err == nil && !now.SameRights(c) {
		err = fault.New(fault.Forbidden, "权限已变更。", "The caller's rights have changed.")
	}
	return err
}

// follow writes events until the channel closes, a write fails, or the caller may not see them any more.
func (s *Server) follow(ctx context.Context, ch <-chan event, out *eventWriter) error {
	beat := time.NewTicker(s.heartbeat)
	defer beat.Stop()
	for beats := 1; ; {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.live.done:
			return nil
		case e, open := <-ch:
			if !open {
				return nil
			}
			err = out.order(ctx, e)
		case <-beat.C:
			if beats++; beats%rightsBeats == 0 {
				err = s.stands(ctx, out.st.caller)
			}
			if err == nil {
				err = out.comment("alive")
			}
		}
		if err != nil {
			return err
		}
	}
}

// eventWriter writes server-sent events.
type eventWriter struct {
	w  *bufio.Writer
	s  *Server
	st stream
}

type snapshotView struct {
	Orders []orderView `json:"orders"`
}

func (e *eventWriter) snapshot(ctx context.Context) error {
	orders, err := e.st.snapshot(ctx)
	if err != nil {
		return err
	}
	v := snapshotView{Orders: []orderView{}}
	for i := range orders {
		v.Orders = append(v.Orders, e.s.orderView(ctx, e.st.caller, &orders[i]))
	}
	return e.write("", "snapshot", v)
}

func (e *eventWriter) order(ctx context.Context, ev event) error {
	wanted, err := e.st.wants(ctx, ev.order)
	if err != nil || !wanted {
		return err
	}
	return e.write(ev.token, "order", e.s.orderView(ctx, e.st.caller, ev.order))
}

func (e *eventWriter) write(id, name string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if id != "" {
		fmt.Fprintf(e.w, "id: %s\n", id)
	}
	fmt.Fprintf(e.w, "event: %s\ndata: %s\n\n", name, raw)
	return e.w.Flush()
}

func (e *eventWriter) comment(text string) error {
	fmt.Fprintf(e.w, ": %s\n\n", text)
	return e.w.Flush()
}
