package gatewaytest

import (
	"context"
	"testing"

	"linlipay/payment/gateway"
)

// question is one thing that a gateway asks of its institution.
type question struct {
	name    string // as the institution's faults call it
	names   bool   // the answer names the order, so that another's can be told from it
	prepare func(*testing.T, *suite) *order
	ask     func(context.Context, *suite, gateway.Account, *order) (any, error)
	// what must hold whatever became of the answer, and how it goes on
	after func(*testing.T, *suite, *order)
	way   func(*suite) (gateway.PaymentMethod, bool) // by which the order is
}

// about is an order to ask about of which nothing is known.
func (q question) about(s *suite) *order {
	w, _ := q.way(s)
	o := s.fresh(w, 12345)
	o.charge.AuthCode = "134567890123456789"
	if w.Wallet == gateway.WalletAlipay {
		o.charge.AuthCode = "281234567890123456"
	}
	return o
}

// questions are those that the gateway asks.
func (s *suite) questions() (list []question) {
	for _, q := range []question{
		{"create", false, prepareFresh, askOpen, afterOpen, byMain},
		{"query", true, preparePaid, askQuery, afterQuery, byMain},
		{"close", false, prepareUnpaid, askClose, afterClose, byMain},
		{"code", true, prepareCode, askCode, afterCode, byFirstCode},
		{"reverse", true, prepareCharged, askReverse, afterReverse, byFirstCode},
		{"refund", true, preparePaid, askRefund, afterRefund, byRefund},
		{"refund_query", true, prepareRefunded, askRefunded, afterRefund, byRefund},
	} {
		if _, ok := q.way(s); ok {
			list = append(list, q)
		}
	}
	return list
}

func byMain(s *suite) (gateway.PaymentMethod, bool) {
	for _, w := range s.ways(remote) {
		if w.Method == gateway.Native {
			return w, true
		}
	}
	return gateway.PaymentMethod{}, false
}

func byFirstCode(s *suite) (gateway.PaymentMethod, bool) {
	if !s.able(codes) {
		return gateway.PaymentMethod{}, false
	}
	return s.ways(byCode)[0], true
}

func byRefund(s *suite) (gateway.PaymentMethod, bool) {
	w, ok := byMain(s)
	return w, ok && s.able(refunds)
}

func prepareFresh(t *testing.T, s *suite) *order  { return s.fresh(s.main(t), 12345) }
func preparePaid(t *testing.T, s *suite) *order   { return s.paid(t, 12345) }
func prepareUnpaid(t *testing.T, s *suite) *order { return s.unpaid(t) }

func prepareCode(t *testing.T, s *suite) *order {
	w, _ := byFirstCode(s)
	o := s.fresh(w, 12345)
	o.charge.AuthCode = s.Institutions.code(t, shown{Wallet: wallets(w)[0]})
	return o
}

func prepareCharged(t *testing.T, s *suite) *order {
	o := prepareCode(t, s)
	if _, err := s.chargeBy(t, o, o.charge.AuthCode); err != nil {
		t.Fatal(err)
	}
	return o
}

func prepareRefunded(t *testing.T, s *suite) *order {
	o := s.paid(t, 12345)
	s.giveBack(t, s.back(o, "R01", 345))
	return o
}

func askOpen(ctx context.Context, s *suite, a gateway.Account, o *order) (any, error) {
	return s.Gateway.Open(ctx, a, o.charge)
}

func askQuery(ctx context.Context, s *suite, a gateway.Account, o *order) (any, error) {
	return s.Gateway.Query(ctx, a, o.trade())
}

func askClose(ctx context.Context, s *suite, a gateway.Account, o *order) (any, error) {
	return nil, s.Gateway.Close(ctx, a, o.trade())
}

func askCode(ctx context.Context, s *suite, a gateway.Account, o *order) (any, error) {
	return s.Gateway.(gateway.CodePayer).PayCode(ctx, a, o.charge)
}

func askReverse(ctx context.Context, s *suite, a gateway.Account, o *order) (any, error) {
	return nil, s.Gateway.(gateway.CodePayer).Reverse(ctx, a, o.trade())
}

func askRefund(ctx context.Context, s *suite, a gateway.Account, o *order) (any, error) {
	return s.refunder().Refund(ctx, a, s.back(o, "R01", 345))
}

func askRefunded(ctx context.Context, s *suite, a gateway.Account, o *order) (any, error) {
	return s.refunder().QueryRefund(ctx, a, s.back(o, "R01", 345))
}

// afterOpen: the same order is opened again, and its money is taken once.
func afterOpen(t *testing.T, s *suite, o *order) {
	s.reopen(t, o)
	s.pay(t, o, wallets(s.main(t))[0])
	s.want(t, o, gateway.TradePaid)
}

func afterQuery(t *testing.T, s *suite, o *order) { s.want(t, o, gateway.TradePaid) }

// afterClose: asked again it is closed, and nothing can be paid.
func afterClose(t *testing.T, s *suite, o *order) {
	if err := s.Gateway.Close(t.Context(), s.Account, o.trade()); err != nil {
		wantKind(t, err, gateway.AlreadyClosedUpstream)
	}
	if s.Institutions.confirm(t, o.handle) {
		t.Error("it was paid all the same")
	}
	s.took(t, o, 0, 0)
}

// afterCode: a query tells what the lost answer would have.
func afterCode(t *testing.T, s *suite, o *order) {
	r, err := s.Gateway.Query(t.Context(), s.Account, o.trade())
	if err != nil {
		wantKind(t, err, gateway.NotFound)
		s.took(t, o, 0, 0)
		return
	}
	s.sound(t, o, r, gateway.TradePaid)
}

func afterReverse(t *testing.T, s *suite, o *order) {
	s.reverse(t, o)
	s.took(t, o, 12345, 12345)
}

// afterRefund: asked again under its number, the money goes back once.
func afterRefund(t *testing.T, s *suite, o *order) {
	s.giveBack(t, s.back(o, "R01", 345))
	s.took(t, o, 12345, 345)
}
