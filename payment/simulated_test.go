package payment_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/payment"
	"linlipay/payment/gateway"
)

// What the simulation found, each as a test of its own.

// meanwhile is an institution that something else happens at while a request is on its way to it.
type meanwhile struct {
	*institution
	refund  func()
	reverse func()
}

func (m *meanwhile) Refund(ctx context.Context, a gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	if do := m.refund; do != nil {
		m.refund = nil
		do()
	}
	return m.institution.Refund(ctx, a, r)
}

func (m *meanwhile) Reverse(ctx context.Context, a gateway.Account, of gateway.Trade) error {
	if do := m.reverse; do != nil {
		m.reverse = nil
		do()
	}
	return m.institution.Reverse(ctx, a, of)
}

// serviceAt is a process that reaches WeChat Pay in its own way.
func (w *world) serviceAt(m *meanwhile) *payment.Service {
	s := payment.NewService(w.store, payment.Config{
		Items:    w,
		Gateways: []gateway.Gateway{m, w.alipay}, Accounts: w.accounts, BaseURL: "http://127.0.0.1", Now: w.now,
		Log: quiet(), UnappliedPolicy: w.unappliedPolicy, RefundLimit: w.limit,
		Wait: func(ctx context.Context, d time.Duration) error { w.pass(d); return ctx.Err() },
	})
	return s
}

// While one process's request to give back was on its way, another's was refused, a person settled the refund as not
// given back, and then the first one gave the money back. Now only one request is under way at a time, and nobody
// settles meanwhile.
func TestARefundIsNotSettledWhileARequestIsUnderWay(t *testing.T) {
	w := newWorld(t)
	o, no := w.ask(w.paid(gateway.WeChat, w.wechat, "b1"), "", item("b1", 100))
	w.wechat.refundSays = func(*refund) error {
		return &gateway.Error{Kind: gateway.Declined, Signed: true, Reason: gateway.MerchantBalance}
	}
	way := &meanwhile{institution: w.wechat}
	way.refund = func() {
		if _, err := w.pay.Advance(t.Context(), o.ID); err != nil {
			t.Error(err)
		}
		if r := w.get(o.ID).Refund(no); r.Status != payment.RefundPending || w.wechat.gave != 0 {
			t.Errorf("another process decided what becomes of a request that is under way: %+v", r)
		}
		if _, err := w.pay.SettleRefund(t.Context(), o.ID, no, false, "staff:finance", "stays"); err == nil {
			t.Error("a refund was settled while a request was under way")
		}
		w.wechat.refundSays = nil // the merchant's account has money again
	}
	if _, err := w.serviceAt(way).DecideRefund(t.Context(), o.ID, no, true, "staff:checker", ""); err != nil {
		t.Fatal(err)
	}
	if r := w.get(o.ID).Refund(no); r.Status != payment.RefundSucceeded || w.wechat.gave != 1 {
		t.Errorf("%+v, given back %d times", r, w.wechat.gave)
	}
}

