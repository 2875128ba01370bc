package ruiyinxin_test

import (
	"fmt"
	"strings"
	"testing"

	"linlipay/payment/gateway"
)

const authCode = "134567890123456789"

func codeCharge() gateway.Charge {
	c := charge(gateway.WalletWeChat, gateway.CodePresented)
	c.AuthCode, c.Device = authCode, "desk-1"
	return c
}

func TestPayCodeSendsWhatThirdPartiesKnow(t *testing.T) {
	s := script(t, map[string]reply{"SMZF003": {text: said("S", "000000", `{}`)}, "SMZF006": told("S", "000000", "")})
	r, err := newGateway().PayCode(t.Context(), s.account, codeCharge())
	if err != nil || r.State != gateway.TradePaid || r.Amount != 12345 || r.TransactionID != "2026112542000001" {
		t.Fatalf("got %+v, %v", r, err)
	}
	q := s.sent(t, "SMZF003")
	want := map[string]any{
		"merchantCode": "M00000000000001", "payWay": "WXZF", "totalAmount": "123.45", "subject": "物业费 2026年11月",
		"scene": "1", "authCode": authCode,
		"terminalId": "desk-1",
	}
	if fmt.Sprint(q.fields) != fmt.Sprint(want) || q.form.Get("reqMsgId") != number {
		t.Errorf("sent %v\nwant %v", q.fields, want)
	}
	if strings.Contains(fmt.Sprint(q.form), authCode) {
		t.Error("the payment code travels in clear")
	}
}

func TestAnswersToAPaymentCode(t *testing.T) {
	yes, no := reply{text: said("S", "000000", `{}`)}, reply{text: said("E", "9999", `{}`)}
	for name, c := range map[string]struct {
		charged, found reply
		state          gateway.TradeState
		kind           gateway.ErrorKind
		signed         bool
	}{
		"paid":                    {yes, told("S", "000000", ""), gateway.TradePaid, "", false},
		"paid, but not there yet": {yes, told("R", "", ""), gateway.TradeUnpaid, "", false},
		"paid, and cancelled meanwhile": {yes, told("S", "000000", `,"isClearOrCancel":"1"`), gateway.TradePaid, "",
			false},
		"paid, says the first only": {yes, reply{}, "", gateway.Indeterminate, false},
		"password":                  {reply{text: said("R", "200002", `{}`)}, reply{}, gateway.TradeUnpaid, "", false},
		"password, no code":         {reply{text: said("R", "", `{}`)}, reply{}, gateway.TradeUnpaid, "", false},
		"password, by its code":     {reply{text: said("E", "2068", `{}`)}, reply{}, gateway.TradeUnpaid, "", false},
		"password, unsigned": {reply{text: said("R", "", `{}`), unsigned: true}, reply{}, "", gateway.Indeterminate,
			false},
		"no money": {reply{text: said("E", "5005", `{}`)}, reply{}, "", gateway.Declined, true},
		"no money, unsigned": {reply{text: said("E", "5005", `{}`), unsigned: true}, reply{}, "", gateway.Indeterminate,
			false},
		"a no, and it failed":      {no, told("E", "9999", ""), "", gateway.Declined, true},
		"a no, and it is absent":   {no, told("E", "4004", ""), "", gateway.Declined, true},
		"a no to that too":         {no, reply{text: said("E", "8888", `{}`)}, "", gateway.Indeterminate, true},
		"a no, but it is paid":     {no, told("S", "000000", ""), gateway.TradePaid, "", false},
		"a no, but it can be paid": {no, told("R", "", ""), "", gateway.Indeterminate, true},
		"a no, and silence":        {no, reply{}, "", gateway.Indeterminate, true},
		"silence":                  {reply{}, told("S", "000000", ""), "", gateway.Indeterminate, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{"SMZF003": c.charged, "SMZF006": c.found})
			r, err := newGateway().PayCode(t.Context(), s.account, codeCharge())
			if c.state == "" {
				wantKind(t, err, c.kind, c.signed)
			} else if err != nil || r.State != c.state || r.OutTradeNo != number {
				t.Fatalf("got %+v, %v; want %s", r, err, c.state)
			}
			if s.times("SMZF003") != 1 {
				t.Errorf("asked %d times", s.times("SMZF003"))
			}
		})
	}
}

