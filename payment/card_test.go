package payment_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/fault"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
	"linlipay/payment/ledger"
)

var swipe = gateway.PaymentMethod{Wallet: gateway.WalletCard, Method: gateway.CardPresent}

// A bank takes cards too: its application on the device speaks the generic form.

func (b *institution) ConfirmsCards() gateway.Confirmation {
	if b.name == gateway.Shengpay {
		return gateway.ByStatement
	}
	return gateway.ByQuery
}

func (b *institution) ReadResult(_ gateway.Account, t gateway.Trade, fields map[string]string) (gateway.DeviceResult,
	error) {
	return gateway.ReadGenericResult(t, fields)
}

func (b *institution) VoidCall(_ gateway.Account, t gateway.Trade) (gateway.DeviceCall, error) {
	return gateway.GenericCall("", "", gateway.CardVoid, t), nil
}

func (b *institution) CardTrades(context.Context, gateway.Account, time.Time) ([]gateway.Report, error) {
	if b.statement == nil {
		return nil, &gateway.Error{Kind: gateway.TryLater, Signed: true}
	}
	return b.statement, nil
}

// line is how the statement shows a card payment.
func line(out string, state gateway.TradeState, fen int64, at time.Time) gateway.Report {
	return gateway.Report{
		OutTradeNo: out, State: state, TransactionID: "S" + out, StatementNo: "S" + out, Amount: money.Fen(fen),
		Currency: "CNY", PaidAt: at,
		Wallet: gateway.WalletCard, Method: gateway.CardPresent,
	}
}

// cardAt adds an account at an institution that takes cards, trusted or not, and makes an order on a terminal with a
// card payment under way.
func (w *world) cardAt(i gateway.Institution, trust string) (id string) {
	w.t.Helper()
	acc := gateway.Account{ID: string(i), Company: "c", Institution: i,
		Settings: map[string]string{"trust_device": trust}}
	if err := w.accounts.Add(w.t.Context(), acc, w.now()); err != nil && !fault.Is(err, fault.AlreadyExists) {
		w.t.Fatal(err)
	}
	n := newOrder(w.ref())
	n.Origin = payment.Origin{Kind: payment.Terminal, Terminal: "t1"}
	o, _, err := w.pay.Create(w.t.Context(), n)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, _, _, err = w.pay.Attempt(w.t.Context(), o.ID,
		payment.NewAttempt{Wallet: gateway.WalletCard, Method: gateway.CardPresent}); err != nil {
		w.t.Fatal(err)
	}
	return o.ID
}

// says is what the terminal reports of an order's first attempt.
func (w *world) says(id, result string, more ...string) (*payment.Order, error) {
	fields := map[string]string{
		"result": result, "out_trade_no": id + "01", "amount": "100", "reference_no": "123456789012",
		"batch_no": "000001", "trace_no": "000007",
		"terminal_no": "D9296400", "masked_card": "622202******1234", "card_type": "01",
	}
	for i := 0; i < len(more); i += 2 {
		fields[more[i]] = more[i+1]
	}
	return w.brings(id, fields)
}

// brings has the terminal deliver a result of an order's first attempt. A result that was not taken is its fault.
func (w *world) brings(id string, fields map[string]string) (*payment.Order, error) {
	told, err := w.pay.ReportCard(w.t.Context(), id, 1,
		payment.DeviceReport{Terminal: "t1", Fields: fields, Signature: []byte("s"), SignedAt: w.now()})
	if err == nil && told.Why != nil {
		return told.Order, told.Why
	}
	return told.Order, err
}

func (w *world) wantOrder(id string, status payment.Status, attempt payment.AttemptState) *payment.Order {
	w.t.Helper()
	o := w.get(id)
	if o.Status != status || o.Attempt(1).State != attempt {
		w.t.Fatalf("order is %s, attempt %s; want %s, %s: %+v", o.Status, o.Attempt(1).State, status, attempt,
			o.Timeline)
	}
	return o
}

// A device's word alone does not make money, wherever the institution can be asked.
func TestADevicesWordIsNotMoney(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Lakala, "yes")
	if _, err := w.says(id, "success"); err != nil {
		t.Fatal(err)
	}
	o := w.wantOrder(id, payment.Pending, payment.AttemptReported)
	if o.Attempt(1).Card.ReferenceNo != "123456789012" || o.Attempt(1).Word == nil || w.lakala.took != 0 {
		t.Errorf("what the device told is not kept: %+v", o.Attempt(1))
	}
	if _, _, _, err := w.pay.Attempt(t.Context(), id,
		payment.NewAttempt{Wallet: gateway.WalletAlipay, Method: gateway.Native}); !fault.Is(err, fault.WrongState) {
		t.Errorf("another try beside a card that may be charged: %v", err)
	}
	if o, err := w.pay.Close(t.Context(), id, payment.ByCancel, "staff:x"); err != nil || o.Status != payment.Closing {
		t.Fatalf("closing beside a reported card: %v, %v", o.Status, err)
	}
	w.lakala.pay(id + "01") // what the device said was true, and the institution says so when asked
	w.sweep(w.pay, time.Minute)
	if o = w.wantOrder(id, payment.Paid, payment.AttemptSucceeded); o.Attempt(1).Provisional ||
		o.Attempt(1).Card.BatchNo != "000001" {
		t.Errorf("confirmed by the institution: %+v", o.Attempt(1))
	}
}

