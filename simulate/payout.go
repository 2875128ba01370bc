package simulate

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"linlipay/approval"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
)

// payOut has one person ask for money of a prepayment to be paid out, or of a deposit to stay with the company, and
// another decide it; at times the first one tries to. Then it is paid, or not; a process may die over that, or two
// people do it at once.
func (w *world) payOut(of *briefPrepayment) {
	id := of.ID
	n := billing.NewPayout{Amount: w.upTo(20_000), Method: billing.CashInHand, Payee: "收款人", Reason: "搬离", // too much
		Key: w.key(), KeyHash: "1", By: correctionMaker} // at times
	if of.Deposit != nil {
		switch n.Method = one(w.sched, billing.CashInHand, billing.Deduction, billing.AsPrepayment); n.Method {
		case billing.Deduction:
			n.Payee, n.Fee, n.Consent = "", "装修损坏赔偿", "确认单"
		case billing.AsPrepayment:
			n.Payee, n.Consent = "", "确认单"
		}
	}
	p, err := w.askPrepayment(func(ctx context.Context, s *billing.Service) (*billing.Prepayment, error) {
		p, _, err := s.AskPayout(ctx, id, n)
		return p, err
	})
	if err != nil {
		return
	}
	i := slices.IndexFunc(p.Payouts, func(o billing.Payout) bool { return o.Key == n.Key })
	d := approval.Decision{Request: p.Payouts[i].ID, Approve: w.sched.odds(850), Note: "审核"}
	decide := func(by approval.Person) func(context.Context, *billing.Service) (*billing.Prepayment, error) {
		return func(ctx context.Context, s *billing.Service) (*billing.Prepayment, error) {
			return s.DecidePayout(ctx, id, d, by)
		}
	}
	w.think()
	if w.sched.odds(100) {
		_, _ = w.askPrepayment(decide(correctionMaker))
	}
	if n.Method != billing.CashInHand && w.strikes(PayoutCut) {
		at := one(w.sched, w.processes...)
		w.dying(at, func(ctx context.Context) { _, _ = decide(correctionChecker)(ctx, at.bills) })
		return
	}
	if w.sched.odds(50) {
		_, _ = w.askPrepayment(func(ctx context.Context, s *billing.Service) (*billing.Prepayment, error) {
			return s.WithdrawPayout(ctx, id, d.Request, correctionMaker)
		})
	}
	_, err = w.askPrepayment(decide(correctionChecker))
	if err != nil || !d.Approve || n.Method != billing.CashInHand {
		return
	}
	w.think()
	pay := func(ctx context.Context, s *billing.Service) (*billing.Prepayment, error) {
		return s.PayPayout(ctx, id, d.Request, "收据 1", "staff:cashier")
	}
	if w.sched.odds(200) { // while another pays it
		w.person(w.sched.between(0, time.Second), func() {
			_, _ = w.askPrepayment(func(ctx context.Context, s *billing.Service) (*billing.Prepayment, error) {
				return s.CancelPayout(ctx, id, d.Request, "未来领取", "staff:finance")
			})
		})
	}
	if w.strikes(PayoutCut) {
		at := one(w.sched, w.processes...)
		w.dying(at, func(ctx context.Context) { _, _ = pay(ctx, at.bills) })
		return
	}
	_, _ = w.askPrepayment(pay)
}

// askPrepayment is askTwice of something about a prepayment.
func (w *world) askPrepayment(call func(context.Context, *billing.Service) (*billing.Prepayment, error)) (
	p *billing.Prepayment, err error) {
	_, err = w.askTwice(func(ctx context.Context, at *process) (*payment.Order, error) {
		got, err := call(ctx, at.bills)
		if err == nil {
			p = got
		}
		return nil, err
	})
	return p, err
}

