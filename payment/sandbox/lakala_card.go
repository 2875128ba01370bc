package sandbox

import (
	"encoding/json"
	"errors"

	"linlipay/money"
)

// What proc_cd asks of the application.
const (
	procPay  = "000000"
	procVoid = "200000"
)

// asked reads a call of the application of Lakala's smart POS (com.lkl.cloudpos.payment), as third parties describe it.
// A void tells no amount: it is the payment's.
func (l *lakala) asked(fields map[string]string) (cardCall, error) {
	amount, err := money.ParseYuan(fields["amt"])
	switch {
	case fields["msg_tp"] != "0200" || fields["pay_tp"] != "0" || fields["proc_tp"] != "00":
		return cardCall{}, errors.New("msg_tp、pay_tp、proc_tp 不正确 (must be 0200, 0 and 00)")
	case fields["proc_cd"] != procPay && fields["proc_cd"] != procVoid:
		return cardCall{}, errors.New("proc_cd 不正确 (must be 000000 or 200000)")
	case fields["appid"] == "":
		return cardCall{}, errors.New("appid 不能为空 (the calling application is missing)")
	case fields["proc_cd"] == procPay && (err != nil || amount < 1):
		return cardCall{}, errors.New("amt 不正确 (must be yuan)")
	}
	if t, ok := l.onTerminal(fields); ok && fields["proc_cd"] == procVoid {
		amount = t.Amount
	}
	return cardCall{fields["order_no"], amount, fields["proc_cd"] == procVoid}, nil
}

// readCard plays that application. order_no is the counter's order, by either number; a void names the payment by
// batchbillno or by order_no.
func (l *lakala) readCard(in swipe) (map[string]string, error) {
	asked, err := l.asked(in.Fields)
	if err != nil {
		return nil, err
	}
	t, ok := l.onTerminal(in.Fields)
	if !ok {
		return l.declined(in.Fields, "订单不存在"), nil
	}
	return l.swiping("lakala", t.OutTradeNo, func() map[string]string {
		if asked.Void {
			return l.voidOnTerminal(in, t)
		}
		return l.payOnTerminal(in, t, asked.AmountFen)
	}), nil
}

// onTerminal is the counter's order that a terminal names: the application knows its merchant, which here follows from
// the order.
func (l *lakala) onTerminal(fields map[string]string) (trade, bool) {
	if t, ok := l.bank.find(fields["order_no"]); ok && t.OrderNo == fields["order_no"] && t.isOrder() {
		return t, true
	}
	for n := 0; l.keys.place("lakala", n) != nil; n++ {
		m := l.keys.place("lakala", n)
		if t, ok := l.bank.byNumber("lakala", m, fields["order_no"]); ok && t.isOrder() {
			return t, true
		}
		if no := fields["batchbillno"]; fields["proc_cd"] == procVoid && len(no) == 12 {
			if t, ok := l.bank.bySlip("lakala", m, Slip{Terminal: m.Terminal, BatchNo: no[:6], TraceNo: no[6:]}); ok {
				return t, true
			}
		}
	}
	return trade{}, false
}

func (l *lakala) payOnTerminal(in swipe, t trade, amount money.Fen) map[string]string {
	if amount != t.Amount {
		return l.declined(in.Fields, "金额与订单不一致")
	}
	t, err := l.bank.charge(t.ID, in.Card, t.Merchant.Terminal, in.Declined)
	if err != nil {
		return l.declined(in.Fields, cardWords(err))
	}
	l.notifyPaid(t)
	return l.handedBack(in.Fields, t, *t.Card, at14(t.PaidAt))
}

func (l *lakala) voidOnTerminal(in swipe, t trade) map[string]string {
	if no := in.Fields["batchbillno"]; no != "" && (t.Card == nil || no != t.Card.BatchNo+t.Card.TraceNo) {
		return l.declined(in.Fields, "无此交易")
	}
	if in.Declined {
		return l.declined(in.Fields, cardWords(errCardDeclined))
	}
	first := t.Void == nil
	made, err := l.bank.void(t.ID, t.Merchant.Terminal)
	if err != nil {
		return l.declined(in.Fields, cardWords(err))
	}
	t, _ = l.bank.find(t.ID)
	if first {
		l.notifyVoid(t)
	}
	return l.handedBack(in.Fields, t, made, at14(t.BackAt))
}

// cardWords are the terminal's words, after the codes of the banks' cards.
func cardWords(err error) string {
	switch {
	case errors.Is(err, errCardUnknown):
		return "14 无效卡号"
	case errors.Is(err, errCardDeclined):
		return "05 持卡人认证失败，交易拒绝"
	case errors.Is(err, errBalanceLow):
		return "51 可用余额不足"
	case errors.Is(err, errNotPayable):
		return "订单已支付或已关闭"
	case errors.Is(err, errBatchSettled):
		return "25 原交易已结算，不能撤销，请使用退货"
	case errors.Is(err, errNotPaid):
		return "25 无此交易或已退款"
	}
	return "96 系统异常"
}

// declined is what the application hands back when nothing was charged or undone.
func (l *lakala) declined(fields map[string]string, reason string) map[string]string {
	return map[string]string{
		"msg_tp": "0210", "pay_tp": "0", "proc_tp": "00", "proc_cd": fields["proc_cd"], "order_no": fields["order_no"],
		"appid": fields["appid"], "reason": reason,
	}
}

// handedBack is what the application hands back of a slip; txndetail is JSON in a text.
func (l *lakala) handedBack(fields map[string]string, t trade, s Slip, at string) map[string]string {
	detail, _ := json.Marshal(map[string]string{ // texts always encode
		"merid": t.Merchant.ID, "termid": s.Terminal, "batchno": s.BatchNo, "systraceno": s.TraceNo,
		"authcode": s.AuthCode, "refernumber": s.ReferenceNo,
		"transamount": t.Amount.Yuan(), "priaccount": s.Masked, "iisno": s.Issuer, "acqno": "拉卡拉",
		"translocaldate": at[:8], "translocaltime": at[8:],
	})
	v := map[string]string{
		"msg_tp": "0210", "pay_tp": "0", "proc_tp": "00", "proc_cd": fields["proc_cd"], "amt": t.Amount.Yuan(),
		"order_no": fields["order_no"],
		"appid":    fields["appid"], "time_stamp": at, "systraceno": s.TraceNo, "batchbillno": s.BatchNo + s.TraceNo,
		"refernumber": s.ReferenceNo,
		"merid":       t.Merchant.ID, "termid": s.Terminal, "cardtype": s.Type, "txndetail": string(detail),
	}
	if fields["proc_cd"] == procVoid {
		v["sysoldtraceno"] = t.Card.TraceNo
	}
	return v
}
