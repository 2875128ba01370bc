package shengpay_test

import (
	"slices"
	"strings"
	"testing"

	"linlipay/payment/gateway"
)

// codes declares a profile of payment codes.
var codes = []string{"code_path", "/pay/authPay", "code_field", "authCode", "code_trade_type_wechat", "wx_scan",
	"code_trade_type_unionpay", "upacp_scan"}

const authCode = "134567890123456789"

func codeCharge() gateway.Charge {
	ch := charge(gateway.WalletWeChat, gateway.CodePresented)
	ch.AuthCode = authCode
	return ch
}

func TestCodesAreOfferedAsDeclared(t *testing.T) {
	s := script(t, nil)
	declared := newGateway().Offers(s.with(codes...))
	for wallet, want := range map[gateway.Wallet]bool{gateway.WalletWeChat: true, gateway.WalletAlipay: false,
		gateway.WalletUnionPay: true} {
		way := gateway.PaymentMethod{Wallet: wallet, Method: gateway.CodePresented}
		if slices.Contains(declared, way) != want || slices.Contains(newGateway().Offers(s.account), way) {
			t.Errorf("%s: offered %v", wallet, declared)
		}
		if ch := codeCharge(); !want {
			ch.Wallet = wallet
			_, err := newGateway().PayCode(t.Context(), s.with(codes...), ch)
			failure(t, string(wallet), err, gateway.Declined, true)
		}
	}
	_, err := newGateway().PayCode(t.Context(), s.account, codeCharge())
	failure(t, "undeclared", err, gateway.Declined, true)
	if len(s.asked) > 0 {
		t.Errorf("asked %v", s.asked)
	}
}

func TestPayCode(t *testing.T) {
	for status, state := range map[string]gateway.TradeState{
		"PAY_SUCCESS": gateway.TradePaid, "PAY_ING": gateway.TradeUnpaid, "PAY_INIT": gateway.TradeUnpaid,
		"PAY_FAIL": gateway.TradeFailed, "": gateway.TradeUnpaid,
	} {
		s := script(t,
			map[string]reply{"/pay/authPay": ok("outTradeNo", number, "status", status, "totalFee", "12345",
				"transactionId", "WP1", "tradeType", "wx_scan")})
		got, err := newGateway().PayCode(t.Context(), s.with(codes...), codeCharge())
		if err != nil || got.State != state || got.OutTradeNo != number || got.Wallet != gateway.WalletWeChat {
			t.Errorf("%s: %+v, %v", status, got, err)
		}
		if status == "" { // then the order is asked about
			continue
		}
		if _, f := s.last(t); f["authCode"] != authCode || f["tradeType"] != "wx_scan" || f["extra"] != "" ||
			f["totalFee"] != "12345" {
			t.Errorf("asked with %v", f)
		}
	}
	s := script(t, map[string]reply{"": ok("outTradeNo", number, "status", "PAY_ING")})
	if _, err := newGateway().PayCode(t.Context(), s.with(append(codes, "code_in_extra", "yes")...),
		codeCharge()); err != nil {
		t.Error(err)
	}
	if _, f := s.last(t); f["extra"] != `{"authCode":"`+authCode+`"}` || f["authCode"] != "" {
		t.Errorf("asked with %v", f)
	}
}

