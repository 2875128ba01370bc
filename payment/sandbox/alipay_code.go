package sandbox

import (
	"errors"
	"net/url"
	"regexp"
	"time"
)

var alipayCode = regexp.MustCompile(`^(2[5-9]|30)[0-9]{14,22}$`)

// pay is alipay.trade.pay with scene bar_code: it charges the wallet behind a payment code. After a failure the same
// number may be tried with another code.
func (a *alipay) pay(m *merchant, p url.Values, c alipayContent) (map[string]any, *alipayError) {
	none := map[string]any{"out_trade_no": c.OutTradeNo, "buyer_pay_amount": "0.00", "invoice_amount": "0.00",
		"point_amount": "0.00", "receipt_amount": "0.00"}
	wanted, failure := a.fresh(m, p, c)
	switch {
	case failure != nil:
		return none, failure
	case c.Scene != "bar_code" || c.AuthCode == "":
		return none, aliErr("ACQ.INVALID_PARAMETER", "支付失败，交易参数异常：scene、auth_code")
	}
	wanted.Kind, wanted.Exists, wanted.Terms = "pay", true, "pay "+wanted.Terms
	_, ask := a.faults.strike(occasion{"alipay", c.OutTradeNo, "code"}, UserPaying)
	text := c.AuthCode
	if !alipayCode.MatchString(text) {
		text = ""
	}
	t, fresh, err := a.bank.present(wanted, text, ask, true)
	if failure := alipayCodeError(err); failure != nil {
		return none, failure
	}
	switch {
	case t.Terms != wanted.Terms:
		return none, aliErr("ACQ.CONTEXT_INCONSISTENT", "交易信息被篡改")
	case t.State == closed || t.State == revoked || t.fullyBack():
		return none, aliErr("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
	case !fresh && t.State == paid:
		return none, aliErr("ACQ.TRADE_HAS_SUCCESS", "交易已被支付")
	}
	if t.State == paid {
		a.notifyPaid(t)
	}
	return a.payView(t), nil
}

// alipayCodeError: the institution does not tell whether a code is unknown, used or expired.
func alipayCodeError(err error) *alipayError {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errCodeUnknown), errors.Is(err, errCodeSpent), errors.Is(err, errCodeExpired):
		return aliErr("ACQ.PAYMENT_AUTH_CODE_INVALID", "支付失败，获取顾客账户信息失败，请顾客刷新付款码后重新收款，如再次收款失败，请联系管理员处理。"+
			"[SOUNDWAVE_PARSER_FAIL]")
	case errors.Is(err, errBalanceLow):
		return aliErr("ACQ.BUYER_BALANCE_NOT_ENOUGH", "支付失败，买家余额不足")
	}
	return &alipayError{"20000", "isp.unknow-error", "服务暂不可用"}
}

func (a *alipay) payView(t trade) map[string]any {
	v := map[string]any{
		"out_trade_no": t.OutTradeNo, "trade_no": a.tradeNo(t), "buyer_logon_id": "138****0001",
		"buyer_user_id": "2088000000000001", "total_amount": t.Amount.Yuan(),
	}
	if t.State != paid {
		v["code"], v["msg"] = "10003", "order success pay inprocess"
		return v
	}
	for _, k := range []string{"receipt_amount", "buyer_pay_amount", "invoice_amount"} {
		v[k] = t.Amount.Yuan()
	}
	v["point_amount"], v["gmt_payment"] = "0.00", t.PaidAt.In(shanghai).Format(time.DateTime)
	v["fund_bill_list"] = []map[string]string{{"fund_channel": "ALIPAYACCOUNT", "amount": t.Amount.Yuan()}}
	return v
}

// cancel is alipay.trade.cancel (撤销): an unpaid trade is closed, a paid one is given back. A number that names no trade
// is answered as done.
func (a *alipay) cancel(m *merchant, _ url.Values, c alipayContent) (map[string]any, *alipayError) {
	t, failure := a.existing(m, c)
	if failure != nil && c.TradeNo != "" {
		return nil, failure
	}
	if failure != nil {
		return map[string]any{"out_trade_no": c.OutTradeNo, "retry_flag": "N"}, nil
	}
	if t.State == paid {
		if _, low := a.faults.strike(occasion{"alipay", t.OutTradeNo, "reverse"}, MerchantBalanceLow); low {
			return map[string]any{"out_trade_no": t.OutTradeNo, "trade_no": a.tradeNo(t), "retry_flag": "N"},
				aliErr("ACQ.SELLER_BALANCE_NOT_ENOUGH", "商户的支付宝账户中无足够的资金进行撤销")
		}
	}
	was, err := a.bank.reverse(t.ID, closed)
	if err != nil {
		return map[string]any{"out_trade_no": t.OutTradeNo, "retry_flag": "Y"}, aliErr("ACQ.SYSTEM_ERROR", "系统异常")
	}
	action := "close"
	if was == paid || was == revoked {
		action = "refund"
	}
	return map[string]any{"out_trade_no": t.OutTradeNo, "trade_no": a.tradeNo(t), "retry_flag": "N", "action": action},
		nil
}
