package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"linlipay/approval"
	"linlipay/audit"
	"linlipay/bench"
	"linlipay/payment/gateway"
	"linlipay/payment/sandbox"
	"linlipay/web"
)

// Version is the product's.
const Version = "0.1.0"

// Main runs a command line and returns the exit code. What goes wrong is one sentence on stderr.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:           "linlipay",
		Short:         "邻里付 LinliPay: one backend through which a property company collects its fees",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(demoCommand(), serveCommand(), sandboxCommand(), bench.Command(startBench), importCommand(),
		templateCommand(),
		accountCommand(), staffCommand(), terminalCommand(), verifyCommand(), auditCommand(), backupCommand(),
		restoreCommand(),
		rekeyCommand(), doctorCommand(), simulateCommand(), versionCommand())
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(audit.As(ctx, audit.Who{Actor: audit.Shell}))
	if errors.Is(err, errUnclean) { // what is to be said of it stands in the report
		return exitUnclean
	}
	if err != nil {
		fmt.Fprintln(stderr, "linlipay:", err)
		return 1
	}
	return 0
}

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve in production, configured by the environment",
		Long: "Serve in production. LINLIPAY_BASE_URL and LINLIPAY_SECRET_KEY are required; LINLIPAY_STORE, " +
			"LINLIPAY_LISTEN and others have defaults. " +
			"LINLIPAY_CONFIG may name a file of NAME=value lines. docs/architecture.md lists every setting.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			outliveReaders()
			a, err := configured(cmd)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "LinliPay serves %s on %s\n", a.cfg.BaseURL, a.listener.Addr())
			return errors.Join(a.Run(cmd.Context()), a.Close())
		},
	}
}

// configured opens the product as the environment says.
func configured(cmd *cobra.Command) (*App, error) {
	cfg, err := ReadConfig(os.Environ())
	if err != nil {
		return nil, err
	}
	return New(cmd.Context(), cfg, cmd.ErrOrStderr())
}

func sandboxCommand() *cobra.Command {
	var cfg sandbox.Config
	var scale time.Duration
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Play the institutions on loopback: WeChat Pay, Alipay, Lakala, Shengpay and Ruiyinxin",
		Long: "Play the institutions on loopback with their real wire protocols. Once it listens it writes " +
			"DIR/credentials.json (mode 0600), so that any " +
			"client library can be pointed at it. The control API takes scans, confirmations and faults.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			outliveReaders()
			cfg.Second, cfg.Wallet = scale, pages()
			s, err := sandbox.New(cfg)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "control and wallet: %s\ncredentials: %s\n", s.Credentials().ControlURL,
				filepath.Join(cfg.Dir, "credentials.json"))
			return s.Run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&cfg.Dir, "dir", "./data/sandbox", "directory of credentials.json, the keys and the ledger")
	flags.StringVar(&cfg.ControlAddr, "control", "127.0.0.1:8090", "loopback address of the control API and the wallet")
	flags.StringVar(&cfg.WechatAddr, "wechat", "127.0.0.1:8091", "loopback address of WeChat Pay")
	flags.StringVar(&cfg.AlipayAddr, "alipay", "127.0.0.1:8092", "loopback address of Alipay")
	flags.StringVar(&cfg.LakalaAddr, "lakala", "127.0.0.1:8093", "loopback address of Lakala")
	flags.StringVar(&cfg.ShengpayAddr, "shengpay", "127.0.0.1:8094", "loopback address of Shengpay")
	flags.StringVar(&cfg.RuiyinxinAddr, "ruiyinxin", "127.0.0.1:8095", "loopback address of Ruiyinxin")
	flags.DurationVar(&scale, "second", time.Second, "how long a second of the notifications' retry schedules takes")
	return cmd
}

