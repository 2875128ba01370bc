package billing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

// A bill can be paid in parts: an order holds one, and what it does not hold is free for others. The orders' unique
// holds give each part to one order. That the parts together are no more than the bill is held by looking twice: who
// asks for a part first writes into the bill how many parts there are, then makes the order, then looks at all parts
// once more. Of two orders that do not fit together the later look sees the other, and gives way. Whatever is paid all
// the same is settled by the bill's own compare-and-set, and is unapplied where nothing is owed any more: see Settle.

// BillParts is the most parts in which a bill is paid, the last of which is all that is left, and of which there is one
// more for each time that more is owed after it. Ours: a year's bill can be paid weekly, and each part is a query.
const BillParts = 60

// share is what an order is to pay of a bill.
type share struct {
	bill   *Bill
	amount money.Fen
	part   int
}

// item is the order's item for the share.
func (s share) item() payment.Item {
	it := payment.Item{Ref: s.bill.ID, Title: s.bill.Title(), Amount: s.amount, Part: s.part}
	if of := s.bill.Billed(); s.amount != of {
		it.Of = of
	}
	return it
}

// itemsOf are the order's items.
func itemsOf(shares []share) []payment.Item {
	items := make([]payment.Item, 0, len(shares))
	for _, sh := range shares {
		items = append(items, sh.item())
	}
	return items
}

// billsIn are the bills of which the shares are.
func billsIn(shares []share) []*Bill {
	bills := make([]*Bill, 0, len(shares))
	for _, sh := range shares {
		bills = append(bills, sh.bill)
	}
	return bills
}

// room is how much of a bill nobody has paid or holds, in fen, which part comes next, and the orders that hold some.
// The order of which it is asked is left out.
func (s *Service) room(ctx context.Context, b *Bill, but string) (free money.Fen, part int, held []payment.Holding,
	err error) {
	all, err := s.payments.Holdings(ctx, b.Community, b.ID, max(b.Parts, 1))
	if err != nil {
		return 0, 0, nil, err
	}
	free = b.Owed()
	taken := map[int]bool{}
	for _, h := range all {
		taken[h.Part] = true
		if h.Order == but || b.Settlement(h.Order) != nil { // a settlement is counted in what is owed
			continue
		}
		free -= h.Amount
		held = append(held, h)
	}
	for taken[part] {
		part++
	}
	return max(free, 0), part, held, nil
}

// OpenOrders are the orders that hold parts of an unpaid bill and have not settled it, and what they hold of it in fen.
func (s *Service) OpenOrders(ctx context.Context, b *Bill) (orders []string, held money.Fen, err error) {
	if b.Status != Unpaid {
		return nil, 0, nil
	}
	_, _, all, err := s.room(ctx, b, "")
	for _, h := range all {
		orders, held = append(orders, h.Order), held+h.Amount // bounded by the orders' amounts
	}
	return orders, held, err
}

// shares says what an order pays of each bill: all that is owed, or an amount towards them, the oldest first. Bills
// that the amount does not reach are left out.
func (s *Service) shares(ctx context.Context, in Collect, bills []*Bill) ([]share, error) {
	if in.Amount == 0 {
		return s.wholeShares(ctx, in, bills)
	}
	var shares []share
	var holders []payment.Holding
	var sum, owed money.Fen
	for _, b := range slices.SortedStableFunc(slices.Values(bills), byAge) {
		free, part, held, err := s.room(ctx, b, "")
		if err != nil {
			return nil, err
		}
		if amount := min(in.Amount-sum, free); amount > 0 {
			shares = append(shares, share{b, amount, part})
			sum += amount
		}
		holders = append(holders, held...)
		if owed, err = owed.Add(b.Owed()); err != nil {
			return nil, err
		}
	}
	switch {
	case sum == in.Amount:
		slices.SortStableFunc(shares, func(a, b share) int { return asRead(a.bill, b.bill) })
		return shares, nil
	case owed == 0:
		return nil, notOwed(bills[0])
	case in.Amount > owed:
		return nil, fault.New(fault.Invalid, "金额超过所选账单的欠费 "+owed.Yuan()+" 元。",
			"The amount is more than the "+owed.Yuan()+" owed of these bills.").With("field", "amount")
	case !slices.ContainsFunc(holders, func(h payment.Holding) bool { return h.Status != payment.Paid }):
		return nil, alreadyPaid(bills[0]) // just now
	}
	if err := s.supersede(ctx, in, holders); err != nil {
		return nil, err
	}
	in.OnOpen = payment.Refuse // whoever comes now was not seen by the person who asked
	return s.shares(ctx, in, bills)
}

