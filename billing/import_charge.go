package billing

import (
	"regexp"
	"strings"

	"linlipay/property"
)

// charge is what a column of money beside the amount says of a bill.
type charge int

const (
	noMoney        charge = iota
	counted               // no money, and numbers by nature: 面积, 单价, 序号, 楼层
	received              // 已收: what was paid already
	owing                 // 欠费: what is still owed
	reduced               // 减免: what need not be paid
	added                 // 滞纳金: what comes on top
	earlier               // 往期欠费: what is owed of earlier periods
	receivedBefore        // 累计已收, 上期已收: what was paid of other bills, or of this one too
	owingOverall          // 累计欠费: what is owed of all periods together
	returned              // 退款: what went back
	kept                  // 余额, 预存, 押金: what the company holds for the household
	summed                // 合计: the sum of a row
	aside                 // 坏账, 挂账, 找零, 代收: what changes what is owed, in a way that books differ about
	tax                   // 税额: a part of what is owed, where it is
	untaxed               // 不含税金额: what is owed without its tax
	unclear               // money of whose meaning nothing is known
)

var (
	// measures end the name of a column of numbers that are no money, whatever else it says: 减免标准, 欠费月数.
	measures = regexp.MustCompile(`(?i)(面积|单价|标准|率|比例|系数|倍率|读数|用量|[水电气热]量|数量|容积率?|容量|楼层|` +
		`[户人天日月份辆个次层件台张位房行季年度吨倍系指表底笔室]数|层|序号|编号|号码|号|编码|代码|日期|时间|周期|年份|年度|年月|月份|期限|` +
		`年限|[起止]度|[起止]码|[起止]数|表底|度数|身份证|证件|邮编|年龄|[\p{Han}_]id|^序|^年|^月|^id|^no|^code)$`)
	// units stand behind what is measured.
	units = regexp.MustCompile(`(?i)(㎡|m2|m²|m³|平米|平方米|平方|立方米?|吨|%|[元圆]/.+|[元圆]每.+)$`)
	// words end the name of a column of texts.
	words = regexp.MustCompile(`(人|员|方式|渠道|状态|情况|备注|附注|说明|类型|类别|名称|项目|银行|账户|户名|凭证|依据|原因|用途|摘要|事由)$`)
	// moneyUnit is what stands behind the name of a column of money, in brackets or after a stroke.
	moneyUnit = regexp.MustCompile(`(?i)^(人民币)?[万千百]?[元圆]$|^[角分]$|^(rmb|cny|usd|hkd|eur)$|[¥￥$]|金额|美元|港元|港币`)
)

// charges are the columns of money beside the amount, by what their heading contains: the first line that fits counts.
// A line is a meaning.
var charges = []struct {
	heading *regexp.Regexp
	is      charge
}{
	{regexp.MustCompile(`坏账|呆账|死账|挂账|找零|代[收缴付扣]|垫付|冲[账正]|暂[收存估]|结转|差[额价]|尾[款数]|余款|分摊|补差|调账|抵账`), aside},
	{regexp.MustCompile(`(累计|历[史年次]|往[期年]|以前|前期|上[期年月]).*([已实][收缴付交结]|收款|缴[费纳款]|付款|到账|回款)|[已实][收缴付交].*累计`),
		receivedBefore},
	{regexp.MustCompile(`累计.*(欠|[未待][收缴付交])|(欠|[未待][收缴付交]).*累计`), owingOverall},
	{regexp.MustCompile(`上期|往期|历史|以前|累计|往年|陈欠|历欠|前期|上年|上月`), earlier},
	{regexp.MustCompile(`不含税|未税|税前|除税`), untaxed},
	{regexp.MustCompile(`税[额金款]|增值税$`), tax},
	{regexp.MustCompile(`滞纳|违约金|罚|利息|加收|附加|手续费|赔偿`), added},
	{regexp.MustCompile(`[减免]|优惠|折扣|折让|[打折]折$|抵[扣用]|冲抵|调整|让利|抹[零尾]|[去舍]零|零头|补[贴助]|券|红包|返[现还利]|奖励|积分|赠|扣款`),
		reduced},
	{regexp.MustCompile(`退款|已退|退费|冲红|退还|应退|实退`), returned},
	{regexp.MustCompile(`预[存缴交收付]|余额|押金|保证金|定金|订金|结余|充值|储值|存款`), kept},
	{regexp.MustCompile(`未收|未缴|未付|未交|未结|未到|欠|待收|待缴|待付`), owing},
	{regexp.MustCompile(`已收|实收|已缴|实缴|已付|实付|已交|实交|已结|收款|到账|缴费|缴纳|付款|支付|收到|收入|收讫|核销|入账|回款`), received},
	{regexp.MustCompile(`(?i)^(微信|支付宝|现金|刷卡|pos机?|转账|网银|扫码|银联|云闪付|银行|paid|received)$`), received},
	{regexp.MustCompile(`合计|总计|总额|总金额|小计|总价|合共|含税|税后`), summed},
	{regexp.MustCompile(`金额|费$|费用|款|额|(^|[^单])元|价|收费|应收|应缴|应交|应付|净`), unclear},
}

// chargeOf is what a column of a heading that means none of ours says of a bill. What a heading does not say, the cells
// may: see doubtful.
func chargeOf(text string) charge {
	name, note := heading(text)
	bare := units.ReplaceAllString(name, "")
	switch inMoney := moneyUnit.MatchString(note); {
	case measures.MatchString(bare):
		return counted
	case words.MatchString(bare) && !inMoney:
		return noMoney
	}
	whole := strings.ReplaceAll(property.Fold(text), " ", "")
	for _, c := range charges {
		if c.heading.MatchString(whole) {
			return c.is
		}
	}
	if moneyUnit.MatchString(note) {
		return unclear
	}
	return noMoney
}
