package simulate

import (
	"context"
	"net/http"
	"time"

	json "github.com/go-json-experiment/json/v1"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// wire is a notification's body; its signature is a word in a header.
type wire struct {
	ID       string                `json:"id"`
	Merchant string                `json:"merchant"`
	At       time.Time             `json:"at"` // when it was signed
	Trade    *gateway.Report       `json:"trade,omitempty"`
	Refund   *gateway.RefundReport `json:"refund,omitempty"`
}

// The header that carries the signature, and what it says.
const (
	signature = "Wechatpay-Signature"
	genuine   = "genuine"
)

func (m wire) message(sign string) gateway.RawNotification {
	body, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return gateway.RawNotification{Header: http.Header{signature: {sign}}, Body: body}
}

// Verify verifies a notification: the signature, the merchant, and, at WeChat Pay, that it is of now.
func (b *institution) Verify(_ context.Context, a gateway.Account, m gateway.RawNotification,
	now time.Time) (gateway.Notification, error) {
	forged := &gateway.Error{Kind: gateway.Unauthentic}
	var told wire
	if m.Header.Get(signature) != genuine || json.Unmarshal(m.Body, &told) != nil || told.Merchant != a.ID {
		return gateway.Notification{}, forged
	}
	if off := now.Sub(told.At); b.name == gateway.WeChat && (off > 5*time.Minute || off < -5*time.Minute) {
		return gateway.Notification{}, forged
	}
	n := told.notification()
	n.Report = b.read(n.Report)
	return n, nil
}

func (m wire) notification() gateway.Notification {
	n := gateway.Notification{ID: m.ID, Kind: gateway.NotifyOther}
	switch {
	case m.Trade != nil:
		n.Kind, n.Report = gateway.NotifyTrade, *m.Trade
	case m.Refund != nil:
		n.Kind, n.Refund = gateway.NotifyRefund, *m.Refund
	}
	return n
}

// Acknowledge is what the institution reads.
func (b *institution) Acknowledge(err error) gateway.Acknowledgement {
	if err != nil {
		return gateway.Acknowledgement{Status: http.StatusInternalServerError}
	}
	return gateway.Acknowledgement{Status: http.StatusOK}
}

// schedule are the real pauses between deliveries.
func (b *institution) schedule() []time.Duration {
	s, m, h := time.Second, time.Minute, time.Hour
	if b.name == gateway.WeChat {
		return []time.Duration{15 * s, 15 * s, 30 * s, 3 * m, 10 * m, 20 * m, 30 * m, 30 * m, 30 * m, 60 * m, 3 * h,
			3 * h, 3 * h, 6 * h, 6 * h}
	}
	return []time.Duration{4 * m, 10 * m, 10 * m, 1 * h, 2 * h, 6 * h, 15 * h}
}

// tell reports a payment until we accept the report.
func (b *institution) tell(t *trade) {
	r := t.report()
	signed := wire{ID: b.number("E"), Merchant: t.account, Trade: &r}
	wrong := r
	wrong.Amount++
	b.deliver(t, signed, &wrong)
	if b.w.strikes(Stale) {
		old := signed
		old.At = b.w.instant()
		b.w.sched.after(b.w.sched.between(6*time.Minute, 40*time.Minute), func() {
			b.post(t.account, old.message(genuine))
		})
	}
}

// tellRefund reports a refund's end.
func (b *institution) tellRefund(r *refund) {
	rep := r.report()
	b.deliver(r.trade, wire{ID: b.number("E"), Merchant: r.trade.account, Refund: &rep}, nil)
}

// deliver sends a message on the institution's schedule. wrong, when there is one, is what a fault makes of a trade's
// report.
func (b *institution) deliver(t *trade, m wire, wrong *gateway.Report) {
	w := b.w
	first := w.sched.between(50*time.Millisecond, 2*time.Second)
	if w.strikes(Late) {
		first = w.sched.between(10*time.Second, 20*time.Minute)
	}
	w.pending++
	w.sched.after(first, func() {
		for _, pause := range append(b.schedule(), 0) {
			if b.try(t, m, wrong) {
				break
			}
			w.sched.sleep(pause)
		}
		w.pending--
		for w.strikes(Repeated) {
			w.sched.sleep(w.sched.between(0, 3*time.Minute))
			b.try(t, m, nil)
		}
	})
}

// try delivers once and reports whether we accepted; then the books must say so at that moment.
func (b *institution) try(t *trade, m wire, wrong *gateway.Report) bool {
	w := b.w
	w.sched.task.about = orderOf(t.out)
	if w.strikes(Lost) {
		return false
	}
	m.At = w.instant()
	right := true
	if wrong != nil && w.strikes(WrongAmount) {
		m.Trade, right = wrong, false
	}
	if !b.post(t.account, m.message(genuine)) {
		return false
	}
	if m.Trade != nil {
		w.acknowledged(t, right)
	}
	return right
}

// post hands a message to one of the processes and reports whether it answered with success.
func (b *institution) post(account string, m gateway.RawNotification) (accepted bool) {
	w := b.w
	p := one(w.sched, w.processes...)
	lost := w.within(p, func(ctx context.Context) {
		receive := receiver(p.pay.Receive)
		if w.mutation.Receive != nil {
			receive = w.mutation.Receive(w, p)
		}
		accepted = receive(ctx, b.name, account, m).Status == http.StatusOK
	})
	return accepted && !lost
}

// mischief is what others may do once they know a number of ours: say that it is paid, or pay it to a merchant account
// of their own.
func (b *institution) mischief(t *trade) {
	w := b.w
	lie := func(merchant string) wire {
		r := gateway.Report{
			OutTradeNo: t.out, State: gateway.TradePaid, TransactionID: b.number("F"), Amount: t.asked,
			Currency: gateway.CNY, Merchant: merchant, App: "app", PaidAt: w.instant(),
		}
		return wire{ID: b.number("E"), Merchant: merchant, At: w.instant(), Trade: &r}
	}
	send := func(f Fault, merchant, sign string) {
		w.sched.after(w.sched.between(time.Second, time.Minute), func() {
			if b.post(t.account, lie(merchant).message(sign)) {
				w.violate("believed", t.out, "a message of kind "+string(f)+" was answered with success")
			}
		})
	}
	if w.strikes(Forged) {
		send(Forged, t.account, "forged")
	}
	if w.strikes(WrongMerchant) {
		send(WrongMerchant, "somebody-else", genuine)
	}
}

// stray is a payment under a number that we never gave, to one of our merchant accounts.
func (b *institution) stray(account, out string, amount money.Fen) {
	if b.trades[out] != nil {
		return
	}
	t := b.register(account, gateway.Charge{OutTradeNo: out, Method: gateway.Native, Amount: amount,
		ExpiresAt: b.w.instant().Add(time.Hour)}, true)
	t.stray = true
	t.take()
}

// strayCard is a card that was charged at one of our terminals without us.
func (b *institution) strayCard(account, out string, amount money.Fen) {
	if b.trades[out] != nil {
		return
	}
	t := b.register(account, gateway.Charge{OutTradeNo: out, Wallet: gateway.WalletCard, Method: gateway.CardPresent,
		Amount: amount}, true)
	t.stray = true
	t.swipe()
}
