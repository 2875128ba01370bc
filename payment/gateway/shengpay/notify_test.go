package shengpay_test

import (
	"errors"
	"maps"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

// paidNotice is a payment's notification.
func paidNotice() map[string]string {
	return map[string]string{
		"returnCode": "SUCCESS", "resultCode": "SUCCESS", "mchId": merchant, "nonceStr": "n0nce", "outTradeNo": number,
		"transactionId": "WP1", "totalFee": "12345",
		"status": "PAY_SUCCESS", "tradeType": "shengpay_aggre", "timeEnd": "20261125120102",
		"payerInfo": `{"openid":"oPayer","officOrderNum":"42"}`,
	}
}

func refundNotice() map[string]string {
	return map[string]string{
		"mchId": merchant, "nonceStr": "n0nce", "outTradeNo": number, "refundOrderNo": refundNumber, "refundId": "RF1",
		"refundStatus": "REFUND_SUCCESS",
		"refundFee":    "345", "refundTime": "20261125120102",
	}
}

func parse(t *testing.T, a gateway.Account, body string) (gateway.Notification, error) {
	t.Helper()
	return newGateway().Verify(t.Context(), a, gateway.RawNotification{Header: http.Header{}, Body: []byte(body)},
		clock())
}

func TestNotifications(t *testing.T) {
	s, k := script(t, nil), scriptKeys()
	at := time.Date(2026, 11, 25, 4, 1, 2, 0, time.UTC)
	for _, signType := range []string{"RSA", "RSA2"} {
		got, err := parse(t, s.account, signed(k.institution, signType, paidNotice()))
		want := gateway.Notification{ID: "WP1/PAY_SUCCESS", Kind: gateway.NotifyTrade, Event: "PAY_SUCCESS",
			Report: gateway.Report{
				OutTradeNo: number, State: gateway.TradePaid, TransactionID: "WP1", Amount: 12345, Currency: "CNY",
				Merchant: merchant, PayerID: "oPayer", PaidAt: at, Raw: "PAY_SUCCESS",
			}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", signType, got, err)
		}
		got, err = parse(t, s.account, signed(k.institution, signType, refundNotice()))
		want = gateway.Notification{ID: "RF1/REFUND_SUCCESS", Kind: gateway.NotifyRefund, Event: "REFUND_SUCCESS",
			Refund: gateway.RefundReport{
				OutTradeNo: number, OutRefundNo: refundNumber, RefundID: "RF1", State: gateway.RefundDone, Amount: 345,
				DoneAt: at, Raw: "REFUND_SUCCESS",
			}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s refund: %+v, %v", signType, got, err)
		}
	}
	other, err := parse(t, s.account,
		signed(k.institution, "RSA", map[string]string{"mchId": merchant, "nonceStr": "n1", "event": "PING"}))
	if err != nil || other.Kind != gateway.NotifyOther {
		t.Errorf("of no consequence: %+v, %v", other, err)
	}
	// A repeat has another nonce and another signature, and the same id.
	again := paidNotice()
	again["nonceStr"] = "another"
	if got, err := parse(t, s.account, signed(k.institution, "RSA", again)); err != nil || got.ID != "WP1/PAY_SUCCESS" {
		t.Errorf("repeated: %+v, %v", got, err)
	}
}

func TestNotificationsThatAreForged(t *testing.T) {
	s, k := script(t, nil), scriptKeys()
	good := signed(k.institution, "RSA", paidNotice())
	with := func(f map[string]string, more ...string) map[string]string {
		f = maps.Clone(f)
		for i := 0; i < len(more); i += 2 {
			f[more[i]] = more[i+1]
		}
		return f
	}
	for name, body := range map[string]string{
		"a stranger's": signed(k.stranger, "RSA", paidNotice()), "our own": signed(k.merchant, "RSA", paidNotice()),
		"unsigned":                  flat(paidNotice()),
		"a changed amount":          strings.Replace(good, `"12345"`, `"12346"`, 1),
		"a number for a text of it": strings.Replace(good, `"12345"`, `12345.0`, 1),
		"a field more":              strings.Replace(good, `{`, `{"attach":"1",`, 1),
		"a field less":              strings.Replace(good, `,"transactionId":"WP1"`, ``, 1),
		"a name twice":              strings.Replace(good, `{`, `{"mchId":"`+merchant+`",`, 1),
		"another merchant":          signed(k.institution, "RSA", with(paidNotice(), "mchId", "1")),
		"no merchant":               signed(k.institution, "RSA", with(paidNotice(), "mchId", "")),
		"another sub-merchant":      signed(k.institution, "RSA", with(paidNotice(), "subMchId", "2")),
		"MD5":                       strings.Replace(good, `"RSA"`, `"MD5"`, 1),
		"the other hash":            strings.Replace(good, `"RSA"`, `"RSA2"`, 1),
		"empty":                     "", "a list": "[" + good + "]", "a form": "status=PAY_SUCCESS", "two": good + good,
		"a signature of nothing": `{"sign":""}`,
	} {
		got, err := parse(t, s.account, body)
		failure(t, name, err, gateway.Unauthentic, false)
		if !reflect.DeepEqual(got, gateway.Notification{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := parse(t, s.with("sub_mch_id", "2"),
		signed(k.institution, "RSA", with(paidNotice(), "subMchId", "2"))); err != nil {
		t.Errorf("for our sub-merchant: %v", err)
	}
	for name, f := range map[string]map[string]string{
		"a new state": with(paidNotice(), "status", "PAID"), "no amount": with(paidNotice(), "totalFee", ""),
		"no transaction":            with(paidNotice(), "transactionId", ""),
		"a refund with two numbers": with(refundNotice(), "outRefundNo", "x"),
		"a refund of yuan":          with(refundNotice(), "refundFee", "3.45"),
		"a refund of nothing":       with(refundNotice(), "refundFee", "0"),
		"an order without a state":  with(paidNotice(), "status", ""),
		"a payment of nothing":      with(paidNotice(), "totalFee", "0"),
		"a payment of no order":     with(paidNotice(), "outTradeNo", ""),
		"a payment that failed":     with(paidNotice(), "resultCode", "FAIL"),
		"a refund that failed":      with(refundNotice(), "resultCode", "FAIL"),
		"a refund without a state":  with(refundNotice(), "refundStatus", ""),
		"a refund without a number": with(refundNotice(), "refundOrderNo", "", "refundId", ""),
		"a refund of a new state":   with(refundNotice(), "refundStatus", "DONE"),
	} {
		_, err := parse(t, s.account, signed(k.institution, "RSA", f))
		failure(t, name, err, gateway.Indeterminate, false)
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
		body   string
	}{
		{nil, 200, "SUCCESS"}, {&gateway.Error{Kind: gateway.Unauthentic}, 401, "FAIL"},
		{&gateway.Error{Kind: gateway.Indeterminate}, 500, "FAIL"},
		{errors.New("no store"), 500, "FAIL"},
	} {
		if got := newGateway().Acknowledge(c.err); got.Status != c.status || string(got.Body) != c.body ||
			got.ContentType != "text/plain" {
			t.Errorf("%v: %+v", c.err, got)
		}
	}
}

// What is believed was signed, whatever the bytes.
func FuzzParse(f *testing.F) {
	k := scriptKeys()
	good := signed(k.institution, "RSA", paidNotice())
	for _, s := range []string{good, signed(k.institution, "RSA2", refundNotice()), flat(paidNotice()),
		strings.Replace(good, "12345", "99999", 1), `{"sign":1}`, "{}", "[]", ""} {
		f.Add([]byte(s))
	}
	settings := map[string]string{"mch_id": merchant, "private_key_pem": k.merchantPEM,
		"platform_public_key_pem": k.institutionPEM}
	account, g := gateway.Account{ID: "fuzz", Version: 1, Settings: settings}, newGateway()
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := g.Verify(t.Context(), account, gateway.RawNotification{Body: body}, clock())
		var e *gateway.Error
		if err != nil {
			if !errors.As(err, &e) || n.Kind != "" {
				t.Fatalf("%q: %+v, %v", body, n, err)
			}
			return
		}
		if n.Kind == gateway.NotifyTrade && (n.Report.Amount != 12345 || n.Report.OutTradeNo != number) ||
			n.Kind == gateway.NotifyRefund && n.Refund.Amount != 345 {
			t.Fatalf("%q says what nobody signed: %+v", body, n)
		}
	})
}