// A terminal that lies, or whose charge was undone by the acquirer: the order ends unpaid.
func TestAReportThatNobodyConfirms(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Lakala, "")
	if _, err := w.says(id, "success"); err != nil {
		t.Fatal(err)
	}
	w.sweep(w.pay, 9*time.Minute)
	if w.get(id).Attempt(1).State != payment.AttemptReported {
		t.Error("the institution had less than ten minutes to confirm")
	}
	w.sweep(w.pay, 5*time.Minute)
	w.wantOrder(id, payment.Closed, payment.AttemptEnded)
}

func TestADeclinedCardMakesRoom(t *testing.T) {
	for _, i := range []gateway.Institution{gateway.Lakala, gateway.Shengpay} {
		w := newWorld(t)
		id := w.cardAt(i, "")
		o, err := w.says(id, "failed", "message", "余额不足")
		if err != nil || o.Attempt(1).State != payment.AttemptEnded || !strings.Contains(o.Attempt(1).Failure, "余额不足") {
			t.Fatalf("%s: %v, %+v", i, err, o.Attempt(1))
		}
		if _, _, _, err := w.pay.Attempt(t.Context(), id,
			payment.NewAttempt{Wallet: gateway.WalletAlipay, Method: gateway.Native}); err != nil {
			t.Errorf("%s: another try after a declined card: %v", i, err)
		}
	}
}

// Where nothing but the statement confirms, an untrusted device's word waits for it.
func TestOnlyTheStatementConfirms(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Shengpay, "")
	if _, err := w.says(id, "success"); err != nil {
		t.Fatal(err)
	}
	w.sweep(w.pay, 20*time.Minute)
	w.wantOrder(id, payment.Closing, payment.AttemptReported)
	if found := w.unconfirmed(); found != 1 {
		t.Errorf("finance sees %d unconfirmed card payments", found)
	}
	w.statements() // none is published yet
	w.wantOrder(id, payment.Closing, payment.AttemptReported)
	w.shengpay.statement = []gateway.Report{line(id+"01", gateway.TradePaid, 100, w.now())}
	w.pass(24 * time.Hour)
	w.statements()
	if o := w.wantOrder(id, payment.Paid, payment.AttemptSucceeded); o.Attempt(1).Provisional ||
		o.Attempt(1).StatementNo != "S"+id+"01" || w.unconfirmed() != 0 {
		t.Errorf("after the statement: %+v", o.Attempt(1))
	}
}

func TestATrustedDeviceIsProvisional(t *testing.T) {
	for name, c := range map[string]struct {
		statement   []gateway.Report
		provisional bool
		doubt       string
	}{
		"the statement agrees": {
			[]gateway.Report{{State: gateway.TradePaid, TransactionID: "T1", StatementNo: "S1", Amount: 100,
				Card: card.Card{ReferenceNo: "123456789012"}}}, false, ""},
		"the statement has another amount": {
			[]gateway.Report{{State: gateway.TradePaid, TransactionID: "T1", StatementNo: "S1", Amount: 99,
				Card: card.Card{ReferenceNo: "123456789012"}}}, true, "0.99"},
		"the statement does not show it": {[]gateway.Report{}, true, "无此笔"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.cardAt(gateway.Shengpay, "yes")
			if _, err := w.says(id, "success"); err != nil {
				t.Fatal(err)
			}
			if o := w.wantOrder(id, payment.Paid, payment.AttemptSucceeded); !o.Attempt(1).Provisional ||
				w.unconfirmed() != 1 || w.settled[o.Items[0].Ref] != id {
				t.Fatalf("on the device's word: %+v", o.Attempt(1))
			}
			for i := range c.statement {
				c.statement[i].PaidAt = w.now()
			}
			w.shengpay.statement = c.statement
			w.pass(24 * time.Hour)
			w.statements()
			w.statements()
			if a := w.get(id).Attempt(1); a.Provisional != c.provisional || !strings.Contains(a.Doubt, c.doubt) ||
				a.Received != 100 {
				t.Errorf("after the statement: %+v", a)
			}
		})
	}
}