func TestPayCodeFailures(t *testing.T) {
	for _, c := range []struct {
		answer reply
		kind   gateway.ErrorKind
		why    gateway.DeclineReason
		signed bool
	}{
		{no("AUTH_CODE_INVALID", false), gateway.Declined, gateway.CodeInvalid, true},
		{no("AUTH_CODE_EXPIRE", false), gateway.Declined, gateway.CodeExpired, true},
		{no("AUTH_CODE_ERROR", false), gateway.Declined, gateway.CodeUsed, true},
		{no("BALANCE_NOT_ENOUGH", false), gateway.Declined, gateway.BalanceLow, true},
		{no("RULE_LIMIT", false), gateway.Declined, gateway.LimitReached, true},
		{no("NOT_SUPPORT_CARD", false), gateway.Declined, gateway.PayerDeclined, true},
		{no("USERPAYING", false), gateway.TryLater, "", true}, {no("OUT_TRADE_NO_USED", false), gateway.Indeterminate,
			"", true},
		{no("AUTH_CODE_INVALID", true), gateway.Declined, gateway.CodeInvalid, false},
		{reply{}, gateway.Indeterminate, "", false},
		{ok("outTradeNo", number+"1", "status", "PAY_SUCCESS"), gateway.Indeterminate, "", false},
		{ok("status", "PAY_SUCCESS"), gateway.Indeterminate, "", false},
	} {
		s := script(t, map[string]reply{"/pay/authPay": c.answer})
		_, err := newGateway().PayCode(t.Context(), s.with(codes...), codeCharge())
		if e := failure(t, c.answer.says["errorCode"], err, c.kind, c.signed); e.Reason != c.why {
			t.Errorf("%v: why %q; want %q", c.answer, e.Reason, c.why)
		}
	}
	for _, answer := range []reply{
		{status: 200, says: map[string]string{"returnCode": "FAIL", "returnMsg": "authCode " + authCode + " 无效",
			"errorCode": authCode}},
		ok("outTradeNo", authCode), {status: 200, body: authCode},
	} {
		s := script(t, map[string]reply{"/pay/authPay": answer})
		_, err := newGateway().PayCode(t.Context(), s.with(codes...), codeCharge())
		if err == nil || strings.Contains(err.Error(), authCode) {
			t.Errorf("the payment code is told: %v", err)
		}
	}
}

// A reversal counts only when a query agrees: its answer does not say what it is about.
func TestReverse(t *testing.T) {
	charged := trade()
	charged.Wallet, charged.Method = gateway.WalletWeChat, gateway.CodePresented
	for _, c := range []struct {
		status string
		kind   gateway.ErrorKind
	}{{"CLOSED", ""}, {"PAY_FAIL", ""}, {"REFUND_SUCCESS", ""}, {"REFUND_ING", gateway.TryLater},
		{"PAY_SUCCESS", gateway.TryLater}, {"PAY_ING", gateway.TryLater}} {
		s := script(t,
			map[string]reply{reverse: ok("mchId", ""), query: ok("outTradeNo", number, "status", c.status, "totalFee",
				"12345", "transactionId", "WP1")})
		err := newGateway().Reverse(t.Context(), s.account, charged)
		if c.kind == "" && err != nil {
			t.Errorf("%s: %v", c.status, err)
		} else if c.kind != "" {
			failure(t, c.status, err, c.kind, true)
		}
	}
	for code, kind := range map[string]gateway.ErrorKind{
		"ORDER_NOT_EXIST": gateway.NotFound, "ORDER_STATUS_ERROR": gateway.Declined, "SYSTEM_ERROR": gateway.TryLater,
		"ORDER_CLOSED": gateway.AlreadyClosedUpstream,
	} {
		failure(t, code,
			newGateway().Reverse(t.Context(), script(t, map[string]reply{reverse: no(code, false)}).account,
				charged), kind, true)
	}
	s := script(t, map[string]reply{reverse: ok("outTradeNo", number+"1"),
		query: ok("outTradeNo", number, "status", "CLOSED")})
	failure(t, "another order", newGateway().Reverse(t.Context(), s.account, charged), gateway.Indeterminate, false)

	// A charge that is booked and then given back stays a paid one.
	charged.PaidAt = clock()
	s = script(t,
		map[string]reply{query: ok("outTradeNo", number, "status", "REFUND_SUCCESS", "totalFee", "12345",
			"transactionId", "WP1")})
	if r, err := newGateway().Query(t.Context(), s.account, charged); err != nil || r.State != gateway.TradePaid {
		t.Errorf("%+v, %v", r, err)
	}
}
