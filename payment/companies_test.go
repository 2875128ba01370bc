package payment_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
	"linlipay/store"
)

// One company's trouble must not stop another. Company c has it, company d pays beside it.

// troubled is a store that has trouble with some documents.
type troubled struct {
	store.Store
	writes func(collection string, d store.Doc) error // refuses to insert or replace
	reads  func(collection string, d *store.Doc) error
}

func (s *troubled) Insert(ctx context.Context, collection string, d store.Doc) error {
	if err := s.writes(collection, d); err != nil {
		return err
	}
	return s.Store.Insert(ctx, collection, d)
}

func (s *troubled) Replace(ctx context.Context, collection string, d store.Doc) error {
	if err := s.writes(collection, d); err != nil {
		return err
	}
	return s.Store.Replace(ctx, collection, d)
}

func (s *troubled) Get(ctx context.Context, collection, id string) (store.Doc, error) {
	d, err := s.Store.Get(ctx, collection, id)
	if err == nil {
		err = s.reads(collection, &d)
	}
	return d, err
}

func (s *troubled) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	p, err := s.Store.Find(ctx, collection, q)
	for i := range p.Docs {
		_ = s.reads(collection, &p.Docs[i]) // what it does to the document; a page comes whole
	}
	return p, err
}

func reads(string, *store.Doc) error { return nil }
func writes(string, store.Doc) error { return nil }
func ofC(d *store.Doc) bool          { return bytes.Contains(d.Body, []byte(`"company":"c"`)) }
func down() error                    { return fault.New(fault.Unavailable, "", "down") }
func spoiled(from, to string, d *store.Doc) {
	d.Body = []byte(strings.Replace(string(d.Body), from, to, 1))
}

// owe makes orders that a company was paid in cash, none of which stands in the ledger yet.
func (w *world) owe(company string, n int) (ids []string) {
	w.t.Helper()
	for range n {
		n := newOrder(w.ref())
		n.Company, n.Community = company, "m-"+company
		o, _, err := w.pay.Create(w.t.Context(), n)
		if err == nil {
			_, _, err = w.pay.TakeCash(w.t.Context(), o.ID, payment.NewCash{Tendered: 100, By: "staff:till"})
		}
		if err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, o.ID)
	}
	return ids
}

