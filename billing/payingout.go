package billing

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/store"
)

// NewPayout asks for money of a prepayment to be paid out.
type NewPayout struct {
	Amount   money.Fen // in fen, more than 0
	Method   PayoutMethod
	Payee    string
	Bank     string // BankTransfer: where the account is
	Account  string // BankTransfer: its number; spaces and dashes are left out
	Fee      string // Deduction: what it is for
	Consent  string // Deduction, AsPrepayment: how the payer agreed
	Reason   string // for whoever decides, and for the record
	Replaces string // the id of a request that this one takes the place of; "" is none
	Key      string // scope and Idempotency-Key
	KeyHash  string
	By       approval.Person
}

// AskPayout asks for a payout, which another person decides. A repeat returns the prepayment as it is, and hit; another
// request under its key is KeyReused. What is missing or wrong is Invalid, and so is more than is available; a second
// request beside one that waits is WrongState, and more than a prepayment may have TooMany.
func (s *Service) AskPayout(ctx context.Context, id string, n NewPayout) (p *Prepayment, hit bool, err error) {
	asked, invalid := n.checked()
	doubtful, why, err := s.doubtful(ctx, id)
	if err != nil {
		return nil, false, err
	}
	p, err = s.changePayout(ctx, id, audit.PayoutAsked, func(p *Prepayment) (*Payout, error) {
		for i := range p.Payouts {
			if o := &p.Payouts[i]; n.Key != "" && o.Key == n.Key {
				if hit = o.KeyHash == n.KeyHash; !hit {
					return nil, keyReused()
				}
				return nil, store.ErrUnchanged
			}
		}
		if invalid != nil {
			return nil, invalid
		}
		if p.Deposit == nil && n.Method.stays() {
			return nil, wrong("method", "只有押金可以扣款或转预存款。",
				"Only a deposit can be deducted from, or become a prepayment.")
		}
		if len(p.Payouts) == payouts {
			return nil, fault.New(fault.TooMany, "该笔款项的退付次数已达上限。",
				"It has had as many payouts as it may.")
		}
		asking := approval.Asking{Standing: p.asked(), Replaces: n.Replaces, Reason: strings.TrimSpace(n.Reason)}
		r, err := PayoutMatter().Ask(asking, n.By, s.now().UTC())
		if err != nil {
			return nil, err
		}
		available := p.Available() // one that is replaced is set aside no more
		if asked.Amount > available {
			return nil, wrong("amount", "金额超过可用余额 "+available.Yuan()+" 元。",
				"The amount is more than the "+available.Yuan()+" available.")
		}
		if asked.Amount > available-doubtful {
			return nil, why
		}
		asked.Request = *r
		p.Payouts = append(p.Payouts, *asked)
		return p.Payout(r.ID), nil
	})
	return p, hit, err
}

// DecidePayout approves or refuses the payout that waits. Who may decide is the company's to say (approval.Authority),
// and the others are Forbidden; see approval.Request.Decide for the other faults. More than there is, since an
// institution gave money back by itself, is WrongState, and so is money that may not have come, or have gone back.
func (s *Service) DecidePayout(ctx context.Context, id string, d approval.Decision, by approval.Person) (*Prepayment,
	error) {
	verb := audit.PayoutRefused
	if d.Approve {
		verb = audit.PayoutApproved
	}
	doubtful, why, err := s.doubtful(ctx, id)
	if err != nil {
		return nil, err
	}
	p, err := s.changePayout(ctx, id, verb, func(p *Prepayment) (*Payout, error) {
		o := p.Payout(d.Request)
		if o == nil {
			return nil, (*approval.Request)(nil).Decide(PayoutMatter(), d, 0, by, s.now())
		}
		may := func() (string, error) { return approval.Judge(ctx, s.authority, p.PayoutCase(o), by) }
		if err := o.DecideWhere(d, o.Base, by.ID, s.now().UTC(), may); err != nil {
			return nil, err
		}
		switch left := p.Balance() - p.Reserved(); {
		case !d.Approve:
		case left < 0:
			return nil, lessIsThere(p)
		case left < doubtful: // what is not doubtful does not cover it
			return nil, why
		case o.Method.stays():
			p.paid(o, "", by.ID, s.now())
		}
		return o, nil
	})
	return s.finished(ctx, p, err)
}

