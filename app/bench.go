package app

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/spf13/cobra"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/payment"
	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
	"linlipay/property"
	"linlipay/seal"
	"linlipay/sqlite"
	"linlipay/store"
	"linlipay/workbook"
)

// figure is one line of the benchmark. Rates are per second, times in microseconds; what does not apply is 0.
type figure struct {
	What   string `json:"what"`
	Rate   int64  `json:"per_second,omitempty"`
	P50    int64  `json:"p50_us,omitempty"`
	P99    int64  `json:"p99_us,omitempty"`
	Value  string `json:"value,omitempty"`
	Errors int64  `json:"errors,omitempty"`
}

// bench is a product, institutions and clients in one process, on this machine.
type bench struct {
	app      *App
	bank     *sandbox.Sandbox
	base     string
	token    string
	screenID string         // the terminal that orders are shown on
	bills    chan [2]string // unit, bill: each is paid once
	client   *http.Client
	figures  []figure
	out      io.Writer
	began    time.Time
}

func benchCommand() *cobra.Command {
	var asJSON bool
	var stored []int
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure the product against this machine's own limits, in one run",
		Long: "Start a server, a durable store and the institutions in a temporary directory, and measure them " +
			"beside what this machine can do at all: raw inserts, an empty route, RSA " +
			"signatures. Figures of different machines cannot be compared; the ratios can.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := &bench{out: cmd.ErrOrStderr(), began: time.Now()}
			if err := b.run(cmd.Context(), stored); err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(cmd.OutOrStdout()).Encode(b.figures)
			}
			return b.print(cmd.OutOrStdout())
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().IntSliceVar(&stored, "stored", []int{1_000, 100_000, 1_000_000},
		"numbers of stored orders at which creation and look-up are measured")
	return cmd
}

func (b *bench) run(ctx context.Context, stored []int) (err error) {
	dir, err := os.MkdirTemp("", "linlipay-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // a temporary directory left behind is harmless
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 2)
	if err := b.start(ctx, dir, ended); err != nil {
		stop()
		return err
	}
	defer func() {
		stop()
		err = errors.Join(err, quietly(<-ended), quietly(<-ended), b.app.Close())
	}()
	for _, measure := range []func(context.Context) error{b.limits(dir), b.orders, b.payments, b.screen, b.memory,
		b.growth(stored)} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

// start brings the product up on data of its own.
func (b *bench) start(ctx context.Context, dir string, ended chan<- error) error {
	b.say("starting")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	listen := l.Addr().String()
	if err := l.Close(); err != nil {
		return err
	}
	begin := time.Now()
	cfg := Config{
		Store: "sqlite:" + filepath.Join(dir, "store"), Listen: listen, BaseURL: "http://" + listen,
		SecretKey: seal.NewKey(), LogLevel: "error", Sandbox: true,
		DeskLifetime: 2 * time.Hour, PhoneLifetime: 2 * time.Hour,
	}
	if b.app, err = New(ctx, cfg, b.out); err != nil {
		return err
	}
	b.base, b.bills = cfg.BaseURL, make(chan [2]string, 100_000)
	b.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512}, Timeout: time.Minute}
	go func() { ended <- b.app.Run(ctx) }()
	if b.bank, err = sandbox.New(sandbox.Config{Dir: filepath.Join(dir, "bank")}); err != nil {
		return err
	}
	go func() { ended <- b.bank.Run(ctx) }()
	if _, err := b.get(ctx, "/healthz"); err != nil {
		return err
	}
	b.add(figure{What: "start-up to ready, empty store", Value: time.Since(begin).Round(time.Millisecond).String()})
	return b.fill(ctx)
}

// What the benchmark bills: enough for every order that its clients make over HTTP.
const (
	billedUnits  = 1000
	billedMonths = 24
)

