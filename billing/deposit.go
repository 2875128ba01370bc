package billing

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

// Deposit (押金) is what a prepayment has that is held for a purpose, such as fitting out (装修押金), and pays no bill.
// Each deposit is a document of its own, with the money of one order. It goes back as a prepayment does. With the
// payer's consent the company keeps some of it (扣款), or it becomes a prepayment of whose deposit it is, which pays
// bills (转预存): both are asked for and approved as payouts are.
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
	if !strings.HasPrefix(it.Ref, depositPrefix) {
		return nil
	}
	return &Deposit{Name: it.Title}
}

// depositName is the name of a deposit as it is kept, or Invalid. It may not be what a prepayment is called.
func depositName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || length(name) > titleLength || name == payment.AheadTitle {
		return "", wrong("deposit", "请填写押金名称，最多 40 个字，且不能为“预存款”。",
			"Name the deposit, in 40 characters at most, and not 预存款.")
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

// movePayouts has prepayments credited with what is on its way to them, and returns how many payouts that was.
func (s *Service) movePayouts(ctx context.Context, p *Prepayment) (n int, err error) {
	for i := range p.Payouts {
		o := &p.Payouts[i]
		if !o.Moving {
			continue
		}
		to := &Prepayment{ID: p.prepaid(), Company: p.Company, Community: p.Community,
			Entity: p.Entity, Unit: p.Unit, Tenure: p.Tenure}
		err := s.addCredit(ctx, to, Credit{Source: p.prepays(o), Amount: o.Amount, At: o.PaidAt})
		if err != nil {
			return n, err
		}
		_, err = s.prepaid.Update(ctx, p.ID, func(p *Prepayment) error {
			if o := p.Payout(o.ID); !o.Moving { // another process was faster
				return store.ErrUnchanged
			}
			p.Payout(o.ID).Moving = false
			return nil
		})
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// moved is what of a deposit became a prepayment by the payout with an id, in fen.
func (p *Prepayment) moved(payout string) money.Fen {
	if o := p.Payout(payout); o != nil && o.Method == AsPrepayment && o.Status() == PayoutPaid {
		return o.Amount
	}
	return 0
}
