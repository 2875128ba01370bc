package handlers

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"linlipay/access"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/terminal"
)

// swipe has a device open a card payment of a company's second bill, and returns the order and the number that the
// device signs.
func (f *fixture) swipe(c *company, d device) (order, number string) {
	f.t.Helper()
	var o orderView
	f.json("POST", "/v1/orders", d.token, orderInput{Unit: c.unit.ID, Bills: []string{c.bills[1].ID}}, &o)
	var opened openedView
	f.json("POST", "/v1/orders/"+o.ID+"/attempts", d.token,
		map[string]string{"wallet": "card", "method": "card_present"}, &opened, "Idempotency-Key", "swipe")
	return o.ID, opened.Attempt.OutTradeNo
}

// result is a result as the device brings it: signed at a time by the server's clock.
func (d device) result(number string, fields map[string]string, read, signed time.Time) map[string]any {
	text := terminal.Result{Number: number, SignedAt: signed.Unix(), ReadAt: read.Unix(), Fields: fields}.Text(d.id)
	return map[string]any{
		"fields": fields, "read_at": read.Unix(), "timestamp": signed.Unix(),
		"signature": base64.StdEncoding.EncodeToString(ed25519.Sign(d.key, text)),
	}
}

// A terminal forgets its result when a successful answer acknowledges it by its number, and upon nothing else. Add a
// line for another answer: what is brought, and what comes back. Each is brought to an order of its own.
func TestWhatATerminalMayForget(t *testing.T) {
	const pan = "6222021234567890128"
	f := serve(t)
	if err := f.s.Accounts.Add(t.Context(),
		gateway.Account{ID: "aaacards", Company: "aaa", Institution: gateway.Shengpay}, time.Now()); err != nil {
		t.Fatal(err)
	}
	own, former, now := f.device(f.a), f.device(f.a), time.Now()
	type brought struct {
		by     string
		path   string
		body   map[string]any
		fields map[string]string
	}
	over := func(b *brought, number string, read, signed time.Time, more ...string) {
		fields := maps.Clone(b.fields)
		for i := 0; i < len(more); i += 2 {
			fields[more[i]] = more[i+1]
		}
		b.body = own.result(number, fields, read, signed)
	}
	for name, c := range map[string]struct {
		bring  func(b *brought, number string)
		status int
		taken  bool
		why    string // of what is acknowledged and not taken
		anew   bool   // the answer tells the time by which it is signed anew
	}{
		"now": {func(*brought, string) {}, 200, true, "", false},
		"a clock four minutes behind": {func(b *brought, n string) {
			over(b, n, now, now.Add(-4*time.Minute))
		}, 200, true, "", false},
		"a clock two days ahead": {func(b *brought, n string) {
			over(b, n, now, now.Add(48*time.Hour))
		}, 400, false, "", true},
		"a clock two days behind": {func(b *brought, n string) {
			over(b, n, now, now.Add(-48*time.Hour))
		}, 400, false, "", true},
		"a clock six minutes ahead": {func(b *brought, n string) {
			over(b, n, now, now.Add(6*time.Minute))
		}, 400, false, "", true},
		"a clock at its beginning": {func(b *brought, n string) {
			over(b, n, time.Unix(0, 0), time.Unix(0, 0))
		}, 400, false, "", true},
		"read two days ahead": {func(b *brought, n string) {
			over(b, n, now.Add(48*time.Hour), now)
		}, 200, true, "", false},
		"read a month ago": {func(b *brought, n string) {
			over(b, n, now.AddDate(0, -1, 0), now)
		}, 200, true, "", false},
		"read in no year": {func(b *brought, n string) {
			over(b, n, time.Unix(1<<60, 0), now)
		}, 200, true, "", false},
		"another read_at than was signed": {func(b *brought, _ string) {
			b.body["read_at"] = 1
		}, 403, false, "", false},
		"other fields than were signed": {func(b *brought, _ string) {
			b.body["fields"] = map[string]string{"result": "failed"}
		}, 403, false, "", false},
		"a signature of another number": {func(b *brought, _ string) {
			over(b, strings.Repeat("1", 26), now, now)
		}, 403, false, "", false},
		"a signature that is no base64": {func(b *brought, _ string) {
			b.body["signature"] = "?"
		}, 403, false, "", false},
		"an attempt that there is not": {func(b *brought, _ string) {
			b.path = strings.Replace(b.path, "/1/", "/2/", 1)
		}, 404, false, "", false},
		"an order that there is not": {func(b *brought, _ string) {
			b.path = "/v1/orders/none/attempts/1/device"
		}, 404, false, "", false},
		"another terminal's order": {func(b *brought, _ string) { b.by = former.token }, 404, false, "", false},
		"another company's terminal": {func(b *brought, _ string) {
			b.by, b.body["terminal"] = f.b.terminal, own.id
		}, 404, false, "", false},
		"paired anew, with the former key": {func(b *brought, _ string) {
			b.by, b.body["terminal"] = former.token, own.id
		}, 200, true, "", false},
		"paired anew, with the present key": {func(b *brought, n string) {
			b.body = former.result(n, b.fields, now, now)
			b.by, b.body["terminal"] = former.token, own.id
		}, 403, false, "", false},
		"a log-in that is over": {func(b *brought, _ string) { b.by = own.token + "x" }, 401, false, "", false},
		"a field that is no text": {func(b *brought, _ string) {
			b.body["fields"] = map[string]any{"result": 1}
		}, 400, false, "", false},
		"another amount": {func(b *brought, n string) {
			over(b, n, now, now, "amount", "1")
		}, 200, false, gateway.OtherAmount, false},
		"a text of two lines": {func(b *brought, n string) {
			over(b, n, now, now, "message", "交易成功\n请签名")
		}, 200, true, "", false},
		"a name with a sign of its own": {func(b *brought, n string) {
			over(b, n, now, now, "a=b\\", "c")
		}, 200, true, "", false},
		"a name of two lines": {func(b *brought, n string) {
			over(b, n, now, now, "a\nb", "c")
		}, 200, false, gateway.Unreadable, false},
		"a full card number": {func(b *brought, n string) {
			over(b, n, now, now, "message", pan)
		}, 200, false, gateway.CardSecret, false},
		"a very long text": {func(b *brought, n string) {
			over(b, n, now, now, "slip", strings.Repeat("x", 30_000))
		}, 200, false, gateway.Unreadable, false},
	} {
		t.Run(name, func(t *testing.T) {
			f.t = t
			order, number := f.swipe(f.a, own)
			amount := f.a.bills[1].Owed()
			fields := map[string]string{"result": "success", "out_trade_no": number,
				"amount": fmt.Sprint(int64(amount)), "reference_no": "123456789012"}
			b := brought{own.token, "/v1/orders/" + order + "/attempts/1/device-reports", own.result(number, fields,
				now, now),
				fields}
			c.bring(&b, number)
			status, _, answer := f.ask("POST", b.path, b.by, b.body)
			var got struct {
				Acknowledged string
				Accepted     bool
				Reason       string
				ServerTime   time.Time `json:"server_time"`
			}
			if err := json.Unmarshal([]byte(answer), &got); err != nil || status != c.status ||
				got.Accepted != c.taken || !strings.Contains(got.Reason, c.why) || (got.Reason == "") != (c.why == "") {
				t.Fatalf("%d %s, %v", status, answer, err)
			}
			if acknowledged := got.Acknowledged == number; acknowledged != (status == 200) ||
				c.anew == got.ServerTime.IsZero() || strings.Contains(answer, pan) {
				t.Errorf("%d %s", status, answer)
			}
			if c.anew {
				var v deliveredView
				f.json("POST", b.path, b.by, own.result(number, fields, now, got.ServerTime), &v)
				if v.Acknowledged != number || !v.Taken {
					t.Errorf("signed anew by the server's time: %+v", v)
				}
			}
			f.finds(order, c.why != "", c.status == 403 && b.by == own.token)
			// so that the next one can be opened
			status, _, answer = f.ask("POST", "/v1/orders/"+order+"/attempts/1/resolution", f.a.staff[access.Finance],
				denialInput{Note: "核实"})
			if status != 200 && status != 409 {
				t.Fatalf("not received: %d %s", status, answer)
			}
			o, err := f.s.Payments.Close(t.Context(), order, payment.ByCancel, "staff:x")
			if err != nil || o.Status == payment.Pending {
				t.Fatal(o.Status, err)
			}
		})
	}
}

