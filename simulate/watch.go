package simulate

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"linlipay/audit"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// watch is what the checks know while the world lives: the newest stored version of every order, and what people did
// with notes and coins.
type watch struct {
	seen   map[string]*brief
	ids    []string          // of orders, in the order in which they were stored
	holder map[*trade]*place // the attempt that holds a trade's money
	codes  map[string]*trade // payment code → what it was charged for
	keys   map[string]string // Idempotency-Key → order that a client was told
	held   map[string]string // item → the one order that may be paid, or was paid, for it
	drawer map[string]money.Fen

	imported map[string]bool // bills that were paid elsewhere
	// bill that is marked as paid elsewhere and owes a look → the open order that held it then
	marks map[string]string
}

func newWatch() watch {
	return watch{
		seen: map[string]*brief{}, holder: map[*trade]*place{}, codes: map[string]*trade{}, keys: map[string]string{},
		held:   map[string]string{},
		drawer: map[string]money.Fen{}, imported: map[string]bool{}, marks: map[string]string{},
	}
}

// brief is of a stored order what the checks compare. It is read from the stored bytes, not by the code that wrote
// them.
type brief struct {
	ID         string         `json:"id"`
	Company    string         `json:"company"`
	Community  string         `json:"community"`
	Status     payment.Status `json:"status"`
	Amount     money.Fen      `json:"amount"`
	PaidBy     int            `json:"paid_by"`
	Items      []payment.Item `json:"items"`
	Attempts   []briefAttempt `json:"attempts"`
	Refunds    []briefRefund  `json:"refunds"`
	Exceptions []briefExcept  `json:"exceptions"`
	Told       []briefTold    `json:"owes_audit"`
}

// briefTold is an event for the audit log, which nothing takes away in a simulation.
type briefTold struct {
	Verb   audit.Verb `json:"verb"`
	Object string     `json:"object"`
}

type briefAttempt struct {
	No          int                  `json:"no"`
	Out         string               `json:"out_trade_no"`
	Institution gateway.Institution  `json:"institution"`
	Account     string               `json:"account"`
	Wallet      gateway.Wallet       `json:"wallet"`
	Method      gateway.Method       `json:"method"`
	State       payment.AttemptState `json:"state"`
	Tx          string               `json:"transaction_id"`
	Received    money.Fen            `json:"received"`
	Disposition payment.Application  `json:"disposition"`
	Provisional bool                 `json:"provisional"`
	DeniedBy    string               `json:"denied_by"`
}

type briefRefund struct {
	No      int                  `json:"no"`
	Out     string               `json:"out_refund_no"`
	Attempt int                  `json:"attempt"`
	Amount  money.Fen            `json:"amount"`
	Items   []payment.RefundItem `json:"items"`
	Status  payment.RefundStatus `json:"status"`
	ByHand  bool                 `json:"by_hand"`
	Foreign bool                 `json:"foreign"`

	Provisional bool   `json:"provisional"`
	RequestedBy string `json:"requested_by"`

	alone bool // one person asked for it, and it never waited for another
}

type briefExcept struct {
	No      int                     `json:"no"`
	Attempt int                     `json:"attempt"`
	Amount  money.Fen               `json:"amount"`
	Reason  payment.UnappliedReason `json:"reason"`
	State   payment.UnappliedState  `json:"state"`
}

func (o *brief) attempt(no int) *briefAttempt {
	for i := range o.Attempts {
		if o.Attempts[i].No == no {
			return &o.Attempts[i]
		}
	}
	return nil
}

// write sees a write that the store was asked for, whose outcome is err: it is what every listener to the change feed
// may have been told from then on.
func (w *world) write(collection string, d store.Doc, err error) error {
	if err == nil && collection == "leases" {
		w.leader = w.sched.task.process
	}
	if err == nil && collection == "bills" {
		w.marking(d)
	}
	if err != nil || collection != "orders" {
		return err
	}
	w.mix(d.ID, string(d.Body[:min(len(d.Body), 8)]))
	o := &brief{}
	if bad := json.Unmarshal(d.Body, o, jsontext.AllowDuplicateNames(true)); bad != nil {
		// whether names are repeated costs the most to know
		w.violate("document", d.ID, bad.Error())
		return nil
	}
	old := w.seen[d.ID]
	if old == nil {
		w.ids = append(w.ids, d.ID)
		if d.ID[0] != 'U' {
			w.made++
		}
		old = &brief{Status: payment.Pending}
		if d.ID[0] == 'U' {
			old.Status = o.Status
		}
	}
	w.seen[d.ID] = o
	w.lawful(old, o)
	w.holding(o)
	w.mix(string(o.Status), fmt.Sprint(len(o.Attempts), len(o.Refunds), w.sched.now))
	if w.trace == d.ID {
		w.sayVersion(d)
	}
	w.written(d)
	return nil
}

