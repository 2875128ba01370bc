package ruiyinxin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"linlipay/payment/gateway"
)

// noticeLimit bounds a notification, in bytes: a real one has about two thousand.
const noticeLimit = 64 << 10

// received is the whole answer to a notification that was taken.
const received = "000000"

// Verify opens a notification (008). One that says that a payment was made is no more than a reason to look it up
// (006), and what is reported is what that says: the notification's signature covers no merchant, and not always a
// number, so that it may be genuine and speak of somebody else's payment. Where the two do not agree on the amount, the
// notification's stands, for the caller to see that it is not what was asked.
func (g *Gateway) Verify(ctx context.Context, a gateway.Account, m gateway.RawNotification,
	now time.Time) (gateway.Notification, error) {
	cl, err := g.client(a)
	if err != nil {
		return gateway.Notification{}, gateway.AsIndeterminate(err)
	}
	e, cooperator, err := readNotice(m.Body)
	if err != nil {
		return gateway.Notification{}, gateway.AsUnauthentic(err)
	}
	words, err := cl.settings.keys.open(e)
	if err != nil {
		return gateway.Notification{}, gateway.AsUnauthentic(err)
	}
	t, err := cl.settings.readText(words)
	if err == nil {
		err = cl.settings.suits(t, cooperator, now)
	}
	if err != nil {
		return gateway.Notification{}, gateway.AsUnauthentic(err)
	}
	return cl.notification(ctx, t, e)
}

// readNotice reads a notification's form. Whatever is wrong with it is the same error as that it does not open.
func readNotice(body []byte) (e envelope, cooperator string, err error) {
	if len(body) > noticeLimit {
		return e, "", errClosed
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return e, "", errClosed
	}
	if repeats(form) {
		return e, "", errClosed
	}
	return envelope{form.Get("encryptData"), form.Get("encryptKey"), form.Get("signData"), form.Get("tranCode"),
		form.Get("reqMsgId")}, form.Get("cooperator"), nil
}

// repeats reports whether a form has a name without exactly one value.
func repeats(form url.Values) bool {
	for _, values := range form {
		if len(values) != 1 {
			return true
		}
	}
	return false
}

// suits compares a text that the institution signed with the account and the time. cooperator is the envelope's, where
// it has one.
func (s settings) suits(t text, cooperator string, now time.Time) error {
	for _, told := range []struct{ name, value, right string }{
		{"cooperator", cooperator, s.cooperator}, {"cooperator", t.get("cooperator"), s.cooperator},
		{"merchantCode", t.get("merchantCode"), s.merchantCode},
	} {
		if told.value != "" && told.value != told.right {
			return fmt.Errorf("ruiyinxin: for %s %q", told.name, gateway.Cut(told.value))
		}
	}
	if t.contradicts("respType", "totalAmount", "reqMsgId", "oriReqMsgId") {
		return errors.New("ruiyinxin: the head and data contradict each other")
	}
	return t.fresh(s.window, now)
}

// notification translates a verified text. What it says is taken from what is signed; the envelope's number stands in
// only where that names none, as a hint that is enough to look up.
func (c *client) notification(ctx context.Context, t text, e envelope) (gateway.Notification, error) {
	refund, number := t.numbers(e.ReqMsgID)
	state := cmp.Or(t.get("oriRespType"), t.get("respType"))
	n := gateway.Notification{ID: cmp.Or(t.get("smzfMsgId"), refund, number),
		Event: gateway.Cut(state + " " + cmp.Or(t.get("oriRespCode"), t.get("respCode")))}
	switch {
	case refund != "":
		n.Kind, n.Refund = gateway.NotifyRefund, refundNotice(t, refund, number, state)
		return n, nil
	case number == "":
		n.Kind = gateway.NotifyOther
		return n, nil
	}
	n.Kind = gateway.NotifyTrade
	if state == "E" || state == "R" {
		n.Report = c.tradeNotice(number, state)
		return n, nil
	}
	var err error
	n.Report, err = c.confirm(ctx, t, number)
	if err != nil {
		return gateway.Notification{}, err
	}
	return n, nil
}

