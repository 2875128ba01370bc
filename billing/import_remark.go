package billing

import (
	"regexp"
	"slices"
	"strings"

	"linlipay/property"
	"linlipay/workbook"
)

// Remarks (备注) are not taken in. One that says that the bill is paid refuses its row; one that speaks of payment or of
// another amount is named, so that somebody looks before the bill is asked for.

var (
	// denied is what a remark says was not done, and what may be done later.
	denied = regexp.MustCompile(`(未|没有?|尚未|不|拒绝?|无法?|催|待|欠)(有|能|予|曾|肯|愿|按时|及时)?(缴|交|付|收|转|到|支付|付款)[清齐讫到过款费账]?|` +
		`催[缴收交]|交房|交付|转让|转租|转告|收房|收楼|收件|签收|付出`)
	// paying is how a remark speaks of a payment.
	paying = regexp.MustCompile(`(?i)[缴交付收转汇打结](给|了|过|清|讫|齐|完|掉|到|来|款|账|费)|已[经]?[缴交付收转汇打结]|[两付结交缴]清|到账|入账|` +
		`(微信|支付宝|现金|银行|刷卡|对公|网银|扫码|银联|pos).{0,4}[缴交付收转汇]|[缴交付收转汇].{0,2}(微信|支付宝|现金|银行卡)|` +
		`代[缴交付收扣]|垫付|预[缴交付存]|收据|已开票|已扣|扣[款费]|paid|settled|transferred|` +
		`^(微信|支付宝|现金|刷卡|转账|银行卡|云闪付|扫码|pos机?|wx|zfb)$`)
	// done is how a cell that is something else says that the bill is paid.
	done = regexp.MustCompile(`已[经]?(预?[缴交付收]|结清)|[付缴交结]清|收讫|(?i)\(paid\)`)
	// nothing is said by no text.
	nothing = regexp.MustCompile(`$.^`)
	// altering is how a remark speaks of another amount than the row's.
	altering = regexp.MustCompile(`减免|免[收缴交]|(不用|不必|不再|无需|停止)[缴交付收]|` +
		`优惠|抹零|折扣|打折|抵扣|退[款费还]|已退|冲抵|冲红|作废|重复|停收|缓[收缴交]|减半|半价|坏账|\d(\.\d+)?[元块]|` +
		`^全?免$|[不莫别][收缴交]|[减免退抵扣欠差补][^\d]{0,3}\d+(\.\d+)?([^\d月日年号栋层楼室期.-]|$)|[按实][收缴交付]?\d|` +
		`含(上|往|前|滞纳|违约|逾期)`)
	// waived is how a remark says that nothing is asked for, now or at all.
	waived = regexp.MustCompile(`(本[月期年季次]|暂时?|先|就)不[收缴交]|不收[费了取]?$`)
	// excused is what a remark says need not be paid.
	excused = regexp.MustCompile(`(不用|不必|不再|无需|停止)[缴交付收][了过费]?`)
	// paper is a column that is filled in when somebody pays.
	paper = regexp.MustCompile(`收据|票据|发票|小票|流水|交易.*号|订单号|凭证|(缴费|交费|付款|支付|收款)(方式|渠道)|(付款|缴款|缴费|交款)人|回单`)
)

// remarks are the cells of the row in columns that are not known, or have no heading, in which a text stands, or the
// number of a paper.
func (c cells) remarks() (at []int) {
	for i := range c.row.Cells {
		v := c.row.Cell(i)
		said := v.Kind == workbook.Text && property.Fold(v.Value) != "" ||
			v.Kind == workbook.Number && v.Value != "0" && paper.MatchString(c.names[i])
		if said && (c.names[i] == "" || slices.Contains(c.unknown, i)) {
			at = append(at, i)
		}
	}
	return at
}

// remarkedPaid is the cell of a remark that is a word for paid, such as 备注. Words of one character say too little
// there.
func (c cells) remarkedPaid() (at int, ok bool) {
	for _, at := range c.remarks() {
		word := strings.ReplaceAll(property.Fold(c.row.Cell(at).Value), " ", "")
		if len([]rune(word)) > 1 && word[0] >= 0x80 && statuses()[word] == saysPaid {
			return at, true
		}
	}
	return 0, false
}

// noteRemarks names what the remarks of a row that is owed say of its payment, and what its own cells do: 物业费（已付）.
func (c cells) noteRemarks(into *readBill) {
	for _, at := range c.remarks() {
		c.noteRemark(into, at, paper, paying, altering)
	}
	for _, of := range []column{colCommunity, colRoom, colOwner, colPhone, colFee} {
		for _, at := range c.of[of] {
			c.noteRemark(into, at, nothing, done, nothing)
		}
	}
}

// noteRemark names a cell that speaks of a payment, or stands in a column that does, or speaks of another amount.
func (c cells) noteRemark(into *readBill, at int, filled, paid, other *regexp.Regexp) {
	v := c.row.Cell(at)
	text := strings.ReplaceAll(property.Fold(v.Value), " ", "")
	said := " 写着「" + shortened(workbook.Line(v.Value)) + "」"
	switch rest := denied.ReplaceAllString(text, ""); {
	case strings.Trim(text, "-—/\\无") == "":
		return
	case filled.MatchString(property.Fold(c.names[at])), paid.MatchString(excused.ReplaceAllString(rest, "")):
		into.warn("按未缴导入，而 "+c.name(at)+said+"，请核对是否已付",
			"taken as owed, while "+c.name(at)+" speaks of a payment; look whether it was paid")
	case other.MatchString(rest), other == altering && waived.MatchString(text):
		into.warn(c.name(at)+said+"，没有导入，请核对应收金额",
			c.name(at)+" speaks of another amount and was left out; look at the amount")
	default:
		return
	}
	into.row.at(c.layout, at, c.row)
}
