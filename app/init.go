package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"linlipay/access"
	"linlipay/fault"
)

// founding is what `linlipay init` was asked for.
type founding struct {
	company, name string
	admins        []string // LOGIN=NAME
}

// initCommand founds a company: from then on everything is done in the console.
func initCommand() *cobra.Command {
	var f founding
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Found a company: its name, and a one-time link for each of two administrators",
		Long: "Found a company and print a one-time link for each administrator, with which they choose their own " +
			"password within three days. There are two at least, because what moves money or rights is asked for " +
			"by one person and approved by another: both have the roles operations and finance for the whole " +
			"company, until they give others theirs. A link that is lost or over is replaced by " +
			"`linlipay staff reset LOGIN`. LINLIPAY_BASE_URL is where the links lead. On SQLite the server must be " +
			"stopped.",
		Example: "  linlipay init --name 锦绣物业 --admin wangmin=王敏 --admin liqiang=李强",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			admins, err := f.team()
			if err != nil {
				return err
			}
			return withoutServing(cmd, func(a *App) error {
				return f.run(byShell(cmd.Context()), a, admins, cmd.OutOrStdout())
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.company, "company", "main", "id of the company, which other commands name it by")
	flags.StringVar(&f.name, "name", "", "name of the company, as residents read it")
	flags.StringArrayVar(&f.admins, "admin", nil, "LOGIN=NAME of an administrator; twice or more")
	return cmd
}

// team is who the administrators are, as far as the command line alone can be wrong about it.
func (f *founding) team() ([]access.Staff, error) {
	if strings.TrimSpace(f.name) == "" {
		return nil, errors.New("请用 --name 写明公司名称。 --name says what the company is called")
	}
	logins := map[string]bool{}
	var team []access.Staff
	for _, text := range f.admins {
		login, name, ok := strings.Cut(text, "=")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, fmt.Errorf("--admin %s：请写成 登录名=姓名。 --admin is LOGIN=NAME", text)
		}
		logins[access.StaffID(login)] = true
		team = append(team, access.Staff{Login: login, Name: name})
	}
	if len(logins) < 2 {
		return nil, errors.New("至少要有两位管理员：一人提交，另一人审批。请写两个 --admin 登录名=姓名。 Two administrators at least: " +
			"what one asks for, another approves. Give --admin LOGIN=NAME twice")
	}
	return team, nil
}

// run founds the company and prints the links. Where nobody has chosen a password yet it may be run again, which makes
// new links; a company in which somebody has is refused, and nothing of it changes.
func (f *founding) run(ctx context.Context, a *App, team []access.Staff, out io.Writer) error {
	if a.cfg.BaseURL == notServing {
		return errors.New("请设置 LINLIPAY_BASE_URL：一次性链接通向那里。 Set LINLIPAY_BASE_URL: the links lead there")
	}
	there, err := a.Access.Everybody(ctx, f.company)
	if err != nil {
		return err
	}
	for i := range there {
		if m := &there[i]; !m.Caller().MustChange {
			return fmt.Errorf("公司 %[1]s 已有员工，没有改动任何内容；要新的链接请用 linlipay staff reset 登录名 --company %[1]s。 "+
				"Company %[1]s has staff already, and nothing was changed; `linlipay staff reset LOGIN "+
				"--company %[1]s` makes a new link", f.company)
		}
	}
	if err := a.foundCompany(ctx, f.company, f.name); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s（%s）已建立。请把链接分别交给本人：三天内有效，只能用一次。\n"+
		"Founded. Each link is for that person alone, once, within three days.\n\n",
		a.Property.CompanyName(ctx, f.company), f.company)
	for _, m := range team {
		code, err := f.admit(ctx, a.Access, there, m)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s（%s）\n%s\n\n", m.Name, m.Login, a.welcome(m.Login, code))
	}
	return nil
}

// admit gives an administrator a one-time code, who may be there without ever having been in.
func (f *founding) admit(ctx context.Context, staff *access.Service, there []access.Staff, m access.Staff) (string,
	error) {
	id := access.StaffID(m.Login)
	if slices.ContainsFunc(there, func(old access.Staff) bool { return old.ID == id }) {
		_, code, err := staff.Reset(ctx, access.Shell(f.company), id)
		return code, err
	}
	both := access.Rights{Roles: []access.Role{access.Operations, access.Finance}}
	_, code, err := staff.Add(ctx, access.Shell(f.company), m.Login, m.Name, both)
	if fault.Is(err, fault.AlreadyExists) {
		return "", fmt.Errorf("登录名 %[1]s 已被使用，请换一个再运行一次。 The login %[1]s is taken: run this again with another",
			m.Login)
	}
	return code, err
}

// foundCompany makes a company with one legal entity of its name, and leaves one that is there as it is.
func (a *App) foundCompany(ctx context.Context, id, name string) error {
	if err := a.Property.AddCompany(ctx, id, name); err != nil {
		return err
	}
	return a.Access.Found(ctx, id, name, a.cfg.settings())
}

// welcome is a link with which a member whose password is a one-time code chooses their own. What stands behind the #
// is sent to no server, and so to no log.
func (a *App) welcome(login, code string) string {
	return a.cfg.BaseURL + "/console#/welcome?" + url.Values{"login": {login}, "code": {code}}.Encode()
}
