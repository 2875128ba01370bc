package payment

import (
	"context"

	"linlipay/fault"
	"linlipay/store"
)

// What people decide over unapplied funds; unapplied.go has the rules.

// Decision is what a person does with unapplied funds.
type Decision string

// The decisions.
const (
	Claim   Decision = "claim"   // work on it
	Return  Decision = "refund"  // give it back
	Prepay  Decision = "prepay"  // keep it as the unit's prepayment
	Dismiss Decision = "dismiss" // it stays, as the note explains
)

// DecideUnapplied does with unapplied funds what a person decides. What is given back waits for another person's
// approval, as in RequestRefund. What stays without a note is Invalid; funds that the order does not have are NotFound,
// and those that are not open for it WrongState.
func (s *Service) DecideUnapplied(ctx context.Context, id string, no int, d Decision, by, note string) (*Order, error) {
	if d == Dismiss && note == "" {
		return nil, fault.New(fault.Invalid, "请填写核销说明。", "Say why the money stays.")
	}
	o, err := s.update(ctx, id, func(o *Order) error {
		e, now := o.UnappliedFunds(no), s.now()
		if e == nil {
			return fault.New(fault.NotFound, "异常款不存在。", "There is no such unapplied funds.")
		}
		moved := false
		switch d {
		case Claim:
			if moved = o.claimUnapplied(no, by, now); !moved && e.State == UnappliedOpen {
				return store.ErrUnchanged
			}
		case Return:
			if err := o.explainFirst(e.Attempt); err != nil && e.State == UnappliedOpen {
				return err
			}
			settled, err := s.settings(ctx, o.Company)
			if err != nil {
				return err
			}
			moved = o.refundUnapplied(no, by, o.needsNobody(e.Amount, settled.RefundLimit), now)
		case Prepay:
			if err := o.explainFirst(e.Attempt); err != nil && e.State == UnappliedOpen {
				return err
			}
			moved = o.prepayUnapplied(no, by, now)
		case Dismiss:
			moved = o.dismissUnapplied(no, by, note, now)
		}
		if !moved {
			return fault.New(fault.WrongState, "该异常款当前不能进行此操作。", "This unapplied funds cannot do that now.").With(
				"state", string(e.State))
		}
		o.answer(ctx)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if o, err = s.deliverOutbox(ctx, o); err != nil {
		return nil, err
	}
	return s.driveRefunds(ctx, o, false)
}
