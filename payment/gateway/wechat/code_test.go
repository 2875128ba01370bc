package wechat_test

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
	codePay   = "POST /v3/pay/transactions/codepay"
	authCode  = "134567890123456789"
	paidByNow = `{"appid":"wx0123456789abcdef","mchid":"1900000001","out_trade_no":"C1234567","transaction_id":"42",` +
		`"trade_state":"SUCCESS",` +
		`"success_time":"2026-11-24T17:00:00+08:00","payer":{"openid":"oABC"},"amount":{"total":12345,` +
		`"currency":"CNY"}}`
)

func codeCharge(number, code string) gateway.Charge {
	c := charge(number, gateway.Native, "")
	c.AuthCode, c.Device = code, "desk-1"
	return c
}

func TestPayCodeSendsWhatTheInstitutionRequires(t *testing.T) {
	s := script(t, map[string]reply{codePay: {status: 200, body: paidByNow}})
	c := codeCharge("C1234567", authCode)
	c.Device = strings.Repeat("台", 20)
	r, err := newGateway().PayCode(t.Context(), s.account, c)
	if err != nil || r.State != gateway.TradePaid || r.TransactionID != "42" || r.Amount != 12345 ||
		r.PayerID != "oABC" || r.Raw != "SUCCESS" ||
		!r.PaidAt.Equal(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)) {
		t.Fatalf("got %+v, %v", r, err)
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(s.last(t), codePay+" ")), &body); err != nil {
		t.Fatal(err)
	}
	desk := strings.Repeat("台", 10) // 30 bytes: the 11th would be cut in two
	want := map[string]any{
		"appid": "wx0123456789abcdef", "mchid": "1900000001", "description": c.Title, "out_trade_no": "C1234567",
		"payer": map[string]any{"auth_code": authCode}, "amount": map[string]any{"total": 12345., "currency": "CNY"},
		"scene_info": map[string]any{"device_id": desk, "device_ip": "127.0.0.1",
			"store_info": map[string]any{"out_id": desk}},
	}
	if fmt.Sprint(body) != fmt.Sprint(want) {
		t.Errorf("sent %v\nwant %v", body, want)
	}
}

