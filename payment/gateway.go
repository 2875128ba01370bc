package payment

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"linlipay/money"
)

// Gateway translates between an order and one institution's wire protocol. It keeps no state of orders. Every method returns
// *GatewayError when the institution did not do what was asked, and respects the context's deadline.
type Gateway interface {
	// Institution is the one this gateway speaks to.
	Institution() Institution
	// Open asks the institution to take money for a charge. Asked twice for the same charge it must lead to one payment at most.
	Open(ctx context.Context, account Account, charge Charge) (Prepared, error)
	// Query asks what became of an out-trade number. That the institution knows nothing of it is a GatewayError of kind Absent.
	Query(ctx context.Context, account Account, outTradeNo string) (Report, error)
	// Close asks the institution to take no more money for it. nil means that the institution confirmed, with a valid signature,
	// that it is closed. Absent and Paid are the kinds a caller must expect.
	Close(ctx context.Context, account Account, outTradeNo string) error
	// Parse verifies a notification on its raw bytes (signature, time window, merchant) and translates it. now is for the window.
	Parse(ctx context.Context, account Account, message Message, now time.Time) (Notification, error)
	// Answer is what the institution expects to read: success for nil, else an error that makes it try again.
	Answer(err error) Answer
	// Check says whether the account's settings are complete and well-formed, without asking the institution.
	Check(account Account) error
}

// PayerFinder is implemented by gateways whose institution must tell who the payer is before a charge can be opened (OAuth in
// the WeChat app).
type PayerFinder interface {
	// AuthorizeURL is where the payer's browser goes; it comes back to redirect with a code and the state.
	AuthorizeURL(account Account, redirect, state string) (string, error)
	// Payer exchanges the code for the payer's id at the institution (openid).
	Payer(ctx context.Context, account Account, code string) (string, error)
}

// Charge is what Open asks for.
type Charge struct {
	OutTradeNo string
	Method     Method
	Amount     money.Fen
	Title      string    // shown to the payer; at most 40 characters
	PayerID    string    // openid, for JSAPI
	ClientIP   string    // for H5
	NotifyURL  string    // absolute, without a query
	ReturnURL  string    // absolute; where a browser goes after H5 or wap
	CreatedAt  time.Time // the attempt's
	ExpiresAt  time.Time // after this no money may be taken
}

// Prepared is what the payer needs in order to pay; which field is set follows from the method.
type Prepared struct {
	CodeURL     string            `json:"code_url,omitempty"`     // native: the text of the institution's QR
	JSAPI       map[string]string `json:"jsapi,omitempty"`        // jsapi: the signed parameters for getBrandWCPayRequest
	RedirectURL string            `json:"redirect_url,omitempty"` // h5, wap: where the browser goes
}

// IsZero reports whether nothing is prepared.
func (p Prepared) IsZero() bool { return p.CodeURL == "" && p.JSAPI == nil && p.RedirectURL == "" }

// TradeState is what an institution says of a trade, in our few words.
type TradeState string

// The trade states.
const (
	TradeUnpaid TradeState = "unpaid" // can still be paid
	TradePaid   TradeState = "paid"   // the money arrived (it may have gone back since)
	TradeClosed TradeState = "closed" // cannot be paid any more
	TradeFailed TradeState = "failed" // the payment failed (PAYERROR); the same number cannot be paid
)

// Report is what an institution says of a trade, with a verified signature.
type Report struct {
	OutTradeNo    string
	State         TradeState
	TransactionID string
	Amount        money.Fen // what was ordered, in fen; compared with the attempt's
	Currency      string    // "CNY"
	Merchant      string    // mchid, or seller_id where the institution sends it
	App           string    // appid, or app_id where the institution sends it
	PayerID       string
	PaidAt        time.Time
	Raw           string // the institution's own word for the state, for the timeline
}

// Message is a raw notification. Nothing in it aliases a server's buffers.
type Message struct {
	Header http.Header
	Body   []byte
}

// Event kinds of notifications.
type NotificationKind string

// The kinds.
const (
	NotifyTrade NotificationKind = "trade" // a trade changed: Report says how
	NotifyOther NotificationKind = "other" // verified, but of no consequence to an order (a refund's, a self-test)
)

// Notification is a verified, translated message.
type Notification struct {
	ID     string // the institution's id, constant across its retries
	Kind   NotificationKind
	Event  string // the institution's own word
	Report Report
}

// Answer is an HTTP response to a notification.
type Answer struct {
	Status      int
	ContentType string
	Body        []byte
}

// GatewayKind sorts institutions' failures into the few that matter.
type GatewayKind string

// The kinds of failure.
const (
	Refused               GatewayKind = "refused" // said no for good; nothing was charged
	AlreadyPaidUpstream   GatewayKind = "paid"    // the trade is paid already: query it
	AlreadyClosedUpstream GatewayKind = "closed"  // the trade is closed already
	Absent                GatewayKind = "absent"  // knows nothing of the trade
	Busy                  GatewayKind = "busy"    // asks to come back later; the effect is unknown
	Unknown               GatewayKind = "unknown" // no answer, garbage, or a signature that does not verify; the effect is unknown
	Forged                GatewayKind = "forged"  // a notification that is not from the institution, or not for this merchant, or too old
)

// GatewayError is how an institution failed.
type GatewayError struct {
	Kind    GatewayKind
	Signed  bool   // the institution's signature on the answer verified; an unsigned answer proves nothing
	Code    string // the institution's own code
	Message string // the institution's own text
	Cause   error
}

// Error is the text for the log.
func (e *GatewayError) Error() string {
	return fmt.Sprintf("%s (signed %t): %s %s: %v", e.Kind, e.Signed, e.Code, e.Message, e.Cause)
}

// Unwrap returns the cause.
func (e *GatewayError) Unwrap() error { return e.Cause }
