package payment_test

import (
	"testing"

	"linlipay/payment"
)

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
