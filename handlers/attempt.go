package handlers

import (
	"context"
	"slices"
	"time"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

type attemptView struct {
	No            int                  `json:"no"`
	OutTradeNo    string               `json:"out_trade_no"`
	Institution   gateway.Institution  `json:"institution"`
	Wallet        gateway.Wallet       `json:"wallet,omitempty"`
	Method        gateway.Method       `json:"method,omitempty"` // none: money under an unknown number
	State         payment.AttemptState `json:"state"`
	Amount        money.Fen            `json:"amount"` // fen
	TransactionID string               `json:"transaction_id,omitempty"`
	Received      money.Fen            `json:"received,omitempty"` // fen
	// of the payer's receipt: in the legal entity's series without a gap, from the moment at which the money is booked
	Receipt     string                `json:"receipt_number,omitempty"`
	Application payment.Application   `json:"disposition,omitempty"`
	Checks      int                   `json:"query_count,omitempty"`    // questions asked so far
	Reversing   bool                  `json:"reversing,omitempty"`      // payment code: being reversed
	WaitsUntil  *time.Time            `json:"expires_at,omitempty"`     // payment code: the payer has until then
	Why         gateway.DeclineReason `json:"decline_reason,omitempty"` // of a refusal
	Tendered    money.Fen             `json:"tendered,omitempty"`       // cash, fen
	CreatedAt   time.Time             `json:"created_at"`
	PaidAt      *time.Time            `json:"paid_at,omitempty"`
	// 刷卡: as the device reported it, then as the institution told
	Card *card.Card `json:"card,omitempty"`
	// 刷卡: paid on the terminal's word; the statement has not agreed yet
	Provisional bool          `json:"provisional,omitempty"`
	Reported    *reportedView `json:"device_report,omitempty"` // 刷卡: what the terminal said
	Doubt       string        `json:"mismatch,omitempty"`      // 刷卡: what the statement says instead
	// 刷卡: a terminal's word that nobody has confirmed yet
	Unconfirmed bool              `json:"unconfirmed,omitempty"`
	Failure     string            `json:"failure,omitempty"`
	Prepared    *gateway.Prepared `json:"prepared,omitempty"` // only in the answer that opened it

	// For staff alone.
	Account string       `json:"account,omitempty"` // merchant account
	Returns *returnsView `json:"returns,omitempty"` // 渠道退款: what the institution says went back
}

func attempt(c access.Caller, o *payment.Order, a *payment.Attempt) attemptView {
	v := attemptView{
		No: a.No, OutTradeNo: a.OutTradeNo, Institution: a.Institution, Wallet: a.Wallet, Method: a.Method,
		State: a.State, Amount: a.Amount, TransactionID: a.TransactionID,
		Received: a.Received, Receipt: a.Receipt, Application: a.Application,
		Checks: a.Checks, Reversing: a.Reversing, Why: a.Why,
		Tendered: a.Tendered, CreatedAt: a.CreatedAt, PaidAt: given(a.PaidAt), Failure: a.Failure,
		Provisional: a.Provisional, Doubt: a.Doubt, Unconfirmed: a.Unconfirmed(), Reported: reported(a.Word),
	}
	if a.Card != (card.Card{}) {
		v.Card = &a.Card
	}
	if a.Method == gateway.CodePresented {
		v.WaitsUntil = given(a.CodeEnds())
	}
	if c.Kind == access.StaffKind {
		v.Account, v.Returns = a.Account, returns(o, a)
	}
	return v
}

// attemptInput asks for a try: by an institution's QR or page (native, h5, wap), by a card (card_present), by a payment
// code (code), or in cash (cash).
type attemptInput struct {
	ID        string         `path:"id" json:"-"`
	Method    gateway.Method `json:"method"`
	Wallet    gateway.Wallet `json:"wallet,omitempty"`                 // of native, h5 and wap
	ReturnURL string         `json:"return_url,omitempty"`             // of h5 and wap: where the browser comes back to
	AuthCode  string         `json:"auth_code,omitempty" digits:"any"` // 付款码, of code: kept nowhere
	Tendered  money.Fen      `json:"tendered,omitempty" least:"0"`     // of cash: what the payer handed over, in fen
}

// attemptDesks are who may take money by a method that not everybody may who is logged in.
var attemptDesks = map[gateway.Method]audience{
	gateway.CodePresented: desks,
	gateway.CardPresent:   terminals,
	gateway.Notes:         staffWith(access.Cashier),
}

// check is the fault of an input whose members are not those of its method, or whose caller may not use it.
func (in attemptInput) check(c *call) error {
	methods := []gateway.Method{gateway.Native, gateway.H5, gateway.Wap, gateway.CardPresent, gateway.CodePresented,
		gateway.Notes}
	if !slices.Contains(methods, in.Method) {
		return fault.New(fault.Unsupported, "method 须为 native、h5、wap、card_present、code 或 cash；jsapi 由微信内的付款页面发起。",
			"method is native, h5, wap, card_present, code or cash; the payment page within WeChat begins jsapi.").
			With("field", "method")
	}
	if who, some := attemptDesks[in.Method]; some && !who.admits(c.Caller) {
		return fault.New(fault.Forbidden, "您不能以此方式收款。", "You may not take money by this method.")
	}
	if in.AuthCode != "" && in.Method != gateway.CodePresented {
		return malformed("auth_code 仅用于 method 为 code 时。", "auth_code goes with the method code.")
	}
	if in.Tendered != 0 && in.Method != gateway.Notes {
		return malformed("tendered 仅用于 method 为 cash 时。", "tendered goes with the method cash.")
	}
	return nil
}

type openedView struct {
	Order   orderView   `json:"order"`
	Attempt attemptView `json:"attempt"`
}

// openAttempt opens a try without the page behind the QR.
func (s *Server) openAttempt(ctx context.Context, c *call, in attemptInput) (openedView, error) {
	if err := in.check(c); err != nil {
		return openedView{}, err
	}
	o, err := s.order(ctx, c, in.ID)
	if err != nil {
		return openedView{}, err
	}
	switch in.Method {
	case gateway.CodePresented:
		return s.chargeCode(ctx, c, o, in)
	case gateway.Notes:
		return s.takeCash(ctx, c, o, in)
	}
	if in.ReturnURL != "" && !s.ours(in.ReturnURL) {
		return openedView{}, malformed("return_url 须为本站地址。", "return_url must be an address of ours.")
	}
	o, no, hit, err := s.Payments.Attempt(ctx, o.ID, payment.NewAttempt{
		Wallet: in.Wallet, Method: in.Method, ClientIP: c.IP, ReturnURL: in.ReturnURL, IdempotencyKey: c.Key,
		By: c.Actor(),
	})
	if err != nil {
		return openedView{}, err
	}
	c.hit(hit)
	a := attempt(c.Caller, o, o.Attempt(no))
	a.Prepared = &o.Attempt(no).Prepared
	return openedView{s.orderView(ctx, c.Caller, o), a}, nil
}
