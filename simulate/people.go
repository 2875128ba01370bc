package simulate

import (
	"context"
	"fmt"
	"slices"
	"time"

	"linlipay/billing"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/property"
)

// People see the product as its clients do: they ask one process or another, some answers get lost, and they ask again
// with the same Idempotency-Key.

// clientTries bounds how often a person asks for the same thing.
const clientTries = 6

// lost is what a person knows after an answer that never came.
var lost = fault.New(fault.Unavailable, "网络异常。", "No answer came.")

// ask makes one request, again and again while no answer comes, at any process. The order that comes back is what the
// person is shown.
func (w *world) ask(call func(ctx context.Context, p *process) (*payment.Order, error)) (o *payment.Order, err error) {
	for range clientTries {
		p := one(w.sched, w.processes...)
		broken := w.within(p, func(ctx context.Context) { o, err = call(ctx, p) })
		if !broken && !w.strikes(AnswerLost) {
			w.told(o)
			if !fault.Is(err, fault.Unavailable) {
				return o, err
			}
		}
		w.sched.sleep(w.sched.between(200*time.Millisecond, 4*time.Second))
	}
	return nil, lost
}

// askTwice is ask, sometimes with the same request from elsewhere at the same time: a double tap, or a page that is
// open twice.
func (w *world) askTwice(call func(ctx context.Context, p *process) (*payment.Order, error)) (*payment.Order, error) {
	if w.strikes(Twice) {
		w.person(w.sched.between(0, 30*time.Millisecond), func() { _, _ = w.ask(call) })
	}
	return w.ask(call)
}

// person starts what somebody does.
func (w *world) person(after time.Duration, do func()) {
	w.sessions++
	w.sched.after(after, func() {
		defer func() { w.sessions-- }()
		do()
	})
}

// key makes an Idempotency-Key.
func (w *world) key() string {
	w.counter++
	return fmt.Sprintf("key-%d", w.counter)
}

// visit has somebody come, to pay for a unit: often one that somebody else is busy with.
func (w *world) visit() {
	u := one(w.sched, w.units...)
	if len(w.recent) > 0 && w.sched.odds(250) {
		u = one(w.sched, w.recent...)
	}
	w.recent = append(w.recent, u)
	if len(w.recent) > 8 {
		w.recent = w.recent[1:]
	}
	switch n := w.sched.dice.IntN(100); {
	case n < 45:
		w.person(0, func() { w.resident(u, payment.Origin{Kind: payment.Phone, Resident: u.Phone}) })
	case n < 60:
		w.person(0, func() { w.resident(u, payment.Origin{Kind: payment.Terminal, Terminal: w.terminal(u)}) })
	case n < 80:
		w.person(0, func() { w.cashier(u, payment.Origin{Kind: payment.Terminal, Terminal: w.terminal(u)}) })
	default:
		w.person(0, func() { w.cashier(u, payment.Origin{Kind: payment.Counter, Staff: "cashier"}) })
	}
	if w.strikes(Elsewhere) {
		w.person(w.sched.between(0, time.Minute), func() { w.paidElsewhere(u) })
	}
}

func (w *world) terminal(u *property.Unit) string {
	return fmt.Sprintf("%s-t%d", u.Community, w.sched.dice.IntN(w.terminals))
}

