package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"
)

// clock is a time that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// show has a wallet show a payment code.
func show(t *testing.T, s *Sandbox, with map[string]any) string {
	t.Helper()
	var c ShownCode
	if status := call(t, s, "POST", "/codes", with, &c); status != 200 || string(c.Wallet) != with["wallet"] {
		t.Fatalf("codes: %d %+v", status, c)
	}
	return c.Code
}

func (o official) codeOrder(number, code string, fen int64) map[string]any {
	return map[string]any{
		"appid": o.c.Appid, "mchid": o.c.Mchid, "description": "停车费", "out_trade_no": number,
		"payer":      map[string]string{"auth_code": code},
		"amount":     map[string]any{"total": fen, "currency": "CNY"},
		"scene_info": map[string]any{"device_ip": "10.0.0.7", "store_info": map[string]string{"out_id": "desk-1"}},
	}
}

// charge sends a body to the API of payment codes and returns the answer's status and trade.
func (o official) charge(t *testing.T, body map[string]any) (status int, tx map[string]any, err error) {
	t.Helper()
	result, err := o.client.Post(t.Context(), "https://api.mch.weixin.qq.com/v3/pay/transactions/codepay", body)
	if err != nil {
		return 0, nil, err
	}
	raw, err := io.ReadAll(result.Response.Body)
	if err != nil || json.Unmarshal(raw, &tx) != nil {
		t.Fatalf("%s %v", raw, err)
	}
	return result.Response.StatusCode, tx, nil
}

func (o official) reverse(t *testing.T, number string) error {
	t.Helper()
	_, err := o.client.Post(t.Context(), "https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/"+number+
		"/reverse",
		map[string]string{"appid": o.c.Appid, "mchid": o.c.Mchid})
	return err
}

func TestWechatCodeIsChargedAndReversed(t *testing.T) {
	at := &clock{at: time.Now()}
	s := start(t, Config{Now: at.now})
	for mode, o := range officialClients(t, s) {
		t.Run(mode, func(t *testing.T) {
			number, body := "T"+randomHex(10), map[string]any(nil)
			body = o.codeOrder(number, show(t, s, map[string]any{"wallet": "wechat"}), 100000)
			status, tx, err := o.charge(t, body)
			if err != nil || status != 200 || tx["trade_state"] != "SUCCESS" || tx["trade_type"] != "MICROPAY" ||
				tx["transaction_id"] == "" {
				t.Fatalf("charge: %d %v %v", status, tx, err)
			}
			_, _, err = o.charge(t, body)
			wantCode(t, err, 400, "ORDERPAID")
			wantCode(t, o.reverse(t, number), 400, "INVALID_REQUEST") // sooner than 15 s
			at.move(15 * time.Second)
			for range 2 { // a repeat is answered alike
				if err := o.reverse(t, number); err != nil {
					t.Fatal(err)
				}
			}
			o.checkTrade(t, number, "REVOKED")
			_, _, err = o.charge(t, body)
			wantCode(t, err, 400, "ORDER_CLOSED")
			_, err = o.refund(t, number, "R"+number, 1, 100000, "")
			wantCode(t, err, 404, "RESOURCE_NOT_EXISTS")
			lines := s.bank.ledger.all()
			if last := lines[len(lines)-1]; last.GivenBackFen != 100000 || !last.reversal() ||
				last.TransactionID != tx["transaction_id"] {
				t.Errorf("the ledger: %+v", last)
			}
			at.move(-15 * time.Second)
		})
	}
}

// question charges an amount that the payer is asked a password for and returns what waits in the wallet.
func (o official) question(t *testing.T, s *Sandbox, number string, fen int64, with map[string]any) Payment {
	t.Helper()
	with["wallet"] = "wechat"
	body := o.codeOrder(number, show(t, s, with), fen)
	for range 2 { // a repeat is answered alike
		if status, tx, err := o.charge(t, body); err != nil || status != http.StatusAccepted ||
			tx["trade_state"] != "USERPAYING" {
			t.Fatalf("charge: %d %v %v", status, tx, err)
		}
	}
	o.checkTrade(t, number, "USERPAYING")
	var waiting []Payment
	if status := call(t, s, "GET", "/payments?waiting=1", nil, &waiting); status != 200 || len(waiting) != 1 ||
		!waiting[0].Waiting {
		t.Fatalf("waiting: %d %+v", status, waiting)
	}
	return waiting[0]
}

