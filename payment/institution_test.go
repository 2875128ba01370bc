package payment_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
)

// institution is an institution in memory, for what the loopback institutions are too slow or too polite to do. It
// keeps its own books.
type institution struct {
	name gateway.Institution
	now  func() time.Time

	mu     sync.Mutex
	trades map[string]*trade
	took   int

	lateOpen  bool                  // Open is done, but its answer is lost
	silent    bool                  // Query and Close do not answer
	unsigned  bool                  // everything is unknown to Query and Close, without a signature
	payBefore func(out string) bool // the payer is faster than a close
	hidden    bool                  // a trade exists only once it is paid, as Alipay's pages do

	refunds    map[string]*refund // by out-refund number
	gave       int                // refunds made
	refundSays func(*refund) error
	slowRefund bool // a refund stays under way
	askCode    bool // a payment code's payer is asked for the password
	refuseCode *gateway.Error
	lateCode   bool // the charge by code is done, but its answer is lost

	down bool // no connection is made

	meanwhile func() // what happens while the answer to a question about a refund is on its way

	says      func(*gateway.Report) // what it says differently, or leaves out
	raw       string                // its word for the state of a trade
	statement []gateway.Report      // of every day; nil is not published yet
}

type refund struct {
	request gateway.RefundRequest
	state   gateway.RefundState
	id      string
}

type trade struct {
	charge      gateway.Charge
	state       gateway.TradeState
	transaction string
	paidAt      time.Time
}

func (b *institution) Institution() gateway.Institution { return b.name }
func (b *institution) Check(gateway.Account) error      { return nil }

func (b *institution) Open(_ context.Context, _ gateway.Account, c gateway.Charge) (gateway.Prepared, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return gateway.Prepared{},
			&gateway.Error{Kind: gateway.Unreachable, Cause: errors.New("connection refused")}
	}
	if b.trades[c.OutTradeNo] == nil {
		b.trades[c.OutTradeNo] = &trade{charge: c, state: gateway.TradeUnpaid}
	}
	if b.lateOpen {
		return gateway.Prepared{}, &gateway.Error{Kind: gateway.Indeterminate, Cause: errors.New("time-out")}
	}
	return gateway.Prepared{CodeURL: "pay:" + c.OutTradeNo}, nil
}

func (b *institution) find(out string) (*trade, error) {
	t, ok := b.trades[out]
	switch {
	case b.silent:
		return nil, &gateway.Error{Kind: gateway.Indeterminate, Cause: errors.New("time-out")}
	case b.unsigned:
		return nil, &gateway.Error{Kind: gateway.NotFound, Signed: false}
	case !ok, b.hidden && t.state == gateway.TradeUnpaid:
		return nil, &gateway.Error{Kind: gateway.NotFound, Signed: true}
	}
	if t.state == gateway.TradeUnpaid && !b.now().Before(t.charge.ExpiresAt) {
		t.state = gateway.TradeClosed
	}
	return t, nil
}

func (b *institution) Query(_ context.Context, _ gateway.Account, of gateway.Trade) (gateway.Report, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, err := b.find(of.OutTradeNo)
	if err != nil {
		return gateway.Report{}, err
	}
	return b.report(t), nil
}

func (b *institution) Offers(gateway.Account) []gateway.PaymentMethod {
	wallet := gateway.Wallet(b.name)
	if b.name == gateway.Lakala {
		return []gateway.PaymentMethod{{Wallet: gateway.WalletAlipay, Method: gateway.Native},
			{Wallet: gateway.WalletWeChat, Method: gateway.CodePresented}, swipe}
	}
	if b.name == gateway.Shengpay {
		return []gateway.PaymentMethod{swipe}
	}
	return []gateway.PaymentMethod{
		{Wallet: wallet, Method: gateway.JSAPI}, {Wallet: wallet, Method: gateway.H5},
		{Wallet: wallet, Method: gateway.Wap},
		{Wallet: wallet, Method: gateway.Native}, {Wallet: wallet, Method: gateway.CodePresented},
	}
}

