package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"linlipay/access"
	"linlipay/audit"
	"linlipay/billing"
	"linlipay/fault"
	"linlipay/handlers"
	"linlipay/property"
)

// errUnclean says that rows of a workbook were refused, differ from what is stored, or wait for a person's word.
var errUnclean = errors.New("app: not every row was taken in")

// exitUnclean is the exit code then.
const exitUnclean = 2

// importing is what `linlipay import` was asked for.
type importing struct {
	company, name, report string
	take                  []string
	trial, asJSON         bool
}

func importCommand() *cobra.Command {
	var in importing
	cmd := &cobra.Command{
		Use:   "import FILE.xlsx",
		Short: "Take in a workbook of communities, units, residents and bills",
		Long: "Take in a workbook. Columns are found by their headings: 小区, 公司主体, 区域, 楼栋, 单元, 房号, 业主, 手机, " +
			"费用项目, 账期, 金额, 截止日期, " +
			"状态, 缴费日期; " +
			"`linlipay template` writes a workbook that has them. An amount that could mean two sums, such as 1,50, " +
			"refuses its row. Nothing " +
			"is written before the whole workbook was read; the report says of each row what became of it. " +
			"Repeating an import takes nothing " +
			"twice. What a workbook says of bills and owners that are known already is reported, and taken only " +
			"where --take names it. The " +
			"exit code is 0 when every row was taken in or was there already, 2 when one was refused, differs or " +
			"waits, and 1 when nothing " +
			"could be read.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			how, err := in.request()
			if err != nil {
				return err
			}
			return in.run(cmd, args[0], how)
		},
	}
	in.declare(cmd)
	return cmd
}

// declare declares the flags.
func (in *importing) declare(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&in.company, "company", "main", "id of the company whose workbook it is")
	flags.StringVar(&in.name, "name", "物业公司", "name of the company, when it is new")
	flags.BoolVar(&in.asJSON, "json", false, "print the report as JSON")
	flags.BoolVar(&in.trial, "trial", false, "change nothing, and report what would become of each row")
	flags.StringSliceVar(&in.take, "take", nil, "take what waits for a person's word: owners (known units with "+
		"another owner and phone), "+
		"paid (known bills that the workbook has as paid, where nothing was collected), "+
		"columns (new bills beside numbers in columns that are not known), "+
		"fees (new bills beside one whose fee goes by another name)")
	flags.StringVar(&in.report, "report", "", "write the report to this .xlsx too")
}

// run takes in the workbook at path.
func (in *importing) run(cmd *cobra.Command, path string, how billing.ImportRequest) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("the workbook cannot be opened: %w", err)
	}
	defer file.Close()
	return withoutServing(cmd, func(a *App) error { return in.takeIn(cmd, a, how, file) })
}

// takeIn takes a workbook in and tells what became of it.
func (in *importing) takeIn(cmd *cobra.Command, a *App, how billing.ImportRequest, file io.ReadSeeker) error {
	report, err := a.importFile(cmd.Context(), in.name, how, file)
	if err != nil {
		return err
	}
	return in.tell(cmd.OutOrStdout(), report)
}

func (in importing) request() (billing.ImportRequest, error) {
	how := billing.ImportRequest{Scope: property.Scope{Company: in.company}, Trial: in.trial, PlacesAtOnce: true}
	for _, t := range in.take {
		if !slices.Contains(billing.Takes(), billing.Take(t)) {
			return how, fmt.Errorf("--take %s: it takes owners, paid, columns and fees", t)
		}
		how.Take = append(how.Take, billing.Take(t))
	}
	return how, nil
}

// importFile records the workbook and takes it in. A trial of a company that is there is recorded too, since its report
// tells what is stored of owners; of one that is not it leaves no trace.
func (a *App) importFile(ctx context.Context, name string, how billing.ImportRequest,
	file io.ReadSeeker) (*billing.ImportReport, error) {
	if err := a.recordImport(ctx, how, file); err != nil {
		return nil, err
	}
	how.Place = handlers.Chart{Access: a.Access}.Placing(access.Shell(how.Company), "")
	if how.Trial {
		return a.Billing.Import(ctx, how, file)
	}
	if err := a.foundCompany(ctx, how.Company, name); err != nil {
		return nil, err
	}
	return a.Billing.Import(ctx, how, file)
}

// recordImport writes which workbook is taken in, by its SHA-256, and what of it beside what is new, before it is.
func (a *App) recordImport(ctx context.Context, how billing.ImportRequest, file io.ReadSeeker) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return fmt.Errorf("the workbook cannot be read: %w", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("the workbook cannot be read: %w", err)
	}
	verb := audit.WorkbookImported
	if how.Trial {
		verb = audit.WorkbookTried
		if _, err := a.Property.Company(ctx, how.Company); fault.Is(err, fault.NotFound) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return a.Audit.Record(ctx, audit.Event{Verb: verb, Company: how.Company,
		After: how.Record(hex.EncodeToString(sum.Sum(nil)))})
}

// tell prints the report, writes it, and says by its error whether a row is left over.
func (in importing) tell(out io.Writer, report *billing.ImportReport) error {
	var err error
	if in.asJSON {
		err = json.NewEncoder(out).Encode(report)
	} else {
		_, err = fmt.Fprint(out, report)
	}
	if in.report != "" {
		err = errors.Join(err, writeFile(in.report, func(w io.Writer) error { return report.Write(w, false) }))
	}
	if err == nil && !report.Clean() {
		return errUnclean
	}
	return err
}

// writeFile makes a file, for its owner alone: what stands in it is about people.
func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("the file cannot be written: %w", err)
	}
	return errors.Join(write(file), file.Close())
}

func templateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "template [FILE.xlsx]", Short: "Write an empty workbook to be filled in and imported",
		Args: cobra.MaximumNArgs(1),
		Long: "Write a workbook with every column that import reads, formatted so that no program makes a date of a " +
			"room, with a list for 状态, " +
			"an example and notes. Without a name it is 账单导入模板.xlsx.",
		RunE: func(cmd *cobra.Command, args []string) error {
			path := strings.Join(append(args, "账单导入模板.xlsx")[:1], "")
			if err := makeTemplate(path); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), path)
			return err
		},
	}
}

// makeTemplate writes a new file, for a company of one legal entity.
func makeTemplate(path string) error {
	if _, err := os.Stat(path); err == nil {
		return fmt.Errorf("%s is there already; name another file", path)
	}
	return writeFile(path, func(w io.Writer) error { return billing.WriteTemplate(w, billing.Chart{}) })
}
