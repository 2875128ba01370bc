package simulate

import (
	"context"
	"slices"
	"strings"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/store"
)

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
		spoil("receipts-from-one", "a block of the ledger forgets which receipt was the last", func(
			_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			var b map[string]json.RawMessage
			if c == "ledger" && json.Unmarshal(d.Body, &b) == nil {
				delete(b, "last")
				d.Body = encode(b)
			}
			return write(d)
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
