package gatewaytest

import (
	"strings"
	"testing"

	"linlipay/money"
	"linlipay/payment/gateway"
)

func codeTests() []test {
	need := []ability{codes}
	return []test{
		{"a payment code pays", need, codePays},
		{"a payment code pays after the password", need, codePaysLater},
		{"a payment code whose payer refuses takes nothing", need, codeRefused},
		{"a payment code is reversed while its payer is asked", need, codeReversedAsked},
		{"a payment code that paid is reversed once", need, codeReversedPaid},
		{"a payment code that cannot pay is refused for its reason", need, codeBad},
		{"a number charged by code takes the money once", need, codeTwice},
		{"a payment code that the institution repeats is not told", need, codeConcealed},
	}
}

// eachCode runs a case for every wallet whose codes are taken.
func (s *suite) eachCode(t *testing.T, run func(*testing.T, gateway.PaymentMethod)) {
	for _, w := range s.ways(byCode) {
		t.Run(wayName(w), func(t *testing.T) { run(t, w) })
	}
}

// charged charges a wallet by a code that it shows.
func (s *suite) charged(t *testing.T, w gateway.PaymentMethod, amount money.Fen, show shown) (*order, gateway.Report,
	error) {
	t.Helper()
	o := s.fresh(w, amount)
	show.Wallet = wallets(w)[0]
	r, err := s.chargeBy(t, o, s.Institutions.code(t, show))
	return o, r, err
}

// chargeBy charges a wallet by a code, which must be nowhere in an error.
func (s *suite) chargeBy(t *testing.T, o *order, code string) (gateway.Report, error) {
	t.Helper()
	o.charge.AuthCode = code
	r, err := s.Gateway.(gateway.CodePayer).PayCode(t.Context(), s.Account, o.charge)
	if err != nil && strings.Contains(err.Error(), code) {
		t.Errorf("the error tells the payment code: %v", err)
	}
	o.report = r
	return r, err
}

// asking charges a wallet that asks its payer for the password.
func (s *suite) asking(t *testing.T, w gateway.PaymentMethod) *order {
	t.Helper()
	o, r, err := s.charged(t, w, 12345, shown{AskPassword: true})
	if err != nil {
		t.Fatal(err)
	}
	s.sound(t, o, r, gateway.TradeUnpaid)
	s.want(t, o, gateway.TradeUnpaid)
	o.handle = s.Institutions.asked(t, o.charge.Title)
	return o
}

func codePays(t *testing.T, s *suite) {
	s.eachCode(t, func(t *testing.T, w gateway.PaymentMethod) {
		for _, amount := range []money.Fen{1, 12345} {
			o, r, err := s.charged(t, w, amount, shown{})
			if err != nil {
				t.Fatal(err)
			}
			s.sound(t, o, r, gateway.TradePaid)
			s.want(t, o, gateway.TradePaid)
		}
	})
}

func codePaysLater(t *testing.T, s *suite) {
	s.eachCode(t, func(t *testing.T, w gateway.PaymentMethod) {
		o := s.asking(t, w)
		s.took(t, o, 0, 0)
		if !s.Institutions.confirm(t, o.handle) {
			t.Fatal("the institution does not take the payer's money")
		}
		s.want(t, o, gateway.TradePaid)
	})
}

// codeRefused: an institution may leave such a charge waiting; a reversal ends it.
func codeRefused(t *testing.T, s *suite) {
	s.eachCode(t, func(t *testing.T, w gateway.PaymentMethod) {
		o := s.asking(t, w)
		s.Institutions.cancel(t, o.handle)
		s.want(t, o, gateway.TradeFailed, gateway.TradeUnpaid, gateway.TradeClosed)
		s.reverse(t, o)
		s.want(t, o, gateway.TradeClosed, gateway.TradeFailed)
		s.took(t, o, 0, 0)
	})
}

// reverse undoes a charge by code; an institution may ask for patience.
func (s *suite) reverse(t *testing.T, o *order) {
	t.Helper()
	eventually(t, "the reversal", func() bool {
		err := s.Gateway.(gateway.CodePayer).Reverse(t.Context(), s.Account, o.trade())
		if err != nil && kind(t, err) != gateway.TryLater {
			t.Fatalf("reverse: %v", err)
		}
		return err == nil
	})
}

