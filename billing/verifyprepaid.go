package billing

import (
	"context"
	"fmt"
	"slices"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/store"
)

// verifyTopUp says what does not agree between a paid order's item that paid ahead and the prepayment that it paid
// into, "" for nothing.
func (s *Service) verifyTopUp(ctx context.Context, prepayment string, o *payment.Order, it payment.Item) (string,
	error) {
	for {
		p, err := s.prepaid.Get(ctx, prepayment)
		if fault.Is(err, fault.NotFound) {
			return fmt.Sprintf("there is no prepayment %s", prepayment), nil
		}
		if err != nil {
			return "", err
		}
		if o, err = s.payments.Get(ctx, o.ID); err != nil { // it may have moved since it was read
			return "", err
		}
		finding := p.disagrees(o, it)
		if finding == "" || len(o.Outbox) > 0 { // what it owes still is not held against it
			return "", nil
		}
		if again, err := s.prepaid.Get(ctx, prepayment); err != nil || again.Version == p.Version {
			return finding, err
		}
	}
}

// disagrees says what does not agree between a prepayment and the item of a paid order that is to it, "" for nothing.
func (p *Prepayment) disagrees(o *payment.Order, it payment.Item) string {
	c := p.credit(Source{Order: o.ID, Item: it.Ref})
	switch {
	case c == nil || c.Amount != it.Amount:
		return fmt.Sprintf("prepayment %s does not say that %s came by it", p.ID, it.Amount.Yuan())
	case !p.isFor(o, it):
		return fmt.Sprintf("%s is held as %s of %s, the order paid %s of %s", p.ID, p.name(), p.Unit, it.Title,
			o.Payer.Unit)
	case p.Entity != o.EntityID():
		return fmt.Sprintf("prepayment %s is held by %s, the order is of %s", p.ID, p.Entity, o.EntityID())
	case sumOf(c.GivenBack) != o.ItemGivenBack(it.Ref):
		return fmt.Sprintf("prepayment %s says that %s went back, the order says %s", p.ID, sumOf(c.GivenBack).Yuan(),
			o.ItemGivenBack(it.Ref).Yuan())
	}
	for _, w := range c.Withheld {
		if !slices.ContainsFunc(o.Refunds, func(r payment.Refund) bool {
			return r.OutRefundNo == w.Refund && r.Status != payment.RefundRejected && r.Status != payment.RefundFailed
		}) {
			return fmt.Sprintf("prepayment %s sets %s aside for refund %s, which is over", p.ID, w.Amount.Yuan(),
				w.Refund)
		}
	}
	return ""
}

// isFor reports whether an order's item pays for what this is, of whose it is.
func (p *Prepayment) isFor(o *payment.Order, it payment.Item) bool {
	d := depositOf(it)
	return p.Unit == o.Payer.Unit && p.Tenure == o.Payer.Tenure && (p.Deposit == nil) == (d == nil) &&
		(d == nil || *d == *p.Deposit)
}

// verifyPrepayments says which prepayment of some communities has money that no order brought, or pays a bill that does
// not say so, "" for nothing. What is under way is not held against it.
func (s *Service) verifyPrepayments(ctx context.Context, communities []property.Community,
	told map[string]journaled, order func(context.Context, string) (*payment.Order, error)) (why string, err error) {
	for _, c := range communities {
		q := store.Query{Index: "by_community", Equal: []any{c.ID}}
		err := s.prepaid.All(ctx, q, func(p Prepayment) (err error) {
			if why == "" {
				why = p.misplaced()
			}
			if why == "" {
				why, err = s.verifyPrepayment(ctx, &p, order)
			}
			if why == "" && err == nil {
				why, err = s.verifyTold(ctx, &p, told[p.ID])
			}
			delete(told, p.ID)
			return err
		})
		if err != nil || why != "" {
			return why, err
		}
	}
	return "", nil
}