// WithdrawPayout takes back what the caller asked for. Its faults are approval.Request.Withdraw's.
func (s *Service) WithdrawPayout(ctx context.Context, id, request string, by approval.Person) (*Prepayment, error) {
	return s.changePayout(ctx, id, audit.PayoutWithdrawn, func(p *Prepayment) (*Payout, error) {
		o := p.Payout(request)
		if o == nil {
			return nil, (*approval.Request)(nil).Withdraw(request, by, s.now())
		}
		return o, o.Withdraw(request, by, s.now().UTC())
	})
}

// PayPayout says that a payout that was approved is paid, and under which number; a transfer without one is Invalid.
// Whoever said so may repeat it with the same number. A payout that is not there is NotFound, and one that is not to be
// paid WrongState. The money has left: where an institution gave some back by itself meanwhile, the balance is below 0.
func (s *Service) PayPayout(ctx context.Context, id, request, reference, by string) (*Prepayment, error) {
	reference = strings.TrimSpace(reference)
	p, err := s.changePayout(ctx, id, audit.PayoutPaid, func(p *Prepayment) (*Payout, error) {
		o, err := p.toPay(request)
		switch {
		case o == nil:
			return nil, err
		case o.Status() == PayoutPaid && o.Reference == reference && o.PaidBy == by && !o.Method.stays():
			return nil, store.ErrUnchanged
		case err != nil:
			return nil, err
		case length(reference) > referenceLength || o.Method == BankTransfer && reference == "":
			return nil, wrong("reference", "请填写银行回单号，最多 64 个字。",
				"Give the bank's number of the transfer, in 64 characters at most.")
		}
		p.paid(o, reference, by, s.now())
		return o, nil
	})
	return s.finished(ctx, p, err)
}

// paid is that whoever was to get a payout has it: the journal is owed that, and a prepayment what it becomes.
func (p *Prepayment) paid(o *Payout, reference, by string, now time.Time) {
	o.PaidAt, o.PaidBy, o.Reference, o.Moving = now.UTC(), by, reference, o.Method == AsPrepayment
	p.Owed = append(slices.Clip(p.Owed), p.payoutEntry(o))
}

// finished finishes what a change of a payout left to do; what fails stays in the prepayment.
func (s *Service) finished(ctx context.Context, p *Prepayment, err error) (*Prepayment, error) {
	if err == nil {
		_, _ = s.finishPayouts(ctx, p)
	}
	return p, err
}

// finishPayouts has journal and prepayments told what they are owed of payouts, and returns how many that was.
func (s *Service) finishPayouts(ctx context.Context, p *Prepayment) (int, error) {
	moved, err := s.movePayouts(ctx, p)
	told, untold := s.postPayouts(ctx, p)
	return moved + told, errors.Join(err, untold)
}

// CancelPayout says that a payout that was approved is not paid: the money is available again. A payout that is not
// there is NotFound, one that is not to be paid WrongState, and without a reason it is Invalid.
func (s *Service) CancelPayout(ctx context.Context, id, request, reason, by string) (*Prepayment, error) {
	reason = strings.TrimSpace(reason)
	return s.changePayout(ctx, id, audit.PayoutCancelled, func(p *Prepayment) (*Payout, error) {
		o, err := p.toPay(request)
		switch {
		case o == nil:
			return nil, err
		case o.Status() == PayoutCancelled && o.WhyNot == reason:
			return nil, store.ErrUnchanged
		case err != nil:
			return nil, err
		case reason == "":
			return nil, wrong("reason", "请填写不付款的原因。", "Say why it is not paid.")
		}
		o.CancelledAt, o.CancelledBy, o.WhyNot = s.now().UTC(), by, reason
		return o, nil
	})
}

// doubtful is how much of a prepayment may not have come, or have gone back already, in fen, and why the last of it is
// so; see payment.Order.MayLeave. What a deposit became is as doubtful as that deposit.
func (s *Service) doubtful(ctx context.Context, id string) (sum money.Fen, why, err error) {
	p, err := s.prepaid.Get(ctx, id)
	if err != nil {
		return 0, nil, err
	}
	for i := range p.Credits {
		c := &p.Credits[i]
		var in money.Fen
		var of error
		switch {
		case c.net() <= 0, c.Opening != nil:
			continue
		case c.Payout != "":
			deposit, _ := c.cutPayout()
			in, of, err = s.doubtful(ctx, deposit)
		default:
			in, of, err = s.doubtfulCredit(ctx, c)
		}
		if err != nil {
			return 0, nil, err
		}
		if in > 0 {
			sum, why = sum+min(in, c.net()), of
		}
	}
	return sum, why, nil
}

