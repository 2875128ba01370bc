package sandbox

import (
	"encoding/json"
	"net/http"
	"time"
)

// wechatSchedule are the pauses between deliveries: 15 tries in 24 h 4 min after the first.
func wechatSchedule() []time.Duration {
	s, m, h := time.Second, time.Minute, time.Hour
	return []time.Duration{15 * s, 15 * s, 30 * s, 3 * m, 10 * m, 20 * m, 30 * m, 30 * m, 30 * m, 60 * m, 3 * h, 3 * h, 3 * h, 6 * h, 6 * h}
}

// notifyPaid sends TRANSACTION.SUCCESS for a paid trade.
func (w *wechat) notifyPaid(t trade) {
	created := w.cfg.Now().In(shanghai).Format(time.RFC3339)
	w.sender.send(notice{
		trade: t, id: "EV-" + randomHex(13), schedule: wechatSchedule(), timeout: 5 * time.Second,
		accepted: func(status int, _ []byte) bool { return status == http.StatusOK || status == http.StatusNoContent },
		build: func(n notice, how Fault) (http.Header, []byte, error) {
			return w.notification(n, created, how)
		},
	})
}

// notification builds and signs one delivery; how spoils it.
func (w *wechat) notification(n notice, created string, how Fault) (http.Header, []byte, error) {
	t := n.trade
	if how == WrongAmount {
		t.Amount++
	}
	if how == WrongMerchant {
		other := *t.Merchant
		other.ID = "1999999999"
		t.Merchant = &other
	}
	plain, err := json.Marshal(w.transaction(t))
	if err != nil {
		return nil, nil, err
	}
	nonce, ciphertext, err := encryptAEAD(n.trade.Merchant.APIv3Key, "transaction", plain)
	if err != nil {
		return nil, nil, err
	}
	body, err := json.Marshal(map[string]any{
		"id": n.id, "create_time": created, "resource_type": "encrypt-resource", "event_type": "TRANSACTION.SUCCESS", "summary": "支付成功",
		"resource": map[string]string{
			"original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "ciphertext": ciphertext, "associated_data": "transaction", "nonce": nonce,
		},
	})
	if err != nil {
		return nil, nil, err
	}
	h := http.Header{"Content-Type": {"application/json"}, "User-Agent": {"Mozilla/4.0"}, "Accept": {"*/*"}}
	key, serial := w.keys.certKey, w.keys.certSerial
	if n.trade.PublicKeyMode {
		key, serial = w.keys.pubKey, w.keys.pubID
	}
	if how == Forged {
		key = w.keys.forger
	}
	signWechat(h, key, serial, body, w.cfg.Now(), how)
	return h, body, nil
}
