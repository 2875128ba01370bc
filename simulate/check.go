package simulate

import (
	"context"
	"fmt"
	json "github.com/go-json-experiment/json/v1"
	"slices"

	"linlipay/audit"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
	"linlipay/property"
)

// What the books must say when nothing is pending any more.

// unfinished names an order that is still open, due, or has work for somebody; "" is none.
func (w *world) unfinished() string {
	for _, id := range w.ids {
		r := w.memory.kinds["orders"].docs[id]
		if r == nil {
			continue
		}
		keys := r.doc.Keys
		status := keys["status"][0].(string)
		if keys["due"] != nil || keys["unrecorded"] != nil || status == string(payment.Pending) ||
			status == string(payment.Closing) {
			return id
		}
		for _, work := range keys["work"] {
			for _, open := range openWork {
				if work == open {
					return id
				}
			}
		}
	}
	return ""
}

// openWork are finance's lists that must be empty in the end.
var openWork = []any{
	string(payment.RefundQueue(payment.RefundRequested)), string(payment.RefundQueue(payment.RefundPending)),
	string(payment.RefundQueue(payment.RefundAbnormal)),
	string(payment.UnappliedQueue(payment.UnappliedOpen)), string(payment.UnappliedQueue(payment.UnappliedRefunding)),
	string(payment.UnappliedQueue(payment.UnappliedPrepaying)),
	string(payment.QueueUnconfirmed), string(payment.QueueReturned),
}

// work reports whether one of the lists has an order.
func (w *world) work(lists ...payment.Queue) bool {
	c := w.memory.kinds["orders"]
	i := slices.IndexFunc(c.indexes, func(x index) bool { return x.Name == "by_work" })
	x := &c.indexes[i]
	for _, company := range w.companies {
		for _, l := range lists {
			for range x.starting(encoded(company) + encoded(string(l))) {
				return true
			}
		}
	}
	return false
}

// state is an order in a few words.
func (w *world) state(id string) string {
	o := w.seen[id]
	if o == nil {
		return "notifications"
	}
	raw, err := json.Marshal(o)
	return fmt.Sprint(string(raw), err)
}

// verify holds the institutions' books, ours, the orders and the bills against each other.
func (w *world) verify() {
	w.institutionsAgree()
	w.cardsAgree()
	w.resultsAgree()
	w.ordersAgree()
	w.drawerAgrees()
	w.ledgersAgree()
	w.billsAgree()
	w.prepaymentsAgree()
	w.marksLookedAt()
	w.ownVerify()
}

// institutionsAgree holds every trade and refund of the institutions against the orders: no money is missing, none went
// back that no order knows of.
func (w *world) institutionsAgree() {
	for _, b := range w.institutions {
		for _, t := range b.order {
			kept := t.took - t.gave
			a := w.holder[t]
			var ours money.Fen
			if a != nil {
				ours = w.keptOf(w.seen[a.id], a.no)
			}
			if kept != ours {
				w.violate("money", orderOf(t.out),
					fmt.Sprintf("%s took %s and gave back %s for %s, our books say that %s is left", b.name, t.took,
						t.gave, t.out, ours))
			}
			w.returnsAgree(t, a)
			for _, r := range t.refunds {
				if r.state == gateway.RefundDone && !r.here && !w.knowsRefund(a, r) {
					w.violate("money", orderOf(t.out),
						fmt.Sprintf("%s gave %s back under %s, which no refund of ours is", b.name, r.amount, r.no))
				}
			}
			w.figures.tally(t)
		}
	}
}

// place is an attempt of an order.
type place struct {
	id string
	no int
}

// keptOf is what the books say is left of an attempt's money at its institution.
func (w *world) keptOf(o *brief, attempt int) money.Fen {
	left := o.attempt(attempt).Received
	for _, r := range o.Refunds {
		if r.Attempt == attempt && r.Status == payment.RefundSucceeded && !r.ByHand {
			left -= r.Amount
		}
	}
	return left
}

func (w *world) knowsRefund(a *place, r *refund) bool {
	return a != nil && slices.ContainsFunc(w.seen[a.id].Refunds, func(x briefRefund) bool {
		return x.Out == r.no && x.Status == payment.RefundSucceeded && x.Amount == r.amount && !x.ByHand
	})
}

// cardsAgree holds what was booked on a device's word against its end: confirmed, or denied and out of the books.
func (w *world) cardsAgree() {
	held := map[place]bool{}
	for _, at := range w.holder {
		held[*at] = true
	}
	for _, id := range w.ids {
		for _, a := range w.seen[id].Attempts {
			if a.State != payment.AttemptSucceeded || a.Institution == gateway.Cash || held[place{id, a.No}] {
				continue
			}
			if left := w.leftOf(w.seen[id], a.No); a.DeniedBy == "" || a.Provisional || left != 0 {
				w.violate("provisional", id,
					fmt.Sprintf("%s has no money of attempt %d, of which the books still hold %s (denied by %q)",
						a.Institution, a.No, left, a.DeniedBy))
			}
		}
	}
}

// leftOf is what the books say is left of an attempt's money, wherever it went: nothing, prepayments included, when
// none ever came.
func (w *world) leftOf(o *brief, attempt int) money.Fen {
	left := o.attempt(attempt).Received
	for _, r := range o.Refunds {
		if r.Attempt == attempt && r.Status == payment.RefundSucceeded {
			left -= r.Amount
		}
	}
	for _, e := range o.Exceptions {
		if e.Attempt == attempt && e.State == payment.UnappliedPrepaid {
			left += e.Amount
		}
	}
	return left
}

