package alipay_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

const (
	tradeRefund = "alipay.trade.refund"
	refundQuery = "alipay.trade.fastpay.refund.query"
	noRefund    = `{"code":"10000","msg":"Success"}`
	refundTaken = `{"code":"10000","msg":"Success","out_trade_no":"C1234567","trade_no":"42","refund_fee":"10.45",` +
		`"fund_change":"Y",` +
		`"gmt_refund_pay":"2026-11-24 17:00:00"}`
	refundTold = `{"code":"10000","msg":"Success","out_trade_no":"C1234567","trade_no":"42","out_request_no":"R1",` +
		`"total_amount":"123.40",` +
		`"refund_amount":"3.45","refund_status":"REFUND_SUCCESS","gmt_refund_pay":"2026-11-24 17:00:00"}`
)

func refundRequest() gateway.RefundRequest {
	return gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: "C1234567", TransactionID: "42"}, OutRefundNo: "R1",
		Amount: 345, Total: 12340, Reason: "多收"}
}

func TestRefundSendsWhatTheInstitutionRequires(t *testing.T) {
	s := script(t, map[string]reply{tradeRefund: {node: refundTaken}, refundQuery: {node: refundTold}})
	want := gateway.RefundReport{
		OutTradeNo: "C1234567", OutRefundNo: "R1", State: gateway.RefundDone, Amount: 345, Total: 1045,
		DoneAt: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC),
		Raw:    "fund_change Y",
	}
	if r, err := newGateway().Refund(t.Context(), s.account, refundRequest()); err != nil || r != want {
		t.Fatalf("got %+v, %v", r, err)
	}
	want.Raw, want.Total = "REFUND_SUCCESS", 0
	if r, err := newGateway().QueryRefund(t.Context(), s.account, refundRequest()); err != nil || r != want {
		t.Fatalf("got %+v, %v", r, err)
	}
	for method, want := range map[string]map[string]any{
		tradeRefund: {"out_trade_no": "C1234567", "trade_no": "42", "out_request_no": "R1", "refund_amount": "3.45",
			"refund_reason": "多收"},
		refundQuery: {"out_trade_no": "C1234567", "trade_no": "42", "out_request_no": "R1",
			"query_options": []any{"gmt_refund_pay"}},
	} {
		var got map[string]any
		if err := json.Unmarshal([]byte(s.sent(t, method).Get("biz_content")), &got); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: sent %v, want %v", method, got, want)
		}
	}
}

func TestAnswersToARefund(t *testing.T) {
	change := func(old, with string) string { return strings.Replace(refundTaken, old, with, 1) }
	repeat := reply{node: change(`"Y"`, `"N"`)}
	refusal := reply{node: `{"code":"40004","sub_code":"ACQ.TRADE_NOT_ALLOW_REFUND"}`}
	for name, c := range map[string]struct {
		refund, query reply
		state         gateway.RefundState
		kind          gateway.ErrorKind
		signed        bool
	}{
		"done": {reply{node: refundTaken}, reply{}, gateway.RefundDone, "", false},
		"done, unsigned": {reply{node: refundTaken, unsigned: true}, reply{node: refundTold}, "",
			gateway.Indeterminate, false},
		"done, of another trade": {reply{node: change("C1234567", "C1234568")}, reply{node: refundTold}, "",
			gateway.Indeterminate, false},
		"done, of less": {reply{node: change("10.45", "3.44")}, reply{node: refundTold}, "",
			gateway.Indeterminate, false},
		"done, no amount": {reply{node: change("10.45", "")}, reply{node: refundTold}, gateway.RefundDone,
			"", false},
		"a repeat, done": {repeat, reply{node: refundTold}, gateway.RefundDone, "", false},
		"no word of funds, done": {reply{node: change("fund_change", "x")}, reply{node: refundTold},
			gateway.RefundDone, "", false},
		"taken, not seen yet": {repeat, reply{node: noRefund}, gateway.RefundProcessing, "", false},
		"a repeat, no answer": {repeat, reply{}, "", gateway.Indeterminate, false},
		"a repeat, unsigned": {repeat, reply{node: refundTold, unsigned: true}, "", gateway.Indeterminate,
			false},
		"a repeat, absent, unsigned": {repeat, reply{node: noRefund, unsigned: true}, "", gateway.Indeterminate, false},
		"refused":                    {refusal, reply{node: noRefund}, "", gateway.Declined, true},
		"refused, trade unknown": {refusal, reply{node: `{"code":"40004","sub_code":"TRADE_NOT_EXIST"}`}, "",
			gateway.Declined, true},
		"refused, but taken before": {refusal, reply{node: refundTold}, gateway.RefundDone, "", false},
		"refused, no answer":        {refusal, reply{}, "", gateway.Indeterminate, false},
		"refused, absent, unsigned": {refusal, reply{node: noRefund, unsigned: true}, "", gateway.Indeterminate, false},
		"refused, unsigned": {reply{node: refusal.node, unsigned: true}, reply{node: noRefund}, "",
			gateway.Declined, false},
		"no trade": {reply{node: `{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}`}, reply{}, "",
			gateway.NotFound, true},
		"unavailable": {reply{node: `{"code":"20000","sub_code":"isp.unknow-error"}`}, reply{}, "",
			gateway.TryLater, true},
		"a broken connection": {reply{}, reply{node: refundTold}, "", gateway.Indeterminate, false},
		"a gateway time-out": {reply{node: refundTaken, status: 504}, reply{}, "", gateway.Indeterminate,
			false},
		"an empty object": {reply{node: `{}`}, reply{node: refundTold}, "", gateway.Indeterminate, true},
		"success of nothing in detail": {reply{node: noRefund}, reply{node: refundTold}, "", gateway.Indeterminate,
			false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{tradeRefund: c.refund, refundQuery: c.query})
			r, err := newGateway().Refund(t.Context(), s.account, refundRequest())
			var e *gateway.Error
			switch {
			case c.kind != "" && (!errors.As(err, &e) || e.Kind != c.kind || e.Signed != c.signed ||
				r != gateway.RefundReport{}):
				t.Errorf("got %+v, %v; want %s", r, err, c.kind)
			case c.kind == "" && (err != nil || r.State != c.state || r.Amount != 345 || r.OutRefundNo != "R1"):
				t.Errorf("got %+v, %v; want %s", r, err, c.state)
			}
		})
	}
}

