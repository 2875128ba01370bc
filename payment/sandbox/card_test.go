package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestUnionPayCodes(t *testing.T) {
	s := start(t, Config{})
	if code := show(t, s, map[string]any{"wallet": "unionpay"}); !regexp.MustCompile(`^62[0-9]{17}$`).MatchString(
		code) {
		t.Errorf("the code is %s", code)
	}
	if status := call(t, s, "POST", "/codes", map[string]string{"wallet": "card"}, nil); status != 400 {
		t.Errorf("a card showed a code: %d", status)
	}
}

// A full card number is nowhere: not with its holder, not in the ledger.
func TestCardsAreMasked(t *testing.T) {
	s := start(t, Config{})
	var shown ShownCard
	for kind, code := range map[string]string{"debit": "00", "credit": "01", "semi_credit": "02", "prepaid": "03"} {
		if status := call(t, s, "POST", "/cards", map[string]any{"type": kind, "issuer": "招商银行"},
			&shown); status != 200 || shown.Type != kind {
			t.Fatalf("cards: %d %+v", status, shown)
		}
		if kept := s.bank.cards[shown.Card]; kept.Type != code ||
			!regexp.MustCompile(`^62[0-9]{4}\*{6}[0-9]{4}$`).MatchString(shown.Masked) {
			t.Errorf("%s: %+v, shown %+v", kind, kept, shown)
		}
	}
	for _, bad := range []map[string]any{{"type": "gift"}, {"balance_fen": -1}} {
		if status := call(t, s, "POST", "/cards", bad, nil); status != 400 {
			t.Errorf("%v: %d", bad, status)
		}
	}
	if status := call(t, s, "POST", "/cards/present", map[string]any{"institution": "wechat"}, nil); status != 400 {
		t.Errorf("WeChat takes cards: %d", status)
	}
}

// swiped charges a card for a fresh trade of a bank that is not served by anybody.
func swiped(t *testing.T, b *bank, k *keyring, number string, handle string) trade {
	t.Helper()
	made, _ := b.make(trade{Institution: "lakala", Wallets: []Wallet{BankCard}, Merchant: k.place("lakala", 0),
		OutTradeNo: number, Amount: 100})
	paid, err := b.charge(made.ID, handle, "T1", false)
	if err != nil {
		t.Fatal(err)
	}
	return paid
}

func TestABatchEndsWithTheDay(t *testing.T) {
	houses := (&Sandbox{}).institutions()
	k, err := openKeyring("", &keys, houses)
	if err != nil {
		t.Fatal(err)
	}
	at := &clock{at: time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)} // 23:00 in Shanghai
	b, err := openBank(Config{Now: at.now}, houses)
	if err != nil {
		t.Fatal(err)
	}
	card := b.addCard(card{Masked: "622202******1234", Type: "00"}).Handle
	first, second := swiped(t, b, k, "C1", card), swiped(t, b, k, "C2", card)
	if first.Card.BatchNo != "000001" || first.Card.TraceNo != "000001" || second.Card.TraceNo != "000002" ||
		first.Card.ReferenceNo == second.Card.ReferenceNo {
		t.Errorf("the slips are %+v and %+v", first.Card, second.Card)
	}
	if _, err := b.void(first.ID, "T2"); err != errBatchSettled {
		t.Errorf("another terminal voided: %v", err)
	}
	if _, err := b.void(first.ID, "T1"); err != nil {
		t.Errorf("void: %v", err)
	}
	at.move(2 * time.Hour)
	if _, err := b.void(second.ID, "T1"); err != errBatchSettled {
		t.Errorf("yesterday's payment was voided: %v", err)
	}
	if third := swiped(t, b, k, "C3", card); third.Card.BatchNo != "000002" || third.Card.TraceNo != "000001" {
		t.Errorf("the next day's slip is %+v", third.Card)
	}
	lines := b.ledger.all()
	if len(lines) != 4 || !lines[2].reversal() || lines[2].Card.TraceNo != "000003" ||
		!strings.Contains(lines[3].Card.Masked, "******") {
		t.Errorf("the ledger holds %+v", lines)
	}
}

// A terminal's call waits for a person, who decides what becomes of the card and what the terminal hears of it.
func TestACallWaitsForACard(t *testing.T) {
	for _, c := range []struct {
		do     string
		heard  string // the result that the terminal hears; "" is nothing
		charge int64
	}{{"swipe", "success", 500}, {"decline", "failed", 0}, {"lose", "", 500}, {"leave", "", 0}} {
		t.Run(c.do, func(t *testing.T) {
			s := start(t, Config{})
			fields := map[string]string{"action": "pay", "out_trade_no": "C1", "amount": "500",
				"merchant_no": s.Credentials().Shengpay.MchID}
			heard := make(chan map[string]string, 1)
			go func() {
				var result struct{ Fields map[string]string }
				call(t, s, "POST", "/cards/calls", map[string]any{"institution": "shengpay", "fields": fields}, &result)
				heard <- result.Fields
			}()
			waiting := waitingCalls(t, s)
			if waiting[0].OutTradeNo != "C1" || waiting[0].AmountFen != 500 || waiting[0].Institution != "shengpay" ||
				waiting[0].Void {
				t.Errorf("waiting: %+v", waiting[0])
			}
			var shown ShownCard
			call(t, s, "POST", "/cards", map[string]any{}, &shown)
			path := "/cards/calls/" + waiting[0].ID
			if status := call(t, s, "POST", path, map[string]string{"do": "eat"}, nil); status != 400 {
				t.Errorf("what nobody can do: %d", status)
			}
			if status := call(t, s, "POST", path, map[string]string{"do": c.do, "card": shown.Card},
				nil); status != 200 {
				t.Errorf("%s: %d", c.do, status)
			}
			if got := (<-heard)["result"]; got != c.heard {
				t.Errorf("the terminal heard %q, not %q", got, c.heard)
			}
			if status := call(t, s, "POST", path, map[string]string{"do": "swipe", "card": shown.Card},
				nil); status != 404 {
				t.Errorf("the call was decided twice: %d", status)
			}
			var took int64
			for _, line := range s.bank.ledger.all() {
				took += int64(line.TakenFen)
			}
			if took != c.charge {
				t.Errorf("%d were charged, not %d", took, c.charge)
			}
		})
	}
	s := start(t, Config{})
	for _, bad := range []map[string]any{{"institution": "wechat"},
		{"institution": "shengpay", "fields": map[string]string{"action": "pay"}}, {"institution": "lakala"}} {
		if status := call(t, s, "POST", "/cards/calls", bad, nil); status != 400 {
			t.Errorf("%v waits for a card: %d", bad, status)
		}
	}
}

