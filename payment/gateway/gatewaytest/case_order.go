package gatewaytest

import (
	"errors"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

func orderTests() []test {
	need := []ability{orders}
	return []test{
		{"every way offered is opened, paid, told and in the ledger to the fen", need, everyWay},
		{"an order opened again takes the money once", need, openedAgain},
		{"a way that is not offered is refused", nil, notOffered},
		{"a query tells each state", need, everyState},
		{"an order that nobody opened is absent", need, absent},
		{"what is closed is not paid", need, closedThenPaid},
		{"what is paid is not closed", need, paidThenClosed},
		{"a payment after the close is told", need, paidLate},
	}
}

// amounts are one fen, a sum in which no digit is zero, and what a yuan amount would round or cut.
func amounts() []money.Fen { return []money.Fen{1, 12345, 100, 9999999} }

func everyWay(t *testing.T, s *suite) {
	for _, w := range s.ways(remote) {
		for i, wallet := range wallets(w) {
			t.Run(wayName(w)+" by "+string(wallet), func(t *testing.T) {
				for _, amount := range amounts()[:4-2*i] {
					o := s.open(t, w, amount)
					s.took(t, o, 0, 0)
					s.pay(t, o, wallet)
					r := s.want(t, o, gateway.TradePaid)
					if r.Wallet != "" && r.Wallet != wallet {
						t.Errorf("paid with %s, told %s", wallet, r.Wallet)
					}
					s.told(t, o, r)
				}
			})
		}
	}
}

// told compares the notification of a payment with the answer to a query.
func (s *suite) told(t *testing.T, o *order, r gateway.Report) {
	t.Helper()
	n, err := s.Gateway.Verify(t.Context(), s.Account, s.inbox.next(t, o.charge.OutTradeNo), time.Now())
	if err != nil || n.Kind != gateway.NotifyTrade || n.ID == "" {
		t.Fatalf("the notification: %+v, %v", n, err)
	}
	s.sound(t, o, n.Report, gateway.TradePaid)
	if n.Report.TransactionID != r.TransactionID || n.Report.Merchant != r.Merchant ||
		n.Report.PaidAt.Sub(r.PaidAt).Abs() > time.Second {
		t.Errorf("the notification says %+v, the query %+v", n.Report, r)
	}
}

func openedAgain(t *testing.T, s *suite) {
	for _, w := range s.ways(remote) {
		t.Run(wayName(w), func(t *testing.T) {
			o := s.open(t, w, 12345)
			s.reopen(t, o)
			s.pay(t, o, wallets(w)[0])
			s.want(t, o, gateway.TradePaid)
			if _, err := s.Gateway.Open(t.Context(), s.Account, o.charge); err != nil {
				wantKind(t, err, gateway.AlreadyPaidUpstream, gateway.AlreadyClosedUpstream, gateway.Declined)
			}
			s.took(t, o, 12345, 0)
		})
	}
}

func notOffered(t *testing.T, s *suite) {
	offered := map[gateway.PaymentMethod]bool{}
	for _, w := range s.Gateway.Offers(s.Account) {
		offered[w] = true
	}
	for _, wallet := range gateway.Wallets() {
		for _, m := range []gateway.Method{gateway.Native, gateway.JSAPI, gateway.H5, gateway.Wap, gateway.CardPresent,
			gateway.Notes, "nothing"} {
			w := gateway.PaymentMethod{Wallet: wallet, Method: m}
			if offered[w] || offered[gateway.PaymentMethod{Wallet: gateway.WalletAny, Method: m}] {
				continue
			}
			o := s.fresh(w, 100)
			o.charge.PayerID = "oABCDEFGHIJKLMNOPQRSTUVWXYZ01"
			if _, err := s.Gateway.Open(t.Context(), s.Account, o.charge); kind(t, err) != gateway.Declined {
				t.Errorf("%s is not offered, but opening it is answered %v", wayName(w), err)
			}
		}
	}
}

// unpaid opens an order and has a wallet scan it, so that it exists wherever orders exist only then.
func (s *suite) unpaid(t *testing.T) *order {
	t.Helper()
	w := s.main(t)
	o := s.open(t, w, 12345)
	s.scan(t, o, wallets(w)[0])
	return o
}

func everyState(t *testing.T, s *suite) {
	o := s.unpaid(t)
	s.want(t, o, gateway.TradeUnpaid)
	if !s.Institutions.confirm(t, o.handle) {
		t.Fatal("the institution does not take the payer's money")
	}
	s.want(t, o, gateway.TradePaid)
	shut := s.unpaid(t)
	s.close(t, shut)
	s.want(t, shut, gateway.TradeClosed)
}

// close closes what can still be paid.
func (s *suite) close(t *testing.T, o *order) {
	t.Helper()
	if err := s.Gateway.Close(t.Context(), s.Account, o.trade()); err != nil {
		t.Fatalf("close: %v", err)
	}
}

func absent(t *testing.T, s *suite) {
	o := s.fresh(s.main(t), 12345)
	_, err := s.Gateway.Query(t.Context(), s.Account, o.trade())
	wantKind(t, err, gateway.NotFound)
	wantKind(t, s.Gateway.Close(t.Context(), s.Account, o.trade()), gateway.NotFound)
}

func closedThenPaid(t *testing.T, s *suite) {
	o := s.unpaid(t)
	s.close(t, o)
	if s.Institutions.confirm(t, o.handle) {
		t.Fatal("the institution took money for what it had confirmed to be closed")
	}
	s.want(t, o, gateway.TradeClosed)
	s.took(t, o, 0, 0)
	if err := s.Gateway.Close(t.Context(), s.Account, o.trade()); err != nil {
		wantKind(t, err, gateway.AlreadyClosedUpstream)
	}
	_, err := s.Gateway.Open(t.Context(), s.Account, o.charge)
	wantKind(t, err, gateway.AlreadyClosedUpstream, gateway.Declined)
}

// paidThenClosed: the institution may have one word for closed and paid; then a query tells.
func paidThenClosed(t *testing.T, s *suite) {
	o := s.paid(t, 12345)
	wantKind(t, s.Gateway.Close(t.Context(), s.Account, o.trade()), gateway.AlreadyPaidUpstream,
		gateway.AlreadyClosedUpstream)
	s.want(t, o, gateway.TradePaid)
	s.took(t, o, 12345, 0)
}

func paidLate(t *testing.T, s *suite) {
	o := s.unpaid(t)
	s.Institutions.fault(t, sandbox.Script{Fault: sandbox.PaidAfterClose, OutTradeNo: o.charge.OutTradeNo})
	s.close(t, o)
	if !s.Institutions.confirm(t, o.handle) {
		t.Fatal("the institution does not take late money")
	}
	s.told(t, o, s.want(t, o, gateway.TradePaid))
}

func failure(t *testing.T, err error) *gateway.Error {
	t.Helper()
	var failed *gateway.Error
	if !errors.As(err, &failed) {
		t.Fatalf("not a GatewayError: %v", err)
	}
	return failed
}
