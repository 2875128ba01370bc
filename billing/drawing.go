package billing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"linlipay/audit"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

// How a prepayment pays bills. A draw is first set aside in the prepayment, then the bill says whether it is paid by
// it, then the prepayment says the same. Whoever finds one half way goes on from where it stands: the bill's word
// decides. Orders may hold the bill meanwhile. One that holds it after the draw paid sees that and gives way; one that
// held it before is found by the look that the bill owes, and takes the draw back. See part.go.

// NewDraw asks for a bill to be paid of a prepayment.
type NewDraw struct {
	Bill    string
	Amount  money.Fen // in fen; 0 is as much as is owed, free and available
	By      string
	InPart  bool   // who asks may pay less of the bill than is owed, although more is available
	Key     string // scope and Idempotency-Key; "" is none
	KeyHash string
}

// PrepaymentDraw pays a bill, or a part of one, of a prepayment. The same draw under the same key again gives the first
// one and hit; another under it is KeyReused. A bill of another debtor, of another legal entity or of a fee that the
// prepayment is not for is Invalid, and so is more than is available or owed; less than both is Forbidden but for who
// may pay in parts; a bill that owes nothing is AlreadyPaid or WrongState, one that an order is collecting OrderOpen,
// and a deposit, or a prepayment with nothing available, WrongState.
func (s *Service) PrepaymentDraw(ctx context.Context, id string, n NewDraw) (p *Prepayment, no int, hit bool,
	err error) {
	p, err = s.prepaid.Get(ctx, id)
	if err != nil {
		return nil, 0, false, err
	}
	if n.Key != "" {
		for _, d := range p.Draws {
			if d.Key == n.Key && d.KeyHash != n.KeyHash {
				return nil, 0, false, keyReused()
			}
			if d.Key == n.Key { // one that a crash cut short goes on
				p, err = s.resumeDraw(ctx, p, d.No)
				if err != nil || p.Draw(d.No) != nil {
					return p, d.No, true, err
				}
				break
			}
		}
	}
	b, err := s.bills.Get(ctx, n.Bill)
	if err != nil {
		return nil, 0, false, err
	}
	if n.Amount, err = s.drawable(ctx, p, b, n); err != nil {
		return nil, 0, false, err
	}
	if p, no, err = s.reserve(ctx, id, b, n); err != nil {
		return nil, 0, false, err
	}
	p, err = s.resumeDraw(ctx, p, no)
	if err != nil {
		return nil, 0, false, err
	}
	if p.Draw(no) == nil { // the bill did not take it
		if b, err = s.bills.Get(ctx, n.Bill); err == nil {
			_, err = s.drawable(ctx, p, b, n)
		}
		if err == nil {
			err = fault.New(fault.OrderOpen, "账单刚刚正在由另一订单收款，请重试。",
				"Another order was collecting the bill just now; try again.")
		}
		return nil, 0, false, err
	}
	return p, no, false, nil
}

func paysNoBills() error {
	return fault.New(fault.WrongState, "押金不能直接抵扣账单；经缴款人同意并审批后，可转为预存款。",
		"A deposit pays no bills; with the payer's consent, and once approved, it becomes a prepayment.")
}

func keyReused() error {
	return fault.New(fault.KeyReused, "该幂等键已用于另一请求。", "This Idempotency-Key was used for another request.")
}

