package simulate

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// Mutation is a defect that is put between the product and its ports, to see that the checks find it. What is nil stays
// as it is.
type Mutation struct {
	Name string
	Why  string // what is wrong then

	Store   func(w *world, p *process, st port) store.Store
	Bank    func(w *world, b bank) bank
	Items   func(w *world, owner payment.ItemOwner) payment.ItemOwner
	Receive func(w *world, p *process) receiver
	Crashed func(w *world, p *process)
	// Payments is what the bills ask orders by
	Payments func(billing.Payments) billing.Payments
	NoLoop   bool
	NoSweep  bool // nobody carries out what bills owe
	Literal  bool // what an institution leaves out is read as zero
	Forgets  bool // a terminal drops a result whose time the server does not accept
}

// port is the store as a process sees it.
type port interface {
	store.Store
	store.Pauser
}

type receiver func(context.Context, gateway.Institution, string, gateway.RawNotification) gateway.Acknowledgement

// Mutations lists the defects.
func Mutations() []Mutation {
	return slices.Concat(storeMutations(), ledgerMutations(), bankMutations(), refundMutations(), cardMutations(),
		returnMutations(), terminalMutations(), itemMutations(), callbackMutations(),
		markMutations())
}

// MutationNamed returns the mutation, or nil.
func MutationNamed(name string) *Mutation {
	for _, m := range Mutations() {
		if m.Name == name {
			return &m
		}
	}
	return nil
}

// spoiled is a store whose writes are spoiled: spoil gets the collection, the document and the real write, and does
// what it likes.
type spoiled struct {
	port
	spoil func(ctx context.Context, collection string, d store.Doc, insert bool, write func(store.Doc) error) error
}

// Insert is spoiled.
func (s spoiled) Insert(ctx context.Context, c string, d store.Doc) error {
	return s.spoil(ctx, c, d, true, func(d store.Doc) error { return s.port.Insert(ctx, c, d) })
}

// Replace is spoiled.
func (s spoiled) Replace(ctx context.Context, c string, d store.Doc) error {
	return s.spoil(ctx, c, d, false, func(d store.Doc) error { return s.port.Replace(ctx, c, d) })
}

// spoil makes a mutation of the store.
func spoil(name, why string, how func(w *world, p *process, st port, c string, d store.Doc, insert bool,
	write func(store.Doc) error) error) Mutation {
	return Mutation{Name: name, Why: why, Store: func(w *world, p *process, st port) store.Store {
		return spoiled{st, func(_ context.Context, c string, d store.Doc, insert bool,
			write func(store.Doc) error) error {
			return how(w, p, st, c, d, insert, write)
		}}
	}}
}

func storeMutations() []Mutation {
	return []Mutation{
		spoil("version-unchecked", "Replace overwrites whatever version is stored",
			func(_ *world, _ *process, st port, c string, d store.Doc, _ bool, write func(store.Doc) error) error {
				for {
					err := write(d)
					if !fault.Is(err, fault.Stale) {
						return err
					}
					now, err := st.Get(context.Background(), c, d.ID)
					if err != nil {
						return err
					}
					d.Version = now.Version
				}
			}),
		spoil("stale-is-done", "a Replace that changed nothing is read as: somebody else did it",
			func(_ *world, _ *process, _ port, _ string, d store.Doc, _ bool, write func(store.Doc) error) error {
				if err := write(d); !fault.Is(err, fault.Stale) {
					return err
				}
				return nil
			}),
		spoil("holds-not-unique", "several orders may hold the same bill or terminal",
			func(_ *world, _ *process, _ port, _ string, d store.Doc, _ bool, write func(store.Doc) error) error {
				return write(without(d, "hold"))
			}),
		spoil("key-not-unique", "the same Idempotency-Key may make a second order",
			func(_ *world, _ *process, _ port, _ string, d store.Doc, _ bool, write func(store.Doc) error) error {
				return write(without(d, "key"))
			}),
		spoil("due-forgotten", "one order in ten is never due",
			func(_ *world, _ *process, _ port, _ string, d store.Doc, _ bool, write func(store.Doc) error) error {
				if strings.HasSuffix(d.ID, "7") {
					d = without(d, "due")
				}
				return write(d)
			}),
		spoil("deed-untold", "an order forgets the events that it owes the audit log", func(
			_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			var o map[string]json.RawMessage
			if c != "orders" || json.Unmarshal(d.Body, &o) != nil || o["owes_audit"] == nil {
				return write(d)
			}
			delete(o, "owes_audit")
			d.Body = encode(o)
			return write(d)
		}),
		spoil("effect-lost", "a change is written without the effects that it owes",
			func(_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error) error {
				return write(withoutEffect(c, d, payment.SettleItems, payment.ReopenItems, payment.KeepPrepayment))
			}),
		spoil("line-lost", "a change is written without the ledger's lines that it owes",
			func(_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error) error {
				return write(without(withoutEffect(c, d, payment.PostCharge), "unrecorded"))
			}),
		notDurable(),
		{Name: "loop-missing", Why: "nobody runs the order loop", NoLoop: true},
	}
}

