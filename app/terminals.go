package app

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"linlipay/access"
	"linlipay/fault"
	"linlipay/terminal"
)

// terminalCommand looks after a company's paired devices.
func terminalCommand() *cobra.Command {
	var company string
	cmd := &cobra.Command{Use: "terminal", Short: "Look after a company's terminals: list, unpair"}
	cmd.PersistentFlags().StringVar(&company, "company", "main", "id of the company")
	cmd.AddCommand(terminalListCommand(&company), terminalUnpairCommand(&company))
	return cmd
}

func terminalListCommand(company *string) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List a company's paired terminals", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withoutServing(cmd, func(a *App) error { return a.listTerminals(cmd, *company) })
		},
	}
}

func terminalUnpairCommand(company *string) *cobra.Command {
	return &cobra.Command{
		Use: "unpair ID", Short: "End a terminal's pairing", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withoutServing(cmd, func(a *App) error { return a.unpair(cmd, *company, args[0]) })
		},
	}
}

func (a *App) listTerminals(cmd *cobra.Command, company string) error {
	table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tCOMMUNITY\tPAIRED\tLAST SEEN")
	for cursor := ""; ; {
		terminals, next, err := a.Terminals.List(cmd.Context(), company, nil, cursor, 0)
		if err != nil {
			return err
		}
		for _, t := range terminals {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.Community, moment(t.PairedAt),
				moment(t.LastSeenAt))
		}
		if cursor = next; next == "" {
			return table.Flush()
		}
	}
}

// terminalOf is a terminal of the company's; fault.NotFound is for one of another's.
func (a *App) terminalOf(ctx context.Context, company, id string) (*terminal.Terminal, error) {
	t, err := a.Terminals.Get(ctx, id)
	if err == nil && t.Company != company {
		err = fault.New(fault.NotFound, "没有这台终端。", "The company has no such terminal.")
	}
	return t, err
}

func (a *App) unpair(cmd *cobra.Command, company, id string) error {
	t, err := a.terminalOf(cmd.Context(), company, id)
	if err != nil {
		return err
	}
	if _, err := a.Terminals.Unpair(byShell(cmd.Context()), id, access.Shell(company).Actor()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s (%s) unpaired\n", t.ID, t.Name)
	return err
}
