package sandbox

import "errors"

// refund is 004 申请退款; reqMsgId is its number. S says that the money went back, R that it is on its way.
func (r *ruiyinxin) refund(m *merchant, q smzfQuestion) smzfAnswer {
	t, ok := r.existing(m, q)
	amount, isAmount := smzfYuan(q.data["refundAmount"])
	switch {
	case q.data["merchantCode"] == "" || !isAmount:
		return smzfBad("merchantCode、refundAmount")
	case !ok:
		return smzfRefused(smzfNoTrade, "原交易不存在")
	}
	if _, used := r.bank.byNumber("ruiyinxin", m, q.number); used {
		return smzfRefused(smzfUsed, "请求流水号重复")
	}
	got, made, err := r.acceptRefund(refund{
		Institution: "ruiyinxin", Merchant: m.ID, OutTradeNo: t.OutTradeNo, OutRefundNo: q.number, Amount: amount,
		Reason: q.data["refundReason"],
	})
	if err != nil {
		return smzfRefundRefusal(err)
	}
	if made && (got.Ends == refundDone || got.Ends == refundClosed) {
		if err := r.finish(got.ID, got.Ends); err != nil {
			return smzfRefused(smzfSystem, "系统异常")
		}
		got, _ = r.bank.refundBy(got.ID)
	}
	kind, code, text := smzfRefundState(got)
	return smzfAnswer{kind, code, text, got.ID,
		map[string]string{"oriReqMsgId": got.OutTradeNo, "refundAmount": got.Amount.Yuan()}}
}

func smzfRefundRefusal(err error) smzfAnswer {
	switch {
	case errors.Is(err, errNotPaid):
		return smzfRefused(smzfNotAllowed, "订单未支付或已撤销")
	case errors.Is(err, errTooMuch):
		return smzfRefused(smzfTooMuch, "退款金额超过可退金额")
	case errors.Is(err, errTooMany), errors.Is(err, errTooLate):
		return smzfRefused(smzfNotAllowed, "订单不能再退款")
	case errors.Is(err, errOtherRefund):
		return smzfRefused(smzfUsed, "请求流水号重复")
	case errors.Is(err, errMerchantLow):
		return smzfRefused(smzfMerchantLow, "商户余额不足")
	}
	return smzfRefused(smzfSystem, "系统异常")
}

func smzfRefundState(got refund) (kind, code, text string) {
	switch got.State {
	case refundDone:
		return "S", smzfDone, "退款成功"
	case refundClosed:
		return "E", smzfRefundShut, "退款失败"
	}
	return "R", smzfUnderWay, "退款处理中"
}

// refundView is what a query says of a refund.
func (r *ruiyinxin) refundView(got refund) map[string]string {
	v := map[string]string{"oriReqMsgId": got.OutRefundNo, "totalAmount": got.Amount.Yuan(),
		"refundAmount": got.Amount.Yuan(), "isClearOrCancel": "0"}
	v["oriRespType"], v["oriRespCode"], v["oriRespMsg"] = smzfRefundState(got)
	if got.State == refundDone {
		v["payTime"] = got.DoneAt.In(shanghai).Format("20060102150405")
	}
	return v
}
