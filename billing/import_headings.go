package billing

import (
	"regexp"
	"strings"
	"sync"

	"linlipay/workbook"
)

// vocabulary is what headings are called: words for each column, and forms of which there are more than a list holds.
type vocabulary struct {
	words map[string]column
	forms []headingForm
}

type headingForm struct {
	heading *regexp.Regexp
	is      column
}

// meaning is the column that the name of a heading means.
func (v *vocabulary) meaning(name string) (c column, ok bool) {
	if c, ok = v.words[name]; ok {
		return c, true
	}
	for _, f := range v.forms {
		if f.heading.MatchString(name) {
			return f.is, true
		}
	}
	return "", false
}

// toPay is how headings say to pay.
const toPay = `缴费?|交费?|付费?|缴纳|缴款|交款|付款|支付|还款`

func form(of column, whole string) headingForm {
	return headingForm{regexp.MustCompile(`^(?:` + whole + `)$`), of}
}

func vocabularyOf(lists map[column]string, forms ...headingForm) *vocabulary {
	v := &vocabulary{words: map[string]column{}, forms: forms}
	for of, list := range lists {
		for _, word := range strings.Fields(list) {
			v.words[word] = of
		}
	}
	return v
}

// What people call the columns that sheets of both kinds have.
const (
	communityWords = "小区 项目名称 小区名称 楼盘 楼盘名称 社区 社区名称 所属小区"
	entityWords    = "公司主体 主体 主体名称 法人主体 收费主体 收款主体 开票主体 所属主体 所属公司 分公司"
	buildingWords  = "楼栋 楼号 栋 栋号 楼栋号 幢 幢号 座 座号 号楼"
	entranceWords  = "单元 单元号 所属单元"
	roomWords      = "房号 室 室号 房间号 房间 房屋 房屋编号 房屋号 门牌号 门牌"
	ownerWords     = "业主 姓名 业主姓名 户主 户主姓名 业主名称 客户名称 住户 住户姓名"
)

// heldHeadings are what people call the columns of what the system before held for households.
var heldHeadings = sync.OnceValue(func() *vocabulary {
	return vocabularyOf(map[column]string{
		colCommunity: communityWords, colEntity: entityWords, colBuilding: buildingWords, colEntrance: entranceWords,
		colRoom:    roomWords,
		colHeld:    "款项 款项名称 款项类型 押金名称 押金项目 押金类型 押金种类 押金科目 预存项目 预存类型 暂收款项 暂收项目 代管款项",
		colHolder:  ownerWords,
		colAmount:  "金额 余额 结余 结存 押金 押金金额 押金余额 预存金额 预存余额 预存款余额 可用余额 未退金额 未退余额 当前余额",
		colPaidAt:  "缴款日期 交款日期 缴费日期 缴纳日期 交费日期 收款日期 收取日期 付款日期 日期",
		colPayer:   "缴款人 交款人 付款人 缴费人 交费人 缴纳人 付款单位 缴款单位 交款单位",
		colMethod:  "缴款方式 交款方式 付款方式 收款方式 支付方式 缴费方式 交费方式",
		colReceipt: "收据号 收据编号 收据号码 票据号 票据编号 票据号码 单据号 单据编号 凭证号 押金单号",
		colLimit:   "限用费用 限用费项 限用项目 专用费用 抵扣费用 可抵扣费用",
	})
})

// headings are what people call each column. The forms say of a bill whether or when it was paid, and until when it is
// to be: an unknown one would leave the bill owed, and have it collected twice. 是否欠费 asks the other way round, and is
// none.
var headings = sync.OnceValue(func() *vocabulary {
	return vocabularyOf(map[column]string{
		colCommunity: communityWords,
		colEntity:    entityWords,
		colRegion:    "区域 区域名称 所属区域 管理区域 大区 所属大区 片区 所属片区",
		colBuilding:  buildingWords,
		colEntrance:  entranceWords,
		colRoom:      roomWords,
		colOwner:     ownerWords,
		colPhone:     "手机 电话 手机号 联系电话 手机号码 电话号码 联系方式 业主电话 业主手机 移动电话",
		colFee:       "费用 收费项目 费用项目 费项 费用名称 费用类型 收费科目 收费名称",
		colPeriod:    "账期 月份 所属期 费用月份 计费月份 所属月份 账单月份 费用所属期 计费周期 费用账期",
		colAmount: "金额 应收金额 应收 应缴金额 应缴 应交金额 应交 本期应收 本期应缴 账单金额 费用金额 应收款 应付金额 应收费用 " +
			"应缴费用 收费金额 本次应收 本次应缴 本次应收金额 本次应缴金额",
		colDue:    "截止日期 到期日 到期日期 缴费期限",
		colStatus: "状态 缴费状态 是否已缴 是否缴费 收费状态 支付状态 账单状态 是否缴清 缴费情况 收缴状态",
		colPaidAt: "缴费日期 缴费时间 已缴日期 收款日期 收费日期 支付时间 支付日期 付款日期 付款时间 收款时间 实收日期",
	},
		form(colStatus, `是否(已|已经)?(缴|交|付|收|支付)(费|款|讫|清|纳|齐)?`),
		form(colStatus, `(`+toPay+`|收费|收款|结清|收讫)(状态|状况|情况|标志|标识|标记|与否)`),
		form(colPaidAt, `(实际|实|已|最近)?(`+toPay+`|收费?|收款|到账|入账|结清)(日期|时间)`),
		form(colDue, `(`+toPay+`)(最[后迟晚终])?(截止|截至|到期|期限|限期)(日|日期|时间)?`),
		form(colDue, `(最[后迟晚终]|应|限|需)(`+toPay+`)(日|日期|时间|期限)`),
	)
})

