package sandbox

import (
	"errors"
	"fmt"
	"slices"

	"linlipay/money"
)

// errMerchantLow is a fault's: the ledger knows no balances, merchants draw their money out daily.
var errMerchantLow = errors.New("the merchant's account does not hold that much")

// acceptRefund takes a refund with the faults that wait for it, and has it end after a while. A repeat, with made
// false, returns the refund as it is now.
func (s *Sandbox) acceptRefund(wanted refund) (got refund, made bool, err error) {
	at := occasion{wanted.Institution, wanted.OutTradeNo, "refund"}
	if _, repeated := s.bank.refundAsked(wanted); !repeated {
		if _, low := s.faults.strike(at, MerchantBalanceLow); low {
			return refund{}, false, errMerchantLow
		}
		ends := map[Fault]refundState{RefundAbnormal: refundAbnormal, RefundClosed: refundClosed}
		may := []Fault{RefundSlow}
		for fault, end := range ends {
			if slices.Contains(s.house(wanted.Institution).traits().refundEnds, end) {
				may = append(may, fault)
			}
		}
		how, struck := s.faults.strike(at, may...)
		if wanted.Ends = ends[how.Fault]; !struck {
			wanted.Ends = refundDone
		}
	}
	got, made, err = s.bank.refund(wanted)
	if err == nil && made && s.house(got.Institution).traits().refundsLater {
		s.finishLater(got)
	}
	return got, made, err
}

// finishLater ends a refund after the configured while, unless it waits to be told.
func (s *Sandbox) finishLater(r refund) {
	if r.Ends == "" {
		return
	}
	s.sender.busy.Go(func() {
		if s.sender.pause(s.cfg.RefundAfter) != nil {
			return
		}
		if err := s.finish(r.ID, r.Ends); err != nil {
			s.cfg.Log.Error("a refund does not end", "refund", r.ID, "err", err)
		}
	})
}

// finish ends a refund and tells the merchant.
func (s *Sandbox) finish(id string, ends refundState) error {
	r, t, err := s.bank.finish(id, ends)
	if err != nil {
		return err
	}
	s.house(r.Institution).notifyRefund(t, r)
	return nil
}

// refundHere is a person of the merchant's who gives money back on the institution's own web page: under a number that
// the institution makes up, and told to the address that the payment's notifications went to, where the protocol tells
// of refunds at all. An amount of 0 is all that is left.
func (s *Sandbox) refundHere(t trade, amount money.Fen) (refund, error) {
	if amount == 0 {
		amount = t.Amount - s.bank.promisedOf(t)
	}
	if amount <= 0 {
		return refund{}, errTooMuch
	}
	got, made, err := s.acceptRefund(refund{
		Institution: t.Institution, Merchant: t.Merchant.ID, OutTradeNo: t.OutTradeNo,
		OutRefundNo: fmt.Sprintf("P%s%010d", at14(s.cfg.Now()), randomBelow(10_000_000_000)),
		Amount:      amount, Reason: "商户平台退款", NotifyURL: t.NotifyURL, PublicKeyMode: t.PublicKeyMode,
	})
	if err == nil && made && got.Ends == refundDone && !s.house(t.Institution).traits().refundsLater {
		err = s.finish(got.ID, refundDone)
	}
	if now, ok := s.bank.refundBy(got.ID); err == nil && ok {
		got = now
	}
	return got, err
}
