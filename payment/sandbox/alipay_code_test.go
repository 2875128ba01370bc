package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"
)

func barCode(number, code, yuan string) map[string]string {
	return map[string]string{
		"out_trade_no": number, "scene": "bar_code", "auth_code": code, "subject": "停车费", "total_amount": yuan,
		"product_code": "FACE_TO_FACE_PAYMENT",
	}
}

func TestAlipayCodeIsChargedAndCancelled(t *testing.T) {
	s := start(t, Config{Second: time.Microsecond})
	a := newAliClient(t, s)
	in := newInbox(t, func(w http.ResponseWriter, _ int) { fmt.Fprint(w, "success") })
	number := "T" + randomHex(8)
	biz := barCode(number, show(t, s, map[string]any{"wallet": "alipay"}), "1000.00")
	node, signed, err := a.call(t, "alipay.trade.pay", biz, map[string]string{"notify_url": in.URL})
	if err != nil || !signed || node["code"] != "10000" || node["receipt_amount"] != "1000.00" ||
		node["trade_no"] == "" || node["gmt_payment"] == "" {
		t.Fatalf("pay: %v %t %v", node, signed, err)
	}
	in.wait(t, 1)
	told := a.notice(t, in, 0)
	if told.Get("trade_status") != "TRADE_SUCCESS" || told.Get("out_trade_no") != number ||
		told.Get("refund_fee") != "" {
		t.Errorf("the notification: %v", told)
	}
	a.must(t, "alipay.trade.pay", biz, "40004ACQ.TRADE_HAS_SUCCESS")
	for range 2 { // a repeat is answered alike
		if got := a.must(t, "alipay.trade.cancel", map[string]string{"out_trade_no": number},
			"10000"); got["action"] != "refund" || got["retry_flag"] != "N" {
			t.Errorf("cancel: %v", got)
		}
	}
	a.mustStatus(t, number, "TRADE_CLOSED")
	a.must(t, "alipay.trade.pay", biz, "40004ACQ.TRADE_HAS_CLOSE")
	lines := s.bank.ledger.all()
	if len(lines) != 2 || lines[1].GivenBackFen != 100000 || !lines[1].reversal() || lines[0].Kind != "pay" {
		t.Errorf("the ledger: %+v", lines)
	}
	if got := a.must(t, "alipay.trade.cancel", map[string]string{"out_trade_no": "T-nobody-knows"},
		"10000"); got["action"] != "" || got["trade_no"] != "" {
		t.Errorf("cancel of nothing: %v", got)
	}
	a.must(t, "alipay.trade.cancel", map[string]string{"trade_no": "2026"}, "40004ACQ.TRADE_NOT_EXIST")
}

func (a aliClient) mustStatus(t *testing.T, number, want string) {
	t.Helper()
	if got := a.must(t, "alipay.trade.query", map[string]string{"out_trade_no": number},
		"10000"); got["trade_status"] != want {
		t.Errorf("the trade is %v; want %s", got, want)
	}
}

// notice verifies a delivery and returns its parameters.
func (a aliClient) notice(t *testing.T, in *inbox, i int) url.Values {
	t.Helper()
	_, body := in.message(i)
	p, err := url.ParseQuery(string(body))
	if err != nil {
		t.Fatal(err)
	}
	if !a.verifies(noticeText(t, p), p.Get("sign")) {
		t.Errorf("delivery %d does not verify", i)
	}
	return p
}

