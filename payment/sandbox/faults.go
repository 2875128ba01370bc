package sandbox

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Fault names what goes wrong.
type Fault string

// The faults of notifications: each replaces one delivery; the retries that follow are honest.
const (
	Lost          Fault = "lost"           // no delivery at all, no retry either
	Repeated      Fault = "repeated"       // delivered three times
	Late          Fault = "late"           // the first delivery comes DelayMS later
	Reordered     Fault = "reordered"      // held back until another notification has gone out
	Forged        Fault = "forged"         // signed with nobody's key
	Stale         Fault = "stale"          // signed ten minutes ago
	WrongAmount   Fault = "wrong_amount"   // one fen more than was paid
	WrongMerchant Fault = "wrong_merchant" // another merchant's number
	ProbeNotice   Fault = "probe_notice"   // a WECHATPAY/SIGNTEST/ signature
)

// The faults of answers.
const (
	TimeoutAfterSuccess Fault = "timeout_after_success" // it is done, but the connection breaks
	UnsignedError       Fault = "unsigned_error"        // nothing is done; "order does not exist", without a signature
	BadSignature        Fault = "bad_signature"         // it is done; the answer's signature does not verify
	ProbeSignature      Fault = "probe_signature"       // it is done; a WECHATPAY/SIGNTEST/ signature
	PaidAfterClose      Fault = "paid_after_close"      // the payer may still pay what was closed
	TimeoutBeforeEffect Fault = "timeout_before_effect" // the connection breaks and nothing is done
)

// The faults of the transport. It is done, unless the request was refused; only the answer is spoiled.
const (
	Garbage       Fault = "garbage"        // an HTML page instead of the answer
	SlowBody      Fault = "slow_body"      // half of the answer, and the rest DelayMS later; 0 is half a minute
	OversizedBody Fault = "oversized_body" // the answer, and then 32 MiB of blanks
	// fields in an answer or a notification that no documentation names; everything is signed
	UnknownFields Fault = "unknown_fields"
	// one field of an answer or a notification, Script.Field, says nothing or another thing, by Script.Edit; everything
	// is signed
	FieldEdited Fault = "field"
	OlderForm   Fault = "older_form" // Ruiyinxin: a query or a notification as older servers answer and send it
)

// FieldEdit is what FieldEdited does to a field.
type FieldEdit string

// The edits.
const (
	EditAbsent FieldEdit = "absent" // the field is not there
	EditNull   FieldEdit = "null"   // it is null; in a form, which has no null, it is empty
	EditEmpty  FieldEdit = "empty"  // it is an empty text
	EditZero   FieldEdit = "zero"   // it is 0 where it was a number, "0.00" where it was a text with a point, else "0"
	EditTwice  FieldEdit = "twice"  // it is there twice, with the same content
	EditOther  FieldEdit = "other"  // it is another's: its last digit or letter is the next one
)

// FieldEdits lists all edits.
func FieldEdits() []FieldEdit {
	return []FieldEdit{EditAbsent, EditNull, EditEmpty, EditZero, EditTwice, EditOther}
}

// AmountsUnquoted is Alipay's: the amounts in an answer are JSON numbers, as in some of its samples; everything is
// signed.
const AmountsUnquoted Fault = "amounts_unquoted"

// The faults of refunds and payment codes.
const (
	RefundAbnormal Fault = "refund_abnormal" // WeChat: accepted, ends ABNORMAL
	RefundClosed   Fault = "refund_closed"   // WeChat: accepted, ends CLOSED; Alipay: refused for good
	RefundSlow     Fault = "refund_slow"     // accepted, on its way until POST /refunds/{id}/settle
	// the merchant's account lacks the money for a refund or a reversal; nothing is done
	MerchantBalanceLow Fault = "merchant_balance_low"
	UserPaying         Fault = "user_paying"         // a payment code's wallet asks for the password
	UserPayingBare     Fault = "user_paying_bare"    // WeChat: likewise; the answer holds trade_state alone
	ReverseUserPaying  Fault = "reverse_user_paying" // WeChat: while the payer is asked, a reversal is refused
)

