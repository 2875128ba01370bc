package payment

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment/gateway"
)

// NewAttempt asks for a try at an institution.
type NewAttempt struct {
	Wallet         gateway.Wallet
	Method         gateway.Method
	Account        string // the merchant account that must take it; "" leaves it to the community's routes
	PayerID        string // the payer's id at the institution, where the method needs it
	AuthCode       string // Code: the payer's payment code; it is handed to the institution and nowhere kept
	ClientIP       string
	ReturnURL      string // where the payer's browser goes afterwards
	IdempotencyKey string // Idempotency-Key; "" is none
	By             string // who asks, for the timeline

	// Permit is asked before anything is done for a fresh attempt; what it returns refuses it. nil permits all.
	Permit func() error

	tendered money.Fen // cash: what the payer handed over
}

// hash is that of what n asks for, by which a repeat under its key is known; the attempt itself says in the end what
// the institution tells of wallet and payer. The payment code, which is nowhere kept, is left out. "" is without a key.
func (n NewAttempt) hash() string {
	if n.IdempotencyKey == "" {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d", []string{string(n.Wallet), string(n.Method), n.Account, n.PayerID,
		n.ReturnURL}, n.tendered))
	return hex.EncodeToString(sum[:])
}

// same reports whether an attempt that can still be paid is what n asks for.
func (n NewAttempt) same(a *Attempt) bool {
	return a.Wallet == n.Wallet && a.Method == n.Method && a.PayerID == n.PayerID && a.ReturnURL == n.ReturnURL &&
		(n.Account == "" || a.Account == n.Account)
}

func (n NewAttempt) permitted() error {
	if n.Permit == nil {
		return nil
	}
	return n.Permit()
}

func (n NewAttempt) paymentMethod() gateway.PaymentMethod {
	return gateway.PaymentMethod{Wallet: n.Wallet, Method: n.Method}
}

// payTries bounds how often Attempt meets another attempt or another writer.
const payTries = 100

// attemptByKey returns the attempt that n's Idempotency-Key made or was handed, or nil; KeyReused when the key was for
// another request.
func (o *Order) attemptByKey(n NewAttempt) (*Attempt, error) {
	key := n.IdempotencyKey
	if o.madeBy(key) || o.refundBy(key) != nil {
		return nil, keyReused()
	}
	if a := o.attemptOf(key); a != nil {
		if a.KeyHash != n.hash() {
			return nil, keyReused()
		}
		return a, nil
	}
	if r := o.answeredBy(key); r != nil {
		if r.Attempt == 0 || r.Hash != n.hash() {
			return nil, keyReused()
		}
		return o.Attempt(r.Attempt), nil
	}
	return nil, nil
}

// handed writes down that the request under n's key was handed an attempt that another had made.
func (o *Order) handed(n NewAttempt, no int) {
	o.Answered = append(o.Answered[:len(o.Answered):len(o.Answered)],
		AnsweredRequest{Key: n.IdempotencyKey, Hash: n.hash(), Attempt: no})
}

// Attempts that an order takes: as many as its two digits number. Those that stand apart are left to desks and
// terminals, so that nobody who has seen an order's QR can use them all up.
const (
	attemptsMost  = 99
	attemptsApart = 19
)

// ByPayer is who asks for an attempt on the page behind the QR: nobody that we know.
const ByPayer = "payer"

// takesAttempts returns the fault that keeps an order from taking another attempt of somebody's, or nil.
func (o *Order) takesAttempts(by string, now time.Time) error {
	most := attemptsMost
	if by == ByPayer {
		most -= attemptsApart
	}
	switch {
	case o.Status == Paid:
		return alreadyPaid(o.ID)
	case o.Status != Pending || !now.Before(o.ExpiresAt):
		return fault.New(fault.Expired, "订单已关闭或已过期。", "The order is closed or has expired.").With("order", o.ID)
	case len(o.Attempts) >= most:
		return fault.New(fault.WrongState, "尝试次数过多，请重新下单。", "Too many tries; please make a new order.")
	}
	return nil
}

// answered records how the institution answered an attempt: failure is nil where the payer can pay.
func (o *Order) answered(no int, prepared gateway.Prepared, failure error, now time.Time) bool {
	switch gateway.KindOf(failure) {
	case "":
		return o.opened(no, prepared, now)
	case gateway.Unreachable:
		return o.unreached(no, reason(failure), now)
	case gateway.Declined: // a code may have been charged whatever an unsigned answer says
		if gateway.Signed(failure) || o.Attempt(no).Method != gateway.CodePresented {
			return o.refused(no, reason(failure), whyOf(failure), now)
		}
	}
	return o.doubtful(no, reason(failure), now)
}

// device is the desk's id, for the institution.
func device(o *Order) string {
	if o.Origin.Terminal != "" {
		return o.Origin.Terminal
	}
	return string(o.Origin.Kind)
}

// whyOf is what a person can do about an institution's refusal.
func whyOf(err error) gateway.DeclineReason {
	var g *gateway.Error
	if errors.As(err, &g) {
		return g.Reason
	}
	return ""
}

// reason is an institution's own code and text.
func reason(err error) string {
	var g *gateway.Error
	if errors.As(err, &g) {
		return strings.TrimSpace(string(g.Kind) + " " + g.Code + " " + g.Message)
	}
	return string(gateway.Indeterminate)
}

// forPerson turns an institution's failure into a fault.
func forPerson(err error) error {
	var g *gateway.Error
	if errors.As(err, &g) && g.Kind == gateway.Declined {
		zh, en := g.Reason.Sentence()
		return fault.New(fault.Upstream, zh, en).With("decline_reason", string(g.Reason)).
			With("failure", reason(err)).Because(err)
	}
	return gateway.TryAgain(err)
}
