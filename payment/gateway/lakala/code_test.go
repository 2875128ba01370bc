package lakala_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"linlipay/payment/gateway"
)

const authCode = "134567890123456789"

// charged is what micropay answers: a payment without a state of its own.
var charged = strings.Replace(strings.Replace(scanPaid, `"trade_state":"SUCCESS","trade_state_desc":"",`, "", 1),
	`"trade_main_type":"PREORDER",`, "", 1)

func codeCharge() gateway.Charge {
	c := charge(gateway.WalletWeChat, gateway.CodePresented)
	c.AuthCode = authCode
	return c
}

func TestPayCode(t *testing.T) {
	change := func(old, with string) string { return ok(strings.Replace(charged, old, with, 1)) }
	paying := `{"code":"BBS10000","msg":"支付中","resp_data":{"trade_no":"2026112566210002570007",` +
		`"out_trade_no":"202611250000000000000001"}}`
	for name, c := range map[string]struct {
		reply
		state  gateway.TradeState
		kind   gateway.ErrorKind
		signed bool
	}{
		"paid":           {reply{body: ok(charged)}, gateway.TradePaid, "", false},
		"paid, unsigned": {reply{body: ok(charged), unsigned: true}, "", gateway.Indeterminate, false},
		"failed, as a state": {reply{body: change(`"total_amount"`, `"trade_state":"FAIL","total_amount"`)},
			gateway.TradeFailed, "", false},
		"under way, as a state": {reply{body: change(`"total_amount"`, `"trade_state":"DEAL","total_amount"`)},
			gateway.TradeUnpaid, "", false},
		"to be queried": {reply{body: change(`"total_amount"`, `"need_query":"1","total_amount"`)},
			gateway.TradeUnpaid, "", false},
		"not to be queried": {reply{body: change(`"total_amount"`, `"need_query":"0","total_amount"`)},
			gateway.TradePaid, "", false},
		"password":             {reply{body: paying}, gateway.TradeUnpaid, "", false},
		"password, told alone": {reply{body: fail("BBS10000")}, gateway.TradeUnpaid, "", false},
		"password, resp_data is null": {reply{body: `{"code":"BBS10000","resp_data":null}`}, gateway.TradeUnpaid, "",
			false},
		"password, unsigned":   {reply{body: paying, unsigned: true}, "", gateway.TryLater, false},
		"password, of another": {reply{body: strings.Replace(paying, `01"`, `02"`, 1)}, "", gateway.TryLater, true},
		"of another number":    {reply{body: change(`01"`, `02"`)}, "", gateway.Indeterminate, false},
		"of another merchant": {reply{body: change("82229007392000A", "82229007392000B")}, "", gateway.Indeterminate,
			false},
		"without amount":       {reply{body: change(`"12345"`, `""`)}, "", gateway.Indeterminate, false},
		"a code of no meaning": {reply{body: fail("BBS99999")}, "", gateway.Indeterminate, true},
		"refused":              {reply{body: fail("BBS11000")}, "", gateway.Declined, true},
		"refused, unsigned":    {reply{body: fail("BBS11000"), unsigned: true}, "", gateway.Declined, false},
		"a broken connection":  {reply{status: -1}, "", gateway.Indeterminate, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{micropay: c.reply})
			r, err := newGateway().PayCode(t.Context(), s.account, codeCharge())
			if s.paths() != micropay {
				t.Errorf("asked %s", s.paths())
			}
			same(t, s.last(micropay),
				`{"merchant_no":"82229007392000A","term_no":"D9296400","out_trade_no":"202611250000000000000001",
				"auth_code":"134567890123456789",
				"total_amount":"12345",
				"location_info":{"request_ip":"36.45.36.95"},"notify_url":"https://example.com/callbacks/lakala/a",
				"subject":"物业费 2026年11月"}`)
			if c.kind != "" {
				wantKind(t, err, c.kind, c.signed)
				return
			}
			if err != nil || r.State != c.state || r.OutTradeNo != number || r.Merchant != merchant || r.App != appid {
				t.Fatalf("got %+v, %v", r, err)
			}
		})
	}
}

// Whatever comes back for it, a payment code stays out of what may be logged or kept.
func TestThePaymentCodeIsNeverTold(t *testing.T) {
	for name, r := range map[string]reply{
		"in words":    {body: `{"code":"BBS99999","msg":"付款码 ` + authCode + ` 无效"}`},
		"as the code": {body: fail(authCode), unsigned: true},
		"as a number": {body: ok(strings.Replace(charged, number, authCode, 1))},
		"as a state": {
			body: ok(strings.Replace(charged, `"total_amount"`, `"trade_state":"`+authCode+`","total_amount"`, 1))},
		"garbage":      {body: "<html>" + authCode, unsigned: true},
		"as an amount": {body: ok(strings.Replace(charged, `"12345"`, `"x`+authCode+`"`, 1))},
	} {
		s := script(t, map[string]reply{micropay: r})
		report, err := newGateway().PayCode(t.Context(), s.account, codeCharge())
		if err == nil {
			t.Fatalf("%s: believed", name)
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

func TestReverse(t *testing.T) {
	const undone = `{"out_trade_no":"202611250000000000000001R93600","trade_no":"2026112566210002570008",` +
		`"origin_out_trade_no":"202611250000000000000001",` +
		`"origin_trade_no":"2026112566210002570007","total_amount":"12345"}`
	state := func(s string) reply { return reply{body: ok(strings.Replace(scanPaid, "SUCCESS", s, 1))} }
	for name, c := range map[string]struct {
		reverse, query reply
		kind           gateway.ErrorKind
		signed         bool
	}{
		"undone": {reply{body: ok(undone)}, reply{}, "", false},
		"undone, under its own number": {reply{body: ok(strings.Replace(undone, `"origin_out_trade_no"`, `"x"`, 1))},
			reply{}, "", false},
		"undone, unsigned": {reply{body: ok(undone), unsigned: true}, reply{}, gateway.Indeterminate, false},
		"undone, another": {
			reply{body: ok(strings.Replace(undone, `0001","origin_trade_no"`, `0002","origin_trade_no"`, 1))}, reply{},
			gateway.Indeterminate, false},
		"undone, nothing told": {reply{body: ok("{}")}, reply{}, gateway.Indeterminate, false},
		"undone before":        {reply{body: fail("BBS99999")}, state("REVOKED"), "", false},
		"refused, and paid":    {reply{body: fail("BBS99999")}, state("SUCCESS"), gateway.Indeterminate, true},
		"refused, unsigned": {reply{body: fail("BBS99999"), unsigned: true}, state("REVOKED"), gateway.Indeterminate,
			false},
		"busy":          {reply{body: fail("BBS10000")}, reply{}, gateway.TryLater, true},
		"unknown to it": {reply{body: fail("BBS11114")}, reply{}, gateway.NotFound, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{revoked: c.reverse, tradequery: c.query})
			s.account.Settings["code_kinds"] = "BBS11114=absent"
			asked := trade(gateway.WalletWeChat, gateway.CodePresented)
			asked.TransactionID = "2026112566210002570007"
			err := newGateway().Reverse(t.Context(), s.account, asked)
			if c.kind != "" {
				wantKind(t, err, c.kind, c.signed)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if s.paths() == revoked {
				same(t, s.last(revoked),
					`{"merchant_no":"82229007392000A","term_no":"D9296400",
					"out_trade_no":"202611250000000000000001R93600",
					"origin_out_trade_no":"202611250000000000000001","origin_trade_no":"2026112566210002570007",
					"location_info":{"request_ip":"127.0.0.1"}}`)
			}
		})
	}
}
