package payment_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/store"
)

// One account's statement does not come, another's is read; and the order loop does not wait for either.
func TestASlowStatementKeepsNoOtherWaiting(t *testing.T) {
	w := newWorld(t)
	for company, id := range map[string]string{"c": "bad", "d": "fine"} {
		acc := gateway.Account{ID: id, Company: company, Institution: gateway.Shengpay,
			Settings: map[string]string{"trust_device": ""}}
		if err := w.accounts.Add(t.Context(), acc, w.now()); err != nil {
			t.Fatal(err)
		}
	}
	s, service := w.slowly(w.shengpay, "bad")
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); service.Run(ctx) }()
	<-s.asked
	until(t, "the other account's statement", func() bool { return w.lines("d") > 0 })
	w.owe("c", 1)
	until(t, "a line of the company that waits", func() bool { return w.lines("c") == 1 })
	close(s.letGo)
	stop()
	<-ended
}

// A line of a statement that cannot be booked keeps none of those after it from being booked.
func TestALineOfAStatementKeepsNoOtherWaiting(t *testing.T) {
	w := newWorld(t)
	first, second := w.cardAt(gateway.Shengpay, ""), ""
	w.sweep(w.pay, 6*time.Minute) // the terminal is free again
	second = w.cardAt(gateway.Shengpay, "")
	w.shengpay.statement = []gateway.Report{line(first+"01", gateway.TradePaid, 100, w.now()),
		line(second+"01", gateway.TradePaid, 100, w.now())}
	w.pass(24 * time.Hour)
	s := w.service(&troubled{Store: w.store, reads: reads, writes: func(collection string, d store.Doc) error {
		if collection == "orders" && d.ID == first {
			return fault.New(fault.Internal, "", "too large")
		}
		return nil
	}})
	if err := s.ReadStatements(t.Context()); err == nil {
		t.Error("a line that could not be booked is not told of")
	}
	if a := w.get(second).Attempt(1); a.State != payment.AttemptSucceeded {
		t.Errorf("the line after it: %s", a.State)
	}
	w.statements()
	if a := w.get(first).Attempt(1); a.State != payment.AttemptSucceeded {
		t.Errorf("once it can be booked: %s", a.State)
	}
}

// A line without our number is matched by its card among all orders that such a card paid, however many are younger.
func TestAStatementsLineIsMatchedAmongAll(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Shengpay, "yes")
	if _, err := w.says(id, "success"); err != nil {
		t.Fatal(err)
	}
	w.want(id, payment.Paid)
	card := w.get(id).Attempt(1).Card
	paidAt := w.now()
	w.younger(id, 60)
	r := line("", gateway.TradePaid, 100, paidAt)
	r.Card = card
	w.shengpay.statement = []gateway.Report{r}
	w.pass(24 * time.Hour)
	w.statements()
	if a := w.get(id).Attempt(1); a.Provisional || a.StatementNo != r.StatementNo {
		t.Errorf("not matched: %+v", a)
	}
}

// younger copies an order n times with what a search finds it by, as of later days.
func (w *world) younger(id string, n int) {
	w.t.Helper()
	q := store.Query{Index: "by_search", Equal: []any{"c", id}}
	page, err := w.store.Find(w.t.Context(), "orders", q)
	if err != nil || len(page.Docs) != 1 {
		w.t.Fatal(page, err)
	}
	key := w.get(id).Attempt(1).Card.ReferenceNo
	for i := range n {
		created := w.now().AddDate(0, 0, 10).UnixMilli() + int64(i)
		copied := fmt.Sprintf("%024d", i)
		d := store.Doc{ID: copied,
			Body: []byte(strings.NewReplacer(id, copied, `"account":"shengpay"`, `"account":"another"`).Replace(
				string(page.Docs[0].Body)))}
		d.Keys = store.Keys{"company": {"c"}, "search": {key}, "created": {created}}
		if err := w.store.Insert(w.t.Context(), "orders", d); err != nil {
			w.t.Fatal(err)
		}
	}
}
