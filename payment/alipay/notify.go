package alipay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/go-pay/gopay"

	"linlipay/money"
	"linlipay/payment"
)

// Parse verifies the signature and compares app and seller. The age of a message says nothing: the institution repeats it unchanged for
// 25 hours, and a repeat books nothing twice.
func (g *Gateway) Parse(_ context.Context, a payment.Account, m payment.Message, _ time.Time) (payment.Notification, error) {
	cl, err := g.client(a)
	if err != nil {
		return payment.Notification{}, unknown(err)
	}
	form, err := url.ParseQuery(string(m.Body))
	if err != nil {
		return payment.Notification{}, forged(err)
	}
	signed := gopay.BodyMap{}
	for name, values := range form {
		if len(values) != 1 {
			return payment.Notification{}, forged(fmt.Errorf("alipay: %s is given %d times", name, len(values)))
		}
		if name != "sign" && name != "sign_type" {
			signed.Set(name, values[0])
		}
	}
	if form.Get("sign_type") != "RSA2" {
		return payment.Notification{}, forged(fmt.Errorf("alipay: sign_type %q", form.Get("sign_type")))
	}
	if err := verifyRSA2(cl.settings.publicKeys, signed.EncodeAliPaySignParams(), form.Get("sign")); err != nil {
		return payment.Notification{}, forged(err)
	}
	if form.Get("app_id") != cl.settings.appID || form.Get("seller_id") != cl.settings.sellerID {
		return payment.Notification{}, forged(fmt.Errorf("alipay: for app %s and seller %s", form.Get("app_id"), form.Get("seller_id")))
	}
	return notification(form, cl.settings)
}

// notification translates a verified form. A refund's carries refund_fee and, as out_biz_no, the number of the refund; it says nothing new of the
// payment.
func notification(form url.Values, s settings) (payment.Notification, error) {
	n := payment.Notification{ID: form.Get("notify_id"), Event: form.Get("trade_status"), Kind: payment.NotifyOther}
	var err error
	switch {
	case form.Get("notify_type") != "trade_status_sync":
	case form.Get("refund_fee") == "":
		n.Kind = payment.NotifyTrade
		n.Report, err = report(form.Get("trade_status"), form.Get("out_trade_no"), form.Get("trade_no"), form.Get("total_amount"), form.Get("gmt_payment"),
			s, form.Get("buyer_id"))
	case form.Get("out_biz_no") != "":
		n.Kind = payment.NotifyRefund
		n.Refund, err = refundNotice(form)
	}
	if err != nil {
		return payment.Notification{}, err
	}
	return n, nil
}

// refundNotice translates a refund's notification. refund_fee is all that has gone back of the trade so far, in yuan.
func refundNotice(form url.Values) (payment.RefundReport, error) {
	amount, err := money.ParseYuan(form.Get("refund_fee"))
	if err != nil {
		return payment.RefundReport{}, unknown(err)
	}
	return payment.RefundReport{
		OutTradeNo: form.Get("out_trade_no"), OutRefundNo: form.Get("out_biz_no"), State: payment.RefundDone, Amount: amount,
		DoneAt: moment(form.Get("gmt_refund")), Raw: form.Get("trade_status"),
	}, nil
}

func forged(err error) error {
	return &payment.GatewayError{Kind: payment.Forged, Cause: err}
}

// Answer is the text success, and nothing else; anything else makes the institution send again.
func (g *Gateway) Answer(err error) payment.Answer {
	if err == nil {
		return payment.Answer{Status: http.StatusOK, ContentType: "text/plain", Body: []byte("success")}
	}
	status := http.StatusInternalServerError
	var failed *payment.GatewayError
	if errors.As(err, &failed) && failed.Kind == payment.Forged {
		status = http.StatusUnauthorized
	}
	return payment.Answer{Status: status, ContentType: "text/plain", Body: []byte("fail")}
}
