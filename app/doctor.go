package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/width"

	"linlipay/access"
	"linlipay/calendar"
	"linlipay/payment/merchant"
)

func doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check the configuration, the store, the clock and every merchant account",
		Long: "Check the configuration, the store, the clock and every merchant account, as the console's button " +
			"does: a signed question to the institution, its clock, certificates that end, " +
			"and whether our own address is reached. It changes nothing. On MongoDB it may run beside the server; " +
			"on SQLite the server must be stopped, and doctor answers for it on " +
			"LINLIPAY_LISTEN. When something fails the exit code is 1.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := doctor{out: cmd.OutOrStdout()}
			cfg, ok := d.configuration()
			if !ok {
				return d.end()
			}
			return errors.Join(d.examine(cmd.Context(), cfg, cmd.ErrOrStderr()), d.end())
		},
	}
}

// doctor tells what it finds, one line each, and counts what fails.
type doctor struct {
	out    io.Writer
	failed int
}

// stateWord is a finding's first column.
func stateWord(s merchant.CheckState) string {
	return map[merchant.CheckState]string{merchant.CheckOK: "正常 ok", merchant.CheckWarn: "注意 warn",
		merchant.CheckFail: "失败 FAIL"}[s]
}

func (d *doctor) tell(state merchant.CheckState, zh, en, text string) {
	if state == merchant.CheckFail {
		d.failed++
	}
	fmt.Fprintf(d.out, "%s%s%s\n", pad(stateWord(state), 12), pad(zh+" "+en, 26), text)
}

// end is nil when nothing failed.
func (d *doctor) end() error {
	if d.failed > 0 {
		return fmt.Errorf("%d 项未通过 (%d checks failed)", d.failed, d.failed)
	}
	return nil
}

// configuration reads the configuration of the environment and tells whether it will do.
func (d *doctor) configuration() (cfg Config, ok bool) {
	cfg, err := ReadConfig(os.Environ())
	if err == nil {
		err = cfg.Validate()
	}
	if err != nil {
		d.tell(merchant.CheckFail, "配置", "configuration", err.Error())
		return cfg, false
	}
	d.tell(merchant.CheckOK, "配置", "configuration", cfg.BaseURL)
	cfg.LogLevel, cfg.existing = "error", true
	return cfg, true
}

// examine opens the store and tests every account.
func (d *doctor) examine(ctx context.Context, cfg Config, logs io.Writer) error {
	a, err := prepare(ctx, cfg, logs)
	if err == nil {
		err = a.Store.Ping(ctx)
	}
	if err != nil {
		d.tell(merchant.CheckFail, "数据库", "store", sentence(err).Error())
		if a != nil {
			return a.Close()
		}
		return nil
	}
	d.tell(merchant.CheckOK, "数据库", "store", "可读写 can be read and written")
	now := time.Now()
	d.tell(merchant.CheckOK, "时钟", "clock", calendar.DateTime(now)+" 北京时间 Asia/Shanghai")
	stop := a.standIn()
	defer stop()
	return errors.Join(d.accounts(ctx, a), d.approvers(ctx, a), a.Close())
}

// approvers tells of each company with accounts whose changes nobody could ask for, or nobody else approve.
func (d *doctor) approvers(ctx context.Context, a *App) error {
	all, err := a.Payments.Merchants().AllAccountInfos(ctx)
	if err != nil {
		return sentence(err)
	}
	var told []string
	for _, acc := range all {
		if slices.Contains(told, acc.Company) {
			continue
		}
		told = append(told, acc.Company)
		if err := d.approversOf(ctx, a, acc.Company); err != nil {
			return sentence(err)
		}
	}
	return nil
}

// approversOf tells of one company.
func (d *doctor) approversOf(ctx context.Context, a *App, company string) error {
	lack, err := a.lacksApprovers(ctx, company)
	switch {
	case err != nil:
		return err
	case lack == "":
		d.tell(merchant.CheckOK, "审批 "+company, "approval", "有人提交，另有人审批 one asks and another can approve")
	default:
		d.tell(merchant.CheckWarn, "审批 "+company, "approval", lack)
	}
	return nil
}

