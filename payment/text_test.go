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

// A period is read as people write it, in the language of who reads; what a person typed stays.
func TestTitlesOfItems(t *testing.T) {
	for _, c := range []struct{ title, zh, en string }{
		{"物业费 2026年11月", "物业费 2026年11月", "物业费 Nov 2026"},
		{"物业费 2026年1月", "物业费 2026年1月", "物业费 Jan 2026"},
		{"物业费 2026-01", "物业费 2026年1月", "物业费 Jan 2026"}, // an order of before
		{"2025年3月补收 2026-12", "2025年3月补收 2026年12月", "2025年3月补收 Dec 2026"},
		{"物业费 2026-13", "物业费 2026-13", "物业费 2026-13"},
		{"车位 2026-11-1", "车位 2026-11-1", "车位 2026-11-1"},
		{"未知订单收款 202611", "未知订单收款 202611", "未知订单收款 202611"},
	} {
		if zh, en := payment.ItemTitle(c.title, false), payment.ItemTitle(c.title, true); zh != c.zh || en != c.en {
			t.Errorf("%q is %q and %q", c.title, zh, en)
		}
	}
}
