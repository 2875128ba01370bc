package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"linlipay/access"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/payment/gateway"
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
			d.storeAddress = "sqlite:" + filepath.Join(d.dir, "store")
			if cfg.Store != "" {
				d.storeAddress = cfg.Store
			}
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
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	key, err := d.secretKey()
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(d.listen)
	if err != nil || !gateway.IsLoopback(host) {
		return fmt.Errorf("the demo listens on this machine only: --listen %q is not a loopback host:port", d.listen)
	}
	cfg := Config{
		Store: d.storeAddress, Listen: d.listen, BaseURL: "http://" + net.JoinHostPort(host, port), SecretKey: key,
		LogLevel: "warn", Sandbox: true,
		DeskLifetime: d.base.DeskLifetime, PhoneLifetime: d.base.PhoneLifetime, Surplus: d.base.Surplus,
		RefundLimit: d.base.RefundLimit,
	}
	cfg.trial = "http://" + d.control
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
	banking := make(chan error, 1)
	go func() { banking <- bank.Run(ctx); stop() }()
	err = a.Run(ctx)
	stop()
	return errors.Join(err, quietly(<-banking), a.Close())
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

// fill puts the made-up companies in, at the first start, and makes fresh pairing codes at each.
func (d demo) fill(ctx context.Context, a *App, bank *sandbox.Sandbox, stdout io.Writer) (demoFacts, error) {
	facts := demoFacts{BaseURL: a.cfg.BaseURL, WalletURL: bank.Credentials().ControlURL}
	for i, company := range demoCompanies() {
		if err := d.fillCompany(ctx, a, company, stdout); err != nil {
			return facts, err
		}
		if err := d.organise(ctx, a, company); err != nil {
			return facts, err
		}
		if err := d.merchants(ctx, a, bank, company.id, i); err != nil {
			return facts, err
		}
		for _, m := range demoColleagues(company) {
			if err := a.Access.AddStaff(ctx, access.Staff{Login: m.Login, Name: m.Name, Company: m.Company,
				Roles: m.Roles}, m.Password); err != nil && !fault.Is(err, fault.AlreadyExists) {
				return facts, err
			}
			facts.Staff = append(facts.Staff, m)
		}
	}
	if err := d.people(ctx, a, &facts); err != nil {
		return facts, err
	}
	raw, err := json.MarshalIndent(facts, "", "  ")
	if err != nil {
		return facts, err
	}
	return facts, os.WriteFile(filepath.Join(d.dir, "demo.json"), raw, 0o600)
}

// demoColleagues are a company's staff: two in finance, because whoever asks for a refund cannot approve it.
func demoColleagues(c demoCompany) []demoStaff {
	person := func(login, name string, role access.Role) demoStaff {
		return demoStaff{Login: c.id + "-" + login, Password: demoPassword, Name: c.name + name, Company: c.id,
			Roles: []access.Role{role}}
	}
	return []demoStaff{
		person("cashier", "收银", access.Cashier), person("finance", "财务", access.Finance),
		person("finance2", "财务二", access.Finance), person("operations", "运营", access.Operations),
		person("auditor", "审计", access.Auditor),
	}
}

// fillCompany imports a company's workbook unless it is there.
func (d demo) fillCompany(ctx context.Context, a *App, c demoCompany, stdout io.Writer) error {
	have, err := a.Property.Communities(ctx, property.Scope{Company: c.id})
	if err != nil || len(have) > 0 {
		return err
	}
	path := filepath.Join(d.workbooks, c.workbook)
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the workbook %s is missing: make it with `go run ./scripts/workbook -out %s`: %w", path,
			d.workbooks, err)
	}
	defer file.Close()
	if err := a.Property.AddCompany(ctx, c.id, c.name); err != nil {
		return err
	}
	report, err := a.Billing.Import(ctx, billing.ImportRequest{Scope: property.Scope{Company: c.id}}, file)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %s", c.name, report)
	return nil
}

