package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"linlipay/approval"
	"linlipay/payment/gateway"
)

// accountFlags are the flags of `linlipay account`.
type accountFlags struct {
	company, institution, name, entity string
	communities                        []string
	disable, enable                    bool
}

func accountCommand() *cobra.Command {
	var f accountFlags
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
			acc, err := f.account(args)
			if err != nil {
				return err
			}
			return withoutServing(cmd, func(a *App) error { return f.change(cmd.Context(), a, acc, cmd.OutOrStdout()) })
		},
	}
	f.declare(cmd)
	return cmd
}

func (f *accountFlags) declare(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.company, "company", "main", "id of the company")
	flags.StringVar(&f.institution, "institution", "", "wechat, alipay, lakala, shengpay or ruiyinxin")
	flags.StringVar(&f.name, "name", "", "what people call it; none leaves the name that it has")
	flags.StringVar(&f.entity, "entity", "", "id of the legal entity it collects for; none is all")
	flags.StringSliceVar(&f.communities, "communities", nil, "ids of the communities it collects for; none is all")
	flags.BoolVar(&f.disable, "disable", false, "let it take no new charges")
	flags.BoolVar(&f.enable, "enable", false, "let it take charges again")
	cmd.MarkFlagsMutuallyExclusive("disable", "enable")
}

// account is the account of the arguments, with the settings in the file that they name.
func (f *accountFlags) account(args []string) (gateway.Account, error) {
	acc := gateway.Account{ID: args[0], Name: f.name, Company: f.company, Entity: f.entity,
		Communities: f.communities, Institution: gateway.Institution(f.institution)}
	stores := len(args) == 2
	if stores == (f.disable || f.enable) {
		return acc, errors.New("name either the file with the settings, or --disable or --enable")
	}
	if !stores {
		return acc, nil
	}
	raw, err := os.ReadFile(args[1])
	if err != nil {
		return acc, fmt.Errorf("the settings cannot be read: %w", err)
	}
	if err := json.Unmarshal(raw, &acc.Settings); err != nil {
		return acc, fmt.Errorf("the settings are not an object of texts: %w", err)
	}
	return acc, nil
}

// change does to the account what was asked for, and says who could not have asked for it in the console.
func (f *accountFlags) change(ctx context.Context, a *App, acc gateway.Account, out io.Writer) error {
	if err := f.apply(ctx, a, acc); err != nil {
		return err
	}
	fmt.Fprintln(out, "已生效：命令行的操作视为已提交并批准，并记入操作日志。 In force: what the command line does "+
		"counts as asked and approved, and is recorded.")
	lack, err := a.lacksApprovers(ctx, f.company)
	if lack != "" {
		fmt.Fprintln(out, lack)
	}
	return err
}

// apply disables, enables or stores the account.
func (f *accountFlags) apply(ctx context.Context, a *App, acc gateway.Account) (err error) {
	switch {
	case f.disable:
		_, err = a.Payments.Merchants().DisableAccount(ctx, f.company, acc.ID, approval.CommandLine)
	case f.enable:
		_, err = a.Payments.Merchants().EnableFromShell(ctx, f.company, acc.ID)
	default:
		err = a.addAccount(ctx, acc)
	}
	return err
}
