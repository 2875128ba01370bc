package lakala_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"linlipay/payment/card"
	"linlipay/payment/gateway"
)

const (
	scanTaken = `{"out_trade_no":"R1","trade_no":"2026112566160003670036","log_no":"66160003670036",` +
		`"acc_trade_no":"42","account_type":"ALIPAY","total_amount":"12345",` +
		`"refund_amount":"345","payer_amount":"345","trade_time":"20261125160000",` +
		`"origin_trade_no":"2026112566210002570007","origin_out_trade_no":"202611250000000000000001"}`
	scanBack = `{"merchant_no":"82229007392000A","out_trade_no":"R1","trade_no":"2026112566160003670036",` +
		`"log_no":"66160003670036","trade_main_type":"REFUND",` +
		`"account_type":"ALIPAY","trade_state":"SUCCESS","total_amount":"345","trade_time":"20261125155959"}`
	cardTaken = `{"log_no":"26112508030299","trade_time":"20261125160000","out_trade_no":"R1","refund_amount":"345",` +
		`"payer_amount":"345","origin_log_no":"26112508030257"}`
	cardBack = `{"refund_list":[{"out_trade_no":"R0","trade_state":"SUCCESS","log_no":"1","refund_amount":"345"},` +
		`{"out_trade_no":"R1","trade_time":"20261125155959",` +
		`"trade_state":"SUCCESS","log_no":"26112508030299","refund_amount":"345","pay_mode":"01",` +
		`"crd_no":"622202******1234"}]}`
)

func scanRequest() gateway.RefundRequest {
	t := trade(gateway.WalletAlipay, gateway.Native)
	t.TransactionID, t.StatementNo = "2026112566210002570007", "66210002570007"
	return gateway.RefundRequest{Trade: t, OutRefundNo: "R1", Amount: 345, Total: 12345,
		Reason: strings.Repeat("多收", 20)}
}

func cardRequest() gateway.RefundRequest {
	t := trade(gateway.WalletCard, gateway.CardPresent)
	// the 25th in Shanghai
	t.TransactionID, t.StatementNo, t.PaidAt = "K1", "26112508030257", time.Date(2026, 11, 24, 16, 0, 1, 0, time.UTC)
	t.Card = card.Card{ReferenceNo: "080302570007", Masked: "622202******1234", Terminal: "D9587314"}
	return gateway.RefundRequest{Trade: t, OutRefundNo: "R1", Amount: 345, Total: 12345}
}

func TestRefundOfAScanSendsWhatTheInstitutionRequires(t *testing.T) {
	s := script(t, map[string]reply{refundScan: {body: ok(scanTaken)}, tradequery: {body: ok(scanBack)}})
	r, err := newGateway().Refund(t.Context(), s.account, scanRequest())
	want := gateway.RefundReport{
		OutTradeNo: number, OutRefundNo: "R1", RefundID: "2026112566160003670036", State: gateway.RefundDone,
		Amount: 345,
		DoneAt: time.Date(2026, 11, 25, 7, 59, 59, 0, time.UTC), Raw: "SUCCESS",
	}
	if err != nil || r != want || s.paths() != refundScan+" "+tradequery {
		t.Fatalf("got %+v, %v after %s", r, err, s.paths())
	}
	same(t, s.last(tradequery), `{"merchant_no":"82229007392000A","term_no":"D9296400","out_trade_no":"R1"}`)
	same(t, s.asked[0].data, `{"merchant_no":"82229007392000A","term_no":"D9296400","out_trade_no":"R1",`+
		`"refund_amount":"345","refund_reason":"`+strings.Repeat("多收", 16)+`",
		"origin_trade_no":"2026112566210002570007","origin_log_no":"66210002570007",
		"location_info":{"request_ip":"127.0.0.1"}}`)
	request := scanRequest()
	request.Trade.StatementNo, request.Reason = "", ""
	if _, err := newGateway().Refund(t.Context(), s.account, request); err != nil {
		t.Fatal(err)
	}
	same(t, s.asked[2].data,
		`{"merchant_no":"82229007392000A","term_no":"D9296400","out_trade_no":"R1","refund_amount":"345",
		"refund_reason":"退款",
		"origin_trade_no":"2026112566210002570007","origin_out_trade_no":"202611250000000000000001",
		"location_info":{"request_ip":"127.0.0.1"}}`)
}

