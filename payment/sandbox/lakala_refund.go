package sandbox

import (
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"linlipay/money"
)

func fenText(amount money.Fen) string { return strconv.FormatInt(int64(amount), 10) }

// namesOrigin tells whether a refund names its payment well enough: by at least two of the institution's two numbers
// and the merchant's where it was ordered at the counter, and by none that is another payment's.
func (in lakalaData) namesOrigin(t trade) bool {
	told := 0
	for _, pair := range [][2]string{
		{in.OriginTradeNo, t.TransactionID}, {in.OriginLogNo, logNo(t.TransactionID)},
		{in.OriginOutTradeNo, t.OutTradeNo},
	} {
		if pair[0] == "" {
			continue
		}
		if told++; pair[0] != pair[1] {
			return false
		}
	}
	return told >= 2 || told == 1 && !t.isOrder()
}

// refundScan is labs' 退款, for payments that a wallet scanned, at the counter too. A refund that is on its way is
// answered as such. A reason is required by the institution's own client (M) and left out by several others that
// work, so that it is not asked for here.
func (l *lakala) refundScan(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	t, ok := l.origin(m, in)
	switch {
	case !ok:
		return nil, lklErr(lakalaAbsent, "未查询到原交易")
	case in.TermNo != m.Terminal || net.ParseIP(in.LocationInfo.RequestIP) == nil:
		return nil, lklErr(lakalaParam, "参数错误：term_no、location_info.request_ip")
	case !in.namesOrigin(t):
		return nil, lklErr(lakalaParam, "origin_trade_no、origin_log_no、origin_out_trade_no 与原交易不一致或不足")
	case t.Wallet == BankCard:
		return nil, lklErr(lakalaNoRefund, "银行卡交易请使用统一退货")
	}
	got, failed := l.giveBack(m, t, in, lakalaNoRefund)
	if failed != nil {
		return nil, failed
	}
	v := l.refundView(t, got)
	if got.State == refunding {
		return nil, &lakalaError{lakalaUnderWay, "退款处理中", v}
	}
	return v, nil
}

// giveBack accepts a refund, and carries it out at once unless it has to wait or the front was asked, which only
// accepts; a notification follows the answer. refused is the endpoint's code for one that the trade does not allow.
func (l *lakala) giveBack(m *merchant, t trade, in lakalaData, refused string) (refund, *lakalaError) {
	_, known := l.bank.byNumber("lakala", m, in.OutTradeNo)
	switch {
	case in.OutTradeNo == "" || len(in.OutTradeNo) > 32 || in.RefundAmount.fen < 1 ||
		in.RefundReason != "" && !lakalaText(in.RefundReason, 32):
		return refund{}, lklErr(lakalaParam, "参数错误：out_trade_no、refund_amount、refund_reason")
	case known:
		return refund{}, lklErr(lakalaNumberUsed, "商户流水号重复")
	}
	got, made, err := l.acceptRefund(refund{
		Institution: "lakala", Merchant: m.ID, OutTradeNo: t.OutTradeNo, OutRefundNo: in.OutTradeNo,
		Amount: in.RefundAmount.fen, Reason: in.RefundReason,
		NotifyURL: in.NotifyURL, Front: in.front,
	})
	switch {
	case err != nil:
		return got, lakalaRefundError(refused, err)
	case made && (in.front || got.Ends == refundClosed):
		*in.after = append(*in.after, func() { l.finishLater(got) })
	case made && got.Ends == refundDone:
		var of trade
		if got, of, err = l.bank.finish(got.ID, refundDone); err != nil {
			return got, lklErr(lakalaBroken, "系统异常")
		}
		*in.after = append(*in.after, func() { l.notifyRefund(of, got) })
	}
	return got, nil
}

// refundView is a refund in the answer to its request.
func (l *lakala) refundView(t trade, r refund) map[string]any {
	v := map[string]any{
		"merchant_no": r.Merchant, "out_trade_no": r.OutRefundNo, "trade_no": r.ID, "log_no": logNo(r.ID),
		"acc_trade_no": walletNo(t),
		"account_type": accountType(t.Wallet), "total_amount": fenText(t.Amount), "refund_amount": fenText(r.Amount),
		"payer_amount": fenText(r.Amount),
		"trade_time":   at14(r.CreatedAt), "origin_trade_no": t.TransactionID, "origin_log_no": logNo(t.TransactionID),
		"origin_out_trade_no": t.OutTradeNo,
	}
	if r.State == refundDone {
		v["trade_time"] = at14(r.DoneAt)
	}
	return v
}

// refundState is a refund as tradequery and a notification have it.
func (l *lakala) refundState(t trade, r refund) map[string]any {
	v := l.refundView(t, r)
	v["trade_main_type"], v["trade_state"], v["total_amount"] = "REFUND", refundWord(r), fenText(r.Amount)
	return v
}

