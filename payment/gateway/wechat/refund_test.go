package wechat_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

const (
	refundCall  = "POST /v3/refund/domestic/refunds"
	refundQuery = "GET /v3/refund/domestic/refunds/R1"
	refundDone  = `{"refund_id":"50","out_refund_no":"R1","transaction_id":"42","out_trade_no":"C1234567",` +
		`"status":"SUCCESS",` +
		`"success_time":"2026-11-24T17:00:00+08:00","amount":{"total":12345,"refund":345,"currency":"CNY"}}`
	noRefund = `{"code":"RESOURCE_NOT_EXISTS","message":"退款单不存在"}`
)

func refundRequest(notify string) gateway.RefundRequest {
	return gateway.RefundRequest{
		Trade: gateway.Trade{OutTradeNo: "C1234567", TransactionID: "42"}, OutRefundNo: "R1", Amount: 345, Total: 12345,
		Reason: strings.Repeat("多收", 20), NotifyURL: notify,
	}
}

func TestRefundSendsWhatTheInstitutionRequires(t *testing.T) {
	s := script(t, map[string]reply{refundCall: {status: 200, body: refundDone}})
	r, err := newGateway().Refund(t.Context(), s.account, refundRequest("https://example.com/callbacks/wechat/a"))
	want := gateway.RefundReport{
		OutTradeNo: "C1234567", OutRefundNo: "R1", RefundID: "50", State: gateway.RefundDone, Amount: 345,
		DoneAt: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), Raw: "SUCCESS",
	}
	if err != nil || r != want {
		t.Fatalf("got %+v, %v", r, err)
	}
	sent := func() (body map[string]any) {
		t.Helper()
		if err := json.Unmarshal([]byte(strings.TrimPrefix(s.last(t), refundCall+" ")), &body); err != nil {
			t.Fatal(err)
		}
		return body
	}
	amount := map[string]any{"refund": 345., "total": 12345., "currency": "CNY"}
	full := map[string]any{
		"transaction_id": "42", "out_refund_no": "R1", "reason": strings.Repeat("多收", 13),
		"notify_url": "https://example.com/callbacks/wechat/a", "amount": amount,
	}
	if got := sent(); fmt.Sprint(got) != fmt.Sprint(full) {
		t.Errorf("sent %v\nwant %v", got, full)
	}
	request := refundRequest("")
	request.Trade.TransactionID, request.Reason = "", ""
	if _, err := newGateway().Refund(t.Context(), s.account, request); err != nil {
		t.Fatal(err)
	}
	least := map[string]any{"out_trade_no": "C1234567", "out_refund_no": "R1", "amount": amount}
	if got := sent(); fmt.Sprint(got) != fmt.Sprint(least) {
		t.Errorf("sent %v\nwant %v", got, least)
	}
}

