package alipay_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

const (
	tradePay    = "alipay.trade.pay"
	tradeCancel = "alipay.trade.cancel"
	authCode    = "281234567890123456"
	paidByNow   = `{"code":"10000","msg":"Success","out_trade_no":"C1234567","trade_no":"42",` +
		`"total_amount":"123.40","gmt_payment":"2026-11-24 17:00:00",` +
		`"buyer_user_id":"2088000000000001"}`
)

func codeCharge(number, code string) gateway.Charge {
	c := charge(number, gateway.Native, "https://example.com/callbacks/alipay/a")
	c.AuthCode, c.Device, c.ClientIP = code, "desk-1", "127.0.0.1"
	return c
}

func TestPayCodeSendsWhatTheInstitutionRequires(t *testing.T) {
	s := script(t, map[string]reply{tradePay: {node: paidByNow}})
	c := codeCharge("C1234567", authCode)
	c.ExpiresAt = time.Date(2026, 11, 24, 9, 10, 0, 0, time.UTC)
	r, err := newGateway().PayCode(t.Context(), s.account, c)
	want := gateway.Report{
		OutTradeNo: "C1234567", State: gateway.TradePaid, TransactionID: "42", Amount: 12340, Currency: gateway.CNY,
		Merchant: "2088000000000002",
		App:      "2021000000000001", PayerID: "2088000000000001",
		PaidAt: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), Raw: "TRADE_SUCCESS",
	}
	if err != nil || r != want {
		t.Fatalf("got %+v, %v", r, err)
	}
	form := s.sent(t, tradePay)
	var content map[string]any
	if err := json.Unmarshal([]byte(form.Get("biz_content")), &content); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"out_trade_no": "C1234567", "scene": "bar_code", "auth_code": authCode, "product_code": "FACE_TO_FACE_PAYMENT",
		"subject":      "物业费 2026年11月 ＆ ＜备注＞",
		"total_amount": "123.40", "time_expire": "2026-11-24 17:10:00", "terminal_id": "desk-1",
	} {
		if content[name] != want {
			t.Errorf("%s is %v, not %s", name, content[name], want)
		}
	}
	if form.Get("notify_url") != c.NotifyURL {
		t.Errorf("notify_url is %q", form.Get("notify_url"))
	}
}

