package billing

import (
	"bytes"
	"errors"
	"math/big"
	"strings"
	"testing"

	"golang.org/x/text/width"

	"linlipay/fault"
	"linlipay/workbook/workbooktest"
)

// Whatever the bytes of a workbook are, reading ends with bills that owe something, or with a sentence for the person.
// With -fuzzminimizetime 20x: to make an archive smaller takes a minute each time, in which nothing else is tried.
func FuzzReadWorkbook(f *testing.F) {
	good := sheetOf(f, head, []any{"阳光里", "1栋", "1", "101", "王小明", "13800000001", "物业费", "2026-11", "10.00",
		"2026-11-30"}).Bytes()
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add(sheetOf(f, []any{"小区", "金额"}, []any{"阳光里", "-1"}, []any{"阳光里", "1e9"}).Bytes())
	for _, trap := range []string{"金额=two:98.285 | 已收=n:1", "房号=md:46024", "账期=n:2026.1 | 状态=b:1",
		"截止日期=iso:2026-11-30", "房号=r:101 | 手机=e:#N/A"} {
		f.Add(workbooktest.Write(f, workbooktest.Options{Strict: true, Prefix: "x:"}, trapped(trap)))
	}
	f.Add(workbooktest.Write(f, workbooktest.Options{Since1904: true}, merged("A2:A4", "F2:F3")))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("小区,金额\n"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<16 {
			return
		}
		in, err := readWorkbook(t.Context(), all, Chart{}, bytes.NewReader(raw), today())
		var known *fault.Error
		if err != nil && (!errors.As(err, &known) || known.Code == fault.Internal || known.ZH == "") {
			t.Fatalf("not a sentence for a person: %v", err)
		}
		if err != nil {
			return
		}
		for _, row := range in.report.Rows {
			if row.Outcome == Refused && (row.ZH == "" || row.EN == "") || row.Sheet == "" && row.Row == 0 {
				t.Errorf("a row without its place or reason: %+v", row)
			}
		}
		for _, b := range in.bills {
			if b.bill.Amount <= 0 || b.bill.Amount > mostOwed || b.bill.Owed() != b.bill.Amount &&
				b.bill.Status == Unpaid {
				t.Errorf("%+v", b.bill)
			}
		}
	})
}

// Whatever stands in the cell of an amount, what is read is what arbitrary precision reads, or nothing.
func FuzzAmountOfACell(f *testing.F) {
	for _, seed := range []string{"10", "10.5", "1,234.56", "¥3", "3元5", "123.10000000000001", "4.0999999999999996",
		"1e3", "-2", "0", "99999999999", "１２", "0x10", ".5", "5."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		got, why, _ := amountOf(cell)
		if why != "" {
			return
		}
		plain := strings.Map(func(r rune) rune {
			if r == '.' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, width.Narrow.String(strings.ReplaceAll(cell, "。", ".")))
		want, ok := new(big.Rat).SetString(plain)
		if !ok {
			t.Fatalf("%q is read as %v", cell, got)
		}
		off := new(big.Rat).Sub(want.Mul(want, big.NewRat(100, 1)), big.NewRat(int64(got), 1))
		if off.Abs(off).Cmp(big.NewRat(1, 1000)) > 0 { // a spreadsheet's artefact is far less than a fen
			t.Errorf("%q is read as %v", cell, got)
		}
	})
}
