package gateway

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"linlipay/fault"
)

// ErrorKind sorts institutions' failures into the few that matter.
type ErrorKind string

// The kinds of failure.
const (
	Declined              ErrorKind = "refused"   // said no for good; nothing was charged
	Unreachable           ErrorKind = "unreached" // no connection was made, so nothing was sent: it has no effect
	AlreadyPaidUpstream   ErrorKind = "paid"      // the trade is paid already: query it
	AlreadyClosedUpstream ErrorKind = "closed"    // the trade is closed already
	NotFound              ErrorKind = "absent"    // knows nothing of the trade
	TryLater              ErrorKind = "busy"      // asks to come back later; the effect is unknown
	// no answer, garbage, or a signature that does not verify; the effect is unknown
	Indeterminate ErrorKind = "unknown"
	// a notification that is not from the institution, or not for this merchant, or too old
	Unauthentic ErrorKind = "forged"
)

// Error is how an institution failed.
type Error struct {
	Kind ErrorKind
	// the institution's signature on the answer verified; an unsigned answer proves nothing. What was never sent
	// (NotSent) is as sure
	Signed  bool
	Reason  DeclineReason // Declined only: what the payer or the cashier can do about it; "" is anything else
	Code    string        // the institution's own code
	Message string        // the institution's own text
	Cause   error
}

// DeclineReason sorts refusals into those that a person at the desk can act on.
type DeclineReason string

// The reasons of a refusal.
const (
	CodeInvalid     DeclineReason = "code_invalid"     // not a payment code, or not of this wallet
	CodeExpired     DeclineReason = "code_expired"     // older than a minute: the payer shows a fresh one
	CodeUsed        DeclineReason = "code_used"        // it has paid for something already
	BalanceLow      DeclineReason = "balance_low"      // the payer lacks money: another card or wallet
	LimitReached    DeclineReason = "limit_reached"    // the payer's or the merchant's limit
	PayerDeclined   DeclineReason = "payer_refused"    // the payer's wallet or account does not allow it
	MerchantBalance DeclineReason = "merchant_balance" // a refund: the merchant's account lacks money
)

// Sentence says in Chinese and in English what happened and what to do, to whoever pays and to whoever takes the money.
// What the institution itself wrote is for support: it is codes, and often for the programmer. Pages have more words of
// their own (web/src/institution.ts).
func (w DeclineReason) Sentence() (zh, en string) {
	said, known := map[DeclineReason][2]string{
		CodeInvalid: {"付款码无效，请刷新付款码后重新扫描。", "The payment code is not valid: refresh it and scan it again."},
		CodeExpired: {"付款码已过期，请刷新付款码后重新扫描。", "The payment code has expired: refresh it and scan it again."},
		CodeUsed:    {"付款码已使用过，请刷新付款码后重新扫描。", "The payment code has been used: refresh it and scan it again."},
		BalanceLow: {"余额不足，没有扣款。请换一张卡或另一个钱包。", "The balance is too low and nothing was taken: use another card " +
			"or wallet."},
		LimitReached: {"超出支付限额，没有扣款。请换一张卡或另一个钱包。", "A limit is reached and nothing was taken: use another card " +
			"or wallet."},
		PayerDeclined: {"付款人的账户不允许此次支付，没有扣款。请换一种方式。", "The payer's account does not allow this and nothing was " +
			"taken: pay another way."},
		MerchantBalance: {"商户账户余额不足，没有退款。请充值后重试。", "The merchant account lacks money and nothing went back: top it " +
			"up and try again."},
	}[w]
	if !known {
		return "支付渠道没有受理，没有扣款。请重试或换一种支付方式。",
			"The institution did not take it and nothing was charged: try again or pay another way."
	}
	return said[0], said[1]
}