// fill imports bills and logs a cashier in.
func (b *bench) fill(ctx context.Context) error {
	rows := [][]any{{"小区", "楼栋", "单元", "房号", "业主", "费用项目", "账期", "金额"}}
	for unit := range billedUnits {
		for month := range billedMonths {
			rows = append(rows, []any{"小区", "1栋", "1单元", fmt.Sprint(unit), "业主", "物业费",
				fmt.Sprintf("%d-%02d", 2025+month/12, month%12+1), "1.00"})
		}
	}
	var file bytes.Buffer
	err := errors.Join(workbook.Write(&file, workbook.Table{Rows: rows}), b.app.Property.AddCompany(ctx, "c", "c"))
	if err != nil {
		return err
	}
	begin := time.Now()
	if _, err := b.app.Billing.Import(ctx, billing.ImportRequest{Scope: property.Scope{Company: "c"}},
		&file); err != nil {
		return err
	}
	b.add(figure{What: "bills imported from a workbook", Rate: rate(billedUnits*billedMonths, time.Since(begin))})
	return b.people(ctx)
}

func (b *bench) people(ctx context.Context) error {
	if err := (demo{}).merchants(ctx, b.app, b.bank, "c", 0); err != nil {
		return err
	}
	all, err := b.app.Property.Communities(ctx, property.Scope{Company: "c"})
	if err != nil {
		return err
	}
	for unit := range billedUnits {
		found, _, err := b.app.Property.FindUnits(ctx, []string{all[0].ID}, "1-1-"+fmt.Sprint(unit), "", 1)
		if err != nil {
			return err
		}
		owed, err := b.app.Billing.Bills(ctx, found[0].ID, billing.Unpaid)
		if err != nil {
			return err
		}
		for _, bill := range owed {
			b.bills <- [2]string{found[0].ID, bill.ID}
		}
	}
	return b.logIn(ctx)
}

// logIn makes the cashier and the terminal that ask for what is measured.
func (b *bench) logIn(ctx context.Context) error {
	const password = "a bench of its own"
	m := access.Staff{Login: "bench", Name: "bench", Company: "c", Roles: []access.Role{access.Cashier}}
	if err := b.app.Access.AddStaff(ctx, m, password); err != nil {
		return err
	}
	cashier, err := b.app.Access.Login(ctx, m.Login, password, "127.0.0.1")
	if err != nil {
		return err
	}
	tokens, err := b.app.Access.Open(ctx, cashier.Caller(), access.Origin{})
	if err != nil {
		return err
	}
	b.token = tokens.Access
	code, _, err := b.app.Terminals.NewPairing(ctx, m.Company, "bench", "bench", "bench")
	if err != nil {
		return err
	}
	screen, err := b.app.Terminals.Pair(ctx, code, make([]byte, ed25519.PublicKeySize))
	if err != nil {
		return err
	}
	b.screenID = screen.ID
	return nil
}

// limits measures what this machine can do at all.
func (b *bench) limits(dir string) func(context.Context) error {
	return func(ctx context.Context) error {
		b.say("this machine's limits")
		raw, err := sqlite.Open(ctx, filepath.Join(dir, "raw"))
		if err != nil {
			return err
		}
		schema := store.Schema{Name: "raw"}
		if err := raw.Ensure(ctx, schema); err != nil {
			return err
		}
		body := bytes.Repeat([]byte("x"), 2000)
		var n atomic.Int64
		b.measure("limit: raw durable inserts of 2 KB, 256 writers", 256, 2*time.Second, func() error {
			return raw.Insert(ctx, "raw", store.Doc{ID: fmt.Sprint(n.Add(1)), Body: body})
		})
		empty := fiber.New(fiber.Config{DisableStartupMessage: true})
		empty.Get("/", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusNoContent) })
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		go empty.Listener(l) // ends with Shutdown
		b.measure("limit: empty Fiber route, 64 clients", 64, 2*time.Second, func() error {
			resp, err := b.client.Get("http://" + l.Addr().String())
			if err != nil {
				return err
			}
			return resp.Body.Close()
		})
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return err
		}
		digest := sha256.Sum256(body)
		b.measure("limit: RSA-2048 signatures, all cores", runtime.NumCPU(), 2*time.Second, func() error {
			_, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
			return err
		})
		b.client.CloseIdleConnections() // a server ends only when its clients have gone
		return errors.Join(empty.ShutdownWithTimeout(5*time.Second), raw.Close())
	}
}

