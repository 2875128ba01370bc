package billing

import (
	"slices"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/webhook"
)

// Others hear of a bill when nothing is owed of it any more, and whenever more is owed than before; a repeat is no
// news.
func TestABillTellsThatItWasSettledAndReopened(t *testing.T) {
	s, _ := open(t)
	_, bill := one(t, s)
	order := func(id string, amount money.Fen) *payment.Order {
		return &payment.Order{ID: id, PaidAt: time.Now(), Items: []payment.Item{{Ref: bill.ID, Amount: amount}}}
	}
	settle := func(o *payment.Order) {
		t.Helper()
		for range 2 {
			if _, err := s.Settle(t.Context(), o); err != nil {
				t.Fatal(err)
			}
		}
	}
	reopen := func(o *payment.Order, refund string) {
		t.Helper()
		r := &payment.Refund{OutRefundNo: refund, Items: []payment.RefundItem{{Ref: bill.ID, Amount: 1}}}
		for range 2 {
			if err := s.Reopen(t.Context(), o, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	first := order("first", bill.Amount-1)
	settle(first) // one fen stays owed: no news
	settle(order("last", 1))
	reopen(first, "r1")
	reopen(first, "r2") // more than before, though it was owed already
	b, err := s.Bill(t.Context(), bill.ID)
	if err != nil {
		t.Fatal(err)
	}
	var types []webhook.EventType
	for i, e := range b.OwesEvents.Events {
		types = append(types, e.Type)
		if e.Sequence != int64(i+1) || e.Object != "bill:"+bill.ID || e.Company != b.Company {
			t.Errorf("%+v", e)
		}
	}
	want := []webhook.EventType{webhook.BillSettled, webhook.BillReopened, webhook.BillReopened}
	if !slices.Equal(types, want) {
		t.Errorf("told are %v, not %v", types, want)
	}
}
