package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// alipaySchedule are the pauses between deliveries: 8 tries within 25 hours.
func alipaySchedule() []time.Duration {
	m, h := time.Minute, time.Hour
	return []time.Duration{4 * m, 10 * m, 10 * m, 1 * h, 2 * h, 6 * h, 15 * h}
}

// notifyPaid sends trade_status_sync with TRADE_SUCCESS for a paid trade.
func (a *alipay) notifyPaid(t trade) {
	if t.NotifyURL == "" {
		return
	}
	a.sender.send(notice{
		trade: t, id: t.PaidAt.In(shanghai).Format("2006010200") + randomHex(12), schedule: alipaySchedule(), timeout: 10 * time.Second,
		accepted: func(_ int, body []byte) bool { return strings.TrimSpace(string(body)) == "success" },
		build:    a.notification,
	})
}

// notification builds and signs one delivery; how spoils it. The signature leaves out both sign and sign_type.
func (a *alipay) notification(n notice, how Fault) (http.Header, []byte, error) {
	t, now := n.trade, a.cfg.Now()
	amount, seller := t.Amount, t.Merchant.ID
	if how == WrongAmount {
		amount++
	}
	if how == WrongMerchant {
		seller = "2088999999999999"
	}
	if how == Stale {
		now = now.Add(-26 * time.Hour)
	}
	p := url.Values{}
	for k, v := range map[string]string{
		"notify_time": now.In(shanghai).Format(time.DateTime), "notify_type": "trade_status_sync", "notify_id": n.id, "app_id": t.Merchant.App,
		"charset": "utf-8", "version": "1.0", "trade_no": t.TransactionID, "out_trade_no": t.OutTradeNo, "buyer_id": "2088000000000001",
		"buyer_logon_id": "138****0001", "seller_id": seller, "trade_status": "TRADE_SUCCESS", "total_amount": amount.Yuan(),
		"receipt_amount": amount.Yuan(), "buyer_pay_amount": amount.Yuan(), "invoice_amount": amount.Yuan(), "point_amount": "0.00",
		"subject": t.Title, "gmt_create": t.CreatedAt.In(shanghai).Format(time.DateTime), "gmt_payment": t.PaidAt.In(shanghai).Format(time.DateTime),
	} {
		p.Set(k, v)
	}
	key := a.keys.aliKey
	if how == Forged || how == ProbeNotice {
		key = a.keys.forger
	}
	p.Set("sign", signRSA2(key, signText(p, "sign", "sign_type")))
	p.Set("sign_type", "RSA2")
	return http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}, []byte(p.Encode()), nil
}