func TestAnswersToAPaymentCode(t *testing.T) {
	change := func(old, with string) string { return strings.Replace(paidByNow, old, with, 1) }
	for name, c := range map[string]struct {
		reply
		state gateway.TradeState // of a report, or
		kind  gateway.ErrorKind  // of a failure
	}{
		"paid":                 {reply{200, paidByNow, false}, gateway.TradePaid, ""},
		"paid, unsigned":       {reply{200, paidByNow, true}, "", gateway.Indeterminate},
		"password, told alone": {reply{200, `{"trade_state":"USERPAYING"}`, false}, gateway.TradeUnpaid, ""},
		"password, 202":        {reply{202, change("SUCCESS", "USERPAYING"), false}, gateway.TradeUnpaid, ""},
		"password, 202 with a code": {reply{202, `{"code":"USERPAYING","message":"需要输入密码"}`, false},
			gateway.TradeUnpaid, ""},
		"password, 403 with a code":  {reply{403, `{"code":"USERPAYING"}`, false}, gateway.TradeUnpaid, ""},
		"password, unsigned":         {reply{200, `{"trade_state":"USERPAYING"}`, true}, "", gateway.Indeterminate},
		"password, 202, unsigned":    {reply{202, `{"trade_state":"USERPAYING"}`, true}, "", gateway.Indeterminate},
		"password, a code, unsigned": {reply{403, `{"code":"USERPAYING"}`, true}, "", gateway.TryLater},
		"password, of another": {reply{200, `{"trade_state":"USERPAYING","out_trade_no":"other"}`, false}, "",
			gateway.Indeterminate},
		"failed":                     {reply{200, change("SUCCESS", "PAYERROR"), false}, gateway.TradeFailed, ""},
		"reversed":                   {reply{200, change("SUCCESS", "REVOKED"), false}, gateway.TradeClosed, ""},
		"accepted, whatever that is": {reply{202, paidByNow, false}, "", gateway.Indeterminate},
		"accepted, with a refusal":   {reply{202, `{"code":"NOT_ENOUGH"}`, false}, "", gateway.Indeterminate},
		"a state of no meaning":      {reply{200, change("SUCCESS", "DONE"), false}, "", gateway.Indeterminate},
		"of another number":          {reply{200, change("C1234567", "C1234568"), false}, "", gateway.Indeterminate},
		"of another merchant": {reply{200, change("1900000001", "1900000002"), false}, "",
			gateway.Indeterminate},
		"without transaction":    {reply{200, change(`"42"`, `""`), false}, "", gateway.Indeterminate},
		"without a time to read": {reply{200, change("2026-11-24T", ""), false}, gateway.TradePaid, ""},
		"without time": {reply{200, change("2026-11-24T17:00:00+08:00", ""), false}, gateway.TradePaid,
			""},
		"without amount": {reply{200, change(`"amount"`, `"x"`), false}, "", gateway.Indeterminate},
		"with half a fen": {reply{200, change(`"total":12345`, `"total":12345.5`), false}, "",
			gateway.Indeterminate},
		"nothing":                      {reply{200, ``, false}, "", gateway.Indeterminate},
		"null":                         {reply{200, `null`, false}, "", gateway.Indeterminate},
		"an empty object":              {reply{200, `{}`, false}, "", gateway.Indeterminate},
		"no content":                   {reply{204, ``, false}, "", gateway.Indeterminate},
		"a broken connection":          {reply{}, "", gateway.Indeterminate},
		"a proxy's page":               {reply{200, `<html>`, true}, "", gateway.Indeterminate},
		"a proxy's gateway time-out":   {reply{504, `<html>`, true}, "", gateway.TryLater},
		"a code that nobody published": {reply{400, `{"code":"NEW"}`, false}, "", gateway.Indeterminate},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{codePay: c.reply})
			r, err := newGateway().PayCode(t.Context(), s.account, codeCharge("C1234567", authCode))
			if c.kind != "" {
				var e *gateway.Error
				if !errors.As(err, &e) || e.Kind != c.kind || c.unsigned && e.Signed {
					t.Fatalf("got %+v, %v; want %s", r, err, c.kind)
				}
				return
			}
			if err != nil || r.State != c.state || r.OutTradeNo != "C1234567" || r.Merchant != "1900000001" ||
				r.App != "wx0123456789abcdef" {
				t.Fatalf("got %+v, %v; want %s", r, err, c.state)
			}
		})
	}
}

func TestAnswersToAReversal(t *testing.T) {
	const call = "POST /v3/pay/transactions/out-trade-no/C1234567/reverse"
	const done = `{"appid":"wx0123456789abcdef","mchid":"1900000001","out_trade_no":"C1234567"}`
	for _, c := range []struct {
		reply
		kind gateway.ErrorKind
	}{
		{reply{200, done, false}, ""},
		{reply{200, done, true}, gateway.Indeterminate},
		{reply{200, strings.Replace(done, "C1234567", "C1234568", 1), false}, gateway.Indeterminate},
		{reply{200, strings.Replace(done, "1900000001", "1900000002", 1), false}, gateway.Indeterminate},
		{reply{200, ``, false}, gateway.Indeterminate},
		{reply{200, `{}`, false}, gateway.Indeterminate},
		{reply{202, done, false}, gateway.Indeterminate},
		{reply{204, ``, false}, gateway.Indeterminate},
		{reply{}, gateway.Indeterminate},
		{reply{404, `{"code":"ORDER_NOT_EXIST"}`, false}, gateway.NotFound},
		{reply{404, `{"code":"ORDER_NOT_EXIST"}`, true}, gateway.NotFound},
		{reply{400, `{"code":"INVALID_REQUEST","message":"请等待15秒"}`, false}, gateway.TryLater},
		{reply{403, `{"code":"TRADE_ERROR"}`, false}, gateway.TryLater},
		{reply{403, `{"code":"USERPAYING"}`, false}, gateway.TryLater},
		{reply{400, `{"code":"USERPAYING"}`, false}, gateway.TryLater},
		{reply{202, `{"code":"USERPAYING"}`, false}, gateway.TryLater},
		{reply{200, `{"out_trade_no":"C1234567"}`, false}, ""},
		{reply{200, `{"mchid":"1900000001"}`, false}, gateway.Indeterminate},
		{reply{200, `{"out_trade_no":"C1234567","out_trade_no":"C1234567"}`, false}, gateway.Indeterminate},
		{reply{429, `{"code":"FREQUENCY_LIMITED"}`, false}, gateway.TryLater},
		{reply{500, `{"code":"SYSTEM_ERROR"}`, false}, gateway.TryLater},
		{reply{400, `{"code":"ORDER_REVERSED"}`, false}, gateway.AlreadyClosedUpstream},
		{reply{403, `{"code":"REVERSE_EXPIRE"}`, false}, gateway.Declined},
		{reply{401, `{"code":"SIGN_ERROR"}`, false}, gateway.Declined},
	} {
		s := script(t, map[string]reply{call: c.reply})
		err := newGateway().Reverse(t.Context(), s.account, gateway.Trade{OutTradeNo: "C1234567"})
		if c.kind == "" && err == nil {
			continue
		}
		var e *gateway.Error
		if !errors.As(err, &e) || e.Kind != c.kind || c.unsigned && e.Signed {
			t.Errorf("%+v: got %v, want %q", c.reply, err, c.kind)
		}
	}
}

