package billing

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"linlipay/calendar"
	"linlipay/fault"
	"linlipay/property"
	"linlipay/workbook/workbooktest"
)

// usual is a row that is taken as it stands: each trap changes some of its cells.
var usual = []string{
	"小区=阳光里", "楼栋=1栋", "单元=1单元", "房号=101", "业主=王小明", "手机=13800000001", "费用项目=物业费", "账期=2026-11", "金额=10.00",
	"截止日期=2026-11-30", "状态=未缴", "缴费日期=",
}

// traps are cells as people and their programs write them. A line is a trap: what it is, the cells of the row that
// differ from the usual one (a heading that is not usual is a further column; how cells are written stands at
// workbooktest's cell), what becomes of the row, and what the report, or what is stored, says among other things.
var traps = []struct {
	what  string
	cells string // heading=cell, parted by " | "
	want  Outcome
	says  string // texts parted by " | "
}{
	{"nothing", "", Taken, "1栋 1单元 101 王小明 13800000001 物业费 2026-11 10.00 2026-11-30 unpaid"},

	// Numbers as programs write them are taken by value.
	{"a room as 101.0", "房号=n:101.0", Taken, "1栋 1单元 101 "},
	{"a room as 1.01E2", "房号=n:1.01E2", Taken, "1栋 1单元 101 "},
	{"a building and an entrance as 1.0", "楼栋=n:1.0 | 单元=n:1.0", Taken, "1栋 1单元 101 "},
	{"a building that is shown as 1栋", "楼栋=dong:1", Taken, "1栋 1单元 101 "},
	{"a room as the text 101.0", "房号=t:101.0", Taken, "1栋 1单元 101 "},
	{"a phone as 1.3800000001E10", "手机=n:1.3800000001E10", Taken, " 13800000001 "},
	{"a phone as 13800000001.0", "手机=n:13800000001.0", Taken, " 13800000001 "},
	{"a phone as the text 13800000001.0", "手机=t:13800000001.0", Taken, " 13800000001 "},
	{"a period as 202611.0", "账期=n:202611.0", Taken, " 2026-11 "},
	{"a period as the text 202611.0", "账期=t:202611.0", Taken, " 2026-11 "},
	{"a period as 2.02611E5", "账期=n:2.02611E5", Taken, " 2026-11 "},
	{"an amount as 1.2E2", "金额=n:1.2E2", Taken, " 120.00 "},
	{"an amount as 1.2e+2", "金额=n:1.2e+2", Taken, " 120.00 "},
	{"an amount in binary", "金额=n:123.10000000000001", Taken, " 123.10 "},
	{"an amount just below", "金额=n:4.0999999999999996", Taken, " 4.10 "},
	{"an amount as a formula's result", "金额=fn:98.28", Taken, " 98.28 "},
	{"a room with zeros of its format", "房号=z:101", Warned, "显示为 0101 | D「房号」 | 1栋 1单元 101 "},
	{"a room that lost a zero", "房号=n:3.1", Refused, "小数"},
	{"a room below ground as a number", "房号=n:-101", Refused, "负号"},
	{"a room below ground as a text", "房号=-101", Refused, "负号"},

	// What a spreadsheet made a date of.
	{"a room 1-2 that became a date", "房号=md:46024", Refused, "变成了日期 | 1月2日 | 文本格式"},
	{"a building that became a date", "楼栋=d:46024", Refused, "变成了日期"},
	{"an owner that is a date", "业主=d:46024", Refused, "变成了日期"},
	{"a fee that is a date", "费用项目=d:46024", Refused, "变成了日期"},
	{"an amount that is a date", "金额=d:46024", Refused, "日期"},
	{"a time as a room", "房号=h:0.5", Refused, "变成了日期"},
	{"a date's picture as a room", "房号=1月2日", Refused, "变成了日期 | D「房号」=「1月2日」 | 文本格式"},
	{"a date's picture of full width", "房号=１月２日", Refused, "变成了日期 | 「１月２日」"},
	{"a date's picture with spaces", "房号=1 月 2 日", Refused, "变成了日期"},
	{"a date's picture with its year", "房号=2026年1月2日", Refused, "变成了日期"},
	{"a date's picture in Chinese", "房号=一月二日", Refused, "变成了日期"},
	{"a date's picture in Chinese with its year", "房号=二〇二六年一月二日", Refused, "变成了日期"},
	{"a date's picture without its day", "房号=2026年1月", Refused, "变成了日期"},
	{"a date's picture with the day of the week", "房号=1月2日 星期五", Refused, "变成了日期"},
	{"a date's picture in English", "房号=Jan-02", Refused, "变成了日期"},
	{"a date's picture in English, the day first", "房号=2-Jan", Refused, "变成了日期"},
	{"a date's picture in English with its year", "房号=2-Jan-26", Refused, "变成了日期"},
	{"a date's picture in English at length", "房号=Friday, January 2, 2026", Refused, "变成了日期"},
	{"a date's picture in capitals", "房号=02 JAN 2026", Refused, "变成了日期"},
	{"a month and its year in English", "房号=Jan-26", Refused, "变成了日期"},
	{"a date's picture with strokes", "房号=1/2/2026", Refused, "变成了日期"},
	{"a date's picture with strokes and a short year", "房号=1/2/26", Refused, "变成了日期"},
	{"a date's picture, the year first", "房号=2026/1/2", Refused, "变成了日期"},
	{"a date's picture with dashes", "房号=2026-01-02", Refused, "变成了日期"},
	{"a date's picture with its time", "房号=2026-01-02 00:00:00", Refused, "变成了日期"},
	{"a date's picture of ISO 8601", "房号=2026-01-02T00:00:00", Refused, "变成了日期"},
	{"a date as a program prints it", "房号=Fri Jan 02 00:00:00 CST 2026", Refused, "变成了日期"},
	{"a time's picture", "房号=1:02:00", Refused, "变成了日期"},
	{"a time's picture in the afternoon", "房号=1:02 PM", Refused, "变成了日期"},
	{"a building's picture", "楼栋=1月2日", Refused, "变成了日期 | B「楼栋」"},
	{"an entrance's picture", "单元=Feb-01", Refused, "变成了日期 | C「单元」"},
	{"an owner's picture", "业主=1月2日", Refused, "变成了日期"},
	{"a room with a stroke", "房号=1/2", Taken, "stored: 1栋 1单元 1/2 "},
	{"a room of three numbers", "楼栋= | 单元= | 房号=1-2-302", Taken, "stored: 1-2-302 "},
	{"a room of three numbers with strokes", "楼栋= | 单元= | 房号=1/2/302", Taken, "stored: 1/2/302 "},
	{"a room of three numbers that may be a date", "楼栋= | 单元= | 房号=1-2-2001", Warned, "可能是表格软件变成的日期 | 1-2-2001"},
	{"a room of three short numbers", "楼栋= | 单元= | 房号=1-2-26", Warned, "可能是表格软件变成的日期"},
	{"a room that may be a day's number", "房号=n:46024", Warned, "可能是日期 2026-01-02 变成的数字"},
	{"a room that may be a day's number as a text", "房号=46024", Warned, "可能是日期 2026-01-02"},
	{"a room of five digits", "房号=11001", Taken, " 11001 "},
	{"a building that is called like a month", "楼栋=Mart 5", Taken, "stored: Mart 5"},

	// Periods.
	{"a period as a date", "账期=d:46327", Taken, " 2026-11 "},
	{"a period as Nov-26", "账期=my:46327", Taken, " 2026-11 "},
	{"a period as a date with time", "账期=dt:46327.5", Taken, " 2026-11 "},
	{"a period as a date without its format", "账期=n:46327", Taken, " 2026-11 "},
	{"a period as a text with time", "账期=2026-11-01 00:00:00", Taken, " 2026-11 "},
	{"a period in Chinese", "账期=2026年11月", Taken, " 2026-11 "},
	{"a period in Chinese with its share", "账期=2026年11月份", Taken, " 2026-11 "},
	{"a period with a slash", "账期=2026/11", Taken, " 2026-11 "},
	{"a period of full width", "账期=２０２６．１１", Taken, " 2026-11 "},
	{"a period from the first to the last day", "账期=2026-11-01至2026-11-30", Taken, " 2026-11 "},
	{"a period with dots from the first to the last day", "账期=2026.11.01-2026.11.30", Taken, " 2026-11 "},
	{"a period of eight digits", "账期=n:20261101", Taken, " 2026-11 "},
	{"January typed as a text, or October", "账期=t:2026.1", Warned, " 2026-01 | 如果是 10 月，请写成 2026-10 | H「账期」=「2026.1」"},
	{"January or October of full width", "账期=t:２０２６．１", Warned, " 2026-01 | 「２０２６．１」"},
	{"January or October without a point", "账期=t:20261", Warned, " 2026-01 | 2026-10"},
	{"January typed as a text, whole", "账期=t:2026.01", Taken, " 2026-01 "},
	{"January typed as a text, in Chinese", "账期=t:2026.1月", Taken, " 2026-01 "},
	{"October typed as a text", "账期=t:2026.10", Taken, " 2026-10 "},
	{"February typed as a text", "账期=t:2026.2", Taken, " 2026-02 "},
	{"a period that became a day", "账期=t:1月26日", Refused, "账期"},
	{"a period in English", "账期=t:Jan-26", Refused, "账期"},
	{"a number that may be January or October", "账期=n:2026.1", Refused, "1 月 | 10 月"},
	{"October that looks whole", "账期=two:2026.1", Refused, "1 月 | 10 月"},
	{"a number that is November alone", "账期=n:2026.11", Taken, " 2026-11 "},
	{"a number that is February alone", "账期=n:2026.02", Taken, " 2026-02 "},
	{"a year of two figures", "账期=t:26.11", Refused, "账期的年份请写成四位：26.11（请写成 2026-11） | H「账期」=「26.11」"},
	{"a year of two figures as a number", "账期=n:26.11", Refused, "账期的年份请写成四位：26.11"},
	{"several months", "账期=2026年1-3月", Refused, "账期不是一个月，请按月份各列一行：2026年1-3月"},
	{"days of two months", "账期=2026-11-01 ~ 2026-12-31", Refused, "账期不是一个月"},
	{"a year", "账期=2026年度", Refused, "账期不是一个月"},
	{"the period above", "账期=同上", Refused, "账期无法识别：同上"},
	{"the community above", "小区=同上", Refused, "A「小区」=「同上」：写着「同上」，请写全"},
	{"the building above", "楼栋=〃", Refused, "写着「〃」，请写全"},
	{"a quarter", "账期=2026年第四季度", Refused, "账期不是一个月"},
	{"a month without a year", "账期=11月", Refused, "账期没有年份：11月（请写成 2026-11）"},
	{"a period of a year that was mistyped", "账期=2062-11", Refused, "2062-11 在两年以后 | 写错了年份"},
	{"a period two years ahead", "账期=2028-11", Taken, " 2028-11 "},
	{"a period beyond two years", "账期=2028-12", Refused, "H「账期」 | 两年以后"},
	{"a month that is none", "账期=2026-13", Refused, "账期"},
	{"no period", "账期=", Refused, "缺少账期"},

	// Days.
	{"a due date", "截止日期=d:46356", Taken, " 2026-11-30 "},
	{"a due date with its time", "截止日期=dt:46356.999", Taken, " 2026-11-30 "},
	{"a due date just before midnight", "截止日期=dt:46355.9999999999", Taken, " 2026-11-30 "},
	{"a due date as a text with time", "截止日期=2026-11-30 00:00:00", Taken, " 2026-11-30 "},
	{"a due date with slashes and time", "截止日期=2026/11/30 0:00", Taken, " 2026-11-30 "},
	{"a due date of one digit and a time", "截止日期=2026/11/3 10:00", Taken, " 2026-11-03 "},
	{"a due date in Chinese with time", "截止日期=2026年11月30日 10时30分", Taken, " 2026-11-30 "},
	{"a due date with the day of the week", "截止日期=2026年11月30日 星期一", Taken, " 2026-11-30 "},
	{"a due date in the afternoon", "截止日期=2026-11-30 下午 3:00", Taken, " 2026-11-30 "},
	{"a due date of ISO 8601", "截止日期=iso:2026-11-30T00:00:00", Taken, " 2026-11-30 "},
	{"an instant of another zone", "截止日期=2026-11-29T16:00:00.000Z", Taken, " 2026-11-30 "},
	{"a due date of eight digits", "截止日期=n:20261130", Taken, " 2026-11-30 "},
	{"a due date that runs into its time", "截止日期=2026-11-3012:00", Refused, "截止日期"},
	{"a due date the American way", "截止日期=11/30/2026", Refused, "截止日期"},
	{"a due date of a year that was mistyped", "截止日期=2062-11-30", Refused, "2062-11-30 在两年以后"},
	{"a due date two years ahead", "截止日期=2028-11-29", Taken, " 2028-11-29 "},
	{"a due date beyond two years", "截止日期=2028-12-01", Refused, "J「截止日期」 | 两年以后"},
	{"a payment of a year that was mistyped", "状态=已缴 | 缴费日期=2062-11-05", Refused, "2062-11-05 在两年以后 | 写错了年份"},
	{"a payment today", "状态=已缴 | 缴费日期=2026-11-28", Taken, " paid 2026-11-28"},
	{"a payment tomorrow", "状态=已缴 | 缴费日期=2026-11-29", Warned, "缴费日期在今天之后"},
	{"a payment as a number of days far ahead", "状态=已缴 | 缴费日期=n:59500", Refused, "两年以后"},
	{"a day that is none", "截止日期=2026-02-30", Refused, "截止日期"},

	// Phones.
	{"a phone of China", "手机=+86 138 0000 0001", Taken, " 13800000001 "},
	{"a phone from abroad", "手机=0086 13800000001", Taken, " 13800000001 "},
	{"a phone with 86-", "手机=86-13800000001", Taken, " 13800000001 "},
	{"a phone with 86 as a number", "手机=n:8613800000001", Taken, " 13800000001 "},
	{"a phone of full width", "手机=１３８００００ ０００１", Taken, " 13800000001 "},
	{"a phone as Excel keeps a text", "手机=t:'13800000001", Taken, " 13800000001 "},
	{"two phones", "手机=13800000001/13900000002", Warned, " 13800000001 | 另一个号码未录入：13900000002"},
	{"two phones in two lines", "手机=t:13800000001\n13900000002", Warned, " 13800000001 | 13900000002"},
	{"two columns of phones", "电话=13900000002", Warned, " 13800000001 | 13900000002"},
	{"a phone and a telephone", "手机=13800000001 0571-88888888", Warned, " 13800000001 | 0571-88888888"},
	{"a phone that is none", "手机=12345", Warned, "手机号不正确 | F「手机」=「12345」"},
	{"a phone that lost its digits", "手机=1.38E+10", Warned, "手机号不正确"},
	{"a phone with a long remark", "手机=13800000001 " + strings.Repeat("备", 100), Taken, " 13800000001 "},
	{"no phone", "手机=", Taken, "王小明  物业费"},

	// Texts.
	{"an inline text", "业主=i:王小明", Taken, " 王小明 "},
	{"a text in two fonts with its pronunciation", "业主=r:王小明", Taken, " 王小明 "},
	{"spaces of all kinds", "小区=t: 阳光里\u00a0 | 房号=t:\u3000１０１ ", Taken, "1栋 1单元 101 "},
	{"an escaped return", "业主=t:王小明_x000D_", Taken, " 王小明 "},
	{"a card number", "业主=卡6222020200000000006", Refused, "银行卡号"},
	{"a card number as a number", "房号=n:6222020200000000006", Refused, "银行卡号"},

	// Cells that hold no value.
	{"an error as a room", "房号=e:#REF!", Refused, "错误值 #REF! | D「房号」=「#REF!」"},
	{"an error as an amount", "金额=e:#N/A", Refused, "错误值 #N/A"},
	{"an error as a phone", "手机=e:#VALUE!", Refused, "错误值"},
	{"an error in a column that is not read", "备注=e:#N/A", Taken, "不认识的列 | M「备注」"},
	{"a formula that nobody counted", "金额=f:B2*C2", Refused, "保存 | =B2*C2"},
	{"a truth as a room", "房号=b:1", Refused, "逻辑值"},
	{"a truth as an amount", "金额=b:1", Refused, "逻辑值"},

	// Amounts.
	{"a currency's format", "金额=y:1234.5", Taken, " 1234.50 "},
	{"an accountant's format", "金额=acc:1234.5", Taken, " 1234.50 "},
	{"a sign of the currency", "金额=￥1,234.50元", Taken, " 1234.50 "},
	{"three decimals that look like two", "金额=two:98.285", Refused, "显示 98.29 | 98.285"},
	{"a percentage", "金额=p:0.5", Refused, "百分比 | 50%"},
	{"ten thousands by format alone", "金额=wan:12345", Taken, " 12345.00 "},
	{"ten thousands typed", "金额=1.2万", Refused, "金额无法识别"},
	{"less than nothing", "金额=n:-5", Refused, "正负号"},
	{"less than nothing, as accountants write", "金额=(5.00)", Refused, "括号表示负数"},
	{"less than nothing, in brackets of full width", "金额=（￥1,200.00）", Refused, "括号表示负数"},
	{"nothing", "金额=n:0", Refused, "大于零"},
	{"nothing, as people write it", "金额=—", Skipped, "金额写着没有要交的 | I「金额」=「—」 | nothing stored"},
	{"nothing, with a hyphen", "金额=t:-", Skipped, "没有要交的 | nothing stored"},
	{"nothing, with a stroke", "金额=/", Skipped, "没有要交的 | nothing stored"},
	{"nothing, with a word", "金额=无", Skipped, "没有要交的 | nothing stored"},
	{"nothing, of full width", "金额=－－", Skipped, "没有要交的 | nothing stored"},
	{"nothing beside what was received", "金额=— | 已收=10", Refused, "没有要交的，这里却有金额 | M「已收」=「10」"},
	{"nothing beside nothing", "金额=— | 已收=0 | 欠费=0.00 | 减免=-", Skipped, "没有要交的"},
	{"strokes where there is nothing", "楼栋=/ | 单元=— | 业主=- | 手机=无 | 截止日期=/ | 状态=- | 缴费日期=—", Taken,
		"stored: 101   物业费 2026-11 10.00 2026-11-28 unpaid"},
	{"an amount with a unit and spaces", "金额=t: ￥ 1,234.50 元 ", Taken, " 1234.50 "},
	{"an amount with spaces for commas", "金额=t:1 234.50", Refused, "不能有空格"},
	{"a comma that may be a point", "金额=1,50", Refused, "逗号"},

	// Whether it is paid.
	{"paid", "状态=已缴 | 缴费日期=2026-11-05", Taken, " paid 2026-11-05"},
	{"paid by a tick", "状态=√", Taken, " paid"},
	{"paid by a box", "状态=b:1", Taken, " paid"},
	{"not paid by a box", "状态=b:0", Taken, " unpaid"},
	{"paid, as a wallet says", "状态=支付成功", Taken, " paid"},
	{"not paid, late", "状态=已逾期", Taken, " unpaid"},
	{"not settled", "状态=未结清", Taken, " unpaid"},
	{"whether it is paid, by letters", "状态= | 已缴（Y/N）=N", Taken, " unpaid"},
	{"whether it is paid, by words", "状态= | 已缴（是/否）=是", Taken, " paid"},
	{"paid in part", "状态=部分缴费", Refused, "状态"},
	{"void", "状态=作废", Refused, "状态"},
	{"a date of payment without a status", "状态= | 缴费日期=2026-11-05", Warned, " paid 2026-11-05 | 缴费日期"},
	{"a date of payment of what is unpaid", "状态=未缴 | 缴费日期=2026-11-05", Refused, "未缴，却有缴费日期"},
	{"a date of payment with its time", "状态=已缴 | 缴费日期=2026-11-05 13:14:15", Taken, " paid 2026-11-05"},

	// Columns of money are never ignored.
	{"received a part", "已收=4.00", Refused, "已收 4.00 | 重复收取 | M「已收」"},
	{"received all, without a status", "状态= | 已收=10.00", Warned, " paid | 按已缴导入"},
	{"received all, unpaid", "已收=10.00", Refused, "再收一次"},
	{"received all, paid", "状态=已缴 | 已缴金额=10.00", Taken, " paid"},
	{"received nothing", "已收=0", Taken, " unpaid"},
	{"received nothing, with a dash", "实收金额=-", Taken, " unpaid"},
	{"received nothing, paid", "状态=已缴 | 已收=0", Refused, "没有收到钱"},
	{"received more", "已收=12.00", Refused, "已收 12.00"},
	{"received in two ways", "状态= | 微信实收=4 | 现金实收=6", Warned, " paid"},
	{"owed as charged", "欠费=10", Taken, " unpaid"},
	{"owed in part", "欠费金额=6", Refused, "欠费金额 6.00"},
	{"owed nothing, without a status", "状态= | 欠费=0", Warned, " paid"},
	{"owed nothing, unpaid", "未缴金额=0", Refused, "会多收"},
	{"reduced", "减免=2", Refused, "减免后的金额"},
	{"reduced by nothing", "减免金额=0.00", Taken, " unpaid"},
	{"a fine", "滞纳金=n:0.5", Refused, "单列一行"},
	{"something kept", "预存余额=50", Refused, "抵扣"},
	{"a deposit", "押金=100", Refused, "押金"},
	{"arrears of before", "上期欠费=30", Refused, "往期"},
	{"what was received in all", "累计已交=30", Refused, "应收 10.00，累计已交 30.00：这是以往或累计收到的钱，看不出这一笔账单收了多少"},
	{"what was received in all, of what is paid", "状态=已缴 | 累计已交=30", Taken, " paid"},
	{"nothing received in all", "累计已收=0", Taken, " unpaid"},
	{"nothing received in all of what is paid", "状态=已缴 | 累计已收=0", Refused, "没有收到钱"},
	{"what was received of before", "上期实收金额=10", Refused, "以往或累计收到的钱"},
	{"what is owed in all", "累计欠费=30", Refused, "多个账期累计的欠费"},
	{"what is owed in all, this bill alone", "累计欠费=10", Taken, " unpaid"},
	{"nothing owed in all", "累计欠费=0", Refused, "会多收"},
	{"a tax and what is left without it", "税率=p:0.06 | 税额=0.57 | 不含税金额=9.43", Taken, " unpaid"},
	{"a tax that comes on top", "税额=0.60 | 不含税金额=10.00", Refused, "加上税额不等于应收"},
	{"a tax alone", "税额=0.57", Refused, "看不出应收是否含税 | M「税额」"},
	{"no tax", "税额=0", Taken, " unpaid"},
	{"what is left without a tax", "不含税金额=9.43", Taken, " unpaid"},
	{"a sum with its tax", "价税合计=10.60", Refused, "合计"},
	{"a refund", "退款金额=3", Refused, "退款"},
	{"a sum that agrees", "应收合计=10", Taken, " unpaid"},
	{"a sum that does not", "合计=30", Refused, "合计"},
	{"a fee with a column of its own", "停车费(元)=300", Refused, "停车费 | 单列一行"},
	{"a column of money that is no amount", "已收=一部分", Refused, "无法识别"},
	{"a column of money that is an error", "欠费=e:#N/A", Refused, "错误值"},
	{"received by a channel", "状态= | 微信=10", Warned, " paid"},
	{"received by two channels", "状态= | 微信=4 | 现金=6", Warned, " paid"},
	{"received by a channel, in part", "现金=4", Refused, "重复收取"},
	{"what came in", "本期收入=10", Refused, "再收一次"},
	{"a tick for what was settled", "状态= | 收讫=√", Refused, "无法识别"},
	{"whether it was paid", "状态= | 是否已交=是", Taken, " paid"},
	{"whether it was paid, no", "状态= | 是否已收=否", Taken, " unpaid"},
	{"whether it is owed", "状态= | 是否欠费=否", Refused, "「是否欠费」写着「否」 | 请改用一列「是否已缴」"},
	{"how its payment stands", "状态= | 交费情况=已交", Taken, " paid"},
	{"a mark of payment", "状态= | 缴费标志=是", Taken, " paid"},
	{"how its payment stands, twice", "交费情况=已交", Refused, "不一致，分不清"},
	{"a day of payment in other words", "状态= | 缴费日期= | 实缴日期=2026-11-05", Warned, " paid 2026-11-05"},
	{"a time of payment in other words", "状态= | 交费时间=2026-11-05 10:00", Warned, " paid 2026-11-05"},
	{"rounded off", "抹零=10", Refused, "M「抹零」 | 抹零 10.00"},
	{"rounded off, in yuan", "抹零（元）=0.5", Refused, "M「抹零（元）」"},
	{"taken off at once", "立减金额=1", Refused, "减免后的金额"},
	{"a subsidy", "政府补贴=1", Refused, "减免后的金额"},
	{"a voucher", "代金券=5", Refused, "减免后的金额"},
	{"a gift", "红包=5", Refused, "减免后的金额"},
	{"by a standard of reductions", "标准优惠金额=5", Refused, "减免后的金额"},
	{"a standard of reductions", "减免标准=5", Taken, "不认识的列"},
	{"a bad debt", "坏账=10", Refused, "会改变应收"},
	{"a bad debt by a word", "坏账=是", Refused, "无法识别"},
	{"on account", "挂账（元）=10", Refused, "会改变应收"},
	{"change", "找零=5", Refused, "会改变应收"},
	{"collected for others", "代收款=10", Refused, "会改变应收"},
	{"a fine for a breach", "违约金=1", Refused, "单列一行"},
	{"kept before", "预存款=10", Refused, "抵扣"},
	{"received, in count", "实收数=4", Refused, "重复收取"},
	{"owed, in yuan", "未缴（元）=6", Refused, "未缴（元） 6.00"},
	{"how many months are owed", "欠费月数=3", Taken, "不认识的列"},
	{"money by its unit alone", "其他（元）=5", Refused, "不知道这一列"},
	{"money by its unit alone, of a name", "项目(元)=5", Refused, "不知道这一列"},
	{"money by a sign", "其他¥=5", Pending, "不认识的列 M「其他¥」 中有数字 5"},
	{"a number in a column that nobody knows", "贵宾礼遇=5", Pending, "不认识的列 M「贵宾礼遇」 | =「5」 | 忽略不认识的数字列"},
	{"an amount in a column that nobody knows", "贵宾礼遇=n:12.5", Pending, "不认识的列"},
	{"less than nothing in a column that nobody knows", "贵宾礼遇=n:-5", Pending, "不认识的列"},
	{"an amount with its sign in a column that nobody knows", "贵宾礼遇=￥5.00元", Pending, "「￥5.00元」"},
	{"a number in a column of other letters", "waived=5", Pending, "不认识的列"},
	{"a number in a remark", "备注=n:5", Pending, "不认识的列 M「备注」"},
	{"nothing in a column that nobody knows", "贵宾礼遇=0", Taken, "不认识的列"},
	{"a word in a column that nobody knows", "贵宾礼遇=金卡", Taken, "不认识的列"},
	{"a row's number", "序号=n:7", Taken, "不认识的列"},
	{"what is counted", "楼层=3 | 人数=n:4 | 车位号=12 | 房产证号=n:330100123 | 计费天数=30 | 收费标准(元/㎡)=2.5", Taken, "不认识的列"},
	{"a share", "优惠率=p:0.5", Taken, "不认识的列"},
	{"a remark of a payment", "备注=业主说已交给老王", Warned, "M「备注」=「业主说已交给老王」 | 请核对是否已付 | unpaid"},
	{"a remark of a transfer", "备注=微信已转", Warned, "请核对是否已付"},
	{"a remark of a transfer, in other words", "说明=12号转的支付宝", Warned, "M「说明」 | 请核对是否已付"},
	{"a remark of a payment without a heading", "=老公付过了", Warned, "M「」=「老公付过了」 | 请核对是否已付"},
	{"a remark that somebody paid in part", "备注=未付清，已付50元", Warned, "请核对是否已付"},
	{"a remark that nothing was paid", "备注=一直没交", Taken, " unpaid"},
	{"a remark that it is asked for", "备注=电话催缴", Taken, " unpaid"},
	{"a remark of a payment, paid", "状态=已缴 | 备注=微信已转", Taken, " paid"},
	{"a remark of a reduction", "备注=经理同意减免20元", Warned, "请核对应收金额"},
	{"a remark: 微信已付", "备注=微信已付", Warned, "M「备注」=「微信已付」 | 请核对是否已付"},
	{"a remark: 已转账", "备注=已转账", Warned, "M「备注」=「已转账」 | 请核对是否已付"},
	{"a remark: 已收现金", "备注=已收现金", Warned, "M「备注」=「已收现金」 | 请核对是否已付"},
	{"a remark: 11月已交清", "备注=11月已交清", Warned, "M「备注」=「11月已交清」 | 请核对是否已付"},
	{"a remark: 交了", "备注=交了", Warned, "M「备注」=「交了」 | 请核对是否已付"},
	{"a remark: 已交，转账", "说明=已交，转账", Warned, "M「说明」=「已交，转账」 | 请核对是否已付"},
	{"a remark: 作废", "备注=作废", Warned, "M「备注」=「作废」 | 请核对应收金额"},
	{"a remark: 免缴", "备注=免缴", Warned, "M「备注」=「免缴」 | 请核对应收金额"},
	{"a remark: 不用收了", "备注=不用收了", Warned, "M「备注」=「不用收了」 | 请核对应收金额"},
	{"a remark: 现金", "收款方式=现金", Warned, "M「收款方式」=「现金」 | 请核对是否已付"},
	{"a receipt's number", "收据号=n:10023", Warned, "M「收据号」 | 请核对是否已付"},
	{"a way of payment", "付款方式=微信", Warned, "请核对是否已付"},
	{"a fee that says it is paid", "费用项目=物业费（已付）", Warned, "G「费用项目」=「物业费（已付）」 | 请核对是否已付"},
	{"an owner who paid", "业主=王小明(已交)", Warned, "请核对是否已付"},
	{"a remark that it is paid", "备注=已缴", Refused, "再收一次 | M「备注」=「已缴」"},
	{"a remark that it is paid, paid", "状态=已缴 | 备注=已缴", Taken, " paid"},
	{"a remark of one sign", "备注=是", Taken, " unpaid"},
	{"an area and a price", "建筑面积=89.35 | 单价=2.35", Taken, "不认识的列 | 建筑面积 | 单价"},
	{"a number of a program's own", "租户ID=n:1", Taken, "不认识的列没有导入：M「租户ID」"},
	{"a cashier's name", "收款人=张三", Taken, "不认识的列"},

	// Headings.
	{"an amount in yuan", "金额= | 应收金额（元）=10", Taken, " 10.00 "},
	{"an amount in yuan by a slash", "金额= | 应收/元=10", Taken, " 10.00 "},
	{"a heading in two lines", "金额= | 应收\n金额 (元)=10", Taken, " 10.00 "},
	{"a heading that must be filled in", "房号= | *房号(必填)=101", Taken, "1栋 1单元 101"},
	{"an amount twice", "应收金额=12", Refused, "不一致，分不清"},
	{"an amount twice, the same", "应收金额=10.00", Taken, " 10.00 "},
	{"a room twice", "房间号=102", Refused, "不一致，分不清"},

	{"a due date as ERPs call it", "截止日期= | 应缴日期=2026-12-05", Taken, " 2026-12-05 unpaid"},
	{"the last day to pay", "截止日期= | 最迟付款日=2026-12-05", Taken, " 2026-12-05 unpaid"},
	{"a due date with its format", "截止日期= | 缴费截止时间（年月日）=2026-12-05", Taken, " 2026-12-05 unpaid"},
	{"a due date beside another date", "应收日期=2026-11-01", Taken, " 2026-11-30 unpaid | 不认识的列没有导入：M「应收日期」"},
	{"a date of payment by another name", "状态=已缴 | 缴款日期=2026-11-05", Taken, " paid 2026-11-05"},
	{"the end of what is charged for", "计费截止日期=2026-12-05", Taken, " 2026-11-30 unpaid | 不认识的列"},
	{"a name beside the room", "资源名称=1-1-101", Taken, "1栋 1单元 101 | 不认识的列没有导入：M「资源名称」"},

	// A room that repeats where it is.
	{"a room with its building and entrance", "房号=1-1-101", Taken, "stored: 1栋 1单元 101 "},
	{"a room with its building and entrance in words", "房号=1栋1单元101室", Taken, "stored: 1栋 1单元 101室 "},
	{"a room with its building and entrance in other signs", "楼栋=01栋 | 单元=一单元 | 房号=1#-1-101", Taken,
		"stored: 01栋 一单元 101 "},
	{"a room with its entrance", "单元=2单元 | 房号=2-101", Taken, "stored: 1栋 2单元 101 "},
	{"a room with its building", "楼栋=3栋 | 房号=3-101", Taken, "stored: 3栋 1单元 101 "},
	{"a room with an entrance that has no column", "单元= | 房号=1-2-101", Taken, "stored: 1栋 2单元 101 "},
	{"a room of another building", "房号=2-1-101", Refused, "与「1栋 1单元」不一致 | D「房号」=「2-1-101」 | 只写房号"},
	{"a room of another entrance", "房号=1-2-101", Refused, "不一致"},
	{"a room of another building in words", "单元= | 房号=2栋101", Refused, "与「1栋」不一致"},
	{"a room of another entrance alone", "单元=2单元 | 房号=5-101", Refused, "不一致"},
	{"a room in two parts", "房号=101-1", Taken, "stored: 1栋 1单元 101-1 "},
	{"a room of two small numbers", "房号=t:1-2", Taken, "stored: 1栋 1单元 1-2 "},
	{"a room with an entrance before it", "楼栋=1栋 | 单元= | 房号=1-101", Taken, "stored: 1栋 1-101 "},
	{"a part of the estate for a building", "楼栋=南区 | 单元= | 房号=1-1-101", Taken, "stored: 南区 1-1-101 "},

	// Whatever parts its numbers, and whatever hangs on its edges.
	{"a room as 1–1–201", "房号=1–1–201", Taken, "stored: 1栋 1单元 201 "},
	{"a room as 1−1−301", "房号=1−1−301", Taken, "stored: 1栋 1单元 301 "},
	{"a room as 1‐1‐302", "房号=1‐1‐302", Taken, "stored: 1栋 1单元 302 "},
	{"a room as 1.1.202", "房号=t:1.1.202", Taken, "stored: 1栋 1单元 202 "},
	{"a room as 1号1单元401", "房号=1号1单元401", Taken, "stored: 1栋 1单元 401 "},
	{"a room on a floor", "房号=1层402", Taken, "stored: 1栋 1单元 1层402 "},
	{"a room as '501", "房号=t:'501", Taken, "stored: 1栋 1单元 501 "},
	{"a room as 502，", "房号=502，", Taken, "stored: 1栋 1单元 502 "},
	{"a room as 1~1~101", "房号=1~1~101", Taken, "stored: 1栋 1单元 101 "},
	{"a room as 1·1·101", "房号=1·1·101", Taken, "stored: 1栋 1单元 101 "},
	{"a room as 1楼1单元101", "房号=1楼1单元101", Taken, "stored: 1栋 1单元 101 "},
	{"a room as 1门101", "房号=1门101", Taken, "stored: 1栋 1单元 101 "},
	{"a room as 1～1～101", "房号=1～1～101", Taken, "stored: 1栋 1单元 101 "},
	{"a room as 1．1．202", "房号=1．1．202", Taken, "stored: 1栋 1单元 202 "},
	{"a room of another entrance with its word", "楼栋=3栋 | 单元=2单元 | 房号=3门101", Refused, "不一致"},
	{"a room of another building by dots", "房号=2.1.202", Refused, "不一致"},
	{"a room of another building by a long dash", "房号=2–1–202", Refused, "不一致"},
	{"a room below ground by a long dash", "房号=–101", Refused, "负号"},
	{"a room behind a gate", "房号=东门101", Taken, "stored: 1栋 1单元 东门101 "},
	{"a room on a floor below ground", "房号=负1层101", Taken, "stored: 1栋 1单元 负1层101 "},
	{"a shop by its front", "房号=1门面101", Taken, "stored: 1栋 1单元 1门面101 "},
	{"a number for a room", "房号=101号", Taken, "stored: 1栋 1单元 101号 "},

	// Names stay as they were typed.
	{"an owner with a Chinese comma", "业主=王小明、李四", Taken, " 王小明、李四 "},
	{"a fee in Chinese brackets", "费用项目=物业费（住宅）", Taken, " 物业费（住宅） "},
	{"a room in Chinese signs", "房号=商铺（东）、１号", Taken, " 商铺（东）、1号 "},
	{"an owner of full width", "业主=Ｌｉ·「Ｍ」", Taken, " Ｌｉ·「Ｍ」 "},

	// Rows that are no bills.
	{"a sum for a room: SUM", "房号=SUM | 费用项目= | 账期=", Skipped, "合计行 | D「房号」=「SUM」"},
	{"a sum for a room: 总", "房号=总 | 费用项目= | 账期=", Skipped, "合计行"},
	{"a sum for a room: 全部", "房号=全部", Skipped, "合计行"},
	{"a sum for a room: 小计", "房号=小计", Skipped, "合计行"},
	{"a sum for a room: Total", "房号=Total", Skipped, "合计行"},
	{"a sum for a room: 【合计】", "房号=【 合　计 】", Skipped, "合计行"},
	{"a sum for a room: Sub-Total:", "房号=Sub-Total:", Skipped, "合计行"},
	{"a sum of Excel's own", "楼栋=1栋 汇总 | 单元= | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"a count of Excel's own", "楼栋=1栋 计数 | 单元= | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"a sum with its count", "小区=合计128户 | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"an average", "小区=平均值 | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"an owner who is called alike", "业主=全总", Taken, " 全总 "},
	{"a sum", "小区=合计 | 楼栋= | 单元= | 房号= | 费用项目= | 账期=", Skipped, "合计行 | A「小区」=「合计」"},
	{"a community's sum", "小区=阳光里小区合计 | 楼栋= | 单元= | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"a page's sum", "小区=本页 合计： | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"a unit's sum", "费用项目=小计 | 账期=", Skipped, "合计行"},
	{"a line below", "小区=制表人：张三 | 楼栋= | 单元= | 房号= | 费用项目= | 账期= | 金额=", Skipped, "不是账单"},
	{"a sum in two words", "小区=合计金额 | 楼栋= | 单元= | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"a sum in characters", "小区=合计大写：壹拾元整 | 楼栋= | 单元= | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"a count of homes", "小区=共 3 户 | 楼栋= | 单元= | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"an English sum", "小区=Grand Total | 楼栋= | 单元= | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"a sum with a space", "小区=总 计 | 楼栋= | 单元= | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"a building's sum", "小区=小计（1栋） | 楼栋= | 单元= | 房号= | 费用项目= | 账期=", Skipped, "合计行"},
	{"a unit without a bill", "费用项目= | 账期= | 金额=", Refused, "缺少费用项目"},
	{"no community", "小区=", Refused, "缺少小区"},
	{"a room of a thousand characters", "房号=" + strings.Repeat("1-", 500), Refused, "内容过长，最多 60 字 | D「房号」"},
	{"a community of a thousand characters", "小区=" + strings.Repeat("里", 1000), Refused, "内容过长"},
	{"a fee of a thousand characters", "费用项目=" + strings.Repeat("费", 1000), Refused, "内容过长"},
	{"a heading of a thousand characters", strings.Repeat("长", 1000) + "=五", Taken, "没有列名的列有内容，没有导入：M"},
	{"a stroke for a room", "房号=/", Refused, "缺少小区或房号"},
	{"a word without a room", "房号=室", Refused, "缺少小区或房号"},
	{"a column without a heading", "=五", Taken, "没有列名的列有内容，没有导入：M"},
	{"a number without a heading", "=5", Pending, "没有列名的列有内容，没有导入：M | 不认识的列 M 中有数字 5"},
	{"a building in the community's name", "小区=阳光里 2栋 | 楼栋=", Warned, "小区名称里像是写了楼栋 | A「小区」=「阳光里 2栋」"},

	// The report shows what the person sees.
	{"two phones of full width", "手机=13800000001、１３９０００００００２", Warned, "F「手机」=「13800000001、１３９０００００００２」"},
	{"an amount in brackets of full width", "金额=（120）", Refused, "I「金额」=「（120）」 | 金额是负数：（120）"},
	{"a phone of full width that is none", "手机=０１３８", Warned, "=「０１３８」 | 已忽略：０１３８"},
	{"a heading of full width", "押金（元）=５０", Refused, "M「押金（元）」=「５０」"},
	{"a status of full width", "状态=部分，待定。", Refused, "K「状态」=「部分，待定。」"},
	{"marks that turn a line round", "手机=t:\u202e12345", Warned, "F「手机」=「12345」"},

	// What is said twice is compared by what it means.
	{"an amount twice", "金额=10.00 | 应收=n:10", Taken, " 10.00 "},
	{"an amount twice, with its sign and its unit", "金额=￥10.00 | 应收=10元", Taken, " 10.00 "},
	{"two amounts", "金额=10.00 | 应收=n:12", Refused, "M「应收」=「12」 | 不一致"},
	{"a period twice", "账期=2026-11 | 所属月份=n:202611 | 费用月份=2026年11月", Taken, " 2026-11 "},
	{"a due date twice", "截止日期=2026-11-30 | 缴费截止日=2026/11/30 0:00", Taken, " 2026-11-30 "},
	{"a status twice", "状态=已缴 | 是否已交=是", Taken, " paid "},
	{"an owner twice", "业主=王小明 | 业主姓名=王 小明", Taken, " 王小明 "},
	{"a building twice", "楼栋=1栋 | 楼号=n:1.0", Taken, "1栋 1单元 101"},

	// A month from its first day to its last.
	{"a month by its days without a second year", "账期=2026年11月1日-11月30日", Taken, " 2026-11 "},
	{"a month by its days without a second month", "账期=2026年11月1日至30日", Taken, " 2026-11 "},
	{"a month by its days with points", "账期=2026.11.1-11.30", Taken, " 2026-11 "},
	{"two months by their days", "账期=2026年11月1日-12月31日", Refused, "不是一个月"},
	{"days to another month that may be days", "账期=2026.11.1-12", Refused, "账期"},

	// What remarks say of the amount or of a payment, in few words.
	{"a remark that takes off", "备注=减20", Warned, "「减20」，没有导入，请核对应收金额"},
	{"a remark that asks for nothing", "备注=本月不收", Warned, "请核对应收金额"},
	{"a remark that puts off", "备注=暂不收", Warned, "请核对应收金额"},
	{"a remark of another amount to be taken", "备注=按80收", Warned, "请核对应收金额"},
	{"a remark of what is owed of before", "备注=欠上月50", Warned, "请核对应收金额"},
	{"a remark that includes something", "备注=含滞纳金5", Warned, "请核对应收金额"},
	{"a remark of half the price", "备注=半价", Warned, "请核对应收金额"},
	{"a remark of what was given back", "备注=已退", Warned, "请核对应收金额"},
	{"a remark of a bank that takes it", "备注=代扣成功", Warned, "请核对是否已付"},
	{"a remark that is a way to pay", "备注=POS", Warned, "请核对是否已付"},
	{"a remark with a room of another", "备注=补2栋资料", Taken, " unpaid"},
	{"a remark with a day", "备注=欠11月资料", Taken, " unpaid"},

	// Headings of forms.
	{"a heading with a number", "3.备注=好", Taken, " unpaid"},
}

func TestTraps(t *testing.T) {
	s, _ := open(t)
	for i, trap := range traps {
		t.Run(trap.what, func(t *testing.T) {
			company := another(t, s, i)
			r, err := s.Import(t.Context(), company,
				bytes.NewReader(workbooktest.Write(t, workbooktest.Options{}, trapped(trap.cells))))
			if err != nil || len(r.Rows) != 1 {
				t.Fatal(r, err)
			}
			said := r.String() + storedBill(t, s, company.Company)
			readsAsEnglish(t, r)
			if r.Rows[0].Outcome != trap.want {
				t.Errorf("%s, want %s: %s", r.Rows[0].Outcome, trap.want, said)
			}
			for _, want := range strings.Split(trap.says, " | ") {
				if !strings.Contains(said, strings.TrimSuffix(want, "|")) {
					t.Errorf("%q is not said: %s", want, said)
				}
			}
		})
	}
}

// readsAsEnglish holds what a report says in English to have the marks of English around what people typed.
func readsAsEnglish(t *testing.T, r *ImportReport) {
	t.Helper()
	said := []string{}
	for _, n := range r.Notes {
		said = append(said, n.EN)
	}
	for _, row := range r.Rows {
		said = append(said, strings.ReplaceAll(row.EN, row.Value, ""))
	}
	for _, text := range said {
		if strings.ContainsAny(text, "「」、；。") {
			t.Errorf("marks of Chinese in English: %s", text)
		}
	}
}

// another is a company of its own.
func another(t *testing.T, s *books, i int) ImportRequest {
	t.Helper()
	id := fmt.Sprint("c", i)
	if err := s.AddCompany(t.Context(), id, id); err != nil {
		t.Fatal(err)
	}
	return ImportRequest{Scope: property.Scope{Company: id}}
}

// trapped is a sheet of the usual row with some cells changed.
func trapped(changes string) workbooktest.Sheet {
	cells := slices.Clone(usual)
	for _, change := range strings.Split(changes, " | ") {
		name, _, _ := strings.Cut(change, "=")
		i := slices.IndexFunc(cells, func(c string) bool { return strings.HasPrefix(c, name+"=") })
		switch {
		case change == "":
		case i >= 0:
			cells[i] = change
		default:
			cells = append(cells, change)
		}
	}
	var heads, row []string
	for _, c := range cells {
		name, value, _ := strings.Cut(c, "=")
		heads, row = append(heads, name), append(row, value)
	}
	return workbooktest.Sheet{Rows: [][]string{heads, row}}
}

// storedBill is what is stored of the one bill there may be.
func storedBill(t *testing.T, s *books, company string) string {
	t.Helper()
	found, _, err := s.FindUnits(t.Context(), []string{property.IDOf(company, "阳光里")}, "", "", 0)
	if err != nil || len(found) == 0 {
		return fmt.Sprint("nothing stored ", err)
	}
	for _, status := range []BillStatus{Unpaid, PaidBill} {
		bills, err := s.Bills(t.Context(), found[0].ID, status)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range bills {
			u, at := found[0], ""
			if !b.PaidAt.IsZero() {
				at = calendar.Day(b.PaidAt)
			}
			return fmt.Sprintf("stored: %s %s %s %s %s %s %s %s %s", u.Label, u.Owner, u.Phone, b.Fee, b.Period,
				b.Amount.Yuan(), b.DueDate, b.Status, at)
		}
	}
	return "no bill stored"
}

// sheetTraps are whole sheets. A line is a trap: the sheets' rows, cells parted by commas, and what the report says, or
// the fault.
var sheetTraps = []struct {
	what  string
	sheet workbooktest.Sheet
	says  string
}{
	{"rows under a merged cell", merged("A2:A4", "C2:C4"), "导入 3 行"},
	{"an amount merged over several rows", merged("A2:A4", "C2:C4", "F2:F3"), "导入 1 行 | 拒绝 2 行 | 合并了第 2 至 3 行"},
	{"rows hidden by a filter", hiding(merged("A2:A4", "C2:C4"), 3), "导入 2 行 | 跳过 1 行 | 被隐藏"},
	{"a hidden column", workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,10"),
		HiddenColumns: []int{3}}, "导入 1 行 | 隐藏的列也已读取：C「业主」"},
	{"a title, a unit and a head of two rows", workbooktest.Sheet{Rows: table("物业费台账", "单位：元,,,,制表：张三",
		"小区,房屋信息,,费用,,", ",房号,业主,费用项目,账期,应收", "阳光里,101,王小明,物业费,2026-11,10"), Merged: []string{"B3:C3", "D3:F3",
		"A3:A4"}}, "导入 1 行"},
	{"a head of three rows", workbooktest.Sheet{Rows: table("小区,房屋,,费用,,", ",资料,,信息,,", ",房号,业主,费用项目,账期,应收",
		"阳光里,101,王小明,物业费,2026-11,10"), Merged: []string{"A1:A3", "B1:C1", "D1:F1"}}, "导入 1 行"},
	{"ten thousands in the head",
		workbooktest.Sheet{Rows: table("小区,房号,业主,费用项目,账期,金额(万元)", "阳光里,101,王小明,物业费,2026-11,10")}, "拒绝 1 行 | 万元"},
	{"ten thousands above the head", workbooktest.Sheet{Rows: table("单位：万元", headLine, "阳光里,101,王小明,物业费,2026-11,10")},
		"拒绝 1 行 | 万元"},
	{"a fee, a community, a building and a room that look the same",
		workbooktest.Sheet{Rows: table("小区,楼栋,房号,业主,费用项目,账期,金额", "阳光里,1栋,101,王小明,停车费,2026-11,10",
			"阳光里,1栋,101,王小明,停车费\u202c,2026-11,10", "阳光里\u200e,1栋,101,王小明,停车费,2026-11,10",
			"阳光里,1栋\u3164,101,王小明,停车费,2026-11,10", "阳光里,1栋,101\u2060,王小明,停车费,2026-11,10",
			"阳光里,1栋,1\u00ad01,王小明,停\U000e0100车费,2026-11,10")}, "导入 1 行，拒绝 5 行 | 房屋 1 户"},
	{"dollars", workbooktest.Sheet{Rows: table("小区,房号,业主,费用项目,账期,金额(USD)", "阳光里,101,王小明,物业费,2026-11,10")},
		"拒绝 1 行 | USD"},
	{"an amount that was received",
		workbooktest.Sheet{Rows: table("小区,房号,业主,费用项目,账期,金额(已收)", "阳光里,101,王小明,物业费,2026-11,10")}, "缺少列：金额"},
	{"a head on every page",
		workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,10", "本页小计,,,,,10", headLine,
			"阳光里,102,李四,物业费,2026-11,10", "合计,,,,,20")}, "导入 2 行 | 跳过 2 行"},
	{"a head that moves", workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,10", "房号,小区,业主,费用项目,账期,金额",
		"102,阳光里,李四,物业费,2026-11,10")}, "导入 2 行"},
	{"a head without its period", workbooktest.Sheet{Rows: table("小区,房号,业主,费用项目,金额", "阳光里,101,王小明,物业费,10")},
		"表头不完整 | 缺少列：账期"},
	{"nothing at all", workbooktest.Sheet{}, "没有找到表头"},
	{"a head alone", workbooktest.Sheet{Rows: table(headLine)}, "导入 0 行"},
	{"a hidden sheet", workbooktest.Sheet{State: "hidden", Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,10")},
		"没有找到表头"},
	{"one unit with and without its entrance", workbooktest.Sheet{Rows: table("小区,楼栋,单元,房号,业主,费用项目,账期,金额",
		"阳光里,1,1,101,王小明,物业费,2026-10,10", "阳光里,1,,101,王小明,物业费,2026-11,10")}, "导入 1 行 | 拒绝 1 行 | 像是同一户"},
	{"one unit with two numbers of its building", workbooktest.Sheet{Rows: table("小区,楼栋,单元,房号,业主,费用项目,账期,金额",
		"阳光里,01栋,1,101,王小明,物业费,2026-11,10", "阳光里,一栋,1,101,王小明,物业费,2026-11,10")}, "导入 1 行 | 拒绝 1 行 | 像是同一户"},
	{"one unit with signs around its room", workbooktest.Sheet{Rows: table("小区,楼栋,单元,房号,业主,费用项目,账期,金额",
		"阳光里,1栋,1单元,101,王小明,物业费,2026-10,10", "阳光里,1栋,1单元,101.,王小明,物业费,2026-11,10",
		"阳光里,1栋,1单元,No.101,王小明,停车费,2026-11,10", "阳光里,①栋,1单元,101,王小明,停车费,2026-10,10",
		"阳光里,Ⅰ栋,1单元,101,王小明,水费,2026-10,10")}, "导入 1 行，拒绝 4 行 | 房屋 1 户 | 像是同一户"},
	{"totals in other words", workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,10", "合計,,,,,10",
		"本頁小計,,,,,10", "累計,,,,,10", "页计,,,,,10", "总金额,,,,,10", "加总,,,,,10", "Grand Total,,,,,10")},
		"导入 1 行，跳过 7 行，拒绝 0 行"},
	{"headings of forms", workbooktest.Sheet{Rows: table("1.小区,2.房号,③业主,费用项目④,5、账期,应收金额（人民币：元）",
		"阳光里,101,王小明,物业费,2026-11,10")}, "导入 1 行"},
	{"an amount with its tax, by its heading", workbooktest.Sheet{Rows: table("小区,房号,业主,费用项目,账期,应收金额(含税)",
		"阳光里,101,王小明,物业费,2026-11,10")}, "导入 1 行"},
	{"a unit behind a heading without brackets", workbooktest.Sheet{Rows: table("小区,单元,房号,业主,费用项目,账期,金额 元",
		"阳光里,1单元,101,王小明,物业费,2026-11,10")}, "导入 1 行 | 1单元 101"},
	{"甲栋 is not 1栋", workbooktest.Sheet{Rows: table("小区,楼栋,单元,房号,业主,费用项目,账期,金额",
		"阳光里,甲栋,1,101,王小明,物业费,2026-11,10", "阳光里,1栋,1,101,李四,物业费,2026-11,10", "阳光里,A栋,1,101,赵五,物业费,2026-11,10")},
		"导入 3 行"},
	{"one community with two names", workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,10",
		"阳光里小区,101,王小明,物业费,2026-11,10")}, "导入 1 行 | 拒绝 1 行 | 像是同一个"},
	{"one fee with and without a space", workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,10",
		"阳光里,101,王小明,物业 费,2026-11,10")}, "导入 1 行 | 与第 2 行重复"},
	{"a heading over two columns", workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,10,5"),
		Merged: []string{"F1:G1"}},
		"没有列名的列有内容，没有导入：G | 待确认 1 行"},
	{"one unit in one cell and in three", workbooktest.Sheet{Rows: table("小区,楼栋,单元,房号,业主,费用项目,账期,金额",
		"阳光里,1,1,101,王小明,物业费,2026-10,10", "阳光里,,,1-1-101,王小明,物业费,2026-11,10")}, "导入 1 行 | 拒绝 1 行 | 像是同一户"},
	{"one unit with two owners",
		workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,10", "阳光里,101,李四,停车费,2026-11,10")},
		"导入 1 行 | 拒绝 1 行"},
	{"one bill twice",
		workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,10", "阳光里,101,王小明,物业费,2026-11,10")},
		"拒绝 1 行 | 与第 2 行重复"},
	{"one bill with two amounts", workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,99",
		"阳光里,101,王小明,物业费,2026-11,120", "阳光里,102,李四,物业费,2026-11,7")},
		"导入 1 行，拒绝 2 行；新账单金额 ¥7.00 | 第 2 行 拒绝 F「金额」=「99」：与第 3 行是同一笔账单，金额不同：本行 ¥99.00，另一行 ¥120.00 | " +
			"第 3 行 拒绝 F「金额」=「120」：与第 2 行是同一笔账单，金额不同：本行 ¥120.00，另一行 ¥99.00 | 两行都没有导入"},
	{"one bill three times", workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,99",
		"阳光里,101,王小明,物业费,2026-11,120", "阳光里,101,王小明,物业费,2026-11,99")}, "导入 0 行，拒绝 3 行 | ¥0.00 | 与第 2 行重复"},
	{"one bill paid and owed", workbooktest.Sheet{Rows: table(headLine+",状态", "阳光里,101,王小明,物业费,2026-11,99,已缴",
		"阳光里,101,王小明,物业费,2026-11,99,未缴")}, "导入 0 行，拒绝 2 行 | 状态不同：本行 已缴，另一行 未缴"},
	{"one bill with two due dates", workbooktest.Sheet{Rows: table(headLine+",截止日期",
		"阳光里,101,王小明,物业费,2026-11,99,2026-11-30",
		"阳光里,101,王小明,物业费,2026-11,99,2026-12-31")}, "拒绝 2 行 | 截止日期不同"},
	{"one fee under two names", workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,99",
		"阳光里,101,王小明,物业管理费,2026-11,99", "阳光里,102,李四,物业管理费,2026-11,99")},
		"导入 2 行，待确认 1 行 | 表中第 2 行已有「物业费」¥99.00，与「物业管理费」¥99.00 像是同一笔费用 | 收取相似的费用"},
	{"cells merged over several columns", workbooktest.Sheet{Rows: table("小区,楼栋,单元,房号,业主,费用项目,账期,金额",
		"测试苑 1栋,,,101,王小明,物业费,2026-11,10"), Merged: []string{"A2:C2"}},
		"导入 0 行，拒绝 1 行 | A「小区」=「测试苑 1栋」：单元格横向合并了 A「小区」 至 C「单元」"},
	{"cells merged over columns and rows", workbooktest.Sheet{Rows: table("小区,楼栋,房号,业主,费用项目,账期,金额",
		"测试苑 1栋,,101,王小明,物业费,2026-11,10", ",,102,李四,物业费,2026-11,10"), Merged: []string{"A2:B3"}},
		"导入 0 行，拒绝 2 行 | 横向合并"},
	{"an amount merged with what was received", workbooktest.Sheet{Rows: table(headLine+",已收",
		"阳光里,101,王小明,物业费,2026-11,10,10"), Merged: []string{"F2:G2"}}, "拒绝 1 行 | 横向合并了 F「金额」 至 G「已收」"},
	{"a remark merged over columns", workbooktest.Sheet{Rows: table(headLine+",备注,备注二",
		"阳光里,101,王小明,物业费,2026-11,10,好,"), Merged: []string{"G2:H2"}}, "导入 1 行"},
	{"a line merged over the whole sheet", workbooktest.Sheet{Rows: table(headLine, "测试苑 1栋,,,,,",
		"阳光里,101,王小明,物业费,2026-11,10"), Merged: []string{"A2:F2"}}, "导入 1 行，跳过 1 行"},
	{"one label of other parts", workbooktest.Sheet{Rows: table("小区,楼栋,单元,房号,业主,费用项目,账期,金额",
		"阳光里,1,1,101,王小明,物业费,2026-10,10", "阳光里,,,1栋 1单元 101,王小明,物业费,2026-11,10")},
		"导入 1 行 | 拒绝 1 行 | 楼栋「1」单元「1」房号「101」，与表中 楼栋「」单元「」房号「1栋 1单元 101」"},
	{"headings of an ERP", workbooktest.Sheet{Rows: table("管理处,楼宇名称,资源名称,客户,联系手机,费用科目,应收月份,本月应收（元）,应收日期",
		"阳光里,1栋,1-1-101,王小明,13800000001,物业费,2026-11,10,2026-12-05")},
		"导入 1 行 | stored: 1栋 1单元 101 王小明 13800000001 物业费 2026-11 10.00 2026-12-05 unpaid"},
	{"headings of an ERP in ten thousands", workbooktest.Sheet{Rows: table("小区,房号,业主,费用项目,账期,本月应收(万元)",
		"阳光里,101,王小明,物业费,2026-11,10")}, "拒绝 1 行 | 万元"},
	{"one unit whose room repeats its place and whose does not", workbooktest.Sheet{Rows: table(
		"小区,楼栋,单元,房号,业主,费用项目,账期,金额", "阳光里,1栋,1单元,1-1-101,王小明,物业费,2026-11,10",
		"阳光里,1栋,1单元,101,王小明,停车费,2026-11,10")}, "导入 2 行 | 房屋 1 户"},
	{"the first and the last day for a period", workbooktest.Sheet{Rows: table(
		"小区,房号,业主,费用项目,费用开始日期,费用结束日期,金额", "阳光里,101,王小明,物业费,2026-11-01,d:46356,10")},
		"导入 1 行 | 101 王小明  物业费 2026-11 10.00"},
	{"days of two months for a period", workbooktest.Sheet{Rows: table(
		"小区,房号,业主,费用项目,计费起始日期,计费截止日期,金额", "阳光里,101,王小明,物业费,2026-11-01,2027-01-31,10",
		"阳光里,102,王小明,物业费,2026-11-01,,10")},
		"拒绝 2 行 | E「计费起始日期」=「2026-11-01」：计费日期 2026-11-01 至 2027-01-31 不在同一个月，请按月份各列一行 | 缺少计费开始或结束日期"},
	{"a column for each fee", workbooktest.Sheet{Rows: table("小区,房号,业主,物业费,停车费,合计", "阳光里,101,王小明,120,300,420")},
		"缺少列：费用项目、账期、金额 | 「物业费、停车费」各占一列：请每种费用各列一行"},
	{"a title, empty rows and lines below", workbooktest.Sheet{Rows: table("阳光里物业费台账,,,,,", ",,,,,",
		"小区,房号,业主,费用项目,账期,应收金额", "阳光里,101,王小明,物业费,2026年11月,￥120.00", ",,,,,",
		"阳光里,102,李四,物业费,2026/11,120元", "制表：王五,,,,,", "说明：以上金额不含滞纳金,,,,,"), Merged: []string{"A1:F1"}},
		"导入 2 行，跳过 2 行，拒绝 0 行；新账单金额 ¥240.00"},
	{"a new community", workbooktest.Sheet{Rows: table(headLine, "阳光里,101,王小明,物业费,2026-11,10")}, "新小区「阳光里」，房屋 1 户"},
	{"a column of card numbers",
		workbooktest.Sheet{Rows: table(headLine+",6222020200000000006", "阳光里,101,王小明,物业费,2026-11,10,x")}, "含银行卡号"},
}

