package app

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
	"linlipay/terminal"
)

// way is a cell of the README's table: an institution and a way to pay that a terminal takes money by.
type way struct {
	institution gateway.Institution
	wallet      gateway.Wallet
	method      gateway.Method
}

// The README's table, cell by cell: in the demo a terminal takes money by each institution and method, and all of it
// goes back.
func TestATerminalTakesMoneyByEveryWay(t *testing.T) {
	facts := startDemo(t, "sqlite:"+t.TempDir(), t.TempDir(), workbooks(t))
	d := newDesk(t, facts)
	for i, w := range d.ways() {
		t.Run(fmt.Sprint(w.institution, " ", w.wallet, " ", w.method), func(t *testing.T) {
			d := d.in(t)
			d.route(w)
			o := d.device.newOrder(fmt.Sprint(101 + i))
			// the next order needs the terminal
			t.Cleanup(func() { d.cashier.try("POST", "/v1/orders/"+o.ID+"/closure", nil, nil) })
			d.pay(o.ID, w)
			paid := d.until(o.ID, "paid", func(o wayOrder) bool { return o.Status == "paid" })
			if a := paid.Attempts[len(paid.Attempts)-1]; a.Institution != w.institution || a.Received != paid.Amount {
				t.Errorf("%+v took it", a)
			}
			d.giveBack(paid, w)
			if took, gave := d.books(paid.ID); took != paid.Amount || gave != paid.Amount {
				t.Errorf("the institution took %d and gave back %d of %d", took, gave, paid.Amount)
			}
		})
	}
}

type wayOrder struct {
	ID, Status string
	Amount     int64
	Items      []struct {
		Ref    string
		Amount int64
	}
	Attempts []struct {
		No          int
		OutTradeNo  string `json:"out_trade_no"`
		Institution gateway.Institution
		Received    int64
		State       string
	}
	Refunds []struct {
		No          int
		OutRefundNo string `json:"out_refund_no"`
		Status      string
		Void        bool
	}
}

// desk is everybody who takes part: a terminal with its key, the staff, and the institutions.
type desk struct {
	t          *testing.T
	device     client
	bank       client
	cashier    client
	finance    client
	operations client
	serial     *int
}

func newDesk(t *testing.T, facts demoFacts) desk {
	staff := func(login string) client {
		c := client{t: t, base: facts.BaseURL}
		var in struct {
			AccessToken string `json:"access_token"`
		}
		c.must("POST", "/v1/members/sessions", map[string]string{"login": "jinxiu-" + login,
			"password": demoPassword}, &in)
		c.token = in.AccessToken
		return c
	}
	return desk{
		t: t, device: pairTerminal(t, facts.BaseURL, facts.PairingCodes[0]), bank: client{t: t, base: facts.WalletURL},
		cashier: staff("cashier"), finance: staff("finance"), operations: staff("operations"), serial: new(int),
	}
}

// in is the desk within a subtest.
func (d desk) in(t *testing.T) desk {
	d.t, d.device.t, d.bank.t, d.cashier.t, d.finance.t, d.operations.t = t, t, t, t, t, t
	return d
}

// ways are all that the demo's company can choose for a terminal; a phone's own ways are not a terminal's.
func (d desk) ways() []way {
	var all struct{ Choices []merchant.Option }
	d.operations.must("GET", "/v1/routes", nil, &all)
	var list []way
	for _, c := range all.Choices {
		for _, a := range c.Accounts {
			if slices.Contains([]gateway.Method{gateway.Native, gateway.CodePresented, gateway.CardPresent,
				gateway.JSAPI}, c.Method) {
				list = append(list, way{a.Institution, c.Wallet, c.Method})
			}
		}
	}
	return list
}

func (d desk) route(w way) {
	d.t.Helper()
	d.choose(merchant.Route{PaymentMethod: gateway.PaymentMethod{Wallet: w.wallet, Method: w.method},
		Accounts: []string{"jinxiu-" + string(w.institution)}})
}

// choose has operations ask for a route of the whole company, and finance approve it. One that is chosen already stays.
func (d desk) choose(route merchant.Route) {
	d.t.Helper()
	var now struct {
		Revision int64
		Routes   []merchant.Route
		Request  struct{ ID string }
	}
	d.operations.must("GET", "/v1/routes", nil, &now)
	if len(now.Routes) == 1 && now.Routes[0].PaymentMethod == route.PaymentMethod &&
		slices.Equal(now.Routes[0].Accounts, route.Accounts) {
		return
	}
	d.operations.must("PUT", "/v1/routes", map[string]any{"routes": []merchant.Route{route},
		"revision": now.Revision}, &now)
	d.finance.must("POST", "/v1/routes/decision", map[string]any{"request": now.Request.ID, "approve": true}, nil)
}

func (d desk) key() []string {
	*d.serial++
	return []string{"Idempotency-Key", fmt.Sprint("way", *d.serial)}
}

func (d desk) post(c client, path string, in, out any) {
	d.t.Helper()
	if status, err := c.try("POST", path, in, out, d.key()...); err != nil || status >= 300 {
		d.t.Fatalf("POST %s: %d %v", path, status, err)
	}
}

