package ruiyinxin_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"linlipay/payment/gateway"
)

const refundNo = "202611251600000000000000R01"

func refundRequest() gateway.RefundRequest {
	return gateway.RefundRequest{Trade: trade(), OutRefundNo: refundNo, Amount: 2345, Total: 12345, Reason: "多收",
		NotifyURL: "http://127.0.0.1:1/refund"}
}

func TestRefundSendsWhatThirdPartiesKnow(t *testing.T) {
	s := script(t, map[string]reply{"SMZF004": {text: said("S", "000000", `{}`)}})
	r, err := newGateway().Refund(t.Context(), s.account, refundRequest())
	if err != nil || r.State != gateway.RefundDone || r.OutRefundNo != refundNo || r.OutTradeNo != number ||
		r.Amount != 2345 || r.DoneAt.IsZero() ||
		r.RefundID != "2026112542000001" {
		t.Fatalf("got %+v, %v", r, err)
	}
	q := s.sent(t, "SMZF004")
	want := map[string]any{"oriReqMsgId": number, "merchantCode": "M00000000000001", "refundAmount": "23.45"}
	if fmt.Sprint(q.fields) != fmt.Sprint(want) || q.form.Get("reqMsgId") != refundNo ||
		q.form.Get("callBack") != "http://127.0.0.1:1/refund" {
		t.Errorf("sent %v with %v", q.form, q.fields)
	}
}

func TestAnswersToARefund(t *testing.T) {
	no, lacks := reply{text: said("E", "9999", `{}`)}, reply{text: said("E", "6006", `{}`)}
	refunded := func(kind, code, more string) reply {
		return reply{text: said("S", "000000", `{"oriReqMsgId":"NUMBER","oriRespType":"`+kind+`","oriRespCode":"`+code+
			`"`+more+`}`)}
	}
	for name, c := range map[string]struct {
		asked, found reply
		state        gateway.RefundState
		kind         gateway.ErrorKind
		signed       bool
	}{
		"done": {reply{text: said("S", "000000", `{}`)}, reply{}, gateway.RefundDone, "", false},
		"done, naming the trade": {
			reply{text: said("S", "000000", `{"oriReqMsgId":"`+number+`","refundAmount":"23.45"}`)}, reply{},
			gateway.RefundDone, "", false},
		"done, naming the refund": {reply{text: said("S", "000000", `{"oriReqMsgId":"`+refundNo+`"}`)}, reply{},
			gateway.RefundDone, "", false},
		"done, naming another": {reply{text: said("S", "000000", `{"oriReqMsgId":"x"}`)}, reply{}, "",
			gateway.Indeterminate, false},
		"done, of another amount": {reply{text: said("S", "000000", `{"refundAmount":"123.45"}`)}, reply{}, "",
			gateway.Indeterminate, false},
		"done, unsigned": {reply{text: said("S", "000000", `{}`), unsigned: true}, reply{}, "",
			gateway.Indeterminate, false},
		"under way":        {reply{text: said("R", "", `{}`)}, reply{}, gateway.RefundProcessing, "", false},
		"no money, absent": {lacks, refunded("E", "4004", ""), "", gateway.Declined, true},
		"no money, failed": {lacks, refunded("E", "6006", ""), "", gateway.Declined, true},
		"no money, but it was done": {lacks, refunded("S", "000000", `,"refundAmount":"23.45"`), gateway.RefundDone, "",
			false},
		"no money, but it is on": {lacks, refunded("R", "", `,"totalAmount":"23.45"`), gateway.RefundProcessing, "",
			false},
		"no money, and silence": {lacks, reply{}, "", gateway.Indeterminate, false},
		"no money, an unsigned no": {lacks, reply{text: refunded("E", "4004", "").text, unsigned: true}, "",
			gateway.Indeterminate, false},
		"no money, unsigned": {reply{text: lacks.text, unsigned: true}, refunded("E", "4004", ""), "",
			gateway.Indeterminate, false},
		"a no, absent": {no, refunded("E", "4004", ""), "", gateway.Declined, true},
		"a no, failed": {no, refunded("E", "9999", ""), "", gateway.Declined, true},
		"a no, but it was done": {no, refunded("S", "000000", `,"totalAmount":"23.45"`), gateway.RefundDone, "",
			false},
		"a no, of an amount untold": {no, refunded("S", "000000", ""), "", gateway.Indeterminate, false},
		"a no, of the payment's": {no, refunded("S", "000000", `,"totalAmount":"123.45"`), "", gateway.Indeterminate,
			false},
		"a no, of another amount": {no, refunded("S", "000000", `,"refundAmount":"1.00"`), "", gateway.Indeterminate,
			false},
		"a no, and a no to that": {no, no, "", gateway.Indeterminate, false},
		"silence":                {reply{}, refunded("S", "000000", ""), "", gateway.Indeterminate, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{"SMZF004": c.asked, "SMZF006": c.found})
			r, err := newGateway().Refund(t.Context(), s.account, refundRequest())
			if c.state == "" {
				wantKind(t, err, c.kind, c.signed)
			} else if err != nil || r.State != c.state || r.Amount != 2345 || r.OutRefundNo != refundNo {
				t.Fatalf("got %+v, %v", r, err)
			}
			var e *gateway.Error
			if errors.As(err, &e) && e.Kind == gateway.Declined && strings.HasPrefix(name, "no money") &&
				e.Reason != gateway.MerchantBalance {
				t.Errorf("got %+v", e)
			}
			if s.times("SMZF004") != 1 {
				t.Errorf("asked %d times", s.times("SMZF004"))
			}
		})
	}
}