func TestAnswersToAPaymentCode(t *testing.T) {
	change := func(old, with string) string { return strings.Replace(paidByNow, old, with, 1) }
	for name, c := range map[string]struct {
		reply
		state gateway.TradeState // of a report, or
		kind  gateway.ErrorKind  // of a failure
	}{
		"paid":           {reply{node: paidByNow}, gateway.TradePaid, ""},
		"paid, unsigned": {reply{node: paidByNow, unsigned: true}, "", gateway.Indeterminate},
		"password":       {reply{node: change("10000", "10003")}, gateway.TradeUnpaid, ""},
		"password, told alone": {reply{node: `{"code":"10003","msg":"order success pay inprocess"}`},
			gateway.TradeUnpaid, ""},
		"password, unsigned":   {reply{node: `{"code":"10003"}`, unsigned: true}, "", gateway.Indeterminate},
		"password, of another": {reply{node: `{"code":"10003","out_trade_no":"other"}`}, "", gateway.Indeterminate},
		"of another number":    {reply{node: change("C1234567", "C1234568")}, "", gateway.Indeterminate},
		"without trade":        {reply{node: change(`"42"`, `""`)}, "", gateway.Indeterminate},
		"without time":         {reply{node: change("gmt_payment", "x")}, gateway.TradePaid, ""},
		"without amount":       {reply{node: change("total_amount", "x")}, "", gateway.Indeterminate},
		"with half a fen":      {reply{node: change("123.40", "123.405")}, "", gateway.Indeterminate},
		"unavailable": {reply{node: `{"code":"20000","msg":"Service Currently Unavailable",` +
			`"sub_code":"isp.unknow-error"}`}, "", gateway.TryLater},
		"system error":         {reply{node: `{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}`}, "", gateway.TryLater},
		"too many calls":       {reply{node: `{"code":"40005","msg":"Call Limited"}`}, "", gateway.TryLater},
		"a code of no meaning": {reply{node: `{"code":"30000"}`}, "", gateway.Indeterminate},
		"no code":              {reply{node: `{}`}, "", gateway.Indeterminate},
		"null":                 {reply{node: `null`}, "", gateway.Indeterminate},
		"an answer to another": {reply{node: paidByNow, whole: `{"alipay_trade_query_response":NODE,"sign":"SIGN"}`},
			"", gateway.Indeterminate},
		"an error of the frame": {reply{node: `{"code":"40002"}`, whole: `{"error_response":NODE,"sign":"SIGN"}`}, "",
			gateway.Declined},
		"a success of the frame": {reply{node: paidByNow, whole: `{"error_response":NODE,"sign":"SIGN"}`}, "",
			gateway.Indeterminate},
		"a broken connection": {reply{}, "", gateway.Indeterminate},
		"a proxy's page":      {reply{whole: "<html>"}, "", gateway.Indeterminate},
		"a gateway time-out":  {reply{node: paidByNow, status: 504}, "", gateway.Indeterminate},
		"sign first": {reply{node: paidByNow, whole: `{"sign":"SIGN","alipay_trade_pay_response":NODE}`},
			gateway.TradePaid, ""},

		// The signed node beside one that nobody signed, which a reader of Go's kind would join with it.
		"two nodes": {reply{node: `{"code":"10003"}`, whole: `{"alipay_trade_pay_response":` + paidByNow +
			`,"alipay_trade_pay_response":NODE,"sign":"SIGN"}`},
			"", gateway.Indeterminate},
		"a node in capitals": {reply{node: `{"code":"10003"}`, whole: `{"ALIPAY_TRADE_PAY_RESPONSE":` + paidByNow +
			`,"alipay_trade_pay_response":NODE,"sign":"SIGN"}`},
			"", gateway.Indeterminate},
		"a node after the end": {reply{node: `{"code":"10003"}`, whole: `{"alipay_trade_pay_response":NODE,` +
			`"sign":"SIGN"}{}`}, "", gateway.Indeterminate},
		"two signatures": {reply{node: `{"code":"10003"}`, whole: `{"alipay_trade_pay_response":NODE,` +
			`"sign":"SIGN","sign":"SIGN"}`}, "", gateway.Indeterminate},
		"a number as sign": {reply{node: `{"code":"10003"}`, whole: `{"alipay_trade_pay_response":NODE,"sign":1}`}, "",
			gateway.Indeterminate},
		"cut short": {reply{node: `{"code":"10003"}`, whole: `{"alipay_trade_pay_response":NODE,"sign":"SIGN"`}, "",
			gateway.Indeterminate},
		"a list": {reply{node: `{"code":"10003"}`, whole: `["alipay_trade_pay_response",NODE]`}, "",
			gateway.Indeterminate},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{tradePay: c.reply})
			r, err := newGateway().PayCode(t.Context(), s.account, codeCharge("C1234567", authCode))
			if c.kind != "" {
				var e *gateway.Error
				if !errors.As(err, &e) || e.Kind != c.kind || c.unsigned && e.Signed || r != (gateway.Report{}) {
					t.Fatalf("got %+v, %v; want %s", r, err, c.kind)
				}
				return
			}
			if err != nil || r.State != c.state || r.OutTradeNo != "C1234567" {
				t.Fatalf("got %+v, %v; want %s", r, err, c.state)
			}
		})
	}
}

