package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// paidCode charges a payment code and returns the trade's number.
func (a aliClient) paidCode(t *testing.T, s *Sandbox, yuan, notify string) string {
	t.Helper()
	number, extra := "T"+randomHex(8), map[string]string{}
	if notify != "" {
		extra["notify_url"] = notify
	}
	node, signed,
		err := a.call(t, "alipay.trade.pay", barCode(number, show(t, s, map[string]any{"wallet": "alipay"}), yuan),
		extra)
	if err != nil || !signed || node["code"] != "10000" {
		t.Fatalf("pay: %v %t %v", node, signed, err)
	}
	return number
}

func giveBack(number, refundNo, yuan string) map[string]string {
	biz := map[string]string{"out_trade_no": number, "out_request_no": refundNo, "refund_amount": yuan,
		"refund_reason": "多收退还"}
	maps.DeleteFunc(biz, func(_, v string) bool { return v == "" })
	return biz
}

func TestAlipayRefunds(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	a := newAliClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "success") })
	number := a.paidCode(t, s, "3.00", in.URL)
	in.wait(t, 1)
	asked := map[string]string{"out_trade_no": number, "out_request_no": "R1"}
	if got := a.must(t, "alipay.trade.fastpay.refund.query", asked, "10000"); len(got) != 2 {
		t.Errorf("an unknown refund: %v", got) // code and msg, and nothing else
	}
	for i, want := range []string{"Y", "N"} {
		got := a.must(t, "alipay.trade.refund", giveBack(number, "R1", "1.00"), "10000")
		if got["fund_change"] != want || got["refund_fee"] != "1.00" || got["send_back_fee"] != "1.00" ||
			(i == 0) != (got["gmt_refund_pay"] != "") {
			t.Errorf("refund: %v; want fund_change %s", got, want)
		}
	}
	got := a.must(t, "alipay.trade.fastpay.refund.query", asked, "10000")
	if got["refund_status"] != "REFUND_SUCCESS" || got["refund_amount"] != "1.00" || got["total_amount"] != "3.00" ||
		got["gmt_refund_pay"] != "" {
		t.Errorf("query: %v", got)
	}
	in.wait(t, 1)
	told := a.notice(t, in, 1)
	if told.Get("trade_status") != "TRADE_SUCCESS" || told.Get("refund_fee") != "1.00" ||
		told.Get("out_biz_no") != "R1" || told.Get("gmt_refund") == "" {
		t.Errorf("the notification: %v", told)
	}
	a.mustStatus(t, number, "TRADE_SUCCESS")
	if got := a.must(t, "alipay.trade.refund", giveBack(number, "R2", "2.00"), "10000"); got["refund_fee"] != "3.00" ||
		got["send_back_fee"] != "2.00" {
		t.Errorf("the rest: %v", got)
	}
	in.wait(t, 1)
	if told := a.notice(t, in, 2); told.Get("trade_status") != "TRADE_CLOSED" || told.Get("refund_fee") != "3.00" ||
		told.Get("gmt_close") == "" {
		t.Errorf("the notification: %v", told)
	}
	a.mustStatus(t, number, "TRADE_CLOSED")
	lines := s.bank.ledger.all()
	if len(lines) != 3 || lines[2].GivenBackFen != 200 || lines[2].RefundNo != "R2" {
		t.Errorf("the ledger: %+v", lines)
	}
}

func TestAlipayRefundRefusals(t *testing.T) {
	s := start(t, Config{})
	a := newAliClient(t, s)
	number, other := a.paidCode(t, s, "3.00", ""), a.paidCode(t, s, "3.00", "")
	a.must(t, "alipay.trade.refund", giveBack(number, "R1", "1.00"), "10000")
	asking := "T" + randomHex(8)
	a.must(t, "alipay.trade.pay", barCode(asking, show(t, s, map[string]any{"wallet": "alipay", "ask_password": true}),
		"3.00"), "10003")
	for name, c := range map[string]struct {
		biz  map[string]string
		want string
	}{
		"no such trade":        {giveBack("T-none", "R2", "1.00"), "ACQ.TRADE_NOT_EXIST"},
		"an unpaid trade":      {giveBack(asking, "R2", "1.00"), "ACQ.TRADE_STATUS_ERROR"},
		"nothing":              {giveBack(number, "R2", "0.00"), "ACQ.INVALID_PARAMETER"},
		"part, with no number": {giveBack(number, "", "1.00"), "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"},
		"more than is left":    {giveBack(number, "R2", "2.01"), "ACQ.REASON_TRADE_REFUND_FEE_ERR"},
		"other terms":          {giveBack(number, "R1", "1.01"), "ACQ.DISCORDANT_REPEAT_REQUEST"},
	} {
		t.Run(name, func(t *testing.T) {
			if node := a.must(t, "alipay.trade.refund", c.biz, "40004"+c.want); node["refund_fee"] != "0.00" {
				t.Errorf("the error says %v", node)
			}
		})
	}
	for fault, want := range map[Fault]string{MerchantBalanceLow: "ACQ.SELLER_BALANCE_NOT_ENOUGH",
		RefundClosed: "ACQ.TRADE_NOT_ALLOW_REFUND"} {
		if err := s.faults.add(Script{Fault: fault, Institution: "alipay", Operation: "refund",
			OutTradeNo: other}); err != nil {
			t.Fatal(err)
		}
		a.must(t, "alipay.trade.refund", giveBack(other, "R1", "1.00"), "40004"+want)
	}
	for name, c := range map[string]struct {
		biz  map[string]string
		want string
	}{
		"no such trade": {map[string]string{"out_trade_no": "T-none", "out_request_no": "R1"}, "ACQ.TRADE_NOT_EXIST"},
		"no number":     {map[string]string{"out_trade_no": number}, "ACQ.INVALID_PARAMETER"},
	} {
		t.Run("query: "+name, func(t *testing.T) {
			a.must(t, "alipay.trade.fastpay.refund.query", c.biz, "40004"+c.want)
		})
	}
	a.must(t, "alipay.trade.refund", giveBack(other, "", "3.00"), "10000") // whole, under the trade's own number
	a.must(t, "alipay.trade.cancel", map[string]string{"out_trade_no": other}, "10000")
}

