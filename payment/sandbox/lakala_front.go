package sandbox

import (
	"net"
	"slices"
)

// frontRefundPath is where the newer refund front (rfd) is asked for a refund.
const frontRefundPath = "rfd/refund_front/refund"

// frontRefund is 统一退货 of the newer refund front (rfd), for scans, cards and counter orders. What it answers says how
// the refund stands; nothing else that it could not do is told by a state but by a code, and such a code means that
// nothing was given back.
func (l *lakala) frontRefund(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	t, ok := l.origin(m, in)
	switch {
	case !ok:
		return nil, lklErr(lakalaAbsent, "未查询到原交易")
	case in.TermNo != m.Terminal || net.ParseIP(in.LocationInfo.RequestIP) == nil:
		return nil, lklErr(lakalaParam, "参数错误：term_no、location_info.request_ip")
	case !slices.Contains([]string{"", "00", "05", "06", "30"}, in.RefundAccMode) ||
		!slices.Contains([]string{"", "00", "01"}, in.RefundAmtSts):
		return nil, lklErr(lakalaParam, "参数错误：refund_acc_mode、refund_amt_sts")
	case len(in.NotifyURL) > 128:
		return nil, lklErr(lakalaParam, "参数错误：notify_url")
	case !in.namesOrigin(t):
		return nil, lklErr(lakalaParam, "origin_trade_no、origin_log_no、origin_out_trade_no 与原交易不一致或不足")
	}
	in.front = true
	r, failed := l.giveBack(m, t, in, lakalaNoRefund)
	if failed != nil {
		return nil, failed
	}
	v := l.frontView(t, r)
	v["trade_state"] = frontState(r, "PROCESSING")
	for name, asked := range map[string]string{
		"origin_trade_no": in.OriginTradeNo, "origin_log_no": in.OriginLogNo,
		"origin_out_trade_no": in.OriginOutTradeNo,
	} {
		if asked == "" {
			delete(v, name) // they are answered where they were asked by
		}
	}
	return v, nil
}

// frontRefundQuery tells what became of a refund that was asked for here. Assumption: those of the older products are
// not known here.
func (l *lakala) frontRefundQuery(m *merchant, in lakalaData) (map[string]any, *lakalaError) {
	r, ok := l.refundNamed(m, in)
	if in.TermNo != m.Terminal || in.OutTradeNo == "" && in.TradeNo == "" {
		return nil, lklErr(lakalaParam, "参数错误：term_no、out_trade_no")
	}
	if !ok || !r.Front {
		return nil, lklErr(lakalaAbsent, "未查询到退货交易")
	}
	t, _ := l.bank.byNumber("lakala", m, r.OutTradeNo)
	v := l.frontView(t, r)
	v["origin_total_amount"] = fenText(t.Amount)
	return v, nil
}

// frontView is a refund as the front's query and notification have it.
func (l *lakala) frontView(t trade, r refund) map[string]any {
	v := l.refundView(t, r)
	v["trade_state"], v["refund_type"], v["channel_ret_desc"] = frontState(r, "DEAL"), "00", "RFD00000#成功"
	if t.Card != nil {
		delete(v, "account_type")
		v["pay_mode"], v["crd_no"] = t.Card.Type, t.Card.Masked
	}
	return v
}

// frontState is the front's word for a refund; underWay is its word, where it is asked, for one on its way.
func frontState(r refund, underWay string) string {
	if r.State == refunding {
		return underWay
	}
	return refundWord(r)
}
