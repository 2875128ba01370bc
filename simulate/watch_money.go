package simulate

import (
	"fmt"
	"slices"

	"linlipay/payment"
	"linlipay/payment/gateway"
)

// moved reports a change of state; one that is not allowed is a violation, but several allowed ones may be written at
// once.
func (w *world) moved(o *brief, what string, no int, was, is any) bool {
	if was == is {
		return false
	}
	if !reachable(was, is) {
		w.violate("transition", o.ID, fmt.Sprintf("%s %d went from %v to %v", what, no, was, is))
	}
	return true
}

// reachable reports whether the tables lead from one state to the other.
func reachable(was, is any) bool {
	switch from := was.(type) {
	case payment.AttemptState:
		return leads(payment.AttemptTransitions(), from, is.(payment.AttemptState))
	case payment.RefundStatus:
		return leads(payment.RefundTransitions(), from, is.(payment.RefundStatus))
	case payment.UnappliedState:
		return leads(payment.UnappliedTransitions(), from, is.(payment.UnappliedState))
	}
	return false
}

// leads reports whether a table leads from one state to another in at most three steps.
func leads[S comparable](table map[S][]S, from, to S) bool {
	frontier := []S{from}
	for range 3 {
		var next []S
		for _, s := range frontier {
			next = append(next, table[s]...)
		}
		if slices.Contains(next, to) {
			return true
		}
		frontier = next
	}
	return false
}

// booked holds money that an order says it received against the institution's books at that moment.
func (w *world) booked(o *brief, a *briefAttempt) {
	if a.Institution == gateway.Cash {
		return
	}
	t := w.bank(a.Institution).known(a.Out, a.Tx)
	switch {
	case t == nil || t.took == 0:
		w.violate("told paid", o.ID, fmt.Sprintf("attempt %d is booked as paid by %s, and %s took nothing for it", a.No,
			a.Tx, a.Institution))
	case t.tx != a.Tx || t.amount != a.Received:
		w.violate("told paid", o.ID, fmt.Sprintf("attempt %d is booked as %s by %s, and %s took %s as %s", a.No,
			a.Received, a.Tx, a.Institution, t.amount, t.tx))
	case t.revoked:
		w.violate("told paid", o.ID, fmt.Sprintf("attempt %d is booked as paid, and %s has reversed it", a.No,
			a.Institution))
	case w.holder[t] != nil:
		w.violate("booked twice", o.ID, fmt.Sprintf("%s is booked for %s as well", a.Tx, w.holder[t].id))
	case a.Wallet != t.wallet && o.ID[0] != 'U':
		w.violate("wallet", o.ID, fmt.Sprintf("attempt %d is booked as paid with %s, and it was %s", a.No, a.Wallet,
			t.wallet))
	}
	w.holder[t] = &place{o.ID, a.No}
	if t != nil && t.byStatement() && !t.stray {
		w.figures.Provisional["confirmed by a statement"]++
	}
}

// believed holds a payment that is booked on a device's word against where that is allowed.
func (w *world) believed(o *brief, a *briefAttempt) {
	w.figures.Provisional["booked on a device's word"]++
	if a.Method != gateway.CardPresent || !w.trusts(a.Account) {
		w.violate("told paid", o.ID,
			fmt.Sprintf("attempt %d is booked on a device's word, and %s can be asked, or devices are not trusted",
				a.No, a.Account))
	}
}

// believedVoid holds a void that is booked on a device's word against where that is allowed.
func (w *world) believedVoid(o *brief, r *briefRefund) {
	w.figures.Voids["booked on a device's word"]++
	if a := o.attempt(r.Attempt); a.Method != gateway.CardPresent || !w.trusts(a.Account) {
		w.violate("told refunded", o.ID,
			fmt.Sprintf("refund %d is booked on a device's word, and %s can be asked, or devices are not trusted", r.No,
				a.Account))
	}
}

// denied holds what finance found not to have come against the institution's books.
func (w *world) denied(o *brief, a *briefAttempt) {
	w.figures.Provisional["denied"]++
	if t := w.bank(a.Institution).known(a.Out, a.Tx); t != nil && t.took > 0 && t.took == t.asked &&
		w.holder[t] == nil {
		w.violate("denied", o.ID, fmt.Sprintf("attempt %d is denied, and %s took %s for it", a.No, a.Institution,
			t.took))
	}
}

