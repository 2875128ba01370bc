package simulate

import (
	"context"
	"slices"

	"linlipay/billing"
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
	return slices.Concat(storeMutations(), ledgerMutations(), entityMutations(), bankMutations(), refundMutations(),
		cardMutations(), returnMutations(), terminalMutations(), itemMutations(), callbackMutations(), markMutations(),
		eventMutations(), correctionMutations(), prepaymentMutations(), payoutMutations())
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