func TestWechatCodeAsksForThePassword(t *testing.T) {
	s := start(t, Config{Second: time.Nanosecond})
	o := officialClients(t, s)["public key"]
	for name, c := range map[string]struct {
		fen  int64
		with map[string]any
		then string // what the payer does
		want string
	}{
		"over 1000 yuan, confirmed": {100001, map[string]any{}, "confirm", "SUCCESS"},
		"asked for, cancelled":      {1, map[string]any{"ask_password": true}, "cancel", "PAYERROR"},
		"asked for, left alone":     {1, map[string]any{"ask_password": true}, "", "USERPAYING"},
	} {
		t.Run(name, func(t *testing.T) {
			number := "T" + randomHex(10)
			p := o.question(t, s, number, c.fen, c.with)
			if c.then != "" {
				call(t, s, "POST", "/payments/"+p.ID+"/"+c.then, nil, nil)
			}
			o.checkTrade(t, number, c.want)
			if err := o.reverse(t, number); err != nil {
				t.Fatal(err)
			}
			o.checkTrade(t, number, "REVOKED")
			if status := call(t, s, "POST", "/payments/"+p.ID+"/confirm", nil, nil); status != http.StatusConflict {
				t.Errorf("a reversed payment was confirmed: %d", status)
			}
			if waiting := s.bank.waiting(); len(waiting) != 0 {
				t.Errorf("still waiting: %+v", waiting)
			}
		})
	}
	if err := s.faults.add(Script{Fault: UserPaying, Operation: "code"}); err != nil {
		t.Fatal(err)
	}
	o.question(t, s, "T"+randomHex(10), 1, map[string]any{})
}

func TestWechatCodeRefusals(t *testing.T) {
	at := &clock{at: time.Now()}
	s := start(t, Config{Now: at.now})
	o := officialClients(t, s)["public key"]
	old := show(t, s, map[string]any{"wallet": "wechat", "valid_seconds": 1})
	at.move(2 * time.Second)
	fresh := func() string { return show(t, s, map[string]any{"wallet": "wechat"}) }
	spent, used := fresh(), "T"+randomHex(10)
	if _, _, err := o.charge(t, o.codeOrder(used, spent, 1)); err != nil {
		t.Fatal(err)
	}
	poor, broke := "T"+randomHex(10), show(t, s, map[string]any{"wallet": "wechat", "balance_fen": 99})
	without := func(key string) map[string]any {
		body := o.codeOrder("T"+randomHex(10), fresh(), 1)
		delete(body, key)
		return body
	}
	order := func(code string, fen int64) map[string]any { return o.codeOrder("T"+randomHex(10), code, fen) }
	for _, c := range []struct {
		name   string
		body   map[string]any
		status int
		code   string
	}{
		{"not a code", order("123", 1), 400, "AUTH_CODE_INVALID"},
		{"nobody's code", order("134567890123456789", 1), 400, "AUTH_CODE_INVALID"},
		{"the other wallet's", order(show(t, s, map[string]any{"wallet": "alipay"}), 1), 400, "AUTH_CODE_INVALID"},
		{"a used code", order(spent, 1), 400, "AUTH_CODE_INVALID"},
		{"an old code", order(old, 1), 400, "AUTH_CODE_EXPIRE"},
		{"a poor wallet", o.codeOrder(poor, broke, 100), 403, "NOT_ENOUGH"},
		{"its number again", o.codeOrder(poor, fresh(), 100), 403, "OUT_TRADE_NO_USED"},
		{"a number with other terms", o.codeOrder(used, fresh(), 2), 403, "OUT_TRADE_NO_USED"},
		{"another's appid", without("appid"), 400, "APPID_MCHID_NOT_MATCH"},
		{"no description", without("description"), 400, "PARAM_ERROR"},
		{"no number", without("out_trade_no"), 400, "PARAM_ERROR"},
		{"no amount", without("amount"), 400, "PARAM_ERROR"},
		{"no scene", without("scene_info"), 400, "PARAM_ERROR"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := o.charge(t, c.body)
			wantCode(t, err, c.status, c.code)
		})
	}
	o.checkTrade(t, poor, "PAYERROR")
}