// Whatever comes back for it, a payment code stays out of what may be logged or kept.
func TestThePaymentCodeIsNeverTold(t *testing.T) {
	for name, r := range map[string]reply{
		"an echo that is no answer": {200, "echo", false}, "an unsigned echo": {200, "echo", true},
		"an echo as an error": {400, "echo", false},
		"garbage":             {200, "<html>" + authCode, true},
		"the code in words":   {400, `{"code":"` + authCode + `","message":"付款码 ` + authCode + ` 无效"}`, false},
		"as a number":         {200, `{"out_trade_no":"` + authCode + `"}`, false},
		"as a state": {200, `{"out_trade_no":"C1234567","mchid":"1900000001","trade_state":"` + authCode +
			`"}`, false},
		"nothing": {},
	} {
		s := script(t, map[string]reply{codePay: r})
		report, err := newGateway().PayCode(t.Context(), s.account, codeCharge("C1234567", authCode))
		if err == nil {
			t.Fatalf("%s: believed", name)
		}
		told := fmt.Sprintf("%+v %+v", report, err)
		var e *gateway.Error
		if !errors.As(err, &e) {
			t.Fatalf("%s: %v is no GatewayError", name, err)
		}
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
	if err := json.Unmarshal([]byte(control(t, s, "/codes", `{"wallet":"wechat"`+more+`}`)), &shown); err != nil {
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

func TestPayByCodeInEveryKeyMode(t *testing.T) {
	s, _, _ := run(t)
	g := newGateway()
	i := 0
	for mode, a := range accounts(s) {
		i++
		number := "CODE000" + strconv.Itoa(i)
		r, err := g.PayCode(t.Context(), a, codeCharge(number, show(t, s, "")))
		if err != nil || r.State != gateway.TradePaid || r.Amount != 12345 || r.TransactionID == "" ||
			r.Currency != gateway.CNY {
			t.Fatalf("%s: %+v, %v", mode, r, err)
		}
		if q, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: number}); err != nil || q != r {
			t.Errorf("%s: the query says %+v, %v; the charge said %+v", mode, q, err, r)
		}
		if err := g.Reverse(t.Context(), a, gateway.Trade{OutTradeNo: number}); err != nil {
			t.Fatal(mode, err)
		}
		if err := g.Reverse(t.Context(), a, gateway.Trade{OutTradeNo: number}); err != nil {
			t.Errorf("%s: a repeated reversal: %v", mode, err)
		}
		if q, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: number}); err != nil ||
			q.State != gateway.TradeClosed {
			t.Errorf("%s: after the reversal: %+v, %v", mode, q, err)
		}
	}
	taken, back := sums(t, s)
	if taken != 3*12345 || back != taken {
		t.Errorf("taken %d and given back %d fen", taken, back)
	}
}