// drawable is how much of a bill a prepayment can pay now, in fen: the amount, or as much as there is where that is 0.
func (s *Service) drawable(ctx context.Context, p *Prepayment, b *Bill, n NewDraw) (money.Fen, error) {
	amount := n.Amount
	of, err := s.ownershipOf(ctx, p)
	switch {
	case err != nil:
		return 0, err
	case p.Deposit != nil:
		return 0, paysNoBills()
	case amount < 0:
		return 0, wrong("amount", "金额须大于 0。", "The amount is more than 0.")
	case b.Unit != p.Unit || !of.Has(b.Tenure):
		return 0, wrong("bill", "账单不属于该预存款的业主。", "The bill is not owed by whose prepayment it is.")
	case b.EntityID() != p.Entity:
		return 0, wrong("bill", "账单与预存款属于不同的收费公司。", "The bill is owed to another company than has the prepayment.")
	case !p.PaysFor(b, of):
		return 0, wrong("bill", "该预存款只能用于："+strings.Join(p.Fees, "、")+"。",
			"This prepayment is for these alone: "+strings.Join(p.Fees, ", ")+".")
	case b.Status != Unpaid || b.Owed() == 0:
		return 0, notOwed(b)
	}
	free, _, held, err := s.room(ctx, b, "")
	available := p.Available()
	switch {
	case err != nil:
		return 0, err
	case available == 0:
		return 0, fault.New(fault.WrongState, "没有可用的预存款。", "Nothing of the prepayment is available.")
	case free == 0 && len(held) > 0, amount > free && len(held) > 0:
		return 0, heldBy(held[0].Order)
	case amount > free:
		return 0, wrong("amount", "金额超过账单的欠费 "+free.Yuan()+" 元。",
			"The amount is more than the "+free.Yuan()+" owed of the bill.")
	case amount > available:
		return 0, wrong("amount", "金额超过可用预存款 "+available.Yuan()+" 元。",
			"The amount is more than the "+available.Yuan()+" available.")
	case amount == 0:
		amount = min(free, available)
	case amount < min(free, available) && !n.InPart:
		return 0, fault.New(fault.Forbidden, "请用预存款付清账单，余额不足时抵扣全部余额；部分抵扣请到服务台办理。",
			"Pay all that is owed, or as much as there is; the office pays a part where the company allows it.").With(
			"field", "amount")
	}
	if amount < free && p.drawsOf(b.ID) >= BillParts-1 {
		return 0, wrong("amount", fmt.Sprintf("一笔账单最多抵扣 %d 次，请一次抵清余款。", BillParts),
			fmt.Sprintf("A bill is paid by at most %d draws; pay what is left at once.", BillParts))
	}
	return amount, nil
}

// drawsOf is how often the prepayment paid towards a bill, whether that was undone or not.
func (p *Prepayment) drawsOf(bill string) (n int) {
	for i := range p.Draws {
		if p.Draws[i].Bill == bill {
			n++
		}
	}
	return n
}

// reserve sets a draw aside.
func (s *Service) reserve(ctx context.Context, id string, b *Bill, n NewDraw) (p *Prepayment, no int, err error) {
	p, err = s.prepaid.Update(ctx, id, func(p *Prepayment) error {
		if i := slices.IndexFunc(p.Draws, func(d Draw) bool { return n.Key != "" && d.Key == n.Key }); i >= 0 {
			if p.Draws[i].KeyHash != n.KeyHash {
				return keyReused()
			}
			no = p.Draws[i].No // the same request at the same time
			return store.ErrUnchanged
		}
		if n.Amount > p.Available() {
			return fault.New(fault.WrongState, "可用预存款已变化，请刷新后重试。",
				"Less of the prepayment is available now; look again.")
		}
		p.LastDraw++
		no = p.LastDraw
		p.Draws = append(p.Draws, Draw{No: no, Bill: b.ID, Title: b.Title(), Amount: n.Amount, State: DrawReserved,
			At: s.now().UTC(), By: n.By, Key: n.Key, KeyHash: n.KeyHash})
		return nil
	})
	return p, no, err
}

// resume carries on with what is under way in a prepayment, draws and what the journal is owed, and returns how many
// those were.
func (s *Service) resume(ctx context.Context, p *Prepayment) (n int, err error) {
	n, untold := s.finishPayouts(ctx, p) // what cannot be told keeps no draw waiting
	for _, d := range slices.Clone(p.Draws) {
		switch d.State {
		case DrawReserved:
			_, err = s.resumeDraw(ctx, p, d.No)
		case DrawReturning:
			_, err = s.resumeReturn(ctx, p, d.No)
		default:
			continue
		}
		if err != nil {
			return n, errors.Join(untold, err)
		}
		n++
	}
	return n, untold
}

