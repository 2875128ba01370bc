package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"linlipay/access"
	"linlipay/host"
	"linlipay/payment/sandbox"
	"linlipay/property"
	"linlipay/seal"
	"linlipay/web"
)

// demo is the product and the institutions on one machine, with made-up companies.
type demo struct {
	dir, workbooks, listen, control string
	storeAddress                    string
	base                            Config
}

// demoPassword is everybody's in the demo.
const demoPassword = "linli-demo-2026"

// demoCompany is a company of the demo.
type demoCompany struct{ id, name, workbook string }

func demoCompanies() []demoCompany {
	return []demoCompany{{"jinxiu", "锦绣物业", "demo.xlsx"}, {"wutong", "梧桐物业", "demo-two.xlsx"}}
}

// demoFacts are what a person or a test needs to know; they are printed and written to demo.json.
type demoFacts struct {
	BaseURL      string         `json:"base_url"`
	WalletURL    string         `json:"wallet_url"`
	Staff        []demoStaff    `json:"staff"`
	Residents    []demoResident `json:"residents"`
	PairingCodes []string       `json:"pairing_codes"`
	APIKey       string         `json:"api_key"` // of the first company's API client
}

type demoStaff struct {
	Login    string        `json:"login"`
	Password string        `json:"password"`
	Name     string        `json:"name"`
	Company  string        `json:"company"`
	Roles    []access.Role `json:"roles"`
}

// demoStart is what the start page shows: who one can be, and a code for every terminal that is not paired.
type demoStart struct {
	WalletURL string         `json:"wallet_url"`
	Password  string         `json:"password"`
	Companies []demoDesks    `json:"companies"`
	Residents []demoResident `json:"residents"`
}

type demoDesks struct {
	Name      string         `json:"name"`
	Staff     []demoStaff    `json:"staff"`
	Terminals []demoTerminal `json:"terminals"`
}

type demoTerminal struct {
	Name string `json:"name"`
	Code string `json:"code"`
}

type demoResident struct {
	Phone string `json:"phone"`
	Name  string `json:"name"`
	Unit  string `json:"unit"`
}

func demoCommand() *cobra.Command {
	d := demo{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run everything on this machine with made-up data; needs no account anywhere",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			outliveReaders()
			cfg, err := ReadConfig(os.Environ())
			if err != nil {
				return err
			}
			d.base = cfg
			d.storeAddress = cmp.Or(cfg.Store, "sqlite:"+filepath.Join(d.dir, "store"))
			return d.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&d.dir, "dir", "./data/demo", "directory for the demo's data")
	flags.StringVar(&d.workbooks, "workbooks", besideBinary(),
		"directory of demo.xlsx and demo-two.xlsx, which scripts/workbook writes")
	flags.StringVar(&d.listen, "listen", "127.0.0.1:8080", "address to serve on")
	flags.StringVar(&d.control, "wallet", "127.0.0.1:8090", "loopback address of the sandbox's wallet")
	return cmd
}

func besideBinary() string {
	path, err := os.Executable()
	if err != nil {
		return "."
	}
	return filepath.Dir(path)
}

// pages are the built pages, nil when there are none.
func pages() fs.FS {
	if !web.Built() {
		return nil
	}
	return web.Dist()
}

func (d demo) run(ctx context.Context, stdout, stderr io.Writer) error {
	cfg, err := d.config()
	if err != nil {
		return err
	}
	bank, err := sandbox.New(sandbox.Config{Dir: filepath.Join(d.dir, "sandbox"), ControlAddr: d.control,
		WechatAddr: "127.0.0.1:0", AlipayAddr: "127.0.0.1:0", Wallet: pages()})
	if err != nil {
		return fmt.Errorf("%w (--wallet chooses another address, --dir another directory)", err)
	}
	a, err := New(ctx, cfg, stderr)
	if err != nil {
		return errors.Join(err, bank.Close())
	}
	facts, err := d.fill(ctx, a, bank, stdout)
	if err != nil {
		return errors.Join(sentence(err), a.Close(), bank.Close())
	}
	a.server.Demo = func(ctx context.Context) (any, error) { return d.start(ctx, a, facts) }
	facts.print(stdout)
	return errors.Join(runBoth(ctx, a, bank), a.Close())
}

// config is the configuration of the demo's server.
func (d demo) config() (Config, error) {
	key, err := d.secretKey()
	if err != nil {
		return Config{}, err
	}
	ip, port, err := net.SplitHostPort(d.listen)
	if err != nil || !host.IsLoopback(ip) {
		return Config{}, fmt.Errorf("the demo listens on this machine only: --listen %q is not a loopback host:port",
			d.listen)
	}
	return Config{
		Store: d.storeAddress, Listen: d.listen, BaseURL: "http://" + net.JoinHostPort(ip, port), SecretKey: key,
		LogLevel: "warn", Sandbox: true, trial: "http://" + d.control,
		DeskLifetime: d.base.DeskLifetime, PhoneLifetime: d.base.PhoneLifetime, Surplus: d.base.Surplus,
		RefundLimit: d.base.RefundLimit,
	}, nil
}