// What was booked on a device's word goes by the institution's number once that tells it, in whatever way a lie came
// before the charge: searches, voids and refunds use that one and nothing of the lie. The ledger's line stays as it was
// written, and the books agree.
func TestTheInstitutionsNumberTakesTheDevicesPlace(t *testing.T) {
	lie := []string{"reference_no", "999999999999", "batch_no", "000009", "trace_no", "000099", "auth_code", "LIE000"}
	truth := card.Card{ReferenceNo: "123456789012", BatchNo: "000001", TraceNo: "000007", Terminal: "D9296400"}
	for name, c := range map[string]struct {
		words  [][]string // what the device says, one after the other
		out    bool       // the statement has our number; without it the reference number tells which payment it is
		booked string     // the ledger's number
	}{
		"an honest device":         {[][]string{nil}, false, "123456789012"},
		"a lie, the charge untold": {[][]string{lie}, true, "999999999999"},
		"a lie, then the charge":   {[][]string{lie, nil}, false, "999999999999"},
		"the charge, then a lie":   {[][]string{nil, lie}, false, "123456789012"},
	} {
		for _, early := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, in the ledger before: %t", name, early), func(t *testing.T) {
				w := newWorld(t)
				id := w.cardAt(gateway.Shengpay, "yes")
				for _, word := range c.words {
					if _, err := w.says(id, "success", word...); err != nil {
						t.Fatal(err)
					}
				}
				if early {
					w.sweep(w.pay, time.Minute)
				}
				shown := line(id+"01", gateway.TradePaid, 100, w.now())
				if shown.Card = truth; !c.out {
					shown.OutTradeNo = ""
				}
				w.shengpay.statement = []gateway.Report{shown}
				w.pass(24 * time.Hour)
				w.statements()
				if _, err := w.says(id, "success", "reference_no", "888888888888"); !fault.Is(err, fault.Invalid) {
					// too late to change anything: finance sees it
					t.Fatal(err)
				}
				w.sweep(w.pay, time.Minute)
				a := w.wantOrder(id, payment.Paid, payment.AttemptSucceeded).Attempt(1)
				if a.Provisional || a.TransactionID != "S"+id+"01" || a.Card.ReferenceNo != truth.ReferenceNo ||
					a.Card.BatchNo != truth.BatchNo || a.Card.TraceNo != truth.TraceNo || a.Card.AuthCode != "" {
					t.Errorf("%s, %+v", a.TransactionID, a.Card)
				}
				var lines []string
				if err := w.pay.Ledger().Lines(t.Context(), "c", func(l ledger.Line) error {
					lines = append(lines, l.TransactionID)
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				if found := w.verify(); found.Finding != "" || !slices.Equal(lines, []string{c.booked}) {
					t.Errorf("the ledger has %v; %+v", lines, found)
				}
				for _, number := range []string{a.TransactionID, c.booked, truth.ReferenceNo} {
					if orders, _, err := w.pay.Find(t.Context(),
						payment.Filter{Company: "c", Search: number}); err != nil || len(orders) != 1 {
						t.Errorf("%d orders are found by %s, %v", len(orders), number, err)
					}
				}
				w.giveBack(id, 40)
				w.sweep(w.pay, time.Minute)
				asked := w.shengpay.refunds[w.get(id).Refund(1).OutRefundNo]
				if asked == nil || asked.request.Trade.TransactionID != "S"+id+"01" ||
					asked.request.Trade.Card != a.Card || w.verify().Finding != "" {
					t.Errorf("the refund is asked as %+v; %+v", asked, w.verify())
				}
			})
		}
	}
}

// A terminal charges twice under one number: the second charge is money too, and an order of its own holds it.
func TestTheStatementShowsASecondCharge(t *testing.T) {
	for _, trust := range []string{"yes", "no"} {
		w := newWorld(t)
		id := w.cardAt(gateway.Shengpay, trust)
		if _, err := w.says(id, "success"); err != nil {
			t.Fatal(err)
		}
		first, second := line(id+"01", gateway.TradePaid, 100, w.now()), line(id+"01", gateway.TradePaid, 100, w.now())
		second.TransactionID, second.StatementNo = "S2", "S2"
		w.shengpay.statement = []gateway.Report{first, second}
		w.pass(24 * time.Hour)
		w.statements()
		w.pass(24 * time.Hour)
		w.statements()
		w.sweep(w.pay, time.Minute)
		o := w.wantOrder(id, payment.Paid, payment.AttemptSucceeded)
		found, _, err := w.pay.Find(t.Context(), payment.Filter{Company: "c", Search: "S2"})
		if err != nil || len(found) != 1 || found[0].Attempt(1).Received != 100 ||
			found[0].Attempt(1).Method != gateway.CardPresent || o.Attempt(1).TransactionID != first.TransactionID {
			t.Fatalf("trust %s: the second charge is held by %+v, %v", trust, found, err)
		}
		if a := w.verify(); a.Finding != "" || a.Taken != 200 {
			t.Errorf("trust %s: %+v", trust, a)
		}
	}
}

// Finance finds that a provisional payment never came: the bills are owed again, and the books say so.
func TestMoneyThatNeverCame(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Shengpay, "yes")
	if _, err := w.says(id, "success"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pay.MarkNotReceived(t.Context(), id, 1, "staff:fin", ""); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a note: %v", err)
	}
	o, err := w.pay.MarkNotReceived(t.Context(), id, 1, "staff:fin", "对账单无此笔")
	if err != nil {
		t.Fatal(err)
	}
	if ref := o.Items[0].Ref; w.settled[ref] != "" || o.Refunded() != 100 || w.unconfirmed() != 0 ||
		o.Refund(1).Status != payment.RefundSucceeded {
		t.Errorf("the bill is still settled, or the books still hold it: %+v", o.Refunds)
	}
	if _, err := w.pay.MarkNotReceived(t.Context(), id, 1, "staff:fin", "again"); !fault.Is(err, fault.WrongState) {
		t.Errorf("twice: %v", err)
	}
}