func TestAnswersToAReversal(t *testing.T) {
	const done = `{"code":"10000","msg":"Success","out_trade_no":"C1234567","trade_no":"42","retry_flag":"N",` +
		`"action":"refund"}`
	for _, c := range []struct {
		reply
		kind gateway.ErrorKind
		why  gateway.DeclineReason
	}{
		{reply{node: done}, "", ""},
		{reply{node: `{"code":"10000","out_trade_no":"C1234567","retry_flag":"N"}`}, "", ""}, // it knows no such trade
		{reply{node: done, unsigned: true}, gateway.Indeterminate, ""},
		{reply{node: strings.Replace(done, `"N"`, `"Y"`, 1)}, gateway.TryLater, ""},
		{reply{node: strings.Replace(done, `"N"`, `"Y"`, 1), unsigned: true}, gateway.TryLater, ""},
		{reply{node: strings.Replace(done, `"N"`, `""`, 1)}, gateway.Indeterminate, ""},
		{reply{node: strings.Replace(done, "C1234567", "C1234568", 1)}, gateway.Indeterminate, ""},
		{reply{node: `{"code":"10000"}`}, gateway.Indeterminate, ""},
		{reply{}, gateway.Indeterminate, ""},
		{reply{node: `{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR","retry_flag":"Y"}`}, gateway.TryLater, ""},
		{reply{node: `{"code":"40004","sub_code":"AQC.SYSTEM_ERROR"}`}, gateway.TryLater, ""},
		{reply{node: `{"code":"20000","sub_code":"isp.unknow-error"}`}, gateway.TryLater, ""},
		{reply{node: `{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}`}, gateway.NotFound, ""},
		{reply{node: `{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}`, unsigned: true}, gateway.NotFound, ""},
		{reply{node: `{"code":"40004","sub_code":"ACQ.SELLER_BALANCE_NOT_ENOUGH","retry_flag":"N"}`}, gateway.Declined,
			gateway.MerchantBalance},
		{reply{node: `{"code":"40004","sub_code":"ACQ.CANCEL_NOT_ALLOWED"}`}, gateway.Declined, ""},
		{reply{node: `{"code":"40004","sub_code":"ACQ.REASON_TRADE_BEEN_FREEZEN"}`}, gateway.Declined, ""},
		{reply{node: `{"code":"40004","sub_code":"ACQ.REASON_TRADE_REFUND_FEE_ERR"}`}, gateway.Declined, ""},
		{reply{node: `{"code":"40004","sub_code":"ACQ.TRADE_CANCEL_TIME_OUT"}`}, gateway.Declined, ""},
		{reply{node: `{"code":"40004","sub_code":"ACQ.TRADE_HAS_FINISHED"}`}, gateway.AlreadyPaidUpstream, ""},
	} {
		s := script(t, map[string]reply{tradeCancel: c.reply})
		err := newGateway().Reverse(t.Context(), s.account, gateway.Trade{OutTradeNo: "C1234567"})
		if c.kind == "" && err == nil {
			continue
		}
		var e *gateway.Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Reason != c.why || c.unsigned && e.Signed {
			t.Errorf("%+v: got %v, want %q", c.reply, err, c.kind)
		}
	}
}

// Whatever comes back for it, a payment code stays out of what may be logged or kept.
func TestThePaymentCodeIsNeverTold(t *testing.T) {
	for name, r := range map[string]reply{
		"an echo": {node: "echo"}, "an unsigned echo": {node: "echo", unsigned: true},
		"an echo with another status": {node: "echo", status: 500},
		"garbage":                     {whole: "<html>" + authCode},
		"the code in words": {node: `{"code":"40004","sub_code":"` + authCode + `","sub_msg":"付款码 ` +
			authCode + ` 无效"}`},
		"as a number":  {node: strings.Replace(paidByNow, "C1234567", authCode, 1)},
		"as an amount": {node: strings.Replace(paidByNow, "123.40", authCode+"x", 1)},
		"as a time":    {node: strings.Replace(paidByNow, "2026-11-24 17:00:00", authCode, 1)},
		"nothing":      {},
	} {
		s := script(t, map[string]reply{tradePay: r})
		report, err := newGateway().PayCode(t.Context(), s.account, codeCharge("C1234567", authCode))
		var e *gateway.Error
		if name != "as a time" && !errors.As(err, &e) { // which is a detail
			t.Fatalf("%s: %v is no GatewayError", name, err)
		}
		told := fmt.Sprintf("%+v %+v", report, err)
		for cause := err; cause != nil; cause = errors.Unwrap(cause) {
			told += fmt.Sprintf(" %s %+v %#v", cause, cause, cause)
		}
		if strings.Contains(told, authCode) {
			t.Errorf("%s: the code is told in %s", name, told)
		}
	}
}

