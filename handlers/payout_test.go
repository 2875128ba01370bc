package handlers

import (
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/billing"
)

// inCashTo asks for two fen in cash for a payee.
func inCashTo(payee string) payoutInput {
	return payoutInput{Amount: 2, Method: billing.CashInHand, Payee: payee, Reason: "搬离"}
}

// byTransfer asks for three yuan by bank transfer.
func byTransfer() payoutInput {
	return payoutInput{Amount: 300, Method: billing.BankTransfer, Payee: "业主aaa", Bank: "招商银行福州分行",
		Account: "6214 8301-2345 6789", Reason: "微信已超过一年"}
}

// payout has a cashier ask for a payout, and returns its id.
func (f *fixture) payout(c *company, prepayment string, in payoutInput) string {
	f.t.Helper()
	var v prepaymentRecordView
	f.json("POST", "/v1/prepayments/"+prepayment+"/payouts", c.staff[access.Cashier], in, &v)
	return v.Payouts[0].ID
}

// What was paid ahead is paid out by bank transfer: asked for, approved by another, paid by finance; and once more in
// cash, which is not paid in the end. Who is shown what, and what is refused.
func TestAPayoutOverHTTP(t *testing.T) {
	f := serve(t)
	cashier, finance, resident := f.a.staff[access.Cashier], f.a.staff[access.Finance], f.a.resident
	one := "/v1/prepayments/" + f.topUp(f.a, 1500)
	payouts := one + "/payouts"
	var v prepaymentRecordView
	f.json("POST", payouts, cashier, byTransfer(), &v, "Idempotency-Key", "p1")
	id := v.Payouts[0].ID
	if o := v.Payouts[0]; o.Status != billing.PayoutRequested || o.Account != "****6789" || !o.Mine || o.MayDecide ||
		v.Prepayment.Available != 1200 || v.Prepayment.Balance != 1500 || o.Debtor != f.a.unit.Owner {
		t.Errorf("%+v", v)
	}
	if h := f.json("POST", payouts, cashier, byTransfer(), &v, "Idempotency-Key", "p1"); len(v.Payouts) != 1 ||
		h.Get("Idempotency-Hit") != "true" {
		t.Errorf("a repeat made another: %+v", v.Payouts)
	}
	var waiting list[approvalView]
	f.json("GET", "/v1/approvals?kind=payout", finance, nil, &waiting)
	if o := waiting.Items[0].Payout; o.Account != "6214830123456789" || !o.MayDecide || o.Place != "甲小区" {
		t.Errorf("%+v", o)
	}
	yes := decisionInput{Request: id, Approve: true}
	f.json("POST", payouts+"/decision", finance, yes, &v)
	var toPay list[payoutView]
	f.json("GET", "/v1/payouts", finance, nil, &toPay)
	if len(toPay.Items) != 1 || toPay.Items[0].ID != id || toPay.Items[0].Company != v.Prepayment.Payee {
		t.Errorf("%+v", toPay)
	}
	paid, number := payouts+"/"+id+"/payment", payoutPaymentInput{Reference: "HD20261130001"}
	much, wechat := inCashTo("x"), inCashTo("x")
	much.Amount, wechat.Method = 1201, "wechat"
	for name, c := range map[string]struct {
		path, token string
		in          any
		status      int
		says        string
	}{
		"a transfer by the counter": {paid, cashier, number, 403, "财务"},
		"without the bank's number": {paid, finance, payoutPaymentInput{}, 400, "回单号"},
		"another beside it":         {payouts + "/decision", finance, yes, 409, "已处理"},
		"of nothing":                {payouts + "/x/payment", finance, number, 404, "没有这笔退付"},
		"too much":                  {payouts, cashier, much, 400, "12.00"},
		"no payee":                  {payouts, cashier, inCashTo(" "), 400, "收款人"},
		"an account of letters": {payouts, cashier, payoutInput{Amount: 1, Method: "bank_transfer", Payee: "x",
			Bank: "x", Account: "12345678a", Reason: "x"}, 400, "8 至 32 位"},
		"cash to an account": {payouts, cashier, payoutInput{Amount: 1, Method: "cash", Payee: "x", Account: "12345678",
			Reason: "x"}, 400, "只有银行转账"},
		"no way of paying": {payouts, cashier, wechat, 400, "银行转账"},
		"a resident":       {payouts, resident, inCashTo("x"), 403, ""},
		"a neighbour":      {payouts, f.b.staff[access.Cashier], inCashTo("x"), 404, ""},
	} {
		status, _, body := f.ask("POST", c.path, c.token, c.in)
		if status != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	for range 2 { // and its repeat
		f.json("POST", paid, finance, number, &v)
		if o := v.Payouts[0]; o.Status != billing.PayoutPaid || o.Reference != "HD20261130001" || o.PaidAt == nil ||
			v.Prepayment.Balance != 1200 || v.Prepayment.Available != 1200 || len(v.Moves) != 2 ||
			v.Moves[0].Kind != billing.AheadPaidOut || v.Moves[0].Amount != -300 || v.Moves[0].Payout != id {
			t.Errorf("%+v", v)
		}
	}
	if status, _, body := f.ask("POST", payouts+"/"+id+"/cancellation", finance,
		payoutCancellationInput{Reason: "x"}); status != 409 {
		t.Errorf("what is paid was cancelled: %d %s", status, body)
	}
	prepayment := strings.TrimPrefix(one, "/v1/prepayments/")
	f.json("POST", payouts+"/withdrawal", cashier,
		withdrawalInput{Request: f.payout(f.a, prepayment, inCashTo("业主aaa"))}, &v)
	if v.Payouts[0].Status != billing.PayoutWithdrawn || v.Prepayment.Available != 1200 {
		t.Errorf("%+v", v)
	}
	cash := f.payout(f.a, prepayment, inCashTo("业主aaa"))
	f.json("POST", payouts+"/decision", finance, decisionInput{Request: cash, Approve: true}, &v)
	f.json("POST", payouts+"/"+cash+"/cancellation", finance, payoutCancellationInput{Reason: "未来领取"}, &v)
	if o := v.Payouts[0]; o.Status != billing.PayoutCancelled || v.Prepayment.Available != 1200 {
		t.Errorf("%+v", v)
	}
	var seen prepaymentRecordView
	f.json("GET", one, resident, nil, &seen)
	if len(seen.Payouts) != 0 || seen.Moves[0].Kind != billing.AheadPaidOut || seen.Moves[0].By != "" ||
		seen.Moves[0].Reason != "" {
		t.Errorf("a resident is told %+v", seen)
	}
}