// One application serves the merchants of several companies: a call is charged, and undone, under the merchant that it
// names.
func TestACallIsChargedUnderItsMerchant(t *testing.T) {
	s := start(t, Config{})
	second, err := s.Merchant(1)
	if err != nil {
		t.Fatal(err)
	}
	var shown ShownCard
	call(t, s, "POST", "/cards", map[string]any{}, &shown)
	for institution, merchant := range map[string]string{"shengpay": second.Shengpay.MchID,
		"ruiyinxin": second.Ruiyinxin.MerchantCode} {
		fields := map[string]string{"action": "pay", "out_trade_no": "C1", "amount": "500", "merchant_no": merchant}
		heard := make(chan map[string]string, 1)
		go func() {
			var result struct{ Fields map[string]string }
			call(t, s, "POST", "/cards/calls", map[string]any{"institution": institution, "fields": fields}, &result)
			heard <- result.Fields
		}()
		path := "/cards/calls/" + waitingCalls(t, s)[0].ID
		if status := call(t, s, "POST", path, map[string]string{"do": "swipe", "card": shown.Card},
			nil); status != 200 {
			t.Fatalf("%s: %d", institution, status)
		}
		if got := <-heard; got["result"] != "success" || got["merchant_no"] != merchant {
			t.Errorf("%s: the terminal heard %v", institution, got)
		}
		var result struct{ Fields map[string]string }
		void := map[string]string{"action": "void", "out_trade_no": "C1", "amount": "500", "merchant_no": merchant}
		call(t, s, "POST", "/cards/present", map[string]any{"institution": institution, "fields": void}, &result)
		if result.Fields["result"] != "success" {
			t.Errorf("%s: the void: %v", institution, result.Fields)
		}
		lines := s.bank.ledger.all()
		for _, line := range lines[len(lines)-2:] {
			if line.Institution != institution || line.Merchant != merchant {
				t.Errorf("booked under %s of %s: %+v", line.Merchant, line.Institution, line)
			}
		}
		for _, wrong := range []string{"", "another"} {
			fields["merchant_no"] = wrong
			if status := call(t, s, "POST", "/cards/present",
				map[string]any{"institution": institution, "fields": fields, "card": shown.Card}, nil); status != 400 {
				t.Errorf("%s: the merchant %q was called: %d", institution, wrong, status)
			}
		}
	}
	if lines := s.bank.ledger.all(); len(lines) != 4 {
		t.Errorf("%d lines", len(lines))
	}
}

// A terminal that is switched off waits no more, and a void that is declined undoes nothing.
func TestACallThatIsLeftAndAVoidThatIsDeclined(t *testing.T) {
	s := start(t, Config{})
	var shown ShownCard
	call(t, s, "POST", "/cards", map[string]any{}, &shown)
	fields := map[string]string{"action": "pay", "out_trade_no": "C1", "amount": "500",
		"merchant_no": s.Credentials().Shengpay.MchID}
	call(t, s, "POST", "/cards/present", map[string]any{"institution": "shengpay", "fields": fields,
		"card": shown.Card}, nil)
	fields["action"] = "void"
	ctx, off := context.WithCancel(t.Context())
	body, err := json.Marshal(map[string]any{"institution": "shengpay", "fields": fields})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(ctx, "POST", s.url("control")+"/cards/calls", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	go http.DefaultClient.Do(req)
	if waiting := waitingCalls(t, s); !waiting[0].Void {
		t.Errorf("waiting: %+v", waiting[0])
	}
	off()
	for start := time.Now(); len(s.calls.list()) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > 20*time.Second { // guards a hang
			t.Fatal("a terminal that is off still waits")
		}
	}
	var result struct{ Fields map[string]string }
	call(t, s, "POST", "/cards/present", map[string]any{"institution": "shengpay", "fields": fields, "declined": true},
		&result)
	if lines := s.bank.ledger.all(); result.Fields["result"] != "failed" || len(lines) != 1 {
		t.Errorf("declined: %v, %d lines", result.Fields, len(lines))
	}
}

// waitingCalls are the calls that wait, once one does.
func waitingCalls(t *testing.T, s *Sandbox) []waitingCall {
	t.Helper()
	for start := time.Now(); time.Since(start) < 20*time.Second; time.Sleep(10 * time.Millisecond) { // guards a hang
		var waiting []waitingCall
		if call(t, s, "GET", "/cards/calls", nil, &waiting); len(waiting) > 0 {
			return waiting
		}
	}
	t.Fatal("no call waits")
	return nil
}
