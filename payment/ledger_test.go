package payment_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
	"linlipay/store"
)

func noBills(context.Context, *payment.Order) (string, error) { return "", nil }

func (w *world) verify() payment.Verification {
	w.t.Helper()
	a, err := w.pay.Verify(w.t.Context(), "c", noBills)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// books is a day with a payment by each way, one given back in part, one paid twice.
func books(t *testing.T) *world {
	w := newWorld(t)
	w.policy(payment.RefundUnapplied)
	w.paid(gateway.WeChat, w.wechat, "b2", "b3")
	if _, err := w.pay.Post(t.Context()); err != nil { // so that there are two blocks
		t.Fatal(err)
	}
	w.bothPaid()
	o := w.create("b4")
	if _, _, err := w.pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: 100, By: "staff:till"}); err != nil {
		t.Fatal(err)
	}
	o, no := w.ask(w.paid(gateway.Alipay, w.alipay, "b5"), "", item("b5", 30))
	if _, err := w.pay.DecideRefund(t.Context(), o.ID, no, true, "staff:checker", ""); err != nil {
		t.Fatal(err)
	}
	w.sweep(w.pay, time.Minute)
	return w
}

func TestTheLedgerHasALineForEveryMovement(t *testing.T) {
	w := books(t)
	a := w.verify()
	if a.Finding != "" || a.Lines != 7 || a.Orders != 4 || a.Taken != 600 || a.GivenBack != 130 {
		t.Errorf("%+v", a)
	}
	days := map[string]int{}
	err := w.pay.Ledger().Lines(t.Context(), "c", func(l ledger.Line) error {
		days[l.BusinessDay]++
		if l.Company != "c" || l.Amount <= 0 || l.Order == "" || l.TransactionID == "" ||
			(l.Account == "") != (l.Institution == string(gateway.Cash)) ||
			(l.Cashier != "") != (l.Institution == string(gateway.Cash)) {
			t.Errorf("%+v", l)
		}
		return nil
	})
	if err != nil || days["2026-11-24"] != 7 {
		t.Errorf("%v, %v", days, err)
	}
	if n, err := w.pay.Post(t.Context()); n != 0 || err != nil {
		t.Errorf("%d orders still owe a line, %v", n, err)
	}
}

