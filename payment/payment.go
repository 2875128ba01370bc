// Package payment is what a payment is: an Order with Attempts at institutions, and the Service that moves it. It knows
// no bills, no HTTP and no database product: an order's items are opaque references, an institution is a
// gateway.Gateway, and documents go through the store port.
//
// Start at Order (order.go) for the states, Service.Advance (advance.go) for how an order moves on by itself, and
// gateway.Gateway for what an institution must offer.
package payment

// OriginKind is the desk an order was made at.
type OriginKind string

// The desks.
const (
	Phone     OriginKind = "phone"     // the resident's own phone
	Terminal  OriginKind = "terminal"  // a POS terminal
	Counter   OriginKind = "counter"   // the cashier's console
	API       OriginKind = "api"       // a program of the company's own
	Unmatched OriginKind = "unmatched" // none of ours: money under an unknown number
)

// Origin tells where an order was made and by whom.
type Origin struct {
	Kind     OriginKind `json:"kind"`
	Terminal string     `json:"terminal,omitempty"` // terminal id
	Staff    string     `json:"staff,omitempty"`    // staff id
	Resident string     `json:"resident,omitempty"` // resident id
	Client   string     `json:"client,omitempty"`   // API client id
}