func allFaults() []Fault {
	return []Fault{Lost, Repeated, Late, Reordered, Forged, Stale, WrongAmount, WrongMerchant, ProbeNotice,
		TimeoutAfterSuccess, UnsignedError, BadSignature, ProbeSignature, PaidAfterClose, TimeoutBeforeEffect,
		RefundAbnormal, RefundClosed, RefundSlow, MerchantBalanceLow, UserPaying, Garbage, SlowBody, OversizedBody,
		UnknownFields, FieldEdited,
		UserPayingBare, ReverseUserPaying, AmountsUnquoted, OlderForm,
		RowMissing, RowExtra, RowDifferent}
}

// The faults of a day's statement.
const (
	RowMissing   Fault = "row_missing"
	RowExtra     Fault = "row_extra"     // a payment that nobody made, beside the row
	RowDifferent Fault = "row_different" // one fen more
)

// operations are where a fault may strike: an answer's, of notifications "pay" for a payment's and "refund" for a
// refund's ("refund_pay" where a field is edited, since "refund" is its answer then), "card" for what a terminal's
// application hands back, and "statement".
var operations = []string{"create", "query", "close", "code", "reverse", "refund", "refund_query", "pay", "refund_pay",
	"card", "statement"}

// Script asks for a fault.
type Script struct {
	Institution string `json:"institution,omitempty"`  // "" is any
	Fault       Fault  `json:"fault"`                  //
	OutTradeNo  string `json:"out_trade_no,omitempty"` // "" is any
	Operation   string `json:"operation,omitempty"`    // see operations; "" is any
	Count       int    `json:"count,omitempty"`        // how often; 0 is once
	DelayMS     int64  `json:"delay_ms,omitempty"`     // Late and SlowBody only

	Field string    `json:"field,omitempty"` // FieldEdited: its name on the wire, with dots into objects
	Edit  FieldEdit `json:"edit,omitempty"`  // FieldEdited
}

// faults are the faults that wait for their occasion.
type faults struct {
	mu      sync.Mutex
	waiting []*Script
}

func (f *faults) add(o Script) error {
	if !slices.Contains(allFaults(), o.Fault) {
		return fmt.Errorf("there is no fault %q; the faults are %v", o.Fault, allFaults())
	}
	if o.Operation != "" && !slices.Contains(operations, o.Operation) {
		return fmt.Errorf("there is no operation %q; the operations are %v", o.Operation, operations)
	}
	if (o.Fault == FieldEdited) != (o.Field != "" && slices.Contains(FieldEdits(), o.Edit)) {
		return fmt.Errorf("the fault %q goes with a field and an edit, one of %v", FieldEdited, FieldEdits())
	}
	if o.Count <= 0 {
		o.Count = 1
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = append(f.waiting, &o)
	return nil
}

// occasion is where a fault may strike.
type occasion struct{ institution, out, operation string }

// strike uses up one of the wanted faults that waits for this occasion, and returns it.
func (f *faults) strike(at occasion, wanted ...Fault) (Script, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, o := range f.waiting {
		if !slices.Contains(wanted, o.Fault) || !o.waitsFor(at) {
			continue
		}
		if o.Count--; o.Count == 0 {
			f.waiting = slices.Delete(f.waiting, i, i+1)
		}
		return *o, true
	}
	return Script{}, false
}

func (f *faults) list() []Script {
	f.mu.Lock()
	defer f.mu.Unlock()
	scripts := make([]Script, 0, len(f.waiting))
	for _, o := range f.waiting {
		scripts = append(scripts, *o)
	}
	return scripts
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = nil
}

// waitsFor tells whether the script may strike on an occasion. Lost without an operation means a notification and no
// terminal.
func (o Script) waitsFor(at occasion) bool {
	operation := at.operation
	if operation == "refund_pay" && o.Fault != FieldEdited {
		// a refund's answer and its notification are one to any other fault
		operation = "refund"
	}
	return (o.Institution == "" || o.Institution == at.institution) && (o.OutTradeNo == "" || o.OutTradeNo == at.out) &&
		(o.Operation == operation || o.Operation == "" && (o.Fault != Lost || at.operation != "card"))
}

func (o Script) delay() time.Duration { return time.Duration(o.DelayMS) * time.Millisecond }
