package billing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"linlipay/calendar"
	"linlipay/money"
	"linlipay/payment"
	"linlipay/property"
	"linlipay/workbook"
)

// Sheets with a column 款项 hold no bills but what the system before held for households (期初): a prepayment or a deposit
// a row.

// readOpening is what a row says that the system before held.
type readOpening struct {
	Opening
	unit    property.Unit
	holder  string // the owner whose it is, "" where the row does not say
	name    string // a deposit's name, or payment.AheadTitle
	deposit bool
	amount  money.Fen // in fen, more than 0
	fees    []string  // what alone a prepayment is for
	named   *Named    // the legal entity that has the money, nil where the row does not say
	row     *RowReport
	clashed bool // another row of the workbook is of the same
}

// heldRow takes a row of what is held. One that breaks a rule is refused whole.
func (in *intake) heldRow(c cells, r *RowReport) {
	if c.holdsNothing() {
		r.set(Skipped, "没有房号、款项和金额，没有导入", "has neither room, kind nor amount and was left out")
		return
	}
	c.noteNameless(c.row)
	o, bad := in.opening(c)
	if bad == nil && o == nil {
		r.set(Skipped, "金额写着没有余额，没有导入", "by its amount nothing is held; it was left out")
		return
	}
	if bad == nil {
		o.row = r
		bad = in.sameOpening(c, o)
	}
	if bad != nil {
		r.at(c.layout, bad.at, c.row)
		r.set(Refused, bad.zh, bad.en)
		return
	}
	in.openings, in.holding[o.unit.ID] = append(in.openings, o), true
}

// holdsNothing reports whether a row has nothing of what makes an opening.
func (c cells) holdsNothing() bool {
	return !slices.ContainsFunc([]column{colRoom, colHeld, colAmount}, func(of column) bool {
		v, _ := c.cell(of)
		return v.Kind != workbook.Empty && !v.Merged()
	})
}

// sameOpening refuses a row of what an earlier one is of, and that one too, since nobody can tell which is right.
func (in *intake) sameOpening(c cells, o *readOpening) *problem {
	before := in.opened[o.openingID()]
	if before == nil {
		in.opened[o.openingID()] = o
		return nil
	}
	_, at := c.cell(colHeld)
	before.clashed = true
	before.row.set(Refused, fmt.Sprintf("与第 %d 行是同一笔款项；确是两笔的，请写上各自的收据号", o.row.Row),
		fmt.Sprintf("is the same as row %d; where they are two, give each the number of its receipt", o.row.Row))
	return no(at, fmt.Sprintf("与第 %d 行是同一笔款项；确是两笔的，请写上各自的收据号", before.row.Row),
		fmt.Sprintf("is the same as row %d; where they are two, give each the number of its receipt", before.row.Row))
}

// opening reads a row; nil says that nothing is held.
func (in *intake) opening(c cells) (*readOpening, *problem) {
	if bad := cmp.Or(c.twice(), c.otherMoney()); bad != nil {
		return nil, bad
	}
	o := &readOpening{}
	var bad *problem
	if o.unit, bad = in.unit(c); bad != nil {
		return nil, bad
	}
	for _, f := range []struct {
		to   *string
		of   column
		most int
	}{
		{&o.name, colHeld, titleLength}, {&o.holder, colHolder, payeeLength}, {&o.Payer, colPayer, payeeLength},
		{&o.Method, colMethod, titleLength}, {&o.Receipt, colReceipt, referenceLength},
	} {
		if *f.to, bad = c.text(f.of); bad != nil {
			return nil, bad
		}
		if length(*f.to) > f.most {
			_, at := c.cell(f.of)
			return nil, no(at, fmt.Sprintf("最多 %d 个字", f.most), fmt.Sprintf("at most %d characters", f.most))
		}
	}
	_, at := c.cell(colHeld)
	if property.Compact(o.name) == "" {
		return nil, no(at, "缺少款项，请写“预存款”或押金的名称", "say what it is: 预存款, or the deposit's name")
	}
	if o.deposit = !isPrepayment(o.name); !o.deposit {
		o.name = payment.AheadTitle
	}
	if v, _ := c.cell(colAmount); isNone(v) {
		return nil, nil
	}
	if o.amount, bad = c.amount(); bad != nil {
		return nil, bad
	}
	if bad := in.paidOn(c, o); bad != nil {
		return nil, bad
	}
	if bad := o.limit(c); bad != nil {
		return nil, bad
	}
	return o, in.heldBy(c, o)
}

// isPrepayment reports whether a name is one of those that a prepayment goes by.
func isPrepayment(name string) bool {
	return slices.Contains(strings.Fields("预存款 预存 预存费 预存费用 预交款 预交 预收款 预收 预缴款 预缴 预付款 账户余额"),
		property.Compact(name))
}

// otherMoney refuses a row with money in a column that is none of the amount: what it says of it, nobody can tell.
func (c cells) otherMoney() *problem {
	for _, e := range c.extras {
		f, given, bad := c.money(e)
		if bad != nil {
			return bad
		}
		if given && f != 0 {
			return no(e.at, "「"+c.names[e.at]+"」里也有金额；请只保留一列现在还持有的金额",
				"there is money here too; keep one column, of what is held now")
		}
	}
	return nil
}

// paidOn reads the day on which it was paid, which is none to come.
func (in *intake) paidOn(c cells, o *readOpening) *problem {
	day, bad := c.day(colPaidAt)
	if bad != nil || day == nil {
		return bad
	}
	if o.PaidOn = calendar.Day(*day); o.PaidOn > calendar.Day(in.now) {
		_, at := c.cell(colPaidAt)
		return no(at, "缴款日期 "+o.PaidOn+" 还没有到", o.PaidOn+" is yet to come")
	}
	return nil
}

// limit reads what fees alone a prepayment is for, with marks or spaces between.
func (o *readOpening) limit(c cells) *problem {
	text, bad := c.text(colLimit)
	if bad != nil {
		return bad
	}
	for _, fee := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、,，;；/ ", r) }) {
		if !slices.Contains(o.fees, fee) {
			o.fees = append(o.fees, fee)
		}
	}
	_, at := c.cell(colLimit)
	switch {
	case len(o.fees) > 0 && o.deposit:
		return no(at, "押金不抵扣账单，不填限用费用", "a deposit pays no bills, and is for no fees")
	case len(o.fees) > limitFees:
		return no(at, "最多 20 个费用项目", "at most 20 fees")
	}
	return nil
}

// heldBy reads the legal entity that has the money.
func (in *intake) heldBy(c cells, o *readOpening) *problem {
	text, bad := c.text(colEntity)
	if bad != nil || property.Compact(text) == "" {
		return bad
	}
	if o.named = find(in.chart.Entities, text); o.named == nil {
		_, at := c.cell(colEntity)
		return no(at, "没有公司主体「"+shortened(text)+"」，请先在「组织」中添加，或清空这一列",
			"there is no legal entity of that name: add it to the organisation first, or clear the column")
	}
	return nil
}
