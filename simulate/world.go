package simulate

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
	"linlipay/property"
	"linlipay/seal"
	"linlipay/store"
	"linlipay/terminal"
	"linlipay/webhook"
)

// plan says everything that a world is made of: the same plan is the same run.
type plan struct {
	seed     uint64
	index    int
	orders   int
	without  []Fault
	mutation *Mutation // nil is none
	trace    string    // number of the order whose story is kept; "" is none
}

// world is one simulated day of a property company or two: its store, processes and institutions, and the people who
// use them.
type world struct {
	plan
	sched   *scheduler
	memory  *memory
	box     seal.Box
	began   time.Time // of the true clock
	policy  payment.UnappliedPolicy
	limit   money.Fen
	payDue  bool // prepayments pay what is due by themselves
	dice    map[Fault]*rand.Rand
	without map[Fault]bool
	calm    bool // no more faults

	mutation     Mutation
	institutions []*institution
	processes    []*process
	leader       *process // who took the lease of the order loop last
	accounts     []gateway.Account
	trusted      map[string]bool     // merchant accounts that book a device's word
	routes       map[string][]string // company/community and way → the accounts chosen
	entities     entities
	asked        map[string]bool // refunds that somebody went to undo on a terminal
	circuits     map[string]bool // process and account whose circuit was seen open
	companies    []string
	units        []*property.Unit
	recent       []*property.Unit
	saving       []*property.Unit // those that paid ahead
	terminals    int

	made       int // orders
	sessions   int // people at work
	pending    int // notifications on their way
	devices    map[string]*device
	results    []*handedBack // that terminals had to bring
	keeping    int           // results that terminals still keep
	statements time.Duration // by then they have told us of all cards
	counter    int           // of keys and the like

	watch
	figures   Figures
	violation *Violation
	story     []string
	lines     int // of the traced order's timeline that are in the story
	hash      uint64
}

// mornings are when a day may begin: at its opening, or so late that midnight comes while people pay.
var mornings = []time.Time{
	time.Date(2026, 11, 24, 0, 30, 0, 0, time.UTC), time.Date(2026, 11, 24, 0, 30, 0, 0, time.UTC),
	time.Date(2026, 11, 24, 15, 20, 0, 0, time.UTC),
}

// newWorld makes a world from its plan.
func newWorld(p plan) *world {
	w := &world{
		plan: p, memory: newMemory(), dice: map[Fault]*rand.Rand{}, without: map[Fault]bool{},
		devices: map[string]*device{}, trusted: map[string]bool{}, routes: map[string][]string{},
		asked: map[string]bool{}, circuits: map[string]bool{}, entities: newEntities(),
		watch: newWatch(), figures: newFigures(), hash: 14695981039346656037,
	}
	if p.mutation != nil {
		w.mutation = *p.mutation
	}
	w.sched = newScheduler(w.stream(0), func(what string) { w.violate("panic", "", what) })
	for i, f := range Faults() {
		w.dice[f] = w.stream(uint64(i) + 1)
	}
	for _, f := range p.without {
		w.without[f] = true
	}
	w.began = one(w.sched, mornings...)
	w.policy = one(w.sched, payment.RefundUnapplied, payment.RefundUnapplied, payment.PrepayUnapplied,
		payment.HoldUnapplied)
	w.limit = one(w.sched, money.Fen(0), 5000, 1_000_000)
	w.payDue = w.sched.odds(500)
	return w
}

// stream is one of the world's generators.
func (w *world) stream(no uint64) *rand.Rand {
	return rand.New(rand.NewPCG(w.seed, uint64(w.index)<<16|no))
}

// instant is the true time.
func (w *world) instant() time.Time { return w.began.Add(w.sched.now) }

// live runs the world to its end.
func (w *world) live() {
	w.sched.after(0, w.direct)
	w.sched.run()
	w.figures.Orders, w.figures.Virtual = w.made, w.sched.now
	w.figures.Hash = w.hash
}

