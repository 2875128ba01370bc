package payment

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"linlipay/fault"
	"linlipay/payment/gateway"
)

// Money that an institution took under a number that no order of the merchant account has.

// unmatched books money that an institution took under a number that no order of the merchant account has, once it says
// so itself: in an order of its own without items, as unapplied funds that waits for a person. What the message tells
// of money that went back is taken in as that of any payment.
func (s *Service) unmatched(ctx context.Context, g gateway.Gateway, account gateway.Account,
	told gateway.Report) (Outcome, string, error) {
	o, r, err := s.unmatchedPaid(ctx, g, account, told.Trade())
	switch {
	case err != nil:
		return OutcomeFailed, "", err
	case o == nil || r.TransactionID != told.TransactionID:
		return OutcomeRejected, "", rejected("the institution does not confirm it")
	case r.Amount != told.Amount:
		return OutcomeRejected, o.ID, rejected("another amount than the institution says now")
	case told.Returned != gateway.ReturnedNothing:
		return s.bookReturn(ctx, o, 1, told)
	}
	return OutcomeBooked, o.ID, nil
}

// unmatchedPaid asks an institution about a number that no order of the merchant account has, and returns the order
// that holds the money which it says that it took; nil is that it took none.
func (s *Service) unmatchedPaid(ctx context.Context, g gateway.Gateway, account gateway.Account,
	t gateway.Trade) (*Order,
	gateway.Report, error) {
	r, err := s.confirm(ctx, g, account, t)
	if err != nil || r.State != gateway.TradePaid {
		return nil, r, err
	}
	o := unmatchedOrder(account, r, s.now())
	if err = s.orders.Insert(ctx, o); fault.Is(err, fault.AlreadyExists) {
		o, err = s.orders.Get(ctx, o.ID)
	}
	return o, r, err
}

// unmatchedOrder is the order that holds money of an unknown number. Its own number follows from the transaction, so
// that a repeat makes no second one.
func unmatchedOrder(account gateway.Account, r gateway.Report, now time.Time) *Order {
	id := unmatchedID(account, r.TransactionID)
	o := &Order{
		ID: id, Company: account.Company, Entity: cmp.Or(account.Entity, account.Company),
		Status: Closed, CloseReason: ByUnmatched, Title: "未知订单收款 " + r.OutTradeNo,
		Token: id, Origin: Origin{Kind: Unmatched},
		CreatedAt: now, ExpiresAt: now, ClosedAt: now,
		Attempts: []Attempt{{
			No: 1, OutTradeNo: r.OutTradeNo, Institution: account.Institution, Wallet: r.Wallet, Method: r.Method,
			Account: account.ID, State: AttemptEnded,
			CreatedAt: now, ExpiresAt: now,
		}},
	}
	if len(account.Communities) == 1 {
		o.Community = account.Communities[0]
	}
	a := &o.Attempts[0]
	a.become(AttemptSucceeded)
	if r.PaidAt.IsZero() {
		r.PaidAt = now // it does not tell
	}
	a.Amount, a.TransactionID, a.Received, a.PaidAt, a.PayerID = r.Amount, r.TransactionID, r.Amount, r.PaidAt,
		r.PayerID
	a.StatementNo, a.Card = r.StatementNo, r.Card
	o.note(now, MoneyArrived, 1, "", r.Told())
	a.RecheckAt = a.nextRecheck(now)
	o.enqueue(PostCharge, 1)
	o.observeReturned(1, r, now)
	o.unapply(a, r.Amount, UnappliedUnmatched, HoldUnapplied, now)
	o.schedule(now)
	o.changed(stage{}, now)
	return o
}

// unmatchedID is the number of the order that holds an unknown number's money.
func unmatchedID(account gateway.Account, transaction string) string {
	sum := sha256.Sum256([]byte(account.ID + "\x00" + transaction))
	return "U" + hex.EncodeToString(sum[:])[:gateway.OrderNumberLength-1]
}
