package payment

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"linlipay/audit"
	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/store"
	"linlipay/webhook"
)

// Status is the state of an order. docs/state-machine.md draws which follows which.
type Status string

// The statuses of an order.
const (
	Pending Status = "pending" // 待支付: can be paid; moved on by a payment, a cancel or its deadline
	Closing Status = "closing" // 关闭中: no new attempt; the institutions are being asked to close; closed or paid follows
	Paid    Status = "paid"    // 已支付: settled by exactly one attempt; final here
	Closed  Status = "closed"  // 已关闭: not paid; only money that arrives late can still make it Paid
)

// Statuses lists all statuses of an order.
func Statuses() []Status { return []Status{Pending, Closing, Paid, Closed} }

// Transitions is the one table of allowed changes of an order's status; docs/state-machine.md draws the same.
func Transitions() map[Status][]Status {
	return map[Status][]Status{
		Pending: {Closing, Paid},
		Closing: {Closed, Paid},
		Closed:  {Paid},
		Paid:    {},
	}
}

// CanBecome reports whether the table allows the change.
func (s Status) CanBecome(to Status) bool { return slices.Contains(Transitions()[s], to) }

// CloseReason says why an order was closed.
type CloseReason string

// The reasons.
const (
	ByDeadline     CloseReason = "expired"       // nobody paid in time
	ByCancel       CloseReason = "cancelled"     // a person cancelled it
	ByTakeOver     CloseReason = "superseded"    // another order for the same bills took its place
	ByItemsGone    CloseReason = "items_settled" // what it was to pay for was paid elsewhere before it could be paid
	ByItemsChanged CloseReason = "items_changed" // less is owed of what it was to pay for, since that was corrected
	ByUnmatched    CloseReason = "unmatched"     // it was never open: it holds money that came under an unknown number
)

// Item is one thing an order pays for.
type Item struct {
	Ref    string    `json:"ref"`   // opaque to this package; one open order at a time may hold it, or a part of it
	Title  string    `json:"title"` // for the payer, such as "物业费 2026年11月"
	Amount money.Fen `json:"amount"`

	Part int       `json:"part,omitempty"` // which part it is, where Ref is paid in several; the first is 0
	Of   money.Fen `json:"of,omitempty"`   // what Ref comes to, in fen, where the item pays less than that

	// it pays ahead (预存): what is to go back of it is set aside by whoever keeps it before a refund goes anywhere
	PaysAhead bool `json:"pays_ahead,omitempty"`

	// something else had settled it: its money is unapplied, and the order does not hold it
	Unsettled bool `json:"unsettled,omitempty"`
}

// Payer is who owes; opaque to this package but for search.
type Payer struct {
	Unit  string `json:"unit"`  // unit id
	Label string `json:"label"` // for people, such as "3栋 2单元 1201"
	Name  string `json:"name"`
	Phone string `json:"phone"`

	Tenure int `json:"tenure,omitempty"` // whose of the unit's owners, counted by who keeps the units
}

// Order is the unified order (统一订单): the one document that decides whether something is paid.
type Order struct {
	ID      string `json:"id"` // order number 订单号: yyyyMMddHHmmss in Asia/Shanghai and 10 digits
	Version int64  `json:"-"`

	Company   string `json:"company"`
	Community string `json:"community"`
	// the legal entity whose money it is, from the day on which it is made; "" is the company's first
	Entity string `json:"entity,omitempty"`
	Payer  Payer  `json:"payer"`
	Origin Origin `json:"origin"`

	Items  []Item    `json:"items"`
	Amount money.Fen `json:"amount"` // sum of Items
	Title  string    `json:"title"`

	Status          Status           `json:"status"`
	CloseReason     CloseReason      `json:"close_reason,omitempty"`
	Attempts        []Attempt        `json:"attempts,omitempty"`
	PaidBy          int              `json:"paid_by,omitempty"` // No of the attempt whose money this order keeps
	Refunds         []Refund         `json:"refunds,omitempty"`
	Unapplied       []UnappliedFunds `json:"exceptions,omitempty"`
	RejectedReports []RejectedReport `json:"untaken,omitempty"`    // results of terminals that could not be taken
	Outbox          []OutboxEntry    `json:"effects,omitempty"`    // owed, not yet carried out
	OwesAudit       audit.Owed       `json:"owes_audit,omitempty"` // what people decided, not yet in the audit log
	OwesEvents      webhook.Owed     `json:"owes_events,omitzero"` // what others hear of, not yet published
	Timeline        []Event          `json:"timeline"`
	Prints          []ReceiptPrint   `json:"prints,omitempty"` // of its receipts, on paper

	Token          string            `json:"token"`              // unguessable; the QR's address carries it
	IdempotencyKey string            `json:"key,omitempty"`      // scope and key of the request that made it
	KeyHash        string            `json:"key_hash,omitempty"` // hash of that request
	Answered       []AnsweredRequest `json:"answered,omitempty"` // decisions over its money, by key

	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"` // when anything last became of it; what is owed of it may go out later
	ExpiresAt time.Time `json:"expires_at"`
	PaidAt    time.Time `json:"paid_at,omitzero"` // the institution's time
	ClosedAt  time.Time `json:"closed_at,omitzero"`
	DueAt     time.Time `json:"due_at,omitzero"` // when Advance must look again; zero is never
}

