package ruiyinxin_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/calendar"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/gateway/ruiyinxin"
	"linlipay/payment/sandbox"
)

// bank is the institution on loopback, which shares no code with the gateway, under a clock that starts at noon in
// Shanghai and that the test moves on. What needs no clock is in TestContract.
type bank struct {
	*testing.T
	s     *sandbox.Sandbox
	g     *ruiyinxin.Gateway
	a     gateway.Account
	ahead atomic.Int64
}

func openBank(t *testing.T) *bank {
	t.Helper()
	b := &bank{T: t}
	started := time.Now().In(calendar.Zone())
	b.ahead.Store(
		int64(12*time.Hour) - int64(
			started.Sub(calendar.Date(started.Year(), started.Month(), started.Day()))))
	b.s = gatewaytest.Play(t, sandbox.Config{Second: time.Microsecond, Now: b.now})
	b.g, b.a = ruiyinxin.New(nil, 10*time.Second, b.now), played(t, "first", b.s.Credentials().Ruiyinxin)
	if err := b.g.Check(b.a); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bank) now() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }

// control asks the institution's control API for something that must succeed, and reads its answer into out unless it
// is nil.
func (b *bank) control(path string, in, out any) {
	b.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		b.Fatal(err)
	}
	resp, err := http.Post(b.s.Credentials().ControlURL+path, "application/json", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b.Fatalf("%s: %d", path, resp.StatusCode)
	}
	if out == nil {
		return
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		b.Fatalf("%s: %v", path, err)
	}
}

func (b *bank) fault(f sandbox.Script) {
	b.Helper()
	f.Institution = "ruiyinxin"
	b.control("/faults", f, nil)
}

func (b *bank) card(kind string) (shown sandbox.ShownCard) {
	b.Helper()
	b.control("/cards", map[string]string{"type": kind, "issuer": "工商银行"}, &shown)
	return shown
}

// present has the application on the terminal carry out a call, and returns what it hands back.
func (b *bank) present(call gateway.DeviceCall, card string, declined bool) map[string]string {
	b.Helper()
	var told struct{ Fields map[string]string }
	b.control("/cards/present", map[string]any{"institution": "ruiyinxin", "fields": call.Extras, "card": card,
		"declined": declined}, &told)
	return told.Fields
}

// swipe opens an order for a card.
func (b *bank) swipe(no string) (gateway.Trade, gateway.DeviceCall) {
	b.Helper()
	ch := charge(gateway.WalletCard, gateway.CardPresent)
	ch.OutTradeNo = no
	p, err := b.g.Open(b.Context(), b.a, ch)
	if err != nil || p.Device == nil {
		b.Fatalf("%+v, %v", p, err)
	}
	return gateway.Trade{OutTradeNo: no, Wallet: gateway.WalletCard, Method: gateway.CardPresent, Amount: ch.Amount},
		*p.Device
}

// paid charges a card for an order and returns the trade with what the device told.
func (b *bank) paid(no string, card sandbox.ShownCard) gateway.Trade {
	b.Helper()
	trade, call := b.swipe(no)
	r, err := b.g.ReadResult(b.a, trade, b.present(call, card.Card, false))
	if err != nil || !r.Done || r.Amount != 12345 || r.Card.Masked != card.Masked {
		b.Fatalf("%+v, %v", r, err)
	}
	trade.Card = r.Card
	return trade
}

// statement is today's statement, once today is over.
func (b *bank) statement(today time.Time) []gateway.Report {
	b.Helper()
	reports, err := b.g.CardTrades(b.Context(), b.a, today)
	if err != nil {
		b.Fatal(err)
	}
	return reports
}

// A card pays, another payment is voided, a third one's result is lost: the statement shows all of it once the day is
// over.
func TestCardsOfTheSandbox(t *testing.T) {
	b := openBank(t)
	today, shown := b.now(), b.card("credit")
	kept, undone := b.paid("20261125160000000000000101", shown), b.paid("20261125160000000000000201", shown)
	call, err := b.g.VoidCall(b.a, undone)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := b.g.ReadResult(b.a, undone, b.present(call, "", false)); err != nil || !r.Done || r.Amount != 12345 {
		t.Fatalf("the void: %+v, %v", r, err)
	}
	untold, call := b.swipe("20261125160000000000000301")
	b.fault(sandbox.Script{Fault: sandbox.Lost, Operation: "card", OutTradeNo: untold.OutTradeNo})
	if fields := b.present(call, shown.Card, false); len(fields) > 0 {
		t.Fatalf("the application handed back %v", fields)
	}

	_, err = b.g.CardTrades(t.Context(), b.a, today)
	wantKind(t, err, gateway.TryLater, true)
	b.ahead.Add(int64(24 * time.Hour))
	taken, voids := map[string]gateway.Report{}, 0
	for _, r := range b.statement(today) {
		switch r.State {
		case gateway.TradePaid:
			taken[r.OutTradeNo] = r
		case gateway.TradeClosed:
			voids++
		}
		if r.Amount != 12345 || r.Card.Masked != shown.Masked || r.Card.Type != card.CreditCard ||
			r.Card.Issuer != "工商银行" {
			t.Errorf("got %+v", r)
		}
	}
	for _, trade := range []gateway.Trade{kept, undone} {
		told := trade.Card
		told.AuthCode = "" // which the statement does not tell
		if got := taken[trade.OutTradeNo].Card; got != told {
			t.Errorf("the device told %+v\nthe statement  %+v", told, got)
		}
	}
	if _, ok := taken[untold.OutTradeNo]; !ok || len(taken) != 3 || voids != 1 {
		t.Errorf("%d voids and the payments %+v", voids, taken)
	}
}

