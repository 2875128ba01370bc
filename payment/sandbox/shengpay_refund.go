package sandbox

import (
	"errors"
	"net/url"
	"slices"
	"strconv"

	"linlipay/money"
)

// shengpayRefundNo is the merchant's number of a refund: outRefundNo, or refundOrderNo as older clients send.
func shengpayRefundNo(p map[string]string) string {
	if p["outRefundNo"] != "" {
		return p["outRefundNo"]
	}
	return p["refundOrderNo"]
}

// refund is 退款: accepted, and on its way until a notification or a query says how it ended.
func (s *shengpay) refund(m *merchant, p map[string]string) (map[string]string, *shengpayFailure) {
	t, failed := s.existing(m, p)
	if failed != nil {
		return nil, failed
	}
	notify, err := url.Parse(p["notifyUrl"])
	switch {
	case !shengpayNumber.MatchString(shengpayRefundNo(p)):
		return nil, shengpayBad("outRefundNo")
	case !shengpayFee.MatchString(p["refundFee"]):
		return nil, shengpayBad("refundFee")
	case p["notifyUrl"] != "" && (err != nil || notify.Host == "" || len(p["notifyUrl"]) > shengpayAddressMost):
		return nil, shengpayBad("notifyUrl")
	case !takesText(p["refundDesc"], shengpayReasonMost):
		return nil, shengpayBad("refundDesc")
	}
	fee, _ := strconv.ParseInt(p["refundFee"], 10, 64) // eleven digits at most
	got, _, err := s.acceptRefund(refund{
		Institution: "shengpay", Merchant: m.ID, OutTradeNo: t.OutTradeNo, OutRefundNo: shengpayRefundNo(p),
		Amount: money.Fen(fee), Reason: p["refundDesc"],
		NotifyURL: p["notifyUrl"],
	})
	if err != nil {
		return nil, shengpayRefundFailure(err)
	}
	return shengpayRefundView(t, got), nil
}

func shengpayRefundFailure(err error) *shengpayFailure {
	switch {
	case errors.Is(err, errNotPaid):
		return &shengpayFailure{shengpayNotAllowed, "订单未支付或已撤销"}
	case errors.Is(err, errTooMuch):
		return &shengpayFailure{shengpayRefundTooBig, "退款金额超过可退金额"}
	case errors.Is(err, errTooMany), errors.Is(err, errTooLate):
		return &shengpayFailure{shengpayNotAllowed, "订单不能再退款"}
	case errors.Is(err, errOtherRefund):
		return &shengpayFailure{shengpayRefundUsed, "商户退款订单号重复"}
	case errors.Is(err, errMerchantLow):
		return &shengpayFailure{shengpayMerchantLow, "商户余额不足"}
	}
	return &shengpayFailure{shengpaySystem, "系统异常"}
}

// askedRefund is the refund that a question names, by the merchant's number or by refundId.
func (s *shengpay) askedRefund(m *merchant, p map[string]string) (refund, bool) {
	if got, ok := s.bank.refundBy(p["refundId"]); ok && got.Institution == "shengpay" && got.Merchant == m.ID {
		return got, true
	}
	return s.bank.refundAsked(refund{Institution: "shengpay", Merchant: m.ID, OutRefundNo: shengpayRefundNo(p)})
}

func (s *shengpay) refundQuery(m *merchant, p map[string]string) (map[string]string, *shengpayFailure) {
	got, ok := s.askedRefund(m, p)
	if !ok {
		return nil, &shengpayFailure{shengpayNoRefund, "退款订单不存在"}
	}
	t, _ := s.bank.byNumber("shengpay", m, got.OutTradeNo)
	return shengpayRefundView(t, got), nil
}

// shengpayRefundView is a refund in the institution's words, as in the answers and in a notification.
func shengpayRefundView(t trade, r refund) map[string]string {
	p := map[string]string{
		"mchId": r.Merchant, "outTradeNo": r.OutTradeNo, "transactionId": t.TransactionID, "outRefundNo": r.OutRefundNo,
		"refundOrderNo": r.OutRefundNo,
		"refundId":      r.ID, "refundFee": strconv.FormatInt(int64(r.Amount), 10),
		"totalFee":     strconv.FormatInt(int64(t.Amount), 10),
		"refundStatus": shengpayRefundStatus(r),
	}
	if r.State == refundDone {
		p["timeEnd"] = r.DoneAt.In(shanghai).Format("20060102150405")
	}
	return p
}

// givingBack tells whether a refund of the trade is on its way.
func (t *trade) givingBack() bool {
	return slices.ContainsFunc(t.refunds, func(r *refund) bool { return r.State == refunding })
}
