package gatewaytest

import (
	"net/http"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

func refundTests() []test {
	need := []ability{orders, refunds}
	return []test{
		{"parts and then the rest are given back to the fen", need, refundParts},
		{"a refund asked for again under its number is one refund", need, refundAgain},
		{"more than is left is not given back", need, refundTooMuch},
		{"a number is not reused for another amount", need, refundOther},
		{"a refund that nobody asked for is absent", need, refundAbsent},
		{"what is not paid is not given back", need, refundUnpaid},
		{"a merchant who lacks the money is told so", need, refundPoor},
		{"a refund on its way says so until it is done", need, refundSlow},
		{"a payment by code is given back", []ability{codes, refunds}, refundOfCode},
		{"money that the institution gave back by itself was paid first", need, refundHere},
		{"all that the institution gave back by itself is told", need, refundHereTold},
	}
}

// back is a request to give an amount of an order back.
func (s *suite) back(o *order, no string, amount money.Fen) gateway.RefundRequest {
	return gateway.RefundRequest{
		Trade: o.trade(), OutRefundNo: o.charge.OutTradeNo[:24] + no, Amount: amount, Total: o.charge.Amount,
		Reason:    "多收退回",
		NotifyURL: o.charge.NotifyURL, RequestedAt: time.Now(),
	}
}

func (s *suite) refunder() gateway.Refunder { return s.Gateway.(gateway.Refunder) }

// giveBack gives an amount back and waits until the institution says that it has gone.
func (s *suite) giveBack(t *testing.T, r gateway.RefundRequest) gateway.RefundReport {
	t.Helper()
	got, err := s.refunder().Refund(t.Context(), s.Account, r)
	if err != nil {
		t.Fatalf("refund: %v", err)
	}
	return s.gone(t, r, got)
}

// gone asks until the institution says that a refund has gone.
func (s *suite) gone(t *testing.T, r gateway.RefundRequest, got gateway.RefundReport) gateway.RefundReport {
	t.Helper()
	eventually(t, "the refund", func() bool {
		if got.OutTradeNo != r.Trade.OutTradeNo || got.OutRefundNo != r.OutRefundNo || got.Amount != r.Amount {
			t.Fatalf("asked for %d fen as %s of %s, told of %+v", r.Amount, r.OutRefundNo, r.Trade.OutTradeNo, got)
		}
		if got.State == gateway.RefundDone {
			return true
		}
		if got.State != gateway.RefundProcessing {
			t.Fatalf("the refund is %s (%s)", got.State, got.Raw)
		}
		var err error
		if got, err = s.refunder().QueryRefund(t.Context(), s.Account, r); err != nil {
			t.Fatalf("query refund: %v", err)
		}
		return false
	})
	return got
}

func refundParts(t *testing.T, s *suite) {
	for _, w := range s.ways(remote) {
		t.Run(wayName(w), func(t *testing.T) { s.parts(t, s.paidBy(t, w, 12345)) })
	}
}

// parts gives an order of 123.45 yuan back in three parts.
func (s *suite) parts(t *testing.T, o *order) {
	var back money.Fen
	for no, amount := range map[string]money.Fen{"R01": 1, "R02": 12000, "R03": 344} {
		s.giveBack(t, s.back(o, no, amount))
		back += amount
		s.took(t, o, 12345, back)
		if _, err := s.refunder().QueryRefund(t.Context(), s.Account, s.back(o, no, amount)); err != nil {
			t.Errorf("query of refund %s: %v", no, err)
		}
		s.want(t, o, gateway.TradePaid)
	}
}

func refundAgain(t *testing.T, s *suite) {
	o := s.paid(t, 12345)
	r := s.back(o, "R01", 2345)
	for range 3 {
		s.giveBack(t, r)
	}
	if books := s.Institutions.ledger(t, o.charge.OutTradeNo); books.refunds != 1 || books.back != 2345 {
		t.Errorf("the institution %v; want one refund of 2345 fen", books)
	}
}

func refundTooMuch(t *testing.T, s *suite) {
	o := s.paid(t, 12345)
	_, err := s.refunder().Refund(t.Context(), s.Account, s.back(o, "R01", 12346))
	wantKind(t, err, gateway.Declined)
	s.giveBack(t, s.back(o, "R02", 12000))
	_, err = s.refunder().Refund(t.Context(), s.Account, s.back(o, "R03", 346))
	wantKind(t, err, gateway.Declined)
	s.took(t, o, 12345, 12000)
}

func refundOther(t *testing.T, s *suite) {
	o := s.paid(t, 12345)
	s.giveBack(t, s.back(o, "R01", 100))
	got, err := s.refunder().Refund(t.Context(), s.Account, s.back(o, "R01", 200))
	if err == nil {
		t.Errorf("the number of a refund of 100 fen was taken for 200: %+v", got)
	}
	kind(t, err)
	s.took(t, o, 12345, 100)
}

func refundAbsent(t *testing.T, s *suite) {
	_, err := s.refunder().QueryRefund(t.Context(), s.Account, s.back(s.paid(t, 12345), "R01", 100))
	wantKind(t, err, gateway.NotFound)
}

func refundUnpaid(t *testing.T, s *suite) {
	o := s.unpaid(t)
	_, err := s.refunder().Refund(t.Context(), s.Account, s.back(o, "R01", 100))
	wantKind(t, err, gateway.Declined, gateway.NotFound)
	s.took(t, o, 0, 0)
}

func refundPoor(t *testing.T, s *suite) {
	o := s.paid(t, 12345)
	r := s.back(o, "R01", 100)
	s.Institutions.fault(t, sandbox.Script{Fault: sandbox.MerchantBalanceLow, OutTradeNo: o.charge.OutTradeNo,
		Operation: "refund"})
	_, err := s.refunder().Refund(t.Context(), s.Account, r)
	wantKind(t, err, gateway.Declined)
	if why := failure(t, err).Reason; why != gateway.MerchantBalance {
		t.Errorf("the reason is %q", why)
	}
	s.took(t, o, 12345, 0)
	s.giveBack(t, r)
	s.took(t, o, 12345, 100)
}

// refundSlow: an institution may know nothing of a refund that is on its way.
func refundSlow(t *testing.T, s *suite) {
	o := s.paid(t, 12345)
	r := s.back(o, "R01", 100)
	s.Institutions.fault(t, sandbox.Script{Fault: sandbox.RefundSlow, OutTradeNo: o.charge.OutTradeNo,
		Operation: "refund"})
	got, err := s.refunder().Refund(t.Context(), s.Account, r)
	if err != nil || got.State != gateway.RefundProcessing {
		if err == nil || kind(t, err) == gateway.Declined || kind(t, err) == gateway.Unreachable {
			t.Fatalf("a refund on its way: %+v, %v", got, err)
		}
	}
	s.took(t, o, 12345, 0)
	s.Institutions.settle(t, r.OutRefundNo)
	if got, err = s.refunder().QueryRefund(t.Context(), s.Account, r); err != nil {
		t.Fatal(err)
	}
	s.gone(t, r, got)
	s.took(t, o, 12345, 100)
}

func refundOfCode(t *testing.T, s *suite) {
	s.eachCode(t, func(t *testing.T, w gateway.PaymentMethod) {
		o, _, err := s.charged(t, w, 12345, shown{})
		if err != nil {
			t.Fatal(err)
		}
		s.giveBack(t, s.back(o, "R01", 12345))
		s.took(t, o, 12345, 12345)
	})
}

// refundHere: what a query says of the amount, where it says anything, is what went back (see sound).
func refundHere(t *testing.T, s *suite) {
	o := s.paid(t, 12345)
	for _, amount := range []money.Fen{2345, 0} {
		s.Institutions.refundHere(t, o.handle, amount)
		s.want(t, o, gateway.TradePaid)
	}
	s.took(t, o, 12345, 12345)
	if s.Institutions.call(t, "POST", "/payments/"+o.handle+"/refund", nil, nil) == http.StatusOK {
		t.Error("the institution's page gives back what is not there any more")
	}
}

func refundHereTold(t *testing.T, s *suite) {
	o := s.paid(t, 12345)
	s.Institutions.refundHere(t, o.handle, 0)
	if r := s.want(t, o, gateway.TradePaid); r.Returned == gateway.ReturnedNothing {
		t.Errorf("a payment that went back whole is told as %+v", r)
	}
}
