package billing

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/store"
)

// Statement states what became of the bills of a home that are of one of its owners, in some days. A former owner who
// reads it has the bills that they still owe, and no others. A day that is in no calendar, a first day after the last,
// and days with more than StatementLines moves are Invalid; a bill, a journal and orders that do not agree are
// Internal.
func (s *Service) Statement(ctx context.Context, h *property.Home, of property.Ownership, days Days) (*Statement,
	error) {
	from, until, err := days.bounds()
	if err != nil {
		return nil, err
	}
	r := &statementReader{s: s, orders: map[string]orderTold{}, st: &Statement{Days: days, At: s.now().UTC(),
		Owed: map[int]money.Fen{}, of: of, from: from, until: until}}
	bills, err := s.billsNow(ctx, h.ID)
	if err != nil {
		return nil, err
	}
	for _, b := range bills {
		if h.As == property.FormerOwner && !Owes(h, b) {
			continue
		}
		if err := r.read(ctx, b); err != nil {
			return nil, err
		}
	}
	return r.st, r.st.balance()
}

// billsNow are all bills of a unit, each once, as it was last seen: it may be paid, or owed again, while they are read.
func (s *Service) billsNow(ctx context.Context, unit string) ([]*Bill, error) {
	bills := map[string]*Bill{}
	for _, status := range append(BillStatuses(), Unpaid) { // what is owed again by then is seen at the end
		q := billsOf(unit, status)
		q.Limit = store.MaxLimit
		err := s.bills.All(ctx, q, func(b Bill) error {
			if have := bills[b.ID]; have == nil || have.Version < b.Version {
				bills[b.ID] = &b
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.SortedFunc(maps.Values(bills), func(a, b *Bill) int {
		return cmp.Or(strings.Compare(a.Period, b.Period), strings.Compare(a.Fee, b.Fee), strings.Compare(a.ID, b.ID))
	}), nil
}

// statementReader reads what a statement tells: bill by bill, and of the orders only what is told of them.
type statementReader struct {
	s      *Service
	st     *Statement
	orders map[string]orderTold
}

func (r *statementReader) read(ctx context.Context, b *Bill) (err error) {
	if r.st.Owed[b.Tenure], err = r.st.Owed[b.Tenure].Add(b.Owed()); err != nil || !r.st.of.Has(b.Tenure) {
		return err
	}
	marks, err := r.s.marks(ctx, b)
	if err != nil {
		return err
	}
	if err := r.readOrders(ctx, b); err != nil {
		return err
	}
	lines, err := b.history(marks, r.orders)
	if err != nil {
		return err
	}
	return r.st.take(lines)
}

// marks are the moves of a bill that the journal alone tells of: that it was paid elsewhere, and was not. What the
// journal is still owed stands in the bill.
func (s *Service) marks(ctx context.Context, b *Bill) (marks []Entry, err error) {
	left, no := b.marksTold(), int64(1)
	if b.Moves.BornPaid {
		no = 2
	}
	for ; left > 0 && no <= b.Moves.Last; no++ {
		e := b.owedEntry(no)
		if e == nil {
			if e, err = s.entry(ctx, b, no); err != nil {
				return nil, err
			}
		}
		if e != nil && (e.Kind == PaidElsewhere || e.Kind == PaidElsewhereUndone) {
			marks, left = append(marks, *e), left-1
		}
	}
	return marks, nil
}

// owedEntry is a move of the bill that the journal is still owed, by its number, or nil.
func (b *Bill) owedEntry(no int64) *Entry {
	id := fmt.Sprintf("%s/%d", b.ID, no)
	for i := range b.Moves.Owed {
		if b.Moves.Owed[i].ID == id {
			return &b.Moves.Owed[i]
		}
	}
	return nil
}

// readOrders reads what is told of the orders that paid a bill: of those whose money went back when it did, and the
// receipts of those that are on the statement.
func (r *statementReader) readOrders(ctx context.Context, b *Bill) error {
	for _, paid := range b.Settlements {
		_, known := r.orders[paid.Order]
		if paid.Amount == 0 || paid.Draw != "" || known || len(paid.GivenBack) == 0 && !r.st.within(paid.At) {
			continue
		}
		o, err := r.s.payments.Get(ctx, paid.Order)
		if fault.Is(err, fault.NotFound) {
			return fault.New(fault.Internal, "系统错误，请联系管理员。",
				fmt.Sprintf("Order %s paid bill %s and is not there.", paid.Order, b.ID))
		}
		if err != nil {
			return err
		}
		r.orders[paid.Order] = toldOf(o)
	}
	return nil
}

// within reports whether an instant is on the statement's days.
func (st *Statement) within(at time.Time) bool {
	return !at.Before(st.from) && (st.until.IsZero() || at.Before(st.until))
}

func toldOf(o *payment.Order) orderTold {
	told := orderTold{refunds: map[string]refundTold{}}
	if paid := o.Attempt(o.PaidBy); paid != nil {
		told.receipt = paid.Receipt
	}
	for i := range o.Refunds {
		told.refunds[o.Refunds[i].OutRefundNo] = refundTold{o.Refunds[i].SucceededAt, o.Refunds[i].Receipt}
	}
	return told
}