func TestAlipayRefundsHaveEnds(t *testing.T) {
	s := start(t, Config{})
	a := newAliClient(t, s)
	number := a.paidCode(t, s, "1.00", "")
	for i := range refundsAllowed {
		a.must(t, "alipay.trade.refund", giveBack(number, "R"+strconv.Itoa(i), "0.01"), "10000")
	}
	a.must(t, "alipay.trade.refund", giveBack(number, "R50", "0.01"), "40004ACQ.TRADE_NOT_ALLOW_REFUND")
	old := a.paidCode(t, s, "1.00", "")
	s.bank.mu.Lock()
	s.bank.byOut[outKey("alipay", a.c.SellerID, old)].PaidAt = time.Now().AddDate(-2, 0, 0)
	s.bank.mu.Unlock()
	a.must(t, "alipay.trade.refund", giveBack(old, "R1", "0.01"), "40004ACQ.TRADE_HAS_FINISHED")
}

func TestAlipaySlowRefund(t *testing.T) {
	s := start(t, Config{})
	a := newAliClient(t, s)
	number := a.paidCode(t, s, "3.00", "")
	if err := s.faults.add(Script{Fault: RefundSlow}); err != nil {
		t.Fatal(err)
	}
	asked := map[string]string{"out_trade_no": number, "out_request_no": "R1"}
	if got := a.must(t, "alipay.trade.refund", giveBack(number, "R1", "3.00"), "10000"); got["fund_change"] != "N" ||
		got["refund_fee"] != "0.00" {
		t.Errorf("refund: %v", got)
	}
	if got := a.must(t, "alipay.trade.fastpay.refund.query", asked, "10000"); got["refund_status"] != "" {
		t.Errorf("query: %v", got)
	}
	var all []Refund
	if call(t, s, "GET", "/refunds", nil, &all); len(all) != 1 || all[0].State != refunding {
		t.Fatalf("refunds: %+v", all)
	}
	if status := call(t, s, "POST", "/refunds/"+all[0].ID+"/settle", map[string]string{"state": "closed"},
		nil); status != http.StatusBadRequest {
		t.Errorf("an end that Alipay does not have: %d", status)
	}
	if status := call(t, s, "POST", "/refunds/nothing/settle", nil, nil); status != http.StatusNotFound {
		t.Errorf("no such refund: %d", status)
	}
	if status := call(t, s, "POST", "/refunds/"+all[0].ID+"/settle", nil, nil); status != http.StatusOK {
		t.Errorf("settle: %d", status)
	}
	if got := a.must(t, "alipay.trade.fastpay.refund.query", asked, "10000"); got["refund_status"] != "REFUND_SUCCESS" {
		t.Errorf("query: %v", got)
	}
	a.mustStatus(t, number, "TRADE_CLOSED")
}

func TestAlipayTimeoutBeforeTheEffect(t *testing.T) {
	s := start(t, Config{})
	a := newAliClient(t, s)
	number := a.paidCode(t, s, "3.00", "")
	for _, fault := range []Fault{TimeoutBeforeEffect, TimeoutAfterSuccess} {
		if err := s.faults.add(Script{Fault: fault, Operation: "refund", OutTradeNo: number}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.call(t, "alipay.trade.refund", giveBack(number, "R1", "3.00"), nil); err == nil {
			t.Errorf("%s: the connection held", fault)
		}
		if lines := s.bank.ledger.all(); (len(lines) == 2) != (fault == TimeoutAfterSuccess) {
			t.Errorf("%s: the ledger has %d lines", fault, len(lines))
		}
	}
}
