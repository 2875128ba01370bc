package simulate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"linlipay/approval"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

// markPaid marks a bill as paid elsewhere as a workbook does that is taken in with --take paid, at any process, which
// may die over it. It reports whether the bill could be marked.
func (w *world) markPaid(id string) bool {
	d, err := w.memory.Get(context.Background(), "bills", id)
	var b billing.Bill
	if err != nil || json.Unmarshal(d.Body, &b) != nil || b.Status != billing.Unpaid || len(b.Settlements) > 0 {
		return false
	}
	mark := func(ctx context.Context, p *process) (*payment.Order, error) {
		_, err := p.bills.MarkPaid(ctx, id, b.Amount, w.instant())
		return nil, err
	}
	if w.strikes(MarkCut) {
		p := one(w.sched, w.processes...)
		w.dying(p, func(ctx context.Context) { _, _ = mark(ctx, p) })
		return true
	}
	_, _ = w.ask(mark)
	return true
}

// sweepers let a process carry out now and then what bills owe.
func (w *world) sweepers() {
	for !w.calm {
		w.sched.sleep(w.sched.between(20*time.Second, 2*time.Minute))
		w.sweep()
	}
}

// sweep lets a process carry out what bills owe, and reports whether it got to the end of it.
func (w *world) sweep() bool {
	if w.mutation.NoSweep {
		return true
	}
	p := one(w.sched, w.processes...)
	var err error
	lost := w.within(p, func(ctx context.Context) { _, err = p.bills.Sweep(ctx) })
	return !lost && err == nil
}

// briefBill is of a stored bill what the checks of marks and events compare.
type briefBill struct {
	Company string             `json:"company"`
	Status  billing.BillStatus `json:"status"`
	PaidBy  string             `json:"paid_by"`
	Amount  money.Fen          `json:"amount"`
	Outbox  []string           `json:"outbox"`
	Owes    briefOwed          `json:"owes_events"`

	Corrections []billing.Correction `json:"corrections"`

	Settlements []struct {
		Order     string    `json:"order"`
		Draw      string    `json:"draw"`
		Tentative bool      `json:"tentative"`
		Amount    money.Fen `json:"amount"`
		GivenBack []struct {
			Amount money.Fen `json:"amount"`
		} `json:"given_back"`
	} `json:"settlements"`
}

// briefOf is a stored bill that can be read.
func briefOf(d store.Doc) *briefBill {
	b := &briefBill{}
	if err := json.Unmarshal(d.Body, b); err != nil {
		panic(err)
	}
	return b
}

// owed is what is not paid of the bill.
func (b *briefBill) owed() money.Fen {
	if b.PaidBy == billing.Imported {
		return 0
	}
	owed := b.billed()
	for _, s := range b.Settlements {
		owed -= s.Amount
		for _, g := range s.GivenBack {
			owed += g.Amount
		}
	}
	return owed
}

// due is what others are told is owed of the bill: what a draw pays only once it is sure to stand.
func (b *briefBill) due() money.Fen {
	due := b.owed()
	for _, s := range b.Settlements {
		if s.Tentative {
			due += s.Amount
		}
	}
	return due
}

// billed is what the bill is of.
func (b *briefBill) billed() money.Fen {
	billed := b.Amount
	for i := range b.Corrections {
		switch c := &b.Corrections[i]; {
		case c.State != approval.Approved:
		case c.Kind == billing.Increase:
			billed += c.Amount
		default:
			billed -= c.Amount
		}
	}
	return billed
}

// marking holds a stored bill that is marked as paid elsewhere against the order that holds it. A mark may not stand
// while an order goes on that held the bill when it was made: its payer would pay what is paid already. An order that
// came after the mark gives way by itself.
func (w *world) marking(d store.Doc) {
	var b briefBill
	if bad := json.Unmarshal(d.Body, &b); bad != nil {
		w.violate("document", d.ID, bad.Error())
		return
	}
	w.correcting(d.ID, &b)
	w.billTells(d.ID, &b)
	holders, owing := w.marks[d.ID]
	switch {
	case b.PaidBy != billing.Imported:
		delete(w.marks, d.ID)
	case w.imported[d.ID]:
	case slices.Contains(b.Outbox, string(billing.LookForHolder)):
		if !owing {
			w.marks[d.ID] = w.openHolders(d.ID)
			w.say("bill %s is marked as paid elsewhere, held by %q", d.ID, w.marks[d.ID])
		}
	default:
		if !owing {
			holders = w.openHolders(d.ID)
		}
		delete(w.marks, d.ID)
		w.imported[d.ID] = true
		for _, id := range w.openHolders(d.ID) {
			if slices.Contains(holders, id) {
				w.violate("marks", id, fmt.Sprintf(
					"bill %s stands as paid elsewhere, and the order that held it goes on", d.ID))
			}
		}
	}
}

// openHolders are the orders that are open for a bill.
func (w *world) openHolders(bill string) []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(w.held[bill])) {
		if o := w.seen[id]; o.Status == payment.Pending || o.Status == payment.Closing {
			ids = append(ids, id)
		}
	}
	return ids
}

// marksLookedAt holds that in the end no bill owes the look for an order that held it.
func (w *world) marksLookedAt() {
	for id := range w.marks {
		w.violate("marks", "", fmt.Sprintf("bill %s was marked as paid elsewhere, and nobody has looked since", id))
	}
}

// blind asks for the orders that hold a bill, and is told that there are none.
type blind struct{ billing.Payments }

// Holdings finds none.
func (blind) Holdings(context.Context, string, string, int) ([]payment.Holding, error) {
	return nil, nil
}

func markMutations() []Mutation {
	return []Mutation{
		{
			Name: "mark-blind", Why: "a bill is marked as paid elsewhere whatever order holds it",
			Payments: func(p billing.Payments) billing.Payments { return blind{p} },
		},
		{
			Name: "unswept", Why: "what a crash leaves of a mark or a publication is never carried out", NoSweep: true,
		},
		spoil("move-untold", "a bill that was paid elsewhere forgets to tell the journal", func(
			_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			var b map[string]any
			if c == "bills" && json.Unmarshal(d.Body, &b) == nil && b["moves"] != nil {
				delete(b, "moves")
				if body, err := json.Marshal(b, json.Deterministic(true)); err == nil {
					d.Body = body
				}
			}
			return write(d)
		}),
		spoil("publication-untold", "what is published is told to nobody", func(
			_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			if c == "receivables" {
				return nil
			}
			return write(d)
		}),
		spoil("mark-unowed", "a mark is written without the look that it owes", func(
			_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
		) error {
			var b map[string]any
			if c == "bills" && json.Unmarshal(d.Body, &b) == nil && b["outbox"] != nil &&
				slices.Contains(b["outbox"].([]any), any(string(billing.LookForHolder))) {
				delete(b, "outbox")
				if body, err := json.Marshal(b, json.Deterministic(true)); err == nil {
					d = without(d, "outbox")
					d.Body = body
				}
			}
			return write(d)
		}),
	}
}