// finds checks what finance sees of an order's results, ends what waits for it, and that residents see none.
func (f *fixture) finds(order string, waits, noted bool) {
	f.t.Helper()
	finance := f.a.staff[access.Finance]
	var all list[orderView]
	f.json("GET", "/v1/unconfirmed-payments?limit=200", finance, nil, &all)
	var open []untakenView
	for _, o := range all.Items {
		if o.ID == order {
			open = append(open, o.Untaken...)
		}
	}
	var o orderView
	f.json("GET", "/v1/orders/"+order, finance, nil, &o)
	lines := 0
	for _, e := range o.Timeline {
		if e.What == payment.CardRejected {
			lines++
		}
	}
	if (len(open) == 1) != waits || (lines == 1) != (waits || noted) {
		f.t.Errorf("finance sees %+v, and %d lines of the timeline", open, lines)
	}
	if !waits {
		return
	}
	path := "/v1/orders/" + order + "/rejected-reports/1/resolution"
	if status, _, _ := f.ask("POST", path, f.a.staff[access.Cashier], map[string]string{"note": "x"}); status != 403 {
		f.t.Errorf("a cashier ends it: %d", status)
	}
	f.json("POST", path, finance, map[string]string{"note": "收单机构查无此笔"}, &o)
	if u := o.Untaken[0]; u.Open || u.Note != "收单机构查无此笔" || u.Fields["reference_no"] != "123456789012" ||
		u.ReadAt == nil {
		f.t.Errorf("after its end: %+v", u)
	}
	f.json("GET", "/v1/orders/"+order, f.a.resident, nil, &o)
	var seen map[string]any
	f.json("GET", "/v1/orders/"+order, f.a.resident, nil, &seen)
	if seen["untaken"] != nil {
		f.t.Errorf("a resident sees %v", seen["untaken"])
	}
}