func TestPasswordThenPaidAndPasswordThenReversed(t *testing.T) {
	s, _, _ := run(t)
	g, a := newGateway(), accounts(s)["public key"]
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
	wantKind(t, g.Reverse(t.Context(), a, gateway.Trade{OutTradeNo: "ASK00003"}), gateway.NotFound, true)
	if taken, back := sums(t, s); taken != 12345 || back != 0 {
		t.Errorf("taken %d and given back %d fen", taken, back)
	}
}

// A charge that waits for the password may be told by its state alone, and its reversal may be refused meanwhile: asked
// again, it is reversed.
func TestPasswordToldAloneAndReversedLater(t *testing.T) {
	s, _, _ := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	control(t, s, "/faults", `{"fault":"user_paying_bare","operation":"code"}`)
	r, err := g.PayCode(t.Context(), a, codeCharge("BARE0001", show(t, s, "")))
	want := gateway.Report{
		OutTradeNo: "BARE0001", State: gateway.TradeUnpaid, Merchant: a.Settings["mchid"], App: a.Settings["appid"],
		Raw: "USERPAYING",
	}
	if err != nil || r != want {
		t.Fatalf("got %+v, %v", r, err)
	}
	control(t, s, "/faults", `{"fault":"reverse_user_paying","operation":"reverse"}`)
	trade := gateway.Trade{OutTradeNo: "BARE0001"}
	wantKind(t, g.Reverse(t.Context(), a, trade), gateway.TryLater, true)
	if r, err := g.Query(t.Context(), a, trade); err != nil || r.State != gateway.TradeUnpaid {
		t.Fatalf("%+v, %v", r, err)
	}
	if err := g.Reverse(t.Context(), a, trade); err != nil {
		t.Fatal(err)
	}
	if r, err := g.Query(t.Context(), a, trade); err != nil || r.State != gateway.TradeClosed {
		t.Fatalf("%+v, %v", r, err)
	}
	if taken, _ := sums(t, s); taken != 0 {
		t.Errorf("taken %d fen", taken)
	}
}

func TestCodesThatTheWalletRefuses(t *testing.T) {
	s, _, _ := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	used := show(t, s, "")
	if _, err := g.PayCode(t.Context(), a, codeCharge("REF00001", used)); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		code string
		why  gateway.DeclineReason
	}{
		{"100000000000000000", gateway.CodeInvalid}, {"281234567890123456", gateway.CodeInvalid},
		{"x", gateway.CodeInvalid}, {used, gateway.CodeInvalid},
		{show(t, s, `,"valid_seconds":0`), gateway.CodeExpired},
		{show(t, s, `,"balance_fen":12344`), gateway.BalanceLow},
	} {
		_, err := g.PayCode(t.Context(), a, codeCharge("REF1000"+strconv.Itoa(i), c.code))
		var e *gateway.Error
		if !errors.As(err, &e) || e.Kind != gateway.Declined || !e.Signed || e.Reason != c.why {
			t.Errorf("%s: %v; want %s", c.code, err, c.why)
		}
	}
	if taken, _ := sums(t, s); taken != 12345 {
		t.Errorf("taken %d fen", taken)
	}
}

func TestReversalComesNoSoonerThanAllowed(t *testing.T) {
	s, _, _ := runWith(t, sandbox.Config{Second: time.Hour})
	g, a := newGateway(), accounts(s)["public key"]
	if _, err := g.PayCode(t.Context(), a, codeCharge("SOON0001", show(t, s, ""))); err != nil {
		t.Fatal(err)
	}
	wantKind(t, g.Reverse(t.Context(), a, gateway.Trade{OutTradeNo: "SOON0001"}), gateway.TryLater, true)
}

func TestReversalWithoutTheMerchantsMoney(t *testing.T) {
	s, _, _ := run(t)
	g, a := newGateway(), accounts(s)["public key"]
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

func TestWhatIsNotSignedProvesNothingOfACode(t *testing.T) {
	s, _, _ := run(t)
	g, a := newGateway(), accounts(s)["public key"]
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
