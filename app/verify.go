package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"linlipay/audit"
	"linlipay/payment"
)

// verifying is what `linlipay verify` was asked for.
type verifying struct {
	company, against string
	head             bool
}

func verifyCommand() *cobra.Command {
	var v verifying
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Verify the chains of ledger and audit log, and that orders, ledger and bills agree",
		Long: "Verify, company by company, that the ledger is one unbroken chain of hashes, that each line is " +
			"what its order says, that each movement of money has its line, and that the bills say what the " +
			"orders and the journal of what is owed say. It changes nothing. On MongoDB it may run beside the " +
			"server; on SQLite the server must be stopped. The first line that does not agree is named; then " +
			"the exit code is 1. The hash printed last, kept elsewhere, proves later that no line before it was " +
			"changed. Payments of which the institution says that money went back, and not how much, are " +
			"counted: the books lack that until finance explains it. Then each company's audit log is verified. " +
			"--head prints where every chain ends, signed by a key of the server, as JSON; kept on another " +
			"machine, --against FILE verifies all this and sees besides a chain that was written anew or cut " +
			"off since.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := readWithoutPort()
			if err != nil {
				return err
			}
			cfg.existing = true
			return withStore(cmd, cfg, func(a *App) error { return v.run(cmd.Context(), a, cmd.OutOrStdout()) })
		},
	}
	v.declare(cmd)
	return cmd
}

// declare declares the flags.
func (v *verifying) declare(cmd *cobra.Command) {
	cmd.Flags().StringVar(&v.company, "company", "", "id of the company; none is all")
	cmd.Flags().BoolVar(&v.head, "head", false, "print where every chain ends, signed, as JSON, and verify nothing")
	cmd.Flags().StringVar(&v.against, "against", "", "file with what --head printed earlier: verify, and hold the "+
		"chains to it")
	cmd.MarkFlagsMutuallyExclusive("head", "against")
}

// run prints the heads, or verifies the books and the log. A head says nothing of what stands before it, so that
// holding the chains to one verifies them as well.
func (v *verifying) run(ctx context.Context, a *App, out io.Writer) error {
	switch {
	case v.head:
		return a.printHeads(ctx, out)
	case v.against != "":
		return errors.Join(a.verify(ctx, v.company, out), a.compareHeads(ctx, v.against, out))
	}
	return a.verify(ctx, v.company, out)
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
	companies, err := companyOr(ctx, company, a.withBooks)
	if err == nil && len(companies) == 0 {
		_, err = fmt.Fprintln(w, "No company has a bill or an order here: there are no books to verify.")
	}
	if err != nil {
		return err
	}
	return errors.Join(a.verifyBooks(ctx, companies, w), a.verifyLog(ctx, company, w))
}

// withBooks lists the companies that have orders, or bills in the journal of what is owed.
func (a *App) withBooks(ctx context.Context) ([]string, error) {
	companies, err := a.Payments.Companies(ctx)
	if err != nil {
		return nil, err
	}
	billed, err := a.Billing.Journal().Companies(ctx)
	companies = append(companies, billed...)
	slices.Sort(companies)
	return slices.Compact(companies), err
}

// companyOr is the one company, or with "" all that there are.
func companyOr(ctx context.Context, company string, all func(context.Context) ([]string, error)) ([]string, error) {
	if company != "" {
		return []string{company}, nil
	}
	companies, err := all(ctx)
	return companies, sentence(err)
}

// verifyBooks verifies the books of some companies.
func (a *App) verifyBooks(ctx context.Context, companies []string, w io.Writer) error {
	if len(companies) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "company\torders\tlines\ttaken\tgiven back\tlast hash\tresult")
	var failed error
	for _, c := range companies { // one that fails keeps the others from nothing
		failed = errors.Join(failed, a.verifyBooksOf(ctx, c, table))
	}
	return errors.Join(table.Flush(), failed)
}

// verifyBooksOf verifies the books of one company and prints its row.
func (a *App) verifyBooksOf(ctx context.Context, company string, table io.Writer) error {
	found, err := a.verifyCompany(ctx, company)
	if err != nil {
		fmt.Fprintf(table, "%s\t\t\t\t\t\tcould not be read\n", company)
		return fmt.Errorf("the books of company %s could not be read: %w", company, sentence(err))
	}
	fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%s\t%.16s\t%s\n", company, found.Orders, found.Lines, found.Taken,
		found.GivenBack, found.Head, resultOf(found))
	if found.Finding != "" {
		return fmt.Errorf("the books of company %s do not agree: %s", company, found.Finding)
	}
	return nil
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
	companies, err := companyOr(ctx, company, a.Audit.Companies)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "audit log of\tevents\tlast hash\tresult")
	var failed error
	for _, c := range companies {
		failed = errors.Join(failed, a.verifyLogOf(ctx, c, table))
	}
	return errors.Join(table.Flush(), failed)
}

// verifyLogOf verifies the audit log of one company, or with "" of nobody's events, and prints its row.
func (a *App) verifyLogOf(ctx context.Context, company string, table io.Writer) error {
	name := cmp.Or(company, audit.Nobodys)
	head, n, found, err := a.Audit.Verify(ctx, company)
	if err != nil {
		found = "could not be read"
		err = fmt.Errorf("the audit log of company %s could not be read: %w", name, sentence(err))
	} else if found != "" {
		err = fmt.Errorf("the audit log of company %s is not as it was written: %s", name, found)
	}
	fmt.Fprintf(table, "%s\t%d\t%.16s\t%s\n", name, n, head.Hash, cmp.Or(found, "unbroken"))
	return err
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
	kept, err := readHeads(file)
	if err != nil {
		return err
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

// readHeads are the heads in a file.
func readHeads(file string) (kept audit.Heads, err error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return kept, fmt.Errorf("the heads cannot be read: %w", err)
	}
	if err := json.Unmarshal(raw, &kept); err != nil || len(kept.Heads) == 0 {
		return kept, fmt.Errorf("%s holds no heads as linlipay verify --head prints them", file)
	}
	return kept, nil
}