// tradeNotice translates a notification that no payment was made: hints, until a query decides.
func (c *client) tradeNotice(number, state string) gateway.Report {
	return gateway.Report{OutTradeNo: number, State: tradeHint(state), Merchant: c.settings.merchantCode,
		Currency: gateway.CNY, Raw: gateway.Cut(state)}
}

// numbers finds out what a notification is about: one of our refunds, known by the form of its number, or the payment
// with that number.
func (t text) numbers(envelope string) (refund, number string) {
	for _, candidate := range []string{t.get("reqMsgId"), t.get("oriReqMsgId"), envelope} {
		_, _, ours := gateway.SplitOutRefundNo(candidate)
		switch {
		case ours && refund == "" && (number == "" || candidate != envelope):
			refund = candidate
		case !ours && candidate != "" && (number == "" || candidate == t.get("oriReqMsgId")):
			number = candidate
		}
	}
	return refund, number
}

// confirm looks up the payment that a notification tells of, and puts what it alone says beside the answer.
func (c *client) confirm(ctx context.Context, t text, number string) (gateway.Report, error) {
	about := asked{number: number}
	if t.get("reqMsgId") == number || t.get("oriReqMsgId") == number {
		about.theirs = t.head[transactionField] // the two stand together in what was signed
	}
	looked, err := c.lookUp(ctx, about)
	if err != nil {
		return gateway.Report{}, fmt.Errorf("ruiyinxin: notified of %s, which cannot be looked up: %w", number, err)
	}
	r, err := c.report(looked, gateway.Trade{OutTradeNo: number})
	if err != nil || r.State != gateway.TradePaid {
		return r, err
	}
	if r.PaidAt.IsZero() {
		r.PaidAt = t.moment("payTime", "respDate") // the notification's, the same whenever it is looked up
	}
	return t.withAmount(r)
}

// withAmount puts the amount that a notification tells in the place of the answer's.
func (t text) withAmount(r gateway.Report) (_ gateway.Report, err error) {
	if t.get("totalAmount") == "" {
		return r, nil
	}
	if r.Amount, err = t.amount("totalAmount"); err != nil {
		return r, gateway.AsUnauthentic(err)
	}
	return r, nil
}

// refundNotice translates what a notification says of a refund: hints, until a query decides.
func refundNotice(t text, refund, number, state string) gateway.RefundReport {
	r := gateway.RefundReport{OutTradeNo: number, OutRefundNo: refund, State: refundHint(state),
		RefundID: t.get("smzfMsgId"), Raw: gateway.Cut(state)}
	for _, name := range []string{"refundAmount", "totalAmount"} {
		if sum, err := t.amount(name); err == nil && r.Amount == 0 {
			r.Amount = sum
		}
	}
	return r
}

// tradeHint is what a notification that is no success says of a payment; a query decides.
func tradeHint(state string) gateway.TradeState {
	if state == "E" {
		return gateway.TradeFailed
	}
	return gateway.TradeUnpaid
}

// refundHint is what a notification says of a refund; a query decides.
func refundHint(state string) gateway.RefundState {
	switch state {
	case "S":
		return gateway.RefundDone
	case "E":
		return gateway.RefundClosed
	}
	return gateway.RefundProcessing
}

// Acknowledge is the text 000000, and nothing else; anything else makes the institution send again.
func (g *Gateway) Acknowledge(err error) gateway.Acknowledgement {
	if err == nil {
		return gateway.Acknowledgement{Status: http.StatusOK, ContentType: "text/plain", Body: []byte(received)}
	}
	return gateway.Acknowledgement{Status: gateway.RefusalStatus(err), ContentType: "text/plain", Body: []byte("fail")}
}
