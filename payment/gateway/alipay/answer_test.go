package alipay_test

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

const tradeQuery = "alipay.trade.query"

// What an answer to a query comes to. A line is the node's text, beside what our books know of the trade, and what is
// meant.
func TestWhatAQuerysAnswerMeans(t *testing.T) {
	const (
		head     = `{"code":"10000","msg":"Success","out_trade_no":"C1234567",`
		dated    = `"send_pay_date":"2014-11-27 15:45:57",`
		numbered = `"trade_no":"42",`
	)
	was := gateway.Trade{OutTradeNo: "C1234567", PaidAt: time.Now(), TransactionID: "42"}
	for _, c := range []struct {
		node     string
		known    bool // our books know that it was paid
		state    gateway.TradeState
		returned gateway.Returned
		amount   money.Fen
	}{
		// as published, amounts without quotes and all
		{`{"code":"10000","msg":"Success","trade_no":"2013112011001004330000121536","out_trade_no":"C1234567",` +
			`"buyer_logon_id":"159****5620",` +
			`"trade_status":"TRADE_CLOSED","total_amount":88.88,"receipt_amount":"15.25","buyer_pay_amount":8.88,` +
			`"point_amount":10,"invoice_amount":12.11,` +
			dated + `"fund_bill_list":[{"fund_channel":"ALIPAYACCOUNT","amount":10,"real_amount":11.21}],` +
			`"buyer_user_id":"2088101117955611"}`,
			false, gateway.TradePaid, gateway.ReturnedAll, 8888},
		// as one was seen of a trade that had been given back whole
		{head + `"buyer_pay_amount":"0.00","invoice_amount":"0.00","receipt_amount":"0.00",` + dated + numbered +
			`"total_amount":"100.00","trade_status":"TRADE_CLOSED"}`,
			false, gateway.TradePaid, gateway.ReturnedAll, 10000},
		{head + numbered + `"total_amount":"1","trade_status":"TRADE_CLOSED"}`, true, gateway.TradePaid,
			gateway.ReturnedAll, 100},
		{head + numbered + `"total_amount":"1","trade_status":"TRADE_CLOSED"}`, false, gateway.TradeClosed, "", 100},
		{head + `"total_amount":"1","trade_status":"TRADE_CLOSED","send_pay_date":""}`, false, gateway.TradeClosed,
			"", 100},
		{head + `"total_amount":"1","trade_status":"TRADE_CLOSED","send_pay_date":null}`, false, gateway.TradeClosed,
			"", 100},
		{head + dated + numbered + `"total_amount":0.1,"trade_status":"TRADE_SUCCESS"}`, false, gateway.TradePaid, "",
			10},
		{head + dated + numbered + `"total_amount":"0.1","trade_status":"TRADE_FINISHED"}`, false, gateway.TradePaid,
			"", 10},
		// paid, though it does not say when
		{head + numbered + `"total_amount":"1.00","trade_status":"TRADE_SUCCESS"}`, false, gateway.TradePaid, "", 100},
		{head + `"send_pay_date":"x",` + numbered + `"total_amount":"1.00","trade_status":"TRADE_SUCCESS"}`, false,
			gateway.TradePaid, "", 100},
		{head + `"total_amount":"1.00","trade_status":"WAIT_BUYER_PAY"}`, false, gateway.TradeUnpaid, "", 100},

		{head + dated + `"total_amount":"1.00","trade_status":"TRADE_SUCCESS"}`, false, "", "", 0},
		{head + dated + numbered + `"trade_status":"TRADE_SUCCESS"}`, false, "", "", 0},
		{head + dated + numbered + `"total_amount":null,"trade_status":"TRADE_SUCCESS"}`, false, "", "", 0},
		{head + dated + numbered + `"total_amount":"0.00","trade_status":"TRADE_SUCCESS"}`, false, "", "", 0},
		{head + dated + numbered + `"total_amount":1.005,"trade_status":"TRADE_SUCCESS"}`, false, "", "", 0},
		{head + dated + numbered + `"total_amount":1e2,"trade_status":"TRADE_SUCCESS"}`, false, "", "", 0},
		{head + dated + numbered + `"total_amount":"1.00","total_amount":"2.00","trade_status":"TRADE_SUCCESS"}`,
			false, "", "", 0},
		{head + dated + numbered + `"total_amount":"1.00"}`, false, "", "", 0},
		{head + dated + numbered + `"total_amount":"1.00","trade_status":["TRADE_SUCCESS"]}`, false, "", "", 0},
	} {
		s := script(t, map[string]reply{tradeQuery: {node: c.node}})
		asked := gateway.Trade{OutTradeNo: "C1234567"}
		if c.known {
			asked = was
		}
		r, err := newGateway().Query(t.Context(), s.account, asked)
		if r.State != c.state || r.Returned != c.returned || r.Amount != c.amount || (err == nil) != (c.state != "") {
			t.Errorf("%s: %+v, %v", c.node, r, err)
		}
		if c.state == "" {
			wantKind(t, err, gateway.Indeterminate, false)
		}
	}
}