// copy returns an order that moves can change without changing o. What a pointer or a map leads to is never changed,
// only replaced, and so is a line of the timeline or an item of a refund.
func (o *Order) copy() *Order {
	c := *o
	c.Items, c.Attempts, c.Outbox = slices.Clone(o.Items), slices.Clone(o.Attempts), slices.Clone(o.Outbox)
	c.Refunds, c.Unapplied, c.RejectedReports = slices.Clone(o.Refunds), slices.Clone(o.Unapplied),
		slices.Clone(o.RejectedReports)
	c.Timeline, c.OwesAudit = slices.Clip(o.Timeline), slices.Clone(o.OwesAudit)
	c.Prints = slices.Clone(o.Prints)
	c.OwesEvents.Events, c.Answered = slices.Clone(o.OwesEvents.Events), slices.Clone(o.Answered)
	return &c
}

// Event is one line of an order's timeline.
type Event struct {
	At      time.Time `json:"at"`
	What    EventKind `json:"kind"`
	Attempt int       `json:"attempt,omitempty"`
	By      string    `json:"by,omitempty"`   // who, such as "staff:…"; "" is the system
	Note    string    `json:"note,omitempty"` // institution's code or reason; safe to show to staff
}

// EventKind names what happened.
type EventKind string

// The events of a timeline.
const (
	Created         EventKind = "created"          // the order was made
	AttemptCreating EventKind = "attempt_creating" // an institution is about to be asked
	AttemptOpened   EventKind = "attempt_opened"   // the payer can pay at the institution
	AttemptRefused  EventKind = "attempt_refused"  // the institution said no
	AttemptUnknown  EventKind = "attempt_unknown"  // the institution's answer did not come or cannot be trusted
	AttemptClosed   EventKind = "attempt_closed"   // the institution will not take money for it any more
	AttemptLeft     EventKind = "attempt_expiring" // nothing is known of it there; watched until it cannot be paid
	// an attempt succeeded; Note is the transaction and the institution's own word
	MoneyArrived EventKind = "money_arrived"
	// the institution says that an attempt whose money is booked was paid again; Note is how much, and as above
	MoneyRepeated   EventKind = "money_repeated"
	MoneyUnapplied  EventKind = "money_surplus"   // money that this order cannot keep; Note is why and how much
	MoneyMismatch   EventKind = "money_mismatch"  // the institution reports another amount or currency
	CloseAsked      EventKind = "close_requested" // note says why
	OrderClosed     EventKind = "closed"
	OrderPaid       EventKind = "paid"
	OutboxDelivered EventKind = "effect_done"
	OutboxFailed    EventKind = "effect_failed" // it will be tried again

	// a payment code was not paid in time: the institution is asked to reverse it
	CodeReversing EventKind = "code_reversing"

	// a terminal says that a card was charged; Note is the reference number
	CardReported    EventKind = "card_reported"
	CardDeclined    EventKind = "card_declined"   // a terminal says that it was not; Note is what the application said
	CardRejected    EventKind = "card_rejected"   // a terminal's word was not believed or came too late; Note is why
	CardConfirmed   EventKind = "card_confirmed"  // the statement agrees with what was booked on the terminal's word
	CardMismatched  EventKind = "card_mismatched" // the statement does not agree; Note is how
	CardVoided      EventKind = "card_voided"     // a terminal says that it undid a card payment (撤销)
	CardNotReceived EventKind = "card_denied"     // a person found that the money never came
	ResultEnded     EventKind = "result_ended"    // what became of a result that was refused is known; Note is what

	RefundAsked        EventKind = "refund_requested"
	RefundApproved     EventKind = "refund_approved"
	RefundDeclined     EventKind = "refund_rejected"
	RefundRetried      EventKind = "refund_retried"   // a person sent an abnormal refund on its way again
	RefundArrived      EventKind = "refund_succeeded" // the money went back
	RefundUnsuccessful EventKind = "refund_failed"    // nothing went back and nothing will
	RefundNeedsPerson  EventKind = "refund_abnormal"

	// money went back at the institution without us; Note is our number of that refund, and its
	ReturnBooked EventKind = "return_booked"
	// the institution says that some went back, and not how much; Note is its word
	ReturnUnknown EventKind = "return_amount_unknown"
	ReturnSeen    EventKind = "return_acknowledged" // a person has seen it

	// a person found that nothing but our own refunds went back; Note is how
	ReturnDismissed EventKind = "return_dismissed"
	ReturnReopened  EventKind = "return_reopened" // a person took that back; Note is why

	UnappliedClaimed EventKind = "exception_claimed"   // a person works on unapplied funds
	UnappliedKept    EventKind = "exception_prepaid"   // it becomes the unit's prepayment
	UnappliedEnded   EventKind = "exception_dismissed" // a person explained why it stays

	ReceiptPrinted EventKind = "receipt_printed" // on paper; Note is its number
)