// orders measures orders made over HTTP.
func (b *bench) orders(ctx context.Context) error {
	for _, clients := range []int{1, 16, 64, 256} {
		b.say(fmt.Sprintf("orders, %d clients", clients))
		b.measure(fmt.Sprintf("orders created over HTTP, %d clients", clients), clients, 2*time.Second, func() error {
			select {
			case bill := <-b.bills:
				_, err := b.post(ctx, "/v1/orders", map[string]any{"unit": bill[0], "bills": []string{bill[1]}})
				return err
			default:
				return errNoBills
			}
		})
	}
	return nil
}

var errNoBills = errors.New("bench: the bills are used up")

// payable makes an order with an attempt that the bank knows, through the service, and returns the wallet's handle.
func (b *bench) payable(ctx context.Context, n int64, origin payment.Origin) (order, handle string, err error) {
	wanted := syntheticOrder(n)
	wanted.Origin = origin
	o, _, err := b.app.Payments.Create(ctx, wanted)
	if err != nil {
		return "", "", err
	}
	o, no, _, err := b.app.Payments.Attempt(ctx, o.ID,
		payment.NewAttempt{Wallet: gateway.WalletWeChat, Method: gateway.Native})
	if err != nil {
		return "", "", err
	}
	raw, err := b.wallet(ctx, "/scan", map[string]string{"content": o.Attempt(no).Prepared.CodeURL, "wallet": "wechat"})
	if err != nil {
		return "", "", err
	}
	var p struct{ ID string }
	err = json.Unmarshal(raw, &p)
	return o.ID, p.ID, err
}

// billless owns the items of synthetic orders, which are no bills.
type billless struct{}

// Settle settles nothing.
func (billless) Settle(context.Context, *payment.Order) ([]string, error) { return nil, nil }

// Reopen opens nothing.
func (billless) Reopen(context.Context, *payment.Order, *payment.Refund) error { return nil }

// KeepPrepayment keeps nothing.
func (billless) KeepPrepayment(context.Context, *payment.Order, *payment.Exception) error { return nil }

func syntheticOrder(n int64) payment.NewOrder {
	return payment.NewOrder{
		Company: "c", Community: "bench", Title: "物业费", Origin: payment.Origin{Kind: payment.Counter, Staff: "bench"},
		Payer: payment.Payer{Unit: fmt.Sprint("u", n%5000), Label: fmt.Sprintf("1栋 1单元 %d", n%5000),
			Phone: fmt.Sprintf("199%08d", n%5000)},
		Items: []payment.Item{{Ref: fmt.Sprint("bench-", n), Title: "物业费 2026-11", Amount: 100}},
	}
}

