package app

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
)

// The first choice goes down in mid-day: what it was asked for stays its own, the next order is paid through the
// second, and nobody pays twice.
func TestTheFirstChoiceGoesDownInMidDay(t *testing.T) {
	t.Parallel() // most of the time it waits for an institution that does not answer
	facts := startDemo(t, "sqlite:"+t.TempDir(), t.TempDir(), workbooks(t))
	d := newDesk(t, facts)
	d.choose(merchant.Route{
		PaymentMethod: gateway.PaymentMethod{Wallet: gateway.WalletAlipay, Method: gateway.Native},
		Accounts:      []string{"jinxiu-lakala", "jinxiu-alipay"},
	})
	through := func(room string) (string, gateway.Institution) {
		o := d.device.newOrder(room)
		d.pay(o.ID, way{"", gateway.WalletAlipay, gateway.Native})
		paid := d.until(o.ID, "paid", func(o wayOrder) bool { return o.Status == "paid" })
		return o.ID, paid.Attempts[len(paid.Attempts)-1].Institution
	}
	if _, i := through("101"); i != gateway.Lakala {
		t.Fatalf("%s took it, not the first choice", i)
	}
	d.bank.must("POST", "/faults", map[string]any{"institution": "lakala", "fault": "timeout_before_effect",
		"count": 100_000}, nil)
	hit := d.device.newOrder("102")
	if status, err := d.device.try("POST", "/v1/orders/"+hit.ID+"/attempts",
		map[string]string{"wallet": "alipay", "method": "native"}, nil, d.key()...); err != nil || status != 503 {
		t.Errorf("the order that the outage hits: %d, %v", status, err)
	}
	failing := func() bool {
		var all struct{ Choices []merchant.Option }
		d.operations.must("GET", "/v1/routes", nil, &all)
		for _, c := range all.Choices {
			for _, a := range c.Accounts {
				if a.ID == "jinxiu-lakala" && a.Failing {
					return true
				}
			}
		}
		return false
	}
	for start := time.Now(); !failing(); time.Sleep(100 * time.Millisecond) {
		if time.Since(start) > 60*time.Second { // guards a hang
			t.Fatal("the circuit does not open")
		}
		d.cashier.try("POST", "/v1/orders/"+hit.ID+"/queries", nil, nil)
	}
	// it stays closing until Lakala answers; the terminal is free
	d.cashier.try("POST", "/v1/orders/"+hit.ID+"/closure", nil, nil)
	if o, i := through("103"); i != gateway.Alipay {
		t.Errorf("the next order %s was taken by %s", o, i)
	}
	d.bank.must("DELETE", "/faults", nil, nil)
	d.until(hit.ID, "closed", func(o wayOrder) bool {
		d.cashier.try("POST", "/v1/orders/"+hit.ID+"/queries", nil,
			nil) // rather than wait for the loop's next question
		return o.Status == "closed"
	})
	if took, _ := d.books(hit.ID); took != 0 {
		t.Errorf("the order that the outage hit was charged %d", took)
	}
	if took, gave := d.books("2"); took != 246 || gave != 0 {
		t.Errorf("two orders of 1.23 were paid, the institutions took %d and gave back %d", took, gave)
	}
}