// Whatever comes back for it, a payment code stays out of what may be logged or kept.
func TestThePaymentCodeIsNeverTold(t *testing.T) {
	for name, r := range map[string]reply{
		"in a code":         {text: said("E", authCode, `{}`)},
		"in words":          {text: strings.Replace(said("E", "9", `{}`), "文字", "付款码 "+authCode+" 无效", 1)},
		"in clear":          {whole: `{"respCode":"` + authCode + `","respMsg":"` + authCode + `"}`},
		"as another number": {text: said("S", "000000", `{"reqMsgId":"`+authCode+`"}`)},
		"as the time":       {text: strings.Replace(said("S", "000000", `{}`), "NOW", authCode, 1)},
		"as a merchant":     {text: said("S", "000000", `{"merchantCode":"`+authCode+`"}`)},
		"nothing":           {},
	} {
		s := script(t, map[string]reply{"SMZF003": r, "SMZF006": told("R", authCode, "")})
		report, err := newGateway().PayCode(t.Context(), s.account, codeCharge())
		if err == nil || strings.Contains(err.Error()+fmt.Sprintf("%+v %#v", report, err), authCode) {
			t.Errorf("%s: got %+v, %v", name, report, err)
		}
	}
	s := script(t, nil)
	c := codeCharge()
	c.Wallet = gateway.WalletUnionPay
	_, err := newGateway().PayCode(t.Context(), s.with("pay_way_unionpay", "-"), c)
	wantKind(t, err, gateway.Declined, true)
}

// Every code that third parties know, and every kind that a setting may give to another.
func TestCodes(t *testing.T) {
	kinds := "1=refused,2=paid,3=closed,4=absent,5=busy,6=unknown,7=paying,8=refused/code_expired," +
		"9=refused/code_used,10=refused/code_invalid," +
		"11=refused/limit_reached,12=refused/payer_refused,2068=refused/balance_low"
	for code, want := range map[string]struct {
		kind gateway.ErrorKind
		why  gateway.DeclineReason
	}{
		"000000": {"", ""}, "000090": {"", ""}, "200002": {"", ""}, "7": {"", ""},
		"1": {gateway.Declined, ""}, "2": {gateway.AlreadyPaidUpstream, ""}, "3": {gateway.AlreadyClosedUpstream, ""},
		"4": {gateway.NotFound, ""},
		"5": {gateway.TryLater, ""}, "8": {gateway.Declined, gateway.CodeExpired},
		"9":  {gateway.Declined, gateway.CodeUsed},
		"10": {gateway.Declined, gateway.CodeInvalid},
		"11": {gateway.Declined, gateway.LimitReached}, "12": {gateway.Declined, gateway.PayerDeclined},
		"2068": {gateway.Declined, gateway.BalanceLow},
		"6":    {gateway.Indeterminate, ""}, "13": {gateway.Indeterminate, ""},
	} {
		kind := "E"
		if strings.HasPrefix(code, "0000") {
			kind = "S"
		}
		s := script(t, map[string]reply{"SMZF003": {text: said(kind, code, `{}`)}, "SMZF006": told("R", "", "")})
		_, err := newGateway().PayCode(t.Context(), s.with("code_kinds", kinds), codeCharge())
		if want.kind == "" {
			if err != nil {
				t.Errorf("%s: got %v", code, err)
			}
			continue
		}
		e, ok := err.(*gateway.Error)
		if !ok || e.Kind != want.kind || e.Reason != want.why || !e.Signed || e.Code != code || e.Message != "文字" {
			t.Errorf("%s: got %#v, want %+v", code, err, want)
		}
	}
}