func (w *world) lines(company string) (n int) {
	w.t.Helper()
	if err := w.pay.Ledger().Lines(w.t.Context(), company, func(ledger.Line) error { n++; return nil }); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// More orders of company c owe a line than one look takes, and c's lines cannot be written. Company d's are written at
// the first look all the same, and c's, but for the order that is to blame, once it is over.
func TestACompanysLedgerKeepsNoOtherWaiting(t *testing.T) {
	const owed = 201
	for name, c := range map[string]struct {
		trouble func(bad string) *troubled
		lasts   int // lines of c that cannot be written while the trouble lasts
	}{
		"the store takes no block of it": {func(string) *troubled {
			return &troubled{reads: reads, writes: func(collection string, d store.Doc) error {
				if collection == "ledger" && ofC(&d) {
					return down()
				}
				return nil
			}}
		}, owed},
		"one order's line is refused": {func(bad string) *troubled {
			return &troubled{reads: reads, writes: func(collection string, d store.Doc) error {
				if collection == "ledger" && bytes.Contains(d.Body, []byte(bad)) {
					return fault.New(fault.Internal, "", "too large")
				}
				return nil
			}}
		}, 1},
		"one order cannot be read": {func(bad string) *troubled {
			return &troubled{writes: writes, reads: func(collection string, d *store.Doc) error {
				if collection == "orders" && d.ID == bad {
					d.Body = []byte(`{"amount":"much"}`)
				}
				return nil
			}}
		}, 1},
		"one order owes a line of what it does not have": {func(bad string) *troubled {
			return &troubled{writes: writes, reads: func(collection string, d *store.Doc) error {
				if collection == "orders" && d.ID == bad {
					spoiled(`"kind":"record_taken","no":1`, `"kind":"record_taken","no":7`, d)
				}
				return nil
			}}
		}, 1},
		"one order cannot be struck off": {func(bad string) *troubled {
			return &troubled{reads: reads, writes: func(collection string, d store.Doc) error {
				if collection == "orders" && d.ID == bad {
					return fault.New(fault.Internal, "", "too large")
				}
				return nil
			}}
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			bad := w.owe("c", owed)[0]
			w.owe("d", 2)
			st := c.trouble(bad)
			st.Store = w.store
			s := w.service(st)
			for look := range 4 {
				if _, err := s.Post(t.Context()); err != nil {
					t.Fatal(err)
				}
				if n := w.lines("d"); n != 2 {
					t.Fatalf("after look %d the other company has %d lines of 2", look, n)
				}
				w.pass(10 * time.Second)
			}
			if n := w.lines("c"); n != owed-c.lasts {
				t.Errorf("%d lines of the company in trouble are written, want %d", n, owed-c.lasts)
			}
			st.reads, st.writes = reads, writes
			for range 3 {
				w.pass(10 * time.Minute)
				if _, err := s.Post(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if n, err := s.Post(t.Context()); w.lines("c") != owed || n != 0 || err != nil {
				t.Errorf("after the trouble %d lines of %d are written, %d orders owe more, %v", w.lines("c"), owed, n,
					err)
			}
			if n := s.PutAside(); n != 0 {
				t.Errorf("%d failures are remembered of what went well since", n)
			}
			w.agrees()
		})
	}
}

// While it is found out which order is to blame, the store goes away: no order is blamed for that.
func TestAnOutageBlamesNoOrder(t *testing.T) {
	w := newWorld(t)
	bad := slices.Min(w.owe("c", 20)) // it is tried first
	blocks := 0
	st := &troubled{Store: w.store, reads: reads, writes: func(collection string, d store.Doc) error {
		switch {
		case collection != "ledger":
			return nil
		case bytes.Contains(d.Body, []byte(bad)):
			return fault.New(fault.Internal, "", "too large")
		}
		if blocks++; blocks > 3 {
			return down()
		}
		return nil
	}}
	s := w.service(st)
	if n, err := s.Post(t.Context()); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	if n := s.PutAside(); n != 2 { // the order to blame, and the company
		t.Errorf("%d are put aside", n)
	}
	st.writes = writes
	for range 2 {
		w.pass(10 * time.Minute)
		if _, err := s.Post(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.PutAside(); n != 0 || w.lines("c") != 20 {
		t.Errorf("%d are put aside, %d lines are written", n, w.lines("c"))
	}
	w.agrees()
}

// The common look at the ledger is one query, as it always was.
func TestALookAtTheLedgerIsOneQuery(t *testing.T) {
	w := newWorld(t)
	w.owe("c", 3)
	w.owe("d", 3)
	found := 0
	st := &counted{Store: w.store, found: &found}
	s := w.service(st)
	for _, want := range []int{1, 1} { // with and without something to write; the ledger's own ends are read beside it
		found = 0
		if _, err := s.Post(t.Context()); err != nil {
			t.Fatal(err)
		}
		if found != want {
			t.Errorf("%d queries of orders, want %d", found, want)
		}
	}
}

type counted struct {
	store.Store
	found *int
}

func (c *counted) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	if collection == "orders" {
		*c.found++
	}
	return c.Store.Find(ctx, collection, q)
}

// More orders of company c are due than one look takes. None can be read or put off; company d's order, which is due
// last, is closed all the same.
func TestOrdersThatCannotBePutOffKeepNoOtherWaiting(t *testing.T) {
	for name, read := range map[string]func(d *store.Doc) error{
		"the store does not answer": func(*store.Doc) error { return down() },
		"they cannot be read": func(d *store.Doc) error {
			d.Body = []byte(`{"amount":"much","company":"c"}`)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for n := range 201 {
				w.create(fmt.Sprint("c", n))
			}
			w.pass(time.Second)
			n := newOrder("d1")
			n.Company, n.Community = "d", "m-d"
			d, _, err := w.pay.Create(t.Context(), n)
			if err != nil {
				t.Fatal(err)
			}
			s := w.service(&troubled{Store: w.store, writes: writes,
				reads: func(collection string, d *store.Doc) error {
					if collection == "orders" && ofC(d) {
						return read(d)
					}
					return nil
				}})
			w.pass(6 * time.Minute)
			for range 3 {
				if _, err := s.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			w.want(d.ID, payment.Closed)
		})
	}
}

// bodies counts the queries for orders that are due, and the bytes of bodies that they were given.
type bodies struct {
	store.Store
	looks, read int
}

func (b *bodies) Find(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	p, err := b.Store.Find(ctx, collection, q)
	if q.Index == "by_due" {
		b.looks++
		for _, d := range p.Docs {
			b.read += len(d.Body)
		}
	}
	return p, err
}

// While company c's institution does not answer, each look passes over all that is due of it: without reading an
// order of it. The look that meets no such company is one query.
func TestALookAtWhatIsDueReadsNoBodies(t *testing.T) {
	w := newWorld(t)
	for n := range 250 {
		w.create(fmt.Sprint("c", n))
	}
	w.pass(6 * time.Minute)
	st := &bodies{Store: w.store}
	s := w.service(st)
	leave := s.Busy("c")
	if n, err := s.Sweep(t.Context()); n != 0 || err != nil || st.looks != 2 || st.read != 0 {
		t.Errorf("of a busy company %d orders were due, %v: %d queries read %d bytes", n, err, st.looks, st.read)
	}
	leave()
	st.looks = 0
	if n, err := s.Sweep(t.Context()); n == 0 || err != nil || st.looks != 1 || st.read != 0 {
		t.Errorf("%d orders were due, %v: %d queries read %d bytes", n, err, st.looks, st.read)
	}
}

// slow is an institution that does not answer one account until it is let go.
type slow struct {
	*institution
	account string
	asked   chan struct{}
	letGo   chan struct{}
}

func (s *slow) wait(account string) {
	if account == s.account {
		select {
		case s.asked <- struct{}{}:
		default:
		}
		<-s.letGo
	}
}

func (s *slow) Query(ctx context.Context, a gateway.Account, of gateway.Trade) (gateway.Report, error) {
	s.wait(a.ID)
	return s.institution.Query(ctx, a, of)
}

func (s *slow) CardTrades(ctx context.Context, a gateway.Account, day time.Time) ([]gateway.Report, error) {
	s.wait(a.ID)
	if a.ID == "fine" {
		return []gateway.Report{line("", gateway.TradePaid, 100, s.now())}, nil
	}
	return s.institution.CardTrades(ctx, a, day)
}

func (w *world) slowly(b *institution, account string) (*slow, *payment.Service) {
	s := &slow{institution: b, account: account, asked: make(chan struct{}, 1), letGo: make(chan struct{})}
	gateways := []gateway.Gateway{s}
	for _, other := range []*institution{w.wechat, w.alipay, w.lakala, w.shengpay} {
		if other != b {
			gateways = append(gateways, other)
		}
	}
	service := payment.NewService(w.store, payment.Config{
		Items:    w,
		Gateways: gateways, Accounts: w.accounts, BaseURL: "http://127.0.0.1", Now: w.now, Log: quiet(),
		UnappliedPolicy: w.unappliedPolicy,
		Wait:            func(ctx context.Context, _ time.Duration) error { w.pass(time.Second); return ctx.Err() },
	})
	return s, service
}

// until waits in real time for what loops bring about.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come to pass", what)
		}
	}
}

// Company c's institution does not answer. The loop goes on for company d: its payments are found, its lines are
// written.
func TestASlowInstitutionKeepsNoOtherCompanyWaiting(t *testing.T) {
	w := newWorld(t)
	s, service := w.slowly(w.wechat, "w")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	w.attempt(w.create("c1").ID, gateway.WeChat)
	w.pass(10 * time.Second) // c's is due
	go func() { defer close(ended); service.Run(ctx) }()
	<-s.asked
	n := newOrder("d1")
	n.Company, n.Community = "d", "m-d"
	o, _, err := w.pay.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	s.pay(w.attempt(o.ID, gateway.WeChat)) // its notification is lost
	until(t, "the other company's line", func() bool { return w.lines("d") == 1 })
	close(s.letGo)
	stop()
	<-ended
}

// Who follows the changes of orders goes on after one that cannot be read.
func TestAnOrderThatCannotBeReadStopsNoFeed(t *testing.T) {
	w := newWorld(t)
	after := w.place()
	bad := w.create("b1").ID
	good := w.create("b2").ID
	s := w.service(&troubled{Store: w.store, writes: writes, reads: func(collection string, d *store.Doc) error {
		if d.ID == bad {
			d.Body = []byte(`{"amount":"much"}`)
		}
		return nil
	}})
	found := fmt.Errorf("found")
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if err := s.Watch(ctx, after, func(_ string, o *payment.Order) error {
		if o.ID == good {
			return found
		}
		return nil
	}); err != found {
		t.Errorf("the feed ended with %v", err)
	}
}
