package alipay_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"sort"
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// signedForm signs a form by hand over all parameters that keep accepts, as the scripted institution.
func signedForm(t *testing.T, form url.Values, keep func(value string) bool) gateway.RawNotification {
	t.Helper()
	var pairs []string
	for name := range form {
		if keep(form.Get(name)) {
			pairs = append(pairs, name+"="+form.Get(name))
		}
	}
	sort.Strings(pairs)
	digest := sha256.Sum256([]byte(strings.Join(pairs, "&")))
	signature, err := rsa.SignPKCS1v15(nil, scriptKeys().institution, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	form.Set("sign", base64.StdEncoding.EncodeToString(signature))
	form.Set("sign_type", "RSA2")
	return gateway.RawNotification{Body: []byte(form.Encode())}
}

func everything(string) bool     { return true }
func notEmpty(value string) bool { return value != "" }
func notBlank(value string) bool { return strings.TrimSpace(value) != "" }

// sample is a notification of a payment as Alipay's reference prints it, for the scripted account.
func sample(t *testing.T, changes ...string) url.Values {
	t.Helper()
	form, err := url.ParseQuery("total_amount=2.00&buyer_id=2088102116773037&body=大乐透2.1&" +
		"trade_no=2016071921001003030200089909&refund_fee=0.00" +
		"&notify_time=2016-07-19 14:10:49&subject=大乐透2.1&charset=utf-8&notify_type=trade_status_sync&" +
		"out_trade_no=0719141034-6418" +
		"&gmt_close=2016-07-19 14:10:46&gmt_payment=2016-07-19 14:10:47&trade_status=TRADE_SUCCESS&version=1.0" +
		"&gmt_create=2016-07-19 14:10:44&app_id=2021000000000001&seller_id=2088000000000002&" +
		"notify_id=4a91b7a78a503640467525113fb7d8bg8e")
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		name, value, set := strings.Cut(change, "=")
		form.Del(name)
		if set {
			form.Set(name, value)
		}
	}
	return form
}

// What a notification comes to. A line is what is different from the published sample (name=value, or a name that is
// left out) and what is meant.
func TestWhatANotificationMeans(t *testing.T) {
	s := script(t, nil)
	const (
		trade, refund, other = gateway.NotifyTrade, gateway.NotifyRefund, gateway.NotifyOther
		paid, closed         = gateway.TradePaid, gateway.TradeClosed
		some, all            = gateway.ReturnedSome, gateway.ReturnedAll
	)
	for _, c := range []struct {
		changes  string
		kind     gateway.NotificationKind // "" is not believed
		state    gateway.TradeState
		returned gateway.Returned
		back     money.Fen // ReturnedAmount, or the refund's
	}{
		{"", trade, paid, "", 0}, // with refund_fee=0.00: only money above zero is a refund
		{"refund_fee", trade, paid, "", 0},
		{"refund_fee=", trade, paid, "", 0},
		{"refund_fee=0", trade, paid, "", 0},
		{"refund_fee=0.0", trade, paid, "", 0},
		{"refund_fee=0.00 gmt_refund=2016-07-19 trade_status=TRADE_CLOSED", trade, paid, all, 0},
		{"refund_fee=0.50 trade_status=TRADE_FINISHED", trade, paid, some, 50},
		{"refund_fee=0.50 trade_status=TRADE_CLOSED", trade, paid, all, 0},
		{"refund_fee=0.00 out_biz_no=R1", trade, paid, "", 0},
		{"refund_fee=0.00 out_biz_no= gmt_refund=", trade, paid, "", 0},
		{"trade_status=TRADE_FINISHED", trade, paid, "", 0},
		{"trade_status=TRADE_CLOSED gmt_payment", trade, closed, "", 0}, // its time was over
		{"trade_status=TRADE_CLOSED gmt_payment refund_fee", trade, closed, "", 0},
		{"trade_status=TRADE_CLOSED", trade, paid, all, 0}, // paid first
		{"trade_status=WAIT_BUYER_PAY gmt_payment refund_fee", trade, gateway.TradeUnpaid, "", 0},

		{"refund_fee=0.50 gmt_refund=2016-07-19 out_biz_no=R1", refund, "", "", 50},
		{"refund_fee=2.00 trade_status=TRADE_CLOSED out_biz_no=R1", refund, "", "", 200},
		{"refund_fee=0.5 out_biz_no=R1", refund, "", "", 50},
		{"refund_fee=0.50", trade, paid, some, 50},
		{"refund_fee=0.50 out_biz_no=", trade, paid, some, 50},
		{"refund_fee=2.00", trade, paid, all, 0},
		{"refund_fee=2.00 trade_status=TRADE_CLOSED gmt_payment", trade, paid, all, 0},
		// as one was seen, under the payment's number
		{"refund_fee=2.00 trade_status=TRADE_CLOSED out_biz_no=2016071921001003030200089909", trade, paid, all, 0},
		{"refund_fee=2.00 trade_status=TRADE_CLOSED out_biz_no=0719141034-6418", trade, paid, all, 0},
		{"refund_fee gmt_refund=2016-07-19", trade, paid, some, 0}, // how much is not told
		{"refund_fee=2.01 out_biz_no=R1", "", "", "", 0},
		{"refund_fee=-0.50", "", "", "", 0},
		{"refund_fee=-0.01", "", "", "", 0},
		{"refund_fee=1e-2 out_biz_no=R1", "", "", "", 0},
		{"total_amount=2e0", "", "", "", 0},
		{"refund_fee=x", "", "", "", 0},
		{"refund_fee=0.50 trade_status=WAIT_BUYER_PAY", "", "", "", 0},

		// details, or told by something else
		{"gmt_payment buyer_id seller_id notify_type notify_id", trade, paid, "", 0},
		{"notify_type=servicemarket_order_notify", other, "", "", 0},
		{"trade_no", "", "", "", 0},
		{"out_trade_no", "", "", "", 0},
		{"total_amount", "", "", "", 0},
		{"total_amount=0.00", "", "", "", 0},
		{"total_amount=2,000.00", "", "", "", 0},
		{"trade_status", "", "", "", 0},
		{"trade_status=TRADE_SUCCESSFUL", "", "", "", 0},
		{"app_id", "", "", "", 0},
		{"seller_id=2088000000000003", "", "", "", 0},
	} {
		n, err := newGateway().Verify(t.Context(), s.account, signedForm(t, sample(t, strings.Fields(c.changes)...),
			everything), time.Now())
		r := n.Report
		back := r.ReturnedAmount + n.Refund.Amount
		if n.Kind != c.kind || (err == nil) != (c.kind != "") || r.State != c.state || r.Returned != c.returned ||
			back != c.back {
			t.Errorf("%q: %+v, %v; want %+v", c.changes, n, err, c)
		}
		if n.Kind == trade && (r.Amount != 200 || r.Currency != gateway.CNY || r.OutTradeNo != "0719141034-6418" ||
			r.Merchant != "2088000000000002") {
			t.Errorf("%q: %+v", c.changes, r)
		}
	}
}