// without is a document without a key.
func without(d store.Doc, key string) store.Doc {
	keys := store.Keys{}
	for name, values := range d.Keys {
		if name != key {
			keys[name] = values
		}
	}
	d.Keys = keys
	return d
}

// withoutEffect is an order without some effects owed.
func withoutEffect(c string, d store.Doc, kinds ...payment.OutboxKind) store.Doc {
	var o map[string]json.RawMessage
	var owed, left []payment.OutboxEntry
	if c != "orders" || json.Unmarshal(d.Body, &o) != nil || json.Unmarshal(o["effects"], &owed) != nil {
		return d
	}
	for _, e := range owed {
		if !slices.Contains(kinds, e.Kind) {
			left = append(left, e)
		}
	}
	raw, err := json.Marshal(left)
	if err != nil {
		panic(err)
	}
	o["effects"] = raw
	if d.Body, err = json.Marshal(o); err != nil {
		panic(err)
	}
	return d
}

// unsynced is the last write of a process, which a crash undoes.
type unsynced struct {
	at         time.Duration
	collection string
	before     *store.Doc
	id         string
	version    int64
}

// notDurable acknowledges writes that a crash within the next moment undoes.
func notDurable() Mutation {
	m := spoil("not-durable", "a write is acknowledged before it is durable, and a crash loses it",
		func(w *world, p *process, _ port, c string, d store.Doc, insert bool, write func(store.Doc) error) error {
			last := unsynced{collection: c, id: d.ID, version: d.Version + 1}
			if old, err := w.memory.Get(context.Background(), c, d.ID); err == nil && !insert {
				last.before = &old
			}
			err := write(d)
			if last.at = w.sched.now; err == nil && c == "orders" {
				p.unsynced = &last
			}
			return err
		})
	m.Crashed = func(w *world, p *process) {
		last := p.unsynced
		p.unsynced = nil
		if last == nil {
			return
		}
		docs := w.memory.kinds["orders"].docs
		if r := docs[last.id]; r == nil || r.doc.Version != last.version || last.before == nil ||
			w.sched.now-last.at > 10*time.Second {
			return
		}
		back := *last.before
		back.Version = last.version
		_ = w.write(last.collection, back, w.memory.Replace(context.Background(), last.collection, back))
	}
	return m
}

func ledgerMutations() []Mutation {
	return []Mutation{
		spoil("block-dropped", "a block of the ledger is acknowledged and not written",
			func(w *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error) error {
				if c == "ledger" && w.sched.odds(100) {
					return nil
				}
				return write(d)
			}),
		spoil("block-doubled", "a block's lines may be written again in another block",
			func(_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error) error {
				if c == "ledger" {
					d = without(d, "line")
				}
				return write(d)
			}),
		spoil("block-spoiled", "a line of the ledger is written with another amount",
			func(w *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error) error {
				if c == "ledger" && w.sched.odds(50) {
					d.Body = []byte(strings.Replace(string(d.Body), `"amount":`, `"amount":1`, 1))
				}
				return write(d)
			}),
	}
}

// owner is the owner of the bills with some answers replaced.
type owner struct {
	payment.ItemOwner
	settle  func(ctx context.Context, o *payment.Order) ([]string, error)
	reopen  func(ctx context.Context, o *payment.Order, r *payment.Refund) error
	prepaid func(ctx context.Context, o *payment.Order, e *payment.UnappliedFunds) error
}

// Settle may be replaced.
func (x owner) Settle(ctx context.Context, o *payment.Order) ([]string, error) {
	if x.settle != nil {
		return x.settle(ctx, o)
	}
	return x.ItemOwner.Settle(ctx, o)
}

// Reopen may be replaced.
func (x owner) Reopen(ctx context.Context, o *payment.Order, r *payment.Refund) error {
	if x.reopen != nil {
		return x.reopen(ctx, o, r)
	}
	return x.ItemOwner.Reopen(ctx, o, r)
}

