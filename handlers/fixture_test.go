package handlers

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/billing"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/merchant"
	"linlipay/property"
	"linlipay/seal"
	"linlipay/sqlite/sqlitetest"
	"linlipay/store"
	"linlipay/terminal"
	"linlipay/webhook"
	"linlipay/workbook"
)

// gateway is an institution that says yes to everything.
type fakeGateway struct {
	institution gateway.Institution
	opened      func(gateway.Charge) // hears of charges; nil is nobody
}

func (g fakeGateway) Institution() gateway.Institution { return g.institution }
func (fakeGateway) Check(gateway.Account) error        { return nil }
func (fakeGateway) Settings() []gateway.Setting {
	return []gateway.Setting{{Name: "mchid", ZH: "商户号", EN: "Merchant number", Required: true},
		{Name: "private_key_pem", ZH: "私钥", EN: "Private key", Secret: true}}
}
func (g fakeGateway) Open(_ context.Context, _ gateway.Account, c gateway.Charge) (gateway.Prepared, error) {
	if g.opened != nil {
		g.opened(c)
	}
	return gateway.Prepared{CodeURL: "pay:" + c.OutTradeNo, RedirectURL: "https://institution.example/" + c.OutTradeNo},
		nil
}
func (g fakeGateway) Offers(gateway.Account) []gateway.PaymentMethod {
	wallet := gateway.Wallet(g.institution)
	return []gateway.PaymentMethod{{Wallet: wallet, Method: gateway.Native}, {Wallet: wallet, Method: gateway.H5},
		{Wallet: wallet, Method: gateway.Wap}}
}
func (fakeGateway) Query(_ context.Context, _ gateway.Account, of gateway.Trade) (gateway.Report, error) {
	if r := strayReport(); of.OutTradeNo == r.OutTradeNo {
		return r, nil
	}
	if r, paid := latePaid.Load(of.OutTradeNo); paid {
		return r.(gateway.Report), nil
	}
	return gateway.Report{OutTradeNo: of.OutTradeNo, State: gateway.TradeClosed}, nil
}
func (fakeGateway) Close(context.Context, gateway.Account, gateway.Trade) error { return nil }

// closedAccount is the reason of refunds that the payer's account does not take.
const closedAccount = "已销户"

func (fakeGateway) Refund(_ context.Context, _ gateway.Account, r gateway.RefundRequest) (gateway.RefundReport, error) {
	if r.Reason == closedAccount {
		return gateway.RefundReport{OutRefundNo: r.OutRefundNo, State: gateway.RefundAbnormal, Amount: r.Amount}, nil
	}
	return gateway.RefundReport{OutRefundNo: r.OutRefundNo, State: gateway.RefundDone, Amount: r.Amount}, nil
}

// latePaid are reports of trades that were paid after all, by out-trade number.
var latePaid sync.Map

// strayReport is of money that the institution took under a number that nobody gave it.
func strayReport() gateway.Report {
	return gateway.Report{
		OutTradeNo: strings.Repeat("7", 26), State: gateway.TradePaid, TransactionID: "stray", Amount: 100,
		Currency: "CNY",
		PaidAt:   time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC),
	}
}

// QueryRefund knows one refund that a person made at the institution, P300 of 3 yuan.
func (fakeGateway) QueryRefund(_ context.Context, _ gateway.Account, r gateway.RefundRequest) (gateway.RefundReport,
	error) {
	if r.Reason == closedAccount {
		return gateway.RefundReport{OutRefundNo: r.OutRefundNo, State: gateway.RefundAbnormal, Amount: r.Amount}, nil
	}
	if r.OutRefundNo != "P300" {
		return gateway.RefundReport{}, &gateway.Error{Kind: gateway.NotFound, Signed: true}
	}
	return gateway.RefundReport{OutRefundNo: r.OutRefundNo, RefundID: "50300", State: gateway.RefundDone, Amount: 300},
		nil
}
func (fakeGateway) Verify(_ context.Context, _ gateway.Account, m gateway.RawNotification,
	_ time.Time) (gateway.Notification,
	error) {
	if m.Header.Get("Wechatpay-Signature") != "genuine" {
		return gateway.Notification{}, &gateway.Error{Kind: gateway.Unauthentic}
	}
	n := gateway.Notification{Kind: gateway.NotifyTrade}
	return n, json.Unmarshal(m.Body, &n.Report)
}
func (fakeGateway) Acknowledge(err error) gateway.Acknowledgement {
	if err == nil {
		return gateway.Acknowledgement{Status: 204}
	}
	return gateway.Acknowledgement{Status: 401, Body: []byte(`{"code":"FAIL"}`)}
}

