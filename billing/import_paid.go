package billing

import (
	"fmt"
	"strings"
	"sync"

	"linlipay/money"
	"linlipay/property"
	"linlipay/workbook"
)

// said is what a row says of whether its bill is paid, in its status and in its columns of money; a bill of which it
// says two things is refused, since it would be collected twice or never.
type saidPaid int

const (
	saysNothing saidPaid = iota
	saysUnpaid
	saysPaid
)

// statuses are the words for whether a bill is paid.
var statuses = sync.OnceValue(func() map[string]saidPaid {
	words := map[string]saidPaid{"": saysNothing}
	for says, list := range map[saidPaid]string{
		saysUnpaid: "未缴 未缴费 未付 未付款 未交 未交费 未收 未收款 未支付 未缴清 欠费 欠缴 待缴 待缴费 待付款 待支付 未结清 未结 未完成 逾期 已逾期 " +
			"应收 否 n no false × unpaid",
		saysPaid: "已缴 已缴费 已付 已付款 已交 已交费 已收 已收款 已支付 已缴清 已交清 已付清 支付成功 缴费成功 付款成功 " +
			"交清 付清 收讫 缴清 已结清 结清 是 y yes true √ ✓ ✔ paid",
	} {
		for _, word := range strings.Fields(list) {
			words[word] = says
		}
	}
	return words
})

// settled reads whether a bill came in as paid.
func (c cells) settled(into *readBill) *problem {
	v, at := c.cell(colStatus)
	if bad := readable(v, at); bad != nil {
		return bad
	}
	says, known := statuses()[strings.ToLower(strings.ReplaceAll(property.Fold(v.Value), " ", ""))]
	if !known || v.Kind == workbook.Number || v.Kind == workbook.Date {
		return no(at, "状态无法识别："+v.Seen()+"（请写 未缴 或 已缴；部分缴费、作废等不能导入）", "the status is neither paid nor unpaid")
	}
	paidAt, bad := c.day(colPaidAt)
	if bad != nil {
		return bad
	}
	_, dated := c.cell(colPaidAt)
	switch {
	case paidAt != nil && says == saysUnpaid:
		return no(dated, "状态是未缴，却有缴费日期", "it is unpaid by its status, and has a date of payment")
	case paidAt != nil && says == saysNothing:
		says = saysPaid
		into.warn("没有写状态，因有缴费日期按已缴导入", "taken as paid, since it has a date of payment")
	}
	if says, bad = c.reckon(into, says); bad != nil {
		return bad
	}
	if says != saysPaid {
		c.noteRemarks(into)
	}
	if at, ok := c.remarkedPaid(); ok && says != saysPaid {
		return no(at, "写着「"+workbook.Line(c.row.Cell(at).Value)+"」，导入会再收一次；请写在状态一列",
			"a remark says that it is paid, and it would be collected again; write it into the column of the status")
	}
	if says == saysPaid {
		into.bill.Status, into.bill.PaidBy = PaidBill, Imported
		if paidAt != nil {
			into.bill.PaidAt = paidAt.UTC()
		}
	}
	return nil
}

// reckon holds a bill against the row's columns of money beside its amount.
func (c cells) reckon(into *readBill, says saidPaid) (saidPaid, *problem) {
	var paid money.Fen
	paidIn := -1
	taxed := taxes{}
	for _, e := range c.extras {
		f, given, bad := c.money(e)
		if bad != nil {
			return says, bad
		}
		if !given {
			continue
		}
		if e.is == tax || e.is == untaxed {
			taxed[e.is] = taxAmount{e, f}
			continue
		}
		if e.is == received {
			sum, err := paid.Add(f)
			if err != nil {
				return says, no(e.at, "金额过大", "the amount is too large")
			}
			paid, paidIn = sum, e.at
			continue
		}
		if says, bad = e.against(into, f, says); bad != nil {
			return says, bad
		}
	}
	if bad := taxed.against(into); bad != nil || paidIn < 0 {
		return says, bad
	}
	return (extra{paidIn, c.names[paidIn], received}).against(into, paid, says)
}

// money is the amount in a further column of money; given is false where there is none.
func (c cells) money(e extra) (f money.Fen, given bool, bad *problem) {
	v := c.row.Cell(e.at)
	if bad := readable(v, e.at); bad != nil {
		return 0, false, bad
	}
	text := strings.TrimSpace(property.Fold(v.Value))
	switch {
	case blank(v), isNone(v):
		return 0, false, nil
	case v.Kind == workbook.Date && e.is == unclear, v.Kind == workbook.Text && e.is == unclear &&
		!strings.ContainsAny(text, "0123456789"):
		return 0, false, nil // 费用说明 and its like
	}
	negative := strings.HasPrefix(text, "-") || strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")")
	if negative {
		text = strings.Trim(text, "-() ")
	}
	if artefact.MatchString(text) {
		text = rounded(text)
	}
	f, err := money.ParseTyped(text)
	switch {
	case err != nil && strings.Contains(e.heading, "是否"):
		return 0, false, no(e.at, "「"+e.heading+"」写着「"+seen(v)+"」，没有按它导入；请改用一列「是否已缴」写 是 或 否，或写在状态一列",
			"it asks the other way round, and was not taken; have a column 是否已缴 instead, or write it into the status")
	case err != nil || v.Kind == workbook.Date || v.Kind == workbook.Boolean:
		return 0, false, no(e.at, "这一列是金额，内容无法识别："+v.Seen(), "a column of money holds what is no amount: "+v.Seen())
	case f != 0 && v.Merged():
		return 0, false, no(e.at, fmt.Sprintf("金额单元格合并了第 %d 至 %d 行，分不清每行是多少", v.FromRow, v.ToRow),
			"an amount is merged over several rows")
	case negative:
		f = -f
	}
	return f, true, nil
}

