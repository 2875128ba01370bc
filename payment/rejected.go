package payment

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// RejectedReport is a terminal's signed result that could not be taken (未采信结果): it is of another payment or amount,
// cannot be read, or came when what it tells of had ended. The card may have been charged, or the payment undone, all
// the same. So it is kept, finance sees it among what nobody has confirmed, and it ends when the institution tells what
// became of the payment, or a person has found out.
type RejectedReport struct {
	No      int          `json:"no"` // 1, 2, … within the order
	Attempt int          `json:"attempt"`
	Refund  int          `json:"refund,omitempty"` // of a void; 0 is a payment's
	Word    DeviceReport `json:"word"`             // without its signature where something had to be masked
	Digest  string       `json:"digest,omitempty"` // of the word as it came, see DeviceReport.digest
	Why     string       `json:"why"`              // why it was not taken, for staff
	Doubt   string       `json:"doubt,omitempty"`  // what the statement says of the payment
	EndedAt time.Time    `json:"ended_at,omitzero"`
	EndedBy string       `json:"ended_by,omitempty"` // who found out; "" is the institution
	Note    string       `json:"note,omitempty"`     // what became of it
}

// Open reports whether nobody has found out yet.
func (u *RejectedReport) Open() bool { return u.EndedAt.IsZero() }

// Why a result was not taken, beside what the gateways say of it.
const (
	NotACard    = "该笔支付不是终端刷卡"
	AttemptOver = "该笔刷卡此前已结束"
	OtherCharge = "该笔支付已由另一笔刷卡入账"
	AnotherCard = "终端此后又报告了另一笔刷卡"
	VoidOver    = "该笔退款此前已不再等待终端撤销"
)

// WhyInEnglish says in English why a result was not taken, as its Why does in Chinese. A reason that is none of those
// above and of RejectDeviceFields's stays as it is.
func WhyInEnglish(why string) string {
	english := map[string]string{
		NotACard:            "this payment was not made by card on a terminal",
		AttemptOver:         "this card payment had ended before",
		OtherCharge:         "another charge of a card has paid this",
		AnotherCard:         "the terminal told of another charge since then",
		VoidOver:            "this refund no longer waited for the terminal's void",
		gateway.OtherTrade:  "it is the result of another payment",
		gateway.OtherAmount: "the amount is not the order's",
		gateway.CardSecret:  "it holds a full card number, a track, chip data or a PIN",
		gateway.Unreadable:  "it is not of its form, or lacks what it must have",
	}
	return cmp.Or(english[why], why)
}

// untakenMost bounds what is kept of one order's results. A terminal keeps what an order has no room for.
const untakenMost = 50

// Delivered is what became of a terminal's result that we have for good: the terminal may forget it.
type Delivered struct {
	Order *Order
	Why   *fault.Error // why it was not taken; nil where it was, or where people have found out since
}

// notTaken tells the person at the terminal that a result went to finance.
func notTaken(why string) *fault.Error {
	return fault.New(fault.Invalid, "终端返回的结果未采信："+why+"。已交财务核实，如已扣款或撤销，请勿重复操作。",
		"The device's result was not accepted: "+WhyInEnglish(why)+". Finance will find out. "+
			"If the card was charged or undone, do not do it again.")
}

// delivered says what became of a word that the order has taken in some way.
func delivered(o *Order, attempt, refund int, word DeviceReport) Delivered {
	if u := o.untaken(attempt, refund, word); u != nil && u.Open() {
		return Delivered{o, notTaken(u.Why)}
	}
	return Delivered{Order: o}
}

// The moves of results that were not taken, pure as those in moves.go.

// untaken returns the line of a word that was not taken, or nil.
func (o *Order) untaken(attempt, refund int, word DeviceReport) *RejectedReport {
	digest := word.digest()
	for i := range o.RejectedReports {
		u := &o.RejectedReports[i]
		if u.Attempt == attempt && u.Refund == refund && (u.Digest == digest || u.Digest == "" && u.shows(word)) {
			return u
		}
	}
	return nil
}

// shows reports whether a line that was stored without a digest is of a word, as far as it can tell.
func (u *RejectedReport) shows(word DeviceReport) bool {
	fields, _ := card.ShownFields(word.Fields)
	return maps.Equal(u.Word.Fields, fields)
}

