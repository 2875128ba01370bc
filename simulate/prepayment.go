package simulate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/store"
)

// office is what the bills ask about the companies.
type office struct{ w *world }

// EntityOn is the entity to which a community belongs on the day of the world.
func (o office) EntityOn(_ context.Context, _, community, _ string) (string, error) {
	return o.w.entities.today[community], nil
}

// RegionOn is none.
func (office) RegionOn(context.Context, string, string, string) (string, error) { return "", nil }

// Chart is empty.
func (office) Chart(context.Context, string) (billing.Chart, error) { return billing.Chart{}, nil }

// PrepaymentsPayDue is as the world has it.
func (o office) PrepaymentsPayDue(context.Context, string) (bool, error) { return o.w.payDue, nil }

// savers pay ahead, use what they paid or have it paid out, and now and then finance undoes that or limits it to other
// fees.
func (w *world) savers() {
	for !w.calm {
		w.sched.sleep(w.sched.between(5*time.Second, 90*time.Second))
		if len(w.recent) == 0 {
			continue
		}
		u := one(w.sched, w.recent...)
		if len(w.saving) > 0 && w.sched.odds(500) {
			u = one(w.sched, w.saving...)
		}
		p := w.prepaymentOf(u)
		switch n := w.sched.dice.IntN(100); {
		case p == nil || n < 30:
			w.person(0, func() { w.payAhead(u) })
		case n < 45:
			w.person(0, func() { w.payOut(p) })
		case n < 85:
			w.person(0, func() { w.draw(u, p.ID) })
			if w.sched.odds(300) { // and at the same time another bill
				w.person(w.sched.between(0, time.Second), func() { w.draw(u, p.ID) })
			}
		case n < 95:
			w.person(0, func() { w.undraw(p) })
		default:
			fees := one(w.sched, nil, []string{"停车费"}, []string{"物业费"})
			w.person(0, func() {
				_, _ = w.ask(func(ctx context.Context, at *process) (*payment.Order, error) {
					_, err := at.bills.LimitPrepayment(ctx, p.ID, fees)
					return nil, err
				})
			})
		}
	}
}