// cardGateway takes bank cards, which nothing but a statement confirms.
type cardGateway struct{ fakeGateway }

func (cardGateway) Offers(gateway.Account) []gateway.PaymentMethod {
	return []gateway.PaymentMethod{{Wallet: gateway.WalletCard, Method: gateway.CardPresent}}
}
func (cardGateway) Open(_ context.Context, _ gateway.Account, c gateway.Charge) (gateway.Prepared, error) {
	call := gateway.GenericCall("", "", gateway.CardPay, gateway.Trade{OutTradeNo: c.OutTradeNo, Amount: c.Amount})
	return gateway.Prepared{Device: &call}, nil
}
func (cardGateway) ConfirmsCards() gateway.Confirmation { return gateway.ByStatement }
func (cardGateway) ReadResult(_ gateway.Account, t gateway.Trade, fields map[string]string) (gateway.DeviceResult,
	error) {
	return gateway.ReadGenericResult(t, fields)
}
func (cardGateway) VoidCall(_ gateway.Account, t gateway.Trade) (gateway.DeviceCall, error) {
	return gateway.GenericCall("", "", gateway.CardVoid, t), nil
}

// company is one tenant of the fixture.
type company struct {
	id, name, community string
	unit                *property.Unit
	bills               []billing.Bill
	staff               map[access.Role]string // tokens
	terminal            string
	terminalID          string
	resident            string
	order               *payment.Order
}

// fixture is a real server on a real port over a real store, with two companies.
type fixture struct {
	t    testing.TB
	s    *Server
	st   store.Store
	base string
	a, b *company

	payers sync.Map // what each out-trade number's institution was told as the payer's address
}

// cheapPasswords is what passwords cost here: with the product's cost nine tenths of the tests' time went into hashing.
var cheapPasswords = access.Hashing{Memory: 8, Passes: 1}

func serve(t testing.TB) *fixture {
	t.Helper()
	return serveOver(t, sqlitetest.Open(t, schemas()...))
}

// schemas are all collections of a server.
func schemas() []store.Schema {
	return slices.Concat(payment.Schemas(), property.Schemas(), billing.Schemas(), terminal.Schemas(), access.Schemas(),
		audit.Schemas(), webhook.Schemas())
}

