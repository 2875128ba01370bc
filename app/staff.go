package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"linlipay/access"
	"linlipay/approval"
	"linlipay/audit"
)

// staffCommand looks after a company's staff. Whoever has the server's shell counts as two: what waits for another
// person in the console is done at once here.
func staffCommand() *cobra.Command {
	s := staffShell{}
	cmd := &cobra.Command{
		Use:   "staff",
		Short: "Look after a company's staff: add, list, roles, scope, disable, enable, reset, sessions, end",
		Long: "Look after a company's staff. What gives rights waits in the console for another person; here it is " +
			"done at once. Servers on MongoDB " +
			"have heard of it within a minute; one on SQLite must not run meanwhile.",
	}
	cmd.PersistentFlags().StringVar(&s.company, "company", "main", "id of the company")
	cmd.AddCommand(s.addCommand(), s.listCommand())
	cmd.AddCommand(s.rightsCommands()...)
	cmd.AddCommand(s.sessionCommands()...)
	return cmd
}

// rightsCommands change what a member may do.
func (s *staffShell) rightsCommands() []*cobra.Command {
	return []*cobra.Command{
		s.one("roles LOGIN ROLE…", "Set a member's roles: cashier, finance, operations; or auditor, which stands alone",
			2, s.roles),
		s.one("scope LOGIN [COMMUNITY…] [region:REGION…]",
			"Set the communities and regions that a member reaches, by id; none is all of the company", 1, s.scope),
		s.one("disable LOGIN", "Let a member do nothing any more", 1, s.disable),
		s.one("enable LOGIN", "Let a disabled member in again", 1, s.enable),
	}
}

// sessionCommands are about how a member logs in, and where they are.
func (s *staffShell) sessionCommands() []*cobra.Command {
	return []*cobra.Command{
		s.one("reset LOGIN", "Replace a member's password by a one-time one, which is printed", 1, s.reset),
		s.one("sessions LOGIN", "List where a member is logged in", 1, s.sessions),
		s.one("end LOGIN [SESSION]", "End a session of a member's, or all", 1, s.end),
	}
}

// staffShell is the company whose staff a command is about.
type staffShell struct{ company string }

// byShell has what is done under a context recorded as the shell's.
func byShell(ctx context.Context) context.Context {
	return audit.As(ctx, audit.Who{Actor: audit.Shell})
}

func (s *staffShell) who() access.Caller { return access.Shell(s.company) }

// one is a command about one member, who is named by their login; it prints what do says.
func (s *staffShell) one(use, short string, least int,
	do func(context.Context, *App, string, []string) (string, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.MinimumNArgs(least),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withoutServing(cmd, func(a *App) error {
				said, err := do(byShell(cmd.Context()), a, access.StaffID(args[0]), args[1:])
				if err == nil {
					fmt.Fprintln(cmd.OutOrStdout(), said)
				}
				return err
			})
		},
	}
}

func (s *staffShell) addCommand() *cobra.Command {
	var m access.Staff
	var roles []string
	cmd := &cobra.Command{
		Use:   "add LOGIN",
		Short: "Add a member of staff; the password is read from standard input",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			m.Login, m.Company, m.Roles, m.CreatedBy = args[0], s.company, asRoles(roles), s.who().Actor()
			return addStaff(cmd, m)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&m.Name, "name", "", "the person's name")
	flags.StringSliceVar(&roles, "roles", []string{"cashier"},
		"cashier, finance, operations; or auditor, which stands alone")
	flags.StringSliceVar(&m.Communities, "communities", nil, "ids of the communities within reach; none is all")
	return cmd
}

// addStaff adds a member whose password is the line on standard input.
func addStaff(cmd *cobra.Command, m access.Staff) error {
	password, err := line(cmd.InOrStdin())
	if err != nil {
		return fmt.Errorf("no password on standard input: %w", err)
	}
	return withoutServing(cmd, func(a *App) error {
		return a.Access.AddStaff(byShell(cmd.Context()), m, password)
	})
}

func asRoles(names []string) []access.Role {
	roles := make([]access.Role, 0, len(names))
	for _, name := range names {
		roles = append(roles, access.Role(name))
	}
	return roles
}

func (s *staffShell) roles(ctx context.Context, a *App, id string, roles []string) (string, error) {
	m, err := a.Access.Member(ctx, s.who(), id)
	if err != nil {
		return "", err
	}
	_, err = a.Access.ChangeRights(ctx, s.who(), id, access.Rights{Roles: asRoles(roles), Communities: m.Communities,
		Regions: m.Regions})
	return "roles: " + strings.Join(roles, ", "), err
}

