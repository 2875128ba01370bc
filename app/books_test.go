package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
)

// open opens the product on the business's store in this process.
func (b *business) open(ctx context.Context, listen string) *App {
	b.t.Helper()
	cfg, err := ReadConfig(b.env)
	if err != nil {
		b.t.Fatal(err)
	}
	cfg.Listen = listen
	a, err := New(ctx, cfg, io.Discard)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// orders are all orders there are.
func (b *business) orders(ctx context.Context, a *App) []payment.Order {
	b.t.Helper()
	var all []payment.Order
	for f := (payment.Filter{Company: "c", Limit: 200}); ; {
		orders, next, err := a.Payments.Find(ctx, f)
		if err != nil {
			b.t.Fatal(err)
		}
		if all = append(all, orders...); next == "" {
			return all
		}
		f.Cursor = next
	}
}

// settles waits, with a server at work, until nothing is pending any more. People do their part: they enter passwords,
// close what nobody will pay, and end the refunds that they began; institutions repeat what was not accepted; all else
// is the server's own affair.
func (b *business) settles(ctx context.Context, a *App, within time.Duration) {
	b.t.Helper()
	var left []string
	for start := time.Now(); time.Since(start) < within; {
		b.enterPasswords()
		if left = append(b.repeat(), b.pending(ctx, a)...); len(left) == 0 {
			b.t.Logf("all settled %s after the load ended", time.Since(start).Round(100*time.Millisecond))
			return
		}
		b.pause(ctx, time.Second) // each look reads every order
	}
	b.t.Fatalf("%d things are still pending after %s: %s", len(left), within,
		strings.Join(left[:min(len(left), 20)], "; "))
}

func (b *business) pending(ctx context.Context, a *App) (left []string) {
	for _, o := range b.orders(ctx, a) {
		var err error
		if o.Status == payment.Pending && time.Now().Before(o.ExpiresAt) {
			_, err = a.Payments.Close(ctx, o.ID, payment.ByCancel, "staff:last")
		}
		for _, r := range o.Refunds {
			switch {
			case r.Status == payment.RefundRequested:
				_, err = a.Payments.DecideRefund(ctx, o.ID, r.No, true, b.last(ctx, a), "")
			case r.Status == payment.RefundPending && o.Attempt(r.Attempt).Institution == gateway.Cash:
				_, err = a.Payments.HandOut(ctx, o.ID, r.No, "staff:last")
			}
		}
		if err != nil {
			left = append(left, fmt.Sprintf("order %s: %v", o.ID, err))
		}
		left = append(left, unfinished(&o)...)
	}
	return left
}

// last is somebody of finance who asked for nothing, and so decides what is left.
func (b *business) last(ctx context.Context, a *App) string {
	b.t.Helper()
	m := access.Staff{Login: "last", Name: "末", Company: "c", Roles: []access.Role{access.Finance}}
	if err := a.Access.AddStaff(ctx, m, "the-last-of-finance"); err != nil && !fault.Is(err, fault.AlreadyExists) {
		b.t.Fatal(err)
	}
	return "staff:" + access.StaffID(m.Login)
}

// unfinished is what an order still waits for.
func unfinished(o *payment.Order) (values []string) {
	add := func(format string, args ...any) {
		values = append(values, "order "+o.ID+": "+fmt.Sprintf(format, args...))
	}
	if o.Status != payment.Paid && o.Status != payment.Closed {
		add("%s, attempts %+v", o.Status, o.Attempts)
	}
	for _, e := range o.Outbox {
		add("owes %s", e.Kind)
	}
	for _, r := range o.Refunds {
		if r.Status != payment.RefundSucceeded && r.Status != payment.RefundRejected {
			add("refund %d is %s (%s)", r.No, r.Status, r.Failure)
		}
	}
	for _, e := range o.Unapplied {
		if e.State != payment.UnappliedRefunded {
			add("unapplied funds %d is %s", e.No, e.State)
		}
	}
	for _, a := range o.Attempts {
		if a.State == payment.AttemptStarting || a.State == payment.AttemptOpen {
			add("attempt %d is %s", a.No, a.State)
		}
	}
	return values
}

// booksAgree holds our ledger against the institutions', order by order, and the bills against what paid them.
func (b *business) booksAgree(ctx context.Context, a *App) {
	b.t.Helper()
	type sums struct{ taken, back money.Fen }
	theirs, ours := map[string]sums{}, map[string]sums{}
	undone := b.reversed()
	for _, line := range b.ledger() {
		if !undone[line.OutTradeNo] {
			s := theirs[line.OutTradeNo]
			theirs[line.OutTradeNo] = sums{s.taken + line.TakenFen, s.back + line.GivenBackFen}
		}
	}
	cash, twice, last := 0, map[string]bool{}, map[string]int64{}
	err := a.Payments.Ledger().Lines(ctx, "c", func(l ledger.Line) error {
		if twice[l.ID] {
			b.t.Errorf("the ledger has %s twice", l.ID)
		}
		twice[l.ID] = true
		if last[string(l.Kind)]++; l.Receipt != last[string(l.Kind)] { // the business is one legal entity
			b.t.Errorf("%s has receipt %d where %d comes next", l.ID, l.Receipt, last[string(l.Kind)])
		}
		if l.Institution == string(gateway.Cash) {
			cash++
			return nil
		}
		s := ours[l.OutTradeNo]
		if l.Kind == ledger.Refund {
			s.back += l.Amount
		} else {
			s.taken += l.Amount
		}
		ours[l.OutTradeNo] = s
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	for out, s := range theirs {
		if ours[out] != s {
			o, err := a.Payments.Get(ctx, out[:24])
			b.t.Errorf("payment %s: the institution took and gave back %v, our ledger says %v; the order is %+v, %v",
				out, s, ours[out], o, err)
		}
	}
	for out, s := range ours {
		if _, known := theirs[out]; !known {
			b.t.Errorf("payment %s: our ledger says %v, the institution knows of none", out, s)
		}
	}
	b.billsOnce(ctx, a)
	b.t.Logf("%d payments at the institutions agree, %d lines of cash, %d payments were reversed", len(theirs), cash,
		len(undone))
}

// billsOnce says which bills were paid for more than once.
func (b *business) billsOnce(ctx context.Context, a *App) {
	b.t.Helper()
	paid, net := map[string][]string{}, map[string]money.Fen{}
	counts := map[string]int{}
	for _, o := range b.orders(ctx, a) {
		counts[string(o.Status)]++
		for _, r := range o.Refunds {
			counts["refund "+string(r.Status)]++
		}
		counts["exceptions"] += len(o.Unapplied)
		if o.Status != payment.Paid {
			continue
		}
		for _, it := range o.Items {
			if it.Unsettled {
				continue
			}
			net[it.Ref] += it.Amount - o.ItemGivenBack(it.Ref)
			if o.ItemGivenBack(it.Ref) == 0 {
				paid[it.Ref] = append(paid[it.Ref], o.ID)
			}
		}
	}
	for ref, orders := range paid {
		if len(orders) > 1 {
			b.t.Errorf("bill %s was paid by %v", ref, orders)
		}
	}
	for ref, sum := range net {
		if sum > 123 {
			b.t.Errorf("bill %s of 1.23 was paid %s", ref, sum.Yuan())
		}
	}
	var words []string
	for _, what := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, fmt.Sprintf("%s %d", what, counts[what]))
	}
	b.t.Logf("%d visits; orders and refunds: %s; %d acknowledgements", b.done.Load(), strings.Join(words, ", "),
		len(b.promised))
}

// end runs a server in this process until all is settled, and holds everything against everything.
func (b *business) end(ctx context.Context, within time.Duration) {
	b.t.Helper()
	a := b.open(ctx, strings.TrimPrefix(b.base, "http://"))
	serving, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.Run(serving) }()
	b.settles(ctx, a, within)
	stop()
	if err := errors.Join(<-ended, a.Close()); err != nil {
		b.t.Error(err)
	}
	a = b.open(ctx, "127.0.0.1:0")
	defer a.Close()
	b.kept(ctx, a, true)
	b.booksAgree(ctx, a)
	if found, err := a.verifyCompany(ctx, "c"); err != nil || found.Finding != "" {
		b.t.Errorf("verifying found %q, %v", found.Finding, err)
	}
}
