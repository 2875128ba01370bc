package handlers

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"linlipay/access"
	"linlipay/payment"
)

// What a client may not send as an amount: anything but a whole number of fen within what can be owed or handed over.
func TestAmountsInRequestsAreWholeFen(t *testing.T) {
	f := serve(t)
	cashier, order := f.a.staff[access.Cashier], "/v1/orders/"+f.a.order.ID
	bodies := map[string]string{
		"attempts": `{"method":"cash","tendered":%s}`,
		"refunds":  `{"items":[{"ref":"` + f.a.bills[0].ID + `","amount":%s}],"reason":"多收"}`,
	}
	refuse := func(what, amount, says string) {
		t.Helper()
		body := fmt.Sprintf(bodies[what], amount)
		status, _, answer := f.ask("POST", order+"/"+what, cashier, body, "Idempotency-Key", "k"+what+amount)
		if status != 400 || !strings.Contains(answer, says) {
			t.Errorf("%s of %s: %d %s", what, amount, status, answer)
		}
	}
	numbers := []string{
		"1.5", "1000.0", "1e2", "1E3", `"1000"`, `"1,50"`, "true", "[]", "{}",
		"9223372036854775808", "-9223372036854775809", "1000000000000000000000",
	}
	sums := []string{
		"0", "-0", "-1", "-1000", "null", "1000000000000", "9007199254740993", "9223372036854775807",
		"-9223372036854775808",
	}
	for _, amount := range []string{"0x10", "1,50", "１０００", "01000", "+1000", ".5", "NaN", ""} {
		refuse("attempts", amount, "JSON")
	}
	for _, amount := range numbers {
		refuse("attempts", amount, `"field":"tendered"`)
	}
	for _, amount := range sums {
		refuse("attempts", amount, "实收金额")
	}
	var o orderView
	if f.json("GET", order, cashier, nil, &o); o.Status != payment.Pending || len(o.Attempts) != 0 {
		t.Fatalf("an amount that was refused left %+v", o)
	}
	o = f.inCash(cashier, f.a.order.ID, 1000, "paid")
	for _, amount := range numbers {
		refuse("refunds", amount, `"field":"items.amount"`)
	}
	for _, amount := range append(sums, "1001") {
		says := "最多可退 ¥10.00：实缴 ¥10.00" // in words how much can go back, and why no more
		if n, _ := strconv.ParseInt(amount, 10, 64); n <= 0 {
			says = "须大于 0"
		}
		refuse("refunds", amount, says)
	}
	if f.json("GET", order, cashier, nil, &o); len(o.Refunds) != 0 {
		t.Errorf("an amount that was refused left %+v", o.Refunds)
	}
}
