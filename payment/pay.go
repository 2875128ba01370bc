package payment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
)

// NewAttempt asks for a try at an institution.
type NewAttempt struct {
	Wallet    gateway.Wallet
	Method    gateway.Method
	Account   string // the merchant account that must take it; "" leaves it to the community's routes
	PayerID   string // the payer's id at the institution, where the method needs it
	AuthCode  string // Code: the payer's payment code; it is handed to the institution and nowhere kept
	ClientIP  string
	ReturnURL string // where the payer's browser goes afterwards
	Key       string // Idempotency-Key; "" is none
	By        string // who asks, for the timeline

	// Permit is asked before anything is done for a fresh attempt; what it returns refuses it. nil permits all.
	Permit func() error

	tendered money.Fen // cash: what the payer handed over
}

// hash is that of what n asks for, by which a repeat under its key is known; the attempt itself says in the end what
// the institution tells of wallet and payer. The payment code, which is nowhere kept, is left out. "" is without a key.
func (n NewAttempt) hash() string {
	if n.Key == "" {
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

func (n NewAttempt) way() gateway.Way { return gateway.Way{Wallet: n.Wallet, Method: n.Method} }

// payTries bounds how often Attempt meets another attempt or another writer.
const payTries = 100

// Attempt opens a try at an institution and returns the order with the attempt's number; Attempt(no).Prepared is what
// the payer needs. Older attempts are settled first: one that was paid makes the order Paid and is answered with
// AlreadyPaid; one that the institution will not close yet is answered with UpstreamUnknown. An attempt like the one
// asked for that is open already is handed out again. hit says that Key had asked before.
func (s *Service) Attempt(ctx context.Context, id string, n NewAttempt) (o *Order, no int, hit bool, err error) {
	var tried []string // accounts that could not be reached: nothing was sent to them
	if o, err = s.orders.Get(ctx, id); err != nil {
		return nil, 0, false, err
	}
	for range payTries {
		a, hit, err := s.reuse(o, n)
		if err != nil {
			return o, 0, false, err
		}
		if a != nil && (a.State != AttemptStarting || a.Method == gateway.Code) {
			return o, a.No, hit, nil
		}
		if err := n.permitted(); err != nil {
			return o, 0, false, err
		}
		n.Permit = nil
		if old := o.payable(); old != nil {
			latest, err := s.makeRoom(ctx, o, old)
			if err != nil {
				return o, 0, false, err
			}
			o = latest
			continue
		}
		t, err := s.merchants.Taker(ctx, merchant.Wanted{Company: o.Company, Community: o.Community, Way: n.way(),
			Account: n.Account, Tried: tried})
		if err != nil {
			return o, 0, false, err
		}
		fresh := o.start(n, t.Account, t.Confirms(n.Method), s.now())
		if err := s.orders.Replace(ctx, o); fault.Is(err, fault.Stale) {
			if o, err = s.orders.Get(ctx, id); err != nil {
				return nil, 0, false, err
			}
			continue
		} else if err != nil {
			return nil, 0, false, err
		}
		o, err = s.open(ctx, t, o, *fresh, n)
		if gateway.KindOf(err) == gateway.Unreached {
			tried = append(tried, t.Account.ID)
			continue
		}
		return o, fresh.No, false, err
	}
	return o, 0, false, gateway.TryAgain(nil)
}

// reuse returns the attempt that answers n without a new one, and whether n's key had asked for it; an order that takes
// no more attempts is a fault.
func (s *Service) reuse(o *Order, n NewAttempt) (*Attempt, bool, error) {
	if a, err := o.asked(n); a != nil || err != nil {
		return a, err == nil, err
	}
	if err := o.takesAttempts(n.By, s.now()); err != nil {
		return nil, false, err
	}
	a := o.payable()
	if a != nil && n.same(a) && a.Method != gateway.Code &&
		(a.State == AttemptStarting || s.now().Sub(a.CreatedAt) < reuseFor) {
		return a, false, nil
	}
	return nil, false, nil
}

// asked returns the attempt that n's Idempotency-Key made, or nil; KeyReused when the key was for another request.
func (o *Order) asked(n NewAttempt) (*Attempt, error) {
	for i := range o.Attempts {
		if a := &o.Attempts[i]; n.Key != "" && a.Key == n.Key {
			if a.KeyHash != n.hash() {
				return nil, keyReused()
			}
			return a, nil
		}
	}
	return nil, nil
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
		return fault.New(fault.TooMany, "尝试次数过多，请重新下单。", "Too many tries; please make a new order.")
	}
	return nil
}

// makeRoom settles an older attempt so that another may be opened: one that is just being asked for is waited for, any
// other is ended upstream. It returns the order as it then is; when the attempt can still be paid, UpstreamUnknown says
// so.
func (s *Service) makeRoom(ctx context.Context, o *Order, old *Attempt) (*Order, error) {
	if old.State == AttemptReported {
		return nil, fault.New(fault.WrongState, "终端已报告刷卡成功，正在等待收单机构确认，请勿重复收款。",
			"The terminal reports that the card was charged; wait for the acquirer's confirmation.")
	}
	if old.Confirmation == gateway.ByStatement {
		return nil, fault.New(fault.WrongState, "终端刷卡尚未返回结果，请先在终端完成或取消刷卡。",
			"The card payment on the terminal has not ended; finish or cancel it there first.")
	}
	if old.Method == gateway.Code && !old.mustEnd(s.now()) {
		return nil, fault.New(fault.WrongState, "正在等待住户确认付款码支付，请稍候。",
			"The resident's payment code is still being paid; please wait.")
	}
	age := s.now().Sub(old.CreatedAt)
	if old.State == AttemptStarting && old.Failure == "" && age < s.cfg.GatewayTimeout+absentPause {
		if err := s.waitOr(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
		return s.orders.Get(ctx, o.ID)
	}
	for range absentTries + 1 {
		latest, err := s.ask(ctx, o, old.No, true)
		if err != nil {
			return nil, err
		}
		o = latest
		a := o.Attempt(old.No)
		if !a.payable() {
			return o, nil
		}
		if a.Absent == 0 {
			break // the institution did not answer, or will not close
		}
		if err := s.waitOr(ctx, absentPause); err != nil {
			return nil, err
		}
	}
	return nil, gateway.TryAgain(nil)
}

func (s *Service) waitOr(ctx context.Context, d time.Duration) error {
	if err := s.cfg.Wait(ctx, d); err != nil {
		return gateway.TryAgain(err)
	}
	return nil
}

// open asks the institution for an attempt that is already written down, and writes down the answer.
// One that could not be reached is a GatewayError of kind Unreached.
func (s *Service) open(ctx context.Context, t merchant.Taker, o *Order, a Attempt, n NewAttempt) (*Order, error) {
	upstream, cancel := s.upstream(ctx)
	defer cancel()
	prepared, paid, failure := s.charge(upstream, t.Gateway, t.Account, gateway.Charge{
		OutTradeNo: a.OutTradeNo, Wallet: a.Wallet, Method: a.Method, Amount: a.Amount, Title: o.Title,
		PayerID: a.PayerID, AuthCode: n.AuthCode, ClientIP: n.ClientIP, Device: device(o),
		NotifyURL: s.notifyURL(a.Institution, t.Account.ID), ReturnURL: a.ReturnURL, CreatedAt: a.CreatedAt,
		ExpiresAt: a.ExpiresAt,
	})
	s.merchants.Heard(t.Account.ID, failure)
	if failure == nil && paid.State == gateway.TradePaid {
		return s.bookCharge(upstream, o, a.No, paid)
	}
	o, err := s.change(upstream, o, func(o *Order) bool {
		moved := o.answered(a.No, prepared, failure, s.now())
		return o.numbered(a.No, paid.UpstreamNo) || moved
	})
	if err != nil {
		return nil, err
	}
	if failure != nil {
		s.cfg.Log.Warn("an institution did not open a charge", "order", o.ID, "attempt", a.No, "err", failure)
		if gateway.KindOf(failure) == gateway.Unreached {
			return o, failure
		}
		return o, forPerson(failure)
	}
	return o, nil
}

// answered records how the institution answered an attempt: failure is nil where the payer can pay.
func (o *Order) answered(no int, prepared gateway.Prepared, failure error, now time.Time) bool {
	switch gateway.KindOf(failure) {
	case "":
		return o.opened(no, prepared, now)
	case gateway.Unreached:
		return o.unreached(no, reason(failure), now)
	case gateway.Refused: // a code may have been charged whatever an unsigned answer says
		if gateway.Signed(failure) || o.Attempt(no).Method != gateway.Code {
			return o.refused(no, reason(failure), whyOf(failure), now)
		}
	}
	return o.doubtful(no, reason(failure), now)
}

// bookCharge books what a payment code paid at once, unless somebody has it reversed meanwhile: then the order loop
// finds out how it ends.
func (s *Service) bookCharge(ctx context.Context, seen *Order, no int, paid gateway.Report) (*Order, error) {
	o, err := s.book(ctx, seen, no, 0, paid)
	if !errors.Is(err, errReversing) {
		return o, err
	}
	if _, failed := s.change(ctx, seen, func(o *Order) bool { return o.numbered(no, paid.UpstreamNo) }); failed != nil {
		return nil, failed
	}
	return nil, gateway.TryAgain(err)
}

// charge asks the institution for a charge: to prepare it for the payer, or, by a payment code, to take the money now.
func (s *Service) charge(ctx context.Context, g gateway.Gateway, account gateway.Account,
	c gateway.Charge) (gateway.Prepared, gateway.Report, error) {
	if c.Method != gateway.Code {
		prepared, err := g.Open(ctx, account, c)
		return prepared, gateway.Report{}, err
	}
	payer, ok := g.(gateway.CodePayer)
	if !ok {
		return gateway.Prepared{}, gateway.Report{}, &gateway.GatewayError{Kind: gateway.Refused, Signed: true,
			Message: "该渠道不支持付款码"}
	}
	r, err := payer.PayCode(ctx, account, c)
	return gateway.Prepared{}, r, err
}

// device is the desk's id, for the institution.
func device(o *Order) string {
	if o.Origin.Terminal != "" {
		return o.Origin.Terminal
	}
	return string(o.Origin.Kind)
}

// whyOf is what a person can do about an institution's refusal.
func whyOf(err error) gateway.Why {
	var g *gateway.GatewayError
	if errors.As(err, &g) {
		return g.Why
	}
	return ""
}

// reason is an institution's own code and text.
func reason(err error) string {
	var g *gateway.GatewayError
	if errors.As(err, &g) {
		return strings.TrimSpace(string(g.Kind) + " " + g.Code + " " + g.Message)
	}
	return string(gateway.Unknown)
}

// forPerson turns an institution's failure into a fault.
func forPerson(err error) error {
	var g *gateway.GatewayError
	if errors.As(err, &g) && g.Kind == gateway.Refused {
		zh, en := g.Why.Sentence()
		return fault.New(fault.Upstream, zh, en).With("why", string(g.Why)).With("failure", reason(err)).Because(err)
	}
	return gateway.TryAgain(err)
}