func TestQueryRefund(t *testing.T) {
	state := func(kind, code, more string) reply {
		return reply{text: said("S", "000000", `{"oriReqMsgId":"NUMBER","oriRespType":"`+kind+`","oriRespCode":"`+code+
			`"`+more+`}`)}
	}
	for name, c := range map[string]struct {
		reply
		state  gateway.RefundState
		kind   gateway.ErrorKind
		signed bool
	}{
		"done":                      {state("S", "000000", ""), gateway.RefundDone, "", false},
		"done, its own total":       {state("S", "000000", `,"totalAmount":"23.45"`), gateway.RefundDone, "", false},
		"done, the payment's total": {state("S", "", `,"totalAmount":"123.45"`), gateway.RefundDone, "", false},
		"done, another total":       {state("S", "", `,"totalAmount":"1.00"`), "", gateway.Indeterminate, false},
		"under way":                 {state("R", "", ""), gateway.RefundProcessing, "", false},
		"under way, by its code":    {state("E", "200002", ""), gateway.RefundProcessing, "", false},
		"failed":                    {state("E", "1", ""), gateway.RefundClosed, "", false},
		"failed with no failure":    {state("E", "000000", ""), "", gateway.Indeterminate, false},
		"absent":                    {state("E", "4004", ""), "", gateway.NotFound, true},
		"absent, by the question":   {reply{text: said("E", "4004", `{}`)}, "", gateway.NotFound, true},
		"of no number": {reply{text: said("S", "000000", `{"oriRespType":"S"}`)}, "", gateway.Indeterminate,
			false},
		"of the payment's number": {reply{text: said("S", "000000", `{"oriRespType":"S","oriReqMsgId":"`+number+`"}`)},
			"", gateway.Indeterminate, false},
		"no state": {state("", "", ""), "", gateway.Indeterminate, false},
		"unsigned": {reply{text: state("S", "000000", "").text, unsigned: true}, "", gateway.Indeterminate, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, map[string]reply{"SMZF006": c.reply})
			r, err := newGateway().QueryRefund(t.Context(), s.account, refundRequest())
			if c.state == "" {
				wantKind(t, err, c.kind, c.signed)
			} else if err != nil || r.State != c.state || r.Amount != 2345 || r.OutRefundNo != refundNo ||
				r.OutTradeNo != number {
				t.Fatalf("got %+v, %v", r, err)
			}
			if q := s.sent(t, "SMZF006"); q.fields["oriReqMsgId"] != refundNo {
				t.Errorf("asked for %v", q.fields)
			}
		})
	}
}

func TestACardIsNotRefundedHere(t *testing.T) {
	s := script(t, nil)
	r := refundRequest()
	r.Trade.Method = gateway.CardPresent
	_, err := newGateway().Refund(t.Context(), s.account, r)
	wantKind(t, err, gateway.Declined, true)
	_, err = newGateway().QueryRefund(t.Context(), s.account, r)
	wantKind(t, err, gateway.NotFound, true)
	r.Void = true
	_, err = newGateway().QueryRefund(t.Context(), s.account, r)
	wantKind(t, err, gateway.Indeterminate, false)
	if len(s.asked) > 0 {
		t.Error("the institution was asked")
	}
}
