package payment

import (
	"context"
	"fmt"

	"linlipay/chain"
	"linlipay/money"
	"linlipay/payment/ledger"
	"linlipay/store"
)

// Verification is what was found in one company's books.
type Verification struct {
	Company   string
	Blocks    int64
	Lines     int64
	Orders    int64
	Taken     money.Fen // fen that came in
	GivenBack money.Fen // fen that went back
	// hash of the last line: kept elsewhere, it proves later that none before it was changed or removed
	Head string
	// payments of which the institution says that money went back, and not how much: the books lack that until a person
	// explains it
	Unknown int64
	Finding string // the first thing that does not agree; "" is none
}

// finding ends a verification at its first finding.
func finding(format string, args ...any) error {
	return chain.Finding{What: fmt.Sprintf(format, args...)}
}

// Companies lists the companies that have orders.
func (s *Service) Companies(ctx context.Context) ([]string, error) {
	groups, err := s.orders.Sum(ctx, store.Query{Index: byCreated}, []string{"company"}, nil)
	if err != nil {
		return nil, err
	}
	var values []string
	for _, g := range groups {
		values = append(values, g.By[0].(string))
	}
	return values, nil
}

// Verify makes sure that a company's ledger is one unbroken chain, that each line is what its order says and each
// movement in an order has its line, and asks bills about every order. It may run while money moves. bills returns what
// does not agree between an order and its bills, "" for nothing. What does not agree is a Finding and no error; what
// bills returns as an error is one.
func (s *Service) Verify(ctx context.Context, company string, bills func(context.Context, *Order) (string, error)) (
	Verification, error) {
	a := Verification{Company: company}
	lines := map[string]ledger.Line{}
	err := s.verifyChain(ctx, &a, lines)
	if err == nil {
		err = s.verifyOrders(ctx, &a, lines, bills)
	}
	for _, l := range lines {
		if err == nil {
			err = finding("ledger line %s: there is no movement of order %s that it stands for", l.ID, l.Order)
		}
	}
	if a.Finding = chain.Found(err); a.Finding != "" {
		err = nil
	}
	return a, err
}

// verifyChain verifies the ledger's chain and gathers the lines by id.
func (s *Service) verifyChain(ctx context.Context, a *Verification, lines map[string]ledger.Line) error {
	head, err := s.ledger.Verify(ctx, a.Company, func(l ledger.Line) error {
		lines[l.ID] = l
		return a.add(l)
	})
	a.Blocks, a.Head = head.No, head.Hash
	return err
}

func (a *Verification) add(l ledger.Line) (err error) {
	a.Lines++
	if l.Kind == ledger.Refund {
		a.GivenBack, err = a.GivenBack.Add(l.Amount)
	} else {
		a.Taken, err = a.Taken.Add(l.Amount)
	}
	return err
}

// verifyOrders holds each order against its lines, which it takes out of the map.
func (s *Service) verifyOrders(ctx context.Context, a *Verification, lines map[string]ledger.Line,
	bills func(context.Context, *Order) (string, error)) error {
	return s.orders.All(ctx, store.Query{Index: byCreated, Equal: []any{a.Company}}, func(o Order) error {
		a.Orders++
		for _, x := range o.Attempts {
			if o.ReturnedUnknown(x.No) {
				a.Unknown++
			}
		}
		if why := o.sound(); why != "" {
			return finding("order %s: %s", o.ID, why)
		}
		receipts := o.receipts()
		for _, want := range o.movements() {
			have, ok := lines[want.ID]
			delete(lines, want.ID)
			if !ok {
				if err := s.verifyMissing(ctx, &o, want); err != nil {
					return err
				}
				continue
			}
			if number := receipts[want.ID]; number != have.ReceiptNumber() && !o.owesLine(want.ID) {
				return finding("order %s: it says that the receipt of line %s is %q, the ledger says %q", o.ID, want.ID,
					number, have.ReceiptNumber())
			}
			if have.Hash, have.Prefix, have.Receipt = "", "", 0; have != want {
				return finding("ledger line %s: it says %s %s of order %s, the order says %s %s", want.ID, have.Kind,
					have.Amount.Yuan(), have.Order, want.Kind, want.Amount.Yuan())
			}
		}
		why, err := bills(ctx, &o)
		if err == nil && why != "" {
			err = finding("order %s: %s", o.ID, why)
		}
		return err
	})
}

// verifyMissing accepts a movement without a line only while the order owes the line, or when it was written since the
// ledger was read.
func (s *Service) verifyMissing(ctx context.Context, o *Order, want ledger.Line) error {
	if o.owesLine(want.ID) {
		return nil
	}
	stands, err := s.ledger.Has(ctx, o.Company, want.ID)
	if err == nil && !stands {
		err = finding("order %s: the ledger has no line %s for %s %s", o.ID, want.ID, want.Kind, want.Amount.Yuan())
	}
	return err
}
