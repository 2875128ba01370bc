package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	dice "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"linlipay/mongo/mongotest"
	"linlipay/seal"
	"linlipay/terminal"
	"linlipay/workbook"
)

// asCommand, in the environment of a child, makes the test binary the product: what is tested is the command line
// itself.
const asCommand = "LINLIPAY_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(Main(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// run starts the product as a process of its own.
func run(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	return runLogged(t, os.Stderr, env, args...)
}

// runLogged is run with the process's log and output going to w.
func runLogged(t *testing.T, w io.Writer, env []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), asCommand+"=1"), env...)
	cmd.Stderr = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd
}

// refused runs the product and returns the one sentence that it ends with.
func refused(t *testing.T, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append([]string{asCommand + "=1", "HOME=" + t.TempDir()}, env...)
	out, err := cmd.CombinedOutput()
	if err == nil {
		t.Fatalf("%v ended well: %s", args, out)
	}
	return string(out)
}

// port is an address that is free, from below those that the system gives to whoever connects: these are taken again
// before a child has bound them.
func port(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20_000+dice.IntN(12_000)))
		if err != nil {
			continue
		}
		defer l.Close()
		return l.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}

func ready(t *testing.T, base string) {
	t.Helper()
	for start := time.Now(); time.Since(start) < 30*time.Second; {
		if resp, err := http.Get(base + "/healthz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == 200 {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the server did not become ready")
}

// workbooks writes small workbooks of the demo's two companies.
func workbooks(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, c := range demoCompanies() {
		rows := [][]any{{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额"}}
		for room := range 40 {
			for month := range 2 { // what a start takes goes with the rows
				rows = append(rows, []any{c.name + "小区", "1栋", "1单元", fmt.Sprint(101 + room), "业主",
					fmt.Sprintf("199000%05d", room), "物业费", fmt.Sprintf("2026-%02d", month+1), "1.23"})
			}
		}
		writeSheet(t, filepath.Join(dir, c.workbook), rows)
	}
	return dir
}

// writeSheet writes a workbook of one sheet.
func writeSheet(t *testing.T, path string, rows [][]any) {
	t.Helper()
	var out bytes.Buffer
	if err := workbook.Write(&out, workbook.Table{Rows: rows}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// client talks to a server as one caller.
type client struct {
	t           *testing.T
	base, token string
	id          string             // a terminal's
	key         ed25519.PrivateKey // a terminal's
}

func (c client) try(method, path string, in, out any, header ...string) (int, error) {
	raw, err := json.Marshal(in)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequest(method, c.base+path, bytes.NewReader(raw))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if method == http.MethodPost {
		req.Header.Set("Idempotency-Key", rand.Text())
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if resp.StatusCode >= 300 {
		c.t.Logf("%s %s: %d %.300s", method, path, resp.StatusCode, body)
	}
	if err != nil || out == nil || resp.StatusCode >= 300 {
		return resp.StatusCode, err
	}
	return resp.StatusCode, json.Unmarshal(body, out)
}

func (c client) must(method, path string, in, out any) {
	c.t.Helper()
	if status, err := c.try(method, path, in, out); err != nil || status >= 300 {
		c.t.Fatalf("%s %s: %d %v", method, path, status, err)
	}
}

// order is as much of an order as the tests look at.
type order struct {
	ID, Status string
	QR         struct{ URL string }
	Items      []struct{ Ref string }
	Attempts   []struct {
		OutTradeNo string `json:"out_trade_no"`
		Prepared   struct {
			CodeURL string `json:"code_url"`
		}
	}
}

// pairTerminal pairs a device and returns it as a caller.
func pairTerminal(t *testing.T, base, code string) client {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := client{t: t, base: base}
	var paired struct{ Terminal struct{ ID string } }
	c.must("POST", "/v1/terminals",
		map[string]string{"code": code, "public_key": base64.StdEncoding.EncodeToString(public)}, &paired)
	return c.with(private, paired.Terminal.ID)
}

// with proves the device's key.
func (c client) with(private ed25519.PrivateKey, id string) client {
	c.t.Helper()
	now, nonce := time.Now().Unix(), rand.Text()
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	c.must("POST", "/v1/terminals/tokens", map[string]any{
		"terminal": id, "timestamp": now, "nonce": nonce,
		"signature": base64.StdEncoding.EncodeToString(ed25519.Sign(private, terminal.SignedText(id, now, nonce))),
	}, &tokens)
	c.token, c.id, c.key = tokens.AccessToken, id, private
	return c
}

// screen follows a terminal's events and tells each order's status.
func (c client) screen(ctx context.Context) <-chan order {
	c.t.Helper()
	req, err := http.NewRequestWithContext(ctx, "GET", c.base+"/v1/terminals/"+c.id+"/events", nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != 200 {
		c.t.Fatal(resp, err)
	}
	seen, connected := make(chan order, 100), make(chan bool, 1)
	go func() {
		defer resp.Body.Close()
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			if ok && strings.HasPrefix(data, `{"orders"`) {
				connected <- true
				continue
			}
			var o order
			if ok && json.Unmarshal([]byte(data), &o) == nil {
				seen <- o
			}
		}
	}()
	<-connected
	return seen
}

func waitFor(t *testing.T, seen <-chan order, id, status string) {
	t.Helper()
	for {
		select {
		case o := <-seen:
			if o.ID == id && o.Status == status {
				return
			}
		case <-time.After(30 * time.Second): // guards a hang
			t.Fatalf("the screen never showed order %s as %s", id, status)
		}
	}
}

func (c client) newOrder(room string) order {
	c.t.Helper()
	var units, bills struct{ Items []struct{ ID string } }
	c.must("GET", "/v1/units?q="+room, nil, &units)
	c.must("GET", "/v1/units/"+units.Items[0].ID+"/bills", nil, &bills)
	var o order
	c.must("POST", "/v1/orders", map[string]any{"unit": units.Items[0].ID, "bills": []string{bills.Items[0].ID}}, &o)
	return o
}

func pay(t *testing.T, wallet, content, kind string) {
	t.Helper()
	w := client{t: t, base: wallet}
	var p struct{ ID string }
	w.must("POST", "/scan", map[string]string{"content": content, "wallet": kind}, &p)
	w.must("POST", "/payments/"+p.ID+"/confirm", nil, nil)
}

// startDemo runs the demo as a process on a store.
func startDemo(t *testing.T, storeAddress, dir, books string) demoFacts {
	t.Helper()
	giveKeys(t, filepath.Join(dir, "sandbox"))
	listen := port(t)
	run(t, []string{"LINLIPAY_STORE=" + storeAddress}, "demo", "--dir", dir, "--listen", listen, "--wallet", port(t),
		"--workbooks", books)
	ready(t, "http://"+listen)
	return readFacts(t, dir)
}

// readFacts reads what a demo wrote for those who come to it.
func readFacts(t *testing.T, dir string) demoFacts {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "demo.json"))
	if err != nil {
		t.Fatal(err)
	}
	var facts demoFacts
	if err := json.Unmarshal(raw, &facts); err != nil {
		t.Fatal(err)
	}
	return facts
}

// The whole, on each store: a terminal's QR, each wallet, by the one QR and by the institution's own, and the screen
// turns green.
func TestDemoFromTerminalToPaid(t *testing.T) {
	for name, address := range map[string]func() string{
		"sqlite":  func() string { return "sqlite:" + t.TempDir() },
		"mongodb": func() string { return mongotest.Start(t) },
	} {
		t.Run(name, func(t *testing.T) {
			facts := startDemo(t, address(), t.TempDir(), workbooks(t))
			device := pairTerminal(t, facts.BaseURL, facts.PairingCodes[0])
			seen := device.screen(t.Context())
			for i, kind := range []string{"wechat", "alipay"} {
				o := device.newOrder(fmt.Sprint(101 + i))
				pay(t, facts.WalletURL, o.QR.URL, kind)
				waitFor(t, seen, o.ID, "paid")
				o = device.newOrder(fmt.Sprint(111 + i))
				var opened struct {
					Attempt struct {
						Prepared struct {
							CodeURL string `json:"code_url"`
						}
					}
				}
				if status, err := device.try("POST", "/v1/orders/"+o.ID+"/attempts",
					map[string]string{"wallet": kind, "method": "native"}, &opened, "Idempotency-Key",
					"k"); err != nil || status != 201 {
					t.Fatal(status, err)
				}
				pay(t, facts.WalletURL, opened.Attempt.Prepared.CodeURL, kind)
				waitFor(t, seen, o.ID, "paid")
			}
			var ledger []struct {
				TakenFen int64 `json:"taken_fen"`
			}
			client{t: t, base: facts.WalletURL}.must("GET", "/ledger", nil, &ledger)
			if len(ledger) != 4 || ledger[0].TakenFen != 123 {
				t.Errorf("the institutions took %+v", ledger)
			}
		})
	}
}

// Two processes on one database: an order made on one turns the terminal that is connected to the other green.
func TestTwoProcessesOnOneDatabase(t *testing.T) {
	database := mongotest.Start(t)
	dir := t.TempDir()
	facts := startDemo(t, database, dir, workbooks(t)) // brings the institutions and the data, and is the first process
	key, err := os.ReadFile(filepath.Join(dir, "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	var bases []string
	for range 2 {
		listen := port(t)
		run(t, []string{
			"LINLIPAY_STORE=" + database, "LINLIPAY_LISTEN=" + listen, "LINLIPAY_BASE_URL=http://" + listen,
			"LINLIPAY_SECRET_KEY=" + string(key), "LINLIPAY_SANDBOX=true",
		}, "serve")
		ready(t, "http://"+listen)
		bases = append(bases, "http://"+listen)
	}
	device := pairTerminal(t, bases[0], facts.PairingCodes[0])
	o := client{t: t, base: bases[1], token: device.token}.newOrder("101")
	seen := device.screen(t.Context())
	pay(t, facts.WalletURL, o.QR.URL, "wechat")
	waitFor(t, seen, o.ID, "paid")
}

// startBank runs the sandbox alone, with notifications repeated soon, and returns its control address.
func startBank(t *testing.T, dir string) string {
	t.Helper()
	giveKeys(t, dir)
	control := port(t)
	args := []string{"sandbox", "--dir", dir, "--control", control, "--second", "20ms"}
	for _, institution := range []string{"wechat", "alipay", "lakala", "shengpay", "ruiyinxin"} {
		args = append(args, "--"+institution, port(t))
	}
	run(t, nil, args...)
	for range 200 {
		if resp, err := http.Get("http://" + control + "/ledger"); err == nil {
			resp.Body.Close()
			return "http://" + control
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the sandbox did not come up")
	return ""
}

func TestWhatIsMissingIsOneSentence(t *testing.T) {
	key := seal.NewKey()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good := []string{"LINLIPAY_SECRET_KEY=" + key, "LINLIPAY_BASE_URL=https://pay.example.com",
		"LINLIPAY_STORE=sqlite:" + t.TempDir(), "LINLIPAY_LISTEN=127.0.0.1:0"}
	with := func(values ...string) []string { return append(append([]string{}, good...), values...) }
	for want, env := range map[string][]string{
		"LINLIPAY_SECRET_KEY is missing": {},
		"LINLIPAY_BASE_URL is missing":   {"LINLIPAY_SECRET_KEY=" + key},
		"LINLIPAY_SECRET_KEY must be 32": with("LINLIPAY_SECRET_KEY=short"),
		"only https addresses":           with("LINLIPAY_BASE_URL=http://127.0.0.1:1"),
		"must be sqlite:DIR":             with("LINLIPAY_STORE=postgres://x"),
		"cannot be read and written":     with("LINLIPAY_STORE=sqlite:" + filepath.Join(file, "x")),
		"is taken or cannot be used":     with("LINLIPAY_LISTEN=" + taken.Addr().String()),
		"must be debug, info":            with("LINLIPAY_LOG_LEVEL=loud"),
		"cannot be read: open":           with("LINLIPAY_CONFIG=" + file + "x"),
		"between 1m and 2h":              with("LINLIPAY_DESK_LIFETIME=1s"),
	} {
		out := refused(t, env, "serve")
		if !strings.Contains(out, want) || strings.Count(strings.TrimSpace(out), "\n") > 0 ||
			strings.Contains(out, key) {
			t.Errorf("want one sentence with %q, got %q", want, out)
		}
	}
	if out := refused(t, nil, "demo", "--dir", t.TempDir(), "--listen", "0.0.0.0:1"); !strings.Contains(out,
		"this machine only") {
		t.Errorf("demo: %s", out)
	}
	if out := refused(t, nil, "demo", "--dir", filepath.Join(file, "x")); !strings.Contains(out, "cannot be read") {
		t.Errorf("demo: %s", out)
	}
}
