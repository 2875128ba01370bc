package simulate

import (
	"context"
	"fmt"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/property"
)

// cashier collects at the desk: by QR, by the payer's code, by card, in cash, after taking over what is open, and looks
// what became of it.
func (w *world) cashier(u *property.Unit, origin payment.Origin) {
	o := w.collect(u, origin, one(w.sched, payment.Refuse, payment.TakeOver, payment.TakeOver))
	if o == nil {
		return
	}
	for range 1 + w.sched.dice.IntN(2) {
		w.think()
		n := w.sched.dice.IntN(100)
		if origin.Kind == payment.Terminal && w.sched.odds(400) {
			n = -1
		}
		switch {
		case n < 0:
			w.takeCard(o)
		case n < 25:
			w.showQR(o.ID)
		case n < 65:
			w.readCode(o.ID)
		case n < 88:
			w.takeCash(o)
		case n < 94:
			w.cancel(o.ID)
		}
		now, err := w.ask(func(ctx context.Context, p *process) (*payment.Order, error) {
			if w.sched.odds(500) {
				return p.pay.Check(ctx, o.ID)
			}
			return p.pay.Get(ctx, o.ID)
		})
		if err == nil && now.Status != payment.Pending {
			return
		}
	}
}

func (w *world) showQR(id string) {
	n := w.wallet(payment.Counter)
	n.By = "staff:cashier"
	out, _, err := w.attempt(id, n)
	w.think()
	if err == nil || w.sched.odds(300) {
		w.confirm(out)
	}
}

// readCode charges a payment code and watches it until it is paid, refused or reversed, or the cashier has had enough.
func (w *world) readCode(id string) {
	n := payment.NewAttempt{Wallet: one(w.sched, gateway.WalletWeChat, gateway.WalletAlipay),
		Method:   gateway.CodePresented,
		ClientIP: "127.0.0.1", By: "staff:cashier"}
	n.AuthCode = w.key()
	out, _, _ := w.attempt(id, n) // refused or not, the order tells how it goes on
	if out == "" {
		return
	}
	for range 1 + w.sched.dice.IntN(25) {
		w.sched.sleep(w.sched.between(2*time.Second, 4*time.Second))
		o, err := w.look(id)
		if err != nil {
			continue
		}
		_, no, _ := gateway.SplitOutTradeNo(out)
		if a := o.Attempt(no); o.Status != payment.Pending || a == nil || a.State == payment.AttemptEnded ||
			a.State == payment.AttemptFailed {
			return
		}
	}
	if w.sched.odds(300) {
		w.cancel(id)
	}
}

// takeCash takes notes for an order. When the order was paid meanwhile they are handed back.
func (w *world) takeCash(o *payment.Order) {
	n := payment.NewCash{Tendered: o.Amount + 100, IdempotencyKey: w.key(), By: "cashier"}
	done, err := w.askTwice(func(ctx context.Context, p *process) (*payment.Order, error) {
		o, _, err := p.pay.TakeCash(ctx, o.ID, n)
		return o, err
	})
	w.toldFault(err)
	switch {
	case err == nil:
		w.drawer[o.ID] = done.Amount
	case fault.Is(err, fault.Unavailable), fault.Is(err, fault.UpstreamUnknown), fault.Is(err, fault.WrongState),
		fault.Is(err, fault.Expired):
		// the cashier keeps the notes beside the drawer and sees in the order whether they were booked: a copy of the
		// request may still be on its way, or be at a process whose clock is behind
		w.drawer[o.ID] = -1
	}
}

// drawerAgrees holds the notes against the orders.
func (w *world) drawerAgrees() {
	for _, id := range w.ids {
		var booked int64
		for _, a := range w.seen[id].Attempts {
			if a.Institution == gateway.Cash && a.State == payment.AttemptSucceeded {
				booked += int64(a.Received)
			}
		}
		if have, ok := w.drawer[id]; (!ok || have >= 0) && int64(have) != booked {
			w.violate("cash", id, fmt.Sprintf("the cashier has %s for it, the order says %d fen", have, booked))
		}
	}
}