// merchants gives a company its own accounts in the sandbox; a restart of the sandbox on other ports changes the
// addresses in them.
func (d demo) merchants(ctx context.Context, a *App, bank *sandbox.Sandbox, company string, i int) error {
	c, err := bank.Merchant(i)
	if err != nil {
		return err
	}
	for institution, at := range map[gateway.Institution]struct {
		name        string
		credentials any
	}{
		gateway.WeChat: {"微信支付商户号", c.Wechat}, gateway.Alipay: {"支付宝商户号", c.Alipay},
		gateway.Lakala:   {"拉卡拉商户号", c.Lakala},
		gateway.Shengpay: {"盛付通商户号", c.Shengpay}, gateway.Ruiyinxin: {"瑞银信商户号", c.Ruiyinxin},
	} {
		acc := gateway.Account{ID: company + "-" + string(institution), Name: at.name, Company: company,
			Institution: institution}
		raw, err := json.Marshal(at.credentials)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(raw, &acc.Settings); err != nil {
			return err
		}
		if acc.Settings["card_application"] != "" {
			acc.Settings["trust_device"] = "yes" // so that the demo shows provisional orders
		}
		if err := a.Accounts.Put(ctx, acc, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

// people names a few residents to log in as, and makes pairing codes.
func (d demo) people(ctx context.Context, a *App, facts *demoFacts) error {
	for _, company := range demoCompanies() {
		communities, err := a.Property.Communities(ctx, property.Scope{Company: company.id})
		if err != nil {
			return err
		}
		for _, c := range communities {
			code, _, err := a.Terminals.NewPairing(ctx, company.id, c.ID, frontDesk(c), "demo")
			if err != nil {
				return err
			}
			facts.PairingCodes = append(facts.PairingCodes, code)
			units, _, err := a.Property.FindUnits(ctx, []string{c.ID}, "101", "", 0)
			if err != nil {
				return err
			}
			if len(units) > 0 {
				facts.Residents = append(facts.Residents,
					demoResident{units[0].Phone, units[0].Owner, c.Name + " " + units[0].Label})
			}
		}
	}
	return nil
}

func frontDesk(c property.Community) string { return c.Name + " 前台终端" }

// start is the start page's: its pairing codes are fresh, because those that were printed have long expired when
// somebody looks again.
func (d demo) start(ctx context.Context, a *App, facts demoFacts) (demoStart, error) {
	start := demoStart{WalletURL: facts.WalletURL, Password: demoPassword, Residents: facts.Residents}
	for _, company := range demoCompanies() {
		desks := demoDesks{Name: company.name, Staff: demoColleagues(company)}
		communities, err := a.Property.Communities(ctx, property.Scope{Company: company.id})
		if err != nil {
			return start, err
		}
		for _, c := range communities {
			code, _, err := a.Terminals.NewPairing(ctx, company.id, c.ID, frontDesk(c), "demo")
			if err != nil {
				return start, err
			}
			desks.Terminals = append(desks.Terminals, demoTerminal{frontDesk(c), code})
		}
		start.Companies = append(start.Companies, desks)
	}
	return start, nil
}

func (f demoFacts) print(w io.Writer) {
	fmt.Fprintf(w, `
邻里付演示已启动 LinliPay demo is running

  从这里开始 start here  %[1]s

  终端 terminal   %[1]s/terminal
  住户 resident   %[1]s/resident
  收银 console    %[1]s/console
  沙箱钱包 wallet %[2]s/

  终端配对码（10 分钟内有效） pairing codes (10 minutes): %[3]v
  员工密码 staff password: %[4]s
`, f.BaseURL, f.WalletURL, f.PairingCodes, demoPassword)
	for _, s := range f.Staff {
		fmt.Fprintf(w, "    %-20s %s\n", s.Login, s.Name)
	}
	fmt.Fprintln(w, "  住户手机号（验证码会显示在页面上） resident phones (the code is shown on the page):")
	for _, r := range f.Residents {
		fmt.Fprintf(w, "    %s %s %s\n", r.Phone, r.Name, r.Unit)
	}
	fmt.Fprintln(w, "\n按 Ctrl+C 结束 Ctrl+C ends it")
}
