package billing

import (
	"io"
	"slices"
	"strings"

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

// listed names what a company has, for whoever fills the workbook in.
func listed(all []Named) string {
	if len(all) == 0 {
		return ""
	}
	return "。可填：" + namesOf(all)
}

func templateColumns(chart Chart) []templateColumn {
	return []templateColumn{
		{of: colCommunity, heading: "小区", must: true, example: [3]string{"锦绣花园", "锦绣花园", "锦绣花园"},
			hint: "小区全称，每行都写，写法要一致"},
		{of: colEntity, heading: "公司主体", hint: "收这笔钱的公司主体全称；不填即小区在账期内所属的主体" + listed(chart.Entities)},
		{of: colRegion, heading: "区域", hint: "小区所属区域；可不填" + listed(chart.Regions)},
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

// heldColumns are those of what the system before held.
func heldColumns(chart Chart) []templateColumn {
	return []templateColumn{
		{of: colCommunity, heading: "小区", must: true, example: [3]string{"锦绣花园", "锦绣花园", "锦绣花园"}, hint: "同「账单」页"},
		{of: colEntity, heading: "公司主体", hint: "持有这笔钱的公司主体全称；不填即小区现在所属的主体" + listed(chart.Entities)},
		{of: colBuilding, heading: "楼栋", example: [3]string{"3栋", "3栋", "3栋"}, hint: "同「账单」页"},
		{of: colEntrance, heading: "单元", example: [3]string{"2单元", "2单元", "2单元"}, hint: "同「账单」页"},
		{of: colRoom, heading: "房号", must: true, example: [3]string{"1201", "1201", "0102"}, hint: "该房屋须已有账单，或在「账单」页中"},
		{of: colHolder, heading: "业主", example: [3]string{"王小明", "", "张三"},
			hint: "款项属于谁；不填即现在的业主，可填以前的业主"},
		{of: colHeld, heading: "款项", must: true, example: [3]string{"装修押金", "预存款", "门禁卡押金"},
			hint: "预存款，或押金的名称；一笔一行"},
		{of: colAmount, heading: "余额(元)", must: true, example: [3]string{"3000.00", "128.50", "50.00"},
			hint: "现在还持有的金额，单位元；已退、已扣的请先减去"},
		{of: colPayer, heading: "缴款人", example: [3]string{"安居装饰公司", "王小明", "张三"}, hint: "当时缴款的人或单位"},
		{of: colPaidAt, heading: "缴款日期", example: [3]string{"2024-11-02", "", "2023-05-18"},
			hint: "如 2024-11-02；不知道可不填"},
		{of: colMethod, heading: "缴款方式", example: [3]string{"现金", "微信", "现金"}, hint: "如 现金、微信、转账"},
		{of: colReceipt, heading: "收据号", example: [3]string{"SJ000123", "", "SJ000088"}, hint: "原收据号；同一户有多笔同名押金时必填"},
		{of: colLimit, heading: "限用费用", example: [3]string{"", "物业费、水费", ""}, hint: "预存款只能抵扣哪些费用；不填为全部"},
	}
}

// WriteTemplate writes the workbook that people fill in: every column is text, so that it stays what was typed; the
// status is chosen from a list; there is a sheet of bills and one of what is held; examples and notes, which name the
// entities and regions of the chart, stand on sheets of their own, whose heads import does not take for one. Its errors
// are the writer's.
func WriteTemplate(w io.Writer, chart Chart) error {
	notes := workbook.Table{Name: "说明", Head: 1, Columns: []workbook.Column{{}, {}, {}, {Wide: true}}}
	notes.Rows = [][]any{{"页", "列", "必填", "怎么填"}}
	var tables, shown []workbook.Table
	for _, of := range []struct {
		sheet   string
		columns []templateColumn
	}{{"账单", templateColumns(chart)}, {"押金和预存款", heldColumns(chart)}} {
		table, example := workbook.Table{Name: of.sheet, Head: 1}, workbook.Table{Name: of.sheet + "示例", Head: 2}
		var heads []any
		examples := make([][]any, 3)
		for _, c := range of.columns {
			heads = append(heads, c.heading)
			hint, _, _ := strings.Cut(c.hint, "。")
			table.Columns = append(table.Columns, workbook.Column{Text: true, Choices: c.choices, Hint: hint})
			for i := range examples {
				examples[i] = append(examples[i], c.example[i])
			}
			must := "否"
			if c.must {
				must = "是"
			}
			notes.Rows = append(notes.Rows, []any{of.sheet, c.heading, must, c.hint})
		}
		table.Rows = [][]any{heads}
		example.Rows = append([][]any{{"本页只是示例，不会导入；请填写「" + of.sheet + "」页。"}, exampleHeads(heads)}, examples...)
		tables, shown = append(tables, table), append(shown, example)
	}
	for _, line := range []string{
		"公司主体、区域须与「组织」中的名称一致；写了没有的名称，该行会被拒绝。新小区写了主体的，须另一人批准归属后再导入一次。",
		"导入前先「试导入」看报告：每一行会怎样，一目了然，不会写入任何内容。",
		"重复导入同一份台账不会重复记账；已有账单的金额、状态不同会列为「不一致」，不会自动更改。",
		"已有房屋换了业主和手机号，会列为「待确认」，勾选「更新业主」才会更改。",
		"不要合并金额单元格；合计、小计行会跳过；隐藏的行和工作表不导入。",
		"已收、欠费、减免、滞纳金、余额等金额列不会导入；与应收对不上的行会被拒绝并说明原因。",
		"「押金和预存款」页是上线时原系统还持有的款项，没有可不填；锁定期初余额后不再导入。",
		"不认识的列里有数字的行、与已有费用名称相近的费用，会列为「待确认」，确认后才会导入。",
	} {
		notes.Rows = append(notes.Rows, []any{"", "", "", line})
	}
	return workbook.Write(w, slices.Concat(tables, shown, []workbook.Table{notes})...)
}

// exampleHeads are the headings of the example, of which none is one that import knows.
func exampleHeads(heads []any) (list []any) {
	for _, h := range heads {
		list = append(list, "例："+h.(string))
	}
	return list
}