// show has the wallet show a payment code; more are further members of the request.
func show(t *testing.T, s *sandbox.Sandbox, more string) string {
	t.Helper()
	var shown struct{ Code string }
	if err := json.Unmarshal([]byte(control(t, s, "/codes", `{"wallet":"alipay"`+more+`}`)), &shown); err != nil {
		t.Fatal(err)
	}
	return shown.Code
}

// waiting is the wallet's handle of the one payment whose payer is asked for a password.
func waiting(t *testing.T, s *sandbox.Sandbox) string {
	t.Helper()
	var payments []sandbox.Payment
	if err := json.Unmarshal([]byte(read(t, s, "/payments?waiting=1")), &payments); err != nil || len(payments) != 1 {
		t.Fatalf("waiting: %+v, %v", payments, err)
	}
	return payments[0].ID
}

func TestPayByCodeAndReverse(t *testing.T) {
	s, a, messages, notify := run(t)
	g := newGateway()
	c := codeCharge("CODE0001", show(t, s, ""))
	c.NotifyURL = notify
	r, err := g.PayCode(t.Context(), a, c)
	if err != nil || r.State != gateway.TradePaid || r.Amount != 12340 || r.TransactionID == "" {
		t.Fatalf("%+v, %v", r, err)
	}
	if q, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "CODE0001"}); err != nil || q != r {
		t.Errorf("the query says %+v, %v; the charge said %+v", q, err, r)
	}
	if n, err := g.Verify(t.Context(), a, <-messages, time.Now()); err != nil || n.Kind != gateway.NotifyTrade ||
		n.Report != r {
		t.Errorf("the notification says %+v, %v; the charge said %+v", n, err, r)
	}
	for range 2 {
		if err := g.Reverse(t.Context(), a, gateway.Trade{OutTradeNo: "CODE0001"}); err != nil {
			t.Fatal(err)
		}
	}
	if q, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "CODE0001"}); err != nil ||
		q.State != gateway.TradePaid || q.Returned != gateway.ReturnedAll {
		t.Errorf("after the reversal: %+v, %v", q, err)
	}
	if taken, back := sums(t, s); taken != 12340 || back != taken {
		t.Errorf("taken %d and given back %d fen", taken, back)
	}
}

func TestPasswordThenPaidAndPasswordThenReversed(t *testing.T) {
	s, a, _, _ := run(t)
	g := newGateway()
	code := show(t, s, `,"ask_password":true`)
	if r, err := g.PayCode(t.Context(), a, codeCharge("ASK00001", code)); err != nil ||
		r.State != gateway.TradeUnpaid || r.OutTradeNo != "ASK00001" {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "ASK00001"}); err != nil ||
		r.State != gateway.TradeUnpaid {
		t.Fatalf("%+v, %v", r, err)
	}
	control(t, s, "/payments/"+waiting(t, s)+"/confirm", "")
	if r, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "ASK00001"}); err != nil ||
		r.State != gateway.TradePaid {
		t.Fatalf("%+v, %v", r, err)
	}
	_, err := g.PayCode(t.Context(), a, codeCharge("ASK00001", code))
	wantKind(t, err, gateway.AlreadyPaidUpstream, true)

	if r, err := g.PayCode(t.Context(), a, codeCharge("ASK00002", show(t, s, `,"ask_password":true`))); err != nil ||
		r.State != gateway.TradeUnpaid {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := g.Reverse(t.Context(), a, gateway.Trade{OutTradeNo: "ASK00002"}); err != nil {
		t.Fatal(err)
	}
	if r, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "ASK00002"}); err != nil ||
		r.State != gateway.TradeClosed {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := g.Reverse(t.Context(), a, gateway.Trade{OutTradeNo: "ASK00003"}); err != nil {
		// it answers for a number that it does not know as for one it has reversed
		t.Fatal(err)
	}
	if taken, back := sums(t, s); taken != 12340 || back != 0 {
		t.Errorf("taken %d and given back %d fen", taken, back)
	}
}

