package simulate

import (
	"context"
	"slices"
	"strings"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/payment"
)

// owner is the owner of the bills with some answers replaced.
type owner struct {
	payment.ItemOwner
	settle  func(ctx context.Context, o *payment.Order) ([]string, error)
	reopen  func(ctx context.Context, o *payment.Order, r *payment.Refund) error
	prepaid func(ctx context.Context, o *payment.Order, e *payment.UnappliedFunds) error

	withhold, release func(ctx context.Context, o *payment.Order, r *payment.Refund) error
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

// Withhold may be replaced.
func (x owner) Withhold(ctx context.Context, o *payment.Order, r *payment.Refund) error {
	if x.withhold != nil {
		return x.withhold(ctx, o, r)
	}
	return x.ItemOwner.Withhold(ctx, o, r)
}

// Release may be replaced.
func (x owner) Release(ctx context.Context, o *payment.Order, r *payment.Refund) error {
	if x.release != nil {
		return x.release(ctx, o, r)
	}
	return x.ItemOwner.Release(ctx, o, r)
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

// alone answers who holds a bill with who has paid for it: whatever is open, there seems to be room.
type alone struct{ billing.Payments }

// Holdings leaves out what is open.
func (x alone) Holdings(ctx context.Context, community, ref string, parts int) ([]payment.Holding, error) {
	held, err := x.Payments.Holdings(ctx, community, ref, parts)
	if parts > 1 {
		for i := range held {
			if held[i].Status != payment.Paid {
				held[i].Amount = 0
			}
		}
	}
	return held, err
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
		own("part-settles-whole", "an order that pays a part of a bill settles all of it",
			func(w *world, inner payment.ItemOwner, x *owner) {
				x.settle = func(ctx context.Context, o *payment.Order) ([]string, error) {
					unsettled, err := inner.Settle(ctx, o)
					for _, it := range o.Items {
						if err == nil && it.Of > 0 && !slices.Contains(unsettled, it.Ref) {
							w.force(it.Ref, func(b *billing.Bill) { b.Status, b.PaidBy = billing.PaidBill, o.ID })
						}
					}
					return unsettled, err
				}
			}),
		own("part-reopens-whole", "what goes back of a part opens all that was paid of its bill",
			func(w *world, inner payment.ItemOwner, x *owner) {
				x.reopen = func(ctx context.Context, o *payment.Order, r *payment.Refund) error {
					err := inner.Reopen(ctx, o, r)
					for _, it := range r.Items {
						w.force(it.Ref, func(b *billing.Bill) {
							for i := range b.Settlements {
								if s := &b.Settlements[i]; s.Order != o.ID && s.Net() > 0 {
									s.GivenBack = append(s.GivenBack,
										billing.Reopening{Refund: r.OutRefundNo, Amount: s.Net()})
								}
							}
						})
					}
					return err
				}
			}),
		{
			Name: "parts-overlap", Why: "an order for a part of a bill does not look at who holds the others",
			Payments: func(p billing.Payments) billing.Payments { return alone{p} },
		},
		own("kept-stays", "what an institution gave back of unapplied funds stays a prepayment",
			func(_ *world, inner payment.ItemOwner, x *owner) {
				x.reopen = func(ctx context.Context, o *payment.Order, r *payment.Refund) error {
					if r.Kept > 0 {
						return nil
					}
					return inner.Reopen(ctx, o, r)
				}
			}),
		own("prepayment-forgotten", "unapplied funds become nobody's prepayment",
			func(_ *world, _ payment.ItemOwner, x *owner) {
				x.prepaid = func(context.Context, *payment.Order, *payment.UnappliedFunds) error { return nil }
			}),
	}
}
