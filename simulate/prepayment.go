package simulate

import (
	"context"
	"fmt"
	"maps"
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

// savers pay ahead, use what they paid, and now and then finance undoes that or limits it to other fees.
func (w *world) savers() {
	for !w.calm {
		w.sched.sleep(w.sched.between(5*time.Second, 90*time.Second))
		if len(w.recent) == 0 {
			continue
		}
		u := one(w.sched, w.recent...)
		p := w.prepaymentOf(u)
		switch n := w.sched.dice.IntN(100); {
		case p == nil || n < 30:
			w.person(0, func() { w.payAhead(u) })
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

// payAhead pays some money ahead: in cash, by QR or by a code.
func (w *world) payAhead(u *property.Unit) {
	in := billing.Collect{Unit: u.ID, Amount: w.amount(), Origin: payment.Origin{Kind: payment.Counter,
		Staff: "cashier"}, By: "person", Key: w.key(), KeyHash: "hash"}
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
		Key: w.key(), KeyHash: "1"}
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
	ID      string `json:"id"`
	Credits []struct {
		Order     string      `json:"order"`
		Item      string      `json:"item"`
		Unapplied int         `json:"unapplied"`
		Amount    money.Fen   `json:"amount"`
		Withheld  []briefBack `json:"withheld"`
		GivenBack []briefBack `json:"given_back"`
	} `json:"credits"`
	Draws []briefDraw `json:"draws"`
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

// usedOnce holds a stored prepayment against the version before: no more is used, set aside and given back than came
// in, but what an institution gave back by itself; and what was used, or came in, stays.
func (w *world) usedOnce(d store.Doc) {
	p := &briefPrepayment{}
	if bad := json.Unmarshal(d.Body, p); bad != nil {
		w.violate("document", d.ID, bad.Error())
		return
	}
	old := w.ahead[d.ID]
	if w.ahead[d.ID] = p; old == nil {
		old = &briefPrepayment{}
	}
	if free := p.free(); free < 0 && free < old.free() && !w.goneByItself(old, p) {
		w.violate("prepayments", "", fmt.Sprintf("prepayment %s uses %s more than it has", d.ID, -free))
	}
	if len(p.Credits) < len(old.Credits) {
		w.violate("prepayments", "", fmt.Sprintf("prepayment %s forgot money that came in", d.ID))
	}
	w.figures.Ahead["paid in"] += len(p.Credits) - len(old.Credits)
	for i := range old.Draws {
		was := &old.Draws[i]
		now := p.draw(was.No)
		gone := now == nil && was.State != billing.DrawReserved
		if gone || now != nil && (now.Amount != was.Amount || now.Bill != was.Bill || now.back(was)) {
			w.violate("prepayments", "", fmt.Sprintf("draw %d of prepayment %s was %+v and is %+v", was.No, d.ID, was, now))
			return
		}
		if now != nil && now.State != was.State {
			w.figures.Ahead[string(now.State)]++
		}
	}
}

// back reports whether a draw went back to a state before the one that it was in.
func (d *briefDraw) back(was *briefDraw) bool {
	order := []billing.DrawState{billing.DrawReserved, billing.DrawUsed, billing.DrawReturning, billing.DrawReturned}
	return slices.Index(order, d.State) < slices.Index(order, was.State)
}

// goneByItself reports whether what a version has less than the one before went back without being set aside: at the
// institution, or after it was said that it would not.
func (w *world) goneByItself(old, p *briefPrepayment) bool {
	aside := map[string]bool{}
	for _, c := range old.Credits {
		for _, g := range slices.Concat(c.Withheld, c.GivenBack) {
			aside[g.Refund] = true
		}
	}
	for _, c := range p.Credits {
		for _, g := range c.GivenBack {
			if o := w.seen[c.Order]; !aside[g.Refund] && slices.ContainsFunc(o.Refunds, func(r briefRefund) bool {
				return r.Out == g.Refund && r.Foreign
			}) {
				return true
			}
		}
	}
	return false
}

// drawAgrees holds what a bill says of a draw against the prepayment.
func (w *world) drawAgrees(b *billing.Bill, s *billing.Settlement) {
	id, number, _ := strings.Cut(s.Draw, "/")
	p := w.ahead[id]
	var d *briefDraw
	if p != nil {
		for i := range p.Draws {
			if fmt.Sprint(p.Draws[i].No) == number {
				d = &p.Draws[i]
			}
		}
	}
	returned := d != nil && d.State == billing.DrawReturned
	if d == nil || s.Tentative || d.Bill != b.ID || d.Amount != s.Amount || returned != (s.Net() == 0) {
		w.violate("prepayments", "", fmt.Sprintf("bill %s says %+v of draw %s, the prepayment %+v", b.ID, *s, s.Draw, d))
	}
}

// prepaymentsAgree holds prepayments against the orders by which money came and went, and against the bills that they
// paid. Nothing is under way in the end.
func (w *world) prepaymentsAgree() {
	want := map[string]money.Fen{} // order and item, or number of the unapplied funds → what came and was not given back
	for _, id := range w.ids {
		o := w.seen[id]
		for _, e := range o.Unapplied {
			if e.State == payment.UnappliedPrepaid {
				want[fmt.Sprintf("%s %d", id, e.No)] = e.Amount
			}
		}
		for _, it := range o.Items {
			if o.Status != payment.Paid || !it.PaysAhead || it.Unsettled {
				continue
			}
			left := it.Amount
			for _, r := range o.Refunds {
				for _, back := range r.Items {
					if r.Status == payment.RefundSucceeded && back.Ref == it.Ref {
						left -= back.Amount
					}
				}
			}
			want[id+" "+it.Ref] = left
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.ahead)) {
		w.prepaymentAgrees(w.ahead[id], want)
	}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		w.violate("prepayments", orderOf(key), fmt.Sprintf("no prepayment has the %s of %s", want[key], key))
	}
}

// prepaymentAgrees strikes off what one prepayment has of what orders brought.
func (w *world) prepaymentAgrees(p *briefPrepayment, want map[string]money.Fen) {
	for _, c := range p.Credits {
		key, left := c.Order+" "+c.Item, c.Amount
		if c.Unapplied > 0 {
			key = fmt.Sprintf("%s %d", c.Order, c.Unapplied)
		}
		for _, g := range c.GivenBack {
			left -= g.Amount
		}
		if has, known := want[key]; !known || has != left || len(c.Withheld) > 0 {
			w.violate("prepayments", c.Order, fmt.Sprintf("prepayment %s has %s of %s with %v set aside, the order says "+
				"%s", p.ID, left, key, c.Withheld, has))
		}
		delete(want, key)
	}
	for _, d := range p.Draws {
		if d.State == billing.DrawReserved || d.State == billing.DrawReturning {
			w.violate("prepayments", "", fmt.Sprintf("draw %d of prepayment %s is %s in the end", d.No, p.ID, d.State))
		}
		paid := false
		for _, s := range w.storedBill(d.Bill).Settlements {
			paid = paid || s.Draw == fmt.Sprintf("%s/%d", p.ID, d.No) && s.Amount == d.Amount
		}
		if !paid {
			w.violate("prepayments", "", fmt.Sprintf("bill %s does not know of draw %d of prepayment %s", d.Bill, d.No,
				p.ID))
		}
	}
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
