package app

import (
	"strings"
	"testing"

	"linlipay/money"
)

func TestTheRefundLimitIsReadAsPeopleTypeAmounts(t *testing.T) {
	for text, want := range map[string]money.Fen{"": 0, "0": 0, "100": 10000, "1,000": 100000, "￥99.5": 9950,
		"１００元": 10000} {
		if got, err := (Config{RefundLimit: text}).refundLimit(); err != nil || got != want {
			t.Errorf("%q is read as %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"1,00", "-1", "1e3", "100.", "0,500", "1.000,00", "many"} {
		c := Config{
			SecretKey: "x", BaseURL: "https://pay.example.com", Listen: "127.0.0.1:8080", RefundLimit: text,
		}
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "LINLIPAY_REFUND_LIMIT") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
