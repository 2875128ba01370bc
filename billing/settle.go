package billing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

// Settlement is what one order, or one draw of a prepayment, paid towards a bill, and what of that went back.
type Settlement struct {
	Order     string      `json:"order,omitempty"`
	Draw      string      `json:"draw,omitempty"` // the prepayment and the draw's number, where no order paid
	Amount    money.Fen   `json:"amount"`         // 0: it came and could not settle the bill, and the answer stays that
	At        time.Time   `json:"at"`
	GivenBack []Reopening `json:"given_back,omitempty"`
	// Draw: orders that held the bill before it have not been looked for yet; it is counted, and may be taken back
	Tentative bool `json:"tentative,omitempty"`
}

// Reopening is what one refund gave back of a settlement, or of a credit of a prepayment. A draw goes back in one,
// without a refund.
type Reopening struct {
	Refund string    `json:"refund,omitempty"` // out-refund number
	Amount money.Fen `json:"amount"`
	At     time.Time `json:"at,omitzero"` // of a draw and of a credit; else the order tells it
}

// Net is what the settlement still pays of the bill, in fen.
func (s *Settlement) Net() money.Fen {
	net := s.Amount
	for _, g := range s.GivenBack {
		net -= g.Amount // bounded by Amount: see Reopen
	}
	return net
}

// Settlement returns what an order paid towards the bill, or nil.
func (b *Bill) Settlement(order string) *Settlement {
	for i := range b.Settlements {
		if b.Settlements[i].Order == order && order != "" {
			return &b.Settlements[i]
		}
	}
	return nil
}

// drawn returns what a draw of a prepayment paid towards the bill, or nil.
func (b *Bill) drawn(draw string) *Settlement {
	i := slices.IndexFunc(b.Settlements, func(s Settlement) bool { return s.Draw == draw })
	if i < 0 {
		return nil
	}
	return &b.Settlements[i]
}

// Owed is what is still to be paid of the bill, in fen; one that came in as paid owes nothing.
func (b *Bill) Owed() money.Fen {
	if b.PaidBy == Imported {
		return 0
	}
	return b.Billed() - b.paid()
}

// due is what is owed of the bill in fen as others are told: what a draw pays only once it is sure to stand.
func (b *Bill) due() money.Fen {
	due := b.Owed()
	for i := range b.Settlements {
		if paid := &b.Settlements[i]; paid.Tentative {
			due += paid.Amount
		}
	}
	return due
}

// Books are what orders settle: bills and prepayments. They are the owner of an order's items, and ask nothing of the
// orders, so that payment.NewService can be given them. Beside the faults that a method names it returns the store's
// (see package store).
type Books struct {
	bills   store.Collection[Bill]
	prepaid store.Collection[Prepayment]
	now     func() time.Time
}

// NewBooks opens the books of a store on which Ensure was called with Schemas.
func NewBooks(st store.Store, now func() time.Time) *Books {
	return &Books{bills: bills.In(st), prepaid: prepaid.In(st), now: now}
}

// Settle marks what a paid order pays for as paid, each bill once, and returns the bills that it could not: something
// else paid them, so that they owe less than the order asked for. Either answer is written on the bill, so that a
// repeat, or another process at the same time, gets the same.
func (s *Books) Settle(ctx context.Context, o *payment.Order) (unsettled []string, err error) {
	for _, item := range o.Items {
		if prepayment, ahead := TopUpOf(item.Ref); ahead {
			into := paidBy(o, prepayment)
			into.Deposit = depositOf(item)
			if err := s.addCredit(ctx, into, creditOf(o, item)); err != nil {
				return nil, err
			}
			continue
		}
		settled := false
		_, err := s.update(ctx, item.Ref, func(b *Bill) error {
			if before := b.Settlement(o.ID); before != nil {
				settled = before.Amount > 0
				return store.ErrUnchanged
			}
			if settled = item.Amount <= b.Owed(); !settled {
				b.Settlements = append(b.Settlements, Settlement{Order: o.ID, At: o.PaidAt})
				return nil
			}
			b.Settlements = append(b.Settlements, Settlement{Order: o.ID, Amount: item.Amount, At: o.PaidAt})
			if b.due() == 0 {
				b.Status, b.PaidBy, b.PaidAt = PaidBill, o.ID, o.PaidAt
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if !settled {
			unsettled = append(unsettled, item.Ref)
		}
	}
	return unsettled, nil
}

// Reopen makes bills owed again by exactly what a refund gave back; of what was paid ahead it is gone. It may be
// repeated. More than a bill keeps is Internal, and nothing of it changes.
func (s *Books) Reopen(ctx context.Context, o *payment.Order, r *payment.Refund) error {
	if r.Kept > 0 {
		return s.takeBack(ctx, o, r)
	}
	for _, item := range r.Items {
		if _, ahead := TopUpOf(item.Ref); ahead {
			if err := s.giveBack(ctx, o, r, item); err != nil {
				return err
			}
			continue
		}
		_, err := s.update(ctx, item.Ref, func(b *Bill) error {
			paid := b.Settlement(o.ID)
			if paid == nil || slices.ContainsFunc(paid.GivenBack, func(g Reopening) bool {
				return g.Refund == r.OutRefundNo
			}) {
				return store.ErrUnchanged
			}
			if item.Amount > paid.Net() {
				return errTooMuch(b, r)
			}
			paid.GivenBack = append(paid.GivenBack, Reopening{Refund: r.OutRefundNo, Amount: item.Amount})
			b.Status, b.PaidBy, b.PaidAt = Unpaid, "", time.Time{}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func errTooMuch(b *Bill, r *payment.Refund) error {
	return fault.New(fault.Internal, "系统错误，请联系管理员。",
		fmt.Sprintf("Refund %s gives back more than was paid towards bill %s.", r.OutRefundNo, b.ID))
}