// serveOver is serve over a store.
func serveOver(t testing.TB, plain store.Store) *fixture {
	t.Helper()
	box, err := seal.New(seal.NewKey())
	if err != nil {
		t.Fatal(err)
	}
	st := store.Seal(plain, box, time.Now, slog.New(slog.DiscardHandler))
	if err := st.Ensure(t.Context(), schemas()...); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	base := "http://" + l.Addr().String()
	f := &fixture{t: t, st: st, base: base}
	opened := func(c gateway.Charge) { f.payers.Store(c.OutTradeNo, c.ClientIP) }
	log := slog.New(slog.DiscardHandler)
	accounts := merchant.NewAccounts(st, box)
	people := access.NewService(st, box, cheapPasswords, time.Now)
	pay := payment.NewService(st, payment.Config{
		Authority: people,

		Items: billing.NewBooks(st, time.Now),
		Gateways: []gateway.Gateway{
			fakeGateway{gateway.WeChat, opened},
			fakeGateway{gateway.Alipay, opened},
			cardGateway{
				fakeGateway{gateway.Shengpay, nil},
			},
		}, Accounts: accounts, BaseURL: base, Now: time.Now, Log: log,
	})
	cfg := Config{
		Box: box, Settings: access.DefaultSettings(),
		Payments: pay, Property: property.NewService(st, time.Now), Terminals: terminal.NewService(st, box, time.Now),
		Access:   people,
		Accounts: accounts, Audit: audit.NewService(st, box, time.Now, log), BaseURL: base,
		Webhooks: webhook.NewService(webhook.Config{Store: st, Box: box, Now: time.Now, Log: log, Loopback: true}),
		Proxies:  Proxies{netip.MustParsePrefix("127.0.0.1/32")}, ShowCodes: true, Ready: st.Ping, Now: time.Now,
		Log: log,
		Pages: fstest.MapFS{"index.html": {Data: []byte("<body><p>start</p></body>")},
			"assets/a.js": {Data: []byte("1")}},
	}
	cfg.Billing = billing.NewService(st, cfg.Property, Chart{cfg.Access}, cfg.Access, pay, time.Now)
	cfg.Access.SetTerminals(cfg.Terminals)
	cfg.Audit.Follow(pay.Ledger())
	cfg.Audit.Attach(slices.Concat(pay.Outboxes(), cfg.Property.Outboxes(), cfg.Billing.Outboxes(),
		cfg.Access.Outboxes(),
		cfg.Terminals.Outboxes(), cfg.Webhooks.Outboxes())...)
	f.s = New(cfg)
	cfg.Webhooks.Attach(f.s.EventOutboxes()...)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.s.Serve(ctx, l) }()
	t.Cleanup(func() { stop(); <-ended })
	f.a, f.b = f.company("aaa", "甲物业", "甲小区", "13800000001"), f.company("bbb", "乙物业", "乙小区", "13900000002")
	return f
}

// company fills in a tenant with one of everything.
func (f *fixture) company(id, name, community, phone string) *company {
	f.t.Helper()
	ctx, c := f.t.Context(), &company{id: id, name: name, staff: map[access.Role]string{}}
	must := func(err error) {
		f.t.Helper()
		if err != nil {
			f.t.Fatal(err)
		}
	}
	must(f.s.Property.AddCompany(ctx, id, name))
	_, err := f.s.Billing.Import(ctx, of(id), threeBills(f.t, community, "业主"+id, phone))
	must(err)
	communities, err := f.s.Property.Communities(ctx, property.Scope{Company: id})
	must(err)
	c.community = communities[0].ID
	units, _, err := f.s.Property.FindUnits(ctx, []string{c.community}, "101", "", 0)
	must(err)
	c.unit = &units[0]
	c.bills, err = f.s.Billing.Bills(ctx, c.unit.ID, billing.Unpaid)
	must(err)
	for _, i := range []gateway.Institution{gateway.WeChat, gateway.Alipay} {
		must(f.s.Accounts.Add(ctx, gateway.Account{ID: id + string(i), Company: id, Institution: i,
			Settings: map[string]string{"private_key_pem": "SECRET-" + id}}, time.Now()))
	}
	for _, role := range []access.Role{access.Cashier, access.Finance, access.Operations, access.Auditor} {
		must(f.s.Access.AddStaff(ctx, access.Staff{Login: id + string(role), Name: name + string(role), Company: id,
			Roles: []access.Role{role}}, "password-"+id))
		var v tokensView
		f.json("POST", "/v1/members/sessions", "", loginInput{id + string(role), "password-" + id}, &v)
		c.staff[role] = v.AccessToken
	}
	c.resident = f.residentOf(phone)
	c.terminal, c.terminalID = f.pair(c)
	var o orderView
	f.json("POST", "/v1/orders", c.staff[access.Cashier], orderInput{Unit: c.unit.ID, Bills: []string{c.bills[0].ID}},
		&o)
	c.order, err = f.s.Payments.Get(ctx, o.ID)
	must(err)
	return c
}

// residentOf logs in the resident with a phone.
func (f *fixture) residentOf(phone string) string {
	f.t.Helper()
	var code codeView
	f.json("POST", "/v1/residents/codes", "", phoneInput{phone}, &code)
	var v tokensView
	f.json("POST", "/v1/residents/sessions", "", codeInput{phone, code.DemoCode}, &v)
	return v.AccessToken
}