// holds are the references that no other order may hold at the same time: a unique index on them is what makes one open
// order per bill, or per part of it, one checkout per terminal, and each bill paid at most once. A paid order keeps its
// items until money goes back for them. That parts together are no more than the whole is their owner's to see to: see
// NewOrder.StillOwed.
func (o *Order) holds() []any {
	var held []any
	if o.Status != Closed {
		for _, it := range o.Items {
			if !it.Unsettled && !o.reopened(it.Ref) {
				held = append(held, holdOf(it.Ref, it.Part))
			}
		}
	}
	if o.Status == Pending && o.Origin.Terminal != "" {
		held = append(held, "terminal:"+o.Origin.Terminal)
	}
	return held
}

// holdOf is the hold on a part of an item.
func holdOf(ref string, part int) string {
	if part == 0 {
		return "item:" + ref
	}
	return fmt.Sprintf("item:%s#%d", ref, part)
}

// Attempt returns the attempt with the number, or nil.
func (o *Order) Attempt(no int) *Attempt {
	for i := range o.Attempts {
		if o.Attempts[i].No == no {
			return &o.Attempts[i]
		}
	}
	return nil
}

// note adds a line to the timeline.
func (o *Order) note(at time.Time, what EventKind, attempt int, by, note string) {
	o.Timeline = append(o.Timeline, Event{At: at, What: what, Attempt: attempt, By: by, Note: note})
}

// noteOnce adds a line to the timeline unless it stands there already, and reports whether it did.
func (o *Order) noteOnce(at time.Time, what EventKind, attempt int, by, note string) bool {
	again := slices.ContainsFunc(o.Timeline, func(e Event) bool {
		return e.What == what && e.Attempt == attempt && e.By == by && e.Note == note
	})
	if !again {
		o.note(at, what, attempt, by, note)
	}
	return !again
}

// become changes the status if the table allows it.
func (o *Order) become(to Status) bool {
	if !o.Status.CanBecome(to) {
		return false
	}
	o.Status = to
	return true
}

// Index names of the orders collection, for queries.
const (
	byHold      = "by_hold"
	byKey       = "by_key"
	byToken     = "by_token"
	byDue       = "by_due"
	bySearch    = "by_search"
	byCreated   = "by_created"
	byCommunity = "by_community"
	byUnit      = "by_unit"
	byTerminal  = "by_terminal"
	byWork      = "by_work"

	byUnrecorded = "by_unrecorded"
)

