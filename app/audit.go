package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"linlipay/payment"
)

func auditCommand() *cobra.Command {
	var company string
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Verify the ledger's chain, and that orders, ledger and bills agree",
		Long: "Verify, company by company, that the ledger is one unbroken chain of hashes, that each line is what its order says, that each movement of money has its line, and that the " +
			"bills say what the orders say. It changes nothing. On MongoDB it may run beside the server; on SQLite the server must be stopped. The first line that does not agree is named; then the exit code is 1. The hash printed last, kept " +
			"elsewhere, proves later that no line before it was changed. Payments of which the institution says that money went back, and not how much, are counted: the books " +
			"lack that until finance explains it.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := readWithoutPort()
			if err != nil {
				return err
			}
			cfg.existing = true
			return auditStore(cmd.Context(), cfg, company, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&company, "company", "", "id of the company; none is all")
	return cmd
}

// audit prints what was found and returns an error when something does not agree.
func (a *App) audit(ctx context.Context, company string, w io.Writer) error {
	companies := []string{company}
	if company == "" {
		var err error
		if companies, err = a.Payments.Companies(ctx); err != nil {
			return sentence(err)
		}
		if len(companies) == 0 {
			_, err := fmt.Fprintln(w, "No company has an order here: there is nothing to verify.")
			return err
		}
	}
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "company\torders\tlines\ttaken\tgiven back\tlast hash\tresult")
	var failed error
	for _, c := range companies {
		found, err := a.auditCompany(ctx, c)
		if err != nil { // it keeps the other companies from nothing
			failed = errors.Join(failed, fmt.Errorf("the books of company %s could not be read: %w", c, sentence(err)))
			fmt.Fprintf(table, "%s\t\t\t\t\t\tcould not be read\n", c)
			continue
		}
		if found.Finding != "" {
			failed = errors.Join(failed, fmt.Errorf("the books of company %s do not agree: %s", c, found.Finding))
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s\t%.16s\t%s\n", c, found.Orders, found.Lines, found.Taken, found.GivenBack, found.Head, resultOf(found))
	}
	return errors.Join(table.Flush(), failed)
}

// resultOf is what was found, in a sentence: also how much the books cannot know yet.
func resultOf(found payment.Audit) string {
	if found.Finding != "" {
		return found.Finding
	}
	switch found.Unknown {
	case 0:
		return "agrees"
	case 1:
		return "agrees; 1 payment: the institution says that money went back, amount not told"
	}
	return fmt.Sprintf("agrees; %d payments: the institution says that money went back, amount not told", found.Unknown)
}

func (a *App) auditCompany(ctx context.Context, company string) (payment.Audit, error) {
	found, err := a.Payments.Audit(ctx, company, a.Property.AuditOrder)
	if err != nil || found.Finding != "" {
		return found, err
	}
	found.Finding, err = a.Property.AuditBills(ctx, company, a.Payments.Get)
	return found, err
}
