package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"linlipay/access"
)

// founding is what `linlipay init` was asked for.
type founding struct {
	company, name string
	admins        []string // LOGIN=NAME
}

// companyID is what a company may be called by in commands, keys of documents and addresses.
var companyID = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// administrator is what both may do at first: everything that sets a company up, asked for by one and approved by the
// other.
func administrator() []access.Role { return []access.Role{access.Operations, access.Finance} }

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
	if !companyID.MatchString(f.company) {
		return nil, errors.New("--company 只能用小写字母、数字、- 和 _，最多 64 个。 --company has small letters, digits, " +
			"- and _, 64 at most")
	}
	logins := map[string]bool{}
	var team []access.Staff
	for _, text := range f.admins {
		login, name, ok := strings.Cut(text, "=")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, fmt.Errorf("--admin %s：请写成 登录名=姓名。 --admin is LOGIN=NAME", text)
		}
		if err := access.CheckMember(login, name, administrator()); err != nil {
			return nil, fmt.Errorf("--admin %s：%w", text, sentence(err))
		}
		logins[strings.ToLower(login)] = true
		team = append(team, access.Staff{Login: login, Name: name})
	}
	if len(logins) < max(2, len(team)) {
		return nil, errors.New("至少要有两位管理员，登录名各不相同：一人提交，另一人审批。请写两个 --admin 登录名=姓名。 Two administrators " +
			"at least, each with a login of their own: what one asks for, another approves. Give --admin " +
			"LOGIN=NAME twice")
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
	if err := f.free(ctx, a.Access, team); err != nil {
		return err
	}
	if err := a.foundCompany(ctx, f.company, f.name); err != nil {
		return err
	}
	if err := f.replace(ctx, a.Access, there, team); err != nil {
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

// free says which login somebody of another company has, before anything is written.
func (f *founding) free(ctx context.Context, staff *access.Service, team []access.Staff) error {
	for _, m := range team {
		_, company, err := staff.WhoseLogin(ctx, m.Login)
		if err != nil {
			return err
		}
		if company != "" && company != f.company {
			return fmt.Errorf("登录名 %[1]s 已被使用，请换一个再运行一次。 The login %[1]s is taken: run this again with another",
				m.Login)
		}
	}
	return nil
}

// replace disables whom an earlier run named and this one does not: their links end.
func (f *founding) replace(ctx context.Context, staff *access.Service, there, team []access.Staff) error {
	for _, old := range there {
		named := slices.ContainsFunc(team, func(m access.Staff) bool { return access.StaffID(m.Login) == old.ID })
		if old.Disabled || named {
			continue
		}
		if _, err := staff.Disable(ctx, access.Shell(f.company), old.ID); err != nil {
			return err
		}
	}
	return nil
}

// admit gives an administrator a one-time code, who may be there without ever having been in.
func (f *founding) admit(ctx context.Context, staff *access.Service, there []access.Staff, m access.Staff) (string,
	error) {
	id, shell := access.StaffID(m.Login), access.Shell(f.company)
	if slices.ContainsFunc(there, func(old access.Staff) bool { return old.ID == id }) {
		if _, err := staff.Enable(ctx, shell, id); err != nil {
			return "", err
		}
		_, code, err := staff.Reset(ctx, shell, id)
		return code, err
	}
	_, code, err := staff.Add(ctx, shell, m.Login, m.Name, access.Rights{Roles: administrator()})
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