// orders keeps orders. It is sharded by community: a unit, its orders and its terminals live together, so that the
// unique index on holds is enforced within one shard.
var orders = store.Kind[Order]{
	Schema: webhook.Declare(audit.Declare(store.Schema{
		Name: "orders",
		Fields: []store.Field{
			{Name: "community", Type: store.String},
			{Name: "company", Type: store.String},
			{Name: "unit", Type: store.String},
			{Name: "terminal", Type: store.String},
			{Name: "status", Type: store.String},
			{Name: "hold", Type: store.String, Many: true},
			{Name: "key", Type: store.String},
			{Name: "token", Type: store.String},
			{Name: "search", Type: store.String, Many: true, Digest: true, Open: isNumber},
			{Name: "due", Type: store.Int},
			{Name: "created", Type: store.Int},
			{Name: "updated_at", Type: store.Int},
			{Name: "work", Type: store.String, Many: true},
			{Name: "unrecorded", Type: store.Int},
			{Name: "amount", Type: store.Int},
			{Name: "requested_at", Type: store.Int}, {Name: "refund_amount", Type: store.Int}, // of refunds
			{Name: "arrived_at", Type: store.Int}, {Name: "unapplied_amount", Type: store.Int}, // of unapplied funds
		},
		Indexes: []store.Index{
			{Name: byHold, Fields: []string{"community", "hold"}, Unique: true},
			{Name: byKey, Fields: []string{"community", "key"}, Unique: true},
			{Name: byToken, Fields: []string{"token"}},
			{Name: byDue, Fields: []string{"due", "company"}},
			{Name: bySearch, Fields: []string{"company", "search", "created"}},
			{Name: byCreated, Fields: []string{"company", "created"}},
			{Name: byCommunity, Fields: []string{"community", "created"}},
			{Name: byUnit, Fields: []string{"unit", "created"}},
			{Name: byTerminal, Fields: []string{"terminal", "created"}},
			{Name: byWork, Fields: []string{"company", "work", "created"}},
			{Name: byUnrecorded, Fields: []string{"company", "unrecorded"}},
			{Name: sorted(byCreated, "amount"), Fields: []string{"company", "amount"}},
			{Name: sorted(byCommunity, "amount"), Fields: []string{"community", "amount"}},
			{Name: sorted(byCreated, "updated_at"), Fields: []string{"company", "updated_at"}},
			{Name: sorted(byCommunity, "updated_at"), Fields: []string{"community", "updated_at"}},
			{Name: sorted(byUnit, "amount"), Fields: []string{"unit", "amount"}},
			{Name: sorted(byTerminal, "amount"), Fields: []string{"terminal", "amount"}},
			{Name: sorted(byWork, "requested_at"), Fields: []string{"company", "work", "requested_at"}},
			{Name: sorted(byWork, "refund_amount"), Fields: []string{"company", "work", "refund_amount"}},
			{Name: sorted(byWork, "arrived_at"), Fields: []string{"company", "work", "arrived_at"}},
			{Name: sorted(byWork, "unapplied_amount"), Fields: []string{"company", "work", "unapplied_amount"}},
		},
		Feed:  true,
		Shard: "community",
		Personal: []string{
			"payer.name", "payer.phone", "attempts.*.payer_id", "attempts.*.word.fields", "attempts.*.word.message",
			"attempts.*.failure", "attempts.*.returns.note", "refunds.*.reason", "refunds.*.note",
			"refunds.*.failure", "refunds.*.word.fields", "refunds.*.word.message", "exceptions.*.note",
			"untaken.*.word.fields", "untaken.*.word.message", "untaken.*.note", "timeline.*.note",
		},
	})),
	ID:      func(o *Order) string { return o.ID },
	Version: func(o *Order) *int64 { return &o.Version },
	Keys:    orderKeys,
	Copy:    (*Order).copy,
}

// isNumber reports whether a term is a number of an order, a payment or a refund: longer than any number of a person.
func isNumber(term string) bool {
	return len(term) >= gateway.OrderNumberLength && strings.Trim(term, "0123456789") == ""
}

func orderKeys(o *Order) store.Keys {
	keys := store.Keys{
		"community": {o.Community}, "company": {o.Company}, "unit": {o.Payer.Unit}, "status": {string(o.Status)},
		"hold": o.holds(), "token": {o.Token}, "search": o.searchTerms(),
		"work": o.queues(), "created": {o.CreatedAt.UnixMilli()}, "amount": {int64(o.Amount)},
		"updated_at": {o.UpdatedAt.UnixMilli()},
	}
	if o.Origin.Terminal != "" {
		keys["terminal"] = []any{o.Origin.Terminal}
	}
	if o.IdempotencyKey != "" {
		keys["key"] = []any{o.IdempotencyKey}
	}
	if !o.DueAt.IsZero() {
		keys["due"] = []any{o.DueAt.UnixMilli()}
	}
	if o.unrecorded() {
		keys["unrecorded"] = []any{o.CreatedAt.UnixMilli()}
	}
	o.asideKeys(keys)
	return o.OwesEvents.Key(o.OwesAudit.Key(keys))
}

// asideKeys are what the lists of refunds and of unapplied funds are sorted by: when the last one came, and what they
// come to.
func (o *Order) asideKeys(keys store.Keys) {
	if n := len(o.Refunds); n > 0 {
		var sum money.Fen
		for _, r := range o.Refunds {
			sum += r.Amount
		}
		keys["requested_at"] = []any{o.Refunds[n-1].RequestedAt.UnixMilli()}
		keys["refund_amount"] = []any{int64(sum)}
	}
	if n := len(o.Unapplied); n > 0 {
		var sum money.Fen
		for _, u := range o.Unapplied {
			sum += u.Amount
		}
		keys["arrived_at"] = []any{o.Unapplied[n-1].At.UnixMilli()}
		keys["unapplied_amount"] = []any{int64(sum)}
	}
}

// EntityID is the legal entity whose money the order's is. What was made before there were entities is the company's
// first, which has the company's id.
func (o *Order) EntityID() string { return cmp.Or(o.Entity, o.Company) }