// otherHeadings are what ERPs and templates call columns beside those words. One counts only where no column of its
// meaning has a word of its own: 资源名称 beside 房号 is something else, and so is 应收日期 beside 截止日期.
var otherHeadings = sync.OnceValue(func() *vocabulary {
	return vocabularyOf(map[column]string{
		colCommunity: "小区/项目 所属项目 物业项目 管理项目 管理处 所属管理处 园区 园区名称 社区/小区 苑区",
		colBuilding:  "楼座 楼宇 楼宇名称 楼宇名 楼栋名称 楼栋名 所属楼栋 所属楼宇 楼幢 栋座 栋数",
		colEntrance:  "单元名称 单元名 门洞 楼门 梯号",
		colRoom: "房间名称 房屋名称 房屋号码 房间号码 户室号 户室 户号 房间编号 房间编码 房间代码 房屋编码 房屋代码 房产 房产名称 房产编号 " +
			"资源名称 资源编号 资源代码 资产名称 房屋地址 房间地址 地址 单元房号",
		colOwner: "客户 客户姓名 房主 产权人 产权人姓名 住户名称 租户 租户名称 租客 使用人 联系人",
		colPhone: "联系手机 业主联系电话 业主联系方式 业主手机号 业主手机号码 客户电话 客户手机 联系人电话 住户电话 住户手机 手机/电话 " +
			"电话/手机 移动电话号码 电话1 手机1",
		colFee: "收费项 缴费项目 费项名称 费用科目 费用类别 费用种类 收费类型 收费类别 账单类型 账单项目 账单名称 收费项目名称 " +
			"费用项目名称 科目 科目名称 收费标准名称 款项名称 交费项目 应收项目",
		colPeriod: "应收月份 应缴月份 应交月份 收费月份 缴费月份 账单期 所属账期 所属期间 费用期间 账单期间 收费期间 计费期间 账单周期 " +
			"账务月份 账务期间 费用周期 年月 费用年月 应收年月 账单年月 所属年月 计费年月 期间 会计期间 应收账期 账单账期",
		colAmount: "本月应收 本月应缴 本月应交 本期应交 本期应收金额 本期应缴金额 本月应收金额 本月应缴金额 应收额 应缴款 应交款 " +
			"应交费用 需收金额 需缴金额 应缴费 应收费 应收款项 账单应收 应收账款 应收本金 需缴费用",
		colDue: "截止日 截止时间 到期时间 付款期 限期 最后期限 账单到期日 账单到期日期 费用到期日 应收日期 应收时间 应收款日期 应收到期日",
	})
})

// asking is what stands behind a heading whose cells say yes or no: 已缴(Y/N).
var asking = regexp.MustCompile(`^(?i:y/n|yes/no|是/否|是或否|√/×|有/无)$`)

// known is the column that a heading means, and the unit of its money where that is not the yuan.
func (v *vocabulary) known(text string) (c column, unit string, ok bool) {
	name, note := heading(text)
	if asking.MatchString(note) {
		name = "是否" + strings.TrimPrefix(name, "是否")
	}
	if c, ok = v.meaning(name); !ok {
		return "", "", false
	}
	switch {
	case c != colAmount || note == "" || harmless.MatchString(note):
	case otherUnit.MatchString(note):
		unit = note
	default:
		return "", "", false // 金额(已收) is no amount that is owed
	}
	return c, unit, true
}

// The first and the last day of what a bill is for stand for its period, where no column has that.
var (
	firstDays = regexp.MustCompile(`^(费用|计费|账单|收费|账期|缴费|应收|所属期|服务)?(开始|起始|起)(日期|时间|日)$`)
	lastDays  = regexp.MustCompile(`^(费用|计费|账单|收费|账期|缴费|应收|所属期|服务)?(结束|截止|终止|止)(日期|时间|日)$`)
)

// spans reports whether the first and the last day stand for the period.
func (l *layout) spans() bool {
	return len(l.of[colPeriod]) == 0 && len(l.of[colFrom]) == 1 && len(l.of[colTo]) == 1
}

// findSpan looks for the two columns that stand for the period, where none has it.
func (l *layout) findSpan(width int) {
	if len(l.of[colPeriod]) > 0 {
		return
	}
	for at := range width {
		name, _ := heading(l.names[at])
		switch {
		case firstDays.MatchString(name):
			l.of[colFrom] = append(l.of[colFrom], at)
		case lastDays.MatchString(name) && !l.has(at):
			l.of[colTo] = append(l.of[colTo], at)
		}
	}
	if !l.spans() {
		delete(l.of, colFrom)
		delete(l.of, colTo)
	}
}

// otherwise gives a meaning that no column has to the first one whose heading is another word for it. It returns how
// many of these headings stand in the row itself.
func (l *layout) otherwise(row *workbook.Row, width int) (own int) {
	for at := range width {
		if l.names[at] == "" || l.has(at) {
			continue
		}
		c, unit, ok := otherHeadings().known(l.names[at])
		if !ok || len(l.of[c]) > 0 {
			continue
		}
		l.of[c] = []int{at}
		if unit != "" {
			l.units = unit
		}
		if l.names[at] == said(row.Cell(at)) {
			own++
		}
	}
	l.findSpan(width)
	return own
}