// Money that only a device's word tells of, and that its order cannot keep, waits for the statement: before that it is
// neither given back nor a prepayment.
func TestUnappliedFundsOfADevicesReport(t *testing.T) {
	for _, came := range []bool{true, false} {
		for policy, want := range map[payment.UnappliedPolicy]payment.UnappliedState{
			payment.RefundUnapplied: payment.UnappliedRefunded, payment.PrepayUnapplied: payment.UnappliedPrepaid} {
			w := newWorld(t)
			w.policy(policy)
			id := w.cardAt(gateway.Shengpay, "yes")
			w.sweep(w.pay, 6*time.Minute)
			w.paid(gateway.WeChat, w.wechat, w.get(id).Items[0].Ref)
			if _, err := w.says(id, "success"); err != nil {
				t.Fatal(err)
			}
			if e := w.get(id).Unapplied[0]; e.State != payment.UnappliedOpen || len(w.prepaid) != 0 {
				t.Fatalf("%s on a device's word: %+v", policy, e)
			}
			if _, err := w.pay.DecideUnapplied(t.Context(), id, 1, payment.Prepay, "staff:fin", ""); !fault.Is(err,
				fault.WrongState) {
				t.Errorf("kept as a prepayment before anybody knows that it came: %v", err)
			}
			w.shengpay.statement = []gateway.Report{}
			if came {
				w.shengpay.pay(id + "01")
				w.shengpay.statement = []gateway.Report{line(id+"01", gateway.TradePaid, 100, w.now())}
			}
			w.pass(24 * time.Hour)
			w.statements()
			if !came {
				want = payment.UnappliedDismissed
				if _, err := w.pay.MarkNotReceived(t.Context(), id, 1, "staff:fin", "对账单无此笔"); err != nil {
					t.Fatal(err)
				}
			}
			w.sweep(w.pay, time.Minute)
			if e := w.get(id).Unapplied[0]; e.State != want ||
				len(w.prepaid) > 0 != (want == payment.UnappliedPrepaid) {
				t.Errorf("%s, came %t: %+v, prepayments %v", policy, came, e, w.prepaid)
			}
		}
	}
}

// What the statement shows instead of a device's word, or after finance denied it, is money all the same: an order of
// its own holds it.
func TestTheStatementShowsOtherMoney(t *testing.T) {
	for name, c := range map[string]struct {
		shown      int64
		denyBefore bool
	}{
		"another amount":      {99, false},
		"what was denied":     {100, true},
		"another, and denied": {99, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.cardAt(gateway.Shengpay, "yes")
			if _, err := w.says(id, "success"); err != nil {
				t.Fatal(err)
			}
			deny := func() {
				if _, err := w.pay.MarkNotReceived(t.Context(), id, 1, "staff:fin", "核实"); err != nil {
					t.Fatal(err)
				}
			}
			if c.denyBefore {
				deny()
			}
			w.shengpay.statement = []gateway.Report{line(id+"01", gateway.TradePaid, c.shown, w.now())}
			w.pass(24 * time.Hour)
			w.statements()
			if !c.denyBefore {
				deny()
			}
			w.pass(24 * time.Hour)
			w.statements()
			var held, booked money.Fen
			for _, o := range w.orders() {
				for _, a := range o.Attempts {
					booked += a.Received - o.GivenBack(a.No)
				}
				for _, e := range o.Unapplied {
					held += e.Amount
				}
			}
			if int64(held) != c.shown || int64(booked) != c.shown || w.unconfirmed() != 0 {
				t.Errorf("the statement shows %d, %d is held as unapplied, %d is left in the books, %d are "+
					"unconfirmed", c.shown, held, booked, w.unconfirmed())
			}
			w.moved()
			w.agrees()
		})
	}
}

// The terminal brings no word at all; the statement shows the charge two days later, when the bill was paid in cash.
func TestASilentTerminalAndTheStatement(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Shengpay, "")
	w.sweep(w.pay, 6*time.Minute)
	w.wantOrder(id, payment.Closed, payment.AttemptLeaving)
	n := newOrder(w.get(id).Items[0].Ref)
	again, _, err := w.pay.Create(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.pay.TakeCash(t.Context(), again.ID, payment.NewCash{Tendered: 100, By: "staff:x"}); err != nil {
		t.Fatal(err)
	}
	w.shengpay.statement = []gateway.Report{line(id+"01", gateway.TradePaid, 100, w.now())}
	w.pass(24 * time.Hour)
	w.statements()
	if o := w.wantOrder(id, payment.Closed, payment.AttemptSucceeded); len(o.Unapplied) != 1 ||
		o.Unapplied[0].Reason != payment.UnappliedItemsHeld {
		t.Errorf("late card money: %+v", o.Unapplied)
	}

	never := w.cardAt(gateway.Shengpay, "")
	w.sweep(w.pay, 6*time.Minute)
	w.pass(4 * 24 * time.Hour)
	w.sweep(w.pay, time.Minute)
	w.wantOrder(never, payment.Closed, payment.AttemptEnded)
}

func TestWhatADeviceMustNotSay(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Lakala, "")
	for name, c := range map[string]struct {
		more []string
		why  string // on the timeline
	}{
		"a full card number":         {[]string{"message", "卡号 6222021234567890128"}, "完整卡号"},
		"a full number as masked":    {[]string{"masked_card", "6222021234567890128"}, "完整卡号"},
		"a track":                    {[]string{"track2", "6222021234567890128=29121011234567890"}, "磁道"},
		"a PIN":                      {[]string{"pin_block", "0412AC89ABCDEF67"}, "密码"},
		"another order's number":     {[]string{"out_trade_no", strings.Repeat("1", 26)}, "不是该笔订单"},
		"another amount":             {[]string{"amount", "99"}, "金额与订单不符"},
		"no reference and no trace":  {[]string{"reference_no", "", "trace_no", ""}, "格式不正确"},
		"a result that is no result": {[]string{"result", "maybe"}, "格式不正确"},
	} {
		for range 2 { // the terminal brings it again
			_, err := w.says(id, "success", c.more...)
			if !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "6222021234567890128") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if lines := w.disbelieved(id, c.why); lines != 1 {
			t.Errorf("%s: %d lines of the timeline say so", name, lines)
		}
	}
	if lines := w.disbelieved(id, ""); lines != 4 {
		t.Errorf("four reasons make %d lines of the timeline", lines)
	}
	if kept := w.get(id).RejectedReports; len(kept) != 8 || w.unconfirmed() != 1 {
		t.Errorf("eight results that were not taken, each brought twice, are %d lines of finance's list", len(kept))
	}
	if _, err := w.pay.ReportCard(t.Context(), id, 1, payment.DeviceReport{Terminal: "t2"}); !fault.Is(err,
		fault.NotFound) {
		t.Errorf("another terminal's word: %v", err)
	}
	for _, c := range []struct {
		terminal string
		refusal  *fault.Error
		lines    int
	}{
		{"t1", fault.New(fault.Forbidden, "设备签名未通过校验。", "x"), 1},
		{"t2", fault.New(fault.Forbidden, "设备签名未通过校验。", "x"), 1},
		{"t1", fault.New(fault.Unavailable, "稍后", "x"), 0},
	} {
		if err := w.pay.RejectDeviceReport(t.Context(), id, 1, c.terminal, c.refusal); !errors.Is(err, c.refusal) ||
			w.disbelieved(id, c.refusal.ZH) != c.lines {
			t.Errorf("%s, %v: %v", c.terminal, c.refusal, err)
		}
	}
	if o := w.wantOrder(id, payment.Pending, payment.AttemptOpen); o.Attempt(1).Word != nil {
		t.Errorf("a refused word is kept: %+v", o.Attempt(1).Word)
	}
}

