package billing

import (
	"context"

	"linlipay/webhook"
)

// What others hear of a bill by webhook: each is written into the bill's outbox by the write that decides it.

// update is Update of the bills; that a bill was settled, or that more is owed of it than before, becomes an event that
// it owes, and that it was paid elsewhere, or was not, a move that the journal is owed; a correction is both.
func (s *Books) update(ctx context.Context, id string, change func(*Bill) error) (*Bill, error) {
	return s.bills.Update(ctx, id, func(b *Bill) error {
		status, owed, elsewhere, revision := b.Status, b.due(), b.PaidBy == Imported, b.Revision()
		if err := change(b); err != nil {
			return err
		}
		b.moved(elsewhere, s.now())
		if b.Revision() > revision {
			c := b.Correction()
			b.Move(c.Kind.entry(), c.Amount, s.now())
			s.owe(b, webhook.BillCorrected)
		}
		switch {
		case b.Status == PaidBill && status != PaidBill:
			s.owe(b, webhook.BillSettled)
		case b.due() > owed, b.Status == Unpaid && status == PaidBill:
			s.owe(b, webhook.BillReopened)
		}
		return nil
	})
}

func (s *Books) owe(b *Bill, t webhook.EventType) {
	b.OwesEvents.Owe(webhook.Event{
		Type: t, At: s.now(), Company: b.Company, Community: b.Community, Object: "bill:" + b.ID,
	})
}

// Events is the outbox of the bills; data shows a bill as an event tells of it.
func (s *Books) Events(data webhook.Data[Bill]) webhook.Outbox {
	return webhook.From(s.bills, func(b *Bill) *webhook.Owed { return &b.OwesEvents }, data)
}
