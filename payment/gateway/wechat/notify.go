package wechat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	gp "github.com/go-pay/gopay/wechat/v3"

	"linlipay/payment/gateway"
)

// nonceLength is what AEAD_AES_256_GCM takes, in bytes.
const nonceLength = 12

// envelope is a notification before decryption.
type envelope struct{ id, event, algorithm, ciphertext, associated, nonce string }

// readEnvelope reads what stands around the resource. A message without an event is of no meaning; associated_data may
// be empty.
func readEnvelope(body []byte) (envelope, error) {
	f, err := gateway.ReadFields(body)
	if err != nil {
		return envelope{}, gateway.AsUnauthentic(err)
	}
	resource := f.Object("resource")
	e := envelope{
		id: f.Text("id"), event: f.Required("event_type"), algorithm: resource.Text("algorithm"),
		ciphertext: resource.Text("ciphertext"), associated: resource.Text("associated_data"),
		nonce: resource.Text("nonce"),
	}
	if f.Err() != nil {
		return envelope{}, gateway.AsUnauthentic(f.Err())
	}
	return e, nil
}

// Verify verifies the signature on the raw bytes and its time, decrypts, and compares the merchant. The institution's
// probes (signatures that begin WECHATPAY/SIGNTEST/) fail here as they should.
func (g *Gateway) Verify(_ context.Context, a gateway.Account, m gateway.RawNotification,
	now time.Time) (gateway.Notification, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Notification{}, gateway.AsIndeterminate(err)
	}
	if err := cl.keys.verify(m.Header, m.Body, now); err != nil {
		return gateway.Notification{}, gateway.AsUnauthentic(err)
	}
	e, err := readEnvelope(m.Body)
	if err != nil {
		return gateway.Notification{}, err
	}
	n := gateway.Notification{ID: e.id, Event: e.event, Kind: gateway.NotifyOther}
	switch e.event {
	case "TRANSACTION.SUCCESS":
		n.Kind = gateway.NotifyTrade
		n.Report, err = cl.paid(e)
	case "REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED":
		n.Kind = gateway.NotifyRefund
		n.Refund, err = cl.refunded(e)
	}
	if err != nil {
		return gateway.Notification{}, err
	}
	return n, nil
}

// open decrypts the resource with the first key that opens it: a notification may be under way since before the key was
// replaced. A nonce of another length would make a cipher panic. What it holds must be for this merchant.
func (c *client) open(e envelope) (gateway.Fields, error) {
	if e.algorithm != "AEAD_AES_256_GCM" || len(e.nonce) != nonceLength {
		err := fmt.Errorf("wechat: algorithm %q with a nonce of %d bytes", e.algorithm, len(e.nonce))
		return gateway.Fields{}, gateway.AsUnauthentic(err)
	}
	for _, key := range c.settings.apiv3Keys {
		plain, err := gp.V3DecryptNotifyCipherTextToBytes(e.ciphertext, e.nonce, e.associated, key)
		if err != nil {
			continue
		}
		f, err := gateway.ReadFields(plain)
		if err != nil {
			return gateway.Fields{}, gateway.AsIndeterminate(err)
		}
		if mchid := c.mchid(f); mchid != c.settings.mchid {
			return gateway.Fields{}, gateway.AsUnauthentic(fmt.Errorf("wechat: for merchant %s", mchid))
		}
		return f, nil
	}
	return gateway.Fields{}, gateway.AsUnauthentic(errors.New("wechat: the resource does not decrypt"))
}

// paid translates the transaction in the resource.
func (c *client) paid(e envelope) (gateway.Report, error) {
	f, err := c.open(e)
	if err != nil {
		return gateway.Report{}, err
	}
	if app := f.Text("appid"); app != "" && app != c.settings.appid {
		return gateway.Report{}, gateway.AsUnauthentic(fmt.Errorf("wechat: for app %s", app))
	}
	return c.transaction(f)
}

// refunded translates the refund in the resource, ours or one that was made on the merchant platform. The institution
// does not name the app there; the event says the same as refund_status.
func (c *client) refunded(e envelope) (gateway.RefundReport, error) {
	f, err := c.open(e)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	return refundOf(cmp.Or(f.Text("refund_status"), strings.TrimPrefix(e.event, "REFUND.")), f)
}

// Acknowledge is 204 for success; anything else is a status that makes the institution send again.
func (g *Gateway) Acknowledge(err error) gateway.Acknowledgement {
	if err == nil {
		return gateway.Acknowledgement{Status: http.StatusNoContent}
	}
	return gateway.Acknowledgement{Status: gateway.RefusalStatus(err), ContentType: "application/json",
		Body: []byte(`{"code":"FAIL","message":"失败"}`)}
}