// A payment code was paid after the last query and booked by another process; then the reversal gave the money back.
// Now a charge that is being reversed is not booked, and one that was booked is not reversed.
func TestAChargeIsBookedOrReversed(t *testing.T) {
	w := newWorld(t)
	w.wechat.askCode = true
	o := w.create("b1")
	if _, err := w.code(o.ID, wechatCode); err != nil {
		t.Fatal(err)
	}
	w.pass(46 * time.Second)
	way := &meanwhile{institution: w.wechat}
	way.reverse = func() {
		if got := w.notify(gateway.WeChat, w.wechat.pay(o.ID+"01")); got == 200 {
			t.Error("the payment was acknowledged while its reversal was under way")
		}
		if _, err := w.pay.Check(t.Context(), o.ID); err != nil {
			t.Error(err)
		}
		w.want(o.ID, payment.Pending)
	}
	if _, err := w.serviceAt(way).Advance(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	o = w.want(o.ID, payment.Pending)
	if a := o.Attempt(1); a.State != payment.AttemptEnded || w.wechat.gave != 1 {
		t.Errorf("%+v; given back %d times", a, w.wechat.gave)
	}
	if got := w.notify(gateway.WeChat,
		message(gateway.Report{OutTradeNo: o.ID + "01", State: gateway.TradePaid, Amount: 100, Currency: gateway.CNY,
			TransactionID: "wechat-1"})); got != 200 {
		t.Errorf("the repeated report of a reversed payment was answered with %d", got)
	}
	w.want(o.ID, payment.Pending)
}

// The institution refuses to reverse a charge that was paid meanwhile: then the order keeps the money.
func TestAChargeThatCannotBeReversedIsKept(t *testing.T) {
	w := newWorld(t)
	w.wechat.askCode = true
	o := w.create("b1")
	if _, err := w.code(o.ID, wechatCode); err != nil {
		t.Fatal(err)
	}
	w.pass(46 * time.Second)
	no := &refusing{institution: w.wechat, first: func() { w.wechat.pay(o.ID + "01") }}
	s := payment.NewService(w.store, payment.Config{
		Items:    w,
		Gateways: []gateway.Gateway{no}, Accounts: w.accounts, BaseURL: "http://127.0.0.1", Now: w.now, Log: quiet(),
		Wait: func(ctx context.Context, d time.Duration) error { w.pass(d); return ctx.Err() },
	})
	if _, err := s.Advance(t.Context(), o.ID); err != nil {
		t.Fatal(err)
	}
	if o = w.want(o.ID, payment.Paid); w.wechat.gave != 0 || w.settled["b1"] != o.ID {
		t.Errorf("%+v", o)
	}
	if _, err := w.pay.Advance(t.Context(), o.ID); err != nil && !fault.Is(err, fault.UpstreamUnknown) {
		t.Error(err)
	}
}

// refusing is an institution whose merchant account lacks the money for a reversal.
type refusing struct {
	*institution
	first func()
}

func (r *refusing) Reverse(context.Context, gateway.Account, gateway.Trade) error {
	r.first()
	return &gateway.Error{Kind: gateway.Declined, Signed: true, Reason: gateway.MerchantBalance}
}

// A process whose clock is minutes ahead took a payment code for long overdue and had it reversed, while the charge's
// own answer was on its way to the process that had sent it: that answer is older than the reversal, and is not booked.
func TestAChargesAnswerThatIsOlderThanItsReversal(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	way := &slowCharge{institution: w.wechat}
	way.meanwhile = func() {
		w.pass(46 * time.Second)
		if _, err := w.pay.Advance(t.Context(), o.ID); err != nil {
			t.Error(err)
		}
	}
	s := payment.NewService(w.store, payment.Config{Items: w, Gateways: []gateway.Gateway{way}, Accounts: w.accounts,
		BaseURL: "http://127.0.0.1", Now: w.now, Log: quiet()})
	_, _, _, err := s.Attempt(t.Context(), o.ID,
		payment.NewAttempt{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented,
			AuthCode: wechatCode})
	if o = w.get(o.ID); o.Status == payment.Paid && w.wechat.gave > 0 {
		t.Errorf("paid with money that went back: %+v, %v", o.Attempts, err)
	}
}

// slowCharge is an institution whose answer to a charge is long on its way; meanwhile a reversal gives the money back.
type slowCharge struct {
	*institution
	meanwhile func()
}

func (b *slowCharge) PayCode(ctx context.Context, a gateway.Account, c gateway.Charge) (gateway.Report, error) {
	b.institution.askCode = true
	if _, err := b.institution.PayCode(ctx, a, c); err != nil {
		return gateway.Report{}, err
	}
	b.institution.payBefore = func(string) bool { return true } // the payer pays, and the reversal comes right after
	b.meanwhile()
	return gateway.Report{OutTradeNo: c.OutTradeNo, State: gateway.TradePaid, TransactionID: "wechat-1",
		Amount: c.Amount, Currency: gateway.CNY, PaidAt: b.now()}, nil
}

// A charge was long on its way: a process whose clock is ahead had it reversed, and the institution, which knew nothing
// of it yet, confirmed that. Then it took the money. The report of that met the attempt as it was being reversed, and
// was answered with success once the reversal had its end: for money in no order.
func TestAChargeThatArrivesAfterItsReversal(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	asked, ended, told := make(chan struct{}), make(chan struct{}), make(chan int, 1)
	var late gateway.Charge
	receiving := &paused{institution: w.wechat, after: func(n int) {
		if n == 1 {
			close(asked)
			<-ended
		}
	}}
	reversing := &paused{institution: w.wechat, after: func(n int) {
		if n != 2 { // the question after the reversal
			return
		}
		if _, err := w.wechat.PayCode(t.Context(), gateway.Account{}, late); err != nil {
			t.Error(err)
		}
		m := w.wechat.pay(late.OutTradeNo)
		go func() { told <- w.serviceOf(receiving).Receive(t.Context(), gateway.WeChat, "w", m).Status }()
		<-asked
	}}
	charging := &paused{institution: w.wechat, charge: func(c gateway.Charge) {
		late = c
		w.pass(46 * time.Second)
		if _, err := w.serviceOf(reversing).Advance(t.Context(), o.ID); err != nil {
			t.Error(err)
		}
	}}
	_, _, _, _ = w.serviceOf(charging).Attempt(t.Context(), o.ID,
		payment.NewAttempt{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented, AuthCode: wechatCode})
	if a := w.get(o.ID).Attempt(1); a.State != payment.AttemptEnded {
		t.Fatalf("the reversal has no end: %+v", a)
	}
	close(ended)
	status := <-told
	if a := w.get(o.ID).Attempt(1); status == 200 && a.State != payment.AttemptSucceeded {
		t.Errorf("answered with success, and no order holds the money: %+v", a)
	}
}

// paused is an institution whose answers are long on their way: after is called with the number of each answer to
// Query, charge instead of a charge, whose answer gets lost. A reversal of what it knows nothing of succeeds.
type paused struct {
	*institution
	after   func(n int)
	charge  func(gateway.Charge)
	answers int
}

func (p *paused) Query(ctx context.Context, a gateway.Account, of gateway.Trade) (gateway.Report, error) {
	r, err := p.institution.Query(ctx, a, of)
	p.answers++
	p.after(p.answers)
	return r, err
}

func (p *paused) Reverse(ctx context.Context, a gateway.Account, of gateway.Trade) error {
	var no *gateway.Error
	if err := p.institution.Reverse(ctx, a, of); err != nil && (!errors.As(err, &no) || no.Kind != gateway.NotFound) {
		return err
	}
	return nil
}

func (p *paused) PayCode(_ context.Context, _ gateway.Account, c gateway.Charge) (gateway.Report, error) {
	p.charge(c)
	return gateway.Report{}, &gateway.Error{Kind: gateway.Indeterminate, Cause: errors.New("time-out")}
}

// serviceOf is a process that reaches WeChat Pay in its own way.
func (w *world) serviceOf(g gateway.Gateway) *payment.Service {
	s := payment.NewService(w.store, payment.Config{Items: w, Gateways: []gateway.Gateway{g}, Accounts: w.accounts,
		BaseURL: "http://127.0.0.1", Now: w.now, Log: quiet()})
	return s
}
