package gateway_test

import (
	"testing"

	"linlipay/payment/gateway"
)

// A text of which nothing is left that can be seen is one that every institution takes.
func TestTextsOfWhichNothingIsLeft(t *testing.T) {
	none := func(rune) rune { return -1 }
	for _, c := range []struct {
		text    string
		allowed func(rune) rune
		want    string
	}{
		{"", gateway.Basic, "物业缴费"},
		{" \t\n\u3000", gateway.Basic, "物业缴费"},
		{"\x00\x1f\x7f", gateway.Printable, "物业缴费"},
		{"\u200d\u200d", gateway.Printable, "物业缴费"},
		{"\u0301", gateway.Basic, "物业缴费"},
		{"\ufe0f \u200d", gateway.Basic, "物业缴费"},
		{"\ufffd\xff", gateway.Basic, "物业缴费"},
		{"\xed\xa0\xbd\xed\xb8\x80", gateway.Basic, "物业缴费"}, // two surrogates
		{"物业费", none, "物业缴费"},
		{"é", gateway.Basic, "é"},
		{"e\u0301", gateway.Basic, "e\u0301"},
		{"🏠", gateway.Basic, "？"},
		{"1", gateway.Basic, "1"},
	} {
		if got := gateway.FitText(c.text, 127, gateway.Bytes, c.allowed); got != c.want {
			t.Errorf("%q is %q, want %q", c.text, got, c.want)
		}
	}
}