// holding holds a stored order against the others: only one at a time is open or paid for an item, until money goes
// back for it.
func (w *world) holding(o *brief) {
	for _, it := range o.Items {
		other := w.held[it.Ref]
		switch holds := o.holds(it); {
		case holds && other != "" && other != o.ID:
			w.violate("holds", o.ID, fmt.Sprintf("it is %s for item %s, which order %s holds", o.Status, it.Ref, other))
		case holds:
			w.held[it.Ref] = o.ID
		case other == o.ID:
			delete(w.held, it.Ref)
		}
	}
}

func (o *brief) holds(it payment.Item) bool {
	reopened := slices.ContainsFunc(o.Refunds, func(r briefRefund) bool {
		return r.Status == payment.RefundSucceeded && slices.ContainsFunc(r.Items, func(x payment.RefundItem) bool {
			return x.Ref == it.Ref
		})
	})
	return o.Status != payment.Closed && !it.Unsettled && !reopened
}

// mix adds texts to the run's hash.
func (w *world) mix(texts ...string) {
	for _, t := range texts {
		for i := range len(t) {
			w.hash = (w.hash ^ uint64(t[i])) * 1099511628211
		}
	}
}

// lawful holds a stored version against the one before it and the tables of allowed changes, and new money against who
// moved it.
func (w *world) lawful(old, o *brief) {
	if o.Status != old.Status && !old.Status.CanBecome(o.Status) {
		w.violate("transition", o.ID, fmt.Sprintf("the order went from %s to %s", old.Status, o.Status))
	}
	if len(o.Attempts) < len(old.Attempts) || len(o.Refunds) < len(old.Refunds) ||
		len(o.Exceptions) < len(old.Exceptions) {
		w.violate("transition", o.ID, "something that was written is gone")
		return
	}
	for i, a := range o.Attempts {
		was := briefAttempt{State: payment.AttemptStarting}
		if i < len(old.Attempts) {
			was = old.Attempts[i]
			w.stays(o, &was, &a)
		} else {
			w.chosen(o, &a)
		}
		switch moved := w.moved(o, "attempt", a.No, was.State, a.State); {
		case moved && a.State == payment.AttemptSucceeded && a.Provisional:
			w.believed(o, &a)
		case moved && a.State == payment.AttemptSucceeded, was.Provisional && !a.Provisional && a.DeniedBy == "":
			w.booked(o, &a)
		case moved && a.State == payment.AttemptFailed:
			w.refusedFor(o, &a)
		}
		if was.DeniedBy == "" && a.DeniedBy != "" {
			w.denied(o, &a)
		}
	}
	for i, r := range o.Refunds {
		was := briefRefund{Status: payment.RefundRequested}
		if i < len(old.Refunds) {
			was = old.Refunds[i]
			o.Refunds[i].alone = was.alone
		} else {
			came := o.attempt(r.Attempt).DeniedBy == "" // of a payment that never came, nothing leaves
			o.Refunds[i].alone = r.Status != payment.RefundRequested && r.RequestedBy != "" && !r.Foreign && came
			w.withinLimit(o, &o.Refunds[i])
		}
		switch moved := w.moved(o, "refund", r.No, was.Status, r.Status); {
		case moved && r.Status == payment.RefundSucceeded && r.Provisional:
			w.believedVoid(o, &r)
		case moved && r.Status == payment.RefundSucceeded, was.Provisional && !r.Provisional &&
			o.attempt(r.Attempt).DeniedBy == "":
			w.returned(o, &r)
		}
	}
	for i, e := range o.Exceptions {
		was := payment.UnappliedOpen
		if i < len(old.Exceptions) {
			was = old.Exceptions[i].State
		} else {
			w.figures.Exceptions[string(e.Reason)]++
		}
		w.moved(o, "unapplied funds", e.No, was, e.State)
	}
	if o.Status == payment.Paid && old.Status != payment.Paid {
		w.toldPaid(o)
	}
}

// withinLimit holds what people had given back of an order without a second person, piece by piece, against the limit.
func (w *world) withinLimit(o *brief, r *briefRefund) {
	var sum money.Fen
	for _, other := range o.Refunds {
		if other.alone && other.Status != payment.RefundRejected && other.Status != payment.RefundFailed {
			sum += other.Amount
		}
	}
	if r.alone && sum > w.limit {
		w.violate("second person", o.ID, fmt.Sprintf("refund %d by %s makes %s without one, more than %s",
			r.No, r.RequestedBy, sum, w.limit))
	}
}

// told holds what a client was shown against what is stored.
func (w *world) told(o *payment.Order) {
	if o != nil && o.Status == payment.Paid && (w.seen[o.ID] == nil || w.seen[o.ID].Status != payment.Paid) {
		w.violate("told paid", o.ID, "a client was shown a paid order that is not stored as paid")
	}
}

// toldOnce holds the order that a key gave against the one that it gave before.
func (w *world) toldOnce(key string, o *payment.Order) {
	if before := w.keys[key]; before != "" && before != o.ID {
		w.violate("idempotency", o.ID, "the same Idempotency-Key gave order "+before+" before")
	}
	w.keys[key] = o.ID
}

// anyOrder draws an order.
func (w *world) anyOrder() *brief {
	if len(w.ids) == 0 {
		return nil
	}
	return w.seen[one(w.sched, w.ids...)]
}