// resumeDraw carries a reserved draw to its end: the bill is paid by it, or it is taken off.
func (s *Service) resumeDraw(ctx context.Context, p *Prepayment, no int) (*Prepayment, error) {
	d, id := p.Draw(no), p.drawID(no)
	if d == nil || d.State != DrawReserved {
		return p, nil
	}
	b, err := s.update(ctx, d.Bill, func(b *Bill) error {
		if b.drawn(id) != nil {
			return store.ErrUnchanged
		}
		paid := Settlement{Draw: id, At: s.now().UTC()}
		if b.Status == Unpaid && d.Amount <= b.Owed() {
			paid.Amount, paid.Tentative = d.Amount, true
			b.owe(CheckDraws, s.now())
		}
		b.Settlements = append(b.Settlements, paid)
		return nil
	})
	if err == nil && b.owes(CheckDraws) {
		b, err = s.checkDraws(ctx, b)
	}
	if err != nil {
		return nil, err
	}
	p, err = s.changeDraw(ctx, p.ID, no, DrawReserved, audit.PrepaymentUsed, func(p *Prepayment, d *Draw) {
		if paid := b.drawn(id); paid.Amount > 0 {
			d.State, d.At = DrawUsed, paid.At
			return
		}
		p.Draws = slices.DeleteFunc(slices.Clone(p.Draws), func(d Draw) bool { return d.No == no })
	})
	if err == nil {
		_, _ = s.postMoves(ctx, b) // what fails stays in the bill
	}
	return p, err
}

// checkDraws carries out CheckDraws for the draws that the bill has as it was read: those that orders held it before,
// and that leave less than they hold, are taken back; the others stand, and the journal is owed them. A draw that came
// since is looked at anew.
func (s *Service) checkDraws(ctx context.Context, b *Bill) (*Bill, error) {
	var before []string
	for i := range b.Settlements {
		if b.Settlements[i].Tentative {
			before = append(before, b.Settlements[i].Draw)
		}
	}
	_, _, held, err := s.room(ctx, b, "")
	if err != nil {
		return nil, err
	}
	return s.update(ctx, b.ID, func(b *Bill) error {
		if !b.owes(CheckDraws) { // another process was faster
			return store.ErrUnchanged
		}
		more := false
		var taken money.Fen
		for _, h := range held {
			if b.Settlement(h.Order) == nil { // else it is counted in what is owed
				taken += h.Amount
			}
		}
		for i := len(b.Settlements) - 1; i >= 0; i-- {
			paid := &b.Settlements[i]
			if !paid.Tentative {
				continue
			}
			if !slices.Contains(before, paid.Draw) {
				more = true
				continue
			}
			paid.Tentative = false
			if taken > b.Owed() {
				paid.Amount = 0
				continue
			}
			b.Move(PrepaymentUsed, paid.Amount, s.now())
			if b.due() == 0 {
				b.PaidBy, b.PaidAt = ByPrepayment, paid.At
			}
		}
		if !more {
			b.strike(CheckDraws)
		}
		if b.Status = b.stands(); b.Status == Unpaid {
			b.PaidBy, b.PaidAt = "", time.Time{}
		}
		return nil
	})
}

// drawMoves is how many moves of the bill draws made, which the journal has or is owed.
func (b *Bill) drawMoves() (n int64) {
	for i := range b.Settlements {
		if paid := &b.Settlements[i]; paid.Draw != "" && paid.Amount > 0 && !paid.Tentative {
			n += 1 + int64(len(paid.GivenBack))
		}
	}
	return n
}

// changeDraw alters a draw that stands in a state, and owes the audit log why; one that a person asked for is told as
// theirs.
func (s *Service) changeDraw(ctx context.Context, id string, no int, state DrawState, verb audit.Verb,
	change func(*Prepayment, *Draw)) (*Prepayment, error) {
	return s.prepaid.Update(ctx, id, func(p *Prepayment) error {
		d := p.Draw(no)
		if d == nil || d.State != state { // another process was faster
			return store.ErrUnchanged
		}
		before, by := p.Available(), d.By
		if state == DrawReserved {
			before += d.Amount
		}
		bill, amount := d.Bill, d.Amount
		change(p, d)
		if d = p.Draw(no); d == nil {
			return nil
		}
		if d.State == DrawReturned {
			by = d.ReturnedBy
		}
		p.OwesAudit.Owe(ctx, "prepaid/"+p.ID, p.Version, audit.Event{
			At: s.now(), Actor: by, Verb: verb, Object: "prepayment:" + p.ID, Company: p.Company,
			Communities: []string{p.Community}, Before: audit.State{"available": before.Yuan()},
			After: audit.State{"available": p.Available().Yuan(), "amount": amount.Yuan(), "bill": bill},
		})
		return nil
	})
}

var _ payment.ItemOwner = (*Books)(nil)