// Amounts may be numbers in every answer, in an error too.
func TestAmountsWithoutQuotes(t *testing.T) {
	s, a, messages, notify := run(t)
	g := newGateway()
	bare := func(operation string) {
		control(t, s, "/faults", `{"fault":"amounts_unquoted","operation":"`+operation+`"}`)
	}
	paidOrder(t, s, a, "BARE0001", notify, messages)
	bare("query")
	if r, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "BARE0001"}); err != nil ||
		r.State != gateway.TradePaid || r.Amount != 12340 {
		t.Errorf("query: %+v, %v", r, err)
	}
	bare("code")
	if r, err := g.PayCode(t.Context(), a, codeCharge("BARE0002", show(t, s, ""))); err != nil ||
		r.State != gateway.TradePaid || r.Amount != 12340 {
		t.Errorf("code: %+v, %v", r, err)
	}
	bare("code") // the refusal names amounts, too
	_, err := g.PayCode(t.Context(), a, codeCharge("BARE0003", show(t, s, `,"balance_fen":1`)))
	wantKind(t, err, gateway.Declined, true)
	request := gateway.RefundRequest{Trade: gateway.Trade{OutTradeNo: "BARE0001"}, OutRefundNo: "BARE0001R01",
		Amount: 345, Total: 12340}
	bare("refund")
	if r, err := g.Refund(t.Context(), a, request); err != nil || r.State != gateway.RefundDone ||
		r.Raw != "fund_change Y" {
		t.Errorf("refund: %+v, %v", r, err)
	}
	bare("refund_query")
	if r, err := g.QueryRefund(t.Context(), a, request); err != nil || r.State != gateway.RefundDone ||
		r.Amount != 345 {
		t.Errorf("refund query: %+v, %v", r, err)
	}
}

// What is signed is the node as it is written, blanks and escapes and all. A slash may have been signed escaped or not,
// whichever way it is sent; nothing else may differ.
func TestTheRawTextOfTheNodeIsSigned(t *testing.T) {
	const bare = `{"code":"10000","out_trade_no":"C1234567","trade_no":"42","total_amount":"1.00",` +
		`"trade_status":"TRADE_SUCCESS","store":"http://x/\\y\"/"}`
	escaped := strings.ReplaceAll(bare, "/", `\/`)
	for name, c := range map[string]struct {
		signed, sent string
		good         bool
	}{
		"as written":     {bare, bare, true},
		"escaped":        {escaped, escaped, true},
		"signed bare":    {bare, escaped, true},
		"signed escaped": {escaped, bare, true},
		// blanks around the node are not part of it
		"blanks":                {" {\n \"code\" : \"40004\" } ", " {\n \"code\" : \"40004\" } ", false},
		"blanks within":         {strings.Replace(bare, ",", " ,\n", 1), strings.Replace(bare, ",", " ,\n", 1), true},
		"blanks that came":      {bare, strings.Replace(bare, ",", ", ", 1), false},
		"another escape":        {bare, strings.Replace(bare, "42", `\u0034\u0032`, 1), false},
		"a backslash too many":  {bare, strings.Replace(bare, "/", `\\/`, 1), false},
		"a backslash too few":   {strings.Replace(bare, "/", `\\/`, 1), bare, false},
		"another trade's state": {strings.Replace(bare, "TRADE_SUCCESS", "WAIT_BUYER_PAY", 1), bare, false},
	} {
		digest := sha256.Sum256([]byte(c.signed))
		signature, err := rsa.SignPKCS1v15(nil, scriptKeys().institution, crypto.SHA256, digest[:])
		if err != nil {
			t.Fatal(err)
		}
		sign := base64.StdEncoding.EncodeToString(signature)
		s := script(t,
			map[string]reply{tradeQuery: {whole: `{"alipay_trade_query_response":` + c.sent + `,"sign":"` + sign +
				`"}`}})
		r, err := newGateway().Query(t.Context(), s.account, gateway.Trade{OutTradeNo: "C1234567"})
		if c.good != (err == nil && r.State == gateway.TradePaid) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}
