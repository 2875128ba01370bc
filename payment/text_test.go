package payment_test

import (
	"testing"

	"linlipay/payment"
)

// A text of which nothing is left that can be seen is one that every institution takes.
func TestTextsOfWhichNothingIsLeft(t *testing.T) {
	none := func(rune) rune { return -1 }
	for _, c := range []struct {
		text    string
		allowed func(rune) rune
		want    string
	}{
		{"", payment.Basic, "物业缴费"},
		{" \t\n\u3000", payment.Basic, "物业缴费"},
		{"\x00\x1f\x7f", payment.Printable, "物业缴费"},
		{"\u200d\u200d", payment.Printable, "物业缴费"},
		{"\u0301", payment.Basic, "物业缴费"},
		{"\ufe0f \u200d", payment.Basic, "物业缴费"},
		{"\ufffd\xff", payment.Basic, "物业缴费"},
		{"\xed\xa0\xbd\xed\xb8\x80", payment.Basic, "物业缴费"}, // two surrogates
		{"物业费", none, "物业缴费"},
		{"é", payment.Basic, "é"},
		{"e\u0301", payment.Basic, "e\u0301"},
		{"🏠", payment.Basic, "？"},
		{"1", payment.Basic, "1"},
	} {
		if got := payment.FitText(c.text, 127, payment.Bytes, c.allowed); got != c.want {
			t.Errorf("%q is %q, want %q", c.text, got, c.want)
		}
	}
}
