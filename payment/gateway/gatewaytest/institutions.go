package gatewaytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
)

// Institutions are those on loopback: what the payer, the wallet and the institution itself do in a case goes through
// their control API.
type Institutions struct {
	*sandbox.Sandbox
	control string // the address of the control API, as credentials are made anew each time, with three certificates
}

// OpenInstitutions starts the institutions; they end with the test. A second of their schedules takes a microsecond.
func OpenInstitutions(t *testing.T) *Institutions {
	t.Helper()
	s := Play(t, sandbox.Config{Second: time.Microsecond})
	return &Institutions{s, s.Credentials().ControlURL}
}

// keys are those of all institutions that Play starts.
var keys sandbox.KeyPool

// Play starts the institutions; they end with the test. They have their own books, but the keys of all others that the
// process plays.
func Play(t testing.TB, cfg sandbox.Config) *sandbox.Sandbox {
	t.Helper()
	cfg.Keys = &keys
	s, err := sandbox.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, ended := t.Context(), make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() { <-ended })
	return s
}

// call asks the control API, decodes the answer into out unless it is nil, and returns the status.
func (b *Institutions) call(t *testing.T, method, path string, in, out any) int {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, b.control+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode == http.StatusOK && out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			t.Fatalf("%s %s: %s", method, path, raw)
		}
	}
	if resp.StatusCode != http.StatusOK {
		t.Logf("%s %s: %d %s", method, path, resp.StatusCode, raw)
	}
	return resp.StatusCode
}

// must asks the control API for something that must succeed.
func (b *Institutions) must(t *testing.T, method, path string, in, out any) {
	t.Helper()
	if status := b.call(t, method, path, in, out); status != http.StatusOK {
		t.Fatalf("the institution's control API answers %s %s with %d", method, path, status)
	}
}

// scan has a wallet scan a text and returns its handle of the payment.
func (b *Institutions) scan(t *testing.T, content string, wallet gateway.Wallet) string {
	t.Helper()
	var p sandbox.Payment
	b.must(t, "POST", "/scan", map[string]string{"content": content, "wallet": string(wallet)}, &p)
	return p.ID
}

// confirm has the payer pay, and reports whether the institution took the money.
func (b *Institutions) confirm(t *testing.T, id string) bool {
	t.Helper()
	return b.call(t, "POST", "/payments/"+id+"/confirm", nil, nil) == http.StatusOK
}

// cancel has the payer say no.
func (b *Institutions) cancel(t *testing.T, id string) {
	t.Helper()
	b.must(t, "POST", "/payments/"+id+"/cancel", nil, nil)
}

// shown is a payment code to be shown by a wallet.
type shown struct {
	Wallet       gateway.Wallet `json:"wallet"`
	BalanceFen   *money.Fen     `json:"balance_fen,omitempty"`
	AskPassword  bool           `json:"ask_password,omitempty"`
	ValidSeconds *int64         `json:"valid_seconds,omitempty"`
}

// code has a wallet show a fresh payment code.
func (b *Institutions) code(t *testing.T, s shown) string {
	t.Helper()
	var c sandbox.ShownCode
	b.must(t, "POST", "/codes", s, &c)
	return c.Code
}

// asked returns the wallet's handle of the payment with that title whose payer is asked for a password.
func (b *Institutions) asked(t *testing.T, title string) string {
	t.Helper()
	var payments []sandbox.Payment
	b.must(t, "GET", "/payments?waiting=1", nil, &payments)
	for _, p := range payments {
		if p.Title == title {
			return p.ID
		}
	}
	t.Fatalf("no payer is asked for a password for %s", title)
	return ""
}

// card issues a test card.
func (b *Institutions) card(t *testing.T, kind string) sandbox.ShownCard {
	t.Helper()
	var c sandbox.ShownCard
	b.must(t, "POST", "/cards", map[string]string{"type": kind, "issuer": "工商银行"}, &c)
	return c
}

