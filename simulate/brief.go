package simulate

import (
	"slices"

	"linlipay/audit"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// brief is of a stored order what the checks compare. It is read from the stored bytes, not by the code that wrote
// them.
type brief struct {
	ID        string           `json:"id"`
	Company   string           `json:"company"`
	Community string           `json:"community"`
	Entity    string           `json:"entity"`
	Status    payment.Status   `json:"status"`
	Amount    money.Fen        `json:"amount"`
	PaidBy    int              `json:"paid_by"`
	Items     []payment.Item   `json:"items"`
	Attempts  []briefAttempt   `json:"attempts"`
	Refunds   []briefRefund    `json:"refunds"`
	Unapplied []briefUnapplied `json:"exceptions"`
	Told      []briefTold      `json:"owes_audit"`
	Owes      briefOwed        `json:"owes_events"`
}

// briefTold is an event for the audit log, which nothing takes away in a simulation.
type briefTold struct {
	Verb   audit.Verb `json:"verb"`
	Object string     `json:"object"`
}

type briefAttempt struct {
	No          int                  `json:"no"`
	Out         string               `json:"out_trade_no"`
	Institution gateway.Institution  `json:"institution"`
	Account     string               `json:"account"`
	Wallet      gateway.Wallet       `json:"wallet"`
	Method      gateway.Method       `json:"method"`
	State       payment.AttemptState `json:"state"`
	Tx          string               `json:"transaction_id"`
	Received    money.Fen            `json:"received"`
	Receipt     string               `json:"receipt"`
	Application payment.Application  `json:"disposition"`
	Provisional bool                 `json:"provisional"`
	DeniedBy    string               `json:"denied_by"`
}

type briefRefund struct {
	No      int                  `json:"no"`
	Out     string               `json:"out_refund_no"`
	Receipt string               `json:"receipt"`
	Attempt int                  `json:"attempt"`
	Amount  money.Fen            `json:"amount"`
	Items   []payment.RefundItem `json:"items"`
	Status  payment.RefundStatus `json:"status"`
	ByHand  bool                 `json:"by_hand"`
	Foreign bool                 `json:"foreign"`
	Kept    int                  `json:"kept"`

	Provisional bool   `json:"provisional"`
	RequestedBy string `json:"requested_by"`

	alone bool // one person asked for it, and it never waited for another
}

type briefUnapplied struct {
	No      int                     `json:"no"`
	Attempt int                     `json:"attempt"`
	Amount  money.Fen               `json:"amount"`
	Reason  payment.UnappliedReason `json:"reason"`
	State   payment.UnappliedState  `json:"state"`
}

func (o *brief) attempt(no int) *briefAttempt {
	for i := range o.Attempts {
		if o.Attempts[i].No == no {
			return &o.Attempts[i]
		}
	}
	return nil
}

// unapplied is how much of an attempt's money the order cannot keep.
func (o *brief) unapplied(attempt int) (sum money.Fen) {
	for _, u := range o.Unapplied {
		if u.Attempt == attempt {
			sum += u.Amount
		}
	}
	return sum
}

func (o *brief) holds(it payment.Item) bool {
	reopened := slices.ContainsFunc(o.Refunds, func(r briefRefund) bool {
		return r.Status == payment.RefundSucceeded && slices.ContainsFunc(r.Items, func(x payment.RefundItem) bool {
			return x.Ref == it.Ref
		})
	})
	return o.Status != payment.Closed && !it.Unsettled && !reopened
}
