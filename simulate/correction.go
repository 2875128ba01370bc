package simulate

import (
	"context"
	"fmt"
	"slices"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/approval"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/store"
)

var (
	correctionMaker   = approval.Person{ID: "staff:maker", Roles: []string{"cashier", "finance"}}
	correctionChecker = approval.Person{ID: "staff:checker", Roles: []string{"finance"}}
)

// correctors ask now and then for corrections of bills, often of those that somebody is about to pay.
func (w *world) correctors() {
	for !w.calm {
		w.sched.sleep(w.sched.between(2*time.Second, time.Minute))
		if len(w.recent) == 0 || !w.strikes(Corrected) {
			continue
		}
		id := fmt.Sprintf("%s-b%d", one(w.sched, w.recent...).ID, w.sched.dice.IntN(unitBills))
		w.person(0, func() { w.correct(id) })
	}
}

// correct has one person ask for a correction of a bill, and another decide it; at times the first one tries to.
func (w *world) correct(id string) {
	b := w.bills[id]
	if b == nil {
		b = w.storedBill(id)
	}
	n := billing.NewCorrection{Kind: one(w.sched, billing.CorrectionKinds()...), Reason: "更正", Key: w.key(),
		KeyHash: "1", By: correctionMaker}
	if n.Kind != billing.Cancellation {
		n.Amount = w.upTo(max(b.owed(), 1) + 200) // too much at times
	} else if w.sched.odds(800) {
		return // rare: nothing happens to a bill after it
	}
	asked, err := w.askBill(func(ctx context.Context, s *billing.Service) (*billing.Bill, error) {
		b, _, err := s.AskCorrection(ctx, id, n)
		return b, err
	})
	if err != nil {
		return
	}
	w.think()
	d := approval.Decision{Request: asked.Correction().ID, Approve: w.sched.odds(850), Note: "审核"}
	decide := func(by approval.Person) (*billing.Bill, error) {
		return w.askBill(func(ctx context.Context, s *billing.Service) (*billing.Bill, error) {
			return s.DecideCorrection(ctx, id, d, by)
		})
	}
	if w.sched.odds(100) {
		_, _ = decide(correctionMaker)
	}
	if w.strikes(CorrectionCut) {
		p := one(w.sched, w.processes...)
		w.dying(p, func(ctx context.Context) { _, _ = p.bills.DecideCorrection(ctx, id, d, correctionChecker) })
		return
	}
	if _, err = decide(correctionChecker); fault.Is(err, fault.OrderOpen) {
		_, _ = w.askBill(func(ctx context.Context, s *billing.Service) (*billing.Bill, error) {
			return s.WithdrawCorrection(ctx, id, d.Request, correctionMaker)
		})
	}
}

// askBill is askTwice of something about a bill.
func (w *world) askBill(call func(context.Context, *billing.Service) (*billing.Bill, error)) (b *billing.Bill,
	err error) {
	_, err = w.askTwice(func(ctx context.Context, p *process) (*payment.Order, error) {
		got, err := call(ctx, p.bills)
		if err == nil {
			b = got
		}
		return nil, err
	})
	return b, err
}

// storedBill is a bill as it is stored.
func (w *world) storedBill(id string) *briefBill {
	return briefOf(w.memory.kinds["bills"].docs[id].doc)
}

// lowering are the orders that were open for a bill when a correction lowered it: what they hold must be closed where
// it is more than is owed.
type lowering map[string][]string

// correcting holds the corrections of a stored bill against those of the version before: what was approved stays, each
// was approved by another than asked, and takes no more than was owed; and whoever held more than is owed now is closed
// before the bill owes nothing of that any more.
func (w *world) correcting(id string, b *briefBill) {
	old := w.bills[id]
	if old == nil {
		old = &briefBill{Status: billing.Unpaid, Amount: b.Amount}
	}
	for i := range old.Corrections {
		was := &old.Corrections[i]
		if was.State == approval.Approved && (i >= len(b.Corrections) || unsaid(b.Corrections[i]) != unsaid(*was)) {
			w.violate("corrections", "", fmt.Sprintf("bill %s does not keep correction %s", id, was.ID))
			return
		}
	}
	lowered := false
	for i := range b.Corrections {
		c := &b.Corrections[i]
		fresh := i >= len(old.Corrections) || old.Corrections[i].State != c.State
		if c.State != approval.Approved || !fresh {
			continue
		}
		w.figures.Corrections[string(c.Kind)]++
		if c.RequestedBy == "" || c.DecidedBy == "" || c.RequestedBy == c.DecidedBy {
			w.violate("corrections", "", fmt.Sprintf("correction %s of bill %s was asked for by %q and approved by %q",
				c.ID, id, c.RequestedBy, c.DecidedBy))
		}
		lowered = lowered || c.Kind != billing.Increase
	}
	if owed := b.owed(); owed < 0 || b.Status != b.stands() {
		w.violate("corrections", "", fmt.Sprintf("bill %s of %s, corrected to %s, is %s and owes %s", id, b.Amount,
			b.billed(), b.Status, owed))
	}
	w.lowered(id, b, lowered)
}