const headLine = "小区,房号,业主,费用项目,账期,金额"

func table(lines ...string) (rows [][]string) {
	for _, line := range lines {
		rows = append(rows, strings.Split(line, ","))
	}
	return rows
}

func merged(areas ...string) workbooktest.Sheet {
	return workbooktest.Sheet{
		Rows:   table(headLine, "阳光里,101,王小明,物业费,2026-10,10", ",101,,物业费,2026-11,10", ",101,,物业费,2026-12,10"),
		Merged: areas,
	}
}

func hiding(s workbooktest.Sheet, rows ...int) workbooktest.Sheet {
	s.HiddenRows = rows
	return s
}

func TestSheetTraps(t *testing.T) {
	s, _ := open(t)
	for i, trap := range sheetTraps {
		t.Run(trap.what, func(t *testing.T) {
			r, err := s.Import(t.Context(), another(t, s, i),
				bytes.NewReader(workbooktest.Write(t, workbooktest.Options{}, trap.sheet)))
			said := fmt.Sprint(err)
			var f *fault.Error
			if errors.As(err, &f) && f.Code == fault.Invalid {
				said = f.ZH
			} else if err == nil {
				said = r.String() + storedBill(t, s, fmt.Sprint("c", i))
				readsAsEnglish(t, r)
			}
			for _, want := range strings.Split(trap.says, " | ") {
				if !strings.Contains(said, want) {
					t.Errorf("%q is not said: %s", want, said)
				}
			}
			if strings.Contains(said, "6222020200000000006") {
				t.Error("a card number stands in the report")
			}
		})
	}
}

// A number that is not shown as a date is the same day as one that is, by the workbook's own calendar.
func TestDaysSince1904(t *testing.T) {
	s, _ := open(t)
	for i, cells := range []string{"账期=d:44865 | 截止日期=d:44894", "账期=n:44865 | 截止日期=n:44894",
		"账期=n:202611 | 截止日期=n:20261130"} {
		company := another(t, s, i)
		_, err := s.Import(t.Context(), company,
			bytes.NewReader(workbooktest.Write(t, workbooktest.Options{Since1904: true}, trapped(cells))))
		if got := storedBill(t, s, company.Company); err != nil ||
			!strings.Contains(got, " 2026-11 10.00 2026-11-30 ") {
			t.Errorf("%s: %s, %v", cells, got, err)
		}
	}
}