// payer is the wallet that a payer scans with.
func (w way) payer() string {
	if w.wallet == gateway.WalletAny {
		return "unionpay"
	}
	return string(w.wallet)
}

func (d desk) pay(order string, w way) {
	d.t.Helper()
	switch w.method {
	case gateway.CodePresented:
		var code struct{ Code string }
		d.bank.must("POST", "/codes", map[string]string{"wallet": w.payer()}, &code)
		d.post(d.cashier, "/v1/orders/"+order+"/attempts", map[string]string{"method": "code",
			"auth_code": code.Code}, nil)
	case gateway.CardPresent:
		d.swipe(order, w)
	case gateway.JSAPI:
		var o struct{ QR struct{ URL string } }
		d.device.must("GET", "/v1/orders/"+order, nil, &o)
		pay(d.t, d.bank.base, o.QR.URL, "wechat")
	default:
		var opened struct {
			Attempt struct {
				Prepared struct {
					CodeURL string `json:"code_url"`
				}
			}
		}
		d.post(d.device, "/v1/orders/"+order+"/attempts", map[string]any{"wallet": w.wallet, "method": w.method},
			&opened)
		pay(d.t, d.bank.base, opened.Attempt.Prepared.CodeURL, w.payer())
	}
}

// swipe has the terminal hand our call to the acquirer's application, a card be presented there, and the result be
// signed.
func (d desk) swipe(order string, w way) {
	d.t.Helper()
	var opened struct {
		Attempt struct {
			No         int
			OutTradeNo string `json:"out_trade_no"`
			Prepared   struct{ Device gateway.DeviceCall }
		}
	}
	d.post(d.device, "/v1/orders/"+order+"/attempts", map[string]any{"wallet": w.wallet, "method": w.method}, &opened)
	var card struct{ Card string }
	d.bank.must("POST", "/cards", map[string]string{"type": "credit"}, &card)
	fields := d.present(w, opened.Attempt.Prepared.Device, card.Card)
	d.post(d.device, fmt.Sprintf("/v1/orders/%s/attempts/%d/device-reports", order, opened.Attempt.No),
		d.signed(opened.Attempt.OutTradeNo, fields), nil)
}

func (d desk) present(w way, call gateway.DeviceCall, card string) map[string]string {
	d.t.Helper()
	var result struct{ Fields map[string]string }
	d.bank.must("POST", "/cards/present", map[string]any{"institution": w.institution, "fields": call.Extras,
		"card": card}, &result)
	return result.Fields
}

func (d desk) signed(number string, fields map[string]string) map[string]any {
	now := time.Now().Unix()
	text := terminal.Result{Number: number, SignedAt: now, ReadAt: now, Fields: fields}.Text(d.device.id)
	return map[string]any{"fields": fields, "read_at": now, "timestamp": now,
		"signature": base64.StdEncoding.EncodeToString(ed25519.Sign(d.device.key, text))}
}

func (d desk) until(order, what string, done func(wayOrder) bool) wayOrder {
	d.t.Helper()
	var o wayOrder
	for start := time.Now(); time.Since(start) < 40*time.Second; time.Sleep(100 * time.Millisecond) {
		o = wayOrder{}
		d.finance.must("GET", "/v1/orders/"+order, nil, &o)
		if done(o) {
			return o
		}
	}
	d.t.Fatalf("the order did not become %s: %+v", what, o)
	return o
}

// giveBack has the cashier ask and finance approve; a card of the day is voided on the terminal.
func (d desk) giveBack(o wayOrder, w way) {
	d.t.Helper()
	var items []map[string]any
	for _, it := range o.Items {
		items = append(items, map[string]any{"ref": it.Ref, "amount": it.Amount})
	}
	key := d.key()
	d.until(o.ID, "settled", func(wayOrder) bool { // a refund is taken once the bills are settled
		status, err := d.cashier.try("POST", "/v1/orders/"+o.ID+"/refunds",
			map[string]any{"items": items, "reason": "多收"}, nil, key...)
		return err == nil && status < 300
	})
	d.finance.must("POST", "/v1/orders/"+o.ID+"/refunds/1/decision", map[string]any{"approve": true}, &o)
	if len(o.Refunds) == 1 && o.Refunds[0].Void {
		var call gateway.DeviceCall
		d.device.must("GET", "/v1/orders/"+o.ID+"/refunds/1/device-call", nil, &call)
		d.device.must("POST", "/v1/orders/"+o.ID+"/refunds/1/device-reports",
			d.signed(o.Refunds[0].OutRefundNo, d.present(w, call, "")), nil)
	}
	d.until(o.ID, "given back", func(o wayOrder) bool { return o.Refunds[0].Status == "succeeded" })
}

// books are what the institutions say that they took and gave back for an order.
func (d desk) books(order string) (took, gave int64) {
	var lines []struct {
		OutTradeNo   string `json:"out_trade_no"`
		TakenFen     int64  `json:"taken_fen"`
		GivenBackFen int64  `json:"given_back_fen"`
	}
	d.bank.must("GET", "/ledger", nil, &lines)
	for _, l := range lines {
		if strings.HasPrefix(l.OutTradeNo, order) {
			took, gave = took+l.TakenFen, gave+l.GivenBackFen
		}
	}
	return took, gave
}