func (s *Service) verifyPrepayment(ctx context.Context, p *Prepayment,
	order func(context.Context, string) (*payment.Order, error)) (string, error) {
	for i := range p.Credits {
		c := &p.Credits[i]
		if c.Opening != nil { // the journal says whether it was
			continue
		}
		if c.Payout != "" {
			if why, err := s.verifyMoved(ctx, p, c); why != "" || err != nil {
				return why, err
			}
			continue
		}
		o, err := order(ctx, c.Order)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return "", err
		}
		if err != nil || c.net() < 0 || !p.cameBy(o, c) {
			if again, err := s.prepaid.Get(ctx, p.ID); err != nil || again.Version != p.Version {
				return "", err // it moved while it was read
			}
			return fmt.Sprintf("prepayment %s says that %s came by order %s, the order does not", p.ID, c.Amount.Yuan(),
				c.Order), nil
		}
	}
	for i := range p.Draws {
		d := &p.Draws[i]
		if d.State == DrawReserved || d.State == DrawReturning {
			continue
		}
		b, err := s.bills.Get(ctx, d.Bill)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return "", err
		}
		want := d.Amount
		if d.State == DrawReturned {
			want = 0
		}
		if err != nil || b.drawnNet(p.drawID(d.No)) != want {
			if again, err := s.prepaid.Get(ctx, p.ID); err != nil || again.Version != p.Version {
				return "", err // it moved while it was read
			}
			return fmt.Sprintf("prepayment %s says that it pays %s of bill %s, the bill does not", p.ID, want.Yuan(),
				d.Bill), nil
		}
	}
	return "", nil
}

// verifyMoved says what does not agree between a credit of a deposit's money and that deposit, "" for nothing.
func (s *Service) verifyMoved(ctx context.Context, p *Prepayment, c *Credit) (string, error) {
	id, payout := c.cutPayout()
	d, err := s.prepaid.Get(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", err
	}
	if err == nil && d.moved(payout) == c.Amount && d.Unit == p.Unit && d.Tenure == p.Tenure && d.Entity == p.Entity {
		if o := d.Payout(payout); o.Moving || sumOf(o.GivenBack) == sumOf(c.GivenBack) {
			return "", nil
		}
	}
	if again, err := s.prepaid.Get(ctx, p.ID); err != nil || again.Version != p.Version {
		return "", err // it moved while it was read
	}
	return fmt.Sprintf("prepayment %s says that %s came of deposit %s, the deposit does not", p.ID, c.Amount.Yuan(),
		id), nil
}

// verifyDelivered says which payout of a deposit became a prepayment that does not have it, "" for none.
func (s *Service) verifyDelivered(ctx context.Context, p *Prepayment, o *Payout) (string, error) {
	if o.Moving || p.moved(o.ID) == 0 {
		return "", nil
	}
	to, err := s.prepaid.Get(ctx, p.prepaid())
	if err != nil && !fault.Is(err, fault.NotFound) {
		return "", err
	}
	if err == nil && to.credit(p.prepays(o)) != nil { // verifyMoved holds whose it is, and how much
		return "", nil
	}
	return fmt.Sprintf("deposit %s says that %s became a prepayment, which does not have it", p.ID,
		o.Amount.Yuan()), nil
}