// withoutPort opens the product for a command that serves nothing, so that a merchant account that keeps the server
// from starting can be mended.
func withoutPort(cmd *cobra.Command) (*App, error) {
	cfg, err := readWithoutPort()
	if err != nil {
		return nil, err
	}
	a, err := prepare(cmd.Context(), cfg, cmd.ErrOrStderr())
	if err == nil {
		a.settles = true
	}
	return a, err
}

// readWithoutPort is the configuration of a command that serves nothing.
func readWithoutPort() (Config, error) {
	cfg, err := ReadConfig(os.Environ())
	if err == nil && cfg.BaseURL == "" {
		cfg.BaseURL = map[bool]string{false: "https://not-serving.invalid", true: "http://localhost"}[cfg.Sandbox]
	}
	return cfg, err
}

func accountCommand() *cobra.Command {
	var company, institution, name, entity string
	var communities []string
	var disable, enable bool
	cmd := &cobra.Command{
		Use:   "account ID [SETTINGS.json]",
		Short: "Store a merchant account, its secrets encrypted, or take it out of use",
		Long: "Store a company's merchant account at an institution. SETTINGS.json is an object of the " +
			"institution's own names, as in the sandbox's credentials.json. Without it, --disable lets the " +
			"account take no new charges, whatever is wrong with it, and --enable lets it take them again. What is " +
			"done here counts as asked and approved at once, and is recorded as the " +
			"command line's; in the console one person asks for such a change and another approves it.",
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			acc := gateway.Account{ID: args[0], Name: name, Company: company, Entity: entity, Communities: communities,
				Institution: gateway.Institution(institution)}
			if stores := len(args) == 2; stores == (disable || enable) {
				return errors.New("name either the file with the settings, or --disable or --enable")
			} else if stores {
				raw, err := os.ReadFile(args[1])
				if err != nil {
					return fmt.Errorf("the settings cannot be read: %w", err)
				}
				if err := json.Unmarshal(raw, &acc.Settings); err != nil {
					return fmt.Errorf("the settings are not an object of texts: %w", err)
				}
			}
			a, err := withoutPort(cmd)
			if err != nil {
				return err
			}
			switch {
			case disable:
				_, err = a.Payments.Merchants().DisableAccount(cmd.Context(), company, acc.ID, approval.CommandLine)
			case enable:
				_, err = a.Payments.Merchants().EnableFromShell(cmd.Context(), company, acc.ID)
			default:
				err = a.addAccount(cmd.Context(), acc)
			}
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), "已生效：命令行的操作视为已提交并批准，并记入操作日志。 In force: what the command line does "+
					"counts as asked and approved, and is recorded.")
				var lack string
				if lack, err = a.lacksApprovers(cmd.Context(), company); lack != "" {
					fmt.Fprintln(cmd.OutOrStdout(), lack)
				}
			}
			return errors.Join(sentence(err), a.Close())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&company, "company", "main", "id of the company")
	flags.StringVar(&institution, "institution", "", "wechat, alipay, lakala, shengpay or ruiyinxin")
	flags.StringVar(&name, "name", "", "what people call it; none leaves the name that it has")
	flags.StringVar(&entity, "entity", "", "id of the legal entity it collects for; none is all")
	flags.StringSliceVar(&communities, "communities", nil, "ids of the communities it collects for; none is all")
	flags.BoolVar(&disable, "disable", false, "let it take no new charges")
	flags.BoolVar(&enable, "enable", false, "let it take charges again")
	cmd.MarkFlagsMutuallyExclusive("disable", "enable")
	return cmd
}

// line reads a line, which may have spaces within, without its end.
func line(r io.Reader) (string, error) {
	text, err := bufio.NewReader(r).ReadString('\n')
	if text != "" && errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimRight(text, "\r\n"), err
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			build := "unknown Go"
			if info, ok := debug.ReadBuildInfo(); ok {
				build = info.GoVersion
			}
			pages := "without pages"
			if web.Built() {
				pages = "with pages"
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "linlipay %s (%s, %s)\n", Version, build, pages)
			return err
		},
	}
}
