package gatewaytest

import (
	"io"
	"log"
	"net/http"
	"reflect"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

func noticeTests() []test {
	need := []ability{orders}
	return []test{
		{"a notification that is answered with success is not sent again", need, noticeAccepted},
		{"a notification that is answered with a failure is sent again, alike", need, noticeAgain},
		{"a repeated notification says the same under the same id", need, noticeRepeated},
		{"a forged notification is not believed", need, noticeForged},
		{"a stale notification is not believed", need, noticeStale},
		{"a notification for another merchant is not believed", need, noticeOther},
		{"a notification of another amount says which", need, noticeAmount},
		{"a notification of which a byte was changed says nothing else", need, noticeTampered},
		{"fields in a notification that nobody documents are passed over", need, noticeFields},
		{"a message that is none is not believed", nil, noticeNone},
		{"a refund is notified", []ability{orders, refunds}, noticeRefund},
	}
}

// spoilt is the notification of a payment with a fault of the institution's.
func (s *suite) spoilt(t *testing.T, f sandbox.Fault) (*order, gateway.RawNotification) {
	t.Helper()
	w := s.main(t)
	o := s.open(t, w, 12345)
	if f != "" {
		s.Institutions.fault(t, sandbox.Script{Fault: f, OutTradeNo: o.charge.OutTradeNo, Operation: "pay"})
	}
	s.pay(t, o, wallets(w)[0])
	return o, s.inbox.next(t, o.charge.OutTradeNo)
}

func (s *suite) parse(t *testing.T, m gateway.RawNotification) (gateway.Notification, error) {
	t.Helper()
	return s.Gateway.Verify(t.Context(), s.Account, m, time.Now())
}

// disbelieved checks that a message is taken for a forgery, and that its answer is none of success.
func (s *suite) disbelieved(t *testing.T, m gateway.RawNotification) {
	t.Helper()
	n, err := s.parse(t, m)
	if kind(t, err) != gateway.Unauthentic {
		t.Fatalf("believed: %+v, %v", n, err)
	}
	if no, yes := s.Gateway.Acknowledge(err), s.Gateway.Acknowledge(nil); reflect.DeepEqual(no, yes) {
		t.Errorf("a forgery is answered with success: %+v", no)
	}
}

func noticeAccepted(t *testing.T, s *suite) {
	o, _ := s.spoilt(t, "")
	eventually(t, "the delivery", func() bool {
		deliveries := s.Institutions.deliveries(t, o.charge.OutTradeNo)
		return len(deliveries) == 1 && deliveries[0].Accepted
	})
}

func noticeAgain(t *testing.T, s *suite) {
	w := s.main(t)
	o := s.open(t, w, 12345)
	s.inbox.fail(o.charge.OutTradeNo, &gateway.Error{Kind: gateway.Indeterminate})
	s.pay(t, o, wallets(w)[0])
	first, err := s.parse(t, s.inbox.next(t, o.charge.OutTradeNo))
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.parse(t, s.inbox.next(t, o.charge.OutTradeNo))
	if err != nil || !reflect.DeepEqual(first, again) {
		t.Errorf("first %+v, then %+v, %v", first, again, err)
	}
	if deliveries := s.Institutions.deliveries(t, o.charge.OutTradeNo); deliveries[0].Accepted {
		t.Errorf("the institution takes a failure for success: %+v", deliveries[0])
	}
}

func noticeRepeated(t *testing.T, s *suite) {
	o, m := s.spoilt(t, sandbox.Repeated)
	first, err := s.parse(t, m)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		n, err := s.parse(t, s.inbox.next(t, o.charge.OutTradeNo))
		if err != nil || !reflect.DeepEqual(n, first) {
			t.Errorf("first %+v, then %+v, %v", first, n, err)
		}
	}
}

func noticeForged(t *testing.T, s *suite) {
	for _, f := range []sandbox.Fault{sandbox.Forged, sandbox.ProbeNotice} {
		t.Run(string(f), func(t *testing.T) {
			_, m := s.spoilt(t, f)
			s.disbelieved(t, m)
		})
	}
}

