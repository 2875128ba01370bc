package billing

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"linlipay/approval"
	"linlipay/chain"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/store"
)

// VerifyOrder says what does not agree between a paid order and the bills it settled, "" for nothing. What the order
// still owes its bills is not held against them. What does not agree is no error.
func (s *Service) VerifyOrder(ctx context.Context, o *payment.Order) (string, error) {
	if o.Status != payment.Paid {
		return "", nil
	}
	for _, e := range o.Outbox {
		switch e.Kind {
		case payment.SettleItems, payment.ReopenItems, payment.WithholdItems, payment.ReleaseItems:
			return "", nil
		}
	}
	for _, it := range o.Items {
		if prepayment, ahead := TopUpOf(it.Ref); ahead {
			if finding, err := s.verifyTopUp(ctx, prepayment, o, it); finding != "" || err != nil {
				return finding, err
			}
			continue
		}
		b, err := s.bills.Get(ctx, it.Ref)
		if fault.Is(err, fault.NotFound) {
			return fmt.Sprintf("there is no bill %s", it.Ref), nil
		}
		if err != nil {
			return "", err
		}
		if finding := b.disagrees(o, it); finding != "" {
			return finding, nil
		}
	}
	return "", nil
}

// disagrees says what does not agree between a bill and the item of a paid order that is of it, "" for nothing.
func (b *Bill) disagrees(o *payment.Order, it payment.Item) string {
	paid := b.Settlement(o.ID)
	switch {
	case b.EntityID() != o.EntityID():
		return fmt.Sprintf("bill %s is owed to %s, the order is of %s", b.ID, b.EntityID(), o.EntityID())
	case it.Unsettled && paid != nil && paid.Amount > 0:
		return fmt.Sprintf("bill %s says that it was settled by it, the order does not", b.ID)
	case it.Unsettled:
	case paid == nil || paid.Amount != it.Amount:
		return fmt.Sprintf("bill %s does not say that %s was paid by it", b.ID, it.Amount.Yuan())
	case it.Amount-paid.Net() != o.ItemGivenBack(it.Ref):
		return fmt.Sprintf("bill %s says that %s went back, the order says %s", b.ID,
			(it.Amount - paid.Net()).Yuan(), o.ItemGivenBack(it.Ref).Yuan())
	}
	return ""
}

// VerifyBills says what is wrong with a company's journal, or which of its bills is wrong in itself, settled by an
// order that does not know of it, or owed otherwise than the journal says, or which prepayment has, uses or paid out
// otherwise than orders, bills and the journal say; "" for nothing. What is wrong is no error; what order returns is
// returned. It may run while money moves.
func (s *Service) VerifyBills(ctx context.Context, company string,
	order func(context.Context, string) (*payment.Order, error)) (why string, err error) {
	told, err := s.verifyJournal(ctx, company)
	if found := chain.Found(err); found != "" {
		return found, nil
	}
	if err != nil {
		return "", err
	}
	communities, err := s.property.Communities(ctx, property.Scope{Company: company})
	if err != nil {
		return "", err
	}
	for _, c := range communities {
		q := store.Query{Index: "by_community", Equal: []any{c.ID}}
		err := s.bills.All(ctx, q, func(b Bill) (err error) {
			if why == "" {
				why, err = verifyBill(ctx, &b, order)
			}
			if why == "" && err == nil {
				why, err = s.verifyDrawn(ctx, &b)
			}
			if why == "" && err == nil {
				why, err = s.verifyMoves(ctx, &b, told[b.ID])
			}
			delete(told, b.ID)
			return err
		})
		if err != nil || why != "" {
			return why, err
		}
	}
	if why, err := s.verifyPrepayments(ctx, communities, told, order); err != nil || why != "" {
		return why, err
	}
	for _, id := range slices.Sorted(maps.Keys(told)) {
		if _, err := s.bills.Get(ctx, id); fault.Is(err, fault.NotFound) {
			return fmt.Sprintf("the journal has moves of %s, and there is no such bill or prepayment", id), nil
		} else if err != nil { // one that moved from one status to another while they were read
			return "", err
		}
	}
	return s.verifyCutOver(ctx, company)
}

// journaled is what a company's journal was read to say of one bill or prepayment, and in how many entries.
type journaled struct {
	moves   moves
	entries int64
}

// moves is what entries of the journal say of one bill, in fen.
type moves struct{ published, elsewhere, prepaid, increased, decreased, reduced, writtenOff, reversed money.Fen }

// String names what there is, such as "10.00 published, 3.00 reduced".
func (m moves) String() string {
	said := ""
	for _, sum := range []struct {
		fen  money.Fen
		what EntryKind
	}{
		{m.published, Published}, {m.elsewhere, PaidElsewhere}, {m.prepaid, PrepaymentUsed},
		{m.increased, Increased}, {m.decreased, Decreased},
		{m.reduced, Reduced}, {m.writtenOff, WrittenOff}, {m.reversed, Reversed},
	} {
		if sum.fen != 0 {
			said += fmt.Sprintf(", %s %s", sum.fen.Yuan(), strings.ReplaceAll(string(sum.what), "_", " "))
		}
	}
	return strings.TrimPrefix(cmp.Or(said, "nothing"), ", ")
}

