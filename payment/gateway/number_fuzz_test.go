package gateway_test

import (
	"regexp"
	"strconv"
	"testing"

	"linlipay/payment/gateway"
)

// ourNumber is an out-trade number as the design writes it: an order number of 24 digits, then the attempt's two
// digits, from 01.
var ourNumber = regexp.MustCompile(`^([0-9]{24})(0[1-9]|[1-9][0-9])$`)

func FuzzSplitOutTradeNo(f *testing.F) {
	for _, s := range []string{
		"20261124090000000000000101", "20261124090000000000000199", "20261124090000000000000100",
		"2026112409000000000000011", "202611240900000000000001011",
		"202611240900000000000001+1", "202611240900000000000001-1", "2026112409000000000000 101", "２０２６1124090000",
		"20261124090000000000000101\n", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		order, no, ok := gateway.SplitOutTradeNo(s)
		want := ourNumber.FindStringSubmatch(s)
		if ok != (want != nil) || ok &&
			(order != want[1] || strconv.Itoa(no) != want[2] && "0"+strconv.Itoa(no) != want[2]) {
			t.Fatalf("SplitOutTradeNo(%q) = %q, %d, %t; want %q", s, order, no, ok, want)
		}
	})
}

// ourRefund is an out-refund number: an order number, or that of money without an order, R and the refund's two digits,
// from 01.
var ourRefund = regexp.MustCompile(`^([0-9A-Za-z]{24})R(0[1-9]|[1-9][0-9])$`)

func FuzzSplitOutRefundNo(f *testing.F) {
	for _, s := range []string{
		"202611240900000000000001R01", "202611240900000000000001R50", "202611240900000000000001R00",
		"202611240900000000000001R1", "202611240900000000000001r01",
		"202611240900000000000001R-1",
		"202611240900000000000001R+1", "Uabcdef1234567890abcdef1R01", "20261124090000000000000+R01",
		"202611240900000000000001R001",
		"R01", "20261124090000000000000101", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		order, no, ok := gateway.SplitOutRefundNo(s)
		want := ourRefund.FindStringSubmatch(s)
		if ok != (want != nil) || ok &&
			(order != want[1] || strconv.Itoa(no) != want[2] && "0"+strconv.Itoa(no) != want[2]) {
			t.Fatalf("SplitOutRefundNo(%q) = %q, %d, %t; want %q", s, order, no, ok, want)
		}
	})
}
