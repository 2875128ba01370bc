package simulate

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"linlipay/billing"
	"linlipay/payment"
	"linlipay/payment/merchant"
	"linlipay/property"
	"linlipay/store"
	"linlipay/terminal"
	"linlipay/webhook"
)

// process is one running product: the real services over the one store, with a clock of its own. It can crash at any
// store operation, and comes up again with nothing but what the store kept.
type process struct {
	w    *world
	name string
	life int // counts its crashes
	up   bool
	skew time.Duration // always there
	jump time.Duration // passes

	unsynced *unsynced // of the mutation that loses writes
	pay      *payment.Service
	bills    *billing.Service
	devices  *terminal.Service
	hooks    *webhook.Service
	loop     *task
}

// bytesOf makes a world's dice a source of order numbers and tokens.
type bytesOf struct{ dice *rand.Rand }

// Read fills b.
func (r bytesOf) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(r.dice.Uint32())
	}
	return len(b), nil
}

var _ io.Reader = bytesOf{}

// start makes fresh services, as main does.
func (p *process) start() {
	w := p.w
	var st store.Store = &line{p}
	if w.mutation.Store != nil {
		st = w.mutation.Store(w, p, &line{p})
	}
	st = w.sealed(st, p.now)
	cfg := payment.Config{
		Accounts: merchant.NewAccounts(st, w.box), BaseURL: "https://pay.example.com", Now: p.now, Wait: w.wait,
		Log:             slog.New(slog.DiscardHandler),
		UnappliedPolicy: w.policy, RefundLimit: w.limit, Random: bytesOf{w.sched.dice}, OneByOne: true,
		ReceiptPrefix: func(_ context.Context, _, entity string) (string, error) { return prefixOf(entity), nil },
	}
	for _, b := range w.institutions {
		var g bank = b
		if w.mutation.Bank != nil {
			g = w.mutation.Bank(w, g)
		}
		cfg.Gateways = append(cfg.Gateways, g)
	}
	cfg.Items = billing.NewBooks(st, p.now)
	if w.mutation.Items != nil {
		cfg.Items = w.mutation.Items(w, cfg.Items)
	}
	p.pay = payment.NewService(st, cfg)
	var holders billing.Payments = p.pay
	if w.mutation.Payments != nil {
		holders = w.mutation.Payments(holders)
	}
	p.bills = billing.NewService(st, property.NewService(st, p.now), office{w}, nil, holders, p.now)
	p.devices = terminal.NewService(st, w.box, p.now)
	p.hooks = p.hooksOver(webhook.Config{Store: st})
	p.up = true
	if !w.mutation.NoLoop {
		p.loop = w.sched.after(w.sched.between(0, 2*time.Second), func() {
			p.loop.loop = true
			w.within(p, func(ctx context.Context) { _ = p.pay.Run(ctx) })
		})
	}
}

// now is the process's clock.
func (p *process) now() time.Time { return p.w.instant().Add(p.skew + p.jump) }

// crash ends the process. Whatever ran in it finds out when it next would go on.
func (p *process) crash() {
	w := p.w
	p.life++
	p.up = false
	w.figures.Crashes++
	w.say("%s crashes", p.name)
	if w.mutation.Crashed != nil {
		w.mutation.Crashed(w, p)
	}
	w.sched.after(w.sched.between(time.Second, 40*time.Second), func() {
		w.say("%s starts", p.name)
		p.start()
	})
}

// within runs a call in a process; lost says that the process crashed before it answered, or was down.
func (w *world) within(p *process, call func(ctx context.Context)) (lost bool) {
	if !p.up {
		return true
	}
	t := w.sched.task
	t.process, t.life = p, p.life
	defer func() {
		t.process = nil
		if r := recover(); r != nil {
			if _, ok := r.(crashed); !ok {
				panic(r)
			}
			lost = true
		}
	}()
	call(context.Background())
	return false
}

// dying runs a call in a process that dies over the first write of it.
func (w *world) dying(p *process, call func(ctx context.Context)) {
	t := w.sched.task
	t.dying = true
	w.within(p, call)
	t.dying = false
}

// wait is the services' pause. An order loop's lasts until an order is due, and is not all of one length.
func (w *world) wait(_ context.Context, d time.Duration) error {
	t := w.sched.task
	if !t.loop {
		w.sched.sleep(d)
		return nil
	}
	d += w.sched.between(0, 2*time.Second)
	t.loop = false // it does not hear of what is written until it has set its time
	at := max(w.sched.now+d, min(w.nextDue(), w.sched.now+time.Hour)) + t.process.lag()
	t.loop = true
	w.sched.sleep(at - w.sched.now)
	return nil
}

// nextDue is when the earliest order must be looked at, on the true clock.
func (w *world) nextDue() time.Duration {
	orders := w.memory.kinds["orders"]
	for i := range orders.indexes {
		switch x := &orders.indexes[i]; {
		case x.Name == "by_unrecorded" && x.entries.Len() > 0:
			return w.sched.now
		case x.Name == "by_due" && x.entries.Len() > 0:
			_, first, _ := x.entries.Min()
			due := time.UnixMilli(first.doc.Keys["due"][0].(int64))
			return due.Sub(w.began) + time.Second
		}
	}
	return w.sched.now + time.Hour
}