// runBoth runs the product and the institutions until ctx is done or one of them ends.
func runBoth(ctx context.Context, a *App, bank *sandbox.Sandbox) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	banking := make(chan error, 1)
	go func() { banking <- bank.Run(ctx); stop() }()
	err := a.Run(ctx)
	stop()
	return errors.Join(err, quietly(<-banking))
}

// quietly drops the error that every ended server returns.
func quietly(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// secretKey is the demo's own, made at its first start.
func (d demo) secretKey() (string, error) {
	path := filepath.Join(d.dir, "secret.key")
	raw, err := os.ReadFile(path)
	if err == nil {
		return string(raw), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the demo's key %s cannot be read: %w", path, err)
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return "", fmt.Errorf("the directory %s cannot be written; choose another with --dir: %w", d.dir, err)
	}
	key := seal.NewKey()
	if err := os.WriteFile(path, []byte(key), 0o600); err != nil {
		return "", fmt.Errorf("the directory %s cannot be written; choose another with --dir: %w", d.dir, err)
	}
	return key, nil
}

// people names a few residents to log in as, and makes pairing codes.
func (d demo) people(ctx context.Context, a *App, facts *demoFacts) error {
	for _, company := range demoCompanies() {
		communities, err := a.Property.Communities(ctx, property.Scope{Company: company.id})
		if err != nil {
			return err
		}
		for _, c := range communities {
			if err := d.peopleOf(ctx, a, c, facts); err != nil {
				return err
			}
		}
	}
	return nil
}

// peopleOf names a resident of one community, and makes a pairing code for its front desk.
func (d demo) peopleOf(ctx context.Context, a *App, c property.Community, facts *demoFacts) error {
	code, _, err := a.Terminals.NewPairing(ctx, c.Company, c.ID, frontDesk(c), "demo")
	if err != nil {
		return err
	}
	facts.PairingCodes = append(facts.PairingCodes, code)
	units, _, err := a.Property.FindUnits(ctx, []string{c.ID}, "101", "", 0)
	if err == nil && len(units) > 0 {
		facts.Residents = append(facts.Residents,
			demoResident{units[0].Phone, units[0].Owner, c.Name + " " + units[0].Label})
	}
	return err
}

func frontDesk(c property.Community) string { return c.Name + " 前台终端" }

// start is the start page's: its pairing codes are fresh, because those that were printed have long expired when
// somebody looks again.
func (d demo) start(ctx context.Context, a *App, facts demoFacts) (demoStart, error) {
	start := demoStart{WalletURL: facts.WalletURL, Password: demoPassword, Residents: facts.Residents}
	for _, company := range demoCompanies() {
		desks, err := d.desks(ctx, a, company)
		if err != nil {
			return start, err
		}
		start.Companies = append(start.Companies, desks)
	}
	return start, nil
}

// desks are a company's people, and a terminal to pair at each front desk.
func (d demo) desks(ctx context.Context, a *App, company demoCompany) (demoDesks, error) {
	desks := demoDesks{Name: company.name, Staff: demoColleagues(company)}
	communities, err := a.Property.Communities(ctx, property.Scope{Company: company.id})
	if err != nil {
		return desks, err
	}
	for _, c := range communities {
		code, _, err := a.Terminals.NewPairing(ctx, company.id, c.ID, frontDesk(c), "demo")
		if err != nil {
			return desks, err
		}
		desks.Terminals = append(desks.Terminals, demoTerminal{frontDesk(c), code})
	}
	return desks, nil
}

func (f demoFacts) print(w io.Writer) {
	fmt.Fprintf(w, `
邻里付演示已启动 LinliPay demo is running

  从这里开始 start here  %[1]s

  终端 terminal   %[1]s/terminal
  住户 resident   %[1]s/resident
  收银 console    %[1]s/console
  沙箱钱包 wallet %[2]s/

  接口 API        %[1]s/docs  Authorization: Bearer %[5]s
  终端配对码（10 分钟内有效） pairing codes (10 minutes): %[3]v
  员工密码 staff password: %[4]s
`, f.BaseURL, f.WalletURL, f.PairingCodes, demoPassword, f.APIKey)
	for _, s := range f.Staff {
		fmt.Fprintf(w, "    %-20s %s\n", s.Login, s.Name)
	}
	fmt.Fprintln(w, "  住户手机号（验证码会显示在页面上） resident phones (the code is shown on the page):")
	for _, r := range f.Residents {
		fmt.Fprintf(w, "    %s %s %s\n", r.Phone, r.Name, r.Unit)
	}
	fmt.Fprintln(w, "\n按 Ctrl+C 结束 Ctrl+C ends it")
}