// wholeShares are all that is owed of each bill.
func (s *Service) wholeShares(ctx context.Context, in Collect, bills []*Bill) ([]share, error) {
	var shares []share
	for _, b := range bills {
		if b.Status != Unpaid || b.Owed() == 0 { // a draw is about to settle it
			return nil, notOwed(b)
		}
		if b.Parts == 0 { // nobody pays it in parts: whoever holds it holds the first, and is met by the insert
			shares = append(shares, share{bill: b, amount: b.Owed()})
			continue
		}
		free, part, held, err := s.room(ctx, b, "")
		if err == nil {
			err = s.supersede(ctx, in, held)
		}
		if err != nil {
			return nil, err
		}
		for _, h := range held {
			if h.Status != payment.Paid { // a part that is paid, and not settled yet, stays taken
				free += h.Amount
			}
		}
		if free == 0 {
			return nil, alreadyPaid(b)
		}
		shares = append(shares, share{b, free, part})
	}
	return shares, nil
}

// supersede closes the orders that are open for parts that in wants, if it says so; OrderOpen otherwise.
func (s *Service) supersede(ctx context.Context, in Collect, held []payment.Holding) error {
	for _, h := range held {
		if h.Status == payment.Paid {
			continue
		}
		if in.OnOpen != payment.TakeOver {
			return heldBy(h.Order)
		}
		if err := s.payments.Release(ctx, h.Order, payment.ByTakeOver, in.By); err != nil {
			return err
		}
	}
	return nil
}

// numberParts writes into the bills how many parts they are paid in, before an order takes one.
func (s *Service) numberParts(ctx context.Context, shares []share) error {
	for _, sh := range shares {
		parts := 0
		switch {
		case sh.amount < sh.bill.Owed():
			parts = sh.part + 2 // what is left is one more
		case sh.bill.Parts > 0:
			parts = sh.part + 1
		}
		if parts <= sh.bill.Parts {
			continue
		}
		if parts > BillParts && sh.amount < sh.bill.Owed() {
			return fault.New(fault.Invalid, fmt.Sprintf("一笔账单最多分 %d 次缴纳，请一次付清余款。", BillParts),
				fmt.Sprintf("A bill is paid in at most %d parts; pay what is left at once.", BillParts)).With("bill",
				sh.bill.ID)
		}
		_, err := s.update(ctx, sh.bill.ID, func(b *Bill) error {
			if b.Parts >= parts {
				return store.ErrUnchanged
			}
			b.Parts = parts
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stillOwed is the second look at bills of which an order holds parts now: each must owe what the order asks for,
// beside what other orders hold.
func (s *Service) stillOwed(ctx context.Context, shares []share, order string) error {
	for _, sh := range shares {
		b, err := s.bills.Get(ctx, sh.bill.ID)
		switch {
		case err != nil:
			return err
		case b.Status != Unpaid, b.Parts == 0 && b.Owed() != sh.amount:
			return notOwed(b)
		case b.Parts == 0:
			continue
		}
		free, _, held, err := s.room(ctx, b, order)
		switch {
		case err != nil:
			return err
		case sh.amount > free && len(held) > 0:
			return heldBy(held[0].Order)
		case sh.amount > free:
			return notOwed(b)
		}
	}
	return nil
}

// byAge orders bills as money is allocated to them: what was due first comes first.
func byAge(a, b *Bill) int {
	return cmp.Or(strings.Compare(a.DueDate, b.DueDate), strings.Compare(a.Period, b.Period),
		strings.Compare(a.Fee, b.Fee), strings.Compare(a.ID, b.ID))
}

// notOwed says why less is owed of a bill than was asked for.
func notOwed(b *Bill) *fault.Error {
	switch {
	case b.Status == Cancelled:
		return fault.New(fault.WrongState, "账单已作废，无需缴纳。", "The bill was cancelled; there is nothing to pay.").With(
			"bill", b.ID)
	case b.Status == PaidBill && b.PaidBy == "":
		return fault.New(fault.WrongState, "账单已减免或核销，没有欠费。",
			"The bill was reduced or written off; nothing is owed of it.").With("bill", b.ID)
	case b.Status == Unpaid && b.Revision() > 0:
		return fault.New(fault.WrongState, "账单金额已更正为 "+b.Billed().Yuan()+" 元，请刷新后重新收款。",
			"The bill was corrected to "+b.Billed().Yuan()+"; look again and collect what is owed.").With("bill", b.ID)
	}
	return alreadyPaid(b)
}

func alreadyPaid(b *Bill) *fault.Error {
	return fault.New(fault.AlreadyPaid, "账单已支付，无需重复付款。", "The bill has been paid already.").With("bill",
		b.ID).With("order", b.PaidBy)
}

func heldBy(order string) *fault.Error {
	return fault.New(fault.OrderOpen, "账单正在由另一订单收款。", "Another order is collecting the bill.").With("order", order)
}
