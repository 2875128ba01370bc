package simulate

import "slices"

// Fault is a kind of mishap. A world draws each at its own rate; a run can leave some out, which is how a failure is
// made small.
type Fault string

// The faults: of the store and the processes, of the way to an institution, of its notifications, of what payers do,
// and of refunds.
const (
	// a process dies between two store operations, or before it learns that a write is done
	Crash         Fault = "crash"
	StoreDown     Fault = "store_down"       // the store does not answer; a write is done or not
	ClockJump     Fault = "clock_jump"       // a process's clock is minutes off for a while
	AnswerLost    Fault = "answer_lost"      // a client does not get our answer and asks again with the same key
	Twice         Fault = "twice"            // a client sends a request twice at the same time, to two processes
	Silence       Fault = "silence"          // an institution does not answer for minutes
	TimeoutBefore Fault = "timeout_before"   // a request to an institution gets lost
	TimeoutAfter  Fault = "timeout_after"    // its answer gets lost
	Unsigned      Fault = "unsigned_error"   // "no such thing" without a signature
	BadSignature  Fault = "bad_signature"    // the answer's signature does not verify; what was asked is done
	Busy          Fault = "busy"             // the institution asks to come back later
	Refusal       Fault = "refusal"          // it refuses a charge for good
	Lost          Fault = "notify_lost"      // a notification gets lost
	Repeated      Fault = "notify_repeated"  // it comes several times
	Late          Fault = "notify_late"      // it comes late, after others that were sent later
	Forged        Fault = "notify_forged"    // somebody says that an order is paid
	Stale         Fault = "notify_stale"     // a genuine one is sent again by somebody after its time
	WrongAmount   Fault = "notify_amount"    // a genuine one with another amount
	WrongMerchant Fault = "notify_merchant"  // a genuine one of another merchant's trade under our number
	Unknown       Fault = "unknown_order"    // money under a number that we never gave
	OtherAmount   Fault = "other_amount"     // the institution takes another amount than asked
	AfterClose    Fault = "paid_after_close" // a payment goes through although the close was confirmed
	Faster        Fault = "faster_payer"     // the payer pays between our query and our close or reversal
	Asking        Fault = "user_paying"      // a payment code needs a password
	Declined      Fault = "code_declined"    // a payment code is not taken
	RefundSlow    Fault = "refund_slow"
	RefundStuck   Fault = "refund_abnormal"
	RefundShut    Fault = "refund_closed"
	MerchantLow   Fault = "merchant_balance_low"
	InPart        Fault = "in_part"        // somebody pays a part of what is owed
	Elsewhere     Fault = "paid_elsewhere" // a bill is imported as paid while an order for it is open
	Corrected     Fault = "corrected"      // somebody asks for a correction of a bill
	CorrectionCut Fault = "correction_cut" // a process dies over deciding one, and nobody repeats it
	DrawCut       Fault = "draw_cut"       // a process dies over paying a bill of a prepayment, and nobody repeats it
	PayoutCut     Fault = "payout_cut"     // a process dies over a payout of a prepayment, and nobody repeats it
	MarkCut       Fault = "mark_cut"       // a process dies over marking a bill so, and nobody repeats it
	Down          Fault = "down"           // an institution takes no connection for minutes
	Unconnected   Fault = "unconnected"    // it does not take one
	// the application on the terminal does not take a card, or does not undo a payment
	CardRefused   Fault = "card_refused"
	CardSilent    Fault = "card_silent"    // it hands nothing back, and nobody reports what it did
	CardLate      Fault = "card_late"      // the terminal reports minutes later
	CardOvernight Fault = "card_overnight" // the terminal reports hours later
	CardTwice     Fault = "card_twice"     // the terminal reports twice
	CardMisread   Fault = "card_misread"   // the application says no to a card that was charged
	CardLie       Fault = "card_lie"       // it says yes, and nothing was charged
	VoidForgotten Fault = "void_forgotten" // nobody undoes on the terminal what is to be undone there
	VoidUntrue    Fault = "void_untrue"    // the application says that it undid a payment, and nothing was undone
	WrongClock    Fault = "terminal_clock" // a terminal's clock jumps by days; it learns of it when a server tells
	RefundHere    Fault = "refund_here"    // somebody gives money back on an institution's own page
	WebhookFailed Fault = "webhook_failed" // a company's own system does not say that it took an event
	Sparse        Fault = "fields_omitted" // an institution leaves out what its documentation calls optional
)

// rates are how often a fault strikes where it can, in cases of a thousand.
var rates = map[Fault]int{
	Crash: 1, StoreDown: 1, ClockJump: 250, AnswerLost: 20, Twice: 80, Silence: 300, TimeoutBefore: 15,
	TimeoutAfter: 15, Unsigned: 15, BadSignature: 10,
	Busy: 8, Refusal: 10, Lost: 150, Repeated: 80, Late: 100, Forged: 40, Stale: 30, WrongAmount: 20, WrongMerchant: 30,
	Unknown: 4, OtherAmount: 4,
	AfterClose: 30, Faster: 20, Asking: 400, Declined: 100, RefundSlow: 200, RefundStuck: 80, RefundShut: 60,
	MerchantLow: 60, InPart: 250, Elsewhere: 15, MarkCut: 300, DrawCut: 100, PayoutCut: 100, Corrected: 400,
	CorrectionCut: 100, Down: 300, Unconnected: 5,
	CardRefused: 100, CardSilent: 60, CardLate: 60, CardOvernight: 15, CardTwice: 100,
	CardMisread: 15, CardLie: 20, VoidForgotten: 150,
	VoidUntrue: 120, WrongClock: 30, RefundHere: 500, Sparse: 100, WebhookFailed: 150,
}

// Faults lists all faults, in the order of their names.
func Faults() []Fault {
	var faults []Fault
	for f := range rates {
		faults = append(faults, f)
	}
	slices.Sort(faults)
	return faults
}

// IsFault reports whether there is a fault of that name.
func IsFault(name string) bool {
	_, ok := rates[Fault(name)]
	return ok
}

// strikes draws whether a fault happens now, and counts it. Each kind has dice of its own, so that leaving one out
// disturbs the others little.
func (w *world) strikes(f Fault) bool {
	if !w.likely(f) {
		return false
	}
	w.figures.Faults[f]++
	w.say("fault %s", f)
	return true
}

// likely draws, but leaves the counting to the caller, who may find nothing that the fault could strike.
func (w *world) likely(f Fault) bool {
	hit := w.dice[f].IntN(1000) < rates[f]
	return hit && !w.calm && !w.without[f]
}
