package billing

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

// Deposit (押金) is what a prepayment has that is held for a purpose, such as fitting out (装修押金), and pays no bill.
// Each deposit is a document of its own, with the money of one order or of one opening. It goes back as a prepayment
// does. With the payer's consent the company keeps some of it (扣款), or it becomes a prepayment of whose deposit it is,
// which pays bills (转预存): both are asked for and approved as payouts are.
type Deposit struct {
	Name string `json:"name"` // what it is for, such as "装修押金"
}

const depositPrefix = "deposit/"

// depositRef is the reference of an order's item that pays a deposit, which is made of it; see topUpRef.
func depositRef(debtor, key string) string {
	return depositPrefix + debtor + "." + onceOf(key)
}

// onceOf is of a request and its repeat, which have a key, and of no other.
func onceOf(key string) string {
	unique := sha256.Sum256([]byte(cmp.Or(key, rand.Text())))
	return hex.EncodeToString(unique[:8])
}

// depositOf is the deposit that an order's item pays, nil where it pays ahead or a bill.
func depositOf(it payment.Item) *Deposit {
	if !IsDeposit(it.Ref) {
		return nil
	}
	return &Deposit{Name: it.Title}
}

// IsDeposit reports whether an order's item with a reference pays a deposit.
func IsDeposit(ref string) bool { return strings.HasPrefix(ref, depositPrefix) }

// depositLength is the most characters of a deposit's name. Ours: home and name fit the title that wallets show.
const depositLength = 20

// depositName is the name of a deposit as it is kept, or Invalid. It may not be read as a prepayment's or a bill's.
func depositName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || length(name) > depositLength || payment.ItemTitle(name, true) != name {
		return "", wrong("deposit", "请填写押金名称，最多 20 个字，不能写成预存款，也不能带月份。",
			"Name the deposit, in 20 characters at most, neither as a prepayment nor with a month.")
	}
	return name, nil
}

// Deposits are those of a unit that were paid, those of the owner on record first, the newest first.
func (s *Service) Deposits(ctx context.Context, unit string) ([]Prepayment, error) {
	all, err := s.paidAhead(ctx, unit)
	all = slices.DeleteFunc(all, func(p Prepayment) bool { return p.Deposit == nil })
	slices.SortStableFunc(all, func(a, b Prepayment) int {
		return cmp.Or(b.Tenure-a.Tenure, b.Credits[0].At.Compare(a.Credits[0].At), cmp.Compare(a.ID, b.ID))
	})
	return all, err
}

// prepaid is the id of the prepayment that a deposit's money may become.
func (p *Prepayment) prepaid() string { return prepaymentID(p.Unit, p.Tenure, p.Entity) }

// prepays is the source of what a payout of a deposit moves to a prepayment.
func (p *Prepayment) prepays(o *Payout) Source { return Source{Payout: p.ID + "/" + o.ID} }

// cutPayout is the deposit and the payout of a source that prepays.
func (f Source) cutPayout() (deposit, payout string) {
	deposit, payout, _ = strings.Cut(f.Payout, "/")
	return deposit, payout
}

// movePayouts has prepayments say what became of deposits as their payouts say it, and returns how many payouts that
// was.
func (s *Books) movePayouts(ctx context.Context, p *Prepayment) (n int, err error) {
	for i := range p.Payouts {
		o := &p.Payouts[i]
		if !o.Moving {
			continue
		}
		if err := s.move(ctx, p, o); err != nil {
			return n, err
		}
		_, err = s.prepaid.Update(ctx, p.ID, func(p *Prepayment) error {
			now := p.Payout(o.ID)
			if !now.Moving || len(now.GivenBack) > len(o.GivenBack) { // another was faster, or more came back since
				return store.ErrUnchanged
			}
			now.Moving = false
			return nil
		})
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// move has the prepayment that a payout of a deposit became say what it is, and what of it came back.
func (s *Books) move(ctx context.Context, p *Prepayment, o *Payout) error {
	credit := Credit{Source: p.prepays(o), Amount: o.Amount, At: o.PaidAt, GivenBack: o.GivenBack}
	to := &Prepayment{ID: p.prepaid(), Company: p.Company, Community: p.Community, Entity: p.Entity, Unit: p.Unit,
		Tenure: p.Tenure}
	if err := s.addCredit(ctx, to, credit); err != nil || len(o.GivenBack) == 0 {
		return err
	}
	_, err := s.prepaid.Update(ctx, to.ID, func(to *Prepayment) error {
		c := to.credit(credit.Source)
		if len(c.GivenBack) >= len(o.GivenBack) {
			return store.ErrUnchanged
		}
		c.GivenBack = o.GivenBack
		return nil
	})
	return err
}

// takeMovedBack covers what a deposit is short of since an institution gave money back by itself: it comes out of the
// prepayments that the deposit became, whether it was used there or not. at is when it went back.
func (p *Prepayment) takeMovedBack(refund string, at time.Time) {
	for i := range p.Payouts {
		o := &p.Payouts[i]
		if back := min(-p.Balance(), p.moved(o.ID)-sumOf(o.GivenBack)); back > 0 {
			o.GivenBack = append(slices.Clip(o.GivenBack), Reopening{Refund: refund, Amount: back, At: at})
			o.Moving = true
			p.Owed = append(slices.Clip(p.Owed), p.returnEntry(o, o.GivenBack[len(o.GivenBack)-1]))
		}
	}
}

// moved is what of a deposit became a prepayment by the payout with an id, in fen.
func (p *Prepayment) moved(payout string) money.Fen {
	if o := p.Payout(payout); o != nil && o.Method == AsPrepayment && o.Status() == PayoutPaid {
		return o.Amount
	}
	return 0
}

// paidInto is the prepayment that has money of an order which is of none of its items, as it is made where there is
// none: its deposit, where it pays one.
func paidInto(o *payment.Order) *Prepayment {
	p := paidBy(o, prepaymentID(o.Payer.Unit, o.Payer.Tenure, o.EntityID()))
	for _, it := range o.Items {
		if d := depositOf(it); d != nil {
			p.ID, _ = TopUpOf(it.Ref)
			p.Deposit = d
		}
	}
	return p
}

// misplaced says what of a prepayment or a deposit is not as its id says, "" for nothing.
func (p *Prepayment) misplaced() string {
	right := p.ID == p.prepaid()
	if p.Deposit != nil {
		right = strings.HasPrefix(p.ID, p.prepaid()+".") && len(p.Draws) == 0
	}
	if right {
		return ""
	}
	return fmt.Sprintf("%s is not the prepayment or the deposit that it says it is", p.ID)
}
