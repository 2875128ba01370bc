package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"linlipay/audit"
	"linlipay/bench"
	"linlipay/handlers"
	"linlipay/payment/sandbox"
	"linlipay/web"
)

// Main runs a command line and returns the exit code. What goes wrong is one sentence on stderr.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
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

// rootCommand is linlipay with its subcommands.
func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "linlipay",
		Short:         "邻里付 LinliPay: one backend through which a property company collects its fees",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(demoCommand(), initCommand(), serveCommand(), sandboxCommand(), bench.Command(startBench),
		importCommand(), templateCommand(), accountCommand(), staffCommand(), terminalCommand(), verifyCommand(),
		auditCommand(), backupCommand(), restoreCommand(), rekeyCommand(), doctorCommand(), simulateCommand(),
		versionCommand())
	return root
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
			cfg, err := ReadConfig(os.Environ())
			if err != nil {
				return err
			}
			return serve(cmd, cfg)
		},
	}
}

// serve serves until the command's context is done.
func serve(cmd *cobra.Command, cfg Config) error {
	outliveReaders()
	a, err := New(cmd.Context(), cfg, cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "LinliPay serves %s on %s\n", a.cfg.BaseURL, a.listener.Addr())
	return errors.Join(a.Run(cmd.Context()), a.Close())
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
			cfg.Second, cfg.Wallet = scale, pages()
			return runSandbox(cmd, cfg)
		},
	}
	sandboxFlags(cmd, &cfg)
	cmd.Flags().DurationVar(&scale, "second", time.Second,
		"how long a second of the notifications' retry schedules takes")
	return cmd
}

// runSandbox plays the institutions until the command's context is done.
func runSandbox(cmd *cobra.Command, cfg sandbox.Config) error {
	outliveReaders()
	s, err := sandbox.New(cfg)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "control and wallet: %s\ncredentials: %s\n", s.Credentials().ControlURL,
		filepath.Join(cfg.Dir, "credentials.json"))
	return s.Run(cmd.Context())
}

// sandboxFlags declares where the sandbox keeps its files, and the address of each institution that it plays.
func sandboxFlags(cmd *cobra.Command, cfg *sandbox.Config) {
	flags := cmd.Flags()
	flags.StringVar(&cfg.Dir, "dir", "./data/sandbox", "directory of credentials.json, the keys and the ledger")
	flags.StringVar(&cfg.ControlAddr, "control", "127.0.0.1:8090", "loopback address of the control API and the wallet")
	flags.StringVar(&cfg.WechatAddr, "wechat", "127.0.0.1:8091", "loopback address of WeChat Pay")
	flags.StringVar(&cfg.AlipayAddr, "alipay", "127.0.0.1:8092", "loopback address of Alipay")
	flags.StringVar(&cfg.LakalaAddr, "lakala", "127.0.0.1:8093", "loopback address of Lakala")
	flags.StringVar(&cfg.ShengpayAddr, "shengpay", "127.0.0.1:8094", "loopback address of Shengpay")
	flags.StringVar(&cfg.RuiyinxinAddr, "ruiyinxin", "127.0.0.1:8095", "loopback address of Ruiyinxin")
}

// withoutServing opens the product for a command that serves nothing, does what it is for, and closes it: a merchant
// account that keeps the server from starting can be mended so. What goes wrong is a sentence.
func withoutServing(cmd *cobra.Command, do func(*App) error) error {
	cfg, err := readWithoutPort()
	if err != nil {
		return err
	}
	return withStore(cmd, cfg, func(a *App) error {
		a.settles = true
		return sentence(do(a))
	})
}

// notServing stands for the address of a server that nobody has configured, where none is needed.
const notServing = "https://not-serving.invalid"

// readWithoutPort is the configuration of a command that serves nothing.
func readWithoutPort() (Config, error) {
	cfg, err := ReadConfig(os.Environ())
	if err == nil && cfg.BaseURL == "" {
		cfg.BaseURL = map[bool]string{false: notServing, true: "http://localhost"}[cfg.Sandbox]
	}
	return cfg, err
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
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "linlipay %s (%s)\n", handlers.Version, builtWith())
			return err
		},
	}
}

// builtWith is the version of Go that built this binary, and whether the pages are in it.
func builtWith() string {
	build := "unknown Go"
	if info, ok := debug.ReadBuildInfo(); ok {
		build = info.GoVersion
	}
	if web.Built() {
		return build + ", with pages"
	}
	return build + ", without pages"
}