func TestAnswersToAQuestionAboutARefund(t *testing.T) {
	change := func(old, with string) string { return strings.Replace(refundTold, old, with, 1) }
	for name, c := range map[string]struct {
		reply
		kind   gateway.ErrorKind
		signed bool
	}{
		"done":           {reply{node: refundTold}, "", false},
		"done, no time":  {reply{node: change("gmt_refund_pay", "x")}, "", false},
		"done, unsigned": {reply{node: refundTold, unsigned: true}, gateway.Indeterminate, false},
		// but an amount
		"no status":         {reply{node: change("refund_status", "x")}, gateway.Indeterminate, false},
		"nothing":           {reply{node: noRefund}, gateway.NotFound, true},
		"nothing, unsigned": {reply{node: noRefund, unsigned: true}, gateway.Indeterminate, false},
		"a status of tomorrow": {reply{node: change("REFUND_SUCCESS", "REFUND_PROCESSING")}, gateway.Indeterminate,
			false},
		"of another refund": {reply{node: change("R1", "R2")}, gateway.Indeterminate, false},
		"of another trade":  {reply{node: change("C1234567", "C1234568")}, gateway.Indeterminate, false},
		"of another amount": {reply{node: change("3.45", "3.46")}, gateway.Indeterminate, false},
		"of no amount":      {reply{node: change("3.45", "")}, gateway.Indeterminate, false},
		"no such trade":     {reply{node: `{"code":"40004","sub_code":"TRADE_NOT_EXIST"}`}, gateway.NotFound, true},
		"busy":              {reply{node: `{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}`}, gateway.TryLater, true},
		"an answer to another": {reply{node: refundTold, whole: `{"alipay_trade_refund_response":NODE,"sign":"SIGN"}`},
			gateway.Indeterminate, false},
		"joined with a forgery": {reply{node: noRefund, whole: `{"` + strings.ReplaceAll(refundQuery, ".", "_") +
			`_Response":` + refundTold + `,"` + strings.ReplaceAll(refundQuery, ".", "_") +
			`_response":NODE,"sign":"SIGN"}`}, gateway.Indeterminate, false},
		"a broken connection": {reply{}, gateway.Indeterminate, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{refundQuery: c.reply})
			r, err := newGateway().QueryRefund(t.Context(), s.account, refundRequest())
			var e *gateway.Error
			switch {
			case c.kind != "" && (!errors.As(err, &e) || e.Kind != c.kind || e.Signed != c.signed ||
				r != gateway.RefundReport{}):
				t.Errorf("got %+v, %v; want %s", r, err, c.kind)
			case c.kind == "" && (err != nil || r.State != gateway.RefundDone || r.Amount != 345):
				t.Errorf("got %+v, %v", r, err)
			}
		})
	}
}

