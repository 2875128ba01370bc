package shengpay_test

import (
	"reflect"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

const refundNumber = "202611251200000000000001R01"

func refundRequest() gateway.RefundRequest {
	return gateway.RefundRequest{
		Trade: trade(), OutRefundNo: refundNumber, Amount: 345, Total: 12345, Reason: "多收",
		NotifyURL: "https://pay.example.com/n/1",
	}
}

func TestRefundStates(t *testing.T) {
	at := time.Date(2026, 11, 25, 4, 1, 2, 0, time.UTC)
	for status, state := range map[string]gateway.RefundState{
		"": gateway.RefundProcessing, "REFUND_INIT": gateway.RefundProcessing, "REFUND_ING": gateway.RefundProcessing,
		"REFUND_SUCCESS": gateway.RefundDone,
		"REFUND_FAIL":    gateway.RefundClosed, "REFUND_CLOSE": gateway.RefundClosed,
		"REFUND_CLOSED": gateway.RefundClosed,
		"CHANGE":        gateway.RefundAbnormal,
	} {
		answer := ok("outTradeNo", number, "outRefundNo", refundNumber, "refundId", "RF1", "refundFee", "345",
			"refundStatus", status, "timeEnd", "20261125120102")
		s := script(t, map[string]reply{refund: answer, refunds: answer})
		want := gateway.RefundReport{OutTradeNo: number, OutRefundNo: refundNumber, RefundID: "RF1", State: state,
			Amount: 345, Raw: status}
		if status == "" {
			want.Raw = "REFUND_INIT"
		}
		if state == gateway.RefundDone {
			want.DoneAt = at
		}
		got, err := newGateway().Refund(t.Context(), s.account, refundRequest())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", status, got, err)
		}
		if _, f := s.last(t); f["outTradeNo"] != number || f["outRefundNo"] != refundNumber ||
			f["refundFee"] != "345" || f["refundDesc"] != "多收" ||
			f["notifyUrl"] != "https://pay.example.com/n/1" {
			t.Errorf("asked with %v", f)
		}
		if got, err = newGateway().QueryRefund(t.Context(), s.account, refundRequest()); err != nil ||
			!reflect.DeepEqual(got, want) {
			t.Errorf("query, %s: %+v, %v", status, got, err)
		}
	}
}

// Where there is no reason, none is sent: no other word stands for it.
func TestARefundWithoutAReason(t *testing.T) {
	answer := ok("outTradeNo", number, "outRefundNo", refundNumber, "refundFee", "345", "refundStatus", "REFUND_ING")
	for reason, want := range map[string]string{"": "", "多收": "多收", "重复缴费": "重复缴费"} {
		s := script(t, map[string]reply{refund: answer})
		r := refundRequest()
		r.Reason = reason
		if _, err := newGateway().Refund(t.Context(), s.account, r); err != nil {
			t.Fatal(err)
		}
		_, f := s.last(t)
		if told, sent := f["refundDesc"]; told != want || sent != (want != "") {
			t.Errorf("%q is sent as %q, %t", reason, told, sent)
		}
	}
}

// Older versions call our number refundOrderNo.
func TestRefundsOfOlderVersions(t *testing.T) {
	answer := ok("refundOrderNo", refundNumber, "refundStatus", "REFUND_BACK")
	s := script(t, map[string]reply{refund: answer, refunds: answer})
	a := s.with("refund_number_field", "refundOrderNo", "refund_states", "REFUND_BACK=stuck")
	for what, ask := range map[string]func() (gateway.RefundReport, error){
		"refund": func() (gateway.RefundReport, error) { return newGateway().Refund(t.Context(), a, refundRequest()) },
		"query": func() (gateway.RefundReport, error) {
			return newGateway().QueryRefund(t.Context(), a, refundRequest())
		},
	} {
		r, err := ask()
		if _, f := s.last(t); err != nil || r.State != gateway.RefundAbnormal || r.OutRefundNo != refundNumber ||
			f["refundOrderNo"] != refundNumber || f["outRefundNo"] != "" {
			t.Errorf("%s: %+v, %v, asked with %v", what, r, err, f)
		}
	}
}

func TestRefundsThatAreNotBelieved(t *testing.T) {
	good := []string{"outTradeNo", number, "outRefundNo", refundNumber, "refundStatus", "REFUND_SUCCESS", "refundFee",
		"345"}
	for _, change := range [][]string{
		{"outTradeNo", number + "1"}, {"outRefundNo", refundNumber + "1"}, {"refundOrderNo", "x"}, {"refundFee", "346"},
		{"refundFee", "3.45"}, {"refundStatus", "DONE"}, {"mchId", "1"},
	} {
		s := script(t, map[string]reply{"": ok(append(good[:len(good):len(good)], change...)...)})
		_, err := newGateway().Refund(t.Context(), s.account, refundRequest())
		failure(t, change[0], err, gateway.Indeterminate, false)
		_, err = newGateway().QueryRefund(t.Context(), s.account, refundRequest())
		failure(t, change[0], err, gateway.Indeterminate, false)
	}
	s := script(t, map[string]reply{refunds: ok("refundStatus", "REFUND_SUCCESS")})
	_, err := newGateway().QueryRefund(t.Context(), s.account, refundRequest())
	failure(t, "of nothing", err, gateway.Indeterminate, false)
}

// A refusal counts only when the institution knows no such refund.
func TestARefusedRefundIsLookedUp(t *testing.T) {
	refuse := no("REFUND_FEE_EXCEED", false)
	found := script(t,
		map[string]reply{refund: refuse, refunds: ok("outRefundNo", refundNumber, "refundStatus", "REFUND_ING")})
	if r, err := newGateway().Refund(t.Context(), found.account, refundRequest()); err != nil ||
		r.State != gateway.RefundProcessing {
		t.Errorf("taken before: %+v, %v", r, err)
	}
	for name, c := range map[string]struct {
		query  reply
		kind   gateway.ErrorKind
		signed bool
	}{
		"none":     {no("REFUND_NOT_EXIST", false), gateway.Declined, true},
		"unsigned": {no("REFUND_NOT_EXIST", true), gateway.Indeterminate, false},
		"silence":  {reply{}, gateway.Indeterminate, false}, "busy": {no("SYSTEM_ERROR", false), gateway.Indeterminate,
			false},
	} {
		s := script(t, map[string]reply{refund: refuse, refunds: c.query})
		_, err := newGateway().Refund(t.Context(), s.account, refundRequest())
		failure(t, name, err, c.kind, c.signed)
	}
}

func TestCardsAreNotRefundedHere(t *testing.T) {
	s := script(t, nil)
	r := refundRequest()
	r.Trade.Method = gateway.CardPresent
	_, err := newGateway().Refund(t.Context(), s.account, r)
	failure(t, "refund", err, gateway.Declined, true)
	_, err = newGateway().QueryRefund(t.Context(), s.account, r)
	failure(t, "query", err, gateway.NotFound, true)
	if len(s.asked) > 0 {
		t.Errorf("asked %v", s.asked)
	}
}
