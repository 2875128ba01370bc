package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"linlipay/audit"
	"linlipay/payment"
)

func verifyCommand() *cobra.Command {
	var company, against string
	var head bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Verify the chains of ledger and audit log, and that orders, ledger and bills agree",
		Long: "Verify, company by company, that the ledger is one unbroken chain of hashes, that each line is what " +
			"its order says, that each movement of money has its line, and that the " +
			"bills say what the orders say. It changes nothing. On MongoDB it may run beside the server; on SQLite " +
			"the server must be stopped. The first line that does not agree is named; then the exit code is 1. The " +
			"hash printed last, kept " +
			"elsewhere, proves later that no line before it was changed. Payments of which the institution says " +
			"that money went back, and not how much, are counted: the books " +
			"lack that until finance explains it. Then each company's audit log is verified. --head prints where " +
			"every chain ends, signed by a key of the server, as JSON; " +
			"kept on another machine, --against FILE verifies all this and sees besides a chain that was written " +
			"anew or cut off since.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := readWithoutPort()
			if err != nil {
				return err
			}
			cfg.existing = true
			switch {
			case head:
				return withStore(cmd, cfg, func(a *App) error { return a.printHeads(cmd.Context(), cmd.OutOrStdout()) })
			case against != "":
				return withStore(cmd, cfg, func(a *App) error {
					out := cmd.OutOrStdout() // a head says nothing of what stands before it: that is verify's
					return errors.Join(a.verify(cmd.Context(), company, out),
						a.compareHeads(cmd.Context(), against, out))
				})
			}
			return verifyStore(cmd.Context(), cfg, company, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&company, "company", "", "id of the company; none is all")
	cmd.Flags().BoolVar(&head, "head", false, "print where every chain ends, signed, as JSON, and verify nothing")
	cmd.Flags().StringVar(&against, "against", "", "file with what --head printed earlier: verify, and hold the "+
		"chains to it")
	cmd.MarkFlagsMutuallyExclusive("head", "against")
	return cmd
}

// auditCommand tells whoever types the word that verify had before.
func auditCommand() *cobra.Command {
	return &cobra.Command{
		Use: "audit", Hidden: true, DisableFlagParsing: true, Args: cobra.ArbitraryArgs,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("the books are checked by `linlipay verify`, with the same options; what people did " +
				"(操作日志) is in the console")
		},
	}
}

// verify prints what was found and returns an error when something does not agree.
func (a *App) verify(ctx context.Context, company string, w io.Writer) error {
	companies := []string{company}
	if company == "" {
		var err error
		if companies, err = a.Payments.Companies(ctx); err != nil {
			return sentence(err)
		}
		if len(companies) == 0 {
			if _, err := fmt.Fprintln(w, "No company has an order here: there are no books to verify."); err != nil {
				return err
			}
		}
	}
	return errors.Join(a.verifyBooks(ctx, companies, w), a.verifyLog(ctx, company, w))
}

// verifyBooks verifies the books of some companies.
func (a *App) verifyBooks(ctx context.Context, companies []string, w io.Writer) error {
	if len(companies) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "company\torders\tlines\ttaken\tgiven back\tlast hash\tresult")
	var failed error
	for _, c := range companies {
		found, err := a.verifyCompany(ctx, c)
		if err != nil { // it keeps the other companies from nothing
			failed = errors.Join(failed, fmt.Errorf("the books of company %s could not be read: %w", c, sentence(err)))
			fmt.Fprintf(table, "%s\t\t\t\t\t\tcould not be read\n", c)
			continue
		}
		if found.Finding != "" {
			failed = errors.Join(failed, fmt.Errorf("the books of company %s do not agree: %s", c, found.Finding))
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s\t%.16s\t%s\n", c, found.Orders, found.Lines, found.Taken,
			found.GivenBack, found.Head, resultOf(found))
	}
	return errors.Join(table.Flush(), failed)
}

// resultOf is what was found, in a sentence: also how much the books cannot know yet.
func resultOf(found payment.Verification) string {
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

func (a *App) verifyCompany(ctx context.Context, company string) (payment.Verification, error) {
	found, err := a.Payments.Verify(ctx, company, a.Billing.VerifyOrder)
	if err != nil || found.Finding != "" {
		return found, err
	}
	found.Finding, err = a.Billing.VerifyBills(ctx, company, a.Payments.Get)
	return found, err
}

// verifyLog verifies the audit log of one company, or with "" all of it.
func (a *App) verifyLog(ctx context.Context, company string, w io.Writer) error {
	companies := []string{company}
	if company == "" {
		var err error
		if companies, err = a.Audit.Companies(ctx); err != nil {
			return sentence(err)
		}
	}
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "audit log of\tevents\tlast hash\tresult")
	var failed error
	for _, c := range companies {
		name := cmp.Or(c, audit.Nobodys)
		head, n, found, err := a.Audit.Verify(ctx, c)
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("the audit log of company %s could not be read: %w", name,
				sentence(err)))
			found = "could not be read"
		} else if found != "" {
			failed = errors.Join(failed, fmt.Errorf("the audit log of company %s is not as it was written: %s", name,
				found))
		}
		fmt.Fprintf(table, "%s\t%d\t%.16s\t%s\n", name, n, head.Hash, cmp.Or(found, "unbroken"))
	}
	return errors.Join(table.Flush(), failed)
}

// printHeads prints where every chain ends, signed.
func (a *App) printHeads(ctx context.Context, w io.Writer) error {
	heads, err := a.Audit.Heads(ctx, "", true)
	if err != nil {
		return sentence(err)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(heads)
}

// compareHeads holds the chains to the heads in a file.
func (a *App) compareHeads(ctx context.Context, file string, w io.Writer) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("the heads cannot be read: %w", err)
	}
	var kept audit.Heads
	if err := json.Unmarshal(raw, &kept); err != nil || len(kept.Heads) == 0 {
		return fmt.Errorf("%s holds no heads as linlipay verify --head prints them", file)
	}
	findings, err := a.Audit.Against(ctx, kept)
	if err != nil {
		return sentence(err)
	}
	for _, f := range findings {
		fmt.Fprintln(w, f)
	}
	if len(findings) > 0 {
		return fmt.Errorf("%d of what was kept does not agree", len(findings))
	}
	_, err = fmt.Fprintf(w, "%d chains go on from where they were when the heads were kept.\n", len(kept.Heads))
	return err
}