// verifyTold says what does not agree between the openings and the payouts of a prepayment and what the journal was
// read to say of it, "" for nothing.
func (s *Service) verifyTold(ctx context.Context, p *Prepayment, read journaled) (string, error) {
	told := int64(0)
	for _, c := range p.openings() {
		told++
		want := p.openingEntry(c)
		e, err := s.entryOf(ctx, p, want.ID)
		if err != nil {
			return "", err
		}
		if e == nil || e.Amount != want.Amount || e.Kind != want.Kind || e.Fee != want.Fee {
			return s.disagreesOver(ctx, p, fmt.Sprintf("%s came from the system before", c.Amount.Yuan()))
		}
	}
	for i := range p.Payouts {
		o := &p.Payouts[i]
		want := p.payoutEntry(o)
		e, err := s.entryOf(ctx, p, want.ID)
		if err != nil {
			return "", err
		}
		is := o.Status() == PayoutPaid
		if is {
			told++
		}
		if is != (e != nil) || is && (e.Amount != want.Amount || e.Kind != want.Kind || e.Fee != want.Fee) {
			return s.disagreesOver(ctx, p, fmt.Sprintf("payout %s is %s", o.ID, o.Status()))
		}
		for _, g := range o.GivenBack {
			told++
			e, err := s.entryOf(ctx, p, p.returnEntry(o, g).ID)
			if err != nil {
				return "", err
			}
			if e == nil || e.Amount != g.Amount {
				return s.disagreesOver(ctx, p, fmt.Sprintf("%s of payout %s came back", g.Amount.Yuan(), o.ID))
			}
		}
		if why, err := s.verifyDelivered(ctx, p, o); why != "" || err != nil {
			return why, err
		}
	}
	if read.entries > told {
		return s.disagreesOver(ctx, p, fmt.Sprintf("%d openings and payouts are all", told))
	}
	return "", nil
}

// entryOf is the entry with an id that the journal has, or is owed by a prepayment; nil for none.
func (s *Service) entryOf(ctx context.Context, p *Prepayment, id string) (*Entry, error) {
	e, err := s.entryWith(ctx, p.Company, id)
	if owed := slices.IndexFunc(p.Owed, func(e Entry) bool { return e.ID == id }); e == nil && owed >= 0 && err == nil {
		e = &p.Owed[owed]
	}
	return e, err
}

// disagreesOver says that the journal says otherwise, "" where the prepayment moved since it was read.
func (s *Service) disagreesOver(ctx context.Context, p *Prepayment, what string) (string, error) {
	if again, err := s.prepaid.Get(ctx, p.ID); err != nil || again.Version != p.Version {
		return "", err
	}
	return fmt.Sprintf("of prepayment %s %s; the journal says otherwise", p.ID, what), nil
}

// cameBy reports whether an order brought a credit to whom and for what it says, and says the same of what went back of
// unapplied funds. What it owes still is not held against it.
func (p *Prepayment) cameBy(o *payment.Order, c *Credit) bool {
	if c.Unapplied > 0 {
		e := o.UnappliedFunds(c.Unapplied)
		return e != nil && e.Amount == c.Amount &&
			(sumOf(c.GivenBack) == o.KeptBack(c.Unapplied) || len(o.Outbox) > 0)
	}
	return o.Status == payment.Paid && slices.ContainsFunc(o.Items, func(it payment.Item) bool {
		return it.Ref == c.Item && it.Amount == c.Amount && it.PaysAhead && p.isFor(o, it)
	})
}

// drawnNet is what a draw pays of the bill still, in fen.
func (b *Bill) drawnNet(draw string) money.Fen {
	if paid := b.drawn(draw); paid != nil {
		return paid.Net()
	}
	return 0
}

// verifyDrawn says which draw a bill counts that no prepayment has made, "" for none.
func (s *Service) verifyDrawn(ctx context.Context, b *Bill) (string, error) {
	for i := range b.Settlements {
		paid := &b.Settlements[i]
		if paid.Draw == "" || paid.Net() == 0 {
			continue
		}
		id, no := cutDraw(paid.Draw)
		p, err := s.prepaid.Get(ctx, id)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return "", err
		}
		if err == nil {
			if d := p.Draw(no); d != nil && d.Bill == b.ID && d.Amount == paid.Net() {
				continue // one that is returning has it until the bill says so
			}
		}
		now, err := s.bills.Get(ctx, b.ID)
		if err != nil || now.Version != b.Version {
			return "", err
		}
		return fmt.Sprintf("bill %s says that draw %s paid %s of it, the prepayment does not", b.ID, paid.Draw,
			paid.Net().Yuan()), nil
	}
	return "", nil
}
