package lakala_test

import (
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
)

const (
	frontTaken = `{"trade_state":"PROCESSING","refund_type":"00","merchant_no":"82229007392000A",` +
		`"out_trade_no":"R1","trade_no":"2026112566160003670036",` +
		`"log_no":"66160003670036","total_amount":"12345","refund_amount":"345","payer_amount":"345",` +
		`"origin_trade_no":"2026112566210002570007",` +
		`"channel_ret_desc":"RFD00000#成功"}`
	frontBack = `{"out_trade_no":"R1","trade_time":"20261125155959","trade_state":"SUCCESS",` +
		`"trade_no":"2026112566160003670036","log_no":"66160003670036",` +
		`"refund_amount":"345","payer_amount":"345","channel_ret_desc":"RFD00000#成功",` +
		`"origin_trade_no":"2026112566210002570007","origin_total_amount":"12345"}`
)

// front is a scripted institution for an account that gives back through the newer front.
func front(t *testing.T, replies map[string]reply) *scripted {
	s := script(t, replies)
	s.account.Settings["refund_front"], s.account.Settings["code_kinds"] = "1", "BBS11114=absent"
	return s
}

func TestRefundThroughTheFrontSendsWhatItRequires(t *testing.T) {
	s := front(t, map[string]reply{refundFront: {body: okay(frontTaken)}, queryFront: {body: fail("RFD11112")}})
	request := scanRequest()
	request.NotifyURL = "https://example.com/callbacks/lakala/a"
	if r, err := newGateway().Refund(t.Context(), s.account, request); err != nil ||
		r.State != gateway.RefundProcessing || r.RefundID != "2026112566160003670036" {
		t.Fatalf("got %+v, %v", r, err)
	}
	same(t, s.asked[0].data,
		`{"merchant_no":"82229007392000A","term_no":"D9296400","out_trade_no":"R1","refund_amount":"345",
		"refund_reason":"`+strings.Repeat("多收", 16)+
			`","origin_trade_no":"2026112566210002570007","origin_log_no":"66210002570007",
		"location_info":{"request_ip":"127.0.0.1"},"notify_url":"https://example.com/callbacks/lakala/a"}`)
	same(t, s.last(queryFront), `{"merchant_no":"82229007392000A","term_no":"D9296400","out_trade_no":"R1"}`)
	s = front(t, map[string]reply{refundFront: {body: okay(frontTaken)},
		queryFront: {body: okay(strings.ReplaceAll(frontBack, "2026112566210002570007", "K1"))}})
	card := cardRequest()
	if r, err := newGateway().Refund(t.Context(), s.account, card); err == nil {
		t.Errorf("the refund of another payment is believed: %+v", r)
	}
}

func TestStatesOfARefundThroughTheFront(t *testing.T) {
	for word, state := range map[string]gateway.RefundState{
		"INIT": gateway.RefundProcessing, "DEAL": gateway.RefundProcessing, "PROCESSING": gateway.RefundProcessing,
		"TIMEOUT": gateway.RefundProcessing,
		"SUCCESS": gateway.RefundDone, "FAIL": gateway.RefundClosed, "EXCEPTION": gateway.RefundAbnormal,
	} {
		s := front(t, map[string]reply{queryFront: {body: okay(strings.Replace(frontBack, "SUCCESS", word, 1))}})
		r, err := newGateway().QueryRefund(t.Context(), s.account, scanRequest())
		if err != nil || r.State != state || r.Amount != 345 || r.Raw != word ||
			r.DoneAt.IsZero() == (state == gateway.RefundDone) {
			t.Errorf("%s: got %+v, %v", word, r, err)
		}
		body := strings.Replace(strings.Replace(frontBack, "SUCCESS", word, 1), "{",
			`{"merchant_no":"82229007392000A","origin_out_trade_no":"`+number+`",`, 1)
		n, err := newGateway().Verify(t.Context(), s.account, signedNotice(body), now())
		if err != nil || n.Kind != gateway.NotifyRefund || n.Refund.OutRefundNo != "R1" ||
			n.Refund.OutTradeNo != number || n.Refund.State != state || n.Refund.Amount != 345 {
			t.Errorf("%s: the notification is %+v, %v", word, n, err)
		}
	}
}