func noticeStale(t *testing.T, s *suite) {
	_, m := s.spoilt(t, sandbox.Stale)
	s.disbelieved(t, m)
	_, m = s.spoilt(t, "")
	for _, now := range []time.Time{time.Now().Add(10 * time.Minute), time.Now().Add(-10 * time.Minute)} {
		if n, err := s.Gateway.Verify(t.Context(), s.Account, m, now); kind(t, err) != gateway.Unauthentic {
			t.Errorf("believed ten minutes away: %+v, %v", n, err)
		}
	}
}

func noticeOther(t *testing.T, s *suite) {
	_, m := s.spoilt(t, sandbox.WrongMerchant)
	s.disbelieved(t, m)
	_, m = s.spoilt(t, "")
	if n, err := s.Gateway.Verify(t.Context(), s.Other, m, time.Now()); kind(t, err) != gateway.Unauthentic {
		t.Errorf("another merchant believes it: %+v, %v", n, err)
	}
}

// noticeAmount: the institution's signature is right, so what it says is told; whoever books compares it.
func noticeAmount(t *testing.T, s *suite) {
	o, m := s.spoilt(t, sandbox.WrongAmount)
	n, err := s.parse(t, m)
	if err != nil || n.Report.Amount != 12346 || n.Report.OutTradeNo != o.charge.OutTradeNo {
		t.Errorf("got %+v, %v; want 12346 fen", n, err)
	}
	s.want(t, o, gateway.TradePaid)
}

// noticeTampered changes the lowest bit of bytes all over a notification: its order number, amount and merchant among
// them.
func noticeTampered(t *testing.T, s *suite) {
	_, m := s.spoilt(t, "")
	honest, err := s.parse(t, m)
	if err != nil {
		t.Fatal(err)
	}
	for i := range m.Body {
		changed := gateway.RawNotification{Header: m.Header, Body: append([]byte{}, m.Body...)}
		changed.Body[i] ^= 1
		n, err := s.parse(t, changed)
		if err != nil && kind(t, err) != gateway.Unauthentic {
			t.Errorf("byte %d: %v", i, err)
		}
		if err == nil && !reflect.DeepEqual(n, honest) {
			t.Errorf("byte %d: a changed message was believed: %+v", i, n)
		}
	}
}

func noticeFields(t *testing.T, s *suite) {
	o, m := s.spoilt(t, sandbox.UnknownFields)
	n, err := s.parse(t, m)
	if err != nil || n.Kind != gateway.NotifyTrade {
		t.Fatalf("got %+v, %v", n, err)
	}
	s.sound(t, o, n.Report, gateway.TradePaid)
}

func noticeNone(t *testing.T, s *suite) {
	for _, body := range []string{"", "{}", "null", "[]", "a=1&a=2", "<xml/>", "\x00\xff",
		`{"out_trade_no":"1","sign":"x"}`} {
		for _, h := range []http.Header{nil, {"Authorization": {"x"}, "Content-Type": {"application/json"}}} {
			s.disbelieved(t, gateway.RawNotification{Header: h, Body: []byte(body)})
		}
	}
}

func noticeRefund(t *testing.T, s *suite) {
	o := s.paid(t, 12345)
	s.inbox.next(t, o.charge.OutTradeNo)
	r := s.back(o, "R01", 345)
	s.giveBack(t, r)
	n, err := s.parse(t, s.inbox.next(t, o.charge.OutTradeNo))
	if err != nil || n.Kind != gateway.NotifyRefund {
		t.Fatalf("got %+v, %v", n, err)
	}
	if got := n.Refund; got.OutTradeNo != o.charge.OutTradeNo || got.OutRefundNo != r.OutRefundNo ||
		got.State != gateway.RefundDone || got.Amount != 345 {
		t.Errorf("got %+v", got)
	}
}

// quiet is a log that nobody reads.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
