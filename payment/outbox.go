package payment

import "slices"

// OutboxEntry is something the order still owes to the rest of the system. It is carried out at least once, so whoever
// carries it out makes it idempotent under Order.ID, Kind and No.
type OutboxEntry struct {
	Kind  OutboxKind `json:"kind"`
	No    int        `json:"no,omitempty"` // of the attempt, refund or unapplied funds it is about
	Tries int        `json:"tries,omitempty"`
}

// OutboxKind names an effect.
type OutboxKind string

// The effects. Those for the owner of the items are carried out one after the other; the ledger's are taken many orders
// at a time (Record).
const (
	SettleItems    OutboxKind = "settle_items"      // tell the owner of the items that the order has paid for them
	ReopenItems    OutboxKind = "reopen_items"      // tell it what a refund gave back
	WithholdItems  OutboxKind = "withhold_items"    // have it set aside what a refund is to give back
	ReleaseItems   OutboxKind = "release_items"     // tell it that a refund gives nothing back
	KeepPrepayment OutboxKind = "keep_prepayment"   // tell it that unapplied funds are the payer's prepayment
	PostCharge     OutboxKind = "record_taken"      // write the ledger's line of an attempt's money
	PostRefund     OutboxKind = "record_given_back" // write the ledger's line of a refund
)

// ledgers reports whether the effect is the ledger's.
func (k OutboxKind) ledgers() bool { return k == PostCharge || k == PostRefund }

// enqueue adds an effect.
func (o *Order) enqueue(kind OutboxKind, no int) {
	o.Outbox = append(o.Outbox, OutboxEntry{Kind: kind, No: no})
}

// enqueued reports whether an effect of the kind is still owed.
func (o *Order) enqueued(kind OutboxKind) bool {
	return slices.ContainsFunc(o.Outbox, func(e OutboxEntry) bool { return e.Kind == kind })
}

// unrecorded reports whether the order owes the ledger a line.
func (o *Order) unrecorded() bool {
	return slices.ContainsFunc(o.Outbox, func(e OutboxEntry) bool { return e.Kind.ledgers() })
}