// decisionsTold holds the refunds of an order against its events: each that was asked for here is told of once, and so
// is its decision.
func (w *world) decisionsTold(o *brief) {
	told := map[briefTold]int{}
	for _, e := range o.Told {
		told[e]++
	}
	for _, r := range o.Refunds {
		about := fmt.Sprintf("refund:%s/%d", o.ID, r.No)
		asked := told[briefTold{audit.RefundAsked, about}]
		decided := told[briefTold{audit.RefundApproved, about}] + told[briefTold{audit.RefundRejected, about}]
		if r.Foreign {
			continue // made at the institution, or declared: only some of them were asked for
		}
		if want := map[bool]int{true: 0, false: 1}[r.Status == payment.RefundRequested]; asked != 1 || decided != want {
			w.violate("verify", o.ID,
				fmt.Sprintf("refund %d is %s and was told of as asked for %d times and as decided %d times", r.No,
					r.Status, asked, decided))
		}
	}
}

// ordersAgree holds each order against itself: its end, what pays it, and that all unapplied funds have an end.
func (w *world) ordersAgree() {
	for _, id := range w.ids {
		o := w.seen[id]
		w.decisionsTold(o)
		kept, sum := 0, money.Fen(0)
		for _, it := range o.Items {
			sum += it.Amount
		}
		for _, a := range o.Attempts {
			if a.State == payment.AttemptSucceeded && a.Disposition == payment.Applied {
				kept++
			}
			if !slices.Contains([]payment.AttemptState{payment.AttemptSucceeded, payment.AttemptFailed,
				payment.AttemptEnded}, a.State) {
				w.violate("unfinished", id, fmt.Sprintf("attempt %d is %s in the end", a.No, a.State))
			}
		}
		gone := 0
		for _, e := range o.Exceptions {
			if e.Reason == payment.UnappliedItemsPaid && e.Attempt == o.PaidBy {
				gone++
			}
			w.anotherAmount(o, e)
			if e.State == payment.UnappliedPrepaid {
				w.figures.PrepaidFen += int64(e.Amount)
			}
		}
		switch {
		case o.Status == payment.Paid && kept != 1 && (kept != 0 || gone == 0), o.Status != payment.Paid && kept != 0:
			w.violate("order", id, fmt.Sprintf("it is %s and keeps %d attempts", o.Status, kept))
		case sum != o.Amount:
			w.violate("order", id, "its items do not make its amount")
		}
		w.figures.ended(o)
	}
}

// ledgersAgree walks the chain of each company's ledger, and holds its lines against the orders' movements.
func (w *world) ledgersAgree() {
	lines := map[string]money.Fen{}
	for _, company := range w.companies {
		prev, no := "", int64(0)
		for _, raw := range w.bodies("ledger", "by_no", company) {
			var b struct {
				No    int64         `json:"no"`
				Prev  string        `json:"prev"`
				Lines []ledger.Line `json:"lines"`
			}
			if err := json.Unmarshal(raw, &b); err != nil || b.No != no+1 || b.Prev != prev || len(b.Lines) == 0 {
				w.violate("ledger", "", fmt.Sprintf("block %d of %s does not follow block %d: %v", b.No, company, no,
					err))
				return
			}
			for _, l := range b.Lines {
				if _, twice := lines[l.ID]; twice {
					w.violate("ledger", l.Order, "line "+l.ID+" is written twice")
				}
				lines[l.ID] = l.Amount
				if l.Kind == ledger.Refund {
					lines[l.ID] = -l.Amount
				}
				prev = l.Hash
			}
			no = b.No
		}
	}
	for _, id := range w.ids {
		o := w.seen[id]
		for _, a := range o.Attempts {
			if a.State == payment.AttemptSucceeded {
				w.hasLine(lines, id, fmt.Sprintf("%s%02d", id, a.No), a.Received)
			}
		}
		for _, r := range o.Refunds {
			if r.Status == payment.RefundSucceeded {
				w.hasLine(lines, id, r.Out, -r.Amount)
			}
		}
	}
	for id := range lines {
		w.violate("ledger", "", "line "+id+" stands for nothing that moved")
	}
}

func (w *world) hasLine(lines map[string]money.Fen, order, id string, amount money.Fen) {
	if have, ok := lines[id]; !ok || have != amount {
		w.violate("ledger", order, fmt.Sprintf("line %s must say %s, and says %s (written %t)", id, amount, have, ok))
	}
	delete(lines, id)
}

// bodies are the documents of an index that begins with a value, in its order.
func (w *world) bodies(collection, name, first string) (list [][]byte) {
	c := w.memory.kinds[collection]
	i := slices.IndexFunc(c.indexes, func(x index) bool { return x.Name == name })
	for _, r := range c.indexes[i].starting(encoded(first)) {
		list = append(list, r.doc.Body)
	}
	return list
}

// ownVerify lets the product verify its own books, which must agree.
func (w *world) ownVerify() {
	ctx, p := context.Background(), &process{w: w, name: "auditor"}
	st := w.sealed(w.memory, w.instant)
	p.pay = payment.NewService(st, payment.Config{Now: w.instant})
	p.bills = billing.NewService(st, property.NewService(st, w.instant), nil, p.pay, w.instant)
	for _, company := range w.companies {
		a, err := p.pay.Verify(ctx, company, p.bills.VerifyOrder)
		if err == nil && a.Finding == "" {
			a.Finding, err = p.bills.VerifyBills(ctx, company, p.pay.Get)
		}
		if err != nil || a.Finding != "" {
			w.violate("verify", "", fmt.Sprint(a.Finding, err))
		}
	}
}
