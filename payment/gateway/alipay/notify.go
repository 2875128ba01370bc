package alipay

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// Verify verifies the signature and compares app and seller. The age of a message says nothing: the institution repeats
// it unchanged for 25 hours, and a repeat books nothing twice.
func (g *Gateway) Verify(_ context.Context, a gateway.Account, m gateway.RawNotification,
	_ time.Time) (gateway.Notification, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Notification{}, gateway.AsIndeterminate(err)
	}
	form, err := url.ParseQuery(string(m.Body))
	if err != nil {
		return gateway.Notification{}, gateway.AsUnauthentic(err)
	}
	f, err := gateway.FormFields(form)
	if err != nil {
		return gateway.Notification{}, gateway.AsUnauthentic(err)
	}
	if form.Get("sign_type") != "RSA2" {
		return gateway.Notification{}, gateway.AsUnauthentic(fmt.Errorf("alipay: sign_type %q", form.Get("sign_type")))
	}
	if err := cl.settings.verify(form.Get("alipay_cert_sn"), form.Get("sign"), signTexts(form)...); err != nil {
		return gateway.Notification{}, gateway.AsUnauthentic(err)
	}
	if err := cl.settings.addressed(f); err != nil {
		return gateway.Notification{}, gateway.AsUnauthentic(err)
	}
	return cl.settings.notification(f)
}

// addressed is the error of a notification that is for another account.
func (s settings) addressed(f gateway.Fields) error {
	app, seller := f.Text("app_id"), f.Text("seller_id")
	if app != s.appID || seller != "" && seller != s.sellerID {
		return fmt.Errorf("alipay: for app %s and seller %s", app, seller)
	}
	return nil
}

// signTexts are what a notification's signature may be over: all parameters but sign and sign_type, sorted by name, as
// name=value joined by &. The institution's rule says nothing of empty values there; its library for Java signs them,
// that for PHP leaves out what is empty or blank, others what is empty. What is empty says nothing, so that either way
// is believed.
func signTexts(form url.Values) []string {
	return []string{
		signText(form, func(value string) bool { return value != "" }),
		signText(form, func(string) bool { return true }),
		signText(form, func(value string) bool { return strings.TrimSpace(value) != "" }),
	}
}

func signText(form url.Values, signed func(value string) bool) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if value := form.Get(name); name != "sign" && name != "sign_type" && signed(value) {
			pairs = append(pairs, name+"="+value)
		}
	}
	return strings.Join(pairs, "&")
}

// notification translates a verified form.
func (s settings) notification(f gateway.Fields) (gateway.Notification, error) {
	n := gateway.Notification{ID: f.Text("notify_id"), Event: f.Text("trade_status"), Kind: gateway.NotifyOther}
	if kind := f.Text("notify_type"); kind != "" && kind != "trade_status_sync" {
		return n, nil
	}
	fee, feeTold := f.Yuan("refund_fee")
	back := fee > 0 || !feeTold && f.Has("gmt_refund")
	r, err := s.report(f, told{n.Event, "gmt_payment", "buyer_id", back || f.Has("gmt_payment")})
	if err != nil {
		return gateway.Notification{}, err
	}
	n.Kind, n.Report = gateway.NotifyTrade, r
	switch {
	case !back && fee == 0:
		return n, nil
	case r.State != gateway.TradePaid || fee < 0 || fee > r.Amount:
		return gateway.Notification{}, gateway.AsIndeterminate(
			fmt.Errorf("alipay: %s of %s yuan went back, of a trade that is %s",
				fee.Yuan(), r.Amount.Yuan(), r.State),
		)
	}
	return returned(f, n, fee), nil
}

// returned adds to a payment's notification that money went back, all of it so far being fee: as that of a refund,
// where it names one.
func returned(f gateway.Fields, n gateway.Notification, fee money.Fen) gateway.Notification {
	if no := refundNumber(f); no != "" && fee > 0 {
		return refunded(f, n, no, fee)
	}
	all := fee == n.Report.Amount || n.Report.Returned == gateway.ReturnedAll
	if n.Report.Returned, n.Report.ReturnedAmount = gateway.ReturnedSome, fee; all {
		n.Report.Returned, n.Report.ReturnedAmount = gateway.ReturnedAll, 0
	}
	return n
}

// refunded is a payment's notification as one of the refund that it names.
func refunded(f gateway.Fields, n gateway.Notification, no string, fee money.Fen) gateway.Notification {
	r := n.Report
	n.Kind, n.Report = gateway.NotifyRefund, gateway.Report{}
	n.Refund = gateway.RefundReport{
		OutTradeNo: r.OutTradeNo, OutRefundNo: no, State: gateway.RefundDone, Amount: fee, Total: fee,
		DoneAt: moment(f.Text("gmt_refund")), Raw: r.Raw,
	}
	return n
}

// refundNumber is the number of the refund that a notification tells of, ours or one made at the institution; "" where
// there is none. One that is asked for without a number, which must be of the whole payment, goes under a number of the
// trade's own.
func refundNumber(f gateway.Fields) string {
	no := f.Text("out_biz_no")
	if no == f.Text("trade_no") || no == f.Text("out_trade_no") {
		return ""
	}
	return no
}

// Acknowledge is the text success, and nothing else; anything else makes the institution send again.
func (g *Gateway) Acknowledge(err error) gateway.Acknowledgement {
	if err == nil {
		return gateway.Acknowledgement{Status: http.StatusOK, ContentType: "text/plain", Body: []byte("success")}
	}
	return gateway.Acknowledgement{Status: gateway.RefusalStatus(err), ContentType: "text/plain", Body: []byte("fail")}
}
