package property

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"linlipay/fault"
	"linlipay/money"
)

// Outcome is what became of a row.
type Outcome string

// The outcomes of a row.
const (
	Taken    Outcome = "taken"    // new, and stored
	Repeated Outcome = "repeated" // was there already, unchanged
	Warned   Outcome = "warning"  // stored, but without the part that is named
	Refused  Outcome = "refused"  // not stored, for the reason named
)

// RowReport is what became of one row.
type RowReport struct {
	Sheet   string  `json:"sheet"`
	Row     int     `json:"row"` // as Excel numbers it
	Outcome Outcome `json:"outcome"`
	ZH      string  `json:"reason_zh,omitempty"`
	EN      string  `json:"reason_en,omitempty"`
}

// ImportReport is what became of a workbook, row by row. Every row that is not empty is in it once.
type ImportReport struct {
	Rows   []RowReport     `json:"rows"`
	Totals map[Outcome]int `json:"totals"`
	Amount money.Fen       `json:"amount"` // of the bills taken, in fen
}

func (r *ImportReport) add(sheet string, row int, outcome Outcome, zh, en string) {
	r.Rows = append(r.Rows, RowReport{sheet, row, outcome, zh, en})
	r.Totals[outcome]++
}

// String is the report for a printer: the totals, and each row that was not simply taken.
func (r *ImportReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "导入 %d 行，重复 %d 行，有提示 %d 行，拒绝 %d 行；新账单金额 %s\n", r.Totals[Taken], r.Totals[Repeated], r.Totals[Warned], r.Totals[Refused], r.Amount)
	fmt.Fprintf(&b, "%d rows taken, %d there already, %d with a warning, %d refused\n", r.Totals[Taken], r.Totals[Repeated], r.Totals[Warned], r.Totals[Refused])
	for _, row := range r.Rows {
		if row.Outcome == Warned || row.Outcome == Refused {
			fmt.Fprintf(&b, "%s 第 %d 行 %s：%s (%s)\n", row.Sheet, row.Row, map[Outcome]string{Warned: "提示", Refused: "拒绝"}[row.Outcome], row.ZH, row.EN)
		}
	}
	return b.String()
}

// Import reads a company's workbook. The whole workbook is read and checked before anything is written; what is written has ids that follow from what it is,
// so that a repeat, also after a crash in between, takes nothing twice. A file that is no workbook is an Invalid fault.
func (s *Service) Import(ctx context.Context, company string, r io.Reader) (*ImportReport, error) {
	if _, err := s.companies.Get(ctx, company); err != nil {
		return nil, err
	}
	in, err := readWorkbook(company, r)
	if err != nil {
		return nil, err
	}
	return s.store(ctx, in)
}

// readWorkbook reads and checks a whole workbook.
func readWorkbook(company string, r io.Reader) (*intake, error) {
	book, err := openWorkbook(r)
	if err != nil {
		return nil, err
	}
	in := newIntake(company)
	for _, sheet := range book.GetSheetList() {
		if err := in.sheet(book, sheet); err != nil {
			return nil, errors.Join(err, book.Close())
		}
	}
	if err := book.Close(); err != nil {
		return nil, err
	}
	if !in.headed {
		return nil, fault.New(fault.Invalid, "工作簿中没有找到表头（小区、房号、金额……）。", "No sheet has a header with community, room and amount.")
	}
	return in, nil
}

// store writes what was read: what others stand on first.
func (s *Service) store(ctx context.Context, in *intake) (*ImportReport, error) {
	if _, err := s.communities.InsertMany(ctx, in.communities); err != nil {
		return nil, err
	}
	had, err := s.units.InsertMany(ctx, in.units)
	if err != nil {
		return nil, err
	}
	if err := s.owners(ctx, in, had); err != nil {
		return nil, err
	}
	some := make([]Bill, len(in.bills))
	for i, b := range in.bills {
		some[i] = b.bill
	}
	taken, err := s.bills.InsertMany(ctx, some)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, id := range taken {
		known[id] = true
	}
	for _, b := range in.bills {
		if err := s.reportBill(ctx, in.report, b, known[b.bill.ID]); err != nil {
			return nil, err
		}
	}
	return in.report, nil
}

// reportBill says what became of a bill's row: one that is there already with another amount was refused.
func (s *Service) reportBill(ctx context.Context, r *ImportReport, b readBill, known bool) error {
	if !known {
		outcome := Taken
		if b.changed != "" {
			b.zh, b.en = joined(b.zh, "；", b.changed), joined(b.en, "; ", "the owner on record has changed")
		}
		if b.zh != "" {
			outcome = Warned
		}
		r.add(b.sheet, b.row, outcome, b.zh, b.en)
		sum, err := r.Amount.Add(b.bill.Amount)
		r.Amount = sum
		return err
	}
	have, err := s.bills.Get(ctx, b.bill.ID)
	if err != nil {
		return err
	}
	if have.Amount != b.bill.Amount {
		r.add(b.sheet, b.row, Refused, fmt.Sprintf("该账单已存在，金额为 %s", have.Amount), "the bill is there already with another amount")
		return nil
	}
	r.add(b.sheet, b.row, Repeated, "", "")
	return nil
}

// joined puts what is there between two texts.
func joined(a, between, b string) string {
	if a == "" {
		return b
	}
	return a + between + b
}