func TestWechatReverseRefusals(t *testing.T) {
	at := &clock{at: time.Now()}
	s := start(t, Config{Now: at.now})
	o := officialClients(t, s)["public key"]
	paidCode := func() string {
		number := "T" + randomHex(10)
		if _, _, err := o.charge(t, o.codeOrder(number, show(t, s, map[string]any{"wallet": "wechat"}),
			300)); err != nil {
			t.Fatal(err)
		}
		return number
	}
	scanned, refunded, low, old := o.paidNative(t, s, 300), paidCode(), paidCode(), paidCode()
	if _, err := o.refund(t, refunded, "R1", 1, 300, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.faults.add(Script{Fault: MerchantBalanceLow, OutTradeNo: low, Operation: "reverse"}); err != nil {
		t.Fatal(err)
	}
	at.move(time.Minute)
	wantCode(t, o.reverse(t, "T-nobody-knows"), 404, "ORDER_NOT_EXIST")
	wantCode(t, o.reverse(t, scanned), 400, "INVALID_REQUEST")
	wantCode(t, o.reverse(t, refunded), 400, "INVALID_REQUEST")
	wantCode(t, o.reverse(t, low), 403, "NOT_ENOUGH")
	o.checkTrade(t, low, "SUCCESS")
	_, err := o.client.Post(t.Context(), "https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/"+low+
		"/reverse", map[string]string{"mchid": o.c.Mchid})
	wantCode(t, err, 400, "PARAM_ERROR")
	_, err = o.client.Post(t.Context(), "https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/"+low+"/close",
		map[string]string{"mchid": o.c.Mchid})
	wantCode(t, err, 400, "INVALID_REQUEST")
	at.move(8 * 24 * time.Hour)
	s.bank.mu.Lock()
	stale := s.bank.byOut[outKey("wechat", o.c.Mchid, old)]
	s.bank.mu.Unlock()
	if failed := (&wechat{s}).reversible(*stale); failed == nil || failed.Code != "INVALID_REQUEST" {
		t.Errorf("a reversal after a week: %v", failed)
	}
}

// A ledger that cannot be written is the institutions' system error: nothing is taken and nothing goes back.
func TestABrokenLedgerIsASystemError(t *testing.T) {
	s := start(t, Config{Dir: t.TempDir(), Second: time.Nanosecond})
	o, a := officialClients(t, s)["public key"], newAliClient(t, s)
	number, other := "T"+randomHex(10), a.paidCode(t, s, "3.00", "")
	if _, _, err := o.charge(t, o.codeOrder(number, show(t, s, map[string]any{"wallet": "wechat"}), 300)); err != nil {
		t.Fatal(err)
	}
	for _, f := range []**os.File{&s.bank.ledger.file, &s.bank.refundLog.file} {
		if err := (*f).Close(); err != nil {
			t.Fatal(err)
		}
		var err error
		if *f, err = os.Open((*f).Name()); err != nil { // for reading only
			t.Fatal(err)
		}
	}
	_, _, err := o.charge(t, o.codeOrder("T"+randomHex(10), show(t, s, map[string]any{"wallet": "wechat"}), 300))
	wantCode(t, err, 500, "SYSTEM_ERROR")
	_, err = o.refund(t, number, "R1", 1, 300, "")
	wantCode(t, err, 500, "SYSTEM_ERROR")
	wantCode(t, o.reverse(t, number), 500, "SYSTEM_ERROR")
	o.checkTrade(t, number, "SUCCESS")
	a.must(t, "alipay.trade.pay", barCode("T"+randomHex(8), show(t, s, map[string]any{"wallet": "alipay"}), "3.00"),
		"20000isp.unknow-error")
	a.must(t, "alipay.trade.refund", giveBack(other, "R1", "1.00"), "40004ACQ.SYSTEM_ERROR")
	if got := a.must(t, "alipay.trade.cancel", map[string]string{"out_trade_no": other},
		"40004ACQ.SYSTEM_ERROR"); got["retry_flag"] != "Y" {
		t.Errorf("cancel: %v", got)
	}
	a.mustStatus(t, other, "TRADE_SUCCESS")
}

func TestCodesOfTheWallets(t *testing.T) {
	s := start(t, Config{})
	for range 50 {
		if c := show(t, s, map[string]any{"wallet": "wechat"}); !wechatCode.MatchString(c) {
			t.Errorf("WeChat's code %s", c)
		}
		if c := show(t, s, map[string]any{"wallet": "alipay"}); !alipayCode.MatchString(c) {
			t.Errorf("Alipay's code %s", c)
		}
	}
	for _, bad := range []map[string]any{{"wallet": "cash"}, {}, {"wallet": "wechat", "valid_seconds": -1},
		{"wallet": "alipay", "balance_fen": -1}} {
		if status := call(t, s, "POST", "/codes", bad, nil); status != http.StatusBadRequest {
			t.Errorf("%v answered %d", bad, status)
		}
	}
	if status := call(t, s, "GET", "/payments", nil, nil); status != http.StatusBadRequest {
		t.Errorf("all payments were listed: %d", status)
	}
	if err := s.faults.add(Script{Fault: UserPaying, Operation: "charge"}); err == nil {
		t.Error("a fault of an unknown operation was taken")
	}
}

func TestOldCodesAreForgotten(t *testing.T) {
	at := &clock{at: time.Now()}
	b, err := openBank(Config{Now: at.now}, (&Sandbox{}).institutions())
	if err != nil {
		t.Fatal(err)
	}
	old := b.issue(payCode{Wallet: "wechat"}, time.Minute)
	at.move(codeKept + 2*time.Minute)
	b.issue(payCode{Wallet: "wechat"}, time.Minute)
	if b.codes[old.Text] != nil || len(b.codes) != 1 || len(b.issued) != 1 {
		t.Errorf("%d codes are kept", len(b.codes))
	}
}