func (b *institution) Close(_ context.Context, _ gateway.Account, of gateway.Trade) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, err := b.find(of.OutTradeNo)
	if err != nil {
		return err
	}
	if b.payBefore != nil && b.payBefore(of.OutTradeNo) {
		b.take(t)
	}
	if t.state == gateway.TradePaid {
		return &gateway.Error{Kind: gateway.AlreadyPaidUpstream, Signed: true}
	}
	t.state = gateway.TradeClosed
	return nil
}

func (b *institution) PayCode(_ context.Context, _ gateway.Account, c gateway.Charge) (gateway.Report, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuseCode != nil {
		return gateway.Report{}, b.refuseCode
	}
	t := &trade{charge: c, state: gateway.TradeUnpaid}
	b.trades[c.OutTradeNo] = t
	if !b.askCode {
		b.take(t)
	}
	if b.lateCode {
		return gateway.Report{}, &gateway.Error{Kind: gateway.Indeterminate, Cause: errors.New("time-out")}
	}
	return b.report(t), nil
}

func (b *institution) Reverse(_ context.Context, _ gateway.Account, of gateway.Trade) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	t, err := b.find(of.OutTradeNo)
	if err != nil {
		return err
	}
	if b.payBefore != nil && b.payBefore(of.OutTradeNo) {
		b.take(t)
	}
	if t.state == gateway.TradePaid {
		b.gave++
	}
	t.state = gateway.TradeClosed
	return nil
}

func (b *institution) Refund(_ context.Context, _ gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	have := b.refunds[r.OutRefundNo]
	if have == nil {
		have = &refund{request: r, state: gateway.RefundProcessing, id: "R-" + r.OutRefundNo}
	}
	if b.refundSays != nil {
		if err := b.refundSays(have); err != nil {
			return gateway.RefundReport{}, err
		}
	}
	if b.refunds[r.OutRefundNo] == nil {
		b.refunds[r.OutRefundNo] = have
		b.gave++
	}
	if !b.slowRefund && have.state == gateway.RefundProcessing {
		have.state = gateway.RefundDone
	}
	return have.report(), nil
}

func (b *institution) QueryRefund(ctx context.Context, a gateway.Account,
	r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	rep, err := b.queryRefund(ctx, a, r)
	if then := b.meanwhile; then != nil {
		b.meanwhile = nil
		then()
	}
	return rep, err
}

func (b *institution) queryRefund(_ context.Context, _ gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	have := b.refunds[r.OutRefundNo]
	switch {
	case b.silent:
		return gateway.RefundReport{}, &gateway.Error{Kind: gateway.Indeterminate, Cause: errors.New("time-out")}
	case have == nil:
		return gateway.RefundReport{}, &gateway.Error{Kind: gateway.NotFound, Signed: !b.unsigned}
	}
	return have.report(), nil
}

func (r *refund) report() gateway.RefundReport {
	return gateway.RefundReport{
		OutTradeNo: r.request.Trade.OutTradeNo, OutRefundNo: r.request.OutRefundNo, RefundID: r.id, State: r.state,
		Amount: r.request.Amount, Raw: string(r.state),
	}
}

func (b *institution) report(t *trade) gateway.Report {
	r := gateway.Report{
		OutTradeNo: t.charge.OutTradeNo, State: t.state, TransactionID: t.transaction, Amount: t.charge.Amount,
		Currency: "CNY", PaidAt: t.paidAt, Raw: b.raw,
	}
	if b.says != nil {
		b.says(&r)
	}
	return r
}

func (b *institution) take(t *trade) {
	b.took++
	t.state, t.transaction, t.paidAt = gateway.TradePaid, fmt.Sprintf("%s-%d", b.name, b.took),
		b.now().UTC().Truncate(time.Second)
}

// pay takes the payer's money, whatever the trade's state, and returns the notification.
func (b *institution) pay(out string) gateway.RawNotification {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.trades[out]
	if t.state != gateway.TradePaid {
		b.take(t)
	}
	return message(b.report(t))
}

// message is a notification as this institution sends it: the report, and a header that says that it is genuine.
func message(r gateway.Report) gateway.RawNotification {
	body, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	return gateway.RawNotification{Header: http.Header{"Wechatpay-Signature": {"genuine"}}, Body: body}
}