func TestAlipayCodeAsksForThePassword(t *testing.T) {
	s := start(t, Config{})
	a := newAliClient(t, s)
	for name, c := range map[string]struct {
		yuan string
		with map[string]any
		then string
		want string
	}{
		"over 1000 yuan, confirmed": {"1000.01", map[string]any{}, "confirm", "TRADE_SUCCESS"},
		"asked for, cancelled":      {"0.01", map[string]any{"ask_password": true}, "cancel", "WAIT_BUYER_PAY"},
		"asked for, left alone":     {"0.01", map[string]any{"ask_password": true}, "", "WAIT_BUYER_PAY"},
	} {
		t.Run(name, func(t *testing.T) {
			number := "T" + randomHex(8)
			c.with["wallet"] = "alipay"
			biz := barCode(number, show(t, s, c.with), c.yuan)
			for range 2 { // a repeat is answered alike
				a.must(t, "alipay.trade.pay", biz, "10003")
			}
			waiting := s.bank.waiting()
			if len(waiting) != 1 {
				t.Fatalf("waiting: %+v", waiting)
			}
			if c.then != "" {
				call(t, s, "POST", "/payments/"+waiting[0].ID+"/"+c.then, nil, nil)
			}
			a.mustStatus(t, number, c.want)
			want := map[bool]string{true: "refund", false: "close"}[c.then == "confirm"]
			if got := a.must(t, "alipay.trade.cancel", map[string]string{"out_trade_no": number},
				"10000"); got["action"] != want {
				t.Errorf("cancel: %v", got)
			}
			a.mustStatus(t, number, "TRADE_CLOSED")
		})
	}
	if err := s.faults.add(Script{Fault: UserPaying}); err != nil {
		t.Fatal(err)
	}
	a.must(t, "alipay.trade.pay", barCode("T"+randomHex(8), show(t, s, map[string]any{"wallet": "alipay"}), "0.01"),
		"10003")
}

func TestAlipayCodeRefusals(t *testing.T) {
	at := &clock{at: time.Now()}
	s := start(t, Config{Now: at.now})
	a := newAliClient(t, s)
	fresh := func() string { return show(t, s, map[string]any{"wallet": "alipay"}) }
	old := show(t, s, map[string]any{"wallet": "alipay", "valid_seconds": 0})
	spent, used := fresh(), "T"+randomHex(8)
	a.must(t, "alipay.trade.pay", barCode(used, spent, "0.01"), "10000")
	poor := "T" + randomHex(8)
	broke := show(t, s, map[string]any{"wallet": "alipay", "balance_fen": 99})
	with := func(key, value string) map[string]string {
		biz := barCode("T"+randomHex(8), fresh(), "0.01")
		biz[key] = value
		return biz
	}
	for _, c := range []struct {
		name string
		biz  map[string]string
		want string
	}{
		{"not a code", with("auth_code", "123"), "ACQ.PAYMENT_AUTH_CODE_INVALID"},
		{"nobody's code", with("auth_code", "2512345678901234"), "ACQ.PAYMENT_AUTH_CODE_INVALID"},
		{"the other wallet's", with("auth_code", show(t, s, map[string]any{"wallet": "wechat"})),
			"ACQ.PAYMENT_AUTH_CODE_INVALID"},
		{"a used code", with("auth_code", spent), "ACQ.PAYMENT_AUTH_CODE_INVALID"},
		{"an old code", with("auth_code", old), "ACQ.PAYMENT_AUTH_CODE_INVALID"},
		{"no code", with("auth_code", ""), "ACQ.INVALID_PARAMETER"},
		{"another scene", with("scene", "wave_code"), "ACQ.INVALID_PARAMETER"},
		{"no subject", with("subject", ""), "ACQ.INVALID_PARAMETER"},
		{"a poor wallet", barCode(poor, broke, "1.00"), "ACQ.BUYER_BALANCE_NOT_ENOUGH"},
		{"a number with other terms", barCode(used, fresh(), "0.02"), "ACQ.CONTEXT_INCONSISTENT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if node := a.must(t, "alipay.trade.pay", c.biz, "40004"+c.want); node["receipt_amount"] != "0.00" {
				t.Errorf("the error says %v", node)
			}
		})
	}
	a.mustStatus(t, poor, "WAIT_BUYER_PAY")
	a.must(t, "alipay.trade.pay", barCode(poor, fresh(), "1.00"), "10000") // the same number with another code
	a.mustStatus(t, poor, "TRADE_SUCCESS")
	if err := s.faults.add(Script{Fault: MerchantBalanceLow, Operation: "reverse"}); err != nil {
		t.Fatal(err)
	}
	a.must(t, "alipay.trade.cancel", map[string]string{"out_trade_no": poor}, "40004ACQ.SELLER_BALANCE_NOT_ENOUGH")
	a.mustStatus(t, poor, "TRADE_SUCCESS")
}
