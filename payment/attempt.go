package payment

import (
	"slices"
	"time"

	"linlipay/money"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

// AttemptState is the state of one try at an institution.
type AttemptState string

// The states of an attempt.
const (
	// written before the institution is asked; the answer, or a query, moves it on
	AttemptStarting AttemptState = "starting"
	AttemptOpen     AttemptState = "open" // the payer can pay; a notification, a query or a close moves it on
	// the institution knows nothing of it, but its address could still be used: watched until it cannot
	AttemptLeaving AttemptState = "expiring"
	// 待确认: a terminal says that a card was charged; the institution's confirmation moves it on
	AttemptReported  AttemptState = "reported"
	AttemptSucceeded AttemptState = "succeeded" // money arrived; final; what becomes of it is said beside it
	AttemptFailed    AttemptState = "failed"    // the institution refused it; final
	// closed upstream, or cannot be paid any more; only money that arrives changes it
	AttemptEnded AttemptState = "ended"
)

// AttemptStates lists all states of an attempt.
func AttemptStates() []AttemptState {
	return []AttemptState{AttemptStarting, AttemptOpen, AttemptLeaving, AttemptReported, AttemptSucceeded,
		AttemptFailed, AttemptEnded}
}

// AttemptTransitions is the one table of allowed changes of an attempt's state; docs/state-machine.md draws the same.
// Money that arrives is booked whatever we believed before.
func AttemptTransitions() map[AttemptState][]AttemptState {
	return map[AttemptState][]AttemptState{
		AttemptStarting:  {AttemptOpen, AttemptFailed, AttemptLeaving, AttemptReported, AttemptEnded, AttemptSucceeded},
		AttemptOpen:      {AttemptLeaving, AttemptReported, AttemptEnded, AttemptSucceeded},
		AttemptLeaving:   {AttemptReported, AttemptEnded, AttemptSucceeded},
		AttemptReported:  {AttemptEnded, AttemptSucceeded},
		AttemptFailed:    {AttemptSucceeded},
		AttemptEnded:     {AttemptSucceeded},
		AttemptSucceeded: {},
	}
}

// Application says what becomes of money that arrived.
type Application string

// The dispositions.
const (
	Applied    Application = "applied"   // this attempt pays the order; part of its money may be unapplied
	NotApplied Application = "unapplied" // the order cannot keep it: see Order.Unapplied
)

// Attempt is one try at an institution.
type Attempt struct {
	No          int                 `json:"no"`           // 1, 2, … within the order
	OutTradeNo  string              `json:"out_trade_no"` // order number and two digits
	Institution gateway.Institution `json:"institution"`
	Wallet      gateway.Wallet      `json:"wallet,omitempty"` // as asked; once paid, as the institution told
	Method      gateway.Method      `json:"method"`
	Account     string              `json:"account"` // merchant account id
	State       AttemptState        `json:"state"`
	Amount      money.Fen           `json:"amount"` // asked of the payer
	PayerID     string              `json:"payer_id,omitempty"`

	ReturnURL      string           `json:"return_url,omitempty"` // where the payer's browser goes afterwards
	IdempotencyKey string           `json:"key,omitempty"`        // Idempotency-Key of the request that made it
	KeyHash        string           `json:"key_hash,omitempty"`   // hash of that request
	By             string           `json:"by,omitempty"`         // who asked for it
	Prepared       gateway.Prepared `json:"prepared,omitzero"`    // what the payer needs in order to pay

	TransactionID string `json:"transaction_id,omitempty"` // the institution's 交易号
	// swipe: the device's number, which the ledger's line has, where the institution told another one
	BookedAs string `json:"booked_as,omitempty"`
	// the number that its statements know the payment by, where that is another one
	StatementNo string `json:"statement_no,omitempty"`
	// swipe: as the device reported it, then as the institution told
	Card card.Card `json:"card,omitzero"`
	// the institution's number of the order, where later questions need it
	UpstreamNo  string      `json:"upstream_no,omitempty"`
	Received    money.Fen   `json:"received,omitempty"` // what the institution says was paid
	Tendered    money.Fen   `json:"tendered,omitempty"` // cash: what the payer handed over; the rest was change
	PaidAt      time.Time   `json:"paid_at,omitzero"`
	Application Application `json:"disposition,omitempty"`
	Receipt     string      `json:"receipt,omitempty"` // the receipt's number, from the ledger's line

	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`          // after this the institution takes no money for it
	CheckedAt time.Time `json:"checked_at,omitzero"` // last query
	Checks    int       `json:"checks,omitempty"`    // queries so far, for the growing pauses
	// signed answers in a row that the institution knows nothing of it
	Absent     int       `json:"absent,omitempty"`
	WatchUntil time.Time `json:"watch_until,omitzero"` // AttemptLeaving only
	// payment code, or at an CloseReverser: the institution was asked to reverse it
	Reversing bool `json:"reversing,omitempty"`
	// it ended after the institution answered a request to reverse it
	Reversed     bool                 `json:"reversed,omitempty"`
	Reversal     Submission           `json:"reversal,omitzero"`      // payment code: the requests to reverse it
	Confirmation gateway.Confirmation `json:"confirmation,omitempty"` // swipe: how the institution confirms it
	Word         *DeviceReport        `json:"word,omitempty"`         // swipe: what the terminal reported
	// swipe: booked on the terminal's word; the statement has not agreed yet
	Provisional bool   `json:"provisional,omitempty"`
	Doubt       string `json:"doubt,omitempty"`     // swipe: what the statement says instead
	DeniedBy    string `json:"denied_by,omitempty"` // swipe: who found that the money never came

	Returns Returns `json:"returns,omitzero"` // what the institution says went back of the money
	// when it is asked next whether the money is still there; zero is never
	RecheckAt    time.Time `json:"recheck_at,omitzero"`
	RecheckedAt  time.Time `json:"rechecked_at,omitzero"`   // when it last answered that
	RecheckFails int       `json:"recheck_fails,omitempty"` // questions since then that it did not answer

	Failure string                `json:"failure,omitempty"` // the institution's code and text, for staff
	Why     gateway.DeclineReason `json:"why,omitempty"`     // of a refusal, for the person at the desk
}

// trade names the attempt in questions to its institution.
func (a *Attempt) trade() gateway.Trade {
	return gateway.Trade{
		OutTradeNo: a.OutTradeNo, Wallet: a.Wallet, Method: a.Method, Amount: a.Amount, UpstreamNo: a.UpstreamNo,
		TransactionID: a.TransactionID,
		StatementNo:   a.StatementNo, Card: a.Card, CreatedAt: a.CreatedAt, PaidAt: a.PaidAt,
	}
}

// become changes the state if the table allows it.
func (a *Attempt) become(to AttemptState) bool {
	if !slices.Contains(AttemptTransitions()[a.State], to) {
		return false
	}
	a.State = to
	return true
}

// payable reports whether the payer may still pay the attempt at the institution as far as we know, or may have paid
// it.
func (a *Attempt) payable() bool {
	return a.State == AttemptStarting || a.State == AttemptOpen || a.State == AttemptReported
}

// watched reports whether the attempt may still turn out to be paid, so that the institution must be asked about it.
func (a *Attempt) watched() bool { return a.payable() || a.State == AttemptLeaving }

// pollable reports whether the institution answers questions about the attempt; what only a statement confirms is not
// asked about.
func (a *Attempt) pollable() bool { return a.watched() && a.Confirmation != gateway.ByStatement }

// read is a report in the light of what we asked the institution for. Where it has one word for a payment that was
// given back and for a charge that was reversed (撤销), our own reversal tells them apart: of a charge that we had
// reversed, nothing was kept.
func (a *Attempt) read(r gateway.Report) gateway.Report {
	undone := a.Reversing && r.WentBack() || a.Reversed && r.Returned != gateway.ReturnedNothing
	if r.State == gateway.TradePaid && undone && a.State != AttemptSucceeded {
		r.State = gateway.TradeClosed
	}
	return r
}

// isOf reports whether a report is about the payment that the attempt was booked by.
func (a *Attempt) isOf(r gateway.Report) bool {
	return r.TransactionID == "" || r.TransactionID == a.TransactionID || r.TransactionID == a.BookedAs
}