// A full card number is refused at the door, and is found nowhere afterwards: not in the store, the log, or any
// answer. A terminal's result that holds one is not taken, and the rest of it is in finance's list.
func TestFullCardNumbersAreNowhere(t *testing.T) {
	const number, track = "6222021234567890128", "6222021234567890128=29121011234567890"
	store, dir := t.TempDir(), t.TempDir()
	listen, control := port(t), port(t)
	var log bytes.Buffer
	cmd := runLogged(t, &log, []string{"LINLIPAY_STORE=sqlite:" + store, "LINLIPAY_LOG_LEVEL=debug"}, "demo", "--dir",
		dir, "--listen", listen, "--wallet", control, "--workbooks", workbooks(t))
	ready(t, "http://"+listen)
	d := newDesk(t, readFacts(t, dir))
	o := d.device.newOrder("101")
	var opened struct {
		Attempt struct {
			No         int
			OutTradeNo string `json:"out_trade_no"`
			Prepared   struct{ Device gateway.DeviceCall }
		}
	}
	d.post(d.device, "/v1/orders/"+o.ID+"/attempts", map[string]any{"wallet": "card", "method": "card_present"},
		&opened)
	var card struct{ Card string }
	d.bank.must("POST", "/cards", map[string]string{"type": "debit"}, &card)
	good := d.present(way{gateway.Lakala, gateway.WalletCard, gateway.CardPresent}, opened.Attempt.Prepared.Device,
		card.Card)
	path := "/v1/orders/" + o.ID + "/attempts/1/device-reports"
	for name, fields := range map[string]map[string]string{
		"in a field of its own": with(good, "pan", number),
		"in a text":             with(good, "reason", "卡号 6222 0212 3456 7890 128"),
		"as a track":            with(good, "track2", track),
		"as a name":             with(good, number, "x"), "as the masked number": with(good, "priaccount", number),
	} {
		var told delivered
		if status, err := d.device.try("POST", path, d.signed(opened.Attempt.OutTradeNo, fields), &told,
			d.key()...); err != nil || status != 200 || told.Accepted ||
			told.Acknowledged != opened.Attempt.OutTradeNo {
			t.Errorf("%s: %d, %v, %+v", name, status, err, told)
		}
	}
	for name, ask := range map[string]func() (int, error){
		"in a refund's reason": func() (int, error) {
			return d.cashier.try("POST", "/v1/orders/"+o.ID+"/refunds",
				map[string]any{"items": []any{}, "reason": number}, nil, d.key()...)
		},
		"in a search": func() (int, error) { return d.cashier.try("GET", "/v1/orders?q="+number, nil, nil) },
		"in a room":   func() (int, error) { return d.cashier.try("GET", "/v1/units?q="+number, nil, nil) },
		"as a login": func() (int, error) {
			return d.cashier.try("POST", "/v1/members/sessions", map[string]string{"login": number,
				"password": number}, nil)
		},
		"as an order": func() (int, error) { return d.cashier.try("GET", "/v1/orders/"+number, nil, nil) },
		"in a denial": func() (int, error) {
			return d.finance.try("POST", "/v1/orders/"+o.ID+"/attempts/1/resolution",
				map[string]string{"note": number}, nil)
		},
		"in a callback": func() (int, error) {
			return client{t: t, base: d.device.base}.try("POST", "/callbacks/lakala/jinxiu-lakala",
				map[string]string{"payer_account_no": number}, nil)
		},
	} {
		if status, err := ask(); err != nil || status < 400 || status >= 500 {
			t.Errorf("%s: %d, %v", name, status, err)
		}
	}
	var listed struct {
		Items []struct {
			RejectedReports []struct{ Fields map[string]string } `json:"rejected_reports"`
		}
	}
	d.finance.must("GET", "/v1/unconfirmed-payments", nil, &listed)
	if len(listed.Items) != 1 || len(listed.Items[0].RejectedReports) != 5 ||
		listed.Items[0].RejectedReports[0].Fields["amt"] != good["amt"] {
		t.Errorf("finance sees %+v", listed)
	}
	var told delivered
	if status, err := d.device.try("POST", path, d.signed(opened.Attempt.OutTradeNo, good), &told,
		d.key()...); err != nil || status != 200 || !told.Accepted {
		t.Errorf("the honest result: %d, %v, %+v", status, err, told)
	}
	cmd.Process.Signal(syscall.SIGTERM) // a child of a job in the background does not hear an interrupt
	cmd.Wait()
	hunt(t, "the log", log.Bytes(), number)
	for _, root := range []string{store, dir} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			hunt(t, path, raw, number)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// delivered is the answer to a terminal's result.
type delivered struct {
	Acknowledged string
	Accepted     bool
	Reason       string
}

// A result whose signature does not verify is refused; one of another trade or of another amount is acknowledged and
// waits for finance. None moves anything, and finance reads on the timeline that it came, once for each.
func TestARefusedResultStandsOnTheTimeline(t *testing.T) {
	d := newDesk(t, startDemo(t, "sqlite:"+t.TempDir(), t.TempDir(), workbooks(t)))
	o := d.device.newOrder("101")
	var opened struct {
		Attempt struct {
			OutTradeNo string `json:"out_trade_no"`
			Prepared   struct{ Device gateway.DeviceCall }
		}
	}
	d.post(d.device, "/v1/orders/"+o.ID+"/attempts", map[string]any{"wallet": "card", "method": "card_present"},
		&opened)
	var card struct{ Card string }
	d.bank.must("POST", "/cards", map[string]string{"type": "debit"}, &card)
	good := d.present(way{gateway.Lakala, gateway.WalletCard, gateway.CardPresent}, opened.Attempt.Prepared.Device,
		card.Card)
	forged := d.signed(opened.Attempt.OutTradeNo, good)
	forged["fields"] = with(good, "amt", "0.01")
	for _, c := range []struct {
		body   map[string]any
		status int
		why    string
	}{
		{forged, 403, ""}, {d.signed(opened.Attempt.OutTradeNo, with(good, "amt", "0.01")), 200, "金额与订单不符"},
		{d.signed(opened.Attempt.OutTradeNo, with(good, "order_no", strings.Repeat("1", 26))), 200, "不是该笔订单"},
	} {
		for range 2 {
			var told delivered
			status, err := d.device.try("POST", "/v1/orders/"+o.ID+"/attempts/1/device-reports", c.body, &told,
				d.key()...)
			if err != nil || status != c.status || told.Accepted || !strings.Contains(told.Reason, c.why) ||
				(told.Acknowledged != "") != (c.status == 200) {
				t.Errorf("%d, %v, %+v; want %d", status, err, told, c.status)
			}
		}
	}
	var seen struct{ Timeline []payment.Event }
	d.finance.must("GET", "/v1/orders/"+o.ID, nil, &seen)
	var told []string
	for _, e := range seen.Timeline {
		if e.What == payment.CardRejected {
			told = append(told, e.Note)
		}
	}
	if len(told) != 3 || !strings.Contains(told[0], "签名") || !strings.Contains(told[1], "金额与订单不符") ||
		!strings.Contains(told[2], "不是该笔订单") {
		t.Errorf("the timeline says %q", told)
	}
}

func with(fields map[string]string, name, value string) map[string]string {
	more := map[string]string{name: value}
	for k, v := range fields {
		if k != name {
			more[k] = v
		}
	}
	return more
}

// hunt finds a card number however it is grouped.
func hunt(t *testing.T, where string, raw []byte, number string) {
	t.Helper()
	plain := strings.NewReplacer(" ", "", "-", "").Replace(string(raw))
	if strings.Contains(plain, number) || strings.Contains(plain, number[:16]) {
		t.Errorf("%s holds the card number", where)
	}
}
