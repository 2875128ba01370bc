package sandbox

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// paidOrder makes an order and pays it by code.
func (c shengClient) paidOrder(t *testing.T, s *Sandbox, fee string) map[string]string {
	t.Helper()
	order := shengByCode(show(t, s, map[string]any{"wallet": "alipay"}), fee, "http://127.0.0.1:1/n")
	c.must(t, "/pay/authPay", order, "")
	return order
}

func shengGiveBack(order map[string]string, refundNo, fee, notify string) map[string]string {
	return map[string]string{"outTradeNo": order["outTradeNo"], "outRefundNo": refundNo, "refundFee": fee,
		"refundDesc": "多收退还", "notifyUrl": notify}
}

func TestShengpayRefunds(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	c := newShengClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "SUCCESS") })
	order := c.paidOrder(t, s, "300")
	var id string
	for i := range 2 { // a repeat is the same refund
		got := c.must(t, "/refund/orderRefund", shengGiveBack(order, "R1", "100", in.URL), "")
		if got["refundFee"] != "100" || got["outRefundNo"] != "R1" || got["refundId"] == "" || i > 0 &&
			got["refundId"] != id {
			t.Errorf("refund: %v", got)
		}
		id = got["refundId"]
	}
	in.wait(t, 1)
	told := c.notice(t, in, 0)
	if told["refundStatus"] != "REFUND_SUCCESS" || told["refundOrderNo"] != "R1" || told["refundId"] != id ||
		told["refundFee"] != "100" || told["outTradeNo"] != order["outTradeNo"] {
		t.Errorf("the notification: %v", told)
	}
	got := c.must(t, "/refund/queryRefundOrder", map[string]string{"outRefundNo": "R1"}, "")
	if got["refundStatus"] != "REFUND_SUCCESS" || got["refundId"] != id || got["timeEnd"] == "" {
		t.Errorf("query: %v", got)
	}
	c.mustStatus(t, order, "REFUND_SUCCESS")
	rest := shengGiveBack(order, "", "200", in.URL)
	rest["refundOrderNo"] = "R2" // as older clients name it
	c.must(t, "/refund/orderRefund", rest, "")
	in.wait(t, 1)
	if lines := s.bank.ledger.all(); len(lines) != 3 || lines[2].GivenBackFen != 200 || lines[2].RefundNo != "R2" {
		t.Errorf("the ledger: %+v", lines)
	}
	c.must(t, "/pay/reverseOrder", shengNumber(order), "ORDER_STATUS_ERROR")
}

func TestShengpayRefundRefusals(t *testing.T) {
	s := start(t, Config{})
	c := newShengClient(t, s)
	order, other := c.paidOrder(t, s, "300"), c.paidOrder(t, s, "300")
	c.must(t, "/refund/orderRefund", shengGiveBack(order, "R1", "100", ""), "")
	unpaid := shengOrder("wx_native", "100", "http://127.0.0.1:1/n")
	c.must(t, "/pay/unifiedorderOffline", unpaid, "")
	for name, ask := range map[string]struct {
		fields map[string]string
		want   string
	}{
		"no such order": {map[string]string{"outTradeNo": "S-none", "outRefundNo": "R2", "refundFee": "1"},
			"ORDER_NOT_EXIST"},
		"an unpaid order":   {shengGiveBack(unpaid, "R2", "1", ""), "ORDER_STATUS_ERROR"},
		"no number":         {shengGiveBack(order, "", "1", ""), "PARAM_ERROR"},
		"nothing":           {shengGiveBack(order, "R2", "0", ""), "PARAM_ERROR"},
		"half an address":   {shengGiveBack(order, "R2", "1", "/n"), "PARAM_ERROR"},
		"more than is left": {shengGiveBack(order, "R2", "201", ""), "REFUND_FEE_EXCEED"},
		"other terms":       {shengGiveBack(order, "R1", "99", ""), "OUT_REFUND_NO_USED"},
		"another order's":   {shengGiveBack(other, "R1", "100", ""), "OUT_REFUND_NO_USED"},
	} {
		t.Run(name, func(t *testing.T) { c.must(t, "/refund/orderRefund", ask.fields, ask.want) })
	}
	c.must(t, "/refund/queryRefundOrder", map[string]string{"outRefundNo": "R-none"}, "REFUND_NOT_EXIST")
	if err := s.faults.add(Script{Fault: MerchantBalanceLow, Institution: "shengpay",
		Operation: "refund"}); err != nil {
		t.Fatal(err)
	}
	c.must(t, "/refund/orderRefund", shengGiveBack(order, "R3", "1", ""), "MCH_BALANCE_NOT_ENOUGH")
	c.must(t, "/refund/orderRefund", shengGiveBack(order, "R3", "1", ""), "")
}

func TestShengpayRefundsThatWaitOrFail(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	c := newShengClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "SUCCESS") })
	slow, failing := c.paidOrder(t, s, "300"), c.paidOrder(t, s, "300")
	for fault, order := range map[Fault]map[string]string{RefundSlow: slow, RefundClosed: failing} {
		if err := s.faults.add(Script{Fault: fault, OutTradeNo: order["outTradeNo"]}); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.must(t, "/refund/orderRefund", shengGiveBack(slow, "R1", "300", in.URL),
		""); got["refundStatus"] != "REFUND_ING" {
		t.Errorf("a slow refund: %v", got)
	}
	c.mustStatus(t, slow, "REFUND_ING")
	c.must(t, "/refund/orderRefund", shengGiveBack(failing, "R2", "300", in.URL), "")
	in.wait(t, 1)
	if told := c.notice(t, in, 0); told["refundStatus"] != "REFUND_FAIL" || told["refundOrderNo"] != "R2" {
		t.Errorf("the notification: %v", told)
	}
	c.mustStatus(t, failing, "PAY_SUCCESS")
	for _, r := range s.bank.allRefunds() {
		if r.State == refunding {
			call(t, s, "POST", "/refunds/"+r.ID+"/settle", nil, nil)
		}
	}
	in.wait(t, 1)
	if told := c.notice(t, in, 1); told["refundStatus"] != "REFUND_SUCCESS" {
		t.Errorf("the notification: %v", told)
	}
	c.mustStatus(t, slow, "REFUND_SUCCESS")
}
