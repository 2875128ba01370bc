package shengpay_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/calendar"
	"linlipay/payment/card"
	"linlipay/payment/gateway"
	"linlipay/payment/gateway/gatewaytest"
	"linlipay/payment/gateway/shengpay"
	"linlipay/payment/sandbox"
)

// wind is a clock that the test moves on.
type wind struct{ ahead atomic.Int64 }

// noon is a clock that begins at noon, so that what a test does is done on one day.
func noon() *wind {
	w, now := &wind{}, time.Now()
	w.ahead.Store(int64(calendar.StartOfDay(now).Add(12 * time.Hour).Sub(now)))
	return w
}

func (w *wind) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// playedBank starts the institutions on loopback under a clock of the test's.
func playedBank(t *testing.T, w *wind) *sandbox.Sandbox {
	t.Helper()
	return gatewaytest.Play(t, sandbox.Config{Second: time.Microsecond, Now: w.now})
}

// control asks the sandbox's control API for something that must succeed.
func control(t *testing.T, bank *sandbox.Sandbox, path string, in, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(bank.Credentials().ControlURL+path, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", path, resp.StatusCode, err)
	}
}

// swipe has the acquirer's application read a card, or void.
func swipe(t *testing.T, bank *sandbox.Sandbox, call gateway.DeviceCall, card string) map[string]string {
	t.Helper()
	var told struct {
		Fields map[string]string `json:"fields"`
	}
	control(t, bank, "/cards/present", map[string]any{"institution": "shengpay", "fields": call.Extras, "card": card},
		&told)
	return told.Fields
}

// A card pays, another payment is voided, and the statement of the day shows all three once the day is over.
func TestCardsOfTheSandbox(t *testing.T) {
	w := noon()
	bank := playedBank(t, w)
	a, g := played(t, "first", bank.Credentials().Shengpay), shengpay.New(nil, 10*time.Second, w.now)
	var shown sandbox.ShownCard
	control(t, bank, "/cards", map[string]string{"type": "credit", "issuer": "工商银行"}, &shown)
	today := w.now()
	pay := func(number string) gateway.Trade {
		ch := charge(gateway.WalletCard, gateway.CardPresent)
		ch.OutTradeNo = number
		p, err := g.Open(t.Context(), a, ch)
		if err != nil {
			t.Fatal(err)
		}
		trade := cardTrade()
		trade.OutTradeNo = number
		r, err := g.ReadResult(a, trade, swipe(t, bank, *p.Device, shown.Card))
		if err != nil || !r.Done || r.Amount != 12345 || r.Card.Masked != shown.Masked ||
			r.Card.Type != card.CreditCard {
			t.Fatalf("%+v, %v", r, err)
		}
		trade.Card = r.Card
		return trade
	}
	kept, undone := pay(number), pay("20261125120000000000000201")
	call, err := g.VoidCall(a, undone)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := g.ReadResult(a, undone, swipe(t, bank, call, "")); err != nil || !r.Done {
		t.Fatalf("the void: %+v, %v", r, err)
	}

	_, err = g.CardTrades(t.Context(), a, today)
	failure(t, "before the day is over", err, gateway.TryLater, true)
	w.ahead.Add(int64(25 * time.Hour))
	reports, err := g.CardTrades(t.Context(), a, today)
	if err != nil {
		t.Fatal(err)
	}
	taken, back := map[string]card.Card{}, 0
	for _, r := range reports {
		switch {
		case r.Amount != 12345:
			t.Errorf("%+v", r)
		case r.State == gateway.TradePaid:
			taken[r.OutTradeNo] = r.Card
		case r.State == gateway.TradeClosed:
			back++
		}
	}
	for _, trade := range []gateway.Trade{kept, undone} {
		if got := taken[trade.OutTradeNo]; got.ReferenceNo != trade.Card.ReferenceNo || got.Masked != shown.Masked ||
			got.BatchNo != trade.Card.BatchNo {
			t.Errorf("the device told %+v, the statement %+v", trade.Card, got)
		}
	}
	if len(taken) != 2 || back != 1 {
		t.Errorf("%d payments and %d voids: %+v", len(taken), back, reports)
	}
}

// Without a declared close an order ends when its time is over, and no sooner.
func TestOrdersOfTheSandboxEndByThemselves(t *testing.T) {
	w := &wind{}
	c := playedBank(t, w).Credentials().Shengpay
	c.ClosePath = ""
	a, g := played(t, "first", c), shengpay.New(nil, 10*time.Second, w.now)
	ch := charge(gateway.WalletAny, gateway.Native)
	ch.CreatedAt, ch.ExpiresAt = w.now(), w.now().Add(time.Hour)
	if _, err := g.Open(t.Context(), a, ch); err != nil {
		t.Fatal(err)
	}
	failure(t, "at once", g.Close(t.Context(), a, trade()), gateway.TryLater, true)
	w.ahead.Store(int64(4 * time.Minute))
	failure(t, "in time", g.Close(t.Context(), a, trade()), gateway.TryLater, true)
	w.ahead.Store(int64(6 * time.Minute))
	if err := g.Close(t.Context(), a, trade()); err != nil {
		t.Errorf("when its time is over: %v", err)
	}
}
