package sandbox

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// shengByCode is a payment by code, without the fields that only an order for a QR needs.
func shengByCode(code, fee, notify string) map[string]string {
	order := shengOrder("", fee, notify)
	order["authCode"] = code
	return order
}

func TestShengpayChargesEveryWalletsCode(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	c := newShengClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "SUCCESS") })
	for wallet, tradeType := range map[string]string{"wechat": "wx_scan", "alipay": "alipay_scan",
		"unionpay": "upacp_scan"} {
		order := shengByCode(show(t, s, map[string]any{"wallet": wallet}), "1000", in.URL)
		for range 2 { // a repeat is answered alike, and charges nothing
			if got := c.must(t, "/pay/authPay", order, ""); got["status"] != "PAY_SUCCESS" ||
				got["tradeType"] != tradeType || got["totalFee"] != "1000" || got["timeEnd"] == "" {
				t.Errorf("%s: %v", wallet, got)
			}
		}
		c.mustStatus(t, order, "PAY_SUCCESS")
		in.wait(t, 1)
		for range 2 {
			c.must(t, "/pay/reverseOrder", shengNumber(order), "")
		}
		c.mustStatus(t, order, "CLOSED")
		c.must(t, "/pay/authPay", order, "ORDER_CLOSED")
	}
	lines := s.bank.ledger.all()
	if len(lines) != 6 || lines[5].GivenBackFen != 1000 || !lines[5].reversal() {
		t.Errorf("the ledger: %+v", lines)
	}
}

func TestShengpayCodeAsksForThePassword(t *testing.T) {
	s := start(t, Config{})
	c := newShengClient(t, s)
	for then, want := range map[string]string{"confirm": "PAY_SUCCESS", "cancel": "PAY_FAIL", "": "PAY_ING"} {
		order := shengByCode(show(t, s, map[string]any{"wallet": "alipay", "ask_password": true}), "1",
			"http://127.0.0.1:1/n")
		for range 2 {
			if got := c.must(t, "/pay/authPay", order, ""); got["status"] != "PAY_ING" || got["timeEnd"] != "" {
				t.Errorf("authPay: %v", got)
			}
		}
		waiting := s.bank.waiting()
		if len(waiting) != 1 {
			t.Fatalf("waiting: %+v", waiting)
		}
		if then != "" {
			call(t, s, "POST", "/payments/"+waiting[0].ID+"/"+then, nil, nil)
		}
		c.mustStatus(t, order, want)
		c.must(t, "/pay/reverseOrder", shengNumber(order), "")
		c.mustStatus(t, order, "CLOSED")
	}
	if err := s.faults.add(Script{Fault: UserPaying, Institution: "shengpay"}); err != nil {
		t.Fatal(err)
	}
	order := shengByCode(show(t, s, map[string]any{"wallet": "wechat"}), "1", "http://127.0.0.1:1/n")
	if got := c.must(t, "/pay/authPay", order, ""); got["status"] != "PAY_ING" {
		t.Errorf("authPay: %v", got)
	}
}

func TestShengpayCodeRefusals(t *testing.T) {
	at := &clock{at: time.Now()}
	s := start(t, Config{Now: at.now})
	c := newShengClient(t, s)
	notify := "http://127.0.0.1:1/n"
	spent := show(t, s, map[string]any{"wallet": "wechat"})
	used := shengByCode(spent, "1", notify)
	c.must(t, "/pay/authPay", used, "")
	other := shengByCode(show(t, s, map[string]any{"wallet": "wechat"}), "2", notify)
	other["outTradeNo"] = used["outTradeNo"]
	for name, order := range map[string]struct {
		fields map[string]string
		want   string
	}{
		"no code":       {shengByCode("", "1", notify), "PARAM_ERROR"},
		"nobody's code": {shengByCode("101234567890123456", "1", notify), "AUTH_CODE_INVALID"},
		"a used code":   {shengByCode(spent, "1", notify), "AUTH_CODE_INVALID"},
		"an old code": {
			shengByCode(show(t, s, map[string]any{"wallet": "unionpay", "valid_seconds": 0}), "1", notify),
			"AUTH_CODE_EXPIRE"},
		"a poor wallet": {shengByCode(show(t, s, map[string]any{"wallet": "alipay", "balance_fen": 99}),
			"100", notify), "BALANCE_NOT_ENOUGH"},
		"a used number, another code": {other, "OUT_TRADE_NO_USED"},
	} {
		t.Run(name, func(t *testing.T) { c.must(t, "/pay/authPay", order.fields, order.want) })
	}
	if err := s.faults.add(Script{Fault: MerchantBalanceLow, Operation: "reverse"}); err != nil {
		t.Fatal(err)
	}
	c.must(t, "/pay/reverseOrder", shengNumber(used), "MCH_BALANCE_NOT_ENOUGH")
	at.move(24 * time.Hour)
	c.must(t, "/pay/reverseOrder", shengNumber(used), "ORDER_STATUS_ERROR") // only on the day of the payment
	c.mustStatus(t, used, "PAY_SUCCESS")
}
