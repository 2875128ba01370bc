package billing

import (
	"context"
	"errors"
	"slices"
	"time"

	"linlipay/money"
	"linlipay/store"
)

// Effect is what a bill still owes: it is written with the change that decided it, carried out as often as needed, and
// struck off.
type Effect string

// LookForHolder is owed by a bill that was marked as paid elsewhere: an order that held it before takes the mark back.
const LookForHolder Effect = "look_for_holder"

// CloseHolders is owed by a bill that was corrected to less: orders that hold more of it than is owed are closed.
const CloseHolders Effect = "close_holders"

// CheckDraws is owed by a bill that a draw of a prepayment paid: orders that held it before take the draw back.
const CheckDraws Effect = "check_draws"

func (b *Bill) owes(e Effect) bool { return slices.Contains(b.Outbox, e) }

func (b *Bill) owe(e Effect, at time.Time) {
	if !b.owes(e) {
		b.Outbox, b.MarkedAt = append(b.Outbox, e), at.UTC()
	}
}

func (b *Bill) strike(e Effect) {
	b.Outbox = slices.DeleteFunc(b.Outbox, func(x Effect) bool { return x == e })
	if len(b.Outbox) == 0 {
		b.MarkedAt = time.Time{}
	}
}

// MarkPaid marks a bill of an amount in fen as paid elsewhere, by other means than an order, and reports whether the
// mark stands: not where something of the bill was collected already, nor where an order holds it. at is when it was
// paid, zero where nobody knows.
//
// An order holds its bills before it looks at them once more. One that comes after the mark sees it and gives way; one
// that came before is found by the look that the mark owes, and the mark is taken back. The look stands in the bill
// until it is done, so that a crash in between leaves no bill paid whose order goes on: see Sweep.
func (s *Service) MarkPaid(ctx context.Context, bill string, amount money.Fen, at time.Time) (marked bool, err error) {
	b, err := s.update(ctx, bill, func(b *Bill) error {
		if marked = b.Status == Unpaid && b.Owed() == b.Billed() && b.Billed() == amount; !marked {
			return store.ErrUnchanged
		}
		b.Status, b.PaidBy, b.PaidAt = PaidBill, Imported, at
		b.owe(LookForHolder, s.now())
		return nil
	})
	if err != nil || !marked {
		return false, err
	}
	return s.lookForHolder(ctx, b)
}

// lookForHolder carries out LookForHolder, and reports whether the bill's mark stands.
func (s *Service) lookForHolder(ctx context.Context, b *Bill) (stands bool, err error) {
	held, err := s.payments.Holdings(ctx, b.Community, b.ID, max(b.Parts, 1))
	if err != nil {
		return false, err
	}
	b, err = s.update(ctx, b.ID, func(b *Bill) error {
		if !b.owes(LookForHolder) { // another process was faster
			return store.ErrUnchanged
		}
		b.strike(LookForHolder)
		if len(held) > 0 {
			b.Status, b.PaidBy, b.PaidAt = Unpaid, "", time.Time{}
		}
		return nil
	})
	return err == nil && b.PaidBy == Imported, err
}

// Sweep carries out what bills and prepayments owe, and what a crash left of publications, pays what is due of
// prepayments, and returns how much that was. It may run in
// any number of processes. A bill that fails keeps no other waiting; the errors come joined.
func (s *Service) Sweep(ctx context.Context) (n int, err error) {
	n, err = store.Outbox[Bill]{Docs: s.bills, Index: byOutbox, Settle: s.settleBill}.Sweep(ctx)
	published, failed := store.Outbox[publication]{
		Docs: s.publications, Index: "by_at", Settle: s.resumePublication,
	}.Sweep(ctx)
	drawn, stuck := store.Outbox[Prepayment]{Docs: s.prepaid, Index: byOpenDraw, Settle: s.resume}.Sweep(ctx)
	due, late := s.payDue(ctx)
	adopted, old := s.adoptPrepayments(ctx)
	return n + published + drawn + due + adopted, errors.Join(err, failed, stuck, late, old)
}

// settleBill carries out what a bill owes. An order that cannot be closed keeps the journal waiting for nothing.
func (s *Service) settleBill(ctx context.Context, b *Bill) (n int, err error) {
	if n, err = s.settleMark(ctx, b); err != nil {
		return n, err
	}
	if n > 0 {
		if b, err = s.bills.Get(ctx, b.ID); err != nil {
			return n, err
		}
	}
	if b.owes(CheckDraws) {
		if b, err = s.checkDraws(ctx, b); err != nil {
			return n, err
		}
		n++
	}
	var open error
	if b.owes(CloseHolders) {
		if open = s.closeHolders(ctx, b); open == nil {
			n++
		}
		if b, err = s.bills.Get(ctx, b.ID); err != nil {
			return n, err
		}
	}
	posted, err := s.postMoves(ctx, b)
	return n + posted, errors.Join(open, err)
}

// settleMark carries out LookForHolder alone, which every import does before it tells of marks.
func (s *Service) settleMark(ctx context.Context, b *Bill) (n int, err error) {
	if !b.owes(LookForHolder) {
		return 0, nil
	}
	if _, err := s.lookForHolder(ctx, b); err != nil {
		return 0, err
	}
	return 1, nil
}

const (
	sweepPause  = 10 * time.Second // how often Run looks for what bills owe: a crash leaves it, and nothing else
	longestRest = time.Minute      // the most that it waits after failures
)

// Run sweeps until ctx is done, and tells of what failed and is tried again.
func (s *Service) Run(ctx context.Context, failed func(error)) {
	store.Repeat(ctx, sweepPause, longestRest, func(ctx context.Context) error {
		_, err := s.Sweep(ctx)
		return err
	}, failed)
}