// payments measures the way from the payer's confirmation to the booked order. The bank signs on the same cores.
func (b *bench) payments(ctx context.Context) error {
	b.say("payments")
	b.app.Payments.SetItems(billless{})
	const many = 1500
	var n atomic.Int64
	handles := make(chan string, many)
	begin := time.Now()
	if err := b.parallel(many, 32, func() error {
		_, handle, err := b.payable(ctx, n.Add(1), payment.Origin{Kind: payment.Counter})
		handles <- handle
		return err
	}); err != nil {
		return err
	}
	b.add(figure{What: "attempts opened at the institution (signed, verified)", Rate: rate(many, time.Since(begin))})
	close(handles)
	begin = time.Now()
	if err := b.parallel(many, 32, func() error {
		_, err := b.wallet(ctx, "/payments/"+<-handles+"/confirm", nil)
		return err
	}); err != nil {
		return err
	}
	for paid := 0; paid < many; {
		found, err := b.app.Store.Count(ctx, "callbacks",
			store.Query{Index: "by_outcome", Equal: []any{"c", string(payment.CallbackBooked)}})
		if err != nil {
			return err
		}
		if paid = int(found); paid < many {
			if time.Since(begin) > time.Minute {
				return fmt.Errorf("bench: only %d of %d payments were booked", paid, many)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	b.add(figure{What: "payments confirmed, notified, verified and booked", Rate: rate(many, time.Since(begin))})
	return nil
}

// screen measures how long after the payer's confirmation a terminal's screen, over HTTP, is told that its order is
// paid.
func (b *bench) screen(ctx context.Context) error {
	b.say("screens")
	watching, stop := context.WithCancel(ctx)
	defer stop()
	paid, err := b.terminal(watching)
	if err != nil {
		return err
	}
	var took []time.Duration
	for i := range int64(100) {
		order, handle, err := b.payable(ctx, 1<<40+i, payment.Origin{Kind: payment.Terminal, Terminal: b.screenID})
		if err != nil {
			return err
		}
		begin := time.Now()
		if _, err := b.wallet(ctx, "/payments/"+handle+"/confirm", nil); err != nil {
			return err
		}
		for id := range paid {
			if id == order {
				took = append(took, time.Since(begin))
				break
			}
		}
	}
	if len(took) < 100 {
		return errors.New("bench: the terminal's stream ended")
	}
	b.add(percentiles(figure{What: "payer confirms to terminal told over HTTP"}, took))
	return nil
}

// terminal follows the events of the terminal that synthetic orders are made at, and tells the paid ones.
func (b *bench) terminal(ctx context.Context) (<-chan string, error) {
	token, err := b.app.Access.Issue(ctx, access.Caller{Kind: access.TerminalKind, ID: b.screenID, Company: "c",
		Communities: []string{"bench"}})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/v1/terminal/events", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := (&http.Client{}).Do(req) // without a time-out: it is a stream
	if err != nil {
		return nil, err
	}
	paid, connected := make(chan string, 1000), make(chan bool, 1)
	go func() {
		defer resp.Body.Close()
		defer close(paid)
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			data, ok := strings.CutPrefix(lines.Text(), "data: ")
			var o struct{ ID, Status string }
			if !ok || json.Unmarshal([]byte(data), &o) != nil {
				continue
			}
			if o.ID == "" {
				connected <- true // the snapshot
			} else if o.Status == string(payment.Paid) {
				paid <- o.ID
			}
		}
	}()
	<-connected
	return paid, nil
}

func (b *bench) memory(context.Context) error {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.add(figure{What: "memory from the system, bank and clients included", Value: fmt.Sprintf("%d MiB", m.Sys>>20)})
	return nil
}

// growth measures making and finding orders as they grow in number.
func (b *bench) growth(stored []int) func(context.Context) error {
	return func(ctx context.Context) error {
		var n atomic.Int64
		n.Store(1 << 50)
		have := 0
		for _, want := range stored {
			b.say(fmt.Sprintf("filling up to %d stored orders", want))
			some := want - have
			begin := time.Now()
			if err := b.parallel(some, 256, func() error {
				_, _, err := b.app.Payments.Create(ctx, syntheticOrder(n.Add(1)))
				return err
			}); err != nil {
				return err
			}
			b.add(figure{What: fmt.Sprintf("orders created by the service, 256 at once, up to %d stored", want),
				Rate: rate(some, time.Since(begin))})
			have = want
			if err := b.lookups(ctx, want, &n); err != nil {
				return err
			}
		}
		return nil
	}
}

func (b *bench) lookups(ctx context.Context, stored int, n *atomic.Int64) error {
	var last string
	for _, kind := range []struct {
		what string
		do   func() error
	}{
		{"create", func() error {
			o, _, err := b.app.Payments.Create(ctx, syntheticOrder(n.Add(1)))
			if err == nil {
				last = o.ID
			}
			return err
		}},
		{"list of a company, newest 50", func() error {
			_, _, err := b.app.Payments.Find(ctx, payment.Filter{Company: "c", Limit: 50})
			return err
		}},
		{"search by phone", func() error {
			_, _, err := b.app.Payments.Find(ctx, payment.Filter{Company: "c", Search: "19900000042", Limit: 50})
			return err
		}},
		{"one by number", func() error {
			_, err := b.app.Payments.Get(ctx, last)
			return err
		}},
	} {
		var took []time.Duration
		for range 300 {
			begin := time.Now()
			if err := kind.do(); err != nil {
				return err
			}
			took = append(took, time.Since(begin))
		}
		b.add(percentiles(figure{What: fmt.Sprintf("%d stored: %s", stored, kind.what)}, took))
	}
	return nil
}

// measure runs do with so many clients for a while, and adds the figure.
func (b *bench) measure(what string, clients int, d time.Duration, do func() error) {
	took, failed := make([][]time.Duration, clients), atomic.Int64{}
	end := time.Now().Add(d)
	begin := time.Now()
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for time.Now().Before(end) {
				start := time.Now()
				err := do()
				if errors.Is(err, errNoBills) {
					return
				}
				if err != nil {
					failed.Add(1)
					continue
				}
				took[c] = append(took[c], time.Since(start))
			}
		})
	}
	all.Wait()
	each := slices.Concat(took...)
	b.add(percentiles(figure{What: what, Rate: rate(len(each), time.Since(begin)), Errors: failed.Load()}, each))
}

