package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linlipay/money"
	"linlipay/payment"
	"linlipay/seal"
)

// business is the product under load: desks that repeat a request under its key until it is answered, payers whose
// wallets confirm, and a list of all that was acknowledged to any of them, which must hold whatever happens to the
// server.
type business struct {
	t       *testing.T
	bank    client
	env     []string
	store   string
	base    string
	rooms   int
	http    *http.Client
	heard   func(reply) // every answer of the server, and every failure to get one; may be nil
	patient time.Duration

	visits atomic.Int64
	done   atomic.Int64

	login    sync.Mutex
	tokens   sync.Map // login → access token
	mu       sync.Mutex
	promised map[string]bool // what was acknowledged; true once it was found in the store
	notices  map[string]bool // the institutions' notifications; true once one was accepted
}

// reply is how one request went.
type reply struct {
	what   string
	status int // 0 is none
	kind   string
	code   string
	body   string
	at     time.Time
	took   time.Duration
	err    error
}

// loadOrder is as much of an order as the load looks at.
type loadOrder struct {
	ID, Status string
	Amount     money.Fen
	QR         struct{ URL string }
	Items      []struct {
		Ref    string
		Amount money.Fen
	}
	Attempts []struct {
		No         int
		OutTradeNo string `json:"out_trade_no"`
		State      string
	}
	Refunds []struct {
		No          int
		OutRefundNo string `json:"out_refund_no"`
		Status      string
	}
}

// times is a number that an environment variable names.
func times(t *testing.T, name string, otherwise int) int {
	t.Helper()
	for _, v := range os.Environ() {
		if text, ok := strings.CutPrefix(v, name+"="); ok && text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				t.Fatalf("%s is %q", name, text)
			}
			return n
		}
	}
	return otherwise
}

// newBusiness sets a company up by the commands an operator uses: many rooms with a year of bills each, a cashier,
// finance, and both institutions.
func newBusiness(t *testing.T, store, listen string, rooms int) *business {
	t.Helper()
	b := &business{
		t: t, bank: client{t: t, base: startBank(t, t.TempDir())}, store: store, base: "http://" + listen, rooms: rooms,
		patient:  30 * time.Second,
		http:     &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
		promised: map[string]bool{}, notices: map[string]bool{},
	}
	b.env = []string{
		"LINLIPAY_STORE=" + store, "LINLIPAY_LISTEN=" + listen, "LINLIPAY_BASE_URL=" + b.base,
		"LINLIPAY_SECRET_KEY=" + seal.NewKey(), "LINLIPAY_SANDBOX=true",
		"LINLIPAY_DESK_LIFETIME=1m", "LINLIPAY_LOG_LEVEL=" + string(quietest),
	}
	b.must("", "import", "--company", "c", yearOfBills(t, rooms))
	b.must("load-password-of-ours\n", "staff", "add", "--company", "c", "--roles", "cashier", "cashier")
	b.must("load-password-of-ours\n", "staff", "add", "--company", "c", "--roles", "finance", "finance")
	var credentials map[string]json.RawMessage
	b.bank.must("POST", "/merchants", nil, &credentials)
	for _, institution := range wallets {
		file := filepath.Join(t.TempDir(), institution+".json")
		if err := os.WriteFile(file, credentials[institution], 0o600); err != nil {
			t.Fatal(err)
		}
		b.must("", "account", "--company", "c", "--institution", institution, "c-"+institution, file)
	}
	return b
}

// wallets are the institutions that the load pays at.
var wallets = []string{"wechat", "alipay"}

// quietest is the log level of a server that is killed again and again: what it says of that is expected.
const quietest = "ERROR+4"

// yearOfBills writes a workbook of one community.
func yearOfBills(t *testing.T, rooms int) string {
	t.Helper()
	rows := [][]any{{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额"}}
	for room := range rooms {
		for month := range 12 {
			rows = append(rows, []any{"花园小区", "1栋", "1单元", roomName(room), "业主", fmt.Sprintf("199000%05d", room), "物业费",
				fmt.Sprintf("2026-%02d", month+1), "1.23"})
		}
	}
	file := filepath.Join(t.TempDir(), "bills.xlsx")
	writeSheet(t, file, rows)
	return file
}

func roomName(n int) string { return fmt.Sprint(10001 + n) }

// command prepares a command of the product as an operator would run it.
func (b *business) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), asCommand+"=1"), b.env...)
	return cmd
}

