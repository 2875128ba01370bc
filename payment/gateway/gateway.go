// Package gateway is what an institution must offer: Gateway, and beside it what only some offer (Refunder, CodePayer,
// CardTaker and others). Its words are here too: the ways to pay, a merchant account with its settings, what is asked
// and what is answered; and what the gateways below, one an institution, share on their way there. It knows no orders.
package gateway

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"linlipay/money"
	"linlipay/payment/card"
)

// Gateway translates between an order and one institution's wire protocol. It keeps no state of orders. Every method
// returns *Error when the institution did not do what was asked, and respects the context's deadline.
type Gateway interface {
	// Institution is the one this gateway speaks to.
	Institution() Institution
	// Offers lists the ways to pay that the institution takes money by, for an account with these settings.
	Offers(account Account) []PaymentMethod
	// Open asks the institution to take money for a charge. Asked twice for the same charge it must lead to one payment
	// at most.
	Open(ctx context.Context, account Account, charge Charge) (Prepared, error)
	// Query asks what became of a charge. That the institution knows nothing of it is an Error of kind NotFound.
	Query(ctx context.Context, account Account, trade Trade) (Report, error)
	// Close asks the institution to take no more money for it. nil means that the institution confirmed, with a valid
	// signature, that it is closed. NotFound and Paid are the kinds a caller must expect.
	Close(ctx context.Context, account Account, trade Trade) error
	// Verify verifies a notification on its raw bytes (signature, time window, merchant) and translates it. now is for
	// the window.
	Verify(ctx context.Context, account Account, message RawNotification, now time.Time) (Notification, error)
	// Acknowledge is what the institution expects to read: success for nil, else an error that makes it try again.
	Acknowledge(err error) Acknowledgement
	// Check says whether the account's settings are complete and well-formed, without asking the institution.
	Check(account Account) error
}

// PayerFinder is implemented by gateways whose institution must tell who the payer is before a charge can be opened
// (OAuth in the WeChat app).
type PayerFinder interface {
	// AuthorizeURL is where the payer's browser goes; it comes back to redirect with a code and the state.
	AuthorizeURL(account Account, redirect, state string) (string, error)
	// Payer exchanges the code for the payer's id at the institution (openid).
	Payer(ctx context.Context, account Account, code string) (string, error)
}

// Refunder is implemented by gateways whose institution gives money back on request (退款).
type Refunder interface {
	// Refund asks to give money back. Asked twice under the same OutRefundNo it must lead to one refund at most, so it
	// may be repeated after any failure. Declined, with a verified signature, means that nothing was given back.
	Refund(ctx context.Context, account Account, request RefundRequest) (RefundReport, error)
	// QueryRefund asks what became of a refund. That the institution knows nothing of it is an Error of kind
	// NotFound.
	QueryRefund(ctx context.Context, account Account, request RefundRequest) (RefundReport, error)
}

// CodePayer is implemented by gateways whose institution takes a payment code that the payer shows (付款码).
type CodePayer interface {
	// PayCode charges the wallet behind charge.AuthCode. A report of TradeUnpaid means that the payer is being asked
	// for a password: query until it is paid, or reverse. Declined, with a verified signature, means that nothing was
	// charged and nothing will be. Beside an error the report holds at most UpstreamNo, which the answer to the charge
	// told before the question that failed.
	PayCode(ctx context.Context, account Account, charge Charge) (Report, error)
	// Reverse undoes a charge by payment code (撤销): an unpaid one cannot be paid any more, a paid one is given back
	// whole. nil means that the institution confirmed it with a valid signature; a charge that it knows nothing of is
	// an Error of kind NotFound or nil, as the institution answers. It may be repeated.
	Reverse(ctx context.Context, account Account, trade Trade) error
}

// CardTaker is implemented by gateways whose institution takes bank cards (刷卡) by its own application on a terminal.
// Open with the method CardPresent then returns Prepared.Device. What the device says of its own is never money: the
// institution confirms it.
type CardTaker interface {
	// ConfirmsCards says how the institution confirms what a device reports.
	ConfirmsCards() Confirmation
	// ReadResult translates what the acquirer's application handed back to the terminal after a call of Open's or
	// VoidCall's. Fields that do not belong to the trade (another number, another amount) or that cannot be read are an
	// Error of kind Unauthentic.
	ReadResult(account Account, trade Trade, fields map[string]string) (DeviceResult, error)
	// VoidCall is what the terminal hands to the application in order to undo a payment of the batch that is still open
	// (撤销).
	VoidCall(account Account, trade Trade) (DeviceCall, error)
}