func TestCodesThatTheWalletRefuses(t *testing.T) {
	s, a, _, _ := run(t)
	g := newGateway()
	used := show(t, s, "")
	if _, err := g.PayCode(t.Context(), a, codeCharge("REF00001", used)); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		code string
		why  gateway.DeclineReason
	}{
		{"281234567890123456", gateway.CodeInvalid}, {"134567890123456789", gateway.CodeInvalid},
		{used, gateway.CodeInvalid},
		{show(t, s, `,"valid_seconds":0`), gateway.CodeInvalid},
		{show(t, s, `,"balance_fen":12339`), gateway.BalanceLow},
	} {
		_, err := g.PayCode(t.Context(), a, codeCharge("REF1000"+strconv.Itoa(i), c.code))
		var e *gateway.Error
		if !errors.As(err, &e) || e.Kind != gateway.Declined || !e.Signed || e.Reason != c.why {
			t.Errorf("%s: %v; want %s", c.code, err, c.why)
		}
	}
	if taken, _ := sums(t, s); taken != 12340 {
		t.Errorf("taken %d fen", taken)
	}
}

func TestWhatIsNotSignedProvesNothingOfACode(t *testing.T) {
	s, a, _, _ := run(t)
	g := newGateway()
	i := 0
	for fault, kind := range map[string]gateway.ErrorKind{
		"unsigned_error": gateway.NotFound, "bad_signature": gateway.Indeterminate,
		"probe_signature":       gateway.Indeterminate,
		"timeout_after_success": gateway.Indeterminate,
		"timeout_before_effect": gateway.Indeterminate,
	} {
		i++
		number := "UNS0000" + strconv.Itoa(i)
		control(t, s, "/faults", `{"fault":"`+fault+`","operation":"code"}`)
		_, err := g.PayCode(t.Context(), a, codeCharge(number, show(t, s, "")))
		wantKind(t, err, kind, false)
		control(t, s, "/faults", `{"fault":"`+fault+`","operation":"reverse"}`)
		wantKind(t, g.Reverse(t.Context(), a, gateway.Trade{OutTradeNo: number}), kind, false)
	}
}

func TestReversalWithoutTheMerchantsMoney(t *testing.T) {
	s, a, _, _ := run(t)
	g := newGateway()
	if _, err := g.PayCode(t.Context(), a, codeCharge("LOW00001", show(t, s, ""))); err != nil {
		t.Fatal(err)
	}
	control(t, s, "/faults", `{"fault":"merchant_balance_low","operation":"reverse"}`)
	err := g.Reverse(t.Context(), a, gateway.Trade{OutTradeNo: "LOW00001"})
	var e *gateway.Error
	if !errors.As(err, &e) || e.Kind != gateway.Declined || !e.Signed || e.Reason != gateway.MerchantBalance {
		t.Fatalf("got %v", err)
	}
	if err := g.Reverse(t.Context(), a, gateway.Trade{OutTradeNo: "LOW00001"}); err != nil {
		t.Fatal(err)
	}
}