// lacksApprovers says what to do where changes of a company's accounts cannot be asked for by one of its people and
// approved by another; "" is nothing.
func (a *App) lacksApprovers(ctx context.Context, company string) (string, error) {
	all, err := a.Access.Everybody(ctx, company)
	if err != nil {
		return "", err
	}
	asks, decides := whoApproves(all)
	switch {
	case asks == 0:
		return "没有人可以提交商户号变更：请用 linlipay staff add 添加负责全公司的运营人员。 Nobody may ask for a change of an account: add a " +
			"person in operations " +
			"with `linlipay staff add LOGIN --roles operations --company " + company + "`.", nil
	case decides < 2:
		return "没有第二个人可以审批商户号变更：请用 linlipay staff add 添加负责全公司的财务或运营人员。 Nobody else may approve: add a second person " +
			"with `linlipay staff add LOGIN --roles finance --company " + company + "`.", nil
	}
	return "", nil
}

// whoApproves counts the staff of the whole company who may ask for a change of an account, and those who may approve
// it.
func whoApproves(all []access.Staff) (asks, decides int) {
	m := merchant.AccountMatter()
	for i := range all {
		if all[i].Disabled || len(all[i].Communities) > 0 {
			continue
		}
		p := all[i].Caller().Person()
		if p.Has(m.Asks) {
			asks++
		}
		if p.Has(m.Decides) {
			decides++
		}
	}
	return asks, decides
}

// accounts tells of each merchant account.
func (d *doctor) accounts(ctx context.Context, a *App) error {
	all, err := a.Payments.Merchants().AllAccountInfos(ctx)
	if err != nil {
		return sentence(err)
	}
	if len(all) == 0 {
		d.tell(merchant.CheckWarn, "商户号", "accounts", "尚未配置 none is set up")
	}
	for _, acc := range all {
		d.account(ctx, a, acc)
	}
	return nil
}

// account tests an account and tells what was found. One that cannot be tested keeps no other from it.
func (d *doctor) account(ctx context.Context, a *App, acc merchant.AccountInfo) {
	note := ""
	if acc.Disabled {
		note = " 已停用 disabled"
	}
	fmt.Fprintf(d.out, "\n%s %s（%s）%s\n", acc.Institution, acc.ID, acc.Company, note)
	if !acc.Approved {
		d.tell(merchant.CheckWarn, "审批", "approval", "尚未批准，不参与收款 not approved yet: it takes part in nothing")
		return
	}
	checks, err := a.Payments.Merchants().TestAccount(ctx, acc.Company, acc.ID)
	if err != nil {
		d.tell(merchant.CheckFail, "商户号", "account", sentence(err).Error())
		return
	}
	for _, c := range checks {
		if acc.Disabled && c.State == merchant.CheckFail { // it keeps nobody from taking money
			c.State = merchant.CheckWarn
		}
		d.tell(c.State, checkWord(c.Name), string(c.Name), c.ZH+" "+c.EN)
	}
}

// checkWord is a check in Chinese.
func checkWord(n merchant.CheckName) string {
	return map[merchant.CheckName]string{
		merchant.CheckSettings: "配置", merchant.CheckQuery: "签名查询", merchant.CheckClock: "时钟",
		merchant.CheckKeys:     "证书有效期",
		merchant.CheckCallback: "回调地址",
	}[n]
}

// standIn answers /healthz where no server does, so that the way to our own address can be tried. Where one does, the
// port is taken and that one answers.
func (a *App) standIn() (stop func()) {
	l, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return func() {}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", a.healthz)
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go server.Serve(l) // ends with Close
	return func() { server.Close() }
}

// healthz answers as the server does, so that the doctor sees that it was this process that was reached.
func (a *App) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"status":"ok","instance":%q}`, a.Accounts.Instance())
}

// pad fills a text to a width in columns; a Chinese character takes two.
func pad(text string, columns int) string {
	for _, r := range text {
		columns--
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			columns--
		}
	}
	return text + strings.Repeat(" ", max(columns, 1))
}
