package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"linlipay/money"
)

// wechatSchedule are the pauses between deliveries: 15 tries in 24 h 4 min after the first.
func wechatSchedule() []time.Duration {
	s, m, h := time.Second, time.Minute, time.Hour
	return []time.Duration{15 * s, 15 * s, 30 * s, 3 * m, 10 * m, 20 * m, 30 * m, 30 * m, 30 * m, 60 * m, 3 * h, 3 * h,
		3 * h, 6 * h, 6 * h}
}

// wechatEvent is what a notification says; plain spoils the resource before it is encrypted.
type wechatEvent struct {
	kind, summary, original string
	plain                   func(n notice, how Script) map[string]any
}

// notifyPaid sends TRANSACTION.SUCCESS for a paid trade, if the merchant named an address: a payment by code has none.
func (w *wechat) notifyPaid(t trade) {
	w.notify(notice{trade: t, url: t.NotifyURL}, wechatEvent{"TRANSACTION.SUCCESS", "支付成功", "transaction",
		w.paidResource})
}

// notifyRefund sends REFUND.SUCCESS, .ABNORMAL or .CLOSED.
func (w *wechat) notifyRefund(t trade, r refund) {
	word := strings.ToUpper(string(r.State))
	summary := map[refundState]string{refundDone: "退款成功", refundAbnormal: "退款异常", refundClosed: "退款关闭"}[r.State]
	w.notify(notice{trade: t, refund: &r, url: r.NotifyURL},
		wechatEvent{"REFUND." + word, summary, "refund", w.refundResource})
}

func (w *wechat) notify(n notice, e wechatEvent) {
	if n.url == "" {
		return
	}
	created := w.cfg.Now().In(shanghai).Format(time.RFC3339)
	n.id, n.schedule, n.timeout = "EV-"+randomHex(13), w.traits().schedule, 5*time.Second
	n.accepted = func(status int, _ []byte) bool { return status == http.StatusOK || status == http.StatusNoContent }
	n.build = func(n notice, how Script) (http.Header, []byte, error) { return w.notification(n, e, created, how) }
	w.sender.send(n)
}

func (w *wechat) paidResource(n notice, how Script) map[string]any {
	t := n.trade
	if how.Fault == WrongAmount {
		t.Amount++
	}
	v := w.transaction(t)
	if how.Fault == WrongMerchant {
		v["mchid"] = "1999999999"
	}
	return v
}

func (w *wechat) refundResource(n notice, how Script) map[string]any {
	t, r := n.trade, *n.refund
	amount := map[string]money.Fen{"total": t.Amount, "refund": r.Amount, "payer_total": t.Amount,
		"payer_refund": r.Amount}
	v := map[string]any{
		"mchid": r.Merchant, "out_trade_no": r.OutTradeNo, "transaction_id": t.TransactionID,
		"out_refund_no": r.OutRefundNo, "refund_id": r.ID,
		"refund_status": strings.ToUpper(string(r.State)), "user_received_account": r.receivedBy(), "amount": amount,
	}
	if r.State == refundDone {
		v["success_time"] = r.DoneAt.In(shanghai).Format(time.RFC3339)
	}
	switch how.Fault {
	case WrongAmount:
		amount["refund"]++
	case WrongMerchant:
		v["mchid"] = "1999999999"
	}
	return v
}

// notification builds and signs one delivery; how spoils it.
func (w *wechat) notification(n notice, e wechatEvent, created string, how Script) (http.Header, []byte, error) {
	plain, err := json.Marshal(e.plain(n, how))
	if err != nil {
		return nil, nil, err
	}
	switch how.Fault {
	case UnknownFields:
		plain = withUnknown(plain)
	case FieldEdited:
		plain = editedField(plain, how)
	}
	nonce, ciphertext, err := encryptAEAD(n.trade.Merchant.APIv3Key, e.original, plain)
	if err != nil {
		return nil, nil, err
	}
	body, err := json.Marshal(map[string]any{
		"id": n.id, "create_time": created, "resource_type": "encrypt-resource", "event_type": e.kind,
		"summary": e.summary,
		"resource": map[string]string{
			"original_type": e.original, "algorithm": "AEAD_AES_256_GCM", "ciphertext": ciphertext,
			"associated_data": e.original, "nonce": nonce,
		},
	})
	if err != nil {
		return nil, nil, err
	}
	h := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Mozilla/4.0"}, "Accept": {"*/*"}}
	key, serial, public := w.cert().key, w.cert().serial, n.trade.PublicKeyMode
	if n.refund != nil {
		public = n.refund.PublicKeyMode
	}
	if public {
		key, serial = w.keys.Own[wechatPublicKey].key, w.publicID()
	}
	if how.Fault == Forged {
		key = w.keys.forger
	}
	signWechat(h, key, serial, body, w.cfg.Now(), how)
	return h, body, nil
}
