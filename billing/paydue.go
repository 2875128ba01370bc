package billing

import (
	"context"
	"errors"
	"slices"
	"time"

	"linlipay/audit"
	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/store"
)

// Where a company has it so, a prepayment pays bills by itself from the day on which they are due, the oldest first.
// Each prepayment with money looks for such bills once a day, and when money comes in.

// payDue pays what is due of prepayments whose time it is, and returns how many bills that was. One that fails keeps no
// other waiting.
func (s *Service) payDue(ctx context.Context) (n int, err error) {
	var now []string
	q := store.Query{Index: bySearch, To: s.now().UnixMilli() + 1, Limit: store.MaxLimit}
	var unread error
	err = s.prepaid.Each(ctx, q, func(p *Prepayment, unreadable error) error {
		if unread = errors.Join(unread, unreadable); unreadable == nil {
			now = append(now, p.ID)
		}
		return nil
	})
	err = errors.Join(err, unread)
	for _, id := range now {
		paid, failed := s.payDueOf(ctx, id)
		n, err = n+paid, errors.Join(err, failed)
	}
	return n, err
}

func (s *Service) payDueOf(ctx context.Context, id string) (n int, err error) {
	p, err := s.prepaid.Get(ctx, id)
	if err != nil {
		return 0, err
	}
	searched := p.SearchAt
	pays := false
	if s.organisation != nil {
		if pays, err = s.organisation.PrepaymentsPayDue(ctx, p.Company); err != nil {
			return 0, err
		}
	}
	if pays {
		if n, err = s.payDueBills(ctx, p); err != nil {
			return n, err
		}
	}
	_, err = s.prepaid.Update(ctx, id, func(p *Prepayment) error {
		if !p.SearchAt.Equal(searched) { // money came in meanwhile
			return store.ErrUnchanged
		}
		p.SearchAt = nextDay(s.now())
		return nil
	})
	return n, err
}

func (s *Service) payDueBills(ctx context.Context, p *Prepayment) (n int, err error) {
	today := calendar.Day(s.now())
	all, err := s.Bills(ctx, p.Unit, Unpaid)
	if err != nil {
		return 0, err
	}
	of, err := s.ownershipOf(ctx, p)
	if err != nil {
		return 0, err
	}
	var due []*Bill
	for i := range all {
		if b := &all[i]; p.PaysFor(b, of) && b.DueDate <= today && !p.undone(b.ID) {
			due = append(due, b)
		}
	}
	slices.SortStableFunc(due, byAge)
	for _, b := range due {
		_, _, _, err := s.PrepaymentDraw(ctx, p.ID, NewDraw{Bill: b.ID, By: audit.System})
		switch {
		case err == nil:
			n++
		case fault.Is(err, fault.OrderOpen), fault.Is(err, fault.AlreadyPaid), fault.Is(err, fault.WrongState):
			// somebody pays it, or nothing is left: what is still owed is looked at tomorrow
		default:
			return n, err
		}
	}
	return n, nil
}

// undone reports whether a person undid a draw for a bill: it is paid of the prepayment by a person again, or not.
func (p *Prepayment) undone(bill string) bool {
	return slices.ContainsFunc(p.Draws, func(d Draw) bool {
		return d.Bill == bill && (d.State == DrawReturning || d.State == DrawReturned)
	})
}

// nextDay is when the day after an instant begins in Asia/Shanghai.
func nextDay(now time.Time) time.Time { return calendar.AddDays(calendar.StartOfDay(now), 1).UTC() }