func TestRefundOfACardSendsWhatTheInstitutionRequires(t *testing.T) {
	s := script(t, map[string]reply{refundCard: {body: okay(cardTaken)}, refundQuery: {body: okay(cardBack)}})
	r, err := newGateway().Refund(t.Context(), s.account, cardRequest())
	want := gateway.RefundReport{
		OutTradeNo: number, OutRefundNo: "R1", RefundID: "26112508030299", State: gateway.RefundDone, Amount: 345,
		DoneAt: time.Date(2026, 11, 25, 7, 59, 59, 0, time.UTC), Raw: "SUCCESS",
	}
	if err != nil || r != want || s.paths() != refundCard+" "+refundQuery {
		t.Fatalf("got %+v, %v after %s", r, err, s.paths())
	}
	same(t, s.asked[0].data,
		`{"merchant_no":"82229007392000A","term_no":"D9587314","out_trade_no":"R1","refund_amount":"345",
		"refund_reason":"退款","origin_biz_type":"1",
		"origin_trade_date":"20261125","origin_log_no":"26112508030257","origin_trade_no":"K1",
		"origin_trade_ref_no":"080302570007","origin_card_no":"622202******1234",
		"location_info":{"request_ip":"127.0.0.1"}}`)
	same(t, s.last(refundQuery),
		`{"merchant_no":"82229007392000A","term_no":"D9587314","out_trade_no":"R1","origin_out_trade_no":"R1",
		"origin_biz_type":"1",
		"origin_trade_date":"20261125","origin_log_no":"26112508030257","origin_trade_no":"K1",
		"origin_trade_ref_no":"080302570007","origin_card_no":"622202******1234"}`)
}

func TestStatesOfARefund(t *testing.T) {
	for word, state := range map[string]gateway.RefundState{
		"SUCCESS": gateway.RefundDone, "INIT": gateway.RefundProcessing, "CREATE": gateway.RefundProcessing,
		"DEAL":       gateway.RefundProcessing,
		"PROCESSING": gateway.RefundProcessing, "UNKNOWN": gateway.RefundProcessing,
		"TIMEOUT": gateway.RefundProcessing, "FAIL": gateway.RefundClosed,
		"CLOSE": gateway.RefundClosed, "EXCEPTION": gateway.RefundAbnormal, "DONE": "", "": "",
	} {
		s := script(t, map[string]reply{
			tradequery: {body: ok(strings.Replace(scanBack, "SUCCESS", word, 1))},
			refundQuery: {
				body: okay(strings.Replace(cardBack, `9","trade_state":"SUCCESS`, `9","trade_state":"`+word, 1))},
		})
		for _, request := range []gateway.RefundRequest{scanRequest(), cardRequest()} {
			r, err := newGateway().QueryRefund(t.Context(), s.account, request)
			if state == "" {
				wantKind(t, err, gateway.Indeterminate, false)
				continue
			}
			if err != nil || r.State != state || r.Amount != 345 || r.Raw != word ||
				r.DoneAt.IsZero() == (state == gateway.RefundDone) {
				t.Errorf("%s: got %+v, %v", word, r, err)
			}
		}
	}
}