func TestAnswersToARefund(t *testing.T) {
	change := func(old, with string) string { return strings.Replace(refundDone, old, with, 1) }
	for name, c := range map[string]struct {
		reply
		state    gateway.RefundState
		kind     gateway.ErrorKind
		timeless bool
	}{
		"done":           {reply{200, refundDone, false}, gateway.RefundDone, "", false},
		"done, unsigned": {reply{200, refundDone, true}, "", gateway.Indeterminate, false},
		"done, no time": {reply{200, change("2026-11-24T17:00:00+08:00", ""), false}, gateway.RefundDone,
			"", true},
		"on its way": {reply{200, change("SUCCESS", "PROCESSING"), false}, gateway.RefundProcessing, "",
			true},
		"stuck": {reply{200, change("SUCCESS", "ABNORMAL"), false}, gateway.RefundAbnormal, "",
			true},
		"shut":                  {reply{200, change("SUCCESS", "CLOSED"), false}, gateway.RefundClosed, "", true},
		"a state of no meaning": {reply{200, change("SUCCESS", "DONE"), false}, "", gateway.Indeterminate, false},
		"no state":              {reply{200, change("SUCCESS", ""), false}, "", gateway.Indeterminate, false},
		"of another refund":     {reply{200, change("R1", "R2"), false}, "", gateway.Indeterminate, false},
		"of another trade": {reply{200, change("C1234567", "C1234568"), false}, "", gateway.Indeterminate,
			false},
		"of another amount":          {reply{200, change("345,", "346,"), false}, "", gateway.Indeterminate, false},
		"of another total":           {reply{200, change("12345,", "12346,"), false}, "", gateway.Indeterminate, false},
		"without amount":             {reply{200, change(`"amount"`, `"x"`), false}, "", gateway.Indeterminate, false},
		"nothing":                    {reply{200, ``, false}, "", gateway.Indeterminate, false},
		"an empty object":            {reply{200, `{}`, false}, "", gateway.Indeterminate, false},
		"accepted":                   {reply{202, refundDone, false}, "", gateway.Indeterminate, false},
		"no content":                 {reply{204, ``, false}, "", gateway.Indeterminate, false},
		"a broken connection":        {reply{}, "", gateway.Indeterminate, false},
		"a proxy's page":             {reply{200, `<html>`, true}, "", gateway.Indeterminate, false},
		"a proxy's gateway time-out": {reply{504, `<html>`, true}, "", gateway.TryLater, false},
		"unknown to it":              {reply{404, noRefund, false}, "", gateway.NotFound, false},
		"unknown to it, unsigned":    {reply{404, noRefund, true}, "", gateway.NotFound, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{refundCall: c.reply, refundQuery: c.reply})
			for question, ask := range map[string]func() (gateway.RefundReport, error){
				"refund": func() (gateway.RefundReport, error) {
					return newGateway().Refund(t.Context(), s.account, refundRequest(""))
				},
				"query": func() (gateway.RefundReport, error) {
					return newGateway().QueryRefund(t.Context(), s.account, refundRequest(""))
				},
			} {
				r, err := ask()
				var e *gateway.Error
				switch {
				case c.kind != "" && (!errors.As(err, &e) || e.Kind != c.kind || c.unsigned && e.Signed ||
					r != gateway.RefundReport{}):
					t.Errorf("%s: got %+v, %v; want %s", question, r, err, c.kind)
				case c.kind == "" && (err != nil || r.State != c.state || r.Amount != 345 || r.OutRefundNo != "R1" ||
					r.DoneAt.IsZero() != c.timeless):
					t.Errorf("%s: got %+v, %v; want %s", question, r, err, c.state)
				}
			}
		})
	}
}