// against holds an amount of the column against the bill: what it says of the bill now, or why the row is refused.
func (e extra) against(into *readBill, f money.Fen, says saidPaid) (saidPaid, *problem) {
	switch due := into.bill.Amount; {
	case into.none && f == 0:
		return says, nil
	case into.none:
		return says, e.refuses(into, f, "金额一列写着没有要交的，这里却有金额；请在金额一列写明应收",
			"by its amount nothing is owed, and here is one; write what is owed")
	case e.is == received, e.is == receivedBefore && f == 0:
		return e.wasReceived(into, f, says)
	case e.is == receivedBefore && says == saysPaid && f > due:
		return says, nil
	case e.is == owing, e.is == owingOverall && (f == 0 || f == due):
		return e.isOwing(into, f, says)
	}
	if f == 0 || e.is == summed && f == into.bill.Amount {
		return says, nil
	}
	zh, en := e.meaning()
	return says, e.refuses(into, f, zh, en)
}

// wasReceived holds what was received against the bill.
func (e extra) wasReceived(into *readBill, f money.Fen, says saidPaid) (saidPaid, *problem) {
	due := into.bill.Amount
	switch {
	case f == 0 && says == saysPaid:
		return says, e.refuses(into, f, "状态是已缴，却没有收到钱", "it is paid by its status, and nothing was received")
	case f == 0:
		return says, nil
	case f == due && says != saysUnpaid:
		return e.takesAsPaid(into, f, says)
	case f == due:
		return says, e.refuses(into, f, "钱已收齐，状态却是未缴；导入会再收一次",
			"all was received, and the status is unpaid: it would be collected twice")
	}
	return says, e.refuses(into, f, "导入会重复收取已收的部分；请把应收改成还没有收的金额，或分成已缴、未缴两个费用项目",
		"what was received would be collected again; import what is still owed")
}

// isOwing holds what is owed still against the bill.
func (e extra) isOwing(into *readBill, f money.Fen, says saidPaid) (saidPaid, *problem) {
	due := into.bill.Amount
	switch {
	case f == due && says == saysPaid:
		return says, e.refuses(into, f, "状态是已缴，却还欠费", "it is paid by its status, and is owed")
	case f == due:
		return says, nil
	case f == 0 && says == saysUnpaid:
		return says, e.refuses(into, f, "状态是未缴，却不欠费；导入会多收", "it is unpaid by its status, and nothing is owed")
	case f == 0:
		return e.takesAsPaid(into, f, says)
	}
	return says, e.refuses(into, f, "欠费与应收不一致，不知道该收多少；请让应收等于这一账期还欠的金额",
		"what is owed is not the amount; let the amount be what is owed of this period")
}

// takesAsPaid takes a row as paid by the column, and says so where no status does.
func (e extra) takesAsPaid(into *readBill, f money.Fen, says saidPaid) (saidPaid, *problem) {
	if says == saysNothing {
		into.warn(fmt.Sprintf("没有写状态，因%s %s 按已缴导入", e.heading, f.Yuan()),
			"taken as paid by what the column of money says")
	}
	return saysPaid, nil
}

// refuses is why a row is refused for an amount of the column.
func (e extra) refuses(into *readBill, f money.Fen, zh, en string) *problem {
	due := into.bill.Amount
	return no(e.at, fmt.Sprintf("应收 %s，%s %s：%s", due.Yuan(), e.heading, f.Yuan(), zh),
		fmt.Sprintf("%s of %s: %s", f.Yuan(), due.Yuan(), en))
}

// meaning says what a column means that is not taken in, where it holds something.
func (e extra) meaning() (zh, en string) {
	switch e.is {
	case reduced:
		return "减免不会导入，会多收；请把应收改成减免后的金额", "reductions are not imported; let the amount be what is left"
	case added:
		return "这一笔不会随应收导入；请单列一行、写明费用项目", "it is not part of the amount; give it a row of its own with its fee"
	case receivedBefore:
		return "这是以往或累计收到的钱，看不出这一笔账单收了多少，没有导入；请改列这一笔的已收，或在状态一列写明已缴、未缴后清空这一格",
			"what was received before or in all does not say what was of this bill; give what was received of it, or " +
				"write its status and clear the cell"
	case owingOverall:
		return "这是多个账期累计的欠费，看不出这一笔欠多少，没有导入；请按账期各列一行",
			"arrears of several periods do not say what of this bill is owed; give each period a row"
	case earlier:
		return "往期的欠费不会导入；请按账期各列一行", "earlier arrears are not imported; give each period a row"
	case returned:
		return "退款不会导入；请核对后把应收改成实际应收的金额", "refunds are not imported; let the amount be what is owed after them"
	case aside:
		return "这一笔会改变应收，怎么算各家不同，没有导入；请把应收改成实际要收的金额，再清空这一格",
			"books differ about how it changes what is owed; let the amount be what is owed, and clear the cell"
	case kept:
		return "该户的余额、预存或押金不会导入，会多收；请先抵扣并把应收改成抵扣后的金额，再清空这一格",
			"what is kept for the household is not imported; deduct it from the amount and clear the cell"
	case summed:
		return "合计与应收不一致；请按费用项目各列一行", "the sum is not the amount; give each fee a row"
	}
	return "不知道这一列的金额是什么，没有导入；请单列一行、写明费用项目，或删去这一列",
		"nothing is known of this column of money; give it a row with its fee, or take the column away"
}
