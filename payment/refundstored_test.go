package payment_test

import (
	"encoding/json"
	"testing"

	"linlipay/payment"
)

// A refund is stored as it was before its signatures came from package approval, to the byte.
func TestARefundIsStoredAsEver(t *testing.T) {
	const stored = `{"no":1,"out_refund_no":"20261128000000000000000AR01","attempt":2,"amount":1250,` +
		`"items":[{"ref":"b1","amount":1250}],` +
		`"reason":"多收","status":"rejected","requested_by":"staff:maker","requested_at":"2026-11-28T04:00:00Z",` +
		`"decided_by":"staff:checker","decided_at":"2026-11-28T05:00:00Z","done_by":"staff:c","by_hand":true,` +
		`"note":"查无此事","key":"k"}`
	var r payment.Refund
	if err := json.Unmarshal([]byte(stored), &r); err != nil {
		t.Fatal(err)
	}
	if r.RequestedBy != "staff:maker" || r.DecidedBy != "staff:checker" || r.DecidedAt.Hour() != 5 || r.Note != "查无此事" {
		t.Errorf("read as %+v", r)
	}
	if raw, err := json.Marshal(r); err != nil || string(raw) != stored {
		t.Errorf("stored as %s, %v", raw, err)
	}
}
