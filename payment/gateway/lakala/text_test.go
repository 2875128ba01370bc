package lakala_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"linlipay/payment/gateway"
)

// texts are titles as people write them, and what the institution is sent. A reader adds a line.
var texts = map[string]string{
	"物业费 2026年11月":                      "物业费 2026年11月",
	"水费 1/2 & 电费=12":                    "水费 1／2 ＆ 电费＝12",
	strings.Repeat("费", 42):             strings.Repeat("费", 42),
	strings.Repeat("费", 43):             strings.Repeat("费", 42),
	strings.Repeat("a", 100):            strings.Repeat("a", 42),
	"物业费\ufffd":                         "物业费",
	"物业费🏠":                              "物业费？",
	"𠮷小区物业费":                            "？小区物业费",
	"a\x00b\tc\nd":                      "ab c d",
	strings.Repeat("费", 41) + "e\u0301": strings.Repeat("费", 41), // a letter and its accent stay together
	"":                                  "物业缴费",
	" \u200b":                           "物业缴费",
}

func TestTitlesAsTheyAreSent(t *testing.T) {
	for title, want := range texts {
		s := script(t, map[string]reply{preorder: {body: ok("{}")}, micropay: {body: ok("{}")},
			create: {body: okay("{}")}})
		for path, w := range map[string]gateway.PaymentMethod{
			preorder: {Wallet: gateway.WalletAlipay, Method: gateway.Native},
			create:   {Wallet: gateway.WalletAny, Method: gateway.Native},
			micropay: {Wallet: gateway.WalletWeChat, Method: gateway.CodePresented},
		} {
			ch := charge(w.Wallet, w.Method)
			ch.Title, ch.AuthCode = title, authCode
			if w.Method == gateway.CodePresented {
				newGateway().PayCode(t.Context(), s.account, ch)
			} else {
				newGateway().Open(t.Context(), s.account, ch)
			}
			s.mu.Lock()
			for _, q := range s.asked {
				got := q.data["subject"]
				if path == create {
					got = q.data["order_info"]
				}
				if q.path == path && got != want {
					t.Errorf("%q is sent to %s as %q, want %q", title, path, got, want)
				}
			}
			s.mu.Unlock()
		}
	}
}

func TestReasonsAsTheyAreSent(t *testing.T) {
	for reason, want := range map[string]string{
		"": "退款", "多收退回": "多收退回", strings.Repeat("多收", 20): strings.Repeat("多收", 16), "退回🙏": "退回？", "a\nb": "a b",
		"1/2": "1/2",
	} {
		s := script(t, map[string]reply{refundScan: {body: fail("BBS00101")}})
		request := scanRequest()
		request.Reason = reason
		newGateway().Refund(t.Context(), s.account, request)
		if got := s.last(refundScan)["refund_reason"]; got != want {
			t.Errorf("%q is sent as %q, want %q", reason, got, want)
		}
	}
}

// Whatever a fee is called, the institution takes it, by every way.
func TestAnyTitleIsTaken(t *testing.T) {
	b := open(t)
	alphabet := []rune("物业费水电暖停车/=&%+<>'\"\\ \t\n　。，🏠👨‍👩‍👧🇨🇳𠮷e\u0301ａＡ\u200b\ufeff\x00\x7f\ue000")
	for i := range 40 {
		var title strings.Builder
		for range rand.IntN(90) {
			title.WriteRune(alphabet[rand.IntN(len(alphabet))])
		}
		number := "20261125000000000000" + string([]byte{'0' + byte(i/10), '0' + byte(i%10)})
		for n, w := range []gateway.Wallet{gateway.WalletAlipay, gateway.WalletUnionPay, gateway.WalletAny,
			gateway.WalletCard} {
			method := gateway.Native
			if w == gateway.WalletCard {
				method = gateway.CardPresent
			}
			ch := b.charge(number+"0"+string(rune('1'+n)), w, method)
			ch.Title = title.String()
			if _, err := b.g.Open(t.Context(), b.a, ch); err != nil {
				t.Fatalf("%q by %s: %v", ch.Title, w, err)
			}
		}
		for n, w := range []gateway.Wallet{gateway.WalletAlipay, gateway.WalletWeChat, gateway.WalletUnionPay} {
			ch := b.charge(number+"1"+string(rune('1'+n)), w, gateway.CodePresented)
			ch.Title, ch.AuthCode = title.String(), b.show(w, nil)
			if _, err := b.g.PayCode(t.Context(), b.a, ch); err != nil {
				t.Fatalf("%q by a code of %s: %v", ch.Title, w, err)
			}
		}
	}
}