// What the query says counts. A refusal counts only where the institution also knows no such refund: a repeat may be
// refused although the first was taken.
func TestAnswersToARefund(t *testing.T) {
	const absent = "BBS11114"
	taken, back := reply{body: ok(scanTaken)}, reply{body: ok(scanBack)}
	for name, c := range map[string]struct {
		refund, query reply
		state         gateway.RefundState
		kind          gateway.ErrorKind
		signed        bool
	}{
		"taken, and done":          {taken, back, gateway.RefundDone, "", false},
		"taken, and not yet known": {taken, reply{body: fail(absent)}, gateway.RefundProcessing, "", false},
		"taken, and no word of it": {taken, reply{status: -1}, gateway.RefundProcessing, "", false},
		"taken, and failed": {taken, reply{body: ok(strings.Replace(scanBack, "SUCCESS", "FAIL", 1))},
			gateway.RefundClosed, "", false},
		"taken, unsigned": {reply{body: ok(scanTaken), unsigned: true}, back, "", gateway.Indeterminate,
			false},
		"taken, another refund": {reply{body: ok(strings.Replace(scanTaken, `"R1"`, `"R2"`, 1))}, back, "",
			gateway.Indeterminate, false},
		"taken, of another payment": {
			reply{body: ok(strings.Replace(scanTaken, "2026112566210002570007", "2026112566210002570009", 1))}, back,
			"", gateway.Indeterminate, false},
		"taken, another amount": {reply{body: ok(strings.Replace(scanTaken, `"345"`, `"346"`, 1))}, back, "",
			gateway.Indeterminate, false},
		"refused, and unknown": {reply{body: fail("BBS11000")}, reply{body: fail(absent)}, "",
			gateway.Declined, true},
		"refused, and done before": {reply{body: fail("BBS11000")}, back, gateway.RefundDone, "", false},
		"refused, and no word of it": {reply{body: fail("BBS11000")}, reply{status: -1}, "", gateway.Indeterminate,
			false},
		"refused, and unknown, unsigned": {reply{body: fail("BBS11000")}, reply{body: fail(absent), unsigned: true}, "",
			gateway.Indeterminate, false},
		"refused, unsigned": {reply{body: fail("BBS11000"), unsigned: true}, back, "", gateway.Declined,
			false},
		"no meaning, and done before": {reply{body: fail("BBS99999")}, back, gateway.RefundDone, "", false},
		"no meaning, and unknown": {reply{body: fail("BBS99999")}, reply{body: fail(absent)}, "", gateway.Indeterminate,
			true},
		"no meaning, no word of it": {reply{body: fail("BBS99999")}, reply{body: fail("BBS99999")}, "",
			gateway.Indeterminate, false},
		"on its way, and not yet known": {reply{body: fail("BBS11112")}, reply{body: fail(absent)},
			gateway.RefundProcessing, "", false},
		"on its way, and done": {reply{body: fail("BBS11112")}, back, gateway.RefundDone, "", false},
		"on its way, unsigned": {reply{body: fail("BBS11112"), unsigned: true}, back, "", gateway.TryLater, false},
		"busy":                 {reply{body: fail("BBS00101")}, back, "", gateway.TryLater, true},
		"a broken connection":  {reply{status: -1}, back, "", gateway.Indeterminate, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{refundScan: c.refund, tradequery: c.query})
			s.account.Settings["code_kinds"] = absent + "=absent"
			r, err := newGateway().Refund(t.Context(), s.account, scanRequest())
			if c.kind != "" {
				wantKind(t, err, c.kind, c.signed)
				return
			}
			if err != nil || r.State != c.state || r.OutRefundNo != "R1" || r.OutTradeNo != number || r.Amount != 345 {
				t.Fatalf("got %+v, %v", r, err)
			}
		})
	}
}

func TestAnswersToARefundOfACard(t *testing.T) {
	taken, back, none := reply{body: okay(cardTaken)}, reply{body: okay(cardBack)},
		reply{body: okay(`{"refund_list":[]}`)}
	for name, c := range map[string]struct {
		refund, query reply
		state         gateway.RefundState
		kind          gateway.ErrorKind
		signed        bool
	}{
		"taken, and done":           {taken, back, gateway.RefundDone, "", false},
		"taken, and not yet listed": {taken, none, gateway.RefundProcessing, "", false},
		"taken, and listed as null": {taken, reply{body: okay(`{"refund_list":null}`)}, gateway.RefundProcessing,
			"", false},
		"on its way at the bank's":   {reply{body: fail("710038")}, none, gateway.RefundProcessing, "", false},
		"on its way at the wallet's": {reply{body: fail("710039")}, none, gateway.RefundProcessing, "", false},
		"on its way, unsigned":       {reply{body: fail("710038"), unsigned: true}, none, "", gateway.TryLater, false},
		"refused":                    {reply{body: fail("710033")}, none, "", gateway.Declined, true},
		"refused, and done before":   {reply{body: fail("710033")}, back, gateway.RefundDone, "", false},
		"refused, and listed, unsigned": {reply{body: fail("710033")}, reply{body: okay(cardBack), unsigned: true}, "",
			gateway.Indeterminate, false},
		"of another amount": {taken,
			reply{body: okay(strings.Replace(cardBack, `9","refund_amount":"345"`, `9","refund_amount":"346"`, 1))},
			gateway.RefundProcessing, "", false},
		"taken, another": {reply{body: okay(strings.Replace(cardTaken, `"R1"`, `"R2"`, 1))}, none, "",
			gateway.Indeterminate,
			false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{refundCard: c.refund, refundQuery: c.query})
			r, err := newGateway().Refund(t.Context(), s.account, cardRequest())
			if c.kind != "" {
				wantKind(t, err, c.kind, c.signed)
				return
			}
			if err != nil || r.State != c.state || r.OutRefundNo != "R1" || r.Amount != 345 {
				t.Fatalf("got %+v, %v", r, err)
			}
		})
	}
	alone := `{"trade_state":"SUCCESS","log_no":"26112508030299","refund_amount":"345"}`
	for list, state := range map[string]gateway.RefundState{
		alone: gateway.RefundDone, strings.Replace(alone, "345", "346", 1): "", alone + "," + alone: "",
		strings.Replace(alone, "{", `{"out_trade_no":"R2",`, 1) + "," + alone: "",
	} { // the number is documented for scans only; whatever else, that there is no such refund is not said
		s := script(t, map[string]reply{refundQuery: {body: okay(`{"refund_list":[` + list + `]}`)}})
		r, err := newGateway().QueryRefund(t.Context(), s.account, cardRequest())
		if state == "" {
			wantKind(t, err, gateway.Indeterminate, false)
		} else if err != nil || r.State != state || r.OutRefundNo != "R1" {
			t.Errorf("%s: got %+v, %v", list, r, err)
		}
	}
	s := script(t, map[string]reply{refundQuery: none})
	_, err := newGateway().QueryRefund(t.Context(), s.account, cardRequest())
	wantKind(t, err, gateway.NotFound, true)
}