// written wakes the order loops when an order was written that is due, or owes the ledger a line, before they meant to
// look.
func (w *world) written(d store.Doc) {
	if d.Keys["due"] == nil && d.Keys["unrecorded"] == nil {
		return
	}
	at := w.sched.now + time.Second
	if d.Keys["unrecorded"] == nil {
		at = max(at, time.UnixMilli(d.Keys["due"][0].(int64)).Sub(w.began)+time.Second)
	}
	for _, p := range w.processes {
		if p.up && p.loop != nil && p.loop.loop {
			w.sched.hasten(p.loop, at+p.lag())
		}
	}
}

// lag is how much later than an order is due a process's order loop looks: one that has not the lease finds nothing to
// do before the one that has it is dead.
func (p *process) lag() time.Duration {
	if first := p.w.leader; first == nil || first == p || !first.up {
		return 0
	}
	return 15 * time.Second
}

// line is a process's connection to the store: it takes time, it fails, and the process may die at either end of it.
type line struct{ p *process }

// travel lets an operation's time pass; most are quick, some meet a busy machine. The process may crash before or after
// a write (done is nil for reads).
func (l *line) travel(write bool, about string, operation func() error) error {
	w := l.p.w
	if len(about) == 24 {
		w.sched.task.about = about
	}
	w.sched.sleep(w.pace())
	if write && (w.sched.task.dying || w.strikes(Crash)) {
		if w.sched.odds(500) {
			_ = operation()
		}
		l.p.crash()
		w.sched.alive(w.sched.task)
	}
	if w.strikes(StoreDown) {
		if write && w.sched.odds(500) {
			_ = operation()
		}
		return gone(fmt.Errorf("simulated"))
	}
	if err := operation(); err != nil || !write {
		return err
	}
	w.sched.sleep(w.pace())
	return nil
}

func (w *world) pace() time.Duration {
	switch n := w.sched.dice.IntN(1000); {
	case n < 900:
		return w.sched.between(100*time.Microsecond, 2*time.Millisecond)
	case n < 990:
		return w.sched.between(2*time.Millisecond, 60*time.Millisecond)
	}
	return w.sched.between(60*time.Millisecond, 2*time.Second)
}

// Insert goes to the store, if the weather lets it.
func (l *line) Insert(ctx context.Context, c string, d store.Doc) error {
	return l.travel(true, d.ID, func() error { return l.p.w.write(c, d, l.p.w.memory.Insert(ctx, c, d)) })
}

// InsertMany goes to the store, if the weather lets it.
func (l *line) InsertMany(ctx context.Context, c string, docs []store.Doc) (taken []string, err error) {
	err = l.travel(true, "", func() error { taken, err = l.p.w.memory.InsertMany(ctx, c, docs); return err })
	return taken, err
}

// Replace goes to the store, if the weather lets it.
func (l *line) Replace(ctx context.Context, c string, d store.Doc) error {
	return l.travel(true, d.ID, func() error {
		return l.p.w.write(c, d, l.p.w.memory.Replace(context.Background(), c, d))
	})
}

// Delete goes to the store, if the weather lets it.
func (l *line) Delete(ctx context.Context, c, id string, version int64) error {
	return l.travel(true, id, func() error { return l.p.w.memory.Delete(context.Background(), c, id, version) })
}

// Get asks the store, if the weather lets it.
func (l *line) Get(ctx context.Context, c, id string) (d store.Doc, err error) {
	err = l.travel(false, id, func() error { d, err = l.p.w.memory.Get(context.Background(), c, id); return err })
	return d, err
}

// Find asks the store, if the weather lets it.
func (l *line) Find(ctx context.Context, c string, q store.Query) (p store.Page, err error) {
	err = l.travel(false, "", func() error { p, err = l.p.w.memory.Find(context.Background(), c, q); return err })
	return p, err
}

// Count asks the store, if the weather lets it.
func (l *line) Count(ctx context.Context, c string, q store.Query) (n int64, err error) {
	err = l.travel(false, "", func() error { n, err = l.p.w.memory.Count(context.Background(), c, q); return err })
	return n, err
}

// Sum asks the store, if the weather lets it.
func (l *line) Sum(ctx context.Context, c string, q store.Query, by, sums []string) (g []store.Group, err error) {
	err = l.travel(false, "", func() error {
		g, err = l.p.w.memory.Sum(context.Background(), c, q, by, sums)
		return err
	})
	return g, err
}

// Watch follows the store's feed.
func (l *line) Watch(ctx context.Context, after store.Token, each func(store.Change) error) error {
	return l.p.w.memory.Watch(ctx, after, each)
}

// Ensure makes the collections.
func (l *line) Ensure(ctx context.Context, s ...store.Schema) error {
	return l.p.w.memory.Ensure(ctx, s...)
}

// Ping always finds it there.
func (l *line) Ping(context.Context) error { return nil }

// Close leaves it open for the other processes.
func (l *line) Close() error { return nil }

// Pause is store.Pauser: the pause after a race that was lost.
func (l *line) Pause(_ context.Context, try int) error {
	most := min(time.Millisecond<<min(try, 7), 100*time.Millisecond)
	l.p.w.sched.sleep(l.p.w.sched.between(0, most+1))
	return nil
}