// paidOrder has an order paid by QR.
func paidOrder(t *testing.T, s *sandbox.Sandbox, a gateway.Account, number, notify string,
	messages chan gateway.RawNotification) gateway.Report {
	t.Helper()
	p, err := newGateway().Open(t.Context(), a, charge(number, gateway.Native, notify))
	if err != nil {
		t.Fatal(err)
	}
	control(t, s, "/payments/"+scan(t, s, p.CodeURL)+"/confirm", "")
	<-messages
	r, err := newGateway().Query(t.Context(), a, gateway.Trade{OutTradeNo: number})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRefundsInPartAndWhole(t *testing.T) {
	s, a, messages, notify := run(t)
	g := newGateway()
	trade := paidOrder(t, s, a, "RFD00001", notify, messages)
	part := gateway.RefundRequest{
		Trade: gateway.Trade{OutTradeNo: "RFD00001", TransactionID: trade.TransactionID}, OutRefundNo: "RFD00001R01",
		Amount: 340, Total: 12340, Reason: "多收", NotifyURL: notify,
	}
	_, err := g.QueryRefund(t.Context(), a, part)
	wantKind(t, err, gateway.NotFound, true)
	r, err := g.Refund(t.Context(), a, part)
	if err != nil || r.State != gateway.RefundDone || r.DoneAt.IsZero() {
		t.Fatalf("%+v, %v", r, err)
	}
	n, err := g.Verify(t.Context(), a, <-messages, time.Now())
	if err != nil || n.Kind != gateway.NotifyRefund || n.Event != "TRADE_SUCCESS" || n.ID == "" ||
		n.Refund.OutTradeNo != "RFD00001" ||
		n.Refund.OutRefundNo != "RFD00001R01" || n.Refund.State != gateway.RefundDone || n.Refund.Amount != 340 ||
		n.Refund.DoneAt.Truncate(time.Second) != r.DoneAt {
		t.Errorf("%+v, %v", n, err)
	}
	if again, err := g.Refund(t.Context(), a, part); err != nil || again.State != gateway.RefundDone ||
		again.Raw != "REFUND_SUCCESS" || again.Amount != 340 {
		t.Errorf("a repeat: %+v, %v", again, err)
	}
	other := part
	other.Amount = 341
	_, err = g.Refund(t.Context(), a, other)
	wantKind(t, err, gateway.Indeterminate, false) // refused, but there is a refund of that number
	if q, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "RFD00001"}); err != nil ||
		q.State != gateway.TradePaid {
		t.Errorf("the trade: %+v, %v", q, err)
	}

	rest := part
	rest.OutRefundNo, rest.Trade.TransactionID, rest.Amount = "RFD00001R02", "", 12001
	_, err = g.Refund(t.Context(), a, rest)
	wantKind(t, err, gateway.Declined, true) // one fen too much
	rest.Amount = 12000
	if r, err := g.Refund(t.Context(), a, rest); err != nil || r.State != gateway.RefundDone || r.Amount != 12000 {
		t.Fatalf("the rest: %+v, %v", r, err)
	}
	if n, err := g.Verify(t.Context(), a, <-messages, time.Now()); err != nil || n.Kind != gateway.NotifyRefund ||
		n.Refund.OutRefundNo != "RFD00001R02" ||
		n.Refund.Amount != 12340 { // all that has gone back
		t.Errorf("%+v, %v", n, err)
	}
	if q, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "RFD00001"}); err != nil ||
		q.State != gateway.TradePaid || q.Returned != gateway.ReturnedAll {
		t.Errorf("the trade: %+v, %v", q, err)
	}
	for _, request := range []gateway.RefundRequest{part, rest} { // of a trade that is closed now
		if r, err := g.Refund(t.Context(), a, request); err != nil || r.State != gateway.RefundDone {
			t.Errorf("%s: %+v, %v", request.OutRefundNo, r, err)
		}
	}
	if taken, back := sums(t, s); taken != 12340 || back != taken {
		t.Errorf("taken %d and given back %d fen", taken, back)
	}
}

