// Package ledger is the ledger (流水账): a line for every fen that moved, in blocks that are only ever added. Each line's
// hash covers the one before it, so that a company's lines form one chain; a unique index on the lines' ids keeps each
// from being written twice. It stands below the orders whose lines it holds, and below the gateways: institutions and
// methods are text here, in package gateway's words.
package ledger

import (
	"cmp"
	"fmt"
	"time"

	"linlipay/chain"
	"linlipay/money"
	"linlipay/store"
)

// LineKind says which way the money moved.
type LineKind string

// The kinds of lines.
const (
	Charge LineKind = "taken"      // a payer's money arrived
	Refund LineKind = "given_back" // it went back
)

// Line is one movement of money. Its fields never change once it is written; they are hashed in this order.
type Line struct {
	// of the order and its attempt (our out-trade number) or its refund (out-refund number): written once
	ID         string    `json:"id"`
	Kind       LineKind  `json:"kind"`
	Amount     money.Fen `json:"amount"` // more than 0
	Order      string    `json:"order"`
	OutTradeNo string    `json:"out_trade_no"`
	// the institution's number of the payment or the refund; a device's, where it was booked on its word
	TransactionID string    `json:"transaction_id"`
	Institution   string    `json:"institution"` // cash also for what a person gave back by other means
	Method        string    `json:"method"`
	Account       string    `json:"account,omitempty"` // merchant account id
	Company       string    `json:"company"`
	Community     string    `json:"community,omitempty"`
	Entity        string    `json:"entity,omitempty"`  // the legal entity whose money it is; "" is the company's first
	Cashier       string    `json:"cashier,omitempty"` // who took or handed out, where a person did
	Shift         string    `json:"shift,omitempty"`   // the cashier's shift
	BusinessDay   string    `json:"business_day"`      // yyyy-MM-dd in Asia/Shanghai, of MovedAt
	MovedAt       time.Time `json:"moved_at"`          // the institution's time
	// its receipt's number: the series that the legal entity has settled, and 1, 2, … without a gap in the entity's
	// charges, and in its refunds; 0 is a line from before there were receipts
	Prefix  string `json:"prefix,omitempty"`
	Receipt int64  `json:"receipt,omitempty"`
	Hash    string `json:"hash"` // over the line before it and this one, in hex
}

// ReceiptNumber is the number on the payer's receipt, such as SH-00000012, or SH-T00000003 of a refund; "" where the
// line has none.
func (l Line) ReceiptNumber() string {
	if l.Receipt == 0 {
		return ""
	}
	number := fmt.Sprintf("%08d", l.Receipt)
	if l.Kind == Refund {
		number = "T" + number // 退
	}
	if l.Prefix != "" {
		number = l.Prefix + "-" + number
	}
	return number
}

// The methods of a chain's line.

// Series is what the line's receipt is numbered in: the charges of a legal entity, or its refunds.
func (l Line) Series() string { return cmp.Or(l.Entity, l.Company) + " " + string(l.Kind) }

// Number is the receipt's.
func (l Line) Number() int64 { return l.Receipt }

// Numbered is the line with the receipt's number.
func (l Line) Numbered(n int64) Line { l.Receipt = n; return l }

// LineID is the line's id.
func (l Line) LineID() string { return l.ID }

// Link is the line's hash.
func (l Line) Link() string { return l.Hash }

// Linked is the line with that hash.
func (l Line) Linked(hash string) Line { l.Hash = hash; return l }

// LineKeys are what lines are found by beside their ids.
func (l Line) LineKeys() store.Keys { return store.Keys{"order": {l.Order}} }

// BlockLines bounds the lines of one block. Ours: a block is one document, written at once.
const BlockLines = 200

// kind is how the ledger is kept.
var kind = chain.Kind[Line]{
	Name: "ledger", Most: BlockLines,
	Fields:  []store.Field{{Name: "order", Type: store.String, Many: true}},
	Indexes: []store.Index{{Name: "by_order", Fields: []string{"company", "order"}}},
}

// Ledger is the ledger of all companies: a chain of its own for each. Beside the faults that a method names it returns
// the store's (see package store).
type Ledger struct {
	chain.Chain[Line]
	takings takings
}

// Schema is the collection of the ledger.
func Schema() store.Schema { return kind.Schema() }

// New opens the ledger of a store on which Ensure was called with its schema. now is the time at which a block is
// written.
func New(st store.Store, now func() time.Time) *Ledger {
	return &Ledger{Chain: kind.In(st, now), takings: takings{of: map[string]*days{}}}
}