func (b *institution) Verify(_ context.Context, _ gateway.Account, m gateway.RawNotification,
	_ time.Time) (gateway.Notification,
	error) {
	if m.Header.Get("Wechatpay-Signature") != "genuine" {
		return gateway.Notification{}, &gateway.Error{Kind: gateway.Unauthentic}
	}
	n := gateway.Notification{Kind: gateway.NotifyTrade}
	if m.Header.Get("Kind") == "refund" {
		n.Kind = gateway.NotifyRefund
		return n, json.Unmarshal(m.Body, &n.Refund)
	}
	return n, json.Unmarshal(m.Body, &n.Report)
}

func (b *institution) Acknowledge(err error) gateway.Acknowledgement {
	if err == nil {
		return gateway.Acknowledgement{Status: 200}
	}
	return gateway.Acknowledgement{Status: 500}
}

// world is the service with two institutions, a clock that only moves when told, and what it settled.
type world struct {
	t        *testing.T
	store    store.Store
	pay      *payment.Service
	accounts *merchant.Accounts
	wechat   *institution
	alipay   *institution
	lakala   *institution // it takes both wallets, and cards that it answers queries about
	shengpay *institution // it takes cards that nothing but its statement tells of

	mu      sync.Mutex
	refs    int
	clock   time.Time
	settled map[string]string // item → order
	gone    []string          // items that something else has settled
	failing bool              // settling fails

	reopened        map[string]money.Fen    // refund and item → what became owed again
	ahead           money.Fen               // what was paid ahead and is not used
	takenBack       map[string]money.Fen    // refund → what it took of money that was kept as a prepayment
	withheld        map[string]money.Fen    // refund → what of that is set aside for it
	prepaid         map[string]money.Fen    // order and unapplied funds → kept for the payer
	unappliedPolicy payment.UnappliedPolicy // the policy of services made from now on
	limit           money.Fen               // up to which one person suffices
}

func newWorld(t *testing.T) *world {
	t.Helper()
	st := sqlitetest.Open(t, payment.Schemas()...)
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: st, clock: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC), settled: map[string]string{},
		reopened: map[string]money.Fen{}, prepaid: map[string]money.Fen{}, withheld: map[string]money.Fen{},
		takenBack:       map[string]money.Fen{},
		unappliedPolicy: payment.HoldUnapplied}
	w.accounts = merchant.NewAccounts(st, box)
	w.wechat = &institution{name: gateway.WeChat, now: w.now, trades: map[string]*trade{},
		refunds: map[string]*refund{}}
	w.alipay = &institution{name: gateway.Alipay, now: w.now, trades: map[string]*trade{},
		refunds: map[string]*refund{}}
	w.lakala = &institution{name: gateway.Lakala, now: w.now, trades: map[string]*trade{},
		refunds: map[string]*refund{}}
	w.shengpay = &institution{name: gateway.Shengpay, now: w.now, trades: map[string]*trade{},
		refunds: map[string]*refund{}}
	for _, acc := range []gateway.Account{
		{ID: "w", Company: "c", Institution: gateway.WeChat}, {ID: "a", Company: "c", Institution: gateway.Alipay},
		{ID: "w2", Company: "d", Institution: gateway.WeChat},
	} {
		if err := w.accounts.Add(t.Context(), acc, w.now()); err != nil {
			t.Fatal(err)
		}
	}
	w.pay = w.service(st)
	t.Cleanup(func() { w.eventsAgree(context.WithoutCancel(t.Context())) })
	return w
}

// service is a process of the product on a store.
func (w *world) service(st store.Store) *payment.Service {
	s := payment.NewService(st, payment.Config{
		Items:    w,
		Gateways: []gateway.Gateway{w.wechat, w.alipay, w.lakala, w.shengpay}, Accounts: w.accounts,
		BaseURL: "http://127.0.0.1", Now: w.now, Log: quiet(), UnappliedPolicy: w.unappliedPolicy, RefundLimit: w.limit,
		Wait: func(ctx context.Context, d time.Duration) error { w.pass(d); return ctx.Err() },
	})
	return s
}

// The world owns the items: it keeps which order settled each, what went back, and what became prepayment.

