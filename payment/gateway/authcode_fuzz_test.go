package gateway_test

import (
	"regexp"
	"strings"
	"testing"

	"linlipay/fault"
	"linlipay/payment/gateway"
)

// The forms that the institutions publish for payment codes (付款码).
var (
	asWechat = regexp.MustCompile(`^1[0-5][0-9]{16}$`)
	asAlipay = regexp.MustCompile(`^(2[5-9]|30)[0-9]{14,22}$`)
	asUnion  = regexp.MustCompile(`^62[0-9]{17}$`)
)

// A code is as good as money for a minute: no fault may repeat it.
func FuzzWalletOf(f *testing.F) {
	for _, s := range []string{
		"100000000000000000", "159999999999999999", "160000000000000000", "090000000000000000", "10000000000000000",
		"1000000000000000000",
		"2500000000000000", "309999999999999999999999", "3100000000000000", "240000000000000000", "250000000000000",
		"2500000000000000000000000",
		"13456789012345678９", " 134567890123456789", "134567890123456789\n", "weixin://wxpay/bizpayurl?pr=1", "13", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, code string) {
		var want gateway.Wallet
		switch {
		case asWechat.MatchString(code):
			want = gateway.WalletWeChat
		case asAlipay.MatchString(code):
			want = gateway.WalletAlipay
		case asUnion.MatchString(code):
			want = gateway.WalletUnionPay
		}
		got, err := gateway.WalletOf(code)
		if got != want || (err == nil) != (want != "") || err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("WalletOf(%q) = %q, %v; want %q", code, got, err, want)
		}
		if err != nil && len(code) > 8 && strings.Trim(code, "0123456789") == "" &&
			strings.Contains(err.Error(), code) {
			t.Fatalf("the fault repeats the code: %v", err)
		}
	})
}
