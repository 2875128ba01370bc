package sandbox

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// alipaySchedule are the pauses between deliveries: 8 tries within 25 hours.
func alipaySchedule() []time.Duration {
	m, h := time.Minute, time.Hour
	return []time.Duration{4 * m, 10 * m, 10 * m, 1 * h, 2 * h, 6 * h, 15 * h}
}

// notifyPaid sends trade_status_sync with TRADE_SUCCESS for a paid trade.
func (a *alipay) notifyPaid(t trade) { a.notify(notice{trade: t}, t.PaidAt) }

// notifyRefund sends trade_status_sync for money given back, to where the payment's was sent: TRADE_CLOSED once all of
// it is back.
func (a *alipay) notifyRefund(t trade, r refund) {
	if r.State == refundDone {
		a.notify(notice{trade: t, refund: &r}, r.DoneAt)
	}
}

func (a *alipay) notify(n notice, at time.Time) {
	if n.url = n.trade.NotifyURL; n.url == "" {
		return
	}
	n.id, n.schedule, n.timeout = at.In(shanghai).Format("2006010200")+randomHex(12), a.traits().schedule,
		10*time.Second
	n.accepted = func(_ int, body []byte) bool { return strings.TrimSpace(string(body)) == "success" }
	n.build = a.notification
	a.sender.send(n)
}

// notification builds and signs one delivery; how spoils it. The signature leaves out both sign and sign_type.
func (a *alipay) notification(n notice, how Script) (http.Header, []byte, error) {
	t, now := n.trade, a.cfg.Now()
	amount, seller := t.Amount, t.Merchant.ID
	if how.Fault == WrongAmount {
		amount++
	}
	if how.Fault == WrongMerchant {
		seller = "2088999999999999"
	}
	if how.Fault == Stale {
		now = now.Add(-26 * time.Hour)
	}
	p := url.Values{}
	for k, v := range map[string]string{
		"notify_time": now.In(shanghai).Format(time.DateTime), "notify_type": "trade_status_sync", "notify_id": n.id,
		"app_id":  t.Merchant.App,
		"charset": "utf-8", "version": "1.0", "trade_no": t.TransactionID, "out_trade_no": t.OutTradeNo,
		"buyer_id":       "2088000000000001",
		"buyer_logon_id": "138****0001", "seller_id": seller, "trade_status": alipayStatus(t),
		"total_amount":   amount.Yuan(),
		"receipt_amount": amount.Yuan(), "buyer_pay_amount": amount.Yuan(), "invoice_amount": amount.Yuan(),
		"point_amount": "0.00",
		"subject":      t.Title, "gmt_create": t.CreatedAt.In(shanghai).Format(time.DateTime),
		"gmt_payment": t.PaidAt.In(shanghai).Format(time.DateTime),
	} {
		p.Set(k, v)
	}
	if t.Kind != "pay" { // the institution's own sample of an order's payment has it; one by code goes without
		p.Set("refund_fee", "0.00")
	}
	if n.refund != nil {
		refundParams(p, t, *n.refund, how)
	}
	switch how.Fault {
	case UnknownFields:
		p.Set("field_of_tomorrow", "二")
	case FieldEdited:
		editParam(p, how)
	}
	key := a.key().key
	if how.Fault == Forged || how.Fault == ProbeNotice {
		key = a.keys.forger
	}
	p.Set("sign", signRSA2(key, signText(p, "sign", "sign_type")))
	p.Set("sign_type", "RSA2")
	return http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}, []byte(p.Encode()), nil
}

// alipayPageRefund is a number that refundHere makes up.
var alipayPageRefund = regexp.MustCompile(`^P[0-9]{24}$`)

// refundParams add what a notification says of money given back: refund_fee is the sum of all refunds so far. One of
// the whole payment that a person made on the institution's page goes under the payment's number.
func refundParams(p url.Values, t trade, r refund, how Script) {
	back := t.GivenBack
	if how.Fault == WrongAmount {
		back++
	}
	p.Set("refund_fee", back.Yuan())
	p.Set("gmt_refund", r.DoneAt.In(shanghai).Format("2006-01-02 15:04:05.000"))
	p.Set("out_biz_no", r.OutRefundNo)
	if r.Amount == t.Amount && alipayPageRefund.MatchString(r.OutRefundNo) {
		p.Set("out_biz_no", t.TransactionID)
	}
	if t.fullyBack() {
		p.Set("gmt_close", r.DoneAt.In(shanghai).Format(time.DateTime))
	}
}
