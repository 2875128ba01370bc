package simulate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linlipay/approval"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
)

// payOut has one person ask for money of a prepayment to be paid out, and another decide it; at times the first one
// tries to. Then it is paid, or not; a process may die over that, or two people do it at once.
func (w *world) payOut(id string) {
	n := billing.NewPayout{Amount: w.upTo(20_000), Method: billing.CashInHand, Payee: "收款人", Reason: "搬离", // too much
		Key: w.key(), KeyHash: "1", By: correctionMaker} // at times
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
	if w.sched.odds(50) {
		_, _ = w.askPrepayment(func(ctx context.Context, s *billing.Service) (*billing.Prepayment, error) {
			return s.WithdrawPayout(ctx, id, d.Request, correctionMaker)
		})
	}
	if _, err = w.askPrepayment(decide(correctionChecker)); err != nil || !d.Approve {
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
	State       approval.State `json:"state"`
	RequestedBy string         `json:"requested_by"`
	DecidedBy   string         `json:"decided_by"`
	PaidBy      string         `json:"paid_by"`
	CancelledBy string         `json:"cancelled_by"`
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
	return o.Amount
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
		if i >= len(old.Payouts) || old.Payouts[i].stage() != now.stage() {
			w.figures.Ahead["payout "+[]string{"asked", "approved", "ended", "paid"}[now.stage()]]++
		}
	}
	for i := range old.Payouts {
		was := &old.Payouts[i]
		if i >= len(p.Payouts) || p.Payouts[i].ID != was.ID || p.Payouts[i].Amount != was.Amount ||
			p.Payouts[i].stage() < was.stage() || was.stage() >= 2 && p.Payouts[i] != *was {
			w.violate("payouts", "", fmt.Sprintf("prepayment %s does not keep payout %+v", id, *was))
			return
		}
	}
}

// paidOutAgrees holds what was paid out of a prepayment against what the journal says, in fen.
func (w *world) paidOutAgrees(id string, told money.Fen) {
	var paid money.Fen
	for i := range w.ahead[id].Payouts {
		if o := &w.ahead[id].Payouts[i]; o.stage() == 3 {
			paid += o.Amount
		}
	}
	if paid != told {
		w.violate("journal", "", fmt.Sprintf("prepayment %s paid %s out, the journal says %s", id, paid, told))
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
	}
}
