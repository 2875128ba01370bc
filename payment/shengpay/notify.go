package shengpay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"linlipay/money"
	"linlipay/payment"
)

// Parse verifies the signature and compares the merchant: the institution signs all merchants' messages with one key. A message carries no time, so that an old one
// looks like any other.
func (g *Gateway) Parse(_ context.Context, a payment.Account, m payment.Message, _ time.Time) (payment.Notification, error) {
	c, err := g.client(a)
	if err != nil {
		return payment.Notification{}, unknown(err)
	}
	told, err := readFields(m.Body)
	if err == nil {
		err = c.verifyFields(told)
	}
	if err == nil {
		err = c.addressed(told)
	}
	if err != nil {
		return payment.Notification{}, forged(err)
	}
	return c.notification(told)
}

// addressed checks that a message is for this merchant.
func (c *client) addressed(told fields) error {
	if told["mchId"] != c.settings.mchID || told["subMchId"] != "" && told["subMchId"] != c.settings.subMchID {
		return fmt.Errorf("shengpay: for merchant %.32q and sub-merchant %.32q", told["mchId"], told["subMchId"])
	}
	return nil
}

// notification translates a verified message: a refund's has refundStatus, a payment's has status. Its id is the institution's number with the state, for it gives its
// messages none.
func (c *client) notification(told fields) (n payment.Notification, err error) {
	word := told[c.settings.statusField]
	switch {
	case told["refundStatus"] != "":
		n = payment.Notification{ID: told["refundId"] + "/" + told["refundStatus"], Kind: payment.NotifyRefund, Event: told["refundStatus"]}
		n.Refund, err = c.refundNotice(told)
	case word != "":
		n = payment.Notification{ID: told["transactionId"] + "/" + word, Kind: payment.NotifyTrade, Event: word}
		n.Report, err = c.report(told)
	default:
		return payment.Notification{ID: told["nonceStr"], Kind: payment.NotifyOther}, nil
	}
	if err != nil {
		return payment.Notification{}, err
	}
	return n, nil
}

// refundNotice translates a refund's notification. That it says the amount is third-party knowledge; without it the amount is 0, and a query decides as always.
func (c *client) refundNotice(told fields) (payment.RefundReport, error) {
	if told["outRefundNo"] != "" && told["refundOrderNo"] != "" && told["outRefundNo"] != told["refundOrderNo"] {
		return payment.RefundReport{}, unknown(errors.New("shengpay: a refund with two numbers"))
	}
	var amount money.Fen
	if told["refundFee"] != "" {
		var err error
		if amount, err = fen(told["refundFee"]); err != nil {
			return payment.RefundReport{}, err
		}
	}
	return c.refundReport(told, amount)
}

func forged(err error) error {
	return &payment.GatewayError{Kind: payment.Forged, Cause: err}
}

// Answer is the text SUCCESS, in capitals; anything else makes the institution send again.
func (g *Gateway) Answer(err error) payment.Answer {
	if err == nil {
		return payment.Answer{Status: http.StatusOK, ContentType: "text/plain", Body: []byte("SUCCESS")}
	}
	status := http.StatusInternalServerError
	var failed *payment.GatewayError
	if errors.As(err, &failed) && failed.Kind == payment.Forged {
		status = http.StatusUnauthorized
	}
	return payment.Answer{Status: status, ContentType: "text/plain", Body: []byte("FAIL")}
}