// briefPayout is of a stored payout what the checks compare.
type briefPayout struct {
	ID          string         `json:"id"`
	Amount      money.Fen      `json:"amount"`
	Method      string         `json:"method"`
	State       approval.State `json:"state"`
	RequestedBy string         `json:"requested_by"`
	DecidedBy   string         `json:"decided_by"`
	PaidBy      string         `json:"paid_by"`
	CancelledBy string         `json:"cancelled_by"`
	Moving      bool           `json:"moving"`
	GivenBack   []briefBack    `json:"given_back"`
}

// stage is how far a payout is: one goes on, and never back.
func (o *briefPayout) stage() int {
	switch {
	case o.PaidBy != "":
		return 3
	case o.CancelledBy != "", o.State == approval.Refused, o.State == approval.Withdrawn:
		return 2
	case o.State == approval.Approved:
		return 1
	}
	return 0
}

// takes is what a payout takes of its prepayment, waiting or paid, in fen.
func (o *briefPayout) takes() money.Fen {
	if o.stage() == 2 {
		return 0
	}
	return o.Amount - o.back()
}

// back is what of a payout came back, in fen.
func (o *briefPayout) back() (back money.Fen) {
	for _, g := range o.GivenBack {
		back += g.Amount
	}
	return back
}

// paidOut holds the payouts of a stored prepayment against those of the version before: each stays what it was, goes on
// and never back, and is paid only after another than asked approved it.
func (w *world) paidOut(id string, old, p *briefPrepayment) {
	for i := range p.Payouts {
		now := &p.Payouts[i]
		if now.stage() == 1 || now.stage() == 3 {
			if now.State != approval.Approved || now.DecidedBy == "" || now.DecidedBy == now.RequestedBy {
				w.violate("payouts", "", fmt.Sprintf("payout %+v of prepayment %s was approved by no other", *now, id))
			}
		}
		if now.Method != "cash" && (p.Deposit == nil || now.stage() == 1) {
			w.violate("payouts", "", fmt.Sprintf("payout %+v of %s is none of a deposit, or half done", *now, id))
		}
		if i >= len(old.Payouts) || old.Payouts[i].stage() != now.stage() {
			w.figures.Ahead[payoutFigure(now)]++
		}
	}
	for i := range old.Payouts {
		was := &old.Payouts[i]
		if i >= len(p.Payouts) || !p.Payouts[i].follows(was) {
			w.violate("payouts", "", fmt.Sprintf("prepayment %s does not keep payout %+v", id, *was))
			return
		}
	}
}

// payoutFigure is what the figures call a payout where it stands.
func payoutFigure(o *briefPayout) string {
	if o.stage() == 3 && o.Method != "cash" {
		return "deposit to " + map[string]string{"deduction": "the company", "prepayment": "a prepayment"}[o.Method]
	}
	return "payout " + []string{"asked", "approved", "ended", "paid"}[o.stage()]
}

// follows reports whether a payout may be what one was before: one that has ended stays as it was, but for what comes
// back of it.
func (o briefPayout) follows(was *briefPayout) bool {
	back := len(o.GivenBack) - len(was.GivenBack)
	if o.ID != was.ID || o.Amount != was.Amount || o.stage() < was.stage() || back < 0 ||
		!slices.Equal(o.GivenBack[:len(was.GivenBack)], was.GivenBack) || back == 0 && o.Moving && was.stage() == 3 &&
		!was.Moving {
		return false
	}
	o.Moving, o.GivenBack = was.Moving, was.GivenBack
	return was.stage() < 2 || reflect.DeepEqual(o, *was)
}

// leavingKinds are what the journal calls what leaves a prepayment or, with true, a deposit, by the payout's method.
var leavingKinds = map[bool]map[string]billing.EntryKind{
	false: {"cash": billing.PrepaymentPaidOut},
	true: {"cash": billing.DepositPaidOut, "deduction": billing.DepositDeducted,
		"prepayment": billing.DepositMoved},
}