// CardLister is implemented by gateways whose institution publishes a statement of card payments.
type CardLister interface {
	// CardTrades lists the card payments and voids of a business day in Asia/Shanghai. A day whose statement is not
	// published yet is an Error of kind TryLater; a day without trades is empty. OutTradeNo is empty where the
	// statement does not carry it: then Card tells which payment it is.
	CardTrades(ctx context.Context, account Account, day time.Time) ([]Report, error)
}

// Confirmation is how an institution confirms a card payment that a device reports.
type Confirmation string

// The confirmations.
const (
	ByQuery     Confirmation = "query"     // it sends a notification and answers a query
	ByStatement Confirmation = "statement" // nothing but its statement of the day tells
)

// DeviceCall is what a terminal hands to the acquirer's application on the device. On Android it is an explicit intent;
// Extras are its string extras.
type DeviceCall struct {
	Package  string            `json:"package,omitempty"`
	Activity string            `json:"activity,omitempty"`
	Extras   map[string]string `json:"extras"`
}

// DeviceResult is what a device says of a card payment or of a void, translated.
type DeviceResult struct {
	Done    bool      // the application says that the card was charged, or that the void was done
	Amount  money.Fen // what it says was charged or undone
	Card    card.Card
	At      time.Time // the device's time; zero when it tells none
	Message string    // the application's own code and text
}

// Trade is a charge as later questions name it.
type Trade struct {
	OutTradeNo    string
	Wallet        Wallet
	Method        Method
	Amount        money.Fen // asked of the payer
	UpstreamNo    string    // of Prepared or Report, where the answer to the charge told one
	TransactionID string    // the institution's number of the payment, once there is one
	StatementNo   string    // Report.StatementNo, once there is one
	Card          card.Card // CardPresent: what the device or the institution told
	CreatedAt     time.Time
	PaidAt        time.Time // zero before it is paid
}

// CloseReverser is implemented by gateways whose institution has one request for both: to close an unpaid charge and to
// give a paid one back (撤销). Every close of theirs is treated as a reversal, so that money which arrives meanwhile is
// not booked before it is known whether the close gave it back.
type CloseReverser interface {
	CodePayer
	// CloseReverses marks the gateway; it does nothing.
	CloseReverses()
}

// RefundRequest is what Refund asks for, and what QueryRefund asks about.
type RefundRequest struct {
	Trade       Trade     // the payment; TransactionID is preferred where the institution takes either number
	OutRefundNo string    // ours: at most 32 characters of [0-9A-Za-z]
	Amount      money.Fen // to give back
	Total       money.Fen // what the payment was
	Reason      string    // shown to the payer; at most 80 bytes
	NotifyURL   string    // absolute, without a query
	RequestedAt time.Time // when it was decided, for institutions that want a date of their own
	// a card payment that was undone on its terminal (撤销): only QueryRefund is asked, whether the institution knows of
	// it
	Void bool
	// OutRefundNo is not ours but the number of a refund made at the institution: only QueryRefund is asked; Amount is
	// 0
	Foreign bool
}

// RefundState is what an institution says of a refund, in our few words.
type RefundState string

// The states of a refund at an institution.
const (
	RefundProcessing RefundState = "processing" // 退款处理中: not final
	RefundDone       RefundState = "succeeded"  // 退款成功: the money went back
	RefundClosed     RefundState = "closed"     // 退款关闭: nothing went back and nothing will
	RefundAbnormal   RefundState = "abnormal"   // 退款异常: the payer's card or account does not take it; a person must act
	// refused or unknown to it: nothing went back under this number. No report says so; errors do.
	RefundNotFound RefundState = "not_found"
)

