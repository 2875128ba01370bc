package simulate

import (
	"context"
	"fmt"
	"time"

	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// Bank cards at the acquirers: the application on a terminal reaches the institution by a line of its own, so that a
// card is charged, or a charge is undone, whatever our processes know of it. Lakala answers questions about it; of
// Shengpay and Ruiyinxin nothing but the statement of the day tells.

// confirms is how an institution confirms a card payment; "" where it takes none.
func (b *institution) confirms() gateway.Confirmation {
	switch b.name {
	case gateway.Lakala:
		return gateway.ByQuery
	case gateway.Shengpay, gateway.Ruiyinxin:
		return gateway.ByStatement
	}
	return ""
}

// byStatement reports whether a trade is a card payment that nobody but the statement tells of.
func (t *trade) byStatement() bool {
	return t.method == gateway.CardPresent && t.at.confirms() == gateway.ByStatement
}

// ConfirmsCards says how.
func (b *institution) ConfirmsCards() gateway.Confirmation { return b.confirms() }

// ReadResult reads the generic form.
func (b *institution) ReadResult(_ gateway.Account, t gateway.Trade, fields map[string]string) (gateway.DeviceResult,
	error) {
	return gateway.ReadGenericResult(t, fields)
}

// VoidCall asks in the generic form.
func (b *institution) VoidCall(_ gateway.Account, t gateway.Trade) (gateway.DeviceCall, error) {
	return gateway.GenericCall("app", "activity", gateway.CardVoid, t), nil
}

// newCard numbers a card payment. The reference number is the institution's own.
func (b *institution) newCard() card.Card {
	b.serial++
	return card.Card{
		ReferenceNo: fmt.Sprintf("%s%011d", b.name[:1], b.serial), BatchNo: "000001",
		TraceNo: fmt.Sprintf("%06d", b.serial), Masked: "622202******1234",
		Terminal: "T" + string(b.name[:3]),
	}
}

// void undoes a card payment on its day, whole, unless something of it is on its way back or another amount was charged
// than is to be undone; it reports whether it did.
func (b *institution) void(t *trade, number string) bool {
	if t.state != gateway.TradePaid || t.promised() > 0 || t.amount != t.asked ||
		calendar.Day(t.paidAt) != calendar.Day(b.w.instant()) {
		return false
	}
	b.undo(t, number).void = true
	b.shows(t)
	return true
}

// undo gives a whole card payment back.
func (b *institution) undo(t *trade, number string) *refund {
	r := &refund{trade: t, no: number, id: b.number("V"), amount: t.amount, state: gateway.RefundDone,
		doneAt: b.w.instant().UTC().Truncate(time.Second)}
	b.refunds[number] = r
	t.refunds = append(t.refunds, r)
	t.gave += t.amount
	b.w.sayOf(orderOf(t.out), "%s undoes the card payment %s of %s", b.name, t.out, t.amount)
	return r
}

// shows notes by when a statement has told us of a trade.
func (b *institution) shows(t *trade) {
	w := b.w
	published := calendar.AddDays(w.instant(), 1).Add(b.publishes)
	if t.byStatement() {
		w.statements = max(w.statements, published.Sub(w.began)+readBy)
	}
}

// readBy is how long after its publication a statement was surely read.
const readBy = 3 * time.Hour

// CardTrades is the statement of a day, from the next morning on: what the institution believes, from its own books.
func (b *institution) CardTrades(_ context.Context, a gateway.Account, day time.Time) (lines []gateway.Report,
	err error) {
	err = b.reach("", func() error {
		if b.w.instant().Before(day.Add(24*time.Hour + b.publishes)) {
			return &gateway.Error{Kind: gateway.TryLater, Signed: true}
		}
		for _, t := range b.order {
			if t.account == a.ID && t.byStatement() && t.took > 0 {
				lines = append(lines, t.lines(calendar.Day(day))...)
			}
		}
		return nil
	})
	return lines, err
}

// lines are what the statement of a day shows of a card payment: the payment, its void, both or none.
func (t *trade) lines(day string) (reports []gateway.Report) {
	if calendar.Day(t.paidAt) == day {
		reports = append(reports, t.line(gateway.TradePaid, t.amount, t.tx, t.paidAt))
	}
	for _, r := range t.refunds {
		if r.void && calendar.Day(r.doneAt) == day {
			reports = append(reports, t.line(gateway.TradeClosed, r.amount, r.id, r.doneAt))
		}
	}
	return reports
}

// line is one line of a statement. Ruiyinxin's carries none of our numbers: the reference number tells which payment it
// is.
func (t *trade) line(state gateway.TradeState, amount money.Fen, number string, at time.Time) gateway.Report {
	r := gateway.Report{
		OutTradeNo: t.out, State: state, TransactionID: t.tx, Amount: amount, Currency: gateway.CNY,
		Merchant: t.account, PaidAt: at, Wallet: gateway.WalletCard,
		Method: gateway.CardPresent, StatementNo: number, Card: t.card, Raw: string(state),
	}
	if t.at.name == gateway.Ruiyinxin {
		r.OutTradeNo = ""
	}
	return r
}