// paidOutAgrees holds what left a prepayment or a deposit against what the journal says, in fen.
func (w *world) paidOutAgrees(id string, told map[billing.EntryKind]money.Fen) {
	p, paid := w.ahead[id], map[billing.EntryKind]money.Fen{}
	for i := range p.Payouts {
		if o := &p.Payouts[i]; o.stage() == 3 {
			paid[leavingKinds[p.Deposit != nil][o.Method]] += o.Amount
			if o.back() > 0 {
				paid[billing.DepositMovedBack] += o.back()
			}
		}
	}
	if !maps.Equal(paid, told) {
		w.violate("journal", "", fmt.Sprintf("prepayment %s paid %v out, the journal says %v", id, paid, told))
	}
}

// depositsAgree holds deposits against the orders that brought them, and adds to what prepayments must have, by the
// payout, what deposits became.
func (w *world) depositsAgree(want map[string]money.Fen) {
	for _, id := range slices.Sorted(maps.Keys(w.ahead)) {
		p := w.ahead[id]
		if p.Deposit != nil && (len(p.Credits) == 0 || len(p.Draws) > 0) {
			w.violate("deposits", "", fmt.Sprintf("deposit %s has credits %+v and draws %+v", id, p.Credits, p.Draws))
		}
		for _, c := range p.Credits {
			if is := strings.HasPrefix(c.Item, "deposit/"); c.Unapplied == 0 && is != (p.Deposit != nil) {
				w.violate("deposits", c.Order, fmt.Sprintf("%s was paid to %s, of deposit %v", c.Item, id, p.Deposit))
			}
		}
		for i := range p.Payouts {
			o := &p.Payouts[i]
			if o.Moving {
				w.violate("deposits", "", fmt.Sprintf("payout %+v of %s moves in the end", *o, id))
			}
			if o.stage() == 3 && o.Method == "prepayment" {
				want[id+"/"+o.ID] = o.Amount - o.back()
				w.figures.Ahead["deposit back from a prepayment"] += len(o.GivenBack)
			}
		}
	}
}

func payoutMutations() []Mutation {
	return []Mutation{
		spoilPrepayment("payout-forgotten", "a prepayment forgets that it paid money out", func(p *billing.Prepayment) {
			for i := range p.Payouts {
				if o := &p.Payouts[i]; o.Status() == billing.PayoutPaid && len(p.Owed) == 0 {
					o.PaidBy, o.PaidAt = "", time.Time{}
				}
			}
		}),
		spoilPrepayment("payout-untold", "the journal hears of no payout", func(p *billing.Prepayment) {
			p.Owed = nil
		}),
		spoilPrepayment("payout-alone", "whoever asks for a payout approves it", func(p *billing.Prepayment) {
			for i := range p.Payouts {
				if o := &p.Payouts[i]; o.State == approval.Requested {
					o.State, o.DecidedBy = approval.Approved, o.RequestedBy
				}
			}
		}),
		spoilPrepayment("payout-lessened", "half of what was paid out is there again", func(p *billing.Prepayment) {
			for i := range p.Payouts {
				if o := &p.Payouts[i]; o.Status() == billing.PayoutPaid {
					o.Amount /= 2
				}
			}
		}),
		spoilPrepayment("deposit-pays", "a deposit is taken for a prepayment", func(p *billing.Prepayment) {
			p.Deposit = nil
		}),
		spoilPrepayment("deposit-lost", "what a deposit became never arrives", func(p *billing.Prepayment) {
			for i := range p.Payouts {
				p.Payouts[i].Moving = false
			}
		}),
		spoilPrepayment("deposit-doubled", "what a deposit became arrives doubled", func(p *billing.Prepayment) {
			for i := range p.Credits {
				if c := &p.Credits[i]; c.Payout != "" && len(p.Draws) == 0 {
					c.Amount = 2 * p.Credits[i].Amount
				}
			}
		}),
		spoilPrepayment("deduction-at-once", "a deduction is done before anybody approved it",
			func(p *billing.Prepayment) {
				for i := range p.Payouts {
					if o := &p.Payouts[i]; o.Method == billing.Deduction && o.State == approval.Requested {
						o.PaidBy, o.PaidAt = o.RequestedBy, o.RequestedAt
					}
				}
			}),
	}
}