// direct is the day: it opens the doors, lets people come until there are orders enough, and waits until nothing is
// pending. Then the books are held against each other.
func (w *world) direct() {
	w.found()
	w.sched.after(time.Minute, w.weather)
	w.sched.after(time.Minute, w.finance)
	w.sched.after(time.Minute, w.strangers)
	w.sched.after(time.Minute, w.office)
	w.sched.after(time.Minute, w.sweepers)
	w.sched.after(time.Minute, w.correctors)
	w.sched.after(time.Minute, w.tellers)
	w.sched.after(time.Minute, w.savers)
	for most := 20 * w.orders; w.made < w.plan.orders && most > 0; most-- {
		w.visit()
		w.sched.sleep(w.gap())
	}
	for w.sessions > 0 {
		w.sched.sleep(10 * time.Second)
	}
	w.calm = true
	for _, b := range w.institutions {
		b.silent, b.down = 0, 0
	}
	for _, p := range w.processes {
		p.jump = 0
	}
	if w.settle() {
		w.verify()
	}
	w.sched.over = true
}

// gap is the time until the next person comes: some come together.
func (w *world) gap() time.Duration {
	if w.sched.odds(300) {
		return w.sched.between(0, 20*time.Millisecond)
	}
	return w.sched.between(0, 12*time.Second)
}

// weather makes institutions fall silent and clocks jump.
func (w *world) weather() {
	for !w.calm {
		if w.strikes(Silence) {
			b := one(w.sched, w.institutions...)
			b.silent = w.sched.now + w.sched.between(20*time.Second, 6*time.Minute)
		}
		if w.strikes(Down) {
			b := one(w.sched, w.institutions...)
			b.down = w.sched.now + w.sched.between(20*time.Second, 6*time.Minute)
		}
		w.circuitsOf(one(w.sched, w.processes...))
		for _, p := range w.processes {
			p.jump = 0
		}
		if w.strikes(ClockJump) {
			p := one(w.sched, w.processes...)
			p.jump = w.sched.between(-4*time.Minute, 4*time.Minute)
			w.say("the clock of %s is off by %s", p.name, p.jump)
		}
		w.sched.sleep(w.sched.between(time.Minute, 5*time.Minute))
	}
}

// circuitsOf counts the circuits of a process that opened since somebody looked.
func (w *world) circuitsOf(p *process) {
	var options []merchant.Option
	company := one(w.sched, w.companies...)
	w.within(p, func(ctx context.Context) { options, _ = p.pay.Merchants().Options(ctx, company, "") })
	for _, c := range options {
		for _, a := range c.Accounts {
			key := p.name + " " + a.ID
			if a.Failing && !w.circuits[key] {
				w.figures.Circuits++
			}
			w.circuits[key] = a.Failing
		}
	}
}

// strangers pay under numbers that we never gave.
func (w *world) strangers() {
	for n := 0; !w.calm; n++ {
		w.sched.sleep(w.sched.between(10*time.Second, 30*time.Second))
		if !w.strikes(Unknown) && n > 0 {
			continue
		}
		if w.without[Unknown] {
			continue
		}
		a := one(w.sched, w.accounts...)
		out := one(w.sched, fmt.Sprintf("X%015d", n), fmt.Sprintf("20200101000000%010d01", n))
		if o := w.anyOrder(); o != nil && w.sched.odds(300) {
			out = o.ID + "77"
		}
		if b := w.bank(a.Institution); b.confirms() == gateway.ByStatement && w.sched.odds(500) {
			b.strayCard(a.ID, out, w.amount())
		} else {
			b.stray(a.ID, out, w.amount())
		}
	}
}

func (w *world) bank(i gateway.Institution) *institution {
	return w.institutions[slices.IndexFunc(w.institutions, func(b *institution) bool { return b.name == i })]
}

func (w *world) amount() money.Fen { return money.Fen(100 + w.sched.dice.Int64N(40_000)) }

// kind is a collection of another package, as this one writes it when it founds the world.
func insert[T any](w *world, collection, id string, v T, keys store.Keys) {
	body, err := json.Marshal(v)
	if err == nil {
		err = w.memory.Insert(context.Background(), collection, store.Doc{ID: id, Keys: keys, Body: body})
	}
	if err != nil {
		panic(err)
	}
}

// sealedWorlds says that one world in so many has its personal data sealed, as app seals it; it takes twice as long.
const sealedWorlds = 4

// sealed is a store as the services of the world see it.
func (w *world) sealed(st store.Store, now func() time.Time) store.Store {
	if w.index%sealedWorlds != 0 {
		return st
	}
	s := store.Seal(st, w.box, now, slog.New(slog.DiscardHandler))
	if err := s.Ensure(context.Background(), schemas()...); err != nil {
		panic(err)
	}
	return s
}

func schemas() []store.Schema {
	return slices.Concat(payment.Schemas(), property.Schemas(), billing.Schemas(), terminal.Schemas(),
		webhook.Schemas())
}