// RefundReport is what an institution says of a refund, with a verified signature. It may be one that we never asked
// for: made on the institution's own page, under a number that is not ours.
type RefundReport struct {
	OutTradeNo  string // of the payment; "" where the institution does not tell
	OutRefundNo string // the refund's number, ours or the institution's
	RefundID    string // the institution's 退款单号, where it has one
	State       RefundState
	Amount      money.Fen // given back, or to be
	// all that has gone back of the payment so far, by whomever it was asked for, in fen; 0 is not told
	Total  money.Fen
	DoneAt time.Time // RefundDone only; zero where the institution does not tell
	Raw    string    // the institution's own word for the state
}

// Charge is what Open asks for.
type Charge struct {
	OutTradeNo string
	Wallet     Wallet
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
	CodeURL string `json:"code_url,omitempty"` // native: the text of the institution's QR
	// jsapi: the signed parameters for getBrandWCPayRequest
	JSAPI       map[string]string `json:"jsapi,omitempty"`
	RedirectURL string            `json:"redirect_url,omitempty"` // h5, wap: where the browser goes
	// swipe: what the terminal hands to the acquirer's application
	Device     *DeviceCall `json:"device,omitempty"`
	UpstreamNo string      `json:"-"` // the institution's number of the order, where later questions need it
}

// IsZero reports whether nothing is prepared.
func (p Prepared) IsZero() bool {
	return p.CodeURL == "" && p.JSAPI == nil && p.RedirectURL == "" && p.Device == nil && p.UpstreamNo == ""
}

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
	Wallet        Wallet    // with what it was paid, where the institution tells; "" is as asked
	Method        Method    // how, where the institution tells and a later question needs it; "" is as asked
	StatementNo   string    // the number that its statements know it by, where that is another one (对账单流水号)
	UpstreamNo    string    // the institution's number of the order, where later questions need it
	Card          card.Card // of a card payment, as far as it tells
	Raw           string    // the institution's own word for the state, for the timeline

	Returned       Returned  // what it says of money that went back: see there
	ReturnedAmount money.Fen // ReturnedSome: all that has gone back so far, in fen; 0 is not told

	Provisional bool // nobody but the device says so: no gateway sets it
}

// Returned is what an institution says, beside the payment, of money that went back for it, whoever asked for that: our
// own refunds, a person on the institution's web page, or a reversal (撤销). A report that says so is TradePaid, since
// the money came first; one of a charge of which surely nothing was ever kept is TradeClosed instead. Where the
// institution has one word for "given back" and "reversed", the gateway reports ReturnedAll, and what we asked for
// ourselves tells them apart.
type Returned string

// What an institution says of money that went back.
const (
	ReturnedNothing Returned = "" // it says nothing of the kind; where it never tells, that proves nothing
	// a part of the payment, or perhaps all of it; Report.ReturnedAmount says how much, where it is told
	ReturnedSome Returned = "some"
	ReturnedAll  Returned = "all" // all of it
)

// Told is the transaction and the institution's own word for it, for the timeline.
func (r Report) Told() string { return strings.TrimSpace(r.TransactionID + " " + r.Raw) }

// Number is the statement's number of a line, else the institution's of the payment.
func (r Report) Number() string { return cmp.Or(r.StatementNo, r.TransactionID) }

// Trade names what a report is about, for a question about a number of which nothing else is known.
func (r Report) Trade() Trade {
	return Trade{OutTradeNo: r.OutTradeNo, Wallet: r.Wallet, Method: r.Method, TransactionID: r.TransactionID}
}

// RawNotification is a raw notification. Nothing in it aliases a server's buffers.
type RawNotification struct {
	Header http.Header
	Body   []byte
}

// Event kinds of notifications.
type NotificationKind string

// The kinds.
const (
	NotifyTrade  NotificationKind = "trade"  // a trade changed: Report says how
	NotifyRefund NotificationKind = "refund" // a refund changed, ours or one made at the institution: Refund says how
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

// Acknowledgement is an HTTP response to a notification.
type Acknowledgement struct {
	Status      int
	ContentType string
	Body        []byte
}

// WentBack reports whether all of a payment went back.
func (r Report) WentBack() bool {
	return r.Returned == ReturnedAll || r.Returned == ReturnedSome && r.ReturnedAmount >= r.Amount && r.Amount > 0
}