// doubtfulCredit is doubtful for what one order brought.
func (s *Service) doubtfulCredit(ctx context.Context, c *Credit) (sum money.Fen, why, err error) {
	o, err := s.payments.Get(ctx, c.Order)
	if err != nil {
		return 0, nil, err
	}
	attempt, back := o.PaidBy, o.ItemGivenBack(c.Item)
	if c.Unapplied > 0 {
		attempt, back = o.UnappliedFunds(c.Unapplied).Attempt, o.KeptBack(c.Unapplied)
	}
	if in := o.MayLeave(attempt); in != nil {
		return c.net(), in, nil
	}
	if back -= sumOf(c.GivenBack); back > 0 { // the order knows of it already, and tells it here next
		return back, fault.New(fault.WrongState, "有退款刚刚到账，请稍后重试。",
			"A refund succeeded just now; try again in a while."), nil
	}
	return 0, nil, nil
}

// toPay is the payout with the id of its request; the fault of one that is not there, or not to be paid.
func (p *Prepayment) toPay(request string) (*Payout, error) {
	o := p.Payout(request)
	if o == nil {
		return nil, fault.New(fault.NotFound, "没有这笔退付。", "There is no such payout.")
	}
	if o.Status() != PayoutApproved {
		return o, fault.New(fault.WrongState, "该笔退付当前不是待付款，请刷新。",
			"The payout is not one to be paid now; look again.")
	}
	return o, nil
}

// lessIsThere says that what is set aside is there no more.
func lessIsThere(p *Prepayment) error {
	return fault.New(fault.WrongState, "余额已不足：渠道已退回部分款项，现余 "+max(0, p.Balance()).Yuan()+" 元。",
		"Less is left, "+max(0, p.Balance()).Yuan()+": an institution gave money back.")
}

// changePayout alters a payout, which change returns, and owes the audit log why.
func (s *Service) changePayout(ctx context.Context, id string, verb audit.Verb,
	change func(*Prepayment) (*Payout, error)) (*Prepayment, error) {
	return s.prepaid.Update(ctx, id, func(p *Prepayment) error {
		before := p.Available()
		o, err := change(p)
		if err != nil {
			return err
		}
		if p.Available() > before {
			p.SearchAt = s.now().UTC()
		}
		after := audit.State{"available": p.Available().Yuan(), "amount": o.Amount.Yuan(), "kind": string(o.Method),
			"request": o.ID, "state": string(o.Status())}
		if o.Fee != "" {
			after["fee"] = o.Fee
		}
		if o.DecidedFor != "" && (verb == audit.PayoutApproved || verb == audit.PayoutRefused) {
			after["decided_for"] = o.DecidedFor
		}
		p.OwesAudit.Owe(ctx, "prepaid/"+p.ID, p.Version, audit.Event{
			At: s.now(), Verb: verb, Object: "prepayment:" + p.ID, Company: p.Company,
			Communities: []string{p.Community}, Before: audit.State{"available": before.Yuan()}, After: after,
		})
		return nil
	})
}

// postPayouts tells the journal what a prepayment owes it, and returns how many entries that was.
func (s *Service) postPayouts(ctx context.Context, p *Prepayment) (int, error) {
	owed := p.Owed
	if len(owed) == 0 {
		return 0, nil
	}
	if _, err := s.journal.Append(ctx, p.Company, owed); err != nil {
		return 0, err
	}
	_, err := s.prepaid.Update(ctx, p.ID, func(p *Prepayment) error {
		left := slices.DeleteFunc(slices.Clone(p.Owed), func(e Entry) bool {
			return slices.ContainsFunc(owed, func(told Entry) bool { return told.ID == e.ID })
		})
		if len(left) == len(p.Owed) {
			return store.ErrUnchanged
		}
		p.Owed = left
		return nil
	})
	return len(owed), err
}

// PayoutIn is a payout, and the prepayment that it is of.
type PayoutIn struct {
	Prepayment *Prepayment
	*Payout
}

// Payouts are those of a company in a state, of all its communities, the oldest request first.
func (s *Service) Payouts(ctx context.Context, company string, state PayoutStatus) ([]PayoutIn, error) {
	var found []PayoutIn
	q := store.Query{Index: byPayout, Equal: []any{payoutKey(company, state)}}
	err := s.prepaid.All(ctx, q, func(p Prepayment) error {
		for i := range p.Payouts {
			if o := &p.Payouts[i]; o.Status() == state {
				found = append(found, PayoutIn{&p, o})
			}
		}
		return nil
	})
	slices.SortFunc(found, func(a, b PayoutIn) int {
		return cmp.Or(a.RequestedAt.Compare(b.RequestedAt), cmp.Compare(a.ID, b.ID))
	})
	return found, err
}
