package simulate

import (
	"fmt"
	"time"

	"linlipay/money"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// institution is where the money moves: WeChat Pay, Alipay or an acquirer as they behave towards a merchant, with books
// of its own that nothing of the product writes.
type institution struct {
	w       *world
	name    gateway.Institution
	serial  int
	trades  map[string]*trade // by out-trade number
	order   []*trade          // as they came, for the checks
	byTx    map[string]*trade // by its own number, and by a card's reference number
	refunds map[string]*refund
	silent  time.Duration // it answers nobody until then
	down    time.Duration // it takes no connection until then

	publishes time.Duration // how long after midnight it publishes a day's statement
}

// trade is one payment at an institution. An Alipay page or QR makes it exist only when the payer opens it.
type trade struct {
	at      *institution
	account string // merchant account
	out     string
	wallet  gateway.Wallet // asked for; once paid, what it was paid with
	method  gateway.Method
	code    string    // the payment code that it charges
	card    card.Card // that paid it
	state   gateway.TradeState
	exists  bool
	revoked bool // reversed: what was paid has gone back
	asked   money.Fen
	amount  money.Fen // what the payer paid: not always what was asked
	created time.Duration
	expires time.Time
	tx      string
	paidAt  time.Time
	took    money.Fen
	gave    money.Fen
	refunds []*refund
	stray   bool // under a number that we never gave
}

// refund is one giving back at an institution.
type refund struct {
	trade  *trade
	no     string // the merchant's
	id     string
	amount money.Fen
	state  gateway.RefundState
	ends   gateway.RefundState
	doneAt time.Time
	void   bool // undone on the terminal
	here   bool // made on the institution's own page, under a number of its own
}

func newInstitution(w *world, name gateway.Institution) *institution {
	return &institution{w: w, name: name, trades: map[string]*trade{}, byTx: map[string]*trade{},
		refunds: map[string]*refund{}, publishes: w.sched.between(6*time.Hour, 12*time.Hour)}
}

func (b *institution) number(prefix string) string {
	b.serial++
	return fmt.Sprintf("%s%s%09d", prefix, b.name[:1], b.serial)
}

// register makes a trade known, once per number.
func (b *institution) register(account string, c gateway.Charge, exists bool) *trade {
	if t := b.trades[c.OutTradeNo]; t != nil {
		return t
	}
	t := &trade{
		at: b, account: account, out: c.OutTradeNo, wallet: c.Wallet, method: c.Method, code: c.AuthCode,
		state: gateway.TradeUnpaid, exists: exists, asked: c.Amount, amount: c.Amount,
		created: b.w.sched.now, expires: c.ExpiresAt,
	}
	b.trades[t.out] = t
	b.order = append(b.order, t)
	return t
}

// find returns a trade that the institution admits to know, its time considered.
func (b *institution) find(out string) *trade {
	t := b.trades[out]
	if t == nil || !t.exists {
		return nil
	}
	if t.state == gateway.TradeUnpaid && t.timed() && !b.w.instant().Before(t.expires) {
		t.state = gateway.TradeClosed
	}
	return t
}

// payable reports whether the payer could pay now.
func (t *trade) payable() bool {
	return t.state == gateway.TradeUnpaid && (!t.timed() || t.at.w.instant().Before(t.expires))
}

// timed reports whether the institution takes no money for a trade after its time.
func (t *trade) timed() bool { return t.method != gateway.CodePresented && !t.byStatement() }

// known is the trade under our number, or else under the institution's.
func (b *institution) known(out, tx string) *trade {
	if t := b.trades[out]; t != nil {
		return t
	}
	return b.byTx[tx]
}

// take takes the payer's money, of an aggregate QR from either wallet, and tells the merchant.
func (t *trade) take() {
	w := t.at.w
	if t.took == 0 && t.method != gateway.CodePresented && w.strikes(OtherAmount) {
		t.amount++
	}
	t.exists, t.state, t.tx, t.paidAt = true, gateway.TradePaid, t.at.number("T"),
		w.instant().UTC().Truncate(time.Second)
	t.took += t.amount
	if t.wallet == gateway.WalletAny {
		t.wallet = one(w.sched, gateway.WalletWeChat, gateway.WalletAlipay)
	}
	t.at.byTx[t.tx] = t
	w.charged(t)
	w.sayOf(orderOf(t.out), "%s takes %s for %s as %s", t.at.name, t.amount, t.out, t.tx)
	if t.at.name == gateway.WeChat && t.method == gateway.CodePresented || t.byStatement() {
		return // it sends none
	}
	t.at.tell(t)
}

// pay is the payer confirming in the wallet; it reports whether the wallet said yes.
func (t *trade) pay() bool {
	t.exists = true
	if !t.payable() {
		return false
	}
	t.take()
	return true
}

// swipe is the application on a terminal charging a card.
func (t *trade) swipe() {
	t.card = t.at.newCard()
	t.at.byTx[t.card.ReferenceNo] = t
	t.at.shows(t)
	t.take()
}

// orderOf is the order's number within an out-trade or out-refund number.
func orderOf(number string) string {
	if len(number) < 24 {
		return ""
	}
	return number[:24]
}

// end closes an unpaid trade; a confirmed close that a payment was under way for may still be overtaken by it.
func (t *trade) end() {
	t.state = gateway.TradeClosed
	w := t.at.w
	if w.strikes(AfterClose) {
		w.sched.after(w.sched.between(200*time.Millisecond, 90*time.Second), func() {
			if t.state == gateway.TradeClosed && !t.revoked {
				t.take()
			}
		})
	}
}

// revoke undoes a payment by code.
func (t *trade) revoke() {
	if t.state == gateway.TradePaid {
		t.gave += t.amount
		t.at.w.sayOf(orderOf(t.out), "%s gives %s back: %s is reversed", t.at.name, t.amount, t.out)
		t.at.w.reversed(t)
	}
	t.state, t.revoked = gateway.TradeClosed, true
	if t.at.name == gateway.Lakala && t.tx == "" {
		t.tx = t.at.number("T")
	}
}

// report is what the institution says of a trade.
func (t *trade) report() gateway.Report {
	r := gateway.Report{
		OutTradeNo: t.out, State: t.state, TransactionID: t.tx, Amount: t.amount, Currency: gateway.CNY,
		Merchant: t.account, App: "app", PaidAt: t.paidAt, Raw: string(t.state),
	}
	if t.state == gateway.TradePaid {
		r.Wallet, r.Card = t.wallet, t.card
	}
	t.tellReturned(&r)
	return r
}

// promised is what has gone back of a trade, or is on its way.
func (t *trade) promised() (sum money.Fen) {
	for _, r := range t.refunds {
		if r.state != gateway.RefundClosed {
			sum += r.amount
		}
	}
	return sum
}

// giveBack accepts a refund, or returns the one accepted before under the number.
func (b *institution) giveBack(t *trade, req gateway.RefundRequest) (*refund, error) {
	w := b.w
	if r := b.refunds[req.OutRefundNo]; r != nil {
		return r, nil
	}
	switch {
	case t == nil || t.state != gateway.TradePaid || t.tx != req.Trade.TransactionID:
		return nil, refused("TRADE_STATUS_ERROR", "")
	case req.Total != t.amount && !t.byStatement(): // of a card it asks no total
		return nil, refused("TOTAL_ERROR", "")
	case b.name == gateway.Ruiyinxin && t.method == gateway.CardPresent:
		return nil, refused("NOT_OFFERED", "") // it gives no card payment back on request
	case req.Amount <= 0 || req.Amount > t.amount-t.promised():
		return nil, refused("REFUND_TOO_MUCH", "")
	case w.strikes(MerchantLow):
		return nil, refused("NOT_ENOUGH", gateway.MerchantBalance)
	case b.name == gateway.Alipay && w.strikes(RefundShut):
		return nil, refused("TRADE_NOT_ALLOW_REFUND", "")
	}
	r := &refund{trade: t, no: req.OutRefundNo, id: b.number("R"), amount: req.Amount, state: gateway.RefundProcessing,
		ends: gateway.RefundDone}
	b.refunds[r.no] = r
	t.refunds = append(t.refunds, r)
	later := w.sched.between(time.Second, 10*time.Second)
	switch {
	case w.strikes(RefundSlow):
		later = w.sched.between(5*time.Minute, 50*time.Minute)
	case b.name == gateway.Alipay:
		r.finish()
		return r, nil
	}
	if b.name != gateway.Alipay && w.strikes(RefundStuck) {
		r.ends = gateway.RefundAbnormal
	} else if b.name != gateway.Alipay && w.strikes(RefundShut) {
		r.ends = gateway.RefundClosed
	}
	w.sched.after(later, r.finish)
	return r, nil
}

// finish ends a refund as it was to end, and tells the merchant.
func (r *refund) finish() {
	if r.state != gateway.RefundProcessing {
		return
	}
	w := r.trade.at.w
	if r.state = r.ends; r.state == gateway.RefundDone {
		r.doneAt = w.instant().UTC().Truncate(time.Second)
		r.trade.gave += r.amount
	}
	w.sayOf(orderOf(r.trade.out), "%s ends refund %s of %s: %s", r.trade.at.name, r.no, r.amount, r.state)
	if r.here {
		r.trade.at.tellRefundHere(r)
	} else if r.trade.at.name == gateway.WeChat || r.state == gateway.RefundDone {
		r.trade.at.tellRefund(r)
	}
}

// another sends an abnormal refund to a bank card of the payer's, as the merchant's finance asks for at the
// institution's own pages.
func (r *refund) another() {
	if r.state != gateway.RefundAbnormal {
		return
	}
	r.state, r.ends = gateway.RefundProcessing, gateway.RefundDone
	w := r.trade.at.w
	w.sched.after(w.sched.between(time.Second, time.Minute), r.finish)
}

func (r *refund) report() gateway.RefundReport {
	rep := gateway.RefundReport{
		OutTradeNo: r.trade.out, OutRefundNo: r.no, RefundID: r.id, State: r.state, Amount: r.amount, DoneAt: r.doneAt,
		Raw: string(r.state),
	}
	if r.trade.at.name == gateway.Alipay {
		rep.Total = r.trade.gave
	}
	return rep
}

func refused(code string, why gateway.DeclineReason) error {
	return &gateway.Error{Kind: gateway.Declined, Signed: true, Reason: why, Code: code}
}

func absent() error { return &gateway.Error{Kind: gateway.NotFound, Signed: true} }