// prepaymentOf is one of a unit's prepayments as it was last stored, or nil.
func (w *world) prepaymentOf(u *property.Unit) *briefPrepayment {
	var ids []string
	for id := range w.ahead {
		if strings.HasPrefix(id, u.ID+".") {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	return w.ahead[one(w.sched, ids...)]
}

// payAhead pays some money ahead, at times as a deposit: in cash, by QR or by a code.
func (w *world) payAhead(u *property.Unit) {
	in := billing.Collect{Unit: u.ID, Amount: w.amount(), Origin: payment.Origin{Kind: payment.Counter,
		Staff: "cashier"}, By: "person", Key: w.key(), KeyHash: "hash"}
	if w.sched.odds(300) {
		in.Deposit = &billing.Deposit{Name: "装修押金"}
	}
	o, err := w.askTwice(func(ctx context.Context, p *process) (*payment.Order, error) {
		o, _, err := p.bills.TopUp(ctx, in)
		if err == nil {
			w.toldOnce(in.Key, o)
		}
		return o, err
	})
	if err != nil {
		return
	}
	w.saving = append(w.saving, u)
	w.think()
	switch n := w.sched.dice.IntN(100); {
	case n < 50:
		w.takeCash(o)
	case n < 80:
		w.showQR(o.ID)
	default:
		w.readCode(o.ID)
	}
}

// draw has a bill paid of a prepayment, whole or in part; a process may die over it.
func (w *world) draw(u *property.Unit, id string) {
	n := billing.NewDraw{Bill: fmt.Sprintf("%s-b%d", u.ID, w.sched.dice.IntN(unitBills)), By: "staff:cashier",
		InPart: true, Key: w.key(), KeyHash: "1"}
	if w.sched.odds(300) {
		n.Amount = w.upTo(20_000) // too much at times
	}
	call := func(ctx context.Context, p *process) (*payment.Order, error) {
		_, _, _, err := p.bills.PrepaymentDraw(ctx, id, n)
		return nil, err
	}
	if w.strikes(DrawCut) {
		p := one(w.sched, w.processes...)
		w.dying(p, func(ctx context.Context) { _, _ = call(ctx, p) })
		return
	}
	_, _ = w.askTwice(call)
}

// undraw has a draw undone.
func (w *world) undraw(p *briefPrepayment) {
	if len(p.Draws) == 0 {
		return
	}
	no := one(w.sched, p.Draws...).No
	_, _ = w.askTwice(func(ctx context.Context, at *process) (*payment.Order, error) {
		_, err := at.bills.ReturnDraw(ctx, p.ID, no, "staff:finance", "抵错")
		return nil, err
	})
}

// briefPrepayment is of a stored prepayment what the checks compare.
type briefPrepayment struct {
	ID      string           `json:"id"`
	Deposit *billing.Deposit `json:"deposit"`
	Credits []struct {
		Payout    string      `json:"payout"`
		Order     string      `json:"order"`
		Item      string      `json:"item"`
		Unapplied int         `json:"unapplied"`
		Amount    money.Fen   `json:"amount"`
		Withheld  []briefBack `json:"withheld"`
		GivenBack []briefBack `json:"given_back"`
	} `json:"credits"`
	Draws   []briefDraw   `json:"draws"`
	Payouts []briefPayout `json:"payouts"`
}

type briefBack struct {
	Refund string    `json:"refund"`
	Amount money.Fen `json:"amount"`
}

type briefDraw struct {
	No     int               `json:"no"`
	Bill   string            `json:"bill"`
	Amount money.Fen         `json:"amount"`
	State  billing.DrawState `json:"state"`
}

// free is what nobody has used, set aside or got back, in fen.
func (p *briefPrepayment) free() (free money.Fen) {
	for _, c := range p.Credits {
		free += c.Amount
		for _, g := range slices.Concat(c.Withheld, c.GivenBack) {
			free -= g.Amount
		}
	}
	for _, d := range p.Draws {
		if d.State != billing.DrawReturned {
			free -= d.Amount
		}
	}
	for i := range p.Payouts {
		free -= p.Payouts[i].takes()
	}
	return free
}

// draw is the draw with the number, or nil.
func (p *briefPrepayment) draw(no int) *briefDraw {
	i := slices.IndexFunc(p.Draws, func(d briefDraw) bool { return d.No == no })
	if i < 0 {
		return nil
	}
	return &p.Draws[i]
}

// spoilPrepayment makes a mutation of what is stored of a prepayment.
func spoilPrepayment(name, why string, how func(p *billing.Prepayment)) Mutation {
	return spoil(name, why, func(
		_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
	) error {
		var p billing.Prepayment
		if c != "prepaid" || json.Unmarshal(d.Body, &p) != nil {
			return write(d)
		}
		how(&p)
		body, err := json.Marshal(p)
		if err != nil {
			panic(err)
		}
		d.Body = body
		return write(d)
	})
}

func prepaymentMutations() []Mutation {
	return []Mutation{
		spoilPrepayment("draw-unreserved", "what paid a bill is partly free again", func(p *billing.Prepayment) {
			for i := range p.Draws {
				if d := &p.Draws[i]; d.State == billing.DrawUsed && d.No < p.LastDraw {
					d.Amount /= 2
				}
			}
		}),
		spoilPrepayment("draw-forgotten", "a prepayment forgets the bills that it paid", func(p *billing.Prepayment) {
			p.Draws = slices.DeleteFunc(p.Draws, func(d billing.Draw) bool { return d.State == billing.DrawUsed })
		}),
		spoilDraw("draw-untold", "the journal hears of no draw", func(b *billing.Bill) {
			b.Moves.Owed = slices.DeleteFunc(b.Moves.Owed, func(e billing.Entry) bool {
				return e.Kind == billing.PrepaymentUsed
			})
		}),
		spoilDraw("draw-unpaid", "a bill forgets that a prepayment paid it", func(b *billing.Bill) {
			for i := range b.Settlements {
				if s := &b.Settlements[i]; s.Draw != "" && !s.Tentative {
					s.Amount, s.GivenBack = 0, nil
				}
			}
		}),
		own("refund-unwithheld", "what is to go back of a prepayment is not set aside",
			func(_ *world, _ payment.ItemOwner, x *owner) {
				x.withhold = func(context.Context, *payment.Order, *payment.Refund) error { return nil }
			}),
		own("refund-unreleased", "what was set aside for a refund that failed stays so",
			func(_ *world, _ payment.ItemOwner, x *owner) {
				x.release = func(context.Context, *payment.Order, *payment.Refund) error { return nil }
			}),
		own("top-up-forgotten", "an order that pays ahead brings nothing",
			func(_ *world, inner payment.ItemOwner, x *owner) {
				x.settle = func(ctx context.Context, o *payment.Order) ([]string, error) {
					if len(o.Items) > 0 && o.Items[0].PaysAhead {
						return nil, nil
					}
					return inner.Settle(ctx, o)
				}
			}),
	}
}

// spoilDraw makes a mutation of what is stored of a bill that a prepayment paid.
func spoilDraw(name, why string, how func(b *billing.Bill)) Mutation {
	return spoil(name, why, func(
		_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
	) error {
		var b billing.Bill
		if c != "bills" || json.Unmarshal(d.Body, &b) != nil || b.Drawn() == 0 {
			return write(d)
		}
		how(&b)
		body, err := json.Marshal(b)
		if err != nil {
			panic(err)
		}
		d.Body = body
		return write(d)
	})
}
