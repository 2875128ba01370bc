package payment

import (
	"context"
	"errors"
	"time"

	"linlipay/fault"
	"linlipay/payment/ledger"
	"linlipay/store"
)

// What orders owe the ledger (流水账): an order that changed owes its line as an effect; the ledger's writer takes many
// such lines into one block.

// Post writes the lines that orders owe into the ledger, at most one block of each company, and returns of how many
// orders it did. A company whose lines fail is put aside for a growing time, and so is an order that alone is to blame;
// neither keeps another company waiting, nor is it an error here.
func (s *Service) Post(ctx context.Context) (int, error) {
	written := 0
	q := store.Query{Index: byUnrecorded, Limit: ledger.BlockLines}
	for {
		docs, next, err := s.orders.Docs(ctx, q)
		if err != nil {
			return written, err
		}
		owings := byCompany(docs)
		switch {
		case next == "":
		case len(owings) > 1: // the last one is cut: it comes whole on the next page
			last := len(owings) - 1
			q.From, owings = owings[last].company, owings[:last]
		default: // it has its block; whatever else it owes must not keep the next company waiting
			q.From = owings[0].company + "\x01"
		}
		written += s.postAll(ctx, owings)
		if next == "" {
			return written, nil
		}
	}
}

// recordTime is the most that writing one company's block may take.
const recordTime = 10 * time.Second

// owing is what one company owes the ledger: documents of its orders.
type owing struct {
	company string
	orders  []store.Doc
}

// byCompany parts documents that come in the order of their companies.
func byCompany(docs []store.Doc) []owing {
	var owings []owing
	for _, d := range docs {
		company := d.Keys["company"][0].(string)
		if len(owings) == 0 || owings[len(owings)-1].company != company {
			owings = append(owings, owing{company: company})
		}
		last := &owings[len(owings)-1]
		last.orders = append(last.orders, d)
	}
	return owings
}

// postAll writes what some companies owe, side by side, and returns of how many orders it did.
func (s *Service) postAll(ctx context.Context, owings []owing) int {
	written := make([]int, len(owings))
	s.sideBySide(len(owings), func(i int) {
		ctx, cancel := context.WithTimeout(ctx, recordTime)
		defer cancel()
		written[i] = s.postCompany(ctx, owings[i])
	})
	total := 0
	for _, n := range written {
		total += n
	}
	return total
}

// postCompany writes what one company owes, unless it is put aside.
func (s *Service) postCompany(ctx context.Context, of owing) int {
	if s.aside.holds(ledgerOf(of.company), s.now()) {
		return 0
	}
	orders := s.readable(of.orders)
	if len(orders) == 0 {
		return 0
	}
	err := s.sound(func() error { return s.postOf(ctx, of.company, orders) })
	switch {
	case err == nil:
		s.aside.forget(ledgerOf(of.company))
		for _, o := range orders {
			s.aside.forget("lines of " + o.ID)
		}
		return len(orders)
	case passing(ctx, err):
		s.putLedgerAside(of.company, err)
		return 0
	}
	return s.postSingly(ctx, of.company, orders)
}

// passing reports whether what went wrong is nobody's fault: the store could not answer, or time was up.
func passing(ctx context.Context, err error) bool {
	return fault.Is(err, fault.Unavailable) || ctx.Err() != nil
}

func (s *Service) putLedgerAside(company string, why error) {
	until := s.aside.put(ledgerOf(company), effectPause, s.now())
	s.cfg.Log.Error("the ledger lines of a company could not be written and are put aside",
		"company", company, "until", until, "err", why)
}

// ledgerOf names what a company owes the ledger, among what is put aside.
func ledgerOf(company string) string { return "ledger of " + company }

// readable are the orders that can be read and are not put aside.
func (s *Service) readable(docs []store.Doc) []*Order {
	var orders []*Order
	for _, d := range docs {
		if s.aside.holds("lines of "+d.ID, s.now()) {
			continue
		}
		o, err := s.orders.Read(d)
		if err != nil {
			s.putLinesAside(d.ID, err)
			continue
		}
		orders = append(orders, o)
	}
	return orders
}

// postSingly finds out which of a company's orders is to blame for a block that was refused: it alone is put aside.
func (s *Service) postSingly(ctx context.Context, company string, owing []*Order) (written int) {
	for _, o := range owing {
		err := s.sound(func() error { return s.postOf(ctx, company, []*Order{o}) })
		switch {
		case err == nil:
			s.aside.forget("lines of " + o.ID)
			written++
		case passing(ctx, err):
			s.putLedgerAside(company, err)
			return written
		default:
			s.putLinesAside(o.ID, err)
		}
	}
	return written
}

func (s *Service) putLinesAside(order string, why error) {
	until := s.aside.put("lines of "+order, effectPause, s.now())
	s.cfg.Log.Error("the ledger lines of an order could not be written and are put aside", "order", order, "until",
		until, "err", why)
}

// receiptPrefix is what the numbers of an order's receipts begin with.
func (s *Service) receiptPrefix(ctx context.Context, o *Order) (string, error) {
	if s.cfg.ReceiptPrefix == nil {
		return "", nil
	}
	return s.cfg.ReceiptPrefix(ctx, o.Company, o.EntityID())
}

// postOf writes what some orders of one company owe, then strikes it off.
func (s *Service) postOf(ctx context.Context, company string, owing []*Order) error {
	var lines []ledger.Line
	for _, o := range owing {
		prefix, err := s.receiptPrefix(ctx, o)
		if err != nil {
			return err
		}
		for _, l := range o.owedLines() {
			l.Prefix = prefix
			lines = append(lines, l)
		}
	}
	lines, err := s.ledger.Append(ctx, company, lines)
	if err != nil {
		return err
	}
	var failed error
	for _, o := range owing {
		_, err := s.change(ctx, o, func(o *Order) bool { return o.recorded(lines, s.now()) })
		failed = errors.Join(failed, err)
	}
	return failed
}
