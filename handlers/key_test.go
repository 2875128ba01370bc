package handlers

import (
	"net/http"
	"testing"

	"linlipay/access"
	"linlipay/payment"
)

// A request that is handed an attempt which another had made keeps its key all the same: sent again it is a repeat, and
// another request under the key is refused.
func TestAnAttemptThatWasHandedOverKeepsTheKey(t *testing.T) {
	f := serve(t)
	path, cashier := "/v1/orders/"+f.a.order.ID+"/attempts", f.a.staff[access.Cashier]
	native := attemptInput{Wallet: "wechat", Method: "native"}
	var first, handed, again openedView
	f.json("POST", path, cashier, native, &first, "Idempotency-Key", "a1")
	if h := f.json("POST", path, cashier, native, &handed, "Idempotency-Key", "a2"); h.Get(hit) != "" {
		t.Error("the first under its key is told as a repeat")
	}
	h := f.json("POST", path, cashier, native, &again, "Idempotency-Key", "a2")
	if h.Get(hit) != "true" || handed.Attempt.No != first.Attempt.No || again.Attempt.No != first.Attempt.No {
		t.Errorf("%d, %d and %d, hit %q", first.Attempt.No, handed.Attempt.No, again.Attempt.No, h.Get(hit))
	}
	status, _, answer := f.ask("POST", path, cashier, attemptInput{Wallet: "alipay", Method: "native"},
		"Idempotency-Key", "a2")
	if status != http.StatusUnprocessableEntity {
		t.Errorf("another request under the key: %d %s", status, answer)
	}
}

// A key that made an order, an attempt or a refund, or under which something was decided, is refused for anything else
// about that order.
func TestAKeyIsForOneRequestOfAnOrder(t *testing.T) {
	f := serve(t)
	cashier, finance := f.a.staff[access.Cashier], f.a.staff[access.Finance]
	bill := f.a.bills[1].ID
	var o orderView
	f.json("POST", "/v1/orders", cashier, orderInput{Unit: f.a.unit.ID, Bills: []string{bill}}, &o,
		"Idempotency-Key", "order")
	path := "/v1/orders/" + o.ID
	refused := func(what string, body any, keys ...string) {
		t.Helper()
		for _, key := range keys {
			status, _, answer := f.ask("POST", path+what, cashier, body, "Idempotency-Key", key)
			if status != http.StatusUnprocessableEntity {
				t.Errorf("%s under the key of %s: %d %s", what, key, status, answer)
			}
		}
	}
	done := func(what, token string, body any, key string) {
		t.Helper()
		if status, _, answer := f.ask("POST", path+what, token, body, "Idempotency-Key", key); status >= 300 {
			t.Fatalf("%s: %d %s", what, status, answer)
		}
	}
	native := attemptInput{Wallet: "wechat", Method: "native"}
	refund := refundInput{Items: []payment.RefundItem{{Ref: bill, Amount: 100}}, Reason: "多收"}
	refused("/attempts", native, "order")
	done("/attempts", cashier, native, "attempt")
	f.inCash(cashier, o.ID, 100_000, "cash")
	refused("/refunds", refund, "order", "attempt", "cash")
	done("/refunds", cashier, refund, "refund")
	refused("/attempts", native, "refund")
	done("/refunds/1/decision", finance, refundDecision{Approve: true}, "decision")
	refused("/refunds/1/payout", nil, "order", "attempt", "cash", "refund")
	done("/refunds/1/payout", cashier, nil, "payout")
	refused("/refunds", refund, "payout")
}
