package billing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/payment"
	"linlipay/store"
)

// How money comes into a prepayment and goes back.

// TopUp makes an order by which a home's owner pays an amount ahead, in.Amount in fen, to the legal entity that takes
// the community's money today: to the prepayment, or to a deposit of its own (in.Deposit). An amount that is less than
// 1, or more than a bill can be of, is Invalid, and so is a deposit without a name; see payment.Service.Create for the
// other faults.
func (s *Service) TopUp(ctx context.Context, in Collect) (o *payment.Order, hit bool, err error) {
	title := payment.AheadTitle
	if in.Deposit != nil {
		if title, err = depositName(in.Deposit.Name); err != nil {
			return nil, false, err
		}
	}
	if in.Amount <= 0 || in.Amount > mostBilled {
		return nil, false, wrong("prepay", "金额须大于 0，且不超过 1 亿元。", "The amount is more than 0 and at most ¥100,000,000.")
	}
	unit, err := s.property.Unit(ctx, in.Unit)
	if err != nil {
		return nil, false, err
	}
	entity, err := s.entityOn(ctx, unit.Company, unit.Community, calendar.Day(s.now()))
	if err != nil {
		return nil, false, err
	}
	payer, err := payer(unit, nil, nil)
	if err != nil {
		return nil, false, err
	}
	id := prepaymentID(unit.ID, unit.Tenure, entity)
	ref := topUpRef(id, in.Key)
	if in.Deposit != nil {
		ref = depositRef(id, in.Key)
	}
	place := s.property.CommunityName(ctx, unit.Community)
	return s.payments.Create(ctx, payment.NewOrder{
		Company: unit.Company, Community: unit.Community, Entity: entity, Origin: in.Origin, By: in.By,
		IdempotencyKey: in.Key, KeyHash: in.KeyHash, Payer: payer,
		Items: []payment.Item{{Ref: ref, Title: title, Amount: in.Amount, PaysAhead: true}},
		Title: strings.TrimSpace(shorten(place, titleLength-length(unit.Label)-length(title)-2) + " " + unit.Label +
			" " + title),
	})
}

// KeepPrepayment keeps unapplied funds of an order for its payer, once however often it is called: as the deposit that
// the order was to pay, where it was to pay one, and else as a prepayment.
func (s *Books) KeepPrepayment(ctx context.Context, o *payment.Order, e *payment.UnappliedFunds) error {
	return s.addCredit(ctx, paidInto(o), Credit{Source: Source{Order: o.ID, Unapplied: e.No},
		Amount: e.Amount, At: s.now().UTC()})
}

// paidBy is an empty prepayment of an order's payer.
func paidBy(o *payment.Order, id string) *Prepayment {
	return &Prepayment{ID: id, Company: o.Company, Community: o.Community, Entity: o.EntityID(), Unit: o.Payer.Unit,
		Tenure: o.Payer.Tenure}
}

// addCredit adds money to a prepayment, once; p is what is made where there is none.
func (s *Books) addCredit(ctx context.Context, p *Prepayment, c Credit) error {
	add := func(p *Prepayment) error {
		if p.credit(c.Source) != nil {
			return store.ErrUnchanged
		}
		p.Credits = append(p.Credits, c)
		p.SearchAt = s.now().UTC()
		return nil
	}
	_, err := s.prepaid.Update(ctx, p.ID, add)
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	if err := add(p); err != nil {
		return err
	}
	if err = s.prepaid.Insert(ctx, p); fault.Is(err, fault.AlreadyExists) { // another was faster
		_, err = s.prepaid.Update(ctx, p.ID, add)
	}
	return err
}

