package sandbox

import (
	"time"

	"linlipay/money"
)

// Line is one line of what an institution believes it took or gave back.
type Line struct {
	Institution   string `json:"institution"`
	Wallet        Wallet `json:"wallet,omitempty"` // what the payer paid with
	Merchant      string `json:"merchant"`
	OutTradeNo    string `json:"out_trade_no"`
	TransactionID string `json:"transaction_id"`
	// of a payment: the institution's number of the order, where it is not the payment's
	OrderNo      string    `json:"order_no,omitempty"`
	Kind         string    `json:"kind,omitempty"` // of a payment: the institution's trade type or method
	TakenFen     money.Fen `json:"taken_fen"`
	GivenBackFen money.Fen `json:"given_back_fen"`
	// the merchant's number of a refund; "" with money given back is a reversal (撤销)
	RefundNo string    `json:"refund_no,omitempty"`
	RefundID string    `json:"refund_id,omitempty"` // the institution's
	Card     *Slip     `json:"card,omitempty"`      // of a card payment; of a void (撤销) its own
	At       time.Time `json:"at"`
}

// reversal tells whether the line gives a whole payment back without a refund of the merchant's.
func (l Line) reversal() bool { return l.GivenBackFen > 0 && l.RefundNo == "" }