// keepUntaken adds a word that cannot be taken, once, without the secrets that it may hold.
func (o *Order) keepUntaken(attempt, refund int, word DeviceReport, why string, now time.Time) bool {
	if o.untaken(attempt, refund, word) != nil || len(o.RejectedReports) >= untakenMost {
		return false
	}
	o.addUntaken(attempt, refund, word, why, now)
	return true
}

// addUntaken adds the line of a word that has none.
func (o *Order) addUntaken(attempt, refund int, word DeviceReport, why string, now time.Time) {
	u := RejectedReport{No: len(o.RejectedReports) + 1, Attempt: attempt, Refund: refund, Digest: word.digest(),
		Why: why}
	fields, whole := card.ShownFields(word.Fields)
	if word.Fields = fields; !whole {
		word.Signature = nil // it would let a masked number be guessed
	}
	if word.At.IsZero() { // else we have had it since then
		word.At = now
	}
	u.Word = word
	o.RejectedReports = append(o.RejectedReports, u)
	o.rejectReport(attempt, word.Terminal, why, now)
}

// endUntaken ends the line of a result, once.
func (o *Order) endUntaken(u *RejectedReport, by, note string, now time.Time) bool {
	if !u.Open() {
		return false
	}
	u.EndedAt, u.EndedBy, u.Note = now, by, note
	o.note(now, ResultEnded, u.Attempt, by, note)
	return true
}

// explained ends what was not taken of an attempt's payment, now that the institution has told of it. A charge of
// another card is not explained by that, nor is a result of another payment: it stays for people, or comes to them
// where it was the terminal's last word.
func (o *Order) explained(no int, now time.Time) {
	word, charged := o.Attempt(no).Word, o.chargedCard(o.Attempt(no))
	o.endUntakenOf(no, now, func(c card.Card) bool { return c.Same(charged) })
	if word != nil && word.Done && !word.Card.Same(charged) && o.untaken(no, 0, *word) == nil {
		o.addUntaken(no, 0, *word, OtherCharge, now) // however many there are: the institution's word does not wait
	}
}

// explainedElsewhere ends what was not taken of one more charge under an attempt's number, which the institution has
// told of by its card: an order of its own holds that money.
func (o *Order) explainedElsewhere(no int, kept card.Card, now time.Time) (moved bool) {
	return o.endUntakenOf(no, now, func(c card.Card) bool { return c.Surely(kept) > 0 })
}

// endUntakenOf ends the open lines of an attempt's payment whose card the institution has told of.
func (o *Order) endUntakenOf(no int, now time.Time, told func(card.Card) bool) (moved bool) {
	for i := range o.RejectedReports {
		if u := &o.RejectedReports[i]; u.Attempt == no && u.Refund == 0 && u.Why != gateway.OtherTrade &&
			told(u.Word.Card) {
			moved = o.endUntaken(u, "", "收单机构已确认", now) || moved
		}
	}
	return moved
}

// chargedCard is the card of that one of a terminal's charges, and of more that it tells of now, which the institution
// has told of under an attempt; the card that the institution told of where it is none of them for sure. The reference
// number says more than batch and trace: those may be the last charge's still, where the institution told no more than
// a reference.
func (o *Order) chargedCard(a *Attempt, told ...card.Card) card.Card {
	if a.Word != nil {
		told = append(told, a.Word.Card)
	}
	for _, u := range o.RejectedReports {
		if u.Attempt == a.No && u.Refund == 0 {
			told = append(told, u.Word.Card)
		}
	}
	card, sure := a.Card, 0
	for _, c := range told {
		if s := c.Surely(a.Card); s > sure {
			card, sure = c, s
		}
	}
	return card
}

// waitsForPeople reports whether a result of the attempt's payment or of its void was not taken, and nobody has found
// out yet.
func (o *Order) waitsForPeople(no int) bool {
	return slices.ContainsFunc(o.RejectedReports, func(u RejectedReport) bool { return u.Attempt == no && u.Open() })
}

// doubtUntaken notes that the statement of a day, on which a result came, does not show its payment.
func (o *Order) doubtUntaken(account string, day time.Time, shown map[string]bool, doubt string) (moved bool) {
	for i := range o.RejectedReports {
		u, a := &o.RejectedReports[i], o.Attempt(o.RejectedReports[i].Attempt)
		missing := a.Account == account && calendar.StartOfDay(u.Word.At).Equal(day) && !shown[a.OutTradeNo]
		if u.Open() && u.Refund == 0 && u.Doubt == "" && missing {
			u.Doubt, moved = doubt, true
		}
	}
	return moved
}
