package shengpay_test

import (
	"slices"
	"strings"
	"testing"

	"linlipay/payment"
)

// codes declares a profile of payment codes.
var codes = []string{"code_path", "/pay/authPay", "code_field", "authCode", "code_trade_type_wechat", "wx_scan",
	"code_trade_type_unionpay", "upacp_scan"}

const authCode = "134567890123456789"

func codeCharge() payment.Charge {
	ch := charge(payment.WalletWeChat, payment.Code)
	ch.AuthCode = authCode
	return ch
}

func TestCodesAreOfferedAsDeclared(t *testing.T) {
	s := script(t, nil)
	declared := gateway().Offers(s.with(codes...))
	for wallet, want := range map[payment.Wallet]bool{payment.WalletWeChat: true, payment.WalletAlipay: false,
		payment.WalletUnionPay: true} {
		way := payment.Way{Wallet: wallet, Method: payment.Code}
		if slices.Contains(declared, way) != want || slices.Contains(gateway().Offers(s.account), way) {
			t.Errorf("%s: offered %v", wallet, declared)
		}
		if ch := codeCharge(); !want {
			ch.Wallet = wallet
			_, err := gateway().PayCode(t.Context(), s.with(codes...), ch)
			failure(t, string(wallet), err, payment.Refused, true)
		}
	}
	_, err := gateway().PayCode(t.Context(), s.account, codeCharge())
	failure(t, "undeclared", err, payment.Refused, true)
	if len(s.asked) > 0 {
		t.Errorf("asked %v", s.asked)
	}
}

func TestPayCode(t *testing.T) {
	for status, state := range map[string]payment.TradeState{
		"PAY_SUCCESS": payment.TradePaid, "PAY_ING": payment.TradeUnpaid, "PAY_INIT": payment.TradeUnpaid,
		"PAY_FAIL": payment.TradeFailed, "": payment.TradeUnpaid,
	} {
		s := script(t,
			map[string]reply{"/pay/authPay": ok("outTradeNo", number, "status", status, "totalFee", "12345",
				"transactionId", "WP1", "tradeType", "wx_scan")})
		got, err := gateway().PayCode(t.Context(), s.with(codes...), codeCharge())
		if err != nil || got.State != state || got.OutTradeNo != number || got.Wallet != payment.WalletWeChat {
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
	if _, err := gateway().PayCode(t.Context(), s.with(append(codes, "code_in_extra", "yes")...),
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
		kind   payment.GatewayKind
		why    payment.Why
		signed bool
	}{
		{no("AUTH_CODE_INVALID", false), payment.Refused, payment.CodeInvalid, true},
		{no("AUTH_CODE_EXPIRE", false), payment.Refused, payment.CodeExpired, true},
		{no("AUTH_CODE_ERROR", false), payment.Refused, payment.CodeUsed, true},
		{no("BALANCE_NOT_ENOUGH", false), payment.Refused, payment.BalanceLow, true},
		{no("RULE_LIMIT", false), payment.Refused, payment.LimitReached, true},
		{no("NOT_SUPPORT_CARD", false), payment.Refused, payment.PayerRefused, true},
		{no("USERPAYING", false), payment.Busy, "", true}, {no("OUT_TRADE_NO_USED", false), payment.Unknown, "", true},
		{no("AUTH_CODE_INVALID", true), payment.Refused, payment.CodeInvalid, false},
		{reply{}, payment.Unknown, "", false},
		{ok("outTradeNo", number+"1", "status", "PAY_SUCCESS"), payment.Unknown, "", false},
		{ok("status", "PAY_SUCCESS"), payment.Unknown, "", false},
	} {
		s := script(t, map[string]reply{"/pay/authPay": c.answer})
		_, err := gateway().PayCode(t.Context(), s.with(codes...), codeCharge())
		if e := failure(t, c.answer.says["errorCode"], err, c.kind, c.signed); e.Why != c.why {
			t.Errorf("%v: why %q; want %q", c.answer, e.Why, c.why)
		}
	}
	for _, answer := range []reply{
		{status: 200, says: map[string]string{"returnCode": "FAIL", "returnMsg": "authCode " + authCode + " 无效",
			"errorCode": authCode}},
		ok("outTradeNo", authCode), {status: 200, body: authCode},
	} {
		s := script(t, map[string]reply{"/pay/authPay": answer})
		_, err := gateway().PayCode(t.Context(), s.with(codes...), codeCharge())
		if err == nil || strings.Contains(err.Error(), authCode) {
			t.Errorf("the payment code is told: %v", err)
		}
	}
}

// A reversal counts only when a query agrees: its answer does not say what it is about.
func TestReverse(t *testing.T) {
	charged := trade()
	charged.Wallet, charged.Method = payment.WalletWeChat, payment.Code
	for _, c := range []struct {
		status string
		kind   payment.GatewayKind
	}{{"CLOSED", ""}, {"PAY_FAIL", ""}, {"REFUND_SUCCESS", ""}, {"REFUND_ING", payment.Busy},
		{"PAY_SUCCESS", payment.Busy}, {"PAY_ING", payment.Busy}} {
		s := script(t,
			map[string]reply{reverse: ok("mchId", ""), query: ok("outTradeNo", number, "status", c.status, "totalFee",
				"12345", "transactionId", "WP1")})
		err := gateway().Reverse(t.Context(), s.account, charged)
		if c.kind == "" && err != nil {
			t.Errorf("%s: %v", c.status, err)
		} else if c.kind != "" {
			failure(t, c.status, err, c.kind, true)
		}
	}
	for code, kind := range map[string]payment.GatewayKind{
		"ORDER_NOT_EXIST": payment.Absent, "ORDER_STATUS_ERROR": payment.Refused, "SYSTEM_ERROR": payment.Busy,
		"ORDER_CLOSED": payment.AlreadyClosedUpstream,
	} {
		failure(t, code, gateway().Reverse(t.Context(), script(t, map[string]reply{reverse: no(code, false)}).account,
			charged), kind, true)
	}
	s := script(t, map[string]reply{reverse: ok("outTradeNo", number+"1"),
		query: ok("outTradeNo", number, "status", "CLOSED")})
	failure(t, "another order", gateway().Reverse(t.Context(), s.account, charged), payment.Unknown, false)

	// A charge that is booked and then given back stays a paid one.
	charged.PaidAt = clock()
	s = script(t,
		map[string]reply{query: ok("outTradeNo", number, "status", "REFUND_SUCCESS", "totalFee", "12345",
			"transactionId", "WP1")})
	if r, err := gateway().Query(t.Context(), s.account, charged); err != nil || r.State != payment.TradePaid {
		t.Errorf("%+v, %v", r, err)
	}
}