func codeReversedAsked(t *testing.T, s *suite) {
	s.eachCode(t, func(t *testing.T, w gateway.PaymentMethod) {
		o := s.asking(t, w)
		s.reverse(t, o)
		if s.Institutions.confirm(t, o.handle) {
			t.Fatal("the institution took money for a charge whose reversal it had confirmed")
		}
		s.want(t, o, gateway.TradeClosed, gateway.TradeFailed)
		s.took(t, o, 0, 0)
	})
}

func codeReversedPaid(t *testing.T, s *suite) {
	s.eachCode(t, func(t *testing.T, w gateway.PaymentMethod) {
		o, r, err := s.charged(t, w, 12345, shown{})
		if err != nil {
			t.Fatal(err)
		}
		s.sound(t, o, r, gateway.TradePaid)
		s.reverse(t, o)
		s.took(t, o, 12345, 12345)
		if err := s.Gateway.(gateway.CodePayer).Reverse(t.Context(), s.Account, o.trade()); err != nil {
			wantKind(t, err, gateway.AlreadyClosedUpstream)
		}
		s.took(t, o, 12345, 12345)
		s.want(t, o, gateway.TradeClosed)
	})
}

// codeBad: an institution may have one word for codes that are unknown, used and too old.
func codeBad(t *testing.T, s *suite) {
	s.eachCode(t, func(t *testing.T, w gateway.PaymentMethod) {
		wallet, none, over := wallets(w)[0], money.Fen(0), int64(0)
		used := s.Institutions.code(t, shown{Wallet: wallet})
		if _, err := s.chargeBy(t, s.fresh(w, 100), used); err != nil {
			t.Fatal(err)
		}
		fresh := s.Institutions.code(t, shown{Wallet: wallet})
		bad := []gateway.DeclineReason{gateway.CodeInvalid, gateway.CodeUsed, gateway.CodeExpired}
		for name, c := range map[string]struct {
			code string
			whys []gateway.DeclineReason
		}{
			"used":    {used, bad},
			"expired": {s.Institutions.code(t, shown{Wallet: wallet, ValidSeconds: &over}), bad},
			"unknown": {fresh[:len(fresh)-8] + "00000000", bad},
			"empty": {s.Institutions.code(t, shown{Wallet: wallet, BalanceFen: &none}),
				[]gateway.DeclineReason{gateway.BalanceLow}},
		} {
			o := s.fresh(w, 12345)
			_, err := s.chargeBy(t, o, c.code)
			wantKind(t, err, gateway.Declined)
			if got := failure(t, err).Reason; !contains(c.whys, got) {
				t.Errorf("%s: the reason is %q, want one of %v", name, got, c.whys)
			}
			s.took(t, o, 0, 0)
		}
	})
}

func contains(reasons []gateway.DeclineReason, one gateway.DeclineReason) bool {
	for _, w := range reasons {
		if w == one {
			return true
		}
	}
	return false
}

func codeTwice(t *testing.T, s *suite) {
	s.eachCode(t, func(t *testing.T, w gateway.PaymentMethod) {
		o, _, err := s.charged(t, w, 12345, shown{})
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.chargeBy(t, o, s.Institutions.code(t, shown{Wallet: wallets(w)[0]}))
		if err == nil {
			s.sound(t, o, r, gateway.TradePaid)
		} else if k := kind(t, err); k == gateway.Declined || k == gateway.NotFound || k == gateway.Unreachable {
			t.Errorf("a repeat of a charge that is paid is told %v, as if nothing had been taken", err)
		}
		s.took(t, o, 12345, 0)
	})
}

// codeConcealed asks an institution that names the payment code as its error code.
func codeConcealed(t *testing.T, s *suite) {
	s.eachCode(t, func(t *testing.T, w gateway.PaymentMethod) {
		o := s.fresh(w, 12345)
		o.charge.AuthCode = s.Institutions.code(t, shown{Wallet: wallets(w)[0]})
		g, account := s.Failing(t, o.charge.AuthCode, true)
		_, err := g.(gateway.CodePayer).PayCode(t.Context(), account, o.charge)
		if err == nil || strings.Contains(err.Error(), o.charge.AuthCode) {
			t.Errorf("the error is %v", err)
		}
	})
}
