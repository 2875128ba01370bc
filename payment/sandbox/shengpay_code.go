package sandbox

import (
	"errors"
	"time"
)

// shengpayByCode is the kind of a payment by code.
const shengpayByCode = "scan"

// codePay is 付款码支付: it charges the wallet behind a code, whichever it is.
func (s *shengpay) codePay(m *merchant, p map[string]string) (map[string]string, *shengpayFailure) {
	wanted, failed := s.fresh(m, p)
	switch {
	case failed != nil:
		return nil, failed
	case p["authCode"] == "":
		return nil, shengpayBad("authCode")
	}
	wanted.Wallets, wanted.Exists, wanted.Kind = wallets(), true, shengpayByCode
	wanted.Terms += " code"
	_, ask := s.faults.strike(occasion{"shengpay", wanted.OutTradeNo, "code"}, UserPaying)
	t, fresh, err := s.bank.present(wanted, p["authCode"], ask, false)
	if failed := shengpayCodeFailure(err); failed != nil {
		return nil, failed
	}
	switch {
	case t.Terms != wanted.Terms || t.State == declined:
		return nil, &shengpayFailure{shengpayUsed, "商户订单号重复"}
	case t.State == closed || t.State == revoked:
		return nil, &shengpayFailure{shengpayClosed, "订单已关闭或已撤销"}
	}
	if fresh && t.State == paid {
		s.notifyPaid(t)
	}
	return s.view(t), nil
}

// shengpayCodeFailure: no word of the institution's for a used code is known, so that it is answered like an unknown
// one.
func shengpayCodeFailure(err error) *shengpayFailure {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errCodeUnknown), errors.Is(err, errCodeSpent):
		return &shengpayFailure{shengpayCodeInvalid, "付款码无效，请刷新后重试"}
	case errors.Is(err, errCodeExpired):
		return &shengpayFailure{shengpayCodeExpired, "付款码已过期，请刷新后重试"}
	case errors.Is(err, errBalanceLow):
		return &shengpayFailure{shengpayPayerLow, "用户余额不足"}
	}
	return &shengpayFailure{shengpaySystem, "系统异常"}
}

// reverse is 撤单: an unpaid order is closed, one paid today is given back whole. A repeat is answered alike.
func (s *shengpay) reverse(m *merchant, p map[string]string) (map[string]string, *shengpayFailure) {
	t, failed := s.existing(m, p)
	if failed == nil {
		failed = s.reversible(t)
	}
	if failed != nil {
		return nil, failed
	}
	if _, err := s.bank.reverse(t.ID, closed); err != nil {
		return nil, &shengpayFailure{shengpaySystem, "系统异常"}
	}
	return map[string]string{}, nil
}

func (s *shengpay) reversible(t trade) *shengpayFailure {
	if t.State != paid {
		return nil
	}
	day := func(at time.Time) string { return at.In(shanghai).Format(time.DateOnly) }
	switch {
	case day(t.PaidAt) != day(s.cfg.Now()):
		return &shengpayFailure{shengpayNotAllowed, "只能撤销当日订单，请使用退款"}
	case len(t.refunds) > 0:
		return &shengpayFailure{shengpayNotAllowed, "订单已发生退款，不能撤销"}
	}
	if _, low := s.faults.strike(occasion{"shengpay", t.OutTradeNo, "reverse"}, MerchantBalanceLow); low {
		return &shengpayFailure{shengpayMerchantLow, "商户余额不足"}
	}
	return nil
}