// collect asks for an order over some bills of a unit. nil is that there is nothing to pay, or that the person gave up.
func (w *world) collect(u *property.Unit, origin payment.Origin, onOpen payment.OnOpen) *payment.Order {
	var bills []billing.Bill
	_, err := w.ask(func(ctx context.Context, p *process) (_ *payment.Order, err error) {
		bills, err = p.bills.Bills(ctx, u.ID, billing.Unpaid)
		return nil, err
	})
	if err != nil || len(bills) == 0 {
		return nil
	}
	in := billing.Collect{Unit: u.ID, Origin: origin, OnOpen: onOpen, By: "person", Key: w.key(), KeyHash: "hash"}
	first := w.sched.dice.IntN(len(bills))
	for _, b := range bills[first:min(len(bills), first+1+w.sched.dice.IntN(2))] {
		in.Bills = append(in.Bills, b.ID)
	}
	if w.strikes(InPart) {
		var owed money.Fen
		for _, b := range bills[first:][:len(in.Bills)] {
			owed += b.Owed()
		}
		in.Amount = 1 + money.Fen(w.sched.dice.Int64N(int64(owed)))
	}
	if w.apart(in.Bills) {
		w.figures.Apart++
	}
	o, err := w.askTwice(func(ctx context.Context, p *process) (*payment.Order, error) {
		o, _, err := p.bills.Collect(ctx, in)
		if err == nil {
			w.toldOnce(in.Key, o)
		}
		return o, err
	})
	if id := orderIn(err); id != "" && fault.Is(err, fault.OrderOpen) { // the page goes on with the open order
		o, err = w.look(id)
	}
	if err != nil {
		w.toldFault(err)
		return nil
	}
	return o
}

// toldFault holds "it is paid" against what is stored.
func (w *world) toldFault(err error) {
	if id := orderIn(err); fault.Is(err, fault.AlreadyPaid) && len(id) == 24 &&
		(w.seen[id] == nil || w.seen[id].Status != payment.Paid) {
		w.violate("told paid", id, "a client was told that the order has paid, and it is not stored as paid")
	}
}

// orderIn is the order that a fault names.
func orderIn(err error) string {
	e, ok := err.(*fault.Error)
	if !ok {
		return ""
	}
	id, _ := e.Detail["order"].(string)
	return id
}

// look shows an order.
func (w *world) look(id string) (*payment.Order, error) {
	return w.ask(func(ctx context.Context, p *process) (*payment.Order, error) { return p.pay.Get(ctx, id) })
}

// attempt asks for a try, and returns its out-trade number as far as the payer can know it.
func (w *world) attempt(id string, n payment.NewAttempt) (out string, o *payment.Order, err error) {
	n.IdempotencyKey = w.key()
	w.sched.task.about = id
	var no int
	o, err = w.askTwice(func(ctx context.Context, p *process) (o *payment.Order, err error) {
		o, no, _, err = p.pay.Attempt(ctx, id, n)
		return o, err
	})
	w.toldFault(err)
	if o != nil && no > 0 && o.Attempt(no) != nil {
		out = o.Attempt(no).OutTradeNo
	}
	return out, o, err
}

// wallet draws a wallet and a method that suits the desk.
func (w *world) wallet(kind payment.OriginKind) payment.NewAttempt {
	n := payment.NewAttempt{Wallet: one(w.sched, gateway.WalletWeChat, gateway.WalletAlipay), Method: gateway.Native,
		ClientIP: "127.0.0.1"}
	switch {
	case kind != payment.Counter && w.sched.odds(150):
		n.Wallet = gateway.WalletAny
	case n.Wallet == gateway.WalletWeChat && w.sched.odds(500):
		n.Method, n.PayerID = gateway.JSAPI, "openid"
	case n.Wallet == gateway.WalletAlipay && w.sched.odds(600):
		n.Method = gateway.Wap
	case kind == payment.Phone && n.Wallet == gateway.WalletWeChat:
		n.Method = gateway.H5
	}
	return n
}

// confirm is the payer confirming a payment in the wallet.
func (w *world) confirm(out string) bool {
	t := w.tradeOf(out)
	return t != nil && t.pay()
}

// think is how long a person takes.
func (w *world) think() { w.sched.sleep(w.sched.between(500*time.Millisecond, 25*time.Second)) }

// paidElsewhere marks bills of a unit as paid elsewhere: as an import does, or as an older version's that asked nobody.
func (w *world) paidElsewhere(u *property.Unit) {
	ids := make([]int, unitBills)
	for i := range ids {
		ids[i] = i
	}
	asksNobody := w.sched.odds(500)
	for _, i := range slices.Backward(ids) {
		mark := w.markPaid
		if asksNobody {
			mark = w.importPaid
		}
		if mark(fmt.Sprintf("%s-b%d", u.ID, i)) {
			return
		}
	}
}