// parallel runs do n times, so many at once, and returns the first error.
func (b *bench) parallel(n, atOnce int, do func() error) error {
	var all sync.WaitGroup
	var failed atomic.Pointer[error]
	var started atomic.Int64
	for range atOnce {
		all.Go(func() {
			for started.Add(1) <= int64(n) && failed.Load() == nil {
				if err := do(); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

func rate(n int, d time.Duration) int64 { return int64(n) * int64(time.Second) / max(int64(d), 1) }

func percentiles(f figure, took []time.Duration) figure {
	if len(took) == 0 {
		return f
	}
	slices.Sort(took)
	f.P50, f.P99 = took[len(took)/2].Microseconds(), took[len(took)*99/100].Microseconds()
	return f
}

func (b *bench) get(ctx context.Context, path string) ([]byte, error) {
	return b.ask(ctx, "GET", b.base+path, nil)
}

func (b *bench) post(ctx context.Context, path string, in any) ([]byte, error) {
	return b.ask(ctx, "POST", b.base+path, in)
}

func (b *bench) wallet(ctx context.Context, path string, in any) ([]byte, error) {
	return b.ask(ctx, "POST", b.bank.Credentials().ControlURL+path, in)
}

func (b *bench) ask(ctx context.Context, method, address string, in any) ([]byte, error) {
	raw, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if b.token != "" {
		req.Header.Set("Authorization", "Bearer "+b.token)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("bench: %s answered %d: %s", address, resp.StatusCode, answer)
	}
	return answer, err
}

func (b *bench) add(f figure) { b.figures = append(b.figures, f) }

// say shows progress.
func (b *bench) say(what string) {
	fmt.Fprintf(b.out, "%7s  %s\n", time.Since(b.began).Round(time.Second), what)
}

// print writes the table, with each rate also as a share of the limits measured in the same run.
func (b *bench) print(w io.Writer) error {
	inserts, route := b.rateOf("limit: raw"), b.rateOf("limit: empty")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "per second\tof raw inserts\tof empty route\tp50\tp99\terrors\tvalue\t  what")
	for _, f := range b.figures {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t  %s\n", number(f.Rate), share(f.Rate, inserts),
			share(f.Rate, route), micros(f.P50), micros(f.P99), number(f.Errors), f.Value, f.What)
	}
	return t.Flush()
}

func (b *bench) rateOf(prefix string) int64 {
	for _, f := range b.figures {
		if strings.HasPrefix(f.What, prefix) {
			return f.Rate
		}
	}
	return 0
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func share(n, of int64) string {
	if n == 0 || of == 0 {
		return ""
	}
	return fmt.Sprintf("%d%%", n*100/of)
}

func micros(us int64) string {
	if us == 0 {
		return ""
	}
	return (time.Duration(us) * time.Microsecond).String()
}