// stays holds an attempt against how it was made: it belongs to one institution for ever.
func (w *world) stays(o *brief, was, a *briefAttempt) {
	if was.Institution != a.Institution || was.Account != a.Account || was.Method != a.Method || was.Out != a.Out {
		w.violate("belongs", o.ID, fmt.Sprintf("attempt %d went from %s to %s", a.No, was.Account, a.Account))
	}
}

// chosen holds a new attempt against the company's routes.
func (w *world) chosen(o *brief, a *briefAttempt) {
	if a.Institution == gateway.Cash || o.ID[0] == 'U' {
		return
	}
	switch w.choice(o, gateway.PaymentMethod{Wallet: a.Wallet, Method: a.Method}, a.Account) {
	case 0:
	case -1:
		w.violate("route", o.ID, fmt.Sprintf("attempt %d is at %s, which was not chosen for it", a.No, a.Account))
	default:
		w.figures.Second++
	}
}

// refusedFor holds an attempt that was refused for good, so that another takes its place, against the institution's
// books.
func (w *world) refusedFor(o *brief, a *briefAttempt) {
	if t := w.bank(a.Institution).trades[a.Out]; t != nil && (t.took > 0 || t.exists && t.payable()) {
		w.violate("refused", o.ID, fmt.Sprintf("attempt %d counts as refused, and %s has it as %s", a.No, a.Institution,
			t.state))
	}
}

// charged is called when an institution takes money: a payment code must be charged once, whoever takes it.
func (w *world) charged(t *trade) {
	if t.code == "" {
		return
	}
	if other := w.codes[t.code]; other != nil && other != t {
		w.violate("charged twice", orderOf(t.out),
			fmt.Sprintf("%s took a payment code's money for %s, and %s took it for %s", other.at.name, other.out,
				t.at.name, t.out))
	}
	w.codes[t.code] = t
}

// toldPaid holds an order that became paid against the attempt that pays it.
func (w *world) toldPaid(o *brief) {
	a := o.attempt(o.PaidBy)
	if a == nil || a.State != payment.AttemptSucceeded || a.Application != payment.Applied || a.Received != o.Amount {
		w.violate("told paid", o.ID, fmt.Sprintf("it is paid by attempt %d, which does not pay it", o.PaidBy))
		return
	}
	w.figures.Paid[string(a.Institution)+" "+string(a.Wallet)+" "+string(a.Method)]++
	if len(o.Attempts) > 1 {
		w.figures.Switched++
	}
}

// returned holds a refund that succeeded against the institution's books at that moment.
func (w *world) returned(o *brief, r *briefRefund) {
	a := o.attempt(r.Attempt)
	w.figures.RefundedFen += int64(r.Amount)
	if r.ByHand || a.Institution == gateway.Cash {
		return
	}
	if r.Foreign {
		w.returnedHere(o, r)
		return
	}
	back := w.bank(a.Institution).refunds[r.Out]
	if back == nil || back.state != gateway.RefundDone || back.amount != r.Amount {
		w.violate("told refunded", o.ID, fmt.Sprintf("refund %s of %s is booked as done, and %s did not give that back",
			r.Out, r.Amount, a.Institution))
	}
}

// acknowledged is called when we answered an institution's report of a payment with success: the money must be in an
// order at that moment.
func (w *world) acknowledged(t *trade, right bool) {
	if !right {
		w.violate("acknowledged", orderOf(t.out), "a report of "+t.out+" with another amount was answered with success")
		return
	}
	if w.holder[t] == nil && !t.revoked && t.gave < t.took {
		w.violate("acknowledged", orderOf(t.out),
			fmt.Sprintf("%s was answered with success for %s, and no order holds the money", t.tx, t.out))
	}
}

// reversed is called when an institution gave a reversed payment back: no order may hold that money.
func (w *world) reversed(t *trade) {
	w.figures.Reversed++
	if at := w.holder[t]; at != nil {
		w.violate("reversed", at.id, fmt.Sprintf("we had %s reversed, and the order holds its money", t.out))
	}
}