func (s *staffShell) scope(ctx context.Context, a *App, id string, places []string) (string, error) {
	m, err := a.Access.Member(ctx, s.who(), id)
	if err != nil {
		return "", err
	}
	to := access.Rights{Roles: m.Roles}
	to.Communities, to.Regions = parseScope(places)
	_, err = a.Access.ChangeRights(ctx, s.who(), id, to)
	return "scope: " + scopeText(to.Communities, to.Regions), err
}

// regionPrefix is before a region's id among the communities of a scope.
const regionPrefix = "region:"

// parseScope parts the ids of communities from those of regions.
func parseScope(places []string) (communities, regions []string) {
	for _, p := range places {
		if region, ok := strings.CutPrefix(p, regionPrefix); ok {
			regions = append(regions, region)
		} else {
			communities = append(communities, p)
		}
	}
	return communities, regions
}

func scopeText(communities, regions []string) string {
	values := slices.Clone(communities)
	for _, r := range regions {
		values = append(values, regionPrefix+r)
	}
	if len(values) == 0 {
		return "all"
	}
	return strings.Join(values, ",")
}

func (s *staffShell) disable(ctx context.Context, a *App, id string, _ []string) (string, error) {
	_, err := a.Access.Disable(ctx, s.who(), id)
	return "disabled", err
}

func (s *staffShell) enable(ctx context.Context, a *App, id string, _ []string) (string, error) {
	_, err := a.Access.Enable(ctx, s.who(), id)
	return "enabled", err
}

func (s *staffShell) reset(ctx context.Context, a *App, id string, _ []string) (string, error) {
	m, code, err := a.Access.Reset(ctx, s.who(), id)
	if err != nil {
		return "", err
	}
	said := "one-time password, good for three days, to be changed at the next log-in: " + code
	if a.cfg.BaseURL != notServing {
		said += "\nor the same as a link: " + a.welcome(m.Login, code)
	}
	return said, nil
}

func (s *staffShell) end(ctx context.Context, a *App, id string, rest []string) (string, error) {
	if len(rest) > 0 {
		return "ended", a.Access.EndSession(ctx, s.who(), id, rest[0])
	}
	return "all sessions ended", a.Access.EndSessions(ctx, s.who(), id)
}

func (s *staffShell) sessions(ctx context.Context, a *App, id string, _ []string) (string, error) {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "SESSION\tOPENED\tRENEWED\tADDRESS\tBROWSER")
	for cursor := ""; ; {
		sessions, next, err := a.Access.Sessions(ctx, s.who(), id, cursor, 0)
		if err != nil {
			return "", err
		}
		for _, o := range sessions {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.60s\n", o.ID, moment(o.OpenedAt), moment(o.UsedAt), o.Address,
				o.Agent)
		}
		if cursor = next; next == "" {
			break
		}
	}
	err := table.Flush()
	return strings.TrimRight(text.String(), "\n"), err
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (s *staffShell) listCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List a company's staff, their rights and what waits", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withoutServing(cmd, func(a *App) error { return s.list(cmd.Context(), a.Access, cmd.OutOrStdout()) })
		},
	}
}

// list prints the members of staff, one row each.
func (s *staffShell) list(ctx context.Context, a *access.Service, out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "LOGIN\tNAME\tROLES\tCOMMUNITIES\tSTATE")
	for cursor := ""; ; {
		members, next, err := a.Members(ctx, s.who(), false, cursor, 0)
		if err != nil {
			return err
		}
		for i := range members {
			m := &members[i]
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", m.Login, m.Name, roleText(m.Roles),
				scopeText(m.Communities, m.Regions), stateText(m))
		}
		if cursor = next; next == "" {
			return table.Flush()
		}
	}
}

func roleText(roles []access.Role) string {
	if len(roles) == 0 {
		return "-"
	}
	text := make([]string, 0, len(roles))
	for _, r := range roles {
		text = append(text, string(r))
	}
	return strings.Join(text, ",")
}

func stateText(m *access.Staff) string {
	state := "active"
	switch {
	case m.Disabled:
		state = "disabled"
	case m.Caller().MustChange:
		state = "has a one-time password"
	}
	if m.State(time.Now()) == approval.Requested {
		state += ", a change waits"
	}
	return state
}
