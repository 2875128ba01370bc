package wechat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	gp "github.com/go-pay/gopay/wechat/v3"

	"linlipay/money"
	"linlipay/payment"
)

// nonceLength is what AEAD_AES_256_GCM takes, in bytes.
const nonceLength = 12

// envelope is a notification before decryption.
type envelope struct {
	ID        string `json:"id"`
	EventType string `json:"event_type"`
	Resource  struct {
		Algorithm      string `json:"algorithm"`
		Ciphertext     string `json:"ciphertext"`
		AssociatedData string `json:"associated_data"`
		Nonce          string `json:"nonce"`
	} `json:"resource"`
}

// Parse verifies the signature on the raw bytes and its time, decrypts, and compares the merchant. The institution's probes
// (signatures that begin WECHATPAY/SIGNTEST/) fail here as they should.
func (g *Gateway) Parse(_ context.Context, a payment.Account, m payment.Message, now time.Time) (payment.Notification, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.Notification{}, unknown(err)
	}
	if err := cl.keys.verify(m.Header, m.Body, now); err != nil {
		return payment.Notification{}, forged(err)
	}
	var e envelope
	if err := json.Unmarshal(m.Body, &e); err != nil {
		return payment.Notification{}, forged(err)
	}
	n := payment.Notification{ID: e.ID, Event: e.EventType, Kind: payment.NotifyOther}
	switch e.EventType {
	case "TRANSACTION.SUCCESS":
		n.Kind = payment.NotifyTrade
		n.Report, err = cl.decrypt(e)
	case "REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED":
		n.Kind = payment.NotifyRefund
		n.Refund, err = cl.decryptRefund(e)
	}
	if err != nil {
		return payment.Notification{}, err
	}
	return n, nil
}

// sealed checks the form of a resource: one with a nonce of another length makes a cipher panic.
func (e envelope) sealed() error {
	if e.Resource.Algorithm != "AEAD_AES_256_GCM" || len(e.Resource.Nonce) != nonceLength {
		return forged(fmt.Errorf("wechat: algorithm %q with a nonce of %d bytes", e.Resource.Algorithm, len(e.Resource.Nonce)))
	}
	return nil
}

// opened decrypts the resource with the first key that opens it: a notification may be under way since before the key was replaced.
func opened[T any](e envelope, keys []string, open func(ciphertext, nonce, additional, key string) (*T, error)) (t *T, err error) {
	for _, key := range keys {
		if t, err = open(e.Resource.Ciphertext, e.Resource.Nonce, e.Resource.AssociatedData, key); err == nil {
			return t, nil
		}
	}
	return nil, err
}

// decrypt opens the resource and translates the transaction in it.
func (c *client) decrypt(e envelope) (payment.Report, error) {
	if err := e.sealed(); err != nil {
		return payment.Report{}, err
	}
	t, err := opened(e, c.settings.apiv3Keys, gp.V3DecryptPayNotifyCipherText)
	if err != nil {
		return payment.Report{}, forged(errors.New("wechat: the resource does not decrypt"))
	}
	if t.Mchid != c.settings.mchid || t.Appid != c.settings.appid {
		return payment.Report{}, forged(fmt.Errorf("wechat: for merchant %s and app %s", t.Mchid, t.Appid))
	}
	return report(t.TradeState, t.OutTradeNo, t.TransactionId, t.SuccessTime, t.Mchid, t.Appid, t.Amount, t.Payer)
}

// decryptRefund opens the resource and translates the refund in it. The institution does not name the app there.
func (c *client) decryptRefund(e envelope) (payment.RefundReport, error) {
	if err := e.sealed(); err != nil {
		return payment.RefundReport{}, err
	}
	t, err := opened(e, c.settings.apiv3Keys, gp.V3DecryptRefundNotifyCipherText)
	if err != nil || t.Amount == nil {
		return payment.RefundReport{}, forged(errors.New("wechat: the resource does not decrypt, or holds no refund"))
	}
	if t.Mchid != c.settings.mchid {
		return payment.RefundReport{}, forged(fmt.Errorf("wechat: for merchant %s", t.Mchid))
	}
	return refundOf{t.RefundStatus, t.OutTradeNo, t.OutRefundNo, t.RefundId, t.SuccessTime}.report(money.Fen(t.Amount.Refund))
}

func forged(err error) error {
	return &payment.GatewayError{Kind: payment.Forged, Cause: err}
}

// Answer is 204 for success; anything else is a status that makes the institution send again.
func (g *Gateway) Answer(err error) payment.Answer {
	if err == nil {
		return payment.Answer{Status: http.StatusNoContent}
	}
	status := http.StatusInternalServerError
	var failed *payment.GatewayError
	if errors.As(err, &failed) && failed.Kind == payment.Forged {
		status = http.StatusUnauthorized
	}
	return payment.Answer{Status: status, ContentType: "application/json", Body: []byte(`{"code":"FAIL","message":"失败"}`)}
}
