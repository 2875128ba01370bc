// Package bench measures the product against this machine's own limits, in one run. app tells it what to start.
package bench

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/payment"
	"linlipay/payment/sandbox"
	"linlipay/property"
	"linlipay/store"
	"linlipay/terminal"
	"linlipay/workbook"
)

// Product is what is measured: a product's services, over HTTP and directly.
type Product struct {
	Store     store.Store
	Payments  *payment.Service
	Property  *property.Service
	Billing   *billing.Service
	Access    *access.Service
	Terminals *terminal.Service
	BaseURL   string
	Run       func(context.Context) error // serves until the context is done
	Close     func() error

	// Merchants gives a company its accounts at the institutions.
	Merchants func(ctx context.Context, bank *sandbox.Sandbox, company string) error
}

// Start makes a product over a durable store in dir. What it has to tell goes to out.
type Start func(ctx context.Context, dir string, out io.Writer) (*Product, error)

// bench is a product, institutions and clients in one process, on this machine.
type bench struct {
	app      *Product
	bank     *sandbox.Sandbox
	base     string
	token    string
	screenID string         // the terminal that orders are shown on
	bills    chan [2]string // unit, bill: each is paid once
	client   *http.Client
	figures  []figure
	out      io.Writer
	began    time.Time
	start    Start
}

// Command is `linlipay bench`, of the product that start makes.
func Command(start Start) *cobra.Command {
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
			b := &bench{start: start, out: cmd.ErrOrStderr(), began: time.Now()}
			if err := b.run(cmd.Context(), stored); err != nil {
				return err
			}
			return b.report(cmd.OutOrStdout(), asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().IntSliceVar(&stored, "stored", []int{1_000, 100_000, 1_000_000},
		"numbers of stored orders at which creation and look-up are measured")
	return cmd
}

func (b *bench) report(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(b.figures)
	}
	return b.print(out)
}

func (b *bench) run(ctx context.Context, stored []int) (err error) {
	dir, err := os.MkdirTemp("", "linlipay-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // a temporary directory left behind is harmless
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 2)
	if err := b.bringUp(ctx, dir, ended); err != nil {
		stop()
		return err
	}
	defer func() {
		stop()
		err = errors.Join(err, <-ended, <-ended, b.app.Close())
	}()
	for _, measure := range []func(context.Context) error{b.limits(dir), b.sealing(dir), b.orders, b.payments,
		b.screen, b.memory, b.growth(stored)} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

// bringUp brings the product up on data of its own.
func (b *bench) bringUp(ctx context.Context, dir string, ended chan<- error) error {
	b.say("starting")
	begin := time.Now()
	var err error
	if b.app, err = b.start(ctx, dir, b.out); err != nil {
		return err
	}
	b.base, b.bills = b.app.BaseURL, make(chan [2]string, 100_000)
	b.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512}, Timeout: time.Minute}
	go func() { ended <- b.app.Run(ctx) }()
	if b.bank, err = sandbox.New(sandbox.Config{Dir: filepath.Join(dir, "bank")}); err != nil {
		return err
	}
	go func() { ended <- b.runInstitutions(ctx) }()
	if _, err := b.get(ctx, "/healthz"); err != nil {
		return err
	}
	b.add(figure{What: "start-up to ready, empty store", Value: time.Since(begin).Round(time.Millisecond).String()})
	return b.fill(ctx)
}

func (b *bench) runInstitutions(ctx context.Context) error {
	err := b.bank.Run(ctx)
	if errors.Is(err, net.ErrClosed) { // which is how it ends
		return nil
	}
	return err
}

// What the benchmark bills: enough for every order that its clients make over HTTP.
const (
	billedUnits  = 1000
	billedMonths = 24
)

// fill imports bills and logs a cashier in.
func (b *bench) fill(ctx context.Context) error {
	var file bytes.Buffer
	err := errors.Join(workbook.Write(&file, workbook.Table{Rows: billRows()}),
		b.app.Property.AddCompany(ctx, "c", "c"))
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

// billRows are the rows of the workbook.
func billRows() [][]any {
	rows := [][]any{{"小区", "楼栋", "单元", "房号", "业主", "费用项目", "账期", "金额"}}
	for unit := range billedUnits {
		for month := range billedMonths {
			rows = append(rows, []any{"小区", "1栋", "1单元", fmt.Sprint(unit), "业主", "物业费",
				fmt.Sprintf("%d-%02d", 2025+month/12, month%12+1), "1.00"})
		}
	}
	return rows
}

func (b *bench) people(ctx context.Context) error {
	if err := b.app.Merchants(ctx, b.bank, "c"); err != nil {
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
