package app

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// delivery is as much of a notification's delivery as the test looks at.
type delivery struct {
	OutTradeNo string `json:"out_trade_no"`
	Fault      string
	Status     int
	Accepted   bool
}

// Each fault of a notification, at each institution, against the whole product: what must not be believed is refused,
// and the money is found all the same.
func TestFaultyNotificationsAgainstTheWhole(t *testing.T) {
	facts := startDemo(t, "sqlite:"+t.TempDir(), t.TempDir(), workbooks(t))
	staff := cashier(t, facts)
	bank := client{t: t, base: facts.WalletURL}
	believed := map[string]bool{"repeated": true, "late": true}
	made, room := map[string]order{}, 101
	for _, kind := range []string{"wechat", "alipay"} {
		for _, fault := range []string{"lost", "repeated", "late", "forged", "stale", "wrong_amount", "wrong_merchant",
			"probe_notice"} {
			if kind == "alipay" && fault == "stale" {
				continue // its messages say nothing of their age that could be checked: it repeats them for 25 hours
			}
			o := staff.newOrder(fmt.Sprint(room))
			room++
			var p struct{ ID string }
			bank.must("POST", "/scan", map[string]string{"content": o.QR.URL, "wallet": kind}, &p)
			bank.must("POST", "/faults",
				map[string]any{"institution": kind, "fault": fault, "out_trade_no": o.ID + "01", "delay_ms": 300}, nil)
			bank.must("POST", "/payments/"+p.ID+"/confirm", nil, nil)
			made[kind+" "+fault] = o
		}
	}
	for name, o := range made {
		paidInTheEnd(t, staff, name, o.ID)
	}
	var sent []delivery
	bank.must("GET", "/notifications", nil, &sent)
	for name, o := range made {
		i := slices.IndexFunc(sent, func(d delivery) bool { return d.OutTradeNo == o.ID+"01" })
		fault := sent[i].Fault
		if sent[i].Accepted != believed[fault] || fault != "lost" && !believed[fault] && sent[i].Status < 400 {
			t.Errorf("%s: the first delivery went %+v", name, sent[i])
		}
	}
	var ledger []struct{}
	bank.must("GET", "/ledger", nil, &ledger)
	if len(ledger) != len(made) {
		t.Errorf("%d orders were paid by %d payments", len(made), len(ledger))
	}
}

// cashier logs in as the first company's.
func cashier(t *testing.T, facts demoFacts) client {
	t.Helper()
	c := client{t: t, base: facts.BaseURL}
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	c.must("POST", "/v1/members/sessions",
		map[string]string{"login": facts.Staff[0].Login, "password": facts.Staff[0].Password}, &tokens)
	c.token = tokens.AccessToken
	return c
}

// paidInTheEnd waits until an order is paid by itself: nobody asks the institutions but the product.
func paidInTheEnd(t *testing.T, staff client, name, id string) {
	t.Helper()
	var o order
	for range 600 {
		if staff.must("GET", "/v1/orders/"+id, nil, &o); o.Status == "paid" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s: the order is %s, and the institution has the money", name, o.Status)
}

// The payer pays what was closed a moment before: the money is booked and kept for the bill, which still owes it.
func TestPaidAfterCloseAgainstTheWhole(t *testing.T) {
	facts := startDemo(t, "sqlite:"+t.TempDir(), t.TempDir(), workbooks(t))
	staff := cashier(t, facts)
	bank := client{t: t, base: facts.WalletURL}
	for i, kind := range []string{"wechat", "alipay"} {
		o := staff.newOrder(fmt.Sprint(101 + i))
		var p struct{ ID string }
		bank.must("POST", "/scan", map[string]string{"content": o.QR.URL, "wallet": kind}, &p)
		staff.must("POST", "/v1/orders/"+o.ID+"/closure", map[string]any{}, &o)
		if o.Status != "closed" {
			t.Fatalf("%s: the order is %s", kind, o.Status)
		}
		bank.must("POST", "/faults", map[string]any{"fault": "paid_after_close", "out_trade_no": o.ID + "01"}, nil)
		bank.must("POST", "/payments/"+p.ID+"/confirm", nil, nil)
		paidInTheEnd(t, staff, kind, o.ID)
	}
}