// Client libraries disagree on whether empty parameters are signed: a genuine notification is believed either way.
func TestEmptyParametersOfANotification(t *testing.T) {
	s := script(t, nil)
	for name, keep := range map[string]func(string) bool{"all signed": everything, "none empty": notEmpty,
		"none blank": notBlank} {
		form := sample(t, "body=", "passback_params= ", "refund_fee=")
		m := signedForm(t, form, keep)
		if n, err := newGateway().Verify(t.Context(), s.account, m, time.Now()); err != nil ||
			n.Report.State != gateway.TradePaid {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
		form.Set("body", "x")
		_, err := newGateway().Verify(t.Context(), s.account, gateway.RawNotification{Body: []byte(form.Encode())},
			time.Now())
		wantKind(t, err, gateway.Unauthentic, false)
	}
}

// What a person gives back on the merchant's page is notified at the payment's address: under a number that the refund
// query knows, or as the trade's.
func TestRefundsMadeAtAlipay(t *testing.T) {
	s, a, messages, notify := run(t)
	g := newGateway()
	p, err := g.Open(t.Context(), a, charge("HERE0001", gateway.Native, notify))
	if err != nil {
		t.Fatal(err)
	}
	id := scan(t, s, p.CodeURL)
	control(t, s, "/payments/"+id+"/confirm", "")
	<-messages
	control(t, s, "/payments/"+id+"/refund", `{"amount_fen":340}`)
	n, err := g.Verify(t.Context(), a, <-messages, time.Now())
	if err != nil || n.Kind != gateway.NotifyRefund || n.Refund.Amount != 340 || n.Refund.OutTradeNo != "HERE0001" {
		t.Fatalf("a part: %+v, %v", n, err)
	}
	ask := gateway.RefundRequest{
		Trade: gateway.Trade{OutTradeNo: "HERE0001", PaidAt: time.Now()}, OutRefundNo: n.Refund.OutRefundNo,
		Total: 12340, Foreign: true,
	}
	if r, err := g.QueryRefund(t.Context(), a, ask); err != nil || r.State != gateway.RefundDone || r.Amount != 340 ||
		r.OutRefundNo != ask.OutRefundNo {
		t.Errorf("the question about it: %+v, %v", r, err)
	}
	ask.Total = 339
	_, err = g.QueryRefund(t.Context(), a, ask) // more than was paid
	wantKind(t, err, gateway.Indeterminate, false)
	if r, err := g.Query(t.Context(), a, ask.Trade); err != nil || r.State != gateway.TradePaid ||
		r.Returned != gateway.ReturnedNothing {
		t.Errorf("the trade, of which it says nothing: %+v, %v", r, err)
	}

	if p, err = g.Open(t.Context(), a, charge("HERE0002", gateway.Native, notify)); err != nil {
		t.Fatal(err)
	}
	id = scan(t, s, p.CodeURL)
	control(t, s, "/payments/"+id+"/confirm", "")
	<-messages
	control(t, s, "/payments/"+id+"/refund", `{"amount_fen":0}`)
	n, err = g.Verify(t.Context(), a, <-messages, time.Now())
	if err != nil || n.Kind != gateway.NotifyTrade || n.Report.State != gateway.TradePaid ||
		n.Report.Returned != gateway.ReturnedAll {
		t.Errorf("the whole: %+v, %v", n, err)
	}
	if r, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "HERE0002"}); err != nil ||
		r.State != gateway.TradePaid || r.Returned != gateway.ReturnedAll {
		t.Errorf("the trade: %+v, %v", r, err)
	}
}
