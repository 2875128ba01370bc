package sandbox

import (
	"errors"
	"net/url"
	"slices"
	"time"
)

// refund is alipay.trade.refund: the money is back when the answer says fund_change Y. N says that this call moved
// nothing: a repeat, or a refund that is still on its way.
func (a *alipay) refund(m *merchant, _ url.Values, c alipayContent) (map[string]any, *alipayError) {
	none := map[string]any{"out_trade_no": c.OutTradeNo, "refund_fee": "0.00", "send_back_fee": "0.00"}
	t, failure := a.existing(m, c)
	if failure != nil {
		return none, failure
	}
	amount, ok := c.RefundAmount.fen()
	switch {
	case !ok:
		return none, aliErr("ACQ.INVALID_PARAMETER", "refund_amount 不正确")
	case len(c.OutRequestNo) > 64 || len([]rune(c.RefundReason)) > 256:
		return none, aliErr("ACQ.INVALID_PARAMETER", "out_request_no、refund_reason 不正确")
	case c.OutRequestNo == "" && amount != t.Amount:
		return none, aliErr("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "撤销或退款金额与订单金额不一致")
	case c.OutRequestNo == "":
		c.OutRequestNo = t.OutTradeNo
	}
	wanted := refund{
		Institution: "alipay", Merchant: m.ID, OutTradeNo: t.OutTradeNo, OutRefundNo: c.OutRequestNo, Amount: amount,
		Reason:    c.RefundReason,
		NotifyURL: t.NotifyURL,
	}
	changed, failure := a.giveBack(t, wanted)
	if failure != nil {
		return none, failure
	}
	t, _ = a.bank.byNumber("alipay", m, t.OutTradeNo)
	v := map[string]any{
		"out_trade_no": t.OutTradeNo, "trade_no": t.TransactionID, "buyer_logon_id": "138****0001",
		"buyer_user_id": "2088000000000001",
		"refund_fee":    t.GivenBack.Yuan(), "send_back_fee": amount.Yuan(), "fund_change": "N",
	}
	if changed {
		v["fund_change"], v["gmt_refund_pay"] = "Y", t.BackAt.In(shanghai).Format(time.DateTime)
	}
	return v, nil
}

// giveBack accepts a refund and carries it out at once, unless it is a repeat or has to wait.
func (a *alipay) giveBack(t trade, wanted refund) (changed bool, failure *alipayError) {
	if _, repeated := a.bank.refundAsked(wanted); !repeated {
		if _, never := a.faults.strike(occasion{"alipay", t.OutTradeNo, "refund"}, RefundClosed); never {
			return false, aliErr("ACQ.TRADE_NOT_ALLOW_REFUND", "当前交易不允许退款")
		}
	}
	got, made, err := a.acceptRefund(wanted)
	if failure := alipayRefundError(err); failure != nil {
		return false, failure
	}
	if !made || got.Ends != refundDone {
		return false, nil
	}
	if err := a.finish(got.ID, refundDone); err != nil {
		return false, aliErr("ACQ.SYSTEM_ERROR", "系统错误")
	}
	return true, nil
}

func alipayRefundError(err error) *alipayError {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNotPaid):
		return aliErr("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
	case errors.Is(err, errTooLate):
		return aliErr("ACQ.TRADE_HAS_FINISHED", "交易已完结")
	case errors.Is(err, errTooMuch):
		return aliErr("ACQ.REASON_TRADE_REFUND_FEE_ERR", "退款金额无效")
	case errors.Is(err, errTooMany):
		return aliErr("ACQ.TRADE_NOT_ALLOW_REFUND", "当前交易不允许退款")
	case errors.Is(err, errOtherRefund):
		return aliErr("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
	case errors.Is(err, errMerchantLow):
		return aliErr("ACQ.SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足")
	}
	return aliErr("ACQ.SYSTEM_ERROR", "系统错误")
}

// refundQuery is alipay.trade.fastpay.refund.query. A request that is unknown or on its way is answered with success
// and nothing else.
func (a *alipay) refundQuery(m *merchant, _ url.Values, c alipayContent) (map[string]any, *alipayError) {
	t, failure := a.existing(m, c)
	if failure != nil {
		return nil, failure
	}
	if c.OutRequestNo == "" {
		return nil, aliErr("ACQ.INVALID_PARAMETER", "out_request_no 不能为空")
	}
	asked := refund{Institution: "alipay", Merchant: m.ID, OutTradeNo: t.OutTradeNo, OutRefundNo: c.OutRequestNo}
	r, ok := a.bank.refundAsked(asked)
	if !ok || r.State != refundDone {
		return map[string]any{}, nil
	}
	v := map[string]any{
		"out_trade_no": t.OutTradeNo, "trade_no": t.TransactionID, "out_request_no": r.OutRefundNo,
		"total_amount":  t.Amount.Yuan(),
		"refund_amount": r.Amount.Yuan(), "refund_status": "REFUND_SUCCESS", "send_back_fee": r.Amount.Yuan(),
	}
	if r.Reason != "" {
		v["refund_reason"] = r.Reason
	}
	if slices.Contains(c.QueryOptions, "gmt_refund_pay") {
		v["gmt_refund_pay"] = r.DoneAt.In(shanghai).Format(time.DateTime)
	}
	return v, nil
}

// fullyBack tells whether all that was paid has gone back.
func (t *trade) fullyBack() bool { return t.State == paid && t.GivenBack >= t.Amount }