// Error is the text for the log.
func (e *Error) Error() string {
	return fmt.Sprintf("%s (signed %t): %s %s: %v", e.Kind, e.Signed, e.Code, e.Message, e.Cause)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// KindOf returns the kind of an institution's failure: "" for nil, Unknown for anything that is not a Error.
func KindOf(err error) ErrorKind {
	if err == nil {
		return ""
	}
	var g *Error
	if errors.As(err, &g) {
		return g.Kind
	}
	return Indeterminate
}

// UnknownThere reports whether an institution said, with its signature, that it knows nothing of what it was asked
// about.
func UnknownThere(err error) bool { return KindOf(err) == NotFound && Signed(err) }

// DeclinedThere reports whether an institution said no for good, with its signature.
func DeclinedThere(err error) bool { return KindOf(err) == Declined && Signed(err) }

// Unmapped finds the signed no of an institution whose code nobody has told the meaning of.
func Unmapped(err error) (no *Error, ok bool) {
	ok = errors.As(err, &no) && no.Kind == Indeterminate && no.Signed
	return no, ok
}

// Signed reports whether an institution's failure carried its verified signature.
func Signed(err error) bool {
	var g *Error
	return errors.As(err, &g) && g.Signed
}

// Conceal takes a payment code out of a failure: the institution, or whatever answered in its place, may have repeated
// what it was sent.
func Conceal(err error, code string) error {
	var failed *Error
	if code == "" || !errors.As(err, &failed) || !strings.Contains(failed.Error(), code) {
		return err
	}
	clean := *failed
	clean.Code, clean.Message = strings.ReplaceAll(failed.Code, code, "***"),
		strings.ReplaceAll(failed.Message, code, "***")
	if failed.Cause != nil && strings.Contains(failed.Cause.Error(), code) {
		clean.Cause = errors.New(strings.ReplaceAll(failed.Cause.Error(), code, "***"))
	}
	return &clean
}

// TryAgain is the UpstreamUnknown fault of what an institution has not confirmed yet; cause is for the log.
func TryAgain(cause error) error {
	return fault.New(fault.UpstreamUnknown, "支付渠道暂未确认，请稍后重试。",
		"The institution has not confirmed yet; please try again shortly.").
		Because(cause)
}

// NoAnswer is a call that got no answer: Unreachable where no connection was made, so that nothing was sent, else
// Indeterminate.
func NoAnswer(cause error) error {
	var op *net.OpError
	if errors.As(cause, &op) && op.Op == "dial" {
		return &Error{Kind: Unreachable, Cause: cause}
	}
	return AsIndeterminate(cause)
}

// AsIndeterminate is a failure that leaves open what came of a request: the answer cannot be believed, or not be read.
func AsIndeterminate(cause error) error { return &Error{Kind: Indeterminate, Cause: cause} }

// AsUnauthentic is the failure of a notification that is not the institution's, or not for this account.
func AsUnauthentic(cause error) error { return &Error{Kind: Unauthentic, Cause: cause} }

// NotSent is a refusal of our own, before anything was asked of the institution: surely nothing was charged, nor given
// back. message is for the person at the desk, in Chinese. It is an Error of kind Declined that counts as signed.
func NotSent(message string, cause error) error {
	return &Error{Kind: Declined, Signed: true, Message: message, Cause: cause}
}

// BadAccount is the NotSent of an account whose settings cannot be worked with. Its kind is Declined.
func BadAccount(cause error) error { return NotSent("商户号配置有误", cause) }

// NotOffered is the NotSent of a way to pay that an account does not have. Its kind is Declined.
func NotOffered(i Institution, way PaymentMethod) error {
	return NotSent("该商户号不支持此支付方式",
		fmt.Errorf("%s: %s by %s is not offered", i, way.Wallet, way.Method))
}

// AfterDecline is what a refund comes to that an institution declined, by what it then says of that refund: a repeat
// may be declined although the first request was taken. Only that it knows no such refund makes the refusal count.
// Where that is not known either it is Indeterminate.
func AfterDecline(declined error, found RefundReport, query error) (RefundReport, error) {
	switch {
	case query == nil:
		return found, nil
	case UnknownThere(query):
		return RefundReport{}, declined
	}
	return RefundReport{}, AsIndeterminate(fmt.Errorf(
		"payment: declined (%w), but whether an earlier request was taken is not known: %w", declined, query))
}

// RefusalStatus is the HTTP status that refuses a notification, so that it comes again: 401 for one that is not the
// institution's, 500 for one that could not be booked.
func RefusalStatus(err error) int {
	if KindOf(err) == Unauthentic {
		return http.StatusUnauthorized
	}
	return http.StatusInternalServerError
}