func TestAnswersToAQueryOfARefundThatMustNotBeBelieved(t *testing.T) {
	change := func(old, with string) reply { return reply{body: ok(strings.Replace(scanBack, old, with, 1))} }
	for name, r := range map[string]reply{
		"of another":          change(`"R1"`, `"R2"`),
		"of another merchant": change("82229007392000A", "82229007392000B"),
		"of another amount":   change(`"345"`, `"346"`),
		"a payment":           change("REFUND", "PREORDER"),
		"unsigned":            {body: ok(scanBack), unsigned: true},
	} {
		s := script(t, map[string]reply{tradequery: r})
		report, err := newGateway().QueryRefund(t.Context(), s.account, scanRequest())
		var e *gateway.Error
		if !errors.As(err, &e) || e.Kind != gateway.Indeterminate || report != (gateway.RefundReport{}) {
			t.Errorf("%s: got %+v, %v", name, report, err)
		}
	}
}

// A void on the terminal shows among the trades of its order.
func TestQueryOfAVoid(t *testing.T) {
	paid := carded("K1", "PAY", "S", "")
	for name, c := range map[string]struct {
		order string
		state gateway.RefundState
		kind  gateway.ErrorKind
	}{
		"done":                      {order("6", carded("K2", "CANCEL", "S", "K1"), paid), gateway.RefundDone, ""},
		"done, the payment unnamed": {order("5", carded("K2", "CANCEL", "S", ""), paid), gateway.RefundDone, ""},
		"reversed by the bank":      {order("2", carded("K1", "PAY", "C", "")), gateway.RefundDone, ""},
		"under way": {order("2", carded("K2", "CANCEL", "P", "K1"), paid), gateway.RefundProcessing,
			""},
		"failed": {order("2", carded("K2", "CANCEL", "F", "K1"), paid), "", gateway.NotFound},
		"failed, then done": {order("6", carded("K3", "CANCEL", "S", "K1"), carded("K2", "CANCEL", "F", "K1"),
			paid), gateway.RefundDone, ""},
		"none":               {order("2", paid), "", gateway.NotFound},
		"of another payment": {order("2", carded("K2", "CANCEL", "S", "K0"), paid), "", gateway.NotFound},
		"of another amount": {
			order("6", strings.Replace(carded("K2", "CANCEL", "S", "K1"), "12345", "12344", 1), paid), "",
			gateway.Indeterminate},
		"of another order": {strings.Replace(order("6", carded("K2", "CANCEL", "S", "K1"), paid), `01",`,
			`02",`, 1), "", gateway.Indeterminate},
		"a refund, which is no void": {
			order("6", strings.Replace(carded("K2", "CANCEL", "S", "K1"), "CANCEL", "REFUND", 1), paid), "",
			gateway.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{counter: {body: okay(c.order)}})
			request := cardRequest()
			request.Void, request.Amount = true, 12345
			r, err := newGateway().QueryRefund(t.Context(), s.account, request)
			if c.kind != "" {
				wantKind(t, err, c.kind, c.kind == gateway.NotFound)
				return
			}
			if err != nil || r.State != c.state || r.Amount != 12345 || r.OutRefundNo != "R1" ||
				r.DoneAt.IsZero() == (c.state == gateway.RefundDone) {
				t.Fatalf("got %+v, %v", r, err)
			}
		})
	}
}
