// Package ledger is the ledger (流水账): a line for every fen that moved, in blocks that are only ever added. Each line's
// hash covers the one before it, so that a company's lines form one chain; a unique index on the lines' ids keeps each
// from being written twice. It stands below the orders whose lines it holds, and below the gateways: institutions and
// methods are text here, in package gateway's words.
package ledger

import (
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
	Hash          string    `json:"hash"`              // over the line before it and this one, in hex
}

// The methods of a chain's line.

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