// Two processes write the same lines at the same time, again and again: each stands once, in one chain.
func TestLinesAreWrittenOnce(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for p := range 4 {
		all.Go(func() {
			s := w.service(w.store)
			for n := range 20 {
				_, err := s.Ledger().Append(t.Context(), "c",
					[]ledger.Line{{ID: fmt.Sprint("x", n), Company: "c"}, {ID: fmt.Sprint("y", n+p), Company: "c"}})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	seen := map[string]int{}
	if err := w.pay.Ledger().Lines(t.Context(), "c", func(l ledger.Line) error {
		seen[l.ID]++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s stands %d times", id, n)
		}
	}
	if len(seen) != 43 {
		t.Errorf("%d lines", len(seen))
	}
	if a := w.verify(); !strings.Contains(a.Finding, "no movement") { // the chain itself holds
		t.Errorf("%+v", a)
	}
}

// quicker is a store on which another writer is always a little quicker, or that has every number taken.
type quicker struct {
	store.Store
	before func() error
}

func (q *quicker) Insert(ctx context.Context, collection string, d store.Doc) error {
	if collection == "ledger" {
		if err := q.before(); err != nil {
			return err
		}
	}
	return q.Store.Insert(ctx, collection, d)
}

// A writer that others are quicker than goes on for as long as they write, and is told when nobody does and its block
// is refused all the same.
func TestALineIsWrittenAfterEveryOther(t *testing.T) {
	w := newWorld(t)
	n, tried := 0, 0
	s := w.service(&quicker{w.store, func() error {
		if n++; n > 100 {
			return nil
		}
		_, err := w.pay.Ledger().Append(t.Context(), "c", []ledger.Line{{ID: fmt.Sprint("x", n), Company: "c"}})
		return err
	}})
	if _, err := s.Ledger().Append(t.Context(), "c", []ledger.Line{{ID: "y", Company: "c"}}); err != nil {
		t.Error(err)
	}
	var last string
	if err := w.pay.Ledger().Lines(t.Context(), "c", func(l ledger.Line) error {
		last = l.ID
		return nil
	}); err != nil ||
		last != "y" || n != 101 {
		t.Errorf("%q is the last after %d tries, %v", last, n, err)
	}
	s = w.service(&quicker{w.store, func() error { tried++; return fault.New(fault.AlreadyExists, "", "refused") }})
	if _, err := s.Ledger().Append(t.Context(), "c", []ledger.Line{{ID: "z", Company: "c"}}); !fault.Is(err,
		fault.Unavailable) ||
		tried < 2 {
		t.Errorf("refused %d times: %v", tried, err)
	}
}

// Whoever changes, removes or moves a line, or an order behind the ledger's back, is found out.
func TestTheAuditFindsWhatWasTamperedWith(t *testing.T) {
	for name, c := range map[string]struct {
		tamper func(w *world, t *testing.T)
		says   string
	}{
		"nothing":           {func(*world, *testing.T) {}, ""},
		"an amount":         {edit("ledger", `"amount":200`, `"amount":100`), "its hash is not"},
		"a cashier":         {edit("ledger", `staff:till`, `staff:boss`), "its hash is not"},
		"an order's amount": {edit("orders", `"received":200`, `"received":199`), "it says taken 2.00 of order"},
		"an order's refund": {edit("orders", `"amount":30,"items"`, `"amount":31,"items"`),
			"the order says given_back 0.31"},
		"a block that is gone": {func(w *world, t *testing.T) {
			d, err := w.store.Get(t.Context(), "ledger", "c/000000000001")
			if err != nil {
				t.Fatal(err)
			}
			if err := w.store.Delete(t.Context(), "ledger", d.ID, d.Version); err != nil {
				t.Fatal(err)
			}
		}, "is missing or out of its place"},
		"a line too many": {func(w *world, t *testing.T) {
			if _, err := w.pay.Ledger().Append(t.Context(), "c",
				[]ledger.Line{{ID: "made up", Company: "c", Kind: ledger.Charge, Amount: 1,
					Order: "none"}}); err != nil {
				t.Fatal(err)
			}
		}, "there is no movement of order none"},
		"an order whose line was never owed": {func(w *world, t *testing.T) {
			o := w.create("b8")
			if _, _, err := w.pay.TakeCash(t.Context(), o.ID, payment.NewCash{Tendered: 100}); err != nil {
				t.Fatal(err)
			}
			edit("orders", `{"kind":"record_taken","no":1}`, `{"kind":"lost","no":1}`)(w, t)
		}, "the ledger has no line"},
	} {
		w := books(t)
		c.tamper(w, t)
		a, err := w.pay.Verify(t.Context(), "c", noBills)
		if err != nil || (c.says == "") != (a.Finding == "") || !strings.Contains(a.Finding, c.says) {
			t.Errorf("%s: found %q, %v", name, a.Finding, err)
		}
	}
}

// edit changes a text in the first document of a collection that has it, behind the product's back.
func edit(collection, from, to string) func(w *world, t *testing.T) {
	return func(w *world, t *testing.T) {
		t.Helper()
		index := map[string]string{"ledger": "by_no", "orders": "by_created"}[collection]
		page, err := w.store.Find(t.Context(), collection, store.Query{Index: index})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Docs {
			if changed := strings.Replace(string(d.Body), from, to, 1); changed != string(d.Body) {
				d.Body = []byte(changed)
				if err := w.store.Replace(t.Context(), collection, d); err != nil && !fault.Is(err, fault.Stale) {
					t.Fatal(err)
				}
				return
			}
		}
		t.Fatalf("no document of %s has %s", collection, from)
	}
}
