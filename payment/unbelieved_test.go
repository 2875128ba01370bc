package payment_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"linlipay/payment"
	"linlipay/payment/gateway"
)

// kept is every message that is in the store, by company and of no company.
func (w *world) kept() (all []payment.Notification) {
	w.t.Helper()
	for _, company := range []string{"c", "d", ""} {
		for cursor := ""; ; {
			notifications, next, err := w.pay.Notifications(w.t.Context(),
				payment.NotificationFilter{Company: company, Cursor: cursor, Limit: 200})
			if err != nil {
				w.t.Fatal(err)
			}
			if all = append(all, notifications...); next == "" {
				break
			}
			cursor = next
		}
	}
	return all
}

// rubbish is a message that nobody signed, unlike all others.
func rubbish(i int) gateway.RawNotification {
	return gateway.RawNotification{
		Header: http.Header{"Wechatpay-Signature": {"forged"}, "User-Agent": {strings.Repeat("A", 10_000)}},
		Body:   []byte(fmt.Sprint(i, strings.Repeat("x", 60_000))),
	}
}

// Any number of messages that do not verify leaves a few short samples and their count; what is for no account of ours
// is NotFound and leaves nothing; genuine messages are kept as before.
func TestRubbishIsCountedAndSampled(t *testing.T) {
	w := newWorld(t)
	for i := range 1000 {
		if got := w.pay.Receive(t.Context(), gateway.WeChat, "w", rubbish(i)).Status; got == 200 {
			t.Fatalf("rubbish was answered %d", got)
		}
		for _, nobody := range []struct {
			institution gateway.Institution
			account     string
		}{{gateway.WeChat, fmt.Sprint("n", i)}, {gateway.WeChat, "a"}, {gateway.Alipay, "w"}, {"bank", "w"},
			{gateway.WeChat, ""}} {
			if got := w.pay.Receive(t.Context(), nobody.institution, nobody.account,
				rubbish(i)).Status; got != http.StatusNotFound {
				t.Fatalf("for %v: %d", nobody, got)
			}
		}
	}
	kept, bytes, unkept := w.kept(), 0, 0
	for _, c := range kept {
		bytes += len(c.Body)
		for name := range c.Header {
			bytes += len(c.Header.Get(name))
		}
		unkept += c.Unkept
		if c.Outcome != payment.OutcomeRejected || c.Account != "w" {
			t.Errorf("kept: %s for %s", c.Outcome, c.Account)
		}
	}
	if len(kept) > 10 || len(kept) == 0 || bytes > 200<<10 {
		t.Errorf("%d messages of %d bytes are kept", len(kept), bytes)
	}
	if unkept < 500 || unkept > 1000 {
		t.Errorf("%d are counted", unkept)
	}
	o := w.create("b1")
	if got := w.notify(gateway.WeChat, w.wechat.pay(w.attempt(o.ID, gateway.WeChat))); got != 200 {
		t.Errorf("a genuine message amid rubbish: %d", got)
	}
	w.want(o.ID, payment.Paid)
	if now := w.kept(); len(now) != len(kept)+1 {
		t.Errorf("%d messages with the genuine one, %d without", len(now), len(kept))
	}
	w.pass(time.Hour)
	w.pay.Receive(t.Context(), gateway.WeChat, "w", rubbish(-1))
	if now := w.kept(); len(now) != len(kept)+2 {
		t.Error("the next hour has no sample")
	}
}

// What is kept has an age, by what became of it.
func TestMessagesAreForgottenWithAge(t *testing.T) {
	w := newWorld(t)
	o := w.create("b1")
	out := w.attempt(o.ID, gateway.WeChat)
	booked := w.wechat.pay(out)
	w.pay.Receive(t.Context(), gateway.WeChat, "w", rubbish(1))
	noted := message(gateway.Report{OutTradeNo: out, State: gateway.TradeUnpaid, Amount: 100, Currency: "CNY"})
	for _, m := range []gateway.RawNotification{noted, booked} {
		if got := w.notify(gateway.WeChat, m); got != 200 {
			t.Fatal(got)
		}
	}
	for _, c := range []struct {
		days int
		left string
	}{{29, "booked ignored rejected"}, {31, "booked ignored"}, {89, "booked ignored"}, {91, "booked"}, {399, "booked"},
		{401, ""}} {
		w.pass(w.clock0().AddDate(0, 0, c.days).Sub(w.now()))
		if _, err := w.pay.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		var left []string
		for _, outcome := range []payment.Outcome{payment.OutcomeBooked, payment.OutcomeNoted,
			payment.OutcomeRejected} {
			for _, m := range w.kept() {
				if m.Outcome == outcome {
					left = append(left, string(outcome))
				}
			}
		}
		if got := strings.Join(left, " "); got != c.left {
			t.Errorf("after %d days %q is left, want %q", c.days, got, c.left)
		}
	}
}

// clock0 is when the world begins.
func (w *world) clock0() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) }
