package wechat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
)

// told is what a query says of a payment, in the institution's words.
func told(state, without string) string {
	return strings.Replace(strings.Replace(paidTold, `"SUCCESS"`, `"`+state+`"`, 1), without, "", 1)
}

// What a query says of money that went back, of a payment that is booked and of one that is not.
func TestMoneyThatWentBackIsToldByAQuery(t *testing.T) {
	paidAt := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	unknown := gateway.Trade{OutTradeNo: "C1234567", Amount: 20680}
	known := gateway.Trade{OutTradeNo: "C1234567", Amount: 20680, TransactionID: "42", PaidAt: paidAt}
	amount := `,"amount":{"total":20680,"payer_total":20000,"currency":"CNY","payer_currency":"CNY"}`
	for name, c := range map[string]struct {
		trade    gateway.Trade
		body     string
		state    gateway.TradeState
		returned gateway.Returned
	}{
		"paid":                     {unknown, told("SUCCESS", ""), gateway.TradePaid, gateway.ReturnedNothing},
		"paid and booked":          {known, told("SUCCESS", ""), gateway.TradePaid, gateway.ReturnedNothing},
		"refunded":                 {unknown, told("REFUND", ""), gateway.TradePaid, gateway.ReturnedSome},
		"refunded and booked":      {known, told("REFUND", ""), gateway.TradePaid, gateway.ReturnedSome},
		"closed":                   {unknown, told("CLOSED", ""), gateway.TradeClosed, gateway.ReturnedNothing},
		"closed and booked":        {known, told("CLOSED", ""), gateway.TradePaid, gateway.ReturnedAll},
		"reversed":                 {unknown, told("REVOKED", ""), gateway.TradeClosed, gateway.ReturnedNothing},
		"reversed and booked":      {known, told("REVOKED", ""), gateway.TradePaid, gateway.ReturnedAll},
		"reversed, booked, no sum": {known, told("REVOKED", amount), gateway.TradePaid, gateway.ReturnedAll},
		"reversed, booked, nothing": {known, told("REVOKED", `"transaction_id":"42",`), gateway.TradePaid,
			gateway.ReturnedAll},
	} {
		s := script(t, map[string]reply{queryCall: {status: 200, body: c.body}})
		r, err := newGateway().Query(t.Context(), s.account, c.trade)
		if err != nil || r.State != c.state || r.Returned != c.returned || r.ReturnedAmount != 0 {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
		whole := r.Amount == 20680 && r.Currency == gateway.CNY && r.TransactionID == "42" && r.PaidAt.Equal(paidAt)
		if r.State == gateway.TradePaid && !whole {
			t.Errorf("%s: the payment is told as %+v", name, r)
		}
	}
}

// A refund that a person made on the merchant platform, of a part and then of the rest: the payment, the notification,
// and a question by the number that the institution made up.
func TestRefundsMadeOnTheMerchantPlatform(t *testing.T) {
	s, messages, notify := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	p, err := g.Open(t.Context(), a, charge("HERE0001", gateway.Native, notify))
	if err != nil {
		t.Fatal(err)
	}
	id := strings.Split(control(t, s, "/scan", `{"wallet":"wechat","content":"`+p.CodeURL+`"}`), `"`)[3]
	control(t, s, "/payments/"+id+"/confirm", "")
	<-messages
	for _, c := range []struct{ fen, back money.Fen }{{345, 345}, {0, 12000}} {
		control(t, s, "/payments/"+id+"/refund", fmt.Sprintf(`{"amount_fen":%d}`, int64(c.fen)))
		n, err := g.Verify(t.Context(), a, <-messages, time.Now())
		if err != nil || n.Kind != gateway.NotifyRefund || n.Refund.OutTradeNo != "HERE0001" ||
			n.Refund.RefundID == "" {
			t.Fatalf("notified of %+v, %v", n, err)
		}
		request := gateway.RefundRequest{
			Trade: gateway.Trade{OutTradeNo: "HERE0001"}, OutRefundNo: n.Refund.OutRefundNo, Total: 12345,
			Foreign: true,
		}
		got, err := g.QueryRefund(t.Context(), a, request)
		if err != nil || got != n.Refund || got.State != gateway.RefundDone || got.DoneAt.IsZero() {
			t.Errorf("asked, told of %+v, %v; notified of %+v", got, err, n.Refund)
		}
		if got.Amount != c.back {
			t.Errorf("%d fen went back, not %d", got.Amount, c.back)
		}
		q, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: "HERE0001"})
		if err != nil || q.State != gateway.TradePaid || q.Returned != gateway.ReturnedSome || q.Amount != 12345 {
			t.Errorf("the payment: %+v, %v", q, err)
		}
	}
}

// The institution's numbers of refunds may hold characters that a path escapes: the request is signed as it is sent.
func TestARefundsNumberIsSignedAsItIsSent(t *testing.T) {
	s, messages, notify := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	paidOrder(t, s, a, "PATH0001", notify, messages)
	for _, number := range []string{"P1|2*3@4-5_6", "P1", "a/b?c=d#e%f g"} {
		_, err := g.QueryRefund(t.Context(), a, gateway.RefundRequest{
			Trade: gateway.Trade{OutTradeNo: "PATH0001"}, OutRefundNo: number, Total: 12345, Foreign: true,
		})
		wantKind(t, err, gateway.NotFound, true)
	}
}

func TestAForeignRefundIsBelievedAsTheInstitutionTellsIt(t *testing.T) {
	request := refundRequest("")
	request.Amount, request.Foreign = 0, true
	for name, c := range map[string]struct {
		old, with string
		ok        bool
	}{
		"as it is":              {``, ``, true},
		"another amount":        {`"refund":345`, `"refund":12345`, true},
		"no currency":           {`,"currency":"CNY"`, ``, true},
		"no total":              {`"total":12345,`, ``, true},
		"no number of its own":  {`"refund_id":"50",`, ``, true},
		"more than was paid":    {`"refund":345`, `"refund":12346`, false},
		"nothing":               {`"refund":345`, `"refund":0`, false},
		"no amount":             {`"refund":345,`, ``, false},
		"another currency":      {`"CNY"`, `"USD"`, false},
		"of another total":      {`"total":12345`, `"total":12346`, false},
		"of another payment":    {`C1234567`, `C1234568`, false},
		"of another refund":     {`"out_refund_no":"R1"`, `"out_refund_no":"R2"`, false},
		"the amount told twice": {`"refund":345`, `"refund":345,"refund":345`, false},
	} {
		s := script(t,
			map[string]reply{refundQuery: {status: 200, body: strings.Replace(refundDone, c.old, c.with, 1)}})
		r, err := newGateway().QueryRefund(t.Context(), s.account, request)
		if c.ok && (err != nil || r.Amount < 345 || r.State != gateway.RefundDone) || !c.ok && err == nil {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
	}
}
