package billing

import (
	"strings"
	"testing"
)

// A row with a full card number in any cell that is taken in is refused, however it is written, and neither the report
// nor the store has the number. A line of written is one more way to write it.
func TestARowWithACardNumberIsRefused(t *testing.T) {
	s, _ := open(t)
	written := []string{"6222020200000000006", "6222 0202 0000 0000 006", "6222.0202.0000.0000.006",
		"6222/0202/0000/0000/006", "6222_0202_0000_0000_006", "６２２２０２０２００００００００００６"}
	good := []any{"阳光里", "1栋", "1单元", "101", "王小明", "13800000001", "物业费", "2026-11", "10.00", "2026-11-28", "未缴", ""}
	rows := [][]any{{"小区", "楼栋", "单元", "房号", "业主", "手机", "费用项目", "账期", "金额", "截止日期", "状态", "缴费日期"}, good}
	for column := range good {
		for _, number := range written {
			row := append([]any{}, good...)
			row[column] = "卡" + number
			rows = append(rows, row)
		}
	}
	report, err := s.Import(t.Context(), all, sheetOf(t, rows...))
	if err != nil {
		t.Fatal(err)
	}
	if report.Totals[Taken] != 1 || report.Totals[Refused] != len(rows)-2 {
		t.Errorf("%v of %d rows", report.Totals, len(rows))
	}
	for _, row := range report.Rows {
		if row.Outcome == Refused && !strings.Contains(row.ZH, "银行卡号") || strings.Contains(row.ZH, "6222") {
			t.Errorf("row %d: %s", row.Row, row.ZH)
		}
	}
}