// unsaid is a correction without what people wrote, which is sealed anew with each write.
func unsaid(c billing.Correction) billing.Correction {
	c.Reason, c.Note = "", ""
	return c
}

// lowered remembers who holds a bill when it is lowered, and looks at them once nobody needs to be closed any more.
func (w *world) lowered(id string, b *briefBill, lowered bool) {
	if lowered {
		w.lowerings[id] = w.openHolders(id)
	}
	holders, ok := w.lowerings[id]
	if !ok || slices.Contains(b.Outbox, string(billing.CloseHolders)) {
		return
	}
	delete(w.lowerings, id)
	var sum money.Fen
	for _, order := range w.openHolders(id) {
		if slices.Contains(holders, order) {
			sum += w.held[id][order].Amount
		}
	}
	if sum > b.owed() {
		w.violate("corrections", holders[0], fmt.Sprintf("bill %s owes %s, and orders that go on hold %s of it", id,
			b.owed(), sum))
	}
}

// stands is the status that a bill must have.
func (b *briefBill) stands() billing.BillStatus {
	for i := range b.Corrections {
		if c := &b.Corrections[i]; c.State == approval.Approved && c.Kind == billing.Cancellation {
			return billing.Cancelled
		}
	}
	if b.due() == 0 {
		return billing.PaidBill
	}
	return billing.Unpaid
}

// approved is how many corrections changed a bill.
func (b *briefBill) approved() (n int) {
	for i := range b.Corrections {
		if b.Corrections[i].State == approval.Approved {
			n++
		}
	}
	return n
}

// deaf closes no order so that what it holds is free.
type deaf struct{ billing.Payments }

// Release does nothing.
func (deaf) Release(context.Context, string, payment.CloseReason, string) error { return nil }

// spoilBill makes a mutation of what is stored of a bill whose corrections were approved.
func spoilBill(name, why string, how func(b *billing.Bill)) Mutation {
	return spoil(name, why, func(
		_ *world, _ *process, _ port, c string, d store.Doc, _ bool, write func(store.Doc) error,
	) error {
		var b billing.Bill
		if c != "bills" || json.Unmarshal(d.Body, &b) != nil || b.Revision() == 0 {
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

func correctionMutations() []Mutation {
	return []Mutation{
		{
			Name: "holders-stay", Why: "an order that holds more of a bill than is owed since it was corrected goes on",
			Payments: func(p billing.Payments) billing.Payments { return deaf{p} },
		},
		spoilBill("corrected-alone", "who asked for a correction counts as who approved it", func(b *billing.Bill) {
			b.Correction().DecidedBy = b.Correction().RequestedBy
		}),
		spoilBill(
			"correction-lost",
			"a payment writes a bill as it was before it was corrected",
			func(b *billing.Bill) {
				if len(b.Settlements) > 0 {
					b.Corrections = nil
				}
			},
		),
		spoilBill("corrected-unsettled", "a corrected bill is paid once what it was published with is paid",
			func(b *billing.Bill) {
				if b.Status == billing.PaidBill && b.Billed() < b.Amount {
					b.Status = billing.Unpaid
				}
			}),
		spoilBill("correction-untold", "the journal hears of no correction", func(b *billing.Bill) {
			b.Moves.Owed = slices.DeleteFunc(b.Moves.Owed, func(e billing.Entry) bool {
				return e.Kind == billing.Reduced || e.Kind == billing.WrittenOff
			})
		}),
	}
}
