package wechat_test

import (
	"encoding/json"
	"strings"
	"testing"

	"linlipay/calendar"
	"linlipay/payment/gateway"
)

// sent is a text in the latest request, by its path.
func sent(t *testing.T, s *scripted, call string, path ...string) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(s.last(t), call+" ")), &v); err != nil {
		t.Fatal(err)
	}
	for _, name := range path {
		v = v.(map[string]any)[name]
	}
	text, _ := v.(string)
	return text
}

// What the institution is sent of a text: descriptions of 127 bytes, reasons of 80.
func TestTextsAreFittedToTheInstitution(t *testing.T) {
	native := "POST /v3/pay/transactions/native"
	s := script(t, map[string]reply{
		native: {status: 200, body: `{"code_url":"weixin://1"}`}, codePay: {status: 200, body: paidByNow},
		refundCall: {status: 200, body: refundDone},
	})
	for _, c := range []struct{ text, description, reason string }{
		{"物业费 2026年11月", "物业费 2026年11月", "物业费 2026年11月"},
		{strings.Repeat("a", 200), strings.Repeat("a", 127), strings.Repeat("a", 80)},
		{strings.Repeat("费", 50), strings.Repeat("费", 42), strings.Repeat("费", 26)},
		{strings.Repeat("é", 100), strings.Repeat("é", 63), strings.Repeat("é", 40)},
		{"a" + strings.Repeat("é", 100), "a" + strings.Repeat("é", 63), "a" + strings.Repeat("é", 39)},
		{strings.Repeat("𠮷", 40), strings.Repeat("？", 40), strings.Repeat("？", 26)}, // 160 bytes in 40 characters
		{"水费😀电费", "水费？电费", "水费？电费"},
		{"👨\u200d👩\u200d👧", "？？？", "？？？"},
		{"一\x00行\n二\t行\u202e", "一行 二 行", "一行 二 行"},
		{"bad\xff\xfeutf8", "badutf8", "badutf8"},
		// an accent is not left off
		{strings.Repeat("x", 126) + "e\u0301", strings.Repeat("x", 126), strings.Repeat("x", 80)},
		{`<a href="x">&'/=`, `<a href="x">&'/=`, `<a href="x">&'/=`},
		{" \u200d ", "物业缴费", "物业缴费"},
	} {
		order := charge("C1234567", gateway.Native, "https://example.com/n")
		order.Title = c.text
		if _, err := newGateway().Open(t.Context(), s.account, order); err != nil {
			t.Fatal(err)
		}
		if got := sent(t, s, native, "description"); got != c.description {
			t.Errorf("%q is ordered as %q, not %q", c.text, got, c.description)
		}
		code := codeCharge("C1234567", authCode)
		code.Title = c.text
		if _, err := newGateway().PayCode(t.Context(), s.account, code); err != nil {
			t.Fatal(err)
		}
		if got := sent(t, s, codePay, "description"); got != c.description {
			t.Errorf("%q is charged as %q, not %q", c.text, got, c.description)
		}
		back := refundRequest("")
		back.Reason = c.text
		if _, err := newGateway().Refund(t.Context(), s.account, back); err != nil {
			t.Fatal(err)
		}
		if got := sent(t, s, refundCall, "reason"); got != c.reason {
			t.Errorf("%q is a reason as %q, not %q", c.text, got, c.reason)
		}
	}
}

// The end of an order is told in the zone that the institution's pages show.
func TestTheEndIsToldInShanghaisTime(t *testing.T) {
	native := "POST /v3/pay/transactions/native"
	s := script(t, map[string]reply{native: {status: 200, body: `{"code_url":"weixin://1"}`}})
	order := charge("C1234567", gateway.Native, "https://example.com/n")
	order.ExpiresAt = order.ExpiresAt.UTC()
	if _, err := newGateway().Open(t.Context(), s.account, order); err != nil {
		t.Fatal(err)
	}
	want := calendar.Format(order.ExpiresAt, "2006-01-02T15:04:05") + "+08:00"
	if got := sent(t, s, native, "time_expire"); got != want {
		t.Errorf("it ends at %q, not %q", got, want)
	}
}

// An order whose name the institution would refuse can be paid all the same.
func TestAnOrderOfAnyNameCanBePaid(t *testing.T) {
	s, messages, notify := run(t)
	g, a := newGateway(), accounts(s)["public key"]
	for i, title := range []string{
		strings.Repeat("𠮷", 40), "😀", strings.Repeat("费", 43), "\x01\x02", "", `<a href="x">&'/=\"`,
	} {
		c := charge("NAME000"+string(rune('0'+i)), gateway.Native, notify)
		c.Title = title
		p, err := g.Open(t.Context(), a, c)
		if err != nil {
			t.Fatalf("%q: %v", title, err)
		}
		pay(t, s, p.CodeURL)
		<-messages
		r, err := g.Query(t.Context(), a, gateway.Trade{OutTradeNo: c.OutTradeNo})
		if err != nil || r.State != gateway.TradePaid {
			t.Errorf("%q: %+v, %v", title, r, err)
		}
	}
}