// refundNamed is the refund whose own number a query asks about.
func (l *lakala) refundNamed(m *merchant, in lakalaData) (refund, bool) {
	if in.TradeNo != "" {
		r, ok := l.bank.refundBy(in.TradeNo)
		return r, ok && r.Institution == "lakala" && r.Merchant == m.ID
	}
	return l.bank.refundAsked(refund{Institution: "lakala", Merchant: m.ID, OutRefundNo: in.OutTradeNo})
}

var maskedCard = regexp.MustCompile(`^([0-9]{4,6})\*+([0-9]{4})$`)

// unifiedOrigin is the payment that a unified refund or its query names: a card's by 参考号 and masked number, a scan's by
// trade_no or log_no.
func (l *lakala) unifiedOrigin(m *merchant, in lakalaData, withCard bool) (trade, *lakalaError) {
	byCard := in.OriginBizType == "1"
	switch {
	case !strings.Contains("1234", in.OriginBizType) || len(in.OriginBizType) != 1 || in.TermNo != m.Terminal:
		return trade{}, lklErr(lakalaParam, "参数错误：origin_biz_type、term_no")
	case byCard && in.OriginTradeRefNo == "" && in.OriginLogNo == "":
		return trade{}, lklErr(referenceLacks, "系统参考号不能为空")
	case !byCard && in.OriginTradeNo == "" && in.OriginLogNo == "":
		return trade{}, lklErr(tradeMissing, "原交易拉卡拉交易订单号不能为空")
	}
	t, ok := l.origin(m, in)
	day := t.PaidAt.In(shanghai).Format("20060102")
	switch {
	case !ok && byCard:
		return t, lklErr(referenceWrong, "原交易平台交易参考号错误")
	case !ok || in.OriginTradeDate != day || byCard != (t.Card != nil) || in.OriginLogNo != "" &&
		in.OriginLogNo != logNo(t.TransactionID):
		return t, lklErr(tradeWrong, "原交易拉卡拉交易订单号错误")
	case byCard && in.OriginTradeRefNo != "" && in.OriginTradeRefNo != t.Card.ReferenceNo:
		return t, lklErr(referenceWrong, "原交易平台交易参考号错误")
	case byCard && withCard && !t.Card.maskedAs(in.OriginCardNo):
		return t, lklErr(cardMissing, "银行卡不能为空或与原交易不一致")
	}
	return t, nil
}

// maskedAs tells whether a masked number is the card's: its first four to six digits and its last four.
func (s Slip) maskedAs(text string) bool {
	p := maskedCard.FindStringSubmatch(text)
	return p != nil && strings.HasPrefix(s.Masked, p[1]) && strings.HasSuffix(s.Masked, p[2])
}

// refundAny is lams' unified refund (统一退货), for scans and cards.
func (l *lakala) refundAny(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	if !slices.Contains([]string{"", "00", "05", "06"}, in.RefundType) {
		return nil, lklErr(lakalaParam, "参数错误：refund_type")
	}
	t, failed := l.unifiedOrigin(m, in, true)
	if failed != nil {
		return nil, failed
	}
	refused, underWay := scanRefundFails, scanUnderWay
	if t.Card != nil {
		refused, underWay = cardRefundFails, cardUnderWay
	}
	got, failed := l.giveBack(m, t, in, refused)
	if failed != nil {
		return nil, failed
	}
	v := l.refundView(t, got)
	if got.State == refunding {
		return nil, &lakalaError{underWay, "退款中", v}
	}
	return v, nil
}

// refundsOf is lams' 退货查询: the refunds of a payment, or the one that origin_out_trade_no names.
func (l *lakala) refundsOf(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	only := in.OriginOutTradeNo
	in.OriginOutTradeNo = ""
	t, failed := l.unifiedOrigin(m, in, false)
	if failed != nil {
		return nil, failed
	}
	list := []map[string]any{}
	for _, r := range l.bank.refundsOf(t) {
		if only != "" && only != r.OutRefundNo {
			continue
		}
		v := map[string]any{
			"out_trade_no": r.OutRefundNo, "trade_time": at14(latest(r.CreatedAt, r.DoneAt)),
			"trade_state": refundWord(r), "trade_no": r.ID, "log_no": logNo(r.ID),
			"refund_amount": fenText(r.Amount),
		}
		if t.Card != nil {
			v["pay_mode"], v["crd_no"] = t.Card.Type, t.Card.Masked
		} else {
			v["account_type"], v["payer_amount"] = accountType(t.Wallet), fenText(r.Amount)
		}
		list = append(list, v)
	}
	return map[string]any{"refund_list": list}, nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
