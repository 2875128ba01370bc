package gatewaytest

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"linlipay/payment/gateway"
)

func textTests() []test {
	return []test{
		{"an order is opened and paid whatever its fees are called", []ability{orders}, anyTitle},
		{"a payment code is charged whatever its fees are called", []ability{codes}, anyTitleByCode},
		{"money goes back whatever the reason is called", []ability{orders, refunds}, anyReason},
	}
}

// texts are what people call fees and reasons: Chinese and Latin, what the institutions forbid or count otherwise, and
// what no screen shows.
func texts() *rapid.Generator[string] {
	few := []rune("物业费停车2026年11月-12月（1栋 101）/=&|,;" +
		":'\"<>\\%#?+*`~^$@!{}[]\t\n\r\x00\x7f\u00a0\u3000\u200b\u200d\u202e\ufeff\ufffd·—…￥Ａé\u0301ñ")
	rare := []rune("𠮷𡃁🏠💧👨👩👧\U0001F1E8\U0001F1F3\ufe0f\U000f0000㐀龥")
	letter := rapid.OneOf(rapid.SampledFrom(few), rapid.SampledFrom(few), rapid.SampledFrom(rare), rapid.Rune())
	return rapid.OneOf(
		rapid.StringOfN(letter, 0, 40, -1), rapid.StringOfN(letter, 30, 300, -1),
		rapid.Map(rapid.IntRange(0, 300), func(n int) string { return strings.Repeat("费", n) }),
		rapid.Map(rapid.IntRange(0, 90), func(n int) string { return strings.Repeat("🏠", n) }),
		rapid.SampledFrom([]string{"", " ", "\xff\xfe", "物业费\xe8", "&&&&", "/=&", "物业费/水费=1&2", "\x00\x1f\x7f",
			"\u3000\t\n", "\u200d\u200d",
			"\u0301", "\ufe0f", "\ufffd", "\U000f0000", "🏠", "\xed\xa0\xbd\xed\xb8\x80"}),
	)
}

func anyTitle(t *testing.T, s *suite) {
	for _, w := range s.ways(remote) {
		t.Run(wayName(w), func(t *testing.T) {
			payer := ""
			if w.Method == gateway.JSAPI {
				payer = s.payer(t)
			}
			rapid.Check(t, func(r *rapid.T) {
				o := s.fresh(w, 12345)
				o.charge.Title, o.charge.PayerID = texts().Draw(r, "title"), payer
				prepared, err := s.Gateway.Open(t.Context(), s.Account, o.charge)
				if err != nil || prepared.IsZero() {
					r.Fatalf("the title %q: %v", o.charge.Title, err)
				}
				if o.prepared = prepared; w.Method != gateway.JSAPI && rapid.IntRange(0, 9).Draw(r, "pay") == 0 {
					s.pay(t, o, wallets(w)[0])
					s.want(t, o, gateway.TradePaid)
				}
			})
		})
	}
}

func anyTitleByCode(t *testing.T, s *suite) {
	s.eachCode(t, func(t *testing.T, w gateway.PaymentMethod) {
		rapid.Check(t, func(r *rapid.T) {
			o := s.fresh(w, 12345)
			o.charge.Title = texts().Draw(r, "title")
			if got, err := s.chargeBy(t, o, s.Institutions.code(t, shown{Wallet: wallets(w)[0]})); err != nil ||
				got.State != gateway.TradePaid {
				r.Fatalf("the title %q: %+v, %v", o.charge.Title, got, err)
			}
		})
	})
}

func anyReason(t *testing.T, s *suite) {
	o := s.paid(t, 9999)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		if n++; n > 40 { // an institution takes fifty refunds of one payment
			o, n = s.paid(t, 9999), 1
		}
		back := s.back(o, "R"+string(rune('0'+n/10))+string(rune('0'+n%10)), 1)
		back.Reason = texts().Draw(r, "reason")
		if _, err := s.refunder().Refund(t.Context(), s.Account, back); err != nil {
			r.Fatalf("the reason %q: %v", back.Reason, err)
		}
	})
}