func (f *fixture) pair(c *company) (token, id string) {
	f.t.Helper()
	d := f.device(c)
	return d.token, d.id
}

// device is a paired terminal with its key.
type device struct {
	token, id string
	key       ed25519.PrivateKey
}

func (f *fixture) device(c *company) device {
	f.t.Helper()
	var p pairingView
	f.json("POST", "/v1/pairings", c.staff[access.Operations], pairingInput{c.community, "前台" + c.id}, &p)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	var paired pairedView
	f.json("POST", "/v1/terminals", "", pairInput{p.Code, base64.StdEncoding.EncodeToString(public)}, &paired)
	d := device{"", paired.Terminal.ID, private}
	var v tokensView
	f.json("POST", "/v1/terminals/tokens", "", d.proof("nonce-of-"+c.id), &v)
	d.token = v.AccessToken
	return d
}

// inCash takes cash for an order, under a key.
func (f *fixture) inCash(token, order string, tendered money.Fen, key string) orderView {
	f.t.Helper()
	var v openedView
	f.json("POST", "/v1/orders/"+order+"/attempts", token, attemptInput{Method: gateway.Notes, Tendered: tendered}, &v,
		"Idempotency-Key", key)
	return v.Order
}

// proof shows that the device holds its key.
func (d device) proof(nonce string) proofInput {
	now := time.Now().Unix()
	signature := ed25519.Sign(d.key, terminal.SignedText(d.id, now, nonce))
	return proofInput{d.id, now, nonce, base64.StdEncoding.EncodeToString(signature)}
}

// of is a whole workbook of a company.
func of(company string) billing.ImportRequest {
	return billing.ImportRequest{Scope: property.Scope{Company: company}}
}

// threeBills makes a unit with three bills.
func threeBills(t testing.TB, community, owner, phone string) io.Reader {
	t.Helper()
	rows := [][]any{{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额"}}
	for i := range 3 {
		rows = append(rows, []any{community, "1栋", "1单元", "101", owner, phone, "物业费", fmt.Sprintf("2026-%02d", 9+i),
			"10.00"})
	}
	var out bytes.Buffer
	if err := workbook.Write(&out, workbook.Table{Rows: rows}); err != nil {
		t.Fatal(err)
	}
	return &out
}

// ask sends a request and returns status, header and body, which the OpenAPI document must have foretold.
func (f *fixture) ask(method, path, token string, body any, header ...string) (int, http.Header, string) {
	f.t.Helper()
	var r io.Reader
	sent, ok := body.(string)
	if body != nil {
		if !ok {
			text, err := json.Marshal(body)
			if err != nil {
				f.t.Fatal(err)
			}
			sent = string(text)
		}
		r = strings.NewReader(sent)
	}
	req, err := http.NewRequestWithContext(f.t.Context(), method, f.base+path, r)
	if err != nil {
		f.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if method == http.MethodPost {
		req.Header.Set("Idempotency-Key", rand.Text()) // one of its own, unless the test says another or none
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}, Timeout: 30 * time.Second}
	resp, err := client.Do(req)
	for range 20 { // a server that refuses a body before it has read it may break the line under the client's hands
		if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) || req.GetBody == nil {
			break
		}
		if req.Body, err = req.GetBody(); err == nil {
			resp, err = client.Do(req)
		}
	}
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		return resp.StatusCode, resp.Header, ""
	}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	f.conforms(req, sent, resp, string(raw))
	return resp.StatusCode, resp.Header, string(raw)
}

// json asks for something that must succeed.
func (f *fixture) json(method, path, token string, in, out any, header ...string) http.Header {
	f.t.Helper()
	status, h, body := f.ask(method, path, token, in, header...)
	if status >= 300 {
		f.t.Fatalf("%s %s: %d %s", method, path, status, body)
	}
	answer := json.NewDecoder(strings.NewReader(body))
	answer.UseNumber() // money is never a float, not where a test reads any answer either
	if err := answer.Decode(out); err != nil {
		f.t.Fatalf("%s %s: %s: %v", method, path, body, err)
	}
	return h
}