// What is declined or not paid takes nothing and gives nothing back, and a void that is repeated is one void.
func TestCardsThatTheSandboxRefuses(t *testing.T) {
	b := openBank(t)
	today, card := b.now(), b.card("debit")
	trade, call := b.swipe("20261125160000000000000101")
	if r, err := b.g.ReadResult(b.a, trade, b.present(call, card.Card, true)); err != nil || r.Done || r.Message == "" {
		t.Errorf("declined: %+v, %v", r, err)
	}
	call.Extras["action"] = "void"
	if r, err := b.g.ReadResult(b.a, trade, b.present(call, "", false)); err != nil || r.Done || r.Message == "" {
		t.Errorf("nothing was paid, and voided: %+v, %v", r, err)
	}
	void, err := b.g.VoidCall(b.a, b.paid("20261125160000000000000201", card))
	if err != nil {
		t.Fatal(err)
	}
	first, again := b.present(void, "", false), b.present(void, "", false)
	if first["result"] != "success" || again["reference_no"] != first["reference_no"] {
		t.Errorf("voided: %v\nand again: %v", first, again)
	}
	b.ahead.Add(int64(24 * time.Hour))
	if reports := b.statement(today); len(reports) != 2 { // the payment and its one void
		t.Errorf("got %+v", reports)
	}
}

// What is wrong in a statement arrives as it is: whoever compares it with the books must see it.
func TestStatementsOfTheSandboxThatAreWrong(t *testing.T) {
	b := openBank(t)
	today, card := b.now(), b.card("debit")
	trade := b.paid("20261125160000000000000101", card)
	b.ahead.Add(int64(24 * time.Hour))
	for fault, check := range map[sandbox.Fault]func([]gateway.Report) bool{
		sandbox.RowMissing: func(reports []gateway.Report) bool { return len(reports) == 0 },
		sandbox.RowDifferent: func(reports []gateway.Report) bool {
			return len(reports) == 1 && reports[0].Amount == 12346
		},
		sandbox.RowExtra: func(reports []gateway.Report) bool {
			return len(reports) == 2 && reports[0].OutTradeNo == trade.OutTradeNo &&
				reports[1].OutTradeNo != trade.OutTradeNo &&
				reports[1].State == gateway.TradePaid
		},
	} {
		b.fault(sandbox.Script{Fault: fault, Operation: "statement"})
		if reports := b.statement(today); !check(reports) {
			t.Errorf("%s: %+v", fault, reports)
		}
	}
	for _, fault := range []sandbox.Fault{sandbox.BadSignature, sandbox.UnsignedError, sandbox.Garbage,
		sandbox.TimeoutAfterSuccess} {
		b.fault(sandbox.Script{Fault: fault, Operation: "statement"})
		if reports, err := b.g.CardTrades(t.Context(), b.a, today); err == nil || len(reports) > 0 {
			t.Errorf("%s: %+v, %v", fault, reports, err)
		} else if _, signed := kindOf(err); signed {
			t.Errorf("%s is believed: %v", fault, err)
		}
	}
	if reports := b.statement(today); len(reports) != 1 || reports[0].OutTradeNo != trade.OutTradeNo ||
		reports[0].Amount != 12345 {
		t.Errorf("the statement is now %+v", reports)
	}
}

// The institution's own codes, declared in code_kinds, tell why a payment code was refused.
func TestCodesThatTheSandboxRefuses(t *testing.T) {
	b := openBank(t)
	show := func(more map[string]any) string {
		var c sandbox.ShownCode
		b.control("/codes", more, &c)
		return c.Code
	}
	for i, c := range []struct {
		code string
		why  gateway.DeclineReason
	}{
		{show(map[string]any{"wallet": "alipay", "balance_fen": 1}), gateway.BalanceLow},
		{show(map[string]any{"wallet": "alipay", "valid_seconds": 0}), gateway.CodeExpired},
		{"280000000000000000", gateway.CodeInvalid},
	} {
		ch := charge(gateway.WalletAlipay, gateway.CodePresented)
		ch.OutTradeNo, ch.AuthCode = "2026112516000000000000010"+string(rune('1'+i)), c.code
		_, err := b.g.PayCode(t.Context(), b.a, ch)
		wantKind(t, err, gateway.Declined, true)
		if why := err.(*gateway.Error).Reason; why != c.why || strings.Contains(err.Error(), c.code) {
			t.Errorf("want %s: %v", c.why, err)
		}
	}
}
