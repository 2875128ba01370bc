package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// notifyPaid sends 008 支付回调 for a paid trade, if its charge named an address.
func (r *ruiyinxin) notifyPaid(t trade) {
	if t.NotifyURL == "" {
		return
	}
	r.sender.send(notice{
		trade: t, url: t.NotifyURL, id: "RY" + randomHex(13), schedule: r.traits().schedule, timeout: 10 * time.Second,
		build: r.notification,
		accepted: func(status int, body []byte) bool {
			return status == http.StatusOK && strings.TrimSpace(string(body)) == smzfDone
		},
	})
}

// notifyRefund sends nothing: no third party has seen a callback for a refund.
func (r *ruiyinxin) notifyRefund(trade, refund) {}

// notification seals one delivery; how spoils it.
func (r *ruiyinxin) notification(n notice, how Script) (http.Header, []byte, error) {
	t, sent := n.trade, r.stamp()
	if how.Fault == WrongAmount {
		t.Amount++
	}
	if how.Fault == Stale {
		sent = r.cfg.Now().Add(-10 * time.Minute).In(shanghai).Format("20060102150405")
	}
	says := r.paidView(t)
	says["reqMsgId"] = t.OutTradeNo
	if how.Fault == WrongMerchant {
		says["merchantCode"] = "M99999999999999"
	}
	e := smzfEnvelope{TranCode: "SMZF008", ReqMsgID: t.OutTradeNo}
	err := r.seal(&e, t.Merchant, smzfMessage{
		Version: "1.0.0", MsgType: "02", SmzfMsgID: t.TransactionID, ReqDate: sent, RespDate: sent, RespType: "S",
		RespCode: smzfDone, RespMsg: "交易成功", Data: says,
	}, how)
	if how.Fault == OlderForm {
		e.SignData = ""
	}
	form := e.form()
	form.Set("cooperator", t.Merchant.App)
	return http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=UTF-8"}}, []byte(form.Encode()), err
}
