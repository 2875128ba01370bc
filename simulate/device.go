package simulate

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// What happens on a terminal: the acquirer's application takes a card or undoes a payment, and the terminal reports
// what the application handed back, as far as it hands back anything, and as far as it is true.

// takeCard has a card taken on the terminal of an order.
func (w *world) takeCard(o *payment.Order) {
	if o.Origin.Terminal == "" {
		return // it is somebody's on the phone: no terminal shows it
	}
	out, now, err := w.attempt(o.ID, payment.NewAttempt{Wallet: gateway.WalletCard, Method: gateway.CardPresent,
		By: "staff:cashier"})
	_, no, _ := gateway.SplitOutTradeNo(out)
	if err != nil || out == "" || now.Attempt(no).Prepared.Device == nil {
		return
	}
	w.think()
	t := w.tradeOf(out)
	if t == nil {
		return
	}
	result, slip := "failed", t.at.newCard()
	switch {
	case w.strikes(CardRefused), !t.payable():
	case w.strikes(CardLie):
		result = "success"
	case w.sched.odds(100):
		result = "cancelled"
	default:
		t.swipe()
		result, slip = "success", t.card
	}
	w.hands(o, no, t, result, slip)
	if now, err := w.look(o.ID); err == nil && now.Status == payment.Paid && w.sched.odds(150) {
		w.think()
		w.askBack(now, true) // it was for the neighbour's bills
	}
}

// hands is what the application hands back after a card payment, and when the terminal reports it.
func (w *world) hands(o *payment.Order, no int, t *trade, result string, slip card.Card) {
	shown := t.asked
	if t.amount != t.asked && w.sched.odds(500) {
		shown = t.amount // it shows what was taken, which is not what was asked for
	}
	if result == "success" && w.strikes(CardMisread) {
		result = "failed"
	}
	fields := slipFields(result, t.out, shown, slip)
	switch {
	case w.strikes(CardSilent):
	case w.strikes(CardLate):
		w.person(w.sched.between(4*time.Minute, 50*time.Minute), func() { w.reportCard(o, no, fields) })
	case w.strikes(CardOvernight):
		w.sched.after(w.sched.between(time.Hour, 30*time.Hour), func() { w.reportCard(o, no, fields) })
	case w.strikes(CardTwice):
		w.person(w.sched.between(0, 3*time.Minute), func() { w.reportCard(o, no, fields) })
		w.reportCard(o, no, fields)
	default:
		w.reportCard(o, no, fields)
	}
}

func slipFields(result, out string, amount money.Fen, c card.Card) map[string]string {
	f := map[string]string{"result": result, "out_trade_no": out}
	if result == "success" {
		f["amount"], f["reference_no"], f["batch_no"], f["trace_no"],
			f["terminal_no"] = strconv.FormatInt(int64(amount), 10), c.ReferenceNo, c.BatchNo, c.TraceNo, c.Terminal
	}
	return f
}

// reportCard brings a terminal's word of a card payment to us.
func (w *world) reportCard(o *payment.Order, no int, fields map[string]string) {
	number := fmt.Sprintf("%s%02d", o.ID, no)
	w.brings(o, &handedBack{number: number, order: o.ID, attempt: no, fields: fields}, func(
		ctx context.Context, p *process, word payment.DeviceReport,
	) (payment.Delivered, error) {
		return p.pay.ReportCard(ctx, o.ID, no, word)
	})
}

// undoOn has a card payment undone on its terminal, for a refund that waits for that. Somebody may forget it, or the
// word of it may not come.
func (w *world) undoOn(o *payment.Order, r payment.Refund) {
	a := o.Attempt(r.Attempt)
	t := w.bank(a.Institution).known(a.OutTradeNo, a.TransactionID)
	if w.asked[r.OutRefundNo] || t == nil {
		return
	}
	w.asked[r.OutRefundNo] = true
	if w.strikes(VoidForgotten) {
		w.figures.Voids["forgotten"]++
		return
	}
	_, err := w.ask(func(ctx context.Context, p *process) (*payment.Order, error) {
		_, err := p.pay.CallVoid(ctx, o.ID, r.No, o.Origin.Terminal)
		return nil, err
	})
	if err != nil {
		return
	}
	w.think()
	result := "failed"
	switch {
	case w.strikes(CardRefused):
		w.figures.Voids["refused"]++
	case w.strikes(VoidUntrue):
		result = "success"
		w.figures.Voids["untrue"]++
	case t.at.void(t, r.OutRefundNo):
		result = "success"
		w.figures.Voids["done"]++
	}
	if w.strikes(CardSilent) {
		w.figures.Voids["unreported"]++
		return
	}
	fields := slipFields(result, t.out, t.amount, t.card)
	w.brings(o, &handedBack{number: r.OutRefundNo, order: o.ID, attempt: a.No, refund: r.No, fields: fields}, func(
		ctx context.Context, p *process, word payment.DeviceReport,
	) (payment.Delivered, error) {
		return p.pay.ReportVoid(ctx, o.ID, r.No, word)
	})
}

// denyCards works finance's list of card payments that nobody has confirmed: what the statement does not show, and the
// acquirer does not know when it is asked on the telephone, never came.
//
// What a terminal says it undid, and the statement does not, the acquirer gives back when it is asked so.
func (w *world) denyCards(o *payment.Order) {
	for _, r := range o.Refunds {
		if !r.Provisional || r.Doubt == "" {
			continue
		}
		a := o.Attempt(r.Attempt)
		if b := w.bank(a.Institution); b.refunds[r.OutRefundNo] == nil {
			b.undo(b.known(a.OutTradeNo, a.TransactionID), r.OutRefundNo)
		}
		w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
			return s.SettleRefund(ctx, o.ID, r.No, true, "staff:finance", "收单机构补退")
		})
	}
	w.settleResults(o)
	for _, a := range o.Attempts {
		if a.Doubt == "" || a.DeniedBy != "" || a.Method != gateway.CardPresent {
			continue
		}
		if t := w.bank(a.Institution).known(a.OutTradeNo, a.TransactionID); t != nil && t.took == a.Amount &&
			w.holder[t] == nil {
			continue
		}
		w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
			return s.MarkNotReceived(ctx, o.ID, a.No, "staff:finance", "收单机构查无此笔")
		})
	}
}

// settleResults ends terminals' results that were not taken, unless the acquirer has money that we have not heard of:
// its word is on its way.
func (w *world) settleResults(o *payment.Order) {
	for _, u := range o.RejectedReports {
		a := o.Attempt(u.Attempt)
		t := w.bank(a.Institution).known(a.OutTradeNo, a.TransactionID)
		has := t != nil && t.took > t.gave && w.holder[t] == nil
		if coming := has && u.Refund == 0 && a.State != payment.AttemptSucceeded; !u.Open() || coming {
			continue
		}
		w.staff(func(ctx context.Context, s *payment.Service) (*payment.Order, error) {
			return s.SettleResult(ctx, o.ID, u.No, "staff:finance", "收单机构核实")
		})
	}
}