// disbelieved counts the lines of an order's timeline which say that a terminal's word was refused, and why.
func (w *world) disbelieved(id, why string) (lines int) {
	for _, e := range w.get(id).Timeline {
		if e.What == payment.CardRejected && e.Attempt == 1 && e.By == "terminal:t1" &&
			strings.Contains(e.Note, why) {
			lines++
		}
	}
	return lines
}

// paidByCard is an order that a card has paid, confirmed by Lakala.
func (w *world) paidByCard() string {
	id := w.cardAt(gateway.Lakala, "")
	if _, err := w.says(id, "success"); err != nil {
		w.t.Fatal(err)
	}
	w.lakala.pay(id + "01")
	w.sweep(w.pay, time.Minute)
	w.wantOrder(id, payment.Paid, payment.AttemptSucceeded)
	return id
}

func (w *world) giveBack(id string, fen int64) *payment.Order {
	w.t.Helper()
	items := []payment.RefundItem{{Ref: w.get(id).Items[0].Ref, Amount: money.Fen(fen)}}
	o, no, _, err := w.pay.RequestRefund(w.t.Context(), id,
		payment.NewRefund{Items: items, Reason: "多收", By: "staff:a"})
	if err == nil {
		o, err = w.pay.DecideRefund(w.t.Context(), id, no, true, "staff:b", "")
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// The whole of a card payment goes back on its day by a void on the terminal, a part by the institution's refund.
func TestAVoidOnTheTerminal(t *testing.T) {
	w := newWorld(t)
	part := w.paidByCard()
	if o := w.giveBack(part, 40); o.Refund(1).Void || o.Refund(1).Status != payment.RefundSucceeded {
		t.Errorf("a part: %+v", o.Refund(1))
	}
	id := w.paidByCard()
	if o := w.giveBack(id, 100); !o.Refund(1).Void || o.Refund(1).Status != payment.RefundPending ||
		o.RefundWaits(o.Refund(1)) != payment.ForTerminal {
		t.Fatalf("the whole: %+v", o.Refund(1))
	}
	w.sweep(w.pay, time.Hour)
	if w.lakala.gave != 1 {
		t.Fatalf("the institution was asked for a refund that the terminal is to undo: %d", w.lakala.gave)
	}
	call, err := w.pay.CallVoid(t.Context(), id, 1, "t1")
	if err != nil || call.Extras["action"] != "void" || call.Extras["batch_no"] != "000001" ||
		call.Extras["trace_no"] != "000007" {
		t.Fatalf("%+v, %v", call, err)
	}
	if _, err := w.pay.CallVoid(t.Context(), id, 1, "t2"); !fault.Is(err, fault.NotFound) {
		t.Errorf("another terminal: %v", err)
	}
	o, err := w.voided(id, "success")
	if err != nil || o.Refund(1).Status != payment.RefundPending || o.RefundWaits(o.Refund(1)) != "" {
		t.Fatalf("on the device's word alone: %v, %+v", err, o.Refund(1))
	}
	w.lakala.refunds[o.Refund(1).OutRefundNo] = &refund{
		request: gateway.RefundRequest{OutRefundNo: o.Refund(1).OutRefundNo, Amount: 100}, state: gateway.RefundDone,
		id: "V1"}
	w.sweep(w.pay, 10*time.Minute)
	if o = w.get(id); o.Refund(1).Status != payment.RefundSucceeded || w.settled[o.Items[0].Ref] != "" {
		t.Errorf("after the institution confirmed the void: %+v", o.Refund(1))
	}
}

// A void that the terminal could not do, or that nobody did before the day ended, becomes a refund by the institution.
func TestAVoidThatDoesNotHappen(t *testing.T) {
	for name, miss := range map[string]func(w *world, id string) error{
		"refused on the terminal": func(w *world, id string) error { _, err := w.voided(id, "failed"); return err },
		"the day ends": func(w *world, id string) error {
			w.pass(16 * time.Hour)
			w.sweep(w.pay, time.Minute)
			return nil
		},
	} {
		w := newWorld(t)
		id := w.paidByCard()
		w.giveBack(id, 100)
		if err := miss(w, id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if o := w.get(id); o.Refund(1).Void || o.Refund(1).Status != payment.RefundSucceeded || w.lakala.gave != 1 {
			t.Errorf("%s: %+v", name, o.Refund(1))
		}
	}
}

// The terminal did the void and did not tell: the institution's word ends it, or the statement's.
func TestAVoidThatNobodyTells(t *testing.T) {
	w := newWorld(t)
	id := w.paidByCard()
	no := w.giveBack(id, 100).Refund(1).OutRefundNo
	w.lakala.refunds[no] = &refund{request: gateway.RefundRequest{OutRefundNo: no, Amount: 100},
		state: gateway.RefundDone, id: "V1"}
	w.lakala.silent = true
	w.pass(16 * time.Hour)
	w.sweep(w.pay, 5*time.Minute)
	w.lakala.silent = false
	w.sweep(w.pay, time.Hour)
	if r := w.get(id).Refund(1); r.Status != payment.RefundSucceeded || !r.Void || w.lakala.gave != 0 {
		t.Errorf("done on the terminal, as the institution says: %+v, given back by it %d times", r, w.lakala.gave)
	}

	w = newWorld(t)
	id = w.cardAt(gateway.Shengpay, "yes")
	if _, err := w.says(id, "success"); err != nil {
		t.Fatal(err)
	}
	paid := line(id+"01", gateway.TradePaid, 100, w.now())
	w.giveBack(id, 100)
	w.shengpay.statement = []gateway.Report{paid, line(id+"01", gateway.TradeClosed, 100, w.now())}
	w.pass(16 * time.Hour)
	w.sweep(w.pay, time.Minute)
	if r := w.get(id).Refund(1); r.Void || r.Status != payment.RefundPending {
		t.Fatalf("it waits for the statement: %+v", r)
	}
	w.statements()
	if o := w.get(id); o.Refund(1).Status != payment.RefundSucceeded || o.Attempt(1).Provisional ||
		w.shengpay.gave != 0 {
		t.Errorf("done on the terminal, as the statement says: %+v", o.Refund(1))
	}
}

// left is what the books of company c say is left of card payments at the institution.
func (w *world) left() (fen money.Fen) {
	for _, o := range w.orders() {
		for _, a := range o.Attempts {
			if a.Institution == gateway.Shengpay && a.State == payment.AttemptSucceeded {
				fen += a.Received - o.GivenBack(a.No)
			}
		}
	}
	return fen
}

// A refund of what only a device's word tells of waits for the statement: the institution may have taken another
// amount, and gives back what it is asked for. The books hold what the institution has, to the fen, and the bill is
// settled exactly when they keep the money for it.
func TestARefundWaitsForTheStatement(t *testing.T) {
	const none = 0
	for _, back := range []int64{40, 100} {
		for _, took := range []int64{100, 99, 101, none} {
			t.Run(fmt.Sprintf("%d of what was %d", back, took), func(t *testing.T) {
				w := newWorld(t)
				id := w.cardAt(gateway.Shengpay, "yes")
				if _, err := w.says(id, "success"); err != nil {
					t.Fatal(err)
				}
				w.shengpay.statement = []gateway.Report{}
				if took != none {
					w.shengpay.statement = []gateway.Report{line(id+"01", gateway.TradePaid, took, w.now())}
				}
				w.pass(8 * time.Hour) // the day is over: no void
				w.giveBack(id, back)
				w.sweep(w.pay, 2*time.Hour)
				if o := w.get(id); o.Refund(1).Status != payment.RefundPending ||
					o.RefundWaits(o.Refund(1)) != payment.ForStatement || w.shengpay.gave != 0 {
					r := o.Refund(1)
					t.Fatalf("before the statement: %+v, the institution was asked %d times", r, w.shengpay.gave)
				}
				w.statements()
				w.sweep(w.pay, time.Minute)
				want, settled := payment.RefundSucceeded, back != 100
				if took != 100 {
					if _, err := w.pay.MarkNotReceived(t.Context(), id, 1, "staff:fin", "对账单金额不符"); err != nil {
						t.Fatal(err)
					}
					want, settled = payment.RefundFailed, false
				}
				w.sweep(w.pay, time.Minute)
				o, gave := w.get(id), money.Fen(0)
				for _, r := range w.shengpay.refunds {
					gave += r.request.Amount
				}
				if o.Refund(1).Status != want || w.left() != money.Fen(took)-gave || w.unconfirmed() != 0 {
					t.Errorf("%+v; the books have %s left, the institution %s; %d unconfirmed", o.Refund(1), w.left(),
						money.Fen(took)-gave, w.unconfirmed())
				}
				if kept := o.Refundable(o.Items[0].Ref); settled != (kept > 0) || w.verify().Finding != "" {
					t.Errorf("the order keeps %s; %+v", kept, w.verify())
				}
			})
		}
	}
}

// A refund that waited for the statement has its whole time from then on: it is not abnormal at once.
func TestARefundThatWaitedBeginsAnew(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Shengpay, "yes")
	if _, err := w.says(id, "success"); err != nil {
		t.Fatal(err)
	}
	w.shengpay.statement, w.shengpay.silent = []gateway.Report{line(id+"01", gateway.TradePaid, 100, w.now())}, true
	w.shengpay.refundSays = func(*refund) error { return &gateway.Error{Kind: gateway.Indeterminate} }
	w.giveBack(id, 40)
	w.pass(24 * time.Hour)
	w.statements()
	w.sweep(w.pay, 50*time.Minute)
	if r := w.get(id).Refund(1); r.Status != payment.RefundPending || r.Checks == 0 {
		t.Errorf("before the hour is over: %+v", r)
	}
	w.sweep(w.pay, 2*time.Hour)
	if r := w.get(id).Refund(1); r.Status != payment.RefundAbnormal {
		t.Errorf("after it: %+v", r)
	}
}

// What the statement says of voids and of the acquirer's own reversals (冲正) is in the books whoever asked for them,
// once, and however the payment is held.
func TestTheStatementShowsAVoid(t *testing.T) {
	told := func(w *world, id string) error {
		if _, err := w.says(id, "success"); err != nil {
			return err
		}
		w.giveBack(id, 100)
		_, err := w.voided(id, "success")
		return err
	}
	denied := func(w *world, id string) error {
		_, err := w.says(id, "success")
		if err == nil {
			_, err = w.pay.MarkNotReceived(t.Context(), id, 1, "staff:fin", "核实")
		}
		return err
	}
	says := func(result string) func(*world, string) error {
		return func(w *world, id string) error { _, err := w.says(id, result); return err }
	}
	for name, c := range map[string]struct {
		policy payment.UnappliedPolicy
		before func(w *world, id string) error
		took   int64
		undone bool // by the statement
		left   int64
	}{
		"as the terminal told":                      {payment.HoldUnapplied, told, 100, true, 0},
		"as the terminal told, of another amount":   {payment.HoldUnapplied, told, 99, true, 0},
		"told, of another amount, and not done":     {payment.HoldUnapplied, told, 99, false, 99},
		"after the payment was denied":              {payment.HoldUnapplied, denied, 100, true, 0},
		"after the device declined":                 {payment.HoldUnapplied, says("failed"), 100, true, 0},
		"nobody asked, the device told the payment": {payment.HoldUnapplied, says("success"), 100, true, 0},
		"of another amount, nobody asked":           {payment.HoldUnapplied, says("success"), 101, true, 0},
		"of money that would go back by itself":     {payment.RefundUnapplied, says("failed"), 99, true, 0},
		"of money that would be a prepayment":       {payment.PrepayUnapplied, says("failed"), 99, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.policy(c.policy)
			id := w.cardAt(gateway.Shengpay, "yes")
			if err := c.before(w, id); err != nil {
				t.Fatal(err)
			}
			paid, undone := line(id+"01", gateway.TradePaid, c.took, w.now()),
				line(id+"01", gateway.TradeClosed, c.took, w.now().Add(time.Minute))
			undone.StatementNo = "V" + id
			if w.shengpay.statement = []gateway.Report{paid}; c.undone {
				w.shengpay.statement = []gateway.Report{undone, paid} // in any order
			}
			for day := range 2 { // it is the statement of each day here: a second one shows the same again
				w.pass(24 * time.Hour)
				w.statements()
				w.sweep(w.pay, time.Minute)
				if w.get(id).Attempt(1).Provisional {
					if _, err := w.pay.MarkNotReceived(t.Context(), id, 1, "staff:fin", "对账单金额不符"); err != nil {
						t.Fatal(err)
					}
				}
				o := w.get(id)
				noted := slices.ContainsFunc(o.Timeline, func(e payment.Event) bool {
					return e.What == payment.CardMismatched && strings.Contains(e.Note, "撤销")
				})
				if w.left() != money.Fen(c.left) || w.unconfirmed() != 0 || w.verify().Finding != "" ||
					o.Refundable(o.Items[0].Ref) != 0 || w.settled[o.Items[0].Ref] != "" || noted {
					t.Errorf("day %d: the books have %s left, the institution %d; %d unconfirmed; noted %t; %+v; %+v",
						day, w.left(), c.left, w.unconfirmed(), noted, w.verify(), o.Refunds)
				}
			}
		})
	}
}

// A void that is booked on a terminal's word waits for the statement as a payment does. Where that shows the payment
// alone the institution has kept the money: finance sees it until the institution has given it back after all.
func TestAVoidThatTheStatementDoesNotShow(t *testing.T) {
	for _, shown := range []bool{true, false} {
		w := newWorld(t)
		id := w.cardAt(gateway.Shengpay, "yes")
		_, err := w.says(id, "success")
		if err == nil {
			w.giveBack(id, 100)
			_, err = w.voided(id, "success")
		}
		if err != nil {
			t.Fatal(err)
		}
		settle := func(byHand bool) error {
			_, err := w.pay.SettleRefund(t.Context(), id, 1, byHand, "staff:fin", "收单机构已补退")
			return err
		}
		if o := w.get(id); o.Refund(1).Status != payment.RefundSucceeded || !o.Refund(1).Provisional ||
			w.unconfirmed() != 1 || !fault.Is(settle(true), fault.WrongState) {
			t.Errorf("on the terminal's word: %+v, %d unconfirmed", o.Refund(1), w.unconfirmed())
		}
		paid, undone := line(id+"01", gateway.TradePaid, 100, w.now()),
			line(id+"01", gateway.TradeClosed, 100, w.now().Add(time.Minute))
		if w.shengpay.statement = []gateway.Report{paid}; shown {
			w.shengpay.statement = append(w.shengpay.statement, undone)
		}
		w.pass(24 * time.Hour)
		w.statements()
		if r := w.get(id).Refund(1); r.Provisional == shown || strings.Contains(r.Doubt, "无此撤销") == shown ||
			w.unconfirmed() == 1 == shown {
			t.Errorf("the statement shows it %t: %+v, %d unconfirmed", shown, r, w.unconfirmed())
		}
		if first, then := settle(false), settle(true); !fault.Is(first, fault.WrongState) || (then == nil) == shown ||
			w.unconfirmed() != 0 {
			t.Errorf("the statement shows it %t: given up %v, made good %v, %d unconfirmed", shown, first, then,
				w.unconfirmed())
		}
		told := slices.ContainsFunc(w.get(id).Timeline, func(e payment.Event) bool {
			return e.What == payment.CardConfirmed && strings.Contains(e.Note, "R01")
		})
		byHand := slices.ContainsFunc(w.get(id).Timeline, func(e payment.Event) bool {
			return e.What == payment.RefundArrived && e.By == "staff:fin"
		})
		if told != shown || byHand == shown {
			t.Errorf("the statement shows it %t; the timeline says so %t, and that a person had it given back %t",
				shown, told, byHand)
		}
		w.sweep(w.pay, time.Minute)
		if a := w.verify(); a.Finding != "" || a.GivenBack != 100 || w.left() != 0 {
			t.Errorf("%+v, %s left", a, w.left())
		}
	}
}

// A void of a payment that no order of ours is about is taken by the order that holds its money; one that nothing can
// be about is noted.
func TestVoidsOfOtherPayments(t *testing.T) {
	w := newWorld(t)
	id := w.cardAt(gateway.Shengpay, "yes")
	if _, err := w.says(id, "success"); err != nil {
		t.Fatal(err)
	}
	foreign := line("", gateway.TradePaid, 500, w.now())
	back, odd := foreign, line(id+"01", gateway.TradeClosed, 77, w.now())
	back.State = gateway.TradeClosed
	w.shengpay.statement = []gateway.Report{line(id+"01", gateway.TradePaid, 100, w.now()), foreign, back, odd}
	w.pass(24 * time.Hour)
	w.statements()
	w.pass(24 * time.Hour)
	w.statements()
	w.sweep(w.pay, time.Minute)
	notes := 0
	for _, e := range w.get(id).Timeline {
		if e.What == payment.CardMismatched && strings.Contains(e.Note, "撤销") {
			notes++
		}
	}
	if a := w.verify(); w.left() != 100 || notes != 1 || a.Finding != "" || a.Taken != 600 || a.GivenBack != 500 {
		t.Errorf("left %s, %d notes, %+v", w.left(), notes, a)
	}
}

func (w *world) voided(id, result string) (*payment.Order, error) {
	fields := map[string]string{"result": result, "out_trade_no": id + "01", "amount": "100",
		"reference_no": "123456789013"}
	told, err := w.pay.ReportVoid(w.t.Context(), id, 1,
		payment.DeviceReport{Terminal: "t1", Fields: fields, Signature: []byte("s"), SignedAt: w.now()})
	if err == nil && told.Why != nil {
		return told.Order, told.Why
	}
	return told.Order, err
}

func (w *world) statements() {
	w.t.Helper()
	if err := w.pay.ReadStatements(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) unconfirmed() int {
	w.t.Helper()
	orders, _, err := w.pay.Find(w.t.Context(), payment.Filter{Company: "c", Work: payment.QueueUnconfirmed})
	if err != nil {
		w.t.Fatal(errors.Join(err))
	}
	return len(orders)
}

// The terminal told of a void and the institution was silent for an hour: a person's retry asks for the void first, and
// gives nothing back beside it.
func TestAVoidIsNotGivenBackTwice(t *testing.T) {
	for name, c := range map[string]struct {
		says  func(w *world, r *payment.Refund) // what the institution does before the retry
		ends  payment.RefundStatus
		fault fault.Code
		gave  int
	}{
		"the institution knows the void": {func(w *world, r *payment.Refund) {
			w.lakala.refunds[r.OutRefundNo] = &refund{request: gateway.RefundRequest{OutRefundNo: r.OutRefundNo,
				Amount: 100}, state: gateway.RefundDone, id: "V1"}
			w.lakala.refundSays = func(*refund) error {
				return &gateway.Error{Kind: gateway.Declined, Signed: true, Message: "已撤销"}
			}
		}, payment.RefundSucceeded, "", 0},
		"the institution knows of none": {func(*world, *payment.Refund) {}, payment.RefundSucceeded, "", 1},
		"the institution is silent": {func(w *world, _ *payment.Refund) {
			w.lakala.silent = true
		}, payment.RefundAbnormal, fault.UpstreamUnknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			id := w.paidByCard()
			w.giveBack(id, 100)
			w.lakala.silent = true
			if _, err := w.voided(id, "success"); err != nil {
				t.Fatal(err)
			}
			w.sweep(w.pay, 2*time.Hour)
			o := w.get(id)
			if o.Refund(1).Status != payment.RefundAbnormal {
				t.Fatalf("after silence: %+v", o.Refund(1))
			}
			w.lakala.silent = false
			c.says(w, o.Refund(1))
			_, err := w.pay.RetryRefund(t.Context(), id, 1, "staff:fin")
			if c.fault == "" && err != nil || c.fault != "" && !fault.Is(err, c.fault) {
				t.Fatalf("the retry: %v", err)
			}
			if o = w.get(id); o.Refund(1).Status != c.ends || w.lakala.gave != c.gave ||
				(w.settled[o.Items[0].Ref] == "") != (c.ends == payment.RefundSucceeded) {
				t.Errorf("%+v; the institution was asked for %d refunds", o.Refund(1), w.lakala.gave)
			}
		})
	}
}