func (b *business) must(stdin string, args ...string) {
	b.t.Helper()
	cmd := b.command(args...)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("%v: %v: %s", args, err, out)
	}
}

// serve starts the server.
func (b *business) serve() *exec.Cmd {
	b.t.Helper()
	return run(b.t, b.env, "serve")
}

// work keeps a number of desks busy until ctx is done.
func (b *business) work(ctx context.Context, desks int) *sync.WaitGroup {
	all := new(sync.WaitGroup)
	for range desks {
		all.Go(func() {
			for ctx.Err() == nil {
				n := int(b.visits.Add(1)) - 1
				round := n / len(visits)
				visits[n%len(visits)](b, visit{ctx: ctx, n: n, round: round, wallet: wallets[round%2]})
				b.done.Add(1)
				b.pause(ctx, rand.N(500*time.Millisecond))
			}
		})
	}
	return all
}

func (b *business) pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// once asks the server once, and keeps in mind what it acknowledges.
func (b *business) once(ctx context.Context, login, method, path, key string, in, out any) reply {
	r := reply{what: method + " " + path, at: time.Now()}
	raw, err := json.Marshal(in)
	if err != nil {
		panic(err)
	}
	// A request outlives the load's end: its answer still counts.
	req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), method, b.base+path, bytes.NewReader(raw))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token, ok := b.tokens.Load(login); ok {
		req.Header.Set("Authorization", "Bearer "+token.(string))
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := b.http.Do(req)
	var body []byte
	if err == nil {
		r.status, r.kind = resp.StatusCode, resp.Header.Get("Content-Type")
		body, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	r.err, r.body, r.took = err, string(body), time.Since(r.at)
	var said struct{ Code string }
	if err == nil && r.status >= 300 {
		if json.Unmarshal(body, &said) == nil {
			r.code = said.Code
		}
	} else if err == nil {
		b.acknowledged(body)
		if out != nil {
			r.err = json.Unmarshal(body, out)
		}
	}
	if b.heard != nil {
		b.heard(r)
	}
	return r
}

// call asks until the server answers for good, always under the same key, and reports whether it did what was asked.
func (b *business) call(ctx context.Context, login, method, path, key string, in, out any) bool {
	for start := time.Now(); ctx.Err() == nil && time.Since(start) < b.patient; {
		r := b.once(ctx, login, method, path, key, in, out)
		switch {
		case r.status == http.StatusUnauthorized:
			b.signIn(ctx, login)
		case r.err != nil, r.status >= 500, r.status == http.StatusTooManyRequests:
			b.pause(ctx, 10*time.Millisecond+rand.N(20*time.Millisecond))
		default:
			return r.status < 300
		}
	}
	return false
}

// signIn gets a token; one desk does it for all.
func (b *business) signIn(ctx context.Context, login string) {
	before, _ := b.tokens.Load(login)
	b.login.Lock()
	defer b.login.Unlock()
	if now, _ := b.tokens.Load(login); now != before {
		return
	}
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	if r := b.once(ctx, "", "POST", "/v1/members/sessions", "",
		map[string]string{"login": login, "password": "load-password-of-ours"}, &tokens); r.err == nil &&
		r.status == http.StatusOK {
		b.tokens.Store(login, tokens.AccessToken)
		return
	}
	b.pause(ctx, 50*time.Millisecond)
}

// acknowledged keeps in mind what an answer says of an order's money.
func (b *business) acknowledged(body []byte) {
	var said struct {
		loadOrder
		Order *loadOrder
	}
	if json.Unmarshal(body, &said) != nil {
		return
	}
	o := &said.loadOrder
	if said.Order != nil {
		o = said.Order
	}
	if o.Status == string(payment.Paid) {
		b.promise("paid " + o.ID)
	}
	for _, a := range o.Attempts {
		if a.State == string(payment.AttemptSucceeded) {
			b.promise("taken " + a.OutTradeNo)
		}
	}
	for _, r := range o.Refunds {
		if r.Status == string(payment.RefundSucceeded) {
			b.promise("given back " + r.OutRefundNo)
		}
	}
}

func (b *business) promise(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.promised[what]; !known {
		b.promised[what] = false
	}
}

// kept holds the store against what was acknowledged since the last time, or, with all, ever: by the server's answers
// and to the institutions.
func (b *business) kept(ctx context.Context, a *App, all bool) {
	b.t.Helper()
	b.toInstitutions()
	reversed := b.reversed()
	b.mu.Lock()
	defer b.mu.Unlock()
	for what, seen := range b.promised {
		if seen && !all {
			continue
		}
		kind, number, _ := cutLast(what, " ")
		o, err := a.Payments.Get(ctx, number[:24])
		if err != nil {
			b.t.Errorf("acknowledged: %s; there is no such order: %v", what, err)
			continue
		}
		if !holds(o, kind, number) && !reversed[number] {
			b.t.Errorf("acknowledged: %s; the order is %s with attempts %+v and refunds %+v", what, o.Status,
				o.Attempts, o.Refunds)
		}
		b.promised[what] = true
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	return s[:max(i, 0)], s[i+1:], i >= 0
}

func holds(o *payment.Order, kind, number string) bool {
	switch kind {
	case "paid":
		return o.Status == payment.Paid
	case "taken":
		return slices.ContainsFunc(o.Attempts, func(a payment.Attempt) bool {
			return a.OutTradeNo == number && a.State == payment.AttemptSucceeded
		})
	}
	return slices.ContainsFunc(o.Refunds, func(r payment.Refund) bool {
		return r.OutRefundNo == number && r.Status == payment.RefundSucceeded
	})
}

// notice is a delivery of a notification.
type notice struct {
	ID         string
	OutTradeNo string `json:"out_trade_no"`
	RefundNo   string `json:"refund_no"`
	Accepted   bool
	At         time.Time
}

// toInstitutions adds the notifications that were answered with success. The institutions remember the last deliveries
// only, so it also notes which notifications there were.
func (b *business) toInstitutions() {
	b.t.Helper()
	var sent []notice
	b.bank.must("GET", "/notifications", nil, &sent)
	for _, d := range sent {
		b.notices[d.ID] = b.notices[d.ID] || d.Accepted
		switch {
		case !d.Accepted:
		case d.RefundNo != "":
			b.promise("given back " + d.RefundNo)
		default:
			b.promise("taken " + d.OutTradeNo)
		}
	}
}

// repeat has the institutions repeat at once, rather than on their schedules, what nobody has accepted yet, and says
// what is still not accepted.
func (b *business) repeat() (left []string) {
	b.t.Helper()
	b.toInstitutions()
	for id, done := range b.notices {
		var now struct{ Accepted bool }
		if done {
			continue
		}
		if status, err := b.bank.try("POST", "/notifications/"+id+"/resend", nil, &now); err != nil ||
			status != http.StatusOK || !now.Accepted {
			left = append(left, fmt.Sprintf("notification %s is not accepted: %d %v", id, status, err))
		}
	}
	return left
}

// bankLine is a line of the institutions' ledger.
type bankLine struct {
	OutTradeNo   string    `json:"out_trade_no"`
	TakenFen     money.Fen `json:"taken_fen"`
	GivenBackFen money.Fen `json:"given_back_fen"`
	RefundNo     string    `json:"refund_no"`
}

// reversed are the payments that an institution took and undid (撤销) as if they had never been.
func (b *business) reversed() map[string]bool {
	b.t.Helper()
	entries := map[string]bool{}
	for _, line := range b.ledger() {
		if line.GivenBackFen > 0 && line.RefundNo == "" {
			entries[line.OutTradeNo] = true
		}
	}
	return entries
}

func (b *business) ledger() (lines []bankLine) {
	b.t.Helper()
	b.bank.must("GET", "/ledger", nil, &lines)
	return lines
}