func TestARefundThatTakesItsTime(t *testing.T) {
	s, a, messages, notify := run(t)
	g := newGateway()
	paidOrder(t, s, a, "SLOW0001", notify, messages)
	control(t, s, "/faults", `{"fault":"refund_slow"}`)
	request := gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: "SLOW0001"}, OutRefundNo: "SLOW0001R01",
		Amount: 12340, Total: 12340}
	for range 2 {
		if r, err := g.Refund(t.Context(), a, request); err != nil || r.State != gateway.RefundProcessing ||
			r.Amount != 12340 {
			t.Fatalf("%+v, %v", r, err)
		}
	}
	_, err := g.QueryRefund(t.Context(), a, request)
	wantKind(t, err, gateway.NotFound, true)
	var refunds []sandbox.Refund
	if err := json.Unmarshal([]byte(read(t, s, "/refunds")), &refunds); err != nil || len(refunds) != 1 {
		t.Fatalf("%+v, %v", refunds, err)
	}
	control(t, s, "/refunds/"+refunds[0].ID+"/settle", "")
	if r, err := g.QueryRefund(t.Context(), a, request); err != nil || r.State != gateway.RefundDone {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := g.Refund(t.Context(), a, request); err != nil || r.State != gateway.RefundDone {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestRefundsThatAreRefused(t *testing.T) {
	s, a, messages, notify := run(t)
	g := newGateway()
	for i, c := range []struct {
		fault string
		why   gateway.DeclineReason
	}{{"merchant_balance_low", gateway.MerchantBalance}, {"refund_closed", ""}} {
		number := "NO00000" + strconv.Itoa(i)
		paidOrder(t, s, a, number, notify, messages)
		control(t, s, "/faults", `{"fault":"`+c.fault+`","operation":"refund"}`)
		request := gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: number}, OutRefundNo: number + "R01",
			Amount: 12340, Total: 12340}
		_, err := g.Refund(t.Context(), a, request)
		var e *gateway.Error
		if !errors.As(err, &e) || e.Kind != gateway.Declined || !e.Signed || e.Reason != c.why {
			t.Errorf("%s: %v", c.fault, err)
		}
		if r, err := g.Refund(t.Context(), a, request); err != nil || r.State != gateway.RefundDone {
			t.Errorf("%s, later: %+v, %v", c.fault, r, err)
		}
	}
	_, err := g.Refund(t.Context(), a, gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: "NOBODY01"},
		OutRefundNo: "NOBODY01R01", Amount: 1, Total: 1})
	wantKind(t, err, gateway.NotFound, true)
}

// Whatever happens to the answers, a refund that is asked for until it is there goes back once.
func TestRefundsAreRepeatedSafely(t *testing.T) {
	s, a, messages, notify := run(t)
	g := newGateway()
	want := money.Fen(0)
	for i, fault := range []string{"timeout_after_success", "timeout_before_effect", "bad_signature", "probe_signature",
		"unsigned_error"} {
		number := "REP0000" + strconv.Itoa(i)
		paidOrder(t, s, a, number, notify, messages)
		request := gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: number}, OutRefundNo: number + "R01",
			Amount: 12000, Total: 12340}
		for _, operation := range []string{"refund", "refund_query"} {
			control(t, s, "/faults", `{"fault":"`+fault+`","operation":"`+operation+`"}`)
			ask := g.Refund
			if operation == "refund_query" {
				ask = g.QueryRefund
			}
			_, err := ask(t.Context(), a, request)
			var e *gateway.Error
			if !errors.As(err, &e) || e.Signed || e.Kind != gateway.Indeterminate && fault != "unsigned_error" {
				t.Fatalf("%s of %s: %v", fault, operation, err)
			}
		}
		for range 2 {
			if r, err := g.Refund(t.Context(), a, request); err != nil || r.State != gateway.RefundDone {
				t.Fatalf("%s: %+v, %v", fault, r, err)
			}
		}
		<-messages
		want += 12000
		if _, back := sums(t, s); back != want {
			t.Fatalf("%s: %d fen were given back, not %d", fault, back, want)
		}
	}
}

func TestRefundNotificationsThatMustNotBeBelieved(t *testing.T) {
	s, a, messages, notify := run(t)
	g := newGateway()
	for i, fault := range []string{"forged", "probe_notice", "wrong_merchant"} {
		number := "NOT0000" + strconv.Itoa(i)
		paidOrder(t, s, a, number, notify, messages)
		control(t, s, "/faults", `{"fault":"`+fault+`","operation":"refund"}`)
		if _, err := g.Refund(t.Context(), a, gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: number},
			OutRefundNo: number + "R01", Amount: 12340, Total: 12340}); err != nil {
			t.Fatal(err)
		}
		_, err := g.Verify(t.Context(), a, <-messages, time.Now())
		wantKind(t, err, gateway.Unauthentic, false)
	}
	paidOrder(t, s, a, "NOT00009", notify, messages)
	if _, err := g.Refund(t.Context(), a, gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: "NOT00009"},
		OutRefundNo: "R", Amount: 12340, Total: 12340}); err != nil {
		t.Fatal(err)
	}
	m := <-messages
	for name, value := range map[string]string{"refund_fee": "0.01", "out_biz_no": "other"} {
		form, err := url.ParseQuery(string(m.Body))
		if err != nil || form.Get(name) == "" {
			t.Fatal(form, err)
		}
		form.Set(name, value)
		_, err = g.Verify(t.Context(), a, gateway.RawNotification{Header: m.Header, Body: []byte(form.Encode())},
			time.Now())
		wantKind(t, err, gateway.Unauthentic, false)
	}
}