// A refund that the front does not know may have been asked for before the account was changed: there is none only
// where the older product knows none either.
func TestARefundFromBeforeTheFront(t *testing.T) {
	for name, c := range map[string]struct {
		front, labs reply
		state       gateway.RefundState
		kind        gateway.ErrorKind
	}{
		"known to the front": {reply{body: okay(frontBack)}, reply{body: fail("BBS11114")}, gateway.RefundDone,
			""},
		"known to labs":          {reply{body: fail("BBS11114")}, reply{body: ok(scanBack)}, gateway.RefundDone, ""},
		"known to neither":       {reply{body: fail("BBS11114")}, reply{body: fail("BBS11114")}, "", gateway.NotFound},
		"no word of the front's": {reply{body: fail("RFD11112")}, reply{body: fail("BBS11114")}, "", gateway.TryLater},
		"no word of labs'":       {reply{body: fail("BBS11114")}, reply{body: fail("BBS00100")}, "", gateway.TryLater},
		"a front that is unsigned": {reply{body: fail("BBS11114"), unsigned: true}, reply{body: ok(scanBack)}, "",
			gateway.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			s := front(t, map[string]reply{queryFront: c.front, tradequery: c.labs})
			r, err := newGateway().QueryRefund(t.Context(), s.account, scanRequest())
			if c.kind != "" {
				wantKind(t, err, c.kind, !c.front.unsigned)
				return
			}
			if err != nil || r.State != c.state || r.Amount != 345 {
				t.Errorf("got %+v, %v", r, err)
			}
		})
	}
}

// Nobody knows the amount of a refund that a person made at the institution before it tells.
func TestQueryOfARefundThatIsNotOurs(t *testing.T) {
	request := scanRequest()
	request.Amount, request.Foreign = 0, true
	for name, c := range map[string]struct {
		settings string
		replies  map[string]reply
	}{
		"labs":  {"0", map[string]reply{tradequery: {body: ok(scanBack)}}},
		"front": {"1", map[string]reply{queryFront: {body: okay(frontBack)}}},
	} {
		s := front(t, c.replies)
		s.account.Settings["refund_front"] = c.settings
		r, err := newGateway().QueryRefund(t.Context(), s.account, request)
		if err != nil || r.State != gateway.RefundDone || r.Amount != 345 ||
			r.DoneAt != time.Date(2026, 11, 25, 7, 59, 59, 0, time.UTC) {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
	}
	s := script(t, map[string]reply{tradequery: {body: ok(strings.ReplaceAll(scanBack, `"345"`, `"12346"`))}})
	if r, err := newGateway().QueryRefund(t.Context(), s.account, request); err == nil {
		t.Errorf("more than was paid is believed: %+v", r)
	}
}

// The number of a refund is documented for scans only: of a card the payment that it names stands for it.
func TestARefundOfACardThroughTheFrontWithoutItsNumber(t *testing.T) {
	unnamed := strings.Replace(frontBack, `"out_trade_no":"R1",`, "", 1)
	s := front(t, map[string]reply{queryFront: {body: okay(strings.ReplaceAll(unnamed, "2026112566210002570007",
		"K1"))}})
	if r, err := newGateway().QueryRefund(t.Context(), s.account, cardRequest()); err != nil ||
		r.State != gateway.RefundDone || r.OutRefundNo != "R1" {
		t.Errorf("got %+v, %v", r, err)
	}
	for _, request := range []gateway.RefundRequest{scanRequest(), cardRequest()} {
		s := front(t, map[string]reply{queryFront: {body: okay(unnamed)}})
		_, err := newGateway().QueryRefund(t.Context(), s.account, request)
		wantKind(t, err, gateway.Indeterminate, false)
	}
}

func TestTheSettingOfTheFront(t *testing.T) {
	a := account("https://example.com")
	for value, good := range map[string]bool{"": true, "0": true, "1": true, "2": false, "yes": false} {
		a.Settings["refund_front"] = value
		if err := newGateway().Check(a); (err == nil) != good {
			t.Errorf("refund_front %q: %v", value, err)
		}
	}
}
