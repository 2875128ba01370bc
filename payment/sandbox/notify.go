package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// notice is one notification: what it says is fixed, how it is signed is decided at each delivery.
type notice struct {
	trade    trade
	refund   *refund // a copy; nil in a payment's
	url      string
	id       string
	schedule []time.Duration                                         // pauses between deliveries, in schedule seconds
	build    func(n notice, how Script) (http.Header, []byte, error) // the signed request
	accepted func(status int, body []byte) bool
	timeout  time.Duration
}

// Delivery is one delivery as it went.
type Delivery struct {
	ID         string    `json:"id"` // the notification's
	Try        int       `json:"try"`
	OutTradeNo string    `json:"out_trade_no"`
	RefundNo   string    `json:"refund_no,omitempty"` // of a refund's notification
	Fault      Fault     `json:"fault,omitempty"`
	Status     int       `json:"status"` // 0 is no answer
	Answer     string    `json:"answer,omitempty"`
	Accepted   bool      `json:"accepted"`
	At         time.Time `json:"at"`
}

// occasion is where a fault may strike the notification.
func (n notice) occasion() occasion {
	at := occasion{institution: n.trade.Institution, out: n.trade.OutTradeNo, operation: "pay"}
	if n.refund != nil {
		at.operation = "refund_pay"
	}
	return at
}

// delivery is the record of a delivery before it is tried.
func (n notice) delivery(try int, how Fault, at time.Time) Delivery {
	d := Delivery{ID: n.id, Try: try, OutTradeNo: n.trade.OutTradeNo, Fault: how, At: at}
	if n.refund != nil {
		d.RefundNo = n.refund.OutRefundNo
	}
	return d
}

// sender delivers notifications, each on its own schedule.
type sender struct {
	cfg    Config
	faults *faults
	client *http.Client
	ctx    context.Context
	stop   context.CancelFunc
	busy   sync.WaitGroup

	mu         sync.Mutex
	deliveries []Delivery
	notices    map[string]notice
	held       []func()
}

func newSender(cfg Config, f *faults) *sender {
	ctx, stop := context.WithCancel(context.Background())
	transport := &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute}
	return &sender{cfg: cfg, faults: f, client: &http.Client{Transport: transport}, ctx: ctx, stop: stop,
		notices: map[string]notice{}}
}

func (s *sender) close() {
	s.stop()
	s.busy.Wait()
	s.client.CloseIdleConnections()
}

// notificationFaults strike a notification as a whole or its first delivery.
var notificationFaults = []Fault{
	Lost, Repeated, Late, Reordered, Forged, Stale, WrongAmount, WrongMerchant, ProbeNotice, UnknownFields, FieldEdited,
	OlderForm,
}

// send starts delivering a notification.
func (s *sender) send(n notice) {
	s.mu.Lock()
	s.notices[n.id] = n
	s.mu.Unlock()
	fault, _ := s.faults.strike(n.occasion(), notificationFaults...)
	switch fault.Fault {
	case Lost:
		s.record(n.delivery(0, Lost, s.cfg.Now()))
	case Reordered:
		s.mu.Lock()
		s.held = append(s.held, func() { s.start(n, Script{}) })
		s.mu.Unlock()
	default:
		s.start(n, fault)
	}
}

// start delivers on the schedule; whatever was held back for this occasion follows after it.
func (s *sender) start(n notice, fault Script) {
	s.busy.Go(func() {
		if s.pause(fault.delay()) != nil {
			return
		}
		ok := s.deliver(n, 1, fault)
		if fault.Fault == Repeated {
			s.deliver(n, 1, Script{})
			s.deliver(n, 1, Script{})
		}
		s.release()
		for try, wait := range n.schedule {
			if ok || s.pause(wait*s.cfg.Second/time.Second) != nil {
				return
			}
			ok = s.deliver(n, try+2, Script{})
		}
	})
}

func (s *sender) release() {
	s.mu.Lock()
	held := s.held
	s.held = nil
	s.mu.Unlock()
	for _, start := range held {
		start()
	}
}

func (s *sender) pause(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.ctx.Done():
		return s.ctx.Err()
	case <-timer.C:
		return nil
	}
}

// deliver posts the notification once and reports whether the merchant accepted it.
func (s *sender) deliver(n notice, try int, how Script) bool {
	d := n.delivery(try, how.Fault, s.cfg.Now())
	status, body, err := s.post(n, how)
	if err != nil {
		d.Answer = err.Error()
	} else {
		d.Status, d.Answer, d.Accepted = status, string(body), n.accepted(status, body)
	}
	s.record(d)
	return d.Accepted
}

func (s *sender) post(n notice, how Script) (int, []byte, error) {
	if err := loopbackURL(n.url); err != nil {
		return 0, nil, err
	}
	header, body, err := n.build(n, how)
	if err != nil {
		return 0, nil, err
	}
	ctx, cancel := context.WithTimeout(s.ctx, n.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, n.url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header = header
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 4096))
	return resp.StatusCode, answer, err
}

// deliveriesKept bounds the memory of deliveries.
const deliveriesKept = 10_000

func (s *sender) record(d Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.deliveries) == deliveriesKept {
		s.deliveries = slices.Delete(s.deliveries, 0, deliveriesKept/2)
	}
	s.deliveries = append(s.deliveries, d)
}

func (s *sender) list() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deliveries)
}

// resend delivers a notification once more, now.
func (s *sender) resend(id string, how Fault) (bool, error) {
	s.mu.Lock()
	n, ok := s.notices[id]
	s.mu.Unlock()
	if !ok {
		return false, fmt.Errorf("there is no notification %s", id)
	}
	return s.deliver(n, 0, Script{Fault: how}), nil
}

// loopbackURL refuses an address that is not on this machine.
func loopbackURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is not an http address", address)
	}
	return loopbackOnly(u.Hostname() + ":" + cmp.Or(u.Port(), "443"))
}
