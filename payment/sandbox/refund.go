package sandbox

import (
	"errors"
	"fmt"
	"time"

	"linlipay/money"
)

// refundState is the core's word for a refund; each protocol has its own words for it.
type refundState string

const (
	refunding      refundState = "processing" // on its way; Ends says how it will end
	refundDone     refundState = "success"    // the money went back
	refundAbnormal refundState = "abnormal"   // the payer's card does not take it; the merchant must name another way
	refundClosed   refundState = "closed"     // nothing went back
)

// refund is one refund at an institution. Its fields are guarded by the bank; the journal keeps it across a restart.
type refund struct {
	ID            string // the institution's number
	Institution   string
	Merchant      string
	OutTradeNo    string
	OutRefundNo   string
	Amount        money.Fen
	Reason        string
	NotifyURL     string
	PublicKeyMode bool
	State         refundState
	Ends          refundState // how it will end; "" until somebody tells
	CreatedAt     time.Time
	DoneAt        time.Time
	ToCard        bool // given back on the way that the merchant named after it was abnormal
	Front         bool // Lakala: asked for at its newer refund front, which tells how it ended
}

// refundKey finds a refund by the merchant's number, which is unique for the trade at some institutions and for the
// merchant at others.
func (b *bank) refundKey(r refund) string {
	if b.houses[r.Institution].refundsPerTrade {
		return outKey(r.Institution, r.Merchant, r.OutTradeNo) + "/" + r.OutRefundNo
	}
	return outKey(r.Institution, r.Merchant, r.OutRefundNo)
}

// Why a trade does not allow a refund. Each institution has its own words for these.
var (
	errNotPaid     = errors.New("the trade is not paid")
	errTooMuch     = errors.New("more than what is left of the payment")
	errTooMany     = errors.New("too many refunds of one payment")
	errTooLate     = errors.New("the payment is too old to be refunded")
	errOtherRefund = errors.New("the refund's number was used with other terms")
)

// Both institutions take refunds for a year; WeChat allows fifty of one payment, and Alipay is held to the same.
const (
	refundsAllowed = 50
	refundableFor  = 365 * 24 * time.Hour
)

// refund accepts a refund of a paid trade, durably, or returns the one accepted before under the same number.
func (b *bank) refund(wanted refund) (r refund, made bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if old, ok := b.refunds[b.refundKey(wanted)]; ok {
		if old.Amount != wanted.Amount || old.OutTradeNo != wanted.OutTradeNo {
			return *old, false, errOtherRefund
		}
		return *old, false, nil
	}
	t := b.byOut[outKey(wanted.Institution, wanted.Merchant, wanted.OutTradeNo)]
	if err := b.refundable(t, wanted.Amount); err != nil {
		return refund{}, false, err
	}
	b.serial++
	wanted.ID = b.houses[wanted.Institution].refundID(b.now(), b.serial)
	wanted.State, wanted.CreatedAt = refunding, b.now()
	if err := b.refundLog.write(wanted); err != nil {
		return refund{}, false, err
	}
	b.remember(&wanted)
	return wanted, true, nil
}

func (b *bank) refundable(t *trade, amount money.Fen) error {
	switch {
	case t == nil || t.State != paid:
		return errNotPaid
	case b.now().Sub(t.PaidAt) > refundableFor:
		return errTooLate
	case amount > t.Amount-b.promised(t):
		return errTooMuch
	case len(t.refunds) >= refundsAllowed:
		return errTooMany
	}
	return nil
}

// promised is what has been given back of a trade or is on its way.
func (b *bank) promised(t *trade) (sum money.Fen) {
	for _, r := range t.refunds {
		if r.State != refundClosed {
			sum += r.Amount // each was checked against what was left: the sum stays below the trade's amount
		}
	}
	return sum
}

// promisedOf is promised, for a copy of a trade.
func (b *bank) promisedOf(t trade) money.Fen {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.promised(&t)
}

func (b *bank) remember(r *refund) {
	b.refunds[b.refundKey(*r)], b.refundByID[r.ID] = r, r
	if t := b.byOut[outKey(r.Institution, r.Merchant, r.OutTradeNo)]; t != nil {
		t.refunds = append(t.refunds, r)
	}
}

// refundAsked returns a copy of the refund that was made under the same numbers of the merchant's.
func (b *bank) refundAsked(asked refund) (refund, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r, ok := b.refunds[b.refundKey(asked)]; ok {
		return *r, true
	}
	return refund{}, false
}

// refundBy returns a copy of the refund with the institution's number.
func (b *bank) refundBy(id string) (refund, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r, ok := b.refundByID[id]; ok {
		return *r, true
	}
	return refund{}, false
}

// refundsOf are copies of a trade's refunds, oldest first.
func (b *bank) refundsOf(t trade) []refund {
	b.mu.Lock()
	defer b.mu.Unlock()
	refunds := make([]refund, 0, len(t.refunds))
	for _, r := range t.refunds {
		refunds = append(refunds, *r)
	}
	return refunds
}

// finish ends a refund that is on its way. What is given back is in the ledger, durably, before the refund says so.
func (b *bank) finish(id string, ends refundState) (refund, trade, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, ok := b.refundByID[id]
	if !ok {
		return refund{}, trade{}, fmt.Errorf("there is no refund %s", id)
	}
	t := b.byOut[outKey(r.Institution, r.Merchant, r.OutTradeNo)]
	if r.State != refunding || t == nil {
		return *r, trade{}, fmt.Errorf("the refund %s is %s", id, r.State)
	}
	now, next := b.now(), *r
	next.State = ends
	if ends == refundDone {
		next.DoneAt = now
		line := t.line(now)
		line.GivenBackFen, line.RefundNo, line.RefundID = r.Amount, r.OutRefundNo, r.ID
		if err := b.ledger.write(line); err != nil {
			return *r, *t, err
		}
		t.GivenBack, t.BackAt = t.GivenBack+r.Amount, now
		t.card.move(r.Amount)
	}
	*r = next
	return *r, *t, b.refundLog.write(next)
}

// another sends an abnormal refund on its way again, as the merchant asked.
func (b *bank) another(id string) (refund, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.refundByID[id]
	if r.State != refundAbnormal {
		return *r, fmt.Errorf("the refund is %s", r.State)
	}
	next := *r
	next.State, next.Ends, next.ToCard = refunding, refundDone, true
	if err := b.refundLog.write(next); err != nil {
		return *r, err
	}
	*r = next
	return *r, nil
}

// allRefunds are copies of all refunds, for the control API.
func (b *bank) allRefunds() []refund {
	b.mu.Lock()
	defer b.mu.Unlock()
	refunds := make([]refund, 0, len(b.refunds))
	for _, r := range b.refunds {
		refunds = append(refunds, *r)
	}
	return refunds
}
