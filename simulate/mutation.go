package simulate

import (
	"context"

	"linlipay/payment"
	"linlipay/store"
)

// Mutation is a defect that is put between the product and its ports, to see that the checks find it. What is nil stays as it is.
type Mutation struct {
	Name string
	Why  string // what is wrong then

	Store   func(w *world, p *process, st store.Store) store.Store
	Bank    func(w *world, b bank) bank
	Items   func(w *world, owner payment.ItemOwner) payment.ItemOwner
	Receive func(w *world, p *process) func(context.Context, payment.Institution, string, payment.Message) payment.Answer
	Crashed func(w *world, p *process)
	NoLoop  bool
}