func (w *world) Settle(_ context.Context, o *payment.Order) (unsettled []string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failing {
		return nil, fault.New(fault.Unavailable, "", "down")
	}
	for _, it := range o.Items {
		if slices.Contains(w.gone, it.Ref) {
			unsettled = append(unsettled, it.Ref)
			continue
		}
		if by := w.settled[it.Ref]; by != "" && by != o.ID {
			w.t.Errorf("item %s was settled by %s and again by %s", it.Ref, by, o.ID)
		}
		w.settled[it.Ref] = o.ID
	}
	return unsettled, nil
}

func (w *world) Reopen(_ context.Context, _ *payment.Order, r *payment.Refund) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failing {
		return fault.New(fault.Unavailable, "", "down")
	}
	if r.Kept > 0 {
		w.takenBack[r.OutRefundNo] = r.Amount
	}
	for _, it := range r.Items {
		delete(w.settled, it.Ref)
		w.reopened[r.OutRefundNo+" "+it.Ref] = it.Amount
	}
	return nil
}

// Withhold sets aside what refunds give back of what was paid ahead, of which there is so much as w.ahead says.
func (w *world) Withhold(_ context.Context, _ *payment.Order, r *payment.Refund) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failing {
		return fault.New(fault.Unavailable, "", "down")
	}
	for _, it := range r.Items {
		if it.Amount > w.ahead-w.withheldLocked(r.OutRefundNo) {
			return fault.New(fault.WrongState, "", "used")
		}
	}
	w.withheld[r.OutRefundNo] = r.Amount
	return nil
}

func (w *world) withheldLocked(but string) (sum money.Fen) {
	for no, amount := range w.withheld {
		if no != but {
			sum += amount
		}
	}
	return sum
}

func (w *world) Release(_ context.Context, _ *payment.Order, r *payment.Refund) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.withheld, r.OutRefundNo)
	return nil
}

func (w *world) KeepPrepayment(_ context.Context, o *payment.Order, e *payment.UnappliedFunds) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.prepaid[fmt.Sprint(o.ID, "-", e.No)] = e.Amount
	return nil
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// sweep lets time pass in steps, with the loop at work.
func (w *world) sweep(s *payment.Service, total time.Duration) {
	w.t.Helper()
	for range total / (5 * time.Second) {
		w.pass(5 * time.Second)
		if _, err := s.Sweep(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		if _, err := s.Post(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
	}
}

func newOrder(refs ...string) payment.NewOrder {
	n := payment.NewOrder{Company: "c", Community: "m", Title: "物业费", Origin: payment.Origin{Kind: payment.Counter},
		Payer: payment.Payer{Unit: "u", Label: "1-101", Phone: "13800000001"}}
	for _, r := range refs {
		n.Items = append(n.Items, payment.Item{Ref: r, Title: r, Amount: 100})
	}
	return n
}

func (w *world) create(refs ...string) *payment.Order {
	w.t.Helper()
	o, _, err := w.pay.Create(w.t.Context(), newOrder(refs...))
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) attempt(id string, i gateway.Institution) string {
	w.t.Helper()
	o, no, _, err := w.pay.Attempt(w.t.Context(), id,
		payment.NewAttempt{Wallet: gateway.Wallet(i), Method: gateway.Native})
	if err != nil {
		w.t.Fatal(err)
	}
	return o.Attempt(no).OutTradeNo
}

func (w *world) get(id string) *payment.Order {
	w.t.Helper()
	o, err := w.pay.Get(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) want(id string, status payment.Status) *payment.Order {
	w.t.Helper()
	o := w.get(id)
	if o.Status != status {
		w.t.Fatalf("order %s is %s, want %s: %+v", id, o.Status, status, o.Timeline)
	}
	return o
}

func (w *world) account(i gateway.Institution) string { return string(i[:1]) }

func (w *world) notify(i gateway.Institution, m gateway.RawNotification) int {
	return w.pay.Receive(w.t.Context(), i, w.account(i), m).Status
}

// holder is the order that holds an item, "" for none.
func (w *world) holder(ref string) (string, error) {
	held, err := w.pay.Holdings(w.t.Context(), "m", ref, 1)
	if err != nil || len(held) == 0 {
		return "", err
	}
	return held[0].Order, nil
}