// present plays the acquirer's application on a terminal that was handed fields, and returns what it hands back.
func (b *Institutions) present(t *testing.T, i gateway.Institution, call gateway.DeviceCall, card string,
	declined bool) map[string]string {
	t.Helper()
	var out struct {
		Fields map[string]string `json:"fields"`
	}
	in := map[string]any{"institution": i, "fields": call.Extras, "card": card, "declined": declined}
	b.must(t, "POST", "/cards/present", in, &out)
	return out.Fields
}

// fault scripts something that goes wrong once.
func (b *Institutions) fault(t *testing.T, f sandbox.Script) {
	t.Helper()
	b.must(t, "POST", "/faults", f, nil)
}

// strike scripts a fault of whatever answer is asked for next, and returns a check that it has struck.
func (b *Institutions) strike(t *testing.T, f sandbox.Script) (struck func()) {
	t.Helper()
	b.fault(t, f)
	return func() {
		t.Helper()
		var left []sandbox.Script
		b.must(t, "GET", "/faults", nil, &left)
		b.must(t, "DELETE", "/faults", nil, nil)
		for _, l := range left {
			if l.Count == f.Count || f.Count == 0 {
				t.Fatalf("the institution does not make the fault %s here", f.Fault)
			}
		}
	}
}

// books is what the institution's ledger says of one trade.
type books struct {
	taken, back   money.Fen
	times         int // how often it took money
	refunds       int // how often it gave some back
	transactionID string
}

// ledger reads what the institution took and gave back for a trade.
func (b *Institutions) ledger(t *testing.T, out string) (sum books) {
	t.Helper()
	var lines []sandbox.Line
	b.must(t, "GET", "/ledger", nil, &lines)
	for _, l := range lines {
		if l.OutTradeNo != out {
			continue
		}
		sum.taken, sum.back = sum.taken+l.TakenFen, sum.back+l.GivenBackFen
		if l.TakenFen > 0 {
			sum.times, sum.transactionID = sum.times+1, l.TransactionID
		}
		if l.GivenBackFen > 0 {
			sum.refunds++
		}
	}
	return sum
}

// settle ends a refund that is on its way with success.
func (b *Institutions) settle(t *testing.T, outRefundNo string) {
	t.Helper()
	var refunds []sandbox.Refund
	b.must(t, "GET", "/refunds", nil, &refunds)
	for _, r := range refunds {
		if r.OutRefundNo == outRefundNo {
			b.must(t, "POST", "/refunds/"+r.ID+"/settle", map[string]string{"state": "success"}, nil)
			return
		}
	}
	t.Fatalf("the institution knows no refund %s", outRefundNo)
}

// refundHere gives money back on the institution's own web page; an amount of 0 is all that is left.
func (b *Institutions) refundHere(t *testing.T, id string, amount money.Fen) {
	t.Helper()
	var r sandbox.Refund
	b.must(t, "POST", "/payments/"+id+"/refund", map[string]money.Fen{"amount_fen": amount}, &r)
	eventually(t, "the refund on the institution's page", func() bool {
		var all []sandbox.Refund
		b.must(t, "GET", "/refunds", nil, &all)
		for _, known := range all {
			if known.ID == r.ID {
				return known.State == "success"
			}
		}
		return false
	})
}

// deliveries are the notifications sent about a trade's payment.
func (b *Institutions) deliveries(t *testing.T, out string) (list []sandbox.Delivery) {
	t.Helper()
	var all []sandbox.Delivery
	b.must(t, "GET", "/notifications", nil, &all)
	for _, d := range all {
		if d.OutTradeNo == out && d.RefundNo == "" {
			list = append(list, d)
		}
	}
	return list
}

// eventually waits until a condition holds, for what the institution does on its own time.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	late := time.After(10 * time.Second)
	for !holds() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("%s did not come to pass", what)
		}
	}
}

// String is for failures.
func (s books) String() string {
	return fmt.Sprintf("took %d fen in %d, gave back %d fen in %d", s.taken, s.times, s.back, s.refunds)
}
