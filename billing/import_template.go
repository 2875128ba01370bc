package billing

import (
	"io"

	"linlipay/workbook"
)

// templateColumn is a column of the workbook that people fill in.
type templateColumn struct {
	of      column
	heading string
	must    bool
	example [3]string
	hint    string
	choices []string
}

func templateColumns() []templateColumn {
	return []templateColumn{
		{of: colCommunity, heading: "小区", must: true, example: [3]string{"锦绣花园", "锦绣花园", "锦绣花园"},
			hint: "小区全称，每行都写，写法要一致"},
		{of: colBuilding, heading: "楼栋", example: [3]string{"3栋", "3栋", "3栋"}, hint: "如 3栋；没有可不填"},
		{of: colEntrance, heading: "单元", example: [3]string{"2单元", "2单元", "2单元"}, hint: "如 2单元；没有可不填，但同一户要始终一致"},
		{of: colRoom, heading: "房号", must: true, example: [3]string{"1201", "1201", "0102"},
			hint: "如 1201、0102、1-2；按文本保存，不会变成日期"},
		{of: colOwner, heading: "业主", example: [3]string{"王小明", "王小明", "李四"}, hint: "业主姓名"},
		{of: colPhone, heading: "手机", example: [3]string{"13800138000", "13800138000", ""},
			hint: "一个 11 位手机号；凭它登录可见账单"},
		{of: colFee, heading: "费用项目", must: true, example: [3]string{"物业费", "停车费", "物业费"}, hint: "如 物业费、停车费；一种费用一行"},
		{of: colPeriod, heading: "账期", must: true, example: [3]string{"2026-11", "2026-11", "2026-10"},
			hint: "一个月份，如 2026-11"},
		{of: colAmount, heading: "应收金额(元)", must: true, example: [3]string{"256.80", "300.00", "188.50"},
			hint: "还要收的金额，单位元，如 256.80；已收的部分请先减去"},
		{of: colDue, heading: "截止日期", example: [3]string{"2026-11-30", "2026-11-30", "2026-10-31"},
			hint: "如 2026-11-30；不填为账期当月 28 日"},
		{of: colStatus, heading: "状态", example: [3]string{"未缴", "未缴", "已缴"}, hint: "未缴 或 已缴；不填为未缴",
			choices: []string{"未缴", "已缴"}},
		{of: colPaidAt, heading: "缴费日期", example: [3]string{"", "", "2026-10-08"}, hint: "已缴的才填，如 2026-10-08"},
	}
}

// WriteTemplate writes the workbook that people fill in: every column is text, so that it stays what was typed; the
// status is chosen from a list; an example and notes stand on sheets of their own, whose heads import does not take for
// one.
func WriteTemplate(w io.Writer) error {
	bills := workbook.Table{Name: "账单", Head: 1}
	example := workbook.Table{Name: "示例", Head: 2}
	notes := workbook.Table{Name: "说明", Head: 1, Columns: []workbook.Column{{}, {}, {Wide: true}}}
	notes.Rows = [][]any{{"列", "必填", "怎么填"}}
	var heads []any
	examples := make([][]any, 3)
	for _, c := range templateColumns() {
		heads = append(heads, c.heading)
		bills.Columns = append(bills.Columns, workbook.Column{Text: true, Choices: c.choices, Hint: c.hint})
		for i := range examples {
			examples[i] = append(examples[i], c.example[i])
		}
		must := "否"
		if c.must {
			must = "是"
		}
		notes.Rows = append(notes.Rows, []any{c.heading, must, c.hint})
	}
	bills.Rows = [][]any{heads}
	example.Rows = append([][]any{{"本页只是示例，不会导入；请填写「账单」页。"}, exampleHeads(heads)}, examples...)
	for _, line := range []string{
		"导入前先「试导入」看报告：每一行会怎样，一目了然，不会写入任何内容。",
		"重复导入同一份台账不会重复记账；已有账单的金额、状态不同会列为「不一致」，不会自动更改。",
		"已有房屋换了业主和手机号，会列为「待确认」，勾选「更新业主」才会更改。",
		"不要合并金额单元格；合计、小计行会跳过；隐藏的行和工作表不导入。",
		"已收、欠费、减免、滞纳金、余额等金额列不会导入；与应收对不上的行会被拒绝并说明原因。",
	} {
		notes.Rows = append(notes.Rows, []any{"", "", line})
	}
	return workbook.Write(w, bills, example, notes)
}

// exampleHeads are the headings of the example, of which none is one that import knows.
func exampleHeads(heads []any) (list []any) {
	for _, h := range heads {
		list = append(list, "例："+h.(string))
	}
	return list
}
