package billing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

// NewCorrection asks for a correction of a bill.
type NewCorrection struct {
	Kind     CorrectionKind
	Amount   money.Fen // in fen, more than 0; 0 for a cancellation, which is of the whole bill
	Rebill   bool      // of a cancellation: it may be billed again
	Reason   string    // for whoever decides, and for the record
	Replaces string    // the id of a request that this one takes the place of; "" is none
	Key      string    // scope and Idempotency-Key
	KeyHash  string
	By       approval.Person
}

// AskCorrection asks for a correction, which another person decides. A repeat returns the bill as it is, and hit;
// another request under its key is KeyReused. What cannot be is Invalid or WrongState, and so is a second request
// beside one that waits; more requests than a bill may have are TooMany.
func (s *Service) AskCorrection(ctx context.Context, bill string, n NewCorrection) (b *Bill, hit bool, err error) {
	n.Reason = strings.TrimSpace(n.Reason)
	b, err = s.changeCorrection(ctx, bill, audit.CorrectionAsked, func(b *Bill) error {
		for i := range b.Corrections {
			if c := &b.Corrections[i]; c.Key == n.Key && c.RequestedBy == n.By.ID {
				if hit = c.KeyHash == n.KeyHash; !hit {
					return keyReused()
				}
				return store.ErrUnchanged
			}
		}
		c, err := b.checked(n)
		if err != nil {
			return err
		}
		if len(b.Corrections) == corrections {
			return fault.New(fault.TooMany, "该账单的更正次数已达上限。", "The bill has had as many corrections as it may.")
		}
		asking := approval.Asking{Standing: b.standing(), Replaces: n.Replaces, Base: b.Revision(), Reason: n.Reason}
		r, err := CorrectionMatter().Ask(asking, n.By, s.now())
		if err == nil {
			c.Request = *r
			c.ID = fmt.Sprintf("%s-%d", b.ID, len(b.Corrections)+1)
			b.Corrections = append(b.Corrections, *c)
		}
		return err
	})
	return b, hit, err
}

// DecideCorrection approves or rejects the correction that waits. One that would take what an order holds is OrderOpen;
// who may decide is the company's to say (approval.Authority), and the others are Forbidden;
// see approval.Request.Decide for the other faults. An order that begins to hold more than is owed, just then, is
// closed: the bill owes that until it is done, see Sweep. That it cannot be closed at once is no fault of the decision,
// which stands.
func (s *Service) DecideCorrection(ctx context.Context, bill string, d approval.Decision, by approval.Person) (*Bill,
	error) {
	verb := audit.CorrectionRejected
	if d.Approve {
		verb = audit.CorrectionApproved
		if err := s.nobodyHolds(ctx, bill); err != nil {
			return nil, err
		}
	}
	b, err := s.changeCorrection(ctx, bill, verb, func(b *Bill) error {
		c := b.Correction()
		if c == nil {
			return b.standing().Decide(CorrectionMatter(), d, 0, by, s.now())
		}
		fits, billed := b.fits(c), b.Billed()
		may := func() (string, error) { return approval.Judge(ctx, s.authority, b.Case(c), by) }
		if err := c.DecideWhere(d, b.Revision(), by.ID, s.now(), may); err != nil || !d.Approve {
			return err
		}
		if fits != nil {
			return fits
		}
		if c.Kind == Cancellation {
			c.Amount = billed
		}
		b.correct(s.now())
		if c.Kind != Increase {
			b.owe(CloseHolders, s.now())
		}
		return nil
	})
	if err == nil {
		_ = s.closeHolders(ctx, b) // what fails stays in the bill
	}
	return b, err
}

// WithdrawCorrection takes back what the caller asked for. Its faults are approval.Request.Withdraw's.
func (s *Service) WithdrawCorrection(ctx context.Context, bill, request string, by approval.Person) (*Bill, error) {
	return s.changeCorrection(ctx, bill, audit.CorrectionWithdrawn, func(b *Bill) error {
		return b.standing().Withdraw(request, by, s.now())
	})
}

// changeCorrection alters the corrections of a bill and owes the audit log why.
func (s *Service) changeCorrection(ctx context.Context, bill string, verb audit.Verb,
	change func(*Bill) error) (*Bill, error) {
	return s.update(ctx, bill, func(b *Bill) error {
		before := b.Billed()
		if err := change(b); err != nil {
			return err
		}
		c := b.Correction()
		after := audit.State{"billed": b.Billed().Yuan(), "kind": string(c.Kind), "amount": c.Amount.Yuan(),
			"request": c.ID, "state": string(c.State)}
		if c.DecidedFor != "" {
			after["decided_for"] = c.DecidedFor
		}
		b.OwesAudit.Owe(ctx, "bills/"+b.ID, b.Version, audit.Event{
			At: s.now(), Verb: verb, Object: "bill:" + b.ID, Company: b.Company, Communities: []string{b.Community},
			Before: audit.State{"billed": before.Yuan()}, After: after,
		})
		return nil
	})
}

// nobodyHolds is the OrderOpen fault of lowering what an open order collects.
func (s *Service) nobodyHolds(ctx context.Context, bill string) error {
	b, err := s.bills.Get(ctx, bill)
	if err != nil {
		return err
	}
	c := b.Correction()
	if !b.waits() || c.Kind == Increase {
		return nil
	}
	free, _, held, err := s.room(ctx, b, "")
	if err == nil && len(held) > 0 && (c.Kind == Cancellation || c.Amount > free) {
		return heldBy(held[0].Order)
	}
	return err
}

// closeHolders carries out CloseHolders: whoever holds more of the bill than is owed is closed, and may begin anew.
// What is paid nevertheless is unapplied, as its order finds. One that cannot be closed now keeps no other waiting.
func (s *Service) closeHolders(ctx context.Context, b *Bill) error {
	if !b.owes(CloseHolders) {
		return nil
	}
	_, _, held, err := s.room(ctx, b, "")
	if err != nil {
		return err
	}
	var sum money.Fen
	for _, h := range held {
		sum += h.Amount // bounded by the orders' amounts
	}
	for _, h := range held {
		if sum <= b.Owed() {
			break
		}
		if h.Status == payment.Paid {
			continue
		}
		switch failed := s.payments.Release(ctx, h.Order, payment.ByItemsChanged, audit.System); {
		case failed == nil:
			sum -= h.Amount
		case !fault.Is(failed, fault.AlreadyPaid): // else it holds its part for good
			err = errors.Join(err, failed)
		}
	}
	if err != nil && sum > b.Owed() {
		return err
	}
	_, err = s.update(ctx, b.ID, func(b *Bill) error {
		if !b.owes(CloseHolders) { // another process was faster
			return store.ErrUnchanged
		}
		b.strike(CloseHolders)
		return nil
	})
	return err
}

// WaitingCorrections is a page of a company's bills with a correction that waits for a decision, and the cursor of the
// next.
func (s *Service) WaitingCorrections(ctx context.Context, company, cursor string, limit int) (bills []Bill,
	next string, err error) {
	return s.bills.Find(ctx, store.Query{Index: byWaiting, Equal: []any{company}, From: s.now().UnixMilli() + 1,
		Cursor: cursor, Limit: limit})
}
