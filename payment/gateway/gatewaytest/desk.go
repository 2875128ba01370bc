package gatewaytest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
)

// desk is a cashier's desk: the product's own service on a store of its own, at which a counter takes the money and a
// QR of the institution's may be open.
type desk struct {
	*suite
	pay    *payment.Service
	bills  bills
	drawer books        // of notes and coins, as the cashier counts them
	ahead  atomic.Int64 // how far the service's clock is
}

// openDesk opens a desk of a company whose only merchant account is the subject's.
func (s *suite) openDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{suite: s, bills: bills{paid: map[string]money.Fen{}, reopened: map[string]bool{}}}
	st := sqlitetest.Open(t, payment.Schemas()...)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	accounts, account := merchant.NewAccounts(st, box), s.Account
	account.Company = "c"
	if err := accounts.Add(t.Context(), account, time.Now()); err != nil {
		t.Fatal(err)
	}
	door := httptest.NewServer(http.HandlerFunc(d.receive))
	t.Cleanup(door.Close)
	d.pay = payment.NewService(st, payment.Config{
		Items:    &d.bills,
		Gateways: []gateway.Gateway{s.Gateway}, Accounts: accounts, BaseURL: door.URL,
		Log:  slog.New(slog.DiscardHandler),
		Now:  func() time.Time { return time.Now().Add(time.Duration(d.ahead.Load())) },
		Wait: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	return d
}

// receive takes a notification in.
func (d *desk) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	account := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	a := d.pay.Receive(r.Context(), d.Gateway.Institution(), account,
		gateway.RawNotification{Header: r.Header.Clone(), Body: body})
	if a.ContentType != "" {
		w.Header().Set("Content-Type", a.ContentType)
	}
	w.WriteHeader(a.Status)
	w.Write(a.Body) // an institution that went away sends again
}

// owed makes an order of 123.45 yuan for two bills.
func (d *desk) owed(t *testing.T) *payment.Order {
	t.Helper()
	o, _, err := d.pay.Create(t.Context(), payment.NewOrder{
		Company: "c", Community: "m", Title: "物业费 " + d.number(), Origin: payment.Origin{Kind: payment.Counter},
		Payer: payment.Payer{Unit: "u", Label: "1-101"},
		Items: []payment.Item{{Ref: "b1", Title: "物业费", Amount: 12000}, {Ref: "b2", Title: "水费", Amount: 345}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// scanned opens the institution's QR for an order and has a wallet scan it; what the institution tells of its payment
// gets lost.
func (d *desk) scanned(t *testing.T, o *payment.Order) *order {
	t.Helper()
	w := d.main(t)
	after, no, _,
		err := d.pay.Attempt(t.Context(), o.ID,
		payment.NewAttempt{Wallet: w.Wallet, Method: w.Method, ClientIP: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	a := after.Attempt(no)
	qr := &order{charge: gateway.Charge{OutTradeNo: a.OutTradeNo}, prepared: a.Prepared}
	d.scan(t, qr, wallets(w)[0])
	return qr
}

// agree waits until an order is at rest, with so much taken and given back for it, and holds everything against
// everything: the institution's books and the drawer, the order, the bills, the ledger and what verifies it.
func (d *desk) agree(t *testing.T, id string, status payment.Status, taken, back money.Fen) *payment.Order {
	t.Helper()
	var o *payment.Order
	want := fmt.Sprintf("%s with %d fen taken and %d given back", status, taken, back)
	eventually(t, "the order "+want, func() bool {
		o = d.moved(t, id)
		in, out := sums(o)
		return o.Status == status && in == taken && out == back && len(o.Outbox) == 0
	})
	held := d.drawer
	for _, a := range o.Attempts {
		b := d.Institutions.ledger(t, a.OutTradeNo)
		held.taken, held.back = held.taken+b.taken, held.back+b.back
	}
	if held.taken != taken || held.back != back {
		t.Fatalf("the order is %s, but whoever has the money %v", want, held)
	}
	audit, err := d.pay.Verify(t.Context(), "c", d.bills.agree)
	if err != nil || audit.Finding != "" || audit.Taken != taken || audit.GivenBack != back {
		t.Fatalf("the order is %s, but the books say %+v, %v", want, audit, err)
	}
	return o
}

// moved is an order after all that the order loop does.
func (d *desk) moved(t *testing.T, id string) *payment.Order {
	t.Helper()
	_, err := d.pay.Advance(t.Context(), id)
	if err == nil {
		_, err = d.pay.Check(t.Context(), id)
	}
	if err == nil {
		_, err = d.pay.Post(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	o, err := d.pay.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// sums is what an order says was taken and given back for it.
func sums(o *payment.Order) (taken, back money.Fen) {
	for _, a := range o.Attempts {
		taken, back = taken+a.Received, back+o.GivenBack(a.No)
	}
	return taken, back
}

// bills are what orders pay for: how much of each is paid.
type bills struct {
	mu       sync.Mutex
	paid     map[string]money.Fen
	reopened map[string]bool // refunds that were told, by number
}

// Settle marks the items as paid.
func (b *bills) Settle(_ context.Context, o *payment.Order) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, it := range o.Items {
		b.paid[it.Ref] = it.Amount
	}
	return nil, nil
}

// Reopen makes owed again what a refund gave back.
func (b *bills) Reopen(_ context.Context, _ *payment.Order, r *payment.Refund) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, it := range r.Items {
		if !b.reopened[r.OutRefundNo] {
			b.paid[it.Ref] -= it.Amount
		}
	}
	b.reopened[r.OutRefundNo] = true
	return nil
}

// Withhold has nothing to set aside.
func (b *bills) Withhold(context.Context, *payment.Order, *payment.Refund) error { return nil }

// Release frees nothing.
func (b *bills) Release(context.Context, *payment.Order, *payment.Refund) error { return nil }

// KeepPrepayment is for companies that keep what came too much; this one gives it back.
func (b *bills) KeepPrepayment(context.Context, *payment.Order, *payment.UnappliedFunds) error {
	return fmt.Errorf("nothing is kept as a prepayment here")
}

// agree says what of an order's bills is not as the order has it, "" for nothing.
func (b *bills) agree(_ context.Context, o *payment.Order) (string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, it := range o.Items {
		want := money.Fen(0)
		if o.Status == payment.Paid {
			want = it.Amount - o.ItemGivenBack(it.Ref)
		}
		if b.paid[it.Ref] != want {
			return fmt.Sprintf("%d fen of bill %s are paid, not %d", b.paid[it.Ref], it.Ref, want), nil
		}
	}
	return "", nil
}