// A repeat may be refused although the first was taken: then what the query says counts.
func TestARefusedRefundIsAskedAbout(t *testing.T) {
	refusal := reply{status: 400, body: `{"code":"INVALID_REQUEST"}`}
	for name, c := range map[string]struct {
		refund, query reply
		done          bool
		kind          gateway.ErrorKind
		signed        bool
	}{
		"never taken": {refusal, reply{status: 404, body: noRefund}, false, gateway.Declined, true},
		"taken":       {refusal, reply{status: 200, body: refundDone}, true, "", false},
		"never taken, it says": {refusal, reply{status: 404, body: noRefund, unsigned: true}, false,
			gateway.Indeterminate,
			false},
		"no answer": {refusal, reply{}, false, gateway.Indeterminate, false},
		"busy": {refusal, reply{status: 500, body: `{"code":"SYSTEM_ERROR"}`}, false, gateway.Indeterminate,
			false},
		"refused too": {refusal, refusal, false, gateway.Indeterminate, false},
		"unsigned": {reply{status: 403, body: `{"code":"NOT_ENOUGH"}`, unsigned: true},
			reply{status: 404, body: noRefund}, false, gateway.Declined, false},
	} {
		s := script(t, map[string]reply{refundCall: c.refund, refundQuery: c.query})
		r, err := newGateway().Refund(t.Context(), s.account, refundRequest(""))
		var e *gateway.Error
		if c.done && (err != nil || r.State != gateway.RefundDone) || !c.done &&
			(!errors.As(err, &e) || e.Kind != c.kind || e.Signed != c.signed) {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
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
	pay(t, s, p.CodeURL)
	<-messages
	r, err := newGateway().Query(t.Context(), a, gateway.Trade{OutTradeNo: number})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ends waits for a refund to leave PROCESSING: the institution carries it out in its own time.
func ends(t *testing.T, a gateway.Account, r gateway.RefundRequest) gateway.RefundReport {
	t.Helper()
	for {
		got, err := newGateway().QueryRefund(t.Context(), a, r)
		if err != nil {
			t.Fatal(err)
		}
		if got.State != gateway.RefundProcessing {
			return got
		}
	}
}

func TestRefundsInEveryKeyMode(t *testing.T) {
	s, messages, notify := run(t)
	g := newGateway()
	i := 0
	for mode, a := range accounts(s) {
		i++
		number := "RFD0000" + strconv.Itoa(i)
		trade := paidOrder(t, s, a, number, notify, messages)
		part := gateway.RefundRequest{
			Trade: gateway.Trade{OutTradeNo: number, TransactionID: trade.TransactionID}, OutRefundNo: number + "R01",
			Amount: 345, Total: 12345, Reason: "多收", NotifyURL: notify,
		}
		_, err := g.QueryRefund(t.Context(), a, part)
		wantKind(t, err, gateway.NotFound, true)
		if r, err := g.Refund(t.Context(), a, part); err != nil || r.State != gateway.RefundProcessing &&
			r.State != gateway.RefundDone || r.RefundID == "" {
			t.Fatalf("%s: %+v, %v", mode, r, err)
		}
		n, err := g.Verify(t.Context(), a, <-messages, time.Now())
		if err != nil || n.Kind != gateway.NotifyRefund || n.Event != "REFUND.SUCCESS" || n.ID == "" {
			t.Fatalf("%s: %+v, %v", mode, n, err)
		}
		done := ends(t, a, part)
		if done.State != gateway.RefundDone || done.Amount != 345 || done.DoneAt.IsZero() || n.Refund != done {
			t.Errorf("%s: the query says %+v, the notification %+v", mode, done, n.Refund)
		}
		if again, err := g.Refund(t.Context(), a, part); err != nil || again != done {
			t.Errorf("%s: a repeat: %+v, %v", mode, again, err)
		}
		other := part
		other.Amount = 346
		_, err = g.Refund(t.Context(), a, other)
		wantKind(t, err, gateway.Indeterminate, false) // refused, but there is a refund of that number

		rest := part
		rest.OutRefundNo, rest.Trade.TransactionID, rest.Amount = number+"R02", "", 12001
		_, err = g.Refund(t.Context(), a, rest)
		wantKind(t, err, gateway.Declined, true) // one fen too much
		rest.Amount = 12000
		if _, err = g.Refund(t.Context(), a, rest); err != nil {
			t.Fatal(mode, err)
		}
		<-messages
		if r := ends(t, a, rest); r.State != gateway.RefundDone {
			t.Errorf("%s: the rest: %+v", mode, r)
		}
		if q, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: number}); err != nil ||
			q.State != gateway.TradePaid || q.Raw != "REFUND" {
			t.Errorf("%s: the trade: %+v, %v", mode, q, err)
		}
	}
	if taken, back := sums(t, s); taken != 3*12345 || back != taken {
		t.Errorf("taken %d and given back %d fen", taken, back)
	}
}

func TestRefundsThatDoNotArrive(t *testing.T) {
	s, messages, notify := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	for i, c := range []struct {
		fault, event string
		state        gateway.RefundState
	}{{"refund_abnormal", "REFUND.ABNORMAL", gateway.RefundAbnormal},
		{"refund_closed", "REFUND.CLOSED", gateway.RefundClosed}} {
		number := "BAD0000" + strconv.Itoa(i)
		paidOrder(t, s, a, number, notify, messages)
		control(t, s, "/faults", `{"fault":"`+c.fault+`"}`)
		request := gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: number}, OutRefundNo: number + "R01",
			Amount: 12345, Total: 12345, NotifyURL: notify}
		if r, err := g.Refund(t.Context(), a, request); err != nil || r.State != gateway.RefundProcessing &&
			r.State != c.state {
			t.Fatalf("%s: %+v, %v", c.fault, r, err)
		}
		n, err := g.Verify(t.Context(), a, <-messages, time.Now())
		if err != nil || n.Kind != gateway.NotifyRefund || n.Event != c.event || n.Refund.State != c.state ||
			n.Refund.OutRefundNo != request.OutRefundNo {
			t.Errorf("%s: %+v, %v", c.fault, n, err)
		}
		if r := ends(t, a, request); r.State != c.state || !r.DoneAt.IsZero() {
			t.Errorf("%s: %+v", c.fault, r)
		}
	}
	if _, back := sums(t, s); back != 0 {
		t.Errorf("%d fen were given back", back)
	}
}

