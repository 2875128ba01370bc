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

// Refunder is implemented by gateways whose institution gives money back on request (退款).
type Refunder interface {
	// Refund asks to give money back. Asked twice under the same OutRefundNo it must lead to one refund at most, so it may be
	// repeated after any failure. Refused, with a verified signature, means that nothing was given back.
	Refund(ctx context.Context, account Account, request RefundRequest) (RefundReport, error)
	// QueryRefund asks what became of a refund. That the institution knows nothing of it is a GatewayError of kind Absent.
	QueryRefund(ctx context.Context, account Account, request RefundRequest) (RefundReport, error)
}

// CodePayer is implemented by gateways whose institution takes a payment code that the payer shows (付款码).
type CodePayer interface {
	// PayCode charges the wallet behind charge.AuthCode. A report of TradeUnpaid means that the payer is being asked for a password: query until it
	// is paid, or reverse. Refused, with a verified signature, means that nothing was charged and nothing will be.
	PayCode(ctx context.Context, account Account, charge Charge) (Report, error)
	// Reverse undoes a charge by payment code (撤销): an unpaid one cannot be paid any more, a paid one is given back whole. nil means that the
	// institution confirmed it with a valid signature; a charge that it knows nothing of is a GatewayError of kind Absent or nil, as the institution
	// answers. It may be repeated.
	Reverse(ctx context.Context, account Account, outTradeNo string) error
}

// RefundRequest is what Refund asks for, and what QueryRefund asks about.
type RefundRequest struct {
	OutTradeNo    string
	TransactionID string    // the institution's number of the payment; preferred where the institution takes either
	OutRefundNo   string    // ours: at most 32 characters of [0-9A-Za-z]
	Amount        money.Fen // to give back
	Total         money.Fen // what the payment was
	Reason        string    // shown to the payer; at most 80 bytes
	NotifyURL     string    // absolute, without a query
}

// RefundState is what an institution says of a refund, in our few words.
type RefundState string

// The states of a refund at an institution.
const (
	RefundProcessing RefundState = "processing" // 退款处理中: not final
	RefundDone       RefundState = "done"       // 退款成功: the money went back
	RefundShut       RefundState = "shut"       // 退款关闭: nothing went back and nothing will
	RefundStuck      RefundState = "stuck"      // 退款异常: the payer's card or account does not take it; a person must act
	RefundNone       RefundState = "none"       // refused or unknown to it: nothing went back under this number. No report says so; errors do.
)

// RefundReport is what an institution says of a refund, with a verified signature.
type RefundReport struct {
	OutTradeNo  string
	OutRefundNo string
	RefundID    string // the institution's 退款单号, where it has one
	State       RefundState
	Amount      money.Fen // given back, or to be
	DoneAt      time.Time // RefundDone only; zero where the institution does not tell
	Raw         string    // the institution's own word for the state
}

// Charge is what Open asks for.
type Charge struct {
	OutTradeNo string
	Method     Method
	Amount     money.Fen
	Title      string    // shown to the payer; at most 40 characters
	PayerID    string    // openid, for JSAPI
	AuthCode   string    // the payer's payment code, for PayCode: a secret of one minute, never stored or logged
	Device     string    // the desk's id, for PayCode
	ClientIP   string    // for H5 and PayCode
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
	NotifyTrade  NotificationKind = "trade"  // a trade changed: Report says how
	NotifyRefund NotificationKind = "refund" // a refund changed: Refund says how
	NotifyOther  NotificationKind = "other"  // verified, but of no consequence to an order (a self-test)
)

// Notification is a verified, translated message.
type Notification struct {
	ID     string // the institution's id, constant across its retries
	Kind   NotificationKind
	Event  string       // the institution's own word
	Report Report       // NotifyTrade
	Refund RefundReport // NotifyRefund; its State and Amount are hints, a query decides
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
	Why     Why    // Refused only: what the payer or the cashier can do about it; "" is anything else
	Code    string // the institution's own code
	Message string // the institution's own text
	Cause   error
}

// Why sorts refusals into those that a person at the desk can act on.
type Why string

// The reasons of a refusal.
const (
	CodeInvalid     Why = "code_invalid"     // not a payment code, or not of this wallet
	CodeExpired     Why = "code_expired"     // older than a minute: the payer shows a fresh one
	CodeUsed        Why = "code_used"        // it has paid for something already
	BalanceLow      Why = "balance_low"      // the payer lacks money: another card or wallet
	LimitReached    Why = "limit_reached"    // the payer's or the merchant's limit
	PayerRefused    Why = "payer_refused"    // the payer's wallet or account does not allow it
	MerchantBalance Why = "merchant_balance" // a refund: the merchant's account lacks money
)

// Error is the text for the log.
func (e *GatewayError) Error() string {
	return fmt.Sprintf("%s (signed %t): %s %s: %v", e.Kind, e.Signed, e.Code, e.Message, e.Cause)
}

// Unwrap returns the cause.
func (e *GatewayError) Unwrap() error { return e.Cause }