func (m moves) with(e Entry) moves {
	switch e.Kind {
	case Published:
		m.published += e.Amount
	case PaidElsewhere:
		m.elsewhere += e.Amount
	case PaidElsewhereUndone:
		m.elsewhere -= e.Amount
	case PrepaymentUsed:
		m.prepaid += e.Amount
	case PrepaymentReturned:
		m.prepaid -= e.Amount
	case Increased:
		m.increased += e.Amount
	case Decreased:
		m.decreased += e.Amount
	case Reduced:
		m.reduced += e.Amount
	case WrittenOff:
		m.writtenOff += e.Amount
	case Reversed:
		m.reversed += e.Amount
	}
	return m
}

// moves is what the journal must say of the bill as it is.
func (b *Bill) moves() moves {
	m := moves{published: b.Amount}
	if b.PaidBy == Imported {
		m.elsewhere = b.Billed()
	}
	m.prepaid = b.Drawn()
	for i := range b.Corrections {
		if c := &b.Corrections[i]; c.State == approval.Approved {
			m = m.with(Entry{Kind: c.Kind.entry(), Amount: c.Amount})
		}
	}
	return m
}

// verifyJournal verifies a company's journal, and returns what it says of each bill and prepayment. What is wrong is a
// chain.Finding.
func (s *Service) verifyJournal(ctx context.Context, company string) (map[string]journaled, error) {
	told := map[string]journaled{}
	_, err := s.journal.Verify(ctx, company, func(e Entry) error {
		of := told[e.of()]
		told[e.of()] = journaled{of.moves.with(e), of.entries + 1}
		return nil
	})
	return told, err
}

// verifyMoves says what does not agree between a bill and what the journal was read to say of it, "" for nothing.
func (s *Service) verifyMoves(ctx context.Context, b *Bill, read journaled) (string, error) {
	if b.PublishedAt.IsZero() { // from before there was a journal
		return "", nil
	}
	if known := b.Moves.Last + 1; read.entries > known {
		return fmt.Sprintf("the journal has %d entries of bill %s, which knows of %d", read.entries, b.ID, known), nil
	}
	told := read.moves
	for _, e := range b.Moves.Owed {
		told = told.with(e)
	}
	if told == b.moves() {
		return "", nil
	}
	b, err := s.bills.Get(ctx, b.ID) // it may have moved since the journal was read
	if err != nil {
		return "", err
	}
	told, err = s.told(ctx, b)
	if err != nil || told == b.moves() {
		return "", err
	}
	return fmt.Sprintf("bill %s has %s; the journal says %s", b.ID, b.moves(), told), nil
}

// told is what the journal says of a bill now, with what it is owed.
func (s *Service) told(ctx context.Context, b *Bill) (moves, error) {
	var told moves
	seen := map[string]bool{}
	for no := range b.Moves.Last + 1 {
		e, err := s.entry(ctx, b, no)
		if err != nil {
			return told, err
		}
		if e != nil {
			told, seen[e.ID] = told.with(*e), true
		}
	}
	for _, e := range b.Moves.Owed {
		if !seen[e.ID] {
			told = told.with(e)
		}
	}
	if seen[b.ID+"/0"] {
		return told, nil
	}
	return told, s.publications.All(ctx, store.Query{Index: "by_at"}, func(p publication) error {
		if slices.Contains(p.Bills, b.ID) { // the journal is about to be told
			told.published = b.Amount
			if b.Moves.BornPaid && !seen[b.ID+"/1"] {
				told.elsewhere += b.Amount
			}
		}
		return nil
	})
}

// entry is a move of a bill as the journal has it, by its number, nil where it does not have it.
func (s *Service) entry(ctx context.Context, b *Bill, no int64) (*Entry, error) {
	return s.entryWith(ctx, b.Company, fmt.Sprintf("%s/%d", b.ID, no))
}

// entryWith is an entry of a company's journal by its id, nil where the journal does not have it.
func (s *Service) entryWith(ctx context.Context, company, id string) (*Entry, error) {
	blocks, _, err := s.journal.Find(ctx, store.Query{Index: "by_line", Equal: []any{company, id}, Limit: 1})
	for _, block := range blocks {
		for i := range block.Lines {
			if block.Lines[i].ID == id {
				return &block.Lines[i], err
			}
		}
	}
	return nil, err
}

func verifyBill(ctx context.Context, b *Bill, order func(context.Context, string) (*payment.Order, error)) (string,
	error) {
	if owed := b.Owed(); owed < 0 || b.Status != b.stands() {
		return fmt.Sprintf("bill %s is %s and owes %s of %s", b.ID, b.Status, owed.Yuan(), b.Billed().Yuan()), nil
	}
	for _, paid := range b.Settlements {
		if paid.Amount == 0 || paid.Draw != "" {
			continue
		}
		o, err := order(ctx, paid.Order)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return "", err
		}
		if err != nil || o.Status != payment.Paid || !o.PaysFor(b.ID) {
			return fmt.Sprintf("bill %s says that order %s paid it, the order does not", b.ID, paid.Order), nil
		}
	}
	return "", nil
}