func TestARefundWithoutTheMerchantsMoney(t *testing.T) {
	s, messages, notify := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	paidOrder(t, s, a, "POOR0001", notify, messages)
	control(t, s, "/faults", `{"fault":"merchant_balance_low","operation":"refund"}`)
	request := gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: "POOR0001"}, OutRefundNo: "POOR0001R01",
		Amount: 12345, Total: 12345, NotifyURL: notify}
	_, err := g.Refund(t.Context(), a, request)
	var e *gateway.Error
	if !errors.As(err, &e) || e.Kind != gateway.Declined || !e.Signed || e.Reason != gateway.MerchantBalance {
		t.Fatalf("got %v", err)
	}
	if _, err := g.Refund(t.Context(), a, request); err != nil { // filled up again
		t.Fatal(err)
	}
	if r := ends(t, a, request); r.State != gateway.RefundDone {
		t.Errorf("%+v", r)
	}
}

// Whatever happens to the answers, a refund that is asked for until it is there goes back once.
func TestRefundsAreRepeatedSafely(t *testing.T) {
	s, messages, notify := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	want := money.Fen(0)
	for i, fault := range []string{"timeout_after_success", "timeout_before_effect", "bad_signature", "probe_signature",
		"unsigned_error"} {
		number := "REP0000" + strconv.Itoa(i)
		paidOrder(t, s, a, number, notify, messages)
		request := gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: number}, OutRefundNo: number + "R01",
			Amount: 12000, Total: 12345, NotifyURL: notify}
		control(t, s, "/faults", `{"fault":"`+fault+`","operation":"refund"}`)
		_, err := g.Refund(t.Context(), a, request)
		var e *gateway.Error
		if !errors.As(err, &e) || e.Signed || e.Kind != gateway.Indeterminate && fault != "unsigned_error" {
			t.Fatalf("%s: %v", fault, err)
		}
		control(t, s, "/faults", `{"fault":"`+fault+`","operation":"refund_query"}`)
		_, err = g.QueryRefund(t.Context(), a, request)
		if !errors.As(err, &e) || e.Signed {
			t.Fatalf("%s: %v", fault, err)
		}
		for range 2 {
			if _, err := g.Refund(t.Context(), a, request); err != nil {
				t.Fatalf("%s: %v", fault, err)
			}
		}
		if r := ends(t, a, request); r.State != gateway.RefundDone {
			t.Fatalf("%s: %+v", fault, r)
		}
		<-messages
		want += 12000
		if _, back := sums(t, s); back != want {
			t.Fatalf("%s: %d fen were given back, not %d", fault, back, want)
		}
	}
}

func TestRefundNotificationsThatMustNotBeBelieved(t *testing.T) {
	s, messages, notify := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	for i, fault := range []string{"forged", "stale", "probe_notice", "wrong_merchant"} {
		number := "NOT0000" + strconv.Itoa(i)
		paidOrder(t, s, a, number, notify, messages)
		control(t, s, "/faults", `{"fault":"`+fault+`","operation":"refund"}`)
		request := gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: number}, OutRefundNo: number + "R01",
			Amount: 12345, Total: 12345, NotifyURL: notify}
		if _, err := g.Refund(t.Context(), a, request); err != nil {
			t.Fatal(err)
		}
		_, err := g.Verify(t.Context(), a, <-messages, time.Now())
		wantKind(t, err, gateway.Unauthentic, false)
	}
}