// changeCredits alters the credits of the prepayments that items of an order paid into; a prepayment that does not
// know of the order is the change's to judge, with c nil.
func (s *Books) changeCredits(ctx context.Context, o *payment.Order,
	change func(p *Prepayment, c *Credit) error) error {
	for _, it := range o.Items {
		id, ahead := TopUpOf(it.Ref)
		if !ahead {
			continue
		}
		err := s.changeMoving(ctx, id, func(p *Prepayment) error {
			return change(p, p.credit(Source{Order: o.ID, Item: it.Ref}))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func unknownCredit(o *payment.Order) error {
	return fault.New(fault.Internal, "系统错误，请联系管理员。",
		fmt.Sprintf("No prepayment knows of order %s.", o.ID))
}

func of(back []Reopening, refund string) bool {
	return slices.ContainsFunc(back, func(g Reopening) bool { return g.Refund == refund })
}

// Withhold sets aside what a refund is to give back of what was paid ahead. It may be repeated; it is WrongState where
// less is available, and Internal where the order brought nothing.
func (s *Books) Withhold(ctx context.Context, o *payment.Order, r *payment.Refund) error {
	return s.changeCredits(ctx, o, func(p *Prepayment, c *Credit) error {
		if c == nil {
			return unknownCredit(o)
		}
		i := slices.IndexFunc(r.Items, func(it payment.RefundItem) bool { return it.Ref == c.Item })
		switch {
		case i < 0, of(c.Withheld, r.OutRefundNo), of(c.GivenBack, r.OutRefundNo),
			slices.Contains(c.Released, r.OutRefundNo):
			return store.ErrUnchanged
		case r.Items[i].Amount > p.Available():
			return fault.New(fault.WrongState, "可用余额为 "+p.Available().Yuan()+" 元，不足本次退款。",
				p.Available().Yuan()+" is available: less than this refund.")
		}
		c.Withheld = append(c.Withheld, Reopening{Refund: r.OutRefundNo, Amount: r.Items[i].Amount, At: s.now().UTC()})
		return nil
	})
}

// Release frees what was set aside for a refund that gave nothing back. It may be repeated.
func (s *Books) Release(ctx context.Context, o *payment.Order, r *payment.Refund) error {
	err := s.changeCredits(ctx, o, func(p *Prepayment, c *Credit) error {
		if c == nil || slices.Contains(c.Released, r.OutRefundNo) || of(c.GivenBack, r.OutRefundNo) {
			return store.ErrUnchanged
		}
		c.Released = append(c.Released, r.OutRefundNo)
		c.Withheld = slices.DeleteFunc(slices.Clone(c.Withheld), func(g Reopening) bool {
			return g.Refund == r.OutRefundNo
		})
		p.SearchAt = s.now().UTC()
		return nil
	})
	if fault.Is(err, fault.NotFound) { // nothing was set aside of what never came
		return nil
	}
	return err
}

// takeBack takes out of a prepayment what an institution gave back of unapplied funds that were kept there, whether it
// was used or not. It may be repeated.
func (s *Books) takeBack(ctx context.Context, o *payment.Order, r *payment.Refund) error {
	return s.changeMoving(ctx, paidInto(o).ID, func(p *Prepayment) error {
		c := p.credit(Source{Order: o.ID, Unapplied: r.Kept})
		switch {
		case c == nil:
			return unknownCredit(o)
		case of(c.GivenBack, r.OutRefundNo):
			return store.ErrUnchanged
		}
		c.GivenBack = append(c.GivenBack, Reopening{Refund: r.OutRefundNo, Amount: r.Amount, At: r.SucceededAt.UTC()})
		p.takeMovedBack(r.OutRefundNo, r.SucceededAt.UTC())
		return nil
	})
}

// changeMoving alters a prepayment, and has those that a deposit became say the same.
func (s *Books) changeMoving(ctx context.Context, id string, change func(*Prepayment) error) error {
	p, err := s.prepaid.Update(ctx, id, change)
	if err == nil {
		_, err = s.movePayouts(ctx, p)
	}
	return err
}

// giveBack takes what a refund gave back out of the prepayment, whether it was set aside or not. It may be repeated.
func (s *Books) giveBack(ctx context.Context, o *payment.Order, r *payment.Refund, item payment.RefundItem) error {
	return s.changeCredits(ctx, o, func(p *Prepayment, c *Credit) error {
		if c == nil {
			return unknownCredit(o)
		}
		if c.Item != item.Ref || of(c.GivenBack, r.OutRefundNo) {
			return store.ErrUnchanged
		}
		c.Withheld = slices.DeleteFunc(slices.Clone(c.Withheld), func(g Reopening) bool {
			return g.Refund == r.OutRefundNo
		})
		if item.Amount > c.net() {
			return fault.New(fault.Internal, "系统错误，请联系管理员。",
				fmt.Sprintf("Refund %s gives back more than order %s paid ahead.", r.OutRefundNo, o.ID))
		}
		c.GivenBack = append(c.GivenBack, Reopening{Refund: r.OutRefundNo, Amount: item.Amount,
			At: r.SucceededAt.UTC()})
		p.takeMovedBack(r.OutRefundNo, r.SucceededAt.UTC())
		return nil
	})
}