// found makes the companies, what they are owed, and the processes.
func (w *world) found() {
	ctx := context.Background()
	box, err := seal.New(seal.NewKey())
	if err == nil {
		err = w.memory.Ensure(ctx, schemas()...)
	}
	if err != nil {
		panic(err)
	}
	w.box = box
	cfg := payment.Config{Accounts: merchant.NewAccounts(w.memory, box), Now: w.instant}
	for _, name := range institutionNames {
		b := newInstitution(w, name)
		w.institutions, cfg.Gateways = append(w.institutions, b), append(cfg.Gateways, b)
	}
	operations := payment.NewService(w.memory, cfg)
	for c := range 1 + w.sched.dice.IntN(2) {
		company := fmt.Sprintf("c%d", c)
		w.companies = append(w.companies, company)
		insert(w, "companies", company, property.Company{ID: company, Name: company}, nil)
		w.foundListener(company)
		w.foundAccounts(cfg.Accounts, company)
		w.foundRoutes(operations, company, "")
		for _, community := range w.foundCommunities(company) {
			if w.sched.odds(500) {
				w.foundRoutes(operations, company, community)
			}
		}
	}
	w.foundTerminals()
	for i := range 2 + w.sched.dice.IntN(3) {
		p := &process{w: w, name: fmt.Sprintf("process-%d", i), skew: w.sched.between(-2*time.Second, 2*time.Second)}
		w.processes = append(w.processes, p)
		p.start()
	}
}

// unitBills is how many bills a unit starts with, dueBills how many of them are due on the day.
const (
	unitBills = 6
	dueBills  = 2
)

func (w *world) foundCommunity(company, id string, of belonging) {
	insert(w, "communities", id, property.Community{ID: id, Company: company, Name: id},
		store.Keys{"company": {company}, "name": {id}, "place": {id}})
	var published []string
	for n := range max(4, w.plan.orders/6) {
		u := &property.Unit{
			ID: fmt.Sprintf("%s-u%d", id, n), Company: company, Community: id, Building: "1栋", Room: fmt.Sprint(n),
			Label: fmt.Sprintf("1栋 %d", n),
			Owner: "住户", Phone: fmt.Sprintf("138%08d", n),
		}
		insert(w, "units", u.ID, u, store.Keys{"community": {id}, "company": {company}, "label": {u.Label},
			"phone": {u.Phone}})
		w.units = append(w.units, u)
		for m := range unitBills {
			b := &billing.Bill{
				ID: fmt.Sprintf("%s-b%d", u.ID, m), Company: company, Community: id, Unit: u.ID, Fee: "物业费",
				Period: fmt.Sprintf("2026-%02d", m+1),
				Amount: w.amount(), DueDate: "2026-12-31", Status: billing.Unpaid,
			}
			if b.PublishedAt = w.instant(); m < dueBills {
				b.DueDate = calendar.Day(w.began)
			}
			w.owes(b, of, m)
			insert(w, "bills", b.ID, b, billKeys(b))
			published = append(published, b.ID)
		}
	}
	// As a crash leaves it once the bills are there: a process tells the journal of them.
	insert(w, "publications", id, map[string]any{"id": id, "company": company, "bills": published, "at": w.instant()},
		store.Keys{"company": {company}, "at": {w.instant().UnixMilli()}})
}

func billKeys(b *billing.Bill) store.Keys {
	return store.Keys{"community": {b.Community}, "unit": {b.Unit}, "status": {string(b.Status)}, "period": {b.Period},
		"amount": {int64(b.Billed())}}
}

// settleDays is the most that the longest wait takes: for the statements, then for people who look at what these do not
// show.
const settleDays = 12

// settle waits until nothing is pending, and reports whether that came to pass in time.
func (w *world) settle() bool {
	for pause := 2 * time.Minute; w.sched.now < settleDays*24*time.Hour; w.sched.sleep(pause) {
		if w.violation != nil {
			return false
		}
		swept := w.sweep()
		w.tell()
		quiet := swept && !w.telling() && w.pending == 0 && w.keeping == 0
		if quiet && w.sched.now >= w.statements && w.unfinished() == "" {
			return true
		}
		pause = min(pause+pause/8, 2*time.Hour)
	}
	if w.violation == nil {
		id := w.unfinished()
		w.violate("unfinished", id, "days after the last fault this is still pending: "+w.state(id))
	}
	return false
}