// KeepPrepayment may be replaced.
func (x owner) KeepPrepayment(ctx context.Context, o *payment.Order, e *payment.UnappliedFunds) error {
	if x.prepaid != nil {
		return x.prepaid(ctx, o, e)
	}
	return x.ItemOwner.KeepPrepayment(ctx, o, e)
}

// own makes a mutation of the owner of the bills.
func own(name, why string, how func(w *world, inner payment.ItemOwner, x *owner)) Mutation {
	return Mutation{Name: name, Why: why, Items: func(w *world, inner payment.ItemOwner) payment.ItemOwner {
		x := &owner{ItemOwner: inner}
		how(w, inner, x)
		return x
	}}
}

// force changes a bill whatever its state.
func (w *world) force(id string, change func(*billing.Bill)) {
	ctx := context.Background()
	d, err := w.memory.Get(ctx, "bills", id)
	var b billing.Bill
	if err != nil || json.Unmarshal(d.Body, &b) != nil {
		return
	}
	change(&b)
	if d.Body, err = json.Marshal(b); err != nil {
		panic(err)
	}
	d.Keys = billKeys(&b)
	_ = w.memory.Replace(ctx, "bills", d)
}

func itemMutations() []Mutation {
	return []Mutation{
		own("settle-overwrites", "a paid order settles its bills whoever has paid them before",
			func(w *world, _ payment.ItemOwner, x *owner) {
				x.settle = func(_ context.Context, o *payment.Order) ([]string, error) {
					for _, it := range o.Items {
						w.force(it.Ref, func(b *billing.Bill) {
							if b.Settlement(o.ID) == nil {
								b.Settlements = append(b.Settlements,
									billing.Settlement{Order: o.ID, Amount: it.Amount, At: o.PaidAt})
							}
							b.Status, b.PaidBy = billing.PaidBill, o.ID
						})
					}
					return nil, nil
				}
			}),
		own("settle-forgets", "one paid order in ten settles nothing",
			func(_ *world, inner payment.ItemOwner, x *owner) {
				x.settle = func(ctx context.Context, o *payment.Order) ([]string, error) {
					if strings.HasSuffix(o.ID, "3") {
						return nil, nil
					}
					return inner.Settle(ctx, o)
				}
			}),
		own("reopen-forgets", "a refund opens no bill again", func(_ *world, _ payment.ItemOwner, x *owner) {
			x.reopen = func(context.Context, *payment.Order, *payment.Refund) error { return nil }
		}),
		own("reopen-twice", "a repeated effect opens a bill again by the same refund",
			func(w *world, _ payment.ItemOwner, x *owner) {
				x.reopen = func(_ context.Context, o *payment.Order, r *payment.Refund) error {
					for _, it := range r.Items {
						w.force(it.Ref, func(b *billing.Bill) {
							paid := b.Settlement(o.ID)
							paid.GivenBack = append(paid.GivenBack,
								billing.Reopening{Refund: r.OutRefundNo, Amount: it.Amount})
							b.Status, b.PaidBy = billing.Unpaid, ""
						})
					}
					w.sched.sleep(w.pace())
					return nil
				}
			}),
		own("prepayment-forgotten", "unapplied funds become nobody's prepayment",
			func(_ *world, _ payment.ItemOwner, x *owner) {
				x.prepaid = func(context.Context, *payment.Order, *payment.UnappliedFunds) error { return nil }
			}),
	}
}

func callbackMutations() []Mutation {
	yes := gateway.Acknowledgement{Status: http.StatusOK}
	return []Mutation{
		{Name: "answer-first", Why: "a notification is answered with success before its money is booked",
			Receive: func(w *world, p *process) receiver {
				return func(_ context.Context, i gateway.Institution, account string,
					m gateway.RawNotification) gateway.Acknowledgement {
					w.sched.after(w.sched.between(0, 50*time.Millisecond), func() {
						w.within(p, func(ctx context.Context) { p.pay.Receive(ctx, i, account, m) })
					})
					return yes
				}
			}},
		{Name: "answer-anyway", Why: "a notification is answered with success although its money could not be booked",
			Receive: func(_ *world, p *process) receiver {
				return func(ctx context.Context, i gateway.Institution, account string,
					m gateway.RawNotification) gateway.Acknowledgement {
					p.pay.Receive(ctx, i, account, m)
					return yes
				}
			}},
	}
}
