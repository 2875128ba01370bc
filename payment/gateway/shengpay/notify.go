package shengpay

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"linlipay/payment/gateway"
)

// Verify verifies the signature and compares the merchant: the institution signs all merchants' messages with one key.
// A message carries no time, so that an old one looks like any other.
func (g *Gateway) Verify(ctx context.Context, a gateway.Account, m gateway.RawNotification,
	_ time.Time) (gateway.Notification, error) {
	c, err := g.client(a)
	if err != nil {
		return gateway.Notification{}, gateway.AsIndeterminate(err)
	}
	told, err := readFields(m.Body)
	if err == nil {
		err = c.verify(m.Body)
	}
	if err == nil {
		err = c.addressed(told)
	}
	if err != nil {
		return gateway.Notification{}, gateway.AsUnauthentic(err)
	}
	return c.notification(ctx, told)
}

// addressed checks that a message is for this merchant.
func (c *client) addressed(told fields) error {
	if told["mchId"] != c.settings.mchID || told["subMchId"] != "" && told["subMchId"] != c.settings.subMchID {
		return fmt.Errorf("shengpay: for merchant %.32q and sub-merchant %.32q", told["mchId"], told["subMchId"])
	}
	return nil
}

// notification translates a verified message: a refund's has refundStatus, a payment's has status. Its id is the
// institution's number with the state, for it gives its messages none. One that is about an order or a refund and
// does not say how that stands is not passed over.
func (c *client) notification(ctx context.Context, told fields) (n gateway.Notification, err error) {
	word := told[c.settings.statusField]
	switch {
	case told["refundStatus"] != "":
		n = gateway.Notification{Kind: gateway.NotifyRefund, Event: told["refundStatus"]}
		n.ID = cmp.Or(told[refundID], told.refundNo()) + "/" + n.Event
		n.Refund, err = c.refundNotice(ctx, told)
	case word != "":
		n = gateway.Notification{Kind: gateway.NotifyTrade, Event: word}
		n.ID = cmp.Or(told["transactionId"], told["outTradeNo"]) + "/" + word
		n.Report, err = c.report(told)
	case told["outTradeNo"]+told["transactionId"]+told.refundNo()+told[refundID] != "":
		err = gateway.AsIndeterminate(
			errors.New("shengpay: a notification that does not say how its order or refund stands"),
		)
	default:
		return gateway.Notification{ID: told["nonceStr"], Kind: gateway.NotifyOther}, nil
	}
	if err == nil && told.failed() && (n.Report.State == gateway.TradePaid || n.Refund.State == gateway.RefundDone) {
		err = gateway.AsIndeterminate(
			errors.New("shengpay: a notification of a success that says it is one of a failure"),
		)
	}
	if err == nil && n.Kind == gateway.NotifyTrade && n.Report.OutTradeNo == "" {
		err = gateway.AsIndeterminate(errors.New("shengpay: a notification of no order"))
	}
	if err != nil {
		return gateway.Notification{}, err
	}
	return n, nil
}

// failed reports whether the codes of a message, beside the state, say that it is of a failure. Where they are left
// out the state says all.
func (f fields) failed() bool {
	return cmp.Or(f["returnCode"], "SUCCESS") != "SUCCESS" || cmp.Or(f["resultCode"], "SUCCESS") != "SUCCESS"
}

// refundNotice translates a refund's notification: one of ours, or of one that was made at the institution, under the
// number that it made up. What third parties know of it is refundStatus, refundOrderNo and refundId; where it does
// not say the amount, the institution is asked.
func (c *client) refundNotice(ctx context.Context, told fields) (gateway.RefundReport, error) {
	if told["outRefundNo"] != "" && told["refundOrderNo"] != "" && told["outRefundNo"] != told["refundOrderNo"] {
		return gateway.RefundReport{}, gateway.AsIndeterminate(errors.New("shengpay: a refund with two numbers"))
	}
	amount, err := told.returned()
	if err != nil {
		return gateway.RefundReport{}, err
	}
	r, err := c.refundReport(told, amount)
	if err != nil {
		return gateway.RefundReport{}, err
	}
	if r.OutRefundNo = cmp.Or(r.OutRefundNo, r.RefundID); r.OutRefundNo == "" {
		return gateway.RefundReport{}, gateway.AsIndeterminate(errors.New("shengpay: a refund without a number"))
	}
	if _, _, ours := gateway.SplitOutRefundNo(r.OutRefundNo); r.Amount == 0 || !ours && r.OutTradeNo == "" {
		of := gateway.Trade{OutTradeNo: r.OutTradeNo}
		return c.foreignRefund(ctx, gateway.RefundRequest{Trade: of, OutRefundNo: r.OutRefundNo, Foreign: true})
	}
	return r, nil
}

// Acknowledge is the text SUCCESS, in capitals; anything else makes the institution send again.
func (g *Gateway) Acknowledge(err error) gateway.Acknowledgement {
	if err == nil {
		return gateway.Acknowledgement{Status: http.StatusOK, ContentType: "text/plain", Body: []byte("SUCCESS")}
	}
	return gateway.Acknowledgement{Status: gateway.RefusalStatus(err), ContentType: "text/plain", Body: []byte("FAIL")}
}
