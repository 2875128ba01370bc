package simulate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

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
	w.paidOut(d.ID, old, p)
	w.figures.Ahead["paid in"] += len(p.Credits) - len(old.Credits)
	for i := range old.Draws {
		was := &old.Draws[i]
		now := p.draw(was.No)
		gone := now == nil && was.State != billing.DrawReserved
		if gone || now != nil && (now.Amount != was.Amount || now.Bill != was.Bill || now.back(was)) {
			w.violate("prepayments", "", fmt.Sprintf("draw %d of prepayment %s was %+v and is %+v", was.No, d.ID, was,
				now))
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
		order := c.Order
		if of, _, moved := strings.Cut(c.Payout, "/"); moved {
			order = w.ahead[of].Credits[0].Order
		}
		for _, g := range c.GivenBack {
			if o := w.seen[order]; !aside[g.Refund] && slices.ContainsFunc(o.Refunds, func(r briefRefund) bool {
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
		w.violate("prepayments", "", fmt.Sprintf("bill %s says %+v of draw %s, the prepayment %+v", b.ID, *s, s.Draw,
			d))
	}
}

// prepaymentsAgree holds prepayments against the orders by which money came and went, and against the bills that they
// paid. Nothing is under way in the end.
func (w *world) prepaymentsAgree() {
	// order and item, number of the unapplied funds, or a deposit's payout → what came and was not given back
	want := map[string]money.Fen{}
	for _, id := range w.ids {
		o := w.seen[id]
		for _, e := range o.Unapplied {
			if e.State == payment.UnappliedPrepaid {
				left := e.Amount
				for _, r := range o.Refunds {
					if r.Kept == e.No && r.Status == payment.RefundSucceeded {
						left -= r.Amount
					}
				}
				want[fmt.Sprintf("%s %d", id, e.No)] = left
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
	w.depositsAgree(want)
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
		if c.Payout != "" {
			key = c.Payout
			if !strings.HasPrefix(key, p.ID+".") {
				w.violate("deposits", "", fmt.Sprintf("prepayment %s has what deposit %s became", p.ID, key))
			}
		}
		if c.Unapplied > 0 {
			key = fmt.Sprintf("%s %d", c.Order, c.Unapplied)
		}
		for _, g := range c.GivenBack {
			left -= g.Amount
		}
		if has, known := want[key]; !known || has != left || len(c.Withheld) > 0 {
			w.violate("prepayments", c.Order, fmt.Sprintf("prepayment %s has %s of %s with %v set aside, the order "+
				"says %s", p.ID, left, key, c.Withheld, has))
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
